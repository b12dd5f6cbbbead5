//! MySQL values as Arrow.
//!
//! | MySQL, MariaDB | Arrow | field metadata |
//! |---|---|---|
//! | `tinyint(1)`, `bool`, `bit(1)` | Boolean; a value other than 0 and 1 is an error | |
//! | `tinyint`, `smallint`, `year`; `tinyint unsigned` | Int16 | |
//! | `mediumint`, `int`; `smallint unsigned`, `mediumint unsigned` | Int32 | |
//! | `bigint`; `int unsigned` | Int64 | |
//! | `bigint unsigned` | UInt64 | |
//! | `float`; `double` | Float32; Float64 | |
//! | `decimal(p, s)`, `SUM`, `AVG` of exact numbers, p ≤ 38 | Decimal128(p, s) | |
//! | a column `decimal(p, s)`, p > 38 | Utf8 | `leo.type` = `decimal` |
//! | an expression of that type, such as `SUM(bigint)` | Decimal128(38, s); a value of more digits is an error | |
//! | `char`, `varchar`, `text`; MariaDB's `json`, `uuid`, `inet6` | Utf8 | |
//! | `enum`; `set`; MySQL's `json` | Utf8 | `leo.type` = `enum`; `set`; `json` |
//! | `date` | Date32 | |
//! | `time` | Time64(µs); below 0 or from 24 h on is an error | |
//! | `datetime` | Timestamp(µs) | |
//! | `timestamp` | Timestamp(µs, "UTC"): the session's zone is UTC | |
//! | `binary`, `varbinary`, `blob`, `vector` | Binary | |
//! | `bit(n)`, n > 1 | Binary, most significant byte first | `leo.type` = `bit` |
//! | `geometry` and its kinds | Utf8, as WKT | `leo.type` = `geometry` |
//! | `NULL` | Null | |
//!
//! Zero dates (`0000-00-00`, `2024-00-00`) are no NULL to MySQL and no date to Arrow: they are an error that names the column and what to
//! write instead. No error shows the value.

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, SchemaRef, TimeUnit};
use mysql_async::consts::{ColumnFlags, ColumnType as T};
use mysql_async::{Column as Described, Row, Value as Sql};

use super::geometry;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::source::net::columns::{self, Column, MAX_PRECISION, Rows, misfit, unscaled};
use crate::value::Value;

/// The character set of bytes.
const BINARY: u16 = 63;
const MICROS_OF_DAY: i64 = 86_400_000_000;

/// What cannot be told by the Arrow type alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Plain,
    Bit,
    Geometry,
}

/// Rows of a result on their way into batches.
#[derive(Debug)]
pub(super) struct Decoder {
    rows: Rows,
    names: Vec<String>,
    readings: Vec<Reading>,
}

