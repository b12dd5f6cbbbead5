//! Vectors of names between processes, sealed: what they are made of can be guessed from them.

use crate::error::Result;
use crate::index::TextVectors;
use crate::seal::Sealer;
use crate::store::TenantStore;

/// Where the vectors of a tenant and a source are kept. That they cannot be read or written costs time, and nothing else.
#[derive(Debug)]
pub(crate) struct Kept {
    store: TenantStore,
    sealer: Sealer,
    name: String,
}

impl Kept {
    pub(crate) fn new(store: TenantStore, sealer: Sealer, name: String) -> Self {
        Self { store, sealer, name }
    }

    /// What `model` made; nothing where there is none that can be read.
    pub(super) async fn load(&self, model: &str) -> Option<TextVectors> {
        match self.read(model).await {
            Ok(vectors) => vectors,
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "stored vectors cannot be read, and are made anew");
                None
            }
        }
    }

    /// Keeps what was made of [`TextVectors`].
    pub(super) async fn save(&self, bytes: &[u8]) {
        if let Err(error) = self.store.put_sealed(&self.sealer, &self.name, bytes).await {
            tracing::warn!(kind = %error.kind(), "vectors of names could not be kept");
        }
    }

    async fn read(&self, model: &str) -> Result<Option<TextVectors>> {
        let kept = self.store.get_sealed(&self.sealer, &self.name).await?;
        kept.map_or(Ok(None), |bytes| TextVectors::from_bytes(&bytes, model))
    }
}
