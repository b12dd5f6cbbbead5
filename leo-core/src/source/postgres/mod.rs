//! PostgreSQL 12 and later.
//!
//! [`PostgresSource`] is the connector. Behind it: `wire` (TLS as asked for), `session` (logged-in connections and what is pinned in
//! them), `statement` (one vetted statement from its first packet to the last row), `types` with `numeric` and `text` (binary values
//! as Arrow), `catalog` (introspection) and `errors`.

mod backend;
mod catalog;
mod errors;
mod numeric;
mod params;
mod session;
mod statement;
mod text;
mod types;
mod wire;

pub use backend::PostgresSource;
