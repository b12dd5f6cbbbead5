//! Answers and their charts.

use std::sync::Arc;

use leo_bridge::answer as bridge;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Value as Json, json};

use crate::table::Table;
use crate::{convert, error};

/// What came of a question or a statement.
///
/// `status` says which fields are filled: `table`, `narrative` and `chart` for an answer, `clarification` for a question back,
/// `approval` for a statement that waits, `refusal` for everything else.
#[pyclass(frozen, module = "askleo")]
pub(crate) struct Answer(Arc<leo::Answer>);

impl Answer {
    pub(crate) fn new(answer: leo::Answer) -> Self {
        Self(Arc::new(answer))
    }

    fn render(&self, py: Python<'_>, form: &str, options: Json) -> PyResult<String> {
        bridge::render(&self.0, form, options).map_err(|error| error::to_py(py, &error))
    }
}

/// The methods of an answer, and a property for each of its plain fields.
macro_rules! answer {
    ({ $($(#[$doc:meta])* $name:ident),* $(,)? } $($methods:tt)*) => {
        // Names are those of the fields; `from_cache` makes nothing from anything.
        #[allow(clippy::wrong_self_convention)]
        #[pymethods]
        impl Answer {
            $($(#[$doc])* #[getter] fn $name(&self, py: Python<'_>) -> PyResult<Py<PyAny>> { convert::data(py, &self.0.$name) })*
            $($methods)*
        }
    };
}

answer! {
    {
        /// UUIDv7 of this answer.
        id,
        /// The conversation, when the context has one.
        session_id,
        /// The question as asked; the statement for direct SQL.
        question,
        /// Id of the source.
        source,
        /// What came of it: `answered`, `clarify`, `declined`, `blocked` …
        status,
        /// Prose with every figure bound to cells; `text` has its words.
        narrative,
        /// What stands out.
        callouts,
        /// Number of rows returned.
        row_count,
        /// Whether there were more.
        truncated,
        /// The statement as sent to the database, values apart.
        sql,
        /// Values of its placeholders.
        params,
        /// The statement with its values written in, to be read and copied.
        sql_with_values,
        /// How the question was read and what was assumed.
        explain,
        /// The question back.
        clarification,
        /// What has to be approved.
        approval,
        /// Why there is no answer, with what to do next.
        refusal,
        /// By what it is answered later, where it could not be answered at once.
        ticket,
        /// Questions to ask next.
        follow_ups,
        /// How sure the planner is that this is what was asked, 0 to 1; None for direct SQL.
        confidence,
        /// What the answer was made from.
        provenance,
        /// How recent the data is.
        freshness,
        /// Whether the rows come from a cache.
        from_cache,
        /// When the rows were read from the database; None when nothing ran.
        ran_at,
        /// What the reader should know.
        warnings,
        /// What it took.
        usage,
        /// How long each stage took.
        timings,
        /// Id of the audit event of this question.
        audit_id,
        /// The caller's `traceparent`, when the context has one.
        trace_id,
    }

    /// The rows; None when nothing ran.
    #[getter]
    fn table(&self) -> Option<Table> {
        self.0.table.clone().map(Table::new)
    }

    /// How to draw it; None when nothing ran.
    #[getter]
    fn chart(&self) -> Option<Chart> {
        self.0.chart.is_some().then(|| Chart(Arc::clone(&self.0)))
    }

    /// What there is to say in one text: the narrative, the question back, or the reason why there is no answer.
    #[getter]
    fn text(&self) -> String {
        self.0.message()
    }

    /// The answer itself when there is one.
    ///
    /// Raises the error of the status otherwise: `UnsupportedError`, `NeedsApprovalError`, `RejectedError`, `DeniedError`.
    fn raise_for_status<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        let answer = &slf.get().0;
        if answer.status.error_kind().is_some()
            && let Err(error) = leo::Answer::clone(answer).raise_for_status()
        {
            return Err(error::to_py(slf.py(), &error));
        }
        Ok(slf)
    }

    /// All of it as plain data, rows included.
    fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        convert::data(py, &*self.0)
    }

    /// All of it as JSON text, rows included.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        bridge::to_json(&self.0).map_err(|error| error::to_py(py, &error))
    }

    /// As a person reads it, in plain text; `explain` says how it came about, `width=0` neither wraps nor cuts.
    #[pyo3(signature = (*, width = 80, explain = false, chart = true, max_rows = 20))]
    fn to_text(&self, py: Python<'_>, width: usize, explain: bool, chart: bool, max_rows: usize) -> PyResult<String> {
        self.render(py, "text", json!({ "width": width, "explain": explain, "chart": chart, "max_rows": max_rows }))
    }

    /// As a card of HTML that needs no script; `page` makes a page of it, to be saved as a file.
    #[pyo3(signature = (*, question = true, chart = true, explain = true, max_rows = 50, style = true, page = false))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools)]
    fn to_html(
        &self,
        py: Python<'_>,
        question: bool,
        chart: bool,
        explain: bool,
        max_rows: usize,
        style: bool,
        page: bool,
    ) -> PyResult<String> {
        let options = json!({ "question": question, "chart": chart, "explain": explain, "max_rows": max_rows, "style": style, "page": page });
        self.render(py, "html", options)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.render(py, "text", json!({}))?.trim_end().to_owned())
    }

    #[pyo3(signature = (include = None, exclude = None))]
    fn _repr_mimebundle_<'py>(
        &self,
        py: Python<'py>,
        include: Option<Bound<'py, PyAny>>,
        exclude: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        drop((include, exclude));
        let bundle = PyDict::new(py);
        bundle.set_item("text/html", self.render(py, "html", json!({ "question": false }))?)?;
        bundle.set_item("text/plain", self.__repr__(py)?)?;
        Ok(bundle)
    }
}

/// How to draw an answer.
#[pyclass(frozen, module = "askleo")]
pub(crate) struct Chart(Arc<leo::Answer>);

#[pymethods]
impl Chart {
    /// The chart as plain data that refers to the columns by name.
    #[getter]
    fn spec(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        convert::data(py, &self.0.chart)
    }

    /// As a Vega-Lite specification, data included.
    fn to_vega_lite(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        convert::data(py, &bridge::chart(&self.0, bridge::Chart::VegaLite))
    }

    /// As the options of Apache ECharts, data included.
    fn to_echarts(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        convert::data(py, &bridge::chart(&self.0, bridge::Chart::ECharts))
    }

    /// As a drawing that needs no script.
    fn to_svg(&self) -> Option<String> {
        bridge::svg(&self.0)
    }

    #[pyo3(signature = (include = None, exclude = None))]
    fn _repr_mimebundle_<'py>(
        &self,
        py: Python<'py>,
        include: Option<Bound<'py, PyAny>>,
        exclude: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        drop((include, exclude));
        let bundle = PyDict::new(py);
        bundle.set_item("application/vnd.vegalite.v5+json", self.to_vega_lite(py)?)?;
        bundle.set_item("image/svg+xml", self.to_svg())?;
        bundle.set_item("text/plain", self.__repr__())?;
        Ok(bundle)
    }

    fn __repr__(&self) -> String {
        self.0.chart.as_ref().map_or_else(String::new, |chart| format!("Chart({})", chart.kind.label()))
    }
}
