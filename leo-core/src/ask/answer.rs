//! The answer: everything a person or a program may want to know about a question that was asked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::callouts::Callout;
use super::conversation::Continuation;
use super::explain::Explain;
use super::narrate::Narrative;
use super::planner::ClarifyOption;
use super::review::Warning;
use super::stage::Timings;
use crate::chart::ChartSpec;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::gate::Estimate;
use crate::query::SemanticQuery;
use crate::settings::Preset;
use crate::table::Table;
use crate::value::Value;

/// What came of a question or a statement.
///
/// [`status`](Self::status) says which fields are filled: `table`, `narrative` and `chart` for an answer, `clarification` for a
/// question back, `approval` for a statement that waits, `refusal` for everything else. Its JSON holds the rows as
/// `table: {columns: [{name, type}], rows: [[…]]}`.
///
/// `Debug` shows neither question nor rows nor SQL.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Answer {
    /// UUIDv7 of this answer.
    pub id: String,
    /// The conversation, when the call or the context has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The question as asked; the statement for direct SQL.
    pub question: String,
    /// Id of the source.
    pub source: String,
    /// What came of it.
    pub status: AnswerStatus,
    /// Prose that leads with the answer; every figure is bound to cells.
    pub narrative: Narrative,
    /// What stands out.
    pub callouts: Vec<Callout>,
    /// The rows; `None` when nothing ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// Number of rows returned.
    pub row_count: u64,
    /// Whether there were more.
    pub truncated: bool,
    /// How to draw it; `None` when nothing ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<ChartSpec>,
    /// The statement as sent to the database, values apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Values of its placeholders.
    pub params: Vec<Value>,
    /// The statement with its values written in, to be read and copied; it is never what runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql_with_values: Option<String>,
    /// How the question was read and what was assumed.
    pub explain: Explain,
    /// How it continues the question before it in its session; `None` for a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Continuation>,
    /// The question back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clarification: Option<ClarificationRequest>,
    /// What has to be approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalRequest>,
    /// Why there is no answer, with what to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// By what it is answered later, where it could not be answered at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// Questions to ask next.
    pub follow_ups: Vec<String>,
    /// How sure the planner is that this is what was asked, 0–1; `None` for direct SQL and for a model's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// What the answer was made from.
    pub provenance: Provenance,
    /// How recent the data is, for each table read that says when its rows happened.
    pub freshness: Vec<Freshness>,
    /// Whether the rows were read for an earlier question, or for one that another call asked at the same time.
    pub from_cache: bool,
    /// When the rows were read from the database; `None` when nothing ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ran_at: Option<Timestamp>,
    /// What the reader should know.
    pub warnings: Vec<Warning>,
    /// What it took.
    pub usage: Usage,
    /// How long each stage took.
    pub timings: Timings,
    /// Id of the audit event of this question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_id: Option<String>,
    /// The caller's `traceparent`, when the context has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Why it is answered later.
    #[serde(skip)]
    pub(crate) waits_for: Option<TicketReason>,
    /// Version of the catalogue as far as the user saw it; for the conversation alone.
    #[serde(skip)]
    pub(crate) seen: String,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerStatus {
    /// Here it is.
    Answered,
    /// The words have several readings; choose one.
    Clarify,
    /// It asks for data, but not for data that is here, or not in a way that can be read.
    Declined,
    /// It asks for no data.
    #[serde(rename = "not_data_question")]
    NotADataQuestion,
    /// Somebody with the right has to approve the statement.
    NeedsApproval,
    /// The guard refused the statement.
    Blocked,
    /// The statement is ready, but execution is off for this source.
    NotExecuted,
    /// It will be answered later.
    Queued,
    /// An earlier answer, because a fresh one could not be had.
    Stale,
}

impl AnswerStatus {
    /// Every status, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::Answered,
        Self::Clarify,
        Self::Declined,
        Self::NotADataQuestion,
        Self::NeedsApproval,
        Self::Blocked,
        Self::NotExecuted,
        Self::Queued,
        Self::Stale,
    ];

    /// The stable name: `answered`, `clarify`, `declined`, `not_data_question` …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Clarify => "clarify",
            Self::Declined => "declined",
            Self::NotADataQuestion => "not_data_question",
            Self::NeedsApproval => "needs_approval",
            Self::Blocked => "blocked",
            Self::NotExecuted => "not_executed",
            Self::Queued => "queued",
            Self::Stale => "stale",
        }
    }

    /// The kind of error [`Answer::raise_for_status`] makes of it; `None` for an answer.
    pub fn error_kind(self) -> Option<ErrorKind> {
        match self {
            Self::Answered | Self::Stale => None,
            Self::Clarify | Self::Declined | Self::NotADataQuestion => Some(ErrorKind::Unsupported),
            Self::NeedsApproval => Some(ErrorKind::NeedsApproval),
            Self::Blocked => Some(ErrorKind::Rejected),
            Self::NotExecuted => Some(ErrorKind::Denied),
            Self::Queued => Some(ErrorKind::Unavailable),
        }
    }
}

