//! Honest SQL must pass: the reference statements of public question sets, against their databases. What the guard says about a
//! statement (output names, tables, columns, functions) is compared with what SQLite says about it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use leo::adapter::Access;
use leo::catalog::Catalog;
use leo::finding::Verdict;
use leo::guard::{Purpose, Request, Vetting, vet};
use leo::settings::GuardLimits;
use leo::{Context, Dialect};
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, OpenFlags};

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = root.join(path);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

struct Database {
    connection: Connection,
    catalog: Catalog,
    reads: Arc<Mutex<Reads>>,
}

#[derive(Default)]
struct Reads {
    columns: BTreeSet<(String, String)>,
    functions: BTreeSet<String>,
}

fn open(path: &Path) -> Database {
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false).unwrap();
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, true).unwrap();
    let ddl: String = connection
        .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
        .unwrap()
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap()
        .map(|sql| sql.unwrap() + ";\n")
        .collect();
    let mut catalog = Catalog::from_ddl(Dialect::Sqlite, &ddl).unwrap();
    for table in &mut catalog.tables {
        let names: Vec<String> = connection
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .unwrap()
            .query_map([&table.name.name], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let own: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(own, names, "columns of {} in {}", table.name, path.display());
        let count = format!("SELECT count(*) FROM {}", Dialect::Sqlite.quote(&table.name.name));
        table.rows = connection.query_row(&count, [], |row| row.get::<_, i64>(0)).ok().map(|rows| rows as u64);
    }
    catalog.reindex();
    let reads: Arc<Mutex<Reads>> = Arc::default();
    let seen = Arc::clone(&reads);
    connection
        .authorizer(Some(move |context: AuthContext<'_>| {
            let mut seen = seen.lock().unwrap();
            match context.action {
                AuthAction::Read { table_name, column_name } if context.accessor.is_none() => {
                    seen.columns.insert((table_name.to_lowercase(), column_name.to_lowercase()));
                }
                // Column defaults are reported as well.
                AuthAction::Function { function_name } if !function_name.to_lowercase().starts_with("current_") => {
                    seen.functions.insert(function_name.to_lowercase());
                }
                _ => {}
            }
            Authorization::Allow
        }))
        .unwrap();
    Database { connection, catalog, reads }
}

fn check(catalog: &Catalog, sql: &str) -> Vetting {
    let ctx = Context::new("t", "u").unwrap();
    let (access, settings) = (Access::full(), GuardLimits::default());
    vet(&Request {
        ctx: &ctx,
        source: "s",
        catalog,
        access: &access,
        settings: &settings,
        sql,
        params: &[],
        purpose: Purpose::Eval,
    })
}

/// The set writes operators in two words; that is not SQL.
fn joined(sql: &str) -> String {
    sql.replace("> =", ">=").replace("< =", "<=").replace("! =", "!=")
}

/// The alternatives of a reference: `;` stands between them, and `{a, b}` for any of these columns, `{}` for the same again.
fn alternatives(gold: &str) -> Vec<String> {
    let filled = |sql: &str| {
        let columns = sql.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(columns, _)| columns);
        sql.replace("{}", columns).replace(['{', '}'], "")
    };
    gold.split(';').map(|sql| filled(sql.trim())).filter(|sql| !sql.is_empty()).collect()
}

#[derive(Default)]
struct Tally {
    total: usize,
    invalid: usize,
    verdicts: BTreeMap<&'static str, usize>,
    refused: Vec<String>,
    wrong: Vec<String>,
    micros: Vec<u64>,
}

