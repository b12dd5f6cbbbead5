//! First step: the attempt goes into the audit.

use std::sync::Arc;

use super::attempt::Attempt;
use super::check::identity;
use super::pass::Recorded;
use crate::adapter::{AuditEvent, AuditSink};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::finding::Verdict;
use crate::guard::{Purpose, VettedSql};
use crate::settings::Preset;

/// What the audit says about a statement that the statement does not know itself.
#[derive(Debug, Clone, Default)]
pub struct RecordMeta {
    /// The question it answers; masked before it is written.
    pub question: Option<String>,
    /// The preset in force.
    pub preset: Preset,
    /// Hash of the settings in force.
    pub settings_hash: String,
}

/// Writes the attempt (`action: "statement"`) and gives the statement back as [`Recorded`].
///
/// # Behavior
/// Nothing has touched the database before this, and nothing does when it fails. From here on exactly one
/// `statement_outcome` follows, on whatever way the statement takes; it goes to the same sink.
///
/// # Errors
/// The sink's error, whose kind stays; `Denied` when the statement was vetted for another tenant or user than `ctx` has, which
/// is recorded as a refusal.
pub async fn record(ctx: &Context, vetted: VettedSql, audit: &Arc<dyn AuditSink>, meta: RecordMeta) -> Result<Recorded> {
    ctx.check()?;
    if let Err(error) = identity(ctx, &vetted) {
        let event = AuditEvent {
            status: Some("refused".into()),
            error: Some(error.kind().as_str().to_owned()),
            ..describe(ctx, &vetted, &meta, "security_gate_decision")
        };
        audit.append(vec![event]).await?;
        return Err(error);
    }
    let attempt = Attempt::open(Arc::clone(audit), describe(ctx, &vetted, &meta, "statement")).await?;
    Ok(Recorded { sql: vetted, attempt })
}

/// Records that the guard refused a statement (`action: "security_gate_decision"`), and returns the event's id.
///
/// `error` is the guard's; its findings give the verdict and the rules. The text is masked like a question: refused text was
/// never understood well enough to tell its literals from its names.
///
/// # Errors
/// The sink's.
pub async fn record_refusal(
    ctx: &Context,
    source: &str,
    purpose: Purpose,
    sql: &str,
    error: &Error,
    audit: &dyn AuditSink,
    meta: RecordMeta,
) -> Result<String> {
    let findings = error.findings();
    let event = AuditEvent {
        preset: Some(meta.preset.as_str().to_owned()),
        source: Some(source.to_owned()),
        purpose: Some(purpose.as_str().to_owned()),
        question: meta.question.as_deref().map(|question| audit::mask_text(question).into_owned()),
        sql: Some(audit::mask_text(sql).into_owned()),
        sql_hash: Some(audit::sql_hash(sql, &[])),
        verdict: Some(findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Block)),
        rules: rules(findings),
        status: Some("refused".to_owned()),
        error: Some(error.kind().as_str().to_owned()),
        settings_hash: filled(&meta.settings_hash),
        ..audit::event(ctx, "security_gate_decision")
    };
    let id = event.id.clone();
    audit.append(vec![event]).await?;
    Ok(id)
}

fn describe(ctx: &Context, vetted: &VettedSql, meta: &RecordMeta, action: &str) -> AuditEvent {
    let tables: Vec<String> = vetted.tables().iter().map(ToString::to_string).collect();
    AuditEvent {
        preset: Some(meta.preset.as_str().to_owned()),
        source: Some(vetted.source().to_owned()),
        target: filled(&tables.join(", ")),
        purpose: Some(vetted.purpose().as_str().to_owned()),
        question: meta.question.as_deref().map(|question| audit::mask_text(question).into_owned()),
        sql: Some(audit::mask_sql(vetted.sql())),
        sql_hash: Some(audit::sql_hash(vetted.sql(), vetted.params())),
        verdict: Some(vetted.verdict()),
        rules: rules(vetted.findings()),
        catalog_hash: filled(vetted.catalog_version()),
        policy_hash: filled(vetted.policy_hash()),
        settings_hash: filled(&meta.settings_hash),
        ..audit::event(ctx, action)
    }
}

/// Ids of the rules that found something, each once, in the guard's order.
fn rules(findings: &[crate::finding::Finding]) -> Vec<String> {
    let mut rules: Vec<String> = Vec::new();
    for finding in findings {
        if !rules.contains(&finding.rule) {
            rules.push(finding.rule.clone());
        }
    }
    rules
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
