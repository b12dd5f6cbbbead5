//! Looking at a source again when the database says that it is not what was known.

use std::sync::Arc;

use futures::FutureExt as _;

use super::Leo;
use crate::catalog::Drift;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate;
use crate::registry::{Entry, Lease};
use crate::sync::SyncOptions;

impl Leo {
    /// Whether a call is to be made anew, because the database did not know what was asked of it and turned out to be another one than was
    /// known.
    ///
    /// # Behavior
    /// The guard knows every name in a statement that runs. Where the database refuses one all the same, its structure is looked at, at most
    /// once a minute; where that changed, the tables that are new or other ones are read, and no others.
    pub(super) async fn is_outdated(&self, source: Option<&str>, error: Option<&Error>) -> bool {
        if !error.is_some_and(is_unknown_to_the_database) {
            return false;
        }
        // On the heap: few calls come here, and its state is as large as that of a sync.
        match self.look_again(source).boxed().await {
            Ok(is_other) => is_other,
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "a source that seems to have changed could not be looked at");
                false
            }
        }
    }

    /// Whether the structure is another one than was known; it is known then.
    async fn look_again(&self, source: Option<&str>) -> Result<bool> {
        let (ctx, entry) = self.who_and_what(source).await?;
        let lease = self.shared.registry.acquire(&self.by(&ctx, &entry), &entry).await?;
        let target = lease.target();
        let Some(known) = target.known() else { return Ok(false) };
        let _alone = ctx.unless_over(target.syncing.lock()).await?;
        if !target.known().is_some_and(|now| Arc::ptr_eq(&now, &known)) {
            // Somebody else looked meanwhile.
            return Ok(true);
        }
        if !target.may_look_again(ctx.now) {
            return Ok(false);
        }
        let drift = self.drift(&ctx, &entry, &lease, &known.found).await?;
        if drift.is_empty() {
            return Ok(false);
        }
        let options = SyncOptions { only: drift.tables().cloned().collect(), ..SyncOptions::default() };
        self.learn(&ctx, &lease, &options, &|_| {}).await?;
        Ok(true)
    }

    async fn drift(&self, ctx: &Context, entry: &Entry, lease: &Lease, known: &crate::catalog::Catalog) -> Result<Drift> {
        let options = SyncOptions::default().introspect;
        let now = gate::introspect(ctx, lease.connector(), options, &self.shared.audit, self.by(ctx, entry).meta).await?;
        Ok(now.drift_since(known))
    }
}

/// What the guard refuses comes with findings.
fn is_unknown_to_the_database(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Rejected) && error.findings().is_empty()
}
