//! Metrics as people write them: `sum(amount - discount)`, `count(distinct customer_id)`, `sum(profit) / sum(revenue)`.

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, UnaryOperator, Value as SqlValue,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use crate::catalog::TableName;
use crate::error::{Error, Result};
use crate::query::{Aggregate, Arithmetic, Field, Filter, Measure, Operator, Scalar, TextMatch};
use crate::value::Value;

/// Characters of a formula at most; what is longer nobody reads.
const MOST: usize = 1_000;

/// What a metric over the rows of `table` computes, from a formula and the condition of the rows that count.
///
/// # Behavior
/// A formula is `sum`, `avg`, `min`, `max` or `count` of columns, numbers, `+ - * /`, `coalesce(…)` and parentheses, `count(*)`,
/// `count(distinct …)`, or one of these divided by another. A condition is comparisons, `between`, `in`, `is null` and `like` with `%` at its ends,
/// joined by `and`, `or`, `not`. Columns are those of `table`, or written `table.column`.
///
/// # Errors
/// `Malformed`, saying what is allowed.
///
/// # Example
/// ```
/// use leo::catalog::TableName;
/// use leo::knowledge::{parse_formula, write_formula};
///
/// let orders = TableName::bare("orders");
/// let measure = parse_formula("net revenue", &orders, "sum(amount - discount)", Some("status <> 'cancelled'"))?;
/// assert_eq!(write_formula(&measure, &orders).unwrap().0, "sum(amount - discount)");
/// assert!(parse_formula("net revenue", &orders, "median(amount)", None).is_err());
/// # Ok::<(), leo::Error>(())
/// ```
pub fn parse_formula(name: &str, table: &TableName, formula: &str, condition: Option<&str>) -> Result<Measure> {
    let filter = condition.map(|condition| filter(&expression(condition, "condition")?, table)).transpose()?;
    let mut made = measure(name, &expression(formula, "formula")?, table)?;
    if let Some(filter) = filter {
        narrow(&mut made, &filter);
    }
    Ok(made)
}

/// A condition on a ratio holds above and below the line.
fn narrow(measure: &mut Measure, filter: &Filter) {
    match &mut measure.aggregate {
        Aggregate::Ratio { numerator, denominator } => {
            narrow(numerator, filter);
            narrow(denominator, filter);
        }
        _ => measure.filter = Some(filter.clone()),
    }
}

fn expression(text: &str, what: &str) -> Result<Expr> {
    if text.len() > MOST {
        return Err(Error::malformed(format!("the {what} is longer than {MOST} characters; divide it into several metrics")));
    }
    let wrong = |error| Error::malformed(format!("the {what} cannot be read; it is written as in SQL")).with_source(error);
    let mut parser = Parser::new(&GenericDialect {}).with_recursion_limit(40).try_with_sql(text).map_err(wrong)?;
    let parsed = parser.parse_expr().map_err(wrong)?;
    match parser.peek_token().token {
        sqlparser::tokenizer::Token::EOF => Ok(parsed),
        _ => Err(Error::malformed(format!("the {what} ends early; something stands behind it that does not belong there"))),
    }
}

fn measure(name: &str, expr: &Expr, table: &TableName) -> Result<Measure> {
    let aggregate = match expr {
        Expr::Nested(inner) => return measure(name, inner, table),
        Expr::BinaryOp { left, op: BinaryOperator::Divide, right } => Aggregate::Ratio {
            numerator: Box::new(measure("numerator", left, table)?),
            denominator: Box::new(measure("denominator", right, table)?),
        },
        Expr::Function(function) => {
            let FunctionArguments::List(list) = &function.args else { return Err(not_a_measure()) };
            let distinct = matches!(list.duplicate_treatment, Some(sqlparser::ast::DuplicateTreatment::Distinct));
            let [FunctionArg::Unnamed(argument)] = list.args.as_slice() else { return Err(not_a_measure()) };
            let value = match argument {
                FunctionArgExpr::Expr(expr) => Some(scalar(expr, table)?),
                FunctionArgExpr::Wildcard => None,
                _ => return Err(not_a_measure()),
            };
            match (function.name.to_string().to_lowercase().as_str(), value, distinct) {
                ("count", None, false) => Aggregate::CountRows(table.clone()),
                ("count", Some(value), false) => Aggregate::Count(value),
                ("count", Some(value), true) => Aggregate::CountDistinct(value),
                ("sum", Some(value), false) => Aggregate::Sum(value),
                ("avg", Some(value), false) => Aggregate::Avg(value),
                ("min", Some(value), _) => Aggregate::Min(value),
                ("max", Some(value), _) => Aggregate::Max(value),
                _ => return Err(not_a_measure()),
            }
        }
        _ => return Err(not_a_measure()),
    };
    Ok(Measure::new(name, aggregate))
}

