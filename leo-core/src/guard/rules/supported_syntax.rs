//! Only syntax whose meaning the guard knows passes.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("unsupported_syntax")
    .what("Refuses constructs that the guard does not read in full.")
    .why("What is not understood cannot be checked, and a clause that is skipped is where the next attack goes.");

/// The statement uses `what`.
pub(in crate::guard) fn finding(what: &str, position: Option<Position>) -> Finding {
    RULE.finding(format!("the statement uses {what}, which is not allowed here"), format!("write it without {what}"), position)
}

/// The statement uses `what`; this dialect says it in another way.
pub(in crate::guard) fn instead(what: &str, advice: &str, position: Option<Position>) -> Finding {
    RULE.finding(format!("the statement uses {what}, which is not allowed here"), advice, position)
}
