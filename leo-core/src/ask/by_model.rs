//! A model is asked where the built-in planner has no answer, or before it where the settings say so. What it writes goes the way of any statement.
//!
//! ```text
//! prepared ─► request ─► n answers ─► each: read ─► compile ─► vet … run ─► the one that most agree with
//!                ▲                         └── what is wrong, while nothing ran ──┐
//!                └──────────────── repair, at most twice ◄────────────────────────┘
//! ```

mod blank;
mod candidate;
mod choice;
mod prepared;

use std::time::Instant;

use candidate::{Candidate, Tried};
use choice::{Ran, choose};
use prepared::Prepared;
pub(super) use prepared::Told;

use super::answer::{AnswerStatus, ClarificationRequest, Usage};
use super::draft::Draft;
use super::pipeline::{Call, refused, tell, tell_statement};
use super::planner::model::{self, Wrong};
use super::planner::{AbstentionKind, ClarifyOption, Plan, SchemaIndex};
use super::review::{Warning, WarningCode};
use super::stage::{AskEvent, Stage};
use crate::adapter::{Access, ModelPurpose, ModelRequest, ModelResponse, ModelStop};
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{Answered, Asked, Cache, CacheKey, Earlier, ModelCall, Origin, RecordMeta};
use crate::model::Chain;
use crate::settings::Settings;
use crate::untrusted::identifier;

/// Why the model was of no help.
#[derive(Debug, Clone)]
enum NoHelp {
    TooLarge,
    Failed(Error),
    Form,
    Declined,
    Refused,
    Database(ErrorKind),
}

impl NoHelp {
    /// Whether it may be of help later.
    fn may_pass(&self) -> bool {
        let Self::Failed(error) = self else { return false };
        matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::RateLimited | ErrorKind::Timeout)
    }

    /// For whoever reads the warning; what the model or the host said is not in it.
    fn told(&self) -> String {
        match self {
            Self::TooLarge => "the schema does not fit into a prompt".to_owned(),
            Self::Failed(error) => format!("asking it failed ({}: {})", error.kind(), error.message()),
            Self::Form => "its answer does not have the form that was asked for".to_owned(),
            Self::Declined => "it declined".to_owned(),
            Self::Refused => "the guard refused what it wrote".to_owned(),
            Self::Database(kind) => format!("the database did not run what it wrote ({kind})"),
        }
    }
}

/// Whether a model was of help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Helped {
    Yes,
    No,
    /// Not now: it could not be reached, or is busy.
    Down,
}

/// Why a model is asked after `plan`; nothing where the plan is an answer that is taken, or there is nothing to be answered.
pub(super) fn reason(plan: &Plan, settings: &Settings) -> Option<String> {
    let lacking = match plan {
        Plan::Abstain(abstention) if abstention.kind == AbstentionKind::NotADataQuestion => return None,
        _ if settings.model.first => return Some("a model is asked first".to_owned()),
        Plan::Query(planned) if planned.confidence < settings.ask.confidence_floor => {
            "it was not sure that it understood the question"
        }
        Plan::Query(_) => return None,
        Plan::Clarify(clarification) => &clarification.question,
        Plan::Abstain(abstention) => &abstention.reason,
    };
    Some(format!("the built-in planner had no answer: {lacking}"))
}

/// What came of asking.
enum Outcome {
    /// Rows, or a statement that waits or is not run.
    Answered(Box<Candidate>),
    /// A question back.
    AskBack {
        question: String,
        options: Vec<String>,
    },
    NoHelp(NoHelp),
}

/// Answers `question` by a model, if it writes something that runs or asks back. Otherwise the draft is as it was, with a warning.
///
/// # Errors
/// What keeps the database or the audit from serving; `Cancelled`, `Timeout` of the call.
pub(super) async fn answer(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    chain: &Chain,
    (access, index): (&Access, &SchemaIndex),
    (question, reason): (&str, &str),
) -> Result<Helped> {
    let before = draft.answer.clone();
    let (usage, decisions) = (before.usage.clone(), vec![reason.to_owned()]);
    let (answered, prompt_hash) = (String::new(), None);
    let replies = Vec::new();
    let mut talk = Talk { call, chain, access, index, question, usage, answered, prompt_hash, decisions, replies, failed: None };
    let outcome = talk.converse(draft).await?;
    let Talk { usage, answered, prompt_hash, mut decisions, replies, failed, .. } = talk;
    if !matches!(outcome, Outcome::NoHelp(_)) {
        // What was of no use is asked anew.
        replies.into_iter().for_each(|(key, response)| call.cache.keep_reply(key, &response, call.settings.cache));
    }
    draft.answer = before;
    draft.answer.usage = usage;
    if let Outcome::NoHelp(why) = &outcome {
        decisions.push(format!("the model did not help: {}", why.told()));
    }
    match outcome {
        Outcome::NoHelp(why) => {
            let is_down = why.may_pass();
            draft.answer.explain.decisions.append(&mut decisions);
            draft.answer.warnings.push(Warning {
                code: WarningCode::ModelNoHelp,
                message: format!("a model was asked too and did not help: {}", why.told()),
                suggestion: None,
            });
            return Ok(if is_down { Helped::Down } else { Helped::No });
        }
        Outcome::AskBack { question, options } => {
            let options = options.into_iter().map(ClarifyOption::of_question).collect();
            draft.answer.status = AnswerStatus::Clarify;
            draft.answer.clarification = Some(ClarificationRequest { question, options });
            draft.answer.explain.reading = "a model found that the question can be read in several ways".into();
        }
        Outcome::Answered(candidate) => {
            candidate.tell(call, draft, index, question);
            draft.answer.explain.reading =
                "a model wrote the statement for this question, and it was checked like any other".into();
        }
    }
    draft.answer.explain.decisions.append(&mut decisions);
    draft.answer.provenance.planner = "model".into();
    draft.answer.provenance.prompt_version = Some(model::VERSION.into());
    draft.answer.provenance.prompt_hash = prompt_hash;
    if let Some(error) = failed {
        draft.answer.warnings.push(Warning {
            code: WarningCode::EarlierReply,
            message: format!(
                "the model could not be asked ({}), so what it wrote for the same question earlier today was used",
                error.kind()
            ),
            suggestion: None,
        });
    }
    draft.answer.provenance.model = Some(identifier(&answered).to_string()).filter(|name| !name.is_empty());
    Ok(Helped::Yes)
}

