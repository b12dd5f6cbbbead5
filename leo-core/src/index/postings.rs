//! Which words stand in which documents, packed.

use super::document::Field;
use super::embedder::embed_word;
use super::words::groups;

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Posting {
    pub(super) document: u32,
    pub(super) field: Field,
    /// How sure it is that the document has the word, 0–1.
    pub(super) weight: f32,
}

/// A word of a document, by its place in a [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence {
    pub(super) word: u32,
    pub(super) document: u32,
    pub(super) field: Field,
    /// In 255ths.
    pub(super) weight: u8,
}

/// Stems in alphabetical order, their vectors and groups, and where each occurs.
///
/// # Behavior
/// Vectors of words are kept as their parts that are not zero: a dozen of 256, so that a word takes 30 bytes and is compared with a
/// dozen multiplications. The vector of a document is the sum of those of its words, and is never made.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Postings {
    pub(super) text: String,
    /// Ends of the stems in `text`.
    pub(super) ends: Vec<u32>,
    /// Ends of each word's parts in `places` and `values`.
    pub(super) vector_ends: Vec<u32>,
    pub(super) places: Vec<u8>,
    /// In 127ths.
    pub(super) values: Vec<i8>,
    /// Groups with their words, ascending.
    pub(super) groups: Vec<(u16, u32)>,
    /// Ends of each word's occurrences in `documents` and `marks`.
    pub(super) posting_ends: Vec<u32>,
    pub(super) documents: Vec<u32>,
    /// Field and weight.
    pub(super) marks: Vec<(u8, u8)>,
    /// Hashes of the words of values, ascending, with the documents that have them.
    pub(super) hashed: Vec<(u32, u32)>,
}

