//! The behaviour suite on PostgreSQL, where it is installed.

use std::sync::Arc;

use async_trait::async_trait;
use leo::gate::Connector;
use leo::source::postgres::PostgresSource;
use leo_tests::behaviour::{self, Fixture, SOURCE, Skill};
use leo_tests::postgres::Server;

const TABLES: &str = "
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, city text, born date);
COMMENT ON TABLE customers IS 'who buys'; COMMENT ON COLUMN customers.city IS 'where they live';
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), total numeric(12, 2), note text,
    placed timestamp, UNIQUE (customer_id, id));
CREATE INDEX ON orders (customer_id);
CREATE TABLE readings (id integer PRIMARY KEY, small smallint, whole integer, wide bigint, ratio double precision, label text);
CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 100;
INSERT INTO customers VALUES (1, 'Ann', 'Oslo', '1990-01-02'), (2, 'Bob', NULL, NULL), (3, 'Zoë 🦀', '', '1969-12-31');
INSERT INTO orders VALUES (1, 1, 99.50, NULL, '2024-02-29 23:59:59'), (2, 1, 250.00, 'late', '2024-03-31 02:30:00'), (3, 2, 0.01, '', NULL);
INSERT INTO readings SELECT i, i % 100, i * 1000, i * 1000000000::bigint, i / 4.0, 'reading ' || i FROM generate_series(1, 10000) i;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
";

struct Postgres(&'static Server);

#[async_trait]
impl Fixture for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn has(&self, _: Skill) -> bool {
        true
    }

    async fn connect(&self) -> leo::Result<Arc<dyn Connector>> {
        Ok(Arc::new(PostgresSource::connect(SOURCE, self.0.url("reader", "shop").parse()?).await?))
    }

    fn running(&self, mark: &str) -> usize {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active' AND query LIKE '%{mark}%'"
        );
        self.0.run("shop", &sql).trim().parse().expect("a number")
    }

    fn connections(&self) -> usize {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'";
        self.0.run("shop", sql).trim().parse().expect("a number")
    }

    fn refused(&self) -> (&'static str, &'static str) {
        ("SELECT length(id) AS l FROM customers", "length(integer)")
    }

    fn failing(&self) -> &'static str {
        "SELECT id, CAST(note AS integer) AS n FROM orders WHERE note = 'late'"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_behaves() {
    let Some(server) = Server::shared() else { return };
    server.run("shop", TABLES);
    behaviour::run(&Postgres(server)).await;
}
