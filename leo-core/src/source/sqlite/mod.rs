//! SQLite: files opened read-only, and databases in memory.
//!
//! [`SqliteSource`] is the connector. Behind it: `pool` (hardened connections), `hook` (the engine's own check that a statement
//! reads only what the guard saw), `functions` (what the engine may
//! lack), `types` (SQLite values as Arrow), `catalog` (introspection) and `comments`.

mod backend;
mod catalog;
mod comments;
mod config;
mod errors;
mod functions;
mod hook;
mod pool;
mod types;

#[cfg(test)]
mod tests;

pub use backend::SqliteSource;
pub use config::{InvalidUtf8, SqliteOptions};
