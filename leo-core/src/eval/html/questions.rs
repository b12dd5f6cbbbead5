//! The questions that are not right, as a table.

use crate::eval::result::QuestionResult;
use crate::export::escape;

/// Questions listed.
const LISTED: usize = 500;
/// Characters of a text shown.
const TEXT: usize = 4_000;
/// Reference statements of a question shown.
const REFERENCES: usize = 3;

/// The questions that are not right: wrong answers first, then what was not answered.
pub(super) fn not_right(results: &[QuestionResult]) -> String {
    let mut all: Vec<&QuestionResult> = results.iter().filter(|result| !result.correct).collect();
    if all.is_empty() {
        return "<h2>Questions that are not right</h2>\n<p>There is none.</p>\n".to_owned();
    }
    all.sort_by_key(|result| !result.is_answered());
    let rest = all.len().saturating_sub(LISTED);
    let caption = match rest {
        0 => format!("{}: wrong answers first, then what was not answered", all.len()),
        rest => format!("{}, of which the first {LISTED} are listed and {rest} are not", all.len()),
    };
    let rows: String = all.into_iter().take(LISTED).map(row).collect();
    format!(
        "<h2>Questions that are not right</h2>\n<table class=\"leo-wrong\" role=\"table\">\n<caption>{caption}</caption>\n\
         <thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\" scope=\"col\" class=\"leo-question\">Question</th>\
         <th role=\"columnheader\" scope=\"col\" class=\"leo-why\">What came of it</th><th role=\"columnheader\" scope=\"col\">Statement of the answer</th>\
         <th role=\"columnheader\" scope=\"col\">Reference</th></tr></thead>\n<tbody role=\"rowgroup\">\n{rows}</tbody>\n</table>\n"
    )
}

fn row(result: &QuestionResult) -> String {
    let id = match &result.id {
        serde_json::Value::String(id) => id.clone(),
        serde_json::Value::Null => String::new(),
        id => id.to_string(),
    };
    let place: Vec<&str> = [result.db.as_str(), id.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    let wrong = if result.is_answered() { " leo-badge-wrong" } else { "" };
    let confidence = result.confidence.map(|sure| format!("<small>confidence {sure:.2}</small>")).unwrap_or_default();
    format!(
        "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">{}<small>{}</small></th>\
         <td role=\"cell\"><span class=\"leo-badge{wrong}\">{}</span><small>{}</small>{confidence}</td>\
         <td role=\"cell\" data-label=\"Statement of the answer\">{}</td><td role=\"cell\" data-label=\"Reference\">{}</td></tr>\n",
        text(&result.question),
        text(&place.join(" · ")),
        text(&result.status),
        text(&why(result)),
        result.sql.as_deref().map_or_else(none, statement),
        references(result)
    )
}

fn why(result: &QuestionResult) -> String {
    if let Some(error) = &result.error {
        return error.clone();
    }
    if result.gold_refused || result.gold_failed {
        let what = if result.gold_refused { "refused" } else { "failed" };
        return format!("the reference was {what}, so there is nothing to compare with");
    }
    match (result.mismatch, result.is_answered()) {
        (Some(mismatch), _) => format!("{mismatch}; {:.0} % of the cells agree", result.soft.unwrap_or(0.0) * 100.0),
        (None, true) => match result.answerable {
            Some(false) => "it cannot be answered with this database, and was".to_owned(),
            Some(true) => "the answer gave nothing to compare".to_owned(),
            None => "not right".to_owned(),
        },
        (None, false) => "not answered".to_owned(),
    }
}

fn references(result: &QuestionResult) -> String {
    if result.gold.is_empty() {
        let said = match result.answerable {
            Some(true) => "given as rows",
            Some(false) => "none: it cannot be answered",
            None => "in the suite; it is not kept with results",
        };
        return format!("<span class=\"leo-dim\">{said}</span>");
    }
    let shown: String = result.gold.iter().take(REFERENCES).map(|sql| statement(sql)).collect();
    match result.gold.len().saturating_sub(REFERENCES) {
        0 => shown,
        more => format!("{shown}<span class=\"leo-dim\">and {more} more that are right as well</span>"),
    }
}

fn statement(sql: &str) -> String {
    format!("<pre><code>{}</code></pre>", text(sql.trim()))
}

fn none() -> String {
    "<span class=\"leo-dim\">none</span>".to_owned()
}

/// Escaped, and cut where it is very long.
fn text(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        None => escape(text),
        Some((end, _)) => format!("{}…", escape(text.get(..end).unwrap_or_default())),
    }
}
