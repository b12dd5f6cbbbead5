//! Profiling a table of a million rows, and beside it in the same run what others take to tell about as much.
//!
//! `cargo bench -p leo-benches --bench profile -- [SOURCE…]`, sources `csv`, `parquet` and `sqlite`; all without names. Others run when the
//! Python named by `LEO_BENCH_PYTHON` (`python3`) has them: `pip install duckdb ydata-profiling setuptools`.
#![allow(missing_docs, clippy::unwrap_used)]

mod data;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use leo::Context;
use leo::adapter::AuditSink;
use leo::audit::MemorySink;
use leo::gate::Connector;
use leo::source::files::FilesSource;
use leo::source::sqlite::SqliteSource;
use leo::sync::{SyncOptions, sync};
use leo_benches::peers;
use rusqlite::types::ValueRef;

use data::{COLUMNS, ROWS};

/// The allocator of Leo's own packages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 5;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let folder = tempfile::tempdir().unwrap();
    println!("| source | by | median | fastest |\n|---|---|---|---|");
    if is_wanted("csv") {
        let path = folder.path().join("orders.csv");
        data::csv(&path);
        files("csv", &path);
    }
    if is_wanted("parquet") {
        let path = folder.path().join("orders.parquet");
        data::parquet(&path);
        files("parquet", &path);
    }
    if is_wanted("sqlite") {
        let path = folder.path().join("orders.sqlite");
        data::sqlite(&path);
        let open = || -> Box<dyn Connector> { Box::new(SqliteSource::open("bench", &path).unwrap()) };
        let all = SyncOptions::default();
        line("sqlite", "Leo", (0..RUNS).map(|_| learn(open, &profile())).collect());
        line("sqlite", "Leo, with relationships and checks of the rows", (0..RUNS).map(|_| learn(open, &all)).collect());
        line("sqlite", "SQLite, the columns read", (0..RUNS).map(|_| floor(&path)).collect());
        line("sqlite", "SQLite, one aggregate per column", (0..RUNS).map(|_| aggregates(&path)).collect());
        others("sqlite", &path, "sqlite3", RUNS);
        others("sqlite", &path, "ydata", 2);
    }
}

fn files(name: &str, path: &Path) {
    // What others read anew, Leo reads anew.
    let open = || -> Box<dyn Connector> { Box::new(FilesSource::open("bench", &[path]).unwrap()) };
    line(name, "Leo", (0..RUNS).map(|_| learn(open, &profile())).collect());
    line(name, "Leo, opened only", (0..RUNS).map(|_| timed(|| drop(open()))).collect());
    others(name, path, "duckdb", RUNS);
}

/// Statistics, types, personal data; nothing that is about several tables.
fn profile() -> SyncOptions {
    SyncOptions { relate: None, quality: None, ..SyncOptions::default() }
}

fn learn(open: impl Fn() -> Box<dyn Connector>, options: &SyncOptions) -> Duration {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let ctx = Context::new("bench", "bench").unwrap();
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    timed(|| {
        let source = open();
        let catalog = runtime.block_on(sync(&ctx, source.as_ref(), &audit, options, &|_| {})).unwrap();
        let table = &catalog.tables[0];
        assert_eq!((table.rows, table.statistics.as_ref().map(|found| found.rows)), (Some(ROWS as u64), Some(ROWS as u64)));
        assert!(table.columns.len() == COLUMNS.len() && table.columns.iter().all(|column| column.statistics.is_some()));
    })
}

/// Each value read and looked at, no more.
fn floor(path: &Path) -> Duration {
    let connection = rusqlite::Connection::open(path).unwrap();
    timed(|| {
        let mut statement = connection.prepare("SELECT * FROM orders").unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut seen = 0;
        while let Some(row) = rows.next().unwrap() {
            for column in 0..COLUMNS.len() {
                seen += match row.get_ref(column).unwrap() {
                    ValueRef::Null => 0,
                    ValueRef::Integer(value) => value.unsigned_abs() & 1,
                    ValueRef::Real(value) => value as u64 & 1,
                    ValueRef::Text(value) | ValueRef::Blob(value) => value.len() as u64,
                };
            }
        }
        assert!(seen > 0);
    })
}

fn aggregates(path: &Path) -> Duration {
    let connection = rusqlite::Connection::open(path).unwrap();
    timed(|| {
        for column in COLUMNS {
            let sql = format!(
                "SELECT COUNT({column}), COUNT(DISTINCT {column}), MIN({column}), MAX({column}), AVG({column}) FROM orders"
            );
            let count: i64 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert!(count > 0);
        }
    })
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn others(source: &str, path: &Path, other: &str, runs: usize) {
    match peers::run("profile.py", other, &[&path.display().to_string(), &runs.to_string()]) {
        Ok(times) => line(source, other, times),
        Err(said) => println!("| {source} | skipped: {other}: {said} | | |"),
    }
}

fn line(source: &str, by: &str, mut times: Vec<Duration>) {
    times.sort();
    let (median, fastest) = (times[times.len() / 2].as_secs_f64(), times[0].as_secs_f64());
    println!("| {source} | {by} | {:.0} ms | {:.0} ms |", median * 1e3, fastest * 1e3);
}
