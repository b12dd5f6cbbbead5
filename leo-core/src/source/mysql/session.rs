//! Logged-in connections, pinned to what the guard assumed.
//!
//! # Session values
//! `SourceSpec::session` becomes user variables (`app.tenant` is `` @`app.tenant` ``), bound as parameters before the statement and set
//! to NULL after it. A view can filter by them through a stored function, since MySQL's views may not name variables themselves.
//! Statements of users neither read nor set variables: the guard refuses both.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Once;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, InfileData, LocalInfileError, Opts, OptsBuilder, Params, SslOpts, Value as Sql};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::errors;
use super::greet::{Greeting, greet};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::source::net::dial;
use crate::source::net::pool::Backend;
use crate::source::net::problem::{self, Problem};
use crate::source::net::tls;
use crate::source::{Engine, Login, SourceSpec, TlsMode};

/// The largest packet, and so the largest row, that is taken.
const LARGEST_PACKET: usize = 256 << 20;
/// Time to tell the server that a statement is to end.
const KILL_TIMEOUT: Duration = Duration::from_secs(5);
/// What `sql_mode` is while a statement of ours runs. Without `ANSI_QUOTES`, `PIPES_AS_CONCAT`, `NO_BACKSLASH_ESCAPES` and
/// `HIGH_NOT_PRECEDENCE`: the guard reads the text as if they were off. Without `NO_ZERO_DATE`, which would refuse to compare with one.
const SQL_MODE: &str =
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

/// The two families, which differ in names of settings and in plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Mysql,
    Mariadb,
}

/// A logged-in connection. Dropped it is cut, without reading what the server still sends.
#[derive(Debug)]
pub(super) struct Session {
    connection: Option<Conn>,
    /// The server's number for it.
    pub(super) id: u32,
    pub(super) family: Family,
    pub(super) version: String,
    /// Whether it is encrypted.
    pub(super) encrypted: bool,
    /// Whether a result is not read to its end.
    pub(super) busy: bool,
    pin: String,
}

impl Session {
    /// The driver's connection.
    ///
    /// # Errors
    /// `Internal` after it was cut.
    pub(super) fn connection(&mut self) -> Result<&mut Conn> {
        self.connection.as_mut().ok_or_else(|| Error::internal("the connection was cut"))
    }

    /// Begins a read-only transaction whose statements the server ends after `limit`.
    pub(super) async fn begin(&mut self, spec: &SourceSpec, limit: Duration, values: &[(String, String)]) -> Result<()> {
        if !values.is_empty() {
            let names: Vec<String> = values.iter().map(|(name, _)| format!("@{} = ?", Dialect::Mysql.quote(name))).collect();
            let bound = values.iter().map(|(_, value)| Sql::from(value.as_str())).collect();
            let set = format!("SET {}", names.join(", "));
            self.connection()?.exec_drop(set, Params::Positional(bound)).await.map_err(|error| errors::running(&error, spec))?;
        }
        // Zero would mean no limit.
        let milliseconds = limit.as_millis().clamp(1, 86_400_000);
        let limit = match self.family {
            Family::Mysql => format!("max_execution_time = {milliseconds}"),
            Family::Mariadb => format!("max_statement_time = {}.{:03}", milliseconds / 1_000, milliseconds % 1_000),
        };
        let begin = format!("SET SESSION {limit}; START TRANSACTION READ ONLY");
        self.connection()?.query_drop(begin).await.map_err(|error| errors::running(&error, spec))
    }

    /// Ends the transaction and forgets the values.
    pub(super) async fn end(&mut self, spec: &SourceSpec, values: &[(String, String)]) -> Result<()> {
        let mut end = "ROLLBACK".to_owned();
        for (index, (name, _)) in values.iter().enumerate() {
            let _ = write!(end, "{}@{} = NULL", if index == 0 { "; SET " } else { ", " }, Dialect::Mysql.quote(name));
        }
        self.connection()?.query_drop(end).await.map_err(|error| errors::running(&error, spec))
    }

    async fn pin(&mut self, spec: &SourceSpec) -> Result<()> {
        let pin = self.pin.clone();
        self.connection()?.query_drop(pin).await.map_err(|error| errors::running(&error, spec))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver's own way would read a half-read result to its end. This sends a farewell where it can be sent at once, and closes.
        if let Some(connection) = self.connection.take() {
            let _ = connection.disconnect().now_or_never();
        }
    }
}

/// Makes sessions.
#[derive(Debug)]
pub(super) struct MysqlBackend;

#[async_trait]
impl Backend for MysqlBackend {
    const ENGINE: Engine = Engine::Mysql;
    type Session = Session;

    async fn connect(&self, spec: &SourceSpec) -> Result<Session> {
        let greeting = greet(spec).await?;
        let (connection, encrypted) = log_in(spec, &greeting).await?;
        let id = connection.id();
        let mut session = Session {
            connection: Some(connection),
            id,
            family: Family::Mysql,
            version: String::new(),
            encrypted,
            busy: false,
            pin: pin(spec),
        };
        let version: Option<String> =
            session.connection()?.query_first("SELECT VERSION()").await.map_err(|error| errors::running(&error, spec))?;
        session.version = version.unwrap_or_default();
        if session.version.to_ascii_lowercase().contains("mariadb") {
            session.family = Family::Mariadb;
        }
        session.pin(spec).await?;
        Ok(session)
    }

