//! The part of a catalogue that a user may see, for planning, browsing and suggesting.

use std::collections::BTreeSet;

use super::access::Visibility;
use super::resolve::{read_view, read_view_as};
use crate::adapter::Access;
use crate::catalog::{Catalog, Column, Relationship, Table};
use crate::error::Result;

/// The catalogue without what `access` hides.
///
/// # Behavior
/// Columns with personal data that is kept from the user lose their statistics. Hidden tables, hidden columns, views that show them, and the keys and relationships that name them are gone. A table whose rows
/// are filtered or masked keeps its structure only: what was computed from rows is as restricted as the rows.
///
/// # Errors
/// `Config` when a pattern is not valid, or a policy names a table or column that does not exist.
///
/// # Example
/// ```
/// use leo::Dialect;
/// use leo::adapter::Access;
/// use leo::catalog::Catalog;
///
/// let catalog = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE orders (id int); CREATE TABLE salaries (id int)")?;
/// let access = Access { deny_tables: vec!["salar*".into()], ..Access::full() };
/// let visible = leo::guard::visible_catalog(&catalog, &access)?;
/// assert_eq!(visible.tables.len(), 1);
/// # Ok::<(), leo::Error>(())
/// ```
pub fn visible_catalog(catalog: &Catalog, access: &Access) -> Result<Catalog> {
    let visibility = Visibility::new(catalog, access, read_view)?;
    let mut tables: Vec<Table> = Vec::with_capacity(catalog.tables.len());
    for (index, table) in (0u32..).zip(&catalog.tables) {
        if !visibility.is_visible(table) || visibility.refuses(index).is_some() {
            continue;
        }
        let mut table = table.clone();
        // It tells of rows, and in SQLite of tables, that the user may not see.
        table.data_version = None;
        if visibility.redacts() {
            // What was computed from personal data is as personal: its most frequent values, its first and last.
            for (place, column) in (0u32..).zip(&mut table.columns) {
                if visibility.personal(index, place).is_some() {
                    column.statistics = None;
                    forget_reason(column);
                }
            }
        }
        if visibility.is_expanded(index) {
            if read_view_as(catalog, &visibility, &table).is_none() {
                continue;
            }
            forget_rows(&mut table);
        }
        if let Some(restriction) = visibility.restriction(index) {
            hide_columns(&mut table, &restriction.denied);
            if restriction.changes_rows() {
                forget_rows(&mut table);
            }
        }
        tables.push(table);
    }
    let mut visible = Catalog::new(catalog.dialect, catalog.default_schema.clone(), tables);
    let shown = |relationship: &&Relationship| {
        has_columns(&visible, &relationship.child, &relationship.child_columns)
            && has_columns(&visible, &relationship.parent, &relationship.parent_columns)
    };
    let relationships: Vec<Relationship> = catalog.relationships.iter().filter(shown).cloned().collect();
    let kept: Vec<Vec<bool>> = visible
        .tables
        .iter()
        .map(|table| {
            table.foreign_keys.iter().map(|key| has_columns(&visible, &key.references, &key.referenced_columns)).collect()
        })
        .collect();
    for (table, kept) in visible.tables.iter_mut().zip(kept) {
        let mut kept = kept.into_iter();
        table.foreign_keys.retain(|_| kept.next().unwrap_or(false));
    }
    visible.relationships = relationships;
    visible.reindex();
    Ok(visible)
}

fn has_columns(catalog: &Catalog, table: &crate::catalog::TableName, columns: &[String]) -> bool {
    catalog.table(table).is_some_and(|table| columns.iter().all(|column| table.column(column).is_some()))
}

fn hide_columns(table: &mut Table, places: &[u32]) {
    let hidden: BTreeSet<String> =
        places.iter().filter_map(|place| table.columns.get(*place as usize)).map(|column| column.name.to_lowercase()).collect();
    let is_shown = |name: &str| !hidden.contains(&name.to_lowercase());
    let all_shown = |names: &Vec<String>| names.iter().all(|name| is_shown(name));
    table.columns.retain(|column| is_shown(&column.name));
    if !all_shown(&table.primary_key) {
        table.primary_key.clear();
    }
    table.unique_keys.retain(all_shown);
    table.indexes.retain(all_shown);
    table.foreign_keys.retain(|key| all_shown(&key.columns));
    if let Some(statistics) = &mut table.statistics
        && statistics.time_column.as_deref().is_some_and(|name| !is_shown(name))
    {
        statistics.time_column = None;
        statistics.latest = None;
    }
}

