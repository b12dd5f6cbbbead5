//! What SQLite itself would do against what the guard says: a statement that the engine understands as a change, a pragma, an
//! attachment or a read outside the catalogue must be refused, and what the guard sends reads the catalogue only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use leo::Dialect;
use leo::catalog::Catalog;
use leo_tests::generate::rng::Rng;
use leo_tests::guard::{check, shared};
use leo_tests::guard_cases;
use leo_tests::mutate::{ATTACKS, mutant, tokens};
use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Batch, Connection};
use sqlparser::keywords::ALL_KEYWORDS;

const STATEMENTS: u64 = 40_000;

/// Tables that are in the database and not in the catalogue.
const MORE: &str = "
    CREATE TABLE secrets (id INTEGER PRIMARY KEY, token TEXT, name TEXT, customer_id INTEGER);
    CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT);
    CREATE VIEW hidden_view AS SELECT token FROM secrets;
    CREATE TEMP TABLE scratch (id INTEGER, token TEXT);
    ANALYZE;";

/// A database, and what the engine says about statements it prepares.
struct Engine {
    connection: Connection,
    /// What was out of bounds.
    outside: Arc<Mutex<Vec<String>>>,
}

impl Engine {
    fn new(schema: &str, catalog: &Catalog) -> Self {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(schema).unwrap();
        connection.execute_batch(MORE).unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true).unwrap();
        let _ = connection.execute_batch("CREATE VIRTUAL TABLE found USING fts5(body)");
        let tables: HashSet<String> = catalog.tables.iter().map(|table| table.name.name.to_lowercase()).collect();
        let outside: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&outside);
        connection
            .authorizer(Some(move |context: AuthContext<'_>| {
                let what = match context.action {
                    AuthAction::Select | AuthAction::Recursive | AuthAction::Function { .. } => None,
                    AuthAction::Read { table_name, column_name } => {
                        let name = table_name.to_lowercase();
                        let known = tables.contains(&name) && context.database_name.is_none_or(|name| name == "main");
                        // Table functions over values, which the guard allows by name.
                        let function = ["json_each", "json_tree", "jsonb_each", "jsonb_tree"].contains(&name.as_str());
                        let how = if context.database_name.is_none() && column_name.is_empty() { "counts" } else { "reads" };
                        (!known && !function).then(|| format!("{how} {table_name}"))
                    }
                    other => Some(format!("{other:?}").split([' ', '{']).next().unwrap().to_owned()),
                };
                // Some pragmas act while they are prepared.
                let acts =
                    matches!(context.action, AuthAction::Pragma { .. } | AuthAction::Attach { .. } | AuthAction::Detach { .. });
                seen.lock().unwrap().extend(what);
                if acts { Authorization::Deny } else { Authorization::Allow }
            }))
            .unwrap();
        Self { connection, outside }
    }

    /// Whether the engine understands each statement in `sql`, and what of it is out of bounds.
    fn prepare(&self, sql: &str) -> (bool, Vec<String>) {
        self.outside.lock().unwrap().clear();
        let mut batch = Batch::new(&self.connection, sql);
        let mut count = 0;
        let understood = loop {
            match batch.next() {
                Ok(Some(_)) => count += 1,
                Ok(None) => break count > 0,
                Err(_) => break false,
            }
        };
        let mut outside = std::mem::take(&mut *self.outside.lock().unwrap());
        // Counting the rows of a common table expression is reported like counting those of a table without schema.
        let written = sql.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let is_cte =
            |name: &str| ["as (", "(", "as materialized ("].iter().any(|rest| written.contains(&format!("{name} {rest}")));
        outside.retain(|what| !what.strip_prefix("counts ").is_some_and(|name| is_cte(&name.to_lowercase())));
        if count > 1 {
            outside.push("several statements".to_owned());
        }
        (understood, outside)
    }
}

/// What a run over some seeds found.
#[derive(Debug, Default)]
struct Tally {
    understood: usize,
    outside: usize,
    accepted: usize,
    kinds: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.understood += other.understood;
        self.outside += other.outside;
        self.accepted += other.accepted;
        other.kinds.into_iter().for_each(|(kind, count)| *self.kinds.entry(kind).or_default() += count);
        self.failures.extend(other.failures);
    }

    fn look_at(&mut self, engine: &Engine, catalog: &Catalog, sql: &str) {
        let (understood, outside) = engine.prepare(sql);
        self.understood += usize::from(understood);
        self.outside += usize::from(!outside.is_empty());
        if let Some(first) = outside.first() {
            *self.kinds.entry(first.clone()).or_default() += 1;
        }
        // What neither is understood nor touches anything cannot run as it is, and may still be rewritten into something.
        let Some(vetted) = check(catalog, sql).vetted else { return };
        self.accepted += 1;
        if !outside.is_empty() {
            self.failures.push(format!("{outside:?}: {sql}"));
        }
        let (_, outside) = engine.prepare(vetted.sql());
        if !outside.is_empty() {
            self.failures.push(format!("as sent, {outside:?}: {}\n    from: {sql}", vetted.sql()));
        }
    }
}

fn schema() -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("guard/schema.sql")).unwrap()
}

fn corpus() -> Vec<String> {
    let mut corpus: Vec<String> = guard_cases::cases().into_iter().map(|case| case.sql).filter(|sql| sql.len() < 400).collect();
    if let Some(path) = shared("nl2sql/spider_dev.jsonl") {
        let text = std::fs::read_to_string(path).unwrap();
        let gold = text.lines().filter_map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).ok()?;
            Some(row.get("gold")?.as_str()?.to_owned())
        });
        corpus.extend(gold.step_by(10));
    }
    corpus
}

