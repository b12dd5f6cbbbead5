//! Where a table may be named: the kinds of references that a syntax tree has, and whether each stands behind its row filter.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, FunctionArguments, GroupByExpr, Join, JoinConstraint, JoinOperator, ObjectName, Query, Select, SetExpr, Statement,
    TableFactor, TableWithJoins, Visit, Visitor,
};

/// What a walk over a statement found of the tables it was asked for.
#[derive(Debug, Default)]
pub struct References {
    /// How often one is named, and how often right in a select that does nothing but filter it.
    pub all: usize,
    /// References that stand in such a select.
    pub filtered: usize,
    /// Where they stand, in words.
    pub kinds: BTreeSet<String>,
}

/// Finds references to `tables`, each with the filter, in parentheses, that its rows have to pass; a view over one has none.
pub fn references(statement: &Statement, tables: &[(String, String)]) -> References {
    let mut definitions = Definitions::default();
    let _ = statement.visit(&mut definitions);
    let mut walk = Walk { tables, definitions, found: References::default() };
    if let Statement::Query(query) = statement {
        walk.query(query, "the statement");
    }
    walk.found
}

/// Names of common table expressions: where one has a table's name, it is no reference to the table.
#[derive(Default)]
struct Definitions(BTreeSet<String>);

impl Visitor for Definitions {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        self.0.extend(ctes.map(|cte| cte.alias.name.value.to_lowercase()));
        ControlFlow::Continue(())
    }
}

struct Walk<'a> {
    tables: &'a [(String, String)],
    definitions: Definitions,
    found: References,
}

impl Walk<'_> {
    fn query(&mut self, query: &Query, place: &str) {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.query(&cte.query, "a common table expression");
        }
        self.body(&query.body, place);
        self.subqueries(&query.order_by, "ORDER BY");
        self.subqueries(&query.limit_clause, "LIMIT");
    }

    fn body(&mut self, body: &SetExpr, place: &str) {
        match body {
            SetExpr::Select(select) => self.select(select, place),
            SetExpr::Query(query) => self.query(query, "a query in parentheses"),
            SetExpr::SetOperation { op, left, right, .. } => {
                self.body(left, &format!("the left of {op}"));
                self.body(right, &format!("the right of {op}"));
            }
            SetExpr::Values(values) => self.subqueries(values, "VALUES"),
            other => panic!("no walk into {other}"),
        }
    }

    fn select(&mut self, select: &Select, place: &str) {
        for (at, TableWithJoins { relation, joins }) in select.from.iter().enumerate() {
            let filter = select.selection.as_ref().filter(|_| select.from.len() == 1 && joins.is_empty());
            self.factor(relation, if at == 0 { place } else { "a list of relations" }, filter);
            self.joins(joins);
        }
        self.subqueries(&select.projection, "the select list");
        self.subqueries(&select.top, "TOP");
        self.subqueries(&select.selection, "WHERE");
        if let GroupByExpr::Expressions(exprs, _) = &select.group_by {
            self.subqueries(exprs, "GROUP BY");
        }
        self.subqueries(&select.having, "HAVING");
        self.subqueries(&select.qualify, "QUALIFY");
    }

    fn joins(&mut self, joins: &[Join]) {
        for Join { relation, join_operator, .. } in joins {
            let constraint = match join_operator {
                JoinOperator::Join(on)
                | JoinOperator::Inner(on)
                | JoinOperator::Left(on)
                | JoinOperator::LeftOuter(on)
                | JoinOperator::Right(on)
                | JoinOperator::RightOuter(on)
                | JoinOperator::FullOuter(on)
                | JoinOperator::StraightJoin(on)
                | JoinOperator::CrossJoin(on)
                | JoinOperator::LeftSemi(on)
                | JoinOperator::LeftAnti(on) => Some(on),
                JoinOperator::CrossApply | JoinOperator::OuterApply => None,
                other => panic!("no walk over {other:?}"),
            };
            if let Some(JoinConstraint::On(on)) = constraint {
                self.subqueries(on, "ON");
            }
            let name = format!("{join_operator:?}");
            let name = name.split('(').next().unwrap_or("").replace("Outer", "").replace("Inner", "Join");
            self.factor(relation, &format!("the right of {name}"), None);
        }
    }

    fn factor(&mut self, factor: &TableFactor, place: &str, filter: Option<&Expr>) {
        match factor {
            TableFactor::Table { name, alias, args: None, with_hints, .. } => {
                self.found(name, place, filter);
                if self.filter_of(name).is_some() {
                    let columns = alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
                    let forms = [
                        (alias.is_some(), "with an alias"),
                        (alias.is_none(), "without an alias"),
                        (columns, "with names for its columns"),
                        (!with_hints.is_empty(), "with hints"),
                        (name.0.len() > 1, "with its schema"),
                        (name.to_string().contains(['"', '`', '[']), "in quotes"),
                        (name.to_string().chars().any(|c| c.is_ascii_uppercase()), "in capitals"),
                    ];
                    self.found.kinds.extend(forms.iter().filter(|(is, _)| *is).map(|(_, form)| (*form).to_owned()));
                }
            }
            TableFactor::Derived { lateral, subquery, .. } => {
                self.query(subquery, if *lateral { "a lateral derived table" } else { "a derived table" });
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                self.factor(&table_with_joins.relation, "a join in parentheses", None);
                self.joins(&table_with_joins.joins);
            }
            TableFactor::Pivot { table, .. } => self.factor(table, "PIVOT", None),
            TableFactor::Unpivot { table, .. } => self.factor(table, "UNPIVOT", None),
            TableFactor::Table { args, .. } => self.subqueries(args, "a table function"),
            TableFactor::Function { args, .. } => self.subqueries(args, "a table function"),
            TableFactor::UNNEST { array_exprs, .. } => self.subqueries(array_exprs, "UNNEST"),
            TableFactor::OpenJsonTable { json_expr, .. } | TableFactor::JsonTable { json_expr, .. } => {
                self.subqueries(json_expr, "a table function");
            }
            other => panic!("no walk into {other}"),
        }
    }

    fn filter_of(&self, name: &ObjectName) -> Option<&str> {
        let last = name.0.last()?.as_ident()?.value.rsplit('.').next()?;
        if name.0.len() == 1 && self.definitions.0.contains(&last.to_lowercase()) {
            return None;
        }
        self.tables.iter().find(|(table, _)| table.eq_ignore_ascii_case(last)).map(|(_, filter)| filter.as_str())
    }

    fn found(&mut self, name: &ObjectName, place: &str, filter: Option<&Expr>) {
        if let Some(own) = self.filter_of(name) {
            let is_filtered = filter.is_some_and(|filter| filter.to_string() == *own);
            let is_view = own.is_empty();
            self.found.kinds.extend(is_view.then(|| "by a view".to_owned()));
            self.found.all += 1;
            self.found.filtered += usize::from(is_filtered);
            self.found.kinds.insert(format!("in {place}"));
        }
    }

    /// Queries in the expressions of a clause, without those inside of them.
    fn subqueries(&mut self, clause: &impl Visit, name: &str) {
        let mut inside = Subqueries::default();
        let _ = clause.visit(&mut inside);
        for (form, query) in inside.found {
            let before = self.found.all;
            self.query(&query, form);
            if self.found.all > before {
                self.found.kinds.insert(format!("somewhere in {name}"));
            }
        }
    }
}

