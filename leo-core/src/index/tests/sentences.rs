//! The same measure with a sentence model: alone, and joined with the index as a search with an embedder joins them.
//!
//! `LEO_MINILM=… cargo test … --features sqlite,minilm -- index::tests::sentences --ignored --nocapture`

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use super::super::{Index, Quantised, TextVectors, Visible, documents, fused};
use super::corpus::{Corpus, Item};
use super::linking::{HEAD, Ranker, Score};
use crate::adapter::Embedder;
use crate::ask::meaning;
use crate::catalog::{Catalog, Hit, Place, TableName};
use crate::context::{Context, HostContext};
use crate::minilm::MiniLm;

/// Hits of each ranking that are joined, as in a search.
const DEPTH: usize = 50;

/// A model and what it made so far.
struct Made {
    model: MiniLm,
    runtime: tokio::runtime::Runtime,
    ctx: HostContext,
    texts: TextVectors,
    questions: HashMap<String, Quantised>,
}

impl Made {
    fn vectors(&self, texts: &[String]) -> Vec<Quantised> {
        let made = self.runtime.block_on(self.model.embed(self.ctx.clone(), texts.to_vec())).unwrap();
        made.iter().map(|vector| Quantised::of(vector).unwrap()).collect()
    }

    fn learn(&mut self, texts: &[String]) {
        for texts in texts.chunks(256) {
            for (text, vector) in texts.iter().zip(self.vectors(texts)) {
                self.texts.push(text, &vector).unwrap();
            }
        }
    }
}

/// What a catalogue is searched by.
struct Sentences<'c> {
    made: &'c Made,
    catalog: &'c Catalog,
    /// Joined with it, where there is one.
    index: Option<Index>,
    /// The vector of each table and column, with the table's place and the column's name.
    documents: Vec<(u32, usize, Option<&'c str>)>,
}

impl<'c> Sentences<'c> {
    fn new(made: &'c Made, catalog: &'c Catalog, with_index: bool) -> Self {
        let index = with_index.then(|| Index::build(catalog, &documents(catalog, &[], &[])));
        let mut own = Vec::new();
        let mut table = 0;
        for (at, (column, text)) in meaning::texts(catalog).into_iter().enumerate() {
            table += usize::from(column.is_none() && at > 0);
            own.push((made.texts.number(&text).unwrap(), table, column));
        }
        Self { made, catalog, index, documents: own }
    }

    /// Every document, nearest first.
    fn near(&self, question: &str) -> Vec<(usize, Option<&'c str>)> {
        let wanted = &self.made.questions[question];
        let mut near: Vec<(f32, usize, Option<&str>)> = self
            .documents
            .iter()
            .map(|(number, table, column)| (self.made.texts.vectors().similarity(*number, wanted), *table, *column))
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        near.into_iter().map(|(_, table, column)| (table, column)).collect()
    }

    fn hit(&self, table: usize, column: Option<&str>) -> Hit {
        Hit::of(self.catalog.tables[table].name.clone(), column.map(str::to_owned), 0.0, Place::Meaning)
    }
}

impl Ranker for Sentences<'_> {
    fn tables(&self, question: &str, limit: usize) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        let near: Vec<usize> =
            self.near(question).into_iter().map(|(table, _)| table).filter(|table| seen.insert(*table)).take(DEPTH).collect();
        let Some(index) = &self.index else { return near.into_iter().take(limit).collect() };
        let first = index.tables(question, &Visible::all(), DEPTH);
        let first = first.iter().map(|linked| self.hit(linked.table as usize, None)).collect();
        let places = super::corpus::places(self.catalog);
        let both = fused(first, near.into_iter().map(|table| self.hit(table, None)).collect(), limit);
        both.iter().map(|hit| places[hit.table.as_ref().unwrap()]).collect()
    }

    fn columns(&self, question: &str, limit: usize) -> Vec<(TableName, String)> {
        let near = self.near(question).into_iter().filter_map(|(table, column)| Some((table, column?))).take(DEPTH);
        let near: Vec<Hit> = near.map(|(table, column)| self.hit(table, Some(column))).collect();
        let first = self.index.as_ref().map(|index| index.columns(question, &Visible::all(), DEPTH)).unwrap_or_default();
        let name = |table: u32, column: u16| self.catalog.tables[table as usize].columns[usize::from(column)].name.as_str();
        let first = first.iter().map(|own| self.hit(own.table as usize, Some(name(own.table, own.column)))).collect();
        fused(first, near, limit).into_iter().map(|hit| (hit.table.unwrap(), hit.column.unwrap())).collect()
    }
}

