//! The figures of a run.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::result::QuestionResult;
use super::retrieval::FIRST;
use super::risk::{Curve, RiskPoint, operating_point};
use super::statistics::nearest_rank;
use crate::chart::format::label;

/// The share of shown answers that may be wrong, for which a report says the confidence.
pub(super) const MAX_ERROR_RATE: f64 = 0.10;

/// A share with what it is a share of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "EvaluationShare"))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "EvaluationLatency"))]
pub struct Latency {
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
}

/// How often the tables that questions need were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "EvaluationRetrieval"))]
pub struct Retrieval {
    /// Questions of which both is known: what they need, and what was found.
    pub questions: usize,
    /// Tables that count, of those that were found.
    pub k: usize,
    /// Mean share of the needed tables among the first k, 0–1.
    pub recall: f64,
    /// Share of the questions all of whose tables are among the first k.
    pub all_found: f64,
}

/// What questions cost, in tokens or US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "EvaluationSpent"))]
pub struct Spent {
    /// Questions of which it is known.
    pub questions: usize,
    /// Of all of them.
    pub total: f64,
    /// Of one, on average.
    pub mean: f64,
    /// 95th percentile, nearest rank.
    pub p95: f64,
}

impl Spent {
    /// Nothing when it is known of no question.
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        // An empty sum is −0.
        let total = values.iter().sum::<f64>() + 0.0;
        let spent = Self { questions: values.len(), total, mean: total / values.len() as f64, p95: nearest_rank(&values, 0.95) };
        (!values.is_empty()).then_some(spent)
    }
}

/// Stricter variants of the rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "EvaluationStrict"))]
pub struct Strict {
    /// With `DISTINCT` kept on both sides.
    pub distinct_kept: f64,
    /// With `DISTINCT` kept and columns in the reference's order.
    pub column_order_kept: f64,
}

/// The figures of a run; shares are 0–1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "EvaluationReport"))]
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
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, Share>"))]
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
    /// Mean soft score of all questions: how much of the answers is right, beside how many are. What was not answered has 0, what cannot
    /// be answered 1 when it was not.
    #[serde(default)]
    pub soft_score: f64,
    /// The area under the risk–coverage curve: the mean, over the answers from the surest down, of the share of wrong ones up to there. 0 is best; as much
    /// as the share of wrong answers is what a confidence that says nothing reaches. Answers of equal confidence count as if in random order.
    /// Nothing when an answer has no confidence. Y. Geifman, G. Uziel and R. El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep
    /// Neural Classifiers", ICLR 2019.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aurc: Option<f64>,
    /// What would be shown if at most 0.10 of it were to be wrong: [`operating_point`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_error_rate: Option<RiskPoint>,
    /// How often the tables that questions need were found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieval: Option<Retrieval>,
    /// Tokens that models read and wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Spent>,
    /// What models cost, in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<Spent>,
    /// Right answers by tag; a question with several counts for each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub per_tag: BTreeMap<String, Share>,
}

