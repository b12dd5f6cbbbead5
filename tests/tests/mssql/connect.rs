//! Mistakes of connections, and what a good one says.

use std::time::{Duration, Instant};

use leo::ErrorKind;
use leo::gate::Connector;
use leo::source::mssql::MssqlSource;
use leo::source::{Login, SourceSpec, TlsMode};
use leo_tests::certificates::{Authority, Shown};
use leo_tests::tds::token::{self, Cell, Type};
use leo_tests::tds::{Manners, Seen};

use crate::shop::{self, PASSWORD, ctx, peer, protected, spec};

async fn problem(spec: SourceSpec) -> (String, leo::Error) {
    let started = Instant::now();
    let error = MssqlSource::connect("shop", spec).await.map(drop).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(14), "{error}");
    let shown = format!("{error:?} {error}");
    assert!(!shown.contains(PASSWORD) && !shown.contains("hunter2"), "{shown}");
    let problem = error.context().iter().find(|(key, _)| *key == "problem").map(|(_, value)| value.to_string());
    (problem.unwrap_or_default(), error)
}

#[tokio::test]
async fn a_good_connection_is_protected_and_for_reading() {
    let (peer, _folder, spec) = protected(|_| None).await;
    let source = MssqlSource::connect("shop", spec).await.unwrap();
    assert_eq!(source.info().engine_version, "16.0.1000.6 Peer Edition");
    let seen = peer.seen();
    assert!(matches!(seen[0], Seen::Prelogin(1)), "{:?}", seen[0]);
    let Seen::Login(login) = &seen[1] else { panic!("{:?}", seen[1]) };
    assert_eq!((login.user.as_str(), login.password.as_str(), login.database.as_str()), ("reader", PASSWORD, "Shop"));
    assert!(login.read_only && login.protected && login.application == "leo");
    // The settings go out as one plain batch before anything else.
    let requests = peer.requests();
    assert!(!requests[0].is_call);
    for pin in [
        "SET QUOTED_IDENTIFIER ON",
        "SET ANSI_NULLS ON",
        "SET ARITHABORT ON",
        "SET CONCAT_NULL_YIELDS_NULL ON",
        "SET XACT_ABORT ON",
        "SET LANGUAGE us_english",
        "SET DATEFORMAT ymd",
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET LOCK_TIMEOUT 2000",
    ] {
        assert!(requests[0].sql.contains(pin), "{pin}");
    }
    let report = source.test(&ctx()).await.unwrap();
    assert!(report.read_only && report.tables_found == 1 && report.warnings.is_empty(), "{report:?}");
}

#[tokio::test]
async fn certificates_are_looked_at_as_the_mode_says() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let cases = [
        (Shown::Good, TlsMode::VerifyFull, ""),
        (Shown::Expired, TlsMode::VerifyFull, "expired_certificate"),
        (Shown::WrongName, TlsMode::VerifyFull, "wrong_name"),
        (Shown::WrongName, TlsMode::VerifyCa, ""),
        (Shown::SelfSigned, TlsMode::VerifyFull, "untrusted_certificate"),
        (Shown::SelfSigned, TlsMode::VerifyCa, "untrusted_certificate"),
    ];
    for (shown, mode, expected) in cases {
        let manners = Manners { certificate: Some(authority.server(shown, folder.path())), ..Manners::default() };
        let peer = peer(manners, |_| None).await;
        let mut spec = spec(&peer);
        (spec.tls.mode, spec.tls.ca_file) = (Some(mode), Some(authority.file().into()));
        match expected {
            "" => drop(MssqlSource::connect("shop", spec).await.unwrap_or_else(|error| panic!("{shown:?} {mode:?}: {error:?}"))),
            expected => assert_eq!(problem(spec).await.0, expected, "{shown:?} {mode:?}"),
        }
        // No password goes to a server that is not trusted.
        assert_eq!(peer.seen().iter().any(|seen| matches!(seen, Seen::Login(_))), expected.is_empty());
    }
    // The named authority stands instead of the system's, and the system does not know ours.
    let manners = Manners { certificate: Some(authority.server(Shown::Good, folder.path())), ..Manners::default() };
    let peer = peer(manners, |_| None).await;
    assert_eq!(problem(spec(&peer)).await.0, "untrusted_certificate");
    let mut unchecked = spec(&peer);
    unchecked.tls.mode = Some(TlsMode::Require);
    assert!(MssqlSource::connect("shop", unchecked).await.is_ok());
}

