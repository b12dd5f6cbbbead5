//! A run as one page that loads nothing.

mod curve;
mod questions;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::compare::{QuestionChange, QuestionName, RunComparison};
use super::evaluation::Evaluation;
use super::references::referred;
use super::report::{MAX_ERROR_RATE, Report, Share};
use super::statistics::{Interval, wilson_interval};
use super::suite::Suite;
use crate::export::escape;

const STYLE: &str = include_str!("page.css");
/// Changed questions that are named.
const NAMED: usize = 50;

/// What a page on a run shows beside the run.
#[derive(Debug, Clone, Copy, Default)]
pub struct HtmlReport<'a> {
    /// What was measured, for the heading; `Evaluation` when empty.
    pub title: &'a str,
    /// The suite, for the references of a run that was read back from JSON, which has none.
    pub suite: Option<&'a Suite>,
}

/// The run as a page: figures, curve, what changed, bounds that are not held, and each question that is not right with its statement and its
/// reference.
///
/// # Behavior
/// One file without scripts and links to elsewhere, for light and dark, for paper and for small screens. Everything in it is escaped. It
/// shows questions and statements, which belong to whoever owns the suite, and no rows. At most 500 questions are listed; the rest is counted.
///
/// # Example
/// ```
/// use leo::eval::{Evaluation, HtmlReport, QuestionResult, report_html};
/// let questions = vec![QuestionResult { question: "Who is <b>?".into(), status: "declined".into(), ..QuestionResult::default() }];
/// let page = report_html(&Evaluation::new(questions), &HtmlReport::default());
/// assert!(page.starts_with("<!doctype html>") && page.contains("Who is &lt;b&gt;?"));
/// ```
pub fn report_html(evaluation: &Evaluation, show: &HtmlReport<'_>) -> String {
    let title = escape(if show.title.trim().is_empty() { "Evaluation" } else { show.title });
    let report = &evaluation.report;
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    out.push_str(&summary(evaluation));
    out.push_str(&gates(evaluation.missed.as_deref()));
    out.push_str(&figures(report));
    out.push_str(&evaluation.comparison.as_ref().map(comparison).unwrap_or_default());
    out.push_str(&shares(report));
    out.push_str(&confidence(report));
    out.push_str(&costs(report));
    let questions =
        show.suite.map_or(Cow::Borrowed(&evaluation.questions), |suite| Cow::Owned(referred(&evaluation.questions, suite)));
    out.push_str(&questions::not_right(&questions));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn summary(evaluation: &Evaluation) -> String {
    let right = evaluation.questions.iter().filter(|result| result.correct).count();
    let Report { questions, answered, gold_refused, gold_failed, .. } = evaluation.report;
    let mut out = format!("<p>{right} of {questions} questions are right, {answered} were answered.");
    if gold_refused + gold_failed > 0 {
        out.push_str(&format!(
            " The references of {} gave no result ({gold_refused} refused, {gold_failed} failed); they count as wrong.",
            gold_refused + gold_failed
        ));
    }
    out.push_str("</p>\n");
    out
}

fn gates(missed: Option<&[String]>) -> String {
    match missed {
        None => String::new(),
        Some([]) => "<p class=\"leo-notice leo-held\">All bounds are held.</p>\n".to_owned(),
        Some(missed) => {
            let lines: String = missed.iter().map(|line| format!("<li>{}</li>", escape(line))).collect();
            format!("<div class=\"leo-notice leo-missed\"><strong>Bounds that are not held</strong><ul>{lines}</ul></div>\n")
        }
    }
}

fn figures(report: &Report) -> String {
    let right = (report.execution_match * report.questions as f64).round() as usize;
    let mut all = vec![
        (
            "Right, of all",
            percent(report.execution_match),
            format!("95\u{a0}%: {}", interval(wilson_interval(right, report.questions))),
        ),
        ("Right, of answered", percent(report.execution_match_answered), format!("of {} answers", report.answered)),
        ("Coverage", percent(report.coverage), "answered, of all".to_owned()),
        ("Soft score", percent(report.soft_score), "cells that agree".to_owned()),
    ];
    if let Some(retrieval) = report.retrieval {
        let found = format!("recall among the first {}; all: {}", retrieval.k, percent(retrieval.all_found));
        all.push(("Tables found", percent(retrieval.recall), found));
    }
    if let Some(aurc) = report.aurc {
        all.push(("AURC", format!("{aurc:.3}"), "mean risk, 0 is best".to_owned()));
    }
    all.push(("Latency", milliseconds(report.latency_ms.p50), format!("median; P95 {}", milliseconds(report.latency_ms.p95))));
    if let Some(spent) = report.cost_usd {
        all.push(("Cost", format!("{:.4} USD", spent.total), format!("{:.5} a question", spent.mean)));
    }
    let one = |(name, figure, note): &(&str, String, String)| {
        format!("<div class=\"leo-figure\"><dt>{name}</dt><dd>{figure}</dd><dd>{note}</dd></div>\n")
    };
    format!("<dl class=\"leo-figures\">\n{}</dl>\n", all.iter().map(one).collect::<String>())
}

fn comparison(comparison: &RunComparison) -> String {
    let mut out = format!(
        "<h2>Since the earlier run</h2>\n<p>Of {} questions in both runs {} were right before ({}), {} are now ({}). {}.</p>\n",
        comparison.questions,
        percent(comparison.before),
        interval(comparison.before_interval),
        percent(comparison.after),
        interval(comparison.after_interval),
        capitalised(&comparison.verdict())
    );
    let changes = |name: &str, all: &[QuestionChange]| {
        let rows = all.iter().take(NAMED).map(|change| {
            let (before, after) = (escape(&change.before.status), escape(&change.after.status));
            format!("<tr><th scope=\"row\">{}</th><td>{before}</td><td>{after}</td></tr>\n", escape(&change.question))
        });
        let head = "<th scope=\"col\">Question</th><th scope=\"col\">Before</th><th scope=\"col\">Now</th>";
        table(&counted(name, all.len()), head, &rows.collect::<String>())
    };
    out.push_str(&changes("Right before, wrong now", &comparison.broken));
    out.push_str(&changes("Wrong before, right now", &comparison.fixed));
    let names = |name: &str, all: &[QuestionName]| {
        let rows = all.iter().take(NAMED).map(|question| {
            format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(&question.question), escape(&question.db))
        });
        let head = "<th scope=\"col\">Question</th><th scope=\"col\">Database</th>";
        table(&counted(name, all.len()), head, &rows.collect::<String>())
    };
    out.push_str(&names("In the earlier run alone", &comparison.missing_questions));
    out.push_str(&names("In this run alone", &comparison.added_questions));
    out
}

