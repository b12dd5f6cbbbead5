//! Schema linking: the tables that a question needs, by all that is known of each and of what is around it.
//!
//! A table is found by its name, by those of its columns and by their values; and it is the likelier meant the more of the question the
//! tables around it are about: those that a relationship joins, and those of its schema. How much each of these tells was
//! learned from questions with reference statements (`tests/fit.rs`).

use super::document::Field;
use super::terms::Term;
use super::{Index, Kind, NONE, Visible};
use weights::{FEATURES, WEIGHTS};

mod columns;
pub(super) mod weights;

pub(crate) use columns::LinkedColumn;

/// Neighbours that are looked at.
const MAX_NEIGHBOURS: usize = 64;
/// Share of its best score by which a neighbour of a neighbour counts.
const FAR: f32 = 0.8;

/// What tells that a table is meant: one number for each feature.
pub(super) type Features = [f32; FEATURES];

/// A table, and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Linked {
    /// Its place in the catalogue.
    pub(crate) table: u32,
    /// Comparable within one question only.
    pub(crate) score: f32,
}

/// For each table, how well each word of the question fits it in one respect.
struct Grid {
    tables: usize,
    cells: Vec<f32>,
}

impl Grid {
    fn new(tables: usize, terms: usize) -> Self {
        Self { tables, cells: vec![0.0; tables * terms] }
    }

    fn raise(&mut self, table: u32, term: usize, value: f32) {
        if (table as usize) < self.tables
            && let Some(cell) = self.cells.get_mut(term * self.tables + table as usize)
        {
            *cell = cell.max(value);
        }
    }

    fn at(&self, table: usize, term: usize) -> f32 {
        self.cells.get(term * self.tables + table).copied().unwrap_or(0.0)
    }

    fn term(&self, term: usize) -> &[f32] {
        self.cells.get(term * self.tables..(term + 1) * self.tables).unwrap_or(&[])
    }
}

impl Index {
    /// At most `limit` visible tables that `question` may need, best first.
    pub(crate) fn tables(&self, question: &str, visible: &Visible, limit: usize) -> Vec<Linked> {
        let mut linked: Vec<Linked> = self
            .table_features(question, visible)
            .into_iter()
            .map(|(table, features)| Linked {
                table,
                score: features.iter().zip(&WEIGHTS).map(|(own, weight)| own * weight).sum(),
            })
            .collect();
        linked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.table.cmp(&b.table)));
        linked.truncate(limit);
        linked
    }

    /// The visible tables that anything speaks for, each with what does.
    pub(super) fn table_features(&self, question: &str, visible: &Visible) -> Vec<(u32, Features)> {
        let terms = self.terms(question, visible);
        let evidence = Evidence::of(self, &terms, visible);
        evidence.features(self, visible)
    }
}

/// What the words of a question say about tables.
struct Evidence {
    /// How much each word tells.
    rarity: Vec<f32>,
    name: Grid,
    column: Grid,
    value: Grid,
    schema: Grid,
    /// For each table, how often its columns have the words: what BM25 counts.
    counts: Grid,
    /// Columns of each table that are visible.
    lengths: Vec<f32>,
    /// Tables that are visible.
    shown: f32,
}

impl Evidence {
    fn of(index: &Index, terms: &[Term], visible: &Visible) -> Self {
        let tables = index.tables.len();
        let grid = || Grid::new(tables, terms.len());
        let mut own = Self {
            rarity: Vec::with_capacity(terms.len()),
            name: grid(),
            column: grid(),
            value: grid(),
            schema: grid(),
            counts: grid(),
            lengths: vec![0.0; tables],
            shown: index.tables.iter().filter(|own| **own != NONE && visible.has(**own)).count() as f32,
        };
        for (at, entry) in (0..).zip(&index.entries) {
            if entry.kind == Kind::Column
                && visible.has(at)
                && let Some(length) = own.lengths.get_mut(entry.table as usize)
            {
                *length += 1.0;
            }
        }
        for (number, term) in terms.iter().enumerate() {
            own.look(index, number, term, visible);
        }
        own
    }

