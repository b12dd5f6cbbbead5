//! The engine's own check: what DataFusion understood of a statement against what the guard saw.
//!
//! DataFusion parses the text with a sqlparser of its own, older than the guard's. Its plan, as it stands before any optimiser has
//! touched it, is walked: only nodes that read are allowed, scans may be of this source's tables only, and the tables and columns
//! that it reads must be those the guard resolved, no more and no fewer. What is evened out:
//! 1. Names are compared as the catalogue spells them, which is how DataFusion resolves them too.
//! 2. A scan in an unoptimised plan gives all columns; those count that an expression refers to, through every node that hands
//!    columns on as they are, and those that the statement returns.
//! 3. `generate_series` and `range` are scans of no table, and a recursive CTE scans itself: they read nothing of the source.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::catalog::default_table_source::source_as_provider;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType};
use datafusion::functions_table::generate_series::GenerateSeriesTable;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan, Subquery, TableScan};
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr as Expression, Statement, UnaryOperator, visit_expressions};

use super::errors;
use crate::error::{Error, Result};
use crate::guard::VettedSql;

/// Registered tables by the address of their provider: whatever a statement calls them, they are these.
#[derive(Debug, Default)]
pub(super) struct Known {
    tables: HashMap<usize, String>,
}

impl Known {
    /// Adds a table.
    pub(super) fn add(&mut self, name: &str, provider: &Arc<dyn TableProvider>) {
        self.tables.insert(address(provider), name.to_owned());
    }
}

fn address(provider: &Arc<dyn TableProvider>) -> usize {
    Arc::as_ptr(provider).cast::<()>() as usize
}

/// What the guard saw a statement read.
pub(super) type Declared = Reads;

/// What is read, by the catalogue's names.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Reads {
    tables: BTreeSet<String>,
    columns: BTreeSet<(String, String)>,
}

impl Declared {
    /// What the guard saw in `vetted`.
    pub(super) fn of(vetted: &VettedSql) -> Self {
        Self {
            tables: vetted.tables().iter().map(|table| table.name.clone()).collect(),
            columns: vetted.columns().iter().map(|column| (column.table.name.clone(), column.column.clone())).collect(),
        }
    }
}

/// Compares the plan with what was vetted.
///
/// # Errors
/// `Rejected`, naming the first difference.
pub(super) fn check(plan: &LogicalPlan, declared: &Declared, known: &Known) -> Result<()> {
    let found = reads(plan, known)?;
    let Declared { tables, columns } = declared;
    let differs = |what: String, how: &str| {
        Error::rejected(format!(
            "the statement {how} {what} as the engine reads it, which is not what it was vetted for; write it more plainly, and leave out \
             what it does not use"
        ))
    };
    if let Some(table) = found.tables.difference(tables).next() {
        return Err(differs(format!("table `{table}`"), "reads"));
    }
    if let Some((table, column)) = found.columns.difference(columns).next() {
        return Err(differs(format!("column `{column}` of `{table}`"), "reads"));
    }
    if let Some(table) = tables.difference(&found.tables).next() {
        return Err(differs(format!("table `{table}`"), "does not read"));
    }
    if let Some((table, column)) = columns.difference(&found.columns).next() {
        return Err(differs(format!("column `{column}` of `{table}`"), "does not read"));
    }
    Ok(())
}

