//! The shape of a result: for each column what kind of values it holds, how many different ones, whether they are points in time.

use std::collections::HashSet;

use super::hint::{Hint, Role};
use crate::catalog::split_words;
use crate::query::{Grain, MONTHS, WEEKDAYS, begins};
use crate::table::Table;
use crate::value::Value;

/// Most rows looked at; a chart of more would not be read anyway.
const SAMPLE: usize = 10_000;

/// The shape of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Number of rows.
    pub rows: usize,
    /// One entry per column, in order.
    pub columns: Vec<ColumnShape>,
}

/// The shape of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: ColumnKind,
    /// Different values, NULL not counted.
    pub distinct: usize,
    /// NULLs.
    pub nulls: usize,
    /// Least number.
    pub min: f64,
    /// Greatest number.
    pub max: f64,
    /// Whether the rows are in its order, ascending or descending (at least two different values).
    pub ordered: bool,
    /// Mean length of its texts, in characters.
    pub mean_chars: f64,
    /// Whether the name says that the numbers identify rather than measure.
    pub identifier: bool,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Points in time, or parts of a calendar.
    Time(TimeShape),
    /// Numbers.
    Number,
    /// Truth values.
    Boolean,
    /// Names, and whatever else is not a number.
    Text,
    /// Nothing but NULL.
    Empty,
}

/// How a column holds time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeShape {
    /// `2024-03-31`, with or without a time of day.
    Instant,
    /// `2024-03`.
    Month,
    /// `2024-Q1` or `FY2024-Q1`.
    Quarter,
    /// `2024-W13`.
    Week,
    /// `2024`, or a span of years `2001~2005`.
    Year,
    /// A part that comes again every year, week or day: weekday, month name, hour.
    Cyclic,
}

impl Shape {
    /// Looks at the values of `table`, and at what `hint` says of its columns.
    pub fn of(table: &Table, hint: &Hint) -> Self {
        let columns = (0..table.num_columns()).map(|index| ColumnShape::of(table, index, hint)).collect();
        Self { rows: table.num_rows(), columns }
    }
}

impl ColumnShape {
    fn of(table: &Table, index: usize, hint: &Hint) -> Self {
        let name = table.column_name(index).to_owned();
        let known = hint.column(&name);
        let type_name = table.column_type(index).to_ascii_lowercase();
        let words = split_words(&name);
        let mut shape = Self {
            kind: ColumnKind::Empty,
            distinct: 0,
            nulls: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            ordered: false,
            mean_chars: 0.0,
            identifier: words.last().is_some_and(|word| matches!(word.as_str(), "id" | "code" | "key" | "uuid" | "guid" | "zip")),
            name,
        };
        let mut seen = HashSet::new();
        let (mut numbers, mut booleans, mut texts, mut chars) = (0, 0, 0, 0);
        let (mut ascending, mut descending) = (true, true);
        let mut previous: Option<Value> = None;
        let mut time: Option<Option<TimeShape>> = None;
        for value in table.column(index).take(SAMPLE) {
            match &value {
                Value::Null => {
                    shape.nulls += 1;
                    continue;
                }
                Value::Bool(_) => booleans += 1,
                Value::Bytes(_) => texts += 1,
                Value::Int(_) | Value::Float(_) | Value::Decimal(_) => numbers += 1,
                Value::Text(text) => {
                    if is_numeric_type(&type_name) && text.trim().parse::<f64>().is_ok() {
                        numbers += 1;
                    } else {
                        texts += 1;
                        chars += text.chars().count();
                        let this = time_of_text(text);
                        time = Some(match time {
                            None => this,
                            Some(before) if before == this => before,
                            Some(_) => None,
                        });
                    }
                }
            }
            if let Some(number) = number(&value) {
                shape.min = shape.min.min(number);
                shape.max = shape.max.max(number);
            }
            if let Some(previous) = &previous {
                match compare(previous, &value) {
                    std::cmp::Ordering::Less => descending = false,
                    std::cmp::Ordering::Greater => ascending = false,
                    std::cmp::Ordering::Equal => {}
                }
            }
            seen.insert(key(&value));
            previous = Some(value);
        }
        shape.distinct = seen.len();
        shape.ordered = shape.distinct > 1 && (ascending || descending);
        shape.mean_chars = if texts > 0 { chars as f64 / f64::from(texts) } else { 0.0 };
        shape.kind = if texts == 0 && numbers + booleans == 0 {
            ColumnKind::Empty
        } else if texts == 0 && numbers == 0 {
            ColumnKind::Boolean
        } else if texts == 0 {
            ColumnKind::Number
        } else if let (0, Some(Some(time))) = (numbers, time) {
            ColumnKind::Time(time)
        } else {
            ColumnKind::Text
        };
        shape.apply_knowledge(&words, known.and_then(|known| known.grain), known.and_then(|known| known.role.clone()));
        shape
    }