    async fn reset(&self, session: &mut Session) -> Result<()> {
        // Variables, prepared statements, temporary tables and locks go; what is left is pinned anew.
        match session.connection()?.reset().await {
            Ok(true) => {}
            Ok(false) => return Err(Error::unavailable("the server cannot reset connections")),
            Err(_) => return Err(Error::unavailable("the connection is gone")),
        }
        let pin = session.pin.clone();
        session.connection()?.query_drop(pin).await.map_err(|_| Error::unavailable("the connection cannot be pinned again"))
    }
}

/// Tells the server over a connection of its own to end the connection `id`, and with it its statement. A `KILL QUERY` could come
/// between two statements and do nothing; the connection is not used again anyway.
pub(super) async fn kill(spec: &SourceSpec, id: u32) {
    let killed = async {
        let greeting = greet(spec).await?;
        let (mut connection, _) = log_in(spec, &greeting).await?;
        let done = connection.query_drop(format!("KILL {id}")).await;
        let _ = connection.disconnect().now_or_never();
        // It may have ended in between.
        done.or_else(|error| match error {
            mysql_async::Error::Server(error) if error.code == 1094 => Ok(()),
            error => Err(errors::running(&error, spec)),
        })
    };
    match timeout(KILL_TIMEOUT, killed).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(kind = %error.kind(), "a statement could not be ended on the server; its own limit will end it")
        }
        Err(_) => tracing::warn!("the server did not answer when a statement was to be ended; its own limit will end it"),
    }
}

async fn log_in(spec: &SourceSpec, greeting: &Greeting) -> Result<(Conn, bool)> {
    let encrypted = greeting.offers_tls && spec.tls_mode() > TlsMode::Disable;
    let address = dial::address(spec, greeting.address).await?;
    let options = options(spec, greeting, address, encrypted)?;
    let connection = Conn::new(options).await.map_err(|error| {
        let told = errors::connecting(&error, spec);
        // Servers that want TLS, for all or for this login, say no more than that the login is wrong.
        if problem::code_of(&told) == Some(Problem::Login.code()) && greeting.offers_tls && !encrypted {
            let message =
                format!("{}; if they are right, the server may want TLS: use `sslmode=require` or more", told.message());
            return Error::new(told.kind(), message).with_context("problem", Problem::Login.code());
        }
        told
    })?;
    Ok((connection, encrypted))
}

fn options(spec: &SourceSpec, greeting: &Greeting, address: Option<SocketAddr>, encrypted: bool) -> Result<Opts> {
    let (user, password) = match &spec.login {
        Login::None | Login::Provided => (None, None),
        Login::Password { user, password } => (Some(user.as_str()), Some(password.expose_secret())),
        Login::Token { user, token } => (user.as_deref(), Some(token.expose_secret())),
    };
    // Tokens travel as they are, so only where the server was checked.
    let clear = matches!(spec.login, Login::Token { .. }) && encrypted && spec.tls_mode() >= TlsMode::VerifyCa;
    let ssl = if encrypted { Some(ssl(spec, greeting)?) } else { None };
    let name = spec.application_name.as_deref().unwrap_or("leo");
    let socket = spec.socket().map(|path| path.to_string_lossy().into_owned());
    Ok(OptsBuilder::default()
        .socket(socket)
        .ip_or_hostname(spec.host.trim_matches(['[', ']']))
        // The very address that was checked, not what the name service says the next time.
        .resolved_ips(address.map(|address| vec![address.ip()]))
        .tcp_port(address.map_or(spec.port(), |address| address.port()))
        .user(user)
        .pass(password)
        .db_name(spec.database.as_deref())
        .ssl_opts(ssl)
        // Never the server's idea of a local socket, and no questions before the session is pinned.
        .prefer_socket(false)
        .max_allowed_packet(Some(LARGEST_PACKET))
        .wait_timeout(Some(28_800))
        .stmt_cache_size(0)
        .enable_cleartext_plugin(clear)
        .connect_attribute("program_name", name)
        .local_infile_handler(Some(no_file))
        .into())
}

/// What the driver sends when a server asks for a file of this machine. It always tells servers that it would.
fn no_file(_: &[u8]) -> futures::future::BoxFuture<'static, Result<InfileData, LocalInfileError>> {
    async { Err(LocalInfileError::NoHandler) }.boxed()
}

fn ssl(spec: &SourceSpec, greeting: &Greeting) -> Result<SslOpts> {
    set_cryptography();
    let options = SslOpts::default().with_danger_tls_hostname_override(Some(greeting.name.clone()));
    if spec.tls_mode() < TlsMode::VerifyCa && spec.tls.ca_file.is_none() {
        return Ok(options.with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true));
    }
    let authorities = tls::authorities(spec)?.into_iter().map(|certificate| certificate.to_vec().into()).collect();
    Ok(options.with_disable_built_in_roots(true).with_root_certs(authorities))
}

/// The driver takes rustls' cryptography of the process. It is set where nobody has: rustls would choose the same, and panic in a
/// program that has two of them compiled in.
fn set_cryptography() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Somebody may have been faster.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
    });
}

/// The statements that pin a session, none of them with text from users.
fn pin(spec: &SourceSpec) -> String {
    let seconds = spec.connections.lock_timeout_ms.div_ceil(1_000).max(1);
    let mut pin = format!(
        "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci; \
         SET SESSION sql_mode = '{SQL_MODE}', time_zone = '+00:00', autocommit = 1, sql_auto_is_null = 0, \
         sql_select_limit = 18446744073709551615, group_concat_max_len = 1048576, div_precision_increment = 4, \
         default_week_format = 0, lc_time_names = 'en_US', lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}; \
         SET SESSION TRANSACTION READ ONLY"
    );
    if let Some(database) = &spec.database {
        let _ = write!(pin, "; USE {}", Dialect::Mysql.quote(database));
    }
    pin
}
