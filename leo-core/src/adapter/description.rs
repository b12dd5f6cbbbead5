//! A source as its host describes it: what people write by hand, or read out of a database in any language.

use serde::{Deserialize, Serialize};

use crate::dialect::Dialect;

/// Tables of a source, as plain data. [`into_catalog`](Self::into_catalog) checks it and makes a [`Catalog`](crate::catalog::Catalog) of it.
///
/// # Example
/// ```
/// use leo::adapter::HostCatalog;
/// use leo::catalog::{LogicalType, TableName};
///
/// let text = r#"{"dialect": "sqlite", "tables": [{"name": "orders", "columns": [{"name": "id", "type": "INTEGER"}]}]}"#;
/// let described: HostCatalog = serde_json::from_str(text).unwrap();
/// let catalog = described.into_catalog()?;
/// let orders = catalog.require_table(&TableName::bare("orders"))?;
/// assert_eq!(orders.columns[0].data_type, LogicalType::Integer);
/// # Ok::<(), leo::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HostCatalog {
    /// The dialect that statements are written in.
    pub dialect: Dialect,
    /// The schema that a bare name means, where it is not the dialect's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// Whether the login that statements run under can do nothing but read, as far as the host knows.
    #[serde(default)]
    pub read_only: bool,
    /// Tables and views.
    pub tables: Vec<HostTable>,
}

/// A table or view in a [`HostCatalog`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HostTable {
    /// The name in the engine's own spelling.
    pub name: String,
    /// Its schema; without one it is in the schema that a bare name means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What it holds, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// A table unless said otherwise.
    #[serde(default)]
    pub kind: HostTableKind,
    /// The query of a view. A view without one is refused to users from whom rows or columns of some table are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// Names of the tables whose rows it holds or shows under another name: what a synonym, a partition or a history table is made of.
    /// Without them a user from whom rows are kept there finds them here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows_of: Vec<String>,
    /// Columns in the engine's order.
    pub columns: Vec<HostColumn>,
    /// Columns of the primary key, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub primary_key: Vec<String>,
    /// Columns of each other key whose values occur once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique_keys: Vec<Vec<String>>,
    /// Keys of other tables. One of a table that is not described is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<HostForeignKey>,
    /// About how many rows there are, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Changes whenever a row does: where it is as it was, a sync does not read the table again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_version: Option<String>,
}

/// What a [`HostTable`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HostTableKind {
    /// A stored table.
    #[default]
    Table,
    /// A view.
    View,
    /// A view whose rows are stored.
    MaterializedView,
}

/// A column of a [`HostTable`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HostColumn {
    /// The name in the engine's own spelling.
    pub name: String,
    /// The type as the engine declares it: `INTEGER`, `varchar(40)`, `timestamp with time zone`; empty where it declares none.
    #[serde(rename = "type")]
    pub declared_type: String,
    /// Whether NULL is allowed.
    #[serde(default = "yes")]
    pub nullable: bool,
    /// What it holds, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

fn yes() -> bool {
    true
}

/// Columns of a [`HostTable`] that hold the key of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HostForeignKey {
    /// Columns of this table.
    pub columns: Vec<String>,
    /// Name of the other table.
    pub table: String,
    /// Schema of the other table; without one, this table's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Columns of the other table, in the same order; without any, its primary key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}
