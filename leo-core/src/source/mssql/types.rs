//! SQL Server's values as Arrow.
//!
//! | SQL Server | Arrow | `leo.type` | note |
//! |---|---|---|---|
//! | `bit` | Boolean | | |
//! | `tinyint`, `smallint` | Int16 | | `tinyint` is 0 to 255 |
//! | `int`, `bigint` | Int32, Int64 | | |
//! | `real`, `float` | Float32, Float64 | | |
//! | `decimal(p,s)`, `numeric(p,s)` | Decimal128(p, s) | | |
//! | `money`, `smallmoney` | Decimal128(19, 4), Decimal128(10, 4) | | beyond ±549,755,813,888 an error that names the CAST |
//! | `char`, `varchar`, `nchar`, `nvarchar`, `text`, `ntext` | Utf8 | | `char(n)` keeps its spaces |
//! | `binary`, `varbinary`, `image`, `rowversion` | Binary | | |
//! | `date` | Date32 | | |
//! | `time(n)` | Time64(us) | | the seventh digit is cut off |
//! | `datetime` | Timestamp(us) | | the millisecond that the server shows: .997, not .996666 |
//! | `smalldatetime`, `datetime2(n)` | Timestamp(us) | | the seventh digit is cut off |
//! | `datetimeoffset(n)` | Timestamp(us, UTC) | | the instant; its offset is not kept |
//! | `uniqueidentifier` | Utf8 | `uuid` | lower case |
//! | `xml` | Utf8 | `xml` | |
//! | `geometry`, `geography`, `hierarchyid`, other CLR types | Binary | the type's name | read them with `.ToString()` |
//! | `sql_variant` | Utf8 | `variant` | as text |
//!
//! The driver reads `money` as a double. The exact amount is found again where only one amount has that double.

use std::fmt::Write as _;

use arrow_schema::{DataType, Field, SchemaRef, TimeUnit};
use tiberius::time::{Date, DateTime, DateTime2, SmallDateTime, Time};
use tiberius::{ColumnData, ColumnType};

use super::metadata::Kind;
use crate::error::{Error, Result};
use crate::source::net::columns::{self, Column, MAX_PRECISION, misfit};

const DAY_MICROS: i64 = 86_400_000_000;
/// Days from 0001-01-01 and from 1900-01-01 to 1970-01-01.
const DAYS_FROM_YEAR_1: i64 = 719_162;
const DAYS_FROM_1900: i64 = 25_567;

/// A column of a result.
#[derive(Debug, Clone)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What the driver tells of a type, where COLMETADATA could not be read. Decimals lack their scale then and become text.
pub(super) fn fallback(column: ColumnType) -> Kind {
    match column {
        ColumnType::Null => Kind::Null,
        ColumnType::Bit | ColumnType::Bitn => Kind::Bit,
        ColumnType::Int1 => Kind::TinyInt,
        ColumnType::Int2 => Kind::SmallInt,
        ColumnType::Int4 => Kind::Int,
        ColumnType::Int8 | ColumnType::Intn => Kind::BigInt,
        ColumnType::Float4 => Kind::Real,
        ColumnType::Float8 | ColumnType::Floatn => Kind::Float,
        ColumnType::Money => Kind::Money,
        ColumnType::Money4 => Kind::SmallMoney,
        ColumnType::Datetime4 => Kind::SmallDateTime,
        ColumnType::Datetime | ColumnType::Datetimen => Kind::DateTime,
        ColumnType::Daten => Kind::Date,
        ColumnType::Timen => Kind::Time,
        ColumnType::Datetime2 => Kind::DateTime2,
        ColumnType::DatetimeOffsetn => Kind::DateTimeOffset,
        ColumnType::Guid => Kind::Guid,
        ColumnType::Xml => Kind::Xml,
        ColumnType::Udt => Kind::Udt("udt".into()),
        ColumnType::BigVarBin | ColumnType::BigBinary | ColumnType::Image => Kind::Bytes,
        ColumnType::Decimaln | ColumnType::Numericn | ColumnType::SSVariant => Kind::Variant,
        _ => Kind::Text,
    }
}

/// The schema of a result.
pub(super) fn schema(columns: &[Described]) -> SchemaRef {
    columns::schema(columns.iter().map(field).collect())
}

