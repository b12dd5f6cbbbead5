//! From a reading to a semantic query: which rows are aggregated or listed, what is joined upwards, what becomes an existence.

mod conditions;
mod dimensions;
mod grouped;
mod listing;

use std::collections::BTreeSet;

use super::reading::{Ask, CompareBase, ConditionKind, Extreme, Group, MeasureAsk, MeasureOf, Reading, SortBy};
use super::schema::{ColumnId, Path, SchemaIndex};
use crate::ask::planner::plan::Intent;
use crate::query::{Comparison, ComparisonBase, Scalar, SemanticQuery};

/// A query made of a reading.
#[derive(Debug, Clone)]
pub(super) struct Built {
    pub(super) query: SemanticQuery,
    pub(super) intent: Intent,
    pub(super) assumptions: Vec<String>,
    /// What does not quite fit.
    pub(super) doubts: u32,
    /// Joins, each relationship once.
    pub(super) steps: usize,
}

/// Makes the query of a reading, or `None` when the reading asks for nothing or its tables are not connected.
pub(super) fn build(reading: &Reading, index: &SchemaIndex) -> Option<Built> {
    let mut builder = Builder {
        index,
        reading,
        names: Vec::new(),
        assumptions: reading.assumptions.clone(),
        doubts: reading.doubts,
        steps: 0,
        joined: BTreeSet::new(),
        multiplied: false,
    };
    let (query, intent) = builder.run()?;
    let steps = builder.steps + builder.joined.len();
    Some(Built { query, intent, assumptions: builder.assumptions, doubts: builder.doubts, steps })
}

struct Builder<'a> {
    index: &'a SchemaIndex,
    reading: &'a Reading,
    /// Output names given.
    names: Vec<String>,
    assumptions: Vec<String>,
    doubts: u32,
    /// Existences, and the joins of parts that were built by themselves.
    steps: usize,
    /// Relationships joined along.
    joined: BTreeSet<usize>,
    /// Whether a column lies behind a join that multiplies rows.
    multiplied: bool,
}

impl<'a> Builder<'a> {
    fn run(&mut self) -> Option<(SemanticQuery, Intent)> {
        let entity = self.entity()?;
        // "both A and B" that no single row can meet: two queries, and what is in both.
        if let Some((first, second)) = self.split_both(entity) {
            let (mut left, right) = (build(&first, self.index)?, build(&second, self.index)?);
            left.query.set = Some((crate::query::SetOperator::Intersect, Box::new(right.query)));
            self.assumptions = left.assumptions;
            self.doubts += left.doubts + right.doubts;
            self.steps += left.steps + right.steps;
            return Some((left.query, left.intent));
        }
        let measured = self.reading.asks.iter().any(|ask| matches!(ask, Ask::Measure(_)))
            || self.reading.extreme.as_ref().is_some_and(|extreme| matches!(extreme.by, SortBy::Measure(_)))
            || self.reading.order.iter().any(|sort| matches!(sort.by, SortBy::Measure(_)))
            || self.reading.conditions.iter().any(|condition| {
                matches!(
                    condition.kind,
                    ConditionKind::GroupCount(..) | ConditionKind::Measure(..) | ConditionKind::MeasureAboveAverage(..)
                )
            });
        if measured { self.grouped(entity) } else { self.listing(entity) }
    }

    /// The table the question is about.
    fn entity(&self) -> Option<usize> {
        let reading = self.reading;
        let asked = reading.asks.iter().find_map(|ask| match ask {
            Ask::Column(column) | Ask::RowOf(column) => Some(column.table),
            Ask::Rows(table) | Ask::Everything(table) => Some(*table),
            Ask::Measure(MeasureAsk { of, .. }) => self.measure_table(of),
            Ask::When | Ask::Where => None,
        });
        let sorted = |by: &SortBy| match by {
            SortBy::Column(column) => Some(column.table),
            SortBy::Measure(of) => self.measure_table(of),
            SortBy::First => None,
        };
        reading
            .entity
            .or(asked)
            .or_else(|| {
                reading.groups.iter().find_map(|group| match group {
                    Group::Column(column) | Group::RowOf(column) => Some(column.table),
                    Group::Table(table) => Some(*table),
                    Group::Time(_) => None,
                })
            })
            .or_else(|| reading.extreme.as_ref().and_then(|extreme| sorted(&extreme.by)))
            .or_else(|| reading.conditions.iter().find_map(|condition| self.condition_table(&condition.kind)))
            .or_else(|| reading.tables.first().copied())
    }

    fn measure_table(&self, of: &MeasureOf) -> Option<usize> {
        Some(match of {
            MeasureOf::Rows => return None,
            MeasureOf::Count(table) | MeasureOf::PerRow(table, _) | MeasureOf::Rate(table) => *table,
            MeasureOf::CountDistinct(column) | MeasureOf::Function(_, column) => column.table,
            MeasureOf::Metric(metric) | MeasureOf::MetricPart(_, metric) => self.index.metrics[*metric].table,
        })
    }

