//! Values of placeholders, sent as text of whatever type the server has inferred for them.

use std::error::Error as StdError;

use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

use crate::value::{Value, to_hex};

/// A value as a parameter; `Debug` shows its type alone, as the driver logs parameters.
#[derive(Debug)]
pub(super) struct Param<'a>(pub(super) &'a Value);

impl ToSql for Param<'_> {
    fn to_sql(&self, _: &Type, out: &mut bytes::BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let text = match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Bytes(bytes) => format!("\\x{}", to_hex(bytes)),
            Value::Text(text) => {
                out.extend_from_slice(text.as_bytes());
                return Ok(IsNull::No);
            }
            // `inf` and `NaN` are read too.
            other => other.to_string(),
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// Types to prepare with again, where the server's choice cannot take a value: a number with a fraction compared with a column of
/// whole numbers. `None` where all is well.
pub(super) fn corrected(inferred: &[Type], values: &[Value]) -> Option<Vec<Type>> {
    let is_whole = |wanted: &Type| matches!(*wanted, Type::INT2 | Type::INT4 | Type::INT8);
    let is_wrong = |wanted: &Type, value: &Value| match value {
        Value::Float(value) => is_whole(wanted) && value.fract() != 0.0,
        Value::Decimal(_) => is_whole(wanted),
        Value::Int(value) => {
            (*wanted == Type::INT4 && i32::try_from(*value).is_err()) || (*wanted == Type::INT2 && i16::try_from(*value).is_err())
        }
        _ => false,
    };
    let wrong = inferred.iter().zip(values).any(|(wanted, value)| is_wrong(wanted, value));
    wrong.then(|| {
        let better = |(wanted, value): (&Type, &Value)| match value {
            Value::Int(_) if is_wrong(wanted, value) => Type::INT8,
            _ if is_wrong(wanted, value) => Type::NUMERIC,
            _ => wanted.clone(),
        };
        inferred.iter().zip(values).map(better).collect()
    })
}

/// The types of the values themselves, for statements that leave them open (`$1 IS NULL`).
pub(super) fn own(values: &[Value]) -> Vec<Type> {
    let own = |value: &Value| match value {
        Value::Null | Value::Text(_) => Type::TEXT,
        Value::Bool(_) => Type::BOOL,
        Value::Int(_) => Type::INT8,
        Value::Float(_) => Type::FLOAT8,
        Value::Decimal(_) => Type::NUMERIC,
        Value::Bytes(_) => Type::BYTEA,
    };
    values.iter().map(own).collect()
}
