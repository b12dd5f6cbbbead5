//! Tables as a model is shown them: structure in the form of DDL, with what tells columns apart, within a number of tokens.
//!
//! Where not all fits, tables that fit the question least give way: first their comments and figures, then columns that it seems not to need, then the
//! tables themselves. What is shown whole stands in the catalogue's order, so that services can remember it from one question to the next.

use std::collections::HashSet;

use super::budget::tokens;
use crate::audit::mask_text;
use crate::catalog::{Catalog, Column, DescriptionOrigin, Relationship, Table, TableKind, TableName, TimeEncoding};
use crate::settings::Disclosure;
use crate::untrusted::{Block, Fenced, Safe, comment, identifier, value};

/// Tables that are looked at, best fitting first; all where there are no more.
pub(in crate::ask) const TABLES: usize = 60;
/// Values of a column that are told, where values may be told at all.
const VALUES: u64 = 20;
/// Columns that a narrowed table keeps beside keys, times, and what the question needs.
const COLUMNS: usize = 6;

/// What is shown.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) block: Fenced,
    /// Tables that did not fit.
    pub(super) left_out: u64,
}

/// A source as it is to be shown.
#[derive(Clone, Copy)]
pub(in crate::ask) struct Shown<'a> {
    /// What of it the user may see.
    pub(in crate::ask) catalog: &'a Catalog,
    /// Tables that fit the question, best first.
    pub(in crate::ask) ranked: &'a [TableName],
    /// Columns that it may need.
    pub(in crate::ask) columns: &'a HashSet<(TableName, String)>,
    /// What of its values may be told.
    pub(in crate::ask) disclosure: Disclosure,
    /// Columns whose values may be told where the host decides that for each.
    pub(in crate::ask) disclosed: &'a HashSet<(TableName, String)>,
    /// Names that the user must not read, in lower case: comments with one of them are left out.
    pub(in crate::ask) hidden: &'a HashSet<String>,
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
    Narrow,
    Structure,
    Everything,
}

/// The tables within `room` tokens; nothing when none fits.
pub(super) fn schema(source: &Shown<'_>, room: usize) -> Option<Schema> {
    let catalog = source.catalog;
    let tables = source.in_order();
    let size = |table: &Table, detail| length(&source.pieces(table, detail, &|_| true));
    let mut shown: Vec<(&Table, Detail, usize)> =
        tables.iter().map(|table| (*table, Detail::Everything, size(table, Detail::Everything))).collect();
    let mut total: usize = shown.iter().map(|(.., size)| size).sum();
    for less in [Detail::Structure, Detail::Narrow, Detail::Nothing] {
        for (table, detail, own) in shown.iter_mut().rev() {
            if total <= room {
                break;
            }
            let smaller = size(table, less);
            if smaller < *own || less == Detail::Nothing {
                total -= *own - smaller;
                (*detail, *own) = (less, smaller);
            }
        }
    }
    shown.retain(|(_, detail, _)| *detail > Detail::Nothing);
    if shown.is_empty() {
        return None;
    }
    let kept: HashSet<&TableName> = shown.iter().map(|(table, ..)| &table.name).collect();
    if shown.len() == catalog.tables.len() && shown.iter().all(|(_, detail, _)| *detail == Detail::Everything) {
        shown.sort_by(|(a, ..), (b, ..)| a.name.cmp(&b.name));
    }
    let mut block = Block::new("schema");
    for (table, detail, _) in &shown {
        for piece in source.pieces(table, *detail, &|other| kept.contains(other)) {
            block = match piece {
                Piece::Own(words) => block.say(words),
                Piece::Data(text) => block.data(&text),
            };
        }
    }
    Some(Schema { block: block.finish(), left_out: (catalog.tables.len() - shown.len()) as u64 })
}

fn length(pieces: &[Piece]) -> usize {
    // Piece by piece is a little more than all of it together.
    let length = |piece: &Piece| match piece {
        Piece::Own(words) => tokens(words),
        Piece::Data(text) => tokens(text.as_str()),
    };
    pieces.iter().map(length).sum()
}

