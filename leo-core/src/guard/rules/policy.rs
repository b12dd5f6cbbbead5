//! Restrictions of this user that a statement meets.

use super::*;

pub(in crate::guard) const UNSUPPORTED: Rule = Rule::block("policy_unsupported")
    .what("Refuses what cannot be combined with what the user may see of a table.")
    .why("Where a restriction cannot be kept for certain, nothing is shown.");
pub(in crate::guard) const EXPANDED: Rule = Rule::rewrite("columns_listed")
    .what("Replaces `*` by the columns the user may see.")
    .why("The engine would return the hidden columns too.");

/// The table `name` is restricted in a way that `why` does not go with.
pub(in crate::guard) fn unsupported(name: &str, why: &str, position: Option<Position>) -> Finding {
    UNSUPPORTED.finding(
        format!("what you may see of `{}` is restricted, and {why}", short(name)),
        format!("name the columns you need, or do without `{}`", short(name)),
        position,
    )
}

/// `*` became a list of the columns the user may see.
pub(in crate::guard) fn expanded(position: Position) -> Finding {
    EXPANDED.finding("`*` was replaced by the columns you may see", "name the columns instead of `*`", Some(position))
}
