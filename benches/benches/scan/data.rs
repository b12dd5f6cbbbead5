//! The same million rows in each kind of source.

use std::future::Future;
use std::io::Write as _;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int16Array, Int32Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::Field;
use leo::gate::Connector;
use leo::source::files::FilesSource;
use leo::source::mysql::MysqlSource;
use leo::source::postgres::PostgresSource;
use leo::source::sqlite::SqliteSource;
use leo_tests::certificates::Shown;

pub const ROWS: usize = 1_000_000;
/// Whole numbers of three sizes, a float, an exact decimal, texts (a third of the notes NULL), a date, a time stamp, a truth value.
pub const COLUMNS: &str = "id, small, whole, ratio, price, name, note, day, at, flag";

type Connect = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Arc<dyn Connector>>>>>;

/// Where the rows are.
pub struct Source {
    /// A connector to them, opened before a statement is timed.
    pub connect: Connect,
    /// Set where opening is reading: then opening is timed too.
    pub open: Option<Connect>,
    /// The URL or path, as others take it.
    pub place: String,
    /// Who else reads it: functions of `peers/scan.py`.
    pub others: &'static [&'static str],
    _kept: Box<dyn std::any::Any>,
}

type Make = fn() -> Pin<Box<dyn Future<Output = Option<Source>>>>;

pub const SOURCES: &[(&str, Make)] = &[
    ("postgres", || Box::pin(postgres())),
    ("mariadb", || Box::pin(mariadb())),
    ("sqlite", || Box::pin(sqlite())),
    ("csv", || Box::pin(csv())),
    ("parquet", || Box::pin(parquet())),
];

fn connector<C: Connector>(make: impl AsyncFn() -> C + Clone + 'static) -> Connect {
    Box::new(move || {
        let make = make.clone();
        Box::pin(async move { Arc::new(make().await) as Arc<dyn Connector> })
    })
}

async fn postgres() -> Option<Source> {
    const TABLE: &str = "CREATE TABLE mixed (id bigint PRIMARY KEY, small smallint, whole integer, ratio double precision, price numeric(12, 2),
            name text, note text, day date, at timestamp, flag boolean);
        INSERT INTO mixed SELECT i, i % 32000, i::bigint * 7 % 1000003, i / 7.0, (i % 1000000) / 100.0, 'name ' || i, CASE WHEN i % 3 > 0 THEN
            repeat('x', i % 40) END, date '2000-01-01' + i % 9000, timestamp '2000-01-01' + interval '1 second' * i, i % 2 = 0
            FROM generate_series(1, 1000000) i;
        GRANT SELECT ON mixed TO plain;";
    let server = leo_tests::postgres::Server::listening(
        Some(Shown::Good),
        &["shared_buffers=512MB", "max_parallel_workers_per_gather=0", "jit=off"],
    )?;
    server.run("shop", TABLE);
    server.run("shop", "VACUUM ANALYZE mixed");
    let place = format!("postgresql://plain@127.0.0.1:{}/shop?sslmode=disable", server.port());
    let url = place.clone();
    Some(Source {
        connect: connector(async move || PostgresSource::connect("shop", url.parse().unwrap()).await.unwrap()),
        open: None,
        place,
        others: &["connectorx", "adbc_postgresql"],
        _kept: Box::new(server),
    })
}

async fn mariadb() -> Option<Source> {
    const TABLE: &str = "CREATE DATABASE bench; CREATE TABLE bench.mixed (id bigint PRIMARY KEY, small smallint, whole integer, ratio double,
            price decimal(12, 2), name varchar(40), note varchar(40), day date, at datetime, flag boolean) CHARACTER SET utf8mb4;
        INSERT INTO bench.mixed SELECT seq, seq % 32000, seq * 7 % 1000003, seq / 7.0, (seq % 1000000) / 100.0, CONCAT('name ', seq),
            CASE WHEN seq % 3 > 0 THEN REPEAT('x', seq % 40) END, DATE '2000-01-01' + INTERVAL seq % 9000 DAY,
            TIMESTAMP '2000-01-01 00:00:00' + INTERVAL seq SECOND, seq % 2 = 0 FROM seq_1_to_1000000;
        CREATE USER bench IDENTIFIED BY 'bench'; GRANT SELECT ON bench.* TO bench; ANALYZE TABLE bench.mixed";
    let server = leo_tests::mariadb::Server::start(Shown::Good, &["--innodb-buffer-pool-size=512M"])?;
    server.run(TABLE).await;
    let place = format!("mysql://bench:bench@127.0.0.1:{}/bench", server.port());
    let url = format!("{place}?sslmode=disable");
    Some(Source {
        connect: connector(async move || MysqlSource::connect("shop", url.parse().unwrap()).await.unwrap()),
        open: None,
        place,
        others: &["connectorx"],
        _kept: Box::new(server),
    })
}