/// Tells at its end that a model answered, or did not: cancelled too.
struct Listening<'t, 'c> {
    call: &'t Call<'c>,
    purpose: ModelPurpose,
    since: Instant,
    ok: bool,
}

impl Drop for Listening<'_, '_> {
    fn drop(&mut self) {
        (self.call.observer)(AskEvent::ModelAnswered(self.purpose, self.ok, self.since.elapsed()));
    }
}

/// Counts what a response took, each attempt of the chain's.
pub(super) fn count(usage: &mut Usage, response: &ModelResponse) {
    usage.cached_tokens += response.cached_tokens;
    for tried in &response.attempts {
        usage.model_calls += 1;
        usage.input_tokens += tried.input_tokens;
        usage.output_tokens += tried.output_tokens;
        usage.tokens += tried.input_tokens.saturating_add(tried.output_tokens);
        usage.cost_usd = match (usage.cost_usd, tried.cost_usd) {
            (Some(own), Some(more)) => Some(own + more),
            (own, more) => own.or(more),
        };
    }
}

/// Sends a request, recorded and within the tenant's cap, unless it was answered before. A failure of the model is an error inside. The key is for whoever
/// finds the answer of use, to keep it; `number` tells apart answers that are wanted for one request.
///
/// # Errors
/// `Cancelled`, `Timeout` of the call, and the audit sink's.
pub(super) async fn ask(
    call: &Call<'_>,
    chain: &Chain,
    request: &ModelRequest,
    number: u64,
) -> Result<Result<(CacheKey, Answered)>> {
    let meta = RecordMeta { question: None, preset: call.settings.preset, settings_hash: call.settings_hash.to_owned() };
    let key = Cache::reply_key(call.ctx, call.target.number(), &request.hash(), number);
    let model = ModelCall {
        model: Asked::Chain(chain),
        source: call.target.id(),
        audit: call.audit,
        ledger: Some((call.ledger, call.settings.model.monthly_cap_usd)),
        meta,
        disclosure: call.settings.privacy.disclosure,
        earlier: Some(Earlier { cache: call.cache, key: key.clone(), settings: call.settings.cache }),
    };
    (call.observer)(AskEvent::ModelAsked(request.purpose));
    let mut listening = Listening { call, purpose: request.purpose, since: Instant::now(), ok: false };
    let answered = model.complete(call.ctx, request.clone()).await?;
    listening.ok = answered.is_ok();
    Ok(answered.map(|answered| (key, answered)))
}

/// One question, and a model that is asked about it.
struct Talk<'t, 'c> {
    call: &'t Call<'c>,
    chain: &'t Chain,
    access: &'t Access,
    index: &'t SchemaIndex,
    question: &'t str,
    /// What models took.
    usage: Usage,
    /// The one that answered last.
    answered: String,
    /// Hash of the first prompt.
    prompt_hash: Option<String>,
    decisions: Vec<String>,
    /// What it was asked for this question, and answered.
    replies: Vec<(CacheKey, ModelResponse)>,
    /// Why an earlier answer had to do.
    failed: Option<Error>,
}

