//! What the host's storage keeps for Leo: settings of tenants.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use leo::adapter::{PutOptions, RoleAuthorizer, Storage, Versioned};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::settings::SettingsLayer;
use leo::source::sqlite::SqliteSource;
use leo::store::MemoryStorage;
use leo::{Context, Error, ErrorKind, Leo, Result};

/// A storage in memory that counts readings, and fails or hangs when told to.
#[derive(Debug, Default)]
struct Watched {
    inner: MemoryStorage,
    reads: AtomicUsize,
    reads_fail: AtomicBool,
    writes_fail: AtomicBool,
    hangs: AtomicBool,
}

#[async_trait]
impl Storage for Watched {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
        match self.reads_fail.load(Ordering::SeqCst) {
            true => Err(Error::unavailable("redis://:hunter2@cache is down")),
            false => self.inner.get(key).await,
        }
    }

    async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64> {
        match self.writes_fail.load(Ordering::SeqCst) {
            true => Err(Error::unavailable("redis://:hunter2@cache is down")),
            false => self.inner.put(key, value, options).await,
        }
    }

    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
        self.inner.delete(key, expected).await
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
        self.inner.list_page(prefix, after, limit).await
    }
}

/// One process of a host, with its audit.
fn process(storage: &Arc<Watched>) -> (Leo, Arc<MemorySink>) {
    let shop =
        SqliteSource::from_sql("shop", "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2), (3)");
    let audit = Arc::new(MemorySink::default());
    let leo = Leo::builder()
        .source(Source::new(shop.unwrap()).execution(true))
        .authorizer(Arc::new(RoleAuthorizer))
        .audit(Arc::clone(&audit) as _)
        .storage(Arc::clone(storage) as _)
        .build()
        .unwrap();
    (leo, audit)
}

fn owner(leo: &Leo, tenant: &str) -> Leo {
    leo.for_user(Context::new(tenant, "ada").unwrap().with_roles(["owner"]))
}

fn rows(count: u64) -> SettingsLayer {
    SettingsLayer::parse(&format!(r#"{{"ask": {{"max_rows": {count}}}}}"#)).unwrap()
}

async fn max_rows(leo: &Leo) -> u64 {
    leo.settings(None).await.unwrap().settings.ask.max_rows
}

#[tokio::test]
async fn settings_of_a_tenant_outlive_the_process() {
    let storage = Arc::new(Watched::default());
    let (first, _) = process(&storage);
    owner(&first, "acme").set_tenant_settings(rows(2)).await.unwrap();
    let (second, _) = process(&storage);
    let acme = owner(&second, "acme");
    assert_eq!(max_rows(&acme).await, 2);
    assert_eq!(acme.sql("SELECT id FROM orders").await.unwrap().row_count, 2);
    // Nobody else's.
    assert_eq!(owner(&second, "Acme").sql("SELECT id FROM orders").await.unwrap().row_count, 3);
    // Taken back, nothing of them is left.
    acme.set_tenant_settings(SettingsLayer::default()).await.unwrap();
    assert_eq!(owner(&process(&storage).0, "acme").sql("SELECT id FROM orders").await.unwrap().row_count, 3);
    assert!(storage.list_page("", None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn they_are_read_once_by_a_process() {
    let storage = Arc::new(Watched::default());
    owner(&process(&storage).0, "acme").set_tenant_settings(rows(2)).await.unwrap();
    storage.reads.store(0, Ordering::SeqCst);
    let (leo, _) = process(&storage);
    let acme = owner(&leo, "acme");
    let asked = futures::future::join_all((0..20).map(|_| acme.sql("SELECT id FROM orders"))).await;
    assert!(asked.into_iter().all(|answer| answer.unwrap().row_count == 2));
    // Once the settings of the tenant, once what people say of the source.
    assert_eq!(storage.reads.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn two_processes_do_not_overwrite_each_other() {
    let storage = Arc::new(Watched::default());
    let (first, _) = process(&storage);
    let (second, audit) = process(&storage);
    let (first, second) = (owner(&first, "acme"), owner(&second, "acme"));
    assert_eq!(max_rows(&second).await, max_rows(&first).await);
    first.set_tenant_settings(rows(2)).await.unwrap();
    let late = second.set_tenant_settings(rows(1)).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict);
    // What was announced and did not happen is told.
    let told: Vec<_> = audit.events().into_iter().filter(|event| event.action == "settings_changed").collect();
    assert_eq!(told.len(), 2);
    assert_eq!((told[1].attempt.as_ref(), told[1].status.as_deref()), (Some(&told[0].id), Some("failed")));
    assert_eq!(told[1].error.as_deref(), Some("conflict"));
    // Who looks again sees what is there, and may change it.
    assert_eq!(max_rows(&second).await, 2);
    second.set_tenant_settings(rows(1)).await.unwrap();
    assert_eq!(max_rows(&owner(&process(&storage).0, "acme")).await, 1);
}

#[tokio::test]
async fn a_storage_that_fails_fails_the_call_and_changes_nothing() {
    let storage = Arc::new(Watched::default());
    let (leo, audit) = process(&storage);
    let acme = owner(&leo, "acme");
    storage.reads_fail.store(true, Ordering::SeqCst);
    for error in [
        acme.ask("How many orders are there?").await.unwrap_err(),
        acme.sql("SELECT id FROM orders").await.unwrap_err(),
        acme.settings(None).await.unwrap_err(),
        acme.set_tenant_settings(rows(2)).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Adapter, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    assert!(audit.events().is_empty(), "nothing was begun");
    storage.reads_fail.store(false, Ordering::SeqCst);
    acme.set_tenant_settings(rows(2)).await.unwrap();
    storage.writes_fail.store(true, Ordering::SeqCst);
    assert_eq!(acme.set_tenant_settings(rows(1)).await.unwrap_err().kind(), ErrorKind::Adapter);
    assert_eq!(max_rows(&acme).await, 2);
    assert_eq!(max_rows(&owner(&process(&storage).0, "acme")).await, 2);
}

#[tokio::test]
async fn a_storage_that_does_not_answer_costs_the_call_no_more_than_its_deadline() {
    let storage = Arc::new(Watched::default());
    storage.hangs.store(true, Ordering::SeqCst);
    let (leo, _) = process(&storage);
    let ctx = Context::new("acme", "ada").unwrap().with_roles(["member"]).with_timeout(Duration::from_millis(50));
    assert_eq!(leo.for_user(ctx).ask("How many orders are there?").await.unwrap_err().kind(), ErrorKind::Timeout);
    let ctx = Context::new("acme", "ada").unwrap().with_roles(["owner"]).with_timeout(Duration::from_millis(50));
    assert_eq!(leo.for_user(ctx).set_tenant_settings(rows(2)).await.unwrap_err().kind(), ErrorKind::Timeout);
    // The next one reads anew.
    storage.hangs.store(false, Ordering::SeqCst);
    assert_eq!(owner(&leo, "acme").sql("SELECT id FROM orders").await.unwrap().row_count, 3);
}

#[tokio::test]
async fn stored_settings_that_cannot_be_read_are_not_passed_over() {
    let storage = Arc::new(Watched::default());
    for stored in ["\0", "\0{}", "\0{\"format\":9,\"settings\":{}}", "\0{\"format\":1,\"settings\":{\"ask.max_rwos\":1}}", "x"] {
        storage.put("v1/acme/k/settings", stored.into(), PutOptions::new()).await.unwrap();
        let error = owner(&process(&storage).0, "acme").ask("How many orders are there?").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{stored}: {error}");
    }
}
