//! Types a value may be cast to.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("type_not_allowed")
    .what("Refuses casts to types that are not plain values.")
    .why("A cast to `regclass` looks names up in the system's catalogue, and a type nobody knows may run code.");

/// The type `name` is not one of the plain types.
pub(in crate::guard) fn finding(name: &str) -> Finding {
    RULE.finding(
        format!("values may not be cast to `{}`", short(name)),
        "cast to a plain type: a number, text, a date or a time",
        None,
    )
}
