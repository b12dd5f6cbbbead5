//! Calls on the bridge's threads.

use std::future::Future;

use ::leo::{Error, Result};
use leo_bridge::runtime::runtime;
use tokio_util::task::AbortOnDropHandle;

use crate::error::LeoError;

/// Runs `work` on the library's threads, so that it waits for no thread of the host's. Dropping the future, which is what every language does
/// when a task is cancelled, ends the work.
pub(crate) async fn run<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T, LeoError> {
    let task = AbortOnDropHandle::new(runtime()?.spawn(work));
    match task.await {
        Ok(done) => done.map_err(LeoError::from),
        Err(ended) if ended.is_panic() => Err(Error::internal("a call ended in a panic; please report it").into()),
        Err(_) => Err(Error::cancelled("the call was cancelled").into()),
    }
}
