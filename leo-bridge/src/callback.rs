//! What a host implements, in whatever language.

use std::fmt;

use arrow_array::RecordBatchReader;
use async_trait::async_trait;
use leo::Result;
use serde_json::Value as Json;

/// An object of the host's with methods: an authorizer, an audit sink, a source.
///
/// # Behavior
/// One trait serves all of them: which methods are called with what, and what they give, says [`METHODS`]. A call that takes too long is
/// given up, by dropping its future.
#[async_trait]
pub trait Callback: fmt::Debug + Send + Sync + 'static {
    /// Calls `method` with its arguments by position.
    ///
    /// # Errors
    /// The host's own. An error of Leo's that the host raised keeps its kind; any other is `Adapter`.
    async fn call(&self, method: &'static str, arguments: Vec<Json>) -> Result<Payload>;
}

/// What a method of the host's gave.
pub enum Payload {
    /// Plain data.
    Json(Json),
    /// Rows, as Arrow hands them over within a process.
    Rows(Box<dyn RecordBatchReader + Send>),
    /// Rows, as a stream of Arrow's IPC format.
    Bytes(Vec<u8>),
}

impl Payload {
    /// Its plain data.
    ///
    /// # Errors
    /// `Adapter` when it is rows.
    pub fn into_json(self, method: &str) -> Result<Json> {
        match self {
            Self::Json(json) => Ok(json),
            Self::Rows(_) | Self::Bytes(_) => {
                Err(leo::Error::adapter(format!("`{method}` returned rows where plain data was wanted")))
            }
        }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Payload::Json",
            Self::Rows(_) => "Payload::Rows",
            Self::Bytes(_) => "Payload::Bytes",
        })
    }
}

/// A method of a part: its name, and its arguments.
pub type Method = (&'static str, &'static [&'static str]);

/// The parts a host may implement, and their methods with their arguments. The first method is the part itself where a plain function
/// stands for it.
pub const METHODS: &[(&str, &[Method])] = &[
    ("authorizer", &[("authorize", &["ctx", "request"])]),
    ("audit", &[("append", &["events"]), ("flush", &[])]),
    ("resolver", &[("resolve", &["ctx", "source"])]),
    ("credentials", &[("credential", &["ctx", "source"])]),
    (
        "storage",
        &[
            ("get", &["key"]),
            ("put", &["key", "value", "options"]),
            ("delete", &["key", "expected"]),
            ("list_page", &["prefix", "after", "limit"]),
        ],
    ),
    ("clock", &[("now", &[])]),
    ("model", &[("complete", &["ctx", "request"])]),
    ("embedder", &[("embed", &["ctx", "texts"])]),
    ("source", &[("introspect", &["ctx"]), ("start", &["ctx", "request"]), ("next", &["id"]), ("stop", &["id"]), ("close", &[])]),
];
