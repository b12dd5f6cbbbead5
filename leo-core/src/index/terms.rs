//! The words of a question, each with the words of the index that are like it.

use super::Index;
use super::build::value_hash;
use super::embedder::embed_word;
use super::visible::Visible;
use super::words::{forms, groups, is_stopword, relation, stem, words_of};
use crate::catalog::Place;

/// Words of a question that count.
const MAX_TERMS: usize = 32;
/// Shortest word that is completed: `cust` finds `customer`.
const MIN_PREFIX: usize = 3;
/// How like a word that it begins is to a word.
const BEGUN: f32 = 0.8;
/// Least similarity of the vectors of two words that are taken for each other's misspelling.
const NEAR: f32 = 0.12;
/// Least similarity of the letters of two such words.
const SIMILAR: f64 = 0.75;

/// A word of a question.
#[derive(Debug)]
pub(super) struct Term {
    /// Words of the index, most alike first, each once.
    pub(super) alike: Vec<Alike>,
    /// Its hash among the words of values.
    pub(super) value: u32,
}

/// A word of the index that is like a word of the question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alike {
    pub(super) word: u32,
    /// 0–1.
    pub(super) similarity: f32,
    /// How they are alike; `None` where the place is that of the posting.
    pub(super) place: Option<Place>,
}

impl Index {
    /// The terms of `words`, in their order; a word that names nothing counts only where all do.
    pub(super) fn terms(&self, words: &str, visible: &Visible) -> Vec<Term> {
        let mut all = words_of(words);
        all.truncate(4 * MAX_TERMS);
        if !all.iter().all(|word| is_stopword(word)) {
            all.retain(|word| !is_stopword(word));
        }
        let mut stems: Vec<String> = Vec::new();
        let mut terms = Vec::new();
        for (at, word) in all.iter().enumerate() {
            let stem = stem(word);
            if stems.contains(&stem) || terms.len() == MAX_TERMS {
                continue;
            }
            let beside = [
                at.checked_sub(1).and_then(|before| all.get(before)).map(|before| format!("{before}{word}")),
                all.get(at + 1).map(|after| format!("{word}{after}")),
            ];
            let glued = beside.into_iter().flatten().map(|glued| super::stem(&glued));
            terms.push(Term { alike: self.alike(word, &stem, glued, visible), value: value_hash(&stem) });
            stems.push(stem);
        }
        terms
    }

    fn alike(&self, word: &str, stem: &str, glued: impl Iterator<Item = String>, visible: &Visible) -> Vec<Alike> {
        let mut alike: Vec<Alike> = Vec::new();
        // A word that no visible document has is not there.
        let is_there = |word: u32| self.postings.of(word).any(|posting| visible.has(posting.document));
        let mut add = |word: u32, similarity: f32, place: Option<Place>| match alike.iter_mut().find(|known| known.word == word) {
            Some(known) if known.similarity >= similarity => {}
            Some(known) => (known.similarity, known.place) = (similarity, place),
            None if is_there(word) => alike.push(Alike { word, similarity, place }),
            None => {}
        };
        for form in forms(word) {
            if let Some(own) = self.postings.word(&form.stem) {
                add(own, form.weight, None);
            }
            for group in groups(&form.stem) {
                let similarity = relation(group).similarity() * form.weight;
                self.postings.of_group(group).for_each(|own| add(own, similarity, Some(Place::Synonym)));
            }
        }
        for own in glued.filter_map(|stem| self.postings.word(&stem)) {
            add(own, 0.9, None);
        }
        if word.len() >= MIN_PREFIX {
            self.postings.beginning(word).for_each(|own| add(own, BEGUN, None));
        }
        if alike.is_empty() {
            alike = self.misspelled(stem, &is_there);
        }
        alike.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.word.cmp(&b.word)));
        alike
    }

    /// Words of which `stem` may be a misspelling.
    fn misspelled(&self, stem: &str, is_there: &dyn Fn(u32) -> bool) -> Vec<Alike> {
        let vector = embed_word(stem).dense();
        let words = 0..super::postings::size(self.postings.len());
        words
            .filter(|word| self.postings.similarity(*word, &vector) >= NEAR)
            .filter_map(|word| {
                let similarity = strsim::normalized_damerau_levenshtein(stem, self.postings.stem(word));
                let like = Alike { word, similarity: 0.8 * similarity as f32, place: Some(Place::Spelling) };
                (similarity >= SIMILAR && is_there(word)).then_some(like)
            })
            .collect()
    }
}
