//! `leo eval`, `leo guard` and `leo audit` as a script sees them: input, output, exit codes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use leo::audit::{JsonLinesOptions, JsonLinesSink, event};
use leo::builder::Source;
use leo::settings::Preset;
use leo::source::sqlite::SqliteSource;
use leo::{Context, Leo};
use serde_json::Value;

fn leo(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_leo"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that ends with its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json_lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A file of `folder` with this text, as an argument.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = root.join(part);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

/// Four singers; what the second row wants nobody can tell from them, and the third's reference is no query.
const SUITE: &str = concat!(
    r#"{"id": "a", "database_sql": "CREATE TABLE singer (id INTEGER PRIMARY KEY, name TEXT, age INTEGER); INSERT INTO singer VALUES (1, 'Ann', 30), (2, 'Bob', 40), (3, 'Cem', 50), (4, 'Dee', 60);", "question": "How many singers are there?", "gold": "SELECT count(*) FROM singer"}"#,
    "\n",
    r#"{"id": "b", "database_sql": "CREATE TABLE singer (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)", "question": "What is the tallest mountain?"}"#,
    "\n",
    r#"{"id": "c", "database_sql": "CREATE TABLE singer (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)", "question": "How many singers are there?", "gold": "DELETE FROM singer"}"#,
    "\n",
    r#"{"id": "d", "db": "nowhere", "turns": [{"question": "How many singers are there?", "gold": "SELECT 1"}, {"question": "And their names?", "gold": "SELECT 2"}]}"#,
    "\n",
    r#"{"id": "e", "db": "nowhere", "dialect": "tsql", "question": "q", "gold": "SELECT TOP 1 1"}"#,
    "\n",
);

#[test]
fn eval_prints_the_figures_and_writes_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let suite = file(folder.path(), "suite.jsonl", SUITE);
    let out = folder.path().join("out.jsonl").to_str().unwrap().to_owned();
    let output = leo(&["eval", "--suite", &suite, "--out", &out, "--format", "json"], "");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        keys(&report)[..6],
        ["questions", "answered", "coverage", "execution_match", "execution_match_answered", "latency_ms"]
    );
    assert_eq!((report["questions"].as_u64(), report["answered"].as_u64()), (Some(5), Some(2)));
    // Right are the count, and the question that was not answered.
    assert_eq!((report["coverage"].as_f64(), report["execution_match"].as_f64()), (Some(0.4), Some(0.4)));
    assert_eq!(report["execution_match_answered"].as_f64(), Some(0.5));
    assert_eq!(keys(&report["latency_ms"]), ["p50", "p95", "p99"]);
    assert_eq!((report["gold_refused"].as_u64(), report["unanswerable_recognised"].as_f64()), (Some(1), Some(1.0)));
    assert_eq!(report["by_status"]["error:not_found"].as_u64(), Some(2));
    assert_eq!(report["per_turn"]["1"]["questions"].as_u64(), Some(1));
    assert_eq!(report["per_dialogue"]["correct"].as_f64(), Some(0.0));
    // What was left out and what was refused is said, and nothing else: no progress in a pipe.
    let said = stderr(&output);
    assert!(said.contains("1 rows with references in other dialects"), "{said}");
    assert!(said.contains("DELETE FROM singer") && !said.contains('\u{1b}') && !said.contains('\r'), "{said}");

    let rows = std::fs::read_to_string(&out).unwrap();
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 5);
    assert_eq!(
        keys(&rows[0]),
        ["id", "db", "question", "status", "sql", "correct", "confidence", "ms", "soft", "recall", "tokens"]
    );
    assert_eq!((&rows[0]["id"], &rows[0]["status"], &rows[0]["correct"]), (&"a".into(), &"answered".into(), &true.into()));
    assert!(rows[0]["sql"].as_str().unwrap().to_uppercase().contains("COUNT(*)"));

    let again =
        leo(&["eval", "--suite", &suite, "--limit", "1", "--baseline", &out, "--allowed-drop", "0", "--format", "json"], "");
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((report["questions"].as_u64(), report["baseline"]["missing"].as_u64()), (Some(1), Some(4)));
    assert_eq!(code(&again), 1, "questions went missing");
}

