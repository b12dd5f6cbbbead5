//! PostgreSQL values as Arrow, decoded from the binary form straight into the columns.
//!
//! | type | Arrow | field metadata `leo.type` |
//! |---|---|---|
//! | boolean | Boolean | |
//! | smallint · integer · bigint, oid | Int16 · Int32 · Int64 | |
//! | real · double precision | Float32 · Float64, NaN and infinities included | |
//! | numeric(p, s), p ≤ 38 | Decimal128(p, s) | |
//! | numeric(p, s), p > 38 | Utf8 | `decimal` |
//! | numeric without precision: columns, sums, averages | Decimal128(38, S), S the most digits behind the point in the first 8,192 rows; Utf8 when one of these is NaN, infinite or too long | ; `decimal` |
//! | money | Decimal128(19, the server's digits) | |
//! | text, varchar, char, name, citext, unknown | Utf8 | |
//! | bytea | Binary | |
//! | date | Date32 | |
//! | time | Time64(µs) | |
//! | timestamp · timestamptz | Timestamp(µs) · Timestamp(µs, "UTC") | |
//! | uuid · json, jsonb · xml · enum · interval (ISO 8601) · timetz | Utf8 | `uuid` · `json` · `xml` · `enum` · `interval` · `timetz` |
//! | arrays · ranges, multiranges · rows | Utf8, as the server prints them | `array` · `range` · `record` |
//! | bit · inet, cidr · macaddr · geometric · PostGIS (hex of EWKB) · tsvector, ltree, hstore … | Utf8 | the type's name |
//! | domains | as the type beneath | |
//! | other types | `Malformed`, naming the column and the CAST | |
//!
//! What a column cannot hold ends the stream with `Malformed`, which names the column and the CAST: `infinity` as a date or
//! timestamp, years after 9999, `24:00:00`, NaN in numeric(p, s). In a numeric without precision a later value with
//! more digits behind the point than S is rounded half to even where S ≥ 16 — the server has rounded such quotients itself —, and else
//! ends the stream too. Nothing becomes NULL and no digit is lost otherwise.

use arrow_schema::{DataType, SchemaRef, TimeUnit};
use tokio_postgres::Row;
use tokio_postgres::types::{Kind, Type};

use super::numeric::{self, Parsed, Unfit};
use super::session::Raw;
use super::text;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::source::net::columns::{self, Column, MAX_PRECISION, misfit};

/// Rows looked at before the scale of a `numeric` without one is settled.
pub(super) const WINDOW_ROWS: usize = 8_192;
/// From this many digits behind the point on, they are those of a quotient.
const QUOTIENT_SCALE: u8 = 16;
/// Days from 1970-01-01 to 2000-01-01, from which the server counts.
pub(super) const EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;

/// 9999-12-31 as the server counts: what comes later is shown nowhere.
const LAST_DAY: i32 = 2_932_896 - EPOCH_DAYS;
/// The moment after that day.
const END_MICROS: i64 = (LAST_DAY as i64 + 1) * 86_400_000_000;

/// How the bytes of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bool,
    Int16,
    Int32,
    Int64,
    Oid,
    Float32,
    Float64,
    /// With this many digits behind the point; more are rounded where that is right.
    Numeric {
        scale: u8,
        rounds: bool,
    },
    /// Not settled yet.
    Open,
    Utf8,
    /// A byte for the version before the text.
    Versioned,
    Bytes,
    Date,
    Time,
    Timestamp,
    Uuid,
    /// As the server prints it.
    Printed,
}

#[derive(Debug)]
struct ResultColumn {
    name: String,
    sql_type: Type,
    form: Form,
    data_type: DataType,
    leo_type: Option<String>,
}

/// The columns of a result whose types are known.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) schema: SchemaRef,
    columns: Vec<ResultColumn>,
}

/// The columns of a result while the first rows are looked at.
#[derive(Debug)]
pub(super) struct Window {
    columns: Vec<ResultColumn>,
    seen: Vec<Seen>,
}

/// What a `numeric` without precision has held so far.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    whole: u32,
    scale: u16,
    is_special: bool,
}