/// The Arrow field of a described column.
///
/// # Errors
/// `Unsupported` for a type that no version of MySQL sends.
fn field(column: &Described) -> Result<(Field, Reading)> {
    let flags = column.flags();
    let unsigned = flags.contains(ColumnFlags::UNSIGNED_FLAG);
    let is_bytes = column.character_set() == BINARY;
    let mut reading = Reading::Plain;
    let (data_type, leo_type) = match column.column_type() {
        T::MYSQL_TYPE_NULL => (DataType::Null, None),
        T::MYSQL_TYPE_TINY if !unsigned && column.column_length() == 1 => (DataType::Boolean, None),
        T::MYSQL_TYPE_TINY | T::MYSQL_TYPE_YEAR => (DataType::Int16, None),
        T::MYSQL_TYPE_SHORT if !unsigned => (DataType::Int16, None),
        T::MYSQL_TYPE_SHORT | T::MYSQL_TYPE_INT24 => (DataType::Int32, None),
        T::MYSQL_TYPE_LONG if !unsigned => (DataType::Int32, None),
        T::MYSQL_TYPE_LONG => (DataType::Int64, None),
        T::MYSQL_TYPE_LONGLONG if !unsigned => (DataType::Int64, None),
        T::MYSQL_TYPE_LONGLONG => (DataType::UInt64, None),
        T::MYSQL_TYPE_FLOAT => (DataType::Float32, None),
        T::MYSQL_TYPE_DOUBLE => (DataType::Float64, None),
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => decimal(column, unsigned),
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => (DataType::Date32, None),
        T::MYSQL_TYPE_TIME => (DataType::Time64(TimeUnit::Microsecond), None),
        T::MYSQL_TYPE_DATETIME => (DataType::Timestamp(TimeUnit::Microsecond, None), None),
        T::MYSQL_TYPE_TIMESTAMP => (DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), None),
        T::MYSQL_TYPE_BIT => {
            reading = Reading::Bit;
            if column.column_length() == 1 { (DataType::Boolean, None) } else { (DataType::Binary, Some("bit")) }
        }
        T::MYSQL_TYPE_GEOMETRY => {
            reading = Reading::Geometry;
            (DataType::Utf8, Some("geometry"))
        }
        T::MYSQL_TYPE_JSON => (DataType::Utf8, Some("json")),
        T::MYSQL_TYPE_ENUM => (DataType::Utf8, Some("enum")),
        T::MYSQL_TYPE_SET => (DataType::Utf8, Some("set")),
        T::MYSQL_TYPE_VECTOR => (DataType::Binary, None),
        T::MYSQL_TYPE_VARCHAR
        | T::MYSQL_TYPE_VAR_STRING
        | T::MYSQL_TYPE_STRING
        | T::MYSQL_TYPE_TINY_BLOB
        | T::MYSQL_TYPE_BLOB
        | T::MYSQL_TYPE_MEDIUM_BLOB
        | T::MYSQL_TYPE_LONG_BLOB => match () {
            () if flags.contains(ColumnFlags::ENUM_FLAG) => (DataType::Utf8, Some("enum")),
            () if flags.contains(ColumnFlags::SET_FLAG) => (DataType::Utf8, Some("set")),
            () if is_bytes => (DataType::Binary, None),
            () => (DataType::Utf8, None),
        },
        _ => {
            let name = column.name_str();
            return Err(Error::unsupported(format!(
                "the type of the column `{name}` is not known; read it with `CAST({name} AS CHAR)`"
            )));
        }
    };
    Ok((columns::field(&column.name_str(), data_type, leo_type), reading))
}

/// The length counts a sign and a point beside the digits.
fn decimal(column: &Described, unsigned: bool) -> (DataType, Option<&'static str>) {
    let scale = column.decimals();
    let signs = u32::from(!unsigned) + u32::from(scale > 0);
    let digits = column.column_length().saturating_sub(signs);
    // A result kept for a moment has a table's name too, but no schema.
    let is_column = !column.org_table_ref().is_empty() && !column.schema_ref().is_empty();
    match (u8::try_from(digits), i8::try_from(scale)) {
        (Ok(digits @ 1..=MAX_PRECISION), Ok(scale)) => (DataType::Decimal128(digits.max(column.decimals()), scale), None),
        (_, Ok(scale)) if !is_column && column.decimals() <= MAX_PRECISION => (DataType::Decimal128(MAX_PRECISION, scale), None),
        _ => (DataType::Utf8, Some("decimal")),
    }
}

impl Decoder {
    /// A decoder of `described`, in batches of `batch_rows`.
    ///
    /// # Errors
    /// `Unsupported` for an unknown type.
    pub(super) fn new(described: &[Described], batch_rows: usize) -> Result<(Self, SchemaRef)> {
        let (fields, readings): (Vec<_>, Vec<_>) = described.iter().map(field).collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let names = fields.iter().map(|field| field.name().clone()).collect();
        let schema = columns::schema(fields);
        Ok((Self { rows: Rows::new(schema.clone(), batch_rows)?, names, readings }, schema))
    }

