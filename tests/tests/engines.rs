//! One answer on every engine: the sample company on SQLite, PostgreSQL, MariaDB and in Parquet files, asked the same things.
//!
//! What is evened out before results are compared: numbers are rounded to nine digits (a double on one engine is an exact decimal on
//! another), truth values are 0 and 1, a moment at midnight is its day. Rows are compared without order, as ties may come in any.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use leo::builder::Source;
use leo::query::SemanticQuery;
use leo::settings::Preset;
use leo::{AskOptions, Dialect, Leo, Value};
use leo_tests::company;

/// The company on another engine, with whatever must live as long.
struct Company {
    leo: Leo,
    dialect: Dialect,
}

fn lines(file: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn local(source: Source) -> Leo {
    let source = source.as_of(leo::sample::AS_OF);
    let mut source_settings = leo::settings::SettingsLayer::default();
    source_settings.set("calendar.fiscal_year_start", i64::from(leo::sample::FISCAL_YEAR_START)).unwrap();
    Leo::builder().preset(Preset::Local).source(source.settings(source_settings)).build().unwrap()
}

/// A cell that is the same on every engine.
fn even(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Text(text) => text.strip_suffix(" 00:00:00").unwrap_or(text).to_owned(),
        other => match other.as_f64() {
            Some(0.0) => "0".into(),
            Some(number) => format!("{:e}", format!("{number:.8e}").parse::<f64>().unwrap()),
            None => other.to_string(),
        },
    }
}

fn rows(answer: &leo::Answer) -> Option<Vec<Vec<String>>> {
    let table = answer.table.as_ref()?;
    let mut rows: Vec<Vec<String>> = table.rows().map(|row| row.iter().map(even).collect()).collect();
    rows.sort();
    Some(rows)
}

/// How two answers differ; nothing when they do not.
fn difference(wanted: &leo::Result<leo::Answer>, found: &leo::Result<leo::Answer>) -> Option<String> {
    match (wanted, found) {
        (Ok(wanted), Ok(found)) => {
            let (left, right) = (rows(wanted), rows(found));
            if left == right && wanted.status == found.status {
                return None;
            }
            let sql = found.sql.as_deref().unwrap_or("(none)");
            let first = left.iter().flatten().zip(right.iter().flatten()).find(|(left, right)| left != right);
            let counts = (left.as_ref().map(Vec::len), right.as_ref().map(Vec::len));
            Some(format!(
                "statuses {:?} and {:?}, rows {counts:?}, first difference {first:?}\n{}\n{sql}\n",
                wanted.status,
                found.status,
                found.narrative.text()
            ))
        }
        (Err(left), Err(right)) if left.kind() == right.kind() => None,
        (left, right) => Some(format!("{:?} and {:?}", left.as_ref().err(), right.as_ref().err())),
    }
}

async fn compare(there: Company) {
    let folder = tempfile::tempdir().unwrap();
    let info = leo::sample::create(folder.path().join("company.db")).unwrap();
    let here = local(Source::sqlite(&info.path).unwrap());
    here.catalog(None).await.unwrap();
    let mut different = BTreeMap::new();
    let (mut queries, mut questions) = (0, 0);
    for line in lines("manager_queries.jsonl") {
        let query: SemanticQuery = serde_json::from_value(line["query"].clone()).unwrap();
        // A file's table is called by a word.
        let words = line["query"].to_string().replace("\"store visits\"", "\"store_visits\"");
        let named = if there.dialect == Dialect::Datafusion { serde_json::from_str(&words).unwrap() } else { query.clone() };
        let options = AskOptions::default();
        let (wanted, found) = (here.ask_query(query, &options).await, there.leo.ask_query(named, &options).await);
        assert!(wanted.as_ref().is_ok_and(|answer| answer.table.is_some()), "{}", line["id"]);
        queries += 1;
        if let Some(why) = difference(&wanted, &found) {
            different.insert(format!("query {}", line["id"]), why);
        }
    }
    for line in lines("manager_questions.jsonl") {
        let question = line["question"].as_str().unwrap();
        let (wanted, found) = (here.ask(question).await, there.leo.ask(question).await);
        questions += 1;
        if let Some(why) = difference(&wanted, &found) {
            different.insert(format!("question {} {question}", line["id"]), why);
        }
    }
    println!("{}: {queries} queries, {questions} questions, {} different", there.dialect, different.len());
    let told: Vec<String> = different.iter().map(|(what, why)| format!("{what}: {why}")).collect();
    assert!(different.is_empty(), "{} differ on {}:\n{}", different.len(), there.dialect, told.join("\n"));
    assert_eq!((queries, questions), (40, 40));
}

async fn script(dialect: Dialect) -> String {
    let folder = tempfile::tempdir().unwrap();
    let info = leo::sample::create(folder.path().join("company.db")).unwrap();
    let catalog = Leo::open(&info.path).unwrap().catalog(None).await.unwrap();
    company::script(dialect, &rusqlite::Connection::open(&info.path).unwrap(), &catalog)
}

#[tokio::test(flavor = "multi_thread")]
async fn parquet_files_answer_as_sqlite_does() {
    let (folder, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let info = leo::sample::create(folder.path().join("company.db")).unwrap();
    let catalog = Leo::open(&info.path).unwrap().catalog(None).await.unwrap();
    leo_tests::parquet::company(files.path(), &rusqlite::Connection::open(&info.path).unwrap(), &catalog);
    let source = Source::new(leo::source::files::FilesSource::open("sample", &[files.path()]).unwrap());
    compare(Company { leo: local(source), dialect: Dialect::Datafusion }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_answers_as_sqlite_does() {
    let Some(server) = leo_tests::mariadb::Server::shared() else { return };
    server.run(&script(Dialect::Mysql).await).await;
    let source = Source::connect_as("sample", server.url("reader").parse().unwrap()).await.unwrap();
    compare(Company { leo: local(source), dialect: Dialect::Mysql }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_answers_as_sqlite_does() {
    let Some(server) = leo_tests::postgres::Server::shared() else { return };
    server.run("postgres", "CREATE DATABASE company");
    let script = script(Dialect::Postgres).await;
    server.run("company", &format!("BEGIN; {script} COMMIT; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; ANALYZE"));
    let source = Source::connect_as("sample", server.url("reader", "company").parse().unwrap()).await.unwrap();
    compare(Company { leo: local(source), dialect: Dialect::Postgres }).await;
}
