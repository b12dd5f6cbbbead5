//! The handle.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::adapter::{AccessRequest, Action, AuditEvent, AuditSink, Authorizer};
use crate::ask::pipeline::{self, Call};
use crate::ask::target::{Known, Target};
use crate::ask::{Answer, AskEvent};
use crate::audit::{self, MemorySink};
use crate::builder::LeoBuilder;
use crate::catalog::{Catalog, Hit};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{GateStream, RecordMeta};
use crate::guard::{self, OutputColumn, Purpose, Request, Vetting};
use crate::query::SemanticQuery;
use crate::registry::{By, Entry, Lease, Registry, SourceSettings};
use crate::settings::{Level, Preset, Resolved, Settings, SettingsLayer};
use crate::sources::Sources;
use crate::sync::{SyncOptions, SyncProgress, sync};
use crate::value::Value;

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
    pub(crate) tenants: RwLock<HashMap<String, SettingsLayer>>,
    pub(crate) registry: Arc<Registry>,
    /// Whether statements may run at sources that do not say so themselves.
    pub(crate) execution: bool,
    pub(crate) audit: Arc<dyn AuditSink>,
    /// The sink when the audit is kept in memory.
    pub(crate) memory: Option<Arc<MemorySink>>,
    pub(crate) authorizer: Arc<dyn Authorizer>,
}

/// How one question is asked.
#[derive(Debug, Clone, Default)]
pub struct AskOptions {
    /// Id of the source; needed when there are several.
    pub source: Option<String>,
    /// The day relative windows count from, instead of today.
    pub as_of: Option<Date>,
    /// Rows of the answer at most.
    pub max_rows: Option<u64>,
    /// Time for the statement.
    pub timeout: Option<Duration>,
    /// Settings for this call alone; they win over all others.
    pub settings: SettingsLayer,
}

/// How one statement is run.
#[derive(Debug, Clone, Default)]
pub struct SqlOptions {
    /// Values of the placeholders, in order.
    pub params: Vec<Value>,
    /// Id of the source; needed when there are several.
    pub source: Option<String>,
    /// Rows of the result at most.
    pub max_rows: Option<u64>,
    /// Time for the statement.
    pub timeout: Option<Duration>,
    /// Settings for this call alone; they win over all others.
    pub settings: SettingsLayer,
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

    /// Answers a question about the only source.
    ///
    /// # Errors
    /// As [`ask_with`](Self::ask_with).
    pub async fn ask(&self, question: &str) -> Result<Answer> {
        self.ask_with(question, &AskOptions::default()).await
    }

    /// Answers a question.
    ///
    /// # Behavior
    /// Anything about the question comes back as a [`status`](Answer::status): a question back, a refusal with its reason, a
    /// statement that needs approval. The attempt is in the audit before the database is touched, its outcome before the answer
    /// is given.
    ///
    /// # Errors
    /// Only when the call could not be served: `Malformed` (an empty question), `LimitExceeded` (too long, or more rows than are
    /// allowed), `Config` (no user, no such setting), `NotFound` (no such source), `Denied`, `Timeout`, `Cancelled`, `Unavailable`,
    /// and the audit sink's.
    pub async fn ask_with(&self, question: &str, options: &AskOptions) -> Result<Answer> {
        self.ask_observed(question, options, &|_| {}).await
    }

    /// [`ask_with`](Self::ask_with), telling `observer` as each stage begins and ends.
    ///
    /// # Errors
    /// As [`ask_with`](Self::ask_with).
    pub async fn ask_observed(
        &self,
        question: &str,
        options: &AskOptions,
        observer: &(dyn Fn(AskEvent) + Send + Sync),
    ) -> Result<Answer> {
        self.call(Action::Ask, Limits::ask(options), observer, async |call| pipeline::ask(call, question).await).await
    }

    /// Answers a semantic query: what a planner would make of a question, the option of a clarification, a saved query.
    ///
    /// # Errors
    /// As [`ask_with`](Self::ask_with).
    pub async fn ask_query(&self, query: SemanticQuery, options: &AskOptions) -> Result<Answer> {
        self.call(Action::Ask, Limits::ask(options), &|_| {}, async |call| pipeline::ask_query(call, query).await).await
    }

