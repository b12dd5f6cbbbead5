//! Linear scales with ticks at round numbers.

/// A linear scale: values to positions, and where its ticks are.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    /// Tick values, ascending.
    pub ticks: Vec<f64>,
}

impl Linear {
    /// A scale that takes `low..high` (widened to round numbers) to `from..to`, with about `wanted` ticks.
    pub(super) fn nice(low: f64, high: f64, from: f64, to: f64, wanted: usize) -> Self {
        let (low, high) = if low.is_finite() && high.is_finite() && low <= high { (low, high) } else { (0.0, 1.0) };
        // Beyond this, arithmetic on the ends is no longer exact enough to matter on paper.
        let (low, high) = (low.clamp(-1e300, 1e300), high.clamp(-1e300, 1e300));
        let (low, high) = if high - low > (high.abs() + low.abs()) * 1e-12 {
            (low, high)
        } else {
            let pad = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
            (if low > 0.0 { (low - pad).max(0.0) } else { low - pad }, high + pad)
        };
        let step = nice_step((high - low) / wanted.max(1) as f64);
        let first = (low / step).floor();
        let last = (high / step).ceil();
        let count = ((last - first) as usize).min(50);
        let ticks: Vec<f64> = (0..=count).map(|at| tidy((first + at as f64) * step, step)).collect();
        let (low, high) = (ticks.first().copied().unwrap_or(low), ticks.last().copied().unwrap_or(high));
        Self { low, high, from, to, ticks }
    }

    /// Position of a value, kept within the scale.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        self.from + share * (self.to - self.from)
    }
}

/// The next of 1, 2, 2.5, 5 × a power of ten.
fn nice_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.abs().max(1e-300).log10().floor());
    let part = rough / power;
    let nice = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|nice| part <= nice * 1.000_001).unwrap_or(10.0);
    nice * power
}

/// Takes away what binary fractions add: 0.30000000000000004 is 0.3.
fn tidy(value: f64, step: f64) -> f64 {
    let digits = (2.0 - step.log10().floor()).clamp(0.0, 15.0) as i32;
    let factor = 10f64.powi(digits);
    let tidied = (value * factor).round() / factor;
    if tidied.is_finite() { tidied } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        let ticks = |low, high| Linear::nice(low, high, 0.0, 100.0, 5).ticks;
        assert_eq!(ticks(0.0, 97.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(0.0, 1.2), [0.0, 0.25, 0.5, 0.75, 1.0, 1.25]);
        assert_eq!(ticks(-30.0, 45.0), [-40.0, -20.0, 0.0, 20.0, 40.0, 60.0]);
        assert_eq!(ticks(0.0, 0.3), [0.0, 0.1, 0.2, 0.3]);
        assert_eq!(ticks(7.0, 7.0).first(), Some(&6.0));
    }

    #[test]
    fn any_range_has_a_scale() {
        for (low, high) in [(f64::MIN, f64::MAX), (0.0, 0.0), (f64::NAN, 1.0), (5.0, -5.0), (1e-310, 2e-310), (1e17, 1e17 + 2.0)]
        {
            let scale = Linear::nice(low, high, 10.0, 90.0, 5);
            assert!(scale.ticks.len() <= 51);
            assert!((10.0..=90.0).contains(&scale.at(high)), "{low} {high}");
        }
    }
}
