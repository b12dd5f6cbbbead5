//! A SELECT under construction, with its columns by name. When a later step needs the columns as finished values, the SELECT is
//! put into a CTE and a new one reads from it.

use sqlparser::ast::{Expr, OrderByExpr, Query, SetExpr, TableWithJoins};

use super::ast::{Parts, all_of, cte, item, query, select, table};
use super::identifier::ident;
use super::{ColumnRole, ColumnUnit, Compiler};
use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// A column of a SELECT.
#[derive(Debug, Clone)]
pub(super) struct StageColumn {
    pub(super) name: String,
    pub(super) expr: Expr,
    /// Whether it may be NULL; if not, nothing is said about NULLs when it is sorted by.
    pub(super) nullable: bool,
    /// Computed for sorting and filtering, not returned.
    pub(super) hidden: bool,
    pub(super) role: ColumnRole,
    pub(super) unit: Option<ColumnUnit>,
}

/// A SELECT under construction.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) from: TableWithJoins,
    pub(super) filters: Vec<Expr>,
    pub(super) group_by: Vec<Expr>,
    /// Conditions on groups.
    pub(super) having: Vec<Expr>,
    pub(super) columns: Vec<StageColumn>,
    /// Whether columns aggregate, so that conditions on them belong into HAVING.
    pub(super) grouped: bool,
    /// Whether columns hold window functions, which neither WHERE nor HAVING nor other window functions may use.
    pub(super) windowed: bool,
    pub(super) distinct: bool,
    /// What orders rows that are otherwise alike.
    pub(super) tie_break: Vec<Expr>,
}

impl Stage {
    /// The column named `name`.
    pub(super) fn column(&self, name: &str) -> Result<&StageColumn> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| Error::not_found(format!("the query has no column named `{name}`")))
    }

    /// Columns that hold dimensions.
    pub(super) fn dimensions(&self) -> impl Iterator<Item = &StageColumn> {
        self.columns.iter().filter(|column| matches!(column.role, ColumnRole::Dimension { .. }))
    }

    /// A condition on finished columns.
    pub(super) fn restrict(&mut self, condition: Expr) {
        if self.grouped {
            self.having.push(condition);
        } else {
            self.filters.push(condition);
        }
    }

    /// The SELECT; hidden columns are left out unless `all`.
    pub(super) fn select(&self, dialect: Dialect, all: bool, top: Option<u64>) -> SetExpr {
        let items = self
            .columns
            .iter()
            .filter(|column| all || !column.hidden)
            .map(|column| item(column.expr.clone(), ident(dialect, &column.name)))
            .collect();
        let conjunction = |terms: &Vec<Expr>| (!terms.is_empty()).then(|| all_of(terms.clone()));
        select(Parts {
            distinct: self.distinct,
            top,
            items,
            from: Some(self.from.clone()),
            filter: conjunction(&self.filters),
            group_by: self.group_by.clone(),
            having: conjunction(&self.having),
        })
    }

    /// The SELECT as a query, ordered and limited.
    pub(super) fn query(&self, dialect: Dialect, order: Vec<OrderByExpr>, limit: Option<u64>) -> Query {
        match dialect {
            Dialect::Tsql => query(self.select(dialect, false, limit), order, None),
            _ => query(self.select(dialect, false, None), order, limit),
        }
    }
}

impl Compiler<'_> {
    /// Puts the SELECT into a CTE named after `wanted` and returns one that reads all its columns, with the CTE's name.
    pub(super) fn wrap(&mut self, stage: &Stage, wanted: &str) -> (Stage, String) {
        let name = self.cte_name(wanted);
        let body = query(stage.select(self.dialect, true, None), Vec::new(), None);
        self.ctes.push(cte(ident(self.dialect, &name), body));
        let columns = stage
            .columns
            .iter()
            .map(|column| StageColumn { expr: self.column_of(&name, &column.name), ..column.clone() })
            .collect();
        let next = Stage {
            from: self.reading(&name),
            filters: Vec::new(),
            group_by: Vec::new(),
            having: Vec::new(),
            columns,
            grouped: false,
            windowed: false,
            distinct: false,
            tie_break: Vec::new(),
        };
        (next, name)
    }

    /// `FROM name`.
    pub(super) fn reading(&self, name: &str) -> TableWithJoins {
        TableWithJoins { relation: table(vec![ident(self.dialect, name)], None), joins: Vec::new() }
    }

    /// `relation.column`.
    pub(super) fn column_of(&self, relation: &str, column: &str) -> Expr {
        Expr::CompoundIdentifier(vec![ident(self.dialect, relation), ident(self.dialect, column)])
    }
}
