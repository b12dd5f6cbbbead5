//! Inferred relationships against declared ones: hides the foreign keys of every database at hand and counts how many come back.
//!
//! An inferred relationship is right when it is a declared key that holds in the rows. Declared keys that are violated, or whose
//! child is empty, count neither way. Everything else counts as wrong, also what is true but was never declared, which is why
//! wrong ones are told apart: on a column that has a declared key to another table, or on one that has none; and of both, those
//! that a reference statement of a public suite joins by, so that a person found them true. `-- --nocapture` prints the figures,
//! `LEO_RELATIONSHIPS=wrong` each wrong and missed one.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use leo::adapter::AuditSink;
use leo::audit::MemorySink;
use leo::catalog::{Catalog, Relationship, RelationshipOrigin, TableName};
use leo::gate::{BatchStream, Cleared, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded};
use leo::source::sqlite::{InvalidUtf8, SqliteOptions, SqliteSource};
use leo::sync::{SyncOptions, sync};
use leo::{Context, Result};
use sha2::Digest;
use sqlparser::ast::{BinaryOperator, Expr, TableFactor, Visit, Visitor};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

/// A source whose foreign keys are not told.
#[derive(Debug)]
struct Hidden(SqliteSource);

#[async_trait]
impl Connector for Hidden {
    fn info(&self) -> &ConnectorInfo {
        self.0.info()
    }

    async fn introspect(&self, ctx: &Context, options: IntrospectOptions) -> Result<Catalog> {
        let mut catalog = self.0.introspect(ctx, options).await?;
        catalog.tables.iter_mut().for_each(|table| table.foreign_keys.clear());
        Ok(Catalog::new(catalog.dialect, catalog.default_schema, catalog.tables))
    }

    async fn estimate(&self, ctx: &Context, sql: &Recorded) -> Result<Option<Estimate>> {
        self.0.estimate(ctx, sql).await
    }

    async fn query(&self, ctx: &Context, sql: &Cleared, options: QueryOptions) -> Result<BatchStream> {
        self.0.query(ctx, sql, options).await
    }

    async fn close(&self) -> Result<()> {
        self.0.close().await
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    right: usize,
    /// On a column with a declared key to another table.
    wrong_parent: usize,
    /// On a column with no declared key.
    undeclared: usize,
    /// Of both kinds of wrong: a reference statement joins by it.
    joined: usize,
    missed: usize,
    uncounted: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong_parent += other.wrong_parent;
        self.undeclared += other.undeclared;
        self.joined += other.joined;
        self.missed += other.missed;
        self.uncounted += other.uncounted;
    }

    fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong_parent + self.undeclared).max(1) as f64
    }

    /// With what reference statements join by counted as right.
    fn precision_with_joined(&self) -> f64 {
        (self.right + self.joined) as f64 / (self.right + self.wrong_parent + self.undeclared).max(1) as f64
    }

    fn precision_where_declared(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong_parent).max(1) as f64
    }

    fn recall(&self) -> f64 {
        self.right as f64 / (self.right + self.missed).max(1) as f64
    }
}

fn suites() -> PathBuf {
    std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
        .join("nl2sql")
}

fn databases() -> Option<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(suites().join("databases"))
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "sqlite"))
        .collect();
    found.sort();
    (!found.is_empty()).then_some(found)
}

/// `table.column` in lower case.
type Column = (String, String);

/// Columns that the reference statements of the public suites set equal, by database.
fn joins() -> HashMap<String, HashSet<(Column, Column)>> {
    let mut found: HashMap<String, HashSet<(Column, Column)>> = HashMap::new();
    for file in ["spider_train.jsonl", "spider_dev.jsonl"] {
        for line in std::fs::read_to_string(suites().join(file)).unwrap_or_default().lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let (Some(db), Some(sql)) = (row["db"].as_str(), row["gold"].as_str()) else { continue };
            if let Ok(statements) = Parser::parse_sql(&SQLiteDialect {}, sql) {
                let mut seen = Equalities::default();
                let _ = statements.visit(&mut seen);
                found.entry(db.to_owned()).or_default().extend(seen.pairs());
            }
        }
    }
    found
}

/// Relations by the names they go by, and pairs of columns that are set equal.
#[derive(Default)]
struct Equalities {
    tables: HashMap<String, BTreeSet<String>>,
    equal: Vec<(Column, Column)>,
}

impl Equalities {
    /// Both ways round. A name that stands for two tables in one statement is passed over.
    fn pairs(&self) -> impl Iterator<Item = (Column, Column)> {
        let table = |(name, column): &Column| match self.tables.get(name)?.iter().collect::<Vec<_>>()[..] {
            [only] => Some((only.clone(), column.clone())),
            _ => None,
        };
        let known = self.equal.iter().filter_map(move |(left, right)| Some((table(left)?, table(right)?)));
        known.flat_map(|(left, right)| [(left.clone(), right.clone()), (right, left)])
    }
}

impl Visitor for Equalities {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, alias, .. } = factor
            && let Some(table) = name.0.last().and_then(|part| part.as_ident())
        {
            let table = table.value.to_lowercase();
            let called = alias.as_ref().map_or_else(|| table.clone(), |alias| alias.name.value.to_lowercase());
            self.tables.entry(called).or_default().insert(table);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        let column = |side: &Expr| match side {
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, column] => Some((table.value.to_lowercase(), column.value.to_lowercase())),
                _ => None,
            },
            _ => None,
        };
        if let Expr::BinaryOp { left, op: BinaryOperator::Eq, right } = expr
            && let (Some(left), Some(right)) = (column(left), column(right))
        {
            self.equal.push((left, right));
        }
        ControlFlow::Continue(())
    }
}

