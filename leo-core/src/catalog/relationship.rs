//! Keys and relationships between tables.

use serde::{Deserialize, Serialize};

use super::model::{Table, TableName};

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
    /// Columns of `child` that point at columns of `parent`, spelled as the tables spell them; none when one of them is not there, or
    /// there are not as many on the one side as on the other.
    pub(crate) fn between(
        (child, child_columns): (&Table, &[String]),
        (parent, parent_columns): (&Table, &[String]),
        origin: RelationshipOrigin,
        confidence: f64,
    ) -> Option<Self> {
        let spelled = |table: &Table, names: &[String]| -> Option<Vec<String>> {
            names.iter().map(|name| table.column(name).map(|column| column.name.clone())).collect()
        };
        let (child_columns, parent_columns) = (spelled(child, child_columns)?, spelled(parent, parent_columns)?);
        if child_columns.is_empty() || child_columns.len() != parent_columns.len() {
            return None;
        }
        let unique = child.is_unique(&child_columns.iter().map(String::as_str).collect::<Vec<_>>());
        Some(Self {
            child: child.name.clone(),
            child_columns,
            parent: parent.name.clone(),
            parent_columns,
            cardinality: if unique { Cardinality::OneToOne } else { Cardinality::ManyToOne },
            origin,
            confidence,
        })
    }

    /// Stable id, `child(columns)->parent(columns)`.
    pub fn id(&self) -> String {
        format!("{}({})->{}({})", self.child, self.child_columns.join(","), self.parent, self.parent_columns.join(","))
    }
}
