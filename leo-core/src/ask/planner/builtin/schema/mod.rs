//! The schema index: names as words, roles, values, metrics and relations of a catalogue, computed once.

mod metrics;
mod names;
mod relations;
mod roles;
mod values;

use std::collections::HashMap;

pub(super) use metrics::Metric;
use names::NameReader;
pub(super) use names::{NameWord, word_weight};
pub(super) use relations::{Path, Relations};
pub(super) use roles::Roles;
pub(super) use values::{ValueIndex, normalize};

use super::tokens::{stem, tokenize};
use crate::catalog::{Catalog, Column, Table};
use crate::knowledge::{Knowledge, SynonymTarget};
use crate::query::Field;

/// A column by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ColumnId {
    pub(super) table: usize,
    pub(super) column: usize,
}

/// What a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Named {
    Table(usize),
    Column(ColumnId),
    Metric(usize),
}

/// One way to say a name.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) target: Named,
    pub(super) words: Vec<NameWord>,
    /// Bits of the words that are not just the table's: at least one of them must be said.
    pub(super) core: u16,
    /// Sum of the words' weights.
    pub(super) weight: f64,
    /// Added by the host.
    pub(super) governed: bool,
}

/// What is known about a column beyond the catalogue.
#[derive(Debug, Clone)]
pub(super) struct ColumnInfo {
    pub(super) words: Vec<NameWord>,
    pub(super) roles: Roles,
    /// Whether every value of the column is in the value index.
    pub(super) values_known: bool,
}

/// Words of the names of tables and columns, in the singular, with their stems.
fn written_words(catalog: &Catalog) -> HashMap<String, String> {
    let columns = catalog.tables.iter().flat_map(|table| table.columns.iter().map(|column| column.name.as_str()));
    let names = catalog.tables.iter().map(|table| table.name.name.as_str()).chain(columns);
    let words = names.flat_map(crate::catalog::split_words).filter(|word| word.chars().count() >= 4);
    words.map(|word| (singular(&word).to_owned(), stem(&word))).collect()
}

/// Whether two words differ in one letter, or in the order of two; never in the first.
fn is_one_slip(known: &str, word: &str) -> bool {
    let (known_length, length) = (known.chars().count(), word.chars().count());
    known.chars().next() == word.chars().next()
        && known_length.abs_diff(length) <= 1
        && strsim::damerau_levenshtein(known, word) == 1
}

/// The word without a plural's ending.
fn singular(word: &str) -> &str {
    word.strip_suffix('s').filter(|rest| !rest.ends_with('s')).unwrap_or(word)
}

/// What is known about a table beyond the catalogue.
#[derive(Debug, Clone)]
pub(super) struct TableInfo {
    pub(super) words: Vec<NameWord>,
    pub(super) columns: Vec<ColumnInfo>,
    /// Columns that name a row.
    pub(super) display: Vec<usize>,
    /// When a row happened: a column of this table or of a parent.
    pub(super) time: Option<ColumnId>,
}

/// What the planner needs to know about a catalogue, computed once per catalogue and shared by all questions.
///
/// Values come from the columns' statistics; a catalogue without statistics (from DDL alone, or for a user who may see structure
/// only) is planned on names and types. The value index is bounded to 250,000 values of at most 60 characters.
#[derive(Debug)]
pub struct SchemaIndex {
    catalog: Catalog,
    pub(super) tables: Vec<TableInfo>,
    pub(super) forms: Vec<Form>,
    by_stem: HashMap<String, Vec<u32>>,
    by_concept: HashMap<u16, Vec<u32>>,
    /// Words of names as they are written, in the singular, with their stems.
    written: HashMap<String, String>,
    pub(super) values: ValueIndex,
    pub(super) relations: Relations,
    pub(super) metrics: Vec<Metric>,
}

impl SchemaIndex {
    /// The index of a catalogue; linear in its columns and top values.
    pub fn build(catalog: &Catalog, knowledge: &Knowledge) -> Self {
        let reader = NameReader::new(catalog);
        let relations = Relations::build(catalog);
        let mut tables: Vec<TableInfo> = catalog.tables.iter().map(|table| table_info(&reader, table)).collect();
        inherit_time(&mut tables, &relations);
        let metrics = metrics::derive(catalog, &tables, &relations, knowledge);
        let mut index = Self {
            values: ValueIndex::build(catalog),
            catalog: without_values(catalog),
            tables,
            forms: Vec::new(),
            by_stem: HashMap::new(),
            by_concept: HashMap::new(),
            written: written_words(catalog),
            relations,
            metrics,
        };
        index.add_names();
        index.add_knowledge(knowledge);
        index
    }

