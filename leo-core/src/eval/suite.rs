//! Question suites: JSON lines or a JSON list, in the forms public benchmarks come in, and YAML for a host's own.

use std::path::Path;

use serde_json::Value;

use super::matching::{ColumnMatch, RowMatch};
use super::row::{self, Form};
use super::yaml;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::knowledge::VerifiedQuery;
use crate::value::Value as Cell;

/// A list of questions with reference statements.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    /// What the suite asks, in file order.
    pub items: Vec<Item>,
}

/// A question, or a conversation of several.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// The row's `id` as it is written, else its position in the file from 0.
    pub id: Value,
    /// Name of the database, or id of the source; empty when `database_sql` is given instead, and where a handle has one source alone.
    pub db: String,
    /// A database as SQL text, to be loaded into a temporary one.
    pub database_sql: Option<String>,
    /// Dialect of the reference statements; that of the database unless the row says otherwise.
    pub dialect: Option<Dialect>,
    /// The questions; more than one in a conversation.
    pub turns: Vec<Turn>,
    /// Whether the question has several readings, so that asking back is right.
    pub ambiguous: bool,
    /// Significant digits in which floats are compared; all unless the row has `float_digits`.
    pub float_digits: Option<u8>,
    /// How rows are compared, where the row has `match`.
    pub rows: Option<RowMatch>,
    /// How columns are compared, where the row has `columns`.
    pub columns: Option<ColumnMatch>,
    /// What the question is about, in the host's words: figures are given by tag.
    pub tags: Vec<String>,
}

/// One question.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// The question.
    pub question: String,
    /// Statements any of which is right.
    pub gold: Vec<String>,
    /// The right rows themselves, beside statements or instead of them.
    pub rows: Option<GoldRows>,
    /// Tables that have to be found for it; those that the statements read unless given.
    pub tables: Option<Vec<String>>,
}

/// A right result as rows. `Debug` shows none of them.
#[derive(Clone, Default, PartialEq)]
pub struct GoldRows {
    /// Rows of equal length.
    pub rows: Vec<Vec<Cell>>,
    /// Whether their order counts, where the row of the suite does not say how rows are compared.
    pub ordered: bool,
}

impl std::fmt::Debug for GoldRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GoldRows").field("rows", &self.rows.len()).field("ordered", &self.ordered).finish()
    }
}

impl Turn {
    /// Whether there is an answer; without a reference the question cannot be answered with this database.
    pub fn is_answerable(&self) -> bool {
        !self.gold.is_empty() || self.rows.is_some()
    }
}

