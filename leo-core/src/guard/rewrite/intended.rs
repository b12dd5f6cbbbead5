//! The tree that a rewritten text must have.

use std::collections::HashMap;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Fetch, Ident, LimitClause, ObjectName, ObjectNamePart, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement, TableFactor, Top, TopQuantity, Value, VisitMut, VisitorMut,
};
use sqlparser::tokenizer::Span;

use super::groups;
use crate::guard::edit::{Change, Edit};

/// Makes the changes of `edits` in `statement`; whether each of them found its place exactly once.
pub(in crate::guard) fn intended(statement: &mut Statement, edits: &[Edit]) -> bool {
    let mut changes = Changes { at: HashMap::with_capacity(edits.len()), inside: 0, made: 0 };
    let mut wanted = 0;
    for edit in edits {
        let position = match &edit.change {
            Change::Nothing => continue,
            Change::Limit(_) | Change::Top(_) | Change::Fetch(_) => {
                if !limit(statement, &edit.change) {
                    return false;
                }
                continue;
            }
            Change::Name(position, _)
            | Change::Relation(position, _)
            | Change::Qualifier(position, _, _)
            | Change::Spelling(position, _)
            | Change::Literal(position, _)
            | Change::Having(position, _)
            | Change::Alias(position, _, _) => position,
        };
        wanted += 1;
        changes.at.entry((position.line, position.column)).or_default().push(&edit.change);
    }
    let flow = statement.visit(&mut changes);
    flow.is_continue() && changes.made == wanted
}

/// Changes by the position they are for.
struct Changes<'e> {
    at: HashMap<(u64, u64), Vec<&'e Change>>,
    /// How many relations that were put in are being visited: nothing in them is changed.
    inside: usize,
    made: usize,
}

