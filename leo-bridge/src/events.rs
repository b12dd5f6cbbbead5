//! What happens on the way to an answer, as a stream.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use leo::ask::AskEvent;
use leo::sync::SyncProgress;
use leo::{Error, Result};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::calls::Reply;
use crate::error;
use crate::plain;

/// Names of the events there are, in the order in which they may come first.
pub const EVENTS: &[&str] =
    &["queued", "started", "model_asked", "model_answered", "finished", "progress", "answer", "catalog", "error"];

/// One thing that happened.
#[derive(Debug)]
pub enum Event {
    /// A step on the way: `{"event": "started", "stage": "plan"}`, `{"event": "finished", "stage": "plan", "us": 512}` of a question,
    /// `{"event": "progress", "stage": "profile", "done": 3, "total": 10, "table": {"name": "orders"}, "problem": null, "position": null, "eta_ms": 1200}` of a sync.
    Step(Json),
    /// What came of it; the last event.
    Done(Box<Reply>),
}

impl Event {
    pub(crate) fn of_ask(event: AskEvent) -> Json {
        plain(&event).unwrap_or_default()
    }

    pub(crate) fn of_sync(progress: &SyncProgress<'_>) -> Json {
        let mut event = json!({ "event": "progress" });
        if let (Json::Object(event), Ok(Json::Object(fields))) = (&mut event, plain(progress)) {
            event.extend(fields);
        }
        event
    }

    /// The event as plain data; an answer or a catalogue is in it under that name.
    ///
    /// # Errors
    /// `Internal` for what has no JSON form.
    pub fn to_json(&self) -> Result<Json> {
        match self {
            Self::Step(step) => Ok(step.clone()),
            Self::Done(reply) => match &**reply {
                Reply::Answer(answer) => Ok(json!({ "event": "answer", "answer": plain(answer)? })),
                Reply::Json(catalog) => Ok(json!({ "event": "catalog", "catalog": catalog })),
                _ => Err(Error::internal("an event has no JSON form")),
            },
        }
    }
}

/// An event, or the error that ended the stream, as a server-sent event: `event: …`, `data: …`, an empty line.
///
/// # Errors
/// As [`Event::to_json`].
pub fn to_sse(event: &Result<Event>) -> Result<String> {
    let data = match event {
        Ok(event) => event.to_json()?,
        Err(problem) => json!({ "event": "error", "error": error::to_json(problem) }),
    };
    let name = data["event"].as_str().unwrap_or_default();
    // JSON has no raw line feeds, so that one line holds it.
    Ok(format!("event: {name}\ndata: {data}\n\n"))
}

/// A call under way and what it tells. Dropping it cancels the call, in the database too.
#[derive(Debug)]
pub struct Events {
    events: mpsc::UnboundedReceiver<Result<Event>>,
    task: AbortHandle,
}

impl Events {
    /// Starts `work` on this thread's runtime; it tells by what it is given.
    pub(crate) fn start<W, F>(work: W) -> Self
    where
        W: FnOnce(Teller) -> F + Send + 'static,
        F: Future<Output = Result<Reply>> + Send + 'static,
    {
        let (sender, events) = mpsc::unbounded_channel();
        let tell = Teller(sender.clone());
        let task = tokio::spawn(async move {
            let done = AssertUnwindSafe(work(tell)).catch_unwind().await;
            let done = done.unwrap_or_else(|_| Err(Error::internal("a call ended in a panic; please report it")));
            let _ = sender.send(done.map(|reply| Event::Done(Box::new(reply))));
        });
        Self { events, task: task.abort_handle() }
    }

    /// The next event; none after the last.
    ///
    /// # Cancellation
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<Event>> {
        self.events.recv().await
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where a call tells what happens.
#[derive(Debug, Clone)]
pub(crate) struct Teller(mpsc::UnboundedSender<Result<Event>>);

impl Teller {
    pub(crate) fn tell(&self, step: Json) {
        let _ = self.0.send(Ok(Event::Step(step)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_not_told_what_led_to_an_error() {
        let inner = Error::adapter("the vault says s3cret");
        let sent = to_sse(&Err(Error::adapter("`authorize` of the host failed").with_source(inner.clone()))).unwrap();
        assert!(sent.starts_with("event: error\ndata: {") && sent.ends_with("}\n\n"), "{sent}");
        assert!(!sent.contains("s3cret"), "{sent}");
        // An exception of the host's own process has it.
        assert!(
            error::cause(&Error::adapter("outer").with_source(inner)).is_some_and(|cause| cause.message().contains("s3cret"))
        );
    }
}
