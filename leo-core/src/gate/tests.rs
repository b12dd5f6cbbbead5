//! The gate against a scripted connector and sinks that fail on demand.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::StreamExt;

use super::*;
use crate::adapter::{AuditEvent, AuditSink};
use crate::audit::MemorySink;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Finding, Verdict};
use crate::guard::{Purpose, TestStatement, VettedSql};
use crate::settings::Preset;
use crate::table::Table;

const NOW: InForce<'static> = InForce { catalog_version: "c1", policy_hash: "p1" };

/// Serves batches of numbers counting from 0, then perhaps an error or nothing for ever.
#[derive(Debug)]
struct Numbers {
    info: ConnectorInfo,
    batches: Vec<usize>,
    then: Then,
    estimate: Option<Estimate>,
    touched: AtomicUsize,
    granted: Mutex<Option<QueryOptions>>,
}

#[derive(Debug, Clone, Copy)]
enum Then {
    End,
    Fail,
    Hang,
    HangBeforeSchema,
}

impl Numbers {
    fn new(batches: &[usize]) -> Self {
        Self {
            info: ConnectorInfo {
                source: "shop".into(),
                engine: "numbers".into(),
                engine_version: "1".into(),
                dialect: Dialect::Sqlite,
            },
            batches: batches.to_vec(),
            then: Then::End,
            estimate: None,
            touched: AtomicUsize::new(0),
            granted: Mutex::new(None),
        }
    }

    fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    fn touched(&self) -> usize {
        self.touched.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Connector for Numbers {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn introspect(&self, _ctx: &Context, _options: IntrospectOptions) -> Result<Catalog> {
        self.touched.fetch_add(1, Ordering::SeqCst);
        Ok(Catalog::new(Dialect::Sqlite, None, Vec::new()))
    }

    async fn estimate(&self, _ctx: &Context, _sql: &Recorded) -> Result<Option<Estimate>> {
        self.touched.fetch_add(1, Ordering::SeqCst);
        Ok(self.estimate.clone())
    }

    async fn query(&self, _ctx: &Context, _sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        self.touched.fetch_add(1, Ordering::SeqCst);
        *self.granted.lock().unwrap() = Some(options);
        if matches!(self.then, Then::HangBeforeSchema) {
            std::future::pending::<()>().await;
        }
        let mut next = 0;
        let mut items = Vec::new();
        for rows in &self.batches {
            let table = Table::from_rows(&["n"], &(0..*rows).map(|row| vec![(next + row as i64).into()]).collect::<Vec<_>>())?;
            next += *rows as i64;
            items.push(Ok(table.batches()[0].clone()));
        }
        let schema = Arc::clone(Table::from_rows(&["n"], &[vec![0.into()]])?.schema());
        if matches!(self.then, Then::Fail) {
            items.push(Err(Error::unavailable("the connection broke")));
        }
        let batches = futures::stream::iter(items);
        Ok(match self.then {
            Then::Hang => BatchStream::new(schema, batches.chain(futures::stream::pending())),
            _ => BatchStream::new(schema, batches),
        })
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}

/// Takes `good` appends, then fails.
#[derive(Debug, Default)]
struct Failing {
    good: usize,
    seen: Mutex<Vec<AuditEvent>>,
}

#[async_trait]
impl AuditSink for Failing {
    async fn append(&self, events: Vec<AuditEvent>) -> Result<()> {
        let mut seen = self.seen.lock().unwrap();
        if seen.len() >= self.good {
            return Err(Error::unavailable("the disk is full"));
        }
        seen.extend(events);
        Ok(())
    }

    async fn flush(&self) -> Result<()> {
        Ok(())
    }
}

fn ctx() -> Context {
    Context::new("acme", "ada").unwrap()
}

fn vetted(change: impl FnOnce(&mut TestStatement)) -> VettedSql {
    let mut statement = TestStatement::default();
    change(&mut statement);
    VettedSql::for_tests(statement)
}

fn memory() -> (Arc<MemorySink>, Arc<dyn AuditSink>) {
    let sink = Arc::new(MemorySink::default());
    (Arc::clone(&sink), sink)
}

async fn clear(ctx: &Context, sql: VettedSql, connector: &Numbers, audit: &Arc<dyn AuditSink>) -> Result<Cleared> {
    let recorded = record(ctx, sql, audit, RecordMeta::default()).await?;
    match price(ctx, recorded, connector, NOW, &PriceLimits::default()).await? {
        Priced::Cleared(cleared) => Ok(cleared),
        other => panic!("{other:?}"),
    }
}

async fn start(connector: &Numbers, audit: &Arc<dyn AuditSink>, options: QueryOptions) -> Result<GateStream> {
    let ctx = ctx();
    let cleared = clear(&ctx, vetted(|_| {}), connector, audit).await?;
    run(&ctx, cleared, connector, NOW, options).await
}

/// The outcomes, once there are `count` records; drops write theirs in the background.
async fn outcomes(sink: &MemorySink, count: usize) -> Vec<AuditEvent> {
    let patience = Instant::now() + Duration::from_secs(10);
    while sink.events().len() < count && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // Would a second outcome come, it would come now.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let events = sink.events();
    assert_eq!(events.len(), count, "{events:#?}");
    events.into_iter().filter(|event| event.action.ends_with("_outcome")).collect()
}

fn status(events: &[AuditEvent]) -> (&str, Option<&str>) {
    assert_eq!(events.len(), 1, "one outcome: {events:#?}");
    (events[0].status.as_deref().unwrap(), events[0].error.as_deref())
}

#[tokio::test]
async fn a_statement_goes_through_and_leaves_two_records() {
    let (sink, audit) = memory();
    let connector = Numbers::new(&[2, 0, 3]);
    let ctx = ctx().with_session("s1");
    let sql = vetted(|statement| {
        statement.sql = "SELECT n FROM numbers WHERE mail = 'ada@example.org'".into();
        statement.params = vec!["a secret".into()];
    });
    let meta = RecordMeta {
        question: Some("what did ada@example.org buy?".into()),
        preset: Preset::Embedded,
        settings_hash: "5e".into(),
    };
    let recorded = record(&ctx, sql, &audit, meta).await.unwrap();
    assert_eq!((sink.events().len(), connector.touched()), (1, 0), "recorded before the database is touched");
    let Priced::Cleared(cleared) = price(&ctx, recorded, &connector, NOW, &PriceLimits::default()).await.unwrap() else {
        panic!()
    };
    assert!(!cleared.no_estimate());
    let result = collect(run(&ctx, cleared, &connector, NOW, QueryOptions::default()).await.unwrap()).await.unwrap();
    assert_eq!((result.table.num_rows(), result.summary.rows, result.summary.truncated), (5, 5, false));
    assert!(result.summary.first_batch_after.is_some());

    let events = sink.events();
    let [attempt, outcome] = events.as_slice() else { panic!("{events:#?}") };
    assert_eq!((attempt.action.as_str(), attempt.preset.as_deref()), ("statement", Some("embedded")));
    assert_eq!(attempt.sql.as_deref(), Some("SELECT n FROM numbers WHERE mail = '[email]'"));
    assert_eq!(attempt.question.as_deref(), Some("what did [email] buy?"));
    assert_eq!((attempt.session.as_deref(), attempt.settings_hash.as_deref()), (Some("s1"), Some("5e")));
    assert_eq!((outcome.action.as_str(), outcome.status.as_deref()), ("statement_outcome", Some("ok")));
    assert_eq!(outcome.attempt.as_deref(), Some(attempt.id.as_str()));
    assert_eq!((outcome.rows, outcome.truncated), (Some(5), Some(false)));
    assert_eq!(outcome.result_hash, result.summary.result_hash);
    assert_eq!(result.summary.attempt, attempt.id);
    assert!(!serde_json::to_string(&events).unwrap().contains("a secret"), "parameters are not recorded");
}

#[tokio::test]
async fn nothing_runs_when_the_attempt_cannot_be_recorded() {
    let failing: Arc<dyn AuditSink> = Arc::new(Failing::default());
    let connector = Numbers::new(&[1]);
    let error = clear(&ctx(), vetted(|_| {}), &connector, &failing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.message(), "the attempt could not be recorded, so nothing ran: the disk is full");
    assert_eq!(connector.touched(), 0);
    let error = introspect(&ctx(), &connector, IntrospectOptions::default(), &failing, RecordMeta::default()).await.unwrap_err();
    assert_eq!((error.kind(), connector.touched()), (ErrorKind::Unavailable, 0));
}

#[tokio::test]
async fn the_result_is_withheld_when_the_outcome_cannot_be_recorded() {
    let failing: Arc<dyn AuditSink> = Arc::new(Failing { good: 1, ..Failing::default() });
    let stream = start(&Numbers::new(&[1]), &failing, QueryOptions::default()).await.unwrap();
    let error = collect(stream).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("withheld"), "{error}");
}

#[tokio::test]
async fn a_difference_to_what_was_vetted_refuses() {
    type Change = fn(&mut TestStatement);
    let cases: [(&str, Change, ErrorKind, &str); 5] = [
        ("source", |s| s.source = "other".into(), ErrorKind::Denied, "another source"),
        ("dialect", |s| s.dialect = Dialect::Mysql, ErrorKind::Denied, "written in mysql"),
        ("catalogue", |s| s.catalog_version = "c0".into(), ErrorKind::Conflict, "catalogue changed"),
        ("policy", |s| s.policy_hash = "p0".into(), ErrorKind::Conflict, "policy changed"),
        ("expiry", |s| s.expires_at = Instant::now(), ErrorKind::Conflict, "expired"),
    ];
    for (what, change, kind, message) in cases {
        // At price, which touches the database for its estimate.
        let (sink, audit) = memory();
        let connector = Numbers::new(&[1]);
        let error = clear(&ctx(), vetted(change), &connector, &audit).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{what}");
        assert!(error.message().contains(message), "{what}: {error}");
        assert_eq!(status(&outcomes(&sink, 2).await), ("refused", Some(kind.as_str())), "{what}");
        assert_eq!(connector.touched(), 0, "{what}");
    }
    // At run, when things changed since the price.
    for now in [InForce { catalog_version: "c2", ..NOW }, InForce { policy_hash: "p2", ..NOW }] {
        let (sink, audit) = memory();
        let connector = Numbers::new(&[1]);
        let cleared = clear(&ctx(), vetted(|_| {}), &connector, &audit).await.unwrap();
        let error = run(&ctx(), cleared, &connector, now, QueryOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert_eq!(status(&outcomes(&sink, 2).await).0, "refused");
        assert_eq!(connector.touched(), 1, "only the estimate");
    }
}

#[tokio::test]
async fn another_tenants_or_users_statement_is_refused_at_every_step() {
    for (tenant, user) in [("globex", "ada"), ("acme", "bob")] {
        let other = Context::new(tenant, user).unwrap();
        let connector = Numbers::new(&[1]);

        let (sink, audit) = memory();
        let error = record(&other, vetted(|_| {}), &audit, RecordMeta::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(!error.to_string().contains("acme") && !error.to_string().contains("ada"), "{error}");
        let events = sink.events();
        assert_eq!((events.len(), events[0].action.as_str()), (1, "security_gate_decision"));
        assert_eq!((events[0].tenant.as_str(), events[0].status.as_deref()), (tenant, Some("refused")));

        let (sink, audit) = memory();
        let recorded = record(&ctx(), vetted(|_| {}), &audit, RecordMeta::default()).await.unwrap();
        let error = price(&other, recorded, &connector, NOW, &PriceLimits::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert_eq!(status(&outcomes(&sink, 2).await), ("refused", Some("denied")));
        assert_eq!(connector.touched(), 0);

        let (sink, audit) = memory();
        let cleared = clear(&ctx(), vetted(|_| {}), &connector, &audit).await.unwrap();
        let error = run(&other, cleared, &connector, NOW, QueryOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert_eq!(status(&outcomes(&sink, 2).await), ("refused", Some("denied")));
    }
}

#[tokio::test]
async fn rows_are_capped_and_the_caller_learns_that_there_were_more() {
    for (batches, max_rows, row_cap, rows, truncated) in [
        (&[5_usize][..], 3, 100, 3, true),
        (&[5], 100, 4, 4, true),
        (&[5], 5, 100, 5, false),
        (&[2, 3], 2, 100, 2, true),
        (&[2, 3], 5, 5, 5, false),
        (&[2, 3], 0, 5, 0, true),
        (&[], 0, 5, 0, false),
    ] {
        let (sink, audit) = memory();
        let connector = Numbers::new(batches);
        let cleared = clear(&ctx(), vetted(|s| s.row_cap = row_cap), &connector, &audit).await.unwrap();
        let options = QueryOptions { max_rows, ..QueryOptions::default() };
        let result = collect(run(&ctx(), cleared, &connector, NOW, options).await.unwrap()).await.unwrap();
        assert_eq!((result.table.num_rows(), result.summary.truncated), (rows, truncated), "{batches:?} {max_rows} {row_cap}");
        assert_eq!(connector.granted.lock().unwrap().unwrap().max_rows, max_rows.min(row_cap) + 1);
        assert_eq!(sink.events()[1].rows, Some(rows as u64));
        assert_eq!(sink.events()[1].truncated, Some(truncated));
    }
}

#[tokio::test]
async fn too_many_bytes_fail() {
    let (sink, audit) = memory();
    let options = QueryOptions { max_bytes: 64, ..QueryOptions::default() };
    let error = collect(start(&Numbers::new(&[100]), &audit, options).await.unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(status(&outcomes(&sink, 2).await), ("failed", Some("limit_exceeded")));
}

#[tokio::test]
async fn an_error_on_the_way_is_the_outcome_and_ends_the_stream() {
    let (sink, audit) = memory();
    let mut stream = start(&Numbers::new(&[2]).then(Then::Fail), &audit, QueryOptions::default()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().num_rows(), 2);
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(stream.next().await.is_none());
    drop(stream);
    let events = outcomes(&sink, 2).await;
    assert_eq!(status(&events), ("failed", Some("unavailable")));
    assert_eq!((events[0].rows, &events[0].result_hash), (Some(2), &None));
}

#[tokio::test]
async fn a_dropped_stream_is_recorded_as_cancelled_once() {
    for read in [0, 1] {
        let (sink, audit) = memory();
        let mut stream = start(&Numbers::new(&[2, 2]), &audit, QueryOptions::default()).await.unwrap();
        for _ in 0..read {
            stream.next().await.unwrap().unwrap();
        }
        drop(stream);
        let events = outcomes(&sink, 2).await;
        assert_eq!(status(&events), ("cancelled", None));
        assert_eq!(events[0].rows, Some(2 * read));
    }
}

#[tokio::test]
async fn a_stream_dropped_while_it_waits_and_a_run_dropped_before_its_schema_are_recorded() {
    let (sink, audit) = memory();
    let mut stream = start(&Numbers::new(&[1]).then(Then::Hang), &audit, QueryOptions::default()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(20), stream.next()).await.is_err());
    drop(stream);
    assert_eq!(status(&outcomes(&sink, 2).await).0, "cancelled");

    let (sink, audit) = memory();
    let connector = Numbers::new(&[]).then(Then::HangBeforeSchema);
    let running = start(&connector, &audit, QueryOptions::default());
    assert!(tokio::time::timeout(Duration::from_millis(20), running).await.is_err());
    assert_eq!(status(&outcomes(&sink, 2).await).0, "cancelled");

    // Tokens nobody uses.
    let (sink, audit) = memory();
    drop(record(&ctx(), vetted(|_| {}), &audit, RecordMeta::default()).await.unwrap());
    assert_eq!(status(&outcomes(&sink, 2).await).0, "cancelled");
}

#[test]
fn a_stream_dropped_outside_any_runtime_is_recorded() {
    let (sink, audit) = memory();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stream = runtime.block_on(start(&Numbers::new(&[2, 2]), &audit, QueryOptions::default())).unwrap();
    drop(runtime);
    drop(stream);
    let patience = Instant::now() + Duration::from_secs(10);
    while sink.events().len() < 2 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(sink.events()[1].status.as_deref(), Some("cancelled"));
}

#[tokio::test]
async fn cancellation_and_deadlines_end_a_run_that_hangs() {
    for then in [Then::Hang, Then::HangBeforeSchema] {
        let connector = Numbers::new(&[]).then(then);
        let (sink, audit) = memory();
        let options = QueryOptions { timeout: Duration::from_millis(20), ..QueryOptions::default() };
        let error = match start(&connector, &audit, options).await {
            Ok(stream) => collect(stream).await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(status(&outcomes(&sink, 2).await), ("failed", Some("timeout")));

        let (sink, audit) = memory();
        let ctx = ctx();
        let cleared = clear(&ctx, vetted(|_| {}), &connector, &audit).await.unwrap();
        let cancel = ctx.cancel.clone();
        let canceller = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            cancel.cancel();
        });
        let error = match run(&ctx, cleared, &connector, NOW, QueryOptions::default()).await {
            Ok(stream) => collect(stream).await.unwrap_err(),
            Err(error) => error,
        };
        canceller.await.unwrap();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(status(&outcomes(&sink, 2).await), ("cancelled", Some("cancelled")));
    }
}

#[tokio::test]
async fn the_price_decides() {
    let bytes = |bytes| Estimate { bytes: Some(bytes), ..Estimate::default() };
    let limits = PriceLimits { approve_above: bytes(100), refuse_above: bytes(1_000) };
    for (estimate, expected) in [
        (None, "cleared without estimate"),
        (Some(bytes(100)), "cleared"),
        (Some(Estimate::default()), "cleared"),
        (Some(bytes(101)), "needs_approval"),
        (Some(bytes(1_001)), "over_budget"),
    ] {
        let (sink, audit) = memory();
        let connector = Numbers { estimate, ..Numbers::new(&[1]) };
        let recorded = record(&ctx(), vetted(|_| {}), &audit, RecordMeta::default()).await.unwrap();
        match price(&ctx(), recorded, &connector, NOW, &limits).await.unwrap() {
            Priced::Cleared(cleared) => {
                assert_eq!(if cleared.no_estimate() { "cleared without estimate" } else { "cleared" }, expected);
            }
            Priced::NeedsApproval { reasons, .. } => {
                assert_eq!(("needs_approval", reasons), (expected, vec!["about 101 bytes, the limit is 100".to_owned()]));
                assert_eq!(status(&outcomes(&sink, 2).await), ("needs_approval", Some("needs_approval")));
            }
            Priced::OverBudget { .. } => {
                assert_eq!("over_budget", expected);
                assert_eq!(status(&outcomes(&sink, 2).await), ("over_budget", Some("over_budget")));
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_of_the_guard_is_a_gate_decision() {
    let sink = MemorySink::default();
    let finding =
        |rule: &str, verdict| Finding { rule: rule.into(), verdict, message: String::new(), hint: String::new(), position: None };
    let error =
        Error::rejected("no").with_findings(vec![finding("unknown_table", Verdict::Block), finding("row_cap", Verdict::Rewrite)]);
    let sql = "SELECT * FROM secrets WHERE mail = 'ada@example.org'";
    let id = record_refusal(&ctx(), "shop", Purpose::Sql, sql, &error, &sink, RecordMeta::default()).await.unwrap();
    let events = sink.events();
    assert_eq!((events.len(), &events[0].id), (1, &id));
    assert_eq!((events[0].action.as_str(), events[0].verdict), ("security_gate_decision", Some(Verdict::Block)));
    assert_eq!(events[0].rules, ["unknown_table", "row_cap"]);
    assert_eq!(events[0].sql.as_deref(), Some("SELECT * FROM secrets WHERE mail = '[email]'"));
}

#[tokio::test]
async fn introspection_is_recorded_as_a_tool() {
    let (sink, audit) = memory();
    introspect(&ctx(), &Numbers::new(&[]), IntrospectOptions::default(), &audit, RecordMeta::default()).await.unwrap();
    let actions: Vec<_> = sink.events().iter().map(|event| event.action.clone()).collect();
    assert_eq!(actions, ["tool_invocation", "tool_invocation_outcome"]);
}
