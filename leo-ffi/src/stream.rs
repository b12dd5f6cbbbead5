//! What comes bit by bit.

use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use leo::{Answer, Error, Result};
use leo_bridge::arrow::Batches;
use leo_bridge::events::to_sse;
use leo_bridge::{Event, Events, Reply};
use tokio_util::sync::CancellationToken;

use crate::answer::LeoAnswer;
use crate::boundary::{given, guarded, owned};
use crate::error::LeoError;
use crate::leo::{Leo, reply};
use crate::options::{Arguments, LeoSqlOptions, read};
use crate::runtime::wait;

/// A call under way and what it tells. It belongs to who was given it: `leo_events_free`. Any thread may use it, one at a time; others wait.
pub struct LeoEvents {
    state: Mutex<State>,
    cancel: Option<CancellationToken>,
}

struct State {
    /// None after the last.
    events: Option<Events>,
    /// Until it is fetched.
    answer: Option<Box<Answer>>,
}

impl LeoEvents {
    /// The next event; nothing after the last, which is an answer, a catalogue, or an error.
    fn next(&self) -> Option<Result<Event>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let events = state.events.as_mut()?;
        let next = wait(self.cancel.as_ref(), async { events.next().await.transpose() }).transpose();
        if !matches!(next, Some(Ok(Event::Step(_)))) {
            // Dropping it cancels what still runs.
            state.events = None;
        }
        next
    }

    /// Keeps what came of it.
    fn keep(&self, event: Event) {
        if let Event::Done(reply) = event
            && let Reply::Answer(answer) = *reply
        {
            self.state.lock().unwrap_or_else(PoisonError::into_inner).answer = Some(answer);
        }
    }
}

/// Begins a call that tells what happens.
pub(crate) fn events(leo: Option<&Leo>, name: &str, arguments: Arguments) -> Result<Option<Box<LeoEvents>>> {
    let cancel = arguments.token();
    match reply(leo, name, arguments)? {
        Reply::Events(events) => {
            let state = Mutex::new(State { events: Some(events), answer: None });
            Ok(Some(Box::new(LeoEvents { state, cancel })))
        }
        _ => Err(Error::internal("this call tells no events")),
    }
}

/// Waits for the next event: a JSON object whose `event` is `started`, `finished`, `progress`, and last `answer` or `catalog`.
///
/// The text is the caller's: `leo_string_free`. NULL without an error after the last; NULL and an error when the call failed, which ends it.
#[unsafe(no_mangle)]
pub extern "C" fn leo_events_next(events: Option<&LeoEvents>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || {
        let events = given("events", events)?;
        let Some(event) = events.next().transpose()? else { return Ok(null_mut()) };
        let told = event.to_json()?.to_string();
        events.keep(event);
        Ok(owned(told))
    })
}

/// Waits for the next event and writes it as a server-sent event for a browser; an error of the call is one too.
///
/// The text is the caller's: `leo_string_free`. NULL after the last.
#[unsafe(no_mangle)]
pub extern "C" fn leo_events_next_sse(events: Option<&LeoEvents>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || {
        let events = given("events", events)?;
        let Some(event) = events.next() else { return Ok(null_mut()) };
        let told = to_sse(&event)?;
        if let Ok(event) = event {
            events.keep(event);
        }
        Ok(owned(told))
    })
}

/// The answer that the events ended with, once: it is the caller's then: `leo_answer_free`. NULL before the last event and where it was none.
#[unsafe(no_mangle)]
pub extern "C" fn leo_events_answer(events: Option<&LeoEvents>) -> Option<Box<LeoAnswer>> {
    let answer = events?.state.lock().unwrap_or_else(PoisonError::into_inner).answer.take();
    answer.map(|answer| Box::new(LeoAnswer::new(*answer)))
}

/// Lets go of the events; what still runs is cancelled, in the database too. NULL is nothing. No thread may use them any more.
#[unsafe(no_mangle)]
pub extern "C" fn leo_events_free(events: Option<Box<LeoEvents>>) {
    guarded(None, || {
        drop(events);
        Ok(true)
    });
}

/// Begins a call whose rows come as they are read.
pub(crate) fn rows(
    leo: Option<&Leo>,
    name: &str,
    arguments: Arguments,
    truncated: Option<Truncated>,
) -> Result<FFI_ArrowArrayStream> {
    let cancel = arguments.token();
    match reply(leo, name, arguments)? {
        Reply::Batches(batches) => {
            let rows = Rows { schema: batches.schema(), batches: Some(batches), cancel, truncated };
            Ok(FFI_ArrowArrayStream::new(Box::new(rows)))
        }
        _ => Err(Error::internal("this call gives no batches")),
    }
}

/// Batches as Arrow's interface wants them: each `next` waits, and can be cancelled.
struct Rows {
    schema: SchemaRef,
    /// None after the last.
    batches: Option<Batches>,
    cancel: Option<CancellationToken>,
    truncated: Option<Truncated>,
}

/// The caller's place for whether rows were left out.
pub(crate) struct Truncated(NonNull<i32>);

// SAFETY: the caller lets one thread at a time read a stream, and the place is written by who reads.
unsafe impl Send for Truncated {}

impl Truncated {
    /// The place that the options name.
    pub(crate) unsafe fn of(options: *const LeoSqlOptions) -> Result<Option<Self>> {
        Ok(read(options)?.and_then(|options| NonNull::new(options.truncated)).map(Self))
    }
}

impl Iterator for Rows {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batches = self.batches.as_mut()?;
        let next = catch_unwind(AssertUnwindSafe(|| wait(self.cancel.as_ref(), async { batches.next().await.transpose() })));
        let next = next.unwrap_or_else(|_| Err(Error::internal("reading ended in a panic; please report it")));
        if !matches!(next, Ok(Some(_))) {
            if let Some(place) = &self.truncated
                && batches.truncated().load(Ordering::Acquire)
            {
                // SAFETY: the caller keeps the place until the stream is released.
                unsafe { place.0.write(1) };
            }
            self.batches = None;
        }
        next.map_err(|error| ArrowError::ExternalError(Box::new(error))).transpose()
    }
}

impl RecordBatchReader for Rows {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }
}
