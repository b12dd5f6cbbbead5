//! The handle.
//!
//! `options` is what a call may be told, `identity` who makes it and whether they may, `call` what every call is made with; the rest is
//! what a host calls: `ask`, `sessions` (what was asked before), `tickets` (what is answered later), `known` (what is known of a source), `map` (that, to be looked through), `sync`
//! (learning it), `knowledge` (what people say of it), `models` (what they took) and `admin` (execution, settings, audit). `scoring` is for
//! `answerer`; `tenants` keeps the settings of
//! tenants.

mod admin;
mod ask;
mod call;
mod drift;
mod due;
mod identity;
mod knowledge;
mod known;
mod learned;
mod map;
mod models;
mod options;
mod personal;
mod queue;
mod scoring;
mod sessions;
mod sync;
mod tenants;
#[cfg(test)]
mod tests;
#[cfg(all(test, feature = "sqlite"))]
mod tests_cache;
#[cfg(all(test, feature = "sqlite"))]
mod tests_decisions;
#[cfg(all(test, feature = "sqlite"))]
mod tests_describe;
#[cfg(all(test, feature = "sqlite"))]
mod tests_drift;
#[cfg(all(test, feature = "sqlite"))]
mod tests_events;
#[cfg(all(test, feature = "sqlite"))]
mod tests_faults;
#[cfg(all(test, feature = "sqlite"))]
mod tests_hostile;
#[cfg(all(test, feature = "sqlite"))]
mod tests_meaning;
#[cfg(all(test, feature = "sqlite"))]
mod tests_models;
#[cfg(all(test, feature = "sqlite"))]
mod tests_prose;
#[cfg(all(test, feature = "sqlite"))]
mod tests_replay;
#[cfg(all(test, feature = "sqlite"))]
mod tests_tickets;
#[cfg(all(test, feature = "sqlite"))]
mod tests_verified;
#[cfg(all(test, feature = "sqlite"))]
mod tests_words;
mod tickets;

use std::sync::Arc;

pub use due::DueSync;
pub use knowledge::KnowledgeVersion;
pub(crate) use learned::Learned;
pub use map::{MapFormat, MapOptions};
pub use options::{AskOptions, SqlOptions};
pub(crate) use queue::Queue;
pub(crate) use sessions::SessionStore;
pub use sessions::Sessions;
pub(crate) use tenants::TenantSettings;
pub(crate) use tickets::TicketStore;
pub use tickets::Tickets;

use crate::adapter::{AuditSink, Authorizer, Clock, Embedder, Storage};
use crate::audit::MemorySink;
use crate::builder::LeoBuilder;
use crate::context::Context;
use crate::error::Result;
use crate::gate::{Cache, Ledger};
use crate::model::Chain;
use crate::registry::Registry;
use crate::settings::{Preset, SettingsLayer};
use crate::sources::Sources;
use crate::workflow::Twins;

/// Ask your data: the handle to sources, questions and their answers.
///
/// Cloning is cheap, and clones share everything. A handle bound to a user ([`for_user`](Self::for_user)) can ask; the preset
/// `local` comes bound to its one user.
///
/// # Example
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let leo = leo::Leo::sample()?;
/// let answer = leo.ask("How many customers do we have?").await?;
/// assert_eq!(answer.table.as_ref().map(|table| table.num_rows()), Some(1));
/// println!("{}", answer.narrative.text());
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Leo {
    pub(crate) shared: Arc<Shared>,
    identity: Option<Context>,
}

