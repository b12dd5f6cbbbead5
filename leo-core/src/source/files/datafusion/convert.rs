//! Text files and workbooks as tables of DataFusion: read once, with the types and the report that small files get, into memory, or
//! into private Parquet files where that would be too much.

use std::fs::File;
use std::path::Path;
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

use super::table::DataTable;
use crate::error::{Error, Result};
use crate::source::files::FilesOptions;
use crate::source::files::infer::Kind;
use crate::source::files::report::{ColumnReport, FilesReport};
use crate::source::files::store::PrivateFile;
use crate::source::files::target::{Sink, Target};
use crate::source::files::value::Stored;

/// Rows of a batch, and of a row group.
const BATCH_ROWS: usize = 8_192;
const GROUP_ROWS: usize = 256 << 10;
/// Bytes of text after which a batch is written although it has not all its rows.
const BATCH_BYTES: usize = 16 << 20;

/// Tables that were read.
pub(super) struct Converted<'a> {
    options: &'a FilesOptions,
    tables: Vec<(String, Kept)>,
}

/// The rows of one table.
enum Kept {
    Memory(SchemaRef, Vec<RecordBatch>),
    File(PrivateFile),
}

impl<'a> Converted<'a> {
    pub(super) fn new(options: &'a FilesOptions) -> Self {
        Self { options, tables: Vec::new() }
    }

    /// The tables, and the files to be kept as long as they are. In `report` they get the types of their columns.
    pub(super) fn open(self, report: &mut FilesReport) -> Result<(Vec<DataTable>, Vec<PrivateFile>)> {
        let (mut tables, mut files) = (Vec::new(), Vec::new());
        for (name, kept) in self.tables {
            // A table without rows that were kept is in no report.
            let Some(told) = report.tables.iter_mut().find(|told| told.table == name) else { continue };
            let table = match kept {
                Kept::Memory(schema, batches) => DataTable::in_memory(name, schema, batches),
                Kept::File(file) => {
                    let table = DataTable::open(name, &[file.path().to_owned()])?;
                    files.push(file);
                    table
                }
            };
            for (column, field) in told.columns.iter_mut().zip(table.schema.fields()) {
                column.declared = field.data_type().to_string();
            }
            tables.push(table);
        }
        Ok((tables, files))
    }

    /// Bytes of rows that may still be kept in memory.
    fn room(&self) -> usize {
        let used = |(_, kept): &(String, Kept)| match kept {
            Kept::Memory(_, batches) => batches.iter().map(RecordBatch::get_array_memory_size).sum(),
            Kept::File(_) => 0,
        };
        let limit = usize::try_from(self.options.memory_bytes).unwrap_or(usize::MAX);
        limit.saturating_sub(self.tables.iter().map(used).sum::<usize>())
    }
}

impl Target for Converted<'_> {
    fn fill(
        &mut self,
        table: &str,
        columns: &[ColumnReport],
        kinds: &[Kind],
        rows: &mut dyn FnMut(&mut dyn Sink) -> Result<()>,
    ) -> Result<()> {
        self.tables.retain(|(name, _)| name != table);
        let mut sheet = Sheet::new(columns, kinds, self.room(), self.options.temp_dir.as_deref());
        rows(&mut sheet)?;
        let kept = sheet.finish()?;
        self.tables.push((table.to_owned(), kept));
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

    /// Appends a value; its bytes. `None` when it is not of the column's kind.
    fn put(&mut self, value: &Stored, text: &str) -> Option<usize> {
        match (&mut *self, value) {
            (Self::Int(builder), Stored::Int(value)) => builder.append_value(*value),
            (Self::Bool(builder), Stored::Int(value)) => builder.append_value(*value != 0),
            (Self::Real(builder), Stored::Real(value)) => builder.append_value(*value),
            (Self::Date(builder), Stored::Date(value)) => builder.append_value(days(*value)),
            (Self::Timestamp(builder), Stored::Timestamp(value)) => builder.append_value(micros(*value)),
            (Self::Time(builder), Stored::Time(value)) => builder.append_value(micros_of_day(*value)),
            (Self::Text(builder), Stored::Text(start, end)) => {
                let value = text.get(*start..*end)?;
                builder.append_value(value);
                return Some(value.len());
            }
            (_, Stored::Null) => self.put_null(),
            _ => return None,
        }
        Some(8)
    }

    fn put_null(&mut self) {
        match self {
            Self::Int(builder) => builder.append_null(),
            Self::Real(builder) => builder.append_null(),
            Self::Bool(builder) => builder.append_null(),
            Self::Date(builder) => builder.append_null(),
            Self::Timestamp(builder) => builder.append_null(),
            Self::Time(builder) => builder.append_null(),
            Self::Text(builder) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Int(builder) => Arc::new(builder.finish()),
            Self::Real(builder) => Arc::new(builder.finish()),
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => {
                let texts = builder.finish();
                *builder = StringBuilder::with_capacity(BATCH_ROWS, texts.value_data().len());
                Arc::new(texts)
            }
        }
    }
}

