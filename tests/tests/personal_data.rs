//! Personal data through the handle: it comes back as a placeholder, and nothing that was computed from it is shown either.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use async_trait::async_trait;
use leo::adapter::{Access, AccessRequest, Authorizer};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::catalog::TableName;
use leo::context::HostContext;
use leo::gate::REDACTED;
use leo::settings::SettingsLayer;
use leo::source::sqlite::SqliteSource;
use leo::sync::SyncOptions;
use leo::{AnswerStatus, Context, ErrorKind, Leo, Result};

const SCHEMA: &str = "
    CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, born INTEGER, city TEXT);
    CREATE VIEW contacts AS SELECT name, email AS mail FROM people;
    INSERT INTO people VALUES (1, 'Ada', 'ada@example.org', 1815, 'London'), (2, 'Bo', NULL, 1990, 'Lima'), (3, 'Cy', 'cy@example.org', 1990, 'Lima');";

/// Doctors see everything, everybody else what the settings say.
#[derive(Debug)]
struct Doctors;

#[async_trait]
impl Authorizer for Doctors {
    async fn authorize(&self, ctx: HostContext, _: AccessRequest) -> Result<Access> {
        let doctor = ctx.roles.iter().any(|role| role == "doctor");
        Ok(Access { show_personal_data: doctor.then_some(true), ..Access::full() })
    }
}

async fn leo(column: &str) -> Result<Leo> {
    let source = Source::new(SqliteSource::from_sql("clinic", SCHEMA)?)
        .execution(true)
        .personal_data(column, "Email")
        .personal_data("people.born", "birth_year");
    let leo = Leo::builder().source(source).authorizer(Arc::new(Doctors)).audit(Arc::new(MemorySink::default())).build()?;
    leo.for_user(user("doctor")).sync(None, &SyncOptions::default(), &|_| {}).await?;
    Ok(leo)
}

fn user(role: &str) -> Context {
    Context::new("acme", role).unwrap().with_roles([role])
}

async fn rows(leo: &Leo, role: &str, sql: &str) -> Vec<String> {
    let answer = leo.for_user(user(role)).sql(sql).await.unwrap();
    assert_eq!(answer.status, AnswerStatus::Answered, "{sql}: {:?}", answer.explain.findings);
    answer.table.unwrap().rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect()
}

#[tokio::test]
async fn text_comes_back_as_a_placeholder_and_everything_else_as_null() {
    let leo = leo("people.email").await.unwrap();
    let sql = "SELECT id, email, born FROM people ORDER BY id";
    assert_eq!(rows(&leo, "nurse", sql).await, ["1 [REDACTED:email] ", "2  ", "3 [REDACTED:email] "]);
    assert_eq!(rows(&leo, "doctor", sql).await, ["1 ada@example.org 1815", "2  1990", "3 cy@example.org 1990"]);
    let answer = leo.for_user(user("nurse")).sql("SELECT mail FROM contacts").await.unwrap();
    let schema = Arc::clone(answer.table.as_ref().unwrap().schema());
    assert_eq!(schema.field(0).metadata().get(REDACTED).map(String::as_str), Some("email"));
    assert_eq!(rows(&leo, "nurse", "SELECT count(email), count(DISTINCT born) FROM people").await, ["2 2"]);
    assert_eq!(rows(&leo, "nurse", "SELECT city FROM people WHERE email = 'ada@example.org'").await, ["London"]);
}

#[tokio::test]
async fn other_uses_need_an_approval_that_nobody_gave() {
    let leo = leo("people.email").await.unwrap();
    for sql in [
        "SELECT name FROM people WHERE email LIKE 'a%'",
        "SELECT name FROM contacts ORDER BY mail",
        "SELECT max(born) FROM people",
        "SELECT born, count(*) FROM people GROUP BY born",
    ] {
        let error = leo.for_user(user("nurse")).sql(sql).await.unwrap_err();
        assert_eq!((error.kind(), error.findings()[0].rule.as_str()), (ErrorKind::NeedsApproval, "personal_data"), "{sql}");
        assert!(!rows(&leo, "doctor", sql).await.is_empty());
    }
}

#[tokio::test]
async fn groups_of_too_few_are_left_out() {
    let source =
        Source::new(SqliteSource::from_sql("clinic", SCHEMA).unwrap()).execution(true).personal_data("people.email", "email");
    let mut layer = SettingsLayer::default();
    layer.set("privacy.min_group_size", 2).unwrap();
    let leo = Leo::builder().source(source.settings(layer)).authorizer(Arc::new(Doctors)).audit(Arc::new(MemorySink::default()));
    let leo = leo.build().unwrap();
    leo.for_user(user("doctor")).sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    let sql = "SELECT city, count(*) FROM people GROUP BY city ORDER BY city";
    assert_eq!(rows(&leo, "nurse", sql).await, ["Lima 2"]);
    assert_eq!(rows(&leo, "doctor", sql).await, ["Lima 2", "London 1"]);
    assert!(rows(&leo, "nurse", "SELECT max(id) FROM people WHERE name = 'Ada'").await.is_empty());
}

/// Nobody marked them: profiling found them.
#[tokio::test]
async fn personal_data_that_nobody_marked_is_found_and_kept() {
    let schema = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, reach TEXT, label TEXT);
        INSERT INTO contacts VALUES (1, 'ada@example.org', 'a'), (2, 'bo@example.org', 'b'), (3, 'cy@example.org', 'a');";
    let source = Source::new(SqliteSource::from_sql("crm", schema).unwrap()).execution(true);
    let leo = Leo::builder().source(source).authorizer(Arc::new(Doctors)).audit(Arc::new(MemorySink::default())).build().unwrap();
    leo.for_user(user("doctor")).sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    let sql = "SELECT reach, label FROM contacts ORDER BY id LIMIT 1";
    assert_eq!(rows(&leo, "nurse", sql).await, ["[REDACTED:email] a"]);
    assert_eq!(rows(&leo, "doctor", sql).await, ["ada@example.org a"]);
    let personal = async |role: &str| {
        let catalog = leo.for_user(user(role)).catalog(None).await.unwrap();
        catalog.table(&TableName::bare("contacts")).unwrap().column("reach").unwrap().personal.clone().unwrap()
    };
    assert_eq!(personal("doctor").await.reason.as_deref(), Some("3 of 3 values are e-mail addresses"));
    assert_eq!((personal("nurse").await.kind.as_str(), personal("nurse").await.reason), ("email", None));
}

#[tokio::test]
async fn what_was_computed_from_personal_data_is_not_in_the_catalogue() {
    let leo = leo("people.email").await.unwrap();
    let column = async |role: &str, name: &str| {
        let catalog = leo.for_user(user(role)).catalog(None).await.unwrap();
        catalog.table(&TableName::bare("people")).unwrap().column(name).unwrap().statistics.is_some()
    };
    assert!(column("doctor", "email").await && column("doctor", "city").await);
    assert!(!column("nurse", "email").await && !column("nurse", "born").await && column("nurse", "city").await);
}

#[tokio::test]
async fn a_mark_on_a_column_that_does_not_exist_closes_the_source() {
    for wrong in ["people.mail", "persons.email", "email"] {
        let error = leo(wrong).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Config && error.message().contains(wrong), "{error}");
    }
}
