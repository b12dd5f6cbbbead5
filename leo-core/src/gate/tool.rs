//! What is done to a source beside statements: opening, testing, reading its structure. Recorded like a statement.

use std::sync::Arc;

use super::attempt::{Attempt, Status};
use super::record::RecordMeta;
use crate::adapter::{AuditEvent, AuditSink};
use crate::audit;
use crate::context::Context;
use crate::error::Result;

/// Does `work` on `source`, recorded as a `tool_invocation` of `what` before and its outcome after.
///
/// # Errors
/// The sink's, before anything was done or after (what came of the work is then withheld); the work's; `Cancelled`, `Timeout`.
pub(crate) async fn tool<T>(
    ctx: &Context,
    what: &str,
    source: &str,
    audit: &Arc<dyn AuditSink>,
    meta: RecordMeta,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    ctx.check()?;
    let event = AuditEvent {
        preset: Some(meta.preset.as_str().to_owned()),
        source: Some(source.to_owned()),
        target: Some(what.to_owned()),
        settings_hash: (!meta.settings_hash.is_empty()).then_some(meta.settings_hash),
        ..audit::event(ctx, "tool_invocation")
    };
    let attempt = Attempt::open(Arc::clone(audit), event).await?;
    match work.await {
        Ok(done) => {
            attempt.close(Status::Ok).await?;
            Ok(done)
        }
        Err(error) => Err(attempt.fail(error).await),
    }
}
