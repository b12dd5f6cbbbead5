//! Every function the guard lets through runs, and those added here mean what SQLite means by them.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use crate::adapter::{Access, AuditSink};
use crate::audit::MemorySink;
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::gate::{self, Connector, InForce, IntrospectOptions, PriceLimits, Priced, QueryOptions, RecordMeta};
use crate::guard::{Purpose, Request, listed_functions, vet};
use crate::settings::GuardLimits;
use crate::source::sqlite::SqliteSource;
use crate::value::Value as Cell;

fn source() -> SqliteSource {
    let script = "CREATE TABLE t (n INTEGER, x REAL, s TEXT, d TEXT, j TEXT);
        INSERT INTO t VALUES (1, 0.5, 'one', '2024-02-29', '{\"a\": [1, 2]}'), (4, 2.25, 'four', '2023-12-31', '[3]');
        CREATE VIEW roots AS SELECT n, sqrt(n) AS root FROM t";
    SqliteSource::from_sql("shop", script).unwrap()
}

/// Takes `sql` the whole way: vetted, recorded, cleared, run.
async fn ask(source: &SqliteSource, catalog: &Catalog, sql: &str) -> Result<Vec<Vec<Cell>>> {
    let ctx = crate::Context::new("acme", "ada").unwrap();
    let vetted = vet(&Request {
        ctx: &ctx,
        source: "shop",
        catalog,
        access: &Access::full(),
        settings: &GuardLimits::default(),
        sql,
        params: &[],
        purpose: Purpose::Ask,
    })
    .into_result()?;
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let policy_hash = vetted.policy_hash().to_owned();
    let now = InForce { catalog_version: catalog.version(), policy_hash: &policy_hash };
    let recorded = gate::record(&ctx, vetted, &audit, RecordMeta::default()).await?;
    let Priced::Cleared(cleared) = gate::price(&ctx, recorded, source, now, &PriceLimits::default()).await? else {
        panic!("no limits are set")
    };
    let result = gate::collect(gate::run(&ctx, cleared, source, now, QueryOptions::default()).await?).await?;
    Ok(result.table.rows().collect())
}

async fn opened() -> (SqliteSource, Catalog) {
    let source = source();
    let catalog = source.introspect(&crate::Context::new("acme", "ada").unwrap(), IntrospectOptions::default()).await.unwrap();
    (source, catalog)
}

/// A call of the function `name` as people write it.
fn call(name: &str) -> String {
    let arguments = match name {
        "->" | "->>" => return format!("j {name} '$.a'"),
        "current_date" | "current_time" | "current_timestamp" => return name.to_owned(),
        "cume_dist" | "dense_rank" | "percent_rank" | "rank" | "row_number" => return format!("{name}() OVER (ORDER BY n)"),
        "first_value" | "lag" | "last_value" | "lead" => return format!("{name}(n) OVER (ORDER BY n)"),
        "nth_value" => return "nth_value(n, 2) OVER (ORDER BY n)".into(),
        "ntile" => return "ntile(2) OVER (ORDER BY n)".into(),
        "pi" | "random" | "sqlite_version" => "",
        "atan2" | "pow" | "power" | "mod" => "n, x",
        "char" => "65, 66",
        "coalesce" | "ifnull" | "nullif" => "s, d",
        "concat" => "s, d",
        "concat_ws" => "'-', s, d",
        "date" | "datetime" | "julianday" | "time" | "unixepoch" => "d, '+1 month'",
        "format" | "printf" => "'%05.2f', x",
        "glob" | "like" => "'o*', s",
        "group_concat" | "string_agg" => "s, ', '",
        "if" | "iif" => "n > 1, s, d",
        "instr" => "s, 'o'",
        "json_array" | "jsonb_array" => "n, s",
        "json_extract" | "json_remove" | "jsonb_extract" | "jsonb_remove" => "j, '$.a'",
        "json_group_object" | "jsonb_group_object" => "s, n",
        "json_insert" | "json_replace" | "json_set" | "jsonb_insert" | "jsonb_replace" | "jsonb_set" => "j, '$.b', n",
        "json_object" | "jsonb_object" => "'n', n",
        "json_patch" | "jsonb_patch" => "j, '{\"b\": 3}'",
        "json_quote" | "lower" | "upper" | "length" | "octet_length" | "hex" | "quote" | "soundex" | "trim" | "ltrim"
        | "rtrim" | "typeof" | "unicode" | "unistr" | "unistr_quote" => "s",
        "json" | "json_array_length" | "json_error_position" | "json_pretty" | "json_type" | "json_valid" | "jsonb" => "j",
        "likelihood" => "n > 1, 0.5",
        "likely" | "unlikely" => "n > 1",
        "log" => "2, n",
        "replace" => "s, 'o', '0'",
        "round" => "x, 1",
        "strftime" => "'%Y-%m', d",
        "substr" | "substring" => "s, 2, 2",
        "timediff" => "d, '2020-01-01'",
        "unhex" => "'4142'",
        // One number.
        _ => "x",
    };
    format!("{name}({arguments})")
}

