//! Queries, set operations and `VALUES`.

use std::rc::Rc;

use sqlparser::ast::{
    Expr, Fetch, ForClause, LimitClause, Offset, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort, Query, SetExpr,
    SetOperator, SetQuantifier, ValueWithSpan, Values,
};

use super::scope::{Aliases, Ctes, Output, Relation, Scope};
use super::{Resolved, Resolver, rules};
use crate::dialect::Dialect;

impl<'a> Resolver<'a> {
    /// Resolves a query inside `outer`, seeing the common table expressions in `ctes`.
    pub(super) fn query(&mut self, query: &Query, outer: Option<&Scope<'a, '_>>, ctes: &Ctes<'_>) -> Resolved {
        let limit = self.against.settings.max_nesting;
        if self.depth > limit {
            self.report(rules::nesting_limit::finding(self.depth, limit));
        }
        // Far beyond the limit nothing is gained by going on, and the stack is finite.
        if self.depth > 60 {
            self.refuse_at("queries nested this deep", query);
            return Resolved::nothing();
        }
        let Query { with, body, order_by, limit_clause, fetch, locks, for_clause, settings, format_clause, pipe_operators } =
            query;
        if !locks.is_empty() {
            self.report(rules::locking::finding("FOR UPDATE or FOR SHARE"));
        }
        if settings.is_some() || format_clause.is_some() {
            self.refuse_at("SETTINGS or FORMAT", query);
        }
        if !pipe_operators.is_empty() {
            self.refuse_at("pipe operators", query);
        }
        let mut own = Ctes::new(Some(ctes));
        if let Some(with) = with {
            self.with(with, outer, &mut own);
        }
        let mut result = self.body(body, outer, &own, order_by.as_ref());
        result.rows = super::limits::at_most(result.rows, self.limit(limit_clause.as_ref(), fetch.as_ref(), outer, &own));
        if let Some(for_clause) = for_clause {
            result = self.for_clause(for_clause, &result);
        }
        result
    }

    /// A select, its `ORDER BY` included, or a combination of selects.
    fn body(&mut self, body: &SetExpr, outer: Option<&Scope<'a, '_>>, ctes: &Ctes<'_>, order_by: Option<&OrderBy>) -> Resolved {
        if let SetExpr::Select(select) = body {
            return self.select(select, outer, ctes, order_by);
        }
        let result = self.set_expr(body, outer, ctes);
        if let Some(order_by) = order_by {
            let mut scope = Scope::new(outer);
            scope.outputs = Rc::clone(&result.columns);
            scope.aliases.set(Aliases::First);
            // `ORDER BY t.name` after a set operation names a column of the first select.
            scope.relations = self.tables_of_first(body, ctes);
            self.order_by(order_by, &scope, ctes);
        }
        result
    }

