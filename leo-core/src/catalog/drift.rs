//! What changed in a source's structure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::model::{Catalog, Column, Table, TableName};

/// How a structure differs from the one before; names alone, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct Drift {
    /// Tables that are new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<TableName>,
    /// Tables that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<TableName>,
    /// Tables that are other ones now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<ChangedTable>,
}

/// A table whose structure changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChangedTable {
    /// The table.
    pub table: TableName,
    /// Columns that are new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Columns that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Columns with another type, nullability, default or comment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Whether keys, indexes, the comment or a view's query are others.
    #[serde(default)]
    pub other: bool,
}

impl Drift {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// All tables that it names.
    pub fn tables(&self) -> impl Iterator<Item = &TableName> {
        self.added.iter().chain(&self.removed).chain(self.changed.iter().map(|changed| &changed.table))
    }
}

impl Catalog {
    /// How the structure differs from that of `before`. What was found out by reading rows is left out of account: primary keys and types that
    /// the database does not declare. Linear in columns.
    ///
    /// # Example
    /// ```
    /// use leo::Dialect;
    /// use leo::catalog::Catalog;
    ///
    /// let before = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE pets (id int, nme text); CREATE TABLE old (id int)")?;
    /// let now = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE pets (id int, name text)")?;
    /// let drift = now.drift_since(&before);
    /// assert_eq!((drift.removed[0].name.as_str(), &drift.changed[0].added), ("old", &vec!["name".to_owned()]));
    /// # Ok::<(), leo::Error>(())
    /// ```
    pub fn drift_since(&self, before: &Catalog) -> Drift {
        let old: BTreeMap<&TableName, &Table> = before.tables.iter().map(|table| (&table.name, table)).collect();
        let new: BTreeMap<&TableName, &Table> = self.tables.iter().map(|table| (&table.name, table)).collect();
        let missing_in = |other: &BTreeMap<&TableName, &Table>, own: &BTreeMap<&TableName, &Table>| {
            own.keys().filter(|name| !other.contains_key(**name)).map(|name| (*name).clone()).collect()
        };
        Drift {
            added: missing_in(&old, &new),
            removed: missing_in(&new, &old),
            changed: new.iter().filter_map(|(name, table)| changed(old.get(name)?, table)).collect(),
        }
    }

    /// The structure alone: nothing that was found out by reading rows, or that people and models said.
    pub(crate) fn structure(&self) -> Catalog {
        let bare_column = |column: &Column| Column {
            nullable: column.nullable,
            default: column.default.clone(),
            comment: column.comment.clone(),
            ..Column::new(column.name.clone(), column.declared_type.clone(), column.data_type)
        };
        let bare = |table: &Table| Table {
            kind: table.kind,
            columns: table.columns.iter().map(bare_column).collect(),
            primary_key: table.primary_key.clone(),
            unique_keys: table.unique_keys.clone(),
            foreign_keys: table.foreign_keys.clone(),
            indexes: table.indexes.clone(),
            comment: table.comment.clone(),
            definition: table.definition.clone(),
            rows_of: table.rows_of.clone(),
            ..Table::new(table.name.clone())
        };
        Catalog::new(self.dialect, self.default_schema.clone(), self.tables.iter().map(bare).collect())
    }
}

fn changed(before: &Table, now: &Table) -> Option<ChangedTable> {
    let names = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect::<BTreeSet<_>>();
    let (old, new) = (names(before), names(now));
    let declared =
        |column: &Column| (column.declared_type.clone(), column.nullable, column.default.clone(), column.comment.clone());
    let is_other = |column: &&Column| {
        before.columns.iter().find(|own| own.name == column.name).is_some_and(|own| declared(own) != declared(column))
    };
    let rest = |table: &Table| {
        (
            table.kind,
            table.unique_keys.clone(),
            table.foreign_keys.clone(),
            table.indexes.clone(),
            table.comment.clone(),
            table.definition.clone(),
        )
    };
    let found = ChangedTable {
        table: now.name.clone(),
        added: new.difference(&old).cloned().collect(),
        removed: old.difference(&new).cloned().collect(),
        changed: now.columns.iter().filter(is_other).map(|column| column.name.clone()).collect(),
        other: rest(before) != rest(now),
    };
    let is_same = found.added.is_empty() && found.removed.is_empty() && found.changed.is_empty() && !found.other;
    (!is_same).then_some(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    #[test]
    fn what_changed_is_told_by_name() {
        let read = |text: &str| Catalog::from_ddl(Dialect::Sqlite, text).unwrap();
        let before = read("CREATE TABLE a (x int, y text); CREATE TABLE b (z int); CREATE TABLE same (s int)");
        let mut now = read("CREATE TABLE a (x bigint, w text UNIQUE); CREATE TABLE c (z int); CREATE TABLE same (s int)");
        // Found out by reading rows.
        now.tables.iter_mut().for_each(|table| table.primary_key = vec![table.columns[0].name.clone()]);
        let drift = now.drift_since(&before);
        let bare = |name: &str| vec![TableName::bare(name)];
        assert_eq!((&drift.added, &drift.removed, drift.changed.len()), (&bare("c"), &bare("b"), 1));
        let a = &drift.changed[0];
        assert_eq!(
            (&a.added[..], &a.removed[..], &a.changed[..], a.other),
            (&["w".into()][..], &["y".into()][..], &["x".into()][..], true)
        );
        assert_eq!(drift.tables().count(), 3);
        assert!(now.drift_since(&now.structure()).is_empty());
    }
}
