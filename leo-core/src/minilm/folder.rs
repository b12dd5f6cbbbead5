//! What the folder of a model says about it, checked before anything large is read.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::wordpiece::WordPiece;
use super::words::Reading;
use crate::error::{Error, Result};

/// Bytes of a file of settings.
const MAX_SETTINGS: u64 = 1 << 20;
/// Bytes of a file of words; those of a hundred languages take 10 MB.
const MAX_WORDS: u64 = 32 << 20;
/// Pieces of a text where the folder says nothing.
const MAX_PIECES: usize = 256;

/// A folder whose settings were read.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    pub(super) shape: Shape,
    /// Pieces of a text, the two at its ends included.
    pub(super) max_pieces: usize,
    /// Whether texts are in small letters whatever the file of words says.
    lowercase: bool,
}

/// How large the encoder is; `config.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Shape {
    #[serde(default)]
    model_type: Option<String>,
    pub(super) hidden_size: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) num_attention_heads: usize,
    pub(super) intermediate_size: usize,
    pub(super) vocab_size: usize,
    pub(super) max_position_embeddings: usize,
    #[serde(default = "two")]
    pub(super) type_vocab_size: usize,
    #[serde(default = "small")]
    pub(super) layer_norm_eps: f32,
    #[serde(default)]
    hidden_act: Option<String>,
    #[serde(default)]
    position_embedding_type: Option<String>,
}

fn two() -> usize {
    2
}

fn small() -> f32 {
    1e-12
}

/// An entry of `modules.json`.
#[derive(Debug, Deserialize)]
struct Module {
    #[serde(default)]
    path: String,
    r#type: String,
}

/// `sentence_bert_config.json`.
#[derive(Debug, Default, Deserialize)]
struct Sentences {
    max_seq_length: Option<usize>,
    #[serde(default)]
    do_lower_case: bool,
}

impl Folder {
    pub(super) fn read(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            return Err(Error::config(format!(
                "there is no folder `{}`; name the one that holds the model's `config.json` and `model.safetensors`",
                path.display()
            )));
        }
        let needed = |name| parsed::<Shape>(&path.join(name), MAX_SETTINGS)?.ok_or_else(|| missing(&path.join(name)));
        let shape = needed("config.json")?;
        shape.check(&path.join("config.json"))?;
        check_modules(path)?;
        let place = path.join("sentence_bert_config.json");
        let sentences: Sentences = parsed(&place, MAX_SETTINGS)?.unwrap_or_default();
        let max_pieces = sentences.max_seq_length.unwrap_or(MAX_PIECES).min(shape.max_position_embeddings);
        // One piece of text between the two at its ends.
        if max_pieces < 3 {
            return Err(unfit(&place, "has a `max_seq_length` that leaves no room for a text"));
        }
        Ok(Self { path: path.to_owned(), shape, max_pieces, lowercase: sentences.do_lower_case })
    }

    /// The path of one of its files.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// How texts become pieces: from `tokenizer.json`, or from `vocab.txt`.
    pub(super) fn words(&self) -> Result<WordPiece> {
        let place = self.file("tokenizer.json");
        let (place, mut file) = match parsed::<TokenizerFile>(&place, MAX_WORDS)? {
            Some(file) => {
                file.check(&place)?;
                (place, file)
            }
            None => (self.file("vocab.txt"), self.plain_words()?),
        };
        let Normalizer { clean_text, handle_chinese_chars, strip_accents, lowercase, .. } = file.normalizer.unwrap_or_default();
        let reading = Reading {
            clean: clean_text,
            separate_ideographs: handle_chinese_chars,
            strip_accents: strip_accents.unwrap_or(lowercase),
            lowercase: lowercase || self.lowercase,
        };
        let words = std::mem::take(&mut file.model.vocab);
        if words.values().any(|id| *id as usize >= self.shape.vocab_size) {
            return Err(unfit(&place, "has more words than `vocab_size` of `config.json` says"));
        }
        let made = WordPiece::new(words, &file.model.unk_token, file.model.max_input_chars_per_word, reading, self.max_pieces);
        made.ok_or_else(|| unfit(&place, "lacks one of the words `[CLS]`, `[SEP]` and that for unknown words"))
    }

    /// The words of `vocab.txt`, one in each line, read as `tokenizer_config.json` says.
    fn plain_words(&self) -> Result<TokenizerFile> {
        #[derive(Deserialize)]
        struct Said {
            #[serde(default = "yes")]
            do_lower_case: bool,
            #[serde(default)]
            strip_accents: Option<bool>,
            #[serde(default = "yes")]
            tokenize_chinese_chars: bool,
        }
        let said: Option<Said> = parsed(&self.file("tokenizer_config.json"), MAX_SETTINGS)?;
        let normalizer = said.map(|said| Normalizer {
            lowercase: said.do_lower_case,
            strip_accents: said.strip_accents,
            handle_chinese_chars: said.tokenize_chinese_chars,
            ..Normalizer::default()
        });
        let place = self.file("vocab.txt");
        let bytes = bytes(&place, MAX_WORDS)?.ok_or_else(|| missing(&self.file("tokenizer.json")))?;
        let text = String::from_utf8(bytes).map_err(|_| unfit(&place, "is not text in UTF-8"))?;
        let vocab = text.lines().map(str::to_owned).zip(0..).collect();
        let model = ModelFile { r#type: None, vocab, ..ModelFile::default() };
        Ok(TokenizerFile { normalizer, pre_tokenizer: None, model })
    }
}

