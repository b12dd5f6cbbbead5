//! Search by what words mean, beside the search by their letters.
//!
//! Names and comments become vectors once for each tenant. What is nearest to the words and what has their letters are two rankings, which
//! are made one by their ranks (reciprocal rank fusion): their scores have nothing in common. Where the embedder says which model it is, the
//! vectors outlive the process (`kept`).

mod kept;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::pipeline::Call;
use crate::adapter::{Access, Embedder, caught};
use crate::catalog::{Catalog, Hit, Place, TableName, split_words};
use crate::error::{Error, Result};
use crate::gate::{EmbedCall, RecordMeta};
use crate::index::{Quantised, TextVectors, fused};
use crate::workflow::Twins;

pub(crate) use kept::Kept;

/// Texts of one call of the embedder.
const BATCH: usize = 256;
/// Tables and columns of a source that are searched by meaning at most: beyond, their vectors take too much memory.
const MAX_DOCUMENTS: usize = 20_000;
/// Tenants whose vectors of one source are kept.
const MAX_TENANTS: usize = 16;
/// Hits of each ranking that count, where fewer are asked for.
const DEPTH: usize = 50;

/// Vectors of a source's names and comments, by tenant, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Meanings(Mutex<VecDeque<(String, Arc<tokio::sync::Mutex<Known>>)>>);

/// What is known for a tenant.
#[derive(Debug, Default)]
struct Known {
    texts: TextVectors,
    /// The model that made them, once it was asked for; none where it has no name.
    made_by: Option<Option<String>>,
    /// Whether there are some that are not kept.
    is_new: bool,
    /// Whether the model turned out to be another one than its name says: what others know under that name is of no use.
    is_renamed: bool,
}

impl Known {
    /// Takes what is kept of the embedder's model, at the first search and where it became another one. The model's name; none has an empty one.
    async fn begin(&mut self, model: Option<String>, kept: Option<&Kept>) -> String {
        let name = model.clone().unwrap_or_default();
        if self.made_by.as_ref() == Some(&model) {
            return name;
        }
        let texts = match (&model, kept) {
            (Some(model), Some(kept)) => kept.load(model).await,
            _ => None,
        };
        *self = Self { texts: texts.unwrap_or_default(), made_by: Some(model), ..Self::default() };
        name
    }

    /// Gives up what another model made than says so.
    fn forget(&mut self) {
        (self.texts, self.is_new, self.is_renamed) = (TextVectors::default(), false, true);
    }

    /// What is to be kept, if there is anything new.
    fn unkept(&mut self) -> Option<Vec<u8>> {
        let model = self.made_by.as_ref()?.as_deref()?;
        std::mem::take(&mut self.is_new).then(|| self.texts.to_bytes(model))
    }
}

/// What is searched.
struct Document<'c> {
    table: &'c TableName,
    column: Option<&'c str>,
    text: String,
}

/// Tables and columns that fit `words`, as far as the user may see them: best first, at most `limit`.
///
/// # Errors
/// `Config` when the access names what the source does not have; `Cancelled`, `Timeout` of the call.
pub(crate) async fn search(
    call: &Call<'_>,
    embedder: Option<&dyn Embedder>,
    access: &Access,
    words: &str,
    limit: usize,
) -> Result<Vec<Hit>> {
    let Some(embedder) = embedder.filter(|_| limit > 0 && !words.trim().is_empty()) else {
        return call.known.search(access, words, limit);
    };
    let depth = limit.max(DEPTH);
    let mut lexical = call.known.search(access, words, depth)?;
    let index = call.known.index(access)?;
    let held = call.target.meanings.of(&call.ctx.tenant);
    let meta = RecordMeta { question: None, preset: call.settings.preset, settings_hash: call.settings_hash.to_owned() };
    let asked = EmbedCall { embedder, ctx: call.ctx, source: call.target.id(), audit: call.audit, meta: &meta };
    let by = By { asked, named: call.settings.index.embedder_model.as_deref(), kept: call.kept.as_ref(), twins: call.twins };
    let near = nearest(&held, by, index.catalog(), words, depth);
    let patience = Duration::from_millis(call.settings.model.timeout_ms);
    let near = call.ctx.unless_over(timeout(patience, near)).await?;
    if let Some(kept) = &call.kept {
        // What was found is found, whether or not it can be kept; what took too long is kept as far as it went.
        let _ = call.ctx.unless_over(timeout(patience, keep(&held, kept))).await;
    }
    match near.unwrap_or_else(|_| Err(Error::timeout("the host's embedder took too long"))) {
        Ok(near) => Ok(fused(lexical, near, limit)),
        Err(error) => {
            tracing::warn!(kind = %error.kind(), "a host's embedder did not help");
            lexical.truncate(limit);
            Ok(lexical)
        }
    }
}

