//! The audit file: one record a line, chained, with one writer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::chain::{self, Encoded, Head};
use super::log_file::LogFile;
use crate::adapter::{AuditEvent, AuditSink};
use crate::error::{Error, Result};
use crate::settings::Durability;

/// Appends that may wait; further ones wait for a place.
const QUEUE: usize = 1_024;

/// Bytes of one group.
const GROUP_BYTES: usize = 1 << 20;

/// Options of [`JsonLinesSink::open`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JsonLinesOptions {
    /// What an append promises when it returns.
    pub durability: Durability,
}

/// Writes the audit to a file of JSON lines chained by their hashes.
///
/// # Behavior
/// - One writer per file, held by a lock on it; a second one gets `Conflict`.
/// - An append returns when its records are as durable as [`Durability`] says. A thread of its own writes; appends that wait at the
///   same time share one write and one `fsync`.
/// - A write that fails leaves the file as it was before; nothing half-written remains. A failed `fsync`, or a failure to undo,
///   closes the sink, because what the disk holds is then unknown: open it again.
/// - A last line torn by a crash is moved aside to `<file>.torn-<n>` when the file is opened, a `chain_notice` says so, and the
///   chain goes on.
/// - The file is created with mode 0600, and its directory if it is missing.
///
/// A handle is not usable after `fork`: the child gets `Closed` and opens a file of its own.
#[derive(Debug)]
pub struct JsonLinesSink {
    path: PathBuf,
    queue: Option<mpsc::Sender<Job>>,
    head: Arc<Mutex<Head>>,
    writer: Option<JoinHandle<()>>,
    process: u32,
}

struct Job {
    /// Empty for a flush.
    events: Vec<Encoded>,
    durable: bool,
    done: oneshot::Sender<Result<()>>,
}

impl JsonLinesSink {
    /// Opens the file for appending, or creates it.
    ///
    /// Does a few small reads and writes; from async code, call it at start or on a blocking thread.
    ///
    /// # Errors
    /// `Conflict` when another writer holds the file; `Malformed` when its last record is damaged; `Config` when the path cannot
    /// be opened; `Unavailable` when the disk fails.
    pub fn open(path: impl AsRef<Path>, options: JsonLinesOptions) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        let mut file = LogFile::open(&path, options.durability)?;
        let head = Arc::new(Mutex::new(file.head().clone()));
        let (queue, jobs) = mpsc::channel(QUEUE);
        let published = Arc::clone(&head);
        let writer =
            std::thread::Builder::new().name("leo-audit".into()).spawn(move || write_all(&mut file, jobs, &published)).map_err(
                |error| Error::unavailable("no thread could be started for the audit file; try again").with_source(error),
            )?;
        Ok(Self { path, queue: Some(queue), head, writer: Some(writer), process: std::process::id() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the chain stands. Publish it from time to time: records removed from the end of the file show only against a
    /// head kept elsewhere.
    pub fn head(&self) -> Head {
        self.head.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn submit(&self, events: Vec<Encoded>, durable: bool) -> Result<()> {
        if std::process::id() != self.process {
            return Err(Error::new(
                crate::error::ErrorKind::Closed,
                "the audit file was opened in another process; open a file of its own in this one",
            ));
        }
        let (done, answer) = oneshot::channel();
        let job = Job { events, durable, done };
        let sent = match &self.queue {
            Some(queue) => queue.send(job).await.is_ok(),
            None => false,
        };
        match (sent, answer.await) {
            (true, Ok(result)) => result,
            _ => {
                Err(Error::internal("the writer of the audit file has ended")
                    .with_context("file", self.path.display().to_string()))
            }
        }
    }
}

#[async_trait]
impl AuditSink for JsonLinesSink {
    async fn append(&self, events: Vec<AuditEvent>) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let encoded = events.iter().map(chain::encode).collect::<Result<Vec<_>>>()?;
        self.submit(encoded, false).await
    }

    async fn flush(&self) -> Result<()> {
        self.submit(Vec::new(), true).await
    }
}

impl Drop for JsonLinesSink {
    /// Waits until what was appended is written.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take()
            && std::process::id() == self.process
        {
            // A panic of the writer was already answered to whoever waited for it.
            let _ = writer.join();
        }
    }
}

/// The writer's thread: takes what waits as one group, writes it, answers everybody.
fn write_all(file: &mut LogFile, mut jobs: mpsc::Receiver<Job>, published: &Mutex<Head>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut group = vec![first];
        let mut bytes = 0;
        while bytes < GROUP_BYTES
            && let Ok(job) = jobs.try_recv()
        {
            bytes += job.events.iter().map(Encoded::len).sum::<usize>();
            group.push(job);
        }
        let durable = group.iter().any(|job| job.durable);
        let result = file.append(group.iter().flat_map(|job| &job.events), durable);
        if result.is_ok() {
            published.lock().unwrap_or_else(PoisonError::into_inner).clone_from(file.head());
        }
        for job in group {
            // Whoever stopped waiting does not want the answer.
            let _ = job.done.send(result.clone());
        }
    }
}
