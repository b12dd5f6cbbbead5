//! Connections kept for the next statement: at most so many, none older than the idle time, each pinned again before it is used.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError};
use tokio::time::{Instant, timeout};

use super::Means;
use super::credentials::Held;
use super::problem::{self, Problem};
use super::run::Stop;
use super::slots::{Slot, Spare};
use crate::error::{Error, ErrorKind, Result};
use crate::gate::Health;
use crate::source::{Engine, Login, SourceSpec};

/// Attempts at a connection when what fails may pass by itself.
const ATTEMPTS: u32 = 3;
/// What a connection may take beyond its limit, so that a step that has the same limit can say why it failed.
const SLACK: Duration = Duration::from_millis(100);
/// Wait before the second attempt; it doubles.
const BACKOFF: Duration = Duration::from_millis(100);

/// What a pool asks of an engine.
#[async_trait]
pub(crate) trait Backend: fmt::Debug + Send + Sync + 'static {
    /// The engine whose specs it takes.
    const ENGINE: Engine;

    /// A logged-in connection.
    type Session: Send + 'static;

    /// Connects, logs in, and pins the session: what the guard assumed holds from here on.
    async fn connect(&self, spec: &SourceSpec) -> Result<Self::Session>;

    /// Pins a used session again. An error throws the session away and a new one is made.
    async fn reset(&self, session: &mut Self::Session) -> Result<()>;
}

/// The connections of one source.
pub(crate) struct Pool<B: Backend> {
    inner: managed::Pool<Manager<B>>,
}

impl<B: Backend> fmt::Debug for Pool<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("source", &self.spec().to_string()).field("health", &self.health()).finish()
    }
}

impl<B: Backend> Clone for Pool<B> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

struct Manager<B> {
    backend: B,
    means: Means,
    spec: RwLock<Specs>,
    /// Counts changes of the spec; sessions of an older one are thrown away.
    generation: AtomicU64,
    /// Whether a task closes idle connections.
    sweeping: AtomicBool,
    /// When a session was last asked for.
    asked: Mutex<Instant>,
}

/// What to connect with.
struct Specs {
    /// As it was given.
    given: Arc<SourceSpec>,
    /// With the login of the last connection, where the given one leaves it to the host.
    used: Arc<SourceSpec>,
}

impl Specs {
    fn new(spec: SourceSpec) -> Self {
        let given = Arc::new(spec);
        Self { used: Arc::clone(&given), given }
    }
}

impl<B: Backend> Manager<B> {
    fn given(&self) -> Arc<SourceSpec> {
        Arc::clone(&self.spec.read().unwrap_or_else(PoisonError::into_inner).given)
    }

    fn used(&self) -> Arc<SourceSpec> {
        Arc::clone(&self.spec.read().unwrap_or_else(PoisonError::into_inner).used)
    }

    /// A session for `given`, and the spec with the login it was made with. A login of the host's that the server refuses is asked for
    /// once more: it may have been changed a moment ago.
    async fn log_in(&self, given: &Arc<SourceSpec>) -> Result<(B::Session, Arc<SourceSpec>)> {
        if !matches!(given.login, Login::Provided) {
            return Ok((connect(&self.backend, given).await?, Arc::clone(given)));
        }
        let limit = given.connections.connect_timeout();
        let Some(credentials) = &self.means.credentials else {
            let message = "the login of the source is to come from the host, and there is no credential provider; give one to the builder \
                           with `credentials`";
            return Err(Error::config(message).with_context("problem", Problem::NoCredential.code()));
        };
        let with = |held: &Held| Arc::new(SourceSpec { login: held.login.clone(), ..SourceSpec::clone(given) });
        let held = credentials.get(given, None, limit).await?;
        let spec = with(&held);
        let refused = match connect(&self.backend, &spec).await {
            Err(error) if problem::of(&error) == Some(Problem::Login) => error,
            connected => return Ok((connected?, spec)),
        };
        let other = credentials.get(given, Some(&held), limit).await?;
        if !other.differs(&held) {
            return Err(refused);
        }
        let spec = with(&other);
        Ok((connect(&self.backend, &spec).await?, spec))
    }
}

