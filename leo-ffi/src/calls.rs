//! Questions, statements, and what is known of a source. Each function makes the call of its name.

use std::ffi::c_char;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;

use crate::answer::LeoAnswer;
use crate::boundary::{given, guarded, owned};
use crate::error::LeoError;
use crate::leo::{Leo, answer, data, reply};
use crate::options::{Arguments, LeoAskOptions, LeoSqlOptions, LeoSyncOptions};
use crate::stream::{LeoEvents, Truncated, events, rows};

/// Answers a question. `options` may be NULL.
///
/// An answer that is none (`LEO_STATUS_DECLINED` and others) is no error. The answer is the caller's: `leo_answer_free`. NULL and an error
/// when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_ask(
    leo: Option<&Leo>,
    question: *const c_char,
    options: *const LeoAskOptions,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<LeoAnswer>> {
    guarded(error, || answer(leo, "ask", Arguments::default().text("question", question)?.options(options)?))
}

/// Answers a semantic query, a JSON object: the option of a clarification, a saved query. `options` may be NULL.
///
/// The answer is the caller's: `leo_answer_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_ask_query(
    leo: Option<&Leo>,
    query: *const c_char,
    options: *const LeoAskOptions,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<LeoAnswer>> {
    guarded(error, || answer(leo, "ask_query", Arguments::default().data("query", query)?.options(options)?))
}

/// Begins to answer a question, and tells as each stage begins and ends. `options` may be NULL.
///
/// The events are the caller's: `leo_events_free`, which cancels what still runs. NULL and an error when it cannot begin.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_ask_stream(
    leo: Option<&Leo>,
    question: *const c_char,
    options: *const LeoAskOptions,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<LeoEvents>> {
    guarded(error, || events(leo, "ask_stream", Arguments::default().text("question", question)?.options(options)?))
}

/// Runs a statement through the guard. `options` may be NULL.
///
/// The answer is the caller's: `leo_answer_free`. NULL and an error when the guard refuses it or it fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sql(
    leo: Option<&Leo>,
    text: *const c_char,
    options: *const LeoSqlOptions,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<LeoAnswer>> {
    guarded(error, || answer(leo, "sql", Arguments::default().text("text", text)?.options(options)?))
}

/// Runs a statement through the guard and hands out its rows as they come, as an Arrow C stream. `options` may be NULL.
///
/// `out` is a place for a stream, written only on success; then the stream is the caller's: `out->release(out)`, from any thread, which stops
/// what still runs. A `get_next` that waits is ended by the options' `cancel`; whether rows were left out is told by its `truncated`. False and an error when it cannot begin.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sql_stream(
    leo: Option<&Leo>,
    text: *const c_char,
    options: *const LeoSqlOptions,
    out: *mut FFI_ArrowArrayStream,
    error: Option<&mut *mut LeoError>,
) -> bool {
    guarded(error, || {
        let out = given("out", std::ptr::NonNull::new(out))?;
        let arguments = Arguments::default().text("text", text)?.options(options)?;
        let truncated = Truncated::of(options)?;
        out.write(rows(leo, "sql_stream", arguments, truncated)?);
        Ok(true)
    })
}

/// Vets a statement without running it: a JSON object with the verdict, what the guard found, and what it made of the statement. `options`
/// may be NULL. The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_vet(
    leo: Option<&Leo>,
    text: *const c_char,
    options: *const LeoSqlOptions,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "vet", Arguments::default().text("text", text)?.options(options)?))
}

/// The source columns that each output column of a statement derives from: a JSON array. `options` may be NULL.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the guard refuses the statement.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_lineage(
    leo: Option<&Leo>,
    text: *const c_char,
    options: *const LeoSqlOptions,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "lineage", Arguments::default().text("text", text)?.options(options)?))
}

/// What is known about a source, as far as the user may see it: a JSON object. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_catalog(leo: Option<&Leo>, source: *const c_char, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "catalog", Arguments::default().maybe("source", source)?))
}

/// Tables and columns of a source that fit words, best first: a JSON array of at most `limit` hits, 20 where it is 0. `source` may be NULL
/// where there is one source. The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_search(
    leo: Option<&Leo>,
    words: *const c_char,
    source: *const c_char,
    limit: usize,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let arguments = Arguments::default().text("words", words)?.maybe("source", source)?;
        json(leo, "search", if limit == 0 { arguments } else { arguments.with("limit", limit) })
    })
}

