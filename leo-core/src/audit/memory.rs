//! The sink of the local preset when none is named: the newest records, in memory.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::adapter::{AuditEvent, AuditSink};
use crate::error::Result;

/// Keeps the newest records in memory; they end with the process.
#[derive(Debug)]
pub struct MemorySink {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<AuditEvent>,
    dropped: u64,
    notice_taken: bool,
}

impl Default for MemorySink {
    /// Keeps 10,000 records.
    fn default() -> Self {
        Self::with_capacity(10_000)
    }
}

impl MemorySink {
    /// Keeps the newest `capacity` records, at least one.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), state: Mutex::default() }
    }

    /// The records kept, oldest first.
    pub fn events(&self) -> Vec<AuditEvent> {
        self.lock().events.iter().cloned().collect()
    }

    /// How many older records were dropped so far.
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// A sentence for the user the first time it is called after records were dropped, `None` otherwise: it is said once.
    pub fn take_notice(&self) -> Option<String> {
        let mut state = self.lock();
        if state.dropped == 0 || state.notice_taken {
            return None;
        }
        state.notice_taken = true;
        Some(format!(
            "the audit is kept in memory and holds the newest {} records; older ones were dropped. Name an audit file to keep them all",
            self.capacity
        ))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing in here can leave the state half-changed, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl AuditSink for MemorySink {
    async fn append(&self, events: Vec<AuditEvent>) -> Result<()> {
        let mut state = self.lock();
        for event in events {
            if state.events.len() == self.capacity {
                state.events.pop_front();
                state.dropped += 1;
                if state.dropped == 1 {
                    tracing::warn!(capacity = self.capacity, "the audit in memory is full; older records are dropped");
                }
            }
            state.events.push_back(event);
        }
        Ok(())
    }

    async fn flush(&self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::audit::event;
    use crate::context::Context;

    #[tokio::test]
    async fn the_newest_stay_and_it_is_said_once() {
        let sink = MemorySink::with_capacity(2);
        let ctx = Context::new("t", "u").unwrap();
        for action in ["a", "b", "c"] {
            sink.append(vec![event(&ctx, action)]).await.unwrap();
        }
        assert_eq!(sink.events().iter().map(|event| event.action.clone()).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(sink.dropped(), 1);
        assert!(sink.take_notice().unwrap().contains("newest 2"));
        assert_eq!(sink.take_notice(), None);
    }
}
