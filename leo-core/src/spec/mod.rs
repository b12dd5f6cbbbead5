//! What is needed to open a source: engine, place, login, safety. From a URL, an ADO string, or by fields.

mod ado;
mod check;
pub(crate) mod file;
mod session;
mod ssh;
mod url;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

pub use secrecy::SecretString;
use serde::{Deserialize, Serialize};
pub use ssh::{SshAuth, SshHostKey, SshTunnel};

use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// A database product, or files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Engine {
    /// A SQLite file.
    Sqlite,
    /// PostgreSQL 12 and later.
    Postgres,
    /// MySQL 8, MariaDB 10.5, and later.
    Mysql,
    /// SQL Server 2017 and later, Azure SQL.
    Mssql,
    /// CSV, Excel, JSON lines and Parquet files.
    Files,
}

impl Engine {
    /// `sqlite`, `postgres`, `mysql`, `mssql` or `files`: also the name of the crate's feature.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mssql => "mssql",
            Self::Files => "files",
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Mssql => "SQL Server",
            Self::Files => "files",
        }
    }

    /// The port it listens on unless told otherwise.
    pub fn default_port(self) -> Option<u16> {
        match self {
            Self::Postgres => Some(5432),
            Self::Mysql => Some(3306),
            Self::Mssql => Some(1433),
            Self::Sqlite | Self::Files => None,
        }
    }

    /// The dialect of its statements.
    pub fn dialect(self) -> Dialect {
        match self {
            Self::Sqlite => Dialect::Sqlite,
            Self::Postgres => Dialect::Postgres,
            Self::Mysql => Dialect::Mysql,
            Self::Mssql => Dialect::Tsql,
            Self::Files => Dialect::Datafusion,
        }
    }

    /// Whether it is reached over a network.
    pub fn is_networked(self) -> bool {
        self.default_port().is_some()
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a source is opened. Secrets in it are shown nowhere, `Debug` included, and left out when it is serialised:
/// [`SealedSpec`](crate::seal::SealedSpec) is for storing it.
///
/// # Example
/// ```
/// use leo::source::SourceSpec;
///
/// let spec: SourceSpec = "postgres://ada:s3cret@db.example.com/shop?sslmode=verify-full".parse()?;
/// assert_eq!((spec.host.as_str(), spec.database.as_deref()), ("db.example.com", Some("shop")));
/// assert!(!format!("{spec:?}").contains("s3cret"));
///
/// let ado: SourceSpec = "Server=tcp:sql.example.com,1433;Database=Northwind;User Id=leo;Password='a;b';Encrypt=True".parse()?;
/// assert_eq!(ado.to_string(), "mssql://leo@sql.example.com:1433/Northwind");
/// # Ok::<(), leo::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// The product.
    pub engine: Engine,
    /// Name or address of the server, or the path of its socket on this machine: PostgreSQL's folder (`/var/run/postgresql`), MySQL's
    /// file (`/run/mysqld/mysqld.sock`). Empty for files.
    #[serde(default)]
    pub host: String,
    /// Port; the engine's own unless set.
    #[serde(default)]
    pub port: Option<u16>,
    /// Named instance of SQL Server, looked up at the server's browser service unless a port is set.
    #[serde(default)]
    pub instance: Option<String>,
    /// Database to open; the login's own unless set.
    #[serde(default)]
    pub database: Option<String>,
    /// Who connects.
    #[serde(default)]
    pub login: Login,
    /// Who connects instead, where there are two logins: the one that may only read. [`login`](Self::login) is then not used, and
    /// forgotten.
    #[serde(default)]
    pub read_only_login: Option<Login>,
    /// How the way to the server is protected.
    #[serde(default)]
    pub tls: Tls,
    /// The SSH host through which the server is reached, where it is not reached directly.
    #[serde(default)]
    pub ssh: Option<SshTunnel>,
    /// The file of a SQLite source, the file or folder of a files source.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// What the server's lists of sessions show; `leo` unless set.
    #[serde(default)]
    pub application_name: Option<String>,
    /// SQL Server: connect for reading only, so that a readable secondary serves. On unless switched off.
    #[serde(default = "yes")]
    pub read_intent: bool,
    /// Lets a login that may write connect to an engine that has no read-only transactions (SQL Server).
    #[serde(default)]
    pub allow_writable_login: bool,
    /// Refuses servers at loopback, link-local and private addresses: for hosts whose users name servers.
    #[serde(default)]
    pub forbid_private_hosts: bool,
    /// Values set in the session before every statement, for row security of the database's own: setting's name → what it is.
    #[serde(default)]
    pub session: BTreeMap<String, SessionValue>,
    /// Globs over `schema.table` of what is read; empty means all.
    #[serde(default)]
    pub include: Vec<String>,
    /// Globs over `schema.table` of what is not; they win.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Connections and their times.
    #[serde(default)]
    pub connections: Connections,
}

/// Who connects.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Login {
    /// Nobody in particular: the server lets the process in, or there is no server.
    #[default]
    None,
    /// A user with a password.
    Password {
        /// The user.
        user: String,
        /// The password; empty unless given.
        #[serde(skip_serializing, default)]
        password: SecretString,
    },
    /// An access token, for instance of Entra ID.
    Token {
        /// The user, where the engine wants one beside the token.
        #[serde(default)]
        user: Option<String>,
        /// The token.
        #[serde(skip_serializing, default)]
        token: SecretString,
    },
    /// Whoever the host's [`CredentialProvider`](crate::adapter::CredentialProvider) says, each time a connection is made.
    Provided,
}

impl Login {
    /// The user's name, when there is one.
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::None | Self::Provided => None,
            Self::Password { user, .. } => Some(user),
            Self::Token { user, .. } => user.as_deref(),
        }
    }
}