fn forget_rows(table: &mut Table) {
    table.rows = None;
    table.bytes = None;
    table.statistics = None;
    for column in &mut table.columns {
        column.statistics = None;
        forget_reason(column);
    }
}

/// That a column is personal protects it and stays; how many of its values say so was computed from them.
fn forget_reason(column: &mut Column) {
    if let Some(personal) = &mut column.personal {
        personal.reason = None;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::adapter::TablePolicy;
    use crate::catalog::{PersonalData, PersonalTier, TableName, TableStatistics};
    use crate::dialect::Dialect;

    fn catalog() -> Catalog {
        let mut catalog = Catalog::from_ddl(
            Dialect::Sqlite,
            "CREATE TABLE staff (id integer primary key, name text, salary int);
             CREATE TABLE orders (id integer primary key, staff_id int references staff (id), amount int);
             CREATE VIEW pay AS SELECT name, salary FROM staff;",
        )
        .unwrap();
        for table in &mut catalog.tables {
            table.statistics = Some(TableStatistics { rows: 3, sampled: 1.0, ..TableStatistics::default() });
            table.data_version = Some("7".into());
        }
        catalog.relationships = catalog.declared_relationships();
        catalog
    }

    fn names(catalog: &Catalog) -> Vec<&str> {
        catalog.tables.iter().map(|table| table.name.name.as_str()).collect()
    }

    #[test]
    fn a_hidden_table_takes_its_views_keys_and_relationships_with_it() {
        let full = catalog();
        assert_eq!((names(&full), full.relationships.len()), (vec!["orders", "pay", "staff"], 1));
        let access = Access { deny_tables: vec!["staff".into()], ..Access::full() };
        let visible = visible_catalog(&full, &access).unwrap();
        assert_eq!(names(&visible), ["orders"]);
        assert!(visible.relationships.is_empty() && visible.tables[0].foreign_keys.is_empty());
        assert!(visible.tables[0].data_version.is_none(), "it changes with the hidden table");
    }

    #[test]
    fn a_hidden_column_is_gone_and_filtered_rows_leave_no_statistics() {
        let policy =
            TablePolicy { deny_columns: vec!["SALARY".into()], row_filter: Some("id = :id".into()), ..TablePolicy::default() };
        let access = Access { tables: [("staff".to_owned(), policy)].into(), ..Access::full() };
        let full = catalog();
        let visible = visible_catalog(&full, &access).unwrap();
        let staff = visible.table(&TableName::bare("staff")).unwrap();
        assert_eq!(staff.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["id", "name"]);
        assert!(staff.statistics.is_none());
        assert!(visible.table(&TableName::bare("pay")).is_none(), "the view shows the salaries");
    }

    #[test]
    fn why_a_column_is_personal_is_told_to_those_only_who_see_its_values() {
        let mut full = catalog();
        let staff = full.tables.iter_mut().find(|table| table.name.name == "staff").unwrap();
        let reason = Some("3 of 3 values are names of people".to_owned());
        staff.columns[1].personal = Some(PersonalData { kind: "name".into(), tier: PersonalTier::High, reason });
        full.reindex();
        let personal = |access: &Access| {
            let visible = visible_catalog(&full, access).unwrap();
            visible.table(&TableName::bare("staff")).unwrap().column("name").unwrap().personal.clone().unwrap()
        };
        assert!(personal(&Access::full()).reason.is_some());
        let policy = TablePolicy { row_filter: Some("id = 1".into()), ..TablePolicy::default() };
        let filtered = Access { tables: [("staff".to_owned(), policy)].into(), ..Access::full() };
        let redacted = Access { show_personal_data: Some(false), ..Access::full() };
        for access in [filtered, redacted] {
            let personal = personal(&access);
            assert_eq!((personal.kind.as_str(), personal.tier, personal.reason), ("name", PersonalTier::High, None));
        }
    }
}
