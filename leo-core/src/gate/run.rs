//! Third step: run it, within limits, and record how it ended.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::{Stream, StreamExt};

use super::attempt::{Attempt, Status};
use super::check::{self, InForce};
use super::connector::{BatchStream, Connector, QueryOptions};
use super::hash::ResultHasher;
use super::pass::Cleared;
use super::redact::Redaction;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::table::Table;

/// How a run went; complete once the stream has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunSummary {
    /// Id of the attempt's audit event.
    pub attempt: String,
    /// Rows returned.
    pub rows: u64,
    /// Whether there were more rows than were returned.
    pub truncated: bool,
    /// Hash of schema and rows; `None` where a column's type has no encoding, or rows were cut off by an error.
    pub result_hash: Option<String>,
    /// From the start of the attempt to the start of the run: recording and pricing.
    pub waited: Duration,
    /// From the start of the run until the schema was known.
    pub schema_after: Duration,
    /// From the start of the run to the first batch.
    pub first_batch_after: Option<Duration>,
    /// From the start of the run to its end, without the time the caller took between batches.
    pub engine_time: Duration,
}

/// A result on its way through the gate. The outcome is recorded before the stream ends.
///
/// # Behavior
/// The stream ends with `None` only after the outcome was recorded; where it cannot be, the last item is the sink's error, and
/// whoever shows rows before the end shows unrecorded ones: [`collect`] does not.
///
/// # Cancellation
/// Dropping it stops the engine and records `cancelled` in the background.
pub struct GateStream {
    schema: SchemaRef,
    summary: Arc<Mutex<RunSummary>>,
    batches: Pin<Box<dyn Stream<Item = Result<RecordBatch>> + Send>>,
}

impl GateStream {
    /// Names and types of the columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How the run went so far.
    pub fn summary(&self) -> RunSummary {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same stream, which keeps `what` until it is dropped.
    pub(crate) fn holding<T: Send + 'static>(mut self, what: T) -> Self {
        self.batches = Box::pin(self.batches.inspect(move |_| {
            let _ = &what;
        }));
        self
    }
}

impl Stream for GateStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Option<Self::Item>> {
        self.batches.as_mut().poll_next(cx)
    }
}

impl std::fmt::Debug for GateStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GateStream").field("schema", &self.schema).field("summary", &self.summary()).finish_non_exhaustive()
    }
}

/// A whole result.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// The rows.
    pub table: Table,
    /// How the run went.
    pub summary: RunSummary,
}

/// Reads the stream to its end.
///
/// # Errors
/// The stream's; rows read before the error are not handed out.
pub async fn collect(mut stream: GateStream) -> Result<RunResult> {
    let mut batches = Vec::new();
    while let Some(batch) = stream.next().await {
        batches.push(batch?);
    }
    let summary = stream.summary();
    Ok(RunResult { table: Table::new(Arc::clone(&stream.schema), batches)?, summary })
}

/// Runs the statement.
///
/// # Behavior
/// Tenant, user, source, dialect, catalogue version, policy and expiry are compared with `ctx`, `connector` and `now`; any
/// difference refuses the statement, and the refusal is the outcome. At most `options.max_rows` rows and no more than the
/// statement's own cap are returned, and the summary says whether there were more. The earlier of `options.timeout` and the
/// context's deadline ends the run. Exactly one outcome is recorded: at the end, at an error, when cancelled, when dropped.
///
/// # Errors
/// `Denied` (tenant, user, source or dialect differ), `Conflict` (catalogue or policy changed, vetting expired), `Cancelled`,
/// `Timeout`, `LimitExceeded` (bytes), the connector's, and the sink's.
pub async fn run(
    ctx: &Context,
    cleared: Cleared,
    connector: &dyn Connector,
    now: InForce<'_>,
    options: QueryOptions,
) -> Result<GateStream> {
    if let Err(error) = check::all(ctx, cleared.sql(), connector.info(), now) {
        return Err(cleared.recorded.attempt.refuse(error).await);
    }
    let started = Instant::now();
    let deadline = {
        let own = started.checked_add(options.timeout);
        match (own, ctx.deadline) {
            (Some(own), Some(call)) => Some(own.min(call)),
            (own, call) => own.or(call),
        }
    };
    let cap = options.max_rows.min(cleared.sql().row_cap());
    // One row more than is returned tells whether there were more.
    let granted = QueryOptions {
        max_rows: cap.saturating_add(1),
        timeout: deadline.map_or(options.timeout, |deadline| deadline.saturating_duration_since(started)),
        ..options
    };
    let restricted = cleared.sql().is_restricted();
    let opened = bounded(ctx, deadline, connector.query(ctx, &cleared, granted)).await.and_then(|opened| opened);
    let opened = opened.map_err(|error| told(error, restricted));
    let opened = opened.and_then(|batches| Ok((Redaction::of(cleared.sql().lineage(), batches.schema())?, batches)));
    let mut attempt = cleared.recorded.attempt;
    let (redaction, batches) = match opened {
        Ok(opened) => opened,
        Err(error) => return Err(attempt.fail(error).await),
    };
    attempt.note(|facts| facts.rows = Some(0));
    let schema = Arc::clone(redaction.as_ref().map_or_else(|| batches.schema(), Redaction::schema));
    let elapsed = started.elapsed();
    let summary = Arc::new(Mutex::new(RunSummary {
        attempt: attempt.id().to_owned(),
        waited: started.saturating_duration_since(attempt.started()),
        schema_after: elapsed,
        engine_time: elapsed,
        ..RunSummary::default()
    }));
    let run = Run {
        ctx: ctx.clone(),
        deadline,
        batches,
        hasher: ResultHasher::new(&schema),
        attempt,
        restricted,
        redaction,
        left: cap,
        bytes_left: options.max_bytes,
        summary: Arc::clone(&summary),
    };
    let stream = futures::stream::unfold(Some(run), |run| async move {
        match run?.next().await {
            Step::Batch(run, batch) => Some((Ok(batch), Some(*run))),
            Step::End => None,
            Step::Error(error) => Some((Err(error), None)),
        }
    });
    Ok(GateStream { schema, summary, batches: Box::pin(stream) })
}

