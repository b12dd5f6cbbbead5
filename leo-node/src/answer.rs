//! Answers and their rows.

use std::sync::Arc;

use leo::Value;
use leo_bridge::answer as bridge;
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use serde_json::Value as Json;

use crate::error::to_js;
use crate::leo::json;

/// Whole numbers beyond this are no `number` without a loss.
const SAFE: i64 = (1 << 53) - 1;

/// What came of a question or a statement.
#[napi]
pub struct NativeAnswer(Arc<leo::Answer>);

impl NativeAnswer {
    pub(crate) fn new(answer: leo::Answer) -> Self {
        Self(Arc::new(answer))
    }
}

#[napi]
impl NativeAnswer {
    /// All of it but the rows, as JSON.
    #[napi]
    pub fn fields(&self) -> napi::Result<String> {
        bridge::fields(&self.0).map_err(|error| to_js(&error))
    }

    /// The rows.
    #[napi]
    pub fn table(&self) -> Option<NativeTable> {
        self.0.table.clone().map(NativeTable)
    }

    /// As a person reads it: `text` or `html`, with the form's options as JSON.
    #[napi]
    pub fn render(&self, form: String, options: String) -> napi::Result<String> {
        json(&options).and_then(|options| bridge::render(&self.0, &form, options)).map_err(|error| to_js(&error))
    }

    /// Its chart as JSON: `vega_lite` or `echarts`.
    #[napi]
    pub fn chart(&self, form: String) -> Option<String> {
        let form = match form.as_str() {
            "vega_lite" => bridge::Chart::VegaLite,
            _ => bridge::Chart::ECharts,
        };
        bridge::chart(&self.0, form).map(|chart| chart.to_string())
    }

    /// Its chart as a drawing.
    #[napi]
    pub fn svg(&self) -> Option<String> {
        bridge::svg(&self.0)
    }

    /// Throws the error of its status unless there is an answer.
    #[napi]
    pub fn raise_for_status(&self) -> napi::Result<()> {
        if self.0.status.error_kind().is_none() {
            return Ok(());
        }
        leo::Answer::clone(&self.0).raise_for_status().map(drop).map_err(|error| to_js(&error))
    }
}

/// The rows of an answer.
#[napi]
pub struct NativeTable(leo::Table);

impl NativeTable {
    pub(crate) fn new(table: leo::Table) -> Self {
        Self(table)
    }
}

#[napi]
impl NativeTable {
    /// Names of the columns.
    #[napi]
    pub fn columns(&self) -> Vec<String> {
        (0..self.0.num_columns()).map(|column| self.0.column_name(column).to_owned()).collect()
    }

    /// Types of the columns.
    #[napi]
    pub fn types(&self) -> Vec<String> {
        (0..self.0.num_columns()).map(|column| self.0.column_type(column)).collect()
    }

    /// Number of rows.
    #[napi]
    pub fn num_rows(&self) -> u32 {
        u32::try_from(self.0.num_rows()).unwrap_or(u32::MAX)
    }

    /// All rows as JSON; whole numbers that JavaScript would round are text.
    #[napi]
    pub fn rows(&self) -> String {
        let exact = |value| match value {
            Value::Int(number) if !(-SAFE..=SAFE).contains(&number) => Json::String(number.to_string()),
            value => Json::from(value),
        };
        let rows = self.0.rows().map(|row| Json::Array(row.into_iter().map(exact).collect()));
        Json::Array(rows.collect()).to_string()
    }

    /// As a stream of Arrow's IPC format.
    #[napi]
    pub fn ipc(&self) -> napi::Result<Buffer> {
        leo::export::arrow_stream(&self.0).map(Buffer::from).map_err(|error| to_js(&error))
    }

    /// As text: `csv`, `markdown`, `html` …, with the form's options as JSON.
    #[napi]
    pub fn render(&self, form: String, options: String) -> napi::Result<String> {
        json(&options).and_then(|options| bridge::render_table(&self.0, &form, options)).map_err(|error| to_js(&error))
    }
}
