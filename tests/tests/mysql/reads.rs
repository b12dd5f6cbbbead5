//! What a MySQL source reads and refuses, against a MariaDB server with hostile settings.

use leo::gate::{Connector, IntrospectOptions, QueryOptions};
use leo::source::mysql::MysqlSource;
use leo::source::{SessionValue, SourceSpec};
use leo::{Context, ErrorKind, Value};
use leo_tests::mariadb::Server;

use crate::support::{Opened, cells, ctx, patient};

#[tokio::test]
async fn the_structure_is_read() {
    let Some(server) = Server::shared() else { return };
    server
        .run(
            "CREATE DATABASE structure; USE structure; CREATE DATABASE other_place; CREATE TABLE other_place.far (id INT PRIMARY KEY); \
             CREATE TABLE customers (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, name VARCHAR(80) NOT NULL COMMENT 'as on\\n the invoice', \
             email VARCHAR(80) UNIQUE, kind ENUM('shop', 'person') DEFAULT 'shop', extra JSON, UNIQUE KEY part (name(10))) COMMENT 'who buys'; \
             CREATE TABLE orders (id BIGINT, line INT, customer INT UNSIGNED, net DECIMAL(10, 2), \
             gross DECIMAL(12, 4) AS (net * 1.19) STORED, PRIMARY KEY (id, line), KEY by_customer (customer, net), \
             FOREIGN KEY (customer) REFERENCES customers (id)); \
             CREATE VIEW names AS SELECT name FROM customers; CREATE SEQUENCE numbers; \
             CREATE TABLE a1 (x INT) ENGINE = MyISAM; CREATE TABLE all_a (x INT) ENGINE = MERGE UNION = (a1); \
             CREATE TABLE versioned (x INT) WITH SYSTEM VERSIONING; \
             INSERT INTO customers (name) VALUES ('Ann'), ('Bob'); GRANT SELECT, SHOW VIEW ON structure.* TO reader@'%'; \
             GRANT SELECT ON other_place.* TO reader@'%'",
        )
        .await;
    let url = server.url("reader").replace("/shop", "/structure");
    let opened = Opened::of(&url).await;
    let catalog = &opened.catalog;
    let names: Vec<_> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(names, ["structure.a1", "structure.customers", "structure.names", "structure.orders", "structure.versioned"]);
    assert_eq!(catalog.default_schema.as_deref(), Some("structure"));
    let [_, customers, view, orders, _] = catalog.tables.as_slice() else { panic!() };
    assert_eq!((customers.primary_key.as_slice(), customers.comment.as_deref()), (&["id".to_owned()][..], Some("who buys")));
    assert_eq!(customers.unique_keys, [["email"]], "a key over the beginning of a text makes nothing unique");
    assert_eq!(customers.column("name").unwrap().comment.as_deref(), Some("as on the invoice"));
    assert_eq!(customers.column("extra").unwrap().data_type, leo::catalog::LogicalType::Json);
    assert_eq!(customers.column("id").unwrap().declared_type, "int(10) unsigned");
    assert!(!customers.column("name").unwrap().nullable && customers.column("email").unwrap().nullable);
    assert_eq!(orders.primary_key, ["id", "line"]);
    assert_eq!(
        (orders.foreign_keys[0].columns[0].as_str(), orders.foreign_keys[0].references.name.as_str()),
        ("customer", "customers")
    );
    assert!(orders.indexes.contains(&vec!["customer".to_owned(), "net".to_owned()]));
    assert!(orders.column("gross").unwrap().default.as_deref().unwrap().contains("1.19"));
    assert!(view.definition.as_deref().unwrap().contains("customers"));
    assert_eq!((catalog.relationships.len(), customers.rows), (1, Some(2)));
    assert_eq!(opened.rows("SELECT name FROM names ORDER BY name").await.unwrap(), [["Ann"], ["Bob"]]);

    let only = IntrospectOptions { include: vec!["*.far".into(), "customers".into()], exclude: vec![] };
    let found = opened.source.introspect(&ctx(), only).await.unwrap();
    let names: Vec<_> = found.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(names, ["other_place.far", "structure.customers"]);
    let without = IntrospectOptions { include: vec![], exclude: vec!["structure.o*".into()] };
    assert_eq!(opened.source.introspect(&ctx(), without).await.unwrap().tables.len(), 4);
}

