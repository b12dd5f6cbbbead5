//! What a card shows of each status, and what it never lets through.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::ask::render::tests::{ask, shop, still};
use crate::ask::review::{Warning, WarningCode};
use crate::ask::{ApprovalRequest, ClarificationRequest};
use crate::finding::{Finding, Position, Verdict};

/// Without chart and style sheet, which have tests of their own.
fn bare(answer: &Answer) -> String {
    html(answer, &HtmlOptions { chart: false, style: false, ..HtmlOptions::default() })
}

/// Every element of `html` with its attributes.
fn elements(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

/// Nothing in it runs, loads or leads away, and every element is one of those that cards are made of.
fn assert_inert(card: &str) {
    const KNOWN: &[&str] = &[
        "section", "style", "p", "b", "ul", "ol", "li", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span",
        "br", "details", "summary", "dl", "dt", "dd", "pre", "code", "figure", "svg", "title", "desc", "rect", "circle", "path",
        "line", "text", "g",
    ];
    let (mut open, mut seen) = (Vec::new(), 0);
    for element in elements(card) {
        seen += 1;
        let name = element.trim_start_matches('/').split([' ', '/']).next().unwrap();
        assert!(KNOWN.contains(&name), "<{element}>");
        // What stands outside of quotes: names of attributes.
        for name in element.split('"').step_by(2).flat_map(str::split_ascii_whitespace).filter_map(|part| part.strip_suffix('='))
        {
            assert!(!name.starts_with("on") && !["href", "src", "style", "id"].contains(&name), "<{element}>");
        }
        assert!(element.split('"').step_by(2).all(|outside| !outside.contains('\'')), "<{element}>");
        match element.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{card}"),
            None if element.ends_with('/') || name == "br" => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty() && seen > 5, "{open:?}");
    assert!(!card.contains("url(") && !card.contains("@import"));
    assert!(
        !card.chars().any(|c| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    );
}

#[tokio::test]
async fn answered() {
    let answer = ask("monthly orders in 2024").await;
    insta::assert_snapshot!(bare(&answer));
    let card = html(&answer, &HtmlOptions::default());
    assert!(card.contains("<figure class=\"leo-chart\" tabindex=\"0\">\n<svg ") && card.contains("prefers-color-scheme:dark"));
    assert_inert(&card);
    let short = html(&answer, &HtmlOptions { max_rows: 3, explain: false, ..HtmlOptions::default() });
    let page = html(&answer, &HtmlOptions { page: true, ..HtmlOptions::default() });
    assert!(page.starts_with("<!doctype html>") && page.contains("default-src 'none'") && page.contains(&card));
    assert!(short.contains("first 3 of 12 rows</caption>") && !short.contains("<details"), "{short}");
}

#[tokio::test]
async fn one_figure_is_marked_and_needs_no_table() {
    let card = bare(&ask("How many orders are there?").await);
    assert!(card.contains("<b class=\"leo-figure\">400</b>") && !card.contains("<table"), "{card}");
}

#[tokio::test]
async fn question_back() {
    let mut answer = ask("monthly orders in 2024").await;
    let query = answer.provenance.query.take().unwrap();
    answer.status = AnswerStatus::Clarify;
    (answer.table, answer.sql, answer.sql_with_values) = (None, None, None);
    answer.explain = Default::default();
    answer.follow_ups.clear();
    let option = |label: &str| crate::ask::planner::ClarifyOption::of_query(label, query.clone());
    let options = vec![option("number of <orders> by month"), option("sum of amount by month")];
    answer.clarification =
        Some(ClarificationRequest { question: "\"volume\" has two readings; which do you mean?".into(), options });
    insta::assert_snapshot!(bare(&answer));
}

#[tokio::test]
async fn refused_and_waiting() {
    let mut answer = ask("monthly orders in 2024").await;
    answer.status = AnswerStatus::Blocked;
    answer.table = None;
    answer.follow_ups.clear();
    let finding = Finding {
        rule: "unknown_table".into(),
        verdict: Verdict::Block,
        message: "no table `ordres`; did you mean `orders`?".into(),
        hint: String::new(),
        position: Some(Position { line: 2, column: 15 }),
    };
    answer.refusal = Some(crate::ask::Refusal {
        message: "the statement was refused".into(),
        missing: vec!["ordres".into()],
        suggestions: vec!["How many orders are there?".into()],
        findings: vec![finding],
    });
    let options = HtmlOptions { explain: false, style: false, ..HtmlOptions::default() };
    insta::assert_snapshot!(html(&answer, &options));
    answer.status = AnswerStatus::NeedsApproval;
    answer.refusal = None;
    answer.sql_with_values = Some("SELECT email FROM customers WHERE id < 3".into());
    answer.approval = Some(ApprovalRequest { reasons: vec!["it shows personal data".into()], estimate: None });
    insta::assert_snapshot!(html(&answer, &options));
}

#[tokio::test]
async fn what_data_and_people_write_stays_text() {
    const HOSTILE: [&str; 4] = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='x",
        "a\u{202e}b\u{0}\u{1b}[31m\u{2066}</style>",
    ];
    let leo = shop();
    for hostile in HOSTILE {
        let statement = format!(
            "SELECT '{0}' AS \"{1}\", count(*) AS \"n{1}\" FROM orders GROUP BY status",
            hostile.replace('\'', "''").replace('\0', ""),
            hostile.replace('"', "\"\"").replace('\0', "")
        );
        let mut answer = still(leo.sql(&statement).await.unwrap());
        assert!(answer.table.is_some(), "{:?}", answer.refusal);
        answer.question = hostile.into();
        answer.explain.reading = hostile.into();
        answer.explain.assumptions = vec![hostile.into()];
        answer.explain.alternatives = vec![hostile.into()];
        answer.explain.tables = vec![hostile.into()];
        answer.follow_ups = vec![hostile.into()];
        answer.sql_with_values = Some(hostile.into());
        answer.audit_id = Some(hostile.into());
        answer.warnings = vec![Warning { code: WarningCode::Empty, message: hostile.into(), suggestion: Some(hostile.into()) }];
        assert_inert(&html(&answer, &HtmlOptions::default()));
        answer.status = AnswerStatus::Blocked;
        answer.refusal = Some(crate::ask::Refusal {
            message: hostile.into(),
            missing: vec![hostile.into()],
            suggestions: vec![hostile.into()],
            findings: Vec::new(),
        });
        assert_inert(&html(&answer, &HtmlOptions::default()));
        answer.approval = Some(ApprovalRequest { reasons: vec![hostile.into()], estimate: None });
        assert_inert(&html(&answer, &HtmlOptions::default()));
    }
}

#[tokio::test]
async fn figures_that_do_not_fit_their_sentence_mark_nothing() {
    let mut answer = ask("How many orders are there?").await;
    let sentence = &mut answer.narrative.sentences[0];
    let figure = sentence.figures[0].clone();
    sentence.text = "Größe <1>".into();
    sentence.figures =
        [(3, 4), (8, 99), (9, 8)].map(|(start, end)| crate::ask::narrate::Figure { start, end, ..figure.clone() }).into();
    let card = bare(&answer);
    assert!(card.contains("<p class=\"leo-narrative\">Größe &lt;1&gt;</p>"), "{card}");
}

#[test]
fn every_rule_of_the_style_sheet_stays_in_the_card() {
    let rules: Vec<&str> = CARD_STYLE.lines().flat_map(|line| line.split('{').next().unwrap().split(',')).collect();
    assert!(rules.len() > 30);
    assert!(rules.iter().all(|rule| rule.contains(".leo-card") || rule.starts_with("@media")), "{rules:?}");
}
