//! Limits of the guard.

use serde::{Deserialize, Serialize};

/// What a statement may look like and cost. All of it is plain data with defaults; unknown names are an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardSettings {
    /// Rows a statement may return. Default 5,000.
    pub row_cap: u64,
    /// Bytes of text. Default 65,536.
    pub max_bytes: usize,
    /// Tokens. Default 16,384.
    pub max_tokens: usize,
    /// Operators and set operations in a row. Default 500.
    pub max_chained_operators: usize,
    /// Parentheses inside parentheses. Default 40.
    pub max_parentheses: usize,
    /// Relations joined in one `FROM` beyond the first; more need approval. Default 5.
    pub max_joins: usize,
    /// Queries inside queries; more need approval. Default 3.
    pub max_nesting: usize,
    /// Product of the row counts of relations joined without a condition; above it the statement needs approval. A relation of
    /// unknown size counts as 1,000 rows. Default 1,000,000,000.
    pub cross_join_rows: u64,
    /// Rows that a generator such as `generate_series` or a counting recursion may make. Default 1,000,000.
    pub generated_rows: u64,
    /// Characters that `repeat` and its kin may make. Default 10,000.
    pub generated_characters: u64,
    /// Functions allowed beside the built-in list, by the name as called (`dbo.fiscal_year`); case does not matter.
    pub functions: Vec<String>,
    /// Seconds a vetted statement stays valid. Default 900.
    pub valid_for_s: u64,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self {
            row_cap: 5_000,
            max_bytes: 64 << 10,
            max_tokens: 16 << 10,
            max_chained_operators: 500,
            max_parentheses: 40,
            max_joins: 5,
            max_nesting: 3,
            cross_join_rows: 1_000_000_000,
            generated_rows: 1_000_000,
            generated_characters: 10_000,
            functions: Vec::new(),
            valid_for_s: 900,
        }
    }
}