/// A session and the generation of the spec it was made with.
pub(crate) struct Kept<S> {
    session: S,
    generation: u64,
    used: Instant,
    _slot: Slot,
}

impl<B: Backend> managed::Manager for Manager<B> {
    type Type = Kept<B::Session>;
    type Error = Error;

    async fn create(&self) -> Result<Self::Type> {
        let (generation, spec) = (self.generation.load(Ordering::Acquire), self.given());
        let slot = self.means.slots.take(spec.connections.connect_timeout()).await;
        let slot = slot.ok_or_else(|| Problem::NoSlot.error(&spec))?;
        let (session, used) = self.log_in(&spec).await?;
        {
            let mut specs = self.spec.write().unwrap_or_else(PoisonError::into_inner);
            if Arc::ptr_eq(&specs.given, &spec) {
                specs.used = used;
            }
        }
        Ok(Kept { session, generation, used: Instant::now(), _slot: slot })
    }

    async fn recycle(&self, kept: &mut Self::Type, _: &Metrics) -> managed::RecycleResult<Error> {
        let spec = self.given();
        if kept.used.elapsed() > spec.connections.idle() || kept.generation != self.generation.load(Ordering::Acquire) {
            return Err(RecycleError::message("outlived"));
        }
        match timeout(spec.connections.connect_timeout(), self.backend.reset(&mut kept.session)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(RecycleError::Backend(error)),
            Err(_) => Err(RecycleError::message("no answer")),
        }
    }
}

fn check<B: Backend>(spec: &SourceSpec) -> Result<()> {
    if spec.engine != B::ENGINE {
        return Err(Error::config(format!("this source speaks to `{}`, not to `{}`; open another one", B::ENGINE, spec.engine)));
    }
    spec.check()
}

async fn connect<B: Backend>(backend: &B, spec: &SourceSpec) -> Result<B::Session> {
    let limit = spec.connections.connect_timeout() + SLACK;
    timeout(limit, backend.connect(spec)).await.unwrap_or_else(|_| Err(Problem::Slow.error(spec)))
}

impl<B: Backend> Pool<B> {
    /// A pool without connections yet.
    ///
    /// # Errors
    /// `Config` when the spec is wrong.
    pub(crate) fn new(backend: B, spec: SourceSpec, means: Means) -> Result<Self> {
        check::<B>(&spec)?;
        let spec = spec.with_one_login();
        let max = spec.connections.max;
        let manager = Manager {
            backend,
            means,
            spec: RwLock::new(Specs::new(spec)),
            generation: AtomicU64::default(),
            sweeping: AtomicBool::default(),
            asked: Mutex::new(Instant::now()),
        };
        let inner = managed::Pool::builder(manager)
            .max_size(max)
            .build()
            .map_err(|error| Error::internal("the pool of connections cannot be made").with_source(error))?;
        inner.manager().means.slots.watch(Box::new(inner.weak()));
        Ok(Self { inner })
    }

    pub(crate) fn backend(&self) -> &B {
        &self.inner.manager().backend
    }

    /// The spec, with the login of the last connection.
    pub(crate) fn spec(&self) -> Arc<SourceSpec> {
        self.inner.manager().used()
    }

