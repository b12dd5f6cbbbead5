//! A host's own handle under evaluation: its sources, its model, its user.

use std::sync::Arc;

use async_trait::async_trait;

use super::LeoAnswerer;
use crate::context::Context;
use crate::error::Result;
use crate::eval::{Database, Databases, EvalOptions, Evaluation, QuestionResult, Runner, Suite, evaluate};
use crate::leo::Leo;
use crate::value::Value;

impl Leo {
    /// Asks the questions of a suite and scores the answers, as the user of this handle and at its sources: `db` of a row is the id of a source, and may be
    /// left out where there is one alone.
    ///
    /// # Behavior
    /// Questions go the whole way of [`ask_with`](Self::ask_with), model and knowledge included. Reference statements and answers then run
    /// through guard, audit and gate with the purpose `eval`, in the dialect of the source and with what the user may see of it; up to
    /// 1,000,000 rows, or the source's `ask.row_ceiling`. Turns of a conversation are asked in a session of the user's, which is deleted when
    /// the conversation is over; single questions are asked in none, whatever session the context has. Personal data that is redacted for
    /// this user is compared as it is redacted, so that one name is as good as another. Sources are learned before the first question is
    /// asked.
    ///
    /// # Errors
    /// `Malformed` when the suite is empty, `Config` when nobody asks. What goes wrong with a question is counted and is no error, an
    /// unknown source or a denied one included.
    ///
    /// # Example
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use leo::eval::{EvalOptions, Gates, Suite};
    /// let suite = Suite::parse_yaml("
    /// - { question: How many customers do we have?, gold: SELECT count(*) FROM customers }
    /// - { question: How many unicorns do we have? }
    /// ")?;
    /// let evaluation = leo::Leo::sample()?.evaluate(&suite, &EvalOptions::default()).await?;
    /// let gates = Gates { execution_match: Some(1.0), recall: Some(1.0), ..Gates::default() };
    /// assert!(gates.check(&evaluation.report).is_empty(), "{}", evaluation.report);
    /// # Ok::<(), leo::Error>(()) }).unwrap();
    /// ```
    pub async fn evaluate(&self, suite: &Suite, options: &EvalOptions) -> Result<Evaluation> {
        self.evaluate_observed(suite, options, |_| ()).await
    }

    /// [`evaluate`](Self::evaluate), telling `each` the result of every question, in the suite's order.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate).
    pub async fn evaluate_observed(
        &self,
        suite: &Suite,
        options: &EvalOptions,
        each: impl FnMut(&QuestionResult) + Send,
    ) -> Result<Evaluation> {
        self.identity()?;
        let mut asked: Vec<Option<&str>> =
            suite.items.iter().map(|item| Some(item.db.as_str()).filter(|db| !db.is_empty())).collect();
        asked.sort_unstable();
        asked.dedup();
        for source in asked {
            // A source that cannot be learned fails its questions, each for itself.
            let _ = self.catalog(source).await;
        }
        let answerer = Arc::new(LeoAnswerer::of(self.clone()));
        let runner = Arc::new(HandleRunner(apart(self)));
        evaluate(suite, Arc::new(Databases::sources()), answerer, runner, *options, each).await
    }
}

/// The handle outside of the conversation that its user may be in: what a suite asks continues nothing there.
pub(super) fn apart(leo: &Leo) -> Leo {
    match leo.identity() {
        Ok(ctx) if ctx.session.is_some() => {
            let mut ctx: Context = ctx.clone();
            ctx.session = None;
            leo.for_user(ctx)
        }
        _ => leo.clone(),
    }
}

/// The source that a row of a suite names.
pub(super) fn source(database: &Database) -> Option<String> {
    Some(database.name.clone()).filter(|name| !name.is_empty())
}

/// Runs references and answers through the handle.
#[derive(Debug)]
struct HandleRunner(Leo);

#[async_trait]
impl Runner for HandleRunner {
    async fn run(&self, database: &Database, sql: &str) -> Result<Vec<Vec<Value>>> {
        self.0.rows_for_scoring(sql, source(database).as_deref()).await
    }

    async fn tables(&self, database: &Database, sql: &str) -> Vec<String> {
        let options = crate::leo::SqlOptions { source: source(database), ..Default::default() };
        let vetting = self.0.vet(sql, &options).await;
        let vetted = vetting.and_then(|vetting| vetting.into_result());
        vetted.map(|vetted| vetted.tables().iter().map(ToString::to_string).collect()).unwrap_or_default()
    }
}
