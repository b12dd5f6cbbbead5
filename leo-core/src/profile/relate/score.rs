//! How likely a column points at a key: a linear score over named features, as a probability.
//!
//! The weights were fitted by logistic regression to the declared keys of half of a public collection of databases and rounded;
//! the other half measures them. What they say: names that name the key or its table count most, then values that would not be
//! in the key by chance (text, integers that do not count from 1, values no other key holds), then the form of the tables.

use super::names::{Kinship, abbreviates, kinship, names_table};
use super::{INCLUDED, KeyKind, NAMES_ONLY, Seen, ValueSet};
use crate::catalog::LogicalType;

/// Probability below which values of one key among another's are no coincidence.
const BY_CHANCE: f64 = 1e-4;

/// A column and the key it may point at.
pub(super) struct Pair<'a> {
    pub child: &'a Seen<'a>,
    pub column: usize,
    pub parent: &'a Seen<'a>,
    pub key: usize,
    pub kind: KeyKind,
    /// No value of the column occurs twice.
    pub own_key: bool,
    pub tables: &'a [Seen<'a>],
    pub same_table: bool,
}

/// What is known about a pair.
#[derive(Debug, Clone)]
pub(super) struct Features {
    kinship: Kinship,
    kind: KeyKind,
    /// The key is named after its table, or just `id`.
    home: bool,
    /// The key's name has a word of its table's.
    home_part: bool,
    /// Names some other table.
    other_table: bool,
    /// All values are in the key.
    pub included: bool,
    /// Most are.
    mostly: bool,
    /// There are no values to compare.
    empty: bool,
    /// Distinct values of the column.
    pub distinct: u64,
    /// Share of the key that is pointed at.
    cover: f64,
    /// The column is its table's primary key.
    is_key: bool,
    /// The column is part of its table's primary key.
    in_key: bool,
    /// The key's name says that it is one.
    key_word: bool,
    text: bool,
    equal_sets: bool,
    same_table: bool,
    /// The key's integers do not begin near 1.
    offset: bool,
    /// The key's integers leave out most numbers.
    sparse: bool,
    /// No other table's key holds all values.
    pub alone: bool,
}

/// The features of a pair, or `None` when it is out of the question.
pub(super) fn features(pair: &Pair<'_>) -> Option<Features> {
    let child = pair.child.table.columns.get(pair.column)?;
    let parent = pair.parent.table.columns.get(pair.key)?;
    let (words, key_words) = (pair.child.words.columns.get(pair.column)?, pair.parent.words.columns.get(pair.key)?);
    let (mine, theirs) = (pair.child.values(pair.column), pair.parent.values(pair.key));
    let inclusion = match (mine, theirs) {
        // Cheap before dear: most pairs fail here.
        (Some(mine), Some(theirs)) => Some(mine.inclusion(theirs, INCLUDED)?),
        // Values that point at nothing.
        (Some(_), None) if pair.parent.values.is_some() => return None,
        _ if class(child.data_type) != class(parent.data_type) => return None,
        _ => None,
    };
    let only_key = matches!(pair.child.table.primary_key.as_slice(), [only] if *only == child.name);
    let in_key = !only_key && pair.child.table.primary_key.contains(&child.name);
    let kinship = kinship(words, key_words, &pair.parent.words.table);
    let own_table = &pair.child.words.table;
    let own = (words.core.is_empty() && words.is_key) || names_table(&words.core, own_table);
    let table = &pair.parent.words.table;
    let home = key_words.core.is_empty() || names_table(&key_words.core, table);
    // A table's own key points elsewhere only when it says so: at a key of the same name or named after its table, and not from
    // the table it names (`school.school_id`) to one that only shares it (`school_details.school_id`).
    let elsewhere = match kinship {
        Kinship::None => true,
        Kinship::Same => own && !home,
        Kinship::TableAndKey => false,
        _ => own,
    };
    let telling = inclusion == Some(1.0) && mine.zip(theirs).is_some_and(|(mine, theirs)| is_telling(mine, theirs));
    if only_key && elsewhere && !(kinship == Kinship::None && telling) {
        return None;
    }
    // `record_id` of `pilot_record`, no value twice, is a number of its own rows.
    let own_part = pair.own_key && words.is_key && words.core.iter().all(|word| own_table.contains(word));
    if own_part && kinship == Kinship::None && !telling {
        return None;
    }
    let home_part =
        !home && key_words.core.iter().any(|word| table.iter().any(|other| word == other || abbreviates(word, other)));
    let other_table = kinship != Kinship::Same
        && !words.core.iter().any(|word| table.contains(word))
        && pair.tables.iter().any(|other| {
            !std::ptr::eq(other, pair.child)
                && !std::ptr::eq(other, pair.parent)
                && other.words.table.iter().any(|word| words.core.contains(word))
        });
    let distinct = mine.map_or(0, ValueSet::distinct);
    let all = theirs.map_or(0, ValueSet::distinct);
    let included = inclusion == Some(1.0);
    let range = theirs.and_then(ValueSet::int_range).filter(|_| included);
    Some(Features {
        kinship,
        kind: pair.kind,
        home,
        home_part,
        other_table,
        included,
        mostly: inclusion.is_some_and(|share| share < 1.0),
        empty: inclusion.is_none(),
        distinct,
        cover: if inclusion.is_some() && all > 0 { (distinct as f64 / all as f64).min(1.0) } else { 0.0 },
        is_key: only_key,
        in_key,
        key_word: key_words.is_key,
        text: inclusion.is_some() && mine.is_some_and(|set| set.int_range().is_none()) && child.data_type != LogicalType::Float,
        equal_sets: included && distinct == all,
        same_table: pair.same_table,
        offset: range.is_some_and(|(low, _)| low >= 20),
        sparse: all > 2 && range.is_some_and(|(low, high)| (high.abs_diff(low) as f64 + 1.0) > 2.0 * all as f64),
        alone: false,
    })
}

