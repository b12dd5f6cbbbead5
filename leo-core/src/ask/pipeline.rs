//! The way of a question: authorise → retrieve → plan → compile → vet → record → price → run → review → chart → narrate → record.
//!
//! Each stage takes what the one before it made, so that none can be skipped: only the guard makes a vetted statement, only the
//! gate's record makes it a recorded one, and only that can be priced and run (`execute`).

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures::FutureExt as _;

use super::answer::{Answer, AnswerStatus, ApprovalRequest, ClarificationRequest, Refusal, TicketReason};
use super::by_model::{self, Helped};
use super::conversation::{Before, Conversation};
use super::draft::Draft;
use super::execute::{Opened, Outcome, Statement, execute, open};
use super::explain::data_range;
use super::meaning::Kept;
use super::narrate::{NarrateInput, narrate};
use super::planner::{
    Abstention, AbstentionKind, BuiltinPlanner, Clarification, ClarifyOption, FollowUp, Intent, Plan, PlannedQuery, SchemaIndex,
};
use super::review::WarningCode;
use super::stage::{AskEvent, Stage};
use super::target::{Known, Target};
use super::{callouts, follow_ups, prose, review, verified};
use crate::adapter::{Access, AccessRequest, Action, AuditEvent, AuditSink, Authorizer};
use crate::audit;
use crate::catalog::{Catalog, JoinGraph};
use crate::chart::{self, ChartKind};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{self, Cache, Connector, GateStream, Ledger, RecordMeta, RunResult};
use crate::guard::Purpose;
use crate::model::Chain;
use crate::query::{Calendar, CompileOptions, Compiled, SemanticQuery, compile_with, describe};
use crate::settings::{OnOverload, Settings};
use crate::value::Value;
use crate::workflow::Twins;

/// Of the confidence from which answers are given, what is left to a question that refers to something unclear.
const UNCLEAR: f64 = 0.9;

/// One call: who asks what source, under which settings, and where it is recorded.
pub(crate) struct Call<'a> {
    pub(crate) began: Instant,
    pub(crate) ctx: &'a Context,
    /// Whether the moment of asking was set and is not the clock's.
    pub(crate) as_of: bool,
    pub(crate) target: &'a Target,
    pub(crate) connector: &'a dyn Connector,
    pub(crate) known: Arc<Known>,
    pub(crate) audit: &'a Arc<dyn AuditSink>,
    pub(crate) authorizer: &'a dyn Authorizer,
    /// Asked where the built-in planner has no answer, or first where the settings say so.
    pub(crate) model: Option<&'a Chain>,
    /// Where it is counted what models cost.
    pub(crate) ledger: &'a Ledger,
    /// What was run or asked already.
    pub(crate) cache: &'a Cache,
    /// What was asked before in the same conversation.
    pub(crate) conversation: Option<Arc<Conversation>>,
    /// Where vectors of names outlive the process.
    pub(crate) kept: Option<Kept>,
    /// What is known of schemas that several sources have.
    pub(crate) twins: &'a Twins,
    pub(crate) settings: &'a Settings,
    pub(crate) settings_hash: &'a str,
    pub(crate) max_rows: Option<u64>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) observer: &'a (dyn Fn(AskEvent) + Send + Sync),
    /// Why the database could not be asked, where an answer is given all the same.
    pub(crate) unreached: OnceLock<Error>,
}

impl Call<'_> {
    pub(super) fn calendar(&self) -> Calendar {
        Calendar { fiscal_year_start: self.settings.calendar.fiscal_year_start }
    }

    /// Tells what the built-in planner makes of a question, where it is sure enough to answer it without asking back.
    pub(crate) fn understood<'i>(&self, index: &'i SchemaIndex) -> impl Fn(&str) -> Option<PlannedQuery> + use<'i> {
        let planner = BuiltinPlanner::new(index);
        let (now, calendar, floor) = (self.ctx.local_now(), self.calendar(), self.settings.ask.confidence_floor);
        move |question| match planner.plan(question, &now, &calendar) {
            Plan::Query(planned) => Some(*planned).filter(|planned| planned.confidence >= floor),
            Plan::Clarify(_) | Plan::Abstain(_) => None,
        }
    }

    /// What the user may see of the source.
    pub(crate) async fn authorise(&self, action: Action) -> Result<Access> {
        let request = AccessRequest { action, source: self.target.id().to_owned() };
        let mut access = self.authorizer.authorize(self.ctx.to_host(), request).await?;
        // Said only where it changes something, so that everybody who sees everything shares one index.
        if !self.settings.privacy.show_pii && self.known.catalog.has_personal_data() {
            access.show_personal_data.get_or_insert(false);
            if self.settings.privacy.min_group_size > 1 {
                access.min_group_size.get_or_insert(self.settings.privacy.min_group_size);
            }
        }
        Ok(access)
    }
}