impl Report {
    /// The figures of these results.
    pub fn new(results: &[QuestionResult]) -> Self {
        let answered: Vec<&QuestionResult> = results.iter().filter(|result| result.is_answered()).collect();
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
        let mut tags: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
        for (tag, result) in results.iter().flat_map(|result| result.tags.iter().map(move |tag| (tag, result))) {
            tags.entry(tag).or_default().push(result.correct);
        }
        let curve = Curve::of(results);
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
            unanswerable_recognised: recognised(|result| result.answerable == Some(false), |result| result.correct),
            risk_coverage: curve.as_ref().map(Curve::thinned).unwrap_or_default(),
            soft_score: mean(results.iter().map(|result| result.soft.unwrap_or(f64::from(u8::from(result.correct))))),
            aurc: curve.as_ref().map(Curve::area),
            at_error_rate: operating_point(results, MAX_ERROR_RATE),
            retrieval: retrieval(results),
            tokens: Spent::of(results.iter().filter_map(|result| result.tokens).map(|tokens| tokens as f64)),
            cost_usd: Spent::of(results.iter().filter_map(|result| result.cost_usd)),
            per_tag: tags.into_iter().map(|(tag, correct)| (tag.to_owned(), Share::of(correct.into_iter()))).collect(),
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
        writeln!(f, "soft score               {}", percent(self.soft_score))?;
        for (tag, share) in &self.per_tag {
            writeln!(f, "tag {:<20} {} of {}", label(tag, 40), percent(share.correct), share.questions)?;
        }
        if let Some(Retrieval { k, recall, all_found, .. }) = self.retrieval {
            writeln!(
                f,
                "tables found             recall {} among the first {k}; all of them {}",
                percent(recall),
                percent(all_found)
            )?;
        }
        if let Some(aurc) = self.aurc {
            write!(f, "confidence               AURC {aurc:.3}; ")?;
            match self.at_error_rate {
                Some(point) => writeln!(
                    f,
                    "at most {} wrong from {:.2} on, coverage {}",
                    percent(MAX_ERROR_RATE),
                    point.confidence,
                    percent(point.coverage)
                )?,
                None => writeln!(f, "at no confidence are at most {} wrong", percent(MAX_ERROR_RATE))?,
            }
        }
        if let Some(Spent { total, mean, p95, .. }) = self.tokens.filter(|spent| spent.total > 0.0) {
            writeln!(f, "tokens                   {total:.0}; {mean:.0} a question, {p95:.0} P95")?;
        }
        if let Some(Spent { total, mean, p95, .. }) = self.cost_usd {
            writeln!(f, "cost                     {total:.4} USD; {mean:.5} a question, {p95:.5} P95")?;
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

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len();
    if count == 0 { 0.0 } else { values.sum::<f64>() / count as f64 }
}

fn retrieval(results: &[QuestionResult]) -> Option<Retrieval> {
    let recalls: Vec<f64> = results.iter().filter_map(|result| result.recall).collect();
    let all = recalls.iter().filter(|recall| **recall >= 1.0).count();
    let all_found = part(all, recalls.len());
    (!recalls.is_empty()).then(|| Retrieval {
        questions: recalls.len(),
        k: FIRST,
        recall: mean(recalls.iter().copied()),
        all_found,
    })
}

/// Nearest-rank percentiles, in microsecond steps.
fn latency(results: &[QuestionResult]) -> Latency {
    let mut times: Vec<f64> = results.iter().map(|result| result.ms).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| (nearest_rank(&times, share) * 1000.0).round() / 1000.0;
    Latency { p50: at(0.50), p95: at(0.95), p99: at(0.99) }
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
            answerable: Some(true),
            ..Default::default()
        }
    }

    #[test]
    fn shares_add_up() {
        let results = [
            result(0, None, "answered", true, 0.9),
            result(1, None, "answered", false, 0.5),
            result(2, None, "declined", false, 0.0),
            QuestionResult { answerable: Some(false), ..result(3, None, "declined", true, 0.0) },
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
        soft score               50.0 %
        confidence               AURC 0.000; at most 10.0 % wrong from 0.90 on, coverage 50.0 %
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

    #[test]
    fn what_only_some_questions_have_is_counted_over_those() {
        let spent = |item, tokens, cost, recall, tags: &[&str]| QuestionResult {
            tokens,
            cost_usd: cost,
            recall,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..result(item, None, "answered", item > 0, 0.9)
        };
        let results = [
            spent(0, Some(100), Some(0.5), Some(0.5), &["stock", "people"]),
            spent(1, Some(300), None, Some(1.0), &["people"]),
            spent(2, None, None, None, &[]),
        ];
        let report = Report::new(&results);
        assert_eq!(report.tokens, Some(Spent { questions: 2, total: 400.0, mean: 200.0, p95: 300.0 }));
        assert_eq!(report.cost_usd, Some(Spent { questions: 1, total: 0.5, mean: 0.5, p95: 0.5 }));
        assert_eq!(report.retrieval, Some(Retrieval { questions: 2, k: 10, recall: 0.75, all_found: 0.5 }));
        assert_eq!(report.per_tag["people"], Share { questions: 2, correct: 0.5 });
        assert_eq!(report.per_tag["stock"], Share { questions: 1, correct: 0.0 });
        // All are equally sure: no threshold tells them apart, and each counts as a third of a mistake.
        assert!((report.aurc.unwrap() - 1.0 / 3.0).abs() < 1e-12 && report.at_error_rate.is_none());
        let said = report.to_string();
        for line in [
            "tag people               50.0 % of 2",
            "tables found             recall 75.0 % among the first 10; all of them 50.0 %",
        ] {
            assert!(said.contains(line), "{said}");
        }
        let nothing = serde_json::to_value(Report::new(&results[2..])).unwrap();
        assert!(["tokens", "cost_usd", "retrieval", "per_tag"].iter().all(|key| nothing.get(key).is_none()));
    }
}