fn field(column: &Described) -> Field {
    let timestamp = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
    let (data_type, leo_type) = match &column.kind {
        Kind::Null => (DataType::Null, None),
        Kind::Bit => (DataType::Boolean, None),
        Kind::TinyInt | Kind::SmallInt => (DataType::Int16, None),
        Kind::Int => (DataType::Int32, None),
        Kind::BigInt => (DataType::Int64, None),
        Kind::Real => (DataType::Float32, None),
        Kind::Float => (DataType::Float64, None),
        Kind::Decimal { precision, scale } => {
            let precision = (*precision).clamp(1, MAX_PRECISION);
            (DataType::Decimal128(precision, i8::try_from((*scale).min(precision)).unwrap_or(0)), None)
        }
        Kind::Money => (DataType::Decimal128(19, 4), None),
        Kind::SmallMoney => (DataType::Decimal128(10, 4), None),
        Kind::Guid => (DataType::Utf8, Some("uuid")),
        Kind::DateTime | Kind::SmallDateTime | Kind::DateTime2 => (timestamp(None), None),
        Kind::DateTimeOffset => (timestamp(Some("UTC")), None),
        Kind::Date => (DataType::Date32, None),
        Kind::Time => (DataType::Time64(TimeUnit::Microsecond), None),
        Kind::Text => (DataType::Utf8, None),
        Kind::Xml => (DataType::Utf8, Some("xml")),
        Kind::Bytes => (DataType::Binary, None),
        Kind::Udt(name) => (DataType::Binary, Some(name.as_str())),
        Kind::Variant => (DataType::Utf8, Some("variant")),
    };
    columns::field(&column.name, data_type, leo_type)
}

/// Appends a value; how many bytes it takes.
///
/// # Errors
/// `Malformed` for an amount of `money` that the driver's double does not tell exactly; `Internal` for a value of another type.
pub(super) fn append(column: &mut Column, described: &Described, value: ColumnData<'_>) -> Result<usize> {
    if is_null(&value) {
        column.null();
        return Ok(1);
    }
    let name = &described.name;
    match (column, value) {
        (Column::Bool(builder), ColumnData::Bit(Some(value))) => builder.append_value(value),
        (Column::Int16(builder), ColumnData::U8(Some(value))) => builder.append_value(i16::from(value)),
        (Column::Int16(builder), ColumnData::I16(Some(value))) => builder.append_value(value),
        (Column::Int32(builder), ColumnData::I32(Some(value))) => builder.append_value(value),
        (Column::Int64(builder), value) => builder.append_value(whole(&value).ok_or_else(|| unexpected(name))?),
        (Column::Float32(builder), ColumnData::F32(Some(value))) => builder.append_value(value),
        (Column::Float64(builder), ColumnData::F64(Some(value))) => builder.append_value(value),
        (Column::Float64(builder), ColumnData::F32(Some(value))) => builder.append_value(f64::from(value)),
        (Column::Decimal(builder, scale), ColumnData::Numeric(Some(value))) => {
            let value = rescale(value.value(), value.scale(), *scale).ok_or_else(|| unexpected(name))?;
            builder.append_value(value);
            return Ok(16);
        }
        (Column::Decimal(builder, 4), ColumnData::F64(Some(value))) => {
            builder.append_value(i128::from(money(value).ok_or_else(|| {
                misfit(name, "an amount of `money` that the driver does not read exactly", "CAST(… AS decimal(19, 4))")
            })?));
            return Ok(16);
        }
        (Column::Date(builder), ColumnData::Date(Some(value))) => {
            builder.append_value(i32::try_from(days(value)).map_err(|_| unexpected(name))?);
        }
        (Column::Time(builder), ColumnData::Time(Some(value))) => builder.append_value(micros_of_day(value)),
        (Column::Timestamp(builder), value) => builder.append_value(timestamp(&value).ok_or_else(|| unexpected(name))?),
        (Column::Text(builder), ColumnData::String(Some(value))) => {
            builder.append_value(&value);
            return Ok(value.len());
        }
        (Column::Text(builder), value) => {
            let text = text(&value).ok_or_else(|| unexpected(name))?;
            builder.append_value(&text);
            return Ok(text.len());
        }
        (Column::Binary(builder), ColumnData::Binary(Some(value))) => {
            builder.append_value(&value);
            return Ok(value.len());
        }
        _ => return Err(unexpected(name)),
    }
    Ok(8)
}

fn unexpected(column: &str) -> Error {
    Error::internal(format!("the server sent another type of value for the column `{column}` than it had said"))
        .with_context("column", column)
}

