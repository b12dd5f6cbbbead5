//! What came of one question.

use serde::{Deserialize, Serialize};

use super::matching::Mismatch;

/// The result of one question. In JSON: `{id, db, question, status, sql, correct, confidence, ms}`, with `turn` in conversations,
/// `error` and `mismatch` where there was one, and `soft`, `recall`, `tokens`, `cost_usd` and `tags` where they are known. References, and
/// whether there are any, are in no JSON: they belong to the suite.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionResult {
    /// Id of the row.
    #[cfg_attr(feature = "schema", schemars(with = "IdSchema"))]
    pub id: serde_json::Value,
    /// Name of the database.
    pub db: String,
    /// The question.
    pub question: String,
    /// Which turn of its conversation it is, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<usize>,
    /// Status of the answer, or `error:<kind>`.
    pub status: String,
    /// Statement of the answer, with its parameters.
    pub sql: Option<String>,
    /// Right by execution match; for a question that cannot be answered: not answered.
    pub correct: bool,
    /// How sure the answer was, 0–1.
    pub confidence: Option<f64>,
    /// How long the answer took.
    pub ms: f64,
    /// What went wrong, without values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How much of the answer is right, 0–1: [`Judgement::soft`](super::Judgement::soft).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft: Option<f64>,
    /// In what the answer differs from the reference it is most like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mismatch: Option<Mismatch>,
    /// Share of the tables that the question needs among the first ten that were found for it, 0–1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
    /// Tokens that models read and wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// What models cost, in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// What the question is about, in the suite's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The reference statements.
    #[serde(skip)]
    pub gold: Vec<String>,
    /// Right with `DISTINCT` kept.
    #[serde(skip)]
    pub distinct_kept: bool,
    /// Right with `DISTINCT` kept and columns in the reference's order.
    #[serde(skip)]
    pub strict: bool,
    /// No reference gave a result, because the guard refused it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gold_refused: bool,
    /// No reference gave a result, for another reason.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gold_failed: bool,
    /// References that were refused or failed, with the reason.
    #[serde(skip)]
    pub gold_problems: Vec<(String, String)>,
    /// The question has several readings.
    #[serde(skip)]
    pub ambiguous: bool,
    /// Whether there is a reference; not known of a result that was read back.
    #[serde(skip)]
    pub answerable: Option<bool>,
    /// Position of its item in the suite.
    #[serde(skip)]
    pub item: usize,
}

impl QuestionResult {
    /// Whether it was answered, right or wrong.
    pub fn is_answered(&self) -> bool {
        self.status == ANSWERED
    }
}

/// An id as a suite may write it.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
#[allow(dead_code)]
pub(super) enum IdSchema {
    Text(String),
    Number(f64),
}

/// The status of an answer.
const ANSWERED: &str = "answered";
