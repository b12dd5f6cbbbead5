//! What a source must be able to do.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use futures::Stream;
use serde::{Deserialize, Serialize};

use super::pass::{Cleared, Recorded};
use crate::breaker::BreakerState;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::guard::VettedSql;

/// A connection to one source. It takes only statements that went through the gate.
#[async_trait]
pub trait Connector: std::fmt::Debug + Send + Sync + 'static {
    /// What this connector is; a value, read without asking the database.
    fn info(&self) -> &ConnectorInfo;

    /// Reads the structure of the source with fixed statements that take no text from users.
    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog>;

    /// What the statement would cost; `None` where the engine does not say.
    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>>;

    /// Runs the statement.
    ///
    /// # Behavior
    /// The schema is known before the first batch. Dropping the stream, cancelling the context or passing its deadline stops the
    /// work in the engine.
    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream>;

    /// Connects, looks around and says what it found.
    ///
    /// # Errors
    /// What is wrong with the connection, with what to do about it.
    async fn test(&self, ctx: &Context) -> Result<ConnectionReport> {
        look_around(self, ctx).await
    }

    /// Whether all users under the same policy get the same rows: what is read depends on the statement alone, not on who asks. Only then
    /// are rows of one call given to another.
    fn shares_rows(&self) -> bool {
        false
    }

    /// How the connections are, without asking the database.
    fn health(&self) -> Health {
        Health::default()
    }

    /// Closes connections; later calls fail with `Closed`.
    async fn close(&self) -> Result<()>;
}

/// What an introspection tells of a connection.
pub(crate) async fn look_around<C: Connector + ?Sized>(connector: &C, ctx: &Context) -> Result<ConnectionReport> {
    let started = std::time::Instant::now();
    let catalog = connector.introspect(ctx, IntrospectOptions::default()).await?;
    Ok(ConnectionReport {
        latency_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        server_version: connector.info().engine_version.clone(),
        tables_found: catalog.tables.len() as u64,
        ..ConnectionReport::default()
    })
}

/// What a connection test found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConnectionReport {
    /// Milliseconds from the first packet to the last answer.
    pub latency_ms: u64,
    /// The server's version in its own words.
    pub server_version: String,
    /// Tables and views that the login may read.
    pub tables_found: u64,
    /// Whether the login can only read.
    pub read_only: bool,
    /// What works but should not stay: a login that can write, a connection without TLS, more than 200 tables.
    pub warnings: Vec<String>,
}

/// How a source's connections are.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SourceHealth"))]
pub struct Health {
    /// Whether the server is left alone after failures.
    pub breaker: BreakerState,
    /// Open connections.
    pub connections: usize,
    /// Open connections that no statement uses.
    pub idle: usize,
    /// The last failure to connect since the last success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<Error>,
}

/// What a connector is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorInfo {
    /// The source's id within this process.
    pub source: String,
    /// `sqlite` …
    pub engine: String,
    /// Version of the engine.
    pub engine_version: String,
    /// Its dialect.
    pub dialect: Dialect,
}

impl ConnectorInfo {
    /// Checks that the statement was vetted for this source, and in its dialect.
    ///
    /// # Errors
    /// `Denied` when it was not.
    pub fn accepts(&self, sql: &VettedSql) -> Result<()> {
        if sql.source() != self.source {
            return Err(Error::denied("the statement was vetted for another source; vet it again for this one")
                .with_context("source", self.source.clone()));
        }
        if sql.dialect() != self.dialect {
            return Err(Error::denied(format!(
                "the statement is written in {} and the source speaks {}; vet it again for this source",
                sql.dialect(),
                self.dialect
            )));
        }
        Ok(())
    }
}

/// Which part of a source to read.
#[derive(Debug, Clone, Default)]
pub struct IntrospectOptions {
    /// Globs over `schema.table`; empty means all.
    pub include: Vec<String>,
    /// Globs over `schema.table`; they win.
    pub exclude: Vec<String>,
}

/// Limits of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryOptions {
    /// Rows after which the stream ends; the caller learns that there were more.
    pub max_rows: u64,
    /// Bytes of Arrow data after which the run fails with `LimitExceeded`.
    pub max_bytes: u64,
    /// Time for the statement, all batches included.
    pub timeout: Duration,
    /// Rows of a batch.
    pub batch_rows: usize,
}

impl Default for QueryOptions {
    /// 5,000 rows, 256 MiB, 8 s, batches of 8,192 rows.
    fn default() -> Self {
        Self { max_rows: 5_000, max_bytes: 256 << 20, timeout: Duration::from_secs(8), batch_rows: 8_192 }
    }
}

/// What a statement would cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// Rows the engine expects to read or return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Bytes billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The engine's own cost figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

/// A result on its way: the schema first, then batches. Dropping it stops the work in the engine.
pub struct BatchStream {
    schema: SchemaRef,
    truncated: Arc<AtomicBool>,
    batches: Pin<Box<dyn Stream<Item = Result<RecordBatch>> + Send>>,
}

impl BatchStream {
    /// A stream of `batches`, all of which have `schema`.
    pub fn new(schema: SchemaRef, batches: impl Stream<Item = Result<RecordBatch>> + Send + 'static) -> Self {
        Self { schema, truncated: Arc::default(), batches: Box::pin(batches) }
    }

    /// Lets the producer say through `flag` that the result had more rows than were asked for.
    #[must_use]
    pub fn with_truncated(mut self, flag: Arc<AtomicBool>) -> Self {
        self.truncated = flag;
        self
    }

    /// Whether the result had more rows than `max_rows`; final once the stream has ended.
    pub fn truncated(&self) -> bool {
        self.truncated.load(Ordering::Acquire)
    }

    /// The flag behind [`BatchStream::truncated`], for whoever wraps or consumes the stream.
    pub fn truncated_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.truncated)
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

impl Stream for BatchStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<Option<Self::Item>> {
        self.batches.as_mut().poll_next(cx)
    }
}

impl std::fmt::Debug for BatchStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchStream").field("schema", &self.schema).finish_non_exhaustive()
    }
}
