//! What arguments there are, asked of the code that reads them.

use serde::Serialize;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value as Json, json};

use super::from_json;
use super::reader::Problem;

/// Names of arguments, in order, and what they are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Names {
    pub(crate) all: &'static [&'static str],
    /// Those that must be given.
    pub(crate) required: Vec<&'static str>,
    /// What the others are when they are not given, where that is something.
    pub(crate) defaults: Map<String, Json>,
}

/// The names of the fields that `T` reads, and what becomes of those that are not there.
pub(crate) fn names<T: DeserializeOwned + Serialize>() -> Names {
    let mut all: &'static [&'static str] = &[];
    let _ = T::deserialize(Fields(&mut all));
    let mut given = Map::new();
    let mut required = Vec::new();
    let mut kinds = stand_ins().into_iter();
    // What is missing is told one name at a time; something stands for what was told, of the kind that is read there.
    let read = loop {
        match from_json::<T>(Json::Object(given.clone())) {
            Ok(read) => break Some(read),
            Err((path, Problem::Missing(name))) if path.is_empty() => {
                required.push(name);
                kinds = stand_ins().into_iter();
            }
            Err(_) => {}
        }
        let (Some(name), Some(kind)) = (required.last(), kinds.next()) else { break None };
        given.insert((*name).to_owned(), kind);
    };
    let written = read.and_then(|read| serde_json::to_value(read).ok());
    let defaults = match written {
        Some(Json::Object(fields)) => {
            fields.into_iter().filter(|(name, value)| !value.is_null() && !required.contains(&name.as_str())).collect()
        }
        _ => Map::new(),
    };
    Names { all, required, defaults }
}

/// One value of each kind that an argument may be: text, a truth value, any object, a query.
fn stand_ins() -> [Json; 4] {
    [json!(""), json!(false), json!({}), json!({ "from": { "name": "" } })]
}

/// Reads nothing, but remembers which fields were asked for.
struct Fields<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Problem> {
        Err(Problem::Invalid)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Problem> {
        *self.0 = fields;
        Err(Problem::Invalid)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
