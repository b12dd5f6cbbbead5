//! Connections: opened read-only and hardened, reused, given back.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use tokio_util::sync::CancellationToken;

use super::config::{Location, SqliteOptions, Stamp, check_file, immutable_uri, may_be_immutable};
use super::{errors, functions};
use crate::error::{Error, ErrorKind, Result};

/// Statements that may wait for a connection before further ones are turned away.
const MAX_WAITING: usize = 256;
/// Instructions of SQLite's machine between two looks at the clock: some ten microseconds.
const PROGRESS_OPS: i32 = 1_000;

/// When and why a statement has to stop. SQLite's interrupt handle is not used for it: an interrupt that comes late would hit
/// the next statement on the same connection, a flag of the statement's own cannot. Both are looked at in the same places.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// The caller's cancel token.
    pub cancel: CancellationToken,
    /// When the statement has to be over.
    pub deadline: Instant,
    /// Set when nobody waits for the result any more.
    pub dropped: Arc<AtomicBool>,
    /// Set when the source was closed.
    pub closed: Arc<AtomicBool>,
}

impl Stop {
    /// The reason to stop now, if there is one.
    pub(super) fn reason(&self) -> Option<Error> {
        if self.cancel.is_cancelled() || self.dropped.load(Ordering::Relaxed) {
            return Some(Error::cancelled("the statement was cancelled"));
        }
        if self.closed.load(Ordering::Relaxed) {
            return Some(closed());
        }
        (Instant::now() >= self.deadline).then(|| {
            Error::timeout(
                "the statement took longer than it may; ask for less data (a shorter period, fewer tables) or raise the timeout",
            )
        })
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the source was closed; open it again")
}

/// The connections of one source.
#[derive(Debug)]
pub(super) struct Pool {
    location: Location,
    options: SqliteOptions,
    state: Mutex<State>,
    freed: Condvar,
    closed: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Connection>,
    open: usize,
    waiting: usize,
    /// Keeps a database in memory alive while no other connection is open.
    keeper: Option<Connection>,
}

impl Pool {
    /// A pool over the file at `path`; opens one connection to see that it can.
    pub(super) fn file(path: &Path, options: SqliteOptions) -> Result<Self> {
        check_file(path)?;
        let pool = Self::new(Location::File(path.to_owned()), options, None);
        match pool.open() {
            Ok(connection) => {
                pool.give_back(Some(connection));
                Ok(pool)
            }
            Err(error) if error.kind() == ErrorKind::Unavailable && may_be_immutable(path) => {
                let Some(stamp) = Stamp::of(path) else { return Err(error) };
                let fallback = Self::new(Location::Immutable(path.to_owned(), stamp), pool.options.clone(), None);
                let connection = fallback.open().map_err(|_| error)?;
                fallback.give_back(Some(connection));
                Ok(fallback)
            }
            Err(error) => Err(error),
        }
    }

    /// A pool over the database in memory named `name`, which `keeper` holds open.
    pub(super) fn memory(name: String, keeper: Connection, options: SqliteOptions) -> Result<Self> {
        let pool = Self::new(Location::Memory(name), options, Some(keeper));
        let connection = pool.open()?;
        pool.give_back(Some(connection));
        Ok(pool)
    }

    fn new(location: Location, options: SqliteOptions, keeper: Option<Connection>) -> Self {
        let state = Mutex::new(State { keeper, open: 1, ..State::default() });
        Self { location, options, state, freed: Condvar::new(), closed: Arc::default() }
    }

    /// Set when the pool was closed.
    pub(super) fn closed(&self) -> &Arc<AtomicBool> {
        &self.closed
    }

    /// The settings it was made with.
    pub(super) fn options(&self) -> &SqliteOptions {
        &self.options
    }

    /// A connection with its hooks set to `stop`; waits on this thread for one to come free.
    pub(super) fn checkout(self: &Arc<Self>, stop: &Stop) -> Result<Lease> {
        let mut state = self.lock();
        let connection = loop {
            if let Some(reason) = stop.reason() {
                return Err(reason);
            }
            if let Some(connection) = state.idle.pop() {
                break Some(connection);
            }
            if state.open < self.options.max_connections.max(1) {
                state.open += 1;
                break None;
            }
            if state.waiting >= MAX_WAITING {
                return Err(Error::unavailable("too many statements wait for this source; try again in a moment"));
            }
            state.waiting += 1;
            state = self.freed.wait_timeout(state, Duration::from_millis(20)).unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        };
        drop(state);
        // From here on the lease gives the place back, also when opening fails.
        let mut lease = Lease { pool: Arc::clone(self), connection };
        if let Location::Immutable(path, stamp) = &self.location
            && Stamp::of(path) != Some(*stamp)
        {
            lease.connection = None;
            return Err(Error::new(
                ErrorKind::Conflict,
                "the file changed although nobody has permission to write it; open the source again",
            ));
        }
        if lease.connection.is_none() {
            lease.connection = Some(self.open()?);
        }
        lease.watch(stop)?;
        Ok(lease)
    }

    /// Refuses new work, lets running statements stop, and closes what is idle.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        let mut state = self.lock();
        state.open -= state.idle.len().min(state.open);
        state.idle.clear();
        state.keeper = None;
        drop(state);
        self.freed.notify_all();
    }

