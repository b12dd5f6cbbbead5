//! The source as its users see it: what a host is asked, when it is told to stop, and what becomes of its failures.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use async_trait::async_trait;
use futures::StreamExt;
use tokio::time::Instant;

use super::HostSource;
use crate::adapter::{AuditSink, HostCatalog, HostConnector, SqlRequest, Started};
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::catalog::TableName;
use crate::context::{Context, HostContext};
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{
    self, BatchStream, Cleared, Connector, ConnectorInfo, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions,
    RecordMeta,
};
use crate::guard::{OutputColumn, TestStatement, VettedSql};
use crate::settings::Preset;
use crate::{Dialect, Leo};

/// What the host does when it is called.
#[derive(Debug, Clone)]
enum Does {
    /// Gives so many rows.
    Rows(usize),
    /// Gives rows of other columns than it announced.
    Others,
    /// Says that there are no more.
    Ends,
    Fails,
    Panics,
    /// Never answers.
    Hangs,
    /// Takes so many seconds, and then does what comes next.
    Waits(u64),
}

const SECRET: &str = "connection to ada:hunter2 lost at row 'late'";

#[derive(Debug)]
struct Host {
    start: Mutex<VecDeque<Does>>,
    next: Mutex<VecDeque<Does>>,
    stop: Mutex<VecDeque<Does>>,
    catalog: String,
    schema: Schema,
    calls: Mutex<Vec<String>>,
    audit: Arc<MemorySink>,
}

fn columns() -> Schema {
    Schema::new(vec![Field::new("n", DataType::Int64, true)])
}

fn host(next: impl IntoIterator<Item = Does>) -> Host {
    Host {
        start: Mutex::default(),
        next: Mutex::new(next.into_iter().collect()),
        stop: Mutex::default(),
        catalog: r#"{"dialect": "sqlite", "tables": [{"name": "t", "columns": [{"name": "n", "type": "INTEGER"}]}]}"#.into(),
        schema: columns(),
        calls: Mutex::default(),
        audit: Arc::default(),
    }
}

impl Host {
    fn starting(self, does: impl IntoIterator<Item = Does>) -> Self {
        Self { start: Mutex::new(does.into_iter().collect()), ..self }
    }

    fn stopping(self, does: impl IntoIterator<Item = Does>) -> Self {
        Self { stop: Mutex::new(does.into_iter().collect()), ..self }
    }

    fn log(&self, call: impl Into<String>) {
        self.calls.lock().unwrap().push(call.into());
    }

    fn count(&self, call: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|made| made.starts_with(call)).count()
    }

    /// What comes next in `script`, once it is time for it.
    async fn act(script: &Mutex<VecDeque<Does>>) -> Result<Option<Does>> {
        loop {
            let does = script.lock().unwrap().pop_front();
            match does {
                Some(Does::Waits(seconds)) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                Some(Does::Hangs) => std::future::pending().await,
                Some(Does::Fails) => return Err(Error::unavailable(SECRET)),
                Some(Does::Panics) => panic!("{SECRET}"),
                other => return Ok(other),
            }
        }
    }
}

#[async_trait]
impl HostConnector for Host {
    async fn introspect(&self, _: HostContext) -> Result<HostCatalog> {
        Self::act(&self.start).await?;
        serde_json::from_str(&self.catalog).map_err(|error| Error::malformed(error.to_string()))
    }

    async fn start(&self, ctx: HostContext, request: SqlRequest) -> Result<Started> {
        self.log(format!("start {} {} {}", ctx.user, self.audit.events().len(), request.sql));
        Self::act(&self.start).await?;
        Ok(Started { id: 7, schema: Arc::new(self.schema.clone()) })
    }

    async fn next(&self, id: u64) -> Result<Option<RecordBatch>> {
        self.log(format!("next {id}"));
        let column = |rows| Arc::new(Int64Array::from_iter_values(0..rows)) as ArrayRef;
        Ok(match Self::act(&self.next).await? {
            Some(Does::Rows(rows)) => Some(RecordBatch::try_from_iter([("n", column(rows as i64))]).unwrap()),
            Some(Does::Others) => {
                let column = Arc::new(StringArray::from(vec!["x"])) as ArrayRef;
                Some(RecordBatch::try_from_iter([("n", column)]).unwrap())
            }
            _ => None,
        })
    }