fn is_null(value: &ColumnData<'_>) -> bool {
    match value {
        ColumnData::U8(value) => value.is_none(),
        ColumnData::I16(value) => value.is_none(),
        ColumnData::I32(value) => value.is_none(),
        ColumnData::I64(value) => value.is_none(),
        ColumnData::F32(value) => value.is_none(),
        ColumnData::F64(value) => value.is_none(),
        ColumnData::Bit(value) => value.is_none(),
        ColumnData::String(value) => value.is_none(),
        ColumnData::Guid(value) => value.is_none(),
        ColumnData::Binary(value) => value.is_none(),
        ColumnData::Numeric(value) => value.is_none(),
        ColumnData::Xml(value) => value.is_none(),
        ColumnData::DateTime(value) => value.is_none(),
        ColumnData::SmallDateTime(value) => value.is_none(),
        ColumnData::Time(value) => value.is_none(),
        ColumnData::Date(value) => value.is_none(),
        ColumnData::DateTime2(value) => value.is_none(),
        ColumnData::DateTimeOffset(value) => value.is_none(),
    }
}

/// The whole number in a value, whatever its width.
pub(super) fn whole(value: &ColumnData<'_>) -> Option<i64> {
    match value {
        ColumnData::U8(value) => value.map(i64::from),
        ColumnData::I16(value) => value.map(i64::from),
        ColumnData::I32(value) => value.map(i64::from),
        ColumnData::I64(value) => *value,
        ColumnData::Bit(value) => value.map(i64::from),
        ColumnData::Numeric(Some(value)) => i64::try_from(rescale(value.value(), value.scale(), 0)?).ok(),
        // Servers that take another's place have types of their own for their views.
        #[allow(clippy::cast_possible_truncation)]
        ColumnData::F64(Some(value)) if value.fract() == 0.0 && value.abs() < 9.0e15 => Some(*value as i64),
        ColumnData::F32(Some(value)) if value.fract() == 0.0 => whole(&ColumnData::F64(Some(f64::from(*value)))),
        ColumnData::String(Some(value)) => value.trim().parse().ok(),
        _ => None,
    }
}

fn rescale(value: i128, from: u8, to: i8) -> Option<i128> {
    let more = i32::from(to) - i32::from(from);
    let factor = 10_i128.checked_pow(more.unsigned_abs())?;
    if more >= 0 { value.checked_mul(factor) } else { (value % factor == 0).then(|| value / factor) }
}

/// The ten-thousandths of an amount of `money` of which the driver made `value`; `None` where several amounts become that double.
fn money(value: f64) -> Option<i64> {
    let near = (value * 1e4).round();
    // Beyond, doubles cannot be told apart as amounts; the bound also keeps the sums below whole.
    if near.abs() > 9.0e15 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation)]
    let near = near as i64;
    #[allow(clippy::cast_precision_loss)]
    let mut fitting = (near - 2..=near + 2).filter(|amount| *amount as f64 / 1e4 == value);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// Days since 1970-01-01.
fn days(date: Date) -> i64 {
    i64::from(date.days()) - DAYS_FROM_YEAR_1
}

/// Microseconds since midnight; digits beyond are cut off.
fn micros_of_day(time: Time) -> i64 {
    let scale = u32::from(time.scale());
    let increments = time.increments();
    let micros = if scale <= 6 { increments.saturating_mul(10_u64.pow(6 - scale)) } else { increments / 10_u64.pow(scale - 6) };
    i64::try_from(micros).unwrap_or(i64::MAX)
}

/// Microseconds since 1970-01-01.
fn timestamp(value: &ColumnData<'_>) -> Option<i64> {
    let of = |value: DateTime2| days(value.date()).checked_mul(DAY_MICROS)?.checked_add(micros_of_day(value.time()));
    match value {
        ColumnData::DateTime(Some(value)) => Some(old_timestamp(*value)),
        ColumnData::SmallDateTime(Some(value)) => Some(small_timestamp(*value)),
        ColumnData::DateTime2(Some(value)) => of(*value),
        // On the wire it is in UTC already (MS-TDS 2.2.5.5.1.9).
        ColumnData::DateTimeOffset(Some(value)) => of(value.datetime2()),
        _ => None,
    }
}

/// The server counts in 300ths of a second and shows milliseconds.
fn old_timestamp(value: DateTime) -> i64 {
    let millis = (i64::from(value.seconds_fragments()) * 10 + 1) / 3;
    (i64::from(value.days()) - DAYS_FROM_1900) * DAY_MICROS + millis * 1_000
}

