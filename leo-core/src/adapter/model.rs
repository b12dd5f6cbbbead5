//! Language models.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::context::HostContext;
use crate::error::Result;

/// A language model that the host brings: somebody's service, or one on the own machine.
///
/// # Behavior
/// Asked where the built-in planner declines a question or asks back, and by a sync what tables hold, where the host wants that; never about anything else.
/// What it gets is in the request: the question, and names, types and comments of what this user may see. Rows, statistics and what is hidden from the user are in no request. What it answers is a
/// proposal: a statement of its goes through the guard, the audit and the gate like one that the user wrote.
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
///         Ok(ModelResponse { output, input_tokens: 310, output_tokens: 20, model: "parrot-1".into() })
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
    /// Tokens that the answer needs at most.
    pub max_output_tokens: u32,
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
}

impl ModelPurpose {
    /// `plan`, `repair` or `describe`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Repair => "repair",
            Self::Describe => "describe",
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
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelResponse {
    /// The JSON that the schema asks for, as it is or as text.
    pub output: serde_json::Value,
    /// Tokens that were read.
    #[serde(default)]
    pub input_tokens: u64,
    /// Tokens that were written.
    #[serde(default)]
    pub output_tokens: u64,
    /// Which model it was.
    #[serde(default)]
    pub model: String,
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
            .finish_non_exhaustive()
    }
}
