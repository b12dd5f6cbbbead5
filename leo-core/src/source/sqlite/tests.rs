//! The connector as its users see it: what it opens, what it refuses, what comes back.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;

use super::{InvalidUtf8, SqliteOptions, SqliteSource};
use crate::adapter::AuditSink;
use crate::audit::MemorySink;
use crate::catalog::TableName;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{self, Cleared, Connector, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions, RecordMeta};
use crate::guard::{SourceColumn, TestStatement, VettedSql};
use crate::table::Table;
use crate::value::Value;

const SHOP: &str = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born DATE, secret TEXT);
    CREATE TABLE \"order lines\" (id INTEGER PRIMARY KEY, customer INT REFERENCES customers, amount DECIMAL(10,2) DEFAULT 0, UNIQUE (customer, id));
    CREATE INDEX by_customer ON \"order lines\" (customer);
    CREATE VIEW names AS SELECT name FROM customers WHERE secret <> 'x';
    CREATE VIEW shouts AS SELECT upper(name) AS name FROM names;
    CREATE VIEW broken AS SELECT * FROM nowhere;
    CREATE VIRTUAL TABLE notes USING fts5(body);
    INSERT INTO customers VALUES (1, 'Ann', '1990-01-02', 's'), (2, 'Bob', NULL, 't');
    INSERT INTO \"order lines\" VALUES (1, 1, 10), (2, 1, 2.5), (3, 2, 4);";

fn ctx() -> Context {
    Context::new("acme", "ada").unwrap()
}

fn shop() -> SqliteSource {
    SqliteSource::from_sql("shop", SHOP).unwrap()
}

/// A statement no rule has seen; `reads` are `table.column` or a table alone.
fn vetted(sql: &str, reads: &[&str], functions: &[&str]) -> TestStatement {
    vetted_with("shop", sql, vec![], reads, functions)
}

fn vetted_with(source: &str, sql: &str, params: Vec<Value>, reads: &[&str], functions: &[&str]) -> TestStatement {
    let mut statement = TestStatement { source: source.into(), sql: sql.into(), params, ..TestStatement::default() };
    for read in reads {
        let (table, column) = read.split_once('.').unwrap_or((read, ""));
        statement.tables.insert(TableName::bare(table));
        if !column.is_empty() {
            statement.columns.insert(SourceColumn { table: TableName::bare(table), column: column.to_owned() });
        }
    }
    statement.functions = functions.iter().map(|name| (*name).to_owned()).collect();
    statement.row_cap = u64::MAX;
    statement
}

/// Takes a statement through the gate up to the connector's door.
async fn clear(source: &SqliteSource, statement: &TestStatement) -> Cleared {
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let recorded = gate::record(&ctx(), VettedSql::for_tests(statement.clone()), &audit, RecordMeta::default()).await.unwrap();
    let now = InForce { catalog_version: "c1", policy_hash: "p1" };
    match gate::price(&ctx(), recorded, source, now, &PriceLimits::default()).await.unwrap() {
        Priced::Cleared(cleared) => cleared,
        other => panic!("{other:?}"),
    }
}

async fn run(source: &SqliteSource, statement: &TestStatement, options: QueryOptions) -> Result<(Table, bool)> {
    let cleared = clear(source, statement).await;
    let mut stream = source.query(&ctx(), &cleared, options).await?;
    let mut batches = Vec::new();
    while let Some(batch) = stream.next().await {
        batches.push(batch?);
    }
    Ok((Table::new(stream.schema().clone(), batches)?, stream.truncated()))
}

async fn rows(source: &SqliteSource, sql: &str, reads: &[&str], functions: &[&str]) -> Result<Vec<Vec<Value>>> {
    Ok(run(source, &vetted(sql, reads, functions), QueryOptions::default()).await?.0.rows().collect())
}

