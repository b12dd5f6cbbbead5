//! The behaviour suite on a source that the host reads itself: SQLite, through nothing of Leo's.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use leo::adapter::{HostCatalog, HostConnector, SqlRequest, Started};
use leo::context::HostContext;
use leo::gate::{Connector, ConnectorInfo};
use leo::source::host::HostSource;
use leo::{Dialect, Error, Result, Value};
use leo_tests::behaviour::{self, Fixture, SOURCE, Skill};
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, InterruptHandle, OpenFlags};
use tokio::sync::{mpsc, oneshot};

const TABLES: &str = "
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, city text, born date);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), total decimal(12, 2), note text,
    placed timestamp, UNIQUE (customer_id, id));
CREATE TABLE readings (id integer PRIMARY KEY, small smallint, whole integer, wide bigint, ratio double precision, label text);
CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 100;
INSERT INTO customers VALUES (1, 'Ann', 'Oslo', '1990-01-02'), (2, 'Bob', NULL, NULL), (3, 'Zoë 🦀', '', '1969-12-31');
INSERT INTO orders VALUES (1, 1, 99.50, NULL, '2024-02-29 23:59:59'), (2, 1, 250.00, 'late', '2024-03-31 02:30:00'), (3, 2, 0.01, '', NULL);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO readings SELECT i, i % 100, i * 1000, i * 1000000000, i / 4.0, 'reading ' || i FROM n;
";

/// What a host in a language without Leo's types writes down.
const DESCRIPTION: &str = r#"{
    "dialect": "sqlite",
    "read_only": true,
    "tables": [
        {"name": "customers", "comment": "who buys", "primary_key": ["id"], "columns": [
            {"name": "id", "type": "integer", "nullable": false}, {"name": "name", "type": "text", "nullable": false},
            {"name": "city", "type": "text", "comment": "where they live"}, {"name": "born", "type": "date"}]},
        {"name": "orders", "primary_key": ["id"], "unique_keys": [["customer_id", "id"]], "columns": [
            {"name": "id", "type": "integer", "nullable": false}, {"name": "customer_id", "type": "integer"},
            {"name": "total", "type": "decimal(12, 2)"}, {"name": "note", "type": "text"}, {"name": "placed", "type": "timestamp"}],
         "foreign_keys": [{"columns": ["customer_id"], "table": "customers"}]},
        {"name": "readings", "primary_key": ["id"], "rows": 10000, "columns": [
            {"name": "id", "type": "integer", "nullable": false}, {"name": "small", "type": "smallint"},
            {"name": "whole", "type": "integer"}, {"name": "wide", "type": "bigint"}, {"name": "ratio", "type": "double precision"},
            {"name": "label", "type": "text"}]},
        {"name": "big_orders", "kind": "view", "definition": "SELECT id, total FROM orders WHERE total > 100", "columns": [
            {"name": "id", "type": "integer"}, {"name": "total", "type": "decimal(12, 2)"}]}
    ]
}"#;

/// Rows of a batch.
const ROWS: usize = 2_000;

/// Runs each statement on a thread and a connection of its own.
#[derive(Debug)]
struct Rusqlite {
    path: PathBuf,
    ids: AtomicU64,
    statements: Mutex<HashMap<u64, Statement>>,
    /// Texts of the statements whose threads are at work.
    running: Arc<Mutex<Vec<(u64, String)>>>,
}

struct Statement {
    batches: Arc<tokio::sync::Mutex<mpsc::Receiver<Result<RecordBatch>>>>,
    interrupt: InterruptHandle,
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Statement")
    }
}

fn failed(error: rusqlite::Error) -> Error {
    Error::adapter(error.to_string())
}

fn bound(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Integer(i64::from(value)),
        Value::Int(value) => Cell::Integer(value),
        Value::Float(value) => Cell::Real(value),
        Value::Decimal(value) => Cell::Real(value.to_f64()),
        Value::Text(value) => Cell::Text(value),
        Value::Bytes(value) => Cell::Blob(value),
    }
}

/// The type of a column whose first values are these.
fn kind<'a>(cells: impl Iterator<Item = &'a Cell>) -> DataType {
    cells.fold(DataType::Null, |kind, cell| match (kind, cell) {
        (kind, Cell::Null) => kind,
        (DataType::Null | DataType::Int64, Cell::Integer(_)) => DataType::Int64,
        (DataType::Null | DataType::Int64 | DataType::Float64, Cell::Real(_) | Cell::Integer(_)) => DataType::Float64,
        _ => DataType::Utf8,
    })
}

fn array(kind: &DataType, cells: impl Iterator<Item = Cell>) -> ArrayRef {
    match kind {
        DataType::Int64 => {
            Arc::new(cells.map(|cell| if let Cell::Integer(n) = cell { Some(n) } else { None }).collect::<Int64Array>())
        }
        DataType::Float64 => Arc::new(
            cells
                .map(|cell| match cell {
                    Cell::Integer(n) => Some(n as f64),
                    Cell::Real(n) => Some(n),
                    _ => None,
                })
                .collect::<Float64Array>(),
        ),
        DataType::Utf8 => {
            Arc::new(cells.map(|cell| if let Cell::Text(text) = cell { Some(text) } else { None }).collect::<StringArray>())
        }
        other => arrow_array::new_null_array(other, cells.count()),
    }
}

fn batch(schema: &SchemaRef, rows: &[Vec<Cell>]) -> Result<RecordBatch> {
    let column = |(at, field): (usize, &Arc<Field>)| array(field.data_type(), rows.iter().map(|row| row[at].clone()));
    let columns = schema.fields().iter().enumerate().map(column).collect();
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(|error| Error::adapter(error.to_string()))
}