/// Refuses a text that the engine's parser reads otherwise than the guard's does: the engine takes all that follows `IS DISTINCT FROM`,
/// `AND` and what comes after it too, for what is compared.
///
/// # Errors
/// `Rejected`, with what to write.
pub(super) fn same_reading(statement: &Statement) -> Result<()> {
    let swallowed = visit_expressions(statement, |expr| match expr {
        Expression::IsDistinctFrom(_, right) | Expression::IsNotDistinctFrom(_, right) if !binds_tightly(right) => {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    });
    match swallowed {
        ControlFlow::Break(()) => Err(Error::rejected(
            "DataFusion reads what follows `IS DISTINCT FROM` as part of what is compared; put the comparison in parentheses",
        )),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// Whether an expression without parentheses binds more tightly than a comparison does.
fn binds_tightly(expr: &Expression) -> bool {
    use BinaryOperator as Op;
    match expr {
        Expression::BinaryOp { op, .. } => {
            matches!(op, Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo | Op::StringConcat)
        }
        Expression::UnaryOp { op, .. } => !matches!(op, UnaryOperator::Not),
        Expression::Value(_)
        | Expression::Identifier(_)
        | Expression::CompoundIdentifier(_)
        | Expression::Nested(_)
        | Expression::Subquery(_)
        | Expression::Function(_)
        | Expression::Case { .. }
        | Expression::Cast { .. }
        | Expression::Extract { .. }
        | Expression::Substring { .. }
        | Expression::Trim { .. }
        | Expression::TypedString(_)
        | Expression::Interval(_) => true,
        _ => false,
    }
}

fn reads(plan: &LogicalPlan, known: &Known) -> Result<Reads> {
    let mut walk = Walk { known, reads: Reads::default() };
    walk.node(plan, &[])?;
    walk.output(plan)?;
    Ok(walk.reads)
}

struct Walk<'a> {
    known: &'a Known,
    reads: Reads,
}

impl Walk<'_> {
    /// Walks `plan`; `outer` are the plans around the subquery it belongs to, innermost last.
    fn node(&mut self, plan: &LogicalPlan, outer: &[&LogicalPlan]) -> Result<()> {
        match plan {
            LogicalPlan::TableScan(scan) => {
                if let Some(table) = self.table(scan)? {
                    self.reads.tables.insert(table);
                }
            }
            // Branches give their columns by position: nothing refers to them by name.
            LogicalPlan::Union(union) => union.inputs.iter().try_for_each(|input| self.output(input))?,
            LogicalPlan::RecursiveQuery(query) => {
                self.output(&query.static_term)?;
                self.output(&query.recursive_term)?;
            }
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Join(_)
            | LogicalPlan::EmptyRelation(_)
            | LogicalPlan::Subquery(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Limit(_)
            | LogicalPlan::Values(_)
            | LogicalPlan::Distinct(_)
            | LogicalPlan::Unnest(_) => {}
            LogicalPlan::Repartition(_)
            | LogicalPlan::Statement(_)
            | LogicalPlan::Explain(_)
            | LogicalPlan::Analyze(_)
            | LogicalPlan::Extension(_)
            | LogicalPlan::Dml(_)
            | LogicalPlan::Ddl(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::DescribeTable(_) => {
                return Err(Error::rejected("only statements that return rows and change nothing run here"));
            }
        }
        for expr in plan.expressions() {
            self.expr(&expr, plan, outer)?;
        }
        if let LogicalPlan::Subquery(lateral) = plan {
            return self.subquery(lateral, plan, outer);
        }
        plan.inputs().into_iter().try_for_each(|input| self.node(input, outer))
    }

    /// Everything an expression of `node` refers to.
    fn expr(&mut self, expr: &Expr, node: &LogicalPlan, outer: &[&LogicalPlan]) -> Result<()> {
        let mut wrong = None;
        let walked = expr.apply(|expr| {
            let done = match expr {
                Expr::Column(column) => {
                    for input in node.inputs() {
                        self.refer(input, column);
                    }
                    Ok(())
                }
                Expr::OuterReferenceColumn(_, column) => {
                    outer.iter().flat_map(|plan| plan.inputs()).for_each(|input| self.refer(input, column));
                    Ok(())
                }
                Expr::ScalarSubquery(subquery) => self.subquery(subquery, node, outer),
                Expr::Exists(exists) => self.subquery(&exists.subquery, node, outer),
                Expr::InSubquery(within) => self.subquery(&within.subquery, node, outer),
                Expr::SetComparison(compared) => self.subquery(&compared.subquery, node, outer),
                Expr::ScalarVariable(..) => Err(Error::rejected("the statement reads a variable, and there are none")),
                _ => Ok(()),
            };
            wrong = done.err();
            Ok(if wrong.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        });
        walked.map_err(|error| errors::planning(&error))?;
        wrong.map_or(Ok(()), Err)
    }

    fn subquery(&mut self, subquery: &Subquery, node: &LogicalPlan, outer: &[&LogicalPlan]) -> Result<()> {
        let around: Vec<&LogicalPlan> = outer.iter().copied().chain([node]).collect();
        self.node(&subquery.subquery, &around)?;
        self.output(&subquery.subquery)
    }

    /// Counts the columns that `plan` returns.
    fn output(&mut self, plan: &LogicalPlan) -> Result<()> {
        (0..plan.schema().fields().len()).for_each(|index| self.count(plan, index));
        Ok(())
    }

    /// Counts the column that `column` means in the rows of `plan`, if it does.
    fn refer(&mut self, plan: &LogicalPlan, column: &Column) {
        if let Some(index) = plan.schema().maybe_index_of_column(column) {
            self.count(plan, index);
        }
    }

    /// Counts the column of a table that column `index` of `plan` is, if it is one as it stands.
    fn count(&mut self, plan: &LogicalPlan, index: usize) {
        match plan {
            LogicalPlan::TableScan(scan) => {
                if let Ok(Some(table)) = self.table(scan)
                    && let Some(field) = scan.projected_schema.fields().get(index)
                {
                    self.reads.columns.insert((table, field.name().clone()));
                }
            }
            LogicalPlan::SubqueryAlias(alias) => self.count(&alias.input, index),
            LogicalPlan::Filter(filter) => self.count(&filter.input, index),
            LogicalPlan::Sort(sort) => self.count(&sort.input, index),
            LogicalPlan::Limit(limit) => self.count(&limit.input, index),
            LogicalPlan::Distinct(Distinct::All(input)) => self.count(input, index),
            LogicalPlan::Subquery(subquery) => self.count(&subquery.subquery, index),
            LogicalPlan::Window(window) if index < window.input.schema().fields().len() => self.count(&window.input, index),
            LogicalPlan::Join(join) => {
                let left = join.left.schema().fields().len();
                match join.join_type {
                    JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => self.count(&join.right, index),
                    _ if index < left => self.count(&join.left, index),
                    _ => self.count(&join.right, index - left),
                }
            }
            // Whatever else makes columns makes them of expressions, which are counted where they stand.
            _ => {}
        }
    }

    /// The table that is scanned; none for rows that come from nowhere.
    fn table(&self, scan: &TableScan) -> Result<Option<String>> {
        let other =
            || Error::rejected(format!("the statement reads `{}`, which is no table of this source", scan.table_name.table()));
        let provider = source_as_provider(&scan.source).map_err(|_| other())?;
        if let Some(name) = self.known.tables.get(&address(&provider)) {
            return Ok(Some(name.clone()));
        }
        match provider.is::<CteWorkTable>() || provider.is::<GenerateSeriesTable>() {
            true => Ok(None),
            false => Err(other()),
        }
    }
}
