//! Files one after another into one database.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::archive::{self, Workbook};
use super::csv::CsvTable;
use super::excel::Book;
use super::jsonl::JsonLines;
use super::kind::{self, FileKind};
use super::name::Names;
use super::report::{FilesReport, Skipped, TableReport};
use super::row::Tabular;
use super::store::PrivateFile;
use super::{ConnectorInfo, Error, FilesOptions, FilesSource, Result, input, load, name};
use crate::dialect::Dialect;
use crate::source::sqlite::SqliteSource;

/// How much larger a compressed file gets, for want of knowledge.
const INFLATED: u64 = 10;

/// Opens a source over `paths`.
pub(super) fn open(source: String, paths: &[impl AsRef<Path>], options: &FilesOptions) -> Result<FilesSource> {
    let mut files = Vec::new();
    for path in paths {
        let path = path.as_ref();
        if !path.is_dir() {
            files.push((path.to_owned(), false));
            continue;
        }
        let found = in_folder(path)?;
        if found.is_empty() {
            return Err(Error::config(format!(
                "the folder `{}` holds no CSV, JSON lines or Excel file; name the files themselves",
                path.display()
            )));
        }
        let several = found.len() > 1;
        files.extend(found.into_iter().map(|file| (file, several)));
    }
    if files.is_empty() {
        return Err(Error::config("no file was named; name CSV, JSON lines or Excel files, or a folder of them"));
    }
    let size: u64 = files.iter().map(|(path, _)| expected(path)).sum();
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
    Ok(FilesSource { inner, info, report: reader.report, _file: file })
}

/// Files in a folder that are read, by name. Hidden files and the locks of office programs are none.
pub(super) fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| input::failed(folder, error))? {
        let path = entry.map_err(|error| input::failed(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let hidden = name.starts_with('.') || name.starts_with("~$");
        if !hidden && path.is_file() && kind::is_supported(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Bytes the tables of a file may take.
fn expected(path: &Path) -> u64 {
    let size = path.metadata().map_or(0, |metadata| metadata.len());
    let compressed = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"))
        || kind::of(path).is_ok_and(|kind| kind == FileKind::Zipped);
    if compressed { size.saturating_mul(INFLATED) } else { size }
}

struct Reader<'a> {
    options: &'a FilesOptions,
    names: Names,
    report: FilesReport,
}

impl Reader<'_> {
    /// Reads files; those that may be skipped are reported when they cannot be read.
    fn read(&mut self, database: &mut Connection, files: &[(PathBuf, bool)]) -> Result<()> {
        for (path, may_skip) in files {
            match self.file(database, path) {
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

    fn file(&mut self, database: &mut Connection, path: &Path) -> Result<()> {
        match kind::of(path)? {
            FileKind::Csv => self.table(database, &CsvTable::open(path, self.options)?, path, &kind::stem(path), None),
            FileKind::JsonLines => self.table(database, &JsonLines::open(path, self.options)?, path, &kind::stem(path), None),
            FileKind::Zipped => self.workbook(database, path, archive::zipped(path, self.options.max_workbook_bytes)?),
            FileKind::Compound => self.workbook(database, path, archive::compound(path, self.options.max_workbook_bytes)?),
        }
    }

    /// Reads the sheets of a workbook. A sheet alone, or one that nobody named, is called like the file.
    fn workbook(&mut self, database: &mut Connection, path: &Path, kind: Workbook) -> Result<()> {
        let mut book = Book::open(path, kind)?;
        let (sheets, stem) = (book.sheets(), kind::stem(path));
        for name in &sheets {
            let sheet = book.sheet(path, name)?;
            let table = match () {
                () if sheets.len() == 1 => stem.clone(),
                () if name::is_generic(name) || self.names.taken(name) => format!("{stem}_{name}"),
                () => name.clone(),
            };
            self.table(database, &sheet, path, &table, Some(name))?;
        }
        Ok(())
    }

    fn table(
        &mut self,
        database: &mut Connection,
        table: &dyn Tabular,
        path: &Path,
        name: &str,
        sheet: Option<&str>,
    ) -> Result<()> {
        let mut report = TableReport {
            table: self.names.unique(name, "table_1"),
            file: path.display().to_string(),
            sheet: sheet.map(str::to_owned),
            ..TableReport::default()
        };
        if load::load(database, table, self.options, &mut report)? {
            self.report.tables.push(report);
        }
        Ok(())
    }
}
