//! Conditions on rows.
//!
//! A condition on a table that has several rows for one row of the SELECT becomes a subquery: it holds when one of those rows
//! meets it. Conditions on the same such table that must hold together are asked of the same row.

use sqlparser::ast::Expr;

use super::ast::{all_of, any_of, between, binary, derived, in_list, in_subquery, is_not_null, is_null, not};
use super::frame::Frames;
use super::identifier::ident;
use super::scalar::{fields, operator};
use super::{Compiler, ast};
use crate::catalog::Column;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::query::join::{Path, Row};
use crate::query::literal::{Kind, fitted};
use crate::query::model::{Field, Filter, Grain, Operator, Scalar, SemanticQuery};
use crate::value::Value;

/// Most days of a list compared with a column that stores times: each takes a range.
const MOST_DAYS: usize = 100;

/// The parts of a conjunction, conjunctions within it included.
pub(super) fn conjuncts<'f>(filter: &'f Filter, into: &mut Vec<&'f Filter>) {
    match filter {
        Filter::And(parts) => parts.iter().for_each(|part| conjuncts(part, into)),
        other => into.push(other),
    }
}

/// The fields a condition reads itself; those of queries within it are their own matter.
fn fields_of(filter: &Filter) -> Vec<&Field> {
    let mut found = Vec::new();
    match filter {
        Filter::Compare { left, right, .. } => {
            fields(left, false, &mut found);
            fields(right, false, &mut found);
        }
        Filter::In { value, .. }
        | Filter::Between { value, .. }
        | Filter::Text { value, .. }
        | Filter::IsNull(value)
        | Filter::InQuery { value, .. }
        | Filter::CompareQuery { left: value, .. } => fields(value, false, &mut found),
        Filter::During { value, .. } => found.push(value),
        Filter::And(_) | Filter::Or(_) | Filter::Not(_) | Filter::Exists { .. } | Filter::FollowedBy { .. } => {}
    }
    found
}

/// The fields that must not be NULL for a condition to hold.
fn strict_fields(filter: &Filter) -> Vec<&Field> {
    let mut found = Vec::new();
    match filter {
        Filter::Compare { left, right, .. } => {
            fields(left, true, &mut found);
            fields(right, true, &mut found);
        }
        Filter::In { value, .. }
        | Filter::Between { value, .. }
        | Filter::Text { value, .. }
        | Filter::InQuery { value, .. }
        | Filter::CompareQuery { left: value, .. } => fields(value, true, &mut found),
        Filter::During { value, .. } => found.push(value),
        _ => {}
    }
    found
}

impl<'a> Compiler<'a> {
    /// A condition as an expression. `required` says that rows are dropped unless it holds, so that the joins it needs may drop
    /// rows as well.
    pub(super) fn condition(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, filter: &Filter, required: bool) -> Result<Expr> {
        match filter {
            Filter::And(_) => {
                let mut parts = Vec::new();
                conjuncts(filter, &mut parts);
                self.together(frames, row, &parts, required)
            }
            Filter::Or(parts) => {
                let mut terms = Vec::with_capacity(parts.len());
                match self.common_fan(frames, row, filter)? {
                    Some(fan) if !parts.is_empty() => {
                        return self.some_row(frames, &fan, |compiler, frames| {
                            for part in parts {
                                terms.push(compiler.condition(frames, row, part, false)?);
                            }
                            Ok(any_of(std::mem::take(&mut terms)))
                        });
                    }
                    _ => {
                        for part in parts {
                            terms.push(self.condition(frames, row, part, required && parts.len() == 1)?);
                        }
                    }
                }
                Ok(any_of(terms))
            }
            Filter::Not(part) => {
                self.negations += 1;
                let inner = self.condition(frames, row, part, false);
                self.negations -= 1;
                Ok(not(inner?))
            }
            leaf => match self.common_fan(frames, row, leaf)? {
                Some(fan) => self.some_row(frames, &fan, |compiler, frames| compiler.condition(frames, row, leaf, true)),
                None => {
                    let expr = self.leaf(frames, row, leaf)?;
                    if required {
                        for field in strict_fields(leaf) {
                            let path = self.path_of(row, field)?;
                            let place = frames.join(self, &path)?;
                            frames.require(place);
                        }
                    }
                    Ok(expr)
                }
            },
        }
    }