#[tokio::test]
async fn what_the_guard_assumed_holds_on_a_hostile_server() {
    let Some(server) = Server::shared() else { return };
    server
        .run(
            "CREATE TABLE pinned (id INT, word VARCHAR(20), at TIMESTAMP NULL, number INT); \
             INSERT INTO pinned VALUES (1, 'a\\\\b', '2024-06-01 12:00:00', 7)",
        )
        .await;
    let opened = Opened::of(&format!("{}?sslmode=require", server.url("reader"))).await;
    // The first time after connecting, the second after a reset, which brings the server's own settings back.
    for _ in 0..3 {
        assert_eq!(opened.cell("SELECT \"hello\" FROM pinned").await.unwrap(), "hello", "double quotes are text");
        assert_eq!(opened.cell("SELECT word FROM pinned WHERE word = 'a\\\\b'").await.unwrap(), "a\\b", "backslashes escape");
        assert_eq!(opened.cell("SELECT at FROM pinned").await.unwrap(), "2024-06-01T12:00:00Z", "the zone is UTC");
        assert_eq!(opened.source.health().connections, 1);
    }
    let error = opened.rows("SELECT word, SUM(number) FROM pinned GROUP BY id").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected, "no arbitrary row of a group: {error}");
}

#[tokio::test]
async fn nothing_of_a_statement_is_left_for_the_next() {
    let Some(server) = Server::shared() else { return };
    server
        .run(
            "CREATE TABLE left_over (id INT, at TIMESTAMP NULL); INSERT INTO left_over VALUES (1, '2024-06-01 12:00:00'); \
             CREATE FUNCTION poison() RETURNS INT DETERMINISTIC BEGIN SET @@session.time_zone = '+05:00'; SET @@session.sql_select_limit = 0; \
             SET @@session.lc_time_names = 'de_DE'; RETURN 1; END; \
             CREATE VIEW poisoned AS SELECT poison() AS done, id FROM left_over",
        )
        .await;
    let mut spec: SourceSpec = server.url("reader").parse().unwrap();
    spec.connections.max = 1;
    let source = MysqlSource::connect("shop", spec).await.unwrap();
    let catalog = source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
    let opened = Opened { source, catalog };
    assert_eq!(opened.cell("SELECT done FROM poisoned").await.unwrap(), "1");
    assert_eq!(opened.cell("SELECT at FROM left_over").await.unwrap(), "2024-06-01T12:00:00Z");
    assert_eq!(opened.cell("SELECT DATE_FORMAT(at, '%M') FROM left_over").await.unwrap(), "June");
}

#[tokio::test]
async fn nothing_is_written_even_by_a_login_that_may() {
    let Some(server) = Server::shared() else { return };
    server
        .run(
            "CREATE TABLE written (id INT); CREATE TABLE asked (id INT); INSERT INTO asked VALUES (1); \
             CREATE FUNCTION scribble() RETURNS INT BEGIN INSERT INTO written VALUES (1); RETURN 1; END; \
             CREATE VIEW scribbled AS SELECT scribble() AS done FROM asked",
        )
        .await;
    let opened = Opened::new(server, "admin").await;
    let error = opened.rows("SELECT done FROM scribbled").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected, "{error}");
    assert_eq!(server.numbers("SELECT COUNT(*) FROM written").await, [0]);
    let report = opened.source.test(&ctx()).await.unwrap();
    assert!(!report.read_only && report.warnings.iter().any(|warning| warning.contains("may change data")), "{report:?}");
    let report = Opened::new(server, "reader").await.source.test(&ctx()).await.unwrap();
    assert!(report.read_only && report.server_version.contains("MariaDB"), "{report:?}");
}

