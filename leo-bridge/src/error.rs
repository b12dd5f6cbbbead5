//! Errors as plain data.

use leo::{Error, ErrorKind};
use serde_json::{Map, Value as Json};

/// An error as every language sees it: `kind`, `message`, `context` (names to texts), `findings`, `retryable`, and the error of Leo's that
/// led to it as `cause`.
///
/// ```
/// let error = leo::Error::not_found("no table named `ordres`").with_context("source", "shop");
/// let json = leo_bridge::error::to_json(&error);
/// assert_eq!(json["kind"], "not_found");
/// assert_eq!(json["context"]["source"], "shop");
/// ```
pub fn to_json(error: &Error) -> Json {
    let context: Map<String, Json> =
        error.context().iter().map(|(key, value)| ((*key).to_owned(), value.as_str().into())).collect();
    serde_json::json!({
        "kind": error.kind().as_str(),
        "message": error.message(),
        "context": context,
        "findings": error.findings(),
        "retryable": error.kind().is_retryable(),
        "cause": cause(error).map(|cause| to_json(&cause)),
    })
}

/// The error of Leo's that led to this one.
pub fn cause(error: &Error) -> Option<Error> {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(cause) = cause.downcast_ref::<Error>() {
            return Some(cause.clone());
        }
        source = cause.source();
    }
    None
}

/// The kind of a stable name.
pub fn kind(name: &str) -> Option<ErrorKind> {
    ErrorKind::ALL.iter().copied().find(|kind| kind.as_str() == name)
}
