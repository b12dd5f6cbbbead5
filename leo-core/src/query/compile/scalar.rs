//! Values computed for each row.

use sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, Expr};

use super::ast::{binary, call, cast, divided, int, nested, number, times};
use super::dates::{Stored, decimal_type, named};
use super::frame::{Frames, Place};
use super::{Compiler, ast};
use crate::catalog::{Column, LogicalType};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::query::join::{Path, Row};
use crate::query::literal::{Kind, Moment};
use crate::query::model::{Arithmetic, Field, Operator, Scalar};
use crate::value::{Decimal, Value};

/// A field in a SELECT.
pub(super) struct Located<'a> {
    pub(super) expr: Expr,
    pub(super) column: &'a Column,
    pub(super) place: Place,
}

pub(super) fn operator(op: Operator) -> BinaryOperator {
    match op {
        Operator::Equal => BinaryOperator::Eq,
        Operator::NotEqual => BinaryOperator::NotEq,
        Operator::Less => BinaryOperator::Lt,
        Operator::LessOrEqual => BinaryOperator::LtEq,
        Operator::Greater => BinaryOperator::Gt,
        Operator::GreaterOrEqual => BinaryOperator::GtEq,
    }
}

/// The fields of a scalar; those whose NULL makes the whole NULL only, when `strict`.
pub(super) fn fields<'s>(scalar: &'s Scalar, strict: bool, into: &mut Vec<&'s Field>) {
    match scalar {
        Scalar::Field(field) => into.push(field),
        Scalar::Literal(_) => {}
        Scalar::Arithmetic { left, right, .. } => {
            fields(left, strict, into);
            fields(right, strict, into);
        }
        Scalar::DaysBetween { from, to } => {
            fields(from, strict, into);
            fields(to, strict, into);
        }
        Scalar::Coalesce(items) => {
            if !strict || items.len() == 1 {
                items.iter().for_each(|item| fields(item, strict, into));
            }
        }
    }
}

/// Digits with a sign; what is negative stands in parentheses.
fn signed(digits: &str, negative: bool) -> Expr {
    let digits = number(digits);
    if negative { nested(Expr::UnaryOp { op: sqlparser::ast::UnaryOperator::Minus, expr: Box::new(digits) }) } else { digits }
}

/// MySQL's type of a decimal, which travels there as text.
fn decimal_of(value: Decimal) -> DataType {
    DataType::Decimal(ExactNumberInfo::PrecisionAndScale(65, i64::from(value.scale.clamp(0, 30))))
}

impl<'a> Compiler<'a> {
    /// Path to the table of a field.
    pub(super) fn path_of(&mut self, row: &Row<'a>, field: &Field) -> Result<Path> {
        let table = self.catalog.require_table(&field.table)?;
        row.field(&mut self.paths, table, &field.via)
    }