impl Tally {
    fn add(&mut self, database: &Database, sql: &str) {
        let sql = joined(sql);
        // What SQLite itself cannot read is not honest SQL; it reads double quotes as strings here.
        database.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true).unwrap();
        let valid = database.connection.prepare(&sql).map(|statement| statement.column_count()).is_ok();
        database.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false).unwrap();
        if !valid {
            self.invalid += 1;
        } else {
            self.total += 1;
        }
        let vetting = check(&database.catalog, &sql);
        self.micros.push(vetting.micros);
        *self.verdicts.entry(vetting.verdict.as_str()).or_default() += usize::from(valid);
        if vetting.verdict > Verdict::Rewrite {
            if valid {
                let why: Vec<_> =
                    vetting.findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
                self.refused.push(format!("{sql}\n      {}", why.join("\n      ")));
            }
            return;
        }
        self.compare(database, &sql, &vetting);
    }

    /// What SQLite reports while it prepares the statement must be what the guard declared.
    fn compare(&mut self, database: &Database, sql: &str, vetting: &Vetting) {
        *database.reads.lock().unwrap() = Reads::default();
        let text = vetting.rewritten.as_deref().unwrap_or(sql);
        // Flush the statement cache so that the authoriser is asked again.
        let names: Vec<String> = match database.connection.prepare(text) {
            Ok(statement) => statement.column_names().map(str::to_owned).collect(),
            Err(error) => return self.wrong.push(format!("{text}\n      passed, but SQLite says: {error}")),
        };
        let own: Vec<&str> = vetting.lineage.iter().map(|column| column.name.as_str()).collect();
        if own != names {
            self.wrong.push(format!("{text}\n      names {own:?} are {names:?}"));
        }
        let reads = database.reads.lock().unwrap();
        let declared: BTreeSet<(String, String)> =
            vetting.columns.iter().map(|column| (column.table.name.to_lowercase(), column.column.to_lowercase())).collect();
        let tables: BTreeSet<String> = vetting.tables.iter().map(|table| table.name.to_lowercase()).collect();
        for (table, column) in &reads.columns {
            let known =
                if column.is_empty() { tables.contains(table) } else { declared.contains(&(table.clone(), column.clone())) };
            if !known {
                self.wrong.push(format!("{text}\n      reads {table}.{column}, declared {declared:?}"));
            }
        }
        for function in reads.functions.difference(&vetting.functions) {
            self.wrong.push(format!("{text}\n      calls {function}, declared {:?}", vetting.functions));
        }
    }

    fn report(mut self, what: &str) -> Self {
        self.micros.sort_unstable();
        let at = |share: f64| self.micros.get((self.micros.len() as f64 * share) as usize).copied().unwrap_or(0);
        println!(
            "{what}: {} statements valid for SQLite ({} not), {:?}, {} refused, {} disagreements; microseconds p50 {} p95 {} max {}",
            self.total,
            self.invalid,
            self.verdicts,
            self.refused.len(),
            self.wrong.len(),
            at(0.5),
            at(0.95),
            self.micros.last().copied().unwrap_or(0)
        );
        for line in self.refused.iter().chain(&self.wrong).take(if std::env::var_os("LEO_ALL").is_some() { 10_000 } else { 10 }) {
            println!("    {line}");
        }
        self
    }
}

fn rows(path: &Path) -> Vec<serde_json::Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn spider(file: &str, least: usize) {
    let (Some(file_path), Some(databases)) = (shared(file), shared("nl2sql/databases")) else { return };
    let mut open_ones: HashMap<String, Option<Database>> = HashMap::new();
    let mut tally = Tally::default();
    for row in rows(&file_path) {
        let (db, gold) = (row["db"].as_str().unwrap(), row["gold"].as_str().unwrap());
        let database = open_ones.entry(db.to_owned()).or_insert_with(|| {
            let path = databases.join(format!("{db}.sqlite"));
            path.exists().then(|| open(&path))
        });
        if let Some(database) = database {
            tally.add(database, gold);
        }
    }
    let tally = tally.report(file);
    assert!(tally.total >= least, "only {} statements", tally.total);
    assert!(tally.refused.len() * 200 < tally.total, "more than 0.5 % of honest SQL refused: {}", tally.refused.len());
    assert!(tally.wrong.len() * 200 < tally.total, "disagreements with SQLite: {}", tally.wrong.len());
}

#[test]
fn reference_statements_for_training_pass() {
    spider("nl2sql/spider_train.jsonl", 6_500);
}

#[test]
fn reference_statements_for_development_pass() {
    spider("nl2sql/spider_dev.jsonl", 440);
}

