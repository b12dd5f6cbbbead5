//! Vectors of names between processes: kept, and made anew where they cannot be read or another model is asked.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::adapter::{Embedder, KeyStore, PutOptions, Storage, Versioned};
use crate::builder::Source;
use crate::context::{Context, HostContext};
use crate::error::{Error, Result};
use crate::seal::EnvironmentKeys;
use crate::settings::{Preset, SettingsLayer};
use crate::source::sqlite::SqliteSource;
use crate::store::MemoryStorage;
use crate::{Leo, LeoBuilder};

const SCHEMA: &str = "CREATE TABLE customers (id INTEGER PRIMARY KEY, full_name TEXT)";

/// Knows whether a text is about people, and counts what it is asked.
#[derive(Debug, Default)]
struct People {
    name: Option<&'static str>,
    more: usize,
    texts: Mutex<Vec<String>>,
}

#[async_trait]
impl Embedder for People {
    async fn embed(&self, _: HostContext, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        self.texts.lock().unwrap().extend(texts.clone());
        let is_about = |text: &String| text.contains("customers") || text.contains("folk");
        let vector = |text| [vec![f32::from(u8::from(is_about(text))), 0.1], vec![0.0; self.more]].concat();
        Ok(texts.iter().map(vector).collect())
    }

    fn model(&self) -> Option<String> {
        self.name.map(str::to_owned)
    }
}

fn builder(storage: &Arc<dyn Storage>, sql: &str) -> LeoBuilder {
    let keys: Arc<dyn KeyStore> = Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap());
    let source = Source::new(SqliteSource::from_sql("shop", sql).unwrap());
    Leo::builder().preset(Preset::Local).source(source).storage(Arc::clone(storage)).keys(keys)
}

/// Another process: the handle, and what its embedder was asked by one search of `tenant`.
async fn asked(storage: &Arc<dyn Storage>, tenant: &str, people: People) -> Vec<String> {
    let people = Arc::new(people);
    let leo = builder(storage, SCHEMA).embedder(Arc::clone(&people) as Arc<dyn Embedder>).build().unwrap();
    let leo = leo.for_user(Context::new(tenant, "ada").unwrap().with_roles(["owner"]));
    let hits = leo.search("folk", None, 1).await.unwrap();
    assert_eq!(hits.first().and_then(|hit| hit.table.as_ref()).map(|table| &*table.name), Some("customers"));
    people.texts.lock().unwrap().clone()
}

fn named(name: &'static str) -> People {
    People { name: Some(name), ..People::default() }
}

async fn kept(storage: &Arc<dyn Storage>) -> Vec<(String, Versioned)> {
    let mut kept = Vec::new();
    for name in storage.list_page("", None, 10_000).await.unwrap() {
        if name.contains("meaning") || name.contains("twins") {
            let value = storage.get(&name).await.unwrap().unwrap();
            kept.push((name, value));
        }
    }
    kept
}

fn memory() -> Arc<dyn Storage> {
    Arc::new(MemoryStorage::default())
}

#[tokio::test]
async fn another_process_asks_for_nothing_that_is_known() {
    let storage = memory();
    let all = ["customers", "id of customers", "full name of customers", "folk"];
    assert_eq!(asked(&storage, "acme", named("people 1")).await, all);
    let before = kept(&storage).await;
    assert!(!before.is_empty() && before.iter().all(|(_, kept)| !String::from_utf8_lossy(&kept.value).contains("people 1")));
    assert_eq!(asked(&storage, "acme", named("people 1")).await, ["folk"]);
    let versions =
        |kept: &[(String, Versioned)]| kept.iter().map(|(name, kept)| (name.clone(), kept.version)).collect::<Vec<_>>();
    assert_eq!(versions(&kept(&storage).await), versions(&before), "nothing was written");
    // What has these very names is another tenant's as well, and asked for once.
    assert_eq!(asked(&storage, "beta", named("people 1")).await, ["folk"]);
    // What is new is asked for, and kept beside what was there.
    let people = Arc::new(named("people 1"));
    let more = format!("{SCHEMA}; CREATE TABLE invoices (id INTEGER PRIMARY KEY)");
    let leo = builder(&storage, &more).embedder(Arc::clone(&people) as Arc<dyn Embedder>).build().unwrap();
    leo.for_user(Context::new("acme", "ada").unwrap().with_roles(["owner"])).search("folk", None, 1).await.unwrap();
    assert_eq!(*people.texts.lock().unwrap(), ["invoices", "id of invoices", "folk"]);
    assert_eq!(asked(&storage, "acme", named("people 1")).await, ["folk"]);
}

#[tokio::test]
async fn vectors_of_another_model_are_made_anew() {
    let storage = memory();
    assert_eq!(asked(&storage, "acme", named("people 1")).await.len(), 4);
    assert_eq!(asked(&storage, "acme", named("people 2")).await.len(), 4);
    assert_eq!(asked(&storage, "acme", named("people 2")).await.len(), 1);
    // The same name, and vectors of another length: found by letters once, then anew.
    let people = Arc::new(People { more: 1, ..named("people 2") });
    let leo = builder(&storage, SCHEMA).embedder(Arc::clone(&people) as Arc<dyn Embedder>).build().unwrap();
    let leo = leo.for_user(Context::new("acme", "ada").unwrap().with_roles(["owner"]));
    assert!(leo.search("folk", None, 1).await.unwrap().is_empty());
    assert_eq!(leo.search("folk", None, 1).await.unwrap().len(), 1);
    assert_eq!(asked(&storage, "acme", People { more: 1, ..named("people 2") }).await, ["folk"]);
}

