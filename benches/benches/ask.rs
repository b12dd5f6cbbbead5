//! The way of a question on catalogues of growing size: everything but the database, as the answer's own timings tell it.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use leo::audit::{JsonLinesOptions, JsonLinesSink};
use leo::builder::Source;
use leo::catalog::{Catalog, Column, LogicalType, TableName};
use leo::settings::{Durability, Preset};
use leo::source::sqlite::SqliteSource;
use leo::sync::SyncOptions;
use leo::{AnswerStatus, AskOptions, Leo};
use leo_benches::SIZES;
use rusqlite::Connection;
use tokio::runtime::Runtime;

const ROWS: usize = 48;
const ROUNDS: usize = 50;

const QUESTIONS: &[&str] = &[
    "What were monthly sales in 2024?",
    "top 5 customers by revenue last quarter",
    "average order value by region, this year against last year",
    "which products have never been ordered",
    "share of revenue by category",
    "orders per weekday",
    "how many customers are there?",
    "number of orders by status",
];

/// The schema with a few rows in each table: results have rows to be reviewed, drawn and told. Each table has numbers of its own,
/// so that keys meet where the schema says.
fn fill(tables: usize) -> Connection {
    let catalog = leo_benches::catalog(tables);
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(&leo_benches::ddl(tables)).unwrap();
    // Tables are filled in the order of their names.
    connection.execute_batch("PRAGMA foreign_keys = OFF; BEGIN").unwrap();
    let place = |name: &TableName| catalog.tables.iter().position(|table| table.name == *name).unwrap_or(0);
    for table in &catalog.tables {
        for row in 0..ROWS {
            let values: Vec<String> = table
                .columns
                .iter()
                .map(|column| {
                    let parent = table.foreign_keys.iter().find(|key| key.columns == [column.name.clone()]);
                    match parent {
                        Some(key) => (place(&key.references) * 1_000 + row * 7 % ROWS).to_string(),
                        None if table.primary_key.contains(&column.name) => (place(&table.name) * 1_000 + row).to_string(),
                        None => value(column, row),
                    }
                })
                .collect();
            connection.execute_batch(&format!("INSERT INTO \"{}\" VALUES ({})", table.name.name, values.join(", "))).unwrap();
        }
    }
    connection.execute_batch("COMMIT").unwrap();
    connection
}

fn value(column: &Column, row: usize) -> String {
    match column.data_type {
        LogicalType::Integer => (row * 7 % ROWS + 1).to_string(),
        LogicalType::Decimal | LogicalType::Float => format!("{}.25", row * 13 % 97),
        LogicalType::Date => format!("'2024-{:02}-{:02}'", row % 12 + 1, row % 28 + 1),
        LogicalType::Timestamp => format!("'2024-{:02}-{:02} 10:00:00'", row % 12 + 1, row % 28 + 1),
        _ => format!("'{} {}'", column.name, row % 9),
    }
}

struct Bench {
    leo: Leo,
    _folder: tempfile::TempDir,
}

fn open(runtime: &Runtime, filled: &Connection, tables: usize, durability: Durability) -> (Bench, Duration, Arc<Catalog>) {
    let folder = tempfile::tempdir().unwrap();
    let sink = JsonLinesSink::open(folder.path().join("audit.jsonl"), JsonLinesOptions { durability }).unwrap();
    let source = SqliteSource::from_connection("company", filled).unwrap();
    let source = Source::new(source).as_of("2024-12-30".parse().unwrap());
    let leo = Leo::builder().preset(Preset::Local).source(source).audit(Arc::new(sink)).build().unwrap();
    let began = Instant::now();
    let mut options = SyncOptions::default();
    if tables > 500 {
        // Looking for keys nobody declared takes longer than all that is measured here.
        options.relate = None;
    }
    let catalog = runtime.block_on(leo.sync(None, &options, &|_| {})).unwrap();
    (Bench { leo, _folder: folder }, began.elapsed(), catalog)
}

fn ask(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("ask");
    group.sample_size(20);
    for tables in SIZES {
        let filled = fill(tables);
        for durability in [Durability::Os, Durability::Fsync] {
            let (bench, synced, catalog) = open(&runtime, &filled, tables, durability);
            if durability == Durability::Os {
                println!("{tables} tables, {} columns: synced in {synced:.2?}", columns(&catalog));
            }
            overhead(&runtime, &bench.leo, tables, durability);
            group.bench_function(BenchmarkId::new(durability.as_str(), tables), |bencher| {
                bencher.iter(|| runtime.block_on(bench.leo.ask(QUESTIONS[0])).unwrap());
            });
        }
    }
    group.finish();
}

fn columns(catalog: &Catalog) -> usize {
    catalog.tables.iter().map(|table| table.columns.len()).sum()
}

/// A mean hides the slow question: every question is timed by itself.
fn overhead(runtime: &Runtime, leo: &Leo, tables: usize, durability: Durability) {
    let mut times: Vec<(u64, &str)> = Vec::new();
    let mut answered = 0;
    for question in QUESTIONS {
        for round in 0..=ROUNDS {
            let answer = runtime.block_on(leo.ask_with(question, &AskOptions::default())).unwrap();
            // The first is for the caches.
            if round > 0 {
                answered += usize::from(answer.status == AnswerStatus::Answered);
                times.push((answer.timings.total_us - answer.timings.database_us, question));
            }
        }
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{tables} tables, {}: overhead p50 {} us, p95 {} us, p99 {} us ({}); {answered} of {} answered",
        durability.as_str(),
        at(0.5).0,
        at(0.95).0,
        at(0.99).0,
        at(0.99).1,
        times.len()
    );
}

criterion_group!(benches, ask);
criterion_main!(benches);