impl Window {
    /// The columns of a prepared statement.
    ///
    /// # Errors
    /// `Malformed` for a type that is not read.
    pub(super) fn new(columns: &[tokio_postgres::Column], money_scale: u8) -> Result<Self> {
        let columns: Vec<_> = columns.iter().map(|column| ResultColumn::new(column, money_scale)).collect::<Result<_>>()?;
        let seen = vec![Seen::default(); columns.len()];
        Ok(Self { columns, seen })
    }

    /// Whether some column's type depends on its values.
    pub(super) fn is_open(&self) -> bool {
        self.columns.iter().any(|column| column.form == Form::Open)
    }

    /// Takes the row's values into account.
    pub(super) fn look_at(&mut self, row: &Row) -> Result<()> {
        for (index, (column, seen)) in self.columns.iter().zip(&mut self.seen).enumerate() {
            if column.form != Form::Open {
                continue;
            }
            let Some(raw) = cell(row, index)? else { continue };
            match numeric::parse(raw).ok_or_else(damaged)? {
                Parsed::Special(_) => seen.is_special = true,
                Parsed::Number(number) => {
                    seen.whole = seen.whole.max(number.whole_digits());
                    seen.scale = seen.scale.max(number.scale);
                }
            }
        }
        Ok(())
    }

    /// Settles the types by what was seen.
    pub(super) fn settle(mut self) -> Settled {
        for (column, seen) in self.columns.iter_mut().zip(&self.seen).filter(|(column, _)| column.form == Form::Open) {
            let scale = u8::try_from(seen.scale).ok().filter(|scale| seen.whole + u32::from(*scale) <= u32::from(MAX_PRECISION));
            match scale {
                Some(scale) if !seen.is_special => {
                    column.form = Form::Numeric { scale, rounds: scale >= QUOTIENT_SCALE };
                    column.data_type = decimal(MAX_PRECISION, scale);
                }
                _ => {
                    column.form = Form::Printed;
                    column.leo_type = Some("decimal".to_owned());
                }
            }
        }
        let fields =
            self.columns.iter().map(|column| columns::field(&column.name, column.data_type.clone(), column.leo_type.as_deref()));
        Settled { schema: columns::schema(fields.collect()), columns: self.columns }
    }
}

impl Settled {
    /// Appends a row to `builders`.
    ///
    /// # Errors
    /// `Malformed` for a value that does not fit, with the column's name and the CAST.
    pub(super) fn append(&self, row: &Row, builders: &mut [Column]) -> Result<()> {
        for (index, (column, builder)) in self.columns.iter().zip(builders).enumerate() {
            match cell(row, index)? {
                None => builder.null(),
                Some(raw) => column.append(raw, builder)?,
            }
        }
        Ok(())
    }
}

fn cell(row: &Row, index: usize) -> Result<Option<&[u8]>> {
    row.try_get::<_, Option<Raw<'_>>>(index).map(|raw| raw.map(|raw| raw.0)).map_err(|_| damaged())
}

fn damaged() -> Error {
    Error::malformed("the server sent a value that does not have the form of its type; try again, and report it if it stays")
}

fn decimal(precision: u8, scale: u8) -> DataType {
    DataType::Decimal128(precision, i8::try_from(scale).unwrap_or(i8::MAX))
}

