//! What is searched: tables, columns, their values, and what the host knows beyond the catalogue.

use std::borrow::Cow;
use std::collections::HashMap;

use super::embedder::Hash;
use crate::catalog::{Catalog, Table, TableName};
use crate::value::Value;

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A table.
    Table,
    /// A column.
    Column,
    /// The frequent values of a text column.
    Values,
    /// A metric of the host.
    Metric,
    /// An entry of a glossary.
    Glossary,
    /// A question with its statement, verified.
    Query,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [Self::Table, Self::Column, Self::Values, Self::Metric, Self::Glossary, Self::Query];
}

/// Where in a document a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Field {
    /// The name.
    Name,
    /// Other words for it.
    Synonym,
    /// The comment, or another text.
    Comment,
    /// The name of the schema.
    Schema,
    /// A value. Of these only hashes are kept.
    Value,
}

impl Field {
    pub(super) const ALL: [Self; 5] = [Self::Name, Self::Synonym, Self::Comment, Self::Schema, Self::Value];
}

/// Something to be found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document<'c> {
    pub(crate) kind: Kind,
    /// Place of its table in the catalogue.
    pub(crate) table: Option<u32>,
    /// Place of its column in the table.
    pub(crate) column: Option<u16>,
    /// What the host calls it, where it is not of the catalogue.
    pub(crate) id: Option<&'c str>,
    pub(crate) fields: Vec<(Field, Cow<'c, str>)>,
}

/// Other words for a table or column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OtherWords<'a> {
    pub(crate) words: &'a str,
    pub(crate) table: &'a TableName,
    pub(crate) column: Option<&'a str>,
}

/// What the host knows beyond the catalogue: a metric, an entry of a glossary, a verified question.
#[derive(Debug, Clone)]
pub(crate) struct Own<'a> {
    pub(crate) kind: Kind,
    /// What it is called.
    pub(crate) name: &'a str,
    pub(crate) table: Option<&'a TableName>,
    /// Other words for it.
    pub(crate) synonyms: &'a [String],
    /// What is said about it.
    pub(crate) text: Option<&'a str>,
}

/// Values of a column that are searched: all of them in a small catalogue, fewer in a large one.
const VALUES: std::ops::RangeInclusive<usize> = 4..=64;
/// Values of a catalogue that are searched, if no column has less than its least.
const ALL_VALUES: usize = 6_000;
/// Longest value that is a word rather than prose.
const MAX_VALUE: usize = 40;

/// The documents of a catalogue: each table, its columns, and the values of those; in the order of the catalogue. Then what is the host's own.
pub(crate) fn documents<'c>(catalog: &'c Catalog, others: &[OtherWords<'c>], own: &[Own<'c>]) -> Vec<Document<'c>> {
    let columns: usize = catalog.tables.iter().map(|table| table.columns.len()).sum();
    let mut documents = Vec::with_capacity(catalog.tables.len() + columns);
    let texts = catalog.tables.iter().flat_map(|table| &table.columns).filter(|column| has_values(column)).count();
    let share = (ALL_VALUES / texts.max(1)).clamp(*VALUES.start(), *VALUES.end());
    let synonyms = synonyms(catalog, others);
    for (at, table) in (0..).zip(&catalog.tables) {
        let mut document = Document { kind: Kind::Table, table: Some(at), column: None, id: None, fields: Vec::new() };
        let fields = |name: &'c str, column: Option<u16>, comment: Option<&'c str>| {
            let mut fields = vec![(Field::Name, Cow::Borrowed(name))];
            let own = synonyms.get(&(at, column)).into_iter().flatten();
            fields.extend(own.map(|words| (Field::Synonym, Cow::Borrowed(*words))));
            fields.extend(comment.map(|comment| (Field::Comment, Cow::Borrowed(comment))));
            fields
        };
        document.fields = fields(&table.name.name, None, table.comment.as_deref());
        if let Some(schema) = table.name.schema.as_deref() {
            document.fields.push((Field::Schema, Cow::Borrowed(schema)));
        }
        documents.push(document);
        for (place, column) in (0..).zip(&table.columns) {
            let fields = fields(&column.name, Some(place), column.comment.as_deref());
            documents.push(Document { kind: Kind::Column, table: Some(at), column: Some(place), id: None, fields });
        }
        documents.extend(values(at, table, share));
    }
    documents.extend(own.iter().map(|own| of_host(catalog, own)));
    documents
}

