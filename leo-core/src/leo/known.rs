//! What is known of a source: looked at and searched.

use std::sync::Arc;

use super::Leo;
use super::options::Limits;
use crate::adapter::Action;
use crate::ask::meaning;
use crate::catalog::{Catalog, Hit};
use crate::error::Result;

impl Leo {
    /// What is known about a source, as far as the user may see it. Learns it first where nothing is known yet.
    ///
    /// # Errors
    /// `Denied`, and as [`sync`](Self::sync).
    pub async fn catalog(&self, source: Option<&str>) -> Result<Arc<Catalog>> {
        let limits = Limits { source, ..Limits::none() };
        self.call(Action::Browse, limits, &|_| {}, async |call| {
            let access = call.authorise(Action::Browse).await?;
            call.known.visible(&access)
        })
        .await
    }

    /// Tables and columns of a source that fit `words`, as far as the user may see them: best first, at most `limit`.
    ///
    /// # Behavior
    /// As [`index::search`](crate::index::search()), and with the synonyms of the source's [`Knowledge`](crate::ask::planner::Knowledge). What the
    /// user may not see has no part in it: the outcome is that of a source that has nothing else. With a host's
    /// [`Embedder`](crate::adapter::Embedder) what is near in meaning is found too; scores then tell the places in both rankings, 1 for
    /// what is first in both.
    ///
    /// # Errors
    /// As [`catalog`](Self::catalog).
    pub async fn search(&self, words: &str, source: Option<&str>, limit: usize) -> Result<Vec<Hit>> {
        let limits = Limits { source, ..Limits::none() };
        self.call(Action::Browse, limits, &|_| {}, async |call| {
            let access = call.authorise(Action::Browse).await?;
            meaning::search(call, self.shared.embedder.as_deref(), &access, words, limit).await
        })
        .await
    }
}
