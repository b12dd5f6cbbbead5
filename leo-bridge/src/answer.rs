//! What can be made of an answer.

use leo::Answer;
use leo::ask::render::{TextOptions, text};
use leo::chart::{self, SvgOptions, VegaLiteOptions};
use leo::{Error, Result};
use serde_json::Value as Json;

/// All of it as plain data, rows included.
///
/// # Errors
/// `Internal` for what has no JSON form.
pub fn to_json(answer: &Answer) -> Result<Json> {
    serde_json::to_value(answer).map_err(|error| Error::internal("the answer could not be written as JSON").with_source(error))
}

/// As a person reads it, in plain text without colours; `explain` says how it came about.
pub fn to_text(answer: &Answer, width: Option<usize>, explain: bool) -> String {
    text(answer, &TextOptions { width, explain, ..TextOptions::default() })
}

/// Its chart in a form that others draw: `vega_lite` or `echarts`; none where there is no chart.
pub fn chart(answer: &Answer, form: Chart) -> Option<Json> {
    let (spec, table) = answer.chart.as_ref().zip(answer.table.as_ref())?;
    Some(match form {
        Chart::VegaLite => chart::vega_lite(spec, table, &VegaLiteOptions::default()),
        Chart::ECharts => chart::echarts(spec, table),
    })
}

/// Its chart as a drawing.
pub fn svg(answer: &Answer) -> Option<String> {
    let (spec, table) = answer.chart.as_ref().zip(answer.table.as_ref())?;
    Some(chart::svg(spec, table, &SvgOptions::default()))
}

/// A form of charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// Vega-Lite.
    VegaLite,
    /// Apache ECharts.
    ECharts,
}
