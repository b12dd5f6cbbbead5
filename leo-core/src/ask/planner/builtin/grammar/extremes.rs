//! Extremes: "most", "highest", "youngest", "most common", "top 5".

use super::{Mode, Reader};
use crate::ask::planner::builtin::lexicon::{Function, Op, adjective};
use crate::ask::planner::builtin::linking::Target;
use crate::ask::planner::builtin::matching::property_column;
use crate::ask::planner::builtin::reading::{Ask, ConditionKind, Extreme, MeasureOf, SortBy};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::ask::planner::builtin::tokens::stem;
use crate::query::Operator;

impl Reader<'_> {
    /// "most", "highest", "top": what follows says along what.
    pub(super) fn extreme(&mut self, descending: bool) {
        let mut ahead = self.solid(self.at + 1);
        let mut n = self.number_before().unwrap_or(1);
        if let Some(number) = self.number(ahead) {
            n = number.clamp(1.0, 1e9) as u64;
            ahead = self.solid(ahead + 1);
        }
        // "the most expensive" where the phrase was not known: the adjective decides.
        let function = match self.op(ahead) {
            Some(Op::Function(function)) => {
                ahead = self.past_glue(ahead + 1);
                Some(function)
            }
            Some(Op::HowMany) => {
                ahead = self.past_glue(ahead + 1);
                Some(Function::Count)
            }
            Some(Op::Distinct | Op::Preposition) => {
                ahead = self.past_glue(ahead + 1);
                None
            }
            _ => None,
        };
        // "sells best in Germany": the place is not what ranks.
        let apart = (self.at + 1..ahead).any(|between| self.op(between) == Some(Op::Preposition));
        let place = apart && function.is_none() && matches!(self.target(ahead), Some(Target::Value(..)));
        if place && matches!(self.reading.asks.last(), Some(Ask::Measure(_))) {
            self.top = Some((n, descending));
            return;
        }
        // "which employee supports the most customers": rows of another table behind a verb are counted.
        let verb = self.before().is_some_and(|before| {
            !matches!(self.op(before), Some(Op::Preposition | Op::Ask | Op::And | Op::Comma | Op::Which | Op::Each))
        });
        let counts = verb
            && n == 1
            && !self.reading.asks.is_empty()
            && matches!(self.target(ahead), Some(Target::Table(table)) if Some(*table) != self.reading.entity);
        if self.mode == Mode::Ask && function.is_none() && !counts {
            match self.target(ahead).cloned() {
                None if self.verb_column().is_some() => {}
                Some(Target::Table(_)) | None => {
                    // "top 5 customers by revenue": what ranks comes later.
                    self.top = Some((n, descending));
                    self.at = ahead;
                    return;
                }
                Some(Target::Column(column)) if n > 1 && !self.ranks(column) => {
                    self.top = Some((n, descending));
                    self.at = ahead;
                    return;
                }
                Some(Target::Column(column)) if self.ranks(column) => {
                    // "what is the highest salary" asks a value; "the highest salary employee" a row.
                    let of_rows = self.before().is_some_and(|before| self.op(before) == Some(Op::Preposition));
                    let rows_follow = matches!(self.target(self.solid(ahead + 1)), Some(Target::Table(_)))
                        || (of_rows && !self.reading.asks.is_empty());
                    if !rows_follow && n == 1 {
                        let function = if descending { Function::Max } else { Function::Min };
                        self.functions.push(function);
                        self.at = ahead;
                        return;
                    }
                }
                Some(Target::Value(..) | Target::Metric(_) | Target::Column(_)) => {}
            }
        }
        let by = match (self.target(ahead).cloned(), function) {
            (Some(Target::Column(column)), Some(Function::Count)) => SortBy::Measure(MeasureOf::CountDistinct(column)),
            (Some(Target::Column(column)), Some(function)) => SortBy::Measure(MeasureOf::Function(function, column)),
            (Some(Target::Column(column)), None) if self.ranks(column) => SortBy::Column(column),
            (Some(Target::Column(column)), None) => match self.index.points_at(column) {
                Some(_) => SortBy::Measure(MeasureOf::Count(column.table)),
                None if Some(column.table) == self.reading.entity => SortBy::Measure(MeasureOf::Rows),
                None => SortBy::Measure(MeasureOf::Count(column.table)),
            },
            (Some(Target::Table(table)), Some(function @ (Function::Avg | Function::Max | Function::Min | Function::Sum)))
                if self.figure_of(table).is_some() =>
            {
                match self.figure_of(table) {
                    Some(column) => SortBy::Measure(MeasureOf::Function(function, column)),
                    None => SortBy::Measure(MeasureOf::Count(table)),
                }
            }
            (Some(Target::Table(table)), _) => {
                self.last_table = Some(table);
                SortBy::Measure(MeasureOf::Count(table))
            }
            (Some(Target::Metric(metric)), _) => SortBy::Measure(MeasureOf::Metric(metric)),
            (Some(Target::Value(column, value)), _) => {
                self.push(ConditionKind::Compare(column, Operator::Equal, value.into()));
                SortBy::Measure(MeasureOf::Count(column.table))
            }
            // "who get paid the least": the verb says along what.
            (None, _) => match self.verb_column() {
                Some(column) => SortBy::Column(column),
                None => SortBy::Measure(MeasureOf::Rows),
            },
        };
        let past = if self.target(ahead).is_some() { ahead + 1 } else { self.at + 1 };
        self.set_extreme(Extreme { by, descending, n, per_group: false, common: false });
        self.at = past;
    }

    /// Whether the numbers of a column are labels, so that they are counted and not added up.
    pub(super) fn is_label(&self, column: ColumnId) -> bool {
        self.index.info(column).words.last().is_some_and(|word| {
            matches!(
                word.stem.as_str(),
                "grade"
                    | "level"
                    | "rank"
                    | "age"
                    | "class"
                    | "classroom"
                    | "room"
                    | "season"
                    | "round"
                    | "rate"
                    | "score"
                    | "star"
            )
        })
    }

    /// Whether rows can be ranked along the column.
    pub(super) fn ranks(&self, column: ColumnId) -> bool {
        let description = self.index.column(column);
        let roles = self.index.info(column).roles;
        roles.measure || roles.temporal || roles.year || (description.is_numeric() && !roles.key)
    }

    /// The column a verb just read speaks of: "paid" the salary, "costs" the price.
    pub(super) fn verb_column(&self) -> Option<ColumnId> {
        let verb =
            self.tokens[..self.nodes[self.at].first].iter().rev().take(3).find_map(|token| match token.lower.as_str() {
                "paid" | "earn" | "earns" | "earning" | "earned" | "make" | "makes" | "making" => adjective("paid"),
                "cost" | "costs" | "costing" => adjective("expensive"),
                "weigh" | "weighs" | "weighing" => adjective("heaviest"),
                "last" | "lasts" | "lasted" => adjective("longest"),
                _ => None,
            })?;
        let tables = [self.last_table, self.reading.entity];
        tables.into_iter().flatten().find_map(|table| self.along(table, verb.along, true)).map(|(column, _)| column)
    }

    pub(super) fn number_before(&self) -> Option<u64> {
        let before = (1..=2).find_map(|back| self.number(self.at.checked_sub(back)?));
        before.filter(|number| *number >= 1.0 && number.fract() == 0.0).map(|number| number as u64)
    }

    pub(super) fn set_extreme(&mut self, mut extreme: Extreme) {
        if extreme.n == 1 {
            extreme.n = self.lone_number.take().unwrap_or(1);
        }
        // A second extreme of another table's rows narrows those: "concerts in the stadium with the highest capacity".
        let counted = !self.reading.asks.is_empty()
            && self.reading.asks.iter().all(|ask| matches!(ask, Ask::Measure(_)))
            && self.reading.groups.is_empty();
        if counted && self.mode == Mode::Condition {
            let table = match &extreme.by {
                SortBy::Column(column) => Some(column.table),
                _ => self.last_table,
            };
            if let Some(table) = table.or(self.reading.entity) {
                self.push(ConditionKind::ExtremeOf(table, Box::new(extreme)));
                return;
            }
        }
        if self.reading.extreme.is_some() {
            self.reading.doubts += 1;
            return;
        }
        self.reading.extreme = Some(extreme);
        self.have = false;
    }

    /// "youngest", "most expensive": along the property of the adjective.
    pub(super) fn superlative(&mut self, up: bool) {
        let node = &self.nodes[self.at];
        let Some(found) = self.tokens[node.first..node.last].iter().rev().find_map(|token| adjective(&token.lower)) else {
            return;
        };
        let mut ahead = self.solid(self.at + 1);
        let mut n = self.number_before().unwrap_or(1);
        if let Some(number) = self.number(ahead) {
            n = number.clamp(1.0, 1e9) as u64;
            ahead = self.solid(ahead + 1);
        }
        // "oldest open ticket": the state is read by itself.
        let state = self
            .nodes
            .get(ahead)
            .is_some_and(|node| matches!(self.tokens[node.first].lower.as_str(), "open" | "active" | "current" | "pending"));
        // "longest duration", "earliest date": the column is said.
        if let Some(Target::Column(column)) = self.target(ahead).cloned()
            && !state
            && self.ranks(column)
        {
            let words = &self.index.info(column).words;
            let descending = found
                .along
                .iter()
                .find(|(word, _)| words.iter().any(|own| own.stem == stem(word)))
                .map_or(found.along[0].1, |(_, large)| *large)
                == up;
            let of_rows =
                self.before().is_some_and(|before| self.op(before) == Some(Op::Preposition)) && !self.reading.asks.is_empty();
            if self.mode == Mode::Ask
                && n == 1
                && !of_rows
                && !matches!(self.target(self.solid(ahead + 1)), Some(Target::Table(_)))
            {
                self.functions.push(if descending { Function::Max } else { Function::Min });
                self.at = ahead;
                return;
            }
            self.set_extreme(Extreme { by: SortBy::Column(column), descending, n, per_group: false, common: false });
            self.at = ahead + 1;
            return;
        }
        let table = match self.target(ahead) {
            Some(Target::Table(table)) => Some(*table),
            Some(Target::Column(column)) => Some(column.table),
            _ => None,
        };
        let tables = [table, self.last_table, self.reading.entity];
        let column = tables.into_iter().flatten().find_map(|table| self.along(table, found.along, up));
        let column = column.or_else(|| {
            // The table may be named later in the question.
            (self.at + 1..self.nodes.len()).find_map(|later| match self.target(later) {
                Some(Target::Table(table)) => self.along(*table, found.along, up),
                Some(Target::Column(column) | Target::Value(column, _)) => self.along(column.table, found.along, up),
                _ => None,
            })
        });
        match column {
            Some((column, descending)) => {
                self.set_extreme(Extreme { by: SortBy::Column(column), descending, n, per_group: false, common: false });
            }
            None => {
                self.reading.doubts += 2;
                self.reading.unused.push(self.at);
            }
        }
    }

    /// The column of `table` an adjective ranks along, and whether large values are meant.
    pub(super) fn along(&self, table: usize, along: &[(&str, bool)], up: bool) -> Option<(ColumnId, bool)> {
        let fits = |id: ColumnId| self.ranks(id) || self.index.column(id).is_temporal();
        along
            .iter()
            .find_map(|(word, large)| {
                property_column(self.index, table, word, fits)
                    .filter(|id| {
                        let wanted = stem(word);
                        self.index.info(*id).words.iter().any(|own| own.stem == wanted)
                            || matches!(*word, "birth" | "price" | "founded" | "opening")
                    })
                    .map(|id| (id, *large == up))
            })
            .or_else(|| {
                let time = self.index.tables[table].time.filter(|time| time.table == table)?;
                let dated = along.iter().find(|(word, _)| matches!(*word, "date"))?;
                Some((time, dated.1 == up))
            })
    }

    /// "first order date", "last order", "first 5 orders".
    pub(super) fn first_or_last(&mut self, last: bool) {
        let mut ahead = self.solid(self.at + 1);
        let mut n = 1;
        if let Some(number) = self.number(ahead) {
            n = number.clamp(1.0, 1e9) as u64;
            ahead = self.solid(ahead + 1);
        }
        match self.target(ahead).cloned() {
            Some(Target::Column(column)) if self.index.info(column).roles.temporal || self.index.info(column).roles.year => {
                self.functions.push(if last { Function::Max } else { Function::Min });
                self.at = ahead;
            }
            Some(Target::Table(table)) => match self.index.tables[table].time.filter(|time| time.table == table) {
                Some(time) => {
                    self.set_extreme(Extreme { by: SortBy::Column(time), descending: last, n, per_group: false, common: false });
                }
                None => self.reading.unused.push(self.at),
            },
            _ => self.reading.unused.push(self.at),
        }
    }

    /// "most common": the value or row that occurs most.
    pub(super) fn common(&mut self, descending: bool) {
        let mut ahead = self.solid(self.at + 1);
        let mut n = self.number_before().unwrap_or(1);
        if let Some(number) = self.number(ahead) {
            n = number.clamp(1.0, 1e9) as u64;
            ahead = self.solid(ahead + 1);
        }
        let by = SortBy::Measure(MeasureOf::Rows);
        match self.target(ahead).cloned() {
            Some(Target::Column(column)) => {
                self.push_ask(Ask::Column(column));
                self.column = None;
                self.reading.extreme = Some(Extreme { by, descending, n, per_group: false, common: true });
                self.at = ahead + 1;
            }
            Some(Target::Table(table)) => {
                self.last_table = Some(table);
                if self.reading.asks.is_empty() {
                    self.push_ask(Ask::Rows(table));
                }
                self.reading.extreme = Some(Extreme { by, descending, n, per_group: false, common: true });
                self.reading.entity.get_or_insert(table);
                self.at = ahead + 1;
            }
            _ => {
                self.reading.extreme = Some(Extreme { by, descending, n, per_group: false, common: true });
            }
        }
    }
}
