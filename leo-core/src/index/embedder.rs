//! The built-in embedder: texts as vectors, from the letters of their words and from what is known of words. No files, no network.
//!
//! A word is the sum of its pieces of three and four letters, with the ends of the word marked, and of the groups of words it belongs
//! to, each at a place of the vector given by its hash. So `contry` is near `country`, and `nation` as well. A text is the sum of
//! its words, each weighted by how much it tells.

use super::words::{Relation, groups, relation, stem, words_of};

/// Length of a vector.
pub(crate) const DIMENSIONS: usize = 256;
/// Share of a word's vector that its groups have, where it has some.
const GROUPS: f32 = 0.6;

/// A vector of which most parts are zero: places, ascending, with their values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sparse(Vec<(u8, f32)>);

impl Sparse {
    /// The parts that are not zero.
    pub(crate) fn parts(&self) -> &[(u8, f32)] {
        &self.0
    }

    /// All parts.
    pub(crate) fn dense(&self) -> [f32; DIMENSIONS] {
        let mut dense = [0.0; DIMENSIONS];
        for (place, value) in &self.0 {
            if let Some(part) = dense.get_mut(usize::from(*place)) {
                *part = *value;
            }
        }
        dense
    }

    fn of(dense: &[f32]) -> Self {
        let parts = (0..=u8::MAX).zip(dense).filter(|(_, value)| **value != 0.0);
        Self(parts.map(|(place, value)| (place, *value)).collect())
    }
}

/// The vector of a stemmed word, of length one.
pub(crate) fn embed_word(stem: &str) -> Sparse {
    let (mut letters, mut meaning) = ([0.0; DIMENSIONS], [0.0; DIMENSIONS]);
    let marked: Vec<char> = std::iter::once('<').chain(stem.chars()).chain(std::iter::once('>')).collect();
    for length in 3..=4 {
        for piece in marked.windows(length) {
            add(&mut letters, Hash::new(1).chars(piece), 1.0);
        }
    }
    add(&mut letters, Hash::new(2).chars(&marked), 1.5);
    for group in groups(stem) {
        let weight = match relation(group) {
            Relation::Translation | Relation::Same => 1.0,
            Relation::Near => 0.6,
        };
        for part in 0..2 {
            add(&mut meaning, Hash::new(3 + part).number(group), weight);
        }
    }
    let mut share = 1.0;
    if normalise(&mut meaning) {
        share = (1.0 - GROUPS * GROUPS).sqrt();
    }
    normalise(&mut letters);
    for (own, other) in letters.iter_mut().zip(&meaning) {
        *own = *own * share + other * GROUPS;
    }
    Sparse::of(&letters)
}

/// The vector of a text, of length one, or of zeros where it has no words; `weight` says how much a stem tells.
#[cfg_attr(not(test), expect(dead_code, reason = "for texts that are compared as wholes: verified questions, glossaries"))]
pub(crate) fn embed(text: &str, weight: impl Fn(&str) -> f32) -> [f32; DIMENSIONS] {
    let mut sum = [0.0; DIMENSIONS];
    for word in words_of(text) {
        let stem = stem(&word);
        let weight = weight(&stem);
        for (place, value) in embed_word(&stem).parts() {
            if let Some(part) = sum.get_mut(usize::from(*place)) {
                *part += weight * value;
            }
        }
    }
    normalise(&mut sum);
    sum
}

/// Makes the length one; `false` where there is none.
fn normalise(vector: &mut [f32]) -> bool {
    let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
    if !(length.is_finite() && length > 0.0) {
        return false;
    }
    vector.iter_mut().for_each(|part| *part /= length);
    true
}

fn add(vector: &mut [f32; DIMENSIONS], hash: Hash, weight: f32) {
    if let Some(part) = vector.get_mut(hash.0 as usize % DIMENSIONS) {
        // The sign is of the hash as well, so that pieces that share a place cancel out on the average.
        *part += if hash.0 >> 63 == 0 { weight } else { -weight };
    }
}

/// FNV-1a with a last mix: the same on every machine and in every version.
#[derive(Clone, Copy)]
pub(super) struct Hash(pub(super) u64);

impl Hash {
    pub(super) fn new(seed: u8) -> Self {
        Self(0xcbf2_9ce4_8422_2325).byte(seed)
    }

    fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    fn chars(self, chars: &[char]) -> Self {
        chars.iter().flat_map(|c| u32::from(*c).to_le_bytes()).fold(self, Self::byte).mixed()
    }

    fn number(self, number: u16) -> Self {
        number.to_le_bytes().into_iter().fold(self, Self::byte).mixed()
    }

    pub(super) fn text(self, text: &str) -> Self {
        text.bytes().fold(self, Self::byte).mixed()
    }

    fn mixed(self) -> Self {
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        Self(mixed ^ (mixed >> 33))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(a: &str, b: &str) -> f32 {
        let (a, b) = (embed(a, |_| 1.0), embed(b, |_| 1.0));
        a.iter().zip(&b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn letters_and_meaning_bring_words_together() {
        assert!((similarity("customer", "Customers") - 1.0).abs() < 1e-5);
        assert!(similarity("contry", "country") > 0.2);
        assert!(similarity("client", "customer") > 0.2);
        assert!(similarity("kunde", "customer") > 0.2);
        assert!(similarity("temperature", "customer").abs() < 0.2);
        assert!(similarity("name of the customer", "customer name") > 0.7);
    }

    #[test]
    fn what_has_no_words_is_nowhere() {
        assert_eq!(embed("", |_| 1.0), [0.0; DIMENSIONS]);
        assert_eq!(embed("%_'", |_| 1.0), [0.0; DIMENSIONS]);
    }

    #[test]
    fn vectors_stay_what_they_are() {
        // What was stored is compared with what is made anew.
        let sum: f32 = embed("order", |_| 1.0).iter().enumerate().map(|(at, part)| at as f32 * part).sum();
        assert!((sum - embed_word("order").parts().iter().map(|(at, part)| f32::from(*at) * part).sum::<f32>()).abs() < 1e-3);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_vector_of_length_one_or_none(text in ".{0,60}") {
            let length: f32 = embed(&text, |_| 1.0).iter().map(|part| part * part).sum();
            proptest::prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-3, "{length}");
        }
    }
}