fn of_host<'c>(catalog: &Catalog, own: &Own<'c>) -> Document<'c> {
    let table = own.table.and_then(|name| catalog.table(name));
    let table = table.and_then(|table| catalog.tables.iter().position(|known| known.name == table.name));
    let mut fields = vec![(Field::Name, Cow::Borrowed(own.name))];
    fields.extend(own.synonyms.iter().map(|words| (Field::Synonym, Cow::Borrowed(words.as_str()))));
    fields.extend(own.text.map(|text| (Field::Comment, Cow::Borrowed(text))));
    Document { kind: own.kind, table: table.and_then(|at| u32::try_from(at).ok()), column: None, id: Some(own.name), fields }
}

/// Other words by the places of what they mean.
fn synonyms<'c>(catalog: &Catalog, others: &[OtherWords<'c>]) -> HashMap<(u32, Option<u16>), Vec<&'c str>> {
    let mut synonyms: HashMap<_, Vec<&str>> = HashMap::new();
    let places: HashMap<&TableName, u32> = match others {
        [] => HashMap::new(),
        _ => (0..).zip(&catalog.tables).map(|(at, table)| (&table.name, at)).collect(),
    };
    for other in others {
        // As the catalogue spells it, whatever its case.
        let Some(table) = catalog.table(other.table) else { continue };
        let Some(at) = places.get(&table.name) else { continue };
        let place = |name: &str| {
            let own = &table.column(name)?.name;
            table.columns.iter().position(|column| column.name == *own).and_then(|place| u16::try_from(place).ok())
        };
        let column = other.column.map(place);
        if column != Some(None) {
            synonyms.entry((*at, column.flatten())).or_default().push(other.words);
        }
    }
    synonyms
}

fn has_values(column: &crate::catalog::Column) -> bool {
    let text = |(value, _): &(Value, u64)| matches!(value, Value::Text(_));
    column.statistics.as_ref().is_some_and(|statistics| statistics.top.iter().any(text))
}

fn values(at: u32, table: &Table, share: usize) -> impl Iterator<Item = Document<'_>> {
    (0..).zip(&table.columns).filter(|(_, column)| has_values(column)).map(move |(place, column)| {
        let top = column.statistics.iter().flat_map(|statistics| &statistics.top);
        let short = top.filter_map(|(value, _)| match value {
            Value::Text(text) if text.len() <= MAX_VALUE => Some((Field::Value, Cow::Borrowed(text.as_str()))),
            _ => None,
        });
        Document { kind: Kind::Values, table: Some(at), column: Some(place), id: None, fields: short.take(share).collect() }
    })
}

impl Document<'_> {
    /// Changes with what it is and what it says; `catalog` names its table.
    pub(super) fn hash(&self, catalog: &Catalog) -> u64 {
        let mut hash = Hash::new(self.kind as u8);
        if let Some(table) = self.table.and_then(|at| catalog.tables.get(at as usize)) {
            hash = hash.text(table.name.schema.as_deref().unwrap_or("")).text(&table.name.name);
            let column = self.column.and_then(|at| table.columns.get(usize::from(at)));
            hash = hash.text(column.map_or("", |column| &column.name));
        }
        hash = hash.text(self.id.unwrap_or(""));
        for (field, text) in &self.fields {
            hash = Hash(hash.0 ^ *field as u64).text(text);
        }
        hash.0
    }
}
