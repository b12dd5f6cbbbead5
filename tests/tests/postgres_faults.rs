//! What happens to PostgreSQL while it works: killed, cut off, locked, changed. An error each time, and a source that works again after.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use leo::gate::{BreakerState, Connector, GateStream, QueryOptions};
use leo::source::postgres::PostgresSource;
use leo::source::{Login, SecretString, SourceSpec};
use leo::{Error, ErrorKind};
use leo_tests::behaviour::{Asked, ctx};
use leo_tests::certificates::Shown;
use leo_tests::postgres::Server;

const TABLES: &str = "CREATE TABLE numbers (n integer PRIMARY KEY); INSERT INTO numbers SELECT generate_series(1, 20000);
    GRANT SELECT ON numbers TO reader;";
const SLOW: &str = "SELECT a.n FROM numbers a CROSS JOIN numbers b CROSS JOIN numbers c";

async fn asked(server: &Server) -> (Arc<PostgresSource>, Asked) {
    let source = Arc::new(PostgresSource::connect("shop", server.url("reader", "shop").parse().unwrap()).await.unwrap());
    let asked = Asked::new(Arc::clone(&source) as Arc<dyn Connector>).await.unwrap();
    (source, asked)
}

fn endless() -> QueryOptions {
    QueryOptions { max_rows: u64::MAX, max_bytes: u64::MAX, timeout: Duration::from_secs(60), batch_rows: 100 }
}

/// The error at the end of a stream.
async fn end(mut stream: GateStream) -> Error {
    loop {
        match stream.next().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => return error,
            None => panic!("the stream ended as if all rows were there"),
        }
    }
}

async fn answers(asked: &Asked) -> bool {
    asked.table("SELECT count(*) AS n FROM numbers").await.is_ok_and(|table| table.value(0, 0).to_string() == "20000")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_is_an_error_and_the_source_recovers_with_it() {
    let Some(mut server) = Server::listening(Some(Shown::Good), &[]) else { return };
    server.run("shop", TABLES);
    let (source, asked) = asked(&server).await;
    let mut stream = asked.start(&ctx(), SLOW, &[], endless()).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(_))));
    server.kill();
    let error = end(stream).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains("try again"), "{error}");
    // Down: refused, until the breaker leaves it alone.
    for _ in 0..6 {
        let error = asked.table("SELECT n FROM numbers").await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
    assert_eq!(source.health().breaker, BreakerState::Open);
    assert!(source.health().last_error.is_some_and(|error| error.message().contains("nothing listens")));
    assert!(server.up());
    // A new login, or the same, closes the breaker at once; time would too.
    source.replace_spec(server.url("reader", "shop").parse().unwrap()).await.unwrap();
    assert!(answers(&asked).await);
    assert_eq!((source.health().breaker, source.health().connections), (BreakerState::Closed, 1), "nothing leaks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ended_by_an_administrator_is_an_error_and_the_next_one_works() {
    let Some(server) = Server::shared() else { return };
    server.run("shop", TABLES);
    let (source, asked) = asked(server).await;
    let mut stream = asked.start(&ctx(), &format!("{SLOW} WHERE a.n > 0 AND 'ended' <> ''"), &[], endless()).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(_))));
    server
        .run("shop", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%ended%' AND usename = 'reader'");
    assert_eq!(end(stream).await.kind(), ErrorKind::Unavailable);
    assert!(answers(&asked).await);
    // One that lies in the pool is replaced without anybody noticing.
    let pid = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader' AND state = 'idle'";
    server.run("shop", pid);
    assert!(answers(&asked).await);
    assert_eq!(source.health().breaker, BreakerState::Closed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_table_is_waited_for_only_so_long() {
    let Some(server) = Server::shared() else { return };
    server.run("shop", "CREATE TABLE locked_table (n integer); GRANT SELECT ON locked_table TO reader");
    let mut spec: SourceSpec = server.url("reader", "shop").parse().unwrap();
    spec.connections.lock_timeout_ms = 300;
    let source = PostgresSource::connect("shop", spec).await.unwrap();
    let asked = Asked::new(Arc::new(source)).await.unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| server.run("shop", "BEGIN; LOCK TABLE locked_table; SELECT pg_sleep(4); ROLLBACK"));
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            std::thread::sleep(Duration::from_millis(1_000));
            let error = runtime.block_on(asked.table("SELECT n FROM locked_table")).map(drop).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
            assert!(error.message().contains("locked"), "{error}");
            // The structure can be read all the same.
            let catalog = runtime.block_on(asked.connector.introspect(&ctx(), Default::default())).unwrap();
            assert!(catalog.tables.iter().any(|table| table.name.name == "locked_table"));
        });
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_is_tried_before_it_replaces_the_old_one() {
    let Some(server) = Server::listening(Some(Shown::Good), &[]) else { return };
    server.run("shop", TABLES);
    let (source, asked) = asked(&server).await;
    let mut spec: SourceSpec = server.url("reader", "shop").parse().unwrap();
    spec.login = Login::Password { user: "reader".into(), password: SecretString::from("renewed") };
    assert_eq!(source.replace_spec(spec.clone()).await.unwrap_err().kind(), ErrorKind::Config);
    assert!(answers(&asked).await, "the old one stays");
    server.run("shop", "SET password_encryption = 'scram-sha-256'; ALTER ROLE reader PASSWORD 'renewed'");
    source.replace_spec(spec).await.unwrap();
    assert!(answers(&asked).await);
    assert_eq!(source.health().connections, 1, "those of the old login are closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_are_not_tried_without_end() {
    let Some(server) = Server::listening(Some(Shown::Good), &["log_connections=on"]) else { return };
    server.run("shop", TABLES);
    let (source, asked) = asked(&server).await;
    server.run(
        "shop",
        "ALTER ROLE reader PASSWORD 'other'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'",
    );
    let mut kinds = Vec::new();
    for _ in 0..7 {
        kinds.push(asked.table("SELECT n FROM numbers").await.map(drop).unwrap_err().kind());
    }
    assert_eq!(kinds.last(), Some(&ErrorKind::Unavailable), "{kinds:?}");
    assert!(kinds.iter().filter(|kind| **kind == ErrorKind::Config).count() <= 5, "{kinds:?}");
    assert_eq!(source.health().breaker, BreakerState::Open);
}
