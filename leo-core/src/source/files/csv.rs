//! CSV: records of a text, read with bounded memory, whatever its quotes do.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use memchr::{memchr, memchr_iter, memchr2};

use super::FilesOptions;
use super::detect::Format;
use super::encoding::TextEncoding;
use super::input;
use super::report::{FaultKind, Faults};
use super::row::{Row, Rows, Tabular};
use crate::error::{Error, Result};

/// Quotes that turned out not to be closed before a quoted field may no longer go on in the next line: reading a text in which
/// every line opens one must not take the square of its length.
const UNCLOSED: usize = 20;

/// Splits a record into fields, line by line.
#[derive(Debug)]
pub(super) struct Splitter {
    format: Format,
    state: State,
    /// The fields one after another, without their quotes.
    bytes: Vec<u8>,
    /// Where each field ends.
    ends: Vec<usize>,
    /// A quote was followed by more text.
    stray: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Start,
    Bare,
    Quoted,
    /// Behind a quote inside quotes.
    Closing,
}

impl Splitter {
    /// A splitter for one record after another.
    pub(super) fn new(format: Format) -> Self {
        Self { format, state: State::New, bytes: Vec::new(), ends: Vec::new(), stray: false }
    }

    /// Begins a new record.
    pub(super) fn clear(&mut self) {
        (self.state, self.stray) = (State::New, false);
        self.bytes.clear();
        self.ends.clear();
    }

    /// Whether nothing of the record was read yet.
    pub(super) fn is_new(&self) -> bool {
        self.state == State::New
    }

    /// The fields of the record.
    pub(super) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.bytes.get(start..*end).unwrap_or_default())
    }

    /// Takes in a line with its end; true when the record is complete, false when a quote is still open.
    pub(super) fn feed(&mut self, line: &[u8]) -> bool {
        let Format { delimiter, quote, backslash, line_end, .. } = self.format;
        let content = line.strip_suffix(&[line_end]).unwrap_or(line);
        let content = if line_end == b'\n' { content.strip_suffix(b"\r").unwrap_or(content) } else { content };
        if self.state == State::New {
            self.state = State::Start;
        }
        let mut rest = content;
        loop {
            match self.state {
                State::New | State::Start => {
                    let blanks = rest.iter().take_while(|byte| **byte == b' ' && delimiter != b' ').count();
                    self.state = State::Bare;
                    if rest.get(blanks) == Some(&quote) {
                        self.state = State::Quoted;
                        rest = rest.get(blanks + 1..).unwrap_or_default();
                    }
                }
                State::Bare => {
                    let Some(at) = rest.iter().position(|byte| *byte == delimiter) else {
                        self.bytes.extend_from_slice(rest);
                        break;
                    };
                    rest = self.take(rest, at);
                    self.end_field();
                }
                State::Quoted => {
                    let Some(at) = rest.iter().position(|byte| *byte == quote || (backslash && *byte == b'\\')) else {
                        self.bytes.extend_from_slice(rest);
                        self.bytes.extend_from_slice(line.get(content.len()..).unwrap_or_default());
                        return false;
                    };
                    let escaped = rest.get(at) == Some(&b'\\') && quote != b'\\';
                    rest = self.take(rest, at);
                    if !escaped {
                        self.state = State::Closing;
                    } else if let Some((&byte, behind)) = rest.split_first() {
                        if byte != quote && byte != b'\\' {
                            self.bytes.push(b'\\');
                        }
                        self.bytes.push(byte);
                        rest = behind;
                    } else {
                        self.bytes.push(b'\\');
                    }
                }
                State::Closing => {
                    let blanks = rest.iter().take_while(|byte| **byte == b' ' && delimiter != b' ').count();
                    match rest.get(blanks) {
                        None => break,
                        Some(byte) if *byte == delimiter => {
                            rest = rest.get(blanks + 1..).unwrap_or_default();
                            self.end_field();
                        }
                        Some(byte) if *byte == quote && blanks == 0 => {
                            self.bytes.push(quote);
                            rest = rest.get(1..).unwrap_or_default();
                            self.state = State::Quoted;
                        }
                        Some(_) => {
                            self.stray = true;
                            self.bytes.push(quote);
                            self.state = State::Bare;
                        }
                    }
                }
            }
        }
        self.end_field();
        true
    }

    /// Takes in a line in which quotes are characters like any other.
    fn feed_plain(&mut self, line: &[u8]) {
        let Format { delimiter, line_end, .. } = self.format;
        let end = [line_end, b'\r'];
        let content =
            line.iter().rposition(|byte| !end.contains(byte)).map_or(&[][..], |last| line.get(..=last).unwrap_or_default());
        for field in content.split(|byte| *byte == delimiter) {
            self.bytes.extend_from_slice(field);
            self.end_field();
        }
    }

    /// Keeps what is before `at` and gives what is behind it.
    fn take<'a>(&mut self, rest: &'a [u8], at: usize) -> &'a [u8] {
        self.bytes.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest.get(at + 1..).unwrap_or_default()
    }

    fn end_field(&mut self) {
        self.ends.push(self.bytes.len());
        self.state = State::Start;
    }
}

