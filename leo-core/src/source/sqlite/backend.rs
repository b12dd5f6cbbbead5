//! The connector: opening, running statements on threads of their own, streaming batches back.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use tokio::sync::{mpsc, oneshot};

use super::config::SqliteOptions;
use super::hook::{self, Declared};
use super::pool::{Pool, Stop};
use super::types::{Batches, ResultColumn, WINDOW_ROWS, Window};
use super::{catalog, errors, functions};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::gate::{
    BatchStream, Cleared, ConnectionReport, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded,
    look_around,
};
use crate::value::Value;

/// Batches on their way to a slow reader before the statement waits.
const BATCHES_AHEAD: usize = 2;
/// Bytes after which a batch is sent although it has not all its rows.
const BATCH_BYTES: u64 = 16 << 20;
/// Time an introspection may take.
const INTROSPECTION_TIMEOUT: Duration = Duration::from_secs(60);

/// A SQLite database as a source.
///
/// Opened read-only with every defence SQLite has; each statement runs on a thread of its own over a pooled connection.
#[derive(Debug)]
pub struct SqliteSource {
    info: ConnectorInfo,
    pool: Arc<Pool>,
}

impl SqliteSource {
    /// Opens the file at `path` read-only.
    ///
    /// # Errors
    /// `NotFound`; `Config` for a directory or missing permission; `Malformed` for another format, an encrypted or a damaged
    /// file; `Unavailable` when it is locked or needs recovery.
    pub fn open(source: impl Into<String>, path: impl AsRef<Path>) -> Result<Self> {
        Self::open_options(source, path, SqliteOptions::default())
    }

    /// [`SqliteSource::open`] with settings.
    ///
    /// # Errors
    /// As [`SqliteSource::open`].
    pub fn open_options(source: impl Into<String>, path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self> {
        let path = path.as_ref();
        let pool = Pool::file(path, options).map_err(|error| error.with_context("file", path.display().to_string()))?;
        Ok(Self::over(source, pool))
    }

    /// A database in memory made by a SQL script, which may do anything but attach other databases.
    ///
    /// # Errors
    /// `Rejected` when a statement of the script fails.
    pub fn from_sql(source: impl Into<String>, script: &str) -> Result<Self> {
        Self::from_sql_options(source, script, SqliteOptions::default())
    }

    /// [`SqliteSource::from_sql`] with settings.
    ///
    /// # Errors
    /// As [`SqliteSource::from_sql`].
    pub fn from_sql_options(source: impl Into<String>, script: &str, options: SqliteOptions) -> Result<Self> {
        let name = memory_name();
        let keeper = open_memory(&name)?;
        keeper.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0).map_err(|error| errors::running(&error))?;
        // Scripts are often dumps in any order of tables; the rows are as they are.
        keeper.execute_batch("PRAGMA foreign_keys = OFF").map_err(|error| errors::running(&error))?;
        keeper.execute_batch(script).map_err(|error| errors::preparing(&error))?;
        if !keeper.is_autocommit() {
            keeper.execute_batch("COMMIT").map_err(|error| errors::preparing(&error))?;
        }
        Ok(Self::over(source, Pool::memory(name, keeper, options)?))
    }

    /// A database in memory that `fill` puts tables into.
    ///
    /// # Errors
    /// Those of `fill`.
    pub(in crate::source) fn in_memory(source: String, fill: impl FnOnce(&mut Connection) -> Result<()>) -> Result<Self> {
        let name = memory_name();
        let mut keeper = open_memory(&name)?;
        fill(&mut keeper)?;
        Ok(Self::over(source, Pool::memory(name, keeper, SqliteOptions::default())?))
    }

