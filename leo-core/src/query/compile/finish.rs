//! What happens to finished groups: conditions on them, the first rows of each group, order and limit.

use sqlparser::ast::{BinaryOperator, Expr, OrderByExpr, Query};

use super::ast::{Parts, binary, call, case, int, is_null, number, order_by, over, query, select, times};
use super::identifier::ident;
use super::scalar::operator;
use super::stage::{Stage, StageColumn};
use super::{ColumnRole, Compiler, ast};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::query::model::{Aggregate, Field, Having, HavingValue, Order, Scalar, SemanticQuery, TopPer};

/// Keys that sort by `expr`, NULLs last in every dialect.
pub(super) fn sort_key(dialect: Dialect, expr: Expr, descending: bool, nullable: bool) -> Vec<OrderByExpr> {
    let nulls_come_last = match dialect {
        // NULL is the largest value.
        Dialect::Postgres | Dialect::Datafusion => !descending,
        // NULL is the smallest.
        _ => descending,
    };
    if !nullable || nulls_come_last {
        return vec![order_by(expr, descending, false)];
    }
    match dialect {
        Dialect::Mysql | Dialect::Tsql => {
            let last = case(vec![(is_null(expr.clone()), int(1))], Some(int(0)));
            vec![order_by(last, false, false), order_by(expr, descending, false)]
        }
        _ => vec![order_by(expr, descending, true)],
    }
}

