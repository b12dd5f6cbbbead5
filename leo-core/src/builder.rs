//! Wiring: the host's parts become a handle.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;

use crate::adapter::{
    AuditSink, Authorizer, Clock, CredentialProvider, Embedder, HostConnector, KeyStore, Model, RoleAuthorizer, SourceResolver,
    Storage,
};
use crate::ask::planner::Knowledge;
use crate::ask::target::Target;
use crate::audit::MemorySink;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{Cache, Connector, ConnectorInfo, Ledger};
use crate::leo::{Learned, Leo, Queue, SessionStore, Shared, TenantSettings, TicketStore};
use crate::model::{self, Cassette, Chain, Egress, ModelSpec, Prices};
use crate::registry::{Registry, SourceSettings, Way};
use crate::settings::{NetworkMode, Preset, Settings, SettingsLayer};
use crate::source::host::HostSource;
use crate::source::{self, Means, SourceSpec};
use crate::store::MemoryStorage;

/// A source to be registered.
#[derive(Debug)]
pub struct Source {
    id: String,
    way: Way,
    execution: Option<bool>,
    settings: SettingsLayer,
    knowledge: Knowledge,
    as_of: Option<Date>,
    personal_data: BTreeMap<String, String>,
}

impl Source {
    /// A source behind `connector`, under the connector's id. It is the host's: it stays open until it is disconnected.
    pub fn new(connector: impl Connector) -> Self {
        Self::given(Arc::new(connector))
    }

    /// A source that the host reads itself, with a connector in whatever language.
    ///
    /// # Example
    /// See [`HostConnector`].
    pub fn host(info: ConnectorInfo, connector: Arc<dyn HostConnector>) -> Self {
        Self::new(HostSource::new(info, connector))
    }

    fn given(connector: Arc<dyn Connector>) -> Self {
        Self::by(connector.info().source.clone(), Way::Given { connector, place: String::new() })
    }

    /// Says where the connector leads to, without secrets, so that another process knows the same source again.
    fn at(mut self, at: impl Into<String>) -> Self {
        if let Way::Given { place, .. } = &mut self.way {
            *place = at.into();
        }
        self
    }

    #[cfg(feature = "sqlite")]
    fn at_files(self, paths: &[impl AsRef<std::path::Path>]) -> Self {
        let whole = |path: &std::path::Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let paths: Vec<_> = paths.iter().map(|path| whole(path.as_ref())).collect();
        self.at(format!("{paths:?}"))
    }

    /// What `spec` says, opened when it is used first, closed when nobody has used it for a while, and opened again.
    ///
    /// # Example
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let shop = leo::builder::Source::from_spec("shop", "postgres://ada:s3cret@db.example.com/shop".parse()?);
    /// let leo = leo::Leo::builder().preset(leo::settings::Preset::Local).source(shop).build()?;
    /// assert_eq!(leo.sources().list().await?[0].id, "shop");
    /// # Ok::<(), leo::Error>(()) }).unwrap();
    /// ```
    pub fn from_spec(id: impl Into<String>, spec: SourceSpec) -> Self {
        Self::by(id.into(), Way::Spec(Box::new(spec)))
    }

    fn by(id: String, way: Way) -> Self {
        Self {
            id,
            way,
            execution: None,
            settings: SettingsLayer::default(),
            knowledge: Knowledge::default(),
            as_of: None,
            personal_data: BTreeMap::new(),
        }
    }

    /// A SQLite file, opened read-only, under the file's name without its ending. The sample company is `sample` and brings its own
    /// as-of date and fiscal year.
    ///
    /// # Errors
    /// As [`SqliteSource::open`](crate::source::sqlite::SqliteSource::open).
    #[cfg(feature = "sqlite")]
    pub fn sqlite(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        let id = match crate::sample::is_sample(path) {
            true => "sample".to_owned(),
            false => path.file_stem().map_or_else(|| "sqlite".to_owned(), |stem| stem.to_string_lossy().into_owned()),
        };
        Self::sqlite_as(id, path)
    }

    #[cfg(feature = "sqlite")]
    fn sqlite_as(id: String, path: &std::path::Path) -> Result<Self> {
        let mut source = Self::new(crate::source::sqlite::SqliteSource::open(id, path)?).at_files(&[path]);
        if crate::sample::is_sample(path) {
            source.as_of = Some(crate::sample::AS_OF);
            source.settings.set("calendar.fiscal_year_start", i64::from(crate::sample::FISCAL_YEAR_START))?;
        }
        Ok(source)
    }

