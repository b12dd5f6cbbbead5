//! Restrictions of this user that a statement meets.

use super::*;

pub(in crate::guard) const UNSUPPORTED: Rule = Rule::block("policy_unsupported")
    .what("Refuses what cannot be combined with what the user may see of a table.")
    .why("Where a restriction cannot be kept for certain, nothing is shown.");
pub(in crate::guard) const APPLIED: Rule = Rule::rewrite("policy_applied")
    .what("Replaces a table by a derived table that holds what the user may see of it.")
    .why("The rows and columns kept from a user must not count, join, sort or fail either.");
pub(in crate::guard) const ABSENT: Rule = Rule::block("policy_attribute")
    .what("Refuses a table whose rows are filtered by an attribute that the user lacks.")
    .why("Without the attribute nobody can tell which rows are the user's.");

/// The table `name` is restricted in a way that `why` does not go with.
pub(in crate::guard) fn unsupported(name: &str, why: &str, position: Option<Position>) -> Finding {
    UNSUPPORTED.finding(
        format!("what you may see of `{}` is restricted, and {why}", short(name)),
        format!("name the columns you need, or do without `{}`", short(name)),
        position,
    )
}

/// Only what the user may see of the table `name` is read.
pub(in crate::guard) fn applied(name: &str, position: Position) -> Finding {
    APPLIED.finding(
        format!("only the rows and columns of `{}` that you may see are read", short(name)),
        "nothing to change: the restriction is applied to the statement",
        Some(position),
    )
}

/// The rows of the table `name` are filtered by an attribute that the user lacks.
pub(in crate::guard) fn absent(name: &str, attribute: &str, position: Position) -> Finding {
    ABSENT.finding(
        format!("the rows of `{}` are shown by the attribute `{attribute}`, which your account does not have", short(name)),
        format!("do without `{}`; only the host can give the attribute", short(name)),
        Some(position),
    )
}