    /// The table a condition speaks of.
    fn condition_table(&self, kind: &ConditionKind) -> Option<usize> {
        Some(match kind {
            ConditionKind::Compare(column, ..)
            | ConditionKind::Between(column, ..)
            | ConditionKind::Text(column, ..)
            | ConditionKind::Null(column)
            | ConditionKind::AgainstAll(column, ..)
            | ConditionKind::Columns(column, ..)
            | ConditionKind::Window(Some(column), _) => column.table,
            ConditionKind::Related(table) | ConditionKind::Count(table, ..) | ConditionKind::ExtremeOf(table, _) => *table,
            ConditionKind::Measure(of, ..) | ConditionKind::MeasureAboveAverage(of, _) => self.measure_table(of)?,
            ConditionKind::Window(None, _) | ConditionKind::GroupCount(..) | ConditionKind::Repeat(..) => return None,
        })
    }

    fn path(&self, from: usize, to: usize) -> Option<Path> {
        self.index.relations.path(from, to)
    }

    /// Whether `to` is the same table or reached without multiplying rows.
    fn above(&self, from: usize, to: usize) -> bool {
        self.path(from, to).is_some_and(|path| path.is_single())
    }

    /// A name for an output column, unique in the query.
    fn name(&mut self, wanted: &str) -> String {
        let wanted = if wanted.is_empty() { "value" } else { wanted };
        let mut name = wanted.to_owned();
        let mut number = 2;
        while self.names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        self.names.push(name.clone());
        name
    }

    /// The date column of a table's rows: its own, or its parent's.
    fn time_of(&self, table: usize) -> Option<ColumnId> {
        self.index.tables[table].time
    }

    /// A column as a scalar, joined along the preferred path.
    fn scalar(&mut self, from: usize, column: ColumnId) -> Scalar {
        if let Some(path) = self.path(from, column.table) {
            self.multiplied |= !path.is_single();
            self.joined.extend(path.steps.iter().map(|step| step.relationship));
        }
        Scalar::Field(self.index.field(column))
    }

    /// Sets the comparison of two windows, if one was asked for.
    fn compare(&mut self, query: &mut SemanticQuery, from: usize) -> Option<()> {
        let Some(compare) = &self.reading.compare else { return Some(()) };
        let time = self.time_of(from)?;
        let base = match &compare.base {
            CompareBase::Previous => ComparisonBase::PreviousPeriod,
            CompareBase::PreviousYear => ComparisonBase::PreviousYear,
            CompareBase::Window(window) => ComparisonBase::Window(window.window.clone()),
        };
        query.compare = Some(Comparison { time: self.index.field(time), window: compare.window.window.clone(), base });
        self.note_time(time);
        Some(())
    }

    fn note_time(&mut self, time: ColumnId) {
        let note = format!("dates are those of {}.{}", self.index.table(time.table).name.name, self.index.column(time).name);
        if !self.assumptions.contains(&note) {
            self.assumptions.push(note);
        }
    }

    /// When "both A and B" cannot be met by one row: the reading with A, and the one with B.
    fn split_both(&mut self, entity: usize) -> Option<(Reading, Reading)> {
        if !self.reading.both {
            return None;
        }
        let conditions = &self.reading.conditions;
        let pair = (0..conditions.len().saturating_sub(1)).rev().find(|&at| {
            let (a, b) = (&conditions[at], &conditions[at + 1]);
            !b.or
                && a.inside.is_none()
                && b.inside.is_none()
                && match (&a.kind, &b.kind) {
                    (ConditionKind::Compare(x, ..), ConditionKind::Compare(y, ..)) => x == y,
                    (ConditionKind::Window(x, _), ConditionKind::Window(y, _)) => x == y,
                    (ConditionKind::Related(x), ConditionKind::Related(y)) => x != y,
                    _ => false,
                }
        })?;
        if matches!(conditions[pair].kind, ConditionKind::Related(_)) {
            return None;
        }
        // Rows of another table: each of the two may be met by a row of its own, which existence says better.
        if let Some(table) = self.condition_table(&conditions[pair].kind) {
            let rows_asked = self.reading.asks.iter().all(|ask| matches!(ask, Ask::Rows(_) | Ask::Measure(_)));
            if !self.above(entity, table) && rows_asked {
                return None;
            }
        }
        let mut first = self.reading.clone();
        let mut second = self.reading.clone();
        first.both = false;
        second.both = false;
        first.conditions.remove(pair + 1);
        second.conditions.remove(pair);
        Some((first, second))
    }

    /// The order and limit of an extreme whose key has an output name.
    fn limit_to(&self, query: &mut SemanticQuery, extreme: &Extreme, by: String, within: Vec<String>) {
        let order = crate::query::Order { by, descending: extreme.descending };
        if extreme.per_group && !within.is_empty() {
            // Group by group, the first of each at its head.
            let shown = |name: &&String| query.dimensions.iter().any(|dimension| dimension.name == **name && !dimension.hidden);
            let mut keys: Vec<crate::query::Order> =
                within.iter().filter(shown).map(|name| crate::query::Order { by: name.clone(), descending: false }).collect();
            keys.push(order.clone());
            query.order = keys;
            query.top_per = Some(crate::query::TopPer { within, n: extreme.n, by: order });
        } else {
            query.order = vec![order];
            query.limit = Some(extreme.n);
        }
    }
}
