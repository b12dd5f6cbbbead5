//! Parts of the host's own. They take and give plain data; a method that is not async in some language may wait.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use ::leo::{Error, Result};
use async_trait::async_trait;
use leo_bridge::arguments::place;
use leo_bridge::{Callback, Payload};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::error::LeoError;

/// Says who may do what.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait Authorizer: Send + Sync {
    /// What the user may see, as a JSON object: `allow_tables`, `deny_tables`, `tables` …; `{}` is everything. Raise `Denied` for nothing.
    async fn authorize(&self, ctx: String, request: String) -> Result<String, LeoError>;
}

/// Keeps the audit.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait AuditSink: Send + Sync {
    /// Keeps events, a JSON list.
    async fn append(&self, events: String) -> Result<(), LeoError>;
    /// Returns when all that was appended is kept for good.
    async fn flush(&self) -> Result<(), LeoError>;
}

/// Says where sources are.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait Resolver: Send + Sync {
    /// A path, a URL, an ADO string or a JSON object of fields; nothing where there is no such source.
    async fn resolve(&self, ctx: String, source: String) -> Result<Option<String>, LeoError>;
}

/// Gives logins.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait Credentials: Send + Sync {
    /// A JSON object with `login` and `expires_at`; asked each time a connection is made.
    async fn credential(&self, ctx: String, source: String) -> Result<String, LeoError>;
}

/// What a storage kept under a key.
#[derive(Clone, uniffi::Record)]
pub struct Stored {
    /// What was put there.
    pub value: Vec<u8>,
    /// Its version; another after each change.
    pub version: u64,
}

/// Keeps what outlives the process. `check_storage` checks one.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait Storage: Send + Sync {
    /// What is kept under a key.
    async fn get(&self, key: String) -> Result<Option<Stored>, LeoError>;
    /// Keeps a value and gives its version. The options are a JSON object: `expected` is the version that there must be (0 for none, else raise
    /// `Conflict`), `ttl_ms` how long it is kept.
    async fn put(&self, key: String, value: Vec<u8>, options: String) -> Result<u64, LeoError>;
    /// Forgets a key; with `expected`, that version alone.
    async fn delete(&self, key: String, expected: Option<u64>) -> Result<(), LeoError>;
    /// Keys that begin with `prefix` and come after `after`, in order, at most `limit`.
    async fn list_page(&self, prefix: String, after: Option<String>, limit: u64) -> Result<Vec<String>, LeoError>;
}

/// Says what time it is.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait Clock: Send + Sync {
    /// The moment in ISO form with its offset, such as `2024-06-30T12:00:00Z`.
    async fn now(&self) -> Result<String, LeoError>;
}

/// A language model, asked where the built-in planner has no answer.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait Model: Send + Sync {
    /// What it says, as JSON: `{"output": …}`, and `input_tokens`, `output_tokens`, `model`.
    async fn complete(&self, ctx: String, request: String) -> Result<String, LeoError>;
}

/// Texts as numbers, for `search`.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait Embedder: Send + Sync {
    /// As many numbers for each text.
    async fn embed(&self, ctx: String, texts: Vec<String>) -> Result<Vec<Vec<f32>>, LeoError>;
}

