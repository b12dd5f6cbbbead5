//! Workbooks: each sheet a table.

use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calamine::{
    Data, DataRef, ExcelDateTime, Ods, OdsError, Range, Reader, SheetType, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
};

use super::archive::{self, Workbook};
use super::input;
use super::report::Faults;
use super::row::{Cell, Row, Rows, Tabular};
use crate::error::{Error, Result};

/// Columns of a sheet that are read.
const MAX_COLUMNS: u32 = 1_999;

/// A sheet, held in memory while it is read.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// Filled cells by row and column, from 0.
    cells: Vec<(u32, u32, Cell)>,
    /// What texts point into.
    text: String,
    merged: Vec<(u32, u32, u32, u32)>,
    number_format: &'static str,
}

/// A workbook of any kind.
pub(super) enum Book {
    Xlsx(Box<Xlsx<BufReader<File>>>),
    Xlsb(Box<Xlsb<BufReader<File>>>),
    Xls(Box<Xls<BufReader<File>>>),
    Ods(Box<Ods<BufReader<File>>>),
}

impl Book {
    /// Opens the workbook at `path`.
    ///
    /// # Errors
    /// `Malformed` for a damaged or an encrypted file.
    pub(super) fn open(path: &Path, kind: Workbook) -> Result<Self> {
        let file = BufReader::new(input::open(path)?);
        guarded(path, || match kind {
            Workbook::Xlsx => Xlsx::new(file).map(|book| Self::Xlsx(Box::new(book))).map_err(|error| match error {
                XlsxError::Password => archive::encrypted(path),
                error => damaged(path).with_source(error),
            }),
            Workbook::Xlsb => Xlsb::new(file).map(|book| Self::Xlsb(Box::new(book))).map_err(|error| match error {
                XlsbError::Password => archive::encrypted(path),
                error => damaged(path).with_source(error),
            }),
            Workbook::Xls => Xls::new(file).map(|book| Self::Xls(Box::new(book))).map_err(|error| match error {
                XlsError::Password => archive::encrypted(path),
                error => damaged(path).with_source(error),
            }),
            Workbook::Ods => Ods::new(file).map(|book| Self::Ods(Box::new(book))).map_err(|error| match error {
                OdsError::Password => archive::encrypted(path),
                error => damaged(path).with_source(error),
            }),
        })
    }

    /// Names of the worksheets, hidden ones too.
    pub(super) fn sheets(&self) -> Vec<String> {
        let metadata = match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xlsb(book) => book.sheets_metadata(),
            Self::Xls(book) => book.sheets_metadata(),
            Self::Ods(book) => book.sheets_metadata(),
        };
        metadata.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(|sheet| sheet.name.clone()).collect()
    }

    /// Reads a sheet.
    ///
    /// # Errors
    /// `Malformed`; `LimitExceeded` for too many columns.
    pub(super) fn sheet(&mut self, path: &Path, name: &str) -> Result<Sheet> {
        guarded(path, || {
            let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
            match self {
                Self::Xlsx(book) => {
                    sheet.number_format = "Excel";
                    let failed = |error: XlsxError| damaged(path).with_source(error);
                    let merged = book.merge_cells_by_sheet_name(name).map_err(failed)?;
                    sheet.merged = merged.iter().map(|range| (range.start.0, range.start.1, range.end.0, range.end.1)).collect();
                    let mut cells = book.worksheet_cells_reader(name).map_err(failed)?;
                    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(failed)? {
                        let no_result = cell.formula.is_some() && matches!(cell.value, DataRef::Empty);
                        match no_result {
                            true => sheet.push(cell.pos, Cell::NoResult)?,
                            false => sheet.value(cell.pos, cell.value)?,
                        }
                    }
                }
                Self::Xlsb(book) => {
                    sheet.number_format = "Excel (binary)";
                    let failed = |error: XlsbError| damaged(path).with_source(error);
                    let mut cells = book.worksheet_cells_reader(name).map_err(failed)?;
                    while let Some(cell) = cells.next_cell().map_err(failed)? {
                        sheet.value(cell.get_position(), cell.get_value().clone())?;
                    }
                }
                Self::Xls(book) => {
                    sheet.number_format = "Excel 97";
                    let failed = |error: XlsError| damaged(path).with_source(error);
                    let merged = book.merge_cells_by_sheet_name(name).map_err(failed)?;
                    sheet.merged = merged.iter().map(|range| (range.start.0, range.start.1, range.end.0, range.end.1)).collect();
                    sheet.range(&book.worksheet_range(name).map_err(failed)?)?;
                }
                Self::Ods(book) => {
                    sheet.number_format = "OpenDocument";
                    sheet.range(&book.worksheet_range(name).map_err(|error| damaged(path).with_source(error))?)?;
                }
            }
            // Sheets are written row by row, but nothing makes a program do so; the later of two cells in one place wins.
            sheet.cells.sort_by_key(|(row, column, _)| (*row, *column));
            Ok(sheet)
        })
    }
}

/// A workbook that is not what it should be makes the reader fail, and sometimes panic.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(damaged(path)))
}

