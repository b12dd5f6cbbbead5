//! Calls of a host's code, which may fail or panic.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use crate::error::{Error, Result};

/// What the host's code says. Whatever goes wrong in it is an error of kind `Adapter` that says `failed`, its own error attached: nobody
/// knows what its words hold.
pub(crate) async fn caught<T>(failed: &'static str, call: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
    let told =
        |source: Error| Error::adapter(format!("{failed}; its own error is attached for its developers")).with_source(source);
    // Inside of the block, so that a panic before the first await is caught too.
    match AssertUnwindSafe(async { call().await }).catch_unwind().await {
        Ok(outcome) => outcome.map_err(told),
        Err(panic) => Err(told(Error::adapter(format!("it panicked: {}", words(&*panic))))),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}
