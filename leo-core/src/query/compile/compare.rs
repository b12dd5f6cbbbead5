//! Measures of one period, or of two beside each other.
//!
//! Without a dimension of time both periods are aggregated in one scan, each aggregate seeing its own window only. With one, each
//! period is a SELECT of its own; the other period's dates are moved so that its buckets carry the labels of the ones they are
//! compared with.

use jiff::civil::Date;
use sqlparser::ast::{BinaryOperator, Expr, SetExpr, SetOperator, SetQuantifier};

use super::ast::{
    all_of, any_of, binary, call, cross_join, cte, eq, int, is_not_distinct, is_null, item, left_join, minus, over, query,
    select, table,
};
use super::dates::Shift;
use super::finish::sort_key;
use super::group::{Aggregated, Group};
use super::identifier::{alias_of, ident};
use super::measure::{Atom, Plan, Shape};
use super::stage::{Stage, StageColumn};
use super::{ColumnRole, ColumnUnit, ComparisonColumn, Compiler, ast};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::query::model::{Comparison, ComparisonBase, Filter, Grain, Measure, Scalar, SemanticQuery, Transform};
use crate::query::time::{ResolvedWindow, TimeUnit, TimeWindow};
use crate::query::window::months_between;

/// Two windows, and how the other one's dates are moved when a dimension of time tells buckets apart.
struct Periods {
    current: ResolvedWindow,
    base: ResolvedWindow,
    shift: Option<Shift>,
}

impl<'a> Compiler<'a> {
    /// The dimensions and measures of a query.
    pub(super) fn measured(&mut self, query: &SemanticQuery) -> Result<Stage> {
        self.foresee_windows(query)?;
        if query.measures.is_empty() {
            return self.listing(query);
        }
        let plan = self.plan(query)?;
        match &query.compare {
            None => self.one_period(query, &plan),
            Some(compare) => self.two_periods(query, &plan, compare),
        }
    }

    /// Windows that all rows must lie in are known before dimensions are compiled: changes of the clock depend on them.
    fn foresee_windows(&mut self, query: &SemanticQuery) -> Result<()> {
        let mut parts = Vec::new();
        if let Some(filter) = &query.filter {
            super::filter::conjuncts(filter, &mut parts);
        }
        for part in parts {
            if let Filter::During { value, window } = part {
                let window = window.resolve(self.now, self.calendar)?;
                let column = crate::query::validate::column(self.catalog, value)?;
                self.spans.push((column, window));
            }
        }
        if let Some(compare) = &query.compare {
            let column = crate::query::validate::column(self.catalog, &compare.time)?;
            let current = compare.window.resolve(self.now, self.calendar)?;
            if let Ok(base) = current.previous(&compare.window, &compare.base, self.now, self.calendar) {
                self.spans.push((column, base));
            }
            self.spans.push((column, current));
        }
        Ok(())
    }

    fn one_period(&mut self, query: &SemanticQuery, plan: &Plan<'a, '_>) -> Result<Stage> {
        let groups = plan
            .grains
            .iter()
            .enumerate()
            .map(|(index, grain)| {
                let atoms = plan.atoms.iter().filter(|atom| atom.grain == index).cloned().collect();
                (
                    Group { grain, atoms, filters: Vec::new(), shift: None },
                    format!("{}_measures", alias_of(&grain.table.name.name)),
                )
            })
            .collect();
        let (mut stage, atoms) = self.combined(query, groups)?;
        let atoms = in_order(plan, atoms);
        for (measure, shape) in query.measures.iter().zip(&plan.shapes) {
            let column = self.made_of(measure, *shape, &atoms);
            let column = self.transformed(query, &mut stage, measure, column)?;
            stage.columns.push(column);
        }
        stage.windowed = query.measures.iter().any(|measure| measure.transform != Transform::None);
        Ok(stage)
    }

