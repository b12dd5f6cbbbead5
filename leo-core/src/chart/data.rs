//! What a renderer draws: the cells a spec names, pivoted, ordered and cut to what can be read.

use std::collections::HashMap;

use super::format;
use super::hint::Unit;
use super::shape::{calendar_name, number};
use super::spec::{Arrangement, ChartSpec, Encoding, Sort, SortBy};
use crate::table::Table;
use crate::value::Value;

/// Longest label handed to a renderer, in characters.
const LABEL: usize = 48;

/// Categories along an axis with one value per series.
#[derive(Debug, Default)]
pub(super) struct Plot {
    /// Labels of the categories, in order.
    pub categories: Vec<String>,
    /// The categories' cells, in order.
    pub keys: Vec<Value>,
    /// One entry per series.
    pub series: Vec<Series>,
    /// Categories left out.
    pub hidden_categories: usize,
    /// Series left out.
    pub hidden_series: usize,
}

/// The values of one series, one per category; `None` where there is no finite number.
#[derive(Debug)]
pub(super) struct Series {
    pub name: String,
    pub values: Vec<Option<f64>>,
}

impl Plot {
    /// Pivots `table` as `spec` says; `None` when its columns are not there.
    pub(super) fn of(spec: &ChartSpec, table: &Table, max_categories: usize, max_series: usize) -> Option<Self> {
        let y: Vec<usize> = spec.y.iter().filter_map(|encoding| table.column_index(&encoding.column)).collect();
        let &first = y.first()?;
        let x = match &spec.x {
            Some(encoding) => Some(table.column_index(&encoding.column)?),
            None => None,
        };
        let mut plot = match (&spec.series, x) {
            (Some(encoding), Some(x)) => Self::pivot(table, x, table.column_index(&encoding.column)?, first, encoding),
            _ => Self::plain(table, x, &y, spec),
        };
        if let Some(encoding) = &spec.x {
            plot.categories = plot.keys.iter().map(|key| category(key, encoding)).collect();
        } else {
            plot.categories = (1..=plot.keys.len()).map(|n| n.to_string()).collect();
        }
        if let Some(sort) = spec.sort {
            plot.sort(sort);
        }
        plot.cut(max_categories, max_series, spec.arrangement == Arrangement::Stacked);
        Some(plot)
    }

    fn plain(table: &Table, x: Option<usize>, y: &[usize], spec: &ChartSpec) -> Self {
        let keys = (0..table.num_rows()).map(|row| x.map_or(Value::Null, |x| table.value(row, x))).collect();
        let title = |column: usize| {
            let name = table.column_name(column);
            spec.y.iter().find(|encoding| encoding.column == name).map_or(name, |encoding| encoding.title.as_str())
        };
        let series = y
            .iter()
            .map(|&column| Series {
                name: format::label(title(column), LABEL),
                values: table.column(column).map(|value| finite(&value)).collect(),
            })
            .collect();
        Self { keys, series, ..Self::default() }
    }

    fn pivot(table: &Table, x: usize, split: usize, y: usize, encoding: &Encoding) -> Self {
        let mut plot = Self::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut names: HashMap<String, usize> = HashMap::new();
        for row in 0..table.num_rows() {
            let (at, by) = (table.value(row, x), table.value(row, split));
            let place = *places.entry(identity(&at)).or_insert_with(|| {
                plot.keys.push(at);
                plot.keys.len() - 1
            });
            let index = *names.entry(identity(&by)).or_insert_with(|| {
                plot.series.push(Series { name: category(&by, encoding), values: Vec::new() });
                plot.series.len() - 1
            });
            let Some(series) = plot.series.get_mut(index) else { continue };
            if series.values.len() <= place {
                series.values.resize(place + 1, None);
            }
            if let (Some(value), Some(slot)) = (finite(&table.value(row, y)), series.values.get_mut(place)) {
                *slot = Some(slot.unwrap_or(0.0) + value);
            }
        }
        let categories = plot.keys.len();
        for series in &mut plot.series {
            series.values.resize(categories, None);
        }
        plot
    }