/// Reads the rows of a statement.
fn read(
    connection: &Connection,
    request: SqlRequest,
    schema: oneshot::Sender<Result<SchemaRef>>,
    batches: &mpsc::Sender<Result<RecordBatch>>,
) -> Result<()> {
    let mut statement = match connection.prepare(&request.sql) {
        Ok(statement) => statement,
        Err(error) => {
            let _ = schema.send(Err(failed(error)));
            return Ok(());
        }
    };
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = match statement.query(rusqlite::params_from_iter(request.params.into_iter().map(bound))) {
        Ok(rows) => rows,
        Err(error) => {
            let _ = schema.send(Err(failed(error)));
            return Ok(());
        }
    };
    let mut schema = Some(schema);
    let mut known: Option<SchemaRef> = None;
    loop {
        let mut part = Vec::new();
        let fault = loop {
            if part.len() == ROWS {
                break None;
            }
            match rows.next() {
                Ok(Some(row)) => part.push((0..names.len()).map(|at| row.get_unwrap(at)).collect::<Vec<Cell>>()),
                Ok(None) => break None,
                Err(error) => break Some(failed(error)),
            }
        };
        let told = known.get_or_insert_with(|| {
            let field = |(at, name): (usize, &String)| Field::new(name, kind(part.iter().map(|row| &row[at])), true);
            Arc::new(Schema::new(names.iter().enumerate().map(field).collect::<Vec<_>>()))
        });
        if let Some(sender) = schema.take() {
            let _ = sender.send(Ok(Arc::clone(told)));
        }
        if let Some(fault) = fault {
            return Err(fault);
        }
        let is_last = part.len() < ROWS;
        if batches.blocking_send(batch(told, &part)).is_err() || is_last {
            return Ok(());
        }
    }
}

#[async_trait]
impl HostConnector for Rusqlite {
    async fn introspect(&self, _: HostContext) -> Result<HostCatalog> {
        serde_json::from_str(DESCRIPTION).map_err(|error| Error::adapter(error.to_string()))
    }

    async fn start(&self, _: HostContext, request: SqlRequest) -> Result<Started> {
        let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let (schema_sender, schema) = oneshot::channel();
        let (sender, batches) = mpsc::channel(1);
        let statement =
            Statement { batches: Arc::new(tokio::sync::Mutex::new(batches)), interrupt: connection.get_interrupt_handle() };
        self.statements.lock().unwrap().insert(id, statement);
        self.running.lock().unwrap().push((id, request.sql.clone()));
        let running = Arc::clone(&self.running);
        std::thread::spawn(move || {
            if let Err(error) = read(&connection, request, schema_sender, &sender) {
                let _ = sender.blocking_send(Err(error));
            }
            running.lock().unwrap().retain(|(other, _)| *other != id);
        });
        let told = schema.await.map_err(|_| Error::adapter("the thread ended")).and_then(|schema| schema);
        match told {
            Ok(schema) => Ok(Started { id, schema }),
            Err(error) => {
                self.statements.lock().unwrap().remove(&id);
                Err(error)
            }
        }
    }

    async fn next(&self, id: u64) -> Result<Option<RecordBatch>> {
        let batches = self.statements.lock().unwrap().get(&id).map(|statement| Arc::clone(&statement.batches));
        let batches = batches.ok_or_else(|| Error::adapter("no such statement"))?;
        let next = batches.lock().await.recv().await.transpose()?;
        if next.is_none() {
            self.statements.lock().unwrap().remove(&id);
        }
        Ok(next)
    }

    async fn stop(&self, id: u64) -> Result<()> {
        let statement = self.statements.lock().unwrap().remove(&id).ok_or_else(|| Error::adapter("no such statement"))?;
        statement.interrupt.interrupt();
        Ok(())
    }
}

struct Host {
    path: PathBuf,
    /// Texts of the statements of all connectors that were made.
    running: Arc<Mutex<Vec<(u64, String)>>>,
}

impl Host {
    fn at(folder: &Path) -> Self {
        let path = folder.join("shop.db");
        Connection::open(&path).unwrap().execute_batch(TABLES).unwrap();
        Self { path, running: Arc::default() }
    }
}

#[async_trait]
impl Fixture for Host {
    fn name(&self) -> &'static str {
        "host"
    }

    fn has(&self, skill: Skill) -> bool {
        // Days are text and decimals are floats, as in SQLite; indexes are not described, and errors are the host's own.
        matches!(skill, Skill::Tables | Skill::Comments | Skill::Views | Skill::Sessions)
    }

    async fn connect(&self) -> Result<Arc<dyn Connector>> {
        let info = ConnectorInfo {
            source: SOURCE.into(),
            engine: "rusqlite".into(),
            engine_version: rusqlite::version().into(),
            dialect: Dialect::Sqlite,
        };
        let host = Rusqlite {
            path: self.path.clone(),
            ids: AtomicU64::new(1),
            statements: Mutex::default(),
            running: Arc::clone(&self.running),
        };
        Ok(Arc::new(HostSource::new(info, Arc::new(host))))
    }

    fn running(&self, mark: &str) -> usize {
        self.running.lock().unwrap().iter().filter(|(_, sql)| sql.contains(mark)).count()
    }

    fn connections(&self) -> usize {
        self.running.lock().unwrap().len()
    }

    fn refused(&self) -> (&'static str, &'static str) {
        ("SELECT abs(id, id) AS a FROM customers", "abs")
    }

    fn failing(&self) -> &'static str {
        "SELECT id, json_extract(note, '$.a') AS n FROM orders WHERE note = 'late'"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_behave() {
    let folder = tempfile::tempdir().unwrap();
    behaviour::run(&Host::at(folder.path())).await;
}
