//! Answers as plain text and as HTML.

mod cells;
mod explanation;
mod html;
mod page;
mod table;
#[cfg(all(test, feature = "sqlite"))]
mod tests;
mod text;

pub use crate::chart::format::printable;
pub use html::{CARD_STYLE, HtmlOptions, html};
pub use table::{TableOptions, table};
pub use text::{TextOptions, text};