#[test]
fn eval_fails_when_a_bound_is_not_held_and_writes_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let suite = file(
        folder.path(),
        "own.yaml",
        "db: sample\nquestions:\n  - { question: How many customers do we have?, gold: SELECT count(*) FROM customers, tags: [<b>] }\n  - { question: How many orders are there?, value: -1 }\n",
    );
    let page = folder.path().join("page.html").to_str().unwrap().to_owned();
    let held =
        leo(&["eval", "--suite", &suite, "--fail-under", "0.5", "--fail-recall-under", "1", "--fail-coverage-under", "1"], "");
    assert_eq!(code(&held), 0, "{}", stderr(&held));
    let bounds = ["--fail-under", "0.9", "--fail-p95-over", "0", "--fail-cost-over", "1"];
    let missed = leo(&[&["eval", "--suite", &suite, "--html", &page, "--format", "json"], &bounds[..]].concat(), "");
    assert_eq!(code(&missed), 1);
    let said = stderr(&missed);
    assert!(said.contains("leo: right of all is 50.0 %, and has to be 90.0 % at least"), "{said}");
    let report: Value = serde_json::from_slice(&missed.stdout).unwrap();
    assert_eq!((report["missed"].as_array().map(Vec::len), report["per_tag"]["<b>"]["correct"].as_f64()), (Some(3), Some(1.0)));
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<h1>own.yaml</h1>") && page.contains("&lt;b&gt;") && page.contains("Bounds that are not held"));
}

