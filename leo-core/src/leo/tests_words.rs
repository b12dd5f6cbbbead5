//! The index of a source's words between processes: kept, brought up to date, and made anew where it cannot be read.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use crate::Leo;
use crate::adapter::{KeyStore, PutOptions, Storage, Versioned};
use crate::builder::Source;
use crate::catalog::HitKind;
use crate::knowledge::read_yaml;
use crate::seal::EnvironmentKeys;
use crate::settings::Preset;
use crate::source::sqlite::SqliteSource;
use crate::store::MemoryStorage;
use crate::sync::SyncOptions;

async fn leo(storage: &Arc<dyn Storage>, sql: &str) -> Leo {
    let keys: Arc<dyn KeyStore> = Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap());
    let source = Source::new(SqliteSource::from_sql("shop", sql).unwrap());
    let builder = Leo::builder().preset(Preset::Local).source(source).storage(Arc::clone(storage)).keys(keys);
    let leo = builder.build().unwrap();
    leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    leo
}

async fn kept(storage: &Arc<dyn Storage>) -> Vec<(String, Versioned)> {
    let names = storage.list_page("", None, 10_000).await.unwrap();
    let mut kept = Vec::new();
    for name in names.into_iter().filter(|name| name.contains("words")) {
        let value = storage.get(&name).await.unwrap().unwrap();
        kept.push((name, value));
    }
    kept
}

#[tokio::test]
async fn another_process_reads_no_word_again() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let sql = "CREATE TABLE orders (id int, status text); INSERT INTO orders VALUES (1, 'canaryvalue'), (2, 'canaryvalue'), (3, 'open'), (4, 'open')";
    let first = leo(&storage, sql).await.search("canaryvalue", None, 5).await.unwrap();
    assert_eq!((first[0].kind, first[0].column.as_deref()), (HitKind::Column, Some("status")));
    let before = kept(&storage).await;
    assert!(!before.is_empty() && before.iter().all(|(_, kept)| !String::from_utf8_lossy(&kept.value).contains("status")));
    assert_eq!(leo(&storage, sql).await.search("canaryvalue", None, 5).await.unwrap(), first);
    let versions =
        |kept: &[(String, Versioned)]| kept.iter().map(|(name, kept)| (name.clone(), kept.version)).collect::<Vec<_>>();
    assert_eq!(versions(&kept(&storage).await), versions(&before), "nothing was written");
    // What is new is found, what is gone is not.
    let other = leo(&storage, "CREATE TABLE invoices (id int, total text)").await;
    assert!(other.search("canaryvalue", None, 5).await.unwrap().is_empty());
    assert_eq!(other.search("invoices", None, 5).await.unwrap()[0].table.as_ref().unwrap().name, "invoices");
}

#[tokio::test]
async fn an_index_that_cannot_be_read_is_made_anew() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let sql = "CREATE TABLE orders (id int, status text)";
    leo(&storage, sql).await;
    for (name, value) in kept(&storage).await {
        let mut bytes = value.value.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        storage.put(&name, bytes, PutOptions::new()).await.unwrap();
    }
    assert_eq!(leo(&storage, sql).await.search("status", None, 5).await.unwrap()[0].column.as_deref(), Some("status"));
}

#[tokio::test]
async fn what_people_say_is_found_at_once() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let leo = leo(&storage, "CREATE TABLE orders (id int, amount int)").await;
    assert!(leo.search("turnover", None, 5).await.unwrap().is_empty());
    let said = read_yaml(
        "metrics: [ { name: turnover, table: orders, formula: sum(amount) } ]\n\
         glossary: [ { term: churn, means: nobody bought } ]\n\
         verified: [ { question: how are we doing, sql: SELECT 1 FROM orders } ]\n\
         tables: { orders: { term: Bestellung } }",
    )
    .unwrap();
    leo.set_knowledge(None, said, None).await.unwrap();
    for (words, kind) in [("turnover", HitKind::Metric), ("churn", HitKind::Glossary), ("how are we doing", HitKind::Question)] {
        let hits = leo.search(words, None, 5).await.unwrap();
        assert_eq!((hits[0].kind, hits[0].name.as_deref()), (kind, Some(words)));
    }
    assert_eq!(leo.search("Bestellung", None, 5).await.unwrap()[0].kind, HitKind::Table);
}