fn milliseconds(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    format!("{:.1} / {:.1}", times[times.len() / 2], times[times.len() * 95 / 100])
}

#[test]
#[ignore = "measures, minutes"]
fn schema_linking_by_sentences() {
    let (Some(corpus), Some(folder)) = (Corpus::load(), std::env::var_os("LEO_MINILM")) else {
        println!("skipped: no shared data, or no folder in LEO_MINILM");
        return;
    };
    let begin = Instant::now();
    let model = MiniLm::from_folder(folder).unwrap();
    println!("the model was read in {:.0} ms", begin.elapsed().as_secs_f64() * 1_000.0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ctx = Context::new("eval", "eval").unwrap().to_host();
    let mut made = Made { model, runtime, ctx, texts: TextVectors::default(), questions: HashMap::new() };
    let catalog = corpus.joined();
    let texts: Vec<String> = meaning::texts(&catalog).into_iter().map(|(_, text)| text).collect();
    let begin = Instant::now();
    drop(made.vectors(&texts));
    println!("{} texts of tables and columns in {:.1} s", texts.len(), begin.elapsed().as_secs_f64());
    let mut seen = BTreeSet::new();
    let distinct: Vec<String> = texts.into_iter().filter(|text| seen.insert(text.clone())).collect();
    let begin = Instant::now();
    made.learn(&distinct);
    println!("{} of them distinct in {:.1} s", distinct.len(), begin.elapsed().as_secs_f64());
    let mut times = Vec::new();
    for Item { question, .. } in corpus.dev.items.iter().chain(&corpus.synonyms.items) {
        if !made.questions.contains_key(question) {
            let begin = Instant::now();
            let vector = made.vectors(std::slice::from_ref(question)).remove(0);
            times.push(begin.elapsed().as_secs_f64() * 1_000.0);
            made.questions.insert(question.clone(), vector);
        }
    }
    println!("{} questions, one by one: {} ms (median / 95th percentile)", times.len(), milliseconds(times.clone()));
    for (name, set) in [("dev", &corpus.dev), ("synonyms", &corpus.synonyms)] {
        println!("\n{name}: {} questions\n{HEAD}", set.items.len());
        for (ranker, with_index) in [("sentences", false), ("index and sentences", true)] {
            let score = measured(
                &Sentences::new(&made, &catalog, with_index),
                &catalog,
                &set.items.iter().collect::<Vec<_>>(),
                Score::default(),
            );
            println!("{}", score.line(&format!("{ranker}, joined")));
            let mut score = Score::default();
            for (database, catalog) in &corpus.databases {
                let own: Vec<&Item> = set.items.iter().filter(|item| item.database == *database).collect();
                if !own.is_empty() {
                    score = measured(&Sentences::new(&made, catalog, with_index), catalog, &own, score);
                }
            }
            println!("{}", score.line(&format!("{ranker}, each alone")));
        }
    }
}

fn measured(ranker: &Sentences<'_>, catalog: &Catalog, items: &[&Item], mut score: Score) -> Score {
    for item in items {
        score.add(item, catalog, &ranker.tables(&item.question, 10), &ranker.columns(&item.question, 50));
    }
    score
}
