//! One row of a suite as an item.

use serde_json::{Map, Value};

use super::expand::alternatives;
use super::matching::{ColumnMatch, RowMatch};
use super::suite::{GoldRows, Item, Turn};
use crate::catalog::nearest;
use crate::dialect::Dialect;
use crate::value::Value as Cell;

/// What cannot be read, to follow `row 3 of the suite`.
type Read<T> = std::result::Result<T, String>;

/// Whose suite it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A benchmark's: other keys are ignored, a database must be named.
    Public,
    /// The same, asked at a handle: rows without a database are for its only source.
    Handle,
    /// A host's own: other keys are slips.
    Own,
}

/// Keys that may stand in the head of a suite for all of its rows.
pub(super) const DEFAULTS: &[&str] = &["db", "dialect", "match", "columns", "float_digits", "tags"];
/// Keys of a question.
const TURN: &[&str] = &["question", "gold", "rows", "value", "ordered", "tables"];
/// Keys of a row beside those of its question.
const ROW: &[&str] =
    &["id", "db", "database_sql", "dialect", "turns", "interpretations", "match", "columns", "float_digits", "tags"];

/// A prediction that is labelled as wrong, or not labelled.
pub(super) fn is_wrong_prediction(row: &Value) -> bool {
    let prediction = row.get("gold").is_none() && row.get("sql").is_some();
    prediction && row.get("correct").is_some_and(|label| label.as_bool() != Some(true) && label.as_u64() != Some(1))
}

pub(super) fn item(index: usize, row: &Map<String, Value>, form: Form) -> Read<Item> {
    if form == Form::Own {
        only_known(row, ROW.iter().chain(TURN))?;
    }
    let id = match row.get("id") {
        None | Some(Value::Null) => Value::from(index),
        Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
        Some(_) => return Err("has an `id` that is neither text nor a number".into()),
    };
    let item = common(row)?;
    let database_sql = text(row, "database_sql")?;
    if form == Form::Public && item.db.is_empty() && database_sql.is_none() {
        return Err("names no database; give `db` or `database_sql`".into());
    }
    let turns = match row.get("turns") {
        None => vec![turn(row, form)?],
        Some(Value::Array(turns)) if !turns.is_empty() => {
            turns.iter().map(|entry| entry_of_conversation(entry, form)).collect::<Read<_>>()?
        }
        Some(_) => return Err("has `turns` that are not a list of questions".into()),
    };
    let ambiguous = matches!(row.get("interpretations"), Some(Value::Array(readings)) if readings.len() > 1);
    Ok(Item { id, database_sql, turns, ambiguous, ..item })
}

/// What may stand in the head of a suite too.
pub(super) fn common(row: &Map<String, Value>) -> Read<Item> {
    let dialect = text(row, "dialect")?
        .map(|name| name.parse::<Dialect>().map_err(|_| format!("has the unknown dialect `{name}`")))
        .transpose()?;
    let float_digits = match row.get("float_digits") {
        None | Some(Value::Null) => None,
        Some(digits) => match digits.as_u64() {
            Some(digits @ 1..=17) => Some(digits as u8),
            _ => return Err("has `float_digits` that are not a number from 1 to 17".into()),
        },
    };
    let rows = text(row, "match")?.map(|name| match name.as_str() {
        "auto" => Ok(RowMatch::Auto),
        "bag" => Ok(RowMatch::Bag),
        "set" => Ok(RowMatch::Set),
        "list" => Ok(RowMatch::List),
        _ => Err("has a `match` that is none of `auto`, `bag`, `set` and `list`".to_owned()),
    });
    let columns = text(row, "columns")?.map(|name| match name.as_str() {
        "exact" => Ok(ColumnMatch::Exact),
        "subset" => Ok(ColumnMatch::Subset),
        _ => Err("has `columns` that are neither `exact` nor `subset`".to_owned()),
    });
    Ok(Item {
        db: text(row, "db")?.unwrap_or_default(),
        dialect,
        float_digits,
        rows: rows.transpose()?,
        columns: columns.transpose()?,
        tags: texts(row, "tags")?.unwrap_or_default(),
        ..Item::default()
    })
}

