//! A logged-in connection: pinned to what the guard assumed, asked for its rights, used by one statement at a time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use tiberius::error::Error as Driver;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel, Row};
use tokio::time::timeout;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

use super::rights::{self, Rights};
use super::wire::{self, Head, Wire};
use super::{browser, errors, types};
use crate::error::{Error, Result};
use crate::source::net::pool::Backend;
use crate::source::net::problem::Problem;
use crate::source::{Engine, Login, SourceSpec};

/// Servers one after the other that a gateway may send a client to.
const REDIRECTIONS: usize = 3;
/// Wait for the server's acknowledgement of an attention before the connection is closed.
const ACKNOWLEDGEMENT: Duration = Duration::from_secs(2);
pub(super) const BEGIN: &str = "BEGIN TRANSACTION";
pub(super) const ROLLBACK: &str = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION";

/// What a statement of the user's may not find changed. Each works alone, so that a server which lacks one keeps the others.
fn pins(spec: &SourceSpec) -> Vec<String> {
    let fixed = [
        ROLLBACK,
        "SET IMPLICIT_TRANSACTIONS OFF",
        "SET XACT_ABORT ON",
        "SET QUOTED_IDENTIFIER ON",
        "SET ANSI_NULLS ON",
        "SET ANSI_PADDING ON",
        "SET ANSI_WARNINGS ON",
        "SET ARITHABORT ON",
        "SET CONCAT_NULL_YIELDS_NULL ON",
        "SET NUMERIC_ROUNDABORT OFF",
        "SET ROWCOUNT 0",
        "SET TEXTSIZE 2147483647",
        // The language sets the first day of the week and the order of dates, which come behind it.
        "SET LANGUAGE us_english",
        "SET DATEFIRST 7",
        "SET DATEFORMAT ymd",
        "SET DEADLOCK_PRIORITY LOW",
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    ];
    let lock_timeout = spec.connections.lock_timeout_ms.min(i32::MAX.unsigned_abs().into());
    fixed.iter().map(|pin| (*pin).to_owned()).chain([format!("SET LOCK_TIMEOUT {lock_timeout}")]).collect()
}

/// What is known of a source's server; it belongs to the pool.
#[derive(Debug, Default)]
pub(super) struct Server(Mutex<Facts>);

/// What the last connection told.
#[derive(Debug, Default, Clone)]
pub(super) struct Facts {
    pub(super) version: String,
    pub(super) rights: Rights,
    pub(super) protected: bool,
    /// Whether `@p1` and `@P1` are two names.
    case_sensitive: bool,
    /// Pins that the server does not know.
    pub(super) refused: HashSet<String>,
    /// The server was asked for a plan and gave something else.
    pub(super) no_plans: bool,
    /// The server knows `sp_executesql` by its name, not by its number.
    pub(super) calls_by_name: bool,
}

impl Server {
    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection.
pub(super) struct Session {
    pub(super) client: Client<Wire>,
    pub(super) head: Arc<Head>,
    /// Where it leads to, for messages and for what it is pinned to.
    pub(super) spec: Arc<SourceSpec>,
    database: Option<String>,
    pub(super) case_sensitive: bool,
    /// Whether a plan came when a harmless statement's was asked for.
    pub(super) plans: Option<bool>,
}

/// What the driver logs holds the server's messages and whole rows; neither belongs into a log.
pub(super) async fn quiet<T>(work: impl Future<Output = T>) -> T {
    work.with_subscriber(Dispatch::none()).await
}

impl Session {
    /// Runs a batch; the rows of its first result.
    pub(super) async fn rows(&mut self, sql: &str) -> tiberius::Result<Vec<Row>> {
        quiet(async { self.client.simple_query(sql).await?.into_first_result().await }).await
    }

    /// Runs a batch that may be beyond the server: `None` when it refuses.
    ///
    /// # Errors
    /// The connection's.
    pub(super) async fn rows_if_known(&mut self, sql: &str) -> Result<Option<Vec<Row>>> {
        match self.rows(sql).await {
            Ok(rows) => Ok(Some(rows)),
            Err(error) if errors::is_fatal(&error) => Err(errors::running(&error, &self.spec)),
            Err(error) => {
                tracing::debug!(number = error.code(), "the server does not know one of the connector's own statements");
                Ok(None)
            }
        }
    }

    /// Tells the server to stop, and waits for its word for a moment. The connection is of no use afterwards.
    pub(super) async fn stop(&mut self) {
        // Its result does not matter: the connection is closed in any case, which stops the statement as well.
        let _ = timeout(ACKNOWLEDGEMENT, quiet(self.client.cancel_query())).await;
    }

    /// Sets the values of the context, unchangeable from then on: the connection serves no other context.
    pub(super) async fn set_values(&mut self, values: &[(String, String)]) -> Result<()> {
        for (key, value) in values {
            let set = quiet(async {
                let sql = "EXEC sp_set_session_context @key = @P1, @value = @P2, @read_only = 1";
                self.client.query(sql, &[&key.as_str(), &value.as_str()]).await?.into_results().await
            });
            set.await.map_err(|error| {
                if errors::is_fatal(&error) {
                    return errors::running(&error, &self.spec);
                }
                Error::new(
                    crate::ErrorKind::Unsupported,
                    "the server does not take the session values that the source sets for its row security; nothing was run",
                )
            })?;
        }
        Ok(())
    }

