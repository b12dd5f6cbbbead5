//! What a search finds.

use serde::{Deserialize, Serialize};

use super::model::TableName;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// The table, for whatever is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableName>,
    /// The column, where one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What people call it, where it is theirs: the name of a metric, a word of the glossary, a verified question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How well it fits, 0–1.
    pub score: f64,
    /// Where the best word was found.
    pub place: Place,
}

/// What is found by a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HitKind {
    /// A table.
    Table,
    /// A column.
    Column,
    /// A governed metric.
    Metric,
    /// An entry of the glossary.
    Glossary,
    /// A question with a verified statement.
    Question,
}

/// Where a word was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HitPlace"))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The name, perhaps inflected, abbreviated or begun.
    Name,
    /// A name that is nearly the word.
    Spelling,
    /// A word for the same thing.
    Synonym,
    /// The comment, or another text about it.
    Comment,
    /// Among its frequent values.
    Value,
    /// What it means, as the host's embedder sees it.
    Meaning,
}

impl Hit {
    /// A table or column.
    pub(crate) fn of(table: TableName, column: Option<String>, score: f64, place: Place) -> Self {
        let kind = if column.is_some() { HitKind::Column } else { HitKind::Table };
        Self { kind, table: Some(table), column, name: None, score, place }
    }

    /// Whether both are about the same thing.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// What it is about.
    pub(crate) fn key(&self) -> (HitKind, Option<&TableName>, Option<&str>, Option<&str>) {
        (self.kind, self.table.as_ref(), self.column.as_deref(), self.name.as_deref())
    }
}

impl Place {
    /// `name`, `spelling`, `synonym`, `comment`, `value` or `meaning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Spelling => "spelling",
            Self::Synonym => "synonym",
            Self::Comment => "comment",
            Self::Value => "value",
            Self::Meaning => "meaning",
        }
    }
}
