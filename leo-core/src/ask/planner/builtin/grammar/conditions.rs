//! Conditions: comparisons, values, windows, presence and absence.

use super::asks::number_value;
use super::comparisons::bound;
use super::{Mode, Reader};
use crate::ask::planner::builtin::lexicon::Op;
use crate::ask::planner::builtin::linking::{NodeKind, Target};
use crate::ask::planner::builtin::reading::{Compare, ConditionKind, MeasureOf};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::ask::planner::builtin::time::{Numeric, TimeMention};
use crate::query::{Operator, TimeWindow};

impl Reader<'_> {
    pub(super) fn condition_mention(&mut self, target: Target) {
        match target {
            Target::Value(column, value) => self.value(column, value),
            Target::Column(column)
                if self.is_flag(column) && self.number(self.at + 1).is_none() && self.op(self.at + 1) != Some(Op::Be) =>
            {
                self.drop_column();
                self.flag(column);
            }
            Target::Column(column) => {
                self.drop_column();
                self.column = Some(column);
                self.column_in_condition = true;
            }
            Target::Table(table) => self.related(table),
            Target::Metric(metric) => {
                // "never bought", "products sold in March": that there was a sale, not how much.
                let word = self.tokens[self.nodes[self.at].last - 1].lower.as_str();
                let verb = matches!(word, "sold" | "sell" | "sells" | "bought" | "buy" | "buys" | "purchased");
                if (self.negated || verb) && !self.index.metrics[metric].governed && !self.compares_soon(self.at) {
                    self.related(self.index.metrics[metric].table);
                } else {
                    self.measure = Some(MeasureOf::Metric(metric));
                }
            }
        }
    }

    fn value(&mut self, column: ColumnId, value: String) {
        if self.negated && self.not_yet() {
            return;
        }
        if let Some(kind) = self.text.take() {
            let target = self.column.take().unwrap_or(column);
            self.push(ConditionKind::Text(target, kind, self.written(self.at)));
            return;
        }
        // "capital city is Paris": the column said wins over the one the value was found in, if it could hold it.
        let target = match self.column {
            Some(said)
                if said != column
                    && self.holds_text(said)
                    && !self.index.info(said).values_known
                    && self.mode == Mode::Condition
                    && self.said_just_now() =>
            {
                self.column = None;
                let text = self.written(self.at);
                self.push(ConditionKind::Compare(said, Operator::Equal, text.into()));
                return;
            }
            _ => column,
        };
        if self.mode == Mode::Condition || self.column == Some(column) {
            self.column = None;
        }
        self.push(ConditionKind::Compare(target, Operator::Equal, value.into()));
    }

    /// "not shipped": where a child table dates what the participle says, no such row is meant, not another status.
    fn not_yet(&mut self) -> bool {
        let node = &self.nodes[self.at];
        let Some(token) = self.tokens.get(node.first).filter(|token| node.last == node.first + 1 && token.lower.ends_with("ed"))
        else {
            return false;
        };
        let Some(entity) = self.reading.entity.or(self.last_table) else { return false };
        let dated = |table: usize| {
            self.index.tables[table]
                .columns
                .iter()
                .any(|column| column.roles.temporal && column.words.iter().any(|word| word.stem == token.stem))
        };
        let child =
            self.index.relations.steps(entity).filter(|step| !step.to_parent).map(|step| step.to).find(|table| dated(*table));
        let Some(child) = child else { return false };
        self.push(ConditionKind::Related(child));
        self.negated = false;
        true
    }

    /// Whether the column that waits stands right before, with nothing but "is" between.
    fn said_just_now(&self) -> bool {
        let mut back = self.at;
        while let Some(before) = back.checked_sub(1) {
            match &self.nodes[before].kind {
                NodeKind::Skip
                | NodeKind::Op(Op::Be | Op::Compare(Operator::Equal) | Op::Named | Op::Not | Op::Both | Op::Preposition) => {
                    back = before
                }
                NodeKind::Mention(_) => return matches!(self.target(before), Some(Target::Column(_))),
                _ => return false,
            }
        }
        false
    }

    fn related(&mut self, table: usize) {
        self.last_table = Some(table);
        if let Some(number) = self.number(self.at + 1)
            && let Some(key) = self.index.key(table)
        {
            self.push(ConditionKind::Compare(key, Operator::Equal, number_value(number)));
            self.at += 2;
            return;
        }
        if self.reading.entity.is_none() {
            // Rows of what was asked: "customer names without any account".
            let asked = self.reading.asks.iter().find_map(|ask| match ask {
                super::Ask::Column(column) | super::Ask::RowOf(column) => Some(column.table),
                _ => None,
            });
            self.reading.entity = Some(asked.unwrap_or(table));
            if asked.is_none_or(|asked| asked == table) {
                return;
            }
        }
        // A table right behind a value or column of its own says nothing new: "the Sales department".
        let before = self.at.checked_sub(1).and_then(|before| self.target(before));
        let same = matches!(before, Some(Target::Value(column, _) | Target::Column(column)) if column.table == table);
        if Some(table) == self.reading.entity || same {
            return;
        }
        // "whose city is …": a table before its own column is its prefix.
        if matches!(self.target(self.at + 1), Some(Target::Column(column)) if column.table == table) && !self.negated {
            return;
        }
        let negated = self.negated;
        self.push(ConditionKind::Related(table));
        if negated {
            self.inside = Some(self.reading.conditions.len() - 1);
            self.negated = false;
        }
    }

    /// "still open", "unpaid": the date that would end the state is missing. Says whether the word was read so.
    pub(super) fn state(&mut self) -> bool {
        let node = &self.nodes[self.at];
        let Some(token) = self.tokens.get(node.first).filter(|_| node.last == node.first + 1) else { return false };
        if matches!(self.target(self.at), Some(Target::Value(..) | Target::Table(_))) {
            return false;
        }
        let ended: &[&str] = match token.lower.as_str() {
            "open" | "unresolved" | "outstanding" | "pending" | "unfinished" | "unclosed" => {
                &["close", "resolv", "end", "finish", "complet", "settl"]
            }
            "undelivered" => &["deliv", "deliveri", "arriv"],
            "unshipped" => &["ship"],
            "unpaid" => &["paid", "pay", "payment"],
            "unreturned" => &["return"],
            "active" | "current" | "ongoing" => &["end", "termin", "left", "leav", "cancel", "close"],
            _ => return false,
        };
        let named = match self.target(self.solid(self.at + 1)) {
            Some(Target::Table(table)) => Some(*table),
            _ => None,
        };
        let Some(table) = named.or(self.last_table).or(self.reading.entity) else { return false };
        let column = (0..self.index.tables[table].columns.len()).map(|column| ColumnId { table, column }).find(|column| {
            let words = &self.index.info(*column).words;
            self.index.column(*column).is_temporal() && words.iter().any(|word| ended.contains(&word.stem.as_str()))
        });
        let Some(column) = column else { return false };
        let (table, name) = (&self.index.table(table).name.name, &self.index.column(column).name);
        self.reading.assumptions.push(format!("“{}” is read as {table}.{name} not being set", token.text));
        if named.is_none() {
            self.enter_condition();
        }
        self.push(ConditionKind::Null(column));
        true
    }

    pub(super) fn window(&mut self, found: TimeMention) {
        // "in 2002 or after".
        let found = match self.op(self.at + 1) {
            Some(Op::OrMore) => bound(Operator::GreaterOrEqual, &found).unwrap_or(found),
            Some(Op::OrLess) => bound(Operator::LessOrEqual, &found).unwrap_or(found),
            _ => found,
        };
        // "came before": a comparison with a year number on a number column.
        if let Some(column) = self.column
            && !self.index.column(column).is_temporal()
            && let Some(numeric) = found.numeric
            && let roles = self.index.info(column).roles
            && (roles.year || (self.mode == Mode::Condition && self.index.column(column).is_numeric() && !roles.key))
        {
            self.column = None;
            match numeric {
                Numeric::Compare(op, value) => self.push(ConditionKind::Compare(column, op, number_value(value))),
                Numeric::Between(low, high) => self.push(ConditionKind::Between(column, number_value(low), number_value(high))),
            }
            return;
        }
        let column = self.column.filter(|column| self.index.column(*column).is_temporal());
        if column.is_some() {
            self.column = None;
        }
        // "this year against last year", "Q1 2024 vs Q1 2023".
        let next = self.past_glue(self.at + 1);
        if self.op(next) == Some(Op::Versus) {
            let base_at = self.past_glue(next + 1);
            let base = match self.time(base_at).cloned().or_else(|| self.bare_year(base_at)) {
                Some(base) => Some(super::orders::compare_base(base)),
                None => self.previous_follows(base_at),
            };
            if let Some(base) = base {
                self.at =
                    if self.time(base_at).is_some() || self.number(base_at).is_some() { base_at + 1 } else { self.nodes.len() };
                self.reading.compare = Some(Compare { window: found, base });
                return;
            }
        }
        // A lone window where another already stands: "and": "in 2023 and 2024" is either.
        self.push(ConditionKind::Window(column, found));
    }

    /// Whether a column names rows or is their key, so that each of its values is one row.
    pub(super) fn names_row(&self, column: ColumnId) -> bool {
        self.index.tables[column.table].display.contains(&column.column) || self.index.key(column.table) == Some(column)
    }

    /// "twice", "more than once".
    pub(super) fn times(&mut self, times: u32) {
        let table = self.last_table.filter(|table| Some(*table) != self.reading.entity);
        let kind = match table {
            Some(table) => ConditionKind::Count(table, Operator::GreaterOrEqual, f64::from(times)),
            None => ConditionKind::GroupCount(Operator::GreaterOrEqual, f64::from(times)),
        };
        // "ordered more than once": the verb already made it a relation.
        if let Some(last) = self.reading.conditions.last()
            && let ConditionKind::Related(related) = last.kind
            && Some(related) == table
        {
            self.reading.conditions.pop();
        }
        self.push(kind);
    }

    /// "came back within 90 days of their first order".
    pub(super) fn repeat(&mut self) {
        let mut days = None;
        let mut event = None;
        for ahead in self.at + 1..self.nodes.len() {
            if let Some(value) = self.number(ahead) {
                let unit =
                    self.tokens[self.nodes[ahead].last..].iter().find(|token| token.is_word()).map(|token| token.lower.clone());
                let factor = match unit.as_deref() {
                    Some("week" | "weeks") => 7.0,
                    Some("month" | "months") => 30.0,
                    Some("year" | "years") => 365.0,
                    _ => 1.0,
                };
                days = days.or(Some((value * factor).clamp(1.0, 36_500.0) as u32));
            }
            if let Some(found) = self.time(ahead)
                && let TimeWindow::Absolute { .. } = found.window
            {
                continue;
            }
            if let Some(Target::Table(table)) = self.target(ahead) {
                event = event.or(Some(*table));
            }
        }
        if let Some(days) = days {
            self.push(ConditionKind::Repeat(event.filter(|event| Some(*event) != self.reading.entity), days));
            self.at = self.nodes.len();
        }
    }

    pub(super) fn missing(&mut self) {
        let next = self.solid(self.at + 1);
        let column = self.column.take().or(match self.target(next) {
            Some(Target::Column(column)) => Some(*column),
            _ => None,
        });
        if let Some(column) = column {
            // "missing" before the column: step over it.
            if matches!(self.target(next), Some(Target::Column(found)) if *found == column) {
                self.at = next + 1;
            }
            // What was just asked for is the condition, not output.
            if self.mode == Mode::Ask {
                self.reading.asks.retain(|ask| *ask != super::Ask::Column(column));
            }
            self.enter_condition();
            self.push(ConditionKind::Null(column));
        }
    }
}
