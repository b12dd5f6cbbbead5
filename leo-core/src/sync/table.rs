//! Reading one table.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::{FutureExt as _, StreamExt};
use serde::{Deserialize, Serialize};
use sqlparser::ast::Statement;

use super::SyncOptions;
use crate::adapter::AuditSink;
use crate::catalog::{Catalog, Table, TableName};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{self, Connector, GateStream, InForce, PriceLimits, Priced, QueryOptions};
use crate::guard::{Internal, Purpose, internal};
use crate::profile::{ScanPlan, ScanSettings, TableProfile, TableProfiler, TableValues};

/// Rows of a sample at most; reached only where a sample of one in ten or a hundred is larger.
const SAMPLE_ROWS: u64 = 20_000_000;

/// Hashes of values kept of a column that is no key.
const KEPT_PER_COLUMN: usize = 4_096;
/// Rows read of a table that nobody can read whole.
const FIRST_ROWS: u64 = 10_000;

/// What is needed to read tables.
pub(super) struct Scan<'a> {
    pub ctx: &'a Context,
    pub connector: &'a dyn Connector,
    pub audit: &'a Arc<dyn AuditSink>,
    pub options: &'a SyncOptions,
    /// Tables of which only the first rows are read.
    pub sampled: &'a BTreeSet<TableName>,
    pub catalog: &'a Catalog,
}

/// How far a scan came.
enum End {
    Whole,
    /// There are more rows.
    Cut,
    /// The time was over.
    Late,
}

/// A table that was read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReadTable {
    /// With its statistics.
    pub table: Table,
    /// Hashes of its values.
    pub values: TableValues,
}

impl Scan<'_> {
    /// Reads the table at `index`.
    pub(super) async fn read_table(&self, index: usize, tuples: &[Vec<usize>]) -> Result<ReadTable> {
        let (profile, rows) = self.profile(index, tuples).await?;
        let mut table = self.catalog.tables.get(index).cloned().ok_or_else(|| Error::internal("no such table"))?;
        let mut values = profile.apply(&mut table, rows);
        values.shrink(&table, KEPT_PER_COLUMN);
        Ok(ReadTable { table, values })
    }

    /// Statistics of the table at `index`, and how many rows it has.
    async fn profile(&self, index: usize, tuples: &[Vec<usize>]) -> Result<(TableProfile, u64)> {
        let table = self.catalog.tables.get(index).ok_or_else(|| Error::internal("no such table"))?;
        let mut plan = ScanPlan::new(self.catalog.dialect, table);
        let settings = self.settings(table);
        let (profiler, end) = self.read(table, &mut plan, tuples, settings.whole_up_to).await?;
        if matches!(end, End::Whole) {
            let rows = profiler.rows();
            return Ok((profiler.finish(table), rows));
        }
        // Counting is no cheaper than reading.
        let counted = if settings.first_rows_only { None } else { self.count(&plan).await };
        let rows = match counted {
            Some(rows) => rows.max(profiler.rows()),
            // Nobody can tell how many more there are than were read; one is certain, so that these are not taken for all.
            None => table.rows.unwrap_or_default().max(profiler.rows() + 1),
        };
        if matches!(end, End::Cut) && plan.sample(rows, settings) {
            let (sampled, _) = self.read(table, &mut plan, tuples, SAMPLE_ROWS).await?;
            return Ok((sampled.finish(table), rows));
        }
        Ok((profiler.finish(table), rows))
    }

    /// How much is read of a table.
    pub(super) fn settings(&self, table: &Table) -> ScanSettings {
        if !self.sampled.contains(&table.name) {
            return self.options.scan;
        }
        ScanSettings { whole_up_to: FIRST_ROWS.min(self.options.scan.whole_up_to), first_rows_only: true }
    }

    /// Reads by `plan`, which is made simpler for columns that cannot be read as they are.
    async fn read(
        &self,
        table: &Table,
        plan: &mut ScanPlan,
        tuples: &[Vec<usize>],
        max_rows: u64,
    ) -> Result<(TableProfiler, End)> {
        loop {
            let mut profiler = TableProfiler::new(table, plan, tuples);
            let ended = match self.start(plan.statement(), max_rows).boxed().await {
                Ok(stream) => reduce(stream, &mut profiler).boxed().await,
                Err(error) => Err(error),
            };
            match ended {
                Ok(end) => return Ok((profiler, end)),
                Err(error) if error.kind() == ErrorKind::Timeout && profiler.rows() > 0 && self.ctx.check().is_ok() => {
                    return Ok((profiler, End::Late));
                }
                Err(error) if error.kind() == ErrorKind::LimitExceeded && plan.shorten(table) => {}
                Err(error) if error.kind() == ErrorKind::Malformed => {
                    let column = error.context().iter().find(|(key, _)| *key == "column").map(|(_, name)| name.clone());
                    if !column.is_some_and(|column| plan.simplify(&column)) {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn count(&self, plan: &ScanPlan) -> Option<u64> {
        match self.collect(plan.count_statement()).await.ok()?.value(0, 0) {
            crate::Value::Int(rows) => u64::try_from(rows).ok(),
            _ => None,
        }
    }

    /// The one row that a statement of counts gives.
    pub(super) async fn collect(&self, statement: Statement) -> Result<crate::table::Table> {
        Ok(gate::collect(self.start(statement, 1).boxed().await?).await?.table)
    }

    /// Takes a statement through the guard and the gate.
    async fn start(&self, statement: Statement, max_rows: u64) -> Result<GateStream> {
        let vetted = internal(Internal {
            ctx: self.ctx,
            source: &self.connector.info().source,
            catalog: self.catalog,
            statement,
            params: &[],
            purpose: Purpose::Profile,
            row_cap: max_rows,
        })?;
        let policy_hash = vetted.policy_hash().to_owned();
        let now = InForce { catalog_version: self.catalog.version(), policy_hash: &policy_hash };
        let recorded = gate::record(self.ctx, vetted, self.audit, self.options.meta.clone()).await?;
        let cleared = match gate::price(self.ctx, recorded, self.connector, now, &PriceLimits::default()).await? {
            Priced::Cleared(cleared) => cleared,
            _ => return Err(Error::new(ErrorKind::OverBudget, "reading the table costs more than is allowed")),
        };
        let options =
            QueryOptions { max_rows, max_bytes: u64::MAX, timeout: self.options.table_timeout, ..QueryOptions::default() };
        gate::run(self.ctx, cleared, self.connector, now, options).await
    }
}

async fn reduce(mut stream: GateStream, profiler: &mut TableProfiler) -> Result<End> {
    while let Some(batch) = stream.next().await {
        profiler.update(&batch?);
    }
    Ok(if stream.summary().truncated { End::Cut } else { End::Whole })
}