#[tokio::test]
async fn every_listed_function_runs() {
    let (source, catalog) = opened().await;
    let (functions, tables) = listed_functions(Dialect::Sqlite);
    assert!(functions.len() > 100 && tables.len() >= 2);
    let mut failed = Vec::new();
    for name in &functions {
        let sql = format!("SELECT {} AS v FROM t", call(name));
        if let Err(error) = ask(&source, &catalog, &sql).await {
            failed.push(format!("{sql}: {error}"));
        }
    }
    for name in tables {
        let sql = format!("SELECT e.key, e.type FROM t, {name}(t.j) AS e");
        if let Err(error) = ask(&source, &catalog, &sql).await {
            failed.push(format!("{sql}: {error}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn added_functions_keep_the_engines_meaning() {
    let (source, catalog) = opened().await;
    let cases: &[(&str, Cell)] = &[
        ("sqrt(n)", 2.0.into()),
        ("sqrt(-n)", Cell::Null),
        ("sqrt(NULL)", Cell::Null),
        ("sqrt(s)", Cell::Null),
        ("sqrt(x'34')", Cell::Null),
        ("sqrt(' 4 ')", 2.0.into()),
        ("sqrt('4e0')", 2.0.into()),
        ("sqrt('inf')", Cell::Null),
        ("sqrt('4 apples')", Cell::Null),
        ("ceil(x)", 3.0.into()),
        ("floor(-x)", (-3.0).into()),
        ("trunc(-x)", (-2.0).into()),
        ("ceiling(9007199254740993)", 9_007_199_254_740_993_i64.into()),
        ("floor('7')", 7.into()),
        ("typeof(floor(n))", "integer".into()),
        ("typeof(floor(x))", "real".into()),
        ("log(100)", 2.0.into()),
        ("log10(1000)", 3.0.into()),
        ("log2(8)", 3.0.into()),
        ("log(2, n)", 2.0.into()),
        ("log(1, n)", Cell::Null),
        ("log(2, 0)", Cell::Null),
        ("ln(0)", Cell::Null),
        ("ln(exp(1))", 1.0.into()),
        ("pow(n, 2)", 16.0.into()),
        ("power(n, 0.5)", 2.0.into()),
        ("mod(-7, 3)", (-1.0).into()),
        ("mod(7, 0)", Cell::Null),
        ("acos(2)", Cell::Null),
        ("degrees(pi())", 180.0.into()),
        ("round(sin(radians(90)), 12)", 1.0.into()),
        ("atan2(0, 1)", 0.0.into()),
    ];
    for (expression, expected) in cases {
        let sql = format!("SELECT {expression} AS v FROM t WHERE n = 4");
        let rows = ask(&source, &catalog, &sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(rows, [[expected.clone()]], "{sql}");
    }
    // Also inside a view of a database whose schema is not trusted.
    assert_eq!(ask(&source, &catalog, "SELECT root FROM roots WHERE n = 4").await.unwrap(), [[Cell::from(2.0)]]);
}

#[tokio::test]
async fn a_number_of_arguments_that_does_not_exist_is_the_callers_error() {
    let (source, catalog) = opened().await;
    let error = ask(&source, &catalog, "SELECT sqrt(n, n) FROM t").await.unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Rejected, "{error}");
}