    fn two_periods(&mut self, query: &SemanticQuery, plan: &Plan<'a, '_>, compare: &Comparison) -> Result<Stage> {
        let periods = self.periods(query, compare)?;
        self.note_window(&periods.current);
        self.note_window(&periods.base);
        let during = |window: &ResolvedWindow| Filter::During {
            value: compare.time.clone(),
            window: TimeWindow::Absolute { start: window.start, end: window.end },
        };
        let (current, base) = (during(&periods.current), during(&periods.base));
        let either = Filter::Or(vec![current.clone(), base.clone()]);
        let atoms_of = |grain: usize| plan.atoms.iter().filter(move |atom| atom.grain == grain);
        let previous = |atom: &Atom<'_>| ComparisonColumn::Previous.of(&atom.name);
        let hint = |grain: usize, period: &str| {
            let name = plan.grains.get(grain).map_or("", |grain| grain.table.name.name.as_str());
            format!("{}_{period}", alias_of(name))
        };
        let mut groups: Vec<(Group<'a, '_>, String)> = Vec::new();
        if let Some(shift) = periods.shift {
            for (index, grain) in plan.grains.iter().enumerate() {
                let atoms = atoms_of(index).cloned().collect();
                groups.push((Group { grain, atoms, filters: vec![&current], shift: None }, hint(index, "current")));
            }
            for (index, grain) in plan.grains.iter().enumerate() {
                let atoms = atoms_of(index).map(|atom| Atom { name: previous(atom), ..atom.clone() }).collect();
                let group = Group { grain, atoms, filters: vec![&base], shift: Some((&compare.time, shift)) };
                groups.push((group, hint(index, "previous")));
            }
        } else {
            for (index, grain) in plan.grains.iter().enumerate() {
                let mut atoms = Vec::new();
                for atom in atoms_of(index) {
                    let within = |window, name| {
                        let filters = atom.filters.iter().copied().chain(std::iter::once(window)).collect();
                        Atom { filters, name, ..atom.clone() }
                    };
                    atoms.push(within(&current, atom.name.clone()));
                    atoms.push(within(&base, previous(atom)));
                }
                groups.push((Group { grain, atoms, filters: vec![&either], shift: None }, hint(index, "periods")));
            }
        }
        let aligned = periods.shift.is_some();
        let (mut stage, by_group) = self.combined(query, groups)?;
        let (now, before) = if aligned {
            let mut by_group = by_group;
            let before = by_group.split_off(plan.grains.len().min(by_group.len()));
            (in_order(plan, by_group), in_order(plan, before))
        } else {
            let split = |keep: usize| -> Vec<Vec<StageColumn>> {
                by_group
                    .iter()
                    .map(|atoms| {
                        atoms.iter().enumerate().filter(|(at, _)| at % 2 == keep).map(|(_, atom)| atom.clone()).collect()
                    })
                    .collect()
            };
            (in_order(plan, split(0)), in_order(plan, split(1)))
        };
        let mut pairs = Vec::with_capacity(query.measures.len());
        for (measure, shape) in query.measures.iter().zip(&plan.shapes) {
            let current = self.made_of(measure, *shape, &now);
            let mut previous = self.made_of(measure, *shape, &before);
            previous.name = ComparisonColumn::Previous.of(&measure.name);
            previous.role = role(measure, ComparisonColumn::Previous);
            let current = self.transformed(query, &mut stage, measure, current)?;
            let previous = self.transformed(query, &mut stage, measure, previous)?;
            pairs.push((current, previous));
        }
        // The change repeats both values: they are computed first and named.
        if stage.grouped || query.measures.iter().any(|measure| measure.transform != Transform::None) {
            let dimensions = stage.columns.len();
            stage.columns.extend(pairs.into_iter().flat_map(|(current, previous)| [current, previous]));
            stage = self.wrap(&stage, "periods").0;
            let mut measured = stage.columns.split_off(dimensions).into_iter();
            pairs = Vec::new();
            while let (Some(current), Some(previous)) = (measured.next(), measured.next()) {
                pairs.push((current, previous));
            }
        }
        for (measure, (current, previous)) in query.measures.iter().zip(pairs) {
            let change = minus(current.expr.clone(), previous.expr.clone());
            let fraction = self.ratio(change.clone(), previous.expr.clone());
            let column = |kind: ComparisonColumn, expr, unit| StageColumn {
                name: kind.of(&measure.name),
                expr,
                nullable: kind == ComparisonColumn::ChangePct || current.nullable || previous.nullable,
                hidden: measure.hidden,
                role: role(measure, kind),
                unit,
            };
            let changes = [
                column(ComparisonColumn::Change, change, current.unit),
                column(ComparisonColumn::ChangePct, fraction, Some(ColumnUnit::Fraction)),
            ];
            stage.columns.extend([current, previous]);
            stage.columns.extend(changes);
        }
        Ok(stage)
    }

