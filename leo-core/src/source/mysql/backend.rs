//! The connector: statements on pinned connections, in read-only transactions, streamed.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::{Stream, StreamExt};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Row, Statement as Prepared};
use mysql_common::named_params::ParsedNamedParams;

use super::session::{Family, MysqlBackend, Session, kill};
use super::types::{Decoder, bound};
use super::{catalog, errors, plan, rights};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::gate::{
    BatchStream, Cleared, ConnectionReport, Connector, ConnectorInfo, Estimate, Health, IntrospectOptions, QueryOptions, Recorded,
};
use crate::source::net::Means;
use crate::source::net::pool::{Lease, Pool};
use crate::source::net::problem;
use crate::source::net::report::Seen;
use crate::source::net::run::{self, Output, Stop};
use crate::source::{Engine, SourceSpec};
use crate::value::Value;

/// Time an introspection may take.
const INTROSPECTION_TIMEOUT: Duration = Duration::from_secs(60);
/// Time for an estimate and for a look at the login's rights.
const SMALL_TIMEOUT: Duration = Duration::from_secs(8);
/// Rows behind the last one asked for that are read away, so that the connection can be used again.
const ROWS_BEHIND: usize = 64;

/// A MySQL or MariaDB database as a source.
///
/// # Behavior
/// Statements run as prepared statements (the protocol takes exactly one at a time), in read-only transactions that are rolled back,
/// under a limit of time on the server too. Cancelled or dropped, a statement is ended there with `KILL` over a second connection.
///
/// # Example
/// ```no_run
/// # async fn example() -> leo::Result<()> {
/// use leo::source::mysql::MysqlSource;
///
/// let source = MysqlSource::connect("shop", "mysql://leo:secret@db.example.com/shop".parse()?).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct MysqlSource {
    info: ConnectorInfo,
    pool: Pool<MysqlBackend>,
}

impl MysqlSource {
    /// Connects once, so that what is wrong shows at once.
    ///
    /// # Errors
    /// The problem of connecting, with what to do about it: `Config` (spec, host, TLS, login), `NotFound` (database), `Denied`,
    /// `Unavailable`, `Timeout`, `Unsupported`.
    pub async fn connect(source: impl Into<String>, spec: SourceSpec) -> Result<Self> {
        Self::connect_with(source.into(), spec, Means::default()).await
    }

    /// [`connect`](Self::connect) with what the sources of a process share.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub(crate) async fn connect_with(source: String, spec: SourceSpec, means: Means) -> Result<Self> {
        let pool = Pool::new(MysqlBackend, spec, means)?;
        // Each of the pool's attempts has its own limit.
        let lease = pool.checkout(&Stop::within(pool.spec().connections.connect_timeout() * 4)).await?;
        let info = ConnectorInfo {
            source,
            engine: Engine::Mysql.as_str().into(),
            engine_version: lease.version.clone(),
            dialect: Dialect::Mysql,
        };
        lease.give_back();
        Ok(Self { info, pool })
    }

    /// Connects with another spec, for instance a new password, and uses it from then on. When that fails the old one stays.
    ///
    /// # Errors
    /// As [`MysqlSource::connect`].
    pub async fn replace_spec(&self, spec: SourceSpec) -> Result<()> {
        self.pool.replace_spec(spec).await
    }
}

