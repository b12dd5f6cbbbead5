//! Subqueries as DataFusion takes them. `EXISTS` and `IN (SELECT …)` stand in the conditions of a statement only, a subquery that gives
//! one value among its columns too; and what such a one says of the rows outside, other than to which of them its own belong, must be
//! said outside.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr, Statement, TableFactor, TableWithJoins, Visit,
    VisitMut, Visitor, VisitorMut, visit_expressions_mut,
};

use super::ast::{Parts, all_of, binary, case, count_star, derived, eq, int, is_not_null, item, nested, query, select};
use super::identifier::ident;
use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// What a list of values is called, and its column.
const LIST: &str = "listed";
const VALUE: &str = "listed_value";

/// Moves out of every subquery that counts rows the conditions that say nothing of its own rows: without them it counts nothing.
///
/// # Errors
/// `Unsupported` where rows that are counted are compared with one outside, other than by equality.
pub(super) fn hoist(statement: &mut Statement) -> Result<()> {
    let done = visit_expressions_mut(statement, |expr: &mut Expr| {
        if let Expr::Subquery(subquery) = expr
            && let Some(counted) = outer_conditions(subquery)
        {
            if counted.mixed {
                return ControlFlow::Break(());
            }
            if !counted.outer.is_empty() {
                let count = std::mem::replace(expr, int(0));
                *expr = case(vec![(all_of(counted.outer), count)], Some(int(0)));
            }
        }
        ControlFlow::Continue(())
    });
    match done {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::unsupported(
            "over files, rows cannot be counted that are compared with the row they belong to; ask for those without a comparison between \
             the two",
        )),
    }
}

/// What a subquery that counts says of the rows outside.
struct Counted {
    /// Conditions that name no table of its own, taken out of it.
    outer: Vec<Expr>,
    /// A condition compares its rows with those outside in another way than the engine knows.
    mixed: bool,
}

/// Whose columns a condition names.
#[derive(Default)]
struct Names {
    own: bool,
    outer: bool,
}

/// Takes the conditions on rows outside out of a subquery, when all it gives is a count.
fn outer_conditions(subquery: &mut Query) -> Option<Counted> {
    let SetExpr::Select(select) = subquery.body.as_mut() else { return None };
    let [SelectItem::UnnamedExpr(Expr::Function(function))] = select.projection.as_slice() else { return None };
    let grouped = matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if !keys.is_empty());
    if function.name.to_string() != "COUNT" || grouped || select.having.is_some() {
        return None;
    }
    let own: Vec<Ident> = select.from.iter().flat_map(tables).collect();
    let mut conditions = Vec::new();
    conjuncts(select.selection.take()?, &mut conditions);
    let (mut outer, mut inner, mut mixed) = (Vec::new(), Vec::new(), false);
    for condition in conditions {
        let names = names(&condition, &own);
        mixed |= names.own && names.outer && !is_equality(&condition);
        if names.outer && !names.own { outer.push(condition) } else { inner.push(condition) }
    }
    select.selection = (!inner.is_empty()).then(|| all_of(inner));
    Some(Counted { outer, mixed })
}

fn names(condition: &Expr, own: &[Ident]) -> Names {
    let mut finder = Finder { own, within: Vec::new(), names: Names::default() };
    let _ = condition.visit(&mut finder);
    finder.names
}

/// Finds whose columns are named; those of queries within the condition are nobody's.
struct Finder<'a> {
    own: &'a [Ident],
    within: Vec<Ident>,
    names: Names,
}

impl Visitor for Finder<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if let SetExpr::Select(select) = query.body.as_ref() {
            self.within.extend(select.from.iter().flat_map(tables));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(parts) = expr
            && let Some(table) = parts.first()
        {
            // Where a query within calls a table as one outside is called, what it means is left where it stands.
            match self.own.contains(table) {
                true => self.names.own = true,
                false => self.names.outer |= !self.within.contains(table),
            }
        }
        ControlFlow::Continue(())
    }
}