    fn periods(&mut self, query: &SemanticQuery, compare: &Comparison) -> Result<Periods> {
        let current = compare.window.resolve(self.now, self.calendar)?;
        let buckets: Vec<Grain> = query
            .dimensions
            .iter()
            .filter(|dimension| matches!(&dimension.value, Scalar::Field(field) if self.same_field(field, &compare.time)))
            .filter_map(|dimension| dimension.grain.filter(|grain| grain.is_stretch()))
            .collect();
        let Some(finest) = buckets.into_iter().min_by_key(|grain| bucket(*grain).2) else {
            let base = current.previous(&compare.window, &compare.base, self.now, self.calendar)?;
            let whole = matches!(compare.window, TimeWindow::Current(_)) && compare.base == ComparisonBase::PreviousPeriod;
            if current.incomplete && whole {
                self.warn(format!("{} is not over yet and is compared with the whole of {}", current.label, base.label));
            }
            return Ok(Periods { current, base, shift: None });
        };
        let today = self.now.date();
        let (months, days, _) = bucket(finest);
        let (base, shift) = match &compare.base {
            ComparisonBase::PreviousPeriod => {
                if finest == Grain::Hour {
                    return Err(Error::unsupported(
                        "hours cannot be compared with the hour before; compare with a window of its own, or by days",
                    ));
                }
                if current.incomplete && !matches!(compare.window, TimeWindow::Next { .. }) {
                    self.warn("the last bucket is not over yet and is compared with the whole bucket before");
                }
                if months > 0 {
                    (current.shifted_months(-months, today)?, Shift::Months(months))
                } else {
                    (current.shifted_days(-days, today)?, Shift::Days(days))
                }
            }
            ComparisonBase::PreviousYear if matches!(finest, Grain::Week | Grain::IsoWeek) => {
                let weekly = TimeWindow::Current(TimeUnit::Week);
                (current.previous(&weekly, &compare.base, self.now, self.calendar)?, Shift::Days(364))
            }
            ComparisonBase::PreviousYear => {
                (current.previous(&compare.window, &compare.base, self.now, self.calendar)?, Shift::Months(12))
            }
            ComparisonBase::Window(other) => {
                let base = other.resolve(self.now, self.calendar)?;
                let (Some(own), Some(theirs)) = (current.start, base.start) else {
                    return Err(Error::malformed("windows compared bucket by bucket need a first day; give both one"));
                };
                let unit = unit_of(finest);
                let (own, theirs) = (unit.start_of(own, self.calendar)?, unit.start_of(theirs, self.calendar)?);
                let shift =
                    if months > 0 { Shift::Months(months_between(theirs, own)) } else { Shift::Days(days_between(theirs, own)) };
                (base, shift)
            }
        };
        Ok(Periods { current, base, shift: Some(shift) })
    }

