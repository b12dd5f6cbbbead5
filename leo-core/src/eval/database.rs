//! The databases a suite asks: files of a folder, the sample company, SQL text loaded into a temporary file, or sources of a handle.

use std::path::{Path, PathBuf};

use super::suite::Item;
use crate::error::{Error, ErrorKind, Result};

/// A database to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Database {
    /// The name the suite gives it.
    pub name: String,
    /// Its file; empty for a source of a handle.
    pub path: PathBuf,
}

/// Finds databases by name. Those made of SQL text live in a temporary folder, which goes when this goes.
#[derive(Debug)]
pub struct Databases {
    folder: Option<PathBuf>,
    /// Names are those of sources.
    sources: bool,
    #[cfg(feature = "sqlite")]
    pub(super) temporary: super::load::Temporary,
}

impl Databases {
    /// Databases are files of `folder`: `name.sqlite`, `name.db`, `name.sqlite3`, or the same in a folder called `name`.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            sources: false,
            #[cfg(feature = "sqlite")]
            temporary: super::load::Temporary::default(),
        }
    }

    /// Databases are the sources of a handle, by their ids; the empty name is the only one. Whether a source is there says the handle.
    pub fn sources() -> Self {
        Self { sources: true, ..Self::new(None) }
    }

    /// The database that an item asks.
    pub(super) fn of(&self, item: &Item) -> Result<Database> {
        match &item.database_sql {
            None => self.find(&item.db),
            Some(_) if self.sources => Err(Error::new(
                ErrorKind::Unsupported,
                "a handle asks its own sources; leave `database_sql` out, and name one in `db`",
            )),
            #[cfg(feature = "sqlite")]
            Some(sql) => self.load(sql),
            #[cfg(not(feature = "sqlite"))]
            Some(_) => Err(Error::new(ErrorKind::Unsupported, "a database given as SQL needs the feature `sqlite`")),
        }
    }

    /// The database called `name`. `sample` is the sample company when the folder has no such file.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn find(&self, name: &str) -> Result<Database> {
        let found = |path: PathBuf| Database { name: name.to_owned(), path };
        if self.sources {
            return Ok(found(PathBuf::new()));
        }
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
}

#[cfg(test)]
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
}
