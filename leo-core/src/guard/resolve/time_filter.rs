//! Required time filters: some tables are too large, or too dear, to be read from their beginning.

use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, Ident, JoinConstraint, JoinOperator, Select, TableWithJoins, Visit, Visitor};

use super::name::Name;
use super::scope::{ColumnId, Columns, Lookup, Scope};
use super::{Resolver, position, rules};

/// A column and the relation of the scope that it was found in, as a bit: a table may be joined with itself.
type TimeColumn = (ColumnId, u64);

impl<'a> Resolver<'a> {
    /// Reports the tables of `select` that need a condition on their time column and have none.
    pub(super) fn check_time_filters(&mut self, select: &Select, scope: &Scope<'a, '_>) {
        if self.against.settings.require_time_filter.is_empty() || self.against.in_view {
            return;
        }
        let mut conditions: Vec<&Expr> = select.selection.iter().collect();
        conditions.extend(select.from.iter().flat_map(inner_conditions));
        for (at, relation) in scope.relations.iter().enumerate() {
            let Columns::Table { index, table, .. } = &relation.columns else { continue };
            if !self.against.visibility.needs_time_filter(*index) {
                continue;
            }
            // A table without a time column cannot have such a condition.
            let Some(name) = table.time_column() else { continue };
            let Some(place) = table.columns.iter().position(|column| column.name == name) else { continue };
            let time = (ColumnId::new(*index, place as u32), 1u64.checked_shl(at as u32).unwrap_or(0));
            if !conditions.iter().any(|condition| self.bounds(condition, time, scope)) {
                let column = format!("{}.{name}", relation.name.as_deref().unwrap_or(&table.name.name));
                self.report(rules::time_filter::finding(&table.name.name, &column, position(select)));
            }
        }
    }

    /// Whether some part of the condition that must hold limits `time` to a period.
    fn bounds(&self, condition: &Expr, time: TimeColumn, scope: &Scope<'a, '_>) -> bool {
        let mut pending = vec![condition];
        while let Some(expr) = pending.pop() {
            match expr {
                Expr::BinaryOp { left, op: BinaryOperator::And, right } => pending.extend([left.as_ref(), right.as_ref()]),
                Expr::Nested(inner) => pending.push(inner),
                other if self.every_alternative_bounds(other, time, scope) => return true,
                _ => {}
            }
        }
        false
    }

    fn every_alternative_bounds(&self, condition: &Expr, time: TimeColumn, scope: &Scope<'a, '_>) -> bool {
        let mut pending = vec![condition];
        while let Some(expr) = pending.pop() {
            let bounds = match expr {
                Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
                    pending.extend([left.as_ref(), right.as_ref()]);
                    continue;
                }
                // One part of an alternative is enough for it.
                Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                    self.compares(left, time, scope) || self.compares(right, time, scope)
                }
                Expr::Nested(inner) => {
                    pending.push(inner);
                    continue;
                }
                other => self.compares(other, time, scope),
            };
            if !bounds {
                return false;
            }
        }
        true
    }

    /// Whether `expr` compares the time column, or something computed from it, with something that is no column.
    fn compares(&self, expr: &Expr, time: TimeColumn, scope: &Scope<'a, '_>) -> bool {
        let names = |expr: &Expr| self.columns_of(expr, scope);
        match expr {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Eq | BinaryOperator::Lt | BinaryOperator::LtEq | BinaryOperator::Gt | BinaryOperator::GtEq,
                right,
            } => {
                let (left, right) = (names(left), names(right));
                (left == [time] && right.is_empty()) || (right == [time] && left.is_empty())
            }
            Expr::Between { expr, negated: false, low, high } => {
                names(expr) == [time] && names(low).is_empty() && names(high).is_empty()
            }
            Expr::InList { expr, list, negated: false } => {
                names(expr) == [time] && list.iter().all(|item| names(item).is_empty())
            }
            _ => false,
        }
    }

    /// The columns that an expression names.
    fn columns_of(&self, expr: &Expr, scope: &Scope<'a, '_>) -> Vec<TimeColumn> {
        struct Names<F>(F);
        impl<F: FnMut(&[Ident])> Visitor for Names<F> {
            type Break = ();
            fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
                match expr {
                    Expr::Identifier(ident) => (self.0)(std::slice::from_ref(ident)),
                    Expr::CompoundIdentifier(parts) => (self.0)(parts),
                    _ => {}
                }
                ControlFlow::Continue(())
            }
        }
        let mut found = Vec::new();
        let mut collect = Names(|parts: &[Ident]| {
            let Some((last, qualifier)) = parts.split_last() else { return };
            let qualifier: Vec<Name<'_>> = qualifier.iter().map(|ident| Name::of(self.dialect, ident)).collect();
            let touched = scope.touched.replace(0);
            let lookup = scope.lookup(&qualifier, &Name::of(self.dialect, last), self.default_schema());
            let relation = scope.touched.replace(touched);
            if let Lookup::Found(sources) = lookup {
                found.extend(sources.into_iter().map(|source| (source, relation)));
            }
        });
        let _ = expr.visit(&mut collect);
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Conditions of the inner joins of an item of `FROM`: like those of `WHERE` they hold for every row.
fn inner_conditions(item: &TableWithJoins) -> impl Iterator<Item = &Expr> {
    item.joins.iter().filter_map(|join| match &join.join_operator {
        JoinOperator::Join(JoinConstraint::On(condition)) | JoinOperator::Inner(JoinConstraint::On(condition)) => Some(condition),
        _ => None,
    })
}
