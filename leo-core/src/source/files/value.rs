//! A cell as a value of its column's type.

use jiff::civil::{Date, DateTime, Time};

use super::infer::{self, Kind};
use super::number::{self, Number};
use super::report::FaultKind;
use super::row::{Cell, Row};
use super::temporal::{self, Moment};

/// A cell as text.
pub(super) fn plain(cell: Cell, row: &Row) -> String {
    match cell {
        Cell::Int(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Bool(value) => value.to_string(),
        cell => row.text_of(cell).to_owned(),
    }
}

/// A value on its way into a table; truth as 0 and 1. Texts are ranges of their row's buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stored {
    Null,
    Int(i64),
    Real(f64),
    Text(usize, usize),
    Date(Date),
    Timestamp(DateTime),
    Time(Time),
}

/// The cell as a value of this kind. What is spelled as another text is added to the row's buffer.
///
/// # Errors
/// What is wrong with it.
pub(super) fn convert(cell: Cell, row: &mut Row, kind: Kind) -> Result<Stored, FaultKind> {
    match (cell, kind) {
        (Cell::Empty, _) => return Ok(Stored::Null),
        (Cell::Error, _) => return Err(FaultKind::CellError),
        (Cell::NoResult, _) => return Err(FaultKind::NoResult),
        (Cell::Text(start, end), Kind::Text) | (Cell::Json(start, end), Kind::Text | Kind::Json) => {
            return Ok(Stored::Text(start, end));
        }
        (_, Kind::Text) => {
            let text = plain(cell, row);
            return Ok(row.keep(&text));
        }
        (Cell::Int(value), Kind::Integer(_)) => return Ok(Stored::Int(value)),
        (Cell::Int(value), Kind::Real(_)) => return Ok(Stored::Real(value as f64)),
        (Cell::Float(value), Kind::Real(_)) => return Ok(Stored::Real(value)),
        (Cell::Bool(value), Kind::Boolean) => return Ok(Stored::Int(i64::from(value))),
        (Cell::Text(..), _) => {}
        _ => return Err(FaultKind::Misfit),
    }
    let text = row.text_of(cell).trim();
    if infer::is_marker(text) {
        return Ok(Stored::Null);
    }
    let value = match kind {
        Kind::Integer(style) => match number::parse(text, style) {
            Some(Number::Int(value)) => Some(Stored::Int(value)),
            _ => None,
        },
        Kind::Real(style) => number::parse(text, style).map(|number| match number {
            Number::Int(value) => Stored::Real(value as f64),
            Number::Real(value) => Stored::Real(value),
        }),
        Kind::Boolean => infer::boolean(text).map(|value| Stored::Int(i64::from(value))),
        Kind::Date(order) => {
            moment(text).filter(|moment| !moment.has_time()).and_then(|moment| moment.date(order)).map(Stored::Date)
        }
        Kind::Timestamp(order) => moment(text).and_then(|moment| moment.timestamp(order)).map(Stored::Timestamp),
        Kind::Time => temporal::parse(text).and_then(|moment| moment.time_of_day()).map(Stored::Time),
        Kind::Json | Kind::Text => None,
    };
    value.ok_or(FaultKind::Misfit)
}

/// A date or moment whose century is no guess: with one that is, the column is text.
fn moment(text: &str) -> Option<Moment> {
    temporal::parse(text).filter(|moment| !moment.short_year)
}
