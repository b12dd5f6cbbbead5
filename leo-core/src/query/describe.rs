//! A query in plain words: how a question was read.

use super::model::{
    Aggregate, Arithmetic, Comparison, ComparisonBase, Dimension, Field, Filter, Grain, Having, HavingValue, Measure, Operator,
    Order, Scalar, SemanticQuery, SetOperator, TextMatch, TopPer, Transform,
};
use super::time::{TimeUnit, TimeWindow};
use crate::value::Value;

/// One plain English sentence of what the query asks for, without capital or full stop: `sum of order_lines.quantity by month of
/// orders.ordered_at, where orders.status is 'open'`. Values are quoted; it is for the person asking, not for logs.
pub fn describe(query: &SemanticQuery) -> String {
    let shown: Vec<String> = query.dimensions.iter().filter(|dimension| !dimension.hidden).map(dimension).collect();
    let measures: Vec<String> = query.measures.iter().filter(|measure| !measure.hidden).map(self::measure).collect();
    let mut text = match (measures.is_empty(), shown.is_empty()) {
        (false, false) => format!("{} by {}", listed(&measures, "and"), listed(&shown, "and")),
        (false, true) => listed(&measures, "and"),
        (true, _) => {
            let distinct = if query.distinct { "each different " } else { "" };
            let of = if query.measures.is_empty() { format!(" of the rows of {}", query.from) } else { String::new() };
            format!("{distinct}{}{of}", listed(&shown, "and"))
        }
    };
    let mut add = |part: String| {
        text.push_str(", ");
        text.push_str(&part);
    };
    if let Some(filter) = &query.filter {
        add(format!("where {}", condition(filter)));
    }
    if let Some(compare) = &query.compare {
        add(comparison(compare));
    }
    if !query.having.is_empty() {
        let conditions: Vec<String> = query.having.iter().map(|having| group_condition(having, query)).collect();
        add(format!("only groups whose {}", listed(&conditions, "and whose")));
    }
    if let Some(top) = &query.top_per {
        add(first_of_each(top, query));
    }
    if !query.order.is_empty() {
        let keys: Vec<String> = query.order.iter().map(|order| key(order, query)).collect();
        add(keys.join(", then "));
    }
    if let Some(limit) = query.limit {
        add(if limit == 1 { "the first row only".to_owned() } else { format!("the first {limit} rows only") });
    }
    if let Some((op, other)) = &query.set {
        let joined = match op {
            SetOperator::Union => "together with",
            SetOperator::Intersect => "as far as also in",
            SetOperator::Except => "without",
        };
        add(format!("{joined} ({})", describe(other)));
    }
    text
}

/// One condition in the same words: `orders.status is 'open'`.
pub fn describe_filter(filter: &Filter) -> String {
    condition(filter)
}

fn listed(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first, second] => format!("{first} {word} {second}"),
        [init @ .., last] => format!("{} {word} {last}", init.join(", ")),
    }
}

fn dimension(dimension: &Dimension) -> String {
    match dimension.grain {
        None => scalar(&dimension.value),
        Some(grain) => format!("{} of {}", grain_name(grain), scalar(&dimension.value)),
    }
}

fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Hour => "hour",
        Grain::Day => "day",
        Grain::Week | Grain::IsoWeek => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
        Grain::FiscalQuarter => "fiscal quarter",
        Grain::FiscalYear => "fiscal year",
        Grain::HourOfDay => "hour of the day",
        Grain::DayOfWeek => "day of the week",
        Grain::MonthOfYear => "month of the year",
        Grain::QuarterOfYear => "quarter of the year",
    }
}

