//! What each setting accepts and from how near a layer it may be set.

use serde_json::Value;

use super::layers::Level;

/// One setting.
pub(super) struct Spec {
    /// Dotted path.
    pub(super) path: &'static str,
    /// What it accepts.
    pub(super) kind: Kind,
    /// The nearest level that may set it.
    pub(super) nearest: Level,
    /// What it means, in one line.
    pub(super) doc: &'static str,
}

/// What a setting accepts.
pub(super) enum Kind {
    Flag,
    Whole { least: u64, most: u64 },
    OptionalWhole { least: u64 },
    OptionalText,
    OptionalAmount,
    Share,
    Choice(&'static [&'static str]),
    TimeZone,
    Texts,
}

/// The largest whole number that canonical JSON keeps exactly.
const MOST: u64 = (1 << 53) - 1;

const fn spec(path: &'static str, kind: Kind, nearest: Level, doc: &'static str) -> Spec {
    Spec { path, kind, nearest, doc }
}

const fn whole(least: u64) -> Kind {
    Kind::Whole { least, most: MOST }
}

/// Every setting but the preset, which is chosen, not laid over.
pub(super) static SPECS: &[Spec] = &[
    spec("time_zone", Kind::TimeZone, Level::Call, "zone of relative windows where the context sets none"),
    spec("ask.max_question_chars", whole(1), Level::Tenant, "characters of a question"),
    spec("ask.preview_rows", whole(0), Level::Call, "rows of a preview"),
    spec("ask.max_rows", whole(1), Level::Call, "rows of an answer where the call names no number"),
    spec("ask.row_ceiling", Kind::OptionalWhole { least: 1 }, Level::Tenant, "rows a call may ask for at most; null for none"),
    spec("ask.max_bytes", whole(1), Level::Call, "bytes of a result in memory"),
    spec("ask.timeout_ms", whole(1), Level::Call, "time for a statement, in milliseconds"),
    spec("ask.confidence_floor", Kind::Share, Level::Call, "confidence below which the planner asks or declines"),
    spec(
        "ask.max_at_once",
        Kind::OptionalWhole { least: 1 },
        Level::Tenant,
        "questions of a tenant that are answered at a time; null for no limit",
    ),
    spec(
        "ask.on_overload",
        Kind::Choice(&["wait", "queue", "refuse"]),
        Level::Call,
        "what happens to a question that cannot be answered at once",
    ),
    spec("guard.row_cap", whole(1), Level::Tenant, "rows a statement may return"),
    spec("guard.max_bytes", whole(1), Level::Tenant, "bytes of a statement"),
    spec("guard.max_tokens", whole(1), Level::Tenant, "tokens of a statement"),
    spec("guard.max_chained_operators", Kind::Whole { least: 1, most: 500 }, Level::Tenant, "operators in a row"),
    spec("guard.max_parentheses", Kind::Whole { least: 1, most: 45 }, Level::Tenant, "parentheses inside parentheses"),
    spec("guard.max_joins", whole(0), Level::Tenant, "relations joined beyond the first before approval is needed"),
    spec("guard.max_nesting", whole(0), Level::Tenant, "queries inside queries before approval is needed"),
    spec("guard.cross_join_rows", whole(0), Level::Tenant, "rows of a join without condition before approval is needed"),
    spec("guard.generated_rows", whole(0), Level::Tenant, "rows a generator may make"),
    spec("guard.generated_characters", whole(0), Level::Tenant, "characters a repeating function may make"),
    spec("guard.require_time_filter", Kind::Texts, Level::Tenant, "tables that are only read for a period"),
    spec("guard.functions", Kind::Texts, Level::Tenant, "functions allowed beside the built-in list"),
    spec("guard.valid_for_s", Kind::Whole { least: 1, most: 86_400 }, Level::Tenant, "seconds a vetted statement stays valid"),
    spec("cache.ttl_s", Kind::Whole { least: 0, most: 31_536_000 }, Level::Call, "seconds for which an earlier result is given"),
    spec(
        "cache.stale_s",
        Kind::Whole { least: 0, most: 31_536_000 },
        Level::Call,
        "seconds for which an earlier result is given where a fresh one cannot be had",
    ),
    spec("cache.max_mb", Kind::Whole { least: 0, most: 1_000_000 }, Level::Process, "megabytes of memory for earlier results"),
    spec("calendar.fiscal_year_start", Kind::Whole { least: 1, most: 12 }, Level::Call, "month in which the fiscal year starts"),
    spec("audit.durability", Kind::Choice(&["os", "fsync"]), Level::Process, "what an audit file promises"),
    spec("audit.memory_records", whole(1), Level::Process, "records the audit in memory keeps"),
    spec("privacy.show_pii", Kind::Flag, Level::Tenant, "whether results show personal data"),
    spec("privacy.min_group_size", whole(1), Level::Tenant, "rows of a group that is shown where personal data is not"),
    spec(
        "privacy.disclosure",
        Kind::Choice(&["none", "categories", "rows"]),
        Level::Tenant,
        "what a model may see of the source's data",
    ),
    spec("sources.max_open", Kind::Whole { least: 1, most: 100_000 }, Level::Process, "sources open at a time"),
    spec("sources.max_connections", Kind::Whole { least: 1, most: 100_000 }, Level::Process, "connections to servers at a time"),
    spec("sources.idle_ms", whole(1), Level::Process, "milliseconds after which an unused source is closed"),
    spec("sync.max_at_once", Kind::Whole { least: 1, most: 1_000 }, Level::Process, "sources of a tenant synced at a time"),
    spec(
        "sync.interval_minutes",
        Kind::OptionalWhole { least: 1 },
        Level::Tenant,
        "minutes from one sync to the next; null for none",
    ),
    spec(
        "sync.describe_tokens",
        Kind::Whole { least: 0, most: 100_000_000 },
        Level::Process,
        "tokens of one sync for the host's model to describe tables; 0 for none",
    ),
    spec("model.chain", Kind::Texts, Level::Process, "models that are asked one after the other"),
    spec("model.first", Kind::Flag, Level::Call, "whether a model is asked before the built-in planner's answer is taken"),
    spec(
        "model.narrative",
        Kind::Flag,
        Level::Call,
        "whether a model writes the narrative of an answer, one more request for each",
    ),
    spec("model.max_prompt_tokens", whole(1), Level::Tenant, "tokens of a prompt for a model"),
    spec("model.candidates", Kind::Whole { least: 1, most: 5 }, Level::Call, "answers of a model that are compared"),
    spec("model.timeout_ms", whole(1), Level::Call, "time for an answer of a model, in milliseconds"),
    spec("model.repair_rounds", Kind::Whole { least: 0, most: 2 }, Level::Call, "how often a model may correct what was refused"),
    spec(
        "model.monthly_cap_usd",
        Kind::OptionalAmount,
        Level::Tenant,
        "US dollars a tenant may spend on models in a month; null for no limit",
    ),
    spec(
        "index.embedder_folder",
        Kind::OptionalText,
        Level::Process,
        "folder of a sentence model that finds tables and columns by meaning; null for none",
    ),
    spec(
        "index.embedder_service",
        Kind::OptionalText,
        Level::Process,
        "service that makes vectors of names, such as openai:text-embedding-3-small; null for none",
    ),
    spec(
        "index.embedder_model",
        Kind::OptionalText,
        Level::Process,
        "name of the model behind the host's embedder, under which its vectors are kept; null for none",
    ),
    spec("network.mode", Kind::Choice(&["open", "source-only"]), Level::Process, "whether anything but sources is connected to"),
    spec("network.allow_hosts", Kind::Texts, Level::Process, "hosts of model services that may be connected to; none for all"),
];

