//! Functions that may be called, by dialect. What is not listed is refused, however it is spelled.

mod bigquery;
mod common;
mod datafusion;
mod mysql;
mod postgres;
mod repeatable;
mod sqlite;
mod tsql;

pub(in crate::guard) use repeatable::is_repeatable;

use crate::catalog::nearest;
use crate::dialect::Dialect;

fn scalar(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Sqlite => sqlite::SCALAR,
        Dialect::Postgres => postgres::SCALAR,
        Dialect::Mysql => mysql::SCALAR,
        Dialect::Tsql => tsql::SCALAR,
        Dialect::Bigquery => bigquery::SCALAR,
        Dialect::Datafusion => datafusion::SCALAR,
    }
}

fn table(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Sqlite => sqlite::TABLE,
        Dialect::Postgres => postgres::TABLE,
        Dialect::Mysql => mysql::TABLE,
        Dialect::Tsql => tsql::TABLE,
        Dialect::Bigquery => bigquery::TABLE,
        Dialect::Datafusion => datafusion::TABLE,
    }
}

/// Whether the function `name` (lower case) may be called in an expression.
pub(in crate::guard) fn is_allowed(dialect: Dialect, name: &str) -> bool {
    (common::SCALAR.binary_search(&name).is_ok() && !absent(dialect).contains(&name))
        || scalar(dialect).binary_search(&name).is_ok()
}

/// Whether the function `name` (lower case) may stand in `FROM`.
pub(in crate::guard) fn is_table_function(dialect: Dialect, name: &str) -> bool {
    table(dialect).binary_search(&name).is_ok()
}

/// Allowed functions that `name` may have meant.
pub(in crate::guard) fn suggestions(dialect: Dialect, name: &str) -> Vec<String> {
    let common = common::SCALAR.iter().filter(|own| !absent(dialect).contains(own));
    nearest(name, common.chain(scalar(dialect)).copied(), 3)
}

/// Every function that may be called in an expression, and every one that may stand in `FROM`.
#[cfg(test)]
pub(crate) fn listed(dialect: Dialect) -> (Vec<&'static str>, &'static [&'static str]) {
    let all = common::SCALAR.iter().chain(scalar(dialect)).copied();
    (all.filter(|name| is_allowed(dialect, name)).collect(), table(dialect))
}

/// Functions of the common list that a dialect lacks: saying so at once is better than the engine's error.
fn absent(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Sqlite => &["count_if", "cot", "grouping", "left", "reverse", "right", "stddev"],
        Dialect::Postgres => &["count_if"],
        Dialect::Mysql => &["count_if"],
        Dialect::Tsql => &[
            "atan2",
            "ceil",
            "count_if",
            "current_date",
            "current_time",
            "length",
            "ln",
            "mod",
            "nth_value",
            "pow",
            "stddev",
            "substr",
        ],
        Dialect::Bigquery => &["degrees", "radians", "pi", "count_if"],
        Dialect::Datafusion => &["count_if", "mod", "sign"],
    }
}

/// Whether a call of `name` without `OVER` turns many rows into one.
pub(in crate::guard) fn is_aggregate(name: &str) -> bool {
    matches!(
        name,
        "count" | "sum" | "avg" | "min" | "max" | "total" | "group_concat" | "string_agg" | "count_big" | "countif" | "array_agg"
    )
}

/// Positions (from 0) of arguments that are parts of a date, not expressions: `DATEPART(year, x)`.
pub(in crate::guard) fn date_part_argument(dialect: Dialect, name: &str) -> Option<usize> {
    match (dialect, name) {
        (Dialect::Tsql, "dateadd" | "datediff" | "datediff_big" | "datename" | "datepart" | "datetrunc" | "date_bucket") => {
            Some(0)
        }
        (Dialect::Mysql, "timestampdiff" | "timestampadd" | "get_format") => Some(0),
        (Dialect::Bigquery, "date_trunc" | "datetime_trunc" | "timestamp_trunc" | "time_trunc" | "last_day") => Some(1),
        (Dialect::Bigquery, "date_diff" | "datetime_diff" | "timestamp_diff" | "time_diff") => Some(2),
        _ => None,
    }
}

/// Whether `word` is a part of a date.
pub(in crate::guard) fn is_date_part(word: &str) -> bool {
    #[rustfmt::skip]
    const PARTS: &[&str] = &[
        "century", "d", "date", "datetime", "day", "dayofweek", "dayofyear", "dd", "decade", "dw", "dy", "hh", "hour",
        "iso_week", "isoweek", "isowk", "isoww", "isoyear", "m", "mcs", "mi", "microsecond", "millennium", "millisecond",
        "minute", "mm", "month", "ms", "n", "nanosecond", "ns", "q", "qq", "quarter", "s", "second", "ss", "time", "timestamp",
        "tz", "tzoffset", "week", "weekday", "wk", "ww", "y", "year", "yy", "yyyy",
    ];
    PARTS.binary_search(&word.to_ascii_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_lower_case() {
        for list in
            [common::SCALAR].into_iter().chain(Dialect::ALL.iter().flat_map(|dialect| [scalar(*dialect), table(*dialect)]))
        {
            assert!(list.is_sorted() && list.iter().all(|name| !name.bytes().any(|b| b.is_ascii_uppercase())));
        }
        assert!(is_date_part("YEAR") && is_date_part("isoweek") && !is_date_part("password"));
    }

    #[test]
    fn nothing_that_reaches_outside_is_listed() {
        for name in [
            "load_extension",
            "readfile",
            "writefile",
            "edit",
            "fts3_tokenizer",
            "pg_sleep",
            "pg_read_file",
            "dblink",
            "lo_import",
            "query_to_xml",
            "set_config",
            "current_setting",
            "nextval",
            "sleep",
            "benchmark",
            "load_file",
            "get_lock",
            "openrowset",
            "opendatasource",
            "xp_cmdshell",
            "external_query",
            "session_user",
            "user",
            "version",
            "database",
            "randomblob",
            "zeroblob",
        ] {
            for dialect in Dialect::ALL {
                assert!(!is_allowed(*dialect, name) && !is_table_function(*dialect, name), "{dialect} {name}");
            }
        }
    }
}
