//! A measure for each of some things: who leads, who follows, what it comes to.

use super::figure::{Claim, Format, Sentence, Source, tied};
use super::layout::MeasureColumns;
use super::sentences::{COUNT, Writer, superlative};
use crate::chart::{Intent, Unit, number};

impl<'a> Writer<'a> {
    pub(super) fn ranking(&self, name: usize, measure: &MeasureColumns) -> Vec<Sentence> {
        let column = measure.column;
        let shape = &self.layout.shape.columns[column];
        let format = || Format::Number(measure.unit.clone());
        let value = |row: usize| number(&self.table.value(row, column)).filter(|value| value.is_finite());
        let mut rows: Vec<usize> = (0..self.table.num_rows()).filter(|row| value(*row).is_some()).collect();
        let first_to_last = (rows.first().and_then(|row| value(*row)), rows.last().and_then(|row| value(*row)));
        // "The five cheapest": rows that were asked for in ascending order.
        let least = shape.ordered
            && matches!(first_to_last, (Some(first), Some(last)) if first < last)
            && (self.input.intent == Some(Intent::Ranking) || self.input.limited);
        rows.sort_by(|a, b| {
            let (a, b) = (value(*a).unwrap_or(0.0), value(*b).unwrap_or(0.0));
            if least { a.total_cmp(&b) } else { b.total_cmp(&a) }
        });
        let Some(&leader) = rows.first() else { return Vec::new() };
        let ties = tied(self.table, leader, column, least).unwrap_or(1);
        let label = self.layout.label(column);
        let mut sentences = Vec::new();
        let is_share = self.input.intent == Some(Intent::Share) && matches!(measure.unit, Unit::Fraction | Unit::Percent);

        let line = self.named(self.line(), leader, name);
        let line = if ties > 1 {
            let claim = Claim::Tie { row: leader, column, least, rows: ties };
            if ties == 2 && rows.len() >= 2 {
                let both = Claim::Leading { rows: vec![leader, rows[1]], column, least };
                self.named(line.say(" and "), rows[1], name).claim(both)
            } else {
                line.say(" and others")
            }
            .say(" have the ")
            .say(superlative(label, least, is_share))
            .say(" ")
            .given(label)
            .say(": ")
            .figure(Source::cell(leader, column), format())
            .say(" each")
            .claim(claim)
        } else {
            line.say(" has the ")
                .say(superlative(label, least, is_share))
                .say(" ")
                .given(label)
                .say(": ")
                .figure(Source::cell(leader, column), format())
                .claim(Claim::Extreme { row: leader, column, least })
        };
        let whole = self.adds_up(measure)
            && shape.min >= 0.0
            && !least
            && ties == 1
            && !matches!(measure.unit, Unit::Fraction | Unit::Percent);
        let line = if whole {
            let share = Source::Ratio { part: Box::new(Source::cell(leader, column)), whole: Box::new(Source::sum(column)) };
            line.say(", ").figure(share, Format::Number(Unit::Fraction)).say(" of the total")
        } else {
            line
        };
        sentences.extend(self.window(line).say(".").end());

        if ties == 1
            && let (Some(&second), rest) = (rows.get(1), rows.get(2))
        {
            let line = self.line().say("Next ").say(if rest.is_some() { "come " } else { "comes " });
            let line = self.named(line, second, name);
            let line = line.say(" with ").figure(Source::cell(second, column), format());
            let mut leading = vec![leader, second];
            let line = match rest {
                Some(&third) => {
                    leading.push(third);
                    self.named(line.say(" and "), third, name).say(" with ").figure(Source::cell(third, column), format())
                }
                None => line,
            };
            sentences.extend(line.say(".").claim(Claim::Leading { rows: leading, column, least }).end());
        }
        if self.adds_up(measure) && !matches!(measure.unit, Unit::Fraction | Unit::Percent) && self.table.num_rows() > 1 {
            let line = self.line().say("All ").figure(Source::RowCount { beyond: 0 }, COUNT).say(" together: ");
            sentences.extend(line.figure(Source::sum(column), format()).say(".").end());
        } else if !least && ties == 1 && rows.len() > 3 && !self.input.limited && !self.input.truncated {
            sentences.extend(self.lowest(name, measure));
        }
        sentences
    }

    pub(super) fn lowest(&self, name: usize, measure: &MeasureColumns) -> Option<Sentence> {
        let column = measure.column;
        let row = self.extreme(column, true)?;
        let line = self.named(self.line().say("The lowest is "), row, name).say(" with ");
        line.figure(Source::cell(row, column), Format::Number(measure.unit.clone()))
            .say(".")
            .claim(Claim::Extreme { row, column, least: true })
            .end()
    }

    /// Several dimensions: how many combinations, and the extreme one.
    pub(super) fn groups(&self, measure: &MeasureColumns) -> Vec<Sentence> {
        let column = measure.column;
        let Some(row) = self.extreme(column, false) else { return Vec::new() };
        let format = || Format::Number(measure.unit.clone());
        // Both parts of a name are said with the first of them.
        let mut dimensions: Vec<usize> = Vec::new();
        for &dimension in &self.layout.dimensions {
            if !dimensions.iter().any(|&said| self.layout.name_parts(said).contains(&dimension)) {
                dimensions.push(dimension);
            }
        }
        let mut line = self.line();
        for (index, &dimension) in dimensions.iter().take(3).enumerate() {
            line = self.named(line.say(if index == 0 { "" } else { ", " }), row, dimension);
        }
        let line = line
            .say(" has the ")
            .say(superlative(self.layout.label(column), false, false))
            .say(" ")
            .given(self.layout.label(column))
            .say(": ")
            .figure(Source::cell(row, column), format());
        let mut sentences: Vec<Sentence> =
            self.window(line).say(".").claim(Claim::Extreme { row, column, least: false }).end().into_iter().collect();
        if self.adds_up(measure) && !matches!(measure.unit, Unit::Fraction | Unit::Percent) {
            let line = self.line().say("All ").figure(Source::RowCount { beyond: 0 }, COUNT).say(" combinations together: ");
            sentences.extend(line.figure(Source::sum(column), format()).say(".").end());
        }
        sentences
    }
}
