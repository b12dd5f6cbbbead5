//! The words of a prompt.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::{DescribeOptions, reply};
use crate::adapter::{ModelMessage, ModelPurpose, ModelRequest, ModelRole};
use crate::catalog::{Catalog, Column, DescriptionOrigin, Relationship, Table, TableKind, TableName};
use crate::untrusted::{Block, Fenced, NOTE, Safe, comment, identifier};
use crate::value::to_hex;

/// Changes when what is asked does: everything is asked again then.
const FORM: &str = "describe-1";
/// Tokens of an answer for a table or a column, and at most.
const TOKENS_EACH: usize = 60;
const MAX_OUTPUT_TOKENS: usize = 8_192;

/// What the model is to do; the same for every batch.
const INSTRUCTIONS: &str = "\
You describe tables of a database for people who ask questions about its data. You see names, types, comments and keys, and no rows.

- For each table, and each of its columns whose name does not say everything, write a description: one plain sentence of at most 25 words, about what a \
row or a value is. Say nothing that names, types, comments and keys do not support.
- Where a name is abbreviated or in another language than English, write also a term: the words people use, in lower case, at most five.
- Name tables and columns exactly as they are named. Leave out what you cannot tell.

Answer with JSON alone: {\"tables\": [{\"table\": \"…\", \"term\": null, \"description\": \"…\", \"columns\": [{\"column\": \"…\", \"term\": null, \
\"description\": \"…\"}]}]}.

";

/// A part of a prompt: own words, or cleaned text of others.
#[derive(Debug, Clone)]
enum Piece {
    Own(&'static str),
    Data(Safe),
}

/// A table as a prompt shows it.
#[derive(Debug)]
pub(super) struct Shown<'c> {
    pub(super) table: &'c Table,
    /// Its name in prompt and answer.
    pub(super) name: String,
    /// Columns that are shown.
    pub(super) columns: Vec<&'c Column>,
    pub(super) hash: String,
    pieces: Vec<Piece>,
    chars: usize,
}

/// The tables of `catalog` that something is to be said of, and that a prompt can name; each within `room` characters.
pub(super) fn shown(catalog: &Catalog, room: usize) -> Vec<Shown<'_>> {
    let mut parents: HashMap<&TableName, Vec<&Relationship>> = HashMap::new();
    for relationship in &catalog.relationships {
        parents.entry(&relationship.child).or_default().push(relationship);
    }
    let show = |table: &Table| parents.get(&table.name).map_or(&[][..], Vec::as_slice);
    catalog.tables.iter().filter(|table| is_wanting(table)).filter_map(|table| of_table(table, show(table), room)).collect()
}

/// Whether comments and the host leave something to be said.
fn is_wanting(table: &Table) -> bool {
    let is_said = |origin: Option<DescriptionOrigin>, comment: Option<&String>| {
        origin == Some(DescriptionOrigin::Host) || comment.is_some_and(|comment| !comment.trim().is_empty())
    };
    let of_column = |column: &Column| is_said(column.description.as_ref().map(|own| own.origin), column.comment.as_ref());
    !is_said(table.description.as_ref().map(|own| own.origin), table.comment.as_ref()) || !table.columns.iter().all(of_column)
}

/// The name as it is; nothing when a prompt would show another.
fn named(name: &str) -> Option<Safe> {
    Some(identifier(name)).filter(|name| !name.is_changed() && !name.is_empty())
}

fn of_table<'c>(table: &'c Table, parents: &[&Relationship], room: usize) -> Option<Shown<'c>> {
    let name = table.name.to_string();
    let mut pieces =
        vec![Piece::Own(if table.kind == TableKind::Table { "table " } else { "view " }), Piece::Data(named(&name)?)];
    note(&mut pieces, table.comment.as_deref());
    pieces.push(Piece::Own("\n"));
    let mut columns = Vec::new();
    let mut chars = length(&pieces);
    for column in &table.columns {
        let Some(line) = of_column(table, column, parents) else { continue };
        let own = length(&line);
        if chars + own > room {
            break;
        }
        chars += own;
        pieces.extend(line);
        columns.push(column);
    }
    let mut hash = Sha256::new();
    hash.update(FORM);
    for piece in &pieces {
        hash.update(text(piece));
    }
    Some(Shown { table, name, columns, hash: to_hex(&hash.finalize()), pieces, chars })
}

fn of_column(table: &Table, column: &Column, parents: &[&Relationship]) -> Option<Vec<Piece>> {
    let mut line = vec![
        Piece::Own("  column "),
        Piece::Data(named(&column.name)?),
        Piece::Own(": "),
        Piece::Own(column.data_type.in_prompts()),
    ];
    if table.primary_key.contains(&column.name) {
        line.push(Piece::Own(", key"));
    }
    let parent = parents.iter().find(|relationship| relationship.child_columns.contains(&column.name));
    if let Some(parent) = parent.and_then(|relationship| named(&relationship.parent.to_string())) {
        line.extend([Piece::Own(", refers to "), Piece::Data(parent)]);
    }
    note(&mut line, column.comment.as_deref());
    line.push(Piece::Own("\n"));
    Some(line)
}

fn note(pieces: &mut Vec<Piece>, words: Option<&str>) {
    let words = words.map(comment).filter(|words| !words.is_empty());
    pieces.extend(words.map(|words| [Piece::Own(" -- "), Piece::Data(words)]).into_iter().flatten());
}

fn text(piece: &Piece) -> &str {
    match piece {
        Piece::Own(words) => words,
        Piece::Data(text) => text.as_str(),
    }
}

fn length(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| text(piece).chars().count()).sum()
}

/// The tables in the order of the catalogue, as many to a prompt as fit.
pub(super) fn batches<'s, 'c>(tables: &'s [Shown<'c>], options: &DescribeOptions) -> Vec<&'s [Shown<'c>]> {
    let mut batches = Vec::new();
    let (mut start, mut chars) = (0, 0);
    for (at, shown) in tables.iter().enumerate() {
        let is_full = at - start >= options.max_tables.max(1) || chars + shown.chars > options.max_prompt_chars;
        if at > start && is_full {
            batches.extend(tables.get(start..at));
            (start, chars) = (at, 0);
        }
        chars += shown.chars;
    }
    batches.extend(tables.get(start..).filter(|rest| !rest.is_empty()));
    batches
}

/// The request for descriptions of `batch`.
pub(super) fn request(batch: &[Shown<'_>], options: &DescribeOptions) -> ModelRequest {
    let mut block = Block::new("tables");
    for piece in batch.iter().flat_map(|shown| &shown.pieces) {
        block = match piece {
            Piece::Own(words) => block.say(words),
            Piece::Data(text) => block.data(text),
        };
    }
    let fenced: Fenced = block.finish();
    let things: usize = batch.iter().map(|shown| 1 + shown.columns.len()).sum();
    ModelRequest {
        purpose: ModelPurpose::Describe,
        instructions: format!("{INSTRUCTIONS}{NOTE}"),
        messages: vec![ModelMessage { role: ModelRole::User, text: format!("The tables:\n{fenced}") }],
        schema: reply::schema(),
        tools: Vec::new(),
        max_output_tokens: u32::try_from((200 + things * TOKENS_EACH).min(MAX_OUTPUT_TOKENS)).unwrap_or(u32::MAX),
        timeout_ms: u64::try_from(options.timeout.as_millis()).unwrap_or(u64::MAX),
    }
}
