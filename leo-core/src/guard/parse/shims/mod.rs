//! Syntax that the engine reads and the parser does not, put into words of the parser that mean the same for what a statement
//! reads. Only the parser sees them: the text that is sent keeps what was written.
//!
//! A shim knows every token it replaces. It never leaves a hole where something could stand that the engine reads: what cannot be
//! taken out without one becomes a construct that the parser places and the resolver looks at.

mod bigquery;
mod common;
mod mysql;
pub(in crate::guard) mod postgres;
mod sqlite;
mod stream;
mod tsql;

use sqlparser::tokenizer::TokenWithSpan;

use crate::dialect::Dialect;
use stream::Stream;

/// The tokens with such syntax replaced.
pub(super) fn apply(dialect: Dialect, tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let shim: fn(&mut Stream, usize) = match dialect {
        Dialect::Sqlite => sqlite::apply,
        Dialect::Postgres => postgres::apply,
        Dialect::Mysql => mysql::apply,
        Dialect::Tsql => tsql::apply,
        Dialect::Bigquery => bigquery::apply,
        Dialect::Datafusion => |_, _| {},
    };
    let mut stream = Stream::new(tokens);
    for place in 0..stream.len() {
        common::list_of_subqueries(&mut stream, place);
        shim(&mut stream, place);
    }
    stream.finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use sqlparser::parser::{Parser, ParserOptions};
    use sqlparser::tokenizer::{Token, Tokenizer};

    use super::*;
    use crate::guard::parse::grammar;

    fn tokens(dialect: Dialect, text: &str) -> Vec<TokenWithSpan> {
        let mut tokens = Vec::new();
        Tokenizer::new(grammar(dialect), text).with_unescape(false).tokenize_with_location_into_buf(&mut tokens).unwrap();
        tokens
    }

    fn shimmed(dialect: Dialect, text: &str) -> Vec<TokenWithSpan> {
        apply(dialect, tokens(dialect, text))
    }

    /// The statement as the parser prints what it was told.
    fn read(dialect: Dialect, text: &str) -> String {
        let parser = Parser::new(grammar(dialect)).with_options(ParserOptions::new().with_unescape(false));
        parser.with_tokens_with_locations(shimmed(dialect, text)).parse_statement().unwrap().to_string()
    }

    #[test]
    fn the_parser_is_told_the_same_in_its_own_words() {
        use Dialect::*;
        for (dialect, written, told) in [
            (Tsql, "SELECT a FROM t WHERE b !< 1 OPTION (MAXDOP 1)", "SELECT a FROM t WHERE b >= 1"),
            (Tsql, "SELECT PARSE(a AS date USING 'de-DE') FROM t", "SELECT CAST(a AS DATE FORMAT 'de-DE') FROM t"),
            (Tsql, "SELECT a FROM t FOR SYSTEM_TIME FROM '1' TO '2' x", "SELECT a FROM t x FOR SYSTEM_TIME AS OF ('1', '2')"),
            (Tsql, "SELECT TOP (SELECT 1) a FROM t", "SELECT TOP ((SELECT 1)) a FROM t"),
            (Mysql, "SELECT !a, b MOD 2 FROM t", "SELECT NOT a, b % 2 FROM t"),
            (Mysql, "SELECT EXTRACT(YEAR_MONTH FROM a) FROM t", "SELECT EXTRACT(YEAR FROM a) FROM t"),
            (Sqlite, "SELECT a FROM t INDEXED BY i WHERE a ISNULL", "SELECT a FROM t WITH (INDEXED = i) WHERE a IS NULL"),
            (Sqlite, "WITH x AS NOT MATERIALIZED (SELECT 1) SELECT * FROM x", "WITH x AS (SELECT 1) SELECT * FROM x"),
            (Postgres, "SELECT a BETWEEN SYMMETRIC 2 AND 1 FROM t", "SELECT a BETWEEN 2 AND 1 FROM t"),
            (Mysql, "TABLE t ORDER BY a", "SELECT * FROM t ORDER BY a"),
            (Mysql, "SELECT a FROM t WHERE a SOUNDS LIKE 'b'", "SELECT a FROM t WHERE a LIKE 'b'"),
            (
                Mysql,
                "SELECT 1 FROM a LEFT JOIN (b, c x) ON a.i = b.i",
                "SELECT 1 FROM a LEFT JOIN (b CROSS JOIN c x) ON a.i = b.i",
            ),
            (Postgres, "SELECT 1 UNION ALL TABLE t", "SELECT 1 UNION ALL SELECT * FROM t"),
            (Postgres, "SELECT 1 FROM ROWS FROM (f(1), s.g(2)) AS x(a, b)", "SELECT 1 FROM rows from(f(1), s.g(2)) AS x (a, b)"),
            (
                Postgres,
                "WITH RECURSIVE x AS (SELECT 1 AS a) SEARCH DEPTH FIRST BY a, b SET c CYCLE a SET d TO 1 DEFAULT 0 USING e SELECT a FROM x",
                "WITH RECURSIVE x AS (SELECT 1 AS a), search clause AS (SELECT a, b, c), cycle clause AS (SELECT a, d, e) SELECT a FROM x",
            ),
            (Datafusion, "SELECT 1 WHERE a IN ((SELECT 1), (SELECT 2))", "SELECT 1 WHERE a IN (+(SELECT 1), (SELECT 2))"),
            (Postgres, "SELECT a::varchar(10) COLLATE \"C\" DESC FROM t", "SELECT a COLLATE \"C\"::VARCHAR(10) AS DESC FROM t"),
            (Postgres, "SELECT f(a, VARIADIC b), inet '::1' FROM t", "SELECT f(a, b), CAST('::1' AS inet) FROM t"),
            (Postgres, "SELECT a NOT ILIKE ALL (b) FROM t", "SELECT a NOT ILIKE ANY (b) FROM t"),
            (Postgres, "SELECT trim(TRAILING FROM a) FROM t", "SELECT TRIM(a) FROM t"),
            (
                Mysql,
                "SELECT INTERVAL(a, 1, 2), b + INTERVAL (c) DAY FROM t",
                "SELECT INTERVAL(a, 1, 2), b + INTERVAL (c) DAY FROM t",
            ),
            (
                Mysql,
                "SELECT a, count(*) FROM t GROUP BY a DESC, b ORDER BY a DESC",
                "SELECT a, count(*) FROM t GROUP BY a, b ORDER BY a DESC",
            ),
            (Bigquery, "SELECT a << 2 & 1 FROM t", "SELECT a << 2 & 1 FROM t"),
            (Bigquery, "SELECT ARRAY<INT64>[1] FROM t", "SELECT [1] FROM t"),
        ] {
            assert_eq!(read(dialect, written), told);
        }
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        for (dialect, text) in [
            (Dialect::Tsql, "SELECT a FROM t OPTION (TABLE HINT(t, TABLOCKX))"),
            (Dialect::Tsql, "SELECT a FROM t FOR SYSTEM_TIME BETWEEN b AND c"),
            (Dialect::Sqlite, "SELECT count(NOT indexed) FROM t"),
            (Dialect::Mysql, "SELECT MOD(a, 2), CAST(a AS CHAR CHARACTER SET b) FROM t"),
            (Dialect::Postgres, "SELECT exclude, symmetric FROM t"),
            (Dialect::Postgres, "SELECT inet, all FROM t"),
            (Dialect::Postgres, "SELECT (a) COLLATE b, a::secret COLLATE b FROM t"),
            (Dialect::Mysql, "SELECT a + INTERVAL (f(b, c)) DAY FROM t GROUP BY (a DESC)"),
            (Dialect::Postgres, "SELECT a, rows FROM (SELECT f(1) FROM t) x"),
            (Dialect::Postgres, "SELECT a FROM ROWS FROM (SELECT f(1))"),
            (Dialect::Postgres, "SELECT (1) SEARCH DEPTH FIRST BY a SET b FROM t"),
            (Dialect::Postgres, "WITH x AS (SELECT 1) CYCLE a SET b TO (SELECT 1) DEFAULT 0 USING c SELECT 1"),
            (Dialect::Mysql, "SELECT a FROM t JOIN (b, c NATURAL JOIN d)"),
            (Dialect::Mysql, "SELECT a FROM (SELECT b, c FROM t) x"),
            (Dialect::Sqlite, "SELECT a FROM t WHERE a IN ((SELECT 1) UNION SELECT 2)"),
            (Dialect::Bigquery, "SELECT ARRAY<secret>[1] FROM t"),
            (Dialect::Tsql, "SELECT TRIM(TRAILING FROM a) FROM t"),
        ] {
            let solid = |tokens: Vec<TokenWithSpan>| tokens.into_iter().map(|token| token.token).collect::<Vec<Token>>();
            assert_eq!(solid(shimmed(dialect, text)), solid(tokens(dialect, text)), "{text}");
        }
    }

    fn names(tokens: &[TokenWithSpan]) -> usize {
        tokens.iter().filter(|token| matches!(&token.token, Token::Word(word) if word.value.starts_with("name"))).count()
    }

    proptest! {
        #[test]
        fn every_name_is_kept_in_any_soup_of_words(
            words in prop::collection::vec(prop::sample::select(WORDS), 0..30),
            dialect in prop::sample::select(Dialect::ALL),
        ) {
            let text = words.join(" ");
            prop_assert_eq!(names(&shimmed(dialect, &text)), names(&tokens(dialect, &text)));
        }
    }

    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "(", ")", ",", "=", "<", ">", "!", "'a'", "1", "name1", "name2", "name3", "ALL", "AND", "ARRAY", "AS", "AT", "BETWEEN", "BY", "CYCLE",
        "DEFAULT", "DEPTH", "FIRST", "ROWS", "SEARCH", "SOUNDS", "TABLE", "TO", "LIKE", ".",
        "CAST", "CHAR", "CHARACTER", "CONTAINED", "CURRENT", "ELEMENTS", "EXCLUDE", "EXTRACT", "FETCH", "FOR", "FORMAT", "FROM", "GLOB",
        "GROUP", "HASH", "IN", "INDEXED", "INNER", "INT64", "INTERVAL", "ISNULL", "JOIN", "JSON", "MINUS", "MOD", "NEXT", "NO", "NOT",
        "OPTION", "OTHERS", "PARSE", "PATH", "PRECEDING", "RECOMPILE", "ROOT", "ROW", "SELECT", "SET", "SYMMETRIC", "SYSTEM_TIME", "TIES",
        "TIME", "TOP", "USING", "XML", "XSINIL", "YEAR_MONTH", "utf8", "TRIM", "TRAILING", "COLLATE", "::", "text", "inet", "VARIADIC", "INTERVAL",
        "DESC", "HAVING",
    ];
}