    /// Conditions that must all hold; those on the same table with several rows are asked of one row of it.
    pub(super) fn together(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, parts: &[&Filter], required: bool) -> Result<Expr> {
        let mut groups: Vec<(Option<Path>, Vec<&Filter>)> = Vec::new();
        for part in parts {
            let fan = if matches!(part, Filter::Not(_)) { None } else { self.common_fan(frames, row, part)? };
            match groups.iter_mut().find(|(known, _)| known.is_some() && *known == fan) {
                Some((_, members)) => members.push(part),
                None => groups.push((fan, vec![part])),
            }
        }
        let mut terms = Vec::with_capacity(groups.len());
        for (fan, members) in groups {
            terms.push(match (fan, members.as_slice()) {
                (Some(fan), members) if members.len() > 1 => {
                    self.some_row(frames, &fan, |compiler, frames| compiler.together(frames, row, members, true))?
                }
                (_, members) => {
                    let mut own = Vec::with_capacity(members.len());
                    for member in members {
                        own.push(self.condition(frames, row, member, required)?);
                    }
                    all_of(own)
                }
            });
        }
        Ok(all_of(terms))
    }

    /// The path to the table with several rows that a condition is about, when it is about one.
    fn common_fan(&mut self, frames: &Frames<'a>, row: &Row<'a>, filter: &Filter) -> Result<Option<Path>> {
        match filter {
            Filter::And(parts) | Filter::Or(parts) => {
                let mut common: Option<Path> = None;
                for (index, part) in parts.iter().enumerate() {
                    let fan = if matches!(part, Filter::Not(_)) { None } else { self.common_fan(frames, row, part)? };
                    if index == 0 {
                        common = fan;
                    } else if fan != common {
                        return Ok(None);
                    }
                }
                Ok(common)
            }
            Filter::Not(part) => self.common_fan(frames, row, part),
            Filter::Exists { .. } | Filter::FollowedBy { .. } => {
                let path = row.path(&mut self.paths)?;
                Ok(frames.first_fan(&self.paths, &path))
            }
            leaf => {
                let mut fans: Vec<Path> = Vec::new();
                for field in fields_of(leaf) {
                    let path = self.path_of(row, field)?;
                    fans.extend(frames.first_fan(&self.paths, &path));
                }
                fans.sort_by_key(Vec::len);
                let Some(first) = fans.first() else { return Ok(None) };
                if fans.iter().any(|fan| !fan.starts_with(first)) {
                    return Err(Error::unsupported(
                        "a condition compares columns of two tables that both have several rows for one row asked about; compare \
                         them within one of the tables",
                    ));
                }
                Ok(Some(first.clone()))
            }
        }
    }

