//! Sizes: how many relations are joined, which of them nothing ties together, and how many rows come out at most.

use sqlparser::ast::{Expr, SelectItem, UnaryOperator, Value};

use super::scope::Scope;
use super::{Resolver, rules};

/// Rows of a relation whose size nobody knows.
pub(super) const UNKNOWN_ROWS: u64 = 1_000;

/// How the relations of one `FROM` hang together.
#[derive(Debug, Default)]
pub(super) struct JoinShape {
    ties: Vec<u64>,
    /// Joins written in this `FROM`.
    pub(super) joins: usize,
}

impl JoinShape {
    /// The relations whose bits are set are tied together by a condition.
    pub(super) fn tie(&mut self, relations: u64) {
        if relations.count_ones() > 1 {
            self.ties.push(relations);
        }
    }

    /// Groups of relations that are tied together, as bits.
    fn groups(&self, relations: usize) -> Vec<u64> {
        let mut groups: Vec<u64> = (0..relations.min(64)).map(|at| 1 << at).collect();
        for tie in &self.ties {
            let (joined, mut apart): (Vec<u64>, Vec<u64>) = groups.into_iter().partition(|group| group & tie != 0);
            apart.push(joined.into_iter().fold(0, |all, group| all | group));
            apart.retain(|group| *group != 0);
            groups = apart;
        }
        groups
    }
}

impl Resolver<'_> {
    /// Checks number of joins and size of the product of what is not tied together; that size.
    pub(super) fn check_joins(&mut self, scope: &Scope<'_, '_>, shape: &JoinShape) -> u128 {
        let settings = self.against.settings;
        if shape.joins > settings.max_joins {
            self.report(rules::join_limit::finding(shape.joins, settings.max_joins));
        }
        if scope.relations.len() > 64 {
            self.refuse("more than 64 tables in one FROM");
        }
        let groups = shape.groups(scope.relations.len());
        let product = groups.iter().fold(1u128, |product, group| {
            let rows = scope.relations.iter().enumerate().filter(|(at, _)| *at < 64 && group & (1 << at) != 0);
            let most = rows.map(|(_, relation)| relation.rows.unwrap_or(UNKNOWN_ROWS)).max().unwrap_or(1).max(1);
            product.saturating_mul(u128::from(most))
        });
        if groups.len() > 1 && product > u128::from(settings.cross_join_rows) {
            self.report(rules::cross_join::finding(product, settings.cross_join_rows));
        }
        product
    }
}

/// Rows of the largest relation in scope: what a select without grouping returns when its joins do not multiply.
pub(super) fn estimated_rows(scope: &Scope<'_, '_>) -> Option<u64> {
    scope.relations.iter().map(|relation| relation.rows).try_fold(0, |most: u64, rows| rows.map(|rows| most.max(rows)))
}

/// Rows that are left of `rows` under a limit. One as large as numbers get is a fence around a row filter and bounds nothing.
pub(super) fn at_most(rows: Option<u64>, limit: Option<u64>) -> Option<u64> {
    match (rows, limit.filter(|limit| *limit < i64::MAX as u64)) {
        (Some(rows), Some(limit)) => Some(rows.min(limit)),
        (rows, limit) => rows.or(limit),
    }
}

/// The number an expression is, when it is one as written.
pub(super) fn literal(expr: &Expr) -> Option<i128> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => {
                digits.replace('_', "").parse::<i128>().ok().or_else(|| digits.parse::<f64>().ok().map(|number| number as i128))
            }
            _ => None,
        },
        Expr::Nested(inner) => literal(inner),
        Expr::Cast { expr, .. } => literal(expr),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => literal(expr)?.checked_neg(),
        Expr::UnaryOp { op: UnaryOperator::Plus, expr } => literal(expr),
        _ => None,
    }
}

/// The text of a string literal as written; escapes are not resolved.
pub(super) fn literal_text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text)
            | Value::DoubleQuotedString(text)
            | Value::NationalStringLiteral(text)
            | Value::EscapedStringLiteral(text)
            | Value::SingleQuotedRawStringLiteral(text)
            | Value::DoubleQuotedRawStringLiteral(text)
            | Value::TripleSingleQuotedString(text)
            | Value::TripleDoubleQuotedString(text) => Some(text),
            Value::DollarQuotedString(text) => Some(&text.value),
            _ => None,
        },
        Expr::Nested(inner) => literal_text(inner),
        Expr::Cast { expr, .. } => literal_text(expr),
        Expr::TypedString(typed) => match &typed.value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a select item is, at its top, an aggregate: then a select without grouping returns one row.
pub(in crate::guard) fn aggregates(item: &SelectItem) -> bool {
    fn of(expr: &Expr, depth: usize) -> bool {
        match expr {
            Expr::Function(function) => {
                function.over.is_none()
                    && function
                        .name
                        .0
                        .last()
                        .and_then(|part| part.as_ident())
                        .is_some_and(|name| crate::guard::functions::is_aggregate(&name.value.to_ascii_lowercase()))
            }
            _ if depth == 0 => false,
            Expr::BinaryOp { left, right, .. } => of(left, depth - 1) || of(right, depth - 1),
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => of(inner, depth - 1),
            _ => false,
        }
    }
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => of(expr, 8),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::at_most;

    #[test]
    fn a_limit_as_large_as_numbers_get_bounds_nothing() {
        for (rows, limit, left) in [
            (Some(5), Some(3), Some(3)),
            (Some(5), None, Some(5)),
            (None, Some(3), Some(3)),
            (None, Some(u64::MAX), None),
            (Some(5), Some(i64::MAX as u64), Some(5)),
        ] {
            assert_eq!(at_most(rows, limit), left, "{rows:?} {limit:?}");
        }
    }
}
