//! One truth in every dialect: semantic queries made up at random, of every form there is, give the same answer on every engine, over the
//! same rows of the sample company.
//!
//! `LEO_QUERIES=5000` asks for more than CI does.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;

use leo::builder::Source;
use leo::catalog::Catalog;
use leo::query::{Calendar, CompileOptions, Compiled, SemanticQuery, compile, inline_params};
use leo::source::files::FilesSource;
use leo::{Dialect, ErrorKind, Leo, SqlOptions};
use leo_tests::semantic::{Schema, even, forms};
use leo_tests::{company, semantic};

/// Queries in CI.
const QUERIES: u64 = 1_200;
/// How often each form occurs at least.
const EACH: usize = 20;
/// The zones that are asked from, in turn; one has no summer time, one half an hour.
const ZONES: [&str; 4] = ["Europe/Berlin", "UTC", "America/New_York", "Asia/Kolkata"];

/// An engine with the company in it, and its structure.
struct Engine {
    name: &'static str,
    leo: Leo,
    catalog: Catalog,
    /// Tables that are called otherwise in the source than here.
    renamed: Vec<(String, String)>,
}

impl Engine {
    async fn new(name: &'static str, leo: Leo) -> Self {
        let catalog = leo.catalog(None).await.unwrap().as_ref().clone();
        Self { name, leo, catalog, renamed: Vec::new() }
    }

    async fn connected(name: &'static str, url: &str) -> Self {
        let source = Source::connect_as("sample", url.parse().unwrap()).await.unwrap();
        Self::new(name, company::unlimited(source)).await
    }

    /// Knows the tables and their relationships as `other` does: files declare no keys, and their tables are called after them.
    fn knowing(mut self, other: &Catalog) -> Self {
        for own in &other.tables {
            let called = as_file(&own.name.name);
            let table = self.catalog.tables.iter_mut().find(|table| table.name.name == called).unwrap();
            table.name = own.name.clone();
            (table.primary_key, table.unique_keys) = (own.primary_key.clone(), own.unique_keys.clone());
            self.renamed.push((own.name.name.clone(), called));
        }
        let Catalog { dialect, default_schema, tables, .. } = self.catalog;
        self.catalog = Catalog::new(dialect, default_schema, tables);
        self.catalog.relationships = other.relationships.clone();
        self
    }

    fn compiled(&self, asked: &Asked) -> leo::Result<Compiled> {
        let mut compiled = asked.compiled(&self.catalog)?;
        for (name, called) in &self.renamed {
            compiled.sql = compiled.sql.replace(&format!("\"{name}\""), called);
        }
        Ok(compiled)
    }
}

/// What a table is called that is read from a file of this name.
fn as_file(name: &str) -> String {
    name.to_lowercase().replace(' ', "_")
}

async fn datafusion(folder: &Path, sqlite: &Catalog) -> Engine {
    let files = folder.join("parquet");
    std::fs::create_dir(&files).unwrap();
    leo_tests::parquet::company(&files, &rusqlite::Connection::open(folder.join("company.db")).unwrap(), sqlite);
    let source = Source::new(FilesSource::open("sample", &[files]).unwrap());
    Engine::new("datafusion", company::unlimited(source)).await.knowing(sqlite)
}

async fn postgres(script: &str) -> Option<Engine> {
    let server = leo_tests::postgres::Server::shared()?;
    server.run("postgres", "CREATE DATABASE company");
    server.run("company", &format!("BEGIN; {script} COMMIT; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; ANALYZE"));
    Some(Engine::connected("postgres", &server.url("reader", "company")).await)
}

async fn mariadb(script: &str) -> Option<Engine> {
    let server = leo_tests::mariadb::Server::shared()?;
    // Letters are compared as they are, as elsewhere; which are the same is a column's own affair.
    server.run("ALTER DATABASE shop COLLATE utf8mb4_nopad_bin").await;
    server.run(script).await;
    Some(Engine::connected("mariadb", &server.url("reader")).await)
}

/// A query of the suite: from a seed that the compiler takes.
struct Asked {
    seed: u64,
    query: SemanticQuery,
    options: CompileOptions,
}

impl Asked {
    fn compiled(&self, catalog: &Catalog) -> leo::Result<Compiled> {
        compile(&self.query, catalog, &CompileOptions { dialect: catalog.dialect, ..self.options.clone() })
    }
}

/// The queries, and how often each form is in them.
fn queries(catalog: &Catalog, count: u64) -> (Vec<Asked>, BTreeMap<&'static str, usize>) {
    let schema = Schema::of(catalog);
    let mut found: BTreeMap<&str, usize> = forms::ALL.iter().map(|form| (*form, 0)).collect();
    let mut queries = Vec::new();
    let mut refused = 0;
    for seed in 0.. {
        if queries.len() as u64 == count {
            break;
        }
        let zone = ZONES[(seed % ZONES.len() as u64) as usize];
        let options = CompileOptions {
            dialect: Dialect::Sqlite,
            now: leo::sample::AS_OF.at(12, 0, 0, 0).in_tz(zone).unwrap(),
            calendar: Calendar { fiscal_year_start: if seed % 3 == 0 { 4 } else { 10 } },
        };
        let asked = Asked { seed, query: semantic::query(&schema, seed), options };
        match asked.compiled(catalog) {
            Ok(_) => {
                forms::forms(&asked.query).into_iter().for_each(|form| *found.entry(form).or_default() += 1);
                queries.push(asked);
            }
            Err(error) => {
                refused += 1;
                if std::env::var_os("LEO_REFUSED").is_some() {
                    println!("refused {seed}: {error}");
                }
            }
        }
    }
    println!("{count} queries, {refused} more refused by the compiler");
    assert!(refused < count, "more queries are refused than made");
    (queries, found)
}

