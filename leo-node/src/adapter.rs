//! Parts of the host's written in JavaScript, reached through one function that dispatches to them and never throws.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use leo::{Error, Result};
use leo_bridge::{Callback, Parts, Payload};
use napi::bindgen_prelude::{Buffer, Either, FnArgs, Promise};
use napi::threadsafe_function::ThreadsafeFunction;
use serde_json::Value as Json;

use crate::error::from_js;

/// `(part, method, arguments)` to bytes of rows, or to JSON: `{"value": …}` or `{"thrown": …}`. It keeps no process alive.
pub(crate) type Dispatch = ThreadsafeFunction<
    FnArgs<(String, String, String)>,
    Promise<Either<String, Buffer>>,
    FnArgs<(String, String, String)>,
    napi::Status,
    false,
    true,
>;

/// The parts called `names`; a source is `source:` and its id.
pub(crate) fn parts(names: Vec<String>, dispatch: Dispatch) -> Parts {
    let dispatch = Arc::new(dispatch);
    let part = |name: &str| -> Option<Arc<dyn Callback>> {
        let named = names.iter().find(|given| *given == name)?;
        Some(Arc::new(JsCallback { part: named.clone(), dispatch: Arc::clone(&dispatch) }))
    };
    let sources: BTreeMap<String, Arc<dyn Callback>> =
        names.iter().filter_map(|name| Some((name.strip_prefix("source:")?.to_owned(), part(name)?))).collect();
    Parts {
        authorizer: part("authorizer"),
        audit: part("audit"),
        resolver: part("resolver"),
        credentials: part("credentials"),
        storage: part("storage"),
        clock: part("clock"),
        model: part("model"),
        embedder: part("embedder"),
        sources,
    }
}

struct JsCallback {
    part: String,
    dispatch: Arc<Dispatch>,
}

impl fmt::Debug for JsCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsCallback({})", self.part)
    }
}

#[async_trait]
impl Callback for JsCallback {
    async fn call(&self, method: &'static str, arguments: Vec<Json>) -> Result<Payload> {
        let arguments = Json::Array(arguments).to_string();
        let gone = |_| Error::adapter(format!("`{method}` of the host cannot be reached; the thread it lives on has ended"));
        let promise =
            self.dispatch.call_async_catch((self.part.clone(), method.to_owned(), arguments).into()).await.map_err(gone)?;
        let json = match promise.await.map_err(gone)? {
            Either::B(bytes) => return Ok(Payload::Bytes(bytes.to_vec())),
            Either::A(text) => serde_json::from_str::<Json>(&text)
                .map_err(|_| Error::adapter(format!("what `{method}` of the host returned could not be read")))?,
        };
        match json {
            Json::Object(mut map) => match map.remove("thrown") {
                Some(thrown) => Err(from_js(method, &thrown)),
                None => Ok(Payload::Json(map.remove("value").unwrap_or_default())),
            },
            _ => Err(Error::adapter(format!("what `{method}` of the host returned could not be read"))),
        }
    }
}
