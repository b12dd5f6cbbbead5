//! From a statement's text to its rows: vet → record → price → run, the same for questions and for SQL somebody wrote.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::draft::Draft;
use super::explain::freshness;
use super::pipeline::Call;
use super::review::{Warning, WarningCode};
use super::stage::Stage;
use super::target::Known;
use crate::adapter::{Access, AuditEvent};
use crate::audit;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Verdict;
use crate::gate::{
    self, Cache, CacheKey, Cleared, GateStream, Given, InForce, Looked, PriceLimits, Priced, QueryOptions, RecordMeta, Recorded,
    RunResult,
};
use crate::guard::{self, Purpose, Request, VettedSql};
use crate::query::{inline_params, lay_out};
use crate::settings::GuardLimits;
use crate::value::Value;

/// A statement to be run.
#[derive(Clone, Copy)]
pub(super) struct Statement<'a> {
    pub(super) sql: &'a str,
    pub(super) params: &'a [Value],
    pub(super) purpose: Purpose,
    /// The question it answers, for the audit.
    pub(super) question: Option<&'a str>,
}

/// What came of a statement.
pub(super) enum Outcome {
    /// Its rows.
    Ran(Box<RunResult>),
    /// The guard or the price keeps it from running: `Rejected`, `NeedsApproval` or `OverBudget`.
    Refused(Error),
    /// Execution is off for the source.
    NotExecuted,
}

/// Runs a statement and reads all its rows, or takes them from whoever ran the same for a question.
///
/// # Errors
/// What keeps the database or the audit from serving; a refusal is an [`Outcome`].
pub(super) async fn execute(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    access: &Access,
    statement: Statement<'_>,
) -> Result<Outcome> {
    let admitted = match admit(call, draft, access, statement).await? {
        Admission::Granted(admitted) => admitted,
        Admission::Refused(error) => return Ok(Outcome::Refused(error)),
        Admission::NotExecuted => return Ok(Outcome::NotExecuted),
    };
    let settings = call.settings.cache;
    let options = query_options(call, &admitted.limits);
    // Who writes a statement wants it run.
    let shares = statement.purpose == Purpose::Ask && call.connector.shares_rows();
    let key = if shares { Cache::key(call.ctx, call.target.number(), admitted.recorded.sql(), options) } else { None };
    let Admitted { recorded, limits, policy_hash } = *admitted;
    let now = known_now(call);
    let in_force = InForce { catalog_version: now.catalog.version(), policy_hash: &policy_hash };
    let ttl = Duration::from_secs(settings.ttl_s);
    let looked = call.cache.look(call.ctx, recorded, (call.connector.info(), in_force), (key.as_ref(), ttl)).await;
    let (recorded, run) = match looked {
        Ok(Looked::Run(recorded, run)) => (*recorded, run),
        Ok(Looked::Found(given)) => return Ok(given_earlier(draft, *given)),
        Err(error) => return last_good(call, draft, key.as_ref(), error),
    };
    let outcome = match start(call, draft, Admitted { recorded, limits, policy_hash }).await {
        Ok(Opened::Stream(stream)) => gate::collect(*stream).await,
        Ok(Opened::Refused(error)) => return Ok(Outcome::Refused(error)),
        Ok(Opened::NotExecuted) => return Ok(Outcome::NotExecuted),
        Err(error) => Err(error),
    };
    if let Some(run) = run {
        call.cache.landed(call.ctx, run, &outcome, settings);
    }
    let result = match outcome {
        Ok(result) => result,
        Err(error) => return last_good(call, draft, key.as_ref(), error),
    };
    draft.clock.database(result.summary.engine_time);
    draft.answer.usage.statements = 1;
    draft.answer.usage.rows = result.summary.rows;
    draft.answer.ran_at = Some(Timestamp::now());
    draft.answer.provenance.result_hash.clone_from(&result.summary.result_hash);
    Ok(Outcome::Ran(Box::new(result)))
}

/// Rows that were read for another question.
fn given_earlier(draft: &mut Draft<'_>, given: Given) -> Outcome {
    draft.answer.from_cache = true;
    draft.answer.ran_at = Some(given.at);
    draft.answer.provenance.result_hash.clone_from(&given.result.summary.result_hash);
    Outcome::Ran(Box::new(given.result))
}

