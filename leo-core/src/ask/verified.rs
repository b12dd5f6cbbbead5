//! A question like a verified one is answered by that one's statement, on the way of any statement.

use super::answer::Answer;
use super::draft::Draft;
use super::execute::{Outcome, Statement, execute, is_about_the_statement};
use super::pipeline::{Call, refused, tell_statement};
use super::planner::Found;
use super::stage::Stage;
use crate::adapter::Access;
use crate::error::{ErrorKind, Result};
use crate::guard::Purpose;

/// Answers `question` by the statement that was found for it. `false`, and the draft as it was, where the guard refuses it for this user or
/// it does not run any more: the planner may know better.
///
/// # Errors
/// What keeps the database or the audit from serving; `Cancelled`, `Timeout` of the call.
pub(super) async fn answer(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    access: &Access,
    found: &Found,
    question: &str,
) -> Result<bool> {
    let before = draft.answer.clone();
    let statement = Statement { sql: &found.sql, params: &[], purpose: Purpose::Ask, question: Some(question) };
    match execute(call, draft, access, statement).await {
        Ok(Outcome::Ran(result)) => {
            tell_statement(draft, *result, Some(question), None);
        }
        Ok(Outcome::NotExecuted) => draft.not_executed(),
        Ok(Outcome::Refused(error)) if error.kind() != ErrorKind::Rejected => refused(draft, &error),
        Ok(Outcome::Refused(_)) => return Ok(without(draft, before)),
        Err(error) if is_about_the_statement(error.kind()) => return Ok(without(draft, before)),
        Err(error) => return Err(error),
    }
    draft.answer.provenance.planner = "verified".into();
    draft.answer.confidence = Some(found.confidence());
    // Who sees a part only may learn from the verified question of values that he does not see. His own words he knows.
    if found.is_same || *access == Access::full() {
        draft.answer.explain.reading = format!("answered as the verified question: {}", found.question.trim());
        let instead = found.changed.iter().map(|(verified, asked)| format!("with \"{asked}\" in the place of \"{verified}\""));
        draft.answer.explain.assumptions.extend(instead);
    } else {
        draft.answer.explain.reading = "answered as a verified question of the same form".into();
    }
    Ok(true)
}

fn without(draft: &mut Draft<'_>, before: Answer) -> bool {
    draft.answer = before;
    draft.clock.enter(Stage::Plan);
    false
}
