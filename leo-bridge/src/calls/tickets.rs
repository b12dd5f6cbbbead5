//! Questions that are answered later.

use leo::{Leo, Result};
use serde::{Deserialize, Serialize};

use super::{Call, Reply};

/// The user's own questions that are answered later, the oldest first.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {}

impl Call for List {
    const NAME: &'static str = "tickets.list";
    const RETURNS: &'static str = "Ticket[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.tickets().list().await?)
    }
}

/// A ticket as it stands now.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Get {
    /// Its id.
    id: String,
}

impl Call for Get {
    const NAME: &'static str = "tickets.get";
    const RETURNS: &'static str = "Ticket";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.tickets().get(&self.id).await?)
    }
}

/// Asks the question of a ticket; the answer is `queued` once more where it still has to wait.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Redeem {
    /// Its id.
    id: String,
}

impl Call for Redeem {
    const NAME: &'static str = "tickets.redeem";
    const RETURNS: &'static str = "answer";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Ok(Reply::Answer(Box::new(leo.tickets().redeem(&self.id).await?)))
    }
}

/// Gives a ticket back: its question is not answered any more.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancel {
    /// Its id.
    id: String,
}

impl Call for Cancel {
    const NAME: &'static str = "tickets.cancel";
    const RETURNS: &'static str = "nothing";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        leo.tickets().cancel(&self.id).await.map(|()| Reply::Nothing)
    }
}