    /// The groups side by side: one SELECT, or one CTE for each joined on the dimensions any of them has. Returns the atoms of
    /// each group as columns of the result.
    fn combined(
        &mut self,
        query: &SemanticQuery,
        groups: Vec<(Group<'a, '_>, String)>,
    ) -> Result<(Stage, Vec<Vec<StageColumn>>)> {
        let mut names = Vec::with_capacity(groups.len());
        let mut built = Vec::with_capacity(groups.len());
        for (group, name) in groups {
            built.push(self.aggregate(query, group)?);
            names.push(name);
        }
        if built.len() == 1
            && let Some(Aggregated { stage, atoms }) = built.pop()
        {
            return Ok((stage, vec![atoms]));
        }
        let mut parts = Vec::with_capacity(built.len());
        for (Aggregated { mut stage, atoms }, name) in built.into_iter().zip(names) {
            let dimensions = stage.columns.len();
            stage.columns.extend(atoms);
            let (mut read, name) = self.wrap(&stage, &name);
            let atoms = read.columns.split_off(dimensions);
            parts.push((name, read, atoms));
        }
        let first = parts.first().map(|(_, stage, _)| stage.columns.clone()).unwrap_or_default();
        let mut stage;
        if first.is_empty() {
            let mut tables = parts.iter().map(|(name, _, _)| table(vec![ident(self.dialect, name)], None));
            let relation = tables.next().ok_or_else(|| Error::internal("a query without groups was combined"))?;
            let joins = tables.map(cross_join).collect();
            stage = plain_stage(sqlparser::ast::TableWithJoins { relation, joins }, Vec::new());
        } else {
            let spine = self.spine(&parts);
            let columns: Vec<StageColumn> = first
                .iter()
                .enumerate()
                .map(|(at, column)| StageColumn {
                    expr: self.column_of(&spine, &column.name),
                    nullable: parts.iter().any(|(_, part, _)| part.columns.get(at).is_none_or(|column| column.nullable)),
                    ..column.clone()
                })
                .collect();
            let mut from = self.reading(&spine);
            for (name, part, _) in &parts {
                let on = columns
                    .iter()
                    .zip(&part.columns)
                    .map(|(all, own)| self.same_value(all.expr.clone(), own.expr.clone(), all.nullable));
                from.joins.push(left_join(table(vec![ident(self.dialect, name)], None), all_of(on.collect())));
            }
            stage = plain_stage(from, columns);
        }
        stage.windowed = false;
        let grouped = !first.is_empty();
        let atoms = parts
            .into_iter()
            .map(|(_, _, atoms)| {
                atoms
                    .into_iter()
                    .map(|atom| {
                        let absent_means_zero = grouped && !atom.nullable;
                        let expr = if absent_means_zero { call("COALESCE", vec![atom.expr, int(0)]) } else { atom.expr };
                        StageColumn { expr, ..atom }
                    })
                    .collect()
            })
            .collect();
        Ok((stage, atoms))
    }

    /// A CTE with every combination of dimensions that any group has.
    fn spine(&mut self, parts: &[(String, Stage, Vec<StageColumn>)]) -> String {
        let quantifier = if self.dialect == Dialect::Bigquery { SetQuantifier::Distinct } else { SetQuantifier::None };
        let mut body: Option<SetExpr> = None;
        for (name, part, _) in parts {
            let one = select(ast::Parts {
                items: part.columns.iter().map(|column| item(column.expr.clone(), ident(self.dialect, &column.name))).collect(),
                from: Some(self.reading(name)),
                ..ast::Parts::default()
            });
            body = Some(match body {
                None => one,
                Some(left) => SetExpr::SetOperation {
                    left: Box::new(left),
                    op: SetOperator::Union,
                    set_quantifier: quantifier,
                    right: Box::new(one),
                },
            });
        }
        let name = self.cte_name("all_groups");
        if let Some(body) = body {
            self.ctes.push(cte(ident(self.dialect, &name), query(body, Vec::new(), None)));
        }
        name
    }

    /// Whether two values are the same, NULL being the same as NULL.
    fn same_value(&self, left: Expr, right: Expr, nullable: bool) -> Expr {
        if !nullable {
            return eq(left, right);
        }
        match self.dialect {
            Dialect::Mysql => binary(left, BinaryOperator::Spaceship, right),
            // Neither plans a join well, or at all, on anything but an equality.
            Dialect::Tsql | Dialect::Bigquery => {
                any_of(vec![eq(left.clone(), right.clone()), all_of(vec![is_null(left), is_null(right)])])
            }
            _ => is_not_distinct(left, right),
        }
    }

