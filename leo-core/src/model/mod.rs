//! Language models: services over HTTP, several in a row, and their recorded answers.
//!
//! ```text
//! Chain ── for each model in turn: breaker ─► attempts with backoff ─► a service │ a cassette │ the host's own
//!                                                                      protocol (openai, anthropic, chat) over one way of HTTP
//! ```
//!
//! A protocol is three pure functions: the body of a request, the reading of an answer, the reading of a stream. What can go wrong on a
//! network is dealt with once, in `http`. Who writes prompts and reads what comes back is `ask`; here nobody knows what a question is.

#[cfg(feature = "models")]
mod anthropic;
pub mod cassette;
mod chain;
#[cfg(feature = "models")]
mod chat;
mod egress;
#[cfg(feature = "models")]
mod embeddings;
#[cfg(feature = "models")]
mod http;
#[cfg(feature = "models")]
mod openai;
mod prices;
#[cfg(feature = "models")]
mod service;
mod spec;
#[cfg(feature = "models")]
mod stream;
#[cfg(test)]
mod tests_chain;

use std::sync::Arc;

pub use cassette::Cassette;
pub use chain::{Chain, ModelStatistics};
pub use egress::Egress;
pub use prices::{Price, Prices};
pub use spec::{ModelSpec, OutputForm, Protocol, SecretString};

use crate::adapter::{Embedder, Model};
#[cfg(not(feature = "models"))]
use crate::error::Error;
use crate::error::Result;

/// The model that `spec` says.
///
/// # Errors
/// `Config` for a spec that cannot be right, `Denied` for a host that `egress` does not let out to, `Unsupported` in a build without
/// the feature `models`.
#[cfg(feature = "models")]
pub fn open(spec: ModelSpec, egress: &Egress) -> Result<Arc<dyn Model>> {
    Ok(Arc::new(service::Service::new(spec, egress)?))
}

/// The model that `spec` says.
///
/// # Errors
/// `Unsupported`: this build has no models of its own.
#[cfg(not(feature = "models"))]
pub fn open(_: ModelSpec, _: &Egress) -> Result<Arc<dyn Model>> {
    Err(Error::unsupported("this build asks no services; build Leo with the feature `models`, or bring a model of your own"))
}

/// The model that a short text names: what [`ModelSpec`] reads, or `replay:FOLDER` for a [`Cassette`].
///
/// # Errors
/// As [`open`], and those of the cassette.
pub fn named(text: &str, egress: &Egress) -> Result<Arc<dyn Model>> {
    match text.strip_prefix("replay:") {
        Some(folder) => Ok(Arc::new(Cassette::replay(folder)?)),
        None => open(text.parse()?, egress),
    }
}

/// The embedder that `spec` says: OpenAI's embeddings, or a server that speaks the same. Vectors are of the texts as they are.
///
/// # Errors
/// `Config` for a spec that cannot be right or a protocol without embeddings, `Denied` for a host that `egress` does not let out to, `Unsupported` in a build
/// without the feature `models`.
#[cfg(feature = "models")]
pub fn embedder(spec: ModelSpec, egress: &Egress) -> Result<Arc<dyn Embedder>> {
    Ok(Arc::new(embeddings::Embeddings::new(spec, egress)?))
}

/// The embedder that `spec` says.
///
/// # Errors
/// `Unsupported`: this build asks no services.
#[cfg(not(feature = "models"))]
pub fn embedder(_: ModelSpec, _: &Egress) -> Result<Arc<dyn Embedder>> {
    Err(Error::unsupported("this build asks no services; build Leo with the feature `models`, or bring an embedder of your own"))
}

/// The embedder that a short text names: `openai`, `openai:text-embedding-3-large`, `chat:bge-m3@http://localhost:8000/v1`. Keys come from the environment.
///
/// # Errors
/// As [`embedder`].
#[cfg(feature = "models")]
pub fn embedder_named(text: &str, egress: &Egress) -> Result<Arc<dyn Embedder>> {
    Ok(Arc::new(embeddings::named(text, egress)?))
}

/// The embedder that a short text names.
///
/// # Errors
/// `Unsupported`: this build asks no services.
#[cfg(not(feature = "models"))]
pub fn embedder_named(text: &str, egress: &Egress) -> Result<Arc<dyn Embedder>> {
    embedder(text.parse()?, egress)
}
