//! Shared test support.

pub mod generate;
pub mod guard;
pub mod guard_cases;
pub mod mutate;
pub mod postgres;
pub mod property;
pub mod shape;
