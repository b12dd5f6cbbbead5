//! The keys that each column may point at, found without comparing the values of every column with those of every key.
//!
//! Columns are taken by their names and forms, so that these are compared with the keys once, however many tables have them. What names and
//! forms say bounds what values can add ([`score::outlook`]): values are compared only where the pair could become a relationship.

use std::collections::{HashMap, HashSet};

use super::names::{ColumnWords, Kinship, kinship};
use super::score::{self, Features, Form, Key, Pair};
use super::{At, INCLUDED, Seen};
use crate::profile::outline::Outline;

/// Each column that is not `taken`, with its possible parents of confidence `least`.
pub(super) fn candidates(tables: &[Seen<'_>], taken: &HashSet<At>, least: f64) -> HashMap<At, Vec<(At, Features)>> {
    let every = tables.iter().enumerate().flat_map(|(at, seen)| (0..seen.table.columns.len()).map(move |column| (at, column)));
    let mut keys: Vec<Key<'_>> = every.clone().filter_map(|at| Key::new(tables.get(at.0)?, at)).collect();
    // Large keys first: they are likelier to hold what is looked for.
    keys.sort_by_key(|key| (std::cmp::Reverse(key.distinct()), key.at));
    let own_keys: HashSet<At> = keys.iter().map(|key| key.at).collect();
    let named = tables_by_word(tables);
    let mut alike: HashMap<(&ColumnWords, Form), Vec<At>> = HashMap::new();
    for at in every.filter(|at| !taken.contains(at)) {
        let Some(seen) = tables.get(at.0) else { continue };
        if let Some(alike_by) = seen.words.columns.get(at.1).zip(Form::of(seen, at.1)) {
            alike.entry(alike_by).or_default().push(at);
        }
    }
    let mut found = HashMap::new();
    for ((words, form), columns) in alike {
        let all: Vec<Related<'_>> = keys.iter().map(|key| Related::new(key, words)).collect();
        let possible = |alone| move |related: &Related<'_>| related.key.ceiling(related.kinship, form, alone) >= least;
        let (shared, sole) = all.iter().copied().filter(possible(true)).partition(possible(false));
        let possible = Possible { all, shared, sole };
        for at in columns {
            let Some(child) = tables.get(at.0) else { continue };
            let named = words.core.iter().filter_map(|word| named.get(word.as_str())).flatten().any(|table| *table != at.0);
            let outline = child.values(at.1).map(Outline::of);
            let column = Column { at, child, is_key: own_keys.contains(&at), named, outline };
            let parents = column.parents(&possible, least);
            if !parents.is_empty() {
                found.insert(at, parents);
            }
        }
    }
    found
}

/// Tables by the words of their names; two of each are enough to know whether one is another's.
fn tables_by_word<'a>(tables: &'a [Seen<'_>]) -> HashMap<&'a str, Vec<usize>> {
    let mut found: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, seen) in tables.iter().enumerate() {
        for word in &seen.words.table {
            let known = found.entry(word).or_default();
            if known.len() < 2 && !known.contains(&at) {
                known.push(at);
            }
        }
    }
    found
}

/// A column that may point at a key.
struct Column<'a> {
    at: At,
    child: &'a Seen<'a>,
    is_key: bool,
    /// Another table's name has a word of its name.
    named: bool,
    /// What its values look like.
    outline: Option<Outline>,
}

/// A key, as columns of one name are related to it.
#[derive(Clone, Copy)]
struct Related<'a> {
    key: &'a Key<'a>,
    kinship: Kinship,
    /// What its values look like, at hand: nearly every pair of a column and a key ends here.
    brief: u64,
}

impl<'a> Related<'a> {
    fn new(key: &'a Key<'a>, column: &ColumnWords) -> Self {
        Self { key, kinship: kinship(column, key.words, &key.table.words.table), brief: key.brief() }
    }
}

/// The keys that columns of one name and form may point at.
struct Possible<'a> {
    /// Every key there is.
    all: Vec<Related<'a>>,
    /// Those for which it is enough that they hold a column's values.
    shared: Vec<Related<'a>>,
    /// Those for which it is not, if another table's key holds them as well.
    sole: Vec<Related<'a>>,
}

impl<'a> Column<'a> {
    /// Its parents among the `possible` keys.
    fn parents(&self, possible: &'a Possible<'a>, least: f64) -> Vec<(At, Features)> {
        // Found out when first needed: for most columns no key comes so far.
        let mut holders: Option<Vec<usize>> = None;
        let mut parents = Vec::new();
        for (keys, are_sole) in [(&possible.shared, false), (&possible.sole, true)] {
            for Related { key, kinship, brief } in keys {
                if are_sole && holders.as_ref().is_some_and(|tables| tables.len() > 1) {
                    break;
                }
                // Cheap before dear.
                let may_hold = |outline: &Outline| outline.may_be_in_brief(*brief, INCLUDED) && key.may_hold(outline, INCLUDED);
                if !self.outline.as_ref().is_none_or(may_hold) {
                    continue;
                }
                let Some(pair) = self.pair(key, *kinship) else { continue };
                let Some(mut features) = score::outlook(&pair) else { continue };
                if features.confidence() < least {
                    continue;
                }
                if features.alone {
                    let holders = holders.get_or_insert_with(|| self.holders(&possible.all));
                    features.alone = holders.iter().all(|table| *table == key.at.0);
                }
                let Some(features) = score::compared(&pair, features) else { continue };
                if features.confidence() >= least {
                    parents.push((key.at, features));
                }
            }
        }
        // Few are left of many, and all columns' are held together.
        parents.shrink_to_fit();
        parents
    }

    /// Two of the tables that declare a key which holds all values of the column, or as many as there are. Is there only one? Then the
    /// values are there for a reason.
    fn holders(&self, all: &[Related<'a>]) -> Vec<usize> {
        let mut found = Vec::new();
        let Some((values, outline)) = self.child.values(self.at.1).zip(self.outline.as_ref()) else { return found };
        for Related { key, kinship, brief } in all {
            if key.is_observed() || !outline.may_be_in_brief(*brief, 1.0) {
                continue;
            }
            let is_new = !found.contains(&key.at.0) && key.may_hold_all(values) && key.may_hold(outline, 1.0);
            let is_pair = || self.pair(key, *kinship).and_then(|pair| score::outlook(&pair)).is_some();
            if is_new && is_pair() && key.holds(values) {
                found.push(key.at.0);
                if found.len() == 2 {
                    break;
                }
            }
        }
        found
    }

    /// Nothing for the column itself.
    fn pair(&self, key: &'a Key<'a>, kinship: Kinship) -> Option<Pair<'a>> {
        let same_table = key.at.0 == self.at.0;
        let Self { at, child, is_key: own_key, named, .. } = *self;
        (key.at != at).then_some(Pair { child, column: at.1, key, kinship, own_key, named, same_table })
    }
}
