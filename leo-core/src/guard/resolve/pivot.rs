//! `PIVOT` and `UNPIVOT`: tables turned by the values of a column, and back.

use std::rc::Rc;

use sqlparser::ast::{
    Expr, ExprWithAlias, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, PivotValueSource, TableAlias, TableFactor, Value,
};

use super::limits::JoinShape;
use super::name::Name;
use super::scope::{Ctes, Output, Relation, Scope, Sources};
use super::{Resolver, rules};
use crate::dialect::Dialect;

/// The parts of a `PIVOT`.
pub(super) struct Pivot<'q> {
    pub(super) table: &'q TableFactor,
    pub(super) aggregates: &'q [ExprWithAlias],
    pub(super) columns: &'q [Expr],
    pub(super) values: &'q PivotValueSource,
    pub(super) alias: Option<&'q TableAlias>,
}

/// The parts of an `UNPIVOT`.
pub(super) struct Unpivot<'q> {
    pub(super) table: &'q TableFactor,
    pub(super) value: &'q Expr,
    pub(super) name: &'q Ident,
    pub(super) columns: &'q [ExprWithAlias],
    pub(super) alias: Option<&'q TableAlias>,
}

impl<'a> Resolver<'a> {
    /// The columns that are neither aggregated nor turned stay, one row for each of their combinations; then each value in the
    /// list is a column for each aggregate, which derives from what is aggregated and from the turned column.
    pub(super) fn pivot<'s>(&mut self, pivot: &Pivot<'_>, scope: &mut Scope<'a, 's>, ctes: &Ctes<'_>) {
        let Some((inner, outputs)) = self.turned(pivot.table, scope, ctes, "PIVOT") else { return };
        let mut used: Vec<&Ident> = Vec::new();
        let mut turned = Sources::new();
        for column in pivot.columns {
            self.column_of_source(column, &inner, ctes, &mut used, &mut turned);
        }
        let mut values: Vec<(Option<String>, Sources)> = Vec::new();
        for ExprWithAlias { expr, alias } in pivot.aggregates {
            let mut sources = turned.clone();
            let Expr::Function(function) = expr else {
                self.refuse_at("something other than an aggregate in PIVOT", expr);
                continue;
            };
            if let FunctionArguments::List(list) = &function.args {
                for argument in &list.args {
                    match argument {
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(
                            column @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_)),
                        )) => {
                            used.extend(last_part(column));
                        }
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(_)) | FunctionArgExpr::Wildcard) => {}
                        _ => self.refuse_at("an expression inside of PIVOT's aggregate", expr),
                    }
                }
            }
            self.expr(expr, &inner, ctes, &mut sources);
            values.push((alias.as_ref().map(|alias| self.own_text(alias)), sources));
        }
        let names = self.pivoted_names(pivot.values, pivot.table);
        let mut columns = self.untouched(outputs, &used);
        for name in &names {
            for (alias, sources) in &values {
                let name = alias.as_ref().map_or_else(|| name.clone(), |alias| format!("{alias}_{name}"));
                columns.push(Output { name, sources: sources.clone() });
            }
        }
        self.add_turned(columns, pivot.alias, scope);
    }

    /// The columns in the list become rows: one column holds their names, one their values.
    pub(super) fn unpivot<'s>(&mut self, unpivot: &Unpivot<'_>, scope: &mut Scope<'a, 's>, ctes: &Ctes<'_>) {
        let Some((inner, outputs)) = self.turned(unpivot.table, scope, ctes, "UNPIVOT") else { return };
        // BigQuery turns several columns at once, `(a, b) FOR name IN ((c, d), (e, f))`.
        let values: &[Expr] = match unpivot.value {
            Expr::Tuple(values) if self.dialect == Dialect::Bigquery => values,
            value => std::slice::from_ref(value),
        };
        let mut named: Vec<(&Ident, Sources)> = Vec::with_capacity(values.len());
        for value in values {
            match value {
                Expr::Identifier(ident) => named.push((ident, Sources::new())),
                other => return self.refuse_at("an expression for the values of UNPIVOT", other),
            }
        }
        for ident in named.iter().map(|(ident, _)| *ident).chain([unpivot.name]) {
            if let Some(finding) = rules::reserved_alias::check(self.dialect, ident) {
                self.report(finding);
            }
        }
        let mut used: Vec<&Ident> = Vec::new();
        for ExprWithAlias { expr, alias: _ } in unpivot.columns {
            let turned: &[Expr] = match expr {
                Expr::Tuple(columns) if named.len() > 1 => columns,
                expr => std::slice::from_ref(expr),
            };
            if turned.len() != named.len() {
                return self.refuse_at("UNPIVOT of another number of columns than it has values", expr);
            }
            for (column, (_, sources)) in turned.iter().zip(&mut named) {
                self.column_of_source(column, &inner, ctes, &mut used, sources);
            }
        }
        let mut columns = self.untouched(outputs, &used);
        columns.extend(named.into_iter().map(|(ident, sources)| Output { name: self.own_text(ident), sources }));
        columns.push(Output { name: self.own_text(unpivot.name), sources: Sources::new() });
        self.add_turned(columns, unpivot.alias, scope);
    }

    /// Resolves the table that is turned, all of whose columns count.
    fn turned<'s>(
        &mut self,
        table: &TableFactor,
        scope: &mut Scope<'a, 's>,
        ctes: &Ctes<'_>,
        what: &str,
    ) -> Option<(Scope<'a, 's>, Vec<Output>)> {
        if !matches!(self.dialect, Dialect::Tsql | Dialect::Bigquery) {
            self.refuse_at(what, table);
        }
        let mut inner = Scope::new(scope.parent);
        self.factor(table, &mut inner, ctes, &mut JoinShape::default(), false);
        scope.incomplete |= inner.incomplete;
        let [relation] = inner.relations.as_slice() else {
            if !inner.incomplete {
                self.refuse_for(&format!("{what} of a join"), "put the join into a subquery", table);
            }
            scope.incomplete = true;
            return None;
        };
        let outputs = relation.outputs();
        for output in &outputs {
            self.read(&output.sources);
        }
        Some((inner, outputs))
    }

    /// A column of the table that is turned, by name.
    fn column_of_source<'q>(
        &mut self,
        expr: &'q Expr,
        inner: &Scope<'a, '_>,
        ctes: &Ctes<'_>,
        used: &mut Vec<&'q Ident>,
        sources: &mut Sources,
    ) {
        match last_part(expr) {
            Some(ident) => used.push(ident),
            None => self.refuse_at("an expression instead of a column in PIVOT or UNPIVOT", expr),
        }
        self.expr(expr, inner, ctes, sources);
    }

    /// The columns that no name in `used` means.
    fn untouched(&self, outputs: Vec<Output>, used: &[&Ident]) -> Vec<Output> {
        let used: Vec<Name<'_>> = used.iter().map(|ident| Name::of(self.dialect, ident)).collect();
        outputs.into_iter().filter(|output| !used.iter().any(|name| name.is(&output.name))).collect()
    }

    /// Names of the columns that the values in the list become. T-SQL writes the values as names, BigQuery as literals.
    fn pivoted_names(&mut self, values: &PivotValueSource, table: &TableFactor) -> Vec<String> {
        let PivotValueSource::List(values) = values else {
            self.refuse_at("PIVOT over values that are not listed", table);
            return Vec::new();
        };
        let mut names = Vec::with_capacity(values.len());
        for ExprWithAlias { expr, alias } in values {
            let name = match (self.dialect, expr, alias) {
                (Dialect::Tsql, Expr::Identifier(ident), None) => Some(self.own_text(ident)),
                (Dialect::Bigquery, Expr::Value(_), Some(alias)) => Some(self.own_text(alias)),
                (Dialect::Bigquery, Expr::Value(value), None) => match &value.value {
                    Value::Number(digits, _) => Some(format!("_{}", digits.replace('.', "_point_"))),
                    Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text.clone()),
                    _ => None,
                },
                _ => None,
            };
            match name {
                Some(name) => names.push(name),
                None => self.refuse_at("this value in PIVOT", expr),
            }
        }
        names
    }

    fn add_turned(&mut self, columns: Vec<Output>, alias: Option<&TableAlias>, scope: &mut Scope<'a, '_>) {
        if let Some(alias) = alias {
            self.check_alias(alias);
        }
        let columns = self.renamed(&Rc::new(columns), alias);
        let name = alias.map(|alias| self.own_text(&alias.name));
        scope.relations.push(Relation::derived(name, columns, None));
    }
}

/// The name of a column without its table.
fn last_part(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(ident) => Some(ident),
        Expr::CompoundIdentifier(parts) => parts.last(),
        _ => None,
    }
}
