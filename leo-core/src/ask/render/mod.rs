//! Answers as plain text.

mod table;

pub use table::{TableOptions, table};
