//! From a semantic query to a SQL statement.
//!
//! ```text
//! validate → grains (whose rows does each measure aggregate?) → one SELECT per grain → joined on the dimensions
//!          → shares and running totals → comparison → having → first rows per group → order, limit → set operation
//! ```
//! Statements are built as ASTs and values are bound, never written into the text.

pub(crate) mod ast;
mod compare;
mod datafusion;
mod dates;
mod filter;
mod finish;
mod frame;
mod group;
mod identifier;
mod measure;
mod params;
mod scalar;
mod semijoin;
mod stage;
mod statement;
mod text;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use jiff::Zoned;
use serde::{Deserialize, Serialize};
use sqlparser::ast::{Cte, Statement};

use super::join::Paths;
use super::model::{Grain, SemanticQuery};
use super::time::{Calendar, ResolvedWindow};
use super::validate::validate;
use crate::catalog::{Catalog, Column, JoinGraph, TableName};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::value::Value;

pub(crate) use identifier::ident;

/// How a query is compiled.
#[derive(Debug, Clone)]
pub struct CompileOptions {
    /// Dialect of the statement; the source's.
    pub dialect: Dialect,
    /// The moment relative windows count from, in the user's zone.
    pub now: Zoned,
    /// Fiscal calendar.
    pub calendar: Calendar,
}

/// A statement and what is known about it.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The statement.
    pub statement: Statement,
    /// The same as text.
    pub sql: String,
    /// Values of the placeholders: by number (`?1` in SQLite, `$1` in PostgreSQL and DataFusion, `@p1` in T-SQL), or in order of
    /// appearance where placeholders are plain `?` (MySQL, BigQuery).
    pub params: Vec<Value>,
    /// Columns of the result, in order.
    pub columns: Vec<CompiledColumn>,
    /// Joins taken, in order, each once.
    pub joins: Vec<JoinNote>,
    /// Time windows with their dates, in order of appearance, each once.
    pub windows: Vec<ResolvedWindow>,
    /// What the reader of the result should know: groups that overlap, columns too coarse for a window …
    pub warnings: Vec<String>,
}

/// A column of the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompiledColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub role: ColumnRole,
    /// In what its numbers are counted, where the query says so.
    pub unit: Option<ColumnUnit>,
}

/// What a column of a result holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRole {
    /// A dimension or listed column.
    Dimension {
        /// To what a point in time was truncated.
        grain: Option<Grain>,
    },
    /// A measure.
    Measure,
    /// A measure beside another period.
    Comparison {
        /// Name of the measure.
        of: String,
        /// Which figure.
        kind: ComparisonColumn,
    },
}

/// The columns a comparison adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonColumn {
    /// `<name>_previous`: the value in the other period.
    Previous,
    /// `<name>_change`: the difference.
    Change,
    /// `<name>_change_pct`: the difference as a fraction of the other period's value.
    ChangePct,
}

impl ComparisonColumn {
    pub(super) const ALL: [Self; 3] = [Self::Previous, Self::Change, Self::ChangePct];

    /// The name of this column of the measure `name`.
    pub fn of(self, name: &str) -> String {
        match self {
            Self::Previous => format!("{name}_previous"),
            Self::Change => format!("{name}_change"),
            Self::ChangePct => format!("{name}_change_pct"),
        }
    }
}

/// In what a column's numbers are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnUnit {
    /// A number of things.
    Count,
    /// 1 is the whole.
    Fraction,
    /// Days.
    Days,
}

/// A join of the statement, for explanations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JoinNote {
    /// Table it starts from.
    pub from: TableName,
    /// Table it leads to.
    pub to: TableName,
    /// [`crate::catalog::Relationship::id`].
    pub relationship: String,
    /// How.
    pub kind: JoinKind,
}

/// How two tables meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum JoinKind {
    /// Rows without a partner are dropped.
    Inner,
    /// Rows without a partner are kept.
    Left,
    /// Only whether partners exist is looked at.
    Exists,
}

