//! The words of a schema, and which of them an abbreviation in it may stand for.

use std::collections::{HashMap, HashSet};

use super::lists;
use crate::catalog::{Catalog, TableName, expand, split_words};
use crate::profile::relate::stem;

/// How much better than the next one a long form has to be.
const AHEAD: f64 = 0.2;
/// What it counts that the long form is in the same table, or in one that is joined to it.
const SAME_TABLE: f64 = 0.6;
const JOINED_TABLE: f64 = 0.5;

/// A full word of the schema.
#[derive(Debug)]
struct Word {
    /// In the singular.
    text: String,
    /// Tables that have it in their name, a column's or a comment, in order.
    tables: Vec<usize>,
    /// Names that have it.
    names: u32,
}

/// A long form that was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LongForm {
    pub text: String,
    pub confidence: f64,
    /// Whether the long form stands close to the abbreviation.
    pub near: bool,
    /// Whether the schema has it; else it is a word that is common in schemas.
    pub own: bool,
}

/// The words of a schema.
#[derive(Debug)]
pub(super) struct Corpus {
    words: Vec<Word>,
    by_letter: HashMap<char, Vec<usize>>,
    /// Words that stand for themselves.
    full: HashSet<String>,
    common: Vec<&'static str>,
    /// Tables joined to each table.
    joined: Vec<Vec<usize>>,
    /// Initials of names of several words, with the table.
    initials: HashMap<String, Vec<(usize, String)>>,
}

impl Corpus {
    /// The words of `catalog`; linear in names and comments.
    pub(super) fn new(catalog: &Catalog) -> Self {
        let index: HashMap<&TableName, usize> = catalog.tables.iter().enumerate().map(|(at, table)| (&table.name, at)).collect();
        let mut joined = vec![Vec::new(); catalog.tables.len()];
        for relationship in &catalog.relationships {
            if let (Some(&child), Some(&parent)) = (index.get(&relationship.child), index.get(&relationship.parent)) {
                joined.get_mut(child).into_iter().for_each(|list: &mut Vec<usize>| list.push(parent));
                joined.get_mut(parent).into_iter().for_each(|list: &mut Vec<usize>| list.push(child));
            }
        }
        let mut full: HashSet<String> =
            lists::SHORT.split_whitespace().chain(lists::COMMON.split_whitespace()).map(str::to_owned).collect();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut words: Vec<Word> = Vec::new();
        let mut initials: HashMap<String, Vec<(usize, String)>> = HashMap::new();
        for (at, table) in catalog.tables.iter().enumerate() {
            let names = std::iter::once(&table.name.name).chain(table.columns.iter().map(|column| &column.name));
            let comments = table.comment.iter().chain(table.columns.iter().filter_map(|column| column.comment.as_ref()));
            let said = names.map(|name| (name, true)).chain(comments.map(|comment| (comment, false)));
            for (text, is_name) in said {
                for word in split_words(text) {
                    if !is_name && word.chars().count() >= 3 {
                        full.insert(word.clone());
                    }
                    if !may_be_long(&word) || word.chars().count() < 5 && !full.contains(&word) {
                        continue;
                    }
                    let text = stem(&word);
                    let place = *places.entry(text.clone()).or_insert_with(|| {
                        words.push(Word { text, tables: Vec::new(), names: 0 });
                        words.len() - 1
                    });
                    if let Some(word) = words.get_mut(place) {
                        word.names += u32::from(is_name);
                        if word.tables.last() != Some(&at) {
                            word.tables.push(at);
                        }
                    }
                }
            }
            let of_name = split_words(&table.name.name);
            if of_name.len() > 1 && of_name.iter().all(|word| word.chars().count() > 2) {
                let letters: String = of_name.iter().filter_map(|word| word.chars().next()).collect();
                let long = of_name.iter().map(|word| stem(word)).collect::<Vec<_>>().join(" ");
                initials.entry(letters).or_default().push((at, long));
            }
        }
        let mut by_letter: HashMap<char, Vec<usize>> = HashMap::new();
        for (place, word) in words.iter().enumerate() {
            by_letter.entry(word.text.chars().next().unwrap_or(' ')).or_default().push(place);
        }
        let common = lists::COMMON.split_whitespace().collect();
        Self { words, by_letter, full, common, joined, initials }
    }

    /// Whether `word` is written out.
    pub(super) fn is_full(&self, word: &str) -> bool {
        let length = word.chars().count();
        self.full.contains(word) || self.full.contains(&stem(word)) || length >= 5 && has_inner_vowel(word) || length < 2
    }