/// A query and what it rests on, from a planner or from the host.
pub(super) struct Read {
    pub(super) query: SemanticQuery,
    pub(super) intent: Option<Intent>,
}

/// Answers `question`.
///
/// # Errors
/// `Malformed` (empty), `LimitExceeded` (too long, too many rows or bytes), `Denied`, `Cancelled`, `Timeout`, and what keeps the
/// database or the audit from serving. Anything about the question itself is a status.
pub(crate) async fn ask(call: &Call<'_>, question: &str) -> Result<Answer> {
    let mut draft = Draft::new(call, question);
    let outcome = match check_question(question, call.settings) {
        Ok(()) => answer_question(call, &mut draft, question).await,
        Err(error) => Err(error),
    };
    conclude(call, draft, outcome).await
}

/// Says of `question` that it is answered later, because others were there before.
///
/// # Errors
/// As [`ask`].
pub(crate) async fn ask_later(call: &Call<'_>, question: &str) -> Result<Answer> {
    let mut draft = Draft::new(call, question);
    let outcome = match check_question(question, call.settings) {
        Ok(()) => {
            draft.clock.enter(Stage::Authorise);
            call.authorise(Action::Ask).await.map(|_| draft.queued(TicketReason::Overload))
        }
        Err(error) => Err(error),
    };
    conclude(call, draft, outcome).await
}

/// Answers a query that needs no planning.
///
/// # Errors
/// As [`ask`].
pub(crate) async fn ask_query(call: &Call<'_>, query: SemanticQuery) -> Result<Answer> {
    let reading = describe(&query);
    let mut draft = Draft::new(call, &reading);
    draft.answer.explain.reading = reading;
    let outcome = answer_query(call, &mut draft, query).await;
    conclude(call, draft, outcome).await
}

/// Runs a statement somebody wrote.
///
/// # Errors
/// `Rejected` or `NeedsApproval` with the guard's findings; otherwise as [`ask`].
pub(crate) async fn sql(call: &Call<'_>, text: &str, params: &[Value]) -> Result<Answer> {
    let mut draft = Draft::new(call, text);
    let access = authorise_sql(call, &mut draft, text).await?;
    let statement = Statement { sql: text, params, purpose: Purpose::Sql, question: None };
    match execute(call, &mut draft, &access, statement).await? {
        Outcome::Ran(result) => {
            tell_statement(&mut draft, *result, None, None);
        }
        Outcome::Refused(error) => return Err(error),
        Outcome::NotExecuted => draft.not_executed(),
    }
    let mut answer = draft.finish();
    answer.audit_id.clone_from(&answer.provenance.statement_audit_id);
    Ok(answer)
}

/// Runs a statement somebody wrote and hands its batches out as they come.
///
/// # Errors
/// As [`sql`]; `Denied` when execution is off.
pub(crate) async fn sql_stream(call: &Call<'_>, text: &str, params: &[Value]) -> Result<GateStream> {
    let mut draft = Draft::new(call, text);
    let access = authorise_sql(call, &mut draft, text).await?;
    let statement = Statement { sql: text, params, purpose: Purpose::Sql, question: None };
    match open(call, &mut draft, &access, statement).await? {
        Opened::Stream(stream) => Ok(*stream),
        Opened::Refused(error) => Err(error),
        Opened::NotExecuted => {
            draft.not_executed();
            Err(Error::denied(draft.finish().message()))
        }
    }
}

