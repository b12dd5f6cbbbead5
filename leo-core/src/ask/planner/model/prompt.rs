//! The words of a prompt, within a number of tokens.
//!
//! What stays the same from one question to the next comes first. Where there is too much, this gives way, in this order: earlier turns but for the last
//! ones, verified questions and words of the business that fit least, comments and figures of tables that fit least, columns that the question
//! seems not to need, and then tables.

use jiff::Zoned;

use super::budget::tokens;
use super::form;
use super::literals::{Literals, mark};
use super::rules::{INSTRUCTIONS, dialect, placeholders};
use super::schema::{Shown, column_named, schema};
use crate::adapter::{ModelMessage, ModelPurpose, ModelRequest, ModelRole};
use crate::audit::mask_text;
use crate::finding::Finding;
use crate::untrusted::{Block, Fenced, NOTE, Safe, comment, identifier, text};

/// Tokens of an answer: a long statement has some hundred.
const MAX_OUTPUT_TOKENS: u32 = 2_048;
/// Findings that a repair is told.
const MAX_FINDINGS: usize = 8;
/// Share of the tokens that what people say may take, and the share of earlier turns.
const KNOWLEDGE: f64 = 0.2;
const HISTORY: f64 = 0.15;
/// Tokens of the marks around blocks.
const MARKS: usize = 60;

/// What a prompt is made from. All of it is what the user may see.
#[derive(Clone, Copy)]
pub(in crate::ask) struct Asked<'a> {
    pub(in crate::ask) shown: Shown<'a>,
    /// The question, with marks for what the model does not get to see.
    pub(in crate::ask) question: &'a str,
    pub(in crate::ask) literals: &'a Literals,
    pub(in crate::ask) now: &'a Zoned,
    pub(in crate::ask) fiscal_year_start: i8,
    /// What people say, best fitting first.
    pub(in crate::ask) said: &'a [Said],
    /// What a reader without a model made of the question, one line each.
    pub(in crate::ask) evidence: &'a [String],
    /// Earlier questions of the conversation and what they were answered by, oldest first.
    pub(in crate::ask) history: &'a [(String, String)],
    /// Rows that an answer may have.
    pub(in crate::ask) max_rows: u64,
    /// Whether columns with personal data are hidden from the user.
    pub(in crate::ask) hides_personal: bool,
    /// Tokens of everything together.
    pub(in crate::ask) max_tokens: usize,
    /// Milliseconds for an answer.
    pub(in crate::ask) timeout_ms: u64,
}

/// What people say about a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ask) enum Said {
    /// A metric: its name, and what it is.
    Metric(String, String),
    /// A word of the business, and what it means.
    Term(String, String),
    /// A question, and the statement that answers it.
    Verified(String, String),
}

/// Words of a message: own ones, and cleaned text of others. Nothing else gets in.
#[derive(Debug, Default)]
pub(in crate::ask) struct Words(String);

impl Words {
    pub(in crate::ask) fn say(mut self, words: &'static str) -> Self {
        self.0.push_str(words);
        self
    }

    pub(in crate::ask) fn data(mut self, text: &Safe) -> Self {
        self.0.push_str(text.as_str());
        self
    }

    pub(in crate::ask) fn block(mut self, block: &Fenced) -> Self {
        self.0.push_str(block.as_str());
        self
    }

