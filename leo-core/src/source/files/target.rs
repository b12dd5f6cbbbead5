//! Where tables are kept; the SQLite database that keeps small ones.

use std::fmt::Write as _;

use jiff::civil::{Date, Time};
use rusqlite::types::Null;
use rusqlite::{Connection, Statement};

use super::infer::Kind;
use super::name::quoted;
use super::report::ColumnReport;
use super::value::Stored;
use crate::error::{Error, Result};

/// Where tables are kept.
pub(super) trait Target {
    /// Makes `table` anew and keeps the rows that `rows` puts into its sink. The columns are of `kinds`, and of text beyond those.
    fn fill(
        &mut self,
        table: &str,
        columns: &[ColumnReport],
        kinds: &[Kind],
        rows: &mut dyn FnMut(&mut dyn Sink) -> Result<()>,
    ) -> Result<()>;

    /// How a name is spelled here.
    fn spelled(&self, name: String) -> String {
        name
    }
}

/// Takes one row after another.
pub(super) trait Sink {
    /// Keeps a row: a value for each column, texts as ranges of `text`.
    fn put(&mut self, values: &[Stored], text: &str) -> Result<()>;
}

fn failed(error: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DiskFull, OutOfMemory, SystemIoFailure, TooBig};
    match error.sqlite_error_code() {
        Some(DiskFull | SystemIoFailure) => {
            Error::unavailable("the disk is full; free some space or set `temp_dir` to a larger one")
        }
        Some(TooBig) => Error::limit_exceeded("a value is larger than SQLite stores; split the file's long fields"),
        Some(OutOfMemory) => Error::limit_exceeded("the files need more memory than there is; lower `memory_bytes`"),
        _ => Error::internal("the rows could not be stored"),
    }
    .with_context("engine", error.to_string())
}

impl Target for Connection {
    fn fill(
        &mut self,
        table: &str,
        columns: &[ColumnReport],
        _kinds: &[Kind],
        rows: &mut dyn FnMut(&mut dyn Sink) -> Result<()>,
    ) -> Result<()> {
        let transaction = self.transaction().map_err(|error| failed(&error))?;
        let (name, places) = (quoted(table), vec!["?"; columns.len()].join(", "));
        let list: Vec<String> = columns.iter().map(|column| format!("{} {}", quoted(&column.name), column.declared)).collect();
        let create = format!("DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({})", list.join(", "));
        transaction.execute_batch(&create).map_err(|error| failed(&error))?;
        let mut statement =
            transaction.prepare(&format!("INSERT INTO {name} VALUES ({places})")).map_err(|error| failed(&error))?;
        rows(&mut Insert { statement: &mut statement, moment: String::new() })?;
        drop(statement);
        transaction.commit().map_err(|error| failed(&error))
    }
}

/// The statement that inserts one row after another.
struct Insert<'a, 'c> {
    statement: &'a mut Statement<'c>,
    /// Room for a day or a moment.
    moment: String,
}

impl Sink for Insert<'_, '_> {
    fn put(&mut self, values: &[Stored], text: &str) -> Result<()> {
        for (index, value) in values.iter().enumerate() {
            self.bind(index + 1, value, text).map_err(|error| failed(&error))?;
        }
        self.statement.raw_execute().map(drop).map_err(|error| failed(&error))
    }
}

impl Insert<'_, '_> {
    fn bind(&mut self, index: usize, value: &Stored, text: &str) -> rusqlite::Result<()> {
        self.moment.clear();
        match value {
            Stored::Null => return self.statement.raw_bind_parameter(index, Null),
            Stored::Int(value) => return self.statement.raw_bind_parameter(index, value),
            Stored::Real(value) => return self.statement.raw_bind_parameter(index, value),
            Stored::Text(start, end) => {
                return self.statement.raw_bind_parameter(index, text.get(*start..*end).unwrap_or_default());
            }
            Stored::Date(value) => write_date(&mut self.moment, *value),
            Stored::Timestamp(value) => {
                write_date(&mut self.moment, value.date());
                self.moment.push(' ');
                write_time(&mut self.moment, value.time());
            }
            Stored::Time(value) => write_time(&mut self.moment, *value),
        }
        self.statement.raw_bind_parameter(index, self.moment.as_str())
    }
}

/// As SQLite writes a day: `2024-12-31`. Written by hand, as a file may have one in every cell.
fn write_date(text: &mut String, date: Date) {
    let year = date.year();
    if year < 0 {
        let _ = write!(text, "{date}");
        return;
    }
    two(text, year / 100);
    two(text, year % 100);
    text.push('-');
    two(text, i16::from(date.month()));
    text.push('-');
    two(text, i16::from(date.day()));
}

/// As SQLite writes a time of day: `23:59:59`, or `23:59:59.5`.
fn write_time(text: &mut String, time: Time) {
    if time.subsec_nanosecond() > 0 {
        let _ = write!(text, "{time}");
        return;
    }
    two(text, i16::from(time.hour()));
    text.push(':');
    two(text, i16::from(time.minute()));
    text.push(':');
    two(text, i16::from(time.second()));
}

fn two(text: &mut String, value: i16) {
    for digit in [value / 10, value % 10] {
        text.push(char::from(b'0' + u8::try_from(digit).unwrap_or_default()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_written_as_sqlite_writes_them() {
        let written = |at: jiff::civil::DateTime| {
            let mut text = String::new();
            write_date(&mut text, at.date());
            text.push(' ');
            write_time(&mut text, at.time());
            text
        };
        let at = jiff::civil::datetime;
        assert_eq!(written(at(2024, 12, 31, 7, 5, 9, 0)), "2024-12-31 07:05:09");
        assert_eq!(written(at(33, 1, 2, 0, 0, 0, 500_000_000)), "0033-01-02 00:00:00.5");
    }
}
