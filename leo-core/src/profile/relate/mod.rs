//! Relationships that nobody declared: found by names, types, uniqueness and inclusion of values, each with a confidence.
//!
//! Every pair of a column and a single-column key of a table is a candidate, unless nine tenths of the column's values are not
//! among the key's. Candidates are scored ([`score`]); a column gets its best parent. When that parent's key points on to a third
//! table which would do as well, the third is taken: the root of the chain, not a neighbour that happens to share it. Keys of
//! several columns are found by the same names and common values ([`composite`]).

mod composite;
mod keys;
mod names;
mod score;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use composite::key_tuples;
pub use keys::settle_keys;
pub(super) use names::stem;

use self::names::{TableWords, Vocabulary};
use self::score::{Features, Pair};
use super::distinct::ValueSet;
use super::table::TableValues;
use crate::catalog::{Catalog, LogicalType, Relationship, RelationshipOrigin, Table, TableKind, TableName};

/// Settings of the inference.
#[derive(Debug, Clone, Copy)]
pub struct RelateOptions {
    /// Relationships of lower confidence are left out; 0.55 unless set.
    pub min_confidence: f64,
}

impl Default for RelateOptions {
    fn default() -> Self {
        Self { min_confidence: 0.55 }
    }
}

/// Share of a column's values that must be among the key's for the pair to be looked at.
const INCLUDED: f64 = 0.9;
/// What confidence is multiplied by when only names say it.
const NAMES_ONLY: f64 = 0.8;

/// A table as the inference sees it.
struct Seen<'a> {
    table: &'a Table,
    words: TableWords,
    values: Option<&'a TableValues>,
    /// Positions of columns with declared foreign keys: nothing to infer there.
    declared: Vec<bool>,
}

/// A column by positions of its table and itself.
type At = (usize, usize);

/// Relationships between the tables of `catalog` that are not declared, best first. `values` come from profiling; without them
/// names and types decide alone, with less confidence.
pub fn infer_relationships(catalog: &Catalog, values: &[TableValues], options: RelateOptions) -> Vec<Relationship> {
    let vocabulary = Vocabulary::new(catalog.tables.iter().map(|table| table.name.name.as_str()));
    let by_name: HashMap<&TableName, &TableValues> = values.iter().map(|values| (&values.table, values)).collect();
    let tables: Vec<Seen<'_>> = catalog
        .tables
        .iter()
        .filter(|table| table.kind == TableKind::Table)
        .map(|table| Seen {
            table,
            words: TableWords::new(table, &vocabulary),
            values: by_name.get(&table.name).copied(),
            declared: declared_columns(table),
        })
        .collect();
    let mut found = composite::infer(&tables);
    let taken = |table: &Seen<'_>, column: usize| {
        let name = table.table.columns.get(column).map(|column| column.name.as_str());
        table.declared.get(column).copied().unwrap_or(false)
            || found.iter().any(|known: &Relationship| {
                known.child == table.table.name && known.child_columns.iter().any(|column| Some(column.as_str()) == name)
            })
    };
    let candidates = candidates(&tables, taken);
    let chosen = choose(&candidates, options.min_confidence);
    for (child, parent, confidence) in chosen {
        found.extend(relationship(&tables, &[(child, parent)], confidence));
    }
    found.retain(|relationship| relationship.confidence >= options.min_confidence);
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.id().cmp(&b.id())));
    found
}

fn declared_columns(table: &Table) -> Vec<bool> {
    let declared =
        |name: &str| table.foreign_keys.iter().flat_map(|key| &key.columns).any(|column| column.eq_ignore_ascii_case(name));
    table.columns.iter().map(|column| declared(&column.name)).collect()
}

/// Every child column with its possible parents.
fn candidates(tables: &[Seen<'_>], taken: impl Fn(&Seen<'_>, usize) -> bool) -> HashMap<At, Vec<(At, Features)>> {
    let keys: Vec<(At, KeyKind)> = tables
        .iter()
        .enumerate()
        .flat_map(|(at, seen)| {
            (0..seen.table.columns.len()).filter_map(move |column| Some(((at, column), key_kind(seen.table, column)?)))
        })
        .collect();
    let mut found: HashMap<At, Vec<(At, Features)>> = HashMap::new();
    for (child_at, child) in tables.iter().enumerate() {
        for column in 0..child.table.columns.len() {
            if taken(child, column) {
                continue;
            }
            let own_key = key_kind(child.table, column).is_some();
            let mut parents: Vec<(At, KeyKind, Features)> = Vec::new();
            for &((parent_at, key), kind) in &keys {
                if (parent_at, key) == (child_at, column) {
                    continue;
                }
                let Some(parent) = tables.get(parent_at) else { continue };
                let pair = Pair { child, column, parent, key, kind, own_key, tables, same_table: child_at == parent_at };
                if let Some(features) = score::features(&pair) {
                    parents.push(((parent_at, key), kind, features));
                }
            }
            // Is there only one key that holds these values? Then they are there for a reason.
            let holders: Vec<usize> = parents
                .iter()
                .filter(|(_, kind, features)| features.included && *kind != KeyKind::Observed)
                .map(|((table, _), _, _)| *table)
                .collect();
            for ((table, _), _, features) in &mut parents {
                features.alone = features.included && features.distinct >= 3 && holders.iter().all(|other| other == table);
            }
            found.insert((child_at, column), parents.into_iter().map(|(at, _, features)| (at, features)).collect());
        }
    }
    found
}

