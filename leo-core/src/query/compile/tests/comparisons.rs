//! Measures beside another period.

use super::*;

fn compare(window: TimeWindow, base: ComparisonBase) -> Option<Comparison> {
    Some(Comparison { time: f("orders.ordered_at"), window, base })
}

fn months(year: i16, first: i8, after: i8) -> TimeWindow {
    TimeWindow::Absolute { start: Some(jiff::civil::date(year, first, 1)), end: Some(jiff::civil::date(year, after, 1)) }
}

#[test]
fn two_periods_in_one_scan() {
    let mut query = ask("orders");
    query.dimensions = vec![dim("region", "customers.region")];
    query.measures = vec![sum("freight", s("orders.freight")), rows("orders", "orders")];
    query.compare = compare(year(2024), ComparisonBase::PreviousYear);
    query.order = vec![desc("freight")];
    // The year is not over on 15 May: compared with 1 January to 15 May 2023, where Anna has one order of 5.
    assert_eq!(run(&query), ["North|25|5|20|4|3|1|2|2", "South|20|-|-|-|2|0|2|-"]);
    let compiled = compiled(&query);
    assert_eq!(
        compiled.windows.iter().map(|window| window.label.as_str()).collect::<Vec<_>>(),
        ["2024-01-01 to 2024-12-31", "2023-01-01 to 2023-05-15"]
    );
    assert_eq!(compiled.columns[2].role, ColumnRole::Comparison { of: "freight".into(), kind: ComparisonColumn::Previous });
    assert_eq!(compiled.columns[4].unit, Some(ColumnUnit::Fraction));
    query.having =
        vec![Having { measure: "orders_change".into(), op: Operator::GreaterOrEqual, value: HavingValue::Value(Value::Int(2)) }];
    query.order = vec![asc("orders_change_pct")];
    assert_eq!(run(&query).len(), 2);
}

#[test]
fn without_dimensions() {
    let mut query = ask("orders");
    query.measures = vec![sum("revenue", revenue())];
    query.compare = compare(TimeWindow::Last { unit: TimeUnit::Quarter, count: 1 }, ComparisonBase::PreviousPeriod);
    // January to March 2024: 18 + 20 + 14; October to December 2023: 12.
    assert_eq!(run(&query), ["52|12|40|3.3333"]);
}

#[test]
fn months_meet_the_months_of_the_year_before() {
    let mut query = ask("orders");
    query.dimensions = vec![time("month", "orders.ordered_at", Grain::Month)];
    query.measures = vec![sum("freight", s("orders.freight"))];
    query.compare = compare(months(2024, 1, 6), ComparisonBase::PreviousYear);
    query.order = vec![asc("month")];
    assert_eq!(run(&query), ["2024-01|7|-|-|-", "2024-03|17|5|12|2.4", "2024-04|10|-|-|-", "2024-05|11|-|-|-"]);
}

#[test]
fn buckets_meet_the_bucket_before() {
    let mut query = ask("orders");
    query.dimensions = vec![time("month", "orders.ordered_at", Grain::Month)];
    query.measures = vec![rows("orders", "orders")];
    query.compare = compare(months(2024, 1, 5), ComparisonBase::PreviousPeriod);
    query.order = vec![asc("month")];
    // December 2023 stands before January; February has no order of its own but follows January.
    assert_eq!(run(&query), ["2024-01|1|1|0|0", "2024-02|0|1|-1|-1", "2024-03|2|0|2|-", "2024-04|1|2|-1|-0.5"]);
    query.dimensions = vec![time("quarter", "orders.ordered_at", Grain::Quarter)];
    query.order = vec![asc("quarter")];
    query.compare = compare(months(2024, 1, 7), ComparisonBase::PreviousPeriod);
    assert_eq!(run(&query), ["2024-Q1|3|1|2|2", "2024-Q2|2|3|-1|-0.3333"]);
}

#[test]
fn windows_of_their_own_meet_by_position() {
    let mut query = ask("orders");
    query.dimensions = vec![time("month", "orders.ordered_at", Grain::Month)];
    query.measures = vec![rows("orders", "orders")];
    query.compare = compare(
        months(2024, 3, 6),
        ComparisonBase::Window(TimeWindow::Absolute {
            start: Some(jiff::civil::date(2023, 12, 1)),
            end: Some(jiff::civil::date(2024, 3, 1)),
        }),
    );
    query.order = vec![asc("month")];
    assert_eq!(run(&query), ["2024-03|2|1|1|1", "2024-04|1|1|0|0", "2024-05|1|0|1|-"]);
}

