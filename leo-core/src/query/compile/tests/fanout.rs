//! Rows are never counted twice and never lost.

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;

#[test]
fn a_sum_over_a_parent_is_not_multiplied_by_its_children() {
    // Credit of customers by status of their orders: Anna (100) has done and cancelled ones, Bob and Cleo done and open ones.
    let mut query = ask("customers");
    query.dimensions = vec![dim("status", "orders.status")];
    query.measures = vec![sum("credit", s("customers.credit")), rows("customers", "customers")];
    query.order = vec![asc("status")];
    assert_eq!(run(&query), ["cancelled|100|1", "done|600|3", "open|500|2"]);
    assert!(compiled(&query).warnings[0].starts_with("groups overlap"));
    // Counting alone needs no detour.
    query.measures = vec![rows("customers", "customers"), Measure::new("least", Aggregate::Min(s("customers.credit")))];
    assert_eq!(run(&query), ["cancelled|1|100", "done|3|100", "open|2|200"]);
    assert!(sql(&query).contains("COUNT(DISTINCT customers.id)") && !sql(&query).contains("WITH"), "{}", sql(&query));
}

#[test]
fn conditions_of_measures_see_each_repetition() {
    let mut query = ask("customers");
    query.dimensions = vec![dim("status", "orders.status")];
    let heavy = |measure: Measure| Measure { filter: Some(cmp("orders.freight", Operator::Greater, 8)), ..measure };
    query.measures = vec![heavy(sum("credit", s("customers.credit"))), sum("all", s("customers.credit"))];
    query.order = vec![asc("status")];
    // Above 8: order 5 of Cleo (done), 6 of Anna (cancelled), 7 of Cleo (open).
    assert_eq!(run(&query), ["cancelled|100|100", "done|300|600", "open|300|500"]);
}

#[test]
fn measures_of_different_tables_meet_on_their_dimensions() {
    let mut query = ask("orders");
    query.dimensions = vec![dim("region", "customers.region")];
    query.measures = vec![
        rows("orders", "orders"),
        sum("revenue", revenue()),
        sum("returned", s("returns.amount")),
        rows("customers", "customers"),
        Measure::new(
            "return_rate",
            Aggregate::Ratio { numerator: Box::new(sum("a", s("returns.amount"))), denominator: Box::new(sum("b", revenue())) },
        ),
    ];
    query.order = vec![asc("region")];
    // North: orders 1-4 and 6, revenue 20+12+18+20+5; south: 5 and 7, 14+16; Dan is a customer without region and orders.
    assert_eq!(run(&query), ["North|5|75|18|2|0.24", "South|2|30|14|1|0.4667", "-|0|-|-|1|-"]);
    query.dimensions.clear();
    query.order.clear();
    assert_eq!(run(&query), ["7|105|32|4|0.3048"]);
}

#[test]
fn a_formula_is_aggregated_over_its_most_detailed_table() {
    let mut query = ask("customers");
    query.dimensions = vec![dim("customer", "customers.name")];
    let value = calc(s("order_lines.quantity"), Arithmetic::Multiply, s("products.price"));
    query.measures = vec![sum("at_list_price", value)];
    query.order = vec![asc("customer")];
    assert_eq!(run(&query), ["Anna|37", "Bob|48", "Cleo|30"]);
    // Freight belongs to orders: a formula with lines repeats it, one of orders and customers does not.
    query.measures = vec![sum("x", calc(s("orders.freight"), Arithmetic::Add, s("customers.credit")))];
    assert_eq!(run(&query), ["Anna|321", "Bob|415", "Cleo|620"]);
    query.measures = vec![sum("x", calc(s("order_lines.quantity"), Arithmetic::Multiply, s("returns.amount")))];
    assert_eq!(refused(&query).0, crate::ErrorKind::Unsupported);
}

#[test]
fn rows_without_parent_stay_in_the_sum() {
    let mut query = ask("order_lines");
    query.dimensions = vec![dim("category", "categories.name")];
    query.measures = vec![sum("sold", s("order_lines.quantity"))];
    query.order = vec![asc("category")];
    assert_eq!(run(&query), ["Coffee|4", "Tea|11", "-|3"]);
}

