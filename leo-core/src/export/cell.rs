//! Cells as text.

use arrow_schema::Field;

use crate::chart::format;
use crate::table::Table;
use crate::value::{Value, to_hex};

/// The value as it is: numbers with all their digits, bytes in hexadecimal, NULL empty.
pub(super) fn exact(value: &Value) -> String {
    match value {
        Value::Float(value) => float(*value),
        Value::Bytes(bytes) => format!("0x{}", to_hex(bytes)),
        other => other.to_string(),
    }
}

/// The value as people want to read it: as [`exact`], but doubles without the noise of computing with them, and what cannot be seen
/// made visible.
pub(super) fn readable(value: &Value) -> String {
    match value {
        // Fifteen digits are what every double can hold; sums are off by what comes behind them.
        Value::Float(value) if value.is_finite() => float(format!("{value:.14e}").parse().unwrap_or(*value)),
        Value::Text(text) => format::printable(text).into_owned(),
        other => exact(other),
    }
}

/// The shortest digits that read back as the same double, without hundreds of zeros.
fn float(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && size.is_finite() && !(1e-6..1e16).contains(&size) { format!("{value:e}") } else { value.to_string() }
}

/// Whether a column holds numbers, also those that only text can hold.
pub(super) fn is_number(field: &Field) -> bool {
    let named = field.metadata().get("leo.type").map(String::as_str);
    field.data_type().is_numeric() && matches!(named, None | Some("integer" | "float" | "decimal")) || named == Some("decimal")
}

/// For each column, whether it holds numbers.
pub(super) fn numbers(table: &Table) -> Vec<bool> {
    table.schema().fields().iter().map(|field| is_number(field)).collect()
}

/// `… 1,208 more rows`, when there are more.
pub(super) fn more(table: &Table, shown: usize) -> Option<String> {
    let hidden = table.num_rows() - shown;
    let count = i64::try_from(hidden).map_or_else(|_| hidden.to_string(), format::integer);
    (hidden > 0).then(|| format!("… {count} more {}", if hidden == 1 { "row" } else { "rows" }))
}
