//! Search by words: tables and columns by their names, comments and synonyms.

use std::cmp::Ordering;
use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};

use super::model::{Catalog, TableName};
use super::names::split_words;

/// Words of a search that count.
const MAX_WORDS: usize = 16;
/// Shortest word that is completed: `cust` finds `customer`.
const MIN_PREFIX: usize = 3;
/// Least similarity of a word with a typing error.
const SIMILAR: f64 = 0.75;

/// A table or column that a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hit {
    /// The table.
    pub table: TableName,
    /// The column; `None` when the table itself was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// How well it fits, 0–1.
    pub score: f64,
    /// Where the best word was found.
    pub place: Place,
}

/// Where a word was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "HitPlace"))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The name, perhaps inflected, abbreviated or begun.
    Name,
    /// A name that is nearly the word.
    Spelling,
    /// A word for the same thing.
    Synonym,
    /// The comment.
    Comment,
    /// What it means, as the host's embedder sees it.
    Meaning,
}

impl Place {
    /// `name`, `spelling`, `synonym`, `comment` or `meaning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Spelling => "spelling",
            Self::Synonym => "synonym",
            Self::Comment => "comment",
            Self::Meaning => "meaning",
        }
    }
}

/// What is known of words beside their letters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vocabulary {
    /// The stem of a lowercase word.
    pub(crate) stem: fn(&str) -> String,
    /// What an abbreviation stands for.
    pub(crate) spelled_out: fn(&str) -> Option<&'static str>,
    /// Groups of words for the same thing that a stem belongs to.
    pub(crate) groups: fn(&str) -> &'static [u16],
}

impl Default for Vocabulary {
    /// English stems and nothing else.
    fn default() -> Self {
        Self { stem: |word| Stemmer::create(Algorithm::English).stem(word).into_owned(), spelled_out: |_| None, groups: |_| &[] }
    }
}

/// Words for a table or column that its names do not hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OtherWords<'a> {
    pub(crate) words: &'a str,
    pub(crate) table: &'a TableName,
    pub(crate) column: Option<&'a str>,
}

/// The words of a catalogue, made once and searched often.
#[derive(Debug)]
pub(crate) struct SearchIndex {
    vocabulary: Vocabulary,
    entries: Vec<Entry>,
    /// Stems in alphabetical order, so that words can be completed, each with where it occurs.
    words: Vec<(String, Vec<Posting>)>,
    groups: HashMap<u16, Vec<Posting>>,
}

#[derive(Debug)]
struct Entry {
    table: TableName,
    column: Option<String>,
    /// Words of the name.
    length: f64,
}

#[derive(Debug, Clone, Copy)]
struct Posting {
    entry: u32,
    weight: f64,
    place: Place,
    /// The word is the table's, not the column's own: it supports, but does not find.
    owner: bool,
}

/// The entries found so far.
#[derive(Debug, Clone, Copy)]
struct Found {
    score: f64,
    own: bool,
    place: Place,
    best: f64,
    /// Words of its name that were asked for.
    said: f64,
}

