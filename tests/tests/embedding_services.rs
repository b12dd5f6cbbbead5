//! A service that makes vectors of names, on loopback: what it is sent, what is found by it, and everything that goes wrong with it.

use std::sync::Arc;

use leo::adapter::AuditEvent;
use leo::builder::Source;
use leo::context::Context;
use leo::model::{Egress, ModelSpec, Protocol, embedder};
use leo::settings::{Preset, SettingsLayer};
use leo::source::sqlite::SqliteSource;
use leo::{ErrorKind, Leo};
use leo_tests::audit::Sink;
use leo_tests::model_server::{Asked, ModelServer, Serves};
use serde_json::{Value, json};

const SHOP: &str = "CREATE TABLE boxes (id INTEGER PRIMARY KEY); CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)";

/// Vectors of texts that are about people, and of others; the last text first, as services may.
fn vectors(asked: &Asked) -> Serves {
    let texts = asked.body["input"].as_array().unwrap();
    let is_about = |text: &Value| ["customer", "folk"].iter().any(|word| text.as_str().unwrap().contains(word));
    let one =
        |(at, text): (usize, &Value)| json!({"index": at, "embedding": if is_about(text) { [1.0, 0.1] } else { [0.1, 1.0] }});
    let data: Vec<Value> = texts.iter().enumerate().map(one).rev().collect();
    json_of(json!({"object": "list", "data": data, "usage": {"prompt_tokens": 9, "total_tokens": 9}}))
}

fn json_of(value: Value) -> Serves {
    Serves::Raw { content_type: "application/json", body: value.to_string().into_bytes(), length: None }
}

fn spec(server: &ModelServer) -> ModelSpec {
    ModelSpec { base_url: Some(server.url()), ..ModelSpec::new(Protocol::Openai, "text-embedding-3-small", "sk-hunter2") }
}

struct Host {
    leo: Leo,
    sink: Arc<Sink>,
    server: ModelServer,
}

async fn host(answer: impl Fn(&Asked, usize) -> Serves + Send + Sync + 'static) -> Host {
    let (server, sink) = (ModelServer::answering(answer).await, Arc::new(Sink::default()));
    let source = Source::new(SqliteSource::from_sql("shop", SHOP).unwrap());
    let builder = Leo::builder().preset(Preset::Local).source(source).audit(Arc::clone(&sink) as _);
    let leo = builder.embedder(embedder(spec(&server), &Egress::default()).unwrap()).build().unwrap();
    Host { leo, sink, server }
}

impl Host {
    async fn best(&self, words: &str) -> Option<String> {
        let hits = self.leo.search(words, None, 1).await.unwrap();
        hits.first().and_then(|hit| hit.table.as_ref()).map(|table| table.name.clone())
    }

    fn recorded(&self) -> Vec<AuditEvent> {
        let is_embedder = |event: &AuditEvent| event.action == "tool_invocation" && event.target.as_deref() == Some("embedder");
        self.sink.events().into_iter().filter(is_embedder).collect()
    }
}

#[tokio::test]
async fn tables_are_found_by_what_words_mean_and_each_request_is_on_record() {
    let host = host(|asked, _| vectors(asked)).await;
    assert_eq!(host.best("folk").await.as_deref(), Some("customers"));
    let asked = host.server.asked();
    assert!(asked.iter().all(|asked| asked.path == "/v1/embeddings" && asked.head.contains("authorization: bearer sk-hunter2")));
    assert!(
        asked.iter().all(|asked| asked.body["model"] == "text-embedding-3-small" && asked.body["encoding_format"] == "float")
    );
    let recorded = host.recorded();
    assert_eq!((asked.len(), recorded.len()), (2, 2), "the names once, and the words");
    assert!(recorded.iter().all(|event| event.prompt_hash.is_some() && event.source.as_deref() == Some("shop")));
    host.best("folk of ada@quill.example").await;
    let last = host.server.asked().pop().unwrap();
    assert_eq!(last.body["input"].as_array().unwrap().len(), 1, "names are known");
    assert!(!String::from_utf8_lossy(&last.bytes).contains("quill.example"), "an address does not leave: {}", last.body);
    assert!(!format!("{:?}{:?}", host.leo, host.recorded()).contains("hunter2"));
}

#[tokio::test]
async fn a_service_that_is_not_well_is_asked_again_and_costs_no_more_than_its_help() {
    let busy = |asked: &Asked, at: usize| match at {
        0 => Serves::Status(429, vec![("retry-after-ms", "20".to_owned())], json!({})),
        _ => vectors(asked),
    };
    assert_eq!(host(busy).await.best("folk").await.as_deref(), Some("customers"));
    let short = json!({"data": [{"index": 0, "embedding": [1.0]}]});
    let empty = json!({"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]});
    let far = json!({"data": [{"index": 99, "embedding": [1.0]}]});
    for body in [short, empty, far, json!({"error": "x"}), json!([1]), json!({"data": [{"index": -1, "embedding": ["x"]}]})] {
        let host = host(move |_, _| json_of(body.clone())).await;
        assert_eq!(host.best("customers").await.as_deref(), Some("customers"), "what letters find is found");
    }
    for serves in
        [Serves::Hangup, Serves::Endless, Serves::Status(500, Vec::new(), json!({})), Serves::Status(401, Vec::new(), json!({}))]
    {
        let host = host(move |_, _| serves.clone()).await;
        assert_eq!(host.best("customers").await.as_deref(), Some("customers"));
        let outcomes = host
            .sink
            .events()
            .into_iter()
            .filter(|event| event.action == "tool_invocation_outcome" && event.status.as_deref() == Some("failed"));
        assert!(outcomes.count() >= 1);
    }
}

#[tokio::test]
async fn it_is_named_by_a_setting_and_kept_from_where_it_may_not_go() {
    let server = ModelServer::answering(|asked, _| vectors(asked)).await;
    let build = |settings: Value| {
        let source = Source::new(SqliteSource::from_sql("shop", SHOP).unwrap());
        Leo::builder().preset(Preset::Local).source(source).settings(SettingsLayer::from_value(settings).unwrap()).build()
    };
    let named = format!("chat:bge-m3@{}", server.url());
    let leo = build(json!({"index.embedder_service": named})).unwrap();
    let ada = leo.for_user(Context::new("local", "ada").unwrap().with_roles(["owner"]));
    let hits = ada.search("folk", None, 1).await.unwrap();
    assert_eq!(hits[0].table.as_ref().map(|table| table.name.as_str()), Some("customers"));
    assert_eq!(server.asked()[0].body["model"], "bge-m3");
    let bare = build(json!({"index.embedder_service": format!("openai@{}", server.url())}));
    assert_eq!(bare.unwrap_err().kind(), ErrorKind::Config, "a name has a colon");
    let refused = |settings: Value| build(settings).unwrap_err();
    assert_eq!(refused(json!({"index.embedder_service": named, "network.mode": "source-only"})).kind(), ErrorKind::Denied);
    assert_eq!(
        refused(json!({"index.embedder_service": named, "network.allow_hosts": ["api.example.com"]})).kind(),
        ErrorKind::Denied
    );
    assert_eq!(refused(json!({"index.embedder_service": named, "index.embedder_folder": "/x"})).kind(), ErrorKind::Config);
    assert_eq!(refused(json!({"index.embedder_service": "anthropic:claude"})).kind(), ErrorKind::Config);
    assert_eq!(refused(json!({"index.embedder_service": "grok"})).kind(), ErrorKind::Config);
}
