//! What was run or asked already, and what is under way, for whoever needs the same.
//!
//! Nobody is given rows here that he could not have read himself at that moment: his own statement was vetted and recorded before it is
//! looked for, and everything that decides about rows is in the key — the tenant, the source, the statement as it is sent with the conditions of
//! his policy in it, its values, the policy, the catalogue, the limits, the day and its zone. A look costs no access to the database.

use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::attempt::Status;
use super::check::{self, InForce};
use super::connector::{ConnectorInfo, QueryOptions};
use super::flights::{Flight, Flights, Joined};
use super::kept::{Kept, Key};
use super::pass::Recorded;
use super::run::RunResult;
use crate::adapter::ModelResponse;
use crate::audit;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::guard::VettedSql;
use crate::settings::CacheSettings;

/// Of the memory for both, what is for answers of models: they are small.
const REPLIES: u64 = 8;

/// Results and answers of models, by tenant and source.
#[derive(Debug)]
pub(crate) struct Cache {
    results: Kept<RunResult>,
    runs: Flights<Result<Given>>,
    replies: Kept<ModelResponse>,
    requests: Flights<Result<ModelResponse>>,
}

/// Rows of an earlier run, or of one that another call began.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) result: RunResult,
    /// When they were read.
    pub(crate) at: Timestamp,
}

/// What a look brought.
pub(crate) enum Looked {
    /// Rows; the attempt is closed.
    Found(Box<Given>),
    /// The statement is to be run.
    Run(Box<Recorded>, Option<Run>),
}

/// A run that others may wait for.
#[derive(Debug)]
pub(crate) struct Run {
    flight: Flight<Result<Given>>,
    key: Key,
}

/// What a model answered, or that it is to be asked.
pub(in crate::gate) enum Reply {
    Found(ModelResponse),
    Ask(Asking),
}

/// A request that others may wait for.
pub(in crate::gate) type Asking = Flight<Result<ModelResponse>>;

impl Cache {
    /// Of so many megabytes at most.
    pub(crate) fn new(max_mb: u64) -> Self {
        let bytes = max_mb.saturating_mul(1 << 20);
        let replies = bytes / REPLIES;
        Self {
            results: Kept::new(bytes - replies),
            runs: Flights::default(),
            replies: Kept::new(replies),
            requests: Flights::default(),
        }
    }

