//! Where Leo keeps what has to outlive the process.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 512;
/// Largest value, in bytes; Leo cuts larger ones into pieces.
pub const MAX_VALUE_BYTES: usize = 256 * 1024;

/// Keeps values under keys: a table of a host's database, Redis, a folder. [`MemoryStorage`](crate::store::MemoryStorage) is the one of
/// tests and of those who keep nothing; [`store::contract`](crate::store::contract) checks any other.
///
/// # Behavior
/// - Keys are 1 to 512 bytes of visible ASCII, `!` to `~`, and compared byte by byte: `A` is not `a`, `_` and `%` stand for themselves. They
///   begin with the tenant's; Leo reaches a storage in no other way than for one tenant.
/// - Values are any bytes, none of them included, up to 256 KiB, and come back as they went in.
/// - Each `put` gives the key a version above zero and above all it had before, also when it was deleted or had expired in between: a
///   counter for the whole storage does that.
/// - A comparison of versions and what follows from it are one step: of many who expect the same version, one succeeds.
/// - What has expired is as if it had been deleted, even when it is still there.
/// - Calls may come from many tasks and processes at once. A call whose future is dropped was made or was not, never in part.
///
/// # Example
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use leo::adapter::{PutOptions, Storage};
/// use leo::store::MemoryStorage;
///
/// let storage = MemoryStorage::default();
/// let first = storage.put("acme/greeting", b"hello".to_vec(), PutOptions::new()).await?;
/// let second = storage.put("acme/greeting", b"hi".to_vec(), PutOptions::new().expecting(first)).await?;
/// assert!(second > first);
/// let late = storage.put("acme/greeting", b"hey".to_vec(), PutOptions::new().expecting(first)).await;
/// assert_eq!(late.unwrap_err().kind(), leo::ErrorKind::Conflict);
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[async_trait]
pub trait Storage: std::fmt::Debug + Send + Sync + 'static {
    /// What is kept under `key`.
    ///
    /// # Errors
    /// The host's own.
    async fn get(&self, key: &str) -> Result<Option<Versioned>>;

    /// Keeps `value` under `key` and says its version.
    ///
    /// # Errors
    /// `Conflict` when the key has another version than the one expected: nothing changed. `LimitExceeded` for a key or value that is too
    /// large. Else the host's own.
    async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64>;

    /// Removes `key`; with `expected`, only when that is its version. What is not there is not missed unless it was expected.
    ///
    /// # Errors
    /// `Conflict` when the key has another version than the one expected: nothing changed. Else the host's own.
    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()>;

    /// The first `limit` keys that begin with `prefix` and come behind `after`, in the order of their bytes.
    ///
    /// # Errors
    /// The host's own.
    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>>;
}

/// A value and which version of it this is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Versioned {
    /// The bytes.
    pub value: Vec<u8>,
    /// Its version, above zero.
    pub version: u64,
}

/// Shows the size only: values are data.
impl std::fmt::Debug for Versioned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Versioned({} bytes, version {})", self.value.len(), self.version)
    }
}

/// How a value is put.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PutOptions {
    /// The version that the key must have; 0 for none. Without it, whatever is there is replaced.
    pub expected: Option<u64>,
    /// How long it is kept, from now; without it, until it is deleted. In JSON `ttl_ms`, milliseconds.
    #[serde(rename = "ttl_ms", with = "milliseconds")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub ttl: Option<Duration>,
}

impl PutOptions {
    /// Replaces whatever is there, for good.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only where the key has this version; 0 for a key that is not there.
    #[must_use]
    pub fn expecting(mut self, version: u64) -> Self {
        self.expected = Some(version);
        self
    }

    /// For this long.
    #[must_use]
    pub fn for_time(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(ttl: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Option::<u64>::deserialize(deserializer).map(|ttl| ttl.map(Duration::from_millis))
    }
}
