//! Results as files: CSV, Markdown, HTML, JSON lines and Arrow IPC.
//!
//! A format for programs ([`csv`], [`json_lines`], [`arrow_stream`], [`arrow_file`]) keeps every value as it is. A format for people
//! ([`markdown`], [`html`]) shows the first rows, says how many there are more, and takes the noise off doubles: `0.1 + 0.2` reads
//! `0.3`. In all of them decimals have all their digits, dates and times are in ISO form, and bytes are hexadecimal digits.
//!
//! Cells and names of columns are text of others: nothing in them ends its cell, runs in a browser, or is a formula for the
//! spreadsheet that opens the file. What is large is written piece by piece with `write_csv` and its like.
//!
//! # Example
//! ```
//! use leo::export::{CsvOptions, MarkdownOptions, csv, markdown};
//! let table = leo::Table::from_rows(&["name", "sales"], &[
//!     vec!["Ada | Söhne".into(), 12.5.into()],
//!     vec!["=1+1".into(), leo::Value::Null],
//! ])?;
//! assert_eq!(csv(&table, &CsvOptions::default()), "name,sales\r\n\"Ada | Söhne\",12.5\r\n'=1+1,\r\n");
//! assert_eq!(
//!     markdown(&table, &MarkdownOptions::default()),
//!     "| name | sales |\n| --- | ---: |\n| Ada \\| Söhne | 12.5 |\n| =1+1 | NULL |\n",
//! );
//! # Ok::<(), leo::Error>(())
//! ```

mod arrow;
mod cell;
mod csv;
mod html;
mod json_lines;
mod markdown;
#[cfg(test)]
mod tests;

use std::io::Write;

pub use self::arrow::{arrow_file, arrow_stream, write_arrow_file, write_arrow_stream};
pub use self::csv::{CsvOptions, Delimiter, LineEnd, csv, write_csv};
pub(crate) use self::html::escape;
pub use self::html::{HtmlTableOptions, html};
pub use self::json_lines::{json_lines, write_json_lines};
pub use self::markdown::{MarkdownOptions, markdown};

use crate::error::{Error, Result};

/// Writes `lines` one after the other; what takes them sees large pieces.
fn write_lines(out: &mut impl Write, lines: impl Iterator<Item = String>) -> Result<()> {
    let mut out = std::io::BufWriter::new(out);
    for line in lines {
        out.write_all(line.as_bytes()).map_err(unwritten)?;
    }
    out.flush().map_err(unwritten)
}

fn unwritten(error: std::io::Error) -> Error {
    Error::adapter("the export could not be written; look at the file or stream it goes to").with_source(error)
}
