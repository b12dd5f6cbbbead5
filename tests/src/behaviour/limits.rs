//! Rows, bytes and time.

use std::time::Duration;

use futures::StreamExt;
use leo::ErrorKind;
use leo::gate::{self, QueryOptions};

use super::{Asked, Fixture, Outcome, ctx, ensure, said, same};

pub(super) async fn rows_end_at_the_cap(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    for (max_rows, rows, truncated) in [(10, 10, true), (9_999, 9_999, true), (10_000, 10_000, false), (20_000, 10_000, false)] {
        let options = QueryOptions { max_rows, ..QueryOptions::default() };
        let stream = asked.start(&ctx(), "SELECT id, label FROM readings ORDER BY id", &[], options).await.map_err(said)?;
        let result = gate::collect(stream).await.map_err(said)?;
        same((result.table.num_rows(), result.summary.truncated), (rows, truncated))?;
    }
    // The sources of a capped stream are whole again.
    same(asked.table("SELECT count(*) AS n FROM readings").await.map_err(said)?.value(0, 0).to_string(), "10000".to_owned())
}

pub(super) async fn bytes_end_the_stream(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let options = QueryOptions { max_bytes: 64 << 10, max_rows: 100_000, ..QueryOptions::default() };
    let run = async {
        let stream = asked.start(&ctx(), "SELECT id, label FROM readings", &[], options).await?;
        gate::collect(stream).await
    };
    let error = run.await.map(drop).err().ok_or("it came through")?;
    ensure(error.kind() == ErrorKind::LimitExceeded && error.message().contains("fewer"), || said(error))?;
    same(asked.table("SELECT count(*) AS n FROM readings").await.map_err(said)?.num_rows(), 1)
}

pub(super) async fn batches_have_the_asked_size(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let options = QueryOptions { batch_rows: 1_000, max_rows: 100_000, ..QueryOptions::default() };
    let mut stream = asked.start(&ctx(), "SELECT id FROM readings", &[], options).await.map_err(said)?;
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(said)?;
        ensure(batch.num_rows() <= 1_000, || format!("{} rows", batch.num_rows()))?;
        rows += batch.num_rows();
    }
    same(rows, 10_000)
}

pub(super) async fn time_ends_a_statement(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let options = QueryOptions { timeout: Duration::from_millis(500), max_rows: u64::MAX, ..QueryOptions::default() };
    let run = async {
        let stream = asked.start(&ctx(), &fixture.slow("timed"), &[], options).await?;
        gate::collect(stream).await
    };
    let error = run.await.map(drop).err().ok_or("it came to an end")?;
    ensure(error.kind() == ErrorKind::Timeout && error.message().contains("less data"), || said(error))
}

pub(super) async fn streaming_keeps_little(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let sql = "SELECT a.label, b.label AS other, a.wide FROM readings a JOIN readings b ON b.small = a.small WHERE a.id <= 3000";
    let options = QueryOptions { max_rows: u64::MAX, max_bytes: u64::MAX, timeout: Duration::from_secs(60), batch_rows: 4_096 };
    let mut stream = asked.start(&ctx(), sql, &[], options).await.map_err(said)?;
    let (mut rows, mut largest) = (0, 0);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(said)?;
        rows += batch.num_rows();
        largest = largest.max(batch.get_array_memory_size());
    }
    ensure(rows == 300_000 && largest < 16 << 20, || format!("{rows} rows, batches of {largest} bytes"))
}
