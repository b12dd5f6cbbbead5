//! How likely a column points at a key: a linear score over named features, as a probability.
//!
//! The weights were fitted by logistic regression to the declared keys of half of a public collection of databases and rounded;
//! the other half measures them. What they say: names that name the key or its table count most, then values that would not be
//! in the key by chance (text, integers that do not count from 1, values no other key holds), then the form of the tables.

use super::names::{ColumnWords, Kinship, abbreviates, names_table};
use super::{At, INCLUDED, KeyKind, NAMES_ONLY, Seen, ValueSet, key_kind};
use crate::catalog::LogicalType;
use crate::profile::outline::Outline;

/// Probability below which values of one key among another's are no coincidence.
const BY_CHANCE: f64 = 1e-4;

/// A single-column key as every column sees it.
pub(super) struct Key<'a> {
    pub at: At,
    pub table: &'a Seen<'a>,
    pub words: &'a ColumnWords,
    kind: KeyKind,
    values: Option<&'a ValueSet>,
    outline: Option<Outline>,
    data_type: LogicalType,
    /// It is named after its table, or just `id`.
    home: bool,
    /// Its name has a word of its table's.
    home_part: bool,
    /// Its integers do not begin near 1.
    offset: bool,
    /// Its integers leave out most numbers.
    sparse: bool,
}

impl<'a> Key<'a> {
    /// The key in the column at `at`, when it is one.
    pub(super) fn new(table: &'a Seen<'a>, at: At) -> Option<Self> {
        let kind = key_kind(table.table, at.1)?;
        let (column, words) = (table.table.columns.get(at.1)?, table.words.columns.get(at.1)?);
        let named = &table.words.table;
        let home = words.core.is_empty() || names_table(&words.core, named);
        let home_part =
            !home && words.core.iter().any(|word| named.iter().any(|other| word == other || abbreviates(word, other)));
        let values = table.values(at.1);
        let all = values.map_or(0, ValueSet::distinct);
        let range = values.and_then(ValueSet::int_range);
        Some(Self {
            at,
            table,
            words,
            kind,
            values,
            outline: values.map(Outline::of),
            data_type: column.data_type,
            home,
            home_part,
            offset: range.is_some_and(|(low, _)| low >= 20),
            sparse: all > 2 && range.is_some_and(|(low, high)| (high.abs_diff(low) as f64 + 1.0) > 2.0 * all as f64),
        })
    }

    /// Whether it was only observed to be one.
    pub(super) fn is_observed(&self) -> bool {
        self.kind == KeyKind::Observed
    }

    /// Distinct values.
    pub(super) fn distinct(&self) -> u64 {
        self.values.map_or(0, ValueSet::distinct)
    }

    /// Whether the share `least` of the values that look like `values` may be in it.
    pub(super) fn may_hold(&self, values: &Outline, least: f64) -> bool {
        self.outline.as_ref().is_none_or(|own| values.may_be_in(own, least))
    }

    /// What its values look like in one word.
    pub(super) fn brief(&self) -> u64 {
        self.outline.as_ref().map_or(u64::MAX, Outline::brief)
    }

    /// Whether all of `values` are in it.
    pub(super) fn holds(&self, values: &ValueSet) -> bool {
        self.values.is_some_and(|own| values.inclusion(own, 1.0).is_some())
    }

    /// Whether all of `values` may be in it, told by the look of both: a key of integers holds no text.
    pub(super) fn may_hold_all(&self, values: &ValueSet) -> bool {
        let is_int = |set: &ValueSet| set.int_range().is_some();
        self.values.is_some_and(|own| is_int(values) || !is_int(own))
    }

    /// The probability that no column of this form with names of this kinship exceeds, whose values are in no other table's key, or are
    /// (`alone`).
    pub(super) fn ceiling(&self, kinship: Kinship, form: Form, alone: bool) -> f64 {
        // The best column of the form for this key: all there is to say for it, nothing against it.
        let best = Features {
            kinship,
            kind: self.kind,
            home: self.home,
            home_part: self.home_part,
            other_table: false,
            included: true,
            mostly: false,
            empty: false,
            distinct: 0,
            cover: 1.0,
            is_key: false,
            in_key: form.in_key,
            key_word: self.words.is_key,
            text: form.text,
            equal_sets: false,
            same_table: false,
            offset: self.offset,
            sparse: self.sparse,
            alone,
            only_included: false,
        };
        best.confidence()
    }
}

