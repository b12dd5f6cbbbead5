//! Answers and their rows.

use std::fmt;
use std::sync::Arc;

use ::leo::AnswerStatus;
use leo_bridge::answer as bridge;
use serde_json::Value as Json;

use crate::arguments::{Options, options};
use crate::error::LeoError;
use crate::options::{CsvOptions, HtmlOptions, HtmlTableOptions, MarkdownOptions, TextOptions};

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Status {
    /// Here is the answer.
    Answered,
    /// The words have several readings; choose one.
    Clarify,
    /// It asks for data, but not for data that is here, or not in a way that can be read.
    Declined,
    /// It asks for no data.
    NotDataQuestion,
    /// Somebody with the right has to approve the statement.
    NeedsApproval,
    /// The guard refused the statement.
    Blocked,
    /// The statement is ready, but execution is off for this source.
    NotExecuted,
    /// It will be answered later.
    Queued,
    /// An earlier answer, because a fresh one could not be had.
    Stale,
}

/// A form of charts that others draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ChartForm {
    /// Vega-Lite.
    VegaLite,
    /// Apache ECharts.
    Echarts,
}

/// Something the reader should know about an answer.
#[derive(Debug, Clone, uniffi::Record)]
pub struct AnswerWarning {
    /// What it is.
    pub code: String,
    /// For people.
    pub message: String,
    /// What to do about it.
    pub suggestion: Option<String>,
}

/// What came of a question or a statement.
#[derive(Debug, uniffi::Object)]
#[uniffi::export(Display)]
pub struct Answer(::leo::Answer);

impl Answer {
    pub(crate) fn new(answer: ::leo::Answer) -> Arc<Self> {
        Arc::new(Self(answer))
    }

    fn render(&self, form: &str, options: Json) -> Result<String, LeoError> {
        bridge::render(&self.0, form, options).map_err(LeoError::from)
    }
}

/// As a person reads it.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_text(None).map_or(Err(fmt::Error), |text| f.write_str(&text))
    }
}

/// A part of an answer as JSON.
fn json(part: impl serde::Serialize) -> Option<String> {
    serde_json::to_value(part).ok().filter(|part| !part.is_null()).map(|part| part.to_string())
}

#[uniffi::export]
impl Answer {
    /// What came of it; it says which of the other parts there are.
    pub fn status(&self) -> Status {
        match self.0.status {
            AnswerStatus::Answered => Status::Answered,
            AnswerStatus::Clarify => Status::Clarify,
            AnswerStatus::NotADataQuestion => Status::NotDataQuestion,
            AnswerStatus::NeedsApproval => Status::NeedsApproval,
            AnswerStatus::Blocked => Status::Blocked,
            AnswerStatus::NotExecuted => Status::NotExecuted,
            AnswerStatus::Queued => Status::Queued,
            AnswerStatus::Stale => Status::Stale,
            _ => Status::Declined,
        }
    }

    /// What there is to say in one text: the answer in prose, the question back, or the reason why there is no answer.
    pub fn text(&self) -> String {
        self.0.message()
    }

    /// The question as asked; the statement for direct SQL.
    pub fn question(&self) -> String {
        self.0.question.clone()
    }

    /// The statement as sent to the database, values apart.
    pub fn sql(&self) -> Option<String> {
        self.0.sql.clone()
    }

    /// Values of its placeholders, as a JSON list.
    pub fn params(&self) -> String {
        json(&self.0.params).unwrap_or_else(|| "[]".to_owned())
    }

    /// The statement with its values written in, to be read and copied.
    pub fn sql_with_values(&self) -> Option<String> {
        self.0.sql_with_values.clone()
    }

    /// Number of rows returned.
    pub fn row_count(&self) -> u64 {
        self.0.row_count
    }

    /// Whether there were more.
    pub fn truncated(&self) -> bool {
        self.0.truncated
    }

    /// What the reader should know.
    pub fn warnings(&self) -> Vec<AnswerWarning> {
        let told = self.0.warnings.iter().map(|warning| AnswerWarning {
            code: serde_json::to_value(warning.code).ok().and_then(|code| Some(code.as_str()?.to_owned())).unwrap_or_default(),
            message: warning.message.clone(),
            suggestion: warning.suggestion.clone(),
        });
        told.collect()
    }

    /// Questions to ask next.
    pub fn follow_ups(&self) -> Vec<String> {
        self.0.follow_ups.clone()
    }

    /// The question back, as JSON: `options`, each with a `query` for `ask_query`.
    pub fn clarification(&self) -> Option<String> {
        json(&self.0.clarification)
    }

    /// Why there is no answer, as JSON.
    pub fn refusal(&self) -> Option<String> {
        json(&self.0.refusal)
    }

    /// All of it, rows included, as JSON.
    pub fn json(&self) -> Result<String, LeoError> {
        Ok(bridge::to_json(&self.0)?)
    }

    /// The rows; none when nothing ran.
    pub fn table(&self) -> Option<Arc<Table>> {
        self.0.table.clone().map(Table::new)
    }

    /// As text for a terminal.
    #[uniffi::method(default(options = None))]
    pub fn to_text(&self, options: Option<TextOptions>) -> Result<String, LeoError> {
        self.render("text", crate::arguments::options("to_text", options)?)
    }

