//! What comes bit by bit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leo::Error;
use leo_bridge::arrow::Batches;
use leo_bridge::{Event, Events, Reply};
use napi::bindgen_prelude::Either;
use napi_derive::napi;
use tokio::sync::Mutex;

use crate::answer::{NativeAnswer, NativeTable};
use crate::error::to_js;

/// What happens on the way to an answer.
#[napi]
pub struct NativeEvents(Arc<Mutex<Option<Events>>>);

impl NativeEvents {
    pub(crate) fn new(events: Events) -> Self {
        Self(Arc::new(Mutex::new(Some(events))))
    }
}

#[napi]
impl NativeEvents {
    /// The next event as JSON, or the answer; none after the last.
    #[napi]
    pub async fn next(&self) -> napi::Result<Option<Either<String, NativeAnswer>>> {
        let mut events = self.0.lock().await;
        let Some(running) = events.as_mut() else { return Ok(None) };
        let event = match running.next().await {
            Some(Ok(event)) => event,
            Some(Err(error)) => {
                *events = None;
                return Err(to_js(&error));
            }
            None => {
                *events = None;
                return Ok(None);
            }
        };
        match event {
            Event::Done(reply) => match *reply {
                Reply::Answer(answer) => Ok(Some(Either::B(NativeAnswer::new(*answer)))),
                other => text(&Event::Done(Box::new(other))),
            },
            step => text(&step),
        }
    }

    /// Ends it, and the call if that is still under way.
    #[napi]
    pub async fn close(&self) {
        *self.0.lock().await = None;
    }
}

fn text(event: &Event) -> napi::Result<Option<Either<String, NativeAnswer>>> {
    event.to_json().map(|json| Some(Either::A(json.to_string()))).map_err(|error| to_js(&error))
}

/// The rows of a statement as they come.
#[napi]
pub struct NativeBatches(Arc<Mutex<Option<Batches>>>, Arc<AtomicBool>);

impl NativeBatches {
    pub(crate) fn new(batches: Batches) -> Self {
        let truncated = batches.truncated();
        Self(Arc::new(Mutex::new(Some(batches))), truncated)
    }
}

#[napi]
impl NativeBatches {
    /// Whether rows were left out: known after the last.
    #[napi]
    pub fn truncated(&self) -> bool {
        self.1.load(Ordering::Acquire)
    }

    /// The next rows; none after the last.
    #[napi]
    pub async fn next(&self) -> napi::Result<Option<NativeTable>> {
        let mut batches = self.0.lock().await;
        let Some(running) = batches.as_mut() else { return Ok(None) };
        match running.next_table().await {
            Some(Ok(table)) => Ok(Some(NativeTable::new(table))),
            last => {
                *batches = None;
                last.map_or(Ok(None), |error: Result<_, Error>| {
                    error.map(|table| Some(NativeTable::new(table))).map_err(|error| to_js(&error))
                })
            }
        }
    }

    /// Ends it, and the statement in the database if that still runs.
    #[napi]
    pub async fn close(&self) {
        *self.0.lock().await = None;
    }
}
