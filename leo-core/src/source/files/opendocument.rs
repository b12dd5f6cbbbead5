//! What an OpenDocument spreadsheet would take in memory, made out before it is read: a cell, a row or a blank may be written once and
//! meant a million times.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Cells of a document that are read, empty ones between others too.
const MAX_CELLS: u64 = 20_000_000;

/// Why a document is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Damaged,
    /// It has more cells, or more text, than are read.
    TooLarge,
    /// It is a text or a drawing.
    Other,
    /// A table stands within another: what is read of such depends on the reader, so that it cannot be counted.
    Nested,
}

/// Goes through `content.xml`, which may mean at most `max_bytes` of text.
///
/// # Errors
/// Why the document is not read.
pub(super) fn check(content: impl BufRead, max_bytes: u64) -> Result<(), Refused> {
    let mut reader = Reader::from_reader(content);
    let (mut buffer, mut sheet, mut left) = (Vec::new(), Sheet::default(), Left { cells: MAX_CELLS, bytes: max_bytes });
    let mut is_spreadsheet = false;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| Refused::Damaged)? {
            Event::Eof if is_spreadsheet => return Ok(()),
            Event::Eof => return Err(Refused::Other),
            Event::Start(tag) => {
                is_spreadsheet |= tag.name().as_ref() == "office:spreadsheet";
                sheet.start(&tag)?;
            }
            Event::Empty(tag) => {
                sheet.start(&tag)?;
                sheet.end(tag.name().as_ref(), &mut left)?;
            }
            Event::Text(text) => sheet.add_text(text.len() as u64),
            Event::GeneralRef(_) => sheet.add_text(1),
            Event::End(tag) => sheet.end(tag.name().as_ref(), &mut left)?,
            _ => {}
        }
    }
}

/// What may still be used.
struct Left {
    cells: u64,
    bytes: u64,
}

/// A sheet as far as it was read.
#[derive(Default)]
struct Sheet {
    /// It has begun, and has not ended.
    open: bool,
    /// Rows up to the last with a value; empty ones behind it, which count once another follows.
    rows: u64,
    empty: u64,
    /// Columns up to the last with a value, of the widest row.
    width: u64,
    row: Row,
}

/// A row as far as it was read.
#[derive(Default)]
struct Row {
    times: u64,
    columns: u64,
    /// Columns up to the last with a value.
    width: u64,
    /// Bytes of its values, each as often as it is meant.
    bytes: u64,
    /// The cell that is being read: how often it is meant, its bytes, and whether it has a value.
    times_of_cell: u64,
    bytes_of_cell: u64,
    filled: bool,
}

