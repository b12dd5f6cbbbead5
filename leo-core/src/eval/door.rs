//! The runner of SQLite suites: reference statements and answers go through guard and gate like anyone's.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::database::Database;
use super::judge::Runner;
use crate::adapter::{Access, AuditSink};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{self, Connector, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions, RecordMeta};
use crate::guard::{Purpose, Request, Vetting, vet};
use crate::settings::GuardLimits;
use crate::source::sqlite::{InvalidUtf8, SqliteOptions, SqliteSource};
use crate::value::Value;

/// Rows a statement may return.
const MAX_ROWS: u64 = 1_000_000;
/// Time a statement may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Databases kept open.
const OPEN: usize = 8;

/// Runs statements on SQLite files through guard and gate, with purpose `eval`: up to 1,000,000 rows and 20 s.
///
/// Each database is opened and read once; the last few stay open.
#[derive(Debug)]
pub struct GateRunner {
    ctx: Context,
    audit: Arc<dyn AuditSink>,
    guard: GuardLimits,
    open: Mutex<VecDeque<(PathBuf, Arc<Opened>)>>,
}

#[derive(Debug)]
struct Opened {
    source: SqliteSource,
    catalog: Catalog,
}

impl GateRunner {
    /// A runner whose attempts are recorded in `audit` under `ctx`.
    pub fn new(ctx: Context, audit: Arc<dyn AuditSink>) -> Self {
        let guard = GuardLimits { row_cap: MAX_ROWS, ..GuardLimits::default() };
        Self { ctx, audit, guard, open: Mutex::default() }
    }

    async fn opened(&self, database: &Database) -> Result<Arc<Opened>> {
        let lock = || self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().iter().find(|(path, _)| *path == database.path).map(|(_, opened)| Arc::clone(opened));
        if let Some(opened) = known {
            return Ok(opened);
        }
        // Text that is not UTF-8 is the same on both sides of a comparison, whatever it is read as.
        let options = SqliteOptions { max_connections: 2, invalid_utf8: InvalidUtf8::Replace, ..SqliteOptions::default() };
        let source = SqliteSource::open_options(database.name.clone(), &database.path, options)?;
        let catalog =
            gate::introspect(&self.ctx, &source, IntrospectOptions::default(), &self.audit, RecordMeta::default()).await?;
        let opened = Arc::new(Opened { source, catalog });
        let mut open = lock();
        if !open.iter().any(|(path, _)| *path == database.path) {
            open.push_back((database.path.clone(), Arc::clone(&opened)));
            while open.len() > OPEN {
                open.pop_front();
            }
        }
        Ok(opened)
    }
}

impl GateRunner {
    fn vetted(&self, opened: &Opened, sql: &str) -> Vetting {
        vet(&Request {
            ctx: &self.ctx,
            source: &opened.source.info().source,
            catalog: &opened.catalog,
            access: &Access::full(),
            settings: &self.guard,
            sql,
            params: &[],
            purpose: Purpose::Eval,
        })
    }
}

#[async_trait]
impl Runner for GateRunner {
    async fn run(&self, database: &Database, sql: &str) -> Result<Vec<Vec<Value>>> {
        let opened = self.opened(database).await?;
        let source = &opened.source.info().source;
        let vetting = self.vetted(&opened, sql);
        let vetted = match vetting.into_result() {
            Ok(vetted) => vetted,
            Err(error) => {
                let meta = RecordMeta::default();
                gate::record_refusal(&self.ctx, source, Purpose::Eval, sql, &error, &*self.audit, meta).await?;
                return Err(error);
            }
        };
        let policy_hash = vetted.policy_hash().to_owned();
        let now = InForce { catalog_version: opened.catalog.version(), policy_hash: &policy_hash };
        let recorded = gate::record(&self.ctx, vetted, &self.audit, RecordMeta::default()).await?;
        let cleared = match gate::price(&self.ctx, recorded, &opened.source, now, &PriceLimits::default()).await? {
            Priced::Cleared(cleared) => cleared,
            _ => return Err(Error::new(ErrorKind::OverBudget, "the statement costs more than evaluation may spend")),
        };
        let options = QueryOptions { max_rows: MAX_ROWS, timeout: TIMEOUT, ..QueryOptions::default() };
        let result = gate::collect(gate::run(&self.ctx, cleared, &opened.source, now, options).await?).await?;
        if result.summary.truncated {
            return Err(Error::limit_exceeded(format!("the result has more than {MAX_ROWS} rows, too many to compare")));
        }
        Ok(result.table.rows().collect())
    }

    async fn tables(&self, database: &Database, sql: &str) -> Vec<String> {
        let Ok(opened) = self.opened(database).await else { return Vec::new() };
        let vetted = self.vetted(&opened, sql).into_result();
        vetted.map(|vetted| vetted.tables().iter().map(ToString::to_string).collect()).unwrap_or_default()
    }
}