#[tokio::test]
async fn a_model_without_a_name_keeps_nothing() {
    let storage = memory();
    assert_eq!(asked(&storage, "acme", People::default()).await.len(), 4);
    assert!(kept(&storage).await.is_empty());
    assert_eq!(asked(&storage, "acme", People::default()).await.len(), 4);
}

#[tokio::test]
async fn what_cannot_be_read_is_made_anew() {
    let storage = memory();
    asked(&storage, "acme", named("people 1")).await;
    for (name, value) in kept(&storage).await {
        let mut bytes = value.value.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        storage.put(&name, bytes, PutOptions::new()).await.unwrap();
    }
    assert_eq!(asked(&storage, "acme", named("people 1")).await.len(), 4);
    assert_eq!(asked(&storage, "acme", named("people 1")).await.len(), 1);
}

#[tokio::test]
async fn a_setting_may_name_the_model() {
    let (storage, mut settings) = (memory(), SettingsLayer::default());
    settings.set("index.embedder_model", "people 1").unwrap();
    let people = Arc::new(People::default());
    for asked in [4, 5] {
        let builder = builder(&storage, SCHEMA).settings(settings.clone());
        let leo = builder.embedder(Arc::clone(&people) as Arc<dyn Embedder>).build().unwrap();
        leo.search("folk", None, 1).await.unwrap();
        assert_eq!(people.texts.lock().unwrap().len(), asked);
    }
}

/// A storage that refuses vectors.
#[derive(Debug, Default)]
struct Broken {
    storage: MemoryStorage,
    was_asked: AtomicBool,
}

impl Broken {
    fn check(&self, key: &str) -> Result<()> {
        if key.contains("meaning") || key.contains("twins") {
            self.was_asked.store(true, Ordering::Relaxed);
            return Err(Error::adapter("sk-hunter2"));
        }
        Ok(())
    }
}

#[async_trait]
impl Storage for Broken {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        self.check(key)?;
        self.storage.get(key).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64> {
        self.check(key)?;
        self.storage.put(key, value, options).await
    }

    async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
        self.storage.delete(key, expected).await
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
        self.storage.list_page(prefix, after, limit).await
    }
}

#[tokio::test]
async fn a_storage_that_fails_costs_no_search() {
    let broken = Arc::new(Broken::default());
    let storage: Arc<dyn Storage> = broken.clone();
    for _ in 0..2 {
        assert_eq!(asked(&storage, "acme", named("people 1")).await.len(), 4);
    }
    assert!(broken.was_asked.load(Ordering::Relaxed));
}

#[tokio::test]
async fn an_embedder_and_a_folder_are_not_both_taken() {
    let mut settings = SettingsLayer::default();
    settings.set("index.embedder_folder", "/nowhere").unwrap();
    let built = builder(&memory(), SCHEMA).settings(settings).embedder(Arc::new(People::default())).build();
    assert!(built.unwrap_err().message().contains("leave all but one out"));
}

/// The whole way with a sentence model in a folder.
#[cfg(feature = "minilm")]
#[tokio::test]
async fn a_folder_is_an_embedder() {
    let (storage, folder) = (memory(), crate::minilm::tests::folder());
    let mut settings = SettingsLayer::default();
    settings.set("index.embedder_folder", folder.path().to_str().unwrap()).unwrap();
    let leo = builder(&storage, SCHEMA).settings(settings).build().unwrap();
    let hits = leo.search("the cat", None, 3).await.unwrap();
    assert!(hits.iter().any(|hit| hit.place == crate::catalog::Place::Meaning), "{hits:?}");
    // The tenant's own, and those of the schema.
    assert_eq!(kept(&storage).await.len(), 2);
}

#[tokio::test]
async fn names_that_another_source_has_too_are_asked_for_once() {
    let asked = async |name: Option<&'static str>, storage: Option<&Arc<dyn Storage>>, sources: &[&str]| {
        let people = Arc::new(People { name, ..People::default() });
        let builder = Leo::builder().preset(Preset::Local).embedder(Arc::clone(&people) as Arc<dyn Embedder>);
        let source = |id: &&str| Source::new(SqliteSource::from_sql(*id, SCHEMA).unwrap());
        let builder = sources.iter().map(source).fold(builder, |builder, source| builder.source(source));
        let keys: Arc<dyn KeyStore> = Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap());
        let leo = match storage {
            Some(storage) => builder.storage(Arc::clone(storage)).keys(keys),
            None => builder,
        };
        let leo = leo.build().unwrap();
        for source in sources {
            leo.search("folk", Some(source), 1).await.unwrap();
        }
        people.texts.lock().unwrap().len()
    };
    // Three names and a word, then the word alone.
    assert_eq!(asked(None, None, &["north", "south"]).await, 5);
    let storage = memory();
    assert_eq!(asked(Some("people 1"), Some(&storage), &["north", "south"]).await, 5);
    assert_eq!(asked(Some("people 1"), Some(&storage), &["west"]).await, 1);
    assert_eq!(asked(Some("people 2"), Some(&storage), &["west"]).await, 4, "another model");
    assert_eq!(asked(None, Some(&storage), &["west"]).await, 4, "nobody knows which model");
}
