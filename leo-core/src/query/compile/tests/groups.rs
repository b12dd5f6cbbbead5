//! Measures, dimensions, transforms, conditions on groups, order, limits, first rows per group, set operations.

use super::*;

#[test]
fn a_simple_question_is_a_simple_statement() {
    let mut query = ask("orders").and(during("orders.ordered_at", year(2024)));
    query.dimensions = vec![time("month", "orders.ordered_at", Grain::Month)];
    query.measures = vec![sum("revenue", revenue())];
    query.order = vec![asc("month")];
    assert_eq!(
        sql(&query),
        "SELECT strftime('%Y-%m', orders.ordered_at) AS month, SUM(order_lines.quantity * order_lines.unit_price * \
         (1 - order_lines.discount)) AS revenue FROM order_lines JOIN orders ON order_lines.order_id = orders.id \
         WHERE orders.ordered_at >= ?1 AND orders.ordered_at < ?2 GROUP BY strftime('%Y-%m', orders.ordered_at) ORDER BY month"
    );
    assert_eq!(run(&query), ["2024-01|18", "2024-03|34", "2024-04|5", "2024-05|16"]);
    let compiled = compiled(&query);
    assert_eq!(compiled.windows[0].label, "2024-01-01 to 2024-12-31");
    assert!(compiled.params == [Value::from("2024-01-01"), Value::from("2025-01-01")]);
    assert_eq!(compiled.joins.len(), 1);
    assert!(compiled.warnings.is_empty());
}

#[test]
fn every_aggregate() {
    let mut query = ask("orders");
    query.measures = vec![
        rows("orders", "orders"),
        Measure::new("shipped", Aggregate::Count(s("orders.shipped_on"))),
        Measure::new("buyers", Aggregate::CountDistinct(s("orders.customer_id"))),
        sum("freight", s("orders.freight")),
        Measure::new("mean", Aggregate::Avg(s("orders.freight"))),
        Measure::new("least", Aggregate::Min(s("orders.freight"))),
        Measure::new("most", Aggregate::Max(s("orders.freight"))),
        Measure { filter: Some(is("orders.status", "open")), ..rows("open", "orders") },
        Measure { filter: Some(is("orders.status", "open")), ..sum("open_freight", s("orders.freight")) },
        Measure::new(
            "open_share",
            Aggregate::Ratio {
                numerator: Box::new(Measure { filter: Some(is("orders.status", "open")), ..rows("n", "orders") }),
                denominator: Box::new(rows("d", "orders")),
            },
        ),
        Measure::new(
            "nothing",
            Aggregate::Ratio {
                numerator: Box::new(rows("n", "orders")),
                denominator: Box::new(Measure { filter: Some(is("orders.status", "lost")), ..rows("d", "orders") }),
            },
        ),
    ];
    assert_eq!(run(&query), ["7|4|3|56|8|5|11|2|19|0.2857|-"]);
}

#[test]
fn every_grain_has_its_documented_form() {
    let grains = [
        (Grain::Hour, "2024-03-31 12:00"),
        (Grain::Day, "2024-03-31"),
        (Grain::Week, "2024-03-25"),
        (Grain::IsoWeek, "2024-W13"),
        (Grain::Month, "2024-03"),
        (Grain::Quarter, "2024-Q1"),
        (Grain::Year, "2024"),
        (Grain::FiscalQuarter, "FY2024-Q4"),
        (Grain::FiscalYear, "2024"),
        (Grain::HourOfDay, "12"),
        (Grain::DayOfWeek, "7"),
        (Grain::MonthOfYear, "3"),
        (Grain::QuarterOfYear, "1"),
    ];
    let mut query = ask("orders").and(is("orders.id", 5));
    query.dimensions = grains.iter().map(|(grain, _)| time(&format!("{grain:?}"), "orders.ordered_at", *grain)).collect();
    let expected: Vec<&str> = grains.iter().map(|(_, form)| *form).collect();
    assert_eq!(run(&query), [expected.join("|")]);
}