impl Compiler<'_> {
    /// Keeps the groups that meet all conditions.
    pub(super) fn having(&mut self, mut stage: Stage, query: &SemanticQuery) -> Result<Stage> {
        let conditions: &[Having] = &query.having;
        if conditions.is_empty() {
            return Ok(stage);
        }
        let averages = conditions.iter().any(|having| having.value == HavingValue::AverageOfGroups);
        let mut cte = None;
        if stage.windowed || averages {
            let (wrapped, name) = self.wrap(&stage, "grouped");
            stage = wrapped;
            cte = Some(name);
        }
        for having in conditions {
            let column = stage.column(&having.measure)?.clone();
            if let (HavingValue::Value(value), Some(field)) = (&having.value, extreme_of(query, &having.measure)) {
                let source = crate::query::validate::column(self.catalog, field)?;
                let condition = self.compare_constant(column.expr, source, having.op, value)?;
                stage.restrict(condition);
                continue;
            }
            let right = match (&having.value, &cte) {
                (HavingValue::AverageOfGroups, Some(cte)) => self.average_of(cte, &column),
                (HavingValue::Value(value), _) => self.bind_typed(value.clone()),
                (HavingValue::AverageOfGroups, None) => ast::null(),
            };
            stage.restrict(binary(column.expr, operator(having.op), right));
        }
        Ok(stage)
    }

    /// `(SELECT AVG(column) FROM cte)`.
    fn average_of(&self, cte: &str, column: &StageColumn) -> Expr {
        let value = self.column_of(cte, &column.name);
        let value = if self.rounds_early() { times(value, number("1e0")) } else { value };
        let average = Parts {
            items: vec![sqlparser::ast::SelectItem::UnnamedExpr(call("AVG", vec![value]))],
            from: Some(self.reading(cte)),
            ..Parts::default()
        };
        Expr::Subquery(Box::new(query(select(average), Vec::new(), None)))
    }

    /// Keeps the first rows of each group. Returns the order the result takes when the query names none.
    pub(super) fn top_per(&mut self, mut stage: Stage, query: &SemanticQuery, top: &TopPer) -> Result<(Stage, Vec<OrderByExpr>)> {
        // MariaDB 10.11 was seen to lose every group where a HAVING stands beside a window function.
        let beside_having = self.dialect == Dialect::Mysql && !stage.having.is_empty();
        if stage.windowed || stage.distinct || beside_having {
            stage = self.wrap(&stage, "grouped").0;
        }
        let mut partition = Vec::with_capacity(top.within.len());
        for name in &top.within {
            partition.push(stage.column(name)?.expr.clone());
        }
        let mut keys = Vec::new();
        // Sorting twice by one value says nothing, and not every engine takes it.
        let mut seen: Vec<&Expr> = Vec::new();
        let by = std::iter::once(&top.by).chain(&query.order);
        for Order { by, descending } in by {
            let column = stage.column(by)?;
            if !seen.contains(&&column.expr) {
                seen.push(&column.expr);
                keys.extend(sort_key(self.dialect, column.expr.clone(), *descending, column.nullable));
            }
        }
        for column in stage.dimensions() {
            if !seen.contains(&&column.expr) && !partition.contains(&column.expr) {
                seen.push(&column.expr);
                keys.extend(sort_key(self.dialect, column.expr.clone(), false, column.nullable));
            }
        }
        let position = unused_name(&stage, "position_in_group");
        stage.columns.push(StageColumn {
            name: position.clone(),
            expr: over("ROW_NUMBER", Vec::new(), partition, keys, false),
            nullable: false,
            hidden: true,
            role: ColumnRole::Measure,
            unit: None,
        });
        let mut ranked = self.wrap(&stage, "ranked").0;
        let place = ranked.column(&position)?.expr.clone();
        let most = int(i64::try_from(top.n).unwrap_or(i64::MAX));
        ranked.filters.push(binary(place.clone(), BinaryOperator::LtEq, most));
        let mut order = Vec::new();
        for name in &top.within {
            let column = ranked.column(name)?;
            order.extend(sort_key(self.dialect, column.expr.clone(), false, column.nullable));
        }
        order.push(order_by(place, false, false));
        Ok((ranked, order))
    }

    /// The SELECT ordered and limited. With a limit, rows that are otherwise alike are ordered too, so that the same rows are
    /// kept each time.
    pub(super) fn ordered(&self, stage: &Stage, query: &SemanticQuery, default: Vec<OrderByExpr>) -> Result<Query> {
        let ordered = !query.order.is_empty();
        let mut keys = if ordered { Vec::new() } else { default };
        let mut seen: Vec<&Expr> = Vec::new();
        for Order { by, descending } in &query.order {
            let column = stage.column(by)?;
            if !seen.contains(&&column.expr) {
                seen.push(&column.expr);
                keys.extend(self.output_key(column, *descending));
            }
        }
        if query.limit.is_some() && (ordered || keys.is_empty()) {
            let rest = stage.dimensions().filter(|_| stage.tie_break.is_empty());
            for column in rest {
                if !seen.contains(&&column.expr) {
                    seen.push(&column.expr);
                    keys.extend(self.output_key(column, false));
                }
            }
            let rest = stage.tie_break.iter().filter(|expr| !seen.contains(expr));
            keys.extend(rest.map(|expr| order_by(expr.clone(), false, false)));
        }
        Ok(stage.query(self.dialect, keys, query.limit))
    }

    /// A key that sorts by a column, by its name where it is returned.
    fn output_key(&self, column: &StageColumn, descending: bool) -> Vec<OrderByExpr> {
        let name = Expr::Identifier(ident(self.dialect, &column.name));
        let by_name = !column.hidden;
        let mut keys = sort_key(self.dialect, column.expr.clone(), descending, column.nullable);
        if by_name && let Some(last) = keys.last_mut() {
            last.expr = name;
        }
        keys
    }
}

/// The column whose smallest or largest value a measure is: conditions on it are written as those on the column.
fn extreme_of<'q>(query: &'q SemanticQuery, measure: &str) -> Option<&'q Field> {
    let measure = query.measures.iter().find(|other| other.name == measure)?;
    match &measure.aggregate {
        Aggregate::Min(Scalar::Field(field)) | Aggregate::Max(Scalar::Field(field)) => Some(field),
        _ => None,
    }
}

/// A name no column of the stage has.
fn unused_name(stage: &Stage, wanted: &str) -> String {
    let taken = |name: &str| stage.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let mut name = wanted.to_owned();
    let mut number = 2u32;
    while taken(&name) {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    name
}
