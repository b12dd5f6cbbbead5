//! Rows as any format gives them.

use super::report::Faults;
use super::value::Stored;
use crate::error::Result;

/// A field of a row. Texts are ranges of the row's own buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    Empty,
    Text(usize, usize),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// An array or an object, as JSON text.
    Json(usize, usize),
    /// A formula that ended in an error.
    Error,
    /// A formula whose result was not stored.
    NoResult,
}

/// A row, reused from one to the next.
#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    /// Line of the file, or row of the sheet, from 1.
    pub(super) number: u64,
    /// The fields.
    pub(super) cells: Vec<Cell>,
    /// What is stored of it, once that was made out.
    pub(super) values: Vec<Stored>,
    /// What texts point into.
    pub(super) text: String,
    /// Bytes of the file read so far.
    pub(super) bytes: u64,
}

impl Row {
    /// Makes the row empty.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.text.clear();
    }

    /// Adds a text, or nothing when there is nothing but blanks in it.
    pub(super) fn push_text(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.end_text(start);
    }

    /// Ends the text that began at `start` of the buffer.
    pub(super) fn end_text(&mut self, start: usize) {
        self.push_range(start, self.text.len());
    }

    /// Adds a part of the buffer as a text, or nothing when there is nothing but blanks in it.
    pub(super) fn push_range(&mut self, start: usize, end: usize) {
        let blank = self.text.get(start..end).is_none_or(|text| text.trim_start().is_empty());
        self.cells.push(if blank { Cell::Empty } else { Cell::Text(start, end) });
    }

    /// The text of a cell; empty for one that is none.
    pub(super) fn text_of(&self, cell: Cell) -> &str {
        match cell {
            Cell::Text(start, end) | Cell::Json(start, end) => self.text.get(start..end).unwrap_or_default(),
            _ => "",
        }
    }

    /// Adds a text that is stored although no field has it.
    pub(super) fn keep(&mut self, text: &str) -> Stored {
        let start = self.text.len();
        self.text.push_str(text);
        Stored::Text(start, self.text.len())
    }

    /// Whether nothing is in it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| *cell == Cell::Empty)
    }
}

/// Reads rows from the beginning of a table to its end.
pub(super) trait Rows {
    /// Reads the next row; false at the end. Faults are added to `faults`.
    ///
    /// # Errors
    /// `LimitExceeded`, `Malformed`, `Unavailable`.
    fn next(&mut self, row: &mut Row, faults: &mut Faults) -> Result<bool>;
}

/// A table in a file, which can be read as often as needed.
pub(super) trait Tabular: Sync {
    /// Its rows, from the beginning.
    ///
    /// # Errors
    /// As [`Rows::next`].
    fn rows(&self) -> Result<Box<dyn Rows + '_>>;

    /// Whether a text is meant as a text, because the format has numbers of its own.
    fn has_types(&self) -> bool;

    /// Names of the columns, where the format has them apart from the rows.
    fn names(&self) -> Option<&[String]> {
        None
    }

    /// Ranges `(first row, first column, last row, last column)` of merged cells, from 0.
    fn merged(&self) -> &[(u32, u32, u32, u32)] {
        &[]
    }

    /// How numbers are written where a column leaves it open.
    fn comma_likely(&self) -> bool {
        false
    }

    /// How the text was read, for the report.
    fn format(&self) -> String;
}
