//! What has to outlive the process, kept by the host's [`Storage`](crate::adapter::Storage).
//!
//! A host implements four methods, and runs [`contract::check`] to see that they do what they must; Leo does the rest: keys of one
//! tenant cannot reach another's, and values of any size are cut into pieces that every storage takes. Without a storage, a
//! [`MemoryStorage`] forgets everything with the process; [`SqliteStorage`] is a file.

pub mod contract;
mod limits;
mod memory;
mod sealed;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tenant;
#[cfg(test)]
mod tests;

use limits::{other_version, within_limits};
pub use memory::MemoryStorage;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStorage;
pub(crate) use tenant::TenantStore;
