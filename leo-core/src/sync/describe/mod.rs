//! What a model says of tables and columns: asked in batches, from names, types, comments and keys alone.
//!
//! Each table that is sent has a hash of what would be sent of it; where that is known from before, the table is not sent again. Statistics, values, default
//! expressions, declared types and definitions of views are in no prompt. What comes back is cut, cleaned and dropped where it names what was not asked about.

mod job;
mod prompt;
mod reply;
#[cfg(test)]
mod tests;

pub(crate) use job::Describer;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::adapter::{AuditSink, Model};
use crate::catalog::{Catalog, Description, DescriptionOrigin, TableName, Term, TermOrigin};
use crate::context::Context;
use crate::error::Result;
use crate::gate::{Answered, Asked, ModelCall, RecordMeta};
use crate::settings::Disclosure;

/// How sure a term is that a model wrote.
const TERM_CONFIDENCE: f64 = 0.8;
/// Batches that fail one after the other before the rest is left.
const PATIENCE: usize = 2;

/// How much a model is asked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DescribeOptions {
    /// Characters of one prompt, about four to a token; 12,000 unless set.
    pub max_prompt_chars: usize,
    /// Tables of one prompt; 20 unless set.
    pub max_tables: usize,
    /// Prompts of one sync; 20 unless set. The rest is asked by the next one.
    pub max_batches: usize,
    /// Tokens of one sync, read and written, after which no other prompt is sent; 200,000 unless set.
    pub max_tokens: u64,
    /// Time for one answer; 60 s unless set.
    pub timeout: Duration,
    /// For the audit.
    pub meta: RecordMeta,
}

impl Default for DescribeOptions {
    fn default() -> Self {
        Self {
            max_prompt_chars: 12_000,
            max_tables: 20,
            max_batches: 20,
            max_tokens: 200_000,
            timeout: Duration::from_secs(60),
            meta: RecordMeta::default(),
        }
    }
}

/// What a model said of one table. To be kept: with its hash it saves asking again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedTable {
    /// The table.
    pub table: TableName,
    /// Hash of what was sent of it.
    pub hash: String,
    /// What it is called and what it holds.
    #[serde(flatten)]
    pub said: Said,
    /// The same for columns, by name.
    #[serde(default)]
    pub columns: Vec<(String, Said)>,
}

/// What a model said of a table or column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Said {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// What it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What came of asking.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Describing {
    /// What was said, by table; of some there may be nothing to say.
    pub tables: Vec<DescribedTable>,
    /// Tokens read and written.
    pub tokens: u64,
    /// Tables that were not asked about, or in a prompt that got no answer that could be read.
    pub left: usize,
}

/// Asks `model` what the tables of `catalog` hold, except those whose hash is `known`, and those of which comments or the host say everything.
///
/// # Behavior
/// Each prompt is recorded as a `tool_invocation` of `model` on `source`. A prompt that fails or gets an answer of another form costs its own tables;
/// after two in a row the rest is left for the next sync.
///
/// # Errors
/// `Cancelled`, `Timeout` of the call, and the audit sink's. A failure of the model is none.
pub async fn describe(
    ctx: &Context,
    model: &dyn Model,
    (source, catalog): (&str, &Catalog),
    audit: &Arc<dyn AuditSink>,
    options: &DescribeOptions,
    known: &HashMap<TableName, String>,
) -> Result<Describing> {
    let model = ModelCall {
        model: Asked::Host(model),
        source,
        audit,
        ledger: None,
        meta: options.meta.clone(),
        disclosure: Disclosure::None,
        earlier: None,
    };
    describe_by(ctx, &model, catalog, options, known).await
}

/// [`describe`] by whoever is called so.
async fn describe_by(
    ctx: &Context,
    model: &ModelCall<'_>,
    catalog: &Catalog,
    options: &DescribeOptions,
    known: &HashMap<TableName, String>,
) -> Result<Describing> {
    let wanted: Vec<prompt::Shown<'_>> = prompt::shown(catalog, options.max_prompt_chars)
        .into_iter()
        .filter(|shown| known.get(&shown.table.name) != Some(&shown.hash))
        .collect();
    let mut outcome = Describing { left: wanted.len(), ..Describing::default() };
    let mut failures = 0;
    for batch in prompt::batches(&wanted, options).into_iter().take(options.max_batches) {
        if outcome.tokens >= options.max_tokens || failures >= PATIENCE {
            break;
        }
        let Ok(Answered { response, .. }) = model.complete(ctx, prompt::request(batch, options)).await? else {
            failures += 1;
            continue;
        };
        outcome.tokens = outcome.tokens.saturating_add(response.input_tokens).saturating_add(response.output_tokens);
        match reply::read(&response.output, batch) {
            Some(described) => {
                failures = 0;
                outcome.left -= described.len();
                outcome.tables.extend(described);
            }
            None => failures += 1,
        }
    }
    Ok(outcome)
}

/// Lays what a model said over `catalog`: the host's words and comments stay, rules and guesses give way.
pub fn apply_described(catalog: &mut Catalog, described: &[DescribedTable]) {
    for own in described {
        let Some(name) = catalog.table(&own.table).map(|table| table.name.clone()) else { continue };
        let Some(table) = catalog.tables.iter_mut().find(|table| table.name == name) else { continue };
        settle(&mut table.term, &mut table.description, &own.said);
        for (name, said) in &own.columns {
            if let Some(column) = table.columns.iter_mut().find(|column| column.name == *name) {
                settle(&mut column.term, &mut column.description, said);
            }
        }
    }
}

fn settle(term: &mut Option<Term>, description: &mut Option<Description>, said: &Said) {
    if let Some(text) = &said.term
        && term.as_ref().is_none_or(|known| known.origin >= TermOrigin::Model)
    {
        *term = Some(Term { text: text.clone(), origin: TermOrigin::Model, confidence: TERM_CONFIDENCE });
    }
    if let Some(text) = &said.description
        && description.as_ref().is_none_or(|known| known.origin >= DescriptionOrigin::Model)
    {
        *description = Some(Description { text: text.clone(), origin: DescriptionOrigin::Model });
    }
}