#[test]
fn shares_are_taken_before_conditions_and_limits() {
    let mut query = ask("order_lines");
    query.dimensions = vec![dim("category", "categories.name")];
    query.measures = vec![
        Measure { transform: Transform::ShareOfTotal { within: vec![] }, ..sum("share", revenue()) },
        sum("revenue", revenue()),
    ];
    query.order = vec![desc("revenue")];
    // Tea 10+12+20+4+5 = 51, coffee 10+10+10 = 30, no category 8+16 = 24: 105 in all.
    let all = ["Tea|0.4857|51", "Coffee|0.2857|30", "-|0.2286|24"];
    assert_eq!(run(&query), all);
    query.limit = Some(1);
    assert_eq!(run(&query), all[..1]);
    query.limit = None;
    query.having = vec![Having { measure: "revenue".into(), op: Operator::Less, value: HavingValue::Value(Value::Int(40)) }];
    assert_eq!(run(&query), all[1..]);
    query.having[0].measure = "share".into();
    query.having[0].value = HavingValue::Value(Value::Float(0.25));
    assert_eq!(run(&query), all[2..]);
}

#[test]
fn shares_within_a_dimension_and_running_totals() {
    let mut query = ask("orders").and(during("orders.ordered_at", year(2024)));
    query.dimensions = vec![dim("region", "customers.region"), time("month", "orders.ordered_at", Grain::Month)];
    query.measures = vec![
        sum("freight", s("orders.freight")),
        Measure { transform: Transform::ShareOfTotal { within: vec!["region".into()] }, ..sum("share", s("orders.freight")) },
        Measure { transform: Transform::RunningTotal, ..sum("so_far", s("orders.freight")) },
    ];
    query.order = vec![asc("region"), asc("month")];
    assert_eq!(
        run(&query),
        [
            "North|2024-01|7|0.28|7",
            "North|2024-03|8|0.32|15",
            "North|2024-04|10|0.4|25",
            "South|2024-03|9|0.45|9",
            "South|2024-05|11|0.55|20"
        ]
    );
}

#[test]
fn conditions_on_groups_and_hidden_measures() {
    let mut query = ask("customers");
    query.dimensions = vec![dim("customer", "customers.name")];
    query.measures = vec![Measure { hidden: true, ..rows("orders", "orders") }];
    query.having =
        vec![Having { measure: "orders".into(), op: Operator::GreaterOrEqual, value: HavingValue::Value(Value::Int(2)) }];
    query.order = vec![desc("orders"), asc("customer")];
    assert_eq!(run(&query), ["Anna", "Bob", "Cleo"]);
    assert!(sql(&query).contains("HAVING COUNT(*) >= ?1 ORDER BY COUNT(*) DESC, customer"), "{}", sql(&query));
    // 3, 2 and 2 orders: 2.33 on average.
    query.having[0] = Having { measure: "orders".into(), op: Operator::Greater, value: HavingValue::AverageOfGroups };
    assert_eq!(run(&query), ["Anna"]);
}

#[test]
fn order_puts_nulls_last_and_limits_are_stable() {
    let mut query = ask("customers");
    query.dimensions = vec![dim("region", "customers.region"), dim("name", "customers.name")];
    query.order = vec![asc("region")];
    query.limit = Some(4);
    assert_eq!(run(&query), ["North|Anna", "North|Bob", "South|Cleo", "-|Dan"]);
    query.order = vec![desc("region")];
    assert_eq!(run(&query), ["South|Cleo", "North|Anna", "North|Bob", "-|Dan"]);
    assert!(sql(&query).ends_with("ORDER BY region DESC, customers.id LIMIT 4"), "{}", sql(&query));
}

