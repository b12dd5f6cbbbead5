//! Reading the structure of a source: fixed statements, recorded like any other.

use std::sync::Arc;

use super::connector::{Connector, IntrospectOptions};
use super::record::RecordMeta;
use super::tool::tool;
use crate::adapter::AuditSink;
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
    let work = connector.introspect(ctx, options);
    tool(ctx, "introspect", &connector.info().source, audit, meta, work).await
}