#[test]
fn eval_says_what_is_wrong_with_its_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let broken = file(folder.path(), "broken.jsonl", "{\"db\": \"a\"}\n");
    let empty = file(folder.path(), "empty.jsonl", "");
    for (arguments, said) in [
        (vec!["eval", "--suite", "/nowhere.jsonl"], "there is no suite with this name"),
        (vec!["eval", "--suite", &broken], "row 1 of the suite has no `question`"),
        (vec!["eval", "--suite", &empty], "the suite has no question"),
        (vec!["eval", "--suite", &broken, "--databases", "/nowhere"], "there is no folder of databases"),
        (vec!["eval", "--suite", &broken, "--dialect", "postgres"], "only SQLite databases can be asked"),
        (vec!["eval", "--suite", &broken, "--dialect", "cobol"], "unknown dialect `cobol`"),
        // A suite that cannot be read leaves the file of results as it was.
        (vec!["eval", "--suite", &broken, "--out", "/nowhere/out.jsonl"], "row 1 of the suite"),
        (vec!["eval", "--suite", &empty, "--html", "/nowhere/page.html"], "could not create the file; check --html"),
        (vec!["eval", "--suite", &empty, "--fail-under", "80"], "is no share from 0 to 1"),
        (vec!["eval", "--suite", &empty, "--significant"], "--baseline"),
        (vec!["eval"], "--suite"),
    ] {
        let output = leo(&arguments, "");
        assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn eval_reads_every_public_suite() {
    let Some(folder) = shared("nl2sql") else { return };
    let mut suites = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        suites += 1;
        let name = path.file_stem().unwrap().to_str().unwrap();
        let databases = folder.join(if matches!(name, "sql_eval" | "unanswerable") { "sql_eval_databases" } else { "databases" });
        let (suite, databases) = (path.to_str().unwrap(), databases.to_str().unwrap());
        let output = leo(&["eval", "--suite", suite, "--databases", databases, "--limit", "4", "--format", "json"], "");
        assert_eq!(code(&output), 0, "{name}: {}", stderr(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let errors: Vec<&str> = keys(&report["by_status"]).into_iter().filter(|status| status.starts_with("error")).collect();
        assert!(errors.is_empty() && report["questions"].as_u64() >= Some(4), "{name}: {report}");
        assert_eq!(report.get("ambiguous_recognised").is_some(), name == "ambiguous", "{name}");
        assert_eq!(report.get("per_turn").is_some(), name == "dialogues_dev", "{name}");
        assert_eq!(report.get("unanswerable_recognised").is_some(), name == "unanswerable", "{name}");
    }
    assert!(suites >= 8, "{suites}");
}

const SHOP: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(12,2), status text);
CREATE TABLE audit.log (id bigint, line text);";

#[test]
fn guard_answers_each_statement() {
    let folder = tempfile::tempdir().unwrap();
    let ddl = file(folder.path(), "shop.sql", SHOP);
    let input = concat!(
        "{\"id\": \"a\", \"sql\": \"SELECT status, sum(total) AS revenue FROM orders AS o GROUP BY status\", \"kind\": \"ignored\"}\n",
        "\n",
        "{\"id\": 2, \"sql\": \"DROP TABLE orders\"}\n",
        "{\"id\": 3, \"sql\": 5}\n",
        "not JSON\n",
        "{\"id\": 4, \"sql\": \"SELECT line FROM audit.log WHERE id = $1\", \"params\": [7]}\n",
        "{\"sql\": \"SELECT password FROM users\"}",
    );
    let output = leo(&["guard", "--dialect", "postgres", "--ddl", &ddl, "--format", "json"], input);
    assert_eq!(code(&output), 2);
    let rows = json_lines(&output);
    assert_eq!(rows.len(), 6);
    assert_eq!(
        keys(&rows[0]),
        ["id", "verdict", "rules", "findings", "rewritten", "tables", "columns", "functions", "lineage", "micros"]
    );
    let mut first = rows[0].clone();
    first["micros"] = 0.into();
    assert_eq!(
        first,
        serde_json::json!({
            "id": "a", "verdict": "allow", "rules": [], "findings": [],
            "rewritten": "SELECT status, sum(total) AS revenue FROM public.orders AS o GROUP BY status LIMIT 5001",
            "tables": ["orders"], "columns": ["orders.status", "orders.total"], "functions": ["sum"],
            "lineage": [{"column": "status", "sources": ["orders.status"]}, {"column": "revenue", "sources": ["orders.total"]}],
            "micros": 0
        })
    );
    assert_eq!((&rows[1]["verdict"], &rows[1]["rules"]), (&"block".into(), &serde_json::json!(["not_a_query"])));
    assert_eq!((&rows[2]["id"], &rows[2]["line"], rows[2]["verdict"].is_null()), (&3.into(), &4.into(), true));
    assert_eq!((rows[3].get("id"), &rows[3]["line"]), (None, &5.into()));
    assert!(rows[3]["error"].as_str().unwrap().contains("`sql`"));
    assert_eq!((&rows[4]["verdict"], &rows[4]["tables"]), (&"allow".into(), &serde_json::json!(["audit.log"])));
    assert_eq!((&rows[5]["id"], &rows[5]["verdict"]), (&Value::Null, &"block".into()));

    let output = leo(&["guard", "--dialect", "postgres", "--ddl", &ddl], "{\"id\": \"a\", \"sql\": \"DROP TABLE orders\"}\n");
    let said = stdout(&output);
    assert!(code(&output) == 0 && said.starts_with("a ") && said.contains("block") && said.contains("not_a_query:"), "{said}");
}

#[test]
fn guard_answers_a_line_before_it_reads_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let ddl = file(folder.path(), "shop.sql", SHOP);
    let mut child = Command::new(env!("CARGO_BIN_EXE_leo"))
        .args(["guard", "--dialect", "postgres", "--ddl", &ddl, "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), std::io::BufReader::new(child.stdout.take().unwrap()));
    for id in 0..3 {
        writeln!(input, "{{\"id\": {id}, \"sql\": \"SELECT id FROM orders\"}}").unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut output, &mut line).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["id"], id);
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn guard_obeys_the_policy_and_knows_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let company = leo::sample::create(folder.path().join("company.db")).unwrap().path;
    let company = company.to_str().unwrap();
    let policy = file(
        folder.path(),
        "policy.json",
        r#"{"deny_tables": ["employees"], "tables": {"customers": {"deny_columns": ["email"]}}}"#,
    );
    let input = concat!(
        "{\"id\": 1, \"sql\": \"SELECT count(*) FROM customers\"}\n",
        "{\"id\": 2, \"sql\": \"SELECT email FROM customers\"}\n",
        "{\"id\": 3, \"sql\": \"SELECT * FROM employees\"}\n",
    );
    let verdicts = |policy: &[&str]| -> Vec<String> {
        let arguments = [&["guard", "--dialect", "sqlite", "--db", company, "--format", "json"], policy].concat();
        let output = leo(&arguments, input);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        json_lines(&output).iter().map(|row| row["verdict"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(verdicts(&[]), ["allow", "allow", "allow"]);
    assert_eq!(verdicts(&["--policy", &policy, "--user", "region=north", "--user", "ids=[1, 2]"]), ["rewrite", "block", "block"]);

    let typo = file(folder.path(), "typo.json", r#"{"tables": {"custmers": {}}}"#);
    let wrong = file(folder.path(), "wrong.json", r#"{"deny": []}"#);
    for (arguments, said) in [
        (vec!["--db", company, "--policy", &typo], "`custmers`"),
        (vec!["--db", company, "--policy", &wrong], "unknown field `deny`"),
        (vec!["--db", company, "--user", "region"], "NAME=VALUE"),
        (vec!["--db", "/nowhere.db"], "no"),
        (vec!["--ddl", "/nowhere.sql"], "there is no file"),
        (vec![], "--db or --ddl"),
    ] {
        let output = leo(&[&["guard", "--dialect", "sqlite"], arguments.as_slice()].concat(), input);
        assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn guard_keeps_personal_data_from_a_user_when_it_is_told_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let ddl = file(folder.path(), "shop.sql", "CREATE TABLE customers (id bigint, email text, phone text, region text);");
    let policy = file(folder.path(), "policy.json", r#"{"show_personal_data": false, "min_group_size": 5}"#);
    let input = concat!(
        "{\"sql\": \"SELECT email AS mail, region FROM customers\"}\n",
        "{\"sql\": \"SELECT id FROM customers WHERE phone LIKE '+49%'\"}\n",
        "{\"sql\": \"SELECT region, count(*) AS n FROM customers GROUP BY region\"}\n",
    );
    let rows = |arguments: &[&str]| {
        let arguments = [&["guard", "--dialect", "postgres", "--ddl", &ddl, "--format", "json"], arguments].concat();
        let output = leo(&arguments, input);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        json_lines(&output)
    };
    let verdicts = |rows: &[Value]| rows.iter().map(|row| row["verdict"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let marked = ["--personal", "customers.email=Email", "--personal", "public.customers.phone=phone"];
    let kept = rows(&[&["--policy", policy.as_str()], &marked[..]].concat());
    assert_eq!(verdicts(&kept), ["allow", "needs_approval", "rewrite"]);
    assert_eq!((&kept[0]["lineage"][0]["redacted"], &kept[0]["lineage"][1]["redacted"]), (&"email".into(), &Value::Null));
    assert_eq!((&kept[1]["rules"][0], &kept[2]["rules"][0]), (&"personal_data".into(), &"small_groups".into()));
    // Neither the policy nor the marks keep anything by themselves.
    assert_eq!(verdicts(&rows(&["--policy", &policy])), ["allow"; 3]);
    assert_eq!(verdicts(&rows(&marked)), ["allow"; 3]);

    for (mark, said) in [
        ("customers.mail=email", "`customers.mail`"),
        ("email=email", "TABLE.COLUMN=KIND"),
        ("customers.email", "TABLE.COLUMN=KIND"),
    ] {
        let output = leo(&["guard", "--dialect", "postgres", "--ddl", &ddl, "--personal", mark], input);
        assert!(code(&output) == 2 && stderr(&output).contains(said), "{mark}: {}", stderr(&output));
    }
}

#[test]
fn guard_refuses_the_public_attacks_and_allows_the_honest_statements() {
    let Some(path) = shared("guard/statements.jsonl") else { return };
    let rows: Vec<Value> =
        std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut vetted = 0;
    for dialect in ["sqlite", "postgres", "mysql", "tsql", "bigquery"] {
        let own: Vec<&Value> = rows.iter().filter(|row| row["dialect"] == dialect).collect();
        let ddl = shared(&format!("guard/schema.{dialect}.sql")).unwrap();
        let input: String = own.iter().map(|row| format!("{row}\n")).collect();
        let output = leo(&["guard", "--dialect", dialect, "--ddl", ddl.to_str().unwrap(), "--format", "json"], &input);
        assert_eq!(code(&output), 0);
        for (row, reply) in own.iter().zip(json_lines(&output)) {
            assert_eq!(row["id"], reply["id"]);
            let refused = matches!(reply["verdict"].as_str(), Some("block" | "needs_approval"));
            assert_eq!(refused, row["expect"] == "refuse", "{row}: {reply}");
            vetted += 1;
        }
    }
    assert_eq!(vetted, rows.len());
}

/// An audit file with the records of one question.
async fn audited(path: &Path) {
    let shop = SqliteSource::from_sql("shop", "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2)")
        .unwrap();
    let sink = Arc::new(JsonLinesSink::open(path, JsonLinesOptions::default()).unwrap());
    let leo = Leo::builder().preset(Preset::Local).source(Source::new(shop)).audit(sink).build().unwrap();
    leo.ask("How many orders are there?").await.unwrap();
    leo.close().await.unwrap();
}

#[tokio::test]
async fn audit_verifies_and_shows_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    audited(&path).await;
    let name = path.to_str().unwrap();
    let output = leo(&["audit", "verify", name, "--format", "json"], "");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), &report["intact"], &report["segments"]), (0, &true.into(), &1.into()));
    assert_eq!(report["attempts_without_outcome"], serde_json::json!([]));
    let (head, records) = (report["head"]["hash"].as_str().unwrap(), report["records"].as_u64().unwrap());
    assert!(records >= 3 && report["head"]["count"].as_u64() == Some(records));

    let expect = |head: &str, count: u64| {
        let output = leo(&["audit", "verify", name, "--expect-head", head, "--expect-count", &count.to_string()], "");
        (code(&output), stdout(&output))
    };
    assert_eq!(expect(head, records).0, 0);
    let (cut, said) = expect(head, records + 1);
    assert!(cut == 6 && said.contains("removed from the end"), "{said}");
    assert_eq!(expect(&"0".repeat(64), records).0, 6);

    let output = leo(&["audit", "tail", name, "-n", "2", "--format", "json"], "");
    let tail: Value = serde_json::from_slice(&output.stdout).unwrap();
    let newest = tail["records"].as_array().unwrap();
    assert_eq!((newest.len(), newest[1]["seq"].as_u64()), (2, Some(records)));
    assert_eq!(newest[1]["event"]["action"], "question");
    let said = stdout(&leo(&["audit", "tail", name], ""));
    assert_eq!(said.lines().count() as u64, records);
    assert!(said.lines().last().unwrap().contains("How many orders are there?"), "{said}");
}

#[tokio::test]
async fn audit_names_the_first_bad_record_and_what_was_never_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    audited(&path).await;
    let sound = std::fs::read_to_string(&path).unwrap();
    let name = path.to_str().unwrap();

    std::fs::write(&path, sound.replacen("\"user\":\"local\"", "\"user\":\"nobody\"", 2)).unwrap();
    let output = leo(&["audit", "verify", name], "");
    assert_eq!(code(&output), 6);
    assert!(stdout(&output).starts_with("damaged: record 1 is the first bad one (hash)"), "{}", stdout(&output));
    let output = leo(&["audit", "verify", name, "--format", "json"], "");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), &report["intact"], &report["first_bad"]["line"]), (6, &false.into(), &1.into()));

    // The process ended behind the announcement, in the middle of the next record.
    let announced: String = sound.split_inclusive('\n').take(1).collect();
    std::fs::write(&path, announced + "{\"event\":{\"act").unwrap();
    let output = leo(&["audit", "verify", name], "");
    let said = stdout(&output);
    assert_eq!(code(&output), 0);
    assert!(said.contains("announced, without an outcome:") && said.contains("tool_invocation"), "{said}");
    assert!(said.contains("14 bytes were being written"), "{said}");

    for arguments in [["audit", "verify", "/nowhere.jsonl"], ["audit", "tail", "/nowhere.jsonl"]] {
        let output = leo(&arguments, "");
        assert!(code(&output) == 2 && stderr(&output).contains("there is no such audit file"));
    }
}

#[tokio::test]
async fn audit_shows_no_control_characters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let sink = JsonLinesSink::open(&path, JsonLinesOptions::default()).unwrap();
    let mut asked = event(&Context::new("t", "u").unwrap(), "question");
    asked.question = Some("red \u{1b}[31m\n line".into());
    leo::adapter::AuditSink::append(&sink, vec![asked]).await.unwrap();
    drop(sink);
    let said = stdout(&leo(&["audit", "tail", path.to_str().unwrap()], ""));
    assert!(said.ends_with("red [31m line\n") && !said.contains('\u{1b}'), "{said:?}");
}