impl Kind {
    /// What is wrong with `value`, as "a whole number from 1 to 12": the message says it is expected.
    pub(super) fn expected(&self, value: &Value) -> Option<String> {
        let (fits, expected) = match self {
            Self::Flag => (value.is_boolean(), "true or false".to_owned()),
            Self::Whole { least, most } => {
                let expected = if *most == MOST {
                    format!("a whole number of at least {least}")
                } else {
                    format!("a whole number from {least} to {most}")
                };
                (value.as_u64().is_some_and(|number| (*least..=*most).contains(&number)), expected)
            }
            Self::OptionalWhole { least } => {
                let fits = value.is_null() || value.as_u64().is_some_and(|number| (*least..=MOST).contains(&number));
                (fits, format!("a whole number of at least {least}, or null"))
            }
            Self::OptionalText => {
                let fits = value.is_null() || value.as_str().is_some_and(|text| !text.trim().is_empty());
                (fits, "a text that is not empty, or null".to_owned())
            }
            Self::OptionalAmount => {
                let fits = value.is_null() || value.as_f64().is_some_and(|number| number.is_finite() && number >= 0.0);
                (fits, "a number of at least 0, or null".to_owned())
            }
            Self::Share => {
                (value.as_f64().is_some_and(|number| (0.0..=1.0).contains(&number)), "a number from 0 to 1".to_owned())
            }
            Self::Choice(names) => {
                (value.as_str().is_some_and(|name| names.contains(&name)), format!("one of {}", names.join(", ")))
            }
            Self::TimeZone => (
                value.as_str().is_some_and(|name| jiff::tz::TimeZone::get(name).is_ok()),
                "an IANA time zone such as Europe/Berlin".to_owned(),
            ),
            Self::Texts => {
                (value.as_array().is_some_and(|items| items.iter().all(Value::is_string)), "a list of texts".to_owned())
            }
        };
        (!fits).then_some(expected)
    }
}

pub(super) fn find(path: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.path == path)
}

/// Whether settings lie under `path`.
pub(super) fn is_group(path: &str) -> bool {
    SPECS.iter().any(|spec| spec.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

/// The setting or group whose path comes nearest to `path`. A right name in the wrong group counts as near.
pub(super) fn nearest(path: &str) -> Option<String> {
    let leaf = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let wanted = path.to_lowercase();
    let groups = SPECS.iter().filter_map(|spec| spec.path.split_once('.').map(|(group, _)| group));
    SPECS
        .iter()
        .map(|spec| spec.path)
        .chain(groups)
        .map(|candidate| {
            let whole = strsim::normalized_damerau_levenshtein(&wanted, candidate);
            let last = strsim::normalized_damerau_levenshtein(&leaf(&wanted), &leaf(candidate));
            // A group is offered for a name at the top only.
            let last = if candidate.contains('.') { last * 0.95 } else { 0.0 };
            (whole.max(last), candidate)
        })
        .filter(|(score, _)| *score >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate.to_owned())
}
