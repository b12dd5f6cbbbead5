//! Columns of dates: how each way of storing them is compared with a day, read as a civil date, and truncated.
//!
//! Comparisons keep the column bare (`column >= ? AND column < ?`), so that an index on it stays usable; the edges take the form
//! the column stores. Columns that hold instants (seconds since 1970, types with a zone) are compared with the instants at
//! which the days begin in the user's zone; columns without a zone are taken as they are.

mod label;
mod zone;

use jiff::civil::{Date, DateTime};
use sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, Expr, TimezoneInfo};

use super::ast::{all_of, any_of, binary, call, cast, concat, int, text};
use super::{Compiler, ast};
use crate::catalog::{Column, LogicalType, TimeEncoding};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::query::literal::{Moment, moment_beside, taken_as_is};
use crate::query::model::Operator;
use crate::query::time::ResolvedWindow;
use crate::value::Value;

pub(super) use label::Shift;

/// How a column stores points in time, in the dialect at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// The engine's date type.
    Date,
    /// The engine's timestamp type; with a zone it holds instants.
    Timestamp { zoned: bool },
    /// Text `2024-03-31`.
    IsoDate,
    /// Text `2024-03-31 14:00:00`.
    IsoTimestamp,
    /// `20240331` as a number or text.
    Compact { text: bool },
    /// Text `2024-03`.
    YearMonth,
    /// `2024` as a number or text.
    Year { text: bool },
    /// Seconds or milliseconds since 1970.
    Unix { millis: bool },
}

impl Stored {
    /// # Errors
    /// `Malformed` when the column holds no dates.
    pub(super) fn of(column: &Column, dialect: Dialect) -> Result<Self> {
        let is_text = !column.is_numeric();
        let sqlite = dialect == Dialect::Sqlite;
        let native = || {
            Ok(match column.data_type {
                LogicalType::Date if sqlite => Self::IsoDate,
                LogicalType::Timestamp if sqlite => Self::IsoTimestamp,
                LogicalType::Date => Self::Date,
                LogicalType::Timestamp => {
                    let declared = column.declared_type.to_ascii_lowercase();
                    let zoned = match dialect {
                        Dialect::Bigquery => !declared.contains("datetime"),
                        Dialect::Postgres | Dialect::Datafusion => {
                            declared.contains("timestamptz") || declared.contains("with time zone") || declared.contains("utc")
                        }
                        Dialect::Tsql => declared.contains("datetimeoffset"),
                        _ => false,
                    };
                    Self::Timestamp { zoned }
                }
                _ => return Err(Error::malformed(format!("column `{}` holds no dates; use one that does", column.name))),
            })
        };
        match column.time_encoding {
            None | Some(TimeEncoding::Native) => native(),
            Some(TimeEncoding::IsoDate) => Ok(Self::IsoDate),
            Some(TimeEncoding::IsoTimestamp) => Ok(Self::IsoTimestamp),
            Some(TimeEncoding::CompactDate) => Ok(Self::Compact { text: is_text }),
            Some(TimeEncoding::YearMonth) => Ok(Self::YearMonth),
            Some(TimeEncoding::Year) => Ok(Self::Year { text: is_text }),
            Some(TimeEncoding::UnixSeconds) => Ok(Self::Unix { millis: false }),
            Some(TimeEncoding::UnixMillis) => Ok(Self::Unix { millis: true }),
        }
    }

    /// Whether times of day are stored, so that a day is a range of values.
    fn has_times(self) -> bool {
        matches!(self, Self::Timestamp { .. } | Self::IsoTimestamp | Self::Unix { .. })
    }
}

/// An edge beside a column: the value, and whether the column must exceed it rather than reach it.
struct Edge {
    expr: Expr,
    strictly: bool,
}

