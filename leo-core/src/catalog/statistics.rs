//! What profiling found out about tables and columns.

use serde::{Deserialize, Serialize};

use super::model::{Column, Table, TimeEncoding};
use crate::value::Value;

/// Statistics of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TableStatistics {
    /// Rows seen.
    pub rows: u64,
    /// Share of the table that was read, 0–1.
    pub sampled: f64,
    /// The column that says when a row happened, when one could be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_column: Option<String>,
    /// The latest value of that column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Value>,
}

/// Statistics of a column. Values are as restricted as the rows they come from: they reach neither prompts, logs nor audit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColumnStatistics {
    /// Share of NULLs, 0–1.
    pub null_share: f64,
    /// Distinct non-NULL values; exact up to 16,384 and for columns without repeated values, else estimated (adaptive sampling,
    /// standard error about 1 %).
    pub distinct: u64,
    /// Whether no non-NULL value occurs twice in the rows seen and there is more than one row.
    pub is_unique: bool,
    /// Smallest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// Largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Mean, for numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// 5 %, 25 %, 50 %, 75 %, 95 % quantiles, for numbers; exact up to 10,000 values, else of a random sample of as many: their ranks are off by
    /// at most half a percent of the rows (one standard error).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<[f64; 5]>,
    /// Shortest, mean and longest length in characters, for text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<[f64; 3]>,
    /// Most frequent values with their counts, most frequent first: all of them when there are at most 1,000 distinct ones, else 50
    /// with counts that may be too low (Misra–Gries, by at most a two-thousandth of the rows); none for a column without repeated values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<(Value, u64)>,
    /// Shapes of text values with their share, most frequent first: letters become `a`, digits `9`, runs collapse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<(String, f64)>,
}

impl Table {
    /// The point in time of the newest row, where the time column's form tells one. A day counts to its end, so that nothing is taken for older
    /// than it is.
    pub fn latest_at(&self) -> Option<jiff::Timestamp> {
        let statistics = self.statistics.as_ref()?;
        self.column(statistics.time_column.as_deref()?)?.moment(statistics.latest.as_ref()?)
    }

    /// The latest value of the table's time column, as a person reads it.
    pub fn latest(&self) -> Option<String> {
        let statistics = self.statistics.as_ref()?;
        let column = self.column(statistics.time_column.as_deref()?)?;
        column.point_in_time(statistics.latest.as_ref()?)
    }
}

impl Column {
    fn moment(&self, value: &Value) -> Option<jiff::Timestamp> {
        let end_of = |date: jiff::civil::Date| {
            let next = date.tomorrow().ok()?;
            Some(next.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        };
        let compact = |digits: &str| jiff::civil::Date::strptime("%Y%m%d", digits).ok();
        match (value, self.time_encoding) {
            (Value::Int(at), Some(TimeEncoding::UnixSeconds)) => jiff::Timestamp::from_second(*at).ok(),
            (Value::Int(at), Some(TimeEncoding::UnixMillis)) => jiff::Timestamp::from_millisecond(*at).ok(),
            (Value::Int(at), Some(TimeEncoding::CompactDate)) => end_of(compact(&at.to_string())?),
            (Value::Text(text), Some(TimeEncoding::CompactDate)) => end_of(compact(text)?),
            (Value::Text(text), _) => {
                let text = text.trim();
                let local = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
                match text.parse::<jiff::Timestamp>() {
                    Ok(at) => Some(at),
                    Err(_) if text.len() <= 10 => end_of(text.parse().ok()?),
                    Err(_) => local().map(|at| at.timestamp()),
                }
            }
            _ => None,
        }
    }

    /// A point in time of this column as a person reads it: the day, or the month or year where the column knows no more.
    pub fn point_in_time(&self, value: &Value) -> Option<String> {
        let day = |seconds: i64| {
            jiff::Timestamp::from_second(seconds).ok().map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
        };
        match (value, self.time_encoding) {
            (Value::Int(at), Some(TimeEncoding::UnixSeconds)) => day(*at),
            (Value::Int(at), Some(TimeEncoding::UnixMillis)) => day(at.div_euclid(1_000)),
            (Value::Int(at), _) => Some(at.to_string()),
            (Value::Text(text), _) => Some(text.get(..10).filter(|_| text.len() > 10).unwrap_or(text).to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::LogicalType;

    #[test]
    fn a_point_in_time_is_shown_as_a_day() {
        let mut column = Column::new("at", "TEXT", LogicalType::Text);
        assert_eq!(column.point_in_time(&"2024-05-06T07:08:09Z".into()).as_deref(), Some("2024-05-06"));
        assert_eq!(column.point_in_time(&"2024-05".into()).as_deref(), Some("2024-05"));
        column.time_encoding = Some(TimeEncoding::UnixMillis);
        assert_eq!(column.point_in_time(&1_714_979_289_000.into()).as_deref(), Some("2024-05-06"));
        assert_eq!(column.point_in_time(&Value::Null), None);
    }
}
