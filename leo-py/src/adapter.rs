//! Parts of the host's written in Python: objects with the methods of [`METHODS`](leo_bridge::callback::METHODS), or plain functions.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use leo::{Error, Result};
use leo_bridge::{Callback, Parts, Payload};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use serde_json::Value as Json;
use tokio::sync::oneshot;

use crate::runtime::{Caller, attached, caller, wait, with_python};
use crate::table::reader;
use crate::{convert, error};

/// The parts in `given`, by name.
pub(crate) fn parts(given: &Bound<'_, PyDict>) -> PyResult<Parts> {
    let part = |name: &'static str| -> PyResult<Option<Arc<dyn Callback>>> {
        match given.get_item(name)? {
            Some(object) if !object.is_none() => Ok(Some(Arc::new(PyCallback::new(name, &object)?))),
            _ => Ok(None),
        }
    };
    Ok(Parts {
        authorizer: part("authorizer")?,
        audit: part("audit")?,
        resolver: part("resolver")?,
        credentials: part("credentials")?,
        storage: part("storage")?,
        clock: part("clock")?,
        model: part("model")?,
        embedder: part("embedder")?,
        sources: sources(given)?,
    })
}

/// Checks a storage of the host's against the contract.
#[pyfunction]
pub(crate) fn check_storage(py: Python<'_>, storage: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let storage = Arc::new(PyCallback::new("storage", storage)?);
    let checks = wait(py, leo_bridge::contract::check_storage(storage))?;
    convert::to_py(py, &checks)
}

/// Sources that the host reads itself, by id.
fn sources(given: &Bound<'_, PyDict>) -> PyResult<BTreeMap<String, Arc<dyn Callback>>> {
    let mut sources: BTreeMap<String, Arc<dyn Callback>> = BTreeMap::new();
    if let Some(by_id) = given.get_item("sources")? {
        for (id, object) in by_id.cast::<PyDict>()?.iter() {
            sources.insert(id.extract()?, Arc::new(PyCallback::new("source", &object)?));
        }
    }
    Ok(sources)
}

/// An object or function of the host's.
struct PyCallback {
    part: &'static str,
    object: Py<PyAny>,
    /// The loop of the last call that had one: for work that goes on when its call is over.
    home: Mutex<Option<Py<PyAny>>>,
}

impl PyCallback {
    /// Checks that `object` can stand for `part`.
    fn new(part: &'static str, object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let methods = methods(part);
        let first = methods.first().map_or(part, |(name, _)| name);
        if !object.is_callable() {
            if let Some((missing, _)) = methods.iter().find(|(name, _)| !object.hasattr(*name).unwrap_or(false)) {
                let class = object.get_type().name()?;
                return Err(PyTypeError::new_err(format!("`{part}` needs a method `{missing}`, which {class} does not have")));
            }
        } else if methods.len() > 1 && !object.hasattr(first)? {
            return Err(PyTypeError::new_err(format!("`{part}` is an object with the method `{first}`, not a function")));
        }
        Ok(Self { part, object: object.clone().unbind(), home: Mutex::new(None) })
    }
}

fn methods(part: &str) -> &'static [leo_bridge::callback::Method] {
    leo_bridge::callback::METHODS.iter().find(|(name, _)| *name == part).map_or(&[], |(_, methods)| methods)
}

impl fmt::Debug for PyCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PyCallback({})", self.part)
    }
}

/// What a call gave at once.
enum Given {
    Payload(Payload),
    /// A coroutine that is under way now, and how to stop it.
    Pending(oneshot::Receiver<PyResult<Py<PyAny>>>, Stop),
}

/// Cancels a coroutine that nobody waits for any more.
struct Stop(Py<PyAny>);

impl Drop for Stop {
    fn drop(&mut self) {
        let _ = attached(|py| self.0.call_method0(py, "cancel").map(drop));
    }
}

#[async_trait]
impl Callback for PyCallback {
    async fn call(&self, method: &'static str, arguments: Vec<Json>) -> Result<Payload> {
        let from = attached(|py| {
            let caller = caller(py);
            let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(event_loop) = caller.as_ref().and_then(|caller| caller.event_loop.as_ref()) {
                *home = Some(event_loop.clone_ref(py));
            }
            (self.object.clone_ref(py), caller, home.as_ref().map(|home| home.clone_ref(py)))
        });
        let Some((object, caller, home)) = from else { return Err(error::ending()) };
        let given = with_python(move |py| {
            start(py, object.bind(py), method, &arguments, caller, home).map_err(|raised| error::from_py(py, method, raised))
        });
        match given.await? {
            Given::Payload(payload) => Ok(payload),
            Given::Pending(done, stop) => {
                let done =
                    done.await.map_err(|_| Error::adapter(format!("the event loop ended before `{method}` of the host did")))?;
                let payload = with_python(move |py| {
                    let finished = done.and_then(|value| payload(method, value.bind(py)));
                    finished.map_err(|raised| error::from_py(py, method, raised))
                });
                let payload = payload.await;
                drop(stop);
                payload
            }
        }
    }
}

/// Calls a method in the context of who made the call that needs it.
fn start(
    py: Python<'_>,
    object: &Bound<'_, PyAny>,
    method: &'static str,
    arguments: &[Json],
    caller: Option<Caller>,
    home: Option<Py<PyAny>>,
) -> PyResult<Given> {
    let callable = match object.hasattr(method)? {
        true => object.getattr(method)?,
        false => object.clone(),
    };
    let arguments = arguments.iter().map(|argument| convert::argument(py, argument)).collect::<PyResult<Vec<_>>>()?;
    let arguments = PyTuple::new(py, arguments)?;
    let (event_loop, context) = match caller {
        Some(Caller { event_loop, context }) => (event_loop.or(home), Some(context)),
        None => (home, None),
    };
    let returned = match &context {
        // A context is entered once at a time, and a call may need several parts at once.
        Some(context) => {
            let mut with_callable = vec![callable.unbind()];
            with_callable.extend(arguments.iter().map(Bound::unbind));
            context.call_method0(py, "copy")?.bind(py).call_method1("run", PyTuple::new(py, with_callable)?)?
        }
        None => callable.call1(arguments)?,
    };
    if !returned.hasattr("__await__")? {
        return payload(method, &returned).map(Given::Payload);
    }
    static RUN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let (sender, receiver) = oneshot::channel();
    let done = Done(Mutex::new(Some(sender)));
    let run = RUN.import(py, "askleo._background", "run")?;
    let stop = run.call1((returned, event_loop, context, done))?;
    Ok(Given::Pending(receiver, Stop(stop.unbind())))
}

/// Takes what a coroutine came to.
#[pyclass(frozen)]
struct Done(Mutex<Option<oneshot::Sender<PyResult<Py<PyAny>>>>>);

#[pymethods]
impl Done {
    fn __call__(&self, value: Py<PyAny>, raised: Option<Bound<'_, PyAny>>) {
        if let Some(sender) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = sender.send(raised.map_or(Ok(value), |raised| Err(PyErr::from_value(raised))));
        }
    }
}

fn payload(method: &str, returned: &Bound<'_, PyAny>) -> PyResult<Payload> {
    if returned.hasattr("__arrow_c_stream__")? {
        return Ok(Payload::Rows(Box::new(reader(returned)?)));
    }
    if let (true, Ok(stream)) = (method == "start", returned.cast::<PyBytes>()) {
        return Ok(Payload::Bytes(stream.as_bytes().to_vec()));
    }
    convert::from_py(returned).map(Payload::Json)
}
