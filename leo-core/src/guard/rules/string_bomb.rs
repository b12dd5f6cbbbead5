//! Text grown out of little.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("string_bomb")
    .what("Refuses calls that could make a text longer than the limit.")
    .why("Two nested calls of `repeat` fill the server's memory.");

/// The call of `function` may make a text beyond the limit.
pub(in crate::guard) fn finding(function: &str, limit: u64) -> Finding {
    RULE.finding(
        format!("`{}` could make a text of more than {limit} characters", short(function)),
        "use a smaller literal count",
        None,
    )
}
