//! Conditions as filters: direct where the table lies above, existence where rows would be multiplied.

use super::Builder;
use crate::ask::planner::builtin::lexicon::Function;
use crate::ask::planner::builtin::reading::{Ask, Condition, ConditionKind, Extreme, MeasureOf, SortBy};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::ask::planner::builtin::time::{Numeric, TimeMention};
use crate::query::{Aggregate, Filter, Measure, Operator, Order, Scalar, SemanticQuery, TextMatch};
use crate::value::Value;

/// A condition with those that stand inside it.
#[derive(Debug, Clone)]
struct Item {
    condition: Condition,
    inner: Vec<Condition>,
}

impl Builder<'_> {
    /// All conditions that rows must meet, seen from `from`. `events` is the table whose date a window without a column means.
    pub(super) fn filters(&mut self, from: usize, windows: WindowsOf) -> Option<Option<Filter>> {
        let items = self.items(from, windows);
        let mut filters: Vec<(Filter, bool)> = Vec::new();
        let mut anchors: Vec<Option<(usize, Vec<ColumnId>)>> = Vec::new();
        for item in items {
            let or = item.condition.or;
            let negated = item.condition.negated != item.condition.except;
            let anchor = self.anchor(from, &item.condition.kind);
            let column = compared_column(&item.condition.kind);
            // Two conditions on rows of one other table are met by the same row, unless they could not be.
            if let Some(anchor) = anchor
                && !negated
                && let Some(at) = anchors.iter().position(|known| {
                    known.as_ref().is_some_and(|(table, columns)| {
                        *table == anchor && (or || column.is_none_or(|column| !columns.contains(&column)))
                    })
                })
                && !self.reading.both
                && !matches!(item.condition.kind, ConditionKind::Count(..))
            {
                let inner = self.inside(anchor, &item)?;
                if let (Some((_, columns)), Some(column)) = (&mut anchors[at], column) {
                    columns.push(column);
                }
                if let (Filter::Exists { filter, .. }, Some(inner)) = (&mut filters[at].0, inner) {
                    *filter = Some(Box::new(match filter.take() {
                        None => inner,
                        Some(known) if or => any(*known, inner),
                        Some(known) => all(*known, inner),
                    }));
                }
                continue;
            }
            let Some(filter) = self.filter(from, &item, anchor)? else { continue };
            let filter = if negated { not(filter) } else { filter };
            anchors.push(match (&filter, anchor) {
                (Filter::Exists { at_least: 1, .. }, Some(anchor)) => Some((anchor, column.into_iter().collect())),
                _ => None,
            });
            filters.push((filter, or));
        }
        Some(join(filters))
    }

    /// Conditions with what stands inside them; windows go to the event they date.
    fn items(&mut self, from: usize, windows: WindowsOf) -> Vec<Item> {
        let conditions = &self.reading.conditions;
        let mut items: Vec<Item> = Vec::new();
        let mut places: Vec<Option<usize>> = Vec::new();
        for condition in conditions {
            if self.counts_group(condition, from) {
                places.push(None);
                continue;
            }
            if matches!(
                condition.kind,
                ConditionKind::GroupCount(..) | ConditionKind::Measure(..) | ConditionKind::MeasureAboveAverage(..)
            ) {
                places.push(None);
                continue;
            }
            if let Some(outer) = condition.inside.and_then(|outer| places.get(outer).copied().flatten()) {
                let mut inner = condition.clone();
                inner.inside = None;
                items[outer].inner.push(inner);
                places.push(Some(outer));
                continue;
            }
            places.push(Some(items.len()));
            items.push(Item { condition: condition.clone(), inner: Vec::new() });
        }
        if windows == WindowsOf::Events {
            // "customers who ordered last month": the window dates the order, not the customer.
            let event = (0..items.len()).find(|&at| {
                let kind = items[at].condition.kind.clone();
                matches!(kind, ConditionKind::Related(_) | ConditionKind::Count(..) | ConditionKind::Compare(..))
                    && self.anchor(from, &kind).is_some()
            });
            if let Some(event) = event {
                let mut at = 0;
                let mut event = event;
                while at < items.len() {
                    if at != event
                        && matches!(items[at].condition.kind, ConditionKind::Window(None, _))
                        && items[at].inner.is_empty()
                    {
                        let mut window = items.remove(at).condition;
                        window.or = false;
                        if at < event {
                            event -= 1;
                        }
                        items[event].inner.push(window);
                    } else {
                        at += 1;
                    }
                }
            }
        }
        items
    }

    /// "each customer with at least two orders", where orders are what is aggregated: a condition on the group.
    pub(super) fn counts_group(&self, condition: &Condition, from: usize) -> bool {
        let grouped = !self.reading.groups.is_empty() || self.reading.asks.iter().any(|ask| !matches!(ask, Ask::Measure(_)));
        matches!(condition.kind, ConditionKind::Count(table, ..) if table == from) && grouped && condition.inside.is_none()
    }

    /// The table whose rows must exist, when the condition's table multiplies rows.
    fn anchor(&mut self, from: usize, kind: &ConditionKind) -> Option<usize> {
        let table = self.condition_table(kind)?;
        if matches!(kind, ConditionKind::AgainstAll(..) | ConditionKind::ExtremeOf(..)) {
            return None;
        }
        let path = self.path(from, table)?;
        // Presence is never given on the way to a child, even where there is at most one.
        let presence = matches!(kind, ConditionKind::Related(_) | ConditionKind::Count(..));
        let last = path.steps.iter().rposition(|step| !step.single || (presence && !step.to_parent))?;
        Some(path.steps[last].to)
    }

    /// The conditions of an item, seen from the rows that must exist.
    fn inside(&mut self, anchor: usize, item: &Item) -> Option<Option<Filter>> {
        let mut filters: Vec<(Filter, bool)> = Vec::new();
        let own = match &item.condition.kind {
            ConditionKind::Related(_) | ConditionKind::Count(..) => None,
            _ => {
                let bare =
                    Item { condition: Condition { negated: false, except: false, ..item.condition.clone() }, inner: Vec::new() };
                let deeper = self.anchor(anchor, &bare.condition.kind);
                self.filter(anchor, &bare, deeper)?
            }
        };
        filters.extend(own.map(|filter| (filter, false)));
        for condition in &item.inner {
            let inner = Item { condition: condition.clone(), inner: Vec::new() };
            let deeper = self.anchor(anchor, &condition.kind);
            if let Some(filter) = self.filter(anchor, &inner, deeper)? {
                filters.push((if condition.negated { not(filter) } else { filter }, condition.or));
            }
        }
        Some(join(filters))
    }

    /// One condition, without its sign. `None` inside when it says nothing.
    fn filter(&mut self, from: usize, item: &Item, anchor: Option<usize>) -> Option<Option<Filter>> {
        if let ConditionKind::Count(table, op, n) = item.condition.kind {
            return self.count_filter(from, item, anchor, table, op, n);
        }
        if let Some(anchor) = anchor {
            self.steps += 1;
            let inner = self.inside(anchor, item)?;
            return Some(Some(Filter::Exists {
                table: self.index.table(anchor).name.clone(),
                filter: inner.map(Box::new),
                at_least: 1,
            }));
        }
        if let Some(table) = self.condition_table(&item.condition.kind)
            && self.path(from, table).is_none()
        {
            return None;
        }
        Some(match &item.condition.kind {
            ConditionKind::Compare(column, op, value) => {
                let left = self.scalar(from, *column);
                Some(Filter::Compare { left, op: *op, right: Scalar::Literal(value.clone()) })
            }
            ConditionKind::Between(column, low, high) => {
                let value = self.scalar(from, *column);
                Some(Filter::Between { value, low: low.clone(), high: high.clone() })
            }
            ConditionKind::Text(column, kind, text) => {
                let value = self.scalar(from, *column);
                Some(Filter::Text { value, kind: *kind, text: text.clone() })
            }
            ConditionKind::Null(column) => Some(Filter::IsNull(self.scalar(from, *column))),
            ConditionKind::Columns(left, op, right) => {
                let (left, right) = (self.scalar(from, *left), self.scalar(from, *right));
                Some(Filter::Compare { left, op: *op, right })
            }
            ConditionKind::Window(column, window) => Some(self.window(from, *column, window)?),
            ConditionKind::Related(table) => {
                // A parent: present when the key is set.
                let path = self.path(from, *table)?;
                let Some(first) = path.steps.first() else { return Some(None) };
                let relationship = &self.index.catalog().relationships[first.relationship];
                match relationship.child_columns.as_slice() {
                    [key] if path.steps.len() == 1 && first.to_parent => {
                        let column = self.index.column_named(from, key)?;
                        if item.condition.negated || self.index.column(column).nullable {
                            let missing = Filter::IsNull(self.scalar(from, column));
                            // Only an absence is worth saying when every row should have its parent.
                            if item.condition.negated { Some(not(missing)) } else { None }
                        } else {
                            None
                        }
                    }
                    _ => None,
                }
            }
            ConditionKind::AgainstAll(column, op, function) => {
                let left = self.scalar(from, *column);
                let own = self.index.table(column.table).name.clone();
                let mut query = SemanticQuery::new(own);
                let field = Scalar::Field(self.index.field(*column));
                query.measures.push(Measure::new("value", aggregate(*function, field)));
                Some(Filter::CompareQuery { left, op: *op, query: Box::new(query) })
            }
            ConditionKind::ExtremeOf(table, extreme) => Some(self.extreme_of(from, *table, extreme)?),
            ConditionKind::Repeat(event, days) => Some(self.repeat(from, *event, *days)?),
            ConditionKind::Count(..)
            | ConditionKind::GroupCount(..)
            | ConditionKind::Measure(..)
            | ConditionKind::MeasureAboveAverage(..) => None,
        })
    }

    fn count_filter(
        &mut self,
        from: usize,
        item: &Item,
        anchor: Option<usize>,
        table: usize,
        op: Operator,
        n: f64,
    ) -> Option<Option<Filter>> {
        let Some(anchor) = anchor else {
            // Rows of a parent cannot be counted from its child.
            self.doubts += 2;
            return if table == from { Some(None) } else { None };
        };
        let inner = self.inside(anchor, item)?.map(Box::new);
        let name = self.index.table(anchor).name.clone();
        let at_least =
            |n: f64| Filter::Exists { table: name.clone(), filter: inner.clone(), at_least: n.clamp(1.0, 1e12) as u64 };
        let whole = n.floor();
        Some(Some(match op {
            Operator::Greater => at_least(whole + 1.0),
            Operator::GreaterOrEqual => at_least(n.ceil()),
            Operator::Less if n <= 1.0 => not(at_least(1.0)),
            Operator::Less => not(at_least(n.ceil())),
            Operator::LessOrEqual => not(at_least(whole + 1.0)),
            Operator::Equal if n < 1.0 => not(at_least(1.0)),
            Operator::Equal => all(at_least(n), not(at_least(n + 1.0))),
            Operator::NotEqual => not(all(at_least(n), not(at_least(n + 1.0)))),
        }))
    }

    fn window(&mut self, from: usize, column: Option<ColumnId>, window: &TimeMention) -> Option<Filter> {
        let time = column.or_else(|| self.time_of(from));
        if let Some(time) = time {
            self.path(from, time.table)?;
            self.scalar(from, time);
            if column.is_none() {
                self.note_time(time);
            }
            if let Some(note) = &window.assumption
                && !self.assumptions.contains(note)
            {
                self.assumptions.push(note.clone());
            }
            return Some(Filter::During { value: self.index.field(time), window: window.window.clone() });
        }
        // A year kept as a number, here or above.
        let numeric = window.numeric?;
        let year = self.year_column(from)?;
        let value = self.scalar(from, year);
        let number = |value: f64| -> Value {
            let text = self.index.column(year).data_type == crate::catalog::LogicalType::Text;
            if text { Value::Text(format!("{value}")) } else { Value::Int(value as i64) }
        };
        Some(match numeric {
            Numeric::Compare(op, year) => Filter::Compare { left: value, op, right: Scalar::Literal(number(year)) },
            Numeric::Between(low, high) => Filter::Between { value, low: number(low), high: number(high) },
        })
    }

    fn year_column(&mut self, from: usize) -> Option<ColumnId> {
        let tables: Vec<usize> = {
            let mut near: Vec<_> = self.index.relations.near(from, 2_000).map(|(table, distance)| (distance, table)).collect();
            near.sort_unstable();
            near.into_iter().map(|(_, table)| table).filter(|table| self.above(from, *table)).collect()
        };
        tables.into_iter().find_map(|table| {
            (0..self.index.tables[table].columns.len())
                .map(|column| ColumnId { table, column })
                .find(|column| self.index.info(*column).roles.year)
        })
    }

    /// Rows that belong to the extreme row of another table.
    fn extreme_of(&mut self, from: usize, table: usize, extreme: &Extreme) -> Option<Filter> {
        let key = self.index.key(table)?;
        let value = self.scalar(from, key);
        let mut query = SemanticQuery::new(self.index.table(table).name.clone());
        query
            .dimensions
            .push(crate::query::Dimension::new(self.index.column(key).name.clone(), Scalar::Field(self.index.field(key))));
        let by = match &extreme.by {
            SortBy::Column(column) => {
                let mut dimension = crate::query::Dimension::new("along", Scalar::Field(self.index.field(*column)));
                dimension.hidden = true;
                query.dimensions.push(dimension);
                "along".to_owned()
            }
            SortBy::Measure(of) => {
                let mut measure = match of {
                    MeasureOf::Count(counted) => {
                        Measure::new("along", Aggregate::CountRows(self.index.table(*counted).name.clone()))
                    }
                    MeasureOf::Function(function, column) => {
                        Measure::new("along", aggregate(*function, Scalar::Field(self.index.field(*column))))
                    }
                    MeasureOf::Metric(metric) => Measure::new("along", self.index.metrics[*metric].aggregate.clone()),
                    _ => return None,
                };
                measure.hidden = true;
                query.measures.push(measure);
                "along".to_owned()
            }
            SortBy::First => return None,
        };
        query.order.push(Order { by, descending: extreme.descending });
        query.limit = Some(extreme.n);
        Some(Filter::InQuery { value, query: Box::new(query) })
    }

    fn repeat(&mut self, from: usize, event: Option<usize>, days: u32) -> Option<Filter> {
        let event = event.filter(|event| self.index.relations.steps(*event).any(|step| step.to == from)).or_else(|| {
            // The child that looks most like what people come back for.
            let order_like = |table: usize| {
                self.index.tables[table].words.iter().any(|word| {
                    matches!(word.stem.as_str(), "order" | "invoic" | "purchas" | "sale" | "book" | "visit" | "rental")
                })
            };
            let children: Vec<usize> = self
                .index
                .relations
                .steps(from)
                .filter(|step| !step.to_parent)
                .map(|step| step.to)
                .filter(|table| self.index.tables[*table].time.is_some_and(|time| time.table == *table))
                .collect();
            children.iter().copied().find(|table| order_like(*table)).or_else(|| children.first().copied())
        })?;
        let time = self.time_of(event)?;
        self.note_time(time);
        Some(Filter::FollowedBy { event: self.index.table(event).name.clone(), time: self.index.field(time), within_days: days })
    }
}