impl SearchIndex {
    pub(crate) fn build<'a>(catalog: &Catalog, vocabulary: Vocabulary, others: impl IntoIterator<Item = OtherWords<'a>>) -> Self {
        let mut builder = Builder { vocabulary, entries: Vec::new(), words: HashMap::new(), groups: HashMap::new() };
        let mut places: HashMap<(&TableName, Option<&str>), u32> = HashMap::new();
        for table in &catalog.tables {
            let own = builder.add(&table.name, None, &table.name.name, table.comment.as_deref());
            places.insert((&table.name, None), own);
            for column in &table.columns {
                let entry = builder.add(&table.name, Some(&column.name), &column.name, column.comment.as_deref());
                builder.words(entry, &table.name.name, 0.5, Place::Name, true);
                places.insert((&table.name, Some(&column.name)), entry);
            }
        }
        for other in others {
            // As the catalogue spells it, whatever its case.
            let Some(table) = catalog.table(other.table) else { continue };
            let column = match other.column {
                None => None,
                Some(name) => match table.column(name) {
                    Some(column) => Some(column.name.as_str()),
                    None => continue,
                },
            };
            if let Some(entry) = places.get(&(&table.name, column)) {
                builder.words(*entry, other.words, 0.9, Place::Synonym, false);
            }
        }
        let mut words: Vec<_> = builder.words.into_iter().collect();
        words.sort_by(|a, b| a.0.cmp(&b.0));
        Self { vocabulary, entries: builder.entries, words, groups: builder.groups }
    }

    /// At most `limit` tables and columns that fit `words`, best first.
    pub(crate) fn search(&self, words: &str, limit: usize) -> Vec<Hit> {
        let mut stems: Vec<(String, String)> = Vec::new();
        for word in split_words(words).into_iter().take(MAX_WORDS) {
            let stem = (self.vocabulary.stem)(&word);
            if !stems.iter().any(|(_, known)| *known == stem) {
                stems.push((word, stem));
            }
        }
        let mut found: HashMap<u32, Found> = HashMap::new();
        let mut total = 0.0;
        for (word, stem) in &stems {
            let postings = self.postings(word, stem);
            // A word that occurs everywhere says little, one that nothing is called costs as much as the rarest.
            let spread = postings.len().max(1) as f64;
            let rarity = (1.0 + self.entries.len() as f64 / spread).ln();
            total += rarity;
            for posting in postings.values() {
                let entry = found.entry(posting.entry).or_insert(Found {
                    score: 0.0,
                    own: false,
                    place: posting.place,
                    best: 0.0,
                    said: 0.0,
                });
                entry.score += rarity * posting.weight;
                entry.own |= !posting.owner;
                if !posting.owner && posting.place != Place::Comment {
                    entry.said += 1.0;
                }
                if !posting.owner && rarity * posting.weight > entry.best {
                    entry.best = rarity * posting.weight;
                    entry.place = posting.place;
                }
            }
        }
        let mut hits: Vec<(f64, u32, Place)> = found
            .into_iter()
            .filter(|(_, found)| found.own)
            .filter_map(|(at, found)| {
                let length = self.entries.get(at as usize)?.length.max(1.0);
                // Of two names that hold all words, the shorter one is meant.
                let covered = 0.85 + 0.15 * (found.said / length).min(1.0);
                Some((found.score / total * covered, at, found.place))
            })
            .collect();
        // Tables come before their columns, in the order of the catalogue.
        let order = |a: &(f64, u32, Place), b: &(f64, u32, Place)| match b.0.total_cmp(&a.0) {
            Ordering::Equal => a.1.cmp(&b.1),
            other => other,
        };
        if hits.len() > limit && limit > 0 {
            hits.select_nth_unstable_by(limit - 1, order);
        }
        hits.truncate(limit);
        hits.sort_by(order);
        hits.into_iter().filter_map(|(score, at, place)| self.hit(score, at, place)).collect()
    }

    fn hit(&self, score: f64, at: u32, place: Place) -> Option<Hit> {
        let entry = self.entries.get(at as usize)?;
        let score = (score.min(1.0) * 1_000.0).round() / 1_000.0;
        Some(Hit { table: entry.table.clone(), column: entry.column.clone(), score, place })
    }

    /// Where a word occurs, the best place of each entry: as it is, begun, or under another word; misspelled only where nothing else
    /// fits.
    fn postings(&self, word: &str, stem: &str) -> HashMap<u32, Posting> {
        let mut found = HashMap::new();
        let spelled_out = (self.vocabulary.spelled_out)(word).map(|long| (self.vocabulary.stem)(long));
        for stem in std::iter::once(stem).chain(spelled_out.as_deref()) {
            take(&mut found, self.exact(stem), 1.0, None);
            for group in (self.vocabulary.groups)(stem) {
                take(&mut found, self.groups.get(group).map_or(&[], Vec::as_slice), 0.6, Some(Place::Synonym));
            }
        }
        if word.chars().count() >= MIN_PREFIX {
            let first = self.words.partition_point(|(known, _)| known.as_str() < word);
            let begun = self.words.get(first..).unwrap_or_default().iter().take_while(|(known, _)| known.starts_with(word));
            for (_, postings) in begun {
                take(&mut found, postings, 0.8, None);
            }
        }
        if found.is_empty() {
            for (known, postings) in self.words.iter().filter(|(known, _)| known.len().abs_diff(stem.len()) <= 2) {
                let similarity = strsim::normalized_damerau_levenshtein(stem, known);
                if similarity >= SIMILAR {
                    take(&mut found, postings, 0.8 * similarity, Some(Place::Spelling));
                }
            }
        }
        found
    }

    fn exact(&self, stem: &str) -> &[Posting] {
        match self.words.binary_search_by(|(known, _)| known.as_str().cmp(stem)) {
            Ok(at) => self.words.get(at).map_or(&[], |(_, postings)| postings),
            Err(_) => &[],
        }
    }
}

/// Keeps the best posting of each entry.
fn take(found: &mut HashMap<u32, Posting>, postings: &[Posting], factor: f64, place: Option<Place>) {
    for posting in postings {
        let posting = Posting { weight: posting.weight * factor, place: place.unwrap_or(posting.place), ..*posting };
        let known = found.entry(posting.entry).or_insert(posting);
        let owner = known.owner && posting.owner;
        if posting.weight > known.weight {
            *known = posting;
        }
        known.owner = owner;
    }
}

struct Builder {
    vocabulary: Vocabulary,
    entries: Vec<Entry>,
    words: HashMap<String, Vec<Posting>>,
    groups: HashMap<u16, Vec<Posting>>,
}

impl Builder {
    fn add(&mut self, table: &TableName, column: Option<&str>, name: &str, comment: Option<&str>) -> u32 {
        let at = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let length = split_words(name).len() as f64;
        self.entries.push(Entry { table: table.clone(), column: column.map(str::to_owned), length });
        self.words(at, name, 1.0, Place::Name, false);
        if let Some(comment) = comment {
            self.words(at, comment, 0.5, Place::Comment, false);
        }
        at
    }

