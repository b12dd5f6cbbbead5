//! A table in detail.

use serde::{Deserialize, Serialize};

use super::Seen;
use super::overview::{TableSummary, summary};
use crate::catalog::{Column, Relationship, Table};
use crate::value::Value;

/// A table in detail, as far as a user may see it: [`Leo::map_table`](crate::Leo::map_table).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TableDetail {
    /// The table at a glance.
    pub summary: TableSummary,
    /// Its columns with their statistics, keys and checks. Of columns with personal data there are no values.
    pub table: Table,
    /// What people added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How it is joined with others.
    pub relationships: Vec<Relationship>,
    /// Questions that can be asked about it, each of which the built-in planner understands.
    #[serde(default)]
    pub questions: Vec<String>,
    /// Some of its rows, as a statement of the user's would show them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// The statements that would make it.
    pub ddl: String,
}

/// Some rows of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RowSample"))]
pub struct Sample {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Values by row, in the order of the columns.
    pub rows: Vec<Vec<Value>>,
}

/// A table of the catalogue in detail; `questions` were tried.
pub(crate) fn detail(seen: &Seen<'_>, table: &Table, questions: Vec<String>) -> TableDetail {
    let is_joined = |known: &&Relationship| known.child == table.name || known.parent == table.name;
    TableDetail {
        summary: summary(seen, table),
        note: seen.said.get(&table.name).and_then(|said| said.note.clone()),
        relationships: seen.catalog.relationships.iter().filter(is_joined).cloned().collect(),
        ddl: table.to_ddl(seen.catalog.dialect),
        table: without_personal_values(table),
        questions,
        sample: None,
    }
}

/// The table without what was computed from values of personal data, but how many there are.
fn without_personal_values(table: &Table) -> Table {
    let mut table = table.clone();
    let is_personal = |column: &Column| column.protected_kind().is_some();
    for column in table.columns.iter_mut().filter(|column| is_personal(column)) {
        if let Some(known) = &mut column.statistics {
            let counts = crate::catalog::ColumnStatistics {
                null_share: known.null_share,
                distinct: known.distinct,
                is_unique: known.is_unique,
                ..Default::default()
            };
            *known = counts;
        }
        column.default = None;
    }
    let time = table.statistics.as_ref().and_then(|known| known.time_column.as_deref());
    if time.and_then(|name| table.column(name)).is_some_and(is_personal)
        && let Some(known) = &mut table.statistics
    {
        known.latest = None;
    }
    table
}
