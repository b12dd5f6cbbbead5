//! Shared test support.

pub mod guard;
pub mod guard_cases;
pub mod shape;
