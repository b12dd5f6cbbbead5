//! What is known of a source: looked at, searched, and learned anew.

use std::sync::Arc;

use super::Leo;
use super::options::Limits;
use crate::adapter::Action;
use crate::ask::meaning;
use crate::ask::target::Known;
use crate::catalog::{Catalog, Hit};
use crate::context::Context;
use crate::error::Result;
use crate::guard;
use crate::registry::Lease;
use crate::sync::{Before, SyncOptions, SyncProgress, sync_since};

impl Leo {
    /// What is known about a source, as far as the user may see it. Learns it first where nothing is known yet.
    ///
    /// # Errors
    /// `Denied`, and as [`sync`](Self::sync).
    pub async fn catalog(&self, source: Option<&str>) -> Result<Arc<Catalog>> {
        let limits = Limits { source, ..Limits::none() };
        self.call(Action::Browse, limits, &|_| {}, async |call| {
            let access = call.authorise(Action::Browse).await?;
            if access == crate::adapter::Access::full() {
                return Ok(Arc::clone(&call.known.catalog));
            }
            guard::visible_catalog(&call.known.catalog, &access).map(Arc::new)
        })
        .await
    }

    /// Tables and columns of a source that fit `words`, as far as the user may see them: best first, at most `limit`.
    ///
    /// # Behavior
    /// As [`catalog::search`](crate::catalog::search()), and abbreviations in names and words for the same thing are understood: the
    /// usual ones, and the synonyms of the source's [`Knowledge`](crate::ask::planner::Knowledge). With a host's
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

    /// Brings what is known of a source up to date: its structure, and the statistics and relationships of what changed.
    ///
    /// # Behavior
    /// Tables whose [`data_version`](crate::catalog::Table::data_version) is as it was are not read again; where nothing changed, nothing but the
    /// structure is. With a [`storage`](crate::LeoBuilder::storage) and [`keys`](crate::LeoBuilder::keys) that holds across processes, a sync that was
    /// cut short goes on at the first table that was not read, and one that comes while another process syncs the source waits for it.
    /// Questions asked meanwhile use what was known before.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources; those of [`sync()`](crate::sync::sync()).
    pub async fn sync(
        &self,
        source: Option<&str>,
        options: &SyncOptions,
        progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<Arc<Catalog>> {
        let (mut ctx, entry) = self.allowed(Action::ManageSources, source).await?;
        let lease = self.shared.registry.acquire(&self.by(&ctx, &entry), &entry).await?;
        ctx.cancel = lease.cancel().clone();
        let learned = async {
            let _alone = ctx.unless_over(lease.target().syncing.lock()).await?;
            self.learn(&ctx, &lease, options, progress).await
        };
        Ok(Arc::clone(&lease.told(learned.await)?.catalog))
    }

    /// Learns what there is to know of the source; the caller holds its `syncing`.
    pub(super) async fn learn(
        &self,
        ctx: &Context,
        lease: &Lease,
        options: &SyncOptions,
        progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<Arc<Known>> {
        let entry = lease.entry();
        let _syncing = entry.syncing();
        let options = SyncOptions { meta: self.by(ctx, entry).meta, ..options.clone() };
        let known = lease.target().known().map(|known| Arc::clone(&known.catalog));
        let learned = async {
            let Some((held, steps)) = self.shared.learned.of(ctx, entry).await? else {
                let before = Before { catalog: known, journal: None };
                return sync_since(ctx, lease.connector(), &self.shared.audit, &options, &before, progress).await;
            };
            let before = Before { catalog: known, journal: Some(steps) };
            held.unless_lost(sync_since(ctx, lease.connector(), &self.shared.audit, &options, &before, progress)).await
        };
        let learned = learned.await;
        entry.note(&learned);
        lease.target().learn(learned?)
    }
}