fn is_equality(condition: &Expr) -> bool {
    let is_column = |expr: &Expr| matches!(expr, Expr::CompoundIdentifier(_));
    matches!(condition, Expr::BinaryOp { left, op: BinaryOperator::Eq, right } if is_column(left) && is_column(right))
}

/// What the tables of a FROM are called.
fn tables(from: &TableWithJoins) -> Vec<Ident> {
    let name = |factor: &TableFactor| match factor {
        TableFactor::Table { alias: Some(alias), .. } | TableFactor::Derived { alias: Some(alias), .. } => {
            Some(alias.name.clone())
        }
        TableFactor::Table { name, .. } => name.0.last().and_then(|part| part.as_ident()).cloned(),
        _ => None,
    };
    std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation)).filter_map(name).collect()
}

fn conjuncts(condition: Expr, into: &mut Vec<Expr>) {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            conjuncts(*left, into);
            conjuncts(*right, into);
        }
        other => into.push(other),
    }
}

/// Turns every `EXISTS` and `IN` of `expr` that is in no subquery itself into a comparison of a count.
pub(super) fn counted(expr: &mut Expr) {
    let _ = expr.visit(&mut Outer { depth: 0 });
}

struct Outer {
    depth: usize,
}

impl VisitorMut for Outer {
    type Break = ();

    fn pre_visit_query(&mut self, _query: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        let count = match expr {
            Expr::Exists { subquery, negated } => number_of_rows(subquery).map(|count| compared(count, *negated)),
            Expr::InSubquery { expr, subquery, negated } => number_of_matches(expr, subquery).map(|count| {
                let count = compared(count, *negated);
                // NULL is in no list, and not outside of one either.
                if *negated { nested(all_of(vec![is_not_null(expr.as_ref().clone()), count])) } else { count }
            }),
            _ => None,
        };
        if let Some(count) = count {
            *expr = count;
        }
        ControlFlow::Continue(())
    }
}

fn compared(count: Query, negated: bool) -> Expr {
    let op = if negated { BinaryOperator::Eq } else { BinaryOperator::Gt };
    nested(binary(Expr::Subquery(Box::new(count)), op, int(0)))
}

/// How many rows a subquery gives that neither groups nor ends early.
fn number_of_rows(subquery: &Query) -> Option<Query> {
    let plain = |select: &Select| select.having.is_none() && select.distinct.is_none();
    match subquery.body.as_ref() {
        SetExpr::Select(inner) if subquery.limit_clause.is_none() && plain(inner) => {
            let mut count = subquery.clone();
            if let SetExpr::Select(inner) = count.body.as_mut() {
                inner.projection = vec![SelectItem::UnnamedExpr(count_star())];
            }
            Some(count)
        }
        _ => None,
    }
}

/// How many rows of a subquery, which is one SELECT of one column, are `value`.
fn number_of_matches(value: &Expr, subquery: &Query) -> Option<Query> {
    let mut list = subquery.clone();
    let SetExpr::Select(inner) = list.body.as_mut() else { return None };
    let first = inner.projection.first_mut()?;
    let column = match &*first {
        SelectItem::ExprWithAlias { alias, .. } => alias.clone(),
        SelectItem::UnnamedExpr(expr) => {
            let column = ident(Dialect::Datafusion, VALUE);
            *first = item(expr.clone(), column.clone());
            column
        }
        _ => return None,
    };
    let name = ident(Dialect::Datafusion, LIST);
    let is_value = eq(Expr::CompoundIdentifier(vec![name.clone(), column]), value.clone());
    let parts = Parts {
        items: vec![SelectItem::UnnamedExpr(count_star())],
        from: Some(TableWithJoins { relation: derived(list, name), joins: Vec::new() }),
        filter: Some(is_value),
        ..Parts::default()
    };
    Some(query(select(parts), Vec::new(), None))
}
