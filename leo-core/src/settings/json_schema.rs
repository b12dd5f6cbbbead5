//! The schema of a layer: the tree of settings with nothing required, and every setting by its dotted path.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::layers::SettingsLayer;
use super::schema::{Kind, SPECS};

impl JsonSchema for SettingsLayer {
    fn schema_name() -> Cow<'static, str> {
        "SettingsLayer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        for spec in SPECS {
            let mut setting = spec.kind.json_schema();
            setting.insert("description".into(), spec.doc.into());
            if let Some((group, name)) = spec.path.split_once('.') {
                let empty = || json!({ "type": "object", "properties": {}, "additionalProperties": false });
                let group = properties.entry(group).or_insert_with(empty);
                group["properties"][name] = Value::Object(setting.clone());
            }
            properties.insert(spec.path.into(), Value::Object(setting));
        }
        json_schema!({
            "description": "A partial tree of settings, nested or by dotted paths.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

impl Kind {
    fn json_schema(&self) -> Map<String, Value> {
        let schema = match self {
            Self::Flag => json!({ "type": "boolean" }),
            Self::Whole { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Self::OptionalWhole { least } => json!({ "type": ["integer", "null"], "minimum": least }),
            Self::OptionalText => json!({ "type": ["string", "null"], "minLength": 1 }),
            Self::OptionalAmount => json!({ "type": ["number", "null"], "minimum": 0 }),
            Self::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
            Self::Choice(names) => json!({ "type": "string", "enum": names }),
            Self::TimeZone => json!({ "type": "string" }),
            Self::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        };
        match schema {
            Value::Object(schema) => schema,
            _ => Map::new(),
        }
    }
}