async fn run(engine: &Engine, asked: &Asked) -> Result<Vec<Vec<even::Cell>>, String> {
    let catalog = &engine.catalog;
    let compiled = engine.compiled(asked).map_err(|error| format!("not compiled: {error}"))?;
    let options = SqlOptions {
        params: compiled.params.clone(),
        timeout: Some(Duration::from_secs(30)),
        max_rows: Some(100_000),
        ..SqlOptions::default()
    };
    let shown = || inline_params(catalog.dialect, &compiled.sql, &compiled.params).unwrap();
    let answer = engine.leo.sql_with(&compiled.sql, &options).await.and_then(leo::Answer::raise_for_status);
    let answer = answer.map_err(|error| format!("{:?} {error} {:?}\n{}", error.kind(), error.findings(), shown()))?;
    let table = answer.table.ok_or_else(|| "no table".to_owned())?;
    Ok(even::rows(&table))
}

/// Whether the rows come in one order only: a limit orders rows that are otherwise alike as well.
fn is_ordered(query: &SemanticQuery) -> bool {
    !query.order.is_empty() && query.limit.is_some() && query.set.is_none()
}

/// The column that decides which rows are kept, where only some are.
fn ranked_by(query: &SemanticQuery) -> Option<usize> {
    let by = match &query.top_per {
        Some(top) => &top.by.by,
        None => &query.order.first().filter(|_| query.limit.is_some())?.by,
    };
    query.output_names().iter().position(|name| name == by)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_gives_the_same_answer_on_every_engine() {
    let (folder, sqlite) = company::odd().await;
    let script = async |dialect| company::odd_script(&folder, &sqlite, dialect).await;
    let count = std::env::var("LEO_QUERIES").ok().and_then(|count| count.parse().ok()).unwrap_or(QUERIES);
    let catalog = sqlite.catalog(None).await.unwrap();
    let (queries, found) = queries(&catalog, count);
    let rare: Vec<_> = found.iter().filter(|(_, count)| **count < EACH).collect();
    assert!(rare.is_empty(), "hardly in the suite: {rare:?}");

    // Every other engine; one that is not installed here says so.
    let others = [postgres(&script(Dialect::Postgres).await).await, mariadb(&script(Dialect::Mysql).await).await];
    let others: Vec<Engine> = others.into_iter().flatten().collect();
    let files = datafusion(folder.path(), &catalog).await;
    let sqlite = Engine::new("sqlite", sqlite).await;
    let engines: Arc<Vec<Engine>> = Arc::new([sqlite, files].into_iter().chain(others).collect());
    let names: Vec<&str> = engines.iter().map(|engine| engine.name).collect();
    let tasks = queries.into_iter().map(|asked| {
        let engines = Arc::clone(&engines);
        async move { tokio::spawn(async move { compared(&engines, &asked).await }).await.unwrap() }
    });
    let (mut asked, mut with_rows, mut beyond, mut different) = (0, 0, 0, Vec::new());
    let mut results = futures::stream::iter(tasks).buffer_unordered(3);
    while let Some(one) = results.next().await {
        asked += 1;
        with_rows += usize::from(one.rows > 0);
        beyond += one.beyond;
        different.extend(one.different);
    }
    println!(
        "{asked} queries of {} forms on {names:?}, {with_rows} with rows, {beyond} beyond an engine, {} different",
        found.len(),
        different.len()
    );
    assert!(beyond * 200 <= asked, "too many are beyond an engine");
    assert!(with_rows * 2 > asked, "most queries find nothing");
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}

/// What came of one query.
#[derive(Default)]
struct Compared {
    /// Rows on the first engine.
    rows: usize,
    /// Engines that cannot do it.
    beyond: usize,
    /// How the others differ.
    different: Vec<String>,
}

async fn compared(engines: &[Engine], one: &Asked) -> Compared {
    let Some((first, others)) = engines.split_first() else { return Compared::default() };
    let wanted = run(first, one).await;
    let (mut beyond, mut different) = (0, Vec::new());
    for engine in others {
        // What an engine cannot do is said before it is asked.
        if let Err(error) = engine.compiled(one)
            && error.kind() == ErrorKind::Unsupported
        {
            beyond += 1;
            continue;
        }
        let found = run(engine, one).await;
        let why = match (&wanted, &found) {
            (Ok(wanted), Ok(found)) if is_ordered(&one.query) => even::difference(wanted, found),
            (Ok(wanted), Ok(found)) => even::difference(&even::sorted(wanted.clone()), &even::sorted(found.clone())),
            (Err(why), _) | (_, Err(why)) => Some(why.clone()),
        };
        let tied = match (ranked_by(&one.query), &wanted, &found) {
            (Some(column), Ok(wanted), Ok(found)) => even::same_ranks(wanted, found, column),
            _ => false,
        };
        if let Some(why) = why.filter(|_| !tied) {
            let mut texts = Vec::new();
            for engine in [first, engine] {
                let dialect = engine.catalog.dialect;
                texts.push(engine.compiled(one).map(|it| inline_params(dialect, &it.sql, &it.params).unwrap()));
            }
            let query = serde_json::to_string(&one.query).unwrap();
            different.push(format!("seed {} on {}: {why}\n{texts:#?}\n{query}\n", one.seed, engine.name));
        }
    }
    Compared { rows: wanted.map_or(0, |rows| rows.len()), beyond, different }
}
