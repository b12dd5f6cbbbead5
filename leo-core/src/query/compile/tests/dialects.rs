//! The texts in all dialects: snapshots, each parsed back to the statement it prints.

use super::*;

/// The statement in each dialect, one after the other.
fn all(query: &SemanticQuery) -> String {
    let mut text = String::new();
    for dialect in Dialect::ALL {
        let compiled = round_trip(query, *dialect).unwrap_or_else(|error| panic!("{dialect}: {error}"));
        let values: Vec<String> = compiled.params.iter().map(|value| format!("{}:{value}", value.type_name())).collect();
        text.push_str(&format!("-- {dialect} [{}]\n{}\n", values.join(", "), compiled.sql));
        // What is shown parses too, and holds no placeholder any more.
        let shown = crate::query::inline_params(*dialect, &compiled.sql, &compiled.params).unwrap();
        let shown = parse(*dialect, &shown).to_string();
        assert!(!shown.contains("@p1") && !shown.contains("$1") && !shown.contains("?1"), "{shown}");
    }
    text
}

#[test]
fn revenue_by_month() {
    let mut query = ask("orders").and(during("orders.ordered_at", year(2024)));
    query.dimensions = vec![time("month", "orders.ordered_at", Grain::Month)];
    query.measures = vec![sum("revenue", revenue())];
    query.order = vec![desc("revenue"), asc("month")];
    query.limit = Some(5);
    insta::assert_snapshot!(all(&query));
}

#[test]
fn grains() {
    for &grain in Grain::ALL {
        let mut query = ask("orders");
        query.dimensions = vec![time("bucket", "orders.ordered_at", grain)];
        query.measures = vec![rows("orders", "orders")];
        insta::assert_snapshot!(format!("grain_{grain:?}"), all(&query));
    }
}

#[test]
fn stored_dates() {
    for (column, grain) in [("at", Grain::Day), ("day", Grain::Month), ("month", Grain::Quarter), ("year", Grain::Year)] {
        let path = format!("visits.{column}");
        let mut query = ask("visits").and(during(&path, year(2024)));
        query.dimensions = vec![time("bucket", &path, grain)];
        query.measures = vec![rows("visits", "visits")];
        insta::assert_snapshot!(format!("stored_{column}"), all(&query));
    }
}

#[test]
fn zoned_timestamps() {
    for dialect in [Dialect::Postgres, Dialect::Datafusion, Dialect::Tsql] {
        let mut catalog = shop::catalog(dialect);
        for table in &mut catalog.tables {
            for column in &mut table.columns {
                if column.name == "ordered_at" {
                    column.declared_type =
                        if dialect == Dialect::Tsql { "datetimeoffset" } else { "timestamp with time zone" }.into();
                }
            }
        }
        let mut query = ask("orders").and(during("orders.ordered_at", year(2024)));
        query.dimensions = vec![time("day", "orders.ordered_at", Grain::Day)];
        query.measures = vec![rows("orders", "orders")];
        let compiled = compile(&query, &catalog, &options(dialect)).unwrap();
        assert_eq!(parse(dialect, &compiled.sql), compiled.statement);
        let values: Vec<String> = compiled.params.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(format!("zoned_{dialect}"), format!("{}\n{}", compiled.sql, values.join(", ")));
    }
}

#[test]
fn shares_totals_and_conditions() {
    let mut query = ask("orders");
    query.dimensions = vec![dim("region", "customers.region"), time("month", "orders.ordered_at", Grain::Month)];
    query.measures = vec![
        Measure { transform: Transform::ShareOfTotal { within: vec!["region".into()] }, ..rows("share", "orders") },
        Measure { transform: Transform::RunningTotal, ..sum("so_far", s("orders.freight")) },
        Measure::new("mean", Aggregate::Avg(s("orders.customer_id"))),
    ];
    query.having = vec![
        Having { measure: "so_far".into(), op: Operator::Greater, value: HavingValue::Value(Value::Float(2.5)) },
        Having { measure: "mean".into(), op: Operator::Less, value: HavingValue::AverageOfGroups },
    ];
    query.order = vec![asc("region"), desc("month")];
    insta::assert_snapshot!(all(&query));
}

#[test]
fn first_rows_of_each_group() {
    let mut query = ask("order_lines");
    query.dimensions = vec![dim("category", "categories.name"), dim("product", "products.name")];
    query.measures = vec![sum("sold", s("order_lines.quantity"))];
    query.top_per = Some(TopPer { within: vec!["category".into()], n: 2, by: desc("sold") });
    insta::assert_snapshot!(all(&query));
}

#[test]
fn conditions_on_rows() {
    let mut query = ask("customers")
        .and(Filter::Text { value: s("customers.name"), kind: TextMatch::Contains, text: "50%_[a]\\'!".into() })
        .and(Filter::Text { value: s("customers.region"), kind: TextMatch::Equals, text: "north".into() })
        .and(is("customers.active", true))
        .and(Filter::Not(Box::new(Filter::Exists { table: t("returns"), filter: None, at_least: 1 })))
        .and(Filter::Exists { table: t("orders"), filter: Some(Box::new(is("orders.status", "done"))), at_least: 2 })
        .and(Filter::FollowedBy { event: t("orders"), time: f("orders.ordered_at"), within_days: 90 })
        .and(Filter::Or(vec![
            Filter::In { value: s("customers.credit"), set: vec![Value::Int(1), Value::Float(2.5)] },
            Filter::Between { value: s("customers.credit"), low: Value::Int(-5), high: Value::Int(5) },
            Filter::Not(Box::new(cmp("customers.credit", Operator::Greater, 3))),
            Filter::IsNull(s("customers.region")),
        ]));
    query.dimensions = vec![dim("name", "customers.name")];
    insta::assert_snapshot!(all(&query));
}

