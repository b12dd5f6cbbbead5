//! The tables that a newcomer should look at first.

use super::facts::{Facts, facts};
use crate::catalog::{Catalog, RoleKind, TableKind, TableName};

/// A table to begin with.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Starter {
    /// Its name.
    pub table: TableName,
    /// 0–1, against the best one.
    pub score: f64,
    /// Why, in one sentence without values of rows.
    pub reason: String,
}

/// Up to `limit` tables of `catalog` to begin with, best first.
///
/// # Behavior
/// What counts: how many tables are joined to it, what part it plays ([`RoleKind`]; things and acts before lists and links), that it
/// has rows, and that it is as fresh as the freshest. Views and tables without rows are left out where there is anything else. Deterministic;
/// for a user, give it the catalogue that this user may see.
pub fn starter_tables(catalog: &Catalog, limit: usize) -> Vec<Starter> {
    let facts = facts(catalog);
    let latest = catalog.tables.iter().filter_map(|table| table.latest()).max();
    let mut found: Vec<(f64, Starter)> = Vec::new();
    for (table, facts) in catalog.tables.iter().zip(&facts) {
        let (score, reason) = judge(facts, table.part());
        let empty = table.rows == Some(0);
        let score = score * if table.kind == TableKind::Table { 1.0 } else { 0.4 } * if empty { 0.1 } else { 1.0 };
        // ISO dates compare as text; a year behind the freshest is stale.
        let stale = match (&latest, table.latest()) {
            (Some(newest), Some(own)) => year(newest) > year(&own).saturating_add(1),
            _ => false,
        };
        let score = if stale { score * 0.6 } else { score };
        found.push((score, Starter { table: table.name.clone(), score: 0.0, reason }));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.table.cmp(&b.1.table)));
    let best = found.first().map_or(1.0, |(score, _)| score.max(f64::MIN_POSITIVE));
    let round = |score: f64| (score / best * 100.0).round() / 100.0;
    found.into_iter().take(limit).map(|(score, starter)| Starter { score: round(score), ..starter }).collect()
}

fn year(day: &str) -> u32 {
    day.get(..4).and_then(|year| year.parse().ok()).unwrap_or(0)
}

fn judge(facts: &Facts, kind: Option<RoleKind>) -> (f64, String) {
    let joined = facts.links + facts.referred;
    let part = match kind {
        Some(RoleKind::Entity) => 1.0,
        Some(RoleKind::Transaction) => 1.1,
        Some(RoleKind::EventStream) => 0.7,
        Some(RoleKind::StateTracking) => 0.5,
        Some(RoleKind::Reference) => 0.35,
        Some(RoleKind::Bridge) => 0.25,
        _ => 0.6,
    };
    let rows = facts.rows.map_or(1.0, |rows| 0.5 + ((rows as f64 + 1.0).log10() / 6.0).min(0.5));
    let score = part * rows * (1.0 + (joined as f64).sqrt());
    let what = match kind {
        Some(RoleKind::Transaction) => "It records what is done",
        Some(RoleKind::Entity) => "It lists what the data is about",
        Some(RoleKind::EventStream) => "It records what happens",
        Some(RoleKind::StateTracking) => "It says how things stood",
        Some(RoleKind::Reference) => "It lists what others refer to",
        _ => "It is part of the data",
    };
    let how = match joined {
        0 => ", and stands for itself.",
        1 | 2 => ", and is joined to others.",
        _ => ", and many others are joined to it.",
    };
    (score, format!("{what}{how}"))
}
