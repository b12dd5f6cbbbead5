//! Connectors: one directory per engine, the same file names in each.
#[cfg(feature = "sqlite")]
pub mod sqlite;
