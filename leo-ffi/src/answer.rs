//! Answers and their rows.

use std::ffi::{CString, c_char};
use std::ptr::{NonNull, null, null_mut};

use arrow_array::RecordBatchIterator;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_schema::SchemaRef;
use leo::ask::AnswerStatus;
use leo::{Answer, Error, Result, Table};
use leo_bridge::answer as bridge;
use serde_json::Value as Json;

use crate::boundary::{c_string, given, guarded, json, owned, text};
use crate::error::LeoError;

/// What came of a question or a statement. It belongs to who was given it: `leo_answer_free`. Any thread may read it.
pub struct LeoAnswer {
    answer: Answer,
    text: CString,
    sql: Option<CString>,
}

impl LeoAnswer {
    pub(crate) fn new(answer: Answer) -> Self {
        Self { text: c_string(answer.message()), sql: answer.sql.as_deref().map(c_string), answer }
    }

    fn rows(&self) -> Result<&Table> {
        let rows = self.answer.table.as_ref();
        rows.ok_or_else(|| Error::not_found("the answer has no rows; `leo_answer_status` says why"))
    }
}

/// What came of a question. Numbers stay as they are; there may be more one day.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeoStatus {
    /// There is no answer object.
    LeoStatusNone = 0,
    /// Here it is.
    LeoStatusAnswered = 1,
    /// The words have several readings; choose one.
    LeoStatusClarify = 2,
    /// It asks for data, but not for data that is here, or not in a way that can be read.
    LeoStatusDeclined = 3,
    /// It asks for no data.
    LeoStatusNotDataQuestion = 4,
    /// Somebody with the right has to approve the statement.
    LeoStatusNeedsApproval = 5,
    /// The guard refused the statement.
    LeoStatusBlocked = 6,
    /// The statement is ready, but execution is off for this source.
    LeoStatusNotExecuted = 7,
    /// It will be answered later.
    LeoStatusQueued = 8,
    /// An earlier answer, because a fresh one could not be had.
    LeoStatusStale = 9,
    /// Something that this version of the interface has no number for.
    LeoStatusOther = -1,
}

/// What came of it; `LEO_STATUS_NONE` for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn leo_answer_status(answer: Option<&LeoAnswer>) -> LeoStatus {
    let Some(LeoAnswer { answer, .. }) = answer else { return LeoStatus::LeoStatusNone };
    match answer.status {
        AnswerStatus::Answered => LeoStatus::LeoStatusAnswered,
        AnswerStatus::Clarify => LeoStatus::LeoStatusClarify,
        AnswerStatus::Declined => LeoStatus::LeoStatusDeclined,
        AnswerStatus::NotADataQuestion => LeoStatus::LeoStatusNotDataQuestion,
        AnswerStatus::NeedsApproval => LeoStatus::LeoStatusNeedsApproval,
        AnswerStatus::Blocked => LeoStatus::LeoStatusBlocked,
        AnswerStatus::NotExecuted => LeoStatus::LeoStatusNotExecuted,
        AnswerStatus::Queued => LeoStatus::LeoStatusQueued,
        AnswerStatus::Stale => LeoStatus::LeoStatusStale,
        _ => LeoStatus::LeoStatusOther,
    }
}

/// What it says in words: the answer, the question back, or why there is none. NULL for NULL. Valid as long as the answer.
#[unsafe(no_mangle)]
pub extern "C" fn leo_answer_text(answer: Option<&LeoAnswer>) -> *const c_char {
    answer.map_or(null(), |answer| answer.text.as_ptr())
}

/// The statement as sent to the database, values apart; NULL where there is none. Valid as long as the answer.
#[unsafe(no_mangle)]
pub extern "C" fn leo_answer_sql(answer: Option<&LeoAnswer>) -> *const c_char {
    answer.and_then(|answer| answer.sql.as_ref()).map_or(null(), |sql| sql.as_ptr())
}

