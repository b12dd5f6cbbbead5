//! Errors in both directions.

use std::fmt;

use leo::{Error, ErrorKind};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::convert;
use crate::runtime::attached;

/// The exception of an error: the class of its kind, with its data as attributes; an exception of the host's is its cause.
pub(crate) fn to_py(py: Python<'_>, error: &Error) -> PyErr {
    raise(py, error).unwrap_or_else(|problem| problem)
}

fn raise(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let class = classes(py)?.get_item(error.kind().as_str())?;
    let class = class.ok_or_else(|| PyException::new_err(error.to_string()))?;
    let exception = class.call1((error.message(),))?;
    let json = leo_bridge::error::to_json(error);
    for name in ["context", "findings", "retryable"] {
        exception.setattr(name, convert::to_py(py, &json[name])?)?;
    }
    let raised = PyErr::from_value(exception);
    let cause = thrown(py, error).or_else(|| leo_bridge::error::cause(error).map(|cause| to_py(py, &cause)));
    if cause.is_some() {
        raised.set_cause(py, cause);
    }
    Ok(raised)
}

/// The exception of the host's that led to an error.
fn thrown(py: Python<'_>, error: &Error) -> Option<PyErr> {
    leo_bridge::error::find(error).map(|Raised(cause)| cause.clone_ref(py))
}

/// The classes by kind.
fn classes(py: Python<'_>) -> PyResult<&Bound<'_, PyDict>> {
    static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let classes = CLASSES.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.import("askleo._errors")?.getattr("BY_KIND")?.cast_into::<PyDict>()?.unbind())
    })?;
    Ok(classes.bind(py))
}

/// What code of the host's raised. Its text stays in it: nobody knows what it holds.
pub(crate) struct Raised(PyErr);

impl fmt::Debug for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = attached(|py| self.0.get_type(py).name().map(|name| name.to_string()));
        write!(f, "the host's code raised {}", name.and_then(Result::ok).unwrap_or_else(|| "an exception".to_owned()))
    }
}

impl std::error::Error for Raised {}

/// The error of an exception that code of the host's raised in `method`: one of Leo's own keeps its kind and message.
pub(crate) fn from_py(py: Python<'_>, method: &str, raised: PyErr) -> Error {
    let value = raised.value(py);
    let own = value.getattr("kind").and_then(|kind| kind.extract::<String>()).ok().as_deref().and_then(leo_bridge::error::kind);
    let message = value.getattr("message").and_then(|message| message.extract::<String>()).ok();
    let is_own =
        py.import("askleo._errors").and_then(|errors| errors.getattr("LeoError")).and_then(|class| value.is_instance(&class));
    match (own, message, is_own) {
        (Some(kind), Some(message), Ok(true)) => Error::new(kind, message).with_source(Raised(raised)),
        _ => {
            let class = raised.get_type(py).name().map_or_else(|_| "an exception".to_owned(), |name| name.to_string());
            Error::new(ErrorKind::Adapter, format!("`{method}` of the host raised {class}; its cause says why"))
                .with_source(Raised(raised))
        }
    }
}

/// The error of a call that the interpreter's end cut short.
pub(crate) fn ending() -> Error {
    Error::new(ErrorKind::Cancelled, "the interpreter is shutting down")
}
