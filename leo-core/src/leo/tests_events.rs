//! What observers are told, in which order, and that a call which ends early leaves no work behind.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::tests_cache::{Host, SPREAD, TOTAL};
use crate::ask::{AskEvent, Stage};
use crate::context::Context;
use crate::error::ErrorKind;
use crate::settings::SettingsLayer;
use crate::{Answer, AskOptions, Result};

/// What is asked, and how it goes.
#[derive(Debug, Clone)]
struct Way {
    question: &'static str,
    first: bool,
    narrative: bool,
    candidates: u64,
    says: usize,
    model_is_down: bool,
    database_is_down: bool,
    /// The event at which the call is cancelled, and whether it is dropped instead.
    ends_at: Option<(usize, bool)>,
    is_cached: bool,
}

fn says(which: usize) -> Json {
    match which {
        0 => json!({"sql": "SELECT max(amount) - min(amount) AS spread FROM orders", "params": []}),
        1 => json!({"sql": "SELECT nothing FROM nowhere", "params": []}),
        2 => json!({"clarify": {"question": "Which?", "options": ["this", "that"]}}),
        3 => json!("I would rather not"),
        _ => Json::Null,
    }
}

fn ways() -> impl Strategy<Value = Way> {
    let question = prop_oneof![Just(TOTAL), Just(SPREAD), Just("hello there"), Just("salaries of unicorns")];
    let ends_at = prop_oneof![2 => Just(None), 5 => (0..40_usize, any::<bool>()).prop_map(Some)];
    (
        question,
        any::<(bool, bool)>(),
        1..3_u64,
        0..5_usize,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        ends_at,
        any::<bool>(),
    )
        .prop_map(|(question, (first, narrative), candidates, says, model_is_down, database_is_down, ends_at, is_cached)| {
            Way { question, first, narrative, candidates, says, model_is_down, database_is_down, ends_at, is_cached }
        })
}

/// Goes the way, and tells every event and what came of it; nothing where the call was dropped.
async fn go(host: &Host, way: &Way) -> (Vec<AskEvent>, Option<Result<Answer>>) {
    *host.oracle.says.lock().unwrap() = says(way.says);
    host.oracle.is_down.store(way.model_is_down, Ordering::SeqCst);
    host.engine.is_down.store(way.database_is_down, Ordering::SeqCst);
    let mut settings = SettingsLayer::default();
    settings.set("model.first", way.first).unwrap();
    settings.set("model.candidates", way.candidates).unwrap();
    settings.set("cache.ttl_s", if way.is_cached { 3_600 } else { 0 }).unwrap();
    settings.set("model.timeout_ms", 300).unwrap();
    settings.set("model.narrative", way.narrative).unwrap();
    let options = AskOptions { settings, ..AskOptions::default() };
    let ctx = Context::new("acme", "root").unwrap().with_roles(["owner"]);
    let (cancel, leo) = (ctx.cancel.clone(), host.leo.for_user(ctx));
    let (events, reached) = (Mutex::new(Vec::new()), tokio::sync::Notify::new());
    let observer = |event: AskEvent| {
        let mut events = events.lock().unwrap();
        events.push(event);
        if let Some((at, is_dropped)) = way.ends_at
            && events.len() == at + 1
        {
            if is_dropped { reached.notify_one() } else { cancel.cancel() }
        }
    };
    let outcome = tokio::select! {
        biased;
        () = reached.notified() => None,
        answer = leo.ask_observed(way.question, &options, &observer) => Some(answer),
    };
    (events.into_inner().unwrap(), outcome)
}

fn may_ask(stage: Option<Stage>) -> bool {
    matches!(stage, Some(Stage::Plan | Stage::Narrate))
}

/// What is wrong with the order of events.
fn disorder(events: &[AskEvent]) -> Option<String> {
    let (mut running, mut last, mut asked): (Option<Stage>, Option<Stage>, i32) = (None, None, 0);
    for (at, event) in events.iter().enumerate() {
        let wrong = match *event {
            AskEvent::Queued(_) => last.is_some() || running.is_some(),
            AskEvent::Started(stage) => {
                let again = matches!(stage, Stage::Plan) || (stage == Stage::Compile || stage == Stage::Vet);
                let is_wrong = running.is_some() || last.is_some_and(|last| stage <= last && !again);
                running = Some(stage);
                is_wrong
            }
            AskEvent::Finished(stage, _) => {
                let is_wrong = running != Some(stage) || asked != 0;
                (running, last) = (None, Some(stage));
                is_wrong
            }
            AskEvent::ModelAsked(_) => {
                asked += 1;
                !may_ask(running)
            }
            AskEvent::ModelAnswered(..) => {
                asked -= 1;
                !may_ask(running) || asked < 0
            }
        };
        if wrong {
            return Some(format!("event {at} of {events:?}"));
        }
    }
    running.map(|stage| format!("{stage:?} did not end: {events:?}"))
}

/// Attempts of the audit without exactly one outcome.
fn open_attempts(host: &Host) -> Vec<String> {
    let events = host.sink.events();
    let attempts = events.iter().filter(|event| matches!(event.action.as_str(), "statement" | "tool_invocation"));
    let outcomes = |id: &str| {
        events.iter().filter(|event| event.action.ends_with("_outcome") && event.attempt.as_deref() == Some(id)).count()
    };
    attempts.filter(|event| outcomes(&event.id) != 1).map(|event| format!("{} {}", event.action, event.id)).collect()
}

/// Nothing runs, and everything that was announced has an outcome.
async fn nothing_is_left(host: &Host) -> std::result::Result<(), String> {
    for _ in 0..200 {
        let running = host.engine.under_way.load(Ordering::SeqCst) + host.oracle.under_way.load(Ordering::SeqCst);
        if running == 0 && open_attempts(host).is_empty() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err(format!("left behind: {:?}", open_attempts(host)))
}

#[test]
fn events_come_in_order_and_a_call_that_ends_early_leaves_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let host = runtime.block_on(Host::with(r#"{"cache": {"ttl_s": 3600, "stale_s": 7200}}"#));
    let seen = Mutex::new(BTreeSet::new());
    let config = ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(way in ways())| {
        let (events, outcome) = runtime.block_on(go(&host, &way));
        prop_assert_eq!(disorder(&events), None, "{:?}", way);
        let ended = match &outcome {
            None => "dropped".to_owned(),
            Some(Ok(answer)) => answer.status.as_str().to_owned(),
            Some(Err(error)) => error.kind().to_string(),
        };
        if let (Some((at, false)), Some(outcome)) = (way.ends_at, &outcome)
            && events.len() > at + 3
        {
            let kind = outcome.as_ref().err().map(crate::Error::kind);
            prop_assert!(kind == Some(ErrorKind::Cancelled) || at + 8 > events.len(), "{} went on after it was cancelled: {:?}", ended, way);
        }
        seen.lock().unwrap().insert(ended);
        prop_assert_eq!(runtime.block_on(nothing_is_left(&host)), Ok(()), "{:?}", way);
    });
    let seen = seen.into_inner().unwrap();
    for outcome in ["answered", "cancelled", "clarify", "declined", "dropped", "not_data_question"] {
        assert!(seen.contains(outcome), "{outcome} was not reached: {seen:?}");
    }
}
