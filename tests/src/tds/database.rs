//! A database behind the peer, for the behaviour suite: it reads T-SQL, lets SQLite run it, and answers in tokens while rows are found.
//!
//! It stands for no SQL Server. What it shows is the connector's own way, from the statement's text through parameters, rows and limits to
//! the attention that ends it; and that the suite's statements are T-SQL that says what the suite means.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value, ValueRef};
use tokio::sync::mpsc;

use super::token::{self, Cell, Type};
use super::{Flow, Request, Step, transact};

/// Bytes that are sent at once.
const PART: usize = 16 << 10;

/// Names and types of a table's columns.
pub type Columns = Vec<(String, Type)>;

/// Tables in a file of SQLite's, with the types that SQL Server would give their columns.
pub struct Database {
    folder: tempfile::TempDir,
    tables: HashMap<String, Columns>,
    running: Arc<Mutex<Vec<String>>>,
}

impl Database {
    /// Makes the tables of a script.
    ///
    /// # Panics
    /// When SQLite does not take it.
    pub fn new(script: &str, tables: &[(&str, &[(&str, Type)])]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Connection::open(folder.path().join("shop.db")).expect("a file").execute_batch(script).expect("tables");
        let columns = |columns: &[(&str, Type)]| columns.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
        let tables = tables.iter().map(|(name, of)| (format!("dbo.{name}"), columns(of))).collect();
        Self { folder, tables, running: Arc::default() }
    }

    /// How many statements are being run that hold `mark`.
    pub fn running(&self, mark: &str) -> usize {
        self.running.lock().expect("a list").iter().filter(|sql| sql.contains(mark)).count()
    }

    /// Runs the statement of a call.
    pub fn answer(&self, request: &Request) -> Vec<Step> {
        let statement = match transact::read(&request.sql, &request.declared, &self.tables) {
            Ok(statement) => statement,
            Err(why) => return vec![Step::Send([token::error(102, 15, &why), token::done_error()].concat())],
        };
        let (sender, receiver) = mpsc::channel(4);
        let (path, request) = (self.folder.path().join("shop.db"), request.clone());
        let listed = Listed::new(&self.running, &request.sql);
        std::thread::spawn(move || {
            let _listed = listed;
            let mut answer = Answer { sender, bytes: Vec::new() };
            if let Err(Problem::Said(number, why)) = run(&path, &request, &statement, &mut answer) {
                answer.bytes.extend([token::error(number, 16, &why), token::done_error()].concat());
            }
            let _ = answer.flush();
        });
        vec![Step::Flow(Flow::new(receiver))]
    }
}

/// Why a statement is not run any further.
enum Problem {
    /// An error of the server, with its number.
    Said(u32, String),
    /// Nobody reads on.
    Left,
}

/// Tokens on their way.
struct Answer {
    sender: mpsc::Sender<Vec<u8>>,
    bytes: Vec<u8>,
}

impl Answer {
    fn flush(&mut self) -> Result<(), Problem> {
        self.sender.blocking_send(std::mem::take(&mut self.bytes)).map_err(|_| Problem::Left)
    }
}

/// A statement in the list of those that are run, for as long as it is.
struct Listed(Arc<Mutex<Vec<String>>>, String);

impl Listed {
    fn new(list: &Arc<Mutex<Vec<String>>>, sql: &str) -> Self {
        list.lock().expect("a list").push(sql.to_owned());
        Self(Arc::clone(list), sql.to_owned())
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut list = self.0.lock().expect("a list");
        if let Some(at) = list.iter().position(|sql| *sql == self.1) {
            list.swap_remove(at);
        }
    }
}

