//! What verified questions are worth: half of the public questions of each database are verified, the other half is asked.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::*;
use crate::Leo;
use crate::adapter::AuditSink;
use crate::ask::AnswerStatus;
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::error::Result;
use crate::eval::{
    AnswerRequest, Answered, Answerer, Databases, EvalOptions, GateRunner, Item, QuestionResult, ScoreOptions, Suite, Turn,
    evaluate, judge,
};
use crate::knowledge::Knowledge;
use crate::settings::Preset;
use crate::source::sqlite::{InvalidUtf8, SqliteOptions, SqliteSource};
use crate::sync::{SyncOptions, sync};

/// Questions that a database has at least.
const ENOUGH: usize = 10;

/// One question with its reference.
struct Asked {
    question: String,
    gold: Vec<String>,
}

/// A database's questions, half of them verified.
struct Split {
    verified: Vec<VerifiedQuery>,
    asked: Vec<Asked>,
}

/// One of two halves, from the text alone.
fn half(text: &str) -> bool {
    Sha256::digest(text.as_bytes()).first().is_some_and(|byte| byte & 1 == 0)
}

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
        .join("nl2sql");
    if !folder.is_dir() {
        println!("skipped: no data in {}", folder.display());
        return None;
    }
    Some(folder)
}

/// The databases of one half with enough questions.
fn splits(folder: &Path, seen: bool) -> BTreeMap<String, Split> {
    let mut all: BTreeMap<String, Vec<Asked>> = BTreeMap::new();
    for name in ["spider_train.jsonl", "spider_dev.jsonl"] {
        for item in Suite::read(&folder.join(name)).unwrap().items {
            let is_there = folder.join("databases").join(format!("{}.sqlite", item.db)).is_file();
            if is_there && half(&item.db) == seen {
                let turn = item.turns.into_iter().next().unwrap();
                all.entry(item.db).or_default().push(Asked { question: turn.question, gold: turn.gold });
            }
        }
    }
    all.retain(|_, questions| questions.len() >= ENOUGH);
    let split = |questions: Vec<Asked>| {
        let (verified, asked): (Vec<Asked>, Vec<Asked>) = questions.into_iter().partition(|asked| half(&asked.question));
        let pair = |asked: Asked| VerifiedQuery { question: asked.question, sql: asked.gold.concat(), note: None };
        Split { verified: verified.into_iter().map(pair).collect(), asked }
    };
    all.into_iter().map(|(name, questions)| (name, split(questions))).collect()
}

