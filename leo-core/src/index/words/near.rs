//! Words that are near each other: a thesaurus, and the names of business things in other languages.
//!
//! The planner does not use these: what is near helps to find a table, and does not yet decide what a statement reads.

use std::collections::HashMap;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::concepts;
use super::stem::stem;

/// How two words of one group are related.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// The same thing in another language.
    Translation,
    /// The same thing.
    Same,
    /// Something near.
    Near,
}

impl Relation {
    /// How alike two words so related are, 0–1.
    pub(crate) fn similarity(self) -> f32 {
        match self {
            Self::Translation => 0.8,
            Self::Same => 0.6,
            Self::Near => 0.5,
        }
    }
}

/// Groups are counted from here: below are those of [`concepts`].
const TRANSLATIONS: u16 = 10_000;
const NEAR: u16 = 20_000;

static GROUPS: LazyLock<HashMap<String, Vec<u16>>> = LazyLock::new(|| {
    let mut groups: HashMap<String, Vec<u16>> = HashMap::new();
    for (first, text) in [(NEAR, include_str!("thesaurus.txt")), (TRANSLATIONS, include_str!("languages.txt"))] {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for (group, line) in (first..).zip(lines) {
            for (place, word) in line.split(' ').enumerate() {
                let own = stem(word);
                let known = |groups: &Vec<u16>| groups.iter().any(|group| *group >= NEAR);
                // `pays` is a country in French, and no inflection of `pay`.
                let is_foreign = first == TRANSLATIONS && place > 0;
                if is_foreign && own != word && (groups.get(&own).is_some_and(known) || !concepts(&own).is_empty()) {
                    continue;
                }
                let known = groups.entry(own).or_default();
                if !known.contains(&group) {
                    known.push(group);
                }
            }
        }
    }
    groups
});

/// Changes with the lists of words.
pub(crate) fn fingerprint() -> u64 {
    let lists =
        [include_str!("languages.txt"), include_str!("thesaurus.txt"), include_str!("synonyms.rs"), include_str!("stem.rs")];
    let digest = Sha256::digest(lists.concat().as_bytes());
    digest.first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
}

/// The groups of a stemmed word.
pub(crate) fn groups(stem: &str) -> impl Iterator<Item = u16> {
    let near = GROUPS.get(stem).map_or(&[][..], Vec::as_slice);
    concepts(stem).iter().chain(near).copied()
}

/// How words of a group are related.
pub(crate) fn relation(group: u16) -> Relation {
    match group {
        NEAR.. => Relation::Near,
        TRANSLATIONS.. => Relation::Translation,
        _ => Relation::Same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn related(a: &str, b: &str) -> Option<Relation> {
        let other: Vec<u16> = groups(&stem(b)).collect();
        groups(&stem(a)).find(|group| other.contains(group)).map(relation)
    }

    #[test]
    fn words_are_related_across_languages() {
        assert_eq!(related("kunden", "customer"), Some(Relation::Translation));
        assert_eq!(related("facture", "rechnung"), Some(Relation::Translation));
        assert_eq!(related("clients", "customers"), Some(Relation::Same));
        assert_eq!(related("stadium", "venue"), Some(Relation::Near));
        assert_eq!(related("customer", "temperature"), None);
        assert_eq!(related("pay", "country"), None);
    }
}
