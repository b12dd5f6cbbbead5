//! SQL Server 2017 and later, Azure SQL, and servers that speak their protocol (TDS), on `tiberius`.
//!
//! [`MssqlSource`] is the connector. Behind it:
//!
//! ```text
//! browser ─► wire (prelogin: TLS inside packets) ─► session (login, pinning, rights) ─► backend: BEGIN, statement, ROLLBACK
//!                │ metadata: exact types                                                    │ params, types, plan, errors
//!                └ cancel: attention                                                        └ catalog: introspection
//! ```
//!
//! The driver speaks TDS; connecting, TLS and cancelling are done here, because the driver's own ways lose information or hang:
//! `docs/types.md` and `docs/adr/0013-sql-server.md` say which and why.

mod backend;
mod browser;
mod catalog;
mod errors;
mod keys;
mod metadata;
mod params;
mod plan;
mod prelogin;
mod rights;
mod session;
mod types;
mod versions;
mod wire;

pub use backend::MssqlSource;
