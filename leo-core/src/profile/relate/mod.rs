//! Relationships that nobody declared: found by names, types, uniqueness and inclusion of values, each with a confidence.
//!
//! Every pair of a column and a single-column key of a table is a candidate ([`candidates`]), unless a tenth of the column's values are
//! not among the key's. Candidates are scored ([`score`]); a column gets its best parent. When that parent's key points on to a third
//! table which would do as well, the third is taken: the root of the chain, not a neighbour that happens to share it. Keys of
//! several columns are found by the same names and common values ([`composite`]).

mod candidates;
mod composite;
mod keys;
mod names;
mod score;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

pub use composite::key_tuples;
pub use keys::settle_keys;
pub(super) use names::stem;

use self::names::{TableWords, Vocabulary};
use self::score::Features;
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
/// Confidence of what is rather so than not.
const LIKELY: f64 = 0.5;
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
    let taken = taken(&tables, &found);
    // A chain is followed to a root of this confidence, whatever is asked for.
    let candidates = candidates::candidates(&tables, &taken, options.min_confidence.min(LIKELY));
    let chosen = choose(&candidates, options.min_confidence);
    for (child, parent, confidence) in chosen {
        found.extend(relationship(&tables, &[(child, parent)], confidence));
    }
    found.retain(|relationship| relationship.confidence >= options.min_confidence);
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.id().cmp(&b.id())));
    found
}

/// Columns of which it is known where they point: by declared keys, and by those of several columns that were `found`.
fn taken(tables: &[Seen<'_>], found: &[Relationship]) -> HashSet<At> {
    let mut of_table: HashMap<&TableName, HashSet<&str>> = HashMap::new();
    for known in found {
        of_table.entry(&known.child).or_default().extend(known.child_columns.iter().map(String::as_str));
    }
    let mut taken = HashSet::new();
    for (at, seen) in tables.iter().enumerate() {
        let found = of_table.get(&seen.table.name);
        for (position, (column, declared)) in seen.table.columns.iter().zip(&seen.declared).enumerate() {
            if *declared || found.is_some_and(|found| found.contains(column.name.as_str())) {
                taken.insert((at, position));
            }
        }
    }
    taken
}

fn declared_columns(table: &Table) -> Vec<bool> {
    let declared =
        |name: &str| table.foreign_keys.iter().flat_map(|key| &key.columns).any(|column| column.eq_ignore_ascii_case(name));
    table.columns.iter().map(|column| declared(&column.name)).collect()
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
            if root == child || onward < least || !features.included || features.confidence() < LIKELY {
                break;
            }
            parent = root;
            confidence = confidence.max(features.confidence());
        }
        chosen.push((child, parent, confidence));
    }
    chosen.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| (a.0, a.1).cmp(&(b.0, b.1))));
    let mut kept: HashSet<(At, At)> = HashSet::new();
    chosen.retain(|(child, parent, confidence)| {
        let is_kept = *confidence >= least && !kept.contains(&(*parent, *child));
        if is_kept {
            kept.insert((*child, *parent));
        }
        is_kept
    });
    chosen
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
