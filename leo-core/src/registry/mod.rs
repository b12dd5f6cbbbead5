//! The sources of a process: whose they are, which are open, and how many may be.
//!
//! Sources are data. One is opened when it is used first, closed when nobody has used it for a while, and closed earlier when others
//! need its place. All locks here are held for a moment; waiting for a source is done under that source's own.
//!
//! ```text
//! find (tenant, id) ─► Entry ─► acquire ─► Lease: connector and catalogue, for one call
//!                                  └ closed: place ─► resolver ─► source::open, recorded
//! ```

mod entry;
mod open;
mod standing;
mod sweep;
mod unreachable;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

pub(crate) use entry::{Entry, Key, SourceSettings};
pub(crate) use open::Lease;
pub use standing::{SourceState, SourceStatus};

use self::entry::{Origin, Plan};
use crate::adapter::{AuditSink, CredentialProvider, SourceResolver};
use crate::ask::target::Target;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{self, Connector, RecordMeta};
use crate::settings::{Level, Preset, Settings, SettingsLayer, SourcesSettings};
use crate::source::{self, Means};
use crate::spec::{Connections, SourceSpec};

/// The sources of a process.
#[derive(Debug)]
pub(crate) struct Registry {
    entries: Mutex<HashMap<Key, Arc<Entry>>>,
    numbers: AtomicU64,
    resolver: Option<Arc<dyn SourceResolver>>,
    credentials: Option<Arc<dyn CredentialProvider>>,
    /// What a source has that only the resolver knows.
    resolved: (bool, SourceSettings),
    limits: SourcesSettings,
    /// Places of sources that may be open.
    places: Arc<Semaphore>,
    means: Means,
    sweeper: sweep::Sweeper,
    closed: AtomicBool,
}

/// How a source is opened.
#[derive(Debug)]
pub(crate) enum Way {
    /// The host did it.
    Given {
        /// What it opened.
        connector: Arc<dyn Connector>,
        /// Where that leads to, without secrets; empty where nobody knows.
        place: String,
    },
    /// When it is used.
    Spec(Box<SourceSpec>),
}

/// Who uses a source, and where that is recorded.
pub(crate) struct By<'a> {
    pub(crate) ctx: &'a Context,
    pub(crate) audit: &'a Arc<dyn AuditSink>,
    pub(crate) meta: RecordMeta,
}

impl Registry {
    /// A registry without sources. Those of the resolver may run statements if `execution` is on, under `settings`.
    pub(crate) fn new(
        settings: SourceSettings,
        resolver: Option<Arc<dyn SourceResolver>>,
        credentials: Option<Arc<dyn CredentialProvider>>,
        execution: bool,
    ) -> Self {
        let limits = settings.resolved.settings.sources;
        let many = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        #[allow(unused_mut)]
        let mut means = Means::default();
        #[cfg(feature = "net")]
        {
            means.net.slots = source::net::slots::Slots::new(many(limits.max_connections));
        }
        Self {
            entries: Mutex::default(),
            numbers: AtomicU64::default(),
            resolver,
            credentials,
            resolved: (execution, settings),
            limits,
            places: Arc::new(Semaphore::new(many(limits.max_open))),
            means,
            sweeper: sweep::Sweeper::default(),
            closed: AtomicBool::default(),
        }
    }

    /// Adds a source.
    ///
    /// # Errors
    /// `Config` for a wrong spec; `Conflict` when there is one of this id that the same people see.
    pub(crate) fn add(&self, tenant: Option<&str>, way: Way, target: Target, settings: SourceSettings) -> Result<()> {
        self.check_open()?;
        let key = Key { tenant: tenant.map(str::to_owned), id: target.id().to_owned() };
        let number = self.numbers.fetch_add(1, Ordering::AcqRel);
        let means = self.means.for_another();
        let entry = match way {
            Way::Given { connector, place } => {
                Entry::new(key, number, Origin::Given, target, settings, means).with_connector(connector, place)
            }
            Way::Spec(spec) => {
                spec.check()?;
                Entry::new(key, number, Origin::Spec(Arc::new(spec.with_one_login())), target, settings, means)
            }
        };
        let mut entries = self.entries();
        let taken = |tenant: Option<String>| entries.contains_key(&Key { tenant, id: entry.key.id.clone() });
        let is_taken = match &entry.key.tenant {
            Some(tenant) => taken(Some(tenant.clone())) || taken(None),
            None => entries.keys().any(|key| key.id == entry.key.id),
        };
        if is_taken {
            return Err(Error::conflict(format!("there is a source `{}` already; give this one another id", entry.key.id)));
        }
        entries.insert(entry.key.clone(), Arc::new(entry));
        Ok(())
    }