    fn leaf(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, filter: &Filter) -> Result<Expr> {
        match filter {
            Filter::Compare { left, op, right } => self.compare(frames, row, left, *op, right),
            Filter::In { value, set } => self.in_values(frames, row, value, set),
            Filter::Between { value, low, high } => {
                if let Some((expr, column)) = self.plain(frames, row, value)? {
                    if column.is_temporal() {
                        let low = self.compare_moment(&expr, column, Operator::GreaterOrEqual, low)?;
                        let high = self.compare_moment(&expr, column, Operator::LessOrEqual, high)?;
                        return Ok(all_of(vec![low, high]));
                    }
                    let (low, high) =
                        (fitted(low, column, Operator::GreaterOrEqual)?, fitted(high, column, Operator::LessOrEqual)?);
                    let (low, high) = (self.bind_beside(column, low), self.bind_beside(column, high));
                    return Ok(between(expr, low, high));
                }
                let expr = self.scalar(frames, row, value)?;
                let (low, high) = (self.bind_typed(low.clone()), self.bind_typed(high.clone()));
                Ok(between(expr, low, high))
            }
            Filter::Text { value, kind, text } => {
                let column = self.plain(frames, row, value)?.map(|(_, column)| column);
                let expr = self.scalar(frames, row, value)?;
                Ok(self.text_match(expr, column, *kind, text))
            }
            Filter::IsNull(value) => Ok(is_null(self.scalar(frames, row, value)?)),
            Filter::During { value, window } => {
                let window = window.resolve(self.now, self.calendar)?;
                let located = self.field(frames, row, value)?;
                self.within(&located.expr, located.column, &window)
            }
            Filter::Exists { table, filter, at_least } => self.exists(frames, row, table, filter.as_deref(), *at_least),
            Filter::InQuery { value, query } => {
                let expr = self.scalar(frames, row, value)?;
                let query = self.choices(query)?;
                Ok(in_subquery(expr, query))
            }
            Filter::CompareQuery { left, op, query } => {
                let expr = self.scalar(frames, row, left)?;
                let (query, _) = self.within_statement(query)?;
                Ok(binary(expr, operator(*op), Expr::Subquery(Box::new(query))))
            }
            Filter::FollowedBy { event, time, within_days } => self.followed_by(frames, row, event, time, *within_days),
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) => self.condition(frames, row, filter, false),
        }
    }

    /// A scalar that is a plain column, with the column.
    fn plain(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, scalar: &Scalar) -> Result<Option<(Expr, &'a Column)>> {
        match scalar {
            Scalar::Field(field) => self.field(frames, row, field).map(|located| Some((located.expr, located.column))),
            _ => Ok(None),
        }
    }

    fn compare(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, left: &Scalar, op: Operator, right: &Scalar) -> Result<Expr> {
        if let (Scalar::Literal(_), Scalar::Field(_)) = (left, right) {
            return self.compare(frames, row, right, turned(op), left);
        }
        let own = self.plain(frames, row, left)?;
        match (own, right) {
            (Some((expr, column)), Scalar::Literal(constant)) => self.compare_constant(expr, column, op, constant),
            (Some((expr, column)), Scalar::Field(other)) => {
                let other = self.field(frames, row, other)?;
                if self.stored_alike(column, other.column)? {
                    return Ok(binary(expr, operator(op), other.expr));
                }
                // Stored in different ways, days are what both can be read as.
                let left = self.label(&expr, column, Grain::Day, super::dates::Shift::None)?;
                let right = self.label(&other.expr, other.column, Grain::Day, super::dates::Shift::None)?;
                Ok(binary(left, operator(op), right))
            }
            _ => {
                let (left, right) = (self.scalar(frames, row, left)?, self.scalar(frames, row, right)?);
                Ok(binary(left, operator(op), right))
            }
        }
    }

    /// A value of a column beside a constant, which takes the form that the column compares with.
    pub(super) fn compare_constant(&mut self, expr: Expr, column: &Column, op: Operator, constant: &Value) -> Result<Expr> {
        if column.is_temporal() {
            return self.compare_moment(&expr, column, op, constant);
        }
        let value = fitted(constant, column, op)?;
        let bound = self.bind_beside(column, value);
        Ok(binary(expr, operator(op), bound))
    }

    fn in_values(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, value: &Scalar, set: &[Value]) -> Result<Expr> {
        if set.is_empty() {
            return Ok(ast::never());
        }
        if let Some((expr, column)) = self.plain(frames, row, value)? {
            if Kind::of(column) == Kind::Temporal {
                if set.len() > MOST_DAYS {
                    return Err(Error::limit_exceeded(format!(
                        "a list has more than {MOST_DAYS} dates; ask for a range of dates instead"
                    )));
                }
                let mut terms = Vec::with_capacity(set.len());
                for constant in set {
                    terms.push(self.compare_moment(&expr, column, Operator::Equal, constant)?);
                }
                return Ok(any_of(terms));
            }
            let mut list = Vec::with_capacity(set.len());
            for constant in set {
                let value = fitted(constant, column, Operator::Equal)?;
                list.push(self.bind_beside(column, value));
            }
            return Ok(in_list(expr, list));
        }
        let expr = self.scalar(frames, row, value)?;
        let list = set.iter().map(|constant| self.bind_typed(constant.clone())).collect();
        Ok(in_list(expr, list))
    }

    /// The values of another query's only column.
    fn choices(&mut self, query: &SemanticQuery) -> Result<sqlparser::ast::Query> {
        let (inner, nullable) = self.within_statement(query)?;
        // `NOT IN` holds for nothing as soon as one choice is NULL.
        let drop_null = self.negations > 0 && nullable;
        let limited = self.dialect == Dialect::Mysql && inner.limit_clause.is_some();
        if !drop_null && !limited {
            return Ok(inner);
        }
        let name = query.output_names().into_iter().next().unwrap_or_default();
        let column = Expr::CompoundIdentifier(vec![ident(self.dialect, "choices"), ident(self.dialect, &name)]);
        let parts = ast::Parts {
            items: vec![ast::item(column.clone(), ident(self.dialect, &name))],
            from: Some(sqlparser::ast::TableWithJoins {
                relation: derived(inner, ident(self.dialect, "choices")),
                joins: Vec::new(),
            }),
            filter: drop_null.then(|| is_not_null(column)),
            ..ast::Parts::default()
        };
        Ok(ast::query(ast::select(parts), Vec::new(), None))
    }
}

/// The operator with its sides exchanged.
fn turned(op: Operator) -> Operator {
    match op {
        Operator::Equal => Operator::Equal,
        Operator::NotEqual => Operator::NotEqual,
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
    }
}
