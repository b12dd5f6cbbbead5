//! What a handle is made from: plain options, and the host's own parts beside them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use leo::ask::planner::Knowledge;
use leo::audit::{JsonLinesOptions, JsonLinesSink};
use leo::builder::Source;
use leo::gate::ConnectorInfo;
use leo::model::ModelSpec;
use leo::seal::EnvironmentKeys;
use leo::settings::{Preset, SettingsLayer};
use leo::source::SourceSpec;
use leo::store::SqliteStorage;
use leo::{Dialect, Error, Leo, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::callback::Callback;
use crate::context::{ContextOptions, millis};
use crate::remote::Remote;
use crate::source::RemoteSource;

/// The options of a handle that is opened at one place.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenOptions {
    /// Id of the source; the name of its database or file unless given.
    pub id: Option<String>,
    /// Whether statements may run; they may unless it is false.
    pub execution: Option<bool>,
    /// Settings for the whole process.
    pub settings: Map<String, Json>,
    /// Metrics and synonyms.
    pub knowledge: Option<Knowledge>,
    /// Columns with personal data, `table.column` → kind.
    pub personal_data: BTreeMap<String, String>,
    /// The day relative windows count from, such as `2024-06-30`, for data that was frozen then.
    pub as_of: Option<String>,
    /// The file that the audit is written to; in memory unless given.
    pub audit: Option<String>,
    /// The file that what outlives the process is kept in, made where there is none; in memory unless given.
    pub storage: Option<String>,
    /// The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without.
    pub keys: Option<String>,
    /// Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `replay:FOLDER` …, an object of fields, or a list of these, asked one
    /// after the other behind the host's own. Never written: it may hold a key.
    #[serde(skip_serializing)]
    pub model: Option<ModelChoice>,
    /// The folder that what models answer is recorded in, to be played again by `replay:FOLDER`.
    pub record_models: Option<String>,
    /// Milliseconds that the host's own parts have for one call.
    pub adapter_timeout_ms: Option<u64>,
}

/// The options of a handle that is built from parts.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HandleOptions {
    /// `embedded` (tenants and untrusted users) unless it is `local` (one trusted person).
    pub preset: Option<Preset>,
    /// The sources for all tenants, each a place or an object of options.
    #[serde(skip_serializing)]
    pub sources: Vec<SourceEntry>,
    /// Settings for the whole process.
    pub settings: Map<String, Json>,
    /// Whether statements may run at sources that do not say so themselves.
    pub execution: Option<bool>,
    /// The user calls are made for where none is bound, in the preset `local`.
    pub identity: Option<ContextOptions>,
    /// The file that the audit is written to.
    pub audit: Option<String>,
    /// The file that what outlives the process is kept in, made where there is none.
    pub storage: Option<String>,
    /// The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without.
    pub keys: Option<String>,
    /// Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `replay:FOLDER` …, an object of fields, or a list of these, asked one
    /// after the other behind the host's own. Never written: it may hold a key.
    #[serde(skip_serializing)]
    pub model: Option<ModelChoice>,
    /// The folder that what models answer is recorded in, to be played again by `replay:FOLDER`.
    pub record_models: Option<String>,
    /// Milliseconds that the host's own parts have for one call.
    pub adapter_timeout_ms: Option<u64>,
}

/// Models by name, by fields, or several of these. `Debug` does not show them: they may hold keys.
#[derive(Clone, Deserialize)]
#[serde(from = "Json")]
pub struct ModelChoice(Json);

impl fmt::Debug for ModelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelChoice(…)")
    }
}

impl From<Json> for ModelChoice {
    fn from(json: Json) -> Self {
        Self(json)
    }
}

impl ModelChoice {
    /// Adds the models to `builder`.
    ///
    /// # Errors
    /// `Config` when it is none of the three.
    fn add_to(self, builder: leo::LeoBuilder) -> Result<leo::LeoBuilder> {
        match self.0 {
            // Languages without objects of options give the text of one.
            Json::String(text) if text.trim_start().starts_with(['{', '[']) => {
                let read = serde_json::from_str(&text).map_err(|_| Error::config("`model` looks like JSON and is none"))?;
                Self(read).add_to(builder)
            }
            Json::String(name) => Ok(builder.model_named(name)),
            Json::Array(several) => several.into_iter().try_fold(builder, |builder, one| Self(one).add_to(builder)),
            fields => Ok(builder.model_service(crate::arguments::read::<ModelSpec>("model", fields)?)),
        }
    }
}

