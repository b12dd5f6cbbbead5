//! One answer of a model: read, compiled where it is a query, and run.

use super::NoHelp;
use super::prepared::Prepared;
use crate::adapter::{Access, ModelResponse};
use crate::ask::answer::Answer;
use crate::ask::draft::Draft;
use crate::ask::execute::{Outcome, Statement, execute, is_about_the_statement};
use crate::ask::pipeline::{Call, Read, compile};
use crate::ask::planner::model::{Reading, Reply, reply};
use crate::chart::ChartKind;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::gate::RunResult;
use crate::guard::Purpose;
use crate::query::{Compiled, SemanticQuery};
use crate::value::Value;

/// An answer that ran, or that nothing is wrong with.
pub(super) struct Candidate {
    /// The answer as far as it is known, without what models took.
    pub(super) answer: Box<Answer>,
    pub(super) made: Made,
    pub(super) chart: Option<ChartKind>,
}

/// What came of a statement.
pub(super) enum Made {
    Rows {
        result: Box<RunResult>,
        query: Option<Box<(Read, Compiled)>>,
    },
    /// It waits for approval, or costs too much.
    Refused(Error),
    /// Execution is off.
    NotExecuted,
}

/// What came of an answer.
pub(super) enum Tried {
    Made(Box<Candidate>),
    AskBack { question: String, options: Vec<String> },
    NoHelp(NoHelp),
    Wrong(Found),
}

/// What is wrong with an answer, for the model to mend.
pub(super) struct Found {
    pub(super) why: NoHelp,
    /// What it wrote.
    pub(super) earlier: String,
    pub(super) findings: Vec<Finding>,
    /// Instead of findings.
    pub(super) words: Option<String>,
}

impl Found {
    fn said(why: NoHelp, response: &ModelResponse, words: impl Into<String>) -> Tried {
        Tried::Wrong(Self { why, earlier: as_written(response), findings: Vec::new(), words: Some(words.into()) })
    }
}

/// The answer in the model's own words.
fn as_written(response: &ModelResponse) -> String {
    match &response.output {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A statement out of an answer.
struct Written {
    sql: String,
    params: Vec<Value>,
    chart: Option<ChartKind>,
    query: Option<(Read, Compiled)>,
}

/// Reads and runs one answer.
///
/// # Errors
/// What keeps the database or the audit from serving; `Cancelled`, `Timeout` of the call.
pub(super) async fn attempt(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    access: &Access,
    (question, prepared): (&str, &Prepared),
    (response, reading): (&ModelResponse, &Reading<'_>),
) -> Result<Tried> {
    let written = match reply(&response.output, prepared.literals(), reading) {
        Ok(Reply::Declined) => return Ok(Tried::NoHelp(NoHelp::Declined)),
        Ok(Reply::AskBack { question, options }) => return Ok(Tried::AskBack { question, options }),
        Ok(Reply::Statement { sql, params, chart }) => Written { sql, params, chart: kind(chart), query: None },
        Ok(Reply::Query { query, chart }) => match compiled(call, draft, reading, *query) {
            Ok((read, compiled)) => {
                let (sql, params) = (compiled.sql.clone(), compiled.params.clone());
                Written { sql, params, chart: kind(chart), query: Some((read, compiled)) }
            }
            Err(error) if error.kind() == ErrorKind::Internal => return Err(error),
            Err(error) => return Ok(Found::said(NoHelp::Refused, response, error.message())),
        },
        Err(error) => return Ok(Found::said(NoHelp::Form, response, error.message())),
    };
    let statement = Statement { sql: &written.sql, params: &written.params, purpose: Purpose::Ask, question: Some(question) };
    let outcome = match execute(call, draft, access, statement).await {
        Ok(outcome) => outcome,
        // What is wrong with the statement itself is no reason to fail the call; what the database says about it may hold
        // values, so that it is not told to the model.
        Err(error) if is_about_the_statement(error.kind()) => {
            let words = format!("the database did not run it ({}); look at types, functions and the dialect", error.kind());
            return Ok(Found::said(NoHelp::Database(error.kind()), response, words));
        }
        Err(error) => return Err(error),
    };
    draft.answer.provenance.query = written.query.as_ref().map(|(read, _)| read.query.clone());
    let made = match outcome {
        Outcome::Ran(result) => Made::Rows { result, query: written.query.map(Box::new) },
        Outcome::NotExecuted => Made::NotExecuted,
        Outcome::Refused(error) if error.kind() == ErrorKind::Rejected => {
            let findings = error.findings().to_vec();
            // The statement of a query is Leo's, not the model's.
            let earlier = if written.query.is_some() { as_written(response) } else { written.sql };
            return Ok(Tried::Wrong(Found { why: NoHelp::Refused, earlier, findings, words: None }));
        }
        Outcome::Refused(error) => Made::Refused(error),
    };
    Ok(Tried::Made(Box::new(Candidate { answer: Box::new(draft.answer.clone()), made, chart: written.chart })))
}

fn compiled(call: &Call<'_>, draft: &mut Draft<'_>, reading: &Reading<'_>, query: SemanticQuery) -> Result<(Read, Compiled)> {
    let query = call.known.knowledge.resolve(query, reading.catalog)?;
    let compiled = compile(call, draft, reading.catalog, &query)?;
    Ok((Read { query, intent: None }, compiled))
}

fn kind(chart: Option<String>) -> Option<ChartKind> {
    serde_json::from_value(chart?.into()).ok()
}
