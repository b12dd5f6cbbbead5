//! `Leo::ask` under evaluation. `leo eval` measures any suite; what must not fall is asserted here.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use leo::audit::MemorySink;
use leo::eval::{Databases, EvalOptions, Evaluation, GateRunner, Suite, evaluate};
use leo::{Context, Dialect, LeoAnswerer};
use leo_tests::guard::shared;

async fn run(suite: &Path, databases: Option<&Path>, limit: Option<usize>) -> Evaluation {
    let mut suite = Suite::read(suite).unwrap();
    suite.retain(Dialect::Sqlite, limit);
    let runner = Arc::new(GateRunner::new(Context::new("eval", "eval").unwrap(), Arc::new(MemorySink::with_capacity(100))));
    let (databases, answerer) = (Arc::new(Databases::new(databases.map(Path::to_owned))), Arc::new(LeoAnswerer::default()));
    evaluate(&suite, databases, answerer, runner, EvalOptions::default(), |_| ()).await.unwrap()
}

#[tokio::test]
async fn the_managers_questions_are_answered_and_right() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/manager_questions.jsonl");
    let evaluation = run(&suite, None, None).await;
    let wrong: Vec<_> = evaluation.questions.iter().filter(|result| !result.correct).collect();
    assert!(evaluation.report.execution_match >= 0.97, "{wrong:#?}");
    assert_eq!((evaluation.report.questions, evaluation.report.answered), (40, 40), "{wrong:#?}");
}

#[tokio::test]
async fn most_of_what_is_answered_on_unseen_databases_is_right() {
    let (Some(suite), Some(databases)) = (shared("nl2sql/spider_dev.jsonl"), shared("nl2sql/databases")) else { return };
    let report = run(&suite, Some(&databases), None).await.report;
    assert!(report.execution_match_answered >= 0.75 && report.coverage >= 0.6, "{report}");
    assert_eq!((report.questions, report.gold_refused), (448, 0));
}

#[tokio::test]
async fn what_a_database_does_not_hold_is_not_answered() {
    let (Some(suite), Some(databases)) = (shared("nl2sql/unanswerable.jsonl"), shared("nl2sql/sql_eval_databases")) else {
        return;
    };
    let report = run(&suite, Some(&databases), None).await.report;
    assert!(report.unanswerable_recognised.unwrap() >= 0.9, "{report}");
}
