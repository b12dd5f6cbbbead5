//! The user's zone, written into the statement where the engine cannot be asked for it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sqlparser::ast::{BinaryOperator, Expr};

use super::super::Compiler;
use super::super::ast::{binary, call, case, cast, int, minus, plus, text};
use super::{integer_division, named};
use crate::catalog::Column;
use crate::value::Value;

/// Changes of the clock written into a statement at most; more would make it unreadable.
const MOST_CHANGES: usize = 6;

/// The zone's offset from UTC in seconds: the first, and each later one with the instant it begins at.
struct Offsets {
    first: i64,
    changes: Vec<(i64, i64)>,
}

impl Offsets {
    /// `CASE WHEN instant < change THEN offset before … ELSE the last offset END`, or the offset alone.
    fn written(self, before: impl Fn(i64) -> Expr, offset: impl Fn(i64) -> Expr) -> Expr {
        let mut branches = Vec::with_capacity(self.changes.len());
        let mut current = self.first;
        for (at, after) in self.changes {
            branches.push((before(at), offset(current)));
            current = after;
        }
        if branches.is_empty() { offset(current) } else { case(branches, Some(offset(current))) }
    }
}

impl Compiler<'_> {
    /// The zone's name in the database of zones, `UTC` for zones without a name of their own.
    pub(super) fn zone_name(&mut self) -> String {
        match self.now.time_zone().iana_name() {
            Some(name) if name.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c)) => name.to_owned(),
            _ => {
                if self.now.offset().seconds() != 0 {
                    self.warn("the zone has no name the database knows; its times are shown in UTC");
                }
                "UTC".to_owned()
            }
        }
    }

    /// Seconds since 1970 moved by the zone's offset at each moment.
    pub(super) fn local_seconds(&mut self, expr: Expr, column: &Column, millis: bool) -> Expr {
        let seconds = if millis { integer_division(self.dialect, expr, 1_000) } else { expr };
        let offsets = self.offsets(column, millis);
        match (offsets.first, offsets.changes.is_empty()) {
            (0, true) => seconds,
            (offset, true) if offset < 0 => minus(seconds, int(-offset)),
            _ => {
                let offset = offsets.written(|at| binary(seconds.clone(), BinaryOperator::Lt, int(at)), int);
                plus(seconds, offset)
            }
        }
    }

    /// T-SQL knows zones by names of its own: a `datetimeoffset` is switched to the zone's offset at each moment.
    pub(super) fn switched(&mut self, expr: Expr, column: &Column) -> Expr {
        let instant = |at: i64| {
            let written = jiff::Timestamp::from_second(at).map(|at| at.strftime("%Y-%m-%d %H:%M:%S+00:00").to_string());
            cast(text(&written.unwrap_or_default()), named("datetimeoffset"))
        };
        let offset = |seconds: i64| {
            let minutes = seconds.abs() / 60;
            let sign = if seconds < 0 { '-' } else { '+' };
            text(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
        };
        let offsets = self.offsets(column, false);
        let offset = offsets.written(|at| binary(expr.clone(), BinaryOperator::Lt, instant(at)), offset);
        call("SWITCHOFFSET", vec![expr, offset])
    }

    /// The zone's offsets within the windows of the query, or the values seen, when they are few; else today's, with a warning.
    fn offsets(&mut self, column: &Column, millis: bool) -> Offsets {
        let zone = self.now.time_zone().clone();
        if let Ok(offset) = zone.to_fixed_offset() {
            return Offsets { first: i64::from(offset.seconds()), changes: Vec::new() };
        }
        if let Some(offsets) = self.span_of(column, millis).and_then(|(from, to)| clock_changes(&zone, from, to)) {
            return offsets;
        }
        self.warn(format!(
            "times of day of column {} are shown at today's offset from UTC; ask for a window of at most three years to follow \
             changes of the clock",
            column.name
        ));
        Offsets { first: i64::from(self.now.offset().seconds()), changes: Vec::new() }
    }

    /// The stretch of time a column's rows lie in, in seconds: the query's windows, else the values seen.
    fn span_of(&self, column: &Column, millis: bool) -> Option<(i64, i64)> {
        let edge = |date: Option<Date>| {
            date.and_then(|date| date.to_zoned(self.now.time_zone().clone()).ok()).map(|at| at.timestamp().as_second())
        };
        let own = || self.spans.iter().filter(|(other, _)| std::ptr::eq(*other, column)).map(|(_, window)| window);
        let from = own().map(|window| edge(window.start)).min().flatten();
        let to = own().map(|window| edge(window.end)).collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
        if let (Some(from), Some(to)) = (from, to) {
            return Some((from, to));
        }
        let statistics = column.statistics.as_ref()?;
        let scale = if millis { 1_000 } else { 1 };
        match (&statistics.min, &statistics.max) {
            (Some(Value::Int(min)), Some(Value::Int(max))) => Some((min / scale, max / scale)),
            _ => None,
        }
    }
}

/// The offset at `from` and the changes until `to`; `None` when there are too many.
fn clock_changes(zone: &TimeZone, from: i64, to: i64) -> Option<Offsets> {
    let start = jiff::Timestamp::from_second(from).ok()?;
    let mut changes = Vec::new();
    let first = i64::from(zone.to_offset(start).seconds());
    let mut offset = first;
    for change in zone.following(start) {
        let at = change.timestamp().as_second();
        if at >= to {
            break;
        }
        let after = i64::from(change.offset().seconds());
        if after != offset {
            changes.push((at, after));
            offset = after;
        }
        if changes.len() > MOST_CHANGES {
            return None;
        }
    }
    Some(Offsets { first, changes })
}
