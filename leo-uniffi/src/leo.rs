//! The handle.

use std::sync::Arc;

use ::leo::{Error, Result};
use leo_bridge::Host;
use serde_json::Value as Json;

use crate::adapter::Parts;
use crate::answer::Answer;
use crate::arguments::{Arguments, options};
use crate::error::LeoError;
use crate::options::{
    AskOptions, BuildOptions, CatalogOptions, ChangeKnowledgeOptions, DisconnectOptions, EvaluateOptions, EvaluationHtmlOptions,
    ExportMapOptions, KnowledgeOptions, MapGraphOptions, MapOptions, MapTableOptions, OpenOptions, PinOptions,
    ResolveFailedOptions, SearchOptions, SetExecutionOptions, SettingsOptions, SourceOptions, SqlOptions, SyncOptions,
    SyncStatusOptions, UserContext,
};
use crate::stream::{BatchStream, EventStream};
use crate::task::run;

/// A handle on data. It may be used from several threads and tasks at once; calls end when whoever waits for them stops waiting.
#[derive(Debug, uniffi::Object)]
pub struct Leo(Host);

/// What a call gave.
#[derive(Debug, uniffi::Enum)]
pub enum Reply {
    /// Nothing but that it was done.
    Done,
    /// Plain data.
    Data {
        /// The data as JSON.
        json: String,
    },
    /// An answer.
    Answer {
        /// The answer.
        answer: Arc<Answer>,
    },
    /// What happens on the way to an answer.
    Events {
        /// The events.
        events: Arc<EventStream>,
    },
    /// Rows as they come.
    Batches {
        /// The rows.
        batches: Arc<BatchStream>,
    },
}

impl Leo {
    async fn reply(&self, arguments: Arguments) -> Result<leo_bridge::Reply, LeoError> {
        let (name, arguments) = arguments.into_call();
        self.named(name.to_owned(), arguments?).await
    }

    async fn named(&self, name: String, arguments: Json) -> Result<leo_bridge::Reply, LeoError> {
        let host = self.0.clone();
        run(async move { host.call(&name, arguments).await }).await
    }

    async fn answer(&self, arguments: Arguments) -> Result<Arc<Answer>, LeoError> {
        match self.reply(arguments).await? {
            leo_bridge::Reply::Answer(answer) => Ok(Answer::new(*answer)),
            _ => Err(unexpected()),
        }
    }

    async fn json(&self, arguments: Arguments) -> Result<Json, LeoError> {
        match self.reply(arguments).await? {
            leo_bridge::Reply::Json(json) => Ok(json),
            _ => Err(unexpected()),
        }
    }

    async fn data(&self, arguments: Arguments) -> Result<String, LeoError> {
        self.json(arguments).await.map(|json| json.to_string())
    }

    async fn done(&self, arguments: Arguments) -> Result<(), LeoError> {
        match self.reply(arguments).await? {
            leo_bridge::Reply::Nothing => Ok(()),
            _ => Err(unexpected()),
        }
    }

    async fn events(&self, arguments: Arguments) -> Result<Arc<EventStream>, LeoError> {
        match self.reply(arguments).await? {
            leo_bridge::Reply::Events(events) => Ok(EventStream::new(events)),
            _ => Err(unexpected()),
        }
    }

    async fn batches(&self, arguments: Arguments) -> Result<Arc<BatchStream>, LeoError> {
        match self.reply(arguments).await? {
            leo_bridge::Reply::Batches(batches) => Ok(BatchStream::new(batches)),
            _ => Err(unexpected()),
        }
    }
}

fn unexpected() -> LeoError {
    Error::internal("a call gave something else than it declares; please report it").into()
}

#[uniffi::export]
impl Leo {
    /// Opens what a path, a URL or an ADO string names, for one person at their own data.
    #[uniffi::constructor(default(options = None, parts = None))]
    pub async fn open(place: String, options: Option<OpenOptions>, parts: Option<Parts>) -> Result<Arc<Self>, LeoError> {
        let options = crate::arguments::options("open", options)?;
        let parts = parts.unwrap_or_default().into_bridge();
        run(async move { Host::open(&place, options, parts).await }).await.map(|host| Arc::new(Self(host)))
    }

