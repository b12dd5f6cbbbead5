//! What comes bit by bit.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::leo::Result;
use leo_bridge::arrow::Batches;
use leo_bridge::{Events, Reply};
use serde_json::Value as Json;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::answer::{Answer, Table};
use crate::error::LeoError;
use crate::task::run;

/// A stream of the bridge's that is read by one task at a time and closed by any.
struct Reading<S> {
    stream: Mutex<Option<S>>,
    closed: CancellationToken,
}

impl<S: Send + 'static> Reading<S> {
    fn new(stream: S) -> Arc<Self> {
        Arc::new(Self { stream: Mutex::new(Some(stream)), closed: CancellationToken::new() })
    }

    /// What `next` of the stream gives; nothing once it ended, failed or was closed.
    async fn next<T, N>(self: &Arc<Self>, next: N) -> Result<Option<T>, LeoError>
    where
        T: Send + 'static,
        N: for<'a> FnOnce(&'a mut S) -> Pin<Box<dyn Future<Output = Option<Result<T>>> + Send + 'a>> + Send + 'static,
    {
        let reading = Arc::clone(self);
        run(async move {
            let mut stream = reading.stream.lock().await;
            let Some(running) = stream.as_mut() else { return Ok(None) };
            let item = tokio::select! {
                biased;
                () = reading.closed.cancelled() => None,
                item = next(running) => item,
            };
            if !matches!(item, Some(Ok(_))) {
                *stream = None;
            }
            item.transpose()
        })
        .await
    }

    async fn close(self: &Arc<Self>) -> Result<(), LeoError> {
        self.closed.cancel();
        let reading = Arc::clone(self);
        run(async move {
            *reading.stream.lock().await = None;
            Ok(())
        })
        .await
    }
}

/// What happens on the way to an answer.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Event {
    /// A question waits for others of its tenant.
    Queued {
        /// Its place in the line, from 1.
        position: u64,
    },
    /// A model is asked, or an earlier answer of it is looked for.
    ModelAsked {
        /// What for.
        purpose: String,
    },
    /// A model answered, or failed.
    ModelAnswered {
        /// What for.
        purpose: String,
        /// Whether it answered.
        ok: bool,
        /// Microseconds it took.
        us: u64,
    },
    /// A stage of a question begins.
    Started {
        /// Its name.
        stage: String,
    },
    /// A stage of a question has ended.
    Finished {
        /// Its name.
        stage: String,
        /// Microseconds it took.
        us: u64,
    },
    /// How far a sync is.
    Progress {
        /// `stage`, `done`, `total`, `table` and `problem`, as a JSON object.
        json: String,
    },
    /// The answer; the last event.
    Answer {
        /// It.
        answer: Arc<Answer>,
    },
    /// The catalogue that a sync came to, the last event.
    Catalog {
        /// It, as JSON.
        json: String,
    },
}

impl From<leo_bridge::Event> for Event {
    fn from(event: leo_bridge::Event) -> Self {
        let step = match event {
            leo_bridge::Event::Done(reply) => match *reply {
                Reply::Answer(answer) => return Self::Answer { answer: Answer::new(*answer) },
                Reply::Json(catalog) => return Self::Catalog { json: catalog.to_string() },
                _ => Json::Null,
            },
            leo_bridge::Event::Step(step) => step,
        };
        let text = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| step[name].as_u64().unwrap_or_default();
        match step["event"].as_str() {
            Some("queued") => Self::Queued { position: number("position") },
            Some("model_asked") => Self::ModelAsked { purpose: text("purpose") },
            Some("model_answered") => {
                let ok = step["ok"].as_bool().unwrap_or_default();
                Self::ModelAnswered { purpose: text("purpose"), ok, us: number("us") }
            }
            Some("started") => Self::Started { stage: text("stage") },
            Some("finished") => Self::Finished { stage: text("stage"), us: number("us") },
            _ => Self::Progress { json: step.to_string() },
        }
    }
}

/// Events of a call under way. Letting go of it cancels the call, in the database too.
#[derive(uniffi::Object)]
pub struct EventStream(Arc<Reading<Events>>);

impl EventStream {
    pub(crate) fn new(events: Events) -> Arc<Self> {
        Arc::new(Self(Reading::new(events)))
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventStream")
    }
}

#[uniffi::export]
impl EventStream {
    /// The next event; none after the last. Raises the error that the call ended with.
    pub async fn next(&self) -> Result<Option<Event>, LeoError> {
        Ok(self.0.next(|events| Box::pin(events.next())).await?.map(Event::from))
    }

    /// The next event as a server-sent event for a browser, an error of the call among them; none after the last.
    pub async fn next_sse(&self) -> Result<Option<String>, LeoError> {
        self.0.next(|events| Box::pin(async { events.next().await.map(|event| leo_bridge::events::to_sse(&event)) })).await
    }

    /// Ends it, and the call if that is still under way.
    pub async fn close(&self) -> Result<(), LeoError> {
        self.0.close().await
    }
}

/// The rows of a statement as they come. Letting go of it stops the statement in the database.
#[derive(uniffi::Object)]
pub struct BatchStream(Arc<Reading<Batches>>, Arc<AtomicBool>);

impl BatchStream {
    pub(crate) fn new(batches: Batches) -> Arc<Self> {
        let truncated = batches.truncated();
        Arc::new(Self(Reading::new(batches), truncated))
    }
}

impl fmt::Debug for BatchStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BatchStream")
    }
}

#[uniffi::export]
impl BatchStream {
    /// The next rows; none after the last.
    pub async fn next(&self) -> Result<Option<Arc<Table>>, LeoError> {
        Ok(self.0.next(|batches| Box::pin(batches.next_table())).await?.map(Table::new))
    }

    /// Whether there were more rows than `max_rows`, 5,000 unless given: known once the rows were read to their end.
    pub fn truncated(&self) -> bool {
        self.1.load(Ordering::Acquire)
    }

    /// Ends it, and the statement in the database if that still runs.
    pub async fn close(&self) -> Result<(), LeoError> {
        self.0.close().await
    }
}
