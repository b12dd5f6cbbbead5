//! Sources in any language.

use std::fmt;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::HostCatalog;
use crate::context::HostContext;
use crate::error::Result;
use crate::value::Value;

/// A source that the host brings: whatever runs SQL of one of Leo's dialects, written in whatever language.
///
/// # Behavior
/// Leo vets, records and prices a statement before [`start`](Self::start) hears of it, and nothing else is ever sent. Rows, bytes and time are counted
/// on Leo's side, so a connector that reads on does no harm; one that heeds [`SqlRequest::row_cap`] and [`SqlRequest::timeout_ms`] spares its
/// database work.
///
/// A statement that was started ends in one of two ways. [`next`](Self::next) gives nothing more: it is over, and everything kept for it can
/// be let go. Or [`stop`](Self::stop) comes, exactly once: the rows are enough, the reader is gone, the call was cancelled, its time is over, or
/// `next` failed. `next` is never asked twice at a time for one statement; `stop` may come while it still works.
///
/// What a connector fails with, and what it panics with, becomes an error of kind `Adapter` with the connector's own one attached as its source.
/// A connector that never answers holds a call up no longer than its time.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Int64Array, RecordBatch};
/// use leo::adapter::{HostCatalog, HostConnector, SqlRequest, Started};
/// use leo::context::HostContext;
/// use leo::gate::ConnectorInfo;
///
/// /// Has one table, and one answer.
/// #[derive(Debug, Default)]
/// struct Oracle(std::sync::Mutex<Option<RecordBatch>>);
///
/// #[async_trait::async_trait]
/// impl HostConnector for Oracle {
///     async fn introspect(&self, _: HostContext) -> leo::Result<HostCatalog> {
///         let text = r#"{"dialect": "sqlite", "tables": [{"name": "answers", "columns": [{"name": "n", "type": "INTEGER"}]}]}"#;
///         Ok(serde_json::from_str(text).expect("it is a description"))
///     }
///
///     async fn start(&self, _: HostContext, request: SqlRequest) -> leo::Result<Started> {
///         assert!(request.sql.contains("answers"));
///         let column = Arc::new(Int64Array::from(vec![42])) as ArrayRef;
///         let batch = RecordBatch::try_from_iter([("n", column)]).expect("one column");
///         let schema = batch.schema();
///         *self.0.lock().unwrap() = Some(batch);
///         Ok(Started { id: 1, schema })
///     }
///
///     async fn next(&self, _: u64) -> leo::Result<Option<RecordBatch>> {
///         Ok(self.0.lock().unwrap().take())
///     }
///
///     async fn stop(&self, _: u64) -> leo::Result<()> {
///         Ok(())
///     }
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let info = ConnectorInfo {
///     source: "oracle".into(),
///     engine: "delphi".into(),
///     engine_version: "1".into(),
///     dialect: leo::Dialect::Sqlite,
/// };
/// let source = leo::builder::Source::host(info, Arc::new(Oracle::default()));
/// let leo = leo::Leo::builder().preset(leo::settings::Preset::Local).source(source).build()?;
/// // Reading the structure is enough: the oracle does not do statistics.
/// leo.sync(None, &leo::sync::SyncOptions { profile: false, ..Default::default() }, &|_| {}).await?;
/// let answer = leo.sql("SELECT n FROM answers").await?;
/// assert_eq!(answer.table.unwrap().value(0, 0).to_string(), "42");
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[async_trait]
pub trait HostConnector: fmt::Debug + Send + Sync + 'static {
    /// Describes the source: every table that its login may read.
    ///
    /// # Errors
    /// The host's own.
    async fn introspect(&self, ctx: HostContext) -> Result<HostCatalog>;

    /// Begins a statement and tells its columns, before the first row. Its id means it in the calls that follow.
    ///
    /// # Cancellation
    /// One that comes to its end after nobody waits any more is stopped by the id it gives; one that takes longer than 10 seconds for that is
    /// dropped.
    ///
    /// # Errors
    /// The host's own. A statement that failed to start is not stopped.
    async fn start(&self, ctx: HostContext, request: SqlRequest) -> Result<Started>;

    /// The next rows, with the columns of [`Started::schema`]; none when there are no more.
    ///
    /// # Errors
    /// The host's own; the statement is stopped then.
    async fn next(&self, id: u64) -> Result<Option<RecordBatch>>;

    /// Ends a statement of which nobody wants more, in the database too.
    ///
    /// # Errors
    /// The host's own, of which only the kind is logged.
    async fn stop(&self, id: u64) -> Result<()>;

    /// Lets go of connections. Called once, when statements under way were stopped or 10 seconds have passed; none is started afterwards.
    ///
    /// # Errors
    /// The host's own.
    async fn close(&self) -> Result<()> {
        Ok(())
    }
}

/// A statement for a [`HostConnector`]: vetted for this source, within the rights of whoever asks, and on record.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SqlRequest {
    /// The text in the source's dialect. It is run as it is, as one statement, on a connection that only reads.
    pub sql: String,
    /// Values of its placeholders, in order. They are bound, never written into the text.
    pub params: Vec<Value>,
    /// Rows that are read at most: one more than is shown, where that tells whether there were more.
    pub row_cap: u64,
    /// Milliseconds for the statement, its rows included.
    pub timeout_ms: u64,
}

/// Shows no literals and no values.
impl fmt::Debug for SqlRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlRequest")
            .field("sql", &format_args!("<{} bytes>", self.sql.len()))
            .field("params", &self.params)
            .field("row_cap", &self.row_cap)
            .field("timeout_ms", &self.timeout_ms)
            .finish()
    }
}

/// A statement under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// What the connector calls it; no other statement under way has the same.
    pub id: u64,
    /// Its columns, which every batch has.
    pub schema: SchemaRef,
}
