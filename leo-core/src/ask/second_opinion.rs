//! A model is asked where the built-in planner has no answer. What it writes goes the way of any statement.

use super::draft::Draft;
use super::execute::{Outcome, Statement, execute, is_about_the_statement};
use super::pipeline::{Call, refused, tell_statement};
use super::planner::model::{self, Asked, Reply};
use super::planner::{AbstentionKind, Plan, SchemaIndex};
use super::review::{Warning, WarningCode};
use super::stage::Stage;
use crate::adapter::{Access, Model, ModelRequest, ModelResponse};
use crate::catalog::TableName;
use crate::error::{ErrorKind, Result};
use crate::gate::{ModelCall, RecordMeta};
use crate::guard::Purpose;
use crate::untrusted::identifier;

/// Tables that are ranked; those that nothing speaks for come behind.
const TABLES: usize = 400;

/// Why the model was of no help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoHelp {
    TooLarge,
    Failed(ErrorKind),
    Form,
    Declined,
    Refused,
    Database(ErrorKind),
}

impl NoHelp {
    /// For whoever reads the warning; what the model or the host said is not in it.
    fn told(self) -> String {
        match self {
            Self::TooLarge => "the schema does not fit into a prompt".to_owned(),
            Self::Failed(kind) => format!("asking it failed ({kind})"),
            Self::Form => "its answer does not have the form that was asked for".to_owned(),
            Self::Declined => "it declined".to_owned(),
            Self::Refused => "the guard refused what it wrote".to_owned(),
            Self::Database(kind) => format!("the database did not run what it wrote ({kind})"),
        }
    }
}

/// Why a model is asked after `plan`; nothing where the plan is an answer, or there is nothing to be answered.
pub(super) fn reason(plan: &Plan, confidence_floor: f64) -> Option<&str> {
    match plan {
        Plan::Query(planned) if planned.confidence < confidence_floor => Some("it was not sure that it understood the question"),
        Plan::Query(_) => None,
        Plan::Clarify(clarification) => Some(&clarification.question),
        Plan::Abstain(abstention) => match abstention.kind {
            AbstentionKind::NotADataQuestion => None,
            AbstentionKind::CannotAnswer | AbstentionKind::TooVague => Some(&abstention.reason),
        },
    }
}

/// Answers `question` by a statement of the model, if it writes one that runs. Otherwise the draft is as it was, with a warning.
///
/// # Errors
/// What keeps the database or the audit from serving; `Cancelled`, `Timeout` of the call.
pub(super) async fn answer(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    model: &dyn Model,
    (access, index): (&Access, &SchemaIndex),
    (question, reason): (&str, &str),
) -> Result<bool> {
    let before = draft.answer.clone();
    let mut tokens = 0;
    let name = converse(call, draft, model, (access, index), question, &mut tokens).await?;
    if let Err(why) = name {
        draft.answer = before;
        draft.answer.warnings.push(Warning {
            code: WarningCode::ModelNoHelp,
            message: format!("a model was asked too and did not help: {}", why.told()),
            suggestion: None,
        });
    }
    draft.answer.usage.tokens += tokens;
    let Ok(name) = name else { return Ok(false) };
    draft.answer.provenance.planner = "model".into();
    draft.answer.provenance.model = Some(identifier(&name).to_string()).filter(|name| !name.is_empty());
    draft.answer.explain.reading = "a model wrote the statement for this question, and it was checked like any other".into();
    draft.answer.explain.assumptions.push(format!("the built-in planner had no answer: {reason}"));
    Ok(true)
}

/// Asks for a statement and runs it; where the guard refuses it, asks for another. The model's name, when one ran.
async fn converse(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    model: &dyn Model,
    (access, index): (&Access, &SchemaIndex),
    question: &str,
    tokens: &mut u64,
) -> Result<std::result::Result<String, NoHelp>> {
    let before = draft.answer.clone();
    let (ranked, now) = (ranked(call, access, question)?, call.ctx.local_now());
    let asked = Asked {
        catalog: index.catalog(),
        ranked: &ranked,
        question,
        now: &now,
        fiscal_year_start: call.calendar().fiscal_year_start,
        max_chars: call.settings.model.max_prompt_chars,
        timeout_ms: call.settings.model.timeout_ms,
    };
    let mut request = model::plan(&asked);
    let mut rounds = call.settings.model.repair_rounds;
    loop {
        let Some(wanted) = request else { return Ok(Err(NoHelp::TooLarge)) };
        let response = match ask(call, model, wanted).await? {
            Ok(response) => response,
            Err(kind) => return Ok(Err(NoHelp::Failed(kind))),
        };
        *tokens += response.input_tokens.saturating_add(response.output_tokens);
        let (sql, params) = match model::reply(&response.output) {
            Some(Reply::Statement { sql, params }) => (sql, params),
            Some(Reply::Declined) => return Ok(Err(NoHelp::Declined)),
            None => return Ok(Err(NoHelp::Form)),
        };
        let statement = Statement { sql: &sql, params: &params, purpose: Purpose::Ask, question: Some(question) };
        match execute(call, draft, access, statement).await {
            Ok(Outcome::Ran(result)) => {
                tell_statement(draft, *result, Some(question));
            }
            Ok(Outcome::NotExecuted) => draft.not_executed(),
            Ok(Outcome::Refused(error)) if error.kind() == ErrorKind::Rejected => {
                if rounds == 0 {
                    return Ok(Err(NoHelp::Refused));
                }
                rounds -= 1;
                draft.answer = before.clone();
                draft.clock.enter(Stage::Plan);
                request = model::repair(&asked, &sql, error.findings());
                continue;
            }
            Ok(Outcome::Refused(error)) => refused(draft, &error),
            // What is wrong with the statement itself is no reason to fail the call; what the database says about it may hold
            // values, so that it is not told to the model.
            Err(error) if is_about_the_statement(error.kind()) => return Ok(Err(NoHelp::Database(error.kind()))),
            Err(error) => return Err(error),
        }
        return Ok(Ok(response.model));
    }
}

/// Tables that fit the question, best first.
fn ranked(call: &Call<'_>, access: &Access, question: &str) -> Result<Vec<TableName>> {
    call.known.tables_for(access, question, TABLES)
}

/// Sends the request, recorded. A failure of the model is a kind; of the call or the audit, an error.
async fn ask(call: &Call<'_>, model: &dyn Model, request: ModelRequest) -> Result<std::result::Result<ModelResponse, ErrorKind>> {
    let meta = RecordMeta { question: None, preset: call.settings.preset, settings_hash: call.settings_hash.to_owned() };
    let model = ModelCall {
        model,
        source: call.target.id(),
        audit: call.audit,
        ledger: Some((call.ledger, call.settings.model.monthly_cap_usd)),
        meta,
        disclosure: call.settings.privacy.disclosure,
    };
    Ok(model.complete(call.ctx, request).await?.map_err(|error| error.kind()))
}
