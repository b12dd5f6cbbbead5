//! SQLite as an oracle: while it prepares a statement it reports every table and column that the statement reads, and that record
//! must equal what the guard resolved.
//!
//! What SQLite reports is not spelled as the guard spells it. These are all the differences that are evened out:
//! 1. Names are compared in lower case (ASCII), as SQLite compares them.
//! 2. The column named "" means that the table was touched (`count(*)`, `SELECT 1 FROM t`): it counts as the table alone.
//! 3. What a view's body reads comes with the view's name as the accessor, and is left out: the guard speaks of the view. Common
//!    table expressions are accessors too; what their bodies read counts.
//! 4. Relations that are no tables of the catalogue are left out: `json_each` and its kin, and a common table expression whose rows
//!    are counted.
//! 5. SQLite does not report the columns that `USING` and `NATURAL` compare; the guard reads them. With these words, what the guard
//!    reads beyond the engine is no mismatch.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use leo::adapter::Access;
use leo::catalog::{Catalog, TableKind};
use leo::gate::{Connector, IntrospectOptions};
use leo::guard::{Purpose, Request, VettedSql, vet};
use leo::settings::GuardLimits;
use leo::source::sqlite::{InvalidUtf8, SqliteOptions, SqliteSource};
use leo::{Context, Dialect};
use leo_tests::guard::shared;
use leo_tests::guard_cases::{cases, catalogs};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, OpenFlags};

/// Tables, and columns as `table.column`.
type Reads = BTreeSet<String>;

/// What the engine reports while it prepares `sql`.
fn reported(connection: &mut Connection, catalog: &Catalog, sql: &str) -> Result<Reads, String> {
    let reads: Arc<Mutex<Reads>> = Arc::default();
    let seen = Arc::clone(&reads);
    let named = |kind: TableKind| -> HashSet<String> {
        let tables = catalog.tables.iter().filter(|table| table.kind == kind);
        tables.map(|table| table.name.name.to_ascii_lowercase()).collect()
    };
    let (views, tables) = (named(TableKind::View), named(TableKind::Table));
    connection
        .authorizer(Some(move |context: AuthContext<'_>| {
            if let AuthAction::Read { table_name, column_name } = context.action
                && !context.accessor.is_some_and(|accessor| views.contains(&accessor.to_ascii_lowercase()))
                && [&views, &tables].iter().any(|names| names.contains(&table_name.to_ascii_lowercase()))
            {
                let mut seen = seen.lock().unwrap();
                seen.insert(table_name.to_ascii_lowercase());
                if !column_name.is_empty() {
                    seen.insert(format!("{table_name}.{column_name}").to_ascii_lowercase());
                }
            }
            Authorization::Allow
        }))
        .unwrap();
    let prepared = connection.prepare(sql).map(drop).map_err(|error| error.to_string());
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).unwrap();
    prepared?;
    let reads = reads.lock().unwrap().clone();
    Ok(reads)
}

/// `(database, statement)` of a suite, each statement once.
fn statements(file: &str) -> BTreeSet<(String, String)> {
    let text = shared(&format!("nl2sql/{file}")).map_or_else(String::new, |path| std::fs::read_to_string(path).unwrap());
    let row = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).ok()?;
        Some((row.get("db")?.as_str()?.to_owned(), row.get("gold")?.as_str()?.to_owned()))
    };
    text.lines().filter_map(row).collect()
}

async fn catalog(db: &str, path: &Path) -> Option<Catalog> {
    let options = SqliteOptions { invalid_utf8: InvalidUtf8::Replace, ..SqliteOptions::default() };
    let source = SqliteSource::open_options(db, path, options).ok()?;
    Some(source.introspect(&Context::new("tests", "tests").unwrap(), IntrospectOptions::default()).await.unwrap())
}

