//! URLs as the engines' own tools write them.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::Url;

use super::{Engine, Login, SecretString, SourceSpec, SshAuth, SshHostKey, SshTunnel, TlsMode};
use crate::error::{Error, Result};

const SCHEMES: &[(&str, Engine)] = &[
    ("postgres", Engine::Postgres),
    ("postgresql", Engine::Postgres),
    ("mysql", Engine::Mysql),
    ("mariadb", Engine::Mysql),
    ("mssql", Engine::Mssql),
    ("sqlserver", Engine::Mssql),
    ("sqlite", Engine::Sqlite),
    ("file", Engine::Files),
];

/// Whether `text` begins like a URL; a drive letter is none.
pub(super) fn is_url(text: &str) -> bool {
    text.contains("://") || text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite:"))
}

pub(super) fn parse(text: &str) -> Result<SourceSpec> {
    // No part of the text goes into a message: it may hold the password.
    let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let Some((_, engine)) = SCHEMES.iter().find(|(name, _)| *name == scheme) else {
        let known: Vec<&str> = SCHEMES.iter().map(|(name, _)| *name).collect();
        return Err(Error::config(format!("unknown kind of source; a URL begins with one of {}", known.join(", "))));
    };
    if !engine.is_networked() {
        let path = text.get(scheme.len() + 1..).unwrap_or_default();
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = decode(path, "path")?;
        return Ok(SourceSpec { path: Some(PathBuf::from(path)), ..SourceSpec::new(*engine) });
    }
    let (text, has_host) = with_host(text);
    let url = Url::parse(&text).map_err(|error| {
        Error::config(format!(
            "the URL cannot be read: {error}; write it as {scheme}://user:password@host:port/database, with `%40` for `@`, `%2F` for `/`, \
             `%23` for `#` and so on inside the password"
        ))
    })?;
    let mut spec = SourceSpec::new(*engine);
    let host = url.host_str().filter(|_| has_host).unwrap_or_default();
    spec.host = decode(host.trim_start_matches('[').trim_end_matches(']'), "host")?;
    spec.port = url.port();
    let database = decode(url.path().trim_start_matches('/'), "database")?;
    spec.database = (!database.is_empty()).then_some(database);
    let user = decode(url.username(), "user")?;
    match url.password() {
        Some(password) => spec.login = Login::Password { user, password: decode(password, "password")?.into() },
        None if !user.is_empty() => spec.login = Login::Password { user, password: String::new().into() },
        None => {}
    }
    for (key, value) in url.query_pairs() {
        option(&mut spec, &key, &value)?;
    }
    Ok(spec)
}

