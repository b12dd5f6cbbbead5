//! The sample company as a script for another engine: the same rows in that engine's own types.

use std::fmt::Write as _;

use leo::builder::Source;
use leo::catalog::{Catalog, Column, LogicalType, TableKind};
use leo::settings::{Preset, SettingsLayer};
use leo::{Dialect, Leo};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// A part of the company small enough that no join of it takes long, and a table of what it does not have: names that are reserved words,
/// and dates written in every way.
const ODD: &str = "PRAGMA foreign_keys = OFF;
DELETE FROM orders WHERE order_id % 12 <> 0;
DELETE FROM order_lines WHERE order_id NOT IN (SELECT order_id FROM orders);
DELETE FROM shipments WHERE order_id NOT IN (SELECT order_id FROM orders);
DELETE FROM returns WHERE order_line_id NOT IN (SELECT order_line_id FROM order_lines);
DELETE FROM support_tickets WHERE ticket_id % 6 <> 0;
DELETE FROM web_events WHERE event_id % 40 <> 0;
DELETE FROM crm_ord_hist WHERE rec_id % 6 <> 0;
DELETE FROM \"store visits\" WHERE visitors % 6 <> 0;
CREATE TABLE \"Order Log\" (\"key\" INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (order_id), logged_ms INTEGER NOT NULL,
    log_day INTEGER, log_month TEXT, log_year INTEGER, written_at TEXT, \"select\" TEXT, \"from\" REAL, \"group\" BOOLEAN);
INSERT INTO \"Order Log\" SELECT order_id, order_id, unixepoch(order_date) * 1000 + order_id * 7919 % 86400000,
    CAST(strftime('%Y%m%d', order_date) AS INTEGER), strftime('%Y-%m', order_date, '+10 days'), CAST(strftime('%Y', order_date) AS INTEGER),
    CASE WHEN order_id % 5 > 0 THEN strftime('%Y-%m-%d %H:%M:%S', order_date, (order_id * 977 % 86400) || ' seconds') END,
    substr('it''s 100% [a_b] \\ \"x\" Zoë', 1 + order_id % 9, order_id % 17), (order_id % 64) / 32.0,
    CASE WHEN order_id % 3 > 0 THEN order_id % 2 END FROM orders WHERE order_id % 24 = 0;
";

/// The odd part of the company in SQLite, with the folder it is in.
///
/// # Panics
/// When it cannot be made.
pub async fn odd() -> (tempfile::TempDir, Leo) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let info = leo::sample::create(folder.path().join("company.db")).expect("the sample company");
    Connection::open(&info.path).and_then(|database| database.execute_batch(ODD)).expect("a part of it");
    let leo = unlimited(Source::sqlite(&info.path).expect("a database"));
    (folder, leo)
}

/// The odd part of the company as a script for another engine.
///
/// # Panics
/// When it cannot be read.
pub async fn odd_script(folder: &tempfile::TempDir, leo: &Leo, dialect: Dialect) -> String {
    let catalog = leo.catalog(None).await.expect("a catalogue");
    script(dialect, &Connection::open(folder.path().join("company.db")).expect("a database"), &catalog)
}

/// A source asked without limits of size: how large a query may be is another question than what it means.
///
/// # Panics
/// Never: the settings exist.
pub fn unlimited(source: Source) -> Leo {
    unlimited_on(source, leo::sample::AS_OF)
}

/// [`unlimited`], asked on a day.
///
/// # Panics
/// Never: the settings exist.
pub fn unlimited_on(source: Source, today: jiff::civil::Date) -> Leo {
    let mut settings = SettingsLayer::default();
    for (name, most) in [("guard.max_joins", 100), ("guard.max_nesting", 30), ("guard.cross_join_rows", 1_i64 << 50)] {
        settings.set(name, most).expect("a setting");
    }
    let source = source.as_of(today);
    Leo::builder().preset(Preset::Local).settings(settings).source(source).build().expect("one source")
}

/// Rows of one INSERT.
const ROWS: usize = 500;

/// The type of a column. Money and measures become exact decimals, as a company keeps them on a server; five digits are those of a
/// 32nd.
fn column_type(dialect: Dialect, column: &Column, is_key: bool) -> &'static str {
    let mysql = dialect == Dialect::Mysql;
    match column.data_type {
        LogicalType::Integer => "bigint",
        LogicalType::Float | LogicalType::Decimal => "decimal(14, 5)",
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
