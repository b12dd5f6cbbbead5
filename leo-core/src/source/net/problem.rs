//! What goes wrong between here and a server, and what to do about each.

use std::io;

use crate::error::{Error, ErrorKind};
use crate::source::{Engine, SourceSpec};

/// A mistake in a connection. One list for all engines, so that the same mistake reads the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Problem {
    /// The name has no address.
    UnknownHost,
    /// Nothing listens at the port.
    Refused,
    /// Nothing answers.
    Filtered,
    /// No way to the address.
    Unreachable,
    /// The address is private, which the spec forbids.
    PrivateHost,
    /// Something else listens there.
    OtherServer,
    /// The server does not speak TLS, and it was asked for.
    NoTls,
    /// The server wants TLS, and it was switched off.
    TlsRequired,
    /// The certificate is of an authority that is not trusted; self-signed ones are their own.
    UntrustedCertificate,
    /// The certificate is over, or not valid yet.
    ExpiredCertificate,
    /// The certificate is for another name.
    WrongName,
    /// TLS failed in another way.
    TlsFailed,
    /// User or password are wrong.
    Login,
    /// The server wants a login, and there is none.
    LoginMissing,
    /// The way to log in is none that is supported.
    LoginMethod,
    /// No such database.
    NoDatabase,
    /// The login may not open the database.
    NoPermission,
    /// No such instance.
    NoInstance,
    /// The server is starting, stopping or recovering.
    NotReady,
    /// The copy of the database is not readable, and no other is.
    NoReplica,
    /// The server has as many connections as it takes.
    TooManyConnections,
    /// The login may write, and the engine has no read-only transactions.
    WritableLogin,
    /// The connection broke.
    Lost,
    /// The server did not finish the handshake in time.
    Slow,
    /// This process has as many connections as it may.
    NoSlot,
    /// The login was to come from the host, and did not.
    NoCredential,
    /// Nothing answers at the SSH host.
    SshUnreachable,
    /// The SSH host's key is not the one that was expected.
    SshHostKey,
    /// The SSH host does not let the user in.
    SshLogin,
    /// The SSH host does not connect to the server.
    SshForward,
    /// The SSH connection broke or did not come about.
    SshFailed,
}

