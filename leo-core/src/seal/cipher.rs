//! XChaCha20-Poly1305: what is sealed cannot be read or changed without the key, and only opens with what it was bound to.

use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::adapter::DataKey;
use crate::error::{Error, Result};

/// Bytes of the nonce in front of what is sealed.
const NONCE: usize = 24;

fn no_chance(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("the system gives no random numbers; try again").with_source(error)
}

/// A new key.
///
/// # Errors
/// `Unavailable` when the system gives no random numbers.
pub(super) fn new_key() -> Result<DataKey> {
    let key = Zeroizing::new(<[u8; 32]>::try_generate().map_err(no_chance)?);
    DataKey::from_bytes(key.as_slice())
}

/// Seals `secret`, bound to `to`.
///
/// # Errors
/// `Unavailable` when the system gives no random numbers.
pub(super) fn seal(key: &DataKey, to: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
    let nonce = <[u8; NONCE]>::try_generate().map_err(no_chance)?;
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: to });
    let sealed = sealed.map_err(|_| Error::limit_exceeded("the secret is too large to be sealed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`seal`] made with this key, bound to `to`; nothing otherwise.
pub(super) fn open(key: &DataKey, to: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    cipher(key).decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: to }).ok().map(Zeroizing::new)
}

fn cipher(key: &DataKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(<&Key>::from(key.expose()))
}
