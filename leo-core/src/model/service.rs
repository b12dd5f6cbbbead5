//! A model behind a service: one request, one answer.

use std::fmt;

use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::egress::Egress;
use super::http::{Body, Http, Wanted};
use super::spec::{ModelSpec, Protocol};
use super::stream::Events;
use super::{anthropic, chat, openai};
use crate::adapter::{Model, ModelRequest, ModelResponse};
use crate::context::HostContext;
use crate::error::{Error, Result};

/// Bytes that a token can stand for, beyond which an answer is taken for one without end.
const BYTES_OF_A_TOKEN: usize = 32;

/// A model behind a service.
pub(super) struct Service {
    spec: ModelSpec,
    url: Url,
    headers: HeaderMap,
    http: Http,
}

/// What a stream's events add up to.
pub(super) trait Gather: fmt::Debug + Send {
    /// Takes an event.
    ///
    /// # Errors
    /// `Unavailable` for one that tells of an error.
    fn take(&mut self, event: Value) -> Result<()>;
    /// Bytes that were written so far.
    fn length(&self) -> usize;
    /// Whether nothing more is to come.
    fn is_done(&self) -> bool;
    /// The answer as it would have come in one piece; nothing where its end is missing.
    fn whole(&mut self) -> Option<Value>;
}

impl Service {
    /// # Errors
    /// `Config` for a spec that cannot be right, `Denied` for a host that may not be reached.
    pub(super) fn new(spec: ModelSpec, egress: &Egress) -> Result<Self> {
        spec.check()?;
        let path = match spec.protocol {
            Protocol::Openai => openai::PATH,
            Protocol::Anthropic => anthropic::PATH,
            Protocol::Chat => chat::PATH,
        };
        let url = spec.url(path)?;
        egress.check(url.host_str().unwrap_or_default().trim_matches(['[', ']']))?;
        let headers = headers(&spec)?;
        let http = Http::new(spec.ca_file.as_deref())?;
        Ok(Self { spec, url, headers, http })
    }

    fn body(&self, request: &ModelRequest) -> Vec<u8> {
        let mut body = match self.spec.protocol {
            Protocol::Openai => openai::body(&self.spec, request),
            Protocol::Anthropic => anthropic::body(&self.spec, request),
            Protocol::Chat => chat::body(&self.spec, request),
        };
        for (name, value) in &self.spec.extra {
            body[name] = value.clone();
        }
        body.to_string().into_bytes()
    }

    fn read(&self, whole: Value) -> Result<ModelResponse> {
        match self.spec.protocol {
            Protocol::Openai => openai::read(whole),
            Protocol::Anthropic => anthropic::read(whole),
            Protocol::Chat => chat::read(whole),
        }
    }

    /// Reads a stream to its end, or to where it is clear that it has none.
    async fn gather(&self, mut body: Body, max_output_tokens: u32) -> Result<Value> {
        let mut gathered: Box<dyn Gather> = match self.spec.protocol {
            Protocol::Openai => Box::<openai::Stream>::default(),
            Protocol::Anthropic => Box::<anthropic::Stream>::default(),
            Protocol::Chat => Box::<chat::Stream>::default(),
        };
        let most = (max_output_tokens.saturating_add(self.spec.extra_output_tokens) as usize).saturating_mul(BYTES_OF_A_TOKEN);
        let (mut events, mut is_done) = (Events::default(), false);
        while !is_done && let Some(piece) = body.piece().await? {
            events.push(piece.as_ref(), &mut |data| {
                if data == "[DONE]" {
                    is_done = true;
                } else if !is_done {
                    gathered.take(serde_json::from_str(data).map_err(|_| no_form())?)?;
                    is_done = gathered.is_done();
                }
                Ok(())
            })?;
            if gathered.length() > most {
                return Err(Error::limit_exceeded("the model writes on and on, beyond what it may; it was stopped"));
            }
        }
        gathered.whole().ok_or_else(|| Error::unavailable("the model's stream ended before its answer did; try again"))
    }
}