/// Rows that a source of the host's gives.
#[derive(Clone, uniffi::Enum)]
pub enum HostRows {
    /// `{"columns": […], "rows": [[…]]}`
    Json {
        /// The JSON text.
        text: String,
    },
    /// A stream of Arrow's IPC format.
    Ipc {
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// A source that the host reads itself.
#[uniffi::export(with_foreign)]
#[async_trait]
pub trait HostSource: Send + Sync {
    /// Its tables as a JSON object.
    async fn introspect(&self, ctx: String) -> Result<String, LeoError>;
    /// Starts a statement, a JSON object with `id`, `sql` and `params`, and gives its rows; or nothing, and `next` gives them piece by piece.
    async fn start(&self, ctx: String, request: String) -> Result<Option<HostRows>, LeoError>;
    /// The next rows of a statement; nothing after the last.
    async fn next(&self, id: u64) -> Result<Option<HostRows>, LeoError>;
    /// Stops a statement, or lets go of one that ended.
    async fn stop(&self, id: u64) -> Result<(), LeoError>;
    /// Ends it.
    async fn close(&self) -> Result<(), LeoError>;
}

/// The parts a host implements itself, all of them optional.
#[derive(Clone, Default, uniffi::Record)]
pub struct Parts {
    /// Who may do what.
    #[uniffi(default = None)]
    pub authorizer: Option<Arc<dyn Authorizer>>,
    /// Where audit events go.
    #[uniffi(default = None)]
    pub audit: Option<Arc<dyn AuditSink>>,
    /// Where sources are.
    #[uniffi(default = None)]
    pub resolver: Option<Arc<dyn Resolver>>,
    /// Logins of sources.
    #[uniffi(default = None)]
    pub credentials: Option<Arc<dyn Credentials>>,
    /// Where Leo keeps what outlives the process.
    #[uniffi(default = None)]
    pub storage: Option<Arc<dyn Storage>>,
    /// What time it is.
    #[uniffi(default = None)]
    pub clock: Option<Arc<dyn Clock>>,
    /// A language model.
    #[uniffi(default = None)]
    pub model: Option<Arc<dyn Model>>,
    /// Texts as numbers.
    #[uniffi(default = None)]
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Sources that the host reads itself, by their ids.
    #[uniffi(default)]
    pub sources: HashMap<String, Arc<dyn HostSource>>,
}

impl Parts {
    /// The parts as the bridge calls them.
    pub(crate) fn into_bridge(self) -> leo_bridge::Parts {
        fn part<T>(given: Option<T>, part: impl FnOnce(T) -> Part) -> Option<Arc<dyn Callback>> {
            given.map(|given| Arc::new(part(given)) as Arc<dyn Callback>)
        }
        leo_bridge::Parts {
            authorizer: part(self.authorizer, Part::Authorizer),
            audit: part(self.audit, Part::Audit),
            resolver: part(self.resolver, Part::Resolver),
            credentials: part(self.credentials, Part::Credentials),
            storage: self.storage.map(storage),
            clock: part(self.clock, Part::Clock),
            model: part(self.model, Part::Model),
            embedder: part(self.embedder, Part::Embedder),
            sources: self
                .sources
                .into_iter()
                .map(|(id, source)| (id, Arc::new(Part::Source(source)) as Arc<dyn Callback>))
                .collect(),
        }
    }
}

/// A storage as the bridge calls it.
pub(crate) fn storage(storage: Arc<dyn Storage>) -> Arc<dyn Callback> {
    Arc::new(Part::Storage(storage))
}

enum Part {
    Authorizer(Arc<dyn Authorizer>),
    Audit(Arc<dyn AuditSink>),
    Resolver(Arc<dyn Resolver>),
    Credentials(Arc<dyn Credentials>),
    Storage(Arc<dyn Storage>),
    Clock(Arc<dyn Clock>),
    Model(Arc<dyn Model>),
    Embedder(Arc<dyn Embedder>),
    Source(Arc<dyn HostSource>),
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Part")
    }
}

#[async_trait]
impl Callback for Part {
    async fn call(&self, method: &'static str, arguments: Vec<Json>) -> Result<Payload> {
        let mut given = Given(arguments.into_iter());
        let raised = |error: LeoError| error.into_leo(method);
        let returned = match (self, method) {
            (Self::Authorizer(part), "authorize") => {
                read(method, &part.authorize(given.json(), given.json()).await.map_err(raised)?)?
            }
            (Self::Audit(part), "append") => part.append(given.json()).await.map_err(raised)?.into_json(),
            (Self::Audit(part), "flush") => part.flush().await.map_err(raised)?.into_json(),
            (Self::Resolver(part), "resolve") => {
                let resolved = part.resolve(given.json(), given.value()?).await.map_err(raised)?;
                let at = |text: String| place("the place", &text).map_err(|error| Error::adapter(error.message()));
                resolved.map(at).transpose()?.into()
            }
            (Self::Credentials(part), "credential") => {
                read(method, &part.credential(given.json(), given.value()?).await.map_err(raised)?)?
            }
            (Self::Storage(part), "get") => part.get(given.value()?).await.map_err(raised)?.map(Stored::into_json).into(),
            (Self::Storage(part), "put") => part.put(given.value()?, given.bytes()?, given.json()).await.map_err(raised)?.into(),
            (Self::Storage(part), "delete") => part.delete(given.value()?, given.value()?).await.map_err(raised)?.into_json(),
            (Self::Storage(part), "list_page") => {
                part.list_page(given.value()?, given.value()?, given.value()?).await.map_err(raised)?.into()
            }
            (Self::Clock(part), "now") => part.now().await.map_err(raised)?.into(),
            (Self::Model(part), "complete") => read(method, &part.complete(given.json(), given.json()).await.map_err(raised)?)?,
            (Self::Embedder(part), "embed") => part.embed(given.json(), given.value()?).await.map_err(raised)?.into(),
            (Self::Source(part), "introspect") => read(method, &part.introspect(given.json()).await.map_err(raised)?)?,
            (Self::Source(part), "start") => return rows(method, part.start(given.json(), given.json()).await.map_err(raised)?),
            (Self::Source(part), "next") => return rows(method, part.next(given.value()?).await.map_err(raised)?),
            (Self::Source(part), "stop") => part.stop(given.value()?).await.map_err(raised)?.into_json(),
            (Self::Source(part), "close") => part.close().await.map_err(raised)?.into_json(),
            _ => return Err(Error::internal(format!("a part of the host's has no method `{method}`; please report it"))),
        };
        Ok(Payload::Json(returned))
    }
}

/// Nothing, as the bridge takes it.
trait Nothing {
    fn into_json(self) -> Json;
}

impl Nothing for () {
    fn into_json(self) -> Json {
        Json::Null
    }
}

impl Stored {
    fn into_json(self) -> Json {
        json!({ "value": ::leo::Value::Bytes(self.value), "version": self.version })
    }
}

/// The arguments that are still to be taken.
struct Given(std::vec::IntoIter<Json>);

impl Given {
    /// The next as JSON text.
    fn json(&mut self) -> String {
        self.0.next().unwrap_or_default().to_string()
    }

    /// The next as a value.
    fn value<T: DeserializeOwned>(&mut self) -> Result<T> {
        serde_json::from_value(self.0.next().unwrap_or_default())
            .map_err(|_| Error::internal("an argument of a part of the host's is of another type; please report it"))
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        match self.value()? {
            ::leo::Value::Bytes(bytes) => Ok(bytes),
            _ => Err(Error::internal("an argument of a part of the host's is not bytes; please report it")),
        }
    }
}

/// What the host's `method` returned as JSON text.
fn read(method: &str, text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|_| Error::adapter(format!("what `{method}` of the host returned is not JSON")))
}

fn rows(method: &str, rows: Option<HostRows>) -> Result<Payload> {
    Ok(match rows {
        None => Payload::Json(Json::Null),
        Some(HostRows::Json { text }) => Payload::Json(read(method, &text)?),
        Some(HostRows::Ipc { bytes }) => Payload::Bytes(bytes),
    })
}

opaque!(Stored, HostRows);