    /// Sets what the guard assumed, in one batch where the server knows all of it.
    async fn pin(&mut self, server: &Server) -> Result<()> {
        let mut pins = pins(&self.spec);
        {
            let facts = server.facts();
            pins.retain(|pin| !facts.refused.contains(pin));
        }
        if self.rows_if_known(&pins.join(";\n")).await?.is_some() {
            return Ok(());
        }
        for pin in pins {
            if self.rows_if_known(&pin).await?.is_none() {
                tracing::warn!(%pin, "the server does not know a setting of the session");
                server.facts().refused.insert(pin);
            }
        }
        Ok(())
    }

    async fn database(&mut self) -> Result<Option<String>> {
        let rows = self.rows_if_known("SELECT DB_NAME()").await?.unwrap_or_default();
        Ok(rows.first().and_then(|row| text(row, 0)))
    }
}

#[async_trait]
impl Backend for Server {
    const ENGINE: Engine = Engine::Mssql;
    type Session = Session;

    async fn connect(&self, spec: &SourceSpec) -> Result<Session> {
        let mut place = spec.clone();
        if let (Some(instance), None) = (&spec.instance, spec.port) {
            place.port = Some(browser::port(spec, instance).await?);
        }
        let mut session = None;
        for _ in 0..REDIRECTIONS {
            match log_in(&place).await {
                Ok(opened) => {
                    session = Some(opened);
                    break;
                }
                Err(Failed::Redirected { host, port }) => {
                    // `host\instance` names the instance for the log-in only.
                    place.host = host.split('\\').next().unwrap_or_default().to_owned();
                    place.port = Some(port);
                }
                Err(Failed::For(error)) => return Err(*error),
            }
        }
        let (mut session, protected) = session.ok_or_else(|| Problem::NotReady.error(spec))?;
        session.pin(self).await?;
        session.database = session.database().await?;
        let about = "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), \
                     CAST(SERVERPROPERTY('Edition') AS nvarchar(128)), CAST(SERVERPROPERTY('Collation') AS nvarchar(128))";
        let about = session.rows_if_known(about).await?.unwrap_or_default();
        let about = |index| about.first().and_then(|row| text(row, index));
        let version = [about(0), about(1)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let version = match version.is_empty() {
            true => {
                let rows = session.rows_if_known("SELECT @@VERSION").await?.unwrap_or_default();
                let whole = rows.first().and_then(|row| text(row, 0)).unwrap_or_default();
                whole.lines().next().unwrap_or_default().trim().to_owned()
            }
            false => version,
        };
        session.case_sensitive = about(2).is_some_and(|name| name.contains("_CS_") || name.contains("_BIN"));
        let rights = rights::probe(&mut session).await?;
        if rights.may_write() && !spec.allow_writable_login {
            return Err(Problem::WritableLogin.error(spec).with_context("rights", rights.to_string()));
        }
        let mut facts = self.facts();
        facts.version = version;
        facts.rights = rights;
        facts.protected = protected;
        facts.case_sensitive = session.case_sensitive;
        drop(facts);
        Ok(session)
    }

    async fn reset(&self, session: &mut Session) -> Result<()> {
        session.pin(self).await?;
        let database = session.database().await?;
        if database != session.database {
            return Err(Error::unavailable("the session was left in another database"));
        }
        Ok(())
    }
}

enum Failed {
    Redirected { host: String, port: u16 },
    For(Box<Error>),
}

async fn log_in(spec: &SourceSpec) -> Result<(Session, bool), Failed> {
    let failed = |error: Error| Failed::For(Box::new(error));
    let config = config(spec).map_err(failed)?;
    let wire = wire::open(spec).await.map_err(failed)?;
    let (head, protected) = (wire.head(), wire.is_protected());
    match quiet(Client::connect(config, wire)).await {
        Ok(client) => {
            let spec = Arc::new(spec.clone());
            Ok((Session { client, head, spec, database: None, case_sensitive: false, plans: None }, protected))
        }
        Err(Driver::Routing { host, port }) => Err(Failed::Redirected { host, port }),
        Err(error) => Err(failed(errors::connecting(&error, spec))),
    }
}

fn config(spec: &SourceSpec) -> Result<Config> {
    let mut config = Config::new();
    config.host(&spec.host);
    config.port(spec.port());
    config.application_name(spec.application_name.as_deref().unwrap_or("leo"));
    if let Some(database) = &spec.database {
        config.database(database);
    }
    config.readonly(spec.read_intent);
    config.authentication(match &spec.login {
        Login::None | Login::Provided => return Err(Problem::LoginMissing.error(spec)),
        Login::Password { user, password } => AuthMethod::sql_server(user, password.expose_secret()),
        Login::Token { token, .. } => AuthMethod::aad_token(token.expose_secret()),
    });
    // The stream is protected already, and times are kept here: the driver's own are between packets.
    config.encryption(EncryptionLevel::NotSupported);
    config.handshake_timeout(None);
    config.command_timeout(None);
    Ok(config)
}

/// A cell as text.
pub(super) fn text(row: &Row, index: usize) -> Option<String> {
    row.get_column_data(index).ok().and_then(types::text)
}

/// A cell as a whole number.
pub(super) fn whole(row: &Row, index: usize) -> Option<i64> {
    row.get_column_data(index).ok().and_then(types::whole)
}
