//! The tree and the presets' values.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::value::to_hex;

/// The set of defaults everything else is laid over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Preset {
    /// One trusted person at their own data: the command line, a notebook.
    #[default]
    Local,
    /// A product with tenants and untrusted users.
    Embedded,
}

impl Preset {
    /// `local` or `embedded`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Embedded => "embedded",
        }
    }
}

/// Everything that can be set, as plain data. [`Settings::resolve`] makes it from layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The preset underneath; named in every audit record.
    pub preset: Preset,
    /// IANA name of the zone in which relative windows are computed where the context sets none.
    pub time_zone: String,
    /// Limits of a question and its answer.
    pub ask: AskSettings,
    /// Limits of a statement's text and work.
    pub guard: GuardLimits,
    /// How long results are of use.
    pub cache: CacheSettings,
    /// How years and weeks are counted.
    pub calendar: CalendarSettings,
    /// How the audit is kept.
    pub audit: AuditSettings,
    /// What of the data may be shown, and to whom.
    pub privacy: PrivacySettings,
    /// What the sources of a process may take together.
    pub sources: SourcesSettings,
    /// How what is known of sources is kept up to date.
    pub sync: SyncSettings,
    /// How a model is asked, where the host brings one.
    pub model: ModelSettings,
    /// How tables and columns are found by words.
    pub index: IndexSettings,
    /// Where connections may go beside sources.
    pub network: NetworkSettings,
}

/// Limits of a question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskSettings {
    /// Characters of a question. Default 2,000.
    pub max_question_chars: u64,
    /// Rows of a preview. Default 200.
    pub preview_rows: u64,
    /// Rows of an answer where the call names no number. Default 5,000.
    pub max_rows: u64,
    /// Rows a call may ask for at most. Default none in `local`, 5,000 in `embedded`.
    pub row_ceiling: Option<u64>,
    /// Bytes of a result in memory. Default 256 MiB.
    pub max_bytes: u64,
    /// Time for a statement, in milliseconds. Default 8,000.
    pub timeout_ms: u64,
    /// Confidence below which the planner asks or declines instead of answering, from 0 to 1. Default 0.5.
    pub confidence_floor: f64,
    /// Questions of a tenant that are answered at a time; null for no limit. Default none in `local`, 64 in `embedded`.
    pub max_at_once: Option<u64>,
    /// What happens to a question when as many are being answered already. Default `wait`.
    pub on_overload: OnOverload,
}

/// What happens to a question that cannot be answered at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnOverload {
    /// It waits for its turn, as long as the call may take.
    #[default]
    Wait,
    /// The call gives a ticket, by which it is answered later: also where the model that it needs is down.
    Queue,
    /// The call fails with `RateLimited`, which says when to try again.
    Refuse,
}

/// How long the rows of an answer, and what a model wrote for a question, are of use to whoever asks the same.
///
/// Both are kept in memory, by tenant, source, policy in force and catalogue; a sync of the source forgets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CacheSettings {
    /// Seconds for which they are given again without asking the database or the model; 0 for never. Default 0 in `local`, 4 hours in
    /// `embedded`.
    pub ttl_s: u64,
    /// Seconds for which they are given, with a warning, where the database or the model cannot be reached; 0 for never. Default 0 in `local`,
    /// 24 hours in `embedded`.
    pub stale_s: u64,
    /// Megabytes of memory for them; those that were used least recently go first. Default 64.
    pub max_mb: u64,
}

/// What a statement may look like and cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct GuardLimits {
    /// Rows a statement may return. Default 5,000; [`Settings::guard_for`] sets it to what a call asks for.
    pub row_cap: u64,
    /// Bytes of text. Default 65,536.
    pub max_bytes: usize,
    /// Tokens. Default 16,384.
    pub max_tokens: usize,
    /// Operators and set operations in a row. Default 500.
    pub max_chained_operators: usize,
    /// Parentheses inside parentheses. Default 40.
    pub max_parentheses: usize,
    /// Relations joined in one `FROM` beyond the first; more need approval. Default 5.
    pub max_joins: usize,
    /// Queries inside queries; more need approval. Default 3.
    pub max_nesting: usize,
    /// Product of the row counts of relations joined without a condition; above it the statement needs approval. A relation of
    /// unknown size counts as 1,000 rows. Default 1,000,000,000.
    pub cross_join_rows: u64,
    /// Rows that a generator such as `generate_series` or a counting recursion may make. Default 1,000,000.
    pub generated_rows: u64,
    /// Characters that `repeat` and its kin may make. Default 10,000.
    pub generated_characters: u64,
    /// Tables (globs over `schema.table`) that a statement may only read with a condition on their time column; tables without one
    /// are exempt. Default none.
    pub require_time_filter: Vec<String>,
    /// Functions allowed beside the built-in list, by the name as called (`dbo.fiscal_year`); case does not matter.
    pub functions: Vec<String>,
    /// Seconds a vetted statement stays valid. Default 900.
    pub valid_for_s: u64,
}