#[async_trait]
impl Model for Service {
    async fn complete(&self, _: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        let wanted = if self.spec.stream { Wanted::Events } else { Wanted::Json };
        let body = self.http.post(&self.url, self.headers.clone(), self.body(&request), wanted).await?;
        let whole = match wanted {
            Wanted::Events => self.gather(body, request.max_output_tokens).await?,
            Wanted::Json => serde_json::from_slice(&body.whole().await?).map_err(|_| no_form())?,
        };
        let mut response = self.read(whole)?;
        // Who asked for an alias is told what answered; a server that says nothing is called as it was asked for.
        if response.model.trim().is_empty() {
            response.model.clone_from(&self.spec.model);
        }
        if let Some(price) = self.spec.price {
            response.cost_usd = Some(price.of(response.input_tokens, response.cached_tokens, response.output_tokens));
        }
        Ok(response)
    }

    fn id(&self) -> Option<String> {
        Some(self.spec.id())
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Service").field(&self.spec).finish()
    }
}

/// The headers of a spec: its key, as the protocol wants it, and what else it says.
///
/// # Errors
/// `Config` for what cannot stand in a header.
pub(super) fn headers(spec: &ModelSpec) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    match spec.protocol {
        Protocol::Openai | Protocol::Chat => openai::headers(spec, &mut headers)?,
        Protocol::Anthropic => anthropic::headers(spec, &mut headers)?,
    }
    for (name, value) in &spec.headers {
        let name = HeaderName::try_from(name.as_str())
            .map_err(|_| Error::config("the name of one of the model's `headers` is none; write one such as `x-team`"))?;
        headers.insert(name, header(value.expose_secret())?);
    }
    Ok(headers)
}

/// A header's value, which is shown nowhere.
///
/// # Errors
/// `Config` for what cannot stand in a header.
pub(super) fn header(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| Error::config("the model's key or one of its headers has characters that cannot be sent; copy it again"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Another form than the protocol's.
pub(super) fn no_form() -> Error {
    Error::malformed("the model's service answered in another form than its protocol's; check `protocol` and the base URL")
}

/// What a service says of itself.
pub(super) fn failed() -> Error {
    Error::unavailable("the model's service says that it failed; try again")
}

/// A figure of the usage; 0 where there is none.
pub(super) fn tokens(usage: &Value, at: &str) -> u64 {
    usage.pointer(at).and_then(Value::as_u64).unwrap_or(0)
}

/// A called function as output. Arguments come as JSON or as its text; what is neither is passed on as it is, and fits no form.
pub(super) fn called(name: &Value, arguments: &Value) -> Value {
    let read = match arguments {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => Some(other.clone()),
    };
    match read.filter(Value::is_object) {
        Some(arguments) => json!({"tool": name, "arguments": arguments}),
        None => arguments.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_any_form_are_no_reason_to_panic() {
        let values = [json!([1]), json!("x"), json!(7), json!(null), json!({}), json!([{"delta": [1]}])];
        let kinds = [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ];
        let kinds = kinds.into_iter().chain(["response.completed", "response.output_text.delta", "else"]);
        let mut events: Vec<Value> = values.to_vec();
        for kind in kinds {
            for value in &values {
                let fields = ["message", "content_block", "delta", "usage", "response", "choices", "model"];
                let mut event = json!({"type": kind});
                fields.iter().for_each(|field| event[*field] = value.clone());
                events.push(event);
            }
        }
        // Each after each: what was taken before decides what the next one meets.
        for first in &events {
            for second in &events {
                let streams: [Box<dyn Gather>; 3] =
                    [Box::<openai::Stream>::default(), Box::<anthropic::Stream>::default(), Box::<chat::Stream>::default()];
                for (mut stream, read) in streams.into_iter().zip([openai::read, anthropic::read, chat::read]) {
                    let _ = stream.take(first.clone()).and_then(|()| stream.take(second.clone()));
                    let _ = stream.whole().map(read);
                }
            }
        }
    }
}
