//! Does a query make sense against the catalogue? Everything that can be said without looking for join paths.

use std::collections::HashSet;

use super::compile::ComparisonColumn;
use super::literal::{Kind, Moment, fitted, holds_numbers, moment_beside, taken_as_is};
use super::model::{
    Aggregate, Dimension, Field, Filter, Grain, HavingValue, Measure, Operator, Order, Scalar, SemanticQuery, Transform,
};
use crate::catalog::{Catalog, Column, LogicalType, TimeEncoding, nearest};
use crate::error::{Error, Result};
use crate::value::Value;

/// Queries within queries.
const MAX_QUERIES_DEEP: usize = 4;
/// Filters within filters and scalars within scalars.
const MAX_DEEP: usize = 16;
/// Filters and scalars in all: statements must stay within what parsers and engines take.
const MAX_NODES: usize = 400;
/// Values of one list.
const MAX_LIST: usize = 2_000;
/// Largest limit; beyond it some engines refuse the number.
const MAX_LIMIT: u64 = i64::MAX as u64;

/// Checks names, types and sizes of `query` and of the queries within it.
///
/// # Errors
/// `NotFound` for names, proposing near ones; `Malformed` for what does not fit together; `LimitExceeded` for size.
pub(crate) fn validate(query: &SemanticQuery, catalog: &Catalog) -> Result<()> {
    Validator { catalog, nodes: 0 }.query(query, 0)
}

/// A metric whose definition was not put in its place.
pub(crate) fn unknown_metric(name: &str) -> Error {
    Error::not_found(format!("no metric `{name}` is known here, or it is inside of another query; write out what it computes"))
}

impl SemanticQuery {
    /// Checks the query against the catalogue: names, types, sizes. Whether its tables can be joined shows when it is compiled.
    ///
    /// # Errors
    /// `NotFound` for names that do not exist, proposing near ones; `Malformed` for parts that do not fit together;
    /// `LimitExceeded` when it is nested or long beyond reason.
    pub fn validate(&self, catalog: &Catalog) -> Result<()> {
        validate(self, catalog)
    }

    /// Names of the columns of the result, in order.
    pub fn output_names(&self) -> Vec<String> {
        let shown = self.dimensions.iter().filter(|dimension| !dimension.hidden);
        let mut names: Vec<String> = shown.map(|dimension| dimension.name.clone()).collect();
        for measure in self.measures.iter().filter(|measure| !measure.hidden) {
            names.push(measure.name.clone());
            if self.compare.is_some() {
                names.extend(ComparisonColumn::ALL.map(|kind| kind.of(&measure.name)));
            }
        }
        names
    }

    /// The dimension along which time runs: the first that is truncated to a stretch of time, else the first of dates.
    pub(crate) fn time_dimension(&self, catalog: &Catalog) -> Option<&Dimension> {
        let stretch = |dimension: &&Dimension| dimension.grain.is_some_and(Grain::is_stretch);
        let dates = |dimension: &&Dimension| match &dimension.value {
            Scalar::Field(field) => dimension.grain.is_none() && column(catalog, field).is_ok_and(|column| column.is_temporal()),
            _ => false,
        };
        self.dimensions.iter().find(stretch).or_else(|| self.dimensions.iter().find(dates))
    }
}

impl Grain {
    /// Whether the grain is a stretch of the calendar (a month of a year) and not a recurring part (any March).
    pub fn is_stretch(self) -> bool {
        !matches!(self, Self::HourOfDay | Self::DayOfWeek | Self::MonthOfYear | Self::QuarterOfYear)
    }
}

/// The column of a field.
pub(crate) fn column<'a>(catalog: &'a Catalog, field: &Field) -> Result<&'a Column> {
    let table = catalog.require_table(&field.table)?;
    catalog.require_column(table, &field.column)
}

struct Validator<'a> {
    catalog: &'a Catalog,
    nodes: usize,
}

