//! Many askers at once, with a model that takes a second for each answer: what Leo adds to that second, and what it does with more than it can
//! answer at a time. Beside it LangChain and Vanna, at the same rates, on the same service.
//!
//! `LEO_BENCH_PYTHON` names a Python with `langchain`, `langchain-classic`, `langchain-community`, `langchain-openai`, `vanna`, `sqlalchemy`, `psycopg2-binary` and
//! `pandas` for the peers; `LEO_LOAD_SECONDS` is how long the sustained rate goes on, 60 unless set.
#![allow(missing_docs, clippy::unwrap_used)]

mod peers;
mod service;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use leo::adapter::RoleAuthorizer;
use leo::audit::{JsonLinesOptions, JsonLinesSink};
use leo::builder::Source;
use leo::model::{ModelSpec, Protocol};
use leo::settings::SettingsLayer;
use leo::{AnswerStatus, AskOptions, Context, Leo};
use leo_benches::memory;
use leo_tests::postgres::Server;
use service::Service;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a model takes for an answer.
const SECOND: Duration = Duration::from_secs(1);
const USERS: usize = 200;

/// Rows to ask about, in SQL that both engines take.
const PAYMENTS: &str = "CREATE TABLE payments (id INTEGER PRIMARY KEY, customer_id INTEGER, amount INTEGER, paid_on TEXT);
    INSERT INTO payments SELECT n, n % 97, n * 37 % 1009, '2024-01-01' FROM (
        WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 10000) SELECT n FROM counted) AS numbers;";

/// How questions come.
#[derive(Clone, Copy)]
pub struct Phase {
    pub name: &'static str,
    /// A second; 0 for all at once.
    pub rate: u32,
    pub count: usize,
    pub on_overload: &'static str,
}

