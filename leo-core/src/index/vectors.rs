//! Vectors of a host's embedder, one byte a part, and the nearest of them.
//!
//! Every visible vector is compared: exact, and under a filter as fast as few vectors are. The inner loop is plain code that the compiler turns
//! into vector instructions.

/// A vector of length one, one byte a part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quantised {
    parts: Vec<i8>,
    /// What a part is multiplied with.
    scale: f32,
}

impl Quantised {
    /// `vector` made as long as one; `None` where it points nowhere: empty, zero, infinite, not of numbers.
    pub(crate) fn of(vector: &[f32]) -> Option<Self> {
        let length = vector.iter().map(|part| f64::from(*part).powi(2)).sum::<f64>().sqrt();
        let largest = vector.iter().fold(0.0_f32, |largest, part| largest.max(part.abs()));
        if !(length.is_finite() && length > 0.0) {
            return None;
        }
        let parts = vector.iter().map(|part| (part / largest * 127.0).round() as i8).collect();
        Some(Self { parts, scale: (f64::from(largest) / 127.0 / length) as f32 })
    }

    /// Parts it has.
    pub(crate) fn dimensions(&self) -> usize {
        self.parts.len()
    }
}

/// Vectors of one length, by their numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Vectors {
    dimensions: usize,
    parts: Vec<i8>,
    scales: Vec<f32>,
}

impl Vectors {
    /// Vectors there are.
    pub(crate) fn len(&self) -> usize {
        self.scales.len()
    }

    /// Parts each of them has; 0 where there are none.
    pub(crate) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Adds a vector and gives its number; `None` when it has another length than those that are there.
    pub(crate) fn push(&mut self, vector: &Quantised) -> Option<u32> {
        if self.scales.is_empty() {
            self.dimensions = vector.dimensions();
        }
        if vector.dimensions() != self.dimensions {
            return None;
        }
        let number = u32::try_from(self.scales.len()).ok()?;
        self.parts.extend_from_slice(&vector.parts);
        self.scales.push(vector.scale);
        Some(number)
    }

    /// The cosine of the angle between a vector and `wanted`; 0 where there is none of this number or length.
    pub(crate) fn similarity(&self, number: u32, wanted: &Quantised) -> f32 {
        let start = number as usize * self.dimensions;
        let own = self.parts.get(start..start + self.dimensions).unwrap_or(&[]);
        let scale = self.scales.get(number as usize).copied().unwrap_or(0.0);
        if wanted.dimensions() == self.dimensions { product(own, &wanted.parts) as f32 * scale * wanted.scale } else { 0.0 }
    }

    /// Numbers of the `count` of `among` that are nearest to `wanted`, nearest first, with their similarity; equal ones in the order given.
    pub(crate) fn nearest(&self, wanted: &Quantised, among: impl Iterator<Item = u32>, count: usize) -> Vec<(u32, f32)> {
        let mut near: Vec<(usize, u32, f32)> =
            among.enumerate().map(|(order, number)| (order, number, self.similarity(number, wanted))).collect();
        let order = |a: &(usize, u32, f32), b: &(usize, u32, f32)| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0));
        if near.len() > count && count > 0 {
            near.select_nth_unstable_by(count - 1, order);
        }
        near.truncate(count);
        near.sort_by(order);
        near.into_iter().map(|(_, number, similarity)| (number, similarity)).collect()
    }

    /// The lists it is made of: parts of a vector, all parts, and scales.
    pub(super) fn raw(&self) -> (usize, &[i8], &[f32]) {
        (self.dimensions, &self.parts, &self.scales)
    }

    /// Made of such lists; `None` when they do not fit each other.
    pub(super) fn of_raw(dimensions: usize, parts: Vec<i8>, scales: Vec<f32>) -> Option<Self> {
        let fits = scales.len().checked_mul(dimensions) == Some(parts.len());
        fits.then_some(Self { dimensions, parts, scales })
    }

    /// Bytes of the vectors.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.parts.capacity() + 4 * self.scales.capacity()
    }
}

/// The inner product, in chunks that fit a register.
fn product(a: &[i8], b: &[i8]) -> i32 {
    const CHUNK: usize = 32;
    let (mut left, mut right) = (a.chunks_exact(CHUNK), b.chunks_exact(CHUNK));
    let mut sum = 0;
    for (a, b) in (&mut left).zip(&mut right) {
        sum += a.iter().zip(b).map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b))).sum::<i32>();
    }
    let rest = left.remainder().iter().zip(right.remainder());
    sum + rest.map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b))).sum::<i32>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(a: &[f32], b: &[f32]) -> f32 {
        let length = |vector: &[f32]| vector.iter().map(|part| part * part).sum::<f32>().sqrt();
        a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>() / length(a) / length(b)
    }

    #[test]
    fn what_points_nowhere_is_refused() {
        for vector in [&[][..], &[0.0, 0.0], &[f32::NAN, 1.0], &[f32::INFINITY, 1.0]] {
            assert_eq!(Quantised::of(vector), None, "{vector:?}");
        }
        let mut vectors = Vectors::default();
        assert_eq!(vectors.push(&Quantised::of(&[1.0, 2.0]).unwrap()), Some(0));
        assert_eq!(vectors.push(&Quantised::of(&[1.0, 2.0, 3.0]).unwrap()), None);
        assert_eq!(vectors.similarity(0, &Quantised::of(&[1.0, 2.0, 3.0]).unwrap()), 0.0);
        assert_eq!(vectors.similarity(7, &Quantised::of(&[1.0, 2.0]).unwrap()), 0.0);
    }

    proptest! {
        #[test]
        fn a_byte_a_part_is_near_enough(
            vectors in prop::collection::vec(prop::collection::vec(-1.0_f32..1.0, 96), 2..12),
        ) {
            let mut kept = Vectors::default();
            for vector in &vectors {
                kept.push(&Quantised::of(vector).unwrap());
            }
            let wanted = Quantised::of(&vectors[0]).unwrap();
            for (number, vector) in (0..).zip(&vectors) {
                prop_assert!((kept.similarity(number, &wanted) - exact(vector, &vectors[0])).abs() < 0.02);
            }
            let near = kept.nearest(&wanted, 0..vectors.len() as u32, 1);
            prop_assert_eq!(near[0].0, 0);
            let near = kept.nearest(&wanted, (1..vectors.len() as u32).rev(), vectors.len());
            prop_assert!(near.len() == vectors.len() - 1 && near.is_sorted_by(|a, b| a.1 >= b.1));
        }
    }
}
