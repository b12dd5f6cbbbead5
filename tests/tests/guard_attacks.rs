//! Hostile text: published attacks are refused, payloads and noise never panic, and what passes is one query.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use leo::Dialect;
use leo::catalog::Catalog;
use leo::finding::Verdict;
use leo_tests::guard::{check, rules, shared};
use proptest::prelude::*;

fn rows(path: &std::path::Path) -> Vec<serde_json::Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn catalogs() -> BTreeMap<Dialect, Catalog> {
    Dialect::ALL
        .iter()
        .map(|dialect| {
            let ddl = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("guard/schema.sql")).unwrap();
            let ddl = if *dialect == Dialect::Bigquery {
                ddl.replace("CREATE TABLE ", "CREATE TABLE shop.main.").replace("CREATE VIEW ", "CREATE VIEW shop.main.")
            } else {
                ddl
            };
            (*dialect, Catalog::from_ddl(*dialect, &ddl).unwrap())
        })
        .collect()
}

#[test]
fn published_statements_get_the_verdict_they_should() {
    let Some(file) = shared("guard/statements.jsonl") else { return };
    let mut catalogs: BTreeMap<String, Catalog> = BTreeMap::new();
    let (mut refused, mut allowed, mut wrong) = (0, 0, Vec::new());
    for row in rows(&file) {
        let name = row["dialect"].as_str().unwrap();
        let catalog = catalogs.entry(name.to_owned()).or_insert_with(|| {
            let ddl = std::fs::read_to_string(shared(&format!("guard/schema.{name}.sql")).unwrap()).unwrap();
            Catalog::from_ddl(name.parse().unwrap(), &ddl).unwrap()
        });
        let vetting = check(catalog, row["sql"].as_str().unwrap());
        let passes = vetting.verdict <= Verdict::Rewrite;
        match row["expect"].as_str().unwrap() {
            "refuse" => refused += 1,
            _ => allowed += 1,
        }
        if passes == (row["expect"] == "refuse") {
            wrong.push(format!("{} {} {}: {:?} {:?}", row["id"], name, row["sql"], vetting.verdict, rules(&vetting)));
        }
    }
    println!("{refused} to refuse, {allowed} to allow, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused + allowed > 0);
}

#[test]
fn payloads_never_panic_and_what_passes_reads_only_the_catalogue() {
    let Some(file) = shared("guard/injection_payloads.jsonl") else { return };
    let catalogs = catalogs();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let payloads = rows(&file);
    for row in &payloads {
        let text = row["text"].as_str().unwrap();
        for catalog in catalogs.values() {
            for sql in [
                text.to_owned(),
                format!("SELECT name FROM customers WHERE name = '{text}'"),
                format!("SELECT name FROM customers WHERE id = {text}"),
                format!("SELECT name FROM customers ORDER BY {text}"),
                format!("SELECT \"{text}\" FROM customers"),
            ] {
                let vetting = check(catalog, &sql);
                *counts.entry(vetting.verdict.as_str()).or_default() += 1;
                if let Some(vetted) = &vetting.vetted {
                    one_query(catalog.dialect, vetted.sql());
                }
            }
        }
    }
    println!("{} payloads, 5 places, 6 dialects: {counts:?}", payloads.len());
    assert!(!payloads.is_empty());
}

#[test]
fn statements_that_models_wrote_under_attack() {
    let Some(file) = shared("guard/prompt_to_sql_attacks.jsonl") else { return };
    let catalogs = catalogs();
    let (mut statements, mut passed) = (0, 0);
    for row in rows(&file) {
        for sql in row["sql_written_by_model"].as_array().unwrap() {
            let vetting = check(&catalogs[&Dialect::Postgres], sql.as_str().unwrap());
            statements += 1;
            passed += usize::from(vetting.vetted.is_some());
        }
    }
    println!("{statements} statements, {passed} read only the catalogue");
}

#[test]
fn t_sql_as_people_write_it() {
    let Some(file) = shared("guard/tsql_stackexchange.jsonl") else { return };
    let catalog = &catalogs()[&Dialect::Tsql];
    let mut by_rule: BTreeMap<String, usize> = BTreeMap::new();
    let rows = rows(&file);
    let mut parsed = 0;
    for row in &rows {
        let vetting = check(catalog, row["sql"].as_str().unwrap());
        let first = vetting.findings.first().map_or("none".to_owned(), |finding| finding.rule.clone());
        // Its tables do not exist here: a statement that gets as far as that was parsed.
        parsed += usize::from(!matches!(first.as_str(), "syntax" | "malformed_text" | "multiple_statements" | "too_large"));
        *by_rule.entry(first).or_default() += 1;
        if std::env::var_os("LEO_ALL").is_some()
            && let Some(finding) = vetting.findings.iter().find(|finding| !finding.rule.starts_with("unknown_"))
        {
            println!("    {}: {}", finding.rule, finding.message);
        }
    }
    println!("{} statements, {parsed} parsed as one, first findings {by_rule:?}", rows.len());
}

/// Checks with the parser alone that a text is exactly one query.
fn one_query(dialect: Dialect, sql: &str) {
    use sqlparser::ast::Statement;
    if let Ok(statements) = sqlparser::parser::Parser::parse_sql(leo_tests::shape::grammar(dialect), sql) {
        assert!(matches!(statements.as_slice(), [Statement::Query(_)]), "{dialect} {sql}");
    }
}

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "orders",
    "customers",
    "id",
    "name",
    "total",
    "*",
    ",",
    "(",
    ")",
    "'x'",
    "\"x\"",
    "`x`",
    "[x]",
    "1",
    "-",
    "--",
    "/*",
    "*/",
    ";",
    "=",
    "<>",
    "AND",
    "OR",
    "NOT",
    "IN",
    "UNION",
    "ALL",
    "WITH",
    "RECURSIVE",
    "AS",
    "t",
    "JOIN",
    "ON",
    "USING",
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "count",
    "(*)",
    "OVER",
    "PARTITION BY",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "::int",
    "CAST",
    "EXISTS",
    "INSERT INTO",
    "DELETE",
    "DROP TABLE",
    "INTO",
    "VALUES",
    "LATERAL",
    "TABLE",
    "UNNEST",
    "$1",
    "?",
    "@p1",
    "@v",
    "$$",
    "N'",
    "E'\\'",
    "'",
    "\"",
    "\\",
    "||",
    "->>",
    "IS",
    "NULL",
    "LIKE",
    ".",
    "..",
    "#",
    "/*!",
    "EXEC",
    "pg_sleep",
    "FOR UPDATE",
    "OFFSET",
    "FETCH",
    "TOP",
    "\u{a0}",
    "é",
    "🦀",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn token_soup_never_panics(words in prop::collection::vec(0..WORDS.len(), 0..40), dialect in 0usize..6, spaced in any::<bool>()) {
        thread_local!(static CATALOGS: BTreeMap<Dialect, Catalog> = catalogs());
        let dialect = Dialect::ALL[dialect];
        let words: Vec<&str> = words.into_iter().map(|at| WORDS[at]).collect();
        let sql = words.join(if spaced { " " } else { "" });
        for sql in [sql.clone(), format!("SELECT {sql} FROM orders"), format!("SELECT * FROM orders WHERE {sql}")] {
            CATALOGS.with(|catalogs| {
                let vetting = check(&catalogs[&dialect], &sql);
                if let Some(vetted) = &vetting.vetted {
                    one_query(dialect, vetted.sql());
                }
            });
        }
    }

    #[test]
    fn any_text_never_panics(sql in ".{0,300}", dialect in 0usize..6) {
        thread_local!(static CATALOGS: BTreeMap<Dialect, Catalog> = catalogs());
        CATALOGS.with(|catalogs| check(&catalogs[&Dialect::ALL[dialect]], &sql));
    }
}