/// A CSV file.
#[derive(Debug)]
pub(super) struct CsvTable {
    path: PathBuf,
    encoding: TextEncoding,
    format: Format,
    max_bytes: u64,
    max_row_bytes: usize,
}

impl CsvTable {
    /// Looks at the file to find out how it is written.
    ///
    /// # Errors
    /// `Malformed` when it is empty or no text; as [`input::open`].
    pub(super) fn open(path: &Path, options: &FilesOptions) -> Result<Self> {
        let shown = path.display();
        let (head, complete) = input::head(path, options.max_bytes)?;
        let Some(encoding) = TextEncoding::detect(&head, complete) else {
            return Err(Error::malformed(format!(
                "`{shown}` is no text; save it as CSV or Excel (.xlsx) with the program that made it"
            )));
        };
        let mut text = head.get(encoding.mark..).unwrap_or_default().to_vec();
        if encoding.is_wide() {
            text = encoding.main.decode_without_bom_handling(&text).0.into_owned().into_bytes();
        }
        if text.iter().all(u8::is_ascii_whitespace) && complete {
            return Err(Error::malformed(format!("`{shown}` is empty; a table needs a line with the names of its columns")));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let format = Format::detect(&text, name.contains(".tsv") || name.contains(".tab"));
        Ok(Self { path: path.to_owned(), encoding, format, max_bytes: options.max_bytes, max_row_bytes: options.max_row_bytes })
    }
}

impl CsvTable {
    /// The records, read in parts of `capacity` bytes.
    fn records(&self, capacity: usize) -> Result<Records<'_>> {
        let mut bytes = input::text(&self.path, self.max_bytes)?;
        // The mark is as long as it is; a file that shrank in the meantime ends here too.
        let mut mark = vec![0; self.encoding.mark];
        bytes.read_exact(&mut mark).map_err(|error| input::failed(&self.path, error))?;
        let bytes = self.encoding.narrowed(bytes);
        let mut records = Records {
            table: self,
            input: BufReader::with_capacity(capacity, bytes),
            returned: Vec::new(),
            splitter: Splitter::new(self.format),
            lines: Vec::new(),
            line: 0,
            unclosed: 0,
            bytes: 0,
        };
        if self.format.sep_line {
            records.read_line()?;
        }
        Ok(records)
    }
}

impl Tabular for CsvTable {
    fn rows(&self) -> Result<Box<dyn Rows + '_>> {
        Ok(Box::new(self.records(256 << 10)?))
    }

    fn has_types(&self) -> bool {
        false
    }

    fn comma_likely(&self) -> bool {
        self.format.delimiter == b';'
    }

    fn format(&self) -> String {
        format!("CSV, {}, {}", self.encoding.main.name(), self.format.delimiter_name())
    }
}

/// Reads the records of a file.
struct Records<'a> {
    table: &'a CsvTable,
    input: BufReader<Box<dyn Read>>,
    /// Lines that were read and belong to later records, the next one last.
    returned: Vec<Vec<u8>>,
    splitter: Splitter,
    /// Lines of the record.
    lines: Vec<Vec<u8>>,
    /// Number of the line read last.
    line: u64,
    unclosed: usize,
    bytes: u64,
}

