//! Verified questions on a small shop: what they answer, and above all what they do not.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use sqlparser::ast::{Expr, Value as SqlValue, visit_expressions_mut};

use super::literals::Reading;
use super::*;
use crate::catalog::{Catalog, ColumnStatistics};
use crate::dialect::Dialect;
use crate::guard::query_tree;
use crate::knowledge::Knowledge;
use crate::value::Value;

const SHOP: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, city TEXT, country TEXT, age INTEGER, since DATE);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), status TEXT, amount REAL, year TEXT);
    CREATE TABLE airports (code TEXT PRIMARY KEY, city TEXT);
    CREATE TABLE flights (number INTEGER PRIMARY KEY, leaves TEXT REFERENCES airports (code), reaches TEXT REFERENCES airports (code));";

/// The shop, with all values of countries and cities known, and none of names.
fn index(dialect: Dialect) -> SchemaIndex {
    let mut catalog = Catalog::from_ddl(dialect, SHOP).unwrap();
    for (table, column, values) in [
        ("customers", "country", ["France", "Japan", "Cote d'Ivoire"].as_slice()),
        ("customers", "city", &["Paris", "Tokyo", "Abidjan"]),
        ("orders", "status", &["Open", "Cancelled"]),
        ("airports", "city", &["Paris", "Tokyo"]),
    ] {
        let table = catalog.tables.iter_mut().find(|known| known.name.name == table).unwrap();
        let column = table.columns.iter_mut().find(|known| known.name == column).unwrap();
        let top: Vec<(Value, u64)> = values.iter().map(|value| (Value::from(*value), 1)).collect();
        column.statistics = Some(ColumnStatistics { distinct: top.len() as u64, top, ..ColumnStatistics::default() });
    }
    SchemaIndex::build(&catalog, &Knowledge::default())
}

fn pair(question: &str, sql: &str) -> VerifiedQuery {
    VerifiedQuery { question: question.into(), sql: sql.into(), note: None }
}

fn knowing(pairs: &[VerifiedQuery]) -> Knowledge {
    Knowledge { verified: pairs.to_vec(), ..Knowledge::default() }
}

fn find(pairs: &[(&str, &str)], question: &str) -> Option<Found> {
    let index = index(Dialect::Sqlite);
    let pairs: Vec<VerifiedQuery> = pairs.iter().map(|(question, sql)| pair(question, sql)).collect();
    Verified::build(&index, &knowing(&pairs), true).find(&index, question)
}

fn sql(pairs: &[(&str, &str)], question: &str) -> Option<String> {
    find(pairs, question).map(|found| found.sql)
}

const FRANCE: (&str, &str) = ("How many customers are from France?", "SELECT count(*) FROM customers WHERE country = 'France'");

#[test]
fn the_same_words_give_the_statement_as_it_stands() {
    let odd = ("How many good customers do we have?", "SELECT  count(*)\nFROM customers -- as agreed\nWHERE age > 17");
    let found = find(&[odd], "how many GOOD customers do we have").unwrap();
    assert_eq!((found.sql.as_str(), found.is_same, found.confidence()), (odd.1, true, 1.0));
    // Of two that ask the same, the one said last.
    assert_eq!(sql(&[FRANCE, (FRANCE.0, "SELECT 1 FROM customers")], FRANCE.0).unwrap(), "SELECT 1 FROM customers");
    // Other words that say the same.
    let found = find(&[odd], "What is the number of good customers?").unwrap();
    assert_eq!((found.sql.as_str(), found.is_same), (odd.1, false));
}

