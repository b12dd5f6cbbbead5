//! How good the rows are: the counts that statistics do not tell.

use std::collections::{HashMap, HashSet};

use futures::FutureExt as _;
use sha2::{Digest, Sha256};
use sqlparser::ast::Statement;

use super::Before;
use super::changes::structure;
use super::progress::{SyncProgress, SyncStage};
use super::table::Scan;
use crate::catalog::{Catalog, QualityPoint, Table, TableName, TableQuality};
use crate::error::Result;
use crate::profile::{QualityOptions, QualityPlan, QualityPlanner};
use crate::table::Table as Rows;
use crate::value::{Value, to_hex};

/// Changes when checks of an earlier version have to be made again.
const FORM: u32 = 1;

/// The quality of each table that has one and whose rows, or those of a table it refers to, are among the `read` ones.
///
/// # Errors
/// Those after which going on is of no use. A statement that fails leaves its checks out.
pub(super) async fn check(
    scan: &Scan<'_>,
    before: &Before,
    read: &HashSet<TableName>,
    options: &QualityOptions,
    progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
) -> Result<HashMap<TableName, Option<TableQuality>>> {
    let (catalog, now) = (scan.catalog, scan.ctx.now);
    let points = catalog.relationships.iter().filter(|known| read.contains(&known.parent));
    let refers: HashSet<&TableName> = points.map(|known| &known.child).collect();
    let is_meant = |table: &TableName| read.contains(table) || refers.contains(table);
    let planner = QualityPlanner::new(catalog, before.catalog.as_deref(), now, options);
    let meant: Vec<&Table> = catalog.tables.iter().filter(|table| is_meant(&table.name)).collect();
    let total = meant.len();
    progress(SyncProgress::at(SyncStage::Check, 0, total));
    let mut found = HashMap::with_capacity(total);
    for (done, table) in meant.into_iter().enumerate() {
        scan.ctx.check()?;
        let quality = quality(scan, before, planner.plan(table), options, now).await?;
        progress(SyncProgress { table: Some(&table.name), ..SyncProgress::at(SyncStage::Check, done + 1, total) });
        found.insert(table.name.clone(), quality);
    }
    Ok(found)
}

async fn quality(
    scan: &Scan<'_>,
    before: &Before,
    plan: QualityPlan,
    options: &QualityOptions,
    now: jiff::Timestamp,
) -> Result<Option<TableQuality>> {
    let table = scan.catalog.require_table(&plan.table)?;
    let known = before.catalog.as_deref().and_then(|known| known.table(&table.name)?.quality.clone());
    let Some(steps) = &before.steps else {
        let history = known.map(|known| known.history).unwrap_or_default();
        return Ok(count(scan, plan, &history, now).await);
    };
    let step = format!("quality/{}", table.name);
    let history = match known {
        Some(known) => known.history,
        None => steps.last::<Option<TableQuality>>(&step).await?.flatten().map(|last| last.history).unwrap_or_default(),
    };
    let input = input(scan.catalog, table, options);
    let work = || {
        let (plan, history) = (plan.clone(), history.clone());
        async move { Ok(count(scan, plan, &history, now).await) }.boxed()
    };
    steps.step(scan.ctx, &step, input.as_deref(), work).await?
}

/// Hash of all that the checks of a table depend on; none where the engine does not tell whether rows changed.
fn input(catalog: &Catalog, table: &Table, options: &QualityOptions) -> Option<String> {
    let parents = catalog.relationships.iter().filter(|known| known.child == table.name);
    let parents: Vec<&Table> = parents.filter_map(|known| catalog.table(&known.parent)).collect();
    let all: Option<Vec<(String, &str)>> =
        std::iter::once(table).chain(parents).map(|table| Some((structure(table), table.data_version.as_deref()?))).collect();
    let given = (FORM, env!("CARGO_PKG_VERSION"), all?, format!("{options:?}"));
    Some(to_hex(&Sha256::digest(serde_json::to_vec(&given).unwrap_or_default())))
}

async fn count(scan: &Scan<'_>, plan: QualityPlan, history: &[QualityPoint], now: jiff::Timestamp) -> Option<TableQuality> {
    let statements: Vec<Statement> = plan.statements().cloned().collect();
    let mut counts = Vec::with_capacity(statements.len());
    for statement in statements {
        let counted = scan.collect(statement).boxed().await;
        if let Err(error) = &counted {
            tracing::debug!(table = %plan.table, kind = %error.kind(), "a check was left out");
        }
        counts.push(counted.ok().and_then(|rows| whole_numbers(&rows)));
    }
    plan.finish(&counts, history, now)
}

/// The one row of counts; a sum over no rows is NULL, and counts nothing.
fn whole_numbers(rows: &Rows) -> Option<Vec<u64>> {
    let cell = |column| match rows.value(0, column) {
        Value::Int(count) => u64::try_from(count).ok(),
        Value::Null => Some(0),
        Value::Decimal(count) => count.to_string().parse().ok(),
        Value::Float(count) if count >= 0.0 && count.fract() == 0.0 => Some(count as u64),
        _ => None,
    };
    if rows.num_rows() == 1 { (0..rows.num_columns()).map(cell).collect() } else { None }
}
