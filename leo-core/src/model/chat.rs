//! Chat completions: `POST …/chat/completions`, as vLLM, Ollama, LiteLLM and most gateways speak it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::openai::role;
use super::service::{Gather, called, failed, no_form, tokens};
use super::spec::{ModelSpec, OutputForm};
use crate::adapter::{ModelRequest, ModelResponse, ModelStop, ModelTool};
use crate::error::Result;

pub(super) const PATH: &str = "chat/completions";

pub(super) fn body(spec: &ModelSpec, request: &ModelRequest) -> Value {
    let system = json!({"role": "system", "content": request.instructions});
    let said = request.messages.iter().map(|message| json!({"role": role(message.role), "content": message.text}));
    let mut body = json!({
        "model": spec.model,
        "messages": std::iter::once(system).chain(said).collect::<Vec<_>>(),
        "max_tokens": request.max_output_tokens.saturating_add(spec.extra_output_tokens),
        "stream": spec.stream,
    });
    if spec.stream {
        body["stream_options"] = json!({"include_usage": true});
    }
    match spec.output {
        OutputForm::Tool if !request.tools.is_empty() => {
            let function = |tool: &ModelTool| {
                let ModelTool { name, description, parameters } = tool;
                json!({"type": "function", "function": {"name": name, "description": description, "parameters": parameters, "strict": true}})
            };
            body["tools"] = request.tools.iter().map(function).collect();
            body["tool_choice"] = "required".into();
        }
        OutputForm::Schema | OutputForm::Tool => {
            let schema = json!({"name": request.purpose.as_str(), "schema": request.schema, "strict": true});
            body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
        }
        OutputForm::Json => body["response_format"] = json!({"type": "json_object"}),
        OutputForm::Text => {}
    }
    body
}

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    model: String,
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Value,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<Value>>,
}

/// # Errors
/// `Malformed` for another form.
pub(super) fn read(whole: Value) -> Result<ModelResponse> {
    let completion = Completion::deserialize(whole).map_err(|_| no_form())?;
    let choice = completion.choices.into_iter().next().ok_or_else(no_form)?;
    let stop = match choice.finish_reason.as_deref() {
        _ if choice.message.refusal.is_some() => ModelStop::Refused,
        Some("content_filter") => ModelStop::Refused,
        Some("length") => ModelStop::Length,
        _ => ModelStop::Complete,
    };
    let call = choice.message.tool_calls.unwrap_or_default().into_iter().next().map(|call| call["function"].clone());
    Ok(ModelResponse {
        output: match call {
            // Arguments that break off are told as such, not as another form.
            Some(call) if stop != ModelStop::Length => called(&call["name"], &call["arguments"]),
            _ => choice.message.content.unwrap_or_default().into(),
        },
        model: completion.model,
        input_tokens: tokens(&completion.usage, "/prompt_tokens"),
        cached_tokens: tokens(&completion.usage, "/prompt_tokens_details/cached_tokens"),
        output_tokens: tokens(&completion.usage, "/completion_tokens"),
        stop,
        ..ModelResponse::default()
    })
}

/// A stream: pieces of text, or of a call's name and arguments, until one says why it ends; the figures may come after that.
#[derive(Debug, Default)]
pub(super) struct Stream {
    model: Value,
    text: String,
    refusal: String,
    name: String,
    arguments: String,
    finish_reason: Value,
    usage: Value,
}

impl Gather for Stream {
    fn take(&mut self, mut event: Value) -> Result<()> {
        if event.get("error").is_some_and(|error| !error.is_null()) {
            return Err(failed());
        }
        if event["usage"].is_object() {
            self.usage = event["usage"].take();
        }
        if self.model.is_null() {
            self.model = event.get_mut("model").map(Value::take).unwrap_or_default();
        }
        let choice = &event["choices"][0];
        let (delta, call) = (&choice["delta"], &choice["delta"]["tool_calls"][0]);
        // One function is called; what is said of others has another index.
        if call["index"].as_u64().unwrap_or(0) == 0 {
            self.name.push_str(call["function"]["name"].as_str().unwrap_or_default());
            self.arguments.push_str(call["function"]["arguments"].as_str().unwrap_or_default());
        }
        self.text.push_str(delta["content"].as_str().unwrap_or_default());
        self.refusal.push_str(delta["refusal"].as_str().unwrap_or_default());
        if !choice["finish_reason"].is_null() {
            self.finish_reason = choice["finish_reason"].clone();
        }
        Ok(())
    }

    fn length(&self) -> usize {
        self.text.len() + self.arguments.len() + self.refusal.len()
    }

    fn is_done(&self) -> bool {
        // `[DONE]` or the end of the body follows.
        false
    }

    fn whole(&mut self) -> Option<Value> {
        if self.finish_reason.is_null() {
            return None;
        }
        let mut message = Map::new();
        message.insert("content".into(), std::mem::take(&mut self.text).into());
        if !self.refusal.is_empty() {
            message.insert("refusal".into(), std::mem::take(&mut self.refusal).into());
        }
        if !self.name.is_empty() {
            message.insert("tool_calls".into(), json!([{"function": {"name": self.name, "arguments": self.arguments}}]));
        }
        let model = self.model.as_str().unwrap_or_default();
        Some(json!({"model": model, "choices": [{"message": message, "finish_reason": self.finish_reason}], "usage": self.usage}))
    }
}