    /// Other words behind these.
    pub(in crate::ask) fn words(mut self, other: Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// Tokens of it.
    pub(in crate::ask) fn tokens(&self) -> usize {
        tokens(&self.0)
    }

    /// The text, for instructions.
    pub(in crate::ask) fn into_text(self) -> String {
        self.0
    }

    pub(in crate::ask) fn by(self, role: ModelRole) -> ModelMessage {
        ModelMessage { role, text: self.0 }
    }
}

/// The request for an answer; nothing where not even one table fits in.
pub(in crate::ask) fn plan(asked: &Asked<'_>) -> Option<ModelRequest> {
    request(ModelPurpose::Plan, asked, Vec::new())
}

/// Why another answer is wanted.
#[derive(Debug, Clone, Copy)]
pub(in crate::ask) enum Wrong<'a> {
    /// The guard found something in the statement.
    Findings(&'a [Finding]),
    /// Leo's own words: the answer has no form, or the query cannot be made a statement.
    Said(&'a str),
}

/// The request for another answer than `earlier`.
pub(in crate::ask) fn repair(asked: &Asked<'_>, earlier: &str, wrong: Wrong<'_>) -> Option<ModelRequest> {
    let mut found = Block::new("findings");
    match wrong {
        Wrong::Findings(findings) => {
            for finding in findings.iter().take(MAX_FINDINGS) {
                let said = if finding.hint.is_empty() { &finding.message } else { &finding.hint };
                let said = asked.literals.hidden_again(said);
                found = found.data(&identifier(&finding.rule)).say(": ").data(&comment(&said)).say("\n");
            }
        }
        Wrong::Said(words) => found = found.data(&comment(&asked.literals.hidden_again(words))).say("\n"),
    }
    let refused = Words::default()
        .say("That was refused. What was found in it:\n")
        .block(&found.finish())
        .say("Answer anew so that none of this is found, or decline. Answer in the same form.\n");
    let earlier = Words::default().data(&text(earlier));
    request(ModelPurpose::Repair, asked, vec![earlier.by(ModelRole::Assistant), refused.by(ModelRole::User)])
}

fn request(purpose: ModelPurpose, asked: &Asked<'_>, further: Vec<ModelMessage>) -> Option<ModelRequest> {
    let instructions = Words::default().say(INSTRUCTIONS).say(NOTE).0;
    let before = Words::default().say("The schema:\n");
    let share = |part: f64| (asked.max_tokens as f64 * part) as usize;
    let between = knowledge(asked, share(KNOWLEDGE));
    let after = after(asked, share(HISTORY));
    // The number of tables that are left out is known last, and takes few tokens.
    let texts = further.iter().map(|message| message.text.as_str()).chain([&*instructions, &*before.0, &*between.0, &*after.0]);
    let taken: usize = texts.map(tokens).sum::<usize>() + MARKS;
    let shown = schema(&asked.shown, asked.max_tokens.checked_sub(taken)?)?;
    let mut first = before.block(&shown.block);
    if shown.left_out > 0 {
        first = first.say("Tables that seem to matter less are left out: ").data(&Safe::from(shown.left_out)).say(".\n");
    }
    let first = first.words(between).words(after);
    let messages = std::iter::once(first.by(ModelRole::User)).chain(further).collect();
    Some(ModelRequest {
        purpose,
        instructions,
        messages,
        schema: form::schema(),
        tools: form::tools(),
        max_output_tokens: MAX_OUTPUT_TOKENS,
        timeout_ms: asked.timeout_ms,
    })
}

/// What people say, as far as it fits into `room` tokens.
fn knowledge(asked: &Asked<'_>, room: usize) -> Words {
    let (mut block, mut left, mut is_empty) = (Block::new("knowledge"), room, true);
    for said in asked.said {
        let (label, name, between, what) = match said {
            Said::Metric(name, what) => ("metric ", comment(name), " is ", text(&mask_text(what))),
            Said::Term(name, what) => ("term ", comment(name), " means: ", text(&mask_text(what))),
            Said::Verified(question, sql) => ("question: ", text(question), "\nanswered by: ", text(sql)),
        };
        let taken = tokens(name.as_str()) + tokens(what.as_str()) + 10;
        if taken > left || asked.shown.speaks_of_hidden(name.as_str()) || asked.shown.speaks_of_hidden(what.as_str()) {
            continue;
        }
        left -= taken;
        is_empty = false;
        block = block.say(label).data(&name).say(between).data(&what).say("\n");
    }
    if is_empty { Words::default() } else { Words::default().say("What people say about it:\n").block(&block.finish()) }
}

/// What stands behind the schema: dialect, time, limits, what came before, and the question.
fn after(asked: &Asked<'_>, history: usize) -> Words {
    let own = asked.shown.catalog.dialect;
    let zone = asked.now.time_zone().iana_name().unwrap_or("UTC");
    let mut words = Words::default()
        .say("The dialect is ")
        .say(own.as_str())
        .say(" (")
        .say(dialect(own))
        .say("), placeholders are written ")
        .say(placeholders(own))
        .say(".\nAn answer has at most ")
        .data(&Safe::from(asked.max_rows))
        .say(" rows.\n");
    if asked.hides_personal {
        words = words.say("Columns with personal data come back hidden: count them or join by them, do not show them.\n");
    }
    words = words
        .say("Today is ")
        .data(&identifier(&asked.now.strftime("%A, %Y-%m-%d").to_string()))
        .say(", in the time zone ")
        .data(&identifier(zone))
        .say(".\n");
    if let Ok(month @ 2..) = u64::try_from(asked.fiscal_year_start) {
        words = words.say("Fiscal years start in month ").data(&Safe::from(month)).say(".\n");
    }
    words = earlier(words, asked, history);
    if !asked.evidence.is_empty() {
        let mut block = Block::new("reading");
        for line in asked.evidence {
            block = block.data(&comment(line)).say("\n");
        }
        words = words.say("What a reader by rules made of it, who may be wrong:\n").block(&block.finish());
    }
    words = marks(words, asked);
    words.say("\nThe question:\n").data(&text(asked.question)).say("\n")
}

/// The last turns that fit into `room` tokens.
fn earlier(words: Words, asked: &Asked<'_>, room: usize) -> Words {
    let mut left = room;
    let size = |(question, answered): &(String, String)| tokens(question) + tokens(answered) + 10;
    let fits = |turn: &&(String, String)| {
        let taken = size(turn);
        let fits = taken <= left;
        left = left.saturating_sub(taken);
        fits
    };
    let mut turns: Vec<&(String, String)> = asked.history.iter().rev().take_while(fits).collect();
    turns.retain(|(question, answered)| !asked.shown.speaks_of_hidden(question) && !asked.shown.speaks_of_hidden(answered));
    if turns.is_empty() {
        return words;
    }
    let mut block = Block::new("conversation");
    for (question, answered) in turns.into_iter().rev() {
        block = block.say("asked: ").data(&text(question)).say("\nanswered by: ").data(&text(answered)).say("\n");
    }
    words.say("What was asked before, oldest first; the question may go on from there:\n").block(&block.finish())
}

/// What the marks in the question stand for.
fn marks(words: Words, asked: &Asked<'_>) -> Words {
    let (mut block, mut is_empty) = (Block::new("values"), true);
    for (number, column) in asked.literals.marks() {
        let named = column.and_then(|(table, column)| column_named(asked.shown.catalog, table, column));
        is_empty = false;
        block = block.data(&identifier(&mark(number)));
        block = match named.as_deref() {
            Some([table, column]) => block.say(" is a value of ").data(table).say(".").data(column).say("\n"),
            _ => block.say(" is a text that is kept from you\n"),
        };
    }
    if is_empty { words } else { words.say("What stands for values in the question:\n").block(&block.finish()) }
}
