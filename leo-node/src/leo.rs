//! The handle.

use leo::{Error, Result};
use leo_bridge::{Host, Reply};
use napi_derive::napi;
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use crate::adapter::{Dispatch, parts};
use crate::answer::NativeAnswer;
use crate::error::to_js;
use crate::stream::{NativeBatches, NativeEvents};

/// Cancels the calls it was given to.
#[napi]
#[derive(Default)]
pub struct Cancel(pub(crate) CancellationToken);

#[napi]
impl Cancel {
    /// One that has not been used.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels them.
    #[napi]
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// `work`, unless it is cancelled first.
pub(crate) async fn unless<T>(token: Option<CancellationToken>, work: impl Future<Output = Result<T>>) -> napi::Result<T> {
    let done = match token {
        None => work.await,
        Some(token) => tokio::select! {
            biased;
            () = token.cancelled() => Err(Error::cancelled("the call was cancelled by its signal")),
            done = work => done,
        },
    };
    done.map_err(|error| to_js(&error))
}

/// A handle; `Leo` gives its calls their names.
#[napi]
pub struct Handle(Host);

#[napi]
impl Handle {
    /// Opens what a path or URL names.
    #[napi]
    pub async fn open(place: String, options: String, names: Vec<String>, dispatch: Dispatch) -> napi::Result<Handle> {
        unless(None, async { Host::open(&place, json(&options)?, parts(names, dispatch)).await }).await.map(Self)
    }

    /// Builds a handle from options and parts.
    #[napi]
    pub async fn build(options: String, names: Vec<String>, dispatch: Dispatch) -> napi::Result<Handle> {
        unless(None, async { Host::build(json(&options)?, parts(names, dispatch)).await }).await.map(Self)
    }

    /// Opens the sample company.
    #[napi]
    pub async fn sample(options: String, names: Vec<String>, dispatch: Dispatch) -> napi::Result<Handle> {
        unless(None, async { Host::sample(json(&options)?, parts(names, dispatch)).await }).await.map(Self)
    }

    /// The same handle for a user.
    #[napi]
    pub fn for_user(&self, context: String) -> napi::Result<Handle> {
        json(&context).and_then(|context| self.0.for_user(context)).map(Self).map_err(|error| to_js(&error))
    }

    /// Makes a call that gives plain data, as JSON.
    #[napi]
    pub async fn data(&self, name: String, arguments: String, cancel: Option<&Cancel>) -> napi::Result<String> {
        let token = cancel.map(|cancel| cancel.0.clone());
        unless(token, async {
            match self.0.call(&name, json(&arguments)?).await? {
                Reply::Nothing => Ok("null".to_owned()),
                Reply::Json(data) => Ok(data.to_string()),
                _ => Err(Error::internal("this call gives no plain data")),
            }
        })
        .await
    }

    /// Makes a call that gives an answer.
    #[napi]
    pub async fn answer(&self, name: String, arguments: String, cancel: Option<&Cancel>) -> napi::Result<NativeAnswer> {
        let token = cancel.map(|cancel| cancel.0.clone());
        unless(token, async {
            match self.0.call(&name, json(&arguments)?).await? {
                Reply::Answer(answer) => Ok(NativeAnswer::new(*answer)),
                _ => Err(Error::internal("this call gives no answer")),
            }
        })
        .await
    }

    /// Begins a call that tells what happens.
    #[napi]
    pub async fn events(&self, name: String, arguments: String, cancel: Option<&Cancel>) -> napi::Result<NativeEvents> {
        let token = cancel.map(|cancel| cancel.0.clone());
        unless(token, async {
            match self.0.call(&name, json(&arguments)?).await? {
                Reply::Events(events) => Ok(NativeEvents::new(events)),
                _ => Err(Error::internal("this call tells no events")),
            }
        })
        .await
    }

    /// Begins a call whose rows come as they are read.
    #[napi]
    pub async fn batches(&self, name: String, arguments: String, cancel: Option<&Cancel>) -> napi::Result<NativeBatches> {
        let token = cancel.map(|cancel| cancel.0.clone());
        unless(token, async {
            match self.0.call(&name, json(&arguments)?).await? {
                Reply::Batches(batches) => Ok(NativeBatches::new(batches)),
                _ => Err(Error::internal("this call gives no batches")),
            }
        })
        .await
    }
}

/// Arguments as they cross.
pub(crate) fn json(text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|_| Error::config("the arguments are not plain data"))
}
