//! A storage that forgets with the process.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{other_version, within_limits};
use crate::adapter::{PutOptions, Storage, Versioned};
use crate::error::Result;

/// Keeps values in memory; what a storage has to do, in the fewest words.
#[derive(Debug, Default)]
pub struct MemoryStorage {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    entries: BTreeMap<String, Entry>,
    /// The last version given, of all keys together, so that none is given twice.
    version: u64,
}

struct Entry {
    value: Vec<u8>,
    version: u64,
    until: Option<Instant>,
}

/// Shows the number of keys only.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} keys", self.entries.len())
    }
}

impl Entry {
    fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

impl Kept {
    /// The entry, unless it has expired; then it is dropped.
    fn live(&mut self, key: &str) -> Option<&Entry> {
        if self.entries.get(key).is_some_and(|entry| entry.is_over(Instant::now())) {
            self.entries.remove(key);
        }
        self.entries.get(key)
    }

    fn expect(&mut self, key: &str, expected: Option<u64>) -> Result<()> {
        let version = self.live(key).map_or(0, |entry| entry.version);
        match expected {
            Some(expected) if expected != version => Err(other_version()),
            _ => Ok(()),
        }
    }
}

impl MemoryStorage {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        Ok(self.kept().live(key).map(|entry| Versioned { value: entry.value.clone(), version: entry.version }))
    }

    async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64> {
        within_limits(key, &value)?;
        let mut kept = self.kept();
        kept.expect(key, options.expected)?;
        kept.version += 1;
        let version = kept.version;
        // A time too far away to count to is no end.
        let until = options.ttl.and_then(|ttl| Instant::now().checked_add(ttl));
        kept.entries.insert(key.to_owned(), Entry { value, version, until });
        Ok(version)
    }

    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
        let mut kept = self.kept();
        kept.expect(key, expected)?;
        kept.entries.remove(key);
        Ok(())
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
        let now = Instant::now();
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let kept = self.kept();
        let keys = kept.entries.range::<str, _>((start, Bound::Unbounded));
        Ok(keys
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(_, entry)| !entry.is_over(now))
            .map(|(key, _)| key.clone())
            .take(limit)
            .collect())
    }
}
