//! Edits of a text, and putting them in.

use std::ops::Range;

use sqlparser::ast::{Ident, TableFactor};

use crate::finding::Position;
use crate::value::Value;

/// What stands in `range` becomes `text`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::guard) struct Edit {
    pub(in crate::guard) range: Range<usize>,
    pub(in crate::guard) text: String,
    pub(in crate::guard) change: Change,
    /// Values of the placeholders in `text`, in order, where placeholders have no numbers.
    pub(in crate::guard) values: Vec<Value>,
}

impl Edit {
    /// An edit that brings in no values.
    pub(in crate::guard) fn new(range: Range<usize>, text: impl Into<String>, change: Change) -> Self {
        Self { range, text: text.into(), change, values: Vec::new() }
    }
}

/// What an edit means for the syntax tree. Positions are those of the old text.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::guard) enum Change {
    /// The relation whose name begins at the position is called by these parts.
    Name(Position, Vec<Ident>),
    /// The relation whose name begins at the position is replaced by this one; an alias it had stays.
    Relation(Position, Box<TableFactor>),
    /// The dotted name that begins at the position has this identifier instead of its first `.1` parts.
    Qualifier(Position, usize, Ident),
    /// The identifier at the position is another one.
    Spelling(Position, Ident),
    /// The identifier or string at the position is a string with this text between its quotes.
    Literal(Position, String),
    /// Item `.1` of the select list of the `SELECT` at the position gets an alias.
    Alias(Position, usize, Ident),
    /// The `SELECT` at the position keeps only groups with so many rows.
    Having(Position, u64),
    /// At most so many rows come out of the whole statement.
    Limit(u64),
    /// The same as `TOP`.
    Top(u64),
    /// The same as `FETCH`.
    Fetch(u64),
    /// Nothing by itself: what was taken out is put back in by another edit.
    Nothing,
}

/// The text with the edits made, which get the order of the text, and where the text of each [`Change::Relation`] is in it; `None` when two edits overlap.
pub(in crate::guard) fn apply(text: &str, edits: &mut [Edit]) -> Option<(String, Vec<Range<usize>>)> {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut changed = String::with_capacity(text.len() + 32 * edits.len());
    let mut inserted = Vec::new();
    let mut at = 0;
    for edit in edits {
        changed.push_str(text.get(at..edit.range.start)?);
        let start = changed.len();
        changed.push_str(&edit.text);
        if matches!(edit.change, Change::Relation(..)) {
            inserted.push(start..changed.len());
        }
        at = edit.range.end;
    }
    changed.push_str(text.get(at..)?);
    Some((changed, inserted))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn edit(range: Range<usize>, text: &str) -> Edit {
        Edit::new(range, text, Change::Nothing)
    }

    #[test]
    fn edits_are_made_in_order_of_the_text_and_never_overlap() {
        let (later, first) = (edit(4..5, "ccc"), edit(0..1, ""));
        assert_eq!(apply("a b c", &mut [later.clone(), first]).unwrap().0, " b ccc");
        assert_eq!(apply("a b c", &mut [later, edit(3..5, "")]), None);
        assert_eq!(apply("a b c", &mut [edit(5..9, "")]), None);
    }
}