fn measure(measure: &Measure) -> String {
    let mut text = match &measure.aggregate {
        Aggregate::CountRows(table) => format!("number of {table}"),
        Aggregate::Count(value) => format!("number of values of {}", scalar(value)),
        Aggregate::CountDistinct(value) => format!("number of different {}", scalar(value)),
        Aggregate::Sum(value) => format!("sum of {}", scalar(value)),
        Aggregate::Avg(value) => format!("average of {}", scalar(value)),
        Aggregate::Min(value) => format!("smallest {}", scalar(value)),
        Aggregate::Max(value) => format!("largest {}", scalar(value)),
        Aggregate::Ratio { numerator, denominator } => {
            format!("{} per {}", self::measure(numerator), self::measure(denominator))
        }
        Aggregate::Metric(name) => name.clone(),
    };
    if let Some(filter) = &measure.filter {
        text = format!("{text} (only where {})", condition(filter));
    }
    match &measure.transform {
        Transform::None => text,
        Transform::ShareOfTotal { within } if within.is_empty() => format!("share of the total {text}"),
        Transform::ShareOfTotal { within } => format!("share of the {text} within each {}", listed(within, "and")),
        Transform::RunningTotal => format!("running total of the {text}"),
    }
}

fn field(field: &Field) -> String {
    let column = format!("{}.{}", field.table, field.column);
    match field.via.last().and_then(|id| id.split_once('(')).and_then(|(_, rest)| rest.split_once(')')) {
        Some((columns, _)) => format!("{column} (by {columns})"),
        None => column,
    }
}

fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Field(own) => field(own),
        Scalar::Literal(constant) => quoted(constant),
        Scalar::Arithmetic { op, left, right } => {
            let sign = match op {
                Arithmetic::Add => "+",
                Arithmetic::Subtract => "−",
                Arithmetic::Multiply => "×",
                Arithmetic::Divide => "÷",
            };
            format!("{} {sign} {}", operand(left, *op), operand(right, *op))
        }
        Scalar::DaysBetween { from, to } => format!("days from {} to {}", scalar(from), scalar(to)),
        Scalar::Coalesce(items) => {
            format!("the first of {} that is known", listed(&items.iter().map(scalar).collect::<Vec<_>>(), "and"))
        }
    }
}

/// An operand, in parentheses unless it is the same associative operation.
fn operand(value: &Scalar, outer: Arithmetic) -> String {
    match value {
        Scalar::Arithmetic { op, .. } if !(*op == outer && matches!(op, Arithmetic::Add | Arithmetic::Multiply)) => {
            format!("({})", scalar(value))
        }
        _ => scalar(value),
    }
}

fn quoted(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Text(text) => format!("'{text}'"),
        other => other.to_string(),
    }
}

fn comparing(op: Operator) -> &'static str {
    match op {
        Operator::Equal => "is",
        Operator::NotEqual => "is not",
        Operator::Less => "is less than",
        Operator::LessOrEqual => "is at most",
        Operator::Greater => "is more than",
        Operator::GreaterOrEqual => "is at least",
    }
}

