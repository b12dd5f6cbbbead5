//! The plan: what every planner returns.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::catalog::TableName;
use crate::query::SemanticQuery;

/// What a planner made of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "plan", rename_all = "snake_case")]
pub enum Plan {
    /// A query to compile, with its reading.
    Query(Box<PlannedQuery>),
    /// A question back: the words have several readings that score alike.
    Clarify(Clarification),
    /// No query, and why.
    Abstain(Abstention),
}

/// A query and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedQuery {
    /// What to compute.
    pub query: SemanticQuery,
    /// How sure the planner is that this is what was asked, 0–1.
    pub confidence: f64,
    /// The question as understood, in one sentence.
    pub reading: String,
    /// Which words were taken for what, in the order of the question.
    pub links: Vec<Link>,
    /// What was decided without being said: the date column, the join, an ignored word.
    pub assumptions: Vec<String>,
    /// What kind of answer it is; a hint for chart and narrative.
    pub intent: Intent,
    /// Other readings that were considered, best first.
    #[serde(default)]
    pub alternatives: Vec<Alternative>,
}

/// A reading that was not taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The reading in words.
    pub reading: String,
    /// Its query.
    pub query: SemanticQuery,
    /// How sure the planner would be of it, 0–1.
    pub confidence: f64,
}

/// Words of the question and what they were taken for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Link {
    /// The words as written.
    pub words: String,
    /// Bytes of the question they occupy.
    #[cfg_attr(feature = "schema", schemars(with = "ByteRange"))]
    pub span: Range<usize>,
    /// What they mean.
    pub target: LinkTarget,
    /// Why.
    pub evidence: Evidence,
    /// Strength of the evidence, 0–1.
    pub score: f64,
}

/// Where something is in a text: bytes of its UTF-8.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "the shape of a range, for its description alone")]
struct ByteRange {
    /// The first byte.
    start: usize,
    /// The byte after the last.
    end: usize,
}

/// What words mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkTarget {
    /// A table.
    Table(TableName),
    /// A column.
    Column {
        /// Its table.
        table: TableName,
        /// Its name.
        column: String,
    },
    /// A value of a column.
    Value {
        /// The column's table.
        table: TableName,
        /// The column.
        column: String,
        /// The value in the data's own spelling.
        value: String,
    },
    /// A measure, as a formula: `SUM(order_lines.unit_price × quantity)`.
    Measure(String),
    /// A stretch of time or a grain, in words.
    Time(String),
    /// An operation: `average`, `top 5`, `not`.
    Operation(String),
}

/// Why words were linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The host said so.
    Knowledge,
    /// The name itself, perhaps inflected.
    Name,
    /// Part of a name.
    PartOfName,
    /// A comment in the database.
    Comment,
    /// A known abbreviation.
    Abbreviation,
    /// A known synonym.
    Synonym,
    /// A value found in the data.
    Value,
    /// A name with a typing error.
    Spelling,
    /// The roles of columns: price × quantity, a date, a key.
    Structure,
    /// The grammar of the question.
    Grammar,
}

/// What kind of answer a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// One number or one value.
    SingleValue,
    /// Values over time.
    Series,
    /// Groups ordered by a measure.
    Ranking,
    /// A measure for each group, in no asked order.
    Breakdown,
    /// Parts of a whole.
    Share,
    /// One period or group beside another.
    Comparison,
    /// Rows.
    List,
    /// How two numbers go together.
    Relation,
}

/// A question back to the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clarification {
    /// What is unclear, as a question.
    pub question: String,
    /// Answers to choose from, best first; at least two.
    pub options: Vec<ClarifyOption>,
}

/// One answer to a clarification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClarifyOption {
    /// What the user reads.
    pub label: String,
    /// What is computed if it is chosen; null where the label is a question of its own, to be asked.
    #[serde(default)]
    pub query: Option<SemanticQuery>,
}

impl ClarifyOption {
    /// A query, by its reading.
    pub fn of_query(label: impl Into<String>, query: SemanticQuery) -> Self {
        Self { label: label.into(), query: Some(query) }
    }

    /// A question that is asked if it is chosen.
    pub fn of_question(question: impl Into<String>) -> Self {
        Self { label: question.into(), query: None }
    }
}

/// Why there is no query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Abstention {
    /// For people, with what to do next.
    pub reason: String,
    /// The kind of reason.
    pub kind: AbstentionKind,
    /// Words that nothing in the catalogue matches.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Questions or names that would work.
    #[serde(default)]
    pub suggestions: Vec<String>,
}

/// Kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbstentionKind {
    /// It asks for no data: a greeting, a request to change something, code.
    NotADataQuestion,
    /// It asks for data, but not for data that is here, or in a way the planner cannot read.
    CannotAnswer,
    /// It leaves too much open.
    TooVague,
}