impl Default for GuardLimits {
    fn default() -> Self {
        Self {
            row_cap: 5_000,
            max_bytes: 64 << 10,
            max_tokens: 16 << 10,
            max_chained_operators: 500,
            max_parentheses: 40,
            max_joins: 5,
            max_nesting: 3,
            cross_join_rows: 1_000_000_000,
            generated_rows: 1_000_000,
            generated_characters: 10_000,
            require_time_filter: Vec::new(),
            functions: Vec::new(),
            valid_for_s: 900,
        }
    }
}

/// How years are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CalendarSettings {
    /// Month in which the fiscal year starts, 1 to 12. Default 1.
    pub fiscal_year_start: i8,
}

/// How the audit is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditSettings {
    /// What an audit file promises. Default `os`.
    pub durability: Durability,
    /// Records the sink in memory keeps. Default 10,000.
    pub memory_records: u64,
}

/// What an append to the audit file promises when it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// The operating system has the record: it survives the end of the process, however that comes, but not a power failure.
    #[default]
    Os,
    /// The disk has the record.
    Fsync,
}

impl Durability {
    /// `os` or `fsync`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Os => "os",
            Self::Fsync => "fsync",
        }
    }
}

/// What the sources of a process may take together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourcesSettings {
    /// Sources that Leo opened and that are open at a time; beyond, the one that nobody has used for longest is closed. Default 200.
    pub max_open: u64,
    /// Connections to servers at a time, of all sources that Leo opened; beyond, idle ones of other sources are closed. Default 500.
    pub max_connections: u64,
    /// Milliseconds after which a source that Leo opened and nobody uses is closed, until it is used again. Default 300,000.
    pub idle_ms: u64,
}

impl Default for SourcesSettings {
    fn default() -> Self {
        Self { max_open: 200, max_connections: 500, idle_ms: 300_000 }
    }
}

/// How what is known of sources is kept up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SyncSettings {
    /// Sources of a tenant that are synced at a time; others wait. Default 2.
    pub max_at_once: u64,
    /// Minutes from the end of one sync to when the next is due, for hosts that call `run_due`; null for none. Default null.
    pub interval_minutes: Option<u64>,
    /// Tokens that the host's model may read and write in one sync to say what tables and columns hold; 0 for none. Default 0: a model costs.
    pub describe_tokens: u64,
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self { max_at_once: 2, interval_minutes: None, describe_tokens: 0 }
    }
}

/// How models are asked, where there are any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelSettings {
    /// Models that are asked one after the other until one answers, behind those that the host brings: `openai:gpt-5-mini`,
    /// `anthropic:claude-sonnet-4-5`, `chat:qwen2.5-coder@http://localhost:11434/v1`, `replay:FOLDER`. Keys come from the environment. Default none.
    pub chain: Vec<String>,
    /// Whether a model is asked before the built-in planner's answer is taken, and not only where it has none. Where the model does not help, that
    /// answer stands. Default false: each costs.
    pub first: bool,
    /// Whether a model writes the narrative of a question's answer, with references in the place of figures, which Leo fills in and checks: one more
    /// request for each answer with rows. Where the model does not help, the narrative is the one that is made by rules. Default false: each costs.
    pub narrative: bool,
    /// Tokens of a prompt, counted on the safe side. Where there is more to say, it gives way in this order: earlier turns, what people say and fits
    /// least, comments and figures of tables that fit the question least, columns that it seems not to need, and tables. Default 6,000.
    pub max_prompt_tokens: u64,
    /// How many answers are asked for at once, 1 to 5; the one that most agree with in their rows is taken. Default 1: each costs.
    pub candidates: u64,
    /// Time for an answer of the models, all attempts and waiting included, in milliseconds. Default 60,000.
    pub timeout_ms: u64,
    /// How often a model may correct what the guard refused, what has no form, and what the database did not run, 0 to 2. Default 2.
    pub repair_rounds: u64,
    /// US dollars that a tenant may spend on models in a month of UTC; beyond, none is asked. Default null, for no limit.
    pub monthly_cap_usd: Option<f64>,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            chain: Vec::new(),
            first: false,
            narrative: false,
            max_prompt_tokens: 6_000,
            candidates: 1,
            timeout_ms: 60_000,
            repair_rounds: 2,
            monthly_cap_usd: None,
        }
    }
}

