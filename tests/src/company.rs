//! The sample company as a script for another engine: the same rows in that engine's own types.

use std::fmt::Write as _;

use leo::Dialect;
use leo::catalog::{Catalog, Column, LogicalType, TableKind};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// Rows of one INSERT.
const ROWS: usize = 500;

/// The type of a column. Money and measures become exact decimals, as a company keeps them on a server.
fn column_type(dialect: Dialect, column: &Column, is_key: bool) -> &'static str {
    let mysql = dialect == Dialect::Mysql;
    match column.data_type {
        LogicalType::Integer => "bigint",
        LogicalType::Float | LogicalType::Decimal => "decimal(14, 4)",
        LogicalType::Boolean => "boolean",
        LogicalType::Date => "date",
        LogicalType::Timestamp if mysql => "datetime",
        LogicalType::Timestamp => "timestamp",
        _ if mysql && is_key => "varchar(100)",
        _ => "text",
    }
}

/// Tables with keys and rows of the SQLite file behind `from`, whose structure is `catalog`, and its views.
pub fn script(dialect: Dialect, from: &Connection, catalog: &Catalog) -> String {
    let quote = |name: &str| dialect.quote(name);
    let list = |names: &[String]| names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ");
    let mut script = String::new();
    for table in catalog.tables.iter().filter(|table| table.kind == TableKind::Table) {
        let name = quote(&table.name.name);
        let is_key = |column: &Column| {
            table.primary_key.contains(&column.name) || table.unique_keys.iter().any(|key| key.contains(&column.name))
        };
        let mut parts: Vec<String> = table
            .columns
            .iter()
            .map(|column| {
                let null = if column.nullable { "" } else { " NOT NULL" };
                format!("{} {}{null}", quote(&column.name), column_type(dialect, column, is_key(column)))
            })
            .collect();
        if !table.primary_key.is_empty() {
            parts.push(format!("PRIMARY KEY ({})", list(&table.primary_key)));
        }
        parts.extend(table.unique_keys.iter().map(|key| format!("UNIQUE ({})", list(key))));
        writeln!(script, "CREATE TABLE {name} ({});", parts.join(", ")).unwrap();
        rows(dialect, from, &table.columns, &table.name.name, &mut script);
    }
    for table in &catalog.tables {
        for key in &table.foreign_keys {
            writeln!(
                script,
                "ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({});",
                quote(&table.name.name),
                list(&key.columns),
                quote(&key.references.name),
                list(&key.referenced_columns)
            )
            .unwrap();
        }
    }
    script.push_str(
        "CREATE VIEW order_totals AS SELECT o.order_id, o.customer_id, o.order_date, COUNT(*) AS line_count, SUM(l.quantity) AS units, \
         SUM(l.unit_price * l.quantity * (1 - l.discount)) AS net_amount FROM orders o JOIN order_lines l ON l.order_id = o.order_id \
         GROUP BY o.order_id, o.customer_id, o.order_date;\n",
    );
    script
}

fn rows(dialect: Dialect, from: &Connection, columns: &[Column], table: &str, script: &mut String) {
    let mut statement = from.prepare(&format!("SELECT * FROM {}", Dialect::Sqlite.quote(table))).unwrap();
    let mut found = statement.query([]).unwrap();
    let mut count = 0;
    while let Some(row) = found.next().unwrap() {
        match count % ROWS {
            0 if count > 0 => write!(script, ";\nINSERT INTO {} VALUES ", dialect.quote(table)).unwrap(),
            0 => write!(script, "INSERT INTO {} VALUES ", dialect.quote(table)).unwrap(),
            _ => script.push(','),
        }
        script.push('(');
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                script.push(',');
            }
            match row.get_ref(index).unwrap() {
                ValueRef::Null => script.push_str("NULL"),
                ValueRef::Integer(value) if column.data_type == LogicalType::Boolean => {
                    script.push_str(if value == 0 { "FALSE" } else { "TRUE" });
                }
                ValueRef::Integer(value) => write!(script, "{value}").unwrap(),
                ValueRef::Real(value) => write!(script, "{value:?}").unwrap(),
                ValueRef::Text(value) => {
                    let value = std::str::from_utf8(value).unwrap().replace('\'', "''");
                    let value = if dialect == Dialect::Mysql { value.replace('\\', "\\\\") } else { value };
                    write!(script, "'{value}'").unwrap();
                }
                ValueRef::Blob(_) => unreachable!("the sample company has no bytes"),
            }
        }
        script.push(')');
        count += 1;
    }
    if count > 0 {
        script.push_str(";\n");
    }
}