    /// Where one word of the question is found.
    fn look(&mut self, index: &Index, number: usize, term: &Term, visible: &Visible) {
        for alike in &term.alike {
            for posting in index.postings.of(alike.word).filter(|posting| visible.has(posting.document)) {
                let Some(entry) = index.entries.get(posting.document as usize) else { continue };
                let value = alike.similarity * posting.weight;
                let (grid, value) = match (entry.kind, posting.field) {
                    (_, Field::Schema) => (&mut self.schema, value),
                    (Kind::Table, Field::Name | Field::Synonym) => (&mut self.name, value),
                    (Kind::Table, _) => (&mut self.name, 0.5 * value),
                    (_, Field::Name | Field::Synonym) => (&mut self.column, value),
                    _ => (&mut self.column, 0.5 * value),
                };
                grid.raise(entry.table, number, value);
                if posting.field == Field::Name
                    && (entry.table as usize) < self.counts.tables
                    && let Some(cell) = self.counts.cells.get_mut(number * self.counts.tables + entry.table as usize)
                {
                    *cell += value;
                }
            }
        }
        for document in index.postings.with_value(term.value).filter(|document| visible.has(*document)) {
            if let Some(entry) = index.entries.get(document as usize) {
                self.value.raise(entry.table, number, 1.0);
            }
        }
        // Words that many tables have tell little.
        let of = [&self.name, &self.column, &self.value].map(|grid| grid.term(number));
        let best = |table: usize| of.iter().filter_map(|cells| cells.get(table)).fold(0.0_f32, |a, b| a.max(*b));
        let top = (0..self.name.tables).map(best).fold(0.0_f32, f32::max);
        let having = (0..self.name.tables).filter(|table| top > 0.0 && best(*table) >= 0.5 * top).count() as f32;
        self.rarity.push(if top > 0.0 { (1.0 + (self.shown - having + 0.5) / (having + 0.5)).ln() } else { 0.0 });
    }

    fn features(&self, index: &Index, visible: &Visible) -> Vec<(u32, Features)> {
        let tables = self.name.tables;
        let total: f32 = self.rarity.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let terms = self.rarity.len();
        // How well each word fits a table in any respect.
        let mut any = Grid::new(tables, terms);
        for ((((any, name), column), value), _) in
            any.cells.iter_mut().zip(&self.name.cells).zip(&self.column.cells).zip(&self.value.cells).zip(0..)
        {
            *any = name.max(0.8 * column).max(0.7 * value);
        }
        let share = |table: usize, grid: &Grid| -> f32 {
            self.rarity.iter().enumerate().map(|(term, rarity)| rarity * grid.at(table, term)).sum::<f32>() / total
        };
        let own: Vec<f32> = (0..tables).map(|table| share(table, &any)).collect();
        let (schema, sizes) = self.schemas(index, visible, &any, total);
        let bm25: Vec<f32> = self.bm25();
        let best_bm25 = bm25.iter().fold(f32::MIN_POSITIVE, |a, b| a.max(*b));
        let best_schema = schema.iter().fold(f32::MIN_POSITIVE, |a, b| a.max(*b));
        let mut found = Vec::new();
        for (table, document) in index.tables.iter().enumerate() {
            if *document == NONE || !visible.has(*document) {
                continue;
            }
            let number = index.schemas.get(table).copied().unwrap_or(0) as usize;
            let of_schema = schema.get(number).copied().unwrap_or(0.0);
            let own_share = own.get(table).copied().unwrap_or(0.0);
            let around: Vec<u32> = index.neighbours.of_table(postings_size(table), visible).take(MAX_NEIGHBOURS).collect();
            let (near, bridge) = self.around(&any, table, &around, &own, total);
            if own_share == 0.0 && near == 0.0 && of_schema < 0.5 * best_schema {
                continue;
            }
            let (covered, said) = self.covered(index, table);
            let bm25 = bm25.get(table).copied().unwrap_or(0.0) / best_bm25;
            let size = sizes.get(number).copied().unwrap_or(1.0);
            found.push((
                postings_size(table),
                [
                    share(table, &self.name),
                    share(table, &self.column),
                    share(table, &self.value),
                    own_share,
                    covered,
                    said,
                    near,
                    bridge,
                    of_schema,
                    of_schema * size.max(1.0).ln(),
                    if of_schema >= best_schema { 1.0 } else { 0.0 },
                    share(table, &self.schema),
                    bm25,
                    (1.0 + self.lengths.get(table).copied().unwrap_or(0.0)).ln() / 4.0,
                    own_share * of_schema,
                    (around.len() as f32).min(4.0) / 4.0,
                ],
            ));
        }
        found
    }

