//! Connectors: one directory per engine, the same file names in each.
//!
//! A [`SourceSpec`] says what database to open; files are opened by their paths. What engines behind a network share is in `net`.

#[cfg(feature = "sqlite")]
pub mod files;
pub mod host;
#[cfg(feature = "mssql")]
pub mod mssql;
#[cfg(feature = "mysql")]
pub mod mysql;
// With some engines left out, so is the need for what only they use.
#[cfg(feature = "net")]
#[cfg_attr(not(all(feature = "postgres", feature = "mysql", feature = "mssql")), allow(dead_code))]
pub(crate) mod net;
mod open;
#[cfg(feature = "postgres")]
pub mod postgres;
pub(crate) mod run;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg_attr(not(all(feature = "sqlite", feature = "postgres")), allow(dead_code))]
pub(crate) mod wanted;

pub(crate) use open::{Means, needs_action, open};

pub use crate::spec::{
    Connections, Engine, Login, SecretString, SessionValue, SourceSpec, SshAuth, SshHostKey, SshTunnel, Tls, TlsMode,
};

/// What kinds of sources this build can open: `sqlite`, `files` (CSV, JSON, Excel), `parquet`, `postgres`, `mysql`, `mssql`.
pub fn built_in() -> Vec<&'static str> {
    let kinds = [
        ("sqlite", cfg!(feature = "sqlite")),
        ("files", cfg!(feature = "sqlite")),
        ("parquet", cfg!(feature = "files")),
        ("postgres", cfg!(feature = "postgres")),
        ("mysql", cfg!(feature = "mysql")),
        ("mssql", cfg!(feature = "mssql")),
    ];
    kinds.into_iter().filter_map(|(kind, has)| has.then_some(kind)).collect()
}
