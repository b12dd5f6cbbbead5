//! What a search finds.

use serde::{Deserialize, Serialize};

use super::model::TableName;

/// A table or column that a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hit {
    /// The table.
    pub table: TableName,
    /// The column; `None` when the table itself was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// How well it fits, 0–1.
    pub score: f64,
    /// Where the best word was found.
    pub place: Place,
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
    /// The comment.
    Comment,
    /// What it means, as the host's embedder sees it.
    Meaning,
}

impl Place {
    /// `name`, `spelling`, `synonym`, `comment` or `meaning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Spelling => "spelling",
            Self::Synonym => "synonym",
            Self::Comment => "comment",
            Self::Meaning => "meaning",
        }
    }
}
