//! Arrow columns built row by row, the same set of types for every engine.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder, Float64Builder, Int16Builder, Int32Builder,
    Int64Builder, NullBuilder, StringBuilder, Time64MicrosecondBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::error::{Error, Result};

/// Bytes after which a batch is handed on although it has not all its rows.
const BATCH_BYTES: usize = 16 << 20;
/// The largest number of digits an Arrow decimal holds.
pub(crate) const MAX_PRECISION: u8 = 38;
/// The first whole number of more digits than that.
const LIMIT: i128 = 10_i128.pow(MAX_PRECISION as u32);
/// Digits that fit into 64 bits whatever they are.
const SHORT: usize = 19;

/// A column being built. The engine appends to the builder inside; [`Column::null`] serves all.
#[derive(Debug)]
pub(crate) enum Column {
    Null(NullBuilder),
    Bool(BooleanBuilder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    UInt64(UInt64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    /// Unscaled values; the scale beside it.
    Decimal(Decimal128Builder, i8),
    Text(StringBuilder),
    Binary(BinaryBuilder),
    /// Days since 1970-01-01.
    Date(Date32Builder),
    /// Microseconds since midnight.
    Time(Time64MicrosecondBuilder),
    /// Microseconds since 1970-01-01, in UTC where the type has a zone.
    Timestamp(TimestampMicrosecondBuilder),
}

impl Column {
    fn new(data_type: &DataType) -> Result<Self> {
        Ok(match data_type {
            DataType::Null => Self::Null(NullBuilder::new()),
            DataType::Boolean => Self::Bool(BooleanBuilder::new()),
            DataType::Int16 => Self::Int16(Int16Builder::new()),
            DataType::Int32 => Self::Int32(Int32Builder::new()),
            DataType::Int64 => Self::Int64(Int64Builder::new()),
            DataType::UInt64 => Self::UInt64(UInt64Builder::new()),
            DataType::Float32 => Self::Float32(Float32Builder::new()),
            DataType::Float64 => Self::Float64(Float64Builder::new()),
            DataType::Decimal128(_, scale) => Self::Decimal(Decimal128Builder::new().with_data_type(data_type.clone()), *scale),
            DataType::Utf8 => Self::Text(StringBuilder::new()),
            DataType::Binary => Self::Binary(BinaryBuilder::new()),
            DataType::Date32 => Self::Date(Date32Builder::new()),
            DataType::Time64(TimeUnit::Microsecond) => Self::Time(Time64MicrosecondBuilder::new()),
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                Self::Timestamp(TimestampMicrosecondBuilder::new().with_timezone_opt(zone.clone()))
            }
            other => return Err(Error::internal(format!("no column is built for the Arrow type {other}"))),
        })
    }

    /// Appends NULL.
    pub(crate) fn null(&mut self) {
        match self {
            Self::Null(builder) => builder.append_null(),
            Self::Bool(builder) => builder.append_null(),
            Self::Int16(builder) => builder.append_null(),
            Self::Int32(builder) => builder.append_null(),
            Self::Int64(builder) => builder.append_null(),
            Self::UInt64(builder) => builder.append_null(),
            Self::Float32(builder) => builder.append_null(),
            Self::Float64(builder) => builder.append_null(),
            Self::Decimal(builder, _) => builder.append_null(),
            Self::Text(builder) => builder.append_null(),
            Self::Binary(builder) => builder.append_null(),
            Self::Date(builder) => builder.append_null(),
            Self::Time(builder) => builder.append_null(),
            Self::Timestamp(builder) => builder.append_null(),
        }
    }

    /// The name of the kind, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null(_) => "null",
            Self::Bool(_) => "boolean",
            Self::Int16(_) | Self::Int32(_) | Self::Int64(_) | Self::UInt64(_) => "integer",
            Self::Float32(_) | Self::Float64(_) => "float",
            Self::Decimal(..) => "decimal",
            Self::Text(_) => "text",
            Self::Binary(_) => "binary",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::Timestamp(_) => "timestamp",
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Null(builder) => Arc::new(builder.finish()),
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Int16(builder) => Arc::new(builder.finish()),
            Self::Int32(builder) => Arc::new(builder.finish()),
            Self::Int64(builder) => Arc::new(builder.finish()),
            Self::UInt64(builder) => Arc::new(builder.finish()),
            Self::Float32(builder) => Arc::new(builder.finish()),
            Self::Float64(builder) => Arc::new(builder.finish()),
            Self::Decimal(builder, _) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Binary(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Rows on their way into batches.
#[derive(Debug)]
pub(crate) struct Rows {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
    batch_rows: usize,
}

impl Rows {
    /// Batches of `schema` with at most `batch_rows` rows.
    ///
    /// # Errors
    /// `Internal` for an Arrow type that no connector makes.
    pub(crate) fn new(schema: SchemaRef, batch_rows: usize) -> Result<Self> {
        let columns = schema.fields().iter().map(|field| Column::new(field.data_type())).collect::<Result<_>>()?;
        Ok(Self { schema, columns, rows: 0, bytes: 0, batch_rows: batch_rows.max(1) })
    }

    /// The columns, to append one cell each to.
    pub(crate) fn columns(&mut self) -> &mut [Column] {
        &mut self.columns
    }

    /// Ends a row of `bytes` bytes; the batch, when it is full.
    ///
    /// # Errors
    /// `Internal` when a column got another number of cells.
    pub(crate) fn end_row(&mut self, bytes: usize) -> Result<Option<RecordBatch>> {
        self.rows += 1;
        self.bytes += bytes;
        if self.rows < self.batch_rows && self.bytes < BATCH_BYTES {
            return Ok(None);
        }
        self.flush()
    }

    /// The rows that are left; `None` when there are none.
    ///
    /// # Errors
    /// `Internal` when a column got another number of cells.
    pub(crate) fn flush(&mut self) -> Result<Option<RecordBatch>> {
        if self.rows == 0 {
            return Ok(None);
        }
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        (self.rows, self.bytes) = (0, 0);
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .map(Some)
            .map_err(|error| Error::internal("a record batch cannot be built").with_source(error))
    }
}

/// A nullable field; `leo_type` is the name that [`Table::column_type`](crate::Table::column_type) gives instead of Arrow's.
pub(crate) fn field(name: &str, data_type: DataType, leo_type: Option<&str>) -> Field {
    let field = Field::new(name, data_type, true);
    match leo_type {
        Some(leo_type) => field.with_metadata([("leo.type".to_owned(), leo_type.to_owned())].into()),
        None => field,
    }
}

/// A schema of fields.
pub(crate) fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

/// A value that does not fit the column: what it is not, and the CAST that helps. The value stays out of it.
pub(crate) fn misfit(column: &str, what: &str, cast: &str) -> Error {
    Error::malformed(format!("the column `{column}` has {what}; read it with `{cast}`")).with_context("column", column)
}

/// The unscaled value of a decimal number in text at `scale`: `"-12.5"` at scale 2 is -1250. `None` when it has more digits behind the
/// point than `scale`, zeros aside, more than 38 in all, or is no number.
pub(crate) fn unscaled(text: &str, scale: i8) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let scale = usize::try_from(scale).ok()?;
    let (fraction, rest) = fraction.split_at_checked(scale).unwrap_or((fraction, ""));
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let zeros = u32::try_from(scale - fraction.len()).ok()?;
    let mut digits = whole.bytes().chain(fraction.bytes()).map(|byte| byte.checked_sub(b'0').filter(|digit| *digit <= 9));
    let value = if whole.len() + scale <= SHORT {
        // Nearly all numbers, and several times faster than with 128 bits.
        let value = digits.try_fold(0_u64, |value, digit| Some(value * 10 + u64::from(digit?)))?;
        i128::from(value * 10_u64.pow(zeros))
    } else {
        let value = digits.try_fold(0_i128, |value, digit| value.checked_mul(10)?.checked_add(i128::from(digit?)))?;
        value.checked_mul(10_i128.checked_pow(zeros)?)?
    };
    (value < LIMIT).then_some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_become_batches_of_the_asked_size() {
        let schema = schema(vec![
            field("n", DataType::Int64, None),
            field("t", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), None),
            field("d", DataType::Decimal128(10, 2), None),
        ]);
        let mut rows = Rows::new(schema, 2).unwrap();
        let mut sizes = Vec::new();
        for n in 0..5 {
            let [Column::Int64(numbers), rest @ ..] = rows.columns() else { panic!() };
            numbers.append_value(n);
            rest.iter_mut().for_each(Column::null);
            sizes.extend(rows.end_row(8).unwrap().map(|batch| batch.num_rows()));
        }
        sizes.extend(rows.flush().unwrap().map(|batch| batch.num_rows()));
        assert_eq!(sizes, [2, 2, 1]);
        assert!(rows.flush().unwrap().is_none());
    }

    #[test]
    fn decimals_keep_every_digit_or_say_that_they_cannot() {
        assert_eq!(unscaled("-12.5", 2), Some(-1250));
        assert_eq!(unscaled("12.500", 2), Some(1250));
        assert_eq!(unscaled(".5", 1), Some(5));
        assert_eq!(unscaled("12.501", 2), None);
        assert_eq!(unscaled(&"9".repeat(38), 0), Some(10_i128.pow(38) - 1));
        for wrong in ["", "-", ".", "NaN", "1e5", "12a", &"9".repeat(39)] {
            assert_eq!(unscaled(wrong, 0), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn decimals_come_back_as_they_were(value in -(10_i128.pow(37))..10_i128.pow(37), scale in 0_i8..20) {
            let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale as usize + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
            let text = format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" });
            prop_assert_eq!(unscaled(&text, scale), Some(value));
        }
    }
}
