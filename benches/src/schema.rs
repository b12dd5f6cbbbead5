//! A company's schema, grown to any number of tables.
//!
//! The first ten tables are a shop: customers, orders, products and what belongs to them. The others are areas of the company
//! (`warehouse_tickets`, `billing_contracts`), each table with about twelve columns and with keys to its area and to the shop.
//! Everything follows from the number of the table: the same size gives the same schema.

use std::fmt::Write;

use leo::Dialect;
use leo::catalog::{Catalog, Column, ColumnStatistics, LogicalType, Table, TableStatistics, TimeEncoding};

/// The shop.
const CORE: &[&str] = &[
    "CREATE TABLE regions (region_id INTEGER PRIMARY KEY, region_name TEXT NOT NULL, country TEXT, currency TEXT, manager TEXT, \
     population INTEGER, opened_on DATE, tax_rate REAL, phone TEXT, email TEXT, status TEXT, notes TEXT);",
    "CREATE TABLE categories (category_id INTEGER PRIMARY KEY, category_name TEXT NOT NULL, parent_category_id INTEGER \
     REFERENCES categories (category_id), description TEXT, margin REAL, sort_order INTEGER, is_active BOOLEAN, created_on DATE, \
     season TEXT, color TEXT, status TEXT, notes TEXT);",
    "CREATE TABLE suppliers (supplier_id INTEGER PRIMARY KEY, supplier_name TEXT NOT NULL, city TEXT, country TEXT, phone TEXT, \
     email TEXT, contact TEXT, lead_days INTEGER, rating REAL, since DATE, status TEXT, notes TEXT);",
    "CREATE TABLE products (product_id INTEGER PRIMARY KEY, product_name TEXT NOT NULL, sku TEXT, category_id INTEGER REFERENCES \
     categories (category_id), supplier_id INTEGER REFERENCES suppliers (supplier_id), list_price REAL, unit_cost REAL, weight_kg \
     REAL, launched_on DATE, discontinued BOOLEAN, units_in_stock INTEGER, status TEXT);",
    "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT, phone TEXT, city TEXT, \
     country TEXT, region_id INTEGER REFERENCES regions (region_id), segment TEXT, signup_date DATE, date_of_birth DATE, status \
     TEXT);",
    "CREATE TABLE employees (employee_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, title TEXT, manager_id INTEGER \
     REFERENCES employees (employee_id), region_id INTEGER REFERENCES regions (region_id), hire_date DATE, salary REAL, city \
     TEXT, country TEXT, email TEXT, status TEXT);",
    "CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id), \
     employee_id INTEGER REFERENCES employees (employee_id), ordered_at TIMESTAMP NOT NULL, required_on DATE, channel TEXT, \
     payment_method TEXT, currency TEXT, shipping_fee REAL, coupon TEXT, priority TEXT, status TEXT);",
    "CREATE TABLE order_lines (order_line_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (order_id), \
     product_id INTEGER NOT NULL REFERENCES products (product_id), quantity INTEGER NOT NULL, unit_price REAL NOT NULL, discount \
     REAL NOT NULL, tax_rate REAL, gift_wrap BOOLEAN, warehouse TEXT, note TEXT, line_no INTEGER, status TEXT);",
    "CREATE TABLE shipments (shipment_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (order_id), carrier TEXT, \
     shipped_on DATE, delivered_on DATE, freight REAL, weight_kg REAL, tracking_code TEXT, city TEXT, country TEXT, status TEXT, \
     notes TEXT);",
    "CREATE TABLE returns (return_id INTEGER PRIMARY KEY, order_line_id INTEGER NOT NULL REFERENCES order_lines (order_line_id), \
     returned_on DATE, reason TEXT, refund REAL, restocked BOOLEAN, employee_id INTEGER REFERENCES employees (employee_id), \
     condition TEXT, warehouse TEXT, approved_on DATE, status TEXT, notes TEXT);",
];

/// What areas are called when all of their names are used up.
const DIVISIONS: &[&str] = &["", "north_", "south_", "east_", "west_"];

