//! What the engine itself lets through, whatever was said about a statement before; and files that are not as they should be.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use futures::StreamExt;

use crate::adapter::AuditSink;
use crate::audit::MemorySink;
use crate::catalog::TableName;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{self, Cleared, Connector, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions, RecordMeta};
use crate::guard::{SourceColumn, TestStatement, VettedSql};
use crate::source::files::{Engine, FilesOptions, FilesSource};
use crate::table::Table;
use crate::value::Value;

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(100_000)).build();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

struct Shop {
    folder: tempfile::TempDir,
    source: FilesSource,
}

impl Shop {
    /// `customers` with 3 rows, `readings` with as many as asked for.
    fn new(rows: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ids = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let names = Arc::new(StringArray::from(vec![Some("Ann"), Some("Bob"), None]));
        let secrets = Arc::new(StringArray::from(vec!["s", "t", "u"]));
        write(&folder.path().join("customers.parquet"), vec![("id", ids), ("name", names), ("secret", secrets)]);
        let ids = Arc::new(Int64Array::from_iter_values(0..rows));
        let ratios = Arc::new(Float64Array::from_iter_values((0..rows).map(|row| row as f64 / 4.0)));
        let labels = Arc::new(StringArray::from_iter_values((0..rows).map(|row| format!("label {}", row % 7))));
        write(&folder.path().join("readings.parquet"), vec![("id", ids), ("ratio", ratios), ("label", labels)]);
        let source = FilesSource::open("shop", &[folder.path()]).unwrap();
        Self { folder, source }
    }

    fn tasks(&self) -> usize {
        match &self.source.inner {
            Engine::DataFusion(source) => source.tasks(),
            Engine::Sqlite(_) => panic!("not on DataFusion"),
        }
    }
}

fn ctx() -> Context {
    Context::new("acme", "ada").unwrap()
}

/// A statement no rule has seen; `reads` are `table.column` or a table alone.
fn vetted(sql: &str, params: &[Value], reads: &[&str]) -> TestStatement {
    let mut statement = TestStatement {
        sql: sql.into(),
        dialect: Dialect::Datafusion,
        params: params.to_vec(),
        row_cap: u64::MAX,
        ..TestStatement::default()
    };
    for read in reads {
        let (table, column) = read.split_once('.').unwrap_or((read, ""));
        statement.tables.insert(TableName::bare(table));
        if !column.is_empty() {
            statement.columns.insert(SourceColumn { table: TableName::bare(table), column: column.to_owned() });
        }
    }
    statement
}

/// Takes a statement through the gate up to the connector's door.
async fn clear(source: &FilesSource, statement: TestStatement) -> Cleared {
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let recorded = gate::record(&ctx(), VettedSql::for_tests(statement), &audit, RecordMeta::default()).await.unwrap();
    let now = InForce { catalog_version: "c1", policy_hash: "p1" };
    match gate::price(&ctx(), recorded, source, now, &PriceLimits::default()).await.unwrap() {
        Priced::Cleared(cleared) => cleared,
        other => panic!("{other:?}"),
    }
}

async fn run(source: &FilesSource, statement: TestStatement) -> Result<Vec<String>> {
    let cleared = clear(source, statement).await;
    let options = QueryOptions { timeout: Duration::from_secs(60), ..QueryOptions::default() };
    let mut stream = source.query(&ctx(), &cleared, options).await?;
    let mut batches = Vec::new();
    while let Some(batch) = stream.next().await {
        batches.push(batch?);
    }
    let table = Table::new(stream.schema().clone(), batches)?;
    let row = |row: Vec<Value>| row.iter().map(Value::to_string).collect::<Vec<_>>().join("|");
    Ok(table.rows().map(row).collect())
}

async fn rows(source: &FilesSource, sql: &str, reads: &[&str]) -> Result<Vec<String>> {
    run(source, vetted(sql, &[], reads)).await
}

