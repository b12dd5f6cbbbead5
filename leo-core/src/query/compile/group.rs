//! One SELECT for the rows of one table: its dimensions and aggregates, rows never counted twice.

use std::collections::HashSet;
use std::ops::ControlFlow;

use sqlparser::ast::{DataType, Expr, Value as SqlValue, visit_expressions};

use super::ast::{call, case, cast, count_distinct, count_star, int, number, times};
use super::datafusion::counted;
use super::dates::{Shift, integer_type};
use super::filter::conjuncts;
use super::frame::{Frames, Place};
use super::measure::{Atom, Function, GrainTable, unit_of};
use super::params::positional;
use super::stage::{Stage, StageColumn};
use super::{ColumnRole, Compiler, JoinKind, ast};
use crate::catalog::{Column, LogicalType};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::query::join::{Row, row_key};
use crate::query::model::{Dimension, Field, Filter, Scalar, SemanticQuery};

/// What one SELECT aggregates.
pub(super) struct Group<'a, 'q> {
    pub(super) grain: &'q GrainTable<'a>,
    pub(super) atoms: Vec<Atom<'q>>,
    /// Conditions beside the query's own.
    pub(super) filters: Vec<&'q Filter>,
    /// Moves dimensions of this column, so that another period meets the one asked about.
    pub(super) shift: Option<(&'q Field, Shift)>,
}

/// How rows that a join repeats are still counted once.
#[derive(Clone, Copy, PartialEq)]
enum Repeats {
    /// Told apart by their key.
    ByKey,
    /// Put together first.
    Once,
}

/// A SELECT whose dimensions are columns; the atoms are kept apart, for measures are made of them.
pub(super) struct Aggregated {
    pub(super) stage: Stage,
    pub(super) atoms: Vec<StageColumn>,
}

/// A dimension compiled; whether it may be NULL shows when all joins are known.
struct Compiled {
    expr: Expr,
    place: Option<(Place, bool)>,
}

impl<'a> Compiler<'a> {
    /// Rows of `from` listed one by one.
    pub(super) fn listing(&mut self, query: &SemanticQuery) -> Result<Stage> {
        let from = self.catalog.require_table(&query.from)?;
        let row = Row::of(from);
        let mut frames = Frames::new(from);
        let dimensions = self.dimensions(&mut frames, &row, &query.dimensions, None)?;
        let filters = self.conditions(&mut frames, &row, query.filter.iter())?;
        if let Some(repeated) = frames.repeats_rows(&self.paths) {
            self.warn(format!(
                "rows of {} are listed once for each row of {} that belongs to them, and not at all without one",
                from.name, repeated.name
            ));
        }
        let columns = self.columns(&frames, &query.dimensions, &dimensions);
        let tie_break = match row_key(from) {
            Some(key) if !query.distinct => {
                let first = frames.first().alias.clone();
                key.iter().map(|column| self.column_of(&first, column)).collect()
            }
            _ => Vec::new(),
        };
        let frame = frames.close()?;
        let stage = Stage {
            from: frame.joined_tables(self, false),
            filters,
            group_by: Vec::new(),
            having: Vec::new(),
            columns,
            grouped: false,
            windowed: false,
            distinct: query.distinct,
            tie_break,
        };
        // What is distinct can be ordered by its own columns only: the hidden ones are dropped one level up.
        let hidden = query.dimensions.iter().any(|dimension| dimension.hidden);
        Ok(if query.distinct && hidden { self.wrap(&stage, "combinations").0 } else { stage })
    }

