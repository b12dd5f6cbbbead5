//! Whether rows of other tables exist: `EXISTS`, `IN`, and events that follow one another.

use sqlparser::ast::{BinaryOperator, Expr, Query, TableWithJoins};

use super::ast::{
    Parts, all_of, binary, call, count_distinct, count_star, derived, eq, exists, in_subquery, inner_join, int, is_not_null,
    item, query, select,
};
use super::frame::{Frames, join_condition, note};
use super::identifier::ident;
use super::{Compiler, JoinKind};
use crate::catalog::{Table, TableName};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::query::join::{Path, Row, Step, row_key};
use crate::query::model::{Field, Filter};

impl<'a> Compiler<'a> {
    /// Holds when one of the rows at the end of `path` meets a condition.
    pub(super) fn some_row(
        &mut self,
        frames: &mut Frames<'a>,
        path: &[Step],
        condition: impl FnOnce(&mut Self, &mut Frames<'a>) -> Result<Expr>,
    ) -> Result<Expr> {
        self.subquery(frames, path, |compiler, frames| Ok((condition(compiler, frames)?, None)))
    }

    /// `Exists`: at least `at_least` rows of `table` belong to the row and meet `filter`.
    pub(super) fn exists(
        &mut self,
        frames: &mut Frames<'a>,
        row: &Row<'a>,
        table: &TableName,
        filter: Option<&Filter>,
        at_least: u64,
    ) -> Result<Expr> {
        let table = self.catalog.require_table(table)?;
        let mut path = row.path(&mut self.paths)?;
        let mut steps = self.steps_to(row.table(), table)?;
        let instance = self.next_instance();
        for step in &mut steps {
            step.instance = instance;
        }
        let Some(first) = steps.first().cloned() else {
            return Err(Error::malformed(format!("a row of `{}` always exists for itself; name another table", table.name)));
        };
        let only_children = steps.iter().all(|step| !step.to_parent);
        path.push(first);
        let mut full = path.clone();
        full.extend(steps.into_iter().skip(1));
        let inner = Row::Inner { table, at: full.clone(), outer: Box::new(row.clone()) };
        self.subquery(frames, &path, |compiler, frames| {
            let place = frames.join(compiler, &full)?;
            frames.require(place);
            let condition = match filter {
                Some(filter) => {
                    // What is asked within counts for itself: the negation of the whole is outside.
                    let negations = std::mem::take(&mut compiler.negations);
                    let condition = compiler.condition(frames, &inner, filter, true);
                    compiler.negations = negations;
                    Some(condition?)
                }
                None => None,
            };
            let count = if at_least <= 1 {
                None
            } else if only_children {
                Some((count_star(), at_least))
            } else {
                match row_key(table).as_deref() {
                    Some([key]) => Some((count_distinct(frames.column(compiler, place, key)), at_least)),
                    _ => {
                        return Err(Error::unsupported(format!(
                            "rows of `{}` cannot be told apart, so they cannot be counted; declare a primary key of one column",
                            table.name
                        )));
                    }
                }
            };
            Ok((condition.unwrap_or_else(|| all_of(Vec::new())), count))
        })
    }

    /// The steps from a table to the one whose rows are looked for; to itself along its own key, towards children.
    fn steps_to(&mut self, from: &'a Table, to: &'a Table) -> Result<Path> {
        if from.name != to.name {
            return self.paths.require(from, to);
        }
        self.catalog
            .relationships
            .iter()
            .position(|relationship| relationship.child == to.name && relationship.parent == to.name)
            .map(|relationship| vec![Step { relationship, to_parent: false, instance: 0 }])
            .ok_or_else(|| Error::not_found(format!("no relationship leads from `{}` to itself; name another table", to.name)))
    }

    /// A subquery over the rows at the end of `path`: whether any meets the condition, or whether enough do.
    fn subquery(
        &mut self,
        frames: &mut Frames<'a>,
        path: &[Step],
        build: impl FnOnce(&mut Self, &mut Frames<'a>) -> Result<(Expr, Option<(Expr, u64)>)>,
    ) -> Result<Expr> {
        let Some((step, before)) = path.split_last() else {
            return Err(Error::internal("a subquery needs a step to its table"));
        };
        let outer = frames.join(self, before)?;
        let outer_kept = frames.node(outer).kind == JoinKind::Left;
        let outer_alias = frames.node(outer).alias.clone();
        let table = self.paths.target(step)?;
        frames.open(path.to_vec(), table);
        let built = build(self, frames);
        let frame = frames.close()?;
        let (condition, count) = built?;
        let inner_alias = frame.first().alias.clone();
        let from = frame.joined_tables(self, true);
        note(self, step, JoinKind::Exists);
        let relationship = self.paths.relationship(step);
        let column = |compiler: &Self, alias: &str, name: &str| {
            Expr::CompoundIdentifier(vec![ident(compiler.dialect, alias), ident(compiler.dialect, name)])
        };
        let trivial = condition == all_of(Vec::new());
        // One key column and nothing of the outer row used within: `IN` is computed once, not for each row.
        let indexed = |name: &str| {
            let leads = |columns: &Vec<String>| columns.first().is_some_and(|first| first.eq_ignore_ascii_case(name));
            leads(&table.primary_key) || table.unique_keys.iter().any(leads) || table.indexes.iter().any(leads)
        };
        if let ([child], [parent]) = (relationship.child_columns.as_slice(), relationship.parent_columns.as_slice())
            && !step.to_parent
            && !frame.correlated
            && !outer_kept
            && (count.is_some() || (self.dialect == Dialect::Sqlite && !indexed(child)))
        {
            let key = column(self, &inner_alias, child);
            let mut terms = if trivial { Vec::new() } else { vec![condition] };
            let nullable = table.column(child).is_none_or(|column| column.nullable);
            if nullable && self.negations > 0 {
                terms.push(is_not_null(key.clone()));
            }
            let having =
                count.map(|(count, least)| binary(count, BinaryOperator::GtEq, int(i64::try_from(least).unwrap_or(i64::MAX))));
            let parts = Parts {
                items: vec![sqlparser::ast::SelectItem::UnnamedExpr(key.clone())],
                from: Some(from),
                filter: (!terms.is_empty()).then(|| all_of(terms)),
                group_by: having.is_some().then_some(key).into_iter().collect(),
                having,
                ..Parts::default()
            };
            return Ok(in_subquery(column(self, &outer_alias, parent), query(select(parts), Vec::new(), None)));
        }
        let joined = join_condition(self, step, &outer_alias, &inner_alias);
        let filter = if trivial { joined } else { all_of(vec![joined, condition]) };
        let item = |expr: Expr| vec![sqlparser::ast::SelectItem::UnnamedExpr(expr)];
        let parts = |items| Parts { items, from: Some(from), filter: Some(filter), ..Parts::default() };
        Ok(match count {
            Some((count, least)) => {
                let counted = query(select(parts(item(count))), Vec::new(), None);
                let least = int(i64::try_from(least).unwrap_or(i64::MAX));
                binary(Expr::Subquery(Box::new(counted)), BinaryOperator::GtEq, least)
            }
            None => exists(query(select(parts(item(int(1)))), Vec::new(), None)),
        })
    }

    /// `FollowedBy`: the row's first event is followed by a later one within so many days, counted by dates.
    ///
    /// The first events are computed once for all rows: `key IN (SELECT later … JOIN (SELECT MIN(time) … GROUP BY key) …)`.
    pub(super) fn followed_by(
        &mut self,
        frames: &mut Frames<'a>,
        row: &Row<'a>,
        event: &TableName,
        time: &Field,
        within_days: u32,
    ) -> Result<Expr> {
        let event = self.catalog.require_table(event)?;
        let steps = self.steps_to(row.table(), event)?;
        let path = row.path(&mut self.paths)?;
        let place = frames.join(self, &path)?;
        let outer_alias = frames.node(place).alias.clone();
        let refuse = || {
            Error::unsupported(format!(
                "events of `{}` do not belong to rows of `{}` by one key column; ask about the table they belong to",
                event.name,
                row.table().name
            ))
        };
        let [step] = steps.as_slice() else { return Err(refuse()) };
        let relationship = self.paths.relationship(step);
        let ([key], [parent]) = (relationship.child_columns.as_slice(), relationship.parent_columns.as_slice()) else {
            return Err(refuse());
        };
        if step.to_parent {
            return Err(refuse());
        }
        let column = self.catalog.require_column(event, &time.column)?;
        let dialect = self.dialect;
        let at = |alias: &str, name: &str| Expr::CompoundIdentifier(vec![ident(dialect, alias), ident(dialect, name)]);
        let (later, first, firsts) = (frames.free_alias("later"), frames.free_alias("first_event"), frames.free_alias("firsts"));
        let relation = |alias: &str| {
            super::ast::table(super::identifier::table_name(dialect, self.catalog, &event.name), Some(ident(dialect, alias)))
        };
        let first_times = Parts {
            items: vec![
                item(at(&first, key), ident(dialect, "event_key")),
                item(call("MIN", vec![at(&first, &column.name)]), ident(dialect, "first_time")),
            ],
            from: Some(TableWithJoins { relation: relation(&first), joins: Vec::new() }),
            group_by: vec![at(&first, key)],
            ..Parts::default()
        };
        let first_query: Query = query(select(first_times), Vec::new(), None);
        let joined = inner_join(derived(first_query, ident(dialect, &firsts)), eq(at(&firsts, "event_key"), at(&later, key)));
        let from = TableWithJoins { relation: relation(&later), joins: vec![joined] };
        let (own, earliest) = (at(&later, &column.name), at(&firsts, "first_time"));
        let days = self.days_between((&earliest, column), (&own, column), true)?;
        let filter = all_of(vec![
            binary(own, BinaryOperator::Gt, earliest),
            binary(days, BinaryOperator::LtEq, int(i64::from(within_days))),
        ]);
        let parts = Parts {
            items: vec![sqlparser::ast::SelectItem::UnnamedExpr(at(&later, key))],
            from: Some(from),
            filter: Some(filter),
            ..Parts::default()
        };
        note(self, step, JoinKind::Exists);
        Ok(in_subquery(at(&outer_alias, parent), query(select(parts), Vec::new(), None)))
    }
}