impl Postings {
    /// Packs `occurrences` of the words in `stems`, which are taken apart from those that do not occur.
    pub(super) fn pack(stems: &[String], occurrences: &[Occurrence], mut hashed: Vec<(u32, u32)>) -> Self {
        let mut used = vec![false; stems.len()];
        for occurrence in occurrences {
            if let Some(used) = used.get_mut(occurrence.word as usize) {
                *used = true;
            }
        }
        let mut order: Vec<usize> = (0..stems.len()).filter(|at| used.get(*at) == Some(&true)).collect();
        order.sort_unstable_by(|a, b| stems.get(*a).cmp(&stems.get(*b)));
        let mut rank = vec![u32::MAX; stems.len()];
        let mut packed = Self::default();
        for (place, at) in (0_u32..).zip(order) {
            let Some(stem) = stems.get(at) else { continue };
            if let Some(rank) = rank.get_mut(at) {
                *rank = place;
            }
            packed.text.push_str(stem);
            packed.ends.push(size(packed.text.len()));
            for (place, value) in embed_word(stem).parts() {
                packed.places.push(*place);
                packed.values.push((value * 127.0).round() as i8);
            }
            packed.vector_ends.push(size(packed.places.len()));
            packed.groups.extend(groups(stem).map(|group| (group, place)));
        }
        packed.groups.sort_unstable();
        let mut sorted: Vec<Occurrence> =
            occurrences.iter().filter_map(|own| Some(Occurrence { word: *rank.get(own.word as usize)?, ..*own })).collect();
        // By word and document; of one word in one field of a document the heaviest.
        sorted.sort_unstable_by_key(|own| (own.word, own.document, own.field, std::cmp::Reverse(own.weight)));
        sorted.dedup_by_key(|own| (own.word, own.document, own.field));
        packed.posting_ends = vec![0; packed.ends.len()];
        for own in &sorted {
            packed.documents.push(own.document);
            packed.marks.push((own.field as u8, own.weight));
            if let Some(end) = packed.posting_ends.get_mut(own.word as usize) {
                *end = size(packed.documents.len());
            }
        }
        hashed.sort_unstable();
        hashed.dedup();
        packed.hashed = hashed;
        packed.shrink();
        packed
    }

    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.vector_ends.shrink_to_fit();
        self.places.shrink_to_fit();
        self.values.shrink_to_fit();
        self.groups.shrink_to_fit();
        self.documents.shrink_to_fit();
        self.marks.shrink_to_fit();
        self.hashed.shrink_to_fit();
    }

    /// Words there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The stem of a word.
    pub(super) fn stem(&self, word: u32) -> &str {
        self.text.get(span(&self.ends, word)).unwrap_or("")
    }

    /// The word with this stem.
    pub(super) fn word(&self, stem: &str) -> Option<u32> {
        let at = self.first(stem);
        (self.stem(at) == stem && (at as usize) < self.len()).then_some(at)
    }

    /// The first word that does not come before `stem` in the alphabet.
    fn first(&self, stem: &str) -> u32 {
        let (mut low, mut high) = (0, size(self.len()));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.stem(middle) < stem { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Words that begin with `start`.
    pub(super) fn beginning(&self, start: &str) -> impl Iterator<Item = u32> {
        (self.first(start)..size(self.len())).take_while(move |word| self.stem(*word).starts_with(start))
    }

    /// Words of a group.
    pub(super) fn of_group(&self, group: u16) -> impl Iterator<Item = u32> {
        let first = self.groups.partition_point(|(own, _)| *own < group);
        self.groups.iter().skip(first).take_while(move |(own, _)| *own == group).map(|(_, word)| *word)
    }

    /// How near a word is to a vector of length one, -1 to 1.
    pub(super) fn similarity(&self, word: u32, vector: &[f32]) -> f32 {
        let span = span(&self.vector_ends, word);
        let (Some(places), Some(values)) = (self.places.get(span.clone()), self.values.get(span)) else { return 0.0 };
        let product = |(place, value): (&u8, &i8)| vector.get(usize::from(*place)).map_or(0.0, |part| part * f32::from(*value));
        places.iter().zip(values).map(product).sum::<f32>() / 127.0
    }

    /// Where a word stands.
    pub(super) fn of(&self, word: u32) -> impl Iterator<Item = Posting> {
        let span = span(&self.posting_ends, word);
        let documents = self.documents.get(span.clone()).unwrap_or(&[]);
        let marks = self.marks.get(span).unwrap_or(&[]);
        documents.iter().zip(marks).map(|(document, (field, weight))| Posting {
            document: *document,
            field: Field::ALL.get(usize::from(*field)).copied().unwrap_or(Field::Comment),
            weight: f32::from(*weight) / 255.0,
        })
    }

    /// Documents with a value that has the word with this hash.
    pub(super) fn with_value(&self, hash: u32) -> impl Iterator<Item = u32> {
        let first = self.hashed.partition_point(|(own, _)| *own < hash);
        self.hashed.iter().skip(first).take_while(move |(own, _)| *own == hash).map(|(_, document)| *document)
    }

    /// All occurrences, as they were packed.
    pub(super) fn occurrences(&self) -> impl Iterator<Item = Occurrence> {
        (0..size(self.len())).flat_map(|word| {
            let span = span(&self.posting_ends, word);
            let documents = self.documents.get(span.clone()).unwrap_or(&[]);
            let marks = self.marks.get(span).unwrap_or(&[]);
            documents.iter().zip(marks).map(move |(document, (field, weight))| Occurrence {
                word,
                document: *document,
                field: Field::ALL.get(usize::from(*field)).copied().unwrap_or(Field::Comment),
                weight: *weight,
            })
        })
    }

    /// Bytes it takes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.text.capacity()
            + 4 * (self.ends.capacity() + self.vector_ends.capacity() + self.posting_ends.capacity() + self.documents.capacity())
            + self.places.capacity()
            + self.values.capacity()
            + 2 * self.marks.capacity()
            + 8 * (self.groups.capacity() + self.hashed.capacity())
    }
}

/// A count as it is kept.
pub(super) fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Where the parts of `word` stand.
pub(super) fn span(ends: &[u32], word: u32) -> std::ops::Range<usize> {
    let word = word as usize;
    let end = ends.get(word).copied().unwrap_or(0);
    let start = word.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    start as usize..end as usize
}