    /// What the values alone do not tell: that 2024 is a year and 1–7 are weekdays.
    fn apply_knowledge(&mut self, words: &[String], grain: Option<Grain>, role: Option<Role>) {
        let is_measure = role.as_ref().is_some_and(|role| *role != Role::Dimension);
        if let Some(grain) = grain {
            self.kind = ColumnKind::Time(match grain {
                Grain::Hour | Grain::Day | Grain::Week => TimeShape::Instant,
                Grain::IsoWeek => TimeShape::Week,
                Grain::Month => TimeShape::Month,
                Grain::Quarter | Grain::FiscalQuarter => TimeShape::Quarter,
                Grain::Year | Grain::FiscalYear => TimeShape::Year,
                Grain::HourOfDay | Grain::DayOfWeek | Grain::MonthOfYear | Grain::QuarterOfYear => TimeShape::Cyclic,
            });
        } else if self.kind == ColumnKind::Number && !is_measure {
            let whole = self.min.fract() == 0.0 && self.max.fract() == 0.0;
            let says = |wanted: &[&str]| words.len() <= 3 && words.iter().any(|word| wanted.contains(&word.as_str()));
            let aggregated = says(&["count", "sum", "avg", "total", "number", "average", "mean", "max", "min"]);
            if whole && !aggregated && self.min >= 1800.0 && self.max <= 2200.0 && says(&["year", "yr", "season"]) {
                self.kind = ColumnKind::Time(TimeShape::Year);
            }
        }
        if is_measure && self.kind == ColumnKind::Boolean {
            self.kind = ColumnKind::Number;
        }
    }

    /// Whether the values are numbers to measure with.
    pub fn is_number(&self) -> bool {
        self.kind == ColumnKind::Number
    }

    /// Whether the values go forward in time (weekdays and other cyclic parts do not).
    pub fn is_timeline(&self) -> bool {
        matches!(self.kind, ColumnKind::Time(time) if time != TimeShape::Cyclic)
    }
}

/// The number in a cell; decimals that travel as text included.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Text(text) => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        other => other.as_f64(),
    }
}

fn is_numeric_type(name: &str) -> bool {
    ["decimal", "numeric", "money"].iter().any(|prefix| name.starts_with(prefix))
}

fn key(value: &Value) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    value.type_name().hash(&mut hasher);
    match value {
        Value::Null => {}
        Value::Bool(value) => value.hash(&mut hasher),
        Value::Int(value) => value.hash(&mut hasher),
        Value::Float(value) => value.to_bits().hash(&mut hasher),
        Value::Decimal(value) => value.hash(&mut hasher),
        Value::Text(value) => value.hash(&mut hasher),
        Value::Bytes(value) => value.hash(&mut hasher),
    }
    hasher.finish()
}

fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => std::cmp::Ordering::Equal,
        },
    }
}

/// What point in time or part of the calendar a text is, if it is one.
pub(super) fn time_of_text(text: &str) -> Option<TimeShape> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let between = |range: std::ops::Range<usize>, low: u32, high: u32| {
        digits(range.clone())
            && text.get(range).and_then(|part| part.parse().ok()).is_some_and(|n: u32| (low..=high).contains(&n))
    };
    if let Some(rest) = text.strip_prefix("FY") {
        return match time_of_text(rest) {
            Some(TimeShape::Quarter) => Some(TimeShape::Quarter),
            Some(TimeShape::Year) => Some(TimeShape::Year),
            _ => None,
        };
    }
    if between(0..4, 1000, 2999) {
        return match bytes.len() {
            4 => Some(TimeShape::Year),
            9 if matches!(bytes[4], b'~' | b'-' | b'/') && between(5..9, 1000, 2999) => Some(TimeShape::Year),
            7 if bytes[4] == b'-' && bytes[5] == b'Q' && between(6..7, 1, 4) => Some(TimeShape::Quarter),
            7 if matches!(bytes[4], b'-' | b'/') && between(5..7, 1, 12) => Some(TimeShape::Month),
            8 if bytes[4] == b'-' && bytes[5] == b'W' && between(6..8, 1, 53) => Some(TimeShape::Week),
            len if len >= 10
                && matches!(bytes[4], b'-' | b'/')
                && bytes[7] == bytes[4]
                && between(5..7, 1, 12)
                && between(8..10, 1, 31)
                && (len == 10 || matches!(bytes[10], b'T' | b' ')) =>
            {
                Some(TimeShape::Instant)
            }
            _ => None,
        };
    }
    calendar_name(text).map(|_| TimeShape::Cyclic)
}

/// The position of a weekday (Monday 0) or month (January 0) name in its cycle.
pub(super) fn calendar_name(text: &str) -> Option<usize> {
    let text = text.trim().trim_end_matches('.');
    let is_named = |name: &&str| begins(name, text) && ((3..=5).contains(&text.len()) || text.len() == name.len());
    WEEKDAYS.iter().position(is_named).or_else(|| MONTHS.iter().position(is_named))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn time_is_recognised_by_its_form() {
        let cases = [
            ("2024-03-31", Some(TimeShape::Instant)),
            ("2024-03-31T10:00:00Z", Some(TimeShape::Instant)),
            ("2024-03", Some(TimeShape::Month)),
            ("2024-13", None),
            ("2024-Q1", Some(TimeShape::Quarter)),
            ("FY2024-Q4", Some(TimeShape::Quarter)),
            ("2024-W07", Some(TimeShape::Week)),
            ("2024", Some(TimeShape::Year)),
            ("2001~2005", Some(TimeShape::Year)),
            ("Thur", Some(TimeShape::Cyclic)),
            ("Sept", Some(TimeShape::Cyclic)),
            ("March", Some(TimeShape::Cyclic)),
            ("Marketing", None),
            ("2024-03-31x", None),
            ("9999", None),
            ("é€", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(time_of_text(text), expected, "{text}");
        }
    }

    #[test]
    fn a_year_is_a_time_and_a_count_is_not() {
        let rows: Vec<_> = (2000..2005).map(|n| vec![n.into(), n.into()]).collect();
        let table = Table::from_rows(&["year", "count"], &rows).unwrap();
        let shape = Shape::of(&table, &Hint::default());
        assert_eq!(shape.columns[0].kind, ColumnKind::Time(TimeShape::Year));
        assert_eq!(shape.columns[1].kind, ColumnKind::Number);
        assert!(shape.columns[0].ordered);
    }
}