    /// How much of the question each schema is about, and how many tables it has.
    fn schemas(&self, index: &Index, visible: &Visible, any: &Grid, total: f32) -> (Vec<f32>, Vec<f32>) {
        let count = index.schemas.iter().max().map_or(0, |last| *last as usize + 1);
        let (mut shares, mut sizes) = (vec![0.0; count], vec![0.0_f32; count]);
        let shown = index.schemas.iter().zip(&index.tables).filter(|(_, own)| visible.has(**own));
        for (schema, _) in shown {
            if let Some(size) = sizes.get_mut(*schema as usize) {
                *size += 1.0;
            }
        }
        let mut best = vec![0.0_f32; count];
        for (term, rarity) in self.rarity.iter().enumerate() {
            best.fill(0.0);
            for (schema, cell) in index.schemas.iter().zip(any.term(term)) {
                if let Some(best) = best.get_mut(*schema as usize) {
                    *best = best.max(*cell);
                }
            }
            for (share, best) in shares.iter_mut().zip(&best) {
                *share += rarity * best / total;
            }
        }
        (shares, sizes)
    }

    /// How much of the question a table and its neighbours are about, and how much the second best of those: a table between two that are
    /// meant is needed, too.
    fn around(&self, any: &Grid, table: usize, around: &[u32], own: &[f32], total: f32) -> (f32, f32) {
        let mut near = 0.0;
        for (term, rarity) in self.rarity.iter().enumerate() {
            let cells = any.term(term);
            let cell = |table: usize| cells.get(table).copied().unwrap_or(0.0);
            let best = around.iter().map(|other| FAR * cell(*other as usize)).fold(cell(table), f32::max);
            near += rarity * best / total;
        }
        let (mut first, mut second) = (0.0_f32, 0.0_f32);
        let mut seen: Vec<u32> = Vec::with_capacity(around.len());
        for other in around {
            if seen.contains(other) {
                continue;
            }
            seen.push(*other);
            let share = own.get(*other as usize).copied().unwrap_or(0.0);
            if share > first {
                (first, second) = (share, first);
            } else {
                second = second.max(share);
            }
        }
        (near, second)
    }

    /// How much of a table's name was said, and the best single word of it.
    fn covered(&self, index: &Index, table: usize) -> (f32, f32) {
        let words = self.rarity.iter().enumerate();
        let fits: Vec<f32> = words.map(|(term, _)| self.name.at(table, term)).collect();
        let said: f32 = fits.iter().sum();
        let length =
            index.tables.get(table).and_then(|own| index.entries.get(*own as usize)).map_or(1, |entry| entry.length.max(1));
        ((said / f32::from(length)).min(1.0), fits.iter().fold(0.0, |a, b| a.max(*b)))
    }

    /// The usual score of a table as the text of its names.
    fn bm25(&self) -> Vec<f32> {
        let average = self.lengths.iter().sum::<f32>() / self.shown.max(1.0) + 1.0;
        let mut scores = vec![0.0; self.name.tables];
        for (term, rarity) in self.rarity.iter().enumerate() {
            for ((score, count), length) in scores.iter_mut().zip(self.counts.term(term)).zip(&self.lengths) {
                *score += rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * (length + 1.0) / average));
            }
        }
        scores
    }
}

fn postings_size(count: usize) -> u32 {
    super::postings::size(count)
}