impl Sheet {
    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), Refused> {
        match tag.name().as_ref() {
            "table:table" if self.open => return Err(Refused::Nested),
            "table:table" => *self = Self { open: true, ..Self::default() },
            "table:table-row" => self.row = Row { times: number(tag, "table:number-rows-repeated")?, ..Row::default() },
            "table:table-cell" | "table:covered-table-cell" => {
                (self.row.times_of_cell, self.row.bytes_of_cell) = (number(tag, "table:number-columns-repeated")?, 0);
                // A value or a formula is among the attributes, or in the text; the names do not matter for an upper bound.
                self.row.filled = tag.attributes_raw().contains("value") || tag.attributes_raw().contains("formula");
                self.add_text(tag.len() as u64);
            }
            "text:s" => self.add_text(number(tag, "text:c")?),
            _ => {}
        }
        Ok(())
    }

    fn add_text(&mut self, bytes: u64) {
        self.row.bytes_of_cell = self.row.bytes_of_cell.saturating_add(bytes);
    }

    fn end(&mut self, tag: &str, left: &mut Left) -> Result<(), Refused> {
        match tag {
            "table:table-cell" | "table:covered-table-cell" => {
                let row = &mut self.row;
                row.columns = row.columns.saturating_add(row.times_of_cell);
                if row.filled {
                    row.width = row.columns;
                    row.bytes = row.bytes.saturating_add(row.bytes_of_cell.saturating_mul(row.times_of_cell));
                }
                if row.width > left.cells {
                    return Err(Refused::TooLarge);
                }
            }
            "table:table-row" if self.row.width == 0 => self.empty = self.empty.saturating_add(self.row.times),
            "table:table-row" => {
                self.rows = self.rows.saturating_add(self.empty).saturating_add(self.row.times);
                (self.empty, self.width) = (0, self.width.max(self.row.width));
                let bytes = self.row.bytes.saturating_mul(self.row.times);
                left.bytes = left.bytes.checked_sub(bytes).ok_or(Refused::TooLarge)?;
                if self.rows.saturating_mul(self.width) > left.cells {
                    return Err(Refused::TooLarge);
                }
            }
            "table:table" => {
                left.cells = left.cells.saturating_sub(self.rows.saturating_mul(self.width));
                self.open = false;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The number in an attribute; 1 where there is none.
fn number(tag: &BytesStart<'_>, name: &str) -> Result<u64, Refused> {
    match tag.try_get_attribute(name).map_err(|_| Refused::Damaged)? {
        Some(attribute) => attribute.value.parse().map_err(|_| Refused::Damaged),
        None => Ok(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &str) -> Result<(), Refused> {
        check(format!("<office:spreadsheet><table:table>{rows}</table:table></office:spreadsheet>").as_bytes(), 1 << 20)
    }

    #[test]
    fn what_is_written_once_and_meant_often_is_counted() {
        let value = r#"office:value-type="float" office:value="1""#;
        let row = |times: u64, cells: &str| {
            format!(r#"<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>"#)
        };
        let cell = |times: u64, value: &str| format!(r#"<table:table-cell table:number-columns-repeated="{times}" {value}/>"#);
        assert_eq!(sheet(&row(1, &cell(3, value))), Ok(()));
        // What office programs write behind the last value costs nothing.
        assert_eq!(sheet(&(row(2, &(cell(2, value) + &cell(16_382, ""))) + &row(1_048_574, &cell(16_384, "")))), Ok(()));
        assert_eq!(sheet(&row(1_048_576, &cell(16_384, value))), Err(Refused::TooLarge));
        assert_eq!(sheet(&row(1, &(cell(30_000_000, "") + &cell(1, value)))), Err(Refused::TooLarge));
        assert_eq!(sheet(&(row(1, &cell(30, value)) + &row(1_000_000, "") + &row(1, &cell(1, value)))), Err(Refused::TooLarge));
        assert_eq!(sheet(&row(u64::MAX, &cell(u64::MAX, value))), Err(Refused::TooLarge));
        let text = |inner: &str| row(1, &format!(r#"<table:table-cell office:value-type="string">{inner}</table:table-cell>"#));
        assert_eq!(sheet(&text(r#"<text:p>a<text:s text:c="3"/>b</text:p>"#)), Ok(()));
        assert_eq!(sheet(&text(r#"<text:p><text:s text:c="4000000000"/></text:p>"#)), Err(Refused::TooLarge));
        assert_eq!(sheet(&row(100, &cell(16_384, r#"office:string-value="long enough to count""#))), Err(Refused::TooLarge));
        assert_eq!(sheet(&row(1, r#"<table:table-cell table:number-columns-repeated="-1"/>"#)), Err(Refused::Damaged));
        assert_eq!(sheet("<table:table-row></wrong>"), Err(Refused::Damaged));
        // A table within the table, which would begin the count anew; and one of another name, which is none.
        let half = row(1, &(cell(15_000_000, "") + &cell(1, value)));
        assert_eq!(sheet(&half), Ok(()));
        assert_eq!(sheet(&format!("{half}<table:table/>{half}")), Err(Refused::Nested));
        assert_eq!(sheet(&format!("{half}<own:table></own:table>{half}")), Err(Refused::TooLarge));
        assert_eq!(
            sheet(&row(1, &format!("<table:table-cell><table:table>{half}</table:table></table:table-cell>"))),
            Err(Refused::Nested)
        );
        assert_eq!(check(&b"<office:text><text:p>Dear all</text:p></office:text>"[..], 1 << 20), Err(Refused::Other));
    }
}