    /// What a statement's rows are found by; nothing where two runs may differ on the same data.
    pub(crate) fn key(ctx: &Context, source: u64, sql: &VettedSql, options: QueryOptions) -> Option<Key> {
        if !sql.is_repeatable() {
            return None;
        }
        let now = ctx.local_now();
        let mut digest = Sha256::new();
        for part in [
            audit::sql_hash(sql.sql(), sql.params()).as_str(),
            sql.policy_hash(),
            sql.catalog_version(),
            now.time_zone().iana_name().unwrap_or_default(),
            &now.date().to_string(),
        ] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let QueryOptions { max_rows, max_bytes, timeout, batch_rows: _ } = options;
        for limit in [max_rows.min(sql.row_cap()), max_bytes, u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)] {
            digest.update(limit.to_le_bytes());
        }
        Some(Key { tenant: ctx.tenant.clone(), source, digest: digest.finalize().into() })
    }

    /// Rows that are there already or that another call is about to read; else the statement, to be run.
    ///
    /// # Errors
    /// `Denied`, `Conflict` as [`price`](super::price()); `Cancelled`, `Timeout`; what kept the other call's statement from being run; the sink's. Each
    /// closes the attempt.
    pub(crate) async fn look(
        &self,
        ctx: &Context,
        mut recorded: Recorded,
        (info, now): (&ConnectorInfo, InForce<'_>),
        (key, ttl): (Option<&Key>, Duration),
    ) -> Result<Looked> {
        let Some(key) = key else { return Ok(Looked::Run(Box::new(recorded), None)) };
        if let Err(error) = check::all(ctx, &recorded.sql, info, now) {
            return Err(recorded.attempt.refuse(error).await);
        }
        let kept = || self.results.get(key, ttl).map(|(result, at)| Given { result, at });
        let given = match kept() {
            Some(given) => given,
            None => match self.runs.join(ctx, key).await {
                Err(over) => return Err(recorded.attempt.fail(over).await),
                Ok(Joined::Landed(Err(error))) => return Err(recorded.attempt.fail(error).await),
                Ok(Joined::Landed(Ok(given))) => given,
                // Another may have landed between the look and this.
                Ok(Joined::Lead(flight)) => match kept() {
                    None => return Ok(Looked::Run(Box::new(recorded), Some(Run { flight, key: key.clone() }))),
                    Some(given) => given,
                },
            },
        };
        let summary = &given.result.summary;
        recorded.attempt.note(|facts| {
            facts.rows = Some(summary.rows);
            facts.truncated = Some(summary.truncated);
            facts.result_hash.clone_from(&summary.result_hash);
        });
        recorded.attempt.close(Status::Cached).await?;
        Ok(Looked::Found(Box::new(given)))
    }

    /// Hands what came of a run to those who wait for it, and keeps it as the settings say.
    pub(crate) fn landed(&self, ctx: &Context, run: Run, outcome: &Result<RunResult>, settings: CacheSettings) {
        let Run { flight, key } = run;
        match outcome {
            Ok(result) => {
                let given = Given { result: result.clone(), at: Timestamp::now() };
                if settings.ttl_s.max(settings.stale_s) > 0 {
                    self.results.put(key, result.clone(), result.table.byte_size(), given.at);
                }
                flight.land(Ok(given));
            }
            Err(error) if is_everybodys(ctx, error) => flight.land(Err(error.clone())),
            // The next one tries for himself.
            Err(_) => {}
        }
    }

    /// The last rows of a statement that cannot be run now, where the settings let them be given.
    pub(crate) fn last(&self, key: &Key, settings: CacheSettings) -> Option<Given> {
        let (result, at) = self.results.get(key, Duration::from_secs(settings.stale_s))?;
        Some(Given { result, at })
    }

    /// What an answer of a model is found by. `number` tells apart answers that are wanted for one request.
    pub(crate) fn reply_key(ctx: &Context, source: u64, request: &str, number: u64) -> Key {
        let mut digest = Sha256::new();
        digest.update(number.to_le_bytes());
        digest.update(request);
        Key { tenant: ctx.tenant.clone(), source, digest: digest.finalize().into() }
    }

    /// An answer that is there already or that another call is about to get.
    ///
    /// # Errors
    /// `Cancelled`, `Timeout` of the call; inside, how the model failed another call.
    pub(in crate::gate) async fn reply(&self, ctx: &Context, key: &Key, ttl: Duration) -> Result<Result<Reply>> {
        if let Some((response, _)) = self.replies.get(key, ttl) {
            return Ok(Ok(Reply::Found(response)));
        }
        Ok(match self.requests.join(ctx, key).await? {
            Joined::Landed(landed) => landed.map(Reply::Found),
            Joined::Lead(flight) => Ok(Reply::Ask(flight)),
        })
    }

    /// Hands an answer to those who wait for it. Whether it is any good, whoever reads it knows: he [keeps](Self::keep_reply) it.
    pub(in crate::gate) fn replied(ctx: &Context, asking: Asking, answered: &Result<ModelResponse>) {
        if answered.as_ref().err().is_none_or(|error| is_everybodys(ctx, error)) {
            asking.land(answered.clone());
        }
    }

    /// Keeps an answer that was of use.
    pub(crate) fn keep_reply(&self, key: Key, response: &ModelResponse, settings: CacheSettings) {
        if settings.ttl_s.max(settings.stale_s) > 0 {
            // About what it takes: text of about this length, and some fields.
            let bytes = 512 + response.output.to_string().len() as u64;
            self.replies.put(key, response.clone(), bytes, Timestamp::now());
        }
    }

    /// The last answer to a request that no model answers now, where the settings let it be taken.
    pub(crate) fn last_reply(&self, key: &Key, settings: CacheSettings) -> Option<ModelResponse> {
        self.replies.get(key, Duration::from_secs(settings.stale_s)).map(|(response, _)| response)
    }

    /// Forgets everything about a source.
    pub(crate) fn forget_source(&self, source: u64) {
        self.forget(|key| key.source == source);
    }

    /// Forgets the rows of a source, which may be others by now.
    pub(crate) fn forget_rows(&self, source: u64) {
        self.results.forget(|key| key.source == source);
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.forget(|_| true);
    }

    fn forget(&self, is_meant: impl Fn(&Key) -> bool) {
        self.results.forget(&is_meant);
        self.replies.forget(&is_meant);
    }
}

/// Whether what failed one call would fail the others too, and not this one alone.
fn is_everybodys(ctx: &Context, error: &Error) -> bool {
    let own = matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Denied | ErrorKind::Conflict | ErrorKind::Closed);
    !own && ctx.check().is_ok()
}
