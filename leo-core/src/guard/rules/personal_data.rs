//! Uses of personal data that could give values away.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::approval("personal_data")
    .what(
        "Holds back uses of personal data beyond selecting, counting, NULL tests, equality with a written value and equi-joins.",
    )
    .why("Sorted, grouped or compared piece by piece, values come out although the column itself is redacted.");

/// The values of the column `name`, which holds `kind`, decide about something.
pub(in crate::guard) fn finding(name: &str, kind: &str, position: Option<Position>) -> Finding {
    RULE.finding(
        format!("`{}` holds personal data ({}), and this use of it needs approval", short(name), short(kind)),
        format!("only select, count, or test `{}` for NULL or for equality with a value; otherwise do without it", short(name)),
        position,
    )
}
