//! Rows: Arrow for libraries, Python objects for people.

use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, SchemaRef};
use leo::Error;
use pyo3::exceptions::{PyBufferError, PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList, PySlice, PyTuple};
use serde_json::{Value as Json, json};

use crate::{convert, error};

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";

/// The rows of an answer. It is an Arrow table to every library that knows the Arrow PyCapsule interface (pyarrow, polars, pandas,
/// DuckDB …), without a copy.
#[pyclass(frozen, module = "askleo")]
pub(crate) struct Table(leo::Table);

impl Table {
    pub(crate) fn new(table: leo::Table) -> Self {
        Self(table)
    }

    fn batches(&self) -> impl RecordBatchReader + Send + use<> {
        let batches: Vec<Result<RecordBatch, ArrowError>> = self.0.batches().iter().cloned().map(Ok).collect();
        RecordBatchIterator::new(batches, Arc::clone(self.0.schema()))
    }

    fn tuple<'py>(&self, py: Python<'py>, row: usize, types: &[String]) -> PyResult<Bound<'py, PyTuple>> {
        let cells = types.iter().enumerate().map(|(column, kind)| convert::cell(py, self.0.value(row, column), kind));
        PyTuple::new(py, cells.collect::<PyResult<Vec<_>>>()?)
    }

    fn render(&self, py: Python<'_>, form: &str, options: Json) -> PyResult<String> {
        leo_bridge::answer::render_table(&self.0, form, options).map_err(|error| error::to_py(py, &error))
    }

    fn kinds(&self) -> Vec<String> {
        (0..self.0.num_columns()).map(|column| self.0.column_type(column)).collect()
    }
}

