//! Connections at a time, of all sources that share them.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// A place for one connection; free again when dropped.
#[derive(Debug)]
pub(crate) struct Slot(#[allow(dead_code)] Option<OwnedSemaphorePermit>);

/// A pool that may have connections which nobody uses.
pub(crate) trait Spare: Send + Sync {
    /// Since when there has been a connection that nobody uses, if there is one. Nothing at all when the pool is gone.
    fn unused_since(&self) -> Option<Option<Instant>>;

    /// Closes the connections that nobody uses.
    fn close_unused(&self);
}

/// Places for connections. The default has no limit.
#[derive(Clone, Default)]
pub(crate) struct Slots(Option<Arc<Shared>>);

struct Shared {
    free: Arc<Semaphore>,
    /// Those who wait for a place.
    waiting: AtomicUsize,
    pools: Mutex<Vec<Box<dyn Spare>>>,
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").field("free", &self.0.as_ref().map(|shared| shared.free.available_permits())).finish()
    }
}

/// Counts a caller as waiting until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Slots {
    /// Places for `max` connections.
    pub(crate) fn new(max: usize) -> Self {
        Self(Some(Arc::new(Shared {
            free: Arc::new(Semaphore::new(max)),
            waiting: AtomicUsize::default(),
            pools: Mutex::default(),
        })))
    }

    /// A place: a free one, one that an unused connection gives up, or one that gets free within `limit`.
    pub(crate) async fn take(&self, limit: Duration) -> Option<Slot> {
        let Some(shared) = &self.0 else { return Some(Slot(None)) };
        // Counted before others are looked at: what is given back from now on is closed.
        let _waiting = Waiting::new(&shared.waiting);
        loop {
            if let Ok(permit) = Arc::clone(&shared.free).try_acquire_owned() {
                return Some(Slot(Some(permit)));
            }
            if !shared.close_unused() {
                break;
            }
        }
        let permit = timeout(limit, Arc::clone(&shared.free).acquire_owned()).await.ok()?.ok()?;
        Some(Slot(Some(permit)))
    }

    /// Whether somebody waits for a place.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| shared.waiting.load(Ordering::Acquire) > 0)
    }

    /// Lets `pool` be asked for connections that it does not use.
    pub(crate) fn watch(&self, pool: Box<dyn Spare>) {
        if let Some(shared) = &self.0 {
            let mut pools = shared.pools();
            pools.retain(|pool| pool.unused_since().is_some());
            pools.push(pool);
        }
    }
}

impl Shared {
    fn pools(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn Spare>>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the unused connections of the pool that has been asked least recently; whether there was one.
    fn close_unused(&self) -> bool {
        let pools = self.pools();
        let unused = pools.iter().filter_map(|pool| Some((pool.unused_since()??, pool)));
        let oldest = unused.min_by_key(|(since, _)| *since);
        oldest.inspect(|(_, pool)| pool.close_unused()).is_some()
    }
}
