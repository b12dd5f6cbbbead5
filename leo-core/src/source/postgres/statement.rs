//! One statement: prepared, priced or run, in a transaction of its own that is rolled back.

use std::pin::pin;
use std::sync::Arc;

use futures::TryStreamExt;
use tokio_postgres::{Row, RowStream, Statement};

use super::errors;
use super::params::{self, Param};
use super::session::{Postgres, Session};
use super::types::{Settled, WINDOW_ROWS, Window};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::Estimate;
use crate::guard::VettedSql;
use crate::source::net::columns::Rows;
use crate::source::net::pool::{Lease, Pool};
use crate::source::net::run::{Output, Stop};
use crate::value::Value;

/// Bytes after which the first rows are looked at no longer.
const WINDOW_BYTES: u64 = 16 << 20;

/// What is sent.
#[derive(Debug)]
pub(super) struct Job {
    sql: String,
    params: Vec<Value>,
    row_cap: u64,
    /// Settings for the database's own row security.
    session: Vec<(String, String)>,
}

/// How a statement ended, for whoever cleans up behind it.
enum Ended {
    /// The server has said all.
    Complete,
    /// The server may have more to say.
    Early,
}

impl Job {
    /// # Errors
    /// `Denied` when the context lacks an attribute that the spec's session values need; `Config` for a value's name.
    pub(super) fn new(ctx: &Context, sql: &VettedSql, spec: &crate::source::SourceSpec) -> Result<Self> {
        let session = spec.session_values(ctx)?;
        if let Some((name, _)) = session.iter().find(|(name, _)| !name.contains('.')) {
            return Err(Error::config(format!(
                "the session value `{name}` has no dot in its name; PostgreSQL takes settings of one's own such as `app.{name}`"
            )));
        }
        Ok(Self { sql: sql.sql().to_owned(), params: sql.params().to_vec(), row_cap: sql.row_cap(), session })
    }

    /// Runs the statement and sends its rows to `output`.
    pub(super) async fn run(self, pool: Pool<Postgres>, mut output: Output) -> Result<()> {
        let stop = output.stop.clone();
        let lease = pool.checkout(&stop).await?;
        let done = stop.unless_stopped(self.stream(&lease, &stop, &mut output)).await;
        finish(&pool, lease, done).await
    }