    /// Builds a handle from options and parts of the host's own, for tenants and users.
    #[uniffi::constructor(default(options = None, parts = None))]
    pub async fn build(options: Option<BuildOptions>, parts: Option<Parts>) -> Result<Arc<Self>, LeoError> {
        let options = options.unwrap_or_default().into_json()?;
        let parts = parts.unwrap_or_default().into_bridge();
        run(async move { Host::build(options, parts).await }).await.map(|host| Arc::new(Self(host)))
    }

    /// Opens the sample company; `sample_path` says where it is.
    #[uniffi::constructor(default(options = None, parts = None))]
    pub async fn sample(options: Option<OpenOptions>, parts: Option<Parts>) -> Result<Arc<Self>, LeoError> {
        let options = crate::arguments::options("sample", options)?;
        let parts = parts.unwrap_or_default().into_bridge();
        run(Host::sample(options, parts)).await.map(|host| Arc::new(Self(host)))
    }

    /// The same handle for a user.
    pub fn for_user(&self, context: UserContext) -> Result<Arc<Self>, LeoError> {
        let context = options("for_user", Some(context))?;
        Ok(Arc::new(Self(self.0.for_user(context)?)))
    }

    /// Makes a call by its name, with its arguments and options as a JSON object: for programs that have them as data.
    pub async fn call(&self, name: String, arguments: String) -> Result<Reply, LeoError> {
        let arguments =
            serde_json::from_str(&arguments).map_err(|_| Error::config("the arguments of a call are an object in JSON"))?;
        Ok(match self.named(name, arguments).await? {
            leo_bridge::Reply::Nothing => Reply::Done,
            leo_bridge::Reply::Json(json) => Reply::Data { json: json.to_string() },
            leo_bridge::Reply::Answer(answer) => Reply::Answer { answer: Answer::new(*answer) },
            leo_bridge::Reply::Events(events) => Reply::Events { events: EventStream::new(events) },
            leo_bridge::Reply::Batches(batches) => Reply::Batches { batches: BatchStream::new(batches) },
        })
    }

    /// Answers a question. One that cannot be answered raises nothing: the answer's status says why.
    #[uniffi::method(default(options = None))]
    pub async fn ask(&self, question: String, options: Option<AskOptions>) -> Result<Arc<Answer>, LeoError> {
        self.answer(Arguments::new("ask").with("question", question).with_options(options)).await
    }

    /// Answers a semantic query, given as JSON: the option of a clarification, a saved query.
    #[uniffi::method(default(options = None))]
    pub async fn ask_query(&self, query: String, options: Option<AskOptions>) -> Result<Arc<Answer>, LeoError> {
        self.answer(Arguments::new("ask_query").with_json("query", &query).with_options(options)).await
    }

    /// Answers a question, telling as each stage begins and ends.
    #[uniffi::method(default(options = None))]
    pub async fn ask_stream(&self, question: String, options: Option<AskOptions>) -> Result<Arc<EventStream>, LeoError> {
        self.events(Arguments::new("ask_stream").with("question", question).with_options(options)).await
    }

    /// Runs a statement through the guard.
    #[uniffi::method(default(options = None))]
    pub async fn sql(&self, text: String, options: Option<SqlOptions>) -> Result<Arc<Answer>, LeoError> {
        self.answer(Arguments::new("sql").with("text", text).with_options(options)).await
    }

    /// Runs a statement through the guard and hands out its rows as they come.
    #[uniffi::method(default(options = None))]
    pub async fn sql_stream(&self, text: String, options: Option<SqlOptions>) -> Result<Arc<BatchStream>, LeoError> {
        self.batches(Arguments::new("sql_stream").with("text", text).with_options(options)).await
    }

