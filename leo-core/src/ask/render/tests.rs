//! What a person sees of each status.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::ask::{Answer, AnswerStatus};
use crate::builder::Source;
use crate::finding::{Finding, Position, Verdict};
use crate::leo::{Leo, SqlOptions};
use crate::settings::Preset;
use crate::source::sqlite::SqliteSource;

const SHOP: &str = "
CREATE TABLE regions (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO regions VALUES (1, 'North'), (2, 'South'), (3, 'East'), (4, 'West');
CREATE TABLE orders (id INTEGER PRIMARY KEY, region_id INTEGER NOT NULL REFERENCES regions (id), ordered_on TEXT, amount REAL, status TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
INSERT INTO orders SELECT i, 1 + i * i % 4, date('2024-01-01', '+' || i || ' days'), 10.5 + i % 37, CASE i % 3 WHEN 0 THEN 'open' ELSE 'paid' END FROM n;
CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO notes VALUES (1, char(27) || '[2J' || char(27) || ']0;owned' || char(7)), (2, 'right' || char(8238) || 'tfel'), (3, 'a' || char(10) || 'b');
";

pub(super) fn shop() -> Leo {
    let source = Source::new(SqliteSource::from_sql("shop", SHOP).unwrap()).as_of(jiff::civil::date(2025, 1, 15));
    Leo::builder().preset(Preset::Local).source(source).build().unwrap()
}

/// Without what differs from run to run.
pub(super) fn still(mut answer: Answer) -> Answer {
    answer.timings.total_us = 12_345;
    answer.audit_id = answer.audit_id.map(|_| "01a1-audit-id".into());
    answer
}

pub(super) async fn ask(question: &str) -> Answer {
    still(shop().ask(question).await.unwrap())
}

fn plain(answer: &Answer) -> String {
    text(answer, &TextOptions { width: Some(90), ..TextOptions::default() })
}

#[tokio::test]
async fn answered() {
    let answer = ask("monthly orders in 2024").await;
    assert_eq!(answer.status, AnswerStatus::Answered);
    insta::assert_snapshot!(plain(&answer));
    assert_eq!(answer.to_string(), text(&answer, &TextOptions::default()));
}

#[tokio::test]
async fn one_figure_needs_no_table() {
    insta::assert_snapshot!(plain(&ask("How many orders are there?").await));
}

#[tokio::test]
async fn explained() {
    let answer = ask("total amount by region last year").await;
    insta::assert_snapshot!(text(
        &answer,
        &TextOptions { width: Some(90), explain: true, chart: false, ..TextOptions::default() }
    ));
}

#[tokio::test]
async fn no_rows() {
    insta::assert_snapshot!(plain(&ask("number of orders by region in 2019").await));
}

#[tokio::test]
async fn clarify() {
    let mut answer = ask("monthly orders in 2024").await;
    let query = answer.provenance.query.take().unwrap();
    answer.status = AnswerStatus::Clarify;
    answer.table = None;
    answer.follow_ups.clear();
    let option = |label: &str| crate::ask::planner::ClarifyOption::of_query(label, query.clone());
    answer.clarification = Some(crate::ask::ClarificationRequest {
        question: "\"volume\" has two readings; which do you mean?".into(),
        options: vec![option("number of orders by month of order date"), option("sum of amount by month of order date")],
    });
    insta::assert_snapshot!(plain(&answer));
}

#[tokio::test]
async fn declined() {
    let answer = ask("flurb of the zonks").await;
    assert_eq!(answer.status, AnswerStatus::Declined);
    insta::assert_snapshot!(plain(&answer));
}

#[tokio::test]
async fn not_a_data_question() {
    let answer = ask("hello").await;
    assert_eq!(answer.status, AnswerStatus::NotADataQuestion);
    insta::assert_snapshot!(plain(&answer));
}

#[tokio::test]
async fn blocked() {
    let mut answer = ask("hello").await;
    answer.status = AnswerStatus::Blocked;
    let refusal = answer.refusal.as_mut().unwrap();
    refusal.message = "the statement was refused".into();
    refusal.suggestions.clear();
    let finding = |rule: &str, message: &str, position| Finding {
        rule: rule.into(),
        verdict: Verdict::Block,
        message: message.into(),
        hint: String::new(),
        position,
    };
    refusal.findings = vec![
        finding("unknown_table", "no table `ordres`; did you mean `orders`?", Some(Position { line: 2, column: 15 })),
        finding("single_statement", "there is more than one statement", None),
    ];
    insta::assert_snapshot!(plain(&answer));
}

#[tokio::test]
async fn needs_approval() {
    let mut answer = ask("hello").await;
    answer.status = AnswerStatus::NeedsApproval;
    answer.refusal = None;
    answer.approval = Some(crate::ask::ApprovalRequest {
        reasons: vec!["7 joins are more than the 5 allowed without approval".into()],
        estimate: None,
    });
    insta::assert_snapshot!(plain(&answer));
}

#[tokio::test]
async fn not_executed() {
    let leo = shop();
    leo.set_execution(None, false).await.unwrap();
    let answer = still(leo.ask("number of orders by region").await.unwrap());
    assert_eq!(answer.status, AnswerStatus::NotExecuted);
    insta::assert_snapshot!(plain(&answer));
}

#[tokio::test]
async fn rows_beyond_the_limit_are_counted_and_cut_ones_are_told() {
    let options = SqlOptions { max_rows: Some(30), ..SqlOptions::default() };
    let answer = still(shop().sql_with("SELECT id, amount FROM orders", &options).await.unwrap());
    insta::assert_snapshot!(text(&answer, &TextOptions { max_rows: 3, chart: false, ..TextOptions::default() }));
}

#[tokio::test]
async fn data_cannot_control_the_terminal() {
    let answer = shop().sql("SELECT id, body AS \"b\u{1b}[2Jody\" FROM notes ORDER BY id").await.unwrap();
    let asked = shop().ask("notes with \u{1b}[2J\u{9b}31m body").await.unwrap();
    for (answer, colour) in [(&answer, false), (&answer, true), (&asked, false), (&asked, true)] {
        let shown = text(answer, &TextOptions { colour, explain: true, ..TextOptions::default() });
        let plain = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[33m"].iter().fold(shown, |text, own| text.replace(own, ""));
        assert!(!plain.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{plain:?}");
    }
    assert!(text(&answer, &TextOptions::default()).contains("right tfel"));
}
