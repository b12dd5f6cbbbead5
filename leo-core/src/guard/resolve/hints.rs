//! What may stand behind a table's name beside an alias: hints and moments in the past.

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectName, TableAlias, TableFunctionArgs,
    TableVersion, UnaryOperator,
};

use super::scope::{Columns, Ctes, Relation, Scope};
use super::{Resolver, rules};
use crate::dialect::Dialect;

/// T-SQL hints that only choose how rows are read. What locks for longer than reading takes is not among them.
#[rustfmt::skip]
const READING: &[&str] = &[
    "forcescan", "forceseek", "noexpand", "nolock", "nowait", "readcommitted", "readcommittedlock", "readpast",
    "readuncommitted", "snapshot",
];

fn is_reading(ident: &Ident) -> bool {
    ident.quote_style.is_none() && READING.contains(&ident.value.to_ascii_lowercase().as_str())
}

impl<'a> Resolver<'a> {
    /// A hint in `WITH (…)`: reading hints pass, locks do not.
    pub(super) fn table_hint(&mut self, hint: &Expr) {
        let named = |expr: &Expr, name: &str| matches!(expr, Expr::Identifier(ident) if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case(name));
        let harmless = match (self.dialect, hint) {
            (Dialect::Tsql, Expr::Identifier(ident)) => is_reading(ident),
            (Dialect::Tsql, Expr::BinaryOp { left, op: BinaryOperator::Eq, right }) => named(left, "index") && is_index(right),
            (Dialect::Tsql, Expr::Function(function)) => {
                function.name.to_string().eq_ignore_ascii_case("index")
                    && matches!(&function.args, FunctionArguments::List(list) if list.clauses.is_empty()
                        && list.args.iter().all(|argument| matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) if is_index(expr))))
            }
            // `INDEXED BY name` and `NOT INDEXED`, as the parser is told about them.
            (Dialect::Sqlite, Expr::BinaryOp { left, op: BinaryOperator::Eq, right }) => {
                named(left, "indexed") && is_index(right)
            }
            (Dialect::Sqlite, Expr::UnaryOp { op: UnaryOperator::Not, expr }) => named(expr, "indexed"),
            _ => false,
        };
        if !harmless {
            self.report(rules::locking::finding(&hint.to_string()));
        }
    }

    /// T-SQL's hints without `WITH`, `orders (NOLOCK)` and `orders o (NOLOCK)`, read like arguments of a call or columns of an
    /// alias. A table has neither there. Returns the alias that is left when these are hints.
    pub(super) fn old_hints(
        &mut self,
        alias: Option<&TableAlias>,
        args: Option<&TableFunctionArgs>,
    ) -> Option<Option<TableAlias>> {
        if self.dialect != Dialect::Tsql {
            return None;
        }
        match args {
            Some(TableFunctionArgs { args, settings: None }) => {
                let hint = |argument: &FunctionArg| {
                    matches!(argument,
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(ident))) if is_reading(ident))
                };
                (!args.is_empty() && args.iter().all(hint)).then(|| alias.cloned())
            }
            Some(_) => None,
            None => {
                let alias = alias.filter(|alias| !alias.columns.is_empty())?;
                for hint in alias.columns.iter().filter(|column| column.data_type.is_some() || !is_reading(&column.name)) {
                    self.report(rules::locking::finding(&hint.to_string()));
                }
                Some(Some(TableAlias { columns: Vec::new(), ..alias.clone() }))
            }
        }
    }

    /// `FOR SYSTEM_TIME …` behind the table `relation`, which `name` names: past rows are rows of the table, unless a policy says
    /// which of its rows may be seen.
    pub(super) fn table_version(
        &mut self,
        version: &TableVersion,
        name: &ObjectName,
        relation: Option<&Relation<'a>>,
        ctes: &Ctes<'_>,
    ) {
        let TableVersion::ForSystemTimeAsOf(moment) = version else {
            self.refuse_at("this form of past versions", name);
            return;
        };
        if !matches!(self.dialect, Dialect::Tsql | Dialect::Bigquery) {
            self.refuse_at("FOR SYSTEM_TIME", name);
            return;
        }
        // That no policy restricts the table is checked where the name is noted for rewriting.
        if let Some(Columns::Derived(_)) = relation.map(|relation| &relation.columns) {
            self.refuse_at("past versions of something that is not a table", name);
        }
        self.expr(moment, &Scope::new(None), ctes, &mut Vec::new());
    }
}

/// Whether an expression names an index, by name or number.
fn is_index(expr: &Expr) -> bool {
    match expr {
        Expr::Identifier(_) => true,
        Expr::Nested(inner) => is_index(inner),
        other => super::limits::literal(other).is_some(),
    }
}
