//! Relations joined in one query.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::approval("join_limit")
    .what("Holds back statements that join more tables at once than the limit.")
    .why("Planning time and intermediate results grow quickly with each table, and an honest question seldom needs that many.");

/// One `FROM` holds `joins` joins.
pub(in crate::guard) fn finding(joins: usize, limit: usize) -> Finding {
    RULE.finding(
        format!("the statement joins {} tables at once; up to {} run without approval", joins + 1, limit + 1),
        "join fewer tables, or compute parts in common table expressions first",
        None,
    )
}
