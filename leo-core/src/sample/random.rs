//! Seeded randomness in whole numbers, and the days of the sample company. No transcendental functions: their last bits
//! differ between platforms, and the file must not.

use jiff::civil::Date;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One stream of random numbers; each part of the company has its own, so that a change in one leaves the others alone.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    pub(super) fn new(stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(20_250_630);
        rng.set_stream(stream);
        Self(rng)
    }

    /// A number in `0..n`; 0 when `n` is 0.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// A number in `low..=high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::from(self.below((high - low + 1).max(1) as u32))
    }

    /// True in `per_mille` of 1,000 cases.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// One of `items`, each as likely as the others.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }

    /// An index, as likely as its weight.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut at = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if at < *weight {
                return index;
            }
            at -= weight;
        }
        0
    }

    /// An index into `cumulative`, running totals of weights.
    pub(super) fn cumulative(&mut self, cumulative: &[u32]) -> usize {
        let at = self.below(cumulative.last().copied().unwrap_or(0));
        cumulative.partition_point(|total| *total <= at).min(cumulative.len().saturating_sub(1))
    }

    /// `thousandths` of a thing as a whole number that has them as its mean.
    pub(super) fn round(&mut self, thousandths: u32) -> u32 {
        thousandths / 1000 + u32::from(self.chance(thousandths % 1000))
    }
}

/// A day of the company's life.
#[derive(Debug)]
pub(super) struct Day {
    pub(super) date: Date,
    /// ISO form.
    pub(super) text: String,
    /// 0 is January.
    pub(super) month: usize,
    /// 0 is Monday.
    pub(super) weekday: usize,
}

/// The days from `first` to `last`, counted from 0.
pub(super) struct Days(Vec<Day>);

impl Days {
    pub(super) fn new(first: Date, last: Date) -> Self {
        let days = first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last).map(|date| Day {
            date,
            text: date.to_string(),
            month: (date.month() - 1) as usize,
            weekday: date.weekday().to_monday_zero_offset() as usize,
        });
        Self(days.collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The day numbered `index`, the first or last one when out of range.
    pub(super) fn at(&self, index: i64) -> &Day {
        &self.0[index.clamp(0, self.0.len() as i64 - 1) as usize]
    }

    /// Number of `date`.
    pub(super) fn index(&self, date: Date) -> i64 {
        self.0.partition_point(|day| day.date < date) as i64
    }
}
