//! Calls of a host's code, which may fail, panic, or never answer.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;

use crate::error::{Error, Result};

/// Time for what a call leaves behind when nobody waits for it any more.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// What the host's code says. Whatever goes wrong in it is an error of kind `Adapter`, its own error attached: nobody knows what its
/// words hold.
pub(super) async fn caught<T>(what: &'static str, call: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
    // Inside of the block, so that a panic before the first await is caught too.
    let called = AssertUnwindSafe(async { call().await }).catch_unwind().await;
    let failed = |source: Error| {
        Error::adapter(format!("the host's connector failed to {what}; its own error is attached for its developers"))
            .with_source(source)
    };
    match called {
        Ok(outcome) => outcome.map_err(failed),
        Err(panic) => Err(failed(Error::adapter(format!("it panicked: {}", words(&*panic))))),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}
