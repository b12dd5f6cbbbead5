//! Northwind asked in semantic queries and in words: on SQLite, as T-SQL that is linted, and at a real server, whose answers must be the same.
#![allow(clippy::too_many_lines)]

use std::path::Path;

use leo::builder::Source;
use leo::catalog::{Catalog, TableName};
use leo::query::{
    Aggregate, Arithmetic, Calendar, Comparison, ComparisonBase, CompileOptions, Dimension, Field, Filter, Grain, Having,
    HavingValue, Measure, Operator, Order, Scalar, SemanticQuery, TextMatch, TimeWindow, TopPer, Transform, compile,
};
use leo::{AskOptions, Dialect, Leo, SqlOptions, Value};
use leo_tests::semantic::{self, Schema, even};
use leo_tests::{company, transact};

/// The day before which Northwind's orders end.
const TODAY: jiff::civil::Date = jiff::civil::date(1998, 5, 6);
/// Queries made up at random beside the written ones.
const RANDOM: usize = 150;

fn t(name: &str) -> TableName {
    TableName::bare(name)
}

fn s(path: &str) -> Scalar {
    let (table, column) = path.split_once('.').unwrap();
    Scalar::Field(Field::new(t(table), column))
}

fn f(path: &str) -> Field {
    let (table, column) = path.split_once('.').unwrap();
    Field::new(t(table), column)
}

fn dim(name: &str, path: &str) -> Dimension {
    Dimension::new(name, s(path))
}

fn when(path: &str, grain: Grain) -> Dimension {
    Dimension { grain: Some(grain), ..dim("period", path) }
}

fn calc(left: Scalar, op: Arithmetic, right: Scalar) -> Scalar {
    Scalar::Arithmetic { op, left: Box::new(left), right: Box::new(right) }
}

fn revenue() -> Measure {
    let gross = calc(s("Order Details.UnitPrice"), Arithmetic::Multiply, s("Order Details.Quantity"));
    let left = calc(Scalar::Literal(Value::Int(1)), Arithmetic::Subtract, s("Order Details.Discount"));
    Measure::new("revenue", Aggregate::Sum(calc(gross, Arithmetic::Multiply, left)))
}

fn orders() -> Measure {
    Measure::new("orders", Aggregate::CountRows(t("Orders")))
}

fn ask(from: &str, dimensions: Vec<Dimension>, measures: Vec<Measure>) -> SemanticQuery {
    SemanticQuery { dimensions, measures, ..SemanticQuery::new(t(from)) }
}

fn year(year: i16) -> TimeWindow {
    TimeWindow::Absolute { start: Some(jiff::civil::date(year, 1, 1)), end: Some(jiff::civil::date(year + 1, 1, 1)) }
}

fn during(path: &str, window: TimeWindow) -> Filter {
    Filter::During { value: f(path), window }
}

fn is(path: &str, value: impl Into<Value>) -> Filter {
    Filter::Compare { left: s(path), op: Operator::Equal, right: Scalar::Literal(value.into()) }
}

fn more(path: &str, value: impl Into<Value>) -> Filter {
    Filter::Compare { left: s(path), op: Operator::Greater, right: Scalar::Literal(value.into()) }
}

fn desc(by: &str) -> Order {
    Order { by: by.into(), descending: true }
}