fn refusal(found: Result<Vec<String>>, sql: &str) -> Error {
    match found {
        Ok(rows) => panic!("{sql} ran: {rows:?}"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn what_the_engine_reads_must_be_what_was_vetted() {
    let shop = Shop::new(10);
    for (sql, reads) in [
        ("SELECT name FROM customers ORDER BY id", &["customers.name", "customers.id"][..]),
        ("SELECT count(*) AS n FROM customers", &["customers"]),
        ("SELECT * FROM customers", &["customers.id", "customers.name", "customers.secret"]),
        ("SELECT c.id FROM (SELECT id, secret FROM customers) c", &["customers.id", "customers.secret"]),
        (
            "WITH a AS (SELECT id, label FROM readings) SELECT c.name FROM customers c JOIN a ON a.id = c.id",
            &["customers.name", "customers.id", "readings.id", "readings.label"],
        ),
        (
            "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM readings r WHERE r.id = c.id AND r.ratio > 0)",
            &["customers.name", "customers.id", "readings.id", "readings.ratio"],
        ),
        (
            "SELECT (SELECT max(ratio) FROM readings r WHERE r.id = c.id) AS m FROM customers c",
            &["customers.id", "readings.id", "readings.ratio"],
        ),
        ("SELECT id FROM customers UNION ALL SELECT id FROM readings", &["customers.id", "readings.id"]),
        (
            "SELECT id, row_number() OVER (PARTITION BY label ORDER BY ratio) AS n FROM readings",
            &["readings.id", "readings.label", "readings.ratio"],
        ),
        ("SELECT customers.name FROM customers JOIN readings USING (id)", &["customers.id", "customers.name", "readings.id"]),
        (
            "SELECT DISTINCT label FROM readings WHERE id IN (SELECT id FROM customers)",
            &["readings.label", "readings.id", "customers.id"],
        ),
        ("WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n", &[]),
        ("SELECT value FROM generate_series(1, 3)", &[]),
    ] {
        let found = rows(&shop.source, sql, reads).await;
        assert!(found.is_ok(), "{sql}: {found:?}");
        // One column less or one more than was vetted, and it does not run.
        for left_out in 0..reads.len() {
            let fewer: Vec<&str> = reads.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, read)| *read).collect();
            let error = refusal(rows(&shop.source, sql, &fewer).await, sql);
            assert_eq!(error.kind(), ErrorKind::Rejected, "{sql}");
            assert!(error.message().contains("reads"), "{sql}: {error}");
        }
        for more in ["customers.secret", "readings.label", "readings"] {
            let (table, _) = more.split_once('.').unwrap_or((more, ""));
            if reads.contains(&more) || (more == table && reads.iter().any(|read| read.starts_with(table))) {
                continue;
            }
            let error = refusal(rows(&shop.source, sql, &[reads, &[more]].concat()).await, sql);
            assert!(error.message().contains("does not read"), "{sql}: {error}");
        }
    }
}

#[tokio::test]
async fn nothing_but_its_tables_can_be_reached() {
    let shop = Shop::new(10);
    let path = shop.folder.path().join("customers.parquet");
    let path = path.display();
    let reads = ["customers.id", "customers.name", "customers.secret"];
    for sql in [
        "SELECT * FROM '/etc/passwd'".to_owned(),
        "SELECT * FROM \"/etc/passwd\"".to_owned(),
        "SELECT * FROM \"file:///etc/passwd\"".to_owned(),
        format!("SELECT * FROM '{path}'"),
        format!("SELECT * FROM \"{path}\""),
        "SELECT * FROM \"leo://files/0\"".to_owned(),
        "SELECT * FROM 'customers.parquet'".to_owned(),
        "SELECT * FROM information_schema.tables".to_owned(),
        "SELECT * FROM information_schema.df_settings".to_owned(),
        "SELECT * FROM other.public.customers".to_owned(),
        "SELECT * FROM datafusion.other.customers".to_owned(),
        "SELECT * FROM read_csv('/etc/passwd')".to_owned(),
        format!("SELECT * FROM read_parquet('{path}')"),
        format!("SELECT * FROM parquet_metadata('{path}')"),
        "SELECT @@version".to_owned(),
    ] {
        let error = refusal(rows(&shop.source, &sql, &reads).await, &sql);
        assert_eq!(error.kind(), ErrorKind::Rejected, "{sql}: {error}");
    }
}

#[tokio::test]
async fn statements_that_are_no_queries_do_nothing() {
    let shop = Shop::new(10);
    let target = shop.folder.path().join("out.csv");
    let before = std::fs::read_dir(shop.folder.path()).unwrap().count();
    let reads = ["customers.id"];
    for sql in [
        format!("COPY (SELECT id FROM customers) TO '{}'", target.display()),
        format!("COPY customers TO '{}' STORED AS CSV", target.display()),
        "CREATE TABLE copy AS SELECT id FROM customers".to_owned(),
        "CREATE VIEW copy AS SELECT id FROM customers".to_owned(),
        "CREATE EXTERNAL TABLE passwd STORED AS CSV LOCATION '/etc/passwd'".to_owned(),
        "CREATE FUNCTION f() RETURNS BIGINT RETURN 1".to_owned(),
        "INSERT INTO customers VALUES (4, 'Eve', 'x')".to_owned(),
        "INSERT INTO customers SELECT * FROM customers".to_owned(),
        "UPDATE customers SET name = 'x'".to_owned(),
        "DELETE FROM customers".to_owned(),
        "DROP TABLE customers".to_owned(),
        "SET datafusion.catalog.information_schema = true".to_owned(),
        "RESET datafusion.execution.batch_size".to_owned(),
        "SHOW TABLES".to_owned(),
        "SHOW ALL".to_owned(),
        "DESCRIBE customers".to_owned(),
        "EXPLAIN SELECT id FROM customers".to_owned(),
        "EXPLAIN ANALYZE SELECT id FROM customers".to_owned(),
        "PREPARE p AS SELECT id FROM customers".to_owned(),
        "EXECUTE p".to_owned(),
        "START TRANSACTION".to_owned(),
        "SELECT id FROM customers; DROP TABLE customers".to_owned(),
        "SELECT id INTO copy FROM customers".to_owned(),
    ] {
        let error = refusal(rows(&shop.source, &sql, &reads).await, &sql);
        assert_eq!(error.kind(), ErrorKind::Rejected, "{sql}: {error}");
    }
    assert_eq!(std::fs::read_dir(shop.folder.path()).unwrap().count(), before);
    assert_eq!(rows(&shop.source, "SELECT id FROM customers ORDER BY id", &reads).await.unwrap(), ["1", "2", "3"]);
}

#[tokio::test]
async fn values_are_bound_and_must_be_as_many_as_their_places() {
    let shop = Shop::new(10);
    let reads = ["customers.id", "customers.name"];
    let sql = "SELECT id FROM customers WHERE name = $1 OR id > $2 ORDER BY id";
    let hostile = Value::from("x' OR '1' = '1");
    assert_eq!(run(&shop.source, vetted(sql, &[hostile, Value::Float(2.5)], &reads)).await.unwrap(), ["3"]);
    for values in [&[][..], &[Value::Int(1)], &[Value::Int(1), Value::Int(2), Value::Int(3)]] {
        let error = refusal(run(&shop.source, vetted(sql, values, &reads)).await, sql);
        assert!(error.message().contains("placeholders"), "{error}");
    }
}

#[tokio::test]
async fn a_million_rows_are_counted_in_little_memory() {
    let shop = Shop::new(1_000_000);
    let options = FilesOptions { query_memory_bytes: 24 << 20, ..FilesOptions::default() };
    let source = FilesSource::open_options("shop", &[shop.folder.path()], options).unwrap();
    let catalog = source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
    assert_eq!(catalog.table(&TableName::bare("readings")).unwrap().rows, Some(1_000_000));
    let sql = "SELECT label, count(*) AS n, sum(ratio) AS s FROM readings GROUP BY label ORDER BY label";
    let found = rows(&source, sql, &["readings.label", "readings.ratio"]).await.unwrap();
    assert_eq!(found.len(), 7);
    assert!(found[0].starts_with("label 0|142858|"), "{found:?}");
    // What does not fit is told, not died of.
    let sql = "SELECT a.label, array_agg(b.label) AS l FROM readings a JOIN readings b ON a.id = b.id GROUP BY a.label";
    let error = refusal(rows(&source, sql, &["readings.label", "readings.id"]).await, sql);
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_on_when_nobody_reads() {
    let shop = Shop::new(20_000);
    let sql = "SELECT a.id, b.ratio FROM readings a CROSS JOIN readings b CROSS JOIN readings c WHERE a.id + b.id <> c.ratio";
    let statement = vetted(sql, &[], &["readings.id", "readings.ratio"]);
    let options = QueryOptions { max_rows: u64::MAX, max_bytes: u64::MAX, timeout: Duration::from_secs(50), batch_rows: 1_024 };
    let still = async || {
        for _ in 0..200 {
            if shop.tasks() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} tasks go on", shop.tasks());
    };
    let cleared = clear(&shop.source, statement.clone()).await;
    let mut stream = shop.source.query(&ctx(), &cleared, options).await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert!(shop.tasks() > 0);
    drop(stream);
    still().await;
    // Cancelled.
    let ctx = ctx();
    let cleared = clear(&shop.source, statement.clone()).await;
    let mut stream = shop.source.query(&ctx, &cleared, options).await.unwrap();
    stream.next().await.unwrap().unwrap();
    ctx.cancel.cancel();
    let error = loop {
        match stream.next().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("it ended"),
        }
    };
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    still().await;
    // Closed.
    let cleared = clear(&shop.source, statement).await;
    let mut stream = shop.source.query(&super::tests::ctx(), &cleared, options).await.unwrap();
    stream.next().await.unwrap().unwrap();
    shop.source.close().await.unwrap();
    while stream.next().await.is_some_and(|item| item.is_ok()) {}
    still().await;
}

fn open(paths: &[PathBuf]) -> Error {
    FilesSource::open("x", paths).map(drop).unwrap_err()
}

#[test]
fn files_that_are_not_as_they_should_be_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write(&at("good.parquet"), vec![("id", Arc::new(Int64Array::from(vec![1, 2])))]);
    let whole = std::fs::read(at("good.parquet")).unwrap();
    for (name, bytes) in
        [("cut.parquet", &whole[..whole.len() - 7]), ("head.parquet", &whole[..4]), ("half.parquet", &whole[..whole.len() / 2])]
    {
        std::fs::write(at(name), bytes).unwrap();
        let error = open(&[at(name)]);
        assert_eq!(error.kind(), ErrorKind::Malformed, "{name}");
        assert!(error.message().contains("cut off"), "{name}: {error}");
    }
    let mut lies = whole.clone();
    let length = lies.len() - 8;
    lies[length..length + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    std::fs::write(at("lies.parquet"), lies).unwrap();
    assert_eq!(open(&[at("lies.parquet")]).kind(), ErrorKind::Malformed);
    std::fs::write(at("text.parquet"), "id,name\n1,Ann\n").unwrap();
    assert!(open(&[at("text.parquet")]).message().contains("no Parquet file although its name says so"));
    std::fs::write(at("empty.parquet"), "").unwrap();
    assert_eq!(open(&[at("empty.parquet")]).kind(), ErrorKind::Malformed);
    std::fs::write(at("secret.parquet"), "PARE and more").unwrap();
    assert_eq!(open(&[at("secret.parquet")]).kind(), ErrorKind::Unsupported);
    assert_eq!(open(&[at("none.parquet")]).kind(), ErrorKind::NotFound);
    // In a folder the good ones are read, and the others are named.
    let source = FilesSource::open("x", &[folder.path()]).unwrap();
    assert_eq!(source.report().tables.len(), 1);
    assert!(source.report().skipped.len() >= 6, "{:?}", source.report().skipped);
}

#[test]
fn parts_of_a_table_must_have_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let numbers = || Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
    let texts = || Arc::new(StringArray::from(vec!["a", "b"])) as ArrayRef;
    write(&at("sales_2023.parquet"), vec![("id", numbers()), ("what", texts())]);
    write(&at("sales_2024.parquet"), vec![("what", texts()), ("id", numbers())]);
    let source = FilesSource::open("x", &[folder.path()]).unwrap();
    let table = &source.report().tables[0];
    assert_eq!((table.table.as_str(), table.rows, table.format.as_str()), ("sales", 4, "Parquet, 2 files"));
    write(&at("sales_2025.parquet"), vec![("id", texts()), ("what", texts())]);
    let error = open(&[folder.path().to_owned()]);
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.message().contains("`id` is Int64 in one and Utf8 in the other"), "{error}");
    // One by one they are tables of their own.
    let all: Vec<PathBuf> = (2023..=2025).map(|year| at(&format!("sales_{year}.parquet"))).collect();
    assert_eq!(FilesSource::open("x", &all).unwrap().report().tables.len(), 3);
}

