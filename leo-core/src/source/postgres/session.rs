//! Logged-in connections, and what holds in each of their transactions.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, Config, Connection};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::errors;
use super::wire::{Done, Wire};
use crate::error::{Error, ErrorKind, Result};
use crate::source::net::pool::Backend;
use crate::source::net::problem::Problem;
use crate::source::{Engine, Login, SourceSpec};

/// The oldest version that is spoken to.
const OLDEST: u32 = 120_000;
/// What a statement finds, whatever the login, the database or an earlier statement set. Names of functions and types mean the
/// engine's own; relations are written with their schema.
const PINS: &str = "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL standard_conforming_strings = on; SET LOCAL backslash_quote = safe_encoding; \
     SET LOCAL client_encoding = 'UTF8'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL timezone = 'UTC'; \
     SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL transform_null_equals = off; SET LOCAL array_nulls = on; \
     SET LOCAL quote_all_identifiers = off; SET LOCAL xmlbinary = 'base64'; SET LOCAL row_security = on; \
     SET LOCAL client_min_messages = error";
/// What a transaction's end leaves: locks, cursors, temporary tables, settings. Not `DISCARD ALL`, which would take statements away
/// that the driver keeps.
const CLEAN: &str = "ROLLBACK; CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); \
     DISCARD TEMP; DISCARD SEQUENCES; SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";
/// What is asked of a new connection. The price of one unit tells how many decimals `money` has here.
const FACTS: &str = "SELECT pg_catalog.current_schema()::pg_catalog.text, pg_catalog.current_setting('server_version'), \
     pg_catalog.current_setting('server_version_num')::pg_catalog.int4, '1'::pg_catalog.money";
/// Time for a transaction's end and for the server to take notice of a cancellation.
const CLEAN_UP: Duration = Duration::from_secs(3);

/// The engine, for the pool.
#[derive(Debug)]
pub(super) struct Postgres;

/// A logged-in connection.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) facts: Facts,
    spec: Arc<SourceSpec>,
    /// Lets the driver's task end.
    _driver: DropGuard,
}

/// What a server says about itself at login.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// The schema that a bare name means to the login.
    pub(super) schema: Option<String>,
    pub(super) version: String,
    pub(super) version_number: u32,
    /// Digits behind the point of `money`.
    pub(super) money_scale: u8,
    /// Whether the connection is in TLS.
    pub(super) is_protected: bool,
}

/// Bytes as they came, of any type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw<'a>(pub(super) &'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[async_trait]
impl Backend for Postgres {
    const ENGINE: Engine = Engine::Postgres;
    type Session = Session;

    async fn connect(&self, spec: &SourceSpec) -> Result<Session> {
        let config = config(spec)?;
        let wire = Wire::open(spec).await?;
        let is_protected = wire.is_protected();
        let mut config = config;
        match is_protected {
            // The handshake is over when the driver gets the connection.
            true => config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct),
            false => config.ssl_mode(SslMode::Disable),
        };
        let (client, connection) = match config.connect_raw(wire, Done).await {
            Ok(connected) => connected,
            Err(error) => return Err(errors::connecting(error, spec, is_protected).await),
        };
        let closed = CancellationToken::new();
        let driver = closed.clone().drop_guard();
        tokio::spawn(async move {
            // A dropped client says goodbye; one whose statement hangs does not get that far.
            let late = async {
                closed.cancelled().await;
                tokio::time::sleep(Duration::from_secs(1)).await;
            };
            tokio::select! {
                () = drive(connection) => {}
                () = late => {}
            }
        });
        let spec = Arc::new(spec.clone());
        let failed = |error| errors::running(error, &spec);
        client.batch_execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY").await.map_err(failed)?;
        let rows = client.query_typed(FACTS, &[]).await.map_err(failed)?;
        let facts = rows.first().and_then(|row| {
            let version_number = u32::try_from(row.try_get::<_, i32>(2).ok()?).ok()?;
            let unit = row.try_get::<_, Raw<'_>>(3).ok()?;
            let unit = i64::from_be_bytes(unit.0.try_into().ok()?);
            let money_scale = u8::try_from(unit.checked_ilog10()?).ok()?;
            Some(Facts { schema: row.try_get(0).ok()?, version: row.try_get(1).ok()?, version_number, money_scale, is_protected })
        });
        let facts = facts.ok_or_else(|| Problem::OtherServer.error(&spec))?;
        if facts.version_number < OLDEST {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("the server is PostgreSQL {}; 12 is the oldest that is supported: upgrade it", facts.version),
            ));
        }
        Ok(Session { client, facts, spec, _driver: driver })
    }

    async fn reset(&self, session: &mut Session) -> Result<()> {
        session.client.batch_execute(CLEAN).await.map_err(|error| errors::running(error, &session.spec))
    }
}

