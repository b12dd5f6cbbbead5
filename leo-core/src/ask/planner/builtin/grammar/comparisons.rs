//! Comparisons: numbers and what they are compared with.

use super::asks::number_value;
use super::{Mode, Reader};
use crate::ask::planner::builtin::lexicon::{Function, Op, adjective};
use crate::ask::planner::builtin::linking::Target;
use crate::ask::planner::builtin::reading::{Ask, ConditionKind, MeasureOf};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::ask::planner::builtin::time::{Numeric, TimeMention};
use crate::query::{Operator, TimeWindow};
use crate::value::Value;

impl Reader<'_> {
    pub(super) fn number_alone(&mut self, value: f64) {
        let next = self.solid(self.at + 1);
        // "in 2009 or 2010": another year.
        let joined = matches!(self.op(self.at.wrapping_sub(1)), Some(Op::Or | Op::And));
        if joined
            && let Some(last) = self.reading.conditions.last().cloned()
            && let ConditionKind::Window(column, _) = last.kind
            && let Some(window) = self.bare_year(self.at)
        {
            self.negated = last.negated;
            self.or |= !self.reading.both;
            self.inside = last.inside;
            self.push(ConditionKind::Window(column, window));
            return;
        }
        // "the three accounts with the highest balance": how many, said before what ranks.
        if self.mode == Mode::Ask
            && matches!(self.target(next), Some(Target::Table(_) | Target::Column(_)))
            && self.ranked_later()
        {
            self.lone_number = Some(value.clamp(1.0, 1e9) as u64);
            return;
        }
        // "3 youngest", "5 most expensive": read by the superlative.
        if matches!(self.op(next), Some(Op::Superlative | Op::SuperlativeOf(_) | Op::Extreme(_) | Op::Common(_) | Op::Top(_))) {
            return;
        }
        if let Some(kind) = self.text.take() {
            if let Some(column) = self.column.take().or_else(|| self.name_column()) {
                self.push(ConditionKind::Text(column, kind, self.written(self.at)));
            }
            return;
        }
        let op = match self.op(next) {
            Some(Op::OrMore) => Operator::GreaterOrEqual,
            Some(Op::OrLess) => Operator::LessOrEqual,
            _ => Operator::Equal,
        };
        if self.compare_number(op, value, false) {
            return;
        }
        // "the Spring 2010 semester": a year wherever it stands.
        if self.tokens[self.nodes[self.at].first].text.len() == 4
            && let Some(window) = self.bare_year(self.at)
        {
            self.push(ConditionKind::Window(None, window));
            return;
        }
        // "top 5" was read by its word; a bare number right behind what is asked says nothing.
        if value > 31.0 || self.mode == Mode::Condition {
            self.reading.doubts += u32::from(value != 1.0);
        }
    }

    /// Gives a number to what waits for one, or to the name that follows. `loose`: an operator was said, so it must mean something.
    pub(super) fn compare_number(&mut self, op: Operator, value: f64, loose: bool) -> bool {
        if let Some(measure) = self.measure.take() {
            self.push(ConditionKind::Measure(measure, op, value));
            return true;
        }
        let mut next = self.solid(self.at + 1);
        if matches!(self.op(next), Some(Op::OrMore | Op::OrLess)) {
            next = self.solid(next + 1);
        }
        // "500,000 in revenue", "50 euros of discount".
        if self.op(next) == Some(Op::Preposition)
            && let figure = self.past_glue(next)
            && match self.target(figure) {
                Some(Target::Metric(_)) => true,
                Some(Target::Column(column)) => self.index.info(*column).roles.measure,
                _ => false,
            }
        {
            next = figure;
        }
        while matches!(self.op(next), Some(Op::Distinct)) {
            next = self.solid(next + 1);
        }
        // "more than 5 times", "2 records": rows of the group, or of the relation just named.
        let word = self.tokens.get(self.nodes[self.at].last).map_or("", |token| token.lower.as_str());
        if loose && matches!(word, "records" | "rows" | "entries" | "times" | "occurrences") {
            let related = match self.reading.conditions.last() {
                Some(last) if !last.negated => match last.kind {
                    ConditionKind::Related(table) => Some(table),
                    _ => None,
                },
                _ => None,
            };
            match related {
                Some(table) => {
                    self.reading.conditions.pop();
                    self.push(ConditionKind::Count(table, op, value));
                }
                None => self.push(ConditionKind::GroupCount(op, value)),
            }
            self.at += 2;
            return true;
        }
        // A unit behind the number: "20 years old", "5 days" says nothing new.
        let said = self.column.filter(|column| self.comparable(*column, op));
        let follows = self.target(next).cloned();
        if let (Some(column), false) =
            (said, self.have && matches!(follows, Some(Target::Table(_))) && !self.said_before_number())
        {
            self.column = None;
            let value = self.in_unit(column, value);
            self.push(ConditionKind::Compare(column, op, self.fitting(column, value)));
            return true;
        }
        match follows {
            Some(Target::Table(table)) if loose || self.have || self.mode == Mode::Condition => {
                self.last_table = Some(table);
                let values_asked = self.reading.asks.iter().any(|ask| match ask {
                    Ask::Column(column) => column.table == table && !self.names_row(*column),
                    _ => false,
                });
                let rows_asked = self.reading.asks.iter().any(|ask| matches!(ask, Ask::Rows(_)));
                let count = if (Some(table) == self.reading.entity && !rows_asked) || values_asked {
                    ConditionKind::GroupCount(op, value)
                } else {
                    ConditionKind::Count(table, op, value)
                };
                self.push(count);
                self.at = next + 1;
                true
            }
            // "at least one B grade": presence, which the value says by itself.
            Some(Target::Value(..)) if op == Operator::GreaterOrEqual && value == 1.0 => true,
            Some(Target::Column(column)) if self.index.info(column).roles.measure || self.index.info(column).roles.year => {
                self.push(ConditionKind::Compare(column, op, number_value(value)));
                self.at = next + 1;
                true
            }
            Some(Target::Column(column)) if loose => {
                // "more than 2 allergies", a column of a child table: rows are counted.
                let kind = if Some(column.table) == self.reading.entity {
                    ConditionKind::GroupCount(op, value)
                } else {
                    ConditionKind::Count(column.table, op, value)
                };
                self.push(kind);
                self.at = next + 1;
                true
            }
            Some(Target::Metric(metric)) => {
                self.push(ConditionKind::Measure(MeasureOf::Metric(metric), op, value));
                self.at = next + 1;
                true
            }
            _ if loose => {
                if let Some(metric) = self.worth_metric() {
                    self.push(ConditionKind::Measure(MeasureOf::Metric(metric), op, value));
                    return true;
                }
                // "at least 25 years old", "under 20" said of people.
                let aged = self.tokens[self.nodes[self.at].last..]
                    .iter()
                    .take(3)
                    .any(|token| matches!(token.lower.as_str(), "old" | "age"));
                let age = self.age_column().filter(|_| aged || self.column.is_none());
                if aged && let Some(column) = age {
                    self.push(ConditionKind::Compare(column, op, number_value(value)));
                    while self
                        .tokens
                        .get(self.nodes[self.at].last)
                        .is_some_and(|token| matches!(token.lower.as_str(), "year" | "years" | "of" | "old" | "age"))
                    {
                        self.at += 1;
                    }
                    self.at += 1;
                    return true;
                }
                // "flights over 300": the last number column spoken of.
                let column = self.verb_column().or_else(|| self.last_number_column()).or(age);
                match column {
                    Some(column) => {
                        self.push(ConditionKind::Compare(column, op, number_value(value)));
                        true
                    }
                    None => false,
                }
            }
            _ => false,
        }
    }

    /// Whether an extreme follows.
    pub(super) fn ranked_later(&self) -> bool {
        (self.at + 1..self.nodes.len()).any(|later| {
            matches!(self.op(later), Some(Op::Extreme(_) | Op::Superlative | Op::SuperlativeOf(_) | Op::Common(_) | Op::Top(_)))
        })
    }

    /// Whether the waiting column stands before the number and not behind it.
    pub(super) fn said_before_number(&self) -> bool {
        (self.at.saturating_sub(3)..self.at).any(|before| matches!(self.target(before), Some(Target::Column(_))))
    }

    /// Whether a number may bound the waiting column: a figure, or anything said right before the number.
    pub(super) fn comparable(&self, column: ColumnId, op: Operator) -> bool {
        let roles = self.index.info(column).roles;
        let said = self.said_before_number();
        (roles.measure && (said || self.mode == Mode::Condition))
            || roles.year
            || (said
                && !self.index.column(column).is_temporal()
                && (op == Operator::Equal || self.index.column(column).is_numeric()))
    }

    /// The number in the unit a column keeps: "5 minutes" against milliseconds.
    pub(super) fn in_unit(&self, column: ColumnId, value: f64) -> f64 {
        let seconds = |word: &str| match word {
            "millisecond" | "milliseconds" | "ms" => Some(0.001),
            "second" | "seconds" | "sec" | "secs" => Some(1.0),
            "minute" | "minutes" | "mins" => Some(60.0),
            "hour" | "hours" | "hrs" => Some(3_600.0),
            _ => None,
        };
        let said = self.tokens.get(self.nodes[self.at].last).and_then(|token| seconds(&token.lower));
        let kept = crate::catalog::split_words(&self.index.column(column).name).iter().find_map(|word| seconds(word));
        match (said, kept) {
            (Some(said), Some(kept)) => value * said / kept,
            _ => value,
        }
    }

    /// The number in the type of the column.
    pub(super) fn fitting(&self, column: ColumnId, value: f64) -> Value {
        let description = self.index.column(column);
        if description.data_type == crate::catalog::LogicalType::Text {
            Value::Text(number_value(value).to_string())
        } else {
            number_value(value)
        }
    }

    /// "orders over 1000 euros", "worth more than 500": what the rows are worth.
    pub(super) fn worth_metric(&self) -> Option<usize> {
        let around = self.nodes[self.at].first.saturating_sub(5)..self.tokens.len().min(self.nodes[self.at].last + 3);
        let worth = self.tokens[around].iter().any(|token| {
            matches!(
                token.lower.as_str(),
                "euro"
                    | "euros"
                    | "eur"
                    | "dollar"
                    | "dollars"
                    | "usd"
                    | "pound"
                    | "pounds"
                    | "$"
                    | "worth"
                    | "value"
                    | "total"
                    | "amount"
                    | "totalling"
            )
        });
        let figure = self.last_number_column().is_some();
        worth.then_some(())?;
        (!figure).then_some(())?;
        self.index.metrics.iter().position(|metric| metric.output == "revenue")
    }

    /// The age of the rows spoken of.
    pub(super) fn age_column(&self) -> Option<ColumnId> {
        let tables = [self.last_table, self.reading.entity];
        tables.into_iter().flatten().find_map(|table| {
            (0..self.index.tables[table].columns.len()).map(|column| ColumnId { table, column }).find(|column| {
                let info = self.index.info(*column);
                info.roles.measure && info.words.last().is_some_and(|word| word.stem == "age")
            })
        })
    }

    pub(super) fn last_number_column(&self) -> Option<ColumnId> {
        (0..self.at).rev().find_map(|before| match self.target(before) {
            Some(Target::Column(column)) if self.index.info(*column).roles.measure => Some(*column),
            _ => None,
        })
    }

    pub(super) fn compare(&mut self, op: Operator) {
        let op = if std::mem::take(&mut self.negated) { negate(op) } else { op };
        let next = self.past_glue(self.at + 1);
        let next = if self.op(next) == Some(Op::Be) { self.solid(next + 1) } else { next };
        if matches!(op, Operator::Greater | Operator::Less | Operator::GreaterOrEqual | Operator::LessOrEqual)
            && self.mode == Mode::Ask
        {
            self.enter_condition();
        }
        if let Some(found) = self.time(next).cloned() {
            // "after 1990" was one time expression; here an operator stood apart from it.
            self.at = next;
            if let (Some(Numeric::Compare(Operator::Equal, value)), Some(column)) = (found.numeric, self.column)
                && !self.index.column(column).is_temporal()
            {
                self.column = None;
                self.push(ConditionKind::Compare(column, op, number_value(value)));
            } else if let Some(bounded) = bound(op, &found) {
                self.window(bounded);
            }
            self.at = next + 1;
            return;
        }
        // "above the average", "more than the average price".
        if let Some(Op::Function(function)) = self.op(next)
            && !matches!(function, Function::Count | Function::Sum)
        {
            let column_at = self.past_glue(next + 1);
            let said = match self.target(column_at) {
                Some(Target::Column(column)) => Some(*column),
                _ => None,
            };
            if let Some(measure) = self.measure.take() {
                self.push(ConditionKind::MeasureAboveAverage(measure, op));
                self.at = if said.is_some() { column_at + 1 } else { next + 1 };
                return;
            }
            let figure = |column: &ColumnId| self.index.column(*column).is_numeric();
            let column = self
                .column
                .take()
                .filter(figure)
                .or(said.filter(figure))
                .or_else(|| self.verb_column())
                .or_else(|| self.last_number_column());
            if let Some(column) = column {
                self.push(ConditionKind::AgainstAll(column, op, function));
                self.at = if said.is_some() { column_at + 1 } else { next + 1 };
                return;
            }
        }
        if let Some(value) = self.number(next) {
            let started = self.at;
            self.at = next;
            if !self.compare_number(op, value, true) {
                self.reading.doubts += 2;
                self.reading.unused.push(started);
            }
            if self.at == next {
                self.at = next + 1;
            }
            return;
        }
        // "after season 2010": the column stands between operator and number.
        if let Some(Target::Column(column)) = self.target(next).cloned()
            && let Some(value) = self.number(self.solid(next + 1))
            && (self.index.column(column).is_numeric() || self.index.info(column).roles.year)
        {
            self.column = None;
            self.push(ConditionKind::Compare(column, op, number_value(value)));
            self.at = self.solid(next + 1) + 1;
            return;
        }
        if let (Some(left), Some(Target::Column(right))) = (self.column, self.target(next)) {
            let right = *right;
            self.column = None;
            self.push(ConditionKind::Columns(left, op, right));
            self.at = next + 1;
            return;
        }
        if op == Operator::NotEqual {
            self.negated = true;
            self.enter_condition();
        }
    }

    pub(super) fn comparative(&mut self, op: Op) {
        let node = &self.nodes[self.at];
        let Some(found) = self.tokens[node.first..node.last].iter().find_map(|token| adjective(&token.lower)) else { return };
        let up = !matches!(op, Op::ComparativeOf(false));
        let tables = [self.last_table, self.reading.entity];
        let mut column = tables.into_iter().flatten().find_map(|table| self.along(table, found.along, up));
        if column.is_none() {
            column = (0..self.nodes.len()).find_map(|at| match self.target(at) {
                Some(Target::Table(table)) => self.along(*table, found.along, up),
                Some(Target::Column(column)) => self.along(column.table, found.along, up),
                _ => None,
            });
        }
        let Some((column, large)) = column else {
            self.reading.doubts += 2;
            return;
        };
        self.enter_condition();
        self.column = Some(column);
        self.compare(if large { Operator::Greater } else { Operator::Less });
    }

    pub(super) fn between(&mut self) {
        let low_at = self.past_glue(self.at + 1);
        let joint = self.solid(low_at + 1);
        let high_at = self.past_glue(joint + 1);
        let (Some(low), Some(high)) = (self.number(low_at), self.number(high_at)) else {
            self.enter_condition();
            return;
        };
        self.enter_condition();
        let follows = match self.target(self.solid(high_at + 1)) {
            Some(Target::Column(column)) if self.index.info(*column).roles.measure => Some(*column),
            _ => None,
        };
        self.at = high_at + 1;
        if let Some(measure) = self.measure.take() {
            self.push(ConditionKind::Measure(measure.clone(), Operator::GreaterOrEqual, low));
            self.push(ConditionKind::Measure(measure, Operator::LessOrEqual, high));
            return;
        }
        match self.column.take().or(follows).or_else(|| self.last_number_column()) {
            Some(column) => self.push(ConditionKind::Between(column, number_value(low), number_value(high))),
            None => self.reading.doubts += 2,
        }
    }
}