impl<'a> Shown<'a> {
    /// Tables whose names a prompt can hold, those that fit first.
    fn in_order(&self) -> Vec<&'a Table> {
        let mut seen = HashSet::new();
        let best = self.ranked.iter().filter_map(|name| self.catalog.table(name));
        let can_be_named = |table: &&Table| named(self.catalog, &table.name).is_some();
        let all = best.chain(&self.catalog.tables).filter(can_be_named);
        all.filter(|table| seen.insert(&table.name)).take(TABLES.max(self.ranked.len())).collect()
    }

    /// Words of others, unless they speak of what the user must not see.
    fn note(&self, words: Option<&str>) -> Option<Safe> {
        let words = words.filter(|words| !self.speaks_of_hidden(words))?;
        Some(comment(&mask_text(words))).filter(|words| !words.is_empty())
    }

    /// Whether a name that the user must not read is in `text`.
    pub(super) fn speaks_of_hidden(&self, text: &str) -> bool {
        if self.hidden.is_empty() {
            return false;
        }
        let (text, is_word) = (text.to_lowercase(), |c: char| c.is_alphanumeric() || c == '_');
        // A name of several words is looked for as it is.
        let of_several = |name: &String| !name.chars().all(is_word) && text.contains(name.as_str());
        text.split(|c: char| !is_word(c)).any(|word| self.hidden.contains(word)) || self.hidden.iter().any(of_several)
    }

    /// The table as DDL; without what has a name that a prompt cannot hold as it is. Keys refer to tables that are shown.
    fn pieces(&self, table: &Table, detail: Detail, is_shown: &dyn Fn(&TableName) -> bool) -> Vec<Piece> {
        let catalog = self.catalog;
        let Some(name) = named(catalog, &table.name).filter(|_| detail > Detail::Nothing) else { return Vec::new() };
        let mut text = vec![Piece::Own(if table.kind == TableKind::Table { "CREATE TABLE " } else { "CREATE VIEW " })];
        text.extend(name);
        text.push(Piece::Own(" ("));
        if detail == Detail::Everything {
            let said = table.description.as_ref().filter(|said| said.origin != DescriptionOrigin::Rule);
            let rows = table.statistics.as_ref().map(|statistics| rounded(statistics.rows));
            let notes = [
                self.note(table.comment.as_deref().or(said.map(|said| said.text.as_str()))).map(Note::Said),
                rows.map(Note::Rows),
            ];
            put(&mut text, notes.into_iter().flatten());
        }
        text.push(Piece::Own("\n"));
        let joins: Vec<&Relationship> =
            catalog.relationships.iter().filter(|own| own.child == table.name || own.parent == table.name).collect();
        let mut room = COLUMNS;
        for column in &table.columns {
            if detail == Detail::Narrow && !self.is_needed(table, column, &joins) {
                if room == 0 {
                    continue;
                }
                room -= 1;
            }
            let Some(name) = quoted(catalog, &column.name) else { continue };
            text.extend([Piece::Own("  "), Piece::Data(name), Piece::Own(" "), Piece::Own(column.data_type.in_prompts())]);
            text.push(Piece::Own(if column.nullable { "," } else { " NOT NULL," }));
            let mut notes: Vec<Note> = column.time_encoding.and_then(encoding).map(Note::Form).into_iter().collect();
            if detail == Detail::Everything {
                notes.extend(self.notes(table, column));
            }
            put(&mut text, notes);
            text.push(Piece::Own("\n"));
        }
        if let Some(key) = listed(catalog, &table.primary_key) {
            text.push(Piece::Own("  PRIMARY KEY ("));
            text.extend(key);
            text.push(Piece::Own("),\n"));
        }
        for relationship in joins.into_iter().filter(|relationship| relationship.child == table.name) {
            if is_shown(&relationship.parent) {
                text.extend(key(catalog, relationship).into_iter().flatten());
            }
        }
        text.push(Piece::Own(");\n"));
        text
    }

    /// What is told of a column beside its type.
    fn notes(&self, table: &Table, column: &Column) -> Vec<Note> {
        let said = column.description.as_ref().filter(|said| said.origin != DescriptionOrigin::Rule);
        let said = column.comment.as_deref().or(said.map(|said| said.text.as_str()));
        let mut notes: Vec<Note> = self.note(said).map(Note::Said).into_iter().collect();
        let Some(statistics) = &column.statistics else { return notes };
        if statistics.distinct > 0 && statistics.distinct <= 1_000 && !statistics.is_unique {
            notes.push(Note::Distinct(rounded(statistics.distinct)));
        }
        if statistics.null_share >= 0.2 {
            notes.push(Note::Form(if statistics.null_share >= 0.8 { "mostly empty" } else { "often empty" }));
        }
        let is_complete = statistics.distinct <= VALUES && statistics.top.len() as u64 >= statistics.distinct;
        if is_complete && !statistics.top.is_empty() && may_tell(self.disclosure, self.disclosed, table, column) {
            notes.push(Note::Values(statistics.top.iter().map(|(own, _)| value(&own.to_string())).collect()));
        }
        notes
    }

    /// Whether a narrowed table keeps the column.
    fn is_needed(&self, table: &Table, column: &Column, joins: &[&Relationship]) -> bool {
        let is_key = |names: &[String]| names.contains(&column.name);
        let is_joined = |own: &&Relationship| {
            (own.child == table.name && is_key(&own.child_columns)) || (own.parent == table.name && is_key(&own.parent_columns))
        };
        is_key(&table.primary_key)
            || self.columns.contains(&(table.name.clone(), column.name.clone()))
            || column.is_temporal()
            || joins.iter().any(is_joined)
    }
}