impl Shape {
    /// Whether anybody would make such a model; before anything of its size is put into memory.
    fn check(&self, place: &Path) -> Result<()> {
        for (name, value, most) in [
            ("hidden_size", self.hidden_size, 4_096),
            ("num_hidden_layers", self.num_hidden_layers, 64),
            ("num_attention_heads", self.num_attention_heads, 64),
            ("intermediate_size", self.intermediate_size, 16_384),
            ("vocab_size", self.vocab_size, 1_000_000),
            ("max_position_embeddings", self.max_position_embeddings, 16_384),
            ("type_vocab_size", self.type_vocab_size, 16),
        ] {
            if value == 0 || value > most {
                return Err(unfit(place, &format!("has a `{name}` of {value}, which is not from 1 to {most}")));
            }
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(unfit(place, "has a `hidden_size` that is no multiple of `num_attention_heads`"));
        }
        if !(self.layer_norm_eps >= 0.0 && self.layer_norm_eps < 1.0) {
            return Err(unfit(place, "has a `layer_norm_eps` that is not from 0 to 1"));
        }
        for (name, value, known) in [
            ("model_type", &self.model_type, "bert"),
            ("hidden_act", &self.hidden_act, "gelu"),
            ("position_embedding_type", &self.position_embedding_type, "absolute"),
        ] {
            if value.as_deref().is_some_and(|value| value != known) {
                return Err(unfit(place, &format!("has another `{name}` than `{known}`")));
            }
        }
        Ok(())
    }
}

/// Whether the model is an encoder, the mean of its vectors, and nothing else: others would give vectors that mean nothing.
fn check_modules(path: &Path) -> Result<()> {
    let place = path.join("modules.json");
    let modules: Vec<Module> = parsed(&place, MAX_SETTINGS)?.unwrap_or_default();
    let mut pooling = "1_Pooling";
    for module in &modules {
        match module.r#type.rsplit('.').next().unwrap_or_default() {
            "Transformer" if module.path.is_empty() => {}
            "Transformer" => return Err(unfit(&place, "has the encoder in a folder of its own; name that folder")),
            // No way out of the folder.
            "Pooling" if module.path.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_') => pooling = &module.path,
            "Normalize" => {}
            _ => return Err(unfit(&place, "has a part that is no encoder, no mean and no normalisation")),
        }
    }
    #[derive(Deserialize)]
    struct Pooling {
        #[serde(default)]
        pooling_mode_mean_tokens: bool,
        #[serde(default)]
        pooling_mode_cls_token: bool,
        #[serde(default)]
        pooling_mode_max_tokens: bool,
        #[serde(default)]
        pooling_mode_mean_sqrt_len_tokens: bool,
    }
    let place = path.join(pooling).join("config.json");
    match parsed::<Pooling>(&place, MAX_SETTINGS)? {
        Some(Pooling {
            pooling_mode_mean_tokens: true,
            pooling_mode_cls_token: false,
            pooling_mode_max_tokens: false,
            pooling_mode_mean_sqrt_len_tokens: false,
        })
        | None => Ok(()),
        Some(_) => Err(unfit(&place, "makes something else of the vectors than their mean")),
    }
}

