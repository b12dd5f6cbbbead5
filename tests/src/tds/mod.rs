//! A peer that speaks TDS, for tests of the SQL Server connector on machines without one.
//!
//! It plays what a test scripts and writes down what the client sent. Every form it sends or reads is taken from the specification
//! [MS-TDS]; the comments name its sections. It is no SQL Server: it understands no SQL, and what it does not script it answers with
//! nothing; a [`Database`] behind it reads as much T-SQL as the behaviour suite needs.

mod database;
mod login;
mod packet;
mod peer;
mod request;
mod tls;
pub mod token;
mod transact;

pub use database::{Columns, Database};
pub use login::Login;
pub use peer::{Flow, Manners, Peer, Seen, Step};
pub use request::{Param, Request};