#[tokio::test]
async fn a_server_without_tls_is_named_at_once() {
    let peer = peer(Manners::default(), |_| None).await;
    for mode in [TlsMode::Require, TlsMode::VerifyCa, TlsMode::VerifyFull] {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(folder.path());
        let mut spec = spec(&peer);
        (spec.tls.mode, spec.tls.ca_file) = (Some(mode), Some(authority.file().into()));
        let started = Instant::now();
        assert_eq!(problem(spec).await.0, "no_tls");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
    assert!(!peer.seen().iter().any(|seen| matches!(seen, Seen::Login(_))));
    for mode in [TlsMode::Disable, TlsMode::Prefer] {
        let mut spec = spec(&peer);
        spec.tls.mode = Some(mode);
        let source = MssqlSource::connect("shop", spec).await.unwrap();
        let report = source.test(&ctx()).await.unwrap();
        assert_eq!(report.warnings, Vec::<String>::new(), "nobody is on the way within one machine");
    }
}

#[tokio::test]
async fn a_server_that_wants_tls_is_named() {
    let (_peer, _folder, mut spec) = protected(|_| None).await;
    spec.tls.mode = Some(TlsMode::Disable);
    assert_eq!(problem(spec).await.0, "tls_required");
}

#[tokio::test]
async fn logins_that_fail_are_told_apart() {
    let cases: &[(u32, u8, &str, ErrorKind)] = &[
        (18_456, 14, "login", ErrorKind::Config),
        (18_452, 14, "login_method", ErrorKind::Unsupported),
        (4_060, 11, "no_database", ErrorKind::NotFound),
        (916, 14, "no_permission", ErrorKind::Denied),
        (40_615, 14, "filtered", ErrorKind::Timeout),
        (40_613, 17, "not_ready", ErrorKind::Unavailable),
        (6_005, 14, "not_ready", ErrorKind::Unavailable),
        (976, 14, "no_replica", ErrorKind::Unavailable),
        (978, 14, "no_replica", ErrorKind::Unavailable),
        (983, 14, "no_replica", ErrorKind::Unavailable),
        (17_809, 20, "too_many_connections", ErrorKind::Unavailable),
    ];
    for (number, class, code, kind) in cases {
        let answer = [token::error(*number, *class, "hunter2 in the server's words"), token::done_error()].concat();
        let peer = peer(Manners { login_answer: Some(answer), ..Manners::default() }, |_| None).await;
        let mut spec = spec(&peer);
        spec.tls.mode = Some(TlsMode::Disable);
        let (found, error) = problem(spec).await;
        assert_eq!((found.as_str(), error.kind()), (*code, *kind), "{number}");
        assert!(*code != "no_replica" || (error.message().contains("listener") && error.message().contains("`Shop`")), "{error}");
        // Only what may pass by itself is tried again; a wrong password would lock the account.
        let attempts = peer.seen().iter().filter(|seen| matches!(seen, Seen::Login(_))).count();
        assert_eq!(attempts, if *kind == ErrorKind::Unavailable { 3 } else { 1 }, "{number}");
    }
    let (_peer, _folder, mut spec) = protected(|_| None).await;
    spec.login = Login::Password { user: "reader".into(), password: "hunter2".to_owned().into() };
    assert_eq!(problem(spec.clone()).await.0, "login");
    spec.login = Login::None;
    assert_eq!(problem(spec).await.0, "login_missing");
}

#[tokio::test]
async fn other_servers_and_closed_ports_are_told_apart() {
    let disabled = |mut spec: SourceSpec| {
        spec.tls.mode = Some(TlsMode::Disable);
        spec
    };
    for greeting in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"SSH-2.0-x\r\n",
        b"\x4a\0\0\0\x0a8.0.36\0",
        b"\x04\x01\0\x0b\0\0\x01\0\xff\xff\xff",
        b"",
    ] {
        let peer = peer(Manners { greeting: Some(greeting.to_vec()), ..Manners::default() }, |_| None).await;
        let (code, error) = problem(disabled(spec(&peer))).await;
        assert!(["other_server", "lost"].contains(&code.as_str()), "{code} {error}");
    }
    let gone = { spec(&peer(Manners::default(), |_| None).await) };
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(problem(disabled(gone)).await.0, "refused");
    let silent = peer(Manners { silent: true, ..Manners::default() }, |_| None).await;
    let mut slow = disabled(spec(&silent));
    slow.connections.connect_timeout_ms = 500;
    assert_eq!(problem(slow).await.0, "slow");
}

