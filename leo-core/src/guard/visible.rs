//! The part of a catalogue that a user may see, for planning, browsing and suggesting.

use std::collections::BTreeSet;

use super::access::Visibility;
use super::resolve::{read_view, read_view_as};
use crate::adapter::Access;
use crate::catalog::{Catalog, Column, Description, DescriptionOrigin, Relationship, Table, TableName, Term, TermOrigin};
use crate::error::Result;

/// The catalogue without what `access` hides.
///
/// # Behavior
/// Columns with personal data that is kept from the user lose their statistics. Hidden tables, hidden columns, views that show them, and the keys and relationships that name them are gone. A table whose rows
/// are filtered or masked keeps its structure only: what was computed from rows is as restricted as the rows. Where anything is hidden,
/// so is what was found out with all tables in view: roles that nobody confirmed, terms and descriptions that other names or a model told, and the
/// quality of what refers to it.
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
    visible_part(catalog, access).map(|(visible, _)| visible)
}

/// [`visible_catalog`], with those of its tables of which the user sees the structure alone.
///
/// # Errors
/// As there.
pub(crate) fn visible_part(catalog: &Catalog, access: &Access) -> Result<(Catalog, BTreeSet<TableName>)> {
    let visibility = Visibility::new(catalog, access, read_view)?;
    let mut tables: Vec<Table> = Vec::with_capacity(catalog.tables.len());
    // Tables of which this user sees nothing, or not all.
    let mut partial: BTreeSet<TableName> = BTreeSet::new();
    // Tables of which this user sees nothing that was computed from rows.
    let mut locked: BTreeSet<TableName> = BTreeSet::new();
    for (index, table) in (0u32..).zip(&catalog.tables) {
        if !visibility.is_visible(table) || visibility.refuses(index).is_some() {
            partial.insert(table.name.clone());
            continue;
        }
        let mut table = table.clone();
        if visibility.is_restricted(index) {
            partial.insert(table.name.clone());
            table.quality = None;
        }
        // It tells of rows, and in SQLite of tables, that the user may not see.
        table.data_version = None;
        if visibility.redacts() {
            // What was computed from personal data is as personal: its most frequent values, its first and last.
            for (place, column) in (0u32..).zip(&mut table.columns) {
                if visibility.personal(index, place).is_some() {
                    column.statistics = None;
                    forget_reason(column);
                    table.quality = None;
                }
            }
        }
        if visibility.is_expanded(index) {
            if read_view_as(catalog, &visibility, &table).is_none() {
                continue;
            }
            locked.insert(table.name.clone());
            forget_rows(&mut table);
        }
        if let Some(restriction) = visibility.restriction(index) {
            hide_columns(&mut table, &restriction.denied);
            if restriction.changes_rows() {
                locked.insert(table.name.clone());
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
    if !partial.is_empty() {
        forget_what_others_told(catalog, &mut visible, &partial);
    }
    visible.reindex();
    Ok((visible, locked))
}

/// Takes out what was told by tables that are hidden or of which only some rows are seen: the parts tables play, words that are written
/// out somewhere else, sentences made with all tables in view, and checks of what refers to them. Whoever shows the catalogue finds
/// the parts, words and sentences anew from what is left.
fn forget_what_others_told(catalog: &Catalog, visible: &mut Catalog, partial: &BTreeSet<TableName>) {
    let own_term = |term: &Term| matches!(term.origin, TermOrigin::Host | TermOrigin::Comment | TermOrigin::Rule);
    let own_words = |text: &Description| matches!(text.origin, DescriptionOrigin::Host | DescriptionOrigin::Comment);
    let parents: BTreeSet<&TableName> = {
        let points = |relationship: &&Relationship| partial.contains(&relationship.parent);
        catalog.relationships.iter().filter(points).map(|relationship| &relationship.child).collect()
    };
    for table in &mut visible.tables {
        table.role = table.role.take().filter(|role| role.confirmed);
        if parents.contains(&table.name) {
            table.quality = None;
        }
        table.term = table.term.take().filter(own_term);
        table.description = table.description.take().filter(own_words);
        for column in &mut table.columns {
            column.term = column.term.take().filter(own_term);
            column.description = column.description.take().filter(own_words);
        }
    }
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
    table.quality = None;
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
    use crate::catalog::{PersonalData, PersonalTier, RoleKind, TableQuality, TableRole, TableStatistics};
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

    /// Everything that is computed, on every table and column.
    fn meant() -> Catalog {
        let mut catalog = catalog();
        let term = |origin| Some(Term { text: format!("{origin:?}"), origin, confidence: 0.9 });
        let said = |origin| Some(Description { text: format!("{origin:?}"), origin });
        for table in &mut catalog.tables {
            table.role = Some(TableRole { kind: RoleKind::Entity, confidence: 0.9, reason: "canary".into(), confirmed: false });
            table.quality = Some(TableQuality { score: 12, checks: Vec::new(), history: Vec::new() });
            (table.term, table.description) = (term(TermOrigin::Schema), said(DescriptionOrigin::Model));
            for (at, column) in table.columns.iter_mut().enumerate() {
                column.term = term(if at == 0 { TermOrigin::Rule } else { TermOrigin::Schema });
                column.description = said(if at == 0 { DescriptionOrigin::Comment } else { DescriptionOrigin::Rule });
            }
        }
        catalog
    }

    #[test]
    fn filtered_and_masked_rows_leave_neither_role_nor_quality() {
        let part = |filter: Option<&str>, mask: Option<&str>, hidden: Option<&str>| TablePolicy {
            row_filter: filter.map(Into::into),
            masks: mask.map(|column| (column.to_owned(), "null".to_owned())).into_iter().collect(),
            deny_columns: hidden.map(Into::into).into_iter().collect(),
            ..TablePolicy::default()
        };
        for policy in [part(Some("id = :id"), None, None), part(None, Some("salary"), None), part(None, None, Some("salary"))] {
            let access = Access { tables: [("staff".to_owned(), policy)].into(), ..Access::full() };
            let visible = visible_catalog(&meant(), &access).unwrap();
            let of = |name| visible.table(&TableName::bare(name)).unwrap();
            assert!(of("staff").role.is_none() && of("staff").quality.is_none());
            // What refers to it was compared with its rows.
            assert!(of("orders").role.is_none() && of("orders").quality.is_none());
            let text = serde_json::to_string(&visible).unwrap();
            assert!(!text.contains("canary") && !text.contains("Model"), "{text}");
        }
        let mut confirmed = meant();
        confirmed.tables.iter_mut().for_each(|table| table.role.as_mut().unwrap().confirmed = true);
        let access = Access { tables: [("staff".to_owned(), part(Some("id = :id"), None, None))].into(), ..Access::full() };
        assert!(visible_catalog(&confirmed, &access).unwrap().tables.iter().all(|table| table.role.is_some()));
    }

    #[test]
    fn words_that_were_found_with_hidden_names_in_view_are_hidden_too() {
        let full = meant();
        let shown = visible_catalog(&full, &Access::full()).unwrap();
        assert_eq!(shown.tables[0].role, full.tables[0].role);
        assert_eq!(shown.tables[2].quality, full.tables[2].quality);
        let access = Access { deny_tables: vec!["orders".into()], ..Access::full() };
        let staff = visible_catalog(&full, &access).unwrap().tables.remove(1);
        assert!(staff.role.is_none() && staff.term.is_none() && staff.description.is_none());
        assert!(staff.quality.is_some(), "all its rows are seen, and it was compared with no others");
        let columns: Vec<_> = staff.columns.iter().map(|column| (column.term.is_some(), column.description.is_some())).collect();
        assert_eq!(columns, [(true, true), (false, false), (false, false)]);
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
