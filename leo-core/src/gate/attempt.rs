//! An attempt: from the record that announces a statement to the one record that closes it.

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;

use crate::adapter::{AuditEvent, AuditSink};
use crate::audit;
use crate::error::{Error, ErrorKind, Result};

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gate) enum Status {
    Ok,
    Failed,
    Cancelled,
    Refused,
    NeedsApproval,
    OverBudget,
    /// Nothing ran: what came of an earlier or another attempt was given.
    Cached,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::NeedsApproval => "needs_approval",
            Self::OverBudget => "over_budget",
            Self::Cached => "cached",
        }
    }
}

/// What an outcome says beyond its status.
#[derive(Debug, Clone, Default)]
pub(in crate::gate) struct Facts {
    pub(in crate::gate) rows: Option<u64>,
    pub(in crate::gate) truncated: Option<bool>,
    pub(in crate::gate) result_hash: Option<String>,
    pub(in crate::gate) error: Option<ErrorKind>,
    /// Of a model.
    pub(in crate::gate) spent: Option<Spent>,
}

/// What a model took.
#[derive(Debug, Clone, Default)]
pub(in crate::gate) struct Spent {
    pub(in crate::gate) model: String,
    pub(in crate::gate) input_tokens: u64,
    pub(in crate::gate) output_tokens: u64,
    pub(in crate::gate) cost_micro_usd: Option<u64>,
}

/// An open attempt. Whatever happens to it, exactly one outcome is written: by [`close`](Self::close), or as `cancelled` when
/// it is dropped.
///
/// Dropping is not async, so the outcome of a drop is written by a task of the runtime the attempt was recorded on, or, where
/// there is none or it has shut down, by a thread. A process that ends right after the drop may leave the attempt without an
/// outcome; verification of the audit lists it.
pub(in crate::gate) struct Attempt {
    id: String,
    started: Instant,
    facts: Facts,
    /// The outcome but for status and facts, and where it goes; `None` once it is on its way.
    open: Option<(Arc<dyn AuditSink>, AuditEvent)>,
    runtime: Option<Handle>,
}

impl Attempt {
    /// Writes `event` and opens the attempt it announces.
    ///
    /// The write goes on when the caller stops waiting for it; the attempt is then closed as `cancelled`.
    ///
    /// # Errors
    /// The sink's, with the advice that nothing ran.
    pub(in crate::gate) async fn open(sink: Arc<dyn AuditSink>, event: AuditEvent) -> Result<Self> {
        let runtime = Handle::try_current().ok();
        let attempt = Self {
            id: event.id.clone(),
            started: Instant::now(),
            facts: Facts::default(),
            open: Some((Arc::clone(&sink), outcome_of(&event))),
            runtime: runtime.clone(),
        };
        let write = async move {
            match sink.append(vec![event]).await {
                Ok(()) => Ok(attempt),
                Err(error) => {
                    attempt.forget();
                    Err(unrecorded(&error, "the attempt could not be recorded, so nothing ran"))
                }
            }
        };
        match runtime {
            Some(runtime) => joined(runtime.spawn(write).await)?,
            None => write.await,
        }
    }

    /// Id of the event that announced it.
    pub(in crate::gate) fn id(&self) -> &str {
        &self.id
    }

    /// When it was announced.
    pub(in crate::gate) fn started(&self) -> Instant {
        self.started
    }

