//! What a view reads, from its definition.

use super::scope::RECURSION;
use super::{Against, resolve};
use crate::adapter::Access;
use crate::catalog::{Catalog, Table};
use crate::dialect::Dialect;
use crate::finding::Verdict;
use crate::guard::access::{ViewReads, Visibility};
use crate::guard::lexer::{self, TokenKind};
use crate::guard::parse;
use crate::settings::GuardLimits;

/// The query in a view's definition, which may come with its `CREATE VIEW … AS`.
pub(in crate::guard) fn query_of(dialect: Dialect, definition: &str) -> Option<&str> {
    let tokens = lexer::lex(dialect, definition).ok()?;
    let tokens: Vec<_> = tokens.iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let word = |at: usize| tokens.get(at).and_then(|token| definition.get(token.range.clone())).unwrap_or("");
    let starts = |at: usize| ["SELECT", "WITH", "VALUES", "("].iter().any(|start| word(at).eq_ignore_ascii_case(start));
    let mut depth = 0usize;
    let mut first = starts(0).then_some(0);
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            TokenKind::Word if depth == 0 && first.is_none() && word(at).eq_ignore_ascii_case("AS") && starts(at + 1) => {
                first = Some(at + 1);
            }
            _ => {}
        }
    }
    let last = tokens.iter().rev().find(|token| token.kind != TokenKind::Semicolon)?;
    definition.get(tokens.get(first?)?.range.start..last.range.end)
}

/// What a view may cost is its author's business; what it may do and read is checked like anything else.
pub(in crate::guard) fn limits_of_view(limits: &GuardLimits) -> GuardLimits {
    GuardLimits { max_joins: usize::MAX, max_nesting: 40, cross_join_rows: u64::MAX, ..limits.clone() }
}

/// What the query of `view` reads; `None` when some part of it is not understood.
pub(in crate::guard) fn read_view(catalog: &Catalog, view: &Table) -> Option<ViewReads> {
    let access = Access::full();
    read_view_as(catalog, &Visibility::new(catalog, &access, read_view).ok()?, view)
}

/// The same under a user's policies: `None` also when the query needs a column that does not exist for this user.
pub(in crate::guard) fn read_view_as(catalog: &Catalog, visibility: &Visibility<'_>, view: &Table) -> Option<ViewReads> {
    let text = query_of(catalog.dialect, view.definition.as_deref()?)?;
    let tokens = lexer::lex(catalog.dialect, text).ok()?;
    let settings = limits_of_view(&GuardLimits::default());
    stacker::maybe_grow(1 << 20, 32 << 20, || {
        let statements = parse::parse(catalog.dialect, text, &tokens).ok()?;
        let [statement] = statements.as_slice() else { return None };
        let against =
            Against { catalog, visibility, settings: &settings, text, tokens: &tokens, params: 0, ours: &[], in_view: true };
        let found = resolve(against, statement);
        if found.findings.iter().any(|finding| finding.verdict > Verdict::Rewrite) {
            return None;
        }
        let loud = |output: &super::Output| {
            let sources = output.sources.iter().filter(|source| !source.is_quiet && source.table < RECURSION);
            sources.map(|source| (source.table, source.column)).collect()
        };
        let columns = found.outputs.iter().map(loud).collect();
        Some(ViewReads { tables: found.tables, columns })
    })
}
