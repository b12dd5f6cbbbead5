//! The guard by dialect: time per honest statement, against a catalogue of 500 tables, beside sqlglot in the same run.
//!
//! Each is vetted as it was written and as it is sent, where nothing is left to rewrite.
//!
//! Statements: the guard's own honest cases, and the reference statements of a public question set where they are at hand. Each is
//! vetted many times; median and 99th percentile are over all of them. Then the same statements, with the same schemas, go through
//! `scripts/sqlglot_qualify.py` (parse and qualify), when Python and sqlglot are there.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use leo::adapter::Access;
use leo::catalog::{Catalog, LogicalType, Table};
use leo::finding::Verdict;
use leo::guard::{Purpose, Request, vet};
use leo::settings::GuardLimits;
use leo::{Context, Dialect};
use leo_tests::guard_cases::{cases, catalogs};
use serde_json::{Value, json};

/// The allocator of Leo's own packages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TABLES: usize = 500;
const ROUNDS: usize = 31;

/// A statement and the name of the schema it is for.
struct Statement {
    schema: String,
    sql: String,
}

/// `tables` and as many others as make 500.
fn padded(dialect: Dialect, default_schema: Option<String>, mut tables: Vec<Table>) -> Catalog {
    let schema = tables.first().and_then(|table| table.name.schema.clone());
    let known: Vec<String> = tables.iter().map(|table| table.name.name.clone()).collect();
    let others = leo_benches::catalog(TABLES).tables.into_iter().filter(|table| !known.contains(&table.name.name));
    for mut table in others.take(TABLES.saturating_sub(known.len())) {
        table.name.schema.clone_from(&schema);
        table.foreign_keys.clear();
        tables.push(table);
    }
    Catalog::new(dialect, default_schema, tables)
}

fn own(all: &mut BTreeMap<Dialect, Vec<Statement>>, schemas: &mut HashMap<(Dialect, String), Catalog>) {
    for (dialect, catalog) in catalogs() {
        schemas.insert((dialect, "cases".into()), padded(dialect, catalog.default_schema.clone(), catalog.tables));
    }
    for case in cases().into_iter().filter(|case| !case.is_refused() && case.conditions.is_empty()) {
        for dialect in &case.dialects {
            all.entry(*dialect).or_default().push(Statement { schema: "cases".into(), sql: case.sql.clone() });
        }
    }
}

fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(path);
    path.exists().then_some(path)
}

fn references(all: &mut BTreeMap<Dialect, Vec<Statement>>, schemas: &mut HashMap<(Dialect, String), Catalog>) {
    let (Some(file), Some(databases)) = (shared("nl2sql/sql_eval.jsonl"), shared("nl2sql/sql_eval_databases")) else {
        println!("skipped: the public reference statements are not at hand");
        return;
    };
    for row in std::fs::read_to_string(file).unwrap().lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let (dialect, db) = (row["dialect"].as_str().unwrap().parse::<Dialect>().unwrap(), row["db"].as_str().unwrap());
        schemas.entry((dialect, db.to_owned())).or_insert_with(|| {
            let connection = rusqlite::Connection::open(databases.join(format!("{db}.sqlite"))).unwrap();
            let mut read = connection.prepare("SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
            let ddl: Vec<String> = read.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            let mut tables = Catalog::from_ddl(Dialect::Sqlite, &ddl.join("\n")).unwrap().tables;
            let schema = match dialect {
                Dialect::Bigquery => Some(format!("p.{db}")),
                other => other.default_schema().map(str::to_owned),
            };
            for table in &mut tables {
                if dialect == Dialect::Postgres {
                    table.name.name = table.name.name.to_lowercase();
                    table.columns.iter_mut().for_each(|column| column.name = column.name.to_lowercase());
                }
                table.name.schema = schema.clone().filter(|_| dialect == Dialect::Bigquery);
            }
            padded(dialect, schema, tables)
        });
        for sql in row["gold"].as_str().unwrap().split(';').filter(|sql| !sql.trim().is_empty() && !sql.contains('{')) {
            let sql = sql.replace("consumer_div.", "").replace(&format!("{db}."), "");
            all.entry(dialect).or_default().push(Statement { schema: db.to_owned(), sql });
        }
    }
}

fn main() {
    let (mut all, mut schemas) = (BTreeMap::new(), HashMap::new());
    own(&mut all, &mut schemas);
    references(&mut all, &mut schemas);
    let (ctx, access, settings) = (Context::new("acme", "ada").unwrap(), Access::full(), GuardLimits::default());
    let mut exported = String::new();
    println!(
        "| dialect | statements | bytes, median | median | P99 | spelled out: median | P99 |\n|---|---|---|---|---|---|---|"
    );
    for (dialect, statements) in &all {
        let (mut times, mut again): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
        let mut sizes: Vec<usize> = Vec::new();
        for Statement { schema, sql } in statements {
            let catalog = &schemas[&(*dialect, schema.clone())];
            let purpose = Purpose::Sql;
            let request =
                Request { ctx: &ctx, source: "s", catalog, access: &access, settings: &settings, sql, params: &[], purpose };
            let first = vet(&request);
            if first.verdict > Verdict::Rewrite {
                continue;
            }
            // What is sent, vetted as if somebody had written it: nothing is left to rewrite.
            let sent = Request { sql: first.rewritten.as_deref().unwrap_or(sql), ..request };
            sizes.push(sql.len());
            for _ in 0..ROUNDS {
                let start = Instant::now();
                std::hint::black_box(vet(std::hint::black_box(&request)));
                times.push(start.elapsed());
                let start = Instant::now();
                std::hint::black_box(vet(std::hint::black_box(&sent)));
                again.push(start.elapsed());
            }
            let line = json!({"dialect": dialect.as_str(), "schema": schema, "sql": sql});
            writeln!(exported, "{line}").unwrap();
        }
        times.sort();
        again.sort();
        sizes.sort();
        let at = |times: &[Duration], part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e6;
        let [median, last, short, shorter] = [at(&times, 0.5), at(&times, 0.99), at(&again, 0.5), at(&again, 0.99)];
        let (count, bytes) = (sizes.len(), sizes[sizes.len() / 2]);
        println!("| {dialect} | {count} | {bytes} | {median:.0} µs | {last:.0} µs | {short:.0} µs | {shorter:.0} µs |");
    }
    let folder = tempfile::tempdir().unwrap();
    let kind = |kind: LogicalType| match kind {
        LogicalType::Integer => "int",
        LogicalType::Decimal | LogicalType::Float => "float",
        LogicalType::Date => "date",
        LogicalType::Timestamp => "timestamp",
        _ => "text",
    };
    let schemas: Vec<Value> = schemas
        .iter()
        .map(|((dialect, name), catalog)| {
            let tables = catalog.tables.iter().map(|table| {
                let columns = table.columns.iter().map(|column| (column.name.clone(), json!(kind(column.data_type))));
                (table.name.name.clone(), Value::Object(columns.collect()))
            });
            json!({"dialect": dialect.as_str(), "name": name, "tables": Value::Object(tables.collect())})
        })
        .collect();
    let (file, schema) = (folder.path().join("statements.jsonl"), folder.path().join("schemas.json"));
    std::fs::write(&file, exported).unwrap();
    std::fs::write(&schema, serde_json::to_string(&schemas).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/sqlglot_qualify.py");
    let ran = std::process::Command::new("python3").arg(script).arg(file).arg(schema).status();
    if !ran.is_ok_and(|status| status.success()) {
        println!("skipped: sqlglot (python3 -m pip install sqlglot)");
    }
}