    async fn stop(&self, id: u64) -> Result<()> {
        self.log(format!("stop {id}"));
        Self::act(&self.stop).await.map(drop)
    }

    async fn close(&self) -> Result<()> {
        self.log("close");
        Ok(())
    }
}

fn ctx() -> Context {
    Context::new("acme", "ada").unwrap()
}

fn info() -> ConnectorInfo {
    ConnectorInfo { source: "shop".into(), engine: "abacus".into(), engine_version: "1".into(), dialect: Dialect::Sqlite }
}

fn source(host: Host) -> (Arc<Host>, HostSource) {
    let host = Arc::new(host);
    (Arc::clone(&host), HostSource::new(info(), host))
}

/// A statement of one column at the connector's door.
async fn cleared(source: &str, row_cap: u64) -> Cleared {
    let column = OutputColumn { name: "n".into(), sources: [].into(), redacted: None };
    let statement = TestStatement { source: source.into(), lineage: vec![column], row_cap, ..TestStatement::default() };
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let recorded = gate::record(&ctx(), VettedSql::for_tests(statement), &audit, RecordMeta::default()).await.unwrap();
    let now = InForce { catalog_version: "c1", policy_hash: "p1" };
    let asked = HostSource::new(ConnectorInfo { source: source.into(), ..info() }, Arc::new(host([])));
    match gate::price(&ctx(), recorded, &asked, now, &PriceLimits::default()).await.unwrap() {
        Priced::Cleared(cleared) => cleared,
        other => panic!("{other:?}"),
    }
}

async fn open(source: &HostSource, ctx: &Context, options: QueryOptions) -> Result<BatchStream> {
    source.query(ctx, &cleared("shop", 1_000).await, options).await
}

/// Rows of each batch, whether there were more, and how it failed.
async fn read(source: &HostSource, options: QueryOptions) -> (Vec<usize>, bool, Option<Error>) {
    let mut stream = match open(source, &ctx(), options).await {
        Ok(stream) => stream,
        Err(error) => return (Vec::new(), false, Some(error)),
    };
    let mut rows = Vec::new();
    while let Some(item) = stream.next().await {
        match item {
            Ok(batch) => rows.push(batch.num_rows()),
            Err(error) => return (rows, stream.truncated(), Some(error)),
        }
    }
    (rows, stream.truncated(), None)
}

/// Lets everything come to its end that has one; time is not spent but skipped.
async fn settle() {
    tokio::time::sleep(Duration::from_secs(100)).await;
}

