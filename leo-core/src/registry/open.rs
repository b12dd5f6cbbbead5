//! A source that is open, and the calls that use it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::Entry;
use crate::ask::target::Target;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::Connector;

/// Time for calls to end that were told to.
const GRACE: Duration = Duration::from_secs(5);

/// An open source. Calls hold it by a [`Lease`].
#[derive(Debug)]
pub(super) struct Open {
    connector: Arc<dyn Connector>,
    calls: Mutex<Calls>,
    /// Told when the last call has ended.
    quiet: Notify,
    /// Its place among the sources that may be open; none for one that the host opened.
    place: Mutex<Option<OwnedSemaphorePermit>>,
}

#[derive(Debug)]
struct Calls {
    running: HashMap<u64, CancellationToken>,
    next: u64,
    /// When the last one began or ended.
    used: Instant,
    /// Whether no more are taken.
    over: bool,
}

impl Open {
    pub(super) fn new(connector: Arc<dyn Connector>, place: Option<OwnedSemaphorePermit>) -> Arc<Self> {
        let calls = Calls { running: HashMap::new(), next: 0, used: Instant::now(), over: false };
        Arc::new(Self { connector, calls: Mutex::new(calls), quiet: Notify::new(), place: Mutex::new(place) })
    }

    pub(super) fn connector(&self) -> &Arc<dyn Connector> {
        &self.connector
    }

    /// Whether Leo opened it, and may close it and open it again.
    pub(super) fn can_be_reopened(&self) -> bool {
        self.place().is_some()
    }

    /// Since when nobody has used it; nothing while somebody does.
    pub(super) fn unused_since(&self) -> Option<Instant> {
        let calls = self.calls();
        calls.running.is_empty().then_some(calls.used)
    }

    /// Takes no more calls from here on, if there are none; whether that is so.
    pub(super) fn end_if_unused(&self) -> bool {
        let mut calls = self.calls();
        calls.over |= calls.running.is_empty();
        calls.over
    }

    /// Its place among the sources that may be open, for another one.
    pub(super) fn give_place(&self) -> Option<OwnedSemaphorePermit> {
        self.place().take()
    }

    /// Lets a call in, unless it is over.
    pub(super) fn lease(self: &Arc<Self>, ctx: &Context, entry: &Arc<Entry>, target: &Arc<Target>) -> Option<Lease> {
        let mut calls = self.calls();
        if calls.over {
            return None;
        }
        let (number, caller, cancel) = (calls.next, ctx.cancel.clone(), ctx.cancel.child_token());
        calls.next += 1;
        calls.used = Instant::now();
        calls.running.insert(number, cancel.clone());
        Some(Lease { entry: Arc::clone(entry), open: Arc::clone(self), target: Arc::clone(target), number, caller, cancel })
    }

    /// Takes no more calls, waits up to `wait` for those under way and then cancels them, and closes. How many were cancelled.
    ///
    /// # Errors
    /// The connector's.
    pub(super) async fn end(&self, wait: Duration) -> Result<usize> {
        self.calls().over = true;
        let mut cancelled = 0;
        if timeout(wait, self.quiet()).await.is_err() {
            let running: Vec<CancellationToken> = self.calls().running.values().cloned().collect();
            cancelled = running.len();
            running.iter().for_each(CancellationToken::cancel);
            // Whoever does not read on does not notice; the connection is closed under it.
            let _ = timeout(GRACE, self.quiet()).await;
        }
        drop(self.give_place());
        self.connector.close().await.map(|()| cancelled)
    }

    /// [`end`](Self::end) in the background, after all calls have ended by themselves.
    pub(super) fn end_later(self: Arc<Self>) {
        self.calls().over = true;
        let end = async move {
            self.quiet().await;
            if let Err(error) = self.end(Duration::ZERO).await {
                tracing::warn!(kind = %error.kind(), "a source did not close as it should");
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(end)),
            // Dropped it closes as well.
            Err(_) => drop(end),
        }
    }

    async fn quiet(&self) {
        loop {
            let quiet = self.quiet.notified();
            if self.calls().running.is_empty() {
                return;
            }
            quiet.await;
        }
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call's hold on an open source: as long as it lives the source is not closed for being idle, and whoever closes it on purpose
/// waits for it or cancels it.
#[derive(Debug)]
pub(crate) struct Lease {
    entry: Arc<Entry>,
    open: Arc<Open>,
    target: Arc<Target>,
    number: u64,
    /// Cancelled by the caller alone.
    caller: CancellationToken,
    cancel: CancellationToken,
}

impl Lease {
    pub(crate) fn entry(&self) -> &Entry {
        &self.entry
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn connector(&self) -> &dyn Connector {
        &*self.open.connector
    }

    /// Cancelled with the call, and when the source is disconnected.
    pub(crate) fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    /// What came of the call, for its caller: one that the end of the source cancelled says so.
    pub(crate) fn told<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|error| {
            let is_cut_short = self.cancel.is_cancelled() && !self.caller.is_cancelled();
            if error.kind() != ErrorKind::Cancelled || !is_cut_short {
                return error;
            }
            let message = format!("the source `{}` was disconnected before this was done", self.entry.id());
            Error::new(ErrorKind::Closed, message).with_source(error)
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut calls = self.open.calls();
        calls.running.remove(&self.number);
        calls.used = Instant::now();
        if calls.running.is_empty() {
            self.open.quiet.notify_waiters();
        }
    }
}
