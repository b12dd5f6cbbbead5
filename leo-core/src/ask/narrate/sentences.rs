//! The sentences for each shape of result.

use super::NarrateInput;
use super::figure::{AggregateOp, Claim, Format, Line, Rows, Sentence, Source};
use super::layout::{Layout, MeasureColumns};
use crate::ask::wording::singular;
use crate::chart::{Intent, Unit, number};
use crate::table::Table;
use crate::value::Value;

/// Rows named one by one in a list.
const NAMED: usize = 3;

/// The sentences for `table`, the answer first. Those that cannot be supported are left out.
pub(super) fn write(table: &Table, input: &NarrateInput, layout: &Layout) -> Vec<Sentence> {
    let writer = Writer { table, input, layout };
    let mut sentences = writer.answer();
    if input.truncated && table.num_rows() > 0 {
        sentences.extend(
            writer
                .line()
                .say("Only the first ")
                .figure(Source::RowCount { beyond: 0 }, COUNT)
                .say(" rows were read; there are more.")
                .end(),
        );
    }
    sentences
}

pub(super) const COUNT: Format = Format::Number(Unit::Plain);

pub(super) struct Writer<'a> {
    pub(super) table: &'a Table,
    pub(super) input: &'a NarrateInput,
    pub(super) layout: &'a Layout,
}

