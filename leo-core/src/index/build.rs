//! Making an index of documents, and making it anew where only some of them changed.

use std::collections::HashMap;

use super::document::{Document, Field, Kind};
use super::embedder::Hash;
use super::postings::{Occurrence, Postings, size};
use super::words::{self, Word, is_stopword, stem, words_of};
use super::{Entry, Index, NONE, Neighbours};
use crate::catalog::{Catalog, split_words};

/// Words of a comment that are read.
const MAX_COMMENT: usize = 64;
/// Words of a value that are read.
const MAX_VALUE: usize = 4;

/// What an update did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Updated {
    /// Documents that were as they are.
    pub(crate) kept: usize,
    /// Documents that are new or were changed, and were read.
    pub(crate) made: usize,
    /// Documents that are no more.
    pub(crate) removed: usize,
}

impl Index {
    /// An index of `documents`, which are of `catalog`.
    pub(crate) fn build(catalog: &Catalog, documents: &[Document<'_>]) -> Self {
        let mut index = Self::default();
        index.update(catalog, documents);
        index
    }

    /// Brings the index up to date: what is not in `documents` goes, and of those only what is new or was changed is read.
    ///
    /// # Behavior
    /// Linear in what the index holds; reading a word costs much more than moving it. The outcome is that of [`build`](Self::build).
    pub(crate) fn update(&mut self, catalog: &Catalog, documents: &[Document<'_>]) -> Updated {
        let hashes: Vec<u64> = documents.iter().map(|document| document.hash(catalog)).collect();
        let mut moved: HashMap<u64, Vec<u32>> = HashMap::new();
        for (at, hash) in hashes.iter().enumerate().rev() {
            moved.entry(*hash).or_default().push(size(at));
        }
        // Where each document that was known is now.
        let places: Vec<u32> = self.hashes.iter().map(|hash| moved.get_mut(hash).and_then(Vec::pop).unwrap_or(NONE)).collect();
        let mut known = vec![false; documents.len()];
        for place in &places {
            if let Some(known) = known.get_mut(*place as usize) {
                *known = true;
            }
        }
        let now = |document: u32| places.get(document as usize).copied().filter(|place| *place != NONE);
        let mut reader = Reader::new(&self.postings);
        reader.occurrences.extend(
            self.postings.occurrences().filter_map(|own| now(own.document).map(|document| Occurrence { document, ..own })),
        );
        reader.hashed.extend(self.postings.hashed.iter().filter_map(|(hash, own)| now(*own).map(|own| (*hash, own))));
        for ((at, document), known) in (0..).zip(documents).zip(&known) {
            if !known {
                reader.read(at, document);
            }
        }
        let kept = known.iter().filter(|known| **known).count();
        let updated = Updated { kept, made: documents.len() - kept, removed: self.hashes.len() - kept };
        self.postings = Postings::pack(&reader.stems, &reader.occurrences, reader.hashed);
        self.entries = documents.iter().map(Entry::of).collect();
        let own = documents.iter().filter(|document| document.kind >= Kind::Metric);
        self.ids = own.map(|document| Box::from(document.id.unwrap_or(""))).collect();
        self.hashes = hashes;
        self.arrange(catalog);
        updated
    }

    /// What follows from the entries and the catalogue: where each table's own document is, its schema, and its neighbours.
    fn arrange(&mut self, catalog: &Catalog) {
        self.tables = vec![NONE; catalog.tables.len()];
        for (at, entry) in (0..).zip(&self.entries) {
            if entry.kind == Kind::Table
                && let Some(table) = self.tables.get_mut(entry.table as usize)
            {
                *table = at;
            }
        }
        let mut schemas: HashMap<&str, u32> = HashMap::new();
        self.schemas = catalog
            .tables
            .iter()
            .map(|table| {
                let next = size(schemas.len());
                *schemas.entry(table.name.schema.as_deref().unwrap_or("")).or_insert(next)
            })
            .collect();
        self.neighbours = Neighbours::of(catalog, &self.entries);
    }
}

impl Entry {
    fn of(document: &Document<'_>) -> Self {
        let name = document.fields.iter().find(|(field, _)| *field == Field::Name);
        Self {
            table: document.table.unwrap_or(NONE),
            column: document.column.unwrap_or(u16::MAX),
            kind: document.kind,
            length: name.map_or(0, |(_, name)| u8::try_from(split_words(name).len()).unwrap_or(u8::MAX)),
        }
    }
}

/// Reads the words of documents, each word once.
struct Reader {
    stems: Vec<String>,
    by_stem: HashMap<String, u32>,
    /// What each written word stands for.
    known: HashMap<String, Vec<(u32, f32)>>,
    occurrences: Vec<Occurrence>,
    hashed: Vec<(u32, u32)>,
}

impl Reader {
    fn new(postings: &Postings) -> Self {
        let stems: Vec<String> = (0..size(postings.len())).map(|word| postings.stem(word).to_owned()).collect();
        let by_stem = (0..).zip(&stems).map(|(word, stem)| (stem.clone(), word)).collect();
        Self { stems, by_stem, known: HashMap::new(), occurrences: Vec::new(), hashed: Vec::new() }
    }

    fn read(&mut self, document: u32, content: &Document<'_>) {
        for (field, text) in &content.fields {
            match field {
                Field::Name | Field::Synonym | Field::Schema => self.name(document, *field, text),
                Field::Comment => {
                    let words = words_of(text).into_iter().filter(|word| !is_stopword(word)).take(MAX_COMMENT);
                    for word in words.collect::<Vec<_>>() {
                        let word = self.intern(&stem(&word));
                        self.occurs(word, document, *field, 1.0);
                    }
                }
                Field::Value => {
                    self.hashed.extend(words_of(text).iter().take(MAX_VALUE).map(|word| (value_hash(&stem(word)), document)))
                }
            }
        }
    }

    fn name(&mut self, document: u32, field: Field, text: &str) {
        for word in words_of(text) {
            if let Some(forms) = self.known.get(&word) {
                for (word, weight) in forms.clone() {
                    self.occurs(word, document, field, weight);
                }
                continue;
            }
            let forms = words::forms(&word);
            let forms: Vec<(u32, f32)> = forms.into_iter().map(|Word { stem, weight }| (self.intern(&stem), weight)).collect();
            for (word, weight) in &forms {
                self.occurs(*word, document, field, *weight);
            }
            self.known.insert(word, forms);
        }
    }

    fn intern(&mut self, stem: &str) -> u32 {
        if let Some(word) = self.by_stem.get(stem) {
            return *word;
        }
        let word = size(self.stems.len());
        self.stems.push(stem.to_owned());
        self.by_stem.insert(stem.to_owned(), word);
        word
    }

    fn occurs(&mut self, word: u32, document: u32, field: Field, weight: f32) {
        let weight = (weight.clamp(0.0, 1.0) * 255.0).round() as u8;
        self.occurrences.push(Occurrence { word, document, field, weight });
    }
}

/// What is kept of a word of a value.
pub(super) fn value_hash(stem: &str) -> u32 {
    Hash::new(9).text(stem).0 as u32
}
