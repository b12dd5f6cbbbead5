//! Values separated by commas.

use std::borrow::Cow;
use std::io::Write;

use serde::{Deserialize, Serialize};

use super::cell::{exact, is_number};
use crate::error::Result;
use crate::table::Table;
use crate::value::Value;

/// How CSV is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CsvOptions {
    /// What stands between values.
    pub delimiter: Delimiter,
    /// Whether the first line holds the names of the columns.
    pub header: bool,
    /// What stands for NULL. Text that is the same is quoted, so that the two can be told apart.
    pub null: String,
    /// Whether text that a spreadsheet would take for a formula gets an apostrophe in front. Numbers never do.
    pub escape_formulas: bool,
    /// What ends a line.
    pub line_end: LineEnd,
    /// Whether the file begins with a byte order mark, by which Excel knows UTF-8.
    pub byte_order_mark: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: Delimiter::Comma,
            header: true,
            null: String::new(),
            escape_formulas: true,
            line_end: LineEnd::CrLf,
            byte_order_mark: false,
        }
    }
}

/// What stands between values; in JSON the character itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Delimiter {
    /// `,`
    #[default]
    #[serde(rename = ",")]
    Comma,
    /// `;`, which spreadsheets expect where the decimal point is a comma.
    #[serde(rename = ";")]
    Semicolon,
    /// A tab.
    #[serde(rename = "\t")]
    Tab,
    /// `|`
    #[serde(rename = "|")]
    Pipe,
}

impl Delimiter {
    fn as_char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
            Self::Pipe => '|',
        }
    }
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum LineEnd {
    /// Carriage return and line feed, as RFC 4180 has it.
    #[default]
    #[serde(rename = "\r\n")]
    CrLf,
    /// A line feed.
    #[serde(rename = "\n")]
    Lf,
}

impl LineEnd {
    fn as_str(self) -> &'static str {
        match self {
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
        }
    }
}

/// The table as CSV, quoted as RFC 4180 says.
///
/// # Behavior
/// NULL and empty text differ: empty text is `""`. Text beginning with `=`, `+`, `-`, `@`, a tab or a line break gets an apostrophe in
/// front, which spreadsheets take for "this is text"; [`escape_formulas`](CsvOptions::escape_formulas) turns that off for programs that
/// read the file back. Bytes are `0x` and hexadecimal digits.
pub fn csv(table: &Table, options: &CsvOptions) -> String {
    lines(table, options).collect()
}

/// Writes the table as [`csv`] does. Further batches of a result follow with [`header`](CsvOptions::header) and
/// [`byte_order_mark`](CsvOptions::byte_order_mark) off.
///
/// # Errors
/// `Adapter` when `out` does not take it.
pub fn write_csv(out: &mut impl Write, table: &Table, options: &CsvOptions) -> Result<()> {
    super::write_lines(out, lines(table, options))
}

fn lines<'a>(table: &'a Table, options: &'a CsvOptions) -> impl Iterator<Item = String> + 'a {
    let fields = table.schema().fields();
    let numbers: Vec<bool> = fields.iter().map(|field| is_number(field)).collect();
    let texts: Vec<bool> = fields.iter().map(|field| field.data_type().is_string()).collect();
    let mark = options.byte_order_mark.then(|| "\u{feff}".to_owned());
    let header = (options.header && !fields.is_empty())
        .then(|| record(options, fields.iter().map(|field| Some(Cow::Owned(shielded(field.name(), options))))));
    let body = table.rows().filter(|row| !row.is_empty()).map(move |row| {
        let cells = row.iter().zip(&numbers).zip(&texts).map(|((value, number), text)| match value {
            Value::Null => None,
            // Dates and times are text in a cell, and never a formula; numbers with more digits than any type has are text, too.
            Value::Text(value) if *text && !(*number && is_plain_number(value)) => Some(Cow::Owned(shielded(value, options))),
            other => Some(Cow::Owned(exact(other))),
        });
        record(options, cells)
    });
    mark.into_iter().chain(header).chain(body)
}

/// One line; `None` stands for NULL.
fn record<'a>(options: &CsvOptions, cells: impl ExactSizeIterator<Item = Option<Cow<'a, str>>>) -> String {
    let alone = cells.len() == 1;
    let mut line = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            line.push(options.delimiter.as_char());
        }
        match cell {
            None if alone && options.null.is_empty() => line.push_str("\"\""),
            None if needs_quotes(&options.null) => quoted(&mut line, &options.null),
            None => line.push_str(&options.null),
            Some(text) if *text == options.null || needs_quotes(&text) => quoted(&mut line, &text),
            Some(text) => line.push_str(&text),
        }
    }
    line.push_str(options.line_end.as_str());
    line
}

/// Every delimiter counts, not only the one in use: whoever opens the file with another one must not find cells inside of cells.
fn needs_quotes(text: &str) -> bool {
    text.contains(['"', ',', ';', '\t', '|', '\r', '\n']) || text.starts_with([' ', '\u{feff}']) || text.ends_with(' ')
}

fn quoted(line: &mut String, text: &str) {
    line.push('"');
    line.push_str(&text.replace('"', "\"\""));
    line.push('"');
}

/// Text that no spreadsheet takes for a formula; the wide signs are those of East Asian keyboards, which some read alike.
fn shielded(text: &str, options: &CsvOptions) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if options.escape_formulas && risky { format!("'{text}") } else { text.to_owned() }
}

/// Digits with a sign, a point and an exponent at most.
fn is_plain_number(text: &str) -> bool {
    text.parse::<f64>().is_ok() && text.bytes().any(|byte| byte.is_ascii_digit())
}