/// How the way to the server is protected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// How much is asked for. Unless set: [`TlsMode::VerifyFull`]; [`TlsMode::Prefer`] on this machine.
    /// Sockets of this machine go without.
    #[serde(default)]
    pub mode: Option<TlsMode>,
    /// PEM file of the authorities to trust instead of the system's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The name the certificate must have, where that is not the host's.
    #[serde(default)]
    pub server_name: Option<String>,
}

/// How much protection is asked for, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// None.
    Disable,
    /// Encrypted where the server offers it; the certificate is not looked at.
    Prefer,
    /// Encrypted; the certificate is not looked at.
    Require,
    /// Encrypted, with a certificate of a trusted authority; its name is not looked at.
    VerifyCa,
    /// Encrypted, with a certificate of a trusted authority for this very name.
    VerifyFull,
}

/// What a session value is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionValue {
    /// The call's tenant.
    Tenant,
    /// The call's user.
    User,
    /// An attribute of the call's context; a call without it is refused.
    Attribute(String),
    /// Always this text.
    Fixed(String),
}

/// How many connections there are, and how long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Connections {
    /// Connections at most. 10 unless set.
    pub max: usize,
    /// Milliseconds after which an unused connection is closed. 60,000 unless set.
    pub idle_ms: u64,
    /// Milliseconds for name, network, TLS and login together. 15,000 unless set.
    pub connect_timeout_ms: u64,
    /// Milliseconds a statement waits for locks of others. 2,000 unless set.
    pub lock_timeout_ms: u64,
}

impl Default for Connections {
    fn default() -> Self {
        Self { max: 10, idle_ms: 60_000, connect_timeout_ms: 15_000, lock_timeout_ms: 2_000 }
    }
}

impl Connections {
    /// [`idle_ms`](Self::idle_ms) as a duration.
    pub fn idle(&self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }

    /// [`connect_timeout_ms`](Self::connect_timeout_ms) as a duration.
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }
}

fn yes() -> bool {
    true
}

impl SourceSpec {
    /// A spec for `engine` with nothing else set.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            host: String::new(),
            port: None,
            instance: None,
            database: None,
            login: Login::None,
            read_only_login: None,
            tls: Tls::default(),
            ssh: None,
            path: None,
            application_name: None,
            read_intent: true,
            allow_writable_login: false,
            forbid_private_hosts: false,
            session: BTreeMap::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            connections: Connections::default(),
        }
    }

    /// The same with one login: the one that may only read, where there are two.
    #[must_use]
    pub(crate) fn with_one_login(mut self) -> Self {
        if let Some(login) = self.read_only_login.take() {
            self.login = login;
        }
        self
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port.or(self.engine.default_port()).unwrap_or_default()
    }

    /// The protection asked for, or what holds where nothing was: none of it is given up silently on a network, and a server on
    /// this machine need not have certificates.
    pub fn tls_mode(&self) -> TlsMode {
        if self.socket().is_some() {
            return TlsMode::Disable;
        }
        self.tls.mode.unwrap_or(if self.is_loopback() { TlsMode::Prefer } else { TlsMode::VerifyFull })
    }

    /// Whether the host is this machine by name, address or socket.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        self.socket().is_some()
            || host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The server's socket on this machine, where the host is one.
    pub(crate) fn socket(&self) -> Option<PathBuf> {
        if !self.host.starts_with('/') {
            return None;
        }
        Some(match self.engine {
            // The folder is named, and the port is part of the file's name.
            Engine::Postgres => PathBuf::from(&self.host).join(format!(".s.PGSQL.{}", self.port())),
            _ => PathBuf::from(&self.host),
        })
    }

    /// A name for the source: the database's, else the file's without its endings, else the host's.
    pub fn name(&self) -> String {
        let path = || self.path.as_deref().map(file::stem).filter(|stem| !stem.is_empty());
        let host = || (!self.host.is_empty()).then(|| self.host.clone());
        self.database.clone().or_else(path).or_else(host).unwrap_or_else(|| self.engine.as_str().to_owned())
    }

    /// Checks what can be checked without a network.
    ///
    /// # Errors
    /// `Config` with everything that is wrong: no host or not a host's name, port 0, an empty user or password, a missing path,
    /// globs that are none.
    pub fn check(&self) -> Result<()> {
        check::check(self)
    }
}

/// `engine://user@host:port/database`, or the path: for people and logs, never with a secret.
impl fmt::Display for SourceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            return write!(f, "{}:{}", self.engine, path.display());
        }
        write!(f, "{}://", self.engine)?;
        if let Some(user) = self.login.user() {
            write!(f, "{user}@")?;
        }
        if self.host.contains(':') && !self.host.starts_with('[') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        match (&self.instance, self.port) {
            _ if self.host.starts_with('/') => {}
            (Some(instance), None) => write!(f, "\\{instance}")?,
            _ => write!(f, ":{}", self.port())?,
        }
        match &self.database {
            Some(database) => write!(f, "/{database}"),
            None => Ok(()),
        }
    }
}

/// A URL (`postgres://`, `mysql://`, `mssql://`, `sqlite:`), an ADO string (`Server=…;Database=…`) or the path of a file.
impl FromStr for SourceSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let spec = if ado::is_ado(text) {
            ado::parse(text)?
        } else if url::is_url(text) {
            url::parse(text)?
        } else {
            let path = PathBuf::from(text);
            // A database is not read compressed, so what is compressed is a table whatever its name.
            let engine = if file::is_table(&path) || file::is_compressed(&path) { Engine::Files } else { Engine::Sqlite };
            Self { path: Some(path), ..Self::new(engine) }
        };
        spec.check()?;
        Ok(spec)
    }
}

#[cfg(test)]
mod tests;
