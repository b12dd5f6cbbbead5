//! The handle.

use leo_bridge::{Host, Reply};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value as Json;

use crate::answer::Answer;
use crate::runtime::{promise, wait};
use crate::stream::{Batches, Events};
use crate::{adapter, convert, error};

/// A handle; `askleo.Leo` and `askleo.AsyncLeo` give its calls their names.
#[pyclass(frozen, module = "askleo")]
pub(crate) struct Handle(Host);

#[pymethods]
impl Handle {
    /// Opens what a path or URL names.
    #[staticmethod]
    fn open(py: Python<'_>, place: String, options: &Bound<'_, PyAny>, parts: &Bound<'_, PyDict>) -> PyResult<Self> {
        let (options, parts) = (convert::from_py(options)?, adapter::parts(parts)?);
        wait(py, async move { Host::open(&place, options, parts).await }).map(Self)
    }

    /// `open` for async code.
    #[staticmethod]
    fn open_async(py: Python<'_>, place: String, options: &Bound<'_, PyAny>, parts: &Bound<'_, PyDict>) -> PyResult<Py<PyAny>> {
        let (options, parts) = (convert::from_py(options)?, adapter::parts(parts)?);
        promise(py, async move { Host::open(&place, options, parts).await }, |py, host| {
            Ok(Bound::new(py, Self(host))?.into_any().unbind())
        })
    }

    /// Builds a handle from options and parts.
    #[staticmethod]
    fn build(py: Python<'_>, options: &Bound<'_, PyAny>, parts: &Bound<'_, PyDict>) -> PyResult<Self> {
        let (options, parts) = (convert::from_py(options)?, adapter::parts(parts)?);
        wait(py, Host::build(options, parts)).map(Self)
    }

    /// Opens the sample company.
    #[staticmethod]
    fn sample(py: Python<'_>, options: &Bound<'_, PyAny>, parts: &Bound<'_, PyDict>) -> PyResult<Self> {
        let (options, parts) = (convert::from_py(options)?, adapter::parts(parts)?);
        wait(py, Host::sample(options, parts)).map(Self)
    }

    /// The same handle for a user.
    fn for_user(&self, py: Python<'_>, context: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.0.for_user(convert::from_py(context)?).map(Self).map_err(|error| error::to_py(py, &error))
    }

    /// Makes a call and waits for it.
    fn call(&self, py: Python<'_>, name: &str, arguments: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let arguments = convert::from_py(arguments)?;
        reply(py, wait(py, self.0.call(name, arguments))?)
    }

    /// Makes a call and gives an awaitable.
    fn call_async(&self, py: Python<'_>, name: String, arguments: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let (host, arguments) = (self.0.clone(), convert::from_py(arguments)?);
        promise(py, async move { host.call(&name, arguments).await }, reply)
    }

    /// Begins a call that tells what happens.
    fn events(&self, name: &str, arguments: &Bound<'_, PyAny>) -> PyResult<Events> {
        let (name, arguments) = named(name, arguments)?;
        Ok(Events::new(self.0.clone(), name, arguments))
    }

    /// Begins a call whose rows come as they are read.
    fn batches(&self, name: &str, arguments: &Bound<'_, PyAny>) -> PyResult<Batches> {
        let (name, arguments) = named(name, arguments)?;
        Ok(Batches::new(self.0.clone(), name, arguments))
    }
}

fn named(name: &str, arguments: &Bound<'_, PyAny>) -> PyResult<(&'static str, Json)> {
    let known = leo_bridge::calls::CALLS.iter().map(|(known, _)| *known).find(|known| *known == name);
    Ok((known.unwrap_or("unknown"), convert::from_py(arguments)?))
}

fn reply(py: Python<'_>, reply: Reply) -> PyResult<Py<PyAny>> {
    match reply {
        Reply::Nothing => Ok(py.None()),
        Reply::Json(json) => convert::to_py(py, &json),
        Reply::Answer(answer) => Ok(Bound::new(py, Answer::new(*answer))?.into_any().unbind()),
        Reply::Events(_) | Reply::Batches(_) => Err(error::to_py(py, &leo::Error::internal("this call gives a stream"))),
    }
}