/// Whether integers are among a key's for a reason: there are so many others in its range that it would not happen by chance,
/// and they are not a plain count themselves.
fn is_telling(mine: &ValueSet, theirs: &ValueSet) -> bool {
    let density = |set: &ValueSet| {
        let (low, high) = set.int_range()?;
        Some(set.distinct() as f64 / (high.abs_diff(low) as f64 + 1.0))
    };
    let (Some(own), Some(all)) = (density(mine), density(theirs)) else { return false };
    let draws = mine.distinct().min(1_000) as i32;
    own < 0.5 && mine.distinct() < theirs.distinct() && all.powi(draws) < BY_CHANCE
}

/// Types that may meet when there are no values to see it by.
fn class(data_type: LogicalType) -> u8 {
    match data_type {
        LogicalType::Integer | LogicalType::Decimal | LogicalType::Float => 0,
        LogicalType::Text | LogicalType::Uuid => 1,
        LogicalType::Date | LogicalType::Timestamp | LogicalType::Time => 2,
        LogicalType::Boolean => 3,
        _ => 4,
    }
}

impl Features {
    /// The probability that the column points at the key.
    pub(super) fn confidence(&self) -> f64 {
        let given = |holds: bool, weight: f64| if holds { weight } else { 0.0 };
        let names = match self.kinship {
            Kinship::TableAndKey => 4.9,
            Kinship::Table => 4.3,
            Kinship::Same => 3.2,
            Kinship::EndsWithKey => 1.7,
            Kinship::Abbreviates | Kinship::Role => 1.4,
            Kinship::EndsWithTable => -0.2,
            Kinship::SameGeneric => -1.3,
            Kinship::BeginsWithTable => -2.1,
            Kinship::None => -2.7,
            Kinship::Shares => -3.3,
        };
        let key = match self.kind {
            KeyKind::Primary => 0.0,
            KeyKind::Unique => -3.2,
            KeyKind::Observed => -7.4,
        };
        let z = -1.2
            + names
            + key
            + given(self.home, 2.6)
            + given(self.home_part, 1.3)
            + given(self.other_table, -2.4)
            + given(self.included, 0.1)
            + given(self.mostly, -2.5)
            + given(self.empty, -0.9)
            + given(self.text, 2.8)
            + given(self.offset, 3.2)
            + given(self.sparse, 0.4)
            + given(self.alone, 1.7)
            + given(self.equal_sets, -2.2)
            + given(self.is_key, -0.9)
            + given(self.in_key, 0.8)
            + given(self.key_word, -1.3)
            + given(self.same_table, -0.8)
            + 2.2 * self.cover
            - 1.5 * ((1 + self.distinct) as f64).log2().min(8.0) / 8.0;
        let probability = 1.0 / (1.0 + (-z).exp());
        if self.empty { probability * NAMES_ONLY } else { probability }
    }
}
