//! Search by words: documents that hold them, best first.

use std::cmp::Ordering;

use super::document::Field;
use super::{Entry, Index, Kind, NONE, Visible};
use crate::catalog::{Catalog, Hit, HitKind, Place};

/// How much a word tells by where it stands.
fn weight(field: Field) -> (f32, Place) {
    match field {
        Field::Name => (1.0, Place::Name),
        Field::Synonym => (0.9, Place::Synonym),
        Field::Comment => (0.5, Place::Comment),
        // Supports what is found otherwise.
        Field::Schema => (0.3, Place::Name),
        Field::Value => (0.6, Place::Value),
    }
}

/// What the name of its table adds to a column.
const TABLE: f32 = 0.5;

/// A document that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found {
    pub(crate) document: u32,
    /// 0–1.
    pub(crate) score: f64,
    pub(crate) place: Place,
}

/// What was found of a document so far.
#[derive(Debug, Clone, Copy)]
struct Sum {
    score: f32,
    /// Some word is its own, not its table's.
    own: bool,
    /// Words of its name that were asked for.
    said: f32,
    best: f32,
    place: Place,
    /// Of the word that is looked at: its number, how well it fits, and whether it stands in the name.
    term: usize,
    now: f32,
    now_place: Place,
    now_own: bool,
}

const NOTHING: Sum = Sum {
    score: 0.0,
    own: false,
    said: 0.0,
    best: 0.0,
    place: Place::Comment,
    term: usize::MAX,
    now: 0.0,
    now_place: Place::Comment,
    now_own: false,
};

impl Index {
    /// At most `limit` visible documents that fit `words`, best first; equal ones in their order.
    pub(crate) fn search(&self, words: &str, visible: &Visible, limit: usize) -> Vec<Found> {
        let terms = self.terms(words, visible);
        let mut sums = vec![NOTHING; self.entries.len()];
        // What each table's name adds: in all, and for the word that is looked at.
        let mut tables = vec![0.0_f32; self.tables.len()];
        let mut touched: Vec<u32> = Vec::new();
        let mut found: Vec<u32> = Vec::new();
        let mut total = 0.0;
        let shown = (0..).zip(&self.entries).filter(|(at, entry)| entry.kind != Kind::Values && visible.has(*at));
        let count = shown.count() as f32;
        for (number, term) in terms.iter().enumerate() {
            touched.clear();
            for alike in &term.alike {
                for posting in self.postings.of(alike.word).filter(|posting| visible.has(posting.document)) {
                    let Some(sum) = sums.get_mut(posting.document as usize) else { continue };
                    if sum.term != number {
                        if sum.term == usize::MAX {
                            found.push(posting.document);
                        }
                        touched.push(posting.document);
                        (sum.term, sum.now) = (number, 0.0);
                    }
                    let (weight, place) = weight(posting.field);
                    let now = weight * posting.weight * alike.similarity;
                    if now > sum.now {
                        sum.now = now;
                        sum.now_place = alike.place.filter(|_| place == Place::Name).unwrap_or(place);
                        sum.now_own = posting.field != Field::Schema;
                    }
                }
            }
            for document in self.postings.with_value(term.value).filter(|document| visible.has(*document)) {
                let Some(sum) = sums.get_mut(document as usize) else { continue };
                if sum.term == usize::MAX {
                    found.push(document);
                }
                touched.push(document);
                (sum.term, sum.now_own) = (number, true);
                (sum.now, sum.now_place) = weight(Field::Value);
            }
            // A word that occurs everywhere says little, one that nothing is called costs as much as the rarest.
            let rarity = (1.0 + count / touched.len().max(1) as f32).ln();
            total += rarity;
            for document in &touched {
                let Some(entry) = self.entries.get(*document as usize) else { continue };
                let of_table = if entry.kind == Kind::Column { self.of_table(entry, &sums, number) } else { 0.0 };
                let Some(sum) = sums.get_mut(*document as usize) else { continue };
                // The table's part is added to all of its columns at the end.
                sum.score += rarity * (sum.now - TABLE * of_table).max(0.0);
                sum.own |= sum.now_own;
                if sum.now_own && sum.now_place != Place::Comment {
                    sum.said += 1.0;
                }
                if sum.now_own && rarity * sum.now > sum.best {
                    (sum.best, sum.place) = (rarity * sum.now, sum.now_place);
                }
                if entry.kind == Kind::Table
                    && let Some(table) = tables.get_mut(entry.table as usize)
                {
                    *table += rarity * sum.now;
                }
            }
        }
        let mut hits: Vec<Found> = found
            .into_iter()
            .filter_map(|document| {
                let (entry, sum) = (self.entries.get(document as usize)?, sums.get(document as usize)?);
                let of_table =
                    if entry.kind == Kind::Column { tables.get(entry.table as usize).copied().unwrap_or(0.0) } else { 0.0 };
                // Of two names that hold all words, the shorter one is meant.
                let covered = 0.85 + 0.15 * (sum.said / f32::from(entry.length.max(1))).min(1.0);
                let score = f64::from((sum.score + TABLE * of_table) / total * covered);
                sum.own.then_some(Found { document, score, place: sum.place })
            })
            .collect();
        let order = |a: &Found, b: &Found| match b.score.total_cmp(&a.score) {
            Ordering::Equal => a.document.cmp(&b.document),
            other => other,
        };
        if hits.len() > limit && limit > 0 {
            hits.select_nth_unstable_by(limit - 1, order);
        }
        hits.truncate(limit);
        hits.sort_by(order);
        hits
    }

