//! Leo under evaluation: every question of a suite goes the whole way, as if a person had asked it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::civil::Date;
use tokio::sync::OnceCell;

use crate::adapter::AuditSink;
use crate::ask::AnswerStatus;
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::error::Result;
use crate::eval::{AnswerRequest, Answered, Answerer, Database};
use crate::leo::{AskOptions, Leo};
use crate::settings::Preset;

/// Databases kept open.
const OPEN: usize = 32;
/// Time a statement may take, the same as for a reference statement.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Audit records kept in memory, of all databases together.
const RECORDS: usize = 1_000;

/// Answers the questions of a suite through [`Leo::ask`](Leo::ask), in the preset `local`.
///
/// # Behavior
/// Each database is opened and learned once, before the clock of its first question starts; the last few stay open. Relative
/// windows count from the day given to [`as_of`](Self::as_of), else from the day the database brings with it, as the sample company does,
/// else from today. Turns of a conversation are asked in one session, so that they continue each other, unless
/// [`one_by_one`](Self::one_by_one) is said.
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
    audit: Arc<dyn AuditSink>,
    /// Most recently used last.
    open: Mutex<VecDeque<(PathBuf, Arc<OnceCell<Leo>>)>>,
}

impl Default for LeoAnswerer {
    fn default() -> Self {
        Self { as_of: None, together: true, audit: Arc::new(MemorySink::with_capacity(RECORDS)), open: Mutex::default() }
    }
}

impl LeoAnswerer {
    /// Counts relative windows from `day` in every database.
    #[must_use]
    pub fn as_of(mut self, day: Date) -> Self {
        self.as_of = Some(day);
        self
    }

    /// Asks each turn of a conversation as if nothing had come before it.
    #[must_use]
    pub fn one_by_one(mut self) -> Self {
        self.together = false;
        self
    }

    async fn opened(&self, database: &Database) -> Result<Leo> {
        let cell = self.cell(database);
        let leo = cell
            .get_or_try_init(async || {
                let leo = Leo::builder()
                    .preset(Preset::Local)
                    .audit(Arc::clone(&self.audit))
                    .source(Source::sqlite(&database.path)?)
                    .build()?;
                leo.catalog(None).await?;
                Ok::<_, crate::error::Error>(leo)
            })
            .await?;
        Ok(leo.clone())
    }

    /// The place of the database's handle, now the most recently used.
    fn cell(&self, database: &Database) -> Arc<OnceCell<Leo>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open.iter().position(|(path, _)| *path == database.path).and_then(|at| open.remove(at));
        let entry = known.unwrap_or_else(|| (database.path.clone(), Arc::default()));
        let cell = Arc::clone(&entry.1);
        open.push_back(entry);
        while open.len() > OPEN {
            open.pop_front();
        }
        cell
    }
}

#[async_trait]
impl Answerer for LeoAnswerer {
    async fn answer(&self, request: &AnswerRequest<'_>) -> Result<Answered> {
        let leo = self.opened(request.database).await?;
        // A run begins its conversations anew.
        let session = self.together.then(|| request.conversation.to_owned());
        if let (Some(session), []) = (&session, request.history) {
            let _ = leo.sessions().delete(session).await;
        }
        let options = AskOptions { as_of: self.as_of, timeout: Some(TIMEOUT), session, ..AskOptions::default() };
        let answer = leo.ask_with(request.question, &options).await?;
        Ok(Answered {
            status: answer.status.as_str().to_owned(),
            // Other statuses show a statement too, but it is not what was answered.
            sql: answer.sql_with_values.filter(|_| answer.status == AnswerStatus::Answered),
            confidence: answer.confidence,
            ms: Some(answer.timings.total_us as f64 / 1000.0),
        })
    }
}