impl Compiler<'_> {
    /// `start <= column < end`.
    pub(super) fn within(&mut self, expr: &Expr, column: &Column, window: &ResolvedWindow) -> Result<Expr> {
        self.note_window(window);
        let stored = Stored::of(column, self.dialect)?;
        self.warn_if_coarse(stored, column, window);
        let mut terms = Vec::new();
        if let Some(start) = window.start {
            terms.push(self.day_edge(expr, stored, start, true)?);
        }
        if let Some(end) = window.end {
            terms.push(self.day_edge(expr, stored, end, false)?);
        }
        // An open window still asks for a date.
        Ok(if terms.is_empty() { ast::is_not_null(expr.clone()) } else { all_of(terms) })
    }

    /// `column >= day`, or `column < day`.
    fn day_edge(&mut self, expr: &Expr, stored: Stored, day: Date, from: bool) -> Result<Expr> {
        let edge = self.edge(stored, Moment::Day(day))?;
        let op = match (from, edge.strictly) {
            (true, false) => BinaryOperator::GtEq,
            (true, true) => BinaryOperator::Gt,
            (false, false) => BinaryOperator::Lt,
            (false, true) => BinaryOperator::LtEq,
        };
        Ok(binary(expr.clone(), op, edge.expr))
    }

    fn warn_if_coarse(&mut self, stored: Stored, column: &Column, window: &ResolvedWindow) {
        let edges = || [window.start, window.end].into_iter().flatten();
        let coarse = match stored {
            Stored::YearMonth => edges().any(|edge| edge.day() != 1).then_some("months"),
            Stored::Year { .. } => edges().any(|edge| edge.day() != 1 || edge.month() != 1).then_some("years"),
            _ => None,
        };
        if let Some(unit) = coarse {
            self.warn(format!("column {} stores {unit} only: a window counts the {unit} that begin within it", column.name));
        }
    }

    /// The first stored value that is not before `moment`.
    fn edge(&mut self, stored: Stored, moment: Moment) -> Result<Edge> {
        let (day, time) = match moment {
            Moment::Day(day) => (day, None),
            Moment::Time(time) => (time.date(), Some(time)),
        };
        let at = |strictly: bool, expr: Expr| Ok(Edge { expr, strictly });
        let early = time.is_some_and(|time| time != day.to_datetime(jiff::civil::Time::midnight()));
        match stored {
            Stored::Date => {
                let bound = self.bind_edge(Value::Text(day.to_string()), "date");
                at(early, if self.dialect == Dialect::Mysql { bound } else { cast(bound, DataType::Date) })
            }
            Stored::Timestamp { zoned } => {
                let written = match (zoned, time) {
                    (true, _) => self.instant(day, time)?.strftime("%Y-%m-%d %H:%M:%S%:z").to_string(),
                    (false, Some(time)) => written(time),
                    (false, None) => format!("{day} 00:00:00"),
                };
                let bound = self.bind_edge(Value::Text(written), "timestamp");
                let data_type = match (self.dialect, zoned) {
                    (Dialect::Mysql, _) => return at(false, bound),
                    (Dialect::Tsql, true) => named("datetimeoffset"),
                    (Dialect::Tsql, false) => named("datetime2"),
                    (Dialect::Bigquery, false) => DataType::Datetime(None),
                    (Dialect::Bigquery, true) => DataType::Timestamp(None, TimezoneInfo::None),
                    (_, true) => DataType::Timestamp(None, TimezoneInfo::WithTimeZone),
                    (_, false) => DataType::Timestamp(None, TimezoneInfo::None),
                };
                at(false, cast(bound, data_type))
            }
            Stored::IsoDate => at(early, self.bind_edge(Value::Text(day.to_string()), "text")),
            Stored::IsoTimestamp => {
                // `2024-03-31` sorts before every time of that day, whatever separates date and time.
                at(false, self.bind_edge(Value::Text(time.map_or_else(|| day.to_string(), written)), "text"))
            }
            Stored::Compact { text } => {
                let digits = day.strftime("%Y%m%d").to_string();
                at(early, self.bind_digits(digits, text))
            }
            Stored::YearMonth => {
                let month = day.strftime("%Y-%m").to_string();
                at(early || day.day() != 1, self.bind_edge(Value::Text(month), "text"))
            }
            Stored::Year { text } => {
                at(early || day.day() != 1 || day.month() != 1, self.bind_digits(format!("{:04}", day.year()), text))
            }
            Stored::Unix { millis } => {
                let instant = self.instant(day, time)?.timestamp();
                let number = if millis { instant.as_millisecond() } else { instant.as_second() };
                at(false, self.bind_edge(Value::Int(number), "integer"))
            }
        }
    }

    fn bind_digits(&mut self, digits: String, text: bool) -> Expr {
        let value = match digits.parse() {
            Ok(number) if !text => Value::Int(number),
            _ => Value::Text(digits),
        };
        self.bind_edge(value, if text { "text" } else { "integer" })
    }

    fn instant(&self, day: Date, time: Option<DateTime>) -> Result<jiff::Zoned> {
        time.unwrap_or_else(|| day.to_datetime(jiff::civil::Time::midnight()))
            .to_zoned(self.now.time_zone().clone())
            .map_err(|_| Error::malformed("a date leaves the calendar; ask for dates between the years -9999 and 9999"))
    }

    /// `column op constant`, where the column holds dates. A day stands for all its times: `<= 2024-03-31` includes the 31st.
    pub(super) fn compare_moment(&mut self, expr: &Expr, column: &Column, op: Operator, constant: &Value) -> Result<Expr> {
        if taken_as_is(constant, column, op, self.dialect) {
            let bound = self.bind(constant.clone());
            return Ok(binary(expr.clone(), super::scalar::operator(op), bound));
        }
        let stored = Stored::of(column, self.dialect)?;
        let moment = moment_beside(constant, column)?;
        let Moment::Day(day) = moment else {
            if !stored.has_times() {
                let edge = self.edge(stored, moment)?;
                let (never, op) = match (op, edge.strictly) {
                    (Operator::Equal, true) => (true, op),
                    (Operator::Less, true) => (false, Operator::LessOrEqual),
                    (Operator::GreaterOrEqual, true) => (false, Operator::Greater),
                    _ => (false, op),
                };
                return Ok(if never { ast::never() } else { binary(expr.clone(), super::scalar::operator(op), edge.expr) });
            }
            let edge = self.edge(stored, moment)?;
            return Ok(binary(expr.clone(), super::scalar::operator(op), edge.expr));
        };
        if !stored.has_times() {
            let edge = self.edge(stored, moment)?;
            return Ok(match (op, edge.strictly) {
                (Operator::Equal, true) => ast::never(),
                (Operator::NotEqual, true) => ast::is_not_null(expr.clone()),
                (Operator::Less, true) => binary(expr.clone(), BinaryOperator::LtEq, edge.expr),
                (Operator::GreaterOrEqual, true) => binary(expr.clone(), BinaryOperator::Gt, edge.expr),
                _ => binary(expr.clone(), super::scalar::operator(op), edge.expr),
            });
        }
        let next = day.tomorrow().map_err(|_| Error::malformed("a date leaves the calendar; ask for an earlier one"))?;
        Ok(match op {
            Operator::Less => self.day_edge(expr, stored, day, false)?,
            Operator::GreaterOrEqual => self.day_edge(expr, stored, day, true)?,
            Operator::LessOrEqual => self.day_edge(expr, stored, next, false)?,
            Operator::Greater => self.day_edge(expr, stored, next, true)?,
            Operator::Equal => all_of(vec![self.day_edge(expr, stored, day, true)?, self.day_edge(expr, stored, next, false)?]),
            Operator::NotEqual => {
                any_of(vec![self.day_edge(expr, stored, day, false)?, self.day_edge(expr, stored, next, true)?])
            }
        })
    }

    /// A column of dates as a civil date or timestamp of the engine, in the user's zone; in SQLite as text its date functions
    /// read, with the modifiers they need.
    fn civil(&mut self, expr: &Expr, column: &Column) -> Result<Civil> {
        let stored = Stored::of(column, self.dialect)?;
        let expr = expr.clone();
        let dialect = self.dialect;
        let year_first = |text_form: Expr| match dialect {
            Dialect::Mysql | Dialect::Tsql => call("CONCAT", vec![text_form, text("-01-01")]),
            _ => concat([text_form, text("-01-01")]),
        };
        if self.dialect == Dialect::Sqlite {
            let plain = |expr: Expr| Ok(Civil { expr, modifiers: Vec::new(), has_times: stored.has_times() });
            return match stored {
                Stored::IsoTimestamp if written_with_offset(column) => plain(substring(Dialect::Sqlite, expr, 1, 19)),
                Stored::Compact { .. } => plain(concat([
                    substring(Dialect::Sqlite, expr.clone(), 1, 4),
                    text("-"),
                    substring(Dialect::Sqlite, expr.clone(), 5, 2),
                    text("-"),
                    substring(Dialect::Sqlite, expr, 7, 2),
                ])),
                Stored::YearMonth => plain(concat([expr, text("-01")])),
                Stored::Year { .. } => plain(year_first(expr)),
                Stored::Unix { millis } => {
                    let seconds = self.local_seconds(expr, column, millis);
                    Ok(Civil { expr: seconds, modifiers: vec!["unixepoch".to_owned()], has_times: true })
                }
                _ => plain(expr),
            };
        }
        let timestamp = match self.dialect {
            Dialect::Mysql | Dialect::Bigquery => DataType::Datetime(None),
            Dialect::Tsql => named("datetime2"),
            _ => DataType::Timestamp(None, TimezoneInfo::None),
        };
        let string = string_type(self.dialect);
        let instants = matches!(stored, Stored::Timestamp { zoned: true } | Stored::Unix { .. });
        let asks_engine = matches!(self.dialect, Dialect::Postgres | Dialect::Bigquery | Dialect::Datafusion);
        let zone = if instants && asks_engine { self.zone_name() } else { String::new() };
        let civil = match (stored, self.dialect) {
            (Stored::Date | Stored::Timestamp { zoned: false }, _) => expr,
            (Stored::Timestamp { zoned: true }, Dialect::Tsql) => self.switched(expr, column),
            (Stored::Timestamp { zoned: true }, Dialect::Bigquery) => call("DATETIME", vec![expr, text(&zone)]),
            (Stored::Timestamp { zoned: true }, _) => ast::at_time_zone(expr, text(&zone)),
            (Stored::IsoDate, _) => cast(expr, DataType::Date),
            (Stored::IsoTimestamp, _) if written_with_offset(column) => cast(substring(self.dialect, expr, 1, 19), timestamp),
            (Stored::IsoTimestamp, _) => cast(expr, timestamp),
            (Stored::Compact { text: is_text }, dialect) => {
                let digits = if is_text { expr } else { cast(expr, string) };
                match dialect {
                    Dialect::Mysql => call("STR_TO_DATE", vec![digits, text("%Y%m%d")]),
                    Dialect::Tsql => cast(digits, DataType::Date),
                    Dialect::Bigquery => call("PARSE_DATE", vec![text("%Y%m%d"), digits]),
                    Dialect::Postgres => call("TO_DATE", vec![digits, text("YYYYMMDD")]),
                    _ => call("to_date", vec![digits, text("%Y%m%d")]),
                }
            }
            (Stored::YearMonth, Dialect::Mysql | Dialect::Tsql) => cast(call("CONCAT", vec![expr, text("-01")]), DataType::Date),
            (Stored::YearMonth, _) => cast(concat([expr, text("-01")]), DataType::Date),
            (Stored::Year { text: is_text }, dialect) => {
                let digits = if is_text || matches!(dialect, Dialect::Mysql | Dialect::Tsql) { expr } else { cast(expr, string) };
                cast(year_first(digits), DataType::Date)
            }
            (Stored::Unix { millis }, Dialect::Postgres) => {
                let seconds = if millis { ast::divided(expr, ast::number("1000.0")) } else { expr };
                ast::at_time_zone(call("TO_TIMESTAMP", vec![seconds]), text(&zone))
            }
            (Stored::Unix { millis }, Dialect::Bigquery) => {
                let read = call(if millis { "TIMESTAMP_MILLIS" } else { "TIMESTAMP_SECONDS" }, vec![expr]);
                call("DATETIME", vec![read, text(&zone)])
            }
            (Stored::Unix { millis }, Dialect::Datafusion) => {
                let seconds = self.local_seconds(expr, column, millis);
                call("to_timestamp_seconds", vec![seconds])
            }
            (Stored::Unix { millis }, Dialect::Mysql) => {
                let seconds = self.local_seconds(expr, column, millis);
                let epoch = cast(text("1970-01-01"), DataType::Datetime(None));
                call("DATE_ADD", vec![epoch, ast::interval_unit(seconds, sqlparser::ast::DateTimeField::Second)])
            }
            (Stored::Unix { millis }, _) => {
                let seconds = self.local_seconds(expr, column, millis);
                call("DATEADD", vec![ast::word("second"), seconds, cast(text("1970-01-01"), named("datetime2"))])
            }
        };
        Ok(Civil { expr: civil, modifiers: Vec::new(), has_times: stored.has_times() })
    }
}

