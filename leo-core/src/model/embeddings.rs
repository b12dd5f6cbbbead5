//! Texts as vectors by a service: OpenAI's embeddings, and whatever speaks the same.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::egress::Egress;
use super::http::{Http, Wanted};
use super::service::{self, no_form};
use super::spec::{ModelSpec, Protocol};
use crate::adapter::Embedder;
use crate::context::HostContext;
use crate::error::{Error, Result};

const PATH: &str = "embeddings";
/// The model where none is named.
const DEFAULT_MODEL: &str = "text-embedding-3-small";
/// Longest wait between two tries.
const MAX_WAIT: Duration = Duration::from_secs(2);
const WAIT: Duration = Duration::from_millis(500);
const TRIES: usize = 3;

/// A service that makes vectors of texts.
pub(super) struct Embeddings {
    spec: ModelSpec,
    url: Url,
    headers: HeaderMap,
    http: Http,
}

/// The embedder that a short text names, as [`ModelSpec`] reads it: `openai`, `openai:text-embedding-3-large`, `chat:bge-m3@http://localhost:8000/v1`.
///
/// # Errors
/// `Config` for a text that names none, `Denied` for a host that `egress` does not let out to.
pub(super) fn named(text: &str, egress: &Egress) -> Result<Embeddings> {
    let spec: ModelSpec = text.parse()?;
    // The default of a text is a model that writes.
    let is_bare = text.trim().split_once(':').is_none_or(|(_, rest)| rest.starts_with('@'));
    Embeddings::new(if is_bare { ModelSpec { model: DEFAULT_MODEL.to_owned(), ..spec } } else { spec }, egress)
}

impl Embeddings {
    /// # Errors
    /// `Config` for a spec that cannot be right, `Denied` for a host that may not be reached.
    pub(super) fn new(spec: ModelSpec, egress: &Egress) -> Result<Self> {
        spec.check()?;
        if spec.protocol == Protocol::Anthropic {
            return Err(Error::config(
                "Anthropic has no embeddings; name `openai:NAME`, or `chat:NAME@URL` for a server that has",
            ));
        }
        let url = spec.url(PATH)?;
        egress.check(url.host_str().unwrap_or_default().trim_matches(['[', ']']))?;
        let headers = service::headers(&spec)?;
        let http = Http::new(spec.ca_file.as_deref())?;
        Ok(Self { spec, url, headers, http })
    }

    async fn once(&self, body: &[u8], count: usize) -> Result<Vec<Vec<f32>>> {
        #[derive(Deserialize)]
        struct Reply {
            data: Vec<One>,
        }
        #[derive(Deserialize)]
        struct One {
            index: usize,
            embedding: Vec<f32>,
        }
        let answered = self.http.post(&self.url, self.headers.clone(), body.to_vec(), Wanted::Json).await?;
        let reply: Reply = serde_json::from_slice(&answered.whole().await?).map_err(|_| no_form())?;
        let mut vectors = vec![Vec::new(); count];
        for one in reply.data {
            // Services may give them in another order.
            *vectors.get_mut(one.index).ok_or_else(no_form)? = one.embedding;
        }
        if vectors.iter().any(Vec::is_empty) {
            return Err(no_form());
        }
        Ok(vectors)
    }
}

#[async_trait]
impl Embedder for Embeddings {
    async fn embed(&self, _: HostContext, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let mut body = json!({"model": self.spec.model, "input": texts, "encoding_format": "float"});
        for (name, value) in &self.spec.extra {
            body[name] = value.clone();
        }
        let body = body.to_string().into_bytes();
        let mut tried = 1;
        loop {
            match self.once(&body, texts.len()).await {
                Err(error) if error.kind().is_retryable() && tried < TRIES => {
                    let wait = error.retry_after().unwrap_or(WAIT);
                    if wait > MAX_WAIT {
                        return Err(error);
                    }
                    tried += 1;
                    tokio::time::sleep(wait).await;
                }
                done => return done,
            }
        }
    }

    fn model(&self) -> Option<String> {
        let elsewhere = self.spec.base_url.as_ref().and(self.url.host_str());
        Some(elsewhere.map_or_else(|| self.spec.id(), |host| format!("{}@{host}", self.spec.id())))
    }

    fn is_service(&self) -> bool {
        true
    }
}

impl std::fmt::Debug for Embeddings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Embeddings").field(&self.spec).finish()
    }
}
