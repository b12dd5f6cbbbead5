//! From a statement's text to its rows: vet → record → price → run, the same for questions and for SQL somebody wrote.

use std::time::Duration;

use super::draft::Draft;
use super::explain::freshness;
use super::pipeline::Call;
use super::review::{Warning, WarningCode};
use super::stage::Stage;
use crate::adapter::{Access, AuditEvent};
use crate::audit;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Verdict;
use crate::gate::{self, Cleared, GateStream, InForce, PriceLimits, Priced, QueryOptions, RecordMeta, RunResult};
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

/// Runs a statement and reads all its rows.
///
/// # Errors
/// What keeps the database or the audit from serving; a refusal is an [`Outcome`].
pub(super) async fn execute(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    access: &Access,
    statement: Statement<'_>,
) -> Result<Outcome> {
    let stream = match open(call, draft, access, statement).await? {
        Opened::Stream(stream) => *stream,
        Opened::Refused(error) => return Ok(Outcome::Refused(error)),
        Opened::NotExecuted => return Ok(Outcome::NotExecuted),
    };
    let result = gate::collect(stream).await?;
    draft.clock.database(result.summary.engine_time);
    draft.answer.usage.statements = 1;
    draft.answer.usage.rows = result.summary.rows;
    draft.answer.provenance.result_hash.clone_from(&result.summary.result_hash);
    Ok(Outcome::Ran(Box::new(result)))
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

/// Runs a statement up to its schema.
pub(super) async fn open(call: &Call<'_>, draft: &mut Draft<'_>, access: &Access, statement: Statement<'_>) -> Result<Opened> {
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
            return Ok(Opened::Refused(error));
        }
    };
    if !call.target.executes() {
        draft.clock.enter(Stage::Record);
        let id = record_not_executed(call, &vetted).await?;
        draft.answer.provenance.statement_audit_id = Some(id);
        return Ok(Opened::NotExecuted);
    }
    draft.clock.enter(Stage::Record);
    let recorded = gate::record(call.ctx, vetted, call.audit, meta()).await?;
    draft.answer.provenance.statement_audit_id = Some(recorded.attempt().to_owned());
    draft.clock.enter(Stage::Price);
    // Looked up anew at each step: a sync may have come in between.
    let current = || call.target.known().unwrap_or_else(|| std::sync::Arc::clone(&call.known));
    let known = current();
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
    let options = QueryOptions {
        max_rows: limits.row_cap,
        max_bytes: call.settings.ask.max_bytes,
        timeout: call.timeout.unwrap_or_else(|| Duration::from_millis(call.settings.ask.timeout_ms)),
        ..QueryOptions::default()
    };
    let known = current();
    let in_force = InForce { catalog_version: known.catalog.version(), policy_hash: &policy_hash };
    let stream = gate::run(call.ctx, cleared, call.connector, in_force, options).await?;
    Ok(Opened::Stream(Box::new(stream)))
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
