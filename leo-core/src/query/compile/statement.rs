//! A whole query: its stages in order, then set operations.

use sqlparser::ast::{Expr, Query, SetExpr, SetOperator as SqlSetOperator, SetQuantifier, Statement, TableWithJoins};

use super::ast::{Parts, derived, item, query as sql_query, select, with};
use super::finish::sort_key;
use super::identifier::ident;
use super::stage::StageColumn;
use super::{CompiledColumn, Compiler};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::query::model::{SemanticQuery, SetOperator};

impl Compiler<'_> {
    /// The statement and its columns.
    pub(super) fn top(&mut self, query: &SemanticQuery) -> Result<(Statement, Vec<CompiledColumn>)> {
        let (mut body, columns) = self.body(query, true)?;
        body.with = with(std::mem::take(&mut self.ctes));
        let columns = columns
            .into_iter()
            .filter(|column| !column.hidden)
            .map(|column| CompiledColumn { name: column.name, role: column.role, unit: column.unit })
            .collect();
        Ok((Statement::Query(Box::new(body)), columns))
    }

    /// A query within another, and whether its first column may be NULL. Its CTEs go to the top of the statement, for not every
    /// dialect takes them elsewhere.
    pub(super) fn within_statement(&mut self, query: &SemanticQuery) -> Result<(Query, bool)> {
        let negations = std::mem::take(&mut self.negations);
        let spans = std::mem::take(&mut self.spans);
        let built = self.body(query, false);
        self.negations = negations;
        self.spans = spans;
        let (body, columns) = built?;
        let nullable = columns.iter().find(|column| !column.hidden).is_none_or(|column| column.nullable);
        Ok((body, nullable))
    }

    fn body(&mut self, query: &SemanticQuery, ordered: bool) -> Result<(Query, Vec<StageColumn>)> {
        let mut stage = self.measured(query)?;
        stage = self.having(stage, query)?;
        let mut default = Vec::new();
        if let Some(top) = &query.top_per {
            (stage, default) = self.top_per(stage, query, top)?;
        }
        // Where NULLs come last by an expression only, what is distinct cannot be ordered so before it is.
        let by_expression =
            matches!(self.dialect, Dialect::Mysql | Dialect::Tsql) && stage.columns.iter().any(|column| column.nullable);
        if stage.distinct && by_expression && (query.limit.is_some() || !query.order.is_empty()) {
            stage = self.wrap(&stage, "combinations").0;
        }
        // MariaDB 10.11 was seen to return groups in the order of a window function instead of the one asked for.
        let by_window = self.dialect == Dialect::Mysql && stage.windowed && stage.grouped;
        if by_window && (query.limit.is_some() || !query.order.is_empty()) {
            stage = self.wrap(&stage, "totals").0;
        }
        let Some((op, other)) = &query.set else {
            let mut body = self.ordered(&stage, query, default)?;
            if !ordered && query.limit.is_none() {
                body.order_by = None;
            }
            return Ok((body, stage.columns));
        };
        let left = if query.limit.is_some() {
            let limited = self.ordered(&stage, query, default)?;
            self.as_part(limited, &query.output_names(), "first_part")
        } else {
            stage.select(self.dialect, false, None)
        };
        let (right, right_columns) = self.body(other, false)?;
        let plain = right.limit_clause.is_none()
            && right.order_by.is_none()
            && matches!(right.body.as_ref(), SetExpr::Select(select) if select.top.is_none());
        let right = if plain { *right.body } else { self.as_part(right, &other.output_names(), "second_part") };
        let body = SetExpr::SetOperation {
            left: Box::new(left),
            op: match op {
                SetOperator::Union => SqlSetOperator::Union,
                SetOperator::Intersect => SqlSetOperator::Intersect,
                SetOperator::Except => SqlSetOperator::Except,
            },
            set_quantifier: if self.dialect == Dialect::Bigquery { SetQuantifier::Distinct } else { SetQuantifier::None },
            right: Box::new(right),
        };
        let right_visible: Vec<bool> =
            right_columns.iter().filter(|column| !column.hidden).map(|column| column.nullable).collect();
        let mut columns: Vec<StageColumn> = stage.columns.into_iter().filter(|column| !column.hidden).collect();
        for (column, nullable) in columns.iter_mut().zip(right_visible) {
            column.nullable |= nullable;
            column.expr = Expr::Identifier(ident(self.dialect, &column.name));
        }
        if !ordered || query.limit.is_some() || query.order.is_empty() {
            return Ok((sql_query(body, Vec::new(), None), columns));
        }
        // Combined results are ordered by the names of their columns; where NULLs come last by an expression only, one level up.
        let by_name = !matches!(self.dialect, Dialect::Mysql | Dialect::Tsql) || columns.iter().all(|column| !column.nullable);
        let mut keys = Vec::new();
        for key in &query.order {
            let column = columns.iter().find(|column| column.name == key.by).ok_or_else(|| {
                Error::malformed(format!("`{}` is not returned, so combined results cannot be ordered by it; return it", key.by))
            })?;
            let value = if by_name { column.expr.clone() } else { self.column_of("combined", &column.name) };
            keys.extend(sort_key(self.dialect, value, key.descending, column.nullable));
        }
        let body =
            if by_name { body } else { self.as_part(sql_query(body, Vec::new(), None), &query.output_names(), "combined") };
        Ok((sql_query(body, keys, None), columns))
    }

    /// `SELECT names FROM (query) AS alias`, for places that take no ORDER BY or LIMIT.
    fn as_part(&self, query: Query, names: &[String], alias: &str) -> SetExpr {
        select(Parts {
            items: names.iter().map(|name| item(self.column_of(alias, name), ident(self.dialect, name))).collect(),
            from: Some(TableWithJoins { relation: derived(query, ident(self.dialect, alias)), joins: Vec::new() }),
            ..Parts::default()
        })
    }
}
