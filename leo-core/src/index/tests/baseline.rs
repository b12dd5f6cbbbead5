//! Plain BM25 over the names of tables and their columns: what a search has to beat.

use std::collections::HashMap;

use super::super::stem;
use crate::catalog::{Catalog, split_words};

/// The usual constants.
const K1: f64 = 1.2;
const B: f64 = 0.75;

pub(super) struct Bm25 {
    documents: Vec<HashMap<String, f64>>,
    lengths: Vec<f64>,
    frequency: HashMap<String, f64>,
}

impl Bm25 {
    pub(super) fn of(texts: impl Iterator<Item = String>) -> Self {
        let mut bm25 = Self { documents: Vec::new(), lengths: Vec::new(), frequency: HashMap::new() };
        for text in texts {
            let mut counts: HashMap<String, f64> = HashMap::new();
            split_words(&text).iter().for_each(|word| *counts.entry(stem(word)).or_default() += 1.0);
            counts.keys().for_each(|word| *bm25.frequency.entry(word.clone()).or_default() += 1.0);
            bm25.lengths.push(counts.values().sum());
            bm25.documents.push(counts);
        }
        bm25
    }

    /// A table is its name and those of its columns.
    pub(super) fn of_tables(catalog: &Catalog) -> Self {
        Self::of(catalog.tables.iter().map(|table| {
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            format!("{} {}", table.name.name, columns.join(" "))
        }))
    }

    /// A column is its name and that of its table.
    pub(super) fn of_columns(catalog: &Catalog) -> Self {
        let columns = |table| Vec::from_iter(&(table as &crate::catalog::Table).columns);
        Self::of(
            catalog
                .tables
                .iter()
                .flat_map(|table| columns(table).into_iter().map(|column| format!("{} {}", column.name, table.name.name))),
        )
    }

    /// Places of the best `limit` documents.
    pub(super) fn search(&self, words: &str, limit: usize) -> Vec<usize> {
        let average = self.lengths.iter().sum::<f64>() / self.lengths.len() as f64;
        let (count, mut scores) = (self.documents.len() as f64, vec![0.0; self.documents.len()]);
        for word in split_words(words) {
            let stem = stem(&word);
            let Some(frequency) = self.frequency.get(&stem) else { continue };
            let idf = (1.0 + (count - frequency + 0.5) / (frequency + 0.5)).ln();
            for ((score, document), length) in scores.iter_mut().zip(&self.documents).zip(&self.lengths) {
                if let Some(times) = document.get(&stem) {
                    *score += idf * times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * length / average));
                }
            }
        }
        let mut order: Vec<usize> = (0..scores.len()).filter(|at| scores[*at] > 0.0).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        order.truncate(limit);
        order
    }
}
