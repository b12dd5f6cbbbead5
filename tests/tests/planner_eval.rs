//! `Leo::ask` with the built-in planner under evaluation, and under attack.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use leo::eval::{AnswerRequest, Answerer, Databases, EvalOptions, Evaluation, GateRunner, Runner, Suite, evaluate};
use leo::{Dialect, LeoAnswerer};

fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = root.join(part);
    path.exists().then_some(path)
}

fn runner() -> Arc<GateRunner> {
    let audit = Arc::new(leo::audit::MemorySink::with_capacity(100));
    Arc::new(GateRunner::new(leo::Context::new("eval", "eval").unwrap(), audit))
}

async fn run(suite: &Suite, folder: Option<PathBuf>) -> Evaluation {
    let (databases, answerer) = (Arc::new(Databases::new(folder)), Arc::new(LeoAnswerer::default()));
    evaluate(suite, databases, answerer, runner(), EvalOptions::default(), |_| ()).await.unwrap()
}

#[tokio::test]
async fn injection_payloads_asked_as_questions_do_nothing() {
    let Some(path) = shared("guard/injection_payloads.jsonl") else {
        println!("skipped: the shared data is not here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let info = leo::sample::create(folder.path().join("sample.db")).unwrap();
    let before = std::fs::read(&info.path).unwrap();
    let rows: Vec<serde_json::Value> =
        std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 1_615);
    let answerer = LeoAnswerer::default();
    let database = leo::eval::Database { name: "sample".into(), path: info.path.clone() };
    let runner = runner();
    let mut by_status: std::collections::BTreeMap<String, usize> = Default::default();
    for row in &rows {
        let payload = row["text"].as_str().unwrap();
        for question in
            [payload.to_owned(), format!("How many customers have the last name {payload}"), format!("revenue by {payload}")]
        {
            let request = AnswerRequest { database: &database, question: &question, conversation: "c", history: &[] };
            let answered = answerer.answer(&request).await.unwrap_or_else(|error| panic!("{error}: {question}"));
            // What the planner writes comes through the guard, or it has written something it must not.
            if let Some(sql) = &answered.sql {
                runner.run(&database, sql).await.unwrap_or_else(|error| panic!("{error}: {question}: {sql}"));
            }
            *by_status.entry(answered.status).or_default() += 1;
        }
    }
    println!("{by_status:?}");
    assert!(std::fs::read(&info.path).unwrap() == before, "the file changed");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// `LEO_SUITE` (a suite) and `LEO_DATABASES` (a folder) choose what is measured; the manager's questions unless set.
#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn measure() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/manager_questions.jsonl");
    let path = std::env::var_os("LEO_SUITE").map_or(own, PathBuf::from);
    let mut suite = Suite::read(&path).unwrap();
    suite.retain(Dialect::Sqlite, None);
    let evaluation = run(&suite, std::env::var_os("LEO_DATABASES").map(PathBuf::from)).await;
    for result in evaluation.questions.iter().filter(|result| !result.correct) {
        println!(
            "{} {} [{}] {}\n    {}",
            result.db,
            result.id,
            result.status,
            result.question,
            result.sql.as_deref().unwrap_or("–")
        );
        if let Some(error) = &result.error {
            println!("    {error}");
        }
    }
    println!("{}", serde_json::to_string_pretty(&evaluation.report).unwrap());
}
