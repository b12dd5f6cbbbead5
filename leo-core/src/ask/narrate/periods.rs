//! Time columns of a result: the order of their rows, and the periods they leave out.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::chart::number;
use crate::table::Table;
use crate::value::Value;

/// Most periods looked at between the first and the last.
const MAX_PERIODS: usize = 5_000;

/// Rows in the order of their time column; rows without a time are left out.
pub(in crate::ask) fn ordered_rows(table: &Table, column: usize) -> Vec<usize> {
    let mut rows: Vec<(usize, Value)> = table.column(column).enumerate().filter(|(_, value)| !value.is_null()).collect();
    rows.sort_by(|(_, a), (_, b)| match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => number(a).unwrap_or(f64::NEG_INFINITY).total_cmp(&number(b).unwrap_or(f64::NEG_INFINITY)),
    });
    rows.into_iter().map(|(row, _)| row).collect()
}

/// The two neighbouring rows between which `column` changes most (the earliest such pair), in the order of `along`.
pub(in crate::ask) fn largest_step(table: &Table, along: usize, column: usize) -> Option<(usize, usize)> {
    let rows = ordered_rows(table, along);
    let mut best: Option<((usize, usize), f64)> = None;
    for pair in rows.windows(2) {
        let &[before, row] = pair else { continue };
        let (Some(a), Some(b)) = (number(&table.value(before, column)), number(&table.value(row, column))) else { continue };
        let step = (b - a).abs();
        if step.is_finite() && best.is_none_or(|(_, largest)| step > largest) {
            best = Some(((before, row), step));
        }
    }
    best.filter(|(_, step)| *step > 0.0).map(|(pair, _)| pair)
}

