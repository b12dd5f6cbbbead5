//! Recursion that nothing ends.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("unbounded_recursion")
    .what("Refuses recursive queries without a condition that ends them.")
    .why("Such a query runs until a limit or the disk stops it.");

/// The recursive part of `name` has no condition.
pub(in crate::guard) fn finding(name: &str, position: Option<Position>) -> Finding {
    RULE.finding(
        format!("nothing ends the recursion of `{}`", short(name)),
        "add a WHERE that compares a column of the recursion with a bound",
        position,
    )
}