#[async_trait]
impl Connector for MysqlSource {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        ctx.check()?;
        let stop = Stop::new(ctx, INTROSPECTION_TIMEOUT);
        let (spec, mut lease) = (self.pool.spec(), self.pool.checkout(&stop).await?);
        let found = stop.unless_stopped(catalog::introspect(&mut lease, &spec, &options)).await;
        conclude(&self.pool, lease, found, &spec, &[]).await
    }

    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>> {
        ctx.check()?;
        let vetted = sql.sql();
        self.info.accepts(vetted)?;
        let spec = self.pool.spec();
        let values = spec.session_values(ctx)?;
        let stop = Stop::new(ctx, SMALL_TIMEOUT);
        let mut lease = self.pool.checkout(&stop).await?;
        let text = format!("EXPLAIN FORMAT=JSON {}", vetted.sql());
        let found = stop
            .unless_stopped(async {
                unchanged(&text)?;
                lease.begin(&spec, stop.left(), &values).await?;
                let params = Params::Positional(vetted.params().iter().map(bound).collect());
                let plan: Option<String> = match lease.connection()?.exec_first(text.as_str(), params).await {
                    Ok(plan) => plan,
                    // The login may read a view, but not see what is behind it.
                    Err(mysql_async::Error::Server(error)) if matches!(error.code, 1345 | 1235) => None,
                    Err(error) => return Err(errors::preparing(&error, &spec)),
                };
                Ok(plan.as_deref().and_then(plan::estimate))
            })
            .await;
        conclude(&self.pool, lease, found, &spec, &values).await
    }

    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        ctx.check()?;
        let vetted = sql.sql();
        self.info.accepts(vetted)?;
        unchanged(vetted.sql())?;
        let spec = self.pool.spec();
        let statement = Statement {
            sql: vetted.sql().to_owned(),
            params: vetted.params().to_vec(),
            values: spec.session_values(ctx)?,
            max_rows: options.max_rows.min(vetted.row_cap()),
        };
        let pool = self.pool.clone();
        run::run(ctx, options, async move |mut output: Output| {
            let mut lease = pool.checkout(&output.stop).await?;
            let (stop, values) = (output.stop.clone(), statement.values.clone());
            let done = stop.unless_stopped(statement.on(&mut lease, &spec, &mut output)).await;
            conclude(&pool, lease, done, &spec, &values).await
        })
        .await
    }

    async fn test(&self, ctx: &Context) -> Result<ConnectionReport> {
        let stop = Stop::new(ctx, SMALL_TIMEOUT);
        let started = Instant::now();
        let (spec, mut lease) = (self.pool.spec(), self.pool.checkout(&stop).await?);
        let latency = started.elapsed();
        let encrypted = lease.encrypted;
        let found = stop.unless_stopped(grants(&mut lease, &spec)).await;
        let grants = conclude(&self.pool, lease, found, &spec, &[]).await?;
        let catalog = self.introspect(ctx, IntrospectOptions::default()).await?;
        let writes = rights::may_write(grants.iter().map(String::as_str));
        let seen = Seen {
            latency,
            server_version: self.info.engine_version.clone(),
            tables_found: catalog.tables.len() as u64,
            writes: writes.into(),
            is_encrypted: encrypted,
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

/// Ends what ran on the session: it is kept when it is certainly clean, else cut, and its statement ended on the server too.
async fn conclude<T>(
    pool: &Pool<MysqlBackend>,
    mut lease: Lease<MysqlBackend>,
    done: Result<Result<T>>,
    spec: &SourceSpec,
    values: &[(String, String)],
) -> Result<T> {
    let done = match done {
        Ok(done) => done,
        Err(why) => {
            kill(spec, lease.id).await;
            return Err(why);
        }
    };
    if let Err(error) = &done
        && problem::code_of(error).is_some()
    {
        pool.broke(error);
        return done;
    }
    if lease.busy {
        kill(spec, lease.id).await;
    } else if lease.end(spec, values).await.is_ok() {
        lease.give_back();
    }
    done
}

/// The driver looks for `:name` in a statement and sends it with `?` in its place; what it sends must be what was vetted.
fn unchanged(sql: &str) -> Result<()> {
    match ParsedNamedParams::parse(sql.as_bytes()) {
        Ok(parsed) if parsed.params().is_empty() => Ok(()),
        _ => Err(errors::named_parameters()),
    }
}

/// The lines of `SHOW GRANTS`, those of roles that are in force among them.
async fn grants(session: &mut Session, spec: &SourceSpec) -> Result<Vec<String>> {
    let failed = |error: mysql_async::Error| errors::running(&error, spec);
    let role: Option<Option<String>> = session.connection()?.query_first("SELECT CURRENT_ROLE()").await.unwrap_or_default();
    let role = role.flatten().filter(|role| session.family == Family::Mysql && !role.eq_ignore_ascii_case("NONE"));
    let show = match role {
        // The server's own words, already quoted.
        Some(roles) => format!("SHOW GRANTS FOR CURRENT_USER() USING {roles}"),
        None => "SHOW GRANTS".to_owned(),
    };
    session.connection()?.query(show).await.map_err(failed)
}

/// One statement of a user.
struct Statement {
    sql: String,
    params: Vec<Value>,
    values: Vec<(String, String)>,
    max_rows: u64,
}

/// Why a result was not read to its end.
enum Failed {
    /// The driver's or the server's error.
    Driver(mysql_async::Error),
    Own(Error),
}

impl From<mysql_async::Error> for Failed {
    fn from(error: mysql_async::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}

impl Statement {
    async fn on(&self, session: &mut Session, spec: &SourceSpec, output: &mut Output) -> Result<()> {
        session.begin(spec, output.stop.left(), &self.values).await?;
        let prepared = session.connection()?.prep(self.sql.as_str()).await.map_err(|error| errors::preparing(&error, spec))?;
        if prepared.num_columns() == 0 {
            return Err(Error::rejected("only statements that return rows and change nothing run here"));
        }
        if usize::from(prepared.num_params()) != self.params.len() {
            return Err(Error::rejected(format!(
                "the statement has {} placeholders and {} values; give one value for each",
                prepared.num_params(),
                self.params.len()
            )));
        }
        session.busy = true;
        match self.rows(session.connection()?, &prepared, output).await {
            Ok(complete) => {
                session.busy = !complete;
                Ok(())
            }
            Err(Failed::Own(error)) => Err(error),
            Err(Failed::Driver(error)) => {
                // The server's own error ends the statement, and the connection goes on.
                session.busy = error.is_fatal();
                Err(errors::running(&error, spec))
            }
        }
    }

    /// Reads the rows; whether they were read to the end.
    async fn rows(&self, connection: &mut Conn, prepared: &Prepared, output: &mut Output) -> Result<bool, Failed> {
        let params = Params::Positional(self.params.iter().map(bound).collect());
        let mut result = connection.exec_iter(prepared, params).await?;
        let (mut decoder, schema) = Decoder::new(result.columns_ref(), output.options.batch_rows)?;
        output.schema(schema);
        let Some(mut rows) = result.stream::<Row>().await? else { return Ok(true) };
        let (mut sent, mut bytes) = (0, 0);
        while let Some(row) = rows.next().await {
            let row = row?;
            if sent == self.max_rows {
                output.truncate();
                if let Some(batch) = decoder.finish()? {
                    output.send(batch).await?;
                }
                return Ok(read_away(rows).await);
            }
            let (size, full) = decoder.push(&row)?;
            sent += 1;
            bytes += size;
            if bytes > output.options.max_bytes {
                return Err(Failed::Own(Error::limit_exceeded(format!(
                    "the result is larger than {} MiB; ask for fewer rows or columns, or aggregate",
                    output.options.max_bytes >> 20
                ))));
            }
            if let Some(batch) = full {
                output.send(batch).await?;
            }
        }
        if let Some(batch) = decoder.finish()? {
            output.send(batch).await?;
        }
        Ok(true)
    }
}

/// Reads the few rows that may be left; whether those were all.
async fn read_away(mut rows: impl Stream<Item = mysql_async::Result<Row>> + Unpin) -> bool {
    for _ in 0..ROWS_BEHIND {
        match rows.next().await {
            None => return true,
            Some(Ok(_)) => {}
            Some(Err(_)) => return false,
        }
    }
    false
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::unchanged;

    #[test]
    fn texts_that_the_driver_would_rewrite_are_refused() {
        for kept in [
            "SELECT DATE_FORMAT(d, '%H:%i') FROM t WHERE a = ? AND b <> 'it''s 5:x'",
            "SELECT `a:b`, \"c:d\" FROM t -- e:f",
            "SELECT 1 / 2 AS x",
        ] {
            assert!(unchanged(kept).is_ok(), "{kept}");
        }
        // The driver loses count of quotes behind a slash, and would send `1/'2?'`.
        for rewritten in ["SELECT 1/'2:x'", "SELECT :a", "SELECT :a, ?"] {
            assert_eq!(unchanged(rewritten).unwrap_err().kind(), crate::ErrorKind::Rejected, "{rewritten}");
        }
    }
}