    /// Vets a statement without running it; the vetting as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn vet(&self, text: String, options: Option<SqlOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("vet").with("text", text).with_options(options)).await
    }

    /// The source columns that each output column of a statement derives from, as a JSON list.
    #[uniffi::method(default(options = None))]
    pub async fn lineage(&self, text: String, options: Option<SqlOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("lineage").with("text", text).with_options(options)).await
    }

    /// What is known about a source, as far as the user may see it, as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn catalog(&self, options: Option<CatalogOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("catalog").with_options(options)).await
    }

    /// Tables and columns of a source that fit words, best first, as a JSON list.
    #[uniffi::method(default(options = None))]
    pub async fn search(&self, words: String, options: Option<SearchOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("search").with("words", words).with_options(options)).await
    }

    /// What a source holds at a glance, as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn map(&self, options: Option<MapOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("map").with_options(options)).await
    }

    /// A table in detail, as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn map_table(&self, table: String, options: Option<MapTableOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("map_table").with("table", table).with_options(options)).await
    }

    /// How tables are joined, as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn map_graph(&self, options: Option<MapGraphOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("map_graph").with_options(options)).await
    }

    /// How good the rows are, worst table first, as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn map_quality(&self, options: Option<MapOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("map_quality").with_options(options)).await
    }

    /// The map as text, a JSON string: `html`, `mermaid`, `dot`, `json` or `ddl`.
    #[uniffi::method(default(options = None))]
    pub async fn export_map(&self, form: String, options: Option<ExportMapOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("export_map").with("form", form).with_options(options)).await
    }

    /// Reads a source's structure, statistics and relationships anew; its catalogue as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn sync(&self, options: Option<SyncOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("sync").with_options(options)).await
    }

    /// Reads a source anew, telling how far it is.
    #[uniffi::method(default(options = None))]
    pub async fn sync_stream(&self, options: Option<SyncOptions>) -> Result<Arc<EventStream>, LeoError> {
        self.events(Arguments::new("sync_stream").with_options(options)).await
    }

    /// How far the sync of a source is, or how the last one went, as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn sync_status(&self, options: Option<SyncStatusOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("sync_status").with_options(options)).await
    }

    /// Does something about tables that a sync could not read: `retry`, `retry_with_sampling` or `skip_and_continue`; the status as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn resolve_failed(&self, action: String, options: Option<ResolveFailedOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("resolve_failed").with("action", action).with_options(options)).await
    }

    /// Syncs the sources whose setting `sync.interval_minutes` says that it is time, as a JSON list of what was done.
    pub async fn run_due(&self) -> Result<String, LeoError> {
        self.data(Arguments::new("run_due")).await
    }

    /// What people said about a source, in its latest version, as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn knowledge(&self, options: Option<KnowledgeOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("knowledge").with_options(options)).await
    }

    /// An earlier version of what people said about a source, as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn knowledge_at(&self, version: u64, options: Option<KnowledgeOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("knowledge_at").with("version", version).with_options(options)).await
    }

    /// Replaces what people said about a source, given as JSON; its version as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn set_knowledge(&self, knowledge: String, options: Option<ChangeKnowledgeOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("set_knowledge").with_json("knowledge", &knowledge).with_options(options)).await
    }

    /// Replaces what people said about a source by a `leo.yaml`; its version as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn import_knowledge(&self, yaml: String, options: Option<ChangeKnowledgeOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("import_knowledge").with("yaml", yaml).with_options(options)).await
    }

    /// What in a `leo.yaml` is of no effect at a source, by lines, as a JSON list.
    #[uniffi::method(default(options = None))]
    pub async fn check_knowledge(&self, yaml: String, options: Option<KnowledgeOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("check_knowledge").with("yaml", yaml).with_options(options)).await
    }

    /// Everything that is in force at a source, the text of a `leo.yaml` as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn export_knowledge(&self, options: Option<KnowledgeOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("export_knowledge").with_options(options)).await
    }

    /// Columns of which nobody is sure whether they hold personal data, as a JSON list.
    #[uniffi::method(default(options = None))]
    pub async fn personal_review(&self, options: Option<KnowledgeOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("personal_review").with_options(options)).await
    }

    /// Decides whether columns hold personal data, by a JSON list; the version of `knowledge` they are part of as JSON.
    #[uniffi::method(default(options = None))]
    pub async fn decide_personal(&self, decisions: String, options: Option<KnowledgeOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("decide_personal").with_json("decisions", &decisions).with_options(options)).await
    }

    /// Asks the questions of a suite as the handle's user, and scores the answers; the evaluation as JSON. The suite is its text (YAML, JSON
    /// lines or a JSON list), or `{"path": "questions.yaml"}`.
    #[uniffi::method(default(options = None))]
    pub async fn evaluate(&self, suite: String, options: Option<EvaluateOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("evaluate").with_suite("suite", &suite).with_options(options)).await
    }

    /// What changed between two evaluations, both as JSON, as a JSON object.
    pub async fn compare_evaluations(&self, before: String, after: String) -> Result<String, LeoError> {
        self.data(Arguments::new("compare_evaluations").with_json("before", &before).with_json("after", &after)).await
    }

    /// An evaluation, given as JSON, as one page of HTML.
    #[uniffi::method(default(options = None))]
    pub async fn evaluation_html(&self, evaluation: String, options: Option<EvaluationHtmlOptions>) -> Result<String, LeoError> {
        let arguments = Arguments::new("evaluation_html").with_json("evaluation", &evaluation).with_options(options);
        self.json(arguments).await?.as_str().map(str::to_owned).ok_or_else(unexpected)
    }

    /// Turns execution on or off for a source.
    #[uniffi::method(default(options = None))]
    pub async fn set_execution(&self, on: bool, options: Option<SetExecutionOptions>) -> Result<(), LeoError> {
        self.done(Arguments::new("set_execution").with("on", on).with_options(options)).await
    }

    /// The settings in force for the user and a source, each with where it was set, as a JSON list.
    #[uniffi::method(default(options = None))]
    pub async fn settings(&self, options: Option<SettingsOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("settings").with_options(options)).await
    }

    /// Replaces the settings of the user's tenant, a JSON object, from the next call on.
    pub async fn set_tenant_settings(&self, settings: String) -> Result<(), LeoError> {
        self.done(Arguments::new("set_tenant_settings").with_json("settings", &settings)).await
    }

    /// The user's own tenant's records that the audit in memory still holds, oldest first, as a JSON list.
    pub async fn recent_audit(&self) -> Result<String, LeoError> {
        self.data(Arguments::new("recent_audit")).await
    }

    /// What the tenant's users spent on models from `first` to `last`, days such as `2026-11-30`, both included, as a JSON list by day of UTC, user and
    /// model.
    pub async fn model_spending(&self, first: String, last: String) -> Result<String, LeoError> {
        self.data(Arguments::new("model_spending").with("first", first).with("last", last)).await
    }

    /// How each model did since the process began, in the order in which they are asked, for the host alone, as a JSON list.
    pub async fn model_statistics(&self) -> Result<String, LeoError> {
        self.data(Arguments::new("model_statistics")).await
    }

    /// A sentence for the user, once, when the audit in memory had to drop records.
    pub async fn audit_notice(&self) -> Result<Option<String>, LeoError> {
        self.json(Arguments::new("audit_notice")).await.map(|notice| notice.as_str().map(str::to_owned))
    }

    /// Adds a source for the user's tenant, without connecting to it.
    pub async fn sources_add(&self, source: SourceOptions) -> Result<(), LeoError> {
        self.done(Arguments::new("sources.add").with_options(Some(source))).await
    }

    /// The user's own conversations, pinned ones first, then the newest, as a JSON list.
    pub async fn sessions_list(&self) -> Result<String, LeoError> {
        self.data(Arguments::new("sessions.list")).await
    }

    /// A conversation of the user's own, with its turns, as a JSON object.
    pub async fn sessions_get(&self, id: String) -> Result<String, LeoError> {
        self.data(Arguments::new("sessions.get").with("id", id)).await
    }

    /// Gives a conversation another title: what the list says of it then, as a JSON object.
    pub async fn sessions_rename(&self, id: String, title: String) -> Result<String, LeoError> {
        self.data(Arguments::new("sessions.rename").with("id", id).with("title", title)).await
    }

    /// Keeps a conversation at the top of the list, or no longer: what the list says of it then, as a JSON object.
    #[uniffi::method(default(options = None))]
    pub async fn sessions_pin(&self, id: String, options: Option<PinOptions>) -> Result<String, LeoError> {
        self.data(Arguments::new("sessions.pin").with("id", id).with_options(options)).await
    }

    /// Deletes a conversation and all its turns.
    pub async fn sessions_delete(&self, id: String) -> Result<(), LeoError> {
        self.done(Arguments::new("sessions.delete").with("id", id)).await
    }

    /// A conversation as text: `json` or `markdown`.
    pub async fn sessions_export(&self, id: String, format: String) -> Result<String, LeoError> {
        let exported = self.json(Arguments::new("sessions.export").with("id", id).with("format", format)).await?;
        exported.as_str().map(str::to_owned).ok_or_else(unexpected)
    }

    /// The user's own questions that are answered later, the oldest first: a JSON array.
    pub async fn tickets_list(&self) -> Result<String, LeoError> {
        self.data(Arguments::new("tickets.list")).await
    }

    /// A ticket as it stands now: a JSON object.
    pub async fn tickets_get(&self, id: String) -> Result<String, LeoError> {
        self.data(Arguments::new("tickets.get").with("id", id)).await
    }

    /// Asks the question of a ticket; the answer is `queued` once more where it still has to wait.
    pub async fn tickets_redeem(&self, id: String) -> Result<Arc<Answer>, LeoError> {
        self.answer(Arguments::new("tickets.redeem").with("id", id)).await
    }

    /// Gives a ticket back: its question is not answered any more.
    pub async fn tickets_cancel(&self, id: String) -> Result<(), LeoError> {
        self.done(Arguments::new("tickets.cancel").with("id", id)).await
    }

    /// The sources that the user may look at, in the order of registration, as a JSON list.
    pub async fn sources_list(&self) -> Result<String, LeoError> {
        self.data(Arguments::new("sources.list")).await
    }

    /// How a source does, without asking it, as JSON.
    pub async fn sources_status(&self, id: String) -> Result<String, LeoError> {
        self.data(Arguments::new("sources.status").with("id", id)).await
    }

    /// Connects to a source, looks around and says what it found, as JSON.
    pub async fn sources_test(&self, id: String) -> Result<String, LeoError> {
        self.data(Arguments::new("sources.test").with("id", id)).await
    }

    /// Opens a source anew at another place (path, URL, ADO string, or a JSON object of fields), and uses it from then on.
    pub async fn sources_update(&self, id: String, place: String) -> Result<(), LeoError> {
        self.done(Arguments::new("sources.update").with("id", id).with_place("place", &place)).await
    }

    /// Disconnects a source: calls under way may end for a while and are cancelled then. How many were.
    #[uniffi::method(default(options = None))]
    pub async fn sources_disconnect(&self, id: String, options: Option<DisconnectOptions>) -> Result<u64, LeoError> {
        let cancelled = self.json(Arguments::new("sources.disconnect").with("id", id).with_options(options)).await?;
        cancelled.as_u64().ok_or_else(unexpected)
    }

    /// Removes a source; its id is free again.
    pub async fn sources_remove(&self, id: String) -> Result<(), LeoError> {
        self.done(Arguments::new("sources.remove").with("id", id)).await
    }

    /// Closes every connection; later calls fail with `Closed`.
    pub async fn close(&self) -> Result<(), LeoError> {
        self.done(Arguments::new("close")).await
    }
}
