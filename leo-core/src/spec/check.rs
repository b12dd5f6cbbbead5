//! What can be wrong with a spec before anything is connected.

use super::{Engine, Login, SourceSpec};
use crate::error::{Error, Result};
use secrecy::ExposeSecret;

/// Endings of files that are read as tables.
pub(super) const FILE_ENDINGS: &[&str] =
    &["csv", "tsv", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet", "jsonl", "ndjson", "gz"];

pub(super) fn check(spec: &SourceSpec) -> Result<()> {
    let mut wrong = Vec::new();
    if spec.engine.is_networked() {
        network(spec, &mut wrong);
    } else if spec.path.as_ref().is_none_or(|path| path.as_os_str().is_empty()) {
        wrong.push("the path of the file is missing".to_owned());
    }
    for glob in spec.include.iter().chain(&spec.exclude) {
        if globset::Glob::new(glob).is_err() {
            wrong.push(format!("`{glob}` is no pattern; write `schema.*` or `schema.table`"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::config(wrong.join("; "))) }
}

fn network(spec: &SourceSpec, wrong: &mut Vec<String>) {
    if spec.host.is_empty() {
        wrong.push("the host is missing".to_owned());
    } else if !is_host(&spec.host) {
        wrong.push(
            "the host is neither a name nor an address; it has letters, digits, dots and hyphens, or is an IP address".to_owned(),
        );
    }
    if spec.engine == Engine::Mssql && spec.socket().is_some() {
        wrong.push("SQL Server listens at ports only; give its host and not a path".to_owned());
    }
    if spec.port == Some(0) {
        wrong.push("the port is 0; ports are 1 to 65535".to_owned());
    }
    for login in [Some(&spec.login), spec.read_only_login.as_ref()].into_iter().flatten() {
        check_login(login, wrong);
    }
    if spec.connections.max == 0 || spec.connections.max > 500 {
        wrong.push("`connections.max` is 1 to 500".to_owned());
    }
    if spec.database.as_deref().is_some_and(|name| name.contains('\0')) {
        wrong.push("the database's name holds a NUL character".to_owned());
    }
    for name in spec.session.keys() {
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        if !is_name {
            wrong.push("the name of a session value has other signs than letters, digits, `_` and `.`".to_owned());
        }
    }
}

fn check_login(login: &Login, wrong: &mut Vec<String>) {
    match login {
        Login::None | Login::Provided => {}
        Login::Password { user, .. } if user.is_empty() => wrong.push("the user is empty".to_owned()),
        Login::Password { .. } => {}
        Login::Token { token, .. } if token.expose_secret().is_empty() => wrong.push("the access token is empty".to_owned()),
        Login::Token { .. } => {}
    }
}

fn is_host(host: &str) -> bool {
    let address = host.split('%').next().unwrap_or(host);
    if address.parse::<std::net::IpAddr>().is_ok() || host.starts_with('/') {
        return true;
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}
