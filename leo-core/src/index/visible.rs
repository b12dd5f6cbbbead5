//! Which documents a user may see.

use std::collections::HashMap;

use super::{Entry, Index, Kind};
use crate::catalog::{Catalog, Table, TableName};

/// A set of documents by their places. What is not in it has no part in a search: neither is it found, nor does it count for how rare
/// a word is, nor does a word of its alone complete or correct another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visible(Option<Vec<u64>>);

impl Visible {
    /// All documents.
    pub(crate) fn all() -> Self {
        Self(None)
    }

    /// The documents of which `is_visible` says so.
    pub(crate) fn only(count: usize, is_visible: impl Fn(u32) -> bool) -> Self {
        let mut bits = vec![0_u64; count.div_ceil(64)];
        for (block, bits) in (0_u32..).zip(&mut bits) {
            for bit in 0..64 {
                let document = block * 64 + bit;
                if (document as usize) < count && is_visible(document) {
                    *bits |= 1 << bit;
                }
            }
        }
        Self(Some(bits))
    }

    pub(crate) fn has(&self, document: u32) -> bool {
        match &self.0 {
            None => true,
            Some(bits) => bits.get(document as usize / 64).is_some_and(|bits| bits >> (document % 64) & 1 == 1),
        }
    }
}

impl Index {
    /// The documents of `catalog`, which the index was made of, that are in `part`, which is what a user may see of it.
    ///
    /// # Behavior
    /// Values are visible where `part` has them: they are as restricted as the rows they come from. Of what the host added beyond the catalogue,
    /// `is_shown` tells by its name.
    pub(crate) fn visible_in(&self, catalog: &Catalog, part: &Catalog, is_shown: impl Fn(Kind, &str) -> bool) -> Visible {
        let tables: HashMap<&TableName, &Table> = part.tables.iter().map(|table| (&table.name, table)).collect();
        let column = |entry: &Entry| {
            let table = catalog.tables.get(entry.table as usize)?;
            let name = &table.columns.get(usize::from(entry.column))?.name;
            tables.get(&table.name)?.columns.iter().find(|column| column.name == *name)
        };
        let is_visible = |at: u32, entry: &Entry| match entry.kind {
            Kind::Table => catalog.tables.get(entry.table as usize).is_some_and(|table| tables.contains_key(&table.name)),
            Kind::Column => column(entry).is_some(),
            Kind::Values => column(entry).is_some_and(|column| column.statistics.is_some()),
            kind => self.what(at).and_then(|(_, name)| name).is_some_and(|name| is_shown(kind, name)),
        };
        Visible::only(self.entries.len(), |document| {
            self.entries.get(document as usize).is_some_and(|entry| is_visible(document, entry))
        })
    }
}
