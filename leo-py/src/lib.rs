//! The part of the Python package that is not Python: objects over `leo-bridge`, and nothing of its own.
//!
//! `leo.rs` is the handle, `answer.rs` and `table.rs` what comes back, `stream.rs` what comes bit by bit, `adapter.rs` what a host
//! writes in Python, `runtime.rs` how both sides wait for each other.

mod adapter;
mod answer;
mod convert;
mod error;
mod leo;
mod runtime;
mod stream;
mod table;

use pyo3::prelude::*;

/// Connectors and other parts of this build.
#[pyfunction]
fn features(py: Python<'_>) -> PyResult<Py<PyAny>> {
    convert::to_py(py, &leo_bridge::features::features())
}

/// The rest of a sentence about an unknown name.
#[pyfunction]
fn suggestion(name: &str, known: Vec<String>) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    leo_bridge::arguments::suggestion(name, &known)
}

/// Where the sample company is, made in the cache folder at the first call: a SQLite file.
#[pyfunction]
fn sample_path(py: Python<'_>) -> PyResult<String> {
    py.detach(leo_bridge::sample_path).map_err(|error| error::to_py(py, &error))
}

#[pymodule(gil_used = false)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", leo_bridge::features::VERSION)?;
    module.add_function(wrap_pyfunction!(features, module)?)?;
    module.add_function(wrap_pyfunction!(suggestion, module)?)?;
    module.add_function(wrap_pyfunction!(sample_path, module)?)?;
    module.add_function(wrap_pyfunction!(adapter::check_storage, module)?)?;
    let end = wrap_pyfunction!(runtime::end, module)?;
    module.py().import("atexit")?.call_method1("register", (end,))?;
    module.add_class::<leo::Handle>()?;
    module.add_class::<answer::Answer>()?;
    module.add_class::<answer::Chart>()?;
    module.add_class::<table::Table>()?;
    module.add_class::<stream::Events>()?;
    module.add_class::<stream::Batches>()?;
    Ok(())
}
