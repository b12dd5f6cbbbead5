//! T-SQL that no engine here can run: random queries in it pass the guard, and hold nothing that SQL Server does not know.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sqlparser::ast::{BinaryOperator, Expr, Query, Select, SelectItem, UnaryOperator, Visit, Visitor};
use sqlparser::tokenizer::{Token, Tokenizer};

use super::*;
use crate::adapter::Access;
use crate::context::Context;
use crate::guard::{Purpose, Request, vet};
use crate::settings::GuardLimits;

/// Every word in capitals that stands unquoted in a statement: keywords, functions, types and units that SQL Server has. Any other is of
/// another dialect: `LIMIT`, `TRUE`, `NULLS`, `ILIKE`, `INTERVAL`, `EXTRACT` …
const WORDS: &str = "
ABS ALL AND APPLY AS ASC AVG BETWEEN BIGINT BY CASE CAST CEILING CHAR CHARINDEX COALESCE COLLATE CONCAT CONVERT COUNT
COUNT_BIG CROSS CURRENT DATE DATEADD DATEDIFF DATEDIFF_BIG DATEFIRST DATEFROMPARTS DATENAME DATEPART DATETIME
DATETIME2 DATETIME2FROMPARTS DATETRUNC DAY DECIMAL DENSE_RANK DESC DISTINCT DOUBLE ELSE END EOMONTH ESCAPE EXCEPT
EXISTS FETCH FIRST FLOAT FLOOR FOLLOWING FORMAT LTRIM REPLACE REPLICATE RTRIM STDEV STR TRIM FROM FULL GROUP HAVING HOUR IIF IN INNER INT INTERSECT IS ISOWEEK ISO_WEEK
JOIN LAG LEAD LEFT LEN LIKE LOWER MAX MIN MINUTE MONTH NEXT NOT NULL NULLIF NVARCHAR OFFSET ON ONLY OR ORDER OUTER
OVER PARTITION PRECEDING PRECISION QUARTER RANGE RANK RIGHT ROUND ROW ROWS ROW_NUMBER SECOND SELECT SMALLINT
STRING_AGG SUBSTRING SUM THEN TIES TOP TRY_CAST TRY_CONVERT UNBOUNDED UNION UPPER VALUES VARCHAR WEEK WEEKDAY WHEN
WHERE WITH YEAR
";

/// The words that SQL Server reserves: no name is one of them without its brackets.
const RESERVED: &str = "
ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE CASE CHECK CHECKPOINT
CLOSE CLUSTERED COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT CONTAINS CONTAINSTABLE CONTINUE CONVERT CREATE
CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DBCC DEALLOCATE DECLARE
DEFAULT DELETE DENY DESC DISK DISTINCT DISTRIBUTED DOUBLE DROP DUMP ELSE END ERRLVL ESCAPE EXCEPT EXEC EXECUTE EXISTS
EXIT EXTERNAL FETCH FILE FILLFACTOR FOR FOREIGN FREETEXT FREETEXTTABLE FROM FULL FUNCTION GOTO GRANT GROUP HAVING
HOLDLOCK IDENTITY IDENTITYCOL IDENTITY_INSERT IF IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY KILL LEFT LIKE
LINENO LOAD MERGE NATIONAL NOCHECK NONCLUSTERED NOT NULL NULLIF OF OFF OFFSETS ON OPEN OPENDATASOURCE OPENQUERY
OPENROWSET OPENXML OPTION OR ORDER OUTER OVER PERCENT PIVOT PLAN PRECISION PRIMARY PRINT PROC PROCEDURE PUBLIC
RAISERROR READ READTEXT RECONFIGURE REFERENCES REPLICATION RESTORE RESTRICT RETURN REVERT REVOKE RIGHT ROLLBACK
ROWCOUNT ROWGUIDCOL RULE SAVE SCHEMA SECURITYAUDIT SELECT SEMANTICKEYPHRASETABLE SEMANTICSIMILARITYDETAILSTABLE
SEMANTICSIMILARITYTABLE SESSION_USER SET SETUSER SHUTDOWN SOME STATISTICS SYSTEM_USER TABLE TABLESAMPLE TEXTSIZE THEN
TO TOP TRAN TRANSACTION TRIGGER TRUNCATE TRY_CONVERT TSEQUAL UNION UNIQUE UNPIVOT UPDATE UPDATETEXT USE USER VALUES
VARYING VIEW WAITFOR WHEN WHERE WHILE WITH WITHIN WRITETEXT
";

