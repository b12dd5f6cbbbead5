//! What a workbook's container holds, checked before anything is read from it: a small archive can hold a very large document.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;

use super::input;
use super::opendocument::{self, Refused};
use crate::error::{Error, Result};

/// Entries of an archive; a workbook has a few per sheet.
const MAX_ENTRIES: usize = 10_000;

/// Kinds of workbooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Workbook {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
}

/// The kind of the workbook in the ZIP archive at `path`, all of which was decompressed once to see that it stays within `limit`.
///
/// # Errors
/// `LimitExceeded`; `Malformed` for a damaged or encrypted archive or one without a workbook; `Unsupported` for a document that is no
/// spreadsheet, or has tables within tables.
pub(super) fn zipped(path: &Path, limit: u64) -> Result<Workbook> {
    let shown = path.display();
    let damaged = || Error::malformed(format!("`{shown}` is a damaged ZIP archive; get it again or save it anew as .xlsx"));
    let large = || {
        Error::limit_exceeded(format!(
            "`{shown}` holds more than {limit} bytes; save its sheets as CSV, or raise `max_workbook_bytes`"
        ))
    };
    let mut archive = ZipArchive::new(BufReader::new(input::open(path)?)).map_err(|_| damaged())?;
    if archive.len() > MAX_ENTRIES {
        return Err(Error::limit_exceeded(format!("`{shown}` has more than {MAX_ENTRIES} parts; save its sheets as CSV")));
    }
    let has = |archive: &ZipArchive<BufReader<File>>, name: &str| {
        archive.file_names().any(|own| own.is_ok_and(|own| own.eq_ignore_ascii_case(name)))
    };
    let kind = if has(&archive, "xl/workbook.xml") {
        Workbook::Xlsx
    } else if has(&archive, "xl/workbook.bin") {
        Workbook::Xlsb
    } else if has(&archive, "content.xml") {
        Workbook::Ods
    } else {
        return Err(Error::malformed(format!("`{shown}` is a ZIP archive without a workbook; extract the files in it")));
    };
    // What the archive says of itself is looked at first, and believed only after everything was decompressed.
    let mut left = limit;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| damaged())?;
        if entry.encrypted() {
            return Err(encrypted(path));
        }
        left = left.checked_sub(entry.size()).ok_or_else(large)?;
    }
    let mut left = limit;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| damaged())?;
        let read = io::copy(&mut entry.take(left.saturating_add(1)), &mut io::sink()).map_err(|_| damaged())?;
        left = left.checked_sub(read).ok_or_else(large)?;
    }
    if kind == Workbook::Ods {
        let content = BufReader::new(archive.by_name("content.xml").map_err(|_| damaged())?);
        opendocument::check(content, limit).map_err(|refused| match refused {
            Refused::Damaged => damaged(),
            Refused::TooLarge => large(),
            Refused::Other => {
                Error::unsupported(format!("`{shown}` is an OpenDocument file without a sheet; save its tables as .xlsx"))
            }
            Refused::Nested => {
                Error::unsupported(format!("`{shown}` has tables within tables, which are not read; save its sheets as .xlsx"))
            }
        })?;
    }
    Ok(kind)
}

/// The kind of the workbook in the compound file at `path`: one of Excel 97, or an encrypted one of any kind.
///
/// # Errors
/// `LimitExceeded`, `Malformed`.
pub(super) fn compound(path: &Path, limit: u64) -> Result<Workbook> {
    let shown = path.display();
    let mut file = input::open(path)?;
    let failed = |error| input::failed(path, error);
    if file.metadata().map_err(failed)?.len() > limit {
        return Err(Error::limit_exceeded(format!("`{shown}` is larger than {limit} bytes; save its sheets as CSV")));
    }
    let mut head = [0; 512];
    file.read_exact(&mut head).map_err(failed)?;
    let shift = u32::from(u16::from_le_bytes([head[30], head[31]])).min(16);
    let sector = u64::from(u32::from_le_bytes([head[48], head[49], head[50], head[51]]));
    file.seek(SeekFrom::Start((sector + 1) << shift)).map_err(failed)?;
    let mut directory = Vec::new();
    file.take(8_192).read_to_end(&mut directory).map_err(failed)?;
    let names = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        directory.windows(wide.len()).any(|window| window == wide)
    };
    if names("EncryptedPackage") || names("EncryptionInfo") {
        return Err(encrypted(path));
    }
    match names("Workbook") || names("Book") {
        true => Ok(Workbook::Xls),
        false => Err(Error::malformed(format!("`{shown}` is a document of another program, not a workbook; save it as .xlsx"))),
    }
}

/// The workbook needs a password.
pub(super) fn encrypted(path: &Path) -> Error {
    Error::malformed(format!("`{}` is encrypted; open it in Excel and save a copy without a password", path.display()))
}
