//! Locks.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("locking")
    .what("Refuses `FOR UPDATE`, `FOR SHARE` and table hints that lock.")
    .why("A reader that locks rows stops those who write them.");

/// The statement asks for the lock `what`.
pub(in crate::guard) fn finding(what: &str) -> Finding {
    RULE.finding(
        format!("the statement locks what it reads ({})", short(what)),
        "remove FOR UPDATE, FOR SHARE and lock hints",
        None,
    )
}
