//! Time windows in statements.

use super::*;

fn within(window: TimeWindow) -> (String, Vec<String>) {
    let mut query = ask("orders").and(during("orders.ordered_at", window));
    query.dimensions = vec![dim("id", "orders.id")];
    query.order = vec![asc("id")];
    let label = compiled(&query).windows[0].label.clone();
    (label, run(&query))
}

#[test]
fn windows_count_from_the_day_of_asking() {
    let last = TimeWindow::Last { unit: TimeUnit::Quarter, count: 1 };
    assert_eq!(within(last), ("2024-01-01 to 2024-03-31".into(), vec!["3".into(), "4".into(), "5".into()]));
    let fiscal = TimeWindow::Current(TimeUnit::FiscalYear);
    assert_eq!(within(fiscal), ("2024-04-01 to 2025-03-31".into(), vec!["6".into(), "7".into()]));
    let open = TimeWindow::Absolute { start: None, end: Some(jiff::civil::date(2024, 1, 1)) };
    assert_eq!(within(open), ("until 2023-12-31".into(), vec!["1".into(), "2".into()]));
    let all = TimeWindow::Absolute { start: None, end: None };
    assert_eq!(within(all).1.len(), 7);
}

#[test]
fn an_index_on_the_column_stays_usable() {
    let connection = shop::database();
    connection.execute_batch("CREATE INDEX by_time ON orders(ordered_at); CREATE INDEX by_second ON visits(at)").unwrap();
    for (table, column) in [("orders", "orders.ordered_at"), ("visits", "visits.at")] {
        let mut query = ask(table).and(during(column, year(2024)));
        query.measures = vec![rows("n", table)];
        let compiled = compiled(&query);
        let plan: String = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {}", compiled.sql))
            .unwrap()
            .query_row(rusqlite::params_from_iter(compiled.params.iter().map(Param)), |row| row.get(3))
            .unwrap();
        assert!(plan.contains("INDEX by_"), "{plan}");
    }
}

#[test]
fn instants_are_compared_at_the_midnights_of_the_zone() {
    let mut query = ask("visits").and(during("visits.at", year(2024)));
    query.measures = vec![rows("n", "visits")];
    let options =
        CompileOptions { now: "2024-05-15T10:00:00-04:00[America/New_York]".parse().unwrap(), ..options(Dialect::Sqlite) };
    let compiled = compile(&query, &shop::catalog(Dialect::Sqlite), &options).unwrap();
    assert!(compiled.params == [Value::Int(1_704_085_200), Value::Int(1_735_707_600)]);
    // 1 January 2024, 00:00 UTC is still 2023 in New York.
    assert_eq!(execute(&shop::database(), &compiled), ["2"]);
}

#[test]
fn coarse_columns_warn() {
    let mut query = ask("visits").and(during("visits.month", TimeWindow::Rolling { unit: TimeUnit::Day, count: 60 }));
    query.measures = vec![rows("n", "visits")];
    assert!(compiled(&query).warnings[0].contains("stores months only"));
}