/// The URL with a host, and whether it has one of its own: `user@/database?host=…` names a socket, but is no URL elsewhere.
fn with_host(text: &str) -> (std::borrow::Cow<'_, str>, bool) {
    let start = text.find("://").map_or(0, |at| at + 3);
    let end = text.get(start..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(text.len(), |at| start + at);
    match (text.get(..end), text.get(end..)) {
        (Some(before), Some(behind)) if before.ends_with('@') => (format!("{before}socket{behind}").into(), false),
        _ => (text.into(), true),
    }
}

fn decode(part: &str, what: &str) -> Result<String> {
    let decoded = percent_decode_str(part).decode_utf8();
    decoded.map(Into::into).map_err(|_| Error::config(format!("the {what} in the URL is not UTF-8 after decoding `%` signs")))
}

/// One `key=value` behind the `?`.
fn option(spec: &mut SourceSpec, key: &str, value: &str) -> Result<()> {
    let text = || Some(value.to_owned());
    match key.to_ascii_lowercase().replace('-', "_").as_str() {
        "sslmode" | "ssl_mode" | "tls" => spec.tls.mode = Some(mode(value)?),
        "sslrootcert" | "ssl_ca" | "ca_file" | "trust_server_certificate_ca" => spec.tls.ca_file = Some(value.into()),
        "server_name" | "hostnameincertificate" | "host_name_in_certificate" => spec.tls.server_name = text(),
        "encrypt" => match on(key, value)? {
            true if spec.tls.mode.is_none() => spec.tls.mode = Some(TlsMode::VerifyFull),
            true => {}
            false => spec.tls.mode = Some(TlsMode::Disable),
        },
        "trust_server_certificate" | "trustservercertificate" if on(key, value)? => spec.tls.mode = Some(TlsMode::Require),
        "trust_server_certificate" | "trustservercertificate" => {}
        // Where the place of the host stays empty: a socket's path.
        "host" | "socket" | "unix_socket" if spec.host.is_empty() => spec.host = value.to_owned(),
        "port" if spec.port.is_none() => {
            spec.port = Some(value.parse().map_err(|_| Error::config("`port` is a number up to 65535"))?);
        }
        "instance" | "instancename" => spec.instance = text(),
        "application_name" | "applicationname" => spec.application_name = text(),
        "application_intent" | "applicationintent" => spec.read_intent = value.eq_ignore_ascii_case("readonly"),
        "allow_writable_login" => spec.allow_writable_login = on(key, value)?,
        "ssh" => {
            let (user, place) = value.split_once('@').unwrap_or(("", value));
            let (host, port) = match place.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']')) {
                Some((host, port)) => (host, port.parse().map_err(|_| Error::config("`ssh` is written as user@host:port"))?),
                None => (place, 22),
            };
            let ssh = ssh(spec);
            (ssh.user, ssh.host, ssh.port) = (user.to_owned(), host.trim_matches(['[', ']']).to_owned(), port);
        }
        "ssh_key" => ssh(spec).auth = SshAuth::Key { file: value.into(), passphrase: SecretString::default() },
        "ssh_known_hosts" => ssh(spec).host_key = SshHostKey::KnownIn(value.into()),
        "ssh_fingerprint" => ssh(spec).host_key = SshHostKey::Fingerprint(value.into()),
        "connect_timeout" => {
            let seconds: u64 = value.parse().map_err(|_| Error::config("`connect_timeout` is a number of seconds"))?;
            spec.connections.connect_timeout_ms = seconds.saturating_mul(1_000);
        }
        "target_session_attrs" => {
            return Err(Error::config(
                "`target_session_attrs` chooses among several hosts, and a source has one; leave it out and name the host to read from \
                 (a standby will do: every session is for reading)",
            ));
        }
        _ => {
            return Err(Error::config(format!(
                "unknown option `{}` in the URL; known are host, port, socket, sslmode, sslrootcert, server_name, encrypt, \
                 trust_server_certificate, instance, application_name, application_intent, allow_writable_login, ssh, ssh_key, \
                 ssh_known_hosts, ssh_fingerprint and connect_timeout",
                key.chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).take(40).collect::<String>()
            )));
        }
    }
    Ok(())
}

/// The tunnel whose options are being read; what is missing in the end is found by the check of the spec.
fn ssh(spec: &mut SourceSpec) -> &mut SshTunnel {
    spec.ssh.get_or_insert_with(|| SshTunnel::new("", "", SshAuth::Password { password: SecretString::default() }))
}

/// A mode by PostgreSQL's or MySQL's name.
fn mode(value: &str) -> Result<TlsMode> {
    Ok(match value.to_ascii_lowercase().replace('_', "-").as_str() {
        "disable" | "disabled" | "off" | "false" => TlsMode::Disable,
        "allow" | "prefer" | "preferred" => TlsMode::Prefer,
        "require" | "required" => TlsMode::Require,
        "verify-ca" => TlsMode::VerifyCa,
        "verify-full" | "verify-identity" => TlsMode::VerifyFull,
        _ => return Err(Error::config("`sslmode` is one of disable, prefer, require, verify-ca and verify-full")),
    })
}

/// A switch in any of the ways they are written.
pub(super) fn on(key: &str, value: &str) -> Result<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" | "on" | "mandatory" | "strict" => Ok(true),
        "false" | "no" | "0" | "off" | "optional" => Ok(false),
        _ => Err(Error::config(format!("`{key}` is either true or false"))),
    }
}
