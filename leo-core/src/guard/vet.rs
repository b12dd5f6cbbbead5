//! The way through the guard: bounds → lexer → parser → resolution and rules → rewrite → the same again for the new text.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use sqlparser::ast::Statement;

use super::access::Visibility;
use super::lexer::{self, Token, TokenKind};
use super::parse::{self, ParseError};
use super::resolve::{self, Against, Output, Resolution};
use super::rewrite::{Rewritten, rewrite};
use super::rules;
use super::vetted::{OutputColumn, Parts, VettedSql};
use super::vetting::{Request, Vetting};
use crate::adapter::Access;
use crate::finding::{Finding, Verdict};
use crate::settings::GuardLimits;
use crate::value::{Value, to_hex};

/// Stack that walking a tree takes, however flat, and for each level of it. When the caller has as much left, it is used.
const STACK: usize = 256 << 10;
const STACK_PER_LEVEL: usize = 16 << 10;
/// The stack made otherwise.
const LARGE_STACK: usize = 32 << 20;

/// Decides whether a statement may run.
///
/// # Behavior
/// Pure: it neither waits nor touches anything. The same request gives the same answer. The text to be sent has its tables
/// spelled out with their schema, and a row cap; the verdict is `rewrite` when more than that was changed. A changed text was
/// vetted again, as its own statement, before it came back. Hostile input cannot make it panic,
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
    let visibility = match Visibility::new(request.catalog, request.access, resolve::read_view)
        .and_then(|visibility| visibility.with_time_filters(&request.settings.require_time_filter))
    {
        Ok(visibility) => visibility,
        Err(error) => return refused(vec![rules::policy::unsupported("the source", error.message(), None)]),
    };
    let read = read(request, &visibility, request.sql, request.params.len(), &[], |statement, tokens, first| {
        if worst(&first.findings) == Verdict::Block {
            return Err(first.findings);
        }
        let Some(rewritten) = rewrite(request, &visibility, tokens, statement, &first).map_err(|finding| vec![finding])? else {
            return Ok((first, None));
        };
        // The new text is a statement of its own: nothing that was true of the old one is taken for granted.
        let Rewritten { text, ours, params, intended, findings } = rewritten;
        let mut found: Vec<Finding> = first.findings.into_iter().chain(findings).collect();
        let second = read(request, &visibility, &text, params.len(), &ours, |statement, _, mut second| {
            second.findings.retain(|finding| !rules::is_settled(&finding.rule));
            if statement == intended && second.edits.is_empty() && worst(&second.findings) < Verdict::Block {
                return Ok(second);
            }
            second.findings.retain(|finding| finding.verdict == Verdict::Block);
            second.findings.push(rules::rewritten::failed());
            Err(second.findings)
        });
        match second {
            Ok(mut second) => {
                second.findings.splice(0..0, found);
                Ok((second, Some((text, params))))
            }
            Err(findings) => {
                found.extend(findings);
                Err(found)
            }
        }
    });
    match read {
        Ok((resolution, rewritten)) => finish(request, &visibility, resolution, rewritten),
        Err(findings) => refused(findings),
    }
}