impl<'a> Writer<'a> {
    pub(super) fn line(&self) -> Line<'a> {
        Line::new(self.table)
    }

    fn answer(&self) -> Vec<Sentence> {
        let rows = self.table.num_rows();
        let measure = self.layout.measures.first();
        let intent = self.input.intent;
        if rows == 0 {
            return self.empty();
        }
        if intent == Some(Intent::Existence) {
            return self.existence();
        }
        if rows == 1 && intent == Some(Intent::List) && !self.layout.names().is_empty() {
            return self.list();
        }
        if rows == 1 {
            return self.one_row();
        }
        let Some(measure) = measure.filter(|_| intent != Some(Intent::List)) else { return self.list() };
        let written = match (self.layout.timeline(), self.layout.names().first().copied()) {
            _ if measure.previous.is_some() => self.comparison(measure),
            (Some(time), None) => self.series(time, measure),
            (Some(time), Some(split)) => self.split_series(time, split, measure),
            (None, Some(_)) => match self.layout.row_name() {
                Some(name) => self.ranking(name, measure),
                None => self.groups(measure),
            },
            (None, None) => Vec::new(),
        };
        if written.is_empty() {
            return self.list();
        }
        let others = self.layout.measures.iter().skip(1).filter(|other| other.previous.is_none()).take(2);
        written.into_iter().chain(others.filter_map(|other| self.other_measure(other))).collect()
    }

    /// What a measure beside the first comes to, or the range it is in.
    fn other_measure(&self, measure: &MeasureColumns) -> Option<Sentence> {
        let column = measure.column;
        let label = self.layout.label(column);
        let plural = is_plural(label);
        let format = || Format::Number(measure.unit.clone());
        let of = |op| Source::Aggregate { op, column, rows: Rows::All };
        let line = self.line().given_first(label);
        if self.adds_up(measure) && !matches!(measure.unit, Unit::Fraction | Unit::Percent) {
            return line.say(if plural { " total " } else { " totals " }).figure(Source::sum(column), format()).say(".").end();
        }
        let line = line.say(if plural { " range from " } else { " ranges from " }).figure(of(AggregateOp::Min), format());
        line.say(" to ").figure(of(AggregateOp::Max), format()).say(".").end()
    }

    /// ` (2024-04-01 to 2024-06-30, Europe/Berlin)`.
    pub(super) fn window(&self, line: Line<'a>) -> Line<'a> {
        match (&self.input.window, &self.input.zone) {
            (Some(window), Some(zone)) => line.say(" (").given(window).say(", ").given(zone).say(")"),
            (Some(window), None) => line.say(" (").given(window).say(")"),
            _ => line,
        }
    }

    fn subject(&self) -> &str {
        self.input.subject.as_deref().unwrap_or("rows")
    }

    fn empty(&self) -> Vec<Sentence> {
        let line = if self.input.intent == Some(Intent::Existence) {
            self.line().say("No: there are no ")
        } else {
            self.line().say("There are no ")
        };
        let line = line.given(self.subject());
        let answer = self.window(line).say(".").claim(Claim::Rows(0)).end();
        let range = self.input.data_range.as_deref();
        let range = range.and_then(|range| self.line().given_first(range).say(".").end());
        answer.into_iter().chain(range).collect()
    }

    fn existence(&self) -> Vec<Sentence> {
        let counted = self.layout.measures.first().map(|measure| measure.column);
        let single = (self.table.num_rows() == 1 && self.table.num_columns() == 1).then(|| counted.unwrap_or(0));
        if let Some(column) = single {
            let value = self.table.value(0, column);
            let holds = match &value {
                Value::Bool(value) => Some(*value),
                other => number(other).map(|value| value != 0.0),
            };
            if let Some(holds) = holds {
                let claim = Claim::Truth { row: 0, column, holds };
                let line = self.line().say(if holds { "Yes" } else { "No" });
                let line = match value {
                    Value::Bool(_) => line,
                    _ if holds => line.say(": ").figure(Source::cell(0, column), COUNT).say(" ").given(self.subject()),
                    _ => line.say(": there are no ").given(self.subject()),
                };
                return self.window(line).say(".").claim(claim).end().into_iter().collect();
            }
        }
        let mut sentences = self.list();
        if let Some(first) = sentences.first_mut() {
            const YES: &str = "Yes: ";
            first.text.insert_str(0, YES);
            for figure in &mut first.figures {
                figure.start += YES.len();
                figure.end += YES.len();
            }
        }
        sentences
    }

    fn one_row(&self) -> Vec<Sentence> {
        let names = self.layout.names();
        let label = names.first().copied().or(self.layout.timeline());
        match (label, self.layout.measures.as_slice()) {
            (None, [measure]) if measure.previous.is_some() => self.compared_row(0, measure),
            (None, [measure]) => self.single(measure),
            (Some(label), [measure, ..]) => {
                let line = self.named(self.line(), 0, label).say(", with ").given(self.layout.label(measure.column));
                let line = line.say(" of ").figure(Source::cell(0, measure.column), Format::Number(measure.unit.clone()));
                let line = self.with_previous(line, 0, measure);
                let said = self.window(line).say(".").end();
                if said.is_some() { said.into_iter().collect() } else { self.row_as_pairs() }
            }
            (Some(label), []) if self.table.num_columns() == self.layout.name_parts(label).len() => {
                let line = self.named(self.line().say("The answer is "), 0, label);
                self.window(line).say(".").end().into_iter().collect()
            }
            _ => self.row_as_pairs(),
        }
    }

    /// One row of many values: `name: value; …`.
    fn row_as_pairs(&self) -> Vec<Sentence> {
        let mut line = self.line();
        let mut said = 0;
        for (column, shape) in self.layout.shape.columns.iter().enumerate() {
            let masked = self.input.column(&shape.name).is_some_and(|known| known.masked);
            if masked || self.table.value(0, column).is_null() || said == 6 {
                continue;
            }
            let measure = self.layout.measures.iter().find(|measure| measure.column == column);
            let format = measure.map_or_else(|| self.layout.name_format(column), |measure| Format::Number(measure.unit.clone()));
            line = line.say(if said == 0 { "" } else { "; " }).given(self.layout.label(column)).say(": ");
            line = line.figure(Source::cell(0, column), format);
            said += 1;
        }
        if said == 0 {
            return self
                .line()
                .say("There is one row, without any value that can be quoted.")
                .claim(Claim::Rows(1))
                .end()
                .into_iter()
                .collect();
        }
        self.window(line).say(".").claim(Claim::Rows(1)).end().map(capitalise).into_iter().collect()
    }

    pub(super) fn single(&self, measure: &MeasureColumns) -> Vec<Sentence> {
        let value = self.table.value(0, measure.column);
        let label = self.layout.label(measure.column);
        if value.is_null() {
            let line = self.line().say("There is no value for ").given(label);
            let claim = Claim::Missing { row: 0, column: measure.column };
            return self.window(line).say(": no row it could be computed from.").claim(claim).end().into_iter().collect();
        }
        let format = Format::Number(measure.unit.clone());
        let figure = Source::cell(0, measure.column);
        let past = self.input.window.is_some();
        let counts = matches!(value, Value::Int(n) if n != 1) && measure.unit.is_plain() && is_plural(label);
        let line = if counts {
            self.line().say(if past { "There were " } else { "There are " }).figure(figure, format).say(" ").given(label)
        } else {
            let plural = is_plural(label);
            let verb = match (past, plural) {
                (true, true) => " were ",
                (true, false) => " was ",
                (false, true) => " are ",
                (false, false) => " is ",
            };
            self.line().given_first(label).say(verb).figure(figure, format)
        };
        self.window(line).say(".").end().into_iter().collect()
    }

    fn list(&self) -> Vec<Sentence> {
        let rows = self.table.num_rows();
        let subject = self.subject();
        let line = if self.input.truncated { self.line().say("At least ") } else { self.line() };
        let line = line.figure(Source::RowCount { beyond: 0 }, COUNT).say(" ");
        let line = self.window(line.given(&if rows == 1 { singular(subject) } else { subject.to_owned() }));
        let name = self.layout.names().first().copied().or(self.layout.timeline());
        let Some(name) = name else {
            return line.say(".").end().into_iter().collect();
        };
        let named = if rows == NAMED + 1 { rows } else { rows.min(NAMED) };
        let mut line = line.say(": ");
        for row in 0..named {
            let comma = match row {
                0 => "",
                row if row + 1 == named && named == rows => " and ",
                _ => ", ",
            };
            line = self.named(line.say(comma), row, name);
        }
        if named < rows {
            line = line.say(" and ").figure(Source::RowCount { beyond: named }, COUNT).say(" more");
        }
        line.say(".").claim(Claim::Rows(rows)).end().into_iter().collect()
    }

    /// The name of a row: its cell, of people first and last name, `(none)` where there is none.
    pub(super) fn named(&self, line: Line<'a>, row: usize, name: usize) -> Line<'a> {
        named(line, self.table, self.layout, row, name)
    }

    pub(super) fn extreme(&self, column: usize, least: bool) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for row in 0..self.table.num_rows() {
            let Some(value) = number(&self.table.value(row, column)).filter(|value| value.is_finite()) else { continue };
            if best.is_none_or(|(_, best)| if least { value < best } else { value > best }) {
                best = Some((row, value));
            }
        }
        best.map(|(row, _)| row)
    }

    /// Whether the rows' values may be added up to the whole.
    pub(super) fn adds_up(&self, measure: &MeasureColumns) -> bool {
        measure.additive && !self.input.truncated && !self.input.limited
    }
}

