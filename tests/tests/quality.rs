//! The statement that a failing check shows counts on real servers what the check counted.

use std::collections::BTreeSet;

use leo::builder::Source;
use leo::catalog::{CheckKind, QualityCheck, TableName};
use leo::settings::Preset;
use leo::sync::SyncOptions;
use leo::{Leo, Value};

/// Faults of all kinds that an engine lets happen, and a table that is about to lose its rows.
const TABLES: &str = "
CREATE TABLE q_customers (id int PRIMARY KEY, name varchar(80));
CREATE TABLE q_shipments (id int PRIMARY KEY, customer_id int, name varchar(80), email varchar(80), quantity int, created_at timestamp NULL);
CREATE TABLE q_visits (id int PRIMARY KEY, seen_at timestamp NULL);
CREATE TABLE q_empty (id int PRIMARY KEY);
CREATE TABLE q_losing (id int PRIMARY KEY);
";

/// The rows, and what follows for the customers that are not there; `rows` makes the numbers from 1 to 40 as `n`.
fn fill(rows: &str) -> String {
    format!(
        "INSERT INTO q_customers SELECT n, 'customer' FROM {rows};
INSERT INTO q_shipments SELECT n, CASE WHEN n <= 3 THEN 900 + n ELSE n END, CASE WHEN n > 30 THEN NULL ELSE 'parcel' END,
    CASE WHEN n <= 5 THEN 'nobody' ELSE 'ada@example.org' END, CASE WHEN n <= 7 THEN -n ELSE n END,
    CASE WHEN n <= 2 THEN '2037-01-02 03:04:05' ELSE '2024-01-02 03:04:05' END{{}} FROM {rows};
INSERT INTO q_visits SELECT n, '2020-01-02 03:04:05'{{}} FROM {rows};
INSERT INTO q_losing SELECT n FROM {rows};"
    )
}

/// Syncs twice, with rows lost in between, and compares each check that failed with what its statement counts.
async fn counts_agree(leo: &Leo, lose: impl AsyncFnOnce()) {
    let mut options = SyncOptions::default();
    if let Some(quality) = &mut options.quality {
        quality.freshness_hours = vec![(TableName::bare("q_visits"), 24)];
    }
    let mut seen = BTreeSet::new();
    leo.sync(None, &options, &|_| {}).await.unwrap();
    seen.extend(compare(leo).await);
    lose().await;
    // Statistics of a server may come late; what is named is read.
    leo.sync(None, &options, &|_| {}).await.unwrap();
    seen.extend(compare(leo).await);
    let expected = [
        "q_empty volume 1",
        "q_losing volume 30",
        "q_shipments completeness(name) 10",
        "q_shipments references(customer_id->q_customers) 3",
        "q_shipments validity.email(email) 5",
        "q_shipments validity.future(created_at) 2",
        "q_shipments validity.negative(quantity) 7",
        "q_visits freshness(seen_at) 1",
    ];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

/// What failed, as `table check count`, once its statement was run as anybody's is and counted the same.
async fn compare(leo: &Leo) -> Vec<String> {
    let catalog = leo.catalog(None).await.unwrap();
    let mut failed = Vec::new();
    for table in catalog.tables.iter().filter(|table| table.name.name.starts_with("q_")) {
        let checks = table.quality.iter().flat_map(|quality| &quality.checks);
        for check in checks.filter(|check| !check.passed) {
            let sql = check.sql.as_deref().unwrap_or_else(|| panic!("{}: no statement for {check:?}", table.name));
            let answer = leo.sql(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            let rows = answer.table.unwrap_or_else(|| panic!("{sql}: no rows"));
            assert_eq!((rows.num_rows(), rows.num_columns()), (1, 1), "{sql}");
            assert!(tells(check, &rows.value(0, 0)), "{sql} tells {:?}: {check:?}", rows.value(0, 0));
            // Schemas are the engine's.
            let id = check.id.replace("->public.", "->").replace("->shop.", "->");
            failed.push(format!("{} {id} {}", table.name.name, check.offending));
        }
    }
    failed
}

/// Whether what the statement gave is what the check counted: the rows that are left, the latest moment, or the rows that offend.
fn tells(check: &QualityCheck, value: &Value) -> bool {
    let counted = match value {
        Value::Int(counted) => u64::try_from(*counted).ok(),
        _ => None,
    };
    match check.kind {
        CheckKind::Volume => counted == Some(check.examined - check.offending),
        CheckKind::Freshness => value.to_string().starts_with("2020-01-02"),
        _ => counted == Some(check.offending) && check.offending > 0,
    }
}

async fn open(url: String) -> Leo {
    let source = Source::connect(url.parse().unwrap()).await.unwrap();
    Leo::builder().preset(Preset::Local).source(source).build().unwrap()
}

#[tokio::test]
async fn statements_of_checks_count_the_same_on_postgresql() {
    let Some(server) = leo_tests::postgres::Server::shared() else { return };
    server.run("shop", TABLES);
    server.run("shop", &fill("generate_series(1, 40) AS t (n)").replace("{}", "::timestamp"));
    // A key that was never validated keeps nobody from what was there before.
    server.run("shop", "ALTER TABLE q_shipments ADD FOREIGN KEY (customer_id) REFERENCES q_customers (id) NOT VALID");
    server.run("shop", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader");
    let leo = open(server.url("reader", "shop")).await;
    counts_agree(&leo, async || drop(server.run("shop", "DELETE FROM q_losing WHERE id > 10"))).await;
}

#[tokio::test]
async fn statements_of_checks_count_the_same_on_mariadb() {
    let Some(server) = leo_tests::mariadb::Server::shared() else { return };
    server.run(TABLES).await;
    server.run(&fill("(SELECT seq AS n FROM seq_1_to_40) AS t").replace("{}", "")).await;
    // Switched off, keys let in what they are there to keep out.
    server
        .run("SET foreign_key_checks = 0; ALTER TABLE q_shipments ADD FOREIGN KEY (customer_id) REFERENCES q_customers (id)")
        .await;
    let leo = open(server.url("reader")).await;
    counts_agree(&leo, async || server.run("DELETE FROM q_losing WHERE id > 10").await).await;
}