    fn sort(&mut self, sort: Sort) {
        let mut order: Vec<usize> = (0..self.keys.len()).collect();
        match sort.by {
            SortBy::X => order.sort_by(|&a, &b| compare_keys(&self.keys[a], &self.keys[b])),
            SortBy::Y => {
                let totals: Vec<f64> = (0..self.keys.len()).map(|at| self.total(at)).collect();
                order.sort_by(|&a, &b| totals[a].total_cmp(&totals[b]));
            }
        }
        if sort.descending {
            // Reversed by comparison and not by position, so that equals keep the result's order.
            match sort.by {
                SortBy::X => order.sort_by(|&a, &b| compare_keys(&self.keys[b], &self.keys[a])),
                SortBy::Y => {
                    let totals: Vec<f64> = (0..self.keys.len()).map(|at| self.total(at)).collect();
                    order = (0..self.keys.len()).collect();
                    order.sort_by(|&a, &b| totals[b].total_cmp(&totals[a]));
                }
            }
        }
        self.keys = order.iter().map(|&at| self.keys[at].clone()).collect();
        self.categories = order.iter().map(|&at| self.categories[at].clone()).collect();
        for series in &mut self.series {
            series.values = order.iter().map(|&at| series.values[at]).collect();
        }
    }

    fn cut(&mut self, max_categories: usize, max_series: usize, stacked: bool) {
        if self.keys.len() > max_categories {
            self.hidden_categories = self.keys.len() - max_categories;
            self.keys.truncate(max_categories);
            self.categories.truncate(max_categories);
            for series in &mut self.series {
                series.values.truncate(max_categories);
            }
        }
        if self.series.len() > max_series && max_series > 1 {
            let size = |series: &Series| series.values.iter().flatten().map(|value| value.abs()).sum::<f64>();
            let mut order: Vec<usize> = (0..self.series.len()).collect();
            order.sort_by(|&a, &b| size(&self.series[b]).total_cmp(&size(&self.series[a])));
            let kept: Vec<usize> = order.into_iter().take(max_series - usize::from(stacked)).collect();
            let all = std::mem::take(&mut self.series);
            let mut other: Vec<Option<f64>> = vec![None; self.keys.len()];
            for (index, series) in all.into_iter().enumerate() {
                if kept.contains(&index) {
                    self.series.push(series);
                    continue;
                }
                self.hidden_series += 1;
                for (slot, value) in other.iter_mut().zip(series.values) {
                    if let Some(value) = value {
                        *slot = Some(slot.unwrap_or(0.0) + value);
                    }
                }
            }
            if stacked {
                // Left out, they would make the whole look smaller.
                self.series.push(Series { name: format!("{} others", self.hidden_series), values: other });
                self.hidden_series = 0;
            }
        }
    }

    /// Sum over the series at a category.
    pub(super) fn total(&self, at: usize) -> f64 {
        self.series.iter().filter_map(|series| series.values.get(at).copied().flatten()).sum()
    }

    /// Least and greatest value; with `stacked`, of the stacks.
    pub(super) fn range(&self, stacked: bool) -> Option<(f64, f64)> {
        let mut range: Option<(f64, f64)> = None;
        let mut take = |value: f64| {
            range = Some(range.map_or((value, value), |(low, high): (f64, f64)| (low.min(value), high.max(value))));
        };
        for at in 0..self.keys.len() {
            let values = self.series.iter().filter_map(|series| series.values.get(at).copied().flatten());
            if stacked {
                let (mut up, mut down) = (0.0, 0.0);
                for value in values {
                    if value >= 0.0 { up += value } else { down += value }
                }
                take(up);
                take(down);
            } else {
                values.for_each(&mut take);
            }
        }
        range
    }

    /// What was left out, for a note below the chart.
    pub(super) fn note(&self) -> Option<String> {
        match (self.hidden_categories, self.hidden_series) {
            (0, 0) => None,
            (categories, 0) => Some(format!("{categories} more not shown")),
            (0, series) => Some(format!("{series} more series not shown")),
            (categories, series) => Some(format!("{categories} more and {series} more series not shown")),
        }
    }
}

