//! The derived table that holds what a user may see of a table.

use super::filter::{self, FilterError};
use super::{Rewriter, print};
use crate::catalog::{Table, TableKind};
use crate::dialect::Dialect;
use crate::finding::{Finding, Position, Verdict};
use crate::guard::lexer;
use crate::guard::mask::Mask;
use crate::guard::resolve::{self, Against};
use crate::guard::{parse, rules};
use crate::query;
use crate::value::Value;

/// Above this views of views are not followed.
const VIEWS: usize = 8;

impl Rewriter<'_> {
    /// `(SELECT visible columns FROM table WHERE filter)`, without alias; a view is replaced by its query first.
    pub(super) fn derived(
        &mut self,
        index: u32,
        table: &Table,
        hints: &str,
        at: Position,
        values: &mut Vec<Value>,
        depth: usize,
    ) -> Result<String, Finding> {
        let unsupported = |why: &str| rules::policy::unsupported(&table.name.name, why, Some(at));
        let source = if table.kind == TableKind::View && self.visibility.is_expanded(index) {
            if depth >= VIEWS {
                return Err(unsupported("it is a view of too many views"));
            }
            if !hints.is_empty() {
                return Err(unsupported("hints and past versions cannot be asked of a view"));
            }
            let definition = self.definition(table, at, values, depth)?;
            if self.visibility.restriction(index).is_none() {
                return Ok(definition);
            }
            format!("{definition} AS {}", query::ident(self.dialect, &table.name.name))
        } else {
            let name = print(&self.idents(table));
            if hints.is_empty() { name } else { format!("{name} {hints}") }
        };
        let Some(restriction) = self.visibility.restriction(index) else { return Ok(format!("(SELECT * FROM {source})")) };

        let access = self.request.access;
        let mut items = Vec::with_capacity(table.columns.len());
        for (place, column) in (0u32..).zip(&table.columns) {
            if restriction.denied.contains(&place) {
                continue;
            }
            let name = query::ident(self.dialect, &column.name).to_string();
            let Some(mask) = restriction.masks.get(&place) else {
                items.push(name);
                continue;
            };
            let key = access.mask_key.as_ref().map(|key| Value::Text(key.for_tenant(&self.request.ctx.tenant)));
            if *mask == Mask::Hash && key.is_none() {
                return Err(unsupported("the access policy hashes a column without giving a `mask_key`"));
            }
            let key = key.unwrap_or(Value::Null);
            let (dialect, binder) = (self.dialect, &mut self.binder);
            let expression = mask.expression(dialect, column, &name, || binder.placeholder(" mask key", &key, values));
            items.push(format!("{expression} AS {name}"));
        }
        if items.is_empty() {
            return Err(unsupported("you may see none of its columns"));
        }
        let items = items.join(", ");
        let Some(filter) = restriction.row_filter else { return Ok(format!("(SELECT {items} FROM {source})")) };
        let filter =
            filter::bound(self.dialect, filter, self.request.ctx, &mut self.binder, values).map_err(|error| match error {
                FilterError::Absent(name) => rules::policy::absent(&table.name.name, &name, at),
                FilterError::Wrong(why) => unsupported(&format!("its row filter cannot be used: {why}")),
            })?;
        let checked = self.check_filter(&filter).and_then(|()| self.check_names(table, &filter));
        checked.map_err(|why| unsupported(&format!("its row filter cannot be used: {why}")))?;
        Ok(fenced(self.dialect, &items, &source, &filter))
    }

    /// A filter is one expression that reads nothing but its own row.
    fn check_filter(&self, filter: &str) -> Result<(), &'static str> {
        use sqlparser::ast::{SetExpr, Statement, Visit, Visitor};
        use std::ops::ControlFlow;
        struct Queries(usize);
        impl Visitor for Queries {
            type Break = ();
            fn pre_visit_query(&mut self, _: &sqlparser::ast::Query) -> ControlFlow<()> {
                self.0 += 1;
                ControlFlow::Continue(())
            }
        }
        // In parentheses and alone: neither may change how it reads.
        let alone = parse::expression(self.dialect, filter).ok_or("it is not an expression of this dialect")?;
        let inside = parse::fragment(self.dialect, &format!("SELECT 1 FROM t WHERE ({filter})"));
        let Some(Statement::Query(query)) = inside else { return Err("it is not an expression of this dialect") };
        let mut queries = Queries(0);
        let _ = query.visit(&mut queries);
        if queries.0 != 1 {
            return Err("it may not hold a query");
        }
        let SetExpr::Select(select) = query.body.as_ref() else { return Err("it is not an expression of this dialect") };
        let same = matches!(&select.selection, Some(sqlparser::ast::Expr::Nested(inner)) if **inner == alone);
        if same && query.limit_clause.is_none() && query.order_by.is_none() {
            Ok(())
        } else {
            Err("it is more than an expression")
        }
    }

    /// The names in a filter are columns of its table. Inside of a statement a name that is not there could find a column of the
    /// query around, and whoever writes that query would decide what the filter says.
    fn check_names(&self, table: &Table, filter: &str) -> Result<(), &'static str> {
        const WRONG: &str = "it names what the table does not have, or calls what may not be called";
        let text = format!("SELECT 1 FROM {} WHERE ({filter})", print(&self.idents(table)));
        let tokens = lexer::lex(self.dialect, &text).map_err(|_| WRONG)?;
        let statements = parse::parse(self.dialect, &text, &tokens).map_err(|_| WRONG)?;
        let [statement] = statements.as_slice() else { return Err(WRONG) };
        let whole = 0..text.len();
        let against = Against {
            catalog: self.request.catalog,
            visibility: self.visibility,
            settings: self.request.settings,
            text: &text,
            tokens: &tokens,
            params: 0,
            ours: std::slice::from_ref(&whole),
            in_view: true,
        };
        // Its values are counted with those of the whole statement.
        let counts = rules::parameters::RULE.id;
        let found = resolve::resolve(against, statement).findings;
        let is_wrong = found.iter().any(|finding| finding.verdict > Verdict::Rewrite && finding.rule != counts);
        if is_wrong { Err(WRONG) } else { Ok(()) }
    }
}

/// The filtered rows behind the engine's optimisation fence: what the statement computes with a row, and any error in it, happens
/// after the filter let the row through.
fn fenced(dialect: Dialect, items: &str, source: &str, filter: &str) -> String {
    let body = |fence: &str| format!("(SELECT {items} FROM {source} WHERE ({filter}){fence})");
    match dialect {
        Dialect::Postgres => body(" OFFSET 0"),
        Dialect::Sqlite => body(" LIMIT -1"),
        Dialect::Mysql => body(" LIMIT 18446744073709551615"),
        Dialect::Bigquery | Dialect::Datafusion => body(" LIMIT 9223372036854775807"),
        Dialect::Tsql => format!("(SELECT TOP (9223372036854775807) {items} FROM {source} WHERE ({filter}))"),
    }
}
