//! What stands out in a result: each callout a sentence bound to cells like the narrative's.

use serde::{Deserialize, Serialize};

use super::narrate::{
    AggregateOp, Claim, Format, Layout, Line, MeasureColumns, NarrateInput, Rows, Sentence, Source, largest_step, missing, named,
    ordered_rows, outliers,
};
use crate::chart::{Unit, number};
use crate::table::Table;

/// Least share the largest item (or the three largest of ten or more) must have to be worth a word.
const CONCENTRATED: f64 = 0.5;
/// Missing periods named one by one.
const NAMED: usize = 3;

/// Something that stands out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Callout {
    /// What kind of thing.
    pub kind: CalloutKind,
    /// The sentence that says it.
    #[serde(flatten)]
    pub sentence: Sentence,
}

/// Kinds of callout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalloutKind {
    /// The largest step from one period to the next.
    LargestChange,
    /// A value far from the others.
    Outlier,
    /// Periods of a series without a row.
    MissingPeriods,
    /// Few items hold most of the whole.
    Concentration,
}

/// What stands out in `table`, most important first; at most one of each kind. Every figure and claim was checked.
pub fn callouts(table: &Table, input: &NarrateInput) -> Vec<Callout> {
    let layout = Layout::of(table, input);
    let finder = Finder { table, input, layout: &layout };
    let found = [
        (CalloutKind::MissingPeriods, finder.missing_periods()),
        (CalloutKind::Outlier, finder.outlier()),
        (CalloutKind::LargestChange, finder.largest_change()),
        (CalloutKind::Concentration, finder.concentration()),
    ];
    found.into_iter().filter_map(|(kind, sentence)| Some(Callout { kind, sentence: sentence? })).collect()
}

/// The callouts that hold for `table`.
pub fn check_callouts(callouts: &[Callout], table: &Table) -> Vec<Callout> {
    callouts.iter().filter(|callout| callout.sentence.is_supported(table)).cloned().collect()
}

struct Finder<'a> {
    table: &'a Table,
    input: &'a NarrateInput,
    layout: &'a Layout,
}

