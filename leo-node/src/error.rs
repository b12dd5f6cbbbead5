//! Errors in both directions, as JSON text in the reason; `lib/errors.ts` makes exceptions of it.

use std::fmt;

use leo::{Error, ErrorKind};
use leo_bridge::error as bridge;
use serde_json::Value as Json;

/// An exception with the error's data.
pub(crate) fn to_js(error: &Error) -> napi::Error {
    napi::Error::from_reason(told(error).to_string())
}

/// The error's data, with what led to it: what code of the host's threw, where it did, and else the error of Leo's.
fn told(error: &Error) -> Json {
    let Some(Raised { cause }) = bridge::find(error) else { return bridge::with_causes(error) };
    let mut json = bridge::to_json(error);
    json["thrown"] = (*cause).into();
    json
}

/// What code of the host's threw, by the number under which the JavaScript side keeps it.
#[derive(Debug)]
pub(crate) struct Raised {
    cause: u64,
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host's code threw an exception")
    }
}

impl std::error::Error for Raised {}

/// The error of what `method` threw, as the JavaScript side tells it: `{"kind", "message"}` of Leo's own, `{"name"}` of any other.
pub(crate) fn from_js(method: &str, thrown: &Json) -> Error {
    let text = |name: &str| thrown.get(name).and_then(Json::as_str);
    let raised = Raised { cause: thrown.get("cause").and_then(Json::as_u64).unwrap_or_default() };
    match (text("kind").and_then(bridge::kind), text("message")) {
        (Some(kind), Some(message)) => Error::new(kind, message).with_source(raised),
        _ => {
            let name = text("name").unwrap_or("an exception");
            Error::new(ErrorKind::Adapter, format!("`{method}` of the host threw {name}; its cause says why")).with_source(raised)
        }
    }
}