    /// The sources that `tenant` has, in the order of registration.
    pub(crate) fn of_tenant(&self, tenant: &str) -> Vec<Arc<Entry>> {
        let is_theirs = |key: &Key| key.tenant.as_deref().is_none_or(|owner| owner == tenant);
        let mut found: Vec<Arc<Entry>> = self.entries().values().filter(|entry| is_theirs(&entry.key)).map(Arc::clone).collect();
        found.sort_by_key(|entry| entry.number);
        found
    }

    /// The source `id` of `tenant`, or its only one. What the resolver alone may know is given as a source that is not open.
    ///
    /// # Errors
    /// `NotFound`; `Config` when there are several and none is named.
    pub(crate) fn find(&self, tenant: &str, id: Option<&str>) -> Result<Arc<Entry>> {
        let ids = || {
            let ids: Vec<String> = self.of_tenant(tenant).iter().map(|entry| entry.id().to_owned()).collect();
            ids.join(", ")
        };
        let Some(id) = id else {
            let registered = self.of_tenant(tenant).into_iter().filter(|entry| !entry.is_resolved());
            let registered: Vec<Arc<Entry>> = registered.collect();
            return match registered.as_slice() {
                [only] => Ok(Arc::clone(only)),
                [] if self.resolver.is_some() => Err(Error::config("name the source that is asked")),
                [] => Err(Error::not_found("there is no source yet; add one with `sources().add`")),
                _ => Err(Error::config(format!("there are several sources; name one of {}", ids()))),
            };
        };
        let owners = [Some(tenant.to_owned()), None];
        let known = {
            let entries = self.entries();
            owners.into_iter().find_map(|tenant| entries.get(&Key { tenant, id: id.to_owned() }).map(Arc::clone))
        };
        match known {
            Some(entry) => Ok(entry),
            None if self.resolver.is_some() => {
                let key = Key { tenant: Some(tenant.to_owned()), id: id.to_owned() };
                let (execution, settings) = &self.resolved;
                let number = self.numbers.fetch_add(1, Ordering::AcqRel);
                let target = Target::new(id, *execution);
                Ok(Arc::new(Entry::new(key, number, Origin::Host, target, settings.clone(), self.means.for_another())))
            }
            None => Err(match ids() {
                ids if ids.is_empty() => Error::not_found(format!("there is no source `{id}`; add it with `sources().add`")),
                ids => Error::not_found(format!("there is no source `{id}`; the sources are {ids}")),
            }),
        }
    }

    /// A hold on `entry` for a call, opening it where it is closed. The caller has asked whether the user may.
    ///
    /// # Errors
    /// What is wrong with the connection; `NotFound` when the resolver knows no such source; `Unavailable` when as many sources as may
    /// be open are in use; `Closed`, `Cancelled`, `Timeout`, the resolver's and the audit sink's.
    pub(crate) async fn acquire(self: &Arc<Self>, by: &By<'_>, entry: &Arc<Entry>) -> Result<Lease> {
        let entry = self.admit(entry);
        loop {
            self.check_open()?;
            // Whoever gave up is told that, whatever became of the source meanwhile.
            by.ctx.check()?;
            if let Some(lease) = entry.lease(by.ctx)? {
                return Ok(lease);
            }
            let seen = entry.attempts();
            let _alone = by.ctx.unless_over(entry.opening.lock()).await?;
            // Those who waited take what came of the attempt, good or bad: a server that is down is not asked once for each of them.
            if let Some(lease) = entry.lease(by.ctx)? {
                return Ok(lease);
            }
            if let Some(error) = entry.failed_since(seen) {
                return Err(error);
            }
            if let Err(error) = Box::pin(self.open(by, &entry)).await {
                self.forget_unknown(&entry);
                return Err(error);
            }
        }
    }

    /// Opens `entry`, recorded.
    async fn open(self: &Arc<Self>, by: &By<'_>, entry: &Arc<Entry>) -> Result<()> {
        let place = self.place()?;
        let Plan { origin, means, epoch } = entry.plan();
        let means = means.with_credentials(self.credentials.as_ref(), by.ctx, entry.id());
        let work = async {
            let spec = match origin {
                Origin::Spec(spec) => spec,
                Origin::Host => Arc::new(self.resolve(by.ctx, entry.id()).await?),
                Origin::Given | Origin::Disconnected | Origin::Removed => {
                    return Err(Error::new(ErrorKind::Closed, "the source was closed; add it again"));
                }
            };
            let connector = source::open(entry.id(), SourceSpec::clone(&spec), means).boxed().await?;
            Ok((spec, connector))
        };
        let work = async {
            let opened = by.ctx.unless_over(work).await.and_then(|opened| opened);
            // A caller who gave up says nothing about the source.
            if opened.is_ok() || by.ctx.check().is_ok() {
                entry.tried(opened.as_ref().err());
            }
            opened
        };
        let (spec, connector) = gate::tool(by.ctx, "open", entry.id(), by.audit, by.meta.clone(), work).await?;
        match entry.put(epoch, &spec, connector, place) {
            None => self.sweep_later(),
            // It was changed meanwhile; what was opened is of no use.
            Some(connector) => connector.close().await?,
        }
        Ok(())
    }

