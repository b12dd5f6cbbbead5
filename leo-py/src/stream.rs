//! What comes bit by bit: events on the way to an answer, and batches of rows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use leo::{Error, Result};
use leo_bridge::arrow::Batches as BridgeBatches;
use leo_bridge::{Event, Events as BridgeEvents, Host, Reply};
use pyo3::exceptions::{PyStopAsyncIteration, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use serde_json::Value as Json;
use tokio::sync::Mutex;

use crate::answer::Answer;
use crate::runtime::{promise, wait};
use crate::table::{self, Table};
use crate::{convert, error};

/// What is called.
struct Call {
    host: Host,
    name: &'static str,
    arguments: Json,
}

/// A call that begins when its first piece is asked for.
enum State<T> {
    Waiting(Box<Call>),
    Running(T),
    Over,
}

type Shared<T> = Arc<Mutex<State<T>>>;

fn waiting<T>(host: Host, name: &'static str, arguments: Json) -> Shared<T> {
    Arc::new(Mutex::new(State::Waiting(Box::new(Call { host, name, arguments }))))
}

impl<T> State<T> {
    /// What runs, begun if need be; none when it is over.
    async fn running(&mut self, of: impl Fn(Reply) -> Option<T>) -> Result<Option<&mut T>> {
        if matches!(self, Self::Waiting(_))
            // A beginning that fails or is given up is not tried again.
            && let Self::Waiting(call) = std::mem::replace(self, Self::Over)
        {
            let reply = call.host.call(call.name, call.arguments).await?;
            *self = Self::Running(of(reply).ok_or_else(|| Error::internal("a stream gave something else"))?);
        }
        match self {
            Self::Running(running) => Ok(Some(running)),
            _ => Ok(None),
        }
    }
}

async fn next_event(state: Shared<BridgeEvents>) -> Result<Option<Event>> {
    let mut state = state.lock().await;
    let of = |reply| match reply {
        Reply::Events(events) => Some(events),
        _ => None,
    };
    take(&mut state, of).await
}

async fn take(state: &mut State<BridgeEvents>, of: impl Fn(Reply) -> Option<BridgeEvents>) -> Result<Option<Event>> {
    let Some(events) = state.running(of).await? else { return Ok(None) };
    match events.next().await {
        Some(Ok(event)) => Ok(Some(event)),
        last => {
            *state = State::Over;
            last.transpose()
        }
    }
}

/// Whether rows were left out, from when the rows begin.
type Truncated = Arc<OnceLock<Arc<AtomicBool>>>;

/// The rows, and the word on what was left out of them.
fn batches(truncated: Truncated) -> impl Fn(Reply) -> Option<BridgeBatches> {
    move |reply| match reply {
        Reply::Batches(batches) => {
            let _ = truncated.set(batches.truncated());
            Some(batches)
        }
        _ => None,
    }
}

async fn next_table(state: Shared<BridgeBatches>, truncated: Truncated) -> Result<Option<leo::Table>> {
    let mut state = state.lock().await;
    let Some(batches) = state.running(batches(truncated)).await? else { return Ok(None) };
    match batches.next_table().await {
        Some(Ok(table)) => Ok(Some(table)),
        last => {
            *state = State::Over;
            last.transpose()
        }
    }
}

/// What happens on the way to an answer: dicts with `event`, the last one with the `answer` or the `catalog`.
///
/// Iterate with `for` in sync code and `async for` in async code. Leaving it early cancels the call, in the database too.
#[pyclass(frozen, generic, module = "askleo")]
pub(crate) struct Events(Shared<BridgeEvents>);

impl Events {
    pub(crate) fn new(host: Host, name: &'static str, arguments: Json) -> Self {
        Self(waiting(host, name, arguments))
    }
}

fn event(py: Python<'_>, event: Event) -> PyResult<Py<PyAny>> {
    if let Event::Done(reply) = event {
        let dict = PyDict::new(py);
        match *reply {
            Reply::Answer(answer) => {
                dict.set_item("event", "answer")?;
                dict.set_item("answer", Answer::new(*answer))?;
            }
            Reply::Json(catalog) => {
                dict.set_item("event", "catalog")?;
                dict.set_item("catalog", convert::to_py(py, &catalog)?)?;
            }
            _ => return Err(error::to_py(py, &Error::internal("a stream ended with something else"))),
        }
        return Ok(dict.into_any().unbind());
    }
    convert::to_py(py, &event.to_json().map_err(|error| error::to_py(py, &error))?)
}

#[pymethods]
impl Events {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match wait(py, next_event(Arc::clone(&self.0)))? {
            Some(next) => event(py, next),
            None => Err(PyStopIteration::new_err(())),
        }
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        promise(py, next_event(Arc::clone(&self.0)), |py, next| match next {
            Some(next) => event(py, next),
            None => Err(PyStopAsyncIteration::new_err(())),
        })
    }

    /// Ends it, and the call if that is still under way.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        close(py, &self.0)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __aenter__(slf: Py<Self>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        promise(py, async { Ok(()) }, move |_, ()| Ok(slf.into_any()))
    }

    #[pyo3(signature = (*_exception))]
    fn __aexit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        close_async(py, &self.0)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<()> {
        close(py, &self.0)
    }

    /// The next event as a server-sent event, an error among them; None after the last.
    fn next_sse(&self, py: Python<'_>) -> PyResult<Option<String>> {
        wait(py, next_sse(Arc::clone(&self.0)))
    }

    /// `next_sse` for async code.
    fn next_sse_async(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        promise(py, next_sse(Arc::clone(&self.0)), |py, text| Ok(text.into_pyobject(py)?.into_any().unbind()))
    }
}

