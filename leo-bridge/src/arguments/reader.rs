//! Reads JSON with errors that are data. serde_json's own quote the values they stumble over.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value as Json;

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// There is no such field.
    UnknownField { name: String, known: &'static [&'static str] },
    /// A choice that is none.
    UnknownChoice { name: String, known: &'static [&'static str] },
    /// A field that must be there.
    Missing(&'static str),
    /// Another kind of value than is wanted.
    Kind { expected: String, found: &'static str },
    /// Something else.
    Invalid,
}

impl Problem {
    /// The sentence for who called `what`.
    pub(super) fn in_call(&self, what: &str, path: &str) -> String {
        self.told(path, &format!("`{what}`"), "of", "option", &format!("the arguments of `{what}`"))
    }

    /// The sentence about what the host's `method` returned.
    pub(super) fn in_return(&self, method: &str, path: &str) -> String {
        let whole = format!("what `{method}` returned");
        self.told(path, &whole, "in", "field", &whole)
    }

    /// The sentence about what is at `path` `joint` the `whole`, whose fields are called `noun`; `itself` is the whole as a subject.
    fn told(&self, path: &str, whole: &str, joint: &str, noun: &str, itself: &str) -> String {
        // The path of an unknown field ends in its name.
        let path = match self {
            Self::UnknownField { name, .. } => parent(path, name),
            _ => path,
        };
        let place = if path.is_empty() { whole.to_owned() } else { format!("`{path}` {joint} {whole}") };
        match self {
            Self::UnknownField { name, known } => {
                let noun = if path.is_empty() { noun } else { "field" };
                format!("{place} has no {noun} `{name}`; {}", suggestion(name, known))
            }
            Self::Missing(name) => format!("{place} needs `{name}`"),
            _ if path.is_empty() => format!("{itself} {}", self.predicate()),
            _ => format!("{place} {}", self.predicate()),
        }
    }

    fn predicate(&self) -> String {
        match self {
            Self::UnknownChoice { name, known } => format!("cannot be that; {}", suggestion(name, known)),
            Self::Kind { expected, found } => format!("is {}, not {found}", plain(expected)),
            _ => "is not what it should be".to_owned(),
        }
    }
}

fn parent<'a>(path: &'a str, name: &str) -> &'a str {
    path.strip_suffix(name).map_or(path, |parent| parent.strip_suffix('.').unwrap_or(parent))
}

/// The rest of a sentence about an unknown `name`: "did you mean …?", or all names there are.
pub fn suggestion(name: &str, known: &[&str]) -> String {
    let lower = name.to_lowercase();
    let near = known.iter().map(|known| (strsim::osa_distance(&lower, known), known)).min();
    match near {
        Some((distance, near)) if distance <= near.len().max(name.len()) / 3 => format!("did you mean `{near}`?"),
        _ if known.is_empty() => "it has none".to_owned(),
        _ => format!("it has {}", known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")),
    }
}

/// serde's words for what it wants, in ours.
fn plain(expected: &str) -> String {
    match expected {
        "a string" | "string" | "str" => "text".into(),
        "a boolean" | "bool" => "true or false".into(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".into(),
        "u8" => format!("a whole number from 0 to {}", u8::MAX),
        "u16" => format!("a whole number from 0 to {}", u16::MAX),
        "u32" => format!("a whole number from 0 to {}", u32::MAX),
        "u64" | "usize" => format!("a whole number from 0 to {}", u64::MAX),
        "f32" | "f64" => "a number".into(),
        "a sequence" => "a list".into(),
        "a map" => "an object of names and values".into(),
        "path string" => "a path".into(),
        _ if expected.starts_with("struct ") || expected.starts_with("enum ") => "an object of names and values".into(),
        _ => expected.to_owned(),
    }
}

fn found(unexpected: Unexpected<'_>) -> &'static str {
    match unexpected {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Signed(value) if value < 0 => "a whole number below zero",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number with a fraction",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit | Unexpected::Option => "nothing",
        Unexpected::Seq => "a list",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(_: T) -> Self {
        // The text may quote a value.
        Self::Invalid
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Kind { expected: expected.to_string(), found: found(unexpected) }
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::Invalid
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::UnknownChoice { name: variant.to_owned(), known: expected }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::UnknownField { name: field.to_owned(), known: expected }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.predicate())
    }
}

impl std::error::Error for Problem {}

/// A JSON value to be read.
pub(super) struct Reader(pub(super) Json);

impl<'de> Deserializer<'de> for Reader {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(value),
            Json::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (_, _, Some(value)) => visitor.visit_f64(value),
                _ => Err(Problem::Invalid),
            },
            Json::String(value) => visitor.visit_string(value),
            Json::Array(values) => visitor.visit_seq(SeqDeserializer::new(values.into_iter().map(Reader))),
            Json::Object(values) => {
                visitor.visit_map(MapDeserializer::new(values.into_iter().map(|(name, value)| (name, Reader(value)))))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Json::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0 {
            Json::String(name) => visitor.visit_enum(name.into_deserializer()),
            Json::Object(values) if values.len() == 1 => {
                let values = values.into_iter().map(|(name, value)| (name, Reader(value)));
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(values)))
            }
            _ => Err(Problem::Kind { expected: "a choice".into(), found: "something else" }),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Problem> for Reader {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
