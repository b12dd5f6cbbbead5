//! What is shown and how much of it is wrong, by the confidence below which answers are held back.

use serde::{Deserialize, Serialize};

use super::result::QuestionResult;

/// Points of the curve in a report, about.
const POINTS: usize = 20;

/// A point of the risk–coverage curve: what would be shown if answers below a confidence were held back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RiskPoint {
    /// Least confidence shown.
    pub confidence: f64,
    /// Share of all questions that would be answered.
    pub coverage: f64,
    /// Share of those answers that is wrong.
    pub risk: f64,
}

/// Every answer with how sure it is, the surest first, by groups of equal confidence.
#[derive(Debug, Default)]
pub(super) struct Curve {
    questions: usize,
    /// Confidence, answers up to here, and wrong ones among them.
    groups: Vec<(f64, usize, usize)>,
}

impl Curve {
    /// Nothing when there is no answer, or one has no confidence: what it would have been held back by is not known then.
    pub(super) fn of(results: &[QuestionResult]) -> Option<Self> {
        let answered = results.iter().filter(|result| result.is_answered());
        let mut sure = answered.map(|result| Some((result.confidence?, result.correct))).collect::<Option<Vec<_>>>()?;
        sure.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut groups: Vec<(f64, usize, usize)> = Vec::new();
        for (confidence, correct) in sure {
            let (_, answers, wrong) = groups.last().copied().unwrap_or_default();
            let next = (confidence, answers + 1, wrong + usize::from(!correct));
            match groups.last_mut().filter(|group| group.0 == confidence) {
                Some(group) => *group = next,
                None => groups.push(next),
            }
        }
        (!groups.is_empty()).then_some(Self { questions: results.len(), groups })
    }

    fn points(&self) -> impl DoubleEndedIterator<Item = RiskPoint> {
        self.groups.iter().map(|(confidence, answers, wrong)| RiskPoint {
            confidence: *confidence,
            coverage: *answers as f64 / self.questions as f64,
            risk: *wrong as f64 / *answers as f64,
        })
    }

    /// One point for each different confidence, thinned to about twenty.
    pub(super) fn thinned(&self) -> Vec<RiskPoint> {
        let answers = self.groups.last().map_or(0, |group| group.1);
        let (step, mut shown) = (answers.div_ceil(POINTS).max(1), 0);
        let last = self.groups.len().saturating_sub(1);
        let mut kept = Vec::new();
        for (at, (point, group)) in self.points().zip(&self.groups).enumerate() {
            if group.1 - shown >= step || at == last {
                shown = group.1;
                kept.push(point);
            }
        }
        kept
    }

    /// The area under the curve of all answers: see [`Report::aurc`](super::Report::aurc).
    pub(super) fn area(&self) -> f64 {
        let (mut sum, mut before) = (0.0, (0_usize, 0_usize));
        for (_, answers, wrong) in &self.groups {
            let (count, errors) = (answers - before.0, wrong - before.1);
            for more in 1..=count {
                let expected = before.1 as f64 + errors as f64 * more as f64 / count as f64;
                sum += expected / (before.0 + more) as f64;
            }
            before = (*answers, *wrong);
        }
        sum / before.0 as f64
    }

    fn within(&self, max_error_rate: f64) -> Option<RiskPoint> {
        self.points().rev().find(|point| point.risk <= max_error_rate)
    }
}

/// The confidence below which answers have to be held back for at most `max_error_rate` of those shown to be wrong: the lowest one of those
/// that answers have, so that as much as possible is shown. Nothing when no threshold does, or an answer has no confidence.
///
/// # Behavior
/// Counted over all answers, not over the thinned curve of a report. It says what would have been, for these questions; the error rate of others is
/// only estimated by it, and the better the more answers there are.
///
/// # Example
/// ```
/// use leo::eval::{QuestionResult, operating_point};
/// let result = |confidence, correct| QuestionResult {
///     status: "answered".into(), confidence: Some(confidence), correct, ..QuestionResult::default()
/// };
/// let point = operating_point(&[result(0.9, true), result(0.8, true), result(0.4, false)], 0.1).unwrap();
/// assert_eq!((point.confidence, point.risk), (0.8, 0.0));
/// ```
pub fn operating_point(results: &[QuestionResult], max_error_rate: f64) -> Option<RiskPoint> {
    Curve::of(results)?.within(max_error_rate)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn results(answers: &[(f64, bool)]) -> Vec<QuestionResult> {
        let result = |(confidence, correct): &(f64, bool)| QuestionResult {
            status: "answered".into(),
            confidence: Some(*confidence),
            correct: *correct,
            ..QuestionResult::default()
        };
        answers.iter().map(result).collect()
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn the_area_is_the_mean_risk_over_the_answers() {
        // Risks after each answer: 0, 0, 1/3, 1/4.
        let area = |answers: &[(f64, bool)]| Curve::of(&results(answers)).unwrap().area();
        assert!(close(area(&[(0.9, true), (0.8, true), (0.7, false), (0.6, true)]), (1.0 / 3.0 + 0.25) / 4.0));
        assert_eq!((area(&[(0.9, true), (0.8, true)]), area(&[(0.9, false)])), (0.0, 1.0));
        // Equally sure answers count as their share, whatever their order: 1/2 and 1/2.
        assert!(close(area(&[(0.9, true), (0.9, false)]), 0.5));
        assert!(close(area(&[(0.9, false), (0.9, true)]), 0.5));
    }

    #[test]
    fn the_lowest_threshold_that_holds_is_taken() {
        let results = results(&[(0.9, false), (0.8, true), (0.7, true), (0.7, true), (0.6, false), (0.5, false)]);
        let point = |wanted| operating_point(&results, wanted);
        assert_eq!(point(0.25).unwrap(), RiskPoint { confidence: 0.7, coverage: 4.0 / 6.0, risk: 0.25 });
        assert_eq!(point(0.5).unwrap().confidence, 0.5);
        assert_eq!((point(0.2), point(f64::NAN)), (None, None));
        assert!(operating_point(&[], 0.5).is_none());
        let unsure = QuestionResult { status: "answered".into(), ..QuestionResult::default() };
        assert!(operating_point(&[unsure], 1.0).is_none());
    }

    #[test]
    fn a_curve_is_thinned_but_ends_where_everything_is_shown() {
        let many: Vec<(f64, bool)> = (0..1_000).map(|at| (f64::from(at) / 1_000.0, at % 3 > 0)).collect();
        let curve = Curve::of(&results(&many)).unwrap().thinned();
        assert!(curve.len() <= 21 && curve.last().unwrap().coverage == 1.0, "{}", curve.len());
    }
}
