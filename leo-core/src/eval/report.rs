//! The figures of a run.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The result of one question. In JSON: `{id, db, question, status, sql, correct, confidence, ms}`, with `turn` in conversations
/// and `error` where there was one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QuestionResult {
    /// Id of the row.
    pub id: serde_json::Value,
    /// Name of the database.
    pub db: String,
    /// The question.
    pub question: String,
    /// Which turn of its conversation it is, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<usize>,
    /// Status of the answer, or `error:<kind>`.
    pub status: String,
    /// Statement of the answer, with its parameters.
    pub sql: Option<String>,
    /// Right by execution match; for a question that cannot be answered: not answered.
    pub correct: bool,
    /// How sure the answer was, 0–1.
    pub confidence: Option<f64>,
    /// How long the answer took.
    pub ms: f64,
    /// What went wrong, without values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Right with `DISTINCT` kept.
    #[serde(skip)]
    pub distinct_kept: bool,
    /// Right with `DISTINCT` kept and columns in the reference's order.
    #[serde(skip)]
    pub strict: bool,
    /// No reference gave a result, because the guard refused it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gold_refused: bool,
    /// No reference gave a result, for another reason.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gold_failed: bool,
    /// References that were refused or failed, with the reason.
    #[serde(skip)]
    pub gold_problems: Vec<(String, String)>,
    /// The question has several readings.
    #[serde(skip)]
    pub ambiguous: bool,
    /// There is a reference statement.
    #[serde(skip)]
    pub answerable: bool,
    /// Position of its item in the suite.
    #[serde(skip)]
    pub item: usize,
}

/// A share with what it is a share of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// How many there are.
    pub questions: usize,
    /// Share of them that is right, 0–1.
    pub correct: f64,
}

impl Share {
    fn of(all: impl Iterator<Item = bool>) -> Self {
        let (mut questions, mut right) = (0, 0);
        for correct in all {
            questions += 1;
            right += usize::from(correct);
        }
        Self { questions, correct: part(right, questions) }
    }
}

/// Percentiles of the answers' latency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
}

/// Stricter variants of the rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Strict {
    /// With `DISTINCT` kept on both sides.
    pub distinct_kept: f64,
    /// With `DISTINCT` kept and columns in the reference's order.
    pub column_order_kept: f64,
}

/// A point of the risk–coverage curve: what would be shown if answers below a confidence were held back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RiskPoint {
    /// Least confidence shown.
    pub confidence: f64,
    /// Share of all questions that would be answered.
    pub coverage: f64,
    /// Share of those answers that is wrong.
    pub risk: f64,
}

/// The figures of a run; shares are 0–1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Number of questions.
    pub questions: usize,
    /// Number of answers.
    pub answered: usize,
    /// Answers by questions.
    pub coverage: f64,
    /// Right by questions. A question that cannot be answered is right when it is not.
    pub execution_match: f64,
    /// Right answers by answers; 0 when there is none.
    pub execution_match_answered: f64,
    /// Latency of all questions.
    pub latency_ms: Latency,
    /// Number of questions of each status.
    pub by_status: BTreeMap<String, usize>,
    /// Questions whose every reference was refused; they count as wrong.
    pub gold_refused: usize,
    /// Questions whose every reference failed for another reason; they count as wrong.
    pub gold_failed: usize,
    /// Stricter variants.
    pub strict: Strict,
    /// By turn of the conversation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub per_turn: BTreeMap<usize, Share>,
    /// Conversations; right when every turn is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_dialogue: Option<Share>,
    /// Share of the ambiguous questions that were answered with a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ambiguous_recognised: Option<f64>,
    /// Share of the questions that cannot be answered that were not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswerable_recognised: Option<f64>,
    /// The risk–coverage curve, from the surest answers down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risk_coverage: Vec<RiskPoint>,
}

