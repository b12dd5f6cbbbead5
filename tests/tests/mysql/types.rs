//! Values of every type from the server into Arrow and back to what they were.

use std::fmt::Write as _;

use leo::ErrorKind;
use leo_tests::mariadb::Server;
use mysql_async::prelude::Queryable;
use mysql_async::{Params, Value as Sql};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::{Opened, cells, ctx, moment, patient};

/// Declared type, values to insert, Arrow type, what comes back.
const TYPES: &[(&str, &[&str], &str, &[&str])] = &[
    ("tinyint(1)", &["0", "1"], "Boolean", &["false", "true"]),
    ("bit(1)", &["b'0'", "b'1'"], "Boolean", &["false", "true"]),
    ("tinyint", &["-128", "127"], "Int16", &["-128", "127"]),
    ("tinyint unsigned", &["0", "255"], "Int16", &["0", "255"]),
    ("smallint", &["-32768", "32767"], "Int16", &["-32768", "32767"]),
    ("smallint unsigned", &["65535"], "Int32", &["65535"]),
    ("mediumint", &["-8388608", "8388607"], "Int32", &["-8388608", "8388607"]),
    ("mediumint unsigned", &["16777215"], "Int32", &["16777215"]),
    ("int", &["-2147483648", "2147483647"], "Int32", &["-2147483648", "2147483647"]),
    ("int unsigned", &["4294967295"], "Int64", &["4294967295"]),
    ("bigint", &["-9223372036854775808", "9223372036854775807"], "Int64", &["-9223372036854775808", "9223372036854775807"]),
    ("bigint unsigned", &["0", "18446744073709551615"], "UInt64", &["0", "18446744073709551615"]),
    ("year", &["1901", "2155", "0"], "Int16", &["1901", "2155", "0"]),
    (
        "float",
        &["-3.4e38", "1.5", "1e-38"],
        "Float32",
        &["-340000000000000000000000000000000000000", "1.5", "0.00000000000000000000000000000000000001"],
    ),
    ("double", &["0.1", "-1.7976931348623157e308", "4.9e-324"], "Float64", &["0.1"]),
    ("decimal(10,2)", &["-99999999.99", "0.01", "1"], "Decimal128(10, 2)", &["-99999999.99", "0.01", "1.00"]),
    (
        "decimal(38,0)",
        &["99999999999999999999999999999999999999"],
        "Decimal128(38, 0)",
        &["99999999999999999999999999999999999999"],
    ),
    (
        "decimal(38,30)",
        &["-12345678.123456789012345678901234567890"],
        "Decimal128(38, 30)",
        &["-12345678.123456789012345678901234567890"],
    ),
    ("decimal(10,2) unsigned", &["99999999.99"], "Decimal128(10, 2)", &["99999999.99"]),
    (
        "decimal(65,30)",
        &["-12345678901234567890123456789012345.123456789012345678901234567890"],
        "Utf8",
        &["-12345678901234567890123456789012345.123456789012345678901234567890"],
    ),
    ("varchar(100)", &["''", "'Ünïcode 😀 漢'"], "Utf8", &["", "Ünïcode 😀 漢"]),
    ("varchar(100) character set latin1", &["'Müller'"], "Utf8", &["Müller"]),
    ("char(5)", &["'ab'"], "Utf8", &["ab"]),
    ("longtext", &["'x'"], "Utf8", &["x"]),
    ("enum('a','ü')", &["'ü'"], "Utf8", &["ü"]),
    ("set('a','b','c')", &["'a,c'", "''"], "Utf8", &["a,c", ""]),
    ("json", &["'{\"a\": [1, null]}'"], "Utf8", &["{\"a\": [1, null]}"]),
    ("uuid", &["'123e4567-e89b-12d3-a456-426655440000'"], "Utf8", &["123e4567-e89b-12d3-a456-426655440000"]),
    ("inet6", &["'::1'"], "Utf8", &["::1"]),
    ("binary(3)", &["x'00ff'"], "Binary", &["00ff00"]),
    ("varbinary(10)", &["''", "x'0001fe'"], "Binary", &["", "0001fe"]),
    ("blob", &["x'deadbeef'"], "Binary", &["deadbeef"]),
    ("bit(12)", &["b'101010101010'"], "Binary", &["0aaa"]),
    ("date", &["'1000-01-01'", "'9999-12-31'", "'0001-02-03'"], "Date32", &["1000-01-01", "9999-12-31", "0001-02-03"]),
    ("time", &["'23:59:59'", "'00:00:00'"], "Time64(µs)", &["23:59:59", "00:00:00"]),
    ("time(6)", &["'12:34:56.000001'"], "Time64(µs)", &["12:34:56.000001"]),
    (
        "datetime",
        &["'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'"],
        "Timestamp(µs)",
        &["1000-01-01T00:00:00", "9999-12-31T23:59:59"],
    ),
    ("datetime(6)", &["'2024-03-31 02:30:00.999999'"], "Timestamp(µs)", &["2024-03-31T02:30:00.999999"]),
    (
        "timestamp(3)",
        &["'2024-03-31 02:30:00.123'", "'1970-01-01 00:00:01'"],
        "Timestamp(µs, \"UTC\")",
        &["2024-03-31T02:30:00.123Z", "1970-01-01T00:00:01Z"],
    ),
    ("point", &["ST_GeomFromText('POINT(1.5 -2)', 4326)"], "Utf8", &["POINT(1.5 -2)"]),
    ("geometry", &["ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')"], "Utf8", &["POLYGON((0 0,1 0,1 1,0 0))"]),
];

