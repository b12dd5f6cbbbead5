//! No loss on the way: what a model answers right comes out right, and what does not run is never told as an answer.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use serde_json::json;

use crate::adapter::{Model, ModelPurpose, ModelRequest, ModelResponse};
use crate::ask::AnswerStatus;
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::context::{Context, HostContext};
use crate::error::Result;
use crate::eval::{Database, GateRunner, Runner, ScoreOptions, judge, results_match};
use crate::settings::{Preset, SettingsLayer};
use crate::{AskOptions, Leo};

/// Databases that are asked at the same time.
const WORKERS: usize = 2;

/// A question with what a model answers, and answers when it is told that the first does not run.
#[derive(Debug, Clone)]
struct Case {
    question: String,
    gold: String,
    predicted: String,
    /// Another right statement, where there is one.
    mended: Option<String>,
    /// Whether the prediction is known to be right.
    right: bool,
}

/// Answers what it was told to, and then what it was told to mend it with.
#[derive(Debug, Default)]
struct Scripted {
    says: Mutex<(String, String)>,
    asked: Mutex<Vec<ModelPurpose>>,
}

#[async_trait]
impl Model for Scripted {
    async fn complete(&self, _: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        self.asked.lock().unwrap().push(request.purpose);
        let (first, mended) = self.says.lock().unwrap().clone();
        let sql = if request.purpose == ModelPurpose::Plan { first } else { mended };
        Ok(ModelResponse { output: json!({"sql": sql, "params": []}), model: "scripted".into(), ..ModelResponse::default() })
    }
}

/// What came of the answers of one system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Tally {
    asked: usize,
    right: usize,
    /// Right, run by the engine, and not taken the first time.
    refused: usize,
    /// Right, and not right when answered.
    lost: usize,
    /// Answered with other rows than the engine gives for the statement.
    changed: usize,
    /// Not run by the engine.
    broken: usize,
    /// Of those, with a right statement elsewhere; and answered by it.
    recoverable: usize,
    recovered: usize,
    /// Told as the model's answer although the statement does not run.
    shown: usize,
    /// Not answered by the model; and of those, answered without it.
    abstained: usize,
    builtin: usize,
    answered_right: usize,
    /// What was refused, lost or changed, for people.
    notes: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.asked, other.asked),
            (&mut self.right, other.right),
            (&mut self.refused, other.refused),
            (&mut self.lost, other.lost),
            (&mut self.changed, other.changed),
            (&mut self.broken, other.broken),
            (&mut self.recoverable, other.recoverable),
            (&mut self.recovered, other.recovered),
            (&mut self.shown, other.shown),
            (&mut self.abstained, other.abstained),
            (&mut self.builtin, other.builtin),
            (&mut self.answered_right, other.answered_right),
        ] {
            *own += more;
        }
        self.notes.extend(other.notes.iter().cloned());
    }

    fn line(&self, system: &str) -> String {
        format!(
            "| {system} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.asked,
            self.right,
            self.refused,
            self.lost,
            self.changed,
            self.broken,
            self.recoverable,
            self.recovered,
            self.shown,
            format_args!("{} ({})", self.abstained, self.builtin),
            self.answered_right
        )
    }
}

/// One database, its handle, and the door that references go through.
struct Stage {
    leo: Leo,
    model: Arc<Scripted>,
    runner: GateRunner,
    database: Database,
    options: AskOptions,
}

impl Stage {
    async fn open(path: &Path) -> Self {
        let model = Arc::new(Scripted::default());
        let audit = || Arc::new(MemorySink::with_capacity(100));
        let leo = Leo::builder()
            .preset(Preset::Local)
            .audit(audit())
            .source(Source::sqlite(path).unwrap())
            .model(Arc::clone(&model) as Arc<dyn Model>)
            .build()
            .unwrap();
        leo.catalog(None).await.unwrap();
        let mut settings = SettingsLayer::default();
        settings.set("model.first", true).unwrap();
        let options = AskOptions { settings, timeout: Some(Duration::from_secs(20)), ..AskOptions::default() };
        let database = Database { name: "db".into(), path: path.to_owned() };
        Self { leo, model, runner: GateRunner::new(Context::new("eval", "eval").unwrap(), audit()), database, options }
    }

