//! Queries with measures: which rows are aggregated, by what groups, which groups count.

use super::Builder;
use super::conditions::{WindowsOf, aggregate};
use crate::ask::planner::builtin::lexicon::Function;
use crate::ask::planner::builtin::reading::{Ask, ConditionKind, Extreme, Group, MeasureAsk, MeasureOf, SortBy};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::ask::planner::plan::Intent;
use crate::query::{Aggregate, Filter, Having, HavingValue, Measure, Operator, Order, Scalar, SemanticQuery, Transform};

impl Builder<'_> {
    pub(super) fn grouped(&mut self, entity: usize) -> Option<(SemanticQuery, Intent)> {
        let rows = self.counted_rows(entity);
        let from = self.aggregated_table(entity, rows)?;
        let mut query = SemanticQuery::new(self.index.table(from).name.clone());
        let per = self.per_row_group();
        let within = if per.is_none() { self.add_groups(&mut query, from)? } else { Vec::new() };
        self.add_asked(&mut query, from, entity, true)?;
        // Revenue by what its customers also did: a row would count in several groups, which is seldom meant.
        self.doubts += u32::from(self.multiplied);
        for ask in &self.reading.asks.clone() {
            if let Ask::Measure(measure) = ask {
                let built = self.measure(measure, rows, entity, per)?;
                query.measures.push(built);
            }
        }
        // "how many customers ordered": the window dates the order. "revenue last month": it dates the revenue's own rows.
        let counts_only = query.measures.iter().all(|measure| matches!(measure.aggregate, Aggregate::CountRows(_)));
        let windows = if counts_only && !query.measures.is_empty() || query.measures.is_empty() {
            WindowsOf::Events
        } else {
            WindowsOf::Rows
        };
        query.filter = self.filters(from, windows)?;
        if self.reading.extreme.is_some() {
            self.ranked_rows_exist(&mut query, from);
        }
        self.share_without_groups(&mut query);
        self.having(&mut query, from, rows, entity)?;
        self.compare(&mut query, from)?;
        self.order(&mut query, from, rows, entity, within)?;
        if query.measures.is_empty() {
            return None;
        }
        let intent = self.intent(&query);
        Some((query, intent))
    }

    /// Among ranked rows of a table, rows that point at none of them have no place.
    fn ranked_rows_exist(&mut self, query: &mut SemanticQuery, from: usize) {
        let mut tables: Vec<usize> = Vec::new();
        for ask in &self.reading.asks {
            match ask {
                Ask::Rows(table) => tables.push(*table),
                Ask::Column(column) if self.names_row(*column) => tables.push(column.table),
                _ => {}
            }
        }
        for table in tables {
            let (Some(path), Some(key)) = (self.path(from, table), self.index.key(table)) else { continue };
            let catalog = self.index.catalog();
            let open = path.is_single()
                && path.steps.iter().any(|step| {
                    let relationship = &catalog.relationships[step.relationship];
                    let child = catalog.table(&relationship.child);
                    relationship.child_columns.iter().any(|name| {
                        child.and_then(|child| child.column(name)).is_some_and(|column| {
                            column.nullable && column.statistics.as_ref().is_none_or(|statistics| statistics.null_share > 0.0)
                        })
                    })
                });
            if open {
                let known = Filter::Not(Box::new(Filter::IsNull(Scalar::Field(self.index.field(key)))));
                let bare = std::mem::replace(query, SemanticQuery::new(self.index.table(from).name.clone()));
                *query = bare.and(known);
            }
        }
    }

    /// The table whose rows are meant where only "most" or "most common" is said.
    fn counted_rows(&mut self, entity: usize) -> usize {
        let common = self.reading.extreme.as_ref().is_some_and(|extreme| matches!(extreme.by, SortBy::Measure(MeasureOf::Rows)));
        let asks_rows = self.reading.asks.iter().any(|ask| match ask {
            Ask::Rows(table) => *table == entity,
            Ask::Column(column) => column.table == entity && self.names_row(*column),
            _ => false,
        });
        if !common && !asks_rows {
            return entity;
        }
        let tables = self.reading.tables.clone();
        let related =
            self.reading.conditions.iter().filter_map(|condition| self.condition_table(&condition.kind)).collect::<Vec<_>>();
        // Another table named whose rows hang on the entity's: "the media type least common among tracks".
        if let Some(below) = related.into_iter().chain(tables).find(|&table| table != entity && self.above(table, entity)) {
            return below;
        }
        if !asks_rows {
            return entity;
        }
        // The rows that hang on it: the largest such table, the first where sizes are not known.
        let children: Vec<usize> =
            self.index.relations.steps(entity).filter(|step| !step.to_parent && !step.single).map(|step| step.to).collect();
        children
            .into_iter()
            .enumerate()
            .max_by_key(|(at, table)| (self.index.table(*table).rows.unwrap_or(0), std::cmp::Reverse(*at)))
            .map_or(entity, |(_, table)| table)
    }

    /// Whether a column names rows or is their key; one seen to repeat names a category.
    fn names_row(&self, column: ColumnId) -> bool {
        let repeats = self
            .index
            .column(column)
            .statistics
            .as_ref()
            .is_some_and(|statistics| !statistics.is_unique && statistics.distinct > 1);
        let display = &self.index.tables[column.table].display;
        (display.contains(&column.column) && !(repeats && display.len() == 1)) || self.index.key(column.table) == Some(column)
    }

    /// Where the query starts: the table of its first measure.
    fn aggregated_table(&mut self, entity: usize, rows: usize) -> Option<usize> {
        let visible = self.reading.asks.iter().find_map(|ask| match ask {
            Ask::Measure(measure) => Some(measure.of.clone()),
            _ => None,
        });
        let hidden = self.reading.extreme.as_ref().and_then(|extreme| match &extreme.by {
            SortBy::Measure(of) => Some(of.clone()),
            _ => None,
        });
        let sorted = self.reading.order.iter().find_map(|sort| match &sort.by {
            SortBy::Measure(of) => Some(of.clone()),
            _ => None,
        });
        let having = self.reading.conditions.iter().find_map(|condition| match &condition.kind {
            ConditionKind::Measure(of, ..) | ConditionKind::MeasureAboveAverage(of, _) => Some(of.clone()),
            ConditionKind::GroupCount(..) => Some(MeasureOf::Rows),
            _ => None,
        });
        let of = visible.or(hidden).or(sorted).or(having)?;
        let table = match &of {
            MeasureOf::Rows => rows,
            MeasureOf::Count(table) => self.bridge(entity, *table),
            other => self.measure_table(other)?,
        };
        // Dates are those of the rows aggregated; a table without any lends its child's only when asked over time.
        Some(table)
    }

    /// Rows of a table seen from the entity: where a table in between ties the two, its rows are what can be counted.
    fn bridge(&mut self, entity: usize, table: usize) -> usize {
        if entity == table {
            return table;
        }
        let Some(path) = self.path(entity, table) else { return table };
        match path.steps.iter().rposition(|step| !step.single) {
            Some(last) if path.steps[last].to != table && last + 1 < path.steps.len() => path.steps[last].to,
            _ => table,
        }
    }

    /// "average number of orders per customer": the group is the denominator, not a dimension.
    fn per_row_group(&self) -> Option<usize> {
        let averaged =
            self.reading.asks.iter().any(|ask| matches!(ask, Ask::Measure(MeasureAsk { of: MeasureOf::PerRow(..), .. })));
        if !averaged {
            return None;
        }
        self.reading.groups.iter().find_map(|group| match group {
            Group::Table(table) => Some(*table),
            Group::RowOf(column) => self.index.points_at(*column),
            _ => None,
        })
    }

    fn measure(&mut self, ask: &MeasureAsk, rows: usize, entity: usize, per: Option<usize>) -> Option<Measure> {
        let mut measure = self.plain_measure(&ask.of, rows, entity, per)?;
        if ask.share {
            measure.transform = Transform::ShareOfTotal { within: Vec::new() };
        } else if ask.running {
            measure.transform = Transform::RunningTotal;
        }
        Some(measure)
    }

    fn plain_measure(&mut self, of: &MeasureOf, rows: usize, entity: usize, per: Option<usize>) -> Option<Measure> {
        let index = self.index;
        let name_of = |table: usize| index.table(table).name.clone();
        let short = |column: &ColumnId| index.column(*column).name.to_lowercase();
        let (name, aggregate) = match of {
            MeasureOf::Rows => (format!("{}_count", name_of(rows).name), Aggregate::CountRows(name_of(rows))),
            MeasureOf::Count(table) => {
                let groups_by_entity =
                    self.reading.extreme.is_some() || !self.reading.asks.iter().all(|ask| matches!(ask, Ask::Measure(_)));
                let counted = if groups_by_entity { self.bridge(entity, *table) } else { *table };
                (format!("{}_count", name_of(*table).name), Aggregate::CountRows(name_of(counted)))
            }
            MeasureOf::CountDistinct(column) => {
                (format!("distinct_{}", short(column)), Aggregate::CountDistinct(Scalar::Field(index.field(*column))))
            }
            MeasureOf::Function(function, column) => {
                let word = match function {
                    Function::Count => "count",
                    Function::Sum => "total",
                    Function::Avg => "average",
                    Function::Min => "minimum",
                    Function::Max => "maximum",
                };
                (format!("{word}_{}", short(column)), aggregate(*function, Scalar::Field(index.field(*column))))
            }
            MeasureOf::Metric(metric) => {
                let metric = &index.metrics[*metric];
                if let Some(note) = &metric.assumption
                    && !self.assumptions.contains(note)
                {
                    self.assumptions.push(note.clone());
                }
                let mut measure = Measure::new(self.name(&metric.output), metric.aggregate.clone());
                measure.filter = metric.filter.clone();
                return Some(measure);
            }
            MeasureOf::MetricPart(function, metric) => {
                let metric = &index.metrics[*metric];
                let aggregate = match &metric.aggregate {
                    Aggregate::Sum(value) => aggregate(*function, value.clone()),
                    other => other.clone(),
                };
                (metric.output.clone(), aggregate)
            }
            MeasureOf::PerRow(table, _) => {
                let of = per.or((entity != *table).then_some(entity))?;
                (
                    format!("{}_per_{}", name_of(*table).name, name_of(of).name),
                    Aggregate::Ratio {
                        numerator: Box::new(Measure::new("numerator", Aggregate::CountRows(name_of(*table)))),
                        denominator: Box::new(Measure::new("denominator", Aggregate::CountRows(name_of(of)))),
                    },
                )
            }
            MeasureOf::Rate(table) => {
                // What it hangs on: the nearest parent of events.
                let parent = index
                    .relations
                    .steps(*table)
                    .filter(|step| step.to_parent && step.to != *table)
                    .map(|step| step.to)
                    .max_by_key(|parent| (index.table(*parent).rows.unwrap_or(0), index.tables[*parent].time.is_some()))?;
                self.assumptions.push(format!("the rate is rows of {} per row of {}", name_of(*table), name_of(parent)));
                (
                    format!("{}_rate", name_of(*table).name),
                    Aggregate::Ratio {
                        numerator: Box::new(Measure::new("numerator", Aggregate::CountRows(name_of(*table)))),
                        denominator: Box::new(Measure::new("denominator", Aggregate::CountRows(name_of(parent)))),
                    },
                )
            }
        };
        Some(Measure::new(self.name(&name), aggregate))
    }

    /// "what percentage of customers is from Berlin": without groups the conditions are what is shared.
    fn share_without_groups(&mut self, query: &mut SemanticQuery) {
        if !query.dimensions.is_empty() {
            return;
        }
        let Some(measure) = query.measures.iter_mut().find(|measure| matches!(measure.transform, Transform::ShareOfTotal { .. }))
        else {
            return;
        };
        let Some(filter) = query.filter.take() else { return };
        measure.transform = Transform::None;
        let plain = Measure { name: "part".into(), ..measure.clone() };
        let part = Measure { filter: Some(filter), ..plain.clone() };
        let whole = Measure { name: "whole".into(), ..plain };
        measure.aggregate = Aggregate::Ratio { numerator: Box::new(part), denominator: Box::new(whole) };
        measure.filter = None;
    }

    /// Conditions on groups.
    fn having(&mut self, query: &mut SemanticQuery, from: usize, rows: usize, entity: usize) -> Option<()> {
        for condition in &self.reading.conditions.clone() {
            let (of, op, value) = match &condition.kind {
                ConditionKind::GroupCount(op, value) => (MeasureOf::Rows, *op, Some(*value)),
                ConditionKind::Count(table, op, value) if self.counts_group(condition, from) => {
                    (MeasureOf::Count(*table), *op, Some(*value))
                }
                ConditionKind::Measure(of, op, value) => (of.clone(), *op, Some(*value)),
                ConditionKind::MeasureAboveAverage(of, op) => (of.clone(), *op, None),
                _ => continue,
            };
            let measure = self.hidden_measure(query, &of, rows, entity)?;
            let value = match value {
                Some(value) => HavingValue::Value(crate::ask::planner::builtin::grammar::number_value(value)),
                None => HavingValue::AverageOfGroups,
            };
            let op = if condition.negated { opposite(op) } else { op };
            query.having.push(Having { measure, op, value });
        }
        Some(())
    }

    /// The name of a measure, added hidden when it is not returned anyway.
    fn hidden_measure(&mut self, query: &mut SemanticQuery, of: &MeasureOf, rows: usize, entity: usize) -> Option<String> {
        let mark = self.names.len();
        let mut measure = self.plain_measure(of, rows, entity, None)?;
        if let Some(known) =
            query.measures.iter().find(|known| known.aggregate == measure.aggregate && known.transform == Transform::None)
        {
            self.names.truncate(mark);
            return Some(known.name.clone());
        }
        measure.hidden = true;
        let name = measure.name.clone();
        query.measures.push(measure);
        Some(name)
    }

    fn order(&mut self, query: &mut SemanticQuery, from: usize, rows: usize, entity: usize, within: Vec<String>) -> Option<()> {
        for sort in &self.reading.order.clone() {
            let by = match &sort.by {
                SortBy::Measure(of) => self.hidden_measure(query, of, rows, entity)?,
                SortBy::Column(column) => {
                    let field = Scalar::Field(self.index.field(*column));
                    match query.dimensions.iter().find(|dimension| dimension.value == field) {
                        Some(known) => known.name.clone(),
                        // Ordering groups by a column that does not group them would split them.
                        None if query.dimensions.is_empty() => continue,
                        None => self.add_hidden(query, from, *column),
                    }
                }
                SortBy::First => match query.dimensions.iter().find(|dimension| !dimension.hidden) {
                    Some(first) => first.name.clone(),
                    None => continue,
                },
            };
            query.order.push(Order { by, descending: sort.descending });
        }
        if let Some(extreme) = self.reading.extreme.clone() {
            let by = match &extreme.by {
                SortBy::Measure(of) => self.hidden_measure(query, of, rows, entity)?,
                SortBy::Column(column) => {
                    let field = Scalar::Field(self.index.field(*column));
                    match query.dimensions.iter().find(|dimension| dimension.value == field) {
                        Some(known) => known.name.clone(),
                        None => self.hidden_measure(
                            query,
                            &MeasureOf::Function(if extreme.descending { Function::Max } else { Function::Min }, *column),
                            rows,
                            entity,
                        )?,
                    }
                }
                SortBy::First => query.measures.first().map(|measure| measure.name.clone())?,
            };
            // Within groups of time or of another table the first of each group is meant.
            let per_group = extreme.per_group && query.dimensions.iter().any(|dimension| !within.contains(&dimension.name));
            let extreme = Extreme { per_group, ..extreme };
            self.limit_to(query, &extreme, by, within);
        } else if query.order.is_empty() {
            // A series reads along time.
            let time =
                query.dimensions.iter().find(|dimension| dimension.grain.is_some()).map(|dimension| dimension.name.clone());
            if let Some(by) = time {
                query.order.push(Order { by, descending: false });
            }
        }
        Some(())
    }

    fn intent(&self, query: &SemanticQuery) -> Intent {
        let visible: Vec<_> = query.dimensions.iter().filter(|dimension| !dimension.hidden).collect();
        if query.compare.is_some() {
            return Intent::Comparison;
        }
        if query.measures.iter().any(|measure| matches!(measure.transform, Transform::ShareOfTotal { .. })) && !visible.is_empty()
        {
            return Intent::Share;
        }
        if visible.iter().any(|dimension| dimension.grain.is_some_and(is_series)) {
            return Intent::Series;
        }
        if visible.is_empty() {
            return Intent::SingleValue;
        }
        if query.limit.is_some()
            || query.top_per.is_some()
            || query.order.iter().any(|order| query.measures.iter().any(|measure| measure.name == order.by))
        {
            return Intent::Ranking;
        }
        if query.measures.iter().all(|measure| measure.hidden) { Intent::List } else { Intent::Breakdown }
    }
}

fn opposite(op: Operator) -> Operator {
    match op {
        Operator::Equal => Operator::NotEqual,
        Operator::NotEqual => Operator::Equal,
        Operator::Less => Operator::GreaterOrEqual,
        Operator::LessOrEqual => Operator::Greater,
        Operator::Greater => Operator::LessOrEqual,
        Operator::GreaterOrEqual => Operator::Less,
    }
}

/// Whether a grain is a stretch of the calendar and not a recurring part of it.
fn is_series(grain: crate::query::Grain) -> bool {
    use crate::query::Grain;
    !matches!(grain, Grain::HourOfDay | Grain::DayOfWeek | Grain::MonthOfYear | Grain::QuarterOfYear)
}
