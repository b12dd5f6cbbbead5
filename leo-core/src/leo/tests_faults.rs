//! Syncs of sources, and on storages, that are out of order: the outcome is clear, nothing is lost, and the next sync goes on.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use crate::adapter::{Clock, KeyStore, PutOptions, Storage, Versioned};
use crate::builder::Source;
use crate::catalog::{Catalog, Table, TableKind, TableName};
use crate::error::{Error, ErrorKind, Result};
use crate::knowledge::read_yaml;
use crate::seal::EnvironmentKeys;
use crate::settings::{Preset, SettingsLayer};
use crate::source::sqlite::SqliteSource;
use crate::store::MemoryStorage;
use crate::sync::{FailureClass, SyncOptions, SyncState};
use crate::{Leo, LeoBuilder, MapOptions};

const SHOP: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, name text); INSERT INTO a VALUES (1, 'x'), (2, 'y');
    CREATE TABLE b (id INTEGER PRIMARY KEY, a_id int); INSERT INTO b VALUES (1, 1), (2, 2), (3, 2);
    CREATE TABLE c (id INTEGER PRIMARY KEY, at text); INSERT INTO c VALUES (1, '2024-01-01')";

struct Shop(tempfile::TempDir);

impl Shop {
    fn new(sql: &str) -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        shop.run(sql);
        shop
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("shop.db")
    }

    fn run(&self, sql: &str) {
        Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }

    fn builder(&self) -> LeoBuilder {
        let source = Source::new(SqliteSource::open("shop", self.path()).unwrap());
        Leo::builder().preset(Preset::Local).source(source)
    }
}

fn keys() -> Arc<dyn KeyStore> {
    Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap())
}

fn one_at_a_time() -> SyncOptions {
    SyncOptions { parallel: 1, ..SyncOptions::default() }
}

fn table<'c>(catalog: &'c Catalog, name: &str) -> &'c Table {
    catalog.table(&TableName::bare(name)).unwrap()
}

/// A storage that writes nothing any more after some writes.
#[derive(Debug)]
struct Full {
    inner: MemoryStorage,
    /// Writes left.
    left: AtomicI64,
    /// Writes asked for.
    asked: AtomicU64,
}

impl Full {
    fn after(writes: i64) -> Arc<Self> {
        Arc::new(Self { inner: MemoryStorage::default(), left: AtomicI64::new(writes), asked: AtomicU64::new(0) })
    }

    fn write(&self) -> Result<()> {
        self.asked.fetch_add(1, Ordering::AcqRel);
        match self.left.fetch_sub(1, Ordering::AcqRel) {
            1.. => Ok(()),
            _ => Err(Error::new(ErrorKind::Unavailable, "the disk is full")),
        }
    }
}

#[async_trait]
impl Storage for Full {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        self.inner.get(key).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64> {
        self.write()?;
        self.inner.put(key, value, options).await
    }

    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
        self.write()?;
        self.inner.delete(key, expected).await
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
        self.inner.list_page(prefix, after, limit).await
    }
}

#[tokio::test]
async fn a_storage_that_fails_at_any_write_loses_nothing() {
    let shop = Shop::new(SHOP);
    let open = |storage: &Arc<Full>| {
        let storage: Arc<dyn Storage> = Arc::clone(storage) as _;
        shop.builder().storage(storage).keys(keys()).build().unwrap()
    };
    let healthy = Full::after(i64::MAX);
    let whole = open(&healthy).sync(None, &one_at_a_time(), &|_| {}).await.unwrap();
    let writes = healthy.asked.load(Ordering::Acquire);
    assert!(writes > 5, "{writes}");
    let learned = |catalog: &Catalog| {
        let all = catalog.tables.iter().map(|table| (table.name.clone(), table.statistics.clone(), table.columns.clone()));
        (all.collect::<Vec<_>>(), catalog.relationships.clone())
    };
    let mut failed = 0;
    for after in 0..writes {
        let storage = Full::after(after.cast_signed());
        let leo = open(&storage);
        match leo.sync(None, &one_at_a_time(), &|_| {}).await {
            Ok(catalog) => assert_eq!(learned(&catalog), learned(&whole), "after {after} writes"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Adapter, "after {after} writes: {error}");
                failed += 1;
            }
        }
        // There is room again: this process goes on, and so does another.
        storage.left.store(i64::MAX, Ordering::Release);
        for leo in [&leo, &open(&storage)] {
            let catalog = leo.sync(None, &one_at_a_time(), &|_| {}).await.unwrap_or_else(|error| panic_at(after, &error));
            assert_eq!(learned(&catalog), learned(&whole), "after {after} writes");
            assert_eq!(leo.sync_status(None).await.unwrap().state, SyncState::Completed);
        }
    }
    assert!(failed > 0, "no write was needed");
}

