//! Values that hold something of rows or names: sealed for the very place they lie at.

use super::TenantStore;
use crate::adapter::PutOptions;
use crate::error::Result;
use crate::seal::Sealer;

impl TenantStore {
    /// The value that was sealed under `name`; nothing where there is none, or none that opens: it was damaged, or the key is gone, and whoever
    /// asks makes it anew.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub(crate) async fn get_sealed(&self, sealer: &Sealer, name: &str) -> Result<Option<Vec<u8>>> {
        self.get_sealed_version(sealer, name).await.map(|(value, _)| value)
    }

    /// Seals the value and puts it under `name`.
    ///
    /// # Errors
    /// As [`put`](Self::put), and the key store's.
    pub(crate) async fn put_sealed(&self, sealer: &Sealer, name: &str, value: &[u8]) -> Result<()> {
        let sealed = sealer.seal(&self.place(name), value).await?;
        self.put(name, &sealed, PutOptions::new()).await.map(drop)
    }

    /// As [`get_sealed`](Self::get_sealed), with the version of what is there; 0 where nothing is.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub(crate) async fn get_sealed_version(&self, sealer: &Sealer, name: &str) -> Result<(Option<Vec<u8>>, u64)> {
        let Some(kept) = self.get(name).await? else { return Ok((None, 0)) };
        let opened = sealer.open(&self.place(name), &kept.value).await;
        if let Err(error) = &opened {
            tracing::warn!(kind = %error.kind(), "a stored value does not open, and is made anew");
        }
        Ok((opened.ok(), kept.version))
    }

    /// As [`put_sealed`](Self::put_sealed), where the name has this version; 0 for none.
    ///
    /// # Errors
    /// As [`put`](Self::put), and the key store's.
    pub(crate) async fn replace_sealed(&self, sealer: &Sealer, name: &str, value: &[u8], expected: u64) -> Result<()> {
        let sealed = sealer.seal(&self.place(name), value).await?;
        self.put(name, &sealed, PutOptions::new().expecting(expected)).await.map(drop)
    }
}