impl Talk<'_, '_> {
    async fn converse(&mut self, draft: &mut Draft<'_>) -> Result<Outcome> {
        let (call, index) = (self.call, self.index);
        let prepared = Prepared::new(call, self.access, index, self.question)?;
        let window = prepared.windows(call);
        let reading = model::Reading { catalog: index.catalog(), window: &window };
        let Some(request) = model::plan(&prepared.asked(call)) else { return Ok(Outcome::NoHelp(NoHelp::TooLarge)) };
        self.prompt_hash = Some(request.hash());
        let mut responses = match self.ask_several(&request).await? {
            Ok(responses) => responses,
            Err(error) => return Ok(Outcome::NoHelp(NoHelp::Failed(error))),
        };
        let before = draft.answer.clone();
        let mut rounds = call.settings.model.repair_rounds;
        loop {
            let (mut ran, mut wrong, mut others) = (Vec::new(), None, Vec::new());
            for response in &responses {
                draft.answer = before.clone();
                let tried = match response.stop {
                    ModelStop::Refused => Tried::NoHelp(NoHelp::Declined),
                    _ => candidate::attempt(call, draft, self.access, (self.question, &prepared), (response, &reading)).await?,
                };
                match tried {
                    Tried::Made(candidate) => ran.push(*candidate),
                    Tried::AskBack { question, options } => others.push(Outcome::AskBack { question, options }),
                    Tried::NoHelp(why) => others.push(Outcome::NoHelp(why)),
                    Tried::Wrong(found) => {
                        wrong.get_or_insert(found);
                    }
                }
            }
            let is_majority = ran.len() >= others.len();
            if let Some(Ran { taken, agreed, different }) = choose(ran).filter(|_| is_majority) {
                if responses.len() > 1 {
                    self.decisions.push(format!("of {} answers, {agreed} gave the rows that were taken", responses.len()));
                }
                if different > 0 {
                    self.decisions.push(format!("{different} answers gave other rows"));
                }
                return Ok(Outcome::Answered(Box::new(taken)));
            }
            if let Some(other) = others.into_iter().next() {
                return Ok(other);
            }
            let Some(wrong) = wrong else { return Ok(Outcome::NoHelp(NoHelp::Form)) };
            if rounds == 0 {
                return Ok(Outcome::NoHelp(wrong.why));
            }
            rounds -= 1;
            self.decisions.push(format!("the model was told what was wrong with its answer: {}", wrong.why.told()));
            draft.clock.enter(Stage::Plan);
            let found = match &wrong.words {
                Some(words) => Wrong::Said(words),
                None => Wrong::Findings(&wrong.findings),
            };
            let Some(request) = model::repair(&prepared.asked(call), &wrong.earlier, found) else {
                return Ok(Outcome::NoHelp(wrong.why));
            };
            responses = match ask(call, self.chain, &request, 0).await? {
                Ok(answered) => vec![self.take(answered)],
                Err(error) => return Ok(Outcome::NoHelp(NoHelp::Failed(error))),
            };
        }
    }

    /// Asks for as many answers as are wanted, all at once. Where some fail, those that came are enough.
    async fn ask_several(&mut self, request: &ModelRequest) -> Result<Result<Vec<ModelResponse>>> {
        let wanted = self.call.settings.model.candidates;
        let asked = futures::future::join_all((0..wanted).map(|number| ask(self.call, self.chain, request, number))).await;
        let (mut responses, mut failed) = (Vec::new(), None);
        for one in asked {
            match one? {
                Ok((key, answered)) => responses.push(self.take((key, answered))),
                Err(error) => failed = Some(error),
            }
        }
        if wanted > 1 {
            self.decisions.push(format!("a model was asked for {wanted} answers, and gave {}", responses.len()));
        }
        Ok(match failed {
            Some(error) if responses.is_empty() => Err(error),
            _ => Ok(responses),
        })
    }

    /// Takes note of an answer, and of what it took.
    fn take(&mut self, (key, answered): (CacheKey, Answered)) -> ModelResponse {
        let Answered { response, origin } = answered;
        self.answered.clone_from(&response.model);
        count(&mut self.usage, &response);
        match origin {
            Origin::Asked => self.replies.push((key, response.clone())),
            Origin::Given => self.decisions.push("the model's answer to the same prompt was there already".to_owned()),
            Origin::Last(error) => self.failed = Some(error),
        }
        response
    }
}

impl Candidate {
    /// Tells it as the answer.
    fn tell(self, call: &Call<'_>, draft: &mut Draft<'_>, index: &SchemaIndex, question: &str) {
        let Self { answer, made, chart } = self;
        let usage = std::mem::take(&mut draft.answer.usage);
        draft.answer = *answer;
        draft.answer.usage = Usage { statements: draft.answer.usage.statements, rows: draft.answer.usage.rows, ..usage };
        match made {
            candidate::Made::Rows { result, query: Some(query) } => {
                let (read, compiled) = *query;
                let input = super::narrate::NarrateInput {
                    chart,
                    ..super::pipeline::narrate_input(draft, &read, &compiled, index, &result)
                };
                tell(draft, *result, input, Some(question));
                super::pipeline::tell_kept(call, draft, &read.query, false);
                draft.answer.follow_ups = super::pipeline::next_questions(call, index, &read.query, &draft.answer);
            }
            candidate::Made::Rows { result, query: None } => tell_statement(draft, *result, Some(question), chart),
            candidate::Made::NotExecuted => draft.not_executed(),
            candidate::Made::Refused(error) => refused(draft, &error),
        }
    }
}
