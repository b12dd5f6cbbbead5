//! Explanation: the reading in words, and the links.

use super::candidates::Assignment;
use super::lexicon::Op;
use super::linking::{Node, NodeKind, Target};
use super::schema::SchemaIndex;
use super::tokens::Token;
use crate::ask::planner::plan::{Evidence, Link, LinkTarget};
use crate::query::{
    Aggregate, Arithmetic, ComparisonBase, Field, Filter, Grain, HavingValue, Measure, Operator, Scalar, SemanticQuery,
    SetOperator, TextMatch, TimeUnit, TimeWindow, Transform,
};

/// The links of a reading, in the order of the question.
pub(super) fn links(question: &str, tokens: &[Token], nodes: &[Node], assignment: &Assignment, index: &SchemaIndex) -> Vec<Link> {
    let mut links = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let (Some(first), Some(last)) = (tokens.get(node.first), tokens.get(node.last.saturating_sub(1))) else { continue };
        let span = first.span.start..last.span.end;
        let words = question.get(span.clone()).unwrap_or_default().to_owned();
        let (target, evidence, score) = match &node.kind {
            NodeKind::Mention(_) => {
                let Some(candidate) = assignment.target(nodes, at) else { continue };
                let target = match &candidate.target {
                    Target::Table(table) => LinkTarget::Table(index.table(*table).name.clone()),
                    Target::Column(column) => LinkTarget::Column {
                        table: index.table(column.table).name.clone(),
                        column: index.column(*column).name.clone(),
                    },
                    Target::Metric(metric) => LinkTarget::Measure(index.metrics[*metric].formula.clone()),
                    Target::Value(column, value) => LinkTarget::Value {
                        table: index.table(column.table).name.clone(),
                        column: index.column(*column).name.clone(),
                        value: value.clone(),
                    },
                };
                let evidence = match &candidate.target {
                    Target::Metric(metric) if !index.metrics[*metric].governed => Evidence::Structure,
                    _ => candidate.evidence,
                };
                (target, evidence, candidate.score.clamp(0.0, 1.0))
            }
            NodeKind::Time(found) => (LinkTarget::Time(found.label.clone()), Evidence::Grammar, 1.0),
            NodeKind::Op(op) => {
                let Some(label) = operation(*op) else { continue };
                (LinkTarget::Operation(label.to_owned()), Evidence::Grammar, 1.0)
            }
            _ => continue,
        };
        links.push(Link { words, span, target, evidence, score });
    }
    links
}

fn operation(op: Op) -> Option<&'static str> {
    Some(match op {
        Op::HowMany => "count",
        Op::Function(super::lexicon::Function::Avg) => "average",
        Op::Function(super::lexicon::Function::Sum) => "sum",
        Op::Function(super::lexicon::Function::Min) => "minimum",
        Op::Function(super::lexicon::Function::Max) => "maximum",
        Op::Function(super::lexicon::Function::Count) => "count",
        Op::Extreme(true) | Op::Top(true) => "largest first",
        Op::Extreme(false) | Op::Top(false) => "smallest first",
        Op::Common(_) => "by how often it occurs",
        Op::Superlative | Op::SuperlativeOf(_) => "extreme",
        Op::Comparative | Op::ComparativeOf(_) | Op::Compare(_) | Op::Between => "comparison",
        Op::Not | Op::Without | Op::Except => "not",
        Op::Each => "for each",
        Op::OrderBy => "order",
        Op::Ascending | Op::Alphabetical => "ascending",
        Op::Descending => "descending",
        Op::Distinct => "each once",
        Op::Share => "share of the total",
        Op::Running => "running total",
        Op::Versus => "comparison of periods",
        Op::Missing => "no value",
        Op::Grain(grain) => grain_word(grain),
        Op::Repeat => "again within",
        Op::Rate => "rate",
        _ => return None,
    })
}

fn grain_word(grain: Grain) -> &'static str {
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

