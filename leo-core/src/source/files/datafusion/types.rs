//! DataFusion's types as Leo's: columns of tables on the way in, columns of results on the way out.
//!
//! | in the file, or as DataFusion computes it | Arrow | `leo.type` |
//! |---|---|---|
//! | Boolean | Boolean | |
//! | Int8, UInt8, Int16; UInt16, Int32; UInt32, Int64; UInt64 | Int16; Int32; Int64; UInt64 | |
//! | Float16, Float32; Float64 | Float32; Float64 | |
//! | Decimal32, Decimal64, Decimal128(p, s); Decimal256(p, s), p ≤ 38 | Decimal128(p, s) | |
//! | Decimal256(p, s), p > 38 | Utf8 | `decimal` |
//! | Utf8, LargeUtf8, Utf8View | Utf8 | |
//! | Binary, LargeBinary, BinaryView, FixedSizeBinary | Binary | |
//! | Date32, Date64 | Date32 | |
//! | Time32, Time64 | Time64(µs), nanoseconds cut | |
//! | Timestamp; with zone | Timestamp(µs), nanoseconds cut; Timestamp(µs, "UTC") | |
//! | Dictionary, RunEndEncoded | as their values | |
//! | Duration, Interval | Utf8, ISO 8601 where there is one | `interval` |
//! | List, Struct, Map, Union | Utf8, as JSON | `json` |
//! | Null | Null | |

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::json::{EncoderOptions, writer::make_encoder};
use datafusion::arrow::util::display::{ArrayFormatter, DurationFormat, FormatOptions};

use crate::catalog::LogicalType;
use crate::error::{Error, Result};

/// Digits of the widest decimal that stays one.
const MAX_PRECISION: u8 = 38;

/// How one column of a result becomes Leo's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Same,
    Cast,
    /// Printed.
    Text,
    /// Printed as JSON.
    Json,
}

/// The type of a result's column in Leo, its name beside Arrow's, and the way there.
fn target(data_type: &DataType) -> (DataType, Option<&'static str>, Way) {
    use DataType as T;
    let micros = TimeUnit::Microsecond;
    let (target, leo_type) = match data_type {
        T::Int8 | T::UInt8 => (T::Int16, None),
        T::UInt16 => (T::Int32, None),
        T::UInt32 => (T::Int64, None),
        T::Float16 => (T::Float32, None),
        T::LargeUtf8 | T::Utf8View => (T::Utf8, None),
        T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => (T::Binary, None),
        T::Date64 => (T::Date32, None),
        T::Time32(_) | T::Time64(_) => (T::Time64(micros), None),
        T::Timestamp(_, None) => (T::Timestamp(micros, None), None),
        T::Timestamp(_, Some(_)) => (T::Timestamp(micros, Some("UTC".into())), None),
        T::Decimal32(p, s) | T::Decimal64(p, s) | T::Decimal128(p, s) | T::Decimal256(p, s) if *p <= MAX_PRECISION => {
            // A negative scale stands for zeros before the point.
            match s {
                0.. => (T::Decimal128(*p, *s), None),
                _ => (T::Decimal128(p.saturating_add(s.unsigned_abs()).min(MAX_PRECISION), 0), None),
            }
        }
        T::Decimal256(..) => return (T::Utf8, Some("decimal"), Way::Cast),
        T::Dictionary(_, values) => {
            let (target, leo_type, way) = target(values);
            return (target, leo_type, if way == Way::Same { Way::Cast } else { way });
        }
        T::RunEndEncoded(_, values) => {
            let (target, leo_type, way) = target(values.data_type());
            return (target, leo_type, if way == Way::Same { Way::Cast } else { way });
        }
        T::Duration(_) | T::Interval(_) => return (T::Utf8, Some("interval"), Way::Text),
        T::List(_)
        | T::LargeList(_)
        | T::FixedSizeList(..)
        | T::ListView(_)
        | T::LargeListView(_)
        | T::Struct(_)
        | T::Map(..)
        | T::Union(..) => return (T::Utf8, Some("json"), Way::Json),
        same => (same.clone(), None),
    };
    let way = if target == *data_type { Way::Same } else { Way::Cast };
    (target, leo_type, way)
}

