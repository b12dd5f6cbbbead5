//! More questions than are answered at a time: they wait, are refused, or are answered later.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::tests_cache::{Host, SPREAD, TOTAL};
use crate::adapter::{KeyStore, Storage};
use crate::ask::{AskEvent, TicketReason};
use crate::context::Context;
use crate::error::ErrorKind;
use crate::seal::EnvironmentKeys;
use crate::settings::SettingsLayer;
use crate::store::MemoryStorage;
use crate::{Answer, AnswerStatus, AskOptions, Leo, LeoBuilder};

fn options(on_overload: &str) -> AskOptions {
    let mut settings = SettingsLayer::default();
    settings.set("ask.on_overload", on_overload).unwrap();
    AskOptions { settings, ..AskOptions::default() }
}

const ONE_AT_A_TIME: &str = r#"{"ask": {"max_at_once": 1}, "cache": {"ttl_s": 0, "stale_s": 0}}"#;

/// While this goes on, the only turn is taken.
async fn busy(host: &Host) -> tokio::task::JoinHandle<Answer> {
    host.engine.is_slow.store(true, Ordering::SeqCst);
    let leo = host.of("root");
    let asked = tokio::spawn(async move { leo.ask("how many orders are there?").await.unwrap() });
    tokio::time::sleep(Duration::from_millis(20)).await;
    asked
}

#[tokio::test]
async fn a_question_waits_for_its_turn_or_is_refused() {
    let host = Host::with(ONE_AT_A_TIME).await;
    let first = busy(&host).await;
    let refused = host.of("root").ask_with(TOTAL, &options("refuse")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::RateLimited);
    assert!(refused.retry_after().is_some() && refused.message().contains("ask.max_at_once"), "{refused}");
    let places = Mutex::new(Vec::new());
    let told = |event: AskEvent| {
        if let AskEvent::Queued(place) = event {
            places.lock().unwrap().push(place);
        }
    };
    let waited = host.of("root").ask_observed(TOTAL, &AskOptions::default(), &told).await.unwrap();
    assert_eq!((waited.status, places.into_inner().unwrap()), (AnswerStatus::Answered, vec![1]));
    assert_eq!(first.await.unwrap().status, AnswerStatus::Answered);
    let impatient = Context::new("acme", "root").unwrap().with_roles(["owner"]).with_timeout(Duration::from_millis(15));
    let _busy = busy(&host).await;
    let late = host.leo.for_user(impatient).ask(TOTAL).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Timeout);
    assert!(host.leo.for_user(Context::new("globex", "root").unwrap().with_roles(["owner"])).ask(TOTAL).await.is_ok());
}

