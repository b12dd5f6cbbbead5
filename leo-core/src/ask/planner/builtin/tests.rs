//! Questions on a small shop and on concerts, planned from structure alone or with a few values.

#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::Zoned;

use super::{BuiltinPlanner, SchemaIndex};
use crate::ask::planner::plan::{AbstentionKind, Evidence, Intent, LinkTarget, Plan, PlannedQuery};
use crate::catalog::{Catalog, Column, ColumnStatistics, ForeignKey, LogicalType, Table, TableName};
use crate::dialect::Dialect;
use crate::knowledge::{Knowledge, MetricDefinition, Synonym, SynonymTarget};
use crate::query::{Aggregate, Calendar, Field, Measure, Scalar};
use crate::value::Value;

/// `name type[=value|value]`, the first column is the key; `-> table` makes it a foreign key.
fn table(name: &str, columns: &[&str]) -> Table {
    let mut table = Table::new(TableName::bare(name));
    for (at, column) in columns.iter().enumerate() {
        let (definition, parent) = column.split_once(" -> ").map_or((*column, None), |(left, parent)| (left, Some(parent)));
        let (definition, values) = definition.split_once('=').map_or((definition, None), |(left, values)| (left, Some(values)));
        let (name, kind) = definition.trim().rsplit_once(' ').unwrap();
        let data_type = match kind {
            "int" => LogicalType::Integer,
            "real" => LogicalType::Float,
            "date" => LogicalType::Date,
            _ => LogicalType::Text,
        };
        let mut made = Column::new(name, kind, data_type);
        if at == 0 {
            made.nullable = false;
            table.primary_key = vec![name.into()];
        }
        if let Some(values) = values {
            let top: Vec<(Value, u64)> = values.trim().split('|').map(|value| (Value::from(value), 1)).collect();
            made.statistics = Some(ColumnStatistics { distinct: top.len() as u64, top, ..ColumnStatistics::default() });
        }
        if let Some(parent) = parent {
            table.foreign_keys.push(ForeignKey {
                columns: vec![name.into()],
                references: TableName::bare(parent.trim()),
                referenced_columns: vec![],
            });
        }
        table.columns.push(made);
    }
    table
}

fn shop() -> Catalog {
    Catalog::new(
        Dialect::Sqlite,
        None,
        vec![
            table("regions", &["region_id int", "region_name text=North|South"]),
            table(
                "customers",
                &[
                    "customer_id int",
                    "name text=Acme|Umbrella",
                    "city text=Berlin|Paris",
                    "country text=Germany|France",
                    "region_id int -> regions",
                    "signup_date date",
                ],
            ),
            table(
                "employees",
                &[
                    "employee_id int",
                    "first_name text",
                    "last_name text",
                    "salary real",
                    "hired_on date",
                    "department text=Sales|Finance",
                    "manager_id int -> employees",
                ],
            ),
            table(
                "orders",
                &[
                    "order_id int",
                    "customer_id int -> customers",
                    "employee_id int -> employees",
                    "order_date date",
                    "status text=open|shipped",
                ],
            ),
            table(
                "order_lines",
                &[
                    "line_id int",
                    "order_id int -> orders",
                    "product_id int -> products",
                    "qty int",
                    "unit_price real",
                    "discount real",
                ],
            ),
            table("products", &["product_id int", "product_name text", "category_id int -> categories", "list_price real"]),
            table("categories", &["category_id int", "category_name text=Tools|Toys"]),
        ],
    )
}

fn concerts() -> Catalog {
    Catalog::new(
        Dialect::Sqlite,
        None,
        vec![
            table("stadium", &["Stadium_ID int", "Name text", "Location text", "Capacity int"]),
            table("singer", &["Singer_ID int", "Name text", "Country text", "Age int", "Song_Name text"]),
            table("concert", &["concert_ID int", "concert_Name text", "Theme text", "Stadium_ID int -> stadium", "Year int"]),
            table("singer_in_concert", &["id int", "concert_ID int -> concert", "Singer_ID int -> singer"]),
        ],
    )
}

