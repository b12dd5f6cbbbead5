//! Where the sample database lives: made anywhere on request, or once per version in the user's cache folder.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use super::load::{APPLICATION_ID, SCHEMA_VERSION, load, write_failed};
use super::{AS_OF, SampleInfo};
use crate::error::{Error, Result};
use crate::value::to_hex;

/// Creates the sample company at `path`.
///
/// # Behavior
/// The same bytes every time for one version of Leo and of SQLite. The file appears complete or not at all: it is written under
/// another name in the same folder and then renamed.
///
/// # Errors
/// `Conflict` when something is at `path` already; `Config` when its folder does not exist; `Unavailable` when it cannot be written.
///
/// # Example
/// ```
/// let folder = std::env::temp_dir().join(format!("leo-doc-{}", std::process::id()));
/// std::fs::create_dir_all(&folder).unwrap();
/// let info = leo::sample::create(folder.join("company.db")).unwrap();
/// assert_eq!(info.as_of.to_string(), "2025-06-30");
/// std::fs::remove_dir_all(folder).unwrap();
/// ```
pub fn create(path: impl AsRef<Path>) -> Result<SampleInfo> {
    let path = path.as_ref();
    if path.exists() {
        return Err(Error::new(
            crate::error::ErrorKind::Conflict,
            "there is a file already; remove it or choose another place for the sample database",
        )
        .with_context("file", path.display().to_string()));
    }
    write_then_rename(path)?;
    describe(path)
}

/// The sample company in the user's cache folder, created at the first call of each version.
///
/// # Behavior
/// The folder is `leo` below `$LEO_CACHE_DIR`, else the platform's cache folder, else the temporary folder. The name holds the
/// schema's version and a hash of what generates it, so that a new version of Leo makes a new file. Processes may call it at
/// the same time: each makes the same bytes, and the rename is atomic. A file that is not what was written is replaced.
///
/// # Errors
/// `Unavailable` when no cache folder can be written.
pub fn open_or_create_cached() -> Result<SampleInfo> {
    let name = file_name();
    let mut failure = None;
    for folder in cache_folders() {
        let path = folder.join(&name);
        if let Ok(info) = describe(&path) {
            return Ok(info);
        }
        let made = std::fs::create_dir_all(&folder)
            .map_err(|error| {
                Error::unavailable("could not create the cache folder; set LEO_CACHE_DIR to one you can write").with_source(error)
            })
            .and_then(|()| write_then_rename(&path))
            .and_then(|()| describe(&path));
        match made {
            Ok(info) => return Ok(info),
            Err(error) => failure = Some(error.with_context("folder", folder.display().to_string())),
        }
    }
    Err(failure.unwrap_or_else(|| Error::unavailable("there is no cache folder; set LEO_CACHE_DIR to one you can write")))
}

fn file_name() -> String {
    let mut hash = Sha256::new();
    for text in [
        include_str!("schema.rs"),
        include_str!("load.rs"),
        include_str!("company.rs"),
        include_str!("trade.rs"),
        include_str!("service.rs"),
        include_str!("random.rs"),
        include_str!("words.rs"),
        rusqlite::version(),
    ] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    let digest = to_hex(&hash.finalize());
    format!("sample-company-v{SCHEMA_VERSION}-{}.db", digest.get(..16).unwrap_or(&digest))
}

fn cache_folders() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let user = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library").join("Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
    };
    match variable("LEO_CACHE_DIR") {
        Some(chosen) => vec![chosen.join("leo")],
        None => user.into_iter().chain([std::env::temp_dir()]).map(|folder| folder.join("leo")).collect(),
    }
}

/// Removes an unfinished file.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn write_then_rename(path: &Path) -> Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if !folder.is_dir() {
        return Err(Error::config("the folder for the sample database does not exist; create it first")
            .with_context("folder", folder.display().to_string()));
    }
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let unfinished = Unfinished(folder.join(format!(".sample-company-{}-{number}.tmp", std::process::id())));
    let _ = std::fs::remove_file(&unfinished.0);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&unfinished.0, flags).map_err(write_failed)?;
    load(&connection)?;
    connection.close().map_err(|(_, error)| write_failed(error))?;
    if let Err(error) = std::fs::rename(&unfinished.0, path) {
        // On Windows a file in use cannot be replaced; another process has then made the same one.
        if describe(path).is_err() {
            return Err(Error::unavailable(
                "could not put the sample database in its place; check the permissions of its folder",
            )
            .with_source(error));
        }
    }
    Ok(())
}