/// The last rows of a statement that could not be run because the database cannot be reached, with a warning; else the error.
fn last_good(call: &Call<'_>, draft: &mut Draft<'_>, key: Option<&CacheKey>, error: Error) -> Result<Outcome> {
    let is_down = match error.kind() {
        ErrorKind::Unavailable => true,
        // Of the statement, not of the call.
        ErrorKind::Timeout => call.ctx.check().is_ok(),
        _ => false,
    };
    let Some(given) = key.filter(|_| is_down).and_then(|key| call.cache.last(key, call.settings.cache)) else {
        return Err(error);
    };
    let at = given.at.to_zoned(call.ctx.time_zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string();
    draft.answer.warnings.push(Warning {
        code: WarningCode::Stale,
        message: format!("the database could not be asked ({}); these rows were read at {at}", error.kind()),
        suggestion: Some("ask again when the database can be reached".into()),
    });
    let _ = call.unreached.set(error);
    Ok(given_earlier(draft, given))
}

/// Whether an error says something of the statement and nothing of the call: another statement may do better.
pub(super) fn is_about_the_statement(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Rejected | ErrorKind::Malformed | ErrorKind::Unsupported | ErrorKind::Adapter)
}

/// A statement on its way.
pub(super) enum Opened {
    Stream(Box<GateStream>),
    Refused(Error),
    NotExecuted,
}

/// Whether a statement may run.
enum Admission {
    Granted(Box<Admitted>),
    Refused(Error),
    NotExecuted,
}

/// A statement that may run, and under what.
struct Admitted {
    recorded: Recorded,
    limits: GuardLimits,
    policy_hash: String,
}

/// Runs a statement up to its schema.
pub(super) async fn open(call: &Call<'_>, draft: &mut Draft<'_>, access: &Access, statement: Statement<'_>) -> Result<Opened> {
    match admit(call, draft, access, statement).await? {
        Admission::Granted(admitted) => start(call, draft, *admitted).await,
        Admission::Refused(error) => Ok(Opened::Refused(error)),
        Admission::NotExecuted => Ok(Opened::NotExecuted),
    }
}

/// Vets and records.
async fn admit(call: &Call<'_>, draft: &mut Draft<'_>, access: &Access, statement: Statement<'_>) -> Result<Admission> {
    let limits = call.settings.guard_for(call.max_rows)?;
    let meta = || RecordMeta {
        question: statement.question.map(str::to_owned),
        preset: call.settings.preset,
        settings_hash: call.settings_hash.to_owned(),
    };
    let policy_hash = guard::policy_hash(access, &limits);
    draft.answer.provenance.policy_hash = Some(policy_hash.clone());
    draft.clock.enter(Stage::Vet);
    let vetted = match vet(call, draft, access, &limits, statement) {
        Ok(vetted) => vetted,
        Err(error) => {
            draft.clock.enter(Stage::Record);
            let (source, purpose) = (call.target.id(), statement.purpose);
            let id = gate::record_refusal(call.ctx, source, purpose, statement.sql, &error, &**call.audit, meta()).await?;
            draft.answer.provenance.statement_audit_id = Some(id);
            return Ok(Admission::Refused(error));
        }
    };
    draft.clock.enter(Stage::Record);
    if !call.target.executes() {
        let id = record_not_executed(call, &vetted).await?;
        draft.answer.provenance.statement_audit_id = Some(id);
        return Ok(Admission::NotExecuted);
    }
    let recorded = gate::record(call.ctx, vetted, call.audit, meta()).await?;
    draft.answer.provenance.statement_audit_id = Some(recorded.attempt().to_owned());
    Ok(Admission::Granted(Box::new(Admitted { recorded, limits, policy_hash })))
}

