//! Words that people of this host use for others, brought to one way of saying them.

use std::sync::Arc;

use super::literals::Reading;
use super::wording::{Item, items, tokens_of};
use crate::ask::planner::builtin::schema::{Named, SchemaIndex};
use crate::catalog::split_words;
use crate::knowledge::{Knowledge, SynonymTarget};

/// Words, and those that are said for the same elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Saying {
    pub(super) words: Vec<Item>,
    pub(super) means: Vec<Item>,
}

/// The synonyms of tables and columns, of metrics, and of the glossary's terms, each with the table or column that it is about, if it is about one;
/// longest first, those of the same words side by side.
#[derive(Debug, Default)]
pub(super) struct Sayings(Vec<(Option<Named>, Arc<Saying>)>);

impl Sayings {
    pub(super) fn of(index: &SchemaIndex, knowledge: &Knowledge) -> Self {
        let mut all = Vec::new();
        let mut add = |about: Option<Named>, words: &str, means: &str| {
            let [words, means] = [words, means].map(phrase);
            if !words.is_empty() && !means.is_empty() && words != means {
                all.push((about, Arc::new(Saying { words, means })));
            }
        };
        for synonym in &knowledge.synonyms {
            let Some(about) = index.target(&synonym.target) else { continue };
            let name = match &synonym.target {
                SynonymTarget::Table(table) => &table.name,
                SynonymTarget::Column { column, .. } => column,
            };
            add(Some(about), &synonym.words, &split_words(name).join(" "));
        }
        for metric in &knowledge.metrics {
            metric.synonyms.iter().for_each(|words| add(None, words, &split_words(&metric.name).join(" ")));
        }
        for entry in &knowledge.glossary {
            entry.synonyms.iter().for_each(|words| add(None, words, &entry.term));
        }
        all.sort_by(|(_, a), (_, b)| b.words.len().cmp(&a.words.len()).then_with(|| a.words.cmp(&b.words)));
        Self(all)
    }

    /// Those that count where a statement is about what they are about; none of words that would mean two things there.
    pub(super) fn in_a(&self, reading: &Reading) -> Vec<Arc<Saying>> {
        let is_read = |about: &Option<Named>| match about {
            Some(Named::Table(table)) => reading.tables.contains(table),
            Some(Named::Column(column)) => reading.reads.contains(column),
            Some(Named::Metric(_)) | None => true,
        };
        let all: Vec<&Arc<Saying>> = self.0.iter().filter(|(about, _)| is_read(about)).map(|(_, saying)| saying).collect();
        let of_same_words = all.chunk_by(|one, other| one.words == other.words);
        let clear =
            of_same_words.filter(|all| all.windows(2).all(|pair| matches!(pair, [one, other] if one.means == other.means)));
        clear.filter_map(|all| all.first()).map(|saying| Arc::clone(saying)).collect()
    }
}

/// What a phrase says within a question: there "state" and "list" ask for nothing.
fn phrase(text: &str) -> Vec<Item> {
    let mut all = items(&tokens_of(&format!("x {text}")), &|at| (at == 0).then_some(0));
    all.retain(|item| *item != Item::Slot(0));
    all
}

/// The items with all words that `sayings` have put as what they mean.
pub(super) fn in_one_way(sayings: &[Arc<Saying>], items: Vec<Item>) -> Vec<Item> {
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
