//! MySQL 8, MariaDB 10.5 and later.
//!
//! [`MysqlSource`] is the connector. Behind it: `greet` (what answers at the port, before anybody logs in), `session` (logged-in
//! connections and what they are pinned to), `types` (values as Arrow), `geometry`, `catalog` (introspection), `plan` (estimates),
//! `rights` (what the login may do) and `errors`.

mod backend;
mod catalog;
mod errors;
mod geometry;
mod greet;
mod plan;
mod rights;
mod session;
mod types;

pub use backend::MysqlSource;
