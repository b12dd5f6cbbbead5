//! Questions and statements.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;

use super::options::Limits;
use super::queue::Turn;
use super::sessions::Talk;
use super::{AskOptions, Leo, SqlOptions};
use crate::adapter::Action;
use crate::ask::pipeline::{self, Call};
use crate::ask::{Answer, AnswerStatus, AskEvent};
use crate::error::{Error, ErrorKind, Result};
use crate::gate::GateStream;
use crate::guard::{self, OutputColumn, Purpose, Request, Vetting};
use crate::query::SemanticQuery;
use crate::settings::OnOverload;

/// When a question is answered.
enum Place {
    /// Now, for as long as the turn is held; none is where there is no limit.
    Now(Option<Turn>),
    Later,
}

impl Leo {
    /// Answers a question about the only source.
    ///
    /// # Errors
    /// As [`ask_with`](Self::ask_with).
    pub async fn ask(&self, question: &str) -> Result<Answer> {
        self.ask_with(question, &AskOptions::default()).await
    }

    /// Answers a question.
    ///
    /// # Behavior
    /// Anything about the question comes back as a [`status`](Answer::status): a question back, a refusal with its reason, a
    /// statement that needs approval. The attempt is in the audit before the database is touched, its outcome before the answer
    /// is given.
    ///
    /// In a session ([`AskOptions::session`]) a question may continue the one before it: "how many are there?", "by month instead". The
    /// [`conversation`](Answer::conversation) of the answer says what was kept. An answer that cannot be kept in its session is given with a warning.
    ///
    /// # Errors
    /// Only when the call could not be served: `Malformed` (an empty question, a text that can be no id of a session), `LimitExceeded` (too long, or more rows than are
    /// allowed), `Config` (no user, no such setting), `NotFound` (no such source), `Denied`, `Timeout`, `Cancelled`, `Unavailable`,
    /// and the audit sink's.
    pub async fn ask_with(&self, question: &str, options: &AskOptions) -> Result<Answer> {
        self.ask_observed(question, options, &|_| {}).await
    }

    /// [`ask_with`](Self::ask_with), telling `observer` as each stage begins and ends.
    ///
    /// # Errors
    /// As [`ask_with`](Self::ask_with).
    pub async fn ask_observed(
        &self,
        question: &str,
        options: &AskOptions,
        observer: &(dyn Fn(AskEvent) + Send + Sync),
    ) -> Result<Answer> {
        let (answer, talk) = self.ask_in_turn(question, options, observer).await?;
        match answer.status {
            // It is kept in its conversation when it is answered.
            AnswerStatus::Queued => self.with_ticket(answer, options).await,
            _ => Ok(self.told(talk, answer).await),
        }
    }

    /// The answer, or that it is given later; and the conversation that it belongs to.
    pub(super) async fn ask_in_turn(
        &self,
        question: &str,
        options: &AskOptions,
        observer: &(dyn Fn(AskEvent) + Send + Sync),
    ) -> Result<(Answer, Option<Talk>)> {
        let talk = self.talk(options.session.as_deref()).await?;
        let limits = || Limits::ask(options, talk.as_ref());
        let ask = || {
            self.call(Action::Ask, limits(), observer, async |call| {
                match self.turn(call, call.settings.ask.on_overload).await? {
                    // Boxed by its trait, so that a host's compiler need not look into all of it when it spawns this.
                    Place::Now(_turn) => pipeline::ask(call, question).boxed().await,
                    Place::Later => pipeline::ask_later(call, question).await,
                }
            })
        };
        let answer = ask().await;
        let again = self.is_outdated(options.source.as_deref(), answer.as_ref().err()).await;
        let answer = if again { ask().await } else { answer }?;
        Ok((answer, talk))
    }

    /// A turn among the questions of the tenant.
    async fn turn(&self, call: &Call<'_>, on_overload: OnOverload) -> Result<Place> {
        let Some(most) = call.settings.ask.max_at_once else { return Ok(Place::Now(None)) };
        let asking = &self.shared.asking;
        if let Some(turn) = asking.turn_now(call.ctx, most) {
            return Ok(Place::Now(Some(turn)));
        }
        match on_overload {
            OnOverload::Queue => Ok(Place::Later),
            OnOverload::Wait => {
                let told = |position: usize| (call.observer)(AskEvent::Queued(position as u64));
                asking.turn(call.ctx, most, &told).await.map(|turn| Place::Now(Some(turn)))
            }
            OnOverload::Refuse => {
                let error = Error::new(
                    ErrorKind::RateLimited,
                    format!("{most} questions are being answered already (`ask.max_at_once`); ask again in a moment"),
                );
                let eta = asking.eta(1, most).unwrap_or(Duration::from_secs(1));
                Err(error.with_retry_after(eta))
            }
        }
    }

