//! Statistics of one column, batch by batch.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use super::distinct::{Distinct, ValueSet, canonical_int, hash_float, hash_int, hash_text};
use super::personal::Evidence;
use super::reservoir::Reservoir;
use super::time;
use super::top::{ALL, Top};
use crate::catalog::{ColumnStatistics, TimeEncoding};
use crate::table::plain;
use crate::value::Value;

/// Numbers sampled for quantiles: the rank of a quantile is off by half a percent (one standard error), exact up to this many.
const NUMBERS: usize = 10_000;
/// Texts sampled for their patterns.
const TEXTS: usize = 1_000;
/// Points in time looked at for personal data: all are written alike.
const TIMES: usize = 20;
/// Longest text kept as a value; longer ones count, but are not remembered.
const LONGEST: usize = 200;
/// Patterns reported.
const PATTERNS: usize = 10;

/// What a column turned out to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Nothing,
    Ints,
    Floats,
    Texts,
    /// Dates or points in time of the engine's own types.
    Times,
    Other,
}

/// A column after its scan.
#[derive(Debug)]
pub(super) struct ColumnProfile {
    pub statistics: ColumnStatistics,
    pub values: ValueSet,
    pub holds: Holds,
    pub time_encoding: Option<TimeEncoding>,
    /// What the values look like; none where they are of no type that personal data has.
    pub evidence: Option<Evidence>,
}

/// Reduces one column.
#[derive(Debug)]
pub(super) struct ColumnProfiler {
    name: String,
    holds: Holds,
    rows: u64,
    nulls: u64,
    distinct: Distinct,
    top: Top,
    /// Whether counting frequent values was given up: so far every value is another one.
    keys_only: bool,
    ints: Option<(i64, i64)>,
    floats: Option<(f64, f64)>,
    sum: f64,
    texts: Option<(String, String)>,
    lengths: (u64, u64, u64),
    numbers: Reservoir<f64>,
    samples: Reservoir<String>,
}