/// Number of its rows; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn leo_answer_row_count(answer: Option<&LeoAnswer>) -> u64 {
    answer.map_or(0, |answer| answer.answer.row_count)
}

/// All of it as JSON, rows included. The text is the caller's: `leo_string_free`. NULL and an error for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn leo_answer_json(answer: Option<&LeoAnswer>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || Ok(owned(bridge::to_json(&given("answer", answer)?.answer)?)))
}

/// Its rows as an Arrow C stream, without a copy of them.
///
/// `out` is a place for a stream, written only on success; then the stream is the caller's: `out->release(out)`, and may outlive the answer.
/// False and an error where there are no rows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_answer_arrow(
    answer: Option<&LeoAnswer>,
    out: *mut FFI_ArrowArrayStream,
    error: Option<&mut *mut LeoError>,
) -> bool {
    guarded(error, || {
        let (rows, out) = (given("answer", answer)?.rows()?, given("out", NonNull::new(out))?);
        let batches: Vec<_> = rows.batches().iter().cloned().map(Ok).collect();
        let reader = RecordBatchIterator::new(batches, SchemaRef::clone(rows.schema()));
        out.write(FFI_ArrowArrayStream::new(Box::new(reader)));
        Ok(true)
    })
}

/// It as a person reads it: `form` is `text` or `html`, `options` a JSON object of that form's options, or NULL.
///
/// The text is the caller's: `leo_string_free`. NULL and an error for a form or options that there are not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_answer_render(
    answer: Option<&LeoAnswer>,
    form: *const c_char,
    options: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let answer = &given("answer", answer)?.answer;
        bridge::render(answer, text("form", form)?, form_options(options)?).map(owned)
    })
}

/// Its rows as text: `form` is `text`, `csv`, `markdown`, `html` or `json_lines`, `options` a JSON object of that form's options, or NULL.
///
/// The text is the caller's: `leo_string_free`. NULL and an error where there are no rows, and for a form or options that there are not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_answer_render_table(
    answer: Option<&LeoAnswer>,
    form: *const c_char,
    options: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let rows = given("answer", answer)?.rows()?;
        bridge::render_table(rows, text("form", form)?, form_options(options)?).map(owned)
    })
}

unsafe fn form_options(options: *const c_char) -> Result<Json> {
    if options.is_null() { Ok(Json::Object(Default::default())) } else { json("options", options) }
}

/// Its chart: `form` is `vega_lite` or `echarts` (JSON), or `svg` (a drawing). NULL without an error where there is no chart.
///
/// The text is the caller's: `leo_string_free`. NULL and an error for a form that there is not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_answer_chart(
    answer: Option<&LeoAnswer>,
    form: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let answer = &given("answer", answer)?.answer;
        let json = |form| bridge::chart(answer, form).map(|chart| chart.to_string());
        let chart = match text("form", form)? {
            "vega_lite" => json(bridge::Chart::VegaLite),
            "echarts" => json(bridge::Chart::ECharts),
            "svg" => bridge::svg(answer),
            _ => return Err(Error::config("a chart's form is `vega_lite`, `echarts` or `svg`")),
        };
        Ok(chart.map_or(null_mut(), owned))
    })
}

/// True where it is an answer; else false and the error of its status, for programs that only want answers.
#[unsafe(no_mangle)]
pub extern "C" fn leo_answer_raise_for_status(answer: Option<&LeoAnswer>, error: Option<&mut *mut LeoError>) -> bool {
    guarded(error, || {
        let answer = &given("answer", answer)?.answer;
        match answer.status.error_kind() {
            None => Ok(true),
            Some(_) => answer.clone().raise_for_status().map(|_| true),
        }
    })
}

/// Frees an answer. NULL is nothing. Texts that it owns end with it, streams do not.
#[unsafe(no_mangle)]
pub extern "C" fn leo_answer_free(answer: Option<Box<LeoAnswer>>) {
    drop(answer);
}
