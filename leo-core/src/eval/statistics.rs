//! How sure a figure is: intervals of shares, and whether a difference may be chance.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The quantile of the normal distribution that leaves 2.5 % on either side.
const Z: f64 = 1.959_963_984_540_054;

/// Where a share lies with a confidence of 95 %.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ConfidenceInterval"))]
pub struct Interval {
    /// Lower end, 0–1.
    pub low: f64,
    /// Upper end, 0–1.
    pub high: f64,
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} to {:.1} %", self.low * 100.0, self.high * 100.0)
    }
}

/// Wilson's score interval of the share `some` of `all`, with a confidence of 95 %; from 0 to 1 when there is nothing.
///
/// # Behavior
/// E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927); with p = some/all and z = 1.96,
/// (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
///
/// # Example
/// ```
/// let interval = leo::eval::wilson_interval(8, 10);
/// assert_eq!((format!("{:.3}", interval.low), format!("{:.3}", interval.high)), ("0.490".into(), "0.943".into()));
/// ```
pub fn wilson_interval(some: usize, all: usize) -> Interval {
    if all == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (n, p) = (all as f64, some.min(all) as f64 / all as f64);
    let centre = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    // At the ends of the scale the interval ends there, up to the last bits.
    let low = if some == 0 { 0.0 } else { ((centre - spread) / scale).max(0.0) };
    let high = if some >= all { 1.0 } else { ((centre + spread) / scale).min(1.0) };
    Interval { low, high }
}

/// McNemar's test of two runs over the same questions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McNemar {
    /// Questions that were right before and are wrong now.
    pub b: usize,
    /// Questions that were wrong before and are right now.
    pub c: usize,
    /// How likely a difference as large or larger is when neither run is better, 0–1: exact, two-sided.
    pub p_value: f64,
    /// The mid-p value, which is less cautious: what is as likely as what came out counts half.
    pub mid_p: f64,
}

impl Default for McNemar {
    fn default() -> Self {
        Self { b: 0, c: 0, p_value: 1.0, mid_p: 1.0 }
    }
}

impl McNemar {
    /// The test for `b` questions that got worse and `c` that got better.
    ///
    /// # Behavior
    /// Exact, by the binomial distribution of b + c with a half: p = min(1, 2·P(X ≤ min(b, c))), and 1 when nothing changed; mid-p is that
    /// less P(X = min(b, c)), and 1 − P(X = b)/2 where b = c. M. W. Fagerland, S. Lydersen and P. Laake, "The McNemar test for binary matched-pairs
    /// data", BMC Medical Research Methodology 13 (2013).
    ///
    /// # Example
    /// ```
    /// // Nine changed, eight of them for the worse: 2 · (1 + 9) / 2⁹.
    /// assert_eq!(format!("{:.4}", leo::eval::McNemar::of(8, 1).p_value), "0.0391");
    /// ```
    pub fn of(b: usize, c: usize) -> Self {
        let (n, least) = (b + c, b.min(c));
        if n == 0 {
            return Self::default();
        }
        // Logarithms, because 2⁻ⁿ is nothing for thousands of changes.
        let mut log = -(n as f64) * std::f64::consts::LN_2;
        let (mut tail, mut point) = (0.0, 0.0);
        for k in 0..=least {
            if k > 0 {
                log += ((n - k + 1) as f64).ln() - (k as f64).ln();
            }
            point = log.exp();
            tail += point;
        }
        let p_value = (2.0_f64 * tail).min(1.0);
        let mid_p = if b == c { 1.0 - point / 2.0 } else { 2.0 * tail - point };
        Self { b, c, p_value, mid_p: mid_p.clamp(0.0, 1.0) }
    }

    /// Whether chance alone would rarely do this: the exact p is below 0.05.
    pub fn is_significant(&self) -> bool {
        self.p_value < 0.05
    }
}

/// The value at `share` of sorted values by nearest rank; 0 when there is none.
pub(super) fn nearest_rank(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn mcnemar_agrees_with_binomials_by_hand() {
        for (b, c, p, mid) in [
            // 2 · 1/2⁵, and half of the last term less.
            (5, 0, 2.0 / 32.0, 1.0 / 32.0),
            (0, 6, 2.0 / 64.0, 1.0 / 64.0),
            // 2 · (1 + 10) / 2¹⁰ and less 10 / 2¹⁰.
            (1, 9, 22.0 / 1024.0, 12.0 / 1024.0),
            // 2 · (1 + 12 + 66) / 2¹² and less 66 / 2¹².
            (10, 2, 158.0 / 4096.0, 92.0 / 4096.0),
            // As many each way: 1, and 1 − C(6, 3) / 2⁷.
            (3, 3, 1.0, 1.0 - 20.0 / 128.0),
            (1, 0, 1.0, 0.5),
            (0, 0, 1.0, 1.0),
        ] {
            let test = McNemar::of(b, c);
            assert!(close(test.p_value, p) && close(test.mid_p, mid), "{b} {c}: {test:?}");
            let other = McNemar::of(c, b);
            assert_eq!((other.p_value, other.mid_p), (test.p_value, test.mid_p));
            assert_eq!(test.is_significant(), p < 0.05);
        }
    }

    #[test]
    fn thousands_of_changes_are_no_matter() {
        let even = McNemar::of(5_000, 5_000);
        assert!(close(even.p_value, 1.0) && even.mid_p > 0.99);
        assert!(McNemar::of(5_300, 4_700).is_significant() && McNemar::of(0, 5_000).p_value < 1e-300);
    }

    #[test]
    fn intervals_hold_the_share_and_stay_within_one() {
        let interval = wilson_interval(0, 10);
        assert!(interval.low == 0.0 && (interval.high - 0.277_53).abs() < 1e-4);
        assert!(wilson_interval(10, 10).high == 1.0 && wilson_interval(5, 10).low < 0.5);
        assert_eq!(wilson_interval(0, 0), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn ranks_are_the_nearest_ones() {
        assert_eq!((nearest_rank(&[1.0, 2.0, 3.0], 0.5), nearest_rank(&[1.0], 0.99), nearest_rank(&[], 0.5)), (2.0, 1.0, 0.0));
    }
}
