//! Grammar: from linked words to a reading.
//!
//! One pass from left to right with a mode: what is asked, a condition, an order. Words that operate change the mode or wait for
//! the name or number they work on.

mod asks;
mod comparisons;
mod conditions;
mod extremes;
mod groups;
mod orders;
mod text;

pub(super) use asks::number_value;

use super::candidates::Assignment;
use super::lexicon::{Function, Op};
use super::linking::{Node, NodeKind, Target};
use super::reading::{Ask, Compare, Condition, ConditionKind, Extreme, Group, MeasureAsk, MeasureOf, Reading, Sort, SortBy};
use super::schema::{ColumnId, SchemaIndex};
use super::time::TimeMention;
use super::tokens::Token;
use crate::query::TextMatch;

/// What the words just read belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Ask,
    Condition,
    Order,
}

/// Reads the nodes under one assignment.
pub(super) fn read(nodes: &[Node], tokens: &[Token], assignment: &Assignment, index: &SchemaIndex) -> Reading {
    let mut reader = Reader {
        nodes,
        tokens,
        assignment,
        index,
        at: 0,
        mode: Mode::Ask,
        reading: Reading::default(),
        functions: Vec::new(),
        share: false,
        running: false,
        negated: false,
        except: false,
        or: false,
        inside: None,
        column: None,
        last_table: None,
        text: None,
        measure: None,
        have: false,
        top: None,
        passive: false,
        named: false,
        grouped_rows: false,
        lone_number: None,
        column_in_condition: false,
        fresh: false,
    };
    reader.run();
    reader.finish();
    reader.reading
}

struct Reader<'a> {
    nodes: &'a [Node],
    tokens: &'a [Token],
    assignment: &'a Assignment,
    index: &'a SchemaIndex,
    at: usize,
    mode: Mode,
    reading: Reading,
    /// "average", "minimum and maximum": wait for a column.
    functions: Vec<Function>,
    share: bool,
    running: bool,
    /// "not": applies to the next condition.
    negated: bool,
    except: bool,
    or: bool,
    /// The absence that is being described.
    inside: Option<usize>,
    /// The column a comparison or value may refer to.
    column: Option<ColumnId>,
    last_table: Option<usize>,
    /// "contains", "starts with": waits for text.
    text: Option<TextMatch>,
    /// "whose average age": waits for a comparison.
    measure: Option<MeasureOf>,
    /// "have" or "with" was read since the last condition.
    have: bool,
    /// "top 5": waits for what ranks.
    top: Option<(u64, bool)>,
    /// A "by" that names who did something.
    passive: bool,
    named: bool,
    /// "orders by status": the rows asked for are grouped.
    grouped_rows: bool,
    /// "the three accounts": waits for what ranks.
    lone_number: Option<u64>,
    /// The waiting column was named in a condition.
    column_in_condition: bool,
    /// A second sentence begins to ask: rows asked for before give way.
    fresh: bool,
}

impl<'a> Reader<'a> {
    fn run(&mut self) {
        for at in 0..self.nodes.len() {
            if let Some(Target::Table(table)) = self.target(at)
                && !self.reading.tables.contains(table)
            {
                self.reading.tables.push(*table);
            }
        }
        while self.at < self.nodes.len() {
            let before = self.at;
            self.step();
            if self.at == before {
                self.at += 1;
            }
        }
    }

