//! A spec that may be stored.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{cipher, secrets};
use crate::adapter::KeyStore;
use crate::error::{Error, Result};
use crate::spec::SourceSpec;
use crate::value::{from_hex, to_hex};

/// The form that is written.
const VERSION: u32 = 1;

/// A source's spec with its secrets sealed, to be stored as JSON by the host.
///
/// # Behavior
/// What is no secret can be read, and cannot be changed: the secrets open only beside the very spec they were sealed with, under the
/// name they were sealed for. So nobody who may write to the store sends a password to a server of his own, or gives one tenant
/// another's source.
///
/// # Example
/// ```
/// use leo::seal::{EnvironmentKeys, SealedSpec};
/// use leo::source::SourceSpec;
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let keys = EnvironmentKeys::parse(&format!("2025:{}", "17".repeat(32)))?;
/// let spec: SourceSpec = "postgres://ada:s3cret@db.example.com/shop".parse()?;
/// let stored = serde_json::to_string(&SealedSpec::seal(&spec, "acme/shop", &keys).await?).unwrap();
/// assert!(stored.contains("db.example.com") && !stored.contains("s3cret"));
///
/// // A new key comes first, and old ones are used until all specs are wrapped anew.
/// let keys = EnvironmentKeys::parse(&format!("2026:{},2025:{}", "5a".repeat(32), "17".repeat(32)))?;
/// let sealed: SealedSpec = serde_json::from_str(&stored).unwrap();
/// let sealed = sealed.rewrap(&keys).await?;
/// assert_eq!(sealed.key(), "2026");
/// let spec = sealed.open("acme/shop", &keys).await?;
/// assert_eq!(spec.to_string(), "postgres://ada@db.example.com:5432/shop");
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedSpec {
    version: u32,
    /// The spec without its secrets.
    spec: Value,
    /// Id of the key that the data key is sealed with.
    key: String,
    /// The data key, sealed, as hexadecimal digits.
    data_key: String,
    /// The secrets, sealed with the data key, as hexadecimal digits.
    secrets: String,
}

impl SealedSpec {
    /// Seals the secrets of `spec` for `name`, which whoever opens it must know: best the tenant and the source's id.
    ///
    /// # Errors
    /// The key store's; `Config` for a path that is no text; `Unavailable` when the system gives no random numbers.
    pub async fn seal(spec: &SourceSpec, name: &str, keys: &dyn KeyStore) -> Result<Self> {
        let shown = serde_json::to_value(spec);
        let shown = shown.map_err(|error| Error::config("the spec has a path that is no text").with_source(error))?;
        let (key, data_key) = (keys.current().await?, cipher::new_key()?);
        let secrets = cipher::seal(&data_key, &bound(&shown, name)?, &secrets::write(spec))?;
        let data_key = keys.seal(&key, &data_key).await?;
        Ok(Self { version: VERSION, spec: shown, key, data_key: to_hex(&data_key), secrets: to_hex(&secrets) })
    }

    /// The spec with its secrets.
    ///
    /// # Errors
    /// `Malformed` when anything of it was changed, it was sealed for another name, or the key is another one; `NotFound` and others of the
    /// key store.
    pub async fn open(&self, name: &str, keys: &dyn KeyStore) -> Result<SourceSpec> {
        if self.version != VERSION {
            return Err(Error::malformed(format!(
                "the sealed spec has the form {}, and this version reads {VERSION}",
                self.version
            )));
        }
        let changed = || {
            Error::malformed(
                "the sealed spec does not open: it was changed, or sealed for another name or with another key; restore it, or give the \
                 source its spec anew",
            )
            .with_context("key", &self.key)
        };
        let data_key = keys.unseal(&self.key, &from_hex(&self.data_key).ok_or_else(changed)?).await?;
        let secrets = from_hex(&self.secrets).ok_or_else(changed)?;
        let secrets = cipher::open(&data_key, &bound(&self.spec, name)?, &secrets).ok_or_else(changed)?;
        let mut spec: SourceSpec = serde_json::from_value(self.spec.clone()).map_err(|_| changed())?;
        secrets::read(&mut spec, &secrets).ok_or_else(changed)?;
        Ok(spec)
    }

    /// The same, its data key sealed with the store's current key; the secrets are not opened for that.
    ///
    /// # Errors
    /// The key store's.
    pub async fn rewrap(&self, keys: &dyn KeyStore) -> Result<Self> {
        let current = keys.current().await?;
        if current == self.key {
            return Ok(self.clone());
        }
        let sealed = from_hex(&self.data_key).ok_or_else(|| Error::malformed("the sealed spec was changed; restore it"))?;
        let data_key = keys.seal(&current, &keys.unseal(&self.key, &sealed).await?).await?;
        Ok(Self { key: current, data_key: to_hex(&data_key), ..self.clone() })
    }

    /// Id of the key it is sealed with.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Debug for SealedSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedSpec").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What the secrets are bound to: the form, the name, and everything of the spec that is no secret.
fn bound(spec: &Value, name: &str) -> Result<Vec<u8>> {
    serde_json_canonicalizer::to_vec(&(VERSION, name, spec))
        .map_err(|error| Error::malformed("the spec has a number that cannot be written exactly").with_source(error))
}
