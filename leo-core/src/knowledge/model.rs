//! Knowledge as plain data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, RoleKind, TableName};
use crate::query::{Measure, SemanticQuery};

/// Business knowledge about a source. Empty by default; entries that name tables or columns the source does not have are of no effect.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Knowledge {
    /// Governed metrics; they win over measures derived from column names.
    pub metrics: Vec<MetricDefinition>,
    /// Other words for tables and columns.
    pub synonyms: Vec<Synonym>,
    /// What words of the business mean.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub glossary: Vec<GlossaryTerm>,
    /// Questions with the statement that answers them, as somebody checked it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<VerifiedQuery>,
    /// What is known of tables, by `table` or `schema.table`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, TableKnowledge>,
    /// Columns that point at others where the database does not say so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relationships: Vec<KnownRelationship>,
    /// Month in which the fiscal year starts, 1 to 12.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fiscal_year_start: Option<i8>,
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

impl MetricDefinition {
    /// Whether `catalog` has all that it is computed from.
    pub fn is_made_of(&self, catalog: &Catalog) -> bool {
        let Some(table) = catalog.table(&self.table) else { return false };
        let query = SemanticQuery { measures: vec![self.measure.clone()], ..SemanticQuery::new(table.name.clone()) };
        query.validate(catalog).is_ok()
    }
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

/// A word of the business and what it means there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GlossaryTerm {
    /// The word or words.
    pub term: String,
    /// What is meant.
    pub means: String,
    /// Other words for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<String>,
}

/// A question and the statement that answers it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifiedQuery {
    /// As somebody asked it.
    pub question: String,
    /// In the dialect of the source. It passes the guard each time it is used.
    pub sql: String,
    /// What to keep in mind about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What people know and decided about a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TableKnowledge {
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// What part it plays; `none` for none of those that Leo knows, whatever it looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleKind>,
    /// What a row is and what the table is for; wins over the database's comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Words to find it by.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Whether it is shown among the first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub favourite: bool,
    /// Anything else worth knowing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Hours after which its newest row is too old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh_within_hours: Option<u64>,
    /// What is known of its columns, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, ColumnKnowledge>,
}

/// What people know and decided about a column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ColumnKnowledge {
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// What it holds; wins over the database's comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Kind of personal data it holds, such as `email`; `none` for none, whatever its values look like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal: Option<String>,
    /// Whether models may see its values, where the setting `privacy.disclosure` is `categories`: kinds, states, names of regions.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disclose: bool,
}

impl ColumnKnowledge {
    /// What [`personal`](Self::personal) says where somebody looked and found no personal data.
    pub const NOT_PERSONAL: &'static str = crate::catalog::NOT_PERSONAL;
}

/// Columns that point at the key of another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KnownRelationship {
    /// The table that points, `table` or `schema.table`.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table pointed at.
    pub references: String,
    /// Its columns, in the same order.
    pub referenced_columns: Vec<String>,
}

impl Knowledge {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Both together: what `over` says of a name wins over what this one says.
    #[must_use]
    pub fn overlaid(mut self, over: &Self) -> Self {
        replace(&mut self.metrics, &over.metrics, |metric| metric.name.to_lowercase());
        replace(&mut self.synonyms, &over.synonyms, |synonym| synonym.words.to_lowercase());
        replace(&mut self.glossary, &over.glossary, |term| term.term.to_lowercase());
        replace(&mut self.verified, &over.verified, |pair| pair.question.to_lowercase());
        replace(&mut self.relationships, &over.relationships, |pair| (pair.table.to_lowercase(), pair.columns.clone()));
        self.tables.extend(over.tables.clone());
        self.fiscal_year_start = over.fiscal_year_start.or(self.fiscal_year_start);
        self
    }
}

fn replace<T: Clone, K: PartialEq>(all: &mut Vec<T>, over: &[T], key: impl Fn(&T) -> K) {
    all.retain(|own| !over.iter().any(|other| key(other) == key(own)));
    all.extend_from_slice(over);
}
