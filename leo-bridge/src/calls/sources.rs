//! The sources of a handle: added, listed, changed, tested and removed while it runs.

use leo::{Leo, Result};
use serde::{Deserialize, Serialize};

use super::{Call, Reply};
use crate::context::millis;
use crate::options::{Place, SourceOptions};

/// Adds a source for the user's tenant, without connecting to it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Add(SourceOptions);

impl Call for Add {
    const NAME: &'static str = "sources.add";
    const RETURNS: &'static str = "nothing";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        leo.sources().add(self.0.lazy()?).await.map(|()| Reply::Nothing)
    }
}

/// The sources that the user may look at, in the order of registration.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {}

impl Call for List {
    const NAME: &'static str = "sources.list";
    const RETURNS: &'static str = "SourceInfo[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sources().list().await?)
    }
}

/// How a source does, without asking it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Status {
    /// Id of the source.
    id: String,
}

impl Call for Status {
    const NAME: &'static str = "sources.status";
    const RETURNS: &'static str = "SourceStatus";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sources().status(&self.id).await?)
    }
}

/// Connects to a source, looks around and says what it found.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    /// Id of the source.
    id: String,
}

impl Call for Test {
    const NAME: &'static str = "sources.test";
    const RETURNS: &'static str = "ConnectionReport";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sources().test(&self.id).await?)
    }
}

/// Opens a source anew at another place or with another login, and uses it from then on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    /// Id of the source.
    id: String,
    /// What it is now. Never written: it may hold a password.
    #[serde(skip_serializing)]
    place: Place,
}

impl Call for Update {
    const NAME: &'static str = "sources.update";
    const RETURNS: &'static str = "nothing";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        leo.sources().update(&self.id, self.place.into_spec()?).await.map(|()| Reply::Nothing)
    }
}

/// Disconnects a source: calls under way may end for a while and are cancelled then. How many were.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Disconnect {
    /// Id of the source.
    id: String,
    /// Milliseconds that calls under way may take.
    #[serde(default)]
    wait_ms: u64,
}

impl Call for Disconnect {
    const NAME: &'static str = "sources.disconnect";
    const RETURNS: &'static str = "int";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sources().disconnect(&self.id, millis(self.wait_ms)).await?)
    }
}

/// Removes a source; its id is free again.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remove {
    /// Id of the source.
    id: String,
}

impl Call for Remove {
    const NAME: &'static str = "sources.remove";
    const RETURNS: &'static str = "nothing";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        leo.sources().remove(&self.id).await.map(|()| Reply::Nothing)
    }
}
