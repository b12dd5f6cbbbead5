//! Leo's own statements: syntax trees instead of text, the same checks, no user's policy.

use sqlparser::ast::Statement;
use sqlparser::parser::{Parser, ParserError, ParserOptions};

use super::parse;
use super::vet::vet;
use super::vetted::{Purpose, VettedSql};
use super::vetting::Request;
use crate::adapter::Access;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::settings::GuardLimits;
use crate::value::Value;

/// A statement of Leo's own, for profiling, sampling, evaluation.
///
/// Quoted names and strings of the tree hold the text between their quotes as it is written, escapes included: the printer copies
/// it.
#[derive(Debug)]
pub(crate) struct Internal<'a> {
    pub(crate) ctx: &'a Context,
    pub(crate) source: &'a str,
    pub(crate) catalog: &'a Catalog,
    pub(crate) statement: Statement,
    pub(crate) params: &'a [Value],
    pub(crate) purpose: Purpose,
    pub(crate) row_cap: u64,
}

/// Vets a statement that Leo built as a syntax tree.
///
/// It is printed, parsed back and compared, so that what is sent is what was built; then every name in it is resolved like in any
/// other statement. Tables are not hidden and columns not masked: the result is for Leo, not for a user.
///
/// # Errors
/// `Internal` when the text does not mean the tree; `Rejected` when a name does not resolve, for instance after the schema changed.
pub(crate) fn internal(request: Internal<'_>) -> Result<VettedSql> {
    let Internal { ctx, source, catalog, statement, params, purpose, row_cap } = request;
    let sql = stacker::maybe_grow(8 << 20, 32 << 20, || {
        let sql = statement.to_string();
        let parsed = read(catalog.dialect, &sql)
            .map_err(|error| Error::internal("a statement of Leo's own does not parse").with_source(error))?;
        match parsed.as_slice() {
            [same] if *same == statement => Ok(sql),
            _ => Err(Error::internal("a statement of Leo's own does not print as it was built")),
        }
    })?;
    let settings = GuardLimits {
        row_cap,
        max_bytes: 4 << 20,
        max_tokens: 1 << 20,
        max_chained_operators: 2_000,
        max_joins: 32,
        max_nesting: 10,
        ..GuardLimits::default()
    };
    let access = Access::full();
    vet(&Request { ctx, source, catalog, access: &access, settings: &settings, sql: &sql, params, purpose }).into_result()
}

/// Parses a text of Leo's own, the text between quotes kept as it is written.
fn read(dialect: Dialect, sql: &str) -> Result<Vec<Statement>, ParserError> {
    let options = ParserOptions::new().with_unescape(false);
    Parser::new(parse::grammar(dialect)).with_options(options).try_with_sql(sql)?.parse_statements()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use sqlparser::ast::{Expr, Ident, SelectItem, SetExpr};

    use super::*;
    use crate::error::ErrorKind;

    fn run(statement: Statement) -> Result<VettedSql> {
        let ddl = r#"CREATE TABLE t (a int, "b "" c" text, "d""""e\" text)"#;
        let catalog = Catalog::from_ddl(Dialect::Sqlite, ddl).unwrap();
        let ctx = Context::new("t", "u").unwrap();
        internal(Internal {
            ctx: &ctx,
            source: "s",
            catalog: &catalog,
            statement,
            params: &[],
            purpose: Purpose::Profile,
            row_cap: 10,
        })
    }

    fn tree(sql: &str) -> Statement {
        read(Dialect::Sqlite, sql).unwrap().remove(0)
    }

    #[test]
    fn trees_are_printed_and_resolved() {
        let sql = r#"SELECT count(*), min("b "" c"), max("d""""e\") FROM t"#;
        let vetted = run(tree(sql)).unwrap();
        assert_eq!(vetted.sql(), sql.replace("FROM t", "FROM main.t"));
        assert_eq!((vetted.row_cap(), vetted.columns().len()), (10, 2));
        assert_eq!(run(tree("SELECT z FROM t")).unwrap_err().kind(), ErrorKind::Rejected);
        assert_eq!(run(tree("DELETE FROM t")).unwrap_err().kind(), ErrorKind::Rejected);
    }

    #[test]
    fn a_tree_that_prints_as_another_statement_is_refused() {
        // A name that somebody forgot to escape: its text would end early.
        let mut statement = tree("SELECT a FROM t");
        let Statement::Query(query) = &mut statement else { unreachable!() };
        let SetExpr::Select(select) = query.body.as_mut() else { unreachable!() };
        select.projection = vec![SelectItem::UnnamedExpr(Expr::Identifier(Ident::new("a, (SELECT 1)")))];
        let error = run(statement).unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Internal, "a statement of Leo's own does not print as it was built")
        );
    }
}