/// Whether the file at `path` is the sample company of this version; its rows are not read.
pub fn is_sample(path: impl AsRef<Path>) -> bool {
    identify(path.as_ref()).is_ok()
}

/// Opens a sample database, having seen that it is one.
///
/// # Errors
/// `NotFound` when there is no file, `Malformed` when it is another database.
fn identify(path: &Path) -> Result<Connection> {
    if !path.is_file() {
        return Err(Error::not_found("there is no sample database here").with_context("file", path.display().to_string()));
    }
    let foreign = foreign(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(foreign)?;
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(foreign);
    if number("PRAGMA application_id")? != i64::from(APPLICATION_ID)
        || number("PRAGMA user_version")? != i64::from(SCHEMA_VERSION)
    {
        return Err(Error::malformed("this file is not the sample database of this version")
            .with_context("file", path.display().to_string()));
    }
    let as_of: String =
        connection.query_row("SELECT value FROM settings WHERE key = 'as_of_date'", [], |row| row.get(0)).map_err(foreign)?;
    if as_of != AS_OF.to_string() {
        return Err(
            Error::malformed("the sample database has another as-of date").with_context("file", path.display().to_string())
        );
    }
    Ok(connection)
}

fn foreign(path: &Path) -> impl Fn(rusqlite::Error) -> Error + Copy + '_ {
    move |error| {
        Error::malformed("this file is not the sample database")
            .with_context("file", path.display().to_string())
            .with_source(error)
    }
}

/// Reads the facts of a sample database.
///
/// # Errors
/// As [`identify`].
fn describe(path: &Path) -> Result<SampleInfo> {
    let connection = identify(path)?;
    let foreign = foreign(path);
    let mut statement =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").map_err(foreign)?;
    let names: Vec<String> =
        statement.query_map([], |row| row.get(0)).and_then(Iterator::collect::<std::result::Result<_, _>>).map_err(foreign)?;
    let mut rows = 0;
    for name in &names {
        let count = format!("SELECT count(*) FROM {}", crate::dialect::Dialect::Sqlite.quote(name));
        rows += connection.query_row(&count, [], |row| row.get::<_, i64>(0)).map_err(foreign)? as u64;
    }
    Ok(SampleInfo { path: path.to_owned(), as_of: AS_OF, rows, tables: names.len() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn digest(path: &Path) -> String {
        to_hex(&Sha256::digest(std::fs::read(path).unwrap()))
    }

    #[test]
    fn the_same_bytes_every_time_and_soon() {
        let folder = tempfile::tempdir().unwrap();
        let started = std::time::Instant::now();
        let one = create(folder.path().join("one.db")).unwrap();
        let elapsed = started.elapsed();
        println!(
            "{} rows in {} tables, {} bytes, {elapsed:?}",
            one.rows,
            one.tables,
            std::fs::metadata(&one.path).unwrap().len()
        );
        let two = create(folder.path().join("two.db")).unwrap();
        assert_eq!(digest(&one.path), digest(&two.path));
        assert!((95_000..110_000).contains(&one.rows), "{} rows", one.rows);
        assert_eq!(one.tables, 15);
        assert!(elapsed.as_secs() < 20, "{elapsed:?}");
        // Nothing unfinished is left behind.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn nothing_is_overwritten_and_the_folder_must_exist() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.db");
        std::fs::write(&path, "mine").unwrap();
        assert_eq!(create(&path).unwrap_err().kind(), ErrorKind::Conflict);
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        assert_eq!(create(folder.path().join("no/such.db")).unwrap_err().kind(), ErrorKind::Config);
    }

    #[test]
    fn another_file_is_not_taken_for_the_sample() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.db");
        std::fs::write(&path, "not a database at all, but long enough to look at").unwrap();
        assert_eq!(describe(&path).unwrap_err().kind(), ErrorKind::Malformed);
        assert_eq!(describe(&folder.path().join("none.db")).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