/// The rows of a statement that is scored: a reference, or an answer once more.
///
/// # Errors
/// As [`sql`]; `Denied` when execution is off, `LimitExceeded` when there are more rows than the call may have.
pub(crate) async fn rows_for_scoring(call: &Call<'_>, text: &str) -> Result<Vec<Vec<Value>>> {
    let mut draft = Draft::new(call, text);
    let access = authorise_sql(call, &mut draft, text).await?;
    let statement = Statement { sql: text, params: &[], purpose: Purpose::Eval, question: None };
    match execute(call, &mut draft, &access, statement).await? {
        Outcome::Ran(result) if result.summary.truncated => {
            let rows = result.summary.rows;
            Err(Error::limit_exceeded(format!("the result has more than {rows} rows, too many to compare")))
        }
        Outcome::Ran(result) => Ok(result.table.rows().collect()),
        Outcome::Refused(error) => Err(error),
        Outcome::NotExecuted => {
            draft.not_executed();
            Err(Error::denied(draft.finish().message()))
        }
    }
}

/// The access for direct SQL; a denial is recorded like any other refusal.
async fn authorise_sql(call: &Call<'_>, draft: &mut Draft<'_>, text: &str) -> Result<Access> {
    draft.clock.enter(Stage::Authorise);
    match call.authorise(Action::Ask).await {
        Ok(access) => Ok(access),
        Err(error) => {
            let meta = RecordMeta { question: None, preset: call.settings.preset, settings_hash: call.settings_hash.to_owned() };
            gate::record_refusal(call.ctx, call.target.id(), Purpose::Sql, text, &error, &**call.audit, meta).await?;
            Err(error)
        }
    }
}

async fn answer_question(call: &Call<'_>, draft: &mut Draft<'_>, question: &str) -> Result<()> {
    draft.clock.enter(Stage::Authorise);
    let access = call.authorise(Action::Ask).await?;
    call.ctx.check()?;
    draft.clock.enter(Stage::Retrieve);
    let index = call.known.index(&access)?;
    index.catalog().version().clone_into(&mut draft.answer.seen);
    answer_for(call, draft, (&access, &index), question).await?;
    // On the heap, as a question to a model is.
    prose::tell(call, draft, (&access, &index), question).boxed().await
}

/// From the question to the told answer, by whoever has one.
async fn answer_for(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    (access, index): (&Access, &SchemaIndex),
    question: &str,
) -> Result<()> {
    draft.clock.enter(Stage::Plan);
    if let Some(found) = call.known.verified(access, question)?
        // On the heap: few questions come here, and its state is as large as that of a question.
        && verified::answer(call, draft, access, &found, question).boxed().await?
    {
        return Ok(());
    }
    let (plan, continues) = plan(call, index, question);
    if let Some(model) = call.model
        && let Some(reason) = by_model::reason(&plan, call.settings)
    {
        // On the heap: few questions come here, and its state is as large as that of a question.
        match by_model::answer(call, draft, model, (access, index), (question, &reason)).boxed().await? {
            Helped::Yes => return Ok(()),
            Helped::Down if call.settings.ask.on_overload == OnOverload::Queue && !is_sure(&plan, call.settings) => {
                draft.queued(TicketReason::ModelDown);
                return Ok(());
            }
            Helped::No | Helped::Down => {}
        }
    }
    draft.answer.provenance.planner = "builtin".into();
    match plan {
        Plan::Abstain(abstention) => decline(draft, abstention),
        Plan::Clarify(clarification) => ask_back(draft, clarification),
        Plan::Query(planned) => {
            let unsure = planned.confidence < call.settings.ask.confidence_floor;
            let read = take_plan(draft, *planned, unsure);
            if let Some(read) = read {
                if continues {
                    tell_kept(call, draft, &read.query, false);
                }
                serve(call, draft, access, index, read, Some(question)).await?;
            }
        }
    }
    Ok(())
}

/// Whether the built-in planner's plan is answered without asking back.
fn is_sure(plan: &Plan, settings: &Settings) -> bool {
    matches!(plan, Plan::Query(planned) if planned.confidence >= settings.ask.confidence_floor)
}