impl Records<'_> {
    /// Reads a record of one line into `row` right from the buffer, when there is nothing special about it: no quote, no NUL, no other
    /// encoding, no line left over. Such are most lines of most files.
    fn read_plain(&mut self, row: &mut Row) -> Result<bool> {
        let Format { delimiter, quote, line_end, .. } = self.table.format;
        if !self.returned.is_empty() {
            return Ok(false);
        }
        let buffer = self.input.fill_buf().map_err(|error| input::failed(&self.table.path, error))?;
        let Some(end) = memchr(line_end, buffer).filter(|end| *end < self.table.max_row_bytes) else { return Ok(false) };
        let line = buffer.get(..end).unwrap_or_default();
        let content = if line_end == b'\n' { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
        if content.first().is_none_or(u8::is_ascii_whitespace) || memchr2(quote, 0, content).is_some() {
            return Ok(false);
        }
        let Some(text) = self.table.encoding.as_it_is(content) else { return Ok(false) };
        row.clear();
        row.text.push_str(text);
        let mut start = 0;
        for at in memchr_iter(delimiter, content) {
            row.push_range(start, at);
            start = at + 1;
        }
        row.push_range(start, content.len());
        self.line += 1;
        self.bytes += end as u64 + 1;
        (row.number, row.bytes) = (self.line, self.bytes);
        self.input.consume(end + 1);
        Ok(true)
    }

    fn read_line(&mut self) -> Result<Option<Vec<u8>>> {
        let line = match self.returned.pop() {
            Some(line) => line,
            None => {
                let mut line = Vec::new();
                let limit = self.table.max_row_bytes;
                (&mut self.input)
                    .take(limit as u64 + 1)
                    .read_until(self.table.format.line_end, &mut line)
                    .map_err(|error| input::failed(&self.table.path, error))?;
                if line.is_empty() {
                    return Ok(None);
                }
                if line.len() > limit {
                    return Err(Error::limit_exceeded(format!(
                        "line {} of `{}` is longer than {limit} bytes; check that it is CSV, or raise `max_row_bytes`",
                        self.line + 1,
                        self.table.path.display()
                    )));
                }
                self.bytes += line.len() as u64;
                line
            }
        };
        self.line += 1;
        Ok(Some(line))
    }

    /// Reads one record into the splitter; the number of its first line, or `None` at the end.
    fn read_record(&mut self, faults: &mut Faults) -> Result<Option<u64>> {
        self.splitter.clear();
        self.lines.clear();
        let mut first = 0;
        let mut size = 0;
        loop {
            // A quoted field that does not end, or grows too long, was no quoted field.
            let line = match size > self.table.max_row_bytes || (self.unclosed >= UNCLOSED && !self.lines.is_empty()) {
                true => None,
                false => self.read_line()?,
            };
            let Some(line) = line else {
                if self.lines.is_empty() {
                    return Ok(None);
                }
                break;
            };
            if self.lines.is_empty() {
                first = self.line;
                if line.iter().all(u8::is_ascii_whitespace) && !line.contains(&self.table.format.delimiter) {
                    continue;
                }
            }
            let complete = self.splitter.feed(&line);
            size += line.len();
            if complete && (!self.splitter.stray || self.lines.is_empty()) {
                if self.splitter.stray {
                    faults.add(FaultKind::Quote, None, first);
                }
                return Ok(Some(first));
            }
            self.lines.push(line);
            if complete {
                break;
            }
        }
        self.unclosed += 1;
        faults.add(FaultKind::Quote, None, first);
        self.line = first;
        self.returned.extend(self.lines.drain(1..).rev());
        let plain = self.lines.pop().unwrap_or_default();
        self.splitter.clear();
        self.splitter.feed_plain(&plain);
        Ok(Some(first))
    }
}

impl Rows for Records<'_> {
    fn next(&mut self, row: &mut Row, faults: &mut Faults) -> Result<bool> {
        if self.read_plain(row)? {
            return Ok(true);
        }
        let Some(first) = self.read_record(faults)? else { return Ok(false) };
        row.clear();
        (row.number, row.bytes) = (first, self.bytes);
        let (mut foreign, mut nul) = (false, false);
        for field in self.splitter.fields() {
            let start = row.text.len();
            if field.contains(&0) {
                nul = true;
                let clean: Vec<u8> = field.iter().copied().filter(|byte| *byte != 0).collect();
                foreign |= self.table.encoding.decode(&clean, &mut row.text);
            } else {
                foreign |= self.table.encoding.decode(field, &mut row.text);
            }
            row.end_text(start);
        }
        if foreign {
            faults.add(FaultKind::Encoding, None, first);
        }
        if nul {
            faults.add(FaultKind::Nul, None, first);
        }
        Ok(true)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::super::row::Cell;
    use super::*;

    /// A row's line and fields.
    type Line = (u64, Vec<Option<String>>);

    /// The rows, and the faults.
    fn read(table: &CsvTable, capacity: usize) -> (Vec<Line>, String) {
        let (mut records, mut row, mut faults) = (table.records(capacity).unwrap(), Row::default(), Faults::default());
        let mut rows = Vec::new();
        while records.next(&mut row, &mut faults).unwrap() {
            let field = |cell: &Cell| (*cell != Cell::Empty).then(|| row.text_of(*cell).to_owned());
            rows.push((row.number, row.cells.iter().map(field).collect()));
        }
        (rows, format!("{:?}", faults.finish(&[])))
    }

    proptest! {
        /// A line that is read right from the buffer is read as any other. Of a buffer of one byte, none is.
        #[test]
        fn plain_lines_are_read_as_others_are(parts in prop::collection::vec(prop::sample::select(vec![
            &b"a"[..], b"b,c", b",", b";", b"\"", b"\"x,\ny\"", b"\n", b"\r\n", b"\r", b"\0", b" ", b"\t", "é🦀".as_bytes(), b"\xe9", b"12.5",
            b"\\", b"'", b"\xef\xbb\xbf",
        ]), 1..60)) {
            let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
            file.write_all(&parts.concat()).unwrap();
            // Two bytes a character take a larger buffer, and are turned into UTF-8 before lines are read.
            let table = CsvTable::open(file.path(), &FilesOptions::default());
            if let Some(table) = table.ok().filter(|table| !table.encoding.is_wide()) {
                prop_assert_eq!(read(&table, 256 << 10), read(&table, 1));
            }
        }
    }
}
