//! Running a statement and comparing what came out.

use std::cell::Cell;

use leo::Value;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::database::Bound;

/// Thousands of the engine's steps after which a statement is stopped.
const PATIENCE: u32 = 300;

thread_local! {
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

/// Stops statements of `connection` that take too long, by steps and not by the clock.
pub fn watch(connection: &mut Connection) {
    let too_long = || {
        STEPS.set(STEPS.get() + 1);
        STEPS.get() > PATIENCE
    };
    connection.progress_handler(1_000, Some(too_long)).expect("a handler of SQLite");
}

/// What a statement did.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It could not be prepared.
    Unprepared(String),
    /// It failed while it ran.
    Failed(String),
    /// It took too long.
    Stopped,
    /// Its rows; cells as text with their type.
    Rows(Vec<String>, Vec<Vec<String>>),
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows(names, rows) => write!(f, "{} rows of {names:?}, {:?}", rows.len(), rows.get(..8).unwrap_or(rows)),
            other => write!(f, "{other:?}"),
        }
    }
}

/// Runs `sql`.
pub fn run(connection: &Connection, sql: &str, params: &[Value]) -> Outcome {
    STEPS.set(0);
    let mut statement = match connection.prepare(sql) {
        Ok(statement) => statement,
        Err(error) => return Outcome::Unprepared(error.to_string()),
    };
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = match statement.query(rusqlite::params_from_iter(params.iter().map(Bound))) {
        Ok(rows) => rows,
        Err(error) => return Outcome::Unprepared(error.to_string()),
    };
    let mut found = Vec::new();
    loop {
        match rows.next() {
            Ok(None) => return Outcome::Rows(names, found),
            Ok(Some(row)) => found.push((0..names.len()).map(|at| cell(row.get_ref(at).expect("a column"))).collect()),
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) => {
                return Outcome::Stopped;
            }
            Err(error) => return Outcome::Failed(error.to_string()),
        }
    }
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(value) => format!("{value}"),
        // The order of additions shows in the last digits.
        ValueRef::Real(value) => format!("{:.10e}", if value == 0.0 { 0.0 } else { value }),
        ValueRef::Text(bytes) => format!("'{}'", String::from_utf8_lossy(bytes)),
        ValueRef::Blob(bytes) => format!("x{bytes:02x?}"),
    }
}

/// The rows in an order that does not depend on the engine's.
pub fn sorted(rows: &[Vec<String>]) -> Vec<&Vec<String>> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort();
    rows
}

/// Whether each of `rows` is among `all`, as often as it is there.
pub fn contains(all: &[Vec<String>], rows: &[Vec<String>]) -> bool {
    let mut left = sorted(all);
    rows.iter().all(|row| match left.binary_search(&row) {
        Ok(at) => {
            left.remove(at);
            true
        }
        Err(_) => false,
    })
}
