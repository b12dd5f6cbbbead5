//! A rewritten statement must read as it was meant.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("rewrite_failed")
    .what("Refuses a statement whose rewritten text does not parse to the tree that was meant.")
    .why("What is sent must be what was checked.");

/// The text would not mean what it should.
pub(in crate::guard) fn failed() -> Finding {
    RULE.finding(
        "the statement cannot be rewritten safely",
        "write it more plainly: names without escapes, one alias for each table, no engine-specific clauses beside tables",
        None,
    )
}