async fn refused(source: &SqliteSource, sql: &str, reads: &[&str], functions: &[&str]) -> Error {
    match rows(source, sql, reads, functions).await {
        Ok(_) => panic!("ran: {sql}"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn introspection_reads_the_structure() {
    let catalog = shop().introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
    let names: Vec<_> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(names, ["customers", "names", "order lines", "shouts"]);
    assert_eq!(catalog.default_schema.as_deref(), Some("main"));
    let lines = &catalog.tables[2];
    assert_eq!(lines.primary_key, ["id"]);
    assert_eq!(lines.unique_keys, [["customer", "id"]]);
    assert_eq!(lines.indexes.len(), 2);
    assert_eq!(
        (lines.foreign_keys[0].columns[0].as_str(), lines.foreign_keys[0].referenced_columns[0].as_str()),
        ("customer", "id")
    );
    assert_eq!(lines.columns[2].default.as_deref(), Some("0"));
    assert!(!lines.columns[0].nullable && lines.columns[1].nullable && !catalog.tables[0].columns[1].nullable);
    assert!(catalog.tables[1].definition.as_deref().unwrap().contains("secret"));
    assert_eq!(catalog.relationships.len(), 1);

    let only = IntrospectOptions { include: vec!["main.cust*".into()], exclude: vec![] };
    assert_eq!(shop().introspect(&ctx(), only).await.unwrap().tables.len(), 1);
}

#[tokio::test]
async fn an_empty_database_has_an_empty_catalogue() {
    let source = SqliteSource::from_sql("shop", "").unwrap();
    assert!(source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap().tables.is_empty());
    let file = tempfile::NamedTempFile::new().unwrap();
    let source = SqliteSource::open("shop", file.path()).unwrap();
    assert!(source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap().tables.is_empty());
}

#[tokio::test]
async fn a_connection_is_copied() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(SHOP).unwrap();
    let source = SqliteSource::from_connection("shop", &connection).unwrap();
    assert!(rows(&source, "SELECT id FROM customers", &["customers.id"], &[]).await.unwrap().len() == 2);
}

#[test]
fn files_that_are_no_database_say_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text.db"), "id,name\n1,Ann\n2,Bob\n").unwrap();
    std::fs::write(path("book.xlsx"), b"PK\x03\x04............").unwrap();
    std::fs::write(path("noise.db"), (0..4096u32).map(|n| (n * 197 % 251) as u8).collect::<Vec<_>>()).unwrap();
    let connection = rusqlite::Connection::open(path("damaged.db")).unwrap();
    connection.execute_batch("CREATE TABLE t (a); INSERT INTO t SELECT value FROM json_each('[1,2,3]')").unwrap();
    drop(connection);
    let mut bytes = std::fs::read(path("damaged.db")).unwrap();
    bytes[100..140].fill(0xff);
    std::fs::write(path("damaged.db"), bytes).unwrap();
    for (name, kind, says) in [
        ("missing.db", ErrorKind::NotFound, "check the path"),
        ("", ErrorKind::Config, "is a directory"),
        ("text.db", ErrorKind::Malformed, "looks like text"),
        ("book.xlsx", ErrorKind::Malformed, "Excel"),
        ("noise.db", ErrorKind::Malformed, "encrypted"),
        ("damaged.db", ErrorKind::Malformed, "damaged"),
    ] {
        let error = SqliteSource::open("shop", path(name)).unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert!(error.message().contains(says), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_locked_database_is_unavailable_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer.execute_batch(SHOP).unwrap();
    let options = SqliteOptions { busy_timeout: Duration::from_millis(50), ..SqliteOptions::default() };
    let source = SqliteSource::open_options("shop", &path, options).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = refused(&source, "SELECT id FROM customers", &["customers.id"], &[]).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(rows(&source, "SELECT id FROM customers", &["customers.id"], &[]).await.unwrap().len(), 2);
    drop((writer, source));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_database_with_a_write_ahead_log_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    writer.execute_batch(SHOP).unwrap();
    let source = SqliteSource::open("shop", &path).unwrap();
    assert_eq!(rows(&source, "SELECT id FROM customers", &["customers.id"], &[]).await.unwrap().len(), 2);
}

#[tokio::test]
async fn values_keep_their_types() {
    let source = shop();
    let statement = vetted(
        "SELECT id, name, born, amount FROM customers JOIN \"order lines\" USING (id) ORDER BY id",
        &["customers.id", "customers.name", "customers.born", "order lines.amount", "order lines.id"],
        &[],
    );
    let (table, truncated) = run(&source, &statement, QueryOptions::default()).await.unwrap();
    assert!(!truncated);
    let types: Vec<_> = (0..4).map(|column| table.column_type(column)).collect();
    assert_eq!(types, ["integer", "text", "date", "float"]);
    assert!(table.row(0) == [1.into(), "Ann".into(), "1990-01-02".into(), 10.0.into()]);
    assert!(table.value(1, 2).is_null());
}

#[tokio::test]
async fn the_engine_refuses_what_was_not_declared() {
    let source = shop();
    let reads = &["customers.id", "customers.name"];
    for (sql, says) in [
        ("SELECT secret FROM customers", "column `secret` of `customers`"),
        ("SELECT id FROM customers WHERE secret = 's'", "column `secret`"),
        ("SELECT id FROM customers ORDER BY secret", "column `secret`"),
        ("SELECT id FROM customers WHERE EXISTS (SELECT 1 FROM \"order lines\")", "table `order lines`"),
        ("WITH names AS (SELECT secret FROM customers) SELECT * FROM names", "column `secret`"),
        ("SELECT name FROM names", "column `secret` of `customers`"),
        ("SELECT sql FROM sqlite_schema", "table `sqlite_master`"),
        ("SELECT * FROM pragma_table_info('customers')", "table `pragma_table_info`"),
        ("SELECT * FROM notes", "table `notes"),
        ("SELECT * FROM notes_content", "table `notes_content`"),
        ("SELECT 1 FROM \"order lines\"", "table `order lines`"),
        ("SELECT 1 FROM notes", "table `notes"),
        ("SELECT 1 FROM sqlite_schema", "table `sqlite_"),
        ("SELECT 1 FROM sqlite_temp_schema", "table `sqlite_"),
        ("SELECT 1 FROM pragma_table_list", "table `pragma_table_list`"),
        ("SELECT 1 FROM json_each('[1]')", "table `json_each`"),
        ("WITH notes AS (SELECT id FROM customers UNION SELECT id FROM customers) SELECT 1 FROM notes", "table `notes`"),
        ("SELECT upper(name) FROM customers", "function `upper`"),
        ("SELECT load_extension('x')", "function `load_extension`"),
        ("SELECT * FROM json_each('[1]')", "table `json_each`"),
        ("DELETE FROM customers", "something other than reading"),
        ("ATTACH 'x.db' AS x", "something other than reading"),
        ("PRAGMA query_only = OFF", "something other than reading"),
        ("BEGIN", "something other than reading"),
        ("SELECT id FROM customers; DELETE FROM customers", "something other than reading"),
        ("SELECT id FROM customers; SELECT id FROM customers", "more than one statement"),
        ("SELECT id FROM customers WHERE name = \"Ann\"", "no such column"),
        ("EXPLAIN SELECT id FROM customers", "only statements that return rows"),
        ("", "only statements that return rows"),
        ("SELECT ?1 FROM customers", "placeholders"),
        ("SELEC id FROM customers", "syntax error"),
    ] {
        let error = refused(&source, sql, reads, &[]).await;
        assert_eq!(error.kind(), ErrorKind::Rejected, "{sql}: {error}");
        assert!(error.message().contains(says), "{sql}: {error}");
    }
    // Every connection is as good as new afterwards.
    assert_eq!(rows(&source, "SELECT id, name FROM customers", reads, &[]).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_the_engine_reports_differently_is_evened_out() {
    let source = shop();
    for (sql, reads, functions) in [
        ("SELECT count(*) FROM customers", &["customers"][..], &["count"][..]),
        ("SELECT ID FROM Customers", &["customers.id"], &[]),
        (
            "SELECT id FROM customers WHERE name LIKE 'A%' AND born < CURRENT_DATE",
            &["customers.id", "customers.name", "customers.born"],
            &[],
        ),
        ("SELECT name FROM names", &["names.name"], &[]),
        ("SELECT name FROM shouts", &["shouts.name"], &[]),
        ("SELECT n FROM (SELECT name AS n FROM customers)", &["customers.name"], &[]),
        ("WITH c AS (SELECT name AS n FROM customers) SELECT n FROM c", &["customers.name"], &[]),
        ("SELECT value FROM json_each('[1, 2]')", &[], &["json_each"]),
        ("SELECT id FROM customers;", &["customers.id"], &[]),
        ("WITH c AS (SELECT id FROM customers UNION SELECT id FROM customers) SELECT 1 FROM c", &["customers.id"], &[]),
        ("WITH c AS (SELECT id FROM main.customers LIMIT 1) SELECT count(*) FROM c", &["customers.id"], &["count"]),
    ] {
        rows(&source, sql, reads, functions).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    // A declared view opens its tables to its own body alone.
    let sql = "SELECT names.name FROM names, customers WHERE customers.secret IS NULL";
    let error = refused(&source, sql, &["names.name", "customers"], &[]).await;
    assert!(error.message().contains("column `secret`"), "{error}");
}

#[tokio::test]
async fn parameters_are_bound_in_order() {
    let source = shop();
    let params = vec!["Ann".into(), 1.into(), Value::Bool(true), Value::Null, 0.5.into(), Value::Bytes(vec![1])];
    let statement = vetted_with("shop", "SELECT ?, ?, ?, ?, ?, ?", params, &[], &[]);
    let (table, _) = run(&source, &statement, QueryOptions::default()).await.unwrap();
    assert!(table.row(0) == ["Ann".into(), 1.into(), 1.into(), Value::Null, 0.5.into(), Value::Bytes(vec![1])]);
}

const SERIES: &str = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) ";

#[tokio::test]
async fn rows_are_capped_and_the_cap_is_told() {
    let source = shop();
    let statement = vetted(&format!("{SERIES} SELECT n, n * 0.5 FROM s"), &[], &[]);
    for (max_rows, expected, cut) in
        [(5, 5, true), (20_000, 20_000, false), (19_999, 19_999, true), (50_000, 20_000, false), (0, 0, true)]
    {
        let options = QueryOptions { max_rows, ..QueryOptions::default() };
        let (table, truncated) = run(&source, &statement, options).await.unwrap();
        assert_eq!((table.num_rows(), truncated), (expected, cut), "{max_rows}");
    }
    let options = QueryOptions { max_rows: 20_000, batch_rows: 1_000, ..QueryOptions::default() };
    let (table, _) = run(&source, &statement, options).await.unwrap();
    assert!(table.batches().iter().all(|batch| batch.num_rows() == 1_000));
    assert!(table.value(19_999, 0) == Value::Int(20_000) && table.value(12_344, 1) == Value::Float(6_172.5));
}

#[tokio::test]
async fn too_many_bytes_are_an_error() {
    let options = QueryOptions { max_bytes: 100_000, max_rows: 100_000, ..QueryOptions::default() };
    let error = run(&shop(), &vetted(&format!("{SERIES} SELECT n FROM s"), &[], &[]), options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    let bomb = vetted("SELECT zeroblob(2000000000)", &[], &["zeroblob"]);
    assert_eq!(run(&shop(), &bomb, QueryOptions::default()).await.unwrap_err().kind(), ErrorKind::LimitExceeded);
}

#[tokio::test]
async fn a_later_value_that_does_not_fit_ends_the_stream() {
    let source = shop();
    let options = QueryOptions { max_rows: 100_000, ..QueryOptions::default() };
    for (expression, cast) in [
        ("CASE WHEN n < 10000 THEN n ELSE 'x' END", "CAST(\"c\" AS TEXT)"),
        ("CASE WHEN n < 10000 THEN n ELSE 0.5 END", "CAST(\"c\" AS REAL)"),
        ("CASE WHEN n < 10000 THEN n * 0.5 ELSE 9007199254740993 END", "CAST(\"c\" AS TEXT)"),
        ("CASE WHEN n < 10000 THEN 'x' ELSE x'00' END", "CAST(\"c\" AS TEXT)"),
        ("iif(n < 10000, NULL, 'x')", "CAST(\"c\" AS TEXT)"),
    ] {
        let functions = &["iif"];
        let statement = vetted(&format!("{SERIES} SELECT {expression} AS c FROM s"), &[], functions);
        let error = run(&source, &statement, options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{expression}: {error}");
        assert!(error.message().contains(cast), "{expression}: {error}");
        let cast = cast.replace("\"c\"", expression);
        let statement = vetted(&format!("{SERIES} SELECT {cast} AS c FROM s"), &[], functions);
        assert_eq!(run(&source, &statement, options).await.unwrap().0.num_rows(), 20_000, "{cast}");
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_is_never_changed_silently() {
    let script = "CREATE TABLE t (a TEXT); INSERT INTO t VALUES (CAST(x'4df6' AS TEXT))";
    let statement = vetted("SELECT a FROM t", &["t.a"], &[]);
    let error = run(&SqliteSource::from_sql("shop", script).unwrap(), &statement, QueryOptions::default()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Malformed && error.message().contains("`a`"), "{error}");
    let options = SqliteOptions { invalid_utf8: InvalidUtf8::Replace, ..SqliteOptions::default() };
    let source = SqliteSource::from_sql_options("shop", script, options).unwrap();
    let (table, _) = run(&source, &statement, QueryOptions::default()).await.unwrap();
    assert!(table.value(0, 0) == Value::from("M\u{fffd}"));
}

/// Four tables' worth of cross join: years of work.
const ENDLESS: &str = "SELECT count(*) FROM big a, big b, big c, big d";

fn big() -> SqliteSource {
    let script = "CREATE TABLE big (n INTEGER); WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) INSERT INTO big SELECT n FROM s";
    SqliteSource::from_sql("shop", script).unwrap()
}

#[tokio::test]
async fn a_cross_join_stops_at_its_deadline() {
    let source = big();
    let statement = vetted(ENDLESS, &["big"], &["count"]);
    let started = Instant::now();
    let options = QueryOptions { timeout: Duration::from_millis(200), ..QueryOptions::default() };
    let error = run(&source, &statement, options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    // 100 ms is the aim; the bound leaves room for a loaded machine.
    println!("stopped {:?} after its deadline", started.elapsed().saturating_sub(options.timeout));
    assert!(started.elapsed() < Duration::from_millis(1_500), "{:?}", started.elapsed());

    let started = Instant::now();
    let ctx = ctx().with_timeout(Duration::from_millis(200));
    let error = source.query(&ctx, &clear(&source, &statement).await, QueryOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(started.elapsed() < Duration::from_millis(1_500), "{:?}", started.elapsed());
}

#[tokio::test]
async fn cancelling_and_dropping_free_the_connection() {
    let options = SqliteOptions { max_connections: 1, ..SqliteOptions::default() };
    let source = SqliteSource::from_sql_options(
        "shop",
        "CREATE TABLE big (n); INSERT INTO big SELECT value FROM json_each('[1,2,3,4,5,6,7,8]')",
        options,
    )
    .unwrap();
    let endless =
        clear(&source, &vetted("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT n FROM s", &[], &[]))
            .await;
    let options = QueryOptions { max_rows: u64::MAX, max_bytes: u64::MAX, ..QueryOptions::default() };
    // Dropped while streaming, with the thread waiting for a reader.
    let mut stream = source.query(&ctx(), &endless, options).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    assert_eq!(rows(&source, "SELECT n FROM big", &["big.n"], &[]).await.unwrap().len(), 8);
    // Cancelled from elsewhere.
    let ctx = ctx();
    let mut stream = source.query(&ctx, &endless, options).await.unwrap();
    ctx.cancel.cancel();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(stream.next().await.is_none());
    assert_eq!(rows(&source, "SELECT n FROM big", &["big.n"], &[]).await.unwrap().len(), 8);
}

#[tokio::test]
async fn a_slow_reader_does_not_hold_the_connection_past_the_deadline() {
    let options = SqliteOptions { max_connections: 1, ..SqliteOptions::default() };
    let source = SqliteSource::from_sql_options("shop", "CREATE TABLE t (n)", options).unwrap();
    let endless =
        clear(&source, &vetted("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT n FROM s", &[], &[]))
            .await;
    let options =
        QueryOptions { max_rows: u64::MAX, max_bytes: u64::MAX, timeout: Duration::from_millis(300), ..QueryOptions::default() };
    let mut stream = source.query(&ctx(), &endless, options).await.unwrap();
    assert_eq!(rows(&source, "SELECT n FROM t", &["t.n"], &[]).await.unwrap().len(), 0);
    let mut last = stream.next().await.unwrap();
    while last.is_ok() {
        last = stream.next().await.unwrap();
    }
    assert_eq!(last.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn statements_run_side_by_side() {
    let source = Arc::new(big());
    let tasks: Vec<_> = (0..24)
        .map(|_| {
            let source = Arc::clone(&source);
            tokio::spawn(async move { rows(&source, "SELECT sum(n) FROM big", &["big.n"], &["sum"]).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().unwrap()[0][0] == Value::Int(200_010_000));
    }
}

#[tokio::test]
async fn a_closed_source_stays_closed() {
    let source = shop();
    source.close().await.unwrap();
    assert_eq!(refused(&source, "SELECT id FROM customers", &["customers.id"], &[]).await.kind(), ErrorKind::Closed);
    assert_eq!(source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn another_sources_statement_does_not_run() {
    let other = SqliteSource::from_sql("other", SHOP).unwrap();
    let statement = clear(&other, &vetted_with("other", "SELECT 1", vec![], &[], &[])).await;
    let error = shop().query(&ctx(), &statement, QueryOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
}
