//! Values of placeholders: literals in the plan, never text in the statement.

use datafusion::arrow::datatypes::i256;
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::logical_expr::LogicalPlan;

use super::errors;
use crate::error::{Error, Result};
use crate::value::Value;

/// Puts `values` in the places of `$1`, `$2` … of `plan`.
///
/// # Errors
/// `Rejected` when there are not as many, and what DataFusion makes of types that do not fit.
pub(super) fn bind(plan: LogicalPlan, values: &[Value]) -> Result<LogicalPlan> {
    let names = plan.get_parameter_names().map_err(|error| errors::planning(&error))?;
    let wanted = (1..=values.len()).all(|number| names.contains(&format!("${number}")));
    if !wanted || names.len() != values.len() {
        return Err(Error::rejected(format!(
            "the statement has {} placeholders and {} values; give one value for each",
            names.len(),
            values.len()
        )));
    }
    if values.is_empty() {
        return Ok(plan);
    }
    let scalars: Vec<ScalarValue> = values.iter().map(scalar).collect();
    plan.with_param_values(ParamValues::from(scalars)).map_err(|error| errors::planning(&error))
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Null => ScalarValue::Null,
        Value::Bool(value) => ScalarValue::Boolean(Some(*value)),
        Value::Int(value) => ScalarValue::Int64(Some(*value)),
        Value::Float(value) => ScalarValue::Float64(Some(*value)),
        Value::Decimal(value) => decimal(&value.to_string()).unwrap_or(ScalarValue::Float64(Some(value.to_f64()))),
        Value::Text(value) => ScalarValue::Utf8(Some(value.clone())),
        Value::Bytes(value) => ScalarValue::Binary(Some(value.clone())),
    }
}

/// A decimal with all its digits, where Arrow has room for them.
fn decimal(text: &str) -> Option<ScalarValue> {
    let scale = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let unscaled = text.replacen('.', "", 1);
    let precision = unscaled.trim_start_matches('-').trim_start_matches('0').len().max(scale).max(1);
    let (precision, scale) = (u8::try_from(precision).ok()?, i8::try_from(scale).ok()?);
    match precision {
        ..=38 => Some(ScalarValue::Decimal128(Some(unscaled.parse().ok()?), precision, scale)),
        39..=76 => Some(ScalarValue::Decimal256(Some(i256::from_string(&unscaled)?), precision, scale)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        assert_eq!(decimal("-12.340"), Some(ScalarValue::Decimal128(Some(-12_340), 5, 3)));
        assert_eq!(decimal("0.001"), Some(ScalarValue::Decimal128(Some(1), 3, 3)));
        assert_eq!(decimal("0"), Some(ScalarValue::Decimal128(Some(0), 1, 0)));
        assert!(matches!(decimal(&"9".repeat(50)), Some(ScalarValue::Decimal256(Some(_), 50, 0))));
        assert_eq!(decimal(&"9".repeat(80)), None);
    }
}
