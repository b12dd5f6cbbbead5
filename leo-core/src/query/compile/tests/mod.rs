#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Statements are run on a small shop in SQLite and their rows compared with what a person counts; the texts in all dialects
//! are snapshots, parsed back.

mod comparisons;
mod dialects;
mod fanout;
mod filters;
mod groups;
mod large;
mod random;
mod shop;
mod windows;

use rusqlite::types::{ToSqlOutput, ValueRef};
use sqlparser::ast::Statement;
use sqlparser::dialect as parsers;
use sqlparser::parser::{Parser, ParserOptions};

use super::*;
use crate::query::model::*;
use crate::query::time::*;

/// The shop asked about on 15 May 2024.
fn options(dialect: Dialect) -> CompileOptions {
    CompileOptions {
        dialect,
        now: "2024-05-15T10:00:00+02:00[Europe/Berlin]".parse().unwrap(),
        calendar: Calendar { fiscal_year_start: 4 },
    }
}

fn t(name: &str) -> TableName {
    TableName::bare(name)
}

/// `orders.id` as a field.
fn f(path: &str) -> Field {
    let (table, column) = path.split_once('.').unwrap();
    Field::new(t(table), column)
}

fn s(path: &str) -> Scalar {
    Scalar::Field(f(path))
}

fn lit(value: impl Into<Value>) -> Scalar {
    Scalar::Literal(value.into())
}

fn calc(left: Scalar, op: Arithmetic, right: Scalar) -> Scalar {
    Scalar::Arithmetic { op, left: Box::new(left), right: Box::new(right) }
}

/// `quantity × unit_price × (1 − discount)`.
fn revenue() -> Scalar {
    let gross = calc(s("order_lines.quantity"), Arithmetic::Multiply, s("order_lines.unit_price"));
    calc(gross, Arithmetic::Multiply, calc(lit(1), Arithmetic::Subtract, s("order_lines.discount")))
}

fn dim(name: &str, path: &str) -> Dimension {
    Dimension::new(name, s(path))
}

fn time(name: &str, path: &str, grain: Grain) -> Dimension {
    Dimension { grain: Some(grain), ..Dimension::new(name, s(path)) }
}

fn sum(name: &str, scalar: Scalar) -> Measure {
    Measure::new(name, Aggregate::Sum(scalar))
}

fn rows(name: &str, table: &str) -> Measure {
    Measure::new(name, Aggregate::CountRows(t(table)))
}

fn is(path: &str, value: impl Into<Value>) -> Filter {
    cmp(path, Operator::Equal, value)
}

fn cmp(path: &str, op: Operator, value: impl Into<Value>) -> Filter {
    Filter::Compare { left: s(path), op, right: lit(value) }
}

fn during(path: &str, window: TimeWindow) -> Filter {
    Filter::During { value: f(path), window }
}

fn year(year: i16) -> TimeWindow {
    TimeWindow::Absolute { start: Some(jiff::civil::date(year, 1, 1)), end: Some(jiff::civil::date(year + 1, 1, 1)) }
}

fn desc(by: &str) -> Order {
    Order { by: by.into(), descending: true }
}

fn asc(by: &str) -> Order {
    Order { by: by.into(), descending: false }
}

fn ask(from: &str) -> SemanticQuery {
    SemanticQuery::new(t(from))
}

fn compiled(query: &SemanticQuery) -> Compiled {
    compile(query, &shop::catalog(Dialect::Sqlite), &options(Dialect::Sqlite)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(query: &SemanticQuery) -> (crate::ErrorKind, String) {
    let error = compile(query, &shop::catalog(Dialect::Sqlite), &options(Dialect::Sqlite)).expect_err("should be refused");
    (error.kind(), error.message().to_owned())
}

struct Param<'a>(&'a Value);

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Float(value) => ValueRef::Real(*value),
            Value::Decimal(value) => ValueRef::Real(value.to_f64()),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

/// Rows as text, columns separated by `|`, NULL as `-`, numbers rounded to four digits.
fn execute(connection: &rusqlite::Connection, compiled: &Compiled) -> Vec<String> {
    let mut statement = connection.prepare(&compiled.sql).unwrap_or_else(|error| panic!("{error}\n{}", compiled.sql));
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    assert_eq!(names, compiled.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>());
    let params = rusqlite::params_from_iter(compiled.params.iter().map(Param));
    statement
        .query_map(params, |row| {
            let cells: rusqlite::Result<Vec<String>> = (0..names.len())
                .map(|at| {
                    Ok(match row.get_ref(at)? {
                        ValueRef::Null => "-".to_owned(),
                        ValueRef::Integer(value) => value.to_string(),
                        ValueRef::Real(value) => format!("{}", (value * 10_000.0).round() / 10_000.0),
                        ValueRef::Text(value) => String::from_utf8_lossy(value).into_owned(),
                        ValueRef::Blob(_) => "blob".to_owned(),
                    })
                })
                .collect();
            Ok(cells?.join("|"))
        })
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

/// The rows of a query on the shop.
fn run(query: &SemanticQuery) -> Vec<String> {
    execute(&shop::database(), &compiled(query))
}

/// The rows, sorted: for queries without an order.
fn run_sorted(query: &SemanticQuery) -> Vec<String> {
    let mut rows = run(query);
    rows.sort();
    rows
}

/// The SQLite text of a query on the shop.
fn sql(query: &SemanticQuery) -> String {
    compiled(query).sql
}

/// Parses a statement as the guard does: nothing unescaped.
fn parse(dialect: Dialect, sql: &str) -> Statement {
    let parser: Box<dyn parsers::Dialect> = match dialect {
        Dialect::Sqlite => Box::new(parsers::SQLiteDialect {}),
        Dialect::Postgres => Box::new(parsers::PostgreSqlDialect {}),
        Dialect::Mysql => Box::new(parsers::MySqlDialect {}),
        Dialect::Tsql => Box::new(parsers::MsSqlDialect {}),
        Dialect::Bigquery => Box::new(parsers::BigQueryDialect {}),
        _ => Box::new(parsers::GenericDialect {}),
    };
    let mut statements = Parser::new(parser.as_ref())
        .with_options(ParserOptions::new().with_unescape(false))
        .try_with_sql(sql)
        .and_then(|mut parser| parser.parse_statements())
        .unwrap_or_else(|error| panic!("{dialect}: {error}\n{sql}"));
    assert_eq!(statements.len(), 1, "{sql}");
    statements.remove(0)
}

/// Compiles in a dialect and checks that the text parses back to the statement.
fn round_trip(query: &SemanticQuery, dialect: Dialect) -> crate::Result<Compiled> {
    let compiled = compile(query, &shop::catalog(dialect), &options(dialect))?;
    let parsed = parse(dialect, &compiled.sql);
    assert_eq!(parsed.to_string(), compiled.sql, "{dialect} prints differently after parsing");
    assert!(
        parsed == compiled.statement,
        "{dialect} reads another statement:\n{}\n{parsed:#?}\n{:#?}",
        compiled.sql,
        compiled.statement
    );
    Ok(compiled)
}