#[rustfmt::skip]
const AREAS: &[&str] = &[
    "warehouse", "billing", "marketing", "payroll", "support", "fleet", "hotel", "insurance", "clinic", "legal", "training",
    "travel", "recruiting", "procurement", "manufacturing", "maintenance", "quality", "security", "compliance", "research",
    "rental", "leasing", "loyalty", "media", "mobile", "partner", "planning", "portal", "project", "retail", "risk", "safety",
    "service", "subscription", "transport", "treasury", "vendor", "web", "banking", "branch", "catering", "construction",
    "consulting", "delivery", "energy", "facility", "finance", "franchise", "laboratory", "newsletter",
];

#[rustfmt::skip]
const THINGS: &[&str] = &[
    "accounts", "contracts", "locations", "tickets", "invoices", "payments", "tasks", "visits", "documents", "events", "agents",
    "alerts", "assets", "audits", "bookings", "budgets", "campaigns", "cases", "channels", "claims", "comments", "contacts",
    "devices", "goals", "incidents", "inspections", "jobs", "leads", "meetings", "members", "milestones", "permits", "plans",
    "positions", "quotes", "ratings", "requests", "routes", "schedules", "sessions", "surveys", "transfers", "vehicles",
];

/// Columns that tables of an area have by turns.
#[rustfmt::skip]
const TURNS: &[&str] = &[
    "amount REAL",
    "city TEXT",
    "country TEXT",
    "due_date DATE",
    "priority TEXT",
    "rating REAL",
    "cost REAL",
    "duration_minutes INTEGER",
    "email TEXT",
    "currency TEXT",
    "score INTEGER",
    "quantity INTEGER",
    "channel TEXT",
];

#[rustfmt::skip]
const CITIES: &[&str] = &[
    "Amsterdam", "Athens", "Barcelona", "Berlin", "Brussels", "Budapest", "Chicago", "Copenhagen", "Dallas", "Dublin", "Geneva",
    "Hamburg", "Helsinki", "Lisbon", "London", "Lyon", "Madrid", "Milan", "Montreal", "Munich", "New York", "Oslo", "Paris",
    "Porto", "Prague", "Rome", "San Francisco", "Seattle", "Stockholm", "Tokyo", "Toronto", "Vienna", "Warsaw", "Zurich",
];
#[rustfmt::skip]
const COUNTRIES: &[&str] = &[
    "Austria", "Belgium", "Canada", "Denmark", "Finland", "France", "Germany", "Greece", "Hungary", "Ireland", "Italy", "Japan",
    "Netherlands", "Norway", "Poland", "Portugal", "Spain", "Sweden", "Switzerland", "United Kingdom", "United States",
];
const STATUSES: &[&str] = &["open", "pending", "approved", "rejected", "closed", "cancelled"];
const OTHERS: &[&str] = &["standard", "premium", "express", "internal", "external", "seasonal", "basic", "legacy"];

/// Text that creates `tables` tables; runs on SQLite.
///
/// # Panics
/// Beyond 10,000 tables.
pub fn ddl(tables: usize) -> String {
    assert!(tables <= DIVISIONS.len() * AREAS.len() * THINGS.len(), "more tables than names");
    let mut text = CORE.iter().take(tables).copied().collect::<Vec<_>>().join("\n");
    for table in CORE.len()..tables {
        text.push('\n');
        text.push_str(&area_table(table - CORE.len()));
    }
    text
}

