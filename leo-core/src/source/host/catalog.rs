//! What a host says of its source, checked.

use std::collections::HashSet;

use crate::adapter::{HostCatalog, HostForeignKey, HostTable, HostTableKind};
use crate::catalog::{Catalog, Column, ForeignKey, LogicalType, Table, TableKind, TableName};
use crate::dialect::Dialect;
use crate::error::{Error, Result};

impl HostCatalog {
    /// The catalogue that the description means.
    ///
    /// # Errors
    /// `Adapter` saying what is wrong: a table or column that is there twice or has no name, a key of columns that do not exist.
    pub fn into_catalog(self) -> Result<Catalog> {
        let dialect = self.dialect;
        let default_schema = self.default_schema.or_else(|| dialect.default_schema().map(str::to_owned));
        let mut seen = HashSet::new();
        for table in &self.tables {
            let name = TableName { schema: table.schema.clone(), name: table.name.clone() };
            if name.name.is_empty() || name.schema.as_deref() == Some("") {
                return Err(wrong("a table without a name; name it, and leave out a schema that it does not have"));
            }
            let schema = name.schema.as_deref().or(default_schema.as_deref()).unwrap_or("");
            // Elsewhere two tables may differ by nothing but case.
            let folds = dialect == Dialect::Sqlite;
            if !seen.insert((folded(folds, schema), folded(folds, &name.name))) {
                return Err(wrong(format!("the table `{name}` twice; give each table once")));
            }
        }
        let tables = self.tables.iter().map(|table| to_table(table, dialect, &self.tables)).collect::<Result<_>>()?;
        Ok(Catalog::new(dialect, default_schema, tables))
    }
}

/// An error about a description that holds `what`.
fn wrong(what: impl std::fmt::Display) -> Error {
    Error::adapter(format!("the host's description of the source has {what}"))
}

fn folded(folds: bool, name: &str) -> String {
    if folds { name.to_lowercase() } else { name.to_owned() }
}

fn to_table(described: &HostTable, dialect: Dialect, all: &[HostTable]) -> Result<Table> {
    let name = TableName { schema: described.schema.clone(), name: described.name.clone() };
    let mut table = Table::new(name.clone());
    table.kind = match described.kind {
        HostTableKind::Table => TableKind::Table,
        HostTableKind::View => TableKind::View,
        HostTableKind::MaterializedView => TableKind::MaterializedView,
    };
    let folds = matches!(dialect, Dialect::Sqlite | Dialect::Mysql | Dialect::Bigquery);
    let mut seen = HashSet::new();
    for described in &described.columns {
        if described.name.is_empty() {
            return Err(wrong(format!("a column without a name in the table `{name}`; name it")));
        }
        if !seen.insert(folded(folds, &described.name)) {
            return Err(wrong(format!("the column `{}` twice in the table `{name}`; give each column once", described.name)));
        }
        let data_type = LogicalType::from_declared(dialect, &described.declared_type);
        let mut column = Column::new(described.name.clone(), described.declared_type.clone(), data_type);
        column.nullable = described.nullable;
        column.comment = described.comment.clone().filter(|comment| !comment.is_empty());
        table.columns.push(column);
    }
    table.primary_key = spelled(&table, &described.primary_key)?;
    table.unique_keys = described.unique_keys.iter().map(|key| spelled(&table, key)).collect::<Result<_>>()?;
    table.unique_keys.retain(|key| !key.is_empty());
    for key in &described.foreign_keys {
        let columns = spelled(&table, &key.columns)?;
        table.foreign_keys.extend(to_key(key, columns, described, all)?);
    }
    table.comment = described.comment.clone().filter(|comment| !comment.is_empty());
    table.definition.clone_from(&described.definition);
    table.rows_of = described.rows_of.iter().map(TableName::bare).collect();
    table.rows = described.rows;
    table.data_version.clone_from(&described.data_version);
    Ok(table)
}

/// The columns as the table spells them.
fn spelled(table: &Table, columns: &[String]) -> Result<Vec<String>> {
    let found = columns.iter().map(|name| match table.column(name) {
        Some(column) => Ok(column.name.clone()),
        None => Err(wrong(format!(
            "a key of `{}` with the column `{name}`, which the table does not have; correct the key",
            table.name
        ))),
    });
    found.collect()
}

/// The key as the catalogue has it; none where the other table is not described.
fn to_key(key: &HostForeignKey, columns: Vec<String>, child: &HostTable, all: &[HostTable]) -> Result<Option<ForeignKey>> {
    let schema = key.schema.as_ref().or(child.schema.as_ref());
    let named = |table: &&HostTable| table.name.eq_ignore_ascii_case(&key.table);
    let parents = || all.iter().filter(named).filter(|table| key.schema.is_none() || table.schema.as_ref() == schema);
    // Its own schema first; then any, where the key names none.
    let Some(parent) = parents().find(|table| table.schema.as_ref() == schema).or_else(|| parents().next()) else {
        return Ok(None);
    };
    let referenced = if key.references.is_empty() { &parent.primary_key } else { &key.references };
    let mut referenced_columns = Vec::new();
    for name in referenced {
        let column = parent.columns.iter().find(|column| column.name == *name);
        let column = column.or_else(|| parent.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)));
        match column {
            Some(column) => referenced_columns.push(column.name.clone()),
            None => {
                return Err(wrong(format!(
                    "a key of `{}` that refers to the column `{name}` of `{}`, which does not exist; correct the key",
                    child.name, parent.name
                )));
            }
        }
    }
    if columns.is_empty() || columns.len() != referenced_columns.len() {
        return Err(wrong(format!(
            "a key of `{}` with {} columns that refers to {} of `{}`; name as many on both sides",
            child.name,
            columns.len(),
            referenced_columns.len(),
            parent.name
        )));
    }
    let references = TableName { schema: parent.schema.clone(), name: parent.name.clone() };
    Ok(Some(ForeignKey { columns, references, referenced_columns }))
}