    /// What `spec` says, under the name of its database or file: connects to a server once, so that mistakes show at once.
    ///
    /// # Errors
    /// `Config` for a spec that cannot be right; `Unsupported` for an engine that this build does not have, naming the feature; else
    /// as the engine's own source.
    pub async fn connect(spec: SourceSpec) -> Result<Self> {
        match (spec.engine, &spec.path) {
            #[cfg(feature = "sqlite")]
            (crate::source::Engine::Sqlite, Some(path)) => spec.check().and_then(|()| Self::sqlite(path)),
            _ => Self::connect_as(spec.name(), spec).await,
        }
    }

    /// [`connect`](Self::connect) under an id of your own.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_as(id: impl Into<String>, spec: SourceSpec) -> Result<Self> {
        let id = id.into();
        #[cfg(feature = "sqlite")]
        if spec.engine == crate::source::Engine::Sqlite {
            spec.check()?;
            return Self::sqlite_as(id, &spec.path.unwrap_or_default());
        }
        let place = format!("{spec:?}");
        Ok(Self::given(source::open(&id, spec, Means::default()).await?).at(place))
    }

    /// Files read as tables: CSV, JSON lines, workbooks and Parquet, or folders of them. The id is the first one's name without its
    /// endings. What was wrong with them is in the report of a [`FilesSource`](crate::source::files::FilesSource), which
    /// [`Source::new`] takes as well.
    ///
    /// # Errors
    /// As [`FilesSource::open`](crate::source::files::FilesSource::open).
    #[cfg(feature = "sqlite")]
    pub fn files(paths: &[impl AsRef<std::path::Path>]) -> Result<Self> {
        let first = paths.first().map(|path| crate::spec::file::stem(path.as_ref())).filter(|stem| !stem.is_empty());
        let id = first.unwrap_or_else(|| "files".to_owned());
        Ok(Self::new(crate::source::files::FilesSource::open(id, paths)?).at_files(paths))
    }

    /// What is at `path`: files that are read as tables, going by its name (`.csv`, `.xlsx` …, or a folder of such files), and
    /// otherwise a SQLite file.
    ///
    /// # Errors
    /// As [`Source::files`] and [`Source::sqlite`].
    #[cfg(feature = "sqlite")]
    pub fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        match crate::source::files::FilesSource::is_supported(path) {
            true => Self::files(&[path]),
            false => Self::sqlite(path),
        }
    }

    /// Whether statements may run. Unless set: on in the preset `local`, off in `embedded`, where questions are then answered
    /// with a checked statement and the status `not_executed`.
    #[must_use]
    pub fn execution(mut self, on: bool) -> Self {
        self.execution = Some(on);
        self
    }

    /// Settings for questions to this source; those of tenant and call win.
    #[must_use]
    pub fn settings(mut self, layer: SettingsLayer) -> Self {
        self.settings = layer;
        self
    }

    /// Metrics and synonyms for this source.
    #[must_use]
    pub fn knowledge(mut self, knowledge: Knowledge) -> Self {
        self.knowledge = knowledge;
        self
    }

    /// Says that the column `table.column` (or `schema.table.column`) holds personal data of a kind such as `email`, `phone` or
    /// `name`. Where the setting `privacy.show_pii` or the authorizer keeps personal data from a user, it comes back as
    /// `[REDACTED:kind]`, or NULL where it is no text. A column that the source does not have makes the next sync fail.
    #[must_use]
    pub fn personal_data(mut self, column: impl Into<String>, kind: impl Into<String>) -> Self {
        self.personal_data.insert(column.into(), kind.into());
        self
    }

    /// The day relative windows count from, for data that was frozen then.
    #[must_use]
    pub fn as_of(mut self, day: Date) -> Self {
        self.as_of = Some(day);
        self
    }

    /// Its parts, where a source that says nothing about it may run statements if `execution` is on.
    pub(crate) fn into_parts(self, execution: bool) -> (Way, Target, SettingsLayer) {
        let mut target = Target::new(self.id, self.execution.unwrap_or(execution));
        target.given = self.knowledge;
        target.as_of = self.as_of;
        target.personal_data = self.personal_data;
        (self.way, target, self.settings)
    }
}

