//! Where what a sync finds out outlives the process.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::adapter::{KeyStore, PutOptions, Storage};
use crate::ask::meaning::Kept;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::index::Index;
use crate::registry::Entry;
use crate::seal::Sealer;
use crate::store::TenantStore;
use crate::sync::{Steps, SyncStatus};
use crate::value::to_hex;
use crate::workflow::{LEASE, Lease, Twins};

/// How often is asked whether another process is done.
const ASKED: Duration = Duration::from_millis(250);

/// The host's storage and its keys. Without both, nothing is kept: what is known holds values of rows.
#[derive(Debug)]
pub(crate) struct Learned(Option<(Arc<dyn Storage>, Sealer)>);

/// Who looks after the due sync of a source.
#[derive(Debug)]
pub(super) enum Due {
    /// This call, while it holds the lease; without a storage there is none.
    Mine(Option<Lease>),
    /// Another one.
    Others,
}

impl Learned {
    pub(crate) fn new(storage: Option<Arc<dyn Storage>>, keys: Option<Arc<dyn KeyStore>>) -> Self {
        Self(storage.zip(keys.map(Sealer::new)))
    }

    /// A place among the tenant's syncs, of all processes together; held until it is dropped.
    ///
    /// # Errors
    /// The storage's, `Cancelled`, `Timeout`.
    pub(super) async fn place(&self, ctx: &Context, most: u64) -> Result<Option<Lease>> {
        let Some((storage, _)) = &self.0 else { return Ok(None) };
        let store = TenantStore::new(Arc::clone(storage), &ctx.tenant);
        loop {
            for place in 0..most.max(1) {
                if let Some(lease) = ctx.unless_over(Lease::take(&store, &format!("sync/place/{place}"), LEASE)).await?? {
                    return Ok(Some(lease));
                }
            }
            ctx.unless_over(tokio::time::sleep(ASKED)).await?;
        }
    }

    /// Whether nobody looks after the due sync of a source at this moment; while the lease is held, nobody else does.
    ///
    /// # Errors
    /// The storage's, `Cancelled`, `Timeout`.
    pub(super) async fn due(&self, ctx: &Context, entry: &Entry) -> Result<Due> {
        let Some((store, job)) = self.job(entry) else { return Ok(Due::Mine(None)) };
        let lease = ctx.unless_over(Lease::take(&store, &format!("{job}/due"), LEASE)).await??;
        Ok(lease.map_or(Due::Others, |lease| Due::Mine(Some(lease))))
    }

    /// The steps of syncs of a source, held by this process alone until the lease is dropped. Where another process syncs the source, it is
    /// waited for: what it reads is not read again.
    ///
    /// # Errors
    /// The storage's, `Cancelled`, `Timeout`.
    pub(super) async fn of(&self, ctx: &Context, entry: &Entry) -> Result<Option<(Lease, Steps)>> {
        let (Some((store, job)), Some((_, sealer))) = (self.job(entry), &self.0) else { return Ok(None) };
        let lease = loop {
            match ctx.unless_over(Lease::take(&store, &job, LEASE)).await?? {
                Some(lease) => break lease,
                None => ctx.unless_over(tokio::time::sleep(ASKED)).await?,
            }
        };
        let steps = Steps::begin(store, sealer.clone(), job, !entry.place().is_empty()).await?;
        Ok(Some((lease, steps)))
    }

    /// How the last sync of a source ended, whichever process made it.
    ///
    /// # Errors
    /// The storage's.
    pub(super) async fn status(&self, entry: &Entry) -> Result<Option<SyncStatus>> {
        let Some((store, job)) = self.job(entry) else { return Ok(None) };
        let kept = store.get(&status(&job)).await?;
        // What a later version wrote is as good as nothing.
        Ok(kept.and_then(|kept| serde_json::from_slice(&kept.value).ok()))
    }

    /// Keeps how a sync ended.
    ///
    /// # Errors
    /// The storage's.
    pub(super) async fn keep(&self, entry: &Entry, ended: &SyncStatus) -> Result<()> {
        let Some((store, job)) = self.job(entry) else { return Ok(()) };
        let written = serde_json::to_vec(ended)
            .map_err(|error| Error::internal("how a sync ended could not be written").with_source(error))?;
        store.put(&status(&job), &written, PutOptions::new()).await.map(drop)
    }

    /// The index of a source's words that was kept; none where there is none that can be read.
    pub(super) async fn words(&self, entry: &Entry) -> Result<Option<Index>> {
        let (Some((store, job)), Some((_, sealer))) = (self.job(entry), &self.0) else { return Ok(None) };
        let Some(kept) = store.get_sealed(sealer, &words(&job)).await? else { return Ok(None) };
        let read = Index::from_bytes(&kept);
        if let Err(error) = &read {
            tracing::warn!(kind = %error.kind(), "a stored index cannot be read, and is made anew");
        }
        Ok(read.ok())
    }

    /// Keeps the index of a source's words.
    ///
    /// # Errors
    /// The storage's and the keys'.
    pub(super) async fn keep_words(&self, entry: &Entry, index: &Index) -> Result<()> {
        let (Some((store, job)), Some((_, sealer))) = (self.job(entry), &self.0) else { return Ok(()) };
        store.put_sealed(sealer, &words(&job), &index.to_bytes()).await
    }

    /// Where a tenant's vectors of a source's names are kept. They are of names that its users may see, and no other tenant's.
    pub(super) fn meanings(&self, tenant: &str, entry: &Entry) -> Option<Kept> {
        let (storage, sealer) = self.0.as_ref()?;
        let store = TenantStore::new(Arc::clone(storage), tenant);
        Some(Kept::new(store, sealer.clone(), format!("meaning/{}/{}", entry.id(), place(entry))))
    }

    /// What is known of schemas, whoever has them.
    pub(crate) fn twins(&self) -> Twins {
        // The name is none that a tenant can have.
        Twins::new(self.0.as_ref().map(|(storage, sealer)| (TenantStore::new(Arc::clone(storage), ""), sealer.clone())))
    }

    /// Whether anything is kept at all.
    pub(super) fn keeps(&self) -> bool {
        self.0.is_some()
    }

    /// Where what syncs of a source find out is kept, and under which name.
    fn job(&self, entry: &Entry) -> Option<(TenantStore, String)> {
        let (storage, _) = self.0.as_ref()?;
        // What the host built in belongs to no tenant; the name is none that a tenant can have.
        let store = TenantStore::new(Arc::clone(storage), entry.key.tenant.as_deref().unwrap_or_default());
        // Another database under the same name is another job.
        Some((store, format!("sync/{}/{}", entry.id(), place(entry))))
    }
}

/// Which database a source is.
fn place(entry: &Entry) -> String {
    to_hex(&Sha256::digest(entry.place())[..8])
}

fn words(job: &str) -> String {
    format!("{job}/words")
}

fn status(job: &str) -> String {
    format!("{job}/status")
}
