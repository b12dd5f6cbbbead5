//! The way through the guard: bounds → lexer → parser → resolution and rules → rewrite → the same again for the new text.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::access::Visibility;
use super::lexer::{self, Token, TokenKind};
use super::parse::{self, ParseError};
use super::resolve::{self, Against, Edit, Resolution};
use super::rules;
use super::vetted::{OutputColumn, Parts, VettedSql};
use super::vetting::{Request, Vetting};
use crate::adapter::Access;
use crate::finding::{Finding, Verdict};
use crate::settings::GuardLimits;
use crate::value::to_hex;

/// Stack that walking a tree takes, however flat, and for each level of it. When the caller has as much left, it is used.
const STACK: usize = 256 << 10;
const STACK_PER_LEVEL: usize = 16 << 10;
/// The stack made otherwise.
const LARGE_STACK: usize = 32 << 20;

/// Decides whether a statement may run.
///
/// # Behavior
/// Pure: it neither waits nor touches anything. The same request gives the same answer. Text of an allowed statement is sent
/// as it is; a rewritten one was vetted again, as its own statement, before it came back. Hostile input cannot make it panic,
/// overflow the stack or run for long.
///
/// # Example
/// ```
/// use leo::adapter::Access;
/// use leo::catalog::{Catalog, Column, LogicalType, Table, TableName};
/// use leo::guard::{Purpose, Request, vet};
/// use leo::settings::GuardLimits;
/// use leo::{Context, Dialect};
///
/// let mut orders = Table::new(TableName::bare("orders"));
/// orders.columns = vec![Column::new("id", "INTEGER", LogicalType::Integer), Column::new("status", "TEXT", LogicalType::Text)];
/// let catalog = Catalog::new(Dialect::Sqlite, None, vec![orders]);
/// let (ctx, access, settings) = (Context::new("t", "u")?, Access::full(), GuardLimits::default());
/// let check = |sql| vet(&Request {
///     ctx: &ctx, source: "shop", catalog: &catalog, access: &access, settings: &settings, sql, params: &[], purpose: Purpose::Sql,
/// });
/// assert!(check("SELECT status, count(*) FROM orders GROUP BY status").into_result().is_ok());
/// assert_eq!(check("DELETE FROM orders").findings[0].rule, "not_a_query");
/// # Ok::<(), leo::Error>(())
/// ```
pub fn vet(request: &Request<'_>) -> Vetting {
    let start = Instant::now();
    let mut vetting = check(request);
    vetting.micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    vetting
}

fn check(request: &Request<'_>) -> Vetting {
    if let Some(finding) = rules::bounds::bytes(request.settings, request.sql.len()) {
        return refused(vec![finding]);
    }
    let visibility = match Visibility::new(request.catalog, request.access) {
        Ok(visibility) => visibility,
        Err(error) => return refused(vec![rules::policy::unsupported("the source", error.message(), None)]),
    };
    let first = match analyse(request, &visibility, request.sql) {
        Ok(resolution) => resolution,
        Err(finding) => return refused(vec![finding]),
    };
    if first.edits.is_empty() {
        return finish(request, first, None);
    }
    // The new text is a statement of its own: nothing that was true of the old one is taken for granted.
    let findings = first.findings;
    if findings.iter().any(|finding| finding.verdict > Verdict::Rewrite) {
        return refused(findings);
    }
    let text = apply(request.sql, first.edits);
    match analyse(request, &visibility, &text) {
        Ok(mut second) if second.edits.is_empty() => {
            second.findings.splice(0..0, findings);
            finish(request, second, Some(text))
        }
        Ok(second) => refused(findings.into_iter().chain(second.findings).chain([unstable()]).collect()),
        Err(finding) => refused(findings.into_iter().chain([finding]).collect()),
    }
}

fn unstable() -> Finding {
    rules::syntax::malformed("correcting it once was not enough", None)
}

