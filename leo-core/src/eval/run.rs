//! Running a suite: a few conversations at a time, each question answered, scored and reported in the suite's order.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use futures::StreamExt;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::database::{Database, Databases};
use super::evaluation::Evaluation;
use super::judge::{Judgement, Runner, judge_turn};
use super::result::QuestionResult;
use super::retrieval::recall;
use super::score::ScoreOptions;
use super::suite::{Item, Suite, Turn};
use crate::error::{Error, ErrorKind, Result};

/// What is evaluated.
#[async_trait]
pub trait Answerer: std::fmt::Debug + Send + Sync + 'static {
    /// Answers one question. An error is counted under its kind and is wrong.
    async fn answer(&self, request: &AnswerRequest<'_>) -> Result<Answered>;

    /// A conversation of several turns is over: what was kept of it may go.
    async fn finish(&self, _database: &Database, _conversation: &str) {}
}

/// A question with what came before it.
#[derive(Debug, Clone, Copy)]
pub struct AnswerRequest<'a> {
    /// The database to be asked.
    pub database: &'a Database,
    /// The question.
    pub question: &'a str,
    /// A name for the conversation, unique in the run.
    pub conversation: &'a str,
    /// How many turns the conversation has, this one included; 1 for a question that stands alone.
    pub turns: usize,
    /// Earlier turns of the conversation, oldest first.
    pub history: &'a [PastTurn],
    /// The day relative windows count from, where the run has one.
    pub as_of: Option<Date>,
}

/// An earlier turn, with the answer that was given, not the one that would have been right.
#[derive(Debug, Clone, PartialEq)]
pub struct PastTurn {
    /// The question.
    pub question: String,
    /// Status of its answer.
    pub status: String,
    /// Statement of its answer.
    pub sql: Option<String>,
}

/// An answer, as far as scoring needs it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answered {
    /// `answered`, `clarify`, `declined`, `not_data_question` …; only `answered` counts as an answer.
    pub status: String,
    /// The statement, with parameters written into it ([`crate::query::inline_params`]); it is run again for scoring.
    pub sql: Option<String>,
    /// How sure the answer is, 0–1.
    pub confidence: Option<f64>,
    /// How long it took; measured around the call when absent.
    pub ms: Option<f64>,
    /// Tables that were found for the question, best first; nothing where that is not known.
    pub retrieved: Option<Vec<String>>,
    /// Tokens that models read and wrote, where that is known.
    pub tokens: Option<u64>,
    /// What models cost, in US dollars, where that is known.
    pub cost_usd: Option<f64>,
}

/// How a suite is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvalOptions {
    /// Conversations answered at the same time, at least one.
    pub workers: usize,
    /// How values are compared, where a row does not say it itself.
    pub score: ScoreOptions,
    /// The day relative windows count from in every question; else the source's own, else today.
    pub as_of: Option<Date>,
    /// Whether each turn of a conversation is asked as if nothing had come before it.
    pub one_by_one: bool,
}

impl Default for EvalOptions {
    /// Two workers, the rule of test suites, every bit of a float.
    fn default() -> Self {
        Self { workers: 2, score: ScoreOptions::default(), as_of: None, one_by_one: false }
    }
}

/// Answers and scores a suite.
///
/// # Behavior
/// Must run inside a Tokio runtime. Conversations run beside each other, their turns one after another. A question whose database is
/// missing, whose answer fails or whose answerer panics is wrong and is counted under `error:<kind>`. `each` is called with every
/// result in the suite's order.
///
/// # Errors
/// `Malformed` when the suite is empty.
pub async fn evaluate(
    suite: &Suite,
    databases: Arc<Databases>,
    answerer: Arc<dyn Answerer>,
    runner: Arc<dyn Runner>,
    options: EvalOptions,
    mut each: impl FnMut(&QuestionResult) + Send,
) -> Result<Evaluation> {
    if suite.items.is_empty() {
        return Err(Error::malformed("the suite has no question; check the file and the dialect"));
    }
    let mut results = Vec::with_capacity(suite.questions());
    // Items are handed out one by one and in order; memory holds only those at work.
    let mut running = futures::stream::iter(suite.items.iter().cloned().enumerate())
        .map(|(index, item)| {
            let (databases, answerer, runner) = (Arc::clone(&databases), Arc::clone(&answerer), Arc::clone(&runner));
            let fallback = item.clone();
            // A set of one, which ends its task when nobody waits for the run any more.
            let mut task = JoinSet::new();
            task.spawn(async move { converse(index, &item, &databases, &*answerer, &*runner, options).await });
            async move {
                match task.join_next().await {
                    Some(Ok(results)) => results,
                    _ => {
                        let panicked = Error::internal("the answerer panicked");
                        (0..fallback.turns.len()).map(|turn| failed(index, &fallback, turn, &panicked)).collect()
                    }
                }
            }
        })
        .buffered(options.workers.max(1));
    while let Some(batch) = running.next().await {
        for result in batch {
            each(&result);
            results.push(result);
        }
    }
    Ok(Evaluation::new(results))
}

