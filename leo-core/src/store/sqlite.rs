//! A storage in a SQLite file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{other_version, within_limits};
use crate::adapter::{PutOptions, Storage, Versioned};
use crate::error::{Error, Result};

/// How long a process waits for another one that writes.
const BUSY: Duration = Duration::from_secs(10);
/// Stands in the file's header: "LeoS".
const APPLICATION: i64 = 0x4c65_6f53;
/// The form of the tables.
const FORMAT: i64 = 1;
/// Expired values removed by each one that is put, so that the file does not grow for ever and nobody waits for it.
const SWEPT: i64 = 16;

const TABLES: &str = "
    CREATE TABLE leo_storage (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        value BLOB NOT NULL,
        version INTEGER NOT NULL,
        expires INTEGER -- milliseconds since 1970; NULL for never
    );
    CREATE INDEX leo_storage_expires ON leo_storage (expires) WHERE expires IS NOT NULL;
    -- The last version given, of all keys together, so that none is given twice.
    CREATE TABLE leo_version (only INTEGER PRIMARY KEY CHECK (only = 1), last INTEGER NOT NULL);
    INSERT INTO leo_version VALUES (1, 0);";

/// Keeps values in a file of its own, for one machine: any number of its processes may share the file.
///
/// # Behavior
/// A value that was put is there after a crash and after a loss of power. Values expire by the machine's clock. The file and what SQLite lays
/// beside it (`-wal`, `-shm`) are readable by their owner alone where the system knows owners.
///
/// # Example
/// ```
/// # let folder = std::env::temp_dir().join(format!("leo-storage-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # let path = folder.join("leo.db");
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use leo::adapter::{PutOptions, Storage};
/// use leo::store::SqliteStorage;
///
/// SqliteStorage::open(&path)?.put("acme/greeting", b"hello".to_vec(), PutOptions::new()).await?;
/// let again = SqliteStorage::open(&path)?;
/// assert_eq!(again.get("acme/greeting").await?.unwrap().value, b"hello");
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// # std::fs::remove_dir_all(&folder).unwrap();
/// ```
pub struct SqliteStorage {
    path: PathBuf,
    connection: Arc<Mutex<Connection>>,
}

impl SqliteStorage {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// `Config` for a file that is something else, or one that a later version wrote; `Unavailable` when it cannot be made or is locked.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let opened = open(path);
        let connection = opened.map_err(|error| error.with_context("file", path.display().to_string()))?;
        Ok(Self { path: path.to_owned(), connection: Arc::new(Mutex::new(connection)) })
    }

    /// Does `work` in a transaction on a thread that may wait. It is done or not, also when nobody waits for it any more.
    async fn transaction<T: Send + 'static>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction_with_behavior(behavior).map_err(failed)?;
            let done = work(&transaction)?;
            transaction.commit().map_err(failed)?;
            Ok(done)
        });
        done.await.map_err(|error| Error::internal("a call of the storage ended early").with_source(error))?
    }
}

impl fmt::Debug for SqliteStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqliteStorage").field(&self.path).finish()
    }
}

fn open(path: &Path) -> Result<Connection> {
    make_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "wal").map_err(failed)?;
    connection.pragma_update(None, "synchronous", "full").map_err(failed)?;
    // Two processes may come to a new file at once: one makes the tables, the other finds them.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let header = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
    match (header("application_id")?, header("user_version")?) {
        (APPLICATION, FORMAT) => {}
        (APPLICATION, _) => return Err(Error::config("the storage was written by a later version of Leo; update this one")),
        _ => {
            let tables: i64 =
                transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
            if tables > 0 {
                return Err(Error::config("the file is a database, and no storage of Leo's; name a file of its own"));
            }
            transaction.execute_batch(TABLES).map_err(failed)?;
            transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
            transaction.pragma_update(None, "user_version", FORMAT).map_err(failed)?;
        }
    }
    transaction.commit().map_err(failed)?;
    Ok(connection)
}

/// Makes the file where there is none, so that nobody else reads it from the first moment on.
fn make_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Error::unavailable("the storage's file could not be made; look at its folder and the rights there")
                .with_source(error))
        }
        _ => Ok(()),
    }
}

/// What SQLite says, by what can be done about it.
fn failed(error: rusqlite::Error) -> Error {
    let told = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::unavailable("the storage's file is locked by another process; try again")
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            Error::config("the storage's file is no database, or is damaged; restore it, or name another one")
        }
        Some(ErrorCode::DiskFull) => Error::unavailable("the disk of the storage is full; make room, then try again"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            Error::unavailable("the storage's file cannot be opened for writing; look at its rights")
        }
        _ => Error::unavailable("the storage's file could not be used; the cause says why"),
    };
    told.with_source(error)
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Asserts that the key has the version expected; what has expired has none.
fn expect(transaction: &Transaction<'_>, key: &str, expected: Option<u64>) -> Result<()> {
    let Some(expected) = expected else { return Ok(()) };
    let version: Option<i64> = transaction
        .prepare_cached("SELECT version FROM leo_storage WHERE key = ?1 AND (expires IS NULL OR expires > ?2)")
        .and_then(|mut statement| statement.query_row(params![key, now()], |row| row.get(0)).optional())
        .map_err(failed)?;
    if version.unwrap_or(0).unsigned_abs() == expected {
        return Ok(());
    }
    Err(other_version())
}

