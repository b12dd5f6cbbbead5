//! Values of placeholders on their way to `sp_executesql`.

use std::borrow::Cow;

use tiberius::ColumnData;
use tiberius::numeric::Numeric;

use crate::error::{Error, Result};
use crate::value::Value;

/// Type in which NULL travels: text converts to every type that a parameter is compared with.
const NULL_TYPE: &str = "nvarchar(4000)";

/// What the driver binds. NULL is none of its own: the driver sends it without a type, which one family of servers refuses.
///
/// # Errors
/// `Rejected` for numbers that the engine does not have.
pub(super) fn bound(value: &Value) -> Result<ColumnData<'_>> {
    Ok(match value {
        // Typed where it is sent, and text by declaration.
        Value::Null => ColumnData::I32(None),
        Value::Bool(value) => ColumnData::Bit(Some(*value)),
        Value::Int(value) => ColumnData::I64(Some(*value)),
        Value::Float(value) if value.is_finite() => ColumnData::F64(Some(*value)),
        Value::Float(_) => return Err(Error::rejected("SQL Server has no infinite numbers; leave the condition out")),
        Value::Decimal(value) => {
            let scale = u8::try_from(value.scale).unwrap_or(u8::MAX);
            let fits = scale <= 38 && value.unscaled.unsigned_abs() < 10_u128.pow(38);
            // Where it has more digits than the engine, as text, of which the engine says what it is.
            if fits {
                ColumnData::Numeric(Some(Numeric::new_with_scale(value.unscaled, scale)))
            } else {
                ColumnData::String(Some(value.to_string().into()))
            }
        }
        Value::Text(value) => ColumnData::String(Some(Cow::Borrowed(value))),
        Value::Bytes(value) => ColumnData::Binary(Some(Cow::Borrowed(value))),
    })
}

/// The type a placeholder is declared with.
pub(super) fn declared(value: &Value) -> Cow<'static, str> {
    match value {
        Value::Null => NULL_TYPE.into(),
        Value::Bool(_) => "bit".into(),
        Value::Int(_) => "bigint".into(),
        Value::Float(_) => "float(53)".into(),
        Value::Decimal(value) => match u8::try_from(value.scale) {
            Ok(scale) if scale <= 38 && value.unscaled.unsigned_abs() < 10_u128.pow(38) => format!("decimal(38,{scale})").into(),
            _ => NULL_TYPE.into(),
        },
        // The driver decides by bytes, not by characters.
        Value::Text(text) if text.len() <= 4_000 => NULL_TYPE.into(),
        Value::Text(_) => "nvarchar(max)".into(),
        Value::Bytes(bytes) if bytes.len() <= 8_000 => "varbinary(8000)".into(),
        Value::Bytes(_) => "varbinary(max)".into(),
    }
}

/// Names and types of the placeholders, `@p1 bigint,@p2 bit`, spelled as the statement spells them.
pub(super) fn declarations(sql: &str, params: &[Value]) -> String {
    let declared: Vec<String> =
        params.iter().enumerate().map(|(index, value)| format!("{} {}", name(sql, index + 1), declared(value))).collect();
    declared.join(",")
}

/// How the statement spells placeholder `number`: servers may tell `@p1` and `@P1` apart.
pub(super) fn name(sql: &str, number: usize) -> String {
    let (small, large) = (format!("@p{number}"), format!("@P{number}"));
    let stands = |name: &str| {
        sql.match_indices(name).any(|(at, _)| {
            let behind = sql.get(at + name.len()..).and_then(|rest| rest.chars().next());
            !behind.is_some_and(|next| next.is_alphanumeric() || next == '_')
        })
    };
    if !stands(&small) && stands(&large) { large } else { small }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_spelled_as_in_the_statement() {
        let sql = "SELECT @P1, @p2 FROM t WHERE x = @P10 AND y = @p1x";
        assert_eq!((name(sql, 1), name(sql, 2), name(sql, 10)), ("@P1".into(), "@p2".into(), "@P10".into()));
        assert_eq!(declarations("SELECT @p1, @p2", &[Value::Int(1), Value::Null]), "@p1 bigint,@p2 nvarchar(4000)");
    }

    #[test]
    fn every_null_has_a_type_on_the_wire() {
        assert!(matches!(bound(&Value::Null).unwrap(), ColumnData::I32(None)));
        assert!(bound(&Value::Float(f64::NAN)).is_err());
    }
}