/// A table of an area, with keys to the one half as far in its area and to a table of the shop.
fn area_table(number: usize) -> String {
    let (area, thing) = (number / THINGS.len(), number % THINGS.len());
    let area = format!("{}{}", DIVISIONS[area / AREAS.len()], AREAS[area % AREAS.len()]);
    let singular = |thing: usize| THINGS[thing].trim_end_matches('s');
    let mut text = format!("CREATE TABLE {area}_{} ({}_id INTEGER PRIMARY KEY, ", THINGS[thing], singular(thing));
    if thing > 0 {
        let parent = thing / 2;
        let _ = write!(text, "{0}_id INTEGER REFERENCES {area}_{1} ({0}_id), ", singular(parent), THINGS[parent]);
    }
    let _ = match number % 4 {
        0 => write!(text, "customer_id INTEGER REFERENCES customers (customer_id), "),
        1 => write!(text, "employee_id INTEGER REFERENCES employees (employee_id), "),
        2 => write!(text, "product_id INTEGER REFERENCES products (product_id), "),
        _ => write!(text, "region_id INTEGER REFERENCES regions (region_id), "),
    };
    let _ = write!(text, "{0}_name TEXT NOT NULL, {0}_type TEXT, created_at TIMESTAMP, updated_at TIMESTAMP, ", singular(thing));
    for turn in 0..4 {
        let _ = write!(text, "{}, ", TURNS[(number * 5 + turn * 3) % TURNS.len()]);
    }
    text.push_str("status TEXT);");
    text
}

/// The catalogue of `tables` tables on SQLite, with the statistics that profiling would give: rows, distinct values, the values
/// of columns that have few.
///
/// # Panics
/// Beyond 10,000 tables.
///
/// # Example
/// ```
/// let catalog = leo_benches::catalog(50);
/// assert_eq!(catalog.tables.len(), 50);
/// assert!(catalog.relationships.len() > 50);
/// ```
pub fn catalog(tables: usize) -> Catalog {
    let mut catalog = Catalog::from_ddl(Dialect::Sqlite, &ddl(tables)).expect("the schema is well formed");
    for (number, table) in catalog.tables.iter_mut().enumerate() {
        profile(table, 200 + (number as u64 * 7_919) % 90_000);
    }
    catalog
}

fn profile(table: &mut Table, rows: u64) {
    let key = table.primary_key.clone();
    for column in &mut table.columns {
        let unique = key.contains(&column.name);
        if matches!(column.data_type, LogicalType::Date | LogicalType::Timestamp) {
            let day = column.data_type == LogicalType::Date;
            column.time_encoding = Some(if day { TimeEncoding::IsoDate } else { TimeEncoding::IsoTimestamp });
        }
        column.statistics = Some(statistics(column, rows, unique));
    }
    let time = table.columns.iter().find(|column| column.is_temporal()).map(|column| column.name.clone());
    table.rows = Some(rows);
    table.statistics =
        Some(TableStatistics { rows, sampled: 1.0, latest: time.as_ref().map(|_| "2024-12-30".into()), time_column: time });
}

fn statistics(column: &Column, rows: u64, unique: bool) -> ColumnStatistics {
    let known = match column.name.as_str() {
        "city" => CITIES,
        "country" => COUNTRIES,
        "status" => STATUSES,
        name if name.ends_with("_type") => OTHERS,
        "channel" | "priority" | "segment" | "warehouse" | "carrier" | "reason" | "season" | "condition" => OTHERS,
        _ => &[],
    };
    let share = rows / known.len().max(1) as u64;
    ColumnStatistics {
        distinct: if known.is_empty() { rows / if unique { 1 } else { 3 } } else { known.len() as u64 },
        is_unique: unique,
        min: column.is_temporal().then(|| "2022-01-03".into()),
        max: column.is_temporal().then(|| "2024-12-30".into()),
        top: known.iter().map(|value| ((*value).into(), share)).collect(),
        ..ColumnStatistics::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_a_schema_whose_keys_hold_together() {
        for tables in [1, 10, 100, 2_000] {
            let catalog = catalog(tables);
            assert_eq!(catalog.tables.len(), tables);
            let keys: usize = catalog.tables.iter().map(|table| table.foreign_keys.len()).sum();
            assert_eq!(catalog.relationships.len(), keys, "{tables}");
        }
        let columns: usize = catalog(2_000).tables.iter().map(|table| table.columns.len()).sum();
        assert!((11 * 2_000..13 * 2_000).contains(&columns), "{columns}");
    }
}
