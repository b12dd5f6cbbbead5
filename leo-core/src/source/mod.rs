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
