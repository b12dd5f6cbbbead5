//! Leo's own statements: syntax trees instead of text, the same checks, no user's policy.

use sqlparser::ast::Statement;
use sqlparser::parser::Parser;

use super::parse;
use super::settings::GuardSettings;
use super::vet::vet;
use super::vetted::{Purpose, VettedSql};
use super::vetting::Request;
use crate::adapter::Access;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::value::Value;

/// A statement of Leo's own, for profiling, sampling, evaluation.
#[derive(Debug)]
#[allow(dead_code)]
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
#[allow(dead_code)]
pub(crate) fn internal(request: Internal<'_>) -> Result<VettedSql> {
    let Internal { ctx, source, catalog, statement, params, purpose, row_cap } = request;
    let sql = stacker::maybe_grow(8 << 20, 32 << 20, || {
        let sql = statement.to_string();
        let parsed = Parser::parse_sql(parse::grammar(catalog.dialect), &sql)
            .map_err(|error| Error::internal("a statement of Leo's own does not parse").with_source(error))?;
        match parsed.as_slice() {
            [same] if *same == statement => Ok(sql),
            _ => Err(Error::internal("a statement of Leo's own does not print as it was built")),
        }
    })?;
    let settings = GuardSettings {
        row_cap,
        max_bytes: 4 << 20,
        max_tokens: 1 << 20,
        max_chained_operators: 2_000,
        max_joins: 32,
        max_nesting: 10,
        ..GuardSettings::default()
    };
    let access = Access::full();
    vet(&Request { ctx, source, catalog, access: &access, settings: &settings, sql: &sql, params, purpose }).into_result()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::dialect::Dialect;
    use crate::error::ErrorKind;

    fn run(sql: &str) -> Result<VettedSql> {
        let catalog = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE t (a int, \"b \"\" c\" text)").unwrap();
        let statement = Parser::parse_sql(parse::grammar(Dialect::Sqlite), sql).unwrap().remove(0);
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

    #[test]
    fn trees_are_printed_and_resolved() {
        let vetted = run("SELECT count(*), min(\"b \"\" c\") FROM t").unwrap();
        assert_eq!(vetted.sql(), "SELECT count(*), min(\"b \"\" c\") FROM t");
        assert_eq!((vetted.row_cap(), vetted.columns().len()), (10, 1));
        assert_eq!(run("SELECT z FROM t").unwrap_err().kind(), ErrorKind::Rejected);
        assert_eq!(run("DELETE FROM t").unwrap_err().kind(), ErrorKind::Rejected);
    }
}
