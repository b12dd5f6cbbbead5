//! What can be wrong with a spec before anything is connected.

use super::{Engine, Login, SourceSpec, SshAuth, SshHostKey, SshTunnel};
use crate::error::{Error, Result};
use secrecy::ExposeSecret;

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
    if let Some(tunnel) = &spec.ssh {
        ssh(spec, tunnel, wrong);
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

fn ssh(spec: &SourceSpec, ssh: &SshTunnel, wrong: &mut Vec<String>) {
    if !is_host(&ssh.host) || ssh.host.starts_with('/') || ssh.port == 0 {
        wrong.push("the SSH host is no name or address with a port; write it as user@host:port".to_owned());
    }
    if ssh.user.is_empty() {
        wrong.push("the SSH host needs a user; write it as user@host".to_owned());
    }
    match &ssh.auth {
        SshAuth::Password { password: secret } | SshAuth::KeyText { key: secret, .. } if secret.expose_secret().is_empty() => {
            wrong.push("the SSH host needs a key or a password; name the key's file as `ssh_key`".to_owned());
        }
        SshAuth::Key { file, .. } if file.as_os_str().is_empty() => wrong.push("the file of the SSH key is missing".to_owned()),
        _ => {}
    }
    if matches!(&ssh.host_key, SshHostKey::Fingerprint(text) if !text.starts_with("SHA256:")) {
        wrong.push("the fingerprint of the SSH host's key begins with `SHA256:`".to_owned());
    }
    if spec.socket().is_some() {
        wrong.push("a socket of this machine is not reached through an SSH host".to_owned());
    }
    if spec.instance.is_some() && spec.port.is_none() {
        wrong.push("an instance is not looked up through an SSH host; give its port".to_owned());
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
