//! A shop small enough to count by hand.

use rusqlite::Connection;

use crate::catalog::{Catalog, Column, ForeignKey, LogicalType, Table, TableName, TimeEncoding};
use crate::dialect::Dialect;

const DDL: &str = "
CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE products (id INTEGER PRIMARY KEY, category_id INTEGER REFERENCES categories, name TEXT NOT NULL, price REAL NOT NULL);
CREATE TABLE employees (id INTEGER PRIMARY KEY, name TEXT NOT NULL, manager_id INTEGER REFERENCES employees, salary INTEGER NOT NULL);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, region TEXT, credit INTEGER NOT NULL,
  support_rep_id INTEGER REFERENCES employees, active INTEGER NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, employee_id INTEGER REFERENCES employees,
  ordered_at TEXT NOT NULL, shipped_on TEXT, status TEXT NOT NULL, freight REAL NOT NULL);
CREATE TABLE order_lines (order_id INTEGER NOT NULL REFERENCES orders, line INTEGER NOT NULL, product_id INTEGER NOT NULL REFERENCES products,
  quantity INTEGER NOT NULL, unit_price REAL NOT NULL, discount REAL NOT NULL, PRIMARY KEY (order_id, line));
CREATE TABLE returns (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, product_id INTEGER NOT NULL REFERENCES products,
  returned_on TEXT NOT NULL, amount REAL NOT NULL);
CREATE TABLE notes (order_id INTEGER NOT NULL REFERENCES orders, body TEXT NOT NULL, weight INTEGER NOT NULL);
CREATE TABLE visits (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, at INTEGER NOT NULL, day INTEGER NOT NULL,
  month TEXT NOT NULL, year INTEGER NOT NULL);
CREATE TABLE \"Order Ratings\" (id INTEGER PRIMARY KEY, \"order\" INTEGER NOT NULL REFERENCES orders, \"Größe (cm)\" INTEGER, \"select\" TEXT);
CREATE TABLE island (id INTEGER PRIMARY KEY, name TEXT);
";

const ROWS: &str = "
INSERT INTO categories VALUES (1,'Tea'),(2,'Coffee'),(3,'Empty');
INSERT INTO products VALUES (1,1,'Green tea',5),(2,1,'Black tea',4),(3,2,'Espresso',10),(4,NULL,'Mug',8),(5,2,'100%_pure',3);
INSERT INTO employees VALUES (1,'Ada',NULL,9000),(2,'Ben',1,5000),(3,'Cy',1,4000),(4,'Di',2,5500);
INSERT INTO customers VALUES (1,'Anna','North',100,2,1),(2,'Bob','North',200,2,1),(3,'Cleo','South',300,3,0),(4,'Dan',NULL,400,NULL,1);
INSERT INTO orders VALUES
 (1,1,2,'2023-03-05 09:00:00','2023-03-07','done',5),
 (2,1,2,'2023-12-31 23:30:00','2024-01-02','done',6),
 (3,2,3,'2024-01-15 10:00:00','2024-01-15','done',7),
 (4,2,NULL,'2024-03-10 11:00:00',NULL,'open',8),
 (5,3,3,'2024-03-31 12:00:00','2024-04-02','done',9),
 (6,1,2,'2024-04-01 00:00:00',NULL,'cancelled',10),
 (7,3,4,'2024-05-14 08:00:00',NULL,'open',11);
INSERT INTO order_lines VALUES
 (1,1,1,2,5,0),(1,2,3,1,10,0),
 (2,1,2,3,4,0),
 (3,1,3,2,10,0.5),(3,2,4,1,8,0),
 (4,1,1,4,5,0),
 (5,1,3,1,10,0),(5,2,2,1,4,0),
 (6,1,1,1,5,0),
 (7,1,4,2,8,0);
INSERT INTO returns VALUES (1,1,3,'2023-04-01',10),(2,3,4,'2024-02-01',8),(3,5,3,'2024-04-20',10),(4,5,2,'2024-04-21',4);
INSERT INTO notes VALUES (1,'call',1),(1,'call',1),(3,'late',2);
INSERT INTO visits VALUES (1,1,1711839600,20240331,'2024-03',2024),(2,1,1711846800,20240331,'2024-03',2024),
 (3,2,1704067200,20240101,'2024-01',2024),(4,NULL,1672531200,20230101,'2023-01',2023);
INSERT INTO \"Order Ratings\" VALUES (1,1,10,'a'),(2,3,20,'b');
";

