#![allow(clippy::unwrap_used)]

use super::*;
use crate::eval::{Item, Mismatch, QuestionResult, Turn};

/// Forty questions of every kind, some of them hostile.
fn results() -> Vec<QuestionResult> {
    let mut results: Vec<QuestionResult> = (0..40_i32)
        .map(|at| QuestionResult {
            id: at.into(),
            db: "warehouse".into(),
            question: format!("How many crates of kind {at} left each dock last month?"),
            status: "answered".into(),
            sql: Some(format!("SELECT dock, count(*) AS crates\nFROM departures\nWHERE kind = {at}\nGROUP BY dock")),
            correct: at % 5 > 0,
            confidence: Some(0.99 - f64::from((at * 7) % 40) / 80.0 - if at % 10 == 0 { 0.4 } else { 0.0 }),
            ms: f64::from(at * at) / 9.0,
            soft: Some(if at % 5 > 0 { 1.0 } else { 0.8 }),
            mismatch: (at % 5 == 0).then_some(Mismatch::Columns),
            recall: Some(if at % 8 == 0 { 0.5 } else { 1.0 }),
            tokens: Some(900 + at as u64),
            cost_usd: Some(0.0012),
            tags: vec![["stock", "people", "<i>tag</i>"][at as usize % 3].into()],
            gold: vec!["SELECT dock, count(*), sum(weight) FROM departures GROUP BY dock".into()],
            answerable: Some(true),
            ..QuestionResult::default()
        })
        .collect();
    results[0].question = "<script>alert(1)</script> & \"which\" 'docks'?".into();
    results[5].sql = Some("SELECT '</code></pre><img src=x onerror=alert(1)>'".into());
    results[10] = QuestionResult {
        db: "<db>".into(),
        question: "Who is the tallest?".into(),
        status: "error:timeout".into(),
        error: Some("timeout: the statement took <too> long".into()),
        tags: vec!["people".into()],
        ..results[10].clone()
    };
    results[15] =
        QuestionResult { sql: None, status: "declined".into(), confidence: None, mismatch: None, ..results[15].clone() };
    results[20] = QuestionResult { gold: Vec::new(), ..results[20].clone() };
    results
}

fn evaluation() -> Evaluation {
    Evaluation::new(results())
}

fn page() -> String {
    let mut earlier = results();
    for at in [3, 5, 20, 25] {
        earlier[at].correct = !earlier[at].correct;
    }
    earlier.remove(7);
    let missed = ["right of all is 80.0 %, and has to be 90.0 % at least".to_owned(), "<b>bold</b>".to_owned()];
    let run = Evaluation { missed: Some(missed.into()), ..evaluation().against(&Evaluation::new(earlier)) };
    report_html(&run, &HtmlReport { title: "Warehouse <questions>", ..HtmlReport::default() })
}

#[test]
fn nothing_in_it_is_markup_of_others() {
    let page = page();
    for hostile in ["<script", "<img", "<i>tag", "<b>bold", "<too>", "<db>", "onerror=alert(1)>"] {
        assert!(!page.contains(hostile), "{hostile}");
    }
    for shown in [
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;which&quot; &#39;docks&#39;?",
        "<title>Warehouse &lt;questions&gt;</title>",
        "<h1>Warehouse &lt;questions&gt;</h1>",
        "&lt;i&gt;tag&lt;/i&gt;",
        "timeout: the statement took &lt;too&gt; long",
        "<li>&lt;b&gt;bold&lt;/b&gt;</li>",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[test]
fn it_loads_nothing_and_runs_nothing() {
    let page = page();
    assert!(page.contains("default-src 'none'"));
    for part in ["http://", "https://", "src=", "url(", "@import", "javascript:"] {
        assert!(!page.replace("http-equiv", "").replace("<img src=x", "").replace("img src=x", "").contains(part), "{part}");
    }
}

#[test]
fn elements_are_closed_and_tables_have_captions() {
    let page = page();
    for element in
        ["table", "caption", "tr", "th", "td", "div", "dl", "pre", "code", "svg", "figure", "details", "main", "p", "small"]
    {
        let opened = page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
        assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
    }
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
    assert_eq!(page.matches("<th").count() - page.matches("<thead").count(), page.matches(" scope=\"").count());
    assert_eq!((page.matches("<h1>").count(), page.matches("<h2>").count()), (1, 5));
}

#[test]
fn it_says_what_happened() {
    let page = page();
    for said in [
        "32 of 40 questions are right, 38 were answered.",
        "columns differ in number; 80 % of the cells agree",
        "given as rows",
        "not answered",
        "Right before, wrong now: 3",
        "In this run alone: 1",
        "Bounds that are not held",
        "of the questions would be answered",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn an_empty_run_is_a_page_too() {
    let empty = Evaluation { missed: Some(Vec::new()), ..Evaluation::new(Vec::new()) };
    let page = report_html(&empty, &HtmlReport::default());
    assert!(page.contains("<h1>Evaluation</h1>") && page.contains("There is none.") && page.contains("All bounds are held."));
    assert!(!page.contains("NaN"));
}

#[test]
fn long_lists_and_texts_are_cut() {
    let mut questions = vec![QuestionResult { question: "é".repeat(5_000), ..QuestionResult::default() }; 501];
    questions[500].question = "the last one".into();
    let page = report_html(&Evaluation::new(questions), &HtmlReport::default());
    assert!(page.contains("501, of which the first 500 are listed and 1 are not") && !page.contains("the last one"));
    assert!(page.contains(&format!("{}…", "é".repeat(4_000))) && !page.contains(&"é".repeat(4_001)));
}

#[test]
fn a_run_that_was_read_back_shows_the_references_of_its_suite() {
    let kept = serde_json::to_string(&evaluation()).unwrap();
    for own in ["sum(weight)", "\"gold\":", "\"answerable\":"] {
        assert!(!kept.contains(own), "{own}");
    }
    let run: Evaluation = serde_json::from_str(&kept).unwrap();
    assert_eq!(run.report, evaluation().report);
    let page = report_html(&run, &HtmlReport::default());
    assert!(page.contains("in the suite; it is not kept with results") && !page.contains("sum(weight)"));
    assert!(!page.contains("it cannot be answered") && !page.contains("given as rows"));
    let item = |result: QuestionResult| Item {
        id: result.id,
        turns: vec![Turn { question: result.question, gold: result.gold, ..Turn::default() }],
        ..Item::default()
    };
    let suite = Suite { items: results().into_iter().map(item).collect() };
    let page = report_html(&run, &HtmlReport { suite: Some(&suite), ..HtmlReport::default() });
    assert!(page.contains("sum(weight)") && page.contains("none: it cannot be answered"));
    assert!(!page.contains("it is not kept with results"));
}

#[test]
#[ignore = "writes a page to look at: LEO_PAGE names the file"]
fn a_page_to_look_at() {
    let path = std::env::var_os("LEO_PAGE").unwrap();
    std::fs::write(path, page()).unwrap();
}
