//! A host's own handle under evaluation.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use async_trait::async_trait;

use crate::adapter::{
    Access, AccessRequest, AuditSink, Authorizer, HostCatalog, HostConnector, SqlRequest, Started, TablePolicy,
};
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::context::{Context, HostContext};
use crate::error::Result;
use crate::eval::{EvalOptions, Gates, Mismatch, Suite};
use crate::gate::ConnectorInfo;
use crate::knowledge::VerifiedQuery;
use crate::settings::Preset;
use crate::source::sqlite::SqliteSource;
use crate::{Dialect, Leo};

const DEPOT: &str = "
    CREATE TABLE crates (id INTEGER PRIMARY KEY, label TEXT, weight REAL, dock_id INTEGER REFERENCES docks (id));
    CREATE TABLE docks (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
    INSERT INTO docks VALUES (1, 'north', 'Norway'), (2, 'south', 'Chile');
    INSERT INTO crates VALUES (1, 'a', 2.5, 1), (2, 'b', 4.0, 1), (3, 'c', 8.0, 2);";
const STAFF: &str = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO people VALUES (1, 'Ann'), (2, 'Bo');";

/// `bob` sees one of the docks.
#[derive(Debug)]
struct Rights;

#[async_trait]
impl Authorizer for Rights {
    async fn authorize(&self, ctx: HostContext, _: AccessRequest) -> Result<Access> {
        if ctx.user == "ada" {
            return Ok(Access::full());
        }
        let policy = TablePolicy { row_filter: Some("country <> 'Chile'".into()), ..TablePolicy::default() };
        Ok(Access { tables: [("docks".to_owned(), policy)].into(), ..Access::full() })
    }
}

fn handle(audit: &Arc<MemorySink>) -> Leo {
    let source = |id: &str, sql: &str| Source::new(SqliteSource::from_sql(id, sql).unwrap()).execution(true);
    Leo::builder()
        .preset(Preset::Local)
        .source(source("depot", DEPOT))
        .source(source("staff", STAFF))
        .authorizer(Arc::new(Rights))
        .audit(Arc::clone(audit) as Arc<dyn AuditSink>)
        .build()
        .unwrap()
}

fn user(leo: &Leo, name: &str) -> Leo {
    leo.for_user(Context::new("tenant", name).unwrap())
}

#[tokio::test]
async fn a_suite_is_asked_at_the_hosts_own_sources() {
    let suite = Suite::parse_yaml(
        "db: depot
tags: [stock]
questions:
  - { question: How many crates are there?, gold: SELECT count(*) FROM crates }
  - { question: How many docks are there?, value: 2, tables: [docks, crates] }
  - { question: List the names of all docks., rows: [[south], [north]] }
  - { question: How many people are there?, gold: SELECT count(*) FROM people, db: staff, tags: [people] }
  - { question: How many crates are there?, gold: SELECT count(*) + 1 FROM crates }
  - { question: How many crates are there?, gold: SELECT vanished FROM crates }
  - { question: How many crates are there?, gold: SELECT 1, db: cellar }
  - { question: How many crates are there?, gold: SELECT 1, database_sql: CREATE TABLE t(a) }
",
    )
    .unwrap();
    let audit = Arc::new(MemorySink::default());
    let mut told = Vec::new();
    let leo = user(&handle(&audit), "ada");
    let evaluation = leo.evaluate_observed(&suite, &EvalOptions::default(), |result| told.push(result.correct)).await.unwrap();
    let report = &evaluation.report;
    assert_eq!(told, [true, true, true, true, false, false, false, false], "{report}");
    let questions = &evaluation.questions;
    assert_eq!(
        questions.iter().map(|result| result.recall).collect::<Vec<_>>()[..5],
        [Some(1.0), Some(1.0), None, Some(1.0), Some(1.0)]
    );
    assert_eq!((questions[4].soft, questions[4].mismatch), (Some(0.0), Some(Mismatch::Values)));
    assert!(questions[5].gold_refused);
    assert_eq!(questions[6].status, "error:not_found");
    assert!(questions[7].error.as_deref().unwrap().contains("leave `database_sql` out"), "{:?}", questions[7].error);
    assert_eq!((report.per_tag["people"].correct, report.per_tag["stock"].questions), (1.0, 7));
    assert_eq!((report.tokens.unwrap().total, report.cost_usd), (0.0, None));
    assert!(Gates { recall: Some(1.0), ..Gates::default() }.check(report).is_empty());
    // References are recorded as what they are.
    let events = audit.events();
    assert!(events.iter().any(|event| event.sql.as_deref().is_some_and(|sql| sql.contains("count(*) + 1"))));
}

#[tokio::test]
async fn a_user_is_asked_and_scored_with_what_the_user_may_see() {
    let suite = Suite::parse_yaml("- { db: depot, question: How many docks are there?, value: 1 }").unwrap();
    let leo = handle(&Arc::new(MemorySink::default()));
    for (name, right) in [("ada", 0.0), ("bob", 1.0)] {
        let evaluation = user(&leo, name).evaluate(&suite, &EvalOptions::default()).await.unwrap();
        assert_eq!(evaluation.report.execution_match, right, "{name}");
    }
}

#[tokio::test]
async fn a_conversation_leaves_no_session_behind() {
    let suite = Suite::parse_yaml(
        "db: depot
questions:
  - { question: How many crates are there?, value: 3 }
  - turns:
      - { question: How many docks are there?, value: 2 }
      - { question: Only those in Chile?, value: 1 }
",
    )
    .unwrap();
    let audit = Arc::new(MemorySink::default());
    let leo = handle(&audit).for_user(Context::new("tenant", "ada").unwrap().with_session("hers"));
    let asked_in_sessions = |audit: &MemorySink| audit.events().iter().filter(|event| event.session.is_some()).count();
    let mut right = Vec::new();
    for one_by_one in [false, true] {
        let before = asked_in_sessions(&audit);
        let options = EvalOptions { one_by_one, ..EvalOptions::default() };
        right.push(leo.evaluate(&suite, &options).await.unwrap().questions[2].correct);
        assert_eq!(asked_in_sessions(&audit) > before, !one_by_one);
        assert!(leo.sessions().list().await.unwrap().is_empty());
    }
    assert_eq!(right, [true, false]);
}

#[tokio::test]
async fn verified_pairs_are_a_suite() {
    let pair = |question: &str, sql: &str| VerifiedQuery { question: question.into(), sql: sql.into(), note: None };
    let pairs = [
        pair("How many crates are there?", "SELECT count(*) FROM crates WHERE label <> ';'"),
        pair("How many docks are there?", "SELECT count(*) FROM docks"),
    ];
    let leo = user(&handle(&Arc::new(MemorySink::default())), "ada");
    let evaluation = leo.evaluate(&Suite::from_verified("depot", &pairs), &EvalOptions::default()).await.unwrap();
    assert_eq!((evaluation.report.execution_match, evaluation.report.gold_refused), (1.0, 0));
}

/// One table of one column, in a dialect that is not SQLite's. It answers whatever it is asked with 3.
#[derive(Debug, Default)]
struct Abacus {
    given: Mutex<bool>,
    asked: Mutex<Vec<String>>,
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]))
}

