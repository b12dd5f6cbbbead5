//! Files one after another into one database.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::archive::{self, Workbook};
use super::csv::CsvTable;
use super::excel::Book;
use super::jsonl::JsonLines;
use super::kind::{self, FileKind};
use super::name::Names;
use super::report::{FilesReport, Skipped, TableReport};
use super::row::Tabular;
use super::store::PrivateFile;
use super::target::Target;
use super::{ConnectorInfo, Engine, Error, FilesOptions, FilesSource, Result, input, load, name};
use crate::dialect::Dialect;
use crate::source::sqlite::SqliteSource;
use crate::value::to_hex;

/// How much larger a compressed file gets, for want of knowledge.
const INFLATED: u64 = 10;

/// A file to be read.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) path: PathBuf,
    /// The folder it was found in, when it was not named itself.
    #[cfg_attr(not(feature = "files"), allow(dead_code))]
    pub(super) folder: Option<PathBuf>,
    /// One of several in that folder: when it cannot be read, the others are.
    pub(super) may_skip: bool,
}

/// Opens a source over `paths`.
pub(super) fn open(source: String, paths: &[impl AsRef<Path>], options: &FilesOptions) -> Result<FilesSource> {
    let files = listed(paths)?;
    // Before they are read: a file that changes meanwhile has another version the next time.
    let version = version(&files, options);
    #[cfg(feature = "files")]
    if files.iter().any(|file| is_large(&file.path, options)) {
        return super::datafusion::open(source, &files, options, version);
    }
    let size: u64 = files.iter().map(|file| expected(&file.path)).sum();
    let mut reader = Reader { options, names: Names::default(), report: FilesReport::default() };
    let (inner, file) = if size <= options.memory_bytes {
        (SqliteSource::in_memory(source.clone(), |database| reader.read(database, &files))?, None)
    } else {
        let file = PrivateFile::create(options.temp_dir.as_deref())?;
        let stored = |error: rusqlite::Error| Error::unavailable("the temporary file cannot be used").with_source(error);
        let mut database = Connection::open(file.path()).map_err(stored)?;
        // The file is lost with this process in any case.
        database.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(stored)?;
        reader.read(&mut database, &files)?;
        database.close().map_err(|(_, error)| stored(error))?;
        (SqliteSource::open(source.clone(), file.path())?, Some(file))
    };
    let info =
        ConnectorInfo { source, engine: "files".into(), engine_version: rusqlite::version().into(), dialect: Dialect::Sqlite };
    Ok(FilesSource { inner: Engine::Sqlite(inner), info, version, report: reader.report, _kept: file.into_iter().collect() })
}

/// Changes with the files, by their sizes and times, and with how they are read. All tables have this one: two files may be one table. None where
/// one of them is no file, such as a pipe.
fn version(files: &[Listed], options: &FilesOptions) -> Option<String> {
    let mut hash = Sha256::new();
    hash.update(format!("{}\0{options:?}\0", env!("CARGO_PKG_VERSION")));
    for file in files {
        let known = file.path.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let changed = known.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        hash.update(format!("{}\0{}\0{}\0", file.path.display(), known.len(), changed.as_nanos()));
    }
    Some(to_hex(&hash.finalize()[..16]))
}

/// Whether a file is Parquet, or too large to be copied into SQLite.
#[cfg(feature = "files")]
fn is_large(path: &Path, options: &FilesOptions) -> bool {
    match kind::of(path) {
        Ok(FileKind::Parquet) => true,
        Ok(FileKind::Csv | FileKind::JsonLines) => expected(path) > options.copy_bytes,
        _ => false,
    }
}

/// The files that `paths` mean: themselves, and what is in those that are folders.
fn listed(paths: &[impl AsRef<Path>]) -> Result<Vec<Listed>> {
    let mut files = Vec::new();
    for path in paths {
        let path = path.as_ref();
        if !path.is_dir() {
            files.push(Listed { path: path.to_owned(), folder: None, may_skip: false });
            continue;
        }
        let found = in_folder(path)?;
        if found.is_empty() {
            return Err(Error::config(format!(
                "the folder `{}` holds no CSV, JSON lines, Excel or Parquet file; name the files themselves",
                path.display()
            )));
        }
        let may_skip = found.len() > 1;
        files.extend(found.into_iter().map(|file| Listed { path: file, folder: Some(path.to_owned()), may_skip }));
    }
    if files.is_empty() {
        return Err(Error::config("no file was named; name CSV, JSON lines, Excel or Parquet files, or a folder of them"));
    }
    Ok(files)
}

