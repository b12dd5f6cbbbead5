//! The databases of the shared data as one catalogue, and what the reference statements read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::adapter::{Access, AuditSink};
use crate::audit::MemorySink;
use crate::catalog::{Catalog, TableName};
use crate::context::Context;
use crate::finding::Verdict;
use crate::guard::{Purpose, Request, vet};
use crate::settings::GuardLimits;
use crate::source::sqlite::{InvalidUtf8, SqliteOptions, SqliteSource};
use crate::sync::{SyncOptions, sync};

/// A question, and the tables and columns that its reference statement reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) question: String,
    pub(super) database: String,
    /// Schema is the database.
    pub(super) tables: BTreeSet<TableName>,
    pub(super) columns: BTreeSet<(TableName, String)>,
}

/// Questions of one file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Set {
    pub(super) items: Vec<Item>,
    /// Statements that the guard could not read, or whose database is missing.
    pub(super) unread: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Corpus {
    /// Each database alone, its name the schema of its tables.
    pub(super) databases: BTreeMap<String, Catalog>,
    pub(super) train: Set,
    pub(super) dev: Set,
    pub(super) synonyms: Set,
}

impl Corpus {
    /// Reads the shared data; `None` where there is none. With `LEO_CORPUS` what was read is kept in that file.
    pub(super) fn load() -> Option<Self> {
        let kept = std::env::var_os("LEO_CORPUS").map(PathBuf::from);
        if let Some(text) = kept.as_ref().and_then(|path| std::fs::read(path).ok()) {
            let mut corpus: Self = serde_json::from_slice(&text).unwrap();
            corpus.databases.values_mut().for_each(Catalog::reindex);
            return Some(corpus);
        }
        let folder = std::env::var_os("LEO_SHARED_DATA")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
            .join("nl2sql");
        if !folder.is_dir() {
            println!("skipped: no data in {}", folder.display());
            return None;
        }
        let plain = databases(&folder.join("databases"));
        let read = |name: &str| questions(&folder.join(name), &plain);
        let (train, dev, synonyms) = (read("spider_train.jsonl"), read("spider_dev.jsonl"), read("spider_dev_synonyms.jsonl"));
        let databases = plain.into_iter().map(|(name, catalog)| (name.clone(), moved(&name, catalog))).collect();
        let corpus = Self { databases, train, dev, synonyms };
        if let Some(path) = kept {
            std::fs::write(path, serde_json::to_vec(&corpus).unwrap()).unwrap();
        }
        Some(corpus)
    }

    /// All databases as one catalogue.
    pub(super) fn joined(&self) -> Catalog {
        let tables = self.databases.values().flat_map(|catalog| catalog.tables.clone()).collect();
        let dialect = self.databases.values().next().unwrap().dialect;
        let mut joined = Catalog::new(dialect, None, tables);
        joined.relationships = self.databases.values().flat_map(|catalog| catalog.relationships.clone()).collect();
        joined
    }
}

fn databases(folder: &Path) -> BTreeMap<String, Catalog> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let audit: Arc<dyn AuditSink> = Arc::new(MemorySink::default());
    let ctx = Context::new("eval", "eval").unwrap();
    let mut databases = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let options = SqliteOptions { invalid_utf8: InvalidUtf8::Replace, ..SqliteOptions::default() };
        let source = SqliteSource::open_options(name.clone(), &path, options).unwrap();
        let catalog = runtime.block_on(sync(&ctx, &source, &audit, &SyncOptions::default(), &|_| {})).unwrap();
        databases.insert(name, catalog);
    }
    databases
}

/// The catalogue with its tables in the schema `name`.
fn moved(name: &str, mut catalog: Catalog) -> Catalog {
    let rename = |table: &mut TableName| table.schema = Some(name.to_owned());
    catalog.default_schema = Some(name.to_owned());
    for table in &mut catalog.tables {
        rename(&mut table.name);
        table.foreign_keys.iter_mut().for_each(|key| rename(&mut key.references));
    }
    for relationship in &mut catalog.relationships {
        rename(&mut relationship.child);
        rename(&mut relationship.parent);
    }
    catalog.reindex();
    catalog
}

#[derive(Deserialize)]
struct Line {
    db: String,
    question: String,
    gold: String,
}

fn questions(path: &Path, databases: &BTreeMap<String, Catalog>) -> Set {
    let ctx = Context::new("eval", "eval").unwrap();
    let mut set = Set::default();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let line: Line = serde_json::from_str(line).unwrap();
        let Some(catalog) = databases.get(&line.db) else {
            set.unread += 1;
            continue;
        };
        let vetting = vet(&Request {
            ctx: &ctx,
            source: &line.db,
            catalog,
            access: &Access::full(),
            settings: &GuardLimits::default(),
            sql: &line.gold,
            params: &[],
            purpose: Purpose::Eval,
        });
        // What the guard blocks may have been read in part.
        if vetting.verdict == Verdict::Block || vetting.tables.is_empty() {
            set.unread += 1;
            continue;
        }
        let moved = |table: &TableName| TableName::qualified(&line.db, &table.name);
        let columns = vetting.columns.iter().filter(|column| column.column != "rowid");
        set.items.push(Item {
            tables: vetting.tables.iter().map(moved).collect(),
            columns: columns.map(|column| (moved(&column.table), column.column.clone())).collect(),
            question: line.question,
            database: line.db,
        });
    }
    set
}

/// Places of names in a catalogue.
pub(super) fn places(catalog: &Catalog) -> HashMap<TableName, usize> {
    catalog.tables.iter().enumerate().map(|(at, table)| (table.name.clone(), at)).collect()
}
