//! The secrets of a spec as bytes, and back. By hand, because serialisers copy what they read and do not clean up.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::spec::{Login, SecretString, SourceSpec, SshAuth};

/// The secrets of a spec, in the order in which they are written and read.
fn secrets_mut(spec: &mut SourceSpec) -> Vec<&mut SecretString> {
    let mut found = Vec::new();
    for login in [Some(&mut spec.login), spec.read_only_login.as_mut()].into_iter().flatten() {
        match login {
            Login::Password { password: secret, .. } | Login::Token { token: secret, .. } => found.push(secret),
            Login::None | Login::Provided => {}
        }
    }
    match spec.ssh.as_mut().map(|ssh| &mut ssh.auth) {
        Some(SshAuth::Password { password }) => found.push(password),
        Some(SshAuth::Key { passphrase, .. }) => found.push(passphrase),
        Some(SshAuth::KeyText { key, passphrase }) => found.extend([key, passphrase]),
        None => {}
    }
    found
}

/// Each secret with its length before it.
pub(super) fn write(spec: &SourceSpec) -> Zeroizing<Vec<u8>> {
    // A copy, so that there is one list of secrets; what is secret in it is overwritten when it is dropped.
    let mut spec = spec.clone();
    let secrets: Vec<&[u8]> = secrets_mut(&mut spec).into_iter().map(|secret| secret.expose_secret().as_bytes()).collect();
    // As large as it gets: nothing is moved, so that nothing is left behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(secrets.iter().map(|secret| secret.len() + 8).sum()));
    for secret in secrets {
        bytes.extend((secret.len() as u64).to_le_bytes());
        bytes.extend(secret);
    }
    bytes
}

/// Puts the secrets back; nothing when they do not fit the spec.
pub(super) fn read(spec: &mut SourceSpec, mut bytes: &[u8]) -> Option<()> {
    for secret in secrets_mut(spec) {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (own, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        *secret = SecretString::from(std::str::from_utf8(own).ok()?);
        bytes = rest;
    }
    bytes.is_empty().then_some(())
}