/// Long chains overflow the stack of a parser that recurses; nested text makes it run forever.
#[test]
fn long_and_deep_text_is_answered_on_a_small_stack() {
    let catalogs = catalogs();
    let run = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        let repeat = |part: &str, times: usize| part.repeat(times);
        let mut sizes = Vec::new();
        for times in [30, 60, 90, 100, 400, 499, 2_000, 20_000] {
            for sql in [
                format!("SELECT id FROM orders WHERE id = 1{}", repeat(" OR id = 1", times)),
                format!("SELECT 1{} FROM orders", repeat(" + 1", times)),
                format!("SELECT id FROM orders{}", repeat(" UNION SELECT id FROM orders", times)),
                format!("SELECT a, b FROM (SELECT 1 AS a, 2 AS b) t{}", repeat(" UNION SELECT 1, 2", times)),
                format!("SELECT {}1{} FROM orders", repeat("(", times), repeat(")", times)),
                format!("SELECT {}1 FROM orders", repeat("NOT ", times)),
                format!("SELECT {}1 FROM orders", repeat("- ", times)),
                format!("SELECT 1{} FROM orders", repeat(" IS NULL", times)),
                format!("SELECT 1{} FROM orders", repeat("::int", times)),
                format!("SELECT 1{} FROM orders", repeat(" COLLATE nocase", times)),
                format!("SELECT {}id{} FROM orders", repeat("CASE WHEN id = 1 THEN ", times), repeat(" END", times)),
                format!("SELECT {}1{}", repeat("(SELECT ", times), repeat(")", times)),
                format!("SELECT * FROM {}orders{}", repeat("(SELECT * FROM ", times), repeat(") t", times)),
                format!("SELECT * FROM orders{}", repeat(" JOIN orders ON 1 = 1", times)),
                format!("SELECT * FROM orders{}", repeat(", orders", times)),
                format!("SELECT abs({}1{}) FROM orders", repeat("abs(", times), repeat(")", times)),
                format!("SELECT id FROM orders WHERE id IN ({}1)", repeat("1,", times)),
                format!("SELECT a{} FROM orders", repeat("[1]", times)),
                format!("SELECT id{} FROM orders", repeat(" AT TIME ZONE 'utc'", times)),
                format!("SELECT {}'1' FROM orders", repeat("BINARY ", times)),
                format!("WITH {}z AS (SELECT 1) SELECT 1", repeat("x AS (SELECT 1), ", times)),
            ] {
                for (dialect, catalog) in &catalogs {
                    if sql.len() > 30_000 && *dialect != Dialect::Sqlite {
                        continue;
                    }
                    sizes.push((check(catalog, &sql).micros, times, sql.get(..60).unwrap_or("").to_owned(), *dialect));
                }
            }
        }
        sizes.sort();
        println!("slowest: {:?}", sizes.last().unwrap());
        assert!(sizes.last().unwrap().0 < 10_000_000);
    });
    run.unwrap().join().unwrap();
}
