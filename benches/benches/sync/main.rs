//! Learning a source of many tables: how long, by which stage, with how much memory, and again when nothing changed.
//!
//! `cargo bench -p leo-benches --bench sync -- [ENGINE:TABLES:ROWS…]`, as in [`CASES`], which is all without arguments; `wide:COLUMNS:ROWS` is one
//! table. Each is learned in a process of its own, whose memory is told.
#![allow(missing_docs, clippy::unwrap_used)]

mod data;

use std::io::Write as _;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use leo::Leo;
use leo::audit::{JsonLinesOptions, JsonLinesSink};
use leo::builder::Source;
use leo::settings::{Durability, Preset};
use leo::source::postgres::PostgresSource;
use leo::source::sqlite::SqliteSource;
use leo::sync::{SyncOptions, SyncProgress, SyncStage};
use leo_benches::memory;

/// The allocator of Leo's own packages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CASES: &[&str] = &[
    "sqlite:1000:1000",
    "postgres:1000:1000",
    "sqlite:500:20",
    "sqlite:1000:20",
    "sqlite:2000:20",
    "sqlite:5000:20",
    "wide:1000:1000",
];
/// Where the child finds its source.
const PLACE: &str = "LEO_BENCH_PLACE";

fn main() {
    if let Ok(place) = std::env::var(PLACE) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        return runtime.block_on(learn(&place));
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|name| name.contains(':')).collect();
    let cases = if wanted.is_empty() { CASES.iter().map(|case| (*case).to_owned()).collect() } else { wanted };
    println!(
        "| source | tables | columns | relationships, declared and found | sync | structure | rows | relationships | rest | peak memory | again |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for case in cases {
        let parts: Vec<&str> = case.split(':').collect();
        let [engine, size, rows] = parts[..] else { panic!("a case is ENGINE:TABLES:ROWS") };
        let (size, rows) = (size.parse().unwrap(), rows.parse().unwrap());
        let ddl = if engine == "wide" { data::wide(size) } else { data::structure(size) };
        print!("| {engine}, about {rows} rows each ");
        std::io::stdout().flush().unwrap();
        let is_run = match engine {
            "postgres" => postgres(&ddl, rows),
            _ => sqlite(&ddl, rows),
        };
        if !is_run {
            println!("| skipped: not at hand | | | | | | | | | |");
        }
    }
}

fn sqlite(ddl: &str, rows: usize) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.sqlite");
    data::sqlite(&path, ddl, rows);
    child(&path.display().to_string())
}

fn postgres(ddl: &str, rows: usize) -> bool {
    let settings = ["shared_buffers=512MB", "max_locks_per_transaction=1024"];
    let Some(server) = leo_tests::postgres::Server::listening(None, &settings) else { return false };
    data::postgres(&server, ddl, rows);
    child(&format!("postgres://plain@127.0.0.1:{}/shop?sslmode=disable", server.port()))
}

fn child(place: &str) -> bool {
    Command::new(std::env::current_exe().unwrap()).env(PLACE, place).status().unwrap().success()
}

/// Learns the source at `place` twice and prints the rest of the line.
async fn learn(place: &str) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.jsonl");
    let source = match place.contains("://") {
        true => Source::new(PostgresSource::connect("many", place.parse().unwrap()).await.unwrap()),
        false => Source::new(SqliteSource::open("many", place).unwrap()),
    };
    let sink = JsonLinesSink::open(&log, JsonLinesOptions { durability: Durability::Os }).unwrap();
    let leo = Leo::builder().preset(Preset::Local).source(source).audit(Arc::new(sink)).build().unwrap();

    let began = Instant::now();
    let stages = Mutex::new(Vec::new());
    let note = |at: SyncProgress<'_>| {
        if let Some(problem) = at.problem {
            panic!("{:?}: {problem}", at.table);
        }
        if at.done == 0 || at.stage == SyncStage::Relate {
            stages.lock().unwrap().push(began.elapsed().as_secs_f64());
        }
    };
    let catalog = leo.sync(None, &SyncOptions::default(), &note).await.unwrap();
    let whole = began.elapsed().as_secs_f64();
    let stages = stages.into_inner().unwrap();
    let [start, profile, relate, related, ..] = stages[..] else { panic!("stages: {stages:?}") };
    let tables = catalog.tables.len();
    let columns: usize = catalog.tables.iter().map(|table| table.columns.len()).sum();
    let declared = catalog.declared_relationships().len();
    let found = catalog.relationships.len() - declared;
    let peak = memory::peak().map_or_else(|| "?".into(), |peak| peak.to_string());
    print!(
        "| {tables} | {columns} | {declared}, {found} | {whole:.2} s | {:.2} s | {:.2} s | {:.2} s | {:.2} s | {peak} MiB ",
        profile - start,
        relate - profile,
        related - relate,
        whole - related
    );

    let statements = || std::fs::read_to_string(&log).unwrap().matches("\"action\":\"statement\"").count();
    let (before, began) = (statements(), Instant::now());
    leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    let again = began.elapsed().as_secs_f64();
    println!("| {again:.2} s, {} of {before} statements |", statements() - before);
}