/// Whether a model may be told values of the column; of personal ones never.
pub(in crate::ask) fn may_tell(
    disclosure: Disclosure,
    disclosed: &HashSet<(TableName, String)>,
    table: &Table,
    column: &Column,
) -> bool {
    column.personal.is_none()
        && match disclosure {
            Disclosure::None => false,
            Disclosure::Categories => disclosed.contains(&(table.name.clone(), column.name.clone())),
            Disclosure::Rows => true,
        }
}

/// A note behind a table or column.
enum Note {
    Said(Safe),
    Form(&'static str),
    Rows(u64),
    Distinct(u64),
    Values(Vec<Safe>),
}

fn put(text: &mut Vec<Piece>, notes: impl IntoIterator<Item = Note>) {
    for (at, note) in notes.into_iter().enumerate() {
        text.push(Piece::Own(if at == 0 { " -- " } else { "; " }));
        match note {
            Note::Said(said) => text.push(Piece::Data(said)),
            Note::Form(form) => text.push(Piece::Own(form)),
            Note::Rows(rows) => text.extend([Piece::Data(Safe::from(rows)), Piece::Own(" rows")]),
            Note::Distinct(values) => text.extend([Piece::Data(Safe::from(values)), Piece::Own(" different values")]),
            Note::Values(values) => {
                text.push(Piece::Own("one of "));
                for (at, own) in values.into_iter().enumerate() {
                    text.push(Piece::Own(if at == 0 { "" } else { " | " }));
                    text.push(Piece::Data(own));
                }
            }
        }
    }
}

/// The number with two digits that count: nearly equal figures give the same prompt.
fn rounded(number: u64) -> u64 {
    let mut unit = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    number / unit * unit
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

/// The name of a column of a table as data, for what is said about it.
pub(super) fn column_named(catalog: &Catalog, table: &TableName, column: &str) -> Option<Vec<Safe>> {
    Some(vec![quoted(catalog, &table.name)?, quoted(catalog, column)?])
}

/// The name as it is written in a statement; nothing when it would not be the same name afterwards.
fn quoted(catalog: &Catalog, name: &str) -> Option<Safe> {
    Some(identifier(&catalog.dialect.quote(name))).filter(|name| !name.is_changed())
}

/// How points in time are written in a column of another type.
fn encoding(encoding: TimeEncoding) -> Option<&'static str> {
    Some(match encoding {
        TimeEncoding::Native => return None,
        TimeEncoding::IsoDate => "text YYYY-MM-DD",
        TimeEncoding::IsoTimestamp => "text YYYY-MM-DD HH:MM:SS",
        TimeEncoding::CompactDate => "YYYYMMDD",
        TimeEncoding::YearMonth => "text YYYY-MM",
        TimeEncoding::Year => "a year",
        TimeEncoding::UnixSeconds => "seconds since 1970 in UTC",
        TimeEncoding::UnixMillis => "milliseconds since 1970 in UTC",
    })
}
