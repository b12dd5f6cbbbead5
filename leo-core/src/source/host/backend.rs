//! The connector.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::RwLock;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::statement::Statement;
use crate::adapter::{HostConnector, SqlRequest, caught};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{
    BatchStream, Cleared, ConnectionReport, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded,
};
use crate::source::run::{self, Output, Stop};
use crate::source::wanted::Wanted;

/// Time a description may take.
const INTROSPECTION_TIMEOUT: Duration = Duration::from_secs(60);

/// Time for what a call leaves behind when nobody waits for it any more.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// A host's own connector as a source.
///
/// Statements reach it after the guard and the gate alone; rows, bytes, time and cancellation are watched here. It gives no estimates.
#[derive(Debug)]
pub struct HostSource {
    info: ConnectorInfo,
    host: Arc<dyn HostConnector>,
    closed: CancellationToken,
    is_closing: AtomicBool,
    /// Read by each statement under way, so that closing can wait for them.
    running: Arc<RwLock<()>>,
}

impl HostSource {
    /// `connector` under the id, and with the dialect, of `info`.
    pub fn new(info: ConnectorInfo, connector: Arc<dyn HostConnector>) -> Self {
        Self {
            info,
            host: connector,
            closed: CancellationToken::new(),
            is_closing: AtomicBool::default(),
            running: Arc::default(),
        }
    }

    fn ready(&self, ctx: &Context) -> Result<()> {
        ctx.check()?;
        if self.closed.is_cancelled() { Err(closed()) } else { Ok(()) }
    }

    /// What the host says of the source, and whether its login only reads.
    async fn describe(&self, ctx: &Context, options: &IntrospectOptions) -> Result<(Catalog, bool)> {
        self.ready(ctx)?;
        let stop = Stop::new(ctx, INTROSPECTION_TIMEOUT);
        let asked = async {
            tokio::select! {
                biased;
                () = self.closed.cancelled() => Err(closed()),
                described = caught("the host's connector failed to describe the source", async || self.host.introspect(ctx.to_host()).await) => described,
            }
        };
        let described = stop.unless_stopped(asked).await??;
        if described.dialect != self.info.dialect {
            return Err(Error::adapter(format!(
                "the connector was registered with the dialect {} and describes a source of {}; say the same in both places",
                self.info.dialect, described.dialect
            )));
        }
        let read_only = described.read_only;
        let catalog = described.into_catalog()?;
        if options.include.is_empty() && options.exclude.is_empty() {
            return Ok((catalog, read_only));
        }
        let wanted = Wanted::of([&options.include, &[]], [&options.exclude, &[]], catalog.default_schema())?;
        let is_wanted = |table: &crate::catalog::Table| wanted.has(catalog.schema_of(&table.name), &table.name.name);
        let tables = catalog.tables.iter().filter(|table| is_wanted(table)).cloned().collect();
        Ok((Catalog::new(catalog.dialect, catalog.default_schema.clone(), tables), read_only))
    }
}

/// What a call hears after closing.
pub(super) fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the source was closed; add it again")
}

#[async_trait]
impl Connector for HostSource {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        self.describe(ctx, &options).await.map(|(catalog, _)| catalog)
    }

    /// A host is not asked what a statement costs.
    async fn estimate(&self, ctx: &Context, _sql: &Recorded) -> Result<Option<Estimate>> {
        self.ready(ctx)?;
        Ok(None)
    }

    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        self.ready(ctx)?;
        let vetted = sql.sql();
        self.info.accepts(vetted)?;
        // Nobody waits here: it is held by whoever closes, and that is final.
        let running = Arc::clone(&self.running).try_read_owned().map_err(|_| closed())?;
        let statement = Statement {
            host: Arc::clone(&self.host),
            ctx: ctx.to_host(),
            request: SqlRequest {
                sql: vetted.sql().to_owned(),
                params: vetted.params().to_vec(),
                row_cap: options.max_rows.min(vetted.row_cap().saturating_add(1)),
                timeout_ms: u64::try_from(Stop::new(ctx, options.timeout).left().as_millis()).unwrap_or(u64::MAX),
            },
            columns: vetted.lineage().len(),
            max_rows: options.max_rows.min(vetted.row_cap()),
            closed: self.closed.clone(),
            running,
        };
        run::run(ctx, options, async |output: Output| statement.on(output).await).await
    }

    async fn test(&self, ctx: &Context) -> Result<ConnectionReport> {
        let started = Instant::now();
        let (catalog, read_only) = self.describe(ctx, &IntrospectOptions::default()).await?;
        let warning = "the host does not say that the connector's login can only read; give it one that can, and say so in \
                       the description (`read_only`)";
        Ok(ConnectionReport {
            latency_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            server_version: self.info.engine_version.clone(),
            tables_found: catalog.tables.len() as u64,
            read_only,
            warnings: if read_only { Vec::new() } else { vec![warning.to_owned()] },
        })
    }

    /// Ends the statements under way, and then tells the host.
    async fn close(&self) -> Result<()> {
        self.closed.cancel();
        if self.is_closing.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        // A host that does not stop its statements is told all the same.
        let _ended = timeout(GRACE, self.running.write()).await;
        let closing = caught("the host's connector failed to close", async || self.host.close().await);
        timeout(GRACE, closing)
            .await
            .map_err(|_| Error::timeout(format!("the host's connector did not close within {} s", GRACE.as_secs())))?
    }
}
