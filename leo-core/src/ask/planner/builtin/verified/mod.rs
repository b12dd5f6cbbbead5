//! Verified questions: a question like one that somebody checked is answered by that one's statement, with its own values.
//!
//! ```text
//! pair     → literals (what the statement compares with) → template (what of it the question says: slots; the rest as items)
//! question → filling (its values for the slots) → wording (its items) → likeness → the statement with these values
//! ```
//! Every word of either question that carries meaning has to have its like in the other; there is no nearest question. Where two verified
//! questions fit alike and their statements differ, none is taken. The statement is a text like anybody's: the guard decides whether it runs.

mod filling;
mod likeness;
mod literals;
mod sayings;
mod template;
mod wording;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_measure;

use std::collections::HashMap;

use super::schema::SchemaIndex;
use crate::knowledge::{Knowledge, VerifiedQuery};
use filling::{Asked, Filled, ways};
use likeness::{Likeness, Side};
use sayings::Sayings;
use template::Template;

/// Most verified questions that are looked at; the ones said last are kept.
const MOST: usize = 5_000;
/// Ways to fill templates that are tried for one question; a question with more of them is no clear one.
const TRIES: usize = 2_000;
/// Longest question that is looked at, in characters: longer ones are not like each other by chance.
const LONGEST: usize = 1_000;

/// The verified questions of a source as templates, made for what one user may see.
#[derive(Debug, Default)]
pub(in crate::ask) struct Verified {
    pairs: Vec<VerifiedQuery>,
    /// Pairs by what their questions say, word by word.
    exact: HashMap<String, usize>,
    /// With the number of the pair.
    templates: Vec<(usize, Template)>,
}

/// A statement that answers a question, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ask) struct Found {
    /// The verified question.
    pub(in crate::ask) question: String,
    /// The verified statement, with the values of the question that was asked.
    pub(in crate::ask) sql: String,
    /// Values that were put in the place of others: `(verified, asked)`.
    pub(in crate::ask) changed: Vec<(String, String)>,
    /// Whether the questions are the same, word by word.
    pub(in crate::ask) is_same: bool,
    likeness: Likeness,
}

impl Found {
    /// How sure it is that the statement answers the question, 0–1: what was right of those found so, measured.
    pub(in crate::ask) fn confidence(&self) -> f64 {
        match self.likeness {
            _ if self.is_same => 1.0,
            Likeness::Same => 0.97,
            Likeness::Moved | Likeness::Nearly => 0.93,
        }
    }
}

impl Verified {
    /// Reads the pairs that people verified. Unless the user sees all of the source, only those count of which `index` has every table and column.
    pub(in crate::ask) fn build(index: &SchemaIndex, knowledge: &Knowledge, sees_all: bool) -> Self {
        let (pairs, sayings) = (&knowledge.verified, Sayings::of(index, knowledge));
        let pairs = pairs.get(pairs.len().saturating_sub(MOST)..).unwrap_or_default();
        let mut made = Self { pairs: pairs.to_vec(), ..Self::default() };
        for (number, pair) in pairs.iter().enumerate() {
            if pair.question.chars().nth(LONGEST).is_some() {
                continue;
            }
            let key = key(&pair.question);
            if key.is_empty() {
                continue;
            }
            let template = Template::of(index, &sayings, &pair.question, &pair.sql);
            if sees_all || template.as_ref().is_some_and(|template| template.reading.is_known) {
                // Of two that ask the same, the one said last holds.
                made.exact.insert(key, number);
                made.templates.extend(template.map(|template| (number, template)));
            }
        }
        made
    }

    /// The statement for `question`, if a verified one says the same.
    pub(in crate::ask) fn find(&self, index: &SchemaIndex, question: &str) -> Option<Found> {
        if self.pairs.is_empty() || question.chars().nth(LONGEST).is_some() {
            return None;
        }
        if let Some(pair) = self.exact.get(&key(question)).and_then(|number| self.pairs.get(*number)) {
            let (question, sql) = (pair.question.clone(), pair.sql.clone());
            return Some(Found { question, sql, changed: Vec::new(), is_same: true, likeness: Likeness::Same });
        }
        let asked = Asked::new(question);
        // Each with the statement as it prints, so that blanks make no difference.
        let mut best: Vec<(String, Found)> = Vec::new();
        let mut tries = 0;
        for (number, template) in self.templates.iter().filter(|(_, template)| asked.may_be(template)) {
            for way in ways(index, &asked, template) {
                tries += 1;
                if tries > TRIES {
                    return None;
                }
                let items = asked.items(template, &way);
                let columns = template.columns.as_slice();
                let verified = Side { items: &template.items, columns, kept: &template.shown };
                let asked = Side { items: &items, columns, kept: &template.unshown };
                let Some(likeness) = Likeness::of(verified, asked) else { continue };
                if template.reading.is_directed && likeness != Likeness::Same {
                    continue;
                }
                if best.first().is_some_and(|(_, best)| best.likeness > likeness) {
                    continue;
                }
                let Some(found) = self.found(*number, template, &way, likeness) else { continue };
                best.retain(|(_, other)| other.likeness == likeness);
                best.push(found);
            }
        }
        let (first, _) = best.first()?;
        let is_clear = best.iter().all(|(other, _)| other == first);
        is_clear.then(|| best.swap_remove(0).1)
    }

    fn found(&self, number: usize, template: &Template, way: &[Filled], likeness: Likeness) -> Option<(String, Found)> {
        let pair = self.pairs.get(number)?;
        let pairs = || template.slots.iter().zip(way).filter(|(slot, filled)| slot.value != filled.value);
        let changed: Vec<(String, String)> = pairs().map(|(slot, filled)| (slot.value.clone(), filled.value.clone())).collect();
        let values: Vec<(usize, String)> =
            pairs().flat_map(|(slot, filled)| slot.literals.iter().map(|literal| (*literal, filled.value.clone()))).collect();
        let printed = template.reading.with(&values)?;
        let sql = if values.is_empty() { pair.sql.clone() } else { printed.clone() };
        Some((printed, Found { question: pair.question.clone(), sql, changed, is_same: false, likeness }))
    }
}

/// The question in small letters with single blanks, without the marks that end it.
fn key(question: &str) -> String {
    let said = question.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '?' | '!'));
    let words: Vec<&str> = said.split_whitespace().collect();
    words.join(" ").to_lowercase().replace(['’', '‘'], "'").replace(['“', '”'], "\"")
}
