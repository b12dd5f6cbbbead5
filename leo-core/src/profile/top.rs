//! The most frequent values of a column, in bounded memory (Misra and Gries).

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::distinct::Spread;
use crate::value::Value;

/// Distinct values up to which all are counted exactly.
pub(super) const ALL: usize = 1_000;
/// Values reported beyond that.
const SOME: usize = 50;
/// Counters beyond that.
const COUNTERS: usize = 4_096;

/// Counters by hash of the value.
#[derive(Debug, Default)]
pub(super) struct Top {
    counts: HashMap<u64, (u64, Value), BuildHasherDefault<Spread>>,
    /// What was taken off every counter so far: how much a count may be too low.
    error: u64,
}

impl Top {
    /// Counts a value that is counted already; whether it is.
    pub(super) fn count(&mut self, hash: u64) -> bool {
        match self.counts.get_mut(&hash) {
            Some((count, _)) => {
                *count += 1;
                true
            }
            None => false,
        }
    }

    /// Starts to count a value.
    pub(super) fn insert(&mut self, hash: u64, value: Value) {
        self.counts.insert(hash, (1, value));
        if self.counts.len() >= COUNTERS {
            let mut counts: Vec<u64> = self.counts.values().map(|(count, _)| *count).collect();
            let (_, median, _) = counts.select_nth_unstable(COUNTERS / 2);
            let median = *median;
            self.error += median;
            self.counts.retain(|_, (count, _)| {
                *count = count.saturating_sub(median);
                *count > 0
            });
        }
    }

    /// Whether every value was counted, without error.
    pub(super) fn is_exact(&self) -> bool {
        self.error == 0
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The values with their counts, most frequent first, ties by value: all of them, or the first fifty of more than a thousand.
    pub(super) fn finish(self) -> Vec<(Value, u64)> {
        let exact = self.is_exact();
        let mut found: Vec<(Value, u64)> =
            self.counts.into_values().map(|(count, value)| (value, count)).filter(|(_, count)| exact || *count > 1).collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| compare(&a.0, &b.0)));
        if !exact || found.len() > ALL {
            found.truncate(SOME);
        }
        // Kept as long as the source is known: room for what was counted and left out would be most of what a catalogue takes.
        found.shrink_to_fit();
        found
    }
}

/// Numbers before text, by size.
pub(super) fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::distinct::hash_int;
    use super::*;

    fn count(values: impl Iterator<Item = i64>) -> Top {
        let mut top = Top::default();
        for value in values {
            let hash = hash_int(value);
            if !top.count(hash) {
                top.insert(hash, value.into());
            }
        }
        top
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let found = count((0..100).chain(0..50).chain(7..8)).finish();
        assert_eq!(found.len(), 100);
        assert!(found[0] == (Value::Int(7), 3) && found[1] == (Value::Int(0), 2) && found[99] == (Value::Int(99), 1));
    }

    #[test]
    fn a_frequent_value_survives_many_rare_ones() {
        let found = count((0..200_000).flat_map(|n| [n, -1])).finish();
        assert!(found[0].0 == Value::Int(-1) && found[0].1 > 190_000);
        assert!(found.len() <= 50);
    }
}