/// `tokenizer.json`.
#[derive(Debug, Default, Deserialize)]
struct TokenizerFile {
    normalizer: Option<Normalizer>,
    pre_tokenizer: Option<Typed>,
    model: ModelFile,
}

#[derive(Debug, Deserialize)]
struct Typed {
    r#type: String,
}

#[derive(Debug, Deserialize)]
struct Normalizer {
    #[serde(default)]
    r#type: String,
    #[serde(default = "yes")]
    clean_text: bool,
    #[serde(default = "yes")]
    handle_chinese_chars: bool,
    #[serde(default)]
    strip_accents: Option<bool>,
    #[serde(default = "yes")]
    lowercase: bool,
}

impl Default for Normalizer {
    fn default() -> Self {
        Self {
            r#type: BERT_NORMALIZER.into(),
            clean_text: true,
            handle_chinese_chars: true,
            strip_accents: None,
            lowercase: true,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default)]
struct ModelFile {
    r#type: Option<String>,
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    vocab: HashMap<String, u32>,
}

impl Default for ModelFile {
    fn default() -> Self {
        Self {
            r#type: None,
            unk_token: "[UNK]".into(),
            continuing_subword_prefix: "##".into(),
            max_input_chars_per_word: 100,
            vocab: HashMap::new(),
        }
    }
}

const BERT_NORMALIZER: &str = "BertNormalizer";

impl TokenizerFile {
    fn check(&self, place: &Path) -> Result<()> {
        let normalizer = self.normalizer.as_ref().map(|own| own.r#type.as_str());
        let splits = self.pre_tokenizer.as_ref().map(|own| own.r#type.as_str());
        let fits = self.model.r#type.as_deref().is_none_or(|own| own == "WordPiece")
            && self.model.continuing_subword_prefix == "##"
            && normalizer == Some(BERT_NORMALIZER)
            && splits == Some("BertPreTokenizer");
        if fits { Ok(()) } else { Err(unfit(place, "cuts texts in another way than BERT's WordPiece")) }
    }
}

fn yes() -> bool {
    true
}

/// What a JSON file says; `None` where there is no such file.
fn parsed<T: DeserializeOwned>(place: &Path, most: u64) -> Result<Option<T>> {
    let Some(bytes) = bytes(place, most)? else { return Ok(None) };
    let read = serde_json::from_slice(&bytes);
    read.map(Some).map_err(|error| unfit(place, "cannot be understood").with_source(error))
}

/// What is in a file; `None` where there is none.
fn bytes(place: &Path, most: u64) -> Result<Option<Vec<u8>>> {
    let Some((file, length)) = opened(place, most)? else { return Ok(None) };
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    let read = file.take(length).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(place).with_source(error))?;
    Ok(Some(bytes))
}

/// A file and its length; `None` where there is none.
pub(super) fn opened(place: &Path, most: u64) -> Result<Option<(File, u64)>> {
    let length = match fs::metadata(place) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(place).with_source(error)),
        Ok(about) if !about.is_file() => return Err(unfit(place, "is no file")),
        Ok(about) => about.len(),
    };
    if length > most {
        return Err(unfit(place, &format!("is larger than {} MB", most >> 20)));
    }
    let file = File::open(place).map_err(|error| unreadable(place).with_source(error))?;
    Ok(Some((file, length)))
}

pub(super) fn missing(place: &Path) -> Error {
    Error::config(format!(
        "the sentence model lacks the file `{}`; put it there as sentence-transformers saved it",
        place.display()
    ))
}

pub(super) fn unreadable(place: &Path) -> Error {
    Error::config(format!("the file `{}` cannot be read; see who may read it", place.display()))
}

/// A file that is there, and is not what it should be.
pub(super) fn unfit(place: &Path, how: &str) -> Error {
    Error::config(format!(
        "the file `{}` {how}; take a BERT model as sentence-transformers saves it, such as all-MiniLM-L6-v2",
        place.display()
    ))
}
