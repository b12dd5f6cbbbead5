//! Both sides of a set operation have the same number of columns.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("set_columns")
    .what("Refuses sides of a set operation, and lists of names, that do not have as many columns as what they meet.")
    .why("Columns are matched by place, so lineage would be wrong; the engine would refuse most of them later.");

/// `left` columns meet `right` columns.
pub(in crate::guard) fn finding(left: usize, right: usize) -> Finding {
    RULE.finding(
        format!("a set operation combines {left} columns with {right}"),
        "select the same number of columns on both sides",
        None,
    )
}
