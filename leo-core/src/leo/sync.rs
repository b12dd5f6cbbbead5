//! Learning what a source holds: by whom, in which order, and what came of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::FutureExt as _;

use jiff::Timestamp;

use super::Leo;
use crate::adapter::{Action, AuditEvent};
use crate::ask::target::Known;
use crate::audit;
use crate::catalog::{Catalog, TableName};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::gate::{Asked, ModelCall};
use crate::registry::{Entry, Lease};
use crate::sync::{
    Before, DescribeOptions, Describer, FailedTable, OnFailure, Report, SyncOptions, SyncProgress, SyncStage, SyncStatus,
    apply_described, sync_since,
};

impl Leo {
    /// Brings what is known of a source up to date: its structure, and the statistics and relationships of what changed.
    ///
    /// # Behavior
    /// Tables whose [`data_version`](crate::catalog::Table::data_version) is as it was are not read again; where nothing changed, nothing but the
    /// structure is. With a [`storage`](crate::LeoBuilder::storage) and [`keys`](crate::LeoBuilder::keys) that holds across processes, a sync that was
    /// cut short goes on at the first table that was not read, and one that comes while another process syncs the source waits for it.
    /// At most `sync.max_at_once` sources of a tenant are synced at a time; others wait, and are told their position.
    /// Questions asked meanwhile use what was known before. With a [`model`](crate::LeoBuilder::model) and the setting `sync.describe_tokens`, that
    /// says what tables and columns hold that have no comments: from names, types, comments and keys alone, once for each table.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources; those of [`sync()`](crate::sync::sync()).
    pub async fn sync(
        &self,
        source: Option<&str>,
        options: &SyncOptions,
        progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<Arc<Catalog>> {
        let (ctx, entry) = self.allowed(Action::ManageSources, source).await?;
        self.sync_entry(ctx, &entry, options, progress).await
    }

    /// How far the sync of a source is, or how the last one went: with the tables that could not be read, and why.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `NotFound`, the storage's.
    pub async fn sync_status(&self, source: Option<&str>) -> Result<SyncStatus> {
        let (_, entry) = self.allowed(Action::ManageSources, source).await?;
        self.status_of(&entry).await
    }

    /// Does something about tables that could not be read: all of the [status](Self::sync_status), or those named.
    ///
    /// # Behavior
    /// The decision is in the audit first. [`Retry`](OnFailure::Retry) reads those tables again and nothing else;
    /// [`RetryWithSampling`](OnFailure::RetryWithSampling) reads their first rows, now and in later syncs;
    /// [`SkipAndContinue`](OnFailure::SkipAndContinue) leaves them as they are, now and in later syncs. Tables left so are not among "all".
    /// What holds for later syncs of a source of all tenants, and what would undo that, the host alone decides; any other retry is a sync
    /// like others. A text of which nobody knows where its schema ends is a bare name.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, or to decide; `NotFound` for a table that is not among those that failed, the storage's, and those of
    /// [`sync`](Self::sync).
    pub async fn resolve_failed(
        &self,
        source: Option<&str>,
        tables: &[TableName],
        action: OnFailure,
        progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<SyncStatus> {
        let (ctx, entry) = self.allowed(Action::ManageSources, source).await?;
        let status = self.status_of(&entry).await?;
        let target = entry.target();
        let meant = meant(&status, target.known().as_deref().map(|known| &*known.found), tables)?;
        let is_settled = |failed: &FailedTable| meant.contains(&failed.table) && failed.skipped;
        let lasts = action != OnFailure::Retry
            || status.failed.iter().any(is_settled)
            || meant.iter().any(|table| status.sampled.contains(table));
        if lasts {
            self.may_decide(&ctx, &entry).await?;
        }
        let event = AuditEvent {
            source: Some(entry.id().to_owned()),
            preset: Some(self.shared.preset.as_str().to_owned()),
            target: Some(format!("{} of {} failed tables", meant.len(), status.failed.len())),
            status: Some(action.as_str().to_owned()),
            ..audit::event(&ctx, "workflow_state_transition")
        };
        self.shared.audit.append(vec![event]).await?;
        let decided = target.report.decide(&meant, action);
        self.shared.learned.keep(&entry, &decided).await?;
        if action == OnFailure::SkipAndContinue || meant.is_empty() {
            return Ok(decided);
        }
        let options = SyncOptions { only: meant, ..SyncOptions::default() };
        self.sync_entry(ctx, &entry, &options, progress).await?;
        self.status_of(&entry).await
    }

    /// The sync of a source that the user may sync.
    pub(super) async fn sync_entry(
        &self,
        mut ctx: Context,
        entry: &Arc<Entry>,
        options: &SyncOptions,
        progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<Arc<Catalog>> {
        let lease = self.shared.registry.acquire(&self.by(&ctx, entry), entry).await?;
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
        let (entry, target) = (lease.entry(), lease.target());
        self.restore_report(entry).await?;
        let under_way = UnderWay::begin(&target.report, ctx.now);
        let tell = |step: SyncProgress<'_>| {
            target.report.note(&step);
            progress(step);
        };
        // Without what people said, what they meant to hide would show.
        let learned = match self.load_knowledge(entry).await {
            // Its state is large; on the heap it is made once, wherever the caller puts this one.
            Ok(()) => self.learn_in_turn(ctx, lease, options, &tell).boxed().await,
            Err(error) => Err(error),
        };
        entry.note(&learned);
        let learned = learned.and_then(|found| target.learn(found, ctx.now));
        // Rows may be others now. What a model wrote holds as long as it would be asked the same.
        self.shared.cache.forget_rows(target.number());
        if let Ok(known) = &learned {
            target.report.mistaken(known.knowledge.mistakes(&known.catalog));
        }
        let ended = under_way.end(learned.as_deref());
        if let Ok(known) = &learned
            && let Err(error) = self.keep_words(entry, known).await
        {
            tracing::warn!(kind = %error.kind(), "the index of a source's words could not be kept");
        }
        // What a sync found is of use although nobody can look up how it went.
        if let Err(error) = self.shared.learned.keep(entry, &ended).await {
            tracing::warn!(kind = %error.kind(), "how a sync ended could not be kept");
        }
        learned
    }

    /// Waits for a place among the tenant's syncs, then for this source's, and reads what changed.
    async fn learn_in_turn(
        &self,
        ctx: &Context,
        lease: &Lease,
        options: &SyncOptions,
        tell: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<Arc<Catalog>> {
        let entry = lease.entry();
        let most = entry.settings.settings().sync.max_at_once;
        let wait = |position| tell(SyncProgress { position: Some(position), ..SyncProgress::at(SyncStage::Queue, 0, 0) });
        let _turn = self.shared.syncs.turn(ctx, most, &wait).await?;
        let _place = self.shared.learned.place(ctx, most).await?;
        let _syncing = entry.syncing();
        let mut options = SyncOptions { meta: self.by(ctx, entry).meta, ..options.clone() };
        if let Some(quality) = &mut options.quality {
            quality.freshness_hours.extend(lease.target().fresh_within());
        }
        let (held, steps) = self.shared.learned.of(ctx, entry).await?.unzip();
        let report = &lease.target().report;
        let before = Before {
            catalog: lease.target().known().map(|known| Arc::clone(&known.found)),
            steps,
            skipped: report.skipped(),
            sampled: report.sampled(),
        };
        let synced = async {
            let mut catalog = Box::pin(sync_since(ctx, lease.connector(), &self.shared.audit, &options, &before, tell)).await?;
            Box::pin(self.describe(ctx, lease, &mut catalog, &before, tell)).await?;
            report.drifted(before.drift(ctx, &catalog).await?);
            Ok(catalog)
        };
        match held {
            Some(held) => held.unless_lost(synced).await,
            None => synced.await,
        }
    }

    /// Makes the index of a source's words from the one that was kept, and keeps it where it is another one.
    async fn keep_words(&self, entry: &Entry, known: &Arc<Known>) -> Result<()> {
        let learned = &self.shared.learned;
        if !learned.keeps() || known.words_kept.load(Ordering::Acquire) {
            return Ok(());
        }
        let (kept, own) = (learned.words(entry).await?, Arc::clone(known));
        let made = tokio::task::spawn_blocking(move || own.words_from(kept)).await;
        let (index, is_other) = made.map_err(|error| Error::internal("the index could not be made").with_source(error))?;
        if is_other {
            learned.keep_words(entry, &index).await?;
        }
        known.words_kept.store(true, Ordering::Release);
        Ok(())
    }

    /// Has the host's model describe tables, where the settings say so.
    async fn describe(
        &self,
        ctx: &Context,
        lease: &Lease,
        catalog: &mut Arc<Catalog>,
        before: &Before,
        tell: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<()> {
        let (entry, target) = (lease.entry(), lease.target());
        let settings = entry.settings.settings();
        let max_tokens = settings.sync.describe_tokens;
        let Some(chain) = self.shared.models.as_deref().filter(|_| max_tokens > 0) else { return Ok(()) };
        let options = DescribeOptions {
            max_tokens,
            timeout: Duration::from_millis(settings.model.timeout_ms),
            meta: self.by(ctx, entry).meta,
            ..DescribeOptions::default()
        };
        let model = ModelCall {
            model: Asked::Chain(chain),
            source: entry.id(),
            audit: &self.shared.audit,
            ledger: Some((&self.shared.ledger, settings.model.monthly_cap_usd)),
            meta: options.meta.clone(),
            disclosure: settings.privacy.disclosure,
            earlier: None,
        };
        let describer = Describer { model, twins: &self.shared.twins, options };
        let earlier = target.described();
        let said = describer.describe(ctx, catalog, earlier.clone(), before.steps.as_ref(), tell).await?;
        // What nothing changed in says already what was said of it.
        if !(before.is_still(catalog) && earlier.is_some_and(|earlier| earlier == said)) {
            apply_described(Arc::make_mut(catalog), &said);
        }
        target.set_described(said);
        Ok(())
    }

    pub(super) async fn status_of(&self, entry: &Entry) -> Result<SyncStatus> {
        self.restore_report(entry).await?;
        Ok(entry.target().report.status().unwrap_or_default())
    }

    /// Looks up how the last sync went, where this process made none.
    async fn restore_report(&self, entry: &Entry) -> Result<()> {
        let target = entry.target();
        if target.report.status().is_none()
            && let Some(status) = self.shared.learned.status(entry).await?
        {
            target.report.restore(status);
        }
        Ok(())
    }
}

/// The tables that `wanted` names among those that failed; without names, all that nobody said to skip.
///
/// # Errors
/// `NotFound`.
fn meant(status: &SyncStatus, known: Option<&Catalog>, wanted: &[TableName]) -> Result<Vec<TableName>> {
    if wanted.is_empty() {
        return Ok(status.failed.iter().filter(|failed| !failed.skipped).map(|failed| failed.table.clone()).collect());
    }
    let failed =
        |is_meant: &dyn Fn(&TableName) -> bool| status.failed.iter().map(|failed| &failed.table).find(|table| is_meant(table));
    let find = |name: &TableName| {
        let in_catalog = || known.and_then(|known| known.table_meant(name)).and_then(|table| failed(&|own| *own == table.name));
        // A process that made no sync has the names of those that failed alone.
        let found = failed(&|own| own == name).or_else(in_catalog).or_else(|| failed(&|own| own.to_string() == name.to_string()));
        found.cloned().ok_or_else(|| {
            Error::not_found(format!("the last sync did not fail at `{name}`; `sync_status` lists the tables where it did"))
        })
    };
    wanted.iter().map(find).collect()
}

/// A sync that is reported as under way until it ends, also by being dropped.
struct UnderWay<'a>(Option<&'a Report>);

impl<'a> UnderWay<'a> {
    fn begin(report: &'a Report, now: Timestamp) -> Self {
        report.begin(now);
        Self(Some(report))
    }

    fn end(mut self, learned: Result<&Known, &Error>) -> SyncStatus {
        let Some(report) = self.0.take() else { return SyncStatus::default() };
        report.end(learned.map(|known| &*known.catalog))
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(report) = self.0 {
            report.end(Err(&Error::cancelled("nobody waited for it any more")));
        }
    }
}
