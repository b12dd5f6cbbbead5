//! What arguments there are, asked of the code that reads them.

use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value as Json};

use super::from_json;
use super::reader::Problem;

/// Names of arguments, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) all: &'static [&'static str],
    /// Those that must be given.
    pub(crate) required: Vec<&'static str>,
}

/// The names of the fields that `T` reads.
pub(crate) fn names<T: DeserializeOwned>() -> Names {
    let mut all: &'static [&'static str] = &[];
    let _ = T::deserialize(Fields(&mut all));
    let mut given = Map::new();
    let mut required = Vec::new();
    // What is missing is told one name at a time. A text stands for what was told; where that is no fit, the rest was read already.
    while let Err((path, Problem::Missing(name))) = from_json::<T>(Json::Object(given.clone())) {
        if !path.is_empty() {
            break;
        }
        required.push(name);
        given.insert(name.to_owned(), Json::String(String::new()));
    }
    Names { all, required }
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
