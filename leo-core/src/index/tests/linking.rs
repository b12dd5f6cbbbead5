//! Schema linking: are the tables and columns that a question needs among the first that are found?

use std::collections::BTreeSet;

use super::super::{Field, Index, Visible, documents};
use super::baseline::Bm25;
use super::corpus::{Corpus, Item, places};
use crate::catalog::{Catalog, Table, TableName};

/// Finds tables and columns of one catalogue.
pub(super) trait Ranker {
    /// Places of tables, best first.
    fn tables(&self, question: &str, limit: usize) -> Vec<usize>;
    /// Tables and columns by name, best first.
    fn columns(&self, question: &str, limit: usize) -> Vec<(TableName, String)>;
}

struct Baseline<'c> {
    catalog: &'c Catalog,
    tables: Bm25,
    columns: Bm25,
}

impl<'c> Baseline<'c> {
    fn new(catalog: &'c Catalog) -> Self {
        Self { catalog, tables: Bm25::of_tables(catalog), columns: Bm25::of_columns(catalog) }
    }
}

impl Ranker for Baseline<'_> {
    fn tables(&self, question: &str, limit: usize) -> Vec<usize> {
        self.tables.search(question, limit)
    }

    fn columns(&self, question: &str, limit: usize) -> Vec<(TableName, String)> {
        let all: Vec<(&TableName, &str)> = self
            .catalog
            .tables
            .iter()
            .flat_map(|table| table.columns.iter().map(|column| (&table.name, column.name.as_str())))
            .collect();
        self.columns.search(question, limit).into_iter().map(|at| (all[at].0.clone(), all[at].1.to_owned())).collect()
    }
}

struct Ours<'c> {
    catalog: &'c Catalog,
    index: Index,
}

impl<'c> Ours<'c> {
    fn new(catalog: &'c Catalog) -> Self {
        Self { catalog, index: Index::build(catalog, &documents(catalog, &[], &[])) }
    }
}

impl<'c> Ours<'c> {
    /// As if all tables were in one schema.
    fn without_schemas(catalog: &'c Catalog) -> Self {
        let mut documents = documents(catalog, &[], &[]);
        documents.iter_mut().for_each(|document| document.fields.retain(|(field, _)| *field != Field::Schema));
        let mut index = Index::build(catalog, &documents);
        index.schemas.fill(0);
        Self { catalog, index }
    }
}

impl Ranker for Ours<'_> {
    fn tables(&self, question: &str, limit: usize) -> Vec<usize> {
        self.index.tables(question, &Visible::all(), limit).iter().map(|linked| linked.table as usize).collect()
    }

    fn columns(&self, question: &str, limit: usize) -> Vec<(TableName, String)> {
        let found = self.index.columns(question, &Visible::all(), limit);
        found
            .iter()
            .map(|own| {
                let table = &self.catalog.tables[own.table as usize];
                (table.name.clone(), table.columns[usize::from(own.column)].name.clone())
            })
            .collect()
    }
}

/// Shares of questions, or of what they need.
#[derive(Debug, Default, Clone)]
pub(super) struct Score {
    questions: usize,
    /// All tables among the first 1, 3, 5, 10.
    tables: [usize; 4],
    /// Misses at 10 where a table of the same name stands in another database.
    namesakes: usize,
    needed: usize,
    /// Columns among the first 50.
    columns: usize,
    /// Tables, of all that are needed, among the first 10.
    single: usize,
    needed_tables: usize,
    /// Characters of the first ten tables, each with its columns.
    characters: usize,
}

/// Characters of a table as a prompt would have it: `name(column type, …)`. Four are about a token.
fn written(table: &Table) -> usize {
    let columns = table.columns.iter().map(|column| column.name.len() + column.declared_type.len() + 3);
    table.name.to_string().len() + 3 + columns.sum::<usize>()
}

const DEPTHS: [usize; 4] = [1, 3, 5, 10];