    pub(super) fn set_expr(&mut self, body: &SetExpr, outer: Option<&Scope<'a, '_>>, ctes: &Ctes<'_>) -> Resolved {
        match body {
            SetExpr::Select(select) => self.select(select, outer, ctes, None),
            SetExpr::Query(query) => self.query(query, outer, ctes),
            SetExpr::SetOperation { .. } => {
                let terms = self.terms(body);
                let mut terms = terms.into_iter();
                let Some(first) = terms.next() else { return Resolved::nothing() };
                let first = self.set_expr(first, outer, ctes);
                let mut columns = first.columns.as_ref().clone();
                let mut rows = first.rows;
                for term in terms {
                    let next = self.set_expr(term, outer, ctes);
                    self.combine(&mut columns, &next.columns);
                    rows = rows.zip(next.rows).map(|(left, right)| left.saturating_add(right));
                }
                Resolved { columns: Rc::new(columns), rows }
            }
            SetExpr::Values(values) => self.values(values, outer, ctes),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                self.report(rules::read_only::finding("a change of data inside a query", None));
                Resolved::nothing()
            }
            SetExpr::Table(_) => {
                self.refuse_at("TABLE instead of SELECT", body);
                Resolved::nothing()
            }
        }
    }

    /// The selects of a set operation, from left to right. Chains lean to the left, so that side is followed in a loop.
    pub(super) fn terms<'q>(&mut self, body: &'q SetExpr) -> Vec<&'q SetExpr> {
        let mut terms = Vec::new();
        let mut at = body;
        while let SetExpr::SetOperation { left, op, set_quantifier, right } = at {
            match op {
                SetOperator::Union | SetOperator::Except | SetOperator::Intersect => {}
                // None of these engines has it: to some the word is an alias, and what follows another statement.
                SetOperator::Minus => self.refuse_for("MINUS", "use EXCEPT", right.as_ref()),
            }
            match set_quantifier {
                SetQuantifier::All | SetQuantifier::Distinct | SetQuantifier::None => {}
                SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => {
                    self.refuse_at("set operations BY NAME", right.as_ref());
                }
            }
            terms.push(right.as_ref());
            at = left;
        }
        terms.push(at);
        terms.reverse();
        terms
    }

    /// Adds the sources of another term to the columns of a set operation.
    pub(super) fn combine(&mut self, columns: &mut [Output], next: &[Output]) {
        if columns.len() != next.len() {
            // A refused term has no columns; it has its own finding.
            if !columns.is_empty() && !next.is_empty() {
                self.report(rules::set_columns::finding(columns.len(), next.len()));
            }
            return;
        }
        for (column, next) in columns.iter_mut().zip(next) {
            column.sources.extend_from_slice(&next.sources);
            column.sources.sort_unstable();
            column.sources.dedup();
        }
    }

    fn values(&mut self, values: &Values, outer: Option<&Scope<'a, '_>>, ctes: &Ctes<'_>) -> Resolved {
        let Values { explicit_row: _, value_keyword: _, rows } = values;
        let empty = Scope::new(outer);
        let mut columns: Vec<Output> = Vec::new();
        for row in rows {
            let row = &row.content;
            let resolved: Vec<Output> = row
                .iter()
                .enumerate()
                .map(|(at, value)| {
                    let name = if self.dialect == Dialect::Mysql { format!("column_{at}") } else { format!("column{}", at + 1) };
                    let mut sources = Vec::new();
                    self.expr(value, &empty, ctes, &mut sources);
                    Output { name, sources }
                })
                .collect();
            if columns.is_empty() {
                columns = resolved;
            } else {
                self.combine(&mut columns, &resolved);
            }
        }
        Resolved { columns: Rc::new(columns), rows: Some(rows.len() as u64) }
    }

    /// Relations of the first select of a set operation, without resolving anything: only plain tables.
    fn tables_of_first(&mut self, body: &SetExpr, ctes: &Ctes<'_>) -> Vec<Relation<'a>> {
        let mut at = body;
        loop {
            match at {
                SetExpr::SetOperation { left, .. } => at = left,
                SetExpr::Select(select) => return self.plain_relations(select, ctes),
                _ => return Vec::new(),
            }
        }
    }

    pub(super) fn order_by(&mut self, order_by: &OrderBy, scope: &Scope<'a, '_>, ctes: &Ctes<'_>) {
        let OrderBy { kind, interpolate } = order_by;
        if interpolate.is_some() {
            self.refuse_at("INTERPOLATE", order_by);
        }
        match kind {
            OrderByKind::All(_) => self.refuse_at("ORDER BY ALL", order_by),
            OrderByKind::Expressions(items) => {
                for item in items {
                    let mut sources = Vec::new();
                    self.order_by_expr(item, scope, ctes, &mut sources);
                    self.check_use(&sources, super::position(&item.expr));
                    self.check_ordinal(&item.expr, &scope.outputs);
                }
            }
        }
    }

    pub(super) fn order_by_expr(&mut self, item: &OrderByExpr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut super::Sources) {
        let OrderByExpr { expr, options, with_fill } = item;
        let OrderByOptions { sort, nulls_first: _ } = options;
        match sort {
            None | Some(OrderBySort::Asc | OrderBySort::Desc) => {}
            Some(OrderBySort::Using(_)) => self.refuse_at("ORDER BY … USING", expr),
        }
        if with_fill.is_some() {
            self.refuse_at("WITH FILL", expr);
        }
        // A term that is just an alias means it everywhere; inside of an expression engines differ, so both meanings count.
        let before = scope.aliases.get();
        if before == Aliases::First && !matches!(expr, Expr::Identifier(_)) {
            scope.aliases.set(Aliases::Both);
        }
        self.expr(expr, scope, ctes, out);
        scope.aliases.set(before);
    }

    /// `LIMIT`, `OFFSET` and `FETCH`; the number of rows when it is a literal.
    fn limit(
        &mut self,
        clause: Option<&LimitClause>,
        fetch: Option<&Fetch>,
        outer: Option<&Scope<'a, '_>>,
        ctes: &Ctes<'_>,
    ) -> Option<u64> {
        let mut rows = None;
        let mut parts: Vec<&Expr> = Vec::new();
        match clause {
            None => {}
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                if let Some(by) = limit_by.first() {
                    self.refuse_at("LIMIT … BY", by);
                }
                if let Some(limit) = limit {
                    if self.dialect == Dialect::Tsql {
                        self.refuse_for("LIMIT", "use TOP, or OFFSET … FETCH after ORDER BY", limit);
                    }
                    rows = super::limits::literal(limit);
                    parts.push(limit);
                }
                if let Some(Offset { value, rows: _ }) = offset {
                    parts.push(value);
                }
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                rows = super::limits::literal(limit);
                parts.extend([offset, limit]);
            }
        }
        if let Some(Fetch { with_ties: _, percent, quantity }) = fetch {
            match quantity {
                Some(quantity) => {
                    if !percent {
                        rows = super::limits::literal(quantity);
                    }
                    parts.push(quantity);
                }
                None => rows = Some(1),
            }
        }
        let empty = Scope::new(outer);
        for part in parts {
            let mut sources = Vec::new();
            self.expr(part, &empty, ctes, &mut sources);
        }
        rows.and_then(|rows| u64::try_from(rows).ok())
    }

    /// `FOR JSON` and `FOR XML` make one column of all.
    fn for_clause(&mut self, clause: &ForClause, result: &Resolved) -> Resolved {
        let name = match clause {
            ForClause::Browse => {
                self.refuse("FOR BROWSE");
                return Resolved::nothing();
            }
            ForClause::Json { for_json: _, root: _, include_null_values: _, without_array_wrapper: _ } => {
                "JSON_F52E2B61-18A1-11d1-B105-00805F49916B"
            }
            ForClause::Xml { for_xml: _, elements: _, binary_base64: _, root: _, r#type: _ } => {
                "XML_F52E2B61-18A1-11d1-B105-00805F49916B"
            }
        };
        self.check_collected_rows("FOR JSON or FOR XML", result.rows, result.columns.len());
        let mut sources: super::Sources = result.columns.iter().flat_map(|column| column.sources.iter().copied()).collect();
        sources.sort_unstable();
        sources.dedup();
        Resolved { columns: Rc::new(vec![Output { name: name.to_owned(), sources }]), rows: Some(1) }
    }
}

/// Whether `value` stands for a string or number written in the statement.
pub(super) fn is_constant(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(ValueWithSpan { .. }) | Expr::TypedString(_) | Expr::Interval(_))
        || matches!(expr, Expr::Identifier(ident) if ident.quote_style == Some('"'))
}
