//! JSON: an object per line, or an array of objects; their keys are the columns.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::FilesOptions;
use super::encoding::TextEncoding;
use super::input;
use super::report::{FaultKind, Faults};
use super::row::{Cell, Row, Rows, Tabular};
use crate::error::{Error, Result};

/// Keys that make columns.
const MAX_KEYS: usize = 1_999;

/// A file of JSON lines, or one array.
#[derive(Debug)]
pub(super) struct JsonLines {
    path: PathBuf,
    names: Vec<String>,
    /// None where it looks like no text.
    encoding: Option<TextEncoding>,
    is_array: bool,
    max_bytes: u64,
    max_row_bytes: usize,
}

impl JsonLines {
    /// Reads the file once to learn its keys, in the order in which they come.
    ///
    /// # Errors
    /// `Malformed` when no line is an object; `LimitExceeded` for too many keys or too long a line; as [`input::open`].
    pub(super) fn open(path: &Path, options: &FilesOptions) -> Result<Self> {
        let (head, complete) = input::head(path, options.max_bytes)?;
        let mut table = Self {
            path: path.to_owned(),
            names: Vec::new(),
            encoding: TextEncoding::detect(&head, complete),
            is_array: input::first_byte(&head) == Some(b'['),
            max_bytes: options.max_bytes,
            max_row_bytes: options.max_row_bytes,
        };
        let mut known = HashSet::new();
        let mut names = Vec::new();
        let mut objects = table.objects()?;
        while let Some((_, object)) = objects.next_object()? {
            for key in object.iter().flat_map(Map::keys) {
                if !known.contains(key) {
                    known.insert(key.clone());
                    names.push(key.clone());
                }
            }
            if names.len() > MAX_KEYS {
                return Err(Error::limit_exceeded(format!(
                    "the objects in `{}` have more than {MAX_KEYS} different keys; put keys that are values in rows",
                    path.display()
                )));
            }
        }
        drop(objects);
        if names.is_empty() {
            return Err(Error::malformed(format!(
                "`{}` holds no JSON objects, one on each line or all in one array; write the rows as such",
                path.display()
            )));
        }
        table.names = names;
        Ok(table)
    }

    fn objects(&self) -> Result<Objects<'_>> {
        let bytes = input::text(&self.path, self.max_bytes)?;
        let bytes = match self.encoding {
            Some(encoding) => encoding.narrowed(bytes),
            None => bytes,
        };
        let input = BufReader::with_capacity(256 << 10, bytes);
        Ok(Objects { table: self, input, text: Vec::new(), line: 0, bytes: 0, at: Place::Before })
    }
}

impl Tabular for JsonLines {
    fn rows(&self) -> Result<Box<dyn Rows + '_>> {
        Ok(Box::new(self.objects()?))
    }

    fn has_types(&self) -> bool {
        true
    }

    fn names(&self) -> Option<&[String]> {
        Some(&self.names)
    }

    fn format(&self) -> String {
        if self.is_array { "JSON array" } else { "JSON lines" }.into()
    }
}

/// The line an element begins in, and its object if it is one.
type Element = (u64, Option<Map<String, Value>>);

struct Objects<'a> {
    table: &'a JsonLines,
    input: BufReader<Box<dyn Read>>,
    /// The line, or the element of the array.
    text: Vec<u8>,
    /// Lines that were begun.
    line: u64,
    bytes: u64,
    at: Place,
}

/// Where the reader of an array is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Within,
    Behind,
}