impl Report {
    /// The figures of these results.
    pub fn new(results: &[QuestionResult]) -> Self {
        let answered: Vec<&QuestionResult> = results.iter().filter(|result| result.status == "answered").collect();
        let count = |keep: fn(&QuestionResult) -> bool| results.iter().filter(|result| keep(result)).count();
        let mut by_status = BTreeMap::new();
        for result in results {
            *by_status.entry(result.status.clone()).or_insert(0) += 1;
        }
        let mut turns: BTreeMap<usize, Vec<bool>> = BTreeMap::new();
        let mut dialogues: BTreeMap<usize, bool> = BTreeMap::new();
        for result in results {
            if let Some(turn) = result.turn {
                turns.entry(turn).or_default().push(result.correct);
                *dialogues.entry(result.item).or_insert(true) &= result.correct;
            }
        }
        let recognised = |of: fn(&QuestionResult) -> bool, right: fn(&QuestionResult) -> bool| {
            let all = results.iter().filter(|result| of(result)).count();
            (all > 0).then(|| part(results.iter().filter(|result| of(result) && right(result)).count(), all))
        };
        Self {
            questions: results.len(),
            answered: answered.len(),
            coverage: part(answered.len(), results.len()),
            execution_match: part(count(|result| result.correct), results.len()),
            execution_match_answered: part(answered.iter().filter(|result| result.correct).count(), answered.len()),
            latency_ms: latency(results),
            by_status,
            gold_refused: count(|result| result.gold_refused),
            gold_failed: count(|result| result.gold_failed),
            strict: Strict {
                distinct_kept: part(count(|result| result.distinct_kept), results.len()),
                column_order_kept: part(count(|result| result.strict), results.len()),
            },
            per_turn: turns.into_iter().map(|(turn, correct)| (turn, Share::of(correct.into_iter()))).collect(),
            per_dialogue: (!dialogues.is_empty()).then(|| Share::of(dialogues.into_values())),
            ambiguous_recognised: recognised(|result| result.ambiguous, |result| result.status == "clarify"),
            unanswerable_recognised: recognised(|result| !result.answerable, |result| result.correct),
            risk_coverage: risk_coverage(results.len(), &answered),
        }
    }
}

/// The figures for a person, one line each.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        writeln!(f, "questions                {}", self.questions)?;
        writeln!(f, "answered                 {} (coverage {})", self.answered, percent(self.coverage))?;
        writeln!(f, "right, of all            {}", percent(self.execution_match))?;
        writeln!(f, "right, of answered       {}", percent(self.execution_match_answered))?;
        writeln!(
            f,
            "stricter                 {} with DISTINCT kept, {} with the order of columns kept too",
            percent(self.strict.distinct_kept),
            percent(self.strict.column_order_kept)
        )?;
        if let Some(share) = self.unanswerable_recognised {
            writeln!(f, "unanswerable recognised  {}", percent(share))?;
        }
        if let Some(share) = self.ambiguous_recognised {
            writeln!(f, "ambiguous recognised     {}", percent(share))?;
        }
        for (turn, share) in &self.per_turn {
            writeln!(f, "turn {turn:<19} {} of {}", percent(share.correct), share.questions)?;
        }
        if let Some(share) = self.per_dialogue {
            writeln!(f, "whole conversations      {} of {}", percent(share.correct), share.questions)?;
        }
        let Latency { p50, p95, p99 } = self.latency_ms;
        writeln!(f, "latency                  {p50:.1} ms median, {p95:.1} ms P95, {p99:.1} ms P99")?;
        let statuses: Vec<String> = self.by_status.iter().map(|(status, count)| format!("{status} {count}")).collect();
        write!(f, "by status                {}", statuses.join(", "))?;
        if self.gold_refused + self.gold_failed > 0 {
            write!(f, "\nreferences               {} refused, {} failed; counted as wrong", self.gold_refused, self.gold_failed)?;
        }
        Ok(())
    }
}

fn part(some: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { some as f64 / all as f64 }
}

/// Nearest-rank percentiles, in microsecond steps.
fn latency(results: &[QuestionResult]) -> Latency {
    let mut times: Vec<f64> = results.iter().map(|result| result.ms).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = (share * times.len() as f64).ceil() as usize;
        times.get(rank.saturating_sub(1)).map_or(0.0, |ms| (ms * 1000.0).round() / 1000.0)
    };
    Latency { p50: at(0.50), p95: at(0.95), p99: at(0.99) }
}

