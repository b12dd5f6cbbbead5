//! How a sync went, and what it left undone.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::progress::{SyncProgress, SyncStage};
use crate::catalog::{Catalog, Drift, TableName};
use crate::error::Error;
use crate::knowledge::Mistake;
use crate::workflow::FailureClass;

/// Where the sync of a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SyncState {
    /// None was made yet, or it waits for its turn.
    #[default]
    Pending,
    /// It is under way.
    Running,
    /// It waits for the host's model to describe tables.
    WaitingForModel,
    /// It is done; tables that could not be read are listed.
    Completed,
    /// It ended early; the next one goes on where it was.
    Failed,
}

/// How the last sync of a source went, or how far the one under way is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SyncStatus {
    /// Where it is.
    pub state: SyncState,
    /// What it does, while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<SyncStage>,
    /// Tables done in this stage.
    pub done: usize,
    /// Tables of this stage.
    pub total: usize,
    /// While it waits for its turn: how many begin before it, and it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    /// Milliseconds that the rest of the stage will take, by what was done of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta_ms: Option<u64>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Why it ended early: what the error said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Tables without statistics, by name.
    #[serde(default)]
    pub failed: Vec<FailedTable>,
    /// How the structure changed since the sync before; none where nothing is known of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// Tables of which only the first rows are read, because somebody decided so.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sampled: BTreeSet<TableName>,
    /// What people said of the source that was of no effect when the sync ended: tables and columns that are not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Mistake>,
}

impl SyncStatus {
    /// Whether a sync began that did not end.
    pub(crate) fn is_under_way(&self) -> bool {
        self.began.is_some() && self.ended.is_none()
    }
}

/// A table that a sync could not read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailedTable {
    /// The table.
    pub table: TableName,
    /// What kind of failure it was.
    pub class: FailureClass,
    /// What the error said, and what to do about it.
    pub message: String,
    /// When.
    pub at: Timestamp,
    /// Whether somebody said to go on without it: later syncs do not try.
    #[serde(default)]
    pub skipped: bool,
}

/// What is done about tables that a sync could not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// They are read again.
    #[default]
    Retry,
    /// Their first rows are read, however many there are.
    RetryWithSampling,
    /// Nothing, and later syncs do not try either, until they are retried by name.
    SkipAndContinue,
}

impl OnFailure {
    /// `retry`, `retry_with_sampling` or `skip_and_continue`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::RetryWithSampling => "retry_with_sampling",
            Self::SkipAndContinue => "skip_and_continue",
        }
    }
}

/// The status of a source's syncs, kept up to date while one runs.
#[derive(Debug, Default)]
pub(crate) struct Report {
    status: Mutex<Option<SyncStatus>>,
    /// What the clock of the call that syncs said when it began.
    began: Mutex<Option<(Timestamp, Instant)>>,
}

impl Report {
    /// The status, if a sync of this process wrote one or one was read.
    pub(crate) fn status(&self) -> Option<SyncStatus> {
        self.held().clone()
    }

    /// Puts in what another process wrote, unless one of this process did already.
    pub(crate) fn restore(&self, status: SyncStatus) {
        self.held().get_or_insert(status);
    }

    /// Takes note of what is to be done about tables that failed, and gives the status as it is then.
    pub(crate) fn decide(&self, tables: &[TableName], action: OnFailure) -> SyncStatus {
        let mut held = self.held();
        let status = held.get_or_insert_default();
        for failed in status.failed.iter_mut().filter(|failed| tables.contains(&failed.table)) {
            failed.skipped = action == OnFailure::SkipAndContinue;
        }
        match action {
            OnFailure::Retry => status.sampled.retain(|table| !tables.contains(table)),
            OnFailure::RetryWithSampling => status.sampled.extend(tables.iter().cloned()),
            OnFailure::SkipAndContinue => {}
        }
        status.clone()
    }

    /// Tables of which only the first rows are read.
    pub(crate) fn sampled(&self) -> BTreeSet<TableName> {
        self.held().as_ref().map(|status| status.sampled.clone()).unwrap_or_default()
    }

    /// Tables that syncs do not try.
    pub(crate) fn skipped(&self) -> BTreeSet<TableName> {
        let held = self.held();
        let failed = held.iter().flat_map(|status| &status.failed);
        failed.filter(|failed| failed.skipped).map(|failed| failed.table.clone()).collect()
    }

    /// A sync begins, by the clock of its call; it waits for its turn first.
    pub(crate) fn begin(&self, now: Timestamp) {
        *self.began.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Instant::now()));
        let mut held = self.held();
        let (failed, sampled) = held.take().map(|before| (before.failed, before.sampled)).unwrap_or_default();
        *held = Some(SyncStatus { began: Some(now), failed, sampled, ..SyncStatus::default() });
    }

    /// Takes note of a step.
    pub(crate) fn note(&self, step: &SyncProgress<'_>) {
        let mut held = self.held();
        let status = held.get_or_insert_default();
        status.state = match step.stage {
            SyncStage::Queue => SyncState::Pending,
            SyncStage::Describe if step.done < step.total => SyncState::WaitingForModel,
            _ => SyncState::Running,
        };
        (status.stage, status.done, status.total, status.position) = (Some(step.stage), step.done, step.total, step.position);
        status.eta_ms = step.eta.map(|eta: Duration| u64::try_from(eta.as_millis()).unwrap_or(u64::MAX));
        let Some(table) = step.table else { return };
        status.failed.retain(|failed| failed.table != *table);
        if let Some(error) = step.problem {
            status.failed.push(FailedTable {
                table: table.clone(),
                class: FailureClass::of(error),
                message: error.message().to_owned(),
                at: self.now(),
                skipped: false,
            });
            status.failed.sort_by(|a, b| a.table.cmp(&b.table));
        }
    }

    /// Takes note of how the structure changed.
    pub(crate) fn drifted(&self, drift: Option<Drift>) {
        self.held().get_or_insert_default().drift = drift;
    }

    /// Takes note of what people said that is of no effect.
    pub(crate) fn mistaken(&self, mistakes: Vec<Mistake>) {
        self.held().get_or_insert_default().mistakes = mistakes;
    }

    /// The sync ended. What is to be kept of it.
    pub(crate) fn end(&self, outcome: Result<&Catalog, &Error>) -> SyncStatus {
        let mut held = self.held();
        let status = held.get_or_insert_default();
        match outcome {
            Ok(catalog) => {
                let has = |name: &TableName| catalog.table(name).is_some_and(|table| table.name == *name);
                status.state = SyncState::Completed;
                status.failed.retain(|failed| has(&failed.table));
                status.sampled.retain(has);
            }
            Err(error) => {
                status.state = SyncState::Failed;
                status.error = Some(error.message().to_owned());
            }
        }
        (status.stage, status.position, status.eta_ms) = (None, None, None);
        status.ended = Some(self.now());
        status.clone()
    }

    /// Now, by the clock of the call that syncs.
    fn now(&self) -> Timestamp {
        let began = *self.began.lock().unwrap_or_else(PoisonError::into_inner);
        let now = began.and_then(|(at, since)| at.checked_add(since.elapsed()).ok());
        now.unwrap_or_else(Timestamp::now)
    }

    fn held(&self) -> MutexGuard<'_, Option<SyncStatus>> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