/// Where connections may go beside sources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NetworkSettings {
    /// Whether anything but sources may be connected to. Default `open`.
    pub mode: NetworkMode,
    /// Hosts of model services that may be connected to, as globs over their names (`api.openai.com`, `*.example.com`). Default none, which
    /// lets all.
    pub allow_hosts: Vec<String>,
}

/// Whether anything but sources may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NetworkMode {
    /// Model services too.
    #[default]
    Open,
    /// Sources alone. What the host's own parts connect to is the host's.
    SourceOnly,
}

/// How tables and columns are found by words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IndexSettings {
    /// Folder of a sentence model on this machine, such as all-MiniLM-L6-v2 as sentence-transformers saves it: the embedder where the host
    /// brings none. Needs a build with the feature `minilm`. Default null.
    pub embedder_folder: Option<String>,
    /// Service that makes vectors of names, where the host brings no embedder: `openai`, `openai:text-embedding-3-large`,
    /// `chat:bge-m3@http://localhost:8000/v1`. Names and comments of tables and columns and searched words go there. The key comes from the environment. Default null.
    pub embedder_service: Option<String>,
    /// The model behind the host's embedder, by its name and version, where the embedder does not say so itself: its vectors are then kept in the
    /// storage under that name. Give it another name when the vectors become other ones. Default null, which keeps none.
    pub embedder_model: Option<String>,
}

/// What of the data may be shown, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrivacySettings {
    /// Whether results show columns that hold personal data. Default true in `local`, false in `embedded`. Prompts, logs and
    /// audit never hold them.
    pub show_pii: bool,
    /// Rows that a group of an aggregate over a table with personal data must have to be shown where personal data is not.
    /// Default 1, which shows every group.
    pub min_group_size: u64,
    /// What a model may see of the source's data. Default `none`.
    pub disclosure: Disclosure,
}

/// What a model may see of a source's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// Names, types, descriptions and aggregates without minimum, maximum or values of text columns.
    #[default]
    None,
    /// Values of the columns the host marked as well.
    Categories,
    /// Rows as well, personal data tokenised.
    Rows,
}

impl Disclosure {
    /// `none`, `categories` or `rows`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Categories => "categories",
            Self::Rows => "rows",
        }
    }
}

impl Settings {
    /// The defaults of `preset`.
    pub fn preset(preset: Preset) -> Self {
        let embedded = preset == Preset::Embedded;
        Self {
            preset,
            time_zone: "UTC".into(),
            ask: AskSettings {
                max_question_chars: 2_000,
                preview_rows: 200,
                max_rows: 5_000,
                row_ceiling: embedded.then_some(5_000),
                max_bytes: 256 << 20,
                timeout_ms: 8_000,
                confidence_floor: 0.5,
                max_at_once: embedded.then_some(64),
                on_overload: OnOverload::Wait,
            },
            guard: GuardLimits::default(),
            cache: CacheSettings {
                ttl_s: if embedded { 4 * 3_600 } else { 0 },
                stale_s: if embedded { 24 * 3_600 } else { 0 },
                max_mb: 64,
            },
            calendar: CalendarSettings { fiscal_year_start: 1 },
            audit: AuditSettings { durability: Durability::Os, memory_records: 10_000 },
            privacy: PrivacySettings { show_pii: !embedded, min_group_size: 1, disclosure: Disclosure::None },
            sources: SourcesSettings::default(),
            sync: SyncSettings::default(),
            model: ModelSettings::default(),
            index: IndexSettings::default(),
            network: NetworkSettings::default(),
        }
    }

    /// The guard's limits for a call that asks for `max_rows` rows, or for `ask.max_rows` where it names none.
    ///
    /// # Errors
    /// `LimitExceeded` when the call asks for more than `ask.row_ceiling`.
    pub fn guard_for(&self, max_rows: Option<u64>) -> Result<GuardLimits> {
        let ceiling = self.ask.row_ceiling.unwrap_or(u64::MAX);
        let row_cap = match max_rows {
            Some(rows) if rows > ceiling => {
                return Err(Error::limit_exceeded(format!(
                    "{rows} rows are more than the source's ceiling of {ceiling}; ask for fewer, or aggregate in the question"
                )));
            }
            Some(rows) => rows,
            None => self.ask.max_rows.min(ceiling),
        };
        Ok(GuardLimits { row_cap, ..self.guard.clone() })
    }

    /// SHA-256 over the canonical JSON of all settings, as hexadecimal digits.
    pub fn hash(&self) -> String {
        // Plain data with finite numbers always serialises.
        let canonical = serde_json_canonicalizer::to_vec(self).unwrap_or_default();
        to_hex(&Sha256::digest(canonical))
    }
}

impl Default for Settings {
    /// The preset `local`.
    fn default() -> Self {
        Self::preset(Preset::Local)
    }
}
