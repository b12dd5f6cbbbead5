//! Rows that come as they are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use futures::StreamExt;
use leo::gate::GateStream;
use leo::{Error, Result, Table};
use tokio::runtime::Handle;

use crate::runtime::runtime;

/// The rows of a statement, batch by batch. Dropping it stops the statement in the database.
#[derive(Debug)]
pub struct Batches {
    /// There until it is dropped.
    stream: Option<GateStream>,
    schema: SchemaRef,
    truncated: Arc<AtomicBool>,
    runtime: Handle,
}

impl Drop for Batches {
    /// The statement is stopped by tasks, also where a language lets go of the rows on a thread of its own.
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        drop(self.stream.take());
    }
}

impl Batches {
    pub(crate) fn new(stream: GateStream) -> Self {
        let schema = SchemaRef::clone(stream.schema());
        Self { stream: Some(stream), schema, truncated: Arc::default(), runtime: Handle::current() }
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    /// Whether there were more rows than the statement may give: known after the last batch, for whoever holds the flag then.
    pub fn truncated(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.truncated)
    }

    /// The next batch; none after the last.
    pub async fn next(&mut self) -> Option<Result<RecordBatch>> {
        let stream = self.stream.as_mut()?;
        let next = stream.next().await;
        if next.is_none() {
            self.truncated.store(stream.summary().truncated, Ordering::Release);
        }
        next
    }

    /// The next batch as a table of its own.
    pub async fn next_table(&mut self) -> Option<Result<Table>> {
        let schema = self.schema();
        self.next().await.map(|batch| batch.and_then(|batch| Table::new(schema, vec![batch])))
    }

    /// The batches to be read from any thread that may wait; `wait` is told what to wait for.
    pub fn into_reader(self) -> BatchReader {
        BatchReader { schema: self.schema(), batches: self }
    }
}

/// [`Batches`] as Arrow's interface wants them: each `next` waits.
#[derive(Debug)]
pub struct BatchReader {
    schema: SchemaRef,
    batches: Batches,
}

impl Iterator for BatchReader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = runtime().map(|runtime| runtime.block_on(self.batches.next()));
        next.unwrap_or_else(|error| Some(Err(error))).map(|batch| batch.map_err(external))
    }
}

impl RecordBatchReader for BatchReader {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }
}

fn external(error: Error) -> ArrowError {
    ArrowError::ExternalError(Box::new(error))
}