/// The catalogues, kept in a file where `LEO_CATALOGS` names one.
fn catalogs(folder: &Path, names: impl Iterator<Item = String>) -> BTreeMap<String, Catalog> {
    let kept = std::env::var_os("LEO_CATALOGS").map(PathBuf::from);
    if let Some(text) = kept.as_ref().and_then(|path| std::fs::read(path).ok()) {
        let mut catalogs: BTreeMap<String, Catalog> = serde_json::from_slice(&text).unwrap();
        catalogs.values_mut().for_each(Catalog::reindex);
        return catalogs;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let ctx = Context::new("eval", "eval").unwrap();
    let read = |name: String| {
        let options = SqliteOptions { invalid_utf8: InvalidUtf8::Replace, ..SqliteOptions::default() };
        let path = folder.join("databases").join(format!("{name}.sqlite"));
        let source = SqliteSource::open_options(name.clone(), &path, options).unwrap();
        (name, runtime.block_on(sync(&ctx, &source, &audit, &SyncOptions::default(), &|_| {})).unwrap())
    };
    let catalogs: BTreeMap<String, Catalog> = names.map(read).collect();
    if let Some(path) = kept {
        std::fs::write(path, serde_json::to_vec(&catalogs).unwrap()).unwrap();
    }
    catalogs
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the shared data"]
async fn precision_of_what_is_found() {
    let Some(folder) = folder() else { return };
    let seen = std::env::var_os("LEO_HALF").is_none_or(|half| half == "seen");
    let splits = splits(&folder, seen);
    let names: Vec<String> = splits.keys().cloned().collect();
    let catalogs = {
        let folder = folder.clone();
        tokio::task::spawn_blocking(move || catalogs(&folder, names.into_iter())).await.unwrap()
    };
    let databases = Databases::new(Some(folder.join("databases")));
    let runner = GateRunner::new(Context::new("eval", "eval").unwrap(), Arc::new(MemorySink::with_capacity(10)));
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut asked, mut templates, mut pairs) = (0, 0, 0);
    for (name, split) in &splits {
        let index = SchemaIndex::build(&catalogs[name], &Knowledge::default());
        let database = databases.find(name).unwrap();
        let verified = Verified::build(&index, &Knowledge { verified: split.verified.clone(), ..Knowledge::default() }, true);
        pairs += split.verified.len();
        templates += verified.templates.len();
        for question in &split.asked {
            asked += 1;
            let Some(found) = verified.find(&index, &question.question) else { continue };
            let judgement = judge(&runner, &database, Some(&found.sql), &question.gold, ScoreOptions::default()).await;
            let right = judgement.matches.execution;
            let class = format!(
                "{:?}{}{}",
                found.likeness,
                if found.is_same { " same" } else { "" },
                if found.changed.is_empty() { "" } else { " changed" }
            );
            let count = counts.entry(class.clone()).or_default();
            *count = (count.0 + 1, count.1 + usize::from(right));
            // What is held back is counted and never looked at.
            if !right && seen {
                println!(
                    "{class} {name}\n  Q {}\n  V {}\n  A {}\n  G {}\n  {:?}",
                    question.question,
                    found.question,
                    found.sql,
                    question.gold.join(";"),
                    judgement.answer_failed.map(|error| error.to_string())
                );
            }
        }
    }
    println!("{} databases, {pairs} pairs, {templates} templates, {asked} asked", splits.len());
    for (class, (all, right)) in &counts {
        println!("{class}: {all} answered, {right} right, {:.3}", *right as f64 / *all as f64);
    }
}

/// Answers through [`Leo::ask`], and says which questions a verified one answered.
#[derive(Debug)]
struct Whole {
    leos: BTreeMap<String, Leo>,
    by_verified: Mutex<BTreeSet<(String, String)>>,
}

#[async_trait]
impl Answerer for Whole {
    async fn answer(&self, request: &AnswerRequest<'_>) -> Result<Answered> {
        let answer = self.leos[&request.database.name].ask(request.question).await?;
        if answer.provenance.planner == "verified" {
            self.by_verified.lock().unwrap().insert((request.database.name.clone(), request.question.to_owned()));
        }
        Ok(Answered {
            status: answer.status.as_str().to_owned(),
            sql: answer.sql_with_values.filter(|_| answer.status == AnswerStatus::Answered),
            confidence: answer.confidence,
            ms: Some(answer.timings.total_us as f64 / 1000.0),
            ..Answered::default()
        })
    }
}

/// Asks the unverified half the whole way, with the other half verified or without.
async fn asked(folder: &Path, splits: &BTreeMap<String, Split>, with: bool) -> (Vec<QuestionResult>, BTreeSet<(String, String)>) {
    let databases = Arc::new(Databases::new(Some(folder.join("databases"))));
    let mut leos = BTreeMap::new();
    let mut suite = Suite::default();
    for (name, split) in splits {
        let verified = if with { split.verified.clone() } else { Vec::new() };
        let source = Source::sqlite(&databases.find(name).unwrap().path).unwrap();
        let source = source.knowledge(Knowledge { verified, ..Knowledge::default() });
        let audit = Arc::new(MemorySink::with_capacity(10));
        let leo = Leo::builder().preset(Preset::Local).audit(audit).source(source).build().unwrap();
        leo.catalog(None).await.unwrap();
        leos.insert(name.clone(), leo);
        suite.items.extend(split.asked.iter().map(|asked| Item {
            db: name.clone(),
            turns: vec![Turn { question: asked.question.clone(), gold: asked.gold.clone(), ..Turn::default() }],
            ..Item::default()
        }));
    }
    let whole = Arc::new(Whole { leos, by_verified: Mutex::default() });
    let runner = Arc::new(GateRunner::new(Context::new("eval", "eval").unwrap(), Arc::new(MemorySink::with_capacity(10))));
    let answerer: Arc<dyn Answerer> = Arc::clone(&whole) as _;
    let evaluation = evaluate(&suite, databases, answerer, runner, EvalOptions::default(), |_| ()).await.unwrap();
    let by_verified = whole.by_verified.lock().unwrap().clone();
    (evaluation.questions, by_verified)
}

/// The figures of docs/evaluation.md: the databases of one half by a hash of their name, never looked at for anything else.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the shared data"]
async fn with_half_of_the_questions_verified() {
    let Some(folder) = folder() else { return };
    for seen in [true, false] {
        if std::env::var("LEO_HALF").is_ok_and(|half| (half == "seen") != seen) {
            continue;
        }
        let splits = splits(&folder, seen);
        let pairs: usize = splits.values().map(|split| split.verified.len()).sum();
        println!("{}: {} databases, {pairs} verified questions", if seen { "seen" } else { "held back" }, splits.len());
        let mut lines = Vec::new();
        let (with, by_verified) = asked(&folder, &splits, true).await;
        let (without, _) = asked(&folder, &splits, false).await;
        let is_verified = |result: &&QuestionResult| by_verified.contains(&(result.db.clone(), result.question.clone()));
        for (name, all) in [("without", &without), ("with", &with)] {
            lines.push((name, all.iter().collect::<Vec<_>>()));
        }
        lines.push(("without, those that a verified one answers", without.iter().filter(is_verified).collect()));
        lines.push(("with, those that a verified one answers", with.iter().filter(is_verified).collect()));
        let changed = |result: &&QuestionResult| is_verified(result) && !result.correct;
        println!("wrong by a verified one: {}", with.iter().filter(changed).count());
        for (name, results) in lines {
            let count = |is: fn(&&&QuestionResult) -> bool| results.iter().filter(is).count() as f64;
            let (all, answered, right) =
                (results.len() as f64, count(|result| result.status == "answered"), count(|result| result.correct));
            println!(
                "{name}: {all} questions, coverage {:.3}, right of answered {:.3}, right of all {:.3}",
                answered / all,
                right / answered,
                right / all
            );
        }
    }
}
