//! What Leo knows is policed like what it runs: of the rows of one user no byte that another one gets says anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use leo::adapter::{
    Access, AccessRequest, AuditSink, Authorizer, KeyStore, Model, ModelRequest, ModelResponse, Storage, TablePolicy,
};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::context::HostContext;
use leo::knowledge::read_yaml;
use leo::seal::EnvironmentKeys;
use leo::source::sqlite::SqliteSource;
use leo::store::MemoryStorage;
use leo::sync::SyncOptions;
use leo::{AskOptions, Context, Leo, MapFormat, MapOptions, Result};
use serde_json::json;

/// Values that are in the rows of one region alone.
const NORTH: &[&str] = &["ambergris", "Quillfeather", "8675309", "1999-09-19", "ada@lovelace.example"];
const SOUTH: &[&str] = &["brimstone", "Thistlewood", "5550199", "2001-11-02", "bob@marley.example"];

fn shop() -> String {
    let mut sql = String::from(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT, status TEXT, amount INTEGER, placed DATE, customer_id INTEGER REFERENCES customers (id));
         CREATE TABLE customers (id INTEGER PRIMARY KEY, region TEXT, name TEXT, email TEXT);
         CREATE VIEW recent AS SELECT status, placed, amount FROM orders;",
    );
    for (at, (region, own)) in [("north", NORTH), ("south", SOUTH)].into_iter().enumerate() {
        for row in 0..40 {
            let id = at * 100 + row + 1;
            write!(
                sql,
                "INSERT INTO customers VALUES ({id}, '{region}', '{}', '{}');
                 INSERT INTO orders VALUES ({id}, '{region}', '{}', {}, '{}', {id});",
                own[1], own[4], own[0], own[2], own[3]
            )
            .unwrap();
        }
    }
    sql
}

/// Each user sees the rows of a region; `carol` sees all rows and the texts masked; `root` sees everything.
#[derive(Debug)]
struct Regions;

#[async_trait]
impl Authorizer for Regions {
    async fn authorize(&self, ctx: HostContext, _: AccessRequest) -> Result<Access> {
        let policy = |masks: &[&str]| match ctx.user.as_str() {
            "carol" => TablePolicy {
                masks: masks.iter().map(|column| ((*column).to_owned(), "null".to_owned())).collect::<BTreeMap<_, _>>(),
                ..TablePolicy::default()
            },
            user => TablePolicy {
                row_filter: Some(format!("region = '{}'", if user == "ada" { "north" } else { "south" })),
                ..TablePolicy::default()
            },
        };
        if ctx.user == "root" {
            return Ok(Access::full());
        }
        let orders = policy(&["status", "amount", "placed"]);
        let customers = policy(&["name", "email"]);
        Ok(Access { tables: [("orders".to_owned(), orders), ("customers".to_owned(), customers)].into(), ..Access::full() })
    }
}

/// Remembers what it was asked, and has no answer.
#[derive(Debug, Default)]
struct Listener(Mutex<String>);

#[async_trait]
impl Model for Listener {
    async fn complete(&self, _: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        self.0.lock().unwrap().push_str(&serde_json::to_string(&request).unwrap());
        let output = json!({ "sql": null, "params": [], "decline": "cannot" });
        Ok(ModelResponse { output, input_tokens: 1, output_tokens: 1, model: "listener".into(), ..ModelResponse::default() })
    }
}

struct Host {
    leo: Leo,
    audit: Arc<MemorySink>,
    storage: Arc<MemoryStorage>,
    model: Arc<Listener>,
}

async fn host() -> Host {
    let (audit, storage, model) =
        (Arc::new(MemorySink::default()), Arc::new(MemoryStorage::default()), Arc::new(Listener::default()));
    let knowledge = read_yaml(
        "metrics: [ { name: turnover, table: orders, formula: sum(amount) } ]\nglossary: [ { term: churn, means: gone } ]",
    )
    .unwrap();
    let keys = EnvironmentKeys::parse(&format!("1:{}", "ab".repeat(32))).unwrap();
    let leo = Leo::builder()
        .source(Source::new(SqliteSource::from_sql("shop", &shop()).unwrap()).execution(true).knowledge(knowledge))
        .authorizer(Arc::new(Regions))
        .audit(Arc::clone(&audit) as Arc<dyn AuditSink>)
        .storage(Arc::clone(&storage) as Arc<dyn Storage>)
        .keys(Arc::new(keys) as Arc<dyn KeyStore>)
        .model(Arc::clone(&model) as Arc<dyn Model>)
        .build()
        .unwrap();
    let host = Host { leo, audit, storage, model };
    host.user("root").sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    host
}

impl Host {
    fn user(&self, user: &str) -> Leo {
        self.leo.for_user(Context::new("acme", user).unwrap().with_roles(["admin"]))
    }
}