/// What is known about a column without looking at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Form {
    /// Its values are texts, not all of them integers.
    text: bool,
    /// It is part of its table's primary key, and not all of it.
    in_key: bool,
}

impl Form {
    pub(super) fn of(table: &Seen<'_>, at: usize) -> Option<Self> {
        let column = table.table.columns.get(at)?;
        let key = &table.table.primary_key;
        let text = table.values(at).is_some_and(|set| set.int_range().is_none()) && column.data_type != LogicalType::Float;
        Some(Self { text, in_key: key.len() != 1 && key.contains(&column.name) })
    }
}

/// A column and the key it may point at.
pub(super) struct Pair<'a> {
    pub child: &'a Seen<'a>,
    pub column: usize,
    pub key: &'a Key<'a>,
    pub kinship: Kinship,
    /// No value of the column occurs twice.
    pub own_key: bool,
    /// Tables other than the column's that have a word of its name.
    pub named: bool,
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
    distinct: u64,
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
    /// Most of the values are not enough.
    only_included: bool,
}

/// The features of a pair if all values of the column are in this key and in no other, which is the best that comparing them may
/// show; `None` when the pair is out of the question.
pub(super) fn outlook(pair: &Pair<'_>) -> Option<Features> {
    let Pair { key, kinship, .. } = *pair;
    let child = pair.child.table.columns.get(pair.column)?;
    let words = pair.child.words.columns.get(pair.column)?;
    let (mine, theirs) = (pair.child.values(pair.column), key.values);
    match (mine, theirs) {
        // Cheap before dear: most pairs fail here.
        (Some(mine), Some(theirs)) if !mine.may_be_in(theirs, INCLUDED) => return None,
        (Some(_), Some(_)) => {}
        // Values that point at nothing.
        (Some(_), None) if key.table.values.is_some() => return None,
        _ if class(child.data_type) != class(key.data_type) => return None,
        _ => {}
    }
    let both = mine.zip(theirs);
    let only_key = matches!(pair.child.table.primary_key.as_slice(), [only] if *only == child.name);
    let form = Form::of(pair.child, pair.column)?;
    let own_table = &pair.child.words.table;
    // A table's own key points elsewhere only when it says so: at a key of the same name or named after its table, and not from
    // the table it names (`school.school_id`) to one that only shares it (`school_details.school_id`).
    let elsewhere = only_key && {
        let own = || (words.core.is_empty() && words.is_key) || names_table(&words.core, own_table);
        match kinship {
            Kinship::None => true,
            Kinship::Same => own() && !key.home,
            Kinship::TableAndKey => false,
            _ => own(),
        }
    };
    // `record_id` of `pilot_record`, no value twice, is a number of its own rows.
    let own_part =
        kinship == Kinship::None && pair.own_key && words.is_key && words.core.iter().all(|word| own_table.contains(word));
    let only_included = elsewhere || own_part;
    if only_included && !(kinship == Kinship::None && both.is_some_and(|(mine, theirs)| is_telling(mine, theirs))) {
        return None;
    }
    let distinct = mine.map_or(0, ValueSet::distinct);
    let all = key.distinct();
    let included = both.is_some();
    Some(Features {
        kinship,
        kind: key.kind,
        home: key.home,
        home_part: key.home_part,
        other_table: pair.named
            && kinship != Kinship::Same
            && !words.core.iter().any(|word| key.table.words.table.contains(word)),
        included,
        mostly: false,
        empty: !included,
        distinct,
        cover: if included && all > 0 { (distinct as f64 / all as f64).min(1.0) } else { 0.0 },
        is_key: only_key,
        in_key: form.in_key,
        key_word: key.words.is_key,
        text: included && form.text,
        equal_sets: included && distinct == all,
        same_table: pair.same_table,
        offset: included && key.offset,
        sparse: included && key.sparse,
        alone: included && distinct >= 3,
        only_included,
    })
}

/// What is left of the [`outlook`] once the values were compared; nothing when too few are in the key.
pub(super) fn compared(pair: &Pair<'_>, outlook: Features) -> Option<Features> {
    let Some((mine, theirs)) = pair.child.values(pair.column).zip(pair.key.values) else { return Some(outlook) };
    if mine.inclusion(theirs, INCLUDED)? >= 1.0 {
        return Some(outlook);
    }
    let most =
        Features { included: false, mostly: true, equal_sets: false, offset: false, sparse: false, alone: false, ..outlook };
    (!most.only_included).then_some(most)
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
