//! The encoder: vectors of pieces, each layer mixing them by attention, and their mean.
//!
//! Texts of a step lie one below the other in one matrix, without anything between them: the large products are made for all at once, attention
//! for each alone. So no text is filled up to the length of another, and none changes what comes out for another.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis, concatenate};

use super::folder::Shape;
use super::weights::Weights;
use crate::error::{Error, Result};

/// Pieces of one matrix, unless one text has more.
const PIECES: usize = 1_024;

pub(super) struct Bert {
    words: Array2<f32>,
    /// Of each place in a text, and of the first of two texts, which is every text here.
    places: Array2<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    heads: usize,
}

struct Layer {
    /// What each piece asks for, offers and tells: side by side.
    asks_offers_tells: Linear,
    told: Linear,
    after_attention: Norm,
    wide: Linear,
    narrow: Linear,
    after: Norm,
}

/// A product and a sum.
struct Linear {
    /// As many columns as numbers come out.
    weight: Array2<f32>,
    bias: Array1<f32>,
}

/// Brings each row to the mean and spread that was learned.
struct Norm {
    weight: Array1<f32>,
    bias: Array1<f32>,
    least: f32,
}

impl Bert {
    pub(super) fn read(shape: &Shape, from: &mut Weights) -> Result<Self> {
        let hidden = shape.hidden_size;
        let words = from.matrix("embeddings.word_embeddings.weight", shape.vocab_size, hidden)?;
        let mut places = from.matrix("embeddings.position_embeddings.weight", shape.max_position_embeddings, hidden)?;
        let types = from.matrix("embeddings.token_type_embeddings.weight", shape.type_vocab_size, hidden)?;
        if let Some(first) = types.outer_iter().next() {
            places += &first;
        }
        let norm = Norm::read("embeddings.LayerNorm", shape, from)?;
        let layers = (0..shape.num_hidden_layers).map(|number| Layer::read(number, shape, from)).collect::<Result<_>>()?;
        Ok(Self { words, places, norm, layers, heads: shape.num_attention_heads })
    }

    /// A vector of length one for each text, given as numbers of pieces.
    pub(super) fn vectors(&self, texts: &[Vec<u32>]) -> Vec<Vec<f32>> {
        let (mut vectors, mut rest) = (Vec::with_capacity(texts.len()), texts);
        while !rest.is_empty() {
            let mut pieces = 0;
            let fits = rest.iter().take_while(|text| {
                pieces += text.len();
                pieces <= PIECES
            });
            let (own, behind) = rest.split_at(fits.count().max(1));
            self.together(own, &mut vectors);
            rest = behind;
        }
        vectors
    }

    fn together(&self, texts: &[Vec<u32>], vectors: &mut Vec<Vec<f32>>) {
        let mut rows = Array2::zeros((texts.iter().map(Vec::len).sum(), self.words.ncols()));
        let pieces = texts.iter().flat_map(|text| text.iter().zip(self.places.outer_iter()));
        for (mut row, (piece, place)) in rows.outer_iter_mut().zip(pieces) {
            // That there is one for each word was checked when the words were read.
            row += &self.words.row(*piece as usize);
            row += &place;
        }
        self.norm.apply(&mut rows);
        for layer in &self.layers {
            layer.apply(&mut rows, texts, self.heads);
        }
        let mut rest = rows.view();
        for text in texts {
            let (own, behind) = rest.split_at(Axis(0), text.len());
            let mut vector = own.mean_axis(Axis(0)).unwrap_or_default().to_vec();
            let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
            if length > 0.0 {
                vector.iter_mut().for_each(|part| *part /= length);
            }
            vectors.push(vector);
            rest = behind;
        }
    }
}

