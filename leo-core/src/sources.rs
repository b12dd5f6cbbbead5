//! The sources of a handle, as data: added, listed, changed, tested and removed while it runs.

use std::sync::Arc;
use std::time::Duration;

use crate::adapter::{Action, AuditEvent};
use crate::audit;
use crate::builder::Source;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{self, ConnectionReport};
use crate::leo::Leo;
use crate::registry::{Entry, SourceSettings};
pub use crate::registry::{SourceState, SourceStatus};
use crate::source::SourceSpec;

/// The sources that the user of a handle has: [`Leo::sources`].
///
/// # Behavior
/// A source that is added belongs to the tenant of the user who adds it, and nobody else sees it. Sources the host built in are there
/// for all tenants; in the preset `embedded` no tenant may change or disconnect those. Changing needs the right to manage sources,
/// and everything that is done, or denied, is in the audit before it happens.
///
/// Sources given by a spec are opened when they are used first and closed when nobody has used them for `sources.idle_ms`; of all
/// sources of a process at most `sources.max_open` are open at a time, with at most `sources.max_connections` connections. Where a
/// place is needed, the source gives way that nobody has used for longest.
///
/// # Example
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use leo::Leo;
/// use leo::builder::Source;
/// use leo::settings::Preset;
/// use leo::sources::SourceState;
///
/// let leo = Leo::builder().preset(Preset::Local).build()?;
/// let sample = leo::sample::open_or_create_cached()?;
/// leo.sources().add(Source::from_spec("company", sample.path.display().to_string().parse()?)).await?;
///
/// let answer = leo.ask("How many customers do we have?").await?;
/// assert_eq!(answer.table.unwrap().num_rows(), 1);
/// assert_eq!(leo.sources().status("company").await?.state, SourceState::Connected);
/// leo.sources().remove("company").await?;
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Sources {
    leo: Leo,
}

/// A source in a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SourceInfo {
    /// Its id.
    pub id: String,
    /// `postgres`, `sqlite` …; unknown for a source of the resolver that is not open.
    pub engine: Option<String>,
    /// Whether it belongs to the user's tenant alone; otherwise it is there for all tenants.
    pub is_own: bool,
    /// How it does.
    pub state: SourceState,
}

impl Sources {
    pub(crate) fn new(leo: Leo) -> Self {
        Self { leo }
    }

    /// Adds a source for the user's tenant. It is not connected to: [`test`](Self::test) does that.
    ///
    /// The spec is trusted: a host that takes it from its users checks it first, forbids private addresses
    /// ([`SourceSpec::forbid_private_hosts`]) and takes no paths of files.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `Config` for a wrong spec or setting, `Conflict` when the id is taken, and the
    /// audit sink's: nothing was added then.
    pub async fn add(&self, source: Source) -> Result<()> {
        let shared = &self.leo.shared;
        let (way, target, layer) = source.into_parts(shared.execution);
        let settings = SourceSettings::resolve(shared.preset, &shared.process, layer)?;
        let ctx = self.leo.context(&jiff::tz::TimeZone::UTC).await?;
        let id = target.id().to_owned();
        self.leo.authorise(&ctx, Action::ManageSources, &id).await?;
        let meta = self.leo.meta(&settings);
        if target.executes() {
            let event = AuditEvent {
                source: Some(id.clone()),
                preset: Some(shared.preset.as_str().to_owned()),
                target: Some("execution".into()),
                status: Some("on".into()),
                ..audit::event(&ctx, "security_gate_decision")
            };
            shared.audit.append(vec![event]).await?;
        }
        let work = async { shared.registry.add(Some(&ctx.tenant), way, target, settings) };
        gate::tool(&ctx, "add_source", &id, &shared.audit, meta, work).await
    }

    /// The sources that the user may look at, in the order of registration; of those that the host's resolver knows the ones that
    /// have been used.
    ///
    /// # Errors
    /// `Config` without a user, and the authorizer's, but for a denial: what is denied is left out.
    pub async fn list(&self) -> Result<Vec<SourceInfo>> {
        let ctx = self.leo.context(&jiff::tz::TimeZone::UTC).await?;
        let mut list = Vec::new();
        for entry in self.leo.shared.registry.of_tenant(&ctx.tenant) {
            let request = crate::adapter::AccessRequest { action: Action::Browse, source: entry.id().to_owned() };
            match self.leo.shared.authorizer.authorize(ctx.to_host(), request).await {
                Ok(_) => list.push(SourceInfo {
                    id: entry.id().to_owned(),
                    engine: entry.engine(),
                    is_own: entry.key.tenant.is_some(),
                    state: entry.status().state,
                }),
                Err(error) if error.kind() == ErrorKind::Denied => {}
                Err(error) => return Err(error),
            }
        }
        Ok(list)
    }