#[test]
fn days_and_first_values() {
    let days = Scalar::DaysBetween { from: Box::new(s("orders.ordered_at")), to: Box::new(s("orders.shipped_on")) };
    let since = Scalar::DaysBetween { from: Box::new(s("orders.shipped_on")), to: Box::new(lit("2024-01-01")) };
    let mut query = ask("orders");
    query.dimensions = vec![Dimension::new("region", Scalar::Coalesce(vec![s("customers.region"), lit("none")]))];
    query.measures = vec![
        Measure::new("days", Aggregate::Avg(days)),
        Measure::new("since", Aggregate::Max(since)),
        sum("scaled", calc(s("orders.freight"), Arithmetic::Divide, calc(lit(-2), Arithmetic::Subtract, lit(0.5)))),
    ];
    insta::assert_snapshot!(all(&query));
}

#[test]
fn measures_of_two_tables() {
    let mut query = ask("orders");
    query.dimensions = vec![dim("region", "customers.region")];
    query.measures = vec![rows("orders", "orders"), sum("returned", s("returns.amount"))];
    query.order = vec![asc("region")];
    insta::assert_snapshot!(all(&query));
}

#[test]
fn overlapping_groups() {
    let mut query = ask("customers");
    query.dimensions = vec![dim("status", "orders.status")];
    query.measures = vec![sum("credit", s("customers.credit"))];
    insta::assert_snapshot!(all(&query));
}

#[test]
fn a_condition_of_a_measure_on_other_rows() {
    let mut query = ask("customers");
    query.dimensions = vec![dim("region", "customers.region")];
    let returned = Filter::Exists { table: t("returns"), filter: None, at_least: 1 };
    query.measures = vec![Measure { filter: Some(returned), ..rows("returning", "customers") }, rows("all", "customers")];
    insta::assert_snapshot!(all(&query));
}

#[test]
fn rows_are_counted_over_files_by_what_belongs_to_them() {
    let returned = Filter::Exists { table: t("returns"), filter: None, at_least: 1 };
    let mut query = ask("customers").and(Filter::Exists { table: t("orders"), filter: Some(Box::new(returned)), at_least: 2 });
    query.dimensions = vec![dim("name", "customers.name")];
    let compiled = round_trip(&query, Dialect::Datafusion).unwrap();
    assert!(compiled.sql.contains("EXISTS (SELECT 1 FROM returns") && !compiled.sql.contains("CASE"), "{}", compiled.sql);
}

#[test]
fn comparison_in_one_scan() {
    let mut query = ask("orders");
    query.dimensions = vec![dim("region", "customers.region")];
    query.measures = vec![rows("orders", "orders")];
    query.compare = Some(Comparison { time: f("orders.ordered_at"), window: year(2023), base: ComparisonBase::PreviousYear });
    insta::assert_snapshot!(all(&query));
}

#[test]
fn comparison_bucket_by_bucket() {
    for (grain, base) in [
        (Grain::Month, ComparisonBase::PreviousYear),
        (Grain::Week, ComparisonBase::PreviousPeriod),
        (Grain::Day, ComparisonBase::PreviousYear),
    ] {
        let mut query = ask("orders");
        query.dimensions = vec![time("bucket", "orders.ordered_at", grain)];
        query.measures = vec![rows("orders", "orders")];
        query.compare = Some(Comparison { time: f("orders.ordered_at"), window: year(2023), base });
        insta::assert_snapshot!(format!("buckets_{grain:?}"), all(&query));
    }
}

#[test]
fn combined_results() {
    let mut query = ask("customers");
    query.dimensions = vec![dim("name", "customers.region")];
    query.order = vec![asc("name")];
    let mut other = ask("employees");
    other.dimensions = vec![dim("who", "employees.name")];
    other.order = vec![desc("who")];
    other.limit = Some(2);
    query.set = Some((SetOperator::Union, Box::new(other)));
    insta::assert_snapshot!(all(&query));
}

#[test]
fn queries_within() {
    let mut best = ask("orders");
    best.dimensions = vec![dim("customer", "orders.customer_id")];
    best.measures = vec![Measure { hidden: true, ..rows("n", "orders") }];
    best.having = vec![Having { measure: "n".into(), op: Operator::Greater, value: HavingValue::AverageOfGroups }];
    best.order = vec![desc("n")];
    best.limit = Some(3);
    let mut mean = ask("orders");
    mean.measures = vec![Measure::new("mean", Aggregate::Avg(s("orders.freight")))];
    let mut query = ask("orders")
        .and(Filter::Not(Box::new(Filter::InQuery { value: s("orders.customer_id"), query: Box::new(best) })))
        .and(Filter::CompareQuery { left: s("orders.freight"), op: Operator::Greater, query: Box::new(mean) });
    query.distinct = true;
    query.dimensions = vec![dim("status", "orders.status")];
    query.limit = Some(10);
    insta::assert_snapshot!(all(&query));
}