#[tokio::test]
async fn a_file_that_changes_is_not_read_on() {
    let shop = Shop::new(10);
    let sql = "SELECT id FROM customers ORDER BY id";
    assert_eq!(rows(&shop.source, sql, &["customers.id"]).await.unwrap().len(), 3);
    let path = shop.folder.path().join("customers.parquet");
    std::thread::sleep(Duration::from_millis(20));
    write(&path, vec![("id", Arc::new(Int64Array::from(vec![7])))]);
    let error = refusal(rows(&shop.source, sql, &["customers.id"]).await, sql);
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    std::fs::remove_file(path).unwrap();
    let error = refusal(rows(&shop.source, sql, &["customers.id"]).await, sql);
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn damage_behind_a_whole_footer_is_found_when_it_is_read() {
    let shop = Shop::new(50_000);
    let path = shop.folder.path().join("readings.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    // The first page's header.
    bytes[4..64].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let source = FilesSource::open("shop", &[&path]).unwrap();
    let sql = "SELECT sum(id) AS s FROM readings WHERE id > 5";
    let error = refusal(rows(&source, sql, &["readings.id"]).await, sql);
    assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
    assert!(error.message().contains("damaged"), "{error}");
}

#[tokio::test]
async fn other_files_beside_parquet_are_tables_of_the_same_source() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let ids = Arc::new(Int64Array::from(vec![1, 2]));
    write(&at("customers.parquet"), vec![("id", ids), ("name", Arc::new(StringArray::from(vec!["Ann", "Bob"])))]);
    let sales = "Kunde;Datum;Zeit;Um;Umsatz;Aktiv;Notiz\n1;31.12.2024;2024-12-31 14:05:00;14:05;1.234,50;yes;a\n2;01.02.2024;2024-02-01 00:00:01;0:00;7;no;\n";
    std::fs::write(at("Sales 2024.csv"), sales).unwrap();
    std::fs::write(at("tags.jsonl"), "{\"id\": 1, \"tag\": {\"a\": [1]}}\nbroken\n").unwrap();
    let source = FilesSource::open("shop", &[folder.path()]).unwrap();
    assert_eq!(source.info().dialect, Dialect::Datafusion);
    let report = source.report();
    let declared = |table: &str| {
        let found = report.tables.iter().find(|told| told.table == table).unwrap();
        found.columns.iter().map(|column| format!("{} {}", column.name, column.declared)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        declared("sales_2024"),
        "kunde Int64, datum Date32, zeit Timestamp(µs), um Time64(µs), umsatz Float64, aktiv Boolean, notiz Utf8"
    );
    assert_eq!(declared("tags"), "id Int64, tag Utf8");
    assert!(report.summary().unwrap().contains("no JSON object"));
    let sql = "SELECT c.name, s.datum, s.zeit, s.um, s.umsatz, s.aktiv, s.notiz FROM customers c JOIN sales_2024 s ON s.kunde = c.id ORDER BY c.id";
    let names = ["datum", "zeit", "um", "umsatz", "aktiv", "notiz", "kunde"].map(|name| format!("sales_2024.{name}"));
    let reads: Vec<&str> = names.iter().map(String::as_str).chain(["customers.name", "customers.id"]).collect();
    let found = rows(&source, sql, &reads).await.unwrap();
    assert_eq!(
        found,
        ["Ann|2024-12-31|2024-12-31 14:05:00|14:05:00|1234.5|true|a", "Bob|2024-02-01|2024-02-01 00:00:01|00:00:00|7|false|"]
    );
}

#[tokio::test]
async fn a_text_too_large_to_copy_is_read_with_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("numbers.csv");
    let mut text = String::from("id,amount\n");
    for row in 0..20_000 {
        text.push_str(&format!("{row},{}.5\n", row % 100));
    }
    text.push_str("20000,oops\n20001\n");
    std::fs::write(&path, text).unwrap();
    let small = FilesSource::open("shop", &[&path]).unwrap();
    // In memory, and in a file where there is no room.
    for memory_bytes in [256 << 20, 100_000] {
        let temp = tempfile::tempdir().unwrap();
        let temp_dir = Some(temp.path().to_owned());
        let options = FilesOptions { copy_bytes: 1_000, memory_bytes, temp_dir, ..FilesOptions::default() };
        let large = FilesSource::open_options("shop", &[&path], options).unwrap();
        assert_eq!((small.info().dialect, large.info().dialect), (Dialect::Sqlite, Dialect::Datafusion));
        let faults = |source: &FilesSource| source.report().tables[0].faults.clone();
        assert_eq!((faults(&small), faults(&small).len()), (faults(&large), 2));
        let found = rows(&large, "SELECT count(*) AS n, sum(amount) AS s FROM numbers", &["numbers.amount"]).await.unwrap();
        assert_eq!(found, ["20002|1000000"]);
        let catalog = large.introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
        assert_eq!((catalog.tables[0].rows, catalog.tables[0].columns[1].nullable), (Some(20_002), true));
        let files = || std::fs::read_dir(temp.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
        assert_eq!(files(), usize::from(memory_bytes < 1 << 20));
        drop(large);
        assert_eq!(files(), 0);
    }
}

#[tokio::test]
async fn a_text_that_the_engine_reads_otherwise_than_the_guard_is_refused() {
    let shop = Shop::new(10);
    let reads = &["customers.id", "customers.name"][..];
    for condition in ["name IS DISTINCT FROM 'Ann' AND id < 3", "NULL IS NOT DISTINCT FROM name OR id = 1"] {
        let sql = format!("SELECT id FROM customers WHERE {condition}");
        let error = refusal(rows(&shop.source, &sql, reads).await, &sql);
        assert!(error.kind() == ErrorKind::Rejected && error.message().contains("parentheses"), "{error}");
    }
    let sql = "SELECT id FROM customers WHERE (name IS DISTINCT FROM 'Ann') AND id IS DISTINCT FROM 1 + 2";
    assert_eq!(rows(&shop.source, sql, reads).await.unwrap(), ["2"]);
}
