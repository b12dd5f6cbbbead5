//! What a model is asked, and what it may answer: pure functions, the asking is in `ask/by_model`.
//!
//! A prompt ([`prompt`]) holds what the user may see of the structure ([`schema`]), what people say of it, the dialect, the moment, what rules made of the
//! question, and the question itself, in which values of the data are marks ([`literals`]). Rows come near it only where the host lets them, and
//! whatever others wrote goes through [`untrusted`](crate::untrusted). An answer ([`reply`]) is a query ([`query`]), a statement, a question back,
//! or a refusal; the form of it ([`form`]) is one that services enforce.

mod budget;
mod form;
mod literals;
mod prompt;
mod query;
mod reply;
mod rules;
mod schema;
#[cfg(test)]
mod tests;

pub(in crate::ask) use budget::tokens;
pub(in crate::ask) use literals::{LinkedValue, Literals, mark};
pub(in crate::ask) use prompt::{Asked, Said, Words, Wrong, plan, repair};
pub(in crate::ask) use query::Reading;
pub(in crate::ask) use reply::{Reply, reply};
pub(in crate::ask) use rules::VERSION;
pub(in crate::ask) use schema::{Shown, may_tell};