/// What the built-in planner makes of a question, and whether that continues the one before.
fn plan(call: &Call<'_>, index: &SchemaIndex, question: &str) -> (Plan, bool) {
    let planner = BuiltinPlanner::new(index);
    let (now, calendar, floor) = (call.ctx.local_now(), call.calendar(), call.settings.ask.confidence_floor);
    let before = call.conversation.as_ref().map_or(Before::Nothing, |conversation| conversation.before(call.target.id()));
    let follow_up = match before {
        Before::Nothing => FollowUp::OnItsOwn,
        Before::Unknown => planner.follow_up(question, None, (&now, &calendar), floor),
        Before::Query(query) => planner.follow_up(question, Some(query), (&now, &calendar), floor),
    };
    match follow_up {
        FollowUp::Continues(planned) => (Plan::Query(planned), true),
        FollowUp::OnItsOwn => (planner.plan(question, &now, &calendar), false),
        FollowUp::Unclear => {
            let mut plan = planner.plan(question, &now, &calendar);
            if let Plan::Query(planned) = &mut plan {
                // Asked back, not answered: it leaves out what the words refer to.
                planned.confidence = planned.confidence.min(floor * UNCLEAR);
            }
            (plan, false)
        }
    }
}

/// Says what of the query was kept from the question before.
pub(super) fn tell_kept(call: &Call<'_>, draft: &mut Draft<'_>, query: &SemanticQuery, is_host: bool) {
    let Some(conversation) = &call.conversation else { return };
    let Some(continued) = conversation.continued(call.target.id(), query) else { return };
    // A query of the host may be any: it continues what was asked where it has something of it.
    if is_host && continued.kept.is_empty() {
        return;
    }
    let kept = continued.kept.iter().map(|kept| format!("kept from before: {}", kept.label));
    draft.answer.explain.assumptions.extend(kept);
    draft.answer.conversation = Some(continued);
}

async fn answer_query(call: &Call<'_>, draft: &mut Draft<'_>, query: SemanticQuery) -> Result<()> {
    draft.clock.enter(Stage::Authorise);
    let access = call.authorise(Action::Ask).await?;
    draft.clock.enter(Stage::Retrieve);
    let index = call.known.index(&access)?;
    index.catalog().version().clone_into(&mut draft.answer.seen);
    draft.answer.provenance.planner = "host".into();
    let query = match call.known.knowledge.resolve(query, index.catalog()) {
        Ok(query) => query,
        Err(error) => {
            draft.refuse(AnswerStatus::Declined, Refusal { message: error.message().to_owned(), ..Refusal::default() });
            return Ok(());
        }
    };
    tell_kept(call, draft, &query, true);
    serve(call, draft, &access, &index, Read { query, intent: None }, None).await
}

/// The query as a statement, and what the explanation says of it.
///
/// # Errors
/// What cannot be computed, and why; `Internal` for a defect.
pub(super) fn compile(call: &Call<'_>, draft: &mut Draft<'_>, catalog: &Catalog, query: &SemanticQuery) -> Result<Compiled> {
    draft.clock.enter(Stage::Compile);
    let options = CompileOptions { dialect: call.connector.info().dialect, now: call.ctx.local_now(), calendar: call.calendar() };
    let compiled = compile_with(query, &JoinGraph::new(catalog), &options)?;
    draft.answer.explain.compiled(&compiled);
    Ok(compiled)
}

/// From the query to the told answer.
async fn serve(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    access: &Access,
    index: &SchemaIndex,
    read: Read,
    question: Option<&str>,
) -> Result<()> {
    let compiled = match compile(call, draft, index.catalog(), &read.query) {
        Ok(compiled) => compiled,
        // What cannot be computed is about the question; a defect is not.
        Err(error) if error.kind() == ErrorKind::Internal => return Err(error),
        Err(error) => {
            draft.refuse(AnswerStatus::Declined, Refusal { message: error.message().to_owned(), ..Refusal::default() });
            return Ok(());
        }
    };
    let asked = draft.answer.question.clone();
    let statement = Statement { sql: &compiled.sql, params: &compiled.params, purpose: Purpose::Ask, question: Some(&asked) };
    let outcome = execute(call, draft, access, statement).await?;
    draft.answer.provenance.query = Some(read.query.clone());
    match outcome {
        Outcome::Ran(result) => {
            let input = narrate_input(draft, &read, &compiled, index, &result);
            tell(draft, *result, input, question);
            draft.answer.follow_ups = next_questions(call, index, &read.query, &draft.answer);
        }
        Outcome::NotExecuted => draft.not_executed(),
        Outcome::Refused(error) => refused(draft, &error),
    }
    Ok(())
}