/// What a source holds at a glance, a JSON object: its tables, how new and how good their rows are, where to begin, what can be asked. `source`
/// may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_map(leo: Option<&Leo>, source: *const c_char, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "map", Arguments::default().maybe("source", source)?))
}

/// A table in detail, a JSON object. Where `sample` is not 0, that many rows at most are read like those of any statement, personal data
/// replaced. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_map_table(
    leo: Option<&Leo>,
    table: *const c_char,
    sample: u64,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let arguments = Arguments::default().text("table", table)?.with("sample", sample);
        json(leo, "map_table", arguments.maybe("source", source)?)
    })
}

/// How tables are joined, a JSON object: all of them where `around` is NULL, else those that are at most `joins` joins away from that table.
/// `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_map_graph(
    leo: Option<&Leo>,
    around: *const c_char,
    joins: usize,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let arguments = Arguments::default().maybe("around", around)?.with("joins", joins);
        json(leo, "map_graph", arguments.maybe("source", source)?)
    })
}

/// How good the rows are, a JSON object, worst table first. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_map_quality(
    leo: Option<&Leo>,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "map_quality", Arguments::default().maybe("source", source)?))
}

/// The map as text, a JSON string: `form` is `html` for one page with `sample` rows of each table, `mermaid`, `dot` or `json` for the graph as
/// `leo_map_graph` gives it, `ddl` for the statements that would make the tables. `around` and `source` may be NULL.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_export_map(
    leo: Option<&Leo>,
    form: *const c_char,
    around: *const c_char,
    joins: usize,
    sample: u64,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let arguments = Arguments::default().text("form", form)?.maybe("around", around)?.with("joins", joins);
        json(leo, "export_map", arguments.with("sample", sample).maybe("source", source)?)
    })
}

/// Reads a source's structure, statistics and relationships anew, and gives what is known now, as `leo_catalog`. `options` may be NULL.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sync(
    leo: Option<&Leo>,
    options: *const LeoSyncOptions,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "sync", Arguments::default().options(options)?))
}

/// Reads a source anew, telling how far it is. `options` may be NULL.
///
/// The events are the caller's: `leo_events_free`, which cancels what still runs. NULL and an error when it cannot begin.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sync_stream(
    leo: Option<&Leo>,
    options: *const LeoSyncOptions,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<LeoEvents>> {
    guarded(error, || events(leo, "sync_stream", Arguments::default().options(options)?))
}

/// How far the sync of a source is, or how the last one went: a JSON object. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sync_status(
    leo: Option<&Leo>,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "sync_status", Arguments::default().maybe("source", source)?))
}

/// Does something about tables that a sync could not read: `retry`, `retry_with_sampling` or `skip_and_continue`. `tables` is a JSON array of
/// `schema.table`; NULL means all. `source` may be NULL where there is one source. Gives the status as `leo_sync_status`.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_resolve_failed(
    leo: Option<&Leo>,
    action: *const c_char,
    tables: *const c_char,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let arguments = Arguments::default().text("action", action)?.maybe("source", source)?;
        json(leo, "resolve_failed", if tables.is_null() { arguments } else { arguments.data("tables", tables)? })
    })
}

/// Syncs the sources whose setting `sync.interval_minutes` says that it is time: a JSON array of what was done. Call it from a timer.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub extern "C" fn leo_run_due(leo: Option<&Leo>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "run_due", Arguments::default()))
}

/// What people said about a source: a JSON object with its version. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_knowledge(
    leo: Option<&Leo>,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "knowledge", Arguments::default().maybe("source", source)?))
}

/// An earlier version of what people said about a source, as `leo_knowledge`.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_knowledge_at(
    leo: Option<&Leo>,
    version: u64,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "knowledge_at", Arguments::default().with("version", version).maybe("source", source)?))
}

/// Replaces what people said about a source by a JSON object, and gives its version as a JSON number. With `expected` not NULL, only when that is the
/// version there is. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_set_knowledge(
    leo: Option<&Leo>,
    knowledge: *const c_char,
    expected: Option<&u64>,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let arguments = Arguments::default().data("knowledge", knowledge)?.maybe("source", source)?;
        json(leo, "set_knowledge", if let Some(expected) = expected { arguments.with("expected", *expected) } else { arguments })
    })
}

