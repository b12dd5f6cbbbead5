//! From adding to removing.

use std::time::Duration;

use futures::{FutureExt, StreamExt};
use leo::builder::Source;
use leo::sources::SourceState;
use leo::{ErrorKind, Leo};

use super::support::{Host, count, stream};

#[tokio::test]
async fn sources_come_and_go_while_it_runs() {
    let host = Host::new();
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    assert_eq!(leo.ask("how many things?").await.unwrap_err().kind(), ErrorKind::Config);
    sources.add(Source::from_spec("a", host.file("a", 1))).await.unwrap();
    sources.add(Source::from_spec("b", host.file("b", 2))).await.unwrap();
    let error = sources.add(Source::from_spec("a", host.file("c", 3))).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Conflict && error.message().contains("`a`"), "{error}");
    let ids: Vec<String> = sources.list().await.unwrap().into_iter().map(|source| source.id).collect();
    assert_eq!(ids, ["a", "b"]);
    let listed = &sources.list().await.unwrap()[0];
    assert_eq!((listed.engine.as_deref(), listed.is_own, listed.state), (Some("sqlite"), true, SourceState::Connected));
    assert!(!sources.status("a").await.unwrap().is_open, "opened when it is used first");
    assert_eq!(count(&leo, "a").await.unwrap(), "1");
    assert!(sources.status("a").await.unwrap().is_open);
    assert_eq!(sources.test("b").await.unwrap().tables_found, 2);
    sources.remove("a").await.unwrap();
    assert_eq!(count(&leo, "a").await.unwrap_err().kind(), ErrorKind::NotFound);
    sources.add(Source::from_spec("a", host.file("c", 3))).await.unwrap();
    assert_eq!(count(&leo, "a").await.unwrap(), "3");
}