impl Layer {
    fn read(number: usize, shape: &Shape, from: &mut Weights) -> Result<Self> {
        let (hidden, wide) = (shape.hidden_size, shape.intermediate_size);
        let name = |rest: &str| format!("encoder.layer.{number}.{rest}");
        let own = ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}")));
        Ok(Self {
            asks_offers_tells: Linear::beside(&own, hidden, hidden, from)?,
            told: Linear::read(&name("attention.output.dense"), hidden, hidden, from)?,
            after_attention: Norm::read(&name("attention.output.LayerNorm"), shape, from)?,
            wide: Linear::read(&name("intermediate.dense"), hidden, wide, from)?,
            narrow: Linear::read(&name("output.dense"), wide, hidden, from)?,
            after: Norm::read(&name("output.LayerNorm"), shape, from)?,
        })
    }

    fn apply(&self, rows: &mut Array2<f32>, texts: &[Vec<u32>], heads: usize) {
        let said = self.asks_offers_tells.of(rows);
        let mut mixed = Array2::zeros(rows.raw_dim());
        let (mut rest, mut rest_mixed) = (said.view(), mixed.view_mut());
        for text in texts {
            let (own, behind) = rest.split_at(Axis(0), text.len());
            let (own_mixed, behind_mixed) = rest_mixed.split_at(Axis(0), text.len());
            attend(own, own_mixed, heads);
            (rest, rest_mixed) = (behind, behind_mixed);
        }
        *rows += &self.told.of(&mixed);
        self.after_attention.apply(rows);
        let mut wide = self.wide.of(rows);
        wide.mapv_inplace(|number| 0.5 * number * (1.0 + libm::erff(number * std::f32::consts::FRAC_1_SQRT_2)));
        *rows += &self.narrow.of(&wide);
        self.after.apply(rows);
    }
}

/// What the pieces of one text tell each other: head by head, each piece the mean of what is told, weighed by how well that fits what it asks for.
fn attend(said: ArrayView2<'_, f32>, mut mixed: ArrayViewMut2<'_, f32>, heads: usize) {
    let size = mixed.ncols() / heads;
    let parts = said.axis_chunks_iter(Axis(1), size);
    let asked_offered_told = parts.clone().take(heads).zip(parts.clone().skip(heads)).zip(parts.skip(2 * heads));
    let mut fit = Array2::zeros((said.nrows(), said.nrows()));
    for (((asks, offers), tells), mut own) in asked_offered_told.zip(mixed.axis_chunks_iter_mut(Axis(1), size)) {
        general_mat_mul(1.0 / (size as f32).sqrt(), &asks, &offers.t(), 0.0, &mut fit);
        for mut row in fit.outer_iter_mut() {
            let most = row.fold(f32::NEG_INFINITY, |most, fit| most.max(*fit));
            row.mapv_inplace(|fit| (fit - most).exp());
            let sum = row.sum();
            row.mapv_inplace(|fit| fit / sum);
        }
        general_mat_mul(1.0, &fit, &tells, 0.0, &mut own);
    }
}

impl Linear {
    fn read(name: &str, takes: usize, gives: usize, from: &mut Weights) -> Result<Self> {
        Self::beside(&[name], takes, gives, from)
    }

    /// One that gives what all of them give, side by side.
    fn beside(names: &[impl AsRef<str>], takes: usize, gives: usize, from: &mut Weights) -> Result<Self> {
        let other = |error| Error::internal("matrices of one size do not fit each other").with_source(error);
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        for name in names {
            weights.push(from.matrix(&format!("{}.weight", name.as_ref()), gives, takes)?);
            biases.push(from.list(&format!("{}.bias", name.as_ref()), gives)?);
        }
        let weights: Vec<_> = weights.iter().map(|own| own.view()).collect();
        let biases: Vec<_> = biases.iter().map(|own| own.view()).collect();
        let weight = concatenate(Axis(0), &weights).map_err(other)?;
        // Lying the other way, a question takes half the time.
        let weight = weight.t().as_standard_layout().into_owned();
        Ok(Self { weight, bias: concatenate(Axis(0), &biases).map_err(other)? })
    }

    fn of(&self, rows: &Array2<f32>) -> Array2<f32> {
        rows.dot(&self.weight) + &self.bias
    }
}

impl Norm {
    fn read(name: &str, shape: &Shape, from: &mut Weights) -> Result<Self> {
        let [weight, bias] = ["weight", "bias"].map(|part| from.list(&format!("{name}.{part}"), shape.hidden_size));
        Ok(Self { weight: weight?, bias: bias?, least: shape.layer_norm_eps })
    }

    fn apply(&self, rows: &mut Array2<f32>) {
        for mut row in rows.outer_iter_mut() {
            let count = row.len() as f32;
            let mean = row.sum() / count;
            let spread = row.iter().map(|number| (number - mean).powi(2)).sum::<f32>() / count;
            let scale = 1.0 / (spread + self.least).sqrt();
            for ((number, weight), bias) in row.iter_mut().zip(&self.weight).zip(&self.bias) {
                *number = (*number - mean) * scale * weight + bias;
            }
        }
    }
}
