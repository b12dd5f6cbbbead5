//! Suites of questions: asked and scored, compared, shown as a page.

use std::ffi::c_char;

use crate::boundary::{guarded, owned};
use crate::calls::json;
use crate::error::LeoError;
use crate::leo::{Leo, data};
use crate::options::{Arguments, LeoEvaluateOptions};

/// Asks the questions of a suite as the handle's user, and scores the answers: a JSON object with `report`, `questions`, and where there are any
/// `comparison` and `missed`. `suite` is its text (YAML, JSON lines or a JSON array), or `{"path": "questions.yaml"}`. `options` may be NULL.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails; what goes wrong with a question is counted, and no error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_evaluate(
    leo: Option<&Leo>,
    suite: *const c_char,
    options: *const LeoEvaluateOptions,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "evaluate", Arguments::default().suite("suite", suite)?.options(options)?))
}

/// What changed between two results of `leo_evaluate`: a JSON object.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_compare_evaluations(
    leo: Option<&Leo>,
    before: *const c_char,
    after: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "compare_evaluations", Arguments::default().data("before", before)?.data("after", after)?))
}

/// A result of `leo_evaluate` as one page of HTML. `title` may be NULL, and so may `suite`: with it, as `leo_evaluate` takes it, the page shows its
/// references, which results have not.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_evaluation_html(
    leo: Option<&Leo>,
    evaluation: *const c_char,
    title: *const c_char,
    suite: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let mut arguments = Arguments::default().data("evaluation", evaluation)?.maybe("title", title)?;
        if !suite.is_null() {
            arguments = arguments.suite("suite", suite)?;
        }
        let page = data(leo, "evaluation_html", arguments)?;
        page.as_str().map(|text| owned(text.to_owned())).ok_or_else(|| leo::Error::internal("a text was expected"))
    })
}
