//! Servers that take SQL Server's place and lack some of it: each statement of the connector's own is refused, left empty, or answered with
//! other types, and the source works all the same.

use leo::Value;
use leo::catalog::TableName;
use leo_tests::tds::token::{Cell, Type};
use leo_tests::tds::{Request, Step};

use crate::shop::{self, protected, refuse, rows};

/// A word of each statement that the connector sends on its own account.
const OWN: &[&str] = &[
    "DB_NAME()",
    "SERVERPROPERTY",
    "@@VERSION",
    "IS_MEMBER",
    "HAS_PERMS_BY_NAME",
    "FROM sys.tables AS t",
    "SCHEMA_NAME()",
    "o.type, hs.name",
    "c.max_length",
    "sys.sql_modules",
    "sys.indexes",
    "sys.foreign_keys",
    "sys.extended_properties",
    "dm_db_partition_stats",
    "sys.partitions",
    "sys.change_tracking_tables",
    "sys.synonyms",
    "COUNT_BIG",
    "SET LOCK_TIMEOUT",
    "SET DEADLOCK_PRIORITY",
    "SET TRANSACTION ISOLATION LEVEL",
    "SET TEXTSIZE",
    "SET LANGUAGE",
    "SET SHOWPLAN_XML ON",
];

/// The table by way of the standard's views.
fn standard(sql: &str) -> Option<Vec<Step>> {
    let text = Type::NVarchar(256);
    let word = |word: &str| Cell::Text(word.to_owned());
    if sql.contains("INFORMATION_SCHEMA.TABLES ") {
        let columns = [("s", text), ("n", text), ("k", text), ("a", text), ("b", text)];
        return Some(rows(&columns, &[vec![word("dbo"), word("things"), word("U"), Cell::Null, Cell::Null]]));
    }
    if !sql.contains("INFORMATION_SCHEMA.COLUMNS") {
        return None;
    }
    let columns = ["s", "n", "c", "t", "l", "p", "sc", "null", "d", "x"].map(|name| (name, text));
    // Numbers come as text.
    let column = |name: &str, kind: &str, length: Cell, null: &str| {
        let head = [word("dbo"), word("things"), word(name), word(kind), length, word("10"), word("0"), word(null)];
        [head.to_vec(), vec![Cell::Null, Cell::Null]].concat()
    };
    let all = [
        column("id", "int", Cell::Null, "0"),
        column("label", "nvarchar", word("40"), "1"),
        column("price", "money", Cell::Null, "1"),
    ];
    Some(rows(&columns, &all))
}

/// Whether the source is connected to, read and asked although `odd` answers one of the statements.
async fn works(what: &str, odd: impl Fn(&Request) -> Option<Vec<Step>> + Send + Sync + 'static) {
    let (_peer, _folder, spec) = protected(move |request| odd(request).or_else(|| standard(&request.sql))).await;
    let asked = shop::asked(spec).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let table = asked.catalog.require_table(&TableName::bare("things")).unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let declared: Vec<&str> = table.columns.iter().map(|column| column.declared_type.as_str()).collect();
    assert_eq!(declared, ["int", "nvarchar(40)", "money"], "{what}");
    for params in [vec![], vec![Value::Int(0)]] {
        let sql = if params.is_empty() {
            "SELECT id, label, price FROM things"
        } else {
            "SELECT id, label, price FROM things WHERE id > @p1"
        };
        let found = asked.table_with(sql, &params).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert_eq!(found.num_rows(), 2, "{what}");
    }
}

#[tokio::test]
async fn each_statement_of_its_own_may_be_refused() {
    for own in OWN {
        works(own, move |request| request.sql.contains(own).then(|| refuse(33_557_097, 16, "not supported"))).await;
    }
}

#[tokio::test]
async fn each_statement_of_its_own_may_have_an_empty_answer() {
    for own in OWN.iter().filter(|own| !own.starts_with("SET")) {
        works(own, move |request| request.sql.contains(own).then(|| rows(&[("c", Type::Int(4))], &[]))).await;
    }
}

#[tokio::test]
async fn numbers_may_come_in_another_type() {
    for kind in [Type::NVarchar(40), Type::Int(2), Type::Int(8)] {
        let cell =
            move |number: i64| if matches!(kind, Type::NVarchar(_)) { Cell::Text(number.to_string()) } else { Cell::Int(number) };
        works("rights and rows", move |request| {
            if request.sql.contains("IS_MEMBER") {
                return Some(rows(&[("r", kind); 9], &[vec![cell(0); 9]]));
            }
            let text = Type::NVarchar(40);
            let columns = [("s", text), ("o", text), ("n", kind), ("b", kind)];
            let name = |name: &str| Cell::Text(name.to_owned());
            request
                .sql
                .contains("dm_db_partition_stats")
                .then(|| rows(&columns, &[vec![name("dbo"), name("things"), cell(7), cell(8_192)]]))
        })
        .await;
    }
}

#[tokio::test]
async fn a_procedure_that_is_known_by_its_name_only_is_called_by_it() {
    let (peer, _folder, spec) =
        protected(|request| (request.procedure == "#10").then(|| refuse(2_812, 16, "Could not find stored procedure '10'.")))
            .await;
    let asked = shop::asked(spec).await.unwrap();
    for _ in 0..2 {
        peer.forget();
        assert_eq!(asked.table_with("SELECT id, label, price FROM things", &[]).await.unwrap().num_rows(), 2);
        assert_eq!(
            asked.table_with("SELECT id, label, price FROM things WHERE id > @p1", &[Value::Int(0)]).await.unwrap().num_rows(),
            2
        );
    }
    let calls: Vec<String> =
        peer.requests().into_iter().filter(|request| request.is_call).map(|request| request.procedure).collect();
    assert_eq!(calls, ["sp_executesql", "sp_executesql"], "the number was tried once");
}