impl ResultColumn {
    fn new(column: &tokio_postgres::Column, money_scale: u8) -> Result<Self> {
        let sql_type = beneath(column.type_()).clone();
        let micros = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
        let plain = |form, data_type| (form, data_type, None);
        let named = |form, name: &str| (form, DataType::Utf8, Some(name.to_owned()));
        let (form, data_type, leo_type) = match sql_type {
            Type::BOOL => plain(Form::Bool, DataType::Boolean),
            Type::INT2 => plain(Form::Int16, DataType::Int16),
            Type::INT4 => plain(Form::Int32, DataType::Int32),
            Type::INT8 => plain(Form::Int64, DataType::Int64),
            Type::OID => plain(Form::Oid, DataType::Int64),
            Type::FLOAT4 => plain(Form::Float32, DataType::Float32),
            Type::FLOAT8 => plain(Form::Float64, DataType::Float64),
            Type::NUMERIC => match precision(column.type_modifier()) {
                None => plain(Form::Open, DataType::Utf8),
                Some((precision, scale)) if precision <= MAX_PRECISION => {
                    plain(Form::Numeric { scale, rounds: false }, decimal(precision, scale))
                }
                Some(_) => named(Form::Printed, "decimal"),
            },
            // Whole units of the smallest coin.
            Type::MONEY => plain(Form::Int64, decimal(19, money_scale)),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::CHAR => {
                plain(Form::Utf8, DataType::Utf8)
            }
            Type::BYTEA => plain(Form::Bytes, DataType::Binary),
            Type::DATE => plain(Form::Date, DataType::Date32),
            Type::TIME => plain(Form::Time, DataType::Time64(TimeUnit::Microsecond)),
            Type::TIMESTAMP => plain(Form::Timestamp, micros(None)),
            Type::TIMESTAMPTZ => plain(Form::Timestamp, micros(Some("UTC"))),
            Type::UUID => named(Form::Uuid, "uuid"),
            Type::JSON => named(Form::Utf8, "json"),
            Type::JSONB => named(Form::Versioned, "json"),
            Type::XML => named(Form::Utf8, "xml"),
            ref other if other.name() == "citext" => plain(Form::Utf8, DataType::Utf8),
            ref other => match other.kind() {
                Kind::Enum(_) => named(Form::Utf8, "enum"),
                _ if !text::is_known(other) => return Err(unread(column.name(), other)),
                Kind::Array(_) => named(Form::Printed, "array"),
                Kind::Range(_) | Kind::Multirange(_) => named(Form::Printed, "range"),
                Kind::Composite(_) => named(Form::Printed, "record"),
                _ => named(Form::Printed, other.name()),
            },
        };
        Ok(Self { name: column.name().to_owned(), sql_type, form, data_type, leo_type })
    }

    fn append(&self, raw: &[u8], builder: &mut Column) -> Result<()> {
        match (self.form, builder) {
            (Form::Bool, Column::Bool(builder)) => builder.append_value(raw.first().is_some_and(|byte| *byte != 0)),
            (Form::Int16, Column::Int16(builder)) => builder.append_value(i16::from_be_bytes(exact(raw)?)),
            (Form::Int32, Column::Int32(builder)) => builder.append_value(i32::from_be_bytes(exact(raw)?)),
            (Form::Int64, Column::Int64(builder)) => builder.append_value(i64::from_be_bytes(exact(raw)?)),
            (Form::Int64, Column::Decimal(builder, _)) => builder.append_value(i128::from(i64::from_be_bytes(exact(raw)?))),
            (Form::Oid, Column::Int64(builder)) => builder.append_value(i64::from(u32::from_be_bytes(exact(raw)?))),
            (Form::Float32, Column::Float32(builder)) => builder.append_value(f32::from_be_bytes(exact(raw)?)),
            (Form::Float64, Column::Float64(builder)) => builder.append_value(f64::from_be_bytes(exact(raw)?)),
            (Form::Numeric { scale, rounds }, Column::Decimal(builder, _)) => {
                builder.append_value(self.unscaled(raw, scale, rounds)?);
            }
            (Form::Utf8, Column::Text(builder)) => builder.append_value(utf8(raw)?),
            (Form::Versioned, Column::Text(builder)) => builder.append_value(utf8(raw.get(1..).ok_or_else(damaged)?)?),
            (Form::Bytes, Column::Binary(builder)) => builder.append_value(raw),
            (Form::Date, Column::Date(builder)) => match i32::from_be_bytes(exact(raw)?) {
                i32::MAX | i32::MIN => return Err(self.misfit("an infinite date")),
                days if days > LAST_DAY => return Err(self.misfit("a date after the year 9999")),
                days => builder.append_value(days + EPOCH_DAYS),
            },
            (Form::Time, Column::Time(builder)) => match i64::from_be_bytes(exact(raw)?) {
                86_400_000_000.. => return Err(self.misfit("the time 24:00:00")),
                micros => builder.append_value(micros),
            },
            (Form::Timestamp, Column::Timestamp(builder)) => match i64::from_be_bytes(exact(raw)?) {
                i64::MAX | i64::MIN => return Err(self.misfit("an infinite timestamp")),
                micros if micros >= END_MICROS => return Err(self.misfit("a timestamp after the year 9999")),
                micros => builder.append_value(micros + EPOCH_MICROS),
            },
            (Form::Uuid, Column::Text(builder)) => {
                let mut buffer = uuid::Uuid::encode_buffer();
                builder.append_value(uuid::Uuid::from_bytes(exact(raw)?).hyphenated().encode_lower(&mut buffer));
            }
            (Form::Printed, Column::Text(builder)) => {
                let mut printed = String::new();
                text::print(&self.sql_type, raw, &mut printed).ok_or_else(damaged)?;
                builder.append_value(printed);
            }
            _ => return Err(Error::internal("a column is built for another type than it is read as")),
        }
        Ok(())
    }

