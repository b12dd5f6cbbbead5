//! Answers: for people, for programs, and as files.

use std::io::Write;
use std::process::Stdio;

use super::support::{Fixture, finished, run};

#[test]
fn an_answer_leads_with_the_figure_and_says_how_it_was_read() {
    let shop = Fixture::shop();
    let before = std::fs::read(shop.path("shop.db")).unwrap();
    let run = shop.shop_leo(&["ask", "How many orders are there?"]).well();
    assert!(run.out.starts_with("There are 400 orders.\n"), "{}", run.out);
    assert!(
        run.out.contains("Ask next:") && run.out.contains("read as: number of orders · UTC · as of 2025-02-04"),
        "{}",
        run.out
    );
    assert!(!run.out.contains('\u{1b}'), "no styles in a pipe");
    assert_eq!(std::fs::read(shop.path("shop.db")).unwrap(), before);
    assert!(!shop.path("cache").exists(), "the sample is not made for somebody's own data");
}

#[test]
fn words_need_no_quotes_and_no_command() {
    let shop = Fixture::shop();
    let run = shop.leo(&["--db", "shop.db", "how", "many", "orders", "--format", "json", "are", "there?"]).well();
    assert_eq!(run.json()["question"], "how many orders are there?");
}

#[test]
fn the_sample_company_answers_without_a_database() {
    let shop = Fixture::shop();
    let run = shop.leo(&["What were monthly sales in 2024?", "--no-chart"]).well();
    assert!(run.out.contains("2024-12  ") && run.out.contains("as of 2025-06-30"), "{}", run.out);
    assert!(shop.path("cache/leo").is_dir());
}

#[test]
fn json_has_the_promised_shape() {
    let shop = Fixture::shop();
    let answer = shop.shop_leo(&["ask", "total amount by region", "--format", "json"]).well().json();
    assert_eq!(answer["status"], "answered");
    assert_eq!(answer["table"]["columns"][0], serde_json::json!({ "name": "name", "type": "text" }));
    assert_eq!(answer["table"]["columns"][1]["type"], "float");
    assert_eq!(answer["table"]["rows"].as_array().unwrap().len(), 4);
    assert!(answer["sql"].as_str().unwrap().starts_with("SELECT"));
    for field in ["id", "narrative", "chart", "explain", "confidence", "provenance", "timings", "audit_id"] {
        assert!(!answer[field].is_null(), "{field}");
    }
}

#[test]
fn rows_shown_and_rows_read_are_limited() {
    let shop = Fixture::shop();
    let run = shop.shop_leo(&["sql", "SELECT id FROM orders", "--no-chart"]).well();
    assert!(run.out.contains("… 200 more rows"), "{}", run.out);
    let run = shop.shop_leo(&["sql", "SELECT id FROM orders", "--max-rows", "3", "--format", "json"]).well();
    let answer = run.json();
    assert_eq!((answer["table"]["rows"].as_array().unwrap().len(), &answer["truncated"]), (3, &true.into()));
}

#[test]
fn a_word_that_was_left_out_is_named() {
    let shop = Fixture::shop();
    let run = shop.shop_leo(&["ask", "total amount, flurbwise"]);
    assert!(run.out.contains("flurbwise"), "{}", run.out);
}

