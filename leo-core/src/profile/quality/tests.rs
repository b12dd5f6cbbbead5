//! Faults of a small source are found, counted and shown; statements are fit for every engine.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::catalog::{CheckKind, Column, ColumnStatistics, LogicalType, QualityCheck, Table, TableStatistics, TimeEncoding};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::guard::{Internal, Purpose, internal};

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// A table of each kind of column, as a scan left it, in `dialect`.
fn catalog(dialect: Dialect) -> Catalog {
    let schema = match dialect {
        Dialect::Postgres => "public",
        Dialect::Tsql => "dbo",
        Dialect::Mysql => "shop",
        Dialect::Sqlite => "main",
        _ => "p.d",
    };
    let name =
        |name: &str| if dialect == Dialect::Datafusion { TableName::bare(name) } else { TableName::qualified(schema, name) };
    let column = |name: &str, declared: &str, kind, low: i64| {
        let mut column = Column::new(name, declared, kind);
        column.statistics = Some(ColumnStatistics {
            null_share: 0.01,
            distinct: 50,
            min: Some(low.into()),
            max: Some(99.into()),
            ..ColumnStatistics::default()
        });
        column
    };
    let mut customers = Table::new(name("customers"));
    customers.columns = vec![column("id", "int", LogicalType::Integer, 1), column("E-Mail", "text", LogicalType::Text, 0)];
    let mut orders = Table::new(name("Order"));
    orders.columns = vec![
        column("id", "int", LogicalType::Integer, 1),
        column("customer_id", "int", LogicalType::Integer, 1),
        column("quantity", "int", LogicalType::Integer, -4),
    ];
    let mut placed = column("placed_at", "timestamp", LogicalType::Timestamp, 1);
    placed.statistics.as_mut().unwrap().max = Some("2031-01-01 10:00:00".into());
    placed.time_encoding = Some(TimeEncoding::IsoTimestamp);
    orders.columns.push(placed);
    orders.unique_keys = vec![vec!["customer_id".into(), "placed_at".into()]];
    orders.foreign_keys = vec![crate::catalog::ForeignKey {
        columns: vec!["customer_id".into()],
        references: customers.name.clone(),
        referenced_columns: vec!["id".into()],
    }];
    for table in [&mut customers, &mut orders] {
        table.primary_key = vec!["id".into()];
        table.rows = Some(200);
        table.statistics = Some(TableStatistics { rows: 200, sampled: 1.0, ..TableStatistics::default() });
    }
    let mut catalog = Catalog::new(dialect, Some(schema.to_owned()), vec![customers, orders]);
    for relationship in &mut catalog.relationships {
        relationship.origin = crate::catalog::RelationshipOrigin::Inferred;
    }
    catalog
}

fn plans(catalog: &Catalog, before: Option<&Catalog>, now: jiff::Timestamp, options: &QualityOptions) -> Vec<QualityPlan> {
    let planner = QualityPlanner::new(catalog, before, now, options);
    catalog.tables.iter().map(|table| planner.plan(table)).collect()
}