#[tokio::test]
async fn every_type_comes_back_as_it_was() {
    let Some(server) = Server::shared() else { return };
    let mut script = String::from("CREATE DATABASE types; USE types; GRANT SELECT ON types.* TO reader@'%'; SET NAMES utf8mb4;");
    for (index, (declared, values, ..)) in TYPES.iter().enumerate() {
        write!(script, "CREATE TABLE t{index} (n INT PRIMARY KEY AUTO_INCREMENT, v {declared} NULL);").unwrap();
        for value in values.iter().chain(&["NULL"]) {
            write!(script, "INSERT INTO t{index} (v) VALUES ({value});").unwrap();
        }
    }
    server.run(&script).await;
    let opened = Opened::of(&server.url("reader").replace("/shop", "/types")).await;
    for (index, (declared, _, arrow, expected)) in TYPES.iter().enumerate() {
        for sql in [
            format!("SELECT v FROM t{index} ORDER BY n"),
            format!("SELECT x.v FROM (SELECT v, n FROM t{index}) AS x ORDER BY x.n"),
        ] {
            let batches = opened.batches(&ctx(), &sql, patient()).await.unwrap_or_else(|error| panic!("{declared}: {error}"));
            let batch = &batches[0];
            assert_eq!(batch.schema().field(0).data_type().to_string(), *arrow, "{declared}");
            let shown: Vec<_> = (0..batch.num_rows()).map(|row| cells(batch, row).remove(0)).collect();
            assert_eq!(shown.last().map(String::as_str), Some("NULL"), "{declared}");
            let shown: Vec<&str> = shown.iter().map(String::as_str).take(expected.len()).collect();
            assert_eq!(shown, *expected, "{declared}");
        }
        // A result without rows has the same types.
        let mut stream = opened.stream(&ctx(), &format!("SELECT v FROM t{index} WHERE n < 0"), patient()).await.unwrap();
        assert_eq!(stream.schema().field(0).data_type().to_string(), *arrow, "{declared}");
        assert!(futures::StreamExt::next(&mut stream).await.is_none());
    }
    let leo_type = async |declared: &str| {
        let index = TYPES.iter().position(|(name, ..)| *name == declared).unwrap();
        let stream = opened.stream(&ctx(), &format!("SELECT v FROM t{index}"), patient()).await.unwrap();
        stream.schema().field(0).metadata().get("leo.type").cloned()
    };
    for (declared, expected) in [
        ("enum('a','ü')", Some("enum")),
        ("set('a','b','c')", Some("set")),
        ("decimal(65,30)", Some("decimal")),
        ("bit(12)", Some("bit")),
        ("point", Some("geometry")),
        ("int", None),
    ] {
        assert_eq!(leo_type(declared).await.as_deref(), expected, "{declared}");
    }
}

#[tokio::test]
async fn expressions_keep_their_digits() {
    let Some(server) = Server::shared() else { return };
    server
        .run(
            "CREATE TABLE sums (i INT, b BIGINT, d DECIMAL(10,2), f DOUBLE); \
             INSERT INTO sums VALUES (1, 9223372036854775807, 1.25, 0.5), (2, 9223372036854775807, 2.5, 0.25)",
        )
        .await;
    let opened = Opened::new(server, "reader").await;
    let sql =
        "SELECT COUNT(*), SUM(i), SUM(b), AVG(i), SUM(d), AVG(d), SUM(f), MAX(b), i = 1, i / 2 FROM sums GROUP BY i ORDER BY i";
    let rows = opened.rows(sql).await.unwrap();
    assert_eq!(
        rows[0],
        ["1", "1", "9223372036854775807", "1.0000", "1.25", "1.250000", "0.5", "9223372036854775807", "1", "0.5000"]
    );
    assert_eq!(opened.cell("SELECT SUM(b) FROM sums").await.unwrap(), "18446744073709551614");
    assert_eq!(opened.cell("SELECT NULL").await.unwrap(), "NULL");
}

