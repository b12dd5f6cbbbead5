//! The shape of a statement: its syntax tree without names and literals. Two statements of one shape are one case.

use leo::Dialect;
use sqlparser::dialect::{BigQueryDialect, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

/// The plain parser's grammar of a dialect, without what Leo adds to it.
pub fn grammar(dialect: Dialect) -> &'static dyn sqlparser::dialect::Dialect {
    match dialect {
        Dialect::Sqlite => &SQLiteDialect {},
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Mysql => &MySqlDialect {},
        Dialect::Tsql => &MsSqlDialect {},
        Dialect::Bigquery => &BigQueryDialect,
        _ => &GenericDialect {},
    }
}

/// The shape of `sql`. Text that the plain parser does not take is told apart by its keywords and signs.
pub fn shape(dialect: Dialect, sql: &str) -> String {
    let grammar = grammar(dialect);
    match Parser::parse_sql(grammar, sql) {
        Ok(statements) => without_names(&format!("{statements:?}")),
        Err(_) => match Tokenizer::new(grammar, sql).tokenize() {
            Ok(tokens) => tokens.iter().map(sign).collect(),
            // Not even tokens: what is left is where letters, digits and signs stand.
            Err(_) => coarse(sql),
        },
    }
}

/// The debug form of a syntax tree without its strings, characters and places.
fn without_names(debug: &str) -> String {
    let mut kept = String::with_capacity(debug.len() / 2);
    let mut chars = debug.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\'' => {
                while let Some(inner) = chars.next().filter(|inner| *inner != c) {
                    if inner == '\\' {
                        chars.next();
                    }
                }
            }
            c if c.is_ascii_digit() || c.is_whitespace() => {}
            c => kept.push(c),
        }
    }
    // A quoted name is the same name, and an ODBC-like flag of a number says how it was written.
    kept.replace("quote_style:Some()", "quote_style:None").replace("Span(Location(,)..Location(,))", "")
}

fn sign(token: &Token) -> String {
    match token {
        Token::Word(word) if word.keyword != Keyword::NoKeyword && word.quote_style.is_none() => word.value.to_uppercase() + " ",
        Token::Word(_) => "name ".to_owned(),
        Token::Number(..) | Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => "literal ".to_owned(),
        Token::Whitespace(_) => String::new(),
        other => format!("{other} "),
    }
}

fn coarse(sql: &str) -> String {
    let mut kept = String::new();
    for c in sql.chars() {
        let sign = match c {
            c if c.is_alphanumeric() => 'a',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if !(kept.ends_with(sign) && matches!(sign, 'a' | ' ')) {
            kept.push(sign);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_literals_do_not_count_and_structure_does() {
        let of = |sql| shape(Dialect::Postgres, sql);
        assert_eq!(of("SELECT id FROM orders WHERE id = 1"), of("SELECT \"x\"\n FROM y WHERE z = 23 -- c"));
        assert_eq!(of("SELECT pg_sleep(5)"), of("SELECT abs(1)"));
        assert_ne!(of("SELECT id FROM orders"), of("SELECT id, id FROM orders"));
        assert_ne!(of("SELECT id FROM orders"), of("SELECT id FROM orders; SELECT 1"));
        assert_ne!(of("SELECT 1"), of("SELECT '1'"));
        assert_eq!(of("SELECT FROM WHERE x"), of("select from where \"y\""));
    }
}