/// Builds a [`Leo`] from the host's parts.
///
/// The preset is `embedded`: it has no default user, runs nothing until execution is turned on for a source, and is not built
/// without the parts that keep tenants apart and calls on record.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use leo::adapter::RoleAuthorizer;
/// use leo::audit::MemorySink;
/// use leo::builder::Source;
/// use leo::source::sqlite::SqliteSource;
/// use leo::{Context, Leo};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let shop = SqliteSource::from_sql("shop", "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2)")?;
/// let leo = Leo::builder()
///     .source(Source::new(shop).execution(true))
///     .authorizer(Arc::new(RoleAuthorizer))
///     .audit(Arc::new(MemorySink::default()))
///     .build()?;
/// let ada = leo.for_user(Context::new("acme", "ada")?.with_roles(["member"]));
/// let answer = ada.ask("How many orders are there?").await?;
/// assert_eq!(answer.table.unwrap().value(0, 0).to_string(), "2");
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Default)]
pub struct LeoBuilder {
    preset: Option<Preset>,
    sources: Vec<Source>,
    settings: SettingsLayer,
    audit: Option<Arc<dyn AuditSink>>,
    authorizer: Option<Arc<dyn Authorizer>>,
    identity: Option<Context>,
    resolver: Option<Arc<dyn SourceResolver>>,
    credentials: Option<Arc<dyn CredentialProvider>>,
    storage: Option<Arc<dyn Storage>>,
    keys: Option<Arc<dyn KeyStore>>,
    clock: Option<Arc<dyn Clock>>,
    models: Vec<Answering>,
    prices: Option<Prices>,
    recorded: Option<PathBuf>,
    embedder: Option<Arc<dyn Embedder>>,
    execution: Option<bool>,
}

/// A model as it was named.
#[derive(Debug)]
enum Answering {
    Host(Arc<dyn Model>),
    Service(Box<ModelSpec>),
    Named(String),
}

impl LeoBuilder {
    /// The defaults underneath all settings; `embedded` unless set.
    #[must_use]
    pub fn preset(mut self, preset: Preset) -> Self {
        self.preset = Some(preset);
        self
    }