/// Quotes the name of a row, see [`Writer::named`].
pub(in crate::ask) fn named<'a>(mut line: Line<'a>, table: &Table, layout: &Layout, row: usize, name: usize) -> Line<'a> {
    for (index, column) in layout.name_parts(name).into_iter().enumerate() {
        if index > 0 {
            line = line.say(" ");
        }
        line = match table.value(row, column) {
            Value::Null => line.say("(none)").claim(Claim::Missing { row, column }),
            Value::Text(text) if text.trim().is_empty() => line.say("(blank)"),
            _ => line.figure(Source::cell(row, column), layout.name_format(column)),
        };
    }
    line
}

/// A sentence that starts with a name from the caller starts with an upper-case letter, where that does not change the name's length.
fn capitalise(mut sentence: Sentence) -> Sentence {
    let Some(first) = sentence.text.chars().next() else { return sentence };
    let upper: String = first.to_uppercase().collect();
    if upper.len() == first.len_utf8()
        && let Some(figure) = sentence.figures.first_mut()
        && let super::Source::Given(text) = &mut figure.source
    {
        let rest: String = text.chars().skip(1).collect();
        *text = format!("{upper}{rest}");
        figure.value = Value::Text(text.clone());
        let tail = sentence.text.get(first.len_utf8()..).unwrap_or_default().to_owned();
        sentence.text = format!("{upper}{tail}");
    }
    sentence
}

pub(super) fn sign(before: f64, after: f64) -> i8 {
    match after.total_cmp(&before) {
        std::cmp::Ordering::Greater => 1,
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
    }
}

/// "most orders", "highest revenue", "largest share".
pub(super) fn superlative(label: &str, least: bool, is_share: bool) -> &'static str {
    match (is_plural(label), least) {
        _ if is_share && !least => "largest",
        (true, false) => "most",
        (true, true) => "fewest",
        (false, false) => "highest",
        (false, true) => "lowest",
    }
}

/// Whether a label reads as a plural: "orders", but not "total of orders" or "gross".
pub(super) fn is_plural(label: &str) -> bool {
    const SINGULAR_HEADS: &[&str] = &[
        "total", "average", "number", "count", "sum", "median", "share", "min", "max", "highest", "lowest", "ratio", "mean",
        "latest", "earliest",
    ];
    let lower = label.to_lowercase();
    let first = lower.split_whitespace().next().unwrap_or_default();
    let last = lower.split_whitespace().last().unwrap_or_default();
    !SINGULAR_HEADS.contains(&first) && last.len() > 2 && last.ends_with('s') && !last.ends_with("ss") && !last.ends_with("us")
}
