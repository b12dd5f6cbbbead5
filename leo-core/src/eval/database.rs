//! The databases a suite asks: files of a folder, the sample company, or SQL text loaded into a temporary file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::value::to_hex;

/// A database to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Database {
    /// The name the suite gives it.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
}

/// Finds databases by name. Those made of SQL text live in a temporary folder, which goes when this goes.
#[derive(Debug)]
pub struct Databases {
    folder: Option<PathBuf>,
    temporary: std::sync::OnceLock<TemporaryFolder>,
}

impl Databases {
    /// Databases are files of `folder`: `name.sqlite`, `name.db`, `name.sqlite3`, or the same in a folder called `name`.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, temporary: std::sync::OnceLock::new() }
    }

    /// The database called `name`. `sample` is the sample company when the folder has no such file.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn find(&self, name: &str) -> Result<Database> {
        let found = |path: PathBuf| Database { name: name.to_owned(), path };
        // A name that leads out of the folder names nothing.
        if Path::new(name).components().count() == 1 && !name.contains(['/', '\\']) && name != ".." {
            for folder in self.folder.iter().flat_map(|folder| [folder.clone(), folder.join(name)]) {
                for extension in ["sqlite", "db", "sqlite3"] {
                    let path = folder.join(format!("{name}.{extension}"));
                    if path.is_file() {
                        return Ok(found(path));
                    }
                }
            }
        }
        #[cfg(feature = "sqlite")]
        if name == "sample" {
            return Ok(found(crate::sample::open_or_create_cached()?.path));
        }
        let message = match &self.folder {
            Some(_) => "no database of this name in the folder of databases",
            None => "no folder of databases was given; name one",
        };
        Err(Error::not_found(message).with_context("database", name))
    }

    /// A database with what `sql` makes, the same one for the same text.
    ///
    /// # Errors
    /// `Malformed` when the text does not run, `Unavailable` when there is no room for it.
    #[cfg(feature = "sqlite")]
    pub fn load(&self, sql: &str) -> Result<Database> {
        use rusqlite::limits::Limit;
        use rusqlite::{Connection, OpenFlags};

        let digest = to_hex(&Sha256::digest(sql.as_bytes()));
        let name = format!("sql-{}", digest.get(..16).unwrap_or(&digest));
        let folder = match self.temporary.get() {
            Some(folder) => folder,
            None => {
                let made = TemporaryFolder::new()?;
                self.temporary.get_or_init(|| made)
            }
        };
        let path = folder.0.join(format!("{name}.sqlite"));
        if path.is_file() {
            return Ok(Database { name, path });
        }
        let failed =
            |error: rusqlite::Error| Error::malformed("the database given as SQL could not be loaded").with_source(error);
        // Loaded beside its place and then renamed: a second worker sees all of it or nothing.
        let unfinished = folder.0.join(format!("{name}.{}.tmp", NUMBER.fetch_add(1, Ordering::Relaxed)));
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

static NUMBER: AtomicU64 = AtomicU64::new(0);

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

#[cfg(all(test, feature = "sqlite"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn files_are_found_in_either_layout() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.sqlite"), "").unwrap();
        std::fs::create_dir(folder.path().join("b")).unwrap();
        std::fs::write(folder.path().join("b/b.db"), "").unwrap();
        let databases = Databases::new(Some(folder.path().to_owned()));
        assert!(databases.find("a").unwrap().path.ends_with("a.sqlite"));
        assert!(databases.find("b").unwrap().path.ends_with("b.db"));
        for name in ["c", "../a", "b/b", "..", ""] {
            assert_eq!(databases.find(name).unwrap_err().kind(), ErrorKind::NotFound, "{name}");
        }
    }

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