/// The type under which a file's column is registered: one kind of text, one of bytes, no dictionaries.
pub(super) fn registered(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, values) => registered(values),
        DataType::RunEndEncoded(_, values) => registered(values.data_type()),
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Date64 => DataType::Date32,
        other => other.clone(),
    }
}

/// The type's name in the catalogue, and what it means.
pub(super) fn declared(field: &Field) -> (String, LogicalType) {
    use DataType as T;
    let meaning = match field.data_type() {
        T::Boolean => LogicalType::Boolean,
        data_type if data_type.is_integer() => LogicalType::Integer,
        data_type if data_type.is_floating() => LogicalType::Float,
        T::Decimal32(..) | T::Decimal64(..) | T::Decimal128(..) | T::Decimal256(..) => LogicalType::Decimal,
        T::Utf8 => LogicalType::Text,
        T::Binary | T::FixedSizeBinary(_) => LogicalType::Binary,
        T::Date32 => LogicalType::Date,
        T::Time32(_) | T::Time64(_) => LogicalType::Time,
        T::Timestamp(..) => LogicalType::Timestamp,
        _ => LogicalType::Other,
    };
    (field.data_type().to_string(), meaning)
}

/// Turns batches of one result into Leo's.
#[derive(Debug)]
pub(super) struct Normal {
    schema: SchemaRef,
    ways: Vec<Way>,
}

impl Normal {
    /// For results of `schema`, whose columns are called `names`.
    pub(super) fn new(schema: &Schema) -> Self {
        let columns = schema.fields().iter().map(|field| {
            let (data_type, leo_type, way) = target(field.data_type());
            let own = Field::new(field.name(), data_type, true);
            (own.with_metadata(leo_type.map(|name| ("leo.type".to_owned(), name.to_owned())).into_iter().collect()), way)
        });
        let (fields, ways): (Vec<Field>, Vec<Way>) = columns.unzip();
        Self { schema: Arc::new(Schema::new(fields)), ways }
    }

    /// The schema of what comes out.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// A batch in Leo's types.
    ///
    /// # Errors
    /// `Malformed`, naming the column, for a value that does not fit.
    pub(super) fn batch(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let columns = self.ways.iter().zip(batch.columns()).zip(self.schema.fields());
        let columns = columns
            .map(|((way, column), field)| match way {
                Way::Same => Ok(Arc::clone(column)),
                Way::Cast => cast(column, field),
                Way::Text => printed(column, field),
                Way::Json => json(column, field),
            })
            .collect::<Result<Vec<ArrayRef>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|error| Error::internal("the engine gave another type than it said").with_source(error))
    }
}

fn misfit(field: &Field) -> Error {
    let name = field.name();
    Error::malformed(format!("a value of column `{name}` does not fit Arrow's type; select CAST({name} AS VARCHAR) instead"))
        .with_context("column", name.clone())
}

fn cast(column: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, field.data_type(), &options).map_err(|_| misfit(field))
}

fn printed(column: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    let options = FormatOptions::new().with_duration_format(DurationFormat::ISO8601);
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options).map_err(|_| misfit(field))?;
    let mut texts = StringBuilder::with_capacity(column.len(), column.len() * 16);
    for row in 0..column.len() {
        match column.is_null(row) {
            true => texts.append_null(),
            false => texts.append_value(formatter.value(row).try_to_string().map_err(|_| misfit(field))?),
        }
    }
    Ok(Arc::new(texts.finish()))
}