#[pymethods]
impl Table {
    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        (0..self.0.num_columns()).map(|column| self.0.column_name(column).to_owned()).collect()
    }

    /// Types of the columns by name: `integer`, `float`, `decimal`, `text`, `date`, `timestamp` …
    #[getter]
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let types = PyDict::new(py);
        for (name, kind) in self.columns().into_iter().zip(self.kinds()) {
            types.set_item(name, kind)?;
        }
        Ok(types)
    }

    /// Number of rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.0.num_rows()
    }

    /// Number of columns.
    #[getter]
    fn num_columns(&self) -> usize {
        self.0.num_columns()
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    /// A row as a tuple; negative numbers count from the end. A slice gives a list of them.
    fn __getitem__<'py>(&self, py: Python<'py>, row: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let rows = self.0.num_rows();
        if let Ok(slice) = row.cast::<PySlice>() {
            let kinds = self.kinds();
            let indices = slice.indices(isize::try_from(rows)?)?;
            let at = |place: usize| indices.start + isize::try_from(place).unwrap_or(isize::MAX).saturating_mul(indices.step);
            let taken = (0..indices.slicelength).map(|place| self.tuple(py, at(place).unsigned_abs(), &kinds));
            return Ok(PyList::new(py, taken.collect::<PyResult<Vec<_>>>()?)?.into_any());
        }
        let row: isize = row.extract()?;
        let at = if row < 0 { rows.checked_sub(row.unsigned_abs()) } else { Some(row.unsigned_abs()) };
        let Some(at) = at.filter(|at| *at < rows) else {
            return Err(PyIndexError::new_err(format!("row {row} of {rows}")));
        };
        self.tuple(py, at, &self.kinds()).map(Bound::into_any)
    }

    /// All rows as tuples of Python objects.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let types = self.kinds();
        let rows = (0..self.0.num_rows()).map(|row| self.tuple(py, row, &types));
        PyList::new(py, rows.collect::<PyResult<Vec<_>>>()?)
    }

    /// All rows as dicts; of two columns with one name the last stays.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let (names, types) = (self.columns(), self.kinds());
        let rows = (0..self.0.num_rows()).map(|row| {
            let dict = PyDict::new(py);
            for (column, (name, kind)) in names.iter().zip(&types).enumerate() {
                dict.set_item(name, convert::cell(py, self.0.value(row, column), kind)?)?;
            }
            Ok(dict)
        });
        PyList::new(py, rows.collect::<PyResult<Vec<_>>>()?)
    }

    /// As a `pyarrow.Table`, without a copy.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        wanted(slf.py(), "pyarrow")?.call_method1("table", (slf,))
    }

    /// As a `pandas.DataFrame`.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        wanted(slf.py(), "pandas")?;
        Self::to_arrow(slf)?.call_method0("to_pandas")
    }

    /// As a `polars.DataFrame`, without a copy where polars can.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        wanted(slf.py(), "polars")?.call_method1("DataFrame", (slf,))
    }

    /// As CSV. Text that a spreadsheet would take for a formula is made harmless; NULL and empty text differ.
    #[pyo3(signature = (*, delimiter = ",", header = true, null = "", escape_formulas = true))]
    fn to_csv(&self, py: Python<'_>, delimiter: &str, header: bool, null: &str, escape_formulas: bool) -> PyResult<String> {
        let options =
            json!({ "delimiter": delimiter, "header": header, "null": Json::from(null), "escape_formulas": escape_formulas });
        self.render(py, "csv", options)
    }

    /// As a table of Markdown.
    #[pyo3(signature = (*, max_rows = 50))]
    fn to_markdown(&self, py: Python<'_>, max_rows: usize) -> PyResult<String> {
        self.render(py, "markdown", json!({ "max_rows": max_rows }))
    }

    /// As a table of HTML.
    #[pyo3(signature = (*, max_rows = 50))]
    fn to_html(&self, py: Python<'_>, max_rows: usize) -> PyResult<String> {
        self.render(py, "html", json!({ "max_rows": max_rows }))
    }

    /// As JSON lines: an object for each row.
    fn to_json_lines(&self, py: Python<'_>) -> PyResult<String> {
        self.render(py, "json_lines", json!({}))
    }

    /// As a stream of Arrow's IPC format.
    fn to_ipc<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| leo::export::arrow_stream(&self.0)).map_err(|error| error::to_py(py, &error))?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        self.to_html(py, 50)
    }

    /// The Arrow PyCapsule interface.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A producer may leave a requested schema aside; consumers cast.
        drop(requested_schema);
        stream(py, self.batches())
    }

    /// The Arrow PyCapsule interface.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema(py, self.0.schema())
    }

    fn __repr__(&self) -> String {
        leo::ask::render::table(&self.0, &leo::ask::render::TableOptions::default())
    }
}

/// A library that is used where it is there, and never needed otherwise.
fn wanted<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyModule>> {
    py.import(name).map_err(|missing| {
        let error = Error::unsupported(format!("this needs {name}; install it with `pip install {name}`"));
        let raised = error::to_py(py, &error);
        raised.set_cause(py, Some(missing));
        raised
    })
}

/// A stream of batches as a capsule that others read.
pub(crate) fn stream<'py>(py: Python<'py>, reader: impl RecordBatchReader + Send + 'static) -> PyResult<Bound<'py, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
}

/// A schema as a capsule that others read.
pub(crate) fn schema<'py>(py: Python<'py>, schema: &SchemaRef) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(&**schema).map_err(|error| PyBufferError::new_err(error.to_string()))?;
    PyCapsule::new_with_value(py, schema, SCHEMA)
}

/// What another library hands over by the Arrow PyCapsule interface.
pub(crate) fn reader(object: &Bound<'_, PyAny>) -> PyResult<ArrowArrayStreamReader> {
    let capsule = object.call_method0("__arrow_c_stream__")?;
    let capsule = capsule.cast::<PyCapsule>().map_err(|_| PyTypeError::new_err("`__arrow_c_stream__` gives a capsule"))?;
    let pointer = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    // The capsule's name was checked, which by the interface says what it points to. `from_raw` moves the stream out and leaves a
    // released one behind, as the interface wants of a consumer.
    #[allow(unsafe_code)]
    let stream = unsafe { ArrowArrayStreamReader::from_raw(pointer.as_ptr()) };
    stream.map_err(|error| PyBufferError::new_err(error.to_string()))
}
