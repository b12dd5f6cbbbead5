//! What a model is asked, and what it may answer: pure functions, the asking is in `ask/second_opinion.rs`.
//!
//! A prompt holds the question, the moment, the dialect, and names, types and comments of what the user may see ([`schema`]). Rows, statistics
//! and what is hidden from the user never come near it, and whatever others wrote goes through [`untrusted`](crate::untrusted).

mod prompt;
mod reply;
mod schema;
#[cfg(test)]
mod tests;

pub(in crate::ask) use prompt::{Asked, plan, repair};
pub(in crate::ask) use reply::{Reply, reply};
