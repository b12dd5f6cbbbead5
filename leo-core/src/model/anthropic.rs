//! Anthropic's Messages API: `POST …/messages`.

use reqwest::header::HeaderMap;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::openai::role;
use super::service::{Gather, called, failed, header, no_form, tokens};
use super::spec::{ModelSpec, OutputForm};
use crate::adapter::{ModelRequest, ModelResponse, ModelStop, ModelTool};
use crate::error::Result;

pub(super) const PATH: &str = "messages";
/// The version of the protocol.
const VERSION: &str = "2023-06-01";
/// The function that takes an answer of the schema's form.
const ANSWER: &str = "answer";

/// # Errors
/// `Config` for a key that is no header.
pub(super) fn headers(spec: &ModelSpec, headers: &mut HeaderMap) -> Result<()> {
    headers.insert("anthropic-version", header(VERSION)?);
    let key = spec.api_key.expose_secret();
    if !key.is_empty() {
        headers.insert("x-api-key", header(key)?);
    }
    Ok(())
}

/// Instructions are marked to be remembered.
pub(super) fn body(spec: &ModelSpec, request: &ModelRequest) -> Value {
    let said: Vec<Value> =
        request.messages.iter().map(|message| json!({"role": role(message.role), "content": message.text})).collect();
    let mut body = json!({
        "model": spec.model,
        "system": [{"type": "text", "text": request.instructions, "cache_control": {"type": "ephemeral"}}],
        "messages": said,
        "max_tokens": request.max_output_tokens.saturating_add(spec.extra_output_tokens),
        "stream": spec.stream,
    });
    let function = |ModelTool { name, description, parameters }: &ModelTool| json!({"name": name, "description": description, "input_schema": parameters});
    match spec.output {
        OutputForm::Tool if !request.tools.is_empty() => {
            body["tools"] = request.tools.iter().map(function).collect();
            body["tool_choice"] = json!({"type": "any", "disable_parallel_tool_use": true});
        }
        OutputForm::Schema | OutputForm::Tool => {
            body["tools"] = json!([{"name": ANSWER, "description": "Takes the answer.", "input_schema": request.schema}]);
            body["tool_choice"] = json!({"type": "tool", "name": ANSWER, "disable_parallel_tool_use": true});
        }
        OutputForm::Json | OutputForm::Text => {}
    }
    body
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    model: String,
    content: Vec<Value>,
    stop_reason: Option<String>,
    #[serde(default)]
    usage: Value,
}

/// # Errors
/// `Malformed` for another form.
pub(super) fn read(whole: Value) -> Result<ModelResponse> {
    let message = Message::deserialize(whole).map_err(|_| no_form())?;
    let stop = match message.stop_reason.as_deref() {
        Some("refusal") => ModelStop::Refused,
        Some("max_tokens" | "model_context_window_exceeded") => ModelStop::Length,
        _ => ModelStop::Complete,
    };
    let remembered = tokens(&message.usage, "/cache_read_input_tokens");
    let written_down = tokens(&message.usage, "/cache_creation_input_tokens");
    let call = message.content.iter().find(|block| block["type"] == "tool_use");
    let output = match call {
        Some(call) if call["name"] == ANSWER => call["input"].clone(),
        Some(call) => called(&call["name"], &call["input"]),
        None => {
            let texts = message.content.iter().filter(|block| block["type"] == "text");
            texts.filter_map(|block| block["text"].as_str()).collect::<String>().into()
        }
    };
    Ok(ModelResponse {
        output,
        model: message.model,
        // The service counts what it remembers apart.
        input_tokens: tokens(&message.usage, "/input_tokens").saturating_add(remembered).saturating_add(written_down),
        cached_tokens: remembered,
        output_tokens: tokens(&message.usage, "/output_tokens"),
        stop,
        ..ModelResponse::default()
    })
}

/// A stream: blocks that grow one after the other, within a message that says at its end why it stopped.
#[derive(Debug, Default)]
pub(super) struct Stream {
    message: Value,
    blocks: Vec<Value>,
    /// Text or arguments of the block that grows.
    growing: String,
    length: usize,
    is_over: bool,
}

impl Gather for Stream {
    fn take(&mut self, mut event: Value) -> Result<()> {
        match event["type"].as_str() {
            Some("message_start") => self.message = event["message"].take(),
            Some("content_block_start") => {
                self.blocks.push(event["content_block"].take());
                self.growing.clear();
            }
            Some("content_block_delta") => {
                let delta = &event["delta"];
                let piece = delta["text"].as_str().or_else(|| delta["partial_json"].as_str()).unwrap_or_default();
                self.length += piece.len();
                self.growing.push_str(piece);
            }
            Some("content_block_stop") => {
                let grown = std::mem::take(&mut self.growing);
                match self.blocks.last_mut() {
                    Some(block) if block["type"] == "text" => block["text"] = grown.into(),
                    // Arguments that break off are read as text, which fits no form.
                    Some(block) if block["type"] == "tool_use" && !grown.is_empty() => {
                        block["input"] = serde_json::from_str(&grown).unwrap_or_else(|_| grown.into());
                    }
                    _ => {}
                }
            }
            Some("message_delta") => {
                if let Some(message) = self.message.as_object_mut() {
                    message.insert("stop_reason".into(), event["delta"]["stop_reason"].clone());
                    if let (Some(usage), Some(more)) =
                        (message.get_mut("usage").and_then(Value::as_object_mut), event["usage"].as_object_mut())
                    {
                        usage.append(more);
                    }
                }
            }
            Some("message_stop") => self.is_over = true,
            Some("error") => return Err(failed()),
            _ => {}
        }
        Ok(())
    }

    fn length(&self) -> usize {
        self.length
    }

    fn is_done(&self) -> bool {
        self.is_over
    }

    fn whole(&mut self) -> Option<Value> {
        if !self.is_over {
            return None;
        }
        let mut message = self.message.take();
        message.as_object_mut()?.insert("content".into(), std::mem::take(&mut self.blocks).into());
        Some(message)
    }
}
