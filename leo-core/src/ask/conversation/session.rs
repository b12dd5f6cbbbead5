//! A session: the turns of a conversation, its title, and whether it is pinned.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Conversation;
use crate::ask::{Answer, AnswerStatus};
use crate::error::{Error, Result};
use crate::query::SemanticQuery;

/// Turns kept in full, and condensed for a model.
const FULL: usize = 10;
/// Turns kept at all; of those before, only the number is known.
const KEPT: usize = 200;
/// Characters of a title that is made from a question, and of one that is given.
const TITLE: usize = 60;
const LONGEST_TITLE: usize = 200;
/// Characters of an id.
const LONGEST_ID: usize = 200;

/// One question of a conversation and what came of it. No row is in it; values are those that the user wrote.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Turn {
    /// The question as asked.
    pub question: String,
    /// How it was understood, together with what came before.
    pub reading: String,
    /// Its query, where it had one; only for the last ten turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<SemanticQuery>,
    /// The statement, values apart; only for the last ten turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// What came of it.
    pub status: AnswerStatus,
    /// Id of the source it was about.
    pub source: String,
    /// Version of the catalogue that the user saw.
    pub catalog: String,
    /// When it was answered.
    pub at: Timestamp,
}

/// Shows neither question nor statement.
impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn").field("source", &self.source).field("status", &self.status).finish_non_exhaustive()
    }
}

impl Turn {
    pub(crate) fn of(answer: &Answer, at: Timestamp) -> Self {
        Self {
            question: answer.question.clone(),
            reading: answer.explain.reading.clone(),
            query: answer.provenance.query.clone(),
            sql: answer.sql.clone(),
            status: answer.status,
            source: answer.source.clone(),
            catalog: answer.seen.clone(),
            at,
        }
    }
}

/// A conversation as it is kept.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Session {
    /// Its id, unique for the user.
    pub id: String,
    /// The first question in short, unless it was given another one.
    pub title: String,
    /// Whether it is listed before all that are not.
    pub pinned: bool,
    /// When the first question was asked.
    pub created_at: Timestamp,
    /// When the last one was.
    pub changed_at: Timestamp,
    /// Its turns, oldest first; the last 200.
    pub turns: Vec<Turn>,
    /// Turns that are not kept any more.
    #[serde(default)]
    pub dropped: u64,
}

/// Shows neither title nor turns.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id).field("turns", &self.turns.len()).finish_non_exhaustive()
    }
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SessionInfo {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Questions asked in it.
    pub turns: u64,
    /// When the first question was asked.
    pub created_at: Timestamp,
    /// When the last one was.
    pub changed_at: Timestamp,
}

/// How a session is written for somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SessionFormat {
    /// All of it, as [`Session`] is written.
    Json,
    /// To be read: title, questions, readings, statements.
    Markdown,
}

impl Session {
    /// A session with no turn yet.
    pub(crate) fn begin(id: &str, at: Timestamp) -> Self {
        let (id, title) = (id.to_owned(), String::new());
        Self { id, title, pinned: false, created_at: at, changed_at: at, turns: Vec::new(), dropped: 0 }
    }

    /// Adds what was asked last. Older turns lose query and statement, the oldest go.
    pub(crate) fn push(&mut self, turn: Turn) {
        if self.title.is_empty() {
            self.title = shortened(&turn.question, TITLE);
        }
        self.changed_at = self.changed_at.max(turn.at);
        self.turns.push(turn);
        let excess = self.turns.len().saturating_sub(KEPT);
        self.turns.drain(..excess);
        self.dropped += excess as u64;
        if let Some(older) = self.turns.len().checked_sub(FULL + 1) {
            // Those before were condensed when they got there.
            (self.turns[older].query, self.turns[older].sql) = (None, None);
        }
    }

    /// What a question may build on.
    pub(crate) fn conversation(&self) -> Conversation {
        Conversation::new(self.turns[self.turns.len().saturating_sub(FULL)..].to_vec())
    }

    /// As it stands in a list.
    pub fn info(&self) -> SessionInfo {
        SessionInfo {
            id: self.id.clone(),
            title: self.title.clone(),
            pinned: self.pinned,
            turns: self.dropped + self.turns.len() as u64,
            created_at: self.created_at,
            changed_at: self.changed_at,
        }
    }
}

/// Whether a text can be the id of a session.
///
/// # Errors
/// `Malformed`.
pub(crate) fn check_id(id: &str) -> Result<()> {
    let fits = !id.trim().is_empty() && id.chars().nth(LONGEST_ID).is_none() && !id.chars().any(char::is_control);
    if fits {
        return Ok(());
    }
    Err(Error::malformed(format!(
        "the id of a session is 1 to {LONGEST_ID} characters without control characters; use a UUID, for instance"
    )))
}

/// A title that somebody gives.
///
/// # Errors
/// `Malformed` for one that is empty or too long.
pub(crate) fn checked_title(title: &str) -> Result<String> {
    let title = title.trim();
    if title.is_empty() || title.chars().nth(LONGEST_TITLE).is_some() || title.chars().any(char::is_control) {
        return Err(Error::malformed(format!("a title is one line of 1 to {LONGEST_TITLE} characters; give it another one")));
    }
    Ok(title.to_owned())
}

/// One line of at most `most` characters, cut between words.
fn shortened(text: &str, most: usize) -> String {
    let line =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let Some((end, _)) = line.char_indices().nth(most) else { return line };
    let cut = line[..end].rfind(' ').filter(|cut| *cut > 0).unwrap_or(end);
    format!("{}…", line[..cut].trim_end_matches([',', ';', ' ']))
}
