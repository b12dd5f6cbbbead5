//! One worker at a time.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::adapter::PutOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::store::TenantStore;

/// How long a lease holds when nobody prolongs it: a worker that dies keeps others away no longer.
pub(crate) const LEASE: Duration = Duration::from_secs(15);

/// A job that nobody else does while this is held.
///
/// It is prolonged three times as often as it must be. Where that fails, because the storage is gone or the process slept for too long,
/// what [`unless_lost`](Self::unless_lost) does ends: somebody else may have begun.
#[derive(Debug)]
pub(crate) struct Lease {
    lost: CancellationToken,
    /// Dropped with the lease, which ends the prolonging and gives it back.
    held: tokio_util::sync::DropGuard,
    prolonging: tokio::task::JoinHandle<()>,
}

impl Lease {
    /// Takes the lease of `job`, unless somebody holds it.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn take(store: &TenantStore, job: &str, holds: Duration) -> Result<Option<Self>> {
        let name = format!("{job}/lease");
        let free = PutOptions::new().expecting(0).for_time(holds);
        let version = match store.put(&name, b"held", free).await {
            Ok(version) => version,
            Err(error) if error.kind() == ErrorKind::Conflict => return Ok(None),
            Err(error) => return Err(error),
        };
        let (lost, given_back) = (CancellationToken::new(), CancellationToken::new());
        let prolonging = tokio::spawn(prolong(store.clone(), name, version, holds, lost.clone(), given_back.clone()));
        Ok(Some(Self { lost, held: given_back.drop_guard(), prolonging }))
    }

    /// Gives the lease back, and waits until others can take it. Dropping it does not wait.
    pub(crate) async fn give_back(self) {
        drop(self.held);
        // It ends by itself, and what it could not do the lease's time does.
        let _ = self.prolonging.await;
    }

    /// `work`, unless the lease is lost before it is done.
    ///
    /// # Errors
    /// `Conflict` when it is.
    pub(crate) async fn unless_lost<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.lost.cancelled() => Err(Error::conflict("another process may do this now, since the storage was away for too long; see what it did, then retry")),
            done = work => done,
        }
    }
}

async fn prolong(
    store: TenantStore,
    name: String,
    mut version: u64,
    holds: Duration,
    lost: CancellationToken,
    given_back: CancellationToken,
) {
    loop {
        tokio::select! {
            biased;
            () = given_back.cancelled() => {
                let _ = store.delete(&name, Some(version)).await;
                return;
            }
            () = tokio::time::sleep(holds / 3) => {}
        }
        let still = PutOptions::new().expecting(version).for_time(holds);
        // Held for sure only until the time runs out that was written last.
        match tokio::time::timeout(holds / 3, store.put(&name, b"held", still)).await {
            Ok(Ok(prolonged)) => version = prolonged,
            _ => {
                tracing::warn!("a lease was lost: the storage did not prolong it");
                lost.cancel();
                return;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::adapter::Storage;
    use crate::store::MemoryStorage;

    fn store() -> (Arc<dyn Storage>, TenantStore) {
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
        (Arc::clone(&storage), TenantStore::new(storage, "acme"))
    }

    #[tokio::test(start_paused = true)]
    async fn one_holds_it_until_it_is_given_back() {
        let (_, store) = store();
        let held = Lease::take(&store, "sync/shop", LEASE).await.unwrap().unwrap();
        assert!(Lease::take(&store, "sync/shop", LEASE).await.unwrap().is_none());
        assert!(Lease::take(&store, "sync/other", LEASE).await.unwrap().is_some());
        // It is prolonged for as long as it is held.
        tokio::time::sleep(LEASE * 5).await;
        assert!(Lease::take(&store, "sync/shop", LEASE).await.unwrap().is_none());
        assert!(!held.lost.is_cancelled());
        drop(held);
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(Lease::take(&store, "sync/shop", LEASE).await.unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn who_lost_it_hears_of_it() {
        let (storage, store) = store();
        let held = Lease::take(&store, "job", LEASE).await.unwrap().unwrap();
        // Somebody took it away, as if this process had slept while it expired.
        let key = storage.list_page("v1/", None, 10).await.unwrap().remove(0);
        storage.put(&key, b"other".to_vec(), PutOptions::new()).await.unwrap();
        let outcome = held.unless_lost(std::future::pending::<Result<()>>()).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Conflict);
    }
}
