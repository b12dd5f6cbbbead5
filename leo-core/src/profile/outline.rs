//! What a set of values looks like from afar: enough to tell most sets that cannot lie within another.

use super::distinct::{ValueSet, may_miss};

/// Words of 64 places.
const WORDS: usize = 64;

/// Which of 4,096 places the values of a set take. A place that another set leaves free is a value that it has not.
#[derive(Debug)]
pub(super) struct Outline {
    places: [u64; WORDS],
    /// The same in one word: enough for most pairs of small sets.
    brief: u64,
    values: usize,
    level: u32,
}

impl Outline {
    pub(super) fn of(set: &ValueSet) -> Self {
        let mut places = [0; WORDS];
        for hash in set.hashes() {
            // Samples differ in the highest bits only.
            if let Some(word) = places.get_mut((hash >> 6) as usize % WORDS) {
                *word |= 1 << (hash % 64);
            }
        }
        let brief = places.iter().fold(0, |brief, word| brief | word);
        Self { places, brief, values: set.len(), level: set.level() }
    }

    /// The places in one word of 64; all of them where only a part of a set's values is kept, so that nothing is ruled out by it.
    pub(super) fn brief(&self) -> u64 {
        if self.level == 0 { self.brief } else { u64::MAX }
    }

    /// Whether the share `least` of this set's values may be in a set of which only the [`brief`](Self::brief) is known.
    pub(super) fn may_be_in_brief(&self, other: u64, least: f64) -> bool {
        (self.brief & !other).count_ones() as usize <= may_miss(self.values, least)
    }

    /// Whether the share `least` of this set's values may be in `other`.
    pub(super) fn may_be_in(&self, other: &Self, least: f64) -> bool {
        if self.level < other.level {
            // Only a part of the values can be compared.
            return true;
        }
        let free = self.places.iter().zip(&other.places).map(|(own, others)| (own & !others).count_ones());
        free.sum::<u32>() as usize <= may_miss(self.values, least)
    }
}

#[cfg(test)]
mod tests {
    use super::super::distinct::{Distinct, hash_int};
    use super::*;

    fn set(values: impl Iterator<Item = i64>) -> ValueSet {
        let mut set = Distinct::default();
        values.for_each(|value| set.insert(hash_int(value)));
        set.into_values()
    }

    #[test]
    fn what_is_within_is_never_ruled_out() {
        let twice = |range: std::ops::Range<i64>| set(range.clone().chain(range));
        let sets = [set(0..1), set(0..100), set(50..150), set(0..900), set(0..30_000), twice(0..50_000), twice(0..200_000)];
        let mut ruled_out = 0;
        for own in &sets {
            for other in &sets {
                for least in [0.5, 0.9, 1.0] {
                    let may_be = Outline::of(own).may_be_in(&Outline::of(other), least);
                    let may_be_in_brief = Outline::of(own).may_be_in_brief(Outline::of(other).brief(), least);
                    assert!(may_be && may_be_in_brief || own.inclusion(other, least).is_none());
                    ruled_out += usize::from(!may_be);
                }
            }
        }
        assert!(ruled_out > 20, "{ruled_out}");
    }
}
