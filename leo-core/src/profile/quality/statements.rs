//! The statements that count what offends.

use sqlparser::ast::{BinaryOperator, Expr, Ident, Statement, TableFactor, TableWithJoins};

use crate::catalog::{Column, LogicalType, Relationship, Table, TableName, TimeEncoding};
use crate::dialect::Dialect;
use crate::query::{ast, ident};

/// The column of the table that a statement is about.
pub(super) fn column(dialect: Dialect, name: &str) -> Expr {
    Expr::Identifier(ident(dialect, name))
}

/// `SELECT COUNT(*) AS examined, COUNT(CASE WHEN … THEN 1 END) AS offending_1, …`: the rows of `table`, and those for which each condition holds.
pub(super) fn rowwise(dialect: Dialect, table: &TableName, conditions: &[Expr]) -> Statement {
    let mut items = vec![ast::item(ast::count_star(), ident(dialect, "examined"))];
    for (at, condition) in conditions.iter().enumerate() {
        let hit = ast::case(vec![(condition.clone(), ast::int(1))], None);
        items.push(ast::item(ast::call("COUNT", vec![hit]), ident(dialect, &format!("offending_{}", at + 1))));
    }
    statement(ast::Parts { items, from: from(dialect, table), ..ast::Parts::default() })
}

/// `SELECT COUNT(*) AS offending FROM … WHERE …`.
pub(super) fn count(dialect: Dialect, table: &TableName, condition: Expr) -> Statement {
    statement(ast::Parts {
        items: offending(dialect),
        from: from(dialect, table),
        filter: Some(condition),
        ..ast::Parts::default()
    })
}

/// How many values of the key `columns` occur more than once; those with a NULL in them are not compared.
pub(super) fn repeated(dialect: Dialect, table: &TableName, columns: &[String]) -> Statement {
    let keys: Vec<Expr> = columns.iter().map(|name| column(dialect, name)).collect();
    let filled = ast::all_of(keys.iter().cloned().map(ast::is_not_null).collect());
    let inner = ast::select(ast::Parts {
        items: vec![ast::item(ast::count_star(), ident(dialect, "copies"))],
        from: from(dialect, table),
        filter: Some(filled),
        group_by: keys,
        having: Some(ast::binary(ast::count_star(), BinaryOperator::Gt, ast::int(1))),
        ..ast::Parts::default()
    });
    let derived = ast::derived(ast::query(inner, Vec::new(), None), ident(dialect, "repeated"));
    let from = Some(TableWithJoins { relation: derived, joins: Vec::new() });
    statement(ast::Parts { items: offending(dialect), from, ..ast::Parts::default() })
}

/// How many rows of the child refer to no row of the parent.
pub(super) fn orphans(dialect: Dialect, relationship: &Relationship) -> Statement {
    let of = |alias: &str, name: &str| Expr::CompoundIdentifier(vec![Ident::new(alias), ident(dialect, name)]);
    let pairs = || relationship.child_columns.iter().zip(&relationship.parent_columns);
    let on = ast::all_of(pairs().map(|(child, parent)| ast::eq(of("child", child), of("parent", parent))).collect());
    let mut filter: Vec<Expr> = pairs().map(|(child, _)| ast::is_not_null(of("child", child))).collect();
    // The key of a row that was found is filled in.
    filter.extend(relationship.parent_columns.first().map(|parent| ast::is_null(of("parent", parent))));
    let parent = ast::left_join(relation(dialect, &relationship.parent, Some("parent")), on);
    let from = TableWithJoins { relation: relation(dialect, &relationship.child, Some("child")), joins: vec![parent] };
    let filter = Some(ast::all_of(filter));
    statement(ast::Parts { items: offending(dialect), from: Some(from), filter, ..ast::Parts::default() })
}

/// The latest value of a column.
pub(super) fn latest(dialect: Dialect, table: &TableName, name: &str) -> Statement {
    let items = vec![ast::item(ast::call("MAX", vec![column(dialect, name)]), ident(dialect, "latest"))];
    statement(ast::Parts { items, from: from(dialect, table), ..ast::Parts::default() })
}

/// The rows of a table, counted.
pub(super) fn rows(dialect: Dialect, table: &TableName) -> Statement {
    let items = vec![ast::item(ast::count_star(), ident(dialect, "row_count"))];
    statement(ast::Parts { items, from: from(dialect, table), ..ast::Parts::default() })
}

/// Whether the column is later than `day`, in the way it stores points in time; nothing where that is not known.
pub(super) fn after(dialect: Dialect, own: &Column, day: jiff::civil::Date) -> Option<Expr> {
    let native = matches!(own.data_type, LogicalType::Date | LogicalType::Timestamp);
    let compact = || day.strftime("%Y%m%d").to_string();
    let edge = match own.time_encoding {
        // Other forms depend on the language of the login.
        None | Some(TimeEncoding::Native) if native && dialect == Dialect::Tsql => ast::text(&compact()),
        None | Some(TimeEncoding::Native) if native => ast::text(&day.to_string()),
        Some(TimeEncoding::IsoDate | TimeEncoding::IsoTimestamp) if native && dialect == Dialect::Tsql => ast::text(&compact()),
        Some(TimeEncoding::IsoDate | TimeEncoding::IsoTimestamp) => ast::text(&day.to_string()),
        Some(TimeEncoding::CompactDate) if own.is_numeric() => ast::number(&compact()),
        Some(TimeEncoding::CompactDate) => ast::text(&compact()),
        Some(TimeEncoding::UnixSeconds | TimeEncoding::UnixMillis) => {
            let seconds = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
            let factor = if own.time_encoding == Some(TimeEncoding::UnixMillis) { 1_000 } else { 1 };
            ast::int(seconds.saturating_mul(factor))
        }
        _ => return None,
    };
    Some(ast::binary(column(dialect, &own.name), BinaryOperator::Gt, edge))
}

pub(super) fn below_zero(dialect: Dialect, name: &str) -> Expr {
    ast::binary(column(dialect, name), BinaryOperator::Lt, ast::int(0))
}

/// Text that is there and has not the form of an address.
pub(super) fn no_email(dialect: Dialect, name: &str) -> Expr {
    let filled = ast::is_not_null(column(dialect, name));
    ast::all_of(vec![filled, ast::not(ast::like(column(dialect, name), ast::text("%_@_%._%"), None))])
}

/// In SQLite, values of another type than the column's numbers.
pub(super) fn no_number(table: &Table, name: &str) -> Option<Expr> {
    let column = column(Dialect::Sqlite, table.column(name)?.name.as_str());
    Some(ast::eq(ast::call("typeof", vec![column]), ast::text("text")))
}

fn offending(dialect: Dialect) -> Vec<sqlparser::ast::SelectItem> {
    vec![ast::item(ast::count_star(), ident(dialect, "offending"))]
}

fn relation(dialect: Dialect, table: &TableName, alias: Option<&str>) -> TableFactor {
    let mut parts = Vec::new();
    if let Some(schema) = &table.schema {
        match dialect {
            // A project and a data set.
            Dialect::Bigquery => parts.extend(schema.split('.').map(|part| ident(dialect, part))),
            _ => parts.push(ident(dialect, schema)),
        }
    }
    parts.push(ident(dialect, &table.name));
    ast::table(parts, alias.map(Ident::new))
}

fn from(dialect: Dialect, table: &TableName) -> Option<TableWithJoins> {
    Some(TableWithJoins { relation: relation(dialect, table, None), joins: Vec::new() })
}

fn statement(parts: ast::Parts) -> Statement {
    Statement::Query(Box::new(ast::query(ast::select(parts), Vec::new(), None)))
}
