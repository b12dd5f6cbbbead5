//! Texts as vectors.

use async_trait::async_trait;

use crate::context::HostContext;
use crate::error::Result;

/// Turns texts into vectors that are near each other where the texts mean the same.
///
/// # Behavior
/// Used by [`Leo::search`](crate::Leo::search), which then finds tables and columns by what words mean as well. It gets names and comments of what
/// the user may see, at most 256 at a time, and the words that are searched. Names are asked for once for each tenant, and once for all sources and
/// tenants that have the very same ones. All vectors have the same length.
///
/// One that fails, answers otherwise or takes longer than `model.timeout_ms` costs nothing but that time: what is found is then found by letters
/// alone. With the feature `minilm`, `minilm::MiniLm` is one that reads a sentence model from a folder.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use leo::adapter::Embedder;
/// use leo::context::HostContext;
///
/// /// Knows one thing: whether a text is about people.
/// #[derive(Debug)]
/// struct People;
///
/// #[async_trait::async_trait]
/// impl Embedder for People {
///     async fn embed(&self, _: HostContext, texts: Vec<String>) -> leo::Result<Vec<Vec<f32>>> {
///         let is_about = |text: &String| text.contains("customers") || text.contains("folk");
///         Ok(texts.iter().map(|text| if is_about(text) { vec![1.0, 0.0] } else { vec![0.0, 1.0] }).collect())
///     }
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let shop = leo::source::sqlite::SqliteSource::from_sql("shop", "CREATE TABLE boxes (id int); CREATE TABLE customers (id int)")?;
/// let source = leo::builder::Source::new(shop);
/// let leo = leo::Leo::builder().preset(leo::settings::Preset::Local).source(source).embedder(Arc::new(People)).build()?;
/// assert_eq!(leo.search("folk", None, 1).await?[0].table.as_ref().map(|table| &*table.name), Some("customers"));
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[async_trait]
pub trait Embedder: std::fmt::Debug + Send + Sync + 'static {
    /// A vector for each text, in the same order.
    ///
    /// # Errors
    /// The host's own, of which only the kind is logged.
    async fn embed(&self, ctx: HostContext, texts: Vec<String>) -> Result<Vec<Vec<f32>>>;

    /// The model and its version, where they are known: another name wherever the vectors come out otherwise.
    ///
    /// With a name, and a [`storage`](crate::LeoBuilder::storage) with [`keys`](crate::LeoBuilder::keys), vectors are kept there, sealed, and another
    /// process asks for those alone that are new. Vectors of another name are made anew. Without one, as unless implemented, the setting
    /// `index.embedder_model` says it; without that they stay in memory.
    fn model(&self) -> Option<String> {
        None
    }

    /// Whether texts leave the process over a connection of Leo's own: each request is then in the audit, as a `tool_invocation` of `embedder` with the hash
    /// of what is sent. What a host's embedder sends, the host knows.
    fn is_service(&self) -> bool {
        false
    }
}
