//! A reader of JSON Schema for the keywords that Leo's schemas use. A keyword it does not know is a failure, never passed over.

use serde_json::{Map, Value};

/// What of `value` does not fit `root`, each with its place.
pub fn misfits(root: &Value, value: &Value) -> Vec<String> {
    misfits_of(root, &root["$defs"], value)
}

/// What of `value` does not fit the type `name` of a bundle.
pub fn misfits_in(bundle: &Value, name: &str, value: &Value) -> Vec<String> {
    let schema = bundle["$defs"].get(name).unwrap_or_else(|| panic!("there is no type {name}"));
    misfits_of(schema, &bundle["$defs"], value)
}

fn misfits_of(schema: &Value, types: &Value, value: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    check(types, schema, value, "$", &mut wrong);
    wrong
}

fn fits(types: &Value, schema: &Value, value: &Value) -> bool {
    let mut wrong = Vec::new();
    check(types, schema, value, "$", &mut wrong);
    wrong.is_empty()
}

fn check(types: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let Value::Object(schema) = schema else {
        match schema {
            Value::Bool(true) => return,
            Value::Bool(false) => return wrong.push(format!("{at}: nothing may stand here")),
            other => panic!("{at}: {other} is no schema"),
        }
    };
    for (keyword, wanted) in schema {
        let met = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "format" => true,
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                check(types, types.get(name).unwrap_or_else(|| panic!("{at}: no type {name}")), value, at, wrong);
                true
            }
            "type" => match wanted {
                Value::Array(names) => names.iter().any(|name| is_of_type(name, value)),
                name => is_of_type(name, value),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|value| value >= wanted.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|value| value <= wanted.as_f64().unwrap()),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= wanted.as_u64().unwrap()),
            "uniqueItems" => {
                value.as_array().is_none_or(|items| items.iter().enumerate().all(|(at, item)| !items[..at].contains(item)))
            }
            "anyOf" => wanted.as_array().unwrap().iter().any(|schema| fits(types, schema, value)),
            "oneOf" => wanted.as_array().unwrap().iter().filter(|schema| fits(types, schema, value)).count() == 1,
            "allOf" => {
                wanted.as_array().unwrap().iter().for_each(|schema| check(types, schema, value, at, wrong));
                true
            }
            "required" => {
                let missing = |name: &&Value| value.as_object().is_some_and(|value| !value.contains_key(name.as_str().unwrap()));
                for name in wanted.as_array().unwrap().iter().filter(missing) {
                    wrong.push(format!("{at}: {name} is missing"));
                }
                true
            }
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        check(types, schema, value, &format!("{at}.{name}"), wrong);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let others = value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)));
                for (name, value) in others {
                    check(types, wanted, value, &format!("{at}.{name}"), wrong);
                }
                true
            }
            "prefixItems" => {
                for (index, (schema, value)) in
                    wanted.as_array().unwrap().iter().zip(value.as_array().into_iter().flatten()).enumerate()
                {
                    check(types, schema, value, &format!("{at}[{index}]"), wrong);
                }
                true
            }
            "items" => {
                let first = schema.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
                for (index, value) in value.as_array().into_iter().flatten().enumerate().skip(first) {
                    check(types, wanted, value, &format!("{at}[{index}]"), wrong);
                }
                true
            }
            other => panic!("{at}: the keyword `{other}` is not known here"),
        };
        if !met {
            wrong.push(format!("{at}: not as `{keyword}` says"));
        }
    }
}

fn is_of_type(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type is called `{other}`"),
    }
}

/// Every schema inside of `schema`, with its path.
pub fn schemas<'a>(schema: &'a Value, at: &str, found: &mut Vec<(String, &'a Map<String, Value>)>) {
    match schema {
        Value::Object(map) => {
            found.push((at.to_owned(), map));
            for (name, inner) in map.iter().filter(|(name, _)| *name != "default" && *name != "const") {
                schemas(inner, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                schemas(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}
