//! Closing what nobody uses.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::{Entry, Registry};

/// The task that looks for unused sources, while any may be closed.
#[derive(Debug, Default)]
pub(super) struct Sweeper(Mutex<Option<JoinHandle<()>>>);

impl Sweeper {
    fn task(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Sees to it that sources are closed when nobody has used them for long enough. A task whose runtime has ended is replaced.
    pub(super) fn sweep_later(self: &Arc<Self>) {
        let mut task = self.sweeper.task();
        if task.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let registry = Arc::downgrade(self);
        let mut wait = self.idle();
        *task = Some(runtime.spawn(async move {
            loop {
                tokio::time::sleep(wait).await;
                let Some(registry) = registry.upgrade() else { return };
                let mut task = registry.sweeper.task();
                match registry.sweep() {
                    Some(next) => wait = next,
                    // Said under the lock, so that whoever opens a source now starts another task.
                    None => return drop(task.take()),
                }
            }
        }));
    }

    /// Closes what has been unused for long enough. When to look again; nothing when nothing is open that may be closed.
    fn sweep(&self) -> Option<Duration> {
        let entries: Vec<Arc<Entry>> = self.entries().values().map(Arc::clone).collect();
        let mut next = None;
        for entry in entries.iter().filter(|entry| entry.may_be_closed()) {
            let left = entry.unused_since().map_or(self.idle(), |since| self.idle().saturating_sub(since.elapsed()));
            if !left.is_zero() {
                next = Some(next.map_or(left, |next: Duration| next.min(left)));
            } else if let Some(open) = entry.take_unused() {
                drop(open.give_place());
                open.end_later();
            }
        }
        // Not more often than it is worth.
        next.map(|next| next.max(self.idle() / 10).max(Duration::from_millis(10)))
    }

    fn idle(&self) -> Duration {
        Duration::from_millis(self.limits.idle_ms)
    }
}
