//! The secrets of a spec as bytes, and back. By hand, because serialisers copy what they read and do not clean up.

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::spec::{Login, SecretString, SourceSpec};

/// The logins that may hold a secret, in the order in which they are written.
fn logins(spec: &SourceSpec) -> [Option<&Login>; 2] {
    [Some(&spec.login), spec.read_only_login.as_ref()]
}

fn secret(login: &Login) -> Option<&SecretString> {
    match login {
        Login::Password { password: secret, .. } | Login::Token { token: secret, .. } => Some(secret),
        Login::None | Login::Provided => None,
    }
}

/// Each secret with its length before it.
pub(super) fn write(spec: &SourceSpec) -> Zeroizing<Vec<u8>> {
    let secrets = || logins(spec).into_iter().flatten().filter_map(secret).map(|secret| secret.expose_secret().as_bytes());
    // As large as it gets: nothing is moved, so that nothing is left behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(secrets().map(|secret| secret.len() + 8).sum()));
    for secret in secrets() {
        bytes.extend((secret.len() as u64).to_le_bytes());
        bytes.extend(secret);
    }
    bytes
}

/// Puts the secrets back; nothing when they do not fit the spec.
pub(super) fn read(spec: &mut SourceSpec, mut bytes: &[u8]) -> Option<()> {
    for login in [Some(&mut spec.login), spec.read_only_login.as_mut()].into_iter().flatten() {
        let (Login::Password { password: secret, .. } | Login::Token { token: secret, .. }) = login else { continue };
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (own, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        *secret = SecretString::from(std::str::from_utf8(own).ok()?);
        bytes = rest;
    }
    bytes.is_empty().then_some(())
}