    /// The catalogue the index was made of, without its top values.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(super) fn table(&self, table: usize) -> &Table {
        &self.catalog.tables[table]
    }

    pub(super) fn column(&self, id: ColumnId) -> &Column {
        &self.catalog.tables[id.table].columns[id.column]
    }

    pub(super) fn info(&self, id: ColumnId) -> &ColumnInfo {
        &self.tables[id.table].columns[id.column]
    }

    pub(super) fn field(&self, id: ColumnId) -> Field {
        Field::new(self.table(id.table).name.clone(), self.column(id).name.clone())
    }

    /// Whether a meaning lies in a view.
    pub(super) fn is_view(&self, target: &super::linking::Target) -> bool {
        self.table(target.table(self)).kind == crate::catalog::TableKind::View
    }

    /// The single primary key column of a table.
    pub(super) fn key(&self, table: usize) -> Option<ColumnId> {
        match self.table(table).primary_key.as_slice() {
            [key] => self.column_named(table, key),
            _ => None,
        }
    }

    pub(super) fn column_named(&self, table: usize, name: &str) -> Option<ColumnId> {
        let column = self.table(table).columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))?;
        Some(ColumnId { table, column })
    }

    /// The table a foreign key column points at.
    pub(super) fn points_at(&self, id: ColumnId) -> Option<usize> {
        let name = &self.column(id).name;
        self.relations.steps(id.table).filter(|step| step.to_parent).find_map(|step| {
            let relationship = &self.catalog.relationships[step.relationship];
            (relationship.child_columns.len() == 1 && relationship.child_columns[0] == *name).then_some(step.to)
        })
    }

    /// Forms that contain a word or a synonym of it.
    pub(super) fn postings(&self, stem: &str) -> impl Iterator<Item = u32> + '_ {
        let own = self.by_stem.get(stem).map_or(&[][..], Vec::as_slice);
        let shared = super::lexicon::concepts(stem).iter().filter_map(|concept| self.by_concept.get(concept)).flatten();
        own.iter().chain(shared).copied()
    }

    /// The stem of the one word in names that `word` is a single slip of the keyboard away from, as written or by its stem.
    pub(super) fn misspelled(&self, word: &str) -> Option<&str> {
        let (word, own) = (singular(word), stem(word));
        let written = self.written.iter().filter(|(known, _)| is_one_slip(known, word)).map(|(_, stem)| stem);
        let stems = self.by_stem.keys().filter(|known| is_one_slip(known, &own));
        let mut near = written.chain(stems);
        let found = near.next()?;
        near.all(|other| other == found).then_some(found)
    }

    /// `Net revenue` → `net_revenue`.
    pub(super) fn output_name(name: &str) -> String {
        let words: Vec<String> = crate::catalog::split_words(name);
        if words.is_empty() { "value".into() } else { words.join("_") }
    }

    fn add_form(&mut self, target: Named, words: Vec<NameWord>, governed: bool) {
        self.add_form_of(target, words, &[], governed);
    }

    /// Adds a form some of whose words, `owner`'s, are not enough by themselves.
    fn add_form_of(&mut self, target: Named, words: Vec<NameWord>, owner: &[NameWord], governed: bool) {
        if words.is_empty() || words.len() > 8 {
            return;
        }
        let at = self.forms.len() as u32;
        for word in &words {
            let posting = self.by_stem.entry(word.stem.clone()).or_default();
            if posting.last() != Some(&at) {
                posting.push(at);
            }
            for concept in word.concepts() {
                let posting = self.by_concept.entry(*concept).or_default();
                if posting.last() != Some(&at) {
                    posting.push(at);
                }
            }
        }
        let weight = words.iter().map(|word| word_weight(&word.stem)).sum();
        let mut core = 0u16;
        for (bit, word) in words.iter().enumerate() {
            if !owner.iter().any(|own| own.stem == word.stem) {
                core |= 1 << bit;
            }
        }
        let core = if core == 0 { u16::MAX } else { core };
        self.forms.push(Form { target, words, core, weight, governed });
    }

    fn add_names(&mut self) {
        for table in 0..self.tables.len() {
            let own = self.tables[table].words.clone();
            self.add_form(Named::Table(table), own.clone(), false);
            // Junk in front of the name: `tbl_orders`, `ref_payment_methods`.
            let plain: Vec<NameWord> = own.iter().filter(|word| word_weight(&word.stem) > 0.2).cloned().collect();
            if plain.len() < own.len() {
                self.add_form(Named::Table(table), plain, false);
            }
            for column in 0..self.tables[table].columns.len() {
                let target = Named::Column(ColumnId { table, column });
                let words = self.tables[table].columns[column].words.clone();
                let rest: Vec<NameWord> =
                    words.iter().filter(|word| !own.iter().any(|own| own.stem == word.stem)).cloned().collect();
                if !rest.is_empty() && rest.len() < words.len() {
                    self.add_form(target, rest.clone(), false);
                }
                let bare = if rest.is_empty() { &words } else { &rest };
                if own.len() <= 3 && !rest.is_empty() {
                    let mut full = own.clone();
                    full.extend(bare.iter().cloned());
                    if full.len() != words.len() || full != words {
                        self.add_form_of(target, full, &own, false);
                    }
                }
                self.add_form_of(target, words, &own, false);
            }
        }
        for metric in 0..self.metrics.len() {
            let governed = self.metrics[metric].governed;
            for name in self.metrics[metric].names.clone() {
                self.add_form(Named::Metric(metric), phrase(&name), governed);
            }
        }
    }

    fn add_knowledge(&mut self, knowledge: &Knowledge) {
        for synonym in &knowledge.synonyms {
            if let Some(target) = self.target(&synonym.target) {
                self.add_form(target, phrase(&synonym.words), true);
            }
        }
    }

    /// The table or column that a synonym stands for.
    pub(super) fn target(&self, target: &SynonymTarget) -> Option<Named> {
        let position = |name| roles::position(&self.catalog, name);
        match target {
            SynonymTarget::Table(name) => position(name).map(Named::Table),
            SynonymTarget::Column { table, column } => self.column_named(position(table)?, column).map(Named::Column),
        }
    }
}

