//! What models cost: by tenant, day, user and model, in the host's storage.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// Counts what models took. What many calls of a process spend at once is written together.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    storage: Arc<dyn Storage>,
    /// What is not written yet, by tenant.
    pending: Arc<Mutex<HashMap<String, Pending>>>,
}

#[derive(Debug, Default)]
struct Pending {
    spent: Vec<Spent>,
    /// Held by whoever writes.
    writing: Arc<tokio::sync::Mutex<()>>,
}

/// What one call spent.
#[derive(Debug)]
struct Spent {
    day: Date,
    user: String,
    by_model: Vec<(String, Spending)>,
}

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

impl Day {
    fn add(&mut self, spent: &Spent) {
        let is_full = self.users.len() >= USERS && !self.users.contains_key(&spent.user);
        let models = self.users.entry(if is_full { OTHER.to_owned() } else { spent.user.clone() }).or_default();
        for (model, more) in &spent.by_model {
            let is_full = models.len() >= MODELS && !models.contains_key(model);
            models.entry(if is_full { OTHER.to_owned() } else { model.clone() }).or_default().add(more);
        }
    }
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
        Self { storage, pending: Arc::default() }
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

    /// Counts; what cannot be counted is told in the log alone, since it is spent already. The count goes on when nobody waits for it.
    pub(crate) async fn add(&self, ctx: &Context, by_model: Vec<(String, Spending)>) {
        let spent = Spent { day: day(ctx), user: ctx.user.clone(), by_model };
        let writing = {
            let mut pending = self.pending();
            let own = pending.entry(ctx.tenant.clone()).or_default();
            own.spent.push(spent);
            Arc::clone(&own.writing)
        };
        let (ledger, tenant) = (self.clone(), ctx.tenant.clone());
        let write = async move {
            let alone = writing.lock().await;
            // Whoever wrote last may have taken this along.
            let spent = ledger.pending().get_mut(&tenant).map(|own| std::mem::take(&mut own.spent)).unwrap_or_default();
            if let Err(error) = ledger.write(&tenant, spent).await {
                tracing::warn!(kind = %error.kind(), "what a model cost could not be counted");
            }
            drop(alone);
            let mut pending = ledger.pending();
            // Who writes next has it from the map, under the lock of which this is counted.
            if pending.get(&tenant).is_some_and(|own| own.spent.is_empty() && Arc::strong_count(&own.writing) <= 2) {
                pending.remove(&tenant);
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(write).await),
            Err(_) => write.await,
        }
    }

    /// Writes what was spent, a month and a day at a time.
    async fn write(&self, tenant: &str, mut spent: Vec<Spent>) -> Result<()> {
        spent.sort_by_key(|own| own.day);
        let mut written = Ok(());
        for spent in spent.chunk_by(|a, b| a.day == b.day) {
            let Some(day) = spent.first().map(|own| own.day) else { continue };
            let mut all = Spending::default();
            spent.iter().flat_map(|own| &own.by_model).for_each(|(_, own)| all.add(own));
            let month = self.change(tenant, &month(day), |total: &mut Spending| total.add(&all)).await;
            let own = self.change(tenant, &name(day), |own: &mut Day| spent.iter().for_each(|spent| own.add(spent))).await;
            written = written.and(month).and(own);
        }
        written
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
        TenantStore::new(Arc::clone(&self.storage), tenant)
    }

    fn pending(&self) -> MutexGuard<'_, HashMap<String, Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// A storage that takes its time, and counts what is written.
    #[derive(Debug, Default)]
    struct Slow(MemoryStorage, std::sync::atomic::AtomicUsize);

    #[async_trait::async_trait]
    impl Storage for Slow {
        async fn get(&self, key: &str) -> Result<Option<crate::adapter::Versioned>> {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            self.0.get(key).await
        }

        async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<u64> {
            self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            self.0.put(key, value, options).await
        }

        async fn delete(&self, key: &str, expected: Option<u64>) -> Result<()> {
            self.0.delete(key, expected).await
        }

        async fn list_page(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>> {
            self.0.list_page(prefix, after, limit).await
        }
    }

    #[tokio::test]
    async fn nothing_is_lost_where_many_spend_at_once() {
        let storage = Arc::new(Slow::default());
        // Two processes, one storage.
        let ledgers = [0, 1].map(|_| Ledger::new(Arc::clone(&storage) as Arc<dyn Storage>));
        let (ctx, spending) = (ctx("acme", "ada"), Spending::of(&response(Some(0.25))));
        futures::future::join_all((0..200).map(|at| ledgers[at % 2].add(&ctx, spending.clone()))).await;
        assert!(ledgers[0].within(&ctx, 50.0).await.is_err() && ledgers[1].within(&ctx, 50.01).await.is_ok());
        let writes = storage.1.load(std::sync::atomic::Ordering::Relaxed);
        assert!(writes < 40, "{writes} writes for 200 calls");
        assert!(ledgers.iter().all(|ledger| ledger.pending().is_empty()));
    }

    #[tokio::test]
    async fn what_was_spent_is_counted_when_nobody_waits() {
        let ledger = Ledger::new(Arc::new(Slow::default()));
        let ctx = ctx("acme", "ada");
        let add = ledger.add(&ctx, Spending::of(&response(Some(1.0))));
        assert!(tokio::time::timeout(std::time::Duration::from_micros(10), add).await.is_err());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert!(ledger.within(&ctx, 1.0).await.is_err());
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