/// The state behind a [`GateStream`]; dropping it drops the attempt, which records `cancelled`.
struct Run {
    ctx: Context,
    deadline: Option<Instant>,
    batches: BatchStream,
    hasher: ResultHasher,
    attempt: Attempt,
    /// Whether policies changed what the statement reads.
    restricted: bool,
    redaction: Option<Redaction>,
    left: u64,
    bytes_left: u64,
    summary: Arc<Mutex<RunSummary>>,
}

enum Step {
    Batch(Box<Run>, RecordBatch),
    End,
    Error(Error),
}

impl Run {
    async fn next(mut self) -> Step {
        loop {
            if self.left == 0 && self.with_summary(|summary| summary.truncated) {
                return self.end(true).await;
            }
            let asked = Instant::now();
            let item = bounded(&self.ctx, self.deadline, self.batches.next()).await;
            self.with_summary(|summary| summary.engine_time += asked.elapsed());
            let batch = match item {
                Ok(Some(Ok(batch))) => batch,
                Ok(None) => {
                    let more = self.batches.truncated();
                    return self.end(more).await;
                }
                Ok(Some(Err(error))) | Err(error) => return Step::Error(self.attempt.fail(told(error, self.restricted)).await),
            };
            if batch.num_rows() == 0 {
                continue;
            }
            if self.left == 0 {
                return self.end(true).await;
            }
            let rows = (batch.num_rows() as u64).min(self.left);
            let batch = if rows < batch.num_rows() as u64 {
                let kept = batch.slice(0, usize::try_from(rows).unwrap_or(usize::MAX));
                self.with_summary(|summary| summary.truncated = true);
                kept
            } else {
                batch
            };
            let batch = match self.redaction.as_ref().map(|redaction| redaction.apply(&batch)) {
                None => batch,
                Some(Ok(redacted)) => redacted,
                Some(Err(error)) => return Step::Error(self.attempt.fail(error).await),
            };
            let size = size_of(&batch);
            if size > self.bytes_left {
                let error = Error::limit_exceeded(
                    "the result is larger than the limit of bytes; ask for fewer columns or rows, or aggregate in the question",
                );
                return Step::Error(self.attempt.fail(error).await);
            }
            self.bytes_left -= size;
            self.left -= rows;
            self.hasher.update(&batch);
            let total = self.with_summary(|summary| {
                summary.rows += rows;
                if summary.first_batch_after.is_none() {
                    summary.first_batch_after = Some(summary.engine_time);
                }
                summary.rows
            });
            self.attempt.note(|facts| facts.rows = Some(total));
            return Step::Batch(Box::new(self), batch);
        }
    }

    /// Records a complete run.
    async fn end(self, more: bool) -> Step {
        let Self { mut attempt, hasher, summary, batches, .. } = self;
        // The engine stops before the outcome is written, so that the record is not older than the work.
        drop(batches);
        let hash = hasher.finish();
        let truncated = {
            let mut summary = summary.lock().unwrap_or_else(PoisonError::into_inner);
            summary.truncated |= more;
            summary.result_hash.clone_from(&hash);
            summary.truncated
        };
        attempt.note(|facts| {
            facts.truncated = Some(truncated);
            facts.result_hash = hash;
        });
        match attempt.close(Status::Ok).await {
            Ok(()) => Step::End,
            Err(error) => Step::Error(error),
        }
    }

    fn with_summary<T>(&self, change: impl FnOnce(&mut RunSummary) -> T) -> T {
        change(&mut self.summary.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The error as it may be told. Under a policy the engine's words could hold a value of a row that the user must not see, so
/// each kind has one text.
fn told(error: Error, restricted: bool) -> Error {
    if !restricted || matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Timeout | ErrorKind::LimitExceeded) {
        return error;
    }
    let message = "the database could not run the statement; its own message is withheld because what you may see is restricted";
    Error::new(error.kind(), message)
}

/// `future`, unless the context is cancelled or the deadline passes first. Connectors watch both themselves; this holds where
/// one does not.
async fn bounded<T>(ctx: &Context, deadline: Option<Instant>, future: impl Future<Output = T>) -> Result<T> {
    let timer = async {
        match deadline {
            Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        // In this order a cancelled call and a passed deadline win over a batch that is ready.
        biased;
        () = ctx.cancel.cancelled() => Err(Error::cancelled("the call was cancelled")),
        () = timer => Err(Error::timeout(
            "the statement took longer than it may; ask for less data (a shorter period, fewer tables) or raise the timeout",
        )),
        output = future => Ok(output),
    }
}

/// Bytes of the rows in the batch, without what it shares with others.
fn size_of(batch: &RecordBatch) -> u64 {
    batch
        .columns()
        .iter()
        .map(|array| array.to_data().get_slice_memory_size().unwrap_or_else(|_| array.get_array_memory_size()) as u64)
        .sum()
}