#[allow(clippy::panic)]
fn panic_at(after: u64, error: &Error) -> ! {
    panic!("after {after} writes: {error}")
}

#[tokio::test]
async fn knowledge_that_cannot_be_written_is_not_in_force() {
    let shop = Shop::new(SHOP);
    let storage = Full::after(i64::MAX);
    let leo = shop.builder().storage(Arc::clone(&storage) as Arc<dyn Storage>).keys(keys()).build().unwrap();
    leo.sync(None, &one_at_a_time(), &|_| {}).await.unwrap();
    storage.left.store(0, Ordering::Release);
    let said = read_yaml("tables: { a: { description: What is sold. } }").unwrap();
    let error = leo.set_knowledge(None, said, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Adapter);
    assert!(table(&leo.catalog(None).await.unwrap(), "a").description.as_ref().is_none_or(|told| told.text != "What is sold."));
}

#[tokio::test]
async fn a_table_that_goes_while_it_is_read_is_told_and_the_rest_is_known() {
    let shop = Shop::new(SHOP);
    let leo = shop.builder().build().unwrap();
    let dropped = AtomicU64::new(0);
    let catalog = leo
        .sync(None, &one_at_a_time(), &|step| {
            if step.table.is_some_and(|table| table.name == "a") && dropped.fetch_add(1, Ordering::AcqRel) == 0 {
                shop.run("DROP TABLE b");
            }
        })
        .await
        .unwrap();
    assert!(table(&catalog, "c").statistics.is_some());
    assert!(catalog.table(&TableName::bare("b")).is_none_or(|table| table.statistics.is_none()));
    let status = leo.sync_status(None).await.unwrap();
    assert!(status.failed.iter().all(|failed| failed.table.name == "b"), "{status:?}");
    // The next sync knows that it is gone.
    let catalog = leo.sync(None, &one_at_a_time(), &|_| {}).await.unwrap();
    assert_eq!(catalog.tables.len(), 2);
    assert!(leo.sync_status(None).await.unwrap().failed.is_empty());
}

#[tokio::test]
async fn what_takes_too_long_is_told_and_holds_up_nothing() {
    let shop = Shop::new(SHOP);
    // No first row ever comes of the one, and no last of the other.
    shop.run(
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
         CREATE VIEW silent AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS i FROM n",
    );
    let leo = shop.builder().build().unwrap();
    let options = SyncOptions { table_timeout: Duration::from_millis(500), ..one_at_a_time() };
    let catalog = leo.sync(None, &options, &|_| {}).await.unwrap();
    assert!(["a", "b", "c"].iter().all(|name| table(&catalog, name).statistics.is_some()));
    let status = leo.sync_status(None).await.unwrap();
    let failed: Vec<_> = status.failed.iter().map(|failed| (failed.table.name.as_str(), failed.class)).collect();
    assert_eq!(failed, [("silent", FailureClass::Timeout)]);
    // What was read of the endless one before the time was over is better than nothing.
    assert!(table(&catalog, "endless").statistics.as_ref().unwrap().sampled < 1.0);
}

