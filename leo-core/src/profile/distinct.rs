//! Counting distinct values, and telling which columns' values lie within others', in bounded memory.
//!
//! Values are hashed to 64 bits. A set keeps every hash until there are too many, then those below a threshold, then below half
//! of it, and so on (adaptive sampling, Wegman). The number kept times two to the level estimates the number of distinct values;
//! and because every set keeps by the same rule, two samples can be compared: which share of one column's values is in another.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};

/// Hashes kept once a value occurred twice. The standard error of the estimate is about 1 %.
const KEPT: usize = 16_384;
/// Hashes kept while no value occurred twice, so that keys are known to be keys: as many as rows are read of a table.
const KEPT_UNIQUE: usize = 1 << 21;

/// Hash of a number; integers and floats of the same value agree.
pub(super) fn hash_int(value: i64) -> u64 {
    mix(value.cast_unsigned() ^ 0x9e37_79b9_7f4a_7c15)
}

/// Hash of a float.
pub(super) fn hash_float(value: f64) -> u64 {
    let whole = value as i64;
    if whole as f64 == value { hash_int(whole) } else { mix(value.to_bits() ^ 0xd1b5_4a32_d192_ed03) }
}

/// Hash of a text. A text that is an integer as SQL would print it ([`canonical_int`]) has to be hashed as that, because the two
/// join.
pub(super) fn hash_text(text: &str) -> u64 {
    let mut state = 0x2545_f491_4f6c_dd1d ^ text.len() as u64;
    let mut chunks = text.as_bytes().chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = fold(state ^ u64::from_le_bytes(word), 0xa076_1d64_78bd_642f);
    }
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(chunks.remainder()) {
        *to = *from;
    }
    mix(fold(state ^ u64::from_le_bytes(word), 0xe703_7ed1_a0b4_28db))
}

/// The integer in a text that is written as SQL would write it.
pub(super) fn canonical_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let first = *digits.first()?;
    if digits.len() > 18 || (first == b'0' && text.len() > 1) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    text.parse().ok()
}

/// Hash of a sequence of values from the hash of its beginning and the next value's.
pub(super) fn combine(hash: u64, next: u64) -> u64 {
    mix(fold(hash ^ 0xa076_1d64_78bd_642f, next ^ 0xe703_7ed1_a0b4_28db))
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

/// The finaliser of splitmix64: every bit of the input reaches every bit of the output.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Hashes are hashed already; the rotation moves the bits that the threshold fixes away from where the table looks.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

/// A set of hashes while a column is read.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    hashes: HashSet<u64, BuildHasherDefault<Spread>>,
    level: u32,
    duplicates: bool,
    range: Option<(i64, i64)>,
    other: bool,
}

impl Distinct {
    /// Takes note that the value is an integer, or is not. Values that were seen before need not be noted.
    pub(super) fn note(&mut self, int: Option<i64>) {
        match (int, &mut self.range) {
            (None, _) => self.other = true,
            (Some(value), None) => self.range = Some((value, value)),
            (Some(value), Some((low, high))) => (*low, *high) = ((*low).min(value), (*high).max(value)),
        }
    }

    /// Takes in a value's hash.
    pub(super) fn insert(&mut self, hash: u64) {
        if hash.leading_zeros() < self.level {
            return;
        }
        self.duplicates |= !self.hashes.insert(hash);
        while self.hashes.len() > if self.duplicates { KEPT } else { KEPT_UNIQUE } {
            self.level += 1;
            let level = self.level;
            self.hashes.retain(|hash| hash.leading_zeros() >= level);
        }
    }

    /// Says that a value came again which was not worth inserting.
    pub(super) fn repeat(&mut self) {
        self.duplicates = true;
    }

    /// Whether no value seen so far occurred twice.
    pub(super) fn is_unique(&self) -> bool {
        !self.duplicates
    }

    /// Distinct values; exact while none had to be given up.
    pub(super) fn count(&self) -> u64 {
        (self.hashes.len() as u64) << self.level.min(40)
    }

    /// The set for comparisons.
    pub(super) fn into_values(self) -> ValueSet {
        let mut hashes: Vec<u64> = self.hashes.into_iter().collect();
        hashes.sort_unstable();
        ValueSet { hashes, level: self.level, range: self.range.filter(|_| !self.other) }
    }
}

/// The distinct values of a column as hashes: all of them, or a sample that can be compared with other columns' samples.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueSet {
    /// Sorted. Written as hexadecimal digits, sixteen for each.
    #[serde(with = "digits")]
    hashes: Vec<u64>,
    level: u32,
    range: Option<(i64, i64)>,
}

mod digits {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::value::{from_hex, to_hex};

