//! What a run has to reach for a build to go on.

use serde::{Deserialize, Serialize};

use super::compare::RunComparison;
use super::report::Report;

/// Bounds for the figures of a run; those that are not given bound nothing.
///
/// # Example
/// ```
/// use leo::eval::{Gates, Report};
/// let gates = Gates { execution_match: Some(0.8), ..Gates::default() };
/// let report = Report { questions: 40, execution_match: 0.75, ..Report::default() };
/// assert_eq!(gates.check(&report), ["right of all is 75.0 %, and has to be 80.0 % at least"]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Gates {
    /// Least share of right answers among all questions, 0–1.
    pub execution_match: Option<f64>,
    /// Least share of answered questions, 0–1.
    pub coverage: Option<f64>,
    /// Least mean share of needed tables that were found, 0–1.
    pub recall: Option<f64>,
    /// Longest 95th percentile of latency, in milliseconds.
    pub p95_ms: Option<f64>,
    /// Most that all questions together may cost, in US dollars.
    pub cost_usd: Option<f64>,
    /// How far the share of right answers may fall below that of an earlier run, 0–1.
    pub allowed_drop: Option<f64>,
    /// Whether a fall counts only where it is hardly chance (McNemar's exact test, p < 0.05).
    pub significant: bool,
}

impl Gates {
    /// What the run misses, a sentence each; nothing when it holds all bounds.
    ///
    /// # Behavior
    /// A figure that was not measured misses its bound, and so does a run without questions: a check that looked at nothing has not passed.
    pub fn check(&self, report: &Report) -> Vec<String> {
        let mut missed = Vec::new();
        let mut least = |name: &str, figure: Option<f64>, bound: Option<f64>| {
            let Some(bound) = bound else { return };
            match figure.filter(|_| report.questions > 0) {
                None => missed.push(format!("{name} was not measured, and has to be {} at least", percent(bound))),
                // What is no number holds no bound.
                Some(figure) if figure >= bound => {}
                Some(figure) => missed.push(format!("{name} is {}, and has to be {} at least", percent(figure), percent(bound))),
            }
        };
        least("right of all", Some(report.execution_match), self.execution_match);
        least("coverage", Some(report.coverage), self.coverage);
        least("recall of tables", report.retrieval.map(|retrieval| retrieval.recall), self.recall);
        let mut most = |name: &str, unit: &str, digits: usize, figure: Option<f64>, bound: Option<f64>| {
            let Some(bound) = bound else { return };
            match figure.filter(|_| report.questions > 0) {
                None => missed.push(format!("{name} was not measured, and may be {bound} {unit} at most")),
                Some(figure) if figure <= bound => {}
                Some(figure) => missed.push(format!("{name} is {figure:.digits$} {unit}, and may be {bound} {unit} at most")),
            }
        };
        most("latency at P95", "ms", 1, Some(report.latency_ms.p95), self.p95_ms);
        // The cost of some of the questions is not the cost of the run.
        let cost = report.cost_usd.filter(|spent| spent.questions == report.questions);
        most("cost", "USD", 4, cost.map(|spent| spent.total), self.cost_usd);
        missed
    }