fn mutants(corpus: &[Vec<String>], seeds: Range<u64>) -> Tally {
    let catalog = guard_cases::catalogs().remove(&Dialect::Sqlite).unwrap();
    let engine = Engine::new(&schema(), &catalog);
    let mut tally = Tally::default();
    for seed in seeds {
        tally.look_at(&engine, &catalog, &mutant(corpus, &mut Rng::new(seed)));
    }
    tally
}

#[test]
fn what_the_engine_would_do_outside_the_guard_refuses() {
    let start = Instant::now();
    let setting = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (from, count) = (setting("LEO_PROPERTY_FROM", 0), setting("LEO_PROPERTY_STATEMENTS", STATEMENTS));
    let engine = Engine::new(&schema(), &guard_cases::catalogs().remove(&Dialect::Sqlite).unwrap());
    // What the engine understands stands in the corpus several times: changes of it are understood more often.
    let copies = |sql: &String| std::iter::repeat_n(tokens(sql), if engine.prepare(sql).0 { 20 } else { 1 });
    let corpus: Vec<Vec<String>> = corpus().iter().flat_map(copies).filter(|tokens| !tokens.is_empty()).collect();
    let half = from + count / 2;
    let (mut tally, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| mutants(&corpus, half..from + count));
        (mutants(&corpus, from..half), second.join().unwrap())
    });
    tally.add(second);
    let Tally { understood, outside, accepted, kinds, failures } = tally;
    println!("{count} of {} statements: {understood} understood, {outside} out of bounds, {accepted} accepted", corpus.len());
    println!("{kinds:?} in {:?}", start.elapsed());
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
    assert!(count < STATEMENTS || (outside > 6_000 && accepted > 2_000), "the statements are not near enough to anything");
}

/// Every piece of the dictionary at every place of a few plain statements.
#[test]
fn every_attack_at_every_place_of_plain_statements() {
    let catalog = guard_cases::catalogs().remove(&Dialect::Sqlite).unwrap();
    let engine = Engine::new(&schema(), &catalog);
    let mut tally = Tally::default();
    for plain in [
        "SELECT id FROM orders",
        "SELECT o.id, c.name FROM orders AS o JOIN customers c ON c.id = o.customer_id WHERE o.total > 10",
        "WITH x AS (SELECT id FROM regions) SELECT id FROM x WHERE id IN (SELECT 1) ORDER BY id LIMIT 5",
    ] {
        let tokens = tokens(plain);
        for at in 0..=tokens.len() {
            for attack in ATTACKS {
                let text = [&tokens[..at].concat(), " ", *attack, " ", &tokens[at..].concat()].concat();
                tally.look_at(&engine, &catalog, &text);
                if at < tokens.len() {
                    let text = [&tokens[..at].concat(), " ", *attack, " ", &tokens[at + 1..].concat()].concat();
                    tally.look_at(&engine, &catalog, &text);
                }
            }
        }
    }
    println!("{} out of bounds, {} accepted: {:?}", tally.outside, tally.accepted, tally.kinds);
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
    assert!(tally.outside > 500 && tally.accepted > 100);
}

/// Every word that the parser knows, before a rest that must not be lost: parsers stop or skip at some of them.
#[test]
fn no_word_hides_what_follows_it() {
    let catalog = guard_cases::catalogs().remove(&Dialect::Sqlite).unwrap();
    let engine = Engine::new(&schema(), &catalog);
    let mut tally = Tally::default();
    for word in ALL_KEYWORDS {
        for (before, behind) in [
            ("SELECT count(*)", "FROM secrets"),
            ("SELECT id FROM orders", ", secrets"),
            ("SELECT id FROM orders", "JOIN secrets USING (id)"),
            ("SELECT id FROM orders AS", "JOIN secrets USING (id)"),
            ("SELECT id FROM orders", "WHERE 1 IN secrets"),
            ("SELECT id FROM orders WHERE 1", "IN secrets"),
            ("SELECT id FROM orders", "UNION SELECT token FROM secrets"),
            ("SELECT id FROM orders LIMIT 1", "OFFSET (SELECT count(*) FROM secrets)"),
            ("SELECT", "(SELECT token FROM secrets)"),
            ("SELECT", "token FROM secrets"),
            ("WITH x AS", "(SELECT token FROM secrets) SELECT * FROM x"),
            ("WITH", "AS (SELECT token FROM secrets) SELECT 1"),
            ("SELECT id FROM orders GROUP BY id", "(SELECT token FROM secrets)"),
            ("SELECT id FROM orders ORDER BY id", ", (SELECT token FROM secrets)"),
            ("SELECT sum(id)", "(ORDER BY (SELECT token FROM secrets)) FROM orders"),
            ("", "SELECT token FROM secrets"),
            ("", "FROM secrets"),
            ("", "orders"),
            ("SELECT id FROM orders", "DELETE FROM orders"),
            ("SELECT id FROM (SELECT id FROM orders", "FROM secrets)"),
            ("SELECT CASE WHEN 1 THEN 1", "END FROM secrets"),
            ("SELECT id FROM orders", ""),
        ] {
            tally.look_at(&engine, &catalog, &format!("{before} {word} {behind}"));
            tally.look_at(&engine, &catalog, &format!("{before} {word}({behind})"));
        }
    }
    println!("{} out of bounds, {} accepted: {:?}", tally.outside, tally.accepted, tally.kinds);
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
    assert!(tally.outside > 2_000 && tally.accepted > 500);
}
