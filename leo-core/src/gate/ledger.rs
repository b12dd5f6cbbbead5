//! What models cost: by tenant, day, user and model, in the host's storage.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::adapter::{ModelResponse, PutOptions, Storage};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::store::TenantStore;
use crate::untrusted::identifier;

/// Times that one addition is tried while others add too.
const TRIES: usize = 20;
/// Users of a day, and models of each, that are told apart; the rest is `other`.
const USERS: usize = 10_000;
const MODELS: usize = 50;
const OTHER: &str = "other";
/// Days that are told at once.
const DAYS: usize = 366;

/// Counts what models took.
#[derive(Debug, Clone)]
pub(crate) struct Ledger(Arc<dyn Storage>);

/// What models took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spending {
    pub(crate) requests: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) cost_micro_usd: u64,
    /// Requests whose price nobody knows.
    pub(crate) unpriced: u64,
}

/// What one user spent on one model on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelSpending {
    /// The day, in UTC.
    pub day: Date,
    /// The user.
    pub user: String,
    /// The model.
    pub model: String,
    /// Requests that were answered, and tries on the way to an answer.
    pub requests: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// What it cost, in millionths of a US dollar, as far as prices are known.
    pub cost_micro_usd: u64,
    /// Requests whose price is not known.
    pub unpriced: u64,
}

/// One day.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Day {
    users: BTreeMap<String, BTreeMap<String, Spending>>,
}

impl Spending {
    /// Of each attempt of a response, by model.
    pub(crate) fn of(response: &ModelResponse) -> Vec<(String, Self)> {
        let one = |model: &str, input: u64, output: u64, cost: Option<f64>| {
            let own = Self {
                requests: 1,
                input_tokens: input,
                output_tokens: output,
                cost_micro_usd: cost.map_or(0, micro),
                unpriced: u64::from(cost.is_none()),
            };
            (identifier(model).to_string(), own)
        };
        match response.attempts.as_slice() {
            [] => vec![one(&response.model, response.input_tokens, response.output_tokens, response.cost_usd)],
            tried => tried.iter().map(|own| one(&own.model, own.input_tokens, own.output_tokens, own.cost_usd)).collect(),
        }
    }

    /// Nothing where no price is known.
    pub(crate) fn known_cost_micro_usd(&self) -> Option<u64> {
        (self.unpriced == 0 || self.input_tokens + self.output_tokens == 0).then_some(self.cost_micro_usd)
    }

    fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.cost_micro_usd = self.cost_micro_usd.saturating_add(other.cost_micro_usd);
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
    }
}

/// US dollars in millionths, rounded up: what was spent is never counted as less.
fn micro(usd: f64) -> u64 {
    // As a cast does: what is no number is 0, and what is too large the largest.
    (usd.max(0.0) * 1e6).ceil() as u64
}

impl Ledger {
    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        Self(storage)
    }

    /// Whether the tenant of `ctx` has spent less than `cap` US dollars in this month.
    ///
    /// # Errors
    /// `OverBudget` with when the next month begins; the storage's.
    pub(crate) async fn within(&self, ctx: &Context, cap: f64) -> Result<()> {
        let day = day(ctx);
        let spent: Spending = self.read(&ctx.tenant, &month(day)).await?.map_or_else(Spending::default, |(spent, _)| spent);
        if spent.cost_micro_usd < micro(cap) {
            return Ok(());
        }
        let next = day.last_of_month().tomorrow().unwrap_or(day);
        Err(Error::over_budget(format!(
            "models are not asked before {next} (UTC): the month's {cap} US dollars are spent (`model.monthly_cap_usd`)"
        )))
    }

    /// Counts; what cannot be counted is told in the log alone, since it is spent already.
    pub(crate) async fn add(&self, ctx: &Context, spending: Vec<(String, Spending)>) {
        let day = day(ctx);
        let all = spending.iter().fold(Spending::default(), |mut all, (_, own)| {
            all.add(own);
            all
        });
        let month = self.change(&ctx.tenant, &month(day), |total: &mut Spending| total.add(&all)).await;
        let name = name(day);
        let own = self.change(&ctx.tenant, &name, |own: &mut Day| {
            let is_full = own.users.len() >= USERS && !own.users.contains_key(&ctx.user);
            let models = own.users.entry(if is_full { OTHER.to_owned() } else { ctx.user.clone() }).or_default();
            for (model, more) in &spending {
                let is_full = models.len() >= MODELS && !models.contains_key(model);
                models.entry(if is_full { OTHER.to_owned() } else { model.clone() }).or_default().add(more);
            }
        });
        let own = own.await;
        if let Err(error) = month.and(own) {
            tracing::warn!(kind = %error.kind(), "what a model cost could not be counted");
        }
    }

    /// What the tenant's users spent from `first` to `last`, by day, user and model.
    ///
    /// # Errors
    /// `LimitExceeded` for more than a year and a day, and the storage's.
    pub(crate) async fn spending(&self, tenant: &str, first: Date, last: Date) -> Result<Vec<ModelSpending>> {
        let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
        let mut found = Vec::new();
        for (at, day) in days.enumerate() {
            if at == DAYS {
                return Err(Error::limit_exceeded(format!("spending is told for {DAYS} days at most; ask for a shorter time")));
            }
            let Some((own, _)) = self.read::<Day>(tenant, &name(day)).await? else { continue };
            found.extend(own.users.into_iter().flat_map(|(user, models)| {
                models.into_iter().map(move |(model, spent)| ModelSpending {
                    day,
                    user: user.clone(),
                    model,
                    requests: spent.requests,
                    input_tokens: spent.input_tokens,
                    output_tokens: spent.output_tokens,
                    cost_micro_usd: spent.cost_micro_usd,
                    unpriced: spent.unpriced,
                })
            }));
        }
        Ok(found)
    }

    /// Changes a value, as often as others were faster.
    async fn change<T: Default + Serialize + for<'de> Deserialize<'de>>(
        &self,
        tenant: &str,
        name: &str,
        change: impl Fn(&mut T),
    ) -> Result<()> {
        let store = self.store(tenant);
        for _ in 0..TRIES {
            let (mut value, version) = self.read::<T>(tenant, name).await?.unwrap_or_default();
            change(&mut value);
            let bytes =
                serde_json::to_vec(&value).map_err(|error| Error::internal("figures do not serialise").with_source(error))?;
            match store.put(name, &bytes, PutOptions::new().expecting(version)).await {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::new(ErrorKind::Conflict, "others changed the figures all the time; look at the storage"))
    }

    async fn read<T: for<'de> Deserialize<'de>>(&self, tenant: &str, name: &str) -> Result<Option<(T, u64)>> {
        let Some(stored) = self.store(tenant).get(name).await? else { return Ok(None) };
        let value = serde_json::from_slice(&stored.value)
            .map_err(|error| Error::malformed("stored figures of models are not Leo's; delete them").with_source(error))?;
        Ok(Some((value, stored.version)))
    }

    fn store(&self, tenant: &str) -> TenantStore {
        TenantStore::new(Arc::clone(&self.0), tenant)
    }
}

