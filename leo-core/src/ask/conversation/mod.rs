//! Conversations: what was asked before, how an answer continues it, and what of it may be taken away again.

mod export;
mod session;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::AnswerStatus;
use crate::query::{SemanticQuery, describe_filter};
pub use session::{Session, SessionFormat, SessionInfo, Turn};
pub(crate) use session::{check_id, checked_title};

/// The last turns of a session, as far as a question may build on them.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    turns: Vec<Turn>,
    /// Whether there may be turns that could not be read.
    unreadable: bool,
}

/// What a question comes after.
#[derive(Debug, Clone, Copy)]
pub(super) enum Before<'a> {
    /// It is the first about this source, or since another one was asked.
    Nothing,
    /// Something of which no query is known.
    Unknown,
    /// This.
    Query(&'a SemanticQuery),
}

/// A turn in short, for a prompt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CondensedTurn {
    /// The question as asked.
    pub question: String,
    /// How it was understood.
    pub reading: Option<String>,
    /// The statement, its values apart.
    pub sql: Option<String>,
    /// What came of it.
    pub status: AnswerStatus,
}

impl Conversation {
    /// One of these turns, oldest first.
    pub fn new(turns: Vec<Turn>) -> Self {
        Self { turns, unreadable: false }
    }

    /// One of which nothing is known.
    pub(crate) fn unreadable() -> Self {
        Self { turns: Vec::new(), unreadable: true }
    }

    /// What a question about `source` comes after.
    pub(super) fn before(&self, source: &str) -> Before<'_> {
        match self.turns.last() {
            None if self.unreadable => Before::Unknown,
            None => Before::Nothing,
            Some(turn) if turn.source != source => Before::Nothing,
            Some(turn) => turn.query.as_ref().map_or(Before::Unknown, Before::Query),
        }
    }

    /// The turns about `source`, oldest first, for the prompt of a model. Readings and statements are those of turns that saw the same
    /// `catalog` as the user sees now: what a policy hides since is not named.
    pub fn condensed(&self, source: &str, catalog: &str) -> Vec<CondensedTurn> {
        let about = self.turns.iter().filter(|turn| turn.source == source);
        about
            .map(|turn| {
                let seen = turn.catalog == catalog;
                CondensedTurn {
                    question: turn.question.clone(),
                    reading: Some(turn.reading.clone()).filter(|reading| seen && !reading.is_empty()),
                    sql: turn.sql.clone().filter(|_| seen),
                    status: turn.status,
                }
            })
            .collect()
    }
}

/// How an answer continues the one before it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Continuation {
    /// The question that it continues.
    pub question: String,
    /// Conditions that were kept from before.
    pub kept: Vec<KeptFilter>,
}

/// A condition that was kept from before, to be shown and taken away.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeptFilter {
    /// Its place among the query's [`filters`](SemanticQuery::filters).
    pub index: usize,
    /// What the user reads.
    pub label: String,
    /// The query without it, for [`Leo::ask_query`](crate::Leo::ask_query) in the same session.
    pub without: SemanticQuery,
}

impl Conversation {
    /// How `query` continues the turn before it: the conditions both have.
    pub(super) fn continued(&self, source: &str, query: &SemanticQuery) -> Option<Continuation> {
        let turn = self.turns.last().filter(|turn| turn.source == source)?;
        let before = turn.query.as_ref()?.filters();
        let kept = query.filters().iter().enumerate().filter(|(_, filter)| before.contains(filter));
        let kept = kept.filter_map(|(index, filter)| {
            Some(KeptFilter { index, label: describe_filter(filter), without: query.without_filter(index)? })
        });
        Some(Continuation { question: turn.question.clone(), kept: kept.collect() })
    }
}