/// Every byte that a user gets when looking at everything there is.
async fn everything(leo: &Leo) -> String {
    let all = MapOptions { sample: 50, ..MapOptions::default() };
    let mut seen = serde_json::to_string(&leo.catalog(None).await.unwrap()).unwrap();
    seen += &serde_json::to_string(&leo.map(None).await.unwrap()).unwrap();
    seen += &serde_json::to_string(&leo.map_quality(None).await.unwrap()).unwrap();
    for table in ["orders", "customers", "recent"] {
        seen += &serde_json::to_string(&leo.map_table(table, &all).await.unwrap()).unwrap();
        let around = MapOptions { around: Some(table.into()), ..MapOptions::default() };
        seen += &serde_json::to_string(&leo.map_graph(&around).await.unwrap()).unwrap();
    }
    for form in [MapFormat::Html, MapFormat::Mermaid, MapFormat::Dot, MapFormat::Json, MapFormat::Ddl] {
        seen += &leo.export_map(form, &all).await.unwrap();
    }
    // The beginnings and misspellings of values, and words for what has them.
    for words in [
        "amberg",
        "ambergriss",
        "brimst",
        "brimstonne",
        "quillfeath",
        "thistlew",
        "status",
        "turnover",
        "churn",
        "lovelace",
        "marley",
        "867530",
    ] {
        seen += &serde_json::to_string(&leo.search(words, None, 50).await.unwrap()).unwrap();
    }
    for question in [
        "how many orders by status?",
        "orders",
        "list customers",
        "total amount by region",
        "latest order",
        "which status has the highest amount?",
        "orders with status amberg",
        "orders with status brimst",
        "customers called quillf",
        "top 5 customers by turnover",
        "monthly turnover",
        "orders last year",
        "interquartile spread of the amounts, please",
    ] {
        let events = Mutex::new(String::new());
        let observe = |event| events.lock().unwrap().push_str(&format!("{event:?}"));
        let answer = leo.ask_observed(question, &AskOptions::default(), &observe).await.unwrap();
        seen += &serde_json::to_string(&answer).unwrap();
        seen += &format!("{answer:?}");
        seen += &leo::ask::render::html(&answer, &leo::ask::render::HtmlOptions::default());
        seen += &events.into_inner().unwrap();
    }
    seen
}

fn assert_nothing_of(values: &[&str], seen: &str, who: &str) {
    for value in values {
        let at = seen.find(value);
        let around = at.map(|at| seen.get(at.saturating_sub(200)..(at + 100).min(seen.len())).unwrap_or_default());
        assert!(at.is_none(), "{who} is told {value}: …{}…", around.unwrap_or_default());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_that_one_user_gets_is_of_anothers_rows() {
    let host = host().await;
    // They can be seen at all: where nobody is restricted, and each one's own.
    let root = everything(&host.user("root")).await;
    for value in [NORTH[0], SOUTH[0], NORTH[2], SOUTH[3]] {
        assert!(root.contains(value), "{value}");
    }
    let before = host.audit.events().len();
    host.model.0.lock().unwrap().clear();
    for (user, own, others) in [("bob", SOUTH, NORTH), ("ada", NORTH, SOUTH)] {
        let seen = everything(&host.user(user)).await;
        assert!(seen.contains(own[0]) && seen.contains(own[2]), "{user} sees own rows");
        assert_nothing_of(others, &seen, user);
    }
    let carol = everything(&host.user("carol")).await;
    for values in [NORTH, SOUTH] {
        assert_nothing_of(values, &carol, "carol");
    }
    // Neither the model nor the audit is told more than they asked for.
    assert_nothing_of(&[NORTH, SOUTH].concat(), &host.model.0.lock().unwrap(), "the model");
    let recorded = serde_json::to_string(&host.audit.events()[before..]).unwrap();
    assert_nothing_of(&[NORTH, SOUTH].concat(), &recorded, "the audit");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_shows_no_value() {
    let host = host().await;
    let names = host.storage.list_page("", None, 10_000).await.unwrap();
    assert!(!names.is_empty(), "something is kept");
    let mut kept = String::new();
    for name in names {
        kept.push_str(&name);
        if let Some(found) = host.storage.get(&name).await.unwrap() {
            kept.push_str(&String::from_utf8_lossy(&found.value));
        }
    }
    assert_nothing_of(&[NORTH, SOUTH].concat(), &kept, "the storage");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_value_is_neither_confirmed_nor_denied() {
    let host = host().await;
    let bob = host.user("bob");
    // A value of another's rows and a word that is nowhere are answered alike.
    for question in ["orders with status X", "how many orders have the status X?", "customers called X"] {
        let mut told = Vec::new();
        for word in ["ambergris", "gelatinous"] {
            let answer = bob.ask(&question.replace('X', word)).await.unwrap();
            let text = format!("{:?} {:?} {:?} {:?}", answer.status, answer.row_count, answer.confidence, answer.sql);
            let clarification = serde_json::to_string(&answer.clarification).unwrap();
            let refusal = serde_json::to_string(&answer.explain).unwrap();
            told.push(format!("{text} {clarification} {refusal}").replace(word, "X"));
        }
        assert_eq!(told[0], told[1], "{question}");
    }
    let hits = |word: &'static str| {
        let bob = bob.clone();
        async move { bob.search(word, None, 10).await.unwrap() }
    };
    assert_eq!(hits("ambergris").await, hits("gelatinous").await);
}
