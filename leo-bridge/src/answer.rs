//! What can be made of an answer.

use leo::ask::render::{HtmlOptions, TextOptions};
use leo::chart::{self, SvgOptions, VegaLiteOptions};
use leo::export::{self, CsvOptions, HtmlTableOptions, MarkdownOptions};
use leo::{Answer, Error, Result, Table};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::arguments::{read, suggestion};

/// All of it as JSON text, rows included, written without values in between.
///
/// # Errors
/// `Internal` for what has no JSON form.
pub fn to_json(answer: &Answer) -> Result<String> {
    text(answer)
}

/// All of it but the rows as JSON text, and under `text` what there is to say: a package that takes text asks for this after every
/// call.
///
/// # Errors
/// `Internal` for what has no JSON form.
pub fn fields(answer: &Answer) -> Result<String> {
    #[derive(Serialize)]
    struct Fields {
        #[serde(flatten)]
        answer: Answer,
        text: String,
    }
    let mut fields = Fields { answer: answer.clone(), text: answer.message() };
    fields.answer.table = None;
    text(&fields)
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::internal("an answer could not be written as JSON").with_source(error))
}

/// How an answer is written as text.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ToText {
    /// Columns of the terminal; 0 neither wraps nor cuts.
    width: usize,
    /// Whether it says how it came about.
    explain: bool,
    /// Whether a chart is drawn where it shows more than the table.
    chart: bool,
    /// Rows of the table; the rest is counted.
    max_rows: usize,
}

impl Default for ToText {
    fn default() -> Self {
        Self { width: 80, explain: false, chart: true, max_rows: 20 }
    }
}

/// Names of the forms that [`render`] writes.
pub const ANSWER_FORMS: &[&str] = &["text", "html"];

/// An answer as a person reads it: `text` without colours, or a card of `html`; `options` are those of the form.
///
/// # Errors
/// `Config` for a form or options that there are not.
pub fn render(answer: &Answer, form: &str, options: Json) -> Result<String> {
    match form {
        "text" => {
            let ToText { width, explain, chart, max_rows } = read("to_text", options)?;
            let options = TextOptions { width: (width > 0).then_some(width), explain, chart, max_rows, ..TextOptions::default() };
            Ok(leo::ask::render::text(answer, &options))
        }
        "html" => Ok(leo::ask::render::html(answer, &read::<HtmlOptions>("to_html", options)?)),
        _ => Err(no_form(form, ANSWER_FORMS)),
    }
}

/// Names of the forms that [`render_table`] writes.
pub const TABLE_FORMS: &[&str] = &["text", "csv", "markdown", "html", "json_lines"];

/// Rows as text: for a terminal (`text`), `csv`, `markdown`, `html`, `json_lines`; `options` are those of the form.
///
/// # Errors
/// `Config` for a form or options that there are not.
pub fn render_table(table: &Table, form: &str, options: Json) -> Result<String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct None {}
    match form {
        "text" => read::<None>("to_text", options)
            .map(|None {}| leo::ask::render::table(table, &leo::ask::render::TableOptions::default())),
        "csv" => Ok(export::csv(table, &read::<CsvOptions>("to_csv", options)?)),
        "markdown" => Ok(export::markdown(table, &read::<MarkdownOptions>("to_markdown", options)?)),
        "html" => Ok(export::html(table, &read::<HtmlTableOptions>("to_html", options)?)),
        "json_lines" => read::<None>("to_json_lines", options).map(|None {}| export::json_lines(table)),
        _ => Err(no_form(form, TABLE_FORMS)),
    }
}

fn no_form(form: &str, known: &[&str]) -> Error {
    Error::config(format!("there is no form `{form}`; {}", suggestion(form, known)))
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
