//! Finding tables, columns and what is known about them by words: the one search of Leo.
//!
//! ```text
//! documents → words, stems, compounds → postings (lexical) and vectors of words (embedder), packed
//! question  → terms, each with the words of the index that are like it → scores of documents (search) or of tables (linking)
//! ```
//! A document is a table, a column, a column's frequent values, or what the host adds: a metric, an entry of a glossary, a verified
//! question. Who sees only a part searches with a [`Visible`] set, and finds exactly what an index of that part alone would find.
//! Vectors of a host's embedder are in `vectors`, found by their texts in `texts`, and joined to the lexical ranking in `fuse`.

mod build;
mod document;
mod embedder;
mod fuse;
mod linking;
mod persist;
mod postings;
mod search;
mod terms;
mod texts;
mod vectors;
mod visible;
mod words;

#[cfg(test)]
mod tests;

use crate::catalog::{Catalog, TableName};

pub(crate) use build::Updated;
#[cfg(test)]
pub(crate) use document::{Document, Field};
pub(crate) use document::{Kind, OtherWords, Own, documents};
pub(crate) use fuse::fused;
pub(crate) use linking::LinkedColumn;
pub use search::search;
pub(crate) use search::wider;
pub(crate) use texts::TextVectors;
pub(crate) use vectors::{Quantised, Vectors};
pub(crate) use visible::Visible;
pub(crate) use words::{concepts, stem};

use postings::Postings;

/// No place.
const NONE: u32 = u32::MAX;

/// What is searched, packed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Index {
    postings: Postings,
    entries: Vec<Entry>,
    /// What each document was made of.
    hashes: Vec<u64>,
    /// What the host calls its own documents, in their order.
    ids: Vec<Box<str>>,
    /// The document of each table of the catalogue.
    tables: Vec<u32>,
    /// The schema of each table, by number.
    schemas: Vec<u32>,
    neighbours: Neighbours,
}

#[cfg(test)]
impl Index {
    /// Bytes it takes in memory.
    fn size(&self) -> usize {
        let near = &self.neighbours;
        let numbers = self.tables.capacity() + self.schemas.capacity() + near.ends.capacity() + near.column_ends.capacity();
        let rest = size_of::<Entry>() * self.entries.capacity() + 8 * (self.hashes.capacity() + near.others.capacity());
        size_of::<Self>() + self.postings.bytes() + rest + 4 * (numbers + near.columns.capacity())
    }
}

/// A document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    table: u32,
    column: u16,
    kind: Kind,
    /// Words of its name.
    length: u8,
}

/// Tables that a relationship joins, each with the documents it is known by: the tables and the columns.
#[derive(Debug, Clone, Default, PartialEq)]
struct Neighbours {
    /// Ends of each table's part of `others`.
    ends: Vec<u32>,
    others: Vec<(u32, u32)>,
    /// Ends of each relationship's part of `columns`.
    column_ends: Vec<u32>,
    /// Documents of the columns of each relationship.
    columns: Vec<u32>,
}

impl Neighbours {
    fn of(catalog: &Catalog, entries: &[Entry]) -> Self {
        let places: std::collections::HashMap<&TableName, u32> =
            (0..).zip(&catalog.tables).map(|(at, table)| (&table.name, at)).collect();
        let documents: std::collections::HashMap<(u32, u16), u32> = (0..)
            .zip(entries)
            .filter(|(_, entry)| entry.kind == Kind::Column)
            .map(|(at, entry)| ((entry.table, entry.column), at))
            .collect();
        let mut neighbours = Self::default();
        let mut pairs: Vec<(u32, u32, u32)> = Vec::new();
        for relationship in &catalog.relationships {
            let (Some(child), Some(parent)) = (places.get(&relationship.child), places.get(&relationship.parent)) else {
                continue;
            };
            let number = postings::size(neighbours.column_ends.len());
            for (table, columns) in [(*child, &relationship.child_columns), (*parent, &relationship.parent_columns)] {
                let Some(own) = catalog.tables.get(table as usize) else { continue };
                for column in columns {
                    let place = own.columns.iter().position(|known| known.name == *column).and_then(|at| u16::try_from(at).ok());
                    // A column that is not there is never visible.
                    let document = place.and_then(|place| documents.get(&(table, place))).copied().unwrap_or(NONE);
                    neighbours.columns.push(document);
                }
            }
            neighbours.column_ends.push(postings::size(neighbours.columns.len()));
            pairs.push((*child, *parent, number));
            pairs.push((*parent, *child, number));
        }
        pairs.sort_unstable();
        neighbours.ends = vec![0; catalog.tables.len()];
        for (table, other, number) in &pairs {
            neighbours.others.push((*other, *number));
            if let Some(end) = neighbours.ends.get_mut(*table as usize) {
                *end = postings::size(neighbours.others.len());
            }
        }
        let mut before = 0;
        for end in &mut neighbours.ends {
            before = before.max(*end);
            *end = before;
        }
        neighbours
    }

    /// Tables that are joined with `table`, as far as the columns that join them are visible.
    fn of_table(&self, table: u32, visible: &Visible) -> impl Iterator<Item = u32> {
        let span = postings::span(&self.ends, table);
        let others = self.others.get(span).unwrap_or(&[]);
        let shown = |number: u32| {
            let columns = self.columns.get(postings::span(&self.column_ends, number)).unwrap_or(&[]);
            columns.iter().all(|column| visible.has(*column))
        };
        others.iter().filter(move |(other, number)| *other != table && shown(*number)).map(|(other, _)| *other)
    }
}
