//! How good the rows of each table are: what is checked, the statements that count what offends, and a score.
//!
//! [`QualityPlanner`] decides by structure and statistics what is to be checked and gives the statements that are still needed: one for
//! all row-wise checks of a table, one for each key that nobody enforces, one for each reference. Whoever runs them hands their counts
//! to [`QualityPlan::finish`]; a check whose statement was not run is left out, unless the statistics decided it.
//!
//! # Score
//! A check that passed is worth 1. One that failed is worth the share of rows that do not offend, times 0.5, 0.75 or 0.9 for an
//! error, a warning, an information. The checks of one kind are worth the mean of their mean and their worst; the score is 100 times the mean of the kinds
//! that were checked, with weights 25 for completeness, uniqueness, references and validity, 15 for freshness and 10 for volume.

mod checks;
mod score;
mod statements;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use sqlparser::ast::Statement;

pub use score::merge_history;

use self::checks::Found;
use crate::catalog::{Catalog, QualityPoint, Relationship, Severity, Table, TableName, TableQuality};

/// What is expected of a source.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QualityOptions {
    /// Share of NULLs up to which a column that is expected to be filled in passes; 0.05 unless set.
    pub null_tolerance: f64,
    /// Share of its rows that a table may lose between two syncs; 0.5 unless set.
    pub loss_tolerance: f64,
    /// Tables with more rows are judged by their statistics alone; 10,000,000 unless set.
    pub max_rows: u64,
    /// References that are followed, in the order of the catalogue's relationships; 500 unless set.
    pub max_references: usize,
    /// Columns that must be filled in, by table; a text of which nobody knows where its schema ends is a bare name.
    pub required: Vec<(TableName, String)>,
    /// Hours after which the latest row of a table is too old; tables as in [`required`](Self::required).
    pub freshness_hours: Vec<(TableName, u32)>,
}

impl QualityOptions {
    /// The same with names of tables as `catalog` has them.
    fn named_in(&self, catalog: &Catalog) -> Self {
        let mut options = self.clone();
        let required = options.required.iter_mut().map(|(table, _)| table);
        for name in required.chain(options.freshness_hours.iter_mut().map(|(table, _)| table)) {
            if let Some(meant) = catalog.table_meant(name) {
                name.clone_from(&meant.name);
            }
        }
        options
    }
}

impl Default for QualityOptions {
    fn default() -> Self {
        Self {
            null_tolerance: 0.05,
            loss_tolerance: 0.5,
            max_rows: 10_000_000,
            max_references: 500,
            required: Vec::new(),
            freshness_hours: Vec::new(),
        }
    }
}

/// The checks of one table, some of them undecided.
#[derive(Debug, Clone)]
pub struct QualityPlan {
    /// The table.
    pub table: TableName,
    checks: Vec<Found>,
    statements: Vec<Counting>,
}

/// A statement that gives one row of counts.
#[derive(Debug, Clone)]
struct Counting {
    statement: Statement,
    /// Whether its first count is of the rows that were looked at.
    counts_rows: bool,
    /// Places of the checks that its other counts are for, in order.
    checks: Vec<usize>,
}

/// Says what is to be checked in the tables of a catalogue, one at a time: statements of all tables together would take more memory than the catalogue.
#[derive(Debug)]
pub struct QualityPlanner<'a> {
    catalog: &'a Catalog,
    before: Option<&'a Catalog>,
    now: jiff::Timestamp,
    options: QualityOptions,
    by_child: HashMap<&'a TableName, Vec<&'a Relationship>>,
}

impl<'a> QualityPlanner<'a> {
    /// For the tables of `catalog`. `before` is what the sync before found, `now` the time of this one. Linear in relationships.
    pub fn new(catalog: &'a Catalog, before: Option<&'a Catalog>, now: jiff::Timestamp, options: &QualityOptions) -> Self {
        let mut by_child: HashMap<&TableName, Vec<&Relationship>> = HashMap::new();
        for relationship in catalog.relationships.iter().take(options.max_references) {
            by_child.entry(&relationship.child).or_default().push(relationship);
        }
        Self { catalog, before, now, options: options.named_in(catalog), by_child }
    }

    /// What is to be checked in one table of the catalogue.
    ///
    /// # Behavior
    /// Deterministic. Statistics of a part of a table decide nothing about repeated values. Linear in columns and references of the table.
    pub fn plan(&self, table: &Table) -> QualityPlan {
        let references = self.by_child.get(&table.name).map_or(&[][..], Vec::as_slice);
        let (checks, statements) = checks::of_table(self.catalog, table, (references, self.before), self.now, &self.options);
        QualityPlan { table: table.name.clone(), checks, statements }
    }
}

impl QualityPlan {
    /// The statements that count what the statistics do not tell, each giving one row of whole numbers. They are Leo's own, to be run with
    /// the purpose `profile`.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().map(|counting| &counting.statement)
    }

    /// The quality of the table, from the counts of each statement in order; `None` for one that was not run or failed. Nothing where nothing could
    /// be checked. `history` are the points of earlier syncs.
    pub fn finish(self, counts: &[Option<Vec<u64>>], history: &[QualityPoint], now: jiff::Timestamp) -> Option<TableQuality> {
        let Self { mut checks, statements, .. } = self;
        for (counting, counts) in statements.iter().zip(counts) {
            let Some(counts) = counts else { continue };
            let (rows, counts) = match counts.split_first() {
                Some((rows, rest)) if counting.counts_rows => (Some(*rows), rest),
                _ => (None, counts.as_slice()),
            };
            for (place, count) in counting.checks.iter().zip(counts) {
                if let Some(check) = checks.get_mut(*place) {
                    check.decide(*count, rows);
                }
            }
        }
        let mut checks: Vec<_> = checks.into_iter().filter_map(Found::into_check).collect();
        if checks.is_empty() {
            return None;
        }
        let rank = |severity: Severity| severity as u8;
        checks.sort_by(|a, b| (a.passed, rank(a.severity), &a.id).cmp(&(b.passed, rank(b.severity), &b.id)));
        let score = score::score(&checks);
        let failed = u32::try_from(checks.iter().filter(|check| !check.passed).count()).unwrap_or(u32::MAX);
        let history = merge_history(history, QualityPoint { at: now, score, failed });
        Some(TableQuality { score, checks, history })
    }
}
