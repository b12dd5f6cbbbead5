//! Keys of several columns: a table that has, by the same names, all columns of another's primary key, with combinations that
//! all occur there.

use super::names::{TableWords, Vocabulary};
use super::{At, Seen, relationship};
use crate::catalog::{Catalog, Relationship, Table, TableKind};

/// Confidence of a key of several columns; names and combinations both agree.
const CONFIDENCE: f64 = 0.85;
/// Share of the combinations that must occur in the key.
const INCLUDED: f64 = 0.98;

/// For each table of the catalogue, the combinations of columns (by position) to take note of while it is read: its own primary
/// key of several columns, and columns named like another table's.
pub fn key_tuples(catalog: &Catalog) -> Vec<Vec<Vec<usize>>> {
    let vocabulary = Vocabulary::new(catalog.tables.iter().map(|table| table.name.name.as_str()));
    let words: Vec<TableWords> = catalog.tables.iter().map(|table| TableWords::new(table, &vocabulary)).collect();
    let keys: Vec<Option<Vec<usize>>> = catalog.tables.iter().map(primary_key).collect();
    let mut found = Vec::with_capacity(catalog.tables.len());
    for (at, own) in words.iter().enumerate() {
        let mut tuples: Vec<Vec<usize>> = Vec::new();
        for (other, key) in keys.iter().enumerate() {
            let Some(key) = key else { continue };
            let tuple =
                if at == other { Some(key.clone()) } else { words.get(other).and_then(|other| same_names(own, other, key)) };
            tuples.extend(tuple.filter(|tuple| !tuples.contains(tuple)));
        }
        found.push(tuples);
    }
    found
}

fn primary_key(table: &Table) -> Option<Vec<usize>> {
    if table.primary_key.len() < 2 || table.kind != TableKind::Table {
        return None;
    }
    table.primary_key.iter().map(|name| table.columns.iter().position(|column| column.name == *name)).collect()
}

/// The columns of `own` named like the columns `key` of `other`.
fn same_names(own: &TableWords, other: &TableWords, key: &[usize]) -> Option<Vec<usize>> {
    key.iter()
        .map(|column| {
            let wanted = &other.columns.get(*column)?.all;
            own.columns.iter().position(|words| words.all == *wanted)
        })
        .collect()
}

/// Child, parent, and the columns that meet.
type Found = (usize, usize, Vec<(At, At)>);

/// The relationships by keys of several columns.
pub(super) fn infer(tables: &[Seen<'_>]) -> Vec<Relationship> {
    let mut found: Vec<Found> = Vec::new();
    for (parent_at, parent) in tables.iter().enumerate() {
        let Some(key) = primary_key(parent.table) else { continue };
        // What happened in the same year at the same place has two things in common, but is no reference.
        let lasting = key.iter().filter(|column| parent.table.columns.get(**column).is_some_and(|column| !column.is_temporal()));
        if lasting.count() < 2 {
            continue;
        }
        for (child_at, child) in tables.iter().enumerate().filter(|(at, _)| *at != parent_at) {
            let Some(columns) = same_names(&child.words, &parent.words, &key) else { continue };
            if columns.iter().any(|column| child.declared.get(*column).copied().unwrap_or(false)) {
                continue;
            }
            let combinations = |seen: &Seen<'_>, columns: &[usize]| {
                seen.values
                    .and_then(|values| values.tuples.iter().find(|(tuple, _)| tuple == columns))
                    .map(|(_, set)| set.clone())
            };
            let (Some(mine), Some(theirs)) = (combinations(child, &columns), combinations(parent, &key)) else { continue };
            if mine.inclusion(&theirs, INCLUDED).is_none() {
                continue;
            }
            let pairs = columns.iter().zip(&key).map(|(column, key)| ((child_at, *column), (parent_at, *key))).collect();
            found.push((child_at, parent_at, pairs));
        }
    }
    // The key with more columns says more: through it the others are reached too.
    let covered = |child: usize, pairs: &[(At, At)]| {
        found.iter().any(|(other, _, more)| {
            *other == child
                && more.len() > pairs.len()
                && pairs.iter().all(|(own, _)| more.iter().any(|(column, _)| column == own))
        })
    };
    // Two tables with the same key and the same combinations point at each other; one direction is enough.
    let mirrored = |child: usize, parent: usize| child > parent && found.iter().any(|(c, p, _)| (*c, *p) == (parent, child));
    found
        .iter()
        .filter(|(child, parent, pairs)| !covered(*child, pairs) && !mirrored(*child, *parent))
        .filter_map(|(_, _, pairs)| relationship(tables, pairs, CONFIDENCE))
        .collect()
}