/// The points of a scatter: x, y, and the position of the series' name.
#[derive(Debug, Default)]
pub(super) struct Points {
    pub points: Vec<(f64, f64, usize)>,
    pub names: Vec<String>,
    pub hidden: usize,
}

impl Points {
    /// Reads the points; `None` when the columns are not there. Points beyond `limit` are counted as hidden.
    pub(super) fn of(spec: &ChartSpec, table: &Table, limit: usize) -> Option<Self> {
        let encoding = spec.x.as_ref()?;
        let x = table.column_index(&encoding.column)?;
        let y = table.column_index(&spec.y.first()?.column)?;
        let series = spec.series.as_ref().and_then(|encoding| Some((table.column_index(&encoding.column)?, encoding)));
        let mut points = Self::default();
        let mut names: HashMap<String, usize> = HashMap::new();
        for row in 0..table.num_rows() {
            let (Some(a), Some(b)) = (position(&table.value(row, x)), finite(&table.value(row, y))) else { continue };
            if points.points.len() == limit {
                points.hidden += 1;
                continue;
            }
            let index = match series {
                None => 0,
                Some((column, encoding)) => {
                    let value = table.value(row, column);
                    *names.entry(identity(&value)).or_insert_with(|| {
                        points.names.push(category(&value, encoding));
                        points.names.len() - 1
                    })
                }
            };
            points.points.push((a, b, index));
        }
        Some(points)
    }
}

/// A finite number in a cell.
pub(super) fn finite(value: &Value) -> Option<f64> {
    number(value).filter(|number| number.is_finite())
}

/// Where a cell lies along a continuous axis: its number, or the days since 1970 of a date.
pub(super) fn position(value: &Value) -> Option<f64> {
    finite(value).or_else(|| days(value.as_str()?))
}

/// Days since 1970-01-01 of a date or timestamp in ISO form, without regard to a zone.
pub(super) fn days(text: &str) -> Option<f64> {
    let date: jiff::civil::Date = text.get(..10)?.replace('/', "-").parse().ok()?;
    let time = text.get(11..19).and_then(|time| time.parse::<jiff::civil::Time>().ok());
    let whole = date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days();
    let seconds = time.map_or(0, |time| i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second()));
    Some(f64::from(whole) + f64::from(seconds) / 86_400.0)
}

/// A cell for a chart library: every number as a JSON number, what is not finite as `null`.
pub(super) fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Float(number) if !number.is_finite() => serde_json::Value::Null,
        Value::Decimal(number) => Value::Float(number.to_f64()).into(),
        other => other.into(),
    }
}

/// The label of a category. Years are not grouped by thousands.
fn category(value: &Value, encoding: &Encoding) -> String {
    if let Some(name) = format::calendar_part(value, encoding.grain, false) {
        return name;
    }
    match value {
        Value::Null => "(none)".into(),
        Value::Int(n) => n.to_string(),
        Value::Text(text) if text.trim().is_empty() => "(blank)".into(),
        // Midnight is how engines write a date without a time.
        Value::Text(text) => {
            format::label(text.strip_suffix("T00:00:00").or(text.strip_suffix(" 00:00:00")).unwrap_or(text), LABEL)
        }
        other => format::cell(other, if encoding.unit.is_plain() { &Unit::Plain } else { &encoding.unit }, LABEL),
    }
}

fn identity(value: &Value) -> String {
    format!("{}\u{1f}{value}", value.type_name())
}

/// Numbers by size, calendar names by their place in the calendar, other text by the alphabet, NULL last.
fn compare_keys(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => return std::cmp::Ordering::Equal,
        (true, false) => return std::cmp::Ordering::Greater,
        (false, true) => return std::cmp::Ordering::Less,
        _ => {}
    }
    if let (Value::Text(a), Value::Text(b)) = (a, b) {
        return match (calendar_name(a), calendar_name(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.cmp(b),
        };
    }
    match (finite(a), finite(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => std::cmp::Ordering::Equal,
    }
}
