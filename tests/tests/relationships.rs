//! Inferred relationships against declared ones: hides the foreign keys of every database at hand and counts how many come back.
//!
//! An inferred relationship is right when it is a declared key that holds in the rows. Declared keys that are violated, or whose
//! child is empty, count neither way. Everything else is wrong, also what is true but was never declared, which is why wrong ones
//! are told apart: on a column that has a declared key to another table, or on one that has none; and those that follow from
//! declared keys taken together (a grandparent's key, two children of one parent) are counted once more as transitive. `-- --nocapture` prints the
//! figures, `LEO_RELATIONSHIPS=wrong` each wrong and missed one.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use leo::adapter::AuditSink;
use leo::audit::MemorySink;
use leo::catalog::{Catalog, RelationshipOrigin};
use leo::gate::{BatchStream, Cleared, Connector, ConnectorInfo, Estimate, IntrospectOptions, QueryOptions, Recorded};
use leo::source::sqlite::{InvalidUtf8, SqliteOptions, SqliteSource};
use leo::sync::{SyncOptions, sync};
use leo::{Context, Result};
use sha2::Digest;

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
    /// Of both kinds of wrong: follows from declared keys taken together.
    transitive: usize,
    missed: usize,
    uncounted: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong_parent += other.wrong_parent;
        self.undeclared += other.undeclared;
        self.transitive += other.transitive;
        self.missed += other.missed;
        self.uncounted += other.uncounted;
    }

    fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong_parent + self.undeclared).max(1) as f64
    }

    fn precision_where_declared(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong_parent).max(1) as f64
    }

    fn recall(&self) -> f64 {
        self.right as f64 / (self.right + self.missed).max(1) as f64
    }
}

fn databases() -> Option<Vec<PathBuf>> {
    let shared = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let mut found: Vec<PathBuf> = std::fs::read_dir(shared.join("nl2sql/databases"))
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "sqlite"))
        .collect();
    found.sort();
    (!found.is_empty()).then_some(found)
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

async fn measure(path: &Path, verbose: bool) -> Count {
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
            if has_declared {
                count.wrong_parent += 1
            } else {
                count.undeclared += 1
            }
            if verbose {
                println!("{name}: {} {id} {}", if has_declared { "wrong parent" } else { "undeclared" }, relationship.confidence);
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
    let mut counts = [Count::default(); 3];
    for path in &paths {
        let count = measure(path, verbose && !is_held_out(path)).await;
        counts[0].add(count);
        counts[1 + usize::from(is_held_out(path))].add(count);
    }
    println!("{} databases", paths.len());
    for (name, count) in ["all", "fitted half", "held-out half"].iter().zip(&counts) {
        println!(
            "{name}: precision {:.3}, recall {:.3}; precision on columns with a declared key {:.3} ({count:?})",
            count.precision(),
            count.recall(),
            count.precision_where_declared()
        );
    }
    let all = counts[0];
    assert!(all.right > 500, "only {} of the keys were seen", all.right);
    assert!(all.precision() >= 0.92 && all.recall() >= 0.93 && all.precision_where_declared() >= 0.985, "{all:?}");
}
