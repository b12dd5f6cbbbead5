//! A source that cannot be reached, as far as it is known.

use std::sync::Arc;

use async_trait::async_trait;

use super::Entry;
use super::open::{Lease, Open};
use super::standing::is_about_connection;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::gate::{BatchStream, Cleared, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded};

/// Says of everything that is asked of it why the source cannot be reached.
#[derive(Debug)]
struct Unreachable {
    info: ConnectorInfo,
    error: Error,
}

impl Entry {
    /// A hold on a source that could not be opened because of `error`, where it is known from before.
    ///
    /// # Errors
    /// `error`, where it says something else than that the source cannot be reached, and for a source of which nothing is known.
    pub(crate) fn unreachable(self: &Arc<Self>, ctx: &Context, error: Error) -> Result<Lease> {
        let target = self.target();
        let Some(known) = target.known().filter(|_| is_about_connection(&error)) else { return Err(error) };
        let info = ConnectorInfo {
            source: self.id().to_owned(),
            engine: self.engine().unwrap_or_default(),
            engine_version: String::new(),
            dialect: known.catalog.dialect,
        };
        let lease = Open::new(Arc::new(Unreachable { info, error: error.clone() }), None).lease(ctx, self, &target);
        lease.ok_or(error)
    }
}

#[async_trait]
impl Connector for Unreachable {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn introspect(&self, _: &Context, _: IntrospectOptions) -> Result<Catalog> {
        Err(self.error.clone())
    }

    async fn estimate(&self, _: &Context, _: &Recorded) -> Result<Option<Estimate>> {
        Err(self.error.clone())
    }

    async fn query(&self, _: &Context, _: &Cleared, _: QueryOptions) -> Result<BatchStream> {
        Err(self.error.clone())
    }

    // Nothing is read from it, so that nothing can be another user's.
    fn shares_rows(&self) -> bool {
        true
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}