fn is_joined(relationship: &Relationship, joins: Option<&HashSet<(Column, Column)>>) -> bool {
    let column = |table: &TableName, column: &String| (table.name.to_lowercase(), column.to_lowercase());
    relationship.child_columns.iter().zip(&relationship.parent_columns).all(|(child, parent)| {
        let pair = (column(&relationship.child, child), column(&relationship.parent, parent));
        joins.is_some_and(|joins| joins.contains(&pair))
    })
}

/// Ids of the declared keys that hold in the rows and of those that do not count.
fn declared(path: &Path, catalog: &Catalog) -> (BTreeSet<String>, BTreeSet<String>) {
    let connection = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let (mut holds, mut others) = (BTreeSet::new(), BTreeSet::new());
    for relationship in &catalog.relationships {
        let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let filled: Vec<String> =
            relationship.child_columns.iter().map(|column| format!("c.{} IS NOT NULL", quote(column))).collect();
        let equal: Vec<String> = relationship
            .child_columns
            .iter()
            .zip(&relationship.parent_columns)
            .map(|(child, parent)| format!("p.{} = c.{}", quote(parent), quote(child)))
            .collect();
        let (child, parent) = (quote(&relationship.child.name), quote(&relationship.parent.name));
        let count = |sql: String| connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap();
        let rows = count(format!("SELECT count(*) FROM {child} AS c WHERE {}", filled.join(" AND ")));
        let orphans = count(format!(
            "SELECT count(*) FROM {child} AS c WHERE {} AND NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {})",
            filled.join(" AND "),
            equal.join(" AND ")
        ));
        if rows > 0 && orphans == 0 { &mut holds } else { &mut others }.insert(relationship.id());
    }
    (holds, others)
}

async fn measure(path: &Path, joins: &HashMap<String, HashSet<(Column, Column)>>, verbose: bool) -> Count {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let options = SqliteOptions { invalid_utf8: InvalidUtf8::Replace, ..SqliteOptions::default() };
    let source = SqliteSource::open_options(&name, path, options).unwrap();
    let ctx = Context::new("tests", "tests").unwrap();
    let whole = source.introspect(&ctx, IntrospectOptions::default()).await.unwrap();
    let (holds, others) = declared(path, &whole);
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let problem = |step: leo::sync::SyncProgress<'_>| {
        if let Some(problem) = step.problem {
            println!("{name}: {}: {problem}", step.table.unwrap());
        }
    };
    let catalog = sync(&ctx, &Hidden(source), &audit, &SyncOptions::default(), &problem).await.unwrap();
    let mut count = Count::default();
    let mut found = BTreeSet::new();
    for relationship in catalog.relationships.iter().filter(|known| known.origin == RelationshipOrigin::Inferred) {
        let id = relationship.id();
        let has_declared = whole.relationships.iter().any(|known| {
            known.child == relationship.child
                && relationship.child_columns.iter().all(|column| known.child_columns.contains(column))
        });
        if holds.contains(&id) {
            count.right += 1;
        } else if others.contains(&id) {
            count.uncounted += 1;
        } else {
            let joined = is_joined(relationship, joins.get(&name));
            count.joined += usize::from(joined);
            if has_declared {
                count.wrong_parent += 1
            } else {
                count.undeclared += 1
            }
            if verbose {
                let what = if has_declared { "wrong parent" } else { "undeclared" };
                println!("{name}: {what}{} {id} {}", if joined { ", joined" } else { "" }, relationship.confidence);
            }
        }
        found.insert(id);
    }
    for missed in holds.difference(&found) {
        count.missed += 1;
        if verbose {
            println!("{name}: missed {missed}");
        }
    }
    count
}

/// The half of a database by its name: weights were fitted to one and measured on the other.
fn is_held_out(path: &Path) -> bool {
    let name = path.file_stem().unwrap().to_string_lossy();
    sha2::Sha256::digest(name.as_bytes()).first().is_some_and(|byte| byte % 2 == 1)
}

#[tokio::test]
async fn declared_keys_are_found_again() {
    let Some(paths) = databases() else {
        println!("skipped: no databases at hand");
        return;
    };
    let verbose = std::env::var("LEO_RELATIONSHIPS").is_ok_and(|value| value == "wrong");
    let joins = joins();
    let mut counts = [Count::default(); 3];
    for path in &paths {
        let count = measure(path, &joins, verbose).await;
        counts[0].add(count);
        counts[1 + usize::from(is_held_out(path))].add(count);
    }
    println!("{} databases", paths.len());
    for (name, count) in ["all", "fitted half", "held-out half"].iter().zip(&counts) {
        println!(
            "{name}: recall {:.3}, precision {:.3}; {:.3} with what references join by, {:.3} on columns with a declared key ({count:?})",
            count.recall(),
            count.precision(),
            count.precision_with_joined(),
            count.precision_where_declared()
        );
    }
    let all = counts[0];
    assert!(all.right > 500, "only {} of the keys were seen", all.right);
    assert!(all.recall() >= 0.95 && all.precision() >= 0.93, "{all:?}");
    assert!(all.precision_with_joined() >= 0.95 && all.precision_where_declared() >= 0.985, "{all:?}");
}
