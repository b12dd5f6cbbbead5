//! OpenAI's Responses API: `POST …/responses`.

use reqwest::header::{AUTHORIZATION, HeaderMap};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::service::{Gather, called, failed, header, no_form, tokens};
use super::spec::{ModelSpec, OutputForm};
use crate::adapter::{ModelRequest, ModelResponse, ModelRole, ModelStop};
use crate::error::Result;

pub(super) const PATH: &str = "responses";

/// # Errors
/// `Config` for a key that is no header.
pub(super) fn headers(spec: &ModelSpec, headers: &mut HeaderMap) -> Result<()> {
    let key = spec.api_key.expose_secret();
    if !key.is_empty() {
        headers.insert(AUTHORIZATION, header(&format!("Bearer {key}"))?);
    }
    Ok(())
}

/// What stays the same comes first and under one key, so that the service can remember it.
pub(super) fn body(spec: &ModelSpec, request: &ModelRequest) -> Value {
    let input: Vec<Value> =
        request.messages.iter().map(|message| json!({"role": role(message.role), "content": message.text})).collect();
    let mut body = json!({
        "model": spec.model,
        "instructions": request.instructions,
        "input": input,
        "max_output_tokens": request.max_output_tokens.saturating_add(spec.extra_output_tokens),
        "store": spec.store,
        "stream": spec.stream,
        "prompt_cache_key": format!("leo-{}", request.purpose.as_str()),
        "metadata": {"purpose": request.purpose.as_str(), "leo": env!("CARGO_PKG_VERSION")},
    });
    match spec.output {
        OutputForm::Tool if !request.tools.is_empty() => {
            let function = |tool: &crate::adapter::ModelTool| json!({"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.parameters, "strict": true});
            body["tools"] = request.tools.iter().map(function).collect();
            body["tool_choice"] = "required".into();
            body["parallel_tool_calls"] = false.into();
        }
        OutputForm::Schema | OutputForm::Tool => {
            body["text"] = json!({"format": {"type": "json_schema", "name": request.purpose.as_str(), "schema": request.schema, "strict": true}});
        }
        OutputForm::Json => body["text"] = json!({"format": {"type": "json_object"}}),
        OutputForm::Text => {}
    }
    body
}

pub(super) fn role(role: ModelRole) -> &'static str {
    match role {
        ModelRole::User => "user",
        ModelRole::Assistant => "assistant",
    }
}

/// What is read of an answer; anything else in it may be as it likes.
#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    model: String,
    status: Option<String>,
    #[serde(default)]
    output: Vec<Value>,
    #[serde(default)]
    incomplete_details: Value,
    #[serde(default)]
    usage: Value,
}

/// # Errors
/// `Malformed` for another form, `Unavailable` where the service says that it failed.
pub(super) fn read(whole: Value) -> Result<ModelResponse> {
    let response = Response::deserialize(whole).map_err(|_| no_form())?;
    let mut read = ModelResponse {
        model: response.model,
        input_tokens: tokens(&response.usage, "/input_tokens"),
        cached_tokens: tokens(&response.usage, "/input_tokens_details/cached_tokens"),
        output_tokens: tokens(&response.usage, "/output_tokens"),
        ..ModelResponse::default()
    };
    match response.status.as_deref() {
        Some("failed" | "cancelled") => return Err(failed()),
        Some("incomplete") => {
            let is_filter = response.incomplete_details["reason"] == "content_filter";
            read.stop = if is_filter { ModelStop::Refused } else { ModelStop::Length };
        }
        _ => {}
    }
    let mut text = String::new();
    for item in &response.output {
        match item["type"].as_str() {
            Some("function_call") => {
                // Arguments that break off are told as such, not as another form.
                if read.stop != ModelStop::Length {
                    read.output = called(&item["name"], &item["arguments"]);
                }
                return Ok(read);
            }
            Some("message") => {
                for part in item["content"].as_array().into_iter().flatten() {
                    match part["type"].as_str() {
                        Some("output_text") => text.push_str(part["text"].as_str().unwrap_or_default()),
                        Some("refusal") => read.stop = ModelStop::Refused,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    read.output = text.into();
    Ok(read)
}

/// A stream: its last event holds the whole answer, those before it are counted.
#[derive(Debug, Default)]
pub(super) struct Stream {
    whole: Option<Value>,
    length: usize,
}

impl Gather for Stream {
    fn take(&mut self, mut event: Value) -> Result<()> {
        match event["type"].as_str() {
            Some("response.completed" | "response.incomplete" | "response.failed") => self.whole = Some(event["response"].take()),
            Some("response.output_text.delta" | "response.function_call_arguments.delta") => {
                self.length += event["delta"].as_str().map_or(0, str::len);
            }
            Some("error") => return Err(failed()),
            _ => {}
        }
        Ok(())
    }

    fn length(&self) -> usize {
        self.length
    }

    fn is_done(&self) -> bool {
        self.whole.is_some()
    }

    fn whole(&mut self) -> Option<Value> {
        self.whole.take()
    }
}
