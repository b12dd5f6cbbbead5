//! What tables and columns mean to people: the part a table plays, terms and descriptions.

use serde::{Deserialize, Serialize};

/// What a table's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RoleKind {
    /// Things that data is kept on: customers, products, places.
    Entity,
    /// What was done, one act or one line of it per row: orders, payments, bookings.
    Transaction,
    /// What was observed, appended and never changed: logs, clicks, readings.
    EventStream,
    /// How something stood at a time or for a time: histories, balances, snapshots.
    StateTracking,
    /// Lists that others refer to and settings: types, codes, regions.
    Reference,
    /// Links between the rows of other tables.
    Bridge,
    /// None of these, as a person said of a table for which Leo found one; it finds none itself.
    None,
}

impl RoleKind {
    /// `entity`, `transaction`, `event_stream`, `state_tracking`, `reference`, `bridge` or `none`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Transaction => "transaction",
            Self::EventStream => "event_stream",
            Self::StateTracking => "state_tracking",
            Self::Reference => "reference",
            Self::Bridge => "bridge",
            Self::None => "none",
        }
    }
}

/// The part a table plays, and why that is thought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TableRole {
    /// What its rows are.
    pub kind: RoleKind,
    /// 0–1; 1 where a person said so.
    pub confidence: f64,
    /// Why, in one sentence without values of rows.
    pub reason: String,
    /// Whether a person said so.
    #[serde(default)]
    pub confirmed: bool,
}

/// Where a term comes from, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TermOrigin {
    /// The host says so.
    Host,
    /// The comment in the database begins with it.
    Comment,
    /// A model wrote it.
    Model,
    /// Abbreviations, prefixes and words of other languages that are commonly used.
    Rule,
    /// Another name or comment of the schema has the long form.
    Schema,
}

/// What people call a table or column: `cust_nm` is the `customer name`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Term {
    /// Words in lower case.
    pub text: String,
    /// Where it comes from.
    pub origin: TermOrigin,
    /// 0–1.
    pub confidence: f64,
}

/// Where a description comes from, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DescriptionOrigin {
    /// The host wrote it.
    Host,
    /// The comment in the database.
    Comment,
    /// A model wrote it, from names, types and comments.
    Model,
    /// Made from names, types and keys.
    Rule,
}

/// What a table or column holds, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Description {
    /// The sentence.
    pub text: String,
    /// Where it comes from.
    pub origin: DescriptionOrigin,
}
