//! Sources that a host brings: its [`HostConnector`](crate::adapter::HostConnector) behind the same caps, times and checks as any other.
//!
//! [`HostSource`] is the connector. Behind it: `statement` (the life of one, from `start` to its end), `batches` (what is handed over) and
//! `catalog` (what the host says of its tables).

mod backend;
mod batches;
mod catalog;
mod statement;
#[cfg(test)]
mod tests;

pub use backend::HostSource;