/// What all clones of a handle share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) preset: Preset,
    pub(crate) process: SettingsLayer,
    /// Settings by tenant; they may change at run time.
    pub(crate) tenants: TenantSettings,
    pub(crate) registry: Arc<Registry>,
    /// Whether statements may run at sources that do not say so themselves.
    pub(crate) execution: bool,
    pub(crate) audit: Arc<dyn AuditSink>,
    /// The sink when the audit is kept in memory.
    pub(crate) memory: Option<Arc<MemorySink>>,
    /// The host's storage; the memory where there is none.
    pub(crate) storage: Arc<dyn Storage>,
    /// Where what syncs find out is kept.
    pub(crate) learned: Learned,
    /// What users asked before.
    pub(crate) sessions: SessionStore,
    /// What is known of schemas that several sources have.
    pub(crate) twins: Twins,
    /// Who syncs, and who waits for it.
    pub(crate) syncs: Queue,
    /// Who asks, and who waits for it.
    pub(crate) asking: Queue,
    /// Questions that are answered later.
    pub(crate) tickets: TicketStore,
    pub(crate) authorizer: Arc<dyn Authorizer>,
    /// The host's; the system's where there is none.
    pub(crate) clock: Option<Arc<dyn Clock>>,
    /// Who is asked where the built-in planner has no answer.
    pub(crate) models: Option<Arc<Chain>>,
    /// Where it is counted what models cost.
    pub(crate) ledger: Ledger,
    /// What was run or asked already.
    pub(crate) cache: Cache,
    pub(crate) embedder: Option<Arc<dyn Embedder>>,
}

impl Leo {
    /// Opens a SQLite file, a CSV, JSON lines or Excel file, or a folder of such files, in the preset `local`: one trusted person,
    /// `local` with the role `owner`, at their own data.
    ///
    /// # Behavior
    /// A database is opened read-only; other files are read into a private one. What is in it is learned at the first question, or by
    /// [`sync`](Self::sync). The audit is kept in memory; a builder with [`preset`](LeoBuilder::preset) `local` names a file.
    ///
    /// # Errors
    /// `NotFound`; `Config` for a directory or missing permission; `Malformed` for another format, an encrypted or a damaged
    /// file; `Unavailable` when it is locked.
    #[cfg(feature = "sqlite")]
    pub fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        Self::builder().preset(Preset::Local).source(crate::builder::Source::open(path)?).build()
    }

    /// Connects to what a URL, an ADO string or a path names, in the preset `local`.
    ///
    /// # Example
    /// ```no_run
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let leo = leo::Leo::connect("postgres://ada:s3cret@db.example.com/shop").await?;
    /// println!("{}", leo.ask("revenue by month").await?);
    /// # Ok::<(), leo::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`Source::connect`](crate::builder::Source::connect), and `Config` for a text that is none of the three.
    pub async fn connect(place: &str) -> Result<Self> {
        let source = crate::builder::Source::connect(place.parse()?).await?;
        Self::builder().preset(Preset::Local).source(source).build()
    }

    /// Opens the sample company ([`crate::sample`]) in the preset `local`; made in the cache folder at the first call.
    ///
    /// # Errors
    /// `Unavailable` when no cache folder can be written.
    #[cfg(feature = "sqlite")]
    pub fn sample() -> Result<Self> {
        Self::open(crate::sample::open_or_create_cached()?.path)
    }

    /// Builds a handle from the host's own parts; the preset is `embedded` unless set.
    pub fn builder() -> LeoBuilder {
        LeoBuilder::default()
    }

    pub(crate) fn new(shared: Shared, identity: Option<Context>) -> Self {
        Self { shared: Arc::new(shared), identity }
    }

    /// The same handle for the user of `ctx`: everything asked through it is authorised, limited and recorded as theirs.
    ///
    /// The clock is read anew at each call, unless `ctx` was given a moment ([`Context::with_now`]).
    #[must_use]
    pub fn for_user(&self, ctx: Context) -> Self {
        Self { shared: Arc::clone(&self.shared), identity: Some(ctx) }
    }

    /// The sources: add, list, change, test and remove them.
    pub fn sources(&self) -> Sources {
        Sources::new(self.clone())
    }

    /// Closes every connection; later calls, also of other clones, fail with `Closed`.
    ///
    /// # Errors
    /// The first error of a connection; the others are closed all the same.
    pub async fn close(&self) -> Result<()> {
        let closed = self.shared.registry.close().await;
        // Nothing is given any more, not even what is there.
        self.shared.cache.forget_all();
        closed.and(self.shared.audit.flush().await)
    }
}
