//! Queries inside queries.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::approval("nesting_limit")
    .what("Holds back queries nested deeper than the limit.")
    .why("Correlated queries inside each other multiply their work, and nobody can review them.");

/// Queries are nested `depth` deep.
pub(in crate::guard) fn finding(depth: usize, limit: usize) -> Finding {
    RULE.finding(
        format!("the statement nests queries {depth} deep; up to {limit} run without approval"),
        "use common table expressions instead of queries inside queries",
        None,
    )
}
