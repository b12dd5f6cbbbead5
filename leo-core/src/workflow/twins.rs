//! What was made of a schema without a look at any row, for all sources that have the same one.
//!
//! The databases of one product have one schema and a tenant each. What a model says of tables and what an embedder makes of names depends on nothing
//! but the schema, so that the first source pays for all of them.
//!
//! A name says *everything* that a value was made of, by a hash: whoever has other tables, other comments or other names finds nothing. Only what was
//! made in one go of the whole schema is put here; a part that was made beside tables that are gone might say what their comments made a model
//! say. Statistics and values never come here.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::seal::Sealer;
use crate::store::TenantStore;
use crate::value::to_hex;

/// Bytes that are held in memory at most.
const HELD: usize = 64 << 20;

/// Values by their names: in memory, and sealed in the storage, where there is one with keys.
#[derive(Debug, Default)]
pub(crate) struct Twins {
    kept: Option<(TenantStore, Sealer)>,
    /// Newest last.
    held: Mutex<VecDeque<(String, Arc<[u8]>)>>,
}

impl Twins {
    /// `kept` is a place of no tenant.
    pub(crate) fn new(kept: Option<(TenantStore, Sealer)>) -> Self {
        Self { kept, held: Mutex::default() }
    }

    /// The name of what is made of `parts`, in this order, and of nothing else.
    pub(crate) fn name<'p>(kind: &str, parts: impl IntoIterator<Item = &'p str>) -> String {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        format!("twins/{kind}/{}", to_hex(&hash.finalize()))
    }

    /// What is known under `name`. A storage that fails costs time, and nothing else.
    pub(crate) async fn get(&self, name: &str) -> Option<Arc<[u8]>> {
        let held = self.held().iter().find(|(own, _)| own == name).map(|(_, value)| Arc::clone(value));
        if held.is_some() {
            return held;
        }
        let (store, sealer) = self.kept.as_ref()?;
        match store.get_sealed(sealer, name).await {
            Ok(found) => found.map(|value| self.hold(name, value)),
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "what is known of a schema cannot be read, and is made anew");
                None
            }
        }
    }

    /// Keeps what was made. `outlives`: also for other processes.
    pub(crate) async fn put(&self, name: &str, value: Vec<u8>, outlives: bool) {
        let value = self.hold(name, value);
        if let Some((store, sealer)) = self.kept.as_ref().filter(|_| outlives)
            && let Err(error) = store.put_sealed(sealer, name, &value).await
        {
            tracing::warn!(kind = %error.kind(), "what is known of a schema could not be kept");
        }
    }

    fn hold(&self, name: &str, value: Vec<u8>) -> Arc<[u8]> {
        let value: Arc<[u8]> = value.into();
        let mut held = self.held();
        held.retain(|(own, _)| own != name);
        held.push_back((name.to_owned(), Arc::clone(&value)));
        while held.iter().map(|(_, value)| value.len()).sum::<usize>() > HELD {
            held.pop_front();
        }
        value
    }

    fn held(&self) -> MutexGuard<'_, VecDeque<(String, Arc<[u8]>)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
