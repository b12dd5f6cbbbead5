//! The words of a prompt.

use jiff::Zoned;

use super::{reply, schema};
use crate::adapter::{ModelMessage, ModelPurpose, ModelRequest, ModelRole};
use crate::catalog::{Catalog, TableName};
use crate::dialect::Dialect;
use crate::finding::Finding;
use crate::untrusted::{Block, Fenced, NOTE, Safe, comment, identifier, text};

/// Tokens of an answer: a long statement has some hundred.
const MAX_OUTPUT_TOKENS: u32 = 2_048;
/// Findings that a repair is told.
const MAX_FINDINGS: usize = 8;

/// What the model is to do; the same for every question, so that services can keep it.
const INSTRUCTIONS: &str = "\
You write one SQL statement that answers a question about a database. It is checked before it runs: what changes data, reads other tables \
or is not understood is refused.

- Use the tables and columns of the schema alone, written as they are there, and functions of the dialect that are in common use.
- Write one SELECT, with WITH where it helps. No comments, no variables, nothing that writes.
- Values out of the question are placeholders in the statement and stand in `params`, in order. Dates are text, YYYY-MM-DD.
- Count periods such as \"last month\" from today's date as given, not from a function of the database.
- Give every column of the result a short name in plain words. Return what was asked for and nothing else.
- Where the schema does not hold what is asked for, or the question can be read in ways that would give other numbers, decline and say why.

Answer with JSON alone: {\"sql\": \"…\", \"params\": [], \"decline\": null}, or {\"sql\": null, \"params\": [], \"decline\": \"…\"}.

";

/// What a prompt is made from. All of it is what the user may see.
#[derive(Debug, Clone, Copy)]
pub(in crate::ask) struct Asked<'a> {
    pub(in crate::ask) catalog: &'a Catalog,
    /// Tables that fit the question, best first.
    pub(in crate::ask) ranked: &'a [TableName],
    pub(in crate::ask) question: &'a str,
    pub(in crate::ask) now: &'a Zoned,
    pub(in crate::ask) fiscal_year_start: i8,
    /// Characters of everything together.
    pub(in crate::ask) max_chars: u64,
    /// Milliseconds for an answer.
    pub(in crate::ask) timeout_ms: u64,
}

/// Words of a message: own ones, and cleaned text of others. Nothing else gets in.
#[derive(Debug, Default)]
struct Words(String);

impl Words {
    fn say(mut self, words: &'static str) -> Self {
        self.0.push_str(words);
        self
    }

    fn data(mut self, text: &Safe) -> Self {
        self.0.push_str(text.as_str());
        self
    }

    fn block(mut self, block: &Fenced) -> Self {
        self.0.push_str(block.as_str());
        self
    }

    fn by(self, role: ModelRole) -> ModelMessage {
        ModelMessage { role, text: self.0 }
    }
}

/// The request for a statement; nothing where not even one table fits in.
pub(in crate::ask) fn plan(asked: &Asked<'_>) -> Option<ModelRequest> {
    request(ModelPurpose::Plan, asked, Vec::new())
}

/// The request for another statement than `sql`, in which the guard found `findings`.
pub(in crate::ask) fn repair(asked: &Asked<'_>, sql: &str, findings: &[Finding]) -> Option<ModelRequest> {
    let mut found = Block::new("findings");
    for finding in findings.iter().take(MAX_FINDINGS) {
        let said = if finding.hint.is_empty() { &finding.message } else { &finding.hint };
        found = found.data(&identifier(&finding.rule)).say(": ").data(&comment(said)).say("\n");
    }
    let refused = Words::default()
        .say("Your statement was refused. What was found in it:\n")
        .block(&found.finish())
        .say("Write another one in which none of this is found, or decline. Answer in the same form.\n");
    let earlier = Words::default().data(&text(sql));
    request(ModelPurpose::Repair, asked, vec![earlier.by(ModelRole::Assistant), refused.by(ModelRole::User)])
}

fn request(purpose: ModelPurpose, asked: &Asked<'_>, further: Vec<ModelMessage>) -> Option<ModelRequest> {
    let instructions = Words::default().say(INSTRUCTIONS).say(NOTE).0;
    let (before, after) = (Words::default().say("The schema:\n"), after(asked, u64::MAX));
    let texts = further.iter().map(|message| message.text.as_str()).chain([&*instructions, &*before.0, &*after.0]);
    let taken: usize = texts.map(|text| text.chars().count()).sum::<usize>() + MARKS;
    let room = usize::try_from(asked.max_chars).unwrap_or(usize::MAX).checked_sub(taken)?;
    let shown = schema::schema(asked.catalog, asked.ranked, room)?;
    let first = Words(before.block(&shown.block).0 + &self::after(asked, shown.left_out).0);
    let messages = std::iter::once(first.by(ModelRole::User)).chain(further).collect();
    Some(ModelRequest {
        purpose,
        instructions,
        messages,
        schema: reply::schema(),
        tools: Vec::new(),
        max_output_tokens: MAX_OUTPUT_TOKENS,
        timeout_ms: asked.timeout_ms,
    })
}

/// Characters of the marks around the schema.
const MARKS: usize = 64;

/// What stands behind the schema. A schema without gaps is not mentioned.
fn after(asked: &Asked<'_>, left_out: u64) -> Words {
    let zone = asked.now.time_zone().iana_name().unwrap_or("UTC");
    let mut words = Words::default();
    if left_out > 0 {
        words = words.say("Tables that seem to matter less are left out: ").data(&Safe::from(left_out)).say(".\n");
    }
    words = words
        .say("The dialect is ")
        .say(asked.catalog.dialect.as_str())
        .say(", placeholders are written ")
        .say(placeholders(asked.catalog.dialect))
        .say(".\nToday is ")
        .data(&identifier(&asked.now.strftime("%A, %Y-%m-%d").to_string()))
        .say(", in the time zone ")
        .data(&identifier(zone))
        .say(".\n");
    if let Ok(month @ 2..) = u64::try_from(asked.fiscal_year_start) {
        words = words.say("Fiscal years start in month ").data(&Safe::from(month)).say(".\n");
    }
    words.say("\nThe question:\n").data(&text(asked.question)).say("\n")
}

fn placeholders(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres | Dialect::Datafusion => "$1, $2",
        Dialect::Tsql => "@p1, @p2",
        Dialect::Sqlite | Dialect::Mysql | Dialect::Bigquery => "?",
    }
}