#[test]
fn the_first_rows_of_each_group() {
    let mut query = ask("order_lines");
    query.dimensions = vec![dim("category", "categories.name"), dim("product", "products.name")];
    query.measures = vec![sum("sold", s("order_lines.quantity"))];
    query.top_per = Some(TopPer { within: vec!["category".into()], n: 1, by: desc("sold") });
    assert_eq!(run(&query), ["Coffee|Espresso|4", "Tea|Green tea|7", "-|Mug|3"]);
    // Without measures, rows themselves are ranked.
    let mut query = ask("orders");
    query.dimensions = vec![dim("customer", "customers.name"), dim("at", "orders.ordered_at")];
    query.top_per = Some(TopPer { within: vec!["customer".into()], n: 1, by: asc("at") });
    query.order = vec![asc("customer")];
    assert_eq!(run(&query), ["Anna|2023-03-05 09:00:00", "Bob|2024-01-15 10:00:00", "Cleo|2024-03-31 12:00:00"]);
}

#[test]
fn listing_and_distinct() {
    let mut query = ask("products");
    query.dimensions = vec![dim("product", "products.name"), dim("category", "categories.name")];
    assert_eq!(
        sql(&query),
        "SELECT products.name AS product, categories.name AS category FROM products LEFT JOIN categories ON \
         products.category_id = categories.id"
    );
    assert_eq!(run(&query), ["Green tea|Tea", "Black tea|Tea", "Espresso|Coffee", "Mug|-", "100%_pure|Coffee"]);
    let mut query = ask("customers");
    query.distinct = true;
    query.dimensions = vec![dim("region", "customers.region")];
    query.order = vec![asc("region")];
    assert_eq!(run(&query), ["North", "South", "-"]);
}

#[test]
fn a_listing_of_children_says_so() {
    let mut query = ask("customers");
    query.dimensions = vec![dim("name", "customers.name"), dim("status", "orders.status")];
    query = query.and(is("orders.status", "open"));
    assert_eq!(run(&query), ["Bob|open", "Cleo|open"]);
    assert!(compiled(&query).warnings[0].contains("listed once for each row of orders"));
}

#[test]
fn set_operations() {
    let named = |from: &str, path: &str| {
        let mut query = ask(from);
        query.dimensions = vec![dim("name", path)];
        query
    };
    let mut query = named("customers", "customers.region");
    query.set = Some((SetOperator::Union, Box::new(named("categories", "categories.name"))));
    query.order = vec![asc("name")];
    assert_eq!(run(&query), ["Coffee", "Empty", "North", "South", "Tea", "-"]);
    let mut query = named("products", "products.id");
    let mut sold = named("order_lines", "order_lines.product_id");
    query.set = Some((SetOperator::Except, Box::new(sold.clone())));
    assert_eq!(run(&query), ["5"]);
    query.set = Some((SetOperator::Intersect, Box::new(sold.clone())));
    assert_eq!(run_sorted(&query), ["1", "2", "3", "4"]);
    // A limited part stays limited.
    sold.order = vec![desc("name")];
    sold.limit = Some(1);
    query.set = Some((SetOperator::Except, Box::new(sold)));
    assert_eq!(run_sorted(&query), ["1", "2", "3", "5"]);
    query.order = vec![asc("name")];
    query.limit = Some(2);
    assert_eq!(run_sorted(&query), ["1", "2"]);
}

#[test]
fn self_joins_and_roles_have_their_own_aliases() {
    let via =
        |relationships: &[&str], path: &str| Field { via: relationships.iter().map(|id| (*id).to_owned()).collect(), ..f(path) };
    let field = |name: &str, field: Field| Dimension::new(name, Scalar::Field(field));
    let mut query = ask("employees");
    query.dimensions = vec![
        dim("employee", "employees.name"),
        field("manager", via(&["employees(manager_id)->employees(id)"], "employees.name")),
    ];
    query.order = vec![asc("employee")];
    assert_eq!(run(&query), ["Ada|-", "Ben|Ada", "Cy|Ada", "Di|Ben"]);
    assert!(sql(&query).contains("LEFT JOIN employees AS manager ON employees.manager_id = manager.id"), "{}", sql(&query));
    // The seller of the order and the support contact of its customer are two employees.
    let mut query = ask("orders");
    query.dimensions = vec![
        field("seller", via(&["orders(employee_id)->employees(id)"], "employees.name")),
        field(
            "contact",
            via(&["orders(customer_id)->customers(id)", "customers(support_rep_id)->employees(id)"], "employees.name"),
        ),
    ];
    query.measures = vec![rows("orders", "orders")];
    query.order = vec![asc("seller"), asc("contact")];
    assert_eq!(run(&query), ["Ben|Ben|3", "Cy|Ben|1", "Cy|Cy|1", "Di|Cy|1", "-|Ben|1"]);
}