/// Compiles `query` to one statement that reads.
///
/// # Behavior
/// The result has the dimensions in order, then the measures that are not hidden, each followed by its comparison columns.
/// Rows of the table a measure aggregates are never counted twice and never lost by joining a dimension.
///
/// # Errors
/// - `NotFound`: a table, column, relationship or name does not exist, or two tables are not connected; near names are proposed.
/// - `Malformed`: types do not fit, names repeat, a part is missing or a window is empty.
/// - `Unsupported`: the query cannot be computed without counting rows twice.
/// - `LimitExceeded`: the query is nested or long beyond reason.
pub fn compile(query: &SemanticQuery, catalog: &Catalog, options: &CompileOptions) -> Result<Compiled> {
    compile_with(query, &JoinGraph::new(catalog), options)
}

/// [`compile`] with a join graph made before; the work does not depend on the number of tables in the catalogue then, except for
/// looking for paths.
///
/// # Errors
/// Those of [`compile`].
pub fn compile_with(query: &SemanticQuery, graph: &JoinGraph<'_>, options: &CompileOptions) -> Result<Compiled> {
    validate(query, graph.catalog())?;
    let mut compiler = Compiler::new(graph, options);
    let (statement, columns) = compiler.top(query)?;
    compiler.finish(statement, columns)
}

/// What compiling one statement needs and gathers.
struct Compiler<'a> {
    catalog: &'a Catalog,
    paths: Paths<'a>,
    dialect: Dialect,
    now: &'a Zoned,
    calendar: &'a Calendar,
    /// Values by the number of their provisional placeholder.
    params: Vec<Value>,
    /// Edges of windows bound before, so that equal ones share a placeholder.
    edges: HashMap<(String, &'static str), usize>,
    ctes: Vec<Cte>,
    cte_names: HashSet<String>,
    joins: Vec<JoinNote>,
    windows: Vec<ResolvedWindow>,
    /// Windows that rows of a column must lie in, known before the statement is built.
    spans: Vec<(&'a Column, ResolvedWindow)>,
    warnings: Vec<String>,
    instances: u32,
    /// How many negations the condition being compiled stands in.
    negations: u32,
}

impl<'a> Compiler<'a> {
    fn new(graph: &'a JoinGraph<'a>, options: &'a CompileOptions) -> Self {
        Self {
            catalog: graph.catalog(),
            paths: Paths::new(graph),
            dialect: options.dialect,
            now: &options.now,
            calendar: &options.calendar,
            params: Vec::new(),
            edges: HashMap::new(),
            ctes: Vec::new(),
            cte_names: HashSet::new(),
            joins: Vec::new(),
            windows: Vec::new(),
            spans: Vec::new(),
            warnings: Vec::new(),
            instances: 0,
            negations: 0,
        }
    }

    fn warn(&mut self, warning: impl Into<String>) {
        let warning = warning.into();
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn note_window(&mut self, window: &ResolvedWindow) {
        if !self.windows.contains(window) {
            self.windows.push(window.clone());
        }
    }

    fn note_join(&mut self, note: JoinNote) {
        if !self.joins.contains(&note) {
            self.joins.push(note);
        }
    }

    fn next_instance(&mut self) -> u32 {
        self.instances += 1;
        self.instances
    }

    /// A name for a CTE that is neither taken nor the name of a table.
    fn cte_name(&mut self, wanted: &str) -> String {
        let wanted = identifier::alias_of(wanted);
        let free = |name: &String, taken: &HashSet<String>| {
            !taken.contains(&name.to_lowercase()) && self.catalog.table(&TableName::bare(name)).is_none()
        };
        let name = std::iter::once(wanted.clone())
            .chain((2u32..).map(|number| format!("{wanted}_{number}")))
            .find(|name| free(name, &self.cte_names))
            .unwrap_or(wanted);
        self.cte_names.insert(name.to_lowercase());
        name
    }

    fn finish(self, mut statement: Statement, columns: Vec<CompiledColumn>) -> Result<Compiled> {
        if self.dialect == Dialect::Datafusion {
            datafusion::hoist(&mut statement)?;
        }
        let params = params::number(self.dialect, &mut statement, self.params);
        let most = params::most(self.dialect);
        if params.len() > most {
            return Err(Error::limit_exceeded(format!(
                "the query binds {} values and the database takes {most}; shorten its lists",
                params.len()
            )));
        }
        let sql = statement.to_string();
        Ok(Compiled { statement, sql, params, columns, joins: self.joins, windows: self.windows, warnings: self.warnings })
    }
}
