//! Text grown out of little.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("string_bomb")
    .what(
        "Refuses calls that could make a text longer than the limit; where rows are collected into one value and that could get too \
         long, somebody has to approve.",
    )
    .why("Two nested calls of `repeat` fill the server's memory.");
pub(in crate::guard) const COLLECTED: Rule = Rule { verdict: Verdict::NeedsApproval, ..RULE };

/// The call of `function` may make a text beyond the limit.
pub(in crate::guard) fn finding(function: &str, limit: u64) -> Finding {
    RULE.finding(
        format!("`{}` could make a text of more than {limit} characters", short(function)),
        "use a smaller literal count",
        None,
    )
}

/// `what` collects about `length` characters into one value, or into each of many.
pub(in crate::guard) fn collected(what: &str, length: u128, limit: u128) -> Finding {
    COLLECTED.finding(
        format!("`{}` could collect about {length} characters; the limit is {limit}", short(what)),
        "collect fewer rows: put a subquery with LIMIT around them, or return them one by one",
        None,
    )
}
