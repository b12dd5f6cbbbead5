//! Reading the tables, a few at a time.

use std::collections::HashSet;
use std::sync::Arc;

use futures::{FutureExt as _, StreamExt as _, stream};

use super::changes::{is_left, keep};
use super::progress::{Pace, SyncProgress, SyncStage};
use super::table::{ReadTable, Scan};
use super::{Before, SyncOptions};
use crate::adapter::AuditSink;
use crate::catalog::{Catalog, TableName};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::Connector;
use crate::profile::{TableValues, key_tuples};

/// Tables after which what was found is put together, so that no more is held than must be.
const BATCH: usize = 50;
/// Hashes kept in all: 128 MiB. Beyond, keys are sampled too.
const KEPT_IN_ALL: usize = 16 << 20;
/// What a table costs beside its rows, in rows: a statement has to get there and back.
const TRIP: u64 = 1_000;

/// What is needed to read the tables of a source.
pub(super) struct Reader<'a> {
    pub(super) ctx: &'a Context,
    pub(super) connector: &'a dyn Connector,
    pub(super) audit: &'a Arc<dyn AuditSink>,
    pub(super) options: &'a SyncOptions,
    pub(super) before: &'a Before,
    /// Tables of which what is known holds.
    pub(super) holds: &'a [bool],
    pub(super) progress: &'a (dyn Fn(SyncProgress<'_>) + Send + Sync),
}

impl Reader<'_> {
    /// Writes into `catalog` what is found out about its tables, and gives hashes of their values and the names of those whose values are
    /// among them.
    ///
    /// # Errors
    /// Those after which going on is of no use.
    pub(super) async fn read_all(&self, catalog: &mut Catalog) -> Result<(Vec<TableValues>, HashSet<TableName>)> {
        let tuples = if self.options.relate.is_some() { key_tuples(catalog) } else { Vec::new() };
        let known = self.before.catalog.as_deref();
        let mut to_read: Vec<usize> = Vec::new();
        for (index, table) in catalog.tables.iter_mut().enumerate() {
            let is_left = is_left(self.before, self.options, &table.name);
            // Steps that are kept have the values too.
            let holds = self.holds.get(index).is_some_and(|holds| *holds) && (is_left || self.before.steps.is_none());
            match known.and_then(|known| known.table(&table.name)).filter(|_| holds) {
                Some(known) => keep(table, known),
                None if self.before.skipped.contains(&table.name) => {}
                None => to_read.push(index),
            }
        }
        let work = |catalog: &Catalog, index: usize| {
            let rows = catalog.tables.get(index).and_then(|table| table.rows).unwrap_or(TRIP);
            rows.min(self.options.scan.whole_up_to.max(TRIP)).saturating_add(TRIP)
        };
        let total = to_read.len();
        let mut pace = Pace::new(to_read.iter().map(|index| work(catalog, *index)).sum());
        let (mut done, mut values, mut read) = (0, Vec::new(), HashSet::new());
        (self.progress)(SyncProgress::at(SyncStage::Profile, 0, total));
        for batch in to_read.chunks(BATCH) {
            let mut found: Vec<(usize, ReadTable)> = Vec::with_capacity(batch.len());
            let of = &*catalog;
            let mut reading = stream::iter(batch.iter().copied())
                .map(|index| {
                    let tuples = tuples.get(index).map_or(&[][..], Vec::as_slice);
                    // Their states are large, and would lie on the stack of whoever polls them.
                    async move { (index, self.read_one(of, index, tuples).boxed().await) }.boxed()
                })
                .buffer_unordered(self.options.parallel.max(1));
            while let Some((index, outcome)) = reading.next().await {
                let problem = match outcome? {
                    Ok(table) => {
                        found.push((index, table));
                        None
                    }
                    Err(error) if self.ends_the_sync(&error) => return Err(error),
                    Err(error) => Some(error),
                };
                done += 1;
                let table = of.tables.get(index).map(|table| &table.name);
                if let (Some(table), Some(error)) = (table, &problem) {
                    tracing::warn!(table = %table, kind = %error.kind(), "a table has no statistics");
                }
                let eta = pace.after(work(of, index));
                let at = SyncProgress::at(SyncStage::Profile, done, total);
                (self.progress)(SyncProgress { table, problem: problem.as_ref(), eta, ..at });
            }
            drop(reading);
            // In the order of the catalogue, whichever was read first.
            found.sort_by_key(|(index, _)| *index);
            for (index, table) in found {
                read.insert(table.table.name.clone());
                values.push(table.values);
                if let Some(slot) = catalog.tables.get_mut(index) {
                    *slot = table.table;
                }
            }
            limit(&mut values);
        }
        Ok((values, read))
    }

    /// Within, what goes wrong with this table alone.
    async fn read_one(&self, catalog: &Catalog, index: usize, tuples: &[Vec<usize>]) -> Result<Result<ReadTable>> {
        let Self { ctx, connector, audit, options, .. } = *self;
        let scan = Scan { ctx, connector, audit, options, sampled: &self.before.sampled, catalog };
        match &self.before.steps {
            Some(steps) => steps.read(ctx, &scan, index, tuples).await,
            None => Ok(scan.read_table(index, tuples).boxed().await),
        }
    }

    /// Whether going on with the next table is of no use.
    fn ends_the_sync(&self, error: &Error) -> bool {
        self.ctx.check().is_err()
            || matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Closed | ErrorKind::Denied | ErrorKind::Conflict)
    }
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
