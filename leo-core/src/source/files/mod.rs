//! Files as tables: CSV, JSON and workbooks, read into a private SQLite database; Parquet, and what is too large to copy, through
//! DataFusion (feature `files`).
//!
//! [`FilesSource`] is the connector. `kind` says what a file is; `csv`, `jsonl` and `excel` give rows of it (`row`), over `input`
//! (bytes), `encoding`, `detect`, `archive` and `opendocument` (what a workbook may hold). `header` finds where the table begins,
//! `infer` its types (with `number` and `temporal`), `plan` makes columns of them, `load` puts what `pipe` reads ahead, as `value`s,
//! into a `target` under names from `name`, and `report` says what was wrong. `datafusion` is the engine for Parquet and large texts.

mod archive;
mod csv;
#[cfg(feature = "files")]
mod datafusion;
mod detect;
mod encoding;
mod excel;
mod header;
mod infer;
mod input;
mod jsonl;
mod kind;
mod load;
mod name;
mod number;
mod open;
mod opendocument;
mod pipe;
mod plan;
mod report;
mod row;
mod store;
mod target;
mod temporal;
mod value;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use report::{ColumnReport, FaultKind, FilesReport, RowFault, Skipped, TableReport};

use self::store::PrivateFile;
use super::sqlite::SqliteSource;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::gate::{
    BatchStream, Cleared, ConnectionReport, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded,
};

/// Settings of a source of files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilesOptions {
    /// Bytes of files, or of the columns read from them, up to which tables are kept in memory; beyond, in temporary files. 256 MiB
    /// unless set.
    pub memory_bytes: u64,
    /// Bytes of a file that types are inferred from, fewer where they leave no doubt; where the rest does not fit them, all of it is
    /// looked at. 64 MiB unless set.
    pub infer_bytes: u64,
    /// Bytes of a line, and of a record over several lines. 16 MiB unless set.
    pub max_row_bytes: usize,
    /// Bytes read of one file, decompressed. 16 GiB unless set.
    pub max_bytes: u64,
    /// Bytes of a workbook, decompressed. 1 GiB unless set.
    pub max_workbook_bytes: u64,
    /// Share of a column's values that may not be of its type before it becomes text, from 100 values on; those become NULL and
    /// are reported. 0.01 unless set.
    pub tolerance: f64,
    /// With the feature `files`, bytes of a text file up to which it is copied into SQLite; a larger one is read into columns for
    /// DataFusion. 32 MiB unless set.
    pub copy_bytes: u64,
    /// Bytes of memory one statement over Parquet may use; beyond, it sorts and groups on disk. 1 GiB unless set.
    pub query_memory_bytes: usize,
    /// Bytes on disk that statements over Parquet may use at a time. 16 GiB unless set.
    pub spill_bytes: u64,
    /// Folder of temporary files; the system's unless set.
    pub temp_dir: Option<PathBuf>,
}

impl Default for FilesOptions {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            infer_bytes: 64 << 20,
            max_row_bytes: 16 << 20,
            max_bytes: 16 << 30,
            max_workbook_bytes: 1 << 30,
            tolerance: 0.01,
            copy_bytes: 32 << 20,
            query_memory_bytes: 1 << 30,
            spill_bytes: 16 << 30,
            temp_dir: None,
        }
    }
}

/// Files as a source: each CSV or JSON file a table, each sheet of a workbook a table, each Parquet file a table; Parquet
/// files of a folder whose names differ in numbers only are parts of one table.
///
/// # Behavior
/// With the feature `files`, where one of the files is Parquet, or a text of more than [`FilesOptions::copy_bytes`], statements run on
/// DataFusion and are in its dialect: Parquet is read in place, with an error once it changed, and other files are read into columns
/// first, in memory or in private Parquet files. Otherwise the files are read once, when the source is opened, into a private SQLite
/// database, which is then open read-only and hardened like any other; statements are in SQLite's dialect. Later changes of the files
/// are not seen. Nothing is dropped silently: see [`FilesSource::report`].
///
/// # Example
/// ```
/// use leo::source::files::FilesSource;
///
/// let folder = std::env::temp_dir().join(format!("leo-doc-{}", std::process::id()));
/// std::fs::create_dir_all(&folder).unwrap();
/// std::fs::write(folder.join("sales.csv"), "day;amount\n31.12.2024;1.234,50\n").unwrap();
/// let files = FilesSource::open("sales", &[folder.join("sales.csv")])?;
/// let table = &files.report().tables[0];
/// assert_eq!((table.columns[0].declared.as_str(), table.columns[1].declared.as_str()), ("DATE", "REAL"));
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), leo::Error>(())
/// ```
#[derive(Debug)]
pub struct FilesSource {
    // Closed before its file is deleted.
    inner: Engine,
    info: ConnectorInfo,
    /// Of all that the files hold.
    version: Option<String>,
    report: FilesReport,
    _kept: Vec<PrivateFile>,
}

/// What runs the statements.
#[derive(Debug)]
enum Engine {
    Sqlite(SqliteSource),
    #[cfg(feature = "files")]
    DataFusion(datafusion::DataFusion),
}

impl Engine {
    fn connector(&self) -> &dyn Connector {
        match self {
            Self::Sqlite(source) => source,
            #[cfg(feature = "files")]
            Self::DataFusion(source) => source,
        }
    }
}

impl FilesSource {
    /// Reads files, or all supported files of a folder (not of folders in it).
    ///
    /// # Errors
    /// `NotFound`; `Config` for missing permission, or a folder without such a file; `Malformed` for another format, an empty, a
    /// damaged or an encrypted file; `LimitExceeded`; `Unavailable` when the disk is full. A file of a folder that cannot be read
    /// is skipped and reported, unless it is the only one. `Unsupported` for Parquet in a build without the feature `files`.
    pub fn open(source: impl Into<String>, paths: &[impl AsRef<Path>]) -> Result<Self> {
        Self::open_options(source, paths, FilesOptions::default())
    }

    /// [`FilesSource::open`] with settings.
    ///
    /// # Errors
    /// As [`FilesSource::open`].
    pub fn open_options(source: impl Into<String>, paths: &[impl AsRef<Path>], options: FilesOptions) -> Result<Self> {
        open::open(source.into(), paths, &options)
    }

    /// How the files were read, and what was wrong with them.
    pub fn report(&self) -> &FilesReport {
        &self.report
    }

    /// Whether `path` is a file that is read as a table, or a folder with such a file, going by names.
    pub fn is_supported(path: impl AsRef<Path>) -> bool {
        let path = path.as_ref();
        match path.is_dir() {
            true => open::in_folder(path).is_ok_and(|files| !files.is_empty()),
            false => kind::is_table(path),
        }
    }
}

#[async_trait]
impl Connector for FilesSource {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        let mut catalog = self.inner.connector().introspect(ctx, options).await?;
        for table in &mut catalog.tables {
            table.data_version.clone_from(&self.version);
        }
        Ok(catalog)
    }

    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>> {
        self.inner.connector().estimate(ctx, sql).await
    }

    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        self.inner.connector().query(ctx, sql, options).await
    }

    /// What was wrong with the files is among the warnings.
    async fn test(&self, ctx: &Context) -> Result<ConnectionReport> {
        let mut report = self.inner.connector().test(ctx).await?;
        report.warnings = self.report.lines();
        Ok(report)
    }

    fn shares_rows(&self) -> bool {
        self.inner.connector().shares_rows()
    }

    async fn close(&self) -> Result<()> {
        self.inner.connector().close().await
    }
}
