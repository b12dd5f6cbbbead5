//! One source: where it comes from, whether it is open, and how it does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::open::{Lease, Open};
use super::standing::{SourceState, SourceStatus, Standing};
use crate::ask::target::Target;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::Connector;
use crate::settings::{Resolved, SettingsLayer};
use crate::source::Means;
use crate::spec::SourceSpec;

/// What a source is called, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The tenant it belongs to; none where the host built it in for all.
    pub(crate) tenant: Option<String>,
    pub(crate) id: String,
}

/// Where the connector comes from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// The host opened it.
    Given,
    /// This says how it is opened.
    Spec(Arc<SourceSpec>),
    /// The host's resolver says, each time.
    Host,
    /// Nowhere: it was disconnected.
    Disconnected,
    /// Nowhere: it was removed.
    Removed,
}

/// The settings that hold for a source when neither tenant nor call has its own.
#[derive(Debug, Clone)]
pub(crate) struct SourceSettings {
    pub(crate) layer: SettingsLayer,
    pub(crate) resolved: Resolved,
    pub(crate) hash: String,
}

/// A source. Its identity stays; everything else about it may change.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) settings: SourceSettings,
    /// Place in the order of registration.
    pub(super) number: u64,
    is_resolved: bool,
    /// Held while it is opened, so that those who find it closed wait for one attempt. Nobody waits here for another source.
    pub(super) opening: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    origin: Origin,
    /// What the last spec showed of itself: everything but its secrets.
    shown: String,
    target: Arc<Target>,
    open: Option<Arc<Open>>,
    means: Means,
    /// Counts changes of where it comes from.
    epoch: u64,
    /// Counts attempts to open it, with how the last one failed.
    attempts: (u64, Option<Error>),
    standing: Standing,
    used: Instant,
}

/// What opening needs to know.
pub(super) struct Plan {
    pub(super) origin: Origin,
    pub(super) means: Means,
    pub(super) epoch: u64,
}

impl Entry {
    pub(super) fn new(key: Key, number: u64, origin: Origin, target: Target, settings: SourceSettings, means: Means) -> Self {
        let is_resolved = matches!(origin, Origin::Host);
        let shown = if let Origin::Spec(spec) = &origin { shown(spec) } else { String::new() };
        let state = State {
            origin,
            shown,
            target: Arc::new(target),
            open: None,
            means,
            epoch: 0,
            attempts: (0, None),
            standing: Standing::default(),
            used: Instant::now(),
        };
        Self { key, settings, number, is_resolved, opening: tokio::sync::Mutex::default(), state: Mutex::new(state) }
    }

    /// The same with a connector that the host opened, and where it leads to.
    pub(super) fn with_connector(self, connector: Arc<dyn Connector>, place: String) -> Self {
        let mut state = self.state();
        (state.open, state.shown) = (Some(Open::new(connector, None)), place);
        drop(state);
        self
    }

    pub(crate) fn id(&self) -> &str {
        &self.key.id
    }

    pub(crate) fn target(&self) -> Arc<Target> {
        Arc::clone(&self.state().target)
    }

    /// Whether the host's resolver says what it is.
    pub(crate) fn is_resolved(&self) -> bool {
        self.is_resolved
    }

    /// The engine's name, where it is known without asking anybody.
    pub(crate) fn engine(&self) -> Option<String> {
        let state = self.state();
        match (&state.origin, &state.open) {
            (Origin::Spec(spec), _) => Some(spec.engine.as_str().to_owned()),
            (_, Some(open)) => Some(open.connector().info().engine.clone()),
            _ => None,
        }
    }

    /// A hold on it for a call; nothing when it must be opened first.
    ///
    /// # Errors
    /// `Closed` when it was disconnected, `NotFound` when it was removed.
    pub(crate) fn lease(self: &Arc<Self>, ctx: &Context) -> Result<Option<Lease>> {
        let mut state = self.state();
        match state.origin {
            Origin::Disconnected => Err(Error::new(
                ErrorKind::Closed,
                format!("the source `{}` was disconnected; connect it again with `sources().update`, or remove it", self.id()),
            )),
            Origin::Removed => Err(Error::not_found(format!("the source `{}` was removed; add it again", self.id()))),
            _ => {
                state.used = Instant::now();
                Ok(state.open.as_ref().and_then(|open| open.lease(ctx, self, &state.target)))
            }
        }
    }

    pub(super) fn plan(&self) -> Plan {
        let state = self.state();
        Plan { origin: state.origin.clone(), means: state.means.clone(), epoch: state.epoch }
    }

    pub(super) fn attempts(&self) -> u64 {
        self.state().attempts.0
    }

    /// How opening it failed, if that was tried since there had been `seen` attempts.
    pub(super) fn failed_since(&self, seen: u64) -> Option<Error> {
        let state = self.state();
        if state.attempts.0 == seen { None } else { state.attempts.1.clone() }
    }

    /// Says that an attempt to open it ended by itself, and how.
    pub(super) fn tried(&self, failure: Option<&Error>) {
        let mut state = self.state();
        state.attempts = (state.attempts.0 + 1, failure.cloned());
        state.standing.set(failure);
    }