    pub(super) fn serialize<S: Serializer>(hashes: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_be_bytes()).collect();
        serializer.serialize_str(&to_hex(&bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let bytes = from_hex(&text).ok_or_else(|| D::Error::custom("hashes are hexadecimal digits"))?;
        let (hashes, rest) = bytes.as_chunks::<8>();
        let hashes: Vec<u64> = hashes.iter().map(|hash| u64::from_be_bytes(*hash)).collect();
        if rest.is_empty() && hashes.is_sorted() {
            Ok(hashes)
        } else {
            Err(D::Error::custom("hashes are eight bytes each, sorted"))
        }
    }
}

impl ValueSet {
    /// Hashes kept.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The hashes, sorted.
    pub(super) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// How many of the highest bits of each hash are zero.
    pub(super) fn level(&self) -> u32 {
        self.level
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Distinct values, estimated when sampled.
    pub fn distinct(&self) -> u64 {
        (self.hashes.len() as u64) << self.level.min(40)
    }

    /// Gives up values until at most `keep` are left.
    pub fn shrink(&mut self, keep: usize) {
        while self.hashes.len() > keep {
            self.level += 1;
            let level = self.level;
            self.hashes.truncate(self.hashes.partition_point(|hash| hash.leading_zeros() >= level));
        }
        self.hashes.shrink_to_fit();
    }

    /// The smallest and the largest value, when all values are integers.
    pub fn int_range(&self) -> Option<(i64, i64)> {
        self.range
    }

    /// Whether the share `least` of this set's values may be in `other`, told without comparing them.
    pub(super) fn may_be_in(&self, other: &Self, least: f64) -> bool {
        let apart = self.range.zip(other.range).is_some_and(|(own, other)| own.1 < other.0 || other.1 < own.0);
        // Samples may be of different shares.
        let too_many = self.level == other.level && self.len() - may_miss(self.len(), least) > other.len();
        !apart && !too_many
    }

    /// Share of this set's values that are in `other`, or `None` when it is below `least` or nothing can be compared.
    ///
    /// Where both sets are samples of the same rule, only values that would be in both samples are compared.
    pub fn inclusion(&self, other: &Self, least: f64) -> Option<f64> {
        let level = self.level.max(other.level);
        let comparable = |set: &Self| set.hashes.partition_point(|hash| hash.leading_zeros() >= level);
        let mine = self.hashes.get(..comparable(self)).unwrap_or_default();
        let theirs = other.hashes.get(..comparable(other)).unwrap_or_default();
        let may_miss = may_miss(mine.len(), least);
        let mut missed = 0;
        let mut rest = theirs;
        for hash in mine {
            // Both are sorted: what is smaller than this one is not needed any more.
            let jump = theirs.len() / mine.len().max(1) + 1;
            while rest.get(jump).is_some_and(|far| far < hash) {
                rest = rest.get(jump..).unwrap_or_default();
            }
            let near = rest.get(..rest.len().min(jump + 1)).unwrap_or_default();
            rest = rest.get(near.partition_point(|other| other < hash)..).unwrap_or_default();
            if rest.first() != Some(hash) {
                missed += 1;
                if missed > may_miss {
                    return None;
                }
            }
        }
        (!mine.is_empty()).then(|| (mine.len() - missed) as f64 / mine.len() as f64)
    }
}

/// How many of `values` may be missing where the share `least` must be there.
pub(super) fn may_miss(values: usize, least: f64) -> usize {
    (values as f64 * (1.0 - least)).floor() as usize
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn set(values: impl Iterator<Item = i64>) -> Distinct {
        let mut set = Distinct::default();
        values.for_each(|value| set.insert(hash_int(value)));
        set
    }

    #[test]
    fn counts_are_exact_then_close() {
        assert_eq!(set(0..10_000).count(), 10_000);
        assert!(set(0..100_000).is_unique());
        assert_eq!(set(0..100_000).count(), 100_000);
        let twice = set((0..300_000).chain(0..300_000));
        assert!(!twice.is_unique());
        let error = (twice.count() as f64 - 300_000.0).abs() / 300_000.0;
        assert!(error < 0.04, "{error}");
    }

    #[test]
    fn samples_compare() {
        let parent = set((0..200_000).chain(0..1)).into_values();
        let child = set((0..100_000).chain(0..1)).into_values();
        assert!(child.len() > 1_000);
        assert_eq!(child.inclusion(&parent, 0.9), Some(1.0));
        let share = parent.inclusion(&child, 0.1).unwrap();
        assert!((share - 0.5).abs() < 0.05, "{share}");
        assert_eq!(parent.inclusion(&child, 0.9), None);
        let mut small = parent.clone();
        small.shrink(500);
        assert!(small.len() <= 500 && small.inclusion(&parent, 1.0) == Some(1.0));
        assert_eq!(set(0..0).into_values().inclusion(&parent, 0.0), None);
    }

    #[test]
    fn sets_are_read_as_they_were_written() {
        for set in [set(0..0), set(-3..500), set((0..100_000).chain(0..1))] {
            let values = set.into_values();
            let written = serde_json::to_string(&values).unwrap();
            assert_eq!(serde_json::from_str::<ValueSet>(&written).unwrap(), values);
        }
        for wrong in ["0", "zz", "000000000000000200000000000000ff0000000000000001"] {
            let written = format!(r#"{{"hashes": "{wrong}", "level": 0, "range": null}}"#);
            assert!(serde_json::from_str::<ValueSet>(&written).is_err(), "{wrong}");
        }
    }

    #[test]
    fn inclusion_counts_every_miss() {
        let parent = set((0..1_000).map(|n| n * 3)).into_values();
        let child = set((0..100).map(|n| n * 2)).into_values();
        let expected = (0..100).filter(|n| n * 2 % 3 == 0).count() as f64 / 100.0;
        assert_eq!(child.inclusion(&parent, 0.0), Some(expected));
        assert_eq!(parent.inclusion(&parent, 1.0), Some(1.0));
    }

    #[test]
    fn values_that_join_agree() {
        assert_eq!((canonical_int("12"), canonical_int("-5"), canonical_int("0")), (Some(12), Some(-5), Some(0)));
        for other in ["012", "-0", "", "-", "1.0", "+1", " 1", "12345678901234567890"] {
            assert_eq!(canonical_int(other), None, "{other}");
        }
        assert_eq!(hash_float(12.0), hash_int(12));
        assert_ne!(hash_text("abcdefgh1"), hash_text("abcdefgh2"));
        assert_ne!(hash_text(""), hash_text("\0"));
    }
}
