//! Leo under evaluation: every question of a suite goes the whole way, as if a person had asked it.
//!
//! `files` opens a handle for each database of a public suite; `handle` asks a host's own, and runs references through it.

#[cfg(feature = "sqlite")]
mod files;
mod handle;
#[cfg(all(test, feature = "sqlite"))]
mod tests;

use async_trait::async_trait;
use jiff::civil::Date;

use crate::ask::AnswerStatus;
use crate::error::Result;
use crate::eval::{AnswerRequest, Answered, Answerer, Database};
use crate::leo::{AskOptions, Leo};
use crate::settings::SettingsLayer;

/// Time a statement on a file may take, the same as for a reference statement.
#[cfg(feature = "sqlite")]
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(20);
/// Tables told for a question: as many as a report counts.
const TABLES: usize = 10;

/// Answers the questions of a suite through [`Leo::ask`](Leo::ask): with a handle of its own for each database, in the preset `local`, or
/// with one of the host's ([`of`](Self::of)).
///
/// # Behavior
/// Each database is opened and learned once, before the clock of its first question starts; the last few stay open. Relative
/// windows count from the day of the run ([`EvalOptions::as_of`](crate::eval::EvalOptions::as_of)) or the one given to [`as_of`](Self::as_of), else from
/// the day the database brings with it, as the sample company does, else from today. Turns of a conversation are asked in one session, so
/// that they continue each other, unless [`one_by_one`](Self::one_by_one) is said; the session is deleted when the conversation is over, and
/// single questions are asked in none. The tables found for a question are those that the index of names links with it, as they are shown to
/// a model; finding them again is not a part of the time an answer takes.
///
/// # Example
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use std::sync::Arc;
/// use leo::LeoAnswerer;
/// use leo::audit::MemorySink;
/// use leo::eval::{Databases, EvalOptions, GateRunner, Suite, evaluate};
///
/// let suite = Suite::parse(r#"{"db": "sample", "question": "How many customers do we have?", "gold": "SELECT count(*) FROM customers"}"#)?;
/// let runner = GateRunner::new(leo::Context::new("eval", "eval")?, Arc::new(MemorySink::default()));
/// let (databases, answerer) = (Arc::new(Databases::new(None)), Arc::new(LeoAnswerer::default()));
/// let evaluation = evaluate(&suite, databases, answerer, Arc::new(runner), EvalOptions::default(), |_| ()).await?;
/// assert_eq!(evaluation.report.execution_match, 1.0);
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct LeoAnswerer {
    as_of: Option<Date>,
    /// Whether turns of a conversation are asked in one session.
    together: bool,
    /// What no other run is called, so that its sessions are nobody else's.
    run: String,
    asked: Asked,
}

/// A name for a run.
fn run() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// Whom the questions go to.
#[derive(Debug)]
enum Asked {
    /// A host's handle; the suite names its sources.
    Handle(Box<Leo>),
    /// A handle for each file.
    #[cfg(feature = "sqlite")]
    Files(files::Files),
}

#[cfg(feature = "sqlite")]
impl Default for LeoAnswerer {
    fn default() -> Self {
        Self { as_of: None, together: true, run: run(), asked: Asked::Files(files::Files::default()) }
    }
}

impl LeoAnswerer {
    /// Asks `leo`, as its user and under its settings. The database of a question is the id of a source, or empty where there is one alone:
    /// [`Databases::sources`](crate::eval::Databases::sources).
    pub fn of(leo: Leo) -> Self {
        Self { as_of: None, together: true, run: run(), asked: Asked::Handle(Box::new(handle::apart(&leo))) }
    }

    /// Settings of the handles that are opened for files, such as `model.chain`. A host's own handle has its own.
    #[cfg(feature = "sqlite")]
    #[must_use]
    pub fn settings(mut self, layer: crate::settings::SettingsLayer) -> Self {
        if let Asked::Files(files) = &mut self.asked {
            files.settings = layer;
        }
        self
    }

    /// Records what models answer into a folder, to be played again by `replay:FOLDER` in `model.chain`.
    #[cfg(feature = "sqlite")]
    #[must_use]
    pub fn record_models(mut self, folder: impl Into<std::path::PathBuf>) -> Self {
        if let Asked::Files(files) = &mut self.asked {
            files.recorded = Some(folder.into());
        }
        self
    }

    /// Asks each turn of a conversation as if nothing had come before it.
    #[must_use]
    pub fn one_by_one(mut self) -> Self {
        self.together = false;
        self
    }

    /// The session of a conversation.
    fn session(&self, conversation: &str) -> String {
        format!("{conversation}-{}", self.run)
    }

    /// Counts relative windows from `day` in every database.
    #[must_use]
    pub fn as_of(mut self, day: Date) -> Self {
        self.as_of = Some(day);
        self
    }
}

#[async_trait]
impl Answerer for LeoAnswerer {
    async fn answer(&self, request: &AnswerRequest<'_>) -> Result<Answered> {
        let session = (self.together && request.turns > 1).then(|| self.session(request.conversation));
        // Each question is asked anew: what is given again is neither measured nor certain to be right.
        let mut settings = SettingsLayer::default();
        settings.set("cache.ttl_s", 0)?;
        settings.set("cache.stale_s", 0)?;
        let options = AskOptions { as_of: request.as_of.or(self.as_of), session, settings, ..AskOptions::default() };
        let (leo, options) = match &self.asked {
            Asked::Handle(leo) => (Leo::clone(leo), AskOptions { source: handle::source(request.database), ..options }),
            #[cfg(feature = "sqlite")]
            Asked::Files(files) => (files.opened(request.database).await?, AskOptions { timeout: Some(TIMEOUT), ..options }),
        };
        let answer = leo.ask_with(request.question, &options).await?;
        // What cannot be looked up is not known; the answer stands.
        let tables = leo.tables_for(request.question, options.source.as_deref(), TABLES).await.ok();
        Ok(Answered {
            status: answer.status.as_str().to_owned(),
            // Other statuses show a statement too, but it is not what was answered.
            sql: answer.sql_with_values.filter(|_| answer.status == AnswerStatus::Answered),
            confidence: answer.confidence,
            ms: Some(answer.timings.total_us as f64 / 1000.0),
            retrieved: tables.map(|tables| tables.iter().map(ToString::to_string).collect()),
            tokens: Some(answer.usage.tokens),
            cost_usd: answer.usage.cost_usd,
        })
    }

    // Which database it was is of use where each is opened by itself.
    #[cfg_attr(not(feature = "sqlite"), allow(unused_variables))]
    async fn finish(&self, database: &Database, conversation: &str) {
        let leo: Result<Leo> = match &self.asked {
            Asked::Handle(leo) => Ok(Leo::clone(leo)),
            #[cfg(feature = "sqlite")]
            Asked::Files(files) => files.opened(database).await,
        };
        // The user never held these conversations; one that cannot be deleted is no reason to lose the run.
        if let Ok(leo) = leo {
            let _ = leo.sessions().delete(&self.session(conversation)).await;
        }
    }
}
