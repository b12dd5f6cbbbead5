//! The behaviour suite: at a real server where one is named, and at the peer with a database behind it, twice. The peer has the suite's
//! tables; then it has Northwind's, and the suite's stand before each statement as they do at the real server.

use std::sync::Arc;

use async_trait::async_trait;
use leo::catalog::{LogicalType, TableKind};
use leo::gate::Connector;
use leo::source::SourceSpec;
use leo::source::mssql::MssqlSource;
use leo_tests::behaviour::{self, Fixture, SOURCE, Skill};
use leo_tests::tds::token::Type;
use leo_tests::tds::{Database, Peer, Request, Step};
use leo_tests::transact;

use crate::shop::{N, T, answer, protected};

/// The suite's tables for a login that makes none. Each column is cast where it leaves its table, so that its type is no server's choice.
const PRELUDE: &str = "WITH customers AS (SELECT CAST(v.id AS int) AS id, CAST(v.name AS nvarchar(40)) AS name, \
    CAST(v.city AS nvarchar(40)) AS city, CAST(v.born AS date) AS born \
    FROM (VALUES (1, N'Ann', N'Oslo', '1990-01-02'), (2, N'Bob', NULL, NULL), (3, N'Zoë 🦀', N'', '1969-12-31')) \
    AS v (id, name, city, born)), \
    orders AS (SELECT CAST(v.id AS int) AS id, CAST(v.customer_id AS int) AS customer_id, CAST(v.total AS decimal(12, 2)) AS total, \
    CAST(v.note AS nvarchar(40)) AS note, CAST(v.placed AS datetime2(0)) AS placed \
    FROM (VALUES (1, 1, 99.50, NULL, '2024-02-29 23:59:59'), (2, 1, 250.00, N'late', '2024-03-31 02:30:00'), (3, 2, 0.01, N'', NULL)) \
    AS v (id, customer_id, total, note, placed)), \
    digits AS (SELECT v.d FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS v (d)), \
    numbers AS (SELECT a.d * 1000 + b.d * 100 + c.d * 10 + e.d + 1 AS id \
    FROM digits AS a CROSS JOIN digits AS b CROSS JOIN digits AS c CROSS JOIN digits AS e), \
    readings AS (SELECT CAST(n.id AS int) AS id, CAST(n.id % 100 AS smallint) AS small, CAST(n.id * 1000 AS int) AS whole, \
    CAST(CAST(n.id AS bigint) * 1000000000 AS bigint) AS wide, CAST(CAST(n.id AS float) / 4e0 AS float) AS ratio, \
    CAST(CONCAT(N'reading ', n.id) AS nvarchar(40)) AS label FROM numbers AS n) ";

struct Mssql {
    name: &'static str,
    spec: SourceSpec,
    prelude: &'static str,
    peer: Option<(Peer, Arc<Database>, tempfile::TempDir)>,
}

#[async_trait]
impl Fixture for Mssql {
    fn name(&self) -> &'static str {
        self.name
    }

    fn has(&self, skill: Skill) -> bool {
        match skill {
            Skill::Temporal | Skill::Decimals | Skill::Reasons => true,
            Skill::Sessions => self.peer.is_some(),
            Skill::Tables | Skill::Views | Skill::Keys | Skill::Comments => self.prelude.is_empty(),
        }
    }

    async fn connect(&self) -> leo::Result<Arc<dyn Connector>> {
        Ok(Arc::new(MssqlSource::connect(SOURCE, self.spec.clone()).await?))
    }

    fn prelude(&self) -> &'static str {
        self.prelude
    }

    fn slow(&self, mark: &str) -> String {
        format!(
            "SELECT a.id, '{mark}' AS mark FROM readings a CROSS JOIN readings b CROSS JOIN readings c WHERE a.small + b.small <> c.wide"
        )
    }

    fn running(&self, mark: &str) -> usize {
        self.peer.as_ref().map_or(0, |(_, database, _)| database.running(mark))
    }

    fn connections(&self) -> usize {
        self.peer.as_ref().map_or(0, |(peer, ..)| peer.connections())
    }

    fn refused(&self) -> (&'static str, &'static str) {
        // Servers word this differently, and the words of some are not passed on.
        ("SELECT ABS(id, id) AS a FROM customers", "statement")
    }

    fn failing(&self) -> &'static str {
        "SELECT id, CAST(note AS int) AS n FROM orders WHERE note = 'late'"
    }
}