impl ColumnProfiler {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            holds: Holds::Nothing,
            rows: 0,
            nulls: 0,
            distinct: Distinct::default(),
            top: Top::default(),
            keys_only: false,
            ints: None,
            floats: None,
            sum: 0.0,
            texts: None,
            lengths: (u64::MAX, 0, 0),
            numbers: Reservoir::new(NUMBERS),
            samples: Reservoir::new(TEXTS),
        }
    }

    pub(super) fn update(&mut self, array: &ArrayRef) {
        self.rows += array.len() as u64;
        self.nulls += array.logical_null_count() as u64;
        let is_time = matches!(array.data_type(), DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
        if let Some(truths) = array.as_boolean_opt() {
            self.holds = Holds::Other;
            for truth in truths.iter().flatten() {
                self.see(hash_int(i64::from(truth)), || None, || Value::Bool(truth));
            }
            return;
        }
        let array = &plain(array);
        match array.data_type() {
            DataType::Int64 => {
                self.holds = Holds::Ints;
                let array = array.as_primitive::<Int64Type>();
                let (mut low, mut high) = self.ints.unwrap_or((i64::MAX, i64::MIN));
                let mut sum = 0.0;
                for value in array.iter().flatten() {
                    low = low.min(value);
                    high = high.max(value);
                    sum += value as f64;
                    self.numbers.offer(|| value as f64);
                    self.see(hash_int(value), || Some(value), || Value::Int(value));
                }
                self.sum += sum;
                self.ints = (low <= high).then_some((low, high));
            }
            DataType::Float64 => {
                self.holds = Holds::Floats;
                let array = array.as_primitive::<Float64Type>();
                let (mut low, mut high) = self.floats.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
                let mut sum = 0.0;
                for value in array.iter().flatten() {
                    low = low.min(value);
                    high = high.max(value);
                    sum += value;
                    self.numbers.offer(|| value);
                    self.see(hash_float(value), || whole(value), || Value::Float(value));
                }
                self.sum += sum;
                self.floats = (low <= high).then_some((low, high));
            }
            DataType::Utf8 => {
                self.holds = if is_time { Holds::Times } else { Holds::Texts };
                for text in array.as_string::<i32>().iter().flatten() {
                    self.text(text);
                }
            }
            DataType::Null => {}
            _ => self.holds = Holds::Other,
        }
    }

    fn text(&mut self, text: &str) {
        let length = text.chars().count() as u64;
        self.lengths = (self.lengths.0.min(length), self.lengths.1.max(length), self.lengths.2 + length);
        let kept = || cut(text);
        match &mut self.texts {
            None => self.texts = Some((kept(), kept())),
            Some((low, high)) => {
                if text < low.as_str() {
                    *low = kept();
                }
                if text > high.as_str() {
                    *high = kept();
                }
            }
        }
        self.samples.offer(kept);
        let int = canonical_int(text);
        self.see(int.map_or_else(|| hash_text(text), hash_int), || int, || Value::Text(cut(text)));
    }

    fn see(&mut self, hash: u64, int: impl FnOnce() -> Option<i64>, value: impl FnOnce() -> Value) {
        if self.keys_only {
            self.distinct.note(int());
            self.distinct.insert(hash);
            // A repeated value after all: from here on it is worth counting.
            self.keys_only = self.distinct.is_unique();
            return;
        }
        if self.top.count(hash) {
            self.distinct.repeat();
            return;
        }
        self.distinct.note(int());
        self.distinct.insert(hash);
        if self.distinct.is_unique() && self.distinct.count() > ALL as u64 {
            self.keys_only = true;
            self.top.clear();
        } else {
            self.top.insert(hash, value());
        }
    }

    pub(super) fn finish(self) -> ColumnProfile {
        let filled = self.rows - self.nulls;
        let distinct = self.distinct.count();
        let is_unique = self.distinct.is_unique() && filled > 1;
        // Counting may have begun in the middle, when the first repeated value came.
        let complete = self.top.is_exact() && distinct <= ALL as u64;
        let values = self.distinct.into_values();
        let mean = (filled > 0 && matches!(self.holds, Holds::Ints | Holds::Floats)).then(|| self.sum / filled as f64);
        let (min, max) = match self.holds {
            Holds::Ints => self.ints.map(|(low, high)| (Value::Int(low), Value::Int(high))),
            Holds::Floats => self.floats.map(|(low, high)| (Value::Float(low), Value::Float(high))),
            Holds::Texts | Holds::Times => self.texts.map(|(low, high)| (Value::Text(low), Value::Text(high))),
            Holds::Nothing | Holds::Other => None,
        }
        .unzip();
        let top = if is_unique && !complete { Vec::new() } else { self.top.finish() };
        let time_encoding = match self.holds {
            Holds::Texts if complete => time::of_texts(top.iter().filter_map(|(value, _)| value.as_str()), &self.name),
            Holds::Texts => time::of_texts(self.samples.items().iter().map(String::as_str), &self.name),
            Holds::Ints | Holds::Floats => time::of_range(min.as_ref(), max.as_ref(), &self.name),
            Holds::Times => Some(TimeEncoding::Native),
            Holds::Nothing | Holds::Other => None,
        };
        let patterns = match self.holds {
            Holds::Texts if complete => patterns(top.iter().filter_map(|(value, count)| Some((value.as_str()?, *count)))),
            Holds::Texts => patterns(self.samples.items().iter().map(|text| (text.as_str(), 1))),
            _ => Vec::new(),
        };
        let evidence = match self.holds {
            Holds::Texts if complete => Some(Evidence::of_texts(top.iter().filter_map(|(value, _)| value.as_str()))),
            Holds::Texts => Some(Evidence::of_texts(self.samples.items().iter().map(String::as_str))),
            Holds::Times => Some(Evidence::of_texts(self.samples.items().iter().take(TIMES).map(String::as_str))),
            Holds::Ints | Holds::Floats => {
                let whole: Option<Vec<i64>> = self.numbers.items().iter().map(|number| whole(*number)).collect();
                Some(Evidence::of_numbers(whole.unwrap_or_default().into_iter()))
            }
            Holds::Nothing | Holds::Other => None,
        };
        let length = (self.holds == Holds::Texts && filled > 0).then(|| {
            let (shortest, longest, total) = self.lengths;
            [shortest as f64, total as f64 / filled as f64, longest as f64]
        });
        let statistics = ColumnStatistics {
            null_share: if self.rows == 0 { 0.0 } else { self.nulls as f64 / self.rows as f64 },
            distinct,
            is_unique,
            min,
            max,
            mean,
            quantiles: mean.and_then(|_| quantiles(self.numbers.items())),
            length,
            top,
            patterns,
        };
        ColumnProfile { statistics, values, holds: self.holds, time_encoding, evidence }
    }
}

/// Integers up to here are floats of their own.
const MOST_WHOLE: f64 = 9_007_199_254_740_992.0;

fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < MOST_WHOLE).then_some(value as i64)
}