#[test]
fn rows_that_cannot_be_told_apart_are_not_guessed_at() {
    let mut query = ask("notes");
    query.dimensions = vec![dim("product", "order_lines.product_id")];
    query.measures = vec![sum("weight", s("notes.weight"))];
    let (kind, message) = refused(&query);
    assert_eq!(kind, crate::ErrorKind::Unsupported);
    assert!(message.contains("no key"), "{message}");
    // What does not mind repetitions is answered.
    query.measures = vec![Measure::new("heaviest", Aggregate::Max(s("notes.weight")))];
    assert!(!run(&query).is_empty());
}

#[test]
fn a_composite_key_tells_rows_apart() {
    // Quantities by amount returned of the same order: order 5 has two returns, so two groups.
    let mut query = ask("order_lines");
    query.dimensions = vec![dim("amount", "returns.amount")];
    query.dimensions[0].value = Scalar::Field(Field {
        via: vec!["order_lines(order_id)->orders(id)".into(), "returns(order_id)->orders(id)".into()],
        ..f("returns.amount")
    });
    query.measures = vec![sum("sold", s("order_lines.quantity")), rows("lines", "order_lines")];
    query.order = vec![asc("amount")];
    assert_eq!(run(&query), ["4|2|2", "8|3|2", "10|5|4"]);
}

#[test]
fn the_order_of_a_line_is_its_own_order() {
    // Seen from customers, the status is one of orders; the lines aggregated have one order each.
    let mut query = ask("customers").and(is("orders.status", "open"));
    query.dimensions = vec![dim("customer", "customers.name")];
    query.measures = vec![sum("sold", s("order_lines.quantity"))];
    query.order = vec![asc("customer")];
    assert_eq!(run(&query), ["Bob|4", "Cleo|2"]);
    assert!(!sql(&query).contains("EXISTS") && !sql(&query).contains(" IN ("), "{}", sql(&query));
}

/// A random shop: who ordered, what the lines hold, which products have a category.
#[derive(Debug, Clone)]
struct Rows {
    customers: Vec<(Option<u8>, i64)>,
    orders: Vec<(usize, u8)>,
    lines: Vec<(usize, usize, i64)>,
    products: Vec<Option<usize>>,
}

fn shops() -> impl Strategy<Value = Rows> {
    (
        prop::collection::vec((prop::option::of(0u8..3), -50i64..50), 1..6),
        prop::collection::vec((any::<prop::sample::Index>(), 0u8..3), 0..10),
        prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), -20i64..20), 0..20),
        prop::collection::vec(prop::option::of(0usize..3), 1..5),
    )
        .prop_map(|(customers, orders, lines, products)| {
            let orders: Vec<(usize, u8)> = orders.iter().map(|(at, status)| (at.index(customers.len()), *status)).collect();
            let lines = if orders.is_empty() { Vec::new() } else { lines };
            let lines = lines
                .iter()
                .map(|(order, product, quantity)| (order.index(orders.len()), product.index(products.len()), *quantity))
                .collect();
            Rows { customers, orders, lines, products }
        })
}

fn fill(rows: &Rows) -> Connection {
    let connection = shop::empty();
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| connection.execute(sql, params).unwrap();
    for id in 0..3 {
        run("INSERT INTO categories VALUES (?1, 'c' || ?1)", &[&id]);
    }
    for (id, category) in rows.products.iter().enumerate() {
        run("INSERT INTO products VALUES (?1, ?2, 'p', 1)", &[&(id as i64), &category.map(|at| at as i64)]);
    }
    for (id, (region, credit)) in rows.customers.iter().enumerate() {
        let region = region.map(|region| format!("r{region}"));
        run("INSERT INTO customers VALUES (?1, 'n', ?2, ?3, NULL, 1)", &[&(id as i64), &region, credit]);
    }
    for (id, (customer, status)) in rows.orders.iter().enumerate() {
        run(
            "INSERT INTO orders VALUES (?1, ?2, NULL, '2024-01-01', NULL, ?3, 0)",
            &[&(id as i64), &(*customer as i64), &format!("s{status}")],
        );
    }
    for (line, (order, product, quantity)) in rows.lines.iter().enumerate() {
        run(
            "INSERT INTO order_lines VALUES (?1, ?2, ?3, ?4, 1, 0)",
            &[&(*order as i64), &(line as i64), &(*product as i64), quantity],
        );
    }
    connection
}