impl Problem {
    /// All problems.
    pub(crate) const ALL: &'static [Self] = &[
        Self::UnknownHost,
        Self::Refused,
        Self::Filtered,
        Self::Unreachable,
        Self::PrivateHost,
        Self::OtherServer,
        Self::NoTls,
        Self::TlsRequired,
        Self::UntrustedCertificate,
        Self::ExpiredCertificate,
        Self::WrongName,
        Self::TlsFailed,
        Self::Login,
        Self::LoginMissing,
        Self::LoginMethod,
        Self::NoDatabase,
        Self::NoPermission,
        Self::NoInstance,
        Self::NotReady,
        Self::NoReplica,
        Self::TooManyConnections,
        Self::WritableLogin,
        Self::Lost,
        Self::Slow,
        Self::NoSlot,
        Self::NoCredential,
        Self::SshUnreachable,
        Self::SshHostKey,
        Self::SshLogin,
        Self::SshForward,
        Self::SshFailed,
    ];

    /// Those where trying again at once may help.
    const TRANSIENT: &'static [Self] = &[Self::NotReady, Self::NoReplica, Self::TooManyConnections, Self::Lost, Self::SshFailed];

    /// Whether nothing but somebody's action helps: with the login, its rights, or the protection of the way.
    pub(crate) fn needs_action(self) -> bool {
        matches!(
            self,
            Self::Login
                | Self::LoginMissing
                | Self::LoginMethod
                | Self::WritableLogin
                | Self::NoDatabase
                | Self::NoPermission
                | Self::PrivateHost
                | Self::NoTls
                | Self::TlsRequired
                | Self::UntrustedCertificate
                | Self::ExpiredCertificate
                | Self::WrongName
                | Self::SshHostKey
                | Self::SshLogin
                | Self::TlsFailed
                | Self::NoCredential
        )
    }

    /// Whether the reason is on this side, so that it says nothing about the server.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::NoSlot | Self::NoCredential)
    }

    /// The stable name: `unknown_host`, `refused` …
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::UnknownHost => "unknown_host",
            Self::Refused => "refused",
            Self::Filtered => "filtered",
            Self::Unreachable => "unreachable",
            Self::PrivateHost => "private_host",
            Self::OtherServer => "other_server",
            Self::NoTls => "no_tls",
            Self::TlsRequired => "tls_required",
            Self::UntrustedCertificate => "untrusted_certificate",
            Self::ExpiredCertificate => "expired_certificate",
            Self::WrongName => "wrong_name",
            Self::TlsFailed => "tls_failed",
            Self::Login => "login",
            Self::LoginMissing => "login_missing",
            Self::LoginMethod => "login_method",
            Self::NoDatabase => "no_database",
            Self::NoPermission => "no_permission",
            Self::NoInstance => "no_instance",
            Self::NotReady => "not_ready",
            Self::NoReplica => "no_replica",
            Self::SshUnreachable => "ssh_unreachable",
            Self::SshHostKey => "ssh_host_key",
            Self::SshLogin => "ssh_login",
            Self::SshForward => "ssh_forward",
            Self::SshFailed => "ssh_failed",
            Self::TooManyConnections => "too_many_connections",
            Self::WritableLogin => "writable_login",
            Self::Lost => "lost",
            Self::Slow => "slow",
            Self::NoSlot => "no_slot",
            Self::NoCredential => "no_credential",
        }
    }

    /// The error to tell, with the place and without the secret.
    pub(crate) fn error(self, spec: &SourceSpec) -> Error {
        let place = spec.socket().map_or_else(|| format!("{}:{}", spec.host, spec.port()), |path| path.display().to_string());
        let (host, product) = (&spec.host, spec.engine.name());
        let database = spec.database.as_deref().unwrap_or("(the login's own)");
        let user = spec.login.user().unwrap_or("(none)");
        let ssh = spec.ssh.as_ref().map_or_else(|| "(none)".to_owned(), |ssh| format!("{}:{}", ssh.host, ssh.port));
        let ssh_user = spec.ssh.as_ref().map_or("(none)", |ssh| ssh.user.as_str());
        let (kind, message) = match self {
            Self::UnknownHost => (
                ErrorKind::Config,
                format!("no address is known for the host `{host}`; check its spelling, or the name service of this machine"),
            ),
            Self::Refused => (
                ErrorKind::Unavailable,
                format!(
                    "nothing listens at {place}; check the port, and that {product} runs and accepts connections from the network"
                ),
            ),
            Self::Filtered => (
                ErrorKind::Timeout,
                format!(
                    "{place} does not answer; a firewall probably drops the packets: add this machine's outgoing address to the allow \
                     list of the server or its cloud network"
                ),
            ),
            Self::Unreachable => {
                (ErrorKind::Unavailable, format!("there is no way to {place} from this machine; check network, VPN and routing"))
            }
            Self::PrivateHost => (
                ErrorKind::Denied,
                format!(
                    "the host `{host}` is at a loopback, link-local or private address, which `forbid_private_hosts` rules out"
                ),
            ),
            Self::OtherServer => (
                ErrorKind::Config,
                format!(
                    "what answers at {place} is not {product}; check the port (its usual one is {})",
                    usual_port(spec.engine)
                ),
            ),
            Self::NoTls => (
                ErrorKind::Config,
                format!(
                    "the server at {place} does not offer TLS; switch it on there, or accept an unprotected connection with \
                     `sslmode=disable` (`Encrypt=False`)"
                ),
            ),
            Self::TlsRequired => (
                ErrorKind::Config,
                format!("the server at {place} accepts protected connections only; use `sslmode=verify-full` (`Encrypt=True`)"),
            ),
            Self::UntrustedCertificate => (
                ErrorKind::Config,
                format!(
                    "the certificate of {place} is not of a trusted authority (it may be self-signed); name its authority's PEM file with \
                     `sslrootcert` (`ca_file`)"
                ),
            ),
            Self::ExpiredCertificate => (
                ErrorKind::Config,
                format!("the certificate of {place} has expired or is not valid yet; renew it, and check this machine's clock"),
            ),
            Self::WrongName => (
                ErrorKind::Config,
                format!(
                    "the certificate of {place} is for another name; connect by a name that is in it, or give that name as `server_name`"
                ),
            ),
            Self::TlsFailed => (
                ErrorKind::Config,
                format!(
                    "no protected connection to {place} came about; check which TLS versions the server allows (1.2 or 1.3 is needed)"
                ),
            ),
            Self::Login => (
                ErrorKind::Config,
                format!("{product} at {place} does not accept the login of `{user}`; check user and password"),
            ),
            Self::LoginMissing => {
                (ErrorKind::Config, format!("{product} at {place} wants a login; give a user and a password, or a token"))
            }
            Self::LoginMethod => (
                ErrorKind::Unsupported,
                format!(
                    "{product} at {place} wants to be logged in to in a way that is not supported; use a user with a password"
                ),
            ),
            Self::NoDatabase => (
                ErrorKind::NotFound,
                format!("there is no database `{database}` at {place}, or `{user}` may not see it; check its spelling"),
            ),
            Self::NoPermission => (
                ErrorKind::Denied,
                format!(
                    "`{user}` may not open the database `{database}` at {place}; let somebody grant it the right to connect and read"
                ),
            ),
            Self::NoInstance => (
                ErrorKind::Config,
                format!(
                    "`{host}` does not say where its instance `{}` listens; check the name and that the browser service (UDP 1434) is \
                     reachable, or give the port",
                    spec.instance.as_deref().unwrap_or_default()
                ),
            ),
            Self::NoReplica => (
                ErrorKind::Unavailable,
                format!(
                    "the copy of the database `{database}` at {place} cannot be read now; try again in a moment, connect to the name of \
                     the group's listener instead of one server's, or let its administrator look whether the copy allows readers and \
                     receives data"
                ),
            ),
            Self::NotReady => (
                ErrorKind::Unavailable,
                format!("{product} at {place} is starting, stopping or recovering; try again in a moment"),
            ),
            Self::TooManyConnections => (
                ErrorKind::Unavailable,
                format!(
                    "{product} at {place} takes no more connections; close some, raise its limit, or lower `connections.max` here"
                ),
            ),
            Self::WritableLogin => (
                ErrorKind::Config,
                format!(
                    "`{user}` may change data at {place}, and {product} has no read-only transactions; connect with a login that may only \
                     read, or set `allow_writable_login`"
                ),
            ),
            Self::Lost => (
                ErrorKind::Unavailable,
                format!("the connection to {place} broke; the server may have been restarted: try again"),
            ),
            Self::SshUnreachable => (
                ErrorKind::Unavailable,
                format!("the SSH host {ssh} does not answer; check its name and port, and that this machine may reach it"),
            ),
            Self::SshHostKey => (
                ErrorKind::Config,
                format!(
                    "the key of the SSH host {ssh} is not known, or another than expected; compare `ssh-keyscan` and `ssh-keygen -lf` with \
                     what its operator says, and add it to `known_hosts` or set `ssh_fingerprint`"
                ),
            ),
            Self::SshLogin => (
                ErrorKind::Config,
                format!("the SSH host {ssh} does not let `{ssh_user}` in; check the user and its key or password"),
            ),
            Self::SshForward => (
                ErrorKind::Unavailable,
                format!(
                    "the SSH host {ssh} does not connect to {place}; check that {product} listens there as seen from that host, and that it \
                     allows forwarding (`AllowTcpForwarding`)"
                ),
            ),
            Self::SshFailed => (
                ErrorKind::Unavailable,
                format!("the connection to the SSH host {ssh} broke; check that it is an SSH server, and try again"),
            ),
            Self::Slow => (
                ErrorKind::Timeout,
                format!(
                    "{place} took the connection but did not finish the handshake in {} s; it may be overloaded, or no {product}",
                    spec.connections.connect_timeout().as_secs()
                ),
            ),
            Self::NoSlot => (
                ErrorKind::Unavailable,
                format!(
                    "no connection to {place} was made, because all that this process may have are in use; try again, or raise \
                     `sources.max_connections`"
                ),
            ),
            Self::NoCredential => (
                ErrorKind::Adapter,
                format!("the host's credential provider gave no login for {place}; look into what it says, and into its own log"),
            ),
        };
        Error::new(kind, message).with_context("problem", self.code())
    }

    /// What an error of the network means.
    pub(crate) fn of_io(error: &io::Error) -> Self {
        if let Some(problem) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).map(Self::of_tls) {
            return problem;
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::TimedOut => Self::Filtered,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => Self::Unreachable,
            _ => Self::Lost,
        }
    }

    /// What an error of TLS means.
    pub(crate) fn of_tls(error: &rustls::Error) -> Self {
        use rustls::CertificateError as C;
        match error {
            rustls::Error::InvalidCertificate(problem) => match problem {
                C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } => Self::ExpiredCertificate,
                C::NotValidForName | C::NotValidForNameContext { .. } => Self::WrongName,
                _ => Self::UntrustedCertificate,
            },
            rustls::Error::InvalidMessage(_) => Self::OtherServer,
            _ => Self::TlsFailed,
        }
    }
}