fn condition(filter: &Filter) -> String {
    match filter {
        Filter::And(parts) if parts.is_empty() => "anything".to_owned(),
        Filter::Or(parts) if parts.is_empty() => "nothing at all".to_owned(),
        Filter::And(parts) => {
            let part = |part: &Filter| match part {
                Filter::Or(inner) if inner.len() > 1 => format!("({})", condition(part)),
                _ => condition(part),
            };
            parts.iter().map(part).collect::<Vec<_>>().join(" and ")
        }
        Filter::Or(parts) => parts.iter().map(condition).collect::<Vec<_>>().join(" or "),
        Filter::Not(part) => match part.as_ref() {
            Filter::IsNull(value) => format!("{} is known", scalar(value)),
            Filter::Exists { table, filter, at_least: 1 } => format!("there are no {table}{}", whose(filter.as_deref())),
            Filter::In { value, set } => format!("{} is none of {}", scalar(value), values(set)),
            other => format!("not ({})", condition(other)),
        },
        Filter::Compare { left, op, right } => format!("{} {} {}", scalar(left), comparing(*op), scalar(right)),
        Filter::In { value, set } => match set.as_slice() {
            [] => "nothing at all".to_owned(),
            [only] => format!("{} is {}", scalar(value), quoted(only)),
            _ => format!("{} is one of {}", scalar(value), values(set)),
        },
        Filter::Between { value, low, high } => {
            format!("{} is between {} and {}", scalar(value), quoted(low), quoted(high))
        }
        Filter::Text { value, kind, text } => {
            let how = match kind {
                TextMatch::Equals => "is",
                TextMatch::Contains => "contains",
                TextMatch::StartsWith => "starts with",
                TextMatch::EndsWith => "ends with",
            };
            format!("{} {how} '{text}'", scalar(value))
        }
        Filter::IsNull(value) => format!("{} is not known", scalar(value)),
        Filter::During { value, window } => format!("{} is {}", field(value), self::window(window)),
        Filter::Exists { table, filter, at_least: 1 } => format!("there are {table}{}", whose(filter.as_deref())),
        Filter::Exists { table, filter, at_least } => {
            format!("there are at least {at_least} {table}{}", whose(filter.as_deref()))
        }
        Filter::InQuery { value, query } => format!("{} is among ({})", scalar(value), describe(query)),
        Filter::CompareQuery { left, op, query } => format!("{} {} the {}", scalar(left), comparing(*op), describe(query)),
        Filter::FollowedBy { event, time, within_days } => {
            format!("the first of {event} is followed by another within {within_days} days (by {})", field(time))
        }
    }
}

fn whose(filter: Option<&Filter>) -> String {
    filter.map_or_else(String::new, |filter| format!(" whose {}", condition(filter)))
}

fn values(set: &[Value]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = set.iter().take(SHOWN).map(quoted).collect();
    if set.len() > SHOWN {
        shown.push(format!("{} more", set.len() - SHOWN));
        return listed(&shown, "and");
    }
    listed(&shown, "or")
}

fn window(window: &TimeWindow) -> String {
    let unit = |unit: TimeUnit, count: u32| {
        let name = unit_name(unit);
        if count == 1 { name.to_owned() } else { format!("{count} {name}s") }
    };
    match window {
        TimeWindow::Absolute { start: Some(start), end: Some(end) } => match end.yesterday() {
            Ok(last) if last == *start => format!("on {start}"),
            Ok(last) => format!("from {start} to {last}"),
            Err(_) => format!("from {start}"),
        },
        TimeWindow::Absolute { start: Some(start), end: None } => format!("from {start} on"),
        TimeWindow::Absolute { start: None, end: Some(end) } => format!("before {end}"),
        TimeWindow::Absolute { start: None, end: None } => "at any time".to_owned(),
        TimeWindow::Current(TimeUnit::Day) => "today".to_owned(),
        TimeWindow::Current(own) => format!("in this {}", unit(*own, 1)),
        TimeWindow::Last { unit: TimeUnit::Day, count: 1 } => "yesterday".to_owned(),
        TimeWindow::Last { unit: own, count } => format!("in the last {}", complete(&unit(*own, *count))),
        TimeWindow::Rolling { unit: own, count } => format!("in the {} up to today", unit(*own, *count)),
        TimeWindow::ToDate(own) => format!("in this {} up to today", unit(*own, 1)),
        TimeWindow::Next { unit: TimeUnit::Day, count: 1 } => "tomorrow".to_owned(),
        TimeWindow::Next { unit: own, count } => format!("in the next {}", unit(*own, *count)),
    }
}

fn complete(units: &str) -> String {
    match units.split_once(' ') {
        Some((count, unit)) if count.chars().all(|c| c.is_ascii_digit()) => format!("{count} complete {unit}"),
        _ => format!("complete {units}"),
    }
}

fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Day => "day",
        TimeUnit::Week => "week",
        TimeUnit::Month => "month",
        TimeUnit::Quarter => "quarter",
        TimeUnit::Year => "year",
        TimeUnit::FiscalQuarter => "fiscal quarter",
        TimeUnit::FiscalYear => "fiscal year",
    }
}