/// What the guard resolved, as the engine would report it; the text that is sent.
fn resolved(catalog: &Catalog, sql: &str) -> Option<(Reads, String)> {
    let (ctx, access, settings) = (Context::new("tests", "tests").unwrap(), Access::full(), GuardLimits::default());
    let purpose = Purpose::Sql;
    let request = Request { ctx: &ctx, source: "s", catalog, access: &access, settings: &settings, sql, params: &[], purpose };
    let vetted = vet(&request).into_result().ok()?;
    Some((reads(&vetted), vetted.sql().to_owned()))
}

fn reads(vetted: &VettedSql) -> Reads {
    let tables = vetted.tables().iter().map(|table| table.name.to_ascii_lowercase());
    let columns = vetted.columns().iter().map(|column| format!("{}.{}", column.table.name, column.column).to_ascii_lowercase());
    tables.chain(columns).collect()
}

/// What the engine reads beyond what the guard resolved, and the guard beyond the engine.
fn differences(sql: &str, reported: &Reads, resolved: &Reads) -> Option<String> {
    let upper = sql.to_ascii_uppercase();
    let merges = upper.contains("USING") || upper.contains("NATURAL");
    let more: Vec<_> = reported.difference(resolved).collect();
    let fewer: Vec<_> = resolved.difference(reported).filter(|_| !merges).collect();
    let same = more.is_empty() && fewer.is_empty();
    (!same).then(|| format!("{sql}\n    the engine also reads {more:?}, the guard also {fewer:?}"))
}

#[tokio::test]
async fn the_guard_resolves_what_the_engine_reads() {
    for suite in ["spider_dev.jsonl", "spider_train.jsonl"] {
        let mut open: HashMap<String, Option<(Connection, Catalog)>> = HashMap::new();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut mismatches = Vec::new();
        let all = statements(suite);
        if all.is_empty() {
            continue;
        }
        let Some(databases) = shared("nl2sql/databases") else { continue };
        for (db, sql) in &all {
            if !open.contains_key(db) {
                let path = databases.join(format!("{db}.sqlite"));
                let catalog = catalog(db, &path).await;
                let opened =
                    catalog.map(|it| (Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap(), it));
                open.insert(db.clone(), opened);
            }
            let Some((connection, catalog)) = open.get_mut(db).unwrap() else {
                *counts.entry("no database").or_default() += 1;
                continue;
            };
            let Some((resolved, sent)) = resolved(catalog, sql) else {
                println!("refused: {db}: {sql}");
                *counts.entry("refused").or_default() += 1;
                continue;
            };
            match reported(connection, catalog, &sent).map(|reported| differences(&sent, &reported, &resolved)) {
                Err(_) => *counts.entry("not accepted by the engine").or_default() += 1,
                Ok(None) => *counts.entry("equal").or_default() += 1,
                Ok(Some(mismatch)) => mismatches.push(format!("{db}: {mismatch}")),
            }
        }
        println!("{suite}: {} statements, {counts:?}, {} mismatches", all.len(), mismatches.len());
        assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
        assert!(counts["equal"] > 100);
    }
}

/// The same for the guard's own cases, which have views, recursions, row ids and table functions.
#[test]
fn the_guard_resolves_what_the_engine_reads_in_its_cases() {
    let catalog = catalogs().remove(&Dialect::Sqlite).unwrap();
    let mut connection = Connection::open_in_memory().unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("guard/schema.sql");
    connection.execute_batch(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let (mut equal, mut failed, mut mismatches) = (0, 0, Vec::new());
    for case in cases().iter().filter(|case| case.dialects.contains(&Dialect::Sqlite)) {
        let Ok(vetted) = case.vet(&catalog).into_result() else { continue };
        if vetted.sql().contains("leo_mask_hash") {
            continue;
        }
        let reported = reported(&mut connection, &catalog, vetted.sql());
        match reported.map(|reported| differences(vetted.sql(), &reported, &reads(&vetted))) {
            Err(_) => failed += 1,
            Ok(None) => equal += 1,
            Ok(Some(mismatch)) => mismatches.push(format!("{}: {mismatch}", case.place)),
        }
    }
    println!("{equal} equal, {failed} not accepted by the engine, {} mismatches", mismatches.len());
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
    assert!(equal > 50);
}
