//! Several sinks at once.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;

use crate::adapter::{AuditEvent, AuditSink};
use crate::error::{Error, Result};

/// Hands every event to several sinks, each required or best-effort.
///
/// # Behavior
/// All sinks get the events at the same time. An append fails when a required sink fails, and then nothing runs; a failing
/// best-effort sink is only logged. When one required sink took an attempt that another refused, the first one keeps an attempt
/// without outcome: true, since nothing ran, and listed by verification.
#[derive(Debug, Clone, Default)]
pub struct Fanout {
    sinks: Vec<(Arc<dyn AuditSink>, bool)>,
}

impl Fanout {
    /// No sink yet. Appending to none is an error: it would record nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a sink that must take every event.
    #[must_use]
    pub fn with_required(mut self, sink: Arc<dyn AuditSink>) -> Self {
        self.sinks.push((sink, true));
        self
    }

    /// Adds a sink whose failures are logged.
    #[must_use]
    pub fn with_best_effort(mut self, sink: Arc<dyn AuditSink>) -> Self {
        self.sinks.push((sink, false));
        self
    }

    /// The first error of a required sink.
    fn judge(&self, results: Vec<Result<()>>) -> Result<()> {
        let mut failure = None;
        for ((_, required), result) in self.sinks.iter().zip(results) {
            match result {
                Err(error) if *required => failure = failure.or(Some(error)),
                Err(error) => tracing::warn!(%error, "a best-effort audit sink failed"),
                Ok(()) => {}
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

#[async_trait]
impl AuditSink for Fanout {
    async fn append(&self, events: Vec<AuditEvent>) -> Result<()> {
        if self.sinks.is_empty() {
            return Err(Error::config("no audit sink was named; add at least one"));
        }
        let results = join_all(self.sinks.iter().map(|(sink, _)| sink.append(events.clone()))).await;
        self.judge(results)
    }

    async fn flush(&self) -> Result<()> {
        let results = join_all(self.sinks.iter().map(|(sink, _)| sink.flush())).await;
        self.judge(results)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::audit::{MemorySink, event};
    use crate::context::Context;
    use crate::error::ErrorKind;

    #[derive(Debug)]
    struct Broken;

    #[async_trait]
    impl AuditSink for Broken {
        async fn append(&self, _events: Vec<AuditEvent>) -> Result<()> {
            Err(Error::unavailable("broken"))
        }

        async fn flush(&self) -> Result<()> {
            Err(Error::unavailable("broken"))
        }
    }

    #[tokio::test]
    async fn only_required_sinks_stop() {
        let events = || vec![event(&Context::new("t", "u").unwrap(), "question")];
        let (one, two) = (Arc::new(MemorySink::default()), Arc::new(MemorySink::default()));
        let lenient = Fanout::new().with_best_effort(Arc::new(Broken)).with_required(Arc::clone(&one) as Arc<dyn AuditSink>);
        lenient.append(events()).await.unwrap();
        lenient.flush().await.unwrap();
        assert_eq!(one.events().len(), 1);
        let strict = Fanout::new().with_required(Arc::clone(&two) as Arc<dyn AuditSink>).with_required(Arc::new(Broken));
        assert_eq!(strict.append(events()).await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(strict.flush().await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(Fanout::new().append(events()).await.unwrap_err().kind(), ErrorKind::Config);
    }
}
