//! Tables as a model is shown them: structure in the form of DDL, no values and no statistics, within a number of characters.
//!
//! Where not all fits, tables that fit the question least give way: first their comments, last ranked first, then the tables themselves.

use std::collections::HashSet;

use crate::catalog::{Catalog, Relationship, Table, TableKind, TableName, TimeEncoding};
use crate::untrusted::{Block, Fenced, Safe, comment, identifier};

/// What is shown.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) block: Fenced,
    /// Tables that did not fit.
    pub(super) left_out: u64,
}

/// A piece of a table's text.
enum Piece {
    Own(&'static str),
    Data(Safe),
}

/// How much of a table is shown, least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Nothing,
    Structure,
    Everything,
}

/// The tables of `catalog`, those of `ranked` first, within `room` characters; nothing when none fits.
pub(super) fn schema(catalog: &Catalog, ranked: &[TableName], room: usize) -> Option<Schema> {
    let tables = in_order(catalog, ranked);
    let size = |table: &Table, detail| length(&pieces(catalog, table, detail, &|_| true));
    let mut shown: Vec<(&Table, Detail, usize)> =
        tables.into_iter().map(|table| (table, Detail::Everything, size(table, Detail::Everything))).collect();
    let mut total: usize = shown.iter().map(|(.., size)| size).sum();
    for less in [Detail::Structure, Detail::Nothing] {
        for (table, detail, own) in shown.iter_mut().rev() {
            if total <= room {
                break;
            }
            let smaller = size(table, less);
            total -= *own - smaller;
            (*detail, *own) = (less, smaller);
        }
    }
    let kept: HashSet<&TableName> =
        shown.iter().filter(|(_, detail, _)| *detail > Detail::Nothing).map(|(table, ..)| &table.name).collect();
    if kept.is_empty() {
        return None;
    }
    let mut block = Block::new("schema");
    for (table, detail, _) in &shown {
        for piece in pieces(catalog, table, *detail, &|other| kept.contains(other)) {
            block = match piece {
                Piece::Own(words) => block.say(words),
                Piece::Data(text) => block.data(&text),
            };
        }
    }
    Some(Schema { block: block.finish(), left_out: (shown.len() - kept.len()) as u64 })
}

/// The tables of `catalog` whose names a prompt can hold, those of `ranked` first.
fn in_order<'c>(catalog: &'c Catalog, ranked: &[TableName]) -> Vec<&'c Table> {
    let mut seen = HashSet::new();
    let best = ranked.iter().filter_map(|name| catalog.table(name));
    let can_be_named = |table: &&Table| named(catalog, &table.name).is_some();
    best.chain(&catalog.tables).filter(can_be_named).filter(|table| seen.insert(&table.name)).collect()
}

fn length(pieces: &[Piece]) -> usize {
    let length = |piece: &Piece| match piece {
        Piece::Own(words) => words.chars().count(),
        Piece::Data(text) => text.as_str().chars().count(),
    };
    pieces.iter().map(length).sum()
}

/// The table as DDL; without what has a name that a prompt cannot hold as it is. Keys refer to tables that are shown.
fn pieces(catalog: &Catalog, table: &Table, detail: Detail, is_shown: &dyn Fn(&TableName) -> bool) -> Vec<Piece> {
    let Some(name) = named(catalog, &table.name).filter(|_| detail > Detail::Nothing) else { return Vec::new() };
    let mut text = vec![Piece::Own(if table.kind == TableKind::Table { "CREATE TABLE " } else { "CREATE VIEW " })];
    text.extend(name);
    text.push(Piece::Own(" ("));
    let note = |text: &mut Vec<Piece>, words: Option<&str>| {
        let words = words.filter(|_| detail == Detail::Everything).map(comment).filter(|words| !words.is_empty());
        text.extend(words.map(|words| [Piece::Own(" -- "), Piece::Data(words)]).into_iter().flatten());
    };
    note(&mut text, table.comment.as_deref());
    text.push(Piece::Own("\n"));
    for column in &table.columns {
        let Some(name) = quoted(catalog, &column.name) else { continue };
        text.extend([Piece::Own("  "), Piece::Data(name), Piece::Own(" "), Piece::Own(column.data_type.in_prompts())]);
        text.push(Piece::Own(if column.nullable { "," } else { " NOT NULL," }));
        text.extend(column.time_encoding.and_then(encoding).map(Piece::Own));
        note(&mut text, column.comment.as_deref());
        text.push(Piece::Own("\n"));
    }
    if let Some(key) = listed(catalog, &table.primary_key) {
        text.push(Piece::Own("  PRIMARY KEY ("));
        text.extend(key);
        text.push(Piece::Own("),\n"));
    }
    for relationship in catalog.relationships.iter().filter(|relationship| relationship.child == table.name) {
        if is_shown(&relationship.parent) {
            text.extend(key(catalog, relationship).into_iter().flatten());
        }
    }
    text.push(Piece::Own(");\n"));
    text
}

fn key(catalog: &Catalog, relationship: &Relationship) -> Option<Vec<Piece>> {
    let mut text = vec![Piece::Own("  FOREIGN KEY (")];
    text.extend(listed(catalog, &relationship.child_columns)?);
    text.push(Piece::Own(") REFERENCES "));
    text.extend(named(catalog, &relationship.parent)?);
    text.push(Piece::Own(" ("));
    text.extend(listed(catalog, &relationship.parent_columns)?);
    text.push(Piece::Own("),\n"));
    Some(text)
}

/// The names, separated by commas; nothing when there are none or one cannot be shown.
fn listed(catalog: &Catalog, names: &[String]) -> Option<Vec<Piece>> {
    let mut text = Vec::new();
    for name in names {
        if !text.is_empty() {
            text.push(Piece::Own(", "));
        }
        text.push(Piece::Data(quoted(catalog, name)?));
    }
    (!text.is_empty()).then_some(text)
}

/// The table's name, with its schema where a bare name would mean another.
fn named(catalog: &Catalog, name: &TableName) -> Option<Vec<Piece>> {
    let schema = name.schema.as_deref().filter(|schema| Some(*schema) != catalog.default_schema());
    let mut text = Vec::new();
    if let Some(schema) = schema {
        // BigQuery's is of two parts, which are quoted as one.
        text.extend([Piece::Data(quoted(catalog, schema)?), Piece::Own(".")]);
    }
    text.push(Piece::Data(quoted(catalog, &name.name)?));
    Some(text)
}

/// The name as it is written in a statement; nothing when it would not be the same name afterwards.
fn quoted(catalog: &Catalog, name: &str) -> Option<Safe> {
    Some(identifier(&catalog.dialect.quote(name))).filter(|name| !name.is_changed())
}

/// How points in time are written in a column of another type.
fn encoding(encoding: TimeEncoding) -> Option<&'static str> {
    Some(match encoding {
        TimeEncoding::Native => return None,
        TimeEncoding::IsoDate => " -- text YYYY-MM-DD",
        TimeEncoding::IsoTimestamp => " -- text YYYY-MM-DD HH:MM:SS",
        TimeEncoding::CompactDate => " -- YYYYMMDD",
        TimeEncoding::YearMonth => " -- text YYYY-MM",
        TimeEncoding::Year => " -- a year",
        TimeEncoding::UnixSeconds => " -- seconds since 1970 in UTC",
        TimeEncoding::UnixMillis => " -- milliseconds since 1970 in UTC",
    })
}