/// A peer that tells of its tables what `structure` tells, and runs statements over them.
async fn played(
    name: &'static str,
    prelude: &'static str,
    database: Database,
    structure: impl Fn(&str) -> Option<Vec<Step>> + Send + Sync + 'static,
) -> Mssql {
    let database = Arc::new(database);
    let behind = Arc::clone(&database);
    let script = move |request: &Request| {
        if request.is_call { Some(behind.answer(request)) } else { structure(&request.sql) }
    };
    let (peer, folder, spec) = protected(script).await;
    Mssql { name, spec, prelude, peer: Some((peer, database, folder)) }
}

const TABLES: &str = "
CREATE TABLE customers (id, name, city, born);
CREATE TABLE orders (id, customer_id, total, note, placed);
CREATE TABLE readings (id INTEGER PRIMARY KEY, small, whole, wide, ratio, label);
INSERT INTO customers VALUES (1, 'Ann', 'Oslo', '1990-01-02'), (2, 'Bob', NULL, NULL), (3, 'Zoë 🦀', '', '1969-12-31');
INSERT INTO orders VALUES (1, 1, 99.50, NULL, '2024-02-29 23:59:59'), (2, 1, 250.00, 'late', '2024-03-31 02:30:00'), (3, 2, 0.01, '', NULL);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO readings SELECT i, i % 100, i * 1000, i * 1000000000, i / 4.0, 'reading ' || i FROM n;
";

const CUSTOMERS: &[(&str, Type)] =
    &[("id", Type::Int(4)), ("name", Type::NVarchar(80)), ("city", Type::NVarchar(80)), ("born", Type::Date)];
const ORDERS: &[(&str, Type)] = &[
    ("id", Type::Int(4)),
    ("customer_id", Type::Int(4)),
    ("total", Type::Decimal(12, 2)),
    ("note", Type::NVarchar(80)),
    ("placed", Type::Datetime2(0)),
];
const READINGS: &[(&str, Type)] = &[
    ("id", Type::Int(4)),
    ("small", Type::Int(2)),
    ("whole", Type::Int(4)),
    ("wide", Type::Int(8)),
    ("ratio", Type::Float(8)),
    ("label", Type::NVarchar(80)),
];

fn own(sql: &str) -> Option<Vec<Step>> {
    Some(if sql.contains("o.type, hs.name") {
        let tables = ["dbo|customers|U |-|-", "dbo|orders|U |-|-", "dbo|readings|U |-|-", "dbo|big_orders|V |-|-"];
        answer(&[T; 5], &tables)
    } else if sql.contains("c.max_length") {
        let columns = [
            "dbo|customers|id|int|4|10|0|0|-|-",
            "dbo|customers|name|nvarchar|80|0|0|0|-|-",
            "dbo|customers|city|nvarchar|80|0|0|1|-|-",
            "dbo|customers|born|date|3|10|0|1|-|-",
            "dbo|orders|id|int|4|10|0|0|-|-",
            "dbo|orders|customer_id|int|4|10|0|1|-|-",
            "dbo|orders|total|decimal|9|12|2|1|-|-",
            "dbo|orders|note|nvarchar|80|0|0|1|-|-",
            "dbo|orders|placed|datetime2|6|19|0|1|-|-",
            "dbo|readings|id|int|4|10|0|0|-|-",
            "dbo|readings|small|smallint|2|5|0|1|-|-",
            "dbo|readings|whole|int|4|10|0|1|-|-",
            "dbo|readings|wide|bigint|8|19|0|1|-|-",
            "dbo|readings|ratio|float|8|53|0|1|-|-",
            "dbo|readings|label|nvarchar|80|0|0|1|-|-",
            "dbo|big_orders|id|int|4|10|0|0|-|-",
            "dbo|big_orders|total|decimal|9|12|2|1|-|-",
        ];
        answer(&[T, T, T, T, N, N, N, N, T, T], &columns)
    } else if sql.contains("sys.indexes") {
        let indexes = [
            "dbo|customers|PK_C|1|1|0|id",
            "dbo|orders|PK_O|1|1|0|id",
            "dbo|orders|UQ_O|0|1|0|customer_id",
            "dbo|orders|UQ_O|0|1|0|id",
            "dbo|orders|IX_O|0|0|0|customer_id",
            "dbo|readings|PK_R|1|1|0|id",
        ];
        answer(&[T, T, T, N, N, N, T], &indexes)
    } else if sql.contains("sys.foreign_keys") {
        answer(&[T; 7], &["dbo|orders|FK_O|customer_id|dbo|customers|id"])
    } else if sql.contains("sys.extended_properties") {
        answer(&[T; 4], &["dbo|customers|-|who buys", "dbo|customers|city|where they live"])
    } else if sql.contains("sys.sql_modules") {
        answer(&[T; 3], &["dbo|big_orders|CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 100"])
    } else {
        return None;
    })
}

