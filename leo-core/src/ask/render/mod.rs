//! Answers as plain text.

mod explanation;
mod page;
mod table;
#[cfg(all(test, feature = "sqlite"))]
mod tests;
mod text;

pub use crate::chart::format::printable;
pub use table::{TableOptions, table};
pub use text::{TextOptions, text};
