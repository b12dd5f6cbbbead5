//! The connector: a statement in a transaction that is rolled back, its rows streamed into Arrow.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use tiberius::{Column, ColumnData, Command, QueryItem, Row};
use tokio::time::timeout;

use super::rights::Rights;
use super::session::{BEGIN, ROLLBACK, Server, Session, quiet};
use super::types::{self, Described};
use super::{catalog, errors, metadata, params, plan};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{
    BatchStream, Cleared, ConnectionReport, Connector, ConnectorInfo, Estimate, Health, IntrospectOptions, QueryOptions, Recorded,
};
use crate::guard::VettedSql;
use crate::source::net::Means;
use crate::source::net::columns::Rows;
use crate::source::net::pool::{Backend, Lease, Pool};
use crate::source::net::problem::Problem;
use crate::source::net::report::{Seen, Writes};
use crate::source::net::run::{self, Output, Stop};
use crate::source::{Engine, SourceSpec};
use crate::value::Value;

/// Time an introspection may take.
const INTROSPECTION_TIMEOUT: Duration = Duration::from_secs(60);
/// Time a plan may take; then there is none.
const PLAN_TIMEOUT: Duration = Duration::from_secs(5);
/// The error of a server that does not know a procedure.
const NO_SUCH_PROCEDURE: &str = "2812";
/// Wait for a rollback, after which the connection is closed.
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(2);

/// A database on SQL Server, Azure SQL, or another server that speaks TDS.
///
/// # Example
/// ```no_run
/// use leo::source::SourceSpec;
/// use leo::source::mssql::MssqlSource;
///
/// # async fn open() -> leo::Result<()> {
/// let spec: SourceSpec = "Server=tcp:sql.example.com,1433;Database=Northwind;User Id=leo;Password='s3cret';Encrypt=True".parse()?;
/// let source = MssqlSource::connect("northwind", spec).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MssqlSource {
    info: ConnectorInfo,
    pool: Pool<Server>,
}

impl MssqlSource {
    /// Connects once, so that mistakes show at once.
    ///
    /// # Errors
    /// What is wrong with the connection and what to do about it: `Config` (host, TLS, login, a login that may write), `Denied`,
    /// `NotFound` (database), `Unavailable`, `Timeout`.
    pub async fn connect(source: impl Into<String>, spec: SourceSpec) -> Result<Self> {
        Self::connect_with(source.into(), spec, Means::default()).await
    }

    /// [`connect`](Self::connect) with what the sources of a process share.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub(crate) async fn connect_with(source: String, spec: SourceSpec, means: Means) -> Result<Self> {
        let limit = spec.connections.connect_timeout();
        let pool = Pool::new(Server::default(), spec, means)?;
        let ctx = Context::new("leo", "leo")?;
        pool.checkout(&Stop::new(&ctx, limit + ROLLBACK_TIMEOUT)).await?.give_back();
        let info = ConnectorInfo {
            source,
            engine: Engine::Mssql.as_str().into(),
            engine_version: pool.backend().facts().version.clone(),
            dialect: Dialect::Tsql,
        };
        Ok(Self { info, pool })
    }

    /// Uses another spec from now on, for instance with a new password. It is tried first; where it fails the old one stays.
    ///
    /// # Errors
    /// As [`MssqlSource::connect`].
    pub async fn replace_spec(&self, spec: SourceSpec) -> Result<()> {
        self.pool.replace_spec(spec).await
    }

    fn check(&self, ctx: &Context, vetted: &VettedSql) -> Result<()> {
        ctx.check()?;
        self.info.accepts(vetted)
    }
}