    /// As a card of HTML, without scripts.
    #[uniffi::method(default(options = None))]
    pub fn to_html(&self, options: Option<HtmlOptions>) -> Result<String, LeoError> {
        self.render("html", crate::arguments::options("to_html", options)?)
    }

    /// Its chart for others to draw, as JSON; none where there is no chart.
    pub fn chart(&self, form: ChartForm) -> Option<String> {
        let form = match form {
            ChartForm::VegaLite => bridge::Chart::VegaLite,
            ChartForm::Echarts => bridge::Chart::ECharts,
        };
        bridge::chart(&self.0, form).map(|chart| chart.to_string())
    }

    /// Its chart as a drawing.
    pub fn svg(&self) -> Option<String> {
        bridge::svg(&self.0)
    }

    /// Raises the error of its status unless there is an answer.
    pub fn raise_for_status(&self) -> Result<(), LeoError> {
        match self.0.status.error_kind() {
            None => Ok(()),
            Some(_) => self.0.clone().raise_for_status().map(drop).map_err(LeoError::from),
        }
    }
}

/// A cell.
#[derive(Clone, uniffi::Enum)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A truth value.
    Bool {
        /// It.
        value: bool,
    },
    /// A whole number.
    Int {
        /// It.
        value: i64,
    },
    /// A double.
    Float {
        /// It.
        value: f64,
    },
    /// An exact decimal number.
    Decimal {
        /// All its digits: `12.50`.
        digits: String,
    },
    /// Text; dates and times are text in ISO form.
    Text {
        /// It.
        value: String,
    },
    /// Bytes.
    Bytes {
        /// They.
        value: Vec<u8>,
    },
}

impl From<::leo::Value> for Value {
    fn from(value: ::leo::Value) -> Self {
        match value {
            ::leo::Value::Null => Self::Null,
            ::leo::Value::Bool(value) => Self::Bool { value },
            ::leo::Value::Int(value) => Self::Int { value },
            ::leo::Value::Float(value) => Self::Float { value },
            ::leo::Value::Decimal(value) => Self::Decimal { digits: value.to_string() },
            ::leo::Value::Text(value) => Self::Text { value },
            ::leo::Value::Bytes(value) => Self::Bytes { value },
        }
    }
}

/// Rows.
#[derive(Debug, uniffi::Object)]
pub struct Table(::leo::Table);

impl Table {
    pub(crate) fn new(table: ::leo::Table) -> Arc<Self> {
        Arc::new(Self(table))
    }

    fn render<O: Options>(&self, form: &str, call: &'static str, given: Option<O>) -> Result<String, LeoError> {
        Ok(bridge::render_table(&self.0, form, options(call, given)?)?)
    }
}

#[uniffi::export]
impl Table {
    /// Names of the columns.
    pub fn columns(&self) -> Vec<String> {
        (0..self.0.num_columns()).map(|column| self.0.column_name(column).to_owned()).collect()
    }

    /// Types of the columns.
    pub fn types(&self) -> Vec<String> {
        (0..self.0.num_columns()).map(|column| self.0.column_type(column)).collect()
    }

    /// Number of rows.
    pub fn row_count(&self) -> u64 {
        self.0.num_rows() as u64
    }

    /// A cell, both numbers from 0; none where there is no such cell.
    pub fn cell(&self, row: u64, column: u64) -> Option<Value> {
        let (row, column) = (usize::try_from(row).ok()?, usize::try_from(column).ok()?);
        (row < self.0.num_rows() && column < self.0.num_columns()).then(|| self.0.value(row, column).into())
    }

    /// All rows as a JSON list of lists; an exact decimal is text with all its digits.
    pub fn rows(&self) -> String {
        Json::Array(self.0.rows().map(|row| row.into_iter().map(Json::from).collect()).collect()).to_string()
    }

    /// As a stream of Arrow's IPC format.
    pub fn to_ipc(&self) -> Result<Vec<u8>, LeoError> {
        Ok(::leo::export::arrow_stream(&self.0)?)
    }

    /// As text for a terminal.
    pub fn to_text(&self) -> Result<String, LeoError> {
        Ok(bridge::render_table(&self.0, "text", Json::Null)?)
    }

    /// As CSV.
    #[uniffi::method(default(options = None))]
    pub fn to_csv(&self, options: Option<CsvOptions>) -> Result<String, LeoError> {
        self.render("csv", "to_csv", options)
    }

    /// As a Markdown table.
    #[uniffi::method(default(options = None))]
    pub fn to_markdown(&self, options: Option<MarkdownOptions>) -> Result<String, LeoError> {
        self.render("markdown", "to_markdown", options)
    }

    /// As an HTML table.
    #[uniffi::method(default(options = None))]
    pub fn to_html(&self, options: Option<HtmlTableOptions>) -> Result<String, LeoError> {
        self.render("html", "to_html", options)
    }

    /// As JSON lines, an object for each row.
    pub fn to_json_lines(&self) -> Result<String, LeoError> {
        Ok(bridge::render_table(&self.0, "json_lines", Json::Null)?)
    }
}

opaque!(Value);