/// The host as the test shares it.
#[derive(Debug)]
struct Shared(Arc<Abacus>);

#[async_trait]
impl HostConnector for Shared {
    async fn introspect(&self, _: HostContext) -> Result<HostCatalog> {
        let text = r#"{"dialect": "postgres", "tables": [{"name": "crates", "schema": "public", "columns": [{"name": "n", "type": "bigint"}]}]}"#;
        Ok(serde_json::from_str(text).unwrap())
    }

    async fn start(&self, _: HostContext, request: SqlRequest) -> Result<Started> {
        self.0.asked.lock().unwrap().push(request.sql);
        *self.0.given.lock().unwrap() = false;
        Ok(Started { id: 1, schema: schema() })
    }

    async fn next(&self, _: u64) -> Result<Option<RecordBatch>> {
        let given = std::mem::replace(&mut *self.0.given.lock().unwrap(), true);
        Ok((!given).then(|| RecordBatch::try_new(schema(), vec![Arc::new(Int64Array::from(vec![3]))]).unwrap()))
    }

    async fn stop(&self, _: u64) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn references_are_in_the_dialect_of_the_source() {
    let host = Arc::new(Abacus::default());
    let info =
        ConnectorInfo { source: "yard".into(), dialect: Dialect::Postgres, engine: "abacus".into(), engine_version: "1".into() };
    let leo =
        Leo::builder().preset(Preset::Local).source(Source::host(info, Arc::new(Shared(Arc::clone(&host))))).build().unwrap();
    let suite = Suite::parse_yaml(
        "- { question: How many crates are there?, gold: 'SELECT count(*)::bigint FROM public.crates' }
- { question: How many crates are there?, gold: 'SELECT `n` FROM crates' }",
    )
    .unwrap();
    let evaluation = leo.evaluate(&suite, &EvalOptions { workers: 1, ..EvalOptions::default() }).await.unwrap();
    let [right, foreign] = evaluation.questions.as_slice() else { panic!() };
    assert!(right.correct && right.recall == Some(1.0), "{right:?}");
    assert!(foreign.gold_refused, "{foreign:?}");
    assert!(host.asked.lock().unwrap().iter().any(|sql| sql.contains("::bigint")));
}
