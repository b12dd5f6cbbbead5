//! The behaviour suite on SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use leo::gate::Connector;
use leo::source::sqlite::SqliteSource;
use leo_tests::behaviour::{self, Fixture, SOURCE, Skill};

const TABLES: &str = "
CREATE TABLE customers ( -- who buys
    id integer PRIMARY KEY,
    name text NOT NULL,
    city text, -- where they live
    born date
);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), total decimal(12, 2), note text,
    placed timestamp, UNIQUE (customer_id, id));
CREATE INDEX orders_customer ON orders (customer_id);
CREATE TABLE readings (id integer PRIMARY KEY, small smallint, whole integer, wide bigint, ratio double precision, label text);
CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 100;
INSERT INTO customers VALUES (1, 'Ann', 'Oslo', '1990-01-02'), (2, 'Bob', NULL, NULL), (3, 'Zoë 🦀', '', '1969-12-31');
INSERT INTO orders VALUES (1, 1, 99.50, NULL, '2024-02-29 23:59:59'), (2, 1, 250.00, 'late', '2024-03-31 02:30:00'), (3, 2, 0.01, '', NULL);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO readings SELECT i, i % 100, i * 1000, i * 1000000000, i / 4.0, 'reading ' || i FROM n;
";

struct Sqlite;

#[async_trait]
impl Fixture for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn has(&self, skill: Skill) -> bool {
        // Days are text and decimals are floats; there is no server to be asked.
        matches!(skill, Skill::Tables | Skill::Comments | Skill::Keys | Skill::Views | Skill::Reasons)
    }

    async fn connect(&self) -> leo::Result<Arc<dyn Connector>> {
        Ok(Arc::new(SqliteSource::from_sql(SOURCE, TABLES)?))
    }

    fn refused(&self) -> (&'static str, &'static str) {
        ("SELECT abs(id, id) AS a FROM customers", "abs")
    }

    fn failing(&self) -> &'static str {
        "SELECT id, json_extract(note, '$.a') AS n FROM orders WHERE note = 'late'"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_behaves() {
    behaviour::run(&Sqlite).await;
}