fn not_a_measure() -> Error {
    Error::malformed(
        "a formula is `sum(…)`, `avg(…)`, `min(…)`, `max(…)`, `count(…)`, `count(distinct …)`, `count(*)`, or one of these divided by another",
    )
}

fn scalar(expr: &Expr, table: &TableName) -> Result<Scalar> {
    Ok(match expr {
        Expr::Nested(inner) => scalar(inner, table)?,
        Expr::Identifier(column) => Scalar::Field(Field::new(table.clone(), column.value.clone())),
        Expr::CompoundIdentifier(parts) => field(parts)?,
        Expr::Value(_) | Expr::UnaryOp { .. } => Scalar::Literal(literal(expr)?),
        Expr::BinaryOp { left, op, right } => {
            let op = match op {
                BinaryOperator::Plus => Arithmetic::Add,
                BinaryOperator::Minus => Arithmetic::Subtract,
                BinaryOperator::Multiply => Arithmetic::Multiply,
                BinaryOperator::Divide => Arithmetic::Divide,
                _ => return Err(not_a_value()),
            };
            Scalar::Arithmetic { op, left: Box::new(scalar(left, table)?), right: Box::new(scalar(right, table)?) }
        }
        Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("coalesce") => {
            let FunctionArguments::List(list) = &function.args else { return Err(not_a_value()) };
            let operand = |argument: &FunctionArg| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => scalar(expr, table),
                _ => Err(not_a_value()),
            };
            Scalar::Coalesce(list.args.iter().map(operand).collect::<Result<_>>()?)
        }
        _ => return Err(not_a_value()),
    })
}

fn not_a_value() -> Error {
    Error::malformed("a value is a column, a number, a text in single quotes, `+ - * /` of these, or `coalesce(…)`")
}

fn field(parts: &[Ident]) -> Result<Scalar> {
    let (table, column) = match parts {
        [table, column] => (TableName::bare(&table.value), column),
        [schema, table, column] => (TableName::qualified(&schema.value, &table.value), column),
        _ => return Err(not_a_value()),
    };
    Ok(Scalar::Field(Field::new(table, column.value.clone())))
}

fn literal(expr: &Expr) -> Result<Value> {
    match expr {
        Expr::Value(value) => match &value.value {
            SqlValue::Number(digits, _) => number(digits),
            SqlValue::SingleQuotedString(text) => Ok(Value::Text(text.clone())),
            SqlValue::Boolean(truth) => Ok(Value::Bool(*truth)),
            _ => Err(not_a_value()),
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match literal(expr)? {
            Value::Int(value) => value.checked_neg().map(Value::Int).ok_or_else(not_a_value),
            Value::Decimal(value) => format!("-{value}").parse().map(Value::Decimal),
            _ => Err(not_a_value()),
        },
        _ => Err(not_a_value()),
    }
}

fn number(digits: &str) -> Result<Value> {
    match digits.parse() {
        Ok(whole) => Ok(Value::Int(whole)),
        Err(_) => digits.parse().map(Value::Decimal),
    }
}

fn filter(expr: &Expr, table: &TableName) -> Result<Filter> {
    let negated = |filter: Filter, negated: bool| if negated { Filter::Not(Box::new(filter)) } else { filter };
    Ok(match expr {
        Expr::Nested(inner) => filter(inner, table)?,
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => Filter::Not(Box::new(filter(expr, table)?)),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            Filter::And([conjuncts(left, table)?, conjuncts(right, table)?].concat())
        }
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => Filter::Or(vec![filter(left, table)?, filter(right, table)?]),
        Expr::BinaryOp { left, op, right } => {
            let op = match op {
                BinaryOperator::Eq => Operator::Equal,
                BinaryOperator::NotEq => Operator::NotEqual,
                BinaryOperator::Lt => Operator::Less,
                BinaryOperator::LtEq => Operator::LessOrEqual,
                BinaryOperator::Gt => Operator::Greater,
                BinaryOperator::GtEq => Operator::GreaterOrEqual,
                _ => return Err(not_a_condition()),
            };
            Filter::Compare { left: scalar(left, table)?, op, right: scalar(right, table)? }
        }
        Expr::IsNull(value) => Filter::IsNull(scalar(value, table)?),
        Expr::IsNotNull(value) => negated(Filter::IsNull(scalar(value, table)?), true),
        Expr::InList { expr, list, negated: not } => {
            let set = list.iter().map(literal).collect::<Result<_>>()?;
            negated(Filter::In { value: scalar(expr, table)?, set }, *not)
        }
        Expr::Between { expr, negated: not, low, high } => {
            negated(Filter::Between { value: scalar(expr, table)?, low: literal(low)?, high: literal(high)? }, *not)
        }
        Expr::Like { negated: not, expr, pattern, escape_char: None, any: false } => {
            let Value::Text(pattern) = literal(pattern)? else { return Err(not_a_condition()) };
            let (begun, text) = pattern.strip_prefix('%').map_or((false, pattern.as_str()), |text| (true, text));
            let (ended, text) = text.strip_suffix('%').map_or((false, text), |text| (true, text));
            if text.contains(['%', '_']) {
                return Err(Error::malformed("`like` takes a text with `%` at its beginning, its end, or both"));
            }
            let kind = match (begun, ended) {
                (true, true) => TextMatch::Contains,
                (true, false) => TextMatch::EndsWith,
                (false, true) => TextMatch::StartsWith,
                (false, false) => TextMatch::Equals,
            };
            negated(Filter::Text { value: scalar(expr, table)?, kind, text: text.to_owned() }, *not)
        }
        _ => return Err(not_a_condition()),
    })
}

