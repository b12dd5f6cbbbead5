//! What there is, table by table.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Seen;
use crate::catalog::{RoleKind, Table, TableKind, TableName};
use crate::dialect::Dialect;
use crate::knowledge::{GlossaryTerm, MetricDefinition, write_formula};
use crate::profile::{Starter, starter_tables};

/// What is known of a source for longer than this is stale.
const STALE: SignedDuration = SignedDuration::from_hours(72);
/// Tables to begin with.
const STARTERS: usize = 5;

/// A source at a glance, as far as a user may see it: [`Leo::map`](crate::Leo::map).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DataMap {
    /// Id of the source.
    pub source: String,
    /// The language of its statements.
    pub dialect: Dialect,
    /// Changes with the structure that the user may see.
    pub version: String,
    /// When the source was looked at last.
    pub learned: Timestamp,
    /// Whether that is more than 72 hours ago.
    pub is_stale: bool,
    /// 0 to 100: the mean of the tables' scores, where any was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// Favourites first, then by name.
    pub tables: Vec<TableSummary>,
    /// Tables to begin with, best first.
    #[serde(default)]
    pub starters: Vec<Starter>,
    /// How many ways there are to join tables.
    pub relationships: usize,
    /// Governed metrics whose columns the user may see.
    #[serde(default)]
    pub metrics: Vec<MetricSummary>,
    /// What words of the business mean.
    #[serde(default)]
    pub glossary: Vec<GlossaryTerm>,
    /// Questions that can be asked, each of which the built-in planner understands.
    #[serde(default)]
    pub questions: Vec<String>,
}

/// A table at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TableSummary {
    /// Its name.
    pub name: TableName,
    /// What it is to the database.
    pub kind: TableKind,
    /// What people call it, where that is not its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// What part it plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleKind>,
    /// What a row is, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many columns the user may see.
    pub columns: usize,
    /// Rows, perhaps estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// How new its newest row is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Freshness>,
    /// How good its rows are, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// Checks of its rows that failed.
    pub failing: usize,
    /// Columns with personal data.
    pub personal: usize,
    /// Whether the user sees its structure alone, because its rows are filtered or masked.
    pub locked: bool,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Whether it is shown among the first.
    #[serde(default)]
    pub favourite: bool,
}

/// How new the newest row of a table is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "TableFreshness"))]
#[non_exhaustive]
pub struct Freshness {
    /// The column that tells.
    pub column: String,
    /// The day, or the point in time as the column has it.
    pub latest: String,
    /// Whole hours since; a day counts to its end. Negative for what lies ahead. None where the column's form tells no point in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<i64>,
    /// Hours that were agreed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_hours: Option<u64>,
    /// Whether it is older than was agreed on.
    pub is_late: bool,
}

/// A governed metric at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MetricSummary {
    /// Its name.
    pub name: String,
    /// Other names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<String>,
    /// The table whose rows it aggregates.
    pub table: TableName,
    /// What it computes, as `leo.yaml` writes it; none where that has no words for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The source at a glance; `questions` were tried.
pub(crate) fn overview(seen: &Seen<'_>, questions: Vec<String>) -> DataMap {
    let mut tables: Vec<TableSummary> = seen.catalog.tables.iter().map(|table| summary(seen, table)).collect();
    tables.sort_by_key(|table| !table.favourite);
    let scores: Vec<u64> = tables.iter().filter_map(|table| table.quality).map(u64::from).collect();
    let mean = scores.iter().sum::<u64>().checked_div(scores.len() as u64);
    DataMap {
        source: seen.source.to_owned(),
        dialect: seen.catalog.dialect,
        version: seen.catalog.version().to_owned(),
        learned: seen.learned,
        is_stale: seen.now.duration_since(seen.learned) > STALE,
        quality: mean.and_then(|mean| u8::try_from(mean).ok()),
        tables,
        starters: starters(seen),
        relationships: seen.catalog.relationships.len(),
        metrics: seen.knowledge.metrics.iter().filter_map(|metric| metric_summary(seen, metric)).collect(),
        glossary: seen.knowledge.glossary.clone(),
        questions,
    }
}

/// Tables to begin with, best first.
pub(crate) fn starters(seen: &Seen<'_>) -> Vec<Starter> {
    starter_tables(seen.catalog, STARTERS)
}

pub(super) fn summary(seen: &Seen<'_>, table: &Table) -> TableSummary {
    let said = seen.said.get(&table.name);
    let failing = table.quality.iter().flat_map(|quality| &quality.checks).filter(|check| !check.passed).count();
    TableSummary {
        name: table.name.clone(),
        kind: table.kind,
        term: table.term.as_ref().map(|term| term.text.clone()),
        role: table.part(),
        description: table.description.as_ref().map(|description| description.text.clone()),
        columns: table.columns.len(),
        rows: table.rows,
        freshness: freshness(seen, table),
        quality: table.quality.as_ref().map(|quality| quality.score),
        failing,
        personal: table.columns.iter().filter(|column| column.protected_kind().is_some()).count(),
        locked: seen.locked.contains(&table.name),
        owner: said.and_then(|said| said.owner.clone()),
        tags: said.map(|said| said.tags.clone()).unwrap_or_default(),
        favourite: said.is_some_and(|said| said.favourite),
    }
}

/// How new the newest row is, where a column tells that is not about people.
pub(super) fn freshness(seen: &Seen<'_>, table: &Table) -> Option<Freshness> {
    let within_hours = seen.said.get(&table.name).and_then(|said| said.fresh_within_hours);
    let column = table.statistics.as_ref()?.time_column.clone()?;
    // When somebody was born says nothing of when the row was written.
    table.column(&column).filter(|column| column.protected_kind().is_none())?;
    let latest = table.latest()?;
    let hours = table.latest_at().map(|at| seen.now.duration_since(at).as_hours());
    let is_late = within_hours.zip(hours).is_some_and(|(most, hours)| u64::try_from(hours).is_ok_and(|hours| hours > most));
    Some(Freshness { column, latest, hours, within_hours, is_late })
}

/// None where the user may not see what it is made of.
fn metric_summary(seen: &Seen<'_>, metric: &MetricDefinition) -> Option<MetricSummary> {
    let table = seen.catalog.table(&metric.table).filter(|_| metric.is_made_of(seen.catalog))?;
    let formula = write_formula(&metric.measure, &metric.table).map(|(formula, condition)| match condition {
        Some(condition) => format!("{formula} where {condition}"),
        None => formula,
    });
    Some(MetricSummary {
        name: metric.name.clone(),
        synonyms: metric.synonyms.clone(),
        table: table.name.clone(),
        formula,
        description: metric.description.clone(),
    })
}