/// Sums of `values` by key as the rows a statement returns.
fn by_key(values: impl Iterator<Item = (Option<String>, i64)>) -> Vec<String> {
    let mut sums: std::collections::BTreeMap<Option<String>, i64> = std::collections::BTreeMap::new();
    for (key, value) in values {
        *sums.entry(key).or_default() += value;
    }
    let mut rows: Vec<String> =
        sums.into_iter().map(|(key, sum)| format!("{}|{sum}", key.unwrap_or_else(|| "-".to_owned()))).collect();
    rows.sort();
    rows
}

fn answer(connection: &Connection, dimension: Dimension, measure: Measure) -> Vec<String> {
    let mut query = ask("orders");
    query.dimensions = vec![dimension];
    query.measures = vec![measure];
    let mut rows = execute(connection, &compiled(&query));
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn sums_agree_with_counting_by_hand(shop in shops()) {
        let connection = fill(&shop);
        let region = |customer: usize| shop.customers[customer].0.map(|region| format!("r{region}"));
        let category = |product: usize| shop.products[product].map(|category| format!("c{category}"));
        let quantity = || sum("sum", s("order_lines.quantity"));
        // Up one, two and three steps from the lines.
        prop_assert_eq!(
            answer(&connection, dim("d", "customers.region"), quantity()),
            by_key(shop.lines.iter().map(|(order, _, quantity)| (region(shop.orders[*order].0), *quantity)))
        );
        prop_assert_eq!(
            answer(&connection, dim("d", "categories.name"), quantity()),
            by_key(shop.lines.iter().map(|(_, product, quantity)| (category(*product), *quantity)))
        );
        // Down from customers: each customer once in each group it belongs to.
        let mut groups: Vec<(usize, u8)> = shop.orders.clone();
        groups.sort_unstable();
        groups.dedup();
        prop_assert_eq!(
            answer(&connection, dim("d", "orders.status"), sum("sum", s("customers.credit"))),
            by_key(groups.iter().map(|(customer, status)| (Some(format!("s{status}")), shop.customers[*customer].1)))
        );
        prop_assert_eq!(
            answer(&connection, dim("d", "orders.status"), rows("count", "customers")),
            by_key(groups.iter().map(|(_, status)| (Some(format!("s{status}")), 1)))
        );
        // Down and up again: customers by category of what they bought.
        let mut bought: Vec<(usize, Option<String>)> =
            shop.lines.iter().map(|(order, product, _)| (shop.orders[*order].0, category(*product))).collect();
        bought.sort();
        bought.dedup();
        prop_assert_eq!(
            answer(&connection, dim("d", "categories.name"), sum("sum", s("customers.credit"))),
            by_key(bought.iter().map(|(customer, category)| (category.clone(), shop.customers[*customer].1)))
        );
    }

    #[test]
    fn measures_of_two_tables_do_not_disturb_each_other(shop in shops()) {
        let connection = fill(&shop);
        let mut query = ask("orders");
        query.dimensions = vec![dim("d", "customers.region")];
        query.measures = vec![sum("sold", s("order_lines.quantity")), sum("credit", s("customers.credit")), rows("n", "orders")];
        let got = execute(&connection, &compiled(&query));
        let region = |customer: usize| shop.customers[customer].0;
        let mut expected: Vec<String> = shop.customers.iter().map(|(region, _)| *region).collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .map(|key| {
                let lines: Vec<i64> = shop.lines.iter().filter(|line| region(shop.orders[line.0].0) == key).map(|line| line.2).collect();
                let sold = if lines.is_empty() { "-".to_owned() } else { lines.iter().sum::<i64>().to_string() };
                let credit: i64 = shop.customers.iter().filter(|customer| customer.0 == key).map(|customer| customer.1).sum();
                let orders = shop.orders.iter().filter(|order| region(order.0) == key).count();
                format!("{}|{sold}|{credit}|{orders}", key.map_or_else(|| "-".to_owned(), |key| format!("r{key}")))
            })
            .collect();
        let mut got = got;
        got.sort();
        expected.sort();
        prop_assert_eq!(got, expected);
    }
}
