//! Leo's adapters over a host's callback.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use leo::adapter::{
    Access, AccessRequest, AuditEvent, AuditSink, Authorizer, Credential, CredentialProvider, SourceResolver,
};
use leo::context::HostContext;
use leo::source::{Login, SourceSpec};
use leo::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::arguments::read_returned;
use crate::callback::{Callback, Payload};
use crate::options::Place;

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

pub(crate) fn json(value: &impl Serialize) -> Result<Json> {
    serde_json::to_value(value).map_err(|error| Error::internal("an argument could not be written as JSON").with_source(error))
}

#[async_trait]
impl Authorizer for Remote {
    async fn authorize(&self, ctx: HostContext, request: AccessRequest) -> Result<Access> {
        match self.json("authorize", vec![json(&ctx)?, json(&request)?]).await? {
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
        self.json("append", vec![json(&events)?]).await.map(drop)
    }

    async fn flush(&self) -> Result<()> {
        self.json("flush", Vec::new()).await.map(drop)
    }
}

#[async_trait]
impl SourceResolver for Remote {
    async fn resolve(&self, ctx: HostContext, source: &str) -> Result<Option<SourceSpec>> {
        match self.json("resolve", vec![json(&ctx)?, source.into()]).await? {
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
        let returned = self.json("credential", vec![json(&ctx)?, source.into()]).await?;
        let Credentials { login, expires_at } = read_returned("credential", returned)?;
        Ok(Credential { login, expires_at })
    }
}
