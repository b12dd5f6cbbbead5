//! Shared test support.

pub mod guard;