/// The shop with its rows.
pub(super) fn database() -> Connection {
    let connection = empty();
    connection.execute_batch(ROWS).unwrap();
    connection
}

/// The shop without rows; double-quoted strings are off, as they are when Leo reads a database.
pub(super) fn empty() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DQS_DML, false).unwrap();
    connection.execute_batch(DDL).unwrap();
    connection
}

fn column(name: &str, declared: &str, data_type: LogicalType, nullable: bool) -> Column {
    Column { nullable, ..Column::new(name, declared, data_type) }
}

/// What is known about the shop in a dialect: the same tables, dates in the engine's own types where it has them.
pub(super) fn catalog(dialect: Dialect) -> Catalog {
    use LogicalType::*;
    let schema = match dialect {
        Dialect::Tsql => Some("dbo"),
        Dialect::Postgres => Some("public"),
        Dialect::Bigquery => Some("shop-project.sales"),
        _ => None,
    };
    let name = |table: &str| TableName { schema: schema.map(str::to_owned), name: table.to_owned() };
    let make = |table: &str, columns: Vec<Column>, key: &[&str], parents: &[(&str, &str)]| {
        let mut made = Table::new(name(table));
        made.columns = columns;
        made.primary_key = key.iter().map(|column| (*column).to_owned()).collect();
        for (column, parent) in parents {
            made.foreign_keys.push(ForeignKey {
                columns: vec![(*column).to_owned()],
                references: name(parent),
                referenced_columns: vec!["id".to_owned()],
            });
        }
        made
    };
    let int = |name: &str, nullable| column(name, "INTEGER", Integer, nullable);
    let real = |name: &str| column(name, "REAL", Float, false);
    let text = |name: &str, nullable| column(name, "TEXT", Text, nullable);
    let at = |name: &str| column(name, "TIMESTAMP", Timestamp, false);
    let on = |name: &str, nullable| column(name, "DATE", Date, nullable);
    let encoded = |column: Column, encoding| Column { time_encoding: Some(encoding), ..column };
    let tables = vec![
        make("categories", vec![int("id", false), text("name", false)], &["id"], &[]),
        make(
            "products",
            vec![int("id", false), int("category_id", true), text("name", false), real("price")],
            &["id"],
            &[("category_id", "categories")],
        ),
        make(
            "employees",
            vec![int("id", false), text("name", false), int("manager_id", true), int("salary", false)],
            &["id"],
            &[("manager_id", "employees")],
        ),
        make(
            "customers",
            vec![
                int("id", false),
                text("name", false),
                text("region", true),
                int("credit", false),
                int("support_rep_id", true),
                column("active", "BOOLEAN", Boolean, false),
            ],
            &["id"],
            &[("support_rep_id", "employees")],
        ),
        make(
            "orders",
            vec![
                int("id", false),
                int("customer_id", false),
                int("employee_id", true),
                at("ordered_at"),
                on("shipped_on", true),
                text("status", false),
                real("freight"),
            ],
            &["id"],
            &[("customer_id", "customers"), ("employee_id", "employees")],
        ),
        make(
            "order_lines",
            vec![
                int("order_id", false),
                int("line", false),
                int("product_id", false),
                int("quantity", false),
                real("unit_price"),
                real("discount"),
            ],
            &["order_id", "line"],
            &[("order_id", "orders"), ("product_id", "products")],
        ),
        make(
            "returns",
            vec![int("id", false), int("order_id", false), int("product_id", false), on("returned_on", false), real("amount")],
            &["id"],
            &[("order_id", "orders"), ("product_id", "products")],
        ),
        make("notes", vec![int("order_id", false), text("body", false), int("weight", false)], &[], &[("order_id", "orders")]),
        make(
            "visits",
            vec![
                int("id", false),
                int("customer_id", true),
                encoded(int("at", false), TimeEncoding::UnixSeconds),
                encoded(int("day", false), TimeEncoding::CompactDate),
                encoded(text("month", false), TimeEncoding::YearMonth),
                encoded(int("year", false), TimeEncoding::Year),
            ],
            &["id"],
            &[("customer_id", "customers")],
        ),
        make(
            "Order Ratings",
            vec![int("id", false), int("order", false), int("Größe (cm)", true), text("select", true)],
            &["id"],
            &[("order", "orders")],
        ),
        make("island", vec![int("id", false), text("name", true)], &["id"], &[]),
    ];
    Catalog::new(dialect, schema.map(str::to_owned), tables)
}