    /// Whether the engine itself runs the statement, asked past everything of Leo's.
    fn engine_runs(&self, sql: &str) -> bool {
        let mut connection = Connection::open_with_flags(&self.database.path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let began = Instant::now();
        connection.progress_handler(10_000, Some(move || began.elapsed() > Duration::from_secs(20))).unwrap();
        let Ok(mut statement) = connection.prepare(sql) else { return false };
        let Ok(mut rows) = statement.query([]) else { return false };
        loop {
            match rows.next() {
                Ok(Some(_)) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    async fn matches(&self, sql: Option<&str>, gold: &str) -> bool {
        let judged = judge(&self.runner, &self.database, sql, &[gold.to_owned()], ScoreOptions::default()).await;
        judged.matches.execution
    }

    async fn replay(&self, case: &Case) -> Tally {
        let mended = case.mended.clone().unwrap_or_else(|| case.predicted.clone());
        *self.model.says.lock().unwrap() = (case.predicted.clone(), mended);
        self.model.asked.lock().unwrap().clear();
        let answer = self.leo.ask_with(&case.question, &self.options).await.unwrap();
        let asked = self.model.asked.lock().unwrap().len();
        let by_model = answer.status == AnswerStatus::Answered && answer.provenance.planner == "model";
        let sql = answer.sql_with_values.as_deref().filter(|_| by_model);
        let matches = match sql {
            Some(sql) => self.matches(Some(sql), &case.gold).await,
            None => false,
        };
        let runs = self.engine_runs(&case.predicted);
        let mut tally = Tally { asked: 1, ..Tally::default() };
        tally.right = usize::from(case.right);
        tally.refused = usize::from(case.right && runs && asked != 1);
        tally.lost = usize::from(case.right && !matches);
        tally.broken = usize::from(!runs);
        tally.recoverable = usize::from(!runs && case.mended.is_some());
        tally.recovered = usize::from(!runs && case.mended.is_some() && matches);
        tally.abstained = usize::from(!by_model);
        tally.builtin = usize::from(!by_model && answer.status == AnswerStatus::Answered);
        tally.answered_right = usize::from(matches);
        // Whatever is told as the model's answer is a statement that the engine runs, with the rows that it gives.
        if let (Some(sql), Some(table)) = (sql, &answer.table) {
            tally.shown = usize::from(!self.engine_runs(sql));
            if !answer.truncated && tally.shown == 0 {
                let written = if runs && asked == 1 { case.predicted.as_str() } else { sql };
                let rows: Vec<_> = table.rows().collect();
                match self.runner.run(&self.database, written).await {
                    Ok(direct) => tally.changed = usize::from(!results_match(&direct, &rows, false, ScoreOptions::default())),
                    Err(_) => tally.changed = 1,
                }
            }
        }
        if tally.refused + tally.lost + tally.changed + tally.shown > 0 {
            let warnings: Vec<_> = answer.warnings.iter().map(|warning| &warning.message).collect();
            tally.notes.push(format!(
                "refused {}, lost {}, changed {}, shown {}: asked {asked} times, {:?} {warnings:?} {:?}\n  {}",
                tally.refused, tally.lost, tally.changed, tally.shown, answer.status, answer.explain.decisions, case.predicted
            ));
        }
        tally
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_answers_right_comes_out_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("boats.sqlite");
    let boats = "CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT, harbour TEXT, length REAL, built INTEGER);
        CREATE TABLE trips (id INTEGER PRIMARY KEY, boat_id INTEGER REFERENCES boats (id), guests INTEGER, day TEXT);
        INSERT INTO boats VALUES (1, 'Möwe', 'Kiel', 11.5, 1999), (2, 'Lachs', 'Husum', 9.25, 2004), (3, 'Otter', 'Kiel', 7.0, NULL);
        INSERT INTO trips VALUES (1, 1, 6, '2024-05-01'), (2, 1, 4, '2024-05-09'), (3, 2, 5, '2024-06-02');";
    Connection::open(&path).unwrap().execute_batch(boats).unwrap();
    let stage = Stage::open(&path).await;
    let case = |predicted: &str, gold: &str, mended: Option<&str>| Case {
        question: "How many boats are there?".into(),
        gold: gold.into(),
        predicted: predicted.into(),
        mended: mended.map(Into::into),
        right: mended.is_none(),
    };
    let (all, names) = ("SELECT count(*) FROM boats", "SELECT name FROM boats WHERE harbour = 'Kiel'");
    let mut told = Tally::default();
    for right in [
        case("SELECT COUNT(*) AS \"how many\" FROM boats;", all, None),
        case("select T1.NAME from Boats as T1 where T1.harbour = \"Kiel\"", names, None),
        case(
            "SELECT harbour, avg(length) FROM boats GROUP BY 1 HAVING count(*) >= 1 ORDER BY 2 DESC LIMIT 1",
            "SELECT harbour, avg(length) FROM boats GROUP BY harbour ORDER BY avg(length) DESC LIMIT 1",
            None,
        ),
        case(
            "SELECT name FROM boats EXCEPT SELECT b.name FROM boats b JOIN trips t ON b.id = t.boat_id",
            "SELECT name FROM boats WHERE id NOT IN (SELECT boat_id FROM trips)",
            None,
        ),
        case("WITH long AS (SELECT * FROM boats WHERE length > 8) SELECT count(*) FROM long", "SELECT 2", None),
        case("SELECT name FROM boats WHERE built IS NULL", "SELECT 'Otter'", None),
    ] {
        told.add(&stage.replay(&right).await);
    }
    assert_eq!((told.right, told.answered_right, told.notes.as_slice()), (6, 6, &[][..]));

    // What does not run is mended, or not told.
    let mended = stage.replay(&case("SELECT count(*) FROM ships", all, Some("SELECT count(id) FROM boats"))).await;
    assert_eq!((mended.broken, mended.recovered, mended.shown), (1, 1, 0), "{mended:?}");
    for wrong in ["SELECT nme FROM boats", "SELECT count(* FROM boats", "DELETE FROM boats", "Sorry, no idea"] {
        let tally = stage.replay(&Case { mended: None, right: false, ..case(wrong, all, None) }).await;
        assert_eq!((tally.abstained, tally.builtin, tally.shown), (1, 1, 0), "{wrong}: {tally:?}");
    }
}

#[derive(Deserialize)]
struct Prediction {
    system: String,
    id: u64,
    db: String,
    question: String,
    sql: String,
    correct: u8,
}

#[derive(Deserialize)]
struct Reference {
    id: u64,
    gold: String,
}

fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    Some(root.join(part)).filter(|path| path.exists())
}

fn lines<T: for<'de> Deserialize<'de>>(path: &Path) -> Vec<T> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Cases by database, each with the system's name. `LEO_SYSTEMS=0,3` takes the first and the fourth system alone.
fn published(predictions: Vec<Prediction>, references: Vec<Reference>) -> BTreeMap<String, Vec<(String, Case)>> {
    let gold: BTreeMap<u64, String> = references.into_iter().map(|own| (own.id, own.gold)).collect();
    // The scorer reads them with their slips mended (`> =`), and so does the label.
    let text = |own: &Prediction| crate::eval::comparable(&own.sql);
    let right: BTreeMap<u64, String> =
        predictions.iter().rev().filter(|own| own.correct == 1).map(|own| (own.id, text(own))).collect();
    let mut systems: Vec<String> = predictions.iter().map(|own| own.system.clone()).collect();
    systems.dedup();
    if let Ok(wanted) = std::env::var("LEO_SYSTEMS") {
        systems = wanted.split(',').map(|at| systems[at.trim().parse::<usize>().unwrap()].clone()).collect();
    }
    let mut cases: BTreeMap<String, Vec<(String, Case)>> = BTreeMap::new();
    for own in predictions.iter().filter(|own| systems.contains(&own.system)) {
        let case = Case {
            question: own.question.clone(),
            gold: gold[&own.id].clone(),
            predicted: text(own),
            mended: right.get(&own.id).cloned(),
            right: own.correct == 1,
        };
        cases.entry(own.db.clone()).or_default().push((own.system.clone(), case));
    }
    cases
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; needs ../shared/data and some minutes"]
async fn what_published_systems_answered() {
    let (Some(predictions), Some(references), Some(databases)) =
        (shared("nl2sql/published_predictions_dev.jsonl"), shared("nl2sql/spider_dev.jsonl"), shared("nl2sql/databases"))
    else {
        println!("skipped: the shared data is not here");
        return;
    };
    // The largest first, so that the workers end together.
    let mut cases: Vec<(String, Vec<(String, Case)>)> = published(lines(&predictions), lines(&references)).into_iter().collect();
    cases.sort_by_key(|(_, cases)| cases.len());
    let (cases, tallies) = (Arc::new(Mutex::new(cases)), Arc::new(Mutex::new(BTreeMap::<String, Tally>::new())));
    let workers = (0..WORKERS).map(|_| {
        let (cases, tallies, databases) = (Arc::clone(&cases), Arc::clone(&tallies), databases.clone());
        tokio::spawn(async move {
            loop {
                let Some((db, own)) = cases.lock().unwrap().pop() else { return };
                let stage = Stage::open(&databases.join(format!("{db}.sqlite"))).await;
                for (system, case) in own {
                    let tally = stage.replay(&case).await;
                    tallies.lock().unwrap().entry(system).or_default().add(&tally);
                }
            }
        })
    });
    for worker in futures::future::join_all(workers).await {
        worker.unwrap();
    }
    let tallies = tallies.lock().unwrap().clone();
    let (mut page, mut all) = (String::new(), Tally::default());
    for (system, tally) in &tallies {
        writeln!(page, "{}", tally.line(system)).unwrap();
        all.add(tally);
    }
    println!(
        "| system | asked | right | refused falsely | lost | other rows | do not run | mendable | mended | shown all the same | not answered (without it) | right in the end |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n{page}{}\n\n{}",
        all.line("all"),
        all.notes.join("\n")
    );
    assert_eq!(all.shown, 0, "told as an answer although it does not run");
}
