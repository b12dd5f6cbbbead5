//! Answers of several engines made comparable.
//!
//! What is evened out: truth values are 0 and 1, a moment at midnight is its day, a number is a double or a decimal as its engine has
//! it. Numbers are the same when they differ by a thousand-millionth of their size at most, or by a ten-millionth where they are small: a
//! double keeps 15 digits, and a sum of doubles or a point in time as days has fewer behind the point.

use leo::{Table, Value};

/// A cell that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// NULL.
    Null,
    /// A number.
    Number(f64),
    /// Text, days and moments.
    Text(String),
}

impl Cell {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Number(f64::from(u8::from(*truth))),
            Value::Text(text) => Self::Text(text.strip_suffix(" 00:00:00").unwrap_or(text).replace('T', " ")),
            other => other.as_f64().map_or_else(|| Self::Text(other.to_string()), Self::Number),
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => {
                let apart = (one - other).abs();
                apart <= 1e-7 || apart <= 1e-9 * one.abs().max(other.abs())
            }
            (one, other) => one == other,
        }
    }

    /// What rows are sorted by before they are compared without order.
    fn key(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Number(number) if number.abs() < 1e-7 => "0".into(),
            Self::Number(number) => format!("{number:.11e}"),
            Self::Text(text) => format!("'{text}"),
        }
    }
}

/// The rows of an answer.
pub fn rows(table: &Table) -> Vec<Vec<Cell>> {
    table.rows().map(|row| row.iter().map(Cell::of).collect()).collect()
}

/// The same rows, sorted.
pub fn sorted(mut rows: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    rows.sort_by_cached_key(|row| row.iter().map(Cell::key).collect::<Vec<_>>());
    rows
}

/// The first difference of two results; nothing when they are the same.
pub fn difference(wanted: &[Vec<Cell>], found: &[Vec<Cell>]) -> Option<String> {
    if wanted.len() != found.len() {
        let lone = |rows: &[Vec<Cell>], others: &[Vec<Cell>]| {
            rows.iter().find(|row| !others.iter().any(|other| same(row, other))).cloned()
        };
        return Some(format!(
            "{} and {} rows, only one has {:?} and {:?}",
            wanted.len(),
            found.len(),
            lone(wanted, found),
            lone(found, wanted)
        ));
    }
    let (wanted, found) = wanted.iter().zip(found).find(|(wanted, found)| !same(wanted, found))?;
    Some(format!("{wanted:?} and {found:?}"))
}

/// Whether two results rank their rows by the same numbers with fractions, so that their last bits decide which of two alike are kept.
pub fn same_ranks(wanted: &[Vec<Cell>], found: &[Vec<Cell>], column: usize) -> bool {
    let ranks = |rows: &[Vec<Cell>]| sorted(rows.iter().map(|row| row.get(column).cloned().into_iter().collect()).collect());
    let (wanted, found) = (ranks(wanted), ranks(found));
    let with_fractions = wanted.iter().flatten().any(|cell| matches!(cell, Cell::Number(number) if number.fract() != 0.0));
    with_fractions && difference(&wanted, &found).is_none()
}

fn same(one: &[Cell], other: &[Cell]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is(other))
}
