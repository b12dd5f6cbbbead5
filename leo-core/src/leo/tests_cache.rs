//! Rows and answers of models that are given again: to whom, for how long, and what happens where a fresh one cannot be had.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use crate::adapter::{Access, AccessRequest, Authorizer, Model, ModelRequest, ModelResponse, TablePolicy};
use crate::ask::review::WarningCode;
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::catalog::Catalog;
use crate::context::{Context, HostContext};
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{BatchStream, Cleared, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded};
use crate::registry::SourceState;
use crate::settings::SettingsLayer;
use crate::source::sqlite::SqliteSource;
use crate::sync::SyncOptions;
use crate::{Answer, AnswerStatus, AskOptions, Leo, LeoBuilder};

const SHOP: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT, amount INTEGER);
    INSERT INTO orders VALUES (1, 'north', 10), (2, 'north', 20), (3, 'south', 4815162), (4, 'south', 40)";

/// What happens to statements.
#[derive(Debug, Default)]
pub(super) struct Engine {
    runs: AtomicUsize,
    /// Runs that were begun and not dropped.
    pub(super) under_way: Arc<AtomicUsize>,
    pub(super) is_down: AtomicBool,
    pub(super) is_slow: AtomicBool,
    depends_on_user: AtomicBool,
}

/// A database that counts, and fails when it is told to.
#[derive(Debug)]
struct Counted(SqliteSource, Arc<Engine>);

struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Connector for Counted {
    fn info(&self) -> &ConnectorInfo {
        self.0.info()
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        self.0.introspect(ctx, options).await
    }

    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>> {
        self.0.estimate(ctx, sql).await
    }

    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        self.1.runs.fetch_add(1, Ordering::SeqCst);
        self.1.under_way.fetch_add(1, Ordering::SeqCst);
        let _under_way = UnderWay(Arc::clone(&self.1.under_way));
        if self.1.is_slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        match self.1.is_down.load(Ordering::SeqCst) {
            true => Err(Error::unavailable("nobody listens at the port")),
            false => self.0.query(ctx, sql, options).await,
        }
    }

    fn shares_rows(&self) -> bool {
        !self.1.depends_on_user.load(Ordering::SeqCst)
    }

    async fn close(&self) -> Result<()> {
        self.0.close().await
    }
}

/// `north` and `south` see their region.
#[derive(Debug)]
struct Regions;

#[async_trait]
impl Authorizer for Regions {
    async fn authorize(&self, ctx: HostContext, _: AccessRequest) -> Result<Access> {
        let row_filter = match ctx.user.as_str() {
            region @ ("north" | "south") => Some(format!("region = '{region}'")),
            _ => return Ok(Access::full()),
        };
        Ok(Access {
            tables: [("orders".to_owned(), TablePolicy { row_filter, ..TablePolicy::default() })].into(),
            ..Access::full()
        })
    }
}

/// Says one thing, after a while, unless it is down.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    asked: AtomicUsize,
    /// Requests that were begun and not dropped.
    pub(super) under_way: Arc<AtomicUsize>,
    pub(super) says: Mutex<Json>,
    pub(super) is_down: AtomicBool,
}

#[async_trait]
impl Model for Oracle {
    async fn complete(&self, _: HostContext, _: ModelRequest) -> Result<ModelResponse> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let _under_way = UnderWay(Arc::clone(&self.under_way));
        tokio::time::sleep(Duration::from_millis(30)).await;
        if self.is_down.load(Ordering::SeqCst) {
            return Err(Error::unavailable("no answer"));
        }
        let output = self.says.lock().unwrap().clone();
        Ok(ModelResponse { output, input_tokens: 50, output_tokens: 5, model: "oracle-1".into(), ..ModelResponse::default() })
    }
}

pub(super) struct Host {
    pub(super) leo: Leo,
    pub(super) engine: Arc<Engine>,
    pub(super) oracle: Arc<Oracle>,
    pub(super) sink: Arc<MemorySink>,
}

