//! What a model answers, read strictly where it is JSON and generously where JSON stands among words.

use serde::Deserialize;
use serde_json::Value as Json;

use super::form::{ASK_BACK, DECLINE, EXECUTE_SQL, RUN_QUERY};
use super::literals::Literals;
use super::query::{Form as QueryForm, Reading};
use crate::error::{Error, Result};
use crate::query::SemanticQuery;
use crate::value::Value;

/// Charts that a model may wish for.
pub(super) const CHARTS: [&str; 7] = ["auto", "bar", "line", "area", "pie", "scatter", "table"];
/// Options of a question back.
const OPTIONS: usize = 6;
/// Objects that are looked for among words.
const TRIES: usize = 64;

/// What a model made of a question.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ask) enum Reply {
    /// A query, to be compiled.
    Query {
        query: Box<SemanticQuery>,
        /// The chart it wishes for.
        chart: Option<String>,
    },
    /// A statement, to be vetted like any other.
    Statement {
        sql: String,
        /// Values of its placeholders.
        params: Vec<Value>,
        /// The chart it wishes for.
        chart: Option<String>,
    },
    /// The question can be read in several ways.
    AskBack {
        question: String,
        /// Questions to choose from.
        options: Vec<String>,
    },
    /// It cannot be answered from these tables; why is the model's to know.
    Declined,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default)]
    query: Option<QueryForm>,
    #[serde(default)]
    sql: Option<String>,
    #[serde(default)]
    params: Option<Vec<Json>>,
    #[serde(default)]
    chart: Option<String>,
    #[serde(default)]
    clarify: Option<Clarify>,
    #[serde(default, alias = "reason")]
    decline: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clarify {
    question: String,
    options: Vec<String>,
}

/// Reads an answer, with the values that stood for themselves in the prompt put back.
///
/// # Errors
/// `Malformed` for another form, and what keeps a query from being understood; the message is fit to be told to the model.
pub(in crate::ask) fn reply(output: &Json, literals: &Literals, reading: &Reading<'_>) -> Result<Reply> {
    let form = match output {
        Json::String(text) => among_words(text),
        Json::Object(call) if call.contains_key("tool") => called(call),
        value => Form::deserialize(value).ok(),
    };
    let form = form.ok_or_else(no_form)?;
    let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let chart = form.chart.filter(|chart| chart != "auto" && CHARTS.contains(&chart.as_str()));
    match (form.query, said(form.sql), form.clarify, said(form.decline)) {
        (Some(query), None, None, None) => {
            let query = literals.restored_query(query.read(reading)?);
            Ok(Reply::Query { query: Box::new(query), chart })
        }
        (None, Some(sql), None, None) => {
            if literals.is_in(&sql) {
                return Err(Error::malformed(
                    "a value that is written ⟨…⟩ belongs into `params`, behind a placeholder of the statement",
                ));
            }
            let params =
                form.params.unwrap_or_default().into_iter().map(|param| literals.restored_json(param)).collect::<Result<_>>()?;
            Ok(Reply::Statement { sql, params, chart })
        }
        (None, None, Some(Clarify { question, mut options }), None) => {
            options.retain(|option| !option.trim().is_empty());
            options.truncate(OPTIONS);
            if question.trim().is_empty() || options.len() < 2 {
                return Err(Error::malformed("a question back has a question and at least two options"));
            }
            let restored = |text: &String| literals.restored(text);
            Ok(Reply::AskBack { question: literals.restored(&question), options: options.iter().map(restored).collect() })
        }
        (None, None, None, Some(_)) => Ok(Reply::Declined),
        _ => Err(no_form()),
    }
}

fn no_form() -> Error {
    Error::malformed("the answer is not one JSON object with exactly one of `query`, `sql`, `clarify` and `decline`")
}

/// The arguments of a called function as the form that they fill.
fn called(call: &serde_json::Map<String, Json>) -> Option<Form> {
    let arguments = call.get("arguments")?.clone();
    let form = match call.get("tool")?.as_str()? {
        EXECUTE_SQL | RUN_QUERY | DECLINE => arguments,
        ASK_BACK => serde_json::json!({ "clarify": arguments }),
        _ => return None,
    };
    Form::deserialize(form).ok()
}

/// The one object of the form in a text. Where there are two that differ, nobody knows which is meant.
fn among_words(text: &str) -> Option<Form> {
    if let Ok(form) = serde_json::from_str(text.trim()) {
        return Some(form);
    }
    let mut found: Option<(Json, Form)> = None;
    let (mut at, mut tried) = (0, 0);
    while let Some(next) = text.get(at..).and_then(|rest| rest.find('{')).filter(|_| tried < TRIES) {
        at += next;
        tried += 1;
        let mut read = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<Json>();
        let Some(Ok(value)) = read.next() else {
            at += 1;
            continue;
        };
        at += read.byte_offset().max(1);
        let Ok(form) = Form::deserialize(&value) else { continue };
        match &found {
            Some((other, _)) if *other == value => {}
            Some(_) => return None,
            None => found = Some((value, form)),
        }
    }
    found.map(|(_, form)| form)
}
