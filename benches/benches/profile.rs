//! Profiling a table of 200,000 rows and 8 columns, beside the floor: the same columns read by SQLite and looked at, no more.

#![allow(missing_docs, clippy::expect_used)]

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leo::Context;
use leo::adapter::AuditSink;
use leo::audit::MemorySink;
use leo::source::sqlite::SqliteSource;
use leo::sync::{SyncOptions, sync};
use rusqlite::types::ValueRef;

const ROWS: u64 = 200_000;
const SCRIPT: &str = "CREATE TABLE sales (id INTEGER PRIMARY KEY, customer_id INTEGER, sold_at TEXT, status TEXT, amount REAL, \
     quantity INTEGER, mail TEXT, note TEXT);
     WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 200000)
     INSERT INTO sales SELECT n, n * 7919 % 20011, datetime('2020-01-01', n || ' minutes'), \
     CASE n % 5 WHEN 0 THEN 'open' WHEN 1 THEN 'paid' ELSE 'shipped' END, n * 37 % 100003 / 100.0, n % 12, \
     'user' || n || '@example.org', CASE WHEN n % 3 = 0 THEN 'a note of some length, number ' || n % 997 END FROM s;";

fn profile(criterion: &mut Criterion) {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let connection = rusqlite::Connection::open(file.path()).expect("a database");
    connection.execute_batch(SCRIPT).expect("the table");
    let mut group = criterion.benchmark_group("profile");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function("floor: SELECT of the same columns", |bencher| {
        bencher.iter(|| {
            let mut statement = connection.prepare_cached("SELECT * FROM sales").expect("a statement");
            let mut rows = statement.query([]).expect("rows");
            let mut seen = 0u64;
            while let Some(row) = rows.next().expect("a row") {
                for column in 0..8 {
                    seen += match row.get_ref(column).expect("a value") {
                        ValueRef::Null => 0,
                        ValueRef::Integer(value) => value.unsigned_abs() & 1,
                        ValueRef::Real(value) => value as u64 & 1,
                        ValueRef::Text(value) | ValueRef::Blob(value) => value.len() as u64,
                    };
                }
            }
            seen
        });
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let source = SqliteSource::open("bench", file.path()).expect("the source");
    let ctx = Context::new("bench", "bench").expect("a context");
    group.bench_function("sync: statistics of every column", |bencher| {
        bencher.iter(|| {
            let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
            let options = SyncOptions { relate: None, ..SyncOptions::default() };
            runtime.block_on(sync(&ctx, &source, &audit, &options, &|_| {})).expect("a catalogue")
        });
    });
    group.finish();
}

criterion_group!(benches, profile);
criterion_main!(benches);
