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
use crate::settings::{Level, Preset, Resolved, Settings, SettingsLayer};
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
    /// In the order of registration.
    pub(crate) sources: Vec<Registered>,
    pub(crate) audit: Arc<dyn AuditSink>,
    /// The sink when the audit is kept in memory.
    pub(crate) memory: Option<Arc<MemorySink>>,
    pub(crate) authorizer: Arc<dyn Authorizer>,
}

/// A source with the settings that hold for it when neither tenant nor call has its own.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) target: Target,
    pub(crate) layer: SettingsLayer,
    pub(crate) resolved: Resolved,
    pub(crate) hash: String,
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
        self.call(Limits::ask(options), observer, async |call| pipeline::ask(call, question).await).await
    }

    /// Answers a semantic query: what a planner would make of a question, the option of a clarification, a saved query.
    ///
    /// # Errors
    /// As [`ask_with`](Self::ask_with).
    pub async fn ask_query(&self, query: SemanticQuery, options: &AskOptions) -> Result<Answer> {
        self.call(Limits::ask(options), &|_| {}, async |call| pipeline::ask_query(call, query).await).await
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
        self.call(Limits::sql(options), &|_| {}, async |call| pipeline::sql(call, text, &options.params).await).await
    }

    /// Runs a statement and hands out its batches as they come, without collecting them.
    ///
    /// # Cancellation
    /// Dropping the stream stops the statement in the database.
    ///
    /// # Errors
    /// As [`sql_with`](Self::sql_with), and `Denied` when execution is off for the source.
    pub async fn sql_stream(&self, text: &str, options: &SqlOptions) -> Result<GateStream> {
        self.call(Limits::sql(options), &|_| {}, async |call| pipeline::sql_stream(call, text, &options.params).await).await
    }

    /// Vets a statement without running it.
    ///
    /// # Errors
    /// What keeps the call from being served; the guard's verdict is in the result.
    pub async fn vet(&self, text: &str, options: &SqlOptions) -> Result<Vetting> {
        self.call(Limits::sql(options), &|_| {}, async |call| {
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
        self.call(limits, &|_| {}, async |call| {
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
        self.call(limits, &|_| {}, async |call| {
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
        let (ctx, registered) = self.allowed(Action::ManageSources, source).await?;
        let _alone = registered.target.syncing.lock().await;
        Ok(Arc::clone(&self.learn(&ctx, registered, options, progress).await?.catalog))
    }

    /// Turns execution on or off for a source; the decision is in the audit first. Off, questions are answered with a checked
    /// statement and the status `not_executed`.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `NotFound`, `Config`, and the sink's: nothing changed then.
    pub async fn set_execution(&self, source: Option<&str>, on: bool) -> Result<()> {
        let (ctx, registered) = self.allowed(Action::ManageSources, source).await?;
        let id = registered.target.id();
        let event = AuditEvent {
            source: Some(id.to_owned()),
            preset: Some(self.shared.preset.as_str().to_owned()),
            target: Some("execution".into()),
            status: Some(if on { "on" } else { "off" }.into()),
            ..audit::event(&ctx, "security_gate_decision")
        };
        self.shared.audit.append(vec![event]).await?;
        registered.target.set_execution(on);
        Ok(())
    }

    /// Replaces the settings of the user's tenant, from the next call on; the change is in the audit first.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `Config` for values out of range, and the sink's: nothing changed then.
    pub async fn set_tenant_settings(&self, layer: SettingsLayer) -> Result<()> {
        let (ctx, registered) = self.allowed(Action::ManageSources, self.first_source()).await?;
        let now = self.resolve(registered, Some(&layer), &SettingsLayer::default())?;
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
        let (ctx, registered) = self.who_and_what(source)?;
        self.resolve(registered, self.tenant_layer(&ctx).as_ref(), &SettingsLayer::default())
    }

    /// The user's own tenant's records that the sink in memory still holds, oldest first; empty when the audit goes elsewhere.
    ///
    /// # Errors
    /// `Denied` without the right to read the audit, `Config` without a user.
    pub async fn recent_audit(&self) -> Result<Vec<AuditEvent>> {
        let (ctx, _) = self.allowed(Action::ReadAudit, self.first_source()).await?;
        let Some(memory) = &self.shared.memory else { return Ok(Vec::new()) };
        Ok(memory.events().into_iter().filter(|event| event.tenant == ctx.tenant).collect())
    }

    /// A sentence for the user, once, when the audit in memory had to drop records.
    pub fn audit_notice(&self) -> Option<String> {
        self.shared.memory.as_ref()?.take_notice()
    }

    /// Ids of the sources, in the order of registration.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.shared.sources.iter().map(|registered| registered.target.id())
    }

    /// Closes every connection; later calls, also of other clones, fail with `Closed`.
    ///
    /// # Errors
    /// The first error of a connection; the others are closed all the same.
    pub async fn close(&self) -> Result<()> {
        let mut first = Ok(());
        for registered in &self.shared.sources {
            first = first.and(registered.target.connector.close().await);
        }
        first.and(self.shared.audit.flush().await)
    }

    fn first_source(&self) -> Option<&str> {
        self.shared.sources.first().map(|registered| registered.target.id())
    }

    /// The context of this call and the source it is about.
    fn who_and_what(&self, source: Option<&str>) -> Result<(Context, &Registered)> {
        let Some(identity) = &self.identity else {
            return Err(Error::config("nobody is asking: bind a user with `for_user(ctx)` first"));
        };
        let registered = match (source, self.shared.sources.as_slice()) {
            (None, [only]) => only,
            (None, _) => {
                let ids: Vec<&str> = self.sources().collect();
                return Err(Error::config(format!("there are several sources; name one of {}", ids.join(", "))));
            }
            (Some(id), all) => all.iter().find(|registered| registered.target.id() == id).ok_or_else(|| {
                let ids: Vec<&str> = self.sources().collect();
                Error::not_found(format!("there is no source `{id}`; the sources are {}", ids.join(", ")))
            })?,
        };
        let zone = TimeZone::get(&registered.resolved.settings.time_zone).unwrap_or(TimeZone::UTC);
        Ok((identity.for_call(&zone), registered))
    }

    /// [`who_and_what`](Self::who_and_what), when the user may do `action` there.
    async fn allowed(&self, action: Action, source: Option<&str>) -> Result<(Context, &Registered)> {
        let (ctx, registered) = self.who_and_what(source)?;
        let request = AccessRequest { action, source: registered.target.id().to_owned() };
        self.shared.authorizer.authorize(ctx.to_host(), request).await?;
        Ok((ctx, registered))
    }

    fn tenant_layer(&self, ctx: &Context) -> Option<SettingsLayer> {
        self.shared.tenants.read().unwrap_or_else(PoisonError::into_inner).get(&ctx.tenant).cloned()
    }

    fn resolve(&self, registered: &Registered, tenant: Option<&SettingsLayer>, call: &SettingsLayer) -> Result<Resolved> {
        let mut layers = vec![(Level::Process, &self.shared.process), (Level::Source, &registered.layer)];
        layers.extend(tenant.map(|layer| (Level::Tenant, layer)));
        layers.push((Level::Call, call));
        Settings::resolve(self.shared.preset, &layers)
    }

    /// Makes what a stage needs to know of the call, and makes it.
    async fn call<T>(
        &self,
        limits: Limits<'_>,
        observer: &(dyn Fn(AskEvent) + Send + Sync),
        make: impl AsyncFnOnce(&Call<'_>) -> Result<T>,
    ) -> Result<T> {
        let (mut ctx, registered) = self.who_and_what(limits.source)?;
        let tenant = self.tenant_layer(&ctx);
        let own = limits.settings.filter(|layer| !layer.is_empty());
        let resolved = match (&tenant, own) {
            (None, None) => None,
            (tenant, own) => {
                let resolved = self.resolve(registered, tenant.as_ref(), own.unwrap_or(&SettingsLayer::default()))?;
                let hash = resolved.settings.hash();
                Some((resolved, hash))
            }
        };
        let (settings, settings_hash) = resolved
            .as_ref()
            .map_or((&registered.resolved.settings, registered.hash.as_str()), |(resolved, hash)| (&resolved.settings, hash));
        if resolved.is_some()
            && let Ok(zone) = TimeZone::get(&settings.time_zone)
        {
            ctx = self.identity.as_ref().map_or(ctx, |identity| identity.for_call(&zone));
        }
        let as_of = as_of(&mut ctx, limits.as_of, self.identity.as_ref(), &registered.target)?;
        let known = self.known(&ctx, registered).await?;
        let call = Call {
            ctx: &ctx,
            as_of,
            target: &registered.target,
            known,
            audit: &self.shared.audit,
            authorizer: &*self.shared.authorizer,
            settings,
            settings_hash,
            max_rows: limits.max_rows,
            timeout: limits.timeout,
            observer,
        };
        make(&call).await
    }

    /// What is known of the source; learned now where nothing is, once for all who wait.
    async fn known(&self, ctx: &Context, registered: &Registered) -> Result<Arc<Known>> {
        if let Some(known) = registered.target.known() {
            return Ok(known);
        }
        let _alone = registered.target.syncing.lock().await;
        match registered.target.known() {
            Some(known) => Ok(known),
            None => self.learn(ctx, registered, &SyncOptions::default(), &|_| {}).await,
        }
    }

    async fn learn(
        &self,
        ctx: &Context,
        registered: &Registered,
        options: &SyncOptions,
        progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<Arc<Known>> {
        let meta = RecordMeta { question: None, preset: self.shared.preset, settings_hash: registered.hash.clone() };
        let options = SyncOptions { meta, ..options.clone() };
        let catalog = sync(ctx, &*registered.target.connector, &self.shared.audit, &options, progress).await?;
        registered.target.learn(catalog)
    }
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