#[tokio::test]
async fn values_too_large_to_be_read_leave_the_rest_of_their_table_known() {
    let shop = Shop::new(
        "CREATE TABLE letters (id INTEGER PRIMARY KEY, kind TEXT, body TEXT, extra);
         INSERT INTO letters VALUES (1, 'sent', 'Dear Ann', NULL), (2, 'sent', 'Dear Bob', 1), (3, 'kept', printf('%.*c', 70000000, 'x'), zeroblob(70000000)),
             (4, 'kept', NULL, 'y')",
    );
    let leo = shop.builder().build().unwrap();
    let catalog = leo.sync(None, &one_at_a_time(), &|step| assert!(step.problem.is_none(), "{step:?}")).await.unwrap();
    let letters = table(&catalog, "letters");
    let found = |column: &str| letters.column(column).unwrap().statistics.clone().unwrap();
    assert_eq!((letters.rows, found("kind").distinct), (Some(4), 2));
    // What is too long is there all the same.
    assert_eq!((found("body").null_share, found("body").distinct), (0.25, 3));
    assert_eq!(leo.ask("how many letters are there by kind?").await.unwrap().table.unwrap().num_rows(), 2);
}

#[tokio::test]
async fn views_are_enough() {
    let shop = Shop::new(
        "CREATE VIEW sales AS SELECT 1 AS id, 'north' AS region, 10.5 AS amount UNION ALL SELECT 2, 'south', 7 UNION ALL SELECT 3, 'south', 1",
    );
    let leo = shop.builder().build().unwrap();
    let catalog = leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    assert_eq!((catalog.tables.len(), catalog.tables[0].kind), (1, TableKind::View));
    assert_eq!(catalog.tables[0].columns[1].statistics.as_ref().unwrap().distinct, 2);
    let answer = leo.ask("total amount by region").await.unwrap();
    assert_eq!(answer.table.as_ref().unwrap().num_rows(), 2, "{:?}", answer.sql);
}

#[tokio::test]
async fn names_in_any_script_are_found_asked_about_and_mapped() {
    let names = ["select", "日本語", "العربية", "🍕 orders", "a'b", "tab\tle", "ÀÉ", "x;--", "\u{202e}drow"];
    let script: Vec<String> = names
        .iter()
        .map(|name| {
            let name = crate::Dialect::Sqlite.quote(name);
            format!("CREATE TABLE {name} ({name} TEXT, amount INT); INSERT INTO {name} VALUES ('v', 1), ('w', 2);")
        })
        .collect();
    let shop = Shop::new(&script.concat());
    let leo = shop.builder().build().unwrap();
    let catalog = leo.sync(None, &SyncOptions::default(), &|step| assert!(step.problem.is_none(), "{step:?}")).await.unwrap();
    assert_eq!(catalog.tables.len(), names.len());
    for name in names {
        assert_eq!(table(&catalog, name).rows, Some(2), "{name}");
        let page = leo.map_table(name, &MapOptions::default()).await.unwrap_or_else(|error| panic_of(name, &error));
        assert_eq!(page.table.name.name, name);
    }
    assert_eq!(leo.search("日本語", None, 3).await.unwrap()[0].table.as_ref().unwrap().name, "日本語");
}

#[allow(clippy::panic)]
fn panic_of(name: &str, error: &Error) -> ! {
    panic!("{name}: {error}")
}

/// A clock that goes where it is told.
#[derive(Debug)]
struct Hands(AtomicI64);

#[async_trait]
impl Clock for Hands {
    async fn now(&self) -> Result<Timestamp> {
        Ok(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(self.0.load(Ordering::Acquire)))
    }
}

#[tokio::test]
async fn a_clock_that_goes_backwards_stops_nothing() {
    let shop = Shop::new(SHOP);
    let hands = Arc::new(Hands(AtomicI64::new(500_000)));
    let settings = SettingsLayer::parse(r#"{"sync": {"interval_minutes": 60}}"#).unwrap();
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let leo = shop.builder().settings(settings).clock(Arc::clone(&hands) as _).storage(storage).keys(keys()).build().unwrap();
    leo.sync(None, &one_at_a_time(), &|_| {}).await.unwrap();
    hands.0.store(400_000, Ordering::Release);
    shop.run("INSERT INTO a VALUES (3, 'z')");
    let catalog = leo.sync(None, &one_at_a_time(), &|_| {}).await.unwrap();
    assert_eq!(table(&catalog, "a").rows, Some(3));
    // A sync "in the future" is no reason never to sync again.
    shop.run("INSERT INTO a VALUES (4, 'z')");
    hands.0.store(400_002, Ordering::Release);
    assert_eq!(leo.run_due().await.unwrap().len(), 1);
    assert_eq!(table(&leo.catalog(None).await.unwrap(), "a").rows, Some(4));
}
