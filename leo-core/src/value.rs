//! A single value: a parameter, a literal, a context attribute, or a cell of a result.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A scalar value. In JSON it is the plain value: `null`, `true`, `3`, `2.5`, `"text"`; an exact decimal is text with all its digits,
/// bytes are `{"bytes": "hex"}`. Whoever writes one for Leo may say `{"decimal": "12.50"}`, since text is read as text.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// SQL NULL.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// Text; dates and times travel as text in ISO form.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Value {
    /// Whether this is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The number in it, when it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Decimal(value) => Some(value.to_f64()),
            _ => None,
        }
    }

    /// The text in it, when it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(value) => Some(value),
            _ => None,
        }
    }

    /// `null`, `bool`, `int`, `float`, `decimal`, `text` or `bytes`: what may be said of a value without saying the value.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

/// Shows the type only: values of rows and of users' filters must not reach logs by way of `{:?}`.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.type_name())
    }
}

/// The value as a person reads it; NULL is empty.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
            Self::Bytes(value) => write!(f, "<{} bytes>", value.len()),
        }
    }
}

/// An exact decimal number: `unscaled × 10^-scale`, at most 38 digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// All digits.
    pub unscaled: i128,
    /// How many of them are behind the point; below zero, how many zeros follow them.
    pub scale: i8,
}

impl Decimal {
    /// The nearest double.
    pub fn to_f64(self) -> f64 {
        // Digits that a double holds are divided exactly; more go through text, which rounds once.
        if self.unscaled.unsigned_abs() < 1 << 53 && (0..=22).contains(&self.scale) {
            self.unscaled as f64 / 10_f64.powi(i32::from(self.scale))
        } else {
            format!("{}e{}", self.unscaled, -i32::from(self.scale)).parse().unwrap_or(f64::NAN)
        }
    }

    /// The whole number it is, when it is one.
    pub fn to_i64(self) -> Option<i64> {
        let factor = 10_i128.checked_pow(u32::from(self.scale.unsigned_abs()))?;
        let whole = match self.scale {
            ..0 => self.unscaled.checked_mul(factor)?,
            _ if self.unscaled % factor != 0 => return None,
            _ => self.unscaled / factor,
        };
        i64::try_from(whole).ok()
    }
}

/// All digits, those behind the point as many as the scale says: `12.50`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.unscaled.unsigned_abs().to_string();
        let text = match usize::from(self.scale.unsigned_abs()) {
            0 => digits,
            zeros if self.scale < 0 && self.unscaled == 0 => "0".repeat(zeros.min(1)),
            zeros if self.scale < 0 => format!("{digits}{}", "0".repeat(zeros)),
            behind => {
                let padded = format!("{digits:0>width$}", width = behind + 1);
                let (whole, fraction) = padded.split_at(padded.len() - behind);
                format!("{whole}.{fraction}")
            }
        };
        f.pad_integral(self.unscaled >= 0, "", &text)
    }
}

/// Shows the type only, as [`Value`] does.
impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<decimal>")
    }
}

