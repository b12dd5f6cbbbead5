//! One table in SQLite, as CSV and as Parquet: the same million rows of twelve columns, as a shop's orders are.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::Field;
use leo_benches::random;

pub const ROWS: usize = 1_000_000;
pub const COLUMNS: [&str; 12] = [
    "order_id",
    "customer_id",
    "status",
    "country",
    "customer_name",
    "email",
    "price",
    "weight",
    "quantity",
    "ordered_on",
    "updated_at",
    "note",
];
const TYPES: &str =
    "order_id INTEGER PRIMARY KEY, customer_id INTEGER, status TEXT, country TEXT, customer_name TEXT, email TEXT,
    price DECIMAL(12, 2), weight REAL, quantity INTEGER, ordered_on DATE, updated_at TIMESTAMP, note TEXT";

const STATUSES: [&str; 5] = ["open", "paid", "shipped", "returned", "cancelled"];
const COUNTRIES: [&str; 12] =
    ["Austria", "Belgium", "Canada", "Denmark", "France", "Germany", "Italy", "Japan", "Norway", "Poland", "Spain", "Sweden"];
const GIVEN: [&str; 10] = ["Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Henry", "Ida", "Jonas"];
const FAMILY: [&str; 10] = ["Smith", "Müller", "Rossi", "Garcia", "Novak", "Jensen", "Dubois", "Kowalski", "Andersson", "Tanaka"];
const WORDS: [&str; 16] = [
    "parcel", "came", "late", "box", "was", "damaged", "customer", "called", "twice", "about", "the", "invoice", "and", "asked",
    "for", "delivery",
];

/// One order; everything in it follows from its number.
struct Order {
    id: i64,
    customer: i64,
    status: &'static str,
    country: &'static str,
    name: String,
    email: String,
    cents: i64,
    weight: f64,
    quantity: i32,
    /// Days from the first of 2020.
    day: i32,
    /// Seconds from the first of 2020.
    second: i64,
    /// A fifth have none.
    note: Option<String>,
}

impl Order {
    fn new(row: usize) -> Self {
        let pick = |column: u64, of: u64| random(row as u64 * 16 + column) % of;
        let one = |column: u64, of: &[&'static str]| of[pick(column, of.len() as u64) as usize];
        let customer = pick(0, 60_000) as i64;
        let of_customer =
            |column: u64, of: &[&'static str]| of[(random(customer as u64 * 16 + column) % of.len() as u64) as usize];
        let (given, family) = (of_customer(1, &GIVEN), of_customer(2, &FAMILY));
        let words = 3 + pick(9, 8);
        let text = || (0..words).map(|word| one(16 * 1_000_003 + word, &WORDS)).collect::<Vec<_>>().join(" ");
        Self {
            id: row as i64 + 1,
            customer,
            // Few are open.
            status: STATUSES[(1 + pick(3, 63)).ilog2().min(4) as usize],
            country: one(4, &COUNTRIES),
            name: format!("{given} {family}"),
            email: format!("{}.{customer}@example.org", given.to_lowercase()),
            cents: pick(5, 50_000_000) as i64 / 7,
            weight: pick(6, 1 << 40) as f64 / 1e10,
            quantity: 1 + pick(7, 40) as i32,
            day: pick(8, 1_826) as i32,
            second: pick(10, 157_766_400) as i64,
            note: (pick(11, 5) > 0).then(text),
        }
    }

    fn day(&self) -> jiff::civil::Date {
        jiff::civil::date(2020, 1, 1) + jiff::Span::new().days(self.day)
    }

    fn at(&self) -> jiff::civil::DateTime {
        jiff::civil::datetime(2020, 1, 1, 0, 0, 0, 0) + jiff::Span::new().seconds(self.second)
    }
}

pub fn sqlite(path: &Path) {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    let all = connection.transaction().unwrap();
    all.execute_batch(&format!("CREATE TABLE orders ({TYPES})")).unwrap();
    let mut insert = all.prepare("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").unwrap();
    for row in 0..ROWS {
        let order = Order::new(row);
        let (price, day, at) = (order.cents as f64 / 100.0, order.day().to_string(), order.at().strftime("%F %T").to_string());
        insert
            .execute(rusqlite::params![
                order.id,
                order.customer,
                order.status,
                order.country,
                order.name,
                order.email,
                price,
                order.weight,
                order.quantity,
                day,
                at,
                order.note
            ])
            .unwrap();
    }
    drop(insert);
    all.commit().unwrap();
}

pub fn csv(path: &Path) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(file, "{}", COLUMNS.join(",")).unwrap();
    for row in 0..ROWS {
        let order = Order::new(row);
        let Order { id, customer, status, country, name, email, weight, quantity, .. } = &order;
        let (price, day, at, note) =
            (order.cents as f64 / 100.0, order.day(), order.at().strftime("%F %T"), order.note.as_deref());
        let note = note.unwrap_or_default();
        writeln!(file, "{id},{customer},{status},{country},{name},{email},{price:.2},{weight},{quantity},{day},{at},{note}")
            .unwrap();
    }
    file.flush().unwrap();
}

pub fn parquet(path: &Path) {
    let orders: Vec<Order> = (0..ROWS).map(Order::new).collect();
    let texts = |text: fn(&Order) -> &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(orders.iter().map(text))) };
    let price = Decimal128Array::from_iter_values(orders.iter().map(|order| i128::from(order.cents)));
    let (day, at) = (leo_tests::parquet::days("2020-01-01"), leo_tests::parquet::micros("2020-01-01 00:00:00"));
    let arrays: [ArrayRef; 12] = [
        Arc::new(Int64Array::from_iter_values(orders.iter().map(|order| order.id))),
        Arc::new(Int64Array::from_iter_values(orders.iter().map(|order| order.customer))),
        texts(|order| order.status),
        texts(|order| order.country),
        texts(|order| &order.name),
        texts(|order| &order.email),
        Arc::new(price.with_precision_and_scale(12, 2).unwrap()),
        Arc::new(Float64Array::from_iter_values(orders.iter().map(|order| order.weight))),
        Arc::new(Int32Array::from_iter_values(orders.iter().map(|order| order.quantity))),
        Arc::new(Date32Array::from_iter_values(orders.iter().map(|order| day + order.day))),
        Arc::new(TimestampMicrosecondArray::from_iter_values(orders.iter().map(|order| at + order.second * 1_000_000))),
        Arc::new(StringArray::from_iter(orders.iter().map(|order| order.note.as_deref()))),
    ];
    let field = |(name, array): (&str, ArrayRef)| (Field::new(name, array.data_type().clone(), true), array);
    leo_tests::parquet::write(path, COLUMNS.into_iter().zip(arrays).map(field).collect());
}
