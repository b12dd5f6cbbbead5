//! Cells of Arrow arrays, of every type that a connector makes.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, StringArray};
use arrow_schema::{DataType, TimeUnit};
use jiff::civil::{Date, DateTime, Time};

use super::moments;
use crate::value::{Decimal, Value};

/// One cell. NULL for types that no connector makes.
pub(super) fn cell(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Float32 => Value::Float(float(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => Value::Float(array.as_primitive::<Float64Type>().value(row)),
        DataType::UInt64 => unsigned(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            let unscaled = array.as_primitive::<Decimal128Type>().value(row);
            match i64::try_from(unscaled) {
                // Engines that add up whole numbers as decimals mean whole numbers.
                Ok(whole) if *scale == 0 => Value::Int(whole),
                _ => Value::Decimal(Decimal { unscaled, scale: *scale }),
            }
        }
        DataType::Binary => Value::Bytes(array.as_binary::<i32>().value(row).to_vec()),
        DataType::LargeBinary => Value::Bytes(array.as_binary::<i64>().value(row).to_vec()),
        DataType::BinaryView => Value::Bytes(array.as_binary_view().value(row).to_vec()),
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Value::Text(array.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Value::Text(array.as_string_view().value(row).to_owned()),
        _ => integer(array, row).map_or_else(|| temporal(array, row), Value::Int),
    }
}

/// The array with one of few types, for whoever does not need each: whole numbers as Int64, where they fit, other numbers as
/// Float64, dates, times and truth values as text. Bytes and NULLs stay.
pub(crate) fn plain(array: &ArrayRef) -> ArrayRef {
    let texts = || -> ArrayRef {
        let text = |row| match cell(array.as_ref(), row) {
            Value::Null => None,
            value => Some(value.to_string()),
        };
        Arc::new((0..array.len()).map(text).collect::<StringArray>())
    };
    match array.data_type() {
        DataType::Int64 | DataType::Float64 | DataType::Utf8 | DataType::Null => Arc::clone(array),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Arc::clone(array),
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>();
            Arc::new(values.iter().map(|value| value.map(float)).collect::<Float64Array>())
        }
        DataType::Decimal128(_, scale) => {
            let values = array.as_primitive::<Decimal128Type>();
            let decimals = || values.iter().map(|value| value.map(|unscaled| Decimal { unscaled, scale: *scale }));
            if *scale <= 0 && decimals().flatten().all(|value| value.to_i64().is_some()) {
                Arc::new(decimals().map(|value| value.and_then(Decimal::to_i64)).collect::<Int64Array>())
            } else {
                Arc::new(decimals().map(|value| value.map(Decimal::to_f64)).collect::<Float64Array>())
            }
        }
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            if values.iter().flatten().all(|value| i64::try_from(value).is_ok()) {
                Arc::new(values.iter().map(|value| value.and_then(|value| i64::try_from(value).ok())).collect::<Int64Array>())
            } else {
                Arc::new(values.iter().map(|value| value.map(|value| value as f64)).collect::<Float64Array>())
            }
        }
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => {
            let value = |row| if array.is_null(row) { None } else { integer(array.as_ref(), row) };
            Arc::new((0..array.len()).map(value).collect::<Int64Array>())
        }
        _ => moments::texts(array.as_ref()).map_or_else(texts, |texts| Arc::new(texts)),
    }
}

/// The double that people mean by a single: 0.1 stays 0.1.
fn float(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

fn unsigned(value: u64) -> Value {
    match i64::try_from(value) {
        Ok(value) => Value::Int(value),
        Err(_) => Value::Decimal(Decimal { unscaled: i128::from(value), scale: 0 }),
    }
}

fn integer(array: &dyn Array, row: usize) -> Option<i64> {
    fn read<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> i64
    where
        i64: From<T::Native>,
    {
        i64::from(array.as_primitive::<T>().value(row))
    }
    Some(match array.data_type() {
        DataType::Int8 => read::<Int8Type>(array, row),
        DataType::Int16 => read::<Int16Type>(array, row),
        DataType::Int32 => read::<Int32Type>(array, row),
        DataType::Int64 => read::<Int64Type>(array, row),
        DataType::UInt8 => read::<UInt8Type>(array, row),
        DataType::UInt16 => read::<UInt16Type>(array, row),
        DataType::UInt32 => read::<UInt32Type>(array, row),
        _ => return None,
    })
}

/// Dates and times in ISO form: `2025-06-30`, `23:59:59.5`, `2025-06-30 23:59:59.5`, with a zone `2025-06-30 21:59:59.5+00:00`.
fn temporal(array: &dyn Array, row: usize) -> Value {
    let text = match array.data_type() {
        DataType::Date32 => date(i64::from(array.as_primitive::<Date32Type>().value(row))),
        DataType::Date64 => date(array.as_primitive::<Date64Type>().value(row).div_euclid(86_400_000)),
        DataType::Time32(TimeUnit::Second) => time(i64::from(array.as_primitive::<Time32SecondType>().value(row)), 1_000_000_000),
        DataType::Time32(_) => time(i64::from(array.as_primitive::<Time32MillisecondType>().value(row)), 1_000_000),
        DataType::Time64(TimeUnit::Microsecond) => time(array.as_primitive::<Time64MicrosecondType>().value(row), 1_000),
        DataType::Time64(_) => time(array.as_primitive::<Time64NanosecondType>().value(row), 1),
        DataType::Timestamp(unit, zone) => {
            let (value, nanos) = match unit {
                TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().value(row), 1_000_000_000),
                TimeUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().value(row), 1_000_000),
                TimeUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().value(row), 1_000),
                TimeUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().value(row), 1),
            };
            timestamp(value, nanos).map(|text| if zone.is_some() { text + "+00:00" } else { text })
        }
        _ => None,
    };
    text.map_or(Value::Null, Value::Text)
}

