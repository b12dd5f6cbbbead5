//! Which model is asked, where, and how it wants to be asked.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::ExposeSecret as _;
pub use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

use super::prices::Price;
use crate::error::{Error, Result};

/// The language that a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Protocol {
    /// OpenAI's Responses API.
    Openai,
    /// Anthropic's Messages API.
    Anthropic,
    /// Chat completions, as vLLM, Ollama, LiteLLM and most gateways speak them.
    Chat,
}

impl Protocol {
    /// `openai`, `anthropic` or `chat`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Chat => "chat",
        }
    }

    /// The model that is asked where none is named; none for servers that have models of their own.
    pub fn default_model(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("gpt-5-mini"),
            Self::Anthropic => Some("claude-sonnet-4-5"),
            Self::Chat => None,
        }
    }

    fn default_base_url(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("https://api.openai.com/v1"),
            Self::Anthropic => Some("https://api.anthropic.com/v1"),
            Self::Chat => None,
        }
    }

    /// Variables of the environment with the key and the base URL.
    fn variables(self) -> (&'static str, &'static str) {
        match self {
            Self::Openai | Self::Chat => ("OPENAI_API_KEY", "OPENAI_BASE_URL"),
            Self::Anthropic => ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
        }
    }
}

/// How a service is made to answer in the form that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum OutputForm {
    /// By the JSON schema, which the service enforces. Anthropic is given one function with that schema, which it has to call.
    #[default]
    Schema,
    /// By functions to choose from, such as `execute_sql`.
    Tool,
    /// As any JSON; the form stands in the prompt.
    Json,
    /// As text, in which JSON is looked for: for servers that know none of the others.
    Text,
}

/// A model behind a service. Secrets in it are shown nowhere, `Debug` included.
///
/// As text: `openai`, `openai:gpt-5-mini`, `anthropic:claude-sonnet-4-5`, `chat:qwen2.5-coder@http://localhost:11434/v1`. Key and base URL are
/// then those of the environment, `OPENAI_API_KEY` and `OPENAI_BASE_URL` or `ANTHROPIC_API_KEY` and `ANTHROPIC_BASE_URL`, where the text
/// names no place itself. The key of the environment goes to no place that the text names, unless that is also the environment's.
///
/// # Example
/// ```
/// use leo::model::{ModelSpec, OutputForm, Protocol};
///
/// let local: ModelSpec = "chat:qwen2.5-coder@http://localhost:11434/v1".parse()?;
/// assert_eq!((local.protocol, local.model.as_str()), (Protocol::Chat, "qwen2.5-coder"));
///
/// let own = ModelSpec { output: OutputForm::Tool, ..ModelSpec::new(Protocol::Openai, "gpt-5-mini", "sk-s3cret") };
/// assert!(!format!("{own:?}").contains("s3cret"));
/// # Ok::<(), leo::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// The language the service speaks.
    pub protocol: Protocol,
    /// The model's name there.
    pub model: String,
    /// What the paths of the protocol are put behind; the vendor's own unless set.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The key; none for servers that want none.
    #[serde(default)]
    pub api_key: SecretString,
    /// Further headers, for gateways; their values are as secret as the key.
    #[serde(default)]
    pub headers: BTreeMap<String, SecretString>,
    /// Further fields of the request's body, over Leo's own, such as `{"reasoning": {"effort": "low"}}`.
    #[serde(default)]
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// How the form of the answer is asked for.
    #[serde(default)]
    pub output: OutputForm,
    /// Whether the answer comes piece by piece: connections that are silent for long are cut by some gateways.
    #[serde(default)]
    pub stream: bool,
    /// Whether the service may keep what it was asked; OpenAI alone asks.
    #[serde(default)]
    pub store: bool,
    /// Tokens of an answer at most, beyond what a request says; for models that think before they answer.
    #[serde(default)]
    pub extra_output_tokens: u32,
    /// PEM file of the authority that signed the server's certificate, beside those the machine trusts.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// What it costs, where the table of prices does not know it or knows it wrong.
    #[serde(default)]
    pub price: Option<Price>,
}

