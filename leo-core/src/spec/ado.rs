//! ADO.NET connection strings: `Key=Value;…`, values in quotes where they hold a semicolon.

use super::url::on;
use super::{Engine, Login, SourceSpec, TlsMode};
use crate::error::{Error, Result};

/// Keys that only such a string begins with.
const FIRST_KEYS: &[&str] =
    &["server", "data source", "address", "addr", "network address", "database", "initial catalog", "user id", "uid", "password"];

/// Whether `text` is `Key=Value;…` rather than a URL or a path.
pub(super) fn is_ado(text: &str) -> bool {
    text.split_once('=').is_some_and(|(key, _)| FIRST_KEYS.contains(&key.trim().to_ascii_lowercase().as_str()))
}

pub(super) fn parse(text: &str) -> Result<SourceSpec> {
    let mut spec = SourceSpec::new(Engine::Mssql);
    let (mut user, mut password) = (None, None);
    let (mut encrypt, mut trusted) = (true, false);
    for (key, value) in pairs(text)? {
        match key.as_str() {
            "server" | "data source" | "address" | "addr" | "network address" => place(&mut spec, &value)?,
            "database" | "initial catalog" => spec.database = Some(value),
            "user id" | "uid" | "user" => user = Some(value),
            "password" | "pwd" => password = Some(value),
            "encrypt" => encrypt = on("Encrypt", &value)?,
            "trustservercertificate" | "trust server certificate" => trusted = on("TrustServerCertificate", &value)?,
            "hostnameincertificate" | "host name in certificate" => spec.tls.server_name = Some(value),
            "servercertificate" | "server certificate" | "ca file" => spec.tls.ca_file = Some(value.into()),
            "applicationintent" | "application intent" => spec.read_intent = value.eq_ignore_ascii_case("readonly"),
            "application name" | "app" => spec.application_name = Some(value),
            "connect timeout" | "connection timeout" | "timeout" => {
                let seconds: u64 = value.parse().map_err(|_| Error::config("`Connect Timeout` is a number of seconds"))?;
                spec.connections.connect_timeout_ms = seconds.saturating_mul(1_000);
            }
            "max pool size" => {
                spec.connections.max = value.parse().map_err(|_| Error::config("`Max Pool Size` is a number of connections"))?;
            }
            "integrated security" | "trusted_connection" if !on(&key, &value).unwrap_or(true) => {}
            "integrated security" | "trusted_connection" => {
                return Err(Error::new(
                    crate::ErrorKind::Unsupported,
                    "Windows logins are not supported; give `User Id` and `Password` of a SQL Server login, or an access token",
                ));
            }
            // Settings of the other driver that change nothing here.
            "multipleactiveresultsets"
            | "persist security info"
            | "pooling"
            | "min pool size"
            | "multisubnetfailover"
            | "command timeout"
            | "packet size"
            | "connectretrycount"
            | "connectretryinterval"
            | "load balance timeout"
            | "workstation id"
            | "current language"
            | "failover partner"
            | "type system version" => {}
            _ => return Err(Error::config(format!("unknown key `{}` in the connection string", shown(&key)))),
        }
    }
    spec.tls.mode = Some(match (encrypt, trusted) {
        (false, _) => TlsMode::Disable,
        (true, true) => TlsMode::Require,
        (true, false) => TlsMode::VerifyFull,
    });
    if let Some(user) = user {
        spec.login = Login::Password { user, password: password.unwrap_or_default().into() };
    }
    Ok(spec)
}

/// `tcp:host\instance,port`
fn place(spec: &mut SourceSpec, value: &str) -> Result<()> {
    let value = value.trim();
    let value = value.get(..4).filter(|start| start.eq_ignore_ascii_case("tcp:")).map_or(value, |_| value.get(4..).unwrap_or(""));
    if value.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("np:")) || value.starts_with("\\\\") {
        return Err(Error::new(
            crate::ErrorKind::Unsupported,
            "named pipes are not supported; give the server as `tcp:host,port`",
        ));
    }
    let (host, port) = value.rsplit_once(',').map_or((value, None), |(host, port)| (host, Some(port.trim())));
    if let Some(port) = port {
        spec.port =
            Some(port.parse().map_err(|_| Error::config("the port behind the comma of `Server` is a number up to 65535"))?);
    }
    let (host, instance) = host.split_once('\\').map_or((host, None), |(host, instance)| (host, Some(instance.trim())));
    spec.instance = instance.filter(|name| !name.eq_ignore_ascii_case("mssqlserver")).map(str::to_owned);
    spec.host = match host.trim() {
        "." | "(local)" => "localhost".into(),
        host => host.trim_start_matches('[').trim_end_matches(']').to_owned(),
    };
    Ok(())
}

/// Keys in lower case and their values; a quote in a quoted value is doubled, `==` in a key is one sign.
fn pairs(text: &str) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ';' || c.is_whitespace());
        if rest.is_empty() {
            return Ok(pairs);
        }
        let Some((key, behind)) = rest.split_once('=') else {
            return Err(Error::config("the connection string has a part without `=`; parts are `Key=Value`, separated by `;`"));
        };
        let key = key.trim().to_ascii_lowercase();
        let behind = behind.trim_start();
        let (value, left) = match behind.chars().next() {
            Some(quote @ ('\'' | '"')) => quoted(behind, quote).ok_or_else(|| {
                Error::config(format!("the value of `{}` in the connection string has no closing quote", shown(&key)))
            })?,
            _ => behind
                .split_once(';')
                .map_or((behind.trim_end().to_owned(), ""), |(value, left)| (value.trim_end().to_owned(), left)),
        };
        pairs.push((key, value));
        rest = left;
    }
}

/// The value in quotes at the start of `text`, and what is behind it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            value.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            value.push(quote);
        } else {
            let left = text.get(at + 1..)?.trim_start();
            return (left.is_empty() || left.starts_with(';')).then_some((value, left));
        }
    }
    None
}

/// A key as it may stand in a message: letters only, and no more than a key has.
fn shown(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric() || *c == ' ').take(40).collect()
}
