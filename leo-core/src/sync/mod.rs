//! The semantic sync: what Leo knows about a source, brought up to date.
//!
//! Introspection, then one scan per table for its statistics, then relationships. Every statement goes through the guard and the
//! gate like anybody's. A table that cannot be read is reported and left without statistics; the rest goes on.

mod changes;
mod steps;
mod table;

use std::sync::Arc;
use std::time::Duration;

use crate::adapter::AuditSink;
use crate::catalog::{Catalog, TableName};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{self, Connector, IntrospectOptions, RecordMeta};
use crate::profile::{RelateOptions, ScanSettings, TableValues, infer_relationships, key_tuples, settle_keys};

use changes::settle_versions;
pub(crate) use steps::Steps;

/// Hashes of values kept of a column that is no key.
const KEPT_PER_COLUMN: usize = 4_096;
/// Hashes kept in all: 128 MiB. Beyond, keys are sampled too.
const KEPT_IN_ALL: usize = 16 << 20;

/// What a sync does.
#[derive(Debug, Clone)]
pub struct SyncOptions {
    /// Which tables.
    pub introspect: IntrospectOptions,
    /// Whether tables are read for statistics; without, the catalogue has structure and relationships by names only.
    pub profile: bool,
    /// How much of a table is read.
    pub scan: ScanSettings,
    /// Time for one table; what was read until then is used as a sample. 60 s unless set.
    pub table_timeout: Duration,
    /// Which relationships are inferred; `None` for none.
    pub relate: Option<RelateOptions>,
    /// For the audit.
    pub meta: RecordMeta,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            introspect: IntrospectOptions::default(),
            profile: true,
            scan: ScanSettings::default(),
            table_timeout: Duration::from_secs(60),
            relate: Some(RelateOptions::default()),
            meta: RecordMeta::default(),
        }
    }
}

/// Where a sync is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SyncStage {
    /// Reading the structure.
    Introspect,
    /// Reading tables.
    Profile,
    /// Inferring relationships.
    Relate,
}

/// One step of a sync.
#[derive(Debug, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncProgress<'a> {
    /// The stage.
    pub stage: SyncStage,
    /// Tables done in this stage.
    pub done: usize,
    /// Tables of this stage.
    pub total: usize,
    /// The table that was just done.
    pub table: Option<&'a TableName>,
    /// Why that table has no statistics.
    pub problem: Option<&'a Error>,
}

/// What is known of a source from before, so that nothing is read twice.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// What the last sync of this process found.
    pub(crate) catalog: Option<Arc<Catalog>>,
    /// What the steps of earlier syncs gave.
    pub(crate) journal: Option<Steps>,
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
    sync_since(ctx, connector, audit, options, &Before::default(), progress).await
}

/// [`sync`], reading only what changed since, as far as the engine tells ([`Table::data_version`](crate::catalog::Table::data_version)).
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
) -> Result<Catalog> {
    let at = |stage, done, total| SyncProgress { stage, done, total, table: None, problem: None };
    progress(at(SyncStage::Introspect, 0, 1));
    let mut catalog = gate::introspect(ctx, connector, options.introspect.clone(), audit, options.meta.clone()).await?;
    settle_versions(&mut catalog);
    if let Some(known) = before.catalog.as_deref().filter(|known| changes::none(known, &catalog, options)) {
        return Ok(known.clone());
    }
    let mut values: Vec<TableValues> = Vec::new();
    if options.profile {
        let tuples = if options.relate.is_some() { key_tuples(&catalog) } else { Vec::new() };
        let total = catalog.tables.len();
        progress(at(SyncStage::Profile, 0, total));
        for index in 0..total {
            let scan = table::Scan { ctx, connector, audit, options, catalog: &catalog };
            let tuples = tuples.get(index).map_or(&[][..], Vec::as_slice);
            let outcome = match &before.journal {
                Some(steps) => steps.read(ctx, &scan, index, tuples).await?,
                None => scan.read_table(index, tuples).await,
            };
            let Some(table) = catalog.tables.get_mut(index) else { continue };
            let problem = match outcome {
                Ok(read) => {
                    *table = read.table;
                    values.push(read.values);
                    None
                }
                Err(error) if ends_the_sync(ctx, &error) => return Err(error),
                Err(error) => {
                    tracing::warn!(table = %table.name, kind = %error.kind(), "a table has no statistics");
                    Some(error)
                }
            };
            progress(SyncProgress {
                stage: SyncStage::Profile,
                done: index + 1,
                total,
                table: Some(&table.name),
                problem: problem.as_ref(),
            });
            limit(&mut values);
        }
        settle_keys(&mut catalog);
        // Cardinalities may be known better now.
        catalog.relationships = catalog.declared_relationships();
    }
    if let Some(relate) = options.relate {
        progress(at(SyncStage::Relate, 0, 1));
        ctx.check()?;
        let inferred = infer_relationships(&catalog, &values, relate);
        catalog.relationships.extend(inferred);
        progress(at(SyncStage::Relate, 1, 1));
    }
    if let Some(steps) = &before.journal {
        steps.finish(&catalog).await?;
    }
    Ok(catalog)
}

/// Whether going on with the next table is of no use.
fn ends_the_sync(ctx: &Context, error: &Error) -> bool {
    ctx.check().is_err()
        || matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Closed | ErrorKind::Denied | ErrorKind::Conflict)
}

/// Keeps what is remembered of all tables within bounds.
fn limit(values: &mut [TableValues]) {
    let mut held: usize = values.iter().map(TableValues::len).sum();
    let mut keep = 1 << 20;
    while held > KEPT_IN_ALL && keep > 1_024 {
        keep /= 2;
        for set in values.iter_mut().flat_map(|table| &mut table.columns) {
            set.shrink(keep);
        }
        held = values.iter().map(TableValues::len).sum();
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests;
