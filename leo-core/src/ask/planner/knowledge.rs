//! What a host tells the planner beyond the catalogue: metrics and synonyms, as plain data.

use serde::{Deserialize, Serialize};

use crate::catalog::TableName;
use crate::query::Measure;

/// Business knowledge for planning. Empty by default; entries that name tables or columns the catalogue does not have are ignored.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Knowledge {
    /// Governed metrics; they win over measures derived from column names.
    pub metrics: Vec<MetricDefinition>,
    /// Other words for tables and columns.
    pub synonyms: Vec<Synonym>,
}

/// A metric with a fixed definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MetricDefinition {
    /// Its name as people write it: `net revenue`.
    pub name: String,
    /// Other names.
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// What it computes.
    pub measure: Measure,
    /// The table whose rows it aggregates.
    pub table: TableName,
    /// Shown in explanations.
    #[serde(default)]
    pub description: Option<String>,
}

/// Another word for a table or a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Synonym {
    /// The word or words people use.
    pub words: String,
    /// What they mean.
    pub target: SynonymTarget,
}

/// What a synonym stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SynonymTarget {
    /// A table.
    Table(TableName),
    /// A column.
    Column {
        /// Its table.
        table: TableName,
        /// Its name.
        column: String,
    },
}
