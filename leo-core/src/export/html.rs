//! Tables for browsers.

use serde::{Deserialize, Serialize};

use super::cell::{more, numbers, readable};
use crate::chart::format;
use crate::table::Table;
use crate::value::Value;

/// How an HTML table is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct HtmlTableOptions {
    /// Rows written; the rest is counted in the foot.
    pub max_rows: usize,
    /// What stands for NULL.
    pub null: String,
    /// What the table shows, for its caption.
    pub caption: Option<String>,
    /// Whether a page of its own is written, with a style sheet, instead of the table alone.
    pub page: bool,
}

impl Default for HtmlTableOptions {
    fn default() -> Self {
        Self { max_rows: 1_000, null: "NULL".into(), caption: None, page: false }
    }
}

/// What a page of its own looks like.
const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:1.5rem;color-scheme:light dark}\
table{border-collapse:collapse}caption{text-align:start;font-weight:600;padding:.4rem 0}\
th,td{padding:.3rem .8rem;border-bottom:1px solid #8886;text-align:start;vertical-align:top;white-space:pre-line}\
.leo-number{text-align:end;font-variant-numeric:tabular-nums}.leo-null,tfoot{opacity:.6}";

/// The table as a `<table>`; columns of numbers have the class `leo-number`, NULLs `leo-null`.
///
/// # Behavior
/// No scripts, no styles on elements, nothing from elsewhere. All text is escaped; control characters and marks that turn the
/// direction of text are shown as `�`.
pub fn html(table: &Table, options: &HtmlTableOptions) -> String {
    let shown = table.num_rows().min(options.max_rows);
    let numbers = numbers(table);
    let mut out = String::from("<table class=\"leo-table\">\n");
    if let Some(caption) = &options.caption {
        out.push_str(&format!("<caption>{}</caption>\n", escape(caption)));
    }
    let class = |number: bool| if number { " class=\"leo-number\"" } else { "" };
    let names = numbers
        .iter()
        .enumerate()
        .map(|(column, number)| format!("<th scope=\"col\"{}>{}</th>", class(*number), escape(table.column_name(column))));
    out.push_str(&format!("<thead>\n<tr>{}</tr>\n</thead>\n<tbody>\n", names.collect::<String>()));
    for row in table.rows().take(shown) {
        let cells = row.iter().zip(&numbers).map(|(value, number)| match value {
            Value::Null => {
                format!("<td class=\"{}leo-null\">{}</td>", if *number { "leo-number " } else { "" }, escape(&options.null))
            }
            other => format!("<td{}>{}</td>", class(*number), escape(&readable(other))),
        });
        out.push_str(&format!("<tr>{}</tr>\n", cells.collect::<String>()));
    }
    out.push_str("</tbody>\n");
    if let Some(more) = more(table, shown) {
        let columns = table.num_columns().max(1);
        out.push_str(&format!("<tfoot>\n<tr><td colspan=\"{columns}\">{more}</td></tr>\n</tfoot>\n"));
    }
    out.push_str("</table>\n");
    if options.page { page(&out, options.caption.as_deref().unwrap_or("Table")) } else { out }
}

fn page(body: &str, title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escape(title)
    )
}

/// Text for an element or an attribute in quotes; what cannot be seen is shown as `�`.
pub(crate) fn escape(text: &str) -> String {
    let text = format::printable(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