    /// The dimensions and aggregates of one grain.
    pub(super) fn aggregate(&mut self, query: &SemanticQuery, mut group: Group<'a, '_>) -> Result<Aggregated> {
        let from = self.catalog.require_table(&query.from)?;
        let grain = group.grain.table;
        let row = Row::Query { from, grain, lead: group.grain.lead.clone() };
        let mut frames = Frames::new(grain);
        let dimensions = self.dimensions(&mut frames, &row, &query.dimensions, group.shift)?;
        // Without dimensions there is one group: what all aggregates ask of rows may be asked of the statement.
        if query.dimensions.is_empty()
            && let Some((first, rest)) = group.atoms.split_first()
            && rest.iter().all(|atom| atom.filters == first.filters)
        {
            group.filters.extend(first.filters.clone());
            group.atoms.iter_mut().for_each(|atom| atom.filters.clear());
        }
        let own = query.filter.iter().chain(group.filters.iter().copied());
        let filters = self.conditions(&mut frames, &row, own)?;
        let repeated = frames.repeats_rows(&self.paths);
        let key = row_key(grain);
        let mut direct = true;
        if let Some(other) = repeated {
            self.warn(format!(
                "groups overlap: a row of {} counts in the group of each row of {} that belongs to it, so groups do not add up to the \
                 total",
                grain.name, other.name
            ));
            let single = key.as_ref().is_some_and(|key| key.len() == 1);
            direct = group
                .atoms
                .iter()
                .all(|atom| atom.function.ignores_repeats() || (single && matches!(atom.function, Function::CountRows)));
            if !direct && key.is_none() {
                return Err(Error::unsupported(format!(
                    "grouping by `{}` would repeat rows of `{}`, which has no key to tell its rows apart; declare a primary key, or \
                     group by something of `{}` itself",
                    other.name, grain.name, grain.name
                )));
            }
        }
        let mut arguments = Vec::with_capacity(group.atoms.len());
        for atom in &group.atoms {
            let repeats = repeated.map(|_| if direct { Repeats::ByKey } else { Repeats::Once });
            arguments.push(self.argument(&mut frames, &row, atom, repeats)?);
        }
        let columns = self.columns(&frames, &query.dimensions, &dimensions);
        let datafusion = self.dialect == Dialect::Datafusion;
        if datafusion {
            arguments.iter_mut().flatten().for_each(counted);
        }
        // T-SQL and DataFusion take no subquery within an aggregate, nor does MariaDB always; and engines do not see that an expression is the one they
        // group by where it holds a placeholder without a number, nor MariaDB where it stands there twice or with a NULLIF. Such are
        // computed for each row first.
        let mysql = self.dialect == Dialect::Mysql;
        let never = self.dialect == Dialect::Tsql || datafusion;
        let subqueries = (never || (mysql && direct)) && arguments.iter().flatten().any(holds_subquery);
        let unseen = positional(self.dialect) && columns.iter().any(|column| holds_placeholder(&column.expr))
            || mysql && columns.iter().any(|column| holds_null_if(&column.expr))
            || mysql && different(columns.iter().map(|column| &column.expr)).len() < columns.len();
        if subqueries && !direct {
            return Err(Error::unsupported(
                "this database cannot aggregate by whether other rows exist while groups overlap; ask for one of the two",
            ));
        }
        let keys: Vec<String> = key.unwrap_or_default().iter().map(|name| (*name).to_owned()).collect();
        let first = frames.first().alias.clone();
        let frame = frames.close()?;
        let table = frame.joined_tables(self, false);
        let stage = Stage {
            from: table,
            filters,
            group_by: different(columns.iter().map(|column| &column.expr)),
            having: Vec::new(),
            columns,
            grouped: true,
            windowed: false,
            distinct: false,
            tie_break: Vec::new(),
        };
        if !direct || subqueries || unseen {
            let keys = if direct { Vec::new() } else { keys };
            return Ok(self.over_rows(stage, &group, arguments, &keys, &first));
        }
        let atoms = group
            .atoms
            .iter()
            .zip(arguments)
            .map(|(atom, argument)| self.atom_column(atom, self.apply(atom.function, argument, repeated.is_some())))
            .collect();
        Ok(Aggregated { stage, atoms })
    }

    /// Aggregates over a SELECT that has one row for each row of the grain and group.
    fn over_rows(
        &mut self,
        mut stage: Stage,
        group: &Group<'a, '_>,
        arguments: Vec<Option<Expr>>,
        keys: &[String],
        alias: &str,
    ) -> Aggregated {
        let dimensions = stage.columns.len();
        let mut taken: HashSet<String> = stage.columns.iter().map(|column| column.name.to_lowercase()).collect();
        let mut free = |wanted: String| {
            let mut name = wanted.clone();
            let mut number = 2u32;
            while !taken.insert(name.to_lowercase()) {
                name = format!("{wanted}_{number}");
                number += 1;
            }
            name
        };
        let once = !keys.is_empty();
        if once {
            stage.group_by.splice(0..0, keys.iter().map(|key| self.column_of(alias, key)));
        } else {
            stage.group_by.clear();
        }
        stage.grouped = false;
        let mut names = Vec::with_capacity(arguments.len());
        for (atom, argument) in group.atoms.iter().zip(arguments) {
            names.push(argument.map(|argument| {
                let name = free(format!("{}_value", atom.name));
                // The value is the same in every repetition of the row; a condition may hold in some of them only.
                let expr = if once { call("MAX", vec![argument]) } else { argument };
                let column = StageColumn { name: name.clone(), ..self.atom_column(atom, expr) };
                stage.columns.push(column);
                name
            }));
        }
        if !once && stage.columns.is_empty() {
            let column = StageColumn {
                name: free("row_value".to_owned()),
                expr: int(1),
                nullable: false,
                hidden: false,
                role: ColumnRole::Measure,
                unit: None,
            };
            stage.columns.push(column);
        }
        if once && stage.columns.is_empty() {
            stage.columns.extend(keys.first().map(|key| StageColumn {
                name: key.clone(),
                expr: self.column_of(alias, key),
                nullable: false,
                hidden: false,
                role: ColumnRole::Measure,
                unit: None,
            }));
        }
        let suffix = if once { "once" } else { "rows" };
        let (mut outer, name) =
            self.wrap(&stage, &format!("{}_{suffix}", super::identifier::alias_of(&group.grain.table.name.name)));
        outer.columns.truncate(dimensions);
        outer.group_by = different(outer.columns.iter().map(|column| &column.expr));
        outer.grouped = true;
        let atoms = group
            .atoms
            .iter()
            .zip(names)
            .map(|(atom, value)| {
                let argument = value.map(|value| self.column_of(&name, &value));
                self.atom_column(atom, self.apply(atom.function, argument, false))
            })
            .collect();
        Aggregated { stage: outer, atoms }
    }

