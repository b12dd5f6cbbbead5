//! The guard: parse → resolve → lineage → rules → rewrite → [`VettedSql`]. Nothing else makes a statement that may run.
//!
//! It fails closed: every relation, column, alias and function is resolved against the catalogue, and every construct of the
//! language is named in the code that reads it. What is not understood does not run.

mod access;
mod approval;
mod edit;
mod functions;
mod internal;
mod lexer;
mod mask;
mod parse;
mod resolve;
mod rewrite;
mod rules;
mod text;
mod vet;
mod vetted;
mod vetting;
mod visible;

pub use approval::{Approval, ApprovalRequest};
#[cfg(test)]
pub(crate) use functions::listed as listed_functions;
pub(crate) use internal::{Internal, internal};
#[cfg(feature = "sqlite")]
pub(crate) use mask::SQLITE_HASH;
pub use rules::{Rule, rules};
pub(crate) use text::{printed, query_tree};
pub(crate) use vet::policy_hash;
pub use vet::vet;
#[cfg(test)]
pub(crate) use vetted::TestStatement;
pub use vetted::{OutputColumn, Purpose, SourceColumn, VettedSql};
pub use vetting::{Request, Vetting};
pub use visible::visible_catalog;
pub(crate) use visible::visible_part;