    fn words(&mut self, entry: u32, text: &str, weight: f64, place: Place, owner: bool) {
        for word in split_words(text) {
            let posting = Posting { entry, weight, place, owner };
            self.word(&word, posting);
            if let Some(long) = (self.vocabulary.spelled_out)(&word) {
                for part in long.split(' ') {
                    self.word(part, Posting { weight: weight * 0.9, ..posting });
                }
            }
        }
    }

    fn word(&mut self, word: &str, posting: Posting) {
        let stem = (self.vocabulary.stem)(word);
        // Prose has too many words that are like other words.
        if posting.place != Place::Comment {
            for group in (self.vocabulary.groups)(&stem) {
                self.groups.entry(*group).or_default().push(posting);
            }
        }
        self.words.entry(stem).or_default().push(posting);
    }
}

/// Tables and columns that fit `words`, best first, at most `limit`.
///
/// # Behavior
/// Words are compared by their English stems; the beginning of a word and a word with a typing error find it too. A column's own
/// name or comment must hold at least one of the words, its table's name supports it. Equal hits come in the order of the
/// catalogue. Makes the index anew; [`Leo::search`](crate::Leo::search) keeps it, and knows abbreviations and synonyms.
///
/// # Example
/// ```
/// use leo::Dialect;
/// use leo::catalog::{Catalog, search};
///
/// let catalog = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE orders (id int, customerName text); CREATE TABLE notes (id int)")?;
/// let hits = search(&catalog, "name of the customer", 5);
/// assert_eq!(hits[0].column.as_deref(), Some("customerName"));
/// # Ok::<(), leo::Error>(())
/// ```
pub fn search(catalog: &Catalog, words: &str, limit: usize) -> Vec<Hit> {
    SearchIndex::build(catalog, Vocabulary::default(), []).search(words, limit)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    fn shop() -> Catalog {
        let mut catalog = Catalog::from_ddl(
            Dialect::Sqlite,
            "CREATE TABLE customers (id int, fullName text, country text, signup_date text);
             CREATE TABLE orders (id int, customer_id int, ordered_at text, status text);
             CREATE TABLE order_lines (order_id int, product_id int, qty int, unitPrice real);
             CREATE TABLE products (id int, title text, category text);
             CREATE TABLE \"Größen\" (id int, größe_cm int);",
        )
        .unwrap();
        let products = catalog.tables.iter_mut().find(|table| table.name.name == "products").unwrap();
        products.columns[1].comment = Some("what the catalogue calls an article".into());
        catalog
    }

    fn names(hits: &[Hit]) -> Vec<String> {
        let name = |hit: &Hit| match &hit.column {
            Some(column) => format!("{}.{column}", hit.table),
            None => hit.table.to_string(),
        };
        hits.iter().map(name).collect()
    }

    fn found(words: &str) -> Vec<String> {
        names(&search(&shop(), words, 5))
    }

    #[test]
    fn the_name_that_holds_the_words_comes_first() {
        assert_eq!(found("customers")[..2], ["customers", "orders.customer_id"]);
        assert_eq!(found("unit price")[0], "order_lines.unitPrice");
        assert_eq!(found("order status")[0], "orders.status");
        assert_eq!(found("GRÖSSEN"), Vec::<String>::new());
        assert_eq!(found("größen")[0], "Größen");
    }

    #[test]
    fn inflected_begun_and_misspelled_words_find_too() {
        assert_eq!(found("product categories")[0], "products.category");
        assert_eq!(found("cust")[0], "customers");
        let hits = search(&shop(), "contry", 3);
        assert_eq!((names(&hits), hits[0].place), (vec!["customers.country".to_owned()], Place::Spelling));
    }

    #[test]
    fn comments_and_synonyms_say_so() {
        let hits = search(&shop(), "article", 3);
        assert_eq!((names(&hits)[0].as_str(), hits[0].place), ("products.title", Place::Comment));
        let catalog = shop();
        let table = TableName::bare("CUSTOMERS");
        let other = OtherWords { words: "buyers", table: &table, column: None };
        let hits = SearchIndex::build(&catalog, Vocabulary::default(), [other]).search("buyer", 3);
        assert_eq!((names(&hits)[0].as_str(), hits[0].place), ("customers", Place::Synonym));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert!(found("zebra").is_empty() && found("").is_empty() && found("%_'\";--").is_empty());
        assert!(search(&shop(), "orders", 0).is_empty());
        assert!(search(&Catalog::new(Dialect::Sqlite, None, Vec::new()), "orders", 5).is_empty());
    }

    #[test]
    fn scores_fall_and_equal_ones_keep_the_order_of_the_catalogue() {
        let all = search(&shop(), "id", 50);
        assert!(all.len() > 5 && all.is_sorted_by(|a, b| a.score >= b.score));
        assert_eq!(all, search(&shop(), "id", 50));
        assert_eq!(names(&all)[..2], ["Größen.id", "customers.id"]);
        assert_eq!(search(&shop(), "id", 3), all[..3]);
        assert!(all.iter().all(|hit| (0.0..=1.0).contains(&hit.score)));
    }
}