/// What is wrong with a statement.
fn faults(sql: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let tokens = Tokenizer::new(&parsers::MsSqlDialect {}, sql).with_unescape(false).tokenize().unwrap();
    for token in &tokens {
        match token {
            Token::Word(word) if word.quote_style.is_some() => {}
            Token::Word(word) => {
                let is = |words: &str| words.split_whitespace().any(|known| known.eq_ignore_ascii_case(&word.value));
                let is_name = word.value.chars().any(char::is_lowercase);
                // Placeholders and system variables aside, keywords are written in capitals and names are not.
                if !word.value.starts_with('@') && (if is_name { is(RESERVED) } else { !is(WORDS) }) {
                    faults.push(format!("the word `{}`", word.value));
                }
            }
            Token::StringConcat | Token::DoubleColon | Token::DoubleEq | Token::Arrow => {
                faults.push(format!("the sign `{token}`"))
            }
            Token::SingleQuotedString(text) if !text.is_ascii() => faults.push("a text without its N".into()),
            Token::DoubleQuotedString(_) => faults.push("a text in double quotes".into()),
            _ => {}
        }
    }
    let mut forms = Forms(Vec::new());
    let _ = parse(Dialect::Tsql, sql).visit(&mut forms);
    faults.extend(forms.0);
    faults
}

/// Forms that parse and that SQL Server does not take.
struct Forms(Vec<String>);

impl Visitor for Forms {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> std::ops::ControlFlow<()> {
        if query.limit_clause.is_some() && query.order_by.is_none() {
            self.0.push("OFFSET without ORDER BY".into());
        }
        std::ops::ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> std::ops::ControlFlow<()> {
        for item in &select.projection {
            if let SelectItem::UnnamedExpr(expression) | SelectItem::ExprWithAlias { expr: expression, .. } = item
                && is_condition(expression)
            {
                self.0.push(format!("a condition as a column: {expression}"));
            }
        }
        std::ops::ControlFlow::Continue(())
    }
}

/// SQL Server has no truth values: a condition stands only where one is asked for.
fn is_condition(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_condition(inner),
        Expr::BinaryOp { op, .. } => matches!(
            op,
            BinaryOperator::Eq
                | BinaryOperator::NotEq
                | BinaryOperator::Lt
                | BinaryOperator::LtEq
                | BinaryOperator::Gt
                | BinaryOperator::GtEq
                | BinaryOperator::And
                | BinaryOperator::Or
        ),
        Expr::UnaryOp { op, .. } => *op == UnaryOperator::Not,
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::Like { .. }
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Exists { .. } => true,
        _ => false,
    }
}

#[test]
fn the_lint_finds_what_it_is_for() {
    for (sql, fault) in [
        ("SELECT [a] FROM [t] LIMIT 3", "LIMIT"),
        ("SELECT [a] || [b] AS [c] FROM [t]", "||"),
        ("SELECT [a] FROM [t] WHERE [b] = TRUE", "TRUE"),
        ("SELECT [a] > 1 AS [b] FROM [t]", "a condition"),
        ("SELECT a FROM t AS plan", "plan"),
        ("SELECT 'é' AS [a] FROM [t]", "without its N"),
    ] {
        assert!(faults(sql).iter().any(|found| found.contains(fault)), "{sql}: {:?}", faults(sql));
    }
    assert_eq!(faults("SELECT TOP (3) [a] FROM [t] WHERE [b] = N'é' ORDER BY [a]"), Vec::<String>::new());
}

#[test]
fn random_queries_are_good_transact_sql() {
    let config = ProptestConfig { source_file: Some(file!()), failure_persistence: None, ..ProptestConfig::with_cases(500) };
    let catalog = shop::catalog(Dialect::Tsql);
    // How large a query may be is another question than how it is written.
    let settings = GuardLimits { max_joins: 100, max_nesting: 20, cross_join_rows: u64::MAX, ..GuardLimits::default() };
    let (ctx, access) = (Context::new("t", "u").unwrap(), Access::full());
    let accepted = std::cell::Cell::new(0u32);
    let words = std::cell::RefCell::new(BTreeSet::new());
    let outcome = proptest::test_runner::TestRunner::new(config).run(&random::queries(), |query| {
        let Ok(compiled) = compile(&query, &catalog, &options(Dialect::Tsql)) else { return Ok(()) };
        accepted.set(accepted.get() + 1);
        words.borrow_mut().extend(faults(&compiled.sql));
        prop_assert!(faults(&compiled.sql).is_empty(), "{:?}\n{}", faults(&compiled.sql), compiled.sql);
        let request = Request {
            ctx: &ctx,
            source: "shop",
            catalog: &catalog,
            access: &access,
            settings: &settings,
            sql: &compiled.sql,
            params: &compiled.params,
            purpose: Purpose::Ask,
        };
        let vetting = vet(&request);
        let refusals: Vec<String> = vetting.findings.iter().map(|finding| finding.rule.clone()).collect();
        prop_assert!(vetting.vetted.is_some(), "{refusals:?}\n{}", compiled.sql);
        let vetted = vetting.vetted.unwrap();
        prop_assert!(faults(vetted.sql()).is_empty(), "{:?}\n{}", faults(vetted.sql()), vetted.sql());
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}\nall faults: {:#?}", words.borrow());
    }
    assert!(accepted.get() > 100, "only {} of the queries were compiled", accepted.get());
}