fn comparison(compare: &Comparison) -> String {
    let with = match &compare.base {
        ComparisonBase::PreviousPeriod => "the period before".to_owned(),
        ComparisonBase::PreviousYear => "the same time one year earlier".to_owned(),
        ComparisonBase::Window(other) => format!("rows {}", window(other)),
    };
    format!("where {} is {}, compared with {with}", field(&compare.time), window(&compare.window))
}

/// What a name of the query stands for.
fn named(name: &str, query: &SemanticQuery) -> String {
    let own = query.measures.iter().find(|measure| measure.name == name).map(measure);
    own.or_else(|| query.dimensions.iter().find(|dimension| dimension.name == name).map(dimension))
        .unwrap_or_else(|| name.replace('_', " "))
}

fn group_condition(having: &Having, query: &SemanticQuery) -> String {
    let value = match &having.value {
        HavingValue::Value(value) => quoted(value),
        HavingValue::AverageOfGroups => "the average of all groups".to_owned(),
    };
    format!("{} {} {value}", named(&having.measure, query), comparing(having.op))
}

fn key(order: &Order, query: &SemanticQuery) -> String {
    let direction = if order.descending { "largest" } else { "smallest" };
    format!("{direction} {} first", named(&order.by, query))
}

fn first_of_each(top: &TopPer, query: &SemanticQuery) -> String {
    let within: Vec<String> = top.within.iter().map(|name| named(name, query)).collect();
    let each = if within.is_empty() { "all rows".to_owned() } else { format!("each {}", listed(&within, "and")) };
    let count = if top.n == 1 { "row".to_owned() } else { format!("{} rows", top.n) };
    let direction = if top.by.descending { "largest" } else { "smallest" };
    format!("for {each} the {count} with the {direction} {}", named(&top.by.by, query))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::TableName;

    fn f(table: &str, column: &str) -> Scalar {
        Scalar::Field(Field::new(TableName::bare(table), column))
    }

    #[test]
    fn a_query_reads_as_a_sentence() {
        let quantity = Scalar::Arithmetic {
            op: Arithmetic::Multiply,
            left: Box::new(f("order_lines", "quantity")),
            right: Box::new(Scalar::Arithmetic {
                op: Arithmetic::Subtract,
                left: Box::new(Scalar::Literal(Value::Int(1))),
                right: Box::new(f("order_lines", "discount")),
            }),
        };
        let mut query = SemanticQuery::new(TableName::bare("orders"));
        query.dimensions = vec![Dimension { grain: Some(Grain::Month), ..Dimension::new("month", f("orders", "ordered_at")) }];
        query.measures = vec![Measure::new("revenue", Aggregate::Sum(quantity))];
        query = query
            .and(Filter::Compare {
                left: f("orders", "status"),
                op: Operator::Equal,
                right: Scalar::Literal(Value::from("open")),
            })
            .and(Filter::During {
                value: Field::new(TableName::bare("orders"), "ordered_at"),
                window: TimeWindow::Last { unit: TimeUnit::Month, count: 3 },
            });
        query.order = vec![Order { by: "revenue".into(), descending: true }];
        query.limit = Some(5);
        insta::assert_snapshot!(describe(&query), @"sum of order_lines.quantity × (1 − order_lines.discount) by month of orders.ordered_at, where orders.status is 'open' and orders.ordered_at is in the last 3 complete months, largest sum of order_lines.quantity × (1 − order_lines.discount) first, the first 5 rows only");
    }

    #[test]
    fn absence_and_listing() {
        let mut query = SemanticQuery::new(TableName::bare("products"));
        query.dimensions = vec![Dimension::new("name", f("products", "name"))];
        query.filter =
            Some(Filter::Not(Box::new(Filter::Exists { table: TableName::bare("order_lines"), filter: None, at_least: 1 })));
        insta::assert_snapshot!(describe(&query), @"products.name of the rows of products, where there are no order_lines");
    }
}