fn run(path: &Path, request: &Request, statement: &transact::Statement, answer: &mut Answer) -> Result<(), Problem> {
    let syntax = |error: rusqlite::Error| Problem::Said(102, error.to_string());
    let values = |error: rusqlite::Error| Problem::Said(245, error.to_string());
    // The schema of its own keeps its tables apart from those that a statement brings along under the same names.
    let database = Connection::open_in_memory().map_err(syntax)?;
    database.execute("ATTACH ?1 AS dbo", [format!("file:{}?mode=ro", path.display())]).map_err(syntax)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    database.create_scalar_function("to_int", 1, flags, |call| whole(call.get_raw(0))).map_err(syntax)?;
    let mut prepared = database.prepare(&statement.sql).map_err(syntax)?;
    for index in 1..=prepared.parameter_count() {
        // Names are of either case to most servers.
        let name = prepared.parameter_name(index).unwrap_or_default().to_owned();
        let param = request.params.iter().find(|param| param.name.eq_ignore_ascii_case(&name));
        let param = param.ok_or_else(|| Problem::Said(137, format!("Must declare the scalar variable \"{name}\".")))?;
        prepared.raw_bind_parameter(index, bound(param)).map_err(syntax)?;
    }
    let columns: Vec<(&str, Type)> = statement.columns.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    answer.bytes.extend(token::columns(&columns));
    let (mut rows, mut count) = (prepared.raw_query(), 0);
    while let Some(row) = rows.next().map_err(values)? {
        let cell = |(at, (_, kind)): (usize, &(&str, Type))| cell(*kind, row.get_ref_unwrap(at));
        let cells: Vec<Cell> = columns.iter().enumerate().map(cell).collect();
        answer.bytes.extend(token::row(&columns, &cells));
        count += 1;
        if answer.bytes.len() > PART {
            answer.flush()?;
        }
    }
    answer.bytes.extend(token::done_procedure(count));
    Ok(())
}

/// `CAST(… AS int)`: what is no number is an error, and its text quotes the value as SQL Server's does.
fn whole(value: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Integer(number as i64),
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            let text = String::from_utf8_lossy(text);
            let number = text.trim().parse();
            let why = format!("Conversion failed when converting the nvarchar value '{text}' to data type int.");
            Value::Integer(number.map_err(|_| rusqlite::Error::UserFunctionError(why.into()))?)
        }
    })
}

/// A parameter as SQLite's value.
fn bound(param: &super::Param) -> Value {
    let Some(bytes) = &param.value else { return Value::Null };
    let number = || {
        let mut whole = [0; 8];
        whole[..bytes.len()].copy_from_slice(bytes);
        whole
    };
    match param.type_byte {
        0x26 | 0x68 => Value::Integer(i64::from_le_bytes(number())),
        0x6d => Value::Real(f64::from_le_bytes(number())),
        0xe7 => Value::Text(param.text().expect("a text")),
        other => panic!("the suite sends no {other:#x}"),
    }
}

/// A value of SQLite's as one of the column's type.
fn cell(kind: Type, value: ValueRef<'_>) -> Cell {
    let number = || match value {
        ValueRef::Integer(number) => number as f64,
        ValueRef::Real(number) => number,
        other => panic!("{other:?} is no {kind:?}"),
    };
    let text = || value.as_str().unwrap_or_else(|_| panic!("{value:?} is no {kind:?}"));
    match (kind, value) {
        (_, ValueRef::Null) => Cell::Null,
        (Type::Int(_) | Type::Bit, ValueRef::Integer(number)) => Cell::Int(number),
        (Type::Float(_), _) => Cell::Float(number()),
        (Type::Decimal(_, scale), _) => Cell::Decimal((number() * 10_f64.powi(i32::from(scale))).round() as i128),
        (Type::NVarchar(_), _) => Cell::Text(text().to_owned()),
        (Type::Date, _) => Cell::Moment(days(text().parse().expect("a day")), 0, 0),
        (Type::Datetime2(0), _) => {
            let moment: jiff::civil::DateTime = text().parse().expect("a moment");
            let parts = moment.time().duration_since(jiff::civil::Time::midnight()).as_secs();
            Cell::Moment(days(moment.date()), parts.unsigned_abs(), 0)
        }
        (kind, value) => panic!("{value:?} is no {kind:?}"),
    }
}

/// Days since the first one of the calendar (2.2.5.5.1.8).
fn days(day: jiff::civil::Date) -> i64 {
    day.duration_since(jiff::civil::date(1, 1, 1)).as_hours() / 24
}