#[async_trait]
impl Storage for SqliteStorage {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        let key = key.to_owned();
        self.transaction(TransactionBehavior::Deferred, move |transaction| {
            let found = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?));
            let kept = transaction
                .prepare_cached("SELECT value, version FROM leo_storage WHERE key = ?1 AND (expires IS NULL OR expires > ?2)")
                .and_then(|mut statement| statement.query_row(params![key, now()], found).optional())
                .map_err(failed)?;
            Ok(kept.map(|(value, version)| Versioned { value, version: version.unsigned_abs() }))
        })
        .await
    }

    async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64> {
        within_limits(key, &value)?;
        let key = key.to_owned();
        self.transaction(TransactionBehavior::Immediate, move |transaction| {
            expect(transaction, &key, options.expected)?;
            let now = now();
            // A time too far away to count to is no end.
            let expires = options.ttl.and_then(|ttl| now.checked_add(i64::try_from(ttl.as_millis()).ok()?));
            let version: i64 = transaction
                .prepare_cached("UPDATE leo_version SET last = last + 1 RETURNING last")
                .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
                .map_err(failed)?;
            transaction
                .prepare_cached(
                    "INSERT INTO leo_storage (key, value, version, expires) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (key) DO UPDATE SET value = ?2, version = ?3, expires = ?4",
                )
                .and_then(|mut statement| statement.execute(params![key, value, version, expires]))
                .map_err(failed)?;
            transaction
                .prepare_cached("DELETE FROM leo_storage WHERE id IN (SELECT id FROM leo_storage WHERE expires <= ?1 LIMIT ?2)")
                .and_then(|mut statement| statement.execute([now, SWEPT]))
                .map_err(failed)?;
            Ok(version.unsigned_abs())
        })
        .await
    }

    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
        let key = key.to_owned();
        self.transaction(TransactionBehavior::Immediate, move |transaction| {
            expect(transaction, &key, expected)?;
            transaction
                .prepare_cached("DELETE FROM leo_storage WHERE key = ?1")
                .and_then(|mut statement| statement.execute([key]))
                .map_err(failed)?;
            Ok(())
        })
        .await
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
        // Keys are visible ASCII: what begins with the prefix comes before the prefix with the next character behind them all.
        let (start, end) = (after.unwrap_or("").to_owned(), format!("{prefix}\u{7f}"));
        let (prefix, limit) = (prefix.to_owned(), i64::try_from(limit).unwrap_or(i64::MAX));
        self.transaction(TransactionBehavior::Deferred, move |transaction| {
            transaction
                .prepare_cached(
                    "SELECT key FROM leo_storage
                     WHERE key >= ?1 AND key < ?2 AND key > ?3 AND (expires IS NULL OR expires > ?4) ORDER BY key LIMIT ?5",
                )
                .and_then(|mut statement| {
                    let keys = statement.query_map(params![prefix, end, start, now(), limit], |row| row.get(0))?;
                    keys.collect()
                })
                .map_err(failed)
        })
        .await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::store::contract;

    #[tokio::test]
    async fn it_holds_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let storage: Arc<dyn Storage> = Arc::new(SqliteStorage::open(folder.path().join("leo.db")).unwrap());
        let report = contract::check_storage(storage).await;
        assert!(report.is_met(), "{report}");
    }

    #[tokio::test]
    async fn processes_share_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leo.db");
        let open = || Arc::new(SqliteStorage::open(&path).unwrap());
        let counted = |storage: Arc<SqliteStorage>| async move {
            let mut won = 0;
            for _ in 0..25 {
                loop {
                    let kept = storage.get("a/n").await.unwrap();
                    let (count, version) = kept.map_or((0, 0), |kept| (kept.value[0], kept.version));
                    match storage.put("a/n", vec![count + 1], PutOptions::new().expecting(version)).await {
                        Ok(_) => break won += 1,
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
                    }
                }
            }
            won
        };
        let (one, other) = (tokio::spawn(counted(open())), tokio::spawn(counted(open())));
        assert_eq!(one.await.unwrap() + other.await.unwrap(), 50);
        assert_eq!(open().get("a/n").await.unwrap().unwrap().value, [50]);
    }

    #[tokio::test]
    async fn files_that_are_something_else_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sales.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE sales (id INTEGER)").unwrap();
        let error = SqliteStorage::open(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains("no storage of Leo's"));
        let text = folder.path().join("notes.txt");
        std::fs::write(&text, "not a database, but long enough to be one".repeat(40)).unwrap();
        assert_eq!(SqliteStorage::open(&text).unwrap_err().kind(), ErrorKind::Config);
        assert_eq!(SqliteStorage::open(folder.path().join("no/such/leo.db")).unwrap_err().kind(), ErrorKind::Unavailable);
        let later = folder.path().join("later.db");
        drop(SqliteStorage::open(&later).unwrap());
        Connection::open(&later).unwrap().pragma_update(None, "user_version", 2).unwrap();
        assert!(SqliteStorage::open(&later).unwrap_err().message().contains("later version"));
    }

    #[tokio::test]
    async fn what_has_expired_leaves_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let storage = SqliteStorage::open(folder.path().join("leo.db")).unwrap();
        for number in 0..20 {
            storage.put(&format!("a/{number}"), vec![1], PutOptions::new().for_time(Duration::from_millis(1))).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        for number in 0..2 {
            storage.put(&format!("b/{number}"), vec![1], PutOptions::new()).await.unwrap();
        }
        let rows: i64 =
            storage.connection.lock().unwrap().query_row("SELECT count(*) FROM leo_storage", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 2);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let storage = SqliteStorage::open(folder.path().join("leo.db")).unwrap();
        storage.put("a/b", vec![1], PutOptions::new()).await.unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
        }
    }
}