/// The operands of a chain of `and`.
fn conjuncts(expr: &Expr, table: &TableName) -> Result<Vec<Filter>> {
    Ok(match filter(expr, table)? {
        Filter::And(all) => all,
        one => vec![one],
    })
}

fn not_a_condition() -> Error {
    Error::malformed("a condition is comparisons, `between`, `in`, `is null` and `like`, joined by `and`, `or` and `not`")
}

/// The formula and the condition that [`parse_formula`] reads as `measure`; `None` for one that has no such form.
pub fn write_formula(measure: &Measure, table: &TableName) -> Option<(String, Option<String>)> {
    let (formula, filter) = match &measure.aggregate {
        Aggregate::Ratio { numerator, denominator } => {
            if numerator.filter != denominator.filter {
                return None;
            }
            let side = |side: &Measure| match side.aggregate {
                Aggregate::Ratio { .. } => None,
                _ => aggregate_text(&side.aggregate, table),
            };
            (format!("{} / {}", side(numerator)?, side(denominator)?), &numerator.filter)
        }
        aggregate => (aggregate_text(aggregate, table)?, &measure.filter),
    };
    let condition = match filter {
        Some(filter) => Some(filter_text(filter, table)?),
        None => None,
    };
    // What does not come back as it was is better shown as data.
    let read = parse_formula(&measure.name, table, &formula, condition.as_deref()).ok()?;
    (read == *measure).then_some((formula, condition))
}

fn aggregate_text(aggregate: &Aggregate, table: &TableName) -> Option<String> {
    let of = |name: &str, value: &Scalar| Some(format!("{name}({})", scalar_text(value, table)?));
    match aggregate {
        Aggregate::CountRows(of) => (of == table).then(|| "count(*)".to_owned()),
        Aggregate::Count(value) => of("count", value),
        Aggregate::CountDistinct(value) => Some(format!("count(distinct {})", scalar_text(value, table)?)),
        Aggregate::Sum(value) => of("sum", value),
        Aggregate::Avg(value) => of("avg", value),
        Aggregate::Min(value) => of("min", value),
        Aggregate::Max(value) => of("max", value),
        Aggregate::Ratio { .. } | Aggregate::Metric(_) => None,
    }
}

fn scalar_text(value: &Scalar, table: &TableName) -> Option<String> {
    Some(match value {
        Scalar::Field(field) if field.via.is_empty() => {
            let column = name_text(&field.column);
            if field.table == *table {
                column
            } else {
                let parts = field.table.schema.iter().chain([&field.table.name]).map(|part| name_text(part));
                format!("{}.{column}", parts.collect::<Vec<_>>().join("."))
            }
        }
        Scalar::Literal(value) => literal_text(value)?,
        Scalar::Arithmetic { op, left, right } => {
            let op = match op {
                Arithmetic::Add => "+",
                Arithmetic::Subtract => "-",
                Arithmetic::Multiply => "*",
                Arithmetic::Divide => "/",
            };
            let side = |side: &Scalar| {
                let text = scalar_text(side, table)?;
                Some(if matches!(side, Scalar::Arithmetic { .. }) { format!("({text})") } else { text })
            };
            format!("{} {op} {}", side(left)?, side(right)?)
        }
        Scalar::Coalesce(all) => {
            let all: Vec<String> = all.iter().map(|value| scalar_text(value, table)).collect::<Option<_>>()?;
            format!("coalesce({})", all.join(", "))
        }
        _ => return None,
    })
}

