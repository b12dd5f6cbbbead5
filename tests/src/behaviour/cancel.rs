//! What nobody waits for any more ends on the server too: asked of the server itself.

use std::time::{Duration, Instant};

use futures::StreamExt;
use leo::ErrorKind;
use leo::gate::QueryOptions;

use super::{Asked, Fixture, Outcome, ctx, ensure, said, same};

/// Time in which a statement must be gone from the server.
const GONE_IN: Duration = Duration::from_secs(2);

fn endless() -> QueryOptions {
    QueryOptions { max_rows: u64::MAX, max_bytes: u64::MAX, timeout: Duration::from_secs(50), batch_rows: 64 }
}

/// Waits until the server runs the marked statement, or no longer does.
async fn until(fixture: &dyn Fixture, mark: &str, runs: bool, limit: Duration) -> Outcome {
    let started = Instant::now();
    while (fixture.running(mark) > 0) != runs {
        ensure(started.elapsed() < limit, || format!("after {limit:?} the server has {} of it", fixture.running(mark)))?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

pub(super) async fn a_dropped_stream_ends_on_the_server(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let mut stream = asked.start(&ctx(), &fixture.slow("dropped"), &[], endless()).await.map_err(said)?;
    ensure(matches!(stream.next().await, Some(Ok(_))), || "no first batch".to_owned())?;
    until(fixture, "dropped", true, Duration::from_secs(10)).await?;
    drop(stream);
    until(fixture, "dropped", false, GONE_IN).await
}

pub(super) async fn a_cancelled_call_ends_on_the_server(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let ctx = ctx();
    let mut stream = asked.start(&ctx, &fixture.slow("cancelled"), &[], endless()).await.map_err(said)?;
    ensure(matches!(stream.next().await, Some(Ok(_))), || "no first batch".to_owned())?;
    until(fixture, "cancelled", true, Duration::from_secs(10)).await?;
    ctx.cancel.cancel();
    let error = loop {
        match stream.next().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => return Err("the stream ended as if all were there".to_owned()),
        }
    };
    same(error.kind(), ErrorKind::Cancelled)?;
    until(fixture, "cancelled", false, GONE_IN).await
}

pub(super) async fn a_passed_deadline_ends_on_the_server(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let ctx = ctx().with_timeout(Duration::from_secs(1));
    let mut error = None;
    match asked.start(&ctx, &fixture.slow("late"), &[], endless()).await {
        Err(early) => error = Some(early),
        Ok(mut stream) => {
            while let Some(item) = stream.next().await {
                error = item.err().or(error);
            }
        }
    }
    same(error.map(|error| error.kind()), Some(ErrorKind::Timeout))?;
    until(fixture, "late", false, GONE_IN).await
}

pub(super) async fn a_stopped_statement_leaves_the_source_usable(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    for _ in 0..3 {
        let mut stream = asked.start(&ctx(), &fixture.slow("stopped"), &[], endless()).await.map_err(said)?;
        let _ = stream.next().await;
        drop(stream);
        // The next statement gets its own rows, whichever connection it is on.
        let table = asked.table("SELECT id, name FROM customers WHERE id = 1").await.map_err(said)?;
        same((table.num_rows(), table.value(0, 1).to_string()), (1, "Ann".to_owned()))?;
    }
    Ok(())
}
