//! What changed since the last sync.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::{Before, SyncOptions};
use crate::catalog::{Catalog, Relationship, RelationshipOrigin, Table, TableKind, TableName};
use crate::value::to_hex;

/// Gives the tables whose rows lie in other tables (views, parents of partitions) the versions of all of those together: none when one of
/// them has none.
pub(super) fn settle_versions(catalog: &mut Catalog) {
    let children = catalog.tables.iter().filter(|table| table.kind == TableKind::Table);
    let parents: HashSet<_> = children.flat_map(|table| &table.rows_of).collect();
    let shows_others = |table: &Table| table.kind != TableKind::Table || parents.contains(&table.name);
    let (others, own): (Vec<_>, Vec<_>) = catalog.tables.iter().partition(|table| shows_others(table));
    if own.is_empty() || own.iter().any(|table| table.data_version.is_none()) {
        return;
    }
    let mut hash = Sha256::new();
    for table in &own {
        hash.update(format!("{}\0{}\0", table.name, table.data_version.as_deref().unwrap_or_default()));
    }
    let all = to_hex(&hash.finalize()[..16]);
    let without: HashSet<_> =
        others.into_iter().filter(|table| table.data_version.is_none()).map(|table| table.name.clone()).collect();
    for table in catalog.tables.iter_mut().filter(|table| without.contains(&table.name)) {
        table.data_version = Some(all.clone());
    }
}

/// For each table of `now`, whether what is known of it holds: neither structure nor rows changed since it was read, or its rows are not to
/// be read.
pub(super) fn what_holds(before: &Before, now: &Catalog, options: &SyncOptions) -> Vec<bool> {
    let Some(known) = before.catalog.as_deref().filter(|known| is_same_place(known, now)) else {
        return vec![false; now.tables.len()];
    };
    // Where the database declares no key, the sync found some.
    let has_keys = now.tables.iter().any(|table| !table.primary_key.is_empty() || !table.unique_keys.is_empty());
    let holds = |now: &Table| {
        let Some(known) = known.table(&now.name).filter(|known| known.name == now.name) else { return false };
        let is_read = known.statistics.is_some() || !options.profile;
        let is_as_it_was = is_read && now.data_version.is_some() && known.data_version == now.data_version;
        (is_as_it_was || is_left(before, options, &now.name)) && declared(known, has_keys) == declared(now, has_keys)
    };
    now.tables.iter().map(holds).collect()
}

/// Whether the rows of the table are not to be read.
pub(super) fn is_left(before: &Before, options: &SyncOptions, table: &TableName) -> bool {
    before.skipped.contains(table) || !(options.only.is_empty() || options.only.contains(table))
}

/// Whether a sync would find what is known already.
pub(super) fn none(known: &Catalog, now: &Catalog, holds: &[bool]) -> bool {
    is_same_place(known, now) && known.tables.len() == now.tables.len() && holds.iter().all(|holds| *holds)
}

fn is_same_place(known: &Catalog, now: &Catalog) -> bool {
    known.dialect == now.dialect && known.default_schema == now.default_schema
}

/// Takes over what is known of a table; what the database says of it now is as good as what it said then.
pub(super) fn keep(table: &mut Table, known: &Table) {
    let now = std::mem::replace(table, known.clone());
    // A key that the sync found is looked for again, beside those of the other tables.
    (table.primary_key, table.bytes, table.data_version) = (now.primary_key, now.bytes, now.data_version);
}

/// Inferred relationships that are taken over: their columns are still there, and not both ends were `read` again.
pub(super) fn relationships_that_hold(known: &Catalog, now: &Catalog, read: &HashSet<TableName>) -> Vec<Relationship> {
    let has = |table: &TableName, columns: &[String]| {
        now.table(table).is_some_and(|table| columns.iter().all(|column| table.column(column).is_some()))
    };
    let inferred = known.relationships.iter().filter(|relationship| relationship.origin == RelationshipOrigin::Inferred);
    inferred
        .filter(|known| has(&known.child, &known.child_columns) && has(&known.parent, &known.parent_columns))
        .filter(|known| !(read.contains(&known.child) && read.contains(&known.parent)))
        .cloned()
        .collect()
}

/// Both together, surest first; columns that are known to point somewhere point nowhere else.
pub(super) fn merged(mut known: Vec<Relationship>, inferred: Vec<Relationship>) -> Vec<Relationship> {
    let points: HashSet<(TableName, Vec<String>)> =
        known.iter().map(|known| (known.child.clone(), known.child_columns.clone())).collect();
    known.extend(inferred.into_iter().filter(|new| !points.contains(&(new.child.clone(), new.child_columns.clone()))));
    known.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.id().cmp(&b.id())));
    known
}

/// Hash of what the database says of a table, and nothing that a sync found out.
pub(super) fn structure(table: &Table) -> String {
    declared(table, true)
}

fn declared(table: &Table, with_key: bool) -> String {
    // A profile may know the type of a column better than its declaration, which stays.
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| (&column.name, &column.declared_type, column.nullable, &column.default, &column.comment))
        .collect();
    let keys = (with_key.then_some(&table.primary_key), &table.unique_keys, &table.foreign_keys, &table.indexes);
    let declared = (&table.name, table.kind, columns, keys, &table.comment, &table.definition, &table.rows_of);
    to_hex(&Sha256::digest(serde_json::to_vec(&declared).unwrap_or_default()))
}