/// A source by its place alone, or by its options. `Debug` shows neither: places hold passwords.
#[derive(Clone, Deserialize)]
#[serde(from = "Json")]
pub struct SourceEntry(Json);

impl fmt::Debug for SourceEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SourceEntry(…)")
    }
}

impl From<Json> for SourceEntry {
    fn from(json: Json) -> Self {
        Self(json)
    }
}

impl SourceEntry {
    /// Its options.
    ///
    /// # Errors
    /// `Config` when it is neither.
    pub fn into_options(self) -> Result<SourceOptions> {
        match self.0 {
            Json::String(place) => crate::arguments::read("sources", serde_json::json!({ "place": place })),
            options => crate::arguments::read("sources", options),
        }
    }
}

/// A source and how it is used.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SourceOptions {
    /// Path, URL, ADO string, or an object of fields. Never written: it may hold a password.
    #[serde(skip_serializing)]
    pub place: Option<Place>,
    /// What the source is that a part of the host's, of the source's id, reads; instead of a place.
    pub connector: Option<ConnectorOptions>,
    /// Its id; the name of its database or file unless given.
    pub id: Option<String>,
    /// Whether statements may run.
    pub execution: Option<bool>,
    /// Settings for questions to this source.
    #[serde(default)]
    pub settings: Map<String, Json>,
    /// Metrics and synonyms.
    pub knowledge: Option<Knowledge>,
    /// Columns with personal data, `table.column` → kind.
    #[serde(default)]
    pub personal_data: BTreeMap<String, String>,
    /// The day relative windows count from, for data that was frozen then.
    pub as_of: Option<String>,
}

/// A source that the host reads itself.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorOptions {
    /// The dialect its statements are written in.
    pub dialect: Dialect,
    /// What it is, for people; `host` unless given.
    pub engine: Option<String>,
    /// Its version, for people.
    pub engine_version: Option<String>,
}

/// Where a source is: a path, URL or ADO string, or the fields of a [`SourceSpec`]. `Debug` does not show it: it may hold a password.
#[derive(Clone, Deserialize)]
#[serde(from = "Json")]
pub struct Place(Json);

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place(…)")
    }
}

impl From<Json> for Place {
    fn from(json: Json) -> Self {
        Self(json)
    }
}

impl Place {
    /// A path, URL or ADO string.
    pub fn text(place: impl Into<String>) -> Self {
        Self(Json::String(place.into()))
    }

    /// What it says.
    ///
    /// # Errors
    /// `Config` for what is none of these.
    pub fn into_spec(self) -> Result<SourceSpec> {
        match self.0 {
            Json::String(place) => place.parse(),
            fields => crate::arguments::read("place", fields),
        }
    }
}

impl SourceOptions {
    /// The source, opened when it is used first.
    ///
    /// # Errors
    /// `Config` for a place, a day or settings that are none.
    pub fn lazy(self) -> Result<Source> {
        let spec = self.spec()?;
        let id = self.id.clone().unwrap_or_else(|| spec.name());
        self.apply(Source::from_spec(id, spec))
    }

    /// The source, opened now where that needs no network, or where `eager`.
    ///
    /// # Errors
    /// As [`Source::connect`].
    pub async fn open(self, eager: bool, parts: &Parts) -> Result<Source> {
        if let Some(connector) = self.connector.clone() {
            let source = self.of_host(connector, parts)?;
            return self.apply(source);
        }
        let spec = self.spec()?;
        if !eager && spec.engine.is_networked() {
            return self.lazy();
        }
        let source = match &self.id {
            Some(id) => Source::connect_as(id.clone(), spec).await?,
            None => Source::connect(spec).await?,
        };
        self.apply(source)
    }

    fn spec(&self) -> Result<SourceSpec> {
        match (&self.place, &self.connector) {
            (Some(place), None) => place.clone().into_spec(),
            (None, Some(_)) => Err(Error::unsupported("a source that the host reads itself is given when the handle is made")),
            (Some(_), Some(_)) => Err(Error::config("a source has a `place` or a `connector`, not both; leave one out")),
            (None, None) => Err(Error::config("a source needs `place`: a path, a URL, or an object of fields")),
        }
    }

