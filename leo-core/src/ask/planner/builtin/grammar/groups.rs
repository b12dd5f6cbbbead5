//! Groups: "each", "per", "by".

use super::{Mode, Reader};
use crate::ask::planner::builtin::lexicon::{Function, Op};
use crate::ask::planner::builtin::linking::Target;
use crate::ask::planner::builtin::reading::{Ask, Extreme, Group, MeasureAsk, MeasureOf, Sort, SortBy};
use crate::ask::planner::builtin::schema::ColumnId;

impl Reader<'_> {
    /// Whether the words of a node ask for a key itself.
    pub(super) fn said_id(&self, at: usize) -> bool {
        let node = &self.nodes[at];
        self.tokens[node.first..node.last].iter().any(|token| {
            matches!(
                token.lower.as_str(),
                "id" | "ids" | "code" | "codes" | "key" | "keys" | "number" | "numbers" | "identifier" | "identifiers"
            )
        })
    }

    /// A key grouped by without saying "id" means the row it points at.
    pub(super) fn group_of(&self, column: ColumnId, at: usize) -> Group {
        if self.is_bare_key(column) && !self.said_id(at) { Group::RowOf(column) } else { Group::Column(column) }
    }

    /// A number that points at another table and means nothing by itself.
    pub(super) fn is_bare_key(&self, column: ColumnId) -> bool {
        let info = self.index.info(column);
        let called = info.words.last().is_some_and(|word| matches!(word.stem.as_str(), "id" | "key" | "number" | "code"));
        info.roles.key && called && !info.roles.text && self.index.points_at(column).is_some()
    }

    pub(super) fn each(&mut self) {
        // "across all documents": all of them together.
        if self.tokens.get(self.nodes[self.at].last).is_some_and(|token| token.lower == "all") {
            return;
        }
        let ahead = self.past_glue(self.at + 1);
        match self.target(ahead).cloned() {
            Some(Target::Column(column)) => {
                self.push_group(self.group_of(column, ahead));
                self.at = ahead + 1;
            }
            Some(Target::Table(table)) => {
                self.last_table = Some(table);
                if let Some(Target::Column(column)) = self.target(ahead + 1).cloned()
                    && column.table == table
                {
                    // "each student's name", "for each order status".
                    self.push_group(Group::Column(column));
                    self.at = ahead + 2;
                    return;
                }
                self.push_group(Group::Table(table));
                self.at = ahead + 1;
            }
            _ => {}
        }
        if let Some((n, descending)) = self.top.filter(|(n, _)| *n > 0) {
            // "top 3 products per category".
            let by = match &self.reading.extreme {
                Some(extreme) => extreme.by.clone(),
                None => SortBy::First,
            };
            self.reading.extreme = Some(Extreme { by, descending, n, per_group: true, common: false });
            self.top = None;
        } else if let Some(extreme) = &mut self.reading.extreme
            && !extreme.common
            && matches!(self.reading.groups.last(), Some(Group::Table(_) | Group::Column(_) | Group::RowOf(_)))
            && self.mode != Mode::Order
        {
            extreme.per_group = true;
        }
    }

    pub(super) fn by(&mut self) {
        let ahead = self.past_glue(self.at + 1);
        let ranked = self.top.filter(|(n, _)| *n > 0);
        // "top 5 customers by revenue", "by number of orders", "by total amount".
        let (function, subject) = match self.op(ahead) {
            Some(Op::Function(function)) => (Some(function), self.past_glue(ahead + 1)),
            Some(Op::HowMany) => (Some(Function::Count), self.past_glue(ahead + 1)),
            _ => (None, ahead),
        };
        let measure = match (self.target(subject).cloned(), function) {
            (Some(Target::Metric(metric)), _) => Some(MeasureOf::Metric(metric)),
            (Some(Target::Table(table)), Some(Function::Count | Function::Sum)) => Some(MeasureOf::Count(table)),
            (Some(Target::Column(column)), Some(Function::Count)) => Some(MeasureOf::CountDistinct(column)),
            (Some(Target::Column(column)), Some(function)) => Some(MeasureOf::Function(function, column)),
            _ => None,
        };
        if let Some((n, descending)) = ranked {
            let by = match (measure.clone(), self.target(subject)) {
                (Some(measure), _) => Some(SortBy::Measure(measure)),
                (None, Some(Target::Column(column))) if self.ranks(*column) => Some(SortBy::Column(*column)),
                _ => None,
            };
            if let Some(by) = by {
                // The figure that ranks is worth seeing.
                if let SortBy::Measure(measure) = &by {
                    self.push_ask(Ask::Measure(MeasureAsk::plain(measure.clone())));
                }
                self.reading.extreme = Some(Extreme { by, descending, n, per_group: false, common: false });
                self.top = None;
                self.at = subject + 1;
                return;
            }
        }
        if self.mode == Mode::Order {
            return;
        }
        if let Some(measure) = measure {
            // "rank customers by revenue", "products by units sold".
            self.push_ask(Ask::Measure(MeasureAsk::plain(measure.clone())));
            self.reading.order.push(Sort { by: SortBy::Measure(measure), descending: true });
            self.at = subject + 1;
            return;
        }
        let measured = self.reading.asks.iter().any(|ask| matches!(ask, Ask::Measure(_)))
            || !self.functions.is_empty()
            || self.measure.is_some();
        match self.target(ahead).cloned() {
            Some(Target::Column(column)) if measured => {
                self.push_group(self.group_of(column, ahead));
                self.at = ahead + 1;
                self.more_groups();
            }
            Some(Target::Table(table)) if measured && !matches!(self.target(self.solid(ahead + 1)), Some(Target::Value(..))) => {
                self.last_table = Some(table);
                self.push_group(Group::Table(table));
                self.at = ahead + 1;
                self.more_groups();
            }
            Some(Target::Value(..)) => self.enter_condition(),
            // "web events by device".
            Some(Target::Column(column)) if matches!(self.reading.asks[..], [Ask::Rows(_)]) && !self.ranks(column) => {
                self.grouped_rows = true;
                self.push_group(self.group_of(column, ahead));
                self.at = ahead + 1;
                self.more_groups();
            }
            Some(Target::Table(_)) => {
                self.passive = true;
                self.enter_condition();
            }
            _ => self.passive = true,
        }
    }

    /// "by region and category": the list of groups goes on.
    pub(super) fn more_groups(&mut self) {
        loop {
            let joint = self.solid(self.at);
            if !matches!(self.op(joint), Some(Op::And | Op::Comma)) {
                return;
            }
            let next = self.past_glue(joint + 1);
            match self.target(next).cloned() {
                Some(Target::Column(column)) if !self.index.info(column).roles.measure => {
                    self.push_group(self.group_of(column, next))
                }
                Some(Target::Table(table)) => self.push_group(Group::Table(table)),
                _ => {
                    if let Some(Op::Grain(grain)) = self.op(next) {
                        self.push_group(Group::Time(grain));
                    } else {
                        return;
                    }
                }
            }
            self.at = next + 1;
        }
    }
}