/// The periods between the first and the last of a time column that no row has; `None` where the column's values are not periods of
/// one regular grain. Days and weeks are told apart by the smallest distance between neighbours.
pub(in crate::ask) fn missing(table: &Table, column: usize) -> Option<Vec<String>> {
    let mut present = Vec::new();
    for value in table.column(column) {
        if !value.is_null() {
            present.push(Period::of(&value)?);
        }
    }
    present.sort_unstable();
    present.dedup();
    let (first, last) = (*present.first()?, *present.last()?);
    let step = first.step(&present)?;
    let mut missing = Vec::new();
    let mut at = first;
    for _ in 0..MAX_PERIODS {
        at = at.plus(step)?;
        if at >= last {
            return Some(missing);
        }
        if present.binary_search(&at).is_err() {
            missing.push(at.to_string());
        }
    }
    None
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Period {
    Year(i64),
    /// Year and month counted together.
    Month(i64),
    /// Year and quarter counted together; whether fiscal.
    Quarter(i64, bool),
    /// Monday of an ISO week.
    Week(Date),
    Day(Date),
}

impl Period {
    fn of(value: &Value) -> Option<Self> {
        if let Value::Int(year) = value {
            return (1000..3000).contains(year).then_some(Self::Year(*year));
        }
        let text = value.as_str()?;
        let (bare, fiscal) = text.strip_prefix("FY").map_or((text, false), |bare| (bare, true));
        let year: i64 = bare.get(..4)?.parse().ok()?;
        let rest = bare.get(4..)?;
        let part = |prefix: &str, high: i64| {
            rest.strip_prefix(prefix).and_then(|part| part.parse::<i64>().ok()).filter(|part| (1..=high).contains(part))
        };
        if rest.is_empty() {
            return (1000..3000).contains(&year).then_some(Self::Year(year));
        }
        if let Some(quarter) = part("-Q", 4) {
            return Some(Self::Quarter(year * 4 + quarter - 1, fiscal));
        }
        if let Some(week) = part("-W", 53) {
            let week =
                jiff::civil::ISOWeekDate::new(i16::try_from(year).ok()?, i8::try_from(week).ok()?, jiff::civil::Weekday::Monday);
            return Some(Self::Week(week.ok()?.date()));
        }
        if rest.len() == 3
            && let Some(month) = part("-", 12)
        {
            return Some(Self::Month(year * 12 + month - 1));
        }
        // A time of day makes it a moment; only days are periods.
        if bare.len() == 10 || bare.get(10..).is_some_and(|time| matches!(time, "T00:00:00" | " 00:00:00" | "T00:00:00Z")) {
            return bare.get(..10)?.parse().ok().map(Self::Day);
        }
        None
    }

    /// Distance between neighbours: days only where they are regular (daily, weekly).
    fn step(self, present: &[Self]) -> Option<i64> {
        let gaps = present.windows(2).map(|pair| match pair {
            [Self::Day(a), Self::Day(b)] => i64::from(b.since(*a).map(|span| span.get_days()).unwrap_or(0)),
            [Self::Day(_), _] | [_, Self::Day(_)] => 0,
            [a, b] if std::mem::discriminant(a) == std::mem::discriminant(b) => 1,
            _ => 0,
        });
        let gaps: Vec<i64> = gaps.collect();
        let least = gaps.iter().copied().min()?;
        let regular = match self {
            Self::Day(_) => matches!(least, 1 | 7) && gaps.iter().all(|gap| gap % least == 0),
            _ => least > 0,
        };
        // Scattered dates are not a series with holes: most periods have to be there.
        let total: i64 = match (self, present.last()) {
            (Self::Day(_), _) => gaps.iter().sum::<i64>() / least.max(1),
            _ => 0,
        };
        (regular && (total == 0 || present.len() as i64 * 2 >= total)).then_some(least)
    }

    fn plus(self, step: i64) -> Option<Self> {
        Some(match self {
            Self::Year(year) => Self::Year(year.checked_add(1)?),
            Self::Month(month) => Self::Month(month + 1),
            Self::Quarter(quarter, fiscal) => Self::Quarter(quarter + 1, fiscal),
            Self::Week(monday) => Self::Week(monday.checked_add(7.days()).ok()?),
            Self::Day(day) => Self::Day(day.checked_add(step.days()).ok()?),
        })
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year}"),
            Self::Month(month) => write!(f, "{}-{:02}", month / 12, month % 12 + 1),
            Self::Quarter(quarter, fiscal) => {
                write!(f, "{}{}-Q{}", if *fiscal { "FY" } else { "" }, quarter / 4, quarter % 4 + 1)
            }
            Self::Week(monday) => {
                let week = monday.iso_week_date();
                write!(f, "{}-W{:02}", week.year(), week.week())
            }
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn missing_of(values: &[&str]) -> Option<Vec<String>> {
        let rows: Vec<Vec<Value>> = values.iter().map(|value| vec![(*value).into()]).collect();
        missing(&Table::from_rows(&["t"], &rows).unwrap(), 0)
    }

    #[test]
    fn holes_are_found_for_every_grain() {
        assert_eq!(missing_of(&["2024-01", "2024-04", "2024-02"]).unwrap(), ["2024-03"]);
        assert_eq!(missing_of(&["2023-11", "2024-02"]).unwrap(), ["2023-12", "2024-01"]);
        assert_eq!(missing_of(&["2023-Q4", "2024-Q2"]).unwrap(), ["2024-Q1"]);
        assert_eq!(missing_of(&["FY2024-Q1", "FY2024-Q3"]).unwrap(), ["FY2024-Q2"]);
        assert_eq!(missing_of(&["2020-W53", "2021-W02"]).unwrap(), ["2021-W01"]);
        assert_eq!(missing_of(&["2020", "2022"]).unwrap(), ["2021"]);
        assert_eq!(missing_of(&["2024-02-28", "2024-03-01", "2024-03-02"]).unwrap(), ["2024-02-29"]);
        assert_eq!(missing_of(&["2024-03-04", "2024-03-11", "2024-03-25", "2024-04-01"]).unwrap(), ["2024-03-18"]);
        assert!(missing_of(&["2024-01", "2024-02"]).unwrap().is_empty());
    }

    #[test]
    fn what_is_not_a_series_has_no_holes() {
        assert_eq!(missing_of(&["2024-01-01", "2024-05-20", "2024-05-21"]), None);
        assert_eq!(missing_of(&["2024-01", "x"]), None);
        assert_eq!(missing_of(&["2024-01", "2024-Q2"]), None);
        assert_eq!(missing_of(&["Mon", "Tue"]), None);
        assert_eq!(missing_of(&[]), None);
    }
}
