//! Two runs of a suite side by side.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use super::result::IdSchema;
use super::result::QuestionResult;
use super::statistics::{Interval, McNemar, wilson_interval};
use crate::error::{Error, Result};

/// What changed between two runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunComparison {
    /// Questions that both runs asked.
    pub questions: usize,
    /// Share of them that was right before, 0–1.
    pub before: f64,
    /// Share of them that is right now, 0–1.
    pub after: f64,
    /// Wrong before, right now.
    pub fixed: Vec<QuestionChange>,
    /// Right before, wrong now.
    pub broken: Vec<QuestionChange>,
    /// Questions of the first run only.
    pub missing: usize,
    /// Questions of the second run only.
    pub added: usize,
    /// Where the share before lies with a confidence of 95 %, by Wilson.
    #[serde(default)]
    pub before_interval: Interval,
    /// Where the share now lies with a confidence of 95 %, by Wilson.
    #[serde(default)]
    pub after_interval: Interval,
    /// Whether the difference may be chance.
    #[serde(default)]
    pub significance: McNemar,
    /// Which questions the first run alone has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_questions: Vec<QuestionName>,
    /// Which questions the second run alone has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added_questions: Vec<QuestionName>,
}

/// What a question is known by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionName {
    /// Id of the row.
    #[cfg_attr(feature = "schema", schemars(with = "IdSchema"))]
    pub id: serde_json::Value,
    /// Name of the database.
    pub db: String,
    /// The question.
    pub question: String,
}

impl QuestionName {
    fn of(result: &QuestionResult) -> Self {
        Self { id: result.id.clone(), db: result.db.clone(), question: result.question.clone() }
    }
}

/// A question whose verdict changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionChange {
    /// Id of the row.
    #[cfg_attr(feature = "schema", schemars(with = "IdSchema"))]
    pub id: serde_json::Value,
    /// Name of the database.
    pub db: String,
    /// The question.
    pub question: String,
    /// What came of it before.
    pub before: QuestionOutcome,
    /// What came of it now.
    pub after: QuestionOutcome,
}

/// What came of a question in one of two runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionOutcome {
    /// Status of the answer, or `error:<kind>`.
    pub status: String,
    /// Statement of the answer.
    pub sql: Option<String>,
}

impl QuestionOutcome {
    fn of(result: &QuestionResult) -> Self {
        Self { status: result.status.clone(), sql: result.sql.clone() }
    }
}

impl RunComparison {
    /// Whether CI should fail: the share of right answers fell by more than `allowed`, or questions went missing.
    pub fn regressed(&self, allowed: f64) -> bool {
        self.missing > 0 || self.fell_by_more(allowed)
    }

    /// Whether the share of right answers fell by more than `allowed`; what differs in the last bits alone is equal.
    pub(super) fn fell_by_more(&self, allowed: f64) -> bool {
        let is_within = self.before - self.after <= allowed + 1e-9;
        !is_within
    }

    /// What the difference is worth, in a sentence: `the difference could be chance: p = 0.34`.
    pub fn verdict(&self) -> String {
        let McNemar { b, c, p_value, .. } = self.significance;
        let p = if p_value < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p_value:.3}") };
        match (b + c, self.significance.is_significant()) {
            (0, _) => "no question changed between right and wrong".to_owned(),
            (_, false) => format!("the difference could be chance: {p}"),
            (_, true) if b > c => format!("it got worse, and that is hardly chance: {p}"),
            (_, true) => format!("it got better, and that is hardly chance: {p}"),
        }
    }
}

/// The changes for a person.
impl fmt::Display for RunComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} questions in both runs: {:.1} % right before ({}), {:.1} % now ({}); {} fixed, {} broken",
            self.questions,
            self.before * 100.0,
            self.before_interval,
            self.after * 100.0,
            self.after_interval,
            self.fixed.len(),
            self.broken.len()
        )?;
        write!(f, "; {}", self.verdict())?;
        if self.missing + self.added > 0 {
            write!(f, "; {} only before, {} only now", self.missing, self.added)?;
        }
        for change in &self.broken {
            write!(f, "\nbroken  {} {}  {}", change.db, change.id, change.question)?;
        }
        for missing in &self.missing_questions {
            write!(f, "\nmissing {} {}  {}", missing.db, missing.id, missing.question)?;
        }
        Ok(())
    }
}

/// Reads the results of an earlier run, one JSON object a line.
///
/// # Errors
/// `NotFound` when there is no such file, `Malformed` naming the line.
pub fn read_results(path: &Path) -> Result<Vec<QuestionResult>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::not_found("could not read the results of the earlier run").with_source(error))
        .map_err(|error| error.with_context("file", path.display().to_string()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| {
                Error::malformed(format!("line {} is not a result of `leo eval --out`", index + 1))
                    .with_context("file", path.display().to_string())
                    .with_source(error)
            })
        })
        .collect()
}

