//! The threads that calls run on.

use leo::{Error, Result};
use tokio::runtime::{Builder, Runtime};

use crate::generation::PerProcess;

static RUNTIME: PerProcess<Runtime> = PerProcess::new();

/// The runtime of this process, made when it is needed first; a child made by `fork` gets its own. It is never shut down: what still
/// runs when the process ends, ends with it.
///
/// # Errors
/// `Unavailable` when no thread can be started.
pub fn runtime() -> Result<&'static Runtime> {
    RUNTIME.get_or_make(|| {
        Builder::new_multi_thread()
            .worker_threads(std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8))
            .thread_name("leo")
            // Builds that are not optimised keep much on the stack; what is not used costs no memory.
            .thread_stack_size(8 << 20)
            .enable_all()
            .build()
            .map_err(|error| Error::unavailable("no thread could be started; try again when less is running").with_source(error))
    })
}
