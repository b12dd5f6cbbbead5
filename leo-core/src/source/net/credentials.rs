//! The login that the host gives, asked for once however many need it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as Sync, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::problem::Problem;
use crate::adapter::{Credential, CredentialProvider};
use crate::context::HostContext;
use crate::error::{Error, Result};
use crate::source::{Login, SourceSpec};

/// How long before its end a credential is replaced, at most.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// The host's provider, for one source, and what it gave last.
#[derive(Debug)]
pub(crate) struct Credentials {
    provider: Arc<dyn CredentialProvider>,
    ctx: HostContext,
    source: String,
    /// Locked while the provider is asked: those who wait take what comes of it.
    held: Mutex<Option<Held>>,
    /// Counts how often it was asked.
    asked: AtomicU64,
    failure: Sync<Option<Error>>,
}

/// A login in use.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) login: Login,
    /// Which answer of the provider it is.
    number: u64,
    expires_at: Option<Timestamp>,
    renew_at: Option<Timestamp>,
}

impl Held {
    /// Whether the other one holds another secret or user.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        let parts = |login: &Login| match login {
            Login::None | Login::Provided => (None, None, false),
            Login::Password { user, password } => (Some(user.clone()), Some(password.clone()), false),
            Login::Token { user, token } => (user.clone(), Some(token.clone()), true),
        };
        let ((user, secret, is_token), (other, others, is_other_token)) = (parts(&self.login), parts(&other.login));
        let shown =
            |secret: &Option<crate::source::SecretString>, other: &Option<crate::source::SecretString>| match (secret, other) {
                (Some(secret), Some(other)) => secret.expose_secret() != other.expose_secret(),
                (secret, other) => secret.is_some() != other.is_some(),
            };
        user != other || is_token != is_other_token || shown(&secret, &others)
    }
}

impl Credentials {
    pub(crate) fn new(provider: Arc<dyn CredentialProvider>, ctx: HostContext, source: String) -> Self {
        Self { provider, ctx, source, held: Mutex::default(), asked: AtomicU64::default(), failure: Sync::default() }
    }

    /// The login to connect with now; another one than `refused`, if the provider has been asked since or gives one.
    ///
    /// # Errors
    /// `Adapter` when the provider gives none within `limit`.
    pub(crate) async fn get(&self, spec: &SourceSpec, refused: Option<&Held>, limit: Duration) -> Result<Held> {
        let seen = self.asked.load(Ordering::Acquire);
        let mut held = self.held.lock().await;
        let now = Timestamp::now();
        let usable = held.as_ref().filter(|held| refused.is_none_or(|refused| refused.number != held.number));
        if let Some(held) = usable.filter(|held| held.renew_at.is_none_or(|at| now < at)) {
            return Ok(held.clone());
        }
        // What holds on for a while is used on while there is nothing newer.
        let last = usable.filter(|held| held.expires_at.is_none_or(|at| now < at)).cloned();
        if self.asked.load(Ordering::Acquire) != seen
            && let Some(error) = self.failure().clone()
        {
            return last.ok_or(error);
        }
        let ctx = HostContext { now, ..self.ctx.clone() };
        let answer = timeout(limit, self.provider.credential(ctx, &self.source)).await;
        let number = self.asked.fetch_add(1, Ordering::AcqRel) + 1;
        let failed = |error: Error| {
            *self.failure() = Some(error.clone());
            tracing::warn!(source = %self.source, "the host's credential provider gave no credential");
            last.ok_or(error)
        };
        match answer {
            Ok(Ok(credential)) if is_one(&credential.login) => {
                *self.failure() = None;
                let new = Held::new(credential, number, now);
                *held = Some(new.clone());
                Ok(new)
            }
            Ok(Ok(_)) => failed(Problem::NoCredential.error(spec)),
            Ok(Err(error)) => failed(Problem::NoCredential.error(spec).with_source(error)),
            Err(_) => failed(Problem::NoCredential.error(spec)),
        }
    }

