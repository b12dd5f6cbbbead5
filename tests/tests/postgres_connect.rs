//! Every mistake in a connection to PostgreSQL, made at real servers: the right kind of error, what to do, in time, and no secret.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use leo::gate::Connector;
use leo::source::postgres::PostgresSource;
use leo::source::{Connections, Login, SecretString, SourceSpec, TlsMode};
use leo::{Error, ErrorKind};
use leo_tests::behaviour::ctx;
use leo_tests::certificates::Shown;
use leo_tests::postgres::{PASSWORD, Server};

fn spec(server: &Server, user: &str, database: &str) -> SourceSpec {
    let mut spec: SourceSpec = server.url(user, database).parse().unwrap();
    spec.connections = Connections { connect_timeout_ms: 10_000, ..Connections::default() };
    spec
}

/// Connects where that must fail; the problem's name and the error.
async fn mistake(spec: SourceSpec) -> (String, Error) {
    let error = match tokio::time::timeout(Duration::from_secs(20), PostgresSource::connect("shop", spec)).await {
        Ok(Ok(_)) => panic!("it connected"),
        Ok(Err(error)) => error,
        Err(_) => panic!("it took longer than it may"),
    };
    let told = format!("{error} {error:?}");
    assert!(!told.contains(PASSWORD) && !told.contains("hunter2"), "{told}");
    assert!(error.message().contains(';') || told.contains("private"), "says what to do: {told}");
    let problem = error.context().iter().find(|(key, _)| *key == "problem").map(|(_, code)| code.clone());
    (problem.unwrap_or_default(), error)
}

fn with_password(mut spec: SourceSpec, password: &str) -> SourceSpec {
    let user = spec.login.user().unwrap().to_owned();
    spec.login = Login::Password { user, password: SecretString::from(password.to_owned()) };
    spec
}

