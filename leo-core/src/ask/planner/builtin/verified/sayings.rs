//! Words that people of this host use for others, brought to one way of saying them.

use super::literals::Reading;
use super::wording::{Item, items, tokens_of};
use crate::ask::planner::builtin::schema::{ColumnId, SchemaIndex};
use crate::catalog::split_words;
use crate::knowledge::{Knowledge, SynonymTarget};

/// Words, and those that are said for the same elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Saying {
    pub(super) words: Vec<Item>,
    pub(super) means: Vec<Item>,
}

/// What a saying is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Anything,
    Table(usize),
    Column(ColumnId),
}

/// The synonyms of tables and columns, of metrics, and of the glossary's terms; longest first.
#[derive(Debug, Default)]
pub(super) struct Sayings(Vec<(About, Saying)>);

impl Sayings {
    pub(super) fn of(index: &SchemaIndex, knowledge: &Knowledge) -> Self {
        let mut all = Vec::new();
        let mut add = |about: About, words: &str, means: &str| {
            let [words, means] = [words, means].map(phrase);
            if !words.is_empty() && !means.is_empty() && words != means {
                all.push((about, Saying { words, means }));
            }
        };
        let catalog = index.catalog();
        for synonym in &knowledge.synonyms {
            let (SynonymTarget::Table(table) | SynonymTarget::Column { table, .. }) = &synonym.target;
            let Some(at) = catalog.tables.iter().position(|known| known.name == *table) else { continue };
            let (about, name) = match &synonym.target {
                SynonymTarget::Table(table) => (About::Table(at), &table.name),
                SynonymTarget::Column { column, .. } => match index.column_named(at, column) {
                    Some(id) => (About::Column(id), column),
                    None => continue,
                },
            };
            add(about, &synonym.words, &split_words(name).join(" "));
        }
        for metric in &knowledge.metrics {
            metric.synonyms.iter().for_each(|words| add(About::Anything, words, &split_words(&metric.name).join(" ")));
        }
        for entry in &knowledge.glossary {
            entry.synonyms.iter().for_each(|words| add(About::Anything, words, &entry.term));
        }
        all.sort_by_key(|(_, saying)| std::cmp::Reverse(saying.words.len()));
        Self(all)
    }

    /// Those that count where a statement is about what they are about; none of words that would mean two things there.
    pub(super) fn in_a(&self, reading: &Reading) -> Vec<Saying> {
        let is_read = |about: &About| match about {
            About::Anything => true,
            About::Table(table) => reading.tables.contains(table),
            About::Column(column) => reading.reads.contains(column),
        };
        let all: Vec<&Saying> = self.0.iter().filter(|(about, _)| is_read(about)).map(|(_, saying)| saying).collect();
        let is_clear = |saying: &&&Saying| all.iter().all(|other| other.words != saying.words || other.means == saying.means);
        all.iter().filter(is_clear).map(|saying| (*saying).clone()).collect()
    }
}

/// What a phrase says within a question: there "state" and "list" ask for nothing.
fn phrase(text: &str) -> Vec<Item> {
    let mut all = items(&tokens_of(&format!("x {text}")), &|at| (at == 0).then_some(0));
    all.retain(|item| *item != Item::Slot(0));
    all
}

/// The items with all words that `sayings` have put as what they mean.
pub(super) fn in_one_way(sayings: &[Saying], items: Vec<Item>) -> Vec<Item> {
    if sayings.is_empty() {
        return items;
    }
    let mut said = Vec::with_capacity(items.len());
    let mut rest = items.as_slice();
    while let Some((first, others)) = rest.split_first() {
        match sayings.iter().find(|saying| rest.starts_with(&saying.words)) {
            Some(saying) => {
                said.extend_from_slice(&saying.means);
                rest = rest.get(saying.words.len()..).unwrap_or_default();
            }
            None => {
                said.push(first.clone());
                rest = others;
            }
        }
    }
    said
}