    /// What `word`, which is not written out, stands for in the table at `table`: where one long form is clearly the best.
    pub(super) fn long_form(&self, word: &str, table: usize) -> Option<LongForm> {
        if self.is_full(word) || !word.chars().all(char::is_alphabetic) {
            return None;
        }
        let near = |tables: &[usize]| {
            let is_joined =
                || self.joined.get(table).is_some_and(|joined| joined.iter().any(|other| tables.binary_search(other).is_ok()));
            match tables.binary_search(&table) {
                Ok(_) => SAME_TABLE,
                Err(_) if is_joined() => JOINED_TABLE,
                Err(_) => 0.0,
            }
        };
        let mut found: Vec<(f64, LongForm)> = Vec::new();
        let first = word.chars().next()?;
        for other in self.by_letter.get(&first).into_iter().flatten().filter_map(|place| self.words.get(*place)) {
            let Some(fit) = fit(word, &other.text) else { continue };
            let close = near(&other.tables);
            if fit < 0.6 && close == 0.0 {
                continue;
            }
            let score = fit + close + 0.05 * f64::from(1 + other.names).ln();
            found.push((score, LongForm { text: other.text.clone(), confidence: fit, near: close > 0.0, own: true }));
        }
        for (at, long) in self.initials.get(word).into_iter().flatten() {
            let close = near(std::slice::from_ref(at));
            if close > 0.0 {
                found.push((0.8 + close, LongForm { text: long.clone(), confidence: 0.8, near: true, own: true }));
            }
        }
        for other in self.common.iter().filter(|other| other.starts_with(first)) {
            // Many words begin alike, and with nothing of the schema to tell them apart, three letters are too few.
            let is_telling = |fit: &f64| *fit >= 1.0 || *fit >= 0.85 && word.chars().count() > 3;
            if let Some(fit) = fit(word, other).filter(is_telling)
                && !found.iter().any(|(_, own)| own.text == *other)
            {
                found.push((fit - 0.1, LongForm { text: (*other).to_owned(), confidence: fit * 0.8, near: false, own: false }));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.text.cmp(&b.1.text)));
        let mut found = found.into_iter();
        let (score, best) = found.next()?;
        let ahead = found.next().map_or(AHEAD * 2.0, |(next, _)| score - next);
        let sure = 0.6 + 0.2 * f64::from(u8::from(best.near)) + ahead.min(0.4) * 0.4;
        (ahead >= AHEAD).then(|| LongForm { confidence: (best.confidence * sure).min(0.95), ..best })
    }
}

/// Whether the word may be what an abbreviation stands for.
fn may_be_long(word: &str) -> bool {
    let length = word.chars().count();
    length >= 4
        && word.chars().all(char::is_alphabetic)
        && has_inner_vowel(word)
        && expand(word).is_none()
        && rule(word).is_none()
}

/// What `word` is commonly short for.
pub(super) fn rule(word: &str) -> Option<&'static str> {
    let at = lists::MORE.binary_search_by(|(short, _)| (*short).cmp(word)).ok()?;
    lists::MORE.get(at).map(|(_, long)| *long)
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'ä' | 'ö' | 'ü' | 'é' | 'è' | 'á' | 'í' | 'ó' | 'ú')
}

fn has_inner_vowel(word: &str) -> bool {
    word.chars().skip(1).any(is_vowel)
}

/// How well `short` fits as an abbreviation of `long`, 0–1.
pub(super) fn fit(short: &str, long: &str) -> Option<f64> {
    let (length, whole) = (short.chars().count(), long.chars().count());
    if length < 2 || length >= whole || short.chars().next() != long.chars().next() {
        return None;
    }
    // Every way to abbreviate keeps the letters in order; most words are done with here.
    let mut letters = long.chars();
    if !short.chars().all(|letter| letters.any(|other| other == letter)) {
        return None;
    }
    let skeleton: String = long
        .chars()
        .take(1)
        .chain(long.chars().skip(1).filter(|letter| !matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')))
        .collect();
    if skeleton == short && length >= 2 {
        return Some(if length == 2 { 0.8 } else { 1.0 });
    }
    if length >= 3 && long.starts_with(short) {
        return Some(0.9);
    }
    if length >= 3 && skeleton.starts_with(short) {
        return Some(0.85);
    }
    let only_consonants = !has_inner_vowel(short);
    if !only_consonants || length * 4 < whole {
        return None;
    }
    let same_end = short.chars().last() == long.chars().last();
    match length {
        2 => Some(if same_end { 0.55 } else { 0.4 }),
        _ => Some(if same_end { 0.75 } else { 0.6 }),
    }
}