#[test]
fn values_are_put_in_the_place_of_others() {
    let found = find(&[FRANCE], "What is the number of customers from japan").unwrap();
    assert_eq!(found.sql, "SELECT count(*) FROM customers WHERE country = 'Japan'");
    assert_eq!((found.question.as_str(), found.changed), (FRANCE.0, vec![("France".to_owned(), "Japan".to_owned())]));
    for (question, verified, asked, expected) in [
        // A quote in a value of the data.
        (FRANCE.0, FRANCE.1, "How many customers are from Cote d'Ivoire?", Some("country = 'Cote d''Ivoire'")),
        // Numbers, said as a word; what counts rows stays whole.
        (
            "Top 3 customers by age",
            "SELECT name FROM customers ORDER BY age DESC LIMIT 3",
            "Top five customers by age",
            Some("LIMIT 5"),
        ),
        ("Top 3 customers by age", "SELECT name FROM customers ORDER BY age DESC LIMIT 3", "Top 2.5 customers by age", None),
        ("Customers older than 30", "SELECT name FROM customers WHERE age > 30", "customers older than 41.5", Some("age > 41.5")),
        (
            "Names of customers between 20 and 30 years old",
            "SELECT name FROM customers WHERE age BETWEEN 20 AND 30",
            "Names of customers between 7 and 9 years old",
            Some("BETWEEN 7 AND 9"),
        ),
        // A year in a text, a day, a pattern.
        ("Orders of 2023", "SELECT id FROM orders WHERE year = '2023'", "Orders of 2024", Some("year = '2024'")),
        ("Orders of 2023", "SELECT id FROM orders WHERE year = '2023'", "Orders of 24", None),
        (
            "Customers since 2023-01-05",
            "SELECT name FROM customers WHERE since >= '2023-01-05'",
            "Customers since 2024-02-29",
            Some("since >= '2024-02-29'"),
        ),
        (
            "Customers whose name contains \"Ann\"",
            "SELECT id FROM customers WHERE name LIKE '%Ann%'",
            "customers whose name contains \"O'Hara\"",
            Some("LIKE '%O''Hara%'"),
        ),
        // SQLite takes a name in double quotes that no column has for a text.
        (
            "Customers from France",
            "SELECT name FROM customers WHERE country = \"France\"",
            "Customers from Japan",
            Some("country = 'Japan'"),
        ),
        // Spelled as the statement spells, which is not as the column does.
        (
            "Customers from france",
            "SELECT name FROM customers WHERE country = 'france'",
            "Customers from japan",
            Some("= 'japan'"),
        ),
        ("Customers from france", "SELECT name FROM customers WHERE lower(country) = 'france'", "Customers from \"Japan\"", None),
        (
            "Customers from France",
            "SELECT name FROM customers WHERE lower(country) = 'france'",
            "Customers from \"Japan\"",
            Some("= 'japan'"),
        ),
        // Both parts of a comparison with one value.
        (
            "Customers from France who ordered, and orders from France",
            "SELECT id FROM customers WHERE country = 'France' UNION SELECT id FROM orders WHERE status = 'Open'",
            "Customers from Japan who ordered, and orders from Japan",
            None,
        ),
    ] {
        let found = sql(&[(question, verified)], asked);
        match expected {
            Some(expected) => assert!(found.as_ref().is_some_and(|sql| sql.ends_with(expected)), "{asked}: {found:?}"),
            None => assert_eq!(found, None, "{asked}"),
        }
    }
}

#[test]
fn what_asks_for_something_else_is_not_like_it() {
    let huge = ("Customer 9007199254740993", "SELECT name FROM customers WHERE id = 9007199254740993");
    assert_eq!(sql(&[huge], "Customer 5"), None);
    for (verified, asked) in [
        ("Name of the oldest customer", "Name of the youngest customer"),
        ("Customers with the highest age", "Customers with the lowest age"),
        ("Customers from France", "Customers not from France"),
        ("Customers who have orders", "Customers who have no orders"),
        ("Customers with at least 3 orders", "Customers with at most 3 orders"),
        ("Average amount of orders", "Total amount of orders"),
        ("How many customers are there?", "How many different customers are there?"),
        ("Number of orders per year", "Number of orders per customer"),
        ("Number of customers", "Number of customers per country"),
        ("Number of customers per country", "Number of customers"),
        ("Names of customers", "Names and ages of customers"),
        ("Names and ages of customers", "Names of customers"),
        ("Names of all customers", "Names of all customers that churned"),
        ("Customers by age", "Customers by age in descending order"),
        ("Customers from France", "Customers from Japan who are older than 30"),
        // No country is called so.
        ("Customers from France", "Customers from Atlantis"),
        ("Customers named C++", "Customers named C"),
        ("Balances below -5", "Balances below 5"),
        ("Balances below 5", "Balances below -5"),
        ("Customers with blood group A-", "Customers with blood group A"),
        ("Customers who bought all items", "Customers who bought items"),
        ("Orders this month", "Orders of the month"),
        ("Orders after 5", "Orders over 5"),
        // Said twice, and the first time for the result.
        ("Name and country of customers with country France", "Name of customers with country France"),
        ("Name of customers with country France", "Name and country of customers with country France"),
    ] {
        let shown = if verified.contains(" and country") { "name, country" } else { "name" };
        let statement = &format!("SELECT {shown} FROM customers WHERE country = 'France'");
        assert_eq!(sql(&[(verified, statement)], asked), None, "{verified} / {asked}");
    }
}

