//! Other names of the same rows: what holds or shows a restricted table's rows under another name is refused, unless the host
//! grants it by that name.
#![allow(clippy::unwrap_used)]

use leo::Dialect;
use leo::adapter::Access;
use leo::catalog::{Catalog, Table, TableName};
use leo::finding::Verdict;
use leo_tests::guard::{check_with, rules};

/// Relations beside `orders`, by dialect: the statements that make them, and their names.
const NAMES: &[(Dialect, &str, &[&str])] = &[
    (
        Dialect::Postgres,
        "CREATE TABLE orders (id int, region text, total int) PARTITION BY LIST (region);
         CREATE TABLE orders_north PARTITION OF orders FOR VALUES IN ('north');
         CREATE TABLE old_orders (archived date) INHERITS (orders);
         CREATE MATERIALIZED VIEW totals AS SELECT region, total FROM orders;
         CREATE VIEW over_totals AS SELECT total FROM totals;",
        &["orders_north", "old_orders", "totals"],
    ),
    (
        Dialect::Tsql,
        "CREATE TABLE dbo.orders (id int, region nvarchar(20), total int, since datetime2, till datetime2,
            PERIOD FOR SYSTEM_TIME (since, till)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.orders_history));
         CREATE SYNONYM dbo.bestellungen FOR dbo.orders;",
        &["orders_history", "bestellungen"],
    ),
];

fn access(json: &str) -> Access {
    serde_json::from_str(json).unwrap()
}

#[test]
fn they_are_refused_unless_granted_by_name() {
    let mut checked = 0;
    for (dialect, ddl, names) in NAMES {
        let catalog = Catalog::from_ddl(*dialect, ddl).unwrap();
        for name in *names {
            let sql = format!("SELECT max(total) AS most FROM {name}");
            let verdict = |json: &str| check_with(&catalog, &sql, &access(json), &[]);
            assert_eq!(verdict("{}").verdict, Verdict::Allow, "{name}: {:?}", rules(&verdict("{}")));
            for policy in [r#""row_filter": "region = 'north'""#, r#""deny_columns": ["id"]"#, r#""masks": {"total": "null"}"#] {
                let tables = format!(r#""tables": {{"orders": {{{policy}}}}}"#);
                let refused = verdict(&format!("{{{tables}}}"));
                assert_eq!(refused.verdict, Verdict::Block, "{name} {policy}");
                assert_eq!(refused.findings[0].rule, "policy_unsupported");
                let wildcard = verdict(&format!(r#"{{{tables}, "allow_tables": ["*{name}"]}}"#));
                assert_eq!(wildcard.verdict, Verdict::Block, "a wildcard grants nothing by name: {name} {policy}");
                let granted = verdict(&format!(r#"{{{tables}, "allow_tables": ["orders", "{name}"]}}"#));
                assert_eq!(granted.verdict, Verdict::Allow, "{name} {policy}: {:?}", rules(&granted));
            }
            let hidden = verdict(r#"{"deny_tables": ["orders", "*.orders"]}"#);
            assert_eq!(hidden.verdict, Verdict::Block, "{name} shows a hidden table");
            checked += 1;
        }
    }
    assert_eq!(checked, 5);
}

#[test]
fn a_view_over_one_of_them_is_no_way_around() {
    let (dialect, ddl, _) = NAMES[0];
    let catalog = Catalog::from_ddl(dialect, ddl).unwrap();
    let filter = access(r#"{"tables": {"orders": {"row_filter": "region = 'north'"}}}"#);
    assert_eq!(check_with(&catalog, "SELECT total FROM over_totals", &filter, &[]).verdict, Verdict::Block);
}

#[test]
fn what_an_introspection_says_of_shadow_tables_counts_too() {
    let mut catalog =
        Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE docs (id int, body text); CREATE TABLE docs_content (c0 text);")
            .unwrap();
    let shadow: &mut Table = catalog.tables.iter_mut().find(|table| table.name.name == "docs_content").unwrap();
    shadow.rows_of.push(TableName::bare("docs"));
    catalog.reindex();
    let filter = access(r#"{"tables": {"docs": {"row_filter": "id < 10"}}}"#);
    assert_eq!(check_with(&catalog, "SELECT c0 FROM docs_content", &filter, &[]).verdict, Verdict::Block);
    assert_eq!(check_with(&catalog, "SELECT c0 FROM docs_content", &Access::full(), &[]).verdict, Verdict::Allow);
    let unknown: &mut Table = catalog.tables.iter_mut().find(|table| table.name.name == "docs_content").unwrap();
    unknown.rows_of = vec![TableName::bare("gone")];
    catalog.reindex();
    assert_eq!(check_with(&catalog, "SELECT c0 FROM docs_content", &filter, &[]).verdict, Verdict::Block, "nobody knows whose");
}