/// Reads a text, and hands tree, tokens and what resolution found to `then`, on a stack that is large enough for the tree.
fn read<T>(
    request: &Request<'_>,
    visibility: &Visibility<'_>,
    text: &str,
    params: usize,
    ours: &[Range<usize>],
    then: impl FnOnce(Statement, &[Token], Resolution) -> Result<T, Vec<Finding>>,
) -> Result<T, Vec<Finding>> {
    let dialect = request.catalog.dialect;
    let only = |finding| vec![finding];
    let malformed = |error: lexer::LexError| only(rules::syntax::malformed(error.message, Some(error.position)));
    let tokens = lexer::lex(dialect, text).map_err(malformed)?;
    let depth = rules::bounds::depth(request.settings, text, &tokens).map_err(only)?;
    if let Some(token) = tokens.iter().find(|token| token.kind == TokenKind::ExecutableComment) {
        return Err(only(rules::executable_comment::finding(token.position)));
    }
    if let Some(position) = second_statement(&tokens) {
        return Err(only(rules::single_statement::finding(2, Some(position))));
    }
    // Trees are parsed, walked, compared and dropped inside: each of these recurses.
    stacker::maybe_grow(STACK + depth * STACK_PER_LEVEL, LARGE_STACK, || {
        let mut statements = parse::parse(dialect, text, &tokens).map_err(|error| match error {
            ParseError::Disagreement(position) => {
                only(rules::syntax::malformed("it is not clear where a string, name or comment ends", Some(position)))
            }
            ParseError::Syntax(message, position) => only(rules::syntax::finding(dialect, &message, position)),
        })?;
        let count = statements.len();
        let (Some(statement), true) = (statements.pop(), count == 1) else {
            return Err(only(rules::single_statement::finding(count, None)));
        };
        let against = Against {
            catalog: request.catalog,
            visibility,
            settings: request.settings,
            text,
            tokens: &tokens,
            params,
            ours,
            in_view: false,
        };
        let resolution = resolve::resolve(against, &statement);
        then(statement, &tokens, resolution)
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

fn refused(findings: Vec<Finding>) -> Vetting {
    Vetting {
        verdict: worst(&findings).max(Verdict::NeedsApproval),
        findings,
        rewritten: None,
        tables: Arc::default(),
        columns: Arc::default(),
        functions: Arc::default(),
        lineage: Arc::default(),
        micros: 0,
        vetted: None,
        pending: None,
    }
}

fn worst(findings: &[Finding]) -> Verdict {
    findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Allow)
}

fn finish(
    request: &Request<'_>,
    visibility: &Visibility<'_>,
    resolution: Resolution,
    rewritten: Option<(String, Vec<Value>)>,
) -> Vetting {
    let catalog = request.catalog;
    let Resolution { findings, edits: _, references: _, groups: _, tables, columns, functions, outputs } = resolution;
    let (rewritten, params) = rewritten.map_or((None, request.params.to_vec()), |(text, params)| (Some(text), params));
    let tables: BTreeSet<_> =
        tables.into_iter().filter_map(|index| catalog.tables.get(index as usize)).map(|table| table.name.clone()).collect();
    let columns: BTreeSet<_> = columns.into_iter().filter_map(|id| Resolution::column_name(catalog, id)).collect();
    let redacted = |output: &Output| {
        let mut loud = output.sources.iter().filter(|source| visibility.redacts() && !source.is_quiet);
        loud.find_map(|source| visibility.personal(source.table, source.column))
    };
    let lineage: Vec<OutputColumn> = outputs
        .into_iter()
        .map(|output| OutputColumn {
            redacted: redacted(&output),
            sources: output.sources.iter().filter_map(|id| Resolution::column_name(catalog, *id)).collect(),
            name: output.name,
        })
        .collect();
    let (tables, columns, functions, lineage) = (Arc::new(tables), Arc::new(columns), Arc::new(functions), Arc::new(lineage));
    let verdict = worst(&findings);
    let statement = VettedSql::new(Parts {
        tenant: request.ctx.tenant.clone(),
        user: request.ctx.user.clone(),
        source: request.source.to_owned(),
        dialect: catalog.dialect,
        purpose: request.purpose,
        original: request.sql.to_owned(),
        sql: rewritten.clone().unwrap_or_else(|| request.sql.to_owned()),
        params,
        tables: Arc::clone(&tables),
        columns: Arc::clone(&columns),
        functions: Arc::clone(&functions),
        lineage: Arc::clone(&lineage),
        verdict,
        findings: findings.clone(),
        policy_hash: policy_hash(request.access, request.settings),
        catalog_version: catalog.version().to_owned(),
        row_cap: request.settings.row_cap,
        expires_at: Instant::now() + Duration::from_secs(request.settings.valid_for_s),
        approved_by: None,
    });
    let (vetted, pending) = match verdict {
        Verdict::Allow | Verdict::Rewrite => (Some(statement), None),
        Verdict::NeedsApproval => (None, Some(statement)),
        Verdict::Block => (None, None),
    };
    Vetting { verdict, findings, rewritten, tables, columns, functions, lineage, micros: 0, vetted, pending }
}

/// Hash of the access and the guard's limits in force: what the verdict depends on beside text and catalogue.
pub(crate) fn policy_hash(access: &Access, limits: &GuardLimits) -> String {
    type Last = Option<(Access, GuardLimits, String)>;
    // A thread mostly vets under the policy it vetted under before, and the hash takes longer than a small statement's tree.
    thread_local!(static LAST: RefCell<Last> = const { RefCell::new(None) });
    LAST.with_borrow_mut(|last| match last {
        Some((own_access, own_limits, hash)) if own_access == access && own_limits == limits => hash.clone(),
        _ => {
            let text = serde_json_canonicalizer::to_vec(&(access, limits)).unwrap_or_default();
            let hash = to_hex(&Sha256::digest(text));
            *last = Some((access.clone(), limits.clone(), hash.clone()));
            hash
        }
    })
}
