//! Tables that are only read for a period.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("time_filter")
    .what("Refuses to read a table that needs a time filter without a condition on its time column.")
    .why("Where bytes are billed, or a table is partitioned by time, reading all of it is dear and slow.");

/// The table `name` is read without a condition on `column`.
pub(in crate::guard) fn finding(name: &str, column: &str, position: Option<Position>) -> Finding {
    let column = short(column);
    RULE.finding(
        format!("`{}` is only read for a period: add a condition on `{column}`", short(name)),
        format!("add a condition such as `{column} >= …` with a constant, in the WHERE of the same SELECT"),
        position,
    )
}
