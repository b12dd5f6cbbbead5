//! What a call may be told.

use std::time::Duration;

use jiff::civil::Date;

use super::sessions::Talk;
use crate::settings::SettingsLayer;
use crate::value::Value;

/// How one question is asked.
#[derive(Debug, Clone, Default)]
pub struct AskOptions {
    /// Id of the source; needed when there are several.
    pub source: Option<String>,
    /// The day relative windows count from, instead of today.
    pub as_of: Option<Date>,
    /// Rows of the answer at most.
    pub max_rows: Option<u64>,
    /// Time for the statement.
    pub timeout: Option<Duration>,
    /// The conversation that it belongs to, instead of the context's; the first question that names one begins it. 1 to 200 characters
    /// without control characters.
    pub session: Option<String>,
    /// Settings for this call alone; they win over all others.
    pub settings: SettingsLayer,
}

/// How one statement is run.
#[derive(Debug, Clone, Default)]
pub struct SqlOptions {
    /// Values of the placeholders, in order.
    pub params: Vec<Value>,
    /// Id of the source; needed when there are several.
    pub source: Option<String>,
    /// Rows of the result at most.
    pub max_rows: Option<u64>,
    /// Time for the statement.
    pub timeout: Option<Duration>,
    /// Settings for this call alone; they win over all others.
    pub settings: SettingsLayer,
}

/// What any call may be told.
pub(super) struct Limits<'a> {
    pub(super) source: Option<&'a str>,
    pub(super) as_of: Option<Date>,
    pub(super) max_rows: Option<u64>,
    pub(super) timeout: Option<Duration>,
    pub(super) settings: Option<&'a SettingsLayer>,
    /// The conversation, and what was asked in it.
    pub(super) talk: Option<&'a Talk>,
}

impl<'a> Limits<'a> {
    pub(super) fn none() -> Self {
        Self { source: None, as_of: None, max_rows: None, timeout: None, settings: None, talk: None }
    }

    pub(super) fn ask(options: &'a AskOptions, talk: Option<&'a Talk>) -> Self {
        let AskOptions { source, as_of, max_rows, timeout, session: _, settings } = options;
        let (as_of, max_rows, timeout) = (*as_of, *max_rows, *timeout);
        Self { source: source.as_deref(), as_of, max_rows, timeout, settings: Some(settings), talk }
    }

    pub(super) fn sql(options: &'a SqlOptions) -> Self {
        let SqlOptions { params: _, source, max_rows, timeout, settings } = options;
        let (max_rows, timeout) = (*max_rows, *timeout);
        Self { source: source.as_deref(), max_rows, timeout, settings: Some(settings), ..Self::none() }
    }
}
