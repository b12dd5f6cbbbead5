//! Comments that an engine runs or obeys.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("executable_comment")
    .what("Refuses comments that an engine runs or obeys: `/*! … */`, `/*M! … */`, MySQL's `/*+ … */`.")
    .why("What one reader takes for a comment is SQL to another, and the guard would have checked a different statement.");

/// A comment at `position` that some engines execute.
pub(in crate::guard) fn finding(position: Position) -> Finding {
    RULE.finding("the statement hides text in a comment that the database would run", "remove the comment", Some(position))
}
