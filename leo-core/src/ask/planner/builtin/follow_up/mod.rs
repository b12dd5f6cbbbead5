//! Follow-ups: a question that continues the one before it, as an edit of that one's query.
//!
//! ```text
//! question → cues (what says that it continues) → direct edit ("the other way round", "top 5", "without the filter")
//!                                               → said in full (pronouns stand for the rows before) → planned → laid over the query before
//! ```
//! What stands on its own is no follow-up. What refers to something and cannot be tied to it is said to be unclear, rather than read as if
//! nothing had come before.

mod cues;
mod edits;
mod merge;
mod rows;
mod said;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

use super::decision::{Asked, Considered, consider};
use super::explain;
use super::intake;
use super::schema::SchemaIndex;
use super::tokens::tokenize;
use crate::ask::planner::plan::{Intent, Plan, PlannedQuery};
use crate::query::{Calendar, SemanticQuery};
use cues::Cues;

/// Of the confidence in the new words, what is left when others are taken from before.
const CARRIED: f64 = 0.97;
/// The confidence in an edit that is said in so many words.
const DIRECT: f64 = 0.9;

/// What a question is after another one.
#[derive(Debug)]
pub(in crate::ask) enum FollowUp {
    /// It stands on its own.
    OnItsOwn,
    /// It refers to what came before, and what is meant is not clear.
    Unclear,
    /// It continues: the query that it makes of the one before.
    Continues(Box<PlannedQuery>),
}

/// What `question` makes of the query before it. `floor` is the confidence from which a question that names everything itself is new.
pub(super) fn follow_up(
    question: &str,
    before: Option<&SemanticQuery>,
    index: &SchemaIndex,
    (today, calendar): (Date, &Calendar),
    floor: f64,
) -> FollowUp {
    let tokens = tokenize(question);
    if intake::refuse(question, &tokens).is_some() || intake::other_language(&tokens).is_some() {
        return FollowUp::OnItsOwn;
    }
    let none = std::collections::BTreeMap::new();
    let alone = Asked { question, tokens: &tokens, stands_for: &none, index, today, calendar };
    let cues = Cues::read(&alone);
    let stands = || {
        let considered = consider(&alone);
        let asks = considered.reading.as_ref().is_some_and(|reading| !reading.asks.is_empty());
        asks && matches!(considered.plan, Plan::Query(planned) if planned.confidence >= floor)
    };
    // "for all cities" says nothing but an edit, also where it could be a question.
    let is_edit = || {
        let known = before.filter(|_| !cues.names_rows);
        known.is_some_and(|before| edits::edited(&cues.rest, before, index).is_some())
    };
    if !cues.refers && (cues.names_rows || !is_edit() && stands()) {
        return FollowUp::OnItsOwn;
    }
    // What the user may not see any more is not carried on, and not told.
    let known = before.filter(|before| before.validate(index.catalog()).is_ok());
    let found = known.and_then(|before| continued(&alone, &cues, before)).filter(|planned| planned.confidence >= floor);
    match found {
        Some(planned) => FollowUp::Continues(Box::new(planned)),
        None if cues.refers => FollowUp::Unclear,
        None => FollowUp::OnItsOwn,
    }
}

fn continued(asked: &Asked<'_>, cues: &Cues, before: &SemanticQuery) -> Option<PlannedQuery> {
    let index = asked.index;
    if let Some(query) = edits::edited(&cues.rest, before, index)
        && query.validate(index.catalog()).is_ok()
    {
        let reading = explain::describe(&query);
        return Some(PlannedQuery {
            confidence: DIRECT,
            reading,
            links: Vec::new(),
            assumptions: Vec::new(),
            intent: intent(&query),
            alternatives: Vec::new(),
            query,
        });
    }
    let rows = rows::rows_of(before, index)?;
    let mut best: Option<PlannedQuery> = None;
    for way in said::ways(cues, index, rows, before.measures.iter().any(|measure| !measure.hidden)) {
        let said = Asked { tokens: &way.tokens, stands_for: &way.stands_for, ..*asked };
        let Considered { plan: Plan::Query(mut planned), reading: Some(reading) } = consider(&said) else { continue };
        let Some(query) = merge::merge(before, (&planned.query, &reading, way.groups), cues, index, rows) else { continue };
        if query.validate(index.catalog()).is_err() {
            continue;
        }
        planned.confidence *= CARRIED;
        if best.as_ref().is_none_or(|known| planned.confidence > known.confidence) {
            planned.reading = explain::describe(&query);
            planned.intent = intent(&query);
            planned.alternatives.clear();
            planned.query = query;
            best = Some(*planned);
        }
    }
    best
}

/// The kind of answer, told by the query alone.
fn intent(query: &SemanticQuery) -> Intent {
    let shown = query.dimensions.iter().filter(|dimension| !dimension.hidden).count();
    let measured = query.measures.iter().any(|measure| !measure.hidden);
    let timed = query.dimensions.iter().any(|dimension| dimension.grain.is_some() && !dimension.hidden);
    match (measured, shown) {
        _ if query.compare.is_some() => Intent::Comparison,
        (true, 0) => Intent::SingleValue,
        (false, 1) if query.limit == Some(1) => Intent::SingleValue,
        _ if query.limit.is_some() || query.top_per.is_some() => Intent::Ranking,
        (true, _) if timed => Intent::Series,
        (true, _) => Intent::Breakdown,
        (false, _) => Intent::List,
    }
}
