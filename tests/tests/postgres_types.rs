//! Values of every type of PostgreSQL as Arrow: the table of the documentation, extremes, what does not fit, and whatever a generator
//! comes up with.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::sync::Arc;

use leo::source::postgres::PostgresSource;
use leo::{ErrorKind, Value};
use leo_tests::behaviour::Asked;
use leo_tests::generate::Rng;
use leo_tests::postgres::Server;

/// Type, value, Arrow type, `leo.type`, text.
#[rustfmt::skip]
const TYPES: &[(&str, &str, &str, &str, &str)] = &[
    ("boolean", "true", "Boolean", "", "true"),
    ("smallint", "-32768", "Int16", "", "-32768"),
    ("integer", "2147483647", "Int32", "", "2147483647"),
    ("bigint", "-9223372036854775808", "Int64", "", "-9223372036854775808"),
    ("oid", "4294967295", "Int64", "", "4294967295"),
    ("real", "'0.1'", "Float32", "", "0.1"),
    ("real", "'NaN'", "Float32", "", "NaN"),
    ("double precision", "'-Infinity'", "Float64", "", "-inf"),
    ("double precision", "123456.789", "Float64", "", "123456.789"),
    ("numeric(10, 2)", "-12345678.90", "Decimal128(10, 2)", "", "-12345678.90"),
    ("numeric(38, 0)", "99999999999999999999999999999999999999", "Decimal128(38, 0)", "", "99999999999999999999999999999999999999"),
    ("numeric(38, 38)", "-0.99999999999999999999999999999999999999", "Decimal128(38, 38)", "", "-0.99999999999999999999999999999999999999"),
    ("numeric(60, 20)", "1234567890123456789012345678901234567890.12345678901234567890", "Utf8", "decimal", "1234567890123456789012345678901234567890.12345678901234567890"),
    ("numeric", "1234.50", "Decimal128(38, 2)", "", "1234.50"),
    ("numeric", "'NaN'", "Utf8", "decimal", "NaN"),
    ("numeric", "'-Infinity'", "Utf8", "decimal", "-Infinity"),
    ("numeric", "1e50", "Utf8", "decimal", "100000000000000000000000000000000000000000000000000"),
    ("numeric", "1e-40", "Utf8", "decimal", "0.0000000000000000000000000000000000000001"),
    ("money", "'-1234.56'", "Decimal128(19, 2)", "", "-1234.56"),
    ("text", "'Zoë 🦀'", "Utf8", "", "Zoë 🦀"),
    ("varchar(5)", "''", "Utf8", "", ""),
    ("char(4)", "'ab'", "Utf8", "", "ab  "),
    ("name", "'n'", "Utf8", "", "n"),
    ("\"char\"", "'c'", "Utf8", "", "c"),
    ("bytea", "'\\x00ff'", "Binary", "", "<2 bytes>"),
    ("date", "'4713-01-01 BC'", "Date32", "", "-004712-01-01"),
    ("date", "'9999-12-31'", "Date32", "", "9999-12-31"),
    ("time", "'23:59:59.999999'", "Time64(µs)", "", "23:59:59.999999"),
    ("timestamp", "'1969-12-31 23:59:59.5'", "Timestamp(µs)", "", "1969-12-31 23:59:59.5"),
    ("timestamp", "'9999-12-31 23:59:59.999999'", "Timestamp(µs)", "", "9999-12-31 23:59:59.999999"),
    ("timestamptz", "'2024-03-31 02:30:00+02'", "Timestamp(µs, \"UTC\")", "", "2024-03-31 00:30:00+00:00"),
    ("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "Utf8", "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("json", "'{\"a\": [1, null]}'", "Utf8", "json", "{\"a\": [1, null]}"),
    ("jsonb", "'{\"a\":[1,null]}'", "Utf8", "json", "{\"a\": [1, null]}"),
    ("xml", "'<a/>'", "Utf8", "xml", "<a/>"),
    ("mood", "'very happy'", "Utf8", "enum", "very happy"),
    ("positive", "7", "Int32", "", "7"),
    ("small_positive", "7", "Int32", "", "7"),
    ("price", "7.5", "Decimal128(8, 3)", "", "7.500"),
];

/// Types that are printed, with values: each must come as the server itself prints it.
#[rustfmt::skip]
const PRINTED: &[(&str, &str, &[&str])] = &[
    ("interval", "interval", &["0", "1 year 2 mons -3 days 04:05:06.7", "-1 day -00:00:00.000001", "178000000 years", "-5 mons +3 hours", "-00:00:59"]),
    ("timetz", "timetz", &["12:00:00+02", "00:00:00.5-03:30", "24:00:00+00", "01:02:03+15:59:59"]),
    ("integer[]", "array", &["{}", "{1,NULL,-3}", "{{1,2},{3,4}}", "[0:1]={7,8}"]),
    ("text[]", "array", &["{\"\",\"a b\",NULL,\"NULL\",\"x\\\"y\\\\z\",\"{}\",\"a,b\",é}"]),
    ("numeric[]", "array", &["{1.50,NaN,0.000000001,-123456789012345678901234567890}"]),
    ("double precision[]", "array", &["{0.1,1e300,1e-300,NaN,Infinity,-0,123456789012345,1e15,0.0001,0.00001}"]),
    ("real[]", "array", &["{0.1,1e10,123456,1234567,0.0001,-1.5e-7}"]),
    ("timestamp[]", "array", &["{\"2024-02-29 01:02:03.004\",infinity,-infinity,\"0044-03-15 00:00:00 BC\",\"200000-01-01 00:00:00\"}"]),
    ("timestamptz[]", "array", &["{\"2024-02-29 01:02:03+00\"}"]),
    ("date[]", "array", &["{2024-02-29,infinity,\"4713-01-01 BC\",5874897-12-31}"]),
    ("boolean[]", "array", &["{t,f,NULL}"]),
    ("bytea[]", "array", &["{\"\\\\x00ff\"}"]),
    ("uuid[]", "array", &["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"]),
    ("jsonb[]", "array", &["{\"{\\\"a\\\": \\\"b c\\\"}\"}"]),
    ("mood[]", "array", &["{sad,\"very happy\"}"]),
    ("positive[]", "array", &["{1,2}"]),
    ("box[]", "array", &["{(2,2),(1,1);(4,4),(3,3)}"]),
    ("int4range", "range", &["empty", "[1,10)", "(,5)", "[3,)", "(,)"]),
    ("tstzrange", "range", &["[\"2024-01-01 00:00:00+00\",\"2024-02-01 00:00:00+00\")"]),
    ("numrange", "range", &["[1.5,2.50]", "(-Infinity,NaN)"]),
    ("int4multirange", "range", &["{}", "{[1,3),[5,8)}"]),
    ("pair", "record", &["(1,\"a b\")", "(,)", "(2,\"\")", "(3,\"x\"\"y,\\\\z\")"]),
    ("bit(5)", "bit", &["10110"]),
    ("bit varying", "varbit", &["", "1", "101010101010"]),
    ("inet", "inet", &["192.168.0.1", "10.0.0.0/8", "::1", "2001:db8::/32", "::ffff:1.2.3.4"]),
    ("cidr", "cidr", &["10.0.0.0/8", "192.168.0.1/32", "2001:db8::/32"]),
    ("macaddr", "macaddr", &["08:00:2b:01:02:03"]),
    ("macaddr8", "macaddr8", &["08:00:2b:01:02:03:04:05"]),
    ("point", "point", &["(1.5,-2)"]),
    ("lseg", "lseg", &["[(1,2),(3,4)]"]),
    ("box", "box", &["(3,4),(1,2)"]),
    ("path", "path", &["((1,2),(3,4))", "[(1,2),(3,4)]"]),
    ("polygon", "polygon", &["((0,0),(1,1),(1,0))"]),
    ("line", "line", &["{1,-1,0}"]),
    ("circle", "circle", &["<(1,2),3>"]),
    ("tsvector", "tsvector", &["'a':1A 'fat':2B,4C 'it''s':5", "'x'"]),
    ("pg_lsn", "pg_lsn", &["16/B374D848"]),
    ("jsonpath", "jsonpath", &["$.\"a\"[*]?(@ > 1)"]),
    ("xid", "xid", &["4294967295"]),
];

async fn database(server: &Server, name: &str, script: &str) -> Asked {
    server.run("postgres", &format!("CREATE DATABASE {name}"));
    server.run(name, &format!("{script}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;"));
    let source = PostgresSource::connect("shop", server.url("reader", name).parse().unwrap()).await.unwrap();
    Asked::new(Arc::new(source)).await.unwrap()
}

const MADE: &str = "CREATE TYPE mood AS ENUM ('sad', 'very happy'); CREATE DOMAIN positive AS integer CHECK (value > 0);
    CREATE DOMAIN small_positive AS positive CHECK (value < 100); CREATE DOMAIN price AS numeric(8, 3); CREATE TYPE pair AS (n integer, t text);";

fn text(value: &Value) -> String {
    value.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_has_its_arrow_type_and_keeps_its_value() {
    let Some(server) = Server::shared() else { return };
    let columns: Vec<String> = TYPES.iter().enumerate().map(|(index, case)| format!("c{index} {}", case.0)).collect();
    let values: Vec<&str> = TYPES.iter().map(|case| case.1).collect();
    let nulls = vec!["NULL"; TYPES.len()].join(", ");
    let script =
        format!("{MADE} CREATE TABLE t ({}); INSERT INTO t VALUES ({}), ({nulls})", columns.join(", "), values.join(", "));
    let asked = database(server, "types", &script).await;
    let names: Vec<String> = (0..TYPES.len()).map(|index| format!("c{index}")).collect();
    let table = asked.table(&format!("SELECT {} FROM public.t ORDER BY c2", names.join(", "))).await.unwrap();
    assert_eq!(table.num_rows(), 2);
    for (index, (declared, given, arrow, leo, wanted)) in TYPES.iter().enumerate() {
        let field = table.schema().field(index);
        let found = (field.data_type().to_string(), field.metadata().get("leo.type").map_or("", String::as_str));
        assert_eq!((found.0.as_str(), found.1), (*arrow, *leo), "{declared}");
        assert_eq!(text(&table.value(0, index)), *wanted, "{declared} {given}");
        assert!(table.value(1, index).is_null(), "{declared}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrow_has_no_type_for_comes_as_the_server_prints_it() {
    let Some(server) = Server::shared() else { return };
    let mut script = MADE.to_owned();
    for (index, (declared, _, values)) in PRINTED.iter().enumerate() {
        write!(script, "CREATE TABLE t{index} (n integer, v {declared});").unwrap();
        for (n, value) in values.iter().enumerate() {
            write!(script, "INSERT INTO t{index} VALUES ({n}, '{}');", value.replace('\'', "''")).unwrap();
        }
    }
    let asked = database(server, "printed", &script).await;
    let pins = "SET intervalstyle = 'iso_8601'; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD';";
    for (index, (declared, leo, values)) in PRINTED.iter().enumerate() {
        let table = asked.table(&format!("SELECT v FROM public.t{index} ORDER BY n")).await.unwrap();
        let found: Vec<String> = table.column(0).map(|value| text(&value)).collect();
        let printed = server.run("printed", &format!("{pins} SELECT format('%s', v) FROM t{index} ORDER BY n"));
        let wanted: Vec<&str> = printed.lines().collect();
        assert_eq!(found.len(), values.len(), "{declared}: not all values were accepted by the server");
        assert_eq!(found, wanted, "{declared}");
        assert_eq!(table.schema().field(0).metadata().get("leo.type").map(String::as_str), Some(*leo), "{declared}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_names_the_column_and_the_cast() {
    let Some(server) = Server::shared() else { return };
    let cases: &[(&str, &str)] = &[
        ("date", "'infinity'"),
        ("date", "'12024-01-01'"),
        ("timestamp", "'-infinity'"),
        ("timestamptz", "'infinity'"),
        ("timestamp", "'10000-01-01 00:00:00'"),
        ("timestamp", "'294276-12-31 23:59:59'"),
        ("time", "'24:00:00'"),
        ("numeric(6, 2)", "'NaN'"),
        ("regclass", "'pg_class'"),
        ("tsquery", "'a & b'"),
    ];
    let mut script = String::new();
    for (index, (declared, value)) in cases.iter().enumerate() {
        write!(script, "CREATE TABLE t{index} (id integer, v {declared}); INSERT INTO t{index} VALUES (1, {value});").unwrap();
    }
    let asked = database(server, "misfits", &script).await;
    for (index, (declared, value)) in cases.iter().enumerate() {
        let error = asked.table(&format!("SELECT v FROM public.t{index}")).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{declared} {value}: {error}");
        assert!(error.message().contains("`v`") && error.message().contains("CAST(\"v\" AS text)"), "{error}");
        let table = asked.table(&format!("SELECT CAST(v AS text) AS v FROM public.t{index}")).await.unwrap();
        assert!(!table.value(0, 0).is_null());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_without_a_scale_get_that_of_the_first_rows() {
    let Some(server) = Server::shared() else { return };
    let script = "CREATE TABLE n (id integer, v numeric, q numeric, s numeric);
        INSERT INTO n SELECT i, i * 1.25, i / 7.0, 1 FROM generate_series(1, 9000) i;
        INSERT INTO n VALUES (9001, 0.125, 0.12345678901234565, 1), (9002, 0.5, 0.12345678901234575, 1), (9003, 1, 1, 'NaN')";
    let asked = database(server, "scales", script).await;
    let error = asked.table("SELECT v FROM public.n ORDER BY id").await.map(drop).unwrap_err();
    assert!(error.message().contains("numeric(38, n)"), "{error}");
    let table = asked.table("SELECT CAST(v AS numeric(38, 3)) AS v FROM public.n ORDER BY id").await.unwrap();
    assert_eq!(text(&table.value(9_000, 0)), "0.125");
    // The digits of a quotient are the server's rounding already: more of them are rounded to those of the first rows.
    let table = asked.table("SELECT q FROM public.n WHERE id > 700 ORDER BY id").await.unwrap();
    assert_eq!(table.schema().field(0).data_type().to_string(), "Decimal128(38, 16)");
    assert_eq!(text(&table.value(8_300, 0)), "0.1234567890123456");
    assert_eq!(text(&table.value(8_301, 0)), "0.1234567890123458");
    let error = asked.table("SELECT s FROM public.n ORDER BY id").await.map(drop).unwrap_err();
    assert!(error.message().contains("NaN") && error.message().contains("AS text"), "{error}");
    let table =
        asked.table("SELECT sum(id) AS n, avg(id) AS a, sum(v) AS v, count(*) AS c, max(q) AS q FROM public.n").await.unwrap();
    let types: Vec<String> = table.schema().fields().iter().map(|field| field.data_type().to_string()).collect();
    assert_eq!(types, ["Int64", "Decimal128(38, 16)", "Decimal128(38, 3)", "Int64", "Decimal128(38, 16)"]);
}

/// Columns for generated values: type, and how a value is made.
type Make = fn(&mut Rng) -> String;
const GENERATED: &[(&str, Make)] = &[
    ("integer", |rng| (rng.next_u64() as i32).to_string()),
    ("bigint", |rng| (rng.next_u64() as i64).to_string()),
    ("double precision", |rng| {
        let edges = [f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE, f64::MAX, f64::MIN, 5e-324];
        float(if rng.chance(15) { rng.pick(&edges) } else { f64::from_bits(rng.next_u64()) })
    }),
    ("real", |rng| float(f64::from(f32::from_bits(rng.next_u64() as u32)))),
    ("numeric(38, 10)", |rng| decimal(rng, 28, 10)),
    ("numeric(12, 2)", |rng| decimal(rng, 10, 2)),
    ("numeric(70, 30)", |rng| decimal(rng, 40, 30)),
    ("date", |rng| format!("'1970-01-01'::date + {}", (rng.next_u64() % 3_600_000) as i64 - 700_000)),
    ("timestamp", |rng| {
        format!("'1970-01-01'::timestamp + interval '1 microsecond' * {}", (rng.next_u64() % 200_000_000_000_000_000) as i64)
    }),
    // Moments that clocks skip, repeat, or counted by the sun, with their fractions.
    ("timestamptz", |rng| {
        let day = rng.pick(&["2024-03-31", "2024-10-27", "2024-03-10", "2024-11-03", "1850-06-01", "0002-01-01", "9999-12-30"]);
        let zone = rng.pick(&["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]);
        format!("'{day} 0{}:{:02}:30.{:06} {zone}'::timestamptz", rng.below(4), rng.below(60), rng.below(1_000_000))
    }),
    ("text", word),
    ("uuid", |rng| format!("'{:032x}'", u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64()))),
    ("interval", |rng| {
        let part = |rng: &mut Rng| (rng.next_u64() as i32 / 100_000).to_string();
        format!("make_interval(months => {}, days => {}, secs => {} / 7.0)", part(rng), part(rng), part(rng))
    }),
    ("double precision[]", |rng| {
        format!("ARRAY[{}, {}, NULL]", float(f64::from_bits(rng.next_u64())), float(rng.below(100_000_000) as f64 / 1e4))
    }),
    ("real[]", |rng| {
        format!(
            "ARRAY[{}, {}]::real[]",
            float(f64::from(f32::from_bits(rng.next_u64() as u32))),
            float(rng.below(100_000_000) as f64 / 1e4)
        )
    }),
    ("text[]", |rng| format!("ARRAY[{}, {}, NULL]", word(rng), word(rng))),
    ("tsrange", |rng| format!("tsrange('2000-01-01', '2000-01-01'::timestamp + interval '1 second' * {})", rng.below(1_000_000))),
    ("bit varying", |rng| format!("B'{:b}'", rng.next_u64())),
];

fn float(value: f64) -> String {
    match value {
        _ if value.is_finite() => format!("'{value:e}'::float8"),
        f64::INFINITY => "'Infinity'::float8".to_owned(),
        f64::NEG_INFINITY => "'-Infinity'::float8".to_owned(),
        _ => "'NaN'::float8".to_owned(),
    }
}

fn decimal(rng: &mut Rng, whole: usize, scale: usize) -> String {
    let digits =
        |rng: &mut Rng, most: usize| (0..rng.below(most + 1)).map(|_| char::from(b'0' + rng.below(10) as u8)).collect::<String>();
    format!("{}0{}.0{}", if rng.chance(50) { "-" } else { "" }, digits(rng, whole), digits(rng, scale - 1))
}

fn word(rng: &mut Rng) -> String {
    let signs = ["a", "B", "'", "\"", "\\", " ", ",", "{", "}", "(", "é", "🦀", "\n", "NULL", "%", ""];
    let text: String = (0..rng.below(6)).map(|_| rng.pick(&signs)).collect();
    format!("'{}'", text.replace('\'', "''"))
}

fn elements<T>(array: &str, read: impl Fn(&str) -> T) -> Vec<T> {
    array.trim_matches(['{', '}']).split(',').map(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_stored_comes_back() {
    let Some(server) = Server::shared() else { return };
    let mut rng = Rng::new(4);
    let columns: Vec<String> =
        GENERATED.iter().enumerate().map(|(index, (declared, _))| format!("c{index} {declared}")).collect();
    let mut script = format!("CREATE TABLE g (id integer, {});", columns.join(", "));
    for id in 0..400 {
        let values: Vec<String> =
            GENERATED.iter().map(|(_, make)| if rng.chance(6) { "NULL".to_owned() } else { make(&mut rng) }).collect();
        write!(script, "INSERT INTO g VALUES ({id}, {});", values.join(", ")).unwrap();
    }
    let asked = database(server, "generated", &script).await;
    let mut compared = 0;
    for (index, (declared, _)) in GENERATED.iter().enumerate() {
        // Beside it the server's own text of each value: what it prints is read back here.
        let table =
            asked.table(&format!("SELECT c{index} AS v, CAST(c{index} AS text) AS t FROM public.g ORDER BY id")).await.unwrap();
        assert!(table.num_rows() > 380, "{declared}: {}", table.num_rows());
        for row in table.rows() {
            let (found, wanted) = (text(&row[0]), text(&row[1]));
            let is_same = match *declared {
                _ if found == wanted => true,
                "timestamptz" => found == format!("{wanted}:00"),
                "double precision" => found.parse::<f64>().unwrap().to_bits() == wanted.parse::<f64>().unwrap().to_bits(),
                "real" => found.parse::<f32>().unwrap().to_bits() == wanted.parse::<f32>().unwrap().to_bits(),
                // Of two shortest forms of one number the server may print another than Rust does.
                "double precision[]" => {
                    elements(&found, |text| text.parse::<f64>().ok().map(f64::to_bits))
                        == elements(&wanted, |text| text.parse::<f64>().ok().map(f64::to_bits))
                }
                "real[]" => {
                    elements(&found, |text| text.parse::<f32>().ok().map(f32::to_bits))
                        == elements(&wanted, |text| text.parse::<f32>().ok().map(f32::to_bits))
                }
                _ => found == wanted,
            };
            assert!(is_same || (found == "NaN" && wanted == "NaN"), "{declared}: {found} for {wanted}");
            compared += 1;
        }
    }
    assert!(compared > 6_000);
}
