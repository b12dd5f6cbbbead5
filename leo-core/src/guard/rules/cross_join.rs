//! Relations that no condition ties together.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::approval("cross_join")
    .what("Holds back relations that no condition ties together, when their product is large.")
    .why("A forgotten join condition makes the product of the row counts, which no database finishes and no reader wants.");

/// The relations without a condition between them make about `rows` rows.
pub(in crate::guard) fn finding(rows: u128, limit: u64) -> Finding {
    RULE.finding(
        format!("tables are combined without a join condition, about {rows} rows; up to {limit} run without approval"),
        "add the missing join condition",
        None,
    )
}