/// Everything that is read out of one text.
fn analyse(request: &Request<'_>, visibility: &Visibility<'_>, text: &str) -> Result<Resolution, Finding> {
    let dialect = request.catalog.dialect;
    let tokens = lexer::lex(dialect, text).map_err(|error| rules::syntax::malformed(error.message, Some(error.position)))?;
    let depth = rules::bounds::depth(request.settings, text, &tokens)?;
    if let Some(token) = tokens.iter().find(|token| token.kind == TokenKind::ExecutableComment) {
        return Err(rules::executable_comment::finding(token.position));
    }
    if let Some(position) = second_statement(&tokens) {
        return Err(rules::single_statement::finding(2, Some(position)));
    }
    // Trees are parsed, walked and dropped inside: each of these recurses.
    stacker::maybe_grow(STACK + depth * STACK_PER_LEVEL, LARGE_STACK, || {
        let statements = parse::parse(dialect, text, &tokens).map_err(|error| match error {
            ParseError::Disagreement(position) => {
                rules::syntax::malformed("it is not clear where a string, name or comment ends", Some(position))
            }
            ParseError::Syntax(message, position) => rules::syntax::finding(dialect, &message, position),
        })?;
        let [statement] = statements.as_slice() else {
            return Err(rules::single_statement::finding(statements.len(), None));
        };
        let against = Against {
            catalog: request.catalog,
            visibility,
            settings: request.settings,
            text,
            tokens: &tokens,
            params: request.params.len(),
        };
        Ok(resolve::resolve(against, statement))
    })
}

/// Where a second statement starts: something other than a comment behind a semicolon that has something before it.
fn second_statement(tokens: &[Token]) -> Option<crate::finding::Position> {
    let mut begun = false;
    let mut ended = false;
    for token in tokens {
        match token.kind {
            TokenKind::Comment => {}
            TokenKind::Semicolon => ended |= begun,
            _ if ended => return Some(token.position),
            _ => begun = true,
        }
    }
    None
}

/// The text with the edits made.
fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.range.start);
    let mut changed = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for edit in edits {
        if edit.range.start < at {
            continue;
        }
        changed.push_str(text.get(at..edit.range.start).unwrap_or(""));
        changed.push_str(&edit.text);
        at = edit.range.end;
    }
    changed.push_str(text.get(at..).unwrap_or(""));
    changed
}

fn refused(findings: Vec<Finding>) -> Vetting {
    Vetting {
        verdict: worst(&findings).max(Verdict::NeedsApproval),
        findings,
        rewritten: None,
        tables: BTreeSet::new(),
        columns: BTreeSet::new(),
        functions: BTreeSet::new(),
        lineage: Vec::new(),
        micros: 0,
        vetted: None,
    }
}

fn worst(findings: &[Finding]) -> Verdict {
    findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Allow)
}

fn finish(request: &Request<'_>, resolution: Resolution, rewritten: Option<String>) -> Vetting {
    let catalog = request.catalog;
    let Resolution { findings, edits: _, tables, columns, functions, outputs } = resolution;
    let tables: BTreeSet<_> =
        tables.into_iter().filter_map(|index| catalog.tables.get(index as usize)).map(|table| table.name.clone()).collect();
    let columns: BTreeSet<_> = columns.into_iter().filter_map(|id| Resolution::column_name(catalog, id)).collect();
    let lineage: Vec<OutputColumn> = outputs
        .into_iter()
        .map(|output| OutputColumn {
            name: output.name,
            sources: output.sources.into_iter().filter_map(|id| Resolution::column_name(catalog, id)).collect(),
        })
        .collect();
    let verdict = worst(&findings);
    let vetted = (verdict <= Verdict::Rewrite).then(|| {
        VettedSql::new(Parts {
            tenant: request.ctx.tenant.clone(),
            user: request.ctx.user.clone(),
            source: request.source.to_owned(),
            dialect: catalog.dialect,
            purpose: request.purpose,
            original: request.sql.to_owned(),
            sql: rewritten.clone().unwrap_or_else(|| request.sql.to_owned()),
            params: request.params.to_vec(),
            tables: tables.clone(),
            columns: columns.clone(),
            functions: functions.clone(),
            lineage: lineage.clone(),
            verdict,
            findings: findings.clone(),
            policy_hash: policy_hash(request.access, request.settings),
            catalog_version: catalog.version().to_owned(),
            row_cap: request.settings.row_cap,
            expires_at: Instant::now() + Duration::from_secs(request.settings.valid_for_s),
        })
    });
    Vetting { verdict, findings, rewritten, tables, columns, functions, lineage, micros: 0, vetted }
}

/// Hash of the access and the guard's limits in force: what the verdict depends on beside text and catalogue.
pub(crate) fn policy_hash(access: &Access, limits: &GuardLimits) -> String {
    let text = serde_json_canonicalizer::to_vec(&(access, limits)).unwrap_or_default();
    to_hex(&Sha256::digest(text))
}
