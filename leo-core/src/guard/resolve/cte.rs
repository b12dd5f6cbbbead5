//! `WITH`: common table expressions, recursive ones too.

use std::collections::BTreeSet;
use std::rc::Rc;

use sqlparser::ast::{Cte as Definition, Expr, Ident, Query, SelectItem, SetExpr, TableFactor, With};

use super::name::Name;
use super::recursion::Recursion;
use super::scope::{ColumnId, Cte, Ctes, Output, RECURSION, Scope};
use super::{Resolved, Resolver, ident_position, rules};
use crate::dialect::Dialect;
use crate::guard::parse::{CYCLE, SEARCH};

impl<'a> Resolver<'a> {
    /// Resolves the definitions of a `WITH` and adds them to `ctes`.
    pub(super) fn with(&mut self, with: &With, outer: Option<&Scope<'a, '_>>, ctes: &mut Ctes<'_>) {
        let With { with_token: _, recursive, cte_tables } = with;
        // These engines take any definition for recursive that names itself.
        let may_recur = *recursive || matches!(self.dialect, Dialect::Sqlite | Dialect::Tsql);
        if *recursive || self.dialect == Dialect::Sqlite {
            // And here a name may be used before its definition: it does not mean a table then.
            for definition in cte_tables {
                ctes.entries.push((self.cte_name(&definition.alias.name), Cte::NotYet));
            }
        }
        for definition in cte_tables {
            let Definition { alias, query, from, materialized: _, closing_paren_token: _ } = definition;
            if self.dialect == Dialect::Postgres && self.search_or_cycle(&alias.name, query, ctes) {
                continue;
            }
            if let Some(from) = from {
                self.refuse_name("FROM in a WITH", from);
            }
            self.check_alias(alias);
            let name = self.cte_name(&alias.name);
            self.definitions += 1;
            let resolved = if may_recur && refers_to(&query.body, &Name::of(self.dialect, &alias.name), self.dialect) {
                self.recursive(definition, &name, outer, ctes)
            } else if may_recur {
                // Where no recursion may stand the name means this definition all the same, not a table.
                let mut own = Ctes::new(Some(ctes));
                own.entries.push((name.clone(), Cte::NotYet));
                self.query(query, outer, &own)
            } else {
                self.query(query, outer, ctes)
            };
            self.definitions -= 1;
            let columns = self.renamed(&resolved.columns, Some(alias));
            ctes.entries.push((name, Cte::Ready { columns, rows: resolved.rows }));
        }
    }

    /// PostgreSQL's `SEARCH` and `CYCLE` behind the last definition, as the parser is told about them: the rows are put in the order
    /// of some columns, or compared by them, and get columns that hold what came of it. Whether it is one of them.
    fn search_or_cycle(&mut self, name: &Ident, query: &Query, ctes: &mut Ctes<'_>) -> bool {
        let added = match name.value.as_str() {
            SEARCH if name.quote_style.is_none() => 1,
            CYCLE if name.quote_style.is_none() => 2,
            _ => return false,
        };
        let (SetExpr::Select(select), Some((_, Cte::Ready { columns, .. }))) = (query.body.as_ref(), ctes.entries.last_mut())
        else {
            self.refuse_at("SEARCH or CYCLE here", query);
            return true;
        };
        let items = select.projection.iter().filter_map(|item| match item {
            SelectItem::UnnamedExpr(Expr::Identifier(ident)) => Some(ident),
            _ => None,
        });
        let items: Vec<&Ident> = items.collect();
        let Some((by, new)) = items.len().checked_sub(added).and_then(|at| items.split_at_checked(at)) else { return true };
        let mut sources = Vec::new();
        for ident in by {
            let name = Name::of(self.dialect, ident);
            match columns.iter().find(|column| name.is(&column.name)) {
                Some(column) => sources.extend_from_slice(&column.sources),
                None => self.report(rules::known_column::unknown(&name.text, &[], ident_position(ident))),
            }
        }
        self.check_use(&sources, ident_position(name));
        let mut all = columns.as_ref().clone();
        for ident in new {
            if let Some(finding) = rules::reserved_alias::check(self.dialect, ident) {
                self.report(finding);
            }
            all.push(Output { name: self.cte_name(ident), sources: sources.clone() });
        }
        *columns = Rc::new(all);
        true
    }

    fn cte_name(&self, ident: &Ident) -> String {
        Name::of(self.dialect, ident).text.into_owned()
    }