/// A query as one sentence.
pub(super) fn describe(query: &SemanticQuery) -> String {
    let mut text = String::new();
    let visible = |measure: &&Measure| !measure.hidden;
    let dimensions: Vec<String> = query
        .dimensions
        .iter()
        .filter(|dimension| !dimension.hidden)
        .map(|dimension| match dimension.grain {
            Some(grain) => format!("{} of {}", grain_word(grain), scalar(&dimension.value)),
            None => scalar(&dimension.value),
        })
        .collect();
    let measures: Vec<String> = query.measures.iter().filter(visible).map(self::measure).collect();
    if measures.is_empty() {
        if query.distinct {
            text.push_str("different ");
        }
        text.push_str(&dimensions.join(", "));
        text.push_str(&format!(" of {}", query.from.name));
    } else {
        text.push_str(&measures.join(", "));
        if !dimensions.is_empty() {
            text.push_str(&format!(" for each {}", dimensions.join(", ")));
        }
    }
    if let Some(filter) = &query.filter {
        text.push_str(&format!(", where {}", self::filter(filter)));
    }
    for having in &query.having {
        let of = query
            .measures
            .iter()
            .find(|measure| measure.name == having.measure)
            .map_or_else(|| having.measure.clone(), self::measure);
        let value = match &having.value {
            HavingValue::Value(value) => value.to_string(),
            HavingValue::AverageOfGroups => "the average of all groups".into(),
        };
        text.push_str(&format!(", with {of} {} {value}", operator(having.op)));
    }
    if let Some(compare) = &query.compare {
        let base = match &compare.base {
            ComparisonBase::PreviousPeriod => "the period before".to_owned(),
            ComparisonBase::PreviousYear => "the same dates a year earlier".to_owned(),
            ComparisonBase::Window(base) => window(base),
        };
        text.push_str(&format!(", {} against {base}", window(&compare.window)));
    }
    if let Some(top) = &query.top_per {
        text.push_str(&format!(", the first {} by {} for each {}", top.n, key(query, &top.by.by), top.within.join(", ")));
    }
    for (at, order) in query.order.iter().enumerate() {
        text.push_str(if at == 0 { ", ordered by " } else { ", then " });
        text.push_str(&format!("{}{}", key(query, &order.by), if order.descending { " from the largest" } else { "" }));
    }
    if let Some(limit) = query.limit {
        text.push_str(&format!(", first {limit}"));
    }
    if let Some((op, other)) = &query.set {
        let word = match op {
            SetOperator::Union => "or",
            SetOperator::Intersect => "and also",
            SetOperator::Except => "but not",
        };
        text.push_str(&format!("; {word}: {}", describe(other)));
    }
    text
}

fn key(query: &SemanticQuery, name: &str) -> String {
    if let Some(measure) = query.measures.iter().find(|measure| measure.name == name) {
        return self::measure(measure);
    }
    query
        .dimensions
        .iter()
        .find(|dimension| dimension.name == name)
        .map_or_else(|| name.to_owned(), |dimension| scalar(&dimension.value))
}

pub(super) fn measure(measure: &Measure) -> String {
    let mut text = match &measure.aggregate {
        Aggregate::CountRows(table) => format!("number of {}", table.name),
        Aggregate::Count(value) => format!("number of {} known", scalar(value)),
        Aggregate::CountDistinct(value) => format!("number of different {}", scalar(value)),
        Aggregate::Sum(value) => format!("sum of {}", scalar(value)),
        Aggregate::Avg(value) => format!("average of {}", scalar(value)),
        Aggregate::Min(value) => format!("smallest {}", scalar(value)),
        Aggregate::Max(value) => format!("largest {}", scalar(value)),
        Aggregate::Ratio { numerator, denominator } => {
            format!("{} divided by {}", self::measure(numerator), self::measure(denominator))
        }
        Aggregate::Metric(name) => name.clone(),
    };
    if let Some(filter) = &measure.filter {
        text = format!("{text} where {}", self::filter(filter));
    }
    match &measure.transform {
        Transform::None => text,
        Transform::ShareOfTotal { .. } => format!("share of {text}"),
        Transform::RunningTotal => format!("running total of {text}"),
    }
}

fn field(field: &Field) -> String {
    format!("{}.{}", field.table.name, field.column)
}

fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Field(field) => self::field(field),
        Scalar::Literal(value) => value.to_string(),
        Scalar::Arithmetic { op, left, right } => {
            let sign = match op {
                Arithmetic::Add => "+",
                Arithmetic::Subtract => "−",
                Arithmetic::Multiply => "×",
                Arithmetic::Divide => "÷",
            };
            let side = |side: &Scalar| match side {
                Scalar::Arithmetic { op: Arithmetic::Add | Arithmetic::Subtract, .. } => format!("({})", scalar(side)),
                _ => scalar(side),
            };
            format!("{} {sign} {}", side(left), side(right))
        }
        Scalar::DaysBetween { from, to } => format!("days from {} to {}", scalar(from), scalar(to)),
        Scalar::Coalesce(parts) => parts.first().map_or_else(String::new, scalar),
    }
}

fn operator(op: Operator) -> &'static str {
    match op {
        Operator::Equal => "=",
        Operator::NotEqual => "≠",
        Operator::Less => "<",
        Operator::LessOrEqual => "≤",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => "≥",
    }
}

pub(super) fn filter(filter: &Filter) -> String {
    let list = |parts: &[Filter], word: &str| {
        parts
            .iter()
            .map(|part| match part {
                Filter::Or(_) if word == "and" => format!("({})", self::filter(part)),
                part => self::filter(part),
            })
            .collect::<Vec<_>>()
            .join(&format!(" {word} "))
    };
    match filter {
        Filter::And(parts) => list(parts, "and"),
        Filter::Or(parts) => list(parts, "or"),
        Filter::Not(inner) => match inner.as_ref() {
            Filter::Exists { table, filter: None, at_least: 1 } => format!("there are no {}", table.name),
            Filter::IsNull(value) => format!("{} is known", scalar(value)),
            inner => format!("not ({})", self::filter(inner)),
        },
        Filter::Compare { left, op, right } => format!("{} {} {}", scalar(left), operator(*op), scalar(right)),
        Filter::In { value, set } => {
            format!("{} is one of {}", scalar(value), set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        Filter::Between { value, low, high } => format!("{} is between {low} and {high}", scalar(value)),
        Filter::Text { value, kind, text } => {
            let word = match kind {
                TextMatch::Equals => "is",
                TextMatch::Contains => "contains",
                TextMatch::StartsWith => "starts with",
                TextMatch::EndsWith => "ends with",
            };
            format!("{} {word} “{text}”", scalar(value))
        }
        Filter::IsNull(value) => format!("{} is missing", scalar(value)),
        Filter::During { value, window } => format!("{} in {}", field(value), self::window(window)),
        Filter::Exists { table, filter, at_least } => {
            let many = if *at_least > 1 { format!("at least {at_least} ") } else { String::new() };
            match filter {
                Some(inner) => format!("there are {many}{} with {}", table.name, self::filter(inner)),
                None => format!("there are {many}{}", table.name),
            }
        }
        Filter::InQuery { value, query } => format!("{} is among ({})", scalar(value), describe(query)),
        Filter::CompareQuery { left, op, query } => format!("{} {} ({})", scalar(left), operator(*op), describe(query)),
        Filter::FollowedBy { event, within_days, .. } => {
            format!("another of {} follows the first within {within_days} days", event.name)
        }
    }
}

fn unit(unit: TimeUnit) -> &'static str {
    super::time::unit_word(unit)
}

pub(super) fn window(window: &TimeWindow) -> String {
    match window {
        TimeWindow::Absolute { start: Some(start), end: Some(end) } => match end.yesterday() {
            Ok(last) if last == *start => start.to_string(),
            Ok(last) => format!("{start} to {last}"),
            Err(_) => format!("from {start}"),
        },
        TimeWindow::Absolute { start: Some(start), end: None } => format!("{start} or later"),
        TimeWindow::Absolute { start: None, end: Some(end) } => format!("the time before {end}"),
        TimeWindow::Absolute { start: None, end: None } => "any time".into(),
        TimeWindow::Current(of) => format!("this {}", unit(*of)),
        TimeWindow::Last { unit: of, count: 1 } => format!("the last complete {}", unit(*of)),
        TimeWindow::Last { unit: of, count } => format!("the last {count} complete {}s", unit(*of)),
        TimeWindow::Rolling { unit: of, count } => format!("the last {count} {}s up to today", unit(*of)),
        TimeWindow::ToDate(of) => format!("this {} to date", unit(*of)),
        TimeWindow::Next { unit: of, count } => format!("the next {count} {}s", unit(*of)),
    }
}
