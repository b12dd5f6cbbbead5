//! Text files and workbooks as Parquet: read once, with the types and the report that small files get, into private files.

use std::fs::File;
use std::sync::Arc;

use datafusion::arrow::array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::table::DataTable;
use crate::error::{Error, Result};
use crate::source::files::FilesOptions;
use crate::source::files::infer::Kind;
use crate::source::files::load::{Cells, Stored, Target};
use crate::source::files::report::{ColumnReport, FilesReport};
use crate::source::files::store::PrivateFile;

/// Rows of a batch, and of a row group.
const BATCH_ROWS: usize = 8_192;
const GROUP_ROWS: usize = 256 << 10;
/// Bytes of text after which a batch is written although it has not all its rows.
const BATCH_BYTES: usize = 16 << 20;

/// Tables that were read into private Parquet files.
pub(super) struct Converted<'a> {
    options: &'a FilesOptions,
    tables: Vec<(String, PrivateFile)>,
}

impl<'a> Converted<'a> {
    pub(super) fn new(options: &'a FilesOptions) -> Self {
        Self { options, tables: Vec::new() }
    }

    /// The tables, and the files to be kept as long as they are. In `report` they get the types of their columns.
    pub(super) fn open(self, report: &mut FilesReport) -> Result<(Vec<DataTable>, Vec<PrivateFile>)> {
        let (mut tables, mut kept) = (Vec::new(), Vec::new());
        for (name, file) in self.tables {
            // A table without rows that were kept is in no report.
            let Some(told) = report.tables.iter_mut().find(|told| told.table == name) else { continue };
            let table = DataTable::open(name, &[file.path().to_owned()])?;
            for (column, field) in told.columns.iter_mut().zip(table.schema.fields()) {
                column.declared = field.data_type().to_string();
            }
            tables.push(table);
            kept.push(file);
        }
        Ok((tables, kept))
    }
}

impl Target for Converted<'_> {
    fn fill(
        &mut self,
        table: &str,
        columns: &[ColumnReport],
        kinds: &[Kind],
        rows: &mut dyn FnMut(&mut dyn Cells) -> Result<()>,
    ) -> Result<()> {
        self.tables.retain(|(name, _)| name != table);
        let file = PrivateFile::create(self.options.temp_dir.as_deref())?;
        let mut sheet = Sheet::create(&file, columns, kinds)?;
        rows(&mut sheet)?;
        sheet.flush()?;
        sheet.writer.close().map_err(failed)?;
        self.tables.push((table.to_owned(), file));
        Ok(())
    }

    /// DataFusion reads a name without quotes as lower case.
    fn spelled(&self, name: String) -> String {
        name.to_lowercase()
    }
}

fn failed(error: ParquetError) -> Error {
    Error::unavailable("a temporary file cannot be written; free some space or set `temp_dir` to a larger disk")
        .with_source(error)
}

/// A column being built.
enum Builder {
    Int(Int64Builder),
    Real(Float64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Time(Time64MicrosecondBuilder),
    Text(StringBuilder),
}

impl Builder {
    fn new(kind: Option<&Kind>) -> (DataType, Self) {
        match kind {
            Some(Kind::Integer(_)) => (DataType::Int64, Self::Int(Int64Builder::new())),
            Some(Kind::Real(_)) => (DataType::Float64, Self::Real(Float64Builder::new())),
            Some(Kind::Boolean) => (DataType::Boolean, Self::Bool(BooleanBuilder::new())),
            Some(Kind::Date(_)) => (DataType::Date32, Self::Date(Date32Builder::new())),
            Some(Kind::Timestamp(_)) => {
                (DataType::Timestamp(TimeUnit::Microsecond, None), Self::Timestamp(TimestampMicrosecondBuilder::new()))
            }
            Some(Kind::Time) => (DataType::Time64(TimeUnit::Microsecond), Self::Time(Time64MicrosecondBuilder::new())),
            Some(Kind::Json | Kind::Text) | None => (DataType::Utf8, Self::Text(StringBuilder::new())),
        }
    }

    /// Appends a value, which is of the column's kind or NULL; its bytes.
    fn put(&mut self, value: &Stored<'_>) -> Option<usize> {
        let text = match value {
            Stored::Text(text) => Some(*text),
            Stored::Owned(text) => Some(text.as_str()),
            _ => None,
        };
        let whole = if let Stored::Int(value) = value { Some(*value) } else { None };
        let is_null = matches!(value, Stored::Null);
        match self {
            Self::Int(builder) => builder.append_option(whole),
            Self::Bool(builder) => builder.append_option(whole.map(|value| value != 0)),
            Self::Real(builder) => builder.append_option(if let Stored::Real(value) = value { Some(*value) } else { None }),
            Self::Date(builder) => {
                let days = text.and_then(|text| text.parse::<Date>().ok()).map(days);
                builder.append_option(days);
                return (is_null || days.is_some()).then_some(4);
            }
            Self::Timestamp(builder) => {
                let at = text.and_then(micros);
                builder.append_option(at);
                return (is_null || at.is_some()).then_some(8);
            }
            Self::Time(builder) => {
                let at = text.and_then(|text| text.parse::<Time>().ok());
                let at = at.map(|at| Time::midnight().duration_until(at).as_micros()).and_then(|at| i64::try_from(at).ok());
                builder.append_option(at);
                return (is_null || at.is_some()).then_some(8);
            }
            Self::Text(builder) => {
                builder.append_option(text);
                return (is_null || text.is_some()).then_some(text.map_or(0, str::len));
            }
        }
        Some(8)
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Int(builder) => Arc::new(builder.finish()),
            Self::Real(builder) => Arc::new(builder.finish()),
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Days since 1970-01-01.
fn days(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    i32::try_from(epoch.duration_until(date).as_hours() / 24).unwrap_or_default()
}

/// Microseconds since 1970-01-01, of a moment without zone.
fn micros(text: &str) -> Option<i64> {
    let at: DateTime = text.parse().ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

/// A table being written.
struct Sheet {
    schema: SchemaRef,
    builders: Vec<Builder>,
    writer: ArrowWriter<File>,
    rows: usize,
    bytes: usize,
}

impl Sheet {
    fn create(file: &PrivateFile, columns: &[ColumnReport], kinds: &[Kind]) -> Result<Self> {
        let (mut fields, mut builders) = (Vec::new(), Vec::new());
        for (index, column) in columns.iter().enumerate() {
            let (data_type, builder) = Builder::new(kinds.get(index));
            fields.push(Field::new(&column.name, data_type, true));
            builders.push(builder);
        }
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let opened = File::create(file.path()).map_err(|error| failed(ParquetError::External(Box::new(error))))?;
        let writer = ArrowWriter::try_new(opened, Arc::clone(&schema), Some(properties)).map_err(failed)?;
        Ok(Self { schema, builders, writer, rows: 0, bytes: 0 })
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let columns = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|error| Error::internal("a row has not all its cells").with_source(error))?;
        (self.rows, self.bytes) = (0, 0);
        self.writer.write(&batch).map_err(failed)
    }
}

impl Cells for Sheet {
    fn put(&mut self, index: usize, value: &Stored<'_>) -> Result<()> {
        let put = self.builders.get_mut(index).and_then(|builder| builder.put(value));
        self.bytes += put.ok_or_else(|| Error::internal("a value is not of its column's type"))?;
        Ok(())
    }

    fn end_row(&mut self) -> Result<()> {
        self.rows += 1;
        if self.rows < BATCH_ROWS && self.bytes < BATCH_BYTES {
            return Ok(());
        }
        self.flush()
    }
}
