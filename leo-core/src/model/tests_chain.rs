//! Who is asked when, and what is played.
#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::time::Instant;

use super::{Cassette, Chain, Price, Prices};
use crate::adapter::{Model, ModelPurpose, ModelRequest, ModelResponse, ModelStop};
use crate::breaker::BreakerState;
use crate::context::{Context, HostContext};
use crate::error::{Error, ErrorKind, Result};

/// What a scripted model does next.
enum Does {
    Says(ModelResponse),
    Fails(Error),
    Hangs,
    Panics,
}

#[derive(Default)]
struct Scripted {
    name: &'static str,
    script: Mutex<VecDeque<Does>>,
    asked: Mutex<Vec<Instant>>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

#[async_trait]
impl Model for Scripted {
    async fn complete(&self, _: HostContext, _: ModelRequest) -> Result<ModelResponse> {
        self.asked.lock().unwrap().push(Instant::now());
        let next = self.script.lock().unwrap().pop_front();
        match next.unwrap_or(Does::Fails(down())) {
            Does::Says(response) => Ok(response),
            Does::Fails(error) => Err(error),
            Does::Hangs => std::future::pending().await,
            Does::Panics => panic!("sk-s3cret"),
        }
    }

    fn id(&self) -> Option<String> {
        Some(self.name.to_owned())
    }
}

impl Scripted {
    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn scripted(name: &'static str, script: impl IntoIterator<Item = Does>) -> Arc<Scripted> {
    Arc::new(Scripted { name, script: Mutex::new(script.into_iter().collect()), ..Scripted::default() })
}

fn down() -> Error {
    Error::unavailable("down")
}

fn busy(wait: Duration) -> Does {
    Does::Fails(Error::rate_limited("busy").with_retry_after(wait))
}

fn says(text: &str) -> Does {
    Does::Says(ModelResponse { output: text.into(), input_tokens: 1_000, output_tokens: 100, ..ModelResponse::default() })
}

fn request() -> ModelRequest {
    ModelRequest::new(ModelPurpose::Plan, "do", "this", json!({}))
}

fn ctx() -> HostContext {
    Context::new("acme", "ada").unwrap().to_host()
}

async fn ask(chain: &Chain) -> Result<ModelResponse> {
    chain.complete(ctx(), request()).await
}

fn tried(response: &ModelResponse) -> Vec<(&str, Option<ErrorKind>)> {
    response.attempts.iter().map(|attempt| (attempt.model.as_str(), attempt.error)).collect()
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_with_growing_waits() {
    let model = scripted("a", [Does::Fails(down()), Does::Fails(down()), says("yes")]);
    let response = ask(&Chain::default().then(model.clone())).await.unwrap();
    assert_eq!(tried(&response), [("a", Some(ErrorKind::Unavailable)), ("a", Some(ErrorKind::Unavailable)), ("a", None)]);
    let asked = model.asked.lock().unwrap().clone();
    let waits: Vec<f64> = asked.windows(2).map(|two| (two[1] - two[0]).as_secs_f64()).collect();
    assert!((0.25..=0.76).contains(&waits[0]) && (0.5..=1.51).contains(&waits[1]), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_kept_unless_another_model_is_there() {
    let wait = Duration::from_secs(7);
    let (alone, began) = (scripted("a", [busy(wait), says("yes")]), Instant::now());
    assert_eq!(ask(&Chain::default().then(alone)).await.unwrap().output, "yes");
    assert_eq!(began.elapsed().as_secs(), 7);
    let (first, began) = (scripted("a", [busy(wait)]), Instant::now());
    let chain = Chain::default().then(first.clone()).then(scripted("b", [says("mine")]));
    assert_eq!(ask(&chain).await.unwrap().output, "mine");
    assert_eq!((first.asked(), began.elapsed().as_secs()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_beyond_the_end() {
    let (model, began) = (scripted("a", [busy(Duration::from_secs(3_600)), says("late")]), Instant::now());
    let error = ask(&Chain::default().then(model)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(3_600))));
    assert_eq!(began.elapsed().as_secs(), 0);
    let (hanging, began) = (scripted("a", [Does::Hangs, says("late")]), Instant::now());
    let second = scripted("b", [says("too late")]);
    let error = ask(&Chain::default().then(hanging).then(second.clone())).await.unwrap_err();
    assert_eq!((error.kind(), began.elapsed().as_secs(), second.asked()), (ErrorKind::Timeout, 60, 0));
}

#[tokio::test(start_paused = true)]
async fn what_stays_wrong_is_left_to_the_next() {
    for error in [Error::config("key"), Error::unsupported("form"), Error::malformed("page"), Error::over_budget("used up")] {
        let first = scripted("a", [Does::Fails(error.clone()), says("never")]);
        let chain = Chain::default().then(first.clone()).then(scripted("b", [says("yes")]));
        let response = ask(&chain).await.unwrap();
        assert_eq!((response.output.as_str(), first.asked()), (Some("yes"), 1), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn words_of_a_host_are_not_told() {
    for does in [Does::Fails(Error::config("key sk-s3cret")), Does::Fails(Error::rate_limited("sk-s3cret")), Does::Panics] {
        let error = ask(&Chain::default().then(scripted("a", [does]))).await.unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
    let own = Chain::default().then_own(scripted("a", [Does::Fails(Error::config("the key is wrong"))]));
    assert_eq!(ask(&own).await.unwrap_err().message(), "the key is wrong");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_read_costs_and_does_not_count() {
    let cut = || {
        Does::Says(ModelResponse {
            output: "{\"sql\": \"SEL".into(),
            output_tokens: 9,
            stop: ModelStop::Length,
            ..Default::default()
        })
    };
    let chain = Chain::default().then(scripted("a", [cut(), cut()])).then(scripted("b", [says(" "), says("yes"), says(" ")]));
    let response = ask(&chain).await.unwrap();
    assert_eq!(response.check().unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(tried(&response), [("a", Some(ErrorKind::LimitExceeded)), ("b", Some(ErrorKind::Malformed))]);
    assert_eq!(ask(&chain).await.unwrap().output, "yes");
    let refused = Does::Says(ModelResponse { stop: ModelStop::Refused, ..Default::default() });
    let second = scripted("b", [says("I would")]);
    let response = ask(&Chain::default().then(scripted("a", [refused])).then(second.clone())).await.unwrap();
    assert_eq!((response.stop, second.asked()), (ModelStop::Refused, 0), "nobody shops for another answer");
}

#[tokio::test(start_paused = true)]
async fn a_model_that_is_down_is_left_alone_for_a_minute() {
    let (first, second) = (scripted("a", []), scripted("b", (0..20).map(|_| says("yes"))));
    let chain = Chain::default().then(first.clone()).then(second);
    for _ in 0..4 {
        assert_eq!(ask(&chain).await.unwrap().output, "yes");
    }
    assert_eq!((first.asked(), chain.statistics()[0].breaker), (5, BreakerState::Open));
    tokio::time::advance(Duration::from_secs(61)).await;
    first.script.lock().unwrap().push_back(says("back"));
    assert_eq!(ask(&chain).await.unwrap().output, "back");
    assert_eq!(chain.statistics()[0].breaker, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_counted() {
    let price = Price { input: 1.0, cached_input: None, output: 10.0 };
    let prices = Prices([("a".to_owned(), price)].into());
    let named = |text: &str| match says(text) {
        Does::Says(response) => Does::Says(ModelResponse { model: "a-2025-01-01".into(), ..response }),
        other => other,
    };
    let chain = Chain::default().then(scripted("openai:a", [named("x"), Does::Fails(Error::config("no"))])).with_prices(prices);
    let response = ask(&chain).await.unwrap();
    assert!((response.cost_usd.unwrap() - 0.002).abs() < 1e-12 && response.attempts[0].cost_usd == response.cost_usd);
    ask(&chain).await.unwrap_err();
    let figures = &chain.statistics()[0];
    assert_eq!((figures.requests, figures.failures, figures.requests_per_minute, figures.error_rate), (2, 1, 2, 0.5));
    assert_eq!((figures.input_tokens, figures.output_tokens), (1_000, 100));
    assert!((figures.cost_today_usd - 0.002).abs() < 1e-12);
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(chain.statistics()[0].requests_per_minute, 0);
    assert_eq!(Chain::default().complete(ctx(), request()).await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn what_was_recorded_is_played_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let recorder =
        Cassette::record(folder.path(), scripted("a", [says("one"), says("two"), says("other"), Does::Fails(down())])).unwrap();
    let other = ModelRequest::new(ModelPurpose::Plan, "do", "write to ada@example.com\nnow", json!({}));
    for request in [request(), request(), other.clone()] {
        recorder.complete(ctx(), request).await.unwrap();
    }
    assert!(recorder.complete(ctx(), request()).await.is_err(), "failures are not recorded");
    let played = Cassette::replay(folder.path()).unwrap();
    assert_eq!(played.len(), 2);
    for expected in ["one", "two", "two"] {
        let quick = ModelRequest { timeout_ms: 1, ..request() };
        assert_eq!(played.complete(ctx(), quick).await.unwrap().output, expected, "time is not part of what is asked");
    }
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    assert!(files.collect::<String>().contains("write to [email]"));
    assert_eq!(played.complete(ctx(), other).await.unwrap().output, "other");
}

#[tokio::test]
async fn what_was_not_recorded_says_what_is_different() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = Cassette::record(folder.path(), scripted("a", [says("one"), says("two")])).unwrap();
    let of = |text: &str| ModelRequest::new(ModelPurpose::Plan, "do", text, json!({"type": "object"}));
    recorder.complete(ctx(), of("schema\nline two\nhow many orders?")).await.unwrap();
    recorder.complete(ctx(), of("something\nelse\nentirely")).await.unwrap();
    let played = Cassette::replay(folder.path()).unwrap();
    let missed = |request| {
        let played = &played;
        async move { played.complete(ctx(), request).await.unwrap_err() }
    };
    let error = missed(of("schema\nline two\nhow many returns of bob@example.com?")).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.message(),
        "no answer is recorded for this request of purpose `plan`: it says `how many returns of [email]?` where the nearest recorded one says \
         `how many orders?`; record it anew"
    );
    let error = missed(ModelRequest { schema: json!({}), ..of("schema\nline two\nhow many orders?") }).await;
    assert!(error.message().contains("the form it asks for differs"), "{error}");
    std::fs::write(folder.path().join("x.json"), "{\"version\": 9}").unwrap();
    assert_eq!(Cassette::replay(folder.path()).unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(Cassette::replay(folder.path().join("nowhere")).unwrap_err().kind(), ErrorKind::NotFound);
}