    /// What the server expects of the statement; `None` where it does not say.
    pub(super) async fn explain(self, pool: &Pool<Postgres>, stop: &Stop) -> Result<Option<Estimate>> {
        let lease = pool.checkout(stop).await?;
        let mut found = None;
        let work = async {
            let prefixed = format!("EXPLAIN (FORMAT JSON) {}", self.sql);
            let statement = self.prepare(&lease, stop, &prefixed).await?;
            let rows: Vec<Row> = rows(&lease, &statement, &self.params).await?.try_collect().await.map_err(failed(&lease))?;
            let plan = rows.first().and_then(|row| row.try_get::<_, super::session::Raw<'_>>(0).ok());
            found = plan.and_then(|plan| estimate(plan.0));
            Ok(Ended::Complete)
        };
        let done = stop.unless_stopped(work).await;
        match finish(pool, lease, done).await {
            Ok(()) => Ok(found),
            // It may run all the same, under its timeout: a lock that is waited for now may be gone by then.
            Err(error) if error.kind() == ErrorKind::Unavailable && !crate::source::net::problem::is_problem(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens the transaction and prepares `sql` in it.
    async fn prepare(&self, session: &Session, stop: &Stop, sql: &str) -> Result<Statement, Failure> {
        let opened = session.begin(stop.left(), &self.session);
        // The second is on its way before the first is answered; nothing runs unless both went well.
        let (opened, prepared) = futures::future::join(opened, session.client.prepare(sql)).await;
        opened.map_err(failed(session))?;
        let prepared = match prepared {
            Err(error) if error.code().is_some_and(|code| matches!(code.code(), "42P18" | "42P08")) => {
                session.client.batch_execute("ROLLBACK").await.map_err(failed(session))?;
                session.begin(stop.left(), &self.session).await.map_err(failed(session))?;
                session.client.prepare_typed(sql, &params::own(&self.params)).await
            }
            prepared => prepared,
        };
        let not_prepared = |error| Failure {
            is_broken: errors::is_broken(&error),
            is_running: false,
            error: errors::preparing(error, session.spec()),
        };
        let prepared = prepared.map_err(not_prepared)?;
        if prepared.params().len() != self.params.len() {
            return Err(Failure::ours(Error::rejected(format!(
                "the statement has {} placeholders and {} values; give one value for each",
                prepared.params().len(),
                self.params.len()
            ))));
        }
        match params::corrected(prepared.params(), &self.params) {
            None => Ok(prepared),
            Some(types) => session.client.prepare_typed(sql, &types).await.map_err(not_prepared),
        }
    }

    async fn stream(&self, session: &Session, stop: &Stop, output: &mut Output) -> Result<Ended, Failure> {
        let statement = self.prepare(session, stop, &self.sql).await?;
        if statement.columns().is_empty() {
            return Err(Failure::ours(Error::rejected("only statements that return rows and change nothing run here")));
        }
        let max_rows = output.options.max_rows.min(self.row_cap);
        let mut window = Window::new(statement.columns(), session.facts.money_scale)?;
        let mut arriving = pin!(rows(session, &statement, &self.params).await?);
        let mut first = Vec::new();
        let (mut complete, mut bytes) = (false, 0);
        // The scale of a `numeric` without one is that of the first values.
        while window.is_open() && first.len() < WINDOW_ROWS && (first.len() as u64) < max_rows && bytes < WINDOW_BYTES {
            let Some(row) = arriving.try_next().await.map_err(failed(session))? else {
                complete = true;
                break;
            };
            bytes += row.raw_size_bytes() as u64;
            check_bytes(bytes, output.options.max_bytes)?;
            window.look_at(&row)?;
            first.push(row);
        }
        let settled = window.settle();
        output.schema(Arc::clone(&settled.schema));
        let mut rows = Rows::new(Arc::clone(&settled.schema), output.options.batch_rows)?;
        let mut sent = first.len() as u64;
        for row in first {
            append(&settled, &row, &mut rows, output).await?;
        }
        if complete {
            flush(&mut rows, output).await?;
            return Ok(Ended::Complete);
        }
        while let Some(row) = arriving.try_next().await.map_err(failed(session))? {
            if sent >= max_rows {
                output.truncate();
                flush(&mut rows, output).await?;
                return Ok(Ended::Early);
            }
            bytes += row.raw_size_bytes() as u64;
            check_bytes(bytes, output.options.max_bytes)?;
            append(&settled, &row, &mut rows, output).await?;
            sent += 1;
        }
        flush(&mut rows, output).await?;
        Ok(Ended::Complete)
    }
}

async fn append(settled: &Settled, row: &Row, rows: &mut Rows, output: &Output) -> Result<()> {
    settled.append(row, rows.columns())?;
    match rows.end_row(row.raw_size_bytes())? {
        Some(batch) => output.send(batch).await,
        None => Ok(()),
    }
}

async fn flush(rows: &mut Rows, output: &Output) -> Result<()> {
    match rows.flush()? {
        Some(batch) => output.send(batch).await,
        None => Ok(()),
    }
}

async fn rows(session: &Session, statement: &Statement, values: &[Value]) -> Result<RowStream, Failure> {
    session.client.query_raw(statement, values.iter().map(Param)).await.map_err(failed(session))
}

fn check_bytes(bytes: u64, max: u64) -> Result<()> {
    if bytes <= max {
        return Ok(());
    }
    Err(Error::limit_exceeded(format!(
        "the result is larger than {} MiB; ask for fewer rows or columns, or aggregate",
        max >> 20
    )))
}

/// Why a statement failed, and what that means for its session.
struct Failure {
    error: Error,
    /// The connection is of no use any more.
    is_broken: bool,
    /// The server does not know that it is over.
    is_running: bool,
}

impl Failure {
    fn ours(error: Error) -> Self {
        Self { error, is_broken: false, is_running: false }
    }
}

/// A failure on this side, while the server goes on.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, is_broken: false, is_running: true }
    }
}

fn failed(session: &Session) -> impl FnOnce(tokio_postgres::Error) -> Failure + '_ {
    |error| Failure { is_broken: errors::is_broken(&error), is_running: false, error: errors::running(error, session.spec()) }
}

/// Stops what still runs, rolls back, and keeps the session if that went well.
async fn finish(pool: &Pool<Postgres>, lease: Lease<Postgres>, done: Result<Result<Ended, Failure>>) -> Result<()> {
    let (result, is_running) = match done {
        Ok(Ok(Ended::Complete)) => (Ok(()), false),
        Ok(Ok(Ended::Early)) => (Ok(()), true),
        Ok(Err(failure)) if failure.is_broken || lease.client.is_closed() => {
            let error = crate::source::net::problem::Problem::Lost.error(lease.spec());
            let error = if failure.is_broken { failure.error } else { error };
            pool.broke(&error);
            return Err(error);
        }
        Ok(Err(failure)) => (Err(failure.error), failure.is_running),
        Err(why) => (Err(why), true),
    };
    if lease.end(is_running).await {
        lease.give_back();
    }
    result
}

/// The figures of a plan: the most rows any step handles, and the cost of the whole.
fn estimate(plan: &[u8]) -> Option<Estimate> {
    fn most_rows(node: &serde_json::Value) -> f64 {
        let own = node.get("Plan Rows").and_then(serde_json::Value::as_f64).unwrap_or(0.0);
        let below = node.get("Plans").and_then(serde_json::Value::as_array).into_iter().flatten().map(most_rows);
        below.fold(own, f64::max)
    }
    let plan: serde_json::Value = serde_json::from_slice(plan).ok()?;
    let root = plan.get(0)?.get("Plan")?;
    let cost = root.get("Total Cost").and_then(serde_json::Value::as_f64);
    Some(Estimate { rows: Some(most_rows(root) as u64), bytes: None, cost })
}
