//! The semantic sync: what Leo knows about a source, brought up to date.
//!
//! Introspection, then one scan per table for its statistics, then relationships. Every statement goes through the guard and the
//! gate like anybody's. A table that cannot be read is reported and left without statistics; the rest goes on. What did not change since
//! the last time is not read again.

mod changes;
mod describe;
mod options;
mod progress;
mod quality;
mod read;
mod report;
mod steps;
mod table;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

pub(crate) use describe::Describer;
pub use describe::{DescribeOptions, DescribedTable, Describing, Said, apply_described, describe};
pub use options::SyncOptions;
pub use progress::{SyncProgress, SyncStage};
pub(crate) use report::Report;
pub use report::{FailedTable, OnFailure, SyncState, SyncStatus};
pub(crate) use steps::Steps;

pub use crate::workflow::FailureClass;

use crate::adapter::AuditSink;
use crate::catalog::{Catalog, Drift, TableName};
use crate::context::Context;
use crate::error::Result;
use crate::gate::{self, Connector};
use crate::profile::{assign_descriptions, assign_roles, assign_terms, infer_relationships, mark_by_names, settle_keys};
use changes::settle_versions;

/// What is known of a source from before, so that nothing is read twice.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// What the last sync of this process found.
    pub(crate) catalog: Option<Arc<Catalog>>,
    /// What the steps of earlier syncs gave.
    pub(crate) steps: Option<Steps>,
    /// Tables that somebody said not to read.
    pub(crate) skipped: BTreeSet<TableName>,
    /// Tables of which only the first rows are read.
    pub(crate) sampled: BTreeSet<TableName>,
}

/// The step that holds the structure as the last sync found it.
const STRUCTURE: &str = "structure";

impl Before {
    /// Whether `now` is what was known, untouched.
    pub(crate) fn is_still(&self, now: &Catalog) -> bool {
        self.catalog.as_deref().is_some_and(|known| std::ptr::eq(known, now))
    }

    /// How the structure of `now` differs from the one before, which is replaced where it is kept.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn drift(&self, ctx: &Context, now: &Catalog) -> Result<Option<Drift>> {
        let kept: Option<Catalog> = match (&self.catalog, &self.steps) {
            (None, Some(steps)) => steps.last(STRUCTURE).await?,
            _ => None,
        };
        let drift = match self.is_still(now) {
            true => Some(Drift::default()),
            false => self.catalog.as_deref().or(kept.as_ref()).map(|before| now.drift_since(before)),
        };
        if let Some(steps) = self.steps.as_ref().filter(|_| drift.as_ref().is_none_or(|drift| !drift.is_empty())) {
            steps.keep(ctx, STRUCTURE, &now.structure()).await?;
        }
        Ok(drift)
    }
}

/// Reads structure, statistics and relationships of a source.
///
/// # Behavior
/// Declared relationships come first in the catalogue, inferred ones follow by confidence. `progress` is called at the beginning
/// of each stage and after each table.
///
/// # Errors
/// Of introspection; `Cancelled`, `Timeout`, `Closed`, and the audit sink's at any point. Anything else that concerns one table is
/// reported through `progress`.
pub async fn sync(
    ctx: &Context,
    connector: &dyn Connector,
    audit: &Arc<dyn AuditSink>,
    options: &SyncOptions,
    progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
) -> Result<Catalog> {
    let found = sync_since(ctx, connector, audit, options, &Before::default(), progress).await?;
    Ok(Arc::unwrap_or_clone(found))
}

/// [`sync`], reading only what changed since, as far as the engine tells ([`Table::data_version`](crate::catalog::Table::data_version)). Where nothing
/// did, the catalogue is the one there was.
///
/// # Errors
/// As [`sync`], and those of the storage that keeps the steps.
pub(crate) async fn sync_since(
    ctx: &Context,
    connector: &dyn Connector,
    audit: &Arc<dyn AuditSink>,
    options: &SyncOptions,
    before: &Before,
    progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
) -> Result<Arc<Catalog>> {
    progress(SyncProgress::at(SyncStage::Introspect, 0, 1));
    let mut catalog = gate::introspect(ctx, connector, options.introspect.clone(), audit, options.meta.clone()).await?;
    let options = &options.named_in(&catalog);
    settle_versions(&mut catalog);
    let holds = changes::what_holds(before, &catalog, options);
    if let Some(known) = before.catalog.as_ref().filter(|known| changes::none(known, &catalog, &holds)) {
        return Ok(Arc::clone(known));
    }
    let mut values = Vec::new();
    let mut read = HashSet::new();
    if options.profile {
        let reader = read::Reader { ctx, connector, audit, options, before, holds: &holds, progress };
        (values, read) = Box::pin(reader.read_all(&mut catalog)).await?;
        settle_keys(&mut catalog);
        // Cardinalities may be known better now.
        catalog.relationships = catalog.declared_relationships();
    }
    // Where nobody saw the values, names say what is personal.
    catalog.tables.iter_mut().filter(|table| table.statistics.is_none()).for_each(mark_by_names);
    if let Some(relate) = options.relate {
        progress(SyncProgress::at(SyncStage::Relate, 0, 1));
        ctx.check()?;
        let inferred = infer_relationships(&catalog, &values, relate);
        let known = before.catalog.as_deref().map(|known| changes::relationships_that_hold(known, &catalog, &read));
        catalog.relationships.extend(changes::merged(known.unwrap_or_default(), inferred));
        progress(SyncProgress::at(SyncStage::Relate, 1, 1));
    }
    assign_roles(&mut catalog);
    assign_terms(&mut catalog);
    assign_descriptions(&mut catalog);
    if let Some(quality) = options.quality.as_ref().filter(|_| options.profile) {
        let scan = table::Scan { ctx, connector, audit, options, sampled: &before.sampled, catalog: &catalog };
        let mut found = Box::pin(quality::check(&scan, before, &read, quality, progress)).await?;
        for table in &mut catalog.tables {
            if let Some(quality) = found.remove(&table.name) {
                table.quality = quality;
            }
        }
    }
    catalog.reindex();
    if let Some(steps) = &before.steps {
        steps.finish(&catalog).await?;
    }
    Ok(Arc::new(catalog))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests;
#[cfg(all(test, feature = "sqlite"))]
mod tests_measure;
