//! Placeholders: provisional ones while the statement is built, the dialect's own at the end.

use std::collections::HashMap;
use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Ident, Statement, Value as SqlValue, visit_expressions_mut};

use super::{Compiler, ast};
use crate::dialect::Dialect;
use crate::value::Value;

impl Compiler<'_> {
    /// Binds a value.
    pub(super) fn bind(&mut self, value: Value) -> Expr {
        self.params.push(self.stored(value));
        provisional(self.params.len() - 1)
    }

    /// SQLite stores truth as numbers.
    fn stored(&self, value: Value) -> Value {
        match value {
            Value::Bool(truth) if self.dialect == Dialect::Sqlite => Value::Int(i64::from(truth)),
            other => other,
        }
    }

    /// Binds an edge of a window, or a constant of a formula; equal ones used in the same way share a placeholder, so that equal
    /// formulas are seen to be equal. `kind` tells the ways apart.
    pub(super) fn bind_edge(&mut self, value: Value, kind: &'static str) -> Expr {
        let value = self.stored(value);
        let key = (format!("{}:{value}", value.type_name()), kind);
        let next = self.params.len();
        let index = *self.edges.entry(key).or_insert(next);
        if index == next {
            self.params.push(value);
        }
        provisional(index)
    }
}

fn provisional(index: usize) -> Expr {
    ast::value(SqlValue::Placeholder(format!("?{index}")))
}

/// Whether placeholders have no numbers: each takes the next value.
pub(super) fn positional(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Mysql | Dialect::Bigquery)
}

/// Most placeholders a statement may have.
pub(super) fn most(dialect: Dialect) -> usize {
    match dialect {
        Dialect::Sqlite => 32_766,
        Dialect::Tsql => 2_100,
        Dialect::Bigquery => 10_000,
        _ => 65_535,
    }
}

/// Rewrites provisional placeholders to the dialect's and returns the values in their order: numbered by first appearance, or
/// one value for each appearance where placeholders have no number.
pub(super) fn number(dialect: Dialect, statement: &mut Statement, values: Vec<Value>) -> Vec<Value> {
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    let mut params = Vec::new();
    let _ = visit_expressions_mut(statement, |expr: &mut Expr| {
        if let Expr::Value(value) = expr
            && let SqlValue::Placeholder(name) = &value.value
            && let Some(index) = name.strip_prefix('?').and_then(|index| index.parse::<usize>().ok())
            && let Some(value) = values.get(index)
        {
            let number = match numbers.get(&index) {
                Some(number) if !positional(dialect) => *number,
                _ => {
                    params.push(value.clone());
                    numbers.insert(index, params.len());
                    params.len()
                }
            };
            *expr = placeholder(dialect, number);
        }
        ControlFlow::<()>::Continue(())
    });
    params
}

fn placeholder(dialect: Dialect, number: usize) -> Expr {
    match dialect {
        Dialect::Sqlite => ast::value(SqlValue::Placeholder(format!("?{number}"))),
        Dialect::Postgres | Dialect::Datafusion => ast::value(SqlValue::Placeholder(format!("${number}"))),
        Dialect::Mysql | Dialect::Bigquery => ast::value(SqlValue::Placeholder("?".to_owned())),
        Dialect::Tsql => Expr::Identifier(Ident::new(format!("@p{number}"))),
    }
}
