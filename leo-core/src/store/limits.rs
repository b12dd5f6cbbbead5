//! What every storage of ours refuses, in the same words.

use crate::adapter::{MAX_KEY_BYTES, MAX_VALUE_BYTES};
use crate::error::{Error, Result};

/// Whether key and value are such as every storage has to take.
///
/// # Errors
/// `LimitExceeded`.
pub(super) fn within_limits(key: &str, value: &[u8]) -> Result<()> {
    if key.is_empty() || key.len() > MAX_KEY_BYTES || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::limit_exceeded(format!("a key is 1 to {MAX_KEY_BYTES} bytes of visible ASCII")));
    }
    if value.len() > MAX_VALUE_BYTES {
        return Err(Error::limit_exceeded(format!("a value is at most {MAX_VALUE_BYTES} bytes, not {}", value.len())));
    }
    Ok(())
}

/// The key does not have the version that was expected.
pub(super) fn other_version() -> Error {
    Error::conflict("the key has another version than the one expected; read it again")
}
