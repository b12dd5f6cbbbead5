//! What measures are made of, and whose rows each part aggregates.

use super::scalar::fields;
use super::{ColumnUnit, Compiler};
use crate::catalog::Table;
use crate::error::{Error, Result};
use crate::query::join::{Path, Row};
use crate::query::model::{Aggregate, Field, Filter, Measure, Scalar, SemanticQuery};
use crate::query::validate::unknown_metric;

/// The table whose rows are aggregated, and how it lies to the query's `from`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GrainTable<'a> {
    pub(super) table: &'a Table,
    /// From `from`; `None` when nothing connects them.
    pub(super) lead: Option<Path>,
}

/// One aggregate function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Function<'q> {
    CountRows,
    Count(&'q Scalar),
    CountDistinct(&'q Scalar),
    Sum(&'q Scalar),
    Avg(&'q Scalar),
    Min(&'q Scalar),
    Max(&'q Scalar),
}

impl<'q> Function<'q> {
    pub(super) fn scalar(self) -> Option<&'q Scalar> {
        match self {
            Self::CountRows => None,
            Self::Count(scalar)
            | Self::CountDistinct(scalar)
            | Self::Sum(scalar)
            | Self::Avg(scalar)
            | Self::Min(scalar)
            | Self::Max(scalar) => Some(scalar),
        }
    }

    /// Whether seeing a row twice changes nothing.
    pub(super) fn ignores_repeats(self) -> bool {
        matches!(self, Self::CountDistinct(_) | Self::Min(_) | Self::Max(_))
    }

    /// Whether no rows mean 0 and not NULL.
    pub(super) fn counts(self) -> bool {
        matches!(self, Self::CountRows | Self::Count(_) | Self::CountDistinct(_))
    }

    pub(super) fn unit(self) -> Option<ColumnUnit> {
        match self {
            _ if self.counts() => Some(ColumnUnit::Count),
            _ => self.scalar().and_then(unit_of),
        }
    }
}

/// In what the values of a scalar are counted.
pub(super) fn unit_of(scalar: &Scalar) -> Option<ColumnUnit> {
    matches!(scalar, Scalar::DaysBetween { .. }).then_some(ColumnUnit::Days)
}

/// One aggregate function over the rows of one table.
#[derive(Debug, Clone)]
pub(super) struct Atom<'q> {
    /// Index into [`Plan::grains`].
    pub(super) grain: usize,
    pub(super) function: Function<'q>,
    pub(super) filters: Vec<&'q Filter>,
    /// Name of its column where it needs one.
    pub(super) name: String,
}

/// How a measure is made of atoms.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    Atom(usize),
    Ratio(usize, usize),
}

/// All measures of a query, taken apart.
#[derive(Debug)]
pub(super) struct Plan<'a, 'q> {
    pub(super) grains: Vec<GrainTable<'a>>,
    pub(super) atoms: Vec<Atom<'q>>,
    pub(super) shapes: Vec<Shape>,
}

impl<'a> Compiler<'a> {
    /// Takes the measures of a query apart.
    pub(super) fn plan<'q>(&mut self, query: &'q SemanticQuery) -> Result<Plan<'a, 'q>> {
        let mut plan = Plan { grains: Vec::new(), atoms: Vec::new(), shapes: Vec::new() };
        for measure in &query.measures {
            let shape = match &measure.aggregate {
                Aggregate::Ratio { numerator, denominator } => {
                    let outer: Vec<&Filter> = measure.filter.iter().collect();
                    let above = self.atom(&mut plan, query, numerator, &outer, format!("{}_numerator", measure.name))?;
                    let below = self.atom(&mut plan, query, denominator, &outer, format!("{}_denominator", measure.name))?;
                    Shape::Ratio(above, below)
                }
                _ => Shape::Atom(self.atom(&mut plan, query, measure, &[], measure.name.clone())?),
            };
            plan.shapes.push(shape);
        }
        Ok(plan)
    }

    fn atom<'q>(
        &mut self,
        plan: &mut Plan<'a, 'q>,
        query: &SemanticQuery,
        measure: &'q Measure,
        outer: &[&'q Filter],
        name: String,
    ) -> Result<usize> {
        let function = match &measure.aggregate {
            Aggregate::CountRows(_) => Function::CountRows,
            Aggregate::Count(scalar) => Function::Count(scalar),
            Aggregate::CountDistinct(scalar) => Function::CountDistinct(scalar),
            Aggregate::Sum(scalar) => Function::Sum(scalar),
            Aggregate::Avg(scalar) => Function::Avg(scalar),
            Aggregate::Min(scalar) => Function::Min(scalar),
            Aggregate::Max(scalar) => Function::Max(scalar),
            Aggregate::Ratio { .. } => {
                return Err(Error::malformed("the parts of a ratio cannot be ratios; use plain aggregates"));
            }
            Aggregate::Metric(name) => return Err(unknown_metric(name)),
        };
        let grain = self.grain_of(query, &measure.aggregate, function)?;
        let index = plan.grains.iter().position(|known| *known == grain).unwrap_or_else(|| {
            plan.grains.push(grain);
            plan.grains.len() - 1
        });
        let filters = measure.filter.iter().chain(outer.iter().copied()).collect();
        plan.atoms.push(Atom { grain: index, function, filters, name });
        Ok(plan.atoms.len() - 1)
    }

    /// The table whose rows an aggregate counts: the one named, or the most detailed one among the fields. Aggregates that do
    /// not mind repeated rows stay with the rows of `from` when these lead to one row of each field's table.
    fn grain_of(&mut self, query: &SemanticQuery, aggregate: &Aggregate, function: Function<'_>) -> Result<GrainTable<'a>> {
        let from = self.catalog.require_table(&query.from)?;
        if let Aggregate::CountRows(table) = aggregate {
            let table = self.catalog.require_table(table)?;
            return Ok(GrainTable { table, lead: self.paths.between(from, table) });
        }
        let mut wanted: Vec<&Field> = Vec::new();
        if let Some(scalar) = function.scalar() {
            fields(scalar, false, &mut wanted);
        }
        let own = GrainTable { table: from, lead: Some(Vec::new()) };
        if wanted.is_empty() {
            return Ok(own);
        }
        let own_row = Row::of(from);
        if (function.ignores_repeats() || wanted.iter().any(|field| self.is_table(field, from)))
            && self.reaches_all(&own_row, &wanted)
        {
            return Ok(own);
        }
        for field in &wanted {
            let table = self.catalog.require_table(&field.table)?;
            let lead = match own_row.field(&mut self.paths, table, &field.via) {
                Ok(lead) => Some(lead),
                Err(_) if field.via.is_empty() => None,
                Err(error) => return Err(error),
            };
            let row = Row::Query { from, grain: table, lead: lead.clone() };
            if self.reaches_all(&row, &wanted) {
                return Ok(GrainTable { table, lead });
            }
        }
        let mut tables: Vec<String> = wanted.iter().map(|field| format!("`{}`", field.table)).collect();
        tables.dedup();
        Err(Error::unsupported(format!(
            "no row of one of {} leads to exactly one row of the others, so a formula over them would count rows several times; \
             aggregate each on its own",
            tables.join(", ")
        )))
    }

    fn is_table(&self, field: &Field, table: &Table) -> bool {
        field.via.is_empty() && self.catalog.table(&field.table).is_some_and(|own| own.name == table.name)
    }

    /// Whether a row leads to at most one row of each field's table.
    fn reaches_all(&mut self, row: &Row<'a>, wanted: &[&Field]) -> bool {
        wanted.iter().all(|field| self.path_of(row, field).is_ok_and(|path| !self.paths.any_fans(&path)))
    }
}
