//! The scorer against the reference scorer, item by item, on what ten published systems wrote.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use async_trait::async_trait;
use leo::eval::{Database, GateRunner, Runner, ScoreOptions, judge};
use leo::{Error, Result, Value};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = root.join(part);
    path.exists().then_some(path)
}

/// Runs text as it is, as the reference does: what is tested here is the comparison, not the guard.
#[derive(Debug)]
struct Plain;

#[async_trait]
impl Runner for Plain {
    async fn run(&self, database: &Database, sql: &str) -> Result<Vec<Vec<Value>>> {
        let failed = |error: rusqlite::Error| Error::malformed("the statement does not run").with_source(error);
        let mut connection = Connection::open_with_flags(&database.path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        let started = std::time::Instant::now();
        connection.progress_handler(10_000, Some(move || started.elapsed().as_secs() >= 20)).map_err(failed)?;
        let mut statement = connection.prepare(sql).map_err(failed)?;
        let width = statement.column_count();
        let mut rows = statement.query([]).map_err(failed)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let values = (0..width).map(|at| match row.get_ref(at).unwrap() {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(value) => Value::Int(value),
                ValueRef::Real(value) => Value::Float(value),
                ValueRef::Text(text) => Value::Text(text.utf8_chunks().map(|chunk| chunk.valid()).collect()),
                ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
            });
            all.push(values.collect());
        }
        Ok(all)
    }
}

/// Judges lines of `[db, prediction, gold]` and prints `[rule, DISTINCT kept, strict]` for each.
const REFERENCE: &str = r#"
import json, sys
sys.path.insert(0, sys.argv[1])
from score_reference import judge
for line in sys.stdin:
    db, prediction, gold = json.loads(line)
    print(json.dumps([judge(db, prediction, gold), judge(db, prediction, gold, 'ts', True), judge(db, prediction, gold, 'strict')]), flush=True)
"#;

/// Compares every `step`-th published prediction; returns how many were compared and how many verdicts differ.
async fn agree(runner: &dyn Runner, step: usize) -> (usize, usize) {
    let (Some(predictions), Some(gold), Some(databases), Some(tools)) = (
        shared("nl2sql/published_predictions_dev.jsonl"),
        shared("nl2sql/spider_dev.jsonl"),
        shared("nl2sql/databases"),
        shared("../tools/score_reference.py"),
    ) else {
        println!("skipped: the shared data is not here");
        return (0, 0);
    };
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: no python3");
        return (0, 0);
    }
    let lines = |path: &Path| -> Vec<serde_json::Value> {
        std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let golds: HashMap<i64, String> =
        lines(&gold).iter().map(|row| (row["id"].as_i64().unwrap(), row["gold"].as_str().unwrap().to_owned())).collect();
    let items: Vec<(PathBuf, String, String, Option<bool>)> = lines(&predictions)
        .iter()
        .step_by(step)
        .map(|row| {
            let file = databases.join(format!("{}.sqlite", row["db"].as_str().unwrap()));
            let right = row["correct"].as_i64().map(|correct| correct == 1);
            (file, row["sql"].as_str().unwrap().to_owned(), golds[&row["id"].as_i64().unwrap()].clone(), right)
        })
        .collect();

    let mut python = Command::new("python3")
        .args(["-c", REFERENCE, tools.parent().unwrap().to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    let asked: String = items.iter().map(|(file, sql, gold, _)| format!("{}\n", serde_json::json!([file, sql, gold]))).collect();
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let mut ours = Vec::new();
    let (mut refused, mut failed, mut problems) = (0, 0, std::collections::BTreeSet::new());
    for (path, sql, gold, _) in &items {
        let database = Database { name: String::new(), path: path.clone() };
        let judgement = judge(runner, &database, Some(sql), std::slice::from_ref(gold), ScoreOptions::default()).await;
        refused += judgement.gold_refused.len();
        failed += judgement.gold_failed.len();
        for (sql, error) in judgement.gold_refused.iter().chain(&judgement.gold_failed) {
            if problems.insert(sql.clone()) {
                println!("reference: {error}\n  {sql}");
            }
        }
        ours.push((judgement.matches, judgement.answer_failed));
    }
    writer.join().unwrap().unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let theirs: Vec<[serde_json::Value; 3]> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(theirs.len(), ours.len());

    let (mut differ, mut labels, mut labelled) = (0, 0, 0);
    for (((_, sql, gold, label), (ours, error)), theirs) in items.iter().zip(&ours).zip(&theirs) {
        let ours = [ours.execution, ours.distinct_kept, ours.strict];
        let theirs = [0, 1, 2].map(|at| theirs[at] == 1);
        if ours != theirs {
            differ += 1;
            println!("differ: ours {ours:?}, reference {theirs:?} {error:?}\n  {sql}\n  {gold}");
        }
        if let Some(label) = label {
            labelled += 1;
            labels += usize::from(*label == ours[0]);
        }
    }
    println!("{} compared with the reference, {differ} differ; {labels} of {labelled} published labels agree", items.len());
    println!("references: {refused} refused, {failed} failed");
    (items.len(), differ)
}

/// Through guard and gate.
fn door() -> GateRunner {
    GateRunner::new(leo::Context::new("eval", "eval").unwrap(), std::sync::Arc::new(leo::audit::MemorySink::with_capacity(100)))
}

#[tokio::test]
async fn a_sample_of_published_predictions_is_judged_as_the_reference_does() {
    let (compared, differ) = agree(&Plain, 11).await;
    assert!(differ == 0 && (compared == 0 || compared >= 400), "{differ} of {compared}");
}

#[tokio::test]
#[ignore = "half a minute: every published prediction"]
async fn every_published_prediction_is_judged_as_the_reference_does() {
    let (compared, differ) = agree(&Plain, 1).await;
    assert!(differ == 0 && (compared == 0 || compared == 4_480), "{differ} of {compared}");
}

#[tokio::test]
#[ignore = "a minute: every published prediction, through guard and gate"]
async fn the_door_hardly_changes_a_verdict() {
    let (compared, differ) = agree(&door(), 1).await;
    assert!(differ * 100 <= compared, "{differ} of {compared}");
}

#[test]
fn every_public_suite_is_read_as_it_is() {
    let Some(folder) = shared("nl2sql") else {
        println!("skipped: the shared data is not here");
        return;
    };
    for (file, items, questions) in [
        ("spider_train.jsonl", 6_904, 6_904),
        ("spider_dev.jsonl", 448, 448),
        ("spider_dev_synonyms.jsonl", 448, 448),
        ("dialogues_dev.jsonl", 198, 0),
        ("sql_eval.jsonl", 1_260, 1_260),
        ("unanswerable.jsonl", 53, 53),
        ("ambiguous.jsonl", 150, 150),
    ] {
        let mut suite = leo::eval::Suite::read(&folder.join(file)).unwrap();
        assert_eq!(suite.items.len(), items, "{file}");
        assert!(questions == 0 || suite.questions() == questions, "{file}");
        let ambiguous = suite.items.iter().filter(|item| item.ambiguous).count();
        assert_eq!(ambiguous, if file == "ambiguous.jsonl" { 150 } else { 0 }, "{file}");
        let unanswerable = suite.items.iter().filter(|item| item.turns[0].gold.is_empty()).count();
        assert_eq!(unanswerable, if file == "unanswerable.jsonl" { 53 } else { 0 }, "{file}");
        let skipped = suite.retain(leo::Dialect::Sqlite, None);
        assert_eq!(skipped, if file == "sql_eval.jsonl" { 1_008 } else { 0 }, "{file}");
    }
}