#[tokio::test]
async fn limits_hold() {
    let Some(server) = Server::shared() else { return };
    server.run("CREATE TABLE many (n INT PRIMARY KEY, pad VARCHAR(1000)); INSERT INTO many SELECT seq, REPEAT('x', 1000) FROM seq_1_to_20000").await;
    let opened = Opened::new(server, "reader").await;
    let sql = "SELECT n, pad FROM many ORDER BY n";
    for (max_rows, truncated) in [(10, true), (19_999, true), (20_000, false), (30_000, false)] {
        let cleared = opened.clear(&ctx(), sql, &[]).await.unwrap();
        let mut stream = opened.source.query(&ctx(), &cleared, QueryOptions { max_rows, ..patient() }).await.unwrap();
        let mut rows = 0;
        while let Some(batch) = futures::StreamExt::next(&mut stream).await {
            rows += batch.unwrap().num_rows() as u64;
        }
        assert_eq!((rows, stream.truncated()), (max_rows.min(20_000), truncated));
    }
    let error = opened.batches(&ctx(), sql, QueryOptions { max_bytes: 1 << 20, ..patient() }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    let batches = opened.batches(&ctx(), sql, QueryOptions { batch_rows: 700, ..patient() }).await.unwrap();
    assert!(batches.iter().all(|batch| batch.num_rows() <= 700) && batches.len() == 29);
    assert_eq!(cells(&batches[1], 0)[0], "701");
}

#[tokio::test]
async fn parameters_are_bound_and_estimates_are_read() {
    let Some(server) = Server::shared() else { return };
    server.run("CREATE TABLE asked_for (n INT PRIMARY KEY, word VARCHAR(40), amount DECIMAL(10, 2)); INSERT INTO asked_for SELECT seq, CONCAT('w''\\\\', seq), seq / 4 FROM seq_1_to_1000").await;
    let opened = Opened::new(server, "reader").await;
    let sql = "SELECT n FROM asked_for WHERE word = ? AND n > ? AND amount < ?";
    let params = [Value::from("w'\\7"), Value::Int(3), Value::Float(1e9)];
    let cleared = opened.clear(&ctx(), sql, &params).await.unwrap();
    assert!(cleared.estimate().and_then(|estimate| estimate.rows).is_some_and(|rows| rows > 100), "{:?}", cleared.estimate());
    let stream = opened.source.query(&ctx(), &cleared, patient()).await.unwrap();
    let batches: Vec<_> = futures::StreamExt::collect::<Vec<_>>(stream).await;
    assert_eq!(cells(batches[0].as_ref().unwrap(), 0), ["7"]);
}

#[tokio::test]
async fn session_values_reach_the_databases_own_row_security() {
    let Some(server) = Server::shared() else { return };
    server
        .run(
            "CREATE TABLE secured (tenant VARCHAR(40), amount INT); INSERT INTO secured VALUES ('acme', 1), ('o''hara', 2), ('acme', 4); \
             CREATE FUNCTION tenant() RETURNS VARCHAR(40) CHARSET utf8mb4 NOT DETERMINISTIC RETURN @`app.tenant`; \
             CREATE VIEW mine AS SELECT amount FROM secured WHERE tenant = tenant()",
        )
        .await;
    let mut spec: SourceSpec = server.url("reader").parse().unwrap();
    spec.connections.max = 1;
    spec.session =
        [("app.tenant".to_owned(), SessionValue::Tenant), ("app.level".to_owned(), SessionValue::Attribute("level".into()))]
            .into();
    let source = MysqlSource::connect("shop", spec.clone()).await.unwrap();
    let catalog = source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
    let opened = Opened { source, catalog };
    let for_tenant =
        |tenant: &str| Context::new(tenant, "ada").unwrap().with_attribute("level", leo::context::Attribute::One(Value::Int(3)));
    assert_eq!(opened.rows_for(&for_tenant("acme"), "SELECT SUM(amount) FROM mine").await.unwrap(), [["5"]]);
    assert_eq!(opened.rows_for(&for_tenant("o'hara"), "SELECT SUM(amount) FROM mine").await.unwrap(), [["2"]]);
    assert_eq!(opened.rows_for(&ctx(), "SELECT SUM(amount) FROM mine").await.unwrap_err().kind(), ErrorKind::Denied);
    // Without values in the spec nobody's are left in the session.
    opened.source.replace_spec(SourceSpec { session: Default::default(), ..spec }).await.unwrap();
    assert_eq!(opened.rows_for(&ctx(), "SELECT SUM(amount) FROM mine").await.unwrap(), [["NULL"]]);
}

#[tokio::test]
async fn errors_of_the_server_tell_what_to_do_and_no_value() {
    let Some(server) = Server::shared() else { return };
    server
        .run(
            "CREATE TABLE failing (id INT, secret VARCHAR(40), huge BIGINT UNSIGNED); \
             INSERT INTO failing VALUES (1, 'hunter2-4711', 18446744073709551615), (2, 'x', 1)",
        )
        .await;
    let opened = Opened::new(server, "reader").await;
    for (sql, expected) in [
        ("SELECT huge + huge FROM failing", "out of the range"),
        ("SELECT id FROM failing WHERE id = (SELECT id FROM failing)", "several rows"),
        ("SELECT id FROM failing WHERE secret REGEXP '('", "parenthesis"),
    ] {
        let error = opened.rows(sql).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Rejected && error.message().contains(expected), "{sql}: {error}");
        assert!(!format!("{error:?}").contains("hunter2") && !format!("{error:?}").contains("184467440"), "{error:?}");
    }
    assert_eq!(opened.source.health().connections, 1, "the connection survived");
    server.run("DROP TABLE failing").await;
    let error = opened.rows("SELECT id FROM failing").await.unwrap_err();
    assert!(error.kind() == ErrorKind::Rejected && error.message().contains("failing"), "{error}");
}

