//! Parquet files as tables: which files make one, and what their footers say.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use datafusion::parquet::basic::Type as Physical;

use super::store::DataFile;
use super::types;
use crate::catalog::{Column, Table, TableName};
use crate::error::{Error, Result};
use crate::source::files::kind;

/// Files that make one table, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// What the table is called after.
    pub(super) name: String,
    pub(super) files: Vec<PathBuf>,
}

/// Puts the Parquet files of one folder together: files whose names differ in numbers only (`part-00000-….parquet`,
/// `sales_2023.parquet`) are parts of one table. Any other file is a table of its own.
pub(super) fn groups(folder: &Path, files: &[PathBuf]) -> Vec<Group> {
    let mut series: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        series.entry(pattern(&kind::stem(file))).or_default().push(file.clone());
    }
    let groups = series.into_iter().map(|(pattern, files)| match files.as_slice() {
        [only] => Group { name: kind::stem(only), files },
        _ => {
            let words = pattern.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            let own: Vec<&str> =
                words.filter(|word| !matches!(*word, "part" | "c" | "snappy" | "gz" | "zstd" | "data")).collect();
            let name = match own.is_empty() {
                true => folder.file_name().map(|name| kind::stem(Path::new(name))).unwrap_or_default(),
                false => own.join("_"),
            };
            Group { name, files }
        }
    });
    groups.collect()
}

/// A name with `#` for every number, without what makes each name of a series unique: `part-#-c#` for Spark's.
fn pattern(stem: &str) -> String {
    let words: Vec<&str> = stem.split('-').collect();
    let is_hex = |word: &&str| word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let uuid =
        words.windows(5).position(|group| group.iter().map(|word| word.len()).eq([8, 4, 4, 4, 12]) && group.iter().all(is_hex));
    let kept: Vec<&str> = match uuid {
        Some(at) => words.iter().take(at).chain(words.iter().skip(at + 5)).copied().collect(),
        None => words,
    };
    let mut pattern = String::new();
    for c in kept.join("-").to_lowercase().chars() {
        match c.is_ascii_digit() {
            true if pattern.ends_with('#') => {}
            true => pattern.push('#'),
            false => pattern.push(c),
        }
    }
    pattern
}

/// A table over Parquet files, as their footers describe it, or over rows in memory.
#[derive(Debug)]
pub(super) struct DataTable {
    pub(super) name: String,
    pub(super) schema: SchemaRef,
    pub(super) files: Vec<DataFile>,
    /// Its rows, where no file has them.
    pub(super) batches: Vec<RecordBatch>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// Whether each column has a NULL, as far as is known.
    has_nulls: Vec<bool>,
}

impl DataTable {
    /// Reads the footers of `files`, which must have the same columns.
    ///
    /// # Errors
    /// `NotFound`, `Config`, `Unsupported` (encrypted), `Malformed` (no Parquet, damaged, other columns than the first file's).
    pub(super) fn open(name: String, files: &[PathBuf]) -> Result<Self> {
        let mut table = Self {
            name,
            schema: Arc::new(Schema::empty()),
            files: Vec::with_capacity(files.len()),
            batches: Vec::new(),
            rows: 0,
            bytes: 0,
            has_nulls: Vec::new(),
        };
        for path in files {
            let (file, opened) = DataFile::look(path)?;
            let footer = Footer::read(path, &opened)?;
            match table.files.first() {
                None => {
                    table.has_nulls = vec![false; footer.schema.fields().len()];
                    table.schema = Arc::clone(&footer.schema);
                }
                Some(first) => same_columns(&first.path, &table.schema, path, &footer.schema)?,
            }
            table.rows += footer.rows;
            table.bytes += file.size;
            for (field, has_null) in table.schema.fields().iter().zip(&mut table.has_nulls) {
                *has_null |= footer.has_nulls(field.name());
            }
            table.files.push(file);
        }
        Ok(table)
    }

    /// A table of `batches`, which are of `schema`.
    pub(super) fn in_memory(name: String, schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        let has_null = |index: usize| batches.iter().any(|batch| batch.column(index).null_count() > 0);
        Self {
            name,
            has_nulls: (0..schema.fields().len()).map(has_null).collect(),
            schema,
            files: Vec::new(),
            rows: batches.iter().map(|batch| batch.num_rows() as u64).sum(),
            bytes: batches.iter().map(|batch| batch.get_array_memory_size() as u64).sum(),
            batches,
        }
    }

    /// The table as the catalogue has it. Row count and bytes are exact.
    pub(super) fn describe(&self) -> Table {
        let mut table = Table::new(TableName::bare(&self.name));
        table.columns = self
            .schema
            .fields()
            .iter()
            .zip(&self.has_nulls)
            .map(|(field, has_null)| {
                let (declared, meaning) = types::declared(field);
                let mut column = Column::new(field.name(), declared, meaning);
                column.nullable = *has_null;
                column
            })
            .collect();
        (table.rows, table.bytes) = (Some(self.rows), Some(self.bytes));
        table
    }
}

