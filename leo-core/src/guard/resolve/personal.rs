//! Uses of personal data: which of them let values show through, and which are harmless.
//!
//! A column with personal data may be selected (it comes back redacted), counted, tested for NULL, joined by equality and compared
//! for equality with a value the user wrote. Anything else — sorting, grouping, patterns, functions, order comparisons — could
//! give its values away bit by bit, and somebody has to approve it.

use sqlparser::ast::{
    BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator,
};

use super::limits::literal;
use super::scope::{ColumnId, Ctes, Output, Scope};
use super::{Resolver, position, rules};
use crate::finding::Position;

/// Kinds of operators: a chain of one kind is walked in a loop, a change of kind is judged by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Logic,
    Comparison,
    Other,
}

pub(super) fn family(op: &BinaryOperator) -> Family {
    match op {
        BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor => Family::Logic,
        BinaryOperator::Eq
        | BinaryOperator::NotEq
        | BinaryOperator::Lt
        | BinaryOperator::LtEq
        | BinaryOperator::Gt
        | BinaryOperator::GtEq
        | BinaryOperator::Spaceship => Family::Comparison,
        _ => Family::Other,
    }
}

impl<'a> Resolver<'a> {
    /// Resolves an expression whose value decides about rows: personal data may not.
    pub(super) fn used(&mut self, expr: &Expr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>) {
        let mut sources = Vec::new();
        self.expr(expr, scope, ctes, &mut sources);
        self.check_use(&sources, position(expr));
    }

    /// Reports the columns with personal data among `sources` whose values show through.
    pub(super) fn check_use(&mut self, sources: &[ColumnId], place: Option<Position>) {
        if !self.watches_personal_data || self.against.in_view || !self.against.visibility.redacts() {
            return;
        }
        for source in sources.iter().filter(|source| !source.is_quiet) {
            let Some(kind) = self.against.visibility.personal(source.table, source.column) else { continue };
            if self.reported_use.insert(*source)
                && let Some(name) = super::Resolution::column_name(self.against.catalog, *source)
            {
                let name = format!("{}.{}", name.table.name, name.column);
                self.report(rules::personal_data::finding(&name, &kind, place));
            }
        }
    }

    /// `ORDER BY 1` and `GROUP BY 1` use the first column of the select list.
    pub(super) fn check_ordinal(&mut self, expr: &Expr, outputs: &[Output]) {
        let output = literal(expr).and_then(|at| outputs.get(usize::try_from(at).ok()?.checked_sub(1)?));
        if let Some(output) = output.filter(|_| self.watches_personal_data) {
            self.check_use(&output.sources.clone(), position(expr));
        }
    }

    /// Marks what `expr` does with the columns in `sources`: a harmless use makes them quiet, another one is reported.
    pub(super) fn judge(&mut self, expr: &Expr, sources: &mut [ColumnId]) {
        if sources.iter().all(|source| source.is_quiet) || shows(expr) {
            return;
        }
        if is_harmless(expr) {
            sources.iter_mut().for_each(|source| source.is_quiet = true);
        } else {
            let place = position(expr);
            self.check_use(sources, place);
        }
    }
}

/// Whether the expression is the value itself: nothing was done with it yet.
fn shows(expr: &Expr) -> bool {
    match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Subquery(_) | Expr::Value(_) => true,
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => shows(inner),
        Expr::Tuple(items) => items.iter().all(shows),
        _ => false,
    }
}

/// Whether the expression is a value that the user wrote.
fn is_written(expr: &Expr) -> bool {
    match expr {
        Expr::Value(_) | Expr::TypedString(_) => true,
        Expr::Identifier(ident) => ident.value.starts_with('@'),
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr: inner } => is_written(inner),
        Expr::Tuple(items) => items.iter().all(is_written),
        _ => false,
    }
}

fn is_harmless(expr: &Expr) -> bool {
    match expr {
        Expr::IsNull(inner) | Expr::IsNotNull(inner) => shows(inner),
        // Equality with a value, or of two columns.
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            (shows(left) || is_written(left)) && (shows(right) || is_written(right))
        }
        Expr::InList { expr, list, negated: false } => shows(expr) && list.iter().all(is_written),
        Expr::InSubquery { expr, negated: false, .. } => shows(expr),
        Expr::Function(function) => is_count(function),
        _ => false,
    }
}

/// `count(column)`, `count(DISTINCT column)` and their kin.
fn is_count(function: &Function) -> bool {
    let Function { name, parameters: FunctionArguments::None, args, within_group, filter, over: None, .. } = function else {
        return false;
    };
    let counts = ["count", "count_big", "approx_count_distinct", "approx_distinct"];
    let is_named = matches!(name.0.as_slice(), [part] if part.as_ident().is_some_and(|ident| {
        counts.iter().any(|own| ident.value.eq_ignore_ascii_case(own))
    }));
    let FunctionArguments::List(list) = args else { return false };
    let plain = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => shows(expr),
        FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => true,
        _ => false,
    };
    let treatment = matches!(list.duplicate_treatment, None | Some(DuplicateTreatment::Distinct | DuplicateTreatment::All));
    is_named && treatment && list.clauses.is_empty() && within_group.is_empty() && filter.is_none() && list.args.iter().all(plain)
}
