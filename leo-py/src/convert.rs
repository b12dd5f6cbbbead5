//! Plain data between Python and Rust.

use leo::value::{Decimal, Value};
use pyo3::exceptions::{PyRecursionError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyType};
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// How deep data may be nested; deeper is a mistake, such as a list that holds itself.
const DEPTH: usize = 64;

/// A Python object as plain data.
///
/// `Decimal` stays exact, dates and times become ISO text, `bytes` hexadecimal digits, paths and UUIDs text.
pub(crate) fn from_py(object: &Bound<'_, PyAny>) -> PyResult<Json> {
    read(object, 0)
}

fn read(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Json> {
    if depth > DEPTH {
        return Err(PyRecursionError::new_err(format!("the data is nested more than {DEPTH} levels deep")));
    }
    if object.is_none() {
        return Ok(Json::Null);
    }
    // `bool` before `int`: it is one.
    if let Ok(value) = object.cast::<PyBool>() {
        return Ok(value.is_true().into());
    }
    if let Ok(value) = object.cast::<PyString>() {
        return Ok(value.to_str()?.into());
    }
    if object.is_instance_of::<PyInt>() {
        return integer(object);
    }
    if let Ok(value) = object.cast::<PyFloat>() {
        return serde_json::Number::from_f64(value.value())
            .map(Json::Number)
            .ok_or_else(|| PyValueError::new_err("a number is neither infinite nor NaN; use None for no value"));
    }
    if let Ok(list) = object.cast::<PyList>() {
        return list.iter().map(|item| read(&item, depth + 1)).collect::<PyResult<Vec<_>>>().map(Json::Array);
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return tuple.iter().map(|item| read(&item, depth + 1)).collect::<PyResult<Vec<_>>>().map(Json::Array);
    }
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return plain(&Value::Bytes(bytes.as_bytes().to_vec()));
    }
    if let Ok(mapping) = object.cast::<PyMapping>() {
        let mut map = Map::new();
        for item in mapping.items()?.iter() {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            let Ok(key) = key.cast::<PyString>() else {
                return Err(PyTypeError::new_err(format!("names are str, not {}", kind(&key))));
            };
            map.insert(key.to_str()?.to_owned(), read(&value, depth + 1)?);
        }
        return Ok(Json::Object(map));
    }
    special(object, depth)
}

fn integer(object: &Bound<'_, PyAny>) -> PyResult<Json> {
    match (object.extract::<i64>(), object.extract::<u64>()) {
        (Ok(value), _) => Ok(value.into()),
        (_, Ok(value)) => Ok(value.into()),
        _ => exact(&object.str()?.to_string()),
    }
}

/// A number that JSON would round.
fn exact(text: &str) -> PyResult<Json> {
    let _: Decimal = text.parse().map_err(|error: leo::Error| PyValueError::new_err(error.message().to_owned()))?;
    Ok(serde_json::json!({ "decimal": text }))
}

/// What the standard library has beyond JSON, and what other libraries make alike: NumPy's scalars, pandas' timestamps.
fn special(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Json> {
    let py = object.py();
    if object.is_instance(decimal(py)?)? {
        let text = object.call_method1("__format__", ("f",))?;
        return exact(text.cast::<PyString>()?.to_str()?);
    }
    for method in ["isoformat", "__fspath__"] {
        if let Ok(method) = object.getattr(method) {
            return read(&method.call0()?, depth + 1);
        }
    }
    if object.get_type().name()? == "UUID" {
        return Ok(object.str()?.to_str()?.into());
    }
    if object.hasattr("__index__")? {
        return integer(&object.call_method0("__index__")?);
    }
    if object.hasattr("dtype")? && object.hasattr("item")? {
        let item = object.call_method0("item")?;
        if !item.is(object) {
            return read(&item, depth + 1);
        }
    }
    if object.hasattr("__next__")? || object.hasattr("__iter__")? {
        return object.try_iter()?.map(|item| read(&item?, depth + 1)).collect::<PyResult<Vec<_>>>().map(Json::Array);
    }
    Err(PyTypeError::new_err(format!(
        "{} is no plain data; give None, bool, int, float, str, Decimal, a date, bytes, or lists and dicts of them",
        kind(object)
    )))
}

fn kind(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string())
}

