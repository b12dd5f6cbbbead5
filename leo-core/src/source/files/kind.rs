//! What a file is, by its first bytes and then by its name.

use std::io::Read;
use std::path::Path;

use super::input;
use crate::error::{Error, Result};
use crate::spec::file::{LINES, PARQUET, TEXT, WORKBOOK, ending};
pub(super) use crate::spec::file::{is_compressed, is_table, stem};

/// Formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Csv,
    JsonLines,
    /// A ZIP archive, which a workbook of Excel or OpenDocument is.
    Zipped,
    /// The file of Excel 97, or an encrypted workbook.
    Compound,
    /// Columns with types, for DataFusion.
    Parquet,
}

/// The kind of the file at `path`.
///
/// # Errors
/// `Malformed` for another format, with what to do; as [`input::open`].
pub(super) fn of(path: &Path) -> Result<FileKind> {
    let shown = path.display();
    let mut head = Vec::new();
    input::open(path)?.take(512).read_to_end(&mut head).map_err(|error| input::failed(path, error))?;
    if input::is_gzip(&head) {
        head.clear();
        input::text(path, u64::MAX)?.take(512).read_to_end(&mut head).map_err(|error| input::failed(path, error))?;
    } else if head.starts_with(b"PK\x03\x04") {
        return Ok(FileKind::Zipped);
    } else if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Ok(FileKind::Compound);
    }
    if head.starts_with(b"PAR1") {
        return Ok(FileKind::Parquet);
    }
    if head.starts_with(b"PARE") {
        return Err(Error::unsupported(format!("`{shown}` is an encrypted Parquet file; write it without encryption")));
    }
    let other = if head.starts_with(b"SQLite format 3\0") {
        "it is a SQLite database; open it as such"
    } else if PARQUET.contains(&ending(path).as_str()) {
        "it is no Parquet file although its name says so; get it again, or name it after what it is"
    } else if head.starts_with(b"%PDF") {
        "it is a PDF document; export the table as CSV or Excel"
    } else if is_markup(&head) {
        "it is a web page or XML; open it in Excel and save it as .xlsx"
    } else if WORKBOOK.contains(&ending(path).as_str()) && !head.is_empty() && head.contains(&0) {
        "it is not a workbook although its name says so; save it again as .xlsx"
    } else {
        ""
    };
    if !other.is_empty() {
        return Err(Error::malformed(format!("`{shown}` cannot be read: {other}")));
    }
    Ok(match input::first_byte(&head) {
        Some(b'{' | b'[') if !TEXT.contains(&ending(path).as_str()) => FileKind::JsonLines,
        _ if LINES.contains(&ending(path).as_str()) => FileKind::JsonLines,
        _ => FileKind::Csv,
    })
}

fn is_markup(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    ["<html", "<!doctype", "<?xml", "<table"].iter().any(|start| text.starts_with(start))
}