    async fn resolve(&self, ctx: &Context, id: &str) -> Result<SourceSpec> {
        let found = match &self.resolver {
            Some(resolver) => {
                // What is asked for is how long to wait; until it is known, what holds for a spec that does not say.
                let limit = Connections::default().connect_timeout();
                timeout(limit, resolver.resolve(ctx.to_host(), id)).await.map_err(|_| {
                    Error::timeout(format!(
                        "the host's resolver did not say within {} s what the source `{id}` is; try again, and look after the resolver",
                        limit.as_secs()
                    ))
                })??
            }
            None => None,
        };
        found.ok_or_else(|| Error::not_found(format!("there is no source `{id}`; check its name")))
    }

    /// Opens `spec` beside what there is, and takes it instead. When that fails everything stays as it is. Calls under way end where
    /// they began.
    ///
    /// # Errors
    /// What is wrong with the connection; `Conflict` when the source was changed meanwhile.
    pub(crate) async fn update(self: &Arc<Self>, ctx: &Context, entry: &Entry, spec: SourceSpec) -> Result<()> {
        self.check_open()?;
        let (epoch, means) = (entry.plan().epoch, self.means.for_another());
        let spec = spec.with_one_login();
        let provided = means.clone().with_credentials(self.credentials.as_ref(), ctx, entry.id());
        let connector = source::open(entry.id(), spec.clone(), provided).boxed().await?;
        let place = if entry.may_be_closed() { None } else { self.place().ok() };
        let old = entry.replace(epoch, Arc::new(spec), means, connector, place)?;
        if let Some(old) = old {
            old.end_later();
        }
        self.sweep_later();
        Ok(())
    }

    /// Lets nobody in any more, waits for calls or cancels them, closes, and forgets. How many calls were cancelled.
    ///
    /// # Errors
    /// The connector's.
    pub(crate) async fn disconnect(&self, entry: &Arc<Entry>, wait: Duration) -> Result<usize> {
        let entry = self.admit(entry);
        match entry.forget(false) {
            Some(open) => open.end(wait).await,
            None => Ok(0),
        }
    }