#[tokio::test(start_paused = true)]
async fn rows_come_in_the_asked_size_and_a_natural_end_is_not_stopped() {
    let (host, source) = source(host([Does::Rows(5), Does::Rows(0), Does::Rows(2), Does::Ends]));
    let (rows, truncated, error) = read(&source, QueryOptions { batch_rows: 3, ..QueryOptions::default() }).await;
    assert_eq!((rows, truncated, error.is_none()), (vec![3, 2, 2], false, true));
    settle().await;
    assert_eq!((host.count("start"), host.count("stop")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn more_rows_than_wanted_are_cut_off_and_stopped_once() {
    let (host, source) = source(host([Does::Rows(5), Does::Rows(5), Does::Rows(5), Does::Ends]));
    let (rows, truncated, error) = read(&source, QueryOptions { max_rows: 7, ..QueryOptions::default() }).await;
    assert_eq!((rows, truncated, error.is_none()), (vec![5, 2], true, true));
    settle().await;
    assert_eq!((host.count("next"), host.count("stop 7")), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn as_many_rows_as_wanted_are_all_of_them() {
    let (host, source) = source(host([Does::Rows(5), Does::Ends]));
    let (rows, truncated, error) = read(&source, QueryOptions { max_rows: 5, ..QueryOptions::default() }).await;
    assert_eq!((rows, truncated, error.is_none()), (vec![5], false, true));
    settle().await;
    assert_eq!(host.count("stop"), 0);
}

#[tokio::test(start_paused = true)]
async fn bytes_are_counted() {
    let (host, source) = source(host([Does::Rows(100), Does::Rows(100), Does::Ends]));
    let (rows, _, error) = read(&source, QueryOptions { max_bytes: 1_000, ..QueryOptions::default() }).await;
    let error = error.unwrap();
    assert!(error.kind() == ErrorKind::LimitExceeded && error.message().contains("fewer"), "{error:?}");
    settle().await;
    assert_eq!((rows, host.count("stop")), (vec![100], 1));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_stream_and_a_cancelled_call_are_stopped_once() {
    let (host, source) = source(host([Does::Rows(1), Does::Hangs, Does::Rows(1), Does::Hangs]));
    let mut stream = open(&source, &ctx(), QueryOptions::default()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    settle().await;
    assert_eq!(host.count("stop"), 1);

    let ctx = ctx();
    let mut stream = open(&source, &ctx, QueryOptions { timeout: Duration::from_secs(500), ..Default::default() }).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    settle().await;
    ctx.cancel.cancel();
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    settle().await;
    drop(stream);
    assert_eq!(host.count("stop"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_never_reads_does_not_hold_the_host_up() {
    let (host, source) = source(host(std::iter::repeat_n(Does::Rows(1), 50)));
    let stream = open(&source, &ctx(), QueryOptions::default()).await.unwrap();
    settle().await;
    assert!(host.count("next") < 10 && host.count("stop") == 1, "{:?}", host.calls);
    drop(stream);
    settle().await;
    assert_eq!(host.count("stop"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_never_answers_is_bounded_by_the_time() {
    let began = Instant::now();
    let (slow, source_) = source(host([Does::Rows(1), Does::Hangs]).stopping([Does::Hangs]));
    let (_, _, error) = read(&source_, QueryOptions::default()).await;
    let error = error.unwrap();
    assert!(error.kind() == ErrorKind::Timeout && error.message().contains("less data"), "{error:?}");
    assert_eq!(began.elapsed().as_secs(), 8, "nobody waits for it to stop");
    settle().await;
    assert_eq!(slow.count("stop"), 1);

    let (silent, source_) = source(host([]).starting([Does::Hangs]));
    assert_eq!(read(&source_, QueryOptions::default()).await.2.unwrap().kind(), ErrorKind::Timeout);
    settle().await;
    assert_eq!((silent.count("start"), silent.count("stop")), (1, 0));

    // It began after all, when nobody waited any more.
    let (late, source_) = source(host([]).starting([Does::Waits(12)]));
    assert_eq!(read(&source_, QueryOptions::default()).await.2.unwrap().kind(), ErrorKind::Timeout);
    settle().await;
    assert_eq!((late.count("next"), late.count("stop 7")), (0, 1));

    let (_, source_) = source(host([]).starting([Does::Hangs]));
    let error = source_.introspect(&ctx(), IntrospectOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn failures_and_panics_are_the_adapters_and_their_words_are_attached() {
    for fault in [Does::Fails, Does::Panics] {
        let (reading, source_) = source(host([Does::Rows(1), fault.clone()]).stopping([fault.clone()]));
        let (rows, _, error) = read(&source_, QueryOptions::default()).await;
        let error = error.unwrap();
        assert_eq!((rows, error.kind()), (vec![1], ErrorKind::Adapter));
        assert!(!error.to_string().contains("hunter2") && format!("{error:?}").contains(SECRET), "{error:?}");
        settle().await;
        assert_eq!(reading.count("stop"), 1);

        let (starting, source_) = source(host([]).starting([fault.clone()]));
        let error = read(&source_, QueryOptions::default()).await.2.unwrap();
        assert_eq!(error.kind(), ErrorKind::Adapter);
        assert!(!error.to_string().contains("hunter2") && format!("{error:?}").contains(SECRET), "{error:?}");
        settle().await;
        assert_eq!(starting.count("stop"), 0, "nothing was started");

        let (_, source_) = source(host([]).starting([fault]));
        let error = source_.introspect(&ctx(), IntrospectOptions::default()).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Adapter && !error.to_string().contains("hunter2"), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rows_of_other_columns_than_announced_are_refused() {
    let (told, source_) = source(host([Does::Rows(1), Does::Others]));
    let (rows, _, error) = read(&source_, QueryOptions::default()).await;
    assert_eq!((rows, error.unwrap().kind()), (vec![1], ErrorKind::Adapter));
    settle().await;
    assert_eq!(told.count("stop"), 1);

    let list = DataType::List(Arc::new(Field::new("item", DataType::Int64, true)));
    let two = vec![Field::new("n", DataType::Int64, true), Field::new("m", DataType::Int64, true)];
    for schema in [Schema::new(vec![Field::new("n", list, true)]), Schema::new(two)] {
        let (told, source_) = source(Host { schema, ..host([Does::Rows(1)]) });
        let error = read(&source_, QueryOptions::default()).await.2.unwrap();
        assert!(error.kind() == ErrorKind::Adapter && error.message().contains("give "), "{error:?}");
        settle().await;
        assert_eq!((told.count("next"), told.count("stop")), (0, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn closing_ends_statements_first_and_is_told_once() {
    let (host, source) = source(host([Does::Rows(1), Does::Hangs]));
    let mut stream = open(&source, &ctx(), QueryOptions::default()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    source.close().await.unwrap();
    source.close().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Closed);
    let calls: Vec<String> = host.calls.lock().unwrap().iter().rev().take(2).cloned().collect();
    assert_eq!(calls, ["close", "stop 7"]);
    assert_eq!(open(&source, &ctx(), QueryOptions::default()).await.unwrap_err().kind(), ErrorKind::Closed);
    let error = source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap_err();
    assert_eq!((error.kind(), host.count("start")), (ErrorKind::Closed, 1));
}

#[tokio::test]
async fn statements_of_others_never_reach_the_host() {
    let (host, source) = source(host([Does::Ends]));
    let error = source.query(&ctx(), &cleared("other", 1).await, QueryOptions::default()).await.unwrap_err();
    assert_eq!((error.kind(), host.count("start")), (ErrorKind::Denied, 0));
}

#[tokio::test]
async fn only_what_was_vetted_and_recorded_reaches_the_host() {
    let audit = Arc::new(MemorySink::default());
    let host = Arc::new(Host { audit: Arc::clone(&audit), ..host([Does::Rows(3), Does::Ends]) });
    let source = Source::host(info(), Arc::clone(&host) as Arc<dyn HostConnector>);
    let leo =
        Leo::builder().preset(Preset::Local).source(source).audit(Arc::clone(&audit) as Arc<dyn AuditSink>).build().unwrap();
    leo.sync(None, &crate::sync::SyncOptions { profile: false, ..Default::default() }, &|_| {}).await.unwrap();
    let before = audit.events().len();
    let answer = leo.sql("select n from t").await.unwrap();
    assert_eq!(answer.row_count, 3);
    let called = host.calls.lock().unwrap().iter().find(|call| call.starts_with("start")).cloned().unwrap();
    // The guard's qualified name, its cap of one row more than may be shown, and the attempt, which was in the audit before.
    assert!(called.starts_with(&format!("start local {} select n from main.t LIMIT 5001", before + 1)), "{called}");
    for sql in
        ["DROP TABLE t", "SELECT n FROM t; SELECT 1", "SELECT secret FROM vault", "DELETE FROM t", "SELECT load_extension('x')"]
    {
        assert_eq!(leo.sql(sql).await.unwrap_err().kind(), ErrorKind::Rejected);
    }
    assert_eq!(host.count("start"), 1);
}

#[test]
fn a_request_shows_neither_text_nor_values() {
    let request = SqlRequest { sql: "SELECT 'hunter2'".into(), params: vec!["hunter3".into()], row_cap: 1, timeout_ms: 2 };
    let shown = format!("{request:?}");
    assert!(!shown.contains("hunter") && shown.contains("16 bytes"), "{shown}");
    let back: SqlRequest = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
    assert!(back == request);
}

fn described(tables: &str) -> Result<crate::catalog::Catalog> {
    let described: HostCatalog = serde_json::from_str(&format!(r#"{{"dialect": "sqlite", "tables": {tables}}}"#)).unwrap();
    described.into_catalog()
}

#[test]
fn a_description_becomes_a_catalogue() {
    let catalog = described(
        r#"[{"name": "orders", "comment": "what was bought", "columns": [{"name": "id", "type": "INTEGER", "nullable": false},
              {"name": "customer", "type": "int", "comment": "who"}, {"name": "at", "type": "datetime"}],
             "primary_key": ["ID"], "foreign_keys": [{"columns": ["customer"], "table": "Customers"}]},
            {"name": "customers", "columns": [{"name": "id", "type": ""}], "primary_key": ["id"]},
            {"name": "big", "kind": "view", "definition": "SELECT id FROM orders", "columns": [{"name": "id", "type": "INTEGER"}]}]"#,
    )
    .unwrap();
    let orders = catalog.require_table(&TableName::bare("orders")).unwrap();
    assert_eq!((orders.primary_key.join(","), orders.comment.as_deref()), ("id".to_owned(), Some("what was bought")));
    assert!(!orders.columns[0].nullable && orders.columns[2].is_temporal());
    assert_eq!(catalog.relationships.len(), 1);
    assert_eq!(catalog.relationships[0].id(), "orders(customer)->customers(id)");
    assert_eq!(catalog.default_schema(), Some("main"));
}

#[test]
fn nonsense_in_a_description_is_named_or_harmless() {
    let column = r#""columns": [{"name": "id", "type": "INTEGER"}]"#;
    for (tables, word) in [
        (format!(r#"[{{"name": "t", {column}}}, {{"name": "T", "schema": "main", {column}}}]"#), "twice"),
        (format!(r#"[{{"name": "", {column}}}]"#), "without a name"),
        (format!(r#"[{{"name": "t", "schema": "", {column}}}]"#), "without a name"),
        (r#"[{"name": "t", "columns": [{"name": "", "type": "INTEGER"}]}]"#.to_owned(), "without a name"),
        (r#"[{"name": "t", "columns": [{"name": "a", "type": ""}, {"name": "A", "type": ""}]}]"#.to_owned(), "`A` twice"),
        (format!(r#"[{{"name": "t", {column}, "primary_key": ["nothing"]}}]"#), "`nothing`"),
        (
            format!(r#"[{{"name": "t", {column}, "foreign_keys": [{{"columns": ["id"], "table": "t", "references": ["x"]}}]}}]"#),
            "`x`",
        ),
        (format!(r#"[{{"name": "t", {column}, "foreign_keys": [{{"columns": ["id"], "table": "t"}}]}}]"#), "on both sides"),
    ] {
        let error = described(&tables).unwrap_err();
        assert!(error.kind() == ErrorKind::Adapter && error.message().contains(word), "{tables}: {error:?}");
    }
    for tables in [
        "[]".to_owned(),
        r#"[{"name": "t", "columns": []}]"#.to_owned(),
        format!(r#"[{{"name": "t", {column}, "foreign_keys": [{{"columns": ["id"], "table": "elsewhere"}}]}}]"#),
        format!(r#"[{{"name": "v", "kind": "view", {column}}}, {{"name": "o", "rows_of": ["nowhere"], {column}}}]"#),
    ] {
        assert!(described(&tables).unwrap().relationships.is_empty());
    }
    for text in ["{}", r#"{"dialect": "sqlite", "tables": [], "extra": 1}"#, r#"{"dialect": "klingon", "tables": []}"#] {
        assert!(serde_json::from_str::<HostCatalog>(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn the_description_is_of_the_registered_dialect_and_globs_choose_from_it() {
    let (_, source_) = source(Host { catalog: r#"{"dialect": "postgres", "tables": []}"#.into(), ..host([]) });
    let error = source_.introspect(&ctx(), IntrospectOptions::default()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Adapter && error.message().contains("dialect"), "{error:?}");
    let (_, source_) = source(host([]));
    let none = IntrospectOptions { include: vec![], exclude: vec!["main.t*".into()] };
    assert!(source_.introspect(&ctx(), none).await.unwrap().tables.is_empty());
    let report = source_.test(&ctx()).await.unwrap();
    assert_eq!((report.tables_found, report.read_only, report.warnings.len()), (1, false, 1));
}
