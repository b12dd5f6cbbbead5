//! Row filters, masks and views over them, through the handle and a real database: what a user gets is what the policy allows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use async_trait::async_trait;
use leo::adapter::{Access, AccessRequest, Authorizer, MaskKey};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::context::{Attribute, HostContext};
use leo::source::sqlite::SqliteSource;
use leo::sync::SyncOptions;
use leo::value::Value;
use leo::{AnswerStatus, Context, ErrorKind, Leo, Result};

const SCHEMA: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, region TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), region TEXT, amount REAL);
    CREATE VIEW sales AS SELECT c.name, o.amount FROM orders o JOIN customers c ON c.id = o.customer_id;
    CREATE VIEW mails (who, mail) AS SELECT name, email FROM customers;
    INSERT INTO customers VALUES (1, 'Ada Lovelace', 'ada@example.org', 'north'), (2, 'Bo', 'bo@example.org', 'south'),
        (3, 'Cy', NULL, 'north'), (4, 'Ada Two', 'ada@example.org', 'west');
    INSERT INTO orders VALUES (1, 1, 'north', 10), (2, 2, 'south', 20), (3, 3, 'north', 30), (4, 4, 'west', -7);";

/// Members see their regions' rows, and of customers no mail in clear.
#[derive(Debug)]
struct Regions;

#[async_trait]
impl Authorizer for Regions {
    async fn authorize(&self, ctx: HostContext, _: AccessRequest) -> Result<Access> {
        if ctx.roles.iter().any(|role| role == "owner") {
            return Ok(Access::full());
        }
        let access = r#"{"tables": {
            "orders": {"row_filter": "region IN (:regions)"},
            "customers": {"row_filter": "region IN (:regions)", "masks": {"email": "hash", "name": "partial"}}}}"#;
        let mask_key = Some(MaskKey::new("a long secret"));
        // Profiling finds names and e-mail addresses; here masks alone are looked at.
        Ok(Access { mask_key, show_personal_data: Some(true), ..serde_json::from_str(access).unwrap() })
    }
}

async fn leo() -> (Leo, Arc<MemorySink>) {
    let sink = Arc::new(MemorySink::with_capacity(1_000));
    let source = Source::new(SqliteSource::from_sql("shop", SCHEMA).unwrap()).execution(true);
    let leo = Leo::builder().source(source).authorizer(Arc::new(Regions)).audit(Arc::clone(&sink) as _).build().unwrap();
    let owner = Context::new("acme", "olga").unwrap().with_roles(["owner"]);
    leo.for_user(owner).sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    (leo, sink)
}

fn member(tenant: &str, regions: &[&str]) -> Context {
    let regions = regions.iter().map(|region| (*region).into()).collect();
    Context::new(tenant, "mia").unwrap().with_roles(["member"]).with_attribute("regions", Attribute::Many(regions))
}

