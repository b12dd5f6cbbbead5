#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::contract;
use super::{MemoryStorage, TenantStore};
use crate::adapter::{MAX_KEY_BYTES, MAX_VALUE_BYTES, PutOptions, Storage, Versioned};
use crate::error::{Error, ErrorKind, Result};

/// What a storage can get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    KeepsTheFirstValue,
    TextOnly,
    IgnoresCase,
    CutsKeys,
    CutsValues,
    ForgetsExpectations,
    OneVersionForEveryValue,
    StartsAnewAfterDelete,
    DeletesByPrefix,
    IgnoresExpectedDelete,
    KeepsForGood,
    ListsExpired,
    TtlSticks,
    PatternsInPrefixes,
    LastPrefixIsEmpty,
    ListsByNumber,
    PagesBeginAtAfter,
    ListsDeleted,
    PrefixBySegment,
    ComparesThenWrites,
    Fails,
}

/// A storage with one fault.
#[derive(Debug)]
struct Faulty {
    fault: Fault,
    inner: MemoryStorage,
    deleted: Mutex<BTreeSet<String>>,
    ends: Mutex<BTreeSet<String>>,
}

impl Faulty {
    fn with(fault: Fault) -> Arc<dyn Storage> {
        Arc::new(Self { fault, inner: MemoryStorage::default(), deleted: Mutex::default(), ends: Mutex::default() })
    }

    fn key(&self, key: &str) -> String {
        match self.fault {
            Fault::IgnoresCase => key.to_lowercase(),
            Fault::CutsKeys => key.chars().take(255).collect(),
            _ => key.to_owned(),
        }
    }
}

#[async_trait]
impl Storage for Faulty {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        if self.fault == Fault::Fails {
            return Err(Error::unavailable("password=hunter2 was not taken"));
        }
        let got = self.inner.get(&self.key(key)).await?;
        Ok(got.map(|got| match self.fault {
            Fault::OneVersionForEveryValue => Versioned { version: 1, ..got },
            _ => got,
        }))
    }

    async fn put(&self, key: &str, mut value: Vec<u8>, mut options: PutOptions) -> Result<u64> {
        let key = self.key(key);
        self.deleted.lock().unwrap().remove(&key);
        match self.fault {
            Fault::Fails => return Err(Error::unavailable("password=hunter2 was not taken")),
            Fault::KeepsTheFirstValue => {
                if let Some(got) = self.inner.get(&key).await? {
                    value = got.value;
                }
            }
            Fault::TextOnly => value = String::from_utf8_lossy(&value).into_owned().into_bytes(),
            Fault::CutsValues => value.truncate(65_535),
            Fault::ForgetsExpectations => options.expected = None,
            Fault::KeepsForGood => options.ttl = None,
            Fault::ListsExpired if options.ttl.is_some() => _ = self.ends.lock().unwrap().insert(key.clone()),
            Fault::TtlSticks => {
                if options.ttl.is_some_and(|ttl| ttl < Duration::from_secs(60)) {
                    self.ends.lock().unwrap().insert(key.clone());
                } else if self.ends.lock().unwrap().contains(&key) {
                    options.ttl = Some(Duration::from_secs(1));
                }
            }
            Fault::ComparesThenWrites => {
                let version = self.inner.get(&key).await?.map_or(0, |got| got.version);
                if options.expected.take().is_some_and(|expected| expected != version) {
                    return Err(Error::conflict("another version"));
                }
                // Others come in between.
                tokio::task::yield_now().await;
            }
            _ => {}
        }
        let fresh = self.inner.get(&key).await?.is_none();
        if let (Fault::OneVersionForEveryValue, Some(1)) = (self.fault, options.expected) {
            options.expected = None;
        }
        let version = self.inner.put(&key, value, options).await?;
        Ok(match self.fault {
            Fault::OneVersionForEveryValue => 1,
            Fault::StartsAnewAfterDelete if fresh => 1,
            _ => version,
        })
    }

    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
        let key = self.key(key);
        match self.fault {
            Fault::DeletesByPrefix => {
                for key in self.inner.list_page(&key, None, 1_000).await? {
                    self.inner.delete(&key, None).await?;
                }
                return Ok(());
            }
            Fault::IgnoresExpectedDelete => return self.inner.delete(&key, None).await,
            Fault::ListsDeleted => _ = self.deleted.lock().unwrap().insert(key.clone()),
            _ => {}
        }
        self.inner.delete(&key, expected).await
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
        let all = || self.inner.list_page("", None, 100_000);
        let behind = |keys: Vec<String>| -> Vec<String> {
            keys.into_iter().filter(|key| after.is_none_or(|after| key.as_str() > after)).take(limit).collect()
        };
        let matches = |key: &str, pattern: &str| {
            key.len() >= pattern.len() && key.bytes().zip(pattern.bytes()).all(|(a, b)| a == b || b == b'_')
        };
        Ok(match self.fault {
            Fault::PatternsInPrefixes => behind(all().await?.into_iter().filter(|key| matches(key, prefix)).collect()),
            Fault::LastPrefixIsEmpty if prefix.ends_with('~') => Vec::new(),
            Fault::ListsByNumber => {
                let mut keys = self.inner.list_page(prefix, None, 100_000).await?;
                keys.sort_by_key(|key| (key.len(), key.clone()));
                let from = after.and_then(|after| keys.iter().position(|key| key == after)).map_or(0, |at| at + 1);
                keys.into_iter().skip(from).take(limit).collect()
            }
            Fault::PagesBeginAtAfter => {
                let keys = self.inner.list_page(prefix, None, 100_000).await?;
                keys.into_iter().filter(|key| after.is_none_or(|after| key.as_str() >= after)).take(limit).collect()
            }
            Fault::ListsDeleted | Fault::ListsExpired => {
                let mut keys: BTreeSet<String> = self.inner.list_page(prefix, None, 100_000).await?.into_iter().collect();
                for gone in [&self.deleted, &self.ends] {
                    keys.extend(gone.lock().unwrap().iter().filter(|key| key.starts_with(prefix)).cloned());
                }
                behind(keys.into_iter().collect())
            }
            Fault::PrefixBySegment => {
                // A folder of files: what is above the last slash is matched, the rest is forgotten.
                let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
                behind(all().await?.into_iter().filter(|key| key.starts_with(folder)).collect())
            }
            _ => self.inner.list_page(prefix, after, limit).await?,
        })
    }
}

