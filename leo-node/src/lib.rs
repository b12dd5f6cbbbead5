//! The part of the Node package that is not TypeScript: objects over `leo-bridge`, and nothing of its own.
//!
//! Arguments and plain data cross as JSON text, which both sides read faster than objects are built one property at a time; rows cross as
//! JSON or Arrow. `lib/` makes classes, promises and iterators of this.

mod adapter;
mod answer;
mod error;
mod leo;
mod stream;

use napi_derive::napi;

/// Connectors and other parts of this build, as JSON.
#[napi]
pub fn features() -> String {
    leo_bridge::features::features().to_string()
}

/// Where the sample company is, made in the cache folder at the first call: a SQLite file.
#[napi]
pub fn sample_path() -> napi::Result<String> {
    leo_bridge::sample_path().map_err(|error| error::to_js(&error))
}

/// The rest of a sentence about an unknown name.
#[napi]
pub fn suggestion(name: String, known: Vec<String>) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    leo_bridge::arguments::suggestion(&name, &known)
}

/// Checks the storage that `dispatch` reaches against the contract: the checks as JSON.
#[napi]
pub async fn check_storage(dispatch: adapter::Dispatch) -> napi::Result<String> {
    let storage = adapter::parts(vec!["storage".to_owned()], dispatch).storage;
    let checks = match storage {
        Some(storage) => leo_bridge::contract::check_storage(storage).await,
        None => Err(::leo::Error::internal("there is no storage")),
    };
    checks.map(|checks| checks.to_string()).map_err(|error| error::to_js(&error))
}