/// One point for each different confidence, thinned to about twenty; nothing when an answer has no confidence.
fn risk_coverage(questions: usize, answered: &[&QuestionResult]) -> Vec<RiskPoint> {
    let Some(mut sure) = answered
        .iter()
        .map(|result| result.confidence.map(|confidence| (confidence, result.correct)))
        .collect::<Option<Vec<_>>>()
    else {
        return Vec::new();
    };
    sure.sort_by(|a, b| b.0.total_cmp(&a.0));
    let step = sure.len().div_ceil(20).max(1);
    let (mut points, mut wrong, mut since) = (Vec::new(), 0, 0);
    for (index, (confidence, correct)) in sure.iter().enumerate() {
        wrong += usize::from(!correct);
        since += 1;
        let last = index + 1 == sure.len();
        let next_differs = sure.get(index + 1).is_none_or(|next| next.0 != *confidence);
        if next_differs && (since >= step || last) {
            since = 0;
            points.push(RiskPoint {
                confidence: *confidence,
                coverage: part(index + 1, questions),
                risk: part(wrong, index + 1),
            });
        }
    }
    points
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn result(item: usize, turn: Option<usize>, status: &str, correct: bool, confidence: f64) -> QuestionResult {
        QuestionResult {
            item,
            turn,
            status: status.into(),
            correct,
            confidence: Some(confidence),
            ms: (item + 1) as f64,
            answerable: true,
            ..Default::default()
        }
    }

    #[test]
    fn shares_add_up() {
        let results = [
            result(0, None, "answered", true, 0.9),
            result(1, None, "answered", false, 0.5),
            result(2, None, "declined", false, 0.0),
            QuestionResult { answerable: false, ..result(3, None, "declined", true, 0.0) },
            QuestionResult { ambiguous: true, ..result(4, None, "clarify", false, 0.0) },
        ];
        let report = Report::new(&results);
        assert_eq!((report.questions, report.answered, report.coverage), (5, 2, 0.4));
        assert_eq!((report.execution_match, report.execution_match_answered), (0.4, 0.5));
        assert_eq!((report.ambiguous_recognised, report.unanswerable_recognised), (Some(1.0), Some(1.0)));
        assert_eq!(report.latency_ms, Latency { p50: 3.0, p95: 5.0, p99: 5.0 });
        assert_eq!(report.risk_coverage.len(), 2);
        assert_eq!(report.risk_coverage[1], RiskPoint { confidence: 0.5, coverage: 0.4, risk: 0.5 });
        let json = serde_json::to_value(&report).unwrap();
        assert!(json.get("per_turn").is_none() && json["latency_ms"]["p50"] == 3.0 && json["by_status"]["declined"] == 2);
    }

    #[test]
    fn a_conversation_is_right_when_every_turn_is() {
        let results = [
            result(0, Some(1), "answered", true, 0.9),
            result(0, Some(2), "answered", false, 0.9),
            result(1, Some(1), "answered", true, 0.9),
            result(1, Some(2), "answered", true, 0.9),
        ];
        let report = Report::new(&results);
        assert_eq!(report.per_turn[&1], Share { questions: 2, correct: 1.0 });
        assert_eq!(report.per_turn[&2], Share { questions: 2, correct: 0.5 });
        assert_eq!(report.per_dialogue, Some(Share { questions: 2, correct: 0.5 }));
    }

    #[test]
    fn a_person_reads_the_figures_line_by_line() {
        let mut results = vec![result(0, None, "answered", true, 0.9), result(1, None, "declined", false, 0.0)];
        results[1].gold_refused = true;
        insta::assert_snapshot!(Report::new(&results), @r"
        questions                2
        answered                 1 (coverage 50.0 %)
        right, of all            50.0 %
        right, of answered       100.0 %
        stricter                 0.0 % with DISTINCT kept, 0.0 % with the order of columns kept too
        latency                  1.0 ms median, 2.0 ms P95, 2.0 ms P99
        by status                answered 1, declined 1
        references               1 refused, 0 failed; counted as wrong
        ");
    }

    #[test]
    fn a_row_has_the_documented_form() {
        let row = serde_json::to_value(QuestionResult { id: 3.into(), db: "a".into(), ..Default::default() }).unwrap();
        let keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["id", "db", "question", "status", "sql", "correct", "confidence", "ms"]);
    }
}