#[test]
fn the_explanation_shows_links_and_sql() {
    let shop = Fixture::shop();
    let run = shop.shop_leo(&["ask", "total amount by region last year", "--explain"]).well();
    for part in
        ["How this was answered", "amount → orders.amount", "2024-01-01 to 2024-12-31", "SQL\n  SELECT", "orders(region_id)"]
    {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
}

#[test]
fn a_question_with_several_readings_comes_back_and_one_is_chosen() {
    let shop = Fixture::shop();
    let question = ["ask", "orders by region in 2019"];
    let run = shop.shop_leo(&question);
    assert_eq!((run.code, run.err.as_str()), (3, ""));
    assert!(run.out.contains("  1. ") && run.out.contains("  2. ") && run.out.contains("--choose NUMBER"), "{}", run.out);
    let chosen = shop.shop_leo(&[question[0], question[1], "--choose", "1", "--format", "json"]).well().json();
    assert_eq!(chosen["status"], "answered");
    let run = shop.shop_leo(&[question[0], question[1], "--choose", "9"]);
    assert_eq!((run.code, run.err.contains("no reading number 9")), (2, true), "{}", run.err);
}

#[test]
fn what_is_no_question_about_the_data_is_not_answered() {
    let shop = Fixture::shop();
    for (question, part) in [
        ("hello", "not a question about this data"),
        ("flurb of the zonks", "flurb"),
        ("wie viele Bestellungen gab es letztes Jahr", "German"),
        ("delete all orders", "only reading is possible"),
    ] {
        let run = shop.shop_leo(&["ask", question]);
        assert_eq!((run.code, run.err.as_str()), (3, ""), "{question}: {}", run.out);
        assert!(run.out.contains(part) && run.out.contains("Try:"), "{question}: {}", run.out);
        let answer = shop.shop_leo(&["ask", question, "--format", "json"]).json();
        assert!(["declined", "not_data_question"].contains(&answer["status"].as_str().unwrap()), "{question}");
    }
}

#[test]
fn statements_take_values_and_come_from_standard_input() {
    let shop = Fixture::shop();
    let sql = "SELECT count(*) AS n FROM orders WHERE status = ? AND amount > ? AND id <> ?";
    let run = shop.shop_leo(&["sql", sql, "--param", "paid", "--param", "-1.5", "--param", "1", "--format", "json"]).well();
    assert_eq!(run.json()["table"]["rows"][0][0], 266);
    let mut command = shop.command(&["sql", "--db", "shop.db", "--format", "json", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"SELECT max(id)\nFROM orders -- all of them\n").unwrap();
    let run = finished(&child.wait_with_output().unwrap()).well();
    assert_eq!(run.json()["table"]["rows"][0][0], 400);
}

#[test]
fn lineage_is_told_without_running() {
    let shop = Fixture::shop();
    let sql = "SELECT r.name, sum(o.amount) AS total FROM orders o JOIN regions r ON r.id = o.region_id GROUP BY 1";
    assert_eq!(shop.shop_leo(&["sql", "--lineage", sql]).well().out, "name ← regions.name\ntotal ← orders.amount\n");
    let lineage = shop.shop_leo(&["sql", "--lineage", sql, "--format", "json"]).well().json();
    assert_eq!(lineage["lineage"][1]["column"], "total");
    assert_eq!(lineage["lineage"][1]["sources"][0], "orders.amount");
}

#[test]
fn charts_are_written_as_files() {
    let shop = Fixture::shop();
    let files = ["--svg", "chart.svg", "--vega-lite", "chart.json", "--html", "answer.html"];
    shop.shop_leo(&[&["ask", "total amount by region"], &files[..]].concat()).well();
    assert!(std::fs::read_to_string(shop.path("chart.svg")).unwrap().starts_with("<svg"));
    let spec: serde_json::Value = serde_json::from_slice(&std::fs::read(shop.path("chart.json")).unwrap()).unwrap();
    assert!(spec["$schema"].as_str().unwrap().contains("vega-lite"));
    let page = std::fs::read_to_string(shop.path("answer.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("South") && page.contains("<svg"), "{page}");
    let run = shop.shop_leo(&["ask", "total amount by region", "--svg", "no/such/folder.svg"]);
    assert_eq!((run.code, run.err.contains("could not write the chart")), (2, true), "{}", run.err);
    assert!(run.out.contains("South"), "the answer is printed all the same");
}

#[test]
fn data_cannot_control_the_terminal() {
    let shop = Fixture::shop();
    let bad = "\u{1b}[2J\u{9b}31m\u{202e}";
    let sql = format!(
        "CREATE TABLE \"a{bad}b\" (id INTEGER PRIMARY KEY, \"c{bad}d\" TEXT);
         INSERT INTO \"a{bad}b\" VALUES (1, 'x{bad}y'), (2, 'x{bad}y'), (3, 'z');"
    );
    shop.load("bad.db", &sql);
    for args in [
        vec!["sql", "SELECT * FROM sqlite_x", "--db", "bad.db"],
        vec!["sql", &format!("SELECT *, 'q{bad}' FROM \"a{bad}b\""), "--db", "bad.db", "--explain"],
        vec!["sql", &format!("SELECT * FROM \"a{bad}b\""), "--db", "bad.db", "--format", "json"],
        vec!["sql", &format!("SELECT * FROM \"n{bad}\""), "--db", "bad.db"],
        vec!["ask", &format!("how many {bad} are there"), "--db", "bad.db", "--explain"],
        vec!["map", "--db", "bad.db"],
        vec!["map", &format!("a{bad}b"), "--db", "bad.db"],
        vec!["map", "search", "a", "--db", "bad.db"],
        vec!["sync", "--db", "bad.db"],
        vec!["sync", "--db", "bad.db", "--format", "json"],
        vec!["ask", "x", "--db", &format!("no{bad}.db")],
        vec![&format!("--bogus{bad}")],
    ] {
        let run = shop.leo(&args);
        for text in [&run.out, &run.err] {
            assert!(!text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{args:?}: {text:?}");
        }
        assert!(!(run.out.is_empty() && run.err.is_empty()));
    }
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let shop = Fixture::shop();
    let mut command = shop.command(&["sql", "--db", "shop.db", "--format", "json", "SELECT * FROM orders"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = finished(&child.wait_with_output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let shop = Fixture::shop();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = run(shop.command(&["--db", "shop.db", "how many orders"]).stdout(full));
    assert_eq!((run.code, run.err.contains("could not write the output")), (1, true), "{}", run.err);
}

#[test]
fn help_comes_without_a_question() {
    let shop = Fixture::shop();
    for args in [&[][..], &["--help"], &["ask", "--help"], &["help", "sql"]] {
        let run = shop.leo(args).well();
        assert!(run.out.contains("Usage: leo"), "{}", run.out);
    }
    assert!(shop.leo(&["--help"]).out.contains("Exit codes:"));
    assert!(shop.leo(&["--version"]).well().out.starts_with("leo "));
}