fn counted(name: &str, all: usize) -> String {
    if all > NAMED { format!("{name}: {all}, of which {NAMED} are named") } else { format!("{name}: {all}") }
}

fn shares(report: &Report) -> String {
    let status = |(status, count): (&String, &usize)| {
        let share = percent(*count as f64 / report.questions.max(1) as f64);
        format!("<tr><th scope=\"row\">{}</th>{}{}</tr>\n", escape(status), number(&count.to_string()), number(&share))
    };
    let head = |name: &str, last: &str| {
        format!(
            "<th scope=\"col\">{name}</th><th scope=\"col\" class=\"leo-number\">Questions</th>\
             <th scope=\"col\" class=\"leo-number\">{last}</th>"
        )
    };
    let share = |name: &str, share: &Share| {
        let right = number(&percent(share.correct));
        format!("<tr><th scope=\"row\">{}</th>{}{right}</tr>\n", escape(name), number(&share.questions.to_string()))
    };
    let tags: String = report.per_tag.iter().map(|(tag, of)| share(tag, of)).collect();
    let turns: String = report.per_turn.iter().map(|(turn, of)| share(&turn.to_string(), of)).collect();
    let conversations = report.per_dialogue.map(|of| share("whole conversations", &of)).unwrap_or_default();
    format!(
        "<h2>By kind of question</h2>\n<div class=\"leo-side\">\n<div>{}</div>\n<div>{}{}</div>\n</div>\n",
        table("What came of the questions", &head("Status", "Share"), &report.by_status.iter().map(status).collect::<String>()),
        table("Right answers by tag", &head("Tag", "Right"), &tags),
        table("Right answers by turn of the conversation", &head("Turn", "Right"), &format!("{turns}{conversations}")),
    )
}