#[async_trait]
impl Connector for MssqlSource {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        ctx.check()?;
        let stop = Stop::new(ctx, INTROSPECTION_TIMEOUT);
        let mut lease = self.pool.checkout(&stop).await?;
        match stop.unless_stopped(catalog::introspect(&mut lease, &options)).await {
            Ok(catalog) => {
                let catalog = catalog.inspect_err(|error| self.note(error))?;
                lease.give_back();
                Ok(catalog)
            }
            Err(why) => {
                lease.stop().await;
                Err(why)
            }
        }
    }

    /// Rows and cost of the plan. `None` where the server gives no plan.
    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>> {
        let vetted = sql.sql();
        self.check(ctx, vetted)?;
        if self.pool.backend().facts().no_plans {
            return Ok(None);
        }
        let stop = Stop::new(ctx, PLAN_TIMEOUT);
        let mut lease = self.pool.checkout(&stop).await?;
        match stop.unless_stopped(plan::estimate(&mut lease, self.pool.backend(), vetted.sql(), vetted.params())).await {
            Ok(Ok(estimate)) => {
                lease.give_back();
                Ok(estimate)
            }
            Ok(Err(error)) => {
                tracing::debug!(kind = %error.kind(), "no plan came");
                Ok(None)
            }
            Err(why) => {
                lease.stop().await;
                ctx.check()?;
                if why.kind() == ErrorKind::Timeout { Ok(None) } else { Err(why) }
            }
        }
    }

    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        let vetted = sql.sql();
        self.check(ctx, vetted)?;
        let statement = Statement {
            sql: vetted.sql().to_owned(),
            params: vetted.params().to_vec(),
            values: self.pool.spec().session_values(ctx)?,
            max_rows: options.max_rows.min(vetted.row_cap()),
        };
        let pool = self.pool.clone();
        run::run(ctx, options, move |output| statement.run(pool, output)).await
    }

    async fn test(&self, ctx: &Context) -> Result<ConnectionReport> {
        let tables_found = self.introspect(ctx, IntrospectOptions::default()).await?.tables.len() as u64;
        let started = Instant::now();
        let spec = self.pool.spec();
        // A connection of its own: what is tested is that one can be made.
        let connected =
            Stop::new(ctx, spec.connections.connect_timeout()).unless_stopped(self.pool.backend().connect(&spec)).await;
        drop(connected.map_err(|why| if why.kind() == ErrorKind::Timeout { Problem::Slow.error(&spec) } else { why })??);
        let latency = started.elapsed();
        let facts = self.pool.backend().facts().clone();
        let writes = match &facts.rights {
            Rights::ReadOnly => Writes::No,
            Rights::Write(rights) => Writes::By(rights.join(", ")),
            Rights::Unknown => Writes::Unknown,
        };
        let seen = Seen { latency, server_version: facts.version, tables_found, writes, is_encrypted: facts.protected };
        Ok(seen.report(&spec))
    }

    fn shares_rows(&self) -> bool {
        true
    }

    fn health(&self) -> Health {
        self.pool.health()
    }

    async fn close(&self) -> Result<()> {
        self.pool.close();
        Ok(())
    }
}

impl MssqlSource {
    fn note(&self, error: &Error) {
        if error.kind() == ErrorKind::Unavailable {
            self.pool.broke(error);
        }
    }
}

/// A statement on its way.
struct Statement {
    sql: String,
    params: Vec<Value>,
    values: Vec<(String, String)>,
    max_rows: u64,
}

/// How reading ended.
enum Ended {
    /// The whole answer was read.
    Whole,
    /// There is more of it on the way.
    Cut,
}

enum Item {
    Columns(Vec<Column>),
    Row(Row),
}

