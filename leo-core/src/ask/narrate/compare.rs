//! One period beside another.

use super::figure::{Claim, Format, Line, Sentence, Source};
use super::layout::MeasureColumns;
use super::sentences::{Writer, is_plural, sign};
use crate::chart::{ColumnKind, Unit, number};

impl<'a> Writer<'a> {
    /// `, up 20% from 100 (2023)`.
    pub(super) fn with_previous(&self, line: Line<'a>, row: usize, measure: &MeasureColumns) -> Line<'a> {
        let Some(previous) = measure.previous else { return line };
        if self.table.value(row, previous).is_null() || self.table.value(row, measure.column).is_null() {
            return line;
        }
        self.direction(line.say(", "), Source::cell(row, previous), Source::cell(row, measure.column), &measure.unit)
    }

    /// `up 20% from 100`; without a percentage where there was nothing before.
    pub(super) fn direction(&self, line: Line<'a>, from: Source, to: Source, unit: &Unit) -> Line<'a> {
        let before = from.evaluate(self.table).and_then(|value| number(&value)).unwrap_or(0.0);
        let after = to.evaluate(self.table).and_then(|value| number(&value)).unwrap_or(0.0);
        let sign = sign(before, after);
        let format = Format::Number(unit.clone());
        let claim = Claim::Direction { left: from.clone(), right: to.clone(), sign };
        let line = match sign {
            0 => return line.say("the same as before").claim(claim),
            1 => line.say("up "),
            _ => line.say("down "),
        };
        let line = if before == 0.0 {
            line
        } else if matches!(unit, Unit::Fraction | Unit::Percent) {
            // A percentage of a percentage is read wrongly.
            line.figure(Source::Difference { from: Box::new(from.clone()), to: Box::new(to) }, Format::Magnitude(unit.clone()))
                .say(" in points ")
        } else {
            let change = Source::Change { from: Box::new(from.clone()), to: Box::new(to) };
            line.figure(change, Format::Magnitude(Unit::Fraction)).say(" ")
        };
        line.say("from ").figure(from, format).claim(claim)
    }

    pub(super) fn compared_row(&self, row: usize, measure: &MeasureColumns) -> Vec<Sentence> {
        let label = self.layout.label(measure.column);
        let verb = if is_plural(label) { " were " } else { " was " };
        if self.table.value(row, measure.column).is_null() {
            return self.single(measure);
        }
        let line = self.line().given_first(label).say(verb);
        let line = self.window(line.figure(Source::cell(row, measure.column), Format::Number(measure.unit.clone())));
        let line = self.with_previous(line, row, measure);
        self.base(line).say(".").end().into_iter().collect()
    }

    /// ` (2023-04-01 to 2023-06-30)`, of what is compared with.
    pub(super) fn base(&self, line: Line<'a>) -> Line<'a> {
        match &self.input.compared_with {
            Some(base) => line.say(" (").given(base).say(")"),
            None => line,
        }
    }

    /// Rows with a value for two periods.
    pub(super) fn comparison(&self, measure: &MeasureColumns) -> Vec<Sentence> {
        let Some(previous) = measure.previous else { return Vec::new() };
        let column = measure.column;
        let label = self.layout.label(column);
        let mut sentences = Vec::new();
        if self.adds_up(measure) {
            let line = self.line().given_first(label).say(if is_plural(label) { " total " } else { " totals " });
            let line = self.window(line.figure(Source::sum(column), Format::Number(measure.unit.clone()))).say(", ");
            let line = self.direction(line, Source::sum(previous), Source::sum(column), &measure.unit);
            sentences.extend(self.base(line).say(".").end());
        }
        let Some(name) = self.layout.names().first().copied().or(self.layout.timeline()) else { return sentences };
        // Movers by their change: the column for it where there is one, for then the claim is about cells.
        let Some(change) = measure.change else { return sentences };
        let format = || Format::Number(measure.unit.clone());
        for (least, word) in [(false, "The largest increase: "), (true, "The largest decrease: ")] {
            let Some(row) = self.extreme(change, least) else { continue };
            let moved = number(&self.table.value(row, change)).unwrap_or(0.0);
            if (moved > 0.0) == least || moved == 0.0 {
                continue;
            }
            let line = self.named(self.line().say(word), row, name).say(", ");
            let line =
                line.figure(Source::cell(row, column), format()).say(" after ").figure(Source::cell(row, previous), format());
            let line = line.say(" (").figure(Source::cell(row, change), Format::Signed(measure.unit.clone()));
            let line = match measure.change_pct.filter(|&pct| !self.table.value(row, pct).is_null()) {
                Some(pct) => line.say(", ").figure(Source::cell(row, pct), Format::Signed(Unit::Fraction)),
                None => line,
            };
            sentences.extend(line.say(").").claim(Claim::Extreme { row, column: change, least }).end());
        }
        if sentences.is_empty() && self.layout.shape.columns[name].kind != ColumnKind::Empty {
            return self.groups(measure);
        }
        sentences
    }
}
