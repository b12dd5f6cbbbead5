//! `Leo::search` with a host's embedder: found by meaning, never by what the user may not see, and by letters where it fails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use leo::adapter::{Access, AccessRequest, Authorizer, Embedder};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::catalog::{Hit, Place};
use leo::context::HostContext;
use leo::settings::SettingsLayer;
use leo::source::sqlite::SqliteSource;
use leo::sync::SyncOptions;
use leo::{Context, Error, Leo, Result};

const SCHEMA: &str = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, full_name TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, total REAL, note TEXT);
CREATE TABLE salaries (id INTEGER PRIMARY KEY, pay REAL);
";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Does {
    Knows,
    Fails,
    Panics,
    Hangs,
    GivesTooFew,
    GivesZeros,
    GivesNonsense,
}

/// Knows three ideas; every text is near those it has a word of.
#[derive(Debug)]
struct Ideas {
    does: Mutex<Does>,
    texts: Mutex<Vec<(String, Vec<String>)>>,
    is_long: AtomicBool,
}

const IDEAS: [&[&str]; 3] = [&["customers", "folk"], &["invoices", "bills"], &["salaries", "wages"]];

#[async_trait]
impl Embedder for Ideas {
    async fn embed(&self, ctx: HostContext, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        self.texts.lock().unwrap().push((ctx.tenant, texts.clone()));
        let does = *self.does.lock().unwrap();
        match does {
            Does::Fails => return Err(Error::unavailable("sk-hunter2")),
            Does::Panics => panic!("sk-hunter2"),
            Does::Hangs => std::future::pending().await,
            Does::GivesTooFew => return Ok(vec![vec![1.0]; texts.len() - 1]),
            Does::GivesZeros => return Ok(vec![vec![0.0; 3]; texts.len()]),
            Does::GivesNonsense => return Ok(texts.iter().map(|_| vec![f32::NAN, 1.0]).collect()),
            Does::Knows => {}
        }
        let vector = |text: &String| {
            let mut vector: Vec<f32> =
                IDEAS.iter().map(|words| if words.iter().any(|word| text.contains(word)) { 1.0 } else { 0.01 }).collect();
            vector.extend(self.is_long.load(Ordering::Relaxed).then_some(0.0));
            vector
        };
        Ok(texts.iter().map(vector).collect())
    }
}

impl Ideas {
    /// Texts that were sent since the last look.
    fn sent(&self) -> Vec<String> {
        self.texts.lock().unwrap().drain(..).flat_map(|(_, texts)| texts).collect()
    }
}

/// Only the owner sees salaries.
#[derive(Debug)]
struct Rights;

#[async_trait]
impl Authorizer for Rights {
    async fn authorize(&self, ctx: HostContext, _: AccessRequest) -> Result<Access> {
        let deny_tables = if ctx.user == "owner" { Vec::new() } else { vec!["salaries".to_owned()] };
        Ok(Access { deny_tables, ..Access::full() })
    }
}

fn host(schema: &str, does: Does) -> (Leo, Arc<Ideas>) {
    let ideas = Arc::new(Ideas { does: Mutex::new(does), texts: Mutex::default(), is_long: AtomicBool::new(false) });
    let mut settings = SettingsLayer::default();
    settings.set("model.timeout_ms", 2_000).unwrap();
    let leo = Leo::builder()
        .source(Source::new(SqliteSource::from_sql("shop", schema).unwrap()))
        .authorizer(Arc::new(Rights))
        .audit(Arc::new(MemorySink::default()))
        .settings(settings)
        .embedder(Arc::clone(&ideas) as Arc<dyn Embedder>)
        .build()
        .unwrap();
    (leo, ideas)
}

fn user(leo: &Leo, tenant: &str, user: &str) -> Leo {
    leo.for_user(Context::new(tenant, user).unwrap().with_roles(["owner"]))
}

fn names(hits: &[Hit]) -> Vec<String> {
    hits.iter()
        .map(|hit| {
            let table = hit.table.as_ref().unwrap();
            hit.column.as_ref().map_or(table.to_string(), |column| format!("{table}.{column}"))
        })
        .collect()
}