impl Host {
    async fn new() -> Self {
        Self::with(r#"{"cache": {"ttl_s": 3600, "stale_s": 7200}}"#).await
    }

    /// A host whose source is known.
    pub(super) async fn with(settings: &str) -> Self {
        Self::made(settings, |builder| builder).await
    }

    pub(super) async fn made(settings: &str, more: impl FnOnce(LeoBuilder) -> LeoBuilder) -> Self {
        let (engine, oracle, sink) = (Arc::new(Engine::default()), Arc::new(Oracle::default()), Arc::new(MemorySink::default()));
        let source = Source::new(Counted(SqliteSource::from_sql("shop", SHOP).unwrap(), Arc::clone(&engine))).execution(true);
        *oracle.says.lock().unwrap() = json!({"sql": "SELECT max(amount) - min(amount) AS spread FROM orders", "params": []});
        let builder = Leo::builder()
            .source(source)
            .authorizer(Arc::new(Regions))
            .audit(Arc::clone(&sink) as _)
            .model(Arc::clone(&oracle) as _)
            .settings(SettingsLayer::parse(settings).unwrap());
        let leo = more(builder).build().unwrap();
        let host = Self { leo, engine, oracle, sink };
        host.of("root").sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
        host.leo.for_user(Context::new("globex", "root").unwrap().with_roles(["owner"])).catalog(None).await.unwrap();
        host.ran();
        host
    }

    pub(super) fn of(&self, user: &str) -> Leo {
        self.leo.for_user(Context::new("acme", user).unwrap().with_roles(["owner"]))
    }

    async fn ask(&self, user: &str, question: &str) -> Answer {
        self.of(user).ask(question).await.unwrap()
    }

    /// Statements that ran since the last time.
    fn ran(&self) -> usize {
        self.engine.runs.swap(0, Ordering::SeqCst)
    }

    fn asked(&self) -> usize {
        self.oracle.asked.swap(0, Ordering::SeqCst)
    }

    /// How the statements of the audit ended, in order.
    pub(super) fn outcomes(&self, action: &str) -> Vec<String> {
        let is_asked = |purpose: Option<&str>| matches!(purpose, Some("ask" | "plan"));
        let all = self.sink.events().into_iter().filter(|event| event.action == action && is_asked(event.purpose.as_deref()));
        all.filter_map(|event| event.status).collect()
    }
}

pub(super) const TOTAL: &str = "total amount of orders";
/// Nothing that the built-in planner knows.
pub(super) const SPREAD: &str = "interquartile spread of the amounts, please";

fn cell(answer: &Answer) -> String {
    answer.table.as_ref().unwrap().value(0, 0).to_string()
}

#[tokio::test]
async fn the_same_question_is_answered_without_the_database() {
    let host = Host::new().await;
    let first = host.ask("root", TOTAL).await;
    assert_eq!((host.ran(), first.from_cache, cell(&first).as_str()), (1, false, "4815232"), "{first:?}");
    let again = host.ask("root", "What is the total amount of orders?").await;
    assert_eq!((host.ran(), again.from_cache, cell(&again).as_str()), (0, true, "4815232"));
    assert_eq!(again.status, AnswerStatus::Answered);
    assert_eq!((again.usage.statements, again.usage.rows, again.timings.database_us), (0, 0, 0));
    assert!(again.ran_at.unwrap() <= first.ran_at.unwrap(), "the rows are as old as they were");
    assert_eq!(again.provenance.result_hash, first.provenance.result_hash);
    assert!(again.chart.is_some() && !again.narrative.text().is_empty());
    assert_eq!(host.outcomes("statement_outcome"), ["ok", "cached"], "it is on record who was given the rows");
    let options = AskOptions { settings: SettingsLayer::parse(r#"{"cache": {"ttl_s": 0}}"#).unwrap(), ..AskOptions::default() };
    let fresh = host.of("root").ask_with(TOTAL, &options).await.unwrap();
    assert_eq!((host.ran(), fresh.from_cache), (1, false), "a call may want fresh rows");
    // A statement of one's own runs, though it is the very one that was run for a question.
    let sql = first.sql.clone().unwrap();
    host.ran();
    for _ in 0..2 {
        assert!(!host.of("root").sql(&sql).await.unwrap().from_cache);
        assert_eq!(host.ran(), 1);
    }
    let fewer = AskOptions { max_rows: Some(1), ..AskOptions::default() };
    assert!(!host.of("root").ask_with(TOTAL, &fewer).await.unwrap().from_cache, "other limits are another result");
}

#[tokio::test]
async fn nobody_is_given_what_another_may_see() {
    let host = Host::new().await;
    let mut seen = Vec::new();
    for user in ["root", "north", "south"] {
        let answer = host.ask(user, TOTAL).await;
        assert_eq!((host.ran(), answer.from_cache), (1, false), "{user}");
        seen.push(cell(&answer));
        assert!(host.ask(user, TOTAL).await.from_cache);
        assert_eq!(host.ran(), 0, "{user}");
    }
    assert_eq!(seen, ["4815232", "30", "4815202"]);
    assert!(host.ask("eve", TOTAL).await.from_cache, "who sees the same is given the same");
    let other = host.leo.for_user(Context::new("globex", "root").unwrap().with_roles(["owner"]));
    assert!(!other.ask(TOTAL).await.unwrap().from_cache, "another tenant never is");
    assert_eq!(host.ran(), 1);
    let elsewhere = Context::new("acme", "root").unwrap().with_time_zone("Asia/Tokyo").unwrap();
    assert!(!host.leo.for_user(elsewhere).ask(TOTAL).await.unwrap().from_cache, "days end at other times there");
    // Where a database gives each user his own rows, nothing is shared.
    host.engine.depends_on_user.store(true, Ordering::SeqCst);
    host.ran();
    assert!(!host.ask("root", TOTAL).await.from_cache);
    assert_eq!(host.ran(), 1);
}

#[tokio::test]
async fn a_sync_forgets_and_a_source_that_may_not_be_asked_gives_nothing() {
    let host = Host::new().await;
    host.ask("root", TOTAL).await;
    host.of("root").sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    host.ran();
    assert!(!host.ask("root", TOTAL).await.from_cache);
    assert_eq!(host.ran(), 1);
    host.of("root").set_execution(None, false).await.unwrap();
    let answer = host.ask("root", TOTAL).await;
    assert_eq!((answer.status, answer.table.is_none()), (AnswerStatus::NotExecuted, true));
    host.of("root").set_execution(None, true).await.unwrap();
    assert_eq!(host.ask("root", TOTAL).await.status, AnswerStatus::Answered);
    host.leo.close().await.unwrap();
    assert_eq!(host.of("root").ask(TOTAL).await.unwrap_err().kind(), ErrorKind::Closed, "a closed handle gives nothing");
}

#[tokio::test]
async fn what_the_clock_or_chance_decides_runs_each_time() {
    let host = Host::new().await;
    for sql in ["SELECT random() AS n FROM orders LIMIT 1", "SELECT count(*) AS n FROM orders WHERE date('now') > '2020-01-01'"] {
        *host.oracle.says.lock().unwrap() = json!({"sql": sql, "params": []});
        let question = format!("{SPREAD} {}", sql.len());
        for _ in 0..2 {
            let answer = host.ask("root", &question).await;
            assert_eq!((host.ran(), answer.from_cache), (1, false), "{sql}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn those_who_ask_at_the_same_time_share_one_run() {
    let host = Host::with(r#"{"cache": {"ttl_s": 0, "stale_s": 0}}"#).await;
    host.ask("root", TOTAL).await;
    host.ran();
    host.engine.is_slow.store(true, Ordering::SeqCst);
    let all = futures::future::join_all((0..20).map(|_| host.ask("root", TOTAL))).await;
    assert_eq!(host.ran(), 1);
    assert!(all.iter().all(|answer| cell(answer) == "4815232" && answer.status == AnswerStatus::Answered));
    assert_eq!(all.iter().filter(|answer| !answer.from_cache).count(), 1);
    let (north, south) = tokio::join!(host.ask("north", TOTAL), host.ask("south", TOTAL));
    assert_eq!((cell(&north).as_str(), cell(&south).as_str(), host.ran()), ("30", "4815202", 2));
    // The one at work is cancelled: another takes over, and the work of the first ends.
    let ctx = Context::new("acme", "root").unwrap().with_roles(["owner"]);
    let (cancel, first) = (ctx.cancel.clone(), host.leo.for_user(ctx));
    let led = tokio::spawn(async move { first.ask(TOTAL).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    let waits = tokio::spawn({
        let second = host.of("root");
        async move { second.ask(TOTAL).await }
    });
    tokio::time::sleep(Duration::from_millis(10)).await;
    cancel.cancel();
    assert_eq!(led.await.unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(cell(&waits.await.unwrap().unwrap()), "4815232");
    assert_eq!((host.ran(), host.engine.under_way.load(Ordering::SeqCst)), (2, 0));
    // What keeps one from being answered keeps all: they do not try one after the other.
    host.engine.is_down.store(true, Ordering::SeqCst);
    let all = futures::future::join_all((0..20).map(|_| async { host.of("root").ask(TOTAL).await.unwrap_err().kind() })).await;
    assert_eq!((host.ran(), all), (1, vec![ErrorKind::Unavailable; 20]));
}

#[tokio::test]
async fn the_last_rows_are_given_where_the_database_is_down() {
    let host = Host::with(r#"{"cache": {"ttl_s": 0, "stale_s": 7200}}"#).await;
    let first = host.ask("root", TOTAL).await;
    host.engine.is_down.store(true, Ordering::SeqCst);
    let stale = host.ask("root", TOTAL).await;
    assert_eq!((stale.status, stale.from_cache, cell(&stale).as_str()), (AnswerStatus::Stale, true, "4815232"));
    assert!(stale.ran_at.unwrap() <= first.ran_at.unwrap());
    let warning = stale.warnings.iter().find(|warning| warning.code == WarningCode::Stale).unwrap();
    assert!(
        warning.message.starts_with("the database could not be asked (unavailable); these rows were read at "),
        "{warning:?}"
    );
    assert!(stale.raise_for_status().is_ok());
    assert_eq!(host.outcomes("question"), ["answered", "stale"]);
    assert_eq!(host.outcomes("statement_outcome"), ["ok", "failed"]);
    let status = host.of("root").sources().status("shop").await.unwrap();
    assert_eq!(status.state, SourceState::Error, "an answer from before does not say that the source works");
    let other = host.of("north").ask(TOTAL).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Unavailable, "another user's rows are no help");
    let options = AskOptions { settings: SettingsLayer::parse(r#"{"cache": {"stale_s": 0}}"#).unwrap(), ..AskOptions::default() };
    assert_eq!(host.of("root").ask_with(TOTAL, &options).await.unwrap_err().kind(), ErrorKind::Unavailable);
    host.engine.is_down.store(false, Ordering::SeqCst);
    let fresh = host.ask("root", TOTAL).await;
    assert_eq!((fresh.status, fresh.from_cache), (AnswerStatus::Answered, false));
}

#[tokio::test]
async fn a_model_is_asked_once_for_the_same_prompt() {
    let host = Host::new().await;
    let first = host.ask("root", SPREAD).await;
    assert_eq!((host.asked(), first.provenance.planner.as_str(), cell(&first).as_str()), (1, "model", "4815152"), "{first:?}");
    assert_eq!(first.usage.tokens, 55);
    let again = host.ask("root", SPREAD).await;
    assert_eq!((host.asked(), host.ran(), again.usage.tokens, again.usage.model_calls), (0, 1, 0, 0));
    assert_eq!((again.provenance.planner.as_str(), again.provenance.model.as_deref()), ("model", Some("oracle-1")));
    assert!(again.explain.decisions.iter().any(|said| said.contains("was there already")), "{:?}", again.explain.decisions);
    assert_eq!(host.outcomes("tool_invocation_outcome"), ["ok", "cached"]);
    let south = host.ask("south", SPREAD).await;
    assert_eq!(cell(&south), "4815122", "the rows are his own");
    // What is of no use is not kept: it is asked for anew.
    *host.oracle.says.lock().unwrap() = json!({"sql": "SELECT nothing FROM nowhere", "params": []});
    host.asked();
    for _ in 0..2 {
        assert_ne!(host.ask("root", "kurtosis of the amounts, please").await.status, AnswerStatus::Answered);
        assert_eq!(host.asked(), 3, "a statement and two repairs");
    }
}

#[tokio::test]
async fn askers_at_the_same_time_share_a_models_answer_and_each_of_several_is_its_own() {
    let host = Host::with(r#"{"cache": {"ttl_s": 0, "stale_s": 0}}"#).await;
    let all = futures::future::join_all((0..20).map(|_| host.ask("root", SPREAD))).await;
    assert_eq!(host.asked(), 1);
    assert!(all.iter().all(|answer| cell(answer) == "4815152"));
    assert_eq!(all.iter().map(|answer| answer.usage.tokens).sum::<u64>(), 55, "it is paid for once");
    let options =
        AskOptions { settings: SettingsLayer::parse(r#"{"model": {"candidates": 3}}"#).unwrap(), ..AskOptions::default() };
    host.of("root").ask_with(SPREAD, &options).await.unwrap();
    assert_eq!(host.asked(), 3, "one is not taken for another");
    host.oracle.is_down.store(true, Ordering::SeqCst);
    let all = futures::future::join_all((0..20).map(|_| host.ask("root", SPREAD))).await;
    assert_eq!(host.asked(), 3, "the attempts of one request");
    assert!(all.iter().all(|answer| answer.status != AnswerStatus::Answered));
}

#[tokio::test]
async fn what_a_model_wrote_before_is_used_where_it_is_down() {
    let host = Host::with(r#"{"cache": {"ttl_s": 0, "stale_s": 7200}}"#).await;
    host.ask("root", SPREAD).await;
    host.oracle.is_down.store(true, Ordering::SeqCst);
    host.ran();
    let answer = host.ask("root", SPREAD).await;
    assert_eq!((answer.status, host.ran(), answer.from_cache), (AnswerStatus::Answered, 1, false), "the rows are fresh");
    let warning = answer.warnings.iter().find(|warning| warning.code == WarningCode::EarlierReply).unwrap();
    assert!(warning.message.contains("could not be asked (unavailable)"), "{warning:?}");
    let other = host.ask("root", "kurtosis of the amounts, please").await;
    assert_ne!(other.status, AnswerStatus::Answered);
}
