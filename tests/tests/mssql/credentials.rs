//! Logins that the host gives, at the peer: what it gave is what is sent, and it is asked again when another is needed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use leo::adapter::{Credential, CredentialProvider, RoleAuthorizer};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::context::HostContext;
use leo::source::Login;
use leo::{Context, ErrorKind, Leo, Result, SqlOptions};
use leo_tests::tds::{Peer, Request, Seen, Step};

use crate::shop::{PASSWORD, protected, things};

/// Gives a password that ends at once, so that each new connection needs another.
#[derive(Debug)]
struct Vault {
    password: Mutex<String>,
    asked: AtomicUsize,
}

#[async_trait]
impl CredentialProvider for Vault {
    async fn credential(&self, ctx: HostContext, source: &str) -> Result<Credential> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        assert_eq!((ctx.tenant.as_str(), source), ("acme", "shop"));
        let login = Login::Password { user: "vaulted".into(), password: self.password.lock().unwrap().clone().into() };
        Ok(Credential { login, expires_at: Some(ctx.now) })
    }
}

/// Who logged in, and with what.
fn logins(peer: &Peer) -> Vec<(String, String)> {
    let login = |seen| if let Seen::Login(login) = seen { Some((login.user, login.password)) } else { None };
    peer.seen().into_iter().filter_map(login).collect()
}

/// Answers slowly enough for two statements to need two connections.
fn unhurried(request: &Request) -> Option<Vec<Step>> {
    let rows = || [vec![Step::Wait(Duration::from_millis(400))], things(&[(1, Some("one"), None)])].concat();
    (request.is_call && request.sql.contains("things")).then(rows)
}

async fn rows(leo: &Leo) -> Result<usize> {
    let options = SqlOptions { source: Some("shop".into()), ..SqlOptions::default() };
    let answer = leo.sql_with("SELECT id, label, price FROM things", &options).await?;
    Ok(answer.raise_for_status()?.table.unwrap().num_rows())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_is_asked_for_each_login_and_its_answer_is_sent() {
    let (peer, _folder, mut spec) = protected(unhurried).await;
    spec.login = Login::Provided;
    let vault = Arc::new(Vault { password: Mutex::new(PASSWORD.to_owned()), asked: AtomicUsize::default() });
    let leo = Leo::builder()
        .credentials(Arc::clone(&vault) as _)
        .authorizer(Arc::new(RoleAuthorizer))
        .audit(Arc::new(MemorySink::default()) as _)
        .execution(true)
        .build()
        .unwrap();
    let leo = leo.for_user(Context::new("acme", "olga").unwrap().with_roles(["owner"]));
    leo.sources().add(Source::from_spec("shop", spec)).await.unwrap();
    assert_eq!(rows(&leo).await.unwrap(), 1);
    let sent = ("vaulted".to_owned(), PASSWORD.to_owned());
    let before = logins(&peer);
    assert!(!before.is_empty() && before.iter().all(|login| *login == sent), "{before:?}");
    assert_eq!(vault.asked.load(Ordering::SeqCst), before.len(), "once for each connection");
    // Two at the same time need a second connection.
    let (one, other) = tokio::join!(rows(&leo), rows(&leo));
    assert_eq!((one.unwrap(), other.unwrap()), (1, 1));
    let after = logins(&peer);
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(vault.asked.load(Ordering::SeqCst), after.len());
    // What the server refuses is asked for once more, and then told.
    *vault.password.lock().unwrap() = "hunter2".into();
    let (one, two, three) = tokio::join!(rows(&leo), rows(&leo), rows(&leo));
    let failed: Vec<_> = [one, two, three].into_iter().filter_map(Result::err).collect();
    assert_eq!(failed.len(), 1, "the connections that are there go on: {failed:?}");
    assert!(failed[0].kind() == ErrorKind::Config && !format!("{:?}", failed[0]).contains("hunter2"), "{failed:?}");
    // The second answer is the one that was refused: it is not sent again, which might lock the account.
    assert_eq!(logins(&peer).iter().filter(|(_, password)| password == "hunter2").count(), 1);
    assert_eq!(vault.asked.load(Ordering::SeqCst), after.len() + 2);
}
