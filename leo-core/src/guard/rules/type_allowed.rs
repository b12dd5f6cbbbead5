//! Types a value may be cast to.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("type_not_allowed");

/// The type `name` is not one of the plain types.
pub(in crate::guard) fn finding(name: &str) -> Finding {
    RULE.finding(
        format!("values may not be cast to `{}`", short(name)),
        "cast to a plain type: a number, text, a date or a time",
        None,
    )
}
