//! What is learned about a PostgreSQL database: everything it has beside plain tables, for a login that may not see all of it.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::sync::Arc;

use leo::catalog::{LogicalType, Table, TableKind, TableName};
use leo::source::postgres::PostgresSource;
use leo_tests::behaviour::{Asked, ctx};
use leo_tests::postgres::Server;

async fn asked(server: &Server, name: &str, script: &str) -> Asked {
    server.run("postgres", &format!("CREATE DATABASE {name}"));
    server.run(name, script);
    let source = PostgresSource::connect("shop", server.url("reader", name).parse().unwrap()).await.unwrap();
    Asked::new(Arc::new(source)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_a_database_has_is_found() {
    let Some(server) = Server::shared() else { return };
    let asked = asked(
        server,
        "structure",
        "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN amount AS numeric(10, 2) NOT NULL; CREATE SCHEMA sales; CREATE SCHEMA secret;
         CREATE TABLE public.base (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(20) DEFAULT 'x', feeling mood, due amount,
             twice integer GENERATED ALWAYS AS (2 * 21) STORED, tags text[], at timestamptz, hidden text, UNIQUE (name, feeling));
         CREATE UNIQUE INDEX ON public.base (due) INCLUDE (tags); CREATE UNIQUE INDEX ON public.base (at) WHERE at IS NOT NULL;
         CREATE INDEX ON public.base (lower(name)); COMMENT ON TABLE public.base IS 'the base';
         CREATE TABLE public.child (extra integer) INHERITS (public.base);
         CREATE TABLE sales.orders (id integer, day date, base_id bigint REFERENCES public.base) PARTITION BY RANGE (day);
         CREATE TABLE sales.orders_2024 PARTITION OF sales.orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
         CREATE TABLE sales.orders_2025 PARTITION OF sales.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
         INSERT INTO sales.orders SELECT i, '2024-06-01'::date + i % 300 FROM generate_series(1, 1000) i; ANALYZE sales.orders_2024, sales.orders_2025;
         CREATE MATERIALIZED VIEW sales.totals AS SELECT day, count(*) AS n FROM sales.orders GROUP BY day;
         CREATE VIEW sales.days AS SELECT day FROM sales.orders;
         CREATE TABLE \"Odd Schema\".t (n integer); CREATE TABLE public.\"Odd \"\"Name\" (\"Select\" integer);
         CREATE TABLE secret.plans (n integer); CREATE TABLE public.forbidden (n integer);
         GRANT USAGE ON SCHEMA sales TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA sales, secret TO reader;
         GRANT SELECT (id, name, feeling, due, twice, tags, at) ON public.base TO reader; GRANT SELECT ON public.child, public.\"Odd \"\"Name\" TO reader;",
    )
    .await;
    let catalog = &asked.catalog;
    let names: Vec<String> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(
        names,
        [
            "public.Odd \"Name",
            "public.base",
            "public.child",
            "sales.days",
            "sales.orders",
            "sales.orders_2024",
            "sales.orders_2025",
            "sales.totals"
        ]
    );
    assert_eq!(catalog.default_schema(), Some("public"));
    let table = |schema: &str, name: &str| -> &Table { catalog.require_table(&TableName::qualified(schema, name)).unwrap() };
    let base = table("public", "base");
    let columns: Vec<_> = base.columns.iter().map(|column| (column.name.as_str(), column.data_type, column.nullable)).collect();
    use LogicalType as L;
    assert_eq!(
        columns,
        [
            ("id", L::Integer, false),
            ("name", L::Text, true),
            ("feeling", L::Text, true),
            ("due", L::Decimal, false),
            ("twice", L::Integer, true),
            ("tags", L::Other, true),
            ("at", L::Timestamp, true)
        ],
        "what may not be read is not there"
    );
    assert_eq!(base.columns[1].declared_type, "character varying(20)");
    assert_eq!(base.columns[1].default.as_deref(), Some("'x'::character varying"));
    assert!(base.columns[4].default.as_deref().unwrap().starts_with("GENERATED"));
    assert_eq!((base.comment.as_deref(), base.primary_key.as_slice()), (Some("the base"), &["id".to_owned()][..]));
    assert_eq!(base.unique_keys, [vec!["name".to_owned(), "feeling".to_owned()], vec!["due".to_owned()]]);
    assert_eq!(table("public", "child").rows_of, [TableName::qualified("public", "base")]);
    let orders = table("sales", "orders");
    assert_eq!((orders.rows, orders.foreign_keys.len()), (Some(1_000), 1));
    assert!(orders.bytes.unwrap() > 8_192);
    assert_eq!(table("sales", "orders_2024").rows_of, [TableName::qualified("sales", "orders")]);
    let totals = table("sales", "totals");
    assert_eq!(
        (totals.kind, totals.rows_of.as_slice()),
        (TableKind::MaterializedView, &[TableName::qualified("sales", "orders")][..])
    );
    assert!(
        table("sales", "days").definition.as_deref().unwrap().contains("sales.orders"),
        "names are complete whatever the search path"
    );
    // What was found can be asked about.
    assert_eq!(asked.table("SELECT count(*) AS n FROM sales.orders").await.unwrap().value(0, 0).to_string(), "1000");
    assert_eq!(asked.table("SELECT \"Select\" FROM public.\"Odd \"\"Name\"").await.unwrap().num_rows(), 0);
    assert_eq!(asked.table("SELECT name FROM base").await.unwrap().num_rows(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_tables_are_read_in_the_same_statements_as_one() {
    let Some(server) = Server::shared() else { return };
    let mut script = String::new();
    let columns: Vec<String> = (1..20).map(|column| format!("c{column} integer")).collect();
    for table in 0..1_000 {
        write!(script, "CREATE TABLE t{table} (id integer PRIMARY KEY, {});", columns.join(", ")).unwrap();
    }
    script.push_str("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;");
    let asked = asked(server, "thousand", &script).await;
    assert_eq!(asked.catalog.tables.len(), 1_000);
    assert!(asked.catalog.tables.iter().all(|table| table.columns.len() == 20 && table.primary_key == ["id"]));
    let started = std::time::Instant::now();
    asked.connector.introspect(&ctx(), Default::default()).await.unwrap();
    println!("1,000 tables of 20 columns: {} ms", started.elapsed().as_millis());
    let report = asked.connector.test(&ctx()).await.unwrap();
    assert!(report.warnings.iter().any(|warning| warning.contains("1000 tables")), "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn estimates_know_rows_and_cost_also_with_placeholders() {
    let Some(server) = Server::shared() else { return };
    let asked = asked(
        server,
        "estimates",
        "CREATE TABLE many (id integer PRIMARY KEY, kind integer); INSERT INTO many SELECT i, i % 10 FROM generate_series(1, 50000) i; ANALYZE many;
         GRANT SELECT ON many TO reader",
    )
    .await;
    let estimate = async |sql: &str, params: &[leo::Value]| {
        let (cleared, _) = asked.clear(&ctx(), sql, params).await.unwrap();
        cleared.estimate().cloned().unwrap()
    };
    let all = estimate("SELECT kind, count(*) AS n FROM many GROUP BY kind", &[]).await;
    assert!((40_000..60_000).contains(&all.rows.unwrap()) && all.cost.unwrap() > 100.0, "{all:?}");
    let one = estimate("SELECT id FROM many WHERE id = $1", &[leo::Value::Int(7)]).await;
    assert!(one.rows.unwrap() <= 1 && one.cost.unwrap() < all.cost.unwrap(), "{one:?}");
}
