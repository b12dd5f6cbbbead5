//! Locks.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("locking");

/// The statement asks for the lock `what`.
pub(in crate::guard) fn finding(what: &str) -> Finding {
    RULE.finding(
        format!("the statement locks what it reads ({})", short(what)),
        "remove FOR UPDATE, FOR SHARE and lock hints",
        None,
    )
}