/// The second field counts minutes, whatever the driver calls it.
fn small_timestamp(value: SmallDateTime) -> i64 {
    (i64::from(value.days()) - DAYS_FROM_1900) * DAY_MICROS + i64::from(value.seconds_fragments()) * 60_000_000
}

/// A value as text, where the column is text but the value is none: of a `sql_variant`, a UUID, XML.
pub(super) fn text(value: &ColumnData<'_>) -> Option<String> {
    Some(match value {
        ColumnData::String(value) => value.as_ref()?.to_string(),
        ColumnData::Guid(value) => value.as_ref()?.hyphenated().to_string(),
        ColumnData::Xml(value) => value.as_ref()?.as_ref().as_ref().to_owned(),
        ColumnData::Bit(Some(value)) => u8::from(*value).to_string(),
        ColumnData::F32(Some(value)) => value.to_string(),
        ColumnData::F64(Some(value)) => value.to_string(),
        ColumnData::Numeric(Some(value)) => decimal(value.value(), value.scale()),
        ColumnData::Binary(Some(value)) => format!("0x{}", crate::value::to_hex(value)),
        ColumnData::Date(Some(value)) => civil(days(*value) * DAY_MICROS)?.date().to_string(),
        ColumnData::Time(Some(value)) => civil(micros_of_day(*value))?.time().to_string(),
        ColumnData::DateTime(_) | ColumnData::SmallDateTime(_) | ColumnData::DateTime2(_) => {
            civil(timestamp(value)?)?.to_string().replace('T', " ")
        }
        ColumnData::DateTimeOffset(_) => format!("{}Z", civil(timestamp(value)?)?.to_string().replace('T', " ")),
        _ => whole(value)?.to_string(),
    })
}

fn civil(micros: i64) -> Option<jiff::civil::DateTime> {
    jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0).checked_add(jiff::Span::new().try_microseconds(micros).ok()?).ok()
}

fn decimal(unscaled: i128, scale: u8) -> String {
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    let mut text = if unscaled < 0 { "-".to_owned() } else { String::new() };
    let _ = write!(text, "{whole}");
    if !fraction.is_empty() {
        let _ = write!(text, ".{fraction}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn old_timestamps_show_the_servers_milliseconds() {
        // 1970-01-01 00:00:00 and the three fractions that exist in each hundredth.
        let base = DAYS_FROM_1900 as i32;
        for (fragments, millis) in [(0, 0), (1, 3), (2, 7), (3, 10), (299, 997), (298, 993), (25_919_999, 86_399_997)] {
            assert_eq!(old_timestamp(DateTime::new(base, fragments)), millis * 1_000, "{fragments}");
        }
        // 1753-01-01, the oldest.
        assert_eq!(old_timestamp(DateTime::new(-53_690, 0)) / DAY_MICROS, -79_257);
    }

    #[test]
    fn extremes_of_dates_and_times() {
        assert_eq!(days(Date::new(0)), -719_162);
        assert_eq!(days(Date::new(3_652_058)), 2_932_896);
        let last = DateTime2::new(Date::new(3_652_058), Time::new(863_999_999_999, 7));
        let text = text(&ColumnData::DateTime2(Some(last))).unwrap();
        assert_eq!(text, "9999-12-31 23:59:59.999999");
        assert_eq!(micros_of_day(Time::new(86_399, 0)), 86_399_000_000);
    }

    #[test]
    fn decimals_of_38_digits_are_whole() {
        let most = 10_i128.pow(38) - 1;
        assert_eq!(rescale(most, 10, 10), Some(most));
        assert_eq!(decimal(-most, 38), format!("-0.{}", "9".repeat(38)));
        assert_eq!(decimal(5, 2), "0.05");
        assert_eq!((rescale(150, 2, 1), rescale(155, 2, 1), rescale(most, 0, 38)), (Some(15), None, None));
    }

    proptest! {
        #[test]
        fn money_is_found_again_or_refused(amount in any::<i64>()) {
            // As the driver does it.
            let double = amount as f64 / 1e4;
            match money(double) {
                Some(found) => prop_assert_eq!(found, amount),
                None => prop_assert!(amount.unsigned_abs() > 5_497_558_138_880_000),
            }
        }

        #[test]
        fn everyday_money_is_always_found(amount in -5_497_558_138_880_000_i64..=5_497_558_138_880_000) {
            prop_assert_eq!(money(amount as f64 / 1e4), Some(amount));
        }
    }
}