/// Whose date a window without a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WindowsOf {
    /// That of the rows aggregated.
    Rows,
    /// That of the event the rows are tied to, when there is one.
    Events,
}

pub(super) fn aggregate(function: Function, value: Scalar) -> Aggregate {
    match function {
        Function::Count => Aggregate::Count(value),
        Function::Sum => Aggregate::Sum(value),
        Function::Avg => Aggregate::Avg(value),
        Function::Min => Aggregate::Min(value),
        Function::Max => Aggregate::Max(value),
    }
}

/// The column a condition fixes to one value.
fn compared_column(kind: &ConditionKind) -> Option<ColumnId> {
    match kind {
        ConditionKind::Compare(column, Operator::Equal, _) | ConditionKind::Text(column, TextMatch::Equals, _) => Some(*column),
        _ => None,
    }
}

/// Joins filters by their connectors: "or" binds to the one before. Two values of one column, or two windows, are alternatives.
fn join(filters: Vec<(Filter, bool)>) -> Option<Filter> {
    let mut joined: Vec<Filter> = Vec::new();
    for (filter, or) in filters {
        let alternative = or
            || joined.last().is_some_and(|last| match (alternatives(last), &filter) {
                (Some((x, Operator::Equal)), Filter::Compare { left: y, op: Operator::Equal, .. }) => x == y,
                _ => match (last, &filter) {
                    (Filter::During { value: x, window: a }, Filter::During { value: y, window: b }) => {
                        x == y && closed(a) && closed(b)
                    }
                    _ => false,
                },
            });
        match joined.pop() {
            // Said twice: "all female students (sex is F)".
            Some(last) if last == filter => joined.push(last),
            Some(last) if alternative => joined.push(any(last, filter)),
            Some(last) => joined.extend([last, filter]),
            None => joined.push(filter),
        }
    }
    match joined.len() {
        0 | 1 => joined.pop(),
        _ => Some(Filter::And(joined)),
    }
}

