//! The form of an answer.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::json;

use super::prompt::Shown;
use super::{DescribedTable, Said};
use crate::untrusted::{comment, identifier};

/// Words of a term at most.
const TERM_WORDS: usize = 6;

/// The schema of an answer, in the part of JSON Schema that services enforce: every key there, none beside.
pub(super) fn schema() -> serde_json::Value {
    let text = json!({"type": ["string", "null"]});
    let column = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["column", "term", "description"],
        "properties": {"column": {"type": "string"}, "term": text, "description": text}
    });
    let table = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["table", "term", "description", "columns"],
        "properties": {
            "table": {"type": "string"}, "term": text, "description": text, "columns": {"type": "array", "items": column}
        }
    });
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["tables"],
        "properties": {"tables": {"type": "array", "items": table}}
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    tables: Vec<TableForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableForm {
    table: String,
    #[serde(default)]
    term: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    columns: Option<Vec<ColumnForm>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnForm {
    column: String,
    #[serde(default)]
    term: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

/// Reads an answer to `batch`; nothing where it has another form. Names that were not asked about are dropped, of those said twice the first is taken. A
/// table that the answer leaves out is one of which nothing can be said: asking again would cost the same and give the same.
pub(super) fn read(output: &serde_json::Value, batch: &[Shown<'_>]) -> Option<Vec<DescribedTable>> {
    let form = match output {
        serde_json::Value::String(text) => serde_json::from_str::<Form>(unwrapped(text)).ok()?,
        value => Form::deserialize(value).ok()?,
    };
    let mut seen = HashSet::new();
    let mut read = Vec::new();
    for said in form.tables {
        let Some(shown) = batch.iter().find(|shown| shown.name == said.table) else { continue };
        if !seen.insert((said.table, None)) {
            continue;
        }
        let mut columns = Vec::new();
        for column in said.columns.unwrap_or_default() {
            let is_asked = shown.columns.iter().any(|own| own.name == column.column);
            let own = cleaned(column.term, column.description);
            if is_asked && own != Said::default() && seen.insert((shown.name.clone(), Some(column.column.clone()))) {
                columns.push((column.column, own));
            }
        }
        read.push(DescribedTable {
            table: shown.table.name.clone(),
            hash: shown.hash.clone(),
            said: cleaned(said.term, said.description),
            columns,
        });
    }
    let left_out = batch.iter().filter(|shown| !seen.contains(&(shown.name.clone(), None)));
    read.extend(left_out.map(|shown| DescribedTable {
        table: shown.table.name.clone(),
        hash: shown.hash.clone(),
        said: Said::default(),
        columns: Vec::new(),
    }));
    Some(read)
}

/// What a model wrote goes into prompts and pages again: it is cleaned like what anybody wrote.
fn cleaned(term: Option<String>, description: Option<String>) -> Said {
    let said = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let term = term.map(|term| identifier(&term).as_str().trim().to_lowercase()).and_then(said);
    Said {
        term: term.filter(|term| term.split_whitespace().count() <= TERM_WORDS),
        description: description.map(|text| comment(&text).as_str().trim().to_owned()).and_then(said),
    }
}

/// The text without the fence that many models put around JSON.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix("```").and_then(|text| text.strip_suffix("```"));
    inside.map_or(text, |inside| inside.strip_prefix("json").unwrap_or(inside))
}