    /// What the name of a column's table has of the word that is looked at.
    fn of_table(&self, entry: &Entry, sums: &[Sum], term: usize) -> f32 {
        let own = self.tables.get(entry.table as usize).filter(|own| **own != NONE);
        let sum = own.and_then(|own| sums.get(*own as usize)).filter(|sum| sum.term == term);
        sum.map_or(0.0, |sum| sum.now)
    }

    /// What was found, each thing once; values stand for their column.
    pub(crate) fn hits(&self, catalog: &Catalog, found: &[Found], limit: usize) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        for hit in found.iter().filter_map(|found| self.hit(catalog, found)) {
            if hits.len() == limit {
                break;
            }
            if !hits.iter().any(|known| known.is_same(&hit)) {
                hits.push(hit);
            }
        }
        hits
    }

    fn hit(&self, catalog: &Catalog, found: &Found) -> Option<Hit> {
        let entry = self.entries.get(found.document as usize)?;
        let table = catalog.tables.get(entry.table as usize);
        let score = (found.score.min(1.0) * 1_000.0).round() / 1_000.0;
        let kind = match entry.kind {
            Kind::Table => return Some(Hit::of(table?.name.clone(), None, score, found.place)),
            Kind::Column | Kind::Values => {
                let column = table?.columns.get(usize::from(entry.column))?.name.clone();
                return Some(Hit::of(table?.name.clone(), Some(column), score, found.place));
            }
            Kind::Metric => HitKind::Metric,
            Kind::Glossary => HitKind::Glossary,
            Kind::Query => HitKind::Question,
        };
        let name = self.what(found.document)?.1.map(str::to_owned);
        Some(Hit { kind, table: table.map(|table| table.name.clone()), column: None, name, score, place: found.place })
    }

    /// What a document is, and what the host calls it where it is the host's.
    pub(crate) fn what(&self, document: u32) -> Option<(Kind, Option<&str>)> {
        let kind = self.entries.get(document as usize)?.kind;
        let before = self.entries.iter().take(document as usize).filter(|entry| entry.kind >= Kind::Metric).count();
        let id = self.ids.get(before).filter(|_| kind >= Kind::Metric).map(|id| &**id);
        Some((kind, id))
    }
}

/// Documents to look for where so many hits are wanted: a column and its values are one hit.
pub(crate) fn wider(limit: usize) -> usize {
    limit.saturating_mul(2)
}

/// Tables and columns that fit `words`, best first, at most `limit`.
///
/// # Behavior
/// Words are compared by their stems, without accents; the beginning of a word, a word with a typing error, and a word for the same thing, also in German,
/// French or Spanish, find it too, and abbreviations and compounds in names are understood. A column's own name or comment must hold at least
/// one of the words, its table's name supports it. Equal hits come in the order of the catalogue. Makes the index anew;
/// [`Leo::search`](crate::Leo::search) keeps it.
///
/// # Example
/// ```
/// use leo::Dialect;
/// use leo::catalog::Catalog;
/// use leo::index::search;
///
/// let catalog = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE orders (id int, customerName text); CREATE TABLE notes (id int)")?;
/// let hits = search(&catalog, "name of the customer", 5);
/// assert_eq!(hits[0].column.as_deref(), Some("customerName"));
/// # Ok::<(), leo::Error>(())
/// ```
pub fn search(catalog: &Catalog, words: &str, limit: usize) -> Vec<Hit> {
    let index = Index::build(catalog, &super::documents(catalog, &[], &[]));
    index.hits(catalog, &index.search(words, &Visible::all(), wider(limit)), limit)
}
