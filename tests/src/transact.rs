//! A lint of generated T-SQL: what parses and SQL Server does not take, since no engine here can be asked.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, OrderBy, OrderByKind, Query, Select, SelectItem, SetExpr, UnaryOperator, Visit, Visitor,
    visit_expressions,
};
use sqlparser::dialect::MsSqlDialect;
use sqlparser::parser::{Parser, ParserOptions};
use sqlparser::tokenizer::{Token, Tokenizer};

/// Every word in capitals that stands unquoted in a statement: keywords, functions, types and units that SQL Server has. Any other is of
/// another dialect: `LIMIT`, `TRUE`, `NULLS`, `ILIKE`, `INTERVAL`, `EXTRACT` …
const WORDS: &str = "
ABS ALL AND APPLY AS ASC AVG BETWEEN BIGINT BIT BY CASE CAST CEILING CHAR CHARINDEX COALESCE COLLATE CONCAT CONVERT COUNT
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
///
/// # Panics
/// When it cannot be parsed.
pub fn faults(sql: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let tokens = Tokenizer::new(&MsSqlDialect {}, sql).with_unescape(false).tokenize().expect("tokens");
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
    let mut forms = Forms { faults: Vec::new(), queries: 0 };
    let parsed = Parser::new(&MsSqlDialect {}).with_options(ParserOptions::new().with_unescape(false)).try_with_sql(sql);
    let statements = parsed.and_then(|mut parser| parser.parse_statements()).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    let _ = statements.visit(&mut forms);
    faults.extend(forms.faults);
    faults
}

/// Forms that parse and that SQL Server does not take.
struct Forms {
    faults: Vec<String>,
    /// Queries that the one being looked at stands in.
    queries: usize,
}

impl Forms {
    fn when(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if holds {
            self.faults.push(fault());
        }
    }

    fn order(&mut self, query: &Query, order: &OrderBy) {
        let OrderByKind::Expressions(keys) = &order.kind else {
            return self.faults.push("ORDER BY ALL".into());
        };
        let select = if let SetExpr::Select(select) = query.body.as_ref() { Some(select) } else { None };
        let limited = select.is_some_and(|select| select.top.is_some()) || query.limit_clause.is_some();
        self.when(self.queries > 1 && !limited, || "ORDER BY without TOP inside a query".into());
        let is_distinct = select.is_some_and(|select| matches!(select.distinct, Some(Distinct::Distinct)));
        for (at, key) in keys.iter().enumerate() {
            // Two names of one column are one column to the server.
            let meant = select.and_then(|select| named(select, &key.expr)).unwrap_or(&key.expr);
            let repeated = keys[..at].iter().any(|other| {
                let other = select.and_then(|select| named(select, &other.expr)).unwrap_or(&other.expr);
                other == meant
            });
            self.when(repeated, || format!("ORDER BY names {meant} twice"));
            let is_name = matches!(key.expr, Expr::Identifier(_));
            self.when(is_distinct && !is_name, || format!("DISTINCT ordered by {}", key.expr));
            self.when(select.is_none() && !is_name, || format!("a set operation ordered by {}", key.expr));
            let alias = visit_expressions(&key.expr, |part| match part {
                Expr::Identifier(name) if !is_name && !name.value.starts_with('@') && name.quote_style.is_none() => {
                    ControlFlow::Break(name.clone())
                }
                _ => ControlFlow::Continue(()),
            });
            // Units of time are words as well.
            if let ControlFlow::Break(name) = alias {
                let unit = ["day", "month", "second", "quarter", "hour", "iso_week", "year"].contains(&name.value.as_str());
                self.when(!unit, || format!("the alias {name} within an expression of ORDER BY"));
            }
        }
    }
}

/// What stands behind a name in the columns of a SELECT.
fn named<'s>(select: &'s Select, expr: &Expr) -> Option<&'s Expr> {
    let Expr::Identifier(name) = expr else { return None };
    select.projection.iter().find_map(|item| match item {
        SelectItem::ExprWithAlias { expr, alias } if alias == name => Some(expr),
        _ => None,
    })
}

impl Visitor for Forms {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.queries += 1;
        self.when(query.limit_clause.is_some() && query.order_by.is_none(), || "OFFSET without ORDER BY".into());
        if let Some(order) = &query.order_by {
            self.order(query, order);
        }
        let within = self.queries > 1 && query.with.is_some();
        self.when(within, || "WITH inside a query".into());
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for item in &select.projection {
            if let SelectItem::UnnamedExpr(expression) | SelectItem::ExprWithAlias { expr: expression, .. } = item {
                self.when(is_condition(expression), || format!("a condition as a column: {expression}"));
            }
        }
        if let sqlparser::ast::GroupByExpr::Expressions(keys, _) = &select.group_by {
            for (at, key) in keys.iter().enumerate() {
                self.when(keys[..at].contains(key), || format!("GROUP BY names {key} twice"));
                let constant =
                    matches!(key, Expr::Value(_)) || matches!(key, Expr::Identifier(name) if name.value.starts_with('@'));
                self.when(constant, || format!("GROUP BY the constant {key}"));
                let subquery = visit_expressions(key, |part| match part {
                    Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => ControlFlow::Break(()),
                    _ => ControlFlow::Continue(()),
                });
                self.when(subquery.is_break(), || format!("GROUP BY a query: {key}"));
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            // The server divides whole numbers without their fraction.
            Expr::BinaryOp { left, op: BinaryOperator::Divide, right } => {
                let fraction = [left, right].iter().any(|side| holds_double(side));
                self.when(!fraction, || format!("a division of what may be whole numbers: {expression}"));
            }
            Expr::Function(function) => {
                let name = function.name.to_string();
                let aggregate = ["SUM", "AVG", "MIN", "MAX", "COUNT", "COUNT_BIG"].contains(&name.as_str());
                let inner = aggregate
                    && function.over.is_none()
                    && visit_expressions(&function.args, |part| match part {
                        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => ControlFlow::Break(()),
                        _ => ControlFlow::Continue(()),
                    })
                    .is_break();
                self.when(inner, || format!("an aggregate of a query: {expression}"));
            }
            Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => {
                self.faults.push("IS DISTINCT FROM, which servers before 2022 do not know".into());
            }
            Expr::Case { conditions, else_result, .. } => {
                let results = conditions.iter().map(|when| &when.result).chain(else_result.as_deref());
                let condition = results.into_iter().find(|result| is_condition(result)).map(ToString::to_string);
                if let Some(condition) = condition {
                    self.faults.push(format!("a condition as a value: {condition}"));
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Whether a number is made a double in an expression.
fn holds_double(expression: &Expr) -> bool {
    visit_expressions(expression, |part| match part {
        Expr::Value(value) if value.to_string().contains(['e', 'E']) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_break()
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
