//! Groups of few rows.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::rewrite("small_groups")
    .what("Leaves out groups of fewer rows than a user without personal data may see.")
    .why("A total over two people tells each of them about the other.");

/// Groups of fewer than `rows` rows are left out of a select.
pub(in crate::guard) fn finding(rows: u64, position: Position) -> Finding {
    RULE.finding(
        format!("groups of fewer than {rows} rows are left out"),
        "nothing to change: the condition is added to the statement",
        Some(position),
    )
}