/// What managers ask.
fn queries() -> Vec<SemanticQuery> {
    let mut all = Vec::new();
    // Orders have days without hours.
    for &grain in Grain::ALL.iter().filter(|grain| !matches!(grain, Grain::Hour | Grain::HourOfDay)) {
        all.push(ask("Orders", vec![when("Orders.OrderDate", grain)], vec![revenue(), orders()]));
    }
    for path in
        ["Customers.Country", "Categories.CategoryName", "Employees.LastName", "Shippers.ShipperID", "Products.CategoryID"]
    {
        all.push(SemanticQuery {
            order: vec![desc("revenue")],
            limit: Some(5),
            ..ask("Order Details", vec![dim("group", path)], vec![revenue(), orders()])
        });
        let share = Measure { transform: Transform::ShareOfTotal { within: vec![] }, ..revenue() };
        all.push(ask("Order Details", vec![dim("group", path)], vec![share]).and(during("Orders.OrderDate", year(1997))));
    }
    let running = Measure { transform: Transform::RunningTotal, ..revenue() };
    all.push(ask("Orders", vec![when("Orders.OrderDate", Grain::Month)], vec![running]));
    for base in [ComparisonBase::PreviousPeriod, ComparisonBase::PreviousYear] {
        let compare = Comparison { time: f("Orders.OrderDate"), window: year(1997), base };
        all.push(SemanticQuery { compare: Some(compare.clone()), ..ask("Orders", vec![], vec![revenue(), orders()]) });
        all.push(SemanticQuery {
            compare: Some(compare),
            ..ask("Orders", vec![when("Orders.OrderDate", Grain::Month)], vec![orders()])
        });
    }
    all.push(SemanticQuery {
        top_per: Some(TopPer { within: vec!["country".into()], n: 2, by: desc("revenue") }),
        ..ask("Orders", vec![dim("country", "Customers.Country"), dim("id", "Customers.CustomerID")], vec![revenue()])
    });
    all.push(SemanticQuery {
        having: vec![Having { measure: "orders".into(), op: Operator::Greater, value: HavingValue::AverageOfGroups }],
        ..ask("Orders", vec![dim("customer", "Orders.CustomerID")], vec![orders()])
    });
    let days = Scalar::DaysBetween { from: Box::new(s("Orders.OrderDate")), to: Box::new(s("Orders.ShippedDate")) };
    all.push(ask("Orders", vec![dim("by", "Orders.ShipVia")], vec![Measure::new("days", Aggregate::Avg(days))]));
    let ratio = Aggregate::Ratio { numerator: Box::new(revenue()), denominator: Box::new(orders()) };
    all.push(ask("Orders", vec![dim("country", "Customers.Country")], vec![Measure::new("mean", ratio)]));
    all.push(ask("Products", vec![], vec![Measure::new("left", Aggregate::Max(s("Products.UnitsInStock")))]));
    all.push(ask("Customers", vec![dim("id", "Customers.CustomerID")], vec![]).and(Filter::Not(Box::new(Filter::Exists {
        table: t("Orders"),
        filter: None,
        at_least: 1,
    }))));
    all.push(ask("Customers", vec![dim("id", "Customers.CustomerID")], vec![]).and(Filter::FollowedBy {
        event: t("Orders"),
        time: f("Orders.OrderDate"),
        within_days: 30,
    }));
    for kind in [TextMatch::Contains, TextMatch::StartsWith, TextMatch::EndsWith] {
        let text = Filter::Text { value: s("Products.ProductName"), kind, text: "s".into() };
        all.push(ask("Products", vec![dim("id", "Products.ProductID")], vec![]).and(text));
    }
    all.push(
        ask("Products", vec![], vec![Measure::new("n", Aggregate::CountRows(t("Products")))]).and(is("Products.CategoryID", 3)),
    );
    all.push(ask("Orders", vec![], vec![orders()]).and(Filter::IsNull(s("Orders.ShippedDate"))));
    all.push(ask("Orders", vec![], vec![orders()]).and(more("Orders.Freight", 100.5)));
    let listed = ask("Products", vec![dim("id", "Products.ProductID"), dim("price", "Products.UnitPrice")], vec![]);
    all.push(SemanticQuery { order: vec![desc("price")], limit: Some(10), ..listed });
    let distinct = ask("Orders", vec![dim("country", "Orders.ShipCountry")], vec![]);
    all.push(SemanticQuery {
        distinct: true,
        order: vec![Order { by: "country".into(), descending: false }],
        ..distinct.clone()
    });
    let other = ask("Suppliers", vec![dim("country", "Suppliers.Country")], vec![]);
    all.push(SemanticQuery { set: Some((leo::query::SetOperator::Except, Box::new(other))), ..distinct });
    all
}

const QUESTIONS: &[&str] = &[
    "how many orders are there",
    "how many customers are there",
    "number of orders per month in 1997",
    "orders by ship country",
    "customers by country",
    "products by category",
    "average freight",
    "total freight by ship country",
    "highest unit price of products",
    "top 5 countries by number of orders",
    "number of products per category",
    "orders in 1998",
    "orders per year",
    "orders per quarter",
    "number of employees",
    "number of suppliers by country",
    "average unit price of products by category",
    "list all shippers",
    "orders without shipped date",
    "products that are discontinued",
    "customers in Germany",
    "how many customers are in France",
    "freight per year",
    "top 10 orders by freight",
    "orders per employee",
    "customers without orders",
    "number of distinct ship countries",
    "lowest unit price of products",
    "average quantity",
    "total quantity by product",
    "total quantity by category",
    "orders per weekday",
    "orders in March 1998",
    "orders by shipper",
    "average freight per shipper in 1997",
    "units in stock by category",
    "products with unit price above 50",
    "total freight in 1997 compared with 1996",
    "orders per month running total",
    "share of orders by ship country",
];

/// Northwind in SQLite; nothing, and a line that says so, where its script is not.
pub fn here() -> Option<(tempfile::TempDir, Leo)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/business/northwind/sqlite.sql");
    let Ok(script) = std::fs::read_to_string(script) else {
        println!("skipped: Northwind's script is not there");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("northwind.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF").unwrap();
    let own = script.to_ascii_uppercase().contains("BEGIN TRANSACTION");
    let script = if own { script } else { format!("BEGIN; {script}; COMMIT") };
    database.execute_batch(&script).unwrap();
    Some((folder, company::unlimited_on(Source::sqlite(&path).unwrap(), TODAY)))
}