async fn rows(leo: &Leo, ctx: Context, sql: &str) -> Vec<Vec<String>> {
    let answer = leo.for_user(ctx).sql(sql).await.unwrap();
    assert_eq!(answer.status, AnswerStatus::Answered, "{sql}: {:?}", answer.explain.findings);
    let table = answer.table.unwrap();
    table.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[tokio::test]
async fn only_rows_of_the_users_regions_are_read_wherever_the_table_stands() {
    let (leo, _) = leo().await;
    for (sql, wanted) in [
        ("SELECT sum(amount) FROM orders", "40"),
        ("SELECT sum(amount) FROM (SELECT * FROM orders WHERE amount < 1000)", "40"),
        ("WITH o AS (SELECT amount FROM orders) SELECT count(*) FROM o", "2"),
        ("SELECT count(*) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id", "2"),
        ("SELECT count(*) FROM (SELECT 1 FROM orders UNION ALL SELECT 1 FROM customers)", "4"),
        ("SELECT EXISTS (SELECT 1 FROM orders WHERE amount = 20)", "0"),
        ("SELECT sum(amount) FROM sales", "40"),
        ("SELECT count(*) FROM mails WHERE mail IS NOT NULL", "1"),
        ("SELECT max(amount) OVER () FROM orders LIMIT 1", "30"),
        ("SELECT 1 FROM orders WHERE 1 / (amount + 7) IS NULL UNION ALL SELECT 0 LIMIT 1", "0"),
    ] {
        assert_eq!(rows(&leo, member("acme", &["north"]), sql).await[0][0].trim_end_matches(".0"), wanted, "{sql}");
    }
    assert_eq!(rows(&leo, member("acme", &[]), "SELECT count(*) FROM orders").await[0][0], "0");
    assert_eq!(rows(&leo, member("acme", &["north", "south"]), "SELECT count(*) FROM orders").await[0][0], "3");
    let owner = Context::new("acme", "olga").unwrap().with_roles(["owner"]);
    assert_eq!(rows(&leo, owner, "SELECT count(*) FROM orders").await[0][0], "4");
}

#[tokio::test]
async fn questions_are_answered_from_the_same_rows() {
    let (leo, _) = leo().await;
    let answer = leo.for_user(member("acme", &["south"])).ask("how many orders are there?").await.unwrap();
    assert_eq!(answer.status, AnswerStatus::Answered);
    assert_eq!(answer.table.unwrap().value(0, 0), Value::from(1));
    assert!(!answer.sql.unwrap().contains("region"), "the host's filter is not shown");
}

#[tokio::test]
async fn masks_hold_in_conditions_and_hashes_are_equal_for_equal_values_of_one_tenant() {
    let (leo, _) = leo().await;
    let all = &["north", "south", "west"];
    let sql = "SELECT email, name FROM customers ORDER BY id";
    let found = rows(&leo, member("acme", all), sql).await;
    assert_eq!(found[0][0].len(), 64);
    assert_eq!(found[0][0], found[3][0], "the same mail");
    assert_ne!(found[0][0], found[1][0]);
    assert_eq!(found.iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), ["****lace", "****", "****", "****"]);
    assert_ne!(found[0][0], rows(&leo, member("other", all), sql).await[0][0], "another tenant, another hash");
    assert!(rows(&leo, member("acme", all), "SELECT id FROM customers WHERE email LIKE '%example%'").await.is_empty());
    assert!(rows(&leo, member("acme", all), "SELECT id FROM customers WHERE name = 'Bo'").await.is_empty());
    assert!(rows(&leo, member("acme", all), "SELECT who FROM mails WHERE mail LIKE 'ada%'").await.is_empty());
}

#[tokio::test]
async fn a_user_without_the_attribute_is_refused_and_nothing_secret_is_recorded() {
    let (leo, sink) = leo().await;
    let nobody = leo.for_user(Context::new("acme", "nia").unwrap().with_roles(["member"]));
    let error = nobody.sql("SELECT count(*) FROM orders").await.unwrap_err();
    assert_eq!((error.kind(), error.findings()[0].rule.as_str()), (ErrorKind::Rejected, "policy_attribute"));
    assert_eq!(rows(&leo, member("acme", &["north"]), "SELECT email FROM customers").await.len(), 2);
    let recorded = format!("{:?}", sink.events());
    for secret in ["north", "a long secret", "ada@example.org"] {
        assert!(!recorded.contains(secret), "{secret}");
    }
}

/// An error that a hidden row would cause must not be told, and one of a visible row must not quote it.
#[tokio::test]
async fn errors_say_nothing_about_rows() {
    let (leo, _) = leo().await;
    // Only the west's order makes this overflow.
    let sql = "SELECT abs(CASE WHEN amount < 0 THEN -9223372036854775807 - 1 ELSE 1 END) FROM orders WHERE amount < 1000";
    assert_eq!(rows(&leo, member("acme", &["north"]), sql).await.len(), 2);
    let text = format!("{:?}", leo.for_user(member("acme", &["west"])).sql(sql).await);
    assert!(text.contains("withheld") && !text.contains("overflow"), "{text}");
    let full = Context::new("acme", "olga").unwrap().with_roles(["owner"]);
    assert!(format!("{:?}", leo.for_user(full).sql(sql).await).contains("overflow"));
}