/// As `leo_set_knowledge`, from the text of a `leo.yaml`; mistakes are an error with their lines, and nothing is imported then.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_import_knowledge(
    leo: Option<&Leo>,
    yaml: *const c_char,
    expected: Option<&u64>,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let arguments = Arguments::default().text("yaml", yaml)?.maybe("source", source)?;
        json(
            leo,
            "import_knowledge",
            if let Some(expected) = expected { arguments.with("expected", *expected) } else { arguments },
        )
    })
}

/// What in a `leo.yaml` is of no effect at a source, by lines: a JSON array. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_check_knowledge(
    leo: Option<&Leo>,
    yaml: *const c_char,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "check_knowledge", Arguments::default().text("yaml", yaml)?.maybe("source", source)?))
}

/// Everything that is in force at a source, as the text of a `leo.yaml`, a JSON text. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_export_knowledge(
    leo: Option<&Leo>,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "export_knowledge", Arguments::default().maybe("source", source)?))
}

/// Columns of which nobody is sure whether they hold personal data: a JSON array. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_personal_review(
    leo: Option<&Leo>,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "personal_review", Arguments::default().maybe("source", source)?))
}

/// Decides whether columns hold personal data, by a JSON array of decisions, and gives the version of `leo_knowledge` they are part of, a JSON
/// number. `source` may be NULL where there is one source.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_decide_personal(
    leo: Option<&Leo>,
    decisions: *const c_char,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "decide_personal", Arguments::default().data("decisions", decisions)?.maybe("source", source)?))
}

/// Turns execution on or off for a source. `source` may be NULL where there is one source. False and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_set_execution(
    leo: Option<&Leo>,
    on: bool,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> bool {
    guarded(error, || done(leo, "set_execution", Arguments::default().with("on", on).maybe("source", source)?))
}

/// The settings in force for the user and a source, each with where it was set: a JSON array. `source` may be NULL.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_settings(
    leo: Option<&Leo>,
    source: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "settings", Arguments::default().maybe("source", source)?))
}

/// Replaces the settings of the user's tenant by a JSON object, from the next call on. False and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_set_tenant_settings(
    leo: Option<&Leo>,
    settings: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> bool {
    guarded(error, || done(leo, "set_tenant_settings", Arguments::default().data("settings", settings)?))
}

/// The user's own tenant's records that the audit in memory still holds, oldest first: a JSON array.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub extern "C" fn leo_recent_audit(leo: Option<&Leo>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "recent_audit", Arguments::default()))
}

/// What the tenant's users spent on models from `first` to `last`, days such as `2026-11-30`, both included: a JSON array by day of UTC, user and model.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
///
/// # Safety
/// `first` and `last` are NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_model_spending(
    leo: Option<&Leo>,
    first: *const c_char,
    last: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "model_spending", Arguments::default().text("first", first)?.text("last", last)?))
}

/// How each model did since the process began, in the order in which they are asked, for the host alone: a JSON array.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub extern "C" fn leo_model_statistics(leo: Option<&Leo>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "model_statistics", Arguments::default()))
}

/// A sentence for the user, once, when the audit in memory had to drop records: a JSON text, or `null`.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub extern "C" fn leo_audit_notice(leo: Option<&Leo>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "audit_notice", Arguments::default()))
}

/// Closes every connection of the handle and of those made of it; later calls fail with `LEO_ERROR_CLOSED`. It must be freed all the same.
/// False and an error when the audit could not be written to its end.
#[unsafe(no_mangle)]
pub extern "C" fn leo_close(leo: Option<&Leo>, error: Option<&mut *mut LeoError>) -> bool {
    guarded(error, || done(leo, "close", Arguments::default()))
}

/// Plain data as a text for C.
pub(crate) fn json(leo: Option<&Leo>, name: &str, arguments: Arguments) -> leo::Result<*mut c_char> {
    data(leo, name, arguments).map(|data| owned(data.to_string()))
}

/// That it was done.
pub(crate) fn done(leo: Option<&Leo>, name: &str, arguments: Arguments) -> leo::Result<bool> {
    reply(leo, name, arguments).map(|_| true)
}