    /// Adds a source for all tenants; ids must differ. Sources of one tenant are added by [`Sources::add`](crate::sources::Sources::add) or
    /// come from a [`resolver`](Self::resolver).
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }

    /// Asks the host for sources that are neither built in nor added.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn SourceResolver>) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// Asks the host for the logins of sources whose spec says [`Login::Provided`](crate::source::Login::Provided).
    #[must_use]
    pub fn credentials(mut self, provider: Arc<dyn CredentialProvider>) -> Self {
        self.credentials = Some(provider);
        self
    }

    /// Where settings of tenants and what is known of sources are kept; in memory unless set, where they end with the process.
    ///
    /// What is known of a source holds values of its rows: it is kept only with [`keys`](Self::keys) to seal it.
    #[must_use]
    pub fn storage(mut self, storage: Arc<dyn Storage>) -> Self {
        self.storage = Some(storage);
        self
    }

    /// What seals the values of rows that the [`storage`](Self::storage) keeps: a sync of another process, or after a restart, reads only the
    /// tables that changed, and goes on where one was cut short. Without keys such values stay in memory.
    #[must_use]
    pub fn keys(mut self, keys: Arc<dyn KeyStore>) -> Self {
        self.keys = Some(keys);
        self
    }

    /// What time it is; the system's clock unless set.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Who is asked where the built-in planner has no answer; nobody unless set. Called again, it adds a model that is asked when those
    /// before it do not answer. Those of the setting `model.chain` come last.
    #[must_use]
    pub fn model(mut self, model: Arc<dyn Model>) -> Self {
        self.models.push(Answering::Host(model));
        self
    }

    /// As [`model`](Self::model), behind a service that Leo asks itself.
    #[must_use]
    pub fn model_service(mut self, spec: ModelSpec) -> Self {
        self.models.push(Answering::Service(Box::new(spec)));
        self
    }

    /// As [`model`](Self::model), by what [`model::named`](crate::model::named) reads: `openai:gpt-5-mini`, `replay:FOLDER` …; read when the handle is
    /// built.
    #[must_use]
    pub fn model_named(mut self, name: impl Into<String>) -> Self {
        self.models.push(Answering::Named(name.into()));
        self
    }

    /// Writes what models answer into a folder, to be played again by `replay:FOLDER`. See [`Cassette`](crate::model::Cassette).
    #[must_use]
    pub fn record_models(mut self, folder: impl Into<PathBuf>) -> Self {
        self.recorded = Some(folder.into());
        self
    }

    /// What models cost, where the vendors' list prices are not what the host pays.
    #[must_use]
    pub fn model_prices(mut self, prices: Prices) -> Self {
        self.prices = Some(prices);
        self
    }

    /// Lets [`Leo::search`] find by what words mean as well; by letters alone unless set, or the setting `index.embedder_folder` names a
    /// sentence model.
    #[must_use]
    pub fn embedder(mut self, embedder: Arc<dyn Embedder>) -> Self {
        self.embedder = Some(embedder);
        self
    }

    /// Whether statements may run at sources that do not say so themselves, those of the resolver among them. Unless set: on in the
    /// preset `local`, off in `embedded`.
    #[must_use]
    pub fn execution(mut self, on: bool) -> Self {
        self.execution = Some(on);
        self
    }

    /// Settings for the whole process.
    #[must_use]
    pub fn settings(mut self, layer: SettingsLayer) -> Self {
        self.settings = layer;
        self
    }

    /// Where audit events go. Needed in `embedded`; in `local` the newest records are kept in memory unless set.
    #[must_use]
    pub fn audit(mut self, sink: Arc<dyn AuditSink>) -> Self {
        self.audit = Some(sink);
        self
    }

    /// Who may do what. Needed in `embedded`; in `local` [`RoleAuthorizer`] unless set.
    #[must_use]
    pub fn authorizer(mut self, authorizer: Arc<dyn Authorizer>) -> Self {
        self.authorizer = Some(authorizer);
        self
    }

    /// The user calls are made for where none is bound; in `local` the user `local` with the role `owner` unless set.
    #[must_use]
    pub fn identity(mut self, ctx: Context) -> Self {
        self.identity = Some(ctx);
        self
    }

    /// Wires the parts.
    ///
    /// # Errors
    /// `Config` naming everything that is missing, a wrong spec, two sources of one id, a setting out of range, or a folder
    /// (`index.embedder_folder`) without a sentence model; the same when there is an embedder beside it, or the feature `minilm` is missing.
    pub fn build(self) -> Result<Leo> {
        let preset = self.preset.unwrap_or(Preset::Embedded);
        let embedded = preset == Preset::Embedded;
        let mut missing = Vec::new();
        if embedded && self.authorizer.is_none() {
            missing.push("an authorizer (`authorizer`)");
        }
        if embedded && self.audit.is_none() {
            missing.push("an audit sink (`audit`)");
        }
        if embedded && self.identity.is_some() {
            return Err(Error::config("the preset `embedded` has no default user; bind each user with `for_user` instead"));
        }
        if !missing.is_empty() {
            return Err(Error::config(format!("the preset `{}` also needs {}", preset.as_str(), missing.join(" and "))));
        }
        let identity = match self.identity {
            None if !embedded => Some(Context::new("local", "local")?.with_roles(["owner"])),
            identity => identity,
        };
        let execution = self.execution.unwrap_or(!embedded);
        let process = SourceSettings::resolve(preset, &self.settings, SettingsLayer::default())?;
        let memory_records = process.settings().audit.memory_records;
        let cache_mb = process.settings().cache.max_mb;
        let index = &process.settings().index;
        let embedder = match (self.embedder, &index.embedder_folder, &index.embedder_service) {
            (None, Some(folder), None) => Some(sentence_model(folder)?),
            (None, None, Some(name)) => Some(model::embedder_named(name, &egress(process.settings())?)?),
            (embedder, None, None) => embedder,
            _ => {
                return Err(Error::config(
                    "names are made vectors by the host's embedder, by the model in `index.embedder_folder` or by `index.embedder_service`; leave all but one out",
                ));
            }
        };
        let models = models(self.models, self.prices, self.recorded, process.settings())?;
        let registry = Registry::new(process, self.resolver, self.credentials, execution);
        for source in self.sources {
            let (way, target, layer) = source.into_parts(execution);
            let settings = SourceSettings::resolve(preset, &self.settings, layer)?;
            let id = target.id().to_owned();
            registry.add(None, way, target, settings).map_err(|error| match error.kind() {
                ErrorKind::Conflict => Error::config(format!("two sources have the id `{id}`; give each its own")),
                _ => error,
            })?;
        }
        let (audit, memory): (Arc<dyn AuditSink>, _) = match self.audit {
            Some(sink) => (sink, None),
            None => {
                let memory = Arc::new(MemorySink::with_capacity(usize::try_from(memory_records).unwrap_or(usize::MAX)));
                (Arc::clone(&memory) as Arc<dyn AuditSink>, Some(memory))
            }
        };
        let storage = self.storage.clone().unwrap_or_else(|| Arc::new(MemoryStorage::default()));
        let sessions = SessionStore::new(self.storage.clone(), self.keys.clone());
        let tickets = TicketStore::new(self.storage.clone(), self.keys.clone());
        let learned = Learned::new(self.storage, self.keys);
        let ledger = Ledger::new(Arc::clone(&storage));
        let shared = Shared {
            preset,
            process: self.settings,
            twins: learned.twins(),
            learned,
            sessions,
            syncs: Queue::default(),
            asking: Queue::default(),
            tickets,
            tenants: TenantSettings::new(Arc::clone(&storage)),
            storage,
            registry: Arc::new(registry),
            execution,
            audit,
            memory,
            authorizer: self.authorizer.unwrap_or_else(|| Arc::new(RoleAuthorizer)),
            clock: self.clock,
            models,
            ledger,
            cache: Cache::new(cache_mb),
            embedder,
        };
        Ok(Leo::new(shared, identity))
    }
}

