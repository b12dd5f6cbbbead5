//! The same promises at a real server with Northwind in it, for a login that may only read.
//!
//! `LEO_TEST_MSSQL_URL=mssql://reader:…@host:1433/Northwind?sslrootcert=/path/ca.pem make test-mssql`

use std::time::{Duration, Instant};

use futures::StreamExt;
use leo::catalog::{LogicalType, TableName};
use leo::gate::{self, Connector, IntrospectOptions, QueryOptions};
use leo::source::mssql::MssqlSource;
use leo::source::{Login, SourceSpec, TlsMode};
use leo::{ErrorKind, Value};

use crate::shop::{self, Asked, ctx};

/// What the environment names; nothing where it names nothing.
pub fn given() -> Option<SourceSpec> {
    let Ok(url) = std::env::var("LEO_TEST_MSSQL_URL") else {
        println!(
            "skipped: a real SQL Server (set LEO_TEST_MSSQL_URL=mssql://user:password@host:port/Northwind?sslrootcert=ca.pem)"
        );
        return None;
    };
    Some(url.parse().unwrap_or_else(|error| panic!("LEO_TEST_MSSQL_URL: {error}")))
}

async fn asked() -> Option<Asked> {
    Some(shop::asked(given()?).await.unwrap_or_else(|error| panic!("{error:?}")))
}

