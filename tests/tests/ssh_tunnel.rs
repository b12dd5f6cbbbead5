//! Databases behind an SSH host: a real one, in front of real servers; and every mistake on the way.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use leo::gate::{Connector, QueryOptions};
use leo::source::mysql::MysqlSource;
use leo::source::postgres::PostgresSource;
use leo::source::{SourceSpec, SshAuth, SshHostKey};
use leo::{Error, ErrorKind};
use leo_tests::behaviour::{Asked, ctx};
use leo_tests::sshd::{PASSPHRASE, Sshd};
use leo_tests::{mariadb, postgres};

fn through(sshd: &Sshd, url: &str) -> SourceSpec {
    SourceSpec { ssh: Some(sshd.tunnel()), ..url.parse().unwrap() }
}

/// Connects to PostgreSQL where that must fail: the problem's name and the error.
async fn mistake(spec: SourceSpec) -> (String, Error) {
    let connected = tokio::time::timeout(Duration::from_secs(30), PostgresSource::connect("shop", spec));
    let error = connected.await.expect("in time").map(drop).unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(!told.contains(PASSPHRASE) && !told.contains(postgres::PASSWORD) && !told.contains("PRIVATE KEY"), "{told}");
    assert!(error.message().contains(';') || told.contains("private"), "says what to do: {told}");
    let problem = error.context().iter().find(|(key, _)| *key == "problem").map(|(_, code)| code.clone());
    (problem.unwrap_or_default(), error)
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_answers_through_an_ssh_host_and_is_stopped_through_it() {
    let (Some(server), Some(mut sshd)) = (postgres::Server::shared(), Sshd::start()) else { return };
    let source = PostgresSource::connect("shop", through(&sshd, &server.url("reader", "shop"))).await.unwrap();
    assert!(source.test(&ctx()).await.unwrap().read_only);
    let asked = Asked::new(Arc::new(source)).await.unwrap();
    assert_eq!(asked.table("SELECT 6 * 7 AS n").await.unwrap().num_rows(), 1);
    // More than fits into any buffer on the way.
    let many = asked.table("SELECT n, repeat('x', 200) AS t FROM generate_series(1, 100000) AS s (n)").await.unwrap();
    assert_eq!(many.num_rows(), 100_000);

    let endless =
        "SELECT a.n FROM generate_series(1, 1000) AS a (n), generate_series(1, 1000) AS b (n), generate_series(1, 900) AS c (n)";
    let mut stream = asked.start(&ctx(), endless, &[], QueryOptions { max_rows: u64::MAX, ..Default::default() }).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    let running =
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%a.n FROM%' AND pid <> pg_backend_pid()";
    let mut left = String::new();
    for _ in 0..40 {
        left = server.run("shop", running);
        if left.trim() == "0" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(left.trim(), "0", "stopped on the server, over a way of its own through the SSH host");

    // The SSH host goes away and comes back: the pool notices both.
    sshd.stop();
    let gone = asked.table("SELECT 1 AS n").await.map(drop).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Unavailable, "{gone:?}");
    assert!(sshd.up());
    assert_eq!(asked.table("SELECT 2 AS n").await.unwrap().num_rows(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_answers_through_an_ssh_host() {
    let (Some(server), Some(sshd)) = (mariadb::Server::shared(), Sshd::start()) else { return };
    let mut spec = through(&sshd, &server.url("reader"));
    // The host whose key is known by its fingerprint, the key as text.
    let key = std::fs::read_to_string(sshd.path("key")).unwrap();
    let ssh = spec.ssh.as_mut().unwrap();
    ssh.host_key = SshHostKey::Fingerprint(sshd.fingerprint());
    ssh.auth = SshAuth::KeyText { key: key.into(), passphrase: PASSPHRASE.to_owned().into() };
    assert!(!format!("{spec:?}").contains("PRIVATE KEY") && !format!("{spec:?}").contains(PASSPHRASE));
    let asked = Asked::new(Arc::new(MysqlSource::connect("shop", spec).await.unwrap())).await.unwrap();
    assert_eq!(asked.table("SELECT 6 * 7 AS n").await.unwrap().num_rows(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_on_the_way_through_an_ssh_host_is_told_apart() {
    let (Some(server), Some(sshd)) = (postgres::Server::shared(), Sshd::start()) else { return };
    let good = through(&sshd, &server.url("reader", "shop"));
    let with = |change: &dyn Fn(&mut leo::source::SshTunnel)| {
        let mut spec = good.clone();
        change(spec.ssh.as_mut().unwrap());
        spec
    };
    let stranger = sshd.path("stranger");
    let fingerprint = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let empty = sshd.path("stranger.pub");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (spec, problem, kind) in [
        (with(&|ssh| ssh.host_key = SshHostKey::Fingerprint(fingerprint.into())), "ssh_host_key", ErrorKind::Config),
        (with(&|ssh| ssh.host_key = SshHostKey::KnownIn(empty.clone())), "ssh_host_key", ErrorKind::Config),
        (
            with(&|ssh| ssh.auth = SshAuth::Key { file: stranger.clone(), passphrase: Default::default() }),
            "ssh_login",
            ErrorKind::Config,
        ),
        (with(&|ssh| ssh.auth = SshAuth::Password { password: "hunter2".to_owned().into() }), "ssh_login", ErrorKind::Config),
        (with(&|ssh| ssh.user = "nobody-like-this".into()), "ssh_login", ErrorKind::Config),
        (with(&|ssh| ssh.port = closed), "ssh_unreachable", ErrorKind::Unavailable),
        (with(&|ssh| ssh.host = "no-such-host.invalid".into()), "ssh_unreachable", ErrorKind::Unavailable),
        (with(&|ssh| ssh.auth = SshAuth::Key { file: sshd.path("key"), passphrase: Default::default() }), "", ErrorKind::Config),
        (
            with(&|ssh| ssh.auth = SshAuth::Key { file: sshd.path("no-key"), passphrase: Default::default() }),
            "",
            ErrorKind::Config,
        ),
        (SourceSpec { port: Some(closed), ..good.clone() }, "ssh_forward", ErrorKind::Unavailable),
        (SourceSpec { forbid_private_hosts: true, ..good.clone() }, "private_host", ErrorKind::Denied),
    ] {
        let wanted = (problem.to_owned(), kind);
        let ssh = spec.ssh.clone();
        let (problem, error) = mistake(spec).await;
        assert_eq!((problem, error.kind()), wanted, "{ssh:?}: {error:?}");
    }
    // A database is no SSH server.
    let (problem, error) = mistake(with(&|ssh| ssh.port = server.port())).await;
    assert!(matches!(problem.as_str(), "ssh_failed" | "ssh_unreachable"), "{error:?}");
}
