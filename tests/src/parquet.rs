//! Parquet files for tests.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use leo::catalog::{Catalog, LogicalType};
use parquet::arrow::ArrowWriter;
use rusqlite::Connection;
use rusqlite::types::Value;

/// Writes `columns`, each with its field, as one file.
///
/// # Panics
/// When they do not fit together.
pub fn write(path: &Path, columns: Vec<(Field, ArrayRef)>) {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// The tables of the SQLite file behind `from`, whose structure is `catalog`, as files in `folder`. Money and measures become exact
/// decimals, as a company keeps them, with the digits of a 32nd; views become tables.
///
/// # Panics
/// When the file holds what the sample company does not.
pub fn company(folder: &Path, from: &Connection, catalog: &Catalog) {
    for table in &catalog.tables {
        let sql = format!("SELECT * FROM {}", leo::Dialect::Sqlite.quote(&table.name.name));
        let mut statement = from.prepare(&sql).unwrap();
        let mut columns: Vec<Vec<Value>> = vec![Vec::new(); table.columns.len()];
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (index, column) in columns.iter_mut().enumerate() {
                column.push(row.get(index).unwrap());
            }
        }
        let columns = table.columns.iter().zip(columns).map(|(column, values)| {
            let array = array(column.data_type, &values);
            (Field::new(&column.name, array.data_type().clone(), column.nullable), array)
        });
        write(&folder.join(format!("{}.parquet", table.name.name)), columns.collect());
    }
}

fn array(meaning: LogicalType, values: &[Value]) -> ArrayRef {
    let real = |value: &Value| match value {
        Value::Real(value) => Some(*value),
        Value::Integer(value) => Some(*value as f64),
        _ => None,
    };
    let whole = |value: &Value| if let Value::Integer(value) = value { Some(*value) } else { None };
    let text = |value: &Value| if let Value::Text(value) = value { Some(value.clone()) } else { None };
    let meaning = match values.iter().find(|value| **value != Value::Null) {
        Some(Value::Real(_)) => LogicalType::Decimal,
        Some(Value::Integer(_)) if !matches!(meaning, LogicalType::Boolean | LogicalType::Decimal | LogicalType::Float) => {
            LogicalType::Integer
        }
        Some(Value::Text(_)) if !matches!(meaning, LogicalType::Date | LogicalType::Timestamp) => LogicalType::Text,
        _ => meaning,
    };
    match meaning {
        LogicalType::Integer => {
            let mut builder = Int64Builder::new();
            values.iter().for_each(|value| builder.append_option(whole(value)));
            Arc::new(builder.finish())
        }
        LogicalType::Boolean => {
            let mut builder = BooleanBuilder::new();
            values.iter().for_each(|value| builder.append_option(whole(value).map(|value| value != 0)));
            Arc::new(builder.finish())
        }
        LogicalType::Float | LogicalType::Decimal => {
            let mut builder = Decimal128Builder::new().with_data_type(DataType::Decimal128(14, 5));
            values.iter().for_each(|value| builder.append_option(real(value).map(|value| (value * 100_000.0).round() as i128)));
            Arc::new(builder.finish())
        }
        LogicalType::Date => {
            let mut builder = Date32Builder::new();
            values.iter().for_each(|value| builder.append_option(text(value).map(|text| days(&text))));
            Arc::new(builder.finish())
        }
        LogicalType::Timestamp => {
            let mut builder = TimestampMicrosecondBuilder::new();
            values.iter().for_each(|value| builder.append_option(text(value).map(|text| micros(&text))));
            Arc::new(builder.finish())
        }
        _ => {
            let mut builder = StringBuilder::new();
            values.iter().for_each(|value| builder.append_option(text(value)));
            Arc::new(builder.finish())
        }
    }
}

/// Days from 1970-01-01 to `text`.
pub fn days(text: &str) -> i32 {
    i32::try_from(micros(text).div_euclid(86_400_000_000)).unwrap()
}

/// Microseconds from 1970-01-01 to `text`, a day or a moment.
pub fn micros(text: &str) -> i64 {
    let at: jiff::civil::DateTime = text.parse().unwrap();
    at.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_microsecond()
}
