//! Opening: from files to tables.

use std::path::{Path, PathBuf};

use datafusion::arrow::datatypes::Schema;

use super::backend::DataFusion;
use super::convert::Converted;
use super::table::{self, DataTable, Group};
use crate::error::{Error, Result};
use crate::gate::Connector as _;
use crate::source::files::kind::{self, FileKind};
use crate::source::files::name::Names;
use crate::source::files::open::{Listed, Reader};
use crate::source::files::report::{ColumnReport, FilesReport, Skipped, TableReport};
use crate::source::files::{Engine, FilesOptions, FilesSource};

/// Opens a source over `files`, some of which are Parquet.
///
/// # Errors
/// As [`DataTable::open`] and [`FilesSource::open`].
pub(in crate::source::files) fn open(
    source: String,
    files: &[Listed],
    options: &FilesOptions,
    version: Option<String>,
) -> Result<FilesSource> {
    let mut reader = Reader { options, names: Names::default(), report: FilesReport::default() };
    let mut converted = Converted::new(options);
    let groups = grouped(files, &mut reader, &mut converted)?;
    let Reader { mut names, mut report, .. } = reader;
    let (mut tables, kept) = converted.open(&mut report)?;
    for (group, may_skip) in groups {
        let name = names.unique(&group.name, "table_1").to_lowercase();
        match DataTable::open(name, &group.files) {
            Ok(table) => {
                report.tables.push(described(&table));
                tables.push(table);
            }
            Err(error) => skip(&mut report, group.files.first().map_or(Path::new(""), PathBuf::as_path), may_skip, error)?,
        }
    }
    if tables.is_empty() {
        // The reason of the first is as good as any.
        let why = report.skipped.first().map(|skipped| skipped.why.as_str());
        return Err(Error::malformed(why.unwrap_or("none of the files holds a table; check that they are whole")));
    }
    let inner = DataFusion::new(source, tables, options)?;
    let info = inner.info().clone();
    Ok(FilesSource { inner: Engine::DataFusion(inner), info, version, report, _kept: kept })
}

/// The tables that Parquet files make, and whether each may be left out. Other files are read into `converted`.
fn grouped(files: &[Listed], reader: &mut Reader<'_>, converted: &mut Converted<'_>) -> Result<Vec<(Group, bool)>> {
    let mut groups: Vec<(Group, bool)> = Vec::new();
    let mut folders: Vec<(&Path, Vec<PathBuf>, bool)> = Vec::new();
    for Listed { path, folder, may_skip } in files {
        match (kind::of(path), folder) {
            (Ok(FileKind::Parquet), None) => {
                groups.push((Group { name: kind::stem(path), files: vec![path.clone()] }, *may_skip));
            }
            (Ok(FileKind::Parquet), Some(folder)) => match folders.iter_mut().find(|(known, ..)| known == folder) {
                Some((_, found, _)) => found.push(path.clone()),
                None => folders.push((folder, vec![path.clone()], *may_skip)),
            },
            (kind, _) => {
                let read = kind.and_then(|_| reader.file(converted, path));
                read.or_else(|error| skip(&mut reader.report, path, *may_skip, error))?;
            }
        }
    }
    for (folder, files, may_skip) in folders {
        groups.extend(table::groups(folder, &files).into_iter().map(|group| (group, may_skip)));
    }
    Ok(groups)
}

fn skip(report: &mut FilesReport, path: &Path, may_skip: bool, error: Error) -> Result<()> {
    if !may_skip {
        return Err(error.with_context("file", path.display().to_string()));
    }
    report.skipped.push(Skipped { file: path.display().to_string(), why: error.message().to_owned() });
    Ok(())
}

fn described(table: &DataTable) -> TableReport {
    let columns = |schema: &Schema| {
        let column = |field: &datafusion::arrow::datatypes::FieldRef| ColumnReport {
            name: field.name().clone(),
            declared: field.data_type().to_string(),
            confidence: 1.0,
            note: None,
        };
        schema.fields().iter().map(column).collect()
    };
    let parts = match table.files.len() {
        1 => String::new(),
        count => format!(", {count} files"),
    };
    TableReport {
        table: table.name.clone(),
        file: table.files.first().map(|file| file.path.display().to_string()).unwrap_or_default(),
        format: format!("Parquet{parts}"),
        rows: table.rows,
        columns: columns(&table.schema),
        ..TableReport::default()
    }
}
