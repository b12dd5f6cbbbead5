//! Rows made out of nothing.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("generated_rows")
    .what("Refuses series that make more rows than the limit; where the bounds come from the data, somebody has to approve.")
    .why("A series of a billion rows is a denial of service in a dozen characters.");
pub(in crate::guard) const UNBOUNDED: Rule = Rule { verdict: Verdict::NeedsApproval, ..RULE };

/// `what` makes about `rows` rows, or nobody knows how many.
pub(in crate::guard) fn finding(what: &str, rows: Option<u128>, limit: u64) -> Finding {
    let rule = if rows.is_some() { &RULE } else { &UNBOUNDED };
    let much = rows.map_or_else(|| "a number of rows that cannot be told".to_owned(), |rows| format!("about {rows} rows"));
    rule.finding(format!("`{}` makes {much}; the limit is {limit}", short(what)), "give literal bounds and a larger step", None)
}
