//! Reading the structure of a source: fixed statements, recorded like any other.

use std::sync::Arc;

use super::attempt::{Attempt, Status};
use super::connector::{Connector, IntrospectOptions};
use super::record::RecordMeta;
use crate::adapter::{AuditEvent, AuditSink};
use crate::audit;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::error::Result;

/// Reads the structure of the source, recorded as a `tool_invocation` before and its outcome after.
///
/// # Errors
/// The sink's, before the source was touched or after (the catalogue is then withheld); the connector's; `Cancelled`, `Timeout`.
pub async fn introspect(
    ctx: &Context,
    connector: &dyn Connector,
    options: IntrospectOptions,
    audit: &Arc<dyn AuditSink>,
    meta: RecordMeta,
) -> Result<Catalog> {
    ctx.check()?;
    let event = AuditEvent {
        preset: Some(meta.preset.as_str().to_owned()),
        source: Some(connector.info().source.clone()),
        target: Some("introspect".to_owned()),
        settings_hash: (!meta.settings_hash.is_empty()).then_some(meta.settings_hash),
        ..audit::event(ctx, "tool_invocation")
    };
    let attempt = Attempt::open(Arc::clone(audit), event).await?;
    match connector.introspect(ctx, options).await {
        Ok(catalog) => {
            attempt.close(Status::Ok).await?;
            Ok(catalog)
        }
        Err(error) => Err(attempt.fail(error).await),
    }
}