#[test]
fn statements_pass_the_guard_in_every_dialect() {
    let mut shown = String::new();
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql, Dialect::Tsql, Dialect::Datafusion, Dialect::Bigquery] {
        let catalog = catalog(dialect);
        let ctx = Context::new("t", "u").unwrap();
        let plans = plans(&catalog, None, at("2026-01-01T00:00:00Z"), &QualityOptions::default());
        let mut texts: Vec<String> = Vec::new();
        for plan in plans {
            for statement in plan.statements() {
                let statement = statement.clone();
                let request = Internal {
                    ctx: &ctx,
                    source: "s",
                    catalog: &catalog,
                    statement,
                    params: &[],
                    purpose: Purpose::Profile,
                    row_cap: 1,
                };
                texts.push(internal(request).unwrap_or_else(|error| panic!("{dialect:?}: {error:?}")).sql().to_owned());
            }
            // What a user may run is vetted like any user's statement.
            let counts: Vec<Option<Vec<u64>>> = plan.statements().map(|_| Some(vec![200, 3, 3])).collect();
            for sql in
                plan.finish(&counts, &[], at("2026-01-01T00:00:00Z")).unwrap().checks.into_iter().filter_map(|check| check.sql)
            {
                let vetting = crate::guard::vet(&crate::guard::Request {
                    ctx: &ctx,
                    source: "s",
                    catalog: &catalog,
                    access: &crate::adapter::Access::full(),
                    settings: &crate::settings::GuardLimits::default(),
                    sql: &sql,
                    params: &[],
                    purpose: Purpose::Sql,
                });
                assert!(vetting.vetted.is_some(), "{dialect:?} {sql}: {:?}", vetting.findings);
                texts.push(format!("-- {sql}"));
            }
        }
        assert!(texts.len() >= 6, "{dialect:?}: {texts:?}");
        shown.push_str(&format!("{dialect:?}\n{}\n", texts.join("\n")));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn tables_that_were_not_read_or_are_too_large_cost_nothing() {
    let now = at("2026-01-01T00:00:00Z");
    let mut catalog = catalog(Dialect::Sqlite);
    let few = QualityOptions { max_rows: 100, max_references: 0, ..QualityOptions::default() };
    for plan in plans(&catalog, None, now, &few) {
        assert_eq!(plan.statements().count(), 0);
        // What the statistics tell is told all the same; what they leave open is not.
        let quality = plan.finish(&[], &[], now).unwrap();
        assert!(quality.checks.iter().any(|check| check.kind == CheckKind::Completeness));
        assert!(quality.checks.iter().all(|check| check.id != "validity.negative(quantity)"));
    }
    catalog.tables.iter_mut().for_each(|table| table.statistics = None);
    assert!(plans(&catalog, None, now, &QualityOptions::default()).into_iter().all(|plan| plan.finish(&[], &[], now).is_none()));
}

#[test]
fn what_was_not_counted_is_left_out() {
    let now = at("2026-01-01T00:00:00Z");
    let plan = plans(&catalog(Dialect::Sqlite), None, now, &QualityOptions::default()).remove(0);
    let ids = |quality: TableQuality| quality.checks.into_iter().map(|check| check.id).collect::<Vec<_>>();
    let all: Vec<_> = plan.statements().map(|_| Some(vec![200, 0, 0])).collect();
    let none: Vec<_> = plan.statements().map(|_| None).collect();
    let (all, none) = (ids(plan.clone().finish(&all, &[], now).unwrap()), ids(plan.clone().finish(&none, &[], now).unwrap()));
    assert!(all.len() > none.len() && none.iter().all(|id| all.contains(id)));
    // Counts that are missing, or too many, do no harm.
    plan.finish(&[Some(vec![]), Some(vec![1, 2, 3, 4, 5, 6])], &[], now).unwrap();
}

#[test]
fn a_score_falls_with_what_is_wrong() {
    let check = |kind, severity, offending| QualityCheck {
        id: String::new(),
        kind,
        severity,
        passed: offending == 0,
        message: String::new(),
        columns: Vec::new(),
        offending,
        examined: 100,
        sql: None,
    };
    use CheckKind::{Completeness, References};
    let well = check(Completeness, Severity::Warning, 0);
    assert_eq!(score::score(std::slice::from_ref(&well)), 100);
    // Half of an error's worth, the mean with the other kind.
    assert_eq!(score::score(&[well.clone(), check(References, Severity::Error, 20)]), 70);
    assert_eq!(score::score(&[check(References, Severity::Error, 100)]), 0);
    // A single bad column shows among many good ones.
    let mut many = vec![well; 99];
    many.push(check(Completeness, Severity::Error, 50));
    assert_eq!(score::score(&many), 62);
}

#[test]
fn histories_are_short_and_in_order() {
    let point = |second: i64, score| QualityPoint { at: jiff::Timestamp::from_second(second).unwrap(), score, failed: 0 };
    let mut history = Vec::new();
    for second in 0..250 {
        history = merge_history(&history, point(second, 50));
    }
    assert_eq!((history.len(), history[0].at.as_second(), history[99].at.as_second()), (100, 150, 249));
    // The same sync said again replaces what it said before.
    let again = merge_history(&history, point(200, 7));
    assert_eq!((again.len(), again[50].score), (100, 7));
}

#[cfg(feature = "sqlite")]
mod on_sqlite {
    use std::sync::Arc;

    use super::*;
    use crate::adapter::AuditSink;
    use crate::source::sqlite::SqliteSource;
    use crate::sync::{SyncOptions, sync};

    const FAULTS: &str = "
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, born DATE, notes TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, order_date TEXT, quantity INTEGER, total REAL, code TEXT, weight INTEGER);
        CREATE TABLE empty (id INTEGER PRIMARY KEY);
        CREATE VIEW shown AS SELECT id FROM orders;
        WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100)
            INSERT INTO customers SELECT n, 'c' || n, 'c' || n || '@example.org', date('1980-01-01', n || ' days'), NULL FROM s;
        UPDATE customers SET email = 'nobody at home' WHERE id IN (5, 6);
        UPDATE customers SET name = NULL WHERE id <= 20;
        UPDATE customers SET born = '2090-01-01' WHERE id = 7;
        WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1000)
            INSERT INTO orders SELECT n, n % 100 + 1, date('2024-01-01', (n % 365) || ' days'), n % 9 + 1, n / 7.0, 'x' || n, n % 5 + 1 FROM s;
        UPDATE orders SET customer_id = 991 + id % 5 WHERE id <= 30;
        UPDATE orders SET quantity = -1 WHERE id IN (50, 51, 52);
        UPDATE orders SET weight = 'unknown' WHERE id = 60;";

    /// The catalogue of the script, and a connection to run statements on.
    async fn learn(script: &str) -> (Catalog, rusqlite::Connection) {
        let source = SqliteSource::from_sql("shop", script).unwrap();
        let audit: Arc<dyn AuditSink> = Arc::new(crate::audit::MemorySink::default());
        let ctx = Context::new("acme", "ada").unwrap();
        let catalog = sync(&ctx, &source, &audit, &SyncOptions::default(), &|_| {}).await.unwrap();
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(script).unwrap();
        (catalog, connection)
    }

    fn counts(connection: &rusqlite::Connection, sql: &str) -> Vec<u64> {
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        statement.query_row([], |row| (0..columns).map(|at| row.get::<_, i64>(at).map(|count| count as u64)).collect()).unwrap()
    }

    fn check(plans: Vec<QualityPlan>, connection: &rusqlite::Connection, now: jiff::Timestamp) -> Vec<Option<TableQuality>> {
        let run = |plan: QualityPlan| {
            let found: Vec<_> = plan.statements().map(|statement| Some(counts(connection, &statement.to_string()))).collect();
            plan.finish(&found, &[], now)
        };
        plans.into_iter().map(run).collect()
    }

    #[tokio::test]
    async fn faults_are_found_and_counted() {
        let (catalog, connection) = learn(FAULTS).await;
        assert_eq!(catalog.relationships.len(), 1, "orders refer to customers in spite of orphans");
        let now = at("2026-01-01T00:00:00Z");
        let options = QualityOptions {
            required: vec![(TableName::bare("customers"), "EMAIL".into())],
            freshness_hours: vec![(TableName::bare("orders"), 48)],
            ..QualityOptions::default()
        };
        let found = check(plans(&catalog, None, now, &options), &connection, now);
        let of = |name: &str| found[catalog.tables.iter().position(|table| table.name.name == name).unwrap()].as_ref();
        let failed = |name: &str| -> Vec<(String, u64, u64)> {
            let failed = of(name).unwrap().checks.iter().filter(|check| !check.passed);
            failed.map(|check| (check.id.clone(), check.offending, check.examined)).collect()
        };
        let expect = |list: &[(&str, u64, u64)]| list.iter().map(|(id, a, b)| ((*id).to_owned(), *a, *b)).collect::<Vec<_>>();
        assert_eq!(
            failed("customers"),
            expect(&[
                ("completeness(name)", 20, 100),
                ("validity.email(email)", 2, 100),
                ("validity.future(born)", 1, 100),
                ("completeness(notes)", 100, 100),
            ])
        );
        assert_eq!(
            failed("orders"),
            expect(&[
                ("freshness(order_date)", 1, 1),
                ("references(customer_id->customers)", 30, 1_000),
                ("validity.negative(quantity)", 3, 1_000),
                ("validity.type(weight)", 1, 1_000),
            ])
        );
        assert_eq!(failed("empty"), expect(&[("volume", 1, 1)]));
        assert!(of("shown").is_none(), "rows of a view are other tables'");
        let (orders, empty) = (of("orders").unwrap(), of("empty").unwrap());
        assert!(orders.checks.iter().any(|check| check.passed));
        assert_eq!((orders.score, empty.score), (78, 71));
        // The statement beside a check gives the count that it tells, and no value of a row is told.
        for check in found.iter().flatten().flat_map(|quality| &quality.checks) {
            assert_eq!(check.sql.is_some(), !check.passed, "{check:?}");
            if let Some(sql) = check.sql.as_ref().filter(|_| !matches!(check.kind, CheckKind::Freshness | CheckKind::Volume)) {
                assert_eq!(counts(&connection, sql), [check.offending], "{sql}");
            }
            let text = serde_json::to_string(check).unwrap();
            assert!(
                !text.contains("nobody") && !text.contains("2090") && !text.contains("unknown") && !text.contains("2024"),
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn a_table_that_shrinks_and_one_that_is_fresh_are_noticed() {
        let (before, _) = learn(FAULTS).await;
        let fresh = format!(
            "{FAULTS} DELETE FROM orders WHERE id > 100; INSERT INTO orders (id, customer_id, order_date) VALUES (5000, 1, '2026-01-01 09:00:00');"
        );
        let (catalog, connection) = learn(&fresh).await;
        let now = at("2026-01-01T12:00:00Z");
        for (hours, passes) in [(4, true), (2, false)] {
            let options = QualityOptions {
                freshness_hours: vec![(TableName::qualified("MAIN", "Orders"), hours)],
                ..QualityOptions::default()
            };
            let found = check(plans(&catalog, Some(&before), now, &options), &connection, now);
            let checks = &found[2].as_ref().unwrap().checks;
            let of = |kind| checks.iter().find(|check| check.kind == kind).unwrap();
            assert_eq!((of(CheckKind::Freshness).passed, of(CheckKind::Volume).passed), (passes, false));
            assert_eq!(of(CheckKind::Volume).offending, 899);
        }
    }

    #[tokio::test]
    async fn keys_that_nobody_enforces_are_counted() {
        let mut script = String::from("CREATE TABLE t (a INTEGER, b TEXT, c INTEGER);");
        for row in 0..40 {
            script.push_str(&format!("INSERT INTO t VALUES ({}, 'b', {row});", row / 2));
        }
        let (mut catalog, connection) = learn(&script).await;
        catalog.dialect = Dialect::Datafusion;
        catalog.tables[0].primary_key = vec!["c".into()];
        catalog.tables[0].unique_keys = vec![vec!["a".into(), "b".into()], vec!["a".into()]];
        let now = at("2026-01-01T00:00:00Z");
        let found = check(plans(&catalog, None, now, &QualityOptions::default()), &connection, now).remove(0).unwrap();
        let unique: Vec<_> = found
            .checks
            .iter()
            .filter(|check| check.kind == CheckKind::Uniqueness)
            .map(|check| (&*check.id, check.offending))
            .collect();
        assert_eq!(unique, [("uniqueness(a)", 20), ("uniqueness(a,b)", 20), ("uniqueness(c)", 0)]);
    }
}
