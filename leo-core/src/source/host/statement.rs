//! The life of one statement: started, read within its limits, and told to stop where it does not end by itself.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use tokio::sync::OwnedRwLockReadGuard;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::backend::{GRACE, closed};
use super::batches;
use crate::adapter::{HostConnector, SqlRequest, Started, caught};
use crate::context::HostContext;
use crate::error::{Error, Result};
use crate::source::run::{Output, Stop};

/// One statement.
pub(super) struct Statement {
    pub(super) host: Arc<dyn HostConnector>,
    pub(super) ctx: HostContext,
    pub(super) request: SqlRequest,
    /// Columns that the guard saw in it.
    pub(super) columns: usize,
    pub(super) max_rows: u64,
    pub(super) closed: CancellationToken,
    /// Held until the host knows that it is over.
    pub(super) running: OwnedRwLockReadGuard<()>,
}

/// How a statement ended that did not fail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// There are no more rows; the host knows.
    Natural,
    /// There are more than are wanted.
    Capped,
}

impl Statement {
    /// Starts it and reads it, to its end or until it must stop.
    pub(super) async fn on(self, mut output: Output) -> Result<()> {
        let Self { host, ctx, request, columns, max_rows, closed, running } = self;
        let stop = output.stop.clone();
        let starting = {
            let host = Arc::clone(&host);
            async move { caught("the host's connector failed to start the statement", async || host.start(ctx, request).await).await }
        };
        let mut starting = Box::pin(starting);
        let started = tokio::select! {
            biased;
            why = over(&stop, &closed) => {
                // It may have begun although nobody waits for it.
                tokio::spawn(async move {
                    if let Ok(Ok(Started { id, .. })) = timeout(GRACE, starting).await {
                        end(&*host, id).await;
                    }
                    drop(running);
                });
                return Err(why);
            }
            started = &mut starting => started?,
        };
        let id = started.id;
        let reading = Reading { host: &*host, id, schema: &started.schema, columns, max_rows };
        let outcome = tokio::select! {
            biased;
            why = over(&stop, &closed) => Err(why),
            outcome = reading.to_the_end(&mut output) => outcome,
        };
        if !matches!(outcome, Ok(End::Natural)) {
            // Nobody waits for a host that is slow to stop.
            let host = Arc::clone(&host);
            tokio::spawn(async move {
                end(&*host, id).await;
                drop(running);
            });
        }
        outcome.map(drop)
    }
}

/// Waits until the statement must stop; why.
async fn over(stop: &Stop, source: &CancellationToken) -> Error {
    tokio::select! {
        biased;
        () = source.cancelled() => closed(),
        why = stop.stopped() => why,
    }
}

/// Tells the host that nobody wants more of it.
async fn end(host: &dyn HostConnector, id: u64) {
    let stopping = caught("the host's connector failed to stop a statement", async || host.stop(id).await);
    match timeout(GRACE, stopping).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(kind = %error.kind(), "a host's connector failed to stop a statement"),
        Err(_) => tracing::warn!("a host's connector did not stop a statement in time"),
    }
}

/// A statement that was started.
struct Reading<'a> {
    host: &'a dyn HostConnector,
    id: u64,
    schema: &'a SchemaRef,
    columns: usize,
    max_rows: u64,
}

impl Reading<'_> {
    async fn to_the_end(&self, output: &mut Output) -> Result<End> {
        batches::check(self.schema, self.columns)?;
        let schema = batches::plain(self.schema);
        output.schema(Arc::clone(&schema));
        let (batch_rows, max_bytes) = (output.options.batch_rows.max(1), output.options.max_bytes);
        let (mut left, mut bytes) = (self.max_rows, 0);
        while let Some(batch) =
            caught("the host's connector failed to read the next rows", async || self.host.next(self.id).await).await?
        {
            let batch = batches::conform(batch, self.schema)?;
            let taken = batch.num_rows().min(usize::try_from(left).unwrap_or(usize::MAX));
            for at in (0..taken).step_by(batch_rows) {
                let part = batch.slice(at, batch_rows.min(taken - at));
                bytes += batches::size(&part);
                if bytes > max_bytes {
                    return Err(Error::limit_exceeded(format!(
                        "the result is larger than {} MiB; ask for fewer rows or columns, or aggregate",
                        max_bytes >> 20
                    )));
                }
                output.send(batches::decoded(part, &schema)?).await?;
            }
            left -= taken as u64;
            if batch.num_rows() > taken {
                output.truncate();
                return Ok(End::Capped);
            }
        }
        Ok(End::Natural)
    }
}
