//! Resolution: every name in a statement is found in the catalogue or in the statement itself, or it is a finding.
//!
//! The syntax tree is walked once, exhaustively: a variant or a field that is not known to be harmless is refused. On the way the
//! tables, columns and functions that are read, the lineage of every output column and the edits of the text are collected.

mod call;
mod collect;
mod column;
mod copies;
mod cte;
mod expr;
mod from;
mod growth;
mod hints;
mod json_path;
mod limits;
mod name;
mod named;
mod operator;
mod output;
mod past;
mod personal;
mod pivot;
mod query;
mod recursion;
mod scope;
mod select;
mod table;
mod table_function;
mod time_filter;
mod types;
mod view;
mod xml;

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use sqlparser::ast::{Ident, Spanned, Statement};

use super::access::Visibility;
use super::edit::Edit;
use super::lexer::Token;
use super::rules;
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::finding::{Finding, Position};
use crate::settings::GuardLimits;

use collect::Around;
pub(in crate::guard) use limits::aggregates;
pub(in crate::guard) use scope::Output;
use scope::{ColumnId, Ctes, ROW_ID, Sources};
pub(in crate::guard) use view::{limits_of_view, query_of, read_view, read_view_as};

/// What a statement is resolved against.
#[derive(Debug, Clone, Copy)]
pub(in crate::guard) struct Against<'a> {
    pub(in crate::guard) catalog: &'a Catalog,
    pub(in crate::guard) visibility: &'a Visibility<'a>,
    pub(in crate::guard) settings: &'a GuardLimits,
    pub(in crate::guard) text: &'a str,
    pub(in crate::guard) tokens: &'a [Token],
    pub(in crate::guard) params: usize,
    /// Parts of the text that policies put in: there tables stand for themselves.
    pub(in crate::guard) ours: &'a [Range<usize>],
    /// Whether the text is a view's definition, which may read what the user cannot name.
    pub(in crate::guard) in_view: bool,
}

/// A table or view of the catalogue where a statement names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::guard) struct Reference {
    /// Its place in the catalogue.
    pub(in crate::guard) index: u32,
    /// Where the name begins.
    pub(in crate::guard) at: Position,
    /// The bytes of the name.
    pub(in crate::guard) name: Range<usize>,
    /// The parts of the name without quotes.
    pub(in crate::guard) written: Vec<String>,
    pub(in crate::guard) has_alias: bool,
    /// The bytes of T-SQL's `WITH (…)`.
    pub(in crate::guard) hints: Option<Range<usize>>,
    /// The bytes of `FOR SYSTEM_TIME …`.
    pub(in crate::guard) version: Option<Range<usize>>,
}

/// What resolution found out.
#[derive(Debug, Default)]
pub(in crate::guard) struct Resolution {
    pub(in crate::guard) findings: Vec<Finding>,
    /// Edits that resolution itself asks for: spelling, and strings that look like names.
    pub(in crate::guard) edits: Vec<Edit>,
    pub(in crate::guard) references: Vec<Reference>,
    /// Where the selects begin that aggregate.
    pub(in crate::guard) groups: Vec<Position>,
    pub(in crate::guard) tables: BTreeSet<u32>,
    pub(in crate::guard) columns: BTreeSet<ColumnId>,
    pub(in crate::guard) functions: BTreeSet<String>,
    pub(in crate::guard) outputs: Vec<Output>,
}

/// Resolves a statement. Findings say what is wrong; without blocking ones everything else in the result is complete.
pub(in crate::guard) fn resolve(against: Against<'_>, statement: &Statement) -> Resolution {
    let mut resolver = Resolver {
        dialect: against.catalog.dialect,
        against,
        found: Resolution::default(),
        depth: 0,
        definitions: 0,
        in_parentheses: false,
        recursions: 0,
        longest_text: 0,
        around: Around::default(),
        placeholders: Placeholders::default(),
        watches_personal_data: against.catalog.has_personal_data(),
        reported_use: HashSet::new(),
        edited: HashSet::new(),
    };
    match statement {
        Statement::Query(query) => {
            let ctes = Ctes::new(None);
            let result = resolver.query(query, None, &ctes);
            resolver.found.outputs = result.columns.as_ref().clone();
        }
        other => resolver.report(rules::read_only::finding(kind(other), None)),
    }
    resolver.check_json_path_literals();
    resolver.check_placeholders();
    resolver.found
}

/// What a statement other than a query is, in words.
fn kind(statement: &Statement) -> &'static str {
    match statement {
        Statement::Insert(_) => "an INSERT",
        Statement::Update { .. } => "an UPDATE",
        Statement::Delete(_) => "a DELETE",
        Statement::Merge { .. } => "a MERGE",
        Statement::CreateTable(_) | Statement::CreateView { .. } | Statement::CreateIndex(_) => "a definition",
        Statement::Drop { .. } | Statement::Truncate { .. } | Statement::AlterTable { .. } => "a change of the schema",
        Statement::Explain { .. } | Statement::ExplainTable { .. } => "an EXPLAIN",
        Statement::Set(_) | Statement::Pragma { .. } => "a setting",
        Statement::Call(_) | Statement::Execute { .. } => "a procedure call",
        _ => "another statement",
    }
}

