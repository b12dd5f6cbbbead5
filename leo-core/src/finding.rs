//! What the guard has to say about a statement: plain data, so that errors, audit records and answers can carry it.

use serde::{Deserialize, Serialize};

/// The guard's decision about a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The text may run as it was written.
    Allow,
    /// The text may run after the guard's changes; the reasons and both texts are kept.
    Rewrite,
    /// Somebody with the right must approve it first.
    NeedsApproval,
    /// It does not run.
    Block,
}

impl Verdict {
    /// `allow`, `rewrite`, `needs_approval` or `block`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Rewrite => "rewrite",
            Self::NeedsApproval => "needs_approval",
            Self::Block => "block",
        }
    }
}

/// A place in the statement's text; line and column count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Position {
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
}

/// One thing a rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// Stable rule id, for instance `unknown_table`.
    pub rule: String,
    /// What this finding alone would lead to.
    pub verdict: Verdict,
    /// For the person who asked.
    pub message: String,
    /// For the model that is asked to repair the statement.
    pub hint: String,
    /// Where in the text, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}