    fn failure(&self) -> std::sync::MutexGuard<'_, Option<Error>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is something to log in with.
fn is_one(login: &Login) -> bool {
    matches!(login, Login::Password { .. } | Login::Token { .. })
}

impl Held {
    fn new(credential: Credential, number: u64, now: Timestamp) -> Self {
        let Credential { login, expires_at } = credential;
        let renew_at = expires_at.map(|at| {
            let life = at.duration_since(now).max(SignedDuration::ZERO);
            at.checked_sub(MARGIN.min(life / 10)).unwrap_or(at)
        });
        Self { login, number, expires_at, renew_at }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use async_trait::async_trait;

    use super::*;
    use crate::ErrorKind;
    use crate::context::Context;
    use crate::source::Engine;

    /// Gives `secret N` with a life of so many seconds, or fails.
    #[derive(Debug, Default)]
    struct Vault {
        asked: AtomicUsize,
        life: Sync<Option<i64>>,
        is_down: Sync<bool>,
    }

    #[async_trait]
    impl CredentialProvider for Vault {
        async fn credential(&self, ctx: HostContext, _: &str) -> Result<Credential> {
            let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
            if *self.is_down.lock().unwrap() {
                return Err(Error::unavailable("token=hunter2 of the vault has expired"));
            }
            let expires_at = self.life.lock().unwrap().map(|seconds| ctx.now + SignedDuration::from_secs(seconds));
            Ok(Credential {
                login: Login::Password { user: "leo".into(), password: format!("secret {number}").into() },
                expires_at,
            })
        }
    }

    fn spec() -> SourceSpec {
        SourceSpec { host: "db".into(), login: Login::Provided, ..SourceSpec::new(Engine::Postgres) }
    }

    fn credentials(vault: &Arc<Vault>) -> Credentials {
        Credentials::new(Arc::clone(vault) as _, Context::new("t", "u").unwrap().to_host(), "shop".into())
    }

    const LIMIT: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn however_many_need_it_it_is_asked_once() {
        let vault = Arc::new(Vault::default());
        let (credentials, spec) = (credentials(&vault), spec());
        let first: Vec<Held> = futures::future::try_join_all((0..50).map(|_| credentials.get(&spec, None, LIMIT))).await.unwrap();
        assert_eq!(vault.asked.load(Ordering::SeqCst), 1);
        // All of them are refused: one asks again, the others take its answer.
        let again = first.iter().map(|held| credentials.get(&spec, Some(held), LIMIT));
        for held in futures::future::try_join_all(again).await.unwrap() {
            assert!(held.differs(&first[0]) && !held.differs(&held));
        }
        assert_eq!(vault.asked.load(Ordering::SeqCst), 2);
        *vault.is_down.lock().unwrap() = true;
        let refused = credentials.get(&spec, None, LIMIT).await.unwrap();
        let failures = futures::future::join_all((0..20).map(|_| credentials.get(&spec, Some(&refused), LIMIT))).await;
        assert!(failures.iter().all(Result::is_err));
        assert_eq!(vault.asked.load(Ordering::SeqCst), 3, "a failure is shared as well");
    }

    #[tokio::test]
    async fn it_is_asked_again_before_the_end_and_its_failure_is_borne_until_then() {
        let vault = Arc::new(Vault::default());
        let (credentials, spec) = (credentials(&vault), spec());
        // Asked again within the margin, not before.
        *vault.life.lock().unwrap() = Some(3_600);
        credentials.get(&spec, None, LIMIT).await.unwrap();
        credentials.get(&spec, None, LIMIT).await.unwrap();
        assert_eq!(vault.asked.load(Ordering::SeqCst), 1);
        let renew = credentials.held.lock().await.as_mut().map(|held| held.renew_at.replace(Timestamp::now())).unwrap();
        assert!(renew.unwrap() <= Timestamp::now() + SignedDuration::from_mins(55));
        *vault.is_down.lock().unwrap() = true;
        let borne = credentials.get(&spec, None, LIMIT).await.unwrap();
        assert_eq!((borne.number, vault.asked.load(Ordering::SeqCst)), (1, 2));
        // Its end is the end.
        credentials.held.lock().await.as_mut().unwrap().expires_at = Some(Timestamp::now());
        let error = credentials.get(&spec, None, LIMIT).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Adapter);
        assert!(!error.to_string().contains("hunter2") && error.message().contains("credential provider"), "{error}");
        *vault.is_down.lock().unwrap() = false;
        assert!(credentials.get(&spec, None, LIMIT).await.is_ok());
    }

    #[tokio::test]
    async fn a_provider_that_hangs_is_not_waited_for_for_ever() {
        let vault = Arc::new(Vault::default());
        let (credentials, spec) = (credentials(&vault), spec());
        let error = credentials.get(&spec, None, Duration::from_millis(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Adapter);
    }
}