#[tokio::test(start_paused = true)]
async fn memory_meets_the_contract() {
    let report = contract::check(async || Faulty::with(Fault::None)).await;
    assert!(report.is_met(), "{report}");
    assert_eq!(report.checks.len(), 14);
    // One storage for all checks does as well, and is left as it was.
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    storage.put("mine", b"x".to_vec(), PutOptions::new()).await.unwrap();
    let kept = Arc::clone(&storage);
    // As bindings run it: in a task of its own.
    let report = tokio::spawn(contract::check_storage(kept)).await.unwrap();
    assert!(report.is_met(), "{report}");
    assert_eq!(storage.list_page("", None, 10).await.unwrap(), ["mine"]);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["checks"][0], serde_json::json!({"name": "what_was_put_is_got", "outcome": "passed"}));
}

#[tokio::test(start_paused = true)]
async fn every_check_can_fail() {
    let faults = [
        (Fault::KeepsTheFirstValue, "what_was_put_is_got"),
        (Fault::TextOnly, "binary_values"),
        (Fault::IgnoresCase, "keys_byte_by_byte"),
        (Fault::CutsKeys, "limits"),
        (Fault::CutsValues, "limits"),
        (Fault::ForgetsExpectations, "expected_versions"),
        (Fault::OneVersionForEveryValue, "versions_grow"),
        (Fault::StartsAnewAfterDelete, "versions_grow"),
        (Fault::DeletesByPrefix, "delete"),
        (Fault::IgnoresExpectedDelete, "expected_delete"),
        (Fault::KeepsForGood, "expiry"),
        (Fault::ListsExpired, "expiry"),
        (Fault::TtlSticks, "expiry"),
        (Fault::PatternsInPrefixes, "prefixes"),
        (Fault::LastPrefixIsEmpty, "prefixes"),
        (Fault::ListsByNumber, "pages"),
        (Fault::PagesBeginAtAfter, "pages"),
        (Fault::ListsDeleted, "listing_after_delete"),
        (Fault::PrefixBySegment, "tenant_prefixes"),
        (Fault::ComparesThenWrites, "one_of_many_wins"),
    ];
    let mut failed = BTreeSet::new();
    for (fault, check) in faults {
        let report = contract::check(async || Faulty::with(fault)).await;
        assert!(report.failed().contains(&check), "{fault:?} passes {check}: {report}");
        failed.insert(check);
    }
    let all = contract::check(async || Faulty::with(Fault::Fails)).await;
    assert_eq!(all.failed().len(), all.checks.len());
    assert_eq!(failed.len(), all.checks.len(), "a check that never fails");
}