    fn atom_column(&self, atom: &Atom<'_>, expr: Expr) -> StageColumn {
        StageColumn {
            name: atom.name.clone(),
            expr,
            nullable: !atom.function.counts(),
            hidden: false,
            role: ColumnRole::Measure,
            unit: atom.function.unit(),
        }
    }

    /// What an aggregate function is applied to; `None` for `COUNT(*)`.
    fn argument(
        &mut self,
        frames: &mut Frames<'a>,
        row: &Row<'a>,
        atom: &Atom<'_>,
        repeats: Option<Repeats>,
    ) -> Result<Option<Expr>> {
        let value = match atom.function {
            Function::CountRows if repeats == Some(Repeats::ByKey) => {
                let first = frames.first();
                let key = row_key(first.table).and_then(|key| key.first().map(|column| (*column).to_owned()));
                let alias = first.alias.clone();
                key.map(|key| self.column_of(&alias, &key))
            }
            Function::CountRows => None,
            function => {
                let Some(scalar) = function.scalar() else { return Ok(None) };
                let expr = self.scalar(frames, row, scalar)?;
                // A value seen several times is taken once as the largest of itself.
                let ranked = matches!(function, Function::Min(_) | Function::Max(_)) || repeats == Some(Repeats::Once);
                let expr = match self.ranked_as(scalar) {
                    Some((other, _)) if ranked => cast(expr, other),
                    _ => expr,
                };
                Some(self.widened(function, scalar, expr)?)
            }
        };
        if atom.filters.is_empty() {
            return Ok(value);
        }
        let mut terms = Vec::with_capacity(atom.filters.len());
        for filter in &atom.filters {
            terms.push(self.condition(frames, row, filter, false)?);
        }
        let counted = value.unwrap_or_else(|| int(1));
        Ok(Some(case(vec![(ast::all_of(terms), counted)], None)))
    }

    /// T-SQL sums and averages whole numbers in whole numbers of the same size, and T-SQL, MySQL and DataFusion keep few digits of a
    /// decimal's average: averages are doubles there as elsewhere.
    fn widened(&self, function: Function<'_>, scalar: &Scalar, expr: Expr) -> Result<Expr> {
        if !self.rounds_early() {
            return Ok(expr);
        }
        let column: Option<&Column> = match scalar {
            Scalar::Field(field) => Some(crate::query::validate::column(self.catalog, field)?),
            _ => None,
        };
        let is = |data_type| column.is_some_and(|column| column.data_type == data_type);
        Ok(match function {
            Function::Avg(_) if !is(LogicalType::Float) => times(expr, number("1e0")),
            Function::Sum(_) if self.dialect == Dialect::Tsql && is(LogicalType::Integer) => cast(expr, DataType::BigInt(None)),
            _ => expr,
        })
    }

    /// As which type the engine tells the smallest and largest of values that it has no order for, and their own type.
    fn ranked_as(&self, scalar: &Scalar) -> Option<(DataType, DataType)> {
        match (self.dialect, self.type_of(scalar)?) {
            (Dialect::Postgres, LogicalType::Boolean) => Some((integer_type(self.dialect), DataType::Boolean)),
            (Dialect::Tsql, LogicalType::Boolean) => Some((integer_type(self.dialect), DataType::Bit(None))),
            (Dialect::Postgres, LogicalType::Uuid) => Some((DataType::Text, DataType::Uuid)),
            _ => None,
        }
    }