/// The column an equality, or a list of alternatives, is about.
fn alternatives(filter: &Filter) -> Option<(&Scalar, Operator)> {
    match filter {
        Filter::Compare { left, op, .. } => Some((left, *op)),
        Filter::Or(parts) => parts.last().and_then(alternatives),
        _ => None,
    }
}

fn closed(window: &crate::query::TimeWindow) -> bool {
    !matches!(
        window,
        crate::query::TimeWindow::Absolute { start: None, .. } | crate::query::TimeWindow::Absolute { end: None, .. }
    )
}

fn any(left: Filter, right: Filter) -> Filter {
    match left {
        Filter::Or(mut parts) => {
            parts.push(right);
            Filter::Or(parts)
        }
        left => Filter::Or(vec![left, right]),
    }
}

fn all(left: Filter, right: Filter) -> Filter {
    match left {
        Filter::And(mut parts) => {
            parts.push(right);
            Filter::And(parts)
        }
        left => Filter::And(vec![left, right]),
    }
}

fn not(filter: Filter) -> Filter {
    match filter {
        Filter::Not(inner) => *inner,
        Filter::Compare { left, op: Operator::Equal, right } => Filter::Compare { left, op: Operator::NotEqual, right },
        other => Filter::Not(Box::new(other)),
    }
}
