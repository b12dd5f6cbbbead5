//! Connecting and stopping: mistakes are told apart, nothing goes on at the server, what breaks is replaced.

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use futures::StreamExt;
use leo::gate::{BreakerState, Connector, QueryOptions};
use leo::source::mysql::MysqlSource;
use leo::source::{Login, SourceSpec, TlsMode};
use leo::{Context, Error, ErrorKind};
use leo_tests::certificates::Shown;
use leo_tests::mariadb::{PASSWORD, Server};

use crate::support::{Opened, ctx, patient};

fn spec(server: &Server) -> SourceSpec {
    server.url("reader").parse().unwrap()
}

fn with(server: &Server, change: impl FnOnce(&mut SourceSpec)) -> SourceSpec {
    let mut spec = spec(server);
    change(&mut spec);
    spec
}

/// Kind and code of what goes wrong.
async fn mistake(spec: SourceSpec) -> (ErrorKind, String) {
    let started = Instant::now();
    let limit = spec.connections.connect_timeout();
    let error = match MysqlSource::connect("shop", spec).await {
        Ok(_) => return (ErrorKind::Internal, "none".into()),
        Err(error) => error,
    };
    // Attempts at what may pass by itself come on top.
    assert!(started.elapsed() < limit * 4, "{error}");
    assert!(!format!("{error:?} {error}").contains(PASSWORD), "{error}");
    assert!(error.message().contains(';') || error.kind() == ErrorKind::Denied, "says what to do: {error}");
    (error.kind(), code(&error))
}

pub fn code(error: &Error) -> String {
    error.context().iter().find(|(key, _)| *key == "problem").map(|(_, code)| code.clone()).unwrap_or_else(|| error.to_string())
}

/// A port at which something else listens, or nothing answers.
pub fn other_server(says: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.write_all(says);
            open.push(stream);
        }
    });
    port
}

#[tokio::test]
async fn mistakes_are_told_apart() {
    let Some(server) = Server::shared() else { return };
    server
        .run(
            "CREATE DATABASE closed_to_reader; CREATE USER few@'%' IDENTIFIED BY 'x' WITH MAX_USER_CONNECTIONS 1; GRANT SELECT ON shop.* TO few@'%'; \
             CREATE USER locked@'%' IDENTIFIED BY 'x' ACCOUNT LOCK; CREATE USER only_tls@'%' IDENTIFIED BY 'x' REQUIRE SSL",
        )
        .await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let login = |user: &str, password: &str| Login::Password { user: user.into(), password: password.to_owned().into() };
    let quick = |spec: &mut SourceSpec| spec.connections.connect_timeout_ms = 1_500;
    let cases = [
        (with(server, |spec| spec.host = "no-such-host.invalid".into()), ErrorKind::Config, "unknown_host"),
        (with(server, |spec| spec.port = Some(closed)), ErrorKind::Unavailable, "refused"),
        (with(server, |spec| (spec.host, spec.port) = ("::1".into(), Some(closed))), ErrorKind::Unavailable, "refused"),
        (with(server, |spec| spec.port = Some(other_server(b"SSH-2.0-OpenSSH_9.2\r\n"))), ErrorKind::Config, "other_server"),
        (with(server, |spec| spec.port = Some(other_server(b"\x05\x00\x00\x00hello"))), ErrorKind::Config, "other_server"),
        (
            with(server, |spec| {
                spec.port = Some(other_server(b""));
                quick(spec);
            }),
            ErrorKind::Timeout,
            "slow",
        ),
        (with(server, |spec| spec.forbid_private_hosts = true), ErrorKind::Denied, "private_host"),
        (with(server, |spec| spec.login = login("reader", "wrong")), ErrorKind::Config, "login"),
        (with(server, |spec| spec.login = login("nobody", PASSWORD)), ErrorKind::Config, "login"),
        (with(server, |spec| spec.login = login("locked", "x")), ErrorKind::Config, "login"),
        (with(server, |spec| spec.login = Login::None), ErrorKind::Config, "login_missing"),
        (with(server, |spec| spec.database = Some("nowhere".into())), ErrorKind::Denied, "no_permission"),
        (with(server, |spec| spec.database = Some("closed_to_reader".into())), ErrorKind::Denied, "no_permission"),
        (
            with(server, |spec| {
                spec.login = login("admin", PASSWORD);
                spec.database = Some("nowhere".into());
            }),
            ErrorKind::NotFound,
            "no_database",
        ),
        (
            with(server, |spec| {
                spec.login = login("only_tls", "x");
                spec.tls.mode = Some(TlsMode::Disable);
            }),
            ErrorKind::Config,
            "login",
        ),
    ];
    for (spec, kind, expected) in cases {
        let shown = spec.to_string();
        assert_eq!(mistake(spec).await, (kind, expected.to_owned()), "{shown}");
    }
    let few = with(server, |spec| spec.login = login("few", "x"));
    let _one = MysqlSource::connect("shop", few.clone()).await.unwrap();
    assert_eq!(mistake(few).await, (ErrorKind::Unavailable, "too_many_connections".into()));
}

