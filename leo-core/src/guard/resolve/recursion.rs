//! Whether a recursion ends: each step must move a column that some condition bounds.
//!
//! Nothing here proves termination; it refuses what plainly goes on: a bound on a column that never changes, a count that runs away
//! from its bound, steps that multiply. What depends on the data, such as a tree with a circle in it, is left to the time limit.

use sqlparser::ast::{BinaryOperator, Expr, Ident, JoinConstraint, Select, SelectItem, SetExpr, TableFactor};
use sqlparser::ast::{TableWithJoins, visit_expressions};

use super::from::constraint;
use super::limits::literal;
use super::name::Name;
use super::scope::Output;
use super::{Resolver, ident_position, rules};
use crate::dialect::Dialect;

/// Conditions inside conditions that are looked at.
pub(super) const DEPTH: usize = 40;

/// What one recursive term is checked against.
#[derive(Clone, Copy)]
pub(super) struct Recursion<'r> {
    pub(super) name: &'r str,
    /// Where it is defined.
    pub(super) place: &'r Ident,
    /// Its columns.
    pub(super) columns: &'r [Output],
    /// The term that it starts from.
    pub(super) anchor: &'r SetExpr,
    /// Rows that a `LIMIT` of the definition allows.
    pub(super) limited: Option<i128>,
}

impl Resolver<'_> {
    /// Checks a term that refers to its own definition; the rows that it counts to, when it does nothing but count.
    pub(super) fn check_recursion(&mut self, term: &SetExpr, recursion: Recursion<'_>) -> Option<i128> {
        let limit = self.against.settings.generated_rows;
        let Recursion { name, place, columns, anchor, limited } = recursion;
        if let Some(rows) = limited {
            if rows < 0 || rows > i128::from(limit) {
                self.report(rules::generated_rows::finding(name, Some(rows.unsigned_abs()), limit));
            }
            return None;
        }
        let SetExpr::Select(select) = term else {
            self.report(rules::recursion::finding(name, ident_position(place)));
            return None;
        };
        let step = Step { dialect: self.dialect, columns, select, own: self.own_names(select, name) };
        let counts = select.from.iter().map(|item| 1 + item.joins.len()).sum::<usize>() < 2;
        let condition = select.selection.as_ref();
        let goes_on = if counts { !condition.is_some_and(|condition| step.ends(condition, DEPTH)) } else { !step.advances() };
        if goes_on {
            self.report(rules::recursion::finding(name, ident_position(place)));
            return None;
        }
        let texts = self.texts(anchor, columns);
        if step.multiplies_text(&texts) {
            self.report(rules::string_bomb::finding(name, self.against.settings.generated_characters));
        }
        let bound = condition.filter(|_| counts).and_then(|condition| largest_bound(condition, DEPTH))?;
        if bound > i128::from(limit) {
            self.report(rules::generated_rows::finding(name, Some(bound.unsigned_abs()), limit));
        }
        Some(bound)
    }

    /// What the recursion is called in the `FROM` of a term.
    fn own_names(&self, select: &Select, name: &str) -> Vec<String> {
        let name = Name::plain(self.dialect, name);
        let factors = select.from.iter().flat_map(|TableWithJoins { relation, joins }| {
            std::iter::once(relation).chain(joins.iter().map(|join| &join.relation))
        });
        let own = factors.filter_map(|factor| match factor {
            TableFactor::Table { name: table, alias, args: None, .. } => {
                let [part] = table.0.as_slice() else { return None };
                let ident = part.as_ident().filter(|ident| name.is(&Name::of(self.dialect, ident).text))?;
                Some(self.own_text(alias.as_ref().map_or(ident, |alias| &alias.name)))
            }
            _ => None,
        });
        own.collect()
    }
}

/// A recursive select.
pub(super) struct Step<'r> {
    pub(super) dialect: Dialect,
    pub(super) columns: &'r [Output],
    select: &'r Select,
    /// What the recursion is called in it.
    own: Vec<String>,
}

