//! How a source does, in one word, and since when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::gate::Health;
use crate::source::needs_action;

/// How a source does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceState {
    /// It works, as far as anybody knows; one that is closed is opened when it is used.
    #[default]
    Connected,
    /// Nobody knows: the host's resolver, which says what it is and whether there is one, is asked when it is used.
    Unknown,
    /// It works, and its structure is being read.
    Syncing,
    /// It does not work now, and may again by itself: the server is down, does not answer, or takes no more connections.
    Error,
    /// It does not work until somebody does something about the login, its rights, or the protection of the way; or it was
    /// disconnected.
    ActionRequired,
}

impl SourceState {
    /// `connected`, `unknown`, `syncing`, `error` or `action_required`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Unknown => "unknown",
            Self::Syncing => "syncing",
            Self::Error => "error",
            Self::ActionRequired => "action_required",
        }
    }
}

/// How a source does, and why.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SourceStatus {
    /// In one word.
    pub state: SourceState,
    /// Since when.
    pub since: Timestamp,
    /// What went wrong, with what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// Whether it is open now. Sources are opened when they are used, and closed again when nobody does.
    pub is_open: bool,
    /// Its connections.
    pub health: Health,
}

/// How a source did the last time somebody saw.
#[derive(Debug)]
pub(super) struct Standing {
    since: Timestamp,
    error: Option<Error>,
    /// Since when it has been synced, while it is.
    pub(super) syncing: Option<Timestamp>,
}

impl Default for Standing {
    fn default() -> Self {
        Self { since: Timestamp::now(), error: None, syncing: None }
    }
}

impl Standing {
    /// It works, or does not because of `error`.
    pub(super) fn set(&mut self, error: Option<&Error>) {
        if state(self.error.as_ref()) != state(error) {
            self.since = Timestamp::now();
        }
        self.error = error.cloned();
    }

    pub(super) fn status(&mut self, health: Health, is_open: bool) -> SourceStatus {
        // What the pool saw since the last call ended, for instance while a stream was read.
        if self.error.is_none() && health.last_error.is_some() {
            self.set(health.last_error.as_ref());
        }
        let (state, since) = match (self.syncing, state(self.error.as_ref())) {
            (Some(since), SourceState::Connected) => (SourceState::Syncing, since),
            (_, state) => (state, self.since),
        };
        SourceStatus { state, since, error: self.error.clone(), is_open, health }
    }
}

fn state(error: Option<&Error>) -> SourceState {
    match error {
        None => SourceState::Connected,
        Some(error) if needs_action(error) => SourceState::ActionRequired,
        Some(_) => SourceState::Error,
    }
}

/// Whether an error of a call says something about the source, and not about the statement or this process.
pub(super) fn is_about_connection(error: &Error) -> bool {
    let problem = error.context().iter().find(|(key, _)| *key == "problem").map(|(_, code)| code.as_str());
    problem.map_or(error.kind() == ErrorKind::Unavailable, |code| code != "no_slot")
}