impl Validator<'_> {
    fn query(&mut self, query: &SemanticQuery, depth: usize) -> Result<()> {
        if depth > MAX_QUERIES_DEEP {
            return Err(Error::limit_exceeded(format!("queries are nested more than {MAX_QUERIES_DEEP} deep; ask in steps")));
        }
        self.catalog.require_table(&query.from)?;
        if query.output_names().is_empty() {
            return Err(Error::malformed("the query asks for nothing; name at least one column or measure"));
        }
        self.names(query)?;
        for dimension in &query.dimensions {
            self.dimension(dimension)?;
        }
        for measure in &query.measures {
            self.measure(measure, query, depth)?;
        }
        if let Some(filter) = &query.filter {
            self.filter(filter, depth, 0)?;
        }
        self.groups(query)?;
        if let Some(compare) = &query.compare {
            if query.measures.is_empty() {
                return Err(Error::malformed("only measures can be compared with another period; add one"));
            }
            for measure in &query.measures {
                self.gives_a_number(measure, "set beside another period's")?;
            }
            self.temporal(&compare.time)?;
        }
        if let Some((_, other)) = &query.set {
            self.query(other, depth + 1)?;
            let (own, theirs) = (query.output_names().len(), other.output_names().len());
            if own != theirs {
                return Err(Error::malformed(format!(
                    "results of {own} and {theirs} columns cannot be combined; ask both for the same columns"
                )));
            }
        }
        Ok(())
    }

    fn names(&self, query: &SemanticQuery) -> Result<()> {
        let mut seen = HashSet::new();
        let own = query.dimensions.iter().map(|dimension| &dimension.name);
        let measures = query.measures.iter().map(|measure| &measure.name);
        let compared = query.measures.iter().filter(|_| query.compare.is_some());
        let added = compared.flat_map(|measure| ComparisonColumn::ALL.map(|kind| kind.of(&measure.name)));
        for name in own.chain(measures).cloned().chain(added) {
            if name.trim().is_empty() || name.chars().any(char::is_control) || name.chars().count() > 120 {
                return Err(Error::malformed("a name of an output column is empty, has control characters or more than 120"));
            }
            if !seen.insert(name.to_lowercase()) {
                return Err(Error::malformed(format!("two output columns are named `{name}`; give each its own name")));
            }
        }
        Ok(())
    }

    fn groups(&self, query: &SemanticQuery) -> Result<()> {
        let dimensions: Vec<&str> = query.dimensions.iter().map(|dimension| dimension.name.as_str()).collect();
        let measures: Vec<String> = query
            .measures
            .iter()
            .flat_map(|measure| {
                let added = query.compare.is_some().then(|| ComparisonColumn::ALL.map(|kind| kind.of(&measure.name)));
                std::iter::once(measure.name.clone()).chain(added.into_iter().flatten())
            })
            .collect();
        let known = |name: &str, among: &[&str], what: &str| {
            if among.contains(&name) {
                return Ok(());
            }
            let near = nearest(name, among.iter().copied(), 3);
            let hint = if near.is_empty() { among.join(", ") } else { near.join(", ") };
            Err(Error::not_found(format!("the query has no {what} named `{name}`; it has {hint}")))
        };
        let measure_names: Vec<&str> = measures.iter().map(String::as_str).collect();
        let all: Vec<&str> = dimensions.iter().copied().chain(measure_names.iter().copied()).collect();
        for having in &query.having {
            known(&having.measure, &measure_names, "measure")?;
            match &having.value {
                HavingValue::Value(Value::Null) => {
                    return Err(Error::malformed("a group is compared with NULL, which never holds; give a value"));
                }
                HavingValue::AverageOfGroups if query.dimensions.is_empty() => {
                    return Err(Error::malformed(
                        "without dimensions there is one group and no average of groups; add a dimension",
                    ));
                }
                _ => {}
            }
        }
        let ordered = |order: &Order| known(&order.by, &all, "column");
        query.order.iter().try_for_each(ordered)?;
        if let Some(top) = &query.top_per {
            ordered(&top.by)?;
            top.within.iter().try_for_each(|name| known(name, &dimensions, "dimension"))?;
            if top.n == 0 || top.n > MAX_LIMIT {
                return Err(Error::malformed("the number of rows kept for each group must be at least 1"));
            }
        }
        if query.limit.is_some_and(|limit| limit > MAX_LIMIT) {
            return Err(Error::malformed("the limit is too large; leave it out to get all rows"));
        }
        for measure in &query.measures {
            if let Transform::ShareOfTotal { within } = &measure.transform {
                within.iter().try_for_each(|name| known(name, &dimensions, "dimension"))?;
            }
        }
        Ok(())
    }

    fn dimension(&mut self, dimension: &Dimension) -> Result<()> {
        self.scalar(&dimension.value, 0)?;
        let Some(grain) = dimension.grain else { return Ok(()) };
        let Scalar::Field(field) = &dimension.value else {
            return Err(Error::malformed(format!(
                "`{}` has a time grain but is no column; use a column of dates",
                dimension.name
            )));
        };
        let column = self.temporal(field)?;
        let coarsest = match column.time_encoding {
            Some(TimeEncoding::Year) => Some(("years", matches!(grain, Grain::Year))),
            Some(TimeEncoding::YearMonth) => Some((
                "months",
                !matches!(grain, Grain::Hour | Grain::Day | Grain::Week | Grain::IsoWeek | Grain::HourOfDay | Grain::DayOfWeek),
            )),
            Some(TimeEncoding::IsoDate | TimeEncoding::CompactDate) => {
                Some(("days", !matches!(grain, Grain::Hour | Grain::HourOfDay)))
            }
            None | Some(TimeEncoding::Native) if column.data_type == LogicalType::Date => {
                Some(("days", !matches!(grain, Grain::Hour | Grain::HourOfDay)))
            }
            _ => None,
        };
        match coarsest {
            Some((stored, false)) => Err(Error::malformed(format!(
                "column `{}` stores {stored} only, which is coarser than the grain asked for; choose a coarser grain",
                column.name
            ))),
            _ => Ok(()),
        }
    }

    fn measure(&mut self, measure: &Measure, query: &SemanticQuery, depth: usize) -> Result<()> {
        self.count(1)?;
        if let Some(filter) = &measure.filter {
            self.filter(filter, depth, 0)?;
        }
        let additive = match &measure.aggregate {
            Aggregate::CountRows(table) => {
                self.catalog.require_table(table)?;
                true
            }
            Aggregate::Count(scalar) | Aggregate::CountDistinct(scalar) => {
                self.scalar(scalar, 0)?;
                true
            }
            Aggregate::Min(scalar) | Aggregate::Max(scalar) => {
                self.scalar(scalar, 0)?;
                false
            }
            Aggregate::Sum(scalar) | Aggregate::Avg(scalar) => {
                let kind = self.scalar(scalar, 0)?;
                if !matches!(kind, Kind::Number | Kind::Unknown) && !self.is_number_column(scalar) {
                    return Err(Error::malformed(format!(
                        "`{}` adds up what is {}; only numbers can be summed or averaged: count it, or choose a column of numbers",
                        measure.name,
                        kind.name()
                    )));
                }
                matches!(measure.aggregate, Aggregate::Sum(_))
            }
            Aggregate::Ratio { numerator, denominator } => {
                for part in [numerator, denominator] {
                    if part.transform != Transform::None || matches!(part.aggregate, Aggregate::Ratio { .. }) {
                        return Err(Error::malformed(format!(
                            "the parts of the ratio `{}` must be plain aggregates; apply transforms to the ratio",
                            measure.name
                        )));
                    }
                    self.measure(part, query, depth)?;
                    self.gives_a_number(part, "part of a ratio")?;
                }
                false
            }
            Aggregate::Metric(name) => return Err(unknown_metric(name)),
        };
        match &measure.transform {
            Transform::None => Ok(()),
            _ if !additive => Err(Error::malformed(format!(
                "`{}` is neither a sum nor a count, so shares and running totals of it mean nothing; use a sum or count",
                measure.name
            ))),
            Transform::RunningTotal if query.time_dimension(self.catalog).is_none() => {
                Err(Error::malformed(format!("the running total `{}` needs a dimension of time to run along", measure.name)))
            }
            _ => Ok(()),
        }
    }

    /// The smallest or largest of values that are no numbers is none either, and cannot be reckoned with.
    fn gives_a_number(&mut self, measure: &Measure, place: &str) -> Result<()> {
        let (Aggregate::Min(scalar) | Aggregate::Max(scalar)) = &measure.aggregate else { return Ok(()) };
        let kind = self.scalar(scalar, 0)?;
        if matches!(kind, Kind::Number | Kind::Unknown) {
            return Ok(());
        }
        Err(Error::malformed(format!(
            "`{}` is {} and cannot be {place}; use a number, or the days between two dates",
            measure.name,
            kind.name()
        )))
    }

    fn is_number_column(&self, scalar: &Scalar) -> bool {
        matches!(scalar, Scalar::Field(field) if column(self.catalog, field).is_ok_and(holds_numbers))
    }

    fn count(&mut self, nodes: usize) -> Result<()> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(Error::limit_exceeded(format!("the query has more than {MAX_NODES} parts; ask for less at once")));
        }
        Ok(())
    }

    fn deep(depth: usize) -> Result<()> {
        if depth > MAX_DEEP {
            return Err(Error::limit_exceeded(format!(
                "filters or formulas are nested more than {MAX_DEEP} deep; simplify them"
            )));
        }
        Ok(())
    }

    fn temporal(&mut self, field: &Field) -> Result<&Column> {
        let column = column(self.catalog, field)?;
        if column.is_temporal() {
            return Ok(column);
        }
        let table = self.catalog.require_table(&field.table)?;
        let dates: Vec<String> =
            table.columns.iter().filter(|column| column.is_temporal()).map(|column| format!("`{}`", column.name)).collect();
        Err(Error::malformed(match dates.as_slice() {
            [] => format!("column `{}` of `{}` holds no dates, nor does any other of that table", column.name, table.name),
            some => format!("column `{}` of `{}` holds no dates; use {}", column.name, table.name, some.join(", ")),
        }))
    }

    fn scalar(&mut self, scalar: &Scalar, depth: usize) -> Result<Kind> {
        self.count(1)?;
        Self::deep(depth)?;
        match scalar {
            Scalar::Field(field) => {
                let column = column(self.catalog, field)?;
                Ok(Kind::of(column))
            }
            Scalar::Literal(value) => Ok(Kind::of_value(value)),
            Scalar::Arithmetic { left, right, .. } => {
                for side in [left, right] {
                    let kind = self.scalar(side, depth + 1)?;
                    if !matches!(kind, Kind::Number | Kind::Unknown) && !self.is_number_column(side) {
                        return Err(Error::malformed(format!(
                            "arithmetic with {} is not possible; use columns of numbers{}",
                            if kind == Kind::Text { "text" } else { kind.name() },
                            if kind == Kind::Temporal { ", or the days between two dates" } else { "" }
                        )));
                    }
                }
                Ok(Kind::Number)
            }
            Scalar::DaysBetween { from, to } => {
                for side in [from, to] {
                    match side.as_ref() {
                        Scalar::Literal(value) => {
                            if value.as_str().and_then(Moment::parse).is_none() {
                                return Err(Error::malformed("days are counted between dates; write one as `2024-03-31`"));
                            }
                        }
                        Scalar::Field(field) => {
                            self.temporal(field)?;
                        }
                        _ => {
                            return Err(Error::malformed(
                                "days are counted between two columns of dates, or a column and a date",
                            ));
                        }
                    }
                }
                Ok(Kind::Number)
            }
            Scalar::Coalesce(items) => {
                if items.is_empty() {
                    return Err(Error::malformed("a choice of the first value needs at least one value"));
                }
                let mut common = Kind::Unknown;
                for item in items {
                    let kind = self.scalar(item, depth + 1)?;
                    if common != Kind::Unknown && kind != Kind::Unknown && kind != common {
                        return Err(Error::malformed(format!(
                            "a choice of the first value mixes {} and {}; use values of one kind",
                            common.name(),
                            kind.name()
                        )));
                    }
                    common = if kind == Kind::Unknown { common } else { kind };
                }
                Ok(common)
            }
        }
    }

    fn filter(&mut self, filter: &Filter, depth: usize, deep: usize) -> Result<()> {
        self.count(1)?;
        Self::deep(deep)?;
        match filter {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().try_for_each(|part| self.filter(part, depth, deep + 1)),
            Filter::Not(part) => self.filter(part, depth, deep + 1),
            Filter::Compare { left, op, right } => self.compare(left, *op, right),
            Filter::In { value, set } => {
                self.scalar(value, 0)?;
                if set.len() > MAX_LIST {
                    return Err(Error::limit_exceeded(format!(
                        "a list has more than {MAX_LIST} values; ask for a range instead"
                    )));
                }
                set.iter().try_for_each(|constant| self.constant(value, constant, Operator::Equal))
            }
            Filter::Between { value, low, high } => {
                self.scalar(value, 0)?;
                self.constant(value, low, Operator::GreaterOrEqual)?;
                self.constant(value, high, Operator::LessOrEqual)
            }
            Filter::Text { value, .. } => {
                let kind = self.scalar(value, 0)?;
                if matches!(kind, Kind::Text | Kind::Unknown) {
                    Ok(())
                } else {
                    Err(Error::malformed(format!(
                        "text is sought in what is {}; compare it with a value of its own kind instead",
                        kind.name()
                    )))
                }
            }
            Filter::IsNull(value) => self.scalar(value, 0).map(|_| ()),
            Filter::During { value, .. } => self.temporal(value).map(|_| ()),
            Filter::Exists { table, filter, at_least } => {
                self.catalog.require_table(table)?;
                if *at_least == 0 {
                    return Err(Error::malformed("at least 0 rows always exist; ask for at least 1, or negate the condition"));
                }
                filter.iter().try_for_each(|filter| self.filter(filter, depth, deep + 1))
            }
            Filter::InQuery { value, query } => {
                self.scalar(value, 0)?;
                self.single_column(query, depth)
            }
            Filter::CompareQuery { left, query, .. } => {
                self.scalar(left, 0)?;
                self.single_column(query, depth)?;
                if !query.dimensions.is_empty() && query.limit != Some(1) {
                    return Err(Error::malformed(
                        "a value is compared with a query of many rows; ask it for one measure without dimensions, or limit it to 1",
                    ));
                }
                Ok(())
            }
            Filter::FollowedBy { event, time, .. } => {
                let own = &self.catalog.require_table(event)?.name;
                let table = &self.catalog.require_table(&time.table)?.name;
                if own != table {
                    return Err(Error::malformed(format!(
                        "the time of the events must be a column of `{own}`, not of `{table}`"
                    )));
                }
                self.temporal(time).map(|_| ())
            }
        }
    }

    fn single_column(&mut self, query: &SemanticQuery, depth: usize) -> Result<()> {
        self.query(query, depth + 1)?;
        match query.output_names().len() {
            1 => Ok(()),
            columns => Err(Error::malformed(format!("the query within has {columns} columns where one is needed; keep one"))),
        }
    }

    fn compare(&mut self, left: &Scalar, op: Operator, right: &Scalar) -> Result<()> {
        let (left_kind, right_kind) = (self.scalar(left, 0)?, self.scalar(right, 0)?);
        match (left, right) {
            (_, Scalar::Literal(constant)) => self.constant(left, constant, op),
            (Scalar::Literal(constant), _) => self.constant(right, constant, op),
            _ => {
                let numbers = |scalar: &Scalar, kind: Kind| kind == Kind::Number || self.is_number_column(scalar);
                if left_kind == right_kind
                    || left_kind == Kind::Unknown
                    || right_kind == Kind::Unknown
                    || (numbers(left, left_kind) && numbers(right, right_kind))
                {
                    return Ok(());
                }
                Err(Error::malformed(format!(
                    "what is {} is compared with what is {}; compare values of one kind",
                    left_kind.name(),
                    right_kind.name()
                )))
            }
        }
    }

    /// Whether a constant fits what it is compared with.
    fn constant(&mut self, value: &Scalar, constant: &Value, op: Operator) -> Result<()> {
        if let Scalar::Field(field) = value {
            let column = column(self.catalog, field)?;
            return if column.is_temporal() && taken_as_is(constant, column, op, self.catalog.dialect) {
                Ok(())
            } else if column.is_temporal() {
                moment_beside(constant, column).map(|_| ())
            } else {
                fitted(constant, column, op).map(|_| ())
            };
        }
        let kind = self.scalar(value, 0)?;
        let own = Kind::of_value(constant);
        if constant.is_null() {
            return Err(Error::malformed("a value is compared with NULL, which never holds; ask whether it is NULL"));
        }
        if kind == own || kind == Kind::Unknown || own == Kind::Unknown || (kind == Kind::Temporal && own == Kind::Text) {
            return Ok(());
        }
        Err(Error::malformed(format!("what is {} is compared with {}; compare values of one kind", kind.name(), own.name())))
    }
}