impl Objects<'_> {
    fn next_object(&mut self) -> Result<Option<Element>> {
        if self.table.is_array { self.next_element() } else { self.next_line() }
    }

    /// The next line that is not blank.
    fn next_line(&mut self) -> Result<Option<Element>> {
        loop {
            self.text.clear();
            let limit = self.table.max_row_bytes;
            (&mut self.input)
                .take(limit as u64 + 1)
                .read_until(b'\n', &mut self.text)
                .map_err(|error| input::failed(&self.table.path, error))?;
            if self.text.is_empty() {
                return Ok(None);
            }
            self.line += 1;
            if self.text.len() > limit {
                return Err(self.too_long());
            }
            self.bytes += self.text.len() as u64;
            let line = self.text.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.line == 1).unwrap_or(&self.text);
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some((self.line, serde_json::from_slice(line).ok())));
            }
        }
    }

    /// The next element of the array: what stands between two commas that are in no text, array or object of its own.
    fn next_element(&mut self) -> Result<Option<Element>> {
        self.text.clear();
        self.line = self.line.max(1);
        let (mut first, mut depth, mut quoted, mut escaped) = (self.line, 0_u64, false, false);
        loop {
            let buffer = self.input.fill_buf().map_err(|error| input::failed(&self.table.path, error))?;
            if buffer.is_empty() {
                // An array that does not end was cut off: that is told like an element that is no object.
                let cut = self.at == Place::Within;
                self.at = Place::Behind;
                return Ok(cut.then_some((first, None)));
            }
            let (mut used, mut ended, mut stray) = (0, false, false);
            for byte in buffer {
                used += 1;
                self.line += u64::from(*byte == b'\n');
                match self.at {
                    Place::Within => {}
                    Place::Before => {
                        if *byte == b'[' {
                            (self.at, first) = (Place::Within, self.line);
                        }
                        continue;
                    }
                    Place::Behind => {
                        stray |= !byte.is_ascii_whitespace();
                        continue;
                    }
                }
                if !quoted && depth == 0 && matches!(byte, b',' | b']') {
                    ended = true;
                    if *byte == b']' {
                        self.at = Place::Behind;
                    }
                    break;
                }
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if quoted => escaped = true,
                    b'"' => quoted = !quoted,
                    b'{' | b'[' if !quoted => depth += 1,
                    b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                    _ => {}
                }
                match self.text.is_empty() && byte.is_ascii_whitespace() {
                    true => first = self.line,
                    false => self.text.push(*byte),
                }
            }
            self.input.consume(used);
            self.bytes += used as u64;
            if self.text.len() > self.table.max_row_bytes {
                return Err(self.too_long());
            }
            // What follows the array is of no use, but not left out without a word.
            if stray {
                return Ok(Some((self.line, None)));
            }
            if ended {
                let empty = self.text.is_empty() && self.at == Place::Behind;
                return Ok((!empty).then(|| (first, serde_json::from_slice(&self.text).ok())));
            }
        }
    }

    fn too_long(&self) -> Error {
        Error::limit_exceeded(format!(
            "line {} of `{}` begins an object of more than {} bytes; write smaller objects, or raise `max_row_bytes`",
            self.line,
            self.table.path.display(),
            self.table.max_row_bytes
        ))
    }
}

impl Rows for Objects<'_> {
    fn next(&mut self, row: &mut Row, faults: &mut Faults) -> Result<bool> {
        loop {
            let Some((number, object)) = self.next_object()? else { return Ok(false) };
            let Some(object) = object else {
                faults.add(FaultKind::BadLine, None, number);
                continue;
            };
            row.clear();
            (row.number, row.bytes) = (number, self.bytes);
            for name in &self.table.names {
                push(row, object.get(name));
            }
            return Ok(true);
        }
    }
}

fn push(row: &mut Row, value: Option<&Value>) {
    let cell = match value {
        None | Some(Value::Null) => Cell::Empty,
        Some(Value::Bool(value)) => Cell::Bool(*value),
        Some(Value::Number(number)) => match (number.as_i64(), number.is_u64(), number.as_f64()) {
            (Some(value), ..) => Cell::Int(value),
            (None, false, Some(value)) => Cell::Float(value),
            // Beyond 64 bits, digits would be lost.
            _ => return row.push_text(&number.to_string()),
        },
        Some(Value::String(text)) => return row.push_text(&text.replace('\0', "")),
        Some(value @ (Value::Array(_) | Value::Object(_))) => {
            let start = row.text.len();
            row.text.push_str(&value.to_string());
            Cell::Json(start, row.text.len())
        }
    };
    row.cells.push(cell);
}
