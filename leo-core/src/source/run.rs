//! A statement as a task: it sends batches until it ends or is told to stop, and is then given time to stop the server too.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::gate::{BatchStream, QueryOptions};

/// Batches on their way to a slow reader before the statement waits.
const BATCHES_AHEAD: usize = 2;

/// When and why a statement must stop.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    cancel: CancellationToken,
    /// Cancelled when nobody reads any more.
    unread: CancellationToken,
    deadline: Instant,
}

impl Stop {
    /// Stops with `ctx`, and after `timeout` at the latest.
    pub(crate) fn new(ctx: &Context, timeout: Duration) -> Self {
        let own = Instant::now().checked_add(timeout).unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400));
        let deadline = ctx.deadline.map_or(own, |deadline| own.min(deadline.into()));
        Self { cancel: ctx.cancel.clone(), unread: CancellationToken::new(), deadline }
    }

    /// Stops after `timeout`, for work that belongs to no call.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn within(timeout: Duration) -> Self {
        Self { cancel: CancellationToken::new(), unread: CancellationToken::new(), deadline: Instant::now() + timeout }
    }

    /// Time left.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Waits until the statement must stop; why.
    pub(crate) async fn stopped(&self) -> Error {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Error::cancelled("the statement was cancelled"),
            () = self.unread.cancelled() => Error::cancelled("the result was not read to its end"),
            () = tokio::time::sleep_until(self.deadline) => Error::timeout(
                "the statement took longer than it may; ask for less data (a shorter period, fewer tables) or raise the timeout",
            ),
        }
    }

    /// `work`, unless the statement must stop before it is done.
    ///
    /// # Errors
    /// `Cancelled`, `Timeout`.
    pub(crate) async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            why = self.stopped() => Err(why),
            done = work => Ok(done),
        }
    }
}

/// Where a running statement puts what it finds.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stop: Stop,
    pub(crate) options: QueryOptions,
    truncated: Arc<AtomicBool>,
    schema: Option<oneshot::Sender<SchemaRef>>,
    batches: mpsc::Sender<Result<RecordBatch>>,
}

impl Output {
    /// Tells names and types of the columns; once, before the first batch.
    pub(crate) fn schema(&mut self, schema: SchemaRef) {
        if let Some(sender) = self.schema.take() {
            let _ = sender.send(schema);
        }
    }

    /// Hands a batch on, waiting for a slow reader.
    ///
    /// # Errors
    /// Why the statement must stop.
    pub(crate) async fn send(&self, batch: RecordBatch) -> Result<()> {
        match self.stop.unless_stopped(self.batches.send(Ok(batch))).await? {
            Ok(()) => Ok(()),
            Err(_) => Err(Error::cancelled("the result was not read to its end")),
        }
    }

    /// Says that the result had more rows than were asked for.
    pub(crate) fn truncate(&self) {
        self.truncated.store(true, Ordering::Release);
    }
}

/// Runs `work` as a task of its own and gives its result as a stream.
///
/// As [`run_on`] on the runtime of the caller.
pub(crate) async fn run<F>(ctx: &Context, options: QueryOptions, work: impl FnOnce(Output) -> F) -> Result<BatchStream>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    run_on(&Handle::current(), ctx, options, work).await
}

/// Runs `work` as a task of its own on `runtime` and gives its result as a stream.
///
/// # Behavior
/// `work` must call [`Output::schema`] first, then [`Output::send`] for each batch, and watch [`Output::stop`]; told to stop it cleans up, on the
/// server too, and returns. Dropping the stream tells it to.
///
/// # Errors
/// Whatever `work` fails with before the schema is known; `Cancelled`, `Timeout`.
pub(crate) async fn run_on<F>(
    runtime: &Handle,
    ctx: &Context,
    options: QueryOptions,
    work: impl FnOnce(Output) -> F,
) -> Result<BatchStream>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let stop = Stop::new(ctx, options.timeout);
    let unread = stop.unread.clone().drop_guard();
    let truncated: Arc<AtomicBool> = Arc::default();
    let (schema_sender, schema_receiver) = oneshot::channel();
    let (batches, mut receiver) = mpsc::channel(BATCHES_AHEAD);
    let work = work(Output {
        stop: stop.clone(),
        options,
        truncated: Arc::clone(&truncated),
        schema: Some(schema_sender),
        batches: batches.clone(),
    });
    runtime.spawn(async move {
        if let Err(error) = work.await {
            let _ = batches.send(Err(error)).await;
        }
    });
    let vanished = || Error::internal("the task of the statement ended without an answer");
    let schema = match stop.unless_stopped(schema_receiver).await? {
        Ok(schema) => schema,
        // It ended before there was a schema: what came instead is the reason.
        Err(_) => return Err(receiver.recv().await.and_then(Result::err).unwrap_or_else(vanished)),
    };
    let batches = futures::stream::unfold((receiver, unread), async |(mut receiver, unread)| {
        receiver.recv().await.map(|batch| (batch, (receiver, unread)))
    });
    Ok(BatchStream::new(schema, batches).with_truncated(truncated))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Int64Array;
    use arrow_schema::{DataType, Field, Schema};
    use futures::StreamExt;

    fn batch() -> RecordBatch {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]));
        RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from(vec![1, 2]))]).unwrap()
    }

    fn ctx() -> Context {
        Context::new("t", "u").unwrap()
    }

    #[tokio::test]
    async fn batches_arrive_and_a_late_error_is_the_last_item() {
        let ctx = ctx();
        let stream = run(&ctx, QueryOptions::default(), async |mut output: Output| {
            output.schema(batch().schema());
            for _ in 0..5 {
                output.send(batch()).await?;
            }
            Err(Error::unavailable("gone"))
        });
        let items: Vec<_> = stream.await.unwrap().collect().await;
        assert_eq!(items.len(), 6);
        assert_eq!(items.last().unwrap().as_ref().unwrap_err().message(), "gone");
    }

    #[tokio::test]
    async fn an_early_error_is_the_answer() {
        let ctx = ctx();
        let stream = run(&ctx, QueryOptions::default(), async |_| Err(Error::rejected("no")));
        assert_eq!(stream.await.unwrap_err().message(), "no");
    }

    #[tokio::test]
    async fn dropping_the_stream_tells_the_statement_to_stop() {
        let (sender, receiver) = oneshot::channel();
        let ctx = ctx();
        let stream = run(&ctx, QueryOptions::default(), async |mut output: Output| {
            output.schema(batch().schema());
            let why = output.stop.stopped().await;
            let _ = sender.send(why.kind());
            Err(why)
        });
        drop(stream.await.unwrap());
        assert_eq!(receiver.await.unwrap(), crate::ErrorKind::Cancelled);
    }

    #[tokio::test(start_paused = true)]
    async fn the_timeout_holds_for_the_whole_statement() {
        let options = QueryOptions { timeout: Duration::from_secs(8), ..QueryOptions::default() };
        let ctx = ctx();
        let stream = run(&ctx, options, async |mut output: Output| {
            output.schema(batch().schema());
            loop {
                tokio::time::sleep(Duration::from_secs(3)).await;
                output.send(batch()).await?;
            }
        });
        let items: Vec<_> = stream.await.unwrap().collect().await;
        assert_eq!(items.last().unwrap().as_ref().unwrap_err().kind(), crate::ErrorKind::Timeout);
        assert_eq!(items.len(), 3);
    }
}
