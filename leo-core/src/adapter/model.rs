//! Language models.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::context::HostContext;
use crate::error::{Error, ErrorKind, Result};
use crate::value::to_hex;

/// A language model that the host brings: somebody's service, or one on the own machine.
///
/// # Behavior
/// Asked where the built-in planner declines a question or asks back (with `model.first` for every question), for the narrative of an answer with `model.narrative`, and by a sync what tables hold,
/// where the host wants that; never about anything else.
/// What it gets is in the request: the question, and names, types and comments of what this user may see; values of the data only where `privacy.disclosure` lets it.
/// What is hidden from the user is in no request, nor is a value of a column with personal data. What it answers is a proposal: a statement of its
/// goes through the guard, the audit and the gate like one that the user wrote.
///
/// A model that fails, panics, answers in another form or takes longer than `model.timeout_ms` costs nothing but that time: the answer is the
/// built-in planner's then, with a warning. Each request is in the audit, as a `tool_invocation` of `model`.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use leo::adapter::{Model, ModelRequest, ModelResponse};
/// use leo::context::HostContext;
///
/// /// Knows one statement.
/// #[derive(Debug)]
/// struct Parrot;
///
/// #[async_trait::async_trait]
/// impl Model for Parrot {
///     async fn complete(&self, _: HostContext, request: ModelRequest) -> leo::Result<ModelResponse> {
///         assert!(request.messages[0].text.contains("spread of the amounts"));
///         let output = serde_json::json!({"sql": "SELECT max(amount) - min(amount) AS spread FROM orders", "params": []});
///         Ok(ModelResponse { output, input_tokens: 310, output_tokens: 20, model: "parrot-1".into(), ..ModelResponse::default() })
///     }
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let orders = "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER); INSERT INTO orders VALUES (1, 10), (2, 35)";
/// let shop = leo::source::sqlite::SqliteSource::from_sql("shop", orders)?;
/// let source = leo::builder::Source::new(shop);
/// let leo = leo::Leo::builder().preset(leo::settings::Preset::Local).source(source).model(Arc::new(Parrot)).build()?;
/// let answer = leo.ask("interquartile spread of the amounts, please").await?;
/// assert_eq!(answer.provenance.planner, "model");
/// assert_eq!(answer.table.unwrap().value(0, 0).to_string(), "25");
/// assert_eq!(answer.usage.tokens, 330);
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[async_trait]
pub trait Model: fmt::Debug + Send + Sync + 'static {
    /// Answers the request.
    ///
    /// # Cancellation
    /// Dropped when the call is cancelled or out of time.
    ///
    /// # Errors
    /// The host's own, of which only the kind is logged.
    async fn complete(&self, ctx: HostContext, request: ModelRequest) -> Result<ModelResponse>;

    /// What it is called in records and statistics before it answered; `host` unless it says so.
    fn id(&self) -> Option<String> {
        None
    }
}

/// What a model is asked.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelRequest {
    /// What it is for.
    pub purpose: ModelPurpose,
    /// What the model is to do and how: the system prompt.
    pub instructions: String,
    /// The conversation so far, oldest first; the last message is the one to answer.
    pub messages: Vec<ModelMessage>,
    /// JSON schema of the answer.
    pub schema: serde_json::Value,
    /// The same as functions to choose from, for services that call functions; empty where there is one form alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ModelTool>,
    /// Tokens that the answer needs at most.
    pub max_output_tokens: u32,
    /// Milliseconds it may take, all attempts and waiting included.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
}

fn default_timeout_ms() -> u64 {
    60_000
}

impl ModelRequest {
    /// A request of one message that takes a minute at most.
    pub fn new(
        purpose: ModelPurpose,
        instructions: impl Into<String>,
        message: impl Into<String>,
        schema: serde_json::Value,
    ) -> Self {
        Self {
            purpose,
            instructions: instructions.into(),
            messages: vec![ModelMessage { role: ModelRole::User, text: message.into() }],
            schema,
            tools: Vec::new(),
            max_output_tokens: 2_048,
            timeout_ms: default_timeout_ms(),
        }
    }