    /// Puts an opened connector in, unless the source was changed since `epoch`: then it is given back, to be closed.
    pub(super) fn put(
        &self,
        epoch: u64,
        spec: &SourceSpec,
        connector: Arc<dyn Connector>,
        place: OwnedSemaphorePermit,
    ) -> Option<Arc<dyn Connector>> {
        let mut state = self.state();
        if state.epoch != epoch || state.open.is_some() {
            return Some(connector);
        }
        state.aim(spec);
        state.open = Some(Open::new(connector, Some(place)));
        None
    }

    /// Puts `connector`, opened with `spec`, in the place of what there is, unless the source was changed since `epoch`. What there
    /// was comes back, to be ended when its calls have.
    ///
    /// # Errors
    /// `Conflict`.
    pub(super) fn replace(
        &self,
        epoch: u64,
        spec: Arc<SourceSpec>,
        means: Means,
        connector: Arc<dyn Connector>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<Option<Arc<Open>>> {
        let mut state = self.state();
        if state.epoch != epoch {
            return Err(Error::conflict(format!(
                "the source `{}` was changed by somebody else at the same time; look at it and try again",
                self.id()
            )));
        }
        state.epoch += 1;
        state.aim(&spec);
        state.origin = Origin::Spec(spec);
        state.means = means;
        state.standing.set(None);
        let old = state.open.take();
        let place = old.as_ref().and_then(|open| open.give_place()).or(place);
        // Without a place it is opened again when it is needed.
        state.open = place.map(|place| Open::new(connector, Some(place)));
        Ok(old)
    }

    /// Forgets how it is opened and what is known of it. What was open comes back, to be ended.
    pub(super) fn forget(&self, removed: bool) -> Option<Arc<Open>> {
        let mut state = self.state();
        state.epoch += 1;
        state.origin = if removed { Origin::Removed } else { Origin::Disconnected };
        state.shown = String::new();
        state.means = Means::default();
        state.target = Arc::new(state.target.unknown());
        state.attempts.1 = None;
        state.standing.set(Some(&Error::denied("the source was disconnected; connect it again, or remove it")));
        state.open.take()
    }

    /// Since when nobody has used it, if it is open and may be closed and opened again.
    pub(super) fn unused_since(&self) -> Option<Instant> {
        let state = self.state();
        state.open.as_ref().filter(|open| open.can_be_reopened())?.unused_since()
    }

    /// Takes out what is open, if nobody uses it and it can be opened again.
    pub(super) fn take_unused(&self) -> Option<Arc<Open>> {
        let mut state = self.state();
        let is_unused = state.open.as_ref().is_some_and(|open| open.can_be_reopened() && open.end_if_unused());
        if is_unused { state.open.take() } else { None }
    }

    /// When it was last used, if it comes from the host's resolver and nothing of it is open.
    pub(super) fn forgettable_since(&self) -> Option<Instant> {
        let state = self.state();
        (matches!(state.origin, Origin::Host) && state.open.is_none()).then_some(state.used)
    }

    /// Whether it is open, and may be closed and opened again.
    pub(super) fn may_be_closed(&self) -> bool {
        self.state().open.as_ref().is_some_and(|open| open.can_be_reopened())
    }

    pub(super) fn connector(&self) -> Option<Arc<dyn Connector>> {
        self.state().open.as_ref().map(|open| Arc::clone(open.connector()))
    }

    /// Takes note of what came of a call.
    pub(crate) fn note<T>(&self, outcome: &Result<T>) {
        match outcome {
            Ok(_) => self.state().standing.set(None),
            Err(error) if super::standing::is_about_connection(error) => self.state().standing.set(Some(error)),
            Err(_) => {}
        }
    }

    /// Says that it is being synced, until the guard is dropped.
    pub(crate) fn syncing(&self) -> Syncing<'_> {
        self.state().standing.syncing = Some(Timestamp::now());
        Syncing(self)
    }

    pub(crate) fn status(&self) -> SourceStatus {
        let mut state = self.state();
        let health = state.open.as_ref().map(|open| open.connector().health()).unwrap_or_default();
        let is_open = state.open.is_some();
        let mut status = state.standing.status(health, is_open);
        if matches!(state.origin, Origin::Host) && state.attempts.0 == 0 {
            status.state = SourceState::Unknown;
        }
        status
    }

    /// Where the source is, as far as that may be shown: without secrets, and empty for a connector of the host's.
    pub(crate) fn place(&self) -> String {
        self.state().shown.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Forgets what is known where `spec` is of something else than the last one.
    fn aim(&mut self, spec: &SourceSpec) {
        let shown = shown(spec);
        if shown != self.shown {
            self.target = Arc::new(self.target.unknown());
            self.shown = shown;
        }
    }
}

/// Everything of a spec but its secrets.
fn shown(spec: &SourceSpec) -> String {
    format!("{spec:?}")
}

/// While it lives a source is being synced.
pub(crate) struct Syncing<'a>(&'a Entry);

impl Drop for Syncing<'_> {
    fn drop(&mut self) {
        self.0.state().standing.syncing = None;
    }
}