    /// Runs a statement on the only source, through the same guard and gate as any other.
    ///
    /// # Errors
    /// As [`sql_with`](Self::sql_with).
    pub async fn sql(&self, text: &str) -> Result<Answer> {
        self.sql_with(text, &SqlOptions::default()).await
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// `Rejected` or `NeedsApproval` with the guard's findings; otherwise as [`ask_with`](Self::ask_with).
    pub async fn sql_with(&self, text: &str, options: &SqlOptions) -> Result<Answer> {
        self.call(Action::Ask, Limits::sql(options), &|_| {}, async |call| pipeline::sql(call, text, &options.params).await).await
    }

    /// Runs a statement and hands out its batches as they come, without collecting them.
    ///
    /// # Cancellation
    /// Dropping the stream stops the statement in the database.
    ///
    /// # Errors
    /// As [`sql_with`](Self::sql_with), and `Denied` when execution is off for the source.
    pub async fn sql_stream(&self, text: &str, options: &SqlOptions) -> Result<GateStream> {
        let open = async |call: &Call<'_>| pipeline::sql_stream(call, text, &options.params).await;
        let (stream, lease) = self.call_holding(Action::Ask, Limits::sql(options), &|_| {}, open).await?;
        Ok(stream.holding(lease))
    }

    /// Vets a statement without running it.
    ///
    /// # Errors
    /// What keeps the call from being served; the guard's verdict is in the result.
    pub async fn vet(&self, text: &str, options: &SqlOptions) -> Result<Vetting> {
        self.call(Action::Ask, Limits::sql(options), &|_| {}, async |call| {
            let access = call.authorise(Action::Ask).await?;
            let limits = call.settings.guard_for(call.max_rows)?;
            Ok(guard::vet(&Request {
                ctx: call.ctx,
                source: call.target.id(),
                catalog: &call.known.catalog,
                access: &access,
                settings: &limits,
                sql: text,
                params: &options.params,
                purpose: Purpose::Sql,
            }))
        })
        .await
    }

    /// The source columns that each output column of a statement derives from.
    ///
    /// # Errors
    /// `Rejected` or `NeedsApproval` when the statement may not run; otherwise as [`vet`](Self::vet).
    pub async fn lineage(&self, text: &str) -> Result<Vec<OutputColumn>> {
        let vetting = self.vet(text, &SqlOptions::default()).await?;
        let lineage = vetting.lineage.clone();
        vetting.into_result().map(|_| Arc::unwrap_or_clone(lineage))
    }

    /// What is known about a source, as far as the user may see it. Learns it first where nothing is known yet.
    ///
    /// # Errors
    /// `Denied`, and as [`sync`](Self::sync).
    pub async fn catalog(&self, source: Option<&str>) -> Result<Arc<Catalog>> {
        let limits = Limits { source, ..Limits::none() };
        self.call(Action::Browse, limits, &|_| {}, async |call| {
            let access = call.authorise(Action::Browse).await?;
            if access == crate::adapter::Access::full() {
                return Ok(Arc::clone(&call.known.catalog));
            }
            guard::visible_catalog(&call.known.catalog, &access).map(Arc::new)
        })
        .await
    }

    /// Tables and columns of a source that fit `words`, as far as the user may see them: best first, at most `limit`.
    ///
    /// # Behavior
    /// As [`catalog::search`](crate::catalog::search()), and abbreviations in names and words for the same thing are understood: the
    /// usual ones, and the synonyms of the source's [`Knowledge`](crate::ask::planner::Knowledge).
    ///
    /// # Errors
    /// As [`catalog`](Self::catalog).
    pub async fn search(&self, words: &str, source: Option<&str>, limit: usize) -> Result<Vec<Hit>> {
        let limits = Limits { source, ..Limits::none() };
        self.call(Action::Browse, limits, &|_| {}, async |call| {
            let access = call.authorise(Action::Browse).await?;
            call.known.search(&access, &call.target.knowledge, words, limit)
        })
        .await
    }

    /// Reads a source's structure, statistics and relationships anew. Questions asked meanwhile use what was known before.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources; those of [`sync()`](crate::sync::sync()).
    pub async fn sync(
        &self,
        source: Option<&str>,
        options: &SyncOptions,
        progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<Arc<Catalog>> {
        let (mut ctx, entry) = self.allowed(Action::ManageSources, source).await?;
        let lease = self.shared.registry.acquire(&self.by(&ctx, &entry), &entry).await?;
        ctx.cancel = lease.cancel().clone();
        let _alone = ctx.unless_over(lease.target().syncing.lock()).await?;
        Ok(Arc::clone(&self.learn(&ctx, &lease, options, progress).await?.catalog))
    }

    /// Turns execution on or off for a source; the decision is in the audit first. Off, questions are answered with a checked
    /// statement and the status `not_executed`.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `NotFound`, `Config`, and the sink's: nothing changed then.
    pub async fn set_execution(&self, source: Option<&str>, on: bool) -> Result<()> {
        let (ctx, entry) = self.allowed(Action::ManageSources, source).await?;
        let event = AuditEvent {
            source: Some(entry.id().to_owned()),
            preset: Some(self.shared.preset.as_str().to_owned()),
            target: Some("execution".into()),
            status: Some(if on { "on" } else { "off" }.into()),
            ..audit::event(&ctx, "security_gate_decision")
        };
        self.shared.audit.append(vec![event]).await?;
        self.shared.registry.admit(&entry).target().set_execution(on);
        Ok(())
    }

    /// Replaces the settings of the user's tenant, from the next call on; the change is in the audit first.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `Config` for values out of range, and the sink's: nothing changed then.
    pub async fn set_tenant_settings(&self, layer: SettingsLayer) -> Result<()> {
        let ctx = self.allowed_in_general(Action::ManageSources).await?;
        let layers = [(Level::Process, &self.shared.process), (Level::Tenant, &layer)];
        let now = Settings::resolve(self.shared.preset, &layers)?;
        let event = audit::settings_changed(&ctx, Level::Tenant, None, &layer, &now.settings);
        self.shared.audit.append(vec![event]).await?;
        self.shared.tenants.write().unwrap_or_else(PoisonError::into_inner).insert(ctx.tenant, layer);
        Ok(())
    }

    /// The settings in force for the user and a source, each with where it was set.
    ///
    /// # Errors
    /// `Config` without a user, `NotFound` for an unknown source.
    pub fn settings(&self, source: Option<&str>) -> Result<Resolved> {
        let (ctx, entry) = self.who_and_what(source)?;
        self.resolve(&entry, self.tenant_layer(&ctx).as_ref(), &SettingsLayer::default())
    }

    /// The user's own tenant's records that the sink in memory still holds, oldest first; empty when the audit goes elsewhere.
    ///
    /// # Errors
    /// `Denied` without the right to read the audit, `Config` without a user.
    pub async fn recent_audit(&self) -> Result<Vec<AuditEvent>> {
        let ctx = self.allowed_in_general(Action::ReadAudit).await?;
        let Some(memory) = &self.shared.memory else { return Ok(Vec::new()) };
        Ok(memory.events().into_iter().filter(|event| event.tenant == ctx.tenant).collect())
    }

    /// A sentence for the user, once, when the audit in memory had to drop records.
    pub fn audit_notice(&self) -> Option<String> {
        self.shared.memory.as_ref()?.take_notice()
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
        closed.and(self.shared.audit.flush().await)
    }

    /// Who is asking.
    ///
    /// # Errors
    /// `Config` when nobody is.
    pub(crate) fn identity(&self) -> Result<&Context> {
        self.identity.as_ref().ok_or_else(|| Error::config("nobody is asking: bind a user with `for_user(ctx)` first"))
    }

    /// The context of this call and the source it is about.
    pub(crate) fn who_and_what(&self, source: Option<&str>) -> Result<(Context, Arc<Entry>)> {
        let identity = self.identity()?;
        let entry = self.shared.registry.find(&identity.tenant, source)?;
        Ok((identity.for_call(&zone(entry.settings.settings())), entry))
    }

    /// [`who_and_what`](Self::who_and_what), when the user may do `action` there.
    async fn allowed(&self, action: Action, source: Option<&str>) -> Result<(Context, Arc<Entry>)> {
        let (ctx, entry) = self.who_and_what(source)?;
        self.authorise(&ctx, action, entry.id()).await?;
        Ok((ctx, entry))
    }

    /// The context of a call that is about no source in particular, when the user may do `action` at the first one, or at `*` where
    /// there is none.
    async fn allowed_in_general(&self, action: Action) -> Result<Context> {
        let identity = self.identity()?;
        let first = self.shared.registry.of_tenant(&identity.tenant).into_iter().next();
        let ctx = identity.for_call(&TimeZone::UTC);
        self.authorise(&ctx, action, first.as_ref().map_or("*", |entry| entry.id())).await?;
        Ok(ctx)
    }

    /// Asks whether the user may do `action` at `source`; a denial is in the audit before it is told.
    pub(crate) async fn authorise(&self, ctx: &Context, action: Action, source: &str) -> Result<()> {
        let request = AccessRequest { action, source: source.to_owned() };
        let Err(error) = self.shared.authorizer.authorize(ctx.to_host(), request).await else { return Ok(()) };
        self.record_denial(ctx, action, source, &error).await?;
        Err(error)
    }

    /// Writes into the audit that the user may not do `action` at `source`.
    pub(crate) async fn record_denial(&self, ctx: &Context, action: Action, source: &str, error: &Error) -> Result<()> {
        let event = AuditEvent {
            source: Some(source.to_owned()),
            preset: Some(self.shared.preset.as_str().to_owned()),
            target: Some(action.as_str().to_owned()),
            status: Some("refused".into()),
            error: Some(error.kind().as_str().to_owned()),
            ..audit::event(ctx, "security_gate_decision")
        };
        self.shared.audit.append(vec![event]).await
    }

    /// Who uses a source in this call, and where that is recorded.
    pub(crate) fn by<'a>(&'a self, ctx: &'a Context, entry: &Entry) -> By<'a> {
        By { ctx, audit: &self.shared.audit, meta: self.meta(&entry.settings) }
    }

    pub(crate) fn meta(&self, settings: &SourceSettings) -> RecordMeta {
        RecordMeta { question: None, preset: self.shared.preset, settings_hash: settings.hash.clone() }
    }

    fn tenant_layer(&self, ctx: &Context) -> Option<SettingsLayer> {
        self.shared.tenants.read().unwrap_or_else(PoisonError::into_inner).get(&ctx.tenant).cloned()
    }

    fn resolve(&self, entry: &Entry, tenant: Option<&SettingsLayer>, call: &SettingsLayer) -> Result<Resolved> {
        let mut layers = vec![(Level::Process, &self.shared.process), (Level::Source, &entry.settings.layer)];
        layers.extend(tenant.map(|layer| (Level::Tenant, layer)));
        layers.push((Level::Call, call));
        Settings::resolve(self.shared.preset, &layers)
    }

    /// Makes what a stage needs to know of the call, and makes it.
    async fn call<T>(
        &self,
        action: Action,
        limits: Limits<'_>,
        observer: &(dyn Fn(AskEvent) + Send + Sync),
        make: impl AsyncFnOnce(&Call<'_>) -> Result<T>,
    ) -> Result<T> {
        self.call_holding(action, limits, observer, make).await.map(|(made, _)| made)
    }

    /// [`call`](Self::call), with the hold on the source for what outlives it.
    async fn call_holding<T>(
        &self,
        action: Action,
        limits: Limits<'_>,
        observer: &(dyn Fn(AskEvent) + Send + Sync),
        make: impl AsyncFnOnce(&Call<'_>) -> Result<T>,
    ) -> Result<(T, Lease)> {
        let (mut ctx, entry) = self.who_and_what(limits.source)?;
        let tenant = self.tenant_layer(&ctx);
        let own = limits.settings.filter(|layer| !layer.is_empty());
        let resolved = match (&tenant, own) {
            (None, None) => None,
            (tenant, own) => {
                let resolved = self.resolve(&entry, tenant.as_ref(), own.unwrap_or(&SettingsLayer::default()))?;
                let hash = resolved.settings.hash();
                Some((resolved, hash))
            }
        };
        let (settings, settings_hash) = resolved
            .as_ref()
            .map_or((entry.settings.settings(), entry.settings.hash.as_str()), |(resolved, hash)| (&resolved.settings, hash));
        if resolved.is_some() {
            ctx = self.identity.as_ref().map_or(ctx, |identity| identity.for_call(&zone(settings)));
        }
        // The states of both are large; on the heap they are made once, wherever the caller puts this one.
        let (lease, known) = Box::pin(self.ready(&mut ctx, action, &entry)).await?;
        let as_of = as_of(&mut ctx, limits.as_of, self.identity.as_ref(), lease.target())?;
        let call = Call {
            ctx: &ctx,
            as_of,
            target: lease.target(),
            connector: lease.connector(),
            known,
            audit: &self.shared.audit,
            authorizer: &*self.shared.authorizer,
            settings,
            settings_hash,
            max_rows: limits.max_rows,
            timeout: limits.timeout,
            observer,
        };
        let made = Box::pin(make(&call)).await;
        lease.entry().note(&made);
        match made {
            // The user did not: the source was taken from under the call.
            Err(error)
                if error.kind() == ErrorKind::Cancelled
                    && self.identity.as_ref().is_some_and(|user| !user.cancel.is_cancelled()) =>
            {
                let message = format!("the source `{}` was disconnected before this was done", lease.target().id());
                Err(Error::new(ErrorKind::Closed, message).with_source(error))
            }
            made => Ok((made?, lease)),
        }
    }

    /// A hold on the source, open and known, under which `ctx` is cancelled too when the source is disconnected. Where it has to be
    /// opened or learned first, that is done for those alone who may do `action` there; the pipeline asks again, and for more.
    async fn ready(&self, ctx: &mut Context, action: Action, entry: &Arc<Entry>) -> Result<(Lease, Arc<Known>)> {
        if let Some(lease) = entry.lease(ctx)?
            && let Some(known) = lease.target().known()
        {
            ctx.cancel = lease.cancel().clone();
            return Ok((lease, known));
        }
        self.authorise(ctx, action, entry.id()).await?;
        let lease = self.shared.registry.acquire(&self.by(ctx, entry), entry).await?;
        ctx.cancel = lease.cancel().clone();
        if let Some(known) = lease.target().known() {
            return Ok((lease, known));
        }
        let _alone = ctx.unless_over(lease.target().syncing.lock()).await?;
        let known = match lease.target().known() {
            Some(known) => known,
            None => self.learn(ctx, &lease, &SyncOptions::default(), &|_| {}).await?,
        };
        drop(_alone);
        Ok((lease, known))
    }

    /// Learns what there is to know of the source; the caller holds its `syncing`.
    async fn learn(
        &self,
        ctx: &Context,
        lease: &Lease,
        options: &SyncOptions,
        progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<Arc<Known>> {
        let entry = lease.entry();
        let _syncing = entry.syncing();
        let options = SyncOptions { meta: self.by(ctx, entry).meta, ..options.clone() };
        let learned = sync(ctx, lease.connector(), &self.shared.audit, &options, progress).await;
        entry.note(&learned);
        lease.target().learn(learned?)
    }
}

/// The zone of a source's calls where their context has none.
fn zone(settings: &Settings) -> TimeZone {
    TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC)
}

/// The moment the call counts from: the call's as-of date, the context's own moment, the source's as-of date, the clock.
fn as_of(ctx: &mut Context, call: Option<Date>, identity: Option<&Context>, target: &Target) -> Result<bool> {
    let set = identity.is_some_and(Context::has_now);
    let Some(day) = call.or(target.as_of.filter(|_| !set)) else { return Ok(set) };
    let noon = day.at(12, 0, 0, 0).to_zoned(ctx.time_zone.clone());
    ctx.now =
        noon.map_err(|error| Error::new(ErrorKind::Malformed, "the as-of date is out of range").with_source(error))?.timestamp();
    Ok(true)
}

/// What a call may be told.
struct Limits<'a> {
    source: Option<&'a str>,
    as_of: Option<Date>,
    max_rows: Option<u64>,
    timeout: Option<Duration>,
    settings: Option<&'a SettingsLayer>,
}

impl<'a> Limits<'a> {
    fn none() -> Self {
        Self { source: None, as_of: None, max_rows: None, timeout: None, settings: None }
    }

    fn ask(options: &'a AskOptions) -> Self {
        let AskOptions { source, as_of, max_rows, timeout, settings } = options;
        Self { source: source.as_deref(), as_of: *as_of, max_rows: *max_rows, timeout: *timeout, settings: Some(settings) }
    }

    fn sql(options: &'a SqlOptions) -> Self {
        let SqlOptions { params: _, source, max_rows, timeout, settings } = options;
        Self { source: source.as_deref(), as_of: None, max_rows: *max_rows, timeout: *timeout, settings: Some(settings) }
    }
}
