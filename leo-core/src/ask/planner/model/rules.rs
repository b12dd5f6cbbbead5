//! What a model is told to do: the same words for every question to a dialect, so that services can remember them.

use crate::dialect::Dialect;

/// Version of the prompts; another one when their words change.
pub(in crate::ask) const VERSION: &str = "2";

/// What the model is to do.
pub(super) const INSTRUCTIONS: &str = "\
You answer a question about a database by a query of it. What you write is checked before it runs: what changes data, reads other tables \
or is not understood is refused. You see the structure of the database, not its rows.

Answer in exactly one of four ways:
- `query`, where measures, dimensions and filters say it. Joins and dates are worked out for you: name tables and columns as the schema has \
them, periods in the words of the question (\"last quarter\", \"since 2024-03-01\") with the operator `during`. `count_rows` counts rows of `table`.
- `sql`, where that cannot say it: one SELECT, with WITH where it helps. No comments, no variables, nothing that writes. Use the tables and columns of \
the schema alone, written as they are there, and functions of the dialect that are in common use. Values out of the question are placeholders in \
the statement and stand in `params`, in order; dates are text, YYYY-MM-DD. Count periods such as \"last month\" from today's date as given, not \
from a function of the database.
- `clarify`, where the question can be read in ways that would give other numbers: a question back and complete questions to choose from.
- `decline`, where the schema does not hold what is asked for, or the question asks for something else than data: say why.

Return what was asked for and nothing else, in the order it was asked for. Give every column of the result a short name in plain words. \
Words written ⟨v1⟩, ⟨v2⟩ stand for values that you do not get to see: write them as they are, in `values` or `params`.

";

/// What is particular about a dialect.
pub(super) fn dialect(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Tsql => {
            "TOP (n), no LIMIT; strings are N'…'; no boolean columns in SELECT: use CASE; DATEADD, DATEDIFF, CAST(… AS date)"
        }
        Dialect::Postgres => "LIMIT n; date_trunc and intervals; integers divide to integers: cast one to numeric",
        Dialect::Mysql => "LIMIT n; names in backticks; DATE_FORMAT, DATE_ADD; / divides exactly",
        Dialect::Sqlite => "LIMIT n; strftime and date on text; integers divide to integers: multiply by 1.0",
        Dialect::Bigquery => "LIMIT n; names in backticks; DATE_TRUNC(d, MONTH), SAFE_DIVIDE",
        Dialect::Datafusion => "LIMIT n; date_trunc and intervals; integers divide to integers: cast one to double",
    }
}

/// How placeholders are written.
pub(super) fn placeholders(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres | Dialect::Datafusion => "$1, $2",
        Dialect::Tsql => "@p1, @p2",
        Dialect::Sqlite | Dialect::Mysql | Dialect::Bigquery => "?",
    }
}