impl Meanings {
    /// What is known for a tenant.
    fn of(&self, tenant: &str) -> Arc<tokio::sync::Mutex<Known>> {
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = tenants.iter().find(|(own, _)| own == tenant) {
            return Arc::clone(known);
        }
        let known = Arc::default();
        tenants.push_back((tenant.to_owned(), Arc::clone(&known)));
        if tenants.len() > MAX_TENANTS {
            tenants.pop_front();
        }
        known
    }
}

/// Who makes vectors, what its model is called where it does not say so itself, and where they are kept.
#[derive(Clone, Copy)]
struct By<'a> {
    asked: EmbedCall<'a>,
    named: Option<&'a str>,
    kept: Option<&'a Kept>,
    twins: &'a Twins,
}

/// Keeps what is new, unless somebody else is at it, who then does.
async fn keep(held: &tokio::sync::Mutex<Known>, kept: &Kept) {
    let new = held.try_lock().ok().and_then(|mut known| known.unkept());
    if let Some(new) = new {
        kept.save(&new).await;
    }
}

/// What is nearest to `words`, best first. Others of the tenant wait meanwhile, and find what this one learned.
async fn nearest(held: &tokio::sync::Mutex<Known>, by: By<'_>, catalog: &Catalog, words: &str, depth: usize) -> Result<Vec<Hit>> {
    let documents = documents(catalog);
    if documents.len() > MAX_DOCUMENTS {
        return Err(Error::limit_exceeded("the source has too many columns to be searched by meaning"));
    }
    let model = caught("the host's embedder failed", async || Ok(by.asked.embedder.model()))
        .await?
        .or_else(|| by.named.map(str::to_owned));
    {
        let mut known = held.lock().await;
        let name = known.begin(model, by.kept).await;
        match known.texts.len() {
            0 => learn_all(&mut known, &name, by, &documents).await?,
            _ => learn(&mut known, by.asked, &documents).await?,
        }
    }
    let [wanted] = vectors_of(by.asked, vec![words.to_owned()]).await?.try_into().map_err(|_| other_form())?;
    let mut known = held.lock().await;
    let dimensions = known.texts.vectors().dimensions();
    if dimensions > 0 && dimensions != wanted.dimensions() {
        // Made by another model than answers now.
        known.forget();
        return Err(other_form());
    }
    // Equal ones keep the order of the catalogue. Documents of one text share a vector.
    let mut by_number: HashMap<u32, Vec<&Document<'_>>> = HashMap::new();
    let numbers: Vec<u32> = documents
        .iter()
        .filter_map(|document| known.texts.number(&document.text).map(|number| (number, document)))
        .filter_map(|(number, document)| {
            let sharing = by_number.entry(number).or_default();
            sharing.push(document);
            (sharing.len() == 1).then_some(number)
        })
        .collect();
    let near = known.texts.vectors().nearest(&wanted, numbers.into_iter(), depth);
    drop(known);
    let hit = |similarity: f32, document: &Document<'_>| {
        let score = f64::from(similarity.clamp(0.0, 1.0));
        Hit::of(document.table.clone(), document.column.map(str::to_owned), score, Place::Meaning)
    };
    let sharing = |number| by_number.get(&number).into_iter().flatten();
    let near = near.into_iter().filter(|(_, similarity)| *similarity > 0.0);
    Ok(near.flat_map(|(number, similarity)| sharing(number).map(move |document| hit(similarity, document))).take(depth).collect())
}