    fn of_host(&self, connector: ConnectorOptions, parts: &Parts) -> Result<Source> {
        let id = self.id.clone().ok_or_else(|| Error::config("a source that the host reads itself needs an `id`"))?;
        let Some(callback) = parts.sources.get(&id) else {
            return Err(Error::config(format!(
                "the source `{id}` has a `connector` but no code that reads it; give it with the parts"
            )));
        };
        let info = ConnectorInfo {
            source: id,
            engine: connector.engine.unwrap_or_else(|| "host".to_owned()),
            engine_version: connector.engine_version.unwrap_or_default(),
            dialect: connector.dialect,
        };
        Ok(Source::host(info, Arc::new(RemoteSource::new(Arc::clone(callback)))))
    }

    fn apply(self, mut source: Source) -> Result<Source> {
        if let Some(on) = self.execution {
            source = source.execution(on);
        }
        if !self.settings.is_empty() {
            source = source.settings(layer(self.settings)?);
        }
        if let Some(knowledge) = self.knowledge {
            source = source.knowledge(knowledge);
        }
        for (column, kind) in self.personal_data {
            source = source.personal_data(column, kind);
        }
        if let Some(text) = &self.as_of {
            source = source.as_of(day(text)?);
        }
        Ok(source)
    }
}

/// What a host implements itself.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Who may do what.
    pub authorizer: Option<Arc<dyn Callback>>,
    /// Where audit events go.
    pub audit: Option<Arc<dyn Callback>>,
    /// What sources are.
    pub resolver: Option<Arc<dyn Callback>>,
    /// Logins of sources.
    pub credentials: Option<Arc<dyn Callback>>,
    /// Where Leo keeps what outlives the process.
    pub storage: Option<Arc<dyn Callback>>,
    /// What time it is.
    pub clock: Option<Arc<dyn Callback>>,
    /// A language model.
    pub model: Option<Arc<dyn Callback>>,
    /// Texts as vectors.
    pub embedder: Option<Arc<dyn Callback>>,
    /// Sources that the host reads itself, by their ids.
    pub sources: BTreeMap<String, Arc<dyn Callback>>,
}

/// Everything a handle is made from, so that it can be made again.
#[derive(Debug, Clone)]
pub(crate) enum Recipe {
    /// One place, connected to at once.
    Open { place: Place, options: OpenOptions },
    /// Parts.
    Built(HandleOptions),
}

impl Recipe {
    /// Makes the handle.
    pub(crate) async fn make(&self, parts: &Parts) -> Result<Leo> {
        match self.clone() {
            Self::Open { place, options } => {
                let OpenOptions {
                    id,
                    execution,
                    settings,
                    knowledge,
                    personal_data,
                    as_of,
                    audit,
                    storage,
                    keys,
                    model,
                    record_models,
                    adapter_timeout_ms: timeout_ms,
                } = options;
                let source = SourceOptions {
                    place: Some(place),
                    connector: None,
                    id,
                    execution,
                    settings: Map::new(),
                    knowledge,
                    personal_data,
                    as_of,
                };
                let source = source.open(true, parts).await?;
                let layer = layer(settings)?;
                let builder = Leo::builder().preset(Preset::Local).settings(layer.clone()).source(source);
                wire(builder, parts, Named { audit, storage, keys, model, record_models, timeout_ms }, &layer)?.build()
            }
            Self::Built(options) => {
                let layer = layer(options.settings)?;
                let mut builder = Leo::builder().settings(layer.clone());
                if let Some(preset) = options.preset {
                    builder = builder.preset(preset);
                }
                if let Some(on) = options.execution {
                    builder = builder.execution(on);
                }
                if let Some(identity) = options.identity {
                    builder = builder.identity(identity.into_context()?);
                }
                for source in options.sources {
                    builder = builder.source(source.into_options()?.open(false, parts).await?);
                }
                let HandleOptions { audit, storage, keys, model, record_models, adapter_timeout_ms: timeout_ms, .. } = options;
                wire(builder, parts, Named { audit, storage, keys, model, record_models, timeout_ms }, &layer)?.build()
            }
        }
    }
}

