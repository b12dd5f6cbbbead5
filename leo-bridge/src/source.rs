//! A source that the host reads itself, over its callback.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, SchemaRef};
use async_trait::async_trait;
use leo::adapter::{HostCatalog, HostConnector, SqlRequest, Started};
use leo::context::HostContext;
use leo::{Error, Result, Table, Value};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::arguments::read_returned;
use crate::callback::{Callback, Payload};
use crate::plain;

/// A source behind a callback.
///
/// `start` is given an `id` with the request, by which `next` and `stop` mean the statement. It gives all rows: as an Arrow stream, as
/// bytes of one, or as `{"columns": […], "rows": [[…]]}`. Or it gives nothing, and `next` gives them piece by piece, bytes of an Arrow stream each,
/// until it gives nothing.
#[derive(Debug)]
pub(crate) struct RemoteSource {
    callback: Arc<dyn Callback>,
    last: AtomicU64,
    running: Mutex<HashMap<u64, Running>>,
}

/// Rows of a statement.
type Reader = Box<dyn RecordBatchReader + Send>;

/// A statement under way; what reads it is away while somebody waits for rows.
#[derive(Default)]
struct Running {
    reader: Option<Reader>,
    /// Whether more comes by `next`.
    more: bool,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Running")
    }
}

impl RemoteSource {
    pub(crate) fn new(callback: Arc<dyn Callback>) -> Self {
        Self { callback, last: AtomicU64::new(0), running: Mutex::default() }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece; none when there are no more.
    async fn piece(&self, id: u64) -> Result<Option<Reader>> {
        match self.callback.call("next", vec![id.into()]).await? {
            Payload::Json(Json::Null) => Ok(None),
            payload => rows("next", payload).map(Some),
        }
    }
}

#[async_trait]
impl HostConnector for RemoteSource {
    async fn introspect(&self, ctx: HostContext) -> Result<HostCatalog> {
        let returned = self.callback.call("introspect", vec![plain(&ctx)?]).await?.into_json("introspect")?;
        read_returned("introspect", returned)
    }

    async fn start(&self, ctx: HostContext, request: SqlRequest) -> Result<Started> {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let mut told = plain(&request)?;
        told["id"] = id.into();
        let (reader, more) = match self.callback.call("start", vec![plain(&ctx)?, told]).await? {
            Payload::Json(Json::Null) => {
                let first = self.piece(id).await?;
                (
                    first.ok_or_else(|| {
                        Error::adapter("`next` gave nothing for a new statement; its first piece tells the columns")
                    })?,
                    true,
                )
            }
            payload => (rows("start", payload)?, false),
        };
        let schema = reader.schema();
        self.running().insert(id, Running { reader: Some(reader), more });
        Ok(Started { id, schema })
    }

    async fn next(&self, id: u64) -> Result<Option<RecordBatch>> {
        loop {
            let (reader, more) = match self.running().get_mut(&id) {
                Some(running) => (running.reader.take(), running.more),
                None => return Ok(None),
            };
            if let Some(reader) = reader
                && let (Some(batch), reader) = read(reader).await?
            {
                if let Some(running) = self.running().get_mut(&id) {
                    running.reader = Some(reader);
                }
                return Ok(Some(batch));
            }
            let piece = if more { self.piece(id).await? } else { None };
            let mut running = self.running();
            match (piece, running.get_mut(&id)) {
                (Some(piece), Some(statement)) => statement.reader = Some(piece),
                _ => {
                    running.remove(&id);
                    return Ok(None);
                }
            }
        }
    }

    async fn stop(&self, id: u64) -> Result<()> {
        let stopped = self.running().remove(&id);
        // What reads it may wait for the host's code when it is let go.
        let _ = tokio::task::spawn_blocking(move || drop(stopped)).await;
        self.callback.call("stop", vec![id.into()]).await.map(drop)
    }

    async fn close(&self) -> Result<()> {
        self.callback.call("close", Vec::new()).await.map(drop)
    }
}

/// Reads on a thread that may wait, since a stream of another library's does.
async fn read(mut reader: Reader) -> Result<(Option<RecordBatch>, Reader)> {
    let read = tokio::task::spawn_blocking(move || (reader.next().transpose(), reader)).await;
    let (batch, reader) = read.map_err(|_| Error::adapter("reading the source's rows ended in a panic"))?;
    Ok((batch.map_err(unreadable)?, reader))
}

fn unreadable(error: ArrowError) -> Error {
    Error::adapter("the source's rows could not be read; the cause says why").with_source(error)
}

/// Rows as people write them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

fn rows(method: &'static str, payload: Payload) -> Result<Reader> {
    match payload {
        Payload::Rows(reader) => Ok(reader),
        Payload::Bytes(bytes) => Ok(Box::new(StreamReader::try_new(Cursor::new(bytes), None).map_err(unreadable)?)),
        Payload::Json(written) => {
            let Written { columns, rows } = read_returned(method, written)?;
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            let table = Table::from_rows(&names, &rows)
                .map_err(|error| Error::adapter(format!("what `{method}` returned is no table: {}", error.message())))?;
            let schema = SchemaRef::clone(table.schema());
            let batches: Vec<_> = table.batches().iter().cloned().map(Ok).collect();
            Ok(Box::new(RecordBatchIterator::new(batches, schema)))
        }
    }
}
