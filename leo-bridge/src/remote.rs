//! Leo's adapters over a host's callback.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use leo::adapter::{
    Access, AccessRequest, AuditEvent, AuditSink, Authorizer, Clock, Credential, CredentialProvider, Embedder, Model,
    ModelRequest, ModelResponse, PutOptions, SourceResolver, Storage, Versioned,
};
use leo::context::HostContext;
use leo::source::{Login, SourceSpec};
use leo::{Error, Result, Value};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::arguments::read_returned;
use crate::callback::{Callback, Payload};
use crate::options::Place;
use crate::plain;

/// A part of the host's, whichever it is.
#[derive(Debug)]
pub(crate) struct Remote {
    callback: Arc<dyn Callback>,
    /// Time for one call.
    timeout: Duration,
}

impl Remote {
    pub(crate) fn new(callback: Arc<dyn Callback>, timeout: Duration) -> Self {
        Self { callback, timeout }
    }

    async fn call(&self, method: &'static str, arguments: Vec<Json>) -> Result<Payload> {
        tokio::time::timeout(self.timeout, self.callback.call(method, arguments)).await.unwrap_or_else(|_| {
            Err(Error::timeout(format!(
                "`{method}` of the host gave no answer within {} ms; look at that code, or raise `adapter_timeout_ms`",
                self.timeout.as_millis()
            )))
        })
    }

    async fn json(&self, method: &'static str, arguments: Vec<Json>) -> Result<Json> {
        self.call(method, arguments).await?.into_json(method)
    }
}

#[async_trait]
impl Authorizer for Remote {
    async fn authorize(&self, ctx: HostContext, request: AccessRequest) -> Result<Access> {
        match self.json("authorize", vec![plain(&ctx)?, plain(&request)?]).await? {
            // Nothing could mean everything as well as nothing.
            Json::Null => Err(Error::adapter(
                "`authorize` returned nothing; return an access, `{}` for everything, or raise the error for `denied`",
            )),
            access => read_returned("authorize", access),
        }
    }
}

#[async_trait]
impl AuditSink for Remote {
    async fn append(&self, events: Vec<AuditEvent>) -> Result<()> {
        self.json("append", vec![plain(&events)?]).await.map(drop)
    }

    async fn flush(&self) -> Result<()> {
        self.json("flush", Vec::new()).await.map(drop)
    }
}

#[async_trait]
impl SourceResolver for Remote {
    async fn resolve(&self, ctx: HostContext, source: &str) -> Result<Option<SourceSpec>> {
        match self.json("resolve", vec![plain(&ctx)?, source.into()]).await? {
            Json::Null => Ok(None),
            place => Place::from(place).into_spec().map(Some),
        }
    }
}

/// A login as hosts write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    login: Login,
    expires_at: Option<Timestamp>,
}

#[async_trait]
impl CredentialProvider for Remote {
    async fn credential(&self, ctx: HostContext, source: &str) -> Result<Credential> {
        let returned = self.json("credential", vec![plain(&ctx)?, source.into()]).await?;
        let Credentials { login, expires_at } = read_returned("credential", returned)?;
        Ok(Credential { login, expires_at })
    }
}

/// What a storage kept, as hosts write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    value: Value,
    version: u64,
}

#[async_trait]
impl Storage for Remote {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        let returned = self.json("get", vec![key.into()]).await?;
        if returned.is_null() {
            return Ok(None);
        }
        match read_returned("get", returned)? {
            Kept { value: Value::Bytes(value), version } => Ok(Some(Versioned { value, version })),
            Kept { value, .. } => {
                Err(Error::adapter(format!("`value` in what `get` returned is bytes, not {}", value.type_name())))
            }
        }
    }

    async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64> {
        let returned = self.json("put", vec![key.into(), plain(&Value::Bytes(value))?, plain(&options)?]).await?;
        read_returned("put", returned)
    }

    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
        self.json("delete", vec![key.into(), plain(&expected)?]).await.map(drop)
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
        read_returned("list_page", self.json("list_page", vec![prefix.into(), plain(&after)?, limit.into()]).await?)
    }
}

#[async_trait]
impl Clock for Remote {
    async fn now(&self) -> Result<Timestamp> {
        let returned = self.json("now", Vec::new()).await?;
        let moment = returned.as_str().and_then(|text| text.parse().ok());
        moment
            .ok_or_else(|| Error::adapter("`now` returned no moment; return one with its offset, such as `2024-06-30T12:00:00Z`"))
    }
}

#[async_trait]
impl Model for Remote {
    async fn complete(&self, ctx: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        match self.json("complete", vec![plain(&ctx)?, plain(&request)?]).await? {
            // The text that a service gave, and no more.
            output @ Json::String(_) => Ok(ModelResponse { output, ..ModelResponse::default() }),
            response => read_returned("complete", response),
        }
    }
}

#[async_trait]
impl Embedder for Remote {
    async fn embed(&self, ctx: HostContext, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        read_returned("embed", self.json("embed", vec![plain(&ctx)?, plain(&texts)?]).await?)
    }
}
