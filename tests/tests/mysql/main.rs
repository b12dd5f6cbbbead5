//! The MySQL connector against MariaDB servers of its own, through guard and gate.
#![allow(clippy::unwrap_used)]

mod connections;
mod reads;
mod strangers;
mod support;
mod types;