fn with_mode(mut spec: SourceSpec, mode: TlsMode) -> SourceSpec {
    spec.tls.mode = Some(mode);
    spec
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_in_that_is_offered_works() {
    let Some(server) = Server::shared() else { return };
    for user in ["reader", "only_tls", "open", "old", "plain", "admin"] {
        let source = PostgresSource::connect("shop", spec(server, user, "shop")).await.unwrap();
        assert_eq!(source.info().engine, "postgres");
        let report = source.test(&ctx()).await.unwrap();
        assert_eq!(report.read_only, user != "admin", "{user}: {report:?}");
        assert_eq!(report.warnings.iter().any(|warning| warning.contains("may only read")), user == "admin", "{report:?}");
    }
    for mode in [TlsMode::Disable, TlsMode::Prefer, TlsMode::Require, TlsMode::VerifyCa, TlsMode::VerifyFull] {
        let mut own = with_mode(spec(server, "reader", "shop"), mode);
        PostgresSource::connect("shop", own.clone()).await.unwrap();
        own.host = "localhost".into();
        PostgresSource::connect("shop", own.clone()).await.unwrap();
        if TcpListener::bind("[::1]:0").is_ok() {
            own.host = "::1".into();
            PostgresSource::connect("shop", own).await.unwrap();
        } else {
            println!("skipped: this machine has no IPv6");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_of_place_login_and_right_are_told_apart() {
    let Some(server) = Server::shared() else { return };
    let good = spec(server, "reader", "shop");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cases = [
        ("unknown_host", ErrorKind::Config, SourceSpec { host: "no-such-host.invalid".into(), ..good.clone() }),
        ("refused", ErrorKind::Unavailable, SourceSpec { port: Some(closed), ..good.clone() }),
        ("private_host", ErrorKind::Denied, SourceSpec { forbid_private_hosts: true, ..good.clone() }),
        ("login", ErrorKind::Config, with_password(good.clone(), "hunter2")),
        ("login", ErrorKind::Config, spec(server, "locked", "shop")),
        ("login", ErrorKind::Config, spec(server, "nosuchuser", "shop")),
        ("login_missing", ErrorKind::Config, with_password(good.clone(), "")),
        ("login_missing", ErrorKind::Config, SourceSpec { login: Login::None, ..good.clone() }),
        ("no_database", ErrorKind::NotFound, spec(server, "reader", "nosuchdatabase")),
        ("no_permission", ErrorKind::Denied, spec(server, "reader", "closed")),
        ("no_permission", ErrorKind::Denied, spec(server, "nobody", "shop")),
        ("tls_required", ErrorKind::Config, with_mode(spec(server, "only_tls", "shop"), TlsMode::Disable)),
    ];
    for (problem, kind, spec) in cases {
        let shown = spec.to_string();
        let (found, error) = mistake(spec).await;
        assert_eq!((found.as_str(), error.kind()), (problem, kind), "{shown}: {error}");
    }
    // The one who connects is told which CA file cannot be read.
    let mut unreadable = good.clone();
    unreadable.tls.ca_file = Some("/nowhere/ca.pem".into());
    let error = PostgresSource::connect("shop", unreadable).await.map(drop).unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.message().contains("ca_file"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_of_certificates_are_told_apart() {
    for (shown, problem) in
        [(Shown::Expired, "expired_certificate"), (Shown::SelfSigned, "untrusted_certificate"), (Shown::WrongName, "wrong_name")]
    {
        let Some(server) = Server::listening(Some(shown), &[]) else { return };
        let own = spec(&server, "reader", "shop");
        let (found, error) = mistake(own.clone()).await;
        assert_eq!((found.as_str(), error.kind()), (problem, ErrorKind::Config), "{error}");
        let any_name = PostgresSource::connect("shop", with_mode(own.clone(), TlsMode::VerifyCa)).await;
        assert_eq!(any_name.is_ok(), shown == Shown::WrongName, "{shown:?}");
        let mut unchecked = with_mode(own.clone(), TlsMode::Require);
        unchecked.tls.ca_file = None;
        PostgresSource::connect("shop", unchecked).await.unwrap();
        if shown == Shown::WrongName {
            let mut named = own;
            named.tls.server_name = Some("other.example".into());
            PostgresSource::connect("shop", named).await.unwrap();
        }
    }
    let Some(server) = Server::shared() else { return };
    let mut system = spec(server, "reader", "shop");
    system.tls.ca_file = None;
    let (found, _) = mistake(system).await;
    // A machine without any authority says so.
    assert!(matches!(found.as_str(), "untrusted_certificate" | ""), "{found}");
    let Some(server) = Server::listening(None, &[]) else { return };
    let own = spec(&server, "reader", "shop");
    let (found, error) = mistake(own.clone()).await;
    assert_eq!((found.as_str(), error.kind()), ("no_tls", ErrorKind::Config), "{error}");
    PostgresSource::connect("shop", with_mode(own, TlsMode::Prefer)).await.unwrap();
}

/// A server that says `greeting` to everybody.
fn greeter(greeting: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(8).flatten() {
            let mut stream = stream;
            let _ = stream.write_all(greeting);
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_servers_and_silent_ones_are_no_postgresql() {
    let Some(server) = Server::shared() else { return };
    let good = spec(server, "reader", "shop");
    for greeting in
        [&b"SSH-2.0-OpenSSH_9.2\r\n"[..], b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x4a\0\0\0\x0a8.0.36\0", b"\0\0\0\0\0\0\0\0\0"]
    {
        for mode in [TlsMode::VerifyFull, TlsMode::Disable] {
            let own = with_mode(SourceSpec { port: Some(greeter(greeting)), ..good.clone() }, mode);
            let (found, error) = mistake(own).await;
            assert!(matches!(found.as_str(), "other_server" | "lost" | "tls_failed"), "{greeting:?} {mode:?}: {error}");
        }
    }
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut own = SourceSpec { port: Some(silent.local_addr().unwrap().port()), ..good };
    own.connections.connect_timeout_ms = 500;
    let (found, error) = mistake(own).await;
    assert_eq!((found.as_str(), error.kind()), ("slow", ErrorKind::Timeout), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_ready_is_asked_again_and_then_told() {
    let Some(server) = Server::shared() else { return };
    let said = b"E\0\0\0\x3bSFATAL\0VFATAL\0C57P03\0Mthe database system is starting\0\0";
    let port = greeter(said);
    let own = with_mode(SourceSpec { port: Some(port), ..spec(server, "reader", "shop") }, TlsMode::Disable);
    let (found, error) = mistake(own).await;
    assert_eq!((found.as_str(), error.kind()), ("not_ready", ErrorKind::Unavailable), "{error}");
    assert!(error.kind().is_retryable());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_server_and_a_starting_one_are_told_apart() {
    let Some(mut server) =
        Server::listening(Some(Shown::Good), &["max_connections=5", "superuser_reserved_connections=0", "max_wal_senders=0"])
    else {
        return;
    };
    let own = spec(&server, "reader", "shop");
    let mut held = Vec::new();
    let (found, error) = loop {
        match PostgresSource::connect("shop", own.clone()).await {
            Ok(source) => held.push(source),
            Err(_) => break mistake(own.clone()).await,
        }
        assert!(held.len() < 10);
    };
    assert_eq!((found.as_str(), error.kind()), ("too_many_connections", ErrorKind::Unavailable), "{error}");
    drop(held);
    server.kill();
    let (found, error) = mistake(own).await;
    assert_eq!((found.as_str(), error.kind()), ("refused", ErrorKind::Unavailable), "{error}");
}
