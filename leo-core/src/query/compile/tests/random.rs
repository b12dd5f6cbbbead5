//! Random queries: each is refused with a reason, or is a statement SQLite prepares and runs, that every dialect's parser reads
//! back as the statement it was printed from.

use proptest::prelude::*;

use super::*;

const NUMBERS: &[&str] = &[
    "orders.freight",
    "order_lines.quantity",
    "order_lines.unit_price",
    "customers.credit",
    "products.price",
    "returns.amount",
    "employees.salary",
    "notes.weight",
    "visits.year",
];
const TEXTS: &[&str] = &[
    "orders.status",
    "customers.name",
    "customers.region",
    "products.name",
    "categories.name",
    "employees.name",
    "Order Ratings.select",
    "island.name",
];
const DATES: &[&str] =
    &["orders.ordered_at", "orders.shipped_on", "returns.returned_on", "visits.at", "visits.day", "visits.month", "visits.year"];
const TABLES: &[&str] = &[
    "orders",
    "order_lines",
    "customers",
    "products",
    "categories",
    "employees",
    "returns",
    "notes",
    "visits",
    "Order Ratings",
    "island",
];

fn pick<T: Clone + std::fmt::Debug + 'static>(from: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(from)
}

fn windows() -> impl Strategy<Value = TimeWindow> {
    use TimeUnit::*;
    let unit = || prop::sample::select(vec![Day, Week, Month, Quarter, Year, FiscalQuarter, FiscalYear]);
    prop_oneof![
        unit().prop_map(TimeWindow::Current),
        unit().prop_map(TimeWindow::ToDate),
        (unit(), 1u32..20).prop_map(|(unit, count)| TimeWindow::Last { unit, count }),
        (unit(), 1u32..20).prop_map(|(unit, count)| TimeWindow::Rolling { unit, count }),
        (unit(), 1u32..20).prop_map(|(unit, count)| TimeWindow::Next { unit, count }),
        (prop::option::of(0i64..500), prop::option::of(501i64..1500)).prop_map(|(start, end)| {
            let day = |offset: i64| jiff::civil::date(2022, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
            TimeWindow::Absolute { start: start.map(day), end: end.map(day) }
        }),
    ]
}

fn numbers() -> impl Strategy<Value = Scalar> {
    let leaf = prop_oneof![
        6 => pick(NUMBERS).prop_map(s),
        1 => (-9i64..9).prop_map(lit),
        1 => (-9.0f64..9.0).prop_map(lit),
        1 => (pick(DATES), pick(DATES))
            .prop_map(|(a, b)| Scalar::DaysBetween { from: Box::new(s(a)), to: Box::new(s(b)) }),
        1 => pick(DATES).prop_map(|a| Scalar::DaysBetween { from: Box::new(lit("2024-01-01")), to: Box::new(s(a)) }),
    ];
    leaf.prop_recursive(2, 5, 2, |inner| {
        let op = prop::sample::select(vec![Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(left, op, right)| calc(left, op, right)),
            prop::collection::vec(inner, 1..3).prop_map(Scalar::Coalesce),
        ]
    })
}

fn operators() -> impl Strategy<Value = Operator> {
    use Operator::*;
    prop::sample::select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual])
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![Just("done".to_owned()), "[a-z%_'\"\\\\!\\[ß\\-;]{0,6}"]
}