    /// A session ready for a statement. Failures that may pass are tried again within the time that `stop` leaves.
    ///
    /// # Errors
    /// The problem of connecting; `Unavailable` while the breaker is open; `Timeout`, `Cancelled`; `Closed`.
    pub(crate) async fn checkout(&self, stop: &Stop) -> Result<Lease<B>> {
        let manager = self.inner.manager();
        *manager.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let mut backoff = BACKOFF;
        for attempt in 1.. {
            manager.means.breaker.admit()?;
            let error = match stop.unless_stopped(self.inner.get()).await {
                Ok(Ok(object)) => {
                    manager.means.breaker.succeeded();
                    self.close_idle_later();
                    return Ok(Lease { object: Some(object) });
                }
                Ok(Err(PoolError::Backend(error))) => error,
                Ok(Err(PoolError::Closed)) => return Err(closed()),
                Ok(Err(error)) => return Err(Error::internal("the pool of connections failed").with_source(error)),
                Err(why) if why.kind() == ErrorKind::Timeout && self.is_full() => {
                    return Err(Error::timeout(format!(
                        "all {} connections of the source were in use until the time was over; try again, or raise `connections.max`",
                        self.inner.status().max_size
                    )));
                }
                Err(why) => return Err(why),
            };
            if problem::of(&error).is_some_and(Problem::is_ours) {
                manager.means.breaker.withdrawn();
                return Err(error);
            }
            manager.means.breaker.failed(&error);
            if attempt >= ATTEMPTS || !problem::is_transient(&error) || stop.left() < backoff {
                return Err(error);
            }
            stop.unless_stopped(tokio::time::sleep(backoff)).await?;
            backoff *= 2;
        }
        Err(Error::internal("no attempt was made to connect"))
    }

    /// Whether all connections there may be are made, and used.
    fn is_full(&self) -> bool {
        let status = self.inner.status();
        status.available == 0 && status.size >= status.max_size
    }

    /// Tells the breaker that a connection broke in the middle of a statement.
    pub(crate) fn broke(&self, error: &Error) {
        self.inner.manager().means.breaker.failed(error);
    }

    /// Connects with `spec` once, and from then on instead of the old one. When that fails the old one stays.
    ///
    /// # Errors
    /// The problem of connecting.
    pub(crate) async fn replace_spec(&self, spec: SourceSpec) -> Result<()> {
        check::<B>(&spec)?;
        let manager = self.inner.manager();
        let given = Arc::new(spec.with_one_login());
        let (session, used) = manager.log_in(&given).await?;
        drop(session);
        let max = given.connections.max;
        *manager.spec.write().unwrap_or_else(PoisonError::into_inner) = Specs { given, used };
        manager.generation.fetch_add(1, Ordering::AcqRel);
        manager.means.breaker.reset();
        self.inner.resize(max);
        self.inner.retain(|_, _| false);
        Ok(())
    }

    pub(crate) fn health(&self) -> Health {
        let status = self.inner.status();
        Health {
            breaker: self.inner.manager().means.breaker.state(),
            connections: status.size,
            idle: status.available,
            last_error: self.inner.manager().means.breaker.last_error(),
        }
    }

    /// Closes the connections nobody uses; those in use close when they come back.
    pub(crate) fn close(&self) {
        self.inner.close();
    }

    #[cfg(test)]
    pub(crate) fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Closes what lies unused for too long, also when no statement comes any more.
    fn close_idle_later(&self) {
        let idle = self.spec().connections.idle();
        if self.inner.manager().sweeping.swap(true, Ordering::AcqRel) {
            return;
        }
        let weak = self.inner.weak();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(idle.max(Duration::from_secs(1))).await;
                let Some(pool) = weak.upgrade() else { return };
                pool.retain(|kept, _| kept.used.elapsed() < idle);
                if pool.status().size == 0 {
                    pool.manager().sweeping.store(false, Ordering::Release);
                    return;
                }
            }
        });
    }
}

impl<B: Backend> Spare for managed::WeakPool<Manager<B>> {
    fn unused_since(&self) -> Option<Option<Instant>> {
        let pool = self.upgrade()?;
        let asked = *pool.manager().asked.lock().unwrap_or_else(PoisonError::into_inner);
        Some((pool.status().available > 0).then_some(asked))
    }