/// Prices, and runs up to the schema.
async fn start(call: &Call<'_>, draft: &mut Draft<'_>, admitted: Admitted) -> Result<Opened> {
    let Admitted { recorded, limits, policy_hash } = admitted;
    draft.clock.enter(Stage::Price);
    let known = known_now(call);
    let in_force = InForce { catalog_version: known.catalog.version(), policy_hash: &policy_hash };
    let cleared: Cleared = match gate::price(call.ctx, recorded, call.connector, in_force, &PriceLimits::default()).await? {
        Priced::Cleared(cleared) => cleared,
        Priced::NeedsApproval { reasons, .. } => {
            return Ok(Opened::Refused(Error::new(ErrorKind::NeedsApproval, reasons.join("; "))));
        }
        Priced::OverBudget { reasons, .. } => {
            return Ok(Opened::Refused(Error::new(ErrorKind::OverBudget, reasons.join("; "))));
        }
    };
    if cleared.no_estimate() {
        draft.answer.warnings.push(Warning {
            code: WarningCode::NoEstimate,
            message: "the database gives no estimate, so the price limits could not be applied".into(),
            suggestion: None,
        });
    }
    draft.clock.enter(Stage::Run);
    let known = known_now(call);
    let in_force = InForce { catalog_version: known.catalog.version(), policy_hash: &policy_hash };
    let stream = gate::run(call.ctx, cleared, call.connector, in_force, query_options(call, &limits)).await?;
    Ok(Opened::Stream(Box::new(stream)))
}

/// What is known of the source; looked up anew at each step, because a sync may have come in between.
fn known_now(call: &Call<'_>) -> Arc<Known> {
    call.target.known().unwrap_or_else(|| Arc::clone(&call.known))
}

fn query_options(call: &Call<'_>, limits: &GuardLimits) -> QueryOptions {
    QueryOptions {
        max_rows: limits.row_cap,
        max_bytes: call.settings.ask.max_bytes,
        timeout: call.timeout.unwrap_or_else(|| Duration::from_millis(call.settings.ask.timeout_ms)),
        ..QueryOptions::default()
    }
}

/// Vets the statement and notes in the draft what the guard found out about it.
fn vet(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    access: &Access,
    limits: &GuardLimits,
    statement: Statement<'_>,
) -> Result<VettedSql> {
    let catalog = &*call.known.catalog;
    let vetting = guard::vet(&Request {
        ctx: call.ctx,
        source: call.target.id(),
        catalog,
        access,
        settings: limits,
        sql: statement.sql,
        params: statement.params,
        purpose: statement.purpose,
    });
    let answer = &mut draft.answer;
    // What is shown is what was meant: schemas spelled out, the row cap and what a policy put in are of no use to a reader, and the
    // policy is the host's. Corrections are shown.
    let corrected = vetting.rewritten.as_deref().filter(|_| {
        let is_restricted = vetting.vetted.as_ref().is_none_or(VettedSql::is_restricted);
        vetting.verdict == Verdict::Rewrite && !is_restricted
    });
    let shown = corrected.unwrap_or(statement.sql);
    answer.sql = Some(shown.to_owned());
    answer.params = statement.params.to_vec();
    answer.sql_with_values =
        inline_params(catalog.dialect, shown, statement.params).ok().map(|sql| lay_out(catalog.dialect, &sql));
    answer.explain.findings.clone_from(&vetting.findings);
    answer.explain.tables = vetting.tables.iter().map(ToString::to_string).collect();
    answer.explain.lineage.clone_from(&*vetting.lineage);
    let (sent, params) =
        vetting.vetted.as_ref().map_or((statement.sql, statement.params), |vetted| (vetted.sql(), vetted.params()));
    answer.provenance.sql_hash = Some(audit::sql_hash(sent, params));
    // From what the user may see: the latest value of a hidden column is as hidden as the column.
    let index = call.known.index(access)?;
    answer.freshness = freshness(index.catalog(), vetting.tables.iter());
    vetting.into_result()
}

/// The decision that a statement stays on paper.
async fn record_not_executed(call: &Call<'_>, vetted: &VettedSql) -> Result<String> {
    let event = AuditEvent {
        preset: Some(call.settings.preset.as_str().to_owned()),
        source: Some(vetted.source().to_owned()),
        purpose: Some(vetted.purpose().as_str().to_owned()),
        sql: Some(audit::mask_sql(vetted.sql())),
        sql_hash: Some(audit::sql_hash(vetted.sql(), vetted.params())),
        verdict: Some(vetted.verdict()),
        status: Some("not_executed".into()),
        policy_hash: Some(vetted.policy_hash().to_owned()),
        catalog_hash: Some(vetted.catalog_version().to_owned()),
        settings_hash: Some(call.settings_hash.to_owned()),
        ..audit::event(call.ctx, "security_gate_decision")
    };
    let id = event.id.clone();
    call.audit.append(vec![event]).await?;
    Ok(id)
}
