//! Sources that a host brings: its [`HostConnector`](crate::adapter::HostConnector) behind the same caps, times and checks as any other.
//!
//! [`HostSource`] is the connector. Behind it: `statement` (the life of one, from `start` to its end), `calls` (what a host's code may do to a
//! call: fail, panic, never answer), `batches` (what it hands over) and `catalog` (what it says of itself).

mod backend;
mod batches;
mod calls;
mod catalog;
mod statement;
#[cfg(test)]
mod tests;

pub use backend::HostSource;