#[test]
fn names_that_need_quotes() {
    let mut query = ask("Order Ratings");
    query.dimensions = vec![dim("group", "Order Ratings.select"), dim("Straße \"x\"", "orders.status")];
    query.measures = vec![sum("order", s("Order Ratings.Größe (cm)"))];
    query.order = vec![desc("order")];
    assert_eq!(run(&query), ["b|done|20", "a|done|10"]);
    for dialect in Dialect::ALL {
        round_trip(&query, *dialect).unwrap();
    }
}

#[test]
fn days_between_and_first_values() {
    let mut query = ask("orders");
    let days = Scalar::DaysBetween { from: Box::new(s("orders.ordered_at")), to: Box::new(s("orders.shipped_on")) };
    query.measures = vec![Measure::new("days", Aggregate::Avg(days))];
    query.dimensions = vec![Dimension::new("region", Scalar::Coalesce(vec![s("customers.region"), lit("none")]))];
    query.order = vec![asc("region")];
    // 1.625, 1.0208 and −0.4167 days for the north; 1.5 for the south.
    assert_eq!(run(&query), ["North|0.7431", "South|1.5"]);
    assert_eq!(compiled(&query).columns[1].unit, Some(ColumnUnit::Days));
    let since = Scalar::DaysBetween { from: Box::new(lit("2024-01-01")), to: Box::new(s("orders.shipped_on")) };
    let mut query = ask("orders").and(is("orders.id", 5));
    query.dimensions = vec![Dimension::new("since", since)];
    assert_eq!(run(&query), ["92"]);
}

#[test]
fn columns_carry_their_roles() {
    let mut query = ask("orders");
    query.dimensions = vec![time("month", "orders.ordered_at", Grain::Month)];
    query.measures = vec![
        rows("orders", "orders"),
        Measure { hidden: true, ..sum("x", s("orders.freight")) },
        Measure { transform: Transform::ShareOfTotal { within: vec![] }, ..rows("share", "orders") },
    ];
    let columns = compiled(&query).columns;
    assert_eq!(columns.len(), 3);
    assert_eq!(columns[0].role, ColumnRole::Dimension { grain: Some(Grain::Month) });
    assert_eq!((columns[1].unit, columns[2].unit), (Some(ColumnUnit::Count), Some(ColumnUnit::Fraction)));
}

#[test]
fn hidden_dimensions_group_and_order_but_are_not_returned() {
    let hidden = |name: &str, path: &str| Dimension { hidden: true, ..dim(name, path) };
    let mut query = ask("employees");
    query.dimensions = vec![dim("name", "employees.name"), hidden("salary", "employees.salary")];
    query.order = vec![desc("salary")];
    query.limit = Some(1);
    assert_eq!(run(&query), ["Ada"]);
    assert_eq!(compiled(&query).columns.len(), 1);
    query.distinct = true;
    query.limit = None;
    assert_eq!(run(&query), ["Ada", "Di", "Ben", "Cy"]);
    let mut query = ask("orders");
    query.dimensions = vec![dim("region", "customers.region"), hidden("customer", "customers.id")];
    query.measures = vec![rows("orders", "orders")];
    query.order = vec![desc("orders"), asc("region")];
    assert_eq!(run(&query), ["North|3", "North|2", "South|2"]);
}
