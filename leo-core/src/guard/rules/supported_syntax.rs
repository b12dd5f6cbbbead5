//! Only syntax whose meaning the guard knows passes.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("unsupported_syntax");

/// The statement uses `what`.
pub(in crate::guard) fn finding(what: &str, position: Option<Position>) -> Finding {
    RULE.finding(format!("the statement uses {what}, which is not allowed here"), format!("write it without {what}"), position)
}
