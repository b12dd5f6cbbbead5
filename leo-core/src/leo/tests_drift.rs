//! A source that changes under the feet of those who ask.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use rusqlite::Connection;

use crate::adapter::{AuditSink, KeyStore, Storage};
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::catalog::TableName;
use crate::seal::EnvironmentKeys;
use crate::settings::Preset;
use crate::source::sqlite::SqliteSource;
use crate::store::MemoryStorage;
use crate::sync::SyncOptions;
use crate::{ErrorKind, Leo, SqlOptions};

struct Shop {
    folder: tempfile::TempDir,
    audit: Arc<MemorySink>,
    storage: Arc<dyn Storage>,
}

impl Shop {
    fn new() -> Self {
        let shop =
            Self { folder: tempfile::tempdir().unwrap(), audit: Arc::default(), storage: Arc::new(MemoryStorage::default()) };
        shop.change(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount int); INSERT INTO orders VALUES (1, 5), (2, 7);
            CREATE TABLE pets (id INTEGER PRIMARY KEY, name text); INSERT INTO pets VALUES (1, 'Rex')",
        );
        shop
    }

    fn change(&self, sql: &str) {
        Connection::open(self.folder.path().join("shop.db")).unwrap().execute_batch(sql).unwrap();
    }

    fn leo(&self) -> Leo {
        let keys: Arc<dyn KeyStore> = Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap());
        Leo::builder()
            .preset(Preset::Local)
            .source(Source::new(SqliteSource::open("shop", self.folder.path().join("shop.db")).unwrap()))
            .audit(Arc::clone(&self.audit) as Arc<dyn AuditSink>)
            .storage(Arc::clone(&self.storage))
            .keys(keys)
            .build()
            .unwrap()
    }

    /// Statements with this purpose so far.
    fn statements(&self, purpose: &str) -> usize {
        self.audit
            .events()
            .iter()
            .filter(|event| event.purpose.as_deref() == Some(purpose) && event.action == "statement")
            .count()
    }
}

#[tokio::test]
async fn a_sync_tells_what_changed_in_this_process_and_the_next() {
    let shop = Shop::new();
    let leo = shop.leo();
    leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    assert_eq!(leo.sync_status(None).await.unwrap().drift, None, "nothing was known before");
    leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    assert!(leo.sync_status(None).await.unwrap().drift.unwrap().is_empty());
    shop.change("ALTER TABLE pets ADD COLUMN age int; DROP TABLE orders; CREATE TABLE toys (id int)");
    let other = shop.leo();
    other.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    let drift = other.sync_status(None).await.unwrap().drift.unwrap();
    assert_eq!((drift.added, drift.removed), (vec![TableName::bare("toys")], vec![TableName::bare("orders")]));
    assert_eq!(drift.changed[0].added, ["age"]);
}

#[tokio::test]
async fn who_asks_for_what_is_gone_is_told_so_and_the_rest_is_not_read_again() {
    let shop = Shop::new();
    let leo = shop.leo();
    assert_eq!(leo.ask("how many orders are there?").await.unwrap().row_count, 1);
    let read = shop.statements("profile");
    shop.change("ALTER TABLE orders RENAME TO purchases");
    // The guard knew the name, the database does not: its structure is looked at, and the question answered by what is there now.
    let answer = leo.ask("how many orders are there?").await.unwrap();
    assert!(answer.sql.as_deref().is_none_or(|sql| !sql.contains("\"orders\"")), "{:?}", answer.sql);
    let catalog = leo.catalog(None).await.unwrap();
    assert!(catalog.table(&TableName::bare("orders")).is_none());
    assert!(catalog.table(&TableName::bare("purchases")).unwrap().statistics.is_some());
    assert!(shop.statements("profile") - read <= 2, "of the new table alone");
    assert!(leo.sql("SELECT count(*) FROM purchases").await.unwrap().table.is_some());

    // Statements that name what is gone are the guard's business again.
    let refused = leo.sql("SELECT count(*) FROM orders").await.unwrap_err();
    assert!(refused.kind() == ErrorKind::Rejected && !refused.findings().is_empty());
}

#[tokio::test]
async fn a_structure_is_looked_at_once_a_minute_at_the_most() {
    let shop = Shop::new();
    let leo = shop.leo();
    leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    let knows = async |name: &str| leo.catalog(None).await.unwrap().table(&TableName::bare(name)).is_some();
    shop.change("DROP TABLE pets");
    assert!(leo.sql("SELECT name FROM pets").await.is_err());
    assert!(!knows("pets").await);
    shop.change("DROP TABLE orders");
    assert_eq!(leo.sql("SELECT amount FROM orders").await.unwrap_err().kind(), ErrorKind::Rejected);
    assert!(knows("orders").await, "until the next sync, or the next minute");
}

#[tokio::test]
async fn who_reads_a_stream_of_what_is_gone_is_told_so() {
    let shop = Shop::new();
    let leo = shop.leo();
    leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    shop.change("ALTER TABLE pets RENAME TO animals");
    let refused = leo.sql_stream("SELECT name FROM pets", &SqlOptions::default()).await.err().unwrap();
    assert!(!refused.findings().is_empty(), "{refused}");
    assert!(leo.sql_stream("SELECT name FROM animals", &SqlOptions::default()).await.is_ok());
}
