//! Questions and statements.

use std::sync::Arc;

use leo::guard::OutputColumn;
use leo::query::SemanticQuery;
use leo::{AskOptions, Leo, Result, SqlOptions, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{Call, Reply};
use crate::arrow::Batches;
use crate::context::millis;
use crate::events::{Event, Events};
use crate::options::{day, layer};

/// Answers a question.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    /// The question.
    question: String,
    /// Id of the source; needed when there are several.
    source: Option<String>,
    /// The day relative windows count from, such as `2024-06-30`, instead of today.
    as_of: Option<String>,
    /// Rows of the answer at most.
    max_rows: Option<u64>,
    /// Milliseconds for the statement.
    timeout_ms: Option<u64>,
    /// Id of the conversation that the question belongs to; begun where there is none.
    session: Option<String>,
    /// Settings for this call alone; they win over all others.
    #[serde(default)]
    settings: Map<String, Json>,
}

impl Ask {
    fn into_parts(self) -> Result<(String, AskOptions)> {
        let options =
            ask_options(self.source, self.as_of.as_deref(), self.max_rows, self.timeout_ms, self.session, self.settings)?;
        Ok((self.question, options))
    }
}

fn ask_options(
    source: Option<String>,
    as_of: Option<&str>,
    max_rows: Option<u64>,
    timeout_ms: Option<u64>,
    session: Option<String>,
    settings: Map<String, Json>,
) -> Result<AskOptions> {
    let as_of = as_of.map(day).transpose()?;
    Ok(AskOptions { source, as_of, max_rows, timeout: timeout_ms.map(millis), session, settings: layer(settings)? })
}

impl Call for Ask {
    const NAME: &'static str = "ask";
    const RETURNS: &'static str = "answer";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let (question, options) = self.into_parts()?;
        Ok(Reply::Answer(Box::new(leo.ask_with(&question, &options).await?)))
    }
}

/// Answers a question, telling as each stage begins and ends.
#[derive(Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct AskStream(Ask);

impl Call for AskStream {
    const NAME: &'static str = "ask_stream";
    const RETURNS: &'static str = "events";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let (question, options) = self.0.into_parts()?;
        let leo = leo.clone();
        Ok(Reply::Events(Events::start(move |teller| async move {
            let answer = leo.ask_observed(&question, &options, &|event| teller.tell(Event::of_ask(event))).await?;
            Ok(Reply::Answer(Box::new(answer)))
        })))
    }
}

/// Answers a semantic query: the option of a clarification, a saved query.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskQuery {
    /// The query.
    query: SemanticQuery,
    /// Id of the source; needed when there are several.
    source: Option<String>,
    /// The day relative windows count from, such as `2024-06-30`, instead of today.
    as_of: Option<String>,
    /// Rows of the answer at most.
    max_rows: Option<u64>,
    /// Milliseconds for the statement.
    timeout_ms: Option<u64>,
    /// Id of the conversation that the query belongs to; begun where there is none.
    session: Option<String>,
    /// Settings for this call alone; they win over all others.
    #[serde(default)]
    settings: Map<String, Json>,
}

impl Call for AskQuery {
    const NAME: &'static str = "ask_query";
    const RETURNS: &'static str = "answer";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let options =
            ask_options(self.source, self.as_of.as_deref(), self.max_rows, self.timeout_ms, self.session, self.settings)?;
        Ok(Reply::Answer(Box::new(leo.ask_query(self.query, &options).await?)))
    }
}

/// Runs a statement through the guard.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sql {
    /// The statement.
    text: String,
    /// Values of its placeholders, in order.
    #[serde(default)]
    params: Vec<Value>,
    /// Id of the source; needed when there are several.
    source: Option<String>,
    /// Rows of the result at most.
    max_rows: Option<u64>,
    /// Milliseconds for the statement.
    timeout_ms: Option<u64>,
    /// Settings for this call alone; they win over all others.
    #[serde(default)]
    settings: Map<String, Json>,
}

impl Sql {
    fn into_parts(self) -> Result<(String, SqlOptions)> {
        let Self { text, params, source, max_rows, timeout_ms, settings } = self;
        Ok((text, SqlOptions { params, source, max_rows, timeout: timeout_ms.map(millis), settings: layer(settings)? }))
    }
}

impl Call for Sql {
    const NAME: &'static str = "sql";
    const RETURNS: &'static str = "answer";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let (text, options) = self.into_parts()?;
        Ok(Reply::Answer(Box::new(leo.sql_with(&text, &options).await?)))
    }
}

/// Runs a statement through the guard and hands out its rows as they come.
#[derive(Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct SqlStream(Sql);

impl Call for SqlStream {
    const NAME: &'static str = "sql_stream";
    const RETURNS: &'static str = "batches";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let (text, options) = self.0.into_parts()?;
        Ok(Reply::Batches(Batches::new(leo.sql_stream(&text, &options).await?)))
    }
}

/// Vets a statement without running it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Vet(Sql);

impl Call for Vet {
    const NAME: &'static str = "vet";
    const RETURNS: &'static str = "Vetting";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let (text, options) = self.0.into_parts()?;
        Reply::json(&leo.vet(&text, &options).await?)
    }
}

/// The source columns that each output column of a statement derives from.
#[derive(Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Lineage(Sql);

impl Call for Lineage {
    const NAME: &'static str = "lineage";
    const RETURNS: &'static str = "OutputColumn[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let (text, options) = self.0.into_parts()?;
        let vetting = leo.vet(&text, &options).await?;
        let lineage: Arc<Vec<OutputColumn>> = Arc::clone(&vetting.lineage);
        vetting.into_result()?;
        Reply::json(&lineage)
    }
}