fn day(ctx: &Context) -> Date {
    ctx.now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn month(day: Date) -> String {
    format!("models/months/{}", day.strftime("%Y-%m"))
}

fn name(day: Date) -> String {
    format!("models/days/{day}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::adapter::ModelAttempt;
    use crate::store::MemoryStorage;

    fn ctx(tenant: &str, user: &str) -> Context {
        Context::new(tenant, user).unwrap().with_now("2026-11-30T23:00:00Z".parse().unwrap())
    }

    fn response(cost_usd: Option<f64>) -> ModelResponse {
        ModelResponse { input_tokens: 100, output_tokens: 10, cost_usd, model: "gpt".into(), ..ModelResponse::default() }
    }

    #[tokio::test]
    async fn a_tenant_pays_for_its_own() {
        let ledger = Ledger::new(Arc::new(MemoryStorage::default()));
        for (user, cost) in [("ada", Some(0.5)), ("bob", Some(0.000_000_1)), ("ada", None)] {
            ledger.add(&ctx("acme", user), Spending::of(&response(cost))).await;
        }
        let day = "2026-11-30".parse().unwrap();
        let spent = ledger.spending("acme", day, day).await.unwrap();
        let told: Vec<_> = spent.iter().map(|own| (own.user.as_str(), own.requests, own.cost_micro_usd, own.unpriced)).collect();
        assert_eq!(told, [("ada", 2, 500_000, 1), ("bob", 1, 1, 0)]);
        assert!(ledger.within(&ctx("acme", "ada"), 0.6).await.is_ok());
        let error = ledger.within(&ctx("acme", "bob"), 0.5).await.unwrap_err();
        assert!(error.kind() == ErrorKind::OverBudget && error.message().contains("2026-12-01"), "{error}");
        assert!(ledger.within(&ctx("other", "ada"), 0.5).await.is_ok());
        assert!(ledger.within(&ctx("acme", "ada").with_now("2026-12-01T00:00:00Z".parse().unwrap()), 0.5).await.is_ok());
        assert!(ledger.within(&ctx("other", "ada"), 0.0).await.is_err(), "nothing is less than nothing");
    }

    #[tokio::test]
    async fn nothing_is_lost_where_many_spend_at_once() {
        let ledger = Ledger::new(Arc::new(MemoryStorage::default()));
        let (ctx, spending) = (ctx("acme", "ada"), Spending::of(&response(Some(0.25))));
        futures::future::join_all((0..8).map(|_| ledger.add(&ctx, spending.clone()))).await;
        assert!(ledger.within(&ctx, 2.0).await.is_err() && ledger.within(&ctx, 2.01).await.is_ok());
    }

    #[tokio::test]
    async fn each_attempt_costs() {
        let attempt = |model: &str, cost_usd| ModelAttempt {
            model: model.into(),
            error: None,
            input_tokens: 1,
            output_tokens: 1,
            cost_usd,
            duration_ms: 1,
        };
        let attempts = vec![attempt("a", Some(0.1)), attempt("b\n{{x}}", Some(0.2))];
        let spending = Spending::of(&ModelResponse { attempts, ..response(Some(9.0)) });
        let told: Vec<_> = spending.iter().map(|(model, own)| (model.as_str(), own.cost_micro_usd)).collect();
        assert_eq!(told.len(), 2);
        assert_eq!((told[0], told[1].1), (("a", 100_000), 200_000));
        assert!(!told[1].0.contains('\n') && !told[1].0.contains("{{"));
    }
}