#[tokio::test]
async fn a_connection_cut_in_the_handshake_is_lost_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    for state in ["prelogin", "tls", "login"] {
        let certificate = Some(authority.server(Shown::Good, folder.path()));
        let peer = peer(Manners { certificate, cut_at: Some(state), ..Manners::default() }, |_| None).await;
        let mut spec = spec(&peer);
        spec.tls.ca_file = Some(authority.file().into());
        let (code, _) = problem(spec).await;
        assert!(["lost", "other_server", "tls_failed"].contains(&code.as_str()), "{state}: {code}");
    }
}

#[tokio::test]
async fn a_login_that_may_write_is_refused_unless_allowed() {
    let script = |request: &leo_tests::tds::Request| {
        request.sql.contains("IS_MEMBER").then(|| {
            let columns: Vec<(&str, Type)> = (0..9).map(|_| ("r", Type::Int(4))).collect();
            let cells = (0..9).map(|index| if index == 2 { Cell::Int(1) } else { Cell::Null }).collect();
            shop::rows(&columns, &[cells])
        })
    };
    let (_peer, _folder, mut spec) = protected(script).await;
    let (code, error) = problem(spec.clone()).await;
    assert_eq!(code, "writable_login");
    assert!(format!("{error:?}").contains("db_datawriter"), "{error:?}");
    spec.allow_writable_login = true;
    let source = MssqlSource::connect("shop", spec).await.unwrap();
    let report = source.test(&ctx()).await.unwrap();
    assert!(!report.read_only && report.warnings.iter().any(|warning| warning.contains("may change data")), "{report:?}");
}

#[tokio::test]
async fn a_server_that_knows_next_to_nothing_is_used_all_the_same() {
    // It refuses every statement of the connector's own but the beginning of a transaction.
    let script = |request: &leo_tests::tds::Request| {
        let own = !request.is_call && !request.sql.contains("INFORMATION_SCHEMA.") && request.sql != "BEGIN TRANSACTION";
        own.then(|| shop::refuse(33_557_097, 16, "unrecognized"))
    };
    let (_peer, _folder, spec) = protected(script).await;
    let source = MssqlSource::connect("shop", spec).await.unwrap();
    let report = source.test(&ctx()).await.unwrap();
    assert!(!report.read_only && report.warnings.iter().any(|warning| warning.contains("does not tell")), "{report:?}");
}

#[tokio::test]
async fn a_gateway_may_send_to_another_server() {
    let (target, _folder, spec) = protected(|_| None).await;
    let answer = [token::login_ack(), token::routing("127.0.0.1", target.port()), token::done()].concat();
    let files = {
        // The gateway shows a certificate of the same authority.
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(folder.path());
        (authority.server(Shown::Good, folder.path()), authority.file().to_owned(), folder)
    };
    let gateway =
        peer(Manners { certificate: Some(files.0.clone()), login_answer: Some(answer), ..Manners::default() }, |_| None).await;
    let both = files.2.path().join("both.pem");
    let trusted = [std::fs::read(&files.1).unwrap(), std::fs::read(spec.tls.ca_file.as_ref().unwrap()).unwrap()].concat();
    std::fs::write(&both, trusted).unwrap();
    let mut spec = SourceSpec { port: Some(gateway.port()), ..spec };
    spec.tls.ca_file = Some(both);
    MssqlSource::connect("shop", spec).await.unwrap();
    assert!(target.seen().iter().any(|seen| matches!(seen, Seen::Login(_))));
}