fn usual_port(engine: Engine) -> u16 {
    engine.default_port().unwrap_or_default()
}

/// Which problem an error of this module is about.
pub(crate) fn code_of(error: &Error) -> Option<&str> {
    error.context().iter().find(|(key, _)| *key == "problem").map(|(_, code)| code.as_str())
}

/// The problem an error of this module is about.
pub(crate) fn of(error: &Error) -> Option<Problem> {
    let code = code_of(error)?;
    Problem::ALL.iter().copied().find(|problem| problem.code() == code)
}

/// Whether the error is a problem of this module.
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
pub(crate) fn is_problem(error: &Error) -> bool {
    code_of(error).is_some()
}

/// Whether the error is a problem that may pass by itself.
pub(crate) fn is_transient(error: &Error) -> bool {
    of(error).is_some_and(|problem| Problem::TRANSIENT.contains(&problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Login;

    #[test]
    fn every_problem_says_where_and_what_to_do_and_no_secret() {
        let spec = SourceSpec {
            host: "db.example.com".into(),
            database: Some("shop".into()),
            login: Login::Password { user: "ada".into(), password: "hunter2".to_owned().into() },
            ..SourceSpec::new(Engine::Postgres)
        };
        let mut codes = std::collections::BTreeSet::new();
        for problem in Problem::ALL {
            let error = problem.error(&spec);
            assert!(
                error.message().contains("db.example.com")
                    || error.message().contains("SSH host")
                    || *problem == Problem::NoInstance,
                "{error}"
            );
            assert!(error.message().contains(';') || *problem == Problem::PrivateHost, "{error}");
            assert!(!format!("{error:?}").contains("hunter2"));
            assert!(codes.insert(problem.code()));
            assert_eq!(is_transient(&error), Problem::TRANSIENT.contains(problem));
        }
    }
}
