//! What a policy allows, as a database of its own: the reference for statements that the guard rewrote.

pub mod database;
pub mod policies;
pub mod run;
pub mod schema;
pub mod visible;
