//! The sample company as its users meet it: one file per machine, whoever asks first.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::process::{Command, Stdio};

use rusqlite::{Connection, OpenFlags};

/// Not a test of its own: what the processes below run.
#[test]
#[ignore = "run by many_processes_share_one_file"]
fn opens_the_cached_sample() {
    let info = leo::sample::open_or_create_cached().unwrap();
    println!("sample:{}:{}", info.rows, info.path.display());
}

#[test]
fn many_processes_share_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..4)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "opens_the_cached_sample", "--ignored", "--nocapture"])
                .env("LEO_CACHE_DIR", folder.path())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut said = std::collections::BTreeSet::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        said.insert(text.lines().find_map(|line| line.split("sample:").nth(1)).unwrap().to_owned());
    }
    assert_eq!(said.len(), 1, "{said:?}");
    // One finished file and nothing else.
    assert_eq!(std::fs::read_dir(folder.path().join("leo")).unwrap().count(), 1);
}

#[test]
fn it_is_like_a_real_company() {
    let folder = tempfile::tempdir().unwrap();
    let info = leo::sample::create(folder.path().join("company.db")).unwrap();
    let connection = Connection::open_with_flags(&info.path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, f64>(0)).unwrap();
    let sales = "SUM(l.unit_price * l.quantity * (1 - l.discount))";

    // A few customers bring most of the revenue.
    let top_fifth = number(&format!(
        "WITH c AS (SELECT o.customer_id, {sales} AS s FROM orders o JOIN order_lines l USING (order_id) GROUP BY 1),
              r AS (SELECT s, NTILE(5) OVER (ORDER BY s DESC) AS fifth FROM c)
         SELECT SUM(CASE fifth WHEN 1 THEN s END) / SUM(s) FROM r"
    ));
    assert!((0.6..0.9).contains(&top_fifth), "{top_fifth}");
    // Growth: each complete year sells more than the one before.
    let year = |year: i64| {
        number(&format!("SELECT {sales} FROM orders o JOIN order_lines l USING (order_id) WHERE o.order_date LIKE '{year}-%'"))
    };
    assert!(year(2024) > year(2023) * 1.1);
    // Season: June beats January in the same year.
    let month = |month: &str| number(&format!("SELECT COUNT(*) FROM orders WHERE order_date LIKE '{month}-%'"));
    assert!(month("2024-06") > month("2024-01") * 1.3);
    // Some products never sold, some customers never bought, some days are missing.
    assert!(number("SELECT COUNT(*) FROM products WHERE product_id NOT IN (SELECT product_id FROM order_lines)") >= 5.0);
    assert!(number("SELECT COUNT(*) FROM customers WHERE customer_id NOT IN (SELECT customer_id FROM orders)") >= 50.0);
    assert_eq!(number("SELECT COUNT(*) FROM orders WHERE order_date BETWEEN '2024-03-09' AND '2024-03-11'"), 0.0);
    // Every order has a line, and declared keys hold; the support system's do not.
    assert_eq!(number("SELECT COUNT(*) FROM orders WHERE order_id NOT IN (SELECT order_id FROM order_lines)"), 0.0);
    assert_eq!(number("SELECT COUNT(*) FROM pragma_foreign_key_check"), 0.0);
    assert!(number("SELECT COUNT(*) FROM support_tickets WHERE customer_id NOT IN (SELECT customer_id FROM customers)") > 10.0);
    // Sums do not depend on the order of addition: every amount is a multiple of 1/32.
    assert_eq!(
        number(
            "SELECT COUNT(*) FROM order_lines WHERE unit_price * quantity * (1 - discount) * 32 <> CAST(unit_price * quantity * (1 - discount) * 32 AS INTEGER)"
        ),
        0.0
    );
    let (first, last): (String, String) = connection
        .query_row("SELECT MIN(order_date), MAX(order_date) FROM orders", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!((first.as_str(), last.as_str()), ("2022-07-01", "2025-06-30"));
}

#[test]
fn every_manager_question_has_gold_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let info = leo::sample::create(folder.path().join("company.db")).unwrap();
    let connection = Connection::open_with_flags(&info.path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/manager_questions.jsonl");
    let mut questions = 0;
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let golds = match &row["gold"] {
            serde_json::Value::Array(golds) => golds.clone(),
            one => vec![one.clone()],
        };
        for gold in golds {
            let gold = gold.as_str().unwrap();
            let mut statement = connection.prepare(gold).unwrap_or_else(|error| panic!("{}: {error}", row["id"]));
            let rows = statement.query_map([], |_| Ok(())).unwrap().count();
            assert!(rows > 0, "{} gives no row", row["id"]);
        }
        questions += 1;
    }
    assert_eq!(questions, 40);
}