/// Files in a folder that are read, by name. Hidden files and the locks of office programs are none.
pub(super) fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| input::failed(folder, error))? {
        let path = entry.map_err(|error| input::failed(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let hidden = name.starts_with('.') || name.starts_with("~$");
        if !hidden && path.is_file() && kind::is_table(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Bytes the tables of a file may take.
fn expected(path: &Path) -> u64 {
    let size = path.metadata().map_or(0, |metadata| metadata.len());
    let compressed = kind::is_compressed(path) || kind::of(path).is_ok_and(|kind| kind == FileKind::Zipped);
    if compressed { size.saturating_mul(INFLATED) } else { size }
}

/// Reads files into tables of a target.
pub(super) struct Reader<'a> {
    pub(super) options: &'a FilesOptions,
    pub(super) names: Names,
    pub(super) report: FilesReport,
}

impl Reader<'_> {
    /// Reads files; those that may be skipped are reported when they cannot be read.
    fn read(&mut self, target: &mut dyn Target, files: &[Listed]) -> Result<()> {
        for Listed { path, may_skip, .. } in files {
            match self.file(target, path) {
                Ok(()) => {}
                Err(error) if *may_skip => {
                    self.report.skipped.push(Skipped { file: path.display().to_string(), why: error.message().to_owned() });
                }
                Err(error) => return Err(error.with_context("file", path.display().to_string())),
            }
        }
        if self.report.tables.is_empty() {
            return Err(Error::malformed("none of the files holds a table; check that they are CSV, JSON lines or Excel files"));
        }
        Ok(())
    }

    /// Reads one file, all tables in it.
    ///
    /// # Errors
    /// As [`FilesSource::open`].
    pub(super) fn file(&mut self, target: &mut dyn Target, path: &Path) -> Result<()> {
        match kind::of(path)? {
            FileKind::Csv => self.table(target, &CsvTable::open(path, self.options)?, path, &kind::stem(path), None),
            FileKind::JsonLines => self.table(target, &JsonLines::open(path, self.options)?, path, &kind::stem(path), None),
            FileKind::Parquet => Err(Error::unsupported(format!(
                "`{}` is a Parquet file, which this build does not read; build it with the feature `files`, or convert it to CSV",
                path.display()
            ))),
            FileKind::Zipped => self.workbook(target, path, archive::zipped(path, self.options.max_workbook_bytes)?),
            FileKind::Compound => self.workbook(target, path, archive::compound(path, self.options.max_workbook_bytes)?),
        }
    }

    /// Reads the sheets of a workbook. A sheet alone, or one that nobody named, is called like the file.
    fn workbook(&mut self, target: &mut dyn Target, path: &Path, kind: Workbook) -> Result<()> {
        let mut book = Book::open(path, kind)?;
        let (sheets, stem) = (book.sheets(), kind::stem(path));
        for name in &sheets {
            let sheet = book.sheet(path, name)?;
            let table = match () {
                () if sheets.len() == 1 => stem.clone(),
                () if name::is_generic(name) || self.names.taken(name) => format!("{stem}_{name}"),
                () => name.clone(),
            };
            self.table(target, &sheet, path, &table, Some(name))?;
        }
        Ok(())
    }

    fn table(
        &mut self,
        target: &mut dyn Target,
        table: &dyn Tabular,
        path: &Path,
        name: &str,
        sheet: Option<&str>,
    ) -> Result<()> {
        let mut report = TableReport {
            table: target.spelled(self.names.unique(name, "table_1")),
            file: path.display().to_string(),
            sheet: sheet.map(str::to_owned),
            ..TableReport::default()
        };
        if load::load(target, table, self.options, &mut report)? {
            self.report.tables.push(report);
        }
        Ok(())
    }
}
