//! Which rows count.

use super::*;

fn names(table: &str, filter: Filter) -> Vec<String> {
    let mut query = ask(table).and(filter);
    query.dimensions = vec![dim("name", &format!("{table}.name"))];
    query.order = vec![asc("name")];
    run(&query)
}

fn ids(table: &str, filter: Filter) -> String {
    let mut query = ask(table).and(filter);
    query.dimensions = vec![dim("id", &format!("{table}.id"))];
    query.order = vec![asc("id")];
    run(&query).join(",")
}

fn matching(path: &str, kind: TextMatch, text: &str) -> Filter {
    Filter::Text { value: s(path), kind, text: text.into() }
}

fn any(table: &str, filter: Option<Filter>, at_least: u64) -> Filter {
    Filter::Exists { table: t(table), filter: filter.map(Box::new), at_least }
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

#[test]
fn comparisons_lists_and_ranges() {
    assert_eq!(ids("orders", cmp("orders.freight", Operator::GreaterOrEqual, 9)), "5,6,7");
    assert_eq!(ids("orders", cmp("orders.freight", Operator::NotEqual, 9.0)), "1,2,3,4,6,7");
    assert_eq!(ids("orders", Filter::In { value: s("orders.status"), set: vec!["open".into(), "cancelled".into()] }), "4,6,7");
    assert_eq!(ids("orders", Filter::In { value: s("orders.status"), set: vec![] }), "");
    assert_eq!(ids("orders", not(Filter::In { value: s("orders.status"), set: vec!["open".into()] })), "1,2,3,5,6");
    assert_eq!(ids("orders", Filter::Between { value: s("orders.freight"), low: Value::Int(6), high: Value::Int(8) }), "2,3,4");
    assert_eq!(ids("orders", Filter::IsNull(s("orders.shipped_on"))), "4,6,7");
    assert_eq!(ids("orders", not(Filter::IsNull(s("orders.shipped_on")))), "1,2,3,5");
    assert_eq!(ids("orders", Filter::Or(vec![is("orders.id", 1), is("orders.id", 7)])), "1,7");
    assert_eq!(ids("orders", Filter::And(vec![])), "1,2,3,4,5,6,7");
    assert_eq!(ids("orders", Filter::Or(vec![])), "");
    // A number written as text, a truth value stored as a number, sides exchanged.
    assert_eq!(ids("orders", is("orders.id", "3")), "3");
    assert_eq!(names("customers", is("customers.active", false)), ["Cleo"]);
    let turned = Filter::Compare { left: lit(10), op: Operator::Less, right: s("orders.freight") };
    assert_eq!(ids("orders", turned), "7");
}

#[test]
fn days_stand_for_all_their_times() {
    let at = |op, value: &str| ids("orders", cmp("orders.ordered_at", op, value));
    assert_eq!(at(Operator::Equal, "2024-03-31"), "5");
    assert_eq!(at(Operator::NotEqual, "2024-03-31"), "1,2,3,4,6,7");
    assert_eq!(at(Operator::LessOrEqual, "2024-03-31"), "1,2,3,4,5");
    assert_eq!(at(Operator::Less, "2024-03-31"), "1,2,3,4");
    assert_eq!(at(Operator::Greater, "2024-03-31"), "6,7");
    assert_eq!(at(Operator::GreaterOrEqual, "2024-04-01"), "6,7");
    assert_eq!(at(Operator::Greater, "2024-03-31 11:59:59"), "5,6,7");
    let between = Filter::Between { value: s("orders.ordered_at"), low: "2024-03-10".into(), high: "2024-03-31".into() };
    assert_eq!(ids("orders", between), "4,5");
    assert_eq!(
        ids("orders", Filter::In { value: s("orders.shipped_on"), set: vec!["2024-01-02".into(), "2024-01-15".into()] }),
        "2,3"
    );
    let late = Filter::Compare { left: s("orders.shipped_on"), op: Operator::Greater, right: s("orders.ordered_at") };
    assert_eq!(ids("orders", late), "1,2,5");
}

#[test]
fn text_is_matched_without_case_and_literally() {
    assert_eq!(names("products", matching("products.name", TextMatch::Contains, "TEA")), ["Black tea", "Green tea"]);
    assert_eq!(names("products", matching("products.name", TextMatch::Equals, "mug")), ["Mug"]);
    assert_eq!(names("products", matching("products.name", TextMatch::StartsWith, "100%_")), ["100%_pure"]);
    assert_eq!(names("products", matching("products.name", TextMatch::Contains, "%")), ["100%_pure"]);
    assert_eq!(names("products", matching("products.name", TextMatch::EndsWith, "o")), ["Espresso"]);
    assert_eq!(names("products", not(matching("products.name", TextMatch::Contains, "e"))), ["Mug"]);
    assert!(names("products", matching("products.name", TextMatch::Contains, "ÄÖ!")).is_empty());
}

#[test]
fn filters_on_parents_drop_rows_only_when_they_must() {
    let mut query = ask("orders").and(is("employees.name", "Ben"));
    query.dimensions = vec![dim("id", "orders.id")];
    assert!(sql(&query).contains("FROM orders JOIN employees"), "{}", sql(&query));
    // An order without employee is open all the same.
    let mut query = ask("orders").and(Filter::Or(vec![is("employees.name", "Cy"), is("orders.status", "open")]));
    query.dimensions = vec![dim("id", "orders.id")];
    query.order = vec![asc("id")];
    assert_eq!(run(&query), ["3", "4", "5", "7"]);
    let mut query = ask("orders").and(Filter::IsNull(s("employees.name")));
    query.dimensions = vec![dim("id", "orders.id")];
    assert_eq!(run(&query), ["4"]);
}

#[test]
fn existence_and_absence() {
    assert_eq!(names("customers", not(any("orders", None, 1))), ["Dan"]);
    assert_eq!(names("products", not(any("order_lines", None, 1))), ["100%_pure"]);
    assert_eq!(names("customers", any("orders", Some(is("orders.status", "open")), 1)), ["Bob", "Cleo"]);
    assert_eq!(names("customers", any("orders", None, 3)), ["Anna"]);
    assert_eq!(names("customers", not(any("orders", None, 3))), ["Bob", "Cleo", "Dan"]);
    assert_eq!(names("customers", any("order_lines", Some(is("products.name", "Mug")), 1)), ["Bob", "Cleo"]);
    assert_eq!(names("categories", any("order_lines", None, 3)), ["Coffee", "Tea"]);
    assert_eq!(names("categories", any("order_lines", None, 4)), ["Tea"]);
    // Along a key of the table itself: those who have subordinates.
    assert_eq!(names("employees", any("employees", None, 1)), ["Ada", "Ben"]);
    assert_eq!(names("employees", not(any("employees", None, 1))), ["Cy", "Di"]);
    // Orders that have a returned product of category coffee.
    assert_eq!(ids("orders", any("returns", Some(is("categories.name", "Coffee")), 1)), "1,5");
}

#[test]
fn conditions_within_existence_may_look_outside() {
    // Orders whose freight is above the credit of no one: freight × 10 < credit of the own customer.
    let inner = Filter::Compare {
        left: calc(s("orders.freight"), Arithmetic::Multiply, lit(20)),
        op: Operator::Greater,
        right: s("customers.credit"),
    };
    assert_eq!(names("customers", any("orders", Some(inner), 1)), ["Anna"]);
    // Subordinates who earn more than their manager.
    let more = Filter::Compare {
        left: s("employees.salary"),
        op: Operator::Greater,
        right: Scalar::Field(Field { via: vec!["employees(manager_id)->employees(id)".into()], ..f("employees.salary") }),
    };
    assert_eq!(names("employees", any("employees", Some(more), 1)), ["Ben"]);
}

#[test]
fn conditions_on_children_hold_for_one_child() {
    // Bob has an open order, and an order of January, but no open order of January.
    let january = TimeWindow::Absolute { start: Some(jiff::civil::date(2024, 1, 1)), end: Some(jiff::civil::date(2024, 2, 1)) };
    let open_in = |window: TimeWindow| Filter::And(vec![is("orders.status", "open"), during("orders.ordered_at", window)]);
    assert!(names("customers", open_in(january)).is_empty());
    assert_eq!(names("customers", open_in(year(2024))), ["Bob", "Cleo"]);
    assert_eq!(names("customers", not(is("orders.status", "done"))), ["Dan"]);
    let either = Filter::Or(vec![is("orders.status", "cancelled"), is("orders.freight", 11)]);
    assert_eq!(names("customers", either), ["Anna", "Cleo"]);
    // Two branches cannot be compared row by row.
    let mut query =
        ask("orders").and(Filter::Compare { left: s("order_lines.quantity"), op: Operator::Greater, right: s("returns.amount") });
    query.dimensions = vec![dim("id", "orders.id")];
    assert_eq!(refused(&query).0, crate::ErrorKind::Unsupported);
}

#[test]
fn queries_within_queries() {
    let mut mean = ask("orders");
    mean.measures = vec![Measure::new("mean", Aggregate::Avg(s("orders.freight")))];
    let above = Filter::CompareQuery { left: s("orders.freight"), op: Operator::Greater, query: Box::new(mean) };
    assert_eq!(ids("orders", above), "5,6,7");
    let mut reps = ask("customers");
    reps.dimensions = vec![dim("rep", "customers.support_rep_id")];
    let among = Filter::InQuery { value: s("employees.id"), query: Box::new(reps) };
    assert_eq!(names("employees", among.clone()), ["Ben", "Cy"]);
    // Dan has no contact: a NULL among the choices must not empty the answer.
    assert_eq!(names("employees", not(among)), ["Ada", "Di"]);
    // The best customer's orders: a query within with groups of its own.
    let mut best = ask("orders");
    best.dimensions = vec![dim("customer", "orders.customer_id")];
    best.measures = vec![Measure { hidden: true, ..rows("n", "orders") }];
    best.order = vec![desc("n")];
    best.limit = Some(1);
    let own = Filter::InQuery { value: s("orders.customer_id"), query: Box::new(best) };
    assert_eq!(ids("orders", own.clone()), "1,2,6");
    let mut query = ask("orders").and(own);
    query.dimensions = vec![dim("id", "orders.id")];
    for dialect in Dialect::ALL {
        round_trip(&query, *dialect).unwrap();
    }
}

#[test]
fn first_events_followed_by_another() {
    let back = |days| Filter::FollowedBy { event: t("orders"), time: f("orders.ordered_at"), within_days: days };
    // Anna: 301 days; Bob: 55 (by dates); Cleo: 44.
    assert_eq!(names("customers", back(44)), ["Cleo"]);
    assert_eq!(names("customers", back(55)), ["Bob", "Cleo"]);
    assert_eq!(names("customers", back(301)), ["Anna", "Bob", "Cleo"]);
    assert_eq!(names("customers", not(back(55))), ["Anna", "Dan"]);
    let mut query = ask("customers").and(back(90));
    query.measures = vec![rows("customers", "customers")];
    assert_eq!(run(&query), ["2"]);
}

#[test]
fn other_ways_of_storing_dates() {
    let visits = |filter| ids("visits", filter);
    let march = TimeWindow::Absolute { start: Some(jiff::civil::date(2024, 3, 1)), end: Some(jiff::civil::date(2024, 4, 1)) };
    assert_eq!(visits(during("visits.at", march.clone())), "1,2");
    assert_eq!(visits(during("visits.day", march.clone())), "1,2");
    assert_eq!(visits(during("visits.month", march.clone())), "1,2");
    assert_eq!(visits(during("visits.year", year(2024))), "1,2,3");
    assert_eq!(visits(is("visits.day", "2024-01-01")), "3");
    assert_eq!(visits(is("visits.day", 20240101)), "3");
    assert_eq!(visits(is("visits.month", "2024-01")), "3");
    assert_eq!(visits(is("visits.year", 2023)), "4");
    assert_eq!(visits(cmp("visits.month", Operator::GreaterOrEqual, "2024-01-15")), "1,2");
    // One hour before the clock in Berlin goes forward, and at the moment it does.
    let mut query = ask("visits").and(during("visits.at", march));
    query.dimensions = vec![dim("id", "visits.id"), time("hour", "visits.at", Grain::Hour), time("m", "visits.at", Grain::Month)];
    query.order = vec![asc("id")];
    assert_eq!(run(&query), ["1|2024-03-31 00:00|2024-03", "2|2024-03-31 03:00|2024-03"]);
    let mut query = ask("visits");
    query.dimensions = vec![
        dim("id", "visits.id"),
        time("week", "visits.day", Grain::Week),
        time("quarter", "visits.month", Grain::Quarter),
        time("year", "visits.year", Grain::Year),
    ];
    query.order = vec![asc("id")];
    assert_eq!(
        run(&query),
        ["1|2024-03-25|2024-Q1|2024", "2|2024-03-25|2024-Q1|2024", "3|2024-01-01|2024-Q1|2024", "4|2022-12-26|2023-Q1|2023"]
    );
}

#[test]
fn nonsense_is_refused_with_what_to_do_next() {
    use crate::ErrorKind::*;
    let listing = |filter| {
        let mut query = ask("orders").and(filter);
        query.dimensions = vec![dim("id", "orders.id")];
        refused(&query)
    };
    assert_eq!(listing(is("ordres.id", 1)).1, "no table `ordres`; did you mean `orders`?");
    assert_eq!(listing(is("orders.statsu", 1)).1, "no column `statsu` in `orders`; did you mean `status`?");
    assert_eq!(listing(is("orders.freight", "heavy")).0, Malformed);
    assert_eq!(listing(cmp("orders.status", Operator::Less, 3)).0, Malformed);
    assert_eq!(listing(is("orders.id", Value::Null)).0, Malformed);
    assert_eq!(
        listing(during("orders.status", year(2024))).1,
        "column `status` of `orders` holds no dates; use `ordered_at`, `shipped_on`"
    );
    assert_eq!(listing(cmp("orders.ordered_at", Operator::Less, "soon")).0, Malformed);
    assert_eq!(listing(is("island.name", "x")).0, NotFound);
    assert_eq!(listing(any("orders", None, 0)).0, Malformed);
    assert_eq!(listing(matching("orders.freight", TextMatch::Contains, "x")).0, Malformed);
    let mut query = ask("orders");
    assert_eq!(refused(&query).0, Malformed);
    query.measures = vec![sum("x", s("orders.status"))];
    assert_eq!(refused(&query).0, Malformed);
    query.measures = vec![rows("x", "orders"), rows("X", "orders")];
    assert_eq!(refused(&query).0, Malformed);
    query.measures = vec![rows("x", "orders")];
    query.order = vec![asc("y")];
    assert_eq!(refused(&query).0, NotFound);
    query.order = vec![];
    query.dimensions = vec![time("t", "orders.status", Grain::Month)];
    assert_eq!(refused(&query).0, Malformed);
    query.dimensions = vec![time("t", "visits.month", Grain::Day)];
    assert_eq!(refused(&query).0, Malformed);
    let field = Field { via: vec!["orders(x)->y(z)".into()], ..f("employees.name") };
    query.dimensions = vec![Dimension::new("e", Scalar::Field(field))];
    assert_eq!(refused(&query).0, NotFound);
    let deep = (0..40).fold(is("orders.id", 1), |filter, _| not(filter));
    assert_eq!(listing(deep).0, LimitExceeded);
    let many = Filter::In { value: s("orders.id"), set: vec![Value::Int(1); 3_000] };
    assert_eq!(listing(many).0, LimitExceeded);
}
