//! A finished run, with what it is measured against.

use serde::{Deserialize, Serialize};

use super::compare::{RunComparison, compare};
use super::gates::Gates;
use super::report::Report;
use super::result::QuestionResult;

/// A finished run.
///
/// As JSON it can be kept, to be compared with later and shown as a page. References are not in it: they belong to the suite.
///
/// # Example
/// ```
/// use leo::eval::{Evaluation, Gates, QuestionResult};
/// let run = |correct| Evaluation::new(vec![QuestionResult { correct, ..QuestionResult::default() }]);
/// let gates = Gates { execution_match: Some(0.5), allowed_drop: Some(0.0), ..Gates::default() };
/// let now = run(false).against(&run(true)).checked(&gates);
/// assert_eq!(now.missed.as_deref().map(<[_]>::len), Some(2));
/// let kept = serde_json::to_string(&now)?;
/// assert_eq!(serde_json::from_str::<Evaluation>(&kept)?.comparison.unwrap().broken.len(), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evaluation {
    /// The figures.
    pub report: Report,
    /// One result for each question, in the suite's order.
    pub questions: Vec<QuestionResult>,
    /// What changed since an earlier run, where there is one to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<RunComparison>,
    /// The bounds that are not held, a sentence each; nothing where none were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Vec<String>>,
}

impl Evaluation {
    /// The run that came to these results.
    pub fn new(questions: Vec<QuestionResult>) -> Self {
        Self { report: Report::new(&questions), questions, comparison: None, missed: None }
    }

    /// Compared with an earlier run.
    #[must_use]
    pub fn against(mut self, earlier: &Self) -> Self {
        self.comparison = Some(compare(&earlier.questions, &self.questions));
        self
    }

    /// Checked against bounds. Those of a fall count where the run was compared with an earlier one.
    #[must_use]
    pub fn checked(mut self, gates: &Gates) -> Self {
        let mut missed = gates.check(&self.report);
        missed.extend(self.comparison.iter().flat_map(|comparison| gates.check_drop(comparison)));
        self.missed = Some(missed);
        self
    }
}