impl Score {
    pub(super) fn add(&mut self, item: &Item, catalog: &Catalog, found: &[usize], columns: &[(TableName, String)]) {
        self.questions += 1;
        let names: Vec<&TableName> = found.iter().map(|at| &catalog.tables[*at].name).collect();
        for (count, depth) in self.tables.iter_mut().zip(DEPTHS) {
            let first: BTreeSet<&TableName> = names.iter().take(depth).copied().collect();
            *count += usize::from(item.tables.iter().all(|table| first.contains(table)));
        }
        self.characters += found.iter().take(10).map(|at| written(&catalog.tables[*at])).sum::<usize>();
        let missing = |table: &&TableName| !names.iter().take(10).any(|name| name == table);
        self.needed_tables += item.tables.len();
        self.single += item.tables.iter().filter(|table| !missing(table)).count();
        let namesake = |table: &TableName| names.iter().take(10).any(|name| name.name.eq_ignore_ascii_case(&table.name));
        let missed: Vec<&TableName> = item.tables.iter().filter(missing).collect();
        self.namesakes += usize::from(!missed.is_empty() && missed.iter().all(|table| namesake(table)));
        let first: BTreeSet<&(TableName, String)> = columns.iter().take(50).collect();
        self.needed += item.columns.len();
        self.columns += item.columns.iter().filter(|column| first.contains(column)).count();
    }

    pub(super) fn line(&self, name: &str) -> String {
        let share = |count: usize, of: usize| format!("{:.3}", count as f64 / of.max(1) as f64);
        let tables = self.tables.map(|count| share(count, self.questions)).join(" | ");
        format!(
            "| {name} | {tables} | {} | {} | {} | {} |",
            share(self.single, self.needed_tables),
            share(self.columns, self.needed),
            self.namesakes,
            self.characters / self.questions.max(1) / 4,
        )
    }
}

pub(super) const HEAD: &str = "| search | all tables @1 | @3 | @5 | @10 | tables @10 | columns @50 | namesakes | tokens |\n|---|---|---|---|---|---|---|---|---|";

/// All databases as one catalogue.
pub(super) fn joined<'c>(catalog: &'c Catalog, items: &[Item], ranker: &(impl Ranker + ?Sized + 'c)) -> Score {
    let mut score = Score::default();
    for item in items {
        score.add(item, catalog, &ranker.tables(&item.question, 10), &ranker.columns(&item.question, 50));
    }
    score
}

/// Each database alone.
pub(super) fn alone(corpus: &Corpus, items: &[Item], ranker: &dyn for<'c> Fn(&'c Catalog) -> Box<dyn Ranker + 'c>) -> Score {
    let mut score = Score::default();
    for (name, catalog) in &corpus.databases {
        let own: Vec<&Item> = items.iter().filter(|item| item.database == *name).collect();
        if own.is_empty() {
            continue;
        }
        let ranker = ranker(catalog);
        for item in own {
            score.add(item, catalog, &ranker.tables(&item.question, 10), &ranker.columns(&item.question, 50));
        }
    }
    score
}

type Make = dyn for<'c> Fn(&'c Catalog) -> Box<dyn Ranker + 'c>;

/// `cargo test … -- index::tests::linking --ignored --nocapture`
#[test]
#[ignore = "measures, minutes"]
fn schema_linking() {
    let Some(corpus) = Corpus::load() else { return };
    let catalog = corpus.joined();
    let columns: usize = catalog.tables.iter().map(|table| table.columns.len()).sum();
    let tokens = catalog.tables.iter().map(written).sum::<usize>() / 4;
    println!("{} databases, {} tables, {columns} columns, {tokens} tokens", corpus.databases.len(), catalog.tables.len());
    let rankers: [(&str, &Make); 3] = [
        ("BM25", &|catalog| Box::new(Baseline::new(catalog))),
        ("index", &|catalog| Box::new(Ours::new(catalog))),
        ("index, schemas unknown", &|catalog| Box::new(Ours::without_schemas(catalog))),
    ];
    for (name, set) in [("dev", &corpus.dev), ("synonyms", &corpus.synonyms), ("train", &corpus.train)] {
        println!("\n{name}: {} questions, {} not read\n{HEAD}", set.items.len(), set.unread);
        for (ranker, make) in &rankers {
            println!("{}", joined(&catalog, &set.items, &*make(&catalog)).line(&format!("{ranker}, joined")));
            println!("{}", alone(&corpus, &set.items, make).line(&format!("{ranker}, each alone")));
        }
    }
    assert_eq!(places(&catalog).len(), catalog.tables.len());
}