fn options(dialect: Dialect) -> CompileOptions {
    let now = TODAY.at(12, 0, 0, 0).in_tz("UTC").unwrap();
    CompileOptions { dialect, now, calendar: Calendar { fiscal_year_start: 4 } }
}

async fn rows(leo: &Leo, query: &SemanticQuery) -> Result<Vec<Vec<even::Cell>>, String> {
    let catalog = leo.catalog(None).await.unwrap();
    let compiled = compile(query, &catalog, &options(catalog.dialect)).map_err(|error| error.to_string())?;
    let options = SqlOptions { params: compiled.params.clone(), ..SqlOptions::default() };
    let answer = leo.sql_with(&compiled.sql, &options).await.and_then(leo::Answer::raise_for_status);
    Ok(even::rows(&answer.map_err(|error| format!("{error:?}\n{}", compiled.sql))?.table.unwrap()))
}

/// As on SQL Server, which keeps its tables in `dbo`.
fn transact(catalog: &Catalog) -> Catalog {
    let mut catalog = Catalog::clone(catalog);
    catalog.dialect = Dialect::Tsql;
    catalog.reindex();
    catalog
}

#[tokio::test(flavor = "multi_thread")]
async fn northwind_is_asked_in_transact_sql() {
    let Some((_folder, here)) = here() else { return };
    let known = here.catalog(None).await.unwrap();
    let there = transact(&known);
    let all = queries();
    assert!(all.len() >= 40, "{}", all.len());
    for query in &all {
        let found = rows(&here, query).await.unwrap_or_else(|error| panic!("{error}"));
        assert!(!found.is_empty(), "{query:?}");
        let compiled = compile(query, &there, &options(Dialect::Tsql)).unwrap_or_else(|error| panic!("{error} {query:?}"));
        assert_eq!(transact::faults(&compiled.sql), Vec::<String>::new(), "{}", compiled.sql);
    }
    assert_eq!(QUESTIONS.len(), 40);
    let mut answered = 0;
    for question in QUESTIONS {
        answered += usize::from(here.ask(question).await.is_ok_and(|answer| answer.table.is_some()));
    }
    println!("{} queries, {answered} of {} questions answered on Northwind", all.len(), QUESTIONS.len());
    assert!(answered >= 20, "{answered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_answers_as_sqlite_does() {
    let Some(spec) = crate::real::given() else { return };
    let Some((_folder, here)) = here() else { return };
    let there =
        company::unlimited_on(Source::connect_as("northwind", spec).await.unwrap_or_else(|error| panic!("{error:?}")), TODAY);
    let mut different = Vec::new();
    for query in &queries() {
        let (wanted, found) = (rows(&here, query).await.unwrap(), rows(&there, query).await);
        match found {
            Err(why) => different.push(why),
            Ok(found) => different.extend(
                even::difference(&even::sorted(wanted), &even::sorted(found))
                    .map(|why| format!("{why} {}", serde_json::to_string(query).unwrap())),
            ),
        }
    }
    let mut answered = 0;
    for question in QUESTIONS {
        let (wanted, found) = (here.ask(question).await, there.ask_with(question, &AskOptions::default()).await);
        match (wanted, found) {
            (Ok(wanted), Ok(found)) => {
                let even = |answer: &leo::Answer| answer.table.as_ref().map(|table| even::sorted(even::rows(table)));
                let why = match (even(&wanted), even(&found)) {
                    (Some(wanted), Some(found)) => even::difference(&wanted, &found),
                    (None, None) => None,
                    (wanted, found) => {
                        Some(format!("{:?} rows and {:?}", wanted.map(|rows| rows.len()), found.map(|rows| rows.len())))
                    }
                };
                answered += usize::from(found.table.is_some());
                different.extend(why.map(|why| format!("{question}: {why}\n{:?}", found.sql)));
            }
            (Ok(_), Err(error)) => different.push(format!("{question}: {error:?}")),
            (Err(_), _) => {}
        }
    }
    // What is made up at random must run; texts that the two scripts spell differently, or that compare without case, may differ.
    let known = here.catalog(None).await.unwrap();
    let (schema, mut ran, mut alike) = (Schema::of(&known), 0, 0);
    for seed in 0..2_000 {
        let query = semantic::query(&schema, seed);
        let catalog = there.catalog(None).await.unwrap();
        if ran == RANDOM || compile(&query, &catalog, &options(Dialect::Tsql)).is_err() {
            continue;
        }
        let Ok(wanted) = rows(&here, &query).await else { continue };
        ran += 1;
        match rows(&there, &query).await {
            Ok(found) => alike += usize::from(even::difference(&even::sorted(wanted), &even::sorted(found)).is_none()),
            Err(why) => different.push(format!("seed {seed}: {why}")),
        }
    }
    println!("{answered} questions answered; {alike} of {ran} random queries give SQLite's answer, {} problems", different.len());
    assert!(different.is_empty(), "{} problems:\n{}", different.len(), different.join("\n"));
}
