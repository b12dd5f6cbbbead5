//! A uniform sample of a stream of unknown length, the same one every time (Li's algorithm L with a fixed seed).

/// At most `capacity` items.
#[derive(Debug)]
pub(super) struct Reservoir<T> {
    items: Vec<T>,
    capacity: usize,
    seen: u64,
    /// Position of the next item to take.
    next: u64,
    weight: f64,
    state: u64,
}

impl<T> Reservoir<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { items: Vec::new(), capacity: capacity.max(1), seen: 0, next: 0, weight: 1.0, state: 0x853c_49e6_748f_ea9b }
    }

    /// Offers an item; `make` is called only when it is taken.
    pub(super) fn offer(&mut self, make: impl FnOnce() -> T) {
        let at = self.seen;
        self.seen += 1;
        if self.items.len() < self.capacity {
            self.items.push(make());
            if self.items.len() == self.capacity {
                self.skip(at);
            }
        } else if at == self.next {
            let slot = (self.random() * self.capacity as f64) as usize;
            if let Some(slot) = self.items.get_mut(slot.min(self.capacity - 1)) {
                *slot = make();
            }
            self.skip(at);
        }
    }

    /// What was taken, in no particular order.
    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    fn skip(&mut self, at: u64) {
        self.weight *= (self.random().ln() / self.capacity as f64).exp();
        let gap = (self.random().ln() / (1.0 - self.weight).ln()).floor();
        self.next = at.saturating_add(1).saturating_add(if gap.is_finite() && gap >= 0.0 { gap as u64 } else { u64::MAX / 2 });
    }

    /// In the open interval 0–1.
    fn random(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_spread_evenly() {
        let mut reservoir = Reservoir::new(1_000);
        (0..1_000_000).for_each(|n| reservoir.offer(|| f64::from(n)));
        assert_eq!(reservoir.items().len(), 1_000);
        let mean = reservoir.items().iter().sum::<f64>() / 1_000.0;
        assert!((mean - 500_000.0).abs() < 40_000.0, "{mean}");
        let low = reservoir.items().iter().filter(|n| **n < 100_000.0).count();
        assert!((60..140).contains(&low), "{low}");
    }

    #[test]
    fn few_items_are_all_kept() {
        let mut reservoir = Reservoir::new(10);
        (0..7).for_each(|n| reservoir.offer(|| n));
        assert_eq!(reservoir.items(), [0, 1, 2, 3, 4, 5, 6]);
    }
}
