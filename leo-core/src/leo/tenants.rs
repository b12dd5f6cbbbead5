//! Settings of tenants: kept in the host's storage, read once by each process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use futures::FutureExt as _;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::adapter::{PutOptions, Storage};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::settings::SettingsLayer;
use crate::store::TenantStore;

/// Their name in the storage.
const NAME: &str = "settings";
/// The form they are written in.
const FORMAT: u32 = 1;

/// The settings of all tenants that were asked for.
#[derive(Debug)]
pub(crate) struct TenantSettings {
    storage: Arc<dyn Storage>,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

/// One tenant's.
#[derive(Debug, Default)]
struct Slot {
    /// Read at the first call; who comes meanwhile waits for the same reading.
    known: OnceCell<RwLock<Known>>,
    /// Held while they are changed.
    changing: tokio::sync::Mutex<()>,
}

/// What is in force, and its version in the storage; 0 for nothing.
#[derive(Debug, Clone)]
struct Known {
    layer: Option<Arc<SettingsLayer>>,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    settings: serde_json::Value,
}

impl TenantSettings {
    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage, slots: Mutex::default() }
    }

    /// What the tenant of `ctx` changes; `None` for nothing.
    ///
    /// # Errors
    /// `Adapter` when the storage fails, `Malformed` when it holds something else, `Cancelled`, `Timeout`.
    pub(super) async fn of(&self, ctx: &Context) -> Result<Option<Arc<SettingsLayer>>> {
        let slot = self.slot(&ctx.tenant);
        let mut known = std::pin::pin!(self.known(&slot, &ctx.tenant));
        // What is known already, or at once, costs no time: that of the call is for the stages to watch.
        let known = match known.as_mut().now_or_never() {
            Some(known) => known,
            None => ctx.unless_over(known).await?,
        };
        Ok(known?.layer)
    }

    /// Replaces them, once `announce` has said so.
    ///
    /// # Errors
    /// Those of [`of`](Self::of) and of `announce`, and `Conflict` when another process changed them: nothing changed here then, and the
    /// next call reads what there is.
    pub(super) async fn replace(
        &self,
        ctx: &Context,
        layer: SettingsLayer,
        announce: impl Future<Output = Result<()>>,
    ) -> Result<()> {
        let slot = self.slot(&ctx.tenant);
        let _alone = slot.changing.lock().await;
        let known = self.known(&slot, &ctx.tenant).await?;
        announce.await?;
        match self.write(&ctx.tenant, &layer, known.version).await {
            Ok(version) => {
                let layer = (!layer.is_empty()).then(|| Arc::new(layer));
                if let Some(known) = slot.known.get() {
                    *known.write().unwrap_or_else(PoisonError::into_inner) = Known { layer, version };
                }
                Ok(())
            }
            Err(error) => {
                // What the storage holds now, it alone knows.
                self.slots().remove(&ctx.tenant);
                Err(error)
            }
        }
    }

    async fn known(&self, slot: &Slot, tenant: &str) -> Result<Known> {
        let known = slot.known.get_or_try_init(|| self.read(tenant)).await?;
        Ok(known.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn read(&self, tenant: &str) -> Result<RwLock<Known>> {
        let Some(stored) = self.store(tenant).get(NAME).await? else {
            return Ok(RwLock::new(Known { layer: None, version: 0 }));
        };
        let unusable = |why: &str| Error::malformed(format!("the stored settings of the tenant cannot be used: {why}"));
        let read: Stored =
            serde_json::from_slice(&stored.value).map_err(|error| unusable("they are not Leo's").with_source(error))?;
        if read.format != FORMAT {
            return Err(unusable("another version of Leo wrote them"));
        }
        let layer = SettingsLayer::from_value(read.settings).map_err(|error| unusable(error.message()))?;
        Ok(RwLock::new(Known { layer: Some(Arc::new(layer)), version: stored.version }))
    }

    async fn write(&self, tenant: &str, layer: &SettingsLayer, version: u64) -> Result<u64> {
        let store = self.store(tenant);
        if layer.is_empty() {
            if version > 0 {
                store.delete(NAME, Some(version)).await?;
            }
            return Ok(0);
        }
        let form = |error| Error::internal("settings do not serialise").with_source(error);
        let settings = serde_json::to_value(layer).map_err(form)?;
        let value = serde_json::to_vec(&Stored { format: FORMAT, settings }).map_err(form)?;
        store.put(NAME, &value, PutOptions::new().expecting(version)).await
    }

    fn store(&self, tenant: &str) -> TenantStore {
        TenantStore::new(Arc::clone(&self.storage), tenant)
    }

    fn slot(&self, tenant: &str) -> Arc<Slot> {
        let mut slots = self.slots();
        match slots.get(tenant) {
            Some(slot) => Arc::clone(slot),
            None => Arc::clone(slots.entry(tenant.to_owned()).or_default()),
        }
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
