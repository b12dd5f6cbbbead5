//! Constants beside columns: which may be compared, and in what form the column's type wants them.

use jiff::civil::{Date, DateTime};

use super::model::Operator;
use crate::catalog::{Column, LogicalType, TimeEncoding};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::value::Value;

/// What can be done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Temporal,
    Boolean,
    /// The type says nothing; anything goes.
    Unknown,
}

impl Kind {
    pub(crate) fn of(column: &Column) -> Self {
        if column.is_temporal() {
            Self::Temporal
        } else if column.is_numeric() {
            Self::Number
        } else {
            match column.data_type {
                LogicalType::Text | LogicalType::Uuid => Self::Text,
                LogicalType::Boolean => Self::Boolean,
                _ => Self::Unknown,
            }
        }
    }

    pub(crate) fn of_value(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Boolean,
            Value::Int(_) | Value::Float(_) | Value::Decimal(_) => Self::Number,
            Value::Text(_) => Self::Text,
            Value::Null | Value::Bytes(_) => Self::Unknown,
        }
    }

    /// For messages: `a number` …
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "text",
            Self::Temporal => "a date",
            Self::Boolean => "true or false",
            Self::Unknown => "of unknown type",
        }
    }
}

/// Whether a column's dates are numbers as well: years, `20240331`, seconds.
pub(crate) fn holds_numbers(column: &Column) -> bool {
    column.is_numeric()
}

/// A point in time written as text: a day, or a day with a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Moment {
    Day(Date),
    Time(DateTime),
}

impl Moment {
    /// `2024-03-31`, `2024-03-31 14:00` or with `T` and fractions.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == 10 {
            return text.parse::<Date>().ok().map(Self::Day);
        }
        if !text.get(10..11).is_some_and(|between| between == " " || between == "T") {
            return None;
        }
        text.parse::<DateTime>().ok().map(Self::Time)
    }

    /// The moment a constant names when it stands beside `column`: also `2024` and `2024-03` where the column stores no more.
    pub(crate) fn beside(value: &Value, column: &Column) -> Option<Self> {
        let first_day = |text: String| text.parse::<Date>().ok().map(Self::Day);
        match value {
            Value::Text(text) => Self::parse(text).or_else(|| match (column.time_encoding, text.len()) {
                (Some(TimeEncoding::YearMonth), 7) => first_day(format!("{text}-01")),
                (Some(TimeEncoding::Year), 4) => first_day(format!("{text}-01-01")),
                _ => None,
            }),
            Value::Int(number) => match column.time_encoding {
                Some(TimeEncoding::Year) => first_day(format!("{number:04}-01-01")),
                Some(TimeEncoding::CompactDate) => {
                    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
                    first_day(format!("{year:04}-{month:02}-{day:02}"))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// `value` in the form a column that holds no dates compares with.
///
/// # Errors
/// `Malformed` when it does not fit.
pub(crate) fn fitted(value: &Value, column: &Column, op: Operator) -> Result<Value> {
    let ordering = !matches!(op, Operator::Equal | Operator::NotEqual);
    let refuse = || {
        Err(Error::malformed(format!(
            "column `{}` holds {} and cannot be compared with {}; compare it with a constant of its own kind",
            column.name,
            plural(Kind::of(column)),
            Kind::of_value(value).name()
        )))
    };
    if value.is_null() {
        return Err(Error::malformed(format!(
            "column `{}` is compared with NULL, which never holds; ask whether it is NULL",
            column.name
        )));
    }
    Ok(match (Kind::of(column), value) {
        (Kind::Number, Value::Bool(truth)) => Value::Int(i64::from(*truth)),
        (Kind::Number, Value::Text(text)) => match (text.trim().parse::<i64>(), text.trim().parse::<f64>()) {
            (Ok(whole), _) => Value::Int(whole),
            (_, Ok(number)) if number.is_finite() => Value::Float(number),
            _ => return refuse(),
        },
        (Kind::Text, Value::Int(number)) if !ordering => Value::Text(number.to_string()),
        (Kind::Text, Value::Int(_) | Value::Float(_) | Value::Bool(_)) => return refuse(),
        (Kind::Boolean, Value::Int(0)) => Value::Bool(false),
        (Kind::Boolean, Value::Int(1)) => Value::Bool(true),
        (Kind::Boolean, Value::Text(text)) if text.eq_ignore_ascii_case("true") => Value::Bool(true),
        (Kind::Boolean, Value::Text(text)) if text.eq_ignore_ascii_case("false") => Value::Bool(false),
        (Kind::Boolean, Value::Int(_) | Value::Float(_) | Value::Text(_)) => return refuse(),
        (Kind::Number | Kind::Text | Kind::Boolean, Value::Bytes(_)) => return refuse(),
        _ => value.clone(),
    })
}

fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "numbers",
        Kind::Text => "text",
        Kind::Temporal => "dates",
        Kind::Boolean => "true or false",
        Kind::Unknown => "values of unknown type",
    }
}

/// Whether a constant is compared with a column of dates as it stands: a number of seconds with a column of seconds, and in
/// SQLite, which lets any text into a column of dates, a text that is no date.
pub(crate) fn taken_as_is(value: &Value, column: &Column, op: Operator, dialect: Dialect) -> bool {
    match value {
        Value::Int(_) => matches!(column.time_encoding, Some(TimeEncoding::UnixSeconds | TimeEncoding::UnixMillis)),
        Value::Text(_) => {
            dialect == Dialect::Sqlite
                && matches!(op, Operator::Equal | Operator::NotEqual)
                && Moment::beside(value, column).is_none()
        }
        _ => false,
    }
}

/// A constant beside a column of dates.
///
/// # Errors
/// `Malformed` when it is no date.
pub(crate) fn moment_beside(value: &Value, column: &Column) -> Result<Moment> {
    Moment::beside(value, column).ok_or_else(|| {
        Error::malformed(format!(
            "column `{}` holds dates; compare it with a date written `2024-03-31` or `2024-03-31 14:00:00`",
            column.name
        ))
    })
}