    /// SHA-256 of everything a model reads of it, as hexadecimal digits: equal for equal prompts, whatever time they have.
    pub fn hash(&self) -> String {
        let read = (self.purpose, &self.instructions, &self.messages, &self.schema, &self.tools, self.max_output_tokens);
        // Plain data with finite numbers always serialises.
        to_hex(&Sha256::digest(serde_json_canonicalizer::to_vec(&read).unwrap_or_default()))
    }
}

/// A function that a model may call instead of answering in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelTool {
    /// Its name: `execute_sql` …
    pub name: String,
    /// When to call it.
    pub description: String,
    /// JSON schema of its arguments.
    pub parameters: serde_json::Value,
}

/// What a [`ModelRequest`] is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModelPurpose {
    /// A statement for a question.
    Plan,
    /// Another statement for one that was refused.
    Repair,
    /// What tables and columns hold, for the catalogue.
    Describe,
    /// A narrative of rows that came back.
    Narrate,
}

impl ModelPurpose {
    /// `plan`, `repair`, `describe` or `narrate`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Repair => "repair",
            Self::Describe => "describe",
            Self::Narrate => "narrate",
        }
    }
}

/// One message of a conversation with a model.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelMessage {
    /// Who says it.
    pub role: ModelRole,
    /// What is said.
    pub text: String,
}

/// Who says a [`ModelMessage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelRole {
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

/// What a model answered.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelResponse {
    /// The JSON that the schema asks for, as it is or as text; or `{"tool": …, "arguments": …}` where it called a function.
    pub output: serde_json::Value,
    /// Tokens that were read.
    #[serde(default)]
    pub input_tokens: u64,
    /// Of those, tokens that the service had read before and remembered.
    #[serde(default)]
    pub cached_tokens: u64,
    /// Tokens that were written.
    #[serde(default)]
    pub output_tokens: u64,
    /// What it cost in US dollars; null where nobody knows.
    #[serde(default)]
    pub cost_usd: Option<f64>,
    /// Which model it was.
    #[serde(default)]
    pub model: String,
    /// Why it stopped.
    #[serde(default)]
    pub stop: ModelStop,
    /// Each try on the way to this answer, oldest first; empty where there was one alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<ModelAttempt>,
}

impl ModelResponse {
    /// Whether there is something in it that could be read; a refusal is.
    ///
    /// # Errors
    /// `LimitExceeded` for an answer that breaks off, `Malformed` for one that is empty.
    pub fn check(&self) -> Result<()> {
        let is_empty = match &self.output {
            serde_json::Value::Null => true,
            serde_json::Value::String(text) => text.trim().is_empty(),
            _ => false,
        };
        match self.stop {
            ModelStop::Refused => Ok(()),
            ModelStop::Length => {
                Err(Error::limit_exceeded("the model's answer was cut off: it may write more tokens than a request allows"))
            }
            ModelStop::Complete if is_empty => Err(Error::malformed("the model answered nothing")),
            ModelStop::Complete => Ok(()),
        }
    }
}

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModelStop {
    /// It had said everything.
    #[default]
    Complete,
    /// It had written as many tokens as it may; what there is breaks off.
    Length,
    /// It refused to answer.
    Refused,
}

/// One try to get an answer of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelAttempt {
    /// Which model.
    pub model: String,
    /// What went wrong; null where it answered.
    pub error: Option<ErrorKind>,
    /// Tokens that were read.
    pub input_tokens: u64,
    /// Tokens that were written.
    pub output_tokens: u64,
    /// What it cost in US dollars; null where nobody knows.
    pub cost_usd: Option<f64>,
    /// How long it took, without waiting before it.
    pub duration_ms: u64,
}

/// Shows sizes: a question may be as private as its answer.
impl fmt::Debug for ModelRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelRequest")
            .field("purpose", &self.purpose)
            .field("instructions", &format_args!("<{} bytes>", self.instructions.len()))
            .field("messages", &self.messages)
            .field("max_output_tokens", &self.max_output_tokens)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ModelMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} <{} bytes>", self.role, self.text.len())
    }
}

impl fmt::Debug for ModelResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelResponse")
            .field("model", &self.model)
            .field("input_tokens", &self.input_tokens)
            .field("output_tokens", &self.output_tokens)
            .field("stop", &self.stop)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