fn json(column: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    let field_of = Arc::new(Field::new(field.name(), column.data_type().clone(), true));
    let options = EncoderOptions::default().with_explicit_nulls(true);
    let Ok(mut encoder) = make_encoder(&field_of, column.as_ref(), &options) else { return printed(column, field) };
    let mut texts = StringBuilder::with_capacity(column.len(), column.len() * 32);
    let mut bytes = Vec::new();
    for row in 0..column.len() {
        if column.is_null(row) {
            texts.append_null();
            continue;
        }
        bytes.clear();
        encoder.encode(row, &mut bytes);
        texts.append_value(std::str::from_utf8(&bytes).map_err(|_| misfit(field))?);
    }
    Ok(Arc::new(texts.finish()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{
        AsArray, BinaryViewArray, Date64Array, Decimal256Array, DictionaryArray, Int8Array, ListArray, StringViewArray,
        TimestampNanosecondArray, UInt32Array,
    };
    use datafusion::arrow::datatypes::{Int8Type, Int64Type, TimestampMicrosecondType, i256};

    fn normal(column: ArrayRef) -> (Schema, ArrayRef) {
        let schema = Arc::new(Schema::new(vec![Field::new("c", column.data_type().clone(), true)]));
        let normal = Normal::new(&schema);
        let batch = normal.batch(&RecordBatch::try_new(schema, vec![column]).unwrap()).unwrap();
        (normal.schema().as_ref().clone(), Arc::clone(batch.column(0)))
    }

    fn texts(column: ArrayRef) -> (Option<String>, Vec<Option<String>>) {
        let (schema, column) = normal(column);
        let found = column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect();
        (schema.field(0).metadata().get("leo.type").cloned(), found)
    }

    #[test]
    fn every_spelling_of_text_becomes_one() {
        let expected = vec![Some("a".to_owned()), None, Some("🦀".into())];
        let dictionary: DictionaryArray<Int8Type> = [Some("a"), None, Some("🦀")].into_iter().collect();
        for column in [Arc::new(StringViewArray::from(vec![Some("a"), None, Some("🦀")])) as ArrayRef, Arc::new(dictionary)] {
            assert_eq!(texts(column), (None, expected.clone()));
        }
        let bytes = normal(Arc::new(BinaryViewArray::from(vec![Some(&b"\xff"[..]), None]))).1;
        assert_eq!(bytes.as_binary::<i32>().value(0), b"\xff");
    }

    #[test]
    fn numbers_widen_and_long_decimals_stay_exact() {
        assert_eq!(normal(Arc::new(Int8Array::from(vec![-128]))).1.data_type(), &DataType::Int16);
        assert_eq!(normal(Arc::new(UInt32Array::from(vec![u32::MAX]))).1.as_primitive::<Int64Type>().value(0), 4_294_967_295);
        let wide = |precision| {
            let values = Decimal256Array::from(vec![Some(i256::from_i128(12_345)), None]);
            Arc::new(values.with_precision_and_scale(precision, 2).unwrap()) as ArrayRef
        };
        assert_eq!(normal(wide(38)).1.data_type(), &DataType::Decimal128(38, 2));
        assert_eq!(texts(wide(60)), (Some("decimal".into()), vec![Some("123.45".into()), None]));
    }

    #[test]
    fn moments_are_microseconds_in_utc() {
        let column = Arc::new(TimestampNanosecondArray::from(vec![Some(1_500), Some(-1_500), None]).with_timezone("Europe/Oslo"));
        let (schema, found) = normal(column);
        assert_eq!(schema.field(0).data_type(), &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
        assert_eq!(found.as_primitive::<TimestampMicrosecondType>().value(0), 1);
        assert_eq!(normal(Arc::new(Date64Array::from(vec![86_400_000]))).1.data_type(), &DataType::Date32);
    }

    #[test]
    fn nested_values_are_json() {
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
        let expected = (Some("json".to_owned()), vec![Some("[1,null]".to_owned()), None, Some("[]".into())]);
        assert_eq!(texts(Arc::new(lists)), expected);
    }
}
