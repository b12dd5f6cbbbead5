//! An audit that can be looked at, and that fails when a test wants it to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use leo::adapter::{AuditEvent, AuditSink};
use leo::{Error, Result};

/// Keeps events, until it is told to fail.
#[derive(Debug, Default)]
pub struct Sink {
    events: Mutex<Vec<AuditEvent>>,
    failing: Mutex<Option<&'static str>>,
}

#[async_trait]
impl AuditSink for Sink {
    async fn append(&self, events: Vec<AuditEvent>) -> Result<()> {
        let failing = *lock(&self.failing);
        let fails = |what: &str| events.iter().any(|event| event.action == what || event.target.as_deref() == Some(what));
        if failing.is_some_and(fails) {
            return Err(Error::unavailable("no space left on the audit's disk; free some"));
        }
        lock(&self.events).extend(events);
        Ok(())
    }

    async fn flush(&self) -> Result<()> {
        Ok(())
    }
}

impl Sink {
    /// Fails from now on for events with this action or on this target, or for none.
    pub fn fail(&self, what: Option<&'static str>) {
        *lock(&self.failing) = what;
    }

    /// Forgets what it was given.
    pub fn clear(&self) {
        lock(&self.events).clear();
    }

    /// What it was given.
    pub fn events(&self) -> Vec<AuditEvent> {
        lock(&self.events).clone()
    }

    /// Action and status of each event.
    pub fn actions(&self) -> Vec<(String, String)> {
        self.events().into_iter().map(|event| (event.action, event.status.unwrap_or_default())).collect()
    }

    /// `target status` of what was announced or ended, in order.
    pub fn steps(&self) -> Vec<String> {
        let of = |event: &AuditEvent| Some(format!("{} {}", event.target.clone()?, event.status.clone().unwrap_or_default()));
        let outcome = |event: &AuditEvent| {
            event.action.ends_with("_outcome").then(|| format!("- {}", event.status.clone().unwrap_or_default()))
        };
        self.events().iter().filter_map(|event| of(event).or_else(|| outcome(event))).map(|step| step.trim().to_owned()).collect()
    }

    /// Whether a denial of `action` at `source` is recorded for `tenant`.
    pub fn denied(&self, tenant: &str, action: &str, source: &str) -> bool {
        self.events().iter().any(|event| {
            event.action == "security_gate_decision"
                && event.status.as_deref() == Some("refused")
                && (event.tenant.as_str(), event.target.as_deref(), event.source.as_deref())
                    == (tenant, Some(action), Some(source))
        })
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