impl Suite {
    /// Reads a suite from a file: as YAML when its name ends in `.yaml` or `.yml`, as JSON otherwise.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, `Malformed` naming the row that cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        Self::read_as(path, Form::Public)
    }

    /// Reads a suite for a handle from a file, as [`read`](Self::read), except that a row of JSON may leave its database out.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_for_handle(path: &Path) -> Result<Self> {
        Self::read_as(path, Form::Handle)
    }

    fn read_as(path: &Path, form: Form) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = match error.kind() {
                std::io::ErrorKind::NotFound => "there is no suite with this name",
                std::io::ErrorKind::InvalidData => "the suite is not UTF-8 text",
                _ => "could not read the suite",
            };
            Error::not_found(message).with_context("file", path.display().to_string()).with_source(error)
        })?;
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let suite = match ending.as_deref() {
            Some("yaml" | "yml") => Self::parse_yaml(&text),
            _ => Self::parse_as(&text, form),
        };
        suite.map_err(|error| error.with_context("file", path.display().to_string()))
    }

    /// Reads a suite from JSON lines or a JSON list.
    ///
    /// # Behavior
    /// Each row is an object: `question` and `gold` (a string, a list of alternatives, or absent), or `turns`, a list of such; `db`
    /// or `database_sql`; optionally `id`, `dialect`, `float_digits`, `match` (`auto`, `bag`, `set` or `list`), `columns` (`exact` or
    /// `subset`), `tables`, `tags`, and `rows` with `ordered`, or `value`, in place of `gold`; `interpretations` marks an ambiguous
    /// question. Within `gold`, `;` separates alternatives and `{a, b}` stands for any subset of these columns. Other keys are ignored:
    /// public benchmarks have many.
    ///
    /// A row with `sql` and `correct` instead of `gold` is somebody's prediction with its label: a right one is a reference, a
    /// wrong one is left out, because it does not say what would be right.
    ///
    /// # Errors
    /// `Malformed` naming the row.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_as(text, Form::Public)
    }

    fn parse_as(text: &str, form: Form) -> Result<Self> {
        let malformed = |row: usize, what: &str| Error::malformed(format!("row {row} of the suite {what}"));
        let rows: Vec<Value> = if text.trim_start().starts_with('[') {
            serde_json::from_str(text).map_err(|error| Error::malformed("the suite is not a JSON list").with_source(error))?
        } else {
            text.lines()
                .enumerate()
                .filter(|(_, line)| !line.trim().is_empty())
                .map(|(index, line)| {
                    serde_json::from_str(line).map_err(|error| malformed(index + 1, "is not JSON").with_source(error))
                })
                .collect::<Result<_>>()?
        };
        let items = rows.iter().enumerate().filter(|(_, row)| !row::is_wrong_prediction(row)).map(|(index, row)| match row {
            Value::Object(row) => row::item(index, row, form).map_err(|what| malformed(index + 1, &what)),
            _ => Err(malformed(index + 1, "is not an object")),
        });
        Ok(Self { items: items.collect::<Result<_>>()? })
    }

    /// Reads a suite from YAML, as a host writes its own.
    ///
    /// # Behavior
    /// A list of rows as [`parse`](Self::parse) has them, or a mapping of `questions`, such a list, and what holds for rows that do not say
    /// it themselves: `db`, `dialect`, `match`, `columns`, `float_digits`, `tags`. Rows without a database are for a handle with one source. A key
    /// that nobody knows is an error, so that a slip does not pass for a question without an answer.
    ///
    /// # Errors
    /// `Malformed` naming the row, its line and the key, with the key that may have been meant.
    ///
    /// # Example
    /// ```
    /// let suite = leo::eval::Suite::parse_yaml("
    /// db: sample
    /// match: set
    /// questions:
    ///   - { question: Which countries do we sell to?, gold: SELECT country FROM customers, tags: [sales] }
    ///   - { question: How many of us are there?, value: 48 }
    /// ")?;
    /// assert_eq!(suite.questions(), 2);
    /// let slip = leo::eval::Suite::parse_yaml("- { qestion: How many orders?, value: 3 }").unwrap_err();
    /// assert_eq!(slip.message(), "row 1 of the suite (line 1) has the unknown key `qestion`; do you mean `question`?");
    /// # Ok::<(), leo::Error>(())
    /// ```
    pub fn parse_yaml(text: &str) -> Result<Self> {
        yaml::items(text).map(|items| Self { items })
    }

    /// Reads a suite for a handle from text, whichever form it has: JSON lines or a JSON list where it begins with `{` or `[`, and YAML otherwise.
    ///
    /// # Behavior
    /// As [`parse`](Self::parse) and [`parse_yaml`](Self::parse_yaml), except that a row of JSON may leave its database out, too.
    ///
    /// # Errors
    /// As theirs.
    ///
    /// # Example
    /// ```
    /// use leo::eval::Suite;
    /// let yaml = Suite::parse_text("- { question: How many customers do we have?, value: 48 }")?;
    /// let json = Suite::parse_text(r#"{"question": "How many customers do we have?", "value": 48}"#)?;
    /// assert_eq!((yaml.questions(), json.questions()), (1, 1));
    /// # Ok::<(), leo::Error>(())
    /// ```
    pub fn parse_text(text: &str) -> Result<Self> {
        if text.trim_start().starts_with(['{', '[']) { Self::parse_as(text, Form::Handle) } else { Self::parse_yaml(text) }
    }

    /// A suite that a program has as data, in the form of [`parse_yaml`](Self::parse_yaml): a list of rows, or an object with `questions`.
    ///
    /// # Errors
    /// `Malformed` naming the row and the key.
    ///
    /// # Example
    /// ```
    /// use leo::eval::Suite;
    /// use serde_json::json;
    /// assert_eq!(Suite::from_json(json!([{"question": "How many customers do we have?", "value": 48}]))?.questions(), 1);
    /// let slip = Suite::from_json(json!([{"question": "How many?", "glod": "SELECT 1"}])).unwrap_err();
    /// assert_eq!(slip.message(), "row 1 of the suite has the unknown key `glod`; do you mean `gold`?");
    /// # Ok::<(), leo::Error>(())
    /// ```
    pub fn from_json(suite: Value) -> Result<Self> {
        yaml::items_of(suite).map(|items| Self { items })
    }

    /// The suite with `source` as the database of the rows that name none.
    #[must_use]
    pub fn with_source(mut self, source: &str) -> Self {
        let without = self.items.iter_mut().filter(|item| item.db.is_empty() && item.database_sql.is_none());
        without.for_each(|item| item.db = source.to_owned());
        self
    }

    /// Somebody's verified questions as a suite for the source `db`; ids count from 0.
    ///
    /// A source that knows these pairs answers them by their own statements: to measure the planner, ask a handle that was built
    /// without them.
    ///
    /// # Example
    /// ```
    /// use leo::{eval::Suite, knowledge::VerifiedQuery};
    /// let pair = VerifiedQuery { question: "How many customers?".into(), sql: "SELECT count(*) FROM customers".into(), note: None };
    /// assert_eq!(Suite::from_verified("sales", &[pair]).questions(), 1);
    /// ```
    pub fn from_verified(db: &str, pairs: &[VerifiedQuery]) -> Self {
        let item = |(index, pair): (usize, &VerifiedQuery)| Item {
            id: Value::from(index),
            db: db.to_owned(),
            // As it stands: what separates alternatives in a suite is a part of the statement here.
            turns: vec![Turn { question: pair.question.clone(), gold: vec![pair.sql.clone()], ..Turn::default() }],
            ..Item::default()
        };
        Self { items: pairs.iter().enumerate().map(item).collect() }
    }

    /// Keeps the items written in `dialect`, at most `limit` of them; those that do not say are SQLite's. Returns how many were left out
    /// for their dialect.
    pub fn retain(&mut self, dialect: Dialect, limit: Option<usize>) -> usize {
        let before = self.items.len();
        self.items.retain(|item| item.dialect.unwrap_or(Dialect::Sqlite) == dialect);
        let skipped = before - self.items.len();
        if let Some(limit) = limit {
            self.items.truncate(limit);
        }
        skipped
    }

    /// Number of questions, turns counted one by one.
    pub fn questions(&self) -> usize {
        self.items.iter().map(|item| item.turns.len()).sum()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_row_is_read() {
        let suite = Suite::parse(concat!(
            r#"{"id": 7, "db": "a", "question": "q", "gold": "SELECT 1"}"#,
            "\n\n",
            r#"{"id": "x", "db": "a", "question": "q", "gold": ["SELECT 1", "SELECT {a, b} FROM t"], "dialect": "tsql", "float_digits": 12}"#,
            "\n",
            r#"{"db": "a", "question": "q"}"#,
            "\n",
            r#"{"database_sql": "CREATE TABLE t(a)", "question": "q", "interpretations": ["r", "s"], "gold": ["SELECT 1", "SELECT 2"]}"#,
            "\n",
            r#"{"db": "a", "turns": [{"question": "q", "gold": "SELECT 1"}, {"question": "r", "gold": "SELECT 2; SELECT 3;"}]}"#,
        ))
        .unwrap();
        let golds: Vec<Vec<usize>> =
            suite.items.iter().map(|item| item.turns.iter().map(|turn| turn.gold.len()).collect()).collect();
        assert_eq!(golds, [vec![1], vec![4], vec![0], vec![2], vec![1, 2]]);
        assert_eq!(
            suite.items.iter().map(|item| item.id.clone()).collect::<Vec<_>>(),
            [Value::from(7), Value::from("x"), Value::from(2), Value::from(3), Value::from(4)]
        );
        assert!(suite.items[3].ambiguous && !suite.items[1].ambiguous);
        assert_eq!(suite.questions(), 6);
        let mut suite = suite;
        assert_eq!(suite.retain(Dialect::Sqlite, Some(3)), 1);
        assert_eq!(suite.items.len(), 3);
    }

    #[test]
    fn predictions_are_references_when_they_are_right() {
        let suite = Suite::parse(concat!(
            r#"{"id": 1, "db": "a", "question": "q", "sql": "SELECT 1", "correct": 1}"#,
            "\n",
            r#"{"id": 2, "db": "a", "question": "q", "sql": "SELECT 2", "correct": 0}"#,
            "\n",
            r#"{"id": 3, "db": "a", "question": "q", "sql": "SELECT 3", "correct": null}"#,
            "\n",
            r#"{"id": 4, "db": "a", "question": "q", "sql": "SELECT 4"}"#,
        ))
        .unwrap();
        let golds: Vec<(&Value, usize)> = suite.items.iter().map(|item| (&item.id, item.turns[0].gold.len())).collect();
        assert_eq!(golds, [(&Value::from(1), 1), (&Value::from(4), 0)]);
    }

    #[test]
    fn a_list_is_read_and_a_bad_row_is_named() {
        assert_eq!(Suite::parse(r#"[{"db": "a", "question": "q"}]"#).unwrap().items.len(), 1);
        for (row, what) in [
            (r#"{"db": "a"}"#, "row 1 of the suite has no `question`"),
            (r#"{"question": "q"}"#, "row 1 of the suite names no database; give `db` or `database_sql`"),
            (r#"{"db": "a", "question": "q", "gold": 3}"#, "row 1 of the suite has a `gold` that is neither text nor a list"),
            (r#"{"db": "a", "question": "q", "dialect": "cobol"}"#, "row 1 of the suite has the unknown dialect `cobol`"),
            ("3", "row 1 of the suite is not an object"),
            ("{", "row 1 of the suite is not JSON"),
        ] {
            assert_eq!(Suite::parse(row).unwrap_err().message(), what);
        }
    }
}
