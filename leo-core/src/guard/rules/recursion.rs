//! Recursion that nothing ends.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("unbounded_recursion");

/// The recursive part of `name` has no condition.
pub(in crate::guard) fn finding(name: &str, position: Option<Position>) -> Finding {
    RULE.finding(
        format!("nothing ends the recursion of `{}`", short(name)),
        "add a WHERE that compares a column of the recursion with a bound",
        position,
    )
}
