//! Keys that seal secrets at rest.

use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Holds the keys that data keys are sealed with: in the environment ([`EnvironmentKeys`](crate::seal::EnvironmentKeys)), in a KMS, in an
/// HSM. The key itself need not leave it.
///
/// # Behavior
/// Keys have ids, which are stored beside what they sealed and are no secrets. A store that changes its current key goes on unsealing
/// with the older ones until everything is sealed anew ([`SealedSpec::rewrap`](crate::seal::SealedSpec::rewrap)).
///
/// # Example
/// ```
/// use leo::adapter::{DataKey, KeyStore};
///
/// /// Somebody else's computer.
/// #[derive(Debug)]
/// struct Kms;
/// # impl Kms {
/// #     async fn encrypt(&self, _: &str, text: &[u8]) -> leo::Result<Vec<u8>> { Ok(text.iter().map(|byte| byte ^ 1).collect()) }
/// #     async fn decrypt(&self, _: &str, text: &[u8]) -> leo::Result<Vec<u8>> { Ok(text.iter().map(|byte| byte ^ 1).collect()) }
/// # }
///
/// #[async_trait::async_trait]
/// impl KeyStore for Kms {
///     async fn current(&self) -> leo::Result<String> {
///         Ok("alias/leo-2026".into())
///     }
///     async fn seal(&self, key: &str, data_key: &DataKey) -> leo::Result<Vec<u8>> {
///         self.encrypt(key, data_key.expose()).await
///     }
///     async fn unseal(&self, key: &str, sealed: &[u8]) -> leo::Result<DataKey> {
///         DataKey::from_bytes(self.decrypt(key, sealed).await?)
///     }
/// }
/// ```
#[async_trait]
pub trait KeyStore: fmt::Debug + Send + Sync + 'static {
    /// Id of the key that is sealed with from now on.
    ///
    /// # Errors
    /// The store's.
    async fn current(&self) -> Result<String>;

    /// Seals a data key with the key of this id, so that a change of it shows.
    ///
    /// # Errors
    /// The store's; `NotFound` when it has no such key.
    async fn seal(&self, key: &str, data_key: &DataKey) -> Result<Vec<u8>>;

    /// Opens what [`seal`](Self::seal) made with the key of this id.
    ///
    /// # Errors
    /// The store's; `NotFound` when it has no such key, `Malformed` when it was not made with that key.
    async fn unseal(&self, key: &str, sealed: &[u8]) -> Result<DataKey>;
}

/// A key of 32 bytes for one secret. It is shown nowhere, and its bytes are overwritten when it is dropped.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// The key of these bytes.
    ///
    /// # Errors
    /// `Malformed` when there are not 32 of them.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        let bytes = Zeroizing::new(bytes.into());
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(Error::malformed("a key has 32 bytes; look at what the key store gives"));
        }
        key.copy_from_slice(&bytes);
        Ok(Self(key))
    }

    /// Its bytes.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}
