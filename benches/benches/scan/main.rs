//! A million rows of mixed types into Arrow: each source, and beside it in the same run and on the same server what others read it with.
//!
//! `cargo bench -p leo-benches --bench scan -- [SOURCE…]`, sources as in [`data::SOURCES`]; all without names. Others run when the Python
//! named by `LEO_BENCH_PYTHON` (`python3`) has them: `pip install connectorx pyarrow adbc-driver-postgresql adbc-driver-sqlite duckdb polars`.
#![allow(missing_docs, clippy::unwrap_used)]

mod data;

use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use futures::StreamExt;
use leo::gate::QueryOptions;
use leo_benches::{memory, peers};
use leo_tests::behaviour::{Asked, ctx};

use data::{COLUMNS, ROWS, Source};

/// The allocator of Leo's own packages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 7;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("| source | reader | median | fastest | rows/s |\n|---|---|---|---|---|");
    for (name, make) in data::SOURCES {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        match runtime.block_on(make()) {
            Some(source) => {
                runtime.block_on(leo(name, &source));
                others(name, &source);
            }
            None => println!("| {name} | skipped: not at hand | | | |"),
        }
    }
}

async fn leo(name: &str, source: &Source) {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let started = Instant::now();
        let asked = match &source.open {
            Some(open) => Asked::new(open().await).await.unwrap(),
            None => Asked::new((source.connect)().await).await.unwrap(),
        };
        // What is opened once per process is not part of a statement; what is read anew for each is.
        let started = if source.open.is_some() { started } else { Instant::now() };
        let mut kept = Vec::new();
        assert_eq!(read(&asked, ROWS, |batch| kept.push(batch)).await, ROWS);
        times.push(started.elapsed());
    }
    line(name, "Leo", &mut times);
    let asked = Asked::new((source.connect)().await).await.unwrap();
    let mut peaks = Vec::new();
    for rows in [ROWS / 10, ROWS] {
        let before = memory::reset_peak();
        assert_eq!(read(&asked, rows, drop).await, rows);
        peaks.push(memory::peak().zip(before).map_or(0, |(after, before)| after.saturating_sub(before)));
    }
    println!(
        "| {name} | Leo, memory above the start: {} MiB at {} rows, {} MiB at {ROWS} | | | |",
        peaks[0],
        ROWS / 10,
        peaks[1]
    );
}

/// Reads the table as a question's statement would be read.
async fn read(asked: &Asked, rows: usize, mut keep: impl FnMut(RecordBatch)) -> usize {
    let options = QueryOptions { max_rows: u64::MAX, max_bytes: u64::MAX, timeout: Duration::from_secs(600), batch_rows: 65_536 };
    let sql = format!("SELECT {COLUMNS} FROM mixed WHERE id <= {rows}");
    let (cleared, _) = asked.clear(&ctx(), &sql, &[]).await.unwrap();
    let mut stream = asked.connector.query(&ctx(), &cleared, options).await.unwrap();
    let mut read = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch.unwrap();
        read += batch.num_rows();
        keep(batch);
    }
    read
}

fn others(name: &str, source: &Source) {
    for other in source.others {
        let sql = format!("SELECT {COLUMNS} FROM mixed WHERE id <= {ROWS}");
        match peers::run("scan.py", other, &[&source.place, &sql, &RUNS.to_string()]) {
            Ok(mut times) => line(name, other, &mut times),
            Err(said) => println!("| {name} | skipped: {other}: {said} | | | |"),
        }
    }
}

fn line(source: &str, reader: &str, times: &mut [Duration]) {
    times.sort();
    let (median, fastest) = (times[times.len() / 2].as_secs_f64(), times[0].as_secs_f64());
    let million = ROWS as f64 / median / 1e6;
    println!("| {source} | {reader} | {:.0} ms | {:.0} ms | {million:.2} million |", median * 1e3, fastest * 1e3);
}