/// Northwind's tables and columns, with SQL Server's types; without its script, those with the names of the suite's tables and one beside.
async fn northwind() -> (Vec<String>, Vec<String>) {
    let Some((_folder, leo)) = crate::northwind::here() else {
        let tables = ["dbo|Customers|U |-|-", "dbo|Orders|U |-|-", "dbo|Shippers|U |-|-"];
        let columns = [
            "dbo|Customers|CustomerID|nchar|10|0|0|0|-|-",
            "dbo|Customers|City|nvarchar|30|0|0|1|-|-",
            "dbo|Orders|OrderID|int|4|10|0|0|-|-",
            "dbo|Orders|CustomerID|nchar|10|0|0|1|-|-",
            "dbo|Orders|OrderDate|datetime|8|23|3|1|-|-",
            "dbo|Shippers|ShipperID|int|4|10|0|0|-|-",
        ];
        return (tables.map(Into::into).to_vec(), columns.map(Into::into).to_vec());
    };
    let catalog = leo.catalog(None).await.unwrap();
    let tables = catalog.tables.iter().map(|table| {
        let kind = if table.kind == TableKind::Table { "U " } else { "V " };
        format!("dbo|{}|{kind}|-|-", table.name.name)
    });
    let columns = catalog.tables.iter().flat_map(|table| {
        table.columns.iter().map(move |column| {
            let kind = match column.data_type {
                LogicalType::Integer => "int|4|10|0",
                LogicalType::Decimal | LogicalType::Float => "money|8|19|4",
                LogicalType::Date | LogicalType::Timestamp => "datetime|8|23|3",
                LogicalType::Binary => "image|16|0|0",
                _ => "nvarchar|80|0|0",
            };
            format!("dbo|{}|{}|{kind}|1|-|-", table.name.name, column.name)
        })
    });
    (tables.collect(), columns.collect())
}

#[test]
fn the_tables_before_each_statement_are_good_transact_sql() {
    assert_eq!(transact::faults(&format!("{PRELUDE}SELECT id FROM readings")), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_server_behaves() {
    match crate::real::given() {
        Some(spec) => drop(behaviour::run(&Mssql { name: "mssql", spec, prelude: PRELUDE, peer: None }).await),
        None => behaviour::skip("mssql", "LEO_TEST_MSSQL_URL names none; the tests' own peer plays it"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_peer_behaves() {
    let tables = [("customers", CUSTOMERS), ("orders", ORDERS), ("readings", READINGS)];
    behaviour::run(&played("mssql-peer", "", Database::new(TABLES, &tables), own).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_peer_behaves_with_the_tables_before_each_statement() {
    let database = Database::new("CREATE TABLE Customers (CustomerID); CREATE TABLE Orders (OrderID)", &[]);
    let (tables, columns) = northwind().await;
    let structure = move |sql: &str| {
        let lines = |lines: &[String], widths| answer(widths, &lines.iter().map(String::as_str).collect::<Vec<_>>());
        if sql.contains("o.type, hs.name") {
            Some(lines(&tables, &[T; 5]))
        } else {
            sql.contains("c.max_length").then(|| lines(&columns, &[T, T, T, T, N, N, N, N, T, T]))
        }
    };
    behaviour::run(&played("mssql-cte", PRELUDE, database, structure).await).await;
}