#[tokio::test]
async fn without_any_source_a_handle_says_how_to_get_one() {
    let leo = Leo::builder().preset(leo::settings::Preset::Local).build().unwrap();
    let error = leo.ask("how many things?").await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound && error.message().contains("sources().add"), "{error}");
    assert!(leo.recent_audit().await.unwrap().is_empty());
    let wrong = leo::source::SourceSpec::new(leo::source::Engine::Postgres);
    assert_eq!(leo.sources().add(Source::from_spec("pg", wrong.clone())).await.unwrap_err().kind(), ErrorKind::Config);
    let error = Leo::builder().preset(leo::settings::Preset::Local).source(Source::from_spec("pg", wrong)).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        leo.sources().update("pg", leo::source::SourceSpec::new(leo::source::Engine::Mysql)).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn an_update_is_tried_first_and_rolled_back() {
    let host = Host::new();
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    sources.add(Source::from_spec("a", host.file("one", 1))).await.unwrap();
    assert_eq!(count(&leo, "a").await.unwrap(), "1");
    let mut reading = stream(&leo, "a").await.unwrap();
    let error = sources.update("a", host.missing()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert_eq!(count(&leo, "a").await.unwrap(), "1");
    assert_eq!(sources.status("a").await.unwrap().state, SourceState::Connected);
    sources.update("a", host.file("two", 2)).await.unwrap();
    assert_eq!(count(&leo, "a").await.unwrap(), "2");
    let names: Vec<String> = leo.catalog(Some("a")).await.unwrap().tables.iter().map(|table| table.name.to_string()).collect();
    assert!(names.iter().any(|name| name.ends_with("two")), "{names:?}");
    let mut rows = 0;
    while let Some(batch) = reading.next().await {
        rows += batch.unwrap().num_rows();
    }
    assert_eq!(rows, 1, "what was under way ends where it began");
}

#[tokio::test]
async fn disconnecting_waits_cancels_closes_and_forgets() {
    let host = Host::new();
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    sources.add(Source::from_spec("a", host.file("one", 30_000))).await.unwrap();
    assert_eq!(count(&leo, "a").await.unwrap(), "30000");
    let mut reading = stream(&leo, "a").await.unwrap();
    assert!(reading.next().await.unwrap().is_ok());
    // It waits for the stream, and meanwhile lets nobody in.
    let waiting = {
        let sources = sources.clone();
        tokio::spawn(async move { sources.disconnect("a", Duration::from_secs(3_600)).await })
    };
    while sources.status("a").await.unwrap().state != SourceState::ActionRequired {
        tokio::task::yield_now().await;
    }
    let error = count(&leo, "a").await.unwrap_err();
    assert!(error.kind() == ErrorKind::Closed && error.message().contains("disconnected"), "{error}");
    assert!(!waiting.is_finished());
    while reading.next().await.is_some() {}
    drop(reading);
    assert_eq!(waiting.await.unwrap().unwrap(), 0, "it ended by itself");
    assert!(!sources.status("a").await.unwrap().is_open);
    // Connected again by a spec.
    sources.update("a", host.file("two", 30_000)).await.unwrap();
    assert_eq!(sources.status("a").await.unwrap().state, SourceState::Connected);
    let mut reading = stream(&leo, "a").await.unwrap();
    let cutting = tokio::spawn(async move { sources.disconnect("a", Duration::ZERO).await });
    while leo.sources().status("a").await.unwrap().state != SourceState::ActionRequired {
        tokio::task::yield_now().await;
    }
    // It is cancelled right after.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let cut = reading.next().await.unwrap();
    assert_eq!(cut.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(cutting.await.unwrap().unwrap(), 1);
    assert_eq!(count(&leo, "a").await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn a_call_that_a_disconnect_cuts_short_says_so() {
    let host = Host::new();
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    sources.add(Source::from_spec("a", host.file("one", 3_000))).await.unwrap();
    count(&leo, "a").await.unwrap();
    let options = leo::SqlOptions { source: Some("a".into()), timeout: Some(Duration::from_secs(600)), ..Default::default() };
    let long = "SELECT count(*) FROM things a JOIN things b ON a.id > b.id JOIN things c ON c.id > b.id";
    let running = tokio::spawn({
        let leo = leo.clone();
        async move { leo.sql_with(long, &options).await }
    });
    let started =
        || host.sink.events().iter().filter(|event| event.sql.as_deref().is_some_and(|sql| sql.contains("JOIN"))).count();
    while started() < 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let cancelled = sources.disconnect("a", Duration::from_millis(10)).await.unwrap();
    assert!(cancelled >= 1);
    let error = running.await.unwrap().unwrap_err();
    assert!(error.kind() == ErrorKind::Closed && error.message().contains("disconnected"), "{error}");
}

#[tokio::test]
async fn it_goes_on_when_nobody_waits_for_it() {
    let host = Host::new();
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    sources.add(Source::from_spec("a", host.file("one", 1))).await.unwrap();
    count(&leo, "a").await.unwrap();
    let reading = stream(&leo, "a").await.unwrap();
    {
        let mut given_up = Box::pin(sources.disconnect("a", Duration::from_secs(3_600)));
        while sources.status("a").await.unwrap().state != SourceState::ActionRequired {
            assert!(given_up.as_mut().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
    }
    drop(reading);
    while !host.sink.steps().contains(&"disconnect_source".to_owned()) || host.sink.steps().last().unwrap() != "- ok" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_resolved_source_is_changed_at_the_host() {
    let host = Host::new();
    host.resolver.knows("acme", "shop", host.file("one", 1));
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    assert_eq!(count(&leo, "shop").await.unwrap(), "1");
    assert_eq!(sources.update("shop", host.file("two", 2)).await.unwrap_err().kind(), ErrorKind::Unsupported);
    host.resolver.knows("acme", "shop", host.file("two", 2));
    assert_eq!(count(&leo, "shop").await.unwrap(), "1", "open as it is");
    sources.remove("shop").await.unwrap();
    assert_eq!(count(&leo, "shop").await.unwrap(), "2", "asked again");
    let names: Vec<String> = leo.catalog(Some("shop")).await.unwrap().tables.iter().map(|table| table.name.to_string()).collect();
    assert!(!names.iter().any(|name| name.ends_with("one")), "{names:?}");
}

#[tokio::test]
async fn how_a_source_does_that_nobody_has_asked_for_is_unknown() {
    let host = Host::new();
    host.resolver.knows("acme", "shop", host.file("shop", 1));
    host.resolver.knows("acme", "gone", host.missing());
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    for id in ["shop", "gone", "nothing"] {
        let status = sources.status(id).await.unwrap();
        assert!((status.state, status.is_open) == (SourceState::Unknown, false) && status.error.is_none(), "{id}: {status:?}");
    }
    assert_eq!(host.resolver.asked(), 0, "nobody was asked for that");
    // What was said of it is no use of it.
    leo.set_execution(Some("shop"), true).await.unwrap();
    assert_eq!(sources.list().await.unwrap()[0].state, SourceState::Unknown);
    assert_eq!(count(&leo, "shop").await.unwrap(), "1");
    assert_eq!(sources.status("shop").await.unwrap().state, SourceState::Connected);
    assert_eq!(count(&leo, "nothing").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_ne!(sources.status("nothing").await.unwrap().state, SourceState::Connected);
}

#[tokio::test]
async fn execution_turned_off_stays_off() {
    let host = Host::with(r#"{"sources": {"max_open": 1}}"#);
    for id in ["a", "b", "c"] {
        host.resolver.knows("acme", id, host.file(id, 1));
    }
    let leo = host.owner("acme");
    leo.set_execution(Some("a"), false).await.unwrap();
    for id in ["b", "c", "b", "c"] {
        assert_eq!(count(&leo, id).await.unwrap(), "1");
    }
    let options = leo::SqlOptions { source: Some("a".into()), ..Default::default() };
    let answer = leo.sql_with("SELECT count(*) FROM things", &options).await.unwrap();
    assert_eq!(answer.status, leo::AnswerStatus::NotExecuted);
}