    fn close_unused(&self) {
        if let Some(pool) = self.upgrade() {
            pool.retain(|_, _| false);
        }
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the source was closed; open it again")
}

/// A session for one statement. It is closed when dropped: nobody knows what is left in it. [`Lease::give_back`] keeps it for the next.
pub(crate) struct Lease<B: Backend> {
    object: Option<Object<Manager<B>>>,
}

impl<B: Backend> Lease<B> {
    /// Keeps the session for the next statement: the last one ended as it should, and left nothing behind.
    pub(crate) fn give_back(mut self) {
        if let Some(mut object) = self.object.take() {
            object.used = Instant::now();
            // Others wait for a connection of theirs, which this one is in the way of.
            if Object::pool(&object).is_some_and(|pool| pool.manager().means.slots.is_wanted()) {
                drop(Object::take(object));
            }
        }
    }
}

impl<B: Backend> Drop for Lease<B> {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

// The object is there from the making of a lease to its end.
#[allow(clippy::expect_used)]
impl<B: Backend> Deref for Lease<B> {
    type Target = B::Session;

    fn deref(&self) -> &B::Session {
        &self.object.as_ref().expect("a lease holds its session").session
    }
}

#[allow(clippy::expect_used)]
impl<B: Backend> DerefMut for Lease<B> {
    fn deref_mut(&mut self) -> &mut B::Session {
        &mut self.object.as_mut().expect("a lease holds its session").session
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::context::Context;
    use crate::source::{Connections, Engine, Login};

    /// Counts sessions; the password decides what happens.
    #[derive(Debug, Default)]
    struct Fake {
        made: AtomicUsize,
        alive: Arc<AtomicUsize>,
        pinned: AtomicUsize,
        broken: AtomicUsize,
    }

    struct Session(Arc<AtomicUsize>);

    impl Drop for Session {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[async_trait]
    impl Backend for Fake {
        const ENGINE: Engine = Engine::Postgres;
        type Session = Session;

        async fn connect(&self, spec: &SourceSpec) -> Result<Session> {
            self.made.fetch_add(1, Ordering::SeqCst);
            if self.broken.load(Ordering::SeqCst) > 0 {
                self.broken.fetch_sub(1, Ordering::SeqCst);
                return Err(Problem::NotReady.error(spec));
            }
            if spec.login.user() == Some("mallory") {
                return Err(Problem::Login.error(spec));
            }
            self.alive.fetch_add(1, Ordering::SeqCst);
            Ok(Session(Arc::clone(&self.alive)))
        }

        async fn reset(&self, _: &mut Session) -> Result<()> {
            self.pinned.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    }

    fn spec(user: &str) -> SourceSpec {
        SourceSpec {
            host: "db".into(),
            login: Login::Password { user: user.into(), password: "x".to_owned().into() },
            connections: Connections { max: 2, ..Connections::default() },
            ..SourceSpec::new(Engine::Postgres)
        }
    }

    fn stop(seconds: u64) -> Stop {
        Stop::new(&Context::new("t", "u").unwrap(), Duration::from_secs(seconds))
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_are_used_again_pinned_again_and_closed_when_idle() {
        let pool = Pool::new(Fake::default(), spec("ada"), Means::default()).unwrap();
        pool.checkout(&stop(8)).await.unwrap().give_back();
        pool.checkout(&stop(8)).await.unwrap().give_back();
        assert_eq!(pool.backend().made.load(Ordering::SeqCst), 1);
        assert_eq!(pool.backend().pinned.load(Ordering::SeqCst), 1);
        assert_eq!((pool.health().connections, pool.health().idle), (1, 1));
        tokio::time::sleep(Duration::from_secs(200)).await;
        assert_eq!((pool.health().connections, pool.backend().alive.load(Ordering::SeqCst)), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_that_is_not_given_back_is_closed() {
        let pool = Pool::new(Fake::default(), spec("ada"), Means::default()).unwrap();
        drop(pool.checkout(&stop(8)).await.unwrap());
        assert_eq!((pool.health().connections, pool.backend().alive.load(Ordering::SeqCst)), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_pool_waits_and_then_says_why() {
        let pool = Pool::new(Fake::default(), spec("ada"), Means::default()).unwrap();
        let (_one, _two) = (pool.checkout(&stop(8)).await.unwrap(), pool.checkout(&stop(8)).await.unwrap());
        let error = pool.checkout(&stop(8)).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.message().contains("all 2 connections"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_tried_again_and_what_does_not_opens_the_breaker() {
        let pool = Pool::new(Fake::default(), spec("ada"), Means::default()).unwrap();
        pool.backend().broken.store(2, Ordering::SeqCst);
        pool.checkout(&stop(8)).await.unwrap().give_back();
        assert_eq!(pool.backend().made.load(Ordering::SeqCst), 3);
        let pool = Pool::new(Fake::default(), spec("mallory"), Means::default()).unwrap();
        for _ in 0..5 {
            assert_eq!(pool.checkout(&stop(8)).await.map(drop).unwrap_err().kind(), ErrorKind::Config);
        }
        assert_eq!(pool.checkout(&stop(8)).await.map(drop).unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(pool.backend().made.load(Ordering::SeqCst), 5, "a wrong password is tried no more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_login_is_tried_before_it_replaces_the_old_one() {
        let pool = Pool::new(Fake::default(), spec("ada"), Means::default()).unwrap();
        pool.checkout(&stop(8)).await.unwrap().give_back();
        assert_eq!(pool.replace_spec(spec("mallory")).await.unwrap_err().kind(), ErrorKind::Config);
        pool.checkout(&stop(8)).await.unwrap().give_back();
        assert_eq!(pool.spec().login.user(), Some("ada"));
        pool.replace_spec(spec("grace")).await.unwrap();
        assert_eq!(pool.backend().alive.load(Ordering::SeqCst), 0, "old sessions end");
        pool.checkout(&stop(8)).await.unwrap().give_back();
        assert_eq!(pool.spec().login.user(), Some("grace"));
    }

    #[tokio::test(start_paused = true)]
    async fn pools_share_places_and_give_up_what_they_do_not_use() {
        let slots = crate::source::net::slots::Slots::new(2);
        let pool = |user| {
            let means = Means { slots: slots.clone(), ..Means::default() };
            Pool::new(Fake::default(), spec(user), means).unwrap()
        };
        let (ada, bob, cyd) = (pool("ada"), pool("bob"), pool("cyd"));
        ada.checkout(&stop(8)).await.unwrap().give_back();
        tokio::time::advance(Duration::from_secs(1)).await;
        bob.checkout(&stop(8)).await.unwrap().give_back();
        let held = cyd.checkout(&stop(8)).await.unwrap();
        assert_eq!((ada.health().connections, bob.health().connections), (0, 1), "the one asked least recently gives way");
        let other = ada.checkout(&stop(8)).await.unwrap();
        assert_eq!(bob.health().connections, 0);
        // All are in use: one who waits gets the first that is given back, and one who waits too long is told so.
        let error = bob.checkout(&stop(60)).await.map(drop).unwrap_err();
        assert_eq!((error.kind(), problem::of(&error)), (ErrorKind::Unavailable, Some(Problem::NoSlot)));
        assert!(bob.health().last_error.is_none(), "nothing is wrong with its server");
        let limit = stop(8);
        let (mine, ()) = tokio::join!(bob.checkout(&limit), async {
            tokio::task::yield_now().await;
            held.give_back();
        });
        assert_eq!(cyd.health().connections, 0);
        drop((mine.unwrap(), other));
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_pool_says_so() {
        let pool = Pool::new(Fake::default(), spec("ada"), Means::default()).unwrap();
        pool.close();
        assert!(pool.is_closed());
        assert_eq!(pool.checkout(&stop(8)).await.map(drop).unwrap_err().kind(), ErrorKind::Closed);
    }
}