    /// The type of a scalar that has one of its own.
    fn type_of(&self, scalar: &Scalar) -> Option<LogicalType> {
        match scalar {
            Scalar::Field(field) => crate::query::validate::column(self.catalog, field).ok().map(|column| column.data_type),
            Scalar::Literal(crate::value::Value::Bool(_)) => Some(LogicalType::Boolean),
            Scalar::Coalesce(items) => items.iter().find_map(|item| self.type_of(item)),
            _ => None,
        }
    }

    fn apply(&self, function: Function<'_>, argument: Option<Expr>, by_key: bool) -> Expr {
        let extreme = |name: &str, scalar: &Scalar, argument: Expr| {
            let found = call(name, vec![argument]);
            match self.ranked_as(scalar) {
                Some((_, own)) => cast(found, own),
                None => found,
            }
        };
        let Some(argument) = argument else { return count_star() };
        match function {
            Function::CountRows if by_key => count_distinct(argument),
            Function::CountRows | Function::Count(_) => call("COUNT", vec![argument]),
            Function::CountDistinct(_) => count_distinct(argument),
            Function::Sum(_) => call("SUM", vec![argument]),
            Function::Avg(_) => call("AVG", vec![argument]),
            Function::Min(scalar) => extreme("MIN", scalar, argument),
            Function::Max(scalar) => extreme("MAX", scalar, argument),
        }
    }

    fn dimensions(
        &mut self,
        frames: &mut Frames<'a>,
        row: &Row<'a>,
        dimensions: &[Dimension],
        shift: Option<(&Field, Shift)>,
    ) -> Result<Vec<Compiled>> {
        let mut compiled = Vec::with_capacity(dimensions.len());
        for dimension in dimensions {
            compiled.push(match (&dimension.value, dimension.grain) {
                (Scalar::Field(field), grain) => {
                    let located = self.field(frames, row, field)?;
                    let expr = match grain {
                        Some(grain) => {
                            let shift = match shift {
                                Some((moved, shift)) if self.same_field(moved, field) => shift,
                                _ => Shift::None,
                            };
                            self.label(&located.expr, located.column, grain, shift)?
                        }
                        None => located.expr,
                    };
                    Compiled { expr, place: Some((located.place, located.column.nullable)) }
                }
                (scalar, _) => Compiled { expr: self.scalar(frames, row, scalar)?, place: None },
            });
        }
        Ok(compiled)
    }

    /// Whether two fields are the same column reached the same way.
    pub(super) fn same_field(&self, left: &Field, right: &Field) -> bool {
        let table = |field: &Field| self.catalog.table(&field.table).map(|table| &table.name);
        left.via == right.via && left.column.eq_ignore_ascii_case(&right.column) && table(left) == table(right)
    }

    fn columns(&self, frames: &Frames<'a>, dimensions: &[Dimension], compiled: &[Compiled]) -> Vec<StageColumn> {
        dimensions
            .iter()
            .zip(compiled)
            .map(|(dimension, compiled)| StageColumn {
                name: dimension.name.clone(),
                expr: compiled.expr.clone(),
                nullable: compiled.place.is_none_or(|(place, nullable)| nullable || frames.node(place).kind == JoinKind::Left),
                hidden: dimension.hidden,
                role: ColumnRole::Dimension { grain: dimension.grain },
                unit: unit_of(&dimension.value),
            })
            .collect()
    }

    /// Conditions that rows are dropped for, taken together.
    fn conditions<'f>(
        &mut self,
        frames: &mut Frames<'a>,
        row: &Row<'a>,
        filters: impl Iterator<Item = &'f Filter>,
    ) -> Result<Vec<Expr>> {
        let mut parts = Vec::new();
        filters.for_each(|filter| conjuncts(filter, &mut parts));
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![self.together(frames, row, &parts, true)?])
    }
}

/// Each expression once: engines do not know two dimensions of one value when they are grouped by it twice.
fn different<'e>(expressions: impl Iterator<Item = &'e Expr>) -> Vec<Expr> {
    let mut kept: Vec<Expr> = Vec::new();
    for expression in expressions {
        if !kept.contains(expression) {
            kept.push(expression.clone());
        }
    }
    kept
}

fn holds_subquery(expr: &Expr) -> bool {
    visit_expressions(expr, |part| match part {
        Expr::Exists { .. } | Expr::InSubquery { .. } | Expr::Subquery(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}

fn holds_null_if(expr: &Expr) -> bool {
    visit_expressions(expr, |part| match part {
        Expr::Function(function) if function.name.to_string() == "NULLIF" => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}

fn holds_placeholder(expr: &Expr) -> bool {
    visit_expressions(expr, |part| match part {
        Expr::Value(value) if matches!(value.value, SqlValue::Placeholder(_)) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}