    /// What is known so far, so that a dropped attempt says it too.
    pub(in crate::gate) fn note(&mut self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.facts);
    }

    /// Writes the outcome and waits for it. The write goes on when the caller stops waiting.
    ///
    /// # Errors
    /// The sink's, with the advice that the result is withheld.
    pub(in crate::gate) async fn close(mut self, status: Status) -> Result<()> {
        let Some((sink, event)) = self.take(status) else { return Ok(()) };
        let write = async move { sink.append(vec![event]).await };
        let written = match self.runtime.take().or_else(|| Handle::try_current().ok()) {
            Some(runtime) => joined(runtime.spawn(write).await)?,
            None => write.await,
        };
        written.map_err(|error| unrecorded(&error, "the outcome could not be recorded, so the result is withheld"))
    }

    /// Closes the attempt because of `error` and gives back the error to report: `error`, or the sink's when that fails too.
    pub(in crate::gate) async fn fail(self, error: Error) -> Error {
        let status = if error.kind() == ErrorKind::Cancelled { Status::Cancelled } else { Status::Failed };
        self.end(status, error).await
    }

    /// Closes the attempt because of `error`, which is reported elsewhere.
    ///
    /// # Errors
    /// The sink's.
    pub(in crate::gate) async fn fail_with(mut self, error: &Error) -> Result<()> {
        self.facts.error = Some(error.kind());
        self.close(Status::Failed).await
    }

    /// [`fail`](Self::fail) for an error of the gate's own checks.
    pub(in crate::gate) async fn refuse(self, error: Error) -> Error {
        let status = match error.kind() {
            ErrorKind::Cancelled => Status::Cancelled,
            ErrorKind::Timeout => Status::Failed,
            _ => Status::Refused,
        };
        self.end(status, error).await
    }

    async fn end(mut self, status: Status, error: Error) -> Error {
        self.facts.error = Some(error.kind());
        match self.close(status).await {
            Ok(()) => error,
            Err(unrecorded) => unrecorded.with_context("after", error.kind().as_str()),
        }
    }

    /// Ends without an outcome: the attempt itself was never written.
    fn forget(mut self) {
        self.open = None;
    }

    fn take(&mut self, status: Status) -> Option<(Arc<dyn AuditSink>, AuditEvent)> {
        let (sink, mut event) = self.open.take()?;
        event.id = audit::new_id();
        event.at = jiff::Timestamp::now();
        event.status = Some(status.as_str().to_owned());
        event.duration_ms = Some(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX));
        let facts = std::mem::take(&mut self.facts);
        event.rows = facts.rows;
        event.truncated = facts.truncated;
        event.result_hash = facts.result_hash;
        event.error = facts.error.map(|kind| kind.as_str().to_owned());
        if let Some(spent) = facts.spent {
            event.model = Some(spent.model).filter(|model| !model.is_empty());
            event.input_tokens = Some(spent.input_tokens);
            event.output_tokens = Some(spent.output_tokens);
            event.cost_micro_usd = spent.cost_micro_usd;
        }
        Some((sink, event))
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some((sink, event)) = self.take(Status::Cancelled) {
            let late = Late(Some((sink, event)));
            match self.runtime.take().or_else(|| Handle::try_current().ok()) {
                // A runtime that is shutting down drops the task unpolled; `Late` then takes the thread.
                Some(runtime) => drop(runtime.spawn(async move { late.write().await })),
                None => drop(late),
            }
        }
    }
}

impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt").field("id", &self.id).field("open", &self.open.is_some()).finish_non_exhaustive()
    }
}

/// An outcome nobody waits for. Dropped unwritten, it starts a thread that writes it.
struct Late(Option<(Arc<dyn AuditSink>, AuditEvent)>);

impl Late {
    async fn write(mut self) {
        if let Some((sink, event)) = self.0.take() {
            append_late(sink, event).await;
        }
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        let Some((sink, event)) = self.0.take() else { return };
        let spawned = std::thread::Builder::new().name("leo-audit-late".into()).spawn(move || {
            match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(append_late(sink, event)),
                Err(error) => tracing::error!(%error, "the outcome of a dropped statement could not be recorded"),
            }
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "the outcome of a dropped statement could not be recorded");
        }
    }
}

async fn append_late(sink: Arc<dyn AuditSink>, event: AuditEvent) {
    if let Err(error) = sink.append(vec![event]).await {
        tracing::error!(%error, "the outcome of a dropped statement could not be recorded");
    }
}

/// The outcome's fields that the attempt already fixes. Text, question and hashes stay with the attempt.
fn outcome_of(attempt: &AuditEvent) -> AuditEvent {
    AuditEvent {
        action: match attempt.action.as_str() {
            "statement" => "statement_outcome".to_owned(),
            other => format!("{other}_outcome"),
        },
        attempt: Some(attempt.id.clone()),
        tenant: attempt.tenant.clone(),
        user: attempt.user.clone(),
        preset: attempt.preset.clone(),
        source: attempt.source.clone(),
        purpose: attempt.purpose.clone(),
        sql_hash: attempt.sql_hash.clone(),
        session: attempt.session.clone(),
        trace_id: attempt.trace_id.clone(),
        leo_version: attempt.leo_version.clone(),
        ..AuditEvent::default()
    }
}

fn joined<T>(result: Result<T, tokio::task::JoinError>) -> Result<T> {
    result.map_err(|error| Error::adapter("the audit sink panicked or its runtime was shut down").with_source(error))
}

/// The sink's error under the gate's own sentence; the sink's kind stays, because it says what to do.
fn unrecorded(error: &Error, what: &str) -> Error {
    Error::new(error.kind(), format!("{what}: {}", error.message())).with_source(error.clone())
}
