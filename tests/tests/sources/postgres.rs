//! The same with a server: what is wrong with it, how many connections there are, and that they are gone when they should be.

use std::time::Duration;

use futures::future::join_all;
use leo::builder::Source;
use leo::source::{Login, SourceSpec};
use leo::sources::SourceState;
use leo::{ErrorKind, Leo, SqlOptions};
use leo_tests::postgres::Server;

use super::support::Host;

fn spec(server: &Server, name: &str) -> SourceSpec {
    let mut spec: SourceSpec = server.url("reader", "shop").parse().unwrap();
    spec.application_name = Some(name.to_owned());
    spec
}

pub async fn number(leo: &Leo, source: &str, sql: &str) -> leo::Result<String> {
    let options = SqlOptions { source: Some(source.to_owned()), ..SqlOptions::default() };
    Ok(leo.sql_with(sql, &options).await?.table.unwrap().value(0, 0).to_string())
}

/// Connections that the server has of these names.
pub fn connections(server: &Server, names: &str) -> usize {
    let found = server.run("shop", &format!("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '{names}'"));
    found.trim().parse().unwrap()
}

/// A statement that runs at `source` until it is stopped; it has begun when this returns.
pub async fn busy(server: &Server, leo: &Leo, source: &'static str, name: &str) -> tokio::task::JoinHandle<leo::Result<String>> {
    let leo = leo.clone();
    let slow = "SELECT count(*) AS n FROM pg_catalog.generate_series(1, 1000000) a, pg_catalog.generate_series(1, 1000) b";
    let running = tokio::spawn(async move { number(&leo, source, slow).await });
    let active = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}' AND query LIKE '%generate_series%' AND state = 'active'"
    );
    while server.run("shop", &active).trim() == "0" {
        assert!(!running.is_finished(), "{:?}", running.await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    running
}

#[tokio::test]
async fn mistakes_of_the_login_need_somebody_and_a_server_that_is_down_does_not() {
    let Some(server) = Server::shared() else { return };
    let host = Host::new();
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    let good = spec(server, "status");
    let mut wrong_password = good.clone();
    wrong_password.login = Login::Password { user: "reader".into(), password: "wrong".to_owned().into() };
    let mut locked = good.clone();
    locked.login = Login::Password { user: "locked".into(), password: leo_tests::postgres::PASSWORD.to_owned().into() };
    let mut untrusted = good.clone();
    untrusted.tls.ca_file = None;
    untrusted.tls.mode = Some(leo::source::TlsMode::VerifyFull);
    let mut down = good.clone();
    down.port = Some(1);
    for (id, spec, state) in [
        ("wrong_password", wrong_password.clone(), SourceState::ActionRequired),
        ("locked", locked, SourceState::ActionRequired),
        ("untrusted", untrusted, SourceState::ActionRequired),
        ("down", down, SourceState::Error),
        ("good", good.clone(), SourceState::Connected),
    ] {
        sources.add(Source::from_spec(id, spec)).await.unwrap();
        let before = sources.status(id).await.unwrap();
        assert_eq!(before.state, SourceState::Connected, "{id}: nobody has looked yet");
        let tested = sources.test(id).await;
        let status = sources.status(id).await.unwrap();
        assert_eq!(status.state, state, "{id}: {tested:?}");
        assert_eq!(tested.is_ok(), status.error.is_none());
        assert!(status.since >= before.since);
    }
    // An update that works makes it good; the next one that fails leaves it so.
    sources.update("wrong_password", good).await.unwrap();
    assert_eq!(sources.status("wrong_password").await.unwrap().state, SourceState::Connected);
    assert_eq!(sources.update("wrong_password", wrong_password).await.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(sources.status("wrong_password").await.unwrap().state, SourceState::Connected);
    assert_eq!(number(&leo, "wrong_password", "SELECT 1 AS one").await.unwrap(), "1");
}

#[tokio::test]
async fn connections_are_shared_out_among_all_sources() {
    let Some(server) = Server::shared() else { return };
    let host = Host::with(r#"{"sources": {"max_connections": 3}}"#);
    let leo = host.owner("acme");
    for index in 0..4 {
        leo.sources().add(Source::from_spec(format!("s{index}"), spec(server, &format!("shared{index}")))).await.unwrap();
    }
    let asked = (0..24).map(|index| {
        let leo = leo.clone();
        tokio::spawn(async move { number(&leo, &format!("s{}", index % 4), "SELECT 7 AS seven").await })
    });
    let watch = async {
        let mut most = 0;
        for _ in 0..20 {
            most = most.max(connections(server, "shared%"));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        most
    };
    let (answers, most) = tokio::join!(join_all(asked), watch);
    for answer in answers {
        assert_eq!(answer.unwrap().unwrap(), "7");
    }
    assert!(most <= 3, "{most} connections at a time");
    // The source that nobody uses gives its connection up for another.
    for index in [0, 1, 2, 3, 0] {
        assert_eq!(number(&leo, &format!("s{index}"), "SELECT 7 AS seven").await.unwrap(), "7");
        assert!(connections(server, "shared%") <= 3);
    }
}

#[tokio::test]
async fn when_every_connection_is_in_use_the_error_says_so() {
    let Some(server) = Server::shared() else { return };
    let host = Host::with(r#"{"sources": {"max_connections": 1}}"#);
    let leo = host.owner("acme");
    for id in ["a", "b"] {
        let mut spec = spec(server, "scarce");
        spec.connections.connect_timeout_ms = 2_000;
        leo.sources().add(Source::from_spec(id, spec)).await.unwrap();
        number(&leo, id, "SELECT 1 AS one").await.unwrap();
    }
    let running = busy(server, &leo, "a", "scarce").await;
    let error = number(&leo, "b", "SELECT 1 AS one").await.unwrap_err();
    assert!(error.kind() == ErrorKind::Unavailable && error.message().contains("sources.max_connections"), "{error}");
    assert_eq!(leo.sources().status("b").await.unwrap().state, SourceState::Connected, "nothing is wrong with it");
    running.abort();
    while number(&leo, "b", "SELECT 1 AS one").await.is_err() {}
}

#[tokio::test]
async fn a_disconnected_source_has_no_connection_left_on_the_server() {
    let Some(server) = Server::shared() else { return };
    let host = Host::new();
    let leo = host.owner("acme");
    leo.sources().add(Source::from_spec("a", spec(server, "gone"))).await.unwrap();
    join_all((0..4).map(|_| number(&leo, "a", "SELECT 1 AS one"))).await;
    assert!(connections(server, "gone") >= 1);
    let running = busy(server, &leo, "a", "gone").await;
    leo.sources().disconnect("a", Duration::from_millis(20)).await.unwrap();
    let outcome = running.await.unwrap();
    assert!(outcome.is_err(), "{outcome:?}");
    let mut tries = 0;
    while connections(server, "gone") > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        tries += 1;
        assert!(tries < 500, "{} connections are left", connections(server, "gone"));
    }
    assert_eq!(number(&leo, "a", "SELECT 1 AS one").await.unwrap_err().kind(), ErrorKind::Closed);
}
