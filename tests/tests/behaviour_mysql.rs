//! The behaviour suite on MariaDB, where it is installed.

use std::sync::Arc;

use async_trait::async_trait;
use leo::gate::Connector;
use leo::source::mysql::MysqlSource;
use leo_tests::behaviour::{self, Fixture, SOURCE, Skill};
use leo_tests::mariadb::Server;

const TABLES: &str = "
CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(80) NOT NULL, city VARCHAR(80) COMMENT 'where they live', born DATE) COMMENT 'who buys';
CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT, total DECIMAL(12, 2), note TEXT, placed DATETIME,
    UNIQUE (customer_id, id), KEY orders_customer (customer_id), FOREIGN KEY (customer_id) REFERENCES customers (id));
CREATE TABLE readings (id INT PRIMARY KEY, small SMALLINT, whole INT, wide BIGINT, ratio DOUBLE, label VARCHAR(40));
CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 100;
INSERT INTO customers VALUES (1, 'Ann', 'Oslo', '1990-01-02'), (2, 'Bob', NULL, NULL), (3, 'Zoë 🦀', '', '1969-12-31');
INSERT INTO orders VALUES (1, 1, 99.50, NULL, '2024-02-29 23:59:59'), (2, 1, 250.00, 'late', '2024-03-31 02:30:00'), (3, 2, 0.01, '', NULL);
INSERT INTO readings SELECT seq, seq % 100, seq * 1000, seq * 1000000000, seq / 4.0, CONCAT('reading ', seq) FROM seq_1_to_10000;
";

struct Mariadb(&'static Server);

impl Mariadb {
    /// A number that the server tells its administrator.
    fn number(&self, sql: &str) -> usize {
        let number = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(self.0.numbers(sql)));
        usize::try_from(number[0]).expect("a count")
    }
}

#[async_trait]
impl Fixture for Mariadb {
    fn name(&self) -> &'static str {
        "mysql"
    }

    fn has(&self, _: Skill) -> bool {
        true
    }

    async fn connect(&self) -> leo::Result<Arc<dyn Connector>> {
        Ok(Arc::new(MysqlSource::connect(SOURCE, self.0.url("reader").parse()?).await?))
    }

    fn running(&self, mark: &str) -> usize {
        self.number(&format!(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'reader' AND info LIKE '%{mark}%'"
        ))
    }

    fn connections(&self) -> usize {
        self.number("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'reader'")
    }

    fn refused(&self) -> (&'static str, &'static str) {
        ("SELECT ABS(id, id) AS a FROM customers", "ABS")
    }

    fn failing(&self) -> &'static str {
        "SELECT note, id * 9223372036854775807 AS n FROM orders WHERE note = 'late'"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_behaves() {
    let Some(server) = Server::shared() else { return };
    server.run(TABLES).await;
    behaviour::run(&Mariadb(server)).await;
}