    /// What the run misses against an earlier one, a sentence each. Questions that went missing are missed too, where a fall is bounded at
    /// all.
    pub fn check_drop(&self, comparison: &RunComparison) -> Vec<String> {
        let mut missed = Vec::new();
        if self.allowed_drop.is_none() && !self.significant {
            return missed;
        }
        if comparison.missing > 0 {
            missed.push(format!("{} questions of the earlier run are missing", comparison.missing));
        }
        if comparison.questions == 0 {
            missed.push("no question is in both runs, so they cannot be compared".to_owned());
        }
        let allowed = self.allowed_drop.unwrap_or(0.0);
        let is_chance = self.significant && !comparison.significance.is_significant();
        if comparison.fell_by_more(allowed) && !is_chance {
            missed.push(format!(
                "right answers fell from {} to {}, and may fall by {} at most; {}",
                percent(comparison.before),
                percent(comparison.after),
                percent(allowed),
                comparison.verdict()
            ));
        }
        missed
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::eval::{Latency, QuestionResult, Retrieval, Spent, compare};

    fn all() -> Gates {
        Gates {
            execution_match: Some(0.5),
            coverage: Some(0.5),
            recall: Some(0.9),
            p95_ms: Some(100.0),
            cost_usd: Some(0.5),
            allowed_drop: None,
            significant: false,
        }
    }

    fn good() -> Report {
        Report {
            questions: 10,
            coverage: 0.5,
            execution_match: 0.5,
            latency_ms: Latency { p95: 100.0, ..Latency::default() },
            retrieval: Some(Retrieval { questions: 10, k: 10, recall: 0.9, all_found: 0.5 }),
            cost_usd: Some(Spent { questions: 10, total: 0.5, ..Spent::default() }),
            ..Report::default()
        }
    }

    #[test]
    fn bounds_that_are_met_exactly_hold() {
        assert_eq!(all().check(&good()), [""; 0]);
        assert_eq!(Gates::default().check(&Report::default()), [""; 0]);
    }

    #[test]
    fn each_miss_is_a_sentence() {
        let bad = Report {
            execution_match: 0.4,
            coverage: f64::NAN,
            latency_ms: Latency { p95: 100.5, ..Latency::default() },
            retrieval: Some(Retrieval { recall: 0.25, ..Retrieval::default() }),
            cost_usd: Some(Spent { questions: 10, total: 0.75, ..Spent::default() }),
            ..good()
        };
        assert_eq!(
            all().check(&bad),
            [
                "right of all is 40.0 %, and has to be 50.0 % at least",
                "coverage is NaN %, and has to be 50.0 % at least",
                "recall of tables is 25.0 %, and has to be 90.0 % at least",
                "latency at P95 is 100.5 ms, and may be 100 ms at most",
                "cost is 0.7500 USD, and may be 0.5 USD at most",
            ]
        );
    }

    #[test]
    fn what_was_not_measured_does_not_pass() {
        let unknown =
            Report { retrieval: None, cost_usd: Some(Spent { questions: 9, total: 0.1, ..Spent::default() }), ..good() };
        assert_eq!(
            all().check(&unknown),
            [
                "recall of tables was not measured, and has to be 90.0 % at least",
                "cost was not measured, and may be 0.5 USD at most",
            ]
        );
        assert_eq!(all().check(&Report { questions: 0, ..good() }).len(), 5);
    }

    #[test]
    fn a_fall_may_be_chance() {
        let run = |right: i64| -> Vec<QuestionResult> {
            let result = |id: i64| QuestionResult { id: id.into(), correct: id < right, ..QuestionResult::default() };
            (0..20).map(result).collect()
        };
        let (slight, steep) = (compare(&run(12), &run(9)), compare(&run(12), &run(2)));
        let drop = |allowed_drop, significant| Gates { allowed_drop, significant, ..Gates::default() };
        assert_eq!(drop(None, false).check_drop(&steep), [""; 0]);
        assert_eq!(
            drop(Some(0.1), false).check_drop(&slight),
            [
                "right answers fell from 60.0 % to 45.0 %, and may fall by 10.0 % at most; the difference could be chance: p = 0.250"
            ]
        );
        assert_eq!(drop(Some(0.2), false).check_drop(&slight), [""; 0]);
        assert_eq!(drop(None, true).check_drop(&slight), [""; 0]);
        assert_eq!(drop(None, true).check_drop(&steep).len(), 1);
        assert_eq!(drop(Some(0.6), true).check_drop(&steep), [""; 0]);
        assert_eq!(
            drop(None, true).check_drop(&compare(&run(12), &run(9)[..19])),
            ["1 questions of the earlier run are missing"]
        );
        assert_eq!(
            drop(Some(1.0), false).check_drop(&compare(&[], &run(1))),
            ["no question is in both runs, so they cannot be compared"]
        );
    }

    #[test]
    fn gates_are_plain_data() {
        let gates: Gates = serde_json::from_str(r#"{"execution_match": 0.8, "p95_ms": 500}"#).unwrap();
        assert_eq!((gates.execution_match, gates.p95_ms, gates.significant), (Some(0.8), Some(500.0), false));
        assert!(serde_json::from_str::<Gates>(r#"{"exekution_match": 0.8}"#).is_err());
    }
}
