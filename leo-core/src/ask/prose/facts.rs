//! What a sentence says beside its figures, as far as that can be told: which rows it speaks of, in which order, and whose extremes it names.

use super::rows::Rows;
use super::words::{Class, is_total};
use crate::ask::narrate::{AggregateOp, Claim};
use crate::catalog::split_words;

/// A word of a sentence, in lower case, and what it says.
pub(super) type Said = (String, Class);

/// What a sentence quotes. Rows and columns are counted from 0.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Cells that name rows: row and column.
    pub(super) names: Vec<(usize, usize)>,
    /// Cells that measure, shares of them, and the rows of greatest and least values.
    pub(super) measured: Vec<(usize, usize)>,
    /// Rows of which a measuring cell is quoted by its number.
    cells: Vec<usize>,
    /// From a row to a later one, and the column.
    pub(super) moved: Vec<(usize, usize, usize)>,
    pub(super) aggregates: Vec<(AggregateOp, usize)>,
    /// Columns whose greatest (least) value is quoted: whether the least, and the column.
    pub(super) extremes: Vec<(bool, usize)>,
    /// Figures that are bound to the rows.
    pub(super) bound: usize,
}

impl Facts {
    /// A cell is quoted.
    pub(super) fn quote(&mut self, row: usize, column: usize, rows: &Rows<'_>) {
        if rows.is_name(column) {
            self.names.push((row, column));
        } else {
            self.measured.push((row, column));
            self.cells.push(row);
        }
    }

    /// What its words claim, to be checked again whenever the sentence is; nothing where something in it does not fit.
    pub(super) fn claims(&self, said: &[Said], rows: &Rows<'_>) -> Option<Vec<Claim>> {
        if !self.pairs_up(rows) || !self.are_called_what_they_are(said) || !self.are_of_what_is_named(said, rows) {
            return None;
        }
        let labelled = |word: &str| {
            let is_word_of = |label: &str| label.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|own| own == word);
            self.quoted()
                .into_iter()
                .any(|column| is_word_of(rows.layout.label(column)) || is_word_of(rows.table.column_name(column)))
        };
        let many = |class: Class| said.iter().filter(|(word, own)| *own == class && !labelled(word)).count();
        let has = |op: AggregateOp| self.aggregates.iter().any(|(own, _)| *own == op);
        let mut claims = Vec::new();
        let (most, leads, least) = (many(Class::Most), many(Class::Leads), many(Class::Least));
        for (wanted, adjectives, is_least) in [(most + leads, most, false), (least, least, true)] {
            if wanted == 0 {
                continue;
            }
            let columns = self.extreme_columns(rows, is_least, &mut claims);
            if columns == 0 || adjectives > columns {
                return None;
            }
        }
        if many(Class::Order) > 0 {
            claims.push(self.order(rows)?);
        }
        let has_mean = has(AggregateOp::Mean) || has(AggregateOp::Median);
        let has_range = has(AggregateOp::Min) && has(AggregateOp::Max);
        let fits = (many(Class::Average) == 0 || has_mean) && (many(Class::Range) == 0 || has_range);
        fits.then_some(claims)
    }

    /// Whether names and figures are of the same rows, in the same order: no row's figure stands by another row's name.
    fn pairs_up(&self, rows: &Rows<'_>) -> bool {
        let names = order_of(self.names.iter().map(|(row, _)| *row));
        let measured = order_of(self.measured.iter().map(|(row, _)| *row));
        let moved = order_of(self.moved.iter().flat_map(|(from, to, _)| [*from, *to]));
        if names.is_empty() {
            let cells = &self.cells;
            return cells.is_empty() || self.moved.iter().all(|(_, to, _)| cells.contains(to));
        }
        if !measured.is_empty() {
            return names == measured && self.moved.iter().all(|(_, to, _)| names.contains(to));
        }
        if !moved.is_empty() {
            return names == moved;
        }
        // A period from its first to its last, of which an aggregate is told.
        let is_span = || {
            let times = self.names.iter().all(|(_, column)| Some(*column) == rows.layout.timeline());
            times && rows.ends().is_some_and(|(first, last)| names == [first, last])
        };
        self.aggregates.is_empty() || is_span()
    }

    /// Whether a sum is called a total, a mean an average, a greatest value the greatest: a figure is not taken for another one.
    fn are_called_what_they_are(&self, said: &[Said]) -> bool {
        let any = |classes: &[Class]| said.iter().any(|(_, own)| classes.contains(own));
        self.aggregates.iter().all(|(op, _)| match op {
            AggregateOp::Sum => said.iter().any(|(word, _)| is_total(word)),
            AggregateOp::Mean => said.iter().any(|(word, _)| word.starts_with("averag") || word == "mean"),
            AggregateOp::Median => said.iter().any(|(word, _)| word == "median"),
            AggregateOp::Min => any(&[Class::Least, Class::Range]),
            AggregateOp::Max => any(&[Class::Most, Class::Leads, Class::Range]),
            AggregateOp::Count => true,
        })
    }

    /// Whether each measure that the words name is quoted, so that no figure stands for another measure's.
    fn are_of_what_is_named(&self, said: &[Said], rows: &Rows<'_>) -> bool {
        let words = |column: usize| split_words(rows.layout.label(column));
        let quoted = self.quoted();
        rows.figures().filter(|column| !quoted.contains(column)).all(|column| {
            let own = words(column);
            let is_named = !own.is_empty() && own.iter().all(|word| said.iter().any(|(said, _)| said == word));
            // "Share of revenue" names the share alone.
            let is_within = || quoted.iter().any(|other| own.iter().all(|word| words(*other).contains(word)));
            !is_named || is_within()
        })
    }

    /// Every column of which something is quoted.
    fn quoted(&self) -> Vec<usize> {
        let cells = self.names.iter().chain(&self.measured).map(|(_, column)| *column);
        let others = self.moved.iter().map(|(.., column)| *column).chain(self.aggregates.iter().map(|(_, column)| *column));
        cells.chain(others).chain(self.extremes.iter().map(|(_, column)| *column)).collect()
    }

    /// Of how many columns the sentence quotes the greatest (least) value, and the claims that it is that.
    fn extreme_columns(&self, rows: &Rows<'_>, least: bool, claims: &mut Vec<Claim>) -> usize {
        let mut columns: Vec<usize> = self.extremes.iter().filter(|(own, _)| *own == least).map(|(_, column)| *column).collect();
        for measure in &rows.layout.measures {
            let column = measure.column;
            let first = self.measured.iter().find(|(_, own)| *own == column).map(|(row, _)| *row);
            if let Some(row) = first.filter(|row| rows.extreme(column, least) == Some(*row)) {
                claims.push(Claim::Extreme { row, column, least });
                columns.push(column);
            }
        }
        columns.sort_unstable();
        columns.dedup();
        columns.len()
    }

    /// The claim that the rows it speaks of are the first by a measure, in this order.
    fn order(&self, rows: &Rows<'_>) -> Option<Claim> {
        for measure in &rows.layout.measures {
            let column = measure.column;
            let quoted = order_of(self.measured.iter().filter(|(_, own)| *own == column).map(|(row, _)| *row));
            if quoted.len() < 2 {
                continue;
            }
            for least in [false, true] {
                let claim = Claim::Leading { rows: quoted.clone(), column, least };
                if rows.knows_extreme(column, least) && claim.holds(rows.table) {
                    return Some(claim);
                }
            }
        }
        None
    }
}

/// Rows in the order in which they come first.
fn order_of(rows: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut order = Vec::new();
    for row in rows {
        if !order.contains(&row) {
            order.push(row);
        }
    }
    order
}
