//! The guard's set of columns and functions against what SQLite itself reports: whatever the guard lets through, the engine's own
//! check must let through too, or honest statements would fail at the last door. Runs reference statements and statements that
//! published systems wrote.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use leo::Context;
use leo::adapter::{Access, AuditSink};
use leo::audit::MemorySink;
use leo::catalog::Catalog;
use leo::gate::{self, Connector, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions, RecordMeta};
use leo::guard::{Purpose, Request, vet};
use leo::settings::GuardLimits;
use leo::source::sqlite::{InvalidUtf8, SqliteOptions, SqliteSource};

fn shared() -> PathBuf {
    std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
}

/// `(database, statement)` of a suite, each statement once.
fn statements(file: &str, field: &str) -> Vec<(String, String)> {
    let Ok(text) = std::fs::read_to_string(shared().join("nl2sql").join(file)) else { return Vec::new() };
    let mut found: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).ok()?;
            Some((row.get("db")?.as_str()?.to_owned(), row.get(field)?.as_str()?.to_owned()))
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn what_the_guard_passes_the_engine_passes() {
    let mut all = statements("spider_dev.jsonl", "gold");
    all.extend(statements("spider_train.jsonl", "gold"));
    all.extend(statements("published_predictions_dev.jsonl", "sql"));
    if all.is_empty() {
        println!("skipped: no statements at hand");
        return;
    }
    let ctx = Context::new("tests", "tests").unwrap();
    let mut open: HashMap<String, Option<(SqliteSource, Catalog)>> = HashMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut refused = Vec::new();
    for (db, sql) in &all {
        if !open.contains_key(db) {
            let path = shared().join("nl2sql/databases").join(format!("{db}.sqlite"));
            let options = SqliteOptions { invalid_utf8: InvalidUtf8::Replace, ..SqliteOptions::default() };
            let opened = match SqliteSource::open_options(db, path, options) {
                Ok(source) => {
                    let catalog = source.introspect(&ctx, IntrospectOptions::default()).await.unwrap();
                    Some((source, catalog))
                }
                Err(_) => None,
            };
            open.insert(db.clone(), opened);
        }
        let Some((source, catalog)) = &open[db] else { continue };
        let vetting = vet(&Request {
            ctx: &ctx,
            source: db,
            catalog,
            access: &Access::full(),
            settings: &GuardLimits::default(),
            sql,
            params: &[],
            purpose: Purpose::Eval,
        });
        let Ok(vetted) = vetting.into_result() else {
            *counts.entry("not vetted".into()).or_default() += 1;
            continue;
        };
        let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
        let policy_hash = vetted.policy_hash().to_owned();
        let now = InForce { catalog_version: catalog.version(), policy_hash: &policy_hash };
        let recorded = gate::record(&ctx, vetted, &audit, RecordMeta::default()).await.unwrap();
        let Priced::Cleared(cleared) = gate::price(&ctx, recorded, source, now, &PriceLimits::default()).await.unwrap() else {
            unreachable!("no limits are set")
        };
        let outcome = match gate::run(&ctx, cleared, source, now, QueryOptions::default()).await {
            Ok(mut stream) => loop {
                match stream.next().await {
                    Some(Ok(_)) => {}
                    Some(Err(error)) => break Err(error),
                    None => break Ok(()),
                }
            },
            Err(error) => Err(error),
        };
        let outcome = match outcome {
            Ok(()) => "ran".to_owned(),
            Err(error) => {
                if error.message().contains("own check") {
                    refused.push(format!("{db}: {sql}\n    {error}"));
                }
                if std::env::var_os("LEO_SHOW_FAILED").is_some() {
                    println!("{db}: {sql}\n    {error}");
                }
                error.kind().to_string()
            }
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("{} statements: {counts:?}", all.len());
    assert!(counts["ran"] > 1_000, "{counts:?}");
    assert!(refused.is_empty(), "{} statements:\n{}", refused.len(), refused.join("\n"));
}