impl<'e> Changes<'e> {
    fn find<T>(&mut self, span: Span, take: impl Fn(&'e Change) -> Option<T>) -> Option<T> {
        if self.inside > 0 || span.start.line == 0 {
            return None;
        }
        let key = (span.start.line, span.start.column);
        let found = self.at.get(&key)?.iter().find_map(|change| take(change))?;
        self.made += 1;
        Some(found)
    }
}

impl VisitorMut for Changes<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if self.inside > 0 {
            self.inside += 1;
            return ControlFlow::Continue(());
        }
        let TableFactor::Table { name, alias, .. } = factor else { return ControlFlow::Continue(()) };
        let Some(span) = name.0.first().and_then(ObjectNamePart::as_ident).map(|ident| ident.span) else {
            return ControlFlow::Continue(());
        };
        if let Some(parts) = self.find(span, |change| match change {
            Change::Name(_, parts) => Some(parts),
            _ => None,
        }) {
            *name = ObjectName::from(parts.clone());
        }
        let found = self.find(span, |change| match change {
            Change::Relation(_, factor) => Some(factor),
            _ => None,
        });
        if let Some(replacement) = found {
            let mut replacement = replacement.as_ref().clone();
            let (TableFactor::Derived { alias: own, .. } | TableFactor::Table { alias: own, .. }) = &mut replacement else {
                return ControlFlow::Break(());
            };
            if alias.is_some() {
                own.clone_from(alias);
            }
            *factor = replacement;
            self.inside = 1;
        }
        ControlFlow::Continue(())
    }

    fn post_visit_table_factor(&mut self, _: &mut TableFactor) -> ControlFlow<()> {
        self.inside = self.inside.saturating_sub(1);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let rows = self.find(select.select_token.0.span, |change| match change {
            Change::Having(_, rows) => Some(*rows),
            _ => None,
        });
        if let Some(rows) = rows {
            let enough = Box::new(groups::at_least(rows));
            select.having = Some(match select.having.take() {
                None => *enough,
                Some(own) => {
                    Expr::BinaryOp { left: enough, op: BinaryOperator::And, right: Box::new(Expr::Nested(Box::new(own))) }
                }
            });
        }
        for item in &mut select.projection {
            if let SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) = item {
                self.qualify_name(name);
            }
        }
        // One list may get several aliases.
        while let Some((at, alias)) = self.find_alias(select) {
            let Some(item) = select.projection.get_mut(at) else { return ControlFlow::Break(()) };
            let SelectItem::UnnamedExpr(expr) = item else { return ControlFlow::Break(()) };
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::CompoundIdentifier(parts) => {
                if let Some((count, ident)) = parts.first().and_then(|first| self.find_qualifier(first.span)) {
                    parts.splice(..count.min(parts.len()), [ident]);
                }
            }
            Expr::Function(function) => self.qualify_name(&mut function.name),
            Expr::MatchAgainst { columns, .. } => columns.iter_mut().for_each(|name| self.qualify_name(name)),
            _ => {}
        }
        let span = match &*expr {
            Expr::Identifier(ident) => ident.span,
            Expr::Value(value) => value.span,
            Expr::TypedString(typed) => typed.value.span,
            _ => return ControlFlow::Continue(()),
        };
        let literal = self.find(span, |change| match change {
            Change::Literal(_, text) => Some(text),
            _ => None,
        });
        if let Some(text) = literal {
            let string = Value::SingleQuotedString(text.clone()).with_empty_span();
            match expr {
                Expr::TypedString(typed) => typed.value = string,
                other => *other = Expr::Value(string),
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_ident(&mut self, ident: &mut Ident) -> ControlFlow<()> {
        let found = self.find(ident.span, |change| match change {
            Change::Spelling(_, ident) => Some(ident),
            _ => None,
        });
        if let Some(spelled) = found {
            *ident = spelled.clone();
        }
        ControlFlow::Continue(())
    }
}

impl Changes<'_> {
    /// What the first parts of a dotted name are replaced by, and how many they are.
    fn find_qualifier(&mut self, span: Span) -> Option<(usize, Ident)> {
        self.find(span, |change| match change {
            Change::Qualifier(_, count, ident) => Some((*count, ident.clone())),
            _ => None,
        })
    }

    fn qualify_name(&mut self, name: &mut ObjectName) {
        let span = name.0.first().and_then(ObjectNamePart::as_ident).map(|ident| ident.span);
        if let Some((count, ident)) = span.and_then(|span| self.find_qualifier(span)) {
            name.0.splice(..count.min(name.0.len()), [ObjectNamePart::Identifier(ident)]);
        }
    }

    /// The next alias for a list of `select` that is not in it yet.
    fn find_alias(&mut self, select: &Select) -> Option<(usize, Ident)> {
        let unnamed = |at: usize| matches!(select.projection.get(at), Some(SelectItem::UnnamedExpr(_)));
        self.find(select.select_token.0.span, |change| match change {
            Change::Alias(_, at, alias) if unnamed(*at) => Some((*at, alias.clone())),
            _ => None,
        })
    }
}

fn number(rows: u64) -> Expr {
    Expr::Value(Value::Number(rows.to_string(), false).with_empty_span())
}

/// Sets the number of rows of the whole statement.
fn limit(statement: &mut Statement, change: &Change) -> bool {
    let Statement::Query(query) = statement else { return false };
    let Query { body, limit_clause, fetch, .. } = query.as_mut();
    match change {
        Change::Limit(rows) => match limit_clause {
            None => *limit_clause = Some(LimitClause::LimitOffset { limit: Some(number(*rows)), offset: None, limit_by: vec![] }),
            Some(LimitClause::LimitOffset { limit, .. }) => *limit = Some(number(*rows)),
            Some(LimitClause::OffsetCommaLimit { limit, .. }) => *limit = number(*rows),
        },
        Change::Fetch(rows) => match fetch {
            None => *fetch = Some(Fetch { with_ties: false, percent: false, quantity: Some(number(*rows)) }),
            Some(fetch) => fetch.quantity = Some(number(*rows)),
        },
        Change::Top(rows) => {
            let SetExpr::Select(select) = body.as_mut() else { return false };
            match &mut select.top {
                None => {
                    let quantity = Some(TopQuantity::Expr(number(*rows)));
                    select.top = Some(Top { with_ties: false, percent: false, quantity });
                }
                Some(Top { quantity: Some(TopQuantity::Constant(own)), .. }) => *own = *rows,
                Some(top) => top.quantity = Some(TopQuantity::Expr(number(*rows))),
            }
        }
        _ => return false,
    }
    true
}
