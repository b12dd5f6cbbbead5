//! Leo for Kotlin, Swift, Ruby and Python: what [UniFFI](https://mozilla.github.io/uniffi-rs) generates its code from.
//!
//! Objects over `leo-bridge` and nothing of their own: each call is a method here, its options are a record, and what they mean is read by the
//! bridge. Calls run on threads of the library; whoever stops waiting for one cancels it.

/// `Debug` that shows the name alone, for what holds rows, places or what a user is.
macro_rules! opaque {
    ($($name:ident),* $(,)?) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        })*
    };
}

mod adapter;
mod answer;
mod arguments;
mod error;
mod leo;
mod options;
mod stream;
mod task;

pub use adapter::{
    AuditSink, Authorizer, Clock, Credentials, Embedder, HostRows, HostSource, Model, Parts, Resolver, Storage, Stored,
};
pub use answer::{Answer, AnswerWarning, ChartForm, Status, Table, Value};
pub use error::{ErrorInfo, LeoError};
pub use leo::{Leo, Reply};
pub use options::{
    AskOptions, BuildOptions, CatalogOptions, Client, Connector, CsvOptions, DisconnectOptions, HtmlOptions, HtmlTableOptions,
    MarkdownOptions, OpenOptions, SearchOptions, SetExecutionOptions, SettingsOptions, SourceOptions, SqlOptions, SyncOptions,
    TextOptions, UserContext,
};
pub use stream::{BatchStream, Event, EventStream};

uniffi::setup_scaffolding!("askleo");

/// Version, connectors and other parts of this build, as JSON.
#[uniffi::export]
pub fn features() -> String {
    leo_bridge::features::features().to_string()
}

/// Where the sample company is, made in the cache folder at the first call: a SQLite file.
#[uniffi::export]
pub fn sample_path() -> Result<String, LeoError> {
    Ok(leo_bridge::sample_path()?)
}

/// Checks a storage against its contract: a JSON list of checks with `name` and `outcome`. It takes some three seconds; its keys are its own and
/// gone afterwards.
#[uniffi::export]
pub async fn check_storage(storage: std::sync::Arc<dyn Storage>) -> Result<String, LeoError> {
    task::run(
        async move { leo_bridge::contract::check_storage(adapter::storage(storage)).await.map(|checks| checks.to_string()) },
    )
    .await
}