/// Plays the browser service, which listens where the protocol says, and checks what it is asked; nothing where somebody else does.
async fn browser(answer: String, question: &'static [u8]) -> Option<tokio::task::JoinHandle<()>> {
    let Ok(socket) = tokio::net::UdpSocket::bind("127.0.0.1:1434").await else {
        println!("skipped: the browser service of named instances (somebody else has UDP port 1434)");
        return None;
    };
    // SVR_RESP (MC-SQLR 2.2.5): five, the length, the text.
    let answer = [&[5][..], &(answer.len() as u16).to_le_bytes(), answer.as_bytes()].concat();
    Some(tokio::spawn(async move {
        let mut asked = [0; 64];
        while let Ok((length, from)) = socket.recv_from(&mut asked).await {
            if asked[..length] == *question {
                socket.send_to(&answer, from).await.unwrap();
            }
        }
    }))
}

#[tokio::test]
async fn an_instance_is_found_by_its_name() {
    let (peer, _folder, known) = protected(|_| None).await;
    let ca = known.tls.ca_file.as_ref().unwrap().display().to_string();
    let ado = format!(
        "Server=127.0.0.1\\PEER;Database=Shop;User Id=reader;Password=\"{}\";Encrypt=True",
        PASSWORD.replace('"', "\"\"")
    );
    let mut spec: SourceSpec = ado.parse().unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!((spec.instance.as_deref(), spec.port), (Some("PEER"), None));
    spec.tls.ca_file = Some(ca.into());
    let told = format!("ServerName;HERE;InstanceName;PEER;IsClustered;No;Version;16.0.1000.6;tcp;{};;", peer.port());
    let Some(browser) = browser(told, b"\x04PEER\0").await else { return };
    let source = MssqlSource::connect("shop", spec.clone()).await.unwrap();
    assert_eq!(source.test(&ctx()).await.unwrap().tables_found, 1);
    browser.abort();
    let _ = browser.await;
    // Nobody answers any more.
    let (code, error) = problem(spec).await;
    assert_eq!(code, "no_instance");
    assert!(error.message().contains("PEER") && error.message().contains("1434"), "{error}");
}

#[tokio::test]
async fn credentials_are_changed_only_to_those_that_work() {
    let (peer, _folder, spec) = protected(|_| None).await;
    let source = MssqlSource::connect("shop", spec.clone()).await.unwrap();
    let mut wrong = spec.clone();
    wrong.login = Login::Password { user: "reader".into(), password: "hunter2".to_owned().into() };
    assert!(source.replace_spec(wrong).await.is_err());
    peer.forget();
    source.replace_spec(spec).await.unwrap();
    assert_eq!(source.test(&ctx()).await.unwrap().tables_found, 1);
    source.close().await.unwrap();
    assert_eq!(source.test(&ctx()).await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn tickets_of_tls_1_3_may_come_wrapped() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let certificate = Some(authority.server(Shown::Good, folder.path()));
    let peer = peer(Manners { certificate, newest_tls: true, ..Manners::default() }, |_| None).await;
    let mut spec = spec(&peer);
    spec.tls.ca_file = Some(authority.file().into());
    let source = MssqlSource::connect("shop", spec).await.unwrap();
    assert_eq!(source.test(&ctx()).await.unwrap().tables_found, 1);
}

#[tokio::test]
async fn an_access_token_is_no_password() {
    let (peer, _folder, mut spec) = protected(|_| None).await;
    spec.login = Login::Token { user: None, token: "hunter2".to_owned().into() };
    let (_, error) = problem(spec).await;
    // The peer knows no tokens; what matters is that none was sent as a password.
    assert!(!format!("{error:?}").contains("hunter2"));
    let logins: Vec<String> = peer
        .seen()
        .into_iter()
        .filter_map(|seen| if let Seen::Login(login) = seen { Some(login.password) } else { None })
        .collect();
    assert!(logins.iter().all(String::is_empty), "{logins:?}");
}
