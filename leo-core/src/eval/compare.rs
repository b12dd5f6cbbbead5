//! Two runs of a suite side by side.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::report::QuestionResult;
use crate::error::{Error, Result};

/// What changed between two runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
}

/// A question whose verdict changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QuestionChange {
    /// Id of the row.
    pub id: serde_json::Value,
    /// Name of the database.
    pub db: String,
    /// The question.
    pub question: String,
    /// Status and statement before.
    pub before: (String, Option<String>),
    /// Status and statement now.
    pub after: (String, Option<String>),
}

impl RunComparison {
    /// Whether CI should fail: the share of right answers fell by more than `allowed`, or questions went missing.
    pub fn regressed(&self, allowed: f64) -> bool {
        self.missing > 0 || self.before - self.after > allowed
    }
}

/// The changes for a person.
impl fmt::Display for RunComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} questions in both runs: {:.1} % right before, {:.1} % now; {} fixed, {} broken",
            self.questions,
            self.before * 100.0,
            self.after * 100.0,
            self.fixed.len(),
            self.broken.len()
        )?;
        if self.missing + self.added > 0 {
            write!(f, "; {} only before, {} only now", self.missing, self.added)?;
        }
        for change in &self.broken {
            write!(f, "\nbroken  {} {}  {}", change.db, change.id, change.question)?;
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
pub fn compare(before: &[QuestionResult], after: &[QuestionResult]) -> RunComparison {
    let key = |result: &QuestionResult| (result.db.clone(), result.id.to_string(), result.turn, result.question.clone());
    let mut later: BTreeMap<_, _> = after.iter().map(|result| (key(result), result)).collect();
    let mut comparison = RunComparison::default();
    let (mut right_before, mut right_after) = (0, 0);
    for old in before {
        let Some(new) = later.remove(&key(old)) else {
            comparison.missing += 1;
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
                before: (old.status.clone(), old.sql.clone()),
                after: (new.status.clone(), new.sql.clone()),
            };
            if new.correct { comparison.fixed.push(change) } else { comparison.broken.push(change) }
        }
    }
    comparison.added = later.len();
    if comparison.questions > 0 {
        comparison.before = f64::from(right_before as u32) / comparison.questions as f64;
        comparison.after = f64::from(right_after as u32) / comparison.questions as f64;
    }
    comparison
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
        let comparison = compare(&[result(1, true), result(2, true)], &[result(1, false), result(2, true)]);
        assert!(comparison.regressed(0.4) && !comparison.regressed(0.5));
        assert!(compare(&[result(1, true)], &[]).regressed(1.0));
    }
}
