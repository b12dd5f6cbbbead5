//! Rows as references are read against them: which columns there are, how their values are written, and what may be computed of them.

use super::words::has_number;
use crate::ask::narrate::{Claim, Format, Layout, MeasureColumns, NarrateInput, ordered_rows};
use crate::chart::{Unit, number};
use crate::table::Table;

/// A result, and what is known of it.
pub(super) struct Rows<'a> {
    pub(super) table: &'a Table,
    pub(super) input: &'a NarrateInput,
    pub(super) layout: Layout,
    /// Whether a model named the columns, so that their names may say anything.
    by_model: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn new(table: &'a Table, input: &'a NarrateInput) -> Self {
        Self { table, input, layout: Layout::of(table, input), by_model: false }
    }

    /// The same, of a statement or query that a model wrote where `by_model`.
    pub(super) fn named_by_model(mut self, by_model: bool) -> Self {
        self.by_model = by_model;
        self
    }

    /// What the column is called, where that says no figure: a number in a name is Leo's or the host's, and none that a model put there.
    pub(super) fn label(&self, column: usize) -> Option<&str> {
        let label = self.layout.label(column);
        let is_name = label.contains(char::is_alphabetic) && !(self.by_model && has_number(label));
        is_name.then_some(label)
    }

    /// Columns that measure, or belong to one that does.
    pub(super) fn figures(&self) -> impl Iterator<Item = usize> {
        (0..self.table.num_columns()).filter(|column| self.format(*column).is_some() && !self.is_name(*column))
    }

    /// A row by its number, from 1.
    pub(super) fn row(&self, number: &str) -> Option<usize> {
        let row = number.trim().parse::<usize>().ok()?.checked_sub(1)?;
        (row < self.table.num_rows()).then_some(row)
    }

    /// A column by its name, in letters of any case where that is one column's alone, or by its number: `#2`.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        if let Some(number) = name.strip_prefix('#') {
            let column = number.parse::<usize>().ok()?.checked_sub(1)?;
            return (column < self.table.num_columns()).then_some(column);
        }
        let only = |is_it: &dyn Fn(&str) -> bool| {
            let mut found = (0..self.table.num_columns()).filter(|column| is_it(self.table.column_name(*column)));
            found.next().filter(|_| found.next().is_none())
        };
        only(&|own| own == name).or_else(|| only(&|own| own.to_lowercase() == name.to_lowercase()))
    }

    /// The measure that is `column`.
    pub(super) fn measure(&self, column: usize) -> Option<&MeasureColumns> {
        self.layout.measures.iter().find(|measure| measure.column == column)
    }

    /// Whether the column names rows.
    pub(super) fn is_name(&self, column: usize) -> bool {
        self.layout.dimensions.contains(&column)
    }

    /// How values of the column are written; nothing for one that is not quoted.
    pub(super) fn format(&self, column: usize) -> Option<Format> {
        if let Some(measure) = self.measure(column) {
            return Some(Format::Number(measure.unit.clone()));
        }
        for measure in &self.layout.measures {
            if measure.previous == Some(column) {
                return Some(Format::Number(measure.unit.clone()));
            }
            if measure.change == Some(column) {
                return Some(Format::Signed(measure.unit.clone()));
            }
            if measure.change_pct == Some(column) {
                return Some(Format::Signed(Unit::Fraction));
            }
        }
        self.is_name(column).then(|| self.layout.name_format(column))
    }

    /// Whether the column's values may be added up, and their sum be told as the whole.
    pub(super) fn adds_up(&self, column: usize) -> bool {
        let is_part = |unit: &Unit| matches!(unit, Unit::Fraction | Unit::Percent);
        let measure = self.measure(column).filter(|measure| measure.additive && !is_part(&measure.unit));
        measure.is_some() && !self.input.truncated && !self.input.limited
    }

    /// Whether the greatest (least) value of these rows is that of all.
    ///
    /// Of rows that were chosen, such as the five with the highest revenue, it is where they begin with it.
    pub(super) fn knows_extreme(&self, column: usize, least: bool) -> bool {
        if self.measure(column).is_none() || self.input.truncated {
            return false;
        }
        let value = |row: Option<usize>| row.and_then(|row| number(&self.table.value(row, column)));
        let last = self.table.num_rows().checked_sub(1);
        let begins_with_it = || match (value(last.map(|_| 0)), value(last)) {
            (Some(first), Some(last)) => self.layout.shape.columns[column].ordered && (first > last) != least && first != last,
            _ => false,
        };
        !self.input.limited || begins_with_it()
    }

    /// The one row with the greatest (least) value, where that is of all and its period is over.
    pub(super) fn extreme(&self, column: usize, least: bool) -> Option<usize> {
        if !self.knows_extreme(column, least) {
            return None;
        }
        let values = (0..self.table.num_rows()).filter_map(|row| Some((row, number(&self.table.value(row, column))?)));
        let (row, _) = values.reduce(|best, own| if (own.1 > best.1) != least && own.1 != best.1 { own } else { best })?;
        let is_one = Claim::Extreme { row, column, least }.holds(self.table);
        (is_one && Some(row) != self.unfinished()).then_some(row)
    }

    /// The row of a period that is not over.
    pub(super) fn unfinished(&self) -> Option<usize> {
        let time = self.layout.timeline().filter(|_| self.input.incomplete)?;
        ordered_rows(self.table, time).last().copied()
    }

    /// Whether `to` comes later than `from`, and its period is over.
    pub(super) fn goes_on(&self, from: usize, to: usize) -> bool {
        // A row for each period: with several, nobody knows which of them goes on where.
        let Some(time) = self.layout.timeline().filter(|_| self.layout.dimensions.len() == 1) else { return false };
        let order = ordered_rows(self.table, time);
        let place = |row: usize| order.iter().position(|own| *own == row);
        let is_later = matches!((place(from), place(to)), (Some(from), Some(to)) if from < to);
        is_later && self.unfinished() != Some(to)
    }

    /// The first and the last period.
    pub(super) fn ends(&self) -> Option<(usize, usize)> {
        let order = ordered_rows(self.table, self.layout.timeline()?);
        Some((*order.first()?, *order.last()?))
    }
}
