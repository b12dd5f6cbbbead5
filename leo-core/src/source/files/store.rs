//! Where tables of files are kept: in memory, or in a file that goes away with the source.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A database file of this process alone, deleted when it is dropped.
#[derive(Debug)]
pub(super) struct PrivateFile {
    path: PathBuf,
}

impl PrivateFile {
    /// An empty file that only this user can read, in `folder` or the system's folder for temporary files.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be made.
    pub(super) fn create(folder: Option<&Path>) -> Result<Self> {
        let folder = folder.map_or_else(std::env::temp_dir, Path::to_owned);
        let path = folder.join(format!("leo-{}.db", uuid::Uuid::now_v7()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(|error| {
            Error::unavailable(format!("no file can be made in `{}`; set `temp_dir` to a folder of yours", folder.display()))
                .with_source(error)
        })?;
        Ok(Self { path })
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
