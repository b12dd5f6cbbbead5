//! What sources behind a network share: reaching the server, TLS, connections kept and given back, and statements as tasks.
//!
//! ```text
//! dial ─► tls ─► Backend::connect ─► pool (breaker, retries) ─► run: a task that sends batches, stopped from outside
//! ```

pub(crate) mod columns;
pub(crate) mod credentials;
pub(crate) mod dial;
mod means;
pub(crate) mod pool;
pub(crate) mod problem;
pub(crate) mod report;
pub(crate) mod slots;
pub(crate) mod socket;
#[cfg(feature = "ssh")]
pub(crate) mod ssh;
pub(crate) mod tls;

pub(crate) use super::run;
pub(crate) use means::Means;