    fn unscaled(&self, raw: &[u8], scale: u8, rounds: bool) -> Result<i128> {
        match numeric::parse(raw).ok_or_else(damaged)? {
            Parsed::Special(name) => Err(self.misfit(name)),
            Parsed::Number(number) => number.unscaled(scale, rounds).map_err(|unfit| match unfit {
                Unfit::Large => self.misfit("a number of more than 38 digits"),
                Unfit::Fine => {
                    let what = format!("{scale} digits behind the point in its first {WINDOW_ROWS} rows and more later");
                    let cast = format!("CAST({} AS numeric(38, n))", Dialect::Postgres.quote(&self.name));
                    misfit(&self.name, &what, &cast)
                }
            }),
        }
    }

    fn misfit(&self, what: &str) -> Error {
        misfit(&self.name, what, &format!("CAST({} AS text)", Dialect::Postgres.quote(&self.name)))
    }
}

fn unread(column: &str, sql_type: &Type) -> Error {
    let what = format!("the type `{}`, which has no Arrow type here", sql_type.name());
    misfit(column, &what, &format!("CAST({} AS text)", Dialect::Postgres.quote(column)))
}

fn exact<const N: usize>(raw: &[u8]) -> Result<[u8; N]> {
    raw.try_into().map_err(|_| damaged())
}

fn utf8(raw: &[u8]) -> Result<&str> {
    std::str::from_utf8(raw).map_err(|_| damaged())
}

/// The type under a domain, and under the domains that this one is over.
pub(super) fn beneath(sql_type: &Type) -> &Type {
    match sql_type.kind() {
        Kind::Domain(inner) => beneath(inner),
        _ => sql_type,
    }
}

/// Precision and scale of `numeric(p, s)`. A scale below 0 has no digits behind the point, one above the precision has zeros before the
/// first digit: both are written with as many digits as the number has then.
fn precision(modifier: i32) -> Option<(u8, u8)> {
    let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
    let (precision, scale) = ((packed >> 16) & 0xffff, ((packed & 0x7ff) ^ 1_024) - 1_024);
    let digits = if scale < 0 { precision - scale } else { precision.max(scale) };
    Some((u8::try_from(digits).unwrap_or(u8::MAX), u8::try_from(scale.max(0)).unwrap_or(u8::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_and_scale_come_from_the_modifier() {
        let modifier = |precision: i32, scale: i32| ((precision << 16) | (scale & 0x7ff)) + 4;
        assert_eq!(precision(-1), None);
        assert_eq!(precision(modifier(10, 2)), Some((10, 2)));
        assert_eq!(precision(modifier(38, 38)), Some((38, 38)));
        assert_eq!(precision(modifier(3, 5)), Some((5, 5)));
        assert_eq!(precision(modifier(5, -3)), Some((8, 0)));
        assert_eq!(precision(modifier(1_000, 999)), Some((255, 255)));
    }
}