    /// The rows of a statement, as text.
    #[cfg(test)]
    pub(in crate::source) fn read_for_test(&self, sql: &str) -> Vec<String> {
        let mut lease = self.pool.checkout(&self.stop(&Context::new("t", "u").unwrap(), Duration::from_secs(10))).unwrap();
        let mut statement = lease.connection().unwrap().prepare(sql).unwrap();
        let width = statement.column_count();
        let cell = |row: &rusqlite::Row<'_>, at| match row.get_ref(at).unwrap() {
            ValueRef::Null => "NULL".to_owned(),
            ValueRef::Integer(value) => value.to_string(),
            ValueRef::Real(value) => format!("{value:?}"),
            ValueRef::Text(value) | ValueRef::Blob(value) => String::from_utf8_lossy(value).into_owned(),
        };
        let row = |row: &rusqlite::Row<'_>| Ok((0..width).map(|at| cell(row, at)).collect::<Vec<_>>().join("|"));
        statement.query_map([], row).unwrap().map(|row| row.unwrap()).collect()
    }

    /// A copy in memory of what `connection` has in its main database.
    ///
    /// # Errors
    /// `Unavailable` and others as for a running statement.
    pub fn from_connection(source: impl Into<String>, connection: &Connection) -> Result<Self> {
        let name = memory_name();
        let keeper = open_memory(&name)?;
        connection.execute("VACUUM main INTO ?1", [format!("file:{name}?vfs=memdb")]).map_err(|error| errors::running(&error))?;
        Ok(Self::over(source, Pool::memory(name, keeper, SqliteOptions::default())?))
    }

    fn over(source: impl Into<String>, pool: Pool) -> Self {
        let info = ConnectorInfo {
            source: source.into(),
            engine: "sqlite".into(),
            engine_version: rusqlite::version().into(),
            dialect: Dialect::Sqlite,
        };
        Self { info, pool: Arc::new(pool) }
    }

    fn stop(&self, ctx: &Context, timeout: Duration) -> Stop {
        let limit = Instant::now().checked_add(timeout).unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400));
        Stop {
            cancel: ctx.cancel.clone(),
            deadline: ctx.deadline.map_or(limit, |deadline| deadline.min(limit)),
            dropped: Arc::default(),
            closed: Arc::clone(self.pool.closed()),
        }
    }
}

#[async_trait]
impl Connector for SqliteSource {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        ctx.check()?;
        let stop = self.stop(ctx, INTROSPECTION_TIMEOUT);
        let _dropped = DropFlag(Arc::clone(&stop.dropped));
        let pool = Arc::clone(&self.pool);
        let (sender, receiver) = oneshot::channel();
        spawn(move || {
            let result = pool.checkout(&stop).and_then(|mut lease| {
                let connection = lease.connection()?;
                hook::remove(connection)?;
                catalog::introspect(connection, &options)
            });
            let _ = sender.send(result.map_err(|error| stop.reason().unwrap_or(error)));
        })?;
        receiver.await.map_err(|_| vanished())?
    }

    /// SQLite does not say what a statement costs.
    async fn estimate(&self, ctx: &Context, _sql: &Recorded) -> Result<Option<Estimate>> {
        ctx.check()?;
        Ok(None)
    }

    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        ctx.check()?;
        let vetted = sql.sql();
        self.info.accepts(vetted)?;
        let stop = self.stop(ctx, options.timeout);
        let dropped = DropFlag(Arc::clone(&stop.dropped));
        let truncated: Arc<AtomicBool> = Arc::default();
        let outcome: Outcome = Arc::default();
        let (schema_sender, schema_receiver) = oneshot::channel();
        let (batch_sender, batch_receiver) = mpsc::channel(BATCHES_AHEAD);
        let run = Run {
            sql: vetted.sql().to_owned(),
            params: vetted.params().to_vec(),
            declared: Declared::of(vetted),
            max_rows: options.max_rows.min(vetted.row_cap()),
            max_bytes: options.max_bytes,
            batch_rows: options.batch_rows.max(1),
            truncated: Arc::clone(&truncated),
            stop,
            schema: Some(schema_sender),
            batches: batch_sender,
        };
        let (pool, report) = (Arc::clone(&self.pool), Arc::clone(&outcome));
        spawn(move || run.on(&pool, &report))?;
        let schema = tokio::select! {
            biased;
            schema = schema_receiver => schema,
            () = ctx.cancel.cancelled() => return Err(Error::cancelled("the statement was cancelled")),
        };
        let schema = schema.map_err(|_| lock(&outcome).take().and_then(Result::err).unwrap_or_else(vanished))?;
        let cancel = ctx.cancel.clone();
        let batches = futures::stream::unfold(Some((batch_receiver, outcome, dropped, cancel)), async |state| {
            let (mut receiver, outcome, dropped, cancel) = state?;
            let next = tokio::select! {
                biased;
                next = receiver.recv() => next,
                () = cancel.cancelled() => return Some((Err(Error::cancelled("the statement was cancelled")), None)),
            };
            match next {
                Some(batch) => Some((Ok(batch), Some((receiver, outcome, dropped, cancel)))),
                None => match lock(&outcome).take() {
                    Some(Ok(())) => None,
                    Some(Err(error)) => Some((Err(error), None)),
                    None => Some((Err(vanished()), None)),
                },
            }
        });
        Ok(BatchStream::new(schema, batches).with_truncated(truncated))
    }

    async fn test(&self, ctx: &Context) -> Result<ConnectionReport> {
        Ok(ConnectionReport { read_only: true, ..look_around(self, ctx).await? })
    }

    fn shares_rows(&self) -> bool {
        true
    }

    async fn close(&self) -> Result<()> {
        self.pool.close();
        Ok(())
    }
}

