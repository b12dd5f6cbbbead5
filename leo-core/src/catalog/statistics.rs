//! What profiling found out about tables and columns.

use serde::{Deserialize, Serialize};

use crate::value::Value;

/// Statistics of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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
    /// 5 %, 25 %, 50 %, 75 %, 95 % quantiles, for numbers.
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
