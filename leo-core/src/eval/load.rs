//! Databases that are made of SQL text, in a temporary folder.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use super::database::{Database, Databases};
use crate::error::{Error, Result};
use crate::value::to_hex;

static NUMBER: AtomicU64 = AtomicU64::new(0);

impl Databases {
    /// A database with what `sql` makes, the same one for the same text.
    ///
    /// # Errors
    /// `Malformed` when the text does not run, `Unavailable` when there is no room for it.
    pub fn load(&self, sql: &str) -> Result<Database> {
        let digest = to_hex(&Sha256::digest(sql.as_bytes()));
        let name = format!("sql-{}", digest.get(..16).unwrap_or(&digest));
        let folder = self.temporary.folder()?;
        let path = folder.join(format!("{name}.sqlite"));
        if path.is_file() {
            return Ok(Database { name, path });
        }
        let failed =
            |error: rusqlite::Error| Error::malformed("the database given as SQL could not be loaded").with_source(error);
        // Loaded beside its place and then renamed: a second worker sees all of it or nothing.
        let unfinished = folder.join(format!("{name}.{}.tmp", NUMBER.fetch_add(1, Ordering::Relaxed)));
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&unfinished, flags).map_err(failed)?;
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0).map_err(failed)?;
        connection
            .execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")
            .map_err(failed)?;
        connection.execute_batch(sql).map_err(failed)?;
        connection.close().map_err(|(_, error)| failed(error))?;
        std::fs::rename(&unfinished, &path)
            .map_err(|error| Error::unavailable("the database given as SQL could not be put in its place").with_source(error))?;
        Ok(Database { name, path })
    }
}

/// The folder, made when the first database is.
#[derive(Debug, Default)]
pub(super) struct Temporary(OnceLock<TemporaryFolder>);

impl Temporary {
    fn folder(&self) -> Result<&Path> {
        let folder = match self.0.get() {
            Some(folder) => folder,
            None => {
                let made = TemporaryFolder::new()?;
                self.0.get_or_init(|| made)
            }
        };
        Ok(&folder.0)
    }
}

/// A folder that is removed at the end.
#[derive(Debug)]
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> Result<Self> {
        let name = format!("leo-eval-{}-{}", std::process::id(), uuid::Uuid::now_v7().simple());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).map_err(|error| {
            Error::unavailable("could not create a temporary folder; check the free space").with_source(error)
        })?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn sql_text_becomes_a_database_that_goes_away() {
        let databases = Databases::new(None);
        let one = databases.load("CREATE TABLE t(a); INSERT INTO t VALUES (1);").unwrap();
        assert_eq!(databases.load("CREATE TABLE t(a); INSERT INTO t VALUES (1);").unwrap(), one);
        assert!(one.path.is_file());
        assert_eq!(databases.load("CREATE TABEL t(a)").unwrap_err().kind(), ErrorKind::Malformed);
        let outside = std::env::temp_dir().join("leo-eval-attached.db");
        assert!(databases.load(&format!("ATTACH '{}' AS x", outside.display())).is_err() && !outside.exists());
        drop(databases);
        assert!(!one.path.exists());
    }
}
