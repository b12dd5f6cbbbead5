//! Rows made out of nothing.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("generated_rows");
pub(in crate::guard) const UNBOUNDED: Rule = Rule::approval("generated_rows");

/// `what` makes about `rows` rows, or nobody knows how many.
pub(in crate::guard) fn finding(what: &str, rows: Option<u128>, limit: u64) -> Finding {
    let rule = if rows.is_some() { &RULE } else { &UNBOUNDED };
    let much = rows.map_or_else(|| "a number of rows that cannot be told".to_owned(), |rows| format!("about {rows} rows"));
    rule.finding(format!("`{}` makes {much}; the limit is {limit}", short(what)), "give literal bounds and a larger step", None)
}