/// Placeholders seen so far.
#[derive(Debug, Default)]
struct Placeholders {
    unnumbered: usize,
    highest: usize,
}

pub(super) struct Resolver<'a> {
    dialect: Dialect,
    against: Against<'a>,
    found: Resolution,
    depth: usize,
    /// Definitions of common table expressions around what is being resolved.
    definitions: usize,
    /// Whether a join in parentheses is being resolved.
    in_parentheses: bool,
    recursions: u32,
    /// Characters that a column of a query resolved so far may have.
    longest_text: u128,
    /// What the calls of the select being resolved are measured by.
    around: Around,
    placeholders: Placeholders,
    /// Whether it matters what is done with personal data.
    watches_personal_data: bool,
    /// Columns with personal data whose use was reported.
    reported_use: HashSet<ColumnId>,
    /// Places that have an edit.
    edited: HashSet<(usize, usize)>,
}

impl<'a> Resolver<'a> {
    fn report(&mut self, finding: Finding) {
        // Recursions and set operations may meet the same place twice; a flood of findings helps nobody.
        if self.found.findings.len() < 50 && !self.found.findings.contains(&finding) {
            self.found.findings.push(finding);
        }
    }

    /// Asks for an edit, once for each place.
    fn edit(&mut self, edit: Edit) {
        if self.edited.insert((edit.range.start, edit.range.end)) {
            self.found.edits.push(edit);
        }
    }

    /// Refuses syntax that is not known to be harmless.
    fn refuse(&mut self, what: &str) {
        self.report(rules::supported_syntax::finding(what, None));
    }

    fn refuse_at(&mut self, what: &str, place: &impl Spanned) {
        let position = position(place);
        self.report(rules::supported_syntax::finding(what, position));
    }

    fn refuse_name(&mut self, what: &str, ident: &Ident) {
        self.report(rules::supported_syntax::finding(what, ident_position(ident)));
    }

    /// Refuses syntax that this dialect has another way for.
    fn refuse_for(&mut self, what: &str, advice: &str, place: &impl Spanned) {
        let position = position(place);
        self.report(rules::supported_syntax::instead(what, advice, position));
    }

    fn default_schema(&self) -> Option<&'a str> {
        self.against.catalog.default_schema()
    }

    /// Records that a column is read.
    fn read(&mut self, sources: &[ColumnId]) {
        let columns = sources.iter().filter(|source| source.table < scope::RECURSION);
        self.found.columns.extend(columns.map(|source| ColumnId::new(source.table, source.column)));
    }

    fn check_placeholders(&mut self) {
        let Placeholders { unnumbered, highest } = self.placeholders;
        let wanted = unnumbered.max(highest);
        if (unnumbered > 0 && highest > 0) || wanted != self.against.params {
            self.report(rules::parameters::count(wanted, self.against.params));
        }
    }

    /// The token that starts at `place`, when there is one.
    fn token_at(&self, place: Position) -> Option<(usize, &'a Token)> {
        let key = (place.line, place.column);
        let index = self.against.tokens.partition_point(|token| (token.position.line, token.position.column) < key);
        self.against.tokens.get(index).filter(|token| token.position == place).map(|token| (index, token))
    }

    /// Whether `place` is in what a policy put in.
    fn is_ours(&self, place: Option<Position>) -> bool {
        if self.against.ours.is_empty() {
            return false;
        }
        let Some((_, token)) = place.and_then(|place| self.token_at(place)) else { return false };
        self.against.ours.iter().any(|ours| ours.contains(&token.range.start))
    }

    fn text_of(&self, token: &Token) -> &'a str {
        self.against.text.get(token.range.clone()).unwrap_or("")
    }
}

/// Where something begins, when the parser knows.
fn position(place: &impl Spanned) -> Option<Position> {
    let start = place.span().start;
    (start.line > 0).then_some(Position { line: start.line, column: start.column })
}

/// Where an identifier stands.
fn ident_position(ident: &Ident) -> Option<Position> {
    let start = ident.span.start;
    (start.line > 0).then_some(Position { line: start.line, column: start.column })
}

/// The result of resolving a query.
#[derive(Debug, Clone)]
struct Resolved {
    columns: std::rc::Rc<Vec<Output>>,
    rows: Option<u64>,
}

impl Resolved {
    /// The result of something that was refused.
    fn nothing() -> Self {
        Self { columns: std::rc::Rc::default(), rows: None }
    }
}

impl Resolution {
    /// The column's name in the catalogue.
    pub(in crate::guard) fn column_name(catalog: &Catalog, id: ColumnId) -> Option<super::SourceColumn> {
        let table = catalog.tables.get(id.table as usize)?;
        let column = if id.column == ROW_ID { "rowid".to_owned() } else { table.columns.get(id.column as usize)?.name.clone() };
        Some(super::SourceColumn { table: table.name.clone(), column })
    }
}
