//! Double quotes around a value: a string was meant.

use super::*;

pub(in crate::guard) const RULE: Rule =
    Rule::rewrite("string_quotes").what("Puts a double-quoted value that names no column into single quotes.").why(
        "SQLite takes such a word for a string when no column has its name, and MySQL does unless it is set up \
         otherwise; the text that is sent says which of the two it is.",
    );

/// A double-quoted value became a string.
pub(in crate::guard) fn finding(position: Position) -> Finding {
    RULE.finding(
        "double quotes are for names; the value was put into single quotes",
        "use single quotes for strings",
        Some(position),
    )
}