#[test]
fn parts_of_the_year_meet_by_themselves() {
    let mut query = ask("orders");
    query.dimensions = vec![time("month", "orders.ordered_at", Grain::MonthOfYear)];
    query.measures = vec![rows("orders", "orders")];
    query.compare = compare(months(2024, 1, 6), ComparisonBase::PreviousYear);
    query.order = vec![asc("month")];
    assert_eq!(run(&query), ["1|1|0|1|-", "3|2|1|1|1", "4|1|0|1|-", "5|1|0|1|-"]);
}

#[test]
fn leap_days_meet_the_last_of_february() {
    let connection = shop::empty();
    connection
        .execute_batch(
            "INSERT INTO customers VALUES (1,'a',NULL,1,NULL,1);
             INSERT INTO orders VALUES (1,1,NULL,'2024-02-28 10:00:00',NULL,'x',1),(2,1,NULL,'2024-02-29 10:00:00',NULL,'x',2),
              (3,1,NULL,'2025-02-28 10:00:00',NULL,'x',4),(4,1,NULL,'2025-03-01 10:00:00',NULL,'x',8);",
        )
        .unwrap();
    let mut query = ask("orders");
    query.dimensions = vec![time("day", "orders.ordered_at", Grain::Day)];
    query.measures = vec![sum("freight", s("orders.freight"))];
    query.compare = compare(months(2025, 2, 4), ComparisonBase::PreviousYear);
    query.order = vec![asc("day")];
    let mut options = options(Dialect::Sqlite);
    options.now = "2026-01-01T00:00:00Z[UTC]".parse().unwrap();
    let compiled = compile(&query, &shop::catalog(Dialect::Sqlite), &options).unwrap();
    assert_eq!(execute(&connection, &compiled), ["2025-02-28|4|3|1|0.3333", "2025-03-01|8|-|-|-"]);
    query.dimensions = vec![time("month", "orders.ordered_at", Grain::Month)];
    query.order = vec![asc("month")];
    let compiled = compile(&query, &shop::catalog(Dialect::Sqlite), &options).unwrap();
    assert_eq!(execute(&connection, &compiled), ["2025-02|4|3|1|0.3333", "2025-03|8|-|-|-"]);
}

#[test]
fn measures_of_two_tables_in_two_periods() {
    let mut query = ask("orders");
    query.dimensions = vec![time("quarter", "orders.ordered_at", Grain::Quarter)];
    query.measures = vec![rows("orders", "orders"), sum("revenue", revenue())];
    query.compare = compare(months(2024, 1, 7), ComparisonBase::PreviousPeriod);
    query.order = vec![asc("quarter")];
    assert_eq!(run(&query), ["2024-Q1|3|1|2|2|52|12|40|3.3333", "2024-Q2|2|3|-1|-0.3333|21|52|-31|-0.5962"]);
    // Without time they meet on the other dimensions.
    query.dimensions = vec![dim("region", "customers.region")];
    query.order = vec![asc("region")];
    assert_eq!(run(&query), ["North|3|1|2|2|43|12|31|2.5833", "South|2|0|2|-|30|-|-|-"]);
}

#[test]
fn shares_and_running_totals_of_both_periods() {
    let mut query = ask("orders");
    query.dimensions = vec![time("month", "orders.ordered_at", Grain::Month)];
    query.measures = vec![
        Measure { transform: Transform::RunningTotal, ..rows("so_far", "orders") },
        Measure { transform: Transform::ShareOfTotal { within: vec![] }, ..rows("share", "orders") },
    ];
    query.compare = compare(months(2024, 1, 5), ComparisonBase::PreviousPeriod);
    query.order = vec![asc("month")];
    assert_eq!(
        run(&query),
        [
            "2024-01|1|1|0|0|0.25|0.25|0|0",
            "2024-02|1|2|-1|-0.5|0|0.25|-0.25|-1",
            "2024-03|3|2|1|0.5|0.5|0|0.5|-",
            "2024-04|4|4|0|0|0.25|0.5|-0.25|-0.5"
        ]
    );
}

#[test]
fn an_unfinished_period_says_so() {
    let mut query = ask("orders");
    query.measures = vec![rows("orders", "orders")];
    query.compare = compare(TimeWindow::Current(TimeUnit::Month), ComparisonBase::PreviousPeriod);
    assert!(compiled(&query).warnings[0].contains("not over yet"));
    assert_eq!(run(&query), ["1|1|0|0"]);
}