fn confidence(report: &Report) -> String {
    if report.risk_coverage.is_empty() {
        return String::new();
    }
    let said = match report.at_error_rate {
        Some(point) => format!(
            "If answers below a confidence of {:.2} were held back, {} of the questions would be answered and {} of the answers be wrong.",
            point.confidence,
            percent(point.coverage),
            percent(point.risk)
        ),
        None => format!("At no confidence are at most {} of the answers wrong.", percent(MAX_ERROR_RATE)),
    };
    let row = |point: &super::risk::RiskPoint| {
        let cells = [format!("{:.2}", point.confidence), percent(point.coverage), percent(point.risk)];
        format!("<tr>{}</tr>\n", cells.iter().map(|cell| number(cell)).collect::<String>())
    };
    let head = ["Least confidence", "Answered", "Wrong among these"];
    let head: String = head.iter().map(|name| format!("<th scope=\"col\" class=\"leo-number\">{name}</th>")).collect();
    let rows: String = report.risk_coverage.iter().map(row).collect();
    format!(
        "<h2>Risk and coverage</h2>\n<p>{said}</p>\n<figure>\n{}</figure>\n<details><summary>The curve as a table</summary>{}</details>\n",
        curve::curve(&report.risk_coverage, MAX_ERROR_RATE),
        table("What would be shown, by the least confidence shown", &head, &rows)
    )
}

fn costs(report: &Report) -> String {
    let row = |name: &str, cells: &[String]| {
        format!("<tr><th scope=\"row\">{name}</th>{}</tr>\n", cells.iter().map(|cell| number(cell)).collect::<String>())
    };
    let head = |names: &[&str]| {
        let numbers = names.iter().map(|name| format!("<th scope=\"col\" class=\"leo-number\">{name}</th>"));
        format!("<td></td>{}", numbers.collect::<String>())
    };
    let latency = report.latency_ms;
    let times = row("All questions", &[latency.p50, latency.p95, latency.p99].map(milliseconds));
    let tokens = report
        .tokens
        .filter(|spent| spent.total > 0.0)
        .map(|spent| row("Tokens", &[format!("{:.0}", spent.total), format!("{:.0}", spent.mean), format!("{:.0}", spent.p95)]));
    let cost = report.cost_usd.map(|spent| {
        row("US dollars", &[format!("{:.4}", spent.total), format!("{:.5}", spent.mean), format!("{:.5}", spent.p95)])
    });
    let spent = tokens.into_iter().chain(cost).collect::<String>();
    format!(
        "<h2>Time and cost</h2>\n<div class=\"leo-side\">\n<div>{}</div>\n<div>{}</div>\n</div>\n",
        table("Latency", &head(&["Median", "P95", "P99"]), &times),
        table("What models took", &head(&["Total", "Mean", "P95"]), &spent)
    )
}

/// A table; nothing when it has no rows.
fn table(caption: &str, head: &str, rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<div class=\"leo-scroll\"><table>\n<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

fn number(text: &str) -> String {
    format!("<td class=\"leo-number\">{text}</td>")
}

fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", share * 100.0)
}

/// An interval that does not break before its unit.
fn interval(interval: Interval) -> String {
    interval.to_string().replace(" %", "\u{a0}%")
}

fn milliseconds(ms: f64) -> String {
    if ms < 1_000.0 { format!("{ms:.1}\u{a0}ms") } else { format!("{:.2}\u{a0}s", ms / 1_000.0) }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
