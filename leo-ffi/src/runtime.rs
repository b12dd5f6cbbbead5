//! How a thread of C waits for a call, and how another ends the wait.

use leo::{Error, Result};
use leo_bridge::runtime::runtime;
use tokio_util::sync::CancellationToken;

/// Cancels the calls it was given to. Any thread may use it.
pub struct LeoCancel(CancellationToken);

/// One that nobody has used. It is the caller's: `leo_cancel_free`.
#[unsafe(no_mangle)]
pub extern "C" fn leo_cancel_new() -> Option<Box<LeoCancel>> {
    Some(Box::new(LeoCancel(CancellationToken::new())))
}

/// Cancels the calls it was given to, in the database too; they fail with `LEO_ERROR_CANCELLED`. Calls that it is given to later fail at
/// once. NULL is nothing. It may be called from any thread, but not from a signal handler.
#[unsafe(no_mangle)]
pub extern "C" fn leo_cancel(cancel: Option<&LeoCancel>) {
    if let Some(cancel) = cancel {
        cancel.0.cancel();
    }
}

/// Frees it, also while calls that it was given to still run. NULL is nothing.
#[unsafe(no_mangle)]
pub extern "C" fn leo_cancel_free(cancel: Option<Box<LeoCancel>>) {
    drop(cancel);
}

impl LeoCancel {
    pub(crate) fn token(&self) -> CancellationToken {
        self.0.clone()
    }
}

/// What `work` gives, unless it is cancelled first.
pub(crate) fn wait<T>(token: Option<&CancellationToken>, work: impl Future<Output = Result<T>>) -> Result<T> {
    runtime()?.block_on(async {
        match token {
            None => work.await,
            Some(token) => tokio::select! {
                biased;
                () = token.cancelled() => Err(Error::cancelled("the call was cancelled by its LeoCancel")),
                done = work => done,
            },
        }
    })
}
