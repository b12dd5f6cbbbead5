//! Where audit events go.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::finding::Verdict;

/// Receives audit events. The built-in sinks are in [`crate::audit`].
///
/// # Behavior
/// `append` returns only when the events are as durable as the sink promises; when it fails, the statement they announce does
/// not run. Events arrive in order and are never changed afterwards.
#[async_trait]
pub trait AuditSink: std::fmt::Debug + Send + Sync + 'static {
    /// Takes the events, all or none.
    async fn append(&self, events: Vec<AuditEvent>) -> Result<()>;

    /// Makes everything appended so far durable.
    async fn flush(&self) -> Result<()>;
}

/// One thing that happened, as plain data. Optional fields are left out of the JSON when absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEvent {
    /// UUIDv7 of this event.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// `question`, `statement`, `statement_outcome`, `security_gate_decision`, `tool_invocation`, `sync`, `settings_changed`, or a
    /// host's own.
    pub action: String,
    /// For an outcome: the id of the attempt it closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    /// The tenant.
    pub tenant: String,
    /// The user.
    pub user: String,
    /// `local` or `embedded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// The source's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What was acted on, for instance a table or a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Why Leo ran a statement: `ask`, `sql`, `probe`, `profile`, `eval` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The question as asked, masked where it holds PII.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The text as sent to the database; e-mail addresses and long numbers in its literals are masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// SHA-256 of the unmasked text and its parameters; the parameters' values themselves are not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql_hash: Option<String>,
    /// The guard's verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Ids of the rules that found something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Status of the answer, or `ok`, `failed`, `cancelled`, `refused`, `needs_approval`, `over_budget`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Error kind when it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Rows returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Whether there were more rows than were returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<bool>,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Fingerprint of the catalogue in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog_hash: Option<String>,
    /// Hash of the policy in force with its variables bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_hash: Option<String>,
    /// Hash of the settings in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_hash: Option<String>,
    /// Hash of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_hash: Option<String>,
    /// Hash of everything a model was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_hash: Option<String>,
    /// What of the source's data a model may see: `none`, `categories` or `rows`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<String>,
    /// Which model answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tokens that models read, of all attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Tokens that models wrote, of all attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// What that cost, in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micro_usd: Option<u64>,
    /// Conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// W3C trace id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Address of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Program of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Version of Leo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leo_version: Option<String>,
}