/// Hash of one cell of a [`plain`] array, as the hashes of whole columns; `None` for NULL and bytes.
pub(super) fn hash_cell(array: &ArrayRef, row: usize) -> Option<u64> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Int64 => Some(hash_int(array.as_primitive::<Int64Type>().value(row))),
        DataType::Float64 => Some(hash_float(array.as_primitive::<Float64Type>().value(row))),
        DataType::Utf8 => {
            let text = array.as_string::<i32>().value(row);
            Some(canonical_int(text).map_or_else(|| hash_text(text), hash_int))
        }
        _ => None,
    }
}

fn cut(text: &str) -> String {
    // No character is shorter than a byte.
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text.to_owned(),
    }
}

/// Quantiles by linear interpolation between the nearest ranks (Hyndman and Fan's type 7).
fn quantiles(numbers: &[f64]) -> Option<[f64; 5]> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = |share: f64| {
        let rank = share * last as f64;
        let (below, above) = (rank.floor() as usize, rank.ceil() as usize);
        let (below, above, part) = (*sorted.get(below).unwrap_or(&0.0), *sorted.get(above).unwrap_or(&0.0), rank.fract());
        below + (above - below) * part
    };
    Some([at(0.05), at(0.25), at(0.5), at(0.75), at(0.95)])
}

/// Shapes of texts with their share: letters become `a`, digits `9`, runs collapse, the rest stays.
fn patterns<'a>(texts: impl Iterator<Item = (&'a str, u64)>) -> Vec<(String, f64)> {
    let mut counts: std::collections::HashMap<String, u64> = std::collections::HashMap::new();
    let mut total = 0;
    for (text, count) in texts {
        let mut pattern = String::new();
        for c in text.chars() {
            let class = if c.is_alphabetic() {
                'a'
            } else if c.is_numeric() {
                '9'
            } else {
                c
            };
            if !(pattern.ends_with(class) && (class == 'a' || class == '9' || class.is_whitespace())) {
                pattern.push(class);
            }
            if pattern.len() >= 60 {
                pattern.push('…');
                break;
            }
        }
        *counts.entry(pattern).or_default() += count;
        total += count;
    }
    let mut found: Vec<(String, f64)> =
        counts.into_iter().map(|(pattern, count)| (pattern, count as f64 / total.max(1) as f64)).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(PATTERNS);
    found.shrink_to_fit();
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int64Array, StringArray};

    use super::*;

    fn profile(name: &str, arrays: Vec<ArrayRef>) -> ColumnProfile {
        let mut profiler = ColumnProfiler::new(name);
        arrays.iter().for_each(|array| profiler.update(array));
        profiler.finish()
    }

    #[test]
    fn numbers_are_summed_up() {
        let profile = profile(
            "n",
            vec![Arc::new((1..=100).map(Some).collect::<Int64Array>()), Arc::new(Int64Array::from(vec![None, Some(50)]))],
        );
        let s = profile.statistics;
        assert_eq!((s.distinct, s.is_unique, s.top.len()), (100, false, 100));
        assert!(s.min == Some(1.into()) && s.max == Some(100.into()) && s.top[0] == (50.into(), 2));
        assert!((s.mean.unwrap() - 50.495).abs() < 0.01 && (s.null_share - 1.0 / 102.0).abs() < 1e-9);
        assert_eq!(s.quantiles.unwrap()[2], 50.0);
    }

    #[test]
    fn keys_are_seen_as_keys() {
        let ids: ArrayRef = Arc::new((0..50_000).map(Some).collect::<Int64Array>());
        let s = profile("id", vec![Arc::clone(&ids)]).statistics;
        assert_eq!((s.distinct, s.is_unique, s.top.len()), (50_000, true, 0));
        let s = profile("id", vec![ids, Arc::new(Int64Array::from(vec![7, 7]))]).statistics;
        assert!(!s.is_unique);
    }

    #[test]
    fn texts_have_lengths_patterns_and_times() {
        let mails: ArrayRef = Arc::new(StringArray::from(vec!["ann@x.org", "bob.b@example.com", "ann@x.org"]));
        let s = profile("mail", vec![mails]).statistics;
        assert_eq!(s.length.unwrap(), [9.0, 35.0 / 3.0, 17.0]);
        assert_eq!(s.patterns[0].0, "a@a.a");
        assert!(s.min == Some("ann@x.org".into()));
        let days: ArrayRef = Arc::new(StringArray::from(vec!["2024-01-02", "2024-02-03"]));
        assert_eq!(profile("day", vec![days]).time_encoding, Some(TimeEncoding::IsoDate));
        let empty: ArrayRef = Arc::new(Float64Array::from(vec![None::<f64>, None]));
        let s = profile("x", vec![empty]).statistics;
        assert!(s.null_share == 1.0 && s.min.is_none() && s.quantiles.is_none() && !s.is_unique);
    }
}