/// Says that the statement waits for approval, or does not run.
pub(super) fn refused(draft: &mut Draft<'_>, error: &Error) {
    let findings = error.findings().to_vec();
    if error.kind() == ErrorKind::NeedsApproval {
        let reasons = if findings.is_empty() {
            vec![error.message().to_owned()]
        } else {
            findings.into_iter().map(|finding| finding.message).collect()
        };
        draft.answer.status = AnswerStatus::NeedsApproval;
        draft.answer.approval = Some(ApprovalRequest { reasons, estimate: None });
    } else {
        let message = error.message().to_owned();
        draft.refuse(AnswerStatus::Blocked, Refusal { message, findings, ..Refusal::default() });
    }
}

fn check_question(question: &str, settings: &Settings) -> Result<()> {
    if question.trim().is_empty() {
        return Err(Error::malformed(
            "the question is empty; ask for something in the data, such as \"how many orders per month?\"",
        ));
    }
    let limit = settings.ask.max_question_chars;
    // Counting stops at the limit: nobody pays for reading a book.
    let excess = usize::try_from(limit).ok().and_then(|limit| question.chars().nth(limit));
    match excess {
        None => Ok(()),
        Some(_) => Err(Error::limit_exceeded(format!("the question is longer than {limit} characters; say it in fewer words"))),
    }
}

/// The planned query, unless it is not sure enough to be answered without asking back.
fn take_plan(draft: &mut Draft<'_>, planned: PlannedQuery, unsure: bool) -> Option<Read> {
    let answer = &mut draft.answer;
    answer.confidence = Some(planned.confidence);
    answer.explain.links = planned.links;
    answer.explain.assumptions = planned.assumptions;
    answer.explain.alternatives = planned.alternatives.iter().map(|alternative| alternative.reading.clone()).collect();
    answer.explain.reading.clone_from(&planned.reading);
    if !unsure {
        return Some(Read { query: planned.query, intent: Some(planned.intent) });
    }
    let others = planned.alternatives.into_iter().map(|other| ClarifyOption::of_query(other.reading, other.query));
    let options: Vec<ClarifyOption> =
        std::iter::once(ClarifyOption::of_query(planned.reading, planned.query)).chain(others).collect();
    let question = match options.as_slice() {
        [only] => format!("I am not sure that I understood: do you mean \"{}\"?", only.label),
        _ => "I am not sure that I understood; which of these do you mean?".to_owned(),
    };
    ask_back(draft, Clarification { question, options });
    None
}

fn ask_back(draft: &mut Draft<'_>, clarification: Clarification) {
    draft.answer.status = AnswerStatus::Clarify;
    let Clarification { question, options } = clarification;
    draft.answer.clarification = Some(ClarificationRequest { question, options });
}

fn decline(draft: &mut Draft<'_>, abstention: Abstention) {
    let status = match abstention.kind {
        AbstentionKind::NotADataQuestion => AnswerStatus::NotADataQuestion,
        AbstentionKind::CannotAnswer | AbstentionKind::TooVague => AnswerStatus::Declined,
    };
    let Abstention { reason, missing, suggestions, .. } = abstention;
    draft.refuse(status, Refusal { message: reason, missing, suggestions, findings: Vec::new() });
}

pub(super) fn narrate_input(
    draft: &Draft<'_>,
    read: &Read,
    compiled: &Compiled,
    index: &SchemaIndex,
    result: &RunResult,
) -> NarrateInput {
    let mut windows = compiled.windows.iter();
    let window = windows.next();
    let compared = read.query.compare.as_ref().and_then(|_| windows.next());
    let range = data_range(&read.query, index.catalog());
    let outside = window.zip(range).filter(|(window, (from, until))| {
        window.start.is_some_and(|start| start > *until) || window.end.is_some_and(|end| end <= *from)
    });
    NarrateInput {
        intent: read.intent.map(Into::into),
        window: window.map(|window| window.label.clone()),
        compared_with: compared.map(|window| window.label.clone()),
        zone: Some(draft.answer.explain.time_zone.clone()),
        incomplete: window.is_some_and(|window| window.incomplete),
        truncated: result.summary.truncated,
        data_range: outside.map(|(_, (from, until))| format!("the data goes from {from} to {until}")),
        ..NarrateInput::of(&read.query, index.catalog())
    }
}