    /// [`disconnect`](Self::disconnect) for good: the id is free again.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn remove(&self, entry: &Arc<Entry>) -> Result<usize> {
        let open = {
            let mut entries = self.entries();
            if entries.get(&entry.key).is_some_and(|known| Arc::ptr_eq(known, entry)) {
                entries.remove(&entry.key);
            }
            entry.forget(true)
        };
        match open {
            Some(open) => open.end(Duration::ZERO).await,
            None => Ok(0),
        }
    }

    /// Closes everything; later calls fail with `Closed`.
    ///
    /// # Errors
    /// The first one of a connector; the others are closed all the same.
    pub(crate) async fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        let entries: Vec<Arc<Entry>> = self.entries().values().map(Arc::clone).collect();
        let mut first = Ok(());
        for connector in entries.iter().filter_map(|entry| entry.connector()) {
            first = first.and(connector.close().await);
        }
        first
    }

    fn check_open(&self) -> Result<()> {
        match self.closed.load(Ordering::Acquire) {
            false => Ok(()),
            true => Err(Error::new(ErrorKind::Closed, "the handle was closed; build another one")),
        }
    }

    /// The entry under its key: another one, where somebody was faster.
    pub(crate) fn admit(&self, entry: &Arc<Entry>) -> Arc<Entry> {
        let mut entries = self.entries();
        match entries.get(&entry.key) {
            Some(known) => Arc::clone(known),
            None if entry.forgettable_since().is_some() => {
                self.forget_oldest(&mut entries);
                entries.insert(entry.key.clone(), Arc::clone(entry));
                Arc::clone(entry)
            }
            None => Arc::clone(entry),
        }
    }

    /// Lets go of a source that the resolver did not know, unless somebody else is just asking for it.
    fn forget_unknown(&self, entry: &Arc<Entry>) {
        let mut entries = self.entries();
        let is_unknown = entry.forgettable_since().is_some() && entry.target().known().is_none();
        // One is the map's; the caller and whoever handed it over have others.
        if is_unknown && entries.get(&entry.key).is_some_and(|known| Arc::ptr_eq(known, entry)) && Arc::strong_count(entry) <= 3 {
            entries.remove(&entry.key);
        }
    }

    /// Keeps what is remembered of closed sources of the resolver, their catalogues above all, to as many as may be open.
    fn forget_oldest(&self, entries: &mut HashMap<Key, Arc<Entry>>) {
        let mut closed: Vec<_> = entries
            .iter()
            .filter(|(_, entry)| Arc::strong_count(entry) == 1 && entry.target().executes() == self.resolved.0)
            .filter_map(|(key, entry)| Some((entry.forgettable_since()?, key.clone())))
            .collect();
        let excess = (closed.len() as u64).saturating_sub(self.limits.max_open);
        if excess > 0 {
            closed.sort_by_key(|(used, _)| *used);
            for (_, key) in closed.into_iter().take(usize::try_from(excess).unwrap_or(usize::MAX)) {
                entries.remove(&key);
            }
        }
    }

    /// A place for one more open source: a free one, or that of the one that nobody has used for longest.
    ///
    /// # Errors
    /// `Unavailable` when all are in use.
    fn place(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let mut unused: Vec<_> = {
            let entries = self.entries();
            entries.values().filter_map(|entry| Some((entry.unused_since()?, Arc::clone(entry)))).collect()
        };
        unused.sort_by_key(|(since, _)| *since);
        for (_, entry) in unused {
            if let Some(open) = entry.take_unused() {
                let place = open.give_place();
                open.end_later();
                if let Some(place) = place {
                    return Ok(place);
                }
            }
        }
        Err(Error::unavailable(format!(
            "all {} sources that may be open are in use; try again in a moment, or raise `sources.max_open`",
            self.limits.max_open
        )))
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SourceSettings {
    /// The source's own `layer` over the process's and the preset's values.
    ///
    /// # Errors
    /// `Config` for a value out of range.
    pub(crate) fn resolve(preset: Preset, process: &SettingsLayer, layer: SettingsLayer) -> Result<Self> {
        let resolved = Settings::resolve(preset, &[(Level::Process, process), (Level::Source, &layer)])?;
        let hash = resolved.settings.hash();
        Ok(Self { layer, resolved, hash })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.resolved.settings
    }
}

#[cfg(all(test, feature = "sqlite"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::audit::MemorySink;
    use crate::spec::{Engine, Login};

    fn registry() -> Arc<Registry> {
        let process = SourceSettings::resolve(Preset::Local, &SettingsLayer::default(), SettingsLayer::default()).unwrap();
        Arc::new(Registry::new(process, None, None, true))
    }

    #[tokio::test]
    async fn nothing_holds_a_secret_or_a_catalogue_after_disconnecting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a INTEGER)").unwrap();
        let mut spec = SourceSpec::new(Engine::Sqlite);
        spec.path = Some(path);
        spec.login = Login::Password { user: "ada".into(), password: "hunter2".to_owned().into() };
        let (registry, ctx) = (registry(), Context::new("acme", "ada").unwrap());
        let settings = registry.resolved.1.clone();
        registry.add(Some("acme"), Way::Spec(Box::new(spec)), Target::new("a", true), settings).unwrap();
        let entry = registry.find("acme", Some("a")).unwrap();
        let held = match entry.plan().origin {
            Origin::Spec(spec) => Arc::downgrade(&spec),
            _ => panic!("it came from a spec"),
        };
        let audit = Arc::new(MemorySink::default()) as Arc<dyn AuditSink>;
        let meta = RecordMeta { question: None, preset: Preset::Local, settings_hash: String::new() };
        let by = By { ctx: &ctx, audit: &audit, meta };
        let lease = registry.acquire(&by, &entry).await.unwrap();
        let found = Arc::new(crate::catalog::Catalog::new(crate::Dialect::Sqlite, None, Vec::new()));
        lease.target().learn(found, jiff::Timestamp::UNIX_EPOCH).unwrap();
        let (target, connector) = (Arc::downgrade(&entry.target()), Arc::downgrade(&entry.connector().unwrap()));
        drop(lease);
        assert!(held.upgrade().is_some() && target.upgrade().is_some());
        registry.disconnect(&entry, Duration::ZERO).await.unwrap();
        assert!(held.upgrade().is_none() && target.upgrade().is_none() && connector.upgrade().is_none());
        assert_eq!(registry.acquire(&by, &entry).await.unwrap_err().kind(), ErrorKind::Closed);
    }

    #[test]
    fn an_id_is_anothers_only_in_another_tenant() {
        let registry = registry();
        let add = |tenant: Option<&str>| {
            let mut spec = SourceSpec::new(Engine::Sqlite);
            spec.path = Some("a.db".into());
            registry.add(tenant, Way::Spec(Box::new(spec)), Target::new("a", true), registry.resolved.1.clone())
        };
        add(Some("acme")).unwrap();
        add(Some("beta")).unwrap();
        for taken in [Some("acme"), None] {
            assert_eq!(add(taken).unwrap_err().kind(), ErrorKind::Conflict);
        }
        assert_eq!(registry.find("gamma", Some("a")).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