    fn give_back(&self, connection: Option<Connection>) {
        let mut state = self.lock();
        match connection {
            Some(connection) if !self.closed.load(Ordering::Relaxed) => state.idle.push(connection),
            _ => state.open = state.open.saturating_sub(1),
        }
        drop(state);
        self.freed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<Connection> {
        // Without SQLITE_OPEN_URI a path is a path, whatever it begins with; NO_MUTEX because a connection stays on one thread.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = match &self.location {
            Location::File(path) => Connection::open_with_flags(path, flags),
            Location::Immutable(path, _) => Connection::open_with_flags(immutable_uri(path)?, flags | OpenFlags::SQLITE_OPEN_URI),
            Location::Memory(name) => Connection::open_with_flags_and_vfs(name, flags, "memdb"),
        };
        let connection = opened.map_err(|error| errors::running(&error))?;
        harden(&connection, &self.options).map_err(|error| errors::running(&error))?;
        functions::add_missing(&connection).map_err(|error| errors::running(&error))?;
        Ok(connection)
    }
}

/// The engine's own defences, besides the guard: whatever reaches this connection cannot write, attach, load code, or exhaust
/// the parser. Extensions cannot be loaded because SQLite starts with that switched off and nothing here switches it on.
fn harden(connection: &Connection, options: &SqliteOptions) -> rusqlite::Result<()> {
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
    ] {
        connection.set_db_config(setting, value)?;
    }
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        (Limit::SQLITE_LIMIT_LENGTH, 64 << 20),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 1_000),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 500),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 127),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 10_000),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
    ] {
        connection.set_limit(limit, value)?;
    }
    connection.busy_timeout(options.busy_timeout.min(Duration::from_secs(3_600)))?;
    // Reading the schema is the first touch of the file: damaged, encrypted and locked databases fail here.
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cell_size_check = ON; SELECT count(*) FROM sqlite_schema;")
}

/// A connection in use; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Lease {
    pool: Arc<Pool>,
    connection: Option<Connection>,
}

impl Lease {
    /// The connection.
    pub(super) fn connection(&mut self) -> Result<&mut Connection> {
        self.connection.as_mut().ok_or_else(|| Error::internal("a connection was used after it was given up"))
    }

    /// Closes the connection instead of reusing it.
    pub(super) fn discard(&mut self) {
        self.connection = None;
    }

    fn watch(&mut self, stop: &Stop) -> Result<()> {
        let patience = self.pool.options.busy_timeout;
        let connection = self.connection()?;
        let progress = stop.clone();
        connection
            .progress_handler(PROGRESS_OPS, Some(move || progress.reason().is_some()))
            .map_err(|error| errors::running(&error))?;
        let (waiting, mut since) = (stop.clone(), None);
        connection
            .busy_handler(Some(move |attempt: i32| {
                let since = *since.get_or_insert_with(Instant::now);
                if waiting.reason().is_some() || since.elapsed() >= patience {
                    return false;
                }
                std::thread::sleep(Duration::from_millis(if attempt < 10 { 1 } else { 10 }));
                true
            }))
            .map_err(|error| errors::running(&error))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let connection = self.connection.take().filter(|_| !std::thread::panicking());
        self.pool.give_back(connection);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn stop() -> Stop {
        Stop {
            cancel: CancellationToken::new(),
            deadline: Instant::now() + Duration::from_secs(5),
            dropped: Arc::default(),
            closed: Arc::default(),
        }
    }

    #[test]
    fn an_immutable_file_is_read_until_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b#c.db");
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)").unwrap();
        drop(writer);
        // Somebody may write it, so it is not taken for immutable by itself.
        assert!(!may_be_immutable(&path));
        let location = Location::Immutable(path.clone(), Stamp::of(&path).unwrap());
        let pool = Arc::new(Pool::new(location, SqliteOptions::default(), None));
        pool.give_back(None);
        let mut lease = pool.checkout(&stop()).unwrap();
        let rows: i64 = lease.connection().unwrap().query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
        drop(lease);
        // Neither a log nor its index appeared beside it.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("CREATE TABLE u (a); INSERT INTO u SELECT value FROM json_each('[1,2,3]')").unwrap();
        drop(writer);
        assert_eq!(pool.checkout(&stop()).unwrap_err().kind(), ErrorKind::Conflict);
    }

    #[test]
    fn connections_are_hardened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        let pool = Arc::new(Pool::file(&path, SqliteOptions::default()).unwrap());
        let mut lease = pool.checkout(&stop()).unwrap();
        let connection = lease.connection().unwrap();
        // Without the hook, which is set for each statement, the rest still holds.
        for sql in [
            "INSERT INTO t VALUES (1)",
            "CREATE TEMP TABLE x (a)",
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = 'x'",
            "ATTACH ':memory:' AS x",
            "VACUUM INTO '/nowhere/x.db'",
            "SELECT load_extension('x')",
            "SELECT a FROM t WHERE a = \"text\"",
        ] {
            assert!(connection.execute_batch(sql).is_err(), "{sql}");
        }
    }
}