/// Learns the vectors of all texts where none is known: from whoever has these very names, another source or another tenant's, or else by asking.
async fn learn_all(known: &mut Known, name: &str, by: By<'_>, documents: &[Document<'_>]) -> Result<()> {
    let twin = Twins::name("vectors", documents.iter().map(|document| &*document.text).chain([name]));
    if !known.is_renamed
        && let Some(Ok(Some(texts))) = by.twins.get(&twin).await.map(|texts| TextVectors::from_bytes(&texts, name))
        && texts.len() > 0
    {
        (known.texts, known.is_new) = (texts, true);
        return Ok(());
    }
    learn(known, by.asked, documents).await?;
    // Nobody knows whether an embedder without a name is the same in another process.
    by.twins.put(&twin, known.texts.to_bytes(name), !name.is_empty()).await;
    Ok(())
}

/// Asks for the vectors of texts that have none yet.
async fn learn(known: &mut Known, asked: EmbedCall<'_>, documents: &[Document<'_>]) -> Result<()> {
    let mut seen = HashSet::new();
    let texts = documents.iter().map(|document| &document.text);
    let missing: Vec<&String> = texts.filter(|text| known.texts.number(text).is_none() && seen.insert(*text)).collect();
    // What a table was called before is of no use; what other users may see of the same source stays, within bounds.
    if known.texts.len() + missing.len() > 2 * MAX_DOCUMENTS {
        known.texts = TextVectors::default();
        return Box::pin(learn(known, asked, documents)).await;
    }
    for texts in missing.chunks(BATCH) {
        let vectors = vectors_of(asked, texts.iter().map(|text| (*text).clone()).collect()).await?;
        for (text, vector) in texts.iter().zip(vectors) {
            if known.texts.push(text, &vector).is_none() {
                // Made by another model than before.
                known.forget();
                return Err(other_form());
            }
            known.is_new = true;
        }
    }
    Ok(())
}

/// Vectors of length one for the texts.
async fn vectors_of(asked: EmbedCall<'_>, texts: Vec<String>) -> Result<Vec<Quantised>> {
    let count = texts.len();
    let vectors = asked.embed(texts).await?;
    let length = vectors.first().map_or(0, Vec::len);
    if vectors.len() != count || vectors.iter().any(|vector| vector.len() != length) {
        return Err(other_form());
    }
    vectors.iter().map(|vector| Quantised::of(vector).ok_or_else(other_form)).collect()
}

fn other_form() -> Error {
    Error::adapter("the host's embedder did not give one vector for each text, all of one length and none of them zero")
}

/// The tables of the catalogue and their columns, in words.
fn documents(catalog: &Catalog) -> Vec<Document<'_>> {
    let text = |name: &str, of: Option<&str>, comment: Option<&str>| {
        let mut text = split_words(name).join(" ");
        for (before, words) in [(" of ", of.map(|of| split_words(of).join(" "))), (": ", comment.map(str::to_owned))] {
            if let Some(words) = words {
                text.extend([before, &*words]);
            }
        }
        text
    };
    let mut documents = Vec::new();
    for table in &catalog.tables {
        let own = text(&table.name.name, None, table.comment.as_deref());
        documents.push(Document { table: &table.name, column: None, text: own });
        documents.extend(table.columns.iter().map(|column| Document {
            table: &table.name,
            column: Some(&column.name),
            text: text(&column.name, Some(&table.name.name), column.comment.as_deref()),
        }));
    }
    documents
}

/// What an embedder is asked of the catalogue: tables and their columns, each with its text.
#[cfg(all(test, feature = "minilm"))]
pub(crate) fn texts(catalog: &Catalog) -> Vec<(Option<&str>, String)> {
    documents(catalog).into_iter().map(|document| (document.column, document.text)).collect()
}