fn leaves() -> impl Strategy<Value = Filter> {
    let kinds = vec![TextMatch::Equals, TextMatch::Contains, TextMatch::StartsWith, TextMatch::EndsWith];
    prop_oneof![
        3 => (numbers(), operators(), -20i64..20).prop_map(|(left, op, value)| Filter::Compare { left, op, right: lit(value) }),
        1 => (numbers(), operators(), numbers()).prop_map(|(left, op, right)| Filter::Compare { left, op, right }),
        2 => (pick(TEXTS), texts()).prop_map(|(path, text)| is(path, text)),
        1 => (pick(TEXTS), prop::sample::select(kinds), texts())
            .prop_map(|(path, kind, text)| Filter::Text { value: s(path), kind, text }),
        1 => (pick(TEXTS), prop::collection::vec(texts(), 0..3))
            .prop_map(|(path, set)| Filter::In { value: s(path), set: set.into_iter().map(Value::Text).collect() }),
        1 => (pick(NUMBERS), -9.0f64..0.0, 0i64..9)
            .prop_map(|(path, low, high)| Filter::Between { value: s(path), low: low.into(), high: high.into() }),
        1 => prop_oneof![pick(TEXTS), pick(DATES)].prop_map(|path| Filter::IsNull(s(path))),
        2 => (pick(DATES), windows()).prop_map(|(path, window)| during(path, window)),
        1 => (pick(DATES), operators(), 1i8..28).prop_map(|(path, op, day)| cmp(path, op, format!("2024-02-{day:02}"))),
        1 => (pick(DATES), operators(), pick(DATES))
            .prop_map(|(left, op, right)| Filter::Compare { left: s(left), op, right: s(right) }),
        1 => (pick(TABLES), pick(DATES), 0u32..400).prop_map(|(table, path, within_days)| Filter::FollowedBy {
            event: t(table),
            time: Field::new(t(table), f(path).column),
            within_days
        }),
        1 => (pick(&["orders.id", "orders.customer_id", "customers.id"]), pick(TEXTS)).prop_map(|(path, text)| {
            let mut inner = ask("orders").and(is(text, "done"));
            inner.dimensions = vec![dim("customer", "orders.customer_id")];
            Filter::InQuery { value: s(path), query: Box::new(inner) }
        }),
        1 => (numbers(), operators(), pick(NUMBERS)).prop_map(|(left, op, path)| {
            let mut inner = SemanticQuery::new(f(path).table);
            inner.measures = vec![Measure::new("x", Aggregate::Avg(s(path)))];
            Filter::CompareQuery { left, op, query: Box::new(inner) }
        }),
    ]
}

fn filters() -> impl Strategy<Value = Filter> {
    leaves().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.clone().prop_map(|filter| Filter::Not(Box::new(filter))),
            (pick(TABLES), prop::option::of(inner), 1u64..3).prop_map(|(table, filter, at_least)| Filter::Exists {
                table: t(table),
                filter: filter.map(Box::new),
                at_least
            }),
        ]
    })
}

fn aggregates() -> impl Strategy<Value = Aggregate> {
    prop_oneof![
        pick(TABLES).prop_map(|table| Aggregate::CountRows(t(table))),
        pick(TEXTS).prop_map(|path| Aggregate::Count(s(path))),
        pick(TEXTS).prop_map(|path| Aggregate::CountDistinct(s(path))),
        numbers().prop_map(Aggregate::Sum),
        numbers().prop_map(Aggregate::Avg),
        pick(DATES).prop_map(|path| Aggregate::Min(s(path))),
        numbers().prop_map(Aggregate::Max),
    ]
}

fn measures() -> impl Strategy<Value = Measure> {
    let plain = || {
        (aggregates(), prop::option::weighted(0.2, filters()))
            .prop_map(|(aggregate, filter)| Measure { filter, ..Measure::new("part", aggregate) })
    };
    let shaped = prop_oneof![
        4 => plain(),
        1 => (plain(), plain()).prop_map(|(a, b)| {
            Measure::new("ratio", Aggregate::Ratio { numerator: Box::new(a), denominator: Box::new(b) })
        }),
    ];
    (shaped, 0..6u8, any::<prop::sample::Index>()).prop_map(|(measure, transform, _)| Measure {
        transform: match transform {
            0 => Transform::ShareOfTotal { within: vec![] },
            1 => Transform::RunningTotal,
            _ => Transform::None,
        },
        ..measure
    })
}