/// A column read as a civil date.
struct Civil {
    expr: Expr,
    /// SQLite: modifiers its date functions need to read it.
    modifiers: Vec<String>,
    has_times: bool,
}

/// Whether a text column's timestamps carry an offset other than `Z`: functions would convert them, while comparisons take them
/// as written.
fn written_with_offset(column: &Column) -> bool {
    let ends_with_offset = |value: &Option<Value>| {
        value
            .as_ref()
            .and_then(Value::as_str)
            .is_some_and(|text| text.len() > 19 && text.get(19..).is_some_and(|rest| rest.contains(['+', '-'])))
    };
    column.statistics.as_ref().is_some_and(|statistics| ends_with_offset(&statistics.min) || ends_with_offset(&statistics.max))
}

/// A moment as text, without fractions when there are none.
fn written(time: DateTime) -> String {
    time.strftime(if time.subsec_nanosecond() == 0 { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.f" }).to_string()
}

pub(super) fn named(name: &str) -> DataType {
    DataType::Custom(sqlparser::ast::ObjectName::from(sqlparser::ast::Ident::new(name)), Vec::new())
}

/// The type for text in casts.
pub(super) fn string_type(dialect: Dialect) -> DataType {
    match dialect {
        Dialect::Mysql => DataType::Char(None),
        Dialect::Bigquery => DataType::String(None),
        Dialect::Tsql => DataType::Varchar(Some(sqlparser::ast::CharacterLength::IntegerLength { length: 50, unit: None })),
        Dialect::Datafusion => DataType::Varchar(None),
        _ => DataType::Text,
    }
}

/// The type for whole numbers in casts.
pub(super) fn integer_type(dialect: Dialect) -> DataType {
    match dialect {
        Dialect::Mysql => DataType::Signed,
        Dialect::Bigquery => DataType::Int64,
        Dialect::Datafusion => DataType::BigInt(None),
        Dialect::Tsql => DataType::Int(None),
        _ => DataType::Integer(None),
    }
}

/// The type for exact decimals in casts.
pub(super) fn decimal_type() -> DataType {
    DataType::Numeric(ExactNumberInfo::None)
}

/// `SUBSTR(expr, from, length)`.
fn substring(dialect: Dialect, expr: Expr, from: i64, length: i64) -> Expr {
    Expr::Substring {
        expr: Box::new(expr),
        substring_from: Some(Box::new(int(from))),
        substring_for: Some(Box::new(int(length))),
        special: true,
        shorthand: dialect != Dialect::Tsql,
    }
}

/// A quotient without its fraction.
pub(super) fn integer_division(dialect: Dialect, expr: Expr, by: i64) -> Expr {
    match dialect {
        Dialect::Mysql => binary(expr, BinaryOperator::MyIntegerDivide, int(by)),
        Dialect::Bigquery => call("DIV", vec![expr, int(by)]),
        _ => ast::divided(expr, int(by)),
    }
}
