//! Models one after the other: who is tried when, how often, and what it took.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep, timeout_at};

use super::prices::Prices;
use crate::adapter::{Model, ModelAttempt, ModelRequest, ModelResponse, caught};
use crate::breaker::{Breaker, BreakerState};
use crate::context::HostContext;
use crate::error::{Error, ErrorKind, Result};

/// Tries of one model.
const ATTEMPTS: u32 = 3;
/// Wait before the second try; each further one waits twice as long.
const BACKOFF: Duration = Duration::from_millis(500);
/// A longer wait is not worth it while another model is there.
const PATIENCE: Duration = Duration::from_secs(2);
/// Requests of the last minutes that statistics are made of.
const REMEMBERED: usize = 1_000;
/// What a rate is counted over.
const WINDOW: Duration = Duration::from_secs(60);

/// Several models, of which the first that answers counts.
///
/// # Behavior
/// A model is tried three times where its failure may pass: it could not be reached, was not well, asked to wait, or took too long. Between tries
/// it is left alone for 0.5 s, then 1 s, give or take a half, or as long as it asks; where it asks for more than two seconds and another model
/// is there, that is asked at once. After five failures in a row a model is left alone for a minute. What stands in a request's `timeout_ms` is
/// for everything together.
///
/// A refusal is an answer. One that is empty or breaks off, because it may not be longer, is none: the next model is asked, and where nobody answers
/// better it is given as it is ([`ModelResponse::check`] tells).
///
/// # Example
/// ```
/// use leo::model::{Chain, Egress};
///
/// let egress = Egress::to(&["localhost".into()])?;
/// # #[cfg(feature = "models")] {
/// let chain = Chain::default()
///     .then(leo::model::named("chat:qwen2.5-coder@http://localhost:11434/v1", &egress)?)
///     .then(leo::model::named("chat:llama3.2@http://localhost:11434/v1", &egress)?);
/// assert_eq!(chain.statistics().len(), 2);
/// # }
/// # Ok::<(), leo::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Chain {
    links: Vec<Link>,
    prices: Prices,
}

#[derive(Debug)]
struct Link {
    id: String,
    model: Arc<dyn Model>,
    /// Whether what its errors say may be shown.
    is_own: bool,
    breaker: Breaker,
    figures: Mutex<Figures>,
}

/// What was counted of a model.
#[derive(Debug, Default)]
struct Figures {
    requests: u64,
    failures: u64,
    input_tokens: u64,
    output_tokens: u64,
    cost_usd: f64,
    /// The day that is counted by.
    day: Option<Date>,
    cost_today_usd: f64,
    /// When each of the last requests ended, how long it took, and whether it failed.
    last: VecDeque<(Instant, u64, bool)>,
}

/// How one model did since the process began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelStatistics {
    /// Which model: `openai:gpt-5-mini`, or `host`.
    pub model: String,
    /// Whether it is left alone after failures.
    pub breaker: BreakerState,
    /// Requests.
    pub requests: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Requests of the last minute.
    pub requests_per_minute: u64,
    /// Failed requests by requests, of the last 1,000.
    pub error_rate: f64,
    /// Median time of the last 1,000 requests, in milliseconds.
    pub latency_p50_ms: u64,
    /// The 95th percentile of the same.
    pub latency_p95_ms: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// What it cost, in US dollars, as far as prices are known.
    pub cost_usd: f64,
    /// What it cost today, by the clock of the calls and in UTC.
    pub cost_today_usd: f64,
}

impl Chain {
    /// Adds a model of the host's, asked when those before it do not answer.
    #[must_use]
    pub fn then(self, model: Arc<dyn Model>) -> Self {
        self.link(model, false)
    }

    /// Adds a model whose errors are Leo's own words.
    pub(crate) fn then_own(self, model: Arc<dyn Model>) -> Self {
        self.link(model, true)
    }

    fn link(mut self, model: Arc<dyn Model>, is_own: bool) -> Self {
        let id = model.id().unwrap_or_else(|| "host".to_owned());
        self.links.push(Link { id, model, is_own, breaker: Breaker::default(), figures: Mutex::default() });
        self
    }

    /// Counts by other prices than the vendors' lists.
    #[must_use]
    pub fn with_prices(mut self, prices: Prices) -> Self {
        self.prices = prices;
        self
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// How each model did, in order.
    pub fn statistics(&self) -> Vec<ModelStatistics> {
        self.links.iter().map(Link::statistics).collect()
    }

    /// Tries one model once.
    async fn attempt(
        &self,
        link: &Link,
        ctx: &HostContext,
        request: &ModelRequest,
        until: Instant,
    ) -> (ModelAttempt, Result<ModelResponse>) {
        let began = Instant::now();
        let mut request = request.clone();
        request.timeout_ms = millis(until.saturating_duration_since(began));
        let mut raw = None;
        let asked = caught("the host's model failed", async || {
            let outcome = link.model.complete(ctx.clone(), request).await;
            raw = outcome.as_ref().err().cloned();
            outcome
        });
        let outcome = timeout_at(until, asked).await.unwrap_or_else(|_| {
            raw = None;
            Err(Error::timeout("the model took longer than `model.timeout_ms`"))
        });
        let outcome = match (outcome, raw) {
            (Err(_), Some(raw)) if link.is_own => Err(raw),
            // Its kind says whether another try helps; its words are the host's and stay attached.
            (Err(told), Some(raw)) => {
                let told = Error::new(kind_of_host(raw.kind()), told.message()).with_source(raw.clone());
                Err(raw.retry_after().map_or(told.clone(), |wait| told.with_retry_after(wait)))
            }
            (outcome, _) => outcome,
        };
        let mut attempt = ModelAttempt {
            model: link.id.clone(),
            error: None,
            input_tokens: 0,
            output_tokens: 0,
            cost_usd: None,
            duration_ms: millis(began.elapsed()),
        };
        let mut outcome = outcome;
        if let Ok(response) = &mut outcome {
            if response.cost_usd.is_none() {
                let price = self
                    .prices
                    .of(&response.model)
                    .or_else(|| self.prices.of(link.id.split_once(':').map_or("", |(_, name)| name)));
                response.cost_usd =
                    price.map(|price| price.of(response.input_tokens, response.cached_tokens, response.output_tokens));
            }
            attempt.input_tokens = response.input_tokens;
            attempt.output_tokens = response.output_tokens;
            attempt.cost_usd = response.cost_usd;
        }
        attempt.error =
            outcome.as_ref().map_or_else(|error| Some(error.kind()), |response| response.check().err().map(|error| error.kind()));
        link.count(&attempt, ctx);
        (attempt, outcome)
    }
}

/// A host's error keeps the kinds that say when to try again.
fn kind_of_host(kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::Unavailable | ErrorKind::RateLimited | ErrorKind::Timeout | ErrorKind::OverBudget => kind,
        _ => ErrorKind::Adapter,
    }
}