    /// Answers a semantic query: what a planner would make of a question, the option of a clarification, a saved query.
    ///
    /// # Errors
    /// As [`ask_with`](Self::ask_with).
    pub async fn ask_query(&self, query: SemanticQuery, options: &AskOptions) -> Result<Answer> {
        let talk = self.talk(options.session.as_deref()).await?;
        let limits = || Limits::ask(options, talk.as_ref());
        let ask = |query| {
            self.call(Action::Ask, limits(), &|_| {}, async |call| {
                // A query is answered by the one who waits for it: there is no ticket for it.
                let on_overload = match call.settings.ask.on_overload {
                    OnOverload::Refuse => OnOverload::Refuse,
                    OnOverload::Wait | OnOverload::Queue => OnOverload::Wait,
                };
                let _turn = self.turn(call, on_overload).await?;
                pipeline::ask_query(call, query).await
            })
        };
        let answer = ask(query.clone()).await;
        let again = self.is_outdated(options.source.as_deref(), answer.as_ref().err()).await;
        let answer = if again { ask(query).await } else { answer }?;
        Ok(self.told(talk, answer).await)
    }

    /// Runs a statement on the only source, through the same guard and gate as any other.
    ///
    /// # Errors
    /// As [`sql_with`](Self::sql_with).
    pub async fn sql(&self, text: &str) -> Result<Answer> {
        self.sql_with(text, &SqlOptions::default()).await
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// `Rejected` or `NeedsApproval` with the guard's findings; otherwise as [`ask_with`](Self::ask_with).
    pub async fn sql_with(&self, text: &str, options: &SqlOptions) -> Result<Answer> {
        let run = || {
            self.call(Action::Ask, Limits::sql(options), &|_| {}, async |call| pipeline::sql(call, text, &options.params).await)
        };
        let answer = run().await;
        if self.is_outdated(options.source.as_deref(), answer.as_ref().err()).await { run().await } else { answer }
    }

    /// Runs a statement and hands out its batches as they come, without collecting them.
    ///
    /// # Cancellation
    /// Dropping the stream stops the statement in the database.
    ///
    /// # Errors
    /// As [`sql_with`](Self::sql_with), and `Denied` when execution is off for the source.
    pub async fn sql_stream(&self, text: &str, options: &SqlOptions) -> Result<GateStream> {
        let open = || {
            let open = async |call: &Call<'_>| pipeline::sql_stream(call, text, &options.params).await;
            self.call_holding(Action::Ask, Limits::sql(options), &|_| {}, open)
        };
        let opened = open().await;
        let again = self.is_outdated(options.source.as_deref(), opened.as_ref().err()).await;
        let (stream, lease) = if again { open().await } else { opened }?;
        Ok(stream.holding(lease))
    }

    /// Vets a statement without running it.
    ///
    /// # Errors
    /// What keeps the call from being served; the guard's verdict is in the result.
    pub async fn vet(&self, text: &str, options: &SqlOptions) -> Result<Vetting> {
        self.call(Action::Ask, Limits::sql(options), &|_| {}, async |call| {
            let access = call.authorise(Action::Ask).await?;
            let limits = call.settings.guard_for(call.max_rows)?;
            Ok(guard::vet(&Request {
                ctx: call.ctx,
                source: call.target.id(),
                catalog: &call.known.catalog,
                access: &access,
                settings: &limits,
                sql: text,
                params: &options.params,
                purpose: Purpose::Sql,
            }))
        })
        .await
    }

    /// The source columns that each output column of a statement derives from.
    ///
    /// # Errors
    /// `Rejected` or `NeedsApproval` when the statement may not run; otherwise as [`vet`](Self::vet).
    pub async fn lineage(&self, text: &str) -> Result<Vec<OutputColumn>> {
        let vetting = self.vet(text, &SqlOptions::default()).await?;
        let lineage = vetting.lineage.clone();
        vetting.into_result().map(|_| Arc::unwrap_or_clone(lineage))
    }
}