/// SQL that text-to-SQL systems wrote: what SQLite can read must pass, or be refused for a reason of the guard's own (an
/// aggregate of a misspelled quoted name is an error here, and a constant there).
#[test]
fn statements_of_published_systems_pass() {
    let (Some(file), Some(databases)) = (shared("nl2sql/published_predictions_dev.jsonl"), shared("nl2sql/databases")) else {
        return;
    };
    let mut open_ones: HashMap<String, Database> = HashMap::new();
    let mut tally = Tally::default();
    for row in rows(&file) {
        let (db, sql) = (row["db"].as_str().unwrap(), row["sql"].as_str().unwrap());
        let database = open_ones.entry(db.to_owned()).or_insert_with(|| open(&databases.join(format!("{db}.sqlite"))));
        tally.add(database, sql);
    }
    let tally = tally.report("published predictions");
    assert!(tally.total >= 4_000);
    assert!(tally.refused.len() * 100 < tally.total, "{} refused", tally.refused.len());
    assert!(tally.wrong.len() * 1_000 < tally.total, "{} disagreements", tally.wrong.len());
}

/// The same questions in the other dialects. There is no such engine here: a refusal is counted when the statement parses
/// and names only what exists.
#[test]
fn reference_statements_of_other_dialects_pass() {
    let (Some(file), Some(databases)) = (shared("nl2sql/sql_eval.jsonl"), shared("nl2sql/sql_eval_databases")) else { return };
    let mut catalogs: HashMap<(String, String), Catalog> = HashMap::new();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for row in rows(&file).iter().filter(|row| row["dialect"] != "sqlite") {
        let (name, db, gold) = (row["dialect"].as_str().unwrap(), row["db"].as_str().unwrap(), row["gold"].as_str().unwrap());
        let catalog = catalogs.entry((name.to_owned(), db.to_owned())).or_insert_with(|| {
            let dialect: Dialect = name.parse().unwrap();
            let mut tables = open(&databases.join(format!("{db}.sqlite"))).catalog.tables;
            let folded = dialect == Dialect::Postgres;
            for table in &mut tables {
                if folded {
                    table.name.name = table.name.name.to_lowercase();
                    table.columns.iter_mut().for_each(|column| column.name = column.name.to_lowercase());
                }
                if dialect == Dialect::Bigquery {
                    table.name.schema = Some(format!("p.{db}"));
                }
            }
            let schema = match dialect {
                Dialect::Bigquery => Some(format!("p.{db}")),
                dialect => dialect.default_schema().map(str::to_owned),
            };
            Catalog::new(dialect, schema, tables)
        });
        let tally = tallies.entry(name.to_owned()).or_default();
        for sql in alternatives(gold) {
            // The databases here have one schema.
            let sql = &sql.replace("consumer_div.", "").replace(&format!("{db}."), "");
            let vetting = check(catalog, sql);
            tally.total += 1;
            tally.micros.push(vetting.micros);
            *tally.verdicts.entry(vetting.verdict.as_str()).or_default() += 1;
            if vetting.verdict > Verdict::Rewrite {
                let why: Vec<_> =
                    vetting.findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
                tally.refused.push(format!("{sql}\n      {}", why.join("\n      ")));
            }
        }
    }
    for (dialect, tally) in tallies {
        let tally = tally.report(&format!("sql_eval ({dialect})"));
        assert!(tally.total >= 280 && tally.refused.len() * 200 < tally.total, "{dialect}: {} refused", tally.refused.len());
    }
}

#[test]
fn reference_statements_of_sql_eval_pass() {
    let (Some(file), Some(databases)) = (shared("nl2sql/sql_eval.jsonl"), shared("nl2sql/sql_eval_databases")) else { return };
    let mut open_ones: HashMap<String, Database> = HashMap::new();
    let mut tally = Tally::default();
    for row in rows(&file).iter().filter(|row| row["dialect"] == "sqlite") {
        let (db, gold) = (row["db"].as_str().unwrap(), row["gold"].as_str().unwrap());
        let database = open_ones.entry(db.to_owned()).or_insert_with(|| open(&databases.join(format!("{db}.sqlite"))));
        for sql in alternatives(gold) {
            tally.add(database, &sql);
        }
    }
    let tally = tally.report("sql_eval (sqlite)");
    assert!(tally.total >= 390);
    assert!(tally.refused.len() * 200 < tally.total);
}