async fn next_sse(state: Shared<BridgeEvents>) -> Result<Option<String>> {
    match next_event(state).await.transpose() {
        Some(event) => leo_bridge::events::to_sse(&event).map(Some),
        None => Ok(None),
    }
}

fn close<T: Send>(py: Python<'_>, state: &Shared<T>) -> PyResult<()> {
    wait(py, async {
        *state.lock().await = State::Over;
        Ok(())
    })
}

/// `close` for async code.
fn close_async<T: Send + 'static>(py: Python<'_>, state: &Shared<T>) -> PyResult<Py<PyAny>> {
    let state = Arc::clone(state);
    let closing = async move {
        *state.lock().await = State::Over;
        Ok(())
    };
    promise(py, closing, |py, ()| Ok(py.None()))
}

/// The rows of a statement as they come: tables one after the other, or all at once for whoever reads Arrow's interface.
#[pyclass(frozen, module = "askleo")]
pub(crate) struct Batches(Shared<BridgeBatches>, Truncated);

impl Batches {
    pub(crate) fn new(host: Host, name: &'static str, arguments: Json) -> Self {
        Self(waiting(host, name, arguments), Truncated::default())
    }
}

#[pymethods]
impl Batches {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Table> {
        wait(py, next_table(Arc::clone(&self.0), Arc::clone(&self.1)))?
            .map(Table::new)
            .ok_or_else(|| PyStopIteration::new_err(()))
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __anext__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        promise(py, next_table(Arc::clone(&self.0), Arc::clone(&self.1)), |py, next| match next {
            Some(next) => Ok(Bound::new(py, Table::new(next))?.into_any().unbind()),
            None => Err(PyStopAsyncIteration::new_err(())),
        })
    }

    /// Whether there were more rows than `max_rows`, 5,000 unless given: known once the rows were read to their end.
    #[getter]
    fn truncated(&self) -> bool {
        self.1.get().is_some_and(|truncated| truncated.load(Ordering::Acquire))
    }

    /// Ends it, and the statement in the database if that still runs.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        close(py, &self.0)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __aenter__(slf: Py<Self>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        promise(py, async { Ok(()) }, move |_, ()| Ok(slf.into_any()))
    }

    #[pyo3(signature = (*_exception))]
    fn __aexit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        close_async(py, &self.0)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<()> {
        close(py, &self.0)
    }

    /// The Arrow PyCapsule interface: the rows that were not read yet, once.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let (state, truncated) = (Arc::clone(&self.0), Arc::clone(&self.1));
        let batches = wait(py, async move {
            let mut state = state.lock().await;
            state.running(batches(truncated)).await?;
            match std::mem::replace(&mut *state, State::Over) {
                State::Running(batches) => Ok(batches),
                _ => Err(Error::new(leo::ErrorKind::Closed, "the rows were read already; run the statement again")),
            }
        })?;
        table::stream(py, Detached(batches.into_reader()))
    }
}

/// A reader that lets go of the interpreter while it waits, so that code of the host's in Python can make what is waited for.
struct Detached(leo_bridge::arrow::BatchReader);

impl Iterator for Detached {
    type Item = std::result::Result<arrow_array::RecordBatch, arrow_schema::ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        Python::try_attach(|py| py.detach(|| self.0.next()))?
    }
}

impl arrow_array::RecordBatchReader for Detached {
    fn schema(&self) -> arrow_schema::SchemaRef {
        self.0.schema()
    }
}
