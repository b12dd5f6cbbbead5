//! The explanation of an answer: how the question was read, what was assumed, where the figures come from.

use jiff::Zoned;
use jiff::civil::Date;
use serde::Serialize;

use super::answer::Freshness;
use super::planner::Link;
use crate::catalog::{Catalog, TableName};
use crate::finding::Finding;
use crate::guard::OutputColumn;
use crate::query::{Compiled, Filter, JoinNote, ResolvedWindow, Scalar, SemanticQuery};
use crate::value::Value;

/// How an answer came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// What was decided about models, in order: who was asked and why, what came of it, which answer was taken.
    pub decisions: Vec<String>,
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
            let latest = table.latest()?;
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
    let date = |value: Option<&Value>| column.point_in_time(value?)?.parse().ok();
    Some((date(statistics.min.as_ref())?, date(statistics.max.as_ref())?))
}

fn time_of_window(filter: &Filter) -> Option<&crate::query::Field> {
    match filter {
        Filter::During { value, .. } => Some(value),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().find_map(time_of_window),
        _ => None,
    }
}