async fn sqlite() -> Option<Source> {
    const TABLE: &str = "CREATE TABLE mixed (id INTEGER PRIMARY KEY, small SMALLINT, whole INTEGER, ratio REAL, price DECIMAL(12, 2), name TEXT,
            note TEXT, day DATE, at TIMESTAMP, flag BOOLEAN);
        INSERT INTO mixed WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
            SELECT i, i % 32000, i * 7 % 1000003, i / 7.0, (i % 1000000) / 100.0, 'name ' || i,
            CASE WHEN i % 3 > 0 THEN substr('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1, i % 40) END, date('2000-01-01', '+' || (i % 9000) || ' days'),
            datetime('2000-01-01', '+' || i || ' seconds'), i % 2 = 0 FROM n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixed.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(TABLE).unwrap();
    let place = path.display().to_string();
    Some(Source {
        connect: connector(async move || SqliteSource::open("shop", &path).unwrap()),
        open: None,
        place,
        others: &["connectorx", "adbc_sqlite", "sqlite3"],
        _kept: Box::new(folder),
    })
}

async fn csv() -> Option<Source> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixed.csv");
    write_csv(&path);
    let place = path.display().to_string();
    let open = connector(async move || FilesSource::open("shop", &[&path]).unwrap());
    let again = folder.path().join("mixed.csv");
    Some(Source {
        connect: connector(async move || FilesSource::open("shop", &[&again]).unwrap()),
        open: Some(open),
        place,
        others: &["duckdb", "polars", "pyarrow_csv"],
        _kept: Box::new(folder),
    })
}

fn write_csv(path: &Path) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(file, "{}", COLUMNS.replace(' ', "")).unwrap();
    let (day, at) = (jiff::civil::date(2000, 1, 1), jiff::civil::datetime(2000, 1, 1, 0, 0, 0, 0));
    for i in 1..=ROWS {
        let note = if i % 3 > 0 { "x".repeat(i % 40) } else { String::new() };
        let (day, at) = (day + jiff::Span::new().days((i % 9000) as i64), at + jiff::Span::new().seconds(i as i64));
        let price = (i % 1_000_000) as f64 / 100.0;
        let ratio = i as f64 / 7.0;
        let whole = i * 7 % 1_000_003;
        writeln!(file, "{i},{},{whole},{ratio},{price:.2},name {i},{note},{day},{at},{}", i % 32_000, i % 2 == 0).unwrap();
    }
    file.flush().unwrap();
}

async fn parquet() -> Option<Source> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mixed.parquet");
    write_parquet(&path);
    let place = path.display().to_string();
    let again = path.clone();
    Some(Source {
        connect: connector(async move || FilesSource::open("shop", &[&again]).unwrap()),
        open: Some(connector(async move || FilesSource::open("shop", &[&path]).unwrap())),
        place,
        others: &["duckdb", "polars", "pyarrow_parquet"],
        _kept: Box::new(folder),
    })
}

fn write_parquet(path: &Path) {
    let rows = 1..=ROWS as i64;
    let price = rows.clone().map(|i| i128::from(i % 1_000_000)).collect::<Vec<_>>();
    let note = rows.clone().map(|i| (i % 3 > 0).then(|| "x".repeat((i % 40) as usize)));
    let (day, at) = (leo_tests::parquet::days("2000-01-01"), leo_tests::parquet::micros("2000-01-01 00:00:00"));
    let columns: [(&str, ArrayRef); 10] = [
        ("id", Arc::new(Int64Array::from_iter_values(rows.clone()))),
        ("small", Arc::new(Int16Array::from_iter_values(rows.clone().map(|i| (i % 32_000) as i16)))),
        ("whole", Arc::new(Int32Array::from_iter_values(rows.clone().map(|i| (i * 7 % 1_000_003) as i32)))),
        ("ratio", Arc::new(Float64Array::from_iter_values(rows.clone().map(|i| i as f64 / 7.0)))),
        ("price", Arc::new(Decimal128Array::from(price).with_precision_and_scale(12, 2).unwrap())),
        ("name", Arc::new(StringArray::from_iter_values(rows.clone().map(|i| format!("name {i}"))))),
        ("note", Arc::new(StringArray::from_iter(note))),
        ("day", Arc::new(Date32Array::from_iter_values(rows.clone().map(|i| day + (i % 9000) as i32)))),
        ("at", Arc::new(TimestampMicrosecondArray::from_iter_values(rows.clone().map(|i| at + i * 1_000_000)))),
        ("flag", Arc::new(BooleanArray::from_iter(rows.map(|i| Some(i % 2 == 0))))),
    ];
    let field = |(name, array): (&str, ArrayRef)| (Field::new(name, array.data_type().clone(), true), array);
    leo_tests::parquet::write(path, columns.map(field).into());
}