#[tokio::test]
async fn words_find_what_means_the_same() {
    let (leo, _) = host(SCHEMA, Does::Knows);
    let owner = user(&leo, "acme", "owner");
    let hits = owner.search("folk", None, 3).await.unwrap();
    assert_eq!(names(&hits), ["customers", "customers.id", "customers.full_name"]);
    assert!(hits.iter().all(|hit| hit.place == Place::Meaning && hit.score > 0.4 && hit.score <= 0.5), "{hits:?}");
    // What has the letters and the meaning is before what has one of them.
    let hits = owner.search("name of the folk", None, 5).await.unwrap();
    assert_eq!((names(&hits)[0].as_str(), hits[0].place), ("customers.full_name", Place::Name));
    assert!(names(&hits)[1] == "customers" && hits[0].score > hits[1].score && hits[0].score <= 1.0, "{hits:?}");
    assert!(owner.search("folk", None, 0).await.unwrap().is_empty() && owner.search(" ", None, 3).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_hidden_is_not_sent_and_not_found() {
    let (leo, ideas) = host(SCHEMA, Does::Knows);
    let hits = user(&leo, "acme", "ada").search("wages", None, 20).await.unwrap();
    assert!(!names(&hits).iter().any(|name| name.starts_with("salaries")), "{hits:?}");
    assert!(!ideas.sent().iter().any(|text| text.contains("salar") || text.contains("pay")));
    let hits = user(&leo, "acme", "owner").search("wages", None, 20).await.unwrap();
    assert_eq!(names(&hits)[0], "salaries");
    // Found by somebody else, still not by this one.
    let hits = user(&leo, "acme", "ada").search("wages", None, 20).await.unwrap();
    assert!(!names(&hits).iter().any(|name| name.starts_with("salaries")), "{hits:?}");
}

#[tokio::test]
async fn a_text_is_sent_once() {
    let (leo, ideas) = host(SCHEMA, Does::Knows);
    let owner = user(&leo, "acme", "owner");
    owner.search("folk", None, 3).await.unwrap();
    // Three tables, seven columns, and the words.
    assert_eq!(ideas.sent().len(), 11);
    owner.search("bills", None, 3).await.unwrap();
    owner.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    owner.search("wages", None, 3).await.unwrap();
    user(&leo, "acme", "ada").search("folk", None, 3).await.unwrap();
    assert_eq!(ideas.sent(), ["bills", "wages", "folk"]);
    // Another tenant sees the same names.
    user(&leo, "beta", "owner").search("folk", None, 3).await.unwrap();
    assert_eq!(ideas.sent(), ["folk"]);
}

#[tokio::test]
async fn many_texts_are_sent_in_parts() {
    let columns: Vec<String> = (0..600).map(|at| format!("c{at} INTEGER")).collect();
    let (leo, ideas) = host(&format!("CREATE TABLE wide ({})", columns.join(", ")), Does::Knows);
    user(&leo, "acme", "owner").search("folk", None, 3).await.unwrap();
    let sizes: Vec<usize> = ideas.texts.lock().unwrap().iter().map(|(_, texts)| texts.len()).collect();
    assert_eq!(sizes, [256, 256, 89, 1]);
}

#[tokio::test]
async fn an_embedder_that_fails_leaves_what_is_found_by_letters() {
    let plain = Leo::builder()
        .source(Source::new(SqliteSource::from_sql("shop", SCHEMA).unwrap()))
        .authorizer(Arc::new(Rights))
        .audit(Arc::new(MemorySink::default()))
        .build()
        .unwrap();
    let expected = user(&plain, "acme", "owner").search("customers", None, 3).await.unwrap();
    assert!(!expected.is_empty());
    for does in [Does::Fails, Does::Panics, Does::Hangs, Does::GivesTooFew, Does::GivesZeros, Does::GivesNonsense] {
        let (leo, ideas) = host(SCHEMA, does);
        let owner = user(&leo, "acme", "owner");
        assert_eq!(owner.search("customers", None, 3).await.unwrap(), expected, "{does:?}");
        // It may be well again.
        *ideas.does.lock().unwrap() = Does::Knows;
        assert_eq!(names(&owner.search("folk", None, 1).await.unwrap()), ["customers"], "{does:?}");
    }
}

#[tokio::test]
async fn vectors_of_another_length_are_made_anew() {
    let (leo, ideas) = host(SCHEMA, Does::Knows);
    let owner = user(&leo, "acme", "owner");
    owner.search("folk", None, 1).await.unwrap();
    ideas.is_long.store(true, Ordering::Relaxed);
    assert!(owner.search("folk", None, 1).await.unwrap().is_empty(), "by letters alone");
    assert_eq!(names(&owner.search("folk", None, 1).await.unwrap()), ["customers"]);
}
