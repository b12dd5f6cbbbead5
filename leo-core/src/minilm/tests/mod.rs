//! A tiny model against one computed another way, and damaged folders.
#![allow(clippy::unwrap_used)]

mod folders;
mod model;
mod real;

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::MiniLm;
use crate::adapter::Embedder;
use crate::context::Context;

/// What `tests/data/minilm/reference.py` wrote.
#[derive(Deserialize)]
struct Reference {
    words: Vec<String>,
    shape: Value,
    max_pieces: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    pieces: Vec<u32>,
    /// The first parts of it.
    vector: Option<Vec<f32>>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../../../tests/data/minilm/reference.json")).unwrap()
}

/// The tensors of the tiny model in the order in which their numbers are drawn, and the bytes of a file of them.
fn tensors(shape: &Value) -> Vec<u8> {
    let size = |name: &str| usize::try_from(shape[name].as_u64().unwrap()).unwrap();
    let (hidden, wide) = (size("hidden_size"), size("intermediate_size"));
    let mut sizes: Vec<(String, Vec<usize>)> =
        [("word", "vocab_size"), ("position", "max_position_embeddings"), ("token_type", "type_vocab_size")]
            .map(|(name, rows)| (format!("embeddings.{name}_embeddings.weight"), vec![size(rows), hidden]))
            .into();
    let norm = |name: &str| ["weight", "bias"].map(|part| (format!("{name}.LayerNorm.{part}"), vec![hidden]));
    let linear =
        |name: &str, gives, takes| [(format!("{name}.weight"), vec![gives, takes]), (format!("{name}.bias"), vec![gives])];
    sizes.extend(norm("embeddings"));
    for layer in 0..size("num_hidden_layers") {
        let name = |rest: &str| format!("encoder.layer.{layer}.{rest}");
        for part in ["query", "key", "value"] {
            sizes.extend(linear(&name(&format!("attention.self.{part}")), hidden, hidden));
        }
        sizes.extend(linear(&name("attention.output.dense"), hidden, hidden));
        sizes.extend(norm(&name("attention.output")));
        sizes.extend(linear(&name("intermediate.dense"), wide, hidden));
        sizes.extend(linear(&name("output.dense"), hidden, wide));
        sizes.extend(norm(&name("output")));
    }
    let (mut state, mut data, mut header) = (1_u64, Vec::new(), json!({ "__metadata__": { "format": "pt" } }));
    for (name, shape) in sizes {
        let begin = data.len();
        for _ in 0..shape.iter().product::<usize>() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = (state >> 40) as f32 / (1 << 23) as f32 - 1.0;
            let number = if name.ends_with("bias") { number / 16.0 } else { number };
            data.extend(number.to_le_bytes());
        }
        header[name] = json!({ "dtype": "F32", "shape": shape, "data_offsets": [begin, data.len()] });
    }
    with_header(&header, &data)
}

fn with_header(header: &Value, data: &[u8]) -> Vec<u8> {
    let header = serde_json::to_vec(header).unwrap();
    [&(header.len() as u64).to_le_bytes(), &*header, data].concat()
}

/// A folder as sentence-transformers writes it, of the tiny model.
pub(crate) fn folder() -> TempDir {
    let (folder, Reference { words, shape, max_pieces, .. }) = (tempfile::tempdir().unwrap(), reference());
    let vocabulary: serde_json::Map<String, Value> = words.iter().cloned().zip((0..).map(|id: u32| id.into())).collect();
    let tokenizer = json!({
        "version": "1.0",
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocabulary,
        },
    });
    let kind = |name: &str| format!("sentence_transformers.models.{name}");
    let modules = json!([
        { "idx": 0, "name": "0", "path": "", "type": kind("Transformer") },
        { "idx": 1, "name": "1", "path": "1_Pooling", "type": kind("Pooling") },
        { "idx": 2, "name": "2", "path": "2_Normalize", "type": kind("Normalize") },
    ]);
    fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    write(folder.path(), "config.json", &shape);
    write(folder.path(), "tokenizer.json", &tokenizer);
    write(folder.path(), "modules.json", &modules);
    write(folder.path(), "1_Pooling/config.json", &json!({ "word_embedding_dimension": 8, "pooling_mode_mean_tokens": true }));
    write(folder.path(), "sentence_bert_config.json", &json!({ "max_seq_length": max_pieces, "do_lower_case": false }));
    fs::write(folder.path().join("vocab.txt"), words.join("\n")).unwrap();
    fs::write(folder.path().join("model.safetensors"), tensors(&shape)).unwrap();
    folder
}

fn write(folder: &Path, name: &str, value: &Value) {
    fs::write(folder.join(name), serde_json::to_vec(value).unwrap()).unwrap();
}

fn vectors(model: &MiniLm, texts: &[&str]) -> Vec<Vec<f32>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ctx = Context::new("acme", "ada").unwrap().to_host();
    runtime.block_on(model.embed(ctx, texts.iter().map(|text| (*text).to_owned()).collect())).unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn is_near(a: &[f32], b: &[f32], by: f32) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < by)
}
