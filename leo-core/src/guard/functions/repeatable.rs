//! Which statements give the same rows when they are run twice on the same data.

use std::collections::BTreeSet;

use super::{is_allowed, is_table_function};
use crate::dialect::Dialect;
use crate::value::Value;

/// Functions of the clock, of chance and of the server, in lower case, sorted. `age` has the day in it where it has one argument.
#[rustfmt::skip]
const CHANGING: &[&str] = &[
    "age", "array_sample", "array_shuffle", "clock_timestamp", "curdate", "current_date", "current_datetime", "current_time",
    "current_timestamp", "curtime", "gen_random_uuid", "generate_uuid", "getdate", "getutcdate", "localtime", "localtimestamp",
    "newid", "newsequentialid", "now", "rand", "random", "sqlite_version", "statement_timestamp", "sysdate", "sysdatetime",
    "sysdatetimeoffset", "sysutcdatetime", "timeofday", "today", "transaction_timestamp", "unix_timestamp", "utc_date",
    "utc_time", "utc_timestamp", "uuid", "uuid_short", "uuidv4", "uuidv7", "version",
];

/// Functions of SQLite that mean this moment where they have no argument.
const MOMENT: &[&str] = &["date", "datetime", "julianday", "strftime", "time", "timediff", "unixepoch"];

/// Texts that engines read as a moment or a day.
const WORDS: &[&str] = &["now", "today", "tomorrow", "yesterday", "allballs"];

/// Whether a statement that calls `functions` is the same question tomorrow as today. Functions that a host allowed beside the built-in ones do
/// nobody knows what.
pub(in crate::guard) fn is_repeatable(dialect: Dialect, functions: &BTreeSet<String>, sql: &str, params: &[Value]) -> bool {
    let is_known = |name: &str| is_allowed(dialect, name) || is_table_function(dialect, name);
    if functions.iter().any(|name| CHANGING.binary_search(&name.as_str()).is_ok() || !is_known(name)) {
        return false;
    }
    let lower = sql.to_lowercase();
    let quoted = |word: &&str| lower.contains(&format!("'{word}"));
    let given =
        |word: &&str| params.iter().any(|value| matches!(value, Value::Text(text) if text.trim().eq_ignore_ascii_case(word)));
    if WORDS.iter().any(|word| quoted(word) || given(word)) {
        return false;
    }
    let is_moment = dialect == Dialect::Sqlite && functions.iter().any(|name| MOMENT.contains(&name.as_str()));
    !(is_moment && lower.split('(').skip(1).any(|after| after.trim_start().starts_with(')')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(CHANGING.is_sorted());
    }

    #[test]
    fn the_clock_and_chance_are_found() {
        let is = |dialect, functions: &[&str], sql: &str, params: &[Value]| {
            is_repeatable(dialect, &functions.iter().map(|name| (*name).to_owned()).collect(), sql, params)
        };
        assert!(is(Dialect::Sqlite, &["count", "strftime"], "SELECT strftime('%Y', d), count(*) FROM t GROUP BY 1", &[]));
        assert!(!is(Dialect::Sqlite, &["date"], "SELECT date('now', '-1 day')", &[]));
        assert!(!is(Dialect::Sqlite, &["date"], "SELECT * FROM t WHERE d = date( )", &[]));
        assert!(!is(Dialect::Sqlite, &["date"], "SELECT date(?)", &[Value::Text("NOW".into())]));
        assert!(!is(Dialect::Postgres, &[], "SELECT 'today'::date", &[]));
        assert!(!is(Dialect::Postgres, &["now"], "SELECT now()", &[]));
        assert!(!is(Dialect::Postgres, &["our_own"], "SELECT our_own(1)", &[]));
        assert!(is(Dialect::Postgres, &["generate_series", "sum"], "SELECT sum(n) FROM generate_series(1, 3) AS n", &[]));
    }
}