/// To which hosts services may be spoken.
fn egress(settings: &Settings) -> Result<Egress> {
    match settings.network.mode {
        NetworkMode::SourceOnly => Ok(Egress::source_only()),
        NetworkMode::Open => Egress::to(&settings.network.allow_hosts),
    }
}

/// The models, those of the host before those of the settings; nothing where there is none.
fn models(
    given: Vec<Answering>,
    prices: Option<Prices>,
    recorded: Option<PathBuf>,
    settings: &Settings,
) -> Result<Option<Arc<Chain>>> {
    let egress = egress(settings)?;
    let mut chain = Chain::default().with_prices(prices.unwrap_or_default());
    for model in given.into_iter().chain(settings.model.chain.iter().cloned().map(Answering::Named)) {
        let (model, is_own) = match model {
            Answering::Host(model) => (model, false),
            Answering::Service(spec) => (model::open(*spec, &egress)?, true),
            Answering::Named(name) => (model::named(&name, &egress)?, true),
        };
        let model = match &recorded {
            Some(folder) => Arc::new(Cassette::record(folder, model)?),
            None => model,
        };
        chain = if is_own { chain.then_own(model) } else { chain.then(model) };
    }
    Ok((!chain.is_empty()).then(|| Arc::new(chain)))
}

/// The sentence model in a folder.
#[cfg(feature = "minilm")]
fn sentence_model(folder: &str) -> Result<Arc<dyn Embedder>> {
    Ok(Arc::new(crate::minilm::MiniLm::from_folder(folder)?))
}

#[cfg(not(feature = "minilm"))]
fn sentence_model(_: &str) -> Result<Arc<dyn Embedder>> {
    Err(Error::config(
        "the setting `index.embedder_folder` needs Leo built with the feature `minilm`; build it with that, or bring an embedder of your own",
    ))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_compressed_file_is_called_as_it_is_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sales.csv.gz");
        std::fs::write(&path, "day,amount\n2024-12-31,7\n").unwrap();
        assert_eq!(Source::files(&[path]).unwrap().id, "sales");
    }

    #[test]
    fn a_folder_without_a_model_is_refused() {
        let mut settings = SettingsLayer::default();
        settings.set("index.embedder_folder", "/nowhere/at/all").unwrap();
        let error = Leo::builder().preset(Preset::Local).settings(settings).build().unwrap_err();
        let said = if cfg!(feature = "minilm") { "there is no folder `/nowhere/at/all`" } else { "with the feature `minilm`" };
        assert!(error.kind() == ErrorKind::Config && error.message().contains(said), "{error}");
    }
}
