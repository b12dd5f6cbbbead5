//! The columns that a question needs, among those of the tables that it needs.

use std::collections::HashMap;

use super::super::document::Field;
use super::super::{Index, Kind, NONE, Visible};
use super::Linked;

/// Tables whose columns are looked at.
const TABLES: usize = 24;
/// What counts, beside the score of the table: the name of the column, its values, and that a relationship goes over it.
const NAME: f32 = 2.0;
const VALUE: f32 = 0.7;
const JOINS: f32 = 0.4;

/// A column, and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LinkedColumn {
    /// The place of its table in the catalogue.
    pub(crate) table: u32,
    /// Its place in the table.
    pub(crate) column: u16,
    /// Comparable within one question only.
    pub(crate) score: f32,
}

impl Index {
    /// At most `limit` visible columns that `question` may need, best first.
    pub(crate) fn columns(&self, question: &str, visible: &Visible, limit: usize) -> Vec<LinkedColumn> {
        let tables = self.tables(question, visible, TABLES);
        let mut found: HashMap<u32, LinkedColumn> = HashMap::new();
        let first = tables.first().map_or(0.0, |first| first.score);
        for Linked { table, score } in tables {
            for (document, column) in self.columns_of(table) {
                if visible.has(document) {
                    found.insert(document, LinkedColumn { table, column, score: score - first });
                }
            }
        }
        self.score_columns(question, visible, &mut found);
        let mut columns: Vec<LinkedColumn> = found.into_values().collect();
        let place = |own: &LinkedColumn| (own.table, own.column);
        columns.sort_by(|a, b| b.score.total_cmp(&a.score).then(place(a).cmp(&place(b))));
        columns.truncate(limit);
        columns
    }

    /// Documents and places of a table's columns: they follow that of the table.
    fn columns_of(&self, table: u32) -> impl Iterator<Item = (u32, u16)> {
        let own = self.tables.get(table as usize).copied().filter(|own| *own != NONE);
        let first = own.map_or(self.entries.len(), |own| own as usize + 1);
        let entries = self.entries.get(first..).unwrap_or(&[]).iter();
        let own = entries.take_while(move |entry| entry.table == table && matches!(entry.kind, Kind::Column | Kind::Values));
        (super::postings_size(first)..)
            .zip(own)
            .filter(|(_, entry)| entry.kind == Kind::Column)
            .map(|(at, entry)| (at, entry.column))
    }

    fn score_columns(&self, question: &str, visible: &Visible, found: &mut HashMap<u32, LinkedColumn>) {
        let terms = self.terms(question, visible);
        let share = 1.0 / terms.len().max(1) as f32;
        let by_place: HashMap<(u32, u16), u32> = found.iter().map(|(at, own)| ((own.table, own.column), *at)).collect();
        for term in &terms {
            let mut best: HashMap<u32, f32> = HashMap::new();
            let mut raise = |document: u32, value: f32| {
                let known = best.entry(document).or_default();
                *known = known.max(value);
            };
            for alike in &term.alike {
                for posting in self.postings.of(alike.word).filter(|posting| found.contains_key(&posting.document)) {
                    let weight = if posting.field == Field::Comment { 0.5 } else { 1.0 };
                    raise(posting.document, NAME * weight * posting.weight * alike.similarity);
                }
            }
            for document in self.postings.with_value(term.value).filter(|document| visible.has(*document)) {
                let entry = self.entries.get(document as usize);
                if let Some(column) = entry.and_then(|entry| by_place.get(&(entry.table, entry.column))) {
                    raise(*column, VALUE);
                }
            }
            for (document, value) in best {
                if let Some(column) = found.get_mut(&document) {
                    column.score += value * share.max(0.15);
                }
            }
        }
        for document in &self.neighbours.columns {
            if let Some(column) = found.get_mut(document) {
                column.score += JOINS / 4.0;
            }
        }
    }
}
