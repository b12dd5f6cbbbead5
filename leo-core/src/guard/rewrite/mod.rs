//! Rewriting: the text is edited at the boundaries of its own tokens, and the result must parse to the tree that was meant.
//!
//! Nothing is printed from a syntax tree: printers lose quotes and brackets. Instead each [`Edit`] says which bytes are replaced
//! and what that means for the tree. The new text is parsed, and its tree must equal the old one with those changes made
//! ([`intended`](intended::intended)); a text that reads differently than it was meant is refused. Then it is resolved like any
//! statement, as if somebody had written it.
//!
//! What is rewritten: relations get their schema, names the catalogue's spelling, quoted words that are strings become strings,
//! the row cap is added, and a restricted table becomes a derived table that holds what the user may see of it.

mod bind;
mod cap;
mod derived;
mod filter;
mod groups;
mod intended;

mod view;

use std::ops::Range;

use sqlparser::ast::{Ident, SetExpr, Statement, TableFactor};

use super::access::Visibility;
use super::edit::{Change, Edit, apply};
use super::lexer::{self, Token};
use super::resolve::{Reference, Resolution};
use super::vetting::Request;
use super::{parse, rules};
use crate::catalog::Table;
use crate::dialect::Dialect;
use crate::finding::Finding;
use crate::query;
use crate::value::Value;

use bind::Binder;

/// A text after its edits.
#[derive(Debug)]
pub(in crate::guard) struct Rewritten {
    pub(in crate::guard) text: String,
    /// Where the text is that policies put in, in order.
    pub(in crate::guard) ours: Vec<Range<usize>>,
    /// Values of all placeholders.
    pub(in crate::guard) params: Vec<Value>,
    /// The tree the text must parse to.
    pub(in crate::guard) intended: Statement,
    /// What was done, in words.
    pub(in crate::guard) findings: Vec<Finding>,
}

/// Rewrites a statement whose resolution found nothing that stops it; `None` when it stays as it is.
///
/// # Errors
/// What keeps a policy from being applied.
pub(in crate::guard) fn rewrite(
    request: &Request<'_>,
    visibility: &Visibility<'_>,
    tokens: &[Token],
    mut statement: Statement,
    resolution: &Resolution,
) -> Result<Option<Rewritten>, Finding> {
    let dialect = request.catalog.dialect;
    let mut rewriter = Rewriter {
        request,
        visibility,
        dialect,
        binder: Binder::new(dialect, request.sql, tokens, request.params),
        findings: Vec::new(),
    };
    let mut edits = rewriter.edits(resolution, request.sql, 0)?;
    if let Some(rows) = visibility.min_group_size()
        && resolution.tables.iter().any(|index| visibility.holds_personal_data(*index))
    {
        for place in &resolution.groups {
            let kept = groups::edits(request.sql, tokens, *place, rows).ok_or_else(rules::rewritten::failed)?;
            edits.extend(kept);
            rewriter.findings.push(rules::small_groups::finding(rows, *place));
        }
    }
    // Last, because it may stand at the same place as a condition on groups.
    if request.purpose.is_capped() {
        let rows = request.settings.row_cap.saturating_add(1);
        edits.extend(cap::cap(dialect, &statement, request.sql, tokens, rows));
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let (text, ours) = apply(request.sql, &mut edits).ok_or_else(rules::rewritten::failed)?;
    if !intended::intended(&mut statement, &edits) {
        return Err(rules::rewritten::failed());
    }
    let Rewriter { binder, findings, .. } = rewriter;
    let params = binder.bind(tokens, &edits);
    Ok(Some(Rewritten { text, ours, params, intended: statement, findings }))
}

struct Rewriter<'a> {
    request: &'a Request<'a>,
    visibility: &'a Visibility<'a>,
    dialect: Dialect,
    binder: Binder,
    findings: Vec<Finding>,
}