    /// A field, its table joined when it is not yet.
    pub(super) fn field(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, field: &Field) -> Result<Located<'a>> {
        let path = self.path_of(row, field)?;
        let place = frames.join(self, &path)?;
        let table = frames.node(place).table;
        let column = self.catalog.require_column(table, &field.column)?;
        Ok(Located { expr: frames.column(self, place, &column.name), column, place })
    }

    /// A scalar as an expression.
    pub(super) fn scalar(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, scalar: &Scalar) -> Result<Expr> {
        match scalar {
            Scalar::Field(field) => Ok(self.field(frames, row, field)?.expr),
            Scalar::Literal(value) => Ok(self.bind_typed(value.clone())),
            Scalar::Arithmetic { op, left, right } => {
                let (left, right) = (self.term(frames, row, left)?, self.term(frames, row, right)?);
                Ok(match op {
                    Arithmetic::Add => binary(left, BinaryOperator::Plus, right),
                    Arithmetic::Subtract => binary(left, BinaryOperator::Minus, right),
                    Arithmetic::Multiply => binary(left, BinaryOperator::Multiply, right),
                    Arithmetic::Divide => self.ratio(left, right),
                })
            }
            Scalar::DaysBetween { from, to } => self.days(frames, row, from, to),
            Scalar::Coalesce(items) => {
                let mut args = Vec::with_capacity(items.len());
                for item in items {
                    args.push(self.scalar(frames, row, item)?);
                }
                Ok(match args.pop() {
                    Some(only) if args.is_empty() => only,
                    Some(last) => {
                        args.push(last);
                        call("COALESCE", args)
                    }
                    None => ast::null(),
                })
            }
        }
    }

    /// An operand of arithmetic: numbers are part of the formula and written out.
    fn term(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, scalar: &Scalar) -> Result<Expr> {
        match scalar {
            Scalar::Literal(Value::Int(value)) => Ok(int(*value)),
            Scalar::Literal(Value::Float(value)) if value.is_finite() => {
                Ok(signed(&format!("{:?}", value.abs()), value.is_sign_negative()))
            }
            Scalar::Literal(Value::Decimal(value)) => {
                let written = value.to_string();
                Ok(signed(written.trim_start_matches('-'), written.starts_with('-')))
            }
            other => self.scalar(frames, row, other),
        }
    }

    /// Whether quotients and averages of decimals keep few digits only: six in T-SQL, four more than the operand's in MySQL and
    /// DataFusion.
    pub(super) fn rounds_early(&self) -> bool {
        matches!(self.dialect, Dialect::Tsql | Dialect::Mysql | Dialect::Datafusion)
    }

    /// `left * 1.0 / NULLIF(right, 0)`: never integer division, NULL instead of dividing by zero.
    pub(super) fn ratio(&self, left: Expr, right: Expr) -> Expr {
        let one = if self.rounds_early() { "1e0" } else { "1.0" };
        divided(times(left, number(one)), call("NULLIF", vec![right, int(0)]))
    }

    fn days(&mut self, frames: &mut Frames<'a>, row: &Row<'a>, from: &Scalar, to: &Scalar) -> Result<Expr> {
        match (from, to) {
            (Scalar::Field(from), Scalar::Field(to)) => {
                let (from, to) = (self.field(frames, row, from)?, self.field(frames, row, to)?);
                self.days_between((&from.expr, from.column), (&to.expr, to.column), false)
            }
            (Scalar::Field(field), Scalar::Literal(constant)) => self.days_from_constant(frames, row, field, constant, false),
            (Scalar::Literal(constant), Scalar::Field(field)) => self.days_from_constant(frames, row, field, constant, true),
            _ => Err(Error::malformed("days are counted between two columns of dates, or a column and a date")),
        }
    }

    fn days_from_constant(
        &mut self,
        frames: &mut Frames<'a>,
        row: &Row<'a>,
        field: &Field,
        constant: &Value,
        to_column: bool,
    ) -> Result<Expr> {
        let moment = constant.as_str().and_then(Moment::parse);
        let (written, has_times) = match moment {
            Some(Moment::Day(day)) => (day.to_string(), false),
            Some(Moment::Time(time)) => (time.strftime("%Y-%m-%d %H:%M:%S").to_string(), true),
            None => return Err(Error::malformed("days are counted between dates; write one as `2024-03-31`")),
        };
        let located = self.field(frames, row, field)?;
        let bound = self.bind(Value::Text(written));
        self.days_to_constant((&located.expr, located.column), bound, has_times, to_column)
    }

    /// A constant of its own, typed where the engine would not guess right.
    pub(super) fn bind_typed(&mut self, value: Value) -> Expr {
        let data_type = match (self.dialect, &value) {
            (Dialect::Postgres, Value::Int(_)) => Some(DataType::BigInt(None)),
            (Dialect::Postgres, Value::Float(_) | Value::Decimal(_)) => Some(decimal_type()),
            (Dialect::Postgres, Value::Text(_)) => Some(DataType::Text),
            (Dialect::Mysql, Value::Decimal(value)) => Some(decimal_of(*value)),
            _ => None,
        };
        let bound = self.bind_edge(value, "constant");
        match data_type {
            Some(data_type) => cast(bound, data_type),
            None => bound,
        }
    }

    /// A constant compared with a column.
    pub(super) fn bind_beside(&mut self, column: &Column, value: Value) -> Expr {
        let data_type = match (self.dialect, &value, column.data_type) {
            (Dialect::Postgres, Value::Float(_), LogicalType::Float) => Some(DataType::DoublePrecision),
            (Dialect::Postgres, Value::Decimal(_), _) => Some(decimal_type()),
            (Dialect::Mysql, Value::Decimal(value), _) => Some(decimal_of(*value)),
            (Dialect::Postgres, Value::Float(_) | Value::Int(_), LogicalType::Decimal)
            | (Dialect::Postgres, Value::Float(_), LogicalType::Integer) => Some(decimal_type()),
            (Dialect::Postgres, Value::Int(_), LogicalType::Integer) => Some(DataType::BigInt(None)),
            (Dialect::Postgres, Value::Text(_), LogicalType::Uuid) => Some(DataType::Uuid),
            (Dialect::Tsql, Value::Text(_), LogicalType::Uuid) => Some(named("uniqueidentifier")),
            _ => None,
        };
        let bound = self.bind(value);
        match data_type {
            Some(data_type) => cast(bound, data_type),
            None => bound,
        }
    }

    /// Whether two columns of dates store them alike, so that they can be compared as they are.
    pub(super) fn stored_alike(&self, left: &Column, right: &Column) -> Result<bool> {
        if Kind::of(left) != Kind::Temporal || Kind::of(right) != Kind::Temporal {
            return Ok(true);
        }
        Ok(Stored::of(left, self.dialect)? == Stored::of(right, self.dialect)?)
    }
}