async fn converse(
    index: usize,
    item: &Item,
    databases: &Databases,
    answerer: &dyn Answerer,
    runner: &dyn Runner,
    options: EvalOptions,
) -> Vec<QuestionResult> {
    let database = match databases.of(item) {
        Ok(database) => database,
        Err(error) => return (0..item.turns.len()).map(|turn| failed(index, item, turn, &error)).collect(),
    };
    let score = ScoreOptions {
        float_digits: item.float_digits.or(options.score.float_digits),
        rows: item.rows.unwrap_or(options.score.rows),
        columns: item.columns.unwrap_or(options.score.columns),
    };
    let conversation = format!("eval-{index}");
    let mut history: Vec<PastTurn> = Vec::new();
    let mut results = Vec::with_capacity(item.turns.len());
    for (number, turn) in item.turns.iter().enumerate() {
        let request = AnswerRequest {
            database: &database,
            question: &turn.question,
            conversation: &conversation,
            turns: if options.one_by_one { 1 } else { item.turns.len() },
            history: if options.one_by_one { &[] } else { &history },
            as_of: options.as_of,
        };
        let started = Instant::now();
        let answered = answerer.answer(&request).await;
        let measured = started.elapsed().as_secs_f64() * 1000.0;
        let mut result = QuestionResult { ms: measured, ..failed(index, item, number, &Error::internal("")) };
        result.db.clone_from(&database.name);
        result.error = None;
        match answered {
            Err(error) => {
                result.status = error_status(&error);
                result.error = Some(error.to_string());
            }
            Ok(answered) => {
                result.ms = answered.ms.unwrap_or(measured);
                result.status = answered.status;
                result.sql = answered.sql;
                result.confidence = answered.confidence.filter(|confidence| confidence.is_finite());
                result.tokens = answered.tokens;
                result.cost_usd = answered.cost_usd.filter(|cost| cost.is_finite() && *cost >= 0.0);
                if let Some(found) = answered.retrieved {
                    result.recall = recall(runner, &database, turn, &found).await;
                }
            }
        }
        let sql = result.sql.as_deref().filter(|_| result.is_answered());
        // References run for unanswered questions too: a refused one is our error either way, and is to be seen.
        let judgement = judge_turn(runner, &database, sql, turn, score).await;
        settle(&mut result, turn, judgement);
        history.push(PastTurn { question: turn.question.clone(), status: result.status.clone(), sql: result.sql.clone() });
        results.push(result);
    }
    if item.turns.len() > 1 && !options.one_by_one {
        answerer.finish(&database, &conversation).await;
    }
    results
}

fn settle(result: &mut QuestionResult, turn: &Turn, judgement: Judgement) {
    if turn.is_answerable() {
        result.correct = judgement.matches.execution;
        result.distinct_kept = judgement.matches.distinct_kept;
        result.strict = judgement.matches.strict;
        result.soft = Some(judgement.soft);
        result.mismatch = judgement.mismatch;
    } else {
        // What cannot be answered is right when it is not answered.
        result.correct = !result.is_answered() && result.error.is_none();
        (result.distinct_kept, result.strict) = (result.correct, result.correct);
        result.soft = Some(f64::from(u8::from(result.correct)));
    }
    // Refused means: none was left to compare with, and the guard had a part in it.
    let without_gold = turn.rows.is_none() && judgement.without_gold(turn.gold.len());
    result.gold_refused = without_gold && !judgement.gold_refused.is_empty();
    result.gold_failed = without_gold && judgement.gold_refused.is_empty();
    result.gold_problems = judgement
        .gold_refused
        .iter()
        .chain(&judgement.gold_failed)
        .map(|(sql, error)| (sql.clone(), error.to_string()))
        .collect();
    if result.error.is_none() {
        result.error = judgement.answer_failed.map(|error| error.to_string());
    }
}

fn error_status(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Rejected => "blocked".into(),
        ErrorKind::NeedsApproval => "needs_approval".into(),
        kind => format!("error:{kind}"),
    }
}

fn failed(index: usize, item: &Item, turn: usize, error: &Error) -> QuestionResult {
    QuestionResult {
        id: item.id.clone(),
        db: item.db.clone(),
        question: item.turns.get(turn).map(|turn| turn.question.clone()).unwrap_or_default(),
        status: error_status(error),
        error: Some(error.to_string()),
        ambiguous: item.ambiguous,
        answerable: Some(item.turns.get(turn).is_some_and(Turn::is_answerable)),
        gold: item.turns.get(turn).map(|turn| turn.gold.clone()).unwrap_or_default(),
        tags: item.tags.clone(),
        turn: (item.turns.len() > 1).then_some(turn + 1),
        item: index,
        ..QuestionResult::default()
    }
}