/// Compares two runs by database, id, turn and question.
///
/// # Behavior
/// Of a question that a run has twice, the first is compared with the first and the second with the second. Whether the difference of the
/// shares may be chance says McNemar's exact test, on the questions that changed between right and wrong.
pub fn compare(before: &[QuestionResult], after: &[QuestionResult]) -> RunComparison {
    let mut later: BTreeMap<_, &QuestionResult> = keyed(after).collect();
    let mut comparison = RunComparison::default();
    let (mut right_before, mut right_after) = (0, 0);
    for (key, old) in keyed(before) {
        let Some(new) = later.remove(&key) else {
            comparison.missing_questions.push(QuestionName::of(old));
            continue;
        };
        comparison.questions += 1;
        right_before += usize::from(old.correct);
        right_after += usize::from(new.correct);
        if old.correct != new.correct {
            let change = QuestionChange {
                id: old.id.clone(),
                db: old.db.clone(),
                question: old.question.clone(),
                before: QuestionOutcome::of(old),
                after: QuestionOutcome::of(new),
            };
            if new.correct { comparison.fixed.push(change) } else { comparison.broken.push(change) }
        }
    }
    let added = keyed(after).filter(|(key, _)| later.contains_key(key));
    comparison.added_questions = added.map(|(_, new)| QuestionName::of(new)).collect();
    comparison.missing = comparison.missing_questions.len();
    comparison.added = comparison.added_questions.len();
    if comparison.questions > 0 {
        comparison.before = right_before as f64 / comparison.questions as f64;
        comparison.after = right_after as f64 / comparison.questions as f64;
    }
    comparison.before_interval = wilson_interval(right_before, comparison.questions);
    comparison.after_interval = wilson_interval(right_after, comparison.questions);
    comparison.significance = McNemar::of(comparison.broken.len(), comparison.fixed.len());
    comparison
}

/// Database, id, turn, question, and how often they were there before.
type Key<'a> = (&'a str, String, Option<usize>, &'a str, usize);

/// The results in order, each with what it is known by.
fn keyed(results: &[QuestionResult]) -> impl Iterator<Item = (Key<'_>, &QuestionResult)> {
    let mut seen: BTreeMap<(&str, String, Option<usize>, &str), usize> = BTreeMap::new();
    results.iter().map(move |result| {
        let (db, id, turn, question) = (result.db.as_str(), result.id.to_string(), result.turn, result.question.as_str());
        let earlier = seen.entry((db, id.clone(), turn, question)).or_default();
        *earlier += 1;
        ((db, id, turn, question, *earlier), result)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn result(id: i64, correct: bool) -> QuestionResult {
        QuestionResult {
            id: id.into(),
            db: "d".into(),
            question: "q".into(),
            status: "answered".into(),
            correct,
            ..Default::default()
        }
    }

    #[test]
    fn results_are_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let row = serde_json::to_string(&result(1, true)).unwrap();
        std::fs::write(&path, format!("{row}\n\n{row}\n")).unwrap();
        assert_eq!(read_results(&path).unwrap(), [result(1, true), result(1, true)]);
        std::fs::write(&path, format!("{row}\n{{}}\n")).unwrap();
        assert_eq!(read_results(&path).unwrap_err().message(), "line 2 is not a result of `leo eval --out`");
        assert_eq!(read_results(&folder.path().join("none")).unwrap_err().kind(), crate::error::ErrorKind::NotFound);
    }

    #[test]
    fn changes_are_named_and_a_fall_fails() {
        let comparison = compare(
            &[result(1, true), result(2, false), result(3, true)],
            &[result(1, false), result(2, true), result(3, true), result(4, true)],
        );
        assert_eq!((comparison.fixed.len(), comparison.broken.len(), comparison.missing, comparison.added), (1, 1, 0, 1));
        assert!(!comparison.regressed(0.0));
        assert_eq!(comparison.added_questions[0].id, 4);
        let comparison = compare(&[result(1, true), result(2, true)], &[result(1, false), result(2, true)]);
        assert!(comparison.regressed(0.4) && !comparison.regressed(0.5));
        assert!(compare(&[result(1, true)], &[]).regressed(1.0));
    }

    #[test]
    fn what_a_difference_is_worth_is_said_in_words() {
        let run =
            |right: std::ops::Range<i64>| -> Vec<QuestionResult> { (0..100).map(|id| result(id, right.contains(&id))).collect() };
        let said = |before, after| compare(&run(before), &run(after)).to_string();
        assert_eq!(
            said(0..50, 0..52),
            "100 questions in both runs: 50.0 % right before (40.4 to 59.6 %), 52.0 % now (42.3 to 61.5 %); 2 fixed, 0 broken; \
             the difference could be chance: p = 0.500"
        );
        assert!(said(0..50, 0..60).ends_with("it got better, and that is hardly chance: p = 0.002"));
        assert!(said(40..60, 60..60).contains("it got worse, and that is hardly chance: p < 0.001\nbroken  d 40  q"));
        assert!(said(0..50, 0..50).ends_with("no question changed between right and wrong"));
    }

    #[test]
    fn a_question_that_is_there_twice_is_compared_twice() {
        let comparison = compare(&[result(1, true), result(1, false)], &[result(1, true), result(1, true), result(1, true)]);
        assert_eq!((comparison.questions, comparison.fixed.len(), comparison.missing, comparison.added), (2, 1, 0, 1));
        let gone = compare(&[result(1, true), result(7, true)], &[result(1, true)]);
        assert_eq!((gone.missing, gone.missing_questions[0].id.as_i64()), (1, Some(7)));
        assert!(gone.to_string().ends_with("missing d 7  q"));
    }
}
