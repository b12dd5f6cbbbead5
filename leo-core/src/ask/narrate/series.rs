//! Developments in time.

use super::figure::{AggregateOp, Claim, Format, Rows, Sentence, Source, tied};
use super::layout::MeasureColumns;
use super::periods::ordered_rows;
use super::sentences::{COUNT, Writer, is_plural, sign};
use crate::chart::{Unit, number};

impl<'a> Writer<'a> {
    pub(super) fn series(&self, time: usize, measure: &MeasureColumns) -> Vec<Sentence> {
        let rows = ordered_rows(self.table, time);
        let column = measure.column;
        let present: Vec<usize> = rows.iter().copied().filter(|row| number(&self.table.value(*row, column)).is_some()).collect();
        let (Some(&first), Some(&last)) = (present.first(), present.last()) else { return Vec::new() };
        let format = || Format::Number(measure.unit.clone());
        let label = self.layout.label(column);
        let mut sentences = Vec::new();

        let line = self.line().given_first(label);
        let line = if self.adds_up(measure) {
            line.say(if is_plural(label) { " total " } else { " totals " }).figure(Source::sum(column), format()).say(" over ")
        } else {
            let bound = |op| Source::Aggregate { op, column, rows: Rows::All };
            line.say(if is_plural(label) { " range from " } else { " ranges from " })
                .figure(bound(AggregateOp::Min), format())
                .say(" to ")
                .figure(bound(AggregateOp::Max), format())
                .say(" over ")
        };
        let line = line.figure(Source::Distinct { column: time }, COUNT).say(" ").say(self.layout.periods(time));
        let line = if self.input.incomplete { line.say(" so far") } else { line };
        sentences.extend(self.window(line).say(".").end());

        // A period that is not over would look like a fall.
        let last = if self.input.incomplete { present.iter().rev().nth(1).copied().unwrap_or(last) } else { last };
        if first != last {
            let (from, to) = (Source::cell(first, column), Source::cell(last, column));
            let values = (number(&self.table.value(first, column)), number(&self.table.value(last, column)));
            let sign = sign(values.0.unwrap_or(0.0), values.1.unwrap_or(0.0));
            let line = match sign {
                0 => self.line().say(if is_plural(label) { "They are the same in " } else { "It is the same in " }),
                1 => self.line().say(if is_plural(label) { "They rose from " } else { "It rose from " }),
                _ => self.line().say(if is_plural(label) { "They fell from " } else { "It fell from " }),
            };
            let line = if sign == 0 {
                line.figure(Source::cell(first, time), self.layout.name_format(time))
                    .say(" and in ")
                    .figure(Source::cell(last, time), self.layout.name_format(time))
                    .say(": ")
                    .figure(from.clone(), format())
            } else {
                line.figure(from.clone(), format())
                    .say(" in ")
                    .figure(Source::cell(first, time), self.layout.name_format(time))
                    .say(" to ")
                    .figure(to.clone(), format())
                    .say(" in ")
                    .figure(Source::cell(last, time), self.layout.name_format(time))
            };
            let relative = sign != 0 && values.0 != Some(0.0) && !matches!(measure.unit, Unit::Fraction | Unit::Percent);
            let line = if relative {
                let change = Source::Change { from: Box::new(from.clone()), to: Box::new(to.clone()) };
                let word = if sign > 0 { ", up " } else { ", down " };
                line.say(word).figure(change, Format::Magnitude(Unit::Fraction))
            } else {
                line
            };
            let line = if self.input.incomplete { line.say("; the last period is not complete and left out here") } else { line };
            sentences.extend(line.say(".").claim(Claim::Direction { left: from, right: to, sign }).end());
        }
        sentences.extend(self.extremes(time, measure));
        sentences
    }

    /// `The highest is 19,900 in 2024-05, the lowest 10,000 in 2024-12.`
    pub(super) fn extremes(&self, along: usize, measure: &MeasureColumns) -> Option<Sentence> {
        let column = measure.column;
        let format = || Format::Number(measure.unit.clone());
        let (most, least) = (self.extreme(column, false)?, self.extreme(column, true)?);
        if most == least || self.table.num_rows() < 3 {
            return None;
        }
        let unique = |row, least| tied(self.table, row, column, least) == Some(1);
        let mut line = self.line();
        let mut said = false;
        // An incomplete period is low for no reason of its own.
        let unfinished = if self.input.incomplete { ordered_rows(self.table, along).last().copied() } else { None };
        for (row, is_least, word) in [(most, false, "highest"), (least, true, "lowest")] {
            if !unique(row, is_least) || Some(row) == unfinished {
                continue;
            }
            line = line.say(if said { ", the " } else { "The " }).say(word).say(if said { " " } else { " is " });
            line = line
                .figure(Source::cell(row, column), format())
                .say(" in ")
                .figure(Source::cell(row, along), self.layout.name_format(along));
            line = line.claim(Claim::Extreme { row, column, least: is_least });
            said = true;
        }
        if said { line.say(".").end() } else { None }
    }

    pub(super) fn split_series(&self, time: usize, split: usize, measure: &MeasureColumns) -> Vec<Sentence> {
        let column = measure.column;
        // Sums over many groups of many rows are not worth the time they take.
        if !self.adds_up(measure) || self.table.num_rows() > 20_000 {
            return self.groups(measure);
        }
        let format = || Format::Number(measure.unit.clone());
        let label = self.layout.label(column);
        let mut sentences = Vec::new();
        let line = self.line().given_first(label).say(if is_plural(label) { " total " } else { " totals " });
        let line = line.figure(Source::sum(column), format()).say(" over ").figure(Source::Distinct { column: time }, COUNT);
        let line = line.say(" ").say(self.layout.periods(time));
        sentences.extend(self.window(line).say(".").end());
        // One row of the group with the greatest sum.
        let sum = |row: usize| Source::Aggregate { op: AggregateOp::Sum, column, rows: Rows::Like { column: split, row } };
        let mut firsts: Vec<usize> = Vec::new();
        for row in 0..self.table.num_rows() {
            let value = self.table.value(row, split);
            if !value.is_null() && !firsts.iter().any(|first| self.table.value(*first, split) == value) {
                firsts.push(row);
            }
            if firsts.len() > 200 {
                return sentences;
            }
        }
        let size = |row: usize| sum(row).evaluate(self.table).and_then(|value| number(&value)).unwrap_or(f64::NEG_INFINITY);
        let Some(leader) = firsts.into_iter().max_by(|a, b| size(*a).total_cmp(&size(*b))) else { return sentences };
        let line = self
            .line()
            .figure(Source::cell(leader, split), self.layout.name_format(split))
            .say(" has the largest part with ")
            .figure(sum(leader), format());
        let line = line.say(", ").figure(
            Source::Ratio { part: Box::new(sum(leader)), whole: Box::new(Source::sum(column)) },
            Format::Number(Unit::Fraction),
        );
        let positive = self.layout.shape.columns[column].min >= 0.0;
        if positive {
            sentences.extend(line.say(" of the total.").claim(Claim::LargestGroup { by: split, row: leader, column }).end());
        }
        sentences
    }
}