    /// A measure's value, before transforms.
    fn made_of(&self, measure: &Measure, shape: Shape, atoms: &[StageColumn]) -> StageColumn {
        let atom = |index: usize| atoms.get(index);
        let (expr, nullable, unit) = match shape {
            Shape::Atom(index) => {
                atom(index).map_or((ast::null(), true, None), |atom| (atom.expr.clone(), atom.nullable, atom.unit))
            }
            Shape::Ratio(above, below) => match (atom(above), atom(below)) {
                (Some(above), Some(below)) => (self.ratio(above.expr.clone(), below.expr.clone()), true, None),
                _ => (ast::null(), true, None),
            },
        };
        StageColumn { name: measure.name.clone(), expr, nullable, hidden: measure.hidden, role: ColumnRole::Measure, unit }
    }

    /// Shares and running totals: window functions over the groups.
    fn transformed(
        &self,
        query: &SemanticQuery,
        stage: &mut Stage,
        measure: &Measure,
        column: StageColumn,
    ) -> Result<StageColumn> {
        match &measure.transform {
            Transform::None => Ok(column),
            Transform::ShareOfTotal { within } => {
                let mut partition = Vec::with_capacity(within.len());
                for name in within {
                    partition.push(stage.column(name)?.expr.clone());
                }
                let total = over("SUM", vec![column.expr.clone()], partition, Vec::new(), false);
                let expr = self.ratio(column.expr, total);
                Ok(StageColumn { expr, nullable: true, unit: Some(ColumnUnit::Fraction), ..column })
            }
            Transform::RunningTotal => {
                let time = query.time_dimension(self.catalog).ok_or_else(|| {
                    Error::malformed(format!("the running total `{}` needs a dimension of time to run along", measure.name))
                })?;
                let time = stage.column(&time.name)?;
                let (name, order) = (time.name.clone(), sort_key(self.dialect, time.expr.clone(), false, time.nullable));
                let partition = stage.dimensions().filter(|other| other.name != name).map(|other| other.expr.clone()).collect();
                let expr = over("SUM", vec![column.expr.clone()], partition, order, true);
                Ok(StageColumn { expr, ..column })
            }
        }
    }
}

fn plain_stage(from: sqlparser::ast::TableWithJoins, columns: Vec<StageColumn>) -> Stage {
    Stage {
        from,
        filters: Vec::new(),
        group_by: Vec::new(),
        having: Vec::new(),
        columns,
        grouped: false,
        windowed: false,
        distinct: false,
        tie_break: Vec::new(),
    }
}

fn role(measure: &Measure, kind: ComparisonColumn) -> ColumnRole {
    ColumnRole::Comparison { of: measure.name.clone(), kind }
}

/// Atoms of groups back in the order of the plan.
fn in_order(plan: &Plan<'_, '_>, by_group: Vec<Vec<StageColumn>>) -> Vec<StageColumn> {
    let mut groups: Vec<_> = by_group.into_iter().map(Vec::into_iter).collect();
    plan.atoms.iter().filter_map(|atom| groups.get_mut(atom.grain).and_then(Iterator::next)).collect()
}

/// A grain's length in months, or in days, and its rank among grains.
fn bucket(grain: Grain) -> (i64, i64, u8) {
    match grain {
        Grain::Hour => (0, 1, 0),
        Grain::Day => (0, 1, 1),
        Grain::Week | Grain::IsoWeek => (0, 7, 2),
        Grain::Month => (1, 0, 3),
        Grain::Quarter | Grain::FiscalQuarter => (3, 0, 4),
        _ => (12, 0, 5),
    }
}

fn unit_of(grain: Grain) -> TimeUnit {
    match grain {
        Grain::Week | Grain::IsoWeek => TimeUnit::Week,
        Grain::Month => TimeUnit::Month,
        Grain::Quarter => TimeUnit::Quarter,
        Grain::Year => TimeUnit::Year,
        Grain::FiscalQuarter => TimeUnit::FiscalQuarter,
        Grain::FiscalYear => TimeUnit::FiscalYear,
        _ => TimeUnit::Day,
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}
