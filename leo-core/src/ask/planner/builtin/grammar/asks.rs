//! What is asked: columns, rows, measures, groups and extremes.

use super::{Mode, Reader};
use crate::ask::planner::builtin::lexicon::{Function, Op};
use crate::ask::planner::builtin::linking::{NodeKind, Target};
use crate::ask::planner::builtin::reading::{Ask, ConditionKind, Extreme, MeasureAsk, MeasureOf, Sort, SortBy};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::query::Operator;

impl Reader<'_> {
    pub(super) fn question_word(&mut self, op: Op) {
        let opens = self.reading.asks.is_empty() && self.reading.entity.is_none();
        let again = match self.op(self.at.wrapping_sub(1)) {
            Some(Op::Ask) => true,
            Some(Op::And | Op::Comma) => op != Op::Who,
            _ => false,
        };
        if !opens && !again {
            self.begin_condition();
            return;
        }
        self.begin_ask();
        match op {
            Op::When if opens => self.reading.asks.push(Ask::When),
            Op::Where if opens => self.reading.asks.push(Ask::Where),
            _ => {}
        }
    }

    pub(super) fn push_ask(&mut self, ask: Ask) {
        if std::mem::take(&mut self.fresh)
            && let Some(Ask::Rows(table)) = self.reading.asks.first()
        {
            self.reading.entity.get_or_insert(*table);
            self.reading.asks.clear();
        }
        if !self.reading.asks.contains(&ask) {
            self.reading.asks.push(ask);
        }
    }

    pub(super) fn push_measure(&mut self, of: MeasureOf) {
        let ask = MeasureAsk { of, share: std::mem::take(&mut self.share), running: std::mem::take(&mut self.running) };
        self.push_ask(Ask::Measure(ask));
    }

    pub(super) fn ask_mention(&mut self, target: Target) {
        match target {
            Target::Column(column) => self.ask_column(column),
            Target::Table(table) => self.ask_table(table),
            Target::Metric(metric) => {
                if let Some((n, descending)) = self.top.take().filter(|(n, _)| *n > 0) {
                    self.reading.extreme = Some(Extreme {
                        by: SortBy::Measure(MeasureOf::Metric(metric)),
                        descending,
                        n,
                        per_group: false,
                        common: false,
                    });
                }
                // "how many products did we sell": the verb ties the rows to what was sold.
                let counted = matches!(self.reading.asks.last(), Some(Ask::Measure(_)))
                    && self.functions.is_empty()
                    && !matches!(self.op(self.at.wrapping_sub(1)), Some(Op::And | Op::Comma));
                if counted && !self.index.metrics[metric].governed {
                    self.push(ConditionKind::Related(self.index.metrics[metric].table));
                    return;
                }
                let function = self.functions.pop();
                self.functions.clear();
                match function {
                    Some(function @ (Function::Avg | Function::Min | Function::Max)) => {
                        self.push_measure(MeasureOf::MetricPart(function, metric))
                    }
                    _ => self.push_measure(MeasureOf::Metric(metric)),
                }
            }
            Target::Value(..) => {
                // "French singers", "in Berlin".
                self.condition_mention(target);
            }
        }
    }

    /// Whether a column holds yes or no.
    pub(super) fn is_flag(&self, column: ColumnId) -> bool {
        let description = self.index.column(column);
        let binary = || {
            description.statistics.as_ref().is_some_and(|statistics| {
                let bound = |value: &Option<crate::value::Value>| value.as_ref().and_then(crate::value::Value::as_f64);
                statistics.distinct <= 2 && bound(&statistics.min) == Some(0.0) && bound(&statistics.max) == Some(1.0)
            })
        };
        description.data_type == crate::catalog::LogicalType::Boolean
            || (description.is_numeric() && !self.index.info(column).roles.key && binary())
    }

    /// "discontinued products", "products that are active": a flag that is set.
    pub(super) fn flag(&mut self, column: ColumnId) {
        let boolean = self.index.column(column).data_type == crate::catalog::LogicalType::Boolean;
        let negated = std::mem::take(&mut self.negated);
        let value = if boolean { (!negated).into() } else { i64::from(!negated).into() };
        self.column = None;
        self.push(ConditionKind::Compare(column, Operator::Equal, value));
    }

    fn ask_column(&mut self, column: ColumnId) {
        let described = matches!(self.target(self.at + 1), Some(Target::Table(table)) if *table == column.table);
        let listed = matches!(self.op(self.at.wrapping_sub(1)), Some(Op::And | Op::Comma));
        if self.is_flag(column)
            && self.functions.is_empty()
            && !listed
            && (described || (self.is_participle(self.at) && (!self.reading.asks.is_empty() || self.reading.entity.is_some())))
        {
            self.flag(column);
            return;
        }
        // "employees hired in 2023": a participle behind the rows begins a condition on its column.
        if self.is_participle(self.at) && (!self.reading.asks.is_empty() || self.reading.entity.is_some()) {
            self.enter_condition();
            self.column = Some(column);
            return;
        }
        self.column = Some(column);
        self.column_in_condition = false;
        if self.says_value_again(column) {
            return;
        }
        let role = self.index.info(column).roles;
        if !self.functions.is_empty() {
            let functions: Vec<Function> = self.functions.drain(..).collect();
            for function in &functions {
                let of = match function {
                    Function::Count => MeasureOf::CountDistinct(column),
                    // A key has no mean: "average customers" means their number.
                    _ if role.key && !role.measure && self.index.points_at(column).is_some() => MeasureOf::CountDistinct(column),
                    function => MeasureOf::Function(*function, column),
                };
                self.push_measure(of);
            }
            // "average age and weight": the function goes on, over numbers.
            let next = self.solid(self.at + 1);
            let after = self.solid(next + 1);
            if matches!(self.op(next), Some(Op::And | Op::Comma))
                && self.nodes[next].last - self.nodes[next].first == 1
                && let Some(Target::Column(other)) = self.target(after)
                && self.index.info(*other).roles.measure
                && other != &column
            {
                self.functions = functions;
            }
            return;
        }
        if self.share {
            self.push_measure(if role.measure { MeasureOf::Function(Function::Sum, column) } else { MeasureOf::Rows });
            return;
        }
        // "the names of players in each team", "how many kids in the room": led by a preposition it only says where.
        let led = self.before().is_some_and(|before| matches!(self.op(before), Some(Op::Preposition | Op::Each)));
        // "how many …? List the number and …": the number was asked for already.
        let node = &self.nodes[self.at];
        let number = node.last - node.first == 1
            && matches!(self.tokens[node.first].lower.as_str(), "number" | "numbers" | "count" | "counts");
        if number && self.reading.asks.iter().any(|ask| matches!(ask, Ask::Measure(_))) {
            self.column = None;
            return;
        }
        if led && !self.reading.asks.is_empty() {
            self.enter_condition();
            self.column_in_condition = false;
            return;
        }
        // "room 105", "product 7": a number right behind names the row.
        if self.number(self.at + 1).is_some() && !matches!(self.op(self.at.wrapping_sub(1)), Some(Op::Ask)) {
            return;
        }
        // "the price higher than 300" among what is asked is a condition.
        let next = self.solid(self.at + 1);
        if !self.reading.asks.is_empty()
            && matches!(self.op(next), Some(Op::Compare(_) | Op::Between))
            && !matches!(self.op(self.at.wrapping_sub(1)), Some(Op::And | Op::Comma))
        {
            self.enter_condition();
            return;
        }
        // A key pointing at another table: people want its name unless they said id.
        let words = &self.index.info(column).words;
        let said_id = self.said_id(self.at);
        if !said_id && self.is_bare_key(column) && words.len() > 1 {
            self.push_ask(Ask::RowOf(column));
            return;
        }
        // "name" of rows named by two columns.
        let display = &self.index.tables[column.table].display;
        let word = &self.tokens[self.nodes[self.at].last - 1].lower;
        if display.len() == 2
            && display.contains(&column.column)
            && matches!(word.as_str(), "name" | "names")
            && !self.tokens[self.nodes[self.at].first..self.nodes[self.at].last]
                .iter()
                .any(|token| matches!(token.lower.as_str(), "first" | "last" | "given" | "family" | "middle"))
        {
            for &column_at in display {
                self.push_ask(Ask::Column(ColumnId { table: column.table, column: column_at }));
            }
            return;
        }
        self.push_ask(Ask::Column(column));
    }

    /// The node before, words without content left out.
    pub(super) fn before(&self) -> Option<usize> {
        (0..self.at).rev().find(|before| !matches!(self.nodes[*before].kind, NodeKind::Skip))
    }

    /// "cat allergy", "Hartford city", "the city of Paris", "album 'Blue'": the column only says what the value beside it is.
    pub(super) fn says_value_again(&self, column: ColumnId) -> bool {
        let alike = |other: &ColumnId| *other == column;
        let before = self.at.checked_sub(1).and_then(|before| self.target(before));
        if matches!(before, Some(Target::Value(value, _)) if value.table == column.table && (alike(value) || self.names_row(column)))
        {
            return true;
        }
        if self.reading.asks.is_empty() || !self.functions.is_empty() {
            return false;
        }
        let listed = matches!(self.op(self.at.wrapping_sub(1)), Some(Op::And | Op::Comma));
        let next = self.at + 1;
        let value = matches!(self.target(next), Some(Target::Value(value, _)) if alike(value))
            || matches!(self.nodes.get(next).map(|node| &node.kind), Some(NodeKind::Literal(_)));
        value && !listed
    }

    /// Whether a node is one word that ends like a verb.
    fn is_participle(&self, at: usize) -> bool {
        let Some(node) = self.nodes.get(at) else { return false };
        let joined = matches!(self.op(at.wrapping_sub(1)), Some(Op::And | Op::Comma | Op::Ask));
        node.last - node.first == 1 && !joined && {
            let word = &self.tokens[node.first].lower;
            let irregular = matches!(
                word.as_str(),
                "born"
                    | "sold"
                    | "made"
                    | "paid"
                    | "sent"
                    | "built"
                    | "held"
                    | "taken"
                    | "given"
                    | "written"
                    | "bought"
                    | "won"
                    | "lost"
            );
            irregular || word.ends_with("ed") || (word.ends_with("ing") && self.index_written(at))
        }
    }

    /// Whether the column's own name does not have the word as it stands: "opening" may be one, "hiring" is not.
    fn index_written(&self, at: usize) -> bool {
        let word = &self.tokens[self.nodes[at].first].lower;
        match self.target(at) {
            Some(Target::Column(column)) => !self.index.column(*column).name.to_lowercase().contains(word.as_str()),
            _ => false,
        }
    }

    fn ask_table(&mut self, table: usize) {
        self.last_table = Some(table);
        let functions: Vec<Function> = self.functions.drain(..).collect();
        if let Some(function) = functions.first() {
            match function {
                Function::Sum | Function::Count => {
                    // "total amount of settlements": of what they amount to, not their number.
                    let amount =
                        self.tokens[..self.nodes[self.at].first].iter().rev().take(3).any(|token| token.lower == "amount");
                    let column = (0..self.index.tables[table].columns.len())
                        .map(|column| ColumnId { table, column })
                        .find(|column| amount && self.index.info(*column).roles.amount);
                    self.push_measure(
                        column.map_or(MeasureOf::Count(table), |column| MeasureOf::Function(Function::Sum, column)),
                    );
                    self.reading.entity.get_or_insert(table);
                    return;
                }
                // "the average rating", where ratings are a table with one figure.
                _ => {
                    if let Some(column) = self.figure_of(table) {
                        for function in functions {
                            self.push_measure(MeasureOf::Function(function, column));
                        }
                        return;
                    }
                    self.functions = functions;
                }
            }
        }
        if self.share {
            self.push_measure(MeasureOf::Count(table));
            self.reading.entity.get_or_insert(table);
            return;
        }
        // "product 7": the row with this key.
        if let Some(number) = self.number(self.at + 1)
            && let Some(key) = self.index.key(table)
            && self.op(self.at + 2) != Some(Op::OrMore)
        {
            self.push(ConditionKind::Compare(key, Operator::Equal, number_value(number)));
            self.reading.entity.get_or_insert(table);
            self.at += 2;
            return;
        }
        let led = (1..=3)
            .map_while(|back| self.at.checked_sub(back))
            .find(|back| !matches!(self.nodes[*back].kind, NodeKind::Skip))
            .is_some_and(|back| matches!(self.op(back), Some(Op::Preposition | Op::Possessive | Op::Each | Op::By)));
        let possessive = self.op(self.at + 1) == Some(Op::Possessive);
        let next_is_column = matches!(self.target(self.at + 1), Some(Target::Column(column)) if column.table == table)
            && !self.is_participle(self.at + 1);
        if led || possessive || next_is_column {
            self.reading.entity.get_or_insert(table);
            return;
        }
        let listed = matches!(self.op(self.at.wrapping_sub(1)), Some(Op::And | Op::Comma));
        if self.reading.asks.is_empty() || (listed && self.reading.entity.is_none()) {
            if self.reading.asks.is_empty() {
                self.reading.entity.get_or_insert(table);
            }
            self.push_ask(Ask::Rows(table));
        } else if listed && self.reading.entity != Some(table) {
            self.push_ask(Ask::Rows(table));
        } else if self.reading.entity.is_none() {
            self.reading.entity = Some(table);
        } else if self.reading.entity != Some(table) {
            // "how many customers ordered": a table used as a verb ties rows together.
            self.push(ConditionKind::Related(table));
        }
    }

    /// The only figure the rows of a table have.
    pub(super) fn figure_of(&self, table: usize) -> Option<ColumnId> {
        let mut figures = (0..self.index.tables[table].columns.len())
            .map(|column| ColumnId { table, column })
            .filter(|column| self.index.info(*column).roles.measure);
        figures.next().filter(|_| figures.next().is_none())
    }

    pub(super) fn how_many(&mut self) {
        let mut ahead = self.solid(self.at + 1);
        // "count the number of": said twice.
        if self.op(ahead) == Some(Op::HowMany) {
            return;
        }
        let mut distinct = false;
        while matches!(self.op(ahead), Some(Op::Distinct | Op::Preposition | Op::Pronoun))
            || matches!(self.nodes.get(ahead).map(|node| &node.kind), Some(NodeKind::Skip))
        {
            distinct |= self.op(ahead) == Some(Op::Distinct);
            ahead += 1;
        }
        // "how many French singers": the value first, then what is counted.
        let mut counted = ahead;
        while matches!(self.target(counted), Some(Target::Value(..)))
            && matches!(self.target(self.solid(counted + 1)), Some(Target::Table(_) | Target::Value(..)))
        {
            counted = self.solid(counted + 1);
        }
        // "number of available courses": an adjective nothing matches.
        if self.target(counted).is_none()
            && matches!(self.nodes.get(counted).map(|node| &node.kind), Some(NodeKind::Unknown))
            && matches!(self.target(self.solid(counted + 1)), Some(Target::Table(_) | Target::Column(_)))
        {
            self.reading.unused.push(counted);
            counted = self.solid(counted + 1);
        }
        // "number of web sessions": the table only says of what.
        if let (Some(Target::Table(table)), Some(Target::Column(column))) = (self.target(counted), self.target(counted + 1))
            && column.table == *table
            && !self.is_participle(counted + 1)
            && !self.ranks(*column)
            && !self.is_flag(*column)
        {
            counted += 1;
            distinct = true;
        }
        let target = self.target(counted).cloned();
        let averaged = self.functions.pop();
        self.functions.clear();
        let of = match &target {
            Some(Target::Table(table)) => match averaged {
                Some(Function::Avg) => MeasureOf::PerRow(*table, None),
                _ => MeasureOf::Count(*table),
            },
            Some(Target::Column(column)) => {
                let roles = self.index.info(*column).roles;
                if let Some(function) = averaged {
                    MeasureOf::Function(function, *column)
                } else if roles.measure && !distinct && !self.is_label(*column) {
                    // "the players and how many years they played": the figure itself, beside its row.
                    if self.reading.asks.iter().any(|ask| matches!(ask, Ask::Column(_) | Ask::Rows(_)))
                        && self.reading.groups.is_empty()
                        && self.mode == Mode::Ask
                        && !self.tokens[self.nodes[self.at].first..self.nodes[self.at].last]
                            .iter()
                            .any(|token| token.lower == "total")
                    {
                        self.push_ask(Ask::Column(*column));
                        self.at = counted + 1;
                        return;
                    }
                    MeasureOf::Function(Function::Sum, *column)
                } else if distinct || !roles.key {
                    MeasureOf::CountDistinct(*column)
                } else {
                    MeasureOf::Count(self.index.points_at(*column).filter(|_| false).unwrap_or(column.table))
                }
            }
            Some(Target::Value(column, _)) => MeasureOf::Count(column.table),
            Some(Target::Metric(metric)) => MeasureOf::Metric(*metric),
            None => MeasureOf::Rows,
        };
        let table = match (&target, &of) {
            (_, MeasureOf::Count(table)) => Some(*table),
            (Some(Target::Column(column)), _) => Some(column.table),
            _ => None,
        };
        for value in ahead..counted {
            if let Some(target @ Target::Value(..)) = self.target(value).cloned() {
                self.at = value;
                self.condition_mention(target);
            }
        }
        if let Some(Target::Value(column, value)) = &target {
            self.push(ConditionKind::Compare(*column, Operator::Equal, value.clone().into()));
        }
        let past = if target.is_some() { counted + 1 } else { self.at + 1 };
        // Where the count is compared it is a condition, where it orders it is a key.
        let next = self.solid(past);
        let compared = self.mode == Mode::Condition
            && (matches!(self.op(next), Some(Op::Compare(_) | Op::Between))
                || self.op(next) == Some(Op::Be)
                || self.number(next).is_some());
        match self.mode {
            Mode::Order => {
                let descending = match self.top.take() {
                    Some((_, descending)) => descending,
                    None => self.direction_ahead(),
                };
                self.reading.order.push(Sort { by: SortBy::Measure(of), descending });
            }
            _ if compared => self.measure = Some(of),
            _ => {
                self.mode = Mode::Ask;
                if let (Some(table), MeasureOf::Count(_) | MeasureOf::CountDistinct(_) | MeasureOf::Function(..)) = (table, &of) {
                    self.last_table = Some(table);
                    if matches!(of, MeasureOf::Count(_)) && self.reading.asks.is_empty() {
                        self.reading.entity.get_or_insert(table);
                    }
                }
                self.push_measure(of);
            }
        }
        self.at = past;
    }

    pub(super) fn function(&mut self, function: Function) {
        let next = self.past_glue(self.at + 1);
        // "with the maximum age" in a condition is the extreme row.
        let extreme = self.mode == Mode::Condition && matches!(function, Function::Max | Function::Min) && self.measure.is_none();
        if extreme && self.op(next) == Some(Op::HowMany) {
            self.extreme(function == Function::Max);
            return;
        }
        if extreme && matches!(self.target(next), Some(Target::Column(_) | Target::Table(_))) {
            let after = self.solid(next + 1);
            if !matches!(self.op(after), Some(Op::Compare(_) | Op::Be)) {
                self.extreme(function == Function::Max);
                return;
            }
        }
        match self.mode {
            Mode::Ask | Mode::Order => self.functions.push(function),
            Mode::Condition => match self.target(next) {
                Some(Target::Column(column)) => {
                    self.measure = Some(MeasureOf::Function(function, *column));
                    self.at = next + 1;
                }
                Some(Target::Metric(metric)) => {
                    self.measure = Some(match function {
                        Function::Sum => MeasureOf::Metric(*metric),
                        function => MeasureOf::MetricPart(function, *metric),
                    });
                    self.at = next + 1;
                }
                Some(Target::Table(table)) if function == Function::Sum => {
                    self.measure = Some(MeasureOf::Count(*table));
                    self.at = next + 1;
                }
                _ => self.functions.push(function),
            },
        }
    }

    pub(super) fn everything(&mut self) {
        self.begin_ask();
        let ahead = self.past_glue(self.at + 1);
        let table = match self.target(ahead) {
            Some(Target::Table(table)) => *table,
            Some(other) => other.table(self.index),
            None => return,
        };
        self.last_table = Some(table);
        self.reading.entity.get_or_insert(table);
        self.push_ask(Ask::Everything(table));
        if matches!(self.target(ahead), Some(Target::Table(_))) {
            self.at = ahead + 1;
        }
    }

    pub(super) fn rate(&mut self) {
        // "return rate by category": rows of the table before, as a share of what they hang on.
        let before = self.at.checked_sub(1).and_then(|before| self.target(before)).cloned();
        let Some(Target::Table(table)) = before else { return };
        self.reading.asks.retain(|ask| *ask != Ask::Rows(table));
        if self.reading.entity == Some(table) {
            self.reading.entity = None;
        }
        self.push_measure(MeasureOf::Rate(table));
    }
}

/// A number as the narrowest value.
pub(in super::super) fn number_value(number: f64) -> crate::value::Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { (number as i64).into() } else { number.into() }
}