fn phrase(text: &str) -> Vec<NameWord> {
    tokenize(text)
        .into_iter()
        .filter(|token| !super::lexicon::is_glue(&token.lower))
        .map(|token| NameWord { stem: stem(&token.lower), written: true })
        .collect()
}

fn table_info(reader: &NameReader, table: &Table) -> TableInfo {
    let own = reader.words(&table.name.name, &[]);
    let words: Vec<Vec<NameWord>> = table.columns.iter().map(|column| reader.words(&column.name, &own)).collect();
    let roles: Vec<Roles> = table.columns.iter().zip(&words).map(|(column, words)| roles::roles(table, column, words)).collect();
    let display = roles::display(table, &words, &own, &roles);
    let time = roles::own_time(table, &words, &own).map(|column| ColumnId { table: usize::MAX, column });
    TableInfo {
        words: own,
        columns: words
            .into_iter()
            .zip(roles)
            .zip(&table.columns)
            .map(|((words, roles), column)| ColumnInfo { words, roles, values_known: values::is_complete(column) })
            .collect(),
        display,
        time,
    }
}

/// Fills in the table of each own time column, and lends parents' time columns to tables that have none.
fn inherit_time(tables: &mut [TableInfo], relations: &Relations) {
    for (at, table) in tables.iter_mut().enumerate() {
        if let Some(time) = &mut table.time {
            time.table = at;
        }
    }
    let own: Vec<Option<ColumnId>> = tables.iter().map(|table| table.time).collect();
    for at in 0..tables.len() {
        if own[at].is_none() {
            tables[at].time = relations
                .near(at, 3_500)
                .filter_map(|(table, distance)| own[table].map(|time| (distance, table, time)))
                .filter(|(_, table, _)| *table != at && relations.path(at, *table).is_some_and(|path| path.is_single()))
                .filter(|(_, _, time)| {
                    // A person's birthday or a product's launch is not when its line happened.
                    let words = &tables[time.table].columns[time.column].words;
                    !words.iter().any(|word| {
                        matches!(word.stem.as_str(), "birth" | "birthday" | "hire" | "launch" | "sign" | "signup" | "found")
                    })
                })
                .min_by_key(|(cost, table, _)| (*cost, *table))
                .map(|(_, _, time)| time);
        }
    }
}

/// The catalogue with structure and the small statistics only.
fn without_values(catalog: &Catalog) -> Catalog {
    let mut copy = catalog.clone();
    for table in &mut copy.tables {
        for column in &mut table.columns {
            if let Some(statistics) = &mut column.statistics {
                statistics.top = Vec::new();
                statistics.patterns = Vec::new();
            }
        }
    }
    copy
}