#[tokio::test]
async fn many_share_few_connections() {
    let Some(server) = Server::shared() else { return };
    server.run("CREATE TABLE shared_by (n INT); INSERT INTO shared_by SELECT seq FROM seq_1_to_100").await;
    let mut spec: SourceSpec = server.url("reader").parse().unwrap();
    spec.connections.max = 3;
    let source = MysqlSource::connect("shop", spec).await.unwrap();
    let catalog = source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
    let opened = Opened { source, catalog };
    let asked = (0..40).map(|n| {
        let opened = &opened;
        async move { opened.cell(&format!("SELECT SUM(n) + {n} FROM shared_by")).await }
    });
    for (n, answer) in futures::future::join_all(asked).await.into_iter().enumerate() {
        assert_eq!(answer.unwrap(), (5050 + n).to_string());
    }
    let health = opened.source.health();
    assert!(health.connections <= 3 && health.idle == health.connections, "{health:?}");
    opened.source.close().await.unwrap();
    assert_eq!(opened.cell("SELECT SUM(n) FROM shared_by").await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn introspection_asks_as_often_for_many_tables_as_for_one() {
    let Some(server) = Server::start(leo_tests::certificates::Shown::Good, &[]) else { return };
    server.run("CREATE TABLE t0 (id INT PRIMARY KEY)").await;
    let source = MysqlSource::connect("shop", server.url("reader").parse().unwrap()).await.unwrap();
    let mut asked = Vec::new();
    for tables in [1, 301] {
        let more = (1..tables).map(|n| {
            format!("CREATE TABLE t{n} (id INT PRIMARY KEY, a INT, b VARCHAR(20) UNIQUE, FOREIGN KEY (a) REFERENCES t0 (id));")
        });
        let more: String = more.collect();
        server.run(&format!("DO 1; {more}")).await;
        let questions = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'QUESTIONS'";
        let before = server.numbers(questions).await[0];
        let catalog = source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
        assert_eq!(catalog.tables.len(), tables);
        asked.push(server.numbers(questions).await[0] - before);
    }
    // A session that was idle for a while is pinned again, which is another question or two.
    assert!(asked[0].abs_diff(asked[1]) <= 2, "{asked:?}");
}