    /// A definition that names itself: the first term gives the columns, the others are resolved against them. Until all terms
    /// are known, a column derives from "column n of this recursion", which is replaced by what the terms say in the end.
    fn recursive(&mut self, definition: &Definition, name: &str, outer: Option<&Scope<'a, '_>>, ctes: &Ctes<'_>) -> Resolved {
        let query = &definition.query;
        let plain = query.with.is_none()
            && query.order_by.is_none()
            && query.fetch.is_none()
            && query.locks.is_empty()
            && query.for_clause.is_none()
            && query.settings.is_none()
            && query.format_clause.is_none()
            && query.pipe_operators.is_empty();
        let SetExpr::SetOperation { .. } = query.body.as_ref() else {
            self.report(rules::recursion::finding(name, ident_position(&definition.alias.name)));
            return Resolved::nothing();
        };
        // SQLite takes ORDER BY and LIMIT here; the order is of no interest, the limit ends the recursion.
        if !plain && self.dialect != Dialect::Sqlite || query.with.is_some() || !query.locks.is_empty() {
            self.refuse_at("ORDER BY, FETCH or WITH in a recursive definition", definition);
            return Resolved::nothing();
        }
        let limited = match &query.limit_clause {
            Some(clause) => {
                let limited = match clause {
                    sqlparser::ast::LimitClause::LimitOffset { limit: Some(limit), offset: None, limit_by }
                        if limit_by.is_empty() =>
                    {
                        super::limits::literal(limit)
                    }
                    _ => None,
                };
                if limited.is_none() {
                    self.refuse_at("this LIMIT in a recursive definition", clause);
                }
                limited
            }
            None => None,
        };
        let terms = self.terms(&query.body);
        let mut forbidden = Ctes::new(Some(ctes));
        forbidden.entries.push((name.to_owned(), Cte::NotYet));
        let Some((first, rest)) = terms.split_first() else { return Resolved::nothing() };
        let anchor = self.set_expr(first, outer, &forbidden);

        let recursion = RECURSION + self.recursions;
        self.recursions += 1;
        let own = |column: usize| ColumnId::new(recursion, column as u32);
        let renamed = self.renamed(&anchor.columns, Some(&definition.alias));
        let placeholders: Vec<Output> = renamed
            .iter()
            .enumerate()
            .map(|(at, column)| Output {
                name: column.name.clone(),
                sources: column.sources.iter().copied().chain([own(at)]).collect(),
            })
            .collect();
        let mut inner = Ctes::new(Some(ctes));
        inner.entries.push((name.to_owned(), Cte::Ready { columns: Rc::new(placeholders), rows: None }));
        let mut columns = anchor.columns.as_ref().clone();
        let place = &definition.alias.name;
        let mut counted = Vec::new();
        for term in rest {
            let next = self.set_expr(term, outer, &inner);
            self.combine(&mut columns, &next.columns);
            if refers_to(term, &Name::plain(self.dialect, name), self.dialect) {
                let recursion = Recursion { name, place, columns: &renamed, anchor: first, limited };
                counted.extend(self.check_recursion(term, recursion));
            }
        }
        // Two terms that count double the rows with every step.
        if counted.len() > 1 {
            self.report(rules::recursion::finding(name, ident_position(place)));
        }
        if let Some(order_by) = &query.order_by {
            let mut scope = Scope::new(outer);
            scope.outputs = Rc::new(columns.clone());
            scope.aliases.set(super::scope::Aliases::First);
            self.order_by(order_by, &scope, &inner);
        }
        close_over(&mut columns, recursion);
        Resolved {
            columns: Rc::new(columns),
            rows: limited.or(counted.first().copied()).and_then(|rows| u64::try_from(rows).ok()),
        }
    }
}

/// Replaces "column n of this recursion" by the sources of column n, until nothing changes.
fn close_over(columns: &mut [Output], recursion: u32) {
    let mut sets: Vec<BTreeSet<ColumnId>> = columns.iter().map(|column| column.sources.iter().copied().collect()).collect();
    loop {
        let mut changed = false;
        for at in 0..sets.len() {
            let through: Vec<usize> =
                sets.get(at).into_iter().flatten().filter(|id| id.table == recursion).map(|id| id.column as usize).collect();
            let more: BTreeSet<ColumnId> = through.iter().filter_map(|other| sets.get(*other)).flatten().copied().collect();
            if let Some(set) = sets.get_mut(at) {
                let before = set.len();
                set.extend(more);
                changed |= set.len() != before;
            }
        }
        if !changed {
            break;
        }
    }
    for (column, set) in columns.iter_mut().zip(sets) {
        column.sources = set.into_iter().filter(|id| id.table != recursion).collect();
    }
}

/// Whether a query's body names the relation `name` in some `FROM`, as far as a recursion may stand.
fn refers_to(body: &SetExpr, name: &Name<'_>, dialect: Dialect) -> bool {
    let mut pending = vec![body];
    while let Some(body) = pending.pop() {
        match body {
            SetExpr::SetOperation { left, right, .. } => pending.extend([left.as_ref(), right.as_ref()]),
            SetExpr::Query(query) => pending.push(&query.body),
            SetExpr::Select(select) => {
                let mut factors: Vec<&TableFactor> = Vec::new();
                for item in &select.from {
                    factors.push(&item.relation);
                    factors.extend(item.joins.iter().map(|join| &join.relation));
                }
                while let Some(factor) = factors.pop() {
                    match factor {
                        TableFactor::Table { name: table, args: None, .. } => {
                            if let [part] = table.0.as_slice()
                                && part.as_ident().is_some_and(|ident| name.is(&Name::of(dialect, ident).text))
                            {
                                return true;
                            }
                        }
                        TableFactor::Derived { subquery, .. } => pending.push(&subquery.body),
                        TableFactor::NestedJoin { table_with_joins, .. } => {
                            factors.push(&table_with_joins.relation);
                            factors.extend(table_with_joins.joins.iter().map(|join| &join.relation));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    false
}