#[derive(Default)]
struct Subqueries {
    depth: usize,
    found: Vec<(&'static str, Query)>,
}

impl Visitor for Subqueries {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        let found = match expr {
            _ if self.depth > 0 => None,
            Expr::Subquery(query) => Some(("a scalar subquery", query)),
            Expr::InSubquery { subquery, .. } => Some(("IN", subquery)),
            Expr::Exists { subquery, .. } => Some(("EXISTS", subquery)),
            Expr::Function(function) => match &function.args {
                FunctionArguments::Subquery(query) => Some(("a function of a query", query)),
                _ => None,
            },
            _ => None,
        };
        self.found.extend(found.map(|(form, query)| (form, query.as_ref().clone())));
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use leo::Dialect;
    use sqlparser::parser::Parser;

    use super::*;
    use crate::shape::grammar;

    #[test]
    fn a_filter_that_is_missing_anywhere_is_seen() {
        let of = |sql: &str| {
            let statements = Parser::parse_sql(grammar(Dialect::Postgres), sql).unwrap();
            references(&statements[0], &[("t".to_owned(), "(a = 1)".to_owned())])
        };
        let filtered = "(SELECT a FROM t WHERE (a = 1))";
        for (place, kind) in [
            ("SELECT 1 FROM {} x", "in a derived table"),
            ("SELECT 1 FROM u JOIN {} x ON true", "in a derived table"),
            ("SELECT 1 FROM u WHERE EXISTS {}", "in EXISTS"),
            ("WITH x AS {} SELECT 1 FROM x", "in a common table expression"),
            ("SELECT 1 FROM u ORDER BY {}", "somewhere in ORDER BY"),
        ] {
            let found = of(&place.replace("{}", filtered));
            assert_eq!((found.all, found.filtered), (1, 1), "{place}");
            assert!(found.kinds.contains(kind), "{kind}: {:?}", found.kinds);
            let found = of(&place.replace("{}", "(SELECT a FROM t)"));
            assert_eq!((found.all, found.filtered), (1, 0), "{place}");
        }
        for other in ["SELECT a FROM t WHERE a = 1", "SELECT a FROM t, u WHERE (a = 1)", "SELECT a FROM t WHERE (a = 1) OR true"]
        {
            assert_eq!(of(other).filtered, 0, "{other}");
        }
    }
}