#[test]
fn which_way_something_goes_is_kept() {
    let flights = (
        "Flights from Paris to Tokyo",
        "SELECT number FROM flights JOIN airports AS a ON leaves = a.code JOIN airports AS b ON reaches = b.code \
         WHERE a.city = 'Paris' AND b.city = 'Tokyo'",
    );
    let back = sql(&[flights], "Flights from Tokyo to Paris").unwrap();
    assert!(back.ends_with("a.city = 'Tokyo' AND b.city = 'Paris'"), "{back}");
    let back = sql(&[flights], "Flights to Paris from Tokyo");
    assert_eq!(back, None);
}

#[test]
fn of_two_that_fit_alike_none_is_taken() {
    let other = ("Number of customers from Tokyo", "SELECT count(*) FROM customers WHERE city = 'Tokyo'");
    let third = ("How many customers are from Japan", "SELECT count(*)  FROM customers WHERE country = 'Japan'");
    // Two that say the same agree.
    assert!(sql(&[FRANCE, third], "Number of customers from Cote d'Ivoire").is_some());
    assert!(sql(&[FRANCE, other], "How many customers are from Paris?").unwrap().ends_with("city = 'Paris'"));
    let twice = ("Customers from France", "SELECT name FROM customers WHERE country = 'France'");
    let same = ("Which customers are from Japan?", "SELECT id FROM customers WHERE country = 'Japan'");
    assert_eq!(sql(&[twice, same], "the customers from Cote d'Ivoire"), None);
}

#[test]
fn pairs_that_cannot_be_read_are_left_out() {
    for broken in
        ["", "SELECT", "DROP TABLE customers", "SELECT 1; SELECT 2", "SELECT x FROM nowhere WHERE country = 'France'", "'"]
    {
        assert_eq!(sql(&[("Customers from France", broken)], "Customers from Japan"), None, "{broken}");
    }
    let deep = format!("SELECT {}1{} FROM customers", "(".repeat(3_000), ")".repeat(3_000));
    let long = format!("SELECT name FROM customers WHERE age = 1{}", " OR age = 1".repeat(5_000));
    assert_eq!(sql(&[("Customers of age 1", &deep), ("Customers aged 1", &long)], "Customers of age 2"), None);
    assert_eq!(find(&[], "Customers from Japan"), None);
    assert_eq!(find(&[("", "SELECT 1"), ("?", "SELECT 1")], "?"), None);
}

#[test]
fn who_sees_a_part_is_given_statements_about_that_part() {
    let index = index(Dialect::Sqlite);
    let known = |sql: &str| {
        let verified = Verified::build(&index, &knowing(&[pair("Customers of France", sql)]), false);
        verified.find(&index, "Customers of France").is_some()
    };
    assert!(known("SELECT c.name AS who FROM customers AS c WHERE country = \"France\" ORDER BY who"));
    assert!(known("WITH t (n) AS (SELECT name FROM customers) SELECT n FROM t"));
    assert!(!known("SELECT salary FROM customers"));
    assert!(!known("SELECT name FROM customers JOIN secrets ON true"));
    assert!(!known("SELECT name FROM customers WHERE id IN (SELECT id FROM customers WHERE salary > 3)"));
}

