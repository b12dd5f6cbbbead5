//! Question suites: JSON lines or a JSON list, in the forms public benchmarks come in.

use std::path::Path;

use serde_json::{Map, Value};

use super::expand::alternatives;
use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// A list of questions with reference statements.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    /// What the suite asks, in file order.
    pub items: Vec<Item>,
}

/// A question, or a conversation of several.
#[derive(Debug, Clone)]
pub struct Item {
    /// The row's `id` as it is written, else its position in the file from 0.
    pub id: Value,
    /// Name of the database; empty when `database_sql` is given instead.
    pub db: String,
    /// A database as SQL text, to be loaded into a temporary one.
    pub database_sql: Option<String>,
    /// Dialect of the reference statements; SQLite unless the row says otherwise.
    pub dialect: Dialect,
    /// The questions; more than one in a conversation.
    pub turns: Vec<Turn>,
    /// Whether the question has several readings, so that asking back is right.
    pub ambiguous: bool,
    /// Significant digits in which floats are compared; all unless the row has `float_digits`.
    pub float_digits: Option<u8>,
}

/// One question.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The question.
    pub question: String,
    /// Statements any of which is right; empty means that the question cannot be answered with this database.
    pub gold: Vec<String>,
}

impl Suite {
    /// Reads a suite from a file.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, `Malformed` naming the row that cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = match error.kind() {
                std::io::ErrorKind::NotFound => "there is no suite with this name",
                std::io::ErrorKind::InvalidData => "the suite is not UTF-8 text",
                _ => "could not read the suite",
            };
            Error::not_found(message).with_context("file", path.display().to_string()).with_source(error)
        })?;
        Self::parse(&text).map_err(|error| error.with_context("file", path.display().to_string()))
    }

    /// Reads a suite from text.
    ///
    /// # Behavior
    /// Each row is an object: `question` and `gold` (a string, a list of alternatives, or absent), or `turns`, a list of such; `db`
    /// or `database_sql`; optionally `id`, `dialect`, `float_digits`; `interpretations` marks an ambiguous question. Within `gold`, `;`
    /// separates alternatives and `{a, b}` stands for any subset of these columns. Other keys are ignored.
    ///
    /// A row with `sql` and `correct` instead of `gold` is somebody's prediction with its label: a right one is a reference, a
    /// wrong one is left out, because it does not say what would be right.
    ///
    /// # Errors
    /// `Malformed` naming the row.
    pub fn parse(text: &str) -> Result<Self> {
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
        let items = rows.iter().enumerate().filter(|(_, row)| !is_wrong_prediction(row)).map(|(index, row)| match row {
            Value::Object(row) => item(index, row).map_err(|what| malformed(index + 1, &what)),
            _ => Err(malformed(index + 1, "is not an object")),
        });
        Ok(Self { items: items.collect::<Result<_>>()? })
    }

    /// Keeps the items written in `dialect`, at most `limit` of them. Returns how many were left out for their dialect.
    pub fn retain(&mut self, dialect: Dialect, limit: Option<usize>) -> usize {
        let before = self.items.len();
        self.items.retain(|item| item.dialect == dialect);
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

/// A prediction that is labelled as wrong, or not labelled.
fn is_wrong_prediction(row: &Value) -> bool {
    let prediction = row.get("gold").is_none() && row.get("sql").is_some();
    prediction && row.get("correct").is_some_and(|label| label.as_bool() != Some(true) && label.as_u64() != Some(1))
}

fn item(index: usize, row: &Map<String, Value>) -> std::result::Result<Item, String> {
    let text = |key: &str| match row.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("has a `{key}` that is not text")),
    };
    let id = match row.get("id") {
        None | Some(Value::Null) => Value::from(index),
        Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
        Some(_) => return Err("has an `id` that is neither text nor a number".into()),
    };
    let dialect = match text("dialect")? {
        None => Dialect::Sqlite,
        Some(name) => name.parse().map_err(|_| format!("has the unknown dialect `{name}`"))?,
    };
    let float_digits = match row.get("float_digits") {
        None | Some(Value::Null) => None,
        Some(digits) => match digits.as_u64() {
            Some(digits @ 1..=17) => Some(digits as u8),
            _ => return Err("has `float_digits` that are not a number from 1 to 17".into()),
        },
    };
    let (db, database_sql) = (text("db")?.unwrap_or_default(), text("database_sql")?);
    if db.is_empty() && database_sql.is_none() {
        return Err("names no database; give `db` or `database_sql`".into());
    }
    let turns = match row.get("turns") {
        None => vec![turn(row)?],
        Some(Value::Array(turns)) if !turns.is_empty() => turns
            .iter()
            .map(|entry| entry.as_object().ok_or_else(|| "has a turn that is not an object".to_owned()).and_then(turn))
            .collect::<std::result::Result<_, _>>()?,
        Some(_) => return Err("has `turns` that are not a list of questions".into()),
    };
    let ambiguous = matches!(row.get("interpretations"), Some(Value::Array(readings)) if readings.len() > 1);
    Ok(Item { id, db, database_sql, dialect, turns, ambiguous, float_digits })
}

fn turn(row: &Map<String, Value>) -> std::result::Result<Turn, String> {
    let question = match row.get("question") {
        Some(Value::String(question)) if !question.trim().is_empty() => question.clone(),
        _ => return Err("has no `question`".into()),
    };
    let prediction = row.get("sql").filter(|_| row.contains_key("correct"));
    let written: Vec<&str> = match row.get("gold").or(prediction) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(gold)) => vec![gold],
        Some(Value::Array(golds)) => golds
            .iter()
            .map(|gold| gold.as_str().ok_or_else(|| "has a `gold` that is not text".to_owned()))
            .collect::<std::result::Result<_, _>>()?,
        Some(_) => return Err("has a `gold` that is neither text nor a list".into()),
    };
    Ok(Turn { question, gold: written.into_iter().flat_map(alternatives).collect() })
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