impl<'a> Rewriter<'a> {
    /// The edits of one text.
    fn edits(&mut self, resolution: &Resolution, text: &str, depth: usize) -> Result<Vec<Edit>, Finding> {
        let mut edits = resolution.edits.clone();
        let mut references: Vec<&Reference> = resolution.references.iter().collect();
        references.sort_by_key(|reference| reference.name.start);
        for reference in references {
            let Some(table) = self.request.catalog.tables.get(reference.index as usize) else { continue };
            if self.visibility.is_restricted(reference.index) {
                self.restricted(reference, table, text, depth, &mut edits)?;
            } else {
                edits.extend(self.spelled_out(reference, table));
            }
        }
        Ok(edits)
    }

    /// The name of the table in the catalogue, schema first.
    fn parts(&self, table: &Table) -> Vec<String> {
        let catalog = self.request.catalog;
        let schema: Vec<String> = match catalog.schema_of(&table.name) {
            None => Vec::new(),
            Some(schema) if self.dialect == Dialect::Bigquery => schema.split('.').map(str::to_owned).collect(),
            Some(schema) => vec![schema.to_owned()],
        };
        schema.into_iter().chain([table.name.name.clone()]).collect()
    }

    fn idents(&self, table: &Table) -> Vec<Ident> {
        self.parts(table).iter().map(|part| query::ident(self.dialect, part)).collect()
    }

    /// The name with its schema, in the catalogue's spelling.
    fn spelled_out(&self, reference: &Reference, table: &Table) -> Option<Edit> {
        if self.parts(table) == reference.written {
            return None;
        }
        let idents = self.idents(table);
        Some(Edit::new(reference.name.clone(), print(&idents), Change::Name(reference.at, idents)))
    }

    /// A restricted table, or a view that shows one, becomes what the user may see of it.
    fn restricted(
        &mut self,
        reference: &Reference,
        table: &Table,
        text: &str,
        depth: usize,
        edits: &mut Vec<Edit>,
    ) -> Result<(), Finding> {
        let unsupported = |why: &str| rules::policy::unsupported(&table.name.name, why, Some(reference.at));
        // What belongs to the table goes inside with it.
        let mut moved = String::new();
        for part in [&reference.version, &reference.hints].into_iter().flatten() {
            edits.push(Edit::new(part.clone(), "", Change::Nothing));
            moved.push(' ');
            moved.push_str(text.get(part.clone()).unwrap_or(""));
        }
        let mut values = Vec::new();
        let derived = self.derived(reference.index, table, moved.trim_start(), reference.at, &mut values, depth)?;
        // A derived table answers to nothing without an alias.
        let name = query::ident(self.dialect, &table.name.name);
        let own_alias = if reference.has_alias { String::new() } else { format!(" AS {name}") };
        let fragment = format!("{derived}{own_alias}");
        let factor = self.factor(&fragment).ok_or_else(|| unsupported("the restriction does not fit into this statement"))?;
        let change = Change::Relation(reference.at, Box::new(factor));
        edits.push(Edit { range: reference.name.clone(), text: fragment, change, values });
        let finding = rules::policy::applied(&table.name.name, reference.at);
        if depth == 0 && !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
        Ok(())
    }

    /// What `fragment` is as a relation.
    fn factor(&self, fragment: &str) -> Option<TableFactor> {
        let statement = parse::fragment(self.dialect, &format!("SELECT * FROM {fragment}"))?;
        let Statement::Query(query) = statement else { return None };
        let SetExpr::Select(select) = *query.body else { return None };
        let mut from = select.from.into_iter();
        let (item, None) = (from.next()?, from.next()) else { return None };
        matches!(item.relation, TableFactor::Derived { .. } if item.joins.is_empty()).then_some(item.relation)
    }
}

fn print(idents: &[Ident]) -> String {
    idents.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

/// Whether `text` parses to `wanted`.
fn parses_to(dialect: Dialect, text: &str, wanted: &Statement) -> bool {
    let Ok(tokens) = lexer::lex(dialect, text) else { return false };
    matches!(parse::parse(dialect, text, &tokens).as_deref(), Ok([same]) if same == wanted)
}