/// Days since 1970-01-01.
fn days(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    i32::try_from(epoch.duration_until(date).as_hours() / 24).unwrap_or_default()
}

/// Microseconds since 1970-01-01, of a moment without zone.
fn micros(at: DateTime) -> i64 {
    i64::from(days(at.date())) * 86_400_000_000 + micros_of_day(at.time())
}

/// Microseconds since midnight.
fn micros_of_day(time: Time) -> i64 {
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000
}

/// A table being written.
struct Sheet<'a> {
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
    bytes: usize,
    /// What was built, as long as there is room for it; then all of it goes to a file.
    batches: Vec<RecordBatch>,
    room: usize,
    file: Option<(PrivateFile, ArrowWriter<File>)>,
    temp_dir: Option<&'a Path>,
}

impl<'a> Sheet<'a> {
    fn new(columns: &[ColumnReport], kinds: &[Kind], room: usize, temp_dir: Option<&'a Path>) -> Self {
        let (mut fields, mut builders) = (Vec::new(), Vec::new());
        for (index, column) in columns.iter().enumerate() {
            let (data_type, builder) = Builder::new(kinds.get(index));
            fields.push(Field::new(&column.name, data_type, true));
            builders.push(builder);
        }
        let schema = Arc::new(Schema::new(fields));
        Self { schema, builders, rows: 0, bytes: 0, batches: Vec::new(), room, file: None, temp_dir }
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let columns = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|error| Error::internal("a row has not all its cells").with_source(error))?;
        (self.rows, self.bytes) = (0, 0);
        let size = batch.get_array_memory_size();
        if self.file.is_none() && size <= self.room {
            self.room -= size;
            self.batches.push(batch);
            return Ok(());
        }
        let (_, writer) = match &mut self.file {
            Some(file) => file,
            none => none.insert(Self::create(&self.schema, self.temp_dir)?),
        };
        self.batches.push(batch);
        self.batches.drain(..).try_for_each(|batch| writer.write(&batch)).map_err(failed)
    }

    fn create(schema: &SchemaRef, temp_dir: Option<&Path>) -> Result<(PrivateFile, ArrowWriter<File>)> {
        let file = PrivateFile::create(temp_dir)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let opened = File::create(file.path()).map_err(|error| failed(ParquetError::External(Box::new(error))))?;
        let writer = ArrowWriter::try_new(opened, Arc::clone(schema), Some(properties)).map_err(failed)?;
        Ok((file, writer))
    }

    fn finish(mut self) -> Result<Kept> {
        self.flush()?;
        match self.file {
            None => Ok(Kept::Memory(self.schema, self.batches)),
            Some((file, writer)) => {
                writer.close().map_err(failed)?;
                Ok(Kept::File(file))
            }
        }
    }
}

impl Sink for Sheet<'_> {
    fn put(&mut self, values: &[Stored], text: &str) -> Result<()> {
        for (builder, value) in self.builders.iter_mut().zip(values) {
            let put = builder.put(value, text);
            self.bytes += put.ok_or_else(|| Error::internal("a value is not of its column's type"))?;
        }
        self.rows += 1;
        if self.rows < BATCH_ROWS && self.bytes < BATCH_BYTES {
            return Ok(());
        }
        self.flush()
    }
}
