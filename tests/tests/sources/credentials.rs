//! Logins that the host gives: asked for once, again before they end, and once more when the server refuses one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use leo::adapter::{Credential, CredentialProvider};
use leo::builder::Source;
use leo::context::HostContext;
use leo::source::{Login, SourceSpec};
use leo::sources::SourceState;
use leo::{Error, ErrorKind, Result};
use leo_tests::mariadb;
use leo_tests::postgres::{PASSWORD, Server};

use super::postgres::{busy, connections, number};
use super::support::Host;

/// Gives what it was told, and counts.
#[derive(Debug)]
struct Vault {
    user: &'static str,
    password: Mutex<String>,
    expires_in: Mutex<Option<i64>>,
    is_down: Mutex<bool>,
    asked: AtomicUsize,
    asked_for: Mutex<Vec<(String, String)>>,
}

impl Vault {
    fn new(user: &'static str, password: &str) -> Arc<Self> {
        Arc::new(Self {
            user,
            password: Mutex::new(password.to_owned()),
            expires_in: Mutex::default(),
            is_down: Mutex::default(),
            asked: AtomicUsize::default(),
            asked_for: Mutex::default(),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl CredentialProvider for Vault {
    async fn credential(&self, ctx: HostContext, source: &str) -> Result<Credential> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.asked_for.lock().unwrap().push((ctx.tenant, source.to_owned()));
        // So that others come while it is being asked.
        tokio::time::sleep(Duration::from_millis(30)).await;
        if *self.is_down.lock().unwrap() {
            return Err(Error::unavailable("the vault is sealed; its token is hvs.hunter2"));
        }
        let expires_at = self.expires_in.lock().unwrap().map(|seconds| ctx.now + jiff::SignedDuration::from_secs(seconds));
        let login = Login::Password { user: self.user.into(), password: self.password.lock().unwrap().clone().into() };
        Ok(Credential { login, expires_at })
    }
}

fn provided(server: &Server, name: &str) -> SourceSpec {
    let mut spec: SourceSpec = server.url("nobody", "shop").parse().unwrap();
    spec.login = Login::Provided;
    spec.application_name = Some(name.to_owned());
    spec
}

fn role(server: &Server, name: &str, password: &str) {
    server.run("shop", &format!("CREATE ROLE {name} LOGIN; ALTER ROLE {name} PASSWORD '{password}'"));
}

#[tokio::test]
async fn a_password_changed_on_the_server_is_asked_for_once_and_nobody_notices() {
    let Some(server) = Server::shared() else { return };
    role(server, "rotating", "first");
    let vault = Vault::new("rotating", "first");
    let host = Host::with_credentials(Arc::clone(&vault) as _);
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    sources.add(Source::from_spec("pg", provided(server, "rotating"))).await.unwrap();
    assert_eq!(number(&leo, "pg", "SELECT 1 AS one").await.unwrap(), "1");
    assert_eq!(vault.asked(), 1);
    assert_eq!(*vault.asked_for.lock().unwrap(), [("acme".to_owned(), "pg".to_owned())]);
    // A connection is in use while the password changes; others are needed at the same time.
    let running = busy(server, &leo, "pg", "rotating").await;
    server.run("shop", "ALTER ROLE rotating PASSWORD 'second'");
    *vault.password.lock().unwrap() = "second".into();
    let others = join_all((0..6).map(|_| number(&leo, "pg", "SELECT 1 AS one"))).await;
    assert!(others.iter().all(|other| other.as_ref().is_ok_and(|one| one == "1")), "{others:?}");
    assert_eq!(vault.asked(), 2, "however many were refused");
    assert!(!running.is_finished(), "a running statement is left alone");
    running.abort();
    assert_eq!(sources.status("pg").await.unwrap().state, SourceState::Connected);
    // A provider that holds on to what the server refuses is not asked again and again.
    server.run(
        "shop",
        "ALTER ROLE rotating PASSWORD 'third'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotating'",
    );
    while connections(server, "rotating") > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let before = vault.asked();
    let error = number(&leo, "pg", "SELECT 1 AS one").await.unwrap_err();
    assert_eq!((error.kind(), vault.asked() - before), (ErrorKind::Config, 1), "{error}");
    assert!(!format!("{error:?}").contains("second"));
    assert_eq!(sources.status("pg").await.unwrap().state, SourceState::ActionRequired);
    *vault.password.lock().unwrap() = "third".into();
    assert_eq!(number(&leo, "pg", "SELECT 1 AS one").await.unwrap(), "1");
    assert_eq!(sources.status("pg").await.unwrap().state, SourceState::Connected);
}

#[tokio::test]
async fn a_provider_that_fails_leaves_open_connections_alone() {
    let Some(server) = Server::shared() else { return };
    role(server, "failing", "first");
    let vault = Vault::new("failing", "first");
    // Over at once: each new connection needs another one.
    *vault.expires_in.lock().unwrap() = Some(0);
    let host = Host::with_credentials(Arc::clone(&vault) as _);
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    sources.add(Source::from_spec("pg", provided(server, "failing"))).await.unwrap();
    assert_eq!(number(&leo, "pg", "SELECT 1 AS one").await.unwrap(), "1");
    let before = vault.asked();
    *vault.is_down.lock().unwrap() = true;
    assert_eq!(number(&leo, "pg", "SELECT 1 AS one").await.unwrap(), "1", "the connection that is there");
    assert_eq!(vault.asked(), before);
    let running = busy(server, &leo, "pg", "failing").await;
    let refused = join_all((0..4).map(|_| number(&leo, "pg", "SELECT 1 AS one"))).await;
    for error in refused {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Adapter);
        assert!(!error.to_string().contains("hunter2") && error.message().contains("credential provider"), "{error}");
    }
    assert_eq!(vault.asked(), before + 1, "one failure for all who waited");
    assert_eq!(sources.status("pg").await.unwrap().state, SourceState::ActionRequired);
    assert!(!running.is_finished());
    *vault.is_down.lock().unwrap() = false;
    assert_eq!(number(&leo, "pg", "SELECT 1 AS one").await.unwrap(), "1");
    assert_eq!(sources.status("pg").await.unwrap().state, SourceState::Connected);
    running.abort();
}

#[tokio::test]
async fn each_tenants_source_has_a_login_of_its_own() {
    let Some(server) = Server::shared() else { return };
    role(server, "tenants", "x");
    let vault = Vault::new("tenants", "x");
    let host = Host::with_credentials(Arc::clone(&vault) as _);
    for tenant in ["acme", "beta"] {
        host.resolver.knows(tenant, "pg", provided(server, "tenants"));
        assert_eq!(number(&host.member(tenant), "pg", "SELECT 1 AS one").await.unwrap(), "1");
    }
    let asked_for: Vec<String> = vault.asked_for.lock().unwrap().iter().map(|(tenant, _)| tenant.clone()).collect();
    assert_eq!(asked_for, ["acme", "beta"]);
}

#[tokio::test]
async fn without_a_provider_the_host_is_told_to_give_one() {
    let Some(server) = Server::shared() else { return };
    let host = Host::new();
    let sources = host.owner("acme").sources();
    sources.add(Source::from_spec("pg", provided(server, "none"))).await.unwrap();
    let error = sources.test("pg").await.unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.message().contains("`credentials`"), "{error}");
    assert_eq!(sources.status("pg").await.unwrap().state, SourceState::ActionRequired);
}

#[tokio::test]
async fn mariadb_is_logged_in_to_in_the_same_way() {
    let Some(server) = mariadb::Server::shared() else { return };
    let vault = Vault::new("admin", mariadb::PASSWORD);
    let host = Host::with_credentials(Arc::clone(&vault) as _);
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    let mut spec: SourceSpec = server.url("admin").parse().unwrap();
    spec.login = Login::Provided;
    sources.add(Source::from_spec("my", spec)).await.unwrap();
    *vault.password.lock().unwrap() = "wrong".into();
    assert_eq!(number(&leo, "my", "SELECT 1 AS one").await.unwrap_err().kind(), ErrorKind::Config);
    *vault.password.lock().unwrap() = mariadb::PASSWORD.into();
    assert_eq!(number(&leo, "my", "SELECT 1 AS one").await.unwrap(), "1");
}

#[tokio::test]
async fn of_two_logins_the_one_that_may_only_read_is_used() {
    let Some(server) = Server::shared() else { return };
    let mut spec: SourceSpec = server.url("admin", "shop").parse().unwrap();
    spec.application_name = Some("two_logins".into());
    let host = Host::new();
    let sources = host.owner("acme").sources();
    sources.add(Source::from_spec("writes", spec.clone())).await.unwrap();
    assert!(!sources.test("writes").await.unwrap().read_only);
    spec.read_only_login = Some(Login::Password { user: "reader".into(), password: PASSWORD.to_owned().into() });
    sources.add(Source::from_spec("reads", spec.clone())).await.unwrap();
    assert!(sources.test("reads").await.unwrap().read_only);
    sources.update("writes", spec.clone()).await.unwrap();
    assert!(sources.test("writes").await.unwrap().read_only);
    let direct = leo::source::postgres::PostgresSource::connect("direct", spec).await.unwrap();
    let report = leo::gate::Connector::test(&direct, &leo::Context::new("t", "u").unwrap()).await.unwrap();
    assert!(report.read_only);
}
