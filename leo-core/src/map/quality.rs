//! How good the rows are, worst first.

use serde::{Deserialize, Serialize};

use super::Seen;
use super::overview::{Freshness, freshness};
use crate::catalog::{QualityCheck, QualityPoint, Severity, Table, TableName};

/// How good the rows of a source are, as far as a user may see it: [`Leo::map_quality`](crate::Leo::map_quality).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct QualityOverview {
    /// 0 to 100: the mean of the tables' scores, where any was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
    /// Tables that were checked or have an age, worst first.
    pub tables: Vec<TableFindings>,
    /// Tables of which nothing was checked: locked, never read, or without anything to check.
    pub unchecked: Vec<TableName>,
}

/// What was found out about the rows of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TableFindings {
    /// The table.
    pub table: TableName,
    /// 0 to 100.
    pub score: u8,
    /// How new its newest row is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Freshness>,
    /// What failed, errors first, each with the statement that counts the rows.
    pub failing: Vec<QualityCheck>,
    /// How many checks passed.
    pub passed: usize,
    /// Earlier scores, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<QualityPoint>,
}

/// How good the rows are.
pub(crate) fn quality(seen: &Seen<'_>) -> QualityOverview {
    let mut tables = Vec::new();
    let mut unchecked = Vec::new();
    for table in &seen.catalog.tables {
        match findings(seen, table) {
            Some(found) => tables.push(found),
            None => unchecked.push(table.name.clone()),
        }
    }
    tables.sort_by(|a, b| a.score.cmp(&b.score).then_with(|| a.table.cmp(&b.table)));
    let sum: u64 = tables.iter().map(|found| u64::from(found.score)).sum();
    let score = sum.checked_div(tables.len() as u64).and_then(|mean| u8::try_from(mean).ok());
    QualityOverview { score, tables, unchecked }
}

fn findings(seen: &Seen<'_>, table: &Table) -> Option<TableFindings> {
    let quality = table.quality.as_ref()?;
    let mut failing: Vec<QualityCheck> = quality.checks.iter().filter(|check| !check.passed).cloned().collect();
    let weight = |severity: Severity| match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    };
    failing.sort_by_key(|check| weight(check.severity));
    Some(TableFindings {
        table: table.name.clone(),
        score: quality.score,
        freshness: freshness(seen, table),
        passed: quality.checks.len() - failing.len(),
        failing,
        history: quality.history.clone(),
    })
}