fn decimal(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    DECIMAL.import(py, "decimal", "Decimal")
}

/// Plain data as Python objects.
pub(crate) fn to_py(py: Python<'_>, json: &Json) -> PyResult<Py<PyAny>> {
    Ok(match json {
        Json::Null => py.None(),
        Json::Bool(value) => PyBool::new(py, *value).to_owned().into_any().unbind(),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => value.into_pyobject(py)?.into_any().unbind(),
            (_, Some(value)) => value.into_pyobject(py)?.into_any().unbind(),
            _ => PyFloat::new(py, number.as_f64().unwrap_or(f64::NAN)).into_any().unbind(),
        },
        Json::String(text) => PyString::new(py, text).into_any().unbind(),
        Json::Array(items) => {
            let items = items.iter().map(|item| to_py(py, item)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, items)?.into_any().unbind()
        }
        Json::Object(map) => {
            let dict = PyDict::new(py);
            for (name, value) in map {
                dict.set_item(name, to_py(py, value)?)?;
            }
            dict.into_any().unbind()
        }
    })
}

/// Plain data for code of the host's, where bytes are `bytes`.
pub(crate) fn argument(py: Python<'_>, json: &Json) -> PyResult<Py<PyAny>> {
    match json {
        Json::Object(map) if map.len() == 1 && map.contains_key("bytes") => match serde_json::from_value(json.clone()) {
            Ok(Value::Bytes(bytes)) => Ok(PyBytes::new(py, &bytes).into_any().unbind()),
            _ => to_py(py, json),
        },
        Json::Object(map) => {
            let dict = PyDict::new(py);
            for (name, value) in map {
                dict.set_item(name, argument(py, value)?)?;
            }
            Ok(dict.into_any().unbind())
        }
        Json::Array(items) => {
            let items = items.iter().map(|item| argument(py, item)).collect::<PyResult<Vec<_>>>()?;
            Ok(PyList::new(py, items)?.into_any().unbind())
        }
        plain => to_py(py, plain),
    }
}

/// Anything that has a JSON form, as Python objects.
pub(crate) fn data(py: Python<'_>, value: &impl Serialize) -> PyResult<Py<PyAny>> {
    to_py(py, &plain(value)?)
}

fn plain(value: &impl Serialize) -> PyResult<Json> {
    serde_json::to_value(value).map_err(|_| PyValueError::new_err("this has no JSON form"))
}

/// A cell as the Python object that fits its column's type: `Decimal`, `date`, `datetime`, `time`, `bytes`.
pub(crate) fn cell(py: Python<'_>, value: Value, column_type: &str) -> PyResult<Py<PyAny>> {
    Ok(match value {
        Value::Null => py.None(),
        Value::Bool(value) => PyBool::new(py, value).to_owned().into_any().unbind(),
        Value::Int(value) => value.into_pyobject(py)?.into_any().unbind(),
        Value::Float(value) => PyFloat::new(py, value).into_any().unbind(),
        Value::Decimal(value) => decimal(py)?.call1((value.to_string(),))?.unbind(),
        Value::Text(text) => match temporal(py, &text, column_type) {
            Some(moment) => moment,
            None => PyString::new(py, &text).into_any().unbind(),
        },
        Value::Bytes(bytes) => PyBytes::new(py, &bytes).into_any().unbind(),
    })
}

/// The date or time that a text of such a column says; none for what Python has no object for, such as the year 10000.
fn temporal(py: Python<'_>, text: &str, column_type: &str) -> Option<Py<PyAny>> {
    static DATE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static TIME: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static DATETIME: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = match column_type {
        "date" => DATE.import(py, "datetime", "date"),
        "time" => TIME.import(py, "datetime", "time"),
        "timestamp" => DATETIME.import(py, "datetime", "datetime"),
        _ => return None,
    };
    // Python 3.10 reads no `Z`, and fractions of three or six digits only.
    let text = text.strip_suffix('Z').map_or_else(|| text.to_owned(), |local| format!("{local}+00:00"));
    class.ok()?.call_method1("fromisoformat", (text,)).ok().map(Bound::unbind)
}
