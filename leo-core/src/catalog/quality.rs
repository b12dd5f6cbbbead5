//! How good the rows of a table are.

use serde::{Deserialize, Serialize};

/// What a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckKind {
    /// A column that is expected to be filled in is.
    Completeness,
    /// A key has each value once.
    Uniqueness,
    /// What refers to another table finds its row there.
    References,
    /// Values are of the kind that the column is for.
    Validity,
    /// The latest row is not too old.
    Freshness,
    /// There are about as many rows as before.
    Volume,
}

impl CheckKind {
    /// `completeness`, `uniqueness`, `references`, `validity`, `freshness` or `volume`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completeness => "completeness",
            Self::Uniqueness => "uniqueness",
            Self::References => "references",
            Self::Validity => "validity",
            Self::Freshness => "freshness",
            Self::Volume => "volume",
        }
    }
}

/// How bad it is when a check fails, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Figures made from these rows are wrong.
    Error,
    /// They may be.
    Warning,
    /// Worth knowing.
    Info,
}

/// One check of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QualityCheck {
    /// Stable name within the table: `completeness(email)`, `references(customer_id)`, `validity.future(order_date)`.
    pub id: String,
    /// What it looks at.
    pub kind: CheckKind,
    /// How bad it is when it fails.
    pub severity: Severity,
    /// Whether all is well.
    pub passed: bool,
    /// What was found, in a sentence without values of rows.
    pub message: String,
    /// Columns it looks at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Rows that offend.
    pub offending: u64,
    /// Rows that were looked at.
    pub examined: u64,
    /// The statement that counts the offending rows, where a check that failed has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
}

/// How good the rows of a table are, as computed from them: for a user who may see only some of them there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TableQuality {
    /// 0–100, of the checks below.
    pub score: u8,
    /// What was checked, failed ones first, worst first.
    pub checks: Vec<QualityCheck>,
    /// Scores of earlier syncs, oldest first, this one last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<QualityPoint>,
}

/// The quality of a table at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QualityPoint {
    /// When.
    pub at: jiff::Timestamp,
    /// 0–100.
    pub score: u8,
    /// Checks that failed.
    pub failed: u32,
}
