//! Order and time: "sorted by", "descending", "by month", "this year against last year".

use super::{Mode, Reader};
use crate::ask::planner::builtin::lexicon::Op;
use crate::ask::planner::builtin::linking::Target;
use crate::ask::planner::builtin::reading::{Compare, CompareBase, ConditionKind, Group, MeasureOf, Sort, SortBy};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::ask::planner::builtin::time::{TimeMention, unit};
use crate::query::Operator;

impl Reader<'_> {
    pub(super) fn direction(&mut self, descending: bool) {
        // "in descending order of age", "age descending", "sorted alphabetically".
        if self.mode == Mode::Order
            && let Some(last) = self.reading.order.last_mut()
        {
            last.descending = descending;
            return;
        }
        self.drop_column();
        self.mode = Mode::Order;
        let next = self.past_glue(self.at + 1);
        let key_follows = matches!(self.target(next), Some(Target::Column(_) | Target::Table(_) | Target::Metric(_)))
            || matches!(self.op(next), Some(Op::By | Op::HowMany | Op::Function(_) | Op::OrderBy));
        if !key_follows {
            self.reading.order.push(Sort { by: SortBy::First, descending });
        } else {
            self.top = Some((0, descending));
        }
    }

    pub(super) fn order_mention(&mut self, target: Target) {
        let descending = match self.top {
            Some((0, descending)) => {
                self.top = None;
                descending
            }
            _ => self.direction_ahead(),
        };
        let by = match target {
            Target::Column(column) => match self.functions.pop() {
                Some(function) => SortBy::Measure(MeasureOf::Function(function, column)),
                None => SortBy::Column(column),
            },
            Target::Metric(metric) => SortBy::Measure(MeasureOf::Metric(metric)),
            Target::Table(table) => {
                if Some(table) == self.reading.entity || !self.reading.order.is_empty() {
                    return;
                }
                match self.index.tables[table].display.first() {
                    Some(&column) => SortBy::Column(ColumnId { table, column }),
                    None => return,
                }
            }
            Target::Value(column, value) => {
                self.mode = Mode::Condition;
                self.push(ConditionKind::Compare(column, Operator::Equal, value.into()));
                return;
            }
        };
        // "sorted by the names of the students": the table only says whose names.
        if self.reading.order.iter().any(|known| known.by == by) {
            return;
        }
        if let (SortBy::Column(column), true) = (&by, self.reading.entity.is_none() && self.reading.asks.is_empty()) {
            self.last_table = Some(column.table);
        }
        self.reading.order.push(Sort { by, descending });
    }

    /// The direction said behind a key, before the next one.
    pub(super) fn direction_ahead(&self) -> bool {
        for ahead in self.at + 1..self.nodes.len() {
            match self.op(ahead) {
                Some(Op::Descending) => return true,
                Some(Op::Ascending | Op::Alphabetical | Op::Ask) => return false,
                _ => {}
            }
        }
        false
    }

    /// "monthly", "by month", a bare "month" where something is grouped; behind a number or "in" it is only a unit.
    pub(super) fn grain(&mut self, grain: crate::query::Grain) {
        let before = self.at.checked_sub(1);
        let node = &self.nodes[self.at];
        let bare = node.last - node.first == 1 && unit(&self.tokens[node.first].lower).is_some();
        let unit = bare
            && before.is_some_and(|before| {
                self.number(before).is_some()
                    || (matches!(self.op(before), Some(Op::Preposition)) && self.tokens[node.first].lower.ends_with('s'))
            });
        if !unit {
            self.push_group(Group::Time(grain));
        }
    }

    pub(super) fn over_time(&mut self) {
        if !self.reading.groups.iter().any(|group| matches!(group, Group::Time(_))) {
            self.push_group(Group::Time(crate::query::Grain::Month));
            self.reading.assumptions.push("over time is read as by month".into());
        }
    }

    pub(super) fn versus(&mut self) {
        // "this year against last year": the windows are already conditions or follow.
        let next = self.past_glue(self.at + 1);
        let base = match self.time(next).cloned().or_else(|| self.bare_year(next)) {
            Some(found) => compare_base(found),
            None => match self.previous_follows(next) {
                Some(base) => base,
                None => return,
            },
        };
        let window =
            self.reading.conditions.iter().rposition(|condition| matches!(condition.kind, ConditionKind::Window(None, _)));
        let Some(at) = window else { return };
        if let ConditionKind::Window(_, window) = self.reading.conditions.remove(at).kind {
            self.reading.compare = Some(Compare { window, base });
            self.at = if self.time(next).is_some() || self.number(next).is_some() { next + 1 } else { self.nodes.len() };
        }
    }

    /// "compared to 2024": a number that can only be a year.
    pub(super) fn bare_year(&self, at: usize) -> Option<TimeMention> {
        let value = self.number(at).filter(|value| (1_900.0..=2_100.0).contains(value) && value.fract() == 0.0)?;
        let year = i16::try_from(value as i64).ok()?;
        let (start, end) = (jiff::civil::Date::new(year, 1, 1).ok()?, jiff::civil::Date::new(year + 1, 1, 1).ok()?);
        Some(TimeMention {
            window: crate::query::TimeWindow::Absolute { start: Some(start), end: Some(end) },
            numeric: Some(crate::ask::planner::builtin::time::Numeric::Compare(Operator::Equal, value)),
            label: year.to_string(),
            length: 1,
            assumption: None,
        })
    }

    /// "the previous period", "the month before", "the same quarter a year earlier".
    pub(super) fn previous_follows(&self, at: usize) -> Option<CompareBase> {
        let words: Vec<&str> = self
            .nodes
            .get(at)
            .map(|node| self.tokens[node.first..].iter().take(8).map(|token| token.lower.as_str()).collect())
            .unwrap_or_default();
        let previous =
            words.iter().any(|word| matches!(*word, "previous" | "prior" | "before" | "earlier" | "preceding" | "ago"));
        let year = words.contains(&"year");
        previous.then_some(if year { CompareBase::PreviousYear } else { CompareBase::Previous })
    }
}

/// "last year" beside a running year means as much of it; any other window is compared as it is.
pub(super) fn compare_base(base: TimeMention) -> CompareBase {
    use crate::query::{TimeUnit, TimeWindow};
    match base.window {
        TimeWindow::Last { unit: TimeUnit::Year, count: 1 } => CompareBase::PreviousYear,
        _ => CompareBase::Window(base),
    }
}
