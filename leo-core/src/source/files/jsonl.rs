//! JSON lines: an object per line, its keys the columns.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::FilesOptions;
use super::input;
use super::report::{FaultKind, Faults};
use super::row::{Cell, Row, Rows, Tabular};
use crate::error::{Error, Result};

/// Keys that make columns.
const MAX_KEYS: usize = 1_999;

/// A file of JSON lines.
#[derive(Debug)]
pub(super) struct JsonLines {
    path: PathBuf,
    names: Vec<String>,
    max_bytes: u64,
    max_row_bytes: usize,
}

impl JsonLines {
    /// Reads the file once to learn its keys, in the order in which they come.
    ///
    /// # Errors
    /// `Malformed` when no line is an object; `LimitExceeded` for too many keys or too long a line; as [`input::open`].
    pub(super) fn open(path: &Path, options: &FilesOptions) -> Result<Self> {
        let mut table =
            Self { path: path.to_owned(), names: Vec::new(), max_bytes: options.max_bytes, max_row_bytes: options.max_row_bytes };
        let mut known = HashSet::new();
        let mut names = Vec::new();
        let mut lines = table.lines()?;
        while let Some((_, object)) = lines.next_line()? {
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
        drop(lines);
        if names.is_empty() {
            return Err(Error::malformed(format!(
                "`{}` holds no JSON object on a line of its own; write one object per line (`jq -c '.[]' file.json > file.jsonl`)",
                path.display()
            )));
        }
        table.names = names;
        Ok(table)
    }

    fn lines(&self) -> Result<Lines<'_>> {
        let bytes = input::text(&self.path, self.max_bytes)?;
        Ok(Lines { table: self, input: BufReader::with_capacity(256 << 10, bytes), line: Vec::new(), number: 0, bytes: 0 })
    }
}

impl Tabular for JsonLines {
    fn rows(&self) -> Result<Box<dyn Rows + '_>> {
        Ok(Box::new(self.lines()?))
    }

    fn has_types(&self) -> bool {
        true
    }

    fn names(&self) -> Option<&[String]> {
        Some(&self.names)
    }

    fn format(&self) -> String {
        "JSON lines".into()
    }
}

/// The number of a line, and its object if it is one.
type Line = (u64, Option<Map<String, Value>>);

struct Lines<'a> {
    table: &'a JsonLines,
    input: BufReader<Box<dyn Read>>,
    line: Vec<u8>,
    number: u64,
    bytes: u64,
}

impl Lines<'_> {
    /// The next line that is not blank.
    fn next_line(&mut self) -> Result<Option<Line>> {
        loop {
            self.line.clear();
            let limit = self.table.max_row_bytes;
            (&mut self.input)
                .take(limit as u64 + 1)
                .read_until(b'\n', &mut self.line)
                .map_err(|error| input::failed(&self.table.path, error))?;
            if self.line.is_empty() {
                return Ok(None);
            }
            self.number += 1;
            if self.line.len() > limit {
                return Err(Error::limit_exceeded(format!(
                    "line {} of `{}` is longer than {limit} bytes; write one object per line, or raise `max_row_bytes`",
                    self.number,
                    self.table.path.display()
                )));
            }
            self.bytes += self.line.len() as u64;
            let line = self.line.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.number == 1).unwrap_or(&self.line);
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some((self.number, serde_json::from_slice(line).ok())));
            }
        }
    }
}

impl Rows for Lines<'_> {
    fn next(&mut self, row: &mut Row, faults: &mut Faults) -> Result<bool> {
        loop {
            let Some((number, object)) = self.next_line()? else { return Ok(false) };
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
