//! Work that outlives the process: steps that are done once, tried again where that helps, by one worker at a time.
//!
//! A [`Journal`] keeps what each step of a job gave, with a hash of what it was given: a job that begins again, after a crash or because
//! somebody asked, does only what was not done or would be done with something else now. A [`Lease`] keeps two workers, of one process or
//! of many that share a storage, from doing the same job at once. What fails for a while is tried again. What depends on a schema alone is made once for all
//! sources that have it ([`Twins`]).

mod journal;
mod lease;
mod retry;
mod twins;

pub(crate) use journal::Journal;
pub(crate) use lease::{LEASE, Lease};
pub use retry::FailureClass;
pub(crate) use twins::Twins;
