//! Queries without measures: rows listed.

use super::Builder;
use super::conditions::WindowsOf;
use crate::ask::planner::builtin::reading::{Ask, Condition, ConditionKind, Extreme, SortBy};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::ask::planner::plan::Intent;
use crate::query::{Order, SemanticQuery};

impl Builder<'_> {
    pub(super) fn listing(&mut self, entity: usize) -> Option<(SemanticQuery, Intent)> {
        let (from, repeated) = self.listed_table(entity)?;
        let mut query = SemanticQuery::new(self.index.table(from).name.clone());
        let within = self.add_groups(&mut query, from)?;
        self.add_asked(&mut query, from, entity, false)?;
        if query.dimensions.iter().all(|dimension| dimension.hidden) {
            self.add_rows(&mut query, from, entity, false);
            self.doubts += 1;
        }
        // Rows of a child listed by columns of its parent repeat the parent.
        query.distinct = self.reading.distinct || repeated;
        query.filter = self.filters(from, WindowsOf::Events)?;
        self.order_rows(&mut query, from, within)?;
        let single = query.limit == Some(1) && query.dimensions.iter().filter(|dimension| !dimension.hidden).count() == 1;
        let intent = if single {
            Intent::SingleValue
        } else if query.limit.is_some() || query.top_per.is_some() {
            Intent::Ranking
        } else {
            Intent::List
        };
        Some((query, intent))
    }

    /// Where the listing starts, and whether that repeats what is listed: the most detailed table that everything asked lies above.
    fn listed_table(&mut self, entity: usize) -> Option<(usize, bool)> {
        let mut needed: Vec<usize> = Vec::new();
        for ask in &self.reading.asks {
            match ask {
                Ask::Column(column) | Ask::RowOf(column) => needed.push(column.table),
                Ask::Rows(table) | Ask::Everything(table) => needed.push(*table),
                _ => {}
            }
        }
        if let Some(Extreme { by: SortBy::Column(column), .. }) = &self.reading.extreme {
            needed.push(column.table);
        }
        for sort in &self.reading.order {
            if let SortBy::Column(column) = &sort.by {
                needed.push(column.table);
            }
        }
        if needed.is_empty() {
            needed.push(entity);
        }
        // "names of entrepreneurs" kept with people: the rows are still the entrepreneurs.
        if self.reading.entity.is_some() && needed.iter().all(|table| self.above(entity, *table)) {
            needed.insert(0, entity);
        }
        let asked = needed.clone();
        // Positive conditions on one other table: its rows are joined, as people expect of "names of customers who bought X".
        let below: Vec<usize> = self
            .reading
            .conditions
            .iter()
            .filter(|condition| self.joinable(condition))
            .filter_map(|condition| self.condition_table(&condition.kind))
            .collect();
        let with_conditions: Vec<usize> = asked.iter().copied().chain(below).collect();
        let counted = self.reading.conditions.iter().any(|condition| matches!(condition.kind, ConditionKind::Count(..)));
        let conflicting = self.reading.both || counted || self.repeats_column();
        let root = (!conflicting).then(|| self.root(&with_conditions)).flatten().or_else(|| self.root(&asked));
        let from = match root {
            Some(root) => root,
            None => {
                // Nothing lies below everything asked: start from the entity and let the join fan out.
                self.doubts += 1;
                if asked.iter().all(|table| self.path(entity, *table).is_some()) { entity } else { *asked.first()? }
            }
        };
        if asked.iter().any(|table| self.path(from, *table).is_none()) {
            return None;
        }
        Some((from, !asked.contains(&from)))
    }

    /// Whether a condition may be met by joining its table.
    fn joinable(&self, condition: &Condition) -> bool {
        !condition.negated
            && !condition.except
            && condition.inside.is_none()
            && matches!(
                condition.kind,
                ConditionKind::Compare(..)
                    | ConditionKind::Between(..)
                    | ConditionKind::Text(..)
                    | ConditionKind::Window(Some(_), _)
                    | ConditionKind::Columns(..)
                    | ConditionKind::Related(_)
                    | ConditionKind::Null(_)
            )
    }

    /// Whether two conditions fix one column to different values, joined by "and".
    fn repeats_column(&self) -> bool {
        let fixed: Vec<(ColumnId, bool)> = self
            .reading
            .conditions
            .iter()
            .filter_map(|condition| match &condition.kind {
                ConditionKind::Compare(column, crate::query::Operator::Equal, _) => Some((*column, condition.or)),
                _ => None,
            })
            .collect();
        fixed.iter().enumerate().any(|(at, (column, or))| !or && fixed[..at].iter().any(|(other, _)| other == column))
    }

    /// The table from which all these are reached without multiplying rows, nearest first.
    fn root(&mut self, tables: &[usize]) -> Option<usize> {
        let mut candidates: Vec<usize> = tables.to_vec();
        // Tables in between may tie two others: `has_pet` between students and pets.
        for &from in tables {
            for &to in tables {
                if let Some(path) = self.path(from, to) {
                    candidates.extend(path.steps.iter().map(|step| step.to));
                }
            }
        }
        let mut best: Option<(u32, usize)> = None;
        let mut seen: Vec<usize> = Vec::new();
        for candidate in candidates {
            if seen.contains(&candidate) {
                continue;
            }
            seen.push(candidate);
            let mut cost = 0;
            let mut fits = true;
            for &table in tables {
                match self.path(candidate, table) {
                    Some(path) if path.is_single() => cost += path.cost,
                    _ => fits = false,
                }
            }
            if fits && best.is_none_or(|(known, _)| cost < known) {
                best = Some((cost, candidate));
            }
        }
        best.map(|(_, table)| table)
    }

    fn order_rows(&mut self, query: &mut SemanticQuery, from: usize, within: Vec<String>) -> Option<()> {
        for sort in &self.reading.order.clone() {
            let by = match &sort.by {
                SortBy::Column(column) => self.order_column(query, from, *column),
                SortBy::First => match query.dimensions.iter().find(|dimension| !dimension.hidden) {
                    Some(first) => first.name.clone(),
                    None => continue,
                },
                SortBy::Measure(_) => continue,
            };
            query.order.push(Order { by, descending: sort.descending });
        }
        if let Some(extreme) = self.reading.extreme.clone() {
            let by = match &extreme.by {
                SortBy::Column(column) => self.order_column(query, from, *column),
                _ => query.dimensions.first().map(|dimension| dimension.name.clone())?,
            };
            self.limit_to(query, &extreme, by, within);
        }
        Some(())
    }

    fn order_column(&mut self, query: &mut SemanticQuery, from: usize, column: ColumnId) -> String {
        self.add_hidden(query, from, column)
    }
}
