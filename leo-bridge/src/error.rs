//! Errors as plain data.

use leo::{Error, ErrorKind};
use serde_json::Value as Json;

use crate::plain;

/// An error as every language sees it: `kind`, `message`, `context` (names to texts), `findings`, `retryable`. What led to it is not in
/// here, since this goes to browsers too: [`cause`] is for exceptions of the host's own process.
///
/// ```
/// let error = leo::Error::not_found("no table named `ordres`").with_context("source", "shop");
/// let json = leo_bridge::error::to_json(&error);
/// assert_eq!(json["kind"], "not_found");
/// assert_eq!(json["context"]["source"], "shop");
/// ```
pub fn to_json(error: &Error) -> Json {
    let mut json = plain(error).unwrap_or_default();
    json["retryable"] = error.kind().is_retryable().into();
    json
}

/// The same with what led to it as `cause`: for the host's own process.
pub fn with_causes(error: &Error) -> Json {
    let mut json = to_json(error);
    json["cause"] = cause(error).map(|cause| with_causes(&cause)).into();
    json
}

/// The error of Leo's that led to this one.
pub fn cause(error: &Error) -> Option<Error> {
    find::<Error>(error).cloned()
}

/// The first of a type among what led to an error, such as what code of the host's raised.
pub fn find<T: std::error::Error + 'static>(error: &Error) -> Option<&T> {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(found) = cause.downcast_ref() {
            return Some(found);
        }
        source = cause.source();
    }
    None
}

/// The kind of a stable name.
pub fn kind(name: &str) -> Option<ErrorKind> {
    ErrorKind::ALL.iter().copied().find(|kind| kind.as_str() == name)
}
