//! What was asked before.

use leo::ask::conversation::SessionFormat;
use leo::{Leo, Result};
use serde::{Deserialize, Serialize};

use super::{Call, Reply};

/// The user's own conversations, pinned ones first, then the newest.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {}

impl Call for List {
    const NAME: &'static str = "sessions.list";
    const RETURNS: &'static str = "SessionInfo[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sessions().list().await?)
    }
}

/// A conversation of the user's own, with its turns.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Get {
    /// Its id.
    id: String,
}

impl Call for Get {
    const NAME: &'static str = "sessions.get";
    const RETURNS: &'static str = "Session";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sessions().get(&self.id).await?)
    }
}

/// Gives a conversation another title.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rename {
    /// Its id.
    id: String,
    /// The title.
    title: String,
}

impl Call for Rename {
    const NAME: &'static str = "sessions.rename";
    const RETURNS: &'static str = "SessionInfo";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sessions().rename(&self.id, &self.title).await?)
    }
}

/// Keeps a conversation at the top of the list, or no longer.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pin {
    /// Its id.
    id: String,
    /// Whether it is kept there.
    #[serde(default = "yes")]
    pinned: bool,
}

fn yes() -> bool {
    true
}

impl Call for Pin {
    const NAME: &'static str = "sessions.pin";
    const RETURNS: &'static str = "SessionInfo";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sessions().pin(&self.id, self.pinned).await?)
    }
}

/// Deletes a conversation and all its turns.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delete {
    /// Its id.
    id: String,
}

impl Call for Delete {
    const NAME: &'static str = "sessions.delete";
    const RETURNS: &'static str = "nothing";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        leo.sessions().delete(&self.id).await.map(|()| Reply::Nothing)
    }
}

/// A conversation as text.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Export {
    /// Its id.
    id: String,
    /// The form.
    format: SessionFormat,
}

impl Call for Export {
    const NAME: &'static str = "sessions.export";
    const RETURNS: &'static str = "string";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.sessions().export(&self.id, self.format).await?)
    }
}