async fn number(asked: &Asked, sql: &str) -> i64 {
    let table = asked.table_with(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    table.value(0, 0).to_string().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_connects_and_says_what_it_found() {
    let Some(spec) = given() else { return };
    let source = MssqlSource::connect("shop", spec).await.unwrap_or_else(|error| panic!("{error:?}"));
    let report = source.test(&ctx()).await.unwrap();
    println!("{report:?}");
    assert!(report.tables_found >= 8 && !report.server_version.is_empty(), "{report:?}");
    assert!(!report.warnings.iter().any(|warning| warning.contains("may change")), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told_apart() {
    let Some(spec) = given() else { return };
    let problem = async |spec: SourceSpec| {
        let error = MssqlSource::connect("shop", spec).await.map(drop).unwrap_err();
        let code = error.context().iter().find(|(key, _)| *key == "problem").map(|(_, value)| value.clone());
        (code.unwrap_or_default(), error)
    };
    let mut wrong = spec.clone();
    let user = spec.login.user().unwrap_or_default().to_owned();
    wrong.login = Login::Password { user, password: "certainly-not-it".to_owned().into() };
    let (code, error) = problem(wrong).await;
    assert!(code == "login" && !format!("{error:?}").contains("certainly-not-it"), "{error:?}");
    let mut missing = spec.clone();
    missing.database = Some("no_such_database_here".into());
    let (_, error) = problem(missing).await;
    assert!(matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Config | ErrorKind::Denied), "{error:?}");
    if spec.tls.ca_file.is_some() {
        let mut untrusting = spec.clone();
        (untrusting.tls.ca_file, untrusting.tls.mode) = (None, Some(TlsMode::VerifyFull));
        assert_eq!(problem(untrusting).await.0, "untrusted_certificate");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_structure_is_read() {
    let Some(asked) = asked().await else { return };
    let table = |name: &str| asked.catalog.require_table(&TableName::bare(name)).unwrap();
    let orders = table("Orders");
    assert_eq!(orders.primary_key.iter().map(|column| column.to_lowercase()).collect::<Vec<_>>(), ["orderid"]);
    assert_eq!(orders.column("OrderDate").unwrap().data_type, LogicalType::Timestamp);
    assert_eq!(orders.column("Freight").unwrap().data_type, LogicalType::Decimal);
    assert_eq!(table("Customers").column("CustomerID").unwrap().data_type, LogicalType::Text);
    let details = table("Order Details");
    assert_eq!(details.primary_key.len(), 2, "{details:?}");
    assert!(
        orders.foreign_keys.iter().any(|key| key.references.name.eq_ignore_ascii_case("Customers")),
        "{:?}",
        orders.foreign_keys
    );
    let views = asked.catalog.tables.iter().filter(|table| table.kind != leo::catalog::TableKind::Table).count();
    println!("{} tables and views, {views} of them views; rows of Orders: {:?}", asked.catalog.tables.len(), orders.rows);
    let options = IntrospectOptions { include: vec!["dbo.Order*".into()], exclude: vec!["*Details*".into()] };
    let few = asked.connector.introspect(&ctx(), options).await.unwrap();
    assert!(few.tables.iter().all(|table| table.name.name.to_lowercase().starts_with("order")) && !few.tables.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_every_table_arrive() {
    let Some(asked) = asked().await else { return };
    for table in &asked.catalog.tables {
        let name = &table.name;
        let schema = name.schema.as_deref().unwrap_or("dbo");
        let sql = format!("SELECT * FROM [{schema}].[{}]", name.name);
        match asked.table_with(&sql, &[]).await {
            Ok(found) => {
                println!("{name}: {} rows, {}", found.num_rows(), found.schema().fields().len());
                assert_eq!(found.num_columns(), table.columns.len(), "{name}");
                if table.kind == leo::catalog::TableKind::Table {
                    let counted = number(&asked, &format!("SELECT COUNT(*) AS n FROM [{schema}].[{}]", name.name)).await;
                    assert_eq!(found.num_rows() as i64, counted, "{name}");
                }
            }
            // A view may be beyond the server; a table is not.
            Err(error) => {
                assert!(table.kind != leo::catalog::TableKind::Table && error.kind() == ErrorKind::Rejected, "{name}: {error:?}")
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_and_placeholders() {
    let Some(asked) = asked().await else { return };
    let all = number(&asked, "SELECT COUNT(*) AS n FROM Products").await;
    let count = async |condition: &str, params: &[Value]| {
        let sql = format!("SELECT COUNT(*) AS n FROM Products WHERE {condition}");
        let table = asked.table_with(&sql, params).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        table.value(0, 0).to_string().parse::<i64>().unwrap()
    };
    assert_eq!(count("ProductID > @p1", &[Value::Int(0)]).await, all);
    assert_eq!(count("UnitPrice > @p1", &[Value::Float(-0.5)]).await, all);
    assert_eq!(count("ProductName <> @p1", &[Value::from("x'; DROP TABLE Products; --")]).await, all);
    assert_eq!(count("Discontinued = @p1 OR Discontinued = @p2", &[Value::Bool(true), Value::Bool(false)]).await, all);
    assert_eq!(count("ProductName = @p1", &[Value::Null]).await, 0);
    assert_eq!(count("ProductID > @p1 AND ProductName = @p2", &[Value::Int(0), Value::Null]).await, 0);
    let dates = "SELECT COUNT(*) AS n FROM Orders WHERE OrderDate >= @p1";
    let found = asked.table_with(dates, &[Value::from("1900-01-01")]).await.unwrap();
    assert_eq!(
        found.value(0, 0).to_string(),
        number(&asked, "SELECT COUNT(*) AS n FROM Orders WHERE OrderDate IS NOT NULL").await.to_string()
    );
    let types =
        asked.table_with("SELECT UnitPrice, Discontinued, UnitsInStock FROM Products WHERE ProductID = 1", &[]).await.unwrap();
    let types: Vec<String> = types.schema().fields().iter().map(|field| field.data_type().to_string()).collect();
    assert_eq!(types, ["Decimal128(19, 4)", "Boolean", "Int16"]);
    let exact = "SELECT CAST(99999999999999999999999999999999999999 AS decimal(38, 0)) AS d, CAST(-0.0001 AS decimal(9, 4)) AS e FROM Shippers \
                 WHERE ShipperID = 1";
    let exact = asked.table_with(exact, &[]).await.unwrap();
    assert_eq!(exact.value(0, 0).to_string(), "9".repeat(38));
    assert_eq!(exact.value(0, 1).to_string(), "-0.0001");
    let long = "é🦀".repeat(20_000);
    let found =
        asked.table_with("SELECT @p1 AS t FROM Shippers WHERE ShipperID = 1", &[Value::from(long.as_str())]).await.unwrap();
    assert_eq!(found.value(0, 0).to_string(), long);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold() {
    let Some(asked) = asked().await else { return };
    let all = number(&asked, "SELECT COUNT(*) AS n FROM [Order Details]").await as usize;
    let sql = "SELECT OrderID, ProductID, UnitPrice FROM [Order Details]";
    for (max_rows, rows, truncated) in [(10, 10, true), (all as u64, all, false), (all as u64 + 5, all, false)] {
        let options = QueryOptions { max_rows, batch_rows: 100, ..QueryOptions::default() };
        let (cleared, _) = asked.clear(&ctx(), sql, &[]).await.unwrap();
        println!("estimate: {:?}", cleared.estimate());
        let stream = asked.start(&ctx(), sql, &[], options).await.unwrap();
        let result = gate::collect(stream).await.unwrap();
        assert_eq!((result.table.num_rows(), result.summary.truncated), (rows, truncated));
        assert!(result.table.batches().iter().all(|batch| batch.num_rows() <= 100));
    }
    let options = QueryOptions { max_bytes: 1_000, ..QueryOptions::default() };
    let error = match asked.start(&ctx(), sql, &[], options).await {
        Ok(stream) => gate::collect(stream).await.map(drop).unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(number(&asked, "SELECT COUNT(*) AS n FROM [Order Details]").await as usize, all);
}

/// Ten thousand million rows.
const SLOW: &str =
    "SELECT a.OrderID, b.ProductID, c.Quantity FROM [Order Details] a CROSS JOIN [Order Details] b CROSS JOIN [Order Details] c";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_ends_and_the_next_statement_is_right() {
    let Some(asked) = asked().await else { return };
    let endless = QueryOptions { max_rows: u64::MAX, max_bytes: u64::MAX, timeout: Duration::from_secs(50), batch_rows: 64 };
    for _ in 0..3 {
        let mut stream = asked.start(&ctx(), SLOW, &[], endless).await.unwrap();
        stream.next().await.unwrap().unwrap();
        drop(stream);
        let table = asked.table_with("SELECT CategoryID FROM Categories WHERE CategoryID = @p1", &[Value::Int(3)]).await.unwrap();
        assert_eq!((table.num_rows(), table.value(0, 0).to_string()), (1, "3".to_owned()));
    }
    let started = Instant::now();
    let options = QueryOptions { timeout: Duration::from_secs(1), ..endless };
    let error = match asked.start(&ctx(), &format!("{SLOW} WHERE a.Quantity + b.Quantity + c.Quantity < 0"), &[], options).await {
        Ok(stream) => gate::collect(stream).await.map(drop).unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Timeout);
    println!("a statement of one second ended after {:?}", started.elapsed());
    assert_eq!(asked.table_with("SELECT CategoryID FROM Categories WHERE CategoryID = 1", &[]).await.unwrap().num_rows(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_hold_no_value_and_leave_the_source_usable() {
    let Some(asked) = asked().await else { return };
    let sql = "SELECT CustomerID, CAST(CompanyName AS int) AS n FROM Customers";
    let error = asked.table_with(sql, &[]).await.map(drop).unwrap_err();
    println!("{error:?}");
    assert!(matches!(error.kind(), ErrorKind::Rejected | ErrorKind::Malformed), "{error:?}");
    assert!(!format!("{error:?}").contains("Alfreds"), "{error:?}");
    assert_eq!(number(&asked, "SELECT COUNT(*) AS n FROM Shippers WHERE ShipperID = 1").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_run_side_by_side() {
    let Some(asked) = asked().await else { return };
    let one = async |product: i64| {
        let table =
            asked.table_with("SELECT ProductID FROM Products WHERE ProductID = @p1", &[Value::Int(product)]).await.unwrap();
        assert_eq!(table.value(0, 0).to_string(), product.to_string());
    };
    futures::future::join_all((1..=30).map(one)).await;
    assert!(asked.connector.health().connections <= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_rows_hold_while_nobody_writes() {
    let Some(spec) = given() else { return };
    let source = MssqlSource::connect("shop", spec).await.unwrap_or_else(|error| panic!("{error:?}"));
    let versions = async || {
        let catalog = source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
        catalog.tables.into_iter().map(|table| (table.name, table.data_version)).collect::<Vec<_>>()
    };
    let first = versions().await;
    println!("{} of {} tables tell whether they changed", first.iter().filter(|(_, told)| told.is_some()).count(), first.len());
    assert_eq!(versions().await, first);
}