fn negate(op: Operator) -> Operator {
    match op {
        Operator::Equal => Operator::NotEqual,
        Operator::NotEqual => Operator::Equal,
        Operator::Less => Operator::GreaterOrEqual,
        Operator::LessOrEqual => Operator::Greater,
        Operator::Greater => Operator::LessOrEqual,
        Operator::GreaterOrEqual => Operator::Less,
    }
}

/// A window bounded by an operator that stood before it.
pub(super) fn bound(op: Operator, found: &TimeMention) -> Option<TimeMention> {
    let TimeWindow::Absolute { start, end } = found.window else { return Some(found.clone()) };
    let window = match op {
        Operator::Greater => TimeWindow::Absolute { start: end, end: None },
        Operator::GreaterOrEqual => TimeWindow::Absolute { start, end: None },
        Operator::Less => TimeWindow::Absolute { start: None, end: start },
        Operator::LessOrEqual => TimeWindow::Absolute { start: None, end },
        Operator::Equal => found.window.clone(),
        Operator::NotEqual => return None,
    };
    let numeric = match found.numeric {
        Some(Numeric::Compare(Operator::Equal, value)) => Some(Numeric::Compare(op, value)),
        other => other,
    };
    Some(TimeMention { window, numeric, ..found.clone() })
}
