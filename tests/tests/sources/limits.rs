//! How many sources are open, which one gives way, and that none waits for another.

use std::time::Duration;

use futures::future::join_all;
use leo::builder::Source;
use leo::sources::SourceState;
use leo::{ErrorKind, Leo};

use super::support::{Host, count, stream};

async fn open(leo: &Leo, ids: &[&str]) -> Vec<bool> {
    let sources = leo.sources();
    join_all(ids.iter().map(|id| async { sources.status(id).await.unwrap().is_open })).await
}

async fn three(host: &Host) -> Leo {
    let leo = host.owner("acme");
    for (index, id) in ["a", "b", "c"].into_iter().enumerate() {
        let rows = u32::try_from(index).unwrap() + 1;
        leo.sources().add(Source::from_spec(id, host.file(id, rows))).await.unwrap();
    }
    leo
}

#[tokio::test]
async fn the_source_that_nobody_has_used_for_longest_gives_way() {
    let host = Host::with(r#"{"sources": {"max_open": 2}}"#);
    let leo = three(&host).await;
    assert_eq!(count(&leo, "a").await.unwrap(), "1");
    assert_eq!(count(&leo, "b").await.unwrap(), "2");
    assert_eq!(count(&leo, "a").await.unwrap(), "1");
    assert_eq!(count(&leo, "c").await.unwrap(), "3");
    assert_eq!(open(&leo, &["a", "b", "c"]).await, [true, false, true]);
    host.sink.clear();
    assert_eq!(count(&leo, "b").await.unwrap(), "2");
    let steps = host.sink.steps();
    assert!(steps[0] == "open" && !steps.contains(&"introspect".to_owned()), "what is known of it stays: {steps:?}");
}

#[tokio::test]
async fn when_all_are_in_use_the_next_one_is_told_so() {
    let host = Host::with(r#"{"sources": {"max_open": 2}}"#);
    let leo = three(&host).await;
    let (a, _b) = (stream(&leo, "a").await.unwrap(), stream(&leo, "b").await.unwrap());
    let error = count(&leo, "c").await.unwrap_err();
    assert!(error.kind() == ErrorKind::Unavailable && error.message().contains("all 2 sources"), "{error}");
    assert_eq!(leo.sources().status("c").await.unwrap().state, SourceState::Connected, "nothing is wrong with it");
    assert_eq!(count(&leo, "a").await.unwrap(), "1", "those that are open work on");
    drop(a);
    assert_eq!(count(&leo, "c").await.unwrap(), "3");
    // An update of an open one takes no other place.
    leo.sources().update("c", host.file("d", 4)).await.unwrap();
    assert_eq!(count(&leo, "c").await.unwrap(), "4");
}

#[tokio::test]
async fn many_at_once_end_whatever_the_limit() {
    let host = Host::with(r#"{"sources": {"max_open": 3}}"#);
    for index in 0..12 {
        host.resolver.knows("acme", &format!("s{index}"), host.file(&format!("s{index}"), index + 1));
    }
    let leo = host.member("acme");
    let asked = join_all((0..60_u32).map(|index| {
        let leo = leo.clone();
        tokio::spawn(async move {
            let id = index * 7 % 12;
            loop {
                match count(&leo, &format!("s{id}")).await {
                    Ok(found) => return assert_eq!(found, (id + 1).to_string()),
                    Err(error) => assert!(error.kind() == ErrorKind::Unavailable, "{error}"),
                }
                tokio::time::sleep(Duration::from_millis(u64::from(index % 5) + 1)).await;
            }
        })
    }));
    for done in asked.await {
        done.unwrap();
    }
    let ids: Vec<String> = (0..12).map(|index| format!("s{index}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert!(open(&leo, &ids).await.into_iter().filter(|open| *open).count() <= 3);
}

#[tokio::test]
async fn what_nobody_uses_is_closed() {
    let host = Host::with(r#"{"sources": {"idle_ms": 50}}"#);
    let leo = three(&host).await;
    count(&leo, "a").await.unwrap();
    let reading = stream(&leo, "b").await.unwrap();
    while open(&leo, &["a"]).await[0] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(open(&leo, &["b"]).await[0], "it is in use");
    drop(reading);
    while open(&leo, &["b"]).await[0] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(count(&leo, "a").await.unwrap(), "1", "opened again");
}

#[tokio::test]
async fn a_slow_source_keeps_nobody_from_the_others() {
    let host = Host::new();
    for (id, rows) in [("slow", 1), ("quick", 2)] {
        host.resolver.knows("acme", id, host.file(id, rows));
    }
    let leo = host.owner("acme");
    let gate = host.resolver.hold("slow");
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let leo = leo.clone();
            tokio::spawn(async move { count(&leo, "slow").await })
        })
        .collect();
    while host.resolver.asked() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(count(&leo, "quick").await.unwrap(), "2");
    leo.sources().add(Source::from_spec("new", host.file("new", 3))).await.unwrap();
    assert_eq!(count(&leo, "new").await.unwrap(), "3");
    assert_eq!(leo.sources().list().await.unwrap().len(), 3);
    // One who gives up lets the others wait on.
    let impatient = host
        .leo
        .for_user(leo::Context::new("acme", "ian").unwrap().with_roles(["member"]).with_timeout(Duration::from_millis(20)));
    assert_eq!(count(&impatient, "slow").await.unwrap_err().kind(), ErrorKind::Timeout);
    assert!(waiting.iter().all(|task| !task.is_finished()));
    gate.add_permits(1);
    for task in waiting {
        assert_eq!(task.await.unwrap().unwrap(), "1");
    }
    assert_eq!(host.resolver.asked(), 2);
}

#[tokio::test]
async fn those_who_wait_share_one_failure() {
    let host = Host::new();
    host.resolver.knows("acme", "gone", host.missing());
    let leo = host.owner("acme");
    let gate = host.resolver.hold("gone");
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let leo = leo.clone();
            tokio::spawn(async move { count(&leo, "gone").await })
        })
        .collect();
    while host.resolver.asked() == 0 {
        tokio::task::yield_now().await;
    }
    // Let all of them come as far as they get.
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(10);
    for task in waiting {
        assert_eq!(task.await.unwrap().unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(host.resolver.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_does_not_answer_is_given_up() {
    let host = Host::new();
    let gate = host.resolver.hold("stuck");
    let leo = host.owner("acme");
    let started = tokio::time::Instant::now();
    let asked = join_all((0..3).map(|_| count(&leo, "stuck"))).await;
    for error in asked.into_iter().map(Result::unwrap_err) {
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(error.message().contains("resolver") && error.message().contains("`stuck`"), "{error}");
    }
    let limit = leo::source::Connections::default().connect_timeout();
    assert!((limit..limit * 2).contains(&started.elapsed()), "{:?}", started.elapsed());
    // It is asked again, and answers now.
    gate.add_permits(1);
    assert_eq!(count(&leo, "stuck").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(host.resolver.asked(), 2, "once for all who waited");
}

#[tokio::test]
async fn a_closed_handle_opens_nothing() {
    let host = Host::new();
    let leo = three(&host).await;
    count(&leo, "a").await.unwrap();
    leo.close().await.unwrap();
    for id in ["a", "b"] {
        assert_eq!(count(&leo, id).await.unwrap_err().kind(), ErrorKind::Closed);
    }
    assert_eq!(leo.sources().add(Source::from_spec("d", host.file("d", 1))).await.unwrap_err().kind(), ErrorKind::Closed);
}