/// How a run ended; set before its channels close.
type Outcome = Arc<Mutex<Option<Result<()>>>>;

fn lock(outcome: &Outcome) -> std::sync::MutexGuard<'_, Option<Result<()>>> {
    outcome.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells the statement, when it is dropped, that nobody waits for it.
#[derive(Debug)]
struct DropFlag(Arc<AtomicBool>);

impl Drop for DropFlag {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn vanished() -> Error {
    Error::internal("the thread of the statement ended without an answer")
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<()> {
    std::thread::Builder::new()
        .name("leo-sqlite".into())
        .stack_size(4 << 20)
        .spawn(work)
        .map(drop)
        .map_err(|error| Error::unavailable("no thread can be started for the statement; try again").with_source(error))
}

/// `memdb` shares databases whose names begin with a slash among the connections of the process.
fn memory_name() -> String {
    format!("/leo-{}", uuid::Uuid::now_v7())
}

fn open_memory(name: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags_and_vfs(name, flags, "memdb").map_err(|error| errors::running(&error))?;
    // The default of 1 GiB is what memdb grows to; opening creates the database.
    connection.execute_batch("SELECT count(*) FROM sqlite_schema").map_err(|error| errors::running(&error))?;
    functions::add_missing(&connection).map_err(|error| errors::running(&error))?;
    Ok(connection)
}

struct Param<'a>(&'a Value);

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Float(value) => ValueRef::Real(*value),
            Value::Decimal(value) => ValueRef::Real(value.to_f64()),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

/// One statement on its thread.
struct Run {
    sql: String,
    params: Vec<Value>,
    declared: Declared,
    max_rows: u64,
    max_bytes: u64,
    batch_rows: usize,
    truncated: Arc<AtomicBool>,
    stop: Stop,
    schema: Option<oneshot::Sender<SchemaRef>>,
    batches: mpsc::Sender<RecordBatch>,
}

impl Run {
    fn on(mut self, pool: &Arc<Pool>, report: &Outcome) {
        let result = self.execute(pool);
        // The engine only says "interrupted"; why is known here.
        let result = result.map_err(|error| self.stop.reason().unwrap_or(error));
        *lock(report) = Some(result);
    }

    fn execute(&mut self, pool: &Arc<Pool>) -> Result<()> {
        let mut lease = pool.checkout(&self.stop)?;
        let result = self.with_connection(lease.connection()?, pool);
        if result.as_ref().is_err_and(|error| matches!(error.kind(), crate::ErrorKind::Unavailable | crate::ErrorKind::Internal))
        {
            lease.discard();
        }
        result
    }

    fn with_connection(&mut self, connection: &mut Connection, pool: &Pool) -> Result<()> {
        self.check_by_engine(connection)?;
        let mut statement = connection.prepare(&self.sql).map_err(|error| errors::preparing(&error))?;
        if statement.column_count() == 0 || !statement.readonly() || statement.is_explain() != 0 {
            return Err(Error::rejected("only statements that return rows and change nothing run here"));
        }
        if statement.parameter_count() != self.params.len() {
            return Err(Error::rejected(format!(
                "the statement has {} placeholders and {} values; give one value for each",
                statement.parameter_count(),
                self.params.len()
            )));
        }
        for (index, value) in self.params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Param(value)).map_err(|error| errors::preparing(&error))?;
        }
        let columns: Vec<ResultColumn> = statement
            .columns()
            .map(|column| ResultColumn { name: column.name().to_owned(), declared: column.decl_type().map(str::to_owned) })
            .collect();
        let width = columns.len();
        let mut rows = statement.raw_query();
        let mut bytes = 0;

