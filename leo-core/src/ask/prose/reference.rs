//! What a model wrote, taken apart: sentences of words and references, and what a reference means.

use super::rows::Rows;
use crate::ask::narrate::AggregateOp;

/// Bytes of a reference at most.
const LONGEST: usize = 200;
/// Sentences that are read; what comes after them is not.
const SENTENCES: usize = 8;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Words(String),
    /// What stands between double braces.
    Reference(String),
    /// `⟨v1⟩`: a value out of the question, by number.
    Mark(usize),
    /// `[name:1]`: a value that identifies somebody, as the prompt wrote it.
    Token(String),
    /// Something that opens and does not close, or holds what nobody can read.
    Broken,
}

/// The sentences of a text, without what ends them.
///
/// # Behavior
/// A sentence ends with a full stop, an exclamation or question mark before a blank or another piece, or with its line. At most eight are read.
pub(super) fn sentences(text: &str) -> Vec<Vec<Piece>> {
    let mut read = Reader::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if read.sentences.len() >= SENTENCES {
            return read.sentences;
        }
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        let (piece, length) = match c {
            '{' if tail.starts_with('{') => between(rest, "{{", "}}", |inner| Some(Piece::Reference(inner.to_owned()))),
            '⟨' => between(rest, "⟨", "⟩", |inner| inner.strip_prefix('v')?.parse().ok().map(Piece::Mark)),
            '[' => between(rest, "[", "]", |inner| is_token(inner).then(|| Piece::Token(format!("[{inner}]")))),
            '\n' => {
                read.end();
                rest = tail;
                continue;
            }
            '.' | '!' | '?' if tail.is_empty() || tail.starts_with(|c: char| c.is_whitespace() || "{⟨[*\"”".contains(c)) => {
                read.end();
                rest = tail;
                continue;
            }
            _ => {
                read.words.push(c);
                rest = tail;
                continue;
            }
        };
        read.piece(piece);
        rest = rest.get(length..).unwrap_or_default();
    }
    read.end();
    read.sentences.truncate(SENTENCES);
    read.sentences
}

/// The piece that `text` begins with, and its length; what cannot be read is broken, and as long as what opens it.
fn between(text: &str, open: &str, close: &str, read: impl Fn(&str) -> Option<Piece>) -> (Piece, usize) {
    let near = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
    let inner = near.strip_prefix(open).and_then(|inner| inner.find(close).and_then(|end| inner.get(..end)));
    let inner = inner.filter(|inner| !inner.contains(['{', '}', '⟨', '[', '\n']));
    match inner.and_then(|inner| Some((read(inner)?, inner.len()))) {
        Some((piece, length)) => (piece, open.len() + length + close.len()),
        None => (Piece::Broken, open.len()),
    }
}

fn is_token(inner: &str) -> bool {
    let is_kind = |kind: &str| !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    inner.split_once(':').is_some_and(|(kind, number)| is_kind(kind) && number.parse::<u32>().is_ok())
}

#[derive(Default)]
struct Reader {
    sentences: Vec<Vec<Piece>>,
    pieces: Vec<Piece>,
    words: String,
}

impl Reader {
    fn piece(&mut self, piece: Piece) {
        if !self.words.is_empty() {
            self.pieces.push(Piece::Words(std::mem::take(&mut self.words)));
        }
        self.pieces.push(piece);
    }

    fn end(&mut self) {
        if !self.words.trim().is_empty() {
            self.pieces.push(Piece::Words(std::mem::take(&mut self.words)));
        }
        self.words.clear();
        if !self.pieces.is_empty() {
            self.sentences.push(std::mem::take(&mut self.pieces));
        }
    }
}

/// What a reference stands for. Rows and columns are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// `cell:3.revenue`.
    Cell { row: usize, column: usize },
    /// `name:revenue`: what the column is called.
    Name { column: usize },
    /// `count`: the number of rows.
    Count,
    /// `sum:revenue`, `mean:`, `median:`, `min:`, `max:`.
    Aggregate { op: AggregateOp, column: usize },
    /// `share:1.revenue`: of the sum of the column.
    Share { row: usize, column: usize },
    /// `at_max:revenue.customer`, `at_min:`: the cell of the row that has the greatest (least) `of`.
    AtExtreme { least: bool, of: usize, column: usize },
    /// `direction:1.3.revenue`, `difference:`, `change:`: from one row to a later one.
    Moved { how: Moved, from: usize, to: usize, column: usize },
    /// `window`: the period that was asked about.
    Window,
    /// `compared`: the period that it is compared with.
    Compared,
}

/// How a move from one row to another is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// In a word: rose, fell.
    Direction,
    /// By how much.
    Difference,
    /// In percent.
    Change,
}

/// Reads what stands between the braces; nothing for what is no reference, or one to a row or column that is not there.
pub(super) fn read(inner: &str, rows: &Rows<'_>) -> Option<Reference> {
    let (kind, rest) = inner.split_once(':').map_or((inner, ""), |(kind, rest)| (kind, rest));
    let (kind, rest) = (kind.trim().to_ascii_lowercase(), rest.trim());
    let aggregate = |op| Some(Reference::Aggregate { op, column: rows.column(rest)? });
    match kind.as_str() {
        "count" => rest.is_empty().then_some(Reference::Count),
        "window" => rest.is_empty().then_some(Reference::Window),
        "compared" => rest.is_empty().then_some(Reference::Compared),
        "cell" => row_and_column(rest, rows).map(|(row, column)| Reference::Cell { row, column }),
        "share" => row_and_column(rest, rows).map(|(row, column)| Reference::Share { row, column }),
        "name" => Some(Reference::Name { column: rows.column(rest)? }),
        "sum" => aggregate(AggregateOp::Sum),
        "mean" => aggregate(AggregateOp::Mean),
        "median" => aggregate(AggregateOp::Median),
        "min" => aggregate(AggregateOp::Min),
        "max" => aggregate(AggregateOp::Max),
        "at_max" | "at_min" => {
            let mut dots = rest.match_indices('.').map(|(at, _)| at);
            let (of, column) = dots.find_map(|at| Some((rows.column(&rest[..at])?, rows.column(&rest[at + 1..])?)))?;
            Some(Reference::AtExtreme { least: kind == "at_min", of, column })
        }
        "direction" => moved(Moved::Direction, rest, rows),
        "difference" => moved(Moved::Difference, rest, rows),
        "change" => moved(Moved::Change, rest, rows),
        _ => None,
    }
}

fn row_and_column(text: &str, rows: &Rows<'_>) -> Option<(usize, usize)> {
    let (row, column) = text.split_once('.')?;
    Some((rows.row(row)?, rows.column(column)?))
}

fn moved(how: Moved, text: &str, rows: &Rows<'_>) -> Option<Reference> {
    let (from, rest) = text.split_once('.')?;
    let (to, column) = row_and_column(rest, rows)?;
    Some(Reference::Moved { how, from: rows.row(from)?, to, column })
}