fn damaged(path: &Path) -> Error {
    Error::malformed(format!("`{}` is a damaged workbook; open it in Excel and save it anew as .xlsx", path.display()))
}

impl Sheet {
    fn push(&mut self, (row, column): (u32, u32), cell: Cell) -> Result<()> {
        if column >= MAX_COLUMNS {
            return Err(Error::limit_exceeded(format!(
                "the sheet `{}` has more than {MAX_COLUMNS} columns; put its values in rows instead of columns",
                self.name
            )));
        }
        self.cells.push((row, column, cell));
        Ok(())
    }

    fn string(&mut self, position: (u32, u32), text: &str) -> Result<()> {
        let start = self.text.len();
        self.text.extend(text.chars().filter(|c| *c != '\0'));
        match self.text.get(start..).is_none_or(|text| text.trim().is_empty()) {
            true => Ok(()),
            false => self.push(position, Cell::Text(start, self.text.len())),
        }
    }

    fn value(&mut self, position: (u32, u32), value: DataRef<'_>) -> Result<()> {
        match value {
            DataRef::Empty => Ok(()),
            DataRef::Int(value) => self.push(position, Cell::Int(value)),
            DataRef::Float(value) => self.push(position, number(value)),
            DataRef::Bool(value) => self.push(position, Cell::Bool(value)),
            DataRef::Error(_) => self.push(position, Cell::Error),
            DataRef::String(text) | DataRef::DateTimeIso(text) => self.string(position, &text),
            DataRef::DurationIso(text) => self.string(position, &duration(text)),
            DataRef::SharedString(text) => self.string(position, text),
            DataRef::DateTime(moment) => self.string(position, &serial(&moment)),
        }
    }

    fn range(&mut self, range: &Range<Data>) -> Result<()> {
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let at = |start: u32, index: usize| start.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
            self.owned((at(top, row), at(left, column)), value)?;
        }
        Ok(())
    }

    fn owned(&mut self, position: (u32, u32), value: &Data) -> Result<()> {
        match value {
            Data::Empty => Ok(()),
            Data::Int(value) => self.push(position, Cell::Int(*value)),
            Data::Float(value) => self.push(position, number(*value)),
            Data::Bool(value) => self.push(position, Cell::Bool(*value)),
            Data::Error(_) => self.push(position, Cell::Error),
            Data::String(text) | Data::DateTimeIso(text) => self.string(position, text),
            Data::DurationIso(text) => self.string(position, &duration(text.clone())),
            Data::DateTime(moment) => self.string(position, &serial(moment)),
        }
    }
}

/// Excel knows floats alone; a whole one is meant as an integer.
fn number(value: f64) -> Cell {
    match value.fract() == 0.0 && value.abs() < (1_u64 << 53) as f64 {
        true => Cell::Int(value as i64),
        false => Cell::Float(value),
    }
}

/// A date serial as text: a date, a moment, or a time of day.
fn serial(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    let (year, month, day, hour, minute, second, millisecond) = moment.to_ymd_hms_milli();
    let fraction = if millisecond == 0 { String::new() } else { format!(".{millisecond:03}") };
    if moment.is_duration() && days >= 1.0 {
        let seconds = (days * 86_400.0).round() as u64;
        return format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    let time = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    if (0.0..1.0).contains(&days) {
        return time;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if time == "00:00:00" { date } else { format!("{date} {time}") }
}

/// `PT07H05M00S` as a time of day or as hours: `07:05:00`. What is no such duration stays as it is.
fn duration(text: String) -> String {
    let Ok(span) = text.parse::<jiff::SignedDuration>() else { return text };
    let seconds = span.as_secs();
    match seconds < 0 {
        true => text,
        false => format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60),
    }
}

impl Tabular for Sheet {
    fn rows(&self) -> Result<Box<dyn Rows + '_>> {
        Ok(Box::new(SheetRows { sheet: self, at: 0 }))
    }

    fn has_types(&self) -> bool {
        true
    }

    fn merged(&self) -> &[(u32, u32, u32, u32)] {
        &self.merged
    }

    fn format(&self) -> String {
        self.number_format.to_owned()
    }
}

struct SheetRows<'a> {
    sheet: &'a Sheet,
    at: usize,
}

impl Rows for SheetRows<'_> {
    fn next(&mut self, row: &mut Row, _faults: &mut Faults) -> Result<bool> {
        row.clear();
        let Some((number, ..)) = self.sheet.cells.get(self.at) else { return Ok(false) };
        row.number = u64::from(*number) + 1;
        while let Some((own, column, cell)) = self.sheet.cells.get(self.at).filter(|(own, ..)| own == number) {
            debug_assert_eq!(own, number);
            let column = *column as usize;
            row.cells.resize(column.max(row.cells.len()), Cell::Empty);
            row.cells.truncate(column);
            match cell {
                Cell::Text(start, end) => row.push_text(self.sheet.text.get(*start..*end).unwrap_or_default()),
                cell => row.cells.push(*cell),
            }
            self.at += 1;
        }
        Ok(true)
    }
}
