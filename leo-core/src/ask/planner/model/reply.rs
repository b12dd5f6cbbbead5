//! The form of an answer.

use serde::Deserialize;
use serde_json::json;

use crate::value::Value;

/// What a model made of a question.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ask) enum Reply {
    /// A statement, to be vetted like any other.
    Statement {
        /// Its text.
        sql: String,
        /// Values of its placeholders.
        params: Vec<Value>,
    },
    /// It cannot be answered from these tables; why is the model's to know.
    Declined,
}

/// The schema of an answer, in the part of JSON Schema that services enforce: one object, every key there, none beside.
pub(super) fn schema() -> serde_json::Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["sql", "params", "decline"],
        "properties": {
            "sql": {"type": ["string", "null"], "description": "the statement, or null"},
            "params": {
                "type": "array",
                "items": {"type": ["string", "number", "boolean", "null"]},
                "description": "values of the placeholders, in order"
            },
            "decline": {"type": ["string", "null"], "description": "why there is no statement, or null"}
        }
    })
}

/// Reads an answer; nothing where it has another form.
pub(in crate::ask) fn reply(output: &serde_json::Value) -> Option<Reply> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        sql: Option<String>,
        #[serde(default)]
        params: Option<Vec<Value>>,
        decline: Option<String>,
    }
    let form = match output {
        serde_json::Value::String(text) => serde_json::from_str::<Form>(unwrapped(text)).ok()?,
        value => Form::deserialize(value).ok()?,
    };
    let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    match (said(form.sql), said(form.decline)) {
        (Some(sql), None) => Some(Reply::Statement { sql, params: form.params.unwrap_or_default() }),
        (None, Some(_)) => Some(Reply::Declined),
        _ => None,
    }
}

/// The text without the fence that many models put around JSON.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix("```").and_then(|text| text.strip_suffix("```"));
    inside.map_or(text, |inside| inside.strip_prefix("json").unwrap_or(inside))
}