#[test]
fn hostile_questions_stay_values_or_nothing() {
    let named = ("Age of the customer named \"Ann\"", "SELECT age FROM customers WHERE name = 'Ann'");
    let injected = sql(&[named], "Age of the customer named \"x' OR 1=1; DROP TABLE customers --\"").unwrap();
    assert_eq!(injected, "SELECT age FROM customers WHERE name = 'x'' OR 1=1; DROP TABLE customers --'");
    // A backslash is an escape to some servers.
    assert_eq!(sql(&[named], r#"Age of the customer named "x\' OR 1=1 --""#), None);
    assert_eq!(sql(&[named], &format!("Age of the customer named \"{}\"", "x".repeat(999))), None);
    let many: Vec<(String, String)> = (0..500)
        .map(|at| {
            let question = format!("Customers {at} between 20 and 30 and from France or \"Tokyo\"");
            (
                question,
                "SELECT id FROM customers WHERE age BETWEEN 20 AND 30 AND (country = 'France' OR city = 'Tokyo')".to_owned(),
            )
        })
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(question, sql)| (question.as_str(), sql.as_str())).collect();
    let began = Instant::now();
    let long = "customers 7 between 20 and 30 and from France or Tokyo ".repeat(18);
    assert_eq!(sql(&many, &long), None);
    assert_eq!(sql(&many, &"7 ".repeat(100_000)), None);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

/// The statement with every literal the same.
fn shape(dialect: Dialect, sql: &str) -> String {
    let mut tree = query_tree(dialect, sql).unwrap();
    let _ = visit_expressions_mut(&mut tree, |expr| {
        if let Expr::Value(value) = expr {
            value.value = SqlValue::Null;
        }
        ControlFlow::<()>::Continue(())
    });
    tree.to_string()
}

proptest! {
    #[test]
    fn nothing_but_values_ever_changes(text in ".{0,40}", number in "[0-9.'\\-e]{0,12}", at in 0usize..6) {
        let dialect = Dialect::ALL[at % Dialect::ALL.len()];
        let index = index(dialect);
        let verified = "SELECT name FROM customers WHERE name = 'Ann' AND country LIKE '%x%' AND age > 30 AND city IN ('a', 'b')";
        let reading = Reading::of(&index, verified).unwrap();
        prop_assert_eq!(reading.literals.len(), 5);
        for literal in 0..5 {
            for value in [&text, &number] {
                if let Some(changed) = reading.with(&[(literal, value.clone())]) {
                    prop_assert_eq!(shape(dialect, &changed), shape(dialect, verified));
                    // BigQuery's quote in a text is an escape, which is never read as a value again.
                    if dialect == Dialect::Bigquery && value.contains('\'') {
                        continue;
                    }
                    let again = Reading::of(&index, &changed).unwrap();
                    prop_assert_eq!(&again.literals[literal].text, value);
                    for other in (0..5).filter(|other| *other != literal) {
                        prop_assert_eq!(&again.literals[other].text, &reading.literals[other].text);
                    }
                }
            }
        }
    }

    #[test]
    fn any_question_is_looked_at_without_panic(question in ".{0,200}", sql in ".{0,100}") {
        let index = index(Dialect::Sqlite);
        let pairs = [pair(&question, &sql), pair(&question, FRANCE.1), pair(FRANCE.0, FRANCE.1)];
        let verified = Verified::build(&index, &knowing(&pairs), true);
        for asked in [&question, &sql] {
            if let Some(found) = verified.find(&index, asked) {
                prop_assert!(found.is_same || query_tree(Dialect::Sqlite, &found.sql).is_some());
            }
        }
    }
}

#[test]
fn what_people_call_things_is_the_same_question() {
    let said = "
        synonyms:
          - { words: clients, table: customers }
          - { words: \"parties of the first part\", table: customers }
          - { words: state, column: customers.country }
          - { words: hubs, table: airports }
          - { words: volume, column: orders.amount }
        glossary:
          - { term: big order, means: An order of more than 100., synonyms: [whale] }
        verified:
          - { question: \"How many customers are from France?\", sql: \"SELECT count(*) FROM customers WHERE country = 'France'\" }
          - { question: \"How many big orders are there?\", sql: \"SELECT count(*) FROM orders WHERE amount > 100\" }
          - { question: \"How many customers for each country?\", sql: \"SELECT country, count(*) FROM customers GROUP BY country\" }";
    let knowledge = crate::knowledge::read_yaml(said).unwrap();
    let index = SchemaIndex::build(index(Dialect::Sqlite).catalog(), &knowledge);
    let verified = Verified::build(&index, &knowledge, true);
    let sql = |question: &str| verified.find(&index, question).map(|found| found.sql);
    let japan = "SELECT count(*) FROM customers WHERE country = 'Japan'";
    assert_eq!(sql("How many clients are from Japan?").as_deref(), Some(japan));
    assert_eq!(sql("How many parties of the first part are from Japan?").as_deref(), Some(japan));
    assert_eq!(sql("How many clients for each state?").unwrap(), "SELECT country, count(*) FROM customers GROUP BY country");
    assert!(sql("How many whales are there?").unwrap().contains("amount > 100"));
    // What is said of another table is another question.
    assert_eq!(sql("How many hubs are from Japan?"), None);
    assert_eq!(sql("How many volumes are from Japan?"), None);
}
