//! What changed since the last sync.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::SyncOptions;
use crate::catalog::{Catalog, Table, TableKind};
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

/// Whether a sync would find what is known already.
pub(super) fn none(known: &Catalog, now: &Catalog, options: &SyncOptions) -> bool {
    // Where the database declares no key, the sync found some.
    let has_keys = now.tables.iter().any(|table| !table.primary_key.is_empty() || !table.unique_keys.is_empty());
    let declared = |known: &Table| {
        let mut declared = known.clone();
        if !has_keys {
            declared.primary_key.clear();
        }
        structure(&declared)
    };
    let is_same = |(known, now): (&Table, &Table)| {
        now.data_version.is_some()
            && known.data_version == now.data_version
            && (known.statistics.is_some() || !options.profile)
            && declared(known) == structure(now)
    };
    known.dialect == now.dialect
        && known.default_schema == now.default_schema
        && known.tables.len() == now.tables.len()
        && known.tables.iter().zip(&now.tables).all(is_same)
}

/// Hash of what the database says of a table, and nothing that a sync found out.
pub(super) fn structure(table: &Table) -> String {
    let mut bare = table.clone();
    (bare.rows, bare.bytes, bare.statistics, bare.data_version) = (None, None, None, None);
    for column in &mut bare.columns {
        (column.statistics, column.time_encoding, column.personal) = (None, None, None);
        // A profile may know better than the declaration.
        column.data_type = crate::catalog::LogicalType::Other;
    }
    to_hex(&Sha256::digest(serde_json::to_vec(&bare).unwrap_or_default()))
}