fn dimensions() -> impl Strategy<Value = Dimension> {
    prop_oneof![
        3 => pick(TEXTS).prop_map(|path| dim("d", path)),
        3 => (pick(DATES), pick(Grain::ALL)).prop_map(|(path, grain)| time("d", path, grain)),
        1 => pick(TEXTS).prop_map(|path| Dimension::new("d", Scalar::Coalesce(vec![s(path), lit("none")]))),
        1 => (pick(TEXTS)).prop_map(|path| Dimension { hidden: true, ..dim("d", path) }),
    ]
}

fn queries() -> impl Strategy<Value = SemanticQuery> {
    let base = prop_oneof![
        Just(ComparisonBase::PreviousPeriod),
        Just(ComparisonBase::PreviousYear),
        windows().prop_map(ComparisonBase::Window)
    ];
    (
        pick(TABLES),
        prop::collection::vec(dimensions(), 0..3),
        prop::collection::vec(measures(), 0..3),
        prop::option::of(filters()),
        prop::option::weighted(0.2, (pick(DATES), windows(), base)),
        (any::<bool>(), prop::option::of(1u64..9), 0..4u8, 0..4u8),
    )
        .prop_map(|(from, mut dimensions, mut measures, filter, compare, (flag, limit, having, top))| {
            for (at, dimension) in dimensions.iter_mut().enumerate() {
                dimension.name = format!("d{at}");
            }
            for (at, measure) in measures.iter_mut().enumerate() {
                measure.name = format!("m{at}");
                measure.hidden = flag && at == 1;
            }
            let mut query = ask(from);
            query.filter = filter;
            query.limit = limit;
            query.distinct = flag;
            if let Some(measure) = measures.last() {
                if having == 0 {
                    query.having = vec![Having {
                        measure: measure.name.clone(),
                        op: Operator::Greater,
                        value: HavingValue::AverageOfGroups,
                    }];
                } else if having == 1 {
                    query.having = vec![Having {
                        measure: measure.name.clone(),
                        op: Operator::Less,
                        value: HavingValue::Value(Value::Int(3)),
                    }];
                }
                query.order = vec![Order { by: measure.name.clone(), descending: flag }];
            }
            if let Some(dimension) = dimensions.first() {
                query.order.push(asc(&dimension.name));
                if top == 0 {
                    let by = measures.first().map_or_else(|| dimension.name.clone(), |measure| measure.name.clone());
                    query.top_per = Some(TopPer { within: vec![dimension.name.clone()], n: 2, by: desc(&by) });
                }
            }
            query.compare =
                compare.filter(|_| !measures.is_empty()).map(|(path, window, base)| Comparison { time: f(path), window, base });
            query.dimensions = dimensions;
            query.measures = measures;
            query
        })
}

#[test]
fn queries_are_refused_or_run() {
    let config = ProptestConfig { source_file: Some(file!()), failure_persistence: None, ..ProptestConfig::with_cases(500) };
    let accepted = std::cell::Cell::new(0u32);
    let refused = |error: &crate::Error| {
        use crate::ErrorKind::*;
        matches!(error.kind(), NotFound | Malformed | Unsupported | LimitExceeded) && !error.message().is_empty()
    };
    let outcome = proptest::test_runner::TestRunner::new(config).run(&queries(), |query| {
        let compiled = match compile(&query, &shop::catalog(Dialect::Sqlite), &options(Dialect::Sqlite)) {
            Ok(compiled) => compiled,
            Err(error) => {
                prop_assert!(refused(&error), "{error}");
                return Ok(());
            }
        };
        accepted.set(accepted.get() + 1);
        execute(&shop::database(), &compiled);
        prop_assert!(!crate::query::describe(&query).is_empty());
        for dialect in Dialect::ALL {
            match round_trip(&query, *dialect) {
                Ok(_) => {}
                // Engines differ in what they take; none may fail for another reason.
                Err(error) => prop_assert!(error.kind() == crate::ErrorKind::Unsupported, "{dialect}: {error}"),
            }
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // A test that refuses everything would pass without having tested anything.
    assert!(accepted.get() > 100, "only {} of the queries were compiled", accepted.get());
    println!("{} queries were compiled", accepted.get());
}
