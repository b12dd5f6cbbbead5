//! Audit events in the host's log.

use async_trait::async_trait;

use crate::adapter::{AuditEvent, AuditSink};
use crate::error::Result;

/// Emits each event as a `tracing` event of target `leo::audit`, without question and SQL text: logs are read more widely than
/// audits, and `sql_hash` and `id` lead to the full record. It never fails, so it is a companion to a sink that keeps records.
#[derive(Debug, Clone, Copy, Default)]
pub struct TracingSink;

#[async_trait]
impl AuditSink for TracingSink {
    async fn append(&self, events: Vec<AuditEvent>) -> Result<()> {
        for event in events {
            tracing::info!(
                target: "leo::audit",
                id = event.id,
                action = event.action,
                attempt = event.attempt,
                tenant = event.tenant,
                user = event.user,
                source = event.source,
                purpose = event.purpose,
                verdict = event.verdict.map(|verdict| verdict.as_str()),
                rules = event.rules.join(","),
                status = event.status,
                error = event.error,
                rows = event.rows,
                duration_ms = event.duration_ms,
                sql_hash = event.sql_hash,
                trace_id = event.trace_id,
            );
        }
        Ok(())
    }

    async fn flush(&self) -> Result<()> {
        Ok(())
    }
}
