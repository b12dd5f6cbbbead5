//! The explanation of an answer: how the question was read, what was assumed, where the figures come from.

use jiff::Zoned;
use jiff::civil::Date;
use serde::Serialize;

use super::answer::Freshness;
use super::planner::Link;
use crate::catalog::{Catalog, Column, TableName, TimeEncoding};
use crate::finding::Finding;
use crate::guard::OutputColumn;
use crate::query::{Compiled, Filter, JoinNote, ResolvedWindow, Scalar, SemanticQuery};
use crate::value::Value;

/// How an answer came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Explain {
    /// The question as understood, in one sentence.
    pub reading: String,
    /// Which words were taken for what.
    pub links: Vec<Link>,
    /// What was decided without being said.
    pub assumptions: Vec<String>,
    /// Time windows with their dates; the first is the one asked about, a second the one compared with.
    pub windows: Vec<ResolvedWindow>,
    /// The moment relative windows count from, in the user's zone.
    pub now: String,
    /// Whether that moment was set (an as-of date) and is not the clock's.
    pub as_of: bool,
    /// The user's zone.
    pub time_zone: String,
    /// Joins taken.
    pub joins: Vec<JoinNote>,
    /// Tables read.
    pub tables: Vec<String>,
    /// Columns of the result and the columns they derive from.
    pub lineage: Vec<OutputColumn>,
    /// What the guard noted or changed.
    pub findings: Vec<Finding>,
    /// Other readings, best first.
    pub alternatives: Vec<String>,
}

impl Explain {
    /// What every call knows: when and where it was asked.
    pub(super) fn at(now: &Zoned, as_of: bool) -> Self {
        Self {
            now: now.strftime("%Y-%m-%d %H:%M").to_string(),
            as_of,
            time_zone: now.time_zone().iana_name().unwrap_or("UTC").to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn compiled(&mut self, compiled: &Compiled) {
        self.windows.clone_from(&compiled.windows);
        self.joins.clone_from(&compiled.joins);
        for warning in &compiled.warnings {
            if !self.assumptions.contains(warning) {
                self.assumptions.push(warning.clone());
            }
        }
    }
}

/// The latest value of each table's time column, for the tables read.
pub(super) fn freshness<'a>(catalog: &Catalog, tables: impl IntoIterator<Item = &'a TableName>) -> Vec<Freshness> {
    tables
        .into_iter()
        .filter_map(|name| {
            let table = catalog.table(name)?;
            let statistics = table.statistics.as_ref()?;
            let column = table.column(statistics.time_column.as_deref()?)?;
            let latest = day(statistics.latest.as_ref()?, column)?;
            Some(Freshness { table: table.name.to_string(), column: column.name.clone(), latest })
        })
        .collect()
}

/// The first and the last day the query's own time column has data for, when the source was last synced.
pub(super) fn data_range(query: &SemanticQuery, catalog: &Catalog) -> Option<(Date, Date)> {
    let time =
        query.compare.as_ref().map(|compare| &compare.time).or_else(|| query.filter.as_ref().and_then(time_of_window)).or_else(
            || {
                query.dimensions.iter().find(|dimension| dimension.grain.is_some()).and_then(|dimension| match &dimension.value {
                    Scalar::Field(field) => Some(field),
                    _ => None,
                })
            },
        )?;
    let column = catalog.table(&time.table)?.column(&time.column)?;
    let statistics = column.statistics.as_ref()?;
    let date = |value: &Option<Value>| day(value.as_ref()?, column)?.parse().ok();
    Some((date(&statistics.min)?, date(&statistics.max)?))
}

fn time_of_window(filter: &Filter) -> Option<&crate::query::Field> {
    match filter {
        Filter::During { value, .. } => Some(value),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().find_map(time_of_window),
        _ => None,
    }
}

/// A point in time as a person reads it: the day, or the month or year where the column knows no more.
fn day(value: &Value, column: &Column) -> Option<String> {
    let seconds = |seconds: i64| {
        jiff::Timestamp::from_second(seconds).ok().map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
    };
    match (value, column.time_encoding) {
        (Value::Int(at), Some(TimeEncoding::UnixSeconds)) => seconds(*at),
        (Value::Int(at), Some(TimeEncoding::UnixMillis)) => seconds(at.div_euclid(1_000)),
        (Value::Int(at), _) => Some(at.to_string()),
        (Value::Text(text), _) => Some(text.get(..10).filter(|_| text.len() > 10).unwrap_or(text).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::LogicalType;

    #[test]
    fn a_point_in_time_is_shown_as_a_day() {
        let mut column = Column::new("at", "TEXT", LogicalType::Text);
        assert_eq!(day(&"2024-05-06T07:08:09Z".into(), &column).as_deref(), Some("2024-05-06"));
        assert_eq!(day(&"2024-05".into(), &column).as_deref(), Some("2024-05"));
        column.time_encoding = Some(TimeEncoding::UnixMillis);
        assert_eq!(day(&1_714_979_289_000.into(), &column).as_deref(), Some("2024-05-06"));
        assert_eq!(day(&Value::Null, &column), None);
    }
}
