//! What a sync finds and costs on data of the real kind, measured by hand. Figures are in `docs/evaluation.md`.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;
use crate::audit::MemorySink;
use crate::catalog::PersonalTier;
use crate::source::sqlite::SqliteSource;

async fn learn(source: &SqliteSource) -> Catalog {
    let ctx = Context::new("acme", "ada").unwrap();
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let options = SyncOptions { relate: None, table_timeout: Duration::from_secs(600), ..SyncOptions::default() };
    sync(&ctx, source, &audit, &options, &|_| {}).await.unwrap()
}

/// Every column that is marked in public sample databases, to be looked at.
#[tokio::test]
#[ignore = "measures; needs ../shared/data"]
async fn marks_in_sample_databases() {
    let data = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data"));
    let folders = ["nl2sql/databases", "nl2sql/sql_eval_databases", "business/chinook"].map(|folder| data.join(folder));
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    if files.is_empty() {
        return println!("skipped: no data");
    }
    files.sort();
    let (mut columns, mut texts) = (0, 0);
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "sqlite")) {
        let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let catalog = learn(&SqliteSource::open(name, Path::new(file)).unwrap()).await;
        for table in &catalog.tables {
            for column in &table.columns {
                columns += 1;
                texts += u32::from(column.statistics.as_ref().is_some_and(|statistics| statistics.length.is_some()));
                if let Some(personal) = column.personal.as_ref().filter(|personal| personal.tier < PersonalTier::Low) {
                    let reason = personal.reason.as_deref().unwrap_or_default();
                    println!("{name}.{}.{}\t{}\t{:?}\t{reason}", table.name.name, column.name, personal.kind, personal.tier);
                }
            }
        }
    }
    println!("{columns} columns, {texts} of them with texts");
}

/// The time that it takes to read a million rows.
#[tokio::test]
#[ignore = "measures"]
async fn a_million_rows() {
    let source = SqliteSource::from_sql(
        "wide",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT, city TEXT, note TEXT, amount REAL, placed TEXT);
         WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1000000)
             INSERT INTO people SELECT n, 'Anna Smith ' || n, 'user' || n || '@example.org', '+49 30 ' || (1000000 + n), 'city ' || n % 500,
                 'parcel ' || n || ' came late and the box was damaged', n / 7.0, datetime(1700000000 + n, 'unixepoch') FROM s;",
    )
    .unwrap();
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        let catalog = learn(&source).await;
        times.push(start.elapsed());
        assert_eq!(catalog.tables[0].rows, Some(1_000_000));
    }
    println!("a million rows in {:?}", times.iter().min());
}
