//! Where what a sync finds out outlives the process.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::adapter::{KeyStore, Storage};
use crate::context::Context;
use crate::error::Result;
use crate::registry::Entry;
use crate::seal::Sealer;
use crate::store::TenantStore;
use crate::sync::Steps;
use crate::value::to_hex;
use crate::workflow::{LEASE, Lease};

/// How often is asked whether another process is done.
const ASKED: Duration = Duration::from_millis(250);

/// The host's storage and its keys. Without both, nothing is kept: what is known holds values of rows.
#[derive(Debug)]
pub(crate) struct Learned(Option<(Arc<dyn Storage>, Sealer)>);

impl Learned {
    pub(crate) fn new(storage: Option<Arc<dyn Storage>>, keys: Option<Arc<dyn KeyStore>>) -> Self {
        Self(storage.zip(keys.map(Sealer::new)))
    }

    /// The steps of syncs of a source, held by this process alone until the lease is dropped. Where another process syncs the source, it is
    /// waited for: what it reads is not read again.
    ///
    /// # Errors
    /// The storage's, `Cancelled`, `Timeout`.
    pub(super) async fn of(&self, ctx: &Context, entry: &Entry) -> Result<Option<(Lease, Steps)>> {
        let Some((storage, sealer)) = &self.0 else { return Ok(None) };
        // What the host built in belongs to no tenant; the name is none that a tenant can have.
        let store = TenantStore::new(Arc::clone(storage), entry.key.tenant.as_deref().unwrap_or_default());
        // Another database under the same name is another job.
        let place = entry.place();
        let job = format!("sync/{}/{}", entry.id(), to_hex(&Sha256::digest(&place)[..8]));
        let lease = loop {
            match ctx.unless_over(Lease::take(&store, &job, LEASE)).await?? {
                Some(lease) => break lease,
                None => ctx.unless_over(tokio::time::sleep(ASKED)).await?,
            }
        };
        let steps = Steps::begin(store, sealer.clone(), job, !place.is_empty()).await?;
        Ok(Some((lease, steps)))
    }
}