impl Statement {
    async fn run(self, pool: Pool<Server>, mut output: Output) -> Result<()> {
        let stop = output.stop.clone();
        let mut lease = pool.checkout(&stop).await?;
        let by_name = pool.backend().facts().calls_by_name;
        let ended = {
            let mut read = pin!(quiet(self.read(&mut lease, &mut output, by_name)));
            tokio::select! {
                biased;
                ended = &mut read => ended,
                why = stop.stopped() => Err(Failed { error: why, usable: false }),
            }
        };
        match ended {
            Ok(Ended::Whole) => self.finish(lease).await,
            Ok(Ended::Cut) => lease.stop().await,
            Err(Failed { error, usable: true }) => {
                self.finish(lease).await;
                if !by_name && is_unknown_procedure(&error) {
                    pool.backend().facts().calls_by_name = true;
                    return Box::pin(self.run(pool, output)).await;
                }
                return Err(error);
            }
            Err(Failed { error, usable: false }) => {
                if error.kind() == ErrorKind::Unavailable {
                    pool.broke(&error);
                }
                // Also where the network is gone: it costs nothing then.
                lease.stop().await;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Rolls back and keeps the connection, unless it belongs to a context for good: what was set read-only cannot be taken back.
    async fn finish(&self, mut lease: Lease<Server>) {
        let rolled_back = timeout(ROLLBACK_TIMEOUT, lease.rows(ROLLBACK)).await;
        if matches!(rolled_back, Ok(Ok(_))) && self.values.is_empty() {
            lease.give_back();
        }
    }

    async fn read(&self, session: &mut Session, output: &mut Output, by_name: bool) -> Result<Ended, Failed> {
        let spec = Arc::clone(&session.spec);
        let failed =
            |error: &tiberius::error::Error| Failed { error: errors::running(error, &spec), usable: !errors::is_fatal(error) };
        session.set_values(&self.values).await.map_err(Failed::discard)?;
        session.rows(BEGIN).await.map_err(|error| failed(&error))?;
        let head = Arc::clone(&session.head);
        let mut items = self.send(session, by_name).await?;
        let mut described: Option<Vec<Described>> = None;
        let mut rows: Option<Rows> = None;
        let (mut count, mut bytes) = (0_u64, 0_u64);
        loop {
            let item = match items.next().await {
                None => break,
                Some(Ok(item)) => item,
                Some(Err(error)) => return Err(failed(&error)),
            };
            let row = match item {
                Item::Columns(_) if described.is_some() => {
                    return Err(Failed::discard(Error::rejected("the statement has more than one result; send one at a time")));
                }
                Item::Columns(columns) => {
                    let columns = describe(&columns, &head.take());
                    let schema = types::schema(&columns);
                    rows = Some(Rows::new(Arc::clone(&schema), output.options.batch_rows).map_err(Failed::discard)?);
                    output.schema(schema);
                    described = Some(columns);
                    continue;
                }
                Item::Row(row) => row,
            };
            let (Some(described), Some(rows)) = (&described, &mut rows) else { continue };
            if count >= self.max_rows {
                output.truncate();
                if let Some(batch) = rows.flush().map_err(Failed::discard)? {
                    output.send(batch).await.map_err(Failed::discard)?;
                }
                return Ok(Ended::Cut);
            }
            let mut size = 0;
            for ((column, described), value) in rows.columns().iter_mut().zip(described).zip(row) {
                size += types::append(column, described, value).map_err(Failed::discard)?;
            }
            count += 1;
            bytes += size as u64;
            if bytes > output.options.max_bytes {
                return Err(Failed::discard(Error::limit_exceeded(format!(
                    "the result has more than {} bytes; select fewer rows or columns",
                    output.options.max_bytes
                ))));
            }
            if let Some(batch) = rows.end_row(size).map_err(Failed::discard)? {
                output.send(batch).await.map_err(Failed::discard)?;
            }
        }
        let Some(mut rows) = rows else {
            return Err(Failed { error: Error::rejected("only statements that return rows run here"), usable: true });
        };
        if let Some(batch) = rows.flush().map_err(Failed::discard)? {
            output.send(batch).await.map_err(Failed::discard)?;
        }
        Ok(Ended::Whole)
    }

    /// Through `sp_executesql`. The driver's own way names the placeholders `@P1` and sends NULL without a type; where that does not do, the
    /// procedure is called by name with declarations made here.
    async fn send<'a>(&self, session: &'a mut Session, by_name: bool) -> Result<BoxStream<'a, tiberius::Result<Item>>, Failed> {
        let spec = Arc::clone(&session.spec);
        let failed =
            |error: &tiberius::error::Error| Failed { error: errors::running(error, &spec), usable: !errors::is_fatal(error) };
        let bound: Vec<ColumnData<'_>> =
            self.params.iter().map(params::bound).collect::<Result<_>>().map_err(|error| Failed { error, usable: true })?;
        let spelled = !bound.is_empty() && (session.case_sensitive || self.params.iter().any(Value::is_null));
        if !by_name && !spelled {
            let bound: Vec<&dyn tiberius::ToSql> = bound.iter().map(|value| value as &dyn tiberius::ToSql).collect();
            let stream = session.client.query(self.sql.as_str(), &bound).await.map_err(|error| failed(&error))?;
            return Ok(stream
                .map_ok(|item| match item {
                    QueryItem::Metadata(columns) => Item::Columns(columns.columns().to_vec()),
                    QueryItem::Row(row) => Item::Row(row),
                })
                .boxed());
        }
        let mut call = Command::new("sp_executesql");
        call.bind_param("@stmt", self.sql.clone());
        if !bound.is_empty() {
            call.bind_param("@params", params::declarations(&self.sql, &self.params));
        }
        for (index, value) in bound.into_iter().enumerate() {
            call.bind_param(params::name(&self.sql, index + 1), value);
        }
        let stream = call.exec(&mut session.client).await.map_err(|error| failed(&error))?;
        Ok(stream
            .try_filter_map(async |item| {
                // The stream's own type of item is not public.
                if let Some(columns) = item.as_metadata() {
                    return Ok(Some(Item::Columns(columns.columns().to_vec())));
                }
                Ok(item.into_row().map(Item::Row))
            })
            .boxed())
    }
}

/// Whether the server does not know the procedure that statements go through, by its number.
fn is_unknown_procedure(error: &Error) -> bool {
    error.context().iter().any(|(key, value)| *key == "number" && value == NO_SUCH_PROCEDURE)
}

/// Names from the driver, types from the wire.
fn describe(columns: &[Column], head: &[u8]) -> Vec<Described> {
    let kinds = metadata::read(head).filter(|kinds| kinds.len() == columns.len());
    let kinds = kinds.unwrap_or_else(|| columns.iter().map(|column| types::fallback(column.column_type())).collect());
    columns.iter().zip(kinds).map(|(column, kind)| Described { name: column.name().to_owned(), kind }).collect()
}

/// Why reading failed, and whether the connection can be used again.
struct Failed {
    error: Error,
    usable: bool,
}

impl Failed {
    /// The answer was not read to its end.
    fn discard(error: Error) -> Self {
        Self { error, usable: false }
    }
}