/// Tells the result of a statement that is no query of Leo's: of it nothing is known but what came back.
pub(super) fn tell_statement(draft: &mut Draft<'_>, result: RunResult, question: Option<&str>, chart: Option<ChartKind>) {
    let input = NarrateInput {
        chart,
        truncated: result.summary.truncated,
        zone: Some(draft.answer.explain.time_zone.clone()),
        ..NarrateInput::default()
    };
    tell(draft, result, input, question);
}

/// Reviews, draws and narrates a result.
pub(super) fn tell(draft: &mut Draft<'_>, result: RunResult, input: NarrateInput, question: Option<&str>) {
    let table = result.table;
    draft.clock.enter(Stage::Review);
    draft.answer.warnings.extend(review::review(&table, &input));
    draft.answer.callouts = callouts::callouts(&table, &input);
    draft.clock.enter(Stage::Chart);
    draft.answer.chart = Some(chart::choose(&table, &input.hint(question)));
    draft.clock.enter(Stage::Narrate);
    draft.answer.narrative = narrate(&table, &input);
    draft.answer.row_count = table.num_rows() as u64;
    draft.answer.truncated = result.summary.truncated;
    draft.answer.table = Some(table);
    let is_stale = draft.answer.warnings.iter().any(|warning| warning.code == WarningCode::Stale);
    draft.answer.status = if is_stale { AnswerStatus::Stale } else { AnswerStatus::Answered };
    draft.told = Some(input);
}

/// Follow-ups that the planner answers without asking back. A window without data leads to the last period that has some.
pub(super) fn next_questions(call: &Call<'_>, index: &SchemaIndex, query: &SemanticQuery, answer: &Answer) -> Vec<String> {
    let planned = call.understood(index);
    let accept = |question: &str| planned(question).is_some();
    if answer.table.as_ref().is_some_and(review::holds_nothing)
        && let Some(window) = answer.explain.windows.first()
        && let Some(range) = data_range(query, index.catalog())
        && let Some(question) = follow_ups::where_there_is_data(query, index.catalog(), window, range)
    {
        return Some(question).filter(|question| accept(question)).into_iter().collect();
    }
    follow_ups::follow_ups(query, index.catalog(), accept)
}

/// Writes what came of the question into the audit; an answer that cannot be recorded is not given.
async fn conclude(call: &Call<'_>, draft: Draft<'_>, outcome: Result<()>) -> Result<Answer> {
    let took = draft.clock.elapsed();
    let mut answer = draft.finish();
    let event = AuditEvent {
        preset: Some(call.settings.preset.as_str().to_owned()),
        source: Some(answer.source.clone()),
        purpose: Some(Purpose::Ask.as_str().to_owned()),
        question: Some(audit::mask_text(&answer.question).into_owned()),
        status: Some(match &outcome {
            Ok(()) => answer.status.as_str().to_owned(),
            Err(error) if error.kind() == ErrorKind::Cancelled => "cancelled".into(),
            Err(error) if error.kind() == ErrorKind::Denied => "refused".into(),
            Err(_) => "failed".into(),
        }),
        error: outcome.as_ref().err().map(|error| error.kind().as_str().to_owned()),
        attempt: answer.provenance.statement_audit_id.clone(),
        rows: answer.table.is_some().then_some(answer.row_count),
        truncated: answer.table.is_some().then_some(answer.truncated),
        duration_ms: Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        catalog_hash: Some(answer.provenance.catalog_hash.clone()),
        policy_hash: answer.provenance.policy_hash.clone(),
        settings_hash: Some(call.settings_hash.to_owned()),
        sql_hash: answer.provenance.sql_hash.clone(),
        result_hash: answer.provenance.result_hash.clone(),
        ..audit::event(call.ctx, "question")
    };
    let id = event.id.clone();
    let recorded = call.audit.append(vec![event]).await;
    // Why the question failed says more than that this could not be recorded either.
    outcome?;
    recorded.map_err(|error| {
        Error::new(error.kind(), "the answer could not be recorded, so it is withheld; look at the audit sink").with_source(error)
    })?;
    answer.audit_id = Some(id);
    Ok(answer)
}