impl ModelSpec {
    /// A model at its vendor's own place, asked by JSON schema.
    pub fn new(protocol: Protocol, model: impl Into<String>, api_key: impl Into<SecretString>) -> Self {
        Self {
            protocol,
            model: model.into(),
            base_url: None,
            api_key: api_key.into(),
            headers: BTreeMap::new(),
            extra: serde_json::Map::new(),
            output: OutputForm::default(),
            stream: false,
            store: false,
            extra_output_tokens: 0,
            ca_file: None,
            price: None,
        }
    }

    /// What it is called in answers, records and statistics: `openai:gpt-5-mini`.
    pub fn id(&self) -> String {
        format!("{}:{}", self.protocol.as_str(), self.model)
    }

    /// The spec with what `variable` of the environment says where it says nothing itself.
    fn with_environment(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        let (key, base_url) = self.protocol.variables();
        let theirs = variable(base_url).filter(|url| !url.trim().is_empty());
        // A key is for one place: it must not follow a text that names another one.
        let is_theirs = self.base_url.is_none() || self.base_url == theirs;
        if is_theirs && self.api_key.expose_secret().is_empty() {
            self.api_key = variable(key).unwrap_or_default().trim().into();
        }
        self.base_url = self.base_url.or(theirs);
        self
    }

    /// The address of `path` of the protocol, checked.
    ///
    /// # Errors
    /// `Config` when the base URL is none, has a login or a query in it, or would carry a key in clear over a network.
    pub(super) fn url(&self, path: &str) -> Result<Url> {
        let base = self.base_url.as_deref().or(self.protocol.default_base_url()).ok_or_else(|| {
            Error::config("a `chat` model needs the place of its server, such as `chat:NAME@http://localhost:11434/v1`")
        })?;
        let url = Url::parse(&format!("{}/{path}", base.trim_end_matches('/')))
            .map_err(|_| Error::config("the model's base URL is no URL; write one such as `https://gateway.example.com/v1`"))?;
        let has_more =
            !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || has_more {
            return Err(Error::config(
                "the model's base URL is `http://` or `https://`, a host and a path; keys go into `api_key`, anything else into `headers`",
            ));
        }
        let has_secret = !self.api_key.expose_secret().is_empty() || !self.headers.is_empty();
        if url.scheme() == "http" && has_secret && !is_near(&url) {
            return Err(Error::config(
                "the model's key would go over the network in clear; use `https://`, or a host of your own network",
            ));
        }
        Ok(url)
    }

    /// # Errors
    /// `Config` naming what cannot be right.
    pub(super) fn check(&self) -> Result<()> {
        if self.model.trim().is_empty() || self.model.len() > 200 || self.model.chars().any(char::is_control) {
            return Err(Error::config("a model's name is 1 to 200 bytes without control characters"));
        }
        if let Some(price) = self.price {
            price.check()?;
        }
        self.url("").map(drop)
    }
}

/// Whether the host is this machine or looks like one of the own network: a private address, a bare name, or a name that no public server has.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let inner = [".localhost", ".local", ".internal", ".lan", ".home.arpa", ".svc"];
            !name.contains('.') || inner.iter().any(|end| name.ends_with(end))
        }
        None => false,
    }
}

/// The name and the place behind it; names may hold an `@` themselves.
fn split(text: &str) -> (&str, &str) {
    let at = text.find("@http://").or_else(|| text.find("@https://"));
    at.map_or((text, ""), |at| (&text[..at], &text[at + 1..]))
}

