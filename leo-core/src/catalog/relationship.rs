//! Keys and relationships between tables.

use serde::{Deserialize, Serialize};

use super::model::TableName;

/// A declared foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForeignKey {
    /// Columns of this table.
    pub columns: Vec<String>,
    /// The referenced table.
    pub references: TableName,
    /// The referenced columns, in the same order.
    pub referenced_columns: Vec<String>,
}

/// How many rows may meet in a relationship, read from child to parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cardinality {
    /// Many child rows for one parent row.
    ManyToOne,
    /// At most one child row for one parent row.
    OneToOne,
}

/// Where a relationship comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RelationshipOrigin {
    /// A foreign key of the database.
    Declared,
    /// Found by names, types, uniqueness and inclusion of values.
    Inferred,
    /// Added by the host.
    Host,
}

/// A child's columns pointing at a parent's key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Relationship {
    /// The table that points.
    pub child: TableName,
    /// Its columns.
    pub child_columns: Vec<String>,
    /// The table pointed at.
    pub parent: TableName,
    /// Its key columns, in the same order.
    pub parent_columns: Vec<String>,
    /// Many-to-one or one-to-one.
    pub cardinality: Cardinality,
    /// Declared, inferred or added by the host.
    pub origin: RelationshipOrigin,
    /// 0–1; 1 for declared keys.
    pub confidence: f64,
}

impl Relationship {
    /// Stable id, `child(columns)->parent(columns)`.
    pub fn id(&self) -> String {
        format!("{}({})->{}({})", self.child, self.child_columns.join(","), self.parent, self.parent_columns.join(","))
    }
}
