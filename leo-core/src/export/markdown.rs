//! Tables as GitHub writes them.

use serde::{Deserialize, Serialize};

use super::cell::{more, numbers, readable};
use crate::chart::format;
use crate::table::Table;
use crate::value::Value;

/// How a Markdown table is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MarkdownOptions {
    /// Rows written; the rest is counted in a line below.
    pub max_rows: usize,
    /// What stands for NULL.
    pub null: String,
}

impl Default for MarkdownOptions {
    fn default() -> Self {
        Self { max_rows: 1_000, null: "NULL".into() }
    }
}

/// The table in GitHub's Markdown, columns of numbers to the right.
///
/// # Behavior
/// Every row is one line with one cell per column, whatever is in them: line breaks become `<br>`, and what Markdown or HTML would obey
/// is escaped, so that no cell becomes a link, an image, code or a tag. Control characters and marks that turn the direction of text
/// are shown as `�`. A table without columns is empty text.
pub fn markdown(table: &Table, options: &MarkdownOptions) -> String {
    if table.num_columns() == 0 {
        return String::new();
    }
    let shown = table.num_rows().min(options.max_rows);
    let names = (0..table.num_columns()).map(|column| escaped(&format::printable(table.column_name(column))));
    let mut out = line(names);
    out.push_str(&line(numbers(table).into_iter().map(|number| if number { "---:".into() } else { "---".into() })));
    for row in table.rows().take(shown) {
        out.push_str(&line(row.iter().map(|value| match value {
            Value::Null => escaped(&options.null),
            other => escaped(&readable(other)),
        })));
    }
    if let Some(more) = more(table, shown) {
        // Without the empty line it would be a row.
        out.push_str(&format!("\n{more}\n"));
    }
    out
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = String::from("|");
    for cell in cells {
        line.push(' ');
        line.push_str(&cell);
        line.push_str(if cell.is_empty() { "|" } else { " |" });
    }
    line.push('\n');
    line
}

/// Text that Markdown shows as it is.
fn escaped(text: &str) -> String {
    let text = text.trim();
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => out.push_str("<br>"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '\\' | '`' | '*' | '[' | ']' | '~' | '$' => out.extend(['\\', c]),
            // Inside of a word it is no mark, and names of columns are full of it.
            '_' if !(before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric())) => {
                out.push_str("\\_");
            }
            c => out.push(c),
        }
        before = c;
    }
    out
}
