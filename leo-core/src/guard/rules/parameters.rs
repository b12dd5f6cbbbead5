//! Placeholders and values must fit together.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("parameters")
    .what("Refuses placeholders without a value, values without a placeholder, and forms the dialect does not take.")
    .why("A statement must mean the same when it is checked and when it runs.");

/// The text has placeholders for `wanted` values and got `given`.
pub(in crate::guard) fn count(wanted: usize, given: usize) -> Finding {
    RULE.finding(
        format!("the statement has placeholders for {wanted} values, and {given} were given"),
        "give one value for each placeholder, or write the literal",
        None,
    )
}

/// A placeholder in a form this dialect does not take.
pub(in crate::guard) fn form(text: &str) -> Finding {
    RULE.finding(
        format!("the placeholder `{}` is not understood", short(text)),
        "write the literal instead of a placeholder",
        None,
    )
}