/// That `row` has no other keys than `known`.
pub(super) fn only_known<'a>(row: &Map<String, Value>, known: impl Iterator<Item = &'a &'a str> + Clone) -> Read<()> {
    let Some(unknown) = row.keys().find(|key| !known.clone().any(|known| known == key)) else { return Ok(()) };
    let meant = match unknown.as_str() {
        "sql" | "query" | "expected" if known.clone().any(|known| *known == "gold") => Some("gold".to_owned()),
        _ => nearest(unknown, known.clone().copied(), 1).pop(),
    };
    Err(match meant {
        Some(meant) => format!("has the unknown key `{unknown}`; do you mean `{meant}`?"),
        None => {
            let known: Vec<String> = known.map(|key| format!("`{key}`")).collect();
            format!("has the unknown key `{unknown}`; known are {}", known.join(", "))
        }
    })
}

fn entry_of_conversation(entry: &Value, form: Form) -> Read<Turn> {
    let row = entry.as_object().ok_or("has a turn that is not an object")?;
    if form == Form::Own {
        only_known(row, TURN.iter())?;
    }
    turn(row, form)
}

fn turn(row: &Map<String, Value>, form: Form) -> Read<Turn> {
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
            .collect::<Read<_>>()?,
        Some(_) => return Err("has a `gold` that is neither text nor a list".into()),
    };
    let gold = written.into_iter().flat_map(alternatives).collect();
    Ok(Turn { question, gold, rows: gold_rows(row, form)?, tables: texts(row, "tables")? })
}

/// `rows`, or the one row that `value` is.
fn gold_rows(row: &Map<String, Value>, form: Form) -> Read<Option<GoldRows>> {
    let ordered = match row.get("ordered") {
        None | Some(Value::Null) => None,
        Some(ordered) => Some(ordered.as_bool().ok_or("has an `ordered` that is neither true nor false")?),
    };
    let cell = |value: &Value| {
        serde_json::from_value::<Cell>(value.clone())
            .map_err(|_| "has a cell that is neither a number, text, truth value nor null")
    };
    match (row.get("rows"), row.get("value")) {
        (None, None) if ordered.is_some() && form == Form::Own => {
            Err("has `ordered` without `rows`; for statements give `match: list`".into())
        }
        (None, None) => Ok(None),
        (None, Some(value)) => Ok(Some(GoldRows { rows: vec![vec![cell(value)?]], ordered: false })),
        (Some(Value::Array(rows)), None) => {
            let read = |row: &Value| -> Read<Vec<Cell>> {
                let cells = row.as_array().ok_or("has `rows` that are not lists of cells")?;
                cells.iter().map(|value| cell(value).map_err(str::to_owned)).collect()
            };
            let rows = rows.iter().map(read).collect::<Read<Vec<_>>>()?;
            if rows.windows(2).any(|pair| pair.first().map(Vec::len) != pair.last().map(Vec::len)) {
                return Err("has `rows` of different lengths".into());
            }
            Ok(Some(GoldRows { rows, ordered: ordered.unwrap_or(false) }))
        }
        (Some(_), None) => Err("has `rows` that are not a list".into()),
        (Some(_), Some(_)) => Err("has `rows` and a `value`; give one of them".into()),
    }
}

fn text(row: &Map<String, Value>, key: &str) -> Read<Option<String>> {
    match row.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("has a `{key}` that is not text")),
    }
}

/// A list of texts, or one.
fn texts(row: &Map<String, Value>, key: &str) -> Read<Option<Vec<String>>> {
    let wrong = || format!("has `{key}` that are not a list of texts");
    match row.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(vec![text.clone()])),
        Some(Value::Array(list)) => {
            list.iter().map(|text| text.as_str().map(str::to_owned).ok_or_else(wrong)).collect::<Read<_>>().map(Some)
        }
        Some(_) => Err(wrong()),
    }
}