fn phases() -> Vec<Phase> {
    let seconds: usize = std::env::var("LEO_LOAD_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    vec![
        Phase { name: "5 a second", rate: 5, count: 5 * seconds, on_overload: "wait" },
        Phase { name: "20 a second", rate: 20, count: 200, on_overload: "wait" },
        Phase { name: "200 at once", rate: 0, count: 200, on_overload: "wait" },
        Phase { name: "200 at once, tickets", rate: 0, count: 200, on_overload: "queue" },
    ]
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(SECOND);
    let path = folder.path().join("payments.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(PAYMENTS).unwrap();
    let mut places = vec![("SQLite", path.display().to_string(), format!("sqlite:///{}", path.display()))];
    let server = Server::shared();
    if let Some(server) = server {
        let ran = server.run("postgres", &format!("{PAYMENTS} GRANT SELECT ON payments TO reader;"));
        assert!(ran.trim().is_empty(), "{ran}");
        let url = server.url("reader", "postgres");
        places.push(("PostgreSQL", url.clone(), url.replacen("postgres://", "postgresql+psycopg2://", 1)));
    }
    println!("| engine | who | questions | P50 over 1 s | P95 over 1 s | worst | took | failed | memory |");
    println!("|---|---|---|---:|---:|---:|---:|---:|---:|");
    for (engine, place, url) in &places {
        let leo = open(place, &service, folder.path().join(format!("{engine}.jsonl"))).await;
        for phase in phases() {
            let before = memory::reset_peak();
            let began = Instant::now();
            let (times, failed, queued) = run(&leo, phase).await;
            let memory = before.zip(memory::peak()).map_or_else(String::new, |(before, peak)| format!("{before} → {peak} MiB"));
            let failed = if queued > 0 { format!("{failed} ({queued} tickets redeemed)") } else { failed.to_string() };
            row(engine, "Leo", phase, times, began.elapsed(), &failed, &memory);
        }
        for phase in phases().into_iter().filter(|phase| phase.on_overload == "wait") {
            for peer in ["langchain", "vanna"] {
                let began = Instant::now();
                match peers::run(peer, url, &service.url(), phase) {
                    Ok((times, said)) => row(engine, peer, phase, times, began.elapsed(), &said, ""),
                    Err(said) => println!("| {engine} | {peer} | {} | | | | | {said} | |", phase.name),
                }
            }
        }
    }
}

/// A product's handle: audit in a file, a limit on what is asked at a time, nothing given twice.
async fn open(place: &str, service: &Service, audit: std::path::PathBuf) -> Leo {
    let mut spec = ModelSpec::new(Protocol::Chat, "second", String::new());
    spec.base_url = Some(service.url());
    let source = Source::connect(place.parse().unwrap()).await.unwrap().execution(true);
    let leo = Leo::builder()
        .source(source)
        .authorizer(Arc::new(RoleAuthorizer))
        .audit(Arc::new(JsonLinesSink::open(audit, JsonLinesOptions::default()).unwrap()))
        .model_service(spec)
        .settings(SettingsLayer::parse(r#"{"cache": {"ttl_s": 0, "stale_s": 0}}"#).unwrap())
        .build()
        .unwrap();
    user(&leo, 0).catalog(None).await.unwrap();
    leo
}

fn user(leo: &Leo, number: usize) -> Leo {
    let ctx = Context::new("acme", format!("user{}", number % USERS)).unwrap();
    leo.for_user(ctx.with_roles(["owner"]))
}

/// Asks as the phase says; how long each took from the moment it was due, how many failed, and how many were answered by a ticket.
async fn run(leo: &Leo, phase: Phase) -> (Vec<Duration>, usize, usize) {
    // No two questions of the bench are the same: nothing is shared.
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let start = Instant::now();
    let mut asked = tokio::task::JoinSet::new();
    for number in 0..phase.count {
        let due = start + if phase.rate == 0 { Duration::ZERO } else { Duration::from_secs(1) * number as u32 / phase.rate };
        tokio::time::sleep_until(due.into()).await;
        let leo = user(leo, number);
        let batch = ASKED.fetch_add(1, Ordering::Relaxed) + 1;
        asked.spawn(async move {
            let mut settings = SettingsLayer::default();
            settings.set("ask.on_overload", phase.on_overload).unwrap();
            let options = AskOptions { settings, ..AskOptions::default() };
            let mut answer =
                leo.ask_with(&format!("interquartile spread of the amounts in batch {batch}, please"), &options).await;
            let mut waited = false;
            while let Ok(queued) = &answer
                && let Some(ticket) = &queued.ticket
            {
                waited = true;
                tokio::time::sleep(Duration::from_millis(ticket.eta_ms.unwrap_or(500).clamp(50, 2_000))).await;
                answer = leo.tickets().redeem(&ticket.id).await;
            }
            let is_right =
                answer.is_ok_and(|answer| answer.status == AnswerStatus::Answered && answer.provenance.planner == "model");
            (is_right.then(|| due.elapsed()), waited)
        });
    }
    let (mut times, mut failed, mut queued) = (Vec::new(), 0, 0);
    while let Some(one) = asked.join_next().await {
        let (took, waited) = one.unwrap();
        queued += usize::from(waited);
        match took {
            Some(took) => times.push(took),
            None => failed += 1,
        }
    }
    (times, failed, queued)
}

fn row(engine: &str, who: &str, phase: Phase, mut times: Vec<Duration>, took: Duration, failed: &str, memory: &str) {
    times.sort();
    let over = |at: Duration| format!("{:.1} ms", (at.as_secs_f64() - SECOND.as_secs_f64()) * 1e3);
    let at = |share: usize| {
        times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).map_or_else(String::new, |at| over(*at))
    };
    let worst = times.last().map_or_else(String::new, |at| over(*at));
    let (half, most) = (at(50), at(95));
    println!(
        "| {engine} | {who} | {} | {half} | {most} | {worst} | {:.1} s | {failed} | {memory} |",
        phase.name,
        took.as_secs_f64()
    );
}