/// Moves bytes until the connection ends. Notices are dropped: a function may put values of rows into them, and the driver would log
/// them.
async fn drive(mut connection: Connection<Wire, Wire>) {
    loop {
        match poll_fn(|cx| connection.poll_message(cx)).await {
            Some(Ok(_)) => {}
            Some(Err(error)) => return tracing::debug!(error = %errors::class(&error), "a connection to PostgreSQL ended"),
            None => return,
        }
    }
}

fn config(spec: &SourceSpec) -> Result<Config> {
    let mut config = Config::new();
    let Some(user) = spec.login.user().filter(|user| !user.is_empty()) else { return Err(Problem::LoginMissing.error(spec)) };
    config.user(user).application_name(spec.application_name.as_deref().unwrap_or("leo"));
    match &spec.login {
        Login::Password { password: secret, .. } | Login::Token { token: secret, .. } if !secret.expose_secret().is_empty() => {
            config.password(secret.expose_secret());
        }
        _ => {}
    }
    // Without one the server opens the database of the user's name.
    if let Some(database) = &spec.database {
        config.dbname(database);
    }
    Ok(config)
}

impl Session {
    pub(super) fn spec(&self) -> &SourceSpec {
        &self.spec
    }

    /// Opens a read-only transaction in which everything is pinned, with the session values of the spec.
    pub(super) async fn begin(&self, limit: Duration, values: &[(String, String)]) -> Result<(), tokio_postgres::Error> {
        // The server's own timeouts are the second line: ours come first and say more.
        let limit = limit.as_millis().clamp(1, 86_400_000) + 500;
        let locks = self.spec.connections.lock_timeout_ms.clamp(1, 86_400_000);
        let begin = format!(
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; {PINS}; SET LOCAL statement_timeout = {limit}; \
             SET LOCAL lock_timeout = {locks}; SET LOCAL idle_in_transaction_session_timeout = {limit}"
        );
        if values.is_empty() {
            return self.client.batch_execute(&begin).await;
        }
        let (names, values): (Vec<&str>, Vec<&str>) = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).unzip();
        let set = "SELECT pg_catalog.set_config(name, value, true) FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS given (name, value)";
        // Both are on their way before the first is answered.
        let begin = self.client.batch_execute(&begin);
        let given: [(&(dyn ToSql + Sync), Type); 2] = [(&names, Type::TEXT_ARRAY), (&values, Type::TEXT_ARRAY)];
        futures::future::try_join(begin, self.client.query_typed(set, &given)).await.map(drop)
    }

    /// Ends the transaction, after stopping a statement that may still run in it. Whether the session may be used again.
    pub(super) async fn end(&self, is_running: bool) -> bool {
        let clean = async {
            if is_running {
                self.cancel().await.ok()?;
            }
            // Answered only after the statement before it has ended.
            self.client.batch_execute("ROLLBACK").await.ok()
        };
        timeout(CLEAN_UP, clean).await.ok().flatten().is_some()
    }

    /// Asks the server to stop what this session runs, and waits until it has been told: a request that arrives late would stop the
    /// next statement.
    async fn cancel(&self) -> Result<()> {
        let mut wire = Wire::open(&self.spec).await?;
        let failed = |error| errors::running(error, &self.spec);
        self.client.cancel_token().cancel_query_raw(&mut wire, Done).await.map_err(failed)?;
        // The server says nothing and closes when it has passed the request on.
        let mut rest = [0; 16];
        while wire.read(&mut rest).await.is_ok_and(|read| read > 0) {}
        Ok(())
    }
}