#[tokio::test]
async fn a_server_that_is_shut_down_in_the_middle_is_unavailable() {
    let Some(mut server) = Server::start(Shown::Good, &["--innodb-flush-log-at-trx-commit=1"]) else { return };
    with_big(&server, "shut").await;
    let opened = Opened::new(&server, "reader").await;
    let mut stream = opened.stream(&ctx(), &endless("shut", "mark_shut"), patient()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    server.run("SHUTDOWN").await;
    let mut last = None;
    while let Some(batch) = stream.next().await {
        last = Some(batch);
    }
    assert_eq!(last.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(opened.cell("SELECT COUNT(*) FROM shut").await.unwrap_err().kind(), ErrorKind::Unavailable);
    server.kill();
    assert!(server.restart());
    assert_eq!(opened.cell("SELECT COUNT(*) FROM shut").await.unwrap(), "20000", "and it is found again");
}

#[tokio::test]
async fn tls_is_what_was_asked_for() {
    let Some(mut server) = Server::start(Shown::Good, &[]) else { return };
    let authority = server.authority().file().to_owned();
    let other = tempfile::tempdir().unwrap();
    let stranger = leo_tests::certificates::Authority::new(other.path()).file().to_owned();
    let asks = |mode: TlsMode, trusts: Option<&std::path::Path>, name: Option<&str>| {
        with(&server, |spec| {
            spec.tls.mode = Some(mode);
            spec.tls.ca_file = trusts.map(Into::into);
            spec.tls.server_name = name.map(Into::into);
        })
    };
    use TlsMode::{Disable, Prefer, Require, VerifyCa, VerifyFull};
    let (own, none) = (Some(authority.as_path()), None);
    let cases = [
        (Shown::Good, Disable, none, None, "none"),
        (Shown::Good, VerifyFull, own, None, "none"),
        (Shown::Good, VerifyFull, none, None, "untrusted_certificate"),
        (Shown::Good, VerifyFull, Some(stranger.as_path()), None, "untrusted_certificate"),
        (Shown::Good, VerifyCa, own, None, "none"),
        (Shown::Good, VerifyCa, Some(stranger.as_path()), None, "untrusted_certificate"),
        (Shown::Good, Require, Some(stranger.as_path()), None, "untrusted_certificate"),
        (Shown::Expired, VerifyFull, own, None, "expired_certificate"),
        (Shown::Expired, VerifyCa, own, None, "expired_certificate"),
        (Shown::Expired, Require, none, None, "none"),
        (Shown::WrongName, VerifyFull, own, None, "wrong_name"),
        (Shown::WrongName, VerifyFull, own, Some("other.example"), "none"),
        (Shown::WrongName, VerifyCa, own, None, "none"),
        (Shown::SelfSigned, VerifyFull, own, None, "untrusted_certificate"),
        (Shown::SelfSigned, VerifyCa, own, None, "untrusted_certificate"),
        (Shown::SelfSigned, Require, none, None, "none"),
        (Shown::SelfSigned, Prefer, none, None, "none"),
        (Shown::Nameless, VerifyFull, own, None, "wrong_name"),
        (Shown::Nameless, VerifyCa, own, None, "wrong_name"),
        (Shown::Nameless, Require, none, None, "none"),
    ];
    for (shown, mode, trusts, name, expected) in cases {
        server.show(shown).await;
        assert_eq!(mistake(asks(mode, trusts, name)).await.1, expected, "{shown:?} {mode:?}");
    }
    // What the session itself says.
    server.show(Shown::Good).await;
    server
        .run(
            "CREATE FUNCTION cipher() RETURNS VARCHAR(80) CHARSET utf8mb4 NOT DETERMINISTIC RETURN (SELECT variable_value FROM \
             information_schema.session_status WHERE variable_name = 'SSL_CIPHER'); CREATE VIEW ciphers AS SELECT cipher() AS cipher",
        )
        .await;
    for (mode, encrypted) in [(Disable, false), (Prefer, true), (Require, true)] {
        let source = MysqlSource::connect("shop", asks(mode, none, None)).await.unwrap();
        let catalog = source.introspect(&ctx(), Default::default()).await.unwrap();
        let cipher = Opened { source, catalog }.cell("SELECT cipher FROM ciphers").await.unwrap();
        assert_eq!(!cipher.is_empty(), encrypted, "{mode:?}: {cipher}");
    }
    // The server says no more than that the login is wrong; what we know is added.
    assert!(server.restart_with(&["--require-secure-transport=ON"]));
    let error = MysqlSource::connect("shop", with(&server, |spec| spec.tls.mode = Some(Disable))).await.unwrap_err();
    assert!(code(&error) == "login" && error.message().contains("sslmode=require"), "{error}");
    assert!(server.restart_with(&["--skip-ssl"]));
    for (mode, expected) in [(Disable, "none"), (Prefer, "none"), (Require, "no_tls"), (VerifyFull, "no_tls")] {
        assert_eq!(mistake(with(&server, |spec| spec.tls.mode = Some(mode))).await.1, expected, "{mode:?}");
    }
}

/// Statements of `reader` that hold `mark`, as the server sees them.
async fn running(server: &Server, mark: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'reader' AND info LIKE '%{mark}%'");
    server.numbers(&sql).await[0]
}

/// Whether the server is without it within two seconds.
async fn gone(server: &Server, mark: &str) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(2) {
        if running(server, mark).await == 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

async fn seen(server: &Server, mark: &str) {
    for _ in 0..600 {
        if running(server, mark).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{mark} never ran");
}

async fn with_big(server: &Server, name: &str) {
    server.run(&format!("CREATE TABLE {name} (n INT PRIMARY KEY, pad VARCHAR(200)); INSERT INTO {name} SELECT seq, REPEAT('x', 200) FROM seq_1_to_20000")).await;
}

/// Hours of work before the first row, and rows for hours.
fn slow(table: &str, mark: &str) -> String {
    format!(
        "SELECT COUNT(*) AS {mark} FROM {table} a JOIN {table} b ON a.n <> b.n JOIN {table} c ON b.n <> c.n WHERE a.pad <> c.pad"
    )
}

fn endless(table: &str, mark: &str) -> String {
    format!("SELECT a.n AS {mark}, b.pad FROM {table} a JOIN {table} b ON a.n <> b.n")
}

#[tokio::test]
async fn cancelled_statements_end_at_the_server() {
    let Some(server) = Server::shared() else { return };
    with_big(server, "endless").await;
    let opened = Opened::new(server, "reader").await;

    // Cancelled before the first row.
    let ctx = ctx();
    let sql = slow("endless", "mark_cancel");
    let (stream, ()) = tokio::join!(opened.stream(&ctx, &sql, patient()), async {
        seen(server, "mark_cancel").await;
        ctx.cancel.cancel();
    });
    assert_eq!(stream.unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(gone(server, "mark_cancel").await);

    // Cancelled between rows.
    let ctx = Context::new("acme", "ada").unwrap();
    let mut stream = opened.stream(&ctx, &endless("endless", "mark_rows"), patient()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    assert_eq!(running(server, "mark_rows").await, 1);
    ctx.cancel.cancel();
    assert!(gone(server, "mark_rows").await);
    while let Some(batch) = stream.next().await {
        if let Err(error) = batch {
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        }
    }

    // Dropped.
    let ctx = Context::new("acme", "ada").unwrap();
    let mut stream = opened.stream(&ctx, &endless("endless", "mark_drop"), patient()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    assert!(gone(server, "mark_drop").await);

    // Left off by the future that waits for it.
    let sql = slow("endless", "mark_future");
    tokio::select! {
        _ = opened.stream(&ctx, &sql, patient()) => panic!("it never ends"),
        () = seen(server, "mark_future") => {}
    }
    assert!(gone(server, "mark_future").await);

    // Out of time, told by us and by the server.
    let options = QueryOptions { timeout: Duration::from_millis(700), ..patient() };
    // The server may name the columns before it gives up.
    let error = match opened.stream(&ctx, &slow("endless", "mark_time"), options).await {
        Ok(mut stream) => stream.next().await.unwrap().unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(gone(server, "mark_time").await);

    // A reader who takes no more.
    let options = QueryOptions { max_rows: 10, ..patient() };
    let stream = opened.stream(&ctx, &endless("endless", "mark_enough"), options).await.unwrap();
    let rows: usize = stream.map(|batch| batch.unwrap().num_rows()).fold(0, async |sum, rows| sum + rows).await;
    assert_eq!(rows, 10);
    assert!(gone(server, "mark_enough").await);

    assert_eq!(opened.cell("SELECT COUNT(*) FROM endless").await.unwrap(), "20000", "and the source goes on");
    assert_eq!(opened.source.health().breaker, BreakerState::Closed);
}

#[tokio::test]
async fn cut_connections_are_replaced() {
    let Some(server) = Server::shared() else { return };
    with_big(server, "cut").await;
    let opened = Opened::new(server, "reader").await;
    let cut = async |mark: &str| {
        let ids = server
            .numbers(&format!("SELECT id FROM information_schema.processlist WHERE user = 'reader' AND info LIKE '%{mark}%'"))
            .await;
        for id in ids {
            server.run(&format!("KILL {id}")).await;
        }
    };
    // In the middle of the rows.
    let mut stream = opened.stream(&ctx(), &endless("cut", "mark_cut"), patient()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    cut("mark_cut").await;
    let mut last = None;
    while let Some(batch) = stream.next().await {
        last = Some(batch);
    }
    assert_eq!(last.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
    // Before the first row.
    let (ctx, sql) = (ctx(), slow("cut", "mark_first"));
    let (stream, ()) = tokio::join!(opened.stream(&ctx, &sql, patient()), async {
        seen(server, "mark_first").await;
        cut("mark_first").await;
    });
    assert_eq!(stream.unwrap_err().kind(), ErrorKind::Unavailable);
    // While it lies unused.
    assert_eq!(opened.cell("SELECT COUNT(*) FROM cut").await.unwrap(), "20000");
    for id in server.numbers("SELECT id FROM information_schema.processlist WHERE user = 'reader' AND command = 'Sleep'").await {
        // Other tests' connections are replaced as well, or gone by now.
        let _ = tokio::spawn(async move { server.run(&format!("KILL {id}")).await }).await;
    }
    assert_eq!(opened.cell("SELECT COUNT(*) FROM cut").await.unwrap(), "20000");
}

#[tokio::test]
async fn a_killed_server_is_waited_for() {
    let Some(mut server) = Server::start(Shown::Good, &["--innodb-flush-log-at-trx-commit=1"]) else { return };
    with_big(&server, "lost").await;
    let opened = Opened::new(&server, "reader").await;
    let mut stream = opened.stream(&ctx(), &endless("lost", "mark_lost"), patient()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    server.kill();
    let mut last = None;
    while let Some(batch) = stream.next().await {
        last = Some(batch);
    }
    assert_eq!(last.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
    drop(stream);
    for _ in 0..6 {
        let error = opened.cell("SELECT COUNT(*) FROM lost").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
    let health = opened.source.health();
    assert_eq!((health.breaker, health.connections), (BreakerState::Open, 0), "it is left alone for a while");
    assert!(health.last_error.is_some());
    assert!(server.restart());
    // A new login is tried at once.
    opened.source.replace_spec(spec(&server)).await.unwrap();
    assert_eq!(opened.cell("SELECT COUNT(*) FROM lost").await.unwrap(), "20000");
    assert_eq!(opened.source.health().breaker, BreakerState::Closed);
}

#[tokio::test]
async fn a_new_password_is_tried_before_the_old_one_goes() {
    let Some(server) = Server::shared() else { return };
    server
        .run("CREATE TABLE rotated (n INT); CREATE USER rotating@'%' IDENTIFIED BY 'old'; GRANT SELECT ON shop.* TO rotating@'%'")
        .await;
    let login = |password: &str| {
        with(server, |spec| spec.login = Login::Password { user: "rotating".into(), password: password.to_owned().into() })
    };
    let source = MysqlSource::connect("shop", login("old")).await.unwrap();
    let catalog = source.introspect(&ctx(), Default::default()).await.unwrap();
    let opened = Opened { source, catalog };
    assert_eq!(opened.source.replace_spec(login("wrong")).await.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(opened.cell("SELECT COUNT(*) FROM rotated").await.unwrap(), "0");
    server.run("ALTER USER rotating@'%' IDENTIFIED BY 'new'").await;
    opened.source.replace_spec(login("new")).await.unwrap();
    assert_eq!(opened.cell("SELECT COUNT(*) FROM rotated").await.unwrap(), "0");
}