#[tokio::test]
async fn what_fits_no_type_is_an_error_that_says_what_to_write() {
    let Some(server) = Server::shared() else { return };
    server
        .run(
            "CREATE TABLE misfits (zero DATE, part DATE, zero_at DATETIME, zero_stamp TIMESTAMP NULL, long_time TIME, below TIME, flag TINYINT(1), \
             whole BIGINT); SET sql_mode = ''; \
             INSERT INTO misfits VALUES ('0000-00-00', '2024-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '838:59:59', '-00:00:01', 2, 1)",
        )
        .await;
    let opened = Opened::new(server, "reader").await;
    for (column, cast, then) in [
        ("zero", "NULLIF(`zero`, '0000-00-00')", "NULL"),
        ("part", "CAST(`part` AS CHAR)", "2024-00-00"),
        ("zero_at", "NULLIF(`zero_at`, '0000-00-00')", "NULL"),
        ("zero_stamp", "NULLIF(`zero_stamp`, '0000-00-00')", "NULL"),
        ("long_time", "TIME_TO_SEC(`long_time`)", "3020399"),
        ("below", "TIME_TO_SEC(`below`)", "-1"),
        ("flag", "CAST(`flag` AS SIGNED)", "2"),
    ] {
        let error = opened.rows(&format!("SELECT {column} FROM misfits")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
        assert!(error.message().contains(cast), "{error}");
        assert_eq!(opened.cell(&format!("SELECT {cast} FROM misfits")).await.unwrap(), then, "{column}");
    }
}

type Row = (Option<i64>, Option<u64>, Option<i128>, Option<f64>, Option<String>, Option<Vec<u8>>, Option<i64>);

fn row() -> impl Strategy<Value = Row> {
    use prop::option::of;
    let moments = -62_135_596_800_000_000_i64..253_402_300_800_000_000;
    (
        of(any::<i64>()),
        of(any::<u64>()),
        of(-(10_i128.pow(38)) + 1..10_i128.pow(38)),
        // MySQL has neither infinity nor a zero below zero.
        of(any::<f64>().prop_map(|value| if value.is_finite() && value != 0.0 { value } else { 0.0 })),
        of("\\PC{0,40}"),
        of(prop::collection::vec(any::<u8>(), 0..40)),
        of(moments),
    )
}

#[test]
fn any_value_survives_the_way() {
    let Some(server) = Server::shared() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(server.run(
        "CREATE TABLE survives (n INT PRIMARY KEY, i BIGINT, u BIGINT UNSIGNED, d DECIMAL(38, 6), f DOUBLE, t TEXT CHARACTER SET utf8mb4, \
         b BLOB, a DATETIME(6))",
    ));
    let (opened, admin) = runtime.block_on(async { (Opened::new(server, "reader").await, server.admin().await) });
    let admin = tokio::sync::Mutex::new(admin);
    let mut runner = TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
    let rows = prop::collection::vec(row(), 1..60);
    runner
        .run(&rows, |rows| {
            let found = runtime.block_on(async {
                let mut admin = admin.lock().await;
                admin.query_drop("DELETE FROM survives").await.unwrap();
                for (n, (i, u, d, f, t, b, a)) in rows.iter().enumerate() {
                    let decimal = d.map(|value| decimal(value, 6));
                    let moment = a.map(|micros| moment(micros).to_string());
                    let text = |value: &Option<String>| value.clone().map_or(Sql::NULL, Sql::from);
                    let values = vec![
                        Sql::from(n),
                        i.map_or(Sql::NULL, Sql::Int),
                        u.map_or(Sql::NULL, Sql::UInt),
                        text(&decimal),
                        f.map_or(Sql::NULL, Sql::Double),
                        text(t),
                        b.clone().map_or(Sql::NULL, Sql::Bytes),
                        text(&moment),
                    ];
                    admin
                        .exec_drop("INSERT INTO survives VALUES (?, ?, ?, ?, ?, ?, ?, ?)", Params::Positional(values))
                        .await
                        .unwrap();
                }
                opened.rows("SELECT i, u, d, f, t, b, a FROM survives ORDER BY n").await.unwrap()
            });
            prop_assert_eq!(found.len(), rows.len());
            let null = || "NULL".to_owned();
            for (found, (i, u, d, f, t, b, a)) in found.iter().zip(&rows) {
                let expected = [
                    i.map_or_else(null, |value| value.to_string()),
                    u.map_or_else(null, |value| value.to_string()),
                    d.map_or_else(null, |value| decimal(value, 6)),
                    f.map_or_else(null, |value| value.to_string()),
                    t.clone().unwrap_or_else(null),
                    b.as_ref().map_or_else(null, |value| value.iter().map(|byte| format!("{byte:02x}")).collect()),
                    a.map_or_else(null, |micros| moment(micros).to_string()),
                ];
                prop_assert_eq!(found.as_slice(), expected.as_slice());
            }
            Ok(())
        })
        .unwrap();
}

type Extreme = (Option<String>, Option<i64>, Option<i64>, Option<i64>, Option<u64>, Option<String>);

fn extreme() -> impl Strategy<Value = Extreme> {
    use prop::option::of;
    const DAY: i64 = 86_400_000_000;
    let nines = format!("{}.{}", "9".repeat(35), "9".repeat(30));
    // A zero below zero is none.
    let digits = "-?[1-9][0-9]{0,34}\\.[0-9]{30}";
    (
        of(prop_oneof![Just(nines.clone()), Just(format!("-{nines}")), Just(format!("0.{}1", "0".repeat(29))), digits]),
        // 0001-01-01, 9999-12-31, the day before 1970.
        of(prop_oneof![Just(-719_162), Just(2_932_896), Just(-1), -719_162..=2_932_896_i64]),
        of(prop_oneof![Just(0), Just(DAY - 1), 0..DAY]),
        // The first and the last, and the hours of Berlin and New York that come twice or not at all.
        of(prop_oneof![
            Just(1_000_000),
            Just(2_147_483_647_999_999),
            1_711_846_800_000_000..1_711_850_400_000_001_i64,
            1_729_987_200_000_000..1_729_994_400_000_001_i64,
            1_710_054_000_000_000..1_710_057_600_000_001_i64,
            1_000_000..2_147_483_647_999_999_i64,
        ]),
        of(prop_oneof![Just(0), Just(u64::MAX), any::<u64>()]),
        of(
            prop_oneof![8 => Just(String::new()), 8 => Just("🦀é\u{202e}".to_owned()), 1 => Just("🦀é".repeat(175_000)), 16 => "\\PC{0,40}"],
        ),
    )
}

#[test]
fn the_ends_of_types_survive_the_way() {
    let Some(server) = Server::shared() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(server.run(
        "CREATE TABLE ends (n INT PRIMARY KEY, d DECIMAL(65, 30), day DATE, t TIME(6), s TIMESTAMP(6) NULL, b BIT(64), \
         x LONGTEXT CHARACTER SET utf8mb4)",
    ));
    let (opened, mut admin) = runtime.block_on(async { (Opened::new(server, "reader").await, server.admin().await) });
    runtime.block_on(admin.query_drop("SET time_zone = '+00:00'")).unwrap();
    let admin = tokio::sync::Mutex::new(admin);
    let mut runner = TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
    let ran = runner.run(&prop::collection::vec(extreme(), 1..30), |rows| {
        let found = runtime.block_on(async {
            let mut admin = admin.lock().await;
            admin.query_drop("DELETE FROM ends").await.unwrap();
            for (n, (d, day, t, s, b, x)) in rows.iter().enumerate() {
                let text = |value: Option<String>| value.map_or(Sql::NULL, Sql::from);
                let values = vec![
                    Sql::from(n),
                    text(d.clone()),
                    text(day.map(|day| moment(day * 86_400_000_000).date().to_string())),
                    text(t.map(|micros| moment(micros).time().to_string())),
                    text(s.map(|micros| moment(micros).to_string())),
                    b.map_or(Sql::NULL, Sql::UInt),
                    text(x.clone()),
                ];
                admin.exec_drop("INSERT INTO ends VALUES (?, ?, ?, ?, ?, ?, ?)", Params::Positional(values)).await.unwrap();
            }
            opened.rows("SELECT d, day, t, s, b, x FROM ends ORDER BY n").await.unwrap()
        });
        prop_assert_eq!(found.len(), rows.len());
        let null = || "NULL".to_owned();
        for (found, (d, day, t, s, b, x)) in found.iter().zip(rows) {
            let expected = [
                d.unwrap_or_else(null),
                day.map_or_else(null, |day| moment(day * 86_400_000_000).date().to_string()),
                t.map_or_else(null, |micros| moment(micros).time().to_string()),
                s.map_or_else(null, |micros| format!("{}Z", moment(micros))),
                b.map_or_else(null, |bits| format!("{bits:016x}")),
                x.unwrap_or_else(null),
            ];
            prop_assert!(found.as_slice() == expected.as_slice(), "{:.300?}\n{:.300?}", found, expected);
        }
        Ok(())
    });
    ran.unwrap();
}

fn decimal(value: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" })
}

#[tokio::test]
async fn large_values_come_whole() {
    let Some(server) = Server::shared() else { return };
    server.run("CREATE TABLE large (t LONGTEXT, b LONGBLOB); INSERT INTO large VALUES (REPEAT('😀', 262144), REPEAT(x'00', 20000000))").await;
    let opened = Opened::new(server, "reader").await;
    let rows = opened.rows("SELECT t, b FROM large").await.unwrap();
    assert_eq!((rows[0][0].chars().count(), rows[0][1].len()), (262_144, 40_000_000));
}