    /// Takes in a row; its size, and the batch when it is full.
    ///
    /// # Errors
    /// `Malformed` for a value that does not fit its column's type.
    pub(super) fn push(&mut self, row: &Row) -> Result<(u64, Option<RecordBatch>)> {
        let mut bytes = 0;
        for (index, column) in self.rows.columns().iter_mut().enumerate() {
            let reading = self.readings.get(index).copied().unwrap_or(Reading::Plain);
            let fitted = match row.as_ref(index) {
                None | Some(Sql::NULL) => {
                    column.null();
                    Ok(())
                }
                Some(value) => {
                    if let Sql::Bytes(value) = value {
                        bytes += value.len();
                    }
                    append(column, value, reading)
                }
            };
            bytes += 8;
            if let Err(Misfit(what, cast)) = fitted {
                let name = self.names.get(index).map_or("", String::as_str);
                return Err(misfit(name, what, &cast.replace('?', &Dialect::Mysql.quote(name))));
            }
        }
        Ok((bytes as u64, self.rows.end_row(bytes)?))
    }

    /// The rows that are left.
    ///
    /// # Errors
    /// `Internal`.
    pub(super) fn finish(&mut self) -> Result<Option<RecordBatch>> {
        self.rows.flush()
    }
}

/// What the value is not, and what to write instead, with `?` for the column.
struct Misfit(&'static str, &'static str);

fn append(column: &mut Column, value: &Sql, reading: Reading) -> Result<(), Misfit> {
    const WIDTH: Misfit = Misfit("a value outside of its type's range", "CAST(? AS CHAR)");
    match (column, value) {
        (Column::Text(builder), Sql::Bytes(value)) if reading == Reading::Geometry => match geometry::to_wkt(value) {
            Some(text) => builder.append_value(text),
            None => return Err(Misfit("a shape that cannot be written as text", "ST_AsGeoJSON(?)")),
        },
        (Column::Text(builder), Sql::Bytes(value)) => match std::str::from_utf8(value) {
            Ok(text) => builder.append_value(text),
            Err(_) => return Err(Misfit("text that is not UTF-8", "HEX(?)")),
        },
        (Column::Decimal(builder, scale), Sql::Bytes(value)) => {
            match std::str::from_utf8(value).ok().and_then(|text| unscaled(text, *scale)) {
                Some(value) => builder.append_value(value),
                None => return Err(Misfit("a number of more than 38 digits", "CAST(? AS CHAR)")),
            }
        }
        (Column::Int64(builder), Sql::Int(value)) => builder.append_value(*value),
        (Column::Int32(builder), Sql::Int(value)) => builder.append_value(i32::try_from(*value).map_err(|_| WIDTH)?),
        (Column::Int16(builder), Sql::Int(value)) => builder.append_value(i16::try_from(*value).map_err(|_| WIDTH)?),
        (Column::UInt64(builder), Sql::UInt(value)) => builder.append_value(*value),
        (Column::UInt64(builder), Sql::Int(value)) => builder.append_value(u64::try_from(*value).map_err(|_| WIDTH)?),
        (Column::Int64(builder), Sql::UInt(value)) => builder.append_value(i64::try_from(*value).map_err(|_| WIDTH)?),
        (Column::Int32(builder), Sql::UInt(value)) => builder.append_value(i32::try_from(*value).map_err(|_| WIDTH)?),
        (Column::Int16(builder), Sql::UInt(value)) => builder.append_value(i16::try_from(*value).map_err(|_| WIDTH)?),
        (Column::Bool(builder), Sql::Int(value @ (0 | 1))) => builder.append_value(*value == 1),
        (Column::Bool(builder), Sql::Bytes(value)) if reading == Reading::Bit && value.len() == 1 => {
            builder.append_value(value.first().is_some_and(|byte| *byte != 0));
        }
        (Column::Bool(_), _) => {
            return Err(Misfit("a number that is neither 0 nor 1, though it is declared as a truth value", "CAST(? AS SIGNED)"));
        }
        (Column::Float64(builder), Sql::Double(value)) => builder.append_value(*value),
        (Column::Float32(builder), Sql::Float(value)) => builder.append_value(*value),
        (Column::Binary(builder), Sql::Bytes(value)) => builder.append_value(value),
        (Column::Date(builder), Sql::Date(year, month, day, ..)) => builder.append_value(day_of(*year, *month, *day)?),
        (Column::Timestamp(builder), Sql::Date(year, month, day, hour, minute, second, micros)) => {
            let days = i64::from(day_of(*year, *month, *day)?);
            builder.append_value(days * MICROS_OF_DAY + micros_of(0, *hour, *minute, *second, *micros));
        }
        (Column::Time(builder), Sql::Time(negative, days, hour, minute, second, micros)) => {
            let value = micros_of(*days, *hour, *minute, *second, *micros);
            if (*negative && value != 0) || value >= MICROS_OF_DAY {
                return Err(Misfit("a time that is no time of a day (below 0, or 24 hours and more)", "TIME_TO_SEC(?)"));
            }
            builder.append_value(value);
        }
        (column, _) => return Err(Misfit(unexpected(column.kind()), "CAST(? AS CHAR)")),
    }
    Ok(())
}

