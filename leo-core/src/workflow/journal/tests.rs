#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::future::ready;

use super::*;
use crate::adapter::{Storage, Versioned};
use crate::error::ErrorKind;
use crate::seal::EnvironmentKeys;
use crate::store::MemoryStorage;

fn journal_with(storage: &Arc<dyn Storage>, tenant: &str, key: u8) -> Journal {
    let keys = EnvironmentKeys::parse(&format!("{key}:{}", format!("{key:02x}").repeat(32))).unwrap();
    Journal::new(TenantStore::new(Arc::clone(storage), tenant), Sealer::new(Arc::new(keys)), "sync/shop")
}

fn journal(storage: &Arc<dyn Storage>) -> Journal {
    journal_with(storage, "acme", 1)
}

fn memory() -> Arc<dyn Storage> {
    Arc::new(MemoryStorage::default())
}

fn ctx() -> Context {
    Context::new("acme", "ada").unwrap()
}

/// Whether the step was done anew.
async fn does(journal: &Journal, step: &str, input: &str) -> bool {
    let done = std::sync::atomic::AtomicBool::new(false);
    let work = || {
        done.store(true, Ordering::Relaxed);
        ready(Ok(vec![format!("secret of {step}")])).boxed()
    };
    let value = journal.step(&ctx(), step, input, work).await.unwrap().unwrap();
    assert_eq!(value, [format!("secret of {step}")]);
    done.into_inner()
}

#[tokio::test]
async fn the_same_is_never_done_twice() {
    let storage = memory();
    assert!(does(&journal(&storage), "orders", "1").await);
    // Another journal of the same job, as after a restart.
    assert!(!does(&journal(&storage), "orders", "1").await);
    assert!(does(&journal(&storage), "customers", "1").await);
    assert!(does(&journal(&storage), "orders", "2").await);
    assert!(does(&journal(&storage), "orders", "1").await);
    journal(&storage).forget("orders").await.unwrap();
    assert!(does(&journal(&storage), "orders", "1").await);
    assert!(does(&journal_with(&storage, "globex", 1), "orders", "1").await);
}

#[tokio::test]
async fn what_one_tenant_gave_opens_for_no_other() {
    let storage = memory();
    assert!(does(&journal(&storage), "orders", "1").await);
    // Somebody who writes to the storage puts everything of one tenant in another's place.
    for key in storage.list_page("v1/acme/", None, 100).await.unwrap() {
        let kept = storage.get(&key).await.unwrap().unwrap();
        storage.put(&key.replacen("acme", "globex", 1), kept.value, PutOptions::new()).await.unwrap();
    }
    assert!(does(&journal_with(&storage, "globex", 1), "orders", "1").await);
    assert!(!does(&journal(&storage), "orders", "1").await);
}

#[tokio::test]
async fn what_steps_gave_is_sealed() {
    let storage = memory();
    assert!(does(&journal(&storage), "orders", "1").await);
    for key in storage.list_page("v1/", None, 100).await.unwrap() {
        let value = storage.get(&key).await.unwrap().unwrap().value;
        assert!(!String::from_utf8_lossy(&value).contains("secret"), "{key}");
    }
    // With another key it is done again.
    assert!(does(&journal_with(&storage, "acme", 2), "orders", "1").await);
}

#[tokio::test]
async fn failures_are_on_record_without_their_causes() {
    let (storage, ctx) = (memory(), ctx());
    let journal = journal(&storage);
    let refused = journal.step(&ctx, "orders", "1", || {
        ready(Err::<u32, _>(Error::denied("the login may not read the table").with_source(Error::internal("s3cret")))).boxed()
    });
    assert_eq!(refused.await.unwrap().unwrap_err().kind(), ErrorKind::Denied);
    let report = journal.record("orders").await.unwrap().unwrap().report;
    assert_eq!((report.attempts, &report.failure.unwrap().0), (1, &FailureClass::PermissionDenied));
    for key in storage.list_page("v1/", None, 100).await.unwrap() {
        assert!(!String::from_utf8_lossy(&storage.get(&key).await.unwrap().unwrap().value).contains("s3cret"));
    }
    // It is tried again the next time.
    assert!(does(&journal, "orders", "1").await);
    // Who gives up did not fail.
    ctx.cancel.cancel();
    let cancelled = journal.step(&ctx, "customers", "1", || ready(Err::<u32, _>(Error::cancelled("over"))).boxed()).await;
    assert!(cancelled.unwrap().is_err() && journal.record("customers").await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_damaged_is_done_again() {
    let storage = memory();
    for damaged in 0..2 {
        assert!(does(&journal(&storage), "orders", &damaged.to_string()).await);
        let keys = storage.list_page("v1/acme/k/", None, 100).await.unwrap();
        assert_eq!(keys.len(), 2);
        storage.put(&keys[damaged], b"\0{}".to_vec(), PutOptions::new()).await.unwrap();
        assert!(does(&journal(&storage), "orders", &damaged.to_string()).await);
        assert!(!does(&journal(&storage), "orders", &damaged.to_string()).await);
    }
}

/// A storage that stops working at its nth write, as a process that is killed does.
#[derive(Debug)]
struct Dies {
    inner: Arc<dyn Storage>,
    writes: AtomicU32,
}

#[async_trait]
impl Storage for Dies {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        self.inner.get(key).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64> {
        if self.writes.fetch_sub(1, Ordering::Relaxed) == 0 {
            return Err(Error::internal("killed"));
        }
        self.inner.put(key, value, options).await
    }

    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
        self.inner.delete(key, expected).await
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
        self.inner.list_page(prefix, after, limit).await
    }
}

#[tokio::test]
async fn a_job_that_died_anywhere_goes_on_where_it_was() {
    const STEPS: [&str; 3] = ["a", "b", "c"];
    for writes in 0..6 {
        let inner = memory();
        let dies: Arc<dyn Storage> = Arc::new(Dies { inner: Arc::clone(&inner), writes: AtomicU32::new(writes) });
        let first = journal(&dies);
        let mut finished = 0;
        for step in STEPS {
            match first.step(&ctx(), step, "1", || ready(Ok(vec![format!("secret of {step}")])).boxed()).await {
                Ok(_) => finished += 1,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Adapter);
                    break;
                }
            }
        }
        assert_eq!(finished, writes as usize / 2);
        let mut redone = 0;
        for step in STEPS {
            redone += usize::from(does(&journal(&inner), step, "1").await);
        }
        assert_eq!(redone, 3 - finished, "died at write {writes}");
    }
}
