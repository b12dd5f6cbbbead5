//! What is left of the schema under a policy, for whoever writes statements.

use super::database::rule;
use super::policies::Policy;
use super::schema::{TABLES, VIEWS};
use crate::generate::{Column, Relation};

/// What a user under `policy` may name.
pub fn visible(policy: &Policy) -> Vec<Relation> {
    let hides = |table: &str, column: &str| rule(policy, table).is_some_and(|rule| rule.hidden.contains(&column));
    // What is masked is of more interest than the rest.
    let is_masked =
        |table: &str, column: &str| rule(policy, table).is_some_and(|rule| rule.masks.iter().any(|own| own.0 == column));
    let shown = |table: &str, column: &str, kind| Column {
        weight: if is_masked(table, column) { 4 } else { 1 },
        ..Column::new(column, kind)
    };
    let mut relations = Vec::new();
    for table in TABLES.iter().filter(|table| !policy.denied.contains(&table.name)) {
        let columns = table.columns.iter().filter(|column| !hides(table.name, column.name));
        relations.push(Relation {
            name: table.name.to_owned(),
            columns: columns.map(|column| shown(table.name, column.name, column.kind)).collect(),
            unique: table.unique.map(str::to_owned),
            has_row_ids: rule(policy, table.name).is_none() && !table.keys.1.contains("WITHOUT"),
            is_bare: false,
            view: None,
            weight: if rule(policy, table.name).is_some() { 3 } else { 1 },
        });
    }
    for view in VIEWS {
        let needs_hidden = view.reads.iter().any(|column| {
            let (table, column) = column.split_once('.').expect("a table and a column");
            policy.denied.contains(&table) || hides(table, column)
        });
        if needs_hidden {
            continue;
        }
        let columns = view.columns.iter().filter(|(name, _)| !hides(view.name, name));
        relations.push(Relation {
            name: view.name.to_owned(),
            columns: columns.map(|(name, kind)| shown(view.name, name, *kind)).collect(),
            unique: None,
            has_row_ids: false,
            is_bare: false,
            view: Some(view.name == "totals"),
            weight: 1,
        });
    }
    relations
}
