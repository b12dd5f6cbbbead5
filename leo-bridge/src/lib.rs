//! What Leo's packages for other languages are made of.
//!
//! Everything a handle can do is a call with plain data: a name, a JSON object of arguments, a [`Reply`]. Calls are declared once, in
//! [`calls`], and reach every language from there; the packages add the idiom of their language and nothing else. What a host
//! implements (an authorizer, an audit sink, a source) is one trait here, [`Callback`], whatever the language.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use leo_bridge::{Host, Parts, Reply};
//! use serde_json::json;
//!
//! let host = Host::sample(json!({}), Parts::default()).await?;
//! let Reply::Answer(answer) = host.call("ask", json!({"question": "How many customers do we have?"})).await? else { unreachable!() };
//! assert_eq!(answer.row_count, 1);
//!
//! let error = host.call("ask", json!({"question": "revenue by month", "max_row": 3})).await.unwrap_err();
//! assert_eq!(error.message(), "`ask` has no option `max_row`; did you mean `max_rows`?");
//! # Ok::<(), leo::Error>(()) }).unwrap();
//! ```

#![forbid(unsafe_code)]

pub mod answer;
pub mod arguments;
pub mod arrow;
pub mod callback;
pub mod calls;
pub mod context;
pub mod contract;
pub mod error;
pub mod events;
pub mod features;
mod generation;
mod host;
pub mod options;
mod remote;
pub mod runtime;
mod source;
pub mod surface;

pub use callback::{Callback, Payload};
pub use calls::Reply;
pub use events::{Event, Events};
pub use host::{Host, sample_path};
pub use options::Parts;

/// A value as plain data.
pub(crate) fn plain(value: &impl serde::Serialize) -> leo::Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| leo::Error::internal("a value could not be written as JSON").with_source(error))
}