impl FromStr for ModelSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::config(
                "a model is named `openai`, `openai:NAME`, `anthropic:NAME`, `chat:NAME@URL` or `replay:FOLDER`; keys come from the environment",
            )
        };
        let (protocol, rest) = text.trim().split_once(':').map_or((text.trim(), None), |(protocol, rest)| (protocol, Some(rest)));
        let protocol = match protocol {
            "openai" => Protocol::Openai,
            "anthropic" => Protocol::Anthropic,
            "chat" => Protocol::Chat,
            _ => return Err(wrong()),
        };
        let (model, base_url) = match rest.map(split) {
            None => (protocol.default_model().ok_or_else(wrong)?, ""),
            Some(("", url)) => (protocol.default_model().ok_or_else(wrong)?, url),
            Some(named) => named,
        };
        let base_url = Some(base_url.to_owned()).filter(|url| !url.is_empty());
        let spec = Self { base_url, ..Self::new(protocol, model, "") };
        let spec = spec.with_environment(|name| std::env::var(name).ok());
        spec.check()?;
        Ok(spec)
    }
}

impl fmt::Debug for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelSpec")
            .field("id", &self.id())
            .field("output", &self.output)
            .field("stream", &self.stream)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn of(text: &str, environment: &[(&str, &str)]) -> ModelSpec {
        let (protocol, model) = text.split_once(':').unwrap();
        let (model, url) = model.split_once('@').unwrap_or((model, ""));
        let protocol = match protocol {
            "openai" => Protocol::Openai,
            "anthropic" => Protocol::Anthropic,
            _ => Protocol::Chat,
        };
        let base_url = Some(url.to_owned()).filter(|url| !url.is_empty());
        let found = |name: &str| environment.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        ModelSpec { base_url, ..ModelSpec::new(protocol, model, "") }.with_environment(found)
    }

    #[test]
    fn a_key_goes_to_its_own_place_alone() {
        let environment =
            [("OPENAI_API_KEY", "sk-1"), ("OPENAI_BASE_URL", "https://gateway.example.com/v1"), ("ANTHROPIC_API_KEY", "k")];
        let key = |text| of(text, &environment).api_key.expose_secret().to_owned();
        assert_eq!([key("openai:gpt"), key("anthropic:claude")], ["sk-1", "k"]);
        assert_eq!([key("chat:x@http://elsewhere.example.com/v1"), key("openai:x@https://elsewhere.example.com")], ["", ""]);
        assert_eq!(key("chat:x@https://gateway.example.com/v1"), "sk-1");
        assert_eq!(of("openai:gpt", &environment).url("responses").unwrap().as_str(), "https://gateway.example.com/v1/responses");
    }

    #[test]
    fn a_key_is_not_sent_in_clear() {
        let spec = |url: &str| ModelSpec { base_url: Some(url.into()), ..ModelSpec::new(Protocol::Chat, "m", "sk-1") };
        for near in [
            "http://localhost:1/v1",
            "http://127.0.0.1",
            "http://vllm:8000/v1",
            "http://10.0.0.7",
            "http://[::1]/",
            "http://m.llm.svc/v1",
        ] {
            assert!(spec(near).check().is_ok(), "{near}");
        }
        for far in ["http://gateway.example.com/v1", "http://8.8.8.8/v1", "http://[2001:4860::1]/"] {
            assert_eq!(spec(far).check().unwrap_err().kind(), ErrorKind::Config, "{far}");
            assert!(ModelSpec { api_key: "".into(), ..spec(far) }.check().is_ok());
        }
    }

    #[test]
    fn what_cannot_be_right_says_so() {
        for url in ["ftp://x", "https://", "https://user:pw@x/v1", "https://x/v1?key=s3cret", "x", "https://x/#a"] {
            let error = ModelSpec { base_url: Some(url.into()), ..ModelSpec::new(Protocol::Chat, "m", "") }.check().unwrap_err();
            assert!(error.kind() == ErrorKind::Config && !error.to_string().contains("s3cret"), "{url}: {error}");
        }
        for text in ["", "gpt-5", "chat", "chat:x", "openai:a\nb", "grok:x"] {
            assert_eq!(text.parse::<ModelSpec>().unwrap_err().kind(), ErrorKind::Config, "{text:?}");
        }
        assert_eq!("openai".parse::<ModelSpec>().unwrap().model, "gpt-5-mini");
    }
}
