//! Options, a record for each call that has some. What is left out is decided by the library.

use std::collections::HashMap;

use ::leo::Result;
use serde::Serialize;
use serde_json::Value as Json;

use crate::arguments::{Arguments, Options};

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident $([$($json:literal),*])? { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Default, Serialize, uniffi::Record)]
            pub struct $name {
                $($(#[$field_doc])* #[uniffi(default = None)] pub $field: Option<$type>,)*
            }

            opaque!($name);

            impl Options for $name {
                $(const JSON: &'static [&'static str] = &[$($json),*];)?
            }
        )*
    };
}

options! {
    /// Options of a question.
    AskOptions ["settings"] {
        /// Id of the source; needed when there are several.
        source: String,
        /// The day relative windows count from, such as `2024-06-30`, instead of today.
        as_of: String,
        /// Rows of the answer at most.
        max_rows: u64,
        /// Milliseconds for the statement.
        timeout_ms: u64,
        /// Id of the conversation that the question belongs to; begun where there is none.
        session: String,
        /// Settings for this call alone, as a JSON object; they win over all others.
        settings: String,
    }

    /// Options of a statement.
    SqlOptions ["params", "settings"] {
        /// Values of its placeholders in order, as a JSON list; an exact decimal is `{"decimal": "12.50"}`.
        params: String,
        /// Id of the source; needed when there are several.
        source: String,
        /// Rows of the result at most.
        max_rows: u64,
        /// Milliseconds for the statement.
        timeout_ms: u64,
        /// Settings for this call alone, as a JSON object; they win over all others.
        settings: String,
    }

    /// Options of `catalog`.
    CatalogOptions {
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `search`.
    SearchOptions {
        /// Id of the source; needed when there are several.
        source: String,
        /// Hits at most; 20 unless given.
        limit: u64,
    }

    /// Options of `map` and `map_quality`.
    MapOptions {
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `map_table`.
    MapTableOptions {
        /// Rows to show, personal data replaced; none unless given, 50 at most.
        sample: u64,
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `map_graph`.
    MapGraphOptions {
        /// The table in the middle; the whole graph unless given.
        around: String,
        /// Joins from there at most; 1 unless given.
        joins: u64,
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `export_map`.
    ExportMapOptions {
        /// The table in the middle of the graph; the whole graph unless given.
        around: String,
        /// Joins from there at most; 1 unless given.
        joins: u64,
        /// Rows of each table on the page, personal data replaced; none unless given, 50 at most.
        sample: u64,
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `sync`.
    SyncOptions {
        /// Id of the source; needed when there are several.
        source: String,
        /// Globs over `schema.table`; all tables unless given.
        include: Vec<String>,
        /// Globs over `schema.table`; they win.
        exclude: Vec<String>,
        /// Whether tables are read for statistics; they are unless it is false.
        profile: bool,
        /// Milliseconds for one table.
        table_timeout_ms: u64,
        /// Tables read at a time; 2 unless given.
        parallel: u64,
        /// Tables, `schema.table`, whose rows are read; what is known of others stays. All unless given.
        only: Vec<String>,
    }

    /// Options of `sync_status`.
    SyncStatusOptions {
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of what is known of a source and of its personal data.
    KnowledgeOptions {
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `set_knowledge` and `import_knowledge`.
    ChangeKnowledgeOptions {
        /// The version it was made from; another one is a conflict.
        expected: u64,
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `resolve_failed`.
    ResolveFailedOptions {
        /// The tables, `schema.table`; all that failed and were not skipped unless given.
        tables: Vec<String>,
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `evaluate`.
    EvaluateOptions ["gates", "baseline"] {
        /// Id of the source that rows ask which name none; needed when there are several.
        source: String,
        /// The day relative windows count from, such as `2024-06-30`, instead of today.
        as_of: String,
        /// How many rows of the suite are asked, from the first on; all unless given.
        limit: u64,
        /// Conversations asked at the same time; 2 unless given.
        workers: u64,
        /// Whether each turn of a conversation is asked as if nothing had come before it.
        one_by_one: bool,
        /// What the run has to reach, as a JSON object; what it misses is told as `missed`.
        gates: String,
        /// What `evaluate` gave earlier, to compare with: the difference is told as `comparison`.
        baseline: String,
    }

    /// Options of `evaluation_html`.
    EvaluationHtmlOptions {
        /// The heading.
        title: String,
        /// The suite, as `evaluate` takes it, for its references, which results have not.
        suite: String,
    }

    /// Options of `set_execution`.
    SetExecutionOptions {
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `settings`.
    SettingsOptions {
        /// Id of the source; needed when there are several.
        source: String,
    }

    /// Options of `sessions_pin`.
    PinOptions {
        /// Whether it is kept at the top of the list; it is unless false.
        pinned: bool,
    }

    /// Options of `sources_disconnect`.
    DisconnectOptions {
        /// Milliseconds that calls under way may take.
        wait_ms: u64,
    }

    /// A source and how it is used.
    SourceOptions ["settings", "knowledge"] {
        /// Path, URL or ADO string, or a JSON object of fields.
        place: String,
        /// What the source is that a part of the host's, of the source's id, reads; instead of a place.
        connector: Connector,
        /// Its id; the name of its database or file unless given.
        id: String,
        /// Whether statements may run.
        execution: bool,
        /// Settings for questions to this source, as a JSON object.
        settings: String,
        /// Metrics and synonyms, as a JSON object.
        knowledge: String,
        /// Columns with personal data, `table.column` to kind.
        personal_data: HashMap<String, String>,
        /// The day relative windows count from, for data that was frozen then.
        as_of: String,
    }

    /// Options of a handle that is opened at one place.
    OpenOptions ["settings", "knowledge"] {
        /// Id of the source; the name of its database or file unless given.
        id: String,
        /// Whether statements may run; they may unless it is false.
        execution: bool,
        /// Settings for the whole process, as a JSON object.
        settings: String,
        /// Metrics and synonyms, as a JSON object.
        knowledge: String,
        /// Columns with personal data, `table.column` to kind.
        personal_data: HashMap<String, String>,
        /// The day relative windows count from, such as `2024-06-30`, for data that was frozen then.
        as_of: String,
        /// The file that the audit is written to; in memory unless given.
        audit: String,
        /// The file that what outlives the process is kept in, made where there is none; in memory unless given.
        storage: String,
        /// The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without.
        keys: String,
        /// Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `replay:FOLDER` …, or a JSON object of fields, or a JSON
        /// list of these, asked one after the other behind the host's own.
        model: String,
        /// The folder that what models answer is recorded in, to be played again by `replay:FOLDER`.
        record_models: String,
        /// Milliseconds that the host's own parts have for one call.
        adapter_timeout_ms: u64,
    }

    /// How an answer is written as text.
    TextOptions {
        /// Columns of the terminal; 0 neither wraps nor cuts.
        width: u64,
        /// Whether it says how it came about.
        explain: bool,
        /// Whether a chart is drawn where it shows more than the table.
        chart: bool,
        /// Rows of the table; the rest is counted.
        max_rows: u64,
    }

    /// How an answer is written as HTML.
    HtmlOptions {
        /// Whether the question stands above its answer.
        question: bool,
        /// Whether a chart is drawn where it shows more than the table.
        chart: bool,
        /// Whether the explanation and the statement are there to be unfolded.
        explain: bool,
        /// Rows of the table; the rest is counted.
        max_rows: u64,
        /// Whether the card brings its style sheet with it.
        style: bool,
        /// Whether a page of its own is written around the card.
        page: bool,
    }

    /// How CSV is written.
    CsvOptions {
        /// What stands between values: `,`, `;`, a tab or `|`.
        delimiter: String,
        /// Whether the first line holds the names of the columns.
        header: bool,
        /// What stands for NULL.
        null: String,
        /// Whether text that a spreadsheet would take for a formula gets an apostrophe in front.
        escape_formulas: bool,
        /// What ends a line.
        line_end: String,
        /// Whether the file begins with a byte order mark, by which Excel knows UTF-8.
        byte_order_mark: bool,
    }

    /// How a Markdown table is written.
    MarkdownOptions {
        /// Rows written; the rest is counted in a line below.
        max_rows: u64,
        /// What stands for NULL.
        null: String,
    }

    /// How an HTML table is written.
    HtmlTableOptions {
        /// Rows written; the rest is counted in the foot.
        max_rows: u64,
        /// What stands for NULL.
        null: String,
        /// What the table shows, for its caption.
        caption: String,
        /// Whether a page of its own is written, with a style sheet, instead of the table alone.
        page: bool,
    }
}

/// A source that the host reads itself.
#[derive(Debug, Clone, Serialize, uniffi::Record)]
pub struct Connector {
    /// The dialect its statements are written in: `sqlite`, `postgres`, `mysql`, `tsql` …
    pub dialect: String,
    /// What it is, for people; `host` unless given.
    #[uniffi(default = None)]
    pub engine: Option<String>,
    /// Its version, for people.
    #[uniffi(default = None)]
    pub engine_version: Option<String>,
}

/// Where a call comes from.
#[derive(Debug, Clone, Serialize, uniffi::Record)]
pub struct Client {
    /// Network address, when there is one.
    #[uniffi(default = None)]
    pub address: Option<String>,
    /// User agent or program.
    #[uniffi(default = None)]
    pub agent: Option<String>,
}

/// Who asks.
#[derive(Clone, Serialize, uniffi::Record)]
pub struct UserContext {
    /// The tenant.
    pub tenant: String,
    /// The user.
    pub user: String,
    /// The user's roles.
    #[uniffi(default)]
    pub roles: Vec<String>,
    /// Attributes for row filters, as a JSON object.
    #[uniffi(default = None)]
    pub attributes: Option<String>,
    /// IANA name of the user's zone.
    #[uniffi(default = None)]
    pub time_zone: Option<String>,
    /// BCP 47 tag.
    #[uniffi(default = None)]
    pub locale: Option<String>,
    /// The moment the question is asked, in ISO form with an offset; the clock's unless given.
    #[uniffi(default = None)]
    pub now: Option<String>,
    /// Conversation.
    #[uniffi(default = None)]
    pub session: Option<String>,
    /// Where the call comes from.
    #[uniffi(default = None)]
    pub client: Option<Client>,
    /// W3C `traceparent`.
    #[uniffi(default = None)]
    pub trace_parent: Option<String>,
    /// Milliseconds that all calls of the handle have together, from now.
    #[uniffi(default = None)]
    pub timeout_ms: Option<u64>,
}

impl Options for UserContext {
    const JSON: &'static [&'static str] = &["attributes"];
}

/// Options of a handle that is built from parts.
#[derive(Clone, Default, Serialize, uniffi::Record)]
pub struct BuildOptions {
    /// `embedded` (tenants and untrusted users) unless it is `local` (one trusted person).
    #[uniffi(default = None)]
    pub preset: Option<String>,
    /// The sources for all tenants.
    #[uniffi(default)]
    #[serde(skip)]
    pub sources: Vec<SourceOptions>,
    /// Settings for the whole process, as a JSON object.
    #[uniffi(default = None)]
    pub settings: Option<String>,
    /// Whether statements may run at sources that do not say so themselves.
    #[uniffi(default = None)]
    pub execution: Option<bool>,
    /// The user calls are made for where none is bound, in the preset `local`.
    #[uniffi(default = None)]
    #[serde(skip)]
    pub identity: Option<UserContext>,
    /// The file that the audit is written to.
    #[uniffi(default = None)]
    pub audit: Option<String>,
    /// The file that what outlives the process is kept in, made where there is none; in memory unless given.
    #[uniffi(default = None)]
    pub storage: Option<String>,
    /// The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without.
    #[uniffi(default = None)]
    pub keys: Option<String>,
    /// Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `replay:FOLDER` …, or a JSON object of fields, or a JSON
    /// list of these, asked one after the other behind the host's own.
    #[uniffi(default = None)]
    pub model: Option<String>,
    /// The folder that what models answer is recorded in, to be played again by `replay:FOLDER`.
    #[uniffi(default = None)]
    pub record_models: Option<String>,
    /// Milliseconds that the host's own parts have for one call.
    #[uniffi(default = None)]
    pub adapter_timeout_ms: Option<u64>,
}

impl Options for BuildOptions {
    const JSON: &'static [&'static str] = &["settings"];
}

impl BuildOptions {
    /// The options as the bridge reads them.
    pub(crate) fn into_json(mut self) -> Result<Json> {
        let sources = std::mem::take(&mut self.sources).into_iter();
        let sources: Result<Vec<Json>> = sources.map(|source| crate::arguments::options("sources", Some(source))).collect();
        let mut arguments = Arguments::new("build").with_part("sources", sources.map(Json::from));
        if let Some(identity) = self.identity.take() {
            arguments = arguments.with_part("identity", crate::arguments::options("identity", Some(identity)));
        }
        arguments.with_options(Some(self)).into_call().1
    }
}

opaque!(UserContext, BuildOptions);