impl<'a> Finder<'a> {
    fn line(&self) -> Line<'a> {
        Line::new(self.table)
    }

    /// The time column and the first measure of a plain series: one row for each period.
    fn series(&self) -> Option<(usize, &MeasureColumns)> {
        let time = self.layout.timeline()?;
        let plain = self.layout.dimensions.len() == 1 && self.layout.shape.columns.get(time)?.distinct == self.table.num_rows();
        if plain { Some((time, self.layout.measures.first()?)) } else { None }
    }

    /// The row of a period that is not over: whatever it shows will change.
    fn unfinished(&self, time: usize) -> Option<usize> {
        if self.input.incomplete { ordered_rows(self.table, time).last().copied() } else { None }
    }

    fn largest_change(&self) -> Option<Sentence> {
        let (time, measure) = self.series()?;
        if self.table.num_rows() < 3 {
            return None;
        }
        let column = measure.column;
        let (before, row) = largest_step(self.table, time, column)?;
        if self.unfinished(time) == Some(row) {
            return None;
        }
        let (from, to) = (Source::cell(before, column), Source::cell(row, column));
        let values = (number(&self.table.value(before, column))?, number(&self.table.value(row, column))?);
        let format = || Format::Number(measure.unit.clone());
        let line = self.line().say("The largest change is from ").figure(from.clone(), format()).say(" in ");
        let line = line
            .figure(Source::cell(before, time), self.layout.name_format(time))
            .say(" to ")
            .figure(to.clone(), format())
            .say(" in ");
        let line = line.figure(Source::cell(row, time), self.layout.name_format(time));
        let line = if values.0 != 0.0 && !matches!(measure.unit, Unit::Fraction | Unit::Percent) {
            let change = Source::Change { from: Box::new(from.clone()), to: Box::new(to.clone()) };
            line.say(" (").figure(change, Format::Signed(Unit::Fraction)).say(")")
        } else {
            line
        };
        line.say(".").claim(Claim::LargestStep { row, before, column, along: time }).end()
    }

    fn outlier(&self) -> Option<Sentence> {
        let name = self.layout.row_name().or(self.series().map(|(time, _)| time))?;
        let measure = self.layout.measures.first()?;
        let column = measure.column;
        let unfinished = self.layout.timeline().and_then(|time| self.unfinished(time));
        let typical = Source::Aggregate { op: AggregateOp::Median, column, rows: Rows::All };
        let middle = number(&typical.evaluate(self.table)?)?;
        let distance = |row: &usize| number(&self.table.value(*row, column)).map_or(0.0, |value| (value - middle).abs());
        let row = outliers(self.table, column)
            .into_iter()
            .filter(|row| Some(*row) != unfinished)
            .max_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        let above = number(&self.table.value(row, column))? > middle;
        let line = named(self.line(), self.table, self.layout, row, name).say(" stands out: ");
        let line = line.figure(Source::cell(row, column), Format::Number(measure.unit.clone()));
        let line = line.say(if above { ", far above the median of " } else { ", far below the median of " });
        let line =
            line.figure(typical.clone(), Format::Number(measure.unit.clone())).say(".").claim(Claim::Outlier { row, column });
        line.claim(Claim::Direction { left: typical, right: Source::cell(row, column), sign: if above { 1 } else { -1 } }).end()
    }

    fn missing_periods(&self) -> Option<Sentence> {
        let time = self.layout.timeline()?;
        if self.input.limited || self.input.truncated {
            // Cut off by the question or a cap, which says nothing about the data.
            return None;
        }
        let missing = missing(self.table, time)?;
        if missing.is_empty() {
            return None;
        }
        let rows = ordered_rows(self.table, time);
        let (first, last) = (*rows.first()?, *rows.last()?);
        let periods = self.layout.periods(time);
        let one = missing.len() == 1;
        let mut line =
            self.line().figure(Source::MissingPeriods { column: time, at: None }, Format::Number(Unit::Plain)).say(" ");
        line = line.say(if one { periods.strip_suffix('s').unwrap_or(periods) } else { periods });
        line = line.say(" between ").figure(Source::cell(first, time), self.layout.name_format(time)).say(" and ");
        line = line.figure(Source::cell(last, time), self.layout.name_format(time)).say(if one {
            " has no row: "
        } else {
            " have no row: "
        });
        for at in 0..missing.len().min(NAMED) {
            line = line.say(if at == 0 { "" } else { ", " });
            line = line.figure(Source::MissingPeriods { column: time, at: Some(at) }, Format::Label);
        }
        line.say(if missing.len() > NAMED { " and others." } else { "." }).end()
    }

    fn concentration(&self) -> Option<Sentence> {
        let measure = self.layout.measures.first()?;
        let name = self.layout.row_name()?;
        let column = measure.column;
        let rows = self.table.num_rows();
        let whole = measure.additive && !self.input.truncated && !self.input.limited;
        if !whole || self.layout.timeline().is_some() || rows < 4 || self.layout.shape.columns.get(column)?.min < 0.0 {
            return None;
        }
        let value = |row: usize| number(&self.table.value(row, column)).unwrap_or(0.0);
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by(|a, b| value(*b).total_cmp(&value(*a)));
        let total: f64 = (0..rows).map(value).sum();
        let share = |count: usize| order.iter().take(count).map(|row| value(*row)).sum::<f64>() / total;
        let count = if share(1) >= CONCENTRATED { 1 } else { 3 };
        if (count == 3 && rows < 10) || share(count).is_nan() || share(count) < CONCENTRATED {
            return None;
        }
        let leading: Vec<usize> = order.into_iter().take(count).collect();
        let mut line = self.line();
        for (at, &row) in leading.iter().enumerate() {
            let join = match at {
                0 => "",
                at if at + 1 == count => " and ",
                _ => ", ",
            };
            line = named(line.say(join), self.table, self.layout, row, name);
        }
        let part = Source::Aggregate { op: AggregateOp::Sum, column, rows: Rows::List(leading.clone()) };
        let share = Source::Ratio { part: Box::new(part), whole: Box::new(Source::sum(column)) };
        let line = line.say(if count == 1 { " alone makes up " } else { " together make up " });
        let line = line.figure(share, Format::Number(Unit::Fraction)).say(" of the total ").given(self.layout.label(column));
        line.say(".").claim(Claim::Leading { rows: leading, column, least: false }).end()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::chart::ColumnHint;
    use crate::query::Grain;
    use crate::value::Value;

    fn months(values: &[(u32, i64)]) -> (Table, NarrateInput) {
        let rows: Vec<Vec<Value>> =
            values.iter().map(|(m, value)| vec![format!("2024-{m:02}").into(), (*value).into()]).collect();
        let columns = vec![ColumnHint::dimension("month", Some(Grain::Month)), ColumnHint::measure("orders", Unit::Plain, true)];
        (Table::from_rows(&["month", "orders"], &rows).unwrap(), NarrateInput { columns, ..NarrateInput::default() })
    }

    fn texts(found: &[Callout]) -> Vec<String> {
        found.iter().map(|callout| callout.sentence.text.clone()).collect()
    }

    #[test]
    fn a_series_with_a_hole_and_a_spike() {
        let (table, input) = months(&[(1, 100), (2, 104), (3, 98), (4, 101), (6, 103), (7, 400), (8, 99), (9, 102)]);
        assert_eq!(
            texts(&callouts(&table, &input)),
            [
                "1 month between 2024-01 and 2024-09 has no row: 2024-05.",
                "2024-07 stands out: 400, far above the median of 101.5.",
                "The largest change is from 400 in 2024-07 to 99 in 2024-08 (-75.2%).",
            ]
        );
    }

    #[test]
    fn a_period_that_is_not_over_is_no_news() {
        let (table, input) = months(&[(1, 100), (2, 104), (3, 98), (4, 101), (5, 103), (6, 99), (7, 102), (8, 3)]);
        assert!(callouts(&table, &input).iter().any(|callout| callout.kind == CalloutKind::Outlier));
        assert!(callouts(&table, &NarrateInput { incomplete: true, ..input }).is_empty());
    }

    #[test]
    fn concentration_needs_a_whole() {
        let rows: Vec<Vec<Value>> =
            (0..12).map(|n| vec![format!("Customer {n}").into(), Value::Int(if n < 3 { 300 } else { 20 })]).collect();
        let table = Table::from_rows(&["customer", "revenue"], &rows).unwrap();
        let columns =
            vec![ColumnHint::dimension("customer", None), ColumnHint::measure("revenue", Unit::Currency("USD".into()), true)];
        let input = NarrateInput { columns, ..NarrateInput::default() };
        let found = callouts(&table, &input);
        assert!(
            texts(&found)
                .contains(&"Customer 0, Customer 1 and Customer 2 together make up 83.3% of the total revenue.".to_owned()),
            "{:?}",
            texts(&found)
        );
        let limited = callouts(&table, &NarrateInput { limited: true, ..input });
        assert!(limited.iter().all(|callout| callout.kind != CalloutKind::Concentration));
    }

    #[test]
    fn a_changed_table_takes_its_callouts_along() {
        let (table, input) = months(&[(1, 100), (2, 104), (3, 98), (4, 101), (6, 103), (7, 400), (8, 99), (9, 102)]);
        let found = callouts(&table, &input);
        let (calm, _) = months(&[(1, 100), (2, 104), (3, 98), (4, 101), (5, 103), (6, 105), (7, 99), (8, 102)]);
        assert!(check_callouts(&found, &calm).is_empty());
        assert_eq!(check_callouts(&found, &table), found);
    }
}
