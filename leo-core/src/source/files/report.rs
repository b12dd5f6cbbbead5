//! What was read, how, and what was wrong: counts, rows and columns, never a value.

use serde::{Deserialize, Serialize};

/// Rows named for each fault; the count goes on.
const ROWS_NAMED: usize = 10;
/// Faults told apart in one table; beyond, they are counted together by kind.
const FAULTS: usize = 1_000;

/// What came of reading files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FilesReport {
    /// Tables, in the order they were made.
    pub tables: Vec<TableReport>,
    /// Files of a folder that gave no table, and why.
    pub skipped: Vec<Skipped>,
}

/// A file that gave no table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its path.
    pub file: String,
    /// Why, and what to do.
    pub why: String,
}

/// How one table was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TableReport {
    /// Its name in SQL.
    pub table: String,
    /// The file it is from.
    pub file: String,
    /// The sheet, when the file is a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// How the text was read: encoding, delimiter, header.
    pub format: String,
    /// Rows in the table.
    pub rows: u64,
    /// Its columns.
    pub columns: Vec<ColumnReport>,
    /// What was wrong.
    pub faults: Vec<RowFault>,
}

/// How one column was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// Its name in SQL.
    pub name: String,
    /// Its type as declared in the table.
    pub declared: String,
    /// Share of the values that spell this type; one half where they could as well spell another.
    pub confidence: f64,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Something that was wrong in one or more rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    /// What.
    pub kind: FaultKind,
    /// The column, when it concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// How many rows.
    pub count: u64,
    /// The first of them: lines of a text file, rows of a sheet, counted from 1.
    pub rows: Vec<u64>,
}

/// What can be wrong in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// Fewer fields than columns; the missing ones are NULL.
    ShortRow,
    /// More fields than columns; the rest is in the column `extra_fields`.
    LongRow,
    /// A quote that is never closed or is followed by more text; it was read as a character.
    Quote,
    /// Bytes that are not in the file's encoding; they were read in another, or became U+FFFD.
    Encoding,
    /// NUL characters, which were taken out.
    Nul,
    /// A value that does not spell the column's type; it is NULL.
    Misfit,
    /// A cell whose formula ended in an error; it is NULL.
    CellError,
    /// A formula without a stored result; it is NULL.
    NoResult,
    /// A line that is no JSON object; it was left out.
    BadLine,
    /// Lines before the table, which were left out.
    Preamble,
}

impl FaultKind {
    /// What happened, for a person.
    pub fn as_text(self) -> &'static str {
        match self {
            Self::ShortRow => "fewer fields than columns, the missing ones are NULL",
            Self::LongRow => "more fields than columns, the rest is in `extra_fields`",
            Self::Quote => "a quote that is not closed, read as a character",
            Self::Encoding => "bytes of another encoding, read as such",
            Self::Nul => "NUL characters, taken out",
            Self::Misfit => "a value that is not of the column's type, now NULL",
            Self::CellError => "a formula that ended in an error, now NULL",
            Self::NoResult => "a formula without a stored result, now NULL; save the workbook in Excel",
            Self::BadLine => "no JSON object, left out",
            Self::Preamble => "text before the table, left out",
        }
    }
}

impl FilesReport {
    /// One line on what was wrong; `None` when nothing was.
    pub fn summary(&self) -> Option<String> {
        let mut parts = Vec::new();
        for table in &self.tables {
            let Some(worst) = table.faults.iter().max_by_key(|fault| fault.count) else { continue };
            let rows = if worst.count == 1 { "1 row".to_owned() } else { format!("{} rows", worst.count) };
            let first = worst.rows.first().map_or_else(String::new, |row| format!(", first row {row}"));
            let column = worst.column.as_ref().map_or_else(String::new, |column| format!(" in `{column}`"));
            let more = match table.faults.len() - 1 {
                0 => String::new(),
                more => format!("; {more} more"),
            };
            parts.push(format!("{}: {rows} with {}{column}{first}{more}", table.table, worst.kind.as_text()));
        }
        for skipped in &self.skipped {
            parts.push(format!("{} was not read: {}", skipped.file, skipped.why));
        }
        (!parts.is_empty()).then(|| parts.join(". "))
    }

    /// Every fault, skipped file and note on a column, one per line.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for table in &self.tables {
            for fault in &table.faults {
                let rows: Vec<String> = fault.rows.iter().map(u64::to_string).collect();
                let column = fault.column.as_ref().map_or_else(String::new, |column| format!(".{column}"));
                lines.push(format!(
                    "{}{column}: {} × {}; rows {}",
                    table.table,
                    fault.count,
                    fault.kind.as_text(),
                    rows.join(", ")
                ));
            }
            let notes = table.columns.iter().filter_map(|column| column.note.as_ref().map(|note| (column, note)));
            lines.extend(notes.map(|(column, note)| format!("{}.{}: {note}", table.table, column.name)));
        }
        lines.extend(self.skipped.iter().map(|skipped| format!("{} was not read: {}", skipped.file, skipped.why)));
        lines
    }
}

/// Faults of one table as they are found.
#[derive(Debug, Default)]
pub(super) struct Faults {
    found: Vec<(FaultKind, Option<usize>, u64, Vec<u64>)>,
}

impl Faults {
    /// Notes a fault in row `row`, in the column of index `column`.
    pub(super) fn add(&mut self, kind: FaultKind, column: Option<usize>, row: u64) {
        let known = self.found.iter().position(|(own, at, ..)| *own == kind && (*at == column || self.found.len() >= FAULTS));
        match known.and_then(|at| self.found.get_mut(at)) {
            Some((_, _, count, rows)) => {
                *count += 1;
                if rows.len() < ROWS_NAMED {
                    rows.push(row);
                }
            }
            None => self.found.push((kind, column, 1, vec![row])),
        }
    }

    /// Takes in what was found elsewhere, which is of other kinds.
    pub(super) fn append(&mut self, mut other: Self) {
        self.found.append(&mut other.found);
    }

    /// The faults, with the names of columns.
    pub(super) fn finish(mut self, columns: &[ColumnReport]) -> Vec<RowFault> {
        self.found.sort_by_key(|(kind, column, ..)| (*kind, *column));
        let name = |at: usize| columns.get(at).map(|column| column.name.clone());
        self.found
            .into_iter()
            .map(|(kind, column, count, rows)| RowFault { kind, column: column.and_then(name), count, rows })
            .collect()
    }
}