/// Digits with at most one point and perhaps a sign; `1e3` is no decimal.
impl FromStr for Decimal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::malformed("a decimal is at most 38 digits, perhaps with a point and a sign");
        let (sign, digits) = match text.as_bytes() {
            [b'-', ..] => (-1, &text[1..]),
            [b'+', ..] => (1, &text[1..]),
            _ => (1, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let written = || whole.bytes().chain(fraction.bytes());
        let leading = written().take_while(|digit| *digit == b'0').count();
        let count = whole.len() + fraction.len();
        if count == 0 || fraction.len() > 38 || count - leading > 38 || !written().all(|digit| digit.is_ascii_digit()) {
            return Err(wrong());
        }
        let unscaled = written().fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
        Ok(Self { unscaled: sign * unscaled, scale: i8::try_from(fraction.len()).map_err(|_| wrong())? })
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Self {
        Self::Decimal(value)
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Value> for serde_json::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => value.into(),
            Value::Float(value) => {
                serde_json::Number::from_f64(value).map_or_else(|| Self::String(value.to_string()), Self::Number)
            }
            Value::Decimal(value) => Self::String(value.to_string()),
            Value::Text(value) => Self::String(value),
            Value::Bytes(value) => serde_json::json!({ "bytes": to_hex(&value) }),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serde_json::Value::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        use serde::de::Error as _;
        Ok(match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(value) => Self::Int(value),
                None => Self::Float(number.as_f64().ok_or_else(|| D::Error::custom("a number out of range"))?),
            },
            serde_json::Value::String(value) => Self::Text(value),
            serde_json::Value::Object(map) if map.len() == 1 => {
                let text = |name| map.get(name).and_then(|text| text.as_str());
                let bytes = text("bytes").and_then(from_hex).map(Self::Bytes);
                bytes.or_else(|| text("decimal")?.parse().ok().map(Self::Decimal)).ok_or_else(|| {
                    D::Error::custom("expected a scalar value, bytes in hexadecimal digits, or a decimal of at most 38 digits")
                })?
            }
            serde_json::Value::Object(_) => return Err(D::Error::custom("expected a scalar value, found an object")),
            serde_json::Value::Array(_) => return Err(D::Error::custom("expected a scalar value, found a list")),
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Value {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A scalar value. An exact decimal is text with all its digits; dates and times are text in ISO form.",
            "anyOf": [
                { "type": "null" },
                { "type": "boolean" },
                { "type": "number" },
                { "type": "string" },
                {
                    "description": "Bytes as hexadecimal digits.",
                    "type": "object",
                    "properties": { "bytes": { "type": "string" } },
                    "required": ["bytes"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

/// Bytes as lowercase hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that hexadecimal digits stand for.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_show_all_their_digits_and_round_once() {
        let shown = |unscaled, scale| Decimal { unscaled, scale }.to_string();
        assert_eq!(shown(1250, 2), "12.50");
        assert_eq!(shown(-5, 3), "-0.005");
        assert_eq!(shown(7, 0), "7");
        assert_eq!((shown(12, -3), shown(0, -3)), ("12000".into(), "0".into()));
        assert_eq!(shown(10_i128.pow(38) - 1, 38), format!("0.{}", "9".repeat(38)));
        assert_eq!(Decimal { unscaled: 1, scale: 1 }.to_f64(), 0.1);
        assert_eq!(Decimal { unscaled: 123_456_789_012_345_678_901, scale: 20 }.to_f64(), 1.234_567_890_123_456_8);
        assert_eq!(Decimal { unscaled: 1200, scale: 2 }.to_i64(), Some(12));
        assert_eq!(Decimal { unscaled: 1201, scale: 2 }.to_i64(), None);
        assert_eq!(serde_json::to_string(&Value::from(Decimal { unscaled: 1250, scale: 2 })).unwrap(), "\"12.50\"");
    }

    #[test]
    fn decimals_are_read_with_all_their_digits() {
        for text in
            ["12.50", "-0.005", "7", "0", "-99999999999999999999999999999999999999", "0.00000000000000000000000000000000000001"]
        {
            assert_eq!(text.parse::<Decimal>().map(|value| value.to_string()).ok().as_deref(), Some(text));
        }
        for text in ["", ".", "-", "1e3", "1.2.3", " 1", "٣", "100000000000000000000000000000000000000"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        let exact: Value = serde_json::from_str(r#"{"decimal": "1.10"}"#).unwrap();
        assert!(exact == Value::Decimal(Decimal { unscaled: 110, scale: 2 }));
        assert!(serde_json::from_str::<Value>(r#"{"decimal": "1.1", "bytes": ""}"#).is_err());
    }

    #[test]
    fn json_round_trips_and_debug_hides_the_value() {
        for value in [Value::Null, true.into(), 3.into(), 2.5.into(), "x".into(), Value::Bytes(vec![0, 255])] {
            let json = serde_json::to_string(&value).unwrap();
            assert!(serde_json::from_str::<Value>(&json).unwrap() == value, "{json}");
        }
        assert_eq!(format!("{:?}", Value::from("secret")), "<text>");
    }
}