/// Milliseconds a part of the host has for one call unless told otherwise.
const ADAPTER_TIMEOUT_MS: u64 = 30_000;

/// Parts of a handle that are named by options, and how long the others may take.
struct Named {
    audit: Option<String>,
    storage: Option<String>,
    keys: Option<String>,
    model: Option<ModelChoice>,
    record_models: Option<String>,
    timeout_ms: Option<u64>,
}

fn wire(mut builder: leo::LeoBuilder, parts: &Parts, named: Named, settings: &SettingsLayer) -> Result<leo::LeoBuilder> {
    let timeout = millis(named.timeout_ms.unwrap_or(ADAPTER_TIMEOUT_MS));
    let remote = |part: &Arc<dyn Callback>| Arc::new(Remote::new(Arc::clone(part), timeout));
    match (&parts.audit, &named.audit) {
        (Some(_), Some(_)) => {
            return Err(Error::config("the audit goes to a file or to a sink of the host's, not both; leave one out"));
        }
        (Some(sink), None) => builder = builder.audit(remote(sink)),
        (None, Some(path)) => {
            let durability = leo::settings::Settings::resolve(Preset::Embedded, &[(leo::settings::Level::Process, settings)])?
                .settings
                .audit
                .durability;
            builder = builder.audit(Arc::new(JsonLinesSink::open(path, JsonLinesOptions { durability })?));
        }
        (None, None) => {}
    }
    if let Some(authorizer) = &parts.authorizer {
        builder = builder.authorizer(remote(authorizer));
    }
    if let Some(resolver) = &parts.resolver {
        builder = builder.resolver(remote(resolver));
    }
    if let Some(credentials) = &parts.credentials {
        builder = builder.credentials(remote(credentials));
    }
    match (&parts.storage, &named.storage) {
        (Some(_), Some(_)) => {
            return Err(Error::config("the storage is a file or the host's own, not both; leave one out"));
        }
        (Some(storage), None) => builder = builder.storage(remote(storage)),
        (None, Some(path)) => builder = builder.storage(Arc::new(SqliteStorage::open(path)?)),
        (None, None) => {}
    }
    if let Some(variable) = &named.keys {
        builder = builder.keys(Arc::new(EnvironmentKeys::from_env(variable)?));
    }
    if let Some(clock) = &parts.clock {
        builder = builder.clock(remote(clock));
    }
    if let Some(model) = &parts.model {
        builder = builder.model(remote(model));
    }
    if let Some(model) = named.model {
        builder = model.add_to(builder)?;
    }
    if let Some(folder) = named.record_models {
        builder = builder.record_models(folder);
    }
    if let Some(embedder) = &parts.embedder {
        builder = builder.embedder(remote(embedder));
    }
    Ok(builder)
}

/// A layer of settings.
pub(crate) fn layer(settings: Map<String, Json>) -> Result<SettingsLayer> {
    SettingsLayer::from_value(Json::Object(settings))
}

/// A day in ISO form.
pub(crate) fn day(text: &str) -> Result<Date> {
    text.parse().map_err(|_| Error::config("`as_of` is a day in ISO form, such as `2024-06-30`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn debug_shows_no_password() {
        let url = "postgres://ada:s3cret@db.example.com/shop";
        let options = json!({"preset": "local", "sources": [url, {"place": url}], "settings": {}});
        let built: HandleOptions = crate::arguments::read("Leo", options).unwrap();
        let source = built.sources[1].clone().into_options().unwrap();
        let open = Recipe::Open { place: Place::text(url), options: OpenOptions::default() };
        for shown in [format!("{:?}", Recipe::Built(built)), format!("{source:?}"), format!("{open:?}")] {
            assert!(!shown.contains("s3cret"), "{shown}");
        }
    }

    #[test]
    fn a_setting_names_the_folder_of_a_sentence_model() {
        let options = json!({"preset": "local", "settings": {"index.embedder_folder": "/nowhere/at/all"}});
        let built = Recipe::Built(crate::arguments::read("Leo", options).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let error = runtime.block_on(built.make(&Parts::default())).unwrap_err();
        let said = if cfg!(feature = "minilm") { "there is no folder `/nowhere/at/all`" } else { "with the feature `minilm`" };
        assert!(error.kind() == leo::ErrorKind::Config && error.message().contains(said), "{error}");
    }
}
