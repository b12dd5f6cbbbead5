//! Queries inside queries.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::approval("nesting_limit");

/// Queries are nested `depth` deep.
pub(in crate::guard) fn finding(depth: usize, limit: usize) -> Finding {
    RULE.finding(
        format!("the statement nests queries {depth} deep; up to {limit} run without approval"),
        "use common table expressions instead of queries inside queries",
        None,
    )
}