fn name_text(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    // A word of SQL may read as something else, unless it is quoted.
    let reads = || matches!(expression(name, "name"), Ok(Expr::Identifier(read)) if read.value == name);
    if is_plain && reads() { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn literal_text(value: &Value) -> Option<String> {
    match value {
        Value::Int(value) => Some(value.to_string()),
        Value::Decimal(value) => Some(value.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Text(text) => Some(format!("'{}'", text.replace('\'', "''"))),
        _ => None,
    }
}

fn filter_text(filter: &Filter, table: &TableName) -> Option<String> {
    let joined = |all: &[Filter], word: &str| {
        let inner = |one: &Filter| {
            let text = filter_text(one, table)?;
            Some(if matches!(one, Filter::And(_) | Filter::Or(_)) { format!("({text})") } else { text })
        };
        Some(all.iter().map(inner).collect::<Option<Vec<_>>>()?.join(word))
    };
    Some(match filter {
        Filter::And(all) => joined(all, " and ")?,
        Filter::Or(all) => joined(all, " or ")?,
        Filter::Not(inner) => match &**inner {
            Filter::IsNull(value) => format!("{} is not null", scalar_text(value, table)?),
            inner => format!("not ({})", filter_text(inner, table)?),
        },
        Filter::Compare { left, op, right } => {
            let op = match op {
                Operator::Equal => "=",
                Operator::NotEqual => "<>",
                Operator::Less => "<",
                Operator::LessOrEqual => "<=",
                Operator::Greater => ">",
                Operator::GreaterOrEqual => ">=",
            };
            format!("{} {op} {}", scalar_text(left, table)?, scalar_text(right, table)?)
        }
        Filter::In { value, set } => {
            let set: Vec<String> = set.iter().map(literal_text).collect::<Option<_>>()?;
            format!("{} in ({})", scalar_text(value, table)?, set.join(", "))
        }
        Filter::Between { value, low, high } => {
            format!("{} between {} and {}", scalar_text(value, table)?, literal_text(low)?, literal_text(high)?)
        }
        Filter::Text { value, kind, text } => {
            let (before, after) = match kind {
                TextMatch::Equals => ("", ""),
                TextMatch::Contains => ("%", "%"),
                TextMatch::StartsWith => ("", "%"),
                TextMatch::EndsWith => ("%", ""),
            };
            format!("{} like '{before}{}{after}'", scalar_text(value, table)?, text.replace('\'', "''"))
        }
        Filter::IsNull(value) => format!("{} is null", scalar_text(value, table)?),
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn orders() -> TableName {
        TableName::bare("orders")
    }

    fn round(formula: &str, condition: Option<&str>) -> Option<(String, Option<String>)> {
        let measure = parse_formula("m", &orders(), formula, condition).unwrap();
        write_formula(&measure, &orders())
    }

    #[test]
    fn formulas_are_read_and_written() {
        for (formula, condition) in [
            ("sum(amount - discount)", Some("status <> 'cancelled'")),
            ("count(*)", None),
            ("count(distinct customer_id)", Some("placed_at is not null and (channel = 'web' or channel like 'app%')")),
            ("sum((price * quantity) - cost) / sum(price * quantity)", Some("kind in ('a', 'it''s')")),
            ("avg(coalesce(lines.price, 0))", Some("not (price between 1 and 2.50)")),
            ("max(\"the order\")", Some("\"größe (cm)\" >= -3")),
        ] {
            assert_eq!(round(formula, condition), Some((formula.to_owned(), condition.map(str::to_owned))), "{formula}");
        }
        assert_eq!(round("(SUM(amount))", None).unwrap().0, "sum(amount)");
    }

    #[test]
    fn what_is_no_formula_says_what_is() {
        for wrong in [
            "",
            "amount",
            "median(amount)",
            "sum(amount) + 1",
            "sum(amount",
            "sum(amount); drop table t",
            "sum((select 1))",
            "sum(a, b)",
        ] {
            let error = parse_formula("m", &orders(), wrong, None).unwrap_err();
            assert!(error.kind() == crate::ErrorKind::Malformed && !error.message().is_empty(), "{wrong}");
        }
        for wrong in ["status", "status like 'a%b'", "exists (select 1)", "a = (select 1)", "f(a) = 1"] {
            assert!(parse_formula("m", &orders(), "count(*)", Some(wrong)).is_err(), "{wrong}");
        }
        let long = format!("sum({})", vec!["a"; 600].join("+"));
        assert!(parse_formula("m", &orders(), &long, None).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(formula in "[a-z0-9 ()*/+,.'\"<>=-]{0,60}", condition in proptest::option::of("\\PC{0,40}")) {
            if let Ok(measure) = parse_formula("m", &orders(), &formula, condition.as_deref())
                && let Some((formula, condition)) = write_formula(&measure, &orders())
            {
                prop_assert_eq!(parse_formula("m", &orders(), &formula, condition.as_deref()).unwrap(), measure);
            }
        }
    }
}