impl Step<'_> {
    /// The column of the recursion that an expression is.
    pub(super) fn column(&self, expr: &Expr) -> Option<usize> {
        let ident = match expr {
            Expr::Nested(inner) => return self.column(inner),
            Expr::Identifier(ident) => ident,
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, ident] if self.own.iter().any(|own| Name::of(self.dialect, table).is(own)) => ident,
                _ => return None,
            },
            _ => return None,
        };
        let name = Name::of(self.dialect, ident);
        self.columns.iter().position(|column| name.is(&column.name))
    }

    /// Columns of the recursion that occur in an expression, and whether others do.
    fn mentioned(&self, expr: &Expr) -> (Vec<usize>, bool) {
        let (mut own, mut others) = (Vec::new(), false);
        let _ = visit_expressions(expr, |expr| {
            match (self.column(expr), expr) {
                (Some(column), _) => own.push(column),
                (None, Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Subquery(_)) => others = true,
                _ => {}
            }
            std::ops::ControlFlow::<()>::Continue(())
        });
        (own, others)
    }

    /// What the step puts in the place of a column.
    pub(super) fn next(&self, column: usize) -> Option<&Expr> {
        if self.select.projection.len() != self.columns.len() {
            return None;
        }
        match self.select.projection.get(column)? {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
            _ => None,
        }
    }

    /// Whether the step changes a column.
    fn moves(&self, column: usize) -> bool {
        self.next(column).is_some_and(|next| self.column(next) != Some(column))
    }

    /// Whether a step among several relations goes on to other rows: a condition ties the recursion to another relation by a
    /// column that the step changes.
    fn advances(&self) -> bool {
        let joins = || self.select.from.iter().flat_map(|item| &item.joins);
        let mut conditions: Vec<&Expr> = self.select.selection.iter().collect();
        for constraint in joins().filter_map(|join| constraint(&join.join_operator)) {
            match constraint {
                JoinConstraint::On(condition) => conditions.push(condition),
                JoinConstraint::Using(_) | JoinConstraint::Natural => return true,
                JoinConstraint::None => {}
            }
        }
        while let Some(condition) = conditions.pop() {
            match condition {
                Expr::Nested(inner) => conditions.push(inner),
                Expr::BinaryOp { left, op: BinaryOperator::And, right } => conditions.extend([left.as_ref(), right.as_ref()]),
                other => {
                    let (own, others) = self.mentioned(other);
                    if others && own.iter().any(|column| self.moves(*column)) {
                        return true;
                    }
                }
            }
        }
        // Lateral relations are tied by what they are made of.
        joins().any(|join| !matches!(join.relation, TableFactor::Table { .. }))
    }

    /// Whether a condition stops holding some time.
    fn ends(&self, condition: &Expr, depth: usize) -> bool {
        let moves = |expr: &Expr| self.mentioned(expr).0.into_iter().any(|column| self.moves(column));
        match condition {
            _ if depth == 0 => false,
            Expr::Nested(inner) => self.ends(inner, depth - 1),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => self.ends(left, depth - 1) || self.ends(right, depth - 1),
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => self.ends(left, depth - 1) && self.ends(right, depth - 1),
            Expr::BinaryOp { left, op, right } => moves(condition) && !self.runs_away(left, op, right),
            other => moves(other),
        }
    }

    /// Whether a column is counted away from its bound, `n + 1` while `n > 0`, or may jump over it, `n + 1` while `n <> 0`.
    fn runs_away(&self, left: &Expr, op: &BinaryOperator, right: &Expr) -> bool {
        use BinaryOperator as Op;
        let (column, bound, upper) = match (self.column(left), self.column(right)) {
            (Some(column), None) => (column, right, matches!(op, Op::Lt | Op::LtEq)),
            (None, Some(column)) => (column, left, matches!(op, Op::Gt | Op::GtEq)),
            _ => return false,
        };
        let Some(by) = self.next(column).and_then(|next| self.difference(next, column)) else { return false };
        match op {
            Op::NotEq => literal(bound).is_some(),
            Op::Lt | Op::LtEq | Op::Gt | Op::GtEq => by == 0 || (by > 0) != upper,
            _ => false,
        }
    }

    /// The `k` of a step `column + k`, `k + column` or `column - k`.
    fn difference(&self, next: &Expr, column: usize) -> Option<i128> {
        match next {
            Expr::Nested(inner) => self.difference(inner, column),
            Expr::BinaryOp { left, op, right } if self.column(left) == Some(column) => match op {
                BinaryOperator::Plus => literal(right),
                BinaryOperator::Minus => literal(right)?.checked_neg(),
                _ => None,
            },
            Expr::BinaryOp { left, op: BinaryOperator::Plus, right } if self.column(right) == Some(column) => literal(left),
            _ => None,
        }
    }
}

/// The largest number that a condition compares with.
fn largest_bound(condition: &Expr, depth: usize) -> Option<i128> {
    match condition {
        _ if depth == 0 => None,
        Expr::BinaryOp { left, right, .. } => {
            [left, right].into_iter().filter_map(|side| literal(side).or_else(|| largest_bound(side, depth - 1))).max()
        }
        Expr::Nested(inner) => largest_bound(inner, depth - 1),
        Expr::Between { high, .. } => literal(high),
        _ => None,
    }
}
