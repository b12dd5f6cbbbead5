//! Queries only: nothing that writes, defines, locks, calls or sets.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("not_a_query")
    .what("Refuses everything but queries: changes, definitions, calls, settings, `SELECT … INTO`, writes inside `WITH`.")
    .why("Reading is the only thing that was granted.");

/// The statement, or a part of it, is a `what`.
pub(in crate::guard) fn finding(what: &str, position: Option<Position>) -> Finding {
    RULE.finding(
        format!("only queries may run, and this is {what}"),
        "write a single SELECT that only reads; no INTO, no changes, no procedures, no settings",
        position,
    )
}
