//! A model is asked: recorded before with the hash of what it is sent, and after with what it took; counted, and not asked beyond the tenant's cap.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::attempt::{Attempt, Spent, Status};
use super::cache::{Cache, Reply};
use super::kept::Key;
use super::ledger::{Ledger, Spending};
use super::record::RecordMeta;
use crate::adapter::{AuditEvent, AuditSink, Model, ModelRequest, ModelResponse, caught};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::Chain;
use crate::settings::{CacheSettings, Disclosure};
use crate::untrusted::identifier;

/// Who is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asked<'a> {
    /// Models behind each other, whose errors are Leo's own words.
    Chain(&'a Chain),
    /// A model of the host's, of whose errors nobody knows what they hold.
    Host(&'a dyn Model),
}

/// Who is asked, about what, and at whose cost.
#[derive(Debug, Clone)]
pub(crate) struct ModelCall<'a> {
    pub(crate) model: Asked<'a>,
    /// Id of the source that the request is about.
    pub(crate) source: &'a str,
    pub(crate) audit: &'a Arc<dyn AuditSink>,
    /// Where it is counted, and what the tenant may spend in a month.
    pub(crate) ledger: Option<(&'a Ledger, Option<f64>)>,
    pub(crate) meta: RecordMeta,
    pub(crate) disclosure: Disclosure,
    /// Where earlier answers to the same request are; nothing where each time is to be asked anew.
    pub(crate) earlier: Option<Earlier<'a>>,
}

/// Earlier answers to a request, and how long they are of use.
#[derive(Debug, Clone)]
pub(crate) struct Earlier<'a> {
    pub(crate) cache: &'a Cache,
    pub(crate) key: Key,
    pub(crate) settings: CacheSettings,
}

/// What a model answered.
#[derive(Debug)]
pub(crate) struct Answered {
    /// Without what it took, where it was not asked for this call.
    pub(crate) response: ModelResponse,
    pub(crate) origin: Origin,
}

/// Whose an answer is.
#[derive(Debug)]
pub(crate) enum Origin {
    /// This call's.
    Asked,
    /// An earlier call's, or one's that asked the same at the same time.
    Given,
    /// An earlier call's, because the model failed this one.
    Last(Error),
}

impl ModelCall<'_> {
    /// The answer of the model, or an earlier one to the same request; a failure of the model is one of its own, inside.
    ///
    /// # Errors
    /// What keeps the call itself from going on: `Cancelled`, `Timeout` of the call, and the audit sink's.
    pub(crate) async fn complete(&self, ctx: &Context, request: ModelRequest) -> Result<Result<Answered>> {
        ctx.check()?;
        let (answered, asked) = match &self.earlier {
            None => (self.ask(ctx, request).await?, true),
            Some(earlier) => match earlier.cache.reply(ctx, &earlier.key, Duration::from_secs(earlier.settings.ttl_s)).await? {
                Ok(Reply::Found(response)) => {
                    Attempt::open(Arc::clone(self.audit), self.event(ctx, &request)).await?.close(Status::Cached).await?;
                    (Ok(response), false)
                }
                Ok(Reply::Ask(asking)) => {
                    let answered = self.ask(ctx, request).await?;
                    Cache::replied(ctx, asking, &answered);
                    (answered, true)
                }
                Err(error) => (Err(error), false),
            },
        };
        Ok(match (answered, asked) {
            (Ok(response), true) => Ok(Answered { response, origin: Origin::Asked }),
            (Ok(response), false) => Ok(Answered { response: without_cost(response), origin: Origin::Given }),
            (Err(error), _) => match self.earlier.as_ref().and_then(|own| own.cache.last_reply(&own.key, own.settings)) {
                Some(response) => Ok(Answered { response: without_cost(response), origin: Origin::Last(error) }),
                None => Err(error),
            },
        })
    }

    fn event(&self, ctx: &Context, request: &ModelRequest) -> AuditEvent {
        AuditEvent {
            preset: Some(self.meta.preset.as_str().to_owned()),
            source: Some(self.source.to_owned()),
            target: Some("model".to_owned()),
            purpose: Some(request.purpose.as_str().to_owned()),
            prompt_hash: Some(request.hash()),
            disclosure: Some(self.disclosure.as_str().to_owned()),
            settings_hash: Some(self.meta.settings_hash.clone()).filter(|hash| !hash.is_empty()),
            ..audit::event(ctx, "tool_invocation")
        }
    }

    /// Asks, recorded and counted.
    async fn ask(&self, ctx: &Context, mut request: ModelRequest) -> Result<Result<ModelResponse>> {
        if let Some((ledger, Some(cap))) = self.ledger
            && let Err(error) = ctx.unless_over(ledger.within(ctx, cap)).await?
        {
            return Ok(Err(error));
        }
        let event = self.event(ctx, &request);
        let mut attempt = Attempt::open(Arc::clone(self.audit), event).await?;
        // A little more than is left, so that it is the call that is over and not the model that was slow.
        let left = ctx.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_millis() + 100);
        let left = left.and_then(|left| u64::try_from(left).ok()).unwrap_or(u64::MAX);
        request.timeout_ms = request.timeout_ms.min(left);
        let limit = Duration::from_millis(request.timeout_ms);
        let asked = async {
            match self.model {
                // It keeps the time itself: cut off from here, it could not count who was slow.
                Asked::Chain(chain) => chain.complete(ctx.to_host(), request).await,
                Asked::Host(model) => {
                    let asked = caught("the host's model failed", async || model.complete(ctx.to_host(), request).await);
                    let late = |_| Err(Error::timeout("the model took longer than `model.timeout_ms`"));
                    timeout(limit, asked).await.unwrap_or_else(late)
                }
            }
        };
        let answered = match ctx.unless_over(asked).await {
            Ok(answered) => answered,
            Err(over) => return Err(attempt.fail(over).await),
        };
        if let Ok(response) = &answered {
            let spending = Spending::of(response);
            attempt.note(|facts| {
                facts.spent = Some(Spent {
                    model: identifier(&response.model).to_string(),
                    input_tokens: spending.iter().map(|(_, own)| own.input_tokens).sum(),
                    output_tokens: spending.iter().map(|(_, own)| own.output_tokens).sum(),
                    cost_micro_usd: spending.iter().map(|(_, own)| own.known_cost_micro_usd()).sum(),
                });
            });
            if let Some((ledger, _)) = self.ledger {
                ledger.add(ctx, spending).await;
            }
        }
        match answered.and_then(|response| response.check().map(|()| response)) {
            Ok(response) => {
                attempt.close(Status::Ok).await?;
                Ok(Ok(response))
            }
            Err(failed) => {
                tracing::warn!(kind = %failed.kind(), "a model did not answer");
                match attempt.fail_with(&failed).await {
                    Ok(()) => Ok(Err(failed)),
                    Err(unrecorded) => Err(unrecorded),
                }
            }
        }
    }
}

/// An answer that costs whoever gets it nothing.
fn without_cost(response: ModelResponse) -> ModelResponse {
    ModelResponse { input_tokens: 0, cached_tokens: 0, output_tokens: 0, cost_usd: None, attempts: Vec::new(), ..response }
}