/// What one file's footer says.
struct Footer {
    schema: SchemaRef,
    rows: u64,
    /// Names of columns that may have a NULL.
    nulls: HashSet<String>,
}

impl Footer {
    fn read(path: &Path, file: &File) -> Result<Self> {
        let shown = path.display();
        let damaged = |error| {
            Error::malformed(format!("`{shown}` is no whole Parquet file: it is damaged or was cut off; get it again"))
                .with_source(error)
        };
        let metadata = ArrowReaderMetadata::load(file, ArrowReaderOptions::default()).map_err(damaged)?;
        let (parquet, columns) = (metadata.metadata(), metadata.metadata().file_metadata().schema_descr());
        let leaves = columns.root_schema().get_fields();
        let (mut fields, mut nulls, mut seen) = (Vec::new(), HashSet::new(), HashSet::new());
        for (field, leaf) in metadata.schema().fields().iter().zip(leaves) {
            if !seen.insert(field.name().clone()) {
                return Err(Error::malformed(format!(
                    "`{shown}` has two columns of the name `{}`; write it again with names that differ",
                    field.name()
                )));
            }
            // The old form of timestamps, which says nothing of its unit: nanoseconds would end in the year 2262.
            let old = leaf.is_primitive() && leaf.get_physical_type() == Physical::INT96;
            let data_type =
                if old { DataType::Timestamp(TimeUnit::Microsecond, None) } else { types::registered(field.data_type()) };
            fields.push(Field::new(field.name(), data_type, field.is_nullable()));
            if field.is_nullable() {
                nulls.insert(field.name().clone());
            }
        }
        // A column that may have NULLs and is known to have none has none.
        for (index, leaf) in columns.columns().iter().enumerate() {
            let count = |group: &datafusion::parquet::file::metadata::RowGroupMetaData| {
                group.columns().get(index)?.statistics()?.null_count_opt()
            };
            if leaf.path().parts().len() == 1 && parquet.row_groups().iter().all(|group| count(group) == Some(0)) {
                nulls.remove(leaf.name());
            }
        }
        let rows = parquet.file_metadata().num_rows();
        Ok(Self { schema: Arc::new(Schema::new(fields)), rows: u64::try_from(rows).unwrap_or(0), nulls })
    }

    fn has_nulls(&self, column: &str) -> bool {
        self.nulls.contains(column)
    }
}

/// Parts of one table have the same columns; their order does not matter.
fn same_columns(first: &Path, wanted: &Schema, path: &Path, found: &Schema) -> Result<()> {
    let differ = |what: String| {
        Error::malformed(format!(
            "by their names `{}` and `{}` are parts of one table, but {what}; write them alike, or name the files one by one",
            first.display(),
            path.display()
        ))
    };
    for field in wanted.fields() {
        match found.field_with_name(field.name()) {
            Err(_) => return Err(differ(format!("the second has no column `{}`", field.name()))),
            Ok(own) if own.data_type() != field.data_type() => {
                return Err(differ(format!(
                    "column `{}` is {} in one and {} in the other",
                    field.name(),
                    field.data_type(),
                    own.data_type()
                )));
            }
            Ok(_) => {}
        }
    }
    match found.fields().iter().find(|field| wanted.field_with_name(field.name()).is_err()) {
        Some(more) => Err(differ(format!("only the second has a column `{}`", more.name()))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_differ_in_numbers_are_one_table() {
        let folder = Path::new("/data/orders.parquet");
        let names = |files: &[&str]| {
            let files: Vec<PathBuf> = files.iter().map(|name| folder.join(name)).collect();
            groups(folder, &files).into_iter().map(|group| (group.name, group.files.len())).collect::<Vec<_>>()
        };
        let spark = "-4bf2ad5f-3a1c-4e8f-9c1d-0e7f6a5b4c3d-c000.snappy.parquet";
        assert_eq!(names(&[&format!("part-00000{spark}"), &format!("part-00001{spark}")]), [("orders".to_owned(), 2)]);
        assert_eq!(names(&["sales_2023.parquet", "sales_2024.parquet"]), [("sales".to_owned(), 2)]);
        assert_eq!(names(&["sales_2024.parquet", "customers.parquet"]), [("customers".to_owned(), 1), ("sales_2024".into(), 1)]);
        assert_eq!(names(&["q1_sales.parquet", "q2_sales.parquet", "q1_orders.parquet"]).len(), 2);
        assert_eq!(names(&["1.parquet", "2.parquet"]), [("orders".to_owned(), 2)]);
    }
}
