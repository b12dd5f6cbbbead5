//! Values that may be of use once more: those used least recently give way.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use lru::LruCache;
use tokio::time::Instant;

/// What a value is found by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(in crate::gate) tenant: String,
    /// Number of the source, which no other ever has.
    pub(in crate::gate) source: u64,
    /// Of everything else that makes a difference.
    pub(in crate::gate) digest: [u8; 32],
}

/// Values in memory, of so many bytes at most.
pub(in crate::gate) struct Kept<V> {
    values: Mutex<Values<V>>,
    most: u64,
}

struct Values<V> {
    by_key: LruCache<Key, One<V>>,
    bytes: u64,
}

struct One<V> {
    value: V,
    bytes: u64,
    since: Instant,
    at: Timestamp,
}

/// What a key and its place in the map take beside the value.
const OVERHEAD: u64 = 256;

impl<V: Clone> Kept<V> {
    pub(in crate::gate) fn new(most: u64) -> Self {
        Self { values: Mutex::new(Values { by_key: LruCache::unbounded(), bytes: 0 }), most }
    }

    /// The value, and since when it is kept, if that is no longer than `most` ago.
    pub(in crate::gate) fn get(&self, key: &Key, most: Duration) -> Option<(V, Timestamp)> {
        if most.is_zero() {
            return None;
        }
        let mut values = self.values();
        let one = values.by_key.get(key)?;
        (one.since.elapsed() <= most).then(|| (one.value.clone(), one.at))
    }

    /// Keeps a value of so many bytes, unless it alone is larger than a quarter of what there is room for.
    pub(in crate::gate) fn put(&self, key: Key, value: V, bytes: u64, at: Timestamp) {
        let bytes = bytes.saturating_add(OVERHEAD);
        let mut values = self.values();
        if let Some(old) = values.by_key.pop(&key) {
            values.bytes -= old.bytes;
        }
        if bytes > self.most / 4 {
            return;
        }
        values.bytes += bytes;
        values.by_key.put(key, One { value, bytes, since: Instant::now(), at });
        while values.bytes > self.most {
            let Some((_, oldest)) = values.by_key.pop_lru() else { break };
            values.bytes -= oldest.bytes;
        }
    }

    /// Forgets what `is_meant`. Looks at every key.
    pub(in crate::gate) fn forget(&self, is_meant: impl Fn(&Key) -> bool) {
        let mut values = self.values();
        let meant: Vec<Key> = values.by_key.iter().map(|(key, _)| key).filter(|key| is_meant(key)).cloned().collect();
        for key in meant {
            if let Some(old) = values.by_key.pop(&key) {
                values.bytes -= old.bytes;
            }
        }
    }

    fn values(&self) -> MutexGuard<'_, Values<V>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> std::fmt::Debug for Kept<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "Kept({} values, {} bytes)", values.by_key.len(), values.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: u8) -> Key {
        Key { tenant: "acme".into(), source: 1, digest: [name; 32] }
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_is_of_use_for_a_time() {
        let kept = Kept::new(1_000_000);
        let at = Timestamp::UNIX_EPOCH;
        kept.put(key(1), "rows", 10, at);
        assert_eq!(kept.get(&key(1), Duration::from_secs(60)), Some(("rows", at)));
        assert_eq!(kept.get(&key(1), Duration::ZERO), None, "no time is no use");
        tokio::time::advance(Duration::from_secs(61)).await;
        assert_eq!(kept.get(&key(1), Duration::from_secs(60)), None);
        assert_eq!(
            kept.get(&key(1), Duration::from_secs(3_600)),
            Some(("rows", at)),
            "it is there for those who take older ones"
        );
    }

    #[test]
    fn what_was_used_least_recently_gives_way() {
        let (kept, hour) = (Kept::new(10_000), Duration::from_secs(3_600));
        for name in 0..4 {
            kept.put(key(name), name, 2_000, Timestamp::UNIX_EPOCH);
        }
        assert!(kept.get(&key(0), hour).is_some());
        kept.put(key(4), 4, 2_000, Timestamp::UNIX_EPOCH);
        assert_eq!(kept.get(&key(1), hour), None);
        assert!([0, 2, 3, 4].into_iter().all(|name| kept.get(&key(name), hour).is_some()));
        kept.put(key(5), 5, 9_000, Timestamp::UNIX_EPOCH);
        assert_eq!(kept.get(&key(5), hour), None, "nothing drives out everything else");
        kept.put(key(0), 9, 100, Timestamp::UNIX_EPOCH);
        assert_eq!(kept.get(&key(0), hour).map(|(value, _)| value), Some(9));
        kept.forget(|key| key.digest[0] == 2);
        assert_eq!(kept.get(&key(2), hour), None);
        assert_eq!(format!("{kept:?}"), format!("Kept(3 values, {} bytes)", 2 * 2_000 + 100 + 3 * OVERHEAD));
    }
}
