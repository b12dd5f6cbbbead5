//! The form of an answer: one JSON schema, or the same as functions to choose from.

use serde_json::{Value, json};

use crate::adapter::ModelTool;

/// The functions, by name.
pub(super) const EXECUTE_SQL: &str = "execute_sql";
pub(super) const RUN_QUERY: &str = "run_query";
pub(super) const ASK_BACK: &str = "ask_back";
pub(super) const DECLINE: &str = "decline";

/// An object of which every key is there and none beside: the part of JSON Schema that services enforce.
fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(|own| own.keys()).collect();
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn list(of: &Value) -> Value {
    json!({"type": "array", "items": of})
}

fn scalar() -> Value {
    json!({"type": ["string", "number", "boolean", "null"]})
}

fn sql() -> Value {
    json!({"type": "string", "description": "one SELECT statement"})
}

fn params() -> Value {
    json!({"type": "array", "items": scalar(), "description": "values of the placeholders, in order"})
}

fn chart() -> Value {
    json!({"type": "string", "enum": super::reply::CHARTS, "description": "the chart that shows it best; `auto` where it does not matter"})
}

/// A query of measures, dimensions and filters; joins are found by whoever compiles it.
fn query() -> Value {
    let text = json!({"type": "string"});
    let column = json!({"type": "string", "description": "a column of that table, or an empty text"});
    let filter = object(json!({
        "table": text, "column": text,
        "op": {"type": "string", "enum": super::query::OPERATORS},
        "values": list(&scalar())
    }));
    let filters = list(&filter);
    let measure = object(json!({
        "name": text, "aggregate": {"type": "string", "enum": super::query::AGGREGATES}, "table": text, "column": column,
        "times": {"type": "string", "description": "another column of the same table to multiply with, or an empty text"},
        "filters": filters
    }));
    let grain = json!({"type": "string", "enum": super::query::GRAINS});
    let dimension = object(json!({"name": text, "table": text, "column": text, "grain": grain}));
    let order = object(json!({"by": text, "descending": {"type": "boolean"}}));
    object(json!({
        "from": text,
        "measures": list(&measure),
        "dimensions": list(&dimension),
        "filters": filters,
        "order": list(&order),
        "limit": {"type": ["integer", "null"]},
        "distinct": {"type": "boolean"}
    }))
}

fn clarify() -> Value {
    object(json!({
        "question": {"type": "string"},
        "options": {"type": "array", "items": {"type": "string"}, "description": "two to four questions to choose from, each complete in itself"}
    }))
}

fn decline() -> Value {
    json!({"type": "string", "description": "why there is no answer"})
}

/// The schema of an answer: exactly one of `query`, `sql`, `clarify` and `decline` is there.
pub(super) fn schema() -> Value {
    object(json!({
        "query": or_null(&query()),
        "sql": or_null(&sql()),
        "params": params(),
        "chart": chart(),
        "clarify": or_null(&clarify()),
        "decline": or_null(&decline())
    }))
}

/// The same as functions.
pub(super) fn tools() -> Vec<ModelTool> {
    let tool = |name: &str, description: &str, parameters: Value| ModelTool {
        name: name.into(),
        description: description.into(),
        parameters,
    };
    vec![
        tool(RUN_QUERY, "Answers by measures, dimensions and filters.", object(json!({"query": query(), "chart": chart()}))),
        tool(EXECUTE_SQL, "Answers by a statement.", object(json!({"sql": sql(), "params": params(), "chart": chart()}))),
        tool(ASK_BACK, "Asks what was meant.", clarify()),
        tool(DECLINE, "Says why there is no answer.", object(json!({"reason": decline()}))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every object of a schema names all its keys: services refuse others.
    fn is_strict(schema: &Value) -> bool {
        let own = match schema.get("properties").and_then(Value::as_object) {
            Some(properties) => {
                schema["additionalProperties"] == false
                    && schema["required"].as_array().is_some_and(|all| all.len() == properties.len())
                    && properties.values().all(is_strict)
            }
            None => true,
        };
        let within = ["items"].iter().filter_map(|key| schema.get(*key)).all(is_strict);
        own && within && schema.get("anyOf").and_then(Value::as_array).is_none_or(|any| any.iter().all(is_strict))
    }

    #[test]
    fn services_can_enforce_it() {
        assert!(is_strict(&schema()));
        assert!(tools().iter().all(|tool| is_strict(&tool.parameters)));
        assert!(!is_strict(&json!({"properties": {"a": {}}, "required": [], "additionalProperties": false})));
    }
}