impl std::fmt::Display for AnswerStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A question back to the user. An option is chosen by asking its query ([`Leo::ask_query`](crate::Leo::ask_query)).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClarificationRequest {
    /// What is unclear, as a question.
    pub question: String,
    /// Answers to choose from, best first.
    pub options: Vec<ClarifyOption>,
}

/// A statement that waits for approval.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApprovalRequest {
    /// Why, for people.
    pub reasons: Vec<String>,
    /// What it would cost, where the engine says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
}

/// A question that is answered later: [`Leo::tickets`](crate::Leo::tickets).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ticket {
    /// UUIDv7.
    pub id: String,
    /// What was asked.
    pub question: String,
    /// Id of the source.
    pub source: String,
    /// The conversation that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// What it waits for.
    pub reason: TicketReason,
    /// Its place among what waits for the tenant, from 1.
    pub position: u64,
    /// About when it is its turn, in milliseconds from now; nothing where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta_ms: Option<u64>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// Until when the answer is of use.
    pub deadline: Timestamp,
}

/// Shows no question.
impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Ticket");
        out.field("id", &self.id).field("reason", &self.reason).field("position", &self.position).finish_non_exhaustive()
    }
}

/// What a question waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TicketReason {
    /// Others of the tenant, that were there before.
    Overload,
    /// The model without which it cannot be answered.
    ModelDown,
}

/// Why there is no answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// For people, with what to do next.
    pub message: String,
    /// Words of the question that nothing in the data is called.
    pub missing: Vec<String>,
    /// Questions or names that would work.
    pub suggestions: Vec<String>,
    /// The guard's findings.
    pub findings: Vec<Finding>,
}

/// What an answer was made from: hashes and versions that tell whether it would come out the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Provenance {
    /// Version of Leo.
    pub leo_version: String,
    /// `builtin`, `verified` for the statement of a verified question, `model` for one that a model wrote, `host` for what was passed in.
    pub planner: String,
    /// Which model wrote the statement, in its host's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Version of the prompt's words, where a model was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_version: Option<String>,
    /// Hash of everything the model was sent first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_hash: Option<String>,
    /// Which model wrote the narrative; `None` for one that was made by rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub narrative: Option<NarrativeProvenance>,
    /// The preset in force.
    pub preset: Preset,
    /// The semantic query, unless the statement was passed in, verified or written by a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<SemanticQuery>,
    /// Version of the catalogue.
    pub catalog_hash: String,
    /// Hash of the policy in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_hash: Option<String>,
    /// Hash of the settings in force.
    pub settings_hash: String,
    /// Hash of statement and values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql_hash: Option<String>,
    /// Hash of the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_hash: Option<String>,
    /// Id of the audit event that announced the statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement_audit_id: Option<String>,
}

/// What a narrative by a model was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NarrativeProvenance {
    /// Which model wrote it, in its host's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Version of the prompt's words.
    pub prompt_version: String,
    /// Hash of everything the model was sent for it.
    pub prompt_hash: String,
}

/// How recent a table's rows are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Freshness {
    /// The table.
    pub table: String,
    /// The column that says when a row happened.
    pub column: String,
    /// Its latest value when the source was last synced.
    pub latest: String,
}

/// What an answer took.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// Statements run.
    pub statements: u64,
    /// Rows read from the database.
    pub rows: u64,
    /// Tokens that models read and wrote.
    pub tokens: u64,
    /// Requests to models, each try counted.
    pub model_calls: u64,
    /// Tokens that models read.
    pub input_tokens: u64,
    /// Of those, tokens that a service remembered.
    pub cached_tokens: u64,
    /// Tokens that models wrote.
    pub output_tokens: u64,
    /// What models cost in US dollars; null where no price is known, or none was asked.
    pub cost_usd: Option<f64>,
}

impl Answer {
    /// The answer itself when there is one, an error of the fitting kind otherwise.
    ///
    /// # Errors
    /// `Unsupported` (a question back, declined, no data question), `NeedsApproval`, `Rejected` with the guard's findings,
    /// `Denied` (execution is off), `Unavailable` (queued).
    pub fn raise_for_status(self) -> Result<Self> {
        match self.status.error_kind() {
            None => Ok(self),
            Some(kind) => {
                let findings = self.refusal.as_ref().map(|refusal| refusal.findings.clone()).unwrap_or_default();
                Err(Error::new(kind, self.message()).with_findings(findings))
            }
        }
    }

    /// What there is to say in one text: the narrative, the question back, or the reason why there is no answer.
    pub fn message(&self) -> String {
        if let Some(clarification) = &self.clarification {
            return clarification.question.clone();
        }
        match (&self.refusal, &self.approval) {
            (Some(refusal), _) => refusal.message.clone(),
            (None, Some(approval)) => approval.reasons.join("; "),
            (None, None) => self.narrative.text(),
        }
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("id", &self.id)
            .field("source", &self.source)
            .field("status", &self.status)
            .field("table", &self.table)
            .field("truncated", &self.truncated)
            .field("confidence", &self.confidence)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_one_name() {
        for status in AnswerStatus::ALL {
            assert_eq!(serde_json::to_value(status).ok(), Some(status.as_str().into()));
        }
    }
}
