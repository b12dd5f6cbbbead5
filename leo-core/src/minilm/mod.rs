//! Texts as vectors by a sentence model that the host has in a folder.
//!
//! ```text
//! folder   settings of the model, checked       (folder)
//! text   → words and pieces of words            (words, wordpiece)
//!        → a vector for each piece, six layers  (bert, from weights)
//!        → their mean, of length one
//! ```
//! Nothing is downloaded, and nothing outside the folder is read. See ADR 28 for what it is built on.

mod bert;
mod folder;
mod weights;
mod wordpiece;
mod words;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::adapter::Embedder;
use crate::context::HostContext;
use crate::error::{Error, Result};
use crate::value::to_hex;

use bert::Bert;
use folder::Folder;
use weights::Weights;
use wordpiece::WordPiece;

/// What the vectors of the same files are made by: another number where they come out otherwise.
const VERSION: u32 = 1;
/// Texts of one step; between two of them it can be stopped.
const STEP: usize = 32;

/// A sentence model from a folder: all-MiniLM-L6-v2, or another one of its shape.
///
/// # Behavior
/// Reads what sentence-transformers writes: `config.json`, `model.safetensors`, `tokenizer.json` (or `vocab.txt`), and where they are there
/// `modules.json`, `sentence_bert_config.json` and `1_Pooling/config.json`. The model is a BERT encoder of any size with words in pieces
/// (WordPiece) and the mean of its vectors. Texts are cut at the model's `max_seq_length`, 256 pieces unless the folder says otherwise. What
/// looks like a special token in a text, such as `[SEP]`, is read as text.
///
/// The weights are held in memory at four bytes each: 90 MB for all-MiniLM-L6-v2. Vectors are made on threads of tokio for blocking work, one
/// thread a call, 32 texts at a time; dropping the future stops it behind those. Clones share the model.
///
/// # Example
/// ```no_run
/// use std::sync::Arc;
/// use leo::Leo;
/// use leo::builder::Source;
/// use leo::minilm::MiniLm;
/// use leo::settings::Preset;
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let model = MiniLm::from_folder("models/all-MiniLM-L6-v2")?;
/// let leo = Leo::builder()
///     .preset(Preset::Local)
///     .source(Source::open("shop.db")?)
///     .embedder(Arc::new(model))
///     .build()?;
/// let hits = leo.search("people who buy", None, 5).await?;
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct MiniLm(Arc<Model>);

struct Model {
    words: WordPiece,
    bert: Bert,
    id: String,
}

impl MiniLm {
    /// Reads the model, which takes some tenths of a second on the thread that asks for it.
    ///
    /// # Errors
    /// `Config` naming the file that is missing, damaged, too large or of another kind of model, and what to do.
    pub fn from_folder(path: impl AsRef<Path>) -> Result<Self> {
        let folder = Folder::read(path.as_ref())?;
        let words = folder.words()?;
        let mut weights = Weights::open(folder.file("model.safetensors"))?;
        let bert = Bert::read(&folder.shape, &mut weights)?;
        let mut made_by = Sha256::new();
        made_by.update(format!("{VERSION} {:?} {} ", folder.shape, folder.max_pieces));
        made_by.update(words.hash());
        made_by.update(weights.hash());
        Ok(Self(Arc::new(Model { words, bert, id: format!("minilm {}", to_hex(&made_by.finalize())) })))
    }
}

impl Model {
    /// A vector of length one for each text.
    fn vectors(&self, texts: &[String]) -> Vec<Vec<f32>> {
        self.bert.vectors(&texts.iter().map(|text| self.words.pieces(text)).collect::<Vec<_>>())
    }
}

#[async_trait]
impl Embedder for MiniLm {
    async fn embed(&self, _: HostContext, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        let (mut vectors, mut rest) = (Vec::with_capacity(texts.len()), texts.into_iter());
        loop {
            let step: Vec<String> = rest.by_ref().take(STEP).collect();
            if step.is_empty() {
                return Ok(vectors);
            }
            let model = Arc::clone(&self.0);
            let made = tokio::task::spawn_blocking(move || model.vectors(&step)).await;
            vectors.extend(made.map_err(|error| Error::internal("the sentence model ended early").with_source(error))?);
        }
    }

    fn model(&self) -> Option<String> {
        Some(self.0.id.clone())
    }
}

impl fmt::Debug for MiniLm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MiniLm").field("model", &self.0.id).finish_non_exhaustive()
    }
}
