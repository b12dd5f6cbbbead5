//! The connector.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::catalog;
use super::errors;
use super::session::{Facts, Postgres};
use super::statement::Job;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::gate::{
    BatchStream, Cleared, ConnectionReport, Connector, ConnectorInfo, Estimate, Health, IntrospectOptions, QueryOptions, Recorded,
};
use crate::guard::VettedSql;
use crate::source::net::Means;
use crate::source::net::pool::Pool;
use crate::source::net::report::Seen;
use crate::source::net::run::{self, Stop};
use crate::source::wanted::Wanted;
use crate::source::{Engine, SourceSpec};

/// Time an introspection may take.
const INTROSPECTION_TIMEOUT: Duration = Duration::from_secs(60);
/// Time an estimate may take.
const ESTIMATE_TIMEOUT: Duration = Duration::from_secs(5);

/// A PostgreSQL database as a source.
///
/// Every statement runs in a read-only transaction of its own, in which the session is pinned and which is rolled back. Results are
/// streamed in constant memory; a result that nobody reads any more is stopped on the server.
///
/// Dropping it closes its connections; statements under way end first.
#[derive(Debug)]
pub struct PostgresSource {
    info: ConnectorInfo,
    pool: Pool<Postgres>,
}

impl PostgresSource {
    /// Connects once, so that mistakes show at once.
    ///
    /// # Errors
    /// One per mistake, with what to do: `Config` (unknown host, another kind of server, TLS, login, a wrong spec), `Unavailable` (port
    /// closed, server not ready, too many connections), `Timeout` (no answer), `NotFound` (no such database), `Denied` (no permission, a
    /// private address where these are forbidden), `Unsupported` (a version before 12).
    ///
    /// # Example
    /// ```no_run
    /// # async fn example() -> leo::Result<()> {
    /// use leo::source::postgres::PostgresSource;
    ///
    /// let shop = PostgresSource::connect("shop", "postgres://ada:s3cret@db.example.com/shop".parse()?).await?;
    /// let leo = leo::Leo::builder().preset(leo::settings::Preset::Local).source(leo::builder::Source::new(shop)).build()?;
    /// let answer = leo.ask("How many orders were there last month?").await?;
    /// # Ok(()) }
    /// ```
    pub async fn connect(source: impl Into<String>, spec: SourceSpec) -> Result<Self> {
        Self::connect_with(source.into(), spec, Means::default()).await
    }

    /// [`connect`](Self::connect) with what the sources of a process share.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub(crate) async fn connect_with(source: String, spec: SourceSpec, means: Means) -> Result<Self> {
        Wanted::new(&spec, &IntrospectOptions::default(), None)?;
        let stop = Stop::within(spec.connections.connect_timeout() + Duration::from_secs(1));
        let pool = Pool::new(Postgres, spec, means)?;
        let lease = pool.checkout(&stop).await?;
        let Facts { version, .. } = lease.facts.clone();
        lease.give_back();
        let info = ConnectorInfo {
            source,
            engine: Engine::Postgres.as_str().into(),
            engine_version: version,
            dialect: Dialect::Postgres,
        };
        Ok(Self { info, pool })
    }

    /// Connects with another spec, for instance a new password, and uses it from then on; where that fails the old one stays.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn replace_spec(&self, spec: SourceSpec) -> Result<()> {
        self.pool.replace_spec(spec).await
    }

    fn job(&self, ctx: &Context, sql: &VettedSql) -> Result<Job> {
        ctx.check()?;
        self.info.accepts(sql)?;
        Job::new(ctx, sql, &self.pool.spec())
    }
}

#[async_trait]
impl Connector for PostgresSource {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        ctx.check()?;
        let stop = Stop::new(ctx, INTROSPECTION_TIMEOUT);
        let lease = self.pool.checkout(&stop).await?;
        let wanted = Wanted::new(&self.pool.spec(), &options, lease.facts.schema.as_deref())?;
        // Dropped on the way, the session is closed.
        let catalog = stop.unless_stopped(catalog::introspect(&lease, stop.left(), &wanted)).await??;
        if lease.end(false).await {
            lease.give_back();
        }
        Ok(catalog)
    }

    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>> {
        let job = self.job(ctx, sql.sql())?;
        job.explain(&self.pool, &Stop::new(ctx, ESTIMATE_TIMEOUT)).await
    }

    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        let job = self.job(ctx, sql.sql())?;
        let pool = self.pool.clone();
        run::run(ctx, options, |output| job.run(pool, output)).await
    }

    async fn test(&self, ctx: &Context) -> Result<ConnectionReport> {
        ctx.check()?;
        let stop = Stop::new(ctx, INTROSPECTION_TIMEOUT);
        let spec = self.pool.spec();
        let failed = |error| errors::running(error, &spec);
        let started = Instant::now();
        let lease = self.pool.checkout(&stop).await?;
        let latency = started.elapsed();
        let wanted = Wanted::new(&spec, &IntrospectOptions::default(), lease.facts.schema.as_deref())?;
        let look = async {
            let tables = catalog::introspect(&lease, stop.left(), &wanted).await?.tables.len() as u64;
            let answer = lease.client.query_typed(catalog::CAN_WRITE, &[]).await.map_err(failed)?;
            // A login that cannot even be looked up is no more than a reader.
            let can_write = answer.first().and_then(|row| row.try_get::<_, Option<bool>>(0).ok().flatten()).unwrap_or(false);
            Ok::<_, Error>((tables, can_write))
        };
        let (tables_found, can_write) = stop.unless_stopped(look).await??;
        let facts = lease.facts.clone();
        if lease.end(false).await {
            lease.give_back();
        }
        let seen = Seen {
            latency,
            server_version: facts.version,
            tables_found,
            writes: can_write.into(),
            is_encrypted: facts.is_protected,
        };
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

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Arc<PostgresSource>>();
};
