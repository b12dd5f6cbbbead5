#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod adapter;
mod answerer;
pub mod ask;
pub mod audit;
mod breaker;
pub mod builder;
pub mod catalog;
pub mod chart;
pub mod context;
pub mod dialect;
pub mod error;
pub mod eval;
pub mod export;
pub mod finding;
pub mod gate;
pub mod guard;
pub mod index;
pub mod knowledge;
mod leo;
pub mod map;
#[cfg(feature = "minilm")]
pub mod minilm;
pub mod model;
pub mod profile;
pub mod query;
mod registry;
pub mod sample;
#[cfg(feature = "schema")]
pub mod schema;
pub mod seal;
pub mod settings;
pub mod source;
pub mod sources;
mod spec;
pub mod store;
pub mod sync;
pub mod table;
pub mod untrusted;
pub mod value;
mod workflow;

pub use answerer::LeoAnswerer;
pub use ask::{Answer, AnswerStatus};
pub use builder::LeoBuilder;
pub use context::Context;
pub use dialect::Dialect;
pub use error::{Error, ErrorKind, Result};
pub use leo::{AskOptions, DueSync, KnowledgeVersion, Leo, MapFormat, MapOptions, Sessions, SqlOptions, Tickets};
pub use table::Table;
pub use value::Value;
