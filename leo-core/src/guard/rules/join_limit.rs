//! Relations joined in one query.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::approval("join_limit");

/// One `FROM` holds `joins` joins.
pub(in crate::guard) fn finding(joins: usize, limit: usize) -> Finding {
    RULE.finding(
        format!("the statement joins {} tables at once; up to {} run without approval", joins + 1, limit + 1),
        "join fewer tables, or compute parts in common table expressions first",
        None,
    )
}