fn date(days: i64) -> Option<String> {
    let epoch = Date::constant(1970, 1, 1);
    epoch.checked_add(jiff::Span::new().try_days(days).ok()?).ok().map(|date| date.to_string())
}

fn time(value: i64, nanos: i64) -> Option<String> {
    let total = value.checked_mul(nanos)?;
    Time::midnight().checked_add(jiff::SignedDuration::from_nanos(total)).ok().map(|time| time.to_string())
}

fn timestamp(value: i64, nanos: i128) -> Option<String> {
    let total = i128::from(value).checked_mul(nanos)?;
    let seconds = i64::try_from(total.div_euclid(1_000_000_000)).ok()?;
    let rest = i32::try_from(total.rem_euclid(1_000_000_000)).ok()?;
    // Not by way of an instant, whose range ends a day before the year 9999 does: many a table has its last moment for "never".
    let civil = DateTime::constant(1970, 1, 1, 0, 0, 0, 0).checked_add(jiff::SignedDuration::new(seconds, rest)).ok()?;
    Some(format!("{} {}", civil.date(), civil.time()))
}

#[cfg(test)]
mod tests {
    use arrow_array::{
        Date32Array, Decimal128Array, Float32Array, Int16Array, Time64MicrosecondArray, TimestampMicrosecondArray, UInt64Array,
    };

    use super::*;

    fn shown(array: impl Array) -> Vec<String> {
        (0..array.len()).map(|row| cell(&array, row).to_string()).collect()
    }

    #[test]
    fn cells_of_every_type_read_as_a_person_writes_them() {
        assert_eq!(shown(Int16Array::from(vec![Some(-7), None])), ["-7", ""]);
        assert_eq!(shown(UInt64Array::from(vec![u64::MAX])), ["18446744073709551615"]);
        assert_eq!(shown(Float32Array::from(vec![0.1])), ["0.1"]);
        let money = Decimal128Array::from(vec![1250, -5]).with_precision_and_scale(10, 2).unwrap();
        assert_eq!(shown(money), ["12.50", "-0.05"]);
        assert_eq!(shown(Date32Array::from(vec![0, -719_162, 20_269])), ["1970-01-01", "0001-01-01", "2025-06-30"]);
        assert_eq!(shown(Time64MicrosecondArray::from(vec![0, 86_399_500_000])), ["00:00:00", "23:59:59.5"]);
        let naive =
            TimestampMicrosecondArray::from(vec![0, 1_751_241_599_500_000, -62_135_596_800_000_000, 253_402_300_799_999_999]);
        assert_eq!(
            shown(naive),
            ["1970-01-01 00:00:00", "2025-06-29 23:59:59.5", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"]
        );
        assert_eq!(shown(TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC")), ["1970-01-01 00:00:00+00:00"]);
    }

    #[test]
    fn plain_arrays_keep_numbers_numbers() {
        let of = |array: ArrayRef| plain(&array).data_type().clone();
        let decimals = |scale| Arc::new(Decimal128Array::from(vec![100, 200]).with_precision_and_scale(20, scale).unwrap());
        assert_eq!(of(decimals(2)), DataType::Float64);
        assert_eq!(of(decimals(0)), DataType::Int64);
        assert_eq!(of(Arc::new(Int16Array::from(vec![1]))), DataType::Int64);
        assert_eq!(of(Arc::new(UInt64Array::from(vec![u64::MAX]))), DataType::Float64);
        assert_eq!(of(Arc::new(Date32Array::from(vec![1]))), DataType::Utf8);
    }
}