fn unexpected(kind: &str) -> &'static str {
    match kind {
        "date" | "timestamp" | "time" => "something else than the date or time it is declared as",
        "text" | "binary" => "something else than the text it is declared as",
        _ => "something else than the number it is declared as",
    }
}

/// Days since 1970-01-01.
fn day_of(year: u16, month: u8, day: u8) -> Result<i32, Misfit> {
    if (year, month, day) == (0, 0, 0) {
        return Err(Misfit("the zero date 0000-00-00", "NULLIF(?, '0000-00-00')"));
    }
    if month == 0 || day == 0 || month > 12 || day > 31 {
        return Err(Misfit("a date without month or day", "CAST(? AS CHAR)"));
    }
    // Days from civil, after Howard Hinnant: years begin in March, eras have 400 of them.
    let (month, day) = (i32::from(month), i32::from(day));
    let year = i32::from(year) - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Ok(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

fn micros_of(days: u32, hour: u8, minute: u8, second: u8, micros: u32) -> i64 {
    let seconds = ((i64::from(days) * 24 + i64::from(hour)) * 60 + i64::from(minute)) * 60 + i64::from(second);
    seconds * 1_000_000 + i64::from(micros)
}

/// A parameter as the driver binds it.
pub(super) fn bound(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::NULL,
        Value::Bool(value) => Sql::Int(i64::from(*value)),
        Value::Int(value) => Sql::Int(*value),
        Value::Float(value) => Sql::Double(*value),
        Value::Bytes(value) => Sql::Bytes(value.clone()),
        other => Sql::Bytes(other.to_string().into_bytes()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for (date, days) in [
            ((1970, 1, 1), 0),
            ((2000, 2, 29), 11_016),
            ((1, 1, 1), -719_162),
            ((9999, 12, 31), 2_932_896),
            ((0, 3, 1), -719_468),
        ] {
            assert_eq!(day_of(date.0, date.1, date.2).ok(), Some(days), "{date:?}");
        }
        assert!(day_of(0, 0, 0).is_err() && day_of(2024, 0, 1).is_err() && day_of(2024, 1, 0).is_err());
        let mut day = jiff::civil::date(0, 1, 1);
        let epoch = jiff::civil::date(1970, 1, 1);
        while let Ok(next) = day.checked_add(jiff::Span::new().days(97)) {
            let expected = epoch.until(day).unwrap().get_days();
            let (year, month) = (u16::try_from(day.year()).unwrap(), u8::try_from(day.month()).unwrap());
            assert_eq!(day_of(year, month, u8::try_from(day.day()).unwrap()).ok(), Some(expected), "{day}");
            day = next;
        }
    }
}