fn tenants() -> (Arc<dyn Storage>, impl Fn(&str) -> TenantStore) {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let of = Arc::clone(&storage);
    (storage, move |tenant: &str| TenantStore::new(Arc::clone(&of), tenant))
}

#[tokio::test]
async fn no_name_leads_out_of_its_tenant() {
    let (storage, of) = tenants();
    let long = "x".repeat(256);
    let longer = format!("{}y", &long[1..]);
    let names = ["a", "A", "b/k/a", "../a", "a%2fb", "a/b", "", ".", "日本", "~", long.as_str(), longer.as_str(), "v1/a/k/a"];
    for tenant in names {
        for name in names {
            of(tenant).put(name, format!("{tenant} {name}").as_bytes(), PutOptions::new().expecting(0)).await.unwrap();
        }
    }
    for tenant in names {
        for name in names {
            assert_eq!(of(tenant).get(name).await.unwrap().unwrap().value, format!("{tenant} {name}").as_bytes());
        }
    }
    let keys = storage.list_page("", None, 1_000).await.unwrap();
    assert_eq!(keys.len(), names.len() * names.len());
    assert!(keys.iter().all(|key| key.len() <= MAX_KEY_BYTES && key.split('/').count() == 4), "{keys:?}");
}

#[tokio::test]
async fn values_of_any_size_come_back_and_leave_nothing() {
    let (storage, of) = tenants();
    let acme = of("acme");
    let sizes = [0, 1, MAX_VALUE_BYTES - 1, MAX_VALUE_BYTES, MAX_VALUE_BYTES + 1, 3 * MAX_VALUE_BYTES + 17, 5];
    let mut version = 0;
    for size in sizes {
        let value: Vec<u8> = (0..size).map(|at| (at % 253) as u8).collect();
        version = acme.put("value", &value, PutOptions::new().expecting(version)).await.unwrap();
        let got = acme.get("value").await.unwrap().unwrap();
        assert!(got.value == value && got.version == version, "{size}");
        let pieces = if size < MAX_VALUE_BYTES { 0 } else { size.div_ceil(MAX_VALUE_BYTES) };
        assert_eq!(storage.list_page("", None, 100).await.unwrap().len(), 1 + pieces, "{size}");
    }
    acme.put("value", &vec![7; MAX_VALUE_BYTES * 2], PutOptions::new()).await.unwrap();
    let before = storage.list_page("", None, 100).await.unwrap();
    // Who expects an older version leaves no pieces either.
    let late = acme.put("value", &vec![8; MAX_VALUE_BYTES * 2], PutOptions::new().expecting(version)).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict);
    assert_eq!(storage.list_page("", None, 100).await.unwrap(), before);
    acme.delete("value", None).await.unwrap();
    assert!(storage.list_page("", None, 100).await.unwrap().is_empty());
}

#[tokio::test]
async fn damage_is_seen() {
    let (storage, of) = tenants();
    let acme = of("acme");
    acme.put("value", &vec![7; MAX_VALUE_BYTES * 2], PutOptions::new()).await.unwrap();
    let keys = storage.list_page("v1/acme/p/", None, 100).await.unwrap();
    storage.put(&keys[1], vec![8; MAX_VALUE_BYTES], PutOptions::new()).await.unwrap();
    assert_eq!(acme.get("value").await.unwrap_err().kind(), ErrorKind::Malformed);
    storage.delete(&keys[1], None).await.unwrap();
    assert_eq!(acme.get("value").await.unwrap_err().kind(), ErrorKind::Malformed);
    storage.put("v1/acme/k/value", b"?".to_vec(), PutOptions::new()).await.unwrap();
    assert_eq!(acme.get("value").await.unwrap_err().kind(), ErrorKind::Malformed);
}

#[tokio::test]
async fn a_storage_that_fails_keeps_its_words_to_itself() {
    let store = TenantStore::new(Faulty::with(Fault::Fails), "acme");
    for error in [
        store.get("value").await.unwrap_err(),
        store.put("value", b"x", PutOptions::new()).await.unwrap_err(),
        store.delete("value", None).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Adapter);
        assert!(!error.to_string().contains("hunter2") && error.message().contains("storage failed"), "{error}");
    }
}

#[test]
fn how_a_value_is_put_is_plain_data() {
    let options: PutOptions = serde_json::from_str(r#"{"expected": 3, "ttl_ms": 1500}"#).unwrap();
    assert_eq!(options, PutOptions::new().expecting(3).for_time(Duration::from_millis(1_500)));
    assert_eq!(serde_json::to_string(&PutOptions::new()).unwrap(), r#"{"expected":null,"ttl_ms":null}"#);
}
