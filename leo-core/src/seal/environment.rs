//! Keys in an environment variable.

use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::cipher;
use crate::adapter::{DataKey, KeyStore};
use crate::error::{Error, Result};
use crate::value::from_hex;

/// Keys as `id:key` with 64 hexadecimal digits each (`openssl rand -hex 32`), separated by commas. The first one is the current one;
/// the others open what was sealed before.
///
/// # Example
/// ```
/// use leo::seal::EnvironmentKeys;
///
/// let keys = EnvironmentKeys::parse(&format!("2026:{},2025:{}", "5a".repeat(32), "17".repeat(32)))?;
/// assert_eq!(format!("{keys:?}"), r#"EnvironmentKeys { ids: ["2026", "2025"] }"#);
/// # Ok::<(), leo::Error>(())
/// ```
pub struct EnvironmentKeys(Vec<(String, DataKey)>);

impl EnvironmentKeys {
    /// Reads the keys from the variable `name`, for instance `LEO_KEYS`.
    ///
    /// # Errors
    /// `Config` when it is not set, and as [`parse`](Self::parse).
    pub fn from_env(name: &str) -> Result<Self> {
        let text = std::env::var(name).map(Zeroizing::new);
        let text = text.map_err(|_| Error::config(format!("the variable `{name}` is not set; give it keys as `id:key,…`")))?;
        Self::parse(&text)
    }

    /// Reads the keys from a text.
    ///
    /// # Errors
    /// `Config` for no key, a key that is not 64 hexadecimal digits, or two of one id.
    pub fn parse(text: &str) -> Result<Self> {
        let mut keys: Vec<(String, DataKey)> = Vec::new();
        for (index, part) in text.split(',').map(str::trim).filter(|part| !part.is_empty()).enumerate() {
            // No part of the text goes into a message: any of it may be a key.
            let number = index + 1;
            let wrong = || Error::config(format!("key {number} is not written as `id:key` with 64 hexadecimal digits"));
            let (id, key) = part.split_once(':').filter(|(id, _)| !id.trim().is_empty()).ok_or_else(wrong)?;
            let key = Zeroizing::new(from_hex(key.trim()).ok_or_else(wrong)?);
            let key = DataKey::from_bytes(key.as_slice()).map_err(|_| wrong())?;
            if keys.iter().any(|(known, _)| known == id.trim()) {
                return Err(Error::config(format!("key {number} has the id of another one; give each its own")));
            }
            keys.push((id.trim().to_owned(), key));
        }
        if keys.is_empty() {
            return Err(Error::config("there is no key; write them as `id:key`, separated by commas"));
        }
        Ok(Self(keys))
    }

    fn key(&self, id: &str) -> Result<&DataKey> {
        self.0.iter().find(|(known, _)| known == id).map(|(_, key)| key).ok_or_else(|| {
            Error::not_found("what is to be opened was sealed with a key that is not there; add it behind the current one")
                .with_context("key", id)
        })
    }
}

impl fmt::Debug for EnvironmentKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.0.iter().map(|(id, _)| id.as_str()).collect();
        f.debug_struct("EnvironmentKeys").field("ids", &ids).finish()
    }
}

#[async_trait]
impl KeyStore for EnvironmentKeys {
    async fn current(&self) -> Result<String> {
        self.0.first().map(|(id, _)| id.clone()).ok_or_else(|| Error::config("there is no key"))
    }

    async fn seal(&self, key: &str, data_key: &DataKey) -> Result<Vec<u8>> {
        cipher::seal(self.key(key)?, key.as_bytes(), data_key.expose())
    }

    async fn unseal(&self, key: &str, sealed: &[u8]) -> Result<DataKey> {
        let opened = cipher::open(self.key(key)?, key.as_bytes(), sealed);
        let opened = opened.ok_or_else(|| {
            Error::malformed("what is to be opened was changed, or sealed with another key of this id").with_context("key", key)
        })?;
        DataKey::from_bytes(opened.as_slice())
    }
}