    fn target(&self, at: usize) -> Option<&'a Target> {
        self.assignment.target(self.nodes, at).map(|candidate| &candidate.target)
    }

    fn op(&self, at: usize) -> Option<Op> {
        match self.nodes.get(at)?.kind {
            NodeKind::Op(op) => Some(op),
            _ => None,
        }
    }

    fn number(&self, at: usize) -> Option<f64> {
        match self.nodes.get(at)?.kind {
            NodeKind::Number(value) => Some(value),
            _ => None,
        }
    }

    fn time(&self, at: usize) -> Option<&'a TimeMention> {
        match &self.nodes.get(at)?.kind {
            NodeKind::Time(found) => Some(found),
            _ => None,
        }
    }

    /// The next node from `at` on that is not a word without content.
    fn solid(&self, mut at: usize) -> usize {
        while matches!(self.nodes.get(at).map(|node| &node.kind), Some(NodeKind::Skip)) {
            at += 1;
        }
        at
    }

    /// Like [`Self::solid`], also over "of", "the", "all", "different".
    fn past_glue(&self, mut at: usize) -> usize {
        while matches!(
            self.nodes.get(at).map(|node| &node.kind),
            Some(NodeKind::Skip | NodeKind::Op(Op::Preposition | Op::Distinct | Op::Possessive | Op::Pronoun))
        ) {
            at += 1;
        }
        at
    }

    fn step(&mut self) {
        let node = &self.nodes[self.at];
        match &node.kind {
            NodeKind::Skip => {}
            NodeKind::Unknown | NodeKind::Mention(_) if self.state() => {}
            NodeKind::Unknown => self.unknown(),
            NodeKind::Op(op) => self.operate(*op),
            NodeKind::Number(value) => self.number_alone(*value),
            NodeKind::Literal(text) => self.literal(text.clone()),
            NodeKind::Time(found) => self.window(found.clone()),
            NodeKind::Mention(_) => {
                let Some(target) = self.target(self.at).cloned() else { return };
                match self.mode {
                    Mode::Ask => self.ask_mention(target),
                    Mode::Condition => self.condition_mention(target),
                    Mode::Order => self.order_mention(target),
                }
            }
        }
    }

    fn operate(&mut self, op: Op) {
        match op {
            Op::Ask => {
                // "Which buildings … ? Give me their short names.": what is said last is what is wanted.
                self.fresh = !self.reading.asks.is_empty() && self.reading.asks.iter().all(|ask| matches!(ask, Ask::Rows(_)));
                self.begin_ask();
            }
            Op::Which | Op::Who | Op::When | Op::Where => self.question_word(op),
            Op::HowMany => self.how_many(),
            Op::HowMuch => self.begin_ask(),
            Op::Function(function) => self.function(function),
            Op::Extreme(descending) => self.extreme(descending),
            Op::Superlative => self.superlative(true),
            Op::SuperlativeOf(up) => self.superlative(up),
            Op::Common(descending) => self.common(descending),
            Op::Top(descending) => self.extreme(descending),
            Op::Comparative | Op::ComparativeOf(_) => self.comparative(op),
            Op::Compare(operator) => self.compare(operator),
            Op::Between => self.between(),
            Op::Times(times) => self.times(times),
            Op::Repeat => self.repeat(),
            Op::Not => {
                // "have no phone number": the clause begins here.
                let have = matches!(self.tokens[self.nodes[self.at].first].lower.as_str(), "have" | "has" | "had");
                if have && (!self.reading.asks.is_empty() || self.reading.entity.is_some()) {
                    self.begin_condition();
                    self.have = true;
                }
                self.negated = true;
            }
            Op::FirstLast(last) => self.first_or_last(last),
            Op::Without => {
                self.begin_condition();
                self.negated = true;
                self.have = true;
            }
            Op::Except => {
                self.begin_condition();
                self.except = true;
                self.or = false;
            }
            Op::Each => self.each(),
            Op::By => self.by(),
            Op::Grain(grain) => self.grain(grain),
            Op::OverTime => self.over_time(),
            Op::OrderBy => {
                self.drop_column();
                self.mode = Mode::Order;
            }
            Op::Ascending | Op::Descending | Op::Alphabetical => self.direction(op == Op::Descending),
            Op::Distinct => {
                if self.mode == Mode::Ask {
                    self.reading.distinct = true;
                }
            }
            Op::And | Op::Comma => self.conjunction(false),
            Op::Or => self.conjunction(true),
            Op::Both => self.reading.both = true,
            Op::Relative | Op::With => {
                self.begin_condition();
                self.have |= op == Op::With;
            }
            Op::Have => {
                self.have = true;
                if !self.reading.asks.is_empty() || self.reading.entity.is_some() {
                    self.begin_condition();
                }
            }
            Op::Named => {
                self.enter_condition();
                self.named = true;
            }
            Op::Contains => self.text_match(TextMatch::Contains),
            Op::StartsWith => self.text_match(TextMatch::StartsWith),
            Op::EndsWith => self.text_match(TextMatch::EndsWith),
            Op::Missing => self.missing(),
            Op::Everything => self.everything(),
            Op::Share => {
                self.share = true;
                if self.mode == Mode::Condition && self.reading.asks.is_empty() {
                    self.mode = Mode::Ask;
                }
            }
            Op::Running => self.running = true,
            Op::Rate => self.rate(),
            Op::Versus => self.versus(),
            Op::Change | Op::OrMore | Op::OrLess | Op::Be | Op::Preposition | Op::Pronoun | Op::Possessive => {}
        }
    }

    /// A word nothing matches: often the verb that begins a condition ("students **taught** by …").
    fn unknown(&mut self) {
        self.reading.unused.push(self.at);
        let begun = !self.reading.asks.is_empty();
        let noun = matches!(self.op(self.solid(self.at + 1)), Some(Op::And | Op::Comma | Op::Possessive))
            || self.tokens.get(self.nodes[self.at].last).is_some_and(|token| token.lower == "of");
        if self.mode == Mode::Ask && begun && !noun {
            self.column = None;
            self.enter_condition();
        }
    }

    fn begin_ask(&mut self) {
        self.drop_column();
        self.mode = Mode::Ask;
        self.negated = false;
        self.inside = None;
        self.have = false;
    }

    /// A clause begins: what was asked before it waits for nothing any more.
    fn begin_condition(&mut self) {
        if self.mode == Mode::Ask {
            self.column = None;
        }
        self.enter_condition();
    }

    fn enter_condition(&mut self) {
        if self.mode == Mode::Order {
            self.column = None;
        }
        self.mode = Mode::Condition;
    }

    /// A column that waited for a comparison and got none.
    fn drop_column(&mut self) {
        let Some(column) = self.column.take() else { return };
        if self.mode != Mode::Condition || !self.column_in_condition {
            return;
        }
        // "never delivered": its date is missing.
        if self.negated
            && self.index.column(column).is_temporal()
            && Some(column.table) == self.reading.entity.or(self.last_table)
        {
            self.negated = false;
            self.push(ConditionKind::Null(column));
            return;
        }
        // "customers with an account", known by a column of another table: rows of it are meant.
        let elsewhere = self.reading.entity.is_some_and(|entity| entity != column.table);
        if elsewhere {
            self.push(ConditionKind::Related(column.table));
            return;
        }
        if !self.negated {
            self.reading.doubts += 1;
        }
        if self.negated && self.have {
            self.push(ConditionKind::Null(column));
            self.reading.conditions.last_mut().into_iter().for_each(|condition| condition.negated = false);
        }
    }

    fn conjunction(&mut self, or: bool) {
        self.or = or;
        if self.mode != Mode::Condition {
            return;
        }
        // After a comma or "and" the question may go back to what is asked: ", and their ages", "and how many …".
        let next = self.solid(self.at + 1);
        let back = match self.op(next) {
            Some(Op::Ask | Op::OrderBy) => true,
            Some(Op::HowMany | Op::Function(_)) => !self.compares_soon(next),
            Some(Op::Which) => true,
            _ => false,
        };
        let pronoun = self.op(next) == Some(Op::Pronoun)
            || (self.nodes[self.at].last - self.nodes[self.at].first >= 2 && self.op(self.at) == Some(Op::And));
        let named = matches!(
            self.target(self.solid(if self.op(next) == Some(Op::Pronoun) { next + 1 } else { next })),
            Some(Target::Column(_))
        );
        if !or && (back || (pronoun && named && !self.compares_soon(next))) {
            self.begin_ask();
        }
        if !or && self.inside.is_some() {
            // "without orders and with tickets": what follows is said of the row itself.
            self.inside = None;
        }
        if self.op(next).is_some_and(|op| matches!(op, Op::With | Op::Have | Op::Relative | Op::Without | Op::Not)) {
            self.negated = false;
        }
    }

    /// Whether a comparison, value or number follows before the next clause.
    fn compares_soon(&self, from: usize) -> bool {
        for ahead in from + 1..self.nodes.len().min(from + 7) {
            match &self.nodes[ahead].kind {
                NodeKind::Op(Op::Compare(_) | Op::Between | Op::Contains | Op::StartsWith | Op::EndsWith)
                | NodeKind::Number(_)
                | NodeKind::Literal(_) => {
                    return true;
                }
                NodeKind::Mention(_) if matches!(self.target(ahead), Some(Target::Value(..))) => return true,
                NodeKind::Op(Op::Comma | Op::Ask | Op::OrderBy | Op::Relative) => return false,
                _ => {}
            }
        }
        false
    }

    fn push(&mut self, kind: ConditionKind) {
        let mut or = self.or && !self.reading.conditions.is_empty();
        // "no allergy to food or animals": neither of the two.
        if or
            && !self.negated
            && let Some(last) = self.reading.conditions.last()
            && last.negated
            && let (ConditionKind::Compare(before, ..), ConditionKind::Compare(now, ..)) = (&last.kind, &kind)
            && before == now
        {
            self.negated = true;
            or = false;
        }
        let condition = Condition { kind, negated: self.negated, or, inside: self.inside, except: self.except };
        self.reading.conditions.push(condition);
        self.negated = self.negated
            && self.inside.is_none()
            && matches!(self.op(self.solid(self.at + 1)), Some(Op::Or | Op::And | Op::Comma))
            && self.neither();
        self.or = false;
        self.have = false;
        self.named = false;
        self.passive = false;
    }

    /// "neither A nor B": the negation holds for both.
    fn neither(&self) -> bool {
        self.tokens.iter().any(|token| token.lower == "neither" || token.lower == "nor")
    }

    fn push_group(&mut self, group: Group) {
        if !self.reading.groups.contains(&group) {
            self.reading.groups.push(group);
        }
    }

    /// "orders per weekday", "web events by device": rows that are grouped are counted.
    fn count_rows_of_groups(&mut self) {
        let timed = self.reading.groups.iter().any(|group| matches!(group, Group::Time(_)));
        let measured = self.reading.asks.iter().any(|ask| matches!(ask, Ask::Measure(_))) || !self.functions.is_empty();
        if measured || !(timed || self.grouped_rows) || self.reading.extreme.is_some() {
            return;
        }
        if let [Ask::Rows(table)] = self.reading.asks[..] {
            self.reading.asks = vec![Ask::Measure(MeasureAsk::plain(MeasureOf::Count(table)))];
        } else if self.reading.asks.is_empty()
            && let Some(table) = self.reading.entity
        {
            self.reading.asks.push(Ask::Measure(MeasureAsk::plain(MeasureOf::Count(table))));
        }
    }

    /// What ranks where nothing was said: revenue, if there is such a thing.
    fn usual_rank(&mut self) -> Option<SortBy> {
        let metric = self.index.metrics.iter().position(|metric| metric.governed || metric.output == "revenue")?;
        let of = MeasureOf::Metric(metric);
        self.reading.assumptions.push(format!("ranked by {}, since nothing else was said", self.index.metrics[metric].output));
        self.reading.asks.push(Ask::Measure(MeasureAsk::plain(of.clone())));
        Some(SortBy::Measure(of))
    }

    /// "compare this month with last month": two windows become one beside the other.
    fn compare_windows(&mut self) {
        let said =
            self.tokens.iter().any(|token| matches!(token.lower.as_str(), "compare" | "compared" | "comparing" | "comparison"));
        let windows: Vec<usize> = (0..self.reading.conditions.len())
            .filter(|at| matches!(self.reading.conditions[*at].kind, ConditionKind::Window(None, _)))
            .collect();
        let ([first, second], true, true) = (&windows[..], said, self.reading.compare.is_none()) else { return };
        let base = self.reading.conditions.remove(*second);
        let window = self.reading.conditions.remove(*first);
        if let (ConditionKind::Window(_, window), ConditionKind::Window(_, base)) = (window.kind, base.kind) {
            self.reading.compare = Some(Compare { window, base: orders::compare_base(base) });
        }
    }

    /// What was left waiting when the question ended.
    fn finish(&mut self) {
        self.drop_column();
        self.compare_windows();
        self.count_rows_of_groups();
        let functions = std::mem::take(&mut self.functions);
        if !functions.is_empty() && self.reading.asks.is_empty() {
            self.reading.doubts += 1;
        }
        if self.mode == Mode::Order && self.reading.order.is_empty() {
            self.reading.order.push(Sort { by: SortBy::First, descending: matches!(self.top, Some((_, true))) });
        }
        if let Some((n, descending)) = self.top.take().filter(|(n, _)| *n > 0) {
            // "top 5 products" without what ranks them: the first measure there is.
            if self.reading.extreme.is_none() {
                let by = self.reading.asks.iter().find_map(|ask| match ask {
                    Ask::Measure(measure) => Some(SortBy::Measure(measure.of.clone())),
                    _ => None,
                });
                let by = by.or_else(|| self.reading.order.first().map(|sort| sort.by.clone()));
                match by.or_else(|| self.usual_rank()) {
                    Some(by) => self.reading.extreme = Some(Extreme { by, descending, n, per_group: false, common: false }),
                    None => self.reading.doubts += 1,
                }
            }
        }
        if let Some(of) = self.measure.take() {
            if self.reading.asks.is_empty() {
                self.reading.asks.push(Ask::Measure(MeasureAsk::plain(of)));
            } else {
                self.reading.doubts += 1;
            }
        }
        if self.share && !self.reading.asks.iter().any(|ask| matches!(ask, Ask::Measure(measure) if measure.share)) {
            self.reading.asks.push(Ask::Measure(MeasureAsk { of: MeasureOf::Rows, share: true, running: false }));
        }
    }
}