    /// How a source does, without asking it.
    ///
    /// # Errors
    /// `Denied` when the user may not look at it, `NotFound`.
    pub async fn status(&self, id: &str) -> Result<SourceStatus> {
        let (_, entry) = self.may(Action::Browse, id).await?;
        Ok(entry.status())
    }

    /// Connects, looks around and says what it found.
    ///
    /// # Errors
    /// What is wrong with the connection, with what to do about it; `Denied` without the right to manage sources, `NotFound`.
    pub async fn test(&self, id: &str) -> Result<ConnectionReport> {
        let (mut ctx, entry) = self.may(Action::ManageSources, id).await?;
        let lease = self.leo.shared.registry.acquire(&self.leo.by(&ctx, &entry), &entry).await?;
        ctx.cancel = lease.cancel().clone();
        let meta = self.leo.by(&ctx, &entry).meta;
        let work = async { ctx.unless_over(lease.connector().test(&ctx)).await.and_then(|tested| tested) };
        let tested = gate::tool(&ctx, "test", id, &self.leo.shared.audit, meta, work).await;
        lease.entry().note(&tested);
        lease.told(tested)
    }

    /// Opens a source anew with another spec, for instance a new password, and uses it from then on. It is connected to first: where
    /// that fails everything stays as it is. Calls under way end on the connections they began with. A disconnected source is
    /// connected again by this.
    ///
    /// What is known of the source stays where nothing but secrets changed, and is learned again otherwise.
    ///
    /// # Errors
    /// What is wrong with the connection, with what to do about it; `Denied` without the right to manage sources, or for a source of
    /// all tenants; `NotFound`; `Unsupported` for a source of the host's resolver; `Conflict` when somebody else changed it at the same
    /// time; the audit sink's before anything was done.
    pub async fn update(&self, id: &str, spec: SourceSpec) -> Result<()> {
        let (ctx, entry) = self.leo.may_change(Some(id)).await?;
        let of = ctx.clone();
        if entry.is_resolved() {
            return Err(Error::unsupported(format!(
                "what the source `{id}` is, the host's resolver says; change it there and `remove` it here, so that it is asked again"
            )));
        }
        self.change(ctx, "update_source", entry, |leo, entry| async move { leo.shared.registry.update(&of, &entry, spec).await })
            .await
    }

    /// Disconnects a source: no more calls are let in, those under way may end for `wait` and are cancelled then, its connections are
    /// closed, and its secrets, its catalogue and its index are forgotten. How many calls were cancelled.
    ///
    /// Later calls fail with `Closed` until the source is [updated](Self::update), or [removed](Self::remove) and added again. It goes
    /// on when nobody waits for it.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, or for a source of all tenants; `NotFound`; the audit sink's before anything was
    /// done.
    pub async fn disconnect(&self, id: &str, wait: Duration) -> Result<usize> {
        let (ctx, entry) = self.leo.may_change(Some(id)).await?;
        self.change(
            ctx,
            "disconnect_source",
            entry,
            |leo, entry| async move { leo.shared.registry.disconnect(&entry, wait).await },
        )
        .await
    }

    /// Removes a source: as [`disconnect`](Self::disconnect) without waiting, and its id is free again. A source of the host's
    /// resolver is asked for again when it is used next.
    ///
    /// # Errors
    /// As [`disconnect`](Self::disconnect).
    pub async fn remove(&self, id: &str) -> Result<()> {
        let (ctx, entry) = self.leo.may_change(Some(id)).await?;
        self.change(ctx, "remove_source", entry, |leo, entry| async move { leo.shared.registry.remove(&entry).await.map(drop) })
            .await
    }

    /// The source, when the user may do `action` there.
    async fn may(&self, action: Action, id: &str) -> Result<(Context, Arc<Entry>)> {
        let (ctx, entry) = self.leo.who_and_what(Some(id)).await?;
        self.leo.authorise(&ctx, action, id).await?;
        Ok((ctx, entry))
    }

    /// Changes a source, recorded, in a task that goes on when the caller does not wait.
    async fn change<T: Send + 'static, F>(
        &self,
        ctx: Context,
        what: &'static str,
        entry: Arc<Entry>,
        work: impl FnOnce(Leo, Arc<Entry>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let leo = self.leo.clone();
        let work = work(leo.clone(), Arc::clone(&entry));
        let change = async move {
            let meta = leo.by(&ctx, &entry).meta;
            let before = entry.target().number();
            let changed = gate::tool(&ctx, what, entry.id(), &leo.shared.audit, meta, work).await;
            // Another login may see other rows, though the source is the same.
            leo.shared.cache.forget_source(before);
            changed
        };
        tokio::spawn(change).await.map_err(|error| Error::internal("the change of the source ended early").with_source(error))?
    }
}
