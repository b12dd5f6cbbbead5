//! What generators of types need beyond what schemas say: a name for every form of a type, and plain words.

use schemars::{Schema, SchemaGenerator, transform};
use serde_json::{Map, Value};

/// A generator whose schemas read well.
pub(super) fn generator(settings: schemars::generate::SchemaSettings) -> SchemaGenerator {
    // A reference with a description beside it is taken for a type of its own by generators; inside of `allOf` it is not.
    settings
        .with_transform(transform::RemoveRefSiblings::default())
        .with_transform(transform::RecursiveTransform(plain_words))
        .into_generator()
}

/// Names the forms of all types in `schema`.
pub(super) fn name_forms(schema: &mut Schema) {
    if let Some(Value::String(title)) = schema.get("title").cloned() {
        name_forms_of(&title, schema.ensure_object());
    }
    if let Some(Value::Object(types)) = schema.get_mut("$defs") {
        for (name, definition) in types {
            if let Value::Object(definition) = definition {
                name_forms_of(name, definition);
            }
        }
    }
}

/// Each object that a type may be has a title made of the type's name and the form's: `FilterAnd`.
fn name_forms_of(name: &str, schema: &mut Map<String, Value>) {
    let forms = ["oneOf", "anyOf"].into_iter().find(|keyword| schema.contains_key(*keyword));
    let Some(Value::Array(forms)) = forms.and_then(|keyword| schema.get_mut(keyword)) else { return };
    for form in forms.iter_mut().filter(|form| form["type"] == "object") {
        let Some(properties) = form["properties"].as_object() else { continue };
        // The name stands in a field, or is the only field.
        let tag = properties.values().find_map(|field| field.get("const")).and_then(Value::as_str).map(str::to_owned);
        let only = form["required"][0].as_str().filter(|_| properties.len() == 1).map(str::to_owned);
        let (Some(of), is_tagged) = (tag.clone().or(only), tag.is_some()) else { continue };
        let title = format!("{name}{}", capitalised(&of));
        let inner = if is_tagged { None } else { form["properties"].get_mut(&of).filter(|inner| inner["type"] == "object") };
        match inner {
            Some(inner) => {
                inner["title"] = title.into();
                form["title"] = format!("{name}As{}", capitalised(&of)).into();
            }
            None => form["title"] = title.into(),
        }
    }
}

/// `day_of_week` as `DayOfWeek`.
fn capitalised(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
        })
        .collect()
}

/// Takes the marks of links out of a description, which lead to pages that its reader does not have, and examples, which are in another language.
fn plain_words(schema: &mut Schema) {
    let Some(Value::String(text)) = schema.get_mut("description") else { return };
    if let Some((said, _)) = text.split_once("\n\n# Example") {
        *text = said.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, link)) = rest.split_once("[`") {
        out.push_str(before);
        let Some((name, after)) = link.split_once("`]") else {
            rest = &rest[before.len()..];
            break;
        };
        out.push_str(&format!("`{name}`"));
        rest = after.strip_prefix('(').and_then(|target| target.split_once(')')).map_or(after, |(_, after)| after);
    }
    out.push_str(rest);
    *text = out;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn links_become_words() {
        let mut schema: Schema =
            json!({ "description": "By [`ask`](crate::ask), [`Leo`] or [x]; not [`this" }).try_into().unwrap();
        plain_words(&mut schema);
        assert_eq!(schema.get("description").unwrap(), "By `ask`, `Leo` or [x]; not [`this");
    }

    #[test]
    fn forms_are_named_after_their_type() {
        let mut schema: Schema = json!({ "$defs": { "Event": { "oneOf": [
            { "type": "string", "const": "never" },
            { "type": "object", "properties": { "event": { "const": "just_begun" }, "at": {} }, "required": ["event"] },
            { "type": "object", "properties": { "ended": { "type": "object" } }, "required": ["ended"] },
            { "type": "object", "properties": { "x": { "type": "array" } }, "required": ["x"] },
        ] } } })
        .try_into()
        .unwrap();
        name_forms(&mut schema);
        let forms = &schema.get("$defs").unwrap()["Event"]["oneOf"];
        let titles: Vec<&Value> = (0..4).map(|at| &forms[at]["title"]).collect();
        assert_eq!(titles, [&json!(null), &json!("EventJustBegun"), &json!("EventAsEnded"), &json!("EventX")]);
        assert_eq!(forms[2]["properties"]["ended"]["title"], "EventEnded");
    }
}
