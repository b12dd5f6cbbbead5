//! Learns how much each feature of a table tells, from the training questions, by whole databases.
//!
//! The loss is that of choosing a needed table among all that anything speaks for. Each question counts twice: as it is, and without
//! the words that name its tables, because people use other words. Nothing of the questions is kept but the sixteen weights.

use super::super::embedder::Hash;
use super::super::linking::Features;
use super::super::linking::weights::FEATURES;
use super::super::{Index, Visible, documents, stem};
use super::corpus::{Corpus, Item, places};
use crate::catalog::split_words;

const EPOCHS: usize = 40;
const RATE: f32 = 0.05;
const DECAY: f32 = 1e-5;

struct Example {
    candidates: Vec<(Features, bool)>,
    held_back: bool,
}

/// The question without words of its tables' names.
fn without_names(item: &Item) -> String {
    let names: Vec<String> = item.tables.iter().flat_map(|table| split_words(&table.name)).map(|word| stem(&word)).collect();
    let words = item.question.split_whitespace();
    words.filter(|word| !split_words(word).iter().any(|word| names.contains(&stem(word)))).collect::<Vec<_>>().join(" ")
}

/// Negative log likelihood of the needed tables, and its gradient.
fn loss(example: &Example, weights: &Features, gradient: &mut Features) -> f32 {
    let score = |features: &Features| -> f32 { features.iter().zip(weights).map(|(a, b)| a * b).sum() };
    let scores: Vec<f32> = example.candidates.iter().map(|(features, _)| 12.0 * score(features)).collect();
    let mut loss = 0.0;
    for (at, (_, _)) in example.candidates.iter().enumerate().filter(|(_, (_, needed))| *needed) {
        // Against those that are not needed.
        let rivals = || (0..scores.len()).filter(|other| *other == at || !example.candidates[*other].1);
        let top = rivals().map(|other| scores[other]).fold(f32::MIN, f32::max);
        let sum: f32 = rivals().map(|other| (scores[other] - top).exp()).sum();
        loss += sum.ln() + top - scores[at];
        for other in rivals() {
            let share = (scores[other] - top).exp() / sum - f32::from(u8::from(other == at));
            if share.abs() > 1e-6 {
                for (own, feature) in gradient.iter_mut().zip(&example.candidates[other].0) {
                    *own += share * feature;
                }
            }
        }
    }
    loss
}

#[test]
#[ignore = "learns, minutes"]
fn fit_table_weights() {
    let Some(corpus) = Corpus::load() else { return };
    let catalog = corpus.joined();
    let (index, place) = (Index::build(&catalog, &documents(&catalog, &[], &[])), places(&catalog));
    let mut examples = Vec::new();
    for (number, item) in corpus.train.items.iter().enumerate() {
        let needed: Vec<usize> = item.tables.iter().map(|table| place[table]).collect();
        let held_back = Hash::new(0).text(&item.database).0.is_multiple_of(5);
        // A third is enough.
        if number % 3 != 0 {
            continue;
        }
        for question in [item.question.clone(), without_names(item)] {
            let features = index.table_features(&question, &Visible::all()).into_iter();
            let candidates: Vec<_> = features.map(|(table, own)| (own, needed.contains(&(table as usize)))).collect();
            if candidates.iter().any(|(_, needed)| *needed) {
                examples.push(Example { candidates, held_back });
            }
        }
    }
    println!("{} examples", examples.len());
    let mut weights = [0.1; FEATURES];
    let (mut mean, mut square) = ([0.0_f32; FEATURES], [0.0_f32; FEATURES]);
    let mut step = 0;
    for epoch in 0..=EPOCHS {
        let (mut held, mut seen, mut counts) = (0.0, 0.0, (0, 0));
        let mut gradient = [0.0; FEATURES];
        for (at, example) in examples.iter().enumerate() {
            if example.held_back {
                held += loss(example, &weights, &mut [0.0; FEATURES]);
                counts.0 += 1;
                continue;
            }
            seen += loss(example, &weights, &mut gradient);
            counts.1 += 1;
            if at % 32 == 31 && epoch < EPOCHS {
                step += 1;
                for feature in 0..FEATURES {
                    let slope = gradient[feature] / 32.0 + DECAY * weights[feature];
                    mean[feature] = 0.9 * mean[feature] + 0.1 * slope;
                    square[feature] = 0.99 * square[feature] + 0.01 * slope * slope;
                    let (mean, square) =
                        (mean[feature] / (1.0 - 0.9_f32.powi(step)), square[feature] / (1.0 - 0.99_f32.powi(step)));
                    weights[feature] -= RATE / (1.0 + epoch as f32) * mean / (square.sqrt() + 1e-6);
                }
                gradient = [0.0; FEATURES];
            }
        }
        if epoch % 10 == 0 {
            println!("{epoch}: {:.4} seen, {:.4} held back", seen / counts.1 as f32, held / counts.0 as f32);
        }
    }
    println!("{}", weights.map(|weight| format!("{weight:.3}")).join(", "));
}