/// Whether the model may answer another time.
fn may_pass(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unavailable | ErrorKind::RateLimited)
}

/// Whether the model itself is not well, beyond this one request.
fn counts_against(kind: ErrorKind) -> bool {
    may_pass(kind) || matches!(kind, ErrorKind::Timeout | ErrorKind::Config | ErrorKind::OverBudget | ErrorKind::Adapter)
}

#[async_trait]
impl Model for Chain {
    /// # Errors
    /// That of the last model that was tried; `Config` where there is none.
    async fn complete(&self, ctx: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        let until = Instant::now() + Duration::from_millis(request.timeout_ms);
        let mut attempts = Vec::new();
        let mut last = Error::config("no model is set");
        let mut unusable = None;
        for (at, link) in self.links.iter().enumerate() {
            let is_last = at + 1 == self.links.len();
            for tried in 1..=ATTEMPTS {
                if let Err(error) = link.breaker.admit() {
                    last = error;
                    break;
                }
                let (attempt, outcome) = self.attempt(link, &ctx, &request, until).await;
                attempts.push(attempt);
                let error = match outcome {
                    Ok(mut response) => {
                        link.breaker.succeeded();
                        if response.check().is_ok() {
                            response.attempts = attempts;
                            return Ok(response);
                        }
                        unusable = Some(response);
                        break;
                    }
                    Err(error) => error,
                };
                if counts_against(error.kind()) {
                    link.breaker.failed(&error);
                } else {
                    link.breaker.withdrawn();
                }
                let wait = error.retry_after().unwrap_or_else(|| backoff(tried));
                let is_worth_it = may_pass(error.kind()) && tried < ATTEMPTS && (is_last || wait <= PATIENCE);
                last = error;
                // Waiting beyond the end helps nobody.
                if !is_worth_it || Instant::now() + wait >= until {
                    break;
                }
                sleep(wait).await;
            }
            if Instant::now() >= until {
                break;
            }
        }
        // It cost something, and whoever counts that wants to see it.
        unusable.map_or(Err(last), |response| Ok(ModelResponse { attempts, ..response }))
    }

    fn id(&self) -> Option<String> {
        self.links.first().map(|link| link.id.clone())
    }
}

impl Link {
    fn count(&self, attempt: &ModelAttempt, ctx: &HostContext) {
        let mut figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        let (day, cost) = (ctx.now.to_zoned(jiff::tz::TimeZone::UTC).date(), attempt.cost_usd.unwrap_or(0.0));
        if figures.day != Some(day) {
            figures.day = Some(day);
            figures.cost_today_usd = 0.0;
        }
        figures.requests += 1;
        figures.failures += u64::from(attempt.error.is_some());
        figures.input_tokens = figures.input_tokens.saturating_add(attempt.input_tokens);
        figures.output_tokens = figures.output_tokens.saturating_add(attempt.output_tokens);
        figures.cost_usd += cost;
        figures.cost_today_usd += cost;
        if figures.last.len() == REMEMBERED {
            figures.last.pop_front();
        }
        figures.last.push_back((Instant::now(), attempt.duration_ms, attempt.error.is_some()));
    }

    fn statistics(&self) -> ModelStatistics {
        let figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        let mut took: Vec<u64> = figures.last.iter().map(|(_, ms, _)| *ms).collect();
        took.sort_unstable();
        // Nearest rank.
        let at =
            |share: f64| ((took.len() as f64 * share).ceil() as usize).checked_sub(1).and_then(|rank| took.get(rank)).copied();
        let failed = figures.last.iter().filter(|(_, _, failed)| *failed).count();
        ModelStatistics {
            model: self.id.clone(),
            breaker: self.breaker.state(),
            requests: figures.requests,
            failures: figures.failures,
            requests_per_minute: figures.last.iter().filter(|(ended, ..)| ended.elapsed() < WINDOW).count() as u64,
            error_rate: failed as f64 / figures.last.len().max(1) as f64,
            latency_p50_ms: at(0.5).unwrap_or(0),
            latency_p95_ms: at(0.95).unwrap_or(0),
            input_tokens: figures.input_tokens,
            output_tokens: figures.output_tokens,
            cost_usd: figures.cost_usd,
            cost_today_usd: figures.cost_today_usd,
        }
    }
}

/// The wait before the next try, give or take a half, so that those who failed together do not come back together.
fn backoff(tried: u32) -> Duration {
    let random = (uuid::Uuid::now_v7().as_u128() & 0xffff) as f64 / f64::from(0xffff_u32);
    (BACKOFF * 2u32.pow(tried - 1)).mul_f64(0.5 + random)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