        let mut window = Window::new(columns);
        let mut complete = false;
        while window.rows() < WINDOW_ROWS && (window.rows() as u64) < self.max_rows {
            let Some(row) = rows.next().map_err(|error| errors::running(&error))? else {
                complete = true;
                break;
            };
            for index in 0..width {
                let value = row.get_ref(index).map_err(|error| errors::running(&error))?;
                bytes += size(value);
                window.push(index, value);
            }
            window.end_row();
            self.check_bytes(bytes)?;
        }
        let mut sent = window.rows() as u64;
        // A result cut at its limit is as complete as it will get.
        let capped = sent >= self.max_rows;
        let (mut batches, replay) = window.settle(&self.sql, complete || capped, pool.options().invalid_utf8)?;
        if let Some(schema) = self.schema.take() {
            let _ = schema.send(Arc::clone(batches.schema()));
        }
        for row in 0..replay.rows() {
            replay.row(row, &mut batches)?;
            self.send_full(&mut batches)?;
        }
        drop(replay);
        if !complete {
            loop {
                let Some(row) = rows.next().map_err(|error| errors::running(&error))? else { break };
                if sent >= self.max_rows {
                    self.truncated.store(true, Ordering::Release);
                    break;
                }
                for index in 0..width {
                    let value = row.get_ref(index).map_err(|error| errors::running(&error))?;
                    bytes += size(value);
                    batches.push(index, value)?;
                }
                batches.end_row();
                sent += 1;
                self.check_bytes(bytes)?;
                self.send_full(&mut batches)?;
            }
        }
        if batches.rows() > 0 {
            self.send(batches.finish()?)?;
        }
        Ok(())
    }

    /// Prepares the statement under the hook, so that what it may not use is refused with a name; leaves the hook in place for
    /// the preparation that counts and for those that SQLite repeats when the schema changes.
    fn check_by_engine(&self, connection: &mut Connection) -> Result<()> {
        let mut declared = self.declared.clone();
        for attempt in 0.. {
            let refused = hook::install(connection, declared.clone())?;
            let prepared = connection.prepare(&self.sql).map(drop);
            let refusal = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
            match (prepared, refusal) {
                (_, Some(refusal)) => {
                    if attempt > 0 {
                        hook::install(connection, Declared::default())?;
                        return Err(refusal.into_error());
                    }
                    declared.look_up(connection)?;
                }
                (Err(error), None) => return Err(errors::preparing(&error)),
                (Ok(()), None) => break,
            }
        }
        Ok(())
    }

    fn check_bytes(&self, bytes: u64) -> Result<()> {
        if bytes <= self.max_bytes {
            return Ok(());
        }
        Err(Error::limit_exceeded(format!(
            "the result is larger than {} MiB; ask for fewer rows or columns, or aggregate",
            self.max_bytes >> 20
        )))
    }

    fn send_full(&self, batches: &mut Batches) -> Result<()> {
        if batches.rows() >= self.batch_rows || batches.bytes() >= BATCH_BYTES { self.send(batches.finish()?) } else { Ok(()) }
    }

    /// Hands a batch over, waiting for a slow reader, but not past the deadline.
    fn send(&self, batch: RecordBatch) -> Result<()> {
        let permit = wait(self.batches.reserve(), || self.stop.reason())?;
        permit.map_err(|_| Error::cancelled("nobody waits for the result any more"))?.send(batch);
        Ok(())
    }
}

fn size(value: ValueRef<'_>) -> u64 {
    8 + match value {
        ValueRef::Text(value) | ValueRef::Blob(value) => value.len() as u64,
        _ => 0,
    }
}

/// Waits on this thread, without a runtime, for `future`, or until `give_up` has a reason not to.
fn wait<T>(future: impl Future<Output = T>, give_up: impl Fn() -> Option<Error>) -> Result<T> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Ok(value);
        }
        if let Some(reason) = give_up() {
            return Err(reason);
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