#[tokio::test]
async fn a_ticket_is_redeemed_by_who_asked_and_nobody_else() {
    let host = Host::with(ONE_AT_A_TIME).await;
    let first = busy(&host).await;
    let options = AskOptions { session: Some("monday".into()), ..options("queue") };
    let queued = host.of("north").ask_with(TOTAL, &options).await.unwrap();
    let ticket = queued.ticket.clone().unwrap();
    assert_eq!((queued.status, ticket.reason, ticket.position), (AnswerStatus::Queued, TicketReason::Overload, 1));
    assert!(queued.message().starts_with("the question waits, because others of your organisation asked before; it has place 1"));
    assert_eq!(queued.raise_for_status().unwrap_err().kind(), ErrorKind::Unavailable);
    let second = host.of("north").ask_with("how many orders?", &options).await.unwrap().ticket.unwrap();
    assert_eq!(second.position, 2);
    assert_eq!(host.of("north").tickets().list().await.unwrap().len(), 2);
    let again = host.of("north").tickets().redeem(&ticket.id).await.unwrap();
    assert_eq!((again.status, &again.ticket.unwrap().id), (AnswerStatus::Queued, &ticket.id), "it is still busy");
    first.await.unwrap();
    for (tenant, user) in [("acme", "south"), ("globex", "north")] {
        let other = host.leo.for_user(Context::new(tenant, user).unwrap().with_roles(["owner"])).tickets();
        assert!(other.list().await.unwrap().is_empty());
        assert_eq!(other.redeem(&ticket.id).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(other.cancel(&ticket.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
    let own = host.of("north").tickets();
    assert!(own.get(&ticket.id).await.unwrap().eta_ms.is_some(), "it is known by now how long a question takes");
    let answer = own.redeem(&ticket.id).await.unwrap();
    assert_eq!((answer.status, answer.table.as_ref().unwrap().value(0, 0).to_string().as_str()), (AnswerStatus::Answered, "30"));
    assert_eq!(own.redeem(&ticket.id).await.unwrap_err().kind(), ErrorKind::NotFound, "once");
    let turns = host.of("north").sessions().get("monday").await.unwrap().turns;
    assert_eq!(turns.len(), 1, "what was answered is kept, what waits is not");
    assert_eq!(own.get(&second.id).await.unwrap().position, 1);
    own.cancel(&second.id).await.unwrap();
    assert!(own.list().await.unwrap().is_empty());
    for id in ["", "../x", "ticket", &"9".repeat(5_000)] {
        let error = own.redeem(id).await.unwrap_err();
        assert!(error.kind() == ErrorKind::NotFound && error.message().len() < 200, "{error}");
    }
}

#[tokio::test]
async fn a_question_waits_for_its_model() {
    let host = Host::with(r#"{"ask": {"on_overload": "queue"}}"#).await;
    host.oracle.is_down.store(true, Ordering::SeqCst);
    let queued = host.of("root").ask(SPREAD).await.unwrap();
    let ticket = queued.ticket.unwrap();
    assert_eq!((queued.status, ticket.reason, ticket.eta_ms), (AnswerStatus::Queued, TicketReason::ModelDown, None));
    assert_eq!(host.of("root").ask(TOTAL).await.unwrap().status, AnswerStatus::Answered, "who needs no model does not wait");
    let tickets = host.of("root").tickets();
    host.oracle.is_down.store(false, Ordering::SeqCst);
    let answer = tickets.redeem(&ticket.id).await.unwrap();
    assert_eq!((answer.status, answer.provenance.planner.as_str()), (AnswerStatus::Answered, "model"));
    assert_eq!(host.outcomes("question"), ["queued", "answered", "answered"]);
}

#[tokio::test]
async fn a_ticket_outlives_the_process_and_not_its_deadline() {
    let storage = Arc::new(MemoryStorage::default());
    let keys = || Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap()) as Arc<dyn KeyStore>;
    let open = |builder: LeoBuilder| builder.storage(Arc::clone(&storage) as Arc<dyn Storage>).keys(keys());
    let host = Host::made(ONE_AT_A_TIME, open).await;
    let first = busy(&host).await;
    let ticket = host.of("north").ask_with(TOTAL, &options("queue")).await.unwrap().ticket.unwrap();
    let short = Context::new("acme", "north").unwrap().with_roles(["owner"]).with_timeout(Duration::from_millis(200));
    let brief = host.leo.for_user(short).ask_with(TOTAL, &options("queue")).await.unwrap().ticket.unwrap();
    assert!(brief.deadline < ticket.deadline);
    first.await.unwrap();
    drop(host);
    let kept = storage.list_page("", None, 1_000).await.unwrap();
    for key in kept {
        let value = storage.get(&key).await.unwrap().unwrap().value;
        let is_told = |text: &str| String::from_utf8_lossy(&value).contains(text) || key.contains(text);
        assert!(!is_told("total amount") && !is_told("north"), "{key}: what people wrote is sealed");
    }
    let later = Host::made(ONE_AT_A_TIME, open).await;
    let tickets = later.of("north").tickets();
    let answer = tickets.redeem(&ticket.id).await.unwrap();
    assert_eq!((answer.status, answer.table.unwrap().value(0, 0).to_string().as_str()), (AnswerStatus::Answered, "30"));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(tickets.redeem(&brief.id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn of_those_who_ask_at_once_each_is_answered_or_holds_a_ticket() {
    let host = Host::with(ONE_AT_A_TIME).await;
    host.engine.is_slow.store(true, Ordering::SeqCst);
    let leo: Leo = host.of("root");
    let asked =
        futures::future::join_all((0..20).map(|_| async { leo.ask_with(TOTAL, &options("queue")).await.unwrap().status })).await;
    assert_eq!(asked.iter().filter(|status| **status == AnswerStatus::Answered).count(), 1);
    assert_eq!(leo.tickets().list().await.unwrap().len(), 19);
}
