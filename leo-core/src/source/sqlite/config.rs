//! Settings of a SQLite source and the checks of its file.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Settings of a SQLite source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SqliteOptions {
    /// Connections open at once; statements beyond wait for one. 10 unless set.
    pub max_connections: usize,
    /// How long a statement waits for another program's lock. 1 s unless set.
    pub busy_timeout: Duration,
    /// What becomes of text that is not UTF-8.
    pub invalid_utf8: InvalidUtf8,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { max_connections: 10, busy_timeout: Duration::from_secs(1), invalid_utf8: InvalidUtf8::Error }
    }
}

/// What becomes of text that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidUtf8 {
    /// The stream ends with `Malformed`, naming the column: nothing is changed silently.
    #[default]
    Error,
    /// Each invalid sequence becomes U+FFFD.
    Replace,
}

/// Where a database is.
#[derive(Debug)]
pub(super) enum Location {
    /// A file.
    File(PathBuf),
    /// A file nobody can write to, in WAL mode without its index: read as immutable while it stays as it was.
    Immutable(PathBuf, Stamp),
    /// A database of this process, by its name in the `memdb` file system of SQLite.
    Memory(String),
}

/// Length and time of change of a file: what is compared to see that an immutable file did not change after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// The stamp of the file at `path` now.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self { length: metadata.len(), modified: metadata.modified().ok() })
    }
}

/// Looks at the file before SQLite does, because SQLite says `unable to open database file` to almost everything.
///
/// # Errors
/// `NotFound`, `Config` (a directory, no permission), `Malformed` (another format, or encrypted).
pub(super) fn check_file(path: &Path) -> Result<()> {
    let shown = path.display();
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        // It may hold a password, which an error must not repeat.
        std::io::ErrorKind::NotFound if shown.to_string().contains("://") => Error::config(
            "this is the URL of a server, not the path of a file; open it with `Source::connect`, or the package's `open`",
        ),
        std::io::ErrorKind::NotFound => Error::not_found(format!("no file `{shown}`; check the path and the working directory")),
        std::io::ErrorKind::PermissionDenied => unreadable(path),
        _ => Error::config(format!("cannot look at `{shown}`; check the path")).with_source(error),
    })?;
    if metadata.is_dir() {
        return Err(Error::config(format!("`{shown}` is a directory; name the SQLite file in it")));
    }
    let mut head = Vec::with_capacity(16);
    fs::File::open(path).and_then(|file| file.take(16).read_to_end(&mut head)).map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => unreadable(path),
        _ => Error::config(format!("cannot read `{shown}`; check that it is a regular file")).with_source(error),
    })?;
    // An empty file is an empty database.
    if head.is_empty() || head == b"SQLite format 3\0" {
        return Ok(());
    }
    let looks_like = if head.starts_with(b"PK\x03\x04") {
        "it looks like a ZIP archive or an Excel workbook; extract it or save the sheet as a database"
    } else if head.starts_with(b"PAR1") {
        "it looks like a Parquet file"
    } else if head.starts_with(&[0x1f, 0x8b]) {
        "it looks compressed with gzip; decompress it first"
    } else if head.starts_with(b"** This file cont") || head.starts_with(b"** This file con") {
        "it is a database of SQLite 2; dump it with sqlite 2 and load it into SQLite 3"
    } else if head.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
        "it looks like text; a SQL script has to be loaded into a database first (`sqlite3 new.db < script.sql`)"
    } else {
        "it is another format or encrypted; Leo reads unencrypted SQLite 3 files, so decrypt a copy first"
    };
    Err(Error::malformed(format!("`{shown}` is not a SQLite database: {looks_like}")))
}

fn unreadable(path: &Path) -> Error {
    Error::config(format!("no permission to read `{}`; give this user read access to the file and its folders", path.display()))
}

/// Whether a file in WAL mode that SQLite cannot open may be read as immutable: nobody has write permission on it and no log
/// of changes lies beside it, so its content is complete and cannot change under the reader.
pub(super) fn may_be_immutable(path: &Path) -> bool {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        fs::metadata(PathBuf::from(name)).map(|metadata| metadata.len()).unwrap_or(0)
    };
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().readonly()) && beside("-wal") == 0 && beside("-journal") == 0
}

/// `path` as a SQLite URI that promises the file will not change.
pub(super) fn immutable_uri(path: &Path) -> Result<String> {
    let absolute = std::path::absolute(path)
        .map_err(|error| Error::config(format!("cannot make `{}` absolute", path.display())).with_source(error))?;
    let text = absolute
        .to_str()
        .ok_or_else(|| Error::config(format!("the path `{}` is not UTF-8; copy the file to another folder", path.display())))?;
    let mut uri = String::from("file:");
    if !text.starts_with('/') {
        uri.push('/');
    }
    for byte in text.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' | b':' => uri.push(char::from(byte)),
            _ => {
                use std::fmt::Write as _;
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push_str("?mode=ro&immutable=1");
    Ok(uri)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn uris_escape_what_would_end_the_path() {
        let uri = immutable_uri(Path::new("/tmp/a b?c#d%e.db")).unwrap();
        assert_eq!(uri, "file:/tmp/a%20b%3Fc%23d%25e.db?mode=ro&immutable=1");
    }

    #[test]
    fn a_url_is_no_file_and_is_not_repeated() {
        let error = check_file(Path::new("postgres://ada:hunter2@db.example.com/shop")).unwrap_err();
        assert!(error.message().contains("URL") && !format!("{error:?}").contains("hunter2"), "{error:?}");
    }

    #[test]
    fn settings_refuse_unknown_keys() {
        assert!(serde_json::from_str::<SqliteOptions>(r#"{"max_connection": 3}"#).is_err());
        assert_eq!(serde_json::from_str::<SqliteOptions>(r#"{"max_connections": 3}"#).unwrap().max_connections, 3);
    }
}