fn now() -> Zoned {
    "2024-08-15T12:00[UTC]".parse().unwrap()
}

fn plan(catalog: &Catalog, question: &str) -> Plan {
    let index = SchemaIndex::build(catalog, &Knowledge::default());
    BuiltinPlanner::new(&index).plan(question, &now(), &Calendar::default())
}

fn planned(catalog: &Catalog, question: &str) -> PlannedQuery {
    match plan(catalog, question) {
        Plan::Query(planned) => *planned,
        other => panic!("{question}: {other:?}"),
    }
}

fn check(catalog: &Catalog, expected: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (question, reading) in expected {
        let found = match plan(catalog, question) {
            Plan::Query(planned) => planned.reading,
            other => format!("{other:?}"),
        };
        if found != *reading {
            wrong.push_str(&format!("{question}\n  expected {reading}\n  found    {found}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn managers_questions_about_a_shop() {
    const SALES: &str = "sum of order_lines.unit_price × order_lines.qty × (1 − order_lines.discount)";
    let sales = |text: &str| text.replace("SALES", SALES);
    let expected: Vec<(&str, String)> = [
        ("What were monthly sales in 2024?", "SALES for each month of orders.order_date, where orders.order_date in 2024-01-01 to 2024-12-31, ordered by orders.order_date"),
        ("top 5 customers by revenue last quarter", "SALES for each customers.name, where orders.order_date in the last complete quarter and customers.customer_id is known, ordered by SALES from the largest, first 5"),
        ("average order value by region, this year against last year", "SALES divided by number of different orders.order_id for each regions.region_name, this year against the same dates a year earlier"),
        ("which products have never been ordered", "products.product_name of products, where there are no order_lines"),
        ("share of revenue by category", "share of SALES for each categories.category_name"),
        ("orders per weekday", "number of orders for each day of the week of orders.order_date, ordered by orders.order_date"),
        ("how many customers came back within 90 days of their first order", "number of customers, where another of orders follows the first within 90 days"),
        ("How many orders did we ship last month?", "number of orders, where orders.order_date in the last complete month"),
        ("customers with more than 5 orders", "customers.name of customers, where there are at least 6 orders"),
        ("employees hired in 2023", "employees.first_name, employees.last_name of employees, where employees.hired_on in 2023-01-01 to 2023-12-31"),
        ("number of employees by manager", "number of employees for each employees.first_name, employees.last_name"),
        ("employees who earn more than the average salary", "employees.first_name, employees.last_name of employees, where employees.salary > (average of employees.salary)"),
        ("customers in Berlin or Paris", "customers.name of customers, where customers.city = Berlin or customers.city = Paris"),
        ("running total of revenue by month in 2023", "running total of SALES for each month of orders.order_date, where orders.order_date in 2023-01-01 to 2023-12-31, ordered by orders.order_date"),
        ("orders without an employee", "orders.order_id of orders, where orders.employee_id is missing"),
        ("the best selling product by revenue in each category", "SALES for each categories.category_name, products.product_name, where products.product_id is known, the first 1 by SALES for each category_name, category_id, ordered by categories.category_name, then SALES from the largest"),
    ]
    .map(|(question, reading)| (question, sales(reading)))
    .to_vec();
    let expected: Vec<(&str, &str)> = expected.iter().map(|(question, reading)| (*question, reading.as_str())).collect();
    check(&shop(), &expected);
}

#[test]
fn questions_about_concerts_without_statistics() {
    check(
        &concerts(),
        &[
            ("How many singers do we have?", "number of singer"),
            (
                "Show name, country, age for all singers ordered by age from the oldest to the youngest.",
                "singer.Name, singer.Country, singer.Age of singer, ordered by singer.Age from the largest",
            ),
            (
                "What is the average, minimum, and maximum age of all singers?",
                "average of singer.Age, smallest singer.Age, largest singer.Age",
            ),
            ("What is the name of the youngest singer?", "singer.Name of singer, ordered by singer.Age, first 1"),
            (
                "Find the number of concerts in the stadium with the highest capacity",
                "number of concert, where stadium.Stadium_ID is among (stadium.Stadium_ID of stadium, ordered by stadium.Capacity from the largest, first 1)",
            ),
            (
                "Which year has most number of concerts?",
                "concert.Year of concert, ordered by number of concert from the largest, first 1",
            ),
            ("What are the names of the stadiums without any concerts?", "stadium.Name of stadium, where there are no concert"),
            ("Show the stadium name and the number of concerts in each stadium.", "number of concert for each stadium.Name"),
            (
                "What are the different countries of singers older than 20?",
                "different singer.Country of singer, where singer.Age > 20",
            ),
            ("singers whose name starts with 'A'", "singer.Name of singer, where singer.Name starts with “A”"),
            ("concerts between 2014 and 2015", "concert.concert_Name of concert, where concert.Year is between 2014 and 2015"),
        ],
    );
}

#[test]
fn questions_a_manager_also_asks() {
    const SALES: &str = "sum of order_lines.unit_price × order_lines.qty × (1 − order_lines.discount)";
    let expected: Vec<(&str, String)> = [
        ("Who are our top 10 customers?", "SALES for each customers.name, where customers.customer_id is known, ordered by SALES from the largest, first 10"),
        ("What was our best month in 2023?", "SALES for each month of orders.order_date, where orders.order_date in 2023-01-01 to 2023-12-31, ordered by SALES from the largest, first 1"),
        ("compare revenue this month with last month", "SALES, this month against the last complete month"),
        ("Number of orders in 2023 compared to 2022", "number of orders, 2023-01-01 to 2023-12-31 against 2022-01-01 to 2022-12-31"),
        ("customers who ordered more than 5 times in 2023", "customers.name of customers, where there are at least 6 orders with orders.order_date in 2023-01-01 to 2023-12-31"),
        ("Which customers have not ordered in the last 30 days?", "customers.name of customers, where not (there are orders with orders.order_date in the last 30 days up to today)"),
        ("orders worth more than 1000 euros", "orders.order_id of order_lines, with SALES > 1000"),
        ("first order date of each customer", "smallest orders.order_date for each customers.name"),
        ("Which employee handled the most orders?", "employees.first_name, employees.last_name of orders, where employees.employee_id is known, ordered by number of orders from the largest, first 1"),
        ("What percentage of customers are from Germany?", "number of customers where customers.country = Germany divided by number of customers"),
        ("average number of orders per customer", "number of orders divided by number of customers"),
        ("top 3 products by revenue in each region", "SALES for each regions.region_name, products.product_name, where products.product_id is known, the first 3 by SALES for each region_name, region_id, ordered by regions.region_name, then SALES from the largest"),
    ]
    .map(|(question, reading)| (question, reading.replace("SALES", SALES)))
    .to_vec();
    let expected: Vec<(&str, &str)> = expected.iter().map(|(question, reading)| (*question, reading.as_str())).collect();
    check(&shop(), &expected);
    match plan(&shop(), "What is the median order value?") {
        Plan::Abstain(abstention) => assert!(abstention.reason.contains("average"), "{}", abstention.reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn intents_tell_what_kind_of_answer_it_is() {
    let intent = |question: &str| planned(&shop(), question).intent;
    assert_eq!(intent("monthly revenue"), Intent::Series);
    assert_eq!(intent("top 3 products by revenue"), Intent::Ranking);
    assert_eq!(intent("share of revenue by category"), Intent::Share);
    assert_eq!(intent("how many customers are there"), Intent::SingleValue);
    assert_eq!(intent("revenue by region"), Intent::Breakdown);
    assert_eq!(intent("list all products"), Intent::List);
}

#[test]
fn links_point_at_the_words_and_say_why() {
    let question = "total sales in Berlin";
    let planned = planned(&shop(), question);
    let sales = planned.links.iter().find(|link| matches!(link.target, LinkTarget::Measure(_))).unwrap();
    assert_eq!(&question[sales.span.clone()], "total sales");
    assert_eq!(sales.target, LinkTarget::Measure("SUM(order_lines.unit_price × qty × (1 − discount))".into()));
    let berlin = planned.links.iter().find(|link| link.words == "Berlin").unwrap();
    assert!(matches!(&berlin.target, LinkTarget::Value { column, .. } if column == "city"));
}

/// The words a refusal names, or nothing when the question is planned.
fn missing(question: &str) -> Vec<String> {
    match plan(&shop(), question) {
        Plan::Abstain(abstention) => {
            assert!(abstention.missing.iter().all(|word| abstention.reason.contains(word.as_str())), "{}", abstention.reason);
            abstention.missing
        }
        Plan::Query(_) => Vec::new(),
        Plan::Clarify(clarification) => panic!("{question}: {clarification:?}"),
    }
}

#[test]
fn a_name_that_nothing_has_is_not_passed_over() {
    for (question, words) in [
        ("revenue by flurb", "flurb"),
        ("revenue per flurb and month", "flurb"),
        ("top 5 customers by flurb", "flurb"),
        ("orders sorted by flurb", "flurb"),
        ("average flurb per region", "flurb"),
        ("number of flabbergasted customers by country", "flabbergasted"),
        ("revenue of the flurb region", "flurb"),
        ("revenue for each flurb in 2024", "flurb"),
        ("monthly revenue without flurb", "flurb"),
        ("customers and their flurb", "flurb"),
        ("customers whose flurb is 3", "flurb"),
        ("which customers bought flurbs", "flurbs"),
        ("how many customers churned last month", "churned"),
        ("customers who churned", "churned"),
        ("revenue from Atlantis", "Atlantis"),
        ("orders over 500 flurbs", "flurbs"),
        ("compare revenue with flurb", "flurb"),
    ] {
        assert_eq!(missing(question), [words], "{question}");
    }
}

#[test]
fn words_that_restrict_nothing_are_passed_over_and_told() {
    for question in [
        "number of orders placed in 2023",
        "show me the complete list of customers",
        "the total revenue generated in 2023",
        "orders worth more than 1000 euros",
        "customers located in Berlin",
        "new customers per month",
    ] {
        assert!(missing(question).is_empty(), "{question}");
    }
    let (sure, unsure) = (planned(&shop(), "orders in 2023"), planned(&shop(), "orders placed in 2023"));
    assert!(unsure.confidence < sure.confidence, "{} {}", unsure.confidence, sure.confidence);
    assert!(unsure.assumptions.iter().any(|note| note.contains("“placed”")), "{:?}", unsure.assumptions);
}

#[test]
fn what_was_understood_and_is_not_in_the_query_is_not_answered_as_if_it_was() {
    for question in ["revenue by", "revenue by 1", "revenue by ?", "revenue by having"] {
        let sure = matches!(plan(&shop(), question), Plan::Query(planned) if planned.confidence >= 0.5);
        assert!(!sure, "{question}");
    }
    // The grammar has no place for the comparison: whatever is planned must not be sure of itself.
    match plan(&shop(), "Orders this month against the previous month") {
        Plan::Query(planned) => assert!(planned.query.compare.is_some() || planned.confidence < 0.5, "{}", planned.confidence),
        Plan::Abstain(abstention) => assert!(abstention.reason.contains("“against”"), "{}", abstention.reason),
        Plan::Clarify(_) => {}
    }
}

#[test]
fn a_name_with_a_typing_error_is_recognised() {
    for (question, meant) in [
        ("number of custmers by country", "number of customers by country"),
        ("revenue by cattegory", "revenue by category"),
        ("emplyoees hired in 2023", "employees hired in 2023"),
    ] {
        let (wrong, right) = (planned(&shop(), question), planned(&shop(), meant));
        assert_eq!(wrong.query, right.query, "{question}");
        assert!(wrong.links.iter().any(|link| link.evidence == Evidence::Spelling) && wrong.confidence < right.confidence);
    }
}

#[test]
fn a_value_in_two_joined_tables_is_no_doubt_but_told() {
    let shop = Catalog::new(
        Dialect::Sqlite,
        None,
        vec![
            table("customers", &["customer_id int", "name text", "country text=Germany|France"]),
            table(
                "invoices",
                &["invoice_id int", "customer_id int -> customers", "billing_country text=Germany|France", "total real"],
            ),
        ],
    );
    let planned = planned(&shop, "total of invoices in Germany");
    assert!(planned.confidence > 0.5, "{}", planned.confidence);
    assert!(planned.assumptions.iter().any(|note| note.contains("“Germany” is looked for in")), "{:?}", planned.assumptions);
}

#[test]
fn what_is_no_question_about_the_data_is_declined_with_the_reason() {
    let kind = |question: &str| match plan(&shop(), question) {
        Plan::Abstain(abstention) => {
            assert!(!abstention.reason.is_empty());
            Some(abstention.kind)
        }
        _ => None,
    };
    assert_eq!(kind("delete all orders"), Some(AbstentionKind::NotADataQuestion));
    assert_eq!(kind("drop table customers"), Some(AbstentionKind::NotADataQuestion));
    assert_eq!(kind("' OR 1=1 --"), Some(AbstentionKind::NotADataQuestion));
    assert_eq!(kind("hello"), Some(AbstentionKind::NotADataQuestion));
    assert_eq!(kind(""), Some(AbstentionKind::TooVague));
    assert_eq!(kind("What is the melting point of tungsten?"), Some(AbstentionKind::CannotAnswer));
    assert_eq!(kind("Wie viele Kunden haben wir?"), Some(AbstentionKind::CannotAnswer));
}

#[test]
fn a_host_adds_metrics_and_synonyms() {
    let knowledge = Knowledge {
        metrics: vec![MetricDefinition {
            name: "payroll".into(),
            synonyms: vec!["wage bill".into()],
            measure: Measure::new("payroll", Aggregate::Sum(Scalar::Field(Field::new(TableName::bare("employees"), "salary")))),
            table: TableName::bare("employees"),
            description: None,
        }],
        synonyms: vec![Synonym { words: "accounts".into(), target: SynonymTarget::Table(TableName::bare("customers")) }],
        ..Knowledge::default()
    };
    let index = SchemaIndex::build(&shop(), &knowledge);
    let read = |question: &str| match BuiltinPlanner::new(&index).plan(question, &now(), &Calendar::default()) {
        Plan::Query(planned) => planned.reading,
        other => format!("{other:?}"),
    };
    assert_eq!(read("wage bill by department"), "sum of employees.salary for each employees.department");
    assert_eq!(read("how many accounts are there"), "number of customers");
}

#[test]
fn planning_is_deterministic() {
    let catalog = shop();
    let first = planned(&catalog, "top 5 customers by revenue last quarter");
    for _ in 0..5 {
        assert_eq!(planned(&catalog, "top 5 customers by revenue last quarter"), first);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_planner_panic(text in "[a-z0-9 ,'\"?<>=.-]{0,120}") {
        plan(&concerts(), &text);
    }

    #[test]
    fn no_jumble_of_its_own_words_makes_the_planner_panic(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 0..14)
    ) {
        let question = words.join(" ");
        if let Plan::Query(planned) = plan(&shop(), &question) {
            proptest::prop_assert!(planned.query.validate(&shop()).is_ok() || planned.confidence < 1.0, "{question}");
        }
    }
}

const WORDS: &[&str] = &[
    "how many",
    "which",
    "customers",
    "orders",
    "products",
    "with",
    "without",
    "more than",
    "5",
    "average",
    "salary",
    "by",
    "each",
    "top",
    "most",
    "not",
    "and",
    "or",
    "both",
    "between",
    "in 2024",
    "last quarter",
    "name",
    "of",
    "the",
    "revenue",
    "share of",
    "running total of",
    "youngest",
    "ordered by",
    "descending",
    "Berlin",
    "'x'",
    "against",
    "above",
    "has",
    "never",
    "monthly",
    "number of",
    "except",
    "starts with",
    "is",
    ",",
    "oldest",
    "cheaper than",
    "came back within",
    "rate",
    "missing",
    "one",
    "twice",
    "city",
    "employees",
    "manager",
    "all information about",
];
