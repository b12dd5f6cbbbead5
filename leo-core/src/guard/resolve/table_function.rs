//! Functions in `FROM`: alone, or side by side in PostgreSQL's `ROWS FROM`.

use std::rc::Rc;

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, ObjectName, ObjectNamePart, TableAlias,
};

use super::call::plain;
use super::limits::JoinShape;
use super::scope::{Ctes, Output, Relation, Scope, Sources};
use super::{Resolver, ident_position, position, rules};
use crate::dialect::Dialect;
use crate::guard::functions;
use crate::guard::parse::ROWS_FROM;

/// A call of a table function in `FROM`.
pub(super) struct TableCall<'q> {
    pub(super) name: &'q ObjectName,
    pub(super) args: &'q [FunctionArg],
    pub(super) with_ordinality: bool,
    pub(super) alias: Option<&'q TableAlias>,
}

impl<'a> Resolver<'a> {
    pub(super) fn table_function<'s>(
        &mut self,
        call: &TableCall<'_>,
        scope: &mut Scope<'a, 's>,
        ctes: &Ctes<'_>,
        shape: &mut JoinShape,
    ) {
        let TableCall { name, args, with_ordinality, alias } = *call;
        if let Some(alias) = alias {
            self.check_alias(alias);
        }
        let before = scope.touched.replace(0);
        let found = match self.rows_from(name, args) {
            Some(calls) => self.called_side_by_side(&calls, scope, ctes),
            None => self.xml_nodes(name, args, alias, scope).or_else(|| self.called(name, args, alias, scope, ctes)),
        };
        let touched = scope.touched.replace(before);
        let Some((mut columns, rows)) = found else {
            scope.incomplete = true;
            return;
        };
        if with_ordinality {
            let sources = columns.iter().flat_map(|column| column.sources.iter().copied()).collect();
            columns.push(Output { name: "ordinality".to_owned(), sources });
        }
        self.add_generated(columns, alias, (touched, rows), scope, shape);
    }

    /// The columns and rows of a table function; `None` when it may not be called.
    fn called(
        &mut self,
        name: &ObjectName,
        args: &[FunctionArg],
        alias: Option<&TableAlias>,
        scope: &Scope<'a, '_>,
        ctes: &Ctes<'_>,
    ) -> Option<(Vec<Output>, Option<u64>)> {
        let Some(function) = self.function_name(name) else {
            self.refuse_at("a function call as a name", name);
            return None;
        };
        if !functions::is_table_function(self.dialect, &function) && !self.is_host_function(&function) {
            self.report(rules::function_allowed::finding(self.dialect, &function, &[], position(name)));
            return None;
        }
        let mut sources = Vec::new();
        for argument in args {
            self.function_argument(argument, scope, ctes, &mut sources);
        }
        let plain = plain(args);
        let rows = self.rows_of_call(&function, &plain);
        self.check_arguments(&function, &plain);
        let mut names = self.table_function_columns(&function, alias);
        if function == "unnest" && alias.is_none() {
            // Several arrays side by side.
            names.extend(args.iter().skip(1).map(|_| function.clone()));
        }
        self.found.functions.insert(function);
        Some((names.into_iter().map(|name| Output { name, sources: sources.clone() }).collect(), rows))
    }

    /// The calls in PostgreSQL's `ROWS FROM (f(…), g(…))`, as the parser is told about them.
    fn rows_from<'q>(&mut self, name: &ObjectName, args: &'q [FunctionArg]) -> Option<Vec<&'q Function>> {
        let is_marker =
            |part: &ObjectNamePart| part.as_ident().is_some_and(|ident| ident.quote_style.is_none() && ident.value == ROWS_FROM);
        if self.dialect != Dialect::Postgres || !matches!(name.0.as_slice(), [part] if is_marker(part)) {
            return None;
        }
        let mut calls = Vec::with_capacity(args.len());
        for argument in args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Function(call))) => calls.push(call),
                _ => self.refuse_at("something other than a function in ROWS FROM", name),
            }
        }
        Some(calls)
    }

    /// The columns of calls side by side; there are as many rows as the longest has.
    fn called_side_by_side(
        &mut self,
        calls: &[&Function],
        scope: &Scope<'a, '_>,
        ctes: &Ctes<'_>,
    ) -> Option<(Vec<Output>, Option<u64>)> {
        let mut columns = Vec::new();
        let mut most = Some(0);
        for Function { name, uses_odbc_syntax, parameters, args, within_group, filter, null_treatment, over } in calls {
            let FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses }) = args else {
                self.refuse_at("this call in ROWS FROM", name);
                return None;
            };
            let more = *uses_odbc_syntax
                || !matches!(parameters, FunctionArguments::None)
                || !clauses.is_empty()
                || !within_group.is_empty()
                || filter.is_some()
                || null_treatment.is_some()
                || over.is_some();
            if more {
                self.refuse_at("this call in ROWS FROM", name);
                return None;
            }
            let (own, rows) = self.called(name, args, None, scope, ctes)?;
            columns.extend(own);
            most = most.zip(rows).map(|(most, rows): (u64, u64)| most.max(rows));
        }
        Some((columns, most))
    }

    /// Columns that a table function returns.
    fn table_function_columns(&self, function: &str, alias: Option<&TableAlias>) -> Vec<String> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        match (self.dialect, function) {
            (Dialect::Sqlite, "generate_series") => names(&["value", "start", "stop", "step"]),
            (Dialect::Sqlite, _) => {
                names(&["key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json", "root", "rowid"])
            }
            (Dialect::Postgres, "json_each" | "jsonb_each" | "json_each_text" | "jsonb_each_text") => names(&["key", "value"]),
            (
                Dialect::Postgres,
                "json_array_elements" | "jsonb_array_elements" | "json_array_elements_text" | "jsonb_array_elements_text",
            ) => names(&["value"]),
            (Dialect::Tsql, "string_split") => names(&["value", "ordinal"]),
            (Dialect::Tsql, "generate_series") => names(&["value"]),
            (Dialect::Tsql, _) => names(&["key", "value", "type"]),
            (Dialect::Datafusion, "generate_series" | "range") => names(&["value"]),
            // A function that returns one column names it after the alias, else after itself.
            _ => vec![alias.map_or_else(|| function.to_owned(), |alias| self.own_text(&alias.name))],
        }
    }

    /// Adds a relation whose columns all derive from the same arguments: what those touch, and how many rows come out if known.
    pub(super) fn generated<'s>(
        &mut self,
        names: Vec<String>,
        sources: Sources,
        alias: Option<&TableAlias>,
        (touched, rows): (u64, Option<u64>),
        scope: &mut Scope<'a, 's>,
        shape: &mut JoinShape,
    ) {
        let columns = names.into_iter().map(|name| Output { name, sources: sources.clone() }).collect();
        self.add_generated(columns, alias, (touched, rows), scope, shape);
    }

    fn add_generated<'s>(
        &mut self,
        columns: Vec<Output>,
        alias: Option<&TableAlias>,
        (touched, rows): (u64, Option<u64>),
        scope: &mut Scope<'a, 's>,
        shape: &mut JoinShape,
    ) {
        // How many rows come out tells of what they are made from.
        let sources: Sources = columns.iter().flat_map(|column| column.sources.iter().copied()).collect();
        self.check_use(&sources, alias.and_then(|alias| ident_position(&alias.name)));
        let columns = self.renamed(&Rc::new(columns), alias);
        let name = alias.map(|alias| self.own_text(&alias.name));
        let at = scope.relations.len();
        scope.relations.push(Relation::derived(name, columns, rows));
        if touched != 0 {
            shape.tie(touched | 1u64.checked_shl(at as u32).unwrap_or(0));
        }
    }
}