/// What makes a column a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Primary,
    Unique,
    /// No value occurs twice.
    Observed,
}

fn key_kind(table: &Table, column: usize) -> Option<KeyKind> {
    let column = table.columns.get(column)?;
    let alone = |key: &[String]| matches!(key, [only] if *only == column.name);
    if alone(&table.primary_key) {
        return Some(KeyKind::Primary);
    }
    if table.unique_keys.iter().any(|key| alone(key)) {
        return Some(KeyKind::Unique);
    }
    let statistics = column.statistics.as_ref()?;
    (statistics.is_unique && statistics.null_share == 0.0 && column.data_type != LogicalType::Float).then_some(KeyKind::Observed)
}

/// The best parent of each column, chains followed to their root, no pair both ways.
fn choose(candidates: &HashMap<At, Vec<(At, Features)>>, least: f64) -> Vec<(At, At, f64)> {
    let mut best: HashMap<At, (At, f64)> = HashMap::new();
    for (child, parents) in candidates {
        let scored = parents.iter().map(|(at, features)| (*at, features.confidence()));
        if let Some(first) = scored.max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| b.0.cmp(&a.0))) {
            best.insert(*child, first);
        }
    }
    // Two keys with the same values point at each other; the likelier direction is kept, so that chains have an end.
    let mirrored: Vec<At> = best
        .iter()
        .filter(|(child, (parent, confidence))| {
            best.get(parent).is_some_and(|(back, other)| {
                back == *child && confidence.total_cmp(other).then_with(|| child.cmp(&parent)).is_lt()
            })
        })
        .map(|(child, _)| *child)
        .collect();
    for child in &mirrored {
        best.remove(child);
    }
    let mut chosen: Vec<(At, At, f64)> = Vec::new();
    for (&child, &(mut parent, mut confidence)) in &best {
        for _ in 0..3 {
            let Some(&(root, onward)) = best.get(&parent) else { break };
            let Some((_, features)) = candidates.get(&child).and_then(|parents| parents.iter().find(|(at, _)| *at == root))
            else {
                break;
            };
            if root == child || onward < least || !features.included || features.confidence() < 0.5 {
                break;
            }
            parent = root;
            confidence = confidence.max(features.confidence());
        }
        chosen.push((child, parent, confidence));
    }
    chosen.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| (a.0, a.1).cmp(&(b.0, b.1))));
    let mut kept: Vec<(At, At, f64)> = Vec::new();
    for (child, parent, confidence) in chosen.into_iter().filter(|(_, _, confidence)| *confidence >= least) {
        if !kept.iter().any(|(other_child, other_parent, _)| (*other_child, *other_parent) == (parent, child)) {
            kept.push((child, parent, confidence));
        }
    }
    kept
}

fn relationship(tables: &[Seen<'_>], pairs: &[(At, At)], confidence: f64) -> Option<Relationship> {
    let ((child, _), (parent, _)) = *pairs.first()?;
    let (child, parent) = (tables.get(child)?.table, tables.get(parent)?.table);
    let name = |table: &Table, column: usize| table.columns.get(column).map(|column| column.name.clone());
    let child_columns: Vec<String> = pairs.iter().map(|((_, column), _)| name(child, *column)).collect::<Option<_>>()?;
    let parent_columns: Vec<String> = pairs.iter().map(|(_, (_, column))| name(parent, *column)).collect::<Option<_>>()?;
    let confidence = (confidence * 1_000.0).round() / 1_000.0;
    Relationship::between((child, &child_columns), (parent, &parent_columns), RelationshipOrigin::Inferred, confidence)
}

impl Seen<'_> {
    fn values(&self, column: usize) -> Option<&ValueSet> {
        self.values.and_then(|values| values.columns.get(column)).filter(|set| !set.is_empty())
    }
}
